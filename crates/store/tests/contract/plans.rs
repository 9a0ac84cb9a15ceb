//! Plans of areas: the picture sealed, marks that stay with another picture, limits.

use crate::world::{T0, World, account};
use base::{CameraId, PlanId, Sha256};
use domain::alarm::SourceName;
use domain::plan::{MARKS, Mark, Marked, PLANS, Picture, PictureKind};
use store::logbook::ActFilter;

const PICTURE: Picture = Picture { kind: PictureKind::Png, width_px: 800, height_px: 600 };

fn zone(n: u32) -> Marked {
    Marked::Zone(SourceName::dc09("1234"), n)
}

pub async fn a_picture_comes_back_and_its_marks_stay(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let (first, second) = (vec![7_u8; 2 * 1024 * 1024], b"another picture of the floor".to_vec());
    let id = store.put_plan("A座/一层", PICTURE, &first, by, T0).await.unwrap().unwrap();
    assert_eq!(store.plan_picture(id).await.unwrap(), Some((PictureKind::Png, first)));
    let camera = Marked::Camera(CameraId::from_bytes([5; 16]));
    for mark in [
        Mark { what: zone(3), x: 0, y: 1_000 },
        Mark { what: camera.clone(), x: 500, y: 500 },
        Mark { what: zone(3), x: 10, y: 20 },
    ] {
        assert!(store.put_mark(id, &mark, by, T0).await.unwrap());
    }
    let jpeg = Picture { kind: PictureKind::Jpeg, width_px: 400, height_px: 300 };
    assert_eq!(store.put_plan("A座/一层", jpeg, &second, by, T0).await.unwrap(), Some(id), "the same plan");
    let plan = store.area_plan(id).await.unwrap().unwrap();
    assert_eq!(
        (plan.area.as_str(), plan.picture, plan.sha256.as_str()),
        ("A座/一层", jpeg, &*Sha256::of(&second).hex())
    );
    let mut marks = plan.marks.clone();
    marks.sort_by_key(|m| m.x);
    assert_eq!(marks, [Mark { what: zone(3), x: 10, y: 20 }, Mark { what: camera.clone(), x: 500, y: 500 }]);
    let other = store.put_plan("", PICTURE, &second, by, T0).await.unwrap().unwrap();
    let all = store.area_plans().await.unwrap();
    assert_eq!(all.iter().map(|p| (p.id, p.marks.len())).collect::<Vec<_>>(), [(other, 0), (id, 2)], "by area");

    assert!(store.remove_mark(id, &camera, by, T0).await.unwrap());
    assert!(!store.remove_mark(id, &camera, by, T0).await.unwrap(), "once");
    assert!(store.remove_plan(&plan, by, T0).await.unwrap());
    assert!(!store.remove_plan(&plan, by, T0).await.unwrap(), "once");
    assert!(store.area_plan(id).await.unwrap().is_none() && store.plan_picture(id).await.unwrap().is_none());
    assert!(!store.put_mark(id, &Mark { what: zone(4), x: 1, y: 1 }, by, T0).await.unwrap(), "no mark on no plan");
    let acts = store.acts(&ActFilter::default(), 99).await.unwrap();
    let kinds: Vec<_> = acts.iter().map(|a| a.kind.as_str()).filter(|k| k.starts_with("plan.")).rev().collect();
    let marked = "plan.marked";
    assert_eq!(kinds, ["plan.set", marked, marked, marked, "plan.set", "plan.set", "plan.unmarked", "plan.removed"]);
    // Sealed: the bytes of the picture do not lie in the database as they are.
    if !world.is_postgres() {
        let mut bytes = std::fs::read(world.config.data.join("jifang.db")).unwrap();
        bytes.extend(std::fs::read(world.config.data.join("jifang.db-wal")).unwrap_or_default());
        assert!(!bytes.windows(second.len()).any(|w| w == second));
    }
}

pub async fn plans_and_marks_are_bounded(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let mut id = PlanId::from_bytes([0; 16]);
    for n in 0..PLANS {
        id = store.put_plan(&format!("区{n:03}"), PICTURE, b"x", by, T0).await.unwrap().unwrap();
    }
    assert_eq!(store.put_plan("另一区", PICTURE, b"x", by, T0).await.unwrap(), None, "one too many");
    assert_eq!(store.put_plan(&format!("区{:03}", PLANS - 1), PICTURE, b"y", by, T0).await.unwrap(), Some(id));
    for n in 0..u32::try_from(MARKS).unwrap() {
        assert!(store.put_mark(id, &Mark { what: zone(n), x: 1, y: 1 }, by, T0).await.unwrap());
    }
    assert!(!store.put_mark(id, &Mark { what: zone(9_999), x: 1, y: 1 }, by, T0).await.unwrap(), "one too many");
    assert!(store.put_mark(id, &Mark { what: zone(0), x: 9, y: 9 }, by, T0).await.unwrap(), "one that is there moves");
}
