//! Samples: the police inbox, the sites of an authority, a site's link.

use super::super::pages::inbox::{
    ConflictLine, ExhibitLine, InboxPage, LinkPage, ReportLine, ReportPage, SiteLine, SitesPage, StepLine, ZoneLine,
};
use super::*;

fn police_bar(active: Nav) -> AppBar {
    AppBar {
        site: "龙江市公安局".into(),
        user: Some(Signed { name: "赵接警".into(), role: t("接警员", "police duty officer") }),
        can: Can { inbox: true, sites: true, log: true, ..Can::default() },
        recording: None,
        waiting: 0,
        demo: false,
        ..bar(active)
    }
}

fn lines(count: u64) -> Vec<ReportLine> {
    let kinds = [
        (Mark::Critical, "紧急求助", "Hold-up", "柜台", true),
        (Mark::Warning, "入侵报警", "Burglary", "金库、后门", false),
        (Mark::Critical, "火警", "Fire", "一层配电室", false),
    ];
    (0..count)
        .filter_map(|n| {
            let (mark, zh, en, place, unverified) = *kinds.get(n as usize % 3)?;
            let waits = n < 2;
            Some(ReportLine {
                number: 900 - n,
                site: format!("龙江路第 {} 储蓄所营业部（中央大街支行）", n + 1),
                what: State::new(mark, zh, en),
                place: if n == 2 { Text::default() } else { t(place, place) },
                unverified,
                received: ago(n as i64 * MIN),
                step: if waits {
                    State::new(Mark::Critical, "已收到", "Received")
                } else {
                    State::new(Mark::Busy, "已派警", "Dispatched")
                },
                waits,
            })
        })
        .collect()
}

fn inbox(l: Lang, count: u64) -> InboxPage {
    InboxPage { l, bar: police_bar(Nav::Inbox), lines: lines(count), all: false, waiting: count.min(2), cut: None }
}

fn report(l: Lang, verified: bool) -> ReportPage {
    let mut errors = FormErrors::default();
    if verified {
        errors.push("remark", t("处置结果未填写或过长。", "The result is empty or too long."));
    }
    ReportPage {
        l,
        bar: police_bar(Nav::Inbox),
        number: 900,
        site_number: "20261121-0007".into(),
        site: "龙江路第 1 储蓄所".into(),
        what: State::new(Mark::Critical, "紧急求助", "Hold-up"),
        unverified: !verified,
        source: "panel-1".into(),
        zones: vec![ZoneLine { name: "4 柜台".into(), place: "一层".into(), at: Some(ago(2 * MIN)) }],
        verdict: if verified { t("确认警情", "Real") } else { Text::default() },
        reason: if verified { "画面可见两名持械人员".into() } else { String::new() },
        verified: verified.then(|| ago(MIN)),
        signalled: Some(ago(2 * MIN)),
        made: ago(MIN),
        received: ago(MIN - 400),
        clip: Some((ago(2 * MIN + 10_000), ago(MIN))),
        cameras: 2,
        exhibits: vec![
            ExhibitLine {
                number: 901,
                camera: "柜台".into(),
                what: t("报警时画面", "Picture at the alarm"),
                is_picture: true,
                from: ago(2 * MIN),
                to: ago(2 * MIN),
                bytes: 91_000,
                sha256: "ab".repeat(32),
                received: ago(MIN),
                ..ExhibitLine::default()
            },
            ExhibitLine {
                number: 902,
                camera: "后门".into(),
                what: t("报警时画面", "Picture at the alarm"),
                is_picture: true,
                absent: Some(t("设备离线", "device offline")),
                received: ago(MIN),
                ..ExhibitLine::default()
            },
        ],
        awaited: 2,
        kept_days: 90,
        step: State::new(Mark::Busy, "已接警", "Taken"),
        next: vec![
            Choice::new("dispatched", t("已派警", "Dispatched"), false),
            Choice::new("arrived", t("已到场", "Arrived"), false),
            Choice::new("closed", t("已处置", "Closed"), false),
        ],
        may_act: true,
        steps: vec![StepLine {
            at: ago(MIN / 2),
            what: t("已接警", "Taken"),
            who: "赵接警".into(),
            remark: "通知 2 组".into(),
            log: 903,
        }],
        errors,
    }
}

fn sites(l: Lang) -> SitesPage {
    let line = |n: u64, state: State| SiteLine {
        id: format!("0190a1b2-0000-7000-8000-{n:012}"),
        name: format!("示范酒店 {n}"),
        unit: "示范派出所".into(),
        province: t("黑龙江省", "Heilongjiang"),
        state,
        asks: n == 1,
        admitted: n > 1,
        code: "1a2b-3c4d-5e6f-7081-92a3".into(),
        fingerprint: "1a2b 3c4d 5e6f 7081 92a3 b4c5 d6e7 f809".into(),
        witnessed: (n == 3).then(|| (12_345, ago(MIN))),
        messages: (41, if n == 3 { 43 } else { 41 }),
        conflicts: if n == 3 {
            vec![
                ConflictLine {
                    at: ago(MIN),
                    what: t("日志被回退：变短了", "Its log was taken back: it is shorter"),
                    log: 77,
                    sizes: Some((12_345, 11_020)),
                    settled: None,
                    acceptable: true,
                },
                ConflictLine {
                    at: ago(9_000 * MIN),
                    what: t("日志被回退：变短了", "Its log was taken back: it is shorter"),
                    log: 41,
                    sizes: Some((4_321, 4_000)),
                    settled: Some((ago(8_990 * MIN), 44)),
                    acceptable: false,
                },
            ]
        } else {
            vec![]
        },
    };
    SitesPage {
        l,
        bar: police_bar(Nav::Sites),
        sites: vec![
            line(1, State::new(Mark::Attention, "等待核对", "Waits for a person")),
            line(2, State::new(Mark::Ok, "已接入", "Admitted")),
            line(3, State::new(Mark::Critical, "日志不一致", "Log contradicts")),
        ],
        connection: format!(
            "jifang-authority police.example:8444 {} jifang/x+00000000+AAAA jifang-witness/x+00000000+BBBB",
            hash(1)
        ),
        witness: "1a2b 3c4d 5e6f 7081 92a3 b4c5 d6e7 f809".into(),
        witness_key: "jifang-witness/x+00000000+BBBB".into(),
        may_admit: true,
        total: 120,
        query: "酒店".into(),
        searched: true,
        pager: Pager { next: Some("/sites?page=2".into()), ..Pager::default() },
        placed_more: true,
        provinces: vec![Choice::new("heilongjiang", t("黑龙江省", "Heilongjiang"), true)],
        placed: vec![Choice::new("s2", t("示范酒店 2（未登记）", "示范酒店 2 (not entered)"), true)],
        divisions: vec![Choice::new("230102", t("哈尔滨市道里区（230102）", "Daoli, Harbin (230102)"), true)],
        errors: FormErrors::default(),
    }
}

fn link(l: Lang, contradicted: bool) -> LinkPage {
    LinkPage {
        l,
        bar: bar(Nav::Link),
        address: "police.example:8444".into(),
        state: if contradicted {
            State::new(Mark::Critical, "日志不一致", "Log contradicts")
        } else {
            State::new(Mark::Attention, "等待接入", "Waits to be admitted")
        },
        fault: contradicted.then(|| t("无法连接公安机关服务器。", "The authority's server cannot be reached.")),
        answered: Some(ago(MIN)),
        code: "1a2b-3c4d-5e6f-7081-92a3".into(),
        asks: !contradicted,
        vkey: format!("jifang/0190a1b2+00000000+{}", hash(2)),
        fingerprint: "1a2b 3c4d 5e6f 7081 92a3 b4c5 d6e7 f809".into(),
        pin: hash(3),
        witnessed: contradicted.then(|| (12_345, ago(MIN))),
        entries: 12_350,
        waiting_reports: 2,
        waiting_since: Some(ago(3 * MIN)),
        waiting_exhibits: 8,
        contradicted,
        restored: contradicted.then(|| (ago(2_000 * MIN), ago(60 * MIN), 12_000)),
        own_report: Some((ago(90 * MIN), contradicted.then(|| ago(80 * MIN)))),
        may_report: true,
        may_change: true,
        typed: String::new(),
        errors: FormErrors::default(),
    }
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    put(out, "inbox", &inbox(l, 5));
    put(out, "inbox-empty", &inbox(l, 0));
    put(out, "inbox-full", &inbox(l, 500));
    put(
        out,
        "inbox-light",
        &InboxPage { bar: AppBar { theme: Theme::Light, ..police_bar(Nav::Inbox) }, ..inbox(l, 5) },
    );
    put(out, "report-unverified", &report(l, false));
    put(out, "report-errors", &report(l, true));
    put(out, "sites", &sites(l));
    put(out, "sites-empty", &SitesPage { sites: vec![], ..sites(l) });
    put(out, "link-asks", &link(l, false));
    put(out, "link-contradicted", &link(l, true));
    put(out, "link-empty", &LinkPage { address: String::new(), ..link(l, false) });
}
