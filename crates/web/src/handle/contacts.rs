//! Contacts of alarms: the list, masked; added, changed, removed; and the list of an incident, whole for who is to call.

use crate::answer::{Reply, in_form, no_page, page, page_with};
use crate::call::Call;
use crate::pages::contacts::{CallLine, ContactLine, ContactsPage};
use crate::pages::{Choice, FormErrors, Nav};
use base::{ContactId, Pii, Refusal, Text};
use domain::access::Permission;
use domain::alarm::SourceName;
use domain::contact::{Contact, Duty, Reach, dial};
use site::alarm::Open;
use std::collections::HashMap;

/// Last digits of a number that a masked one shows.
const TAIL: usize = 4;

/// Names of panels, by how signals name them.
type Panels = HashMap<SourceName, String>;

async fn panels(call: &Call) -> Result<Panels, Refusal> {
    let all = call.site().store().alarm_sources().await?;
    Ok(all.into_iter().map(|s| (s.source, s.name)).collect())
}

fn place(reach: &Reach, panels: &Panels) -> Text {
    let name = |source: &SourceName| panels.get(source).cloned().unwrap_or_else(|| source.as_str().to_owned());
    match reach {
        Reach::Area(path) if path.is_empty() => Text::new("整个场所", "the whole site"),
        Reach::Area(path) => Text::of(path.clone(), path.clone()),
        Reach::Source(source) => Text::of(name(source), name(source)),
        Reach::Zone(source, zone) => {
            Text::of(format!("{} · 防区 {zone}", name(source)), format!("{} · zone {zone}", name(source)))
        }
    }
}

fn line(c: &Contact, panels: &Panels) -> ContactLine {
    ContactLine {
        id: c.id.to_string(),
        place: place(&c.reach, panels),
        duty: c.duty.name(),
        order: c.order,
        person: c.person.masked(),
        phone: c.phone.masked_tail(TAIL),
        has_note: !c.note.expose().is_empty(),
    }
}

/// Whom to call about an incident.
pub(super) async fn of_incident(call: &Call, open: &Open) -> Result<Vec<CallLine>, Refusal> {
    let calls = call.site().calls(call.actor()?, open).await?;
    let panels = panels(call).await?;
    let line = |c: &Contact| {
        let base = CallLine { duty: c.duty.name(), place: place(&c.reach, &panels), ..CallLine::default() };
        if calls.whole {
            let phone = c.phone.expose().clone();
            let note = c.note.expose().clone();
            CallLine { person: c.person.expose().clone(), dial: dial(&phone), phone, note, ..base }
        } else {
            CallLine { person: c.person.masked(), phone: c.phone.masked_tail(TAIL), ..base }
        }
    };
    Ok(calls.list.iter().map(line).collect())
}

/// Form value of a place: `area:PATH` or `source:NAME`; a zone has a field of its own.
fn place_code(reach: &Reach) -> String {
    match reach {
        Reach::Area(path) => format!("area:{path}"),
        Reach::Source(source) | Reach::Zone(source, _) => format!("source:{}", source.as_str()),
    }
}

async fn places(call: &Call, panels: &Panels, chosen: &str) -> Result<Vec<Choice>, Refusal> {
    let mut out = vec![Choice::new("area:", Text::new("整个场所", "the whole site"), chosen == "area:")];
    let one = |value: String, zh: String, en: String| {
        let on = value == chosen;
        Choice::new(&value, Text::of(zh, en), on)
    };
    for path in call.site().areas_of_alarms().await? {
        out.push(one(format!("area:{path}"), format!("区域：{path}"), format!("area: {path}")));
    }
    let mut sources: Vec<_> = panels.iter().collect();
    sources.sort();
    for (source, name) in sources {
        let value = format!("source:{}", source.as_str());
        out.push(one(value, format!("主机：{name}"), format!("panel: {name}")));
    }
    // A place that is gone stays as it was given.
    if !out.iter().any(|c| c.value == chosen) && !chosen.is_empty() {
        let words = chosen.split_once(':').map_or(chosen, |(_, rest)| rest).to_owned();
        out.push(one(chosen.to_owned(), words.clone(), words));
    }
    Ok(out)
}

async fn contacts_page(call: &Call, edited: Option<&Contact>, errors: FormErrors) -> Result<ContactsPage, Refusal> {
    let all = call.site().contacts(call.actor()?).await?;
    let panels = panels(call).await?;
    let f = &call.form;
    let sent = f.has("at");
    let text = |name: &str, kept: String| if sent { f.get(name).to_owned() } else { kept };
    let zone = match edited.map(|c| &c.reach) {
        Some(Reach::Zone(_, zone)) => zone.to_string(),
        _ => String::new(),
    };
    let at = text("at", edited.map_or_else(|| "area:".to_owned(), |c| place_code(&c.reach)));
    let duty = text("duty", edited.map_or("", |c| c.duty.code()).to_owned());
    let may = call.may(Permission::ManageAlarms);
    Ok(ContactsPage {
        l: call.lang,
        bar: call.bar(Nav::Contacts).await?,
        errors,
        lines: all.iter().map(|c| line(c, &panels)).collect(),
        may,
        edited: edited.map(|c| line(c, &panels)),
        places: if may { places(call, &panels, &at).await? } else { vec![] },
        duties: Duty::ALL.iter().map(|d| Choice::new(d.code(), d.name(), d.code() == duty)).collect(),
        zone: text("zone", zone),
        order: text("order", edited.map_or_else(|| "1".to_owned(), |c| c.order.to_string())),
        person: text("person", String::new()),
        phone: text("phone", String::new()),
        note: text("note", String::new()),
    })
}

/// `GET /contacts?edit=`.
pub(crate) async fn list(call: Call) -> Reply {
    let edited = match ContactId::parse(call.query.get("edit")) {
        Some(id) if call.may(Permission::ManageAlarms) => Some(call.site().contact(call.actor()?, id).await?),
        _ => None,
    };
    page(&contacts_page(&call, edited.as_ref(), FormErrors::default()).await?)
}

/// The contact of the form. Of one that is changed, empty fields leave name, number and note as they are.
fn form_of(call: &Call, old: Option<&Contact>) -> Result<Contact, Refusal> {
    let f = &call.form;
    let bad = |code: &str, zh: &'static str, en: &'static str| {
        let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
        Refusal::bad_input(code, Text::new(zh, en), next)
    };
    let zone = || f.get("zone").parse::<u32>().map_err(|_| bad("zone", "防区应为数字。", "A zone is a number."));
    let reach = match f.get("at").split_once(':') {
        Some(("area", _)) if f.has("zone") => {
            return Err(bad("zone", "填写防区时请选择报警主机。", "A zone belongs to a panel: choose the panel."));
        }
        Some(("area", path)) => Reach::Area(path.to_owned()),
        Some(("source", name)) if f.has("zone") => Reach::Zone(SourceName::stored(name), zone()?),
        Some(("source", name)) => Reach::Source(SourceName::stored(name)),
        _ => return Err(bad("at", "请选择区域或报警主机。", "Choose an area or a panel.")),
    };
    let duty = Duty::parse(f.get("duty")).ok_or_else(|| bad("duty", "请选择职责。", "Choose what for."))?;
    let order = f.get("order").parse().map_err(|_| bad("order", "次序应为数字。", "The order is a number."))?;
    let kept = |name: &str, old: Option<&Pii<String>>| match old {
        Some(old) if !f.has(name) => old.clone(),
        _ => f.secret(name),
    };
    let note = if f.has("no_note") { Pii::default() } else { kept("note", old.map(|c| &c.note)) };
    Ok(Contact {
        id: old.map_or(ContactId::from_bytes([0; 16]), |c| c.id),
        reach,
        duty,
        order,
        person: kept("person", old.map(|c| &c.person)),
        phone: kept("phone", old.map(|c| &c.phone)),
        note,
    })
}

async fn refused(call: &Call, edited: Option<&Contact>, refusal: Refusal) -> Reply {
    let (code, errors) = in_form(refusal, &["zone", "duty", "order", "person", "phone", "note"], "at")?;
    page_with(code, &contacts_page(call, edited, errors).await?)
}

/// `POST /contacts`.
pub(crate) async fn add(call: Call) -> Reply {
    let by = call.actor()?;
    let done = match form_of(&call, None) {
        Ok(form) => call.site().add_contact(by, form).await.map(|_| ()),
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => call.done("/contacts", "device_changed"),
        Err(refusal) => refused(&call, None, refusal).await,
    }
}

fn id_of(call: &Call) -> Result<ContactId, Refusal> {
    ContactId::parse(call.param(0)).ok_or_else(no_page)
}

/// `POST /contacts/{id}`.
pub(crate) async fn change(call: Call) -> Reply {
    let by = call.actor()?;
    let old = call.site().contact(by, id_of(&call)?).await?;
    let done = match form_of(&call, Some(&old)) {
        Ok(form) => call.site().change_contact(by, form).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => call.done("/contacts", "device_changed"),
        Err(refusal) => refused(&call, Some(&old), refusal).await,
    }
}

/// `POST /contacts/{id}/remove`.
pub(crate) async fn remove(call: Call) -> Reply {
    call.site().remove_contact(call.actor()?, id_of(&call)?).await?;
    call.done("/contacts", "device_changed")
}
