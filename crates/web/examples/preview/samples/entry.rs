//! Samples: Setup, sign-in, walkthrough, errors.

use super::super::pages::entry::{ErrorPage, LoginPage, SetupPage, WelcomeAuthority, WelcomePage, WelcomeStep};
use super::*;

pub fn setup(l: Lang, broken: bool) -> SetupPage {
    let mut errors = FormErrors::default();
    if broken {
        errors.push("site_name", t("请填写场所名称", "Enter the name of the site"));
        errors.push("password", t("密码太短，至少 12 个字符", "The password is too short: at least 12 characters"));
    }
    SetupPage {
        l,
        bar: AppBar { site: String::new(), here: "/setup".into(), ..plain_bar() },
        errors,
        code: String::new(),
        code_file: "/var/lib/jifang/setup-code".into(),
        jurisdictions: choices(&[
            ("liaoning", "辽宁省", "Liaoning", "辽宁省公共安全技术防范条例（2015）", "Ordinance of 2015", false),
            (
                "heilongjiang",
                "黑龙江省",
                "Heilongjiang",
                "黑龙江省公共安全技术防范条例（2012）",
                "Ordinance of 2012",
                true,
            ),
        ]),
        traits: choices(&[
            (
                "public",
                "有对公众开放的区域",
                "Areas open to the public",
                "适用《公共安全视频图像信息系统管理条例》",
                "State Council Order 799 applies",
                true,
            ),
            ("key_unit", "技术防范重点单位", "Technical-prevention key unit", "", "", false),
            (
                "counter_terrorism",
                "反恐怖重点目标",
                "Counter-terrorism key target",
                "录像须保存 90 天",
                "footage is kept 90 days",
                false,
            ),
        ]),
        name: "赵明".into(),
        login: "admin".into(),
        password_chars_min: 12,
        ..SetupPage::default()
    }
}

pub fn login(l: Lang, broken: bool) -> LoginPage {
    let mut page = LoginPage { l, bar: plain_bar(), ..LoginPage::default() };
    if broken {
        page.errors.push("login", t("登录名或密码不对，还可以再试 3 次", "Wrong login name or password; 3 more tries"));
        page.login = "wanglj".into();
    } else {
        page.notice = Some(t("登录已过期，请重新登录。", "The session has ended, please sign in again."));
    }
    page
}

/// Title, body, address, action, account; zh then en.
const STEPS: [[&str; 8]; 9] = [
    [
        "看实时画面",
        "Watch a camera live",
        "三路模拟摄像机：两路国标、一路 RTSP 带声音。",
        "Three simulated cameras: two GB/T 28181, one RTSP with sound.",
        "/desk",
        "打开值班台",
        "Open the desk",
        "值班员 duty1",
    ],
    [
        "往回看录像",
        "Scrub back",
        "在时间轴上拖动；缺口用斜线标出，并写明原因。",
        "Drag on the timeline; gaps are hatched, with their cause.",
        "/playback",
        "打开回放",
        "Open playback",
        "值班员 duty1",
    ],
    [
        "一名民警申请：被拒绝",
        "Ask with one officer: refused",
        "只填一名民警，看系统怎么拒绝、依据哪一条。",
        "Name only one officer and see the refusal and its clause.",
        "/use/new",
        "提出申请",
        "Make a request",
        "民警 police1",
    ],
    [
        "两名民警申请：可以批准",
        "Ask with two officers: granted",
        "十分钟、一路摄像机、两名民警和单位证明文件。",
        "Ten minutes, one camera, two officers and the unit letter.",
        "/use/new",
        "提出申请",
        "Make a request",
        "民警 police1",
    ],
    [
        "保管员审批",
        "The custodian decides",
        "逐条核对，批准的一刻录像即封存。",
        "Condition by condition; on approval the footage is held.",
        "/use",
        "打开申请",
        "Open requests",
        "保管员 custodian1",
    ],
    [
        "两人登录并查看",
        "Both sign in and view",
        "画面带水印，倒计时，范围之外看不到。",
        "Watermarked, timed, nothing beyond the scope.",
        "/use",
        "登录查看",
        "Sign in and view",
        "民警 police1 + police2",
    ],
    [
        "导出",
        "Export",
        "原始片段、缺口清单、签名和日志证明，装在一个文件里。",
        "Original segments, gaps, signature and proofs in one file.",
        "/use",
        "制作导出",
        "Make the export",
        "民警 police1",
    ],
    [
        "离线验证",
        "Verify offline",
        "断网也行。改动任何一个字节都会被指出来。",
        "No network needed. A change of any byte is named.",
        "",
        "",
        "",
        "",
    ],
    [
        "试着删除期限内的录像",
        "Try to delete footage inside its term",
        "会被拒绝，并记入日志。",
        "Refused, and the log keeps it.",
        "/playback",
        "去试试",
        "Try it",
        "安全主管 manager1",
    ],
];

pub fn welcome(l: Lang) -> WelcomePage {
    let steps = STEPS
        .iter()
        .enumerate()
        .map(|(i, [title_zh, title_en, body_zh, body_en, href, action_zh, action_en, account])| WelcomeStep {
            title: t(title_zh, title_en),
            body: t(body_zh, body_en),
            href: (*href).into(),
            action: t(action_zh, action_en),
            account: t(account, account),
            done: i < 3,
            log_index: (i < 3).then_some(41 + i as u64),
            alarms: if i == 0 { vec![Choice::new("burglary", t("入侵报警", "Burglary"), false)] } else { vec![] },
        })
        .collect();
    let authority = |name: &str, port: u16| WelcomeAuthority {
        name: name.into(),
        public: format!("http://127.0.0.1:{port}/public"),
        cases: format!("http://127.0.0.1:{port}/cases"),
    };
    WelcomePage {
        l,
        bar: bar(Nav::Welcome),
        steps,
        verify_command: "jifang evidence verify 2026-0007.zip".into(),
        authorities: vec![
            authority("哈尔滨市公安局道里分局（演示）", 8081),
            authority("沈阳市公安局和平分局（演示）", 8082),
        ],
    }
}

pub fn refused(l: Lang) -> ErrorPage {
    let refusal = Refusal::new(
        ErrorKind::Unlawful,
        "retention_not_over",
        t(
            "2026-11-20 14:00 至 14:10 的录像不能删除：它还在法定保存期内，到 2026-12-20 为止。",
            "Footage of 2026-11-20 14:00 to 14:10 cannot be deleted: its term runs until 2026-12-20.",
        ),
        t(
            "期满后系统自动清理，无需操作。如有侵犯隐私的情况，请联系信息保管员封存。",
            "It is cleared by itself when the term is over. If privacy is at stake, ask the custodian to hold it.",
        ),
    )
    .citing(vec![
        retention(),
        cite(
            "B-24-1-3",
            ("第二十四条第三项", "art. 24 item 3"),
            ("不得擅自删除、修改、破坏记录。", "Records must not be deleted, changed or damaged without authority."),
        ),
    ]);
    ErrorPage {
        l,
        bar: bar(Nav::None),
        status: 451,
        refusal,
        back: "/playback".into(),
        trace: "7f3a-91c2".into(),
        log_index: Some(52),
    }
}

pub fn broken(l: Lang, kind: ErrorKind, status: u16) -> ErrorPage {
    let refusal = Refusal::new(
        kind,
        "database_unavailable",
        t("数据库暂时连不上，录像不受影响。", "The database cannot be reached; recording goes on."),
        t(
            "一分钟后再试；若仍不行，请把下面的编号告诉管理员。",
            "Try again in a minute; if it stays so, give the number below to the administrator.",
        ),
    );
    ErrorPage {
        l,
        bar: bar(Nav::None),
        status,
        refusal,
        back: "/desk".into(),
        trace: "7f3a-91c2".into(),
        log_index: None,
    }
}
