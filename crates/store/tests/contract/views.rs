//! What is drawn on plans: versions with their day, views with their marks, limits, and what goes with a plan.

use crate::world::{T0, World, account};
use base::{CameraId, CivilDate, ClauseId, PlanId};
use domain::plan::{Marked, Picture, PictureKind};
use domain::view::{Aim, Mask, SHAPES, Shape, ShapeKind};
use law::PlaceKind;
use store::logbook::ActFilter;
use store::views::ViewRow;

const PICTURE: Picture = Picture { kind: PictureKind::Png, width_px: 800, height_px: 600 };

fn shape(number: u32, kind: ShapeKind, points: &[(u16, u16)]) -> Shape {
    let from = CivilDate::ymd(2026, 11, 1).expect("a day");
    let decision = "沈政发〔2026〕12号".to_owned();
    Shape { number, version: 0, kind, name: "三号楼张宅东窗".into(), points: points.to_vec(), decision, from }
}

fn view(plan: PlanId, camera: CameraId) -> ViewRow {
    let masks = vec![Mask { from_ddeg: -125, to_ddeg: 80 }];
    let aim = Aim { direction_ddeg: 3_599, angle_ddeg: 900, reach_mm: 12_500, masks };
    ViewRow { camera, plan, aim, approval: "公批〔2026〕3号".into() }
}

pub async fn versions_of_a_shape_are_kept_and_sealed(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let id = store.put_plan("A座", PICTURE, b"x", by, T0).await.unwrap().unwrap();
    assert_eq!(store.plan_width_mm(id).await.unwrap(), None);
    assert!(store.put_plan_width(id, 40_000, by, T0).await.unwrap());
    assert!(store.put_plan_width(id, 41_000, by, T0).await.unwrap());
    assert_eq!(store.plan_width_mm(id).await.unwrap(), Some(41_000));
    let nowhere = PlanId::from_bytes([9; 16]);
    assert!(!store.put_plan_width(nowhere, 41_000, by, T0).await.unwrap());

    let window = shape(0, ShapeKind::HomeWindow, &[(10, 20), (30, 20)]);
    let square = shape(0, ShapeKind::PublicArea(PlaceKind::Square), &[(0, 0), (900, 0), (900, 1_000)]);
    assert_eq!(store.put_shape(id, &window, by, T0).await.unwrap(), Some((1, 1)));
    assert_eq!(store.put_shape(id, &square, by, T0).await.unwrap(), Some((2, 1)));
    assert_eq!(store.put_shape(id, &shape(1, ShapeKind::HomeWindow, &[]), by, T0).await.unwrap(), Some((1, 2)));
    assert_eq!(store.put_shape(id, &shape(3, ShapeKind::HomeWindow, &[]), by, T0).await.unwrap(), None, "no such");
    assert_eq!(store.put_shape(nowhere, &window, by, T0).await.unwrap(), None);
    let all = store.plan_shapes(id).await.unwrap();
    let want = [
        Shape { number: 1, version: 1, ..window.clone() },
        Shape { number: 1, version: 2, points: vec![], ..window.clone() },
        Shape { number: 2, version: 1, ..square },
    ];
    assert_eq!(all, want);
    let acts = store.acts(&ActFilter::default(), 99).await.unwrap();
    let kinds: Vec<_> = acts.iter().map(|a| a.kind.as_str()).filter(|k| k.starts_with("plan.s")).rev().collect();
    assert_eq!(
        kinds,
        ["plan.set", "plan.scaled", "plan.scaled", "plan.shape_set", "plan.shape_set", "plan.shape_ended"]
    );
    for _ in 3..SHAPES {
        assert!(store.put_shape(id, &window, by, T0).await.unwrap().is_some());
    }
    assert_eq!(store.put_shape(id, &window, by, T0).await.unwrap(), None, "one too many");
    if !world.is_postgres() {
        let mut bytes = std::fs::read(world.config.data.join("jifang.db")).unwrap();
        bytes.extend(std::fs::read(world.config.data.join("jifang.db-wal")).unwrap_or_default());
        let name = "张宅".as_bytes();
        assert!(!bytes.windows(name.len()).any(|w| w == name), "names of homes are sealed");
    }
}

pub async fn a_view_comes_and_goes_with_its_mark(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let one = store.put_plan("A座", PICTURE, b"x", by, T0).await.unwrap().unwrap();
    let two = store.put_plan("B座", PICTURE, b"x", by, T0).await.unwrap().unwrap();
    let camera = CameraId::from_bytes([5; 16]);
    let clauses = [ClauseId::new("A-4-1")];
    let first = view(one, camera);
    assert!(store.put_view(&first, (500, 600), &clauses, by, T0).await.unwrap());
    assert_eq!(store.view_of_camera(camera).await.unwrap(), Some(first.clone()));
    assert_eq!(store.views_on(one).await.unwrap(), std::slice::from_ref(&first));
    let marks = store.area_plan(one).await.unwrap().unwrap().marks;
    assert_eq!((marks.len(), marks[0].x, marks[0].y), (1, 500, 600));
    // On another plan: the mark of before stays, the view moves.
    let moved = ViewRow { approval: String::new(), ..view(two, camera) };
    assert!(store.put_view(&moved, (1, 2), &clauses, by, T0).await.unwrap());
    assert!(store.views_on(one).await.unwrap().is_empty());
    assert!(store.remove_mark(one, &Marked::Camera(camera), by, T0).await.unwrap());
    assert_eq!(store.view_of_camera(camera).await.unwrap(), Some(moved.clone()), "of the other plan");
    assert!(store.remove_mark(two, &Marked::Camera(camera), by, T0).await.unwrap());
    assert_eq!(store.view_of_camera(camera).await.unwrap(), None);
    assert!(!store.put_view(&view(PlanId::from_bytes([9; 16]), camera), (1, 2), &clauses, by, T0).await.unwrap());
    // All of it goes with the plan.
    assert!(store.put_view(&moved, (1, 2), &clauses, by, T0).await.unwrap());
    assert!(store.put_plan_width(two, 9_000, by, T0).await.unwrap());
    store.put_shape(two, &shape(0, ShapeKind::HomeDoor, &[(1, 1), (2, 2)]), by, T0).await.unwrap().unwrap();
    let plan = store.area_plan(two).await.unwrap().unwrap();
    assert!(store.remove_plan(&plan, by, T0).await.unwrap());
    assert_eq!(store.view_of_camera(camera).await.unwrap(), None);
    assert!(store.plan_shapes(two).await.unwrap().is_empty());
    let acts = store.acts(&ActFilter::default(), 99).await.unwrap();
    let set: Vec<_> = acts.iter().filter(|a| a.kind == "camera.view_set").collect();
    assert_eq!(set.len(), 3);
    assert!(set.iter().all(|a| a.camera == Some(camera) && a.clauses == ["A-4-1"]));
}
