//! The result of a draw as a paper: what was drawn from what, by which seed, and where the record lies with which anybody draws again.
//!
//! What flows through: [`DrawRecord`] + names of the registers ─▶ [`ResultFacts`] ─▶ [`result_paper`] ─▶ an [`Envelope`] that its catalogue row
//! takes. Always true: every unit that was drawn stands on it, the replaced ones too, or it says how many more there are; inspectors stand as
//! in the published record, never by name; nothing is said that the record or the registers do not say.

use super::{DrawRecord, Lack};
use crate::document::{Document, Envelope, LINE_CHARS, Particular, ROWS, Table, WORDS_CHARS};
use base::{CivilDate, Lang, Text};
use std::collections::BTreeMap;

/// What a record does not say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResultFacts {
    /// Name of the organ that drew.
    pub organ: String,
    /// What the plan is called.
    pub plan: String,
    /// What the registers call the drawn units, by their ids in the pool.
    pub names: BTreeMap<String, String>,
    /// What the registers are called, by their words.
    pub registers: BTreeMap<String, Text>,
    /// Where anybody reads the record; none while this server has no public address.
    pub record_url: Option<String>,
    /// What has to stand beside the result.
    pub caution: Option<Text>,
    /// Its day.
    pub on: CivilDate,
}

/// A unit as the paper lists it.
struct Line<'a> {
    unit: &'a str,
    stratum: &'a str,
    team: &'a [String],
    lack: Option<Lack>,
    note: String,
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// Drawn units in their order, each with what became of it, then those that replaced others.
fn lines(record: &DrawRecord, lang: Lang) -> Vec<Line<'_>> {
    let gone = |unit: &str| record.substitutions.iter().find(|s| s.out == unit);
    let left = |unit: &str| {
        gone(unit).map_or_else(String::new, |s| {
            let why = s.reason.name();
            match lang {
                Lang::Zh => format!("{}，由{}替换", why.zh, s.into),
                Lang::En => format!("{}: replaced by {}", why.en, s.into),
            }
        })
    };
    let drawn = record.result.units.iter().map(|u| Line {
        unit: &u.unit,
        stratum: &u.stratum,
        team: &u.inspectors,
        lack: u.lack,
        note: left(&u.unit),
    });
    let stratum_of = |unit: &str| {
        let pool = record.pool.iter().filter_map(|line| line.strip_prefix("unit "));
        let mut words = pool.map(|rest| rest.split(' '));
        words.find_map(|mut of| {
            let stratum = of.next()?;
            (of.next()? == unit).then_some(stratum)
        })
    };
    let later = record.substitutions.iter().map(|s| {
        let came = lang.t("替换", "in place of another").to_owned();
        let note = left(&s.into);
        Line {
            unit: &s.into,
            stratum: stratum_of(&s.into).unwrap_or_default(),
            team: &s.inspectors,
            lack: s.lack,
            note: if note.is_empty() { came } else { format!("{came}{}{note}", lang.t("；", "; ")) },
        }
    });
    drawn.chain(later).collect()
}

fn register(facts: &ResultFacts, word: &str, lang: Lang) -> String {
    facts.registers.get(word).map_or_else(|| word.to_owned(), |name| name.get(lang).to_owned())
}

fn heads(of: &[(&str, &str)], lang: Lang) -> Vec<String> {
    of.iter().map(|(zh, en)| lang.t(zh, en).to_owned()).collect()
}

fn strata(record: &DrawRecord, facts: &ResultFacts, lang: Lang) -> Table {
    let rows = record.result.strata.iter().map(|s| {
        let name = register(facts, &s.stratum, lang);
        vec![name, s.units.to_string(), s.rested.to_string(), s.asked.to_string(), s.drawn.to_string()]
    });
    let heads = [
        ("登记簿", "register"),
        ("名单户数", "in the pool"),
        ("近期查过不抽", "inspected lately"),
        ("应抽户数", "asked for"),
        ("抽中户数", "drawn"),
    ];
    Table {
        title: lang.t("各类抽取", "by register").to_owned(),
        heads: self::heads(&heads, lang),
        widths: vec![4, 2, 2, 2, 2],
        rows: rows.collect(),
    }
}

/// The drawn units, as many as a table takes, and how many more there are.
fn units(record: &DrawRecord, facts: &ResultFacts, lang: Lang) -> (Table, usize) {
    let all = lines(record, lang);
    let more = all.len().saturating_sub(ROWS);
    let row = |(n, line): (usize, &Line<'_>)| {
        let name = facts.names.get(line.unit).map_or(line.unit, String::as_str);
        let team = match line.lack {
            Some(lack) => lack.text().get(lang).to_owned(),
            None => line.team.join(lang.t("、", ", ")),
        };
        vec![
            (n + 1).to_string(),
            cut(name, WORDS_CHARS),
            register(facts, line.stratum, lang),
            line.unit.to_owned(),
            cut(&team, WORDS_CHARS),
            line.note.clone(),
        ]
    };
    let heads = [
        ("次序", "place"),
        ("单位", "unit"),
        ("登记簿", "register"),
        ("登记编号", "its number"),
        ("检查人员（代号）", "inspectors (as committed to)"),
        ("说明", "notes"),
    ];
    let table = Table {
        title: lang.t("抽中的单位", "units drawn").to_owned(),
        heads: self::heads(&heads, lang),
        widths: vec![2, 6, 5, 4, 6, 5],
        rows: all.iter().take(ROWS).enumerate().map(row).collect(),
    };
    (table, more)
}

fn particulars(record: &DrawRecord, facts: &ResultFacts, lang: Lang) -> Vec<Particular> {
    let pair = |zh: &'static str, en: &'static str, value: String| Particular {
        name: lang.t(zh, en).to_owned(),
        value,
        hint: String::new(),
    };
    let mut found = vec![
        pair("检查计划", "plan", cut(&facts.plan, WORDS_CHARS)),
        pair("计划编号", "its word", record.commitment.plan.clone()),
        pair("名单户数", "units in the pool", record.commitment.units.to_string()),
        pair("检查人员数", "inspectors in the pool", record.commitment.inspectors.to_string()),
        pair("封存的承诺值", "commitment", record.commitment.commitment.hex()),
        pair("承诺在日志中的序号", "place of the commitment in the log", record.entry_index.to_string()),
        pair("种子", "seed", record.seed.hex()),
        pair("结果摘要", "digest of the result", record.result_sha256.hex()),
    ];
    if let Some(value) = &record.public_value {
        found.push(pair("公开来源的结果", "outcome of the public source", cut(value, WORDS_CHARS)));
    }
    found
}

/// What the paper of a draw says. `document` is the catalogue's row `draw_result`.
#[must_use]
pub fn result_paper(document: &Document, record: &DrawRecord, facts: &ResultFacts, lang: Lang) -> Envelope {
    let (drawn, more) = units(record, facts, lang);
    let how = Text::new(
        "规则和名单在种子产生之前已经封存；种子取自封存之后的日志树头。检查人员只列代号。",
        "Rules and pool were committed to before there was a seed; the seed comes from a later head of the log. Inspectors stand as committed to.",
    );
    let mut paragraphs = vec![how.get(lang).to_owned()];
    paragraphs.extend(facts.record_url.as_ref().map(|url| match lang {
        Lang::Zh => format!("抽取记录全文公开，任何人可以据此重新抽取、核对：{url}"),
        Lang::En => format!("The whole record is published, and anybody can draw again by it: {url}"),
    }));
    paragraphs.extend(facts.caution.as_ref().map(|caution| caution.get(lang).to_owned()));
    if more > 0 {
        paragraphs.push(match lang {
            Lang::Zh => format!("表中列出前{ROWS}户，另有{more}户见抽取记录。"),
            Lang::En => format!("The table has the first {ROWS}; {more} more stand in the record."),
        });
    }
    Envelope {
        organ: cut(&facts.organ, LINE_CHARS),
        date: Some(facts.on),
        particulars: particulars(record, facts, lang),
        tables: vec![strata(record, facts, lang), drawn],
        paragraphs,
        ..Envelope::of(document, lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{ReplaceReason, Substitution};
    use base::Sha256;

    fn record() -> DrawRecord {
        DrawRecord::read(include_bytes!("example.json")).unwrap()
    }

    fn facts(record: &DrawRecord) -> ResultFacts {
        let unit = record.result.units.first().unwrap();
        ResultFacts {
            organ: "示范市公安局".into(),
            plan: "年度检查计划".into(),
            names: BTreeMap::from([(unit.unit.clone(), "示例酒店".to_owned())]),
            registers: BTreeMap::from([(unit.stratum.clone(), Text::new("单位登记簿", "units"))]),
            record_url: Some("https://gaj.example/public/draws/1".into()),
            caution: None,
            on: CivilDate::parse("2026-11-02").unwrap(),
        }
    }

    fn kind() -> &'static Document {
        Document::parse("draw_result").unwrap()
    }

    #[test]
    fn every_drawn_unit_stands_on_it_with_the_seed_and_where_it_is_drawn_again() {
        let record = record();
        for lang in [Lang::Zh, Lang::En] {
            let e = result_paper(kind(), &record, &facts(&record), lang);
            assert_eq!(e.check(kind()), Ok(()));
            let rows = &e.tables[1].rows;
            assert!(record.result.units.iter().all(|u| rows.iter().any(|row| row[3] == u.unit)));
            assert_eq!(e.tables[0].rows.len(), record.result.strata.len());
            assert!(e.particulars.iter().any(|p| p.value == record.seed.hex()));
            assert!(e.paragraphs.iter().any(|p| p.contains("https://gaj.example/public/draws/1")));
        }
        let e = result_paper(kind(), &record, &facts(&record), Lang::Zh);
        assert_eq!((e.tables[1].rows[0][1].as_str(), e.tables[1].rows[0][2].as_str()), ("示例酒店", "单位登记簿"));
    }

    #[test]
    fn a_replaced_unit_stays_and_says_by_which_it_was_replaced() {
        let mut record = record();
        let out = record.result.units.first().unwrap().unit.clone();
        let reason = ReplaceReason::Moved;
        let (inspectors, lack, ground_sha256) = (Vec::new(), None, Sha256::of(b"paper"));
        let into = "Z-1".to_owned();
        record.substitutions = vec![Substitution { out: out.clone(), into, reason, ground_sha256, inspectors, lack }];
        let e = result_paper(kind(), &record, &facts(&record), Lang::Zh);
        let rows = &e.tables[1].rows;
        let note = |unit: &str| rows.iter().find(|row| row[3] == unit).map(|row| row[5].clone());
        assert_eq!(note(&out).as_deref(), Some("已迁出辖区，由Z-1替换"));
        assert_eq!(note("Z-1").as_deref(), Some("替换"));
    }

    #[test]
    fn a_table_that_is_full_says_how_many_more_there_are() {
        let mut record = record();
        let unit = record.result.units.first().unwrap().clone();
        let with = |n: usize, record: &mut DrawRecord| {
            record.substitutions.clear();
            record.result.units = vec![unit.clone(); n];
            result_paper(kind(), record, &facts(record), Lang::Zh)
        };
        let full = with(ROWS, &mut record);
        assert_eq!((full.check(kind()), full.tables[1].rows.len(), full.paragraphs.len()), (Ok(()), ROWS, 2));
        let over = with(ROWS + 1, &mut record);
        assert_eq!((over.check(kind()), over.tables[1].rows.len(), over.paragraphs.len()), (Ok(()), ROWS, 3));
    }
}
