//! Samples of alarms: new, being verified, reported, closed, refused; the history, empty and full.

use super::super::pages::alarms::{
    AlarmLine, AlarmPage, AlarmsPage, ClipCamera, ClockLine, EvidenceLine, RatioLine, ReportLine, SignalLine, TestLine,
};
use super::super::pages::contacts::{CallLine, ContactLine, ContactsPage};
use super::super::pages::plan_views::{
    LookLine, MetLine, PlaceLine, PlacesPage, PlanViewsPage, SayLine, ShapeLine, ViewRefused,
};
use super::super::pages::plans::{AlarmPlanView, PlanLine, PlanMark, PlanPage, PlanPicture, PlanStroke, PlansPage};
use super::*;

fn line(n: u64, priority: u8) -> AlarmLine {
    let what = match priority {
        1 => State::new(Mark::Critical, "紧急求助", "Hold-up"),
        2 => State::new(Mark::Warning, "入侵报警", "Burglary"),
        _ => State::new(Mark::Attention, "市电故障", "Mains failure"),
    };
    AlarmLine {
        id: format!("0190a1b2-0000-7000-8000-{n:012}"),
        number: format!("2026-{n:07}"),
        what,
        place: t("一层后门 · 防区 3 红外", "一层后门 · 防区 3 红外"),
        opened: ago(i64::try_from(n).unwrap_or(0) * 40_000),
        stage: t("待接警", "New"),
        holder: String::new(),
        calls: true,
        late: n.is_multiple_of(7),
        priority,
        unseen: false,
        verdict: None,
    }
}

fn plan() -> PlanPicture {
    let mark = |code: &str, zone: bool, x: u16, y: u16, name: &str| PlanMark {
        code: code.into(),
        zone,
        on: zone,
        named: true,
        x: u32::from(x) * 2,
        y: u32::from(y),
        x_per_mille: x,
        y_per_mille: y,
        name: name.into(),
    };
    PlanPicture {
        id: "0190a1b2-0000-7000-8000-000000000001".into(),
        version: "00".into(),
        area: t("一层", "Ground floor"),
        width: 2_000,
        height: 1_000,
        strokes: vec![],
        marks: vec![mark("camera:1", false, 300, 300, "后门"), mark("zone:3:dc09:1234", true, 250, 900, "3 后门红外")],
    }
}

fn calls() -> Vec<CallLine> {
    let whole = CallLine {
        duty: t("钥匙保管人", "keyholder"),
        place: t("门厅主机 · 防区 3", "门厅主机 · zone 3"),
        person: "欧阳".into(),
        phone: "139 0000 0000".into(),
        dial: "13900000000".into(),
        note: "夜里先打家里".into(),
    };
    let masked = CallLine { person: "王**".into(), phone: "****0001".into(), dial: String::new(), ..whole.clone() };
    vec![whole, masked]
}

fn contacts(l: Lang, edits: bool) -> ContactsPage {
    let line = ContactLine {
        id: "0190a1b2-0000-7000-8000-000000000002".into(),
        place: t("整个场所", "the whole site"),
        duty: t("值班负责人", "manager on duty"),
        order: 1,
        person: "王**".into(),
        phone: "****0001".into(),
        has_note: true,
    };
    let duties = vec![Choice::new("keyholder", t("钥匙保管人", "keyholder"), true)];
    let places = vec![Choice::new("area:", t("整个场所", "the whole site"), true)];
    let edited = edits.then(|| line.clone());
    ContactsPage {
        l,
        bar: bar(Nav::Contacts),
        lines: vec![line],
        may: true,
        edited,
        places,
        duties,
        ..ContactsPage::default()
    }
}

fn met() -> MetLine {
    MetLine {
        kind: t("住宅窗口", "window of a home"),
        name: "<三号楼>".into(),
        home: true,
        stands_in: true,
        directions: "-3.6..3.6".into(),
        distance_m: "8".into(),
    }
}

fn views(l: Lang, out: &mut Vec<(String, String)>) {
    let stroke =
        PlanStroke { class: "shape-home", d: "M1 1L9 9".into(), label: "<三号楼>".into(), ..PlanStroke::default() };
    let shape = ShapeLine { number: 1, version: 2, name: "<三号楼>".into(), ..ShapeLine::default() };
    let look = LookLine { camera: "cam-1".into(), name: "后门".into(), met: vec![met()], ..LookLine::default() };
    let refused =
        ViewRefused { why: vec![super::privacy()], met: vec![met()], masks: "-4..4".into(), ..ViewRefused::default() };
    let page = PlanViewsPage {
        l,
        bar: bar(Nav::Plans),
        picture: PlanPicture { strokes: vec![stroke], ..plan() },
        width: "60".into(),
        width_mm: 60_000,
        looks: vec![look],
        shapes: vec![shape],
        refused: Some(refused),
        ..PlanViewsPage::default()
    };
    put(out, "plan-views", &page);
    put(
        out,
        "plan-views-empty",
        &PlanViewsPage { l, bar: bar(Nav::Plans), picture: plan(), ..PlanViewsPage::default() },
    );
    let say = SayLine {
        code: "may_not",
        what: t("禁止安装、使用", "forbidden"),
        citation: super::privacy(),
        evident: true,
        fragment: Some("区".into()),
        unknown: true,
        site: t("第七条所列场所", "places that art. 7 lists"),
        note: t("说明", "a remark"),
    };
    let line = |says| PlaceLine { code: "bath".into(), name: t("公共浴室", "public bath"), says };
    let kinds = vec![line(vec![say.clone()]), line(vec![])];
    put(
        out,
        "places",
        &PlacesPage { l, bar: bar(Nav::None), kinds, categories: vec![line(vec![say])], ..PlacesPage::default() },
    );
}

fn plans(l: Lang, out: &mut Vec<(String, String)>) {
    let lines = vec![PlanLine { id: plan().id, area: plan().area, size: (2_000, 1_000), cameras: 1, zones: 1 }];
    let areas = vec![Choice::new("/", t("整个场所", "the whole site"), true)];
    put(out, "plans-empty", &PlansPage { l, bar: bar(Nav::Plans), areas: areas.clone(), ..PlansPage::default() });
    put(out, "plans", &PlansPage { l, bar: bar(Nav::Plans), plans: lines, areas, ..PlansPage::default() });
    let choices = vec![Choice::new("camera:1", t("摄像机 后门", "Camera 后门"), true)];
    put(
        out,
        "plan",
        &PlanPage { l, bar: bar(Nav::Plans), picture: plan(), choices, area: "/".into(), ..PlanPage::default() },
    );
}

fn incident(l: Lang) -> AlarmPage {
    let clock = |zh, en, at: Option<i64>, due: Option<i64>, late| ClockLine {
        step: t(zh, en),
        at: at.map(|s| ago(120_000).plus_ms(s * 1_000)),
        due: due.map(|s| ago(120_000).plus_ms(s * 1_000)),
        late,
        after_ms: at.filter(|s| *s > 0).map(|s| s * 1_000),
    };
    AlarmPage {
        l,
        bar: bar(Nav::Alarms),
        line: AlarmLine {
            holder: "张伟（duty）".into(),
            calls: false,
            stage: t("复核中", "Being verified"),
            ..line(3, 2)
        },
        stage: State::new(Mark::Busy, "复核中", "Being verified"),
        source: "门厅报警主机".into(),
        source_id: "dc09:1234".into(),
        zones: vec![(3, "后门红外".into(), "一层后门".into()), (4, "后门玻璃破碎".into(), String::new())],
        signals_total: 3,
        restored: Some(ago(60_000)),
        clock: vec![
            clock("接收", "Received", Some(0), None, false),
            clock("显示", "Shown", Some(1), Some(10), false),
            clock("接警", "Taken", Some(95), Some(90), true),
            clock("复核", "Verified", None, Some(300), false),
            clock("上报", "Reported", None, None, false),
            clock("回执", "Receipt", None, None, false),
            clock("到场", "Guard there", None, Some(100), true),
            clock("结束", "Closed", None, None, false),
        ],
        evidence: seen(),
        kinds: choices(&[
            ("seen_in_video", "视频中看到可疑人员", "Suspicious persons seen in video", "", "", false),
            ("nothing_in_video", "视频中未见异常", "Nothing seen in video", "", "", false),
            ("user_confirms", "用户确认", "Confirmed by the user", "", "", false),
        ]),
        has_ground: true,
        for_police: true,
        signals: vec![SignalLine {
            at: ago(120_000),
            said: Some(ago(121_000)),
            code: "1130".into(),
            what: t("入侵报警", "Burglary"),
            zone: 3,
            text: "BACK DOOR".into(),
        }],
        cameras: vec![ClipCamera { id: "cam-1".into(), name: "后门".into(), live: true }],
        clip_from: ago(130_000),
        clip_to: ago(90_000),
        calls: calls(),
        plan: Some(AlarmPlanView { picture: plan(), near: vec![("cam-1".into(), "后门".into())] }),
        mine: true,
        may: true,
        ..AlarmPage::default()
    }
}

fn seen() -> Vec<EvidenceLine> {
    vec![
        EvidenceLine {
            what: t("相邻两个防区先后报警", "Two adjacent zones one after the other"),
            at: ago(100_000),
            who: String::new(),
            note: String::new(),
        },
        EvidenceLine {
            what: t("视频中看到可疑人员", "Suspicious persons seen in video"),
            at: ago(50_000),
            who: "张伟（duty）".into(),
            note: "两人在撬后门".into(),
        },
    ]
}

fn history(l: Lang, full: bool) -> AlarmsPage {
    let all = || choices(&[("", "全部", "All", "", "", true), ("new", "待接警", "New", "", "", false)]);
    let lines = (1..=if full { 60_u64 } else { 0 }).map(|n| AlarmLine {
        verdict: n.is_multiple_of(2).then(|| State::new(Mark::Ok, "误报", "False")),
        ..line(n, u8::try_from(n % 3 + 1).unwrap_or(1))
    });
    AlarmsPage {
        l,
        bar: bar(Nav::Alarms),
        lines: lines.collect(),
        sources: all(),
        panels: if full { all() } else { vec![] },
        stages: all(),
        verdicts: all(),
        ratio: (0..if full { 3 } else { 0 })
            .map(|n| RatioLine {
                source: "dc09:1234".into(),
                zone: n,
                name: "后门红外".into(),
                incidents: 20,
                real: 1,
                false_: 17,
                other: 2,
                share: Some(85),
            })
            .collect(),
        tests: if full {
            vec![TestLine {
                id: 1,
                what: t("dc09:1234 防区 3 测试中", "dc09:1234 zone 3 on test"),
                to: NOW,
                reason: "季度测试".into(),
            }]
        } else {
            vec![]
        },
        may_test: true,
        ..AlarmsPage::default()
    }
}

/// All of them.
pub(super) fn alarming(l: Lang, out: &mut Vec<(String, String)>) {
    put(out, "alarm", &incident(l));
    let refusal = Refusal::bad_input(
        "no_ground",
        t("还没有足以确认警情的依据。", "There is no ground yet for calling it real."),
        t("请记下其一。", "Note one of them."),
    );
    put(out, "alarm-refused", &AlarmPage { refusal: Some(refusal), has_ground: false, ..incident(l) });
    let report = ReportLine {
        target: t("所在地公安机关", "Local police"),
        made: ago(40_000),
        attempts: 3,
        error: "connection refused".into(),
        receipt: None,
        receipted: None,
    };
    let clauses = vec![ClauseId::new("B-21-2")];
    let hold_up = AlarmPage {
        line: line(1, 1),
        by_hand: true,
        reported: true,
        reports: vec![report],
        clauses,
        mine: false,
        cameras: vec![],
        calls: vec![],
        plan: None,
        may_contacts: true,
        ..incident(l)
    };
    put(out, "alarm-hold-up", &hold_up);
    let other = AlarmLine { holder: "李娜（duty2）".into(), calls: false, ..line(4, 2) };
    put(out, "alarm-of-another", &AlarmPage { line: other, mine: false, ..incident(l) });
    let mine = AlarmPage { reported: true, decided: true, real: true, ..incident(l) };
    put(out, "alarm-reported", &mine);
    put(out, "alarm-closable", &AlarmPage { closable: true, decided: true, guard_sent: true, ..incident(l) });
    put(out, "contacts", &contacts(l, false));
    put(out, "contact-changed", &contacts(l, true));
    put(out, "contacts-empty", &ContactsPage { l, bar: bar(Nav::Contacts), ..ContactsPage::default() });
    plans(l, out);
    views(l, out);
    put(out, "alarms", &history(l, false));
    put(out, "alarms-full", &history(l, true));
}
