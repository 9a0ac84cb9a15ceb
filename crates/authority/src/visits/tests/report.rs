//! What a site says of itself by its own report: what kind of unit it is, and answers that are filled in and only contradicted.

use super::*;
use base::SiteId;
use domain::inspection::{DutyReportLine, SELF_REPORT_VERSION, SelfReport};
use store::inbox::Incoming;
use store::peers::{PeerSite, PeerState};

/// A site of the unit, admitted by the head.
async fn admitted(field: &Field, now: UtcMs) -> SiteId {
    let site = SiteId::new(now.0, [7; 10]);
    let peer = PeerSite {
        site,
        vkey: "vkey".into(),
        pin: "pin".into(),
        name: "示例商业".into(),
        unit: UNIT.into(),
        jurisdiction: "heilongjiang".into(),
        state: PeerState::Admitted,
        asked: now,
        decided: None,
        division: String::new(),
    };
    field.store.decide_peer(&peer, field.head.account, now).await.unwrap();
    site
}

#[tokio::test]
async fn what_kind_of_unit_it_is_an_officer_takes_over_or_leaves() {
    let field = Field::open().await;
    field.plan(2).await;
    let now = UtcMs(field.clock.load(Ordering::Relaxed));
    let site = admitted(&field, now).await;
    let told = SelfReport {
        version: SELF_REPORT_VERSION,
        made: now,
        profile: law::SiteProfile { security_duty_place: true, ..law::SiteProfile::new(Jurisdiction::Other) },
        first_use: None,
        receives_alarms: true,
        cameras_in_service: 0,
        cameras: Vec::new(),
        clock_error_ms: None,
        duties: BTreeMap::new(),
    };
    let body = serde_json::to_vec(&told).unwrap();
    let incoming = Incoming { site, id: "r-1", seq: 1, kind: "self-report", made: now, note: b"note", body: &body };
    field.store.receive_self_report(&incoming, now, |_| Some(Vec::new())).await.unwrap();
    let offer = field.authority.visit_offer(field.one, field.case).await.unwrap().reported.expect("the site's word");
    assert_eq!((offer.sha256, offer.profile.jurisdiction), (Sha256::of(&body), Jurisdiction::Heilongjiang));
    let form = |accepts| VisitForm { accepts, ..field.form(VisitKind::Special) };
    let stale = form(Some(Sha256::of(b"another report")));
    assert_eq!(field.authority.ask_visit(field.one, field.case, &stale).await.unwrap_err().code, "report_moved_on");
    for (accepts, taken) in [(None, false), (Some(offer.sha256), true)] {
        field.authority.ask_visit(field.one, field.case, &form(accepts)).await.unwrap();
        field.authority.approve_visit(field.head, field.case).await.unwrap();
        let before = field.authority.visit(field.one, field.case).await.unwrap().facts;
        assert_eq!((before.profile.security_duty_place, before.unit.receives_alarms), (taken, taken), "{accepts:?}");
        if !taken {
            field.authority.drop_visit(field.one, field.case, "改日再检查这个单位").await.unwrap();
        }
    }
    // The site says something else before the visit: no item changes.
    let later = SelfReport { made: now.plus_ms(1), receives_alarms: false, ..told };
    let later = serde_json::to_vec(&later).unwrap();
    let incoming = Incoming { id: "r-2", seq: 2, made: now.plus_ms(1), body: &later, ..incoming };
    field.store.receive_self_report(&incoming, now, |_| Some(Vec::new())).await.unwrap();
    field.authority.begin_visit(field.two, field.case).await.unwrap();
    let begun = field.authority.visit(field.one, field.case).await.unwrap().facts;
    assert!(begun.unit.receives_alarms && begun.profile.security_duty_place);
    assert_eq!(begun.report, Some(Sha256::of(&later)), "its answers are those of the newest report");
}

#[tokio::test]
async fn what_the_site_signed_is_filled_in_and_only_contradicted() {
    let field = Field::open().await;
    let now = UtcMs(field.clock.load(Ordering::Relaxed));
    let site = admitted(&field, now).await;
    let told = SelfReport {
        version: SELF_REPORT_VERSION,
        made: now,
        profile: law::SiteProfile::new(Jurisdiction::Heilongjiang),
        first_use: None,
        receives_alarms: false,
        cameras_in_service: 0,
        cameras: Vec::new(),
        clock_error_ms: Some(100),
        duties: BTreeMap::from([("name_responsible".to_owned(), DutyReportLine::of(domain::duty::State::Met))]),
    };
    let body = serde_json::to_vec(&told).unwrap();
    let incoming = Incoming { site, id: "r-1", seq: 1, kind: "self-report", made: now, note: b"note", body: &body };
    field.store.receive_self_report(&incoming, now, |_| Some(Vec::new())).await.unwrap();
    field.begun().await;
    let view = field.authority.visit(field.one, field.case).await.unwrap();
    assert_eq!(view.report.as_ref().map(|r| r.sha256), Some(Sha256::of(&body)));
    let kept = view.record.get("item/responsible").expect("filled in").clone();
    assert_eq!((kept["answered"].clone(), kept["report"].clone()), (json!("yes"), json!(Sha256::of(&body))));
    let other = |remark: &str| {
        let value = json!({ "answered": "no", "defects": ["nobody"], "remark": remark, "report": null });
        [Change { field: "item/responsible".into(), base: kept.clone(), value }]
    };
    assert_eq!(field.save(field.one, 1, &other("")).await.err().unwrap().code, "other_than_report");
    let gone = [Change { field: "item/responsible".into(), base: kept.clone(), value: Value::Null }];
    assert_eq!(field.save(field.one, 1, &gone).await.err().unwrap().code, "other_than_report");
    let saved = field.save(field.one, 1, &other("任命书已经作废")).await.unwrap();
    assert_eq!(saved.record.get("item/responsible").unwrap()["report"], Value::Null);
    let later = SelfReport { made: now.plus_ms(1), ..told };
    let later = serde_json::to_vec(&later).unwrap();
    let incoming = Incoming { id: "r-2", seq: 2, made: now.plus_ms(1), body: &later, ..incoming };
    field.store.receive_self_report(&incoming, now, |_| Some(Vec::new())).await.unwrap();
    let view = field.authority.visit(field.one, field.case).await.unwrap();
    assert_eq!(view.report.map(|r| r.sha256), Some(Sha256::of(&body)), "the report it was begun with");
}
