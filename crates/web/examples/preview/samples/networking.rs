//! Samples of upper platforms: none, some, one that works, one that is not reached, the form.

use super::super::pages::emergencies::{AccessLine, EmergenciesPage, EmergencyPage, StepLine, TermView, WatchedLine};
use super::super::pages::platforms::{
    PlatformFields, PlatformFormPage, PlatformLine, PlatformPage, PlatformsPage, ViewLine,
};
use super::*;

fn line(n: u32, name: &str, state: State, fault: (&'static str, &'static str), watching: usize) -> PlatformLine {
    let up = state.mark == Mark::Ok;
    PlatformLine {
        id: format!("p{n}"),
        name: name.into(),
        code: format!("2301000000200000{n:04}"),
        address: format!("10.1.2.{n}:5060"),
        state,
        since: up.then(|| ago(600 * MIN)),
        keepalive: up.then(|| ago(MIN / 2)),
        fault: t(fault.0, fault.1),
        channels: 12,
        watching,
    }
}

fn fields() -> PlatformFields {
    PlatformFields {
        name: "市公安局视频专网".into(),
        organs: choices(&[("police", "公安机关", "police", "", "", true)]),
        need: "市公安局 2026 年第 12 号联网通知".into(),
        address: "10.1.2.3:5060".into(),
        platform: "23010000002000000009".into(),
        own: "23010000002000000001".into(),
        username: String::new(),
        transports: choices(&[("udp", "UDP", "UDP", "", "", true), ("tcp", "TCP", "TCP", "", "", false)]),
        charsets: choices(&[("gb18030", "GB18030 (2022)", "GB18030 (2022)", "", "", true)]),
        expires_s: "86400".into(),
        keepalive_s: "60".into(),
        cameras: vec![
            Choice {
                hint: t("一层东门厅", "一层东门厅"),
                ..Choice::new("cam-1", t("东门 1 号机", "东门 1 号机"), true)
            },
            Choice::new("cam-2", t("收银台", "收银台"), false),
        ],
        enabled: true,
    }
}

fn platform(l: Lang, broken: bool) -> PlatformPage {
    let missing = (
        t("直接使用只限紧急情况。", "Direct use is only for an emergency."),
        t("请写明紧急情况和理由。", "State the emergency and its reason."),
    );
    PlatformPage {
        l,
        bar: bar(Nav::Devices),
        id: "p1".into(),
        name: "市公安局视频专网".into(),
        state: if broken {
            State::new(Mark::Warning, "未注册", "not registered")
        } else {
            State::new(Mark::Ok, "已注册", "registered")
        },
        fault: broken.then(|| {
            (
                t("上级平台拒绝了注册（403）。", "The upper platform refused the registration (403)."),
                t("请上级平台登记本平台的编码。", "Have our code entered there."),
            )
        }),
        facts: vec![
            (t("机关", "Organ"), "公安机关".into()),
            (t("平台编码", "Its code"), "23010000002000000009".into()),
            (t("最近一次心跳", "Last keepalive"), ago(MIN).desk()),
        ],
        lawful: !broken,
        hindrance: if broken { missing } else { Default::default() },
        clauses: vec![retention()],
        channels: vec![("东门 1 号机".into(), "23010000001320000001".into())],
        views: vec![
            ViewLine { camera: "东门 1 号机".into(), began: ago(3 * MIN), ended: None, log_index: 4_711 },
            ViewLine { camera: "收银台".into(), began: ago(90 * MIN), ended: Some(ago(80 * MIN)), log_index: 4_002 },
        ],
        emergency: (!broken).then(|| ("市公安局指挥中心：现场有人持刀".into(), ago(-30 * MIN))),
        can_emergency: true,
        emergencies: Some(1),
        ..PlatformPage::default()
    }
}

fn access(n: u64, code: &'static str, state: State) -> AccessLine {
    AccessLine {
        index: 4_000 + n,
        code,
        state,
        when: if code == "due" { t("2026-11-24前", "by 2026-11-24") } else { Text::default() },
        platform: "市公安局视频专网".into(),
        reason: "市公安局指挥中心：现场有人持刀".into(),
        from: ago(90 * MIN),
        until: ago(30 * MIN),
        running: code == "due",
        by: "王丽娟（custodian1）".into(),
        due: "2026-11-24".into(),
        own_days: 3,
    }
}

fn emergency(l: Lang, wrong: bool) -> EmergencyPage {
    let step = |what: State, words: &str| StepLine {
        what,
        by: "王丽娟（custodian1）".into(),
        at: ago(20 * MIN),
        log_index: 4_801,
        words: words.lines().map(str::to_owned).collect(),
    };
    let mut errors = FormErrors::default();
    if wrong {
        errors.push("explanation", t("请用自己的话说明经过。", "Say in your own words what happened."));
    }
    EmergencyPage {
        l,
        bar: bar(Nav::Devices),
        line: access(1, "waits", State::new(Mark::Attention, "已说明，待确认", "explained, waits")),
        clauses: vec![retention()],
        watched: vec![WatchedLine {
            camera: "东门 1 号机".into(),
            began: ago(80 * MIN),
            ended: Some(ago(70 * MIN)),
            log_index: 4_711,
        }],
        steps: vec![
            step(State::new(Mark::Info, "说明", "explained"), "指挥中心来电。\n十分钟后警情解除。"),
            step(State::new(Mark::Warning, "退回", "sent back"), "没有写明是谁来电。"),
        ],
        may_explain: wrong,
        may_review: (!wrong).then_some(4_801),
        why_not: wrong.then(|| t("不能确认自己的说明。", "Nobody confirms their own explanation.")),
        bounds: (20, 2_000),
        errors,
        ..EmergencyPage::default()
    }
}

fn emergencies(l: Lang, empty: bool) -> EmergenciesPage {
    let lines = vec![
        access(2, "overdue", State::new(Mark::Critical, "逾期未说明", "overdue")),
        access(1, "due", State::new(Mark::Warning, "待说明", "to be explained")),
        access(0, "confirmed", State::new(Mark::Ok, "已确认", "confirmed")),
    ];
    EmergenciesPage {
        l,
        bar: bar(Nav::Devices),
        lines: if empty { vec![] } else { lines },
        term: TermView {
            days: 3,
            default: 3,
            bounds: (1, 30),
            is_units: false,
            why: t("几天内记忆最完整。", "Memory is whole for a few days."),
            clauses: if empty { vec![retention()] } else { vec![] },
        },
        may_set: true,
        ..EmergenciesPage::default()
    }
}

pub fn networking(l: Lang, out: &mut Vec<(String, String)>) {
    let ok = State::new(Mark::Ok, "已注册", "registered");
    let bad = State::new(Mark::Warning, "未注册", "not registered");
    let platforms = vec![
        line(1, "市公安局视频专网", ok, ("", ""), 2),
        line(2, "区分局", bad, ("没有回应注册。", "It does not answer the registration."), 0),
    ];
    put(out, "platforms", &PlatformsPage { l, bar: bar(Nav::Devices), platforms, emergencies: Some(2) });
    put(out, "platforms-empty", &PlatformsPage { l, bar: bar(Nav::Devices), platforms: vec![], emergencies: None });
    put(out, "platform", &platform(l, false));
    put(out, "platform-broken", &platform(l, true));
    put(out, "emergencies", &emergencies(l, false));
    put(out, "emergencies-empty", &emergencies(l, true));
    put(out, "emergency", &emergency(l, false));
    put(out, "emergency-errors", &emergency(l, true));
    let mut errors = FormErrors::default();
    errors.push("address", t("地址须形如 10.1.2.3:5060。", "The address looks like 10.1.2.3:5060."));
    let new =
        PlatformFormPage { l, bar: bar(Nav::Devices), action: "/platforms/new".into(), ..PlatformFormPage::default() };
    put(out, "platform-new", &PlatformFormPage { f: fields(), ..new.clone() });
    put(out, "platform-errors", &PlatformFormPage { f: fields(), errors, title: "市公安局视频专网".into(), ..new });
}
