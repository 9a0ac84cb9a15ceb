//! Orders read back, plans stay within what was ordered, and times are read as people write them.

use super::*;
use proptest::prelude::*;

const HOUR_MS: i64 = 3_600_000;

fn camera(n: u8) -> CameraId {
    CameraId::from_bytes([n; 16])
}

fn eye(n: u8, name: &str, place: &str) -> Eye {
    Eye { camera: camera(n), name: name.into(), place: place.into() }
}

fn hold() -> HoldOrder {
    HoldOrder {
        case: "沈公〔2026〕1号".into(),
        from: UtcMs(1_000_000),
        to: UtcMs(1_000_000 + HOUR_MS),
        place: "示范商场东入口".into(),
        reason: "citizen_viewing".into(),
        clauses: vec![ClauseId::new("A-25-1")],
        until: None,
    }
}

fn orders() -> [Order; 3] {
    let id = OrderId::from_bytes([7; 16]);
    let (case, clauses) = (hold().case, hold().clauses);
    [
        Order::Hold(hold()),
        Order::Release(ReleaseOrder {
            case: case.clone(),
            order: id,
            reason: "refused".into(),
            clauses: clauses.clone(),
        }),
        Order::Appointment(Appointment {
            case,
            from: UtcMs(1),
            to: UtcMs(2),
            place: "监控室".into(),
            scope: "东入口".into(),
            code: "1234".into(),
            clauses,
        }),
    ]
}

#[test]
fn orders_read_back_by_their_kind_only() {
    for order in orders() {
        let body = order.body();
        assert_eq!(Order::read(order.kind(), &body), Some(order.clone()));
        for other in [HOLD, RELEASE, APPOINTMENT, "", "burn"].into_iter().filter(|k| *k != order.kind()) {
            assert_ne!(Order::read(other, &body), Some(order.clone()), "{other}");
        }
        for cut in 0..body.len() {
            assert_eq!(Order::read(order.kind(), &body[..cut]), None, "{cut}");
        }
    }
}

#[test]
fn a_hold_says_until_when_only_where_that_is_known() {
    let known = HoldOrder { until: CivilDate::ymd(2026, 9, 1), ..hold() };
    let body = Order::Hold(known.clone()).body();
    assert!(String::from_utf8_lossy(&body).contains("\"until\":\"2026-09-01\""));
    assert_eq!(Order::read(HOLD, &body), Some(Order::Hold(known.clone())));
    // What an earlier release wrote, and what it reads.
    let open = Order::Hold(hold()).body();
    assert!(!String::from_utf8_lossy(&open).contains("until"));
    assert_eq!(Order::read(HOLD, &open), Some(Order::Hold(hold())));
    assert!(known.is_same_as(&hold()) && hold().is_same_as(&known));
    assert!(!known.is_same_as(&HoldOrder { place: "西入口".into(), ..known.clone() }));
    assert!(!known.is_same_as(&HoldOrder { to: known.to.plus_ms(1), ..known.clone() }));
}

#[test]
fn an_order_beyond_a_limit_is_none() {
    let whole = hold();
    for bad in [
        HoldOrder { to: whole.from, ..whole.clone() },
        HoldOrder { to: whole.from.plus_ms(REQUEST_RANGE_MS + 1), ..whole.clone() },
        HoldOrder { case: String::new(), ..whole.clone() },
        HoldOrder { case: "x".repeat(NAME_CHARS + 1), ..whole.clone() },
        HoldOrder { place: "x".repeat(WORDS_CHARS + 1), ..whole.clone() },
        HoldOrder { place: "a\u{7}".into(), ..whole.clone() },
        HoldOrder { clauses: vec![ClauseId::new("A-25"); CLAUSES + 1], ..whole.clone() },
        HoldOrder { clauses: vec![ClauseId::new("")], ..whole.clone() },
    ] {
        let order = Order::Hold(bad);
        assert_eq!(Order::read(HOLD, &order.body()), None, "{order:?}");
    }
    let longest = Order::Hold(HoldOrder { to: whole.from.plus_ms(REQUEST_RANGE_MS), ..whole });
    assert!(Order::read(HOLD, &longest.body()).is_some());
}

#[test]
fn a_plan_takes_the_cameras_that_the_words_name() {
    let eyes = [eye(1, "东入口1号", "东入口"), eye(2, "西入口1号", "西入口"), eye(3, "大堂", "")];
    let named = plan(&hold(), &eyes, 0);
    assert_eq!((named.cameras, named.every, named.left.len()), (vec![camera(1)], false, 0));
    let unknown = plan(&HoldOrder { place: "门口".into(), ..hold() }, &eyes, 0);
    assert_eq!((unknown.cameras.len(), unknown.every, unknown.left.len()), (3, true, 0));
    let nothing = plan(&HoldOrder { place: String::new(), ..hold() }, &eyes, 0);
    assert!(nothing.every, "an empty name is no name");
    assert!(plan(&hold(), &[], 0).cameras.is_empty());
}

#[test]
fn what_is_too_much_is_held_in_part_and_told() {
    let eyes = [eye(1, "甲口", ""), eye(2, "乙口", "")];
    let long = HoldOrder { place: String::new(), to: hold().from.plus_ms(EVERY_CAMERA_MS + 1), ..hold() };
    let cut = plan(&long, &eyes, 0);
    assert_eq!((cut.to, cut.cameras.len(), cut.left.len()), (long.from.plus_ms(EVERY_CAMERA_MS), 2, 1));
    let edge = plan(&HoldOrder { to: hold().from.plus_ms(EVERY_CAMERA_MS), ..long.clone() }, &eyes, 0);
    assert!(edge.left.is_empty());
    // Of one camera a longer time is no more than of many a shorter one.
    assert!(plan(&long, &eyes[..1], 0).left.is_empty());
    let full = plan(&hold(), &eyes, KEPT_MS - HOUR_MS);
    assert_eq!((full.cameras.len(), full.left.len()), (1, 1), "room for one");
    assert!(plan(&hold(), &eyes, KEPT_MS).cameras.is_empty());
    let many: Vec<Eye> = (0..=u8::try_from(REQUEST_CAMERAS).unwrap()).map(|n| eye(n, "", "")).collect();
    let most = plan(&hold(), &many, 0);
    assert_eq!((most.cameras.len(), most.left.len()), (REQUEST_CAMERAS, 1));
}

#[test]
fn an_answer_reads_back_and_has_limits() {
    let kept =
        Kept { camera: "东入口".into(), footage_ms: 5, gaps: vec![(UtcMs(1), UtcMs(2))], oldest: Some(UtcMs(0)) };
    let answer = Answer {
        order: OrderId::from_bytes([7; 16]),
        ended: Ended::Partly,
        from: Some(UtcMs(1)),
        to: Some(UtcMs(9)),
        cameras: vec![kept.clone(), kept.clone()],
        said: vec![Text::new("少", "less")],
        clauses: vec![ClauseId::new("799-17")],
        shown: None,
        person: None,
    };
    assert_eq!(Answer::read(&answer.body()), Some(answer.clone()));
    assert_eq!(answer.footage_ms(), 10);
    let many = vec![(UtcMs(1), UtcMs(2)); GAPS + 1];
    for bad in [
        Answer { cameras: vec![kept.clone(); REQUEST_CAMERAS + 1], ..answer.clone() },
        Answer { cameras: vec![Kept { gaps: many, ..kept.clone() }], ..answer.clone() },
        Answer { cameras: vec![Kept { footage_ms: -1, ..kept }], ..answer.clone() },
        Answer { said: vec![Text::of("x".repeat(WORDS_CHARS + 1), "")], ..answer.clone() },
        Answer { clauses: vec![ClauseId::new("x"); CLAUSES + 1], ..answer },
    ] {
        assert_eq!(Answer::read(&bad.body()), None);
    }
    for ended in Ended::ALL {
        assert_eq!(Ended::parse(ended.code()), Some(ended));
    }
}

#[test]
fn times_are_read_as_people_write_them() {
    for (words, minutes) in [
        ("20:00至20:30", vec![1200, 1230]),
        ("２０：１５", vec![1215]),
        ("下午3点半左右", vec![930]),
        ("晚上8点到9点", vec![1200, 1260]),
        ("8时05分", vec![485]),
        ("23:50-0:10", vec![1430, 10]),
        ("大概中午", vec![]),
        ("3号门", vec![]),
        ("25:00", vec![]),
        ("12:75", vec![]),
        ("20260301", vec![]),
        ("1:00 2:00 3:00", vec![60, 120]),
        ("晚上12点左右", vec![1440]),
        ("夜里11点到凌晨2点", vec![1380, 120]),
        ("晚上1点", vec![1500]),
        ("中午12点半到1点半", vec![750, 810]),
        ("凌晨12点10分", vec![10]),
        ("上午10点到下午3点", vec![600, 900]),
        ("傍晚6点", vec![1080]),
        ("夜里23:30", vec![1410]),
    ] {
        assert_eq!(times(words, 2), minutes, "{words}");
    }
}

#[test]
fn a_window_has_its_margins_and_goes_over_midnight() {
    let day = CivilDate::ymd(2026, 3, 1).unwrap();
    let at = |minute: i64| day.start().plus_ms(minute * 60_000);
    assert_eq!(window(day, ""), (at(0), at(1440)));
    assert_eq!(window(day, "20:00"), (at(1170), at(1260)));
    assert_eq!(window(day, "20:00至20:30"), (at(1185), at(1245)));
    assert_eq!(window(day, "23:50至0:10"), (at(1415), at(1465)));
    assert_eq!(window(day, "晚上11点半到12点半"), (at(1395), at(1485)), "the night goes over midnight");
    assert_eq!(
        window(day, "晚上2点到凌晨1点"),
        (at(1545), at(2955)),
        "an end that lies before its begin is of a later day"
    );
}

proptest! {
    #[test]
    fn any_words_give_a_time_that_can_be_ordered(words in ".{0,60}", year in 2015_i16..2100) {
        let (from, to) = window(CivilDate::ymd(year, 6, 1).unwrap(), &words);
        let length_ms = to.since(from);
        prop_assert!((1..=REQUEST_RANGE_MS).contains(&length_ms));
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for kind in [HOLD, RELEASE, APPOINTMENT] {
            let _ = Order::read(kind, &bytes);
        }
        let _ = Answer::read(&bytes);
    }

    #[test]
    fn a_plan_never_goes_beyond_the_order(cameras in 0_u8..80, hours in 1_i64..168, kept in 0_i64..KEPT_MS * 2) {
        let eyes: Vec<Eye> = (0..cameras).map(|n| eye(n, "", "")).collect();
        let order = HoldOrder { to: hold().from.plus_ms(hours * HOUR_MS), ..hold() };
        let made = plan(&order, &eyes, kept);
        prop_assert!(made.from >= order.from && made.to <= order.to && made.cameras.len() <= REQUEST_CAMERAS);
        let taken = i64::try_from(made.cameras.len()).unwrap() * made.to.since(made.from);
        prop_assert!(made.cameras.is_empty() || taken + kept <= KEPT_MS);
        prop_assert_eq!(made.left.is_empty(), made.cameras.len() == eyes.len() && made.to == order.to);
    }
}
