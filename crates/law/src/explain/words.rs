//! A question, read: words to [`Asked`]. Each word is known, a filler, or told back by name with what is near to it; Chinese may be
//! written with or without blanks, English words of several parts with blanks or `-`.
//!
//! Always true: a word that belongs to another kind of question is refused, so no part of a question is passed over.

use super::vocabulary::{BREACHES, Breach, Topic, Word, known, near};
use crate::sanction::{Fined, Grade};
use crate::{Installer, Jurisdiction, Packs, PlaceKind, SiteProfile};
use base::{CivilDate, ClauseId, Text};

/// Most English words that make one phrase, most characters of a Chinese one.
const PHRASE_WORDS: usize = 12;
const PHRASE_CHARS: usize = 20;

/// A question, read.
pub(super) struct Asked<'a> {
    pub topic: Topic,
    /// The day asked about.
    pub on: CivilDate,
    /// The day of asking.
    pub today: CivilDate,
    /// The question named a day (or "today").
    pub day_named: bool,
    /// A whole year was named; `on` is its last day.
    pub year: Option<i16>,
    /// Provinces to answer for; several where the question named none and it matters.
    pub provinces: Vec<Jurisdiction>,
    /// The unit; its province is one of the above.
    pub site: SiteProfile,
    pub shop: bool,
    pub place: Option<PlaceKind>,
    pub number: Option<u32>,
    pub breach: Option<&'static Breach>,
    pub clause: Option<&'a str>,
    pub procedure: Option<&'a str>,
    pub clock: Option<&'a str>,
    pub who: Option<Fined>,
    pub grade: Option<Grade>,
    pub installer: Option<Installer>,
    pub approved: bool,
    pub faces_homes: bool,
    pub sound: bool,
    pub alarms: bool,
}

impl Asked<'_> {
    /// The kind of unit, in words.
    pub(super) fn unit_name(&self) -> Text {
        let mut zh = Vec::new();
        let mut en = Vec::new();
        if let Some(trade) = self.site.special_trade {
            let name = trade.name();
            zh.push(name.zh.to_string());
            en.push(name.en.to_string());
        }
        for (holds, name) in [
            (self.shop, Text::new("民间商店", "private shop")),
            (self.site.key_unit, Text::new("重点单位", "key unit")),
            (self.site.counter_terror_key_target, Text::new("反恐重点目标", "counter-terrorism key target")),
            (self.site.alarm_operator, Text::new("报警运营服务单位", "alarm service")),
        ] {
            if holds {
                zh.push(name.zh.to_string());
                en.push(name.en.to_string());
            }
        }
        if zh.is_empty() {
            return Text::new("一般单位", "an ordinary unit");
        }
        Text::of(zh.join("、"), format!("a unit that is a {}", en.join(" and a ")))
    }
}

/// A part of a question.
enum Piece<'q> {
    Latin(&'q str),
    Han(&'q str),
    Day(CivilDate),
    Year(i16),
    Number(u32),
}

/// Reads a question.
///
/// # Errors
/// The word that is not understood, or what is missing.
pub(super) fn read<'a>(packs: &'a Packs, question: &str, today: CivilDate) -> Result<Asked<'a>, Text> {
    let lower = question.to_lowercase();
    let pieces = cut(&lower)?;
    let (mut meant, mut days, mut years) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        match piece {
            Piece::Day(day) => days.push(*day),
            Piece::Year(year) => years.push(*year),
            Piece::Number(number) => meant.push((Word::Number(*number), number.to_string())),
            Piece::Han(run) => chinese(packs, run, &mut meant)?,
            Piece::Latin(first) => {
                let rest = pieces.iter().skip(at);
                let words = rest.map_while(|p| if let Piece::Latin(word) = p { Some(*word) } else { None });
                let words: Vec<&str> = std::iter::once(*first).chain(words.take(PHRASE_WORDS - 1)).collect();
                let phrase = |n: usize| words.get(..n).map(|part| part.join("-")).unwrap_or_default();
                let found = (1..=words.len()).rev().find_map(|n| Some((n, known(packs, &phrase(n))?)));
                let (taken, word) = found.ok_or_else(|| unknown(packs, first))?;
                meant.push((word, phrase(taken)));
                at += taken - 1;
            }
        }
    }
    if days.len() + years.len() > 1 {
        return Err(Text::new(
            "一次只能问一天（或者一年）。请分开问。",
            "One day (or one year) at a time: ask them one after the other.",
        ));
    }
    asked(packs, &meant, (days.first().copied(), years.first().copied()), today)
}

/// Cuts a question into words, days and numbers.
fn cut(question: &str) -> Result<Vec<Piece<'_>>, Text> {
    let mut out = Vec::new();
    let mut rest = question;
    while let Some(first) = rest.chars().next() {
        let of = |run: fn(char) -> bool| rest.find(|c| !run(c)).unwrap_or(rest.len());
        let end = if first.is_ascii_alphanumeric() {
            let end = of(|c| c.is_ascii_alphanumeric() || "-_/".contains(c));
            let (run, after) = rest.split_at(end);
            if let Some((piece, length)) = chinese_day(run, after)? {
                out.push(piece);
                end + length
            } else {
                out.push(latin(run.trim_end_matches(['-', '_', '/']))?);
                end
            }
        } else if first.is_ascii() || "，、；？。！：“”‘’（）《》「」·…　".contains(first) || first.is_whitespace()
        {
            first.len_utf8()
        } else {
            let end = of(|c| !c.is_ascii() && !c.is_whitespace() && !"，、；？。！：“”‘’（）《》「」·…　".contains(c));
            out.push(Piece::Han(rest.split_at(end).0));
            end
        };
        rest = rest.split_at(end).1;
    }
    Ok(out)
}

/// `2013年`, `2013年2月8日`: the number before it, and how many bytes follow that belong to it.
fn chinese_day<'q>(run: &str, after: &'q str) -> Result<Option<(Piece<'q>, usize)>, Text> {
    let Some(month) = after.strip_prefix('年') else { return Ok(None) };
    let Ok(year) = run.parse::<i16>() else { return Ok(None) };
    let number = |text: &'q str, unit: char| {
        let (digits, _) = text.split_once(unit)?;
        digits.parse::<i8>().ok().map(|n| (n, digits.len() + unit.len_utf8()))
    };
    let mut length = '年'.len_utf8();
    let Some((m, used)) = number(month, '月') else { return Ok(Some((Piece::Year(in_reach(year, run)?), length))) };
    length += used;
    let (d, used) = number(month.split_at(used).1, '日').ok_or_else(|| bad_day(run))?;
    let day = CivilDate::ymd(year, m, d).ok_or_else(|| bad_day(&format!("{year}-{m}-{d}")))?;
    Ok(Some((Piece::Day(day), length + used)))
}

fn in_reach(year: i16, token: &str) -> Result<i16, Text> {
    if (1_949..=2_199).contains(&year) { Ok(year) } else { Err(bad_day(token)) }
}

fn latin(run: &str) -> Result<Piece<'_>, Text> {
    if !run.bytes().next().is_some_and(|b| b.is_ascii_digit()) {
        return Ok(Piece::Latin(run));
    }
    if let Some(day) = CivilDate::parse(run).filter(|_| run.contains('-')) {
        return Ok(Piece::Day(day));
    }
    match run.parse::<u32>() {
        Ok(number) if number < 1_000 => Ok(Piece::Number(number)),
        Ok(_) => run.parse::<i16>().map_err(|_| bad_day(run)).and_then(|y| in_reach(y, run)).map(Piece::Year),
        // A day that does not exist, or the id of a clause that begins with a number.
        Err(_) if looks_like_a_day(run) => Err(bad_day(run)),
        Err(_) => Ok(Piece::Latin(run)),
    }
}

fn looks_like_a_day(run: &str) -> bool {
    let parts: Vec<&str> = run.split(['-', '/']).collect();
    parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit())) && parts.first().is_some_and(|p| p.len() == 4)
}

/// Cuts a run of Chinese into known words, the longest first.
fn chinese<'a>(packs: &'a Packs, run: &str, meant: &mut Vec<(Word<'a>, String)>) -> Result<(), Text> {
    let mut rest = run;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(PHRASE_CHARS).collect::<Vec<_>>();
        let found = ends.iter().rev().find_map(|end| Some((*end, known(packs, rest.split_at(*end).0)?)));
        let (end, word) = found.ok_or_else(|| unknown(packs, rest))?;
        let (token, after) = rest.split_at(end);
        meant.push((word, token.to_owned()));
        rest = after;
    }
    Ok(())
}

fn asked<'a>(
    packs: &'a Packs,
    meant: &[(Word<'a>, String)],
    (day, year): (Option<CivilDate>, Option<i16>),
    today: CivilDate,
) -> Result<Asked<'a>, Text> {
    macro_rules! first {
        ($kind:ident) => {
            meant.iter().find_map(|(word, _)| if let Word::$kind(found) = word { Some(*found) } else { None })
        };
    }
    let has = |wanted: Word<'_>| meant.iter().any(|(word, _)| *word == wanted);
    let (procedure, clause) = (first!(Procedure), first!(Clause));
    let topic = topic_of(meant, procedure.is_some())?;
    let last = year.and_then(|year| CivilDate::ymd(year, 12, 31));
    let mut on = day.or(last).unwrap_or(today);
    if has(Word::Before) {
        let day = day.ok_or_else(|| {
            Text::new("「之前」要有日期，例如 2025-04-01 之前。", "`before` needs a day, like before 2025-04-01.")
        })?;
        on = day.plus_days(-1);
    }
    let place: Option<PlaceKind> = first!(Place);
    let breach = if topic == Topic::Penalty { breach_of(meant, procedure, place) } else { None };
    let mut found = Asked {
        topic,
        on,
        today,
        day_named: day.is_some() || year.is_some() || has(Word::Today),
        year: year.filter(|_| day.is_none()),
        provinces: Vec::new(),
        site: SiteProfile::new(Jurisdiction::Other),
        shop: has(Word::Shop),
        place,
        number: first!(Number),
        breach,
        clause,
        procedure,
        clock: first!(Clock),
        who: first!(Who),
        grade: first!(Grade),
        installer: first!(Installer),
        approved: has(Word::Approved),
        faces_homes: has(Word::FacesHomes),
        sound: has(Word::Sound),
        alarms: has(Word::Alarms),
    };
    found.site.key_unit = has(Word::KeyUnit);
    found.site.counter_terror_key_target = has(Word::KeyTarget);
    found.site.security_duty_place = has(Word::SecurityDuty);
    found.site.alarm_operator = has(Word::AlarmOperator);
    found.site.special_trade = first!(Trade);
    found.provinces = provinces(packs, first!(Province), clause);
    meant.iter().try_for_each(|(word, token)| belongs(*word, token, &found))?;
    Ok(found)
}

/// What is asked. A penalty for keeping too short names two topics, and "when may footage be deleted" too: the rarer word decides.
fn topic_of(meant: &[(Word<'_>, String)], procedure: bool) -> Result<Topic, Text> {
    let mut topics: Vec<Topic> = Vec::new();
    for (word, _) in meant {
        if let Word::Topic(topic) = word
            && !topics.contains(topic)
        {
            topics.push(*topic);
        }
    }
    if topics.contains(&Topic::Penalty) {
        return Ok(Topic::Penalty);
    }
    if topics.len() > 1 && !procedure {
        topics.retain(|t| *t != Topic::Deadline);
    }
    match topics.as_slice() {
        [topic] => Ok(*topic),
        [] if procedure => Ok(Topic::Deadline),
        [] => Err(no_topic()),
        _ => Err(Text::new("一次只能问一件事。请分开问。", "One question at a time: ask them one after the other.")),
    }
}

/// The breach meant: named, or what another word of the question stands for.
fn breach_of(
    meant: &[(Word<'_>, String)],
    procedure: Option<&str>,
    place: Option<PlaceKind>,
) -> Option<&'static Breach> {
    let named = meant.iter().find_map(|(word, _)| if let Word::Breach(key) = word { Some(*key) } else { None });
    let topic = |wanted: Topic| meant.iter().any(|(word, _)| *word == Word::Topic(wanted));
    let key = named.or(match procedure {
        Some("system_filing") => Some("filing"),
        Some("product_registration") => Some("unregistered"),
        Some("acceptance") => Some("acceptance"),
        Some("plan_review" | "plan_examination") => Some("plan"),
        Some("area_approval") => Some("public-area"),
        _ if place.is_some_and(PlaceKind::is_private) => Some("private-place"),
        _ if place.is_some_and(PlaceKind::is_social_public_area) && topic(Topic::Install) => Some("public-area"),
        _ if topic(Topic::Retention) => Some("retention"),
        _ if topic(Topic::Officers) => Some("viewing"),
        _ => None,
    })?;
    BREACHES.iter().find(|b| b.key == key)
}

/// Where: named, else where the clause holds, else every province that has an ordinance here.
fn provinces(packs: &Packs, named: Option<Jurisdiction>, clause: Option<&str>) -> Vec<Jurisdiction> {
    if let Some(province) = named {
        return vec![province];
    }
    let of = clause.and_then(|id| packs.clause(&ClauseId::new(id))).map(|(pack, _)| pack.head.jurisdictions.clone());
    if let Some(own) = of.filter(|own| !own.is_empty()) {
        return own;
    }
    let has_pack = |j: &Jurisdiction| packs.all().iter().any(|p| p.head.jurisdictions.contains(j));
    Jurisdiction::ALL.into_iter().filter(has_pack).collect()
}

/// A word that means nothing to this kind of question would change nothing: it is told back.
fn belongs(word: Word<'_>, token: &str, asked: &Asked<'_>) -> Result<(), Text> {
    use Topic as T;
    let topic = asked.topic;
    let fits = match word {
        Word::Number(_) => matches!(topic, T::Officers | T::Deadline),
        Word::Breach(_) | Word::Clause(_) | Word::Who(_) | Word::Grade(_) => topic == T::Penalty,
        Word::Clock(_) => topic == T::Deadline,
        Word::Procedure(_) => topic == T::Deadline || asked.breach.is_some(),
        Word::Installer(_) | Word::Approved | Word::FacesHomes | Word::Sound => topic == T::Install,
        Word::Alarms => topic == T::Duties,
        Word::Place(_) => !matches!(topic, T::Officers | T::Deadline),
        Word::Before => topic != T::Deadline,
        _ => true,
    };
    if fits {
        return Ok(());
    }
    let token: String = token.chars().take(40).collect();
    Err(Text::of(
        format!("「{token}」与所问的事无关，不能理解。请去掉它，或者分开问。"),
        format!("`{token}` does not belong to this question. Leave it out, or ask about it by itself."),
    ))
}

fn unknown(packs: &Packs, token: &str) -> Text {
    let token: String = token.chars().take(40).collect();
    let near = near(packs, &token);
    if !near.is_empty() {
        return Text::of(
            format!("不懂「{token}」。是不是：{}？", near.join("、")),
            format!("`{token}` is not understood. Perhaps: {}?", near.join(", ")),
        );
    }
    // An article, where clauses are asked about: its clauses are named.
    let upper = format!("{}-", token.to_uppercase());
    let clauses = packs.all().iter().flat_map(|p| &p.clauses).map(|c| c.id.as_str());
    let of_article: Vec<&str> = clauses.filter(|id| id.to_uppercase().starts_with(&upper)).take(8).collect();
    if !of_article.is_empty() && token.bytes().any(|b| b.is_ascii_digit()) {
        let list = of_article.join(", ");
        return Text::of(
            format!("「{token}」不是条款编号。该条有：{list}。"),
            format!("`{token}` is no clause. Of that article there are: {list}."),
        );
    }
    let would_be = would_be();
    Text::of(format!("不懂「{token}」。{}", would_be.zh), format!("`{token}` is not understood. {}", would_be.en))
}

fn bad_day(token: &str) -> Text {
    let token: String = token.chars().take(40).collect();
    Text::of(
        format!("「{token}」不是日期。请写成 2026-11-22、2026年11月22日或者 2026年。"),
        format!("`{token}` is no day. Write it like 2026-11-22, or a year like 2026."),
    )
}

/// What would be understood.
fn would_be() -> Text {
    let names = Jurisdiction::ALL.map(Jurisdiction::ask_word);
    let zh: Vec<&str> = names.iter().map(|name| name.zh.as_ref()).collect();
    let en: Vec<&str> = names.iter().map(|name| name.en.as_ref()).collect();
    Text::of(
        format!(
            "可以问：留存、查看、安装、处罚、什么时候（程序的期限）、义务；省份：{}。例子见 jifang law explain --help。",
            zh.join("、")
        ),
        format!(
            "Understood are: retention, view, install, penalty, when (a procedure's clock), duties; provinces {}. See jifang law explain --help for examples.",
            en.join(", ")
        ),
    )
}

pub(super) fn no_topic() -> Text {
    let would_be = would_be();
    Text::of(format!("没有看出问什么。{}", would_be.zh), format!("Say what is asked. {}", would_be.en))
}

/// With a capital letter, to begin a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}
