//! Acts on devices, guard, sound and platforms: without what the law asks they are refused with the clause and leave nothing but that
//! refusal; with it their entry names the clauses.

use crate::devices::{CameraForm, WhyForm};
use crate::gb28181::GuardPlan;
use crate::panels::{KeyChange, PanelForm};
use crate::playback::rig::{Rig, upper_form};
use crate::playback::{Purpose, Viewer};
use crate::upper::UpperForm;
use crate::{Actor, Site};
use base::{CameraId, CivilDate, ErrorKind, PlanId, Refusal, UtcMs};
use domain::access::Role;
use domain::plan::{Marked, Picture, PictureKind};
use domain::view::{Aim, Shape, ShapeKind};
use law::{Installer, Jurisdiction, OrganKind, PlaceKind};
use store::cameras::{CameraRow, GbTransport, Source};
use store::views::ViewRow;

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

fn form(place: &str, place_kind: PlaceKind, installer: Installer) -> CameraForm {
    CameraForm {
        name: "一号机".into(),
        place: place.into(),
        place_kind,
        faces_homes: false,
        audio: false,
        installer,
        approval: String::new(),
        sign: Some(UtcMs(1_700_000_000_000)),
        priority: 5,
        source: Source::Rtsp { url: "rtsp://127.0.0.1:9/none".into(), user: String::new(), udp: false },
        secret: None,
    }
}

fn why(reason: &str, agreement: &str) -> WhyForm {
    WhyForm { reason: reason.into(), agreement: agreement.into() }
}

#[tokio::test]
async fn a_camera_moves_and_goes_for_a_reason_only() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, by) = (case.site(), &case.manager);
    let lobby = |place: &str| form(place, PlaceKind::Lobby, Installer::ManagingUnit);
    let id = site.add_camera(by, lobby("一层东侧")).await.unwrap().id();
    assert_eq!(case.newest("camera.added").await.0, ["B-4-1"]);
    // What stays where it hangs needs no reason.
    let renamed = CameraForm { name: "二号机".into(), ..lobby("一层东侧") };
    site.change_camera(by, id, renamed, &WhyForm::default()).await.unwrap();
    let moved = site.change_camera(by, id, lobby("二层"), &why("  ", "")).await.map(drop);
    case.refused(moved, &["B-24-1-1", "799-23"], 1).await;
    assert_eq!(site.store().camera(id).await.unwrap().unwrap().place, "一层东侧", "nothing was done");
    site.change_camera(by, id, lobby("二层"), &why("装修移位", "")).await.unwrap();
    let (clauses, body) = case.newest("camera.changed").await;
    assert_eq!(clauses, ["B-4-1"]);
    assert_eq!(body["clauses"], serde_json::json!(["B-4-1"]));
    assert_eq!(body["reason_sha256"], serde_json::json!(base::Sha256::of("装修移位".as_bytes())));
    let long = why(&"长".repeat(2_001), "");
    assert_eq!(site.change_camera(by, id, lobby("三层"), &long).await.map(drop).unwrap_err().code, "reason");
    case.refused(site.remove_camera_by(by, id, &why(" ", "")).await, &["B-24-1-4", "799-23"], 2).await;
    site.remove_camera_by(by, id, &why("拆旧换新", "")).await.unwrap();
    assert_eq!(case.newest("camera.removed").await.0, ["B-4-1"]);
}

#[tokio::test]
async fn a_camera_of_a_public_area_is_put_up_by_the_government_and_goes_by_agreement() {
    let case = Case::new(Jurisdiction::Liaoning).await;
    let (site, by) = (case.site(), &case.manager);
    let square = |installer| form("人民广场", PlaceKind::Square, installer);
    let own = site.add_camera(by, square(Installer::ManagingUnit)).await.map(drop);
    case.refused(own, &["A-9-1-1"], 1).await;
    let stranger = site.add_camera(by, form("大堂", PlaceKind::Lobby, Installer::Other)).await.map(drop);
    case.refused(stranger, &["799-7"], 2).await;
    let id = site.add_camera(by, square(Installer::Government)).await.unwrap().id();
    assert_eq!(case.newest("camera.added").await.1["installer"], "government");
    assert_eq!(site.store().camera(id).await.unwrap().unwrap().installer, "government");
    let moved = CameraForm { place: "人民广场/北".into(), ..square(Installer::Government) };
    let unasked = site.change_camera(by, id, moved.clone(), &why("施工", "")).await.map(drop);
    case.refused(unasked, &["A-9-2"], 3).await;
    site.change_camera(by, id, moved, &why("施工", "公安函〔2026〕3号")).await.unwrap();
    assert!(case.newest("camera.changed").await.1["agreement_sha256"].is_string());
    case.refused(site.remove_camera_by(by, id, &why("施工", "")).await, &["A-9-2"], 4).await;
    site.remove_camera_by(by, id, &why("施工", "公安函〔2026〕4号")).await.unwrap();
    assert_eq!(case.newest("camera.removed").await.0, ["A-4-1"]);
}

/// A plan that is one square, and a camera in its middle.
async fn draw_in_a_square(case: &Case, camera: CameraId) -> PlanId {
    let (store, by, now) = (case.site().store(), case.manager.id, case.site().now().utc);
    let picture = Picture { kind: PictureKind::Png, width_px: 800, height_px: 600 };
    let plan = store.put_plan("一层", picture, b"x", by, now).await.unwrap().unwrap();
    assert!(store.put_plan_width(plan, 40_000, by, now).await.unwrap());
    let square = Shape {
        number: 0,
        version: 0,
        kind: ShapeKind::PublicArea(PlaceKind::Square),
        name: "站前广场".into(),
        points: vec![(0, 0), (1_000, 0), (1_000, 1_000), (0, 1_000)],
        decision: "沈政发〔2020〕12号".into(),
        from: CivilDate::ymd(2020, 1, 1).unwrap(),
    };
    assert!(store.put_shape(plan, &square, by, now).await.unwrap().is_some());
    let aim = Aim { direction_ddeg: 0, angle_ddeg: 900, reach_mm: 5_000, masks: vec![] };
    let view = ViewRow { camera, plan, aim, approval: String::new() };
    assert!(store.put_view(&view, (500, 500), &[], by, now).await.unwrap());
    plan
}

#[tokio::test]
async fn a_new_word_for_the_place_takes_no_camera_out_of_a_public_area() {
    let case = Case::new(Jurisdiction::Liaoning).await;
    let (site, by) = (case.site(), &case.manager);
    let at = |kind| form("人民广场", kind, Installer::Government);
    let id = site.add_camera(by, at(PlaceKind::Square)).await.unwrap().id();
    // No reason: neither the purpose changes nor does it leave the area.
    let relabelled = site.change_camera(by, id, at(PlaceKind::Lobby), &why(" ", "公安函〔2026〕3号")).await.map(drop);
    case.refused(relabelled, &["A-21-1", "B-24-1-2", "799-23"], 1).await;
    let unasked = site.change_camera(by, id, at(PlaceKind::Lobby), &why("登记有误", "")).await.map(drop);
    case.refused(unasked, &["A-9-2"], 2).await;
    assert_eq!(site.store().camera(id).await.unwrap().unwrap().place_kind, "square", "nothing was done");
    // From one public area to another there is nothing to agree to, but it has its reason.
    site.change_camera(by, id, at(PlaceKind::Park), &why("广场改为公园", "")).await.unwrap();
    site.change_camera(by, id, at(PlaceKind::Lobby), &why("登记有误", "公安函〔2026〕3号")).await.unwrap();
    let (clauses, body) = case.newest("camera.changed").await;
    assert!(body["agreement_sha256"].is_string() && body["reason_sha256"].is_string());
    assert_eq!(clauses, ["A-4-1"]);

    // Elsewhere a purpose changes for a reason only.
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, by) = (case.site(), &case.manager);
    let at = |kind| form("一层", kind, Installer::ManagingUnit);
    let id = site.add_camera(by, at(PlaceKind::Lobby)).await.unwrap().id();
    let unsaid = site.change_camera(by, id, at(PlaceKind::Office), &why("", "")).await.map(drop);
    case.refused(unsaid, &["B-24-1-2", "799-23"], 1).await;
    site.change_camera(by, id, at(PlaceKind::Office), &why("大厅改为办公室", "")).await.unwrap();
}

#[tokio::test]
async fn a_place_as_it_was_entered_before_areas_is_no_other_place() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, by) = (case.site(), &case.manager);
    let at = || form("A座/一层", PlaceKind::Lobby, Installer::ManagingUnit);
    let id = site.add_camera(by, at()).await.unwrap().id();
    let row = site.store().camera(id).await.unwrap().unwrap();
    let old = CameraRow { place: " A座 / 一层 ".into(), ..row };
    site.store().put_camera(&old, &[], by.id, site.now().utc).await.unwrap();
    site.change_camera(by, id, CameraForm { name: "二号机".into(), ..at() }, &WhyForm::default()).await.unwrap();
    assert_eq!(site.store().camera(id).await.unwrap().unwrap().place, "A座/一层");
}

#[tokio::test]
async fn a_camera_of_a_public_area_by_its_drawing_goes_by_agreement() {
    let case = Case::new(Jurisdiction::Liaoning).await;
    let (site, by) = (case.site(), &case.manager);
    let id = site.add_camera(by, form("一层", PlaceKind::Entrance, Installer::Government)).await.unwrap().id();
    let plan = draw_in_a_square(&case, id).await;
    case.refused(site.remove_camera_by(by, id, &why("施工", "")).await, &["A-9-2"], 1).await;
    assert!(site.camera(id).is_some(), "it is still recorded");
    // Taken off its plan it would stand in no area that anybody asks about.
    let mark = Marked::Camera(id);
    assert_eq!(site.remove_mark(by, plan, &mark).await.unwrap_err().code, "mark_in_area");
    assert!(site.look_of(id).await.unwrap().is_some(), "it is still drawn");
    site.remove_camera_by(by, id, &why("施工", "公安函〔2026〕4号")).await.unwrap();
    assert!(site.camera(id).is_none());
    site.remove_mark(by, plan, &mark).await.unwrap();
}

#[tokio::test]
async fn an_approval_of_the_police_is_kept_with_its_camera() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, by) = (case.site(), &case.manager);
    let square = form("站前广场", PlaceKind::Square, Installer::ManagingUnit);
    case.refused(site.add_camera(by, square.clone()).await.map(drop), &["B-14-3"], 1).await;
    let approved = CameraForm { approval: " 公批〔2026〕3号 ".into(), ..square.clone() };
    let id = site.add_camera(by, approved.clone()).await.unwrap().id();
    assert_eq!(site.store().camera(id).await.unwrap().unwrap().approval, "公批〔2026〕3号");
    let (_, body) = case.newest("camera.added").await;
    assert_eq!(body["approval_sha256"], serde_json::json!(base::Sha256::of("公批〔2026〕3号".as_bytes())));
    site.change_camera(by, id, CameraForm { name: "二号机".into(), ..approved }, &WhyForm::default()).await.unwrap();
    case.refused(site.change_camera(by, id, square.clone(), &WhyForm::default()).await.map(drop), &["B-14-3"], 2).await;
    let long = CameraForm { approval: "号".repeat(base::limits::NAME_CHARS + 1), ..square };
    assert_eq!(site.add_camera(by, long).await.map(drop).unwrap_err().code, "approval");
}

#[tokio::test]
async fn a_panel_that_guards_a_public_area_goes_by_agreement() {
    let case = Case::new(Jurisdiction::Liaoning).await;
    let (site, by) = (case.site(), &case.manager);
    let panel = PanelForm {
        name: "广场主机".into(),
        place: "人民广场".into(),
        key: KeyChange::Keep,
        supervision_s: None,
        quirks: wire::dc09::Quirks::default(),
    };
    let row = site.add_panel(by, "1234", panel).await.unwrap();
    let camera = site.add_camera(by, form("人民广场", PlaceKind::Square, Installer::Government)).await.unwrap();
    let zone = crate::panels::ZoneForm {
        number: 1,
        name: "岗亭".into(),
        place: "人民广场".into(),
        cameras: vec![camera.id()],
        principle: None,
        neighbours: vec![],
    };
    site.set_zone(by, &row.source, zone).await.unwrap();
    case.refused(site.remove_panel(by, &row.source, &why("主机更换", "")).await, &["A-9-2"], 1).await;
    site.remove_panel(by, &row.source, &why("主机更换", "公安函〔2026〕5号")).await.unwrap();
    let (_, body) = case.newest("alarm_source.removed").await;
    assert_eq!(body["agreement_sha256"], serde_json::json!(base::Sha256::of("公安函〔2026〕5号".as_bytes())));
}

#[tokio::test]
async fn a_panel_goes_for_a_reason_only() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, by) = (case.site(), &case.manager);
    let panel = PanelForm {
        name: "门厅主机".into(),
        place: "一层".into(),
        key: KeyChange::Keep,
        supervision_s: None,
        quirks: wire::dc09::Quirks::default(),
    };
    let row = site.add_panel(by, "1234", panel).await.unwrap();
    case.refused(site.remove_panel(by, &row.source, &why(" ", "")).await, &["B-24-1-1", "799-23"], 1).await;
    assert!(site.panel(&row.source).await.is_ok(), "it is still there");
    let long = why(&"长".repeat(base::limits::FREE_TEXT_CHARS + 1), "");
    assert_eq!(site.remove_panel(by, &row.source, &long).await.unwrap_err().code, "reason");
    site.remove_panel(by, &row.source, &why("主机更换", "")).await.unwrap();
    let (clauses, body) = case.newest("alarm_source.removed").await;
    assert_eq!(clauses, ["B-4-1"]);
    assert_eq!(body["reason_sha256"], serde_json::json!(base::Sha256::of("主机更换".as_bytes())));
}

#[tokio::test]
async fn guarding_less_than_before_is_disarming_and_needs_its_reason() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, by) = (case.site(), &case.manager);
    let code = "23010000001320000001";
    let source = Source::Gb28181 { device: code.into(), channel: code.into(), transport: GbTransport::Udp };
    let added = CameraForm { source, ..form("一层", PlaceKind::Lobby, Installer::ManagingUnit) };
    let id = site.add_camera(by, added).await.unwrap().id();
    let night = GuardPlan::parse("22:00-06:00").unwrap();
    site.set_guard(by, id, GuardPlan::Always, "").await.unwrap();
    let (clauses, body) = case.newest("camera.guard_set").await;
    assert_eq!((clauses, &body["guard"]), (vec!["B-4-1".to_owned()], &serde_json::json!("always")));
    for less in [night, GuardPlan::Off] {
        let n = case.rig.acts("act.refused").await.len() + 1;
        case.refused(site.set_guard(by, id, less, " ").await, &["B-24-1-4"], n).await;
    }
    assert_eq!(case.rig.acts("camera.guard_set").await.len(), 1, "nothing was done");
    site.set_guard(by, id, night, "白天有人值守").await.unwrap();
    let (clauses, body) = case.newest("camera.guard_set").await;
    assert_eq!(clauses, ["B-4-1"]);
    assert!(body["reason_sha256"].is_string());
    site.set_guard(by, id, GuardPlan::Always, "").await.unwrap();
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
async fn nobody_hears_a_place_of_privacy_live_or_recorded() {
    for (jurisdiction, clauses) in
        [(Jurisdiction::Liaoning, &["A-14", "799-8"]), (Jurisdiction::Heilongjiang, &["B-15", "799-8"])]
    {
        let case = Case::new(jurisdiction).await;
        let site = case.site();
        let duty = case.rig.person("duty", Role::DutyOfficer).await;
        let (row, from, end) = private_camera(&case).await;
        let camera = site.put_camera(row.clone()).await.unwrap();
        case.refused(site.may_listen(&duty, &camera).await, clauses, 1).await;
        // A browser that connects again and again is one refusal.
        case.refused(site.may_listen(&duty, &camera).await, clauses, 1).await;
        let played = site.play(Viewer::Staff(&duty, Purpose::Patrol), row.id, from, end).await.map(drop);
        case.refused(played, clauses, 2).await;
        // Each byte range is asked about, and is one refusal.
        let again = site.play(Viewer::Staff(&duty, Purpose::Patrol), row.id, from, end).await.map(drop);
        case.refused(again, clauses, 2).await;
        // That the camera captures no sound any more takes it out of no film.
        let mute = CameraRow { audio: false, ..row.clone() };
        site.store().put_camera(&mute, &[], case.manager.id, site.now().utc).await.unwrap();
        let played = site.play(Viewer::Staff(&duty, Purpose::Patrol), row.id, from, end).await.map(drop);
        case.refused(played, clauses, 2).await;
        assert!(case.rig.acts("footage.viewed").await.is_empty());
        // A still is silent.
        site.poster(Viewer::Staff(&duty, Purpose::Patrol), row.id, from.plus_ms(1_000)).await.unwrap();
        assert_eq!(case.rig.acts("act.refused").await.len(), 2);
        // A word that this program does not know may be a place of privacy.
        let unknown = CameraRow { place_kind: "moon".into(), ..row.clone() };
        let unknown = site.put_camera(unknown).await.unwrap();
        case.refused(site.may_listen(&duty, &unknown).await, clauses, 2).await;
        let open = site.put_camera(CameraRow { place_kind: "lobby".into(), ..row }).await.unwrap();
        assert!(site.may_listen(&duty, &open).await.is_ok());
    }
}

#[tokio::test]
async fn a_platform_is_connected_on_the_ground_that_the_law_knows() {
    let upper = |need: &str, enabled| UpperForm { need: need.into(), ..upper_form(enabled) };
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
    case.refused(site.add_upper(by, upper("", true)).await, &["A-4-1", "A-24-3"], 1).await;
    let other = UpperForm { organ: OrganKind::OtherDepartment, ..upper("第12号", true) };
    case.refused(site.add_upper(by, other).await, &["A-4-1", "A-24-3"], 2).await;
    site.add_upper(by, upper("第12号", true)).await.unwrap();
    assert_eq!(case.newest("upper.added").await.0, ["A-4-1"], "a link shows nothing by itself");
    let id = site.add_upper(by, upper("", false)).await.unwrap();
    site.open_emergency(&custodian, id, "指挥中心：现场有人持刀", 1).await.unwrap();
    site.change_upper(by, id, upper("", true)).await.unwrap();
    assert_eq!(case.newest("upper.changed").await.0, ["A-24-3"]);
}
