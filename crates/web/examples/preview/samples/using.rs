//! Samples: Information use: list, wizard, decision, session, export, register.

use super::super::pages::register::{LetterLink, RegisterLine, RegisterPage};
use super::super::pages::use_export::{ExportDetail, ExportState, PartLine, UseExportPage};
use super::super::pages::use_request::{
    CameraChoice, ExportLine, GateLine, HistoryLine, Officer, Paper, RequestAct, RequestLine, ScopeCamera, UseAnswers,
    UseCheckPage, UseFilter, UseListPage, UseNewPage, UseRequestPage, UseStep,
};
use super::super::pages::use_session::{UseSigninPage, UseViewPage};
use super::*;

pub fn request_line(n: u32, state: State, todo: Text) -> RequestLine {
    RequestLine {
        id: format!("r{n}"),
        number: format!("2026-{n:04}"),
        case_number: format!("哈公（南岗）受案字〔2026〕{}号", 10_300 + n),
        unit: "哈尔滨市公安局南岗分局".into(),
        officers: "张** · 李**".into(),
        cameras: 2,
        from: ago(80 * MIN),
        to: ago(70 * MIN),
        state,
        sent: ago(i64::from(n) * 7 * MIN),
        todo,
    }
}

const WAITING: State = State::new(Mark::Attention, "待审批", "waiting for decision");
const GRANTED: State = State::new(Mark::Info, "已批准", "granted");

pub fn filter(narrowed: bool) -> UseFilter {
    let person = |value: &str, name: &'static str| Choice::new(value, t(name, name), false);
    UseFilter {
        from: if narrowed { "2026-11-01".into() } else { String::new() },
        to: if narrowed { "2026-11-21".into() } else { String::new() },
        officers: vec![person("p1", "张伟（zhangwei）"), person("p2", "李强（liqiang）")],
        unit: if narrowed { "南岗".into() } else { String::new() },
        case_number: String::new(),
        cameras: vec![person("cam-1", "东门 1 号机 · 一层东门厅"), person("cam-2", "收银台 · 一层服务台")],
        narrowed,
    }
}

pub fn use_list(l: Lang, empty: bool) -> UseListPage {
    let filters = vec![
        Choice::new("/use", t("全部", "All"), true),
        Choice::new("/use?state=waiting", t("待审批", "Waiting"), false),
        Choice::new("/use?state=granted", t("已批准", "Granted"), false),
        Choice::new("/use?state=ended", t("已结束", "Ended"), false),
        Choice::new("/use?state=refused", t("未批准", "Refused"), false),
    ];
    let requests = if empty {
        vec![]
    } else {
        vec![
            request_line(9, WAITING, t("请核对并决定", "check and decide")),
            request_line(8, WAITING, t("请核对并决定", "check and decide")),
            request_line(7, GRANTED, Text::default()),
            request_line(6, State::new(Mark::Off, "已结束", "closed"), Text::default()),
            request_line(5, State::new(Mark::Warning, "未批准", "refused"), Text::default()),
        ]
    };
    UseListPage {
        l,
        bar: bar(Nav::Use),
        filters,
        state: String::new(),
        filter: filter(empty),
        handed_on: u64::from(!empty),
        late: u64::from(!empty),
        todo: if empty { vec![] } else { vec![request_line(9, WAITING, t("请核对并决定", "check and decide"))] },
        requests,
        pager: Pager { previous: None, next: (!empty).then(|| "/use?before=1_r5".into()), shown: Text::default() },
    }
}

pub fn answers(whole: bool) -> UseAnswers {
    UseAnswers {
        bases: choices(&[
            (
                "criminal",
                "刑事案件侦查",
                "Criminal investigation",
                "公安机关办理刑事案件",
                "police working on a criminal case",
                true,
            ),
            (
                "administrative",
                "行政案件调查",
                "Administrative case",
                "治安、交通等",
                "public order, traffic and so on",
                false,
            ),
            ("emergency", "突发事件、事故调查", "Emergency or accident", "", "", false),
        ]),
        case_number: "哈公（南岗）受案字〔2026〕10307号".into(),
        unit: "哈尔滨市公安局南岗分局".into(),
        purpose: "查明 11 月 21 日 17 时许东门附近一起扒窃案的嫌疑人去向。".into(),
        cameras: places(false)
            .into_iter()
            .flat_map(|p| p.cameras)
            .map(|c| CameraChoice {
                chosen: c.id == "cam-1" || c.id == "cam-2",
                oldest: (c.id != "cam-5").then(|| ago(31 * DAY)),
                id: c.id,
                name: c.name,
                place: c.place,
            })
            .collect(),
        from: "2026-11-21T17:10:00".into(),
        to: "2026-11-21T17:20:00".into(),
        officer: "张伟".into(),
        badge: "230103".into(),
        second_officer: if whole { "police2".into() } else { String::new() },
        second_badge: if whole { "230117".into() } else { String::new() },
        letter_number: "哈公南介字〔2026〕88号".into(),
        letter_file: if whole { "介绍信.pdf".into() } else { String::new() },
        letter_sha256: hash(3),
        want_copy: true,
    }
}

pub fn gate(whole: bool) -> Vec<GateLine> {
    let line = |met, what: (&str, &str), found: (&str, &str), clause| GateLine {
        met,
        what: t(what.0, what.1),
        found: t(found.0, found.1),
        clause,
    };
    vec![
        line(
            true,
            ("申请人正在履行法定职责", "The applicants act on statutory duty"),
            ("刑事案件侦查，有案件编号", "criminal investigation, with a case number"),
            duty(),
        ),
        line(
            whole,
            ("工作人员不少于二人", "At least two officers"),
            if whole {
                ("张伟 230103、李强 230117", "张伟 230103, 李强 230117")
            } else {
                ("第二名民警", "the second officer")
            },
            two_officers(),
        ),
        line(
            whole,
            ("出示工作证件和单位证明文件", "Work ID and unit letter"),
            if whole {
                ("两个警号和哈公南介字〔2026〕88号", "both badges and letter 88 of 2026")
            } else {
                ("单位证明文件", "the unit letter")
            },
            letter(),
        ),
        line(
            true,
            ("履行登记手续", "Entry in the register"),
            ("批准后自动登记", "made by itself on approval"),
            cite(
                "B-28-1-3",
                ("第二十八条第三项", "art. 28 item 3"),
                ("履行相关登记手续。", "Complete the registration formalities."),
            ),
        ),
    ]
}

pub fn use_new(l: Lang, step: UseStep, broken: bool) -> UseNewPage {
    let mut errors = FormErrors::default();
    if broken {
        errors.push(
            "second_officer",
            t("请填写第二名民警：依法不少于两人", "Name a second officer: the law asks for at least two"),
        );
        errors.push("letter", t("请上传单位证明文件", "Upload the unit letter"));
    }
    UseNewPage {
        l,
        bar: bar(Nav::Use),
        draft: "d1".into(),
        step,
        errors,
        answers: answers(!broken),
        upload_mb_max: 10,
        range_days_max: 7,
    }
}

pub fn use_check(l: Lang, whole: bool) -> UseCheckPage {
    let mut errors = FormErrors::default();
    if !whole {
        errors.push("basis", t("请选择法律依据。", "Choose the legal basis."));
        errors.push("camera", t("请选择1至64路摄像机。", "Choose 1 to 64 cameras."));
        errors.push("from", t("请填写开始时间。", "Enter the start time."));
        errors.push("to", t("请填写结束时间。", "Enter the end time."));
        errors
            .push("second_officer", t("缺第二名民警，提交后会被拒绝", "Without a second officer it would be refused"));
        errors.push("letter", t("缺单位证明文件，提交后会被拒绝", "Without the unit letter it would be refused"));
    }
    UseCheckPage { l, bar: bar(Nav::Use), draft: "d1".into(), errors, answers: answers(whole), gate: gate(whole) }
}

pub fn use_request(l: Lang, act: RequestAct, whole: bool) -> UseRequestPage {
    UseRequestPage {
        l,
        bar: bar(Nav::Use),
        id: "r7".into(),
        number: "2026-0007".into(),
        state: if act == RequestAct::Decide { WAITING } else { GRANTED },
        basis: t("刑事案件侦查", "Criminal investigation"),
        case_number: "哈公（南岗）受案字〔2026〕10307号".into(),
        purpose: "查明 11 月 21 日 17 时许东门附近一起扒窃案的嫌疑人去向。".into(),
        unit: "哈尔滨市公安局南岗分局".into(),
        officers: vec![officer("张伟", "230103", None), officer("李强", "230117", None)],
        papers: if whole {
            vec![Paper {
                kind: t("单位证明文件", "unit letter"),
                number: "哈公南介字〔2026〕88号".into(),
                file: "介绍信.pdf".into(),
                href: "/use/r7/papers/1".into(),
                size_bytes: 412_000,
                sha256: hash(3),
            }]
        } else {
            vec![]
        },
        cameras: scope(),
        from: ago(80 * MIN),
        to: ago(70 * MIN),
        want_copy: true,
        gate: gate(whole),
        act,
        grant_end: (act != RequestAct::Decide).then(|| NOW.plus_ms(8 * 60 * MIN)),
        end_hours: 24,
        history: vec![
            HistoryLine {
                at: ago(49 * MIN),
                who: "张伟".into(),
                what: t("提交申请", "request sent"),
                log_index: Some(47),
            },
            HistoryLine {
                at: ago(48 * MIN),
                who: "系统".into(),
                what: t("检查法律条件", "conditions checked"),
                log_index: Some(48),
            },
        ],
        exports: if act == RequestAct::View {
            vec![ExportLine {
                file: "2026-0007-5f2c1ab9.zip".into(),
                href: "/use/r7/export?export=e1".into(),
                state: t("已做好", "ready"),
                size_bytes: 612_400_000,
                begun: ago(9 * MIN),
            }]
        } else {
            vec![]
        },
        ..UseRequestPage::default()
    }
}

pub fn officer(name: &str, badge: &str, signed: Option<UtcMs>) -> Officer {
    Officer { name: name.into(), badge: badge.into(), unit: "南岗分局刑侦大队".into(), signed }
}

pub fn scope() -> Vec<ScopeCamera> {
    vec![
        ScopeCamera {
            id: "cam-1".into(),
            name: "东门 1 号机".into(),
            place: "一层东门厅".into(),
            covered_ms: 600_000,
            gaps: 0,
        },
        ScopeCamera {
            id: "cam-2".into(),
            name: "收银台".into(),
            place: "一层服务台".into(),
            covered_ms: 552_000,
            gaps: 1,
        },
    ]
}

pub fn signin(l: Lang) -> UseSigninPage {
    let mut errors = FormErrors::default();
    errors.push("badge2", t("警号与申请中的不一致", "The badge is not the one in the request"));
    UseSigninPage {
        l,
        bar: bar(Nav::Use),
        id: "r7".into(),
        number: "2026-0007".into(),
        errors,
        first: officer("张伟", "230103", Some(ago(2 * MIN))),
        second: officer("李强", "230117", None),
        scope: t("2 路摄像机，17:10:00 至 17:20:00。", "2 cameras, 17:10:00 to 17:20:00."),
        grant_end: NOW.plus_ms(8 * 60 * MIN),
        clauses: vec![two_officers(), letter()],
    }
}

pub fn view(l: Lang) -> UseViewPage {
    UseViewPage {
        l,
        bar: bar(Nav::Use),
        id: "r7".into(),
        number: "2026-0007".into(),
        case_number: "哈公（南岗）受案字〔2026〕10307号".into(),
        officers: vec![officer("张伟", "230103", Some(ago(2 * MIN))), officer("李强", "230117", Some(ago(MIN)))],
        cameras: scope(),
        camera: "cam-1".into(),
        from: ago(80 * MIN),
        to: ago(70 * MIN),
        session_end: NOW.plus_ms(27 * MIN),
        may_copy: true,
        watermark: "张伟 230103 · 李强 230117 · 2026-0007".into(),
        ..UseViewPage::default()
    }
}

pub fn part(number: usize, state: ExportState) -> PartLine {
    PartLine {
        number,
        cameras: vec![("cam-1".into(), "东门 1 号机".into()), ("cam-2".into(), "收银台".into())],
        from: ago(80 * MIN),
        to: ago(70 * MIN),
        size_bytes: 612_400_000,
        export: if state == ExportState::None { String::new() } else { format!("e{number}") },
        state,
        shown: number == 1,
    }
}

pub fn detail(state: ExportState) -> ExportDetail {
    let ready = state == ExportState::Ready;
    let report = [
        ("录像文件", "Files of footage", "4".to_owned()),
        ("片段，逐一与日志核对", "Fragments, each compared with the log", "612".into()),
        ("清单 SHA-256", "SHA-256 of the manifest", hash(9)),
    ];
    ExportDetail {
        part: part(1, state),
        file: if ready { "evidence-2026-0007-5f2c1ab9.zip".into() } else { String::new() },
        sha256: hash(7),
        sm3: hash(8),
        href: "/use/r7/exports/e1".into(),
        report: report.map(|r| (t(r.0, r.1), r.2)).to_vec(),
        verified: Some(ago(2 * MIN)),
        cameras: scope(),
        kept_until: ready.then(|| NOW.plus_ms(8 * DAY)),
        log_index: Some(58),
    }
}

/// `parts`: how many; the first is shown in detail unless nothing was made yet.
pub fn export(l: Lang, state: ExportState, parts: usize) -> UseExportPage {
    let others = [ExportState::Running(37), ExportState::None, ExportState::Ready];
    let list = (1..=parts).map(|n| part(n, if n == 1 { state.clone() } else { others[n % 3].clone() }));
    UseExportPage {
        l,
        bar: bar(Nav::Use),
        id: "r7".into(),
        number: "2026-0007".into(),
        parts: list.collect(),
        own: (parts == 40).then(|| part(0, ExportState::None)),
        chosen: (state != ExportState::None).then(|| detail(state)),
        may_make: parts != 40,
        may_sign: true,
        may_remove: true,
        keep_days: 7,
        stock_files: 12,
        stock_bytes: 88_000_000_000,
        free_bytes: 1_400_000_000_000,
        log_key: "jifang-site+5f2c1ab9+AcD9…q3M=".into(),
        ..UseExportPage::default()
    }
}

pub fn register(l: Lang, count: u32) -> RegisterPage {
    let lines = (0..count)
        .map(|n| RegisterLine {
            number: format!("2026-{:04}", count - n),
            href: "/use/r7".into(),
            at: ago(i64::from(n) * 211 * MIN),
            act: if n % 3 == 0 { t("复制", "copied") } else { t("查看", "viewed") },
            reason: "刑事案件侦查 哈公（南岗）受案字〔2026〕10307号".into(),
            content: "东门 1 号机、收银台 17:10:00–17:20:00".into(),
            persons: "张伟（230103）、李强（230117）".into(),
            unit: "哈尔滨市公安局南岗分局".into(),
            letter: (n % 4 != 3).then(|| LetterLink {
                name: "哈公南介字〔2026〕88号 介绍信.pdf".into(),
                sha256: hash(3),
                href: if n % 4 == 2 { String::new() } else { "/use/r7/papers/1".into() },
            }),
            handler: "王丽娟".into(),
            ended: (n > 0).then(|| ago(i64::from(n) * 211 * MIN - 25 * MIN)),
            runs: n == 0,
            log_index: 58 + u64::from(n),
        })
        .collect();
    RegisterPage {
        l,
        bar: bar(Nav::Register),
        acts: vec![Choice::new("view", t("查看", "Viewed"), false)],
        filter: filter(count != 12),
        lines,
        pager: Pager { next: (count > 500).then(|| "/register?before=1_2".into()), ..Pager::default() },
        clause: Some(cite(
            "B-28-1-3",
            ("第二十八条第三项", "art. 28 item 3"),
            ("履行相关登记手续。", "Complete the registration formalities."),
        )),
    }
}

pub fn using(l: Lang, out: &mut Vec<(String, String)>) {
    put(out, "use", &use_list(l, false));
    put(out, "use-empty", &use_list(l, true));
    put(out, "use-new-basis", &use_new(l, UseStep::Basis, false));
    put(out, "use-new-scope", &use_new(l, UseStep::Scope, false));
    put(out, "use-new-papers", &use_new(l, UseStep::Papers, true));
    put(out, "use-check", &use_check(l, true));
    put(out, "use-check-missing", &use_check(l, false));
    put(out, "use-request", &use_request(l, RequestAct::Decide, true));
    put(out, "use-request-missing", &use_request(l, RequestAct::Decide, false));
    put(out, "use-request-granted", &use_request(l, RequestAct::SignIn, true));
    put(out, "use-request-view", &use_request(l, RequestAct::View, true));
    put(out, "use-signin", &signin(l));
    put(out, "use-view", &view(l));
    put(out, "use-export", &export(l, ExportState::Ready, 1));
    put(out, "use-export-none", &export(l, ExportState::None, 1));
    put(out, "use-export-running", &export(l, ExportState::Running(37), 1));
    let failed = t("磁盘已满，没有写下任何东西。", "The disk is full; nothing was written.");
    put(out, "use-export-failed", &export(l, ExportState::Failed(failed), 1));
    let removed = t("信息管理员已清除文件：重复。", "The custodian removed the file: a duplicate.");
    put(out, "use-export-removed", &export(l, ExportState::Removed(removed), 1));
    put(out, "use-export-parts", &export(l, ExportState::Ready, 5));
    put(out, "use-export-parts-none", &export(l, ExportState::None, 40));
    put(out, "register", &register(l, 12));
    put(out, "register-full", &register(l, 1_000));
    put(out, "register-empty", &register(l, 0));
}
