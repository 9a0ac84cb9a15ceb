//! Samples: plans of inspections at each stage, their form, and the public list; full, empty, with faults, with hostile words.

use super::super::pages::draw_plans::{
    BigStep, DrawPlanFields, DrawPlanFormPage, DrawPlanPage, DrawPlansPage, DrawnUnitLine, PlanCan, PlanLine,
    PublicDrawsPage, QuotaField,
};
use super::super::pages::public::PublicNav;
use super::public::{Ink, public_bar};
use super::*;

fn desk_bar(ink: Ink) -> AppBar {
    AppBar {
        site: ink.s("龙江市公安局"),
        user: Some(Signed { name: ink.s("周负责"), role: ink.t("审批负责人", "approver") }),
        can: Can { cases: true, log: true, ..Can::default() },
        recording: None,
        waiting: 0,
        demo: false,
        place: ink.s("中央大街 1 号"),
        on_duty: None,
        ..bar(Nav::Visits)
    }
}

fn plan(ink: Ink) -> PlanLine {
    PlanLine {
        word: "2026-1".into(),
        title: ink.s("2026年年度检查计划"),
        year: 2026,
        state: ink.state(Mark::Ok, "已抽取", "drawn"),
        published: "2026-03-02".into(),
        drawn: 42,
        opened: 40,
        visited: 12,
        inspected: ink.t("技防系统使用单位通用检查表", "General checklist for units that use a system"),
        often: ink.t("同一单位一年内至多2次。", "At most 2 visits of one unit in the year."),
    }
}

fn form(l: Lang, ink: Ink, errors: FormErrors) -> DrawPlanFormPage {
    let quota = |id: &str, count: &str, share: &str| QuotaField {
        id: id.into(),
        name: ink.t("技防系统", "systems"),
        count: count.into(),
        share: share.into(),
    };
    DrawPlanFormPage {
        l,
        bar: desk_bar(ink),
        f: DrawPlanFields {
            word: ink.s("2026-1"),
            year: "2026".into(),
            title: ink.s("2026年年度检查计划"),
            items: vec![Choice::new("general", ink.t("通用检查表", "general checklist"), true)],
            cap: "1".into(),
            quotas: vec![quota("systems", "10", ""), quota("units", "", "100")],
            inspectors_per_unit: "2".into(),
            max_per_inspector: "5".into(),
            rest_days: "180".into(),
            after_entries: "20".into(),
            draw_within_days: "10".into(),
            public_source: ink.s("双色球第2026030期开奖号码"),
            public_day: "2026-03-12".into(),
            public_hour: "21".into(),
            public_form: "rising 6 01-33 rising 1 01-16".into(),
            public_source_url: ink.s("https://example.cn/draws"),
            again_of: String::new(),
        },
        errors,
    }
}

fn unit(ink: Ink, place: u32, can: bool) -> DrawnUnitLine {
    DrawnUnitLine {
        unit: format!("S-{place}"),
        place,
        name: ink.s("龙江路商业广场"),
        register: ink.t("技防系统", "systems"),
        team: vec![("b7d81b833446".into(), ink.p("赵承办")), ("81cbd32bc977".into(), ink.p("钱承办"))],
        lack: Text::default(),
        gone: !can,
        case: "c1".into(),
        number: ink.s("龙公技防〔2026〕7号"),
        state: ink.state(Mark::Busy, "已批准，2026-03-20检查", "approved for 2026-03-20"),
        has_visit: can,
        may_ask: !can,
        may_approve: can,
        may_replace: can,
    }
}

fn one(l: Lang, ink: Ink, units: u32) -> DrawPlanPage {
    let step = |n: u32| BigStep { n, title: ink.t("公布计划", "Publish the plan"), done: n < 3, now: n == 3 };
    let without =
        DrawnUnitLine {
            team: vec![], lack: ink.t("申报回避的过多", "too many conflicts"), ..unit(ink, 9, true)
        };
    DrawPlanPage {
        l,
        bar: desk_bar(ink),
        plan: plan(ink),
        steps: (1..=3).map(step).collect(),
        now: ink.t("日志再增加7条记录后可以抽取。", "It can be drawn when the log has 7 more entries."),
        can: PlanCan { change: true, publish: true, keep_out: true, commit: true, draw: true, open: true, paper: true },
        changed_ms: 1_760_000_000_000,
        facts: vec![(ink.t("每户检查人员", "inspectors of a unit"), ink.t("2", "2"))],
        source: ink.s("双色球第2026030期开奖号码"),
        source_form: ink
            .t("6个01至33的数，由小到大；再1个01至16的数，由小到大", "6 of 01 to 33, rising; then 1 of 01 to 16"),
        caution: ink.t("种子只来自本机关的日志。", "The seed comes from the authority's own log alone."),
        pool_log: Some(900),
        committed: Some(ago(DAY)),
        commitment: hash(11),
        seed: hash(12),
        units: (1..=units).map(|n| unit(ink, n, n % 2 == 1)).chain([without]).collect(),
        reasons: vec![Choice::new("closed", ink.t("已歇业或注销", "closed or deregistered"), false)],
        pager: Pager { next: Some("/draws/2026-1?after=100".into()), ..Pager::default() },
    }
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        let list = DrawPlansPage {
            l,
            bar: desk_bar(ink),
            lines: vec![plan(ink), PlanLine { published: String::new(), ..plan(ink) }],
            pager: Pager { previous: Some("/draws".into()), ..Pager::default() },
            may_write: true,
        };
        put(out, &ink.name("draw-plans"), &list);
        let mut errors = FormErrors::default();
        errors.push("word", ink.t("请换一个编号。", "Choose another word."));
        errors.push("quota", ink.t("请写明抽取多少。", "Say how many are drawn."));
        put(out, &ink.name("draw-plan-new"), &form(l, ink, FormErrors::default()));
        put(out, &ink.name("draw-plan-new-faults"), &form(l, ink, errors));
        put(out, &ink.name("draw-plan"), &one(l, ink, 4));
        let public = PublicDrawsPage {
            l,
            bar: public_bar(ink, false),
            at: PublicNav::Notices,
            lines: vec![plan(ink)],
            pager: Pager::default(),
        };
        put(out, &ink.name("public-draws"), &public);
    }
    put(out, "draw-plan-full", &one(l, Ink { hostile: false }, 100));
    let plain = || AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(out, "draw-plans-empty", &DrawPlansPage { l, bar: plain(), ..DrawPlansPage::default() });
    put(out, "draw-plan-new-empty", &DrawPlanFormPage { l, bar: plain(), ..DrawPlanFormPage::default() });
    put(out, "draw-plan-empty", &DrawPlanPage { l, bar: plain(), ..DrawPlanPage::default() });
    put(out, "public-draws-empty", &PublicDrawsPage { l, bar: plain(), ..PublicDrawsPage::default() });
}
