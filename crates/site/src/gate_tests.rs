//! Recorded sound and upper platforms: without what the law asks they are refused with the clause and leave nothing but that
//! refusal; with it their entry names the clauses.

use crate::playback::rig::Rig;
use crate::playback::{Purpose, Viewer};
use crate::upper::UpperForm;
use crate::{Actor, Site};
use base::{CameraId, ErrorKind, Refusal, UtcMs};
use domain::access::Role;
use law::{Jurisdiction, OrganKind, PlaceKind};
use store::cameras::CameraRow;
use store::uppers::UpperCharset;

struct Case {
    rig: Rig,
    manager: Actor,
}

impl Case {
    async fn new(jurisdiction: Jurisdiction) -> Self {
        let rig = Rig::start(jurisdiction).await;
        let manager = rig.person("manager", Role::SecurityManager).await;
        Self { rig, manager }
    }

    fn site(&self) -> &Site {
        &self.rig.site
    }

    /// The clauses of the newest entry of this kind, and its body.
    async fn newest(&self, kind: &str) -> (Vec<String>, serde_json::Value) {
        let acts = self.rig.acts(kind).await;
        let act = acts.iter().max_by_key(|a| a.idx).unwrap_or_else(|| panic!("no {kind}"));
        self.site().store().flush_ledger().await.unwrap();
        let entry = self.site().store().ledger().entry(act.idx).unwrap().parse().unwrap();
        (act.clauses.clone(), entry.body)
    }

    /// A refusal by law under just these clauses, which the log has as its `n`th one.
    async fn refused<T: std::fmt::Debug>(&self, result: Result<T, Refusal>, clauses: &[&str], n: usize) {
        let refusal = result.unwrap_err();
        assert_eq!(refusal.kind, ErrorKind::Unlawful, "{refusal:?}");
        let shown: Vec<&str> = refusal.why.iter().map(|c| c.clause.0.as_str()).collect();
        assert_eq!(shown, clauses, "{refusal:?}");
        assert!(!refusal.next.zh.is_empty() && !refusal.next.en.is_empty());
        let kept = self.rig.acts("act.refused").await;
        assert_eq!(kept.len(), n);
        assert_eq!(kept.iter().max_by_key(|a| a.idx).unwrap().clauses, clauses);
    }
}

/// A camera with sound in a place of privacy, as it may stand from before the ban, with footage.
async fn private_camera(case: &Case) -> (CameraRow, UtcMs, UtcMs) {
    let from = case.site().now().utc.plus_ms(-600_000);
    let id: CameraId = case.rig.camera("客房", from).await;
    let row = case.site().store().camera(id).await.unwrap().unwrap();
    let row = CameraRow { place_kind: PlaceKind::GuestRoom.key().into(), ..row };
    case.site().store().put_camera(&row, &[], case.manager.id, from).await.unwrap();
    let end = case.rig.record(id, from, 5).await;
    (row, from, end)
}

#[tokio::test]
async fn nobody_of_the_unit_plays_back_the_sound_of_a_place_of_privacy() {
    for (jurisdiction, clauses) in
        [(Jurisdiction::Liaoning, &["A-14", "799-8"]), (Jurisdiction::Heilongjiang, &["B-15", "799-8"])]
    {
        let case = Case::new(jurisdiction).await;
        let site = case.site();
        let duty = case.rig.person("duty", Role::DutyOfficer).await;
        let (row, from, end) = private_camera(&case).await;
        let played = site.play(Viewer::Staff(&duty, Purpose::Patrol), row.id, from, end).await.map(drop);
        case.refused(played, clauses, 1).await;
        assert!(case.rig.acts("footage.viewed").await.is_empty());
        let open = CameraRow { place_kind: "lobby".into(), ..row };
        site.store().put_camera(&open, &[], case.manager.id, from).await.unwrap();
        site.play(Viewer::Staff(&duty, Purpose::Patrol), open.id, from, end).await.unwrap();
        assert_eq!(case.rig.acts("footage.viewed").await.len(), 1);
    }
}

#[tokio::test]
async fn a_platform_is_connected_on_the_ground_that_the_law_knows() {
    let upper = |need: &str, enabled| UpperForm {
        name: "市公安局".into(),
        organ: OrganKind::Police,
        need: need.into(),
        address: "127.0.0.1:9".into(),
        platform: "23010000002000000009".into(),
        own: "23010000002000000001".into(),
        username: String::new(),
        secret: None,
        tcp: false,
        charset: UpperCharset::Gb18030,
        expires_s: 86_400,
        keepalive_s: 60,
        cameras: vec![],
        enabled,
    };
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, by) = (case.site(), &case.manager);
    case.refused(site.add_upper(by, upper("", true)).await, &["B-23-2-2"], 1).await;
    assert!(site.store().uppers().await.unwrap().is_empty(), "nothing was stored");
    let id = site.add_upper(by, upper("", false)).await.unwrap();
    assert!(case.newest("upper.added").await.0.is_empty(), "written down, not connected");
    case.refused(site.change_upper(by, id, upper(" ", true)).await, &["B-23-2-2"], 2).await;
    site.change_upper(by, id, upper("市公安局2026年第12号", true)).await.unwrap();
    assert_eq!(case.newest("upper.changed").await.0, ["B-23-2-2"]);

    let case = Case::new(Jurisdiction::Liaoning).await;
    let (site, by) = (case.site(), &case.manager);
    let custodian = case.rig.person("custodian", Role::InformationCustodian).await;
    case.refused(site.add_upper(by, upper("第12号", true)).await, &["A-24-3"], 1).await;
    let id = site.add_upper(by, upper("", false)).await.unwrap();
    site.open_emergency(&custodian, id, "指挥中心：现场有人持刀", 1).await.unwrap();
    site.change_upper(by, id, upper("", true)).await.unwrap();
    assert_eq!(case.newest("upper.changed").await.0, ["A-24-3"]);
}
