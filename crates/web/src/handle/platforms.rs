//! Upper platforms: list, form, one platform with its state, its law and its views; emergency; removal.

use super::view::Names;
use crate::answer::{Reply, down, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::platforms::{PlatformFields, PlatformFormPage, PlatformLine, PlatformPage, PlatformsPage, ViewLine};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use base::{CameraId, ErrorKind, Refusal, Text, UpperId, UtcMs};
use domain::access::Permission;
use law::OrganKind;
use site::upper::{Registration, UpperForm, UpperStatus};
use store::uppers::{UpperCharset, UpperConfig, UpperRow};

/// Views listed of a platform.
const VIEWS: u32 = 100;

const ORGANS: [(OrganKind, &str, &str, &str); 4] = [
    (OrganKind::Police, "police", "公安机关", "police"),
    (OrganKind::StateSecurity, "state_security", "国家安全机关", "state security"),
    (OrganKind::OtherDepartment, "other_department", "其他部门", "another department"),
    (OrganKind::NotAnOrgan, "not_an_organ", "不是国家机关", "no state organ"),
];

const CHARSETS: [(UpperCharset, &str, &str); 3] = [
    (UpperCharset::Gb18030, "gb18030", "GB18030 (2022)"),
    (UpperCharset::Gb2312, "gb2312", "GB2312 (2016)"),
    (UpperCharset::Utf8, "utf8", "UTF-8"),
];

fn state_of(config: &UpperConfig, s: &UpperStatus) -> State {
    match s.registration {
        _ if !config.enabled => State::new(Mark::Off, "已停用", "switched off"),
        Registration::Since(_) if s.missed > 0 => State::new(Mark::Warning, "心跳无回应", "keepalive unanswered"),
        Registration::Since(_) => State::new(Mark::Ok, "已注册", "registered"),
        Registration::Trying if s.diagnosis.is_some() => State::new(Mark::Warning, "未注册", "not registered"),
        Registration::Trying | Registration::Off => State::new(Mark::Busy, "正在注册", "registering"),
    }
}

fn since_of(s: &UpperStatus) -> Option<UtcMs> {
    if let Registration::Since(at) = s.registration { Some(at) } else { None }
}

/// `GET /platforms`.
pub(crate) async fn list(call: Call) -> Reply {
    let line = |(row, s): (UpperRow, UpperStatus)| PlatformLine {
        id: row.id.to_string(),
        state: state_of(&row.config, &s),
        since: since_of(&s),
        keepalive: s.keepalive,
        fault: s.diagnosis.map(|d| d.what).unwrap_or_default(),
        channels: row.config.channels.len(),
        watching: s.viewers.len(),
        name: row.config.name,
        code: row.config.platform,
        address: row.config.address,
    };
    let platforms = call.site().upper_platforms(call.actor()?).await?.into_iter().map(line).collect();
    let emergencies = emergencies(&call).await?;
    page(&PlatformsPage { l: call.lang, bar: call.bar(Nav::Devices).await?, platforms, emergencies })
}

/// Emergency accesses that are not confirmed, for those who see them.
async fn emergencies(call: &Call) -> Result<Option<u32>, Refusal> {
    if !call.may(Permission::SeeEmergencies) {
        return Ok(None);
    }
    Ok(Some(call.site().store().open_emergency_count().await.map_err(down)?))
}

async fn find(call: &Call) -> Result<(UpperRow, UpperStatus), Refusal> {
    let id = UpperId::parse(call.param(0)).ok_or_else(no_page)?;
    let found = call.site().upper_platforms(call.actor()?).await?.into_iter().find(|(row, _)| row.id == id);
    found.ok_or_else(|| Refusal::not_found("该上级平台", "upper platform"))
}

// ---- form ----

fn typed(call: &Call) -> UpperForm {
    let f = &call.form;
    let number = |name: &str| f.get(name).parse().unwrap_or(0);
    UpperForm {
        name: f.get("name").to_owned(),
        organ: ORGANS.iter().find(|o| o.1 == f.get("organ")).map_or(OrganKind::NotAnOrgan, |o| o.0),
        need: f.get("need").to_owned(),
        address: f.get("address").to_owned(),
        platform: f.get("platform").to_owned(),
        own: f.get("own").to_owned(),
        username: f.get("username").to_owned(),
        secret: (!f.raw("password").is_empty()).then(|| f.secret("password")),
        tcp: f.get("transport") == "tcp",
        charset: CHARSETS.iter().find(|c| c.1 == f.get("charset")).map_or(UpperCharset::Gb18030, |c| c.0),
        expires_s: number("expires_s"),
        keepalive_s: number("keepalive_s"),
        cameras: f.all("camera").iter().filter_map(|id| CameraId::parse(id)).collect(),
        enabled: f.has("enabled"),
    }
}

fn fresh(call: &Call) -> UpperForm {
    UpperForm {
        name: String::new(),
        organ: OrganKind::Police,
        need: String::new(),
        address: String::new(),
        platform: String::new(),
        own: call.site().config().platform_id.clone(),
        username: String::new(),
        secret: None,
        tcp: false,
        charset: UpperCharset::Gb18030,
        expires_s: 86_400,
        keepalive_s: 60,
        cameras: Vec::new(),
        enabled: true,
    }
}

fn stored(row: &UpperRow) -> UpperForm {
    let c = row.config.clone();
    UpperForm {
        name: c.name,
        organ: c.organ,
        need: c.need,
        address: c.address,
        platform: c.platform,
        own: c.own,
        username: c.username,
        secret: None,
        tcp: c.tcp,
        charset: c.charset,
        expires_s: c.expires_s,
        keepalive_s: c.keepalive_s,
        cameras: c.channels.iter().map(|ch| ch.camera).collect(),
        enabled: c.enabled,
    }
}

fn fields(call: &Call, form: UpperForm, row: Option<&UpperRow>) -> PlatformFields {
    let cameras = call.site().cameras().into_iter().map(|camera| {
        let known = camera.row();
        let code = row.and_then(|r| r.config.channels.iter().find(|c| c.camera == known.id)).map(|c| c.code.clone());
        let hint = code.unwrap_or(known.place);
        let label = Text::of(known.name.clone(), known.name);
        let chosen = form.cameras.contains(&known.id);
        Choice { hint: Text::of(hint.clone(), hint), ..Choice::new(&known.id.to_string(), label, chosen) }
    });
    let organs = ORGANS.iter().map(|o| Choice::new(o.1, Text::new(o.2, o.3), o.0 == form.organ));
    let charsets = CHARSETS.iter().map(|c| Choice::new(c.1, Text::new(c.2, c.2), c.0 == form.charset));
    PlatformFields {
        name: form.name,
        organs: organs.collect(),
        need: form.need,
        address: form.address,
        platform: form.platform,
        own: form.own,
        username: form.username,
        transports: vec![
            Choice::new("udp", Text::new("UDP", "UDP"), !form.tcp),
            Choice::new("tcp", Text::new("TCP", "TCP"), form.tcp),
        ],
        charsets: charsets.collect(),
        expires_s: form.expires_s.to_string(),
        keepalive_s: form.keepalive_s.to_string(),
        cameras: cameras.collect(),
        enabled: form.enabled,
    }
}

async fn form_page(
    call: &Call,
    form: UpperForm,
    row: Option<&UpperRow>,
    errors: FormErrors,
) -> Result<PlatformFormPage, Refusal> {
    Ok(PlatformFormPage {
        l: call.lang,
        bar: call.bar(Nav::Devices).await?,
        errors,
        action: row.map_or_else(|| "/platforms/new".to_owned(), |r| format!("/platforms/{}/edit", r.id)),
        title: row.map_or_else(String::new, |r| r.config.name.clone()),
        f: fields(call, form, row),
    })
}

/// The form again with what is wrong, where the refusal is about a field.
async fn again(call: &Call, row: Option<&UpperRow>, refusal: Refusal) -> Reply {
    if refusal.kind != ErrorKind::BadInput {
        return Err(refusal);
    }
    let mut errors = FormErrors::default();
    errors.push(&refusal.code, refusal.what.clone());
    let mut page = form_page(call, typed(call), row, errors).await?;
    // As they were typed, also where they are no numbers.
    call.form.get("expires_s").clone_into(&mut page.f.expires_s);
    call.form.get("keepalive_s").clone_into(&mut page.f.keepalive_s);
    page_with(status(&refusal), &page)
}

/// `GET /platforms/new`.
pub(crate) async fn new(call: Call) -> Reply {
    page(&form_page(&call, fresh(&call), None, FormErrors::default()).await?)
}

/// `POST /platforms/new`.
pub(crate) async fn add(call: Call) -> Reply {
    match call.site().add_upper(call.actor()?, typed(&call)).await {
        Ok(id) => call.done(&format!("/platforms/{id}"), "platform_saved"),
        Err(refusal) => again(&call, None, refusal).await,
    }
}

/// `GET /platforms/{id}/edit`.
pub(crate) async fn edit(call: Call) -> Reply {
    let (row, _) = find(&call).await?;
    page(&form_page(&call, stored(&row), Some(&row), FormErrors::default()).await?)
}

/// `POST /platforms/{id}/edit`.
pub(crate) async fn change(call: Call) -> Reply {
    let (row, _) = find(&call).await?;
    match call.site().change_upper(call.actor()?, row.id, typed(&call)).await {
        Ok(()) => call.done(&format!("/platforms/{}", row.id), "platform_saved"),
        Err(refusal) => again(&call, Some(&row), refusal).await,
    }
}

// ---- one platform ----

fn facts(call: &Call, row: &UpperRow, s: &UpperStatus) -> Vec<(Text, String)> {
    let c = &row.config;
    let time = |at: Option<UtcMs>| at.map_or_else(|| call.lang.t("无", "none").to_owned(), UtcMs::desk);
    let organ = ORGANS.iter().find(|o| o.0 == c.organ).map_or("", |o| call.lang.t(o.2, o.3));
    let refusal = s.refusal.map(|(at, code)| match code {
        Some(code) => format!("{} · {code}", at.desk()),
        None => format!("{} · {}", at.desk(), call.lang.t("无回应", "no answer")),
    });
    let asked = s.refused_last.as_ref().map(|(at, what, code)| format!("{} · {what} · {code}", at.desk()));
    let mut facts = vec![
        (Text::new("机关", "Organ"), organ.to_owned()),
        (Text::new("联网依据", "Demand for networking"), c.need.clone()),
        (Text::new("平台编码", "Its code"), c.platform.clone()),
        (Text::new("地址", "Address"), format!("{} {}", c.address, if c.tcp { "TCP" } else { "UDP" })),
        (Text::new("本平台编码", "Our code towards it"), c.own.clone()),
        (Text::new("注册自", "Registered since"), time(since_of(s))),
        (Text::new("最近一次心跳", "Last keepalive"), time(s.keepalive)),
        (Text::new("最近一次被拒", "Last refusal of us"), refusal.unwrap_or_default()),
        (Text::new("报送的报警", "Alarms taken by it"), s.alarms.to_string()),
        (Text::new("拒绝的请求", "Its requests refused"), s.refused.to_string()),
        (Text::new("最近一次拒绝", "The last of them"), asked.unwrap_or_default()),
        (Text::new("无法理解的报文", "Input that made no sense"), s.nonsense.to_string()),
    ];
    facts.retain(|(_, value)| !value.trim().is_empty());
    facts
}

async fn platform_page(
    call: &Call,
    row: &UpperRow,
    s: &UpperStatus,
    errors: FormErrors,
) -> Result<PlatformPage, Refusal> {
    let names = Names::read(call).await?;
    let answer = call.site().ask_upper_view(row);
    let now = call.now();
    let views = call.site().store().upper_views(row.id, VIEWS).await?;
    let views = views.into_iter().map(|v| ViewLine {
        camera: names.camera(v.camera),
        began: v.began,
        ended: v.ended,
        log_index: v.leaf,
    });
    let refusal = (!answer.allow).then(|| answer.clone().into_refusal());
    let emergency = row.config.emergency.as_ref().filter(|e| (e.from..e.until).contains(&now));
    Ok(PlatformPage {
        l: call.lang,
        bar: call.bar(Nav::Devices).await?,
        errors,
        id: row.id.to_string(),
        name: row.config.name.clone(),
        state: state_of(&row.config, s),
        fault: s.diagnosis.as_ref().map(|d| (d.what.clone(), d.next.clone())),
        facts: facts(call, row, s),
        lawful: answer.allow,
        hindrance: refusal.map(|r| (r.what, r.next)).unwrap_or_default(),
        clauses: answer.deciding,
        channels: row.config.channels.iter().map(|c| (names.camera(c.camera), c.code.clone())).collect(),
        views: views.collect(),
        emergency: emergency.map(|e| (e.reason.clone(), e.until)),
        can_emergency: call.may(Permission::DecideUse),
        emergencies: emergencies(call).await?,
        reason: call.form.get("reason").to_owned(),
    })
}

/// `GET /platforms/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    let (row, s) = find(&call).await?;
    page(&platform_page(&call, &row, &s, FormErrors::default()).await?)
}

/// `POST /platforms/{id}/emergency`: `reason` and `hours` open one; `end` closes it.
pub(crate) async fn emergency(call: Call) -> Reply {
    let (row, s) = find(&call).await?;
    let (site, by) = (call.site(), call.actor()?);
    let done = if call.form.has("end") {
        site.close_emergency(by, row.id).await
    } else {
        site.open_emergency(by, row.id, call.form.get("reason"), call.form.get("hours").parse().unwrap_or(0)).await
    };
    match done {
        Ok(()) => call.done(&format!("/platforms/{}", row.id), "platform_saved"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            let mut errors = FormErrors::default();
            errors.push(&refusal.code, refusal.what.clone());
            page_with(status(&refusal), &platform_page(&call, &row, &s, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /platforms/{id}/remove`.
pub(crate) async fn remove(call: Call) -> Reply {
    let (row, _) = find(&call).await?;
    call.site().remove_upper(call.actor()?, row.id).await?;
    call.done("/platforms", "platform_removed")
}
