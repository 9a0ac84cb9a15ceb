//! The words of questions. Each is known, a filler, or told back as not understood; Chinese may be written with or without blanks.

use crate::{Jurisdiction, PlaceKind, SiteProfile, SpecialTrade};
use base::{CivilDate, Text};

/// What a question is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Topic {
    /// How long footage is kept.
    Retention,
    /// How many officers may view.
    Officers,
    /// Whether a camera may stand somewhere.
    Install,
    /// What a breach costs.
    Penalty,
}

/// A breach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Matter {
    Sign,
    PrivatePlace,
    Retention,
    PublicArea,
}

/// A question, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Asked {
    pub topic: Topic,
    pub on: CivilDate,
    pub site: SiteProfile,
    pub place: Option<PlaceKind>,
    pub officers: Option<u32>,
    pub matter: Option<Matter>,
}

impl Asked {
    /// The kind of unit, in words.
    pub(super) fn unit_name(&self) -> Text {
        let mut zh = Vec::new();
        let mut en = Vec::new();
        if let Some(trade) = self.site.special_trade {
            let name = trade.name();
            zh.push(name.zh.to_string());
            en.push(name.en.to_string());
        }
        if self.site.key_unit {
            zh.push("重点单位".to_owned());
            en.push("key unit".to_owned());
        }
        if self.site.counter_terror_key_target {
            zh.push("反恐重点目标".to_owned());
            en.push("counter-terrorism key target".to_owned());
        }
        if zh.is_empty() {
            return Text::new("一般单位", "an ordinary unit");
        }
        Text::of(zh.join("、"), format!("a unit that is {}", en.join(" and ")))
    }
}

/// What a word means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    Topic(Topic),
    Province(Jurisdiction),
    Trade(SpecialTrade),
    KeyUnit,
    KeyTarget,
    Number(u32),
    Matter(Matter),
    Place(PlaceKind),
    Today,
    Filler,
}

use Word::{Filler, KeyTarget, KeyUnit, Number, Province, Today, Trade};

#[rustfmt::skip]
const WORDS: &[(&str, Word)] = &[
    ("retention", Word::Topic(Topic::Retention)), ("keep", Word::Topic(Topic::Retention)), ("kept", Word::Topic(Topic::Retention)),
    ("留存", Word::Topic(Topic::Retention)), ("保存", Word::Topic(Topic::Retention)), ("录像保存", Word::Topic(Topic::Retention)),
    ("view", Word::Topic(Topic::Officers)), ("officer", Word::Topic(Topic::Officers)), ("officers", Word::Topic(Topic::Officers)),
    ("查看", Word::Topic(Topic::Officers)), ("民警", Word::Topic(Topic::Officers)), ("警察", Word::Topic(Topic::Officers)),
    ("install", Word::Topic(Topic::Install)), ("安装", Word::Topic(Topic::Install)),
    ("penalty", Word::Topic(Topic::Penalty)), ("fine", Word::Topic(Topic::Penalty)), ("what-if", Word::Topic(Topic::Penalty)),
    ("处罚", Word::Topic(Topic::Penalty)), ("罚款", Word::Topic(Topic::Penalty)), ("罚", Word::Topic(Topic::Penalty)),
    ("liaoning", Province(Jurisdiction::Liaoning)), ("shenyang", Province(Jurisdiction::Liaoning)), ("dalian", Province(Jurisdiction::Liaoning)),
    ("辽宁", Province(Jurisdiction::Liaoning)), ("辽宁省", Province(Jurisdiction::Liaoning)), ("沈阳", Province(Jurisdiction::Liaoning)), ("大连", Province(Jurisdiction::Liaoning)),
    ("heilongjiang", Province(Jurisdiction::Heilongjiang)), ("harbin", Province(Jurisdiction::Heilongjiang)),
    ("黑龙江", Province(Jurisdiction::Heilongjiang)), ("黑龙江省", Province(Jurisdiction::Heilongjiang)), ("哈尔滨", Province(Jurisdiction::Heilongjiang)),
    ("other-province", Province(Jurisdiction::Other)), ("其他省份", Province(Jurisdiction::Other)),
    ("hotel", Trade(SpecialTrade::Hotel)), ("旅馆", Trade(SpecialTrade::Hotel)), ("宾馆", Trade(SpecialTrade::Hotel)), ("酒店", Trade(SpecialTrade::Hotel)),
    ("pawnshop", Trade(SpecialTrade::Pawnshop)), ("典当行", Trade(SpecialTrade::Pawnshop)), ("massage", Trade(SpecialTrade::Massage)), ("按摩", Trade(SpecialTrade::Massage)),
    ("key-unit", KeyUnit), ("重点单位", KeyUnit), ("key-target", KeyTarget), ("重点目标", KeyTarget), ("反恐重点目标", KeyTarget),
    ("one", Number(1)), ("一名", Number(1)), ("一个", Number(1)), ("一人", Number(1)),
    ("two", Number(2)), ("两名", Number(2)), ("二名", Number(2)), ("两个", Number(2)), ("二人", Number(2)), ("两人", Number(2)),
    ("three", Number(3)), ("三名", Number(3)),
    ("sign", Word::Matter(Matter::Sign)), ("sign-missing", Word::Matter(Matter::Sign)), ("标识", Word::Matter(Matter::Sign)),
    ("private-place", Word::Matter(Matter::PrivatePlace)), ("禁止场所", Word::Matter(Matter::PrivatePlace)), ("隐私场所", Word::Matter(Matter::PrivatePlace)),
    ("public-area", Word::Matter(Matter::PublicArea)), ("公共区域", Word::Matter(Matter::PublicArea)),
    ("today", Today), ("今天", Today), ("现在", Today),
    ("a", Filler), ("an", Filler), ("the", Filler), ("in", Filler), ("at", Filler), ("on", Filler), ("of", Filler), ("for", Filler), ("is", Filler),
    ("may", Filler), ("can", Filler), ("how", Filler), ("long", Filler), ("if", Filler), ("what", Filler), ("missing", Filler), ("footage", Filler),
    ("police", Filler), ("camera", Filler), ("unit", Filler), ("private", Filler), ("shop", Filler), ("counter-terrorism", Filler),
    ("可以", Filler), ("能否", Filler), ("能", Filler), ("是否", Filler), ("吗", Filler), ("的", Filler), ("在", Filler), ("多久", Filler), ("怎样", Filler), ("没有", Filler),
    ("缺少", Filler), ("录像", Filler), ("摄像机", Filler), ("商店", Filler), ("民间", Filler), ("单位", Filler), ("会", Filler), ("如果", Filler), ("期限", Filler), ("时间", Filler),
];

fn known(token: &str) -> Option<Word> {
    if let Some((_, word)) = WORDS.iter().find(|(text, _)| *text == token) {
        return Some(*word);
    }
    let place = PlaceKind::ALL.iter().find(|p| p.key().replace('_', "-") == token || p.name().zh == token);
    place.map(|p| Word::Place(*p))
}

/// Reads a question.
///
/// # Errors
/// The word that is not understood, or what is missing.
pub(super) fn read(question: &str, today: CivilDate) -> Result<Asked, Text> {
    let mut meant = Vec::new();
    let mut day = None;
    let split = |c: char| c.is_whitespace() || "，,、;；?？。!！:：\"“”'()（）".contains(c);
    for token in question.to_lowercase().split(split).filter(|t| !t.is_empty()) {
        if token.bytes().next().is_some_and(|b| b.is_ascii_digit()) && token.is_ascii() {
            match (CivilDate::parse(token), token.parse::<u32>()) {
                (Some(found), _) => day = Some(found),
                (None, Ok(number)) if number < 100 => meant.push(Number(number)),
                _ => return Err(bad_day(token)),
            }
        } else if token.is_ascii() {
            meant.push(known(token).ok_or_else(|| unknown(token))?);
        } else {
            chinese(token, &mut meant)?;
        }
    }
    asked(&meant, day.unwrap_or(today))
}

/// Cuts a run of Chinese into known words, the longest first.
fn chinese(token: &str, meant: &mut Vec<Word>) -> Result<(), Text> {
    let mut rest = token;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(12).collect::<Vec<_>>();
        let found = ends.iter().rev().find_map(|end| Some((*end, known(&rest[..*end])?)));
        let (end, word) = found.ok_or_else(|| unknown(rest))?;
        meant.push(word);
        rest = &rest[end..];
    }
    Ok(())
}

fn asked(meant: &[Word], on: CivilDate) -> Result<Asked, Text> {
    let of = |find: fn(&Word) -> bool| meant.iter().any(find);
    let topics: Vec<Topic> =
        meant.iter().filter_map(|w| if let Word::Topic(t) = w { Some(*t) } else { None }).collect();
    // A penalty for keeping footage too short, or for installing, names two topics: the penalty is what is asked.
    let topic = topics.iter().find(|t| **t == Topic::Penalty).or_else(|| topics.first()).copied();
    let topic = topic.ok_or_else(no_topic)?;
    let other = topics.iter().find(|t| **t != topic);
    if other.is_some() && topic != Topic::Penalty {
        return Err(Text::new("一次只能问一件事。请分开问。", "One question at a time: ask them one after the other."));
    }
    let province = meant.iter().find_map(|w| if let Province(p) = w { Some(*p) } else { None });
    let Some(province) = province else {
        return Err(Text::new(
            "请说明省份：辽宁、黑龙江或者其他省份。",
            "Say the province: liaoning, heilongjiang or other-province.",
        ));
    };
    let mut site = SiteProfile::new(province);
    site.key_unit = of(|w| *w == KeyUnit);
    site.counter_terror_key_target = of(|w| *w == KeyTarget);
    site.special_trade = meant.iter().find_map(|w| if let Trade(t) = w { Some(*t) } else { None });
    let matter = meant.iter().find_map(|w| if let Word::Matter(m) = w { Some(*m) } else { None });
    let matter = matter.or_else(|| (other == Some(&Topic::Retention)).then_some(Matter::Retention));
    Ok(Asked {
        topic,
        on,
        site,
        place: meant.iter().find_map(|w| if let Word::Place(p) = w { Some(*p) } else { None }),
        officers: meant.iter().find_map(|w| if let Number(n) = w { Some(*n) } else { None }),
        matter,
    })
}

fn unknown(token: &str) -> Text {
    let token: String = token.chars().take(40).collect();
    Text::of(
        format!("不懂「{token}」。可以问的见 jifang law explain --help。"),
        format!("`{token}` is not understood. See jifang law explain --help for what can be asked."),
    )
}

fn bad_day(token: &str) -> Text {
    let token: String = token.chars().take(40).collect();
    Text::of(
        format!("「{token}」不是日期。请写成 2026-11-22。"),
        format!("`{token}` is no day. Write it like 2026-11-22."),
    )
}

pub(super) fn no_topic() -> Text {
    Text::new(
        "没有看出问什么：留存、查看、安装或者处罚。例子见 jifang law explain --help。",
        "Say what is asked: retention, view, install or penalty. See jifang law explain --help for examples.",
    )
}

/// With a capital letter, to begin a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}
