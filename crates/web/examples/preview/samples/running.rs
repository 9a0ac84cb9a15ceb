//! Samples: Devices and storage.

use super::super::pages::devices::{
    DeviceLine, DeviceNewPage, DevicePage, DevicesPage, DiagnosisStep, DutyLine, FoundDevice, GuardCard, LawSays,
    ProbeLine, StepState,
};
use super::super::pages::panels::{FaultLine, PanelLine, PanelPage, PanelsPage, StrangerLine, ZoneLine};
use super::super::pages::storage::{CameraGap, DiskLine, KeptLine, PlanLine, ShareLine, StoragePage};
use super::*;

pub fn device_line(n: usize, c: CameraTile) -> DeviceLine {
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

pub fn devices(l: Lang, full: bool, empty: bool) -> DevicesPage {
    let mut list: Vec<DeviceLine> = if empty {
        vec![]
    } else {
        places(full).into_iter().flat_map(|p| p.cameras).enumerate().map(|(n, c)| device_line(n + 1, c)).collect()
    };
    list.sort_by_key(|d| d.state.mark != Mark::Critical);
    let found = if empty {
        vec![]
    } else {
        vec![FoundDevice {
            code: "23010300001320000019".into(),
            address: "192.168.10.31:5060".into(),
            model: "DS-2CD3T46".into(),
            channels: 1,
            since: ago(3 * MIN),
        }]
    };
    DevicesPage { l, bar: bar(Nav::Devices), devices: list, found }
}

pub fn place_kinds(chosen: &str) -> Vec<Choice> {
    [
        ("hall", "门厅、走廊", "hall, corridor"),
        ("entrance", "出入口", "entrance"),
        ("parking", "停车场", "car park"),
        ("counter", "收银、服务台", "counter"),
        ("hotel_room", "宾馆客房", "hotel guest room"),
        ("dormitory", "公共宿舍", "dormitory"),
        ("bathroom", "浴室", "bathroom"),
        ("changing_room", "更衣室", "changing room"),
        ("toilet", "卫生间", "toilet"),
        ("other", "其他", "other"),
    ]
    .iter()
    .map(|(v, zh, en)| Choice::new(v, t(zh, en), *v == chosen))
    .collect()
}

pub fn device_new(l: Lang, rtsp: bool, broken: bool) -> DeviceNewPage {
    let mut errors = FormErrors::default();
    if broken {
        errors
            .push("place_kind", t("更衣室禁止安装视频和音频监控", "No video or audio surveillance in changing rooms"));
    }
    DeviceNewPage {
        l,
        bar: bar(Nav::Devices),
        errors,
        law: Some(if broken {
            let (what, next) =
                (t("该处不得安装。", "No camera may be put there."), t("请换一处。", "Choose another place."));
            LawSays { refused: Some((what, next)), why: vec![privacy()], keep_days: 30, ..LawSays::default() }
        } else {
            LawSays { keep_days: 30, ..LawSays::default() }
        }),
        rtsp,
        name: "三层东侧".into(),
        place: "三层更衣区".into(),
        place_kinds: place_kinds(if broken { "changing_room" } else { "hall" }),
        faces_homes: "no".into(),
        audio: false,
        installers: law::Installer::ALL
            .into_iter()
            .map(|i| Choice::new(i.key(), i.name(), i == law::Installer::ManagingUnit))
            .collect(),
        approval: String::new(),
        sign_date: "2026-11-18".into(),
        code: "23010300001320000019".into(),
        transports: vec![
            Choice::new("udp", t("UDP", "UDP"), true),
            Choice::new("tcp-passive", t("TCP 被动", "TCP passive"), false),
            Choice::new("tcp-active", t("TCP 主动", "TCP active"), false),
        ],
        url: String::new(),
        rtsp_user: String::new(),
        server_facts: vec![
            (t("SIP 服务器编码", "Server code"), "23010000002000000001".into()),
            (t("SIP 域", "Domain"), "2301000000".into()),
            (t("服务器地址", "Address"), "192.168.10.5".into()),
            (t("端口", "Port"), "5060 (UDP, TCP)".into()),
        ],
    }
}

fn diagnosis(broken: bool) -> Vec<DiagnosisStep> {
    let step = |q: (&str, &str), state, seen: (&str, &str), next: (&str, &str)| DiagnosisStep {
        question: t(q.0, q.1),
        state,
        seen: t(seen.0, seen.1),
        next: t(next.0, next.1),
    };
    let (after, shape) = if broken { (StepState::Waiting, StepState::Broken) } else { (StepState::Ok, StepState::Ok) };
    vec![
        step(
            ("是否已注册？", "Has it registered?"),
            StepState::Ok,
            ("18:29:41 续约，有效 3600 秒", "renewed 18:29:41, valid 3600 s"),
            ("", ""),
        ),
        step(
            ("INVITE 是否应答？", "Was INVITE answered?"),
            StepState::Ok,
            ("200 OK，120 毫秒", "200 OK after 120 ms"),
            ("", ""),
        ),
        step(
            ("媒体包是否到达？", "Do media packets arrive?"),
            shape,
            if broken {
                ("20 秒内收到 0 个包，应来自 192.168.10.24", "0 packets in 20 s; they should come from 192.168.10.24")
            } else {
                ("每秒 410 个包", "410 packets a second")
            },
            if broken {
                (
                    "检查防火墙是否放行 UDP 10000；或把媒体传输改为 TCP 被动。",
                    "Check that the firewall lets UDP 10000 through, or change the transport to TCP passive.",
                )
            } else {
                ("", "")
            },
        ),
        step(
            ("SSRC 是否相符？", "Does the SSRC match?"),
            after,
            if broken { ("", "") } else { ("0100000004，相符", "0100000004, as agreed") },
            ("", ""),
        ),
        step(
            ("能否解码？", "Can it be decoded?"),
            after,
            if broken {
                ("", "")
            } else {
                ("H.264 High，每 2 秒一个关键帧", "H.264 High, a key frame every 2 s")
            },
            ("", ""),
        ),
    ]
}

fn guard(broken: bool) -> GuardCard {
    GuardCard {
        state: if broken {
            State::new(Mark::Warning, "设备没有接受", "not taken by the device")
        } else {
            State::new(Mark::Ok, "已布防", "guarded")
        },
        choices: choices(&[
            ("off", "不布防", "never", "", "", false),
            ("always", "一直", "always", "", "", false),
            ("daily", "每天定时", "every day at times", "", "", true),
        ]),
        from: "22:00".into(),
        to: "06:00".into(),
    }
}

pub fn device(l: Lang, broken: bool) -> DevicePage {
    DevicePage {
        probe: Some(ProbeLine {
            running: false,
            at: NOW,
            mark: Mark::Info,
            what: t("检查完成：3 秒内收到画面。", "Checked: a picture came within 3 s."),
            next: Text::default(),
        }),
        l,
        bar: bar(Nav::Devices),
        errors: FormErrors::default(),
        id: "cam-4".into(),
        name: "车库入口".into(),
        place: "地下一层坡道".into(),
        state: if broken { State::new(Mark::Critical, "无图像", "no picture") } else { OK },
        protocol: "GB/T 28181",
        facts: vec![
            (t("编码", "Code"), "23010300001320000004".into()),
            (t("地址", "Address"), "192.168.10.24:5060 UDP".into()),
            (t("型号", "Model"), "DH-IPC-HFW4443".into()),
            (t("图像", "Picture"), "H.264 1920×1080 25/s".into()),
            (t("时钟误差", "Clock error"), "−340 ms".into()),
            (t("录像始于", "Recording since"), "2026-10-21 09:12:44".into()),
        ],
        steps: diagnosis(broken),
        diagnosed: Some(ago(MIN)),
        installers: law::Installer::ALL
            .into_iter()
            .map(|i| Choice::new(i.key(), i.name(), i == law::Installer::ManagingUnit))
            .collect(),
        approval: String::new(),
        why: String::new(),
        agreement: String::new(),
        place_kinds: place_kinds("parking"),
        audio: false,
        sign_date: if broken { String::new() } else { "2026-10-20".into() },
        guard: Some(guard(broken)),
        duties: vec![
            DutyLine {
                state: if broken {
                    State::new(Mark::Critical, "正在缺失", "being lost")
                } else {
                    State::new(Mark::Ok, "已满足", "met")
                },
                what: t("录像保存 30 天", "Footage is kept 30 days"),
                clause: retention(),
            },
            DutyLine {
                state: if broken {
                    State::new(Mark::Attention, "未登记", "not recorded")
                } else {
                    State::new(Mark::Ok, "已满足", "met")
                },
                what: t("设置明显标识", "A conspicuous sign"),
                clause: sign_clause(),
            },
        ],
    }
}

fn kept(full: bool, empty: bool) -> Vec<KeptLine> {
    if empty {
        vec![]
    } else {
        places(full)
            .into_iter()
            .flat_map(|p| p.cameras)
            .enumerate()
            .map(|(n, c)| {
                let (kept, state, forecast) = match n {
                    0 => (210, State::new(Mark::Critical, "将不足", "will fall short"), Some(224)),
                    1 => (82, State::new(Mark::Info, "积累中", "still growing"), Some(345)),
                    2 => (3, State::new(Mark::Info, "积累中", "still growing"), None),
                    _ => (312, State::new(Mark::Ok, "已满足", "met"), Some(330)),
                };
                KeptLine {
                    id: c.id,
                    name: c.name,
                    kept_tenths: kept,
                    law_days: 30,
                    clause: retention(),
                    state,
                    oldest: Some(ago(i64::from(kept) * DAY / 10)),
                    forecast_tenths: forecast,
                    per_day_bytes: 43_200_000_000,
                    held_ms: if n == 1 { 600_000 } else { 0 },
                }
            })
            .collect()
    }
}

fn disks() -> Vec<DiskLine> {
    vec![
        DiskLine {
            name: "main".into(),
            path: "/data/footage-1".into(),
            footage_bytes: 13_900_000_000_000,
            state: State::new(Mark::Ok, "正常", "fine"),
            size_bytes: 16_000_000_000_000,
            used_bytes: 14_100_000_000_000,
            write_bytes_s: 2_600_000,
            full_at: None,
        },
        DiskLine {
            name: "b".into(),
            path: "/data/footage-2".into(),
            footage_bytes: 7_600_000_000_000,
            state: State::new(Mark::Warning, "快满", "nearly full"),
            size_bytes: 8_000_000_000_000,
            used_bytes: 7_700_000_000_000,
            write_bytes_s: 1_200_000,
            full_at: Some(NOW.plus_ms(3 * DAY)),
        },
    ]
}

fn plans(empty: bool) -> Vec<PlanLine> {
    let line = |days, tb: u64, missing: u64, needed_percent| PlanLine {
        days,
        needed_bytes: tb * 1_000_000_000_000,
        missing_bytes: missing * 1_000_000_000_000,
        capacity_percent: 31,
        needed_percent,
    };
    let all =
        vec![line(None, 27, 5, 38), line(Some(30), 24, 2, 34), line(Some(60), 47, 25, 67), line(Some(90), 70, 48, 100)];
    if empty { vec![] } else { all }
}

fn shares(empty: bool) -> Vec<ShareLine> {
    let line = |id: &str, name: &str, priority, gb_a_day: u64, percent, days_tenths| ShareLine {
        id: id.into(),
        name: name.into(),
        priority,
        per_day_bytes: gb_a_day * 1_000_000_000,
        percent,
        needed_bytes: gb_a_day * 31_000_000_000,
        days_tenths,
        law_days: 30,
    };
    if empty {
        return vec![];
    }
    vec![
        line("cam-1", "东门 1 号机", 3, 92, 61, Some(224)),
        line("cam-2", "收银台", 9, 42, 28, Some(300)),
        line("cam-4", "车库入口", 5, 16, 11, None),
    ]
}

pub fn storage(l: Lang, full: bool, empty: bool) -> StoragePage {
    StoragePage {
        l,
        bar: bar(Nav::Storage),
        verdict: if empty {
            t("还没有录像。", "Nothing is recorded yet.")
        } else {
            t(
                "东门 1 号机照现在的速度只能保存 22.4 天，少于法定 30 天：12 月 9 日起会缺。请在此之前加盘或降低码率。",
                "East gate 1 will keep only 22.4 days, below the 30 the law asks: short from 9 December on. Add a disk or lower the bit rate before.",
            )
        },
        verdict_mark: if empty { Mark::Info } else { Mark::Critical },
        cameras: kept(full, empty),
        disks: disks(),
        shares: shares(empty),
        open_faults: 0,
        plans: plans(empty),
        capacity_bytes: 22_000_000_000_000,
        gaps: if empty {
            vec![]
        } else {
            vec![
                CameraGap {
                    camera: "cam-4".into(),
                    name: "车库入口".into(),
                    gap: gap(22, None, "收不到媒体包", "no media packets"),
                },
                CameraGap {
                    camera: "cam-1".into(),
                    name: "东门 1 号机".into(),
                    gap: gap(300, Some(4), "设备离线：心跳三次未到", "device offline: three keepalives missed"),
                },
                CameraGap {
                    camera: "cam-2".into(),
                    name: "收银台".into(),
                    gap: gap(1_400, Some(1), "服务重启", "server restarted"),
                },
            ]
        },
        gap_total: if empty { 0 } else { 3 },
    }
}

fn receiver_facts() -> Vec<(Text, String)> {
    vec![
        (Text::new("接收中心地址", "Receiver address"), "192.168.10.5".into()),
        (Text::new("端口（TCP、UDP）", "Port (TCP, UDP)"), "12000".into()),
        (Text::new("协议", "Protocol"), "SIA DC-09".into()),
    ]
}

fn panels(l: Lang, empty: bool) -> PanelsPage {
    let line = |account: &str, name: &str, state: State, fault: Text| PanelLine {
        account: account.into(),
        name: name.into(),
        place: "一层".into(),
        state,
        fault,
        encrypted: account != "1002",
        heard: Some(NOW.plus_ms(-4_000)),
        zones: 12,
    };
    let lost = Text::new("自 18:20 起没有收到任何信号。", "Nothing was heard since 18:20.");
    let panels = vec![
        line("1001", "P-01", State::new(Mark::Critical, "失联", "silent"), lost),
        line("1002", "P-02", State::new(Mark::Ok, "正常", "in touch"), Text::default()),
    ];
    let strangers =
        vec![StrangerLine { account: "99AF".into(), address: "192.168.10.77:40213".into(), count: 31, since: NOW }];
    PanelsPage {
        l,
        bar: bar(Nav::Devices),
        panels: if empty { vec![] } else { panels },
        strangers: if empty { vec![] } else { strangers },
        facts: receiver_facts(),
    }
}

fn panel(l: Lang, is_new: bool) -> PanelPage {
    let fault = FaultLine {
        what: Text::new("密钥不对，无法解密。", "Encrypted with another key."),
        next: Text::new("核对主机和本页的密钥。", "Compare the key at the panel with the one given here."),
    };
    let zone = |number, name: &str| ZoneLine {
        number,
        name: name.into(),
        place: "1F".into(),
        cameras: "C-01".into(),
        principle: if number == 1 { t("被动红外", "passive infrared") } else { Text::default() },
        neighbours: if number == 1 { "2".into() } else { String::new() },
    };
    let choice = |value: &str, zh: &'static str, en: &'static str| Choice::new(value, Text::new(zh, en), false);
    PanelPage {
        l,
        bar: bar(Nav::Devices),
        is_new,
        account: "1001".into(),
        name: if is_new { String::new() } else { "P-01".into() },
        place: if is_new { String::new() } else { "1F".into() },
        has_key: !is_new,
        supervision_s: "180".into(),
        behind_s: "40".into(),
        ahead_s: "20".into(),
        principles: choices(&[("", "不清楚", "not known", "", "", true)]),
        zone_min: "0".into(),
        charsets: vec![choice("gb18030", "GB 18030", "GB 18030")],
        habits: vec![choice("plain", "有密钥时也接收未加密的帧", "Plain frames although it has a key")],
        state: State::new(Mark::Warning, "有故障", "faulty"),
        faults: if is_new { vec![] } else { vec![fault] },
        facts: vec![(Text::new("事件帧", "Frames with events"), "27".into())],
        zones: if is_new { vec![] } else { vec![zone(1, "Z-01"), zone(2, "Z-02")] },
        cameras: vec![choice("c1", "C-01", "C-01")],
        server_facts: receiver_facts(),
        ..PanelPage::default()
    }
}

pub fn running(l: Lang, out: &mut Vec<(String, String)>) {
    put(out, "devices", &devices(l, false, false));
    put(out, "devices-full", &devices(l, true, false));
    put(out, "devices-empty", &devices(l, false, true));
    put(
        out,
        "devices-dark",
        &DevicesPage { bar: AppBar { theme: Theme::Dark, ..bar(Nav::Devices) }, ..devices(l, false, false) },
    );
    put(out, "device-new", &device_new(l, false, false));
    put(out, "device-new-refused", &device_new(l, true, true));
    put(out, "device", &device(l, false));
    put(out, "device-broken", &device(l, true));
    put(out, "panels", &panels(l, false));
    put(out, "panels-empty", &panels(l, true));
    put(out, "panel", &panel(l, false));
    put(out, "panel-new", &panel(l, true));
    put(out, "storage", &storage(l, false, false));
    put(out, "storage-full", &storage(l, true, false));
    put(
        out,
        "storage-dark",
        &StoragePage { bar: AppBar { theme: Theme::Dark, ..bar(Nav::Storage) }, ..storage(l, false, false) },
    );
    put(out, "storage-empty", &storage(l, false, true));
    put(out, "log", &log(l, 40, false));
    put(out, "log-full", &log(l, 1_000, false));
    put(out, "log-empty", &log(l, 0, true));
    put(out, "log-entry", &log_entry(l, false));
    put(out, "log-entry-waiting", &log_entry(l, true));
    put(out, "law-clause", &law_clause(l, false));
    put(out, "law-clause-lost", &law_clause(l, true));
    put(out, "offers", &offers(l, 3, false));
    put(out, "offers-empty", &offers(l, 0, false));
    put(out, "offers-errors", &offers(l, 1, true));
    put(out, "offers-full", &offers(l, 100, false));
    put(out, "account", &account(l));
    put(out, "accounts", &accounts(l));
    put(out, "account-areas", &areas(l));
    for (n, page) in shifts(l).iter().enumerate() {
        put(out, &format!("shift-{n}"), page);
    }
    put(out, "roster", &roster(l, true));
    put(out, "roster-empty", &roster(l, false));
    put(out, "login-code", &login_code(l));
    for (name, page) in ["two-step-begin", "two-step-scan", "two-step-on"].into_iter().zip(two_step(l)) {
        put(out, name, &page);
    }
}
