//! Alarm panels: list with who else knocked, adding, one panel with its diagnosis, its zones, removal.

use crate::answer::{Reply, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::panels::{FaultLine, PanelLine, PanelPage, PanelsPage, StrangerLine, ZoneLine};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use base::{CameraId, ErrorKind, Lang, Refusal, Text};
use domain::alarm::{Principle, SourceName, ZoneFacts};
use site::alarm::receiver::AccountStatus;
use site::devices::WhyForm;
use site::panels::{KeyChange, PanelForm, ZoneForm};
use store::alarm_sources::{AlarmSource, Zone};
use wire::dc09::{Charset, Quirks};

/// Check boxes of the habits: form value, words.
const HABITS: [(&str, Text); 5] = [
    ("any_time", Text::new("没有可校准的时钟：不检查时间戳", "Its clock cannot be set: stamps are not judged")),
    ("unstamped", Text::new("加密帧没有时间戳", "Encrypted frames without a stamp")),
    ("plain", Text::new("有密钥时也接收未加密的帧", "Plain frames although it has a key")),
    ("uncounted", Text::new("序号不递增：相同的帧不当作重发", "It does not count: equal frames are no repeats")),
    ("any_token", Text::new("不认识的消息也应答并记录", "Unknown kinds of message are acknowledged and kept")),
];

const CHARSETS: [(Charset, &str, &str); 3] = [
    (Charset::Windows1252, "windows1252", "Windows-1252"),
    (Charset::Gb18030, "gb18030", "GB 18030"),
    (Charset::Utf8, "utf8", "UTF-8"),
];

fn number_of(source: &SourceName) -> &str {
    source.as_str().strip_prefix("dc09:").unwrap_or_default()
}

fn state_of(status: Option<&AccountStatus>, faults: usize) -> State {
    match status {
        Some(s) if s.lost => State::new(Mark::Critical, "失联", "silent"),
        Some(s) if faults > 0 && s.heard.is_some() => State::new(Mark::Warning, "有故障", "faulty"),
        Some(s) if s.heard.is_some() => State::new(Mark::Ok, "正常", "in touch"),
        _ if faults > 0 => State::new(Mark::Attention, "待接入", "not heard yet"),
        _ => State::new(Mark::Off, "未监督", "not watched"),
    }
}

fn server_facts(call: &Call) -> Vec<(Text, String)> {
    let config = call.site().config();
    let address = config.advertised.unwrap_or_else(|| call.local.ip().to_canonical()).to_string();
    let port = call.site().receiver().address().port();
    vec![
        (Text::new("接收中心地址", "Receiver address"), address),
        (Text::new("端口（TCP、UDP）", "Port (TCP, UDP)"), port.to_string()),
        (Text::new("协议", "Protocol"), "SIA DC-09".to_owned()),
        (Text::new("报告格式", "Report format"), "SIA-DCS, ADM-CID".to_owned()),
    ]
}

/// `GET /panels`.
pub(crate) async fn list(call: Call) -> Reply {
    let receiver = call.site().receiver();
    let mut panels = Vec::new();
    for row in call.site().store().alarm_sources().await? {
        let status = receiver.account(&row.source);
        let faults = status.as_ref().map(|s| s.diagnoses(call.now())).unwrap_or_default();
        panels.push(PanelLine {
            account: number_of(&row.source).to_owned(),
            state: state_of(status.as_ref(), faults.len()),
            fault: faults.first().map(|d| d.what.clone()).unwrap_or_default(),
            encrypted: row.key.is_some(),
            heard: status.and_then(|s| s.heard),
            zones: call.site().store().zones(&row.source).await?.len(),
            name: row.name,
            place: row.place,
        });
    }
    let calm = |m: Mark| match m {
        Mark::Critical => 0,
        Mark::Warning => 1,
        Mark::Attention => 2,
        _ => 3,
    };
    panels.sort_by_key(|p| calm(p.state.mark));
    let status = receiver.status();
    let strangers = status.unknown.into_iter().map(|u| StrangerLine {
        account: u.account,
        address: u.from.to_string(),
        count: u.count,
        since: u.first,
    });
    let mut facts = server_facts(&call);
    facts.push((Text::new("连接", "Connections"), status.connections.to_string()));
    facts.push((Text::new("监督中 / 失联", "Watched / silent"), format!("{} / {}", status.watched, status.lost)));
    let [crc, length, bytes] = status.noise;
    facts.push((Text::new("校验错", "Wrong check sum"), crc.to_string()));
    facts.push((Text::new("长度错", "Wrong length"), length.to_string()));
    facts.push((Text::new("无法识别（字节）", "No frame at all (bytes)"), bytes.to_string()));
    if let Some((from, at)) = status.noise_from {
        facts.push((Text::new("最近来自", "Last of them from"), format!("{from} {}", at.desk())));
    }
    let held = status.held;
    if let Some(from) = held.from {
        facts.push((Text::new("限速：推迟读取", "Read later, over its rate"), held.waits.to_string()));
        facts.push((Text::new("限速：丢弃数据报", "Datagrams dropped, over the rate"), held.datagrams.to_string()));
        facts.push((Text::new("限速：拒绝连接", "Connections refused"), held.connections.to_string()));
        facts.push((Text::new("最近受限地址", "Address held back last"), from.to_string()));
    }
    let strangers = strangers.collect();
    page(&PanelsPage { l: call.lang, bar: call.bar(Nav::Devices).await?, panels, strangers, facts })
}

fn habits_of(q: &Quirks) -> Vec<Choice> {
    let on = [q.any_time, q.unstamped, q.plain, q.uncounted, q.any_token];
    HABITS.iter().zip(on).map(|((value, words), on)| Choice::new(value, words.clone(), on)).collect()
}

/// The page with the panel's settings: `row`'s, or what was sent.
async fn settings_page(call: &Call, row: Option<&AlarmSource>, errors: FormErrors) -> Result<PanelPage, Refusal> {
    let f = &call.form;
    let sent = f.has("name") || f.has("behind_s");
    let quirks = row.and_then(|r| serde_json::from_str::<Quirks>(&r.quirks).ok()).unwrap_or_default();
    let quirks = if sent { quirks_of(call, &mut FormErrors::default()) } else { quirks };
    let text = |name: &str, kept: String| if sent { f.get(name).to_owned() } else { kept };
    let charsets = CHARSETS.iter();
    let charsets = charsets.map(|c| Choice::new(c.1, Text::of(c.2, c.2), c.0 == quirks.charset)).collect();
    let asked = if f.has("account") { f.get("account") } else { call.query.get("account") };
    let number = row.map_or(asked, |r| number_of(&r.source));
    Ok(PanelPage {
        l: call.lang,
        bar: call.bar(Nav::Devices).await?,
        errors,
        is_new: row.is_none(),
        account: number.chars().take(20).collect(),
        name: text("name", row.map_or_else(String::new, |r| r.name.clone())),
        place: text("place", row.map_or_else(String::new, |r| r.place.clone())),
        has_key: row.is_some_and(|r| r.key.is_some()),
        supervision_s: text(
            "supervision_s",
            row.map_or_else(|| "180".into(), |r| r.supervision_s.map_or_else(String::new, |s| s.to_string())),
        ),
        behind_s: text("behind_s", quirks.behind_s.to_string()),
        ahead_s: text("ahead_s", quirks.ahead_s.to_string()),
        zone_min: text("zone_min", quirks.zone_min.to_string()),
        charsets,
        habits: habits_of(&quirks),
        server_facts: server_facts(call),
        ..PanelPage::default()
    })
}

fn facts_of(call: &Call, row: &AlarmSource, status: &AccountStatus) -> Vec<(Text, String)> {
    let l = call.lang;
    let sealed = if row.key.is_some() { l.t("加密", "encrypted") } else { l.t("未加密", "not encrypted") };
    let mut facts = vec![(Text::new("账号", "Account"), number_of(&row.source).to_owned())];
    facts.push((Text::new("传输", "Transport"), sealed.to_owned()));
    if let Some((at, from)) = status.heard.zip(status.from) {
        let by = if status.tcp { "TCP" } else { "UDP" };
        facts.push((Text::new("最近信号", "Last heard"), at.desk()));
        facts.push((Text::new("来自", "From"), format!("{from} {by}")));
    }
    facts.push((Text::new("事件帧", "Frames with events"), status.events.to_string()));
    facts.push((Text::new("巡检帧", "Signs of life"), status.alive.to_string()));
    facts.push((Text::new("重发合并", "Repeats joined"), status.repeats.to_string()));
    facts.push((Text::new("添加于", "Added"), row.created.desk()));
    facts
}

fn zone_line(
    l: Lang,
    zone: Zone,
    names: &std::collections::HashMap<CameraId, String>,
    facts: &[ZoneFacts],
) -> ZoneLine {
    let known = facts.iter().find(|f| f.zone == zone.number);
    let neighbours = known.map(|f| f.neighbours.iter().map(u32::to_string).collect::<Vec<_>>().join(", "));
    let cameras: Vec<_> = zone.cameras.iter().filter_map(|id| names.get(id)).map(String::as_str).collect();
    ZoneLine {
        number: zone.number,
        cameras: cameras.join(l.t("、", ", ")),
        principle: known.and_then(|f| f.principle).map(Principle::name).unwrap_or_default(),
        neighbours: neighbours.unwrap_or_default(),
        name: zone.name,
        place: zone.place,
    }
}

async fn panel_page(call: &Call, row: &AlarmSource, errors: FormErrors) -> Result<PanelPage, Refusal> {
    let status = call.site().receiver().account(&row.source).unwrap_or_default();
    let faults = status.diagnoses(call.now());
    let store = call.site().store();
    let names = store.camera_names().await?;
    let zones = store.zones(&row.source).await?;
    let facts = store.zone_facts(&row.source).await?;
    let chosen = call.form.all("camera");
    let cameras = call.site().cameras().into_iter().map(|c| {
        let (id, name) = (c.id().to_string(), c.row().name);
        let on = chosen.contains(&id);
        Choice::new(&id, Text::of(name.clone(), name), on)
    });
    let f = &call.form;
    Ok(PanelPage {
        state: state_of(Some(&status), faults.len()),
        faults: faults.into_iter().map(|d| FaultLine { what: d.what, next: d.next }).collect(),
        facts: facts_of(call, row, &status),
        zones: zones.into_iter().map(|z| zone_line(call.lang, z, &names, &facts)).collect(),
        cameras: cameras.collect(),
        zone_number: f.get("number").to_owned(),
        zone_name: f.get("zone_name").to_owned(),
        zone_place: f.get("zone_place").to_owned(),
        principles: principles(f.get("principle")),
        zone_neighbours: f.get("neighbours").to_owned(),
        reason: f.get("reason").to_owned(),
        agreement: f.get("agreement").to_owned(),
        ..settings_page(call, Some(row), errors).await?
    })
}

/// `GET /panels/new?account=`.
pub(crate) async fn new(call: Call) -> Reply {
    page(&settings_page(&call, None, FormErrors::default()).await?)
}

fn whole<T: std::str::FromStr>(call: &Call, name: &str, default: T, errors: &mut FormErrors) -> T {
    if !call.form.has(name) {
        return default;
    }
    call.form.get(name).parse().unwrap_or_else(|_| {
        errors.push(name, Text::new("请填写整数。", "A whole number."));
        default
    })
}

fn quirks_of(call: &Call, errors: &mut FormErrors) -> Quirks {
    let usual = Quirks::default();
    let habits = call.form.all("habit");
    let on = |name: &str| habits.iter().any(|h| h == name);
    let charset = CHARSETS.iter().find(|c| c.1 == call.form.get("charset")).map_or(usual.charset, |c| c.0);
    Quirks {
        behind_s: whole(call, "behind_s", usual.behind_s, errors),
        ahead_s: whole(call, "ahead_s", usual.ahead_s, errors),
        any_time: on("any_time"),
        zone_min: whole(call, "zone_min", usual.zone_min, errors),
        unstamped: on("unstamped"),
        plain: on("plain"),
        uncounted: on("uncounted"),
        any_token: on("any_token"),
        charset,
    }
}

fn form_of(call: &Call, errors: &mut FormErrors) -> PanelForm {
    let f = &call.form;
    let supervision_s = f.has("supervision_s").then(|| whole(call, "supervision_s", 0, errors));
    let key = match (f.has("key"), f.has("no_key")) {
        (true, _) => KeyChange::Set(f.secret("key")),
        (false, true) => KeyChange::Remove,
        (false, false) => KeyChange::Keep,
    };
    PanelForm {
        name: f.get("name").to_owned(),
        place: f.get("place").to_owned(),
        key,
        supervision_s,
        quirks: quirks_of(call, errors),
    }
}

/// Field of the form that a refusal of the corridor is about.
fn field_of(refusal: &Refusal) -> &'static str {
    match refusal.code.as_str() {
        "account" => "account",
        "place" => "place",
        "key" => "key",
        "supervision" => "supervision_s",
        "clock" => "behind_s",
        "number" => "number",
        "reason" => "reason",
        "cameras" => "cameras",
        "neighbours" => "neighbours",
        _ => "name",
    }
}

fn wrong(refusal: &Refusal, zone: bool) -> FormErrors {
    let field = match (field_of(refusal), zone) {
        ("name", true) => "zone_name",
        ("place", true) => "zone_place",
        (field, _) => field,
    };
    let mut errors = FormErrors::default();
    errors.push(field, refusal.what.clone());
    errors
}

/// `POST /panels/new`.
pub(crate) async fn add(call: Call) -> Reply {
    let mut errors = FormErrors::default();
    let form = form_of(&call, &mut errors);
    if !errors.is_empty() {
        return page_with(axum::http::StatusCode::BAD_REQUEST, &settings_page(&call, None, errors).await?);
    }
    match call.site().add_panel(call.actor()?, call.form.get("account"), form).await {
        Ok(row) => call.done(&format!("/panels/{}", number_of(&row.source)), "panel_added"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            page_with(status(&refusal), &settings_page(&call, None, wrong(&refusal, false)).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

async fn panel(call: &Call) -> Result<AlarmSource, Refusal> {
    let number = wire::dc09::account(call.param(0)).ok_or_else(no_page)?;
    call.site().panel(&SourceName::dc09(&number)).await
}

/// `GET /panels/{account}`.
pub(crate) async fn show(call: Call) -> Reply {
    let row = panel(&call).await?;
    page(&panel_page(&call, &row, FormErrors::default()).await?)
}

/// `POST /panels/{account}`.
pub(crate) async fn change(call: Call) -> Reply {
    let row = panel(&call).await?;
    let mut errors = FormErrors::default();
    let form = form_of(&call, &mut errors);
    if !errors.is_empty() {
        return page_with(axum::http::StatusCode::BAD_REQUEST, &panel_page(&call, &row, errors).await?);
    }
    match call.site().change_panel(call.actor()?, &row.source, form).await {
        Ok(row) => call.done(&format!("/panels/{}", number_of(&row.source)), "device_changed"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            page_with(status(&refusal), &panel_page(&call, &row, wrong(&refusal, false)).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /panels/{account}/remove`: out of service, with a `reason`, and where it guards a social public area the police's `agreement`.
pub(crate) async fn remove(call: Call) -> Reply {
    let row = panel(&call).await?;
    let f = &call.form;
    let why = WhyForm { reason: f.get("reason").to_owned(), agreement: f.get("agreement").to_owned() };
    match call.site().remove_panel(call.actor()?, &row.source, &why).await {
        Ok(()) => call.done("/panels", "panel_removed"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            page_with(status(&refusal), &panel_page(&call, &row, wrong(&refusal, false)).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', '、', ' ']).map(str::trim).filter(|n| !n.is_empty()).take(100)
}

fn principles(chosen: &str) -> Vec<Choice> {
    let unknown = Choice::new("", Text::new("不清楚", "not known"), chosen.is_empty());
    let one = |p: Principle| Choice::new(p.code(), p.name(), p.code() == chosen);
    std::iter::once(unknown).chain(Principle::ALL.into_iter().map(one)).collect()
}

/// `POST /panels/{account}/zones`.
pub(crate) async fn set_zone(call: Call) -> Reply {
    let row = panel(&call).await?;
    let f = &call.form;
    let form = ZoneForm {
        number: f.get("number").parse().unwrap_or(0),
        name: f.get("zone_name").to_owned(),
        place: f.get("zone_place").to_owned(),
        cameras: f.all("camera").iter().filter_map(|id| CameraId::parse(id)).collect(),
        principle: Principle::parse(f.get("principle")),
        // What is no number is zone 0, which the corridor refuses with its field.
        neighbours: numbers(f.get("neighbours")).map(|n| n.parse().unwrap_or(0)).collect(),
    };
    match call.site().set_zone(call.actor()?, &row.source, form).await {
        Ok(()) => call.done(&format!("/panels/{}", number_of(&row.source)), "device_changed"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            page_with(status(&refusal), &panel_page(&call, &row, wrong(&refusal, true)).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /panels/{account}/zones/remove`: the zone `number`.
pub(crate) async fn remove_zone(call: Call) -> Reply {
    let row = panel(&call).await?;
    let number = call.form.get("number").parse().map_err(|_| no_page())?;
    call.site().remove_zone(call.actor()?, &row.source, number).await?;
    call.done(&format!("/panels/{}", number_of(&row.source)), "device_changed")
}
