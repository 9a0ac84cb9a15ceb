//! Questions in words, Chinese or English, answered in sentences with the clauses they rest on: `jifang law explain …`.
//!
//! What flows through: words -> [`words::Asked`] (topic, province, kind of unit, place, day, number of officers) -> one function of
//! [`TOPICS`] -> [`Explained`]. The grammar is small and closed: each word is known, a filler, or refused by name, so no question is
//! answered as another one. A new topic is a row in [`TOPICS`] and its words in `words.rs`.
//!
//! Always true: every number and every yes or no comes from the gate or the packs on the day asked about; what was assumed because the
//! question left it out is said in the first sentence.

mod penalty;
mod words;

use crate::pack::{Level, Packs};
use crate::{
    Act, AfterTerm, BasisKind, Gate, Installer, OfficialAccess, OrganKind, PlaceKind, Placement, Question, Retention,
};
use base::{Citation, CivilDate, Text};
use serde::Serialize;
use words::{Asked, Topic};

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

/// A topic's words and its answer.
type Answering = fn(&Gate, &Asked) -> Result<(Text, Vec<Sentence>), Text>;

/// What can be asked.
const TOPICS: &[(Topic, Answering)] = &[
    (Topic::Retention, retention),
    (Topic::Officers, officers),
    (Topic::Install, install),
    (Topic::Penalty, penalty::answer),
];

/// Questions that are understood, as help and tests show them.
pub const QUESTIONS: &[&str] = &[
    "retention hotel liaoning 2026-11-22",
    "留存 旅馆 辽宁 2026-11-22",
    "retention key-target heilongjiang 2013-05-01",
    "留存 反恐重点目标 黑龙江 2016-01-01",
    "may one officer view heilongjiang",
    "一名 民警 可以 查看 辽宁",
    "install toilet heilongjiang",
    "安装 大厅 辽宁 2026-03-02",
    "penalty sign-missing private shop heilongjiang",
    "处罚 没有 标识 商店 黑龙江",
    "penalty private-place liaoning 2026-03-02",
];

/// Answers a question in words; `today` is the day meant where none is named.
///
/// # Errors
/// What was not understood or is missing, and what would be right.
pub fn explain(gate: &Gate, question: &str, today: CivilDate) -> Result<Explained, Text> {
    if question.len() > MOST_BYTES {
        return Err(Text::new("问题太长。请只写要点。", "The question is too long. Write its key words only."));
    }
    let asked = words::read(question, today)?;
    let Some((_, answer)) = TOPICS.iter().find(|(topic, _)| *topic == asked.topic) else {
        return Err(words::no_topic());
    };
    let (understood, sentences) = answer(gate, &asked)?;
    Ok(Explained { on: asked.on, understood, sentences })
}

/// "On DAY, in PROVINCE, …".
fn setting(asked: &Asked, zh: &str, en: &str) -> Text {
    let (day, place) = (asked.on, asked.site.jurisdiction.name());
    Text::of(format!("{day}，{}，{zh}", place.zh), format!("On {day}, in {}: {en}", place.en))
}

fn retention(gate: &Gate, asked: &Asked) -> Result<(Text, Vec<Sentence>), Text> {
    let place = asked.place.unwrap_or(PlaceKind::Lobby);
    let found = gate.retention(&asked.site, place, asked.on);
    let (unit, name) = (asked.unit_name(), place.name());
    let assumed = if asked.place.is_none() {
        ("（未说明部位，按大厅）", " (no place named: a lobby)")
    } else {
        ("", "")
    };
    let understood = setting(
        asked,
        &format!("{}，{}的录像保存多久？{}", unit.zh, name.zh, assumed.0),
        &format!("how long is footage of a {} of {} kept?{}", name.en, unit.en, assumed.1),
    );
    let mut out = vec![kept(&found)];
    for term in found.terms.iter().skip(1) {
        let (days, cite) = (term.days, &term.citation.article);
        let (zh, en) = (&term.citation.instrument.zh, &term.citation.instrument.en);
        out.push(Sentence::new(
            format!("{zh}{}的期限为{days}日，同时成立，较短。", cite.zh),
            format!("{en}, {}, asks for {days} days; it holds too and is not longer.", cite.en),
            vec![term.citation.clone()],
        ));
    }
    out.push(afterwards(&found));
    if !asked.site.key_unit && asked.site.jurisdiction == crate::Jurisdiction::Liaoning {
        let mut key = asked.site;
        key.key_unit = true;
        let then = gate.retention(&key, place, asked.on);
        if then.min_days != found.min_days || then.terms.len() != found.terms.len() {
            out.push(Sentence::new(
                format!("如果是技防重点单位，不少于{}日（所列场所的各项缺失，是否重点单位由单位如实填写）。", then.min_days),
                format!("If it is a key unit: at least {} days (the list of places is lost; the unit states whether it is one).", then.min_days),
                then.terms.iter().filter(|t| !found.terms.iter().any(|f| f.citation.clause == t.citation.clause)).map(|t| t.citation.clone()).collect(),
            ));
        }
    }
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
        format!("不少于{days}日：采集当日不计，最后一日保存到当日结束；取各期限中最长的一个。"),
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

fn officers(gate: &Gate, asked: &Asked) -> Result<(Text, Vec<Sentence>), Text> {
    let number = asked.officers.unwrap_or(1);
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
    let understood = setting(
        asked,
        &format!("{number}名民警为刑事侦查查看录像，证件、单位证明、登记齐全，是否可以？"),
        &format!(
            "may {number} police {} view footage for a criminal investigation, with IDs, letter and register in order?",
            base::plural(number, "officer", "officers")
        ),
    );
    Ok((understood, judged(&answer)))
}

fn install(gate: &Gate, asked: &Asked) -> Result<(Text, Vec<Sentence>), Text> {
    let Some(place) = asked.place else {
        return Err(Text::new(
            "请说明装在什么地方，例如：安装 大厅 辽宁。",
            "Say where it would be, for example: install lobby liaoning.",
        ));
    };
    let placement = Placement {
        place,
        faces_homes: false,
        has_audio: false,
        sign_recorded: false,
        installer: Installer::ManagingUnit,
        public_area_approved: false,
    };
    let answer = gate.decide(&Question { site: asked.site, act: Act::AddCamera(placement) }, asked.on);
    let name = place.name();
    let understood = setting(
        asked,
        &format!("经营管理单位在{}安装摄像机（不录音、不对着住宅、未经批准、尚无标识），是否可以？", name.zh),
        &format!(
            "may the managing unit put a camera in a {} (no sound, not facing homes, no approval, no sign yet)?",
            name.en
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
