//! Numbers for those who work here: what waits, whether days are kept, inspections, places without a system; as a page and as files.
//!
//! ```text
//! office within reach ─▶ counted lately? ─▶ the same numbers · else Authority::count ─▶ charts with their tables · CSV
//! ```
//! Always true: whose numbers are shown is said by the corridor; what was counted is kept for some minutes and says when it was counted; no number
//! names a person.

use super::inbox::{by, of};
use super::register_files::{MARK, csv_line};
use crate::answer::{Reply, attach, body, page};
use crate::call::Call;
use crate::pages::cases::Chip;
use crate::pages::public::{BarLine, Chart, Figure};
use crate::pages::staff::{CoverLine, GapLine, GapsPage, MonthBar, NumbersPage, WaitLine};
use crate::pages::{Choice, Nav, Pager};
use authority::By;
use authority::cases::Every;
use authority::cases::numbers::{AGE_WEEKS, Coverage, Dashboard, Inspections, Month, Waiting, name_of};
use axum::http::StatusCode;
use base::{MonoMs, OfficeId, Refusal, Text};
use domain::access::Permission;
use law::Packs;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::casework::Territory;
use store::casework::registers::RowVersion;
use store::casework::staff_counts::PAGE;

/// For how long what was counted is shown, ms.
const COUNTED_MS: u64 = 600_000;
/// Most offices whose numbers are kept; the oldest make room.
const KEPT: usize = 200;
/// Gaps of one page, and of a file.
const LINES: u32 = 50;
const FILE_LINES: usize = 20_000;
/// Sides of the drawing of months, in its units, and the width that one has.
const HEIGHT: u64 = 200;
const STEP: u64 = 80;

/// When it was counted, and what.
type Counted = (MonoMs, Arc<Dashboard>);

/// What was counted lately, by territory.
#[derive(Default)]
pub(crate) struct Kept(Mutex<HashMap<Territory, Counted>>);

impl Kept {
    fn get(&self, of: Territory, now: MonoMs) -> Option<Arc<Dashboard>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&of).filter(|(at, _)| now.since(*at) < COUNTED_MS).map(|(_, all)| Arc::clone(all))
    }

    fn put(&self, of: Territory, now: MonoMs, all: Arc<Dashboard>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (at, _)| now.since(*at) < COUNTED_MS);
        if kept.len() >= KEPT
            && let Some(oldest) = kept.iter().min_by_key(|(_, (at, _))| at.0).map(|(of, _)| *of)
        {
            kept.remove(&oldest);
        }
        kept.insert(of, (now, all));
    }
}

async fn counted(call: &Call, who: By) -> Result<Arc<Dashboard>, Refusal> {
    let authority = of(call)?;
    let asked = OfficeId::parse(call.query.get("office"));
    let of = authority.territory_of_numbers(who, asked).await?;
    let now = call.site().now().mono;
    if let Some(kept) = call.app.staff_counted.get(of, now) {
        return Ok(kept);
    }
    let all = Arc::new(authority.count(who, asked).await?);
    call.app.staff_counted.put(of, now, Arc::clone(&all));
    Ok(all)
}

/// The office that is shown alone; none: all that the reader sees.
const fn chosen(of: Territory) -> Option<OfficeId> {
    match of {
        Territory::Office(id) => Some(id),
        Territory::All | Territory::Under(_) => None,
    }
}

fn office_query(office: Option<OfficeId>) -> String {
    office.map(|id| format!("office={id}")).unwrap_or_default()
}

fn ages() -> Vec<Text> {
    let [new, middle, old] = AGE_WEEKS;
    vec![
        Text::of(format!("{new} 周内"), format!("up to {new} weeks")),
        Text::of(format!("{new}–{middle} 周"), format!("{new}–{middle} weeks")),
        Text::of(format!("{middle}–{old} 周"), format!("{middle}–{old} weeks")),
        Text::of(format!("{old} 周以上"), format!("over {old} weeks")),
    ]
}

fn sum(ages: &[u64]) -> u64 {
    ages.iter().fold(0, |sum, n| sum.saturating_add(*n))
}

fn wait_line(packs: &Packs, waiting: &Waiting) -> WaitLine {
    WaitLine {
        name: name_of(packs, &waiting.procedure),
        href: format!("/cases?procedure={}", waiting.procedure),
        ages: waiting.ages.to_vec(),
        sum: sum(&waiting.ages),
    }
}

/// A month of the year by its two digits, as short as a column is narrow; empty for what is none.
fn month_name(number: &str) -> Text {
    const ENGLISH: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let place = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let english = place.and_then(|n| ENGLISH.get(n));
    english.map_or_else(Text::default, |en| Text::of(format!("{}月", number.trim_start_matches('0')), *en))
}

/// The parts of a column from the bottom, on the scale of the highest one; whatever is there has at least one unit.
fn month_bars(months: &[Month]) -> Vec<MonthBar> {
    let of = |m: &Month| [m.met, m.near, m.running, m.over];
    let most = months.iter().map(|m| sum(&of(m))).max().unwrap_or(0);
    let length = |n: u64| -> u64 {
        if n == 0 || most == 0 {
            return 0;
        }
        let scaled = u128::from(n) * u128::from(HEIGHT) / u128::from(most);
        u64::try_from(scaled).unwrap_or(HEIGHT).clamp(1, HEIGHT)
    };
    let bar = |(n, month): (u64, &Month)| {
        let mut top = HEIGHT;
        let parts = of(month).map(|count| {
            let height = length(count).min(top);
            top -= height;
            (top, height)
        });
        let (year, number) = month.month.split_once('-').unwrap_or_default();
        let has_year = n == 0 || number == "01";
        MonthBar {
            month: month.month.clone(),
            name: month_name(number),
            year: if has_year { year.to_owned() } else { String::new() },
            counts: of(month),
            x: n * STEP + 10,
            parts,
        }
    };
    (0..).zip(months).map(bar).collect()
}

fn inspections(found: &Inspections) -> Chart {
    let line = |zh: &'static str, en: &'static str, value| BarLine { label: Text::new(zh, en), value };
    let bars = vec![
        line("抽取", "drawn", found.drawn),
        line("已检查", "visited", found.visited),
        line("在办", "open", found.open),
        line("已改正", "corrected", found.corrected),
        line("逾期未改正", "not corrected in time", found.not_corrected),
    ];
    Chart {
        title: Text::new("今年的检查和改正", "Inspections and corrections of this year"),
        unit: Text::new("件", "cases"),
        note: Text::new(
            "按立案的日子统计；抽取数按抽取的日子统计。",
            "By the day on which a case was opened; drawn units by the day of their draw.",
        ),
        bars,
    }
}

fn cover_line(office: Option<OfficeId>, found: &Coverage) -> CoverLine {
    let covered = found.places.saturating_sub(found.gaps);
    let share = |of: u128| u128::from(covered) * of / u128::from(found.places.max(1));
    let query = office.map(|id| format!("&office={id}")).unwrap_or_default();
    CoverLine {
        name: found.name.clone(),
        href: format!("/statistics/gaps?register={}{query}", found.register),
        places: found.places,
        covered,
        gaps: found.gaps,
        length: u64::try_from(share(1_000)).unwrap_or(0),
        percent: if found.places == 0 { String::new() } else { format!("{}%", share(100)) },
    }
}

fn figures(all: &Dashboard) -> Vec<Figure> {
    let waiting = all.waiting.iter().fold(0_u64, |n, w| n.saturating_add(sum(&w.ages)));
    let of = |part: &dyn Fn(&Month) -> u64| all.months.iter().fold(0_u64, |n, m| n.saturating_add(part(m)));
    let gaps = all.coverage.iter().fold(0_u64, |n, c| n.saturating_add(c.gaps));
    let figure = |zh: &'static str, en: &'static str, value| Figure { label: Text::new(zh, en), value };
    vec![
        figure("在办", "under way", waiting),
        figure("将到期的期限", "terms that are near", of(&|m| m.near)),
        figure("按期完成", "kept in time", of(&|m| m.met)),
        figure("逾期", "missed", of(&|m| m.over)),
        figure("没有系统的场所", "places without a system", gaps),
    ]
}

/// Offices to choose from, for who sees several.
async fn offices(call: &Call, who: By, chosen: Option<OfficeId>) -> Result<Vec<Choice>, Refusal> {
    let rows = of(call)?.offices_to_choose(who).await?;
    Ok(rows.iter().map(|row| Choice::new(&row.id.to_string(), row.names(), Some(row.id) == chosen)).collect())
}

async fn office_name(call: &Call, of: Territory) -> Result<String, Refusal> {
    let Some(id) = of.office() else { return Ok(String::new()) };
    let name = call.site().store().office(id).await?.map(|o| o.called(call.lang).to_owned()).unwrap_or_default();
    Ok(match of {
        Territory::Under(_) => format!("{name}{}", call.lang.t("及下级机构", " and the offices under it")),
        Territory::All | Territory::Office(_) => name,
    })
}

/// `GET /statistics?office=`.
pub(crate) async fn show(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let all = counted(&call, who).await?;
    let packs = call.site().gate().packs();
    let waiting: Vec<WaitLine> = all.waiting.iter().map(|w| wait_line(packs, w)).collect();
    let bars = waiting.iter().map(|w| BarLine { label: w.name.clone(), value: w.sum }).collect();
    let every = if call.may(Permission::ApproveCases) {
        let set = authority.bulletin_every().await?;
        Every::ALL.iter().map(|e| Choice::new(e.code(), e.name(), *e == set)).collect()
    } else {
        Vec::new()
    };
    page(&NumbersPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        offices: offices(&call, who, chosen(all.territory)).await?,
        office: office_name(&call, all.territory).await?,
        figures: figures(&all),
        ages: ages(),
        waiting,
        chart: Chart { bars, ..Chart::default() },
        months: month_bars(&all.months),
        inspections: inspections(&all.inspections),
        coverage: all.coverage.iter().map(|c| cover_line(chosen(all.territory), c)).collect(),
        csv: format!("/statistics/all.csv?{}", office_query(chosen(all.territory))),
        counted: all.counted,
        every,
    })
}

/// `GET /statistics/all.csv?office=`.
pub(crate) async fn csv(call: Call) -> Reply {
    of(&call)?;
    let all = counted(&call, by(&call)?).await?;
    let (l, packs) = (call.lang, call.site().gate().packs());
    let mut out = MARK.to_owned();
    out.push_str(&csv_line([l.t("表", "table"), l.t("项目", "item"), l.t("分项", "part"), l.t("数", "count")]));
    let mut line = |table: &str, item: &str, part: &str, n: u64| {
        out.push_str(&csv_line([table, item, part, n.to_string().as_str()]));
    };
    for waiting in &all.waiting {
        let name = name_of(packs, &waiting.procedure);
        for (age, n) in ages().iter().zip(waiting.ages) {
            line(l.t("在办件", "under way"), name.get(l), age.get(l), n);
        }
    }
    for m in &all.months {
        let parts = [(l.t("按期", "kept"), m.met), (l.t("将到期", "near"), m.near)];
        for (part, n) in
            parts.into_iter().chain([(l.t("未到期", "running"), m.running), (l.t("逾期", "missed"), m.over)])
        {
            line(l.t("期限", "terms"), &m.month, part, n);
        }
    }
    for bar in inspections(&all.inspections).bars {
        line(l.t("检查", "inspections"), bar.label.get(l), "", bar.value);
    }
    for found in &all.coverage {
        line(l.t("应当安装", "must have a system"), found.name.get(l), l.t("今天有效", "in force"), found.places);
        line(l.t("应当安装", "must have a system"), found.name.get(l), l.t("缺口", "gaps"), found.gaps);
    }
    let mut answer = body(StatusCode::OK, "text/csv; charset=utf-8", out);
    attach(&mut answer, &format!("statistics-{}.csv", all.counted.shanghai_date()));
    Ok(answer)
}

fn gap_line(row: &RowVersion, offices: &HashMap<OfficeId, String>) -> GapLine {
    GapLine {
        name: row.name.clone(),
        row: row.row.clone(),
        from: row.from.to_string(),
        office: row.office.and_then(|id| offices.get(&id)).cloned().unwrap_or_default(),
        entry: row.entry,
    }
}

/// Names of all offices.
async fn office_names(call: &Call) -> Result<HashMap<OfficeId, String>, Refusal> {
    let offices = call.site().store().offices().await?;
    Ok(offices.iter().map(|o| (o.id, o.called(call.lang).to_owned())).collect())
}

/// The register that is asked for, else the first of places.
fn register_of(call: &Call, all: &Dashboard) -> (String, Text) {
    let asked = all.coverage.iter().find(|c| c.register == call.query.get("register"));
    asked.or(all.coverage.first()).map(|c| (c.register.clone(), c.name.clone())).unwrap_or_default()
}

/// `GET /statistics/gaps?register=&office=&before=`.
pub(crate) async fn gaps(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let all = counted(&call, who).await?;
    let (register, name) = register_of(&call, &all);
    let before = call.query.get("before").parse::<u64>().ok();
    let rows = authority.gaps(who, &register, chosen(all.territory), (before, LINES)).await?;
    let names = office_names(&call).await?;
    let office = chosen(all.territory).map(|id| format!("&office={id}")).unwrap_or_default();
    let here = format!("/statistics/gaps?register={register}{office}");
    let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= LINES;
    let chip = |c: &Coverage| Chip {
        href: format!("/statistics/gaps?register={}{office}", c.register),
        label: c.name.clone(),
        count: c.gaps,
        uncounted: false,
        chosen: c.register == register,
        loud: false,
    };
    page(&GapsPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        name,
        tabs: all.coverage.iter().map(chip).collect(),
        lines: rows.iter().map(|row| gap_line(row, &names)).collect(),
        pager: Pager {
            previous: before.map(|_| here.clone()),
            next: rows.last().filter(|_| full).map(|row| format!("{here}&before={}", row.entry)),
            shown: Text::default(),
        },
        csv: format!("/statistics/gaps.csv?register={register}{office}"),
    })
}

/// `GET /statistics/gaps.csv?register=&office=`.
pub(crate) async fn gaps_csv(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let all = counted(&call, who).await?;
    let (register, _) = register_of(&call, &all);
    let (names, l) = (office_names(&call).await?, call.lang);
    let mut out = MARK.to_owned();
    let head = [l.t("名称", "name"), l.t("登记编号", "row"), l.t("有效期自", "since"), l.t("机关", "office")];
    out.push_str(&csv_line(head));
    let (mut before, mut lines) = (None, 0_usize);
    while lines < FILE_LINES {
        let rows = authority.gaps(who, &register, chosen(all.territory), (before, PAGE)).await?;
        for line in rows.iter().map(|row| gap_line(row, &names)) {
            out.push_str(&csv_line([line.name.as_str(), &line.row, &line.from, &line.office]));
        }
        lines += rows.len();
        before = rows.last().map(|row| row.entry);
        if rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            break;
        }
    }
    let mut answer = body(StatusCode::OK, "text/csv; charset=utf-8", out);
    attach(&mut answer, &format!("gaps-{register}.csv"));
    Ok(answer)
}

/// `POST /statistics/bulletin`: `every`.
pub(crate) async fn bulletin(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let every = Every::parse(call.form.get("every")).ok_or_else(|| {
        Refusal::bad_input(
            "every",
            Text::new("请选择多久公布一次。", "Choose how often it comes."),
            Text::new("请重新选择。", "Choose again."),
        )
    })?;
    authority.set_bulletin_every(who, every).await?;
    call.done("/statistics", "bulletin_every")
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::UtcMs;

    fn month(met: u64, near: u64, running: u64, over: u64) -> Month {
        Month { month: "2026-01".into(), met, near, running, over }
    }

    #[test]
    fn columns_stand_on_one_scale_and_within_the_drawing() {
        let bars = month_bars(&[month(50, 0, 50, 100), month(1, 0, 0, 0), month(0, 0, 0, 0)]);
        assert_eq!(bars[0].parts, [(150, 50), (150, 0), (100, 50), (0, 100)]);
        assert_eq!(bars[1].parts[0], (199, 1), "what is there is seen");
        assert_eq!(bars[2].parts, [(200, 0); 4]);
        let named = |text: &str| Month { month: text.into(), ..Month::default() };
        let bars = month_bars(&[named("2025-11"), named("2025-12"), named("2026-01"), named("2026-02")]);
        let names: Vec<(&str, &str, &str)> = bars.iter().map(|b| (&*b.name.zh, &*b.name.en, b.year.as_str())).collect();
        let want = [("11月", "Nov", "2025"), ("12月", "Dec", ""), ("1月", "Jan", "2026"), ("2月", "Feb", "")];
        assert_eq!(names, want, "a column has its month under it");
        assert_eq!(month_bars(&[named("2026-13"), named("x")])[0].name, Text::default());
        let huge = month_bars(&[month(u64::MAX, u64::MAX, 1, 1)]);
        assert!(huge[0].parts.iter().all(|(top, height)| top + height <= HEIGHT));
        assert!(month_bars(&[]).is_empty());
    }

    #[test]
    fn what_is_covered_is_told_in_percent_and_nothing_of_nothing() {
        let of = |places, gaps| Coverage { register: "units".into(), name: Text::default(), places, gaps };
        let line = cover_line(None, &of(8, 2));
        assert_eq!((line.covered, line.length, line.percent.as_str()), (6, 750, "75%"));
        assert_eq!(cover_line(None, &of(0, 0)).percent, "");
    }

    #[test]
    fn what_was_counted_is_counted_anew_and_the_oldest_makes_room() {
        let all = || {
            Arc::new(Dashboard {
                counted: UtcMs(0),
                territory: Territory::All,
                waiting: vec![],
                months: vec![],
                inspections: Inspections::default(),
                coverage: vec![],
            })
        };
        let kept = Kept::default();
        kept.put(Territory::All, MonoMs(0), all());
        assert!(
            kept.get(Territory::All, MonoMs(COUNTED_MS - 1)).is_some()
                && kept.get(Territory::All, MonoMs(COUNTED_MS)).is_none()
        );
        for n in 0..=KEPT {
            let id = OfficeId::new(i64::try_from(n).unwrap(), [0; 10]);
            kept.put(Territory::Office(id), MonoMs(u64::try_from(n).unwrap() + 1), all());
        }
        assert_eq!(kept.0.lock().unwrap().len(), KEPT);
        assert!(kept.get(Territory::All, MonoMs(1)).is_none());
    }
}
