//! Numbers for those who work here: what waits, whether days are kept, inspections, places without a system; as a page and as files.
//!
//! ```text
//! office within reach ─▶ counted lately? ─▶ the same numbers · else Authority::count ─▶ charts with their tables · CSV
//! ```
//! Always true: whose numbers are shown is said by the corridor; what was counted is kept for some minutes and says when it was counted; no number
//! names a person.

use super::inbox::{by, of};
use super::register_files::{MARK, csv_line};
use super::staff_life::life_page_of;
use crate::answer::{Reply, attach, body, page};
use crate::call::Call;
use crate::pages::cases::Chip;
use crate::pages::public::{BarLine, Chart, Figure};
use crate::pages::staff::{CoverLine, GapLine, GapsPage, MonthBar, NumbersPage, RateChart, RateLine, WaitLine};
use crate::pages::{Choice, Nav, Pager};
use authority::By;
use authority::cases::numbers::{AGE_WEEKS, Coverage, Dashboard, Inspections, Month, Waiting, name_of};
use authority::cases::{Classes, Corrections, Every, Inspected, Kept as OrdersKept, Share};
use axum::http::StatusCode;
use base::{Citation, ClauseId, MonoMs, OfficeId, Refusal, Text};
use domain::access::Permission;
use law::Packs;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::casework::Territory;
use store::casework::registers::RowVersion;
use store::casework::spots::{Class, PAGE};

/// For how long what was counted is shown, ms.
const COUNTED_MS: u64 = 600_000;
/// Most offices whose numbers are kept; the oldest make room.
const KEPT: usize = 200;
/// Most lines of a file of places; a last line says when there are more.
const FILE_LINES: usize = 20_000;
/// Gaps of one page.
const LINES: u32 = 50;
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

/// A line of a rate; of nothing there is none.
fn rate_line(name: Text, (done, of): (u64, u64), more: Vec<u64>, below: bool) -> RateLine {
    let share = |whole: u128| u64::try_from(u128::from(done.min(of)) * whole / u128::from(of.max(1))).unwrap_or(0);
    RateLine {
        name,
        done,
        of,
        more,
        length: share(1_000),
        percent: if of == 0 { "—".to_owned() } else { format!("{}%", share(100)) },
        below,
    }
}

/// What an office is called in a chart.
fn called(names: &HashMap<OfficeId, String>, office: Option<OfficeId>) -> Text {
    let name = office.and_then(|id| names.get(&id)).cloned();
    name.map_or_else(|| Text::new("没有写明机关", "no office named"), |n| Text::of(n.clone(), n))
}

fn all_of_it() -> Text {
    Text::new("合计", "all")
}

/// Orders to correct that were kept, for all and by office.
fn kept_chart(packs: &Packs, names: &HashMap<OfficeId, String>, found: &Corrections) -> RateChart {
    let line = |name: Text, kept: &OrdersKept, below: bool| {
        rate_line(name, (kept.in_time, kept.over()), vec![kept.late, kept.overdue, kept.open], below)
    };
    let mut lines = vec![line(all_of_it(), &found.all, false)];
    if found.offices.len() > 1 {
        lines.extend(found.offices.iter().map(|(office, kept)| line(called(names, *office), kept, true)));
    }
    RateChart {
        title: Text::new("限期改正的按期改正率（今年到期）", "Orders to correct kept in time (last day in this year)"),
        heads: vec![
            Text::new("按期改正", "in time"),
            Text::new("应计", "counted"),
            Text::new("逾期改正或者没有改正", "late or never"),
            Text::new("逾期未了", "overdue"),
            Text::new("期限未到", "running"),
        ],
        lines,
        note: Text::new(
            "延长过的按延长后的期限；转处罚的计为没有改正；期限未到的不计入比率。",
            "With more time given, the longer one counts; what went on to a penalty was not corrected; what still runs is in no rate.",
        ),
        clauses: cited(packs, &found.clauses),
    }
}

/// Places of a register that were inspected, by kind and by office.
fn inspected_chart(packs: &Packs, names: &HashMap<OfficeId, String>, found: &Inspected) -> RateChart {
    let line = |name: Text, share: &Share, below: bool| rate_line(name, (share.done, share.of), Vec::new(), below);
    let mut lines = vec![line(all_of_it(), &found.all, false)];
    lines.extend(found.kinds.iter().map(|(kind, share)| line(kind.clone(), share, true)));
    if found.offices.len() > 1 {
        lines.extend(found.offices.iter().map(|(office, share)| line(called(names, *office), share, true)));
    }
    RateChart {
        title: Text::of(
            format!("今年检查覆盖率：{}", found.name.zh),
            format!("Inspected this year: {}", found.name.en),
        ),
        heads: vec![Text::new("已检查", "inspected"), Text::new("登记在册", "registered")],
        lines,
        note: Text::new(
            "按计划抽中并检查过的，或者当事人在册只有这一处并检查过的，计为已检查；分母是今天有效的登记。",
            "Inspected is a place that was drawn by a plan and visited, or the only registered place of a party that was; all are the rows in force today.",
        ),
        clauses: cited(packs, &found.clauses),
    }
}

fn rates(packs: &Packs, names: &HashMap<OfficeId, String>, all: &Dashboard) -> Vec<RateChart> {
    let inspected = all.inspected.iter().map(|one| inspected_chart(packs, names, one));
    [kept_chart(packs, names, &all.corrections)].into_iter().chain(inspected).collect()
}

/// A line of places: of a register, or of an office in it.
fn cover_line((name, href): (Text, String), classes: &Classes) -> CoverLine {
    let all = classes.sum();
    let share = |n: u64, of: u128| u64::try_from(u128::from(n) * of / u128::from(all.max(1))).unwrap_or(0);
    CoverLine {
        name,
        href,
        places: all,
        covered: classes.covered,
        doubtful: classes.doubtful,
        gaps: classes.open,
        length: share(classes.covered, 1_000),
        doubt: share(classes.doubtful, 1_000),
        percent: if all == 0 { String::new() } else { format!("{}%", share(classes.covered, 100)) },
        clauses: Vec::new(),
        below: false,
    }
}

/// Clauses as pages cite them.
fn cited(packs: &Packs, clauses: &[ClauseId]) -> Vec<Citation> {
    clauses.iter().filter_map(|id| packs.cite(id)).collect()
}

/// The lines of a register: its own, then one for each office where there are several.
fn cover_lines(packs: &Packs, names: &HashMap<OfficeId, String>, of: Territory, found: &Coverage) -> Vec<CoverLine> {
    let here = |office: Option<OfficeId>| {
        let query = office.map(|id| format!("&office={id}")).unwrap_or_default();
        format!("/statistics/gaps?register={}{query}", found.register)
    };
    let own = cover_line((found.name.clone(), here(chosen(of))), &found.classes);
    let mut out = vec![CoverLine { clauses: cited(packs, &found.clauses), ..own }];
    if found.offices.len() > 1 {
        for (office, classes) in &found.offices {
            let href = office.map(|id| here(Some(id))).unwrap_or_default();
            out.push(CoverLine { below: true, ..cover_line((called(names, *office), href), classes) });
        }
    }
    out
}

fn figures(all: &Dashboard) -> Vec<Figure> {
    let waiting = all.waiting.iter().fold(0_u64, |n, w| n.saturating_add(sum(&w.ages)));
    let of = |part: &dyn Fn(&Month) -> u64| all.months.iter().fold(0_u64, |n, m| n.saturating_add(part(m)));
    let gaps = all.coverage.iter().fold(0_u64, |n, c| n.saturating_add(c.classes.open));
    let doubtful = all.coverage.iter().fold(0_u64, |n, c| n.saturating_add(c.classes.doubtful));
    let figure = |zh: &'static str, en: &'static str, value| Figure { label: Text::new(zh, en), value };
    vec![
        figure("在办", "under way", waiting),
        figure("将到期的期限", "terms that are near", of(&|m| m.near)),
        figure("按期完成", "kept in time", of(&|m| m.met)),
        figure("逾期", "missed", of(&|m| m.over)),
        figure("承诺已过", "promises that went by", all.beside.past.into()),
        figure("久无进展", "nothing done for long", all.beside.lying.into()),
        figure("没有系统的场所", "places without a system", gaps),
        figure("待核实的场所", "places to be settled", doubtful),
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
    let (packs, names) = (call.site().gate().packs(), office_names(&call).await?);
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
        rates: rates(packs, &names, &all),
        coverage: all.coverage.iter().flat_map(|c| cover_lines(packs, &names, all.territory, c)).collect(),
        uncompared: all.uncompared,
        csv: format!("/statistics/all.csv?{}", office_query(chosen(all.territory))),
        counted: all.counted,
        every,
    })
}

/// `GET /statistics/all.csv?office=`.
pub(crate) async fn csv(call: Call) -> Reply {
    of(&call)?;
    let all = counted(&call, by(&call)?).await?;
    let (l, packs, names) = (call.lang, call.site().gate().packs(), office_names(&call).await?);
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
    for rate in rates(packs, &names, &all) {
        for one in &rate.lines {
            for (head, n) in rate.heads.iter().zip([one.done, one.of].into_iter().chain(one.more.iter().copied())) {
                line(rate.title.get(l), one.name.get(l), head.get(l), n);
            }
        }
    }
    for found in &all.coverage {
        let mut places = |item: &str, classes: &Classes| {
            let table = l.t("应当安装", "must have a system");
            line(table, item, l.t("今天有效", "in force"), classes.sum());
            for class in Class::ALL {
                line(table, item, class.name().get(l), count_of(classes, class));
            }
        };
        places(found.name.get(l), &found.classes);
        for (office, classes) in &found.offices {
            let office = office.and_then(|id| names.get(&id)).map_or("", String::as_str);
            places(&format!("{} · {office}", found.name.get(l)), classes);
        }
    }
    line(l.t("应当安装", "must have a system"), l.t("还没有比对的登记", "rows not compared yet"), "", all.uncompared);
    let mut answer = body(StatusCode::OK, "text/csv; charset=utf-8", out);
    attach(&mut answer, &format!("statistics-{}.csv", all.counted.shanghai_date()));
    Ok(answer)
}

const fn count_of(classes: &Classes, class: Class) -> u64 {
    match class {
        Class::Covered => classes.covered,
        Class::Doubtful => classes.doubtful,
        Class::Open => classes.open,
    }
}

fn gap_line(row: &RowVersion, offices: &HashMap<OfficeId, String>) -> GapLine {
    GapLine {
        href: life_page_of(&row.register, &row.row),
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

/// `GET /statistics/gaps?register=&class=&office=&before=`.
pub(crate) async fn gaps(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let all = counted(&call, who).await?;
    let (register, name) = register_of(&call, &all);
    let class = Class::parse(call.query.get("class")).unwrap_or(Class::Open);
    let before = call.query.get("before").parse::<u64>().ok();
    let rows =
        authority.places_of_class(who, (register.as_str(), class), chosen(all.territory), (before, LINES)).await?;
    let names = office_names(&call).await?;
    let office = chosen(all.territory).map(|id| format!("&office={id}")).unwrap_or_default();
    let here =
        |register: &str, class: Class| format!("/statistics/gaps?register={register}&class={}{office}", class.code());
    let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= LINES;
    let chip = |label: Text, href: String, count: u64, chosen: bool| Chip {
        href,
        label,
        count,
        uncounted: false,
        chosen,
        loud: false,
    };
    let found = all.coverage.iter().find(|c| c.register == register);
    let classes = found.map(|c| c.classes).unwrap_or_default();
    let tab = |c: &Coverage| {
        chip(c.name.clone(), here(&c.register, class), count_of(&c.classes, class), c.register == register)
    };
    let kind = |one: Class| chip(one.name(), here(&register, one), count_of(&classes, one), one == class);
    page(&GapsPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        name,
        tabs: all.coverage.iter().map(tab).collect(),
        classes: Class::ALL.into_iter().map(kind).collect(),
        class: class.name(),
        clauses: found.map(|c| cited(call.site().gate().packs(), &c.clauses)).unwrap_or_default(),
        uncompared: all.uncompared,
        lines: rows.iter().map(|row| gap_line(row, &names)).collect(),
        pager: Pager {
            previous: before.map(|_| here(&register, class)),
            next: rows.last().filter(|_| full).map(|row| format!("{}&before={}", here(&register, class), row.entry)),
            shown: Text::default(),
        },
        csv: format!("/statistics/gaps.csv?register={register}{office}"),
    })
}

/// `GET /statistics/gaps.csv?register=&office=`: all places with their class, what somebody has to do first; its entry before its first byte.
pub(crate) async fn gaps_csv(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let all = counted(&call, who).await?;
    let (register, _) = register_of(&call, &all);
    let (names, l) = (office_names(&call).await?, call.lang);
    // It is a copy of a register, also of what has no system: it leaves after its entry, as every other copy does.
    if let Some(found) = all.coverage.iter().find(|c| c.register == register) {
        let filter = serde_json::json!({ "list": "places", "office": chosen(all.territory) });
        authority.enter_export(who, &register, &filter, found.classes.sum()).await?;
    }
    let mut out = MARK.to_owned();
    let head = [
        l.t("结论", "class"),
        l.t("名称", "name"),
        l.t("登记编号", "row"),
        l.t("有效期自", "since"),
        l.t("机关", "office"),
    ];
    out.push_str(&csv_line(head));
    let (mut lines, mut cut) = (0_usize, false);
    for class in [Class::Open, Class::Doubtful, Class::Covered] {
        let (mut before, name) = (None, class.name());
        loop {
            let asked = (register.as_str(), class);
            let rows = authority.places_of_class(who, asked, chosen(all.territory), (before, PAGE)).await?;
            for line in rows.iter().map(|row| gap_line(row, &names)) {
                out.push_str(&csv_line([name.get(l), line.name.as_str(), &line.row, &line.from, &line.office]));
            }
            lines += rows.len();
            before = rows.last().map(|row| row.entry);
            if rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                break;
            }
            if lines >= FILE_LINES {
                cut = true;
                break;
            }
        }
    }
    if cut {
        let told =
            l.t("本文件没有列完，余下的请按机关分别下载。", "This file is cut off: take the rest office by office.");
        out.push_str(&csv_line([told, "", "", "", ""]));
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
    use store::casework::waiting::WaitingCounts;

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
        let line = |covered, doubtful, open| {
            cover_line((Text::default(), String::new()), &Classes { covered, doubtful, open })
        };
        let some = line(6, 1, 1);
        assert_eq!((some.covered, some.length, some.doubt, some.percent.as_str()), (6, 750, 125, "75%"));
        assert_eq!(line(0, 0, 0).percent, "");
        assert_eq!(line(0, 2, 0).percent, "0%", "two places of which none is covered");
        let most = line(u64::MAX, 0, 1);
        assert!(most.length <= 1_000);
    }

    #[test]
    fn a_rate_of_nothing_is_a_dash_and_never_zero() {
        let told = |done, of| rate_line(Text::default(), (done, of), vec![], false).percent;
        assert_eq!([told(0, 0), told(0, 4), told(1, 3), told(4, 4)], ["—", "0%", "33%", "100%"]);
        assert_eq!(rate_line(Text::default(), (u64::MAX, u64::MAX), vec![], false).length, 1_000);
        let packs = Packs::embedded().unwrap();
        let kept = OrdersKept { in_time: 3, late: 1, overdue: 0, open: 9 };
        let found = Corrections { all: kept, offices: vec![(None, kept)], clauses: vec![ClauseId("B-31-1".into())] };
        let chart = kept_chart(&packs, &HashMap::new(), &found);
        assert_eq!((chart.lines.len(), chart.lines[0].percent.as_str(), chart.clauses.len()), (1, "75%", 1));
        assert!(chart.lines.iter().all(|line| line.more.len() + 2 == chart.heads.len()), "a number for each head");
        let share = Share { done: 1, of: 4 };
        let found = Inspected {
            register: "units".into(),
            name: Text::new("单位", "units"),
            all: share,
            kinds: vec![(Text::new("重点单位", "key units"), share)],
            offices: vec![(None, share), (Some(OfficeId::new(1, [0; 10])), share)],
            clauses: vec![],
        };
        let chart = inspected_chart(&packs, &HashMap::new(), &found);
        assert_eq!((chart.lines.len(), chart.lines[0].percent.as_str()), (4, "25%"));
        assert!(!chart.lines[0].below && chart.lines[1].below);
    }

    #[test]
    fn a_register_has_a_line_of_its_own_and_one_for_each_office() {
        let packs = Packs::embedded().unwrap();
        let ids = [1, 2].map(|n| OfficeId::new(n, [0; 10]));
        let classes = Classes { covered: 1, doubtful: 0, open: 1 };
        let found = |offices: &[OfficeId]| Coverage {
            register: "units".into(),
            name: Text::new("单位", "units"),
            clauses: vec![ClauseId("B-13-1".into())],
            classes,
            offices: offices.iter().map(|id| (Some(*id), classes)).collect(),
        };
        let names = HashMap::from([(ids[0], "甲局".to_owned())]);
        let lines = cover_lines(&packs, &names, Territory::All, &found(&ids));
        assert_eq!(lines.len(), 3);
        assert!(!lines[0].below && lines[0].clauses.len() == 1 && lines[1].below && lines[1].clauses.is_empty());
        assert!(lines[1].href.ends_with(&format!("&office={}", ids[0])) && &*lines[1].name.zh == "甲局");
        assert_eq!(cover_lines(&packs, &names, Territory::All, &found(&ids[..1])).len(), 1, "one office says the same");
    }

    #[test]
    fn what_was_counted_is_counted_anew_and_the_oldest_makes_room() {
        let all = || {
            Arc::new(Dashboard {
                counted: UtcMs(0),
                territory: Territory::All,
                waiting: vec![],
                beside: WaitingCounts::default(),
                months: vec![],
                inspections: Inspections::default(),
                corrections: Corrections::default(),
                inspected: vec![],
                coverage: vec![],
                uncompared: 0,
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
