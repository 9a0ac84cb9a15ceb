//! Sample data for every page: normal, empty, full and broken. Nothing here reaches the product; names and numbers are made up.

use super::pages::accounts::{AccountLine, AccountPage, AccountsPage, SessionLine};
use super::pages::devices::{
    DeviceLine, DeviceNewPage, DevicePage, DevicesPage, DiagnosisStep, DutyLine, FoundDevice, StepState,
};
use super::pages::entry::{ErrorPage, LoginPage, SetupPage, WelcomePage, WelcomeStep};
use super::pages::log::{ClauseUse, LawClausePage, LogEntryPage, LogLine, LogPage, ProofStep};
use super::pages::storage::{CameraGap, DiskLine, KeptLine, StoragePage};
use super::pages::use_request::{
    CameraChoice, GateLine, HistoryLine, Officer, Paper, RegisterLine, RegisterPage, RequestAct, RequestLine, ScopeCamera,
    UseAnswers, UseCheckPage, UseListPage, UseNewPage, UseRequestPage, UseStep,
};
use super::pages::use_session::{ExportState, UseExportPage, UseSigninPage, UseViewPage};
use super::pages::watch::{CameraTile, DeskPage, GapLine, HoldLine, PlaceNode, PlaybackPage};
use super::pages::{
    AppBar, Can, Choice, Clock, Flash, FormErrors, Mark, Nav, Pager, Recording, Signed, State, Theme,
};
use askama::Template;
use base::{Citation, ClauseId, ErrorKind, Lang, Reading, Refusal, Sha256, Text, UtcMs};

/// 2026-11-21 18:30:05, Beijing.
const NOW: UtcMs = UtcMs(1_795_257_005_000);
const MIN: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn ago(ms: i64) -> UtcMs {
    NOW.plus_ms(-ms)
}

fn hash(n: u64) -> String {
    Sha256::of(&n.to_be_bytes()).hex()
}

fn t(zh: &str, en: &str) -> Text {
    Text::of(zh, en)
}

fn bar(active: Nav) -> AppBar {
    AppBar {
        site: "龙江路商业广场".into(),
        user: Some(Signed { name: "王丽娟".into(), role: t("信息保管员", "information custodian") }),
        csrf: "sample".into(),
        active,
        can: Can {
            desk: true,
            playback: true,
            bookmark: true,
            hold: true,
            request: true,
            decide: true,
            export: true,
            delete: true,
            use_list: true,
            devices: true,
            devices_manage: true,
            storage: true,
            log: true,
            accounts: true,
        },
        clock: Clock { now: NOW, offset_ms: Some(12) },
        recording: Some(Recording { recording: 40, total: 40 }),
        waiting: 2,
        demo: true,
        theme: Theme::Auto,
        large: false,
        here: "/desk".into(),
        flash: None,
    }
}

fn plain_bar() -> AppBar {
    AppBar { site: "龙江路商业广场".into(), csrf: "sample".into(), here: "/login".into(), ..AppBar::default() }
}

fn cite(id: &str, article: (&str, &str), gist: (&str, &str)) -> Citation {
    Citation {
        clause: ClauseId::new(id),
        instrument: t("黑龙江省公共安全技术防范条例", "Heilongjiang ordinance on technical prevention"),
        article: t(article.0, article.1),
        gist: t(gist.0, gist.1),
        text_sha256: hash(28),
        reading: Reading::Literal,
    }
}

fn two_officers() -> Citation {
    cite("B-28-1-1", ("第二十八条第一项", "art. 28 item 1"), ("查看、复制、调取时，工作人员不得少于二人。", "No fewer than two officers for viewing, copying or retrieving."))
}

fn retention() -> Citation {
    cite("B-25-1", ("第二十五条", "art. 25"), ("视频、音频信息资料留存不得少于三十日。", "Video and audio are kept for at least thirty days."))
}

fn letter() -> Citation {
    cite("B-28-1-2", ("第二十八条第二项", "art. 28 item 2"), ("出示工作证件和单位证明文件。", "Show work ID and a unit letter."))
}

fn duty() -> Citation {
    cite("B-27-1", ("第二十七条", "art. 27"), ("县级以上公安机关等履行法定职责时可以查看、复制、调取。", "Police and other departments at county level and above may view and copy on statutory duty."))
}

fn privacy() -> Citation {
    cite("B-15", ("第十五条", "art. 15"), ("更衣室等涉及他人隐私的场所禁止安装视频和音频监控系统。", "No video or audio surveillance in changing rooms and other private places."))
}

fn sign_clause() -> Citation {
    Citation { reading: Reading::Evident, ..cite("B-16", ("第十六条", "art. 16"), ("公共场所的视频监控应当设置明显标识。", "Conspicuous signs where public places are under video surveillance.")) }
}

const OK: State = State::new(Mark::Ok, "在线", "online");

fn tile(n: usize, name: &str, place: &str) -> CameraTile {
    CameraTile {
        id: format!("cam-{n}"),
        name: name.into(),
        place: place.into(),
        state: OK,
        why_dark: Text::default(),
        bit_rate_bps: 4_120_000,
        live: true,
        audio: n == 2,
        recording: true,
    }
}

fn places(full: bool) -> Vec<PlaceNode> {
    let mut out = vec![
        PlaceNode { name: "一层".into(), cameras: vec![tile(1, "东门 1 号机", "一层东门厅"), tile(2, "收银台", "一层服务台"), tile(3, "中庭全景", "一层中庭")] },
        PlaceNode { name: "地下车库".into(), cameras: vec![tile(4, "车库入口", "地下一层坡道"), tile(5, "B 区柱 17", "地下一层 B 区")] },
    ];
    if let Some(c) = out.get_mut(1).and_then(|p| p.cameras.get_mut(0)) {
        c.state = State::new(Mark::Critical, "无图像", "no picture");
        c.why_dark = t("已注册，但收不到媒体包", "registered, but no media packets arrive");
    }
    if let Some(c) = out.get_mut(1).and_then(|p| p.cameras.get_mut(1)) {
        c.live = false;
        c.why_dark = t("H.265 画面，浏览器不能实时播放", "H.265: the browser cannot play it live");
        c.state = State::new(Mark::Info, "H.265", "H.265");
    }
    if full {
        for floor in 2..9 {
            let name = format!("{floor} 层公共走廊及消防疏散通道综合监控区域");
            let cameras = (0..5).map(|n| tile(floor * 10 + n, &format!("{floor} 层 {n} 号走廊转角半球摄像机（朝向电梯厅）"), &name)).collect();
            out.push(PlaceNode { name: name.clone(), cameras });
        }
    }
    out
}

fn gap(from_min: i64, len_min: Option<i64>, zh: &str, en: &str) -> GapLine {
    let from = ago(from_min * MIN);
    GapLine { from, to: len_min.map(|m| from.plus_ms(m * MIN)), cause: t(zh, en) }
}

fn choices(list: &[(&str, &str, &str, &str, &str, bool)]) -> Vec<Choice> {
    list.iter().map(|c| Choice { value: c.0.into(), label: t(c.1, c.2), hint: t(c.3, c.4), chosen: c.5 }).collect()
}

fn setup(l: Lang, broken: bool) -> SetupPage {
    let mut errors = FormErrors::default();
    if broken {
        errors.push("site_name", t("请填写场所名称", "Enter the name of the site"));
        errors.push("password", t("密码太短，至少 12 个字符", "The password is too short: at least 12 characters"));
    }
    SetupPage {
        l,
        bar: AppBar { site: String::new(), here: "/setup".into(), ..plain_bar() },
        errors,
        jurisdictions: choices(&[
            ("liaoning", "辽宁省", "Liaoning", "辽宁省公共安全技术防范条例（2015）", "Ordinance of 2015", false),
            ("heilongjiang", "黑龙江省", "Heilongjiang", "黑龙江省公共安全技术防范条例（2012）", "Ordinance of 2012", true),
        ]),
        traits: choices(&[
            ("public", "有对公众开放的区域", "Areas open to the public", "适用《公共安全视频图像信息系统管理条例》", "State Council Order 799 applies", true),
            ("key_unit", "技术防范重点单位", "Technical-prevention key unit", "", "", false),
            ("counter_terrorism", "反恐怖重点目标", "Counter-terrorism key target", "录像须保存 90 天", "footage is kept 90 days", false),
        ]),
        name: "赵明".into(),
        login: "admin".into(),
        password_chars_min: 12,
        ..SetupPage::default()
    }
}

fn login(l: Lang, broken: bool) -> LoginPage {
    let mut page = LoginPage { l, bar: plain_bar(), ..LoginPage::default() };
    if broken {
        page.errors.push("login", t("登录名或密码不对，还可以再试 3 次", "Wrong login name or password; 3 more tries"));
        page.login = "wanglj".into();
    } else {
        page.notice = Some(t("登录已过期，请重新登录。", "The session has ended, please sign in again."));
    }
    page
}

fn welcome(l: Lang) -> WelcomePage {
    let rows: [(&str, &str, &str, &str, &str, &str, &str, &str); 9] = [
        ("看实时画面", "Watch a camera live", "三路模拟摄像机：两路国标、一路 RTSP 带声音。", "Three simulated cameras: two GB/T 28181, one RTSP with sound.", "/desk", "打开值班台", "Open the desk", "值班员 duty1"),
        ("往回看录像", "Scrub back", "在时间轴上拖动；缺口用斜线标出，并写明原因。", "Drag on the timeline; gaps are hatched, with their cause.", "/playback", "打开回放", "Open playback", "值班员 duty1"),
        ("一名民警申请：被拒绝", "Ask with one officer: refused", "只填一名民警，看系统怎么拒绝、依据哪一条。", "Name only one officer and see the refusal and its clause.", "/use/new", "提出申请", "Make a request", "民警 police1"),
        ("两名民警申请：可以批准", "Ask with two officers: granted", "十分钟、一路摄像机、两名民警和单位证明文件。", "Ten minutes, one camera, two officers and the unit letter.", "/use/new", "提出申请", "Make a request", "民警 police1"),
        ("保管员审批", "The custodian decides", "逐条核对，批准的一刻录像即封存。", "Condition by condition; on approval the footage is held.", "/use", "打开申请", "Open requests", "保管员 custodian1"),
        ("两人登录并查看", "Both sign in and view", "画面带水印，倒计时，范围之外看不到。", "Watermarked, timed, nothing beyond the scope.", "/use", "登录查看", "Sign in and view", "民警 police1 + police2"),
        ("导出", "Export", "原始片段、缺口清单、签名和日志证明，装在一个文件里。", "Original segments, gaps, signature and proofs in one file.", "/use", "制作导出", "Make the export", "民警 police1"),
        ("离线验证", "Verify offline", "断网也行。改动任何一个字节都会被指出来。", "No network needed. A change of any byte is named.", "", "", "", ""),
        ("试着删除期限内的录像", "Try to delete footage inside its term", "会被拒绝，并记入日志。", "Refused, and the log keeps it.", "/playback", "去试试", "Try it", "安全主管 manager1"),
    ];
    let steps = rows
        .iter()
        .enumerate()
        .map(|(i, r)| WelcomeStep {
            title: t(r.0, r.1),
            body: t(r.2, r.3),
            href: r.4.into(),
            action: t(r.5, r.6),
            account: t(r.7, r.7),
            done: i < 3,
            log_index: (i < 3).then_some(41 + i as u64),
        })
        .collect();
    WelcomePage { l, bar: bar(Nav::Welcome), steps, verify_command: "jifang evidence verify 2026-0007.zip".into() }
}

fn refused(l: Lang) -> ErrorPage {
    let refusal = Refusal::new(
        ErrorKind::Unlawful,
        "retention_not_over",
        t("2026-11-20 14:00 至 14:10 的录像不能删除：它还在法定保存期内，到 2026-12-20 为止。", "Footage of 2026-11-20 14:00 to 14:10 cannot be deleted: its term runs until 2026-12-20."),
        t("期满后系统自动清理，无需操作。如有侵犯隐私的情况，请联系信息保管员封存。", "It is cleared by itself when the term is over. If privacy is at stake, ask the custodian to hold it."),
    )
    .citing(vec![retention(), cite("B-24-1-3", ("第二十四条第三项", "art. 24 item 3"), ("不得擅自删除、修改、破坏记录。", "Records must not be deleted, changed or damaged without authority."))]);
    ErrorPage { l, bar: bar(Nav::None), status: 451, refusal, back: "/playback".into(), trace: "7f3a-91c2".into(), log_index: Some(52) }
}

fn broken(l: Lang, kind: ErrorKind, status: u16) -> ErrorPage {
    let refusal = Refusal::new(kind, "database_unavailable", t("数据库暂时连不上，录像不受影响。", "The database cannot be reached; recording goes on."), t("一分钟后再试；若仍不行，请把下面的编号告诉管理员。", "Try again in a minute; if it stays so, give the number below to the administrator."));
    ErrorPage { l, bar: bar(Nav::None), status, refusal, back: "/desk".into(), trace: "7f3a-91c2".into(), log_index: None }
}

fn desk(l: Lang, full: bool) -> DeskPage {
    let places = places(full);
    let shown: Vec<String> = places.iter().flat_map(|p| p.cameras.iter().map(|c| c.id.clone())).take(if full { 16 } else { 4 }).collect();
    let mut bar = bar(Nav::Desk);
    bar.recording = Some(if full { Recording { recording: 39, total: 40 } } else { Recording { recording: 5, total: 5 } });
    DeskPage { l, bar, places, cells: if full { 16 } else { 4 }, shown }
}

fn playback(l: Lang) -> PlaybackPage {
    PlaybackPage {
        l,
        bar: bar(Nav::Playback),
        cameras: vec![Choice::new("cam-1", t("东门 1 号机", "东门 1 号机"), true), Choice::new("cam-2", t("收银台", "收银台"), false)],
        camera: Some(tile(1, "东门 1 号机", "一层东门厅")),
        at: ago(42 * MIN),
        gaps: vec![gap(300, Some(4), "设备离线：心跳三次未到", "device offline: three keepalives missed"), gap(95, Some(1), "网络丢包，无法组成完整画面", "packets lost, no whole picture")],
        holds: vec![HoldLine { from: ago(80 * MIN), to: ago(70 * MIN), reason: t("申请 2026-0007", "request 2026-0007") }],
        oldest: Some(ago(31 * DAY)),
        law_days: 30,
    }
}

fn request_line(n: u32, state: State, todo: Text) -> RequestLine {
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

fn use_list(l: Lang, empty: bool) -> UseListPage {
    let filters = vec![Choice::new("", t("全部", "All"), true), Choice::new("waiting", t("待审批", "Waiting"), false), Choice::new("granted", t("已批准", "Granted"), false), Choice::new("closed", t("已结束", "Closed"), false), Choice::new("refused", t("未批准", "Refused"), false)];
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
    UseListPage { l, bar: bar(Nav::Use), filters, requests, pager: Pager { previous: None, next: (!empty).then(|| "/use?page=2".into()), shown: t("第 1–5 条，共 37 条", "1–5 of 37") } }
}

fn answers(whole: bool) -> UseAnswers {
    UseAnswers {
        bases: choices(&[
            ("criminal", "刑事案件侦查", "Criminal investigation", "公安机关办理刑事案件", "police working on a criminal case", true),
            ("administrative", "行政案件调查", "Administrative case", "治安、交通等", "public order, traffic and so on", false),
            ("emergency", "突发事件、事故调查", "Emergency or accident", "", "", false),
        ]),
        case_number: "哈公（南岗）受案字〔2026〕10307号".into(),
        unit: "哈尔滨市公安局南岗分局".into(),
        purpose: "查明 11 月 21 日 17 时许东门附近一起扒窃案的嫌疑人去向。".into(),
        cameras: places(false).into_iter().flat_map(|p| p.cameras).map(|c| CameraChoice { chosen: c.id == "cam-1" || c.id == "cam-2", oldest: (c.id != "cam-5").then(|| ago(31 * DAY)), id: c.id, name: c.name, place: c.place }).collect(),
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

fn gate(whole: bool) -> Vec<GateLine> {
    let line = |met, what: (&str, &str), found: (&str, &str), clause| GateLine { met, what: t(what.0, what.1), found: t(found.0, found.1), clause };
    vec![
        line(true, ("申请人正在履行法定职责", "The applicants act on statutory duty"), ("刑事案件侦查，有案件编号", "criminal investigation, with a case number"), duty()),
        line(whole, ("工作人员不少于二人", "At least two officers"), if whole { ("张伟 230103、李强 230117", "张伟 230103, 李强 230117") } else { ("第二名民警", "the second officer") }, two_officers()),
        line(whole, ("出示工作证件和单位证明文件", "Work ID and unit letter"), if whole { ("两个警号和哈公南介字〔2026〕88号", "both badges and letter 88 of 2026") } else { ("单位证明文件", "the unit letter") }, letter()),
        line(true, ("履行登记手续", "Entry in the register"), ("批准后自动登记", "made by itself on approval"), cite("B-28-1-3", ("第二十八条第三项", "art. 28 item 3"), ("履行相关登记手续。", "Complete the registration formalities."))),
    ]
}

fn use_new(l: Lang, step: UseStep, broken: bool) -> UseNewPage {
    let mut errors = FormErrors::default();
    if broken {
        errors.push("second_officer", t("请填写第二名民警：依法不少于两人", "Name a second officer: the law asks for at least two"));
        errors.push("letter", t("请上传单位证明文件", "Upload the unit letter"));
    }
    UseNewPage { l, bar: bar(Nav::Use), draft: "d1".into(), step, errors, answers: answers(!broken), upload_mb_max: 10, range_days_max: 7 }
}

fn use_check(l: Lang, whole: bool) -> UseCheckPage {
    let mut errors = FormErrors::default();
    if !whole {
        errors.push("papers", t("缺第二名民警和单位证明文件，提交后会被拒绝", "The second officer and the unit letter are missing: it would be refused"));
    }
    UseCheckPage { l, bar: bar(Nav::Use), draft: "d1".into(), errors, answers: answers(whole), gate: gate(whole) }
}

fn officer(name: &str, badge: &str, signed: Option<UtcMs>) -> Officer {
    Officer { name: name.into(), badge: badge.into(), unit: "南岗分局刑侦大队".into(), signed }
}

fn scope() -> Vec<ScopeCamera> {
    vec![
        ScopeCamera { id: "cam-1".into(), name: "东门 1 号机".into(), place: "一层东门厅".into(), covered_ms: 600_000, gaps: 0 },
        ScopeCamera { id: "cam-2".into(), name: "收银台".into(), place: "一层服务台".into(), covered_ms: 552_000, gaps: 1 },
    ]
}

fn use_request(l: Lang, act: RequestAct, whole: bool) -> UseRequestPage {
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
        papers: if whole { vec![Paper { kind: t("单位证明文件", "unit letter"), number: "哈公南介字〔2026〕88号".into(), file: "介绍信.pdf".into(), href: "/use/r7/papers/1".into(), size_bytes: 412_000, sha256: hash(3) }] } else { vec![] },
        cameras: scope(),
        from: ago(80 * MIN),
        to: ago(70 * MIN),
        want_copy: true,
        gate: gate(whole),
        act,
        grant_end: (act != RequestAct::Decide).then(|| NOW.plus_ms(8 * 60 * MIN)),
        end_hours: 24,
        history: vec![
            HistoryLine { at: ago(49 * MIN), who: "张伟".into(), what: t("提交申请", "request sent"), log_index: Some(47) },
            HistoryLine { at: ago(48 * MIN), who: "系统".into(), what: t("检查法律条件", "conditions checked"), log_index: Some(48) },
        ],
        exports: if act == RequestAct::View { vec![("e1".into(), "2026-0007-1.zip".into())] } else { vec![] },
        ..UseRequestPage::default()
    }
}

fn signin(l: Lang) -> UseSigninPage {
    let mut errors = FormErrors::default();
    errors.push("badge2", t("警号与申请中的不一致", "The badge is not the one in the request"));
    UseSigninPage { l, bar: bar(Nav::Use), id: "r7".into(), number: "2026-0007".into(), errors, first: officer("张伟", "230103", Some(ago(2 * MIN))), second: officer("李强", "230117", None), scope: t("2 路摄像机，17:10:00 至 17:20:00。", "2 cameras, 17:10:00 to 17:20:00."), grant_end: NOW.plus_ms(8 * 60 * MIN), clauses: vec![two_officers(), letter()] }
}

fn view(l: Lang) -> UseViewPage {
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
    }
}

fn export(l: Lang, state: ExportState) -> UseExportPage {
    let ready = state == ExportState::Ready;
    UseExportPage { l, bar: bar(Nav::Use), id: "r7".into(), number: "2026-0007".into(), export: "e1".into(), state, file: if ready { "2026-0007-1.zip".into() } else { String::new() }, size_bytes: 612_400_000, sha256: hash(7), sm3: hash(8), href: "/use/r7/exports/e1".into(), cameras: scope(), from: ago(80 * MIN), to: ago(70 * MIN), log_key: "jifang-site+5f2c1ab9+AcD9…q3M=".into(), log_index: Some(58) }
}

fn register(l: Lang, count: u32) -> RegisterPage {
    let lines = (0..count)
        .map(|n| RegisterLine {
            number: format!("2026-{:04}", count - n),
            request: "r7".into(),
            at: ago(i64::from(n) * 211 * MIN),
            act: if n % 3 == 0 { t("复制", "copied") } else { t("查看", "viewed") },
            reason: "刑事案件侦查 哈公（南岗）受案字〔2026〕10307号".into(),
            content: "东门 1 号机、收银台 17:10:00–17:20:00".into(),
            persons: "张伟（230103）、李强（230117）".into(),
            unit: "哈尔滨市公安局南岗分局".into(),
            letter: "哈公南介字〔2026〕88号".into(),
            handler: "王丽娟".into(),
            ended: Some(ago(i64::from(n) * 211 * MIN - 25 * MIN)),
            log_index: 58 + u64::from(n),
        })
        .collect();
    RegisterPage { l, bar: bar(Nav::Register), from: "2026-11-01".into(), to: "2026-11-21".into(), lines, pager: Pager::default(), clause: Some(cite("B-28-1-3", ("第二十八条第三项", "art. 28 item 3"), ("履行相关登记手续。", "Complete the registration formalities."))) }
}

fn device_line(n: usize, c: CameraTile) -> DeviceLine {
    let rtsp = n == 2;
    DeviceLine {
        id: c.id,
        name: c.name,
        place: c.place,
        protocol: if rtsp { "RTSP" } else { "GB/T 28181" },
        address: if rtsp { "192.168.10.22:554".into() } else { format!("2301030000132000{n:04}") },
        format: if c.state.mark == Mark::Critical { "—".into() } else { "H.264 1920×1080 25/s".into() },
        bit_rate_bps: if c.state.mark == Mark::Critical { 0 } else { c.bit_rate_bps },
        state: c.state,
        clock_error_ms: (!rtsp).then_some(if n == 1 { -340 } else { 85 }),
        sign: n != 3,
    }
}

fn devices(l: Lang, full: bool, empty: bool) -> DevicesPage {
    let mut list: Vec<DeviceLine> = if empty { vec![] } else { places(full).into_iter().flat_map(|p| p.cameras).enumerate().map(|(n, c)| device_line(n + 1, c)).collect() };
    list.sort_by_key(|d| d.state.mark != Mark::Critical);
    let found = if empty { vec![] } else { vec![FoundDevice { code: "23010300001320000019".into(), address: "192.168.10.31:5060".into(), model: "DS-2CD3T46".into(), channels: 1, since: ago(3 * MIN) }] };
    DevicesPage { l, bar: bar(Nav::Devices), devices: list, found }
}

fn place_kinds(chosen: &str) -> Vec<Choice> {
    [("hall", "门厅、走廊", "hall, corridor"), ("entrance", "出入口", "entrance"), ("parking", "停车场", "car park"), ("counter", "收银、服务台", "counter"), ("hotel_room", "宾馆客房", "hotel guest room"), ("dormitory", "公共宿舍", "dormitory"), ("bathroom", "浴室", "bathroom"), ("changing_room", "更衣室", "changing room"), ("toilet", "卫生间", "toilet"), ("other", "其他", "other")]
        .iter()
        .map(|(v, zh, en)| Choice::new(v, t(zh, en), *v == chosen))
        .collect()
}

fn device_new(l: Lang, rtsp: bool, broken: bool) -> DeviceNewPage {
    let mut errors = FormErrors::default();
    if broken {
        errors.push("place_kind", t("更衣室禁止安装视频和音频监控", "No video or audio surveillance in changing rooms"));
    }
    DeviceNewPage {
        l,
        bar: bar(Nav::Devices),
        errors,
        refused: if broken { vec![privacy()] } else { vec![] },
        rtsp,
        name: "三层东侧".into(),
        place: "三层更衣区".into(),
        place_kinds: place_kinds(if broken { "changing_room" } else { "hall" }),
        public_area: true,
        faces_homes: "no".into(),
        audio: false,
        sign_date: "2026-11-18".into(),
        code: "23010300001320000019".into(),
        transports: vec![Choice::new("udp", t("UDP", "UDP"), true), Choice::new("tcp-passive", t("TCP 被动", "TCP passive"), false), Choice::new("tcp-active", t("TCP 主动", "TCP active"), false)],
        url: String::new(),
        rtsp_user: String::new(),
        server_facts: vec![(t("SIP 服务器编码", "Server code"), "23010000002000000001".into()), (t("SIP 域", "Domain"), "2301000000".into()), (t("服务器地址", "Address"), "192.168.10.5".into()), (t("端口", "Port"), "5060 (UDP, TCP)".into())],
    }
}

fn device(l: Lang, broken: bool) -> DevicePage {
    let step = |q: (&str, &str), state, seen: (&str, &str), next: (&str, &str)| DiagnosisStep { question: t(q.0, q.1), state, seen: t(seen.0, seen.1), next: t(next.0, next.1) };
    let (after, shape) = if broken { (StepState::Waiting, StepState::Broken) } else { (StepState::Ok, StepState::Ok) };
    DevicePage {
        l,
        bar: bar(Nav::Devices),
        errors: FormErrors::default(),
        id: "cam-4".into(),
        name: "车库入口".into(),
        place: "地下一层坡道".into(),
        state: if broken { State::new(Mark::Critical, "无图像", "no picture") } else { OK },
        protocol: "GB/T 28181",
        facts: vec![(t("编码", "Code"), "23010300001320000004".into()), (t("地址", "Address"), "192.168.10.24:5060 UDP".into()), (t("型号", "Model"), "DH-IPC-HFW4443".into()), (t("图像", "Picture"), "H.264 1920×1080 25/s".into()), (t("时钟误差", "Clock error"), "−340 ms".into()), (t("录像始于", "Recording since"), "2026-10-21 09:12:44".into())],
        steps: vec![
            step(("是否已注册？", "Has it registered?"), StepState::Ok, ("18:29:41 续约，有效 3600 秒", "renewed 18:29:41, valid 3600 s"), ("", "")),
            step(("INVITE 是否应答？", "Was INVITE answered?"), StepState::Ok, ("200 OK，120 毫秒", "200 OK after 120 ms"), ("", "")),
            step(("媒体包是否到达？", "Do media packets arrive?"), shape, if broken { ("20 秒内收到 0 个包，应来自 192.168.10.24", "0 packets in 20 s; they should come from 192.168.10.24") } else { ("每秒 410 个包", "410 packets a second") }, if broken { ("检查防火墙是否放行 UDP 10000；或把媒体传输改为 TCP 被动。", "Check that the firewall lets UDP 10000 through, or change the transport to TCP passive.") } else { ("", "") }),
            step(("SSRC 是否相符？", "Does the SSRC match?"), after, if broken { ("", "") } else { ("0100000004，相符", "0100000004, as agreed") }, ("", "")),
            step(("能否解码？", "Can it be decoded?"), after, if broken { ("", "") } else { ("H.264 High，每 2 秒一个关键帧", "H.264 High, a key frame every 2 s") }, ("", "")),
        ],
        diagnosed: Some(ago(MIN)),
        place_kinds: place_kinds("parking"),
        public_area: true,
        audio: false,
        sign_date: if broken { String::new() } else { "2026-10-20".into() },
        duties: vec![
            DutyLine { state: if broken { State::new(Mark::Critical, "正在缺失", "being lost") } else { State::new(Mark::Ok, "已满足", "met") }, what: t("录像保存 30 天", "Footage is kept 30 days"), clause: retention() },
            DutyLine { state: if broken { State::new(Mark::Attention, "未登记", "not recorded") } else { State::new(Mark::Ok, "已满足", "met") }, what: t("设置明显标识", "A conspicuous sign"), clause: sign_clause() },
        ],
    }
}

fn storage(l: Lang, full: bool, empty: bool) -> StoragePage {
    let cameras = if empty { vec![] } else { places(full).into_iter().flat_map(|p| p.cameras).enumerate().map(|(n, c)| {
        let (kept, state, forecast) = match n {
            0 => (210, State::new(Mark::Critical, "将不足", "will fall short"), Some(224)),
            1 => (82, State::new(Mark::Info, "积累中", "still growing"), Some(345)),
            2 => (3, State::new(Mark::Info, "积累中", "still growing"), None),
            _ => (312, State::new(Mark::Ok, "已满足", "met"), Some(330)),
        };
        KeptLine { id: c.id, name: c.name, kept_tenths: kept, law_days: 30, clause: retention(), state, oldest: Some(ago(i64::from(kept) * DAY / 10)), forecast_tenths: forecast, per_day_bytes: 43_200_000_000, held_ms: if n == 1 { 600_000 } else { 0 } }
    }).collect() };
    StoragePage {
        l,
        bar: bar(Nav::Storage),
        verdict: if empty { t("还没有录像。", "Nothing is recorded yet.") } else { t("东门 1 号机照现在的速度只能保存 22.4 天，少于法定 30 天：12 月 9 日起会缺。请在此之前加盘或降低码率。", "East gate 1 will keep only 22.4 days, below the 30 the law asks: short from 9 December on. Add a disk or lower the bit rate before.") },
        verdict_mark: if empty { Mark::Info } else { Mark::Critical },
        cameras,
        disks: vec![DiskLine { path: "/data/footage-1".into(), state: State::new(Mark::Ok, "正常", "fine"), size_bytes: 16_000_000_000_000, used_bytes: 14_100_000_000_000, write_bytes_s: 2_600_000, full_at: None }, DiskLine { path: "/data/footage-2".into(), state: State::new(Mark::Warning, "快满", "nearly full"), size_bytes: 8_000_000_000_000, used_bytes: 7_700_000_000_000, write_bytes_s: 1_200_000, full_at: Some(NOW.plus_ms(3 * DAY)) }],
        gaps: if empty { vec![] } else { vec![CameraGap { camera: "cam-4".into(), name: "车库入口".into(), gap: gap(22, None, "收不到媒体包", "no media packets") }, CameraGap { camera: "cam-1".into(), name: "东门 1 号机".into(), gap: gap(300, Some(4), "设备离线：心跳三次未到", "device offline: three keepalives missed") }, CameraGap { camera: "cam-2".into(), name: "收银台".into(), gap: gap(1_400, Some(1), "服务重启", "server restarted") }] },
        gap_total: if empty { 0 } else { 3 },
    }
}

fn log_lines(count: u64) -> Vec<LogLine> {
    let kinds = [("登录", "signed in", "会话", true, ""), ("删除录像", "delete footage", "东门 1 号机 14:00–14:10", false, "B-25-1"), ("查看录像", "view footage", "申请 2026-0007", true, "B-28-1-1"), ("申请使用信息", "request use", "申请 2026-0006", false, "B-28-1-1"), ("导出", "export", "2026-0007-1.zip", true, "B-28-1-3"), ("封存录像", "hold footage", "收银台 17:10–17:20", true, "B-29-1-2")];
    let who = ["王丽娟", "张伟", "孙浩", "李强"];
    (0..count)
        .filter_map(|n| {
            let (zh, en, object, allowed, clause) = *kinds.get(n as usize % kinds.len())?;
            Some(LogLine { index: 1_240 - n, at: ago(n as i64 * 3 * MIN), who: (*who.get(n as usize % 4)?).into(), act: t(zh, en), object: object.into(), allowed, clauses: if clause.is_empty() { vec![] } else { vec![ClauseId::new(clause)] } })
        })
        .collect()
}

fn log(l: Lang, count: u64, filtered: bool) -> LogPage {
    LogPage { l, bar: bar(Nav::Log), acts: vec![Choice::new("view", t("查看录像", "view footage"), false), Choice::new("delete", t("删除录像", "delete footage"), false)], outcomes: vec![Choice::new("", t("全部", "All"), true), Choice::new("allowed", t("允许", "allowed"), false), Choice::new("refused", t("拒绝", "refused"), false)], filtered, lines: log_lines(count), pager: Pager { previous: None, next: (count > 0).then(|| "/log?before=1200".into()), shown: t("共 1,241 条", "1,241 in all") }, size: 1_241, root: hash(9), checkpoint_at: Some(ago(800)), ..LogPage::default() }
}

fn log_entry(l: Lang, waiting: bool) -> LogEntryPage {
    LogEntryPage {
        l,
        bar: bar(Nav::Log),
        index: 1_239,
        at: ago(3 * MIN),
        who: "孙浩（安全主管）".into(),
        act: t("删除录像", "delete footage"),
        object: "东门 1 号机 2026-11-20 14:00:00 — 14:10:00".into(),
        allowed: false,
        clauses: vec![retention(), sign_clause()],
        facts: vec![(t("理由", "Reason"), "误录".into()), (t("法定期限到", "Term ends"), "2026-12-20 14:10:00".into()), (t("来自", "From"), "192.168.10.50".into())],
        leaf: hash(1),
        proof: if waiting { vec![] } else { (0..5).map(|n| ProofStep { left: n % 2 == 0, neighbour: hash(20 + n), result: hash(30 + n) }).collect() },
        size: 1_241,
        root: hash(34),
        holds: (!waiting).then_some(true),
        checkpoint: if waiting { String::new() } else { format!("longjiang-plaza.example/log\n1241\n{}\n\n— longjiang-plaza.example/log XyK8d…Qw==\n", hash(34)) },
        signers: vec!["longjiang-plaza.example/log (Ed25519)".into()],
        command: "jifang ledger prove 1239".into(),
    }
}

fn law_clause(l: Lang, lost: bool) -> LawClausePage {
    let mut page = LawClausePage {
        l,
        bar: bar(Nav::None),
        clause: "B-28-1-1".into(),
        instrument: t("黑龙江省公共安全技术防范条例", "Heilongjiang ordinance on technical prevention"),
        article: t("第二十八条第一项", "Article 28, item 1"),
        issuer: t("黑龙江省人大常委会 2012-08-24 通过", "Heilongjiang standing committee, adopted 2012-08-24"),
        in_force: t("2012-11-01 起施行", "in force since 2012-11-01"),
        printed: vec!["第二十八条　县级以上人民政府公安机关等有关部门工作人员在查看、复制、调取安全技术防范系统信息时，应当遵守下列规定：".into(), "（一）工作人员不得少于二人；".into(), "（二）出示工作证件和单位证明文件；".into(), "（三）履行相关登记手续。".into()],
        gist: t("查看、复制、调取时，工作人员不得少于二人。", "No fewer than two officers for viewing, copying or retrieving."),
        text_sha256: hash(28),
        applies: true,
        applies_why: t("本场所在黑龙江省，条例在施行中。", "The site is in Heilongjiang and the ordinance is in force."),
        carried_out: vec![ClauseUse { what: t("批准申请前核对两名民警", "Two officers checked before approval"), href: "/use".into() }, ClauseUse { what: t("查看前两人各自登录", "Both sign in before viewing"), href: String::new() }],
        decisions: log_lines(4),
        ..LawClausePage::default()
    };
    if lost {
        page.reading = Reading::FlaggedDefault;
        page.lost = Some(t("这一条的各项在现有文本中缺失，这里不补写。", "The items of this article are lost in the text at hand; nothing is invented here."));
        page.reading_note = t("缺失处按黑龙江条例第二十八条作为标注的默认规则，不称其为本条原文。", "In their place article 28 of the Heilongjiang text serves as a flagged default, never as this article's own words.");
        page.decisions = vec![];
        page.applies = false;
    }
    page
}

fn account(l: Lang) -> AccountPage {
    let session = |id: &str, agent: &str, this| SessionLine { id: id.into(), agent: agent.into(), address: "192.168.10.50".into(), since: ago(200 * MIN), last: ago(MIN), this };
    AccountPage { l, bar: bar(Nav::None), login: "wanglj".into(), must_change: true, password_chars_min: 12, sessions: vec![session("s1", "Chrome 131 · Windows", true), session("s2", "Firefox 133 · Linux", false)], ..AccountPage::default() }
}

fn accounts(l: Lang) -> AccountsPage {
    let line = |id: &str, name: &str, login: &str, role: (&str, &str), badge: &str, state: State, locked| AccountLine { id: id.into(), name: name.into(), login: login.into(), role: t(role.0, role.1), badge: badge.into(), state, locked, closed: false, last: Some(ago(70 * MIN)) };
    let fine = State::new(Mark::Ok, "正常", "in use");
    AccountsPage {
        l,
        bar: bar(Nav::Accounts),
        accounts: vec![
            line("a1", "赵明", "admin", ("管理员", "administrator"), "", fine.clone(), false),
            line("a2", "王丽娟", "custodian1", ("信息保管员", "information custodian"), "", fine.clone(), false),
            line("a3", "孙浩", "manager1", ("安全主管", "security manager"), "", fine.clone(), false),
            line("a4", "张伟", "police1", ("民警", "police officer"), "南岗分局 230103", fine, false),
            line("a5", "刘洋", "duty2", ("值班员", "duty officer"), "", State::new(Mark::Warning, "已锁定到 18:45", "locked until 18:45"), true),
        ],
        roles: choices(&[("duty", "值班员", "Duty officer", "看实时和回放，加书签", "live, playback, bookmarks", true), ("manager", "安全主管", "Security manager", "设备、存储、封存", "devices, storage, holds", false), ("custodian", "信息保管员", "Information custodian", "审批信息使用", "decides requests", false), ("police", "民警", "Police officer", "申请、查看、导出", "requests, views, exports", false), ("auditor", "审计员", "Auditor", "只看日志和登记簿", "log and register only", false)]),
        one_time: Some(("duty3".into(), "kavo-lemi-7302".into())),
        ..AccountsPage::default()
    }
}

fn put<T: Template>(out: &mut Vec<(String, String)>, name: &str, page: &T) {
    let html = page.render().unwrap_or_else(|e| format!("did not render: {e}"));
    out.push((name.to_owned(), html));
}

fn watching(l: Lang, out: &mut Vec<(String, String)>) {
    put(out, "desk", &desk(l, false));
    put(out, "desk-full", &desk(l, true));
    put(out, "desk-empty", &DeskPage { l, bar: bar(Nav::Desk), cells: 4, ..DeskPage::default() });
    put(out, "desk-light", &DeskPage { bar: AppBar { theme: Theme::Light, ..bar(Nav::Desk) }, ..desk(l, false) });
    put(out, "playback", &playback(l));
    put(out, "playback-empty", &PlaybackPage { l, bar: bar(Nav::Playback), at: NOW, law_days: 30, ..PlaybackPage::default() });
}

fn using(l: Lang, out: &mut Vec<(String, String)>) {
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
    put(out, "use-export", &export(l, ExportState::Ready));
    put(out, "use-export-none", &export(l, ExportState::None));
    put(out, "use-export-running", &export(l, ExportState::Running(37)));
    put(out, "use-export-failed", &export(l, ExportState::Failed(t("磁盘已满，没有写下任何东西。", "The disk is full; nothing was written."))));
    put(out, "register", &register(l, 12));
    put(out, "register-full", &register(l, 1_000));
    put(out, "register-empty", &register(l, 0));
}

fn running(l: Lang, out: &mut Vec<(String, String)>) {
    put(out, "devices", &devices(l, false, false));
    put(out, "devices-full", &devices(l, true, false));
    put(out, "devices-empty", &devices(l, false, true));
    put(out, "devices-dark", &DevicesPage { bar: AppBar { theme: Theme::Dark, ..bar(Nav::Devices) }, ..devices(l, false, false) });
    put(out, "device-new", &device_new(l, false, false));
    put(out, "device-new-refused", &device_new(l, true, true));
    put(out, "device", &device(l, false));
    put(out, "device-broken", &device(l, true));
    put(out, "storage", &storage(l, false, false));
    put(out, "storage-full", &storage(l, true, false));
    put(out, "storage-dark", &StoragePage { bar: AppBar { theme: Theme::Dark, ..bar(Nav::Storage) }, ..storage(l, false, false) });
    put(out, "storage-empty", &storage(l, false, true));
    put(out, "log", &log(l, 40, false));
    put(out, "log-full", &log(l, 1_000, false));
    put(out, "log-empty", &log(l, 0, true));
    put(out, "log-entry", &log_entry(l, false));
    put(out, "log-entry-waiting", &log_entry(l, true));
    put(out, "law-clause", &law_clause(l, false));
    put(out, "law-clause-lost", &law_clause(l, true));
    put(out, "account", &account(l));
    put(out, "accounts", &accounts(l));
}

/// Every page by name, in one language.
pub fn all(l: Lang) -> Vec<(String, String)> {
    let mut out = Vec::new();
    put(&mut out, "setup", &setup(l, false));
    put(&mut out, "setup-errors", &setup(l, true));
    put(&mut out, "login", &login(l, false));
    put(&mut out, "login-errors", &login(l, true));
    put(&mut out, "login-large", &LoginPage { bar: AppBar { large: true, ..plain_bar() }, ..login(l, false) });
    put(&mut out, "welcome", &welcome(l));
    put(&mut out, "refused", &refused(l));
    put(&mut out, "error", &broken(l, ErrorKind::Unavailable, 503));
    let flash = Flash { mark: Mark::Info, text: t("设备已添加，正在检查图像。", "Device added; checking its picture."), clauses: vec![sign_clause()] };
    put(&mut out, "device-flash", &DevicePage { bar: AppBar { flash: Some(flash), large: true, ..bar(Nav::Devices) }, ..device(l, false) });
    watching(l, &mut out);
    using(l, &mut out);
    running(l, &mut out);
    out
}
