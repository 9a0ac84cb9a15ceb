//! The life of a request: every command in every state, and the scope's edges.

use super::*;

const NOW: UtcMs = UtcMs(1_763_740_800_000);

fn account(n: u8) -> AccountId {
    AccountId::new(NOW.0, [n; 10])
}

fn camera(n: u8) -> CameraId {
    CameraId::new(NOW.0, [n; 10])
}

fn app() -> Application {
    Application {
        basis: Basis::CriminalInvestigation,
        wanted: Use::Copy,
        case_number: "A2025-17".into(),
        unit: "某市公安局".into(),
        purpose: "查找嫌疑人".into(),
        cameras: vec![camera(1)],
        from: NOW.plus_ms(-700_000),
        to: NOW.plus_ms(-100_000),
        letter: Some(Sha256::of(b"letter")),
        officers: vec![account(1), account(2)],
        under: None,
        own: None,
    }
}

fn grant(by: u8, hours: u32) -> Command {
    Command::Grant { by: account(by), hours }
}

fn law_refusal() -> Refusal {
    Refusal::new(ErrorKind::Unlawful, "two_officers_required", Text::default(), Text::default())
}

#[test]
fn every_command_in_every_state() {
    let submitted = State::Submitted { at: NOW };
    let granted = State::Granted { at: NOW, until: NOW.plus_ms(3_600_000) };
    let refused = State::Refused { at: NOW };
    let ended = State::Ended { at: NOW };
    let refuse = Command::Refuse { by: account(9), reason: "范围过大".into() };
    let end = Command::End { by: account(9) };
    let table = [
        (submitted, grant(9, 1), Ok(granted)),
        (submitted, refuse.clone(), Ok(refused)),
        (submitted, end.clone(), Err("not_granted")),
        (granted, grant(9, 1), Err("already_decided")),
        (granted, refuse.clone(), Err("already_decided")),
        (granted, end.clone(), Ok(ended)),
        (refused, grant(9, 1), Err("already_decided")),
        (refused, refuse.clone(), Err("already_decided")),
        (refused, end.clone(), Err("not_granted")),
        (ended, grant(9, 1), Err("already_decided")),
        (ended, refuse, Err("already_decided")),
        (ended, end, Err("not_granted")),
    ];
    for (state, command, want) in table {
        let got = decide(state, &app(), &command, Ok(()), NOW);
        assert_eq!(got.map_err(|r| r.code), want.map_err(str::to_owned), "{state:?} {command:?}");
    }
}

#[test]
fn officers_cannot_grant_their_own_request_and_law_is_asked() {
    let submitted = State::Submitted { at: NOW };
    assert_eq!(decide(submitted, &app(), &grant(1, 1), Ok(()), NOW).unwrap_err().code, "conflict_of_interest");
    assert_eq!(
        decide(submitted, &app(), &grant(9, 1), Err(law_refusal()), NOW).unwrap_err().code,
        "two_officers_required"
    );
    for (hours, ok) in [(0, false), (1, true), (168, true), (169, false)] {
        assert_eq!(decide(submitted, &app(), &grant(9, hours), Ok(()), NOW).is_ok(), ok, "{hours}");
    }
}

#[test]
fn a_session_needs_two_named_officers_and_a_grant_in_force() {
    let until = NOW.plus_ms(3_600_000);
    let granted = State::Granted { at: NOW, until };
    let open = |state, a, b, now| open_session(state, &app(), account(a), account(b), Ok(()), now).map_err(|r| r.code);
    assert_eq!(open(granted, 1, 2, NOW).unwrap().until, until);
    assert_eq!(open(granted, 1, 1, NOW), Err("same_officer".into()));
    assert_eq!(open(granted, 1, 3, NOW), Err("officer_not_named".into()));
    assert!(open(granted, 1, 2, until.plus_ms(-1)).is_ok());
    assert_eq!(open(granted, 1, 2, until), Err("not_granted".into()));
    let long = State::Granted { at: NOW, until: NOW.plus_ms(GRANT_MAX_MS) };
    assert_eq!(open(long, 2, 1, NOW).unwrap().until, NOW.plus_ms(SESSION_MAX_MS));
}

#[test]
fn scope_is_exact_to_the_millisecond() {
    let app = app();
    let s = Session {
        first: account(1),
        second: account(2),
        opened: NOW,
        until: NOW.plus_ms(1000),
        seen: None,
        browser: None,
    };
    let check = |c, from, to, now| in_scope(&app, &s, c, from, to, now).map_err(|r| r.code);
    assert_eq!(check(camera(1), app.from, app.to, NOW), Ok(()));
    assert_eq!(check(camera(1), app.from.plus_ms(-1), app.to, NOW), Err("outside_scope".into()));
    assert_eq!(check(camera(1), app.from, app.to.plus_ms(1), NOW), Err("outside_scope".into()));
    assert_eq!(check(camera(2), app.from, app.to, NOW), Err("outside_scope".into()));
    assert_eq!(check(camera(1), app.from, app.to, NOW.plus_ms(1000)), Err("session_over".into()));
}

#[test]
fn a_form_tells_all_defects_at_once() {
    let mut a = app();
    (a.case_number, a.unit, a.purpose, a.cameras) = (" ".into(), String::new(), "\u{7}".into(), vec![]);
    a.to = a.from;
    let codes: Vec<_> = check_form(&a, NOW).unwrap_err().into_iter().map(|r| r.code).collect();
    assert_eq!(codes, ["case_number", "unit", "purpose", "cameras", "range"]);
    let mut a = app();
    a.from = NOW.plus_ms(-limits::REQUEST_RANGE_MS);
    a.to = NOW;
    assert!(check_form(&a, NOW).is_ok());
    a.from = a.from.plus_ms(-1);
    assert!(check_form(&a, NOW).is_err());
}

#[test]
fn the_same_officer_twice_is_one() {
    let mut a = app();
    a.officers = vec![account(1), account(1)];
    assert_eq!(distinct_officers(&a), 1);
    assert_eq!(distinct_officers(&app()), 2);
}

#[test]
fn an_export_is_kept_so_many_days_after_its_grant() {
    let at = UtcMs(1_000);
    let day = base::time::DAY_MS;
    let granted = State::Granted { at, until: UtcMs(5_000) };
    assert_eq!(export_kept_until(granted, 7), Some(UtcMs(5_000 + 7 * day)));
    assert_eq!(export_kept_until(State::Ended { at }, 0), Some(at));
    assert_eq!(export_kept_until(State::Ended { at: UtcMs(i64::MAX) }, u32::MAX), Some(UtcMs(i64::MAX)));
    assert_eq!(export_kept_until(State::Submitted { at }, 7), None);
    assert_eq!(export_kept_until(State::Refused { at }, 7), None);
}

#[test]
fn status_codes_round_trip_and_name_every_state() {
    let at = UtcMs(1);
    let states =
        [State::Submitted { at }, State::Granted { at, until: UtcMs(9) }, State::Refused { at }, State::Ended { at }];
    for (state, status) in states.into_iter().zip(Status::ALL) {
        assert_eq!((state.status(), Status::parse(status.code())), (status, Some(status)));
    }
    assert_eq!(Status::parse("submitted"), None);
    assert_eq!(states.map(State::ends), [None, Some(UtcMs(9)), Some(at), Some(at)]);
}

fn under(until: UtcMs) -> Application {
    let order = base::OrderId::from_bytes([7; 16]);
    let under = Under { order, paper: "沈公查看〔2026〕1号".into(), covered: None, until };
    Application { wanted: Use::View, officers: vec![account(1)], under: Some(under), ..app() }
}

const ALL_SEEN: Seen = Seen { identity: true, paper: true, others_kept: true };

#[test]
fn footage_is_shown_to_a_citizen_only_whose_papers_were_seen_and_while_the_order_lasts() {
    let (app, last) = (under(NOW.plus_ms(5_000)), NOW.plus_ms(5_000));
    let granted = State::Granted { at: NOW, until: NOW.plus_ms(3_600_000) };
    let open = |app: &Application, first: u8, second: Option<u8>, seen, now| {
        open_showing(granted, app, (account(first), second.map(account)), seen, Ok(()), now).map_err(|r| r.code)
    };
    let session = open(&app, 1, None, ALL_SEEN, NOW).unwrap();
    assert_eq!((session.first, session.second, session.until), (account(1), account(1), last));
    assert_eq!(session.seen, Some(ALL_SEEN));
    for (seen, want) in [
        (Seen { identity: false, ..ALL_SEEN }, Err("papers_not_seen".to_owned())),
        (Seen { paper: false, ..ALL_SEEN }, Err("papers_not_seen".to_owned())),
        // Whether others are covered is asked of the law, not here.
        (Seen { others_kept: false, ..ALL_SEEN }, Ok(())),
    ] {
        assert_eq!(open(&app, 1, None, seen, NOW).map(|_| ()), want, "{seen:?}");
    }
    assert!(open(&app, 1, None, ALL_SEEN, last.plus_ms(-1)).is_ok());
    assert_eq!(open(&app, 1, None, ALL_SEEN, last), Err("order_over".into()));
    assert_eq!(open(&app, 3, None, ALL_SEEN, NOW), Err("officer_not_named".into()));
    assert_eq!(open(&self::app(), 1, None, ALL_SEEN, NOW), Err("not_under_order".into()));
    let ended = open_showing(State::Ended { at: NOW }, &app, (account(1), None), ALL_SEEN, Ok(()), NOW);
    assert_eq!(ended.unwrap_err().code, "not_granted");
    let unlawful = open_showing(granted, &app, (account(1), None), ALL_SEEN, Err(law_refusal()), NOW);
    assert_eq!(unlawful.unwrap_err().code, "two_officers_required");
    // Officers do not take over what a citizen was allowed.
    let officers = open_session(granted, &app, account(1), account(2), Ok(()), NOW);
    assert_eq!(officers.unwrap_err().code, "not_granted");
}

fn own() -> Application {
    let own = Own { relation: Relation::NearRelative, proof: true, need: true, plain: true };
    let basis = Basis::LifeHealthProperty;
    Application { basis, wanted: Use::View, officers: vec![account(1)], own: Some(own), ..app() }
}

#[test]
fn what_a_person_asks_of_the_unit_is_shown_as_long_as_the_consent_lasts() {
    let until = NOW.plus_ms(3_600_000);
    let granted = decide(State::Submitted { at: NOW }, &own(), &grant(9, 1), Ok(()), NOW).unwrap();
    assert_eq!(granted.ends(), Some(until), "no order cuts it short");
    let open = |app: &Application, first: u8, seen, now| {
        open_showing(granted, app, (account(first), None), seen, Ok(()), now).map_err(|r| r.code)
    };
    assert_eq!(open(&own(), 1, ALL_SEEN, NOW).unwrap().until, until);
    assert_eq!(open(&own(), 1, ALL_SEEN, until), Err("not_granted".into()));
    assert_eq!(open(&own(), 2, ALL_SEEN, NOW), Err("officer_not_named".into()));
    assert_eq!(open(&own(), 1, Seen { identity: false, ..ALL_SEEN }, NOW), Err("papers_not_seen".into()));
    let officers = open_session(granted, &own(), account(1), account(2), Ok(()), NOW);
    assert_eq!(officers.unwrap_err().code, "not_granted", "officers do not take it over");
    let named = decide(State::Submitted { at: NOW }, &own(), &grant(1, 1), Ok(()), NOW);
    assert_eq!(named.unwrap_err().code, "conflict_of_interest", "who entered it does not decide it");
    assert!(own().is_for_citizen() && under(until).is_for_citizen() && !app().is_for_citizen());
}

#[test]
fn the_only_custodian_decides_alone_what_a_person_asks_and_nothing_else() {
    let at = State::Submitted { at: NOW };
    let alone = |app: &Application, reason: &str, law: Result<(), Refusal>| {
        decide_alone(at, app, (&grant(1, 1), reason), law, NOW).map_err(|r| r.code)
    };
    assert_eq!(alone(&own(), "孩子走失，画面只有本人", Ok(())).unwrap().ends(), Some(NOW.plus_ms(3_600_000)));
    let long = "字".repeat(limits::FREE_TEXT_CHARS + 1);
    for reason in ["", " ", long.as_str()] {
        assert_eq!(alone(&own(), reason, Ok(())), Err("reason_missing".into()));
    }
    let law = Refusal::bad_input("no_need", Text::default(), Text::default());
    assert_eq!(alone(&own(), "理由", Err(law)), Err("no_need".into()), "the law stands in the way of one as of two");
    for app in [app(), under(NOW.plus_ms(9_000))] {
        let refused = decide_alone(at, &app, (&grant(1, 1), "理由"), Ok(()), NOW).unwrap_err();
        assert_eq!(refused.code, "conflict_of_interest");
        assert_eq!(refused.next.zh.contains("答复公安机关"), app.under.is_some());
    }
}

#[test]
fn a_relation_that_nothing_proves_is_none() {
    let proved = |relation, proof| Own { relation, proof, need: true, plain: true }.proved();
    assert_eq!(proved(Relation::Person, false), Relation::Person, "the identity card is the proof");
    for relation in [Relation::NearRelative, Relation::Guardian, Relation::Other] {
        assert_eq!((proved(relation, true), proved(relation, false)), (relation, Relation::Other));
    }
}

#[test]
fn a_copy_is_handed_out_by_two_persons() {
    let app = Application { wanted: Use::Copy, officers: vec![account(1), account(2)], ..under(NOW.plus_ms(9_000)) };
    let granted = State::Granted { at: NOW, until: NOW.plus_ms(3_600_000) };
    let open = |second| open_showing(granted, &app, (account(1), second), ALL_SEEN, Ok(()), NOW).map_err(|r| r.code);
    assert_eq!(open(None), Err("second_needed".into()));
    assert_eq!(open(Some(account(1))), Err("second_needed".into()));
    assert_eq!(open(Some(account(3))), Err("officer_not_named".into()));
    assert_eq!(open(Some(account(2))).unwrap().second, account(2));
}

#[test]
fn a_grant_under_an_order_ends_with_it() {
    let submitted = State::Submitted { at: NOW };
    let until = |hours: u32, last: UtcMs| decide(submitted, &under(last), &grant(9, hours), Ok(()), NOW);
    let hour = NOW.plus_ms(3_600_000);
    assert_eq!(until(1, hour.plus_ms(1)).unwrap().ends(), Some(hour));
    assert_eq!(until(1, hour.plus_ms(-1)).unwrap().ends(), Some(hour.plus_ms(-1)));
    assert_eq!(until(1, NOW).unwrap_err().code, "order_over");
    assert!(until(1, NOW.plus_ms(1)).is_ok());
}

#[test]
fn requests_from_before_there_were_orders_still_read() {
    let old = serde_json::to_string(&app()).unwrap();
    assert!(!old.contains("under") && !old.contains("\"own\""), "what officers ask for is written as before");
    assert_eq!(serde_json::from_str::<Application>(&serde_json::to_string(&own()).unwrap()).unwrap(), own());
    assert_eq!(serde_json::from_str::<Application>(&old).unwrap(), app());
    let whole = under(NOW);
    assert_eq!(serde_json::from_str::<Application>(&serde_json::to_string(&whole).unwrap()).unwrap(), whole);
    for ground in [Basis::OwnRight, Basis::BurdenOfProof, Basis::LifeHealthProperty] {
        assert_eq!(Basis::parse(ground.code()), None, "no officer chooses it");
        assert_eq!(serde_json::to_string(&ground).unwrap().trim_matches('"'), ground.code());
    }
}
