//! Incidents: each signal counts once, what happens to an incident happens once, reports wait until their receipt.

use crate::world::{PATIENCE, T0, World, account, assert_clean, camera, random};
use base::{AccountId, CameraId, ClauseId, Refusal, UtcMs};
use domain::alarm::{
    Change, Class, Decision, Event, EvidenceKind, IntakeRules, Principle, Protocol, Report, Signal, SourceName, Stage,
    Trouble, Verdict, What,
};
use domain::alarm::{EXHIBIT_VERSION, Exhibit, ExhibitKind};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;
use store::alarm_sources::{AlarmSource, Zone};
use store::incidents::{
    CONFIRMED, ExhibitRow, IncidentFilter, IncidentRow, Intake, POLICE, TakenIn, TestWindow, UPPER, report_of,
};
use store::journal::Position;
use store::logbook::ActFilter;
use store::{Store, StoreConfig};

fn law() -> Result<Vec<ClauseId>, Refusal> {
    Ok(vec![ClauseId::new("B-21-2")])
}

fn signal(event: Event, zone: u32, at_ms: i64) -> Signal {
    Signal {
        received: T0.plus_ms(at_ms),
        said: None,
        source: SourceName::dc09("1234"),
        protocol: Protocol::Dc09Cid,
        code: "1130".into(),
        event,
        area: 1,
        zone,
        text: "后门".into(),
        repeat_key: [7; 16],
    }
}

pub fn burglary(zone: u32, at_ms: i64) -> Signal {
    signal(Event::Alarm(Class::Burglary), zone, at_ms)
}

fn numbered(first: u64, signals: Vec<Signal>) -> Vec<(Position, Signal)> {
    (first..).map(Position).zip(signals).collect()
}

pub async fn take_in(store: &Store, first: u64, signals: Vec<Signal>) -> TakenIn {
    let batch = numbered(first, signals);
    let next = Position(first + batch.len() as u64);
    take_in_batch(store, &batch, next).await
}

async fn take_in_batch(store: &Store, batch: &[(Position, Signal)], next: Position) -> TakenIn {
    let law = law();
    let now = batch.last().map_or(T0, |(_, s)| s.received);
    let intake = Intake {
        rules: IntakeRules::default(),
        by_hand: &law,
        hold: &law,
        site_name: "示范银行",
        targets: &[POLICE],
        now,
    };
    store.take_in(batch, next, &intake).await.unwrap()
}

pub async fn queue(store: &Store) -> Vec<IncidentRow> {
    store.open_incidents().await.unwrap().0
}

async fn panel(store: &Store, by: AccountId, cameras: &[CameraId]) {
    let source = SourceName::dc09("1234");
    let row = AlarmSource {
        source: source.clone(),
        name: "门厅主机".into(),
        place: "一层".into(),
        key: None,
        supervision_s: None,
        quirks: "{}".into(),
        lost: None,
        created: T0,
        removed: None,
    };
    store.put_alarm_source(&row, by, T0).await.unwrap();
    for (number, camera) in [3_u32, 4].into_iter().zip(cameras) {
        let zone = Zone {
            source: source.clone(),
            number,
            name: format!("防区{number}"),
            place: "后门".into(),
            cameras: vec![*camera],
        };
        store.put_zone(&zone, by, T0).await.unwrap();
    }
}

async fn holds(store: &Store, camera: CameraId) -> Vec<(UtcMs, UtcMs, String)> {
    let all = store.holds_of(camera, UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    all.into_iter().map(|h| (h.from, h.to, h.reason)).collect()
}

pub async fn each_signal_counts_once(world: &World) {
    let store = world.open().await;
    let first = take_in(&store, 0, vec![burglary(3, 0), burglary(4, 10), signal(Event::Opened, 0, 20)]).await;
    assert_eq!((first.signals, first.opened.len(), first.reports), (3, 1, 0));
    // The same again, and a batch that overlaps, as after a crash before the answer was known.
    assert_eq!(take_in(&store, 0, vec![burglary(3, 0), burglary(4, 10)]).await, TakenIn::default());
    let again = take_in(&store, 1, vec![burglary(4, 10), signal(Event::Opened, 0, 20), burglary(5, 30)]).await;
    assert_eq!((again.signals, again.opened.len(), again.joined), (1, 0, 1));
    let open = queue(&store).await;
    let [row] = &open[..] else { panic!("{open:?}") };
    let i = &row.incident;
    assert_eq!((i.signals, i.zones.len(), i.number.as_str(), i.stage()), (3, 3, "2026-0000001", Stage::New));
    let said = store.signals_of(i.id, 10).await.unwrap();
    assert_eq!(
        said.iter().map(|s| (s.n, s.fate.as_str())).collect::<Vec<_>>(),
        [(1, "opens"), (2, "joins"), (4, "joins")]
    );
    assert_eq!(said[0].signal, burglary(3, 0));
    let all = store.signals(None, 10).await.unwrap();
    assert_eq!(all.iter().map(|s| s.n).collect::<Vec<_>>(), [4, 3, 2, 1]);
    assert_eq!(store.signals(Some(3), 1).await.unwrap()[0].n, 2);
    let kinds: Vec<_> = store.acts(&ActFilter::default(), 9).await.unwrap().into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds, ["alarm.opened"]);
    // A batch of nothing new that only moves the cursor over a hole.
    assert_eq!(take_in_batch(&store, &[], Position(9)).await, TakenIn::default());
    assert_eq!(store.journal_cursor(store::incidents::CONSUMER).await.unwrap(), Position(9));
    store.intake_begins_again(T0).await.unwrap();
    assert_eq!(take_in(&store, 0, vec![burglary(3, 40)]).await.joined, 1, "a new journal is all new");
    assert_clean(&store).await;
}

pub async fn several_at_once_stand_side_by_side(world: &World) {
    let store = world.open().await;
    let mut other = burglary(3, 3);
    other.source = SourceName::dc09("9999");
    let batch = vec![
        signal(Event::Trouble(Trouble::Mains), 0, 0),
        burglary(3, 1),
        other,
        signal(Event::Alarm(Class::HoldUp), 9, 5),
        signal(Event::Unknown, 1, 6),
    ];
    assert_eq!(take_in(&store, 0, batch).await.opened.len(), 5);
    let order: Vec<_> =
        queue(&store).await.iter().map(|r| (r.incident.what.code(), r.incident.number.clone())).collect();
    let want = [("hold_up", 4), ("burglary", 2), ("burglary", 3), ("trouble_mains", 1), ("unknown", 5)];
    assert_eq!(order, want.map(|(what, n)| (what, format!("2026-{n:07}"))));
    assert_eq!(store.open_incidents().await.unwrap().1, 5);
}

pub async fn a_hold_up_is_in_the_outbox_with_the_signal(world: &World) {
    let store = world.open().await;
    let taken = take_in(&store, 0, vec![signal(Event::Alarm(Class::HoldUp), 9, 0)]).await;
    assert_eq!(taken.reports, 1);
    let due = store.due_reports(POLICE, T0, 10).await.unwrap();
    let [row] = &due[..] else { panic!("{due:?}") };
    let report: Report = serde_json::from_str(&row.body).unwrap();
    assert_eq!((report.report, report.incident, row.incident), (row.id, taken.opened[0], taken.opened[0]));
    assert!(report.raised_by_hand && report.decision.is_none());
    assert_eq!((report.site_name.as_str(), report.clauses[0].0.as_str()), ("示范银行", "B-21-2"));
    // Pressed again: the same incident, no second report.
    assert_eq!(take_in(&store, 1, vec![signal(Event::Alarm(Class::HoldUp), 9, 900)]).await.reports, 0);
    let i = &queue(&store).await[0].incident;
    assert_eq!((i.stage(), i.signals), (Stage::Reported, 2));
    let kinds: Vec<_> = store.acts(&ActFilter::default(), 9).await.unwrap().into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds, ["alarm.reported", "alarm.opened"]);
}

pub async fn what_the_law_refuses_stays_here_and_is_logged(world: &World) {
    let store = world.open().await;
    let no = Err(Refusal::not_found("依据", "ground"));
    let intake =
        Intake { rules: IntakeRules::default(), by_hand: &no, hold: &no, site_name: "", targets: &[POLICE], now: T0 };
    let batch = numbered(0, vec![signal(Event::Alarm(Class::Duress), 9, 0), signal(Event::Alarm(Class::Duress), 9, 1)]);
    assert_eq!(store.take_in(&batch, Position(2), &intake).await.unwrap().reports, 0);
    assert!(store.due_reports(POLICE, T0, 10).await.unwrap().is_empty());
    let refused = async || store.acts(&ActFilter { refused: true, ..ActFilter::default() }, 9).await.unwrap();
    assert_eq!(refused().await.len(), 1, "no camera shows it: there is nothing to hold");
    // Nor is its footage held without leave.
    let (by, id) = (account(&store, "duty").await, camera(&store).await);
    panel(&store, by, &[id]).await;
    let elsewhere = Signal { area: 2, ..burglary(3, 900_000) };
    let batch = [(Position(2), elsewhere)];
    store.take_in(&batch, Position(3), &intake).await.unwrap();
    assert!(holds(&store, id).await.is_empty());
    assert_eq!(refused().await.len(), 2);
}

fn real(by: AccountId) -> Vec<Change> {
    let decision = Decision { verdict: Verdict::Real, reason: String::new(), by, at: T0 };
    vec![Change::Verified(decision), Change::Reported { clauses: vec![ClauseId::new("B-21-2")] }]
}

pub async fn two_who_decide_on_the_same_state_do_not_both_win(world: &World) {
    let store = world.open().await;
    let by = account(&store, "duty").await;
    take_in(&store, 0, vec![burglary(3, 0)]).await;
    let row = queue(&store).await.remove(0);
    let report = report_of(&row.incident, &[], &[], (store.site(), "示范银行"), T0).unwrap();
    let tries = (0..8).map(|_| {
        let (store, row, report) = (store.clone(), row.clone(), report.clone());
        tokio::spawn(async move {
            let report = Report { report: base::ReportId::new(T0.0, random()), ..report };
            store.change_incident(&row, &real(by), &[(POLICE, report)], T0).await.unwrap()
        })
    });
    let mut won = 0;
    for one in tries.collect::<Vec<_>>() {
        won += usize::from(one.await.unwrap());
    }
    assert_eq!(won, 1);
    assert_eq!(store.due_reports(POLICE, T0, 10).await.unwrap().len(), 1, "reported exactly once");
    let after = store.incident(row.incident.id).await.unwrap().unwrap();
    assert_eq!((after.rev, after.incident.stage()), (2, Stage::Reported));
    assert_clean(&store).await;
}

pub async fn a_report_waits_for_its_receipt_for_ever(world: &World) {
    let store = world.open().await;
    take_in(&store, 0, vec![signal(Event::Alarm(Class::HoldUp), 9, 0)]).await;
    let mut now = T0;
    for tries in 1..=12 {
        let due = store.due_reports(POLICE, now, 10).await.unwrap();
        assert_eq!(due.len(), 1, "try {tries}");
        store.report_tried(&due[0], &"无应答".repeat(200), now).await.unwrap();
        assert!(store.due_reports(POLICE, now, 10).await.unwrap().is_empty(), "it waits");
        now = now.plus_ms(60_000);
    }
    let row = store.due_reports(POLICE, now, 10).await.unwrap().remove(0);
    assert_eq!((row.attempts, row.error.chars().count()), (12, 200));
    assert!(store.due_reports("upper", now, 10).await.unwrap().is_empty(), "another target's");
    assert!(store.report_receipted(row.id, "JQ2026-7", now).await.unwrap());
    assert!(!store.report_receipted(row.id, "JQ2026-8", now).await.unwrap(), "the first receipt counts");
    store.report_tried(&row, "spät", now).await.unwrap();
    assert!(store.due_reports(POLICE, now.plus_ms(1_000_000), 10).await.unwrap().is_empty());
    let i = store.incident(row.incident).await.unwrap().unwrap().incident;
    assert_eq!(i.receipt.map(|r| r.number).as_deref(), Some("JQ2026-7"));
    let sent = store.reports_of(row.incident).await.unwrap();
    assert_eq!((sent[0].receipt.as_deref(), sent[0].receipted), (Some("JQ2026-7"), Some(now)));
    let unknown = base::ReportId::new(0, random());
    assert!(!store.report_receipted(unknown, "x", now).await.unwrap());
}

fn hold_up(zone: u32, at_ms: i64) -> Signal {
    signal(Event::Alarm(Class::HoldUp), zone, at_ms)
}

fn exhibit_of(row: &ExhibitRow) -> Exhibit {
    Exhibit {
        version: EXHIBIT_VERSION,
        report: row.report,
        incident: row.incident,
        number: "2026-0000001".into(),
        camera: row.camera,
        camera_name: "后门".into(),
        kind: row.kind,
        from: T0,
        to: T0,
        bytes: 3,
        sha256: Some(base::Sha256::of(b"abc")),
        absent: None,
        clauses: vec![ClauseId::new("B-21-2")],
    }
}

pub async fn pictures_come_before_clips_and_after_their_report(world: &World) {
    let store = world.open().await;
    let by = account(&store, "duty").await;
    let (one, two) = (camera(&store).await, camera(&store).await);
    panel(&store, by, &[one, two]).await;
    take_in(&store, 0, vec![hold_up(3, 0)]).await;
    let far = T0.plus_ms(600_000);
    assert_eq!(store.due_exhibit(far).await.unwrap(), None, "nothing before the report is received");
    let report = store.due_reports(POLICE, T0, 10).await.unwrap().remove(0);
    store.report_receipted(report.id, "1", T0).await.unwrap();
    let picture = store.due_exhibit(T0).await.unwrap().expect("the picture at once");
    assert_eq!((picture.kind, picture.camera, picture.received), (ExhibitKind::Picture, one, false));
    store.exhibit_waits(&picture, "", T0).await.unwrap();
    assert_eq!(store.due_exhibit(T0).await.unwrap(), None, "the clip has to be recorded first");
    let due = store.due_exhibit(T0.plus_ms(32_000)).await.unwrap().expect("both are due, the picture first");
    assert_eq!((due.kind, due.attempts), (ExhibitKind::Picture, 0));
    // Entry and register stand before anything is sent, and again only when it is something else.
    store.exhibit_made("m-1", &exhibit_of(&due), T0).await.unwrap();
    let made = store.due_exhibit(far).await.unwrap().unwrap();
    assert_eq!((made.id.as_deref(), Exhibit::parse(made.body.as_bytes())), (Some("m-1"), Some(exhibit_of(&due))));
    store.exhibit_received(&made, b"receipt", T0).await.unwrap();
    let clip = store.due_exhibit(far).await.unwrap().unwrap();
    assert_eq!(clip.kind, ExhibitKind::Clip);
    store.exhibit_waits(&clip, "no answer", far).await.unwrap();
    assert_eq!(store.due_exhibit(far).await.unwrap(), None);
    assert_eq!(store.due_exhibit(far.plus_ms(1_000)).await.unwrap().map(|e| e.attempts), Some(1));
    let none = Exhibit { bytes: 0, sha256: None, absent: Some("disk_error".into()), ..exhibit_of(&clip) };
    store.exhibit_made("m-2", &none, far).await.unwrap();
    store.exhibit_received(&clip, b"receipt", far).await.unwrap();
    let all = store.exhibits_of(report.incident).await.unwrap();
    assert!(all.len() == 2 && all.iter().all(|e| e.received && e.ended.is_some()), "{all:?}");
    let kinds: Vec<_> = store.acts(&ActFilter::default(), 9).await.unwrap().into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds.iter().filter(|k| *k == "alarm.exhibit").count(), 2);
    let register = store.register_lines(None, 10).await.unwrap();
    let lines: Vec<_> = register.iter().filter(|l| l.what == "reported").collect();
    assert!(
        lines.len() == 1 && lines[0].camera == Some(one) && lines[0].request.is_none(),
        "what is absent is not given"
    );
    assert_clean(&store).await;
}

pub async fn an_upper_platform_is_told_once_and_the_incident_says_so(world: &World) {
    let store = world.open().await;
    let (law, upper) = (law(), format!("{UPPER}x"));
    let targets = [POLICE, upper.as_str()];
    let batch = numbered(0, vec![hold_up(3, 0)]);
    let intake = Intake {
        rules: IntakeRules::default(),
        by_hand: &law,
        hold: &law,
        site_name: "示范银行",
        targets: &targets,
        now: T0,
    };
    assert_eq!(store.take_in(&batch, Position(1), &intake).await.unwrap().reports, 2);
    let row = store.due_reports(&upper, T0, 10).await.unwrap().remove(0);
    assert!(store.exhibits_of(row.incident).await.unwrap().is_empty(), "no camera is linked");
    assert!(store.report_receipted(row.id, CONFIRMED, T0.plus_ms(5)).await.unwrap());
    assert!(!store.report_receipted(row.id, CONFIRMED, T0.plus_ms(9)).await.unwrap(), "once");
    let i = store.incident(row.incident).await.unwrap().unwrap().incident;
    assert_eq!((i.upper_told, i.receipt), (Some(T0.plus_ms(5)), None), "the receipt is the police's own line's");
    let kinds: Vec<_> = store.acts(&ActFilter::default(), 9).await.unwrap().into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds.iter().filter(|k| *k == "alarm.upper_told").count(), 1);
    assert_clean(&store).await;
}

/// A day without the police's server, by the clock that is handed in: 24 hold-ups, one an hour; every try fails as the sender's do.
pub async fn the_police_away_for_a_day_lose_nothing_and_hear_everything_once(world: &World) {
    const HOUR: i64 = 3_600_000;
    let store = world.open().await;
    let by = account(&store, "duty").await;
    let one = camera(&store).await;
    panel(&store, by, &[one]).await;
    let mut tries = 0_i64;
    for hour in 0..24 {
        let mut signal = hold_up(3, hour * HOUR);
        signal.source = SourceName::dc09(if hour % 2 == 0 { "1234" } else { "5678" });
        signal.area = u32::try_from(hour).unwrap();
        take_in(&store, u64::try_from(hour).unwrap(), vec![signal]).await;
        // The sender looks every ten minutes here.
        for look in 0..6 {
            let now = T0.plus_ms(hour * HOUR + look * 600_000);
            for row in store.due_reports(POLICE, now, 50).await.unwrap() {
                store.report_tried(&row, "no route", now).await.unwrap();
                tries += 1;
            }
        }
    }
    let back = T0.plus_ms(24 * HOUR);
    assert_eq!(tries, 6 * (1..=24).sum::<i64>(), "never given up");
    assert_eq!(store.due_exhibit(back).await.unwrap(), None, "no clip before its report");
    let waiting = store.waiting_reports(POLICE).await.unwrap();
    assert_eq!((waiting.reports, waiting.since, waiting.exhibits), (24, Some(T0), 24));
    // Back: in order, each once, also when the answer to every third is lost after it was received.
    let mut heard = Vec::new();
    for round in 0..3 {
        let now = back.plus_ms(round * 61_000);
        for (n, row) in store.due_reports(POLICE, now, 50).await.unwrap().into_iter().enumerate() {
            heard.push(row.id);
            if round == 0 && n % 3 == 0 {
                store.report_tried(&row, "answer lost", now).await.unwrap();
            } else {
                assert!(store.report_receipted(row.id, &format!("JQ-{}", row.id), now).await.unwrap());
            }
        }
    }
    let first = &heard[..24];
    assert!(first.windows(2).all(|w| w[0] < w[1]), "the oldest first");
    assert_eq!(heard.iter().collect::<BTreeSet<_>>().len(), 24, "an id is one report however often it is sent");
    let waiting = store.waiting_reports(POLICE).await.unwrap();
    assert_eq!((waiting.reports, waiting.since), (0, None));
    // A new hold-up is due before the clips of yesterday, which wait with their pictures first.
    take_in(
        &store,
        24,
        vec![{
            let mut signal = hold_up(4, 25 * HOUR);
            signal.area = 99;
            signal
        }],
    )
    .await;
    let now = T0.plus_ms(25 * HOUR);
    assert_eq!(store.due_reports(POLICE, now, 50).await.unwrap().len(), 1);
    assert_eq!(store.due_exhibit(now).await.unwrap().map(|e| e.kind), Some(ExhibitKind::Picture));
    assert_clean(&store).await;
}

pub async fn footage_is_held_from_the_first_signal(world: &World) {
    let store = world.open().await;
    let by = account(&store, "duty").await;
    let (one, two) = (camera(&store).await, camera(&store).await);
    panel(&store, by, &[one, two]).await;
    take_in(&store, 0, vec![burglary(3, 0)]).await;
    let clip = (T0.plus_ms(-10_000), T0.plus_ms(30_000), "alarm 2026-0000001".to_owned());
    assert_eq!(holds(&store, one).await, std::slice::from_ref(&clip));
    assert!(holds(&store, two).await.is_empty());
    take_in(&store, 1, vec![burglary(4, 500), burglary(3, 600)]).await;
    assert_eq!((holds(&store, one).await.len(), holds(&store, two).await), (1, vec![clip]));
    // What was not real is kept its term, no longer.
    let row = queue(&store).await.remove(0);
    let decision = Decision { verdict: Verdict::False, reason: "猫".into(), by, at: T0 };
    let changes = [Change::Verified(decision), Change::Closed { by }];
    assert!(store.change_incident(&row, &changes, &[], T0.plus_ms(900)).await.unwrap());
    assert!(holds(&store, one).await.is_empty() && holds(&store, two).await.is_empty());
    assert!(queue(&store).await.is_empty());
    // A trouble of the system holds nothing.
    take_in(&store, 3, vec![signal(Event::Trouble(Trouble::Detector), 3, 1_000)]).await;
    assert!(holds(&store, one).await.is_empty());
}

pub async fn a_gb_channel_that_alarms_is_its_own_camera(world: &World) {
    let store = world.open().await;
    let by = account(&store, "duty").await;
    let id = "34020000001320000001";
    let mut row = crate::world::camera_row(1);
    row.source = store::cameras::Source::Gb28181 {
        device: "34020000001110000001".into(),
        channel: id.into(),
        transport: store::cameras::GbTransport::Udp,
    };
    store.put_camera(&row, &[], by, T0).await.unwrap();
    let mut s = signal(Event::Alarm(Class::Video), 0, 0);
    s.source = SourceName::gb28181(id);
    take_in(&store, 0, vec![s.clone()]).await;
    assert_eq!(holds(&store, row.id).await.len(), 1);
    let facts = store.zone_facts(&s.source).await.unwrap();
    assert_eq!((facts[0].name.as_str(), &facts[0].cameras[..]), (row.name.as_str(), &[row.id][..]));
    assert!(store.zone_facts(&SourceName::stored("gb:%")).await.unwrap().is_empty());
}

pub async fn rules_add_their_evidence(world: &World) {
    let store = world.open().await;
    let by = account(&store, "duty").await;
    let (one, two) = (camera(&store).await, camera(&store).await);
    panel(&store, by, &[one, two]).await;
    let source = SourceName::dc09("1234");
    let many: Vec<u32> = (4..100).collect();
    store.put_detector(&source, 3, Some(Principle::Infrared), &many, by, T0).await.unwrap();
    store.put_detector(&source, 4, Some(Principle::Glass), &[], by, T0).await.unwrap();
    store.put_detector(&source, 4, Some(Principle::Vibration), &[3], by, T0).await.unwrap();
    let facts = store.zone_facts(&source).await.unwrap();
    assert_eq!(facts.iter().map(|z| (z.zone, z.neighbours.len())).collect::<Vec<_>>(), [(3, 32), (4, 1)]);
    take_in(&store, 0, vec![burglary(3, 0)]).await;
    assert!(queue(&store).await[0].incident.evidence.is_empty());
    take_in(&store, 1, vec![burglary(4, 800), burglary(3, 900)]).await;
    take_in(&store, 3, vec![burglary(4, 950)]).await;
    let found: Vec<_> = queue(&store).await[0].incident.evidence.iter().map(|e| (e.kind, e.by)).collect();
    assert_eq!(found, [(EvidenceKind::TwoZones, None), (EvidenceKind::TwoPrinciples, None)]);
}

pub async fn what_is_on_test_is_only_kept(world: &World) {
    let store = world.open().await;
    let by = account(&store, "manager").await;
    let window = |zone, from, to| TestWindow {
        id: 0,
        source: SourceName::dc09("1234"),
        zone,
        from: T0.plus_ms(from),
        to: T0.plus_ms(to),
        reason: "季度测试".into(),
        by,
    };
    store.add_test_window(&window(Some(3), 0, 1_000), &[], T0).await.unwrap();
    let taken = take_in(&store, 0, vec![burglary(3, 500), burglary(4, 500)]).await;
    assert_eq!((taken.signals, taken.opened.len()), (2, 1), "the other zone is not on test");
    let fates: Vec<_> = store.signals(None, 9).await.unwrap().into_iter().map(|s| s.fate).collect();
    assert_eq!(fates, ["opens", "on_test"]);
    store.add_test_window(&window(None, 2_000, 9_000), &[], T0).await.unwrap();
    let hold_up = signal(Event::Alarm(Class::HoldUp), 9, 3_000);
    assert!(take_in(&store, 2, vec![hold_up]).await.opened.is_empty());
    let windows = store.test_windows(T0.plus_ms(2_500)).await.unwrap();
    assert_eq!(windows.iter().map(|w| (w.id, w.zone)).collect::<Vec<_>>(), [(2, None)]);
    assert!(store.end_test_window(2, &[], by, T0.plus_ms(4_000)).await.unwrap());
    assert!(!store.end_test_window(2, &[], by, T0.plus_ms(4_001)).await.unwrap());
    let after = signal(Event::Alarm(Class::HoldUp), 9, 4_000);
    assert_eq!(take_in(&store, 3, vec![after]).await.reports, 1, "a window that ended early has ended");
    assert_clean(&store).await;
}

pub async fn a_runaway_source_is_gathered_and_every_signal_kept(world: &World) {
    let store = world.open().await;
    let flood: Vec<_> = (0..300_u32)
        .map(|n| Signal { area: n, ..burglary(n, i64::from(n) * 10) })
        .chain([signal(Event::Alarm(Class::HoldUp), 9, 4_000)])
        .collect();
    let mut opened = 0;
    for (n, part) in flood.chunks(40).enumerate() {
        opened += take_in(&store, n as u64 * 40, part.to_vec()).await.opened.len();
    }
    let limit = IntakeRules::default().runaway_incidents as usize;
    assert_eq!(opened, limit + 2, "those before, the runaway incident and the hold-up");
    let open = queue(&store).await;
    assert_eq!(open[0].incident.what, What::Alarm(Class::HoldUp));
    let counted: u32 = open.iter().map(|r| r.incident.signals).sum();
    assert_eq!(counted, 301);
    assert_eq!(store.signals(None, 1_000).await.unwrap().len(), 301);
    let runaway = open.iter().find(|r| r.incident.what == What::Runaway).expect("gathered");
    assert_eq!(store.signals_of(runaway.incident.id, 50).await.unwrap().len(), 50, "the newest ones, up to a limit");
}

pub async fn history_is_searched_and_paged(world: &World) {
    let store = world.open().await;
    let by = account(&store, "duty").await;
    for n in 0..25_u64 {
        let mut s = burglary(3, n as i64 / 2 * 1_000_000);
        s.area = n as u32;
        s.source = SourceName::dc09(if n % 5 == 0 { "AAAA" } else { "1234" });
        take_in(&store, n, vec![s]).await;
    }
    let rows = store.incidents(&IncidentFilter::default(), 100).await.unwrap();
    for (n, row) in rows.iter().enumerate().take(10) {
        let verdict = if n % 2 == 0 { Verdict::False } else { Verdict::Test };
        let decision = Decision { verdict, reason: "查".into(), by, at: T0 };
        store.change_incident(row, &[Change::Verified(decision)], &[], T0).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut filter = IncidentFilter::default();
    loop {
        let part = store.incidents(&filter, 4).await.unwrap();
        let Some(last) = part.last() else { break };
        filter.after = Some((last.incident.opened, last.incident.id));
        seen.extend(part.into_iter().map(|r| (r.incident.opened, r.incident.id)));
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 25, "nothing twice, two at one instant both");
    assert!(seen.is_sorted_by(|a, b| a > b));
    let count = async |f: IncidentFilter| store.incidents(&f, 100).await.unwrap().len();
    let all = IncidentFilter::default;
    assert_eq!(count(IncidentFilter { source: Some(SourceName::dc09("AAAA")), ..all() }).await, 5);
    assert_eq!(count(IncidentFilter { stage: Some(Stage::Verified), ..all() }).await, 10);
    assert_eq!(count(IncidentFilter { verdict: Some(Verdict::False), ..all() }).await, 5);
    assert_eq!(count(IncidentFilter { what: Some(What::Alarm(Class::Fire)), ..all() }).await, 0);
    let (from, to) = (Some(T0.plus_ms(1_000_000)), Some(T0.plus_ms(2_000_000)));
    assert_eq!(count(IncidentFilter { from, to, ..all() }).await, 2);
    let zones = store.zone_counts(UtcMs(0), UtcMs(i64::MAX), 10).await.unwrap();
    let sums = zones.iter().fold((0, 0, 0), |s, z| (s.0 + z.incidents, s.1 + z.false_, s.2 + z.other));
    assert_eq!((zones.len(), sums), (2, (25, 5, 5)));
    assert!(zones[0].false_ >= zones[1].false_);
}

pub async fn a_signal_that_was_changed_later_is_found(world: &World) {
    let store = world.open().await;
    take_in(&store, 0, vec![burglary(3, 0), burglary(4, 10)]).await;
    assert_clean(&store).await;
    world.tamper("UPDATE alarm_signal SET signal = REPLACE(signal, '1130', '1602') WHERE n = 2").await;
    store.flush_ledger().await.unwrap();
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.faults.iter().any(|f| f.code == "signals_differ"), "{report:?}");
}

// -- kill -9 ----------------------------------------------------------------------------------------------------------------

/// Data folder of the process that is to be killed.
const FOLDER: &str = "JIFANG_TEST_INTAKE_FOLDER";
const ROUNDS: usize = 12;

/// The process that is killed: a burst into the journal, and the consumer beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = Store::open(&StoreConfig { data: folder.into(), ..StoreConfig::default() }, T0).await.expect("opens");
    let eater = store.clone();
    tokio::spawn(async move {
        loop {
            eat(&eater).await;
            tokio::time::sleep(Duration::from_millis(1)).await
        }
    });
    loop {
        let burst: Vec<_> = (0..20_u32)
            .map(|n| {
                let event = if n % 10 == 9 { Event::Alarm(Class::HoldUp) } else { Event::Alarm(Class::Burglary) };
                let repeat_key = random();
                Signal { area: n, repeat_key, ..signal(event, n, 0) }
            })
            .collect();
        let kept = store.journal().append(burst).await.expect("kept");
        let mut out = std::io::stdout().lock();
        for k in kept {
            writeln!(out, "# kept {}", k.at.0).expect("the parent listens");
        }
        out.flush().expect("the parent listens");
    }
}

async fn eat(store: &Store) {
    let cursor = store.journal_cursor(store::incidents::CONSUMER).await.unwrap();
    let read = store.journal().read_from(cursor, 64).await.unwrap();
    if read.next > cursor {
        take_in_batch(store, &read.entries, read.next).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_signal_is_in_incidents_exactly_once_after_kill_9() {
    let world = World::sqlite();
    let mut kept: BTreeSet<u64> = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "incidents::a_burst_until_it_is_killed", "--nocapture"])
            .env(FOLDER, &world.config.data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let (heard, spoke) = tokio::sync::oneshot::channel::<()>();
        let lines = std::thread::spawn(move || {
            let mut heard = Some(heard);
            let mut lines = Vec::new();
            let mut reader = BufReader::new(out);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|n| n > 0) {
                // A line that the kill cut short was not said.
                if let Some(at) = line.strip_prefix("# kept ").and_then(|l| l.strip_suffix('\n')) {
                    lines.push(at.parse::<u64>().unwrap());
                    if let Some(heard) = heard.take() {
                        let _ = heard.send(());
                    }
                }
                line.clear();
            }
            lines
        });
        // Some die while they open the store, most in the burst, however long this machine takes to begin.
        if round % 4 != 0 {
            tokio::time::timeout(PATIENCE, spoke).await.expect("it begins").expect("it lives");
        }
        let [a, b] = random::<2>();
        tokio::time::sleep(Duration::from_millis(u64::from(u16::from_be_bytes([a, b])) % 550)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        kept.extend(lines.join().unwrap());
        let store = world.open().await;
        while store.journal_cursor(store::incidents::CONSUMER).await.unwrap() < store.journal().end() {
            eat(&store).await;
        }
        let end = store.journal().end().0;
        assert!(kept.iter().all(|at| *at < end), "round {round}: acknowledged and gone");
        let all = store.signals(None, u32::MAX).await.unwrap();
        assert_eq!(all.len() as u64, end, "round {round}: each signal of the journal has one row");
        let open = queue(&store).await;
        let counted: u64 = open.iter().map(|r| u64::from(r.incident.signals)).sum();
        assert_eq!(counted, end, "round {round}: and counts once");
        let by_hand = open.iter().filter(|r| r.incident.what.raised_by_hand());
        for row in by_hand {
            let reports = store.reports_of(row.incident.id).await.unwrap();
            assert_eq!(reports.len(), 1, "round {round}: a hold-up is reported exactly once");
        }
        assert_clean(&store).await;
        store.close().await;
    }
    assert!(kept.len() > ROUNDS * 20, "only {} signals were acknowledged", kept.len());
}
