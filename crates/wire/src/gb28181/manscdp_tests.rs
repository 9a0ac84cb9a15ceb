//! MANSCDP: every message of ours reads back the same; field quirks are read; hostile bodies are refused.

use super::*;

fn id() -> GbId {
    GbId::parse("34020000001320000001").expect("twenty digits")
}

fn item() -> CatalogItem {
    CatalogItem {
        device_id: id().to_string(),
        name: "大门 <东> & \"1\"".into(),
        manufacturer: "某厂".into(),
        model: "M1".into(),
        civil_code: "340200".into(),
        address: "解放路 1 号".into(),
        parent_id: "34020000001180000001".into(),
        parental: false,
        online: Some(false),
        longitude: "117.1".into(),
        latitude: "31.8".into(),
        ptz_type: Some(1),
    }
}

#[test]
fn every_message_of_ours_reads_back_in_every_charset() {
    let at = Some(UtcMs(1_763_740_800_123));
    let bodies = vec![
        Body::Keepalive { ok: true, faulty: vec![] },
        Body::Keepalive { ok: false, faulty: vec![id()] },
        Body::CatalogQuery,
        Body::Catalog(CatalogPage { total: 3, items: vec![item(), item()] }),
        Body::Catalog(CatalogPage::default()),
        Body::DeviceInfoQuery,
        Body::DeviceInfo(DeviceInfo {
            name: "录像机".into(),
            manufacturer: "m".into(),
            model: "x".into(),
            firmware: "1.0".into(),
            channels: Some(4),
        }),
        Body::DeviceStatusQuery,
        Body::DeviceStatus(DeviceStatus {
            online: Some(true),
            healthy: Some(false),
            encoding: Some(true),
            recording: None,
            device_time: at,
        }),
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
        Body::Control(Control::ResetGuard),
        Body::Control(Control::ResetAlarm),
        Body::Control(Control::KeyFrame),
        Body::Control(Control::Reboot),
        Body::Result { ok: true },
        Body::Result { ok: false },
    ];
    for body in bodies {
        for charset in [Charset::Gb2312, Charset::Gb18030, Charset::Utf8] {
            let message = Manscdp::new(17, id(), body.clone());
            let (back, _) = Manscdp::parse(&message.encode(charset)).expect("own message");
            assert_eq!(back, message, "{charset:?}");
        }
    }
}

#[test]
fn field_quirks() {
    let parse = |text: &str| Manscdp::parse(text.as_bytes()).map(|(m, _)| m);
    let attributes =
        parse("<Notify CmdType=\"Keepalive\" SN=\"9\" DeviceID=\"34020000001320000001\" Status=\"OK\"/>").expect("xml");
    assert_eq!(attributes, Manscdp::new(9, id(), Body::Keepalive { ok: true, faulty: vec![] }));
    for (word, want) in [
        ("ON", Some(true)),
        ("ONLINE", Some(true)),
        ("OK", Some(true)),
        ("OFF", Some(false)),
        ("OFFLINE", Some(false)),
        ("??", None),
    ] {
        let text = format!(
            "<Response><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>x</DeviceID><SumNum>1</SumNum>\
             <DeviceList Num=\"1\"><Item><DeviceID>1</DeviceID><Status>{word}</Status></Item></DeviceList></Response>"
        );
        let Body::Catalog(page) = parse(&text).expect("xml").body else { panic!("not a catalogue") };
        assert_eq!(page.items.first().map(|i| i.online), Some(want), "{word}");
    }
    let key_frame =
        parse("<Control><CmdType>DeviceControl</CmdType><SN>1</SN><IFrameCmd>Send</IFrameCmd></Control>").expect("xml");
    assert_eq!(key_frame.body, Body::Control(Control::KeyFrame));
    let other = parse("<Notify><CmdType>MobilePosition</CmdType><SN>5</SN></Notify>").expect("xml");
    assert_eq!(
        (other.cmd_type.as_str(), other.sn, other.body, other.device_id),
        ("MobilePosition", 5, Body::Unknown, None)
    );
    let no_sum =
        parse("<Response><CmdType>Catalog</CmdType><DeviceList><Item/><Item/></DeviceList></Response>").expect("xml");
    assert!(matches!(no_sum.body, Body::Catalog(CatalogPage { total: 2, .. })));
    assert_eq!(parse("<Foo><CmdType>x</CmdType></Foo>"), Err(ManscdpError::Root("Foo".into())));
    assert_eq!(parse("<Notify/>"), Err(ManscdpError::NoCmdType));
    assert!(matches!(
        parse("<Notify><CmdType>Alarm</CmdType><Address>a<b</Address></Notify>"),
        Err(ManscdpError::Xml(XmlError::Syntax { .. }))
    ));
}

#[test]
fn long_text_is_cut() {
    let text = format!(
        "<Response><CmdType>DeviceInfo</CmdType><DeviceName>{}</DeviceName></Response>",
        "长".repeat(MAX_TEXT_CHARS + 9)
    );
    let (message, _) = Manscdp::parse(text.as_bytes()).expect("xml");
    let Body::DeviceInfo(info) = message.body else { panic!("not device info") };
    assert_eq!(info.name.chars().count(), MAX_TEXT_CHARS);
}
