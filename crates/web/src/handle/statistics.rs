//! Statistics for the public: how many cases came in a year, how they ended, whether in time; as a page and as a file.
//!
//! Always true: a case is counted in the year in which it was opened; what is counted is kept for some minutes, so that nobody makes the
//! database count by asking often; a number tells of services and outcomes, never of a case or a person.

use super::counted::Counted;
use super::inbox::of;
use super::public::{bar, keep, open_page};
use super::register_files::{MARK, csv_line};
use crate::answer::{Reply, attach, body};
use crate::call::Call;
use crate::pages::Choice;
use crate::pages::public::{BarLine, Chart, Figure, PublicNav, StatisticsPage};
use axum::http::StatusCode;
use base::{CivilDate, Refusal, Text, UtcMs};
use domain::casework::{ClockState, is_ours};
use law::{Packs, Party};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::casework::counts::{CaseCount, ClockCount};

/// Years that are shown: this one and those before.
const YEARS: i16 = 5;
/// For how long what was counted is shown, ms.
const COUNTED_MS: u64 = 600_000;

/// What was counted of a year.
pub(crate) struct Numbers {
    at: UtcMs,
    cases: Vec<CaseCount>,
    clocks: Vec<ClockCount>,
}

/// What was counted lately, by year.
pub(crate) type CountedYears = Counted<i16, Numbers>;

/// Numbers of as many years as are shown, kept for some minutes.
pub(crate) fn kept() -> CountedYears {
    Counted::new(COUNTED_MS, YEARS.unsigned_abs().into())
}

fn years(today: CivilDate) -> Vec<i16> {
    let newest = today.0.year();
    (0..YEARS).map(|back| newest - back).collect()
}

/// The year that is asked for, if it is one of those shown; else this year.
fn year_of(call: &Call) -> i16 {
    let today = call.now().shanghai_date();
    let asked = call.query.get("year").parse::<i16>().ok().filter(|year| years(today).contains(year));
    asked.unwrap_or_else(|| today.0.year())
}

async fn numbers(call: &Call, year: i16) -> Result<Arc<Numbers>, Refusal> {
    let now = call.site().now();
    if let Some(kept) = call.app.counted.get(&year, now.mono) {
        return Ok(kept);
    }
    let first = |year: i16| CivilDate::ymd(year, 1, 1).map_or(now.utc, CivilDate::start);
    let (from, to) = (first(year), first(year + 1));
    let store = call.site().store();
    let (cases, clocks) = (store.case_counts(from, to).await?, store.clock_counts(from, to).await?);
    let numbers = Arc::new(Numbers { at: now.utc, cases, clocks });
    call.app.counted.put(year, now.mono, Arc::clone(&numbers));
    Ok(numbers)
}

/// A line of the numbers: what is counted, of what, how many.
struct Line {
    what: Text,
    of: Text,
    value: u64,
}

fn name_of(packs: &Packs, procedure: &str) -> Text {
    packs
        .procedure(procedure)
        .map_or_else(|| Text::of(procedure.to_owned(), procedure.to_owned()), law::Procedure::name)
}

fn outcome_name(packs: &Packs, count: &CaseCount) -> Text {
    let Some(id) = &count.outcome else {
        return if count.closed {
            Text::new("撤回、终止", "withdrawn or ended")
        } else {
            Text::new("在办", "under way")
        };
    };
    let outcome = packs.procedure(&count.procedure).and_then(|p| p.outcomes.iter().find(|o| o.id == *id));
    let words = |text: &str| text.trim_end_matches(['。', '.']).to_owned();
    outcome.map_or_else(|| Text::of(id.clone(), id.clone()), |o| Text::of(words(&o.zh), words(&o.en)))
}

/// Adds up what has one name, the most first; 备案 and 已备案 are one.
fn summed(all: impl Iterator<Item = (Text, u64)>) -> Vec<BarLine> {
    let mut sums: BTreeMap<String, (Text, u64)> = BTreeMap::new();
    for (name, count) in all {
        let key = name.zh.strip_prefix('已').unwrap_or(&name.zh).to_owned();
        let sum = sums.entry(key).or_insert((name, 0));
        sum.1 = sum.1.saturating_add(count);
    }
    let mut out: Vec<BarLine> = sums.into_values().map(|(label, value)| BarLine { label, value }).collect();
    out.sort_by_key(|line| std::cmp::Reverse(line.value));
    out
}

fn charts(packs: &Packs, numbers: &Numbers) -> Vec<Chart> {
    if numbers.cases.is_empty() {
        return Vec::new();
    }
    let unit = || Text::new("件", "cases");
    let services = summed(numbers.cases.iter().map(|c| (name_of(packs, &c.procedure), c.count)));
    let outcomes = summed(numbers.cases.iter().map(|c| (outcome_name(packs, c), c.count)));
    vec![
        Chart {
            title: Text::new("各类办件", "Cases by kind"),
            unit: unit(),
            note: Text::new("按收到的日子统计。", "By the day on which they came."),
            bars: services,
        },
        Chart {
            title: Text::new("办理结果", "How they ended"),
            unit: unit(),
            note: Text::new(
                "同一年收到的办件，到统计时的结果。",
                "Of the cases that came in the year, as they stand now.",
            ),
            bars: outcomes,
        },
    ]
}

/// The party of a word, as the packs write it.
pub(crate) fn party(word: &str) -> Option<Party> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}

fn figures(numbers: &Numbers) -> Vec<Figure> {
    if numbers.cases.is_empty() {
        return Vec::new();
    }
    let sum = |which: &dyn Fn(&CaseCount) -> bool| -> u64 {
        numbers.cases.iter().filter(|c| which(c)).fold(0, |sum, c| sum.saturating_add(c.count))
    };
    let ours = |states: &[&str]| -> u64 {
        let bound = |c: &&ClockCount| party(&c.binds).is_some_and(is_ours) && states.contains(&c.state.as_str());
        numbers.clocks.iter().filter(bound).fold(0, |sum, c| sum.saturating_add(c.count))
    };
    vec![
        Figure { label: Text::new("收到", "came"), value: sum(&|_| true) },
        // What came is what is decided, withdrawn and under way, as in the chart of outcomes.
        Figure { label: Text::new("已作出决定", "decided"), value: sum(&|c| c.outcome.is_some()) },
        Figure {
            label: Text::new("撤回、终止", "withdrawn or ended"),
            value: sum(&|c| c.outcome.is_none() && c.closed),
        },
        Figure {
            label: Text::new("在办，还没有决定", "under way, not decided"),
            value: sum(&|c| c.outcome.is_none() && !c.closed),
        },
        Figure {
            label: Text::new("本机关按期完成的期限", "terms that this office kept"),
            value: ours(&[ClockState::IN_TIME]),
        },
        Figure {
            label: Text::new("本机关逾期的期限", "terms that this office missed"),
            value: ours(&ClockState::LATE),
        },
    ]
}

fn period(year: i16) -> Text {
    Text::of(
        format!("{year}年1月1日至12月31日收到的办件"),
        format!("Cases that came from 1 January to 31 December {year}"),
    )
}

/// `GET /public/statistics?year=`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let year = year_of(&call);
    let numbers = numbers(&call, year).await?;
    let packs = call.site().gate().packs();
    let choice = |one: i16| {
        let label = Text::of(format!("{one}年"), one.to_string());
        Choice::new(&format!("/public/statistics?year={one}"), label, one == year)
    };
    let page = StatisticsPage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::None,
        period: period(year),
        years: years(call.now().shanghai_date()).into_iter().map(choice).collect(),
        figures: figures(&numbers),
        charts: charts(packs, &numbers),
        counted: numbers.at,
        csv: format!("/public/statistics.csv?year={year}"),
    };
    open_page(&call, &page)
}

fn lines(packs: &Packs, numbers: &Numbers) -> Vec<Line> {
    let of_cases = numbers.cases.iter().map(|c| Line {
        what: name_of(packs, &c.procedure),
        of: outcome_name(packs, c),
        value: c.count,
    });
    let whole =
        figures(numbers)
            .into_iter()
            .map(|f| Line { what: Text::new("合计", "together"), of: f.label, value: f.value });
    of_cases.chain(whole).collect()
}

/// `GET /public/statistics.csv?year=`.
pub(crate) async fn csv(call: Call) -> Reply {
    of(&call)?;
    let year = year_of(&call);
    let numbers = numbers(&call, year).await?;
    let l = call.lang;
    let mut out = MARK.to_owned();
    out.push_str(&csv_line([l.t("年", "year"), l.t("事项", "service"), l.t("结果", "outcome"), l.t("件数", "count")]));
    for line in lines(call.site().gate().packs(), &numbers) {
        let (year, value) = (year.to_string(), line.value.to_string());
        out.push_str(&csv_line([year.as_str(), line.what.get(l), line.of.get(l), &value]));
    }
    let mut answer = body(StatusCode::OK, "text/csv; charset=utf-8", out);
    attach(&mut answer, &format!("statistics-{year}.csv"));
    keep(&call, &mut answer);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(closed: bool, outcome: Option<&str>, count: u64) -> CaseCount {
        CaseCount { procedure: "area_approval".into(), outcome: outcome.map(str::to_owned), closed, count }
    }

    fn some() -> Numbers {
        let clock = |binds: &str, state: &str, count| ClockCount { binds: binds.into(), state: state.into(), count };
        Numbers {
            at: UtcMs(0),
            cases: vec![
                counted(true, Some("approved"), 3),
                counted(false, Some("approved"), 4),
                counted(false, None, 2),
                counted(true, None, 1),
            ],
            clocks: vec![
                clock("police_local", "met", 5),
                clock("police_local", "met_late", 1),
                clock("police_local", "missed", 1),
                clock("police_local", "lapsed", 1),
                clock("police_local", "passed", 7),
                clock("anyone", "missed", 9),
                clock("no party", "met", 9),
            ],
        }
    }

    #[test]
    fn the_numbers_of_a_page_add_up() {
        let numbers = some();
        let values: Vec<u64> = figures(&numbers).iter().map(|f| f.value).collect();
        assert_eq!(values, [10, 7, 1, 2, 5, 3], "what came adds up, and only the office's own terms count");
        let packs = Packs::embedded().unwrap();
        for chart in charts(&packs, &numbers) {
            assert_eq!(chart.sum(), 10);
            assert!(chart.bars.windows(2).all(|two| two[0].value >= two[1].value));
        }
        assert_eq!(lines(&packs, &numbers).len(), 4 + 6);
        let none = Numbers { at: UtcMs(0), cases: vec![], clocks: vec![] };
        assert!(figures(&none).is_empty() && charts(&packs, &none).is_empty());
    }
}
