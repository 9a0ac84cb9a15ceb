//! Questions in words, Chinese or English, answered in sentences with the clauses they rest on: `jifang law explain …`.
//!
//! What flows through: words -> [`words::Asked`] (topic, provinces, kind of unit, place, day, clause, procedure) -> one function of
//! [`TOPICS`] for each province -> [`Explained`]. The grammar is small and closed: each word is known, a filler, or refused by name, and
//! a known word that means nothing to this kind of question is refused too, so no question is answered as another one. A new topic is a
//! row in [`TOPICS`] and its words in `vocabulary.rs`; procedures, clocks, clauses and kinds of place are words by themselves.
//!
//! Always true: every number and every yes or no comes from the gate or the packs on the day asked about; what was assumed because the
//! question left it out is said in the first sentence.

mod deadline;
mod duties;
mod install;
mod penalty;
mod vocabulary;
mod words;

use crate::pack::{Level, Packs};
use crate::{Act, AfterTerm, BasisKind, Gate, Jurisdiction, OfficialAccess, OrganKind, PlaceKind, Question, Retention};
use base::{Citation, CivilDate, Text};
use serde::Serialize;
use vocabulary::Topic;
use words::Asked;

/// Most bytes of a question.
const MOST_BYTES: usize = 1_000;

/// One sentence of an answer and what it rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Sentence {
    /// In words.
    pub text: Text,
    /// Clauses.
    pub clauses: Vec<Citation>,
}

impl Sentence {
    fn new(zh: String, en: String, clauses: Vec<Citation>) -> Self {
        Self { text: Text::of(zh, en), clauses }
    }

    /// The same, said of one province of several.
    fn of(self, province: Jurisdiction) -> Self {
        let name = province.name();
        let text = Text::of(format!("{}：{}", name.zh, self.text.zh), format!("{}: {}", name.en, self.text.en));
        Self { text, ..self }
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Explained {
    /// Day it is for.
    pub on: CivilDate,
    /// How the question was understood, with what was assumed.
    pub understood: Text,
    /// The answer, sentence by sentence.
    pub sentences: Vec<Sentence>,
}

/// How a question was understood, and its answer.
type Reply = (Text, Vec<Sentence>);

/// A topic and its answer in the province of the site.
type Answering = fn(&Gate, &Asked<'_>) -> Result<Reply, Text>;

/// What can be asked.
const TOPICS: &[(Topic, Answering)] = &[
    (Topic::Retention, retention),
    (Topic::Officers, officers),
    (Topic::Install, install::answer),
    (Topic::Penalty, penalty::answer),
    (Topic::Deadline, deadline::answer),
    (Topic::Duties, duties::answer),
];

/// Questions that are understood, as help and tests show them, one a line: data, because they name places.
pub fn questions() -> impl Iterator<Item = &'static str> {
    include_str!("explain/questions.txt").lines()
}

/// Answers a question in words; `today` is the day meant where none is named, and the day on which the calendar of holidays is known.
///
/// # Errors
/// What was not understood or is missing, and what would be right.
pub fn explain(gate: &Gate, question: &str, today: CivilDate) -> Result<Explained, Text> {
    if question.len() > MOST_BYTES {
        return Err(Text::new("问题太长。请只写要点。", "The question is too long. Write its key words only."));
    }
    let mut asked = words::read(gate.packs(), question, today)?;
    let Some((_, answer)) = TOPICS.iter().find(|(topic, _)| *topic == asked.topic) else {
        return Err(words::no_topic());
    };
    let (understood, mut sentences) = answered(gate, &mut asked, *answer)?;
    if let Some(year) = asked.year {
        let before = changed(gate, &mut asked, *answer, year, &sentences)?;
        sentences.extend(before);
    }
    Ok(Explained { on: asked.on, understood: setting(&asked, &understood), sentences })
}

/// The answer in each province asked about, on the day asked about.
fn answered(gate: &Gate, asked: &mut Asked<'_>, answer: Answering) -> Result<Reply, Text> {
    // A clock runs by its procedure, wherever.
    if asked.topic == Topic::Deadline {
        return answer(gate, asked);
    }
    let provinces = asked.provinces.clone();
    let (mut understood, mut sentences) = (Text::default(), Vec::new());
    for province in &provinces {
        asked.site.jurisdiction = *province;
        let (text, said) = answer(gate, asked)?;
        understood = text;
        let of = |s: Sentence| if provinces.len() > 1 { s.of(*province) } else { s };
        sentences.extend(said.into_iter().map(of));
    }
    Ok((understood, sentences))
}

/// What another day of the year would have been told, where the law changed in it.
fn changed(
    gate: &Gate,
    asked: &mut Asked<'_>,
    answer: Answering,
    year: i16,
    last: &[Sentence],
) -> Result<Option<Sentence>, Text> {
    let end = asked.on;
    let Some(mut day) = CivilDate::ymd(year, 1, 1) else { return Ok(None) };
    let mut other = None;
    while day < end {
        asked.on = day;
        let (_, said) = answered(gate, asked, answer)?;
        if said == last {
            break;
        }
        other = Some(day);
        day = day.plus_days(1);
    }
    asked.on = end;
    Ok(other.map(|day| {
        let first = day.plus_days(1);
        Sentence::new(
            format!("这是自 {first} 起的规定；{year}年在此之前不同，请写明日期再问。"),
            format!("That holds from {first}; before it, {year} was different: ask again with a day."),
            vec![],
        )
    }))
}

/// "On DAY, in PROVINCE: …", with what was assumed.
fn setting(asked: &Asked<'_>, what: &Text) -> Text {
    if asked.topic == Topic::Deadline {
        return what.clone();
    }
    let names: Vec<Text> = asked.provinces.iter().map(|j| j.name()).collect();
    let zh: Vec<&str> = names.iter().map(|n| n.zh.as_ref()).collect();
    let en: Vec<&str> = names.iter().map(|n| n.en.as_ref()).collect();
    let assumed = if names.len() > 1 {
        ("（没有说明省份，分别回答）", " (no province was named, so each is answered)")
    } else {
        ("", "")
    };
    let when = match asked.year {
        Some(year) => (format!("{year}年（以最后一日为准）"), format!("In {year} (as on its last day)")),
        None => (asked.on.to_string(), format!("On {}", asked.on)),
    };
    Text::of(
        format!("{}，{}{}，{}", when.0, zh.join("、"), assumed.0, what.zh),
        format!("{}, in {}{}: {}", when.1, en.join(" and in "), assumed.1, what.en),
    )
}

fn retention(gate: &Gate, asked: &Asked<'_>) -> Result<Reply, Text> {
    let place = asked.place.unwrap_or(PlaceKind::Lobby);
    let found = gate.retention(&asked.site, place, asked.on);
    let (unit, name) = (asked.unit_name(), place.name());
    let assumed = if asked.place.is_none() {
        ("（未说明部位，按大厅）", " (no place named: a lobby)")
    } else {
        ("", "")
    };
    let understood = Text::of(
        format!("{}，{}的录像保存多久？{}", unit.zh, name.zh, assumed.0),
        format!("how long is footage of a {} of {} kept?{}", name.en, unit.en, assumed.1),
    );
    let mut out = vec![kept(&found)];
    for term in found.terms.iter().skip(1) {
        let (days, cite) = (term.days, &term.citation.article);
        let (zh, en) = (&term.citation.instrument.zh, &term.citation.instrument.en);
        out.push(Sentence::new(
            format!("{zh}{}的期限为{days}日，同时成立，不长于上述期限。", cite.zh),
            format!("{en}, {}, asks for {days} days; it holds too and is not longer.", cite.en),
            vec![term.citation.clone()],
        ));
    }
    if let Some(longest) = found.terms.first().filter(|_| asked.year.is_none()) {
        let free = found.earliest_deletion(asked.on.start()).shanghai_date();
        out.push(Sentence::new(
            format!("不得提前删除：{} 采集的录像，{free} 之前不得删除。", asked.on),
            format!("It must not be erased earlier: footage captured on {} must stay until {free}.", asked.on),
            vec![longest.citation.clone()],
        ));
    }
    out.push(afterwards(&found));
    out.extend(as_key_unit(gate, asked, place, &found));
    Ok((understood, out))
}

fn kept(found: &Retention) -> Sentence {
    let Some(longest) = found.terms.first() else {
        return Sentence::new(
            "这一天没有法律规定期限，由单位自定。".to_owned(),
            "No law in force that day sets a term; the unit's own rule decides.".to_owned(),
            vec![],
        );
    };
    let days = found.min_days;
    Sentence::new(
        format!("应当保存不少于{days}日：采集当日不计，最后一日保存到当日结束；取各期限中最长的一个。"),
        format!(
            "At least {days} days: the day of capture is not counted and the last day is kept to its end; the longest of all terms rules."
        ),
        vec![longest.citation.clone()],
    )
}

fn afterwards(found: &Retention) -> Sentence {
    match &found.then {
        AfterTerm::MustDelete(citation) => Sentence::new(
            "期满后，已实现处理目的的应当删除；被封存或者申请调取的除外。".to_owned(),
            "After that, footage whose purpose is met must be deleted, unless it is held or asked for.".to_owned(),
            vec![citation.clone()],
        ),
        AfterTerm::MayDelete(citation) => Sentence::new(
            "期满后可以删除或者封存；被封存或者申请调取的除外。".to_owned(),
            "After that it may be erased or sealed, unless it is held or asked for.".to_owned(),
            citation.iter().cloned().collect(),
        ),
    }
}

/// What would be different for a key unit, where the list of places that makes one is lost but for fragments.
fn as_key_unit(gate: &Gate, asked: &Asked<'_>, place: PlaceKind, found: &Retention) -> Option<Sentence> {
    let categories = gate.packs().place_categories(asked.site.jurisdiction, asked.on);
    if asked.site.key_unit || !categories.iter().any(|category| category.fragment.is_some()) {
        return None;
    }
    let mut key = asked.site;
    key.key_unit = true;
    let then = gate.retention(&key, place, asked.on);
    if then.min_days == found.min_days && then.terms.len() == found.terms.len() {
        return None;
    }
    let new: Vec<_> =
        then.terms.iter().filter(|t| !found.terms.iter().any(|f| f.citation.clause == t.citation.clause)).collect();
    // The clauses that are cited are those that come in; each with its own days, which need not be the longest.
    let days = |zh: bool| {
        let one = |t: &&crate::Term| {
            let id = &t.citation.clause.0;
            if zh { format!("{id}要求{}日", t.days) } else { format!("{id} asks for {} days", t.days) }
        };
        new.iter().map(one).collect::<Vec<_>>().join(if zh { "、" } else { ", " })
    };
    Some(Sentence::new(
        format!(
            "如果是技防重点单位，{}；取最长的，不少于{}日（所列场所的各项缺失，是否重点单位由单位如实填写）。",
            days(true),
            then.min_days
        ),
        format!(
            "If it is a key unit, {}; the longest rules: at least {} days (the list of places is lost; the unit states whether it is one).",
            days(false),
            then.min_days
        ),
        new.iter().map(|t| t.citation.clone()).collect(),
    ))
}

fn officers(gate: &Gate, asked: &Asked<'_>) -> Result<Reply, Text> {
    let number = asked.number.unwrap_or(1);
    let access = OfficialAccess {
        organ: OrganKind::Police,
        basis: BasisKind::CriminalInvestigation,
        distinct_officers: number,
        badges_shown: true,
        unit_letter: true,
        registered: true,
        within_scope: true,
    };
    let answer = gate.decide(&Question { site: asked.site, act: Act::OfficialView(access) }, asked.on);
    let understood = Text::of(
        format!("{number}名民警为刑事侦查查看录像，证件、单位证明、登记齐全，是否可以？"),
        format!(
            "may {number} police {} view footage for a criminal investigation, with IDs, letter and register in order?",
            base::plural(number, "officer", "officers")
        ),
    );
    Ok((understood, judged(&answer)))
}

/// Yes or no, why, what is missing and what follows.
fn judged(answer: &crate::Answer) -> Vec<Sentence> {
    let mut out = Vec::new();
    if answer.allow {
        out.push(Sentence::new("可以。".to_owned(), "Yes.".to_owned(), answer.deciding.clone()));
    } else {
        out.push(Sentence::new("不可以。".to_owned(), "No.".to_owned(), answer.deciding.clone()));
    }
    for missing in &answer.missing {
        out.push(Sentence::new(
            format!("{}{}", missing.what.zh, missing.next.zh),
            format!("{} {}", missing.what.en, missing.next.en),
            answer.deciding.iter().filter(|c| Some(&c.clause) == missing.clause.as_ref()).cloned().collect(),
        ));
    }
    if answer.deciding.iter().any(|c| c.reading == base::Reading::FlaggedDefault) {
        out.push(Sentence::new(
            "其中标为暂行默认的，原文缺失，措辞借自他条，不是该条原文，也不据此处罚。".to_owned(),
            "What is marked as a flagged default is borrowed because the text is lost; it is not the clause's own words, and no penalty rests on it.".to_owned(),
            vec![],
        ));
    }
    for duty in &answer.duties {
        out.push(Sentence::new(duty.text.zh.to_string(), duty.text.en.to_string(), vec![duty.citation.clone()]));
    }
    out
}

/// A citation of a clause of the packs.
fn cite(packs: &Packs, id: &str) -> Vec<Citation> {
    packs.cite(&base::ClauseId::new(id)).into_iter().collect()
}

/// Rank in words.
const fn rank(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::ProvincialOrdinance => ("地方性法规", "provincial ordinance"),
        Level::ProvincialRule => ("地方政府规章", "provincial rule"),
        Level::DepartmentRule => ("部门规章", "department rule"),
        Level::StateCouncilDocument => ("国务院文件", "document of the State Council"),
        Level::AdministrativeRegulation => ("行政法规", "administrative regulation"),
        Level::Law => ("法律", "law"),
    }
}

#[cfg(test)]
mod tests;
