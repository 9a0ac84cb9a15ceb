//! Defects of entries that load and still are wrong: words missing or in the wrong language, citations of another article, days before
//! the instrument, rank and area that contradict, flaws that no reading explains.

use super::{FindingKind, Findings, Severity};
use crate::FlawKind;
use crate::crossref::number_of;
use crate::pack::{Clause, Level, Pack, TextKind};
use base::{Reading, Text};

pub(super) fn check(findings: &mut Findings<'_>) {
    let packs = findings.packs;
    for pack in packs.all() {
        rank(findings, pack);
        for clause in &pack.clauses {
            sentences(findings, pack, clause);
            citation(findings, pack, clause);
            days(findings, pack, clause);
            flaws(findings, pack, clause);
        }
    }
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn rank(findings: &mut Findings<'_>, pack: &Pack) {
    let provincial = matches!(pack.head.level, Level::ProvincialOrdinance | Level::ProvincialRule);
    if provincial != pack.head.jurisdictions.is_empty() {
        return;
    }
    let text = if provincial {
        Text::new(
            "地方性法规、规章须写明适用的省份（jurisdictions）。",
            "A provincial instrument names its provinces (`jurisdictions`).",
        )
    } else {
        Text::new(
            "法律、行政法规适用于全国，不写 jurisdictions。",
            "A law or administrative regulation reaches the whole country: no `jurisdictions`.",
        )
    };
    let file = format!("{}/pack.toml", pack.folder);
    let place = findings.place.of_entry(&file, &pack.head.id);
    findings.push(FindingKind::RankAndArea, Severity::Error, place, &pack.head.id, text);
}

fn sentences(findings: &mut Findings<'_>, pack: &Pack, clause: &Clause) {
    let wrong = |name: &str| {
        Text::of(
            format!("{name} 缺失，或者不是该语言的句子。"),
            format!("`{name}` is missing, or not a sentence of its language."),
        )
    };
    let mut words = vec![
        ("gist_zh", clause.gist_zh.as_str(), true),
        ("gist_en", clause.gist_en.as_str(), false),
        ("cite_en", clause.cite_en.as_str(), false),
    ];
    for duty in &clause.duties {
        words.push(("text_zh", duty.text_zh.as_str(), true));
        words.push(("text_en", duty.text_en.as_str(), false));
    }
    for (name, text, chinese) in words {
        let spoken = if chinese {
            text.chars().any(is_chinese)
        } else {
            text.chars().any(|c| c.is_ascii_alphabetic())
                && text.chars().filter(|c| is_chinese(*c)).count() * 2 < text.chars().count()
        };
        if !spoken {
            let place = findings.place.in_clause(pack, &clause.id, &format!("{name} = "));
            findings.push(FindingKind::WrongWords, Severity::Error, place, &clause.id, wrong(name));
        }
    }
}

fn citation(findings: &mut Findings<'_>, pack: &Pack, clause: &Clause) {
    // A document of the State Council is cited by the item of its annex.
    let annexed = clause.cite_zh.strip_prefix("附件第").and_then(|t| t.split_once('项'));
    let named = match annexed {
        Some((n, _)) => n.parse().ok().or_else(|| number_of(n)),
        None => clause.cite_zh.strip_prefix('第').and_then(|t| t.split_once('条')).and_then(|(n, _)| number_of(n)),
    };
    let english = clause.cite_en.strip_prefix("art. ").or_else(|| clause.cite_en.strip_prefix("annex item "));
    let english = english.map(|t| t.chars().take_while(char::is_ascii_digit).collect::<String>());
    let english = english.and_then(|n| n.parse::<u16>().ok());
    for (name, found) in [("cite_zh", named), ("cite_en", english)] {
        if found != Some(clause.article) {
            let n = clause.article;
            let text = Text::of(
                format!("{name} 说的不是第{n}条。"),
                format!("`{name}` does not cite article {n}, which the clause is of."),
            );
            let place = findings.place.in_clause(pack, &clause.id, &format!("{name} = "));
            findings.push(FindingKind::WrongCitation, Severity::Error, place, &clause.id, text);
        }
    }
}

fn days(findings: &mut Findings<'_>, pack: &Pack, clause: &Clause) {
    let begins = pack.head.from;
    let mut wrong: Vec<(&str, Text)> = Vec::new();
    for value in &clause.values {
        if value.from < begins {
            let (name, day) = (&value.name, value.from);
            wrong.push((
                "values = ",
                Text::of(
                    format!("{name} 自 {day} 起，早于本法规施行之日 {begins}。"),
                    format!("`{name}` begins on {day}, before its instrument is in force ({begins})."),
                ),
            ));
        }
    }
    if let Some(day) = clause.from.filter(|day| *day < begins) {
        wrong.push((
            "from = ",
            Text::of(
                format!("条款自 {day} 起，早于本法规施行之日 {begins}。"),
                format!("The clause begins on {day}, before its instrument is in force ({begins})."),
            ),
        ));
    }
    if let Some(day) = clause.until.filter(|day| *day <= clause.from.unwrap_or(begins)) {
        wrong.push((
            "until = ",
            Text::of(
                format!("条款到 {day} 为止，不晚于它的首日：没有一天有效。"),
                format!("The clause ends on {day}, not after its first day: it never holds."),
            ),
        ));
    }
    for (word, text) in wrong {
        let place = findings.place.in_clause(pack, &clause.id, word);
        findings.push(FindingKind::WrongDays, Severity::Error, place, &clause.id, text);
    }
}

fn flaws(findings: &mut Findings<'_>, pack: &Pack, clause: &Clause) {
    // What is second-hand in a pack of gists is said at the clause; only a printed text has slips and gaps to read.
    if pack.head.text != TextKind::AsGiven {
        return;
    }
    let touching = || pack.readings.iter().filter(|r| r.touches(clause));
    let of = |kind: FlawKind| touching().any(|r| r.kind == kind);
    let gap = clause.gap && !of(FlawKind::Gap);
    let slip = !clause.slip_en.is_empty() && touching().next().is_none();
    if gap || slip {
        let (zh, en) = if gap { ("缺文", "gap") } else { ("笔误", "slip") };
        let text = Text::of(
            format!("条款标有{zh}，readings.toml 没有相应的一条。"),
            format!("The clause is marked with a {en}, and `readings.toml` has no entry about it."),
        );
        let place = findings.place.in_clause(pack, &clause.id, if gap { "gap = " } else { "slip_en = " });
        findings.push(FindingKind::UnlistedFlaw, Severity::Error, place, &clause.id, text);
    }
    let evident = clause.reading == Reading::Evident;
    let default = touching().any(|r| r.default == crate::Choice::Evident);
    if evident && !default {
        let text = Text::new(
            "条款按明显文意读，而 readings.toml 没有把它作为默认读法。",
            "The clause is read by its evident meaning, which is the default of no entry in `readings.toml`.",
        );
        let place = findings.place.in_clause(pack, &clause.id, "reading = ");
        findings.push(FindingKind::ReadingDiffers, Severity::Error, place, &clause.id, text);
    }
}
