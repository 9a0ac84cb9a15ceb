//! Sample data for every page: normal, empty, full and broken. Nothing here reaches the product; names and numbers are made up.

mod alarm;
mod applying;
mod between;
mod case_documents;
mod case_steps;
mod casework;
mod data;
mod desk;
mod draw_plans;
mod duties;
mod entry;
mod footage;
mod joining;
mod logs;
mod networking;
mod paying;
mod public;
mod registers;
mod relays;
mod running;
mod showing;
mod using;
mod visits;

use super::pages::devices::DevicePage;
use super::pages::entry::LoginPage;
use super::pages::watch::{BookmarkLine, CameraTile, DeskPage, GapLine, HoldLine, PlaceNode, PlaybackPage};
use super::pages::{AppBar, Can, Choice, Clock, Flash, FormErrors, Mark, Nav, Pager, Recording, Signed, State, Theme};
use alarm::*;
use askama::Template;
use base::{Citation, ClauseId, ErrorKind, Lang, Reading, Refusal, Sha256, Text, UtcMs};
use duties::duties;
use entry::*;
use logs::*;
use networking::networking;
use running::*;
use using::*;

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
        site_zh: String::new(),
        user: Some(Signed { name: "王丽娟".into(), role: t("信息保管员", "information custodian") }),
        csrf: "sample".into(),
        active,
        login: "wang".into(),
        place: "黑龙江省哈尔滨市道里区龙江路1号".into(),
        can: Can {
            settings: false,
            desk: true,
            playback: true,
            bookmark: true,
            hold: true,
            request: true,
            decide: true,
            delete: true,
            use_list: true,
            devices: true,
            devices_manage: true,
            storage: true,
            log: true,
            accounts: true,
            alarms: true,
            alarms_handle: true,
            inbox: false,
            sites: false,
            link: true,
            watch: true,
            changes: true,
            duties: true,
            cases: false,
            offices: false,
            supervise: false,
        },
        clock: Clock { now: NOW, offset_ms: Some(12) },
        recording: Some(Recording { recording: 40, total: 40 }),
        waiting: 2,
        changes: 1,
        demo: true,
        theme: Theme::Auto,
        large: false,
        here: "/desk".into(),
        flash: None,
        on_duty: Some("吴值".into()),
        stranger: None,
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
    cite(
        "B-28-1-1",
        ("第二十八条第一项", "art. 28 item 1"),
        (
            "查看、复制、调取时，工作人员不得少于二人。",
            "No fewer than two officers for viewing, copying or retrieving.",
        ),
    )
}

fn retention() -> Citation {
    cite(
        "B-25-1",
        ("第二十五条", "art. 25"),
        ("视频、音频信息资料留存不得少于三十日。", "Video and audio are kept for at least thirty days."),
    )
}

fn letter() -> Citation {
    cite(
        "B-28-1-2",
        ("第二十八条第二项", "art. 28 item 2"),
        ("出示工作证件和单位证明文件。", "Show work ID and a unit letter."),
    )
}

fn duty() -> Citation {
    cite(
        "B-27-1",
        ("第二十七条", "art. 27"),
        (
            "县级以上公安机关等履行法定职责时可以查看、复制、调取。",
            "Police and other departments at county level and above may view and copy on statutory duty.",
        ),
    )
}

fn privacy() -> Citation {
    cite(
        "B-15",
        ("第十五条", "art. 15"),
        (
            "更衣室等涉及他人隐私的场所禁止安装视频和音频监控系统。",
            "No video or audio surveillance in changing rooms and other private places.",
        ),
    )
}

fn sign_clause() -> Citation {
    Citation {
        reading: Reading::Evident,
        ..cite(
            "B-16",
            ("第十六条", "art. 16"),
            (
                "公共场所的视频监控应当设置明显标识。",
                "Conspicuous signs where public places are under video surveillance.",
            ),
        )
    }
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
        PlaceNode {
            name: "一层".into(),
            cameras: vec![
                tile(1, "东门 1 号机", "一层东门厅"),
                tile(2, "收银台", "一层服务台"),
                tile(3, "中庭全景", "一层中庭"),
            ],
        },
        PlaceNode {
            name: "地下车库".into(),
            cameras: vec![tile(4, "车库入口", "地下一层坡道"), tile(5, "B 区柱 17", "地下一层 B 区")],
        },
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
            let cameras = (0..5)
                .map(|n| tile(floor * 10 + n, &format!("{floor} 层 {n} 号走廊转角半球摄像机（朝向电梯厅）"), &name))
                .collect();
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

fn desk(l: Lang, full: bool) -> DeskPage {
    let places = places(full);
    let shown: Vec<String> =
        places.iter().flat_map(|p| p.cameras.iter().map(|c| c.id.clone())).take(if full { 16 } else { 4 }).collect();
    let mut bar = bar(Nav::Desk);
    bar.recording =
        Some(if full { Recording { recording: 39, total: 40 } } else { Recording { recording: 5, total: 5 } });
    let watched = vec![t(
        "上级平台「市公安局视频专网」正在实时查看「东门 1 号机」，自 2026-11-21 18:20:05 起。",
        "Upper platform \"市公安局视频专网\" is watching \"东门 1 号机\" live since 2026-11-21 18:20:05.",
    )];
    let watched = if full { watched } else { vec![] };
    DeskPage { l, bar, places, cells: if full { 16 } else { 4 }, shown, watched }
}

fn playback(l: Lang) -> PlaybackPage {
    PlaybackPage {
        l,
        bar: bar(Nav::Playback),
        cameras: vec![
            Choice::new("cam-1", t("东门 1 号机", "东门 1 号机"), true),
            Choice::new("cam-2", t("收银台", "收银台"), false),
        ],
        camera: Some(tile(1, "东门 1 号机", "一层东门厅")),
        at: ago(42 * MIN),
        gaps: vec![
            gap(300, Some(4), "设备离线：心跳三次未到", "device offline: three keepalives missed"),
            gap(95, Some(1), "网络丢包，无法组成完整画面", "packets lost, no whole picture"),
        ],
        holds: vec![
            HoldLine {
                id: "h1".into(),
                from: ago(80 * MIN),
                to: ago(70 * MIN),
                reason: t("申请 2026-0007", "request 2026-0007"),
                releasable: false,
            },
            HoldLine {
                id: "h2".into(),
                from: ago(50 * MIN),
                to: ago(40 * MIN),
                reason: t("顾客摔倒纠纷", "a customer's fall"),
                releasable: true,
            },
        ],
        bookmarks: vec![BookmarkLine {
            id: "b1".into(),
            from: ago(45 * MIN),
            to: ago(44 * MIN),
            note: "红衣男子进门".into(),
            who: "吴值（duty）".into(),
        }],
        oldest: Some(ago(31 * DAY)),
        law_days: 30,
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
    put(
        out,
        "playback-empty",
        &PlaybackPage { l, bar: bar(Nav::Playback), at: NOW, law_days: 30, ..PlaybackPage::default() },
    );
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
    let flash = Flash {
        mark: Mark::Info,
        text: t("设备已添加，正在检查图像。", "Device added; checking its picture."),
        clauses: vec![sign_clause()],
    };
    put(
        &mut out,
        "device-flash",
        &DevicePage { bar: AppBar { flash: Some(flash), large: true, ..bar(Nav::Devices) }, ..device(l, false) },
    );
    watching(l, &mut out);
    using(l, &mut out);
    running(l, &mut out);
    alarming(l, &mut out);
    between::put_all(l, &mut out);
    networking(l, &mut out);
    duties(l, &mut out);
    public::put_all(l, &mut out);
    casework::put_all(l, &mut out);
    joining::put_all(l, &mut out);
    case_documents::put_all(l, &mut out);
    desk::put_all(l, &mut out);
    draw_plans::put_all(l, &mut out);
    footage::put_all(l, &mut out);
    relays::put_all(l, &mut out);
    showing::put_all(l, &mut out);
    data::put_all(l, &mut out);
    visits::put_all(l, &mut out);
    registers::put_all(l, &mut out);
    out
}
