//! Free text of people lies sealed: what is written today, what an earlier release wrote, and what a start that was cut short left.

use crate::backup::earlier_release;
use crate::incidents::{burglary, queue, take_in};
use crate::world::{T0, World, account, assert_clean, random};
use base::{AccountId, ClauseId, IncidentId, ReportId};
use domain::alarm::{
    Change, Class, Decision, Evidence, EvidenceKind, Incident, Report, SourceName, Stage, Verdict, What,
};
use store::Store;
use store::incidents::{IncidentFilter, POLICE, TestWindow, report_of};

/// Nobody else writes these words.
const NOTE: &str = "李大妈在三楼看见红衣人";
const REASON: &str = "王小明承认翻窗";
const TEST: &str = "赵师傅换电池";

fn said(by: AccountId) -> Vec<Change> {
    let evidence = Evidence { kind: EvidenceKind::UserConfirms, at: T0, by: Some(by), note: NOTE.into() };
    let decision = Decision { verdict: Verdict::Real, reason: REASON.into(), by, at: T0 };
    let reported = Change::Reported { clauses: vec![ClauseId::new("B-21-2")] };
    vec![Change::Found(evidence), Change::Verified(decision), reported]
}

fn words(i: &Incident) -> (&str, &str) {
    (&i.evidence[0].note, &i.decision.as_ref().expect("a decision").reason)
}

/// An incident with words of people, reported, and a source on test.
pub async fn reported(store: &Store, by: AccountId) -> (IncidentId, Report) {
    take_in(store, 0, vec![burglary(3, 0)]).await;
    let row = queue(store).await.remove(0);
    let mut after = row.incident.clone();
    said(by).iter().for_each(|c| after.apply(c, T0));
    let report = report_of(&after, &[], &[ClauseId::new("B-21-2")], (store.site(), "示范银行"), T0).unwrap();
    assert!(store.change_incident(&row, &said(by), &[(POLICE, report.clone())], T0).await.unwrap());
    let window = TestWindow {
        id: 0,
        source: SourceName::dc09("77"),
        zone: None,
        from: T0,
        to: T0.plus_ms(60_000),
        reason: TEST.into(),
        by,
    };
    store.add_test_window(&window, &[], T0).await.unwrap();
    (row.incident.id, report)
}

async fn nothing_lies_open(world: &World) {
    for word in [NOTE, REASON, TEST] {
        assert_eq!(world.finds(word).await, None, "`{word}` lies open");
    }
}

pub async fn words_of_people_lie_sealed_and_come_back(world: &World) {
    let store = world.open().await;
    let by = account(&store, "duty").await;
    let (id, report) = reported(&store, by).await;
    let row = store.incident(id).await.unwrap().expect("there");
    assert_eq!((words(&row.incident), row.rev), ((NOTE, REASON), 2));
    assert_eq!(store.incidents(&IncidentFilter::default(), 9).await.unwrap(), [row]);
    let due = store.due_reports(POLICE, T0, 9).await.unwrap();
    let [waits] = &due[..] else { panic!("{due:?}") };
    assert_eq!(waits.body, serde_json::to_string(&report).unwrap(), "byte for byte what is signed");
    assert_eq!(store.test_windows(T0).await.unwrap()[0].reason, TEST);
    assert!(store.report_receipted(report.report, "JQ-1", T0).await.unwrap());
    assert_eq!(store.incident(id).await.unwrap().expect("there").incident.stage(), Stage::Receipted);
    assert_clean(&store).await;
    store.close().await;
    nothing_lies_open(world).await;
    // A value of one column cannot be passed off as one of another.
    world.tamper("UPDATE report_outbox SET body_sealed = (SELECT body_sealed FROM incident LIMIT 1)").await;
    let store = world.open().await;
    assert!(store.reports_of(id).await.is_err());
    store.close().await;
}

/// An incident as a row of an earlier release has it, and the statement that puts it there.
fn old_row(n: usize) -> (Incident, String) {
    let number = format!("2025-{n:07}");
    let what = What::Alarm(Class::Burglary);
    let mut i = Incident::open(IncidentId::new(T0.0, random()), number, what, &burglary(3, n as i64));
    said(AccountId::new(T0.0, random())).iter().for_each(|c| i.apply(c, T0));
    let body = serde_json::to_string(&i).unwrap();
    let sql = format!(
        "INSERT INTO incident (id, number, source, area, what, priority, stage, verdict, opened_ms, newest_ms, closed_ms, body, rev) \
         VALUES ('{}', '{}', '{}', {}, '{}', {}, '{}', 'real', {}, {}, NULL, '{body}', 3);\n",
        i.id,
        i.number,
        i.source.as_str(),
        i.area,
        i.what.code(),
        i.priority().number(),
        i.stage().code(),
        i.opened.0,
        i.newest.0
    );
    (i, sql)
}

pub async fn words_of_an_earlier_release_are_sealed_at_the_start(world: &World) {
    earlier_release(world).await;
    // More than two batches.
    let old: Vec<_> = (1..=450).map(old_row).collect();
    let mut sql: String = old.iter().map(|(_, sql)| sql.as_str()).collect();
    let of = &old[0].0;
    let site = base::SiteId::new(T0.0, random());
    let report = report_of(of, &[], &[], (site, "Fixture Hotel"), T0).unwrap();
    let body = serde_json::to_string(&report).unwrap();
    sql += &format!(
        "INSERT INTO report_outbox (id, incident, target, body, attempts, next_try_ms, error, receipt, receipted_ms, made_ms) \
         VALUES ('{}', '{}', 'police', '{body}', 3, {t}, '', NULL, NULL, {t});\n\
         INSERT INTO test_window (id, source, zone, from_ms, to_ms, reason, account) VALUES (7, 'dc09:77', NULL, {t}, {}, '{TEST}', '{}');\n",
        report.report,
        of.id,
        T0.0 + 60_000,
        AccountId::new(T0.0, random()),
        t = T0.0
    );
    world.tamper(&sql).await;
    for word in [NOTE, REASON, TEST] {
        assert!(world.finds(word).await.is_some(), "`{word}` lies open as it did then");
    }
    for start in 0..2 {
        let store = world.open().await;
        let report = store.check(&|_, _| {}).await.unwrap();
        assert!(report.holds() && report.entries == 7, "start {start}: the log has no entry of it: {report}");
        let all = store.incidents(&IncidentFilter::default(), 1_000).await.unwrap();
        assert_eq!(all.len(), old.len());
        for (i, _) in &old {
            let row = all.iter().find(|row| row.incident.id == i.id).expect("there");
            assert_eq!((&row.incident, row.rev), (i, 3));
        }
        let due = store.due_reports(POLICE, T0, 9).await.unwrap();
        assert_eq!((due.len(), due[0].body.as_str(), due[0].attempts), (1, body.as_str(), 3));
        let windows = store.test_windows(T0).await.unwrap();
        assert_eq!((windows[0].id, windows[0].reason.as_str()), (7, TEST));
        store.close().await;
        nothing_lies_open(world).await;
        // As a crash between two batches leaves it: some rows are still as they were.
        let open = &old[17].0;
        let body = serde_json::to_string(open).unwrap();
        let id = open.id;
        world.tamper(&format!("UPDATE incident SET body = '{body}', body_sealed = NULL WHERE id = '{id}'")).await;
        assert!(world.finds(NOTE).await.is_some());
    }
    // The report is received under the id it had, and the incident goes on.
    let store = world.open().await;
    let id = ReportId::parse(&report.report.to_string()).expect("an id");
    assert!(store.report_receipted(id, "JQ-2", T0).await.unwrap());
    let row = store.incident(of.id).await.unwrap().expect("there");
    assert_eq!((row.incident.stage(), words(&row.incident), row.rev), (Stage::Receipted, (NOTE, REASON), 4));
    store.close().await;
    nothing_lies_open(world).await;
}
