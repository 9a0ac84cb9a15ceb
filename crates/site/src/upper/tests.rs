//! What holds of links: none without a ground in law, also after it is gone; a camera that may not be heard is not heard above.

use super::refusals::Refusals;
use super::{NOTICE_REFUSED, Registration, UpperForm, watch};
use crate::Actor;
use crate::playback::rig::{Rig, upper_form};
use base::UpperId;
use domain::access::Role;
use law::{Jurisdiction, PlaceKind};
use std::time::Duration;
use store::cameras::CameraRow;
use store::notices::Notice;

async fn notices(rig: &Rig) -> Vec<Notice> {
    let open = rig.site.store().notices().await.unwrap();
    open.into_iter().filter(|n| n.code == NOTICE_REFUSED).collect()
}

async fn wait(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..1_200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what}");
}

/// A platform that is switched on, as it may stand from before: without any ground.
async fn groundless(rig: &Rig, by: &Actor) -> UpperId {
    let id = rig.site.add_upper(by, upper_form(false)).await.unwrap();
    let mut row = rig.site.store().upper(id).await.unwrap().unwrap();
    row.config.enabled = true;
    let text = base::Text::new("修改", "changed");
    rig.site.store().put_upper(&row, "upper.changed", text, by.id, rig.site.now().utc).await.unwrap().unwrap();
    rig.site.uppers().put(&rig.site, row).await;
    id
}

#[tokio::test]
async fn a_link_without_a_ground_does_not_start_and_says_what_to_write_down() {
    for jurisdiction in [Jurisdiction::Heilongjiang, Jurisdiction::Liaoning] {
        let rig = Rig::start(jurisdiction).await;
        let by = rig.person("manager", Role::SecurityManager).await;
        let id = groundless(&rig, &by).await;
        let code = || rig.site.uppers().status(id).and_then(|s| s.diagnosis).map(|d| d.code);
        wait("the refusal on the page", async || code() == Some(NOTICE_REFUSED)).await;
        wait("the notice", async || notices(&rig).await.len() == 1).await;
        let told = notices(&rig).await.remove(0).text;
        assert!(told.zh.contains("市公安局") && told.zh.contains("请"), "{told:?}");
        assert_eq!(rig.acts("act.refused").await.len(), 1);
        assert!(crate::alarm::upward::targets(&rig.site).await.unwrap().is_empty(), "it is told no alarm");
        // Started again on the same day, it is refused again and entered once.
        let row = rig.site.store().upper(id).await.unwrap().unwrap();
        rig.site.uppers().put(&rig.site, row).await;
        wait("the refusal on the new page", async || code() == Some(NOTICE_REFUSED)).await;
        assert_eq!((rig.acts("act.refused").await.len(), notices(&rig).await.len()), (1, 1));
        // Written down, it starts.
        let grounded = UpperForm { need: "市公安局2026年第12号".into(), ..upper_form(true) };
        rig.site.change_upper(&by, id, grounded.clone()).await.unwrap();
        wait("the notice to go", async || notices(&rig).await.is_empty()).await;
        assert_ne!(code(), Some(NOTICE_REFUSED));
        assert_eq!(crate::alarm::upward::targets(&rig.site).await.unwrap().len(), 1);
        // What only takes away is not asked.
        let mut row = rig.site.store().upper(id).await.unwrap().unwrap();
        row.config.need = String::new();
        rig.site
            .store()
            .put_upper(&row, "upper.changed", base::Text::new("改", "c"), by.id, rig.site.now().utc)
            .await
            .unwrap();
        rig.site.change_upper(&by, id, UpperForm { name: "市局".into(), ..upper_form(true) }).await.unwrap();
        wait("the notice again", async || notices(&rig).await.len() == 1).await;
        rig.site.change_upper(&by, id, upper_form(false)).await.unwrap();
        assert!(notices(&rig).await.is_empty(), "nobody wants it any more");
        assert_eq!(rig.site.uppers().status(id).unwrap().registration, Registration::Off);
    }
}

#[tokio::test]
async fn a_link_whose_ground_ends_is_left_once() {
    let rig = Rig::start(Jurisdiction::Liaoning).await;
    let by = rig.person("manager", Role::SecurityManager).await;
    let custodian = rig.person("custodian", Role::InformationCustodian).await;
    let id = rig.site.add_upper(&by, upper_form(false)).await.unwrap();
    rig.site.open_emergency(&custodian, id, "指挥中心：现场有人持刀", 1).await.unwrap();
    rig.site.change_upper(&by, id, upper_form(true)).await.unwrap();
    assert!(notices(&rig).await.is_empty());
    // The emergency passes while the link runs: the unit is now of a province where its time is no ground.
    let profile = crate::Profile { law: law::SiteProfile::new(Jurisdiction::Heilongjiang), ..rig.site.profile() };
    rig.site.put_profile(profile, vec![]);
    wait("the link to be left", async || notices(&rig).await.len() == 1).await;
    assert_eq!(rig.acts("act.refused").await.len(), 1);
    // Lawful again, it comes back by itself.
    let profile = crate::Profile { law: law::SiteProfile::new(Jurisdiction::Liaoning), ..rig.site.profile() };
    rig.site.put_profile(profile, vec![]);
    wait("the link to come back", async || notices(&rig).await.is_empty()).await;
}

#[tokio::test]
async fn a_camera_in_a_place_of_privacy_is_watched_without_sound() {
    let rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let by = rig.person("manager", Role::SecurityManager).await;
    let form = UpperForm { need: "市公安局2026年第12号".into(), ..upper_form(false) };
    let id = rig.site.add_upper(&by, form).await.unwrap();
    let now = rig.site.now().utc;
    for (kind, sound) in [(PlaceKind::Lobby, true), (PlaceKind::GuestRoom, false)] {
        let camera = rig.camera("一号机", now).await;
        let row = rig.site.store().camera(camera).await.unwrap().unwrap();
        let running = rig.site.put_camera(CameraRow { place_kind: kind.key().into(), ..row }).await.unwrap();
        running.hub().video(&crate::playback::rig::h264(false));
        let mut upper = rig.site.store().upper(id).await.unwrap().unwrap();
        let code = "23010000001320000001".to_owned();
        upper.config.channels = vec![store::uppers::UpperChannel { camera, code: code.clone() }];
        let mut refusals = Refusals::default();
        let leave = watch::begin(&rig.site, &upper, &code, &mut refusals, rig.site.now().mono).await;
        assert_eq!(leave.map(|l| l.sound).ok(), Some(sound), "{kind:?}");
    }
    assert!(rig.acts("act.refused").await.is_empty(), "nobody asked to hear");
}
