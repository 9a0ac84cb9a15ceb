//! What holds of intake, decisions, clock and queue.

use super::*;
use base::{AccountId, ClauseId, ErrorKind, IncidentId, Refusal, Text, UtcMs};
use proptest::prelude::*;

const T0: UtcMs = UtcMs(1_795_255_200_000);

fn id(n: u8) -> IncidentId {
    IncidentId::new(T0.0, [n; 10])
}

fn person(n: u8) -> AccountId {
    AccountId::new(T0.0, [n; 10])
}

fn signal(event: Event, area: u32, zone: u32, at_ms: i64) -> Signal {
    Signal {
        received: T0.plus_ms(at_ms),
        said: None,
        source: SourceName::dc09("1000"),
        protocol: Protocol::Dc09Cid,
        code: "1130".into(),
        event,
        area,
        zone,
        text: String::new(),
        repeat_key: [0; 16],
    }
}

fn burglary(at_ms: i64, zone: u32) -> Signal {
    signal(Event::Alarm(Class::Burglary), 1, zone, at_ms)
}

fn incident(what: What) -> Incident {
    let event = match what {
        What::Alarm(class) => Event::Alarm(class),
        What::Trouble(trouble) => Event::Trouble(trouble),
        What::Unknown | What::Runaway => Event::Unknown,
    };
    Incident::open(id(1), "2026-000001".into(), what, &signal(event, 1, 3, 0))
}

fn refused(code: &str) -> Refusal {
    Refusal::new(ErrorKind::Unlawful, code, Text::new("否", "no"), Text::new("下一步", "next"))
}

/// Does what is asked as `by` under B-21-2; the refusal's code otherwise.
fn act(i: &mut Incident, by: u8, command: &Command, at_ms: i64) -> Result<Vec<Change>, String> {
    let law = report_facts(i, command).map(|f| {
        let allowed = f.verified_real || f.raised_by_hand;
        allowed.then(|| vec![ClauseId::new("B-21-2")]).ok_or_else(|| refused("alarm_not_verified"))
    });
    let step = step_act(i, command).map(|act| match act {
        law::Act::VerifyAlarm(v) if !v.grounds_recorded => Err(refused("grounds_required")),
        law::Act::CloseIncident(c) if !c.verified => Err(refused("close_before_verified")),
        law::Act::CloseIncident(c) if !c.reported_if_real => Err(refused("real_incident_not_reported")),
        _ => Ok(vec![ClauseId::new("B-4-1")]),
    });
    let limits = Limits::default();
    let by = (by > 0).then(|| person(by));
    let now = T0.plus_ms(at_ms);
    let facts = Facts { by, law: law.as_ref(), step: step.as_ref(), limits: &limits };
    let changes = decide(i, command, &facts, now).map_err(|r| r.code)?;
    changes.iter().for_each(|c| i.apply(c, now));
    Ok(changes)
}

fn take() -> Command {
    Command::Take { reason: String::new() }
}

fn verify(verdict: Verdict, reason: &str) -> Command {
    Command::Verify { verdict, reason: reason.into() }
}

fn find(kind: EvidenceKind) -> Command {
    Command::Find { kind, note: "门口两人撬锁".into() }
}

fn receipt() -> Command {
    Command::Receipt { number: " JQ-7 ".into() }
}

fn code<T: std::fmt::Debug>(result: Result<T, String>) -> String {
    result.expect_err("refused")
}

#[test]
fn a_burglary_goes_from_signal_to_close() {
    let mut i = incident(What::Alarm(Class::Burglary));
    assert_eq!(i.stage(), Stage::New);
    assert!(matches!(act(&mut i, 1, &Command::Show, 200).as_deref(), Ok([Change::Shown { .. }])));
    assert_eq!(act(&mut i, 2, &Command::Show, 300), Ok(vec![]), "shown once");
    act(&mut i, 1, &take(), 5_000).unwrap();
    assert_eq!((i.stage(), i.calls()), (Stage::Taken, false));
    assert_eq!(code(act(&mut i, 1, &verify(Verdict::Real, ""), 6_000)), "grounds_required");
    act(&mut i, 1, &find(EvidenceKind::SeenInVideo), 7_000).unwrap();
    let done = act(&mut i, 1, &verify(Verdict::Real, ""), 8_000).unwrap();
    assert!(matches!(&done[..], [Change::Verified(_), Change::Reported { clauses }] if clauses[0].0 == "B-21-2"));
    assert_eq!(i.stage(), Stage::Reported);
    assert_eq!(code(act(&mut i, 1, &Command::Close, 9_000)), "no_receipt");
    act(&mut i, 0, &receipt(), 10_000).unwrap();
    assert_eq!(i.receipt.as_ref().map(|r| (r.number.as_str(), r.by)), Some(("JQ-7", None)));
    assert_eq!(act(&mut i, 0, &receipt(), 11_000), Ok(vec![]), "a second receipt changes nothing");
    act(&mut i, 1, &Command::SendGuard, 12_000).unwrap();
    act(&mut i, 1, &Command::GuardArrived, 13_000).unwrap();
    act(&mut i, 1, &Command::Close, 14_000).unwrap();
    assert_eq!(i.stage(), Stage::Closed);
    let clock: Vec<_> = i.clock(&Limits::default()).iter().map(|r| r.at.map(|t| t.since(T0))).collect();
    // No upper platform has it: none is connected.
    let want =
        [Some(0), Some(200), Some(5_000), Some(8_000), Some(8_000), Some(10_000), None, Some(13_000), Some(14_000)];
    assert_eq!(clock, want);
    for command in [take(), find(EvidenceKind::UserConfirms), verify(Verdict::False, "无"), Command::Close] {
        assert_eq!(code(act(&mut i, 1, &command, 15_000)), "incident_closed");
    }
}

#[test]
fn only_who_has_it_acts_and_taking_over_needs_a_reason() {
    let mut i = incident(What::Alarm(Class::Burglary));
    for command in [find(EvidenceKind::UserConfirms), verify(Verdict::False, "没人"), Command::Report, Command::Close]
    {
        assert_eq!(code(act(&mut i, 1, &command, 1)), "not_taken");
    }
    act(&mut i, 1, &take(), 1).unwrap();
    assert_eq!(act(&mut i, 1, &take(), 2), Ok(vec![]), "twice by the same is once");
    assert_eq!(code(act(&mut i, 2, &take(), 3)), "take_over_reason");
    assert_eq!(code(act(&mut i, 2, &verify(Verdict::False, "没人"), 3)), "taken_by_other");
    let over = Command::Take { reason: "交接班".into() };
    assert!(matches!(&act(&mut i, 2, &over, 4).unwrap()[..], [Change::Taken { from: Some(f), .. }] if *f == person(1)));
    assert_eq!(i.taken.map(|t| (t.by, t.first)), Some((person(2), T0.plus_ms(1))), "the clock keeps the first taking");
    assert_eq!(code(act(&mut i, 1, &Command::Close, 5)), "taken_by_other");
    assert_eq!(code(act(&mut i, 0, &take(), 5)), "nobody");
}

#[test]
fn what_the_law_refuses_is_not_reported_and_what_it_was_not_asked_neither() {
    let silent = Ok(vec![ClauseId::new("799-3")]);
    let no = Err(refused("alarm_not_verified"));
    let limits = Limits::default();
    let mut i = incident(What::Alarm(Class::Burglary));
    act(&mut i, 1, &take(), 1).unwrap();
    act(&mut i, 1, &find(EvidenceKind::SeenInVideo), 2).unwrap();
    for (law, want) in [(Some(&no), "alarm_not_verified"), (None, "nobody")] {
        let facts = Facts { by: Some(person(1)), law, step: Some(&silent), limits: &limits };
        for command in [verify(Verdict::Real, ""), Command::Report] {
            assert_eq!(decide(&i, &command, &facts, T0).unwrap_err().code, want);
        }
    }
    assert_eq!(
        report_facts(&i, &Command::Report),
        Some(law::AlarmReport { verified_real: false, raised_by_hand: false })
    );
    assert_eq!(
        report_facts(&i, &verify(Verdict::Real, "")),
        Some(law::AlarmReport { verified_real: true, raised_by_hand: false })
    );
    assert_eq!(report_facts(&i, &verify(Verdict::False, "x")), None);
}

#[test]
fn a_hold_up_is_reported_before_anybody_looks_and_not_called_off_lightly() {
    for class in [Class::HoldUp, Class::Duress] {
        let mut i = incident(What::Alarm(class));
        assert_eq!(i.priority(), Priority::P1);
        let asked = report_facts(&i, &Command::Report).unwrap();
        assert!(asked.raised_by_hand && !asked.verified_real);
        i.apply(&Change::Reported { clauses: vec![] }, T0);
        act(&mut i, 1, &take(), 1).unwrap();
        assert_eq!(code(act(&mut i, 1, &verify(Verdict::False, "误碰"), 2)), "grounds_required");
        act(&mut i, 1, &find(EvidenceKind::UserDenies), 3).unwrap();
        act(&mut i, 1, &verify(Verdict::False, "误碰"), 4).unwrap();
        assert_eq!(code(act(&mut i, 1, &Command::Close, 5)), "no_receipt", "the police were told: they have to know");
        act(&mut i, 1, &receipt(), 6).unwrap();
        act(&mut i, 1, &Command::Close, 7).unwrap();
    }
    let mut i = incident(What::Alarm(Class::HoldUp));
    i.apply(&Change::Reported { clauses: vec![] }, T0);
    act(&mut i, 1, &take(), 1).unwrap();
    let done = act(&mut i, 1, &verify(Verdict::Real, ""), 2).unwrap();
    assert!(matches!(&done[..], [Change::Verified(_)]), "not reported twice: {done:?}");
}

#[test]
fn where_no_clause_asks_for_grounds_the_program_does_and_nothing_is_done_unasked() {
    let limits = Limits::default();
    let silent = Ok(vec![ClauseId::new("799-3")]);
    let by = Some(person(1));
    let free = Facts { by, law: Some(&silent), step: Some(&silent), limits: &limits };
    let unasked = Facts { step: None, ..free };
    let says =
        |i: &Incident, command: &Command, facts: &Facts<'_>| code(decide(i, command, facts, T0).map_err(|r| r.code));
    let mut i = incident(What::Alarm(Class::Burglary));
    act(&mut i, 1, &take(), 1).unwrap();
    assert_eq!(says(&i, &verify(Verdict::Real, ""), &free), "no_ground");
    assert_eq!(says(&i, &Command::Close, &free), "not_verified");
    for command in [verify(Verdict::Real, ""), verify(Verdict::False, "误碰"), Command::Close] {
        assert_eq!(says(&i, &command, &unasked), "nobody", "{command:?}");
    }
    let mut h = incident(What::Alarm(Class::HoldUp));
    act(&mut h, 1, &take(), 1).unwrap();
    assert_eq!(says(&h, &verify(Verdict::False, "误碰"), &free), "hold_up_needs_evidence");
    assert_eq!(step_act(&h, &Command::Report), None);
}

#[test]
fn verdicts_need_their_grounds() {
    let mut i = incident(What::Alarm(Class::Burglary));
    act(&mut i, 1, &take(), 1).unwrap();
    for verdict in [Verdict::False, Verdict::Test, Verdict::Fault] {
        assert_eq!(code(act(&mut i, 1, &verify(verdict, " x "), 2)), "verdict_reason");
    }
    let long = "长".repeat(REASON_CHARS + 1);
    assert_eq!(code(act(&mut i, 1, &verify(Verdict::False, &long), 2)), "text_too_long");
    act(&mut i, 1, &verify(Verdict::False, &"长".repeat(REASON_CHARS)), 2).unwrap();
    assert_eq!(i.stage(), Stage::Verified);
    assert_eq!(code(act(&mut i, 1, &receipt(), 3)), "not_reported");
    // A second look may find that it is real after all, never the other way round.
    act(&mut i, 1, &find(EvidenceKind::GuardConfirms), 3).unwrap();
    act(&mut i, 1, &verify(Verdict::Real, ""), 4).unwrap();
    assert_eq!(code(act(&mut i, 1, &verify(Verdict::False, "其实没有"), 5)), "already_real");
    assert_eq!(code(act(&mut i, 1, &Command::Report, 5)), "already_reported");
    assert_eq!(code(act(&mut i, 1, &Command::Receipt { number: "\u{7} ".into() }, 6)), "receipt_number");

    let mut t = incident(What::Trouble(Trouble::Mains));
    act(&mut t, 1, &take(), 1).unwrap();
    act(&mut t, 1, &find(EvidenceKind::GuardConfirms), 2).unwrap();
    assert_eq!(code(act(&mut t, 1, &verify(Verdict::Real, ""), 3)), "not_an_alarm");
    assert_eq!(code(act(&mut t, 1, &Command::Report, 3)), "not_an_alarm");
    assert_eq!(code(act(&mut t, 1, &Command::Close, 3)), "close_before_verified");
    act(&mut t, 1, &verify(Verdict::Fault, "停电检修"), 4).unwrap();
    act(&mut t, 1, &Command::Close, 5).unwrap();
}

#[test]
fn evidence_by_rule_is_not_entered_and_the_list_has_an_end() {
    let mut i = incident(What::Alarm(Class::Burglary));
    act(&mut i, 1, &take(), 1).unwrap();
    for kind in [EvidenceKind::TwoZones, EvidenceKind::TwoPrinciples] {
        assert_eq!(code(act(&mut i, 1, &find(kind), 2)), "evidence_by_rule");
        assert_eq!(EvidenceKind::parse(kind.code()), None);
    }
    for n in 0..EVIDENCE_ITEMS {
        act(&mut i, 1, &find(EvidenceKind::NothingInVideo), n as i64).unwrap();
    }
    assert_eq!(code(act(&mut i, 1, &find(EvidenceKind::NothingInVideo), 99)), "too_much_evidence");
    assert_eq!(i.evidence.len(), EVIDENCE_ITEMS);
}

#[test]
fn rules_see_adjacent_zones_and_unlike_detectors() {
    let zone = |zone, principle, neighbours: &[u32]| ZoneFacts {
        zone,
        principle,
        neighbours: neighbours.to_vec(),
        ..ZoneFacts::default()
    };
    let zones = [
        zone(3, Some(Principle::Infrared), &[4]),
        zone(4, Some(Principle::Infrared), &[]),
        zone(5, Some(Principle::Glass), &[]),
        zone(6, None, &[]),
    ];
    let mut i = incident(What::Alarm(Class::Burglary));
    assert_eq!(seen_by_rule(&i, &zones), []);
    i.add(&burglary(1_000, 6));
    assert_eq!(seen_by_rule(&i, &zones), [], "what is unknown proves nothing");
    i.add(&burglary(2_000, 3));
    assert_eq!(seen_by_rule(&i, &zones), [], "the same zone twice is one");
    i.add(&burglary(3_000, 4));
    assert_eq!(seen_by_rule(&i, &zones), [EvidenceKind::TwoZones]);
    i.add(&burglary(4_000, 5));
    assert_eq!(seen_by_rule(&i, &zones), [EvidenceKind::TwoZones, EvidenceKind::TwoPrinciples]);
    i.evidence.push(Evidence { kind: EvidenceKind::TwoZones, at: T0, by: None, note: String::new() });
    assert_eq!(seen_by_rule(&i, &zones), [EvidenceKind::TwoPrinciples], "not twice");
    assert_eq!(ground(&i), Some(Ground::Evidence(EvidenceKind::TwoZones)));
    assert_eq!(seen_by_rule(&incident(What::Trouble(Trouble::Mains)), &zones), []);
}

fn around(open: &[Incident]) -> Around<'_> {
    Around { open, on_test: false, opened_lately: 0 }
}

#[test]
fn signals_of_one_kind_and_area_join_within_the_window() {
    let rules = IntakeRules::default();
    let i = incident(What::Alarm(Class::Burglary));
    let open = [i.clone()];
    let fate = |s: &Signal| judge(s, &around(&open), &rules);
    assert_eq!(fate(&burglary(rules.join_ms, 9)), Fate::Joins(i.id));
    assert_eq!(fate(&burglary(rules.join_ms + 1, 9)), Fate::Opens(i.what));
    assert_eq!(fate(&signal(Event::Alarm(Class::Burglary), 2, 9, 1)), Fate::Opens(i.what), "another area");
    assert_eq!(fate(&signal(Event::Alarm(Class::HoldUp), 1, 9, 1)), Fate::Opens(What::Alarm(Class::HoldUp)));
    assert_eq!(fate(&signal(Event::Unknown, 1, 9, 1)), Fate::Opens(What::Unknown), "never dropped");
    for event in [Event::Opened, Event::Closed, Event::Test, Event::Bypassed, Event::Unbypassed] {
        assert_eq!(fate(&signal(event, 1, 9, 1)), Fate::Logged);
    }
    // What says that it is over reaches its incident however late, and never closes it.
    let over = signal(Event::Restored(Class::Burglary), 1, 3, rules.join_ms * 9);
    assert_eq!(fate(&over), Fate::Joins(i.id));
    let mut joined = i.clone();
    joined.add(&over);
    assert_eq!((joined.restored, joined.closed, joined.signals), (Some(over.received), None, 1));
    joined.add(&burglary(rules.join_ms * 9 + 5, 3));
    assert_eq!((joined.restored, joined.signals), (None, 2));
    assert_eq!(fate(&signal(Event::Restored(Class::Fire), 1, 3, 1)), Fate::Logged);
    for area in [0, 1] {
        assert_eq!(fate(&signal(Event::Cancelled, area, 0, 1)), Fate::Joins(i.id));
    }
    assert_eq!(fate(&signal(Event::Cancelled, 2, 0, 1)), Fate::Logged);
}

#[test]
fn what_was_judged_harmless_is_not_joined() {
    let rules = IntakeRules::default();
    for (verdict, joins) in
        [(Verdict::Real, true), (Verdict::False, false), (Verdict::Test, false), (Verdict::Fault, false)]
    {
        let mut i = incident(What::Alarm(Class::Burglary));
        i.decision = Some(Decision { verdict, reason: "x".into(), by: person(1), at: T0 });
        let open = [i];
        let fate = judge(&burglary(1_000, 3), &around(&open), &rules);
        assert_eq!(fate == Fate::Joins(id(1)), joins, "{verdict:?} {fate:?}");
    }
    let mut closed = incident(What::Alarm(Class::Burglary));
    closed.closed = Some(T0);
    let open = [closed];
    assert!(matches!(judge(&burglary(1_000, 3), &around(&open), &rules), Fate::Opens(_)));
}

#[test]
fn what_is_on_test_opens_nothing() {
    let rules = IntakeRules::default();
    let on_test = Around { on_test: true, ..around(&[]) };
    assert_eq!(judge(&burglary(0, 3), &on_test, &rules), Fate::OnTest);
    assert_eq!(judge(&signal(Event::Alarm(Class::HoldUp), 1, 3, 0), &on_test, &rules), Fate::OnTest);
    let open = [incident(What::Alarm(Class::Burglary))];
    let over = signal(Event::Restored(Class::Burglary), 1, 3, 1);
    let on_test = Around { on_test: true, ..around(&open) };
    assert_eq!(judge(&over, &on_test, &rules), Fate::Joins(id(1)), "what says that it is over is heard in a test too");
}

#[test]
fn a_runaway_source_is_gathered_but_a_hold_up_never_waits() {
    let rules = IntakeRules::default();
    let mut open = Vec::new();
    let at = |open: &[Incident], s: &Signal, n| judge(s, &Around { opened_lately: n, ..around(open) }, &rules);
    let s = burglary(0, 3);
    assert!(matches!(at(&open, &s, rules.runaway_incidents - 1), Fate::Opens(What::Alarm(Class::Burglary))));
    assert_eq!(at(&open, &s, rules.runaway_incidents), Fate::Opens(What::Runaway));
    open.push(incident(What::Runaway));
    assert_eq!(at(&open, &s, rules.runaway_incidents), Fate::HeldBack(id(1)));
    let hold_up = signal(Event::Alarm(Class::HoldUp), 1, 3, 0);
    assert_eq!(at(&open, &hold_up, u32::MAX), Fate::Opens(What::Alarm(Class::HoldUp)));
}

#[test]
fn zones_are_named_up_to_a_limit_and_every_signal_counts() {
    let mut i = incident(What::Alarm(Class::Burglary));
    for n in 0..200 {
        i.add(&burglary(i64::from(n), n));
    }
    assert_eq!((i.zones.len(), i.signals), (ZONES, 201));
}

#[test]
fn limits_pass_once_at_their_instant() {
    let limits = Limits::default();
    let mut i = incident(What::Alarm(Class::Burglary));
    let taken_ms = i64::from(limits.taken_s[1]) * 1_000;
    let shown_ms = i64::from(limits.shown_s) * 1_000;
    assert_eq!(act(&mut i, 0, &Command::Tick, shown_ms), Ok(vec![]));
    assert_eq!(act(&mut i, 0, &Command::Tick, shown_ms + 1), Ok(vec![Change::Passed(Step::Shown)]));
    assert_eq!(act(&mut i, 0, &Command::Tick, taken_ms), Ok(vec![]), "told once");
    assert_eq!(act(&mut i, 0, &Command::Tick, taken_ms + 1), Ok(vec![Change::Passed(Step::Taken)]));
    act(&mut i, 1, &take(), taken_ms + 2).unwrap();
    assert!(i.clock_row(Step::Taken, &limits).is_late(T0), "done late stays late");
    act(&mut i, 1, &find(EvidenceKind::UserConfirms), taken_ms + 3).unwrap();
    act(&mut i, 1, &verify(Verdict::Real, ""), taken_ms + 4).unwrap();
    let receipt_ms = taken_ms + 4 + i64::from(limits.receipted_s) * 1_000;
    assert_eq!(act(&mut i, 0, &Command::Tick, receipt_ms), Ok(vec![]));
    assert_eq!(act(&mut i, 0, &Command::Tick, receipt_ms + 1), Ok(vec![Change::Passed(Step::Receipted)]));
    act(&mut i, 1, &Command::SendGuard, receipt_ms + 2).unwrap();
    let guard_ms = receipt_ms + 2 + i64::from(limits.guard_s) * 1_000;
    assert_eq!(act(&mut i, 0, &Command::Tick, guard_ms + 1), Ok(vec![Change::Passed(Step::GuardArrived)]));
    let hold_up = incident(What::Alarm(Class::HoldUp));
    assert_eq!(hold_up.clock_row(Step::Verified, &limits).due, None, "a hold-up waits for no verification");
    assert_eq!(hold_up.clock_row(Step::Reported, &limits).due, Some(T0.plus_ms(i64::from(limits.reported_s) * 1_000)));
}

#[test]
fn the_queue_is_by_priority_then_age() {
    let mut list: Vec<_> = [
        (What::Trouble(Trouble::Mains), 0),
        (What::Alarm(Class::Burglary), 9),
        (What::Alarm(Class::Burglary), 3),
        (What::Alarm(Class::HoldUp), 20),
    ]
    .iter()
    .enumerate()
    .map(|(n, (what, at))| {
        let mut i = incident(*what);
        i.id = id(u8::try_from(n).unwrap());
        i.opened = T0.plus_ms(*at);
        i
    })
    .collect();
    list.sort_by_key(Incident::rank);
    let order: Vec<_> = list.iter().map(|i| i.opened.since(T0)).collect();
    assert_eq!(order, [20, 3, 9, 0]);
}

#[test]
fn tries_double_to_a_minute_and_never_end() {
    let pauses: Vec<_> = (0..=9).map(retry_after_ms).collect();
    assert_eq!(pauses, [1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    assert_eq!(retry_after_ms(u32::MAX), 60_000);
}

#[test]
fn codes_round_trip() {
    for what in What::ALL {
        assert_eq!(What::parse(what.code()), Some(what));
        assert!(!what.name().zh.is_empty() && !what.name().en.is_empty());
    }
    for stage in Stage::ALL {
        assert_eq!(Stage::parse(stage.code()), Some(stage));
    }
    for verdict in Verdict::ALL {
        assert_eq!(Verdict::parse(verdict.code()), Some(verdict));
    }
    for kind in EvidenceKind::BY_HAND {
        assert_eq!(EvidenceKind::parse(kind.code()), Some(kind));
    }
    for principle in Principle::ALL {
        assert_eq!(Principle::parse(principle.code()), Some(principle));
    }
    assert_eq!((What::parse("x"), Stage::parse(""), Verdict::parse("x")), (None, None, None));
}

fn commands() -> impl Strategy<Value = (u8, Command)> {
    let text = prop_oneof![Just(String::new()), Just("交接班，原人员离岗".to_owned())];
    let verdict = proptest::sample::select(&Verdict::ALL[..]);
    let kind = proptest::sample::select(&EvidenceKind::BY_HAND[..]);
    let command = prop_oneof![
        Just(Command::Show),
        text.clone().prop_map(|reason| Command::Take { reason }),
        kind.prop_map(|kind| Command::Find { kind, note: String::new() }),
        (verdict, text).prop_map(|(verdict, reason)| Command::Verify { verdict, reason }),
        Just(Command::Report),
        Just(receipt()),
        Just(Command::SendGuard),
        Just(Command::GuardArrived),
        Just(Command::Close),
        Just(Command::Tick),
    ];
    (0_u8..4, command)
}

proptest! {
    /// Whatever people do in whatever order: reported once and only on a ground, a receipt only after it, closed only by hand
    /// after a verdict, and nothing after that.
    #[test]
    fn no_order_of_acts_breaks_the_rules(
        what in proptest::sample::select(&What::ALL[..]),
        acts in proptest::collection::vec(commands(), 0..40),
    ) {
        let mut i = incident(what);
        let (mut reports, mut closed) = (0, 0);
        for (n, (by, command)) in acts.iter().enumerate() {
            let before = i.clone();
            let Ok(changes) = act(&mut i, *by, command, n as i64 * 1_000) else {
                prop_assert_eq!(&i, &before, "a refusal changes nothing");
                continue;
            };
            for change in &changes {
                prop_assert!(before.closed.is_none(), "{:?} after closing", change);
                prop_assert!(!change.kind().is_empty() && !change.text("1").zh.is_empty());
                match change {
                    Change::Reported { .. } => {
                        reports += 1;
                        prop_assert!(what.concerns_police());
                        prop_assert!(what.raised_by_hand() || ground(&i).is_some());
                    }
                    Change::Receipted(_) => prop_assert!(before.reported.is_some()),
                    Change::Closed { .. } => {
                        closed += 1;
                        prop_assert!(*by > 0 && before.decision.is_some());
                        prop_assert!(before.reported.is_none() || before.receipt.is_some());
                    }
                    Change::Passed(_) => prop_assert!(before.closed.is_none()),
                    _ => prop_assert!(*by > 0),
                }
            }
        }
        prop_assert!(reports <= 1 && closed <= 1);
        prop_assert!(i.verdict() != Some(Verdict::Real) || i.reported.is_some(), "real and not reported");
        let kept: Incident = serde_json::from_str(&serde_json::to_string(&i).unwrap()).unwrap();
        prop_assert_eq!(kept, i);
    }

    /// A signal counts in exactly one way, and what joins goes to an open incident of its own source's list.
    #[test]
    fn every_signal_has_one_fate(
        events in proptest::collection::vec((0_usize..6, 0_u32..3, 0_u32..5, 0_i64..400_000), 0..60),
    ) {
        let kinds = [
            Event::Alarm(Class::Burglary), Event::Alarm(Class::HoldUp), Event::Restored(Class::Burglary),
            Event::Trouble(Trouble::Mains), Event::Cancelled, Event::Test,
        ];
        let rules = IntakeRules::default();
        let mut open: Vec<Incident> = Vec::new();
        let (mut at, mut counted) = (0, 0);
        for (n, (kind, area, zone, later)) in events.iter().enumerate() {
            at += later;
            let s = signal(kinds[*kind], *area, *zone, at);
            let lately = open.iter().filter(|i| s.received.since(i.opened) <= rules.runaway_ms).count();
            let facts = Around { open: &open, on_test: false, opened_lately: lately as u32 };
            match judge(&s, &facts, &rules) {
                Fate::Opens(what) => {
                    counted += 1;
                    open.push(Incident::open(id(n as u8), n.to_string(), what, &s));
                }
                Fate::Joins(of) | Fate::HeldBack(of) => {
                    let i = open.iter_mut().find(|i| i.id == of).expect("an open incident");
                    let before = i.signals;
                    i.add(&s);
                    counted += i.signals - before;
                }
                Fate::Logged => prop_assert!(!matches!(s.event, Event::Alarm(_) | Event::Trouble(_))),
                other => prop_assert!(false, "{:?}", other),
            }
        }
        prop_assert_eq!(open.iter().map(|i| i.signals).sum::<u32>(), counted);
        prop_assert!(open.iter().all(|i| i.closed.is_none()), "nothing closes by itself");
    }
}
