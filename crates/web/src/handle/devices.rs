//! Devices: list, adding (the law answers at once), one device with its diagnosis, sign, removal.

use super::view::{format_of, place_kinds, state_of, why_dark};
use crate::answer::{Reply, no_page, ok_json, page, page_with, see_other, status};
use crate::call::Call;
use crate::pages::devices::{
    DeviceLine, DeviceNewPage, DevicePage, DevicesPage, DiagnosisStep, DutyLine, FoundDevice, GuardCard, LawSays,
    ProbeLine, StepState,
};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use base::{CameraId, CivilDate, ErrorKind, Refusal, Text};
use law::{AfterTerm, Installer, PlaceKind, Placement};
use site::camera::{CameraState, Phase, ProbeEnd};
use site::devices::{CameraForm, WhyForm, placement_of};
use site::gb28181::GuardPlan;
use site::{Actor, Camera};
use store::cameras::{GbTransport, Source};

/// Priority of a camera whose form does not ask for one.
const PRIORITY: u8 = 5;

const TRANSPORTS: [(GbTransport, &str, &str, &str); 3] = [
    (GbTransport::TcpPassive, "tcp_passive", "TCP，设备连接本机", "TCP, the device connects to us"),
    (GbTransport::Udp, "udp", "UDP", "UDP"),
    (GbTransport::TcpActive, "tcp_active", "TCP，本机连接设备", "TCP, we connect to the device"),
];

fn address_of(source: &Source) -> String {
    match source {
        Source::Rtsp { url, .. } => url.strip_prefix("rtsp://").unwrap_or(url).to_owned(),
        Source::Gb28181 { channel, .. } => channel.clone(),
    }
}

fn line_of(camera: &Camera) -> DeviceLine {
    let (row, state) = (camera.row(), camera.state());
    DeviceLine {
        id: row.id.to_string(),
        protocol: row.source.name(),
        address: address_of(&row.source),
        state: state_of(&state),
        format: format_of(&state),
        bit_rate_bps: state.bits_per_second,
        clock_error_ms: state.clock_error_ms.map(i64::from),
        sign: row.sign.is_some(),
        name: row.name,
        place: row.place,
    }
}

/// `GET /devices`.
pub(crate) async fn list(call: Call) -> Reply {
    let sight = call.site().sight_of(call.actor()?.id).await?;
    let mut devices: Vec<_> =
        call.site().cameras().iter().filter(|c| sight.reaches(&c.row().place)).map(line_of).collect();
    let calm = |m: Mark| match m {
        Mark::Critical => 0,
        Mark::Warning => 1,
        Mark::Attention => 2,
        Mark::Busy => 3,
        _ => 4,
    };
    devices.sort_by_key(|d| calm(d.state.mark));
    let status = call.site().gb28181().status();
    let found = status.unknown.into_iter().map(|u| FoundDevice {
        code: u.id,
        address: u.addr.to_string(),
        model: String::new(),
        channels: 0,
        since: u.first,
    });
    let bar = call.bar(Nav::Devices).await?;
    page(&DevicesPage { l: call.lang, bar, devices, found: found.collect() })
}

fn server_facts(call: &Call) -> Vec<(Text, String)> {
    let config = call.site().config();
    let domain: String = config.platform_id.chars().take(10).collect();
    let address = config.advertised.unwrap_or_else(|| call.local.ip().to_canonical()).to_string();
    vec![
        (Text::new("SIP 服务器编码", "SIP server code"), config.platform_id.clone()),
        (Text::new("SIP 域", "SIP domain"), domain),
        (Text::new("服务器地址", "Server address"), address),
        (Text::new("SIP 端口（UDP、TCP）", "SIP port (UDP, TCP)"), config.sip.port().to_string()),
        (Text::new("心跳周期", "Keepalive"), call.lang.t("60 秒", "60 s").to_owned()),
    ]
}

async fn new_page(call: &Call, errors: FormErrors, refused: Vec<base::Citation>) -> Result<DeviceNewPage, Refusal> {
    let f = &call.form;
    let chosen = f.get("transport");
    let code = if f.has("code") { f.get("code") } else { call.query.get("code") };
    let transports = TRANSPORTS.iter().enumerate();
    let transports =
        transports.map(|(i, t)| Choice::new(t.1, Text::new(t.2, t.3), t.1 == chosen || (chosen.is_empty() && i == 0)));
    Ok(DeviceNewPage {
        l: call.lang,
        bar: call.bar(Nav::Devices).await?,
        errors,
        law: law_says(call, refused),
        rtsp: f.get("protocol") == "rtsp",
        name: f.get("name").to_owned(),
        place: f.get("place").to_owned(),
        place_kinds: place_kinds(f.get("place_kind")),
        faces_homes: f.get("faces_homes").to_owned(),
        audio: f.has("audio"),
        installers: installers(call, f.get("installer")),
        approval: f.get("approval").to_owned(),
        sign_date: f.get("sign_date").to_owned(),
        code: code.chars().take(40).collect(),
        transports: transports.collect(),
        url: f.get("url").to_owned(),
        rtsp_user: f.get("rtsp_user").to_owned(),
        server_facts: server_facts(call),
    })
}

/// Who puts it up, as the form says; the unit itself where it does not, and nobody entitled for a word of its own.
pub(super) fn installer_of(call: &Call, key: &str) -> Installer {
    if key.is_empty() {
        call.site().profile().law.installer()
    } else {
        Installer::parse(key).unwrap_or(Installer::Other)
    }
}

fn installers(call: &Call, chosen: &str) -> Vec<Choice> {
    let chosen = installer_of(call, chosen);
    Installer::ALL.into_iter().map(|i| Choice::new(i.key(), i.name(), i == chosen)).collect()
}

/// What the law says to the place that the form names; nothing while none is named.
fn law_says(call: &Call, refused: Vec<base::Citation>) -> Option<LawSays> {
    let f = &call.form;
    let place = PlaceKind::parse(f.get("place_kind"))?;
    let placement = Placement {
        place,
        faces_homes: f.get("faces_homes") == "yes",
        has_audio: f.has("audio"),
        sign_recorded: f.has("sign_date"),
        installer: installer_of(call, f.get("installer")),
        public_area_approved: f.has("approval"),
    };
    let answer = call.site().ask_placement(placement);
    let keep_days = call.site().days_if(&call.site().profile().law, place);
    if answer.allow {
        let duties = answer.duties.into_iter().map(|d| (d.text, d.citation)).collect();
        return Some(LawSays { keep_days, why: answer.deciding, duties, ..LawSays::default() });
    }
    let refusal = answer.into_refusal();
    let why = if refusal.why.is_empty() { refused } else { refusal.why };
    Some(LawSays { refused: Some((refusal.what, refusal.next)), keep_days, why, ..LawSays::default() })
}

/// `GET /devices/new?code=`.
pub(crate) async fn new(call: Call) -> Reply {
    page(&new_page(&call, FormErrors::default(), vec![]).await?)
}

fn sign_of(call: &Call, errors: &mut FormErrors) -> Option<base::UtcMs> {
    if !call.form.has("sign_date") {
        return None;
    }
    let day = CivilDate::parse(call.form.get("sign_date")).filter(|d| *d <= call.now().shanghai_date());
    if day.is_none() {
        errors.push("sign_date", Text::new("日期不对，或在今天之后。", "Not a date, or after today."));
    }
    day.map(CivilDate::start)
}

fn place_of(call: &Call, errors: &mut FormErrors) -> Option<PlaceKind> {
    let place = PlaceKind::parse(call.form.get("place_kind"));
    if place.is_none() {
        errors.push("place_kind", Text::new("请选择场所种类。", "Choose the kind of place."));
    }
    place
}

fn source_of(call: &Call) -> Source {
    let f = &call.form;
    if f.get("protocol") == "rtsp" {
        return Source::Rtsp { url: f.get("url").to_owned(), user: f.get("rtsp_user").to_owned(), udp: f.has("udp") };
    }
    let code = f.get("code").to_owned();
    let device = if f.has("device") { f.get("device").to_owned() } else { code.clone() };
    let transport = TRANSPORTS.iter().find(|t| t.1 == f.get("transport")).map_or(GbTransport::TcpPassive, |t| t.0);
    Source::Gb28181 { device, channel: code, transport }
}

/// Field of the form that a refusal of the corridor is about.
fn field_of(refusal: &Refusal) -> &'static str {
    match refusal.code.as_str() {
        "name" => "name",
        "place" => "place",
        "url" => "url",
        "gb_id" => "code",
        "faces_homes" => "faces_homes",
        "reason" => "why",
        "approval" => "approval",
        _ => "place_kind",
    }
}

/// `POST /devices/new`.
pub(crate) async fn add(call: Call) -> Reply {
    let f = &call.form;
    let mut errors = FormErrors::default();
    if f.has("ask") {
        // Without scripts: the law's answer before anything is added.
        place_of(&call, &mut errors);
        return page(&new_page(&call, errors, vec![]).await?);
    }
    let sign = sign_of(&call, &mut errors);
    let place_kind = place_of(&call, &mut errors);
    if !["yes", "no"].contains(&f.get("faces_homes")) {
        errors.push(
            "faces_homes",
            Text::new("请回答画面里有没有居民住宅的门窗。", "Say whether it looks at windows or doors of homes."),
        );
    }
    let (Some(place_kind), true) = (place_kind, errors.is_empty()) else {
        return page_with(axum::http::StatusCode::BAD_REQUEST, &new_page(&call, errors, vec![]).await?);
    };
    let source = source_of(&call);
    let password = if matches!(source, Source::Rtsp { .. }) { "rtsp_password" } else { "sip_password" };
    let form = CameraForm {
        name: f.get("name").to_owned(),
        place: f.get("place").to_owned(),
        place_kind,
        faces_homes: f.get("faces_homes") == "yes",
        audio: f.has("audio"),
        installer: installer_of(&call, f.get("installer")),
        approval: f.get("approval").to_owned(),
        sign,
        priority: PRIORITY,
        source,
        secret: (!f.raw(password).is_empty()).then(|| f.secret(password)),
    };
    match call.site().add_camera(call.actor()?, form).await {
        Ok(camera) => call.done(&format!("/devices/{}", camera.id()), "device_added"),
        Err(refusal) if matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::Unlawful | ErrorKind::Conflict) => {
            errors.push(field_of(&refusal), refusal.what.clone());
            let code = status(&refusal);
            page_with(code, &new_page(&call, errors, refusal.why).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// The running camera of the path, if it lies in the account's area.
async fn running(call: &Call) -> Result<Camera, Refusal> {
    let id = CameraId::parse(call.param(0)).ok_or_else(no_page)?;
    let camera = call.site().camera(id).ok_or_else(|| Refusal::not_found("该设备", "device"))?;
    call.site().in_area(call.actor()?, id).await?;
    Ok(camera)
}

/// The way from the device to the picture, question by question.
fn steps_of(camera: &Camera) -> Vec<DiagnosisStep> {
    let (row, state) = (camera.row(), camera.state());
    let gb = matches!(row.source, Source::Gb28181 { .. });
    let reach = if gb {
        Text::new("设备是否已注册？", "Has the device registered?")
    } else {
        Text::new("能否连接到摄像机？", "Can the camera be reached?")
    };
    let stream = if gb {
        Text::new("是否答应发送视频？", "Does it agree to send video?")
    } else {
        Text::new("码流是否开始？", "Does the stream begin?")
    };
    let reached = match state.phase {
        Phase::Offline => 0,
        Phase::Connecting => 1,
        Phase::Waiting => 2,
        Phase::Streaming if state.is_recording() => 4,
        Phase::Streaming => 3,
    };
    let questions = [
        reach,
        stream,
        Text::new("是否收到能解码的画面？", "Do decodable pictures arrive?"),
        Text::new("是否正在录像？", "Is it being recorded?"),
    ];
    questions.into_iter().enumerate().map(|(i, question)| step_of(i, question, reached, &state)).collect()
}

fn step_of(i: usize, question: Text, reached: usize, state: &CameraState) -> DiagnosisStep {
    let fault = state.diagnosis.as_ref();
    let how = match i.cmp(&reached) {
        std::cmp::Ordering::Less => StepState::Ok,
        std::cmp::Ordering::Greater => StepState::Waiting,
        std::cmp::Ordering::Equal if fault.is_some() || state.paused.is_some() => StepState::Broken,
        std::cmp::Ordering::Equal => StepState::Busy,
    };
    let none = Text::default();
    let (seen, next) = match (how, fault, state.paused) {
        (StepState::Broken, _, Some(cause)) if i == 3 => {
            (cause.text(), Text::new("请扩容磁盘，录像会自行恢复。", "Add disk space; recording resumes by itself."))
        }
        (StepState::Broken, Some(d), _) => (d.what.clone(), d.next.clone()),
        (StepState::Busy, ..) => (why_dark(state), none),
        (StepState::Ok, ..) if i == 2 => {
            let format = format_of(state);
            (Text::of(format.clone(), format), none)
        }
        _ => (none.clone(), none),
    };
    DiagnosisStep { question, state: how, seen, next }
}

fn facts_of(call: &Call, camera: &Camera) -> Vec<(Text, String)> {
    let (row, state) = (camera.row(), camera.state());
    let mut facts = vec![(Text::new("接入", "Intake"), row.source.name().to_owned())];
    facts.push((Text::new("编码或地址", "Code or address"), address_of(&row.source)));
    if let Source::Gb28181 { device, transport, .. } = &row.source {
        facts.push((Text::new("设备编码", "Device code"), device.clone()));
        let transport = TRANSPORTS.iter().find(|t| t.0 == *transport).map_or("", |t| call.lang.t(t.2, t.3));
        facts.push((Text::new("媒体传输", "Media transport"), transport.to_owned()));
        let status = call.site().gb28181().status();
        if let Some(d) = status.devices.into_iter().find(|d| d.id == *device) {
            facts.push((Text::new("信令地址", "Signalling from"), d.addr.map_or_else(String::new, |a| a.to_string())));
            facts.push((Text::new("厂商型号", "Maker and model"), format!("{} {} {}", d.maker, d.model, d.firmware)));
            facts.push((Text::new("目录通道", "Channels of its catalogue"), d.channels.len().to_string()));
        }
    }
    facts.push((Text::new("图像", "Picture"), format_of(&state)));
    facts.push((Text::new("码率", "Bit rate"), crate::pages::words::bit_rate(&state.bits_per_second)));
    let clock = state
        .clock_error_ms
        .map_or_else(|| call.lang.t("尚未测量", "not measured").to_owned(), |ms| format!("{ms} ms"));
    facts.push((Text::new("时钟误差", "Clock error"), clock));
    facts.push((Text::new("丢包", "Packets lost"), state.counts.lost.to_string()));
    facts.push((Text::new("状态自", "In this state since"), state.since.map_or_else(String::new, base::UtcMs::desk)));
    facts.push((Text::new("添加于", "Added"), row.created.desk()));
    facts.retain(|(_, value)| !value.trim().is_empty());
    facts
}

fn duties_of(call: &Call, camera: &Camera) -> Vec<DutyLine> {
    let row = camera.row();
    let mut out = Vec::new();
    for duty in call.site().ask_placement(placement_of(&row)).duties {
        let signed = duty.code.contains("sign");
        let state = match (signed, row.sign) {
            (true, Some(_)) => State::new(Mark::Ok, "已登记", "Recorded"),
            (true, None) => State::new(Mark::Attention, "未登记", "Not recorded"),
            (false, _) => State::new(Mark::Info, "请留意", "Note"),
        };
        out.push(DutyLine { state, what: duty.text, clause: duty.citation });
    }
    let retention = call.site().retention_of(&row);
    for term in retention.terms {
        let what = Text::of(
            format!("录像保存不少于 {} 天。", term.days),
            format!("Footage is kept at least {} days.", term.days),
        );
        out.push(DutyLine {
            state: State::new(Mark::Ok, "自动执行", "Done by itself"), what, clause: term.citation
        });
    }
    if let AfterTerm::MustDelete(clause) = retention.then {
        let what = Text::new("期满后删除。", "Deleted when the term is over.");
        out.push(DutyLine { state: State::new(Mark::Ok, "自动执行", "Done by itself"), what, clause });
    }
    out
}

fn guard_of(call: &Call, camera: &Camera) -> Option<GuardCard> {
    if !matches!(camera.row().source, Source::Gb28181 { .. }) {
        return None;
    }
    let seen = call.site().gb28181().guard_of(camera.id());
    let plan = seen.map(|s| s.plan).unwrap_or_default();
    let state = match seen {
        None => State::new(Mark::Off, "未布防", "not guarded"),
        Some(s) if s.refused.is_some() => State::new(Mark::Warning, "设备没有接受", "not taken by the device"),
        Some(s) if s.told == Some(true) => State::new(Mark::Ok, "已布防", "guarded"),
        Some(s) if s.told == Some(false) || !s.plan.armed_at(call.now()) => {
            State::new(Mark::Off, "此刻不布防", "not guarded now")
        }
        Some(_) => State::new(Mark::Busy, "等待设备", "waiting for the device"),
    };
    let text = plan.text();
    let daily = matches!(plan, GuardPlan::Daily { .. });
    let (from, to) = if daily { text.split_once('-').unwrap_or_default() } else { ("22:00", "06:00") };
    let choices = vec![
        Choice::new("off", Text::new("不布防", "never"), plan == GuardPlan::Off),
        Choice::new("always", Text::new("一直", "always"), plan == GuardPlan::Always),
        Choice::new("daily", Text::new("每天定时", "every day at times"), daily),
    ];
    Some(GuardCard { state, choices, from: from.to_owned(), to: to.to_owned() })
}

/// `POST /devices/{id}/guard`: `guard` is `off`, `always` or `daily` with `from` and `to`; `guard_reason` where it guards less.
pub(crate) async fn guard(call: Call) -> Reply {
    let camera = running(&call).await?;
    let f = &call.form;
    let text = match f.get("guard") {
        "daily" => format!("{}-{}", f.get("from"), f.get("to")),
        other => other.to_owned(),
    };
    let Some(plan) = GuardPlan::parse(&text) else {
        let mut errors = FormErrors::default();
        errors.push("guard", Text::new("请选择布防时间，起止不能相同。", "Choose when; begin and end must differ."));
        return page_with(axum::http::StatusCode::BAD_REQUEST, &device_page(&call, &camera, errors).await?);
    };
    call.site().set_guard(call.actor()?, camera.id(), plan, f.get("guard_reason")).await?;
    call.done(&format!("/devices/{}", camera.id()), "guard_set")
}

async fn device_page(call: &Call, camera: &Camera, errors: FormErrors) -> Result<DevicePage, Refusal> {
    let (row, state) = (camera.row(), camera.state());
    let sent = !call.form.get("name").is_empty();
    let kind = if sent { call.form.get("place_kind").to_owned() } else { row.place_kind.clone() };
    let bar = call.bar(Nav::Devices).await?;
    Ok(DevicePage {
        l: call.lang,
        bar,
        errors,
        id: row.id.to_string(),
        name: if sent { call.form.get("name").to_owned() } else { row.name.clone() },
        place: if sent { call.form.get("place").to_owned() } else { row.place.clone() },
        state: state_of(&state),
        protocol: row.source.name(),
        facts: facts_of(call, camera),
        steps: steps_of(camera),
        diagnosed: Some(call.now()),
        probe: probe_of(camera, call.now()),
        place_kinds: place_kinds(&kind),
        installers: installers(call, if sent { call.form.get("installer") } else { row.installer.as_str() }),
        approval: if sent { call.form.get("approval").to_owned() } else { row.approval.clone() },
        why: call.form.get("why").to_owned(),
        agreement: call.form.get("agreement").to_owned(),
        audio: if sent { call.form.has("audio") } else { row.audio },
        sign_date: if sent {
            call.form.get("sign_date").to_owned()
        } else {
            row.sign.map_or_else(String::new, |s| s.shanghai_date().to_string())
        },
        duties: duties_of(call, camera),
        guard: guard_of(call, camera),
    })
}

/// `GET /devices/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    let camera = running(&call).await?;
    page(&device_page(&call, &camera, FormErrors::default()).await?)
}

async fn changed(call: &Call, by: &Actor, camera: &Camera, form: CameraForm, flash: &'static str) -> Reply {
    let why = WhyForm { reason: call.form.get("why").to_owned(), agreement: call.form.get("agreement").to_owned() };
    match call.site().change_camera(by, camera.id(), form, &why).await {
        Ok(_) => call.done(&format!("/devices/{}", camera.id()), flash),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            let mut errors = FormErrors::default();
            errors.push(field_of(&refusal), refusal.what.clone());
            page_with(status(&refusal), &device_page(call, camera, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /devices/{id}`: name, place, kind of place, who put it up by which `approval`, sign, sound; `why` where it hangs elsewhere or
/// covers another kind of place, and `agreement` where that concerns a social public area.
pub(crate) async fn change(call: Call) -> Reply {
    let camera = running(&call).await?;
    let mut errors = FormErrors::default();
    let sign = sign_of(&call, &mut errors);
    let (Some(place_kind), true) = (place_of(&call, &mut errors), errors.is_empty()) else {
        return page_with(axum::http::StatusCode::BAD_REQUEST, &device_page(&call, &camera, errors).await?);
    };
    let f = &call.form;
    let form = CameraForm {
        name: f.get("name").to_owned(),
        place: f.get("place").to_owned(),
        place_kind,
        audio: f.has("audio"),
        installer: if f.has("installer") {
            installer_of(&call, f.get("installer"))
        } else {
            CameraForm::of(&camera.row()).installer
        },
        approval: if f.all("approval").is_empty() {
            CameraForm::of(&camera.row()).approval
        } else {
            f.get("approval").to_owned()
        },
        sign,
        ..CameraForm::of(&camera.row())
    };
    changed(&call, call.actor()?, &camera, form, "device_changed").await
}

/// `POST /devices/{id}/sign`: the sign was put up (`sign_date`).
pub(crate) async fn sign(call: Call) -> Reply {
    let camera = running(&call).await?;
    let mut errors = FormErrors::default();
    let Some(sign) = sign_of(&call, &mut errors) else {
        return page_with(axum::http::StatusCode::BAD_REQUEST, &device_page(&call, &camera, errors).await?);
    };
    changed(
        &call,
        call.actor()?,
        &camera,
        CameraForm { sign: Some(sign), ..CameraForm::of(&camera.row()) },
        "device_changed",
    )
    .await
}

/// `POST /devices/{id}/diagnose`: a new INVITE or RTSP try now; the page then shows how it goes.
pub(crate) async fn diagnose(call: Call) -> Reply {
    let camera = running(&call).await?;
    match call.site().probe(call.actor()?, camera.id()).await {
        // One that runs already is shown.
        Ok(()) => {}
        Err(refusal) if refusal.code == "probe_runs" => {}
        Err(refusal) => return Err(refusal),
    }
    Ok(see_other(&format!("/devices/{}#check", camera.id())))
}

/// The newest check in words.
fn probe_of(camera: &Camera, now: base::UtcMs) -> Option<ProbeLine> {
    let probe = camera.state().probe?;
    let Some((at, took_ms, end)) = probe.end else {
        let elapsed_s = now.since(probe.began).max(0) / 1_000;
        let what =
            Text::of(format!("正在检查，已 {elapsed_s} 秒。"), format!("Being checked, for {elapsed_s} s so far."));
        return Some(ProbeLine { running: true, at: probe.began, mark: Mark::Busy, what, next: Text::default() });
    };
    let s = took_ms.div_ceil(1_000);
    let (mark, what, next) = match end {
        ProbeEnd::Pictures => (
            Mark::Info,
            Text::of(format!("检查完成：{s} 秒内收到画面。"), format!("Checked: a picture came within {s} s.")),
            Text::default(),
        ),
        ProbeEnd::Fault(d) => (
            Mark::Critical,
            Text::of(format!("检查完成，仍无图像：{}", d.what.zh), format!("Checked, still no picture: {}", d.what.en)),
            d.next,
        ),
        ProbeEnd::Nothing => (
            Mark::Warning,
            Text::of(format!("检查了 {s} 秒，没有结果。"), format!("Checked for {s} s without a result.")),
            Text::new(
                "请看下面停在哪一步；设备可能很慢，稍后再查。",
                "See below where it stands; the device may be slow, check again later.",
            ),
        ),
    };
    Some(ProbeLine { running: false, at, mark, what, next })
}

/// `GET /api/v1/cameras/{id}/diagnosis`: the steps to the picture, and the newest check.
pub(crate) async fn diagnosis(call: Call) -> Reply {
    let camera = running(&call).await?;
    let steps: Vec<_> = steps_of(&camera)
        .into_iter()
        .map(|s| {
            serde_json::json!({
                "question": s.question, "state": s.state.name(), "icon": s.state.icon(), "word": s.state.word(), "seen": s.seen,
                "next": s.next,
            })
        })
        .collect();
    let probe = probe_of(&camera, call.now()).map(|p| {
        serde_json::json!({
            "running": p.running, "at": p.at, "mark": p.mark.name(), "icon": p.mark.icon(), "what": p.what, "next": p.next,
        })
    });
    ok_json(&serde_json::json!({ "steps": steps, "probe": probe, "now": call.now() }))
}

/// `POST /devices/{id}/remove`: out of service, with a `reason`, and in a social public area the police's agreement
/// (`removal_agreement`).
pub(crate) async fn remove(call: Call) -> Reply {
    let camera = running(&call).await?;
    let f = &call.form;
    let why = WhyForm { reason: f.get("reason").to_owned(), agreement: f.get("removal_agreement").to_owned() };
    call.site().remove_camera_by(call.actor()?, camera.id(), &why).await?;
    let mut answer = see_other("/devices");
    call.set_cookie(&mut answer, "flash", "device_removed", crate::answer::Keep::Seconds(30));
    Ok(answer)
}
