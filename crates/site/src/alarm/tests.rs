//! Alarms on a real site: from the journal to the queue, what people do, the law, limits.

use super::TestForm;
use crate::playback::rig::Rig;
use crate::{Actor, Site};
use base::{ErrorKind, IncidentId, Reading, Refusal};
use domain::access::Role;
use domain::alarm::{
    Class, Command, Event, EvidenceKind, Principle, Protocol, Signal, SourceName, Stage, Step, Verdict,
};
use law::Jurisdiction;
use std::time::{Duration, Instant};
use store::alarm_sources::{AlarmSource, Zone};
use store::incidents::{IncidentFilter, POLICE};

/// Longest wait for something that must come, so that a failing test ends.
const PATIENCE: Duration = Duration::from_secs(60);

struct Case {
    rig: Rig,
    duty: Actor,
    other: Actor,
    manager: Actor,
}

impl Case {
    async fn new(jurisdiction: Jurisdiction) -> Self {
        let rig = Rig::start(jurisdiction).await;
        let duty = rig.person("duty", Role::DutyOfficer).await;
        let other = rig.person("duty2", Role::DutyOfficer).await;
        let manager = rig.person("manager", Role::SecurityManager).await;
        Self { rig, duty, other, manager }
    }

    fn site(&self) -> &Site {
        &self.rig.site
    }

    fn signal(&self, class: Class, zone: u32) -> Signal {
        Signal {
            received: self.site().now().utc,
            said: None,
            source: SourceName::dc09("1234"),
            protocol: Protocol::Dc09Cid,
            code: "1130".into(),
            event: Event::Alarm(class),
            area: 1,
            zone,
            text: String::new(),
            repeat_key: store::keys::random().unwrap(),
        }
    }

    /// Says it through the journal and waits until the queue has it.
    async fn say(&self, class: Class, zone: u32) -> IncidentId {
        let mut queue = self.site().alarms().watch();
        let signal = self.signal(class, zone);
        let at = signal.received;
        self.site().store().journal().append(vec![signal]).await.unwrap();
        let started = Instant::now();
        loop {
            let found =
                self.site().alarms().open().iter().find(|o| o.row.incident.newest >= at).map(|o| o.row.incident.id);
            if let Some(id) = found {
                return id;
            }
            assert!(started.elapsed() < PATIENCE, "the queue never had it");
            let _ = tokio::time::timeout(Duration::from_millis(100), queue.changed()).await;
        }
    }

    async fn does(&self, who: &Actor, id: IncidentId, command: Command) -> Result<Stage, Refusal> {
        self.site().handle_alarm(who, id, &command).await.map(|row| row.incident.stage())
    }

    async fn panel(&self, cameras: Vec<base::CameraId>) {
        let now = self.site().now().utc;
        let source = SourceName::dc09("1234");
        let row = AlarmSource {
            source: source.clone(),
            name: "门厅主机".into(),
            place: "一层".into(),
            key: None,
            supervision_s: None,
            quirks: "{}".into(),
            lost: None,
            created: now,
            removed: None,
        };
        let store = self.site().store();
        store.put_alarm_source(&row, self.manager.id, now).await.unwrap();
        for number in [3, 4] {
            let zone = Zone {
                source: source.clone(),
                number,
                name: format!("后门红外{number}"),
                place: "一层后门".into(),
                cameras: cameras.clone(),
            };
            store.put_zone(&zone, self.manager.id, now).await.unwrap();
        }
    }
}

fn take() -> Command {
    Command::Take { reason: String::new() }
}

fn real() -> Command {
    Command::Verify { verdict: Verdict::Real, reason: String::new() }
}

fn saw() -> Command {
    Command::Find { kind: EvidenceKind::SeenInVideo, note: "两人撬门".into() }
}

#[tokio::test]
async fn a_burglary_is_taken_verified_and_reported_at_once() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let camera = case.rig.camera("后门", case.site().now().utc).await;
    case.panel(vec![camera]).await;
    let id = case.say(Class::Burglary, 3).await;
    let open = case.site().alarms().open()[0].clone();
    assert_eq!((open.source.as_str(), open.place.zh.as_ref()), ("门厅主机", "一层后门 · 后门红外3"));
    assert_eq!(open.cameras, [camera]);
    let (from, to) = open.row.incident.clip();
    assert_eq!(case.site().store().holds_of(camera, from, to).await.unwrap().len(), 1, "its footage is held");
    assert_eq!(case.rig.acts("alarm.opened").await[0].clauses, ["B-4-1"], "under the clause that allows the hold");
    assert_eq!(case.does(&case.duty, id, Command::Show).await.unwrap(), Stage::New);
    assert_eq!(case.does(&case.duty, id, take()).await.unwrap(), Stage::Taken);
    // Reporting it unverified: the law refuses, with the clause, and the log has it.
    let refusal = case.does(&case.duty, id, Command::Report).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "alarm_not_verified"));
    assert_eq!(refusal.why[0].clause.0, "B-21-2");
    assert_eq!(case.rig.acts("act.refused").await[0].clauses, ["B-21-2"]);
    // Calling it real without a ground, and closing it before anybody verified it: the same clause.
    for (n, (command, code)) in
        [(real(), "grounds_required"), (Command::Close, "close_before_verified")].into_iter().enumerate()
    {
        let refusal = case.does(&case.duty, id, command).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, code));
        assert_eq!(refusal.why[0].clause.0, "B-21-2");
        assert_eq!(case.rig.acts("act.refused").await.len(), n + 2);
    }
    assert!(case.rig.acts("alarm.verified").await.is_empty());
    assert!(case.site().store().due_reports(POLICE, case.site().now().utc, 9).await.unwrap().is_empty());
    case.does(&case.duty, id, saw()).await.unwrap();
    assert_eq!(case.does(&case.duty, id, real()).await.unwrap(), Stage::Reported);
    let due = case.site().store().due_reports(POLICE, case.site().now().utc, 9).await.unwrap();
    let [row] = &due[..] else { panic!("{due:?}") };
    let report: domain::alarm::Report = serde_json::from_str(&row.body).unwrap();
    assert_eq!(report.decision.map(|d| (d.verdict, d.by)), Some((Verdict::Real, case.duty.id)));
    assert_eq!((report.site_name.as_str(), report.zones[0].name.as_str()), ("示范银行", "后门红外3"));
    assert_eq!((report.clauses[0].0.as_str(), report.cameras.len()), ("B-21-2", 1));
    assert_eq!(case.does(&case.duty, id, Command::Close).await.unwrap_err().code, "no_receipt");
    let now = case.site().now().utc;
    assert!(case.site().store().report_receipted(row.id, "JQ-1", now).await.unwrap());
    assert_eq!(case.does(&case.duty, id, Command::Close).await.unwrap(), Stage::Closed);
    assert!(case.site().alarms().open().is_empty());
    assert_eq!(case.rig.acts("alarm.verified").await[0].clauses, ["B-4-1"]);
    assert_eq!(case.rig.acts("alarm.reported").await[0].clauses, ["B-21-2"]);
    assert_eq!(case.rig.acts("alarm.closed").await[0].clauses, ["B-4-1"]);
    let kinds: Vec<_> = case.rig.acts("alarm.").await.into_iter().rev().map(|a| a.kind).collect();
    let want = ["opened", "shown", "taken", "evidence", "verified", "reported", "receipted", "closed"];
    let kinds: Vec<_> = kinds.iter().filter_map(|k| k.strip_prefix("alarm.")).collect();
    assert!(kinds == want || kinds.iter().rev().copied().collect::<Vec<_>>() == want, "{kinds:?}");
    let whole = case.site().alarm(&case.duty, id).await.unwrap();
    assert_eq!((whole.signals.len(), whole.reports.len()), (1, 1));
}

#[tokio::test]
async fn a_hold_up_is_in_the_outbox_before_anybody_looks() {
    for (jurisdiction, clause) in [(Jurisdiction::Heilongjiang, "B-21-2"), (Jurisdiction::Liaoning, "A-20-1")] {
        let case = Case::new(jurisdiction).await;
        let id = case.say(Class::HoldUp, 9).await;
        let due = case.site().store().due_reports(POLICE, case.site().now().utc, 9).await.unwrap();
        let report: domain::alarm::Report = serde_json::from_str(&due[0].body).unwrap();
        assert_eq!((report.incident, report.clauses[0].0.as_str()), (id, clause));
        assert!(report.raised_by_hand && report.decision.is_none());
        let asked =
            case.site().ask(law::Act::ReportAlarm(law::AlarmReport { verified_real: false, raised_by_hand: true }));
        assert!(
            asked.allow && asked.deciding.iter().all(|c| c.reading != Reading::Literal),
            "never called the text's own words"
        );
    }
}

#[tokio::test]
async fn what_was_not_real_is_closed_and_its_footage_released_under_the_clauses_of_both() {
    for (jurisdiction, close) in
        [(Jurisdiction::Liaoning, &["A-4-1", "A-23-4"][..]), (Jurisdiction::Heilongjiang, &["B-4-1"][..])]
    {
        let case = Case::new(jurisdiction).await;
        let camera = case.rig.camera("后门", case.site().now().utc).await;
        case.panel(vec![camera]).await;
        let id = case.say(Class::HoldUp, 3).await;
        let (from, to) = case.site().alarms().open()[0].row.incident.clip();
        let held = || async { case.site().store().holds_of(camera, from, to).await.unwrap().len() };
        case.does(&case.duty, id, take()).await.unwrap();
        let off = || Command::Verify { verdict: Verdict::False, reason: "误碰".into() };
        let refusal = case.does(&case.duty, id, off()).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "grounds_required"));
        assert!(refusal.why.iter().any(|c| c.clause.0 == "B-21-2"), "the clause, or the one it is borrowed from");
        case.does(&case.duty, id, Command::Find { kind: EvidenceKind::UserDenies, note: String::new() }).await.unwrap();
        case.does(&case.duty, id, off()).await.unwrap();
        case.does(&case.duty, id, Command::Receipt { number: "JQ-9".into() }).await.unwrap();
        assert_eq!(held().await, 1);
        case.does(&case.duty, id, Command::Close).await.unwrap();
        assert_eq!(held().await, 0);
        assert_eq!(case.rig.acts("alarm.closed").await[0].clauses, close);
    }
}

#[tokio::test]
async fn one_person_has_it_and_another_takes_it_over_with_a_reason() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let id = case.say(Class::Burglary, 3).await;
    // Two tabs at once: one of the two has it, the other is told.
    let (a, b) = tokio::join!(case.does(&case.duty, id, take()), case.does(&case.other, id, take()));
    let lost = match (a, b) {
        (Ok(_), Err(refusal)) | (Err(refusal), Ok(_)) => refusal,
        both => panic!("{both:?}"),
    };
    assert_eq!(lost.code, "take_over_reason");
    let holder = case.site().store().incident(id).await.unwrap().unwrap().incident.taken.unwrap().by;
    let (has, wants) = if holder == case.duty.id { (&case.duty, &case.other) } else { (&case.other, &case.duty) };
    assert_eq!(case.does(wants, id, saw()).await.unwrap_err().code, "taken_by_other");
    case.does(wants, id, Command::Take { reason: "交接班".into() }).await.unwrap();
    assert_eq!(case.does(has, id, saw()).await.unwrap_err().code, "taken_by_other");
    // Two tabs of one person: both succeed, it happens once.
    case.does(wants, id, saw()).await.unwrap();
    let (a, b) = tokio::join!(case.does(wants, id, real()), case.does(wants, id, real()));
    assert!(a.is_ok() || b.is_ok());
    let due = case.site().store().due_reports(POLICE, case.site().now().utc, 9).await.unwrap();
    assert_eq!(due.len(), 1, "reported exactly once");
}

#[tokio::test]
async fn who_has_no_right_sees_or_does_nothing() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let id = case.say(Class::Burglary, 3).await;
    for role in Role::ALL {
        let person = case.rig.person(role.code(), role).await;
        let sees = matches!(role, Role::DutyOfficer | Role::SecurityManager | Role::Auditor);
        let handles = matches!(role, Role::DutyOfficer | Role::SecurityManager);
        let refused = |r: Result<(), Refusal>| r.is_err_and(|e| e.code == "no_permission");
        assert_eq!(refused(case.site().alarm(&person, id).await.map(drop)), !sees, "{role:?}");
        let history = case.site().alarm_history(&person, &IncidentFilter::default()).await;
        assert_eq!(refused(history.map(drop)), !sees, "{role:?}");
        assert_eq!(
            refused(case.site().handle_alarm(&person, id, &Command::Show).await.map(drop)),
            !handles,
            "{role:?}"
        );
        let form = TestForm { source: "dc09:1234".into(), zone: None, minutes: 5, reason: "测试".into() };
        let manages = role == Role::SecurityManager;
        assert_eq!(refused(case.site().begin_test(&person, &form).await), !manages, "{role:?}");
        assert_eq!(refused(case.site().end_test(&person, 1).await), !manages, "{role:?}");
        let set = case.site().set_detector(&person, &SourceName::dc09("1234"), 3, None, &[]).await;
        assert_eq!(refused(set), !manages, "{role:?}");
    }
    let nowhere = IncidentId::from_bytes([9; 16]);
    assert_eq!(case.does(&case.duty, nowhere, take()).await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_limit_that_passes_is_told_once_and_gone_when_the_step_is_done() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let id = case.say(Class::Burglary, 3).await;
    case.does(&case.duty, id, Command::Show).await.unwrap();
    case.site().clock().advance(91_000);
    let started = Instant::now();
    let late = || case.site().alarms().open().iter().any(super::Open::is_late);
    while !late() {
        assert!(started.elapsed() < PATIENCE, "nobody was told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let notices = case.site().store().notices().await.unwrap();
    assert!(notices.iter().any(|n| n.code == "alarm_overdue" && n.text.zh.contains("接警")), "{notices:?}");
    assert_eq!(case.site().alarms().open()[0].row.incident.passed, [Step::Taken]);
    case.does(&case.duty, id, take()).await.unwrap();
    assert!(!late());
    let started = Instant::now();
    while case.site().store().notices().await.unwrap().iter().any(|n| n.code == "alarm_overdue") {
        assert!(started.elapsed() < PATIENCE, "the notice stays");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(case.rig.acts("alarm.overdue").await.len(), 1, "told once");
}

#[tokio::test]
async fn on_test_nothing_calls_and_history_says_how_zones_do() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    case.panel(vec![]).await;
    let form = TestForm { source: "dc09:1234".into(), zone: Some(4), minutes: 30, reason: "季度测试".into() };
    for bad in [
        TestForm { minutes: 0, ..form.clone() },
        TestForm { minutes: 481, ..form.clone() },
        TestForm { reason: " 测 ".into(), ..form.clone() },
        TestForm { reason: "长".repeat(201), ..form.clone() },
    ] {
        assert_eq!(case.site().begin_test(&case.manager, &bad).await.unwrap_err().code, "test_window");
    }
    let unknown = TestForm { source: "dc09:0000".into(), ..form.clone() };
    assert_eq!(case.site().begin_test(&case.manager, &unknown).await.unwrap_err().kind, ErrorKind::NotFound);
    case.site().begin_test(&case.manager, &form).await.unwrap();
    let begun = case.rig.acts("alarm.test_begun").await;
    let [begun] = &begun[..] else { panic!("{begun:?}") };
    assert!(begun.clauses.iter().any(|c| c == "B-4-1"), "the entry says by which clause: {:?}", begun.clauses);
    let on_test = case.signal(Class::HoldUp, 4);
    case.site().store().journal().append(vec![on_test]).await.unwrap();
    let id = case.say(Class::Burglary, 3).await;
    assert_eq!(case.site().alarms().open().len(), 1);
    case.does(&case.duty, id, take()).await.unwrap();
    case.does(&case.duty, id, Command::Verify { verdict: Verdict::False, reason: "是猫".into() }).await.unwrap();
    let history = case.site().alarm_history(&case.duty, &IncidentFilter::default()).await.unwrap();
    let [(count, name)] = &history.zones[..] else { panic!("{:?}", history.zones) };
    assert_eq!((count.zone, count.incidents, count.false_, name.as_str()), (3, 1, 1, "后门红外3"));
    assert_eq!((history.list.len(), history.more, history.tests.len()), (1, false, 1));
    case.site().end_test(&case.manager, history.tests[0].id).await.unwrap();
    assert_eq!(case.rig.acts("alarm.test_ended").await[0].clauses, ["B-4-1"], "armed again");
    assert_eq!(case.site().end_test(&case.manager, history.tests[0].id).await.unwrap_err().kind, ErrorKind::NotFound);
    let source = SourceName::dc09("1234");
    case.site().set_detector(&case.manager, &source, 3, Some(Principle::Infrared), &[4]).await.unwrap();
    let nowhere = case.site().set_detector(&case.manager, &source, 77, None, &[]).await;
    assert_eq!(nowhere.unwrap_err().kind, ErrorKind::NotFound);
    let case_id = case.say(Class::Burglary, 3).await;
    assert_ne!(case_id, id, "after a verdict a new look");
    case.say(Class::Burglary, 4).await;
    let evidence = case.site().store().incident(case_id).await.unwrap().unwrap().incident.evidence;
    assert_eq!(evidence.iter().map(|e| e.kind).collect::<Vec<_>>(), [EvidenceKind::TwoZones]);
}
