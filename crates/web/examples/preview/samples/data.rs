//! Samples: search, numbers, places without a system and imports of those who work on cases: full, empty, with hostile words.

use super::super::pages::ask::Shown;
use super::super::pages::cases::Chip;
use super::super::pages::public::{BarLine, Chart, Figure};
use super::super::pages::staff::{
    ColumnLine, CoverLine, FindPage, FoundLine, GapLine, GapsPage, ImportsPage, LifeLine, LifePage, MonthBar,
    NumbersPage, RateChart, RateLine, RowFault, RowLine, Running, SystemChoice, WaitLine,
};
use super::public::Ink;
use super::*;

fn desk_bar(ink: Ink) -> AppBar {
    AppBar {
        site: ink.s("龙江市公安局"),
        user: Some(Signed { name: ink.s("赵承办"), role: ink.t("承办人", "case officer") }),
        can: Can { cases: true, log: true, ..Can::default() },
        recording: None,
        waiting: 0,
        demo: false,
        place: ink.s("中央大街 1 号"),
        on_duty: None,
        ..bar(Nav::Cases)
    }
}

fn find(l: Lang, ink: Ink) -> FindPage {
    FindPage {
        l,
        bar: desk_bar(ink),
        query: ink.s("示例广场"),
        of: "case".into(),
        kinds: vec![Choice::new("case", ink.t("办件", "cases"), true)],
        lines: vec![
            FoundLine {
                href: "/cases/c1".into(),
                title: ink.p("示例广场东入口"),
                number: ink.s("龙公技防〔2026〕7号"),
                note: ink.t("区域批准 · 在办", "area approval · running"),
                at: Some(ago(DAY)),
            },
            FoundLine { title: ink.p("示例商业"), ..FoundLine::default() },
        ],
        pager: Pager { next: Some("/cases/search?q=x&before=y".into()), ..Pager::default() },
        ..FindPage::default()
    }
}

fn rate(ink: Ink) -> RateChart {
    RateChart {
        title: ink.t("限期改正的按期改正率", "orders kept in time"),
        heads: vec![ink.t("按期改正", "in time"), ink.t("应计", "counted"), ink.t("逾期未了", "overdue")],
        lines: vec![
            RateLine {
                name: ink.t("合计", "all"),
                done: 3,
                of: 4,
                more: vec![1],
                length: 750,
                percent: "75%".into(),
                below: false,
            },
            RateLine {
                name: ink.t("示例分局", "example office"),
                more: vec![0],
                percent: "—".into(),
                below: true,
                ..RateLine::default()
            },
        ],
        note: ink.t("期限未到的不计入比率。", "What still runs is in no rate."),
        clauses: ink.cite().into_iter().collect(),
    }
}

fn numbers(l: Lang, ink: Ink) -> NumbersPage {
    let bar_line = |zh: &str, en: &str, value| BarLine { label: ink.t(zh, en), value };
    NumbersPage {
        l,
        bar: desk_bar(ink),
        offices: vec![Choice::new("o1", ink.t("示例分局", "sample office"), true)],
        office: ink.s("示例分局"),
        figures: vec![Figure { label: ink.t("在办", "under way"), value: 1_234 }],
        ages: vec![ink.t("2 周内", "up to 2 weeks"), ink.t("26 周以上", "over 26 weeks")],
        waiting: vec![WaitLine {
            name: ink.t("系统备案", "filing of a system"),
            href: "/cases?procedure=system_filing".into(),
            ages: vec![12, 0],
            sum: 12,
        }],
        chart: Chart { bars: vec![bar_line("系统备案", "filing of a system", 12)], ..Chart::default() },
        months: vec![MonthBar {
            month: ink.s("2026-11"),
            name: ink.t("11月", "Nov"),
            year: ink.s("2026"),
            counts: [3, 1, 2, 1],
            x: 10,
            parts: [(100, 100), (80, 20), (40, 40), (0, 40)],
        }],
        inspections: Chart {
            title: ink.t("今年的检查和改正", "Inspections of this year"),
            unit: ink.t("件", "cases"),
            note: ink.t("按立案的日子统计。", "By the day of opening."),
            bars: vec![bar_line("抽取", "drawn", 40), bar_line("已检查", "visited", 31)],
        },
        rates: vec![rate(ink)],
        coverage: vec![CoverLine {
            name: ink.t("应当安装的单位和场所", "places that must install"),
            href: "/statistics/gaps?register=units".into(),
            places: 8,
            covered: 6,
            doubtful: 1,
            gaps: 1,
            length: 750,
            doubt: 125,
            percent: "75%".into(),
            clauses: ink.cite().into_iter().collect(),
            below: false,
        }],
        uncompared: 12,
        csv: "/statistics/all.csv".into(),
        counted: ago(MIN),
        every: vec![Choice::new("half_year", ink.t("每半年", "each half of a year"), true)],
    }
}

fn gaps(l: Lang, ink: Ink) -> GapsPage {
    let chip = Chip {
        href: "/statistics/gaps?register=units".into(),
        label: ink.t("应当安装的单位和场所", "places that must install"),
        count: 2,
        uncounted: false,
        chosen: true,
        loud: false,
    };
    GapsPage {
        l,
        bar: desk_bar(ink),
        name: ink.t("应当安装的单位和场所", "places that must install"),
        tabs: vec![chip.clone()],
        classes: vec![Chip { label: ink.t("待核实", "to be settled"), ..chip }],
        class: ink.t("待核实", "to be settled"),
        clauses: ink.cite().into_iter().collect(),
        uncompared: 3,
        lines: vec![GapLine {
            href: "/registers/units/R-1/life".into(),
            name: ink.s("示例加油站"),
            row: ink.s("旧登〔2019〕1号"),
            from: "2019-03-01".into(),
            office: ink.s("示例分局"),
            entry: 77,
        }],
        pager: Pager { next: Some("/statistics/gaps?register=units&before=77".into()), ..Pager::default() },
        csv: "/statistics/gaps.csv?register=units".into(),
    }
}

fn past(l: Lang, ink: Ink) -> LifePage {
    let line = |what: (&str, &str), link: (&str, &str)| LifeLine {
        on: "2026-03-02".into(),
        what: ink.t(what.0, what.1),
        outcome: ink.t("已备案。", "Filed."),
        number: ink.s("示公技防〔2026〕1号"),
        href: "/cases/c1".into(),
        link: ink.t(link.0, link.1),
    };
    let choice = SystemChoice {
        row: "R-2".into(),
        name: ink.s("示例广场视频系统"),
        number: ink.s("1a2b3c4d"),
        href: "/registers/systems/R-2".into(),
        chosen: true,
    };
    LifePage {
        l,
        bar: desk_bar(ink),
        register: (ink.t("应当安装的单位和场所", "places that must install"), "/registers/units".into()),
        number: (ink.s("旧登〔2019〕1号"), "/registers/units/R-1".into()),
        title: ink.s("示例加油站"),
        state: ink.state(Mark::Attention, "待核实", "to be settled"),
        today: ink.t("可以使用：2026-03-02 验收合格。", "Usable: accepted on 2026-03-02."),
        mark: ink.state(Mark::Ok, "可以使用", "usable"),
        clauses: ink.cite().into_iter().collect(),
        places: vec![line(("示例加油站", "Example Station"), ("民警核实", "settled by an officer"))],
        own: vec![line(("公共安全视频系统备案", "filing of a system"), ("申报时指明", "named by its form"))],
        others: vec![line(("监督检查", "inspection"), ("", ""))],
        settle: "/registers/units/R-1/life".into(),
        systems: vec![choice],
        grounds: vec![Choice::new("visited", ink.t("到现场核实", "seen at the place"), false)],
        errors: FormErrors::default(),
    }
}

fn imports(l: Lang, ink: Ink) -> ImportsPage {
    ImportsPage {
        l,
        bar: desk_bar(ink),
        targets: vec![Choice::new("systems", ink.t("技防系统", "systems"), true)],
        into: "systems".into(),
        columns: vec![ColumnLine {
            name: ink.t("登记编号", "number of the row"),
            hint: ink.t("每行一个，不能重复。", "One a row and never twice."),
            required: true,
            public: true,
        }],
        template: "/imports/template?into=systems".into(),
        most_rows: 5_000,
        most_bytes: 4_000_000,
        ..ImportsPage::default()
    }
}

fn checked(l: Lang, ink: Ink) -> ImportsPage {
    ImportsPage {
        checked: true,
        sha256: hash(9),
        head: vec![ink.t("登记编号", "number of the row")],
        rows: vec![RowLine { line: 2, cells: vec![ink.t("旧-1", "old-1")] }],
        row_count: 1,
        ..imports(l, ink)
    }
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        put(out, &ink.name("cases-search"), &find(l, ink));
        put(out, &ink.name("statistics"), &numbers(l, ink));
        put(out, &ink.name("statistics-gaps"), &gaps(l, ink));
        put(out, &ink.name("staff-life"), &past(l, ink));
        let unknown = LifePage { settle: String::new(), own: vec![], others: vec![], places: vec![], ..past(l, ink) };
        put(out, &ink.name("staff-life-unknown"), &unknown);
        put(out, &ink.name("imports"), &imports(l, ink));
        put(out, &ink.name("imports-checked"), &checked(l, ink));
        let fault = RowFault {
            line: 3,
            column: ink.t("统一社会信用代码", "unified social credit code"),
            what: ink.t("校验位不对。", "The check digit is wrong."),
            next: ink.t("请核对后更正。", "Compare and correct it."),
        };
        let faulty = ImportsPage { faults: vec![fault], fault_count: 1, ..checked(l, ink) };
        put(out, &ink.name("imports-faults"), &faulty);
        let ended = Some(ink.state(Mark::Warning, "没有导入。", "Nothing was imported."));
        put(out, &ink.name("imports-ended"), &ImportsPage { ended, ..imports(l, ink) });
    }
    let ink = Ink { hostile: false };
    let running = Some(Running { done: 300, total: 5_000 });
    put(out, "imports-running", &ImportsPage { running, ..imports(l, ink) });
    let mut errors = FormErrors::default();
    errors.push("file", t("请选择登记和文件。", "Choose a register and a file."));
    put(out, "imports-errors", &ImportsPage { errors, ..imports(l, ink) });
    put(out, "cases-search-empty", &FindPage { l, bar: desk_bar(ink), ..FindPage::default() });
    let wrong = t("请输入至少两个相连的字。", "Enter two signs that stand together.");
    put(out, "cases-search-wrong", &FindPage { wrong, ..FindPage { l, bar: desk_bar(ink), ..FindPage::default() } });
    put(out, "statistics-empty", &NumbersPage { l, bar: desk_bar(ink), ..NumbersPage::default() });
    put(out, "statistics-gaps-empty", &GapsPage { l, bar: desk_bar(ink), ..GapsPage::default() });
    put(out, "imports-empty", &ImportsPage { l, bar: desk_bar(ink), ..ImportsPage::default() });
    let many = (0..50).map(|n| FoundLine { title: Shown(format!("示例 {n}")), ..FoundLine::default() });
    put(out, "cases-search-full", &FindPage { lines: many.collect(), ..find(l, ink) });
}
