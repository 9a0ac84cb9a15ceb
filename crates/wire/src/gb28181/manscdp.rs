//! MANSCDP messages (GB/T 28181 annex A): the XML bodies of MESSAGE, typed.
//!
//! Bytes become a [`Manscdp`] and back. What this program does not use yet is kept as [`Body::Unknown`] with its names,
//! so that it can be counted and answered. Invariant: lists are bounded by the XML limits; free text by [`MAX_TEXT_CHARS`].

use super::GbId;
use super::xml::{self, Charset, Element, XmlError};
use base::UtcMs;
use std::fmt::Write;

/// Content-Type of a MANSCDP body.
pub const CONTENT_TYPE: &str = "Application/MANSCDP+xml";
/// Longest text kept of any field, characters; the rest is cut.
pub const MAX_TEXT_CHARS: usize = 512;

/// Root element of a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Root {
    /// A question.
    Query,
    /// An order.
    Control,
    /// News.
    Notify,
    /// An answer.
    Response,
}

impl Root {
    /// Element name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Control => "Control",
            Self::Notify => "Notify",
            Self::Response => "Response",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Query, Self::Control, Self::Notify, Self::Response]
            .into_iter()
            .find(|r| r.name().eq_ignore_ascii_case(name))
    }
}

/// One channel (or folder) of a catalogue.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CatalogItem {
    /// DeviceID; text because devices list odd codes too. See [`CatalogItem::gb_id`].
    pub device_id: String,
    /// Name.
    pub name: String,
    /// Manufacturer.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Civil code of the area.
    pub civil_code: String,
    /// Where it is mounted.
    pub address: String,
    /// ParentID as written (several are separated by `/`).
    pub parent_id: String,
    /// True when it has children.
    pub parental: bool,
    /// True for `ON`, `ONLINE`, `OK`; `None` where nothing readable stands.
    pub online: Option<bool>,
    /// Longitude, WGS-84 degrees, as written.
    pub longitude: String,
    /// Latitude, WGS-84 degrees, as written.
    pub latitude: String,
    /// PTZType 1-7 (dome, half dome, box, remote box, ...); from the item or its Info.
    pub ptz_type: Option<u8>,
}

impl CatalogItem {
    /// The code, where it is one.
    #[must_use]
    pub fn gb_id(&self) -> Option<GbId> {
        GbId::parse(&self.device_id)
    }
}

/// One page of a catalogue answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CatalogPage {
    /// Items in all pages together, as the device says.
    pub total: u32,
    /// Items of this page.
    pub items: Vec<CatalogItem>,
}

/// What became of a channel (Event of a catalogue notification).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CatalogEvent {
    /// ON: online again.
    On,
    /// OFF: offline.
    Off,
    /// VLOST: its picture is lost.
    PictureLost,
    /// DEFECT: it is out of order.
    Defect,
    /// ADD: new.
    Added,
    /// DEL: gone.
    Deleted,
    /// UPDATE: changed.
    Updated,
}

impl CatalogEvent {
    const ALL: [(Self, &'static str); 7] = [
        (Self::On, "ON"),
        (Self::Off, "OFF"),
        (Self::PictureLost, "VLOST"),
        (Self::Defect, "DEFECT"),
        (Self::Added, "ADD"),
        (Self::Deleted, "DEL"),
        (Self::Updated, "UPDATE"),
    ];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| text.eq_ignore_ascii_case(word)).map(|(event, _)| *event)
    }

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(event, _)| *event == self).map_or("UPDATE", |(_, word)| word)
    }
}

/// One change of a catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CatalogChange {
    /// What happened.
    pub event: CatalogEvent,
    /// The channel; only its code counts for ON, OFF, VLOST, DEFECT and DEL.
    pub item: CatalogItem,
}

/// Answer to DeviceInfo.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeviceInfo {
    /// DeviceName.
    pub name: String,
    /// Manufacturer.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Firmware.
    pub firmware: String,
    /// Channel (count), where given.
    pub channels: Option<u32>,
}

/// Answer to DeviceStatus.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeviceStatus {
    /// Online = ONLINE.
    pub online: Option<bool>,
    /// Status = OK: works properly.
    pub healthy: Option<bool>,
    /// Encode = ON.
    pub encoding: Option<bool>,
    /// Record = ON.
    pub recording: Option<bool>,
    /// DeviceTime: the device's own clock (Beijing time on the wire).
    pub device_time: Option<UtcMs>,
}

/// An alarm notification.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alarm {
    /// AlarmPriority 1 (highest) to 4.
    pub priority: Option<u8>,
    /// AlarmMethod: 1 phone, 2 device, 3 SMS, 4 GPS, 5 video, 6 device fault, 7 other.
    pub method: Option<u8>,
    /// AlarmType, to be read together with the method.
    pub alarm_type: Option<u16>,
    /// EventType of a video intrusion: 1 enter, 2 leave.
    pub event_type: Option<u8>,
    /// AlarmTime by the device's clock.
    pub time: Option<UtcMs>,
    /// AlarmDescription.
    pub description: String,
}

/// An order to a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// SetGuard: some cameras send no alarm before it. An answer is due.
    SetGuard,
    /// ResetGuard. An answer is due.
    ResetGuard,
    /// ResetAlarm: after a device alarm (method 2) the device is silent until this comes. An answer is due.
    ResetAlarm,
    /// IFrameCmd: send a key frame now. No answer.
    KeyFrame,
    /// TeleBoot: restart. No answer.
    Reboot,
}

impl Control {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::SetGuard, "GuardCmd", "SetGuard"),
        (Self::ResetGuard, "GuardCmd", "ResetGuard"),
        (Self::ResetAlarm, "AlarmCmd", "ResetAlarm"),
        (Self::KeyFrame, "IFameCmd", "Send"),
        (Self::Reboot, "TeleBoot", "Boot"),
    ];

    /// True when an answer MESSAGE is due.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::SetGuard | Self::ResetGuard | Self::ResetAlarm)
    }

    fn read(root: &Element) -> Option<Self> {
        let found = |(_, element, value): &(Self, &str, &str)| {
            // IFrameCmd is the newer spelling; both are in the field.
            let text = root.field(element).or_else(|| (*element == "IFameCmd").then(|| root.field("IFrameCmd"))?);
            text.is_some_and(|t| t.eq_ignore_ascii_case(value))
        };
        Self::ALL.iter().find(|row| found(row)).map(|(control, ..)| *control)
    }

    fn write(self, out: &mut String) {
        if let Some((_, element, value)) = Self::ALL.iter().find(|(c, ..)| *c == self) {
            let _ = write!(out, "<{element}>{value}</{element}>\r\n");
        }
    }
}

/// What a message says beyond its head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    /// Notify Keepalive.
    Keepalive {
        /// Status OK.
        ok: bool,
        /// Sub-devices named as faulty.
        faulty: Vec<GbId>,
    },
    /// Query Catalog.
    CatalogQuery,
    /// Response Catalog, one page.
    Catalog(CatalogPage),
    /// Notify Catalog: changes, to who subscribed to them.
    CatalogNotify(Vec<CatalogChange>),
    /// Query Alarm: the body of a subscription to alarms of every kind.
    AlarmQuery,
    /// Query DeviceInfo.
    DeviceInfoQuery,
    /// Response DeviceInfo.
    DeviceInfo(DeviceInfo),
    /// Query DeviceStatus.
    DeviceStatusQuery,
    /// Response DeviceStatus.
    DeviceStatus(DeviceStatus),
    /// Notify Alarm.
    Alarm(Alarm),
    /// Notify MediaStatus; 121 = the file was sent to its end.
    MediaStatus {
        /// NotifyType.
        notify_type: u32,
    },
    /// Control DeviceControl with an order known here.
    Control(Control),
    /// Response of any other kind with a Result.
    Result {
        /// Result OK.
        ok: bool,
    },
    /// Anything else.
    Unknown,
}

/// One MANSCDP message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manscdp {
    /// Root element.
    pub root: Root,
    /// CmdType as written.
    pub cmd_type: String,
    /// SN, which an answer repeats; 0 where missing.
    pub sn: u64,
    /// DeviceID, where it is a code.
    pub device_id: Option<GbId>,
    /// The rest.
    pub body: Body,
}

/// Why a body is no MANSCDP message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ManscdpError {
    /// The XML was refused.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Root element other than Query, Control, Notify, Response.
    #[error("root element <{0}> is not MANSCDP")]
    Root(String),
    /// No CmdType, neither element nor attribute.
    #[error("no CmdType")]
    NoCmdType,
}

fn text(element: &Element, name: &str) -> String {
    element.field(name).unwrap_or_default().chars().take(MAX_TEXT_CHARS).collect()
}

fn number<T: std::str::FromStr>(element: &Element, name: &str) -> Option<T> {
    element.field(name)?.trim().parse().ok()
}

/// `ON`, `ONLINE`, `OK`, `1` and their opposites.
fn state(element: &Element, name: &str) -> Option<bool> {
    match element.field(name)?.to_ascii_uppercase().as_str() {
        "ON" | "ONLINE" | "OK" | "1" | "TRUE" => Some(true),
        "OFF" | "OFFLINE" | "ERROR" | "0" | "FALSE" => Some(false),
        _ => None,
    }
}

fn catalog(root: &Element) -> CatalogPage {
    let list = root.child("DeviceList");
    let items: Vec<_> = list.into_iter().flat_map(|l| l.children_named("Item")).map(catalog_item).collect();
    let total = number(root, "SumNum").unwrap_or_else(|| u32::try_from(items.len()).unwrap_or(u32::MAX));
    CatalogPage { total, items }
}

fn catalog_changes(root: &Element) -> Vec<CatalogChange> {
    let items = root.child("DeviceList").into_iter().flat_map(|l| l.children_named("Item"));
    let change = |item: &Element| {
        let event = CatalogEvent::parse(item.field("Event")?.trim())?;
        Some(CatalogChange { event, item: catalog_item(item) })
    };
    items.filter_map(change).collect()
}

fn catalog_item(item: &Element) -> CatalogItem {
    let info = item.child("Info");
    CatalogItem {
        device_id: text(item, "DeviceID"),
        name: text(item, "Name"),
        manufacturer: text(item, "Manufacturer"),
        model: text(item, "Model"),
        civil_code: text(item, "CivilCode"),
        address: text(item, "Address"),
        parent_id: text(item, "ParentID"),
        parental: item.field("Parental") == Some("1"),
        online: state(item, "Status"),
        longitude: text(item, "Longitude"),
        latitude: text(item, "Latitude"),
        ptz_type: number(item, "PTZType").or_else(|| number(info?, "PTZType")),
    }
}

fn alarm(root: &Element) -> Alarm {
    let info = root.child("Info");
    let either = |name: &str| root.field(name).or_else(|| info?.field(name));
    let event = info.and_then(|i| i.child("AlarmTypeParam")).and_then(|p| number(p, "EventType"));
    Alarm {
        priority: number(root, "AlarmPriority"),
        method: number(root, "AlarmMethod"),
        alarm_type: either("AlarmType").and_then(|t| t.parse().ok()),
        event_type: event.or_else(|| either("EventType").and_then(|t| t.parse().ok())),
        time: root.field("AlarmTime").and_then(UtcMs::parse_shanghai),
        description: text(root, "AlarmDescription"),
    }
}

fn body(root_kind: Root, cmd_type: &str, root: &Element) -> Body {
    let cmd = cmd_type.to_ascii_lowercase();
    match (root_kind, cmd.as_str()) {
        (Root::Notify, "keepalive") => Body::Keepalive {
            ok: state(root, "Status").unwrap_or(true),
            faulty: root
                .child("Info")
                .into_iter()
                .flat_map(|i| i.children_named("DeviceID"))
                .filter_map(|d| GbId::parse(&d.text))
                .collect(),
        },
        (Root::Notify, "alarm") => Body::Alarm(alarm(root)),
        (Root::Notify, "catalog") => Body::CatalogNotify(catalog_changes(root)),
        (Root::Query, "alarm") => Body::AlarmQuery,
        (Root::Notify, "mediastatus") => Body::MediaStatus { notify_type: number(root, "NotifyType").unwrap_or(0) },
        (Root::Query, "catalog") => Body::CatalogQuery,
        (Root::Query, "deviceinfo") => Body::DeviceInfoQuery,
        (Root::Query, "devicestatus") => Body::DeviceStatusQuery,
        (Root::Response, "catalog") => Body::Catalog(catalog(root)),
        (Root::Response, "deviceinfo") => Body::DeviceInfo(DeviceInfo {
            name: text(root, "DeviceName"),
            manufacturer: text(root, "Manufacturer"),
            model: text(root, "Model"),
            firmware: text(root, "Firmware"),
            channels: number(root, "Channel"),
        }),
        (Root::Response, "devicestatus") => Body::DeviceStatus(DeviceStatus {
            online: state(root, "Online"),
            healthy: state(root, "Status"),
            encoding: state(root, "Encode"),
            recording: state(root, "Record"),
            device_time: root.field("DeviceTime").and_then(UtcMs::parse_shanghai),
        }),
        (Root::Control, "devicecontrol") => Control::read(root).map_or(Body::Unknown, Body::Control),
        (Root::Response, _) if root.field("Result").is_some() => {
            Body::Result { ok: state(root, "Result") == Some(true) }
        }
        _ => Body::Unknown,
    }
}

impl Manscdp {
    /// A message of our own; `cmd_type` follows from `body` ([`Body::Unknown`] and [`Body::Result`] have no CmdType of
    /// their own: set the field).
    #[must_use]
    pub fn new(sn: u64, device_id: GbId, body: Body) -> Self {
        let (root, cmd_type) = match &body {
            Body::Keepalive { .. } => (Root::Notify, "Keepalive"),
            Body::CatalogQuery => (Root::Query, "Catalog"),
            Body::Catalog(_) => (Root::Response, "Catalog"),
            Body::CatalogNotify(_) => (Root::Notify, "Catalog"),
            Body::AlarmQuery => (Root::Query, "Alarm"),
            Body::DeviceInfoQuery => (Root::Query, "DeviceInfo"),
            Body::DeviceInfo(_) => (Root::Response, "DeviceInfo"),
            Body::DeviceStatusQuery => (Root::Query, "DeviceStatus"),
            Body::DeviceStatus(_) => (Root::Response, "DeviceStatus"),
            Body::Alarm(_) => (Root::Notify, "Alarm"),
            Body::MediaStatus { .. } => (Root::Notify, "MediaStatus"),
            Body::Control(_) => (Root::Control, "DeviceControl"),
            Body::Result { .. } | Body::Unknown => (Root::Response, "DeviceControl"),
        };
        Self { root, cmd_type: cmd_type.to_owned(), sn, device_id: Some(device_id), body }
    }

    /// Reads a body and its charset.
    ///
    /// # Errors
    /// [`ManscdpError`].
    pub fn parse(bytes: &[u8]) -> Result<(Self, Charset), ManscdpError> {
        let (element, charset) = xml::parse(bytes)?;
        let root =
            Root::parse(&element.name).ok_or_else(|| ManscdpError::Root(element.name.chars().take(32).collect()))?;
        let cmd_type: String = element.field("CmdType").ok_or(ManscdpError::NoCmdType)?.chars().take(64).collect();
        let body = body(root, &cmd_type, &element);
        let sn = number(&element, "SN").unwrap_or(0);
        let device_id = element.field("DeviceID").and_then(GbId::parse);
        Ok((Self { root, cmd_type, sn, device_id, body }, charset))
    }

    /// The body as bytes in `charset`.
    #[must_use]
    pub fn encode(&self, charset: Charset) -> Vec<u8> {
        let mut out = String::with_capacity(512);
        let root = self.root.name();
        let _ = write!(out, "<?xml version=\"1.0\" encoding=\"{}\"?>\r\n<{root}>\r\n", charset.name());
        let _ = write!(out, "<CmdType>{}</CmdType>\r\n<SN>{}</SN>\r\n", xml::escape(&self.cmd_type), self.sn);
        if let Some(id) = self.device_id {
            let _ = write!(out, "<DeviceID>{id}</DeviceID>\r\n");
        }
        self.write_body(&mut out);
        let _ = write!(out, "</{root}>\r\n");
        charset.encode(&out)
    }

    fn write_body(&self, out: &mut String) {
        match &self.body {
            Body::CatalogQuery | Body::DeviceInfoQuery | Body::DeviceStatusQuery | Body::Unknown => {}
            Body::Keepalive { ok, faulty } => {
                tag(out, "Status", if *ok { "OK" } else { "ERROR" });
                if !faulty.is_empty() {
                    out.push_str("<Info>\r\n");
                    faulty.iter().for_each(|id| tag(out, "DeviceID", id.as_str()));
                    out.push_str("</Info>\r\n");
                }
            }
            Body::Catalog(page) => write_catalog(page, out),
            Body::CatalogNotify(changes) => write_changes(changes, out),
            // 0 stands for all priorities and methods.
            Body::AlarmQuery => {
                ["StartAlarmPriority", "EndAlarmPriority", "AlarmMethod"].iter().for_each(|name| tag(out, name, "0"));
            }
            Body::DeviceInfo(info) => {
                tag(out, "DeviceName", &info.name);
                tag(out, "Result", "OK");
                tag(out, "Manufacturer", &info.manufacturer);
                tag(out, "Model", &info.model);
                tag(out, "Firmware", &info.firmware);
                if let Some(channels) = info.channels {
                    tag(out, "Channel", &channels.to_string());
                }
            }
            Body::DeviceStatus(status) => {
                tag(out, "Result", "OK");
                let mut flag = |name, value: Option<bool>, yes, no| {
                    if let Some(value) = value {
                        tag(out, name, if value { yes } else { no });
                    }
                };
                flag("Online", status.online, "ONLINE", "OFFLINE");
                flag("Status", status.healthy, "OK", "ERROR");
                flag("Encode", status.encoding, "ON", "OFF");
                flag("Record", status.recording, "ON", "OFF");
                if let Some(at) = status.device_time {
                    tag(out, "DeviceTime", &at.gb28181());
                }
            }
            Body::Alarm(alarm) => write_alarm(alarm, out),
            Body::MediaStatus { notify_type } => tag(out, "NotifyType", &notify_type.to_string()),
            Body::Control(control) => control.write(out),
            Body::Result { ok } => tag(out, "Result", if *ok { "OK" } else { "ERROR" }),
        }
    }
}

fn tag(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "<{name}>{}</{name}>\r\n", xml::escape(value));
}

fn write_catalog(page: &CatalogPage, out: &mut String) {
    tag(out, "SumNum", &page.total.to_string());
    if page.total == 0 {
        return;
    }
    let _ = write!(out, "<DeviceList Num=\"{}\">\r\n", page.items.len());
    for item in &page.items {
        out.push_str("<Item>\r\n");
        write_item(item, out);
        out.push_str("</Item>\r\n");
    }
    out.push_str("</DeviceList>\r\n");
}

fn write_changes(changes: &[CatalogChange], out: &mut String) {
    tag(out, "SumNum", &changes.len().to_string());
    let _ = write!(out, "<DeviceList Num=\"{}\">\r\n", changes.len());
    for CatalogChange { event, item } in changes {
        out.push_str("<Item>\r\n");
        if matches!(event, CatalogEvent::Added | CatalogEvent::Updated) {
            write_item(item, out);
        } else {
            tag(out, "DeviceID", &item.device_id);
        }
        tag(out, "Event", event.word());
        out.push_str("</Item>\r\n");
    }
    out.push_str("</DeviceList>\r\n");
}

fn write_item(item: &CatalogItem, out: &mut String) {
    tag(out, "DeviceID", &item.device_id);
    tag(out, "Name", &item.name);
    tag(out, "Manufacturer", &item.manufacturer);
    tag(out, "Model", &item.model);
    tag(out, "CivilCode", &item.civil_code);
    tag(out, "Address", &item.address);
    tag(out, "Parental", if item.parental { "1" } else { "0" });
    tag(out, "ParentID", &item.parent_id);
    tag(out, "RegisterWay", "1");
    tag(out, "Secrecy", "0");
    if let Some(online) = item.online {
        tag(out, "Status", if online { "ON" } else { "OFF" });
    }
    for (name, value) in [("Longitude", &item.longitude), ("Latitude", &item.latitude)] {
        if !value.is_empty() {
            tag(out, name, value);
        }
    }
    if let Some(ptz_type) = item.ptz_type {
        let _ = write!(out, "<Info><PTZType>{ptz_type}</PTZType></Info>\r\n");
    }
}

fn write_alarm(alarm: &Alarm, out: &mut String) {
    tag(out, "AlarmPriority", &alarm.priority.unwrap_or(4).to_string());
    tag(out, "AlarmMethod", &alarm.method.unwrap_or(7).to_string());
    if let Some(time) = alarm.time {
        tag(out, "AlarmTime", &time.gb28181());
    }
    tag(out, "AlarmDescription", &alarm.description);
    if let Some(kind) = alarm.alarm_type {
        let _ = write!(out, "<Info><AlarmType>{kind}</AlarmType>");
        if let Some(event) = alarm.event_type {
            let _ = write!(out, "<AlarmTypeParam><EventType>{event}</EventType></AlarmTypeParam>");
        }
        out.push_str("</Info>\r\n");
    }
}

#[cfg(test)]
#[path = "manscdp_tests.rs"]
mod tests;
