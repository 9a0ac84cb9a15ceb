//! MANSCDP: XML bodies of MESSAGE in three charsets.

use base::UtcMs;
use base::limits::{XML_BYTES, XML_DEPTH};
use wire::gb28181::GbId;
use wire::gb28181::manscdp::{
    Alarm, Body, CatalogChange, CatalogEvent, CatalogItem, CatalogPage, Control, DeviceInfo, DeviceStatus,
    MAX_TEXT_CHARS, Manscdp,
};
use wire::gb28181::xml::{self, Charset, Element, MAX_ATTRIBUTES, MAX_ELEMENTS};

/// See the file's head.
pub fn check(data: &[u8]) {
    if let Ok((root, _)) = xml::parse(data) {
        assert!(data.len() <= XML_BYTES);
        assert!(depth(&root) <= XML_DEPTH && count(&root) <= MAX_ELEMENTS);
    }
    let Ok((message, charset)) = Manscdp::parse(data) else { return };
    assert!(texts(&message.body).iter().all(|text| text.chars().count() <= MAX_TEXT_CHARS));
    // A name of control characters alone is written as nothing; no message of ours has one.
    if !message.cmd_type.bytes().all(|b| b.is_ascii_graphic()) {
        return;
    }
    // Of a foreign message only what we understand is written, so the second writing is the one that must be as the first.
    let (once, _) = Manscdp::parse(&message.encode(Charset::Utf8)).expect("own message");
    let (twice, _) = Manscdp::parse(&once.encode(Charset::Utf8)).expect("own message");
    assert_eq!(once, twice);
    assert_eq!(
        (once.root, &once.cmd_type, once.sn, once.device_id),
        (message.root, &message.cmd_type, message.sn, message.device_id)
    );
    assert!(Manscdp::parse(&message.encode(charset)).is_ok(), "own message in {charset:?}");
}

fn depth(element: &Element) -> usize {
    1 + element.children.iter().map(depth).max().unwrap_or(0)
}

fn count(element: &Element) -> usize {
    assert!(element.attributes.len() <= MAX_ATTRIBUTES);
    1 + element.children.iter().map(count).sum::<usize>()
}

/// Free text of a body.
fn texts(body: &Body) -> Vec<&str> {
    match body {
        Body::Catalog(page) => page.items.iter().flat_map(item_texts).collect(),
        Body::CatalogNotify(changes) => changes.iter().flat_map(|change| item_texts(&change.item)).collect(),
        Body::DeviceInfo(info) => vec![&info.name, &info.manufacturer, &info.model, &info.firmware],
        Body::Alarm(alarm) => vec![&alarm.description],
        _ => Vec::new(),
    }
}

fn item_texts(item: &CatalogItem) -> [&str; 9] {
    [
        &item.device_id,
        &item.name,
        &item.manufacturer,
        &item.model,
        &item.civil_code,
        &item.address,
        &item.parent_id,
        &item.longitude,
        &item.latitude,
    ]
}

/// One message of each kind, each in one charset.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let id = GbId::parse("34020000001320000001").expect("twenty digits");
    let at = Some(UtcMs(1_763_740_800_000));
    let item = CatalogItem {
        device_id: id.to_string(),
        name: "大门 <东> & 1".into(),
        manufacturer: "某厂".into(),
        civil_code: "340200".into(),
        parent_id: "34020000001180000001".into(),
        online: Some(true),
        longitude: "117.1".into(),
        ptz_type: Some(1),
        ..CatalogItem::default()
    };
    let bodies = [
        Body::Keepalive { ok: true, faulty: vec![id] },
        Body::CatalogQuery,
        Body::Catalog(CatalogPage { total: 2, items: vec![item.clone(), item.clone()] }),
        Body::CatalogNotify(vec![CatalogChange { event: CatalogEvent::Updated, item }]),
        Body::AlarmQuery,
        Body::DeviceInfo(DeviceInfo { name: "录像机".into(), channels: Some(4), ..DeviceInfo::default() }),
        Body::DeviceStatus(DeviceStatus { online: Some(true), device_time: at, ..DeviceStatus::default() }),
        Body::Alarm(Alarm {
            priority: Some(1),
            method: Some(5),
            alarm_type: Some(6),
            event_type: Some(2),
            time: at,
            description: "翻越围墙".into(),
        }),
        Body::MediaStatus { notify_type: 121 },
        Body::Control(Control::SetGuard),
        Body::Control(Control::KeyFrame),
        Body::Result { ok: true },
    ];
    let charsets = [Charset::Gb2312, Charset::Gb18030, Charset::Utf8];
    let encode = |(n, body): (usize, Body)| Manscdp::new(17, id, body).encode(charsets[n % charsets.len()]);
    let mut seeds: Vec<_> = bodies.into_iter().enumerate().map(encode).collect();
    seeds.push(b"<Notify CmdType=\"Keepalive\" SN=\"9\" DeviceID=\"34020000001320000001\" Status='OK'/>".to_vec());
    seeds.push(
        b"<a:Notify><!-- x --><CmdType><![CDATA[Alarm]]></CmdType><Address>3 < 4 &#65;</Address></a:Notify>".to_vec(),
    );
    seeds
}
