//! Views against homes and public areas: hand-made cases at the edges, and properties over many views.

use super::*;
use crate::plan::PictureKind;
use base::CivilDate;
use law::PlaceKind;
use proptest::prelude::*;

fn at(x: i64, y: i64) -> Point {
    Point::new(x, y)
}

fn line(a: (i64, i64), b: (i64, i64)) -> Outline {
    Outline::Line(Segment { a: at(a.0, a.1), b: at(b.0, b.1) })
}

fn ground(corners: &[(i64, i64)]) -> Polygon {
    Polygon::new(corners.iter().map(|c| at(c.0, c.1)).collect()).unwrap()
}

/// At the origin, 60 degrees wide, ten metres far.
fn looking(direction_deg: u16, masks: &[(i16, i16)]) -> View {
    let masks = masks.iter().map(|m| Mask { from_ddeg: m.0, to_ddeg: m.1 }).collect();
    View { at: at(0, 0), aim: Aim { direction_ddeg: direction_deg * 10, angle_ddeg: 600, reach_mm: 10_000, masks } }
}

fn met(view: &View, outline: &Outline) -> bool {
    view.seen(outline).is_some()
}

#[test]
fn a_window_is_met_within_angle_and_reach_and_not_beyond() {
    // Up the plan is -y; a window of one metre, eight metres ahead.
    let ahead = line((-500, -8_000), (500, -8_000));
    assert!(met(&looking(0, &[]), &ahead));
    let seen = looking(0, &[]).seen(&ahead).unwrap();
    assert_eq!((seen.nearest_mm, seen.ranges_deg.len()), (8_000, 1));
    assert!((seen.ranges_deg[0].0 + 3.576).abs() < 0.01 && (seen.ranges_deg[0].1 - 3.576).abs() < 0.01, "{seen:?}");
    for (direction, want) in [(33, true), (34, false), (90, false), (180, false), (326, false), (327, true)] {
        assert_eq!(met(&looking(direction, &[]), &ahead), want, "{direction}");
    }
    for (y, want) in [(-10_000, true), (-10_001, true), (-10_002, false)] {
        assert_eq!(met(&looking(0, &[]), &line((-500, y), (500, y))), want, "{y}: within a millimetre is met");
    }
    // Wide and far, only its middle is near enough.
    assert!(met(&looking(0, &[]), &line((-90_000, -9_999), (90_000, -9_999))));
    // It begins behind the camera and ends beside it.
    assert!(!met(&looking(0, &[]), &line((100, 3_000), (100, 0))));
    // Straight away from the camera: one direction, met.
    let along = looking(0, &[]).seen(&line((0, -2_000), (0, -50_000))).unwrap();
    assert_eq!((along.nearest_mm, along.ranges_deg.len()), (2_000, 1));
    // On the window itself.
    assert!(met(&looking(180, &[]), &line((-5, 0), (5, 0))));
}

#[test]
fn a_mask_hides_what_lies_within_it_and_nothing_else() {
    let ahead = line((-500, -8_000), (500, -8_000));
    for (mask, want) in [
        ((-36, 36), false),
        ((-35, 36), true),
        ((-36, 35), true),
        ((-300, 300), false),
        ((0, 300), true),
        ((-300, 0), true),
        ((10, 20), true),
    ] {
        assert_eq!(met(&looking(0, &[mask]), &ahead), want, "{mask:?}");
    }
    assert!(!met(&looking(0, &[(-36, 0), (0, 36)]), &ahead), "two masks side by side");
    assert!(met(&looking(0, &[(-36, -1), (1, 36)]), &ahead), "a slit between them");
    let seen = looking(0, &[(10, 20)]).seen(&ahead).unwrap();
    assert_eq!(seen.ranges_deg.len(), 2, "on both sides of the mask");
    assert!(!met(&looking(0, &[(-1_800, 1_800)]), &ahead), "all is masked");
    assert!(looking(0, &[(-1_800, 1_800)]).pieces().is_empty());
}

#[test]
fn a_view_of_the_whole_turn_has_no_blind_side() {
    let round = |masks: &[(i16, i16)]| {
        let mut view = looking(0, masks);
        view.aim.angle_ddeg = 3_600;
        view
    };
    for (x, y) in [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)] {
        let (x, y) = (x * 5_000, y * 5_000);
        assert!(met(&round(&[]), &line((x - 100, y + 50), (x + 100, y - 50))), "{x} {y}");
    }
    // Behind, over the seam of -180 and 180 degrees.
    let behind = line((-1_000, 5_000), (1_000, 5_000));
    assert!(met(&round(&[(-1_000, 1_000)]), &behind));
    assert!(met(&round(&[(-1_800, -1_600)]), &behind), "half of it");
    assert!(!met(&round(&[(-1_800, -1_600), (1_600, 1_800)]), &behind));
}

#[test]
fn standing_in_and_looking_at_a_public_area_are_told_apart() {
    let square = ground(&[(2_000, -5_000), (8_000, -5_000), (8_000, -1_000), (2_000, -1_000)]);
    let outside = looking(90, &[]);
    assert!(!outside.stands_in(&square) && met(&outside, &Outline::Ground(square.clone())));
    assert!(!met(&looking(270, &[]), &Outline::Ground(square.clone())));
    for (p, inside) in [
        (at(2_001, -1_001), true),
        (at(2_000, -3_000), true),
        (at(1_999, -3_000), false),
        (at(8_000, -5_000), true),
        (at(8_001, -5_000), false),
        (at(5_000, -999), false),
    ] {
        let view = View { at: p, ..looking(0, &[]) };
        assert_eq!(view.stands_in(&square), inside, "{p:?}");
        assert!(!inside || view.seen(&Outline::Ground(square.clone())).is_some_and(|s| s.nearest_mm == 0));
    }
    // All of the view lies inside, and the other way round: all of the area inside the view.
    let large = ground(&[(-99_000, -99_000), (99_000, -99_000), (99_000, 99_000), (-99_000, 99_000)]);
    assert!(met(&looking(0, &[]), &Outline::Ground(large)));
    let small = ground(&[(-10, -5_000), (10, -5_000), (0, -5_010)]);
    assert!(met(&looking(0, &[]), &Outline::Ground(small)));
}

#[test]
fn a_polygon_that_crosses_itself_is_refused_with_its_edges() {
    let of = |corners: &[(i64, i64)]| Polygon::new(corners.iter().map(|c| at(c.0, c.1)).collect());
    let bow = of(&[(0, 0), (10, 10), (10, 0), (0, 10)]).unwrap_err();
    assert_eq!((bow.code.as_str(), bow.what.en.as_ref()), ("points", "Edges 1 and 3 cross or lie on each other."));
    for (corners, fine) in [
        (&[(0, 0), (10, 0), (10, 10), (0, 10)][..], true),
        (&[(0, 0), (10, 0), (5, 5), (10, 10), (0, 10)], true),
        (&[(0, 0), (10, 0)], false),
        (&[(0, 0), (10, 0), (20, 0)], false),
        (&[(0, 0), (10, 0), (10, 0), (0, 10)], false),
        (&[(0, 0), (10, 0), (5, 0), (0, 10)], false),
        (&[(0, 0), (10, 0), (10, 10), (5, 0), (0, 10)], false),
        (&[(0, 0), (10, 0), (0, 0), (0, 10)], false),
    ] {
        assert_eq!(of(corners).is_ok(), fine, "{corners:?}");
    }
    let far = REACH_MM + 1;
    assert!(of(&[(0, 0), (far, 0), (0, 10)]).is_err() && of(&[(0, 0), (REACH_MM, 0), (0, -REACH_MM)]).is_ok());
    // A saw of as many corners as are allowed, and one more.
    let saw = |n: i64| {
        let teeth = (0..n - 2).map(|i| (i * 10, if i % 2 == 0 { 0 } else { 5 }));
        let all: Vec<_> = teeth.chain([((n - 3) * 10, 100), (0, 100)]).collect();
        of(&all)
    };
    let most = i64::try_from(VERTICES).unwrap();
    assert!(saw(most).is_ok());
    assert!(saw(most + 1).unwrap_err().what.en.contains("3 to 64"));
}

#[test]
fn masks_are_read_in_degrees_and_in_parts_of_the_picture() {
    let read = |text: &str| parse_masks(text, 900).map(|m| masks_text(&m));
    assert_eq!(read("").unwrap(), "");
    assert_eq!(read("10..20 -12.5..-3").unwrap(), "-12.5..-3 10..20");
    assert_eq!(read("0%..100%").unwrap(), "-45..45");
    // 25 % of a lens of 90 degrees: -22.5 drawn evenly, -26.6 drawn straight; only what both hide counts.
    assert_eq!(read("25%..50%").unwrap(), "-22.5..0");
    assert_eq!(read("50%..75%；").unwrap(), "0..22.5");
    for bad in [
        "10",
        "20..10",
        "10..10",
        "x..y",
        "10%..20",
        "10..2000",
        "50%..40%",
        "10%..200%",
        "-200..0",
        "1.55..3",
        "..",
        "49.9%..50%",
    ] {
        assert_eq!(read(bad).unwrap_err().code, "masks", "{bad}");
    }
    let many = |n: usize| (0..n).map(|i| format!("{i}..{}", i + 1)).collect::<Vec<_>>().join(" ");
    assert!(read(&many(MASKS)).is_ok() && read(&many(MASKS + 1)).is_err());
    let part = PictureRect { left: 0, top: 0, right: 1_000, bottom: 999 };
    assert!(Mask::of_picture(part, 900).unwrap_err().what.en.contains("whole height"));
    // Beyond what draws straight, evenly.
    let half = PictureRect { left: 0, top: 0, right: 500, bottom: 1_000 };
    assert_eq!(Mask::of_picture(half, 3_600).unwrap(), Mask { from_ddeg: -1_800, to_ddeg: 0 });
}

#[test]
fn numbers_have_ranges() {
    let fine = Aim { direction_ddeg: 3_599, angle_ddeg: 3_600, reach_mm: 2_000_000, masks: vec![] };
    assert!(fine.check().is_ok());
    for (aim, code) in [
        (Aim { direction_ddeg: 3_600, ..fine.clone() }, "direction"),
        (Aim { angle_ddeg: 9, ..fine.clone() }, "angle"),
        (Aim { angle_ddeg: 3_601, ..fine.clone() }, "angle"),
        (Aim { reach_mm: 499, ..fine.clone() }, "reach"),
        (Aim { reach_mm: 2_000_001, ..fine.clone() }, "reach"),
        (Aim { masks: vec![Mask { from_ddeg: 5, to_ddeg: 5 }], ..fine.clone() }, "masks"),
        (Aim { masks: vec![Mask { from_ddeg: -1_801, to_ddeg: 5 }], ..fine.clone() }, "masks"),
        (Aim { masks: vec![Mask { from_ddeg: 0, to_ddeg: 5 }; MASKS + 1], ..fine }, "masks"),
    ] {
        assert_eq!(aim.check().unwrap_err().code, code, "{aim:?}");
    }
    let picture = Picture { kind: PictureKind::Png, width_px: 2_000, height_px: 500 };
    for (width, fine) in [(999, false), (1_000, true), (5_000_000, true), (5_000_001, false)] {
        assert_eq!(Ground::new(width, picture).is_ok(), fine, "{width}");
    }
    let plan = Ground::new(40_000, picture).unwrap();
    assert_eq!((plan.height_mm(), plan.point(500, 1_000)), (10_000, at(20_000, 10_000)));
    assert_eq!(plan.pixels(at(20_000, 10_000)), (1_000, 500));
    for (text, want) in [
        ("12", Some(120)),
        ("-0.5", Some(-5)),
        ("1.25", None),
        ("", None),
        ("1e3", None),
        ("123456", None),
        ("+1", None),
    ] {
        assert_eq!(parse_tenths(text), want, "{text}");
    }
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn shape(number: u32, version: u32, kind: ShapeKind, points: &[(u16, u16)], from: &str) -> Shape {
    let decision = "哈政〔2026〕7号".to_owned();
    Shape { number, version, kind, name: "一号".into(), points: points.to_vec(), decision, from: day(from) }
}

#[test]
fn of_each_shape_the_version_of_the_day_stands() {
    let picture = Picture { kind: PictureKind::Png, width_px: 1_000, height_px: 1_000 };
    let plan = Ground::new(100_000, picture).unwrap();
    let square = ShapeKind::PublicArea(PlaceKind::Square);
    let (small, large) = ([(0, 0), (100, 0), (100, 100)], [(0, 0), (900, 0), (900, 900)]);
    let shapes = [
        shape(1, 2, square, &large, "2026-03-01"),
        shape(1, 1, square, &small, "2026-01-01"),
        shape(2, 1, ShapeKind::HomeWindow, &[(500, 500), (510, 500)], "2026-01-01"),
        shape(2, 2, ShapeKind::HomeWindow, &[], "2026-04-01"),
    ];
    let of = |on| on_day(&plan, &shapes, day(on)).iter().map(|d| (d.number, d.version)).collect::<Vec<_>>();
    assert_eq!(of("2025-12-31"), []);
    assert_eq!(of("2026-01-01"), [(1, 1), (2, 1)]);
    assert_eq!(of("2026-02-28"), [(1, 1), (2, 1)]);
    assert_eq!(of("2026-03-01"), [(1, 2), (2, 1)]);
    assert_eq!(of("2026-04-01"), [(1, 2)], "taken away");
    let aim = Aim { direction_ddeg: 0, angle_ddeg: 600, reach_mm: 30_000, masks: vec![] };
    let view = View { at: plan.point(505, 600), aim };
    let found = sights(&view, &on_day(&plan, &shapes, day("2026-02-28")));
    assert_eq!(found.iter().map(|s| (s.number, s.stands_in, s.seen.is_some())).collect::<Vec<_>>(), [(2, false, true)]);
    let found = sights(&view, &on_day(&plan, &shapes, day("2026-03-01")));
    assert_eq!(found.iter().map(|s| (s.number, s.stands_in)).collect::<Vec<_>>(), [(1, false), (2, false)]);
    let inside = View { at: plan.point(800, 100), ..view };
    assert!(sights(&inside, &on_day(&plan, &shapes, day("2026-03-01")))[0].stands_in);
}

#[test]
fn what_is_drawn_is_checked() {
    let area = ShapeKind::PublicArea(PlaceKind::Road);
    let fine = shape(1, 1, area, &[(0, 0), (9, 0), (9, 9)], "2026-01-01");
    assert!(check_shape(&fine).is_ok());
    let home = shape(1, 1, ShapeKind::HomeDoor, &[(0, 0), (9, 0)], "2026-01-01");
    assert!(check_shape(&Shape { decision: String::new(), ..home.clone() }).is_ok(), "a home needs no decision");
    for (bad, code) in [
        (Shape { name: String::new(), ..fine.clone() }, "shape_name"),
        (Shape { name: "长".repeat(121), ..fine.clone() }, "shape_name"),
        (Shape { decision: String::new(), ..fine.clone() }, "decision"),
        (Shape { decision: String::new(), points: vec![], ..home.clone() }, "decision"),
        (Shape { points: vec![(0, 0), (9, 0)], ..fine.clone() }, "points"),
        (Shape { points: vec![(0, 0), (9, 9), (9, 0), (0, 9)], ..fine }, "points"),
        (Shape { points: vec![(3, 3), (3, 3)], ..home.clone() }, "points"),
        (Shape { points: vec![(3, 3)], ..home }, "points"),
    ] {
        assert_eq!(check_shape(&bad).unwrap_err().code, code, "{bad:?}");
    }
    for kind in ShapeKind::all() {
        assert_eq!(ShapeKind::parse(&kind.code()), Some(kind));
    }
    for none in ["", "area:", "area:lobby", "area:square ", "home"] {
        assert_eq!(ShapeKind::parse(none), None, "{none}");
    }
    assert_eq!(parse_points("1,2 3，4;5,6\n", 1_000), Some(vec![(1, 2), (3, 4), (5, 6)]));
    for none in ["", " ", "1", "1,2,3", "-1,2", "1,1001", "a,b"] {
        assert_eq!(parse_points(none, 1_000), None, "{none}");
    }
    let many = |n| vec!["1,1"; n].join(" ");
    assert!(parse_points(&many(VERTICES), 1_000).is_some() && parse_points(&many(VERTICES + 1), 1_000).is_none());
}

fn any_view() -> impl Strategy<Value = View> {
    let masks = proptest::collection::vec((-1_800_i16..1_800, 1_i16..600), 0..4);
    (-20_000_i64..20_000, -20_000_i64..20_000, 0_u16..3_600, 10_u16..=3_600, 500_i64..60_000, masks).prop_map(
        |(x, y, direction_ddeg, angle_ddeg, reach_mm, masks)| {
            let mask = |(from_ddeg, width): (i16, i16)| Mask { from_ddeg, to_ddeg: (from_ddeg + width).min(1_800) };
            let masks = masks.into_iter().map(mask).collect();
            View { at: at(x, y), aim: Aim { direction_ddeg, angle_ddeg, reach_mm, masks } }
        },
    )
}

fn any_line() -> impl Strategy<Value = Segment> {
    (-30_000_i64..30_000, -30_000_i64..30_000, -30_000_i64..30_000, -30_000_i64..30_000)
        .prop_map(|(a, b, c, d)| Segment { a: at(a, b), b: at(c, d) })
}

/// Whether a point is seen, reckoned in another way: by dot and cross product with the middle of the picture.
#[allow(clippy::cast_precision_loss)]
fn point_seen(view: &View, p: (f64, f64)) -> bool {
    let (x, y) = (p.0 - view.at.x_mm as f64, p.1 - view.at.y_mm as f64);
    if x.hypot(y) > view.aim.reach_mm as f64 {
        return false;
    }
    let turn = (f64::from(view.aim.direction_ddeg) / 10.0).to_radians();
    let ahead = (turn.sin(), -turn.cos());
    let (dot, cross) = (ahead.0 * x + ahead.1 * y, ahead.0 * y - ahead.1 * x);
    let deg = cross.atan2(dot).to_degrees();
    let masked =
        view.aim.masks.iter().any(|m| f64::from(m.from_ddeg) <= deg * 10.0 && deg * 10.0 <= f64::from(m.to_ddeg));
    deg.abs() <= f64::from(view.aim.angle_ddeg) / 20.0 && !masked
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whoever_sees_a_point_of_a_window_meets_the_window(view in any_view(), edge in any_line()) {
        #[allow(clippy::cast_precision_loss)]
        let point = |t: f64| {
            let (a, b) = (edge.a, edge.b);
            (a.x_mm as f64 + (b.x_mm - a.x_mm) as f64 * t, a.y_mm as f64 + (b.y_mm - a.y_mm) as f64 * t)
        };
        let some = (0..=200).any(|n| point_seen(&view, point(f64::from(n) / 200.0)));
        let seen = view.seen(&Outline::Line(edge));
        prop_assert!(!some || seen.is_some());
        // And what is met has directions within the open ones, nearer than the reach.
        if let Some(seen) = seen {
            prop_assert!(seen.nearest_mm <= view.aim.reach_mm + 2);
            for (from, to) in &seen.ranges_deg {
                prop_assert!(from <= to);
                prop_assert!(view.open_deg().iter().any(|(a, b)| *from >= a - 0.01 && *to <= b + 0.01), "{seen:?}");
            }
        }
    }

    #[test]
    fn the_masks_that_are_proposed_hide_it(view in any_view(), edge in any_line()) {
        let outline = Outline::Line(edge);
        if let Some(seen) = view.seen(&outline) {
            let mut masked = view;
            masked.aim.masks.extend(seen.masks());
            prop_assert!(masked.seen(&outline).is_none(), "{seen:?} {:?}", masked.seen(&outline));
        }
    }

    #[test]
    fn a_mask_more_or_a_shorter_reach_never_shows_more(view in any_view(), edge in any_line(), from in -1_800_i16..1_700, reach in 500_i64..60_000) {
        let outline = Outline::Line(edge);
        let mut less = view.clone();
        less.aim.masks.push(Mask { from_ddeg: from, to_ddeg: from + 100 });
        less.aim.reach_mm = less.aim.reach_mm.min(reach);
        prop_assert!(less.seen(&outline).is_none() || view.seen(&outline).is_some());
    }

    #[test]
    fn a_polygon_is_met_when_an_edge_is_and_turning_all_changes_nothing(view in any_view(), x in -20_000_i64..20_000, y in -20_000_i64..20_000, side in 1_i64..9_000) {
        let corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)];
        let house = Polygon::new(corners.iter().map(|c| at(c.0, c.1)).collect()).unwrap();
        let edges = house.edges().any(|e| view.seen(&Outline::Line(e)).is_some());
        let whole = Outline::Ground(house.clone());
        prop_assert!(!edges || view.seen(&whole).is_some());
        prop_assert_eq!(house.holds(view.at), view.stands_in(&house));
        // A quarter turn of the plan: every place and the direction.
        let turn = |p: &Point| at(-p.y_mm, p.x_mm);
        let turned_house = Polygon::new(house.corners().iter().map(turn).collect()).unwrap();
        let mut turned = View { at: turn(&view.at), ..view.clone() };
        turned.aim.direction_ddeg = (view.aim.direction_ddeg + 900) % 3_600;
        let (one, two) = (view.seen(&whole), turned.seen(&Outline::Ground(turned_house)));
        // Only what is within the slack of an edge may differ.
        if let (Some(seen), None) | (None, Some(seen)) = (&one, &two) {
            let narrow = seen.ranges_deg.iter().all(|(a, b)| b - a <= 3.0 * SLACK_DEG);
            prop_assert!(narrow || (seen.nearest_mm - view.aim.reach_mm).abs() <= 2, "{one:?} {two:?}");
        }
    }

    #[test]
    fn no_corners_and_no_text_panic(corners in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..70), text in "\\PC{0,80}") {
        let _ = Polygon::new(corners.iter().map(|c| at(c.0, c.1)).collect());
        if let Some(points) = parse_points(&text, 1_000) {
            prop_assert_eq!(parse_points(&points_text(&points), 1_000), Some(points));
        }
        if let Ok(masks) = parse_masks(&text, 900) {
            prop_assert_eq!(parse_masks(&masks_text(&masks), 900).unwrap(), masks);
        }
        let _ = parse_tenths(&text);
    }

    #[test]
    fn small_polygons_are_simple_or_refused(corners in proptest::collection::vec((0_i64..6, 0_i64..6), 3..8)) {
        // Reckoned in another way: no two edges that are not neighbours share a point of a fine raster of both.
        if let Ok(p) = Polygon::new(corners.iter().map(|c| at(c.0 * 60, c.1 * 60)).collect()) {
            let edges: Vec<_> = p.edges().collect();
            for (i, e) in edges.iter().enumerate() {
                for (j, f) in edges.iter().enumerate().skip(i + 2) {
                    if i == 0 && j == edges.len() - 1 {
                        continue;
                    }
                    prop_assert!(!e.meets(f), "{i} {j}");
                }
            }
            prop_assert!(p.corners().iter().all(|c| p.holds(*c)));
        }
    }
}
