//! Absences and who stands in; what who supervises counts.

use crate::casework::{day, done, event, head, numbering, office, open, pii};
use crate::world::{T0, World, account, assert_clean};
use base::{AccountId, CaseId, CivilDate, ClauseId, OfficeId, PartyId, Text};
use store::Store;
use store::casework::Territory;
use store::casework::absences::{AbsencePut, NewAbsence, OF_ACCOUNT};
use store::casework::cases::{CaseHead, NextDue};
use store::casework::delegations::{DelegationPut, NewDelegation, OF_GIVER};
use store::casework::events::CaseChange;
use store::casework::numbers::{Numbering, Series};
use store::casework::supervision::{LoadCount, VisitCount};
use store::ledger_log::{ActLine, Outcome};
use store::logbook::ActFilter;
use store::visits::{VisitEntry, VisitRow};

fn away(account: AccountId, stand_in: AccountId, office: OfficeId, (from, until): (i32, i32)) -> NewAbsence {
    let today = T0.shanghai_date();
    NewAbsence { account, stand_in, office, from: today.plus_days(from), until: today.plus_days(until) }
}

pub async fn on_one_day_one_person_stands_in_and_is_there(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (a, b, c) = (account(&store, "a").await, account(&store, "b").await, account(&store, "c").await);
    let today = T0.shanghai_date();
    let AbsencePut::Done(entry) = store.add_absence(&away(a, b, office, (0, 3)), a, T0).await.unwrap() else {
        panic!("it is the first")
    };
    for days in [(0, 0), (3, 9), (-5, 0), (-5, 9)] {
        let again = store.add_absence(&away(a, c, office, days), a, T0).await.unwrap();
        assert_eq!(again, AbsencePut::Overlaps, "{days:?}");
    }
    let of_b = store.add_absence(&away(b, c, office, (2, 4)), b, T0).await.unwrap();
    assert_eq!(of_b, AbsencePut::Chain, "who stands in stays");
    let through = store.add_absence(&away(c, a, office, (3, 3)), c, T0).await.unwrap();
    assert_eq!(through, AbsencePut::Chain, "who is absent does not stand in");
    assert!(matches!(store.add_absence(&away(a, c, office, (4, 5)), a, T0).await.unwrap(), AbsencePut::Done(_)));
    assert_eq!(store.stands_for(b, today).await.unwrap(), [a]);
    assert_eq!(store.stands_for(b, today.plus_days(3)).await.unwrap(), [a], "its last day too");
    assert!(store.stands_for(b, today.plus_days(4)).await.unwrap().is_empty());
    assert!(store.stands_for(b, today.plus_days(-1)).await.unwrap().is_empty());
    assert_eq!(store.stands_for(c, today.plus_days(4)).await.unwrap(), [a]);
    let listed = store.absences_of(office, today).await.unwrap();
    assert_eq!(listed.iter().map(|row| row.absence.stand_in).collect::<Vec<_>>(), [b, c]);
    assert_eq!((listed[0].entry, listed[0].by, listed[0].ended), (entry, a, None));
    assert!(store.end_absence(entry, b, T0.plus_ms(5)).await.unwrap());
    assert!(!store.end_absence(entry, b, T0.plus_ms(6)).await.unwrap(), "once");
    assert!(store.stands_for(b, today).await.unwrap().is_empty());
    assert_eq!(store.absence(entry).await.unwrap().expect("kept").ended, Some(T0.plus_ms(5)));
    assert_eq!(store.absences_of(office, today).await.unwrap().len(), 1);
    for (kind, count) in [("absence.entered", 2), ("absence.ended", 1)] {
        let filter = ActFilter { kind: Some(kind.into()), ..ActFilter::default() };
        assert_eq!(store.acts(&filter, 9).await.unwrap().len(), count, "{kind}");
    }
    assert_clean(&store).await;
}

pub async fn absences_of_one_account_are_bounded(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (a, b) = (account(&store, "a").await, account(&store, "b").await);
    for n in 0..OF_ACCOUNT {
        let at = i32::try_from(n).unwrap() * 2;
        let put = store.add_absence(&away(a, b, office, (at, at)), a, T0).await.unwrap();
        assert!(matches!(put, AbsencePut::Done(_)), "{n}");
    }
    let last = i32::try_from(OF_ACCOUNT).unwrap() * 2;
    assert_eq!(store.add_absence(&away(a, b, office, (last, last)), a, T0).await.unwrap(), AbsencePut::Full);
}

pub async fn a_delegation_has_a_number_and_ends_once(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (head, deputy) = (account(&store, "head").await, account(&store, "deputy").await);
    let today = T0.shanghai_date();
    let numbering = Numbering {
        series: Series { office, series: "delegation".into(), year: today.0.year() },
        before: "示委〔2026〕".into(),
        after: "号".into(),
        width: 0,
    };
    let (procedures, until) = (vec!["a".to_owned(), "b".to_owned()], today.plus_days(2));
    let new = NewDelegation { giver: head, deputy, office, procedures, from: today, until };
    let add = async |new: &NewDelegation| store.add_delegation(new, (&numbering, &[]), T0).await;
    let DelegationPut::Done(entry, number) = add(&new).await.unwrap() else { panic!("it is the first") };
    assert_eq!(number, "示委〔2026〕1号");
    assert!(add(&NewDelegation { deputy: head, ..new.clone() }).await.is_err(), "nobody gives it to themselves");
    let of_comma = NewDelegation { procedures: vec!["a,b".into()], ..new.clone() };
    assert!(add(&of_comma).await.is_err(), "a word that would read as two");
    let row = store.delegation(entry).await.unwrap().expect("kept");
    assert_eq!((&row.given, row.ended), (&new, None));
    assert!(row.covers(office, "a") && row.covers(office, "b") && !row.covers(office, "c"));
    let holds = [-1, 0, 2, 3].map(|days| row.holds(today.plus_days(days)));
    assert_eq!(holds, [false, true, true, false]);
    assert_eq!(store.delegations_to(deputy, today).await.unwrap().len(), 1);
    assert!(store.delegations_to(deputy, today.plus_days(3)).await.unwrap().is_empty());
    assert!(store.delegations_to(head, today).await.unwrap().is_empty());
    for n in 1..OF_GIVER {
        assert!(matches!(add(&new).await.unwrap(), DelegationPut::Done(..)), "{n}");
    }
    assert_eq!(add(&new).await.unwrap(), DelegationPut::Full);
    assert!(store.end_delegation(entry, deputy, T0.plus_ms(5)).await.unwrap());
    assert!(!store.end_delegation(entry, deputy, T0.plus_ms(6)).await.unwrap(), "once");
    assert_eq!(store.delegation(entry).await.unwrap().expect("kept").ended, Some((T0.plus_ms(5), deputy)));
    let listed = store.delegations_of(Territory::Office(office), 500).await.unwrap();
    assert_eq!(listed.len(), usize::try_from(OF_GIVER).unwrap(), "one that was withdrawn stays");
    assert_clean(&store).await;
}

/// A case about a party.
async fn visit(store: &Store, office: OfficeId, procedure: &str, party: PartyId) -> CaseId {
    case_about(store, office, procedure, Some(party)).await
}

/// A case about a party, or about a unit that is none here.
async fn case_about(store: &Store, office: OfficeId, procedure: &str, party: Option<PartyId>) -> CaseId {
    let head = CaseHead { procedure: procedure.into(), party, ..head(office, "楼") };
    let (id, numbering, events) = (store.new_case_id(T0).unwrap(), numbering(office), [event("case.opened")]);
    let change = CaseChange { opening: Some(&numbering), ..CaseChange::new(id, 0, None, &head, &events) };
    done(store.add_events(&change, T0).await.unwrap());
    id
}

pub async fn what_is_supervised_is_counted(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (often, once) = (PartyId::new(1, [1; 10]), PartyId::new(1, [2; 10]));
    for procedure in ["inspection_a", "inspection_b", "area_approval"] {
        visit(&store, office, procedure, often).await;
    }
    visit(&store, office, "inspection_a", once).await;
    let span = (T0, T0.plus_ms(1));
    let by = account(&store, "inspector").await;
    // A unit that is no party here is visited like any other; who is looked at again for a correction was visited once.
    let (busy, quiet) = ("91350100M000100Y43", "91350100M000100Y51");
    for (party, unit, at, (state, kind)) in [
        (Some(often), busy, "2026-11-02", ("closed", "planned")),
        (None, busy, "2026-11-09", ("open", "complaint")),
        (Some(often), busy, "2026-11-10", ("approved", "special")),
        (Some(often), busy, "2026-11-12", ("closed", "again")),
        (Some(once), quiet, "2026-11-02", ("closed", "planned")),
        (Some(once), quiet, "2026-11-05", ("closed", "again")),
        (Some(once), quiet, "2026-11-03", ("asked", "special")),
    ] {
        let case = case_about(&store, office, "inspection_a", party).await;
        let row = VisitRow {
            case,
            n: 0,
            state: state.into(),
            kind: kind.into(),
            day: day(at),
            unit: unit.into(),
            inspectors: vec![by],
            facts: "{}".into(),
            version: 0,
            record: pii("{}"),
            ended: None,
            report: None,
        };
        let body = serde_json::json!({});
        let entry = VisitEntry { kind: "visit.asked", body, text: Text::new("检查。", "A visit."), by, now: T0 };
        assert_eq!(store.new_visit(&row, &entry).await.unwrap(), Some(1));
    }
    let days = |from: &str, to: &str| (day(from), day(to));
    let visits = store.visit_counts(Territory::All, days("2026-11-01", "2026-12-01"), 9).await.unwrap();
    let counted = VisitCount { unit: busy.into(), count: 2, again: 1, last: day("2026-11-12") };
    assert_eq!(visits, [counted], "a case, or a visit that did not begin, is none; once is not repeated");
    assert!(store.visit_counts(Territory::All, days("2026-11-01", "2026-11-09"), 9).await.unwrap().is_empty());
    let elsewhere = Territory::Office(OfficeId::new(1, [9; 10]));
    assert!(store.visit_counts(elsewhere, days("2026-11-01", "2026-12-01"), 9).await.unwrap().is_empty());
    let made = store.visits_made(Territory::All, busy, days("2026-11-01", "2026-12-01"), 9).await.unwrap();
    let told: Vec<(&str, CivilDate, u32)> = made.iter().map(|v| (v.kind.as_str(), v.day, v.n)).collect();
    let wanted = [("again", "2026-11-12"), ("complaint", "2026-11-09"), ("planned", "2026-11-02")];
    assert_eq!(told, wanted.map(|(kind, on)| (kind, day(on), 1_u32)), "the newest first, and none that did not begin");
    let newest = store.visits_made(Territory::All, busy, days("2026-11-01", "2026-12-01"), 1).await.unwrap();
    assert_eq!(newest.as_slice(), &made[..1], "the limit holds");
    assert!(store.visits_made(elsewhere, busy, days("2026-11-01", "2026-12-01"), 9).await.unwrap().is_empty());

    let refused = |zh: &'static str| ActLine {
        outcome: Outcome::Refused,
        clauses: vec![ClauseId::new("B-14-3")],
        ..ActLine::done(None, Text::new(zh, "no"))
    };
    for zh in ["缺材料", "缺材料", "太早"] {
        let body =
            serde_json::json!({ "code": "x", "by": null, "camera": null, "request": null, "clauses": ["B-14-3"] });
        store.log("act.refused", T0, body, refused(zh)).await.unwrap();
    }
    let counts = store.refusal_counts(Territory::All, span, 9).await.unwrap();
    let told: Vec<(&str, u32)> = counts.iter().map(|r| (&*r.text.zh, r.count)).collect();
    assert_eq!(told, [("缺材料", 2), ("太早", 1)]);
    assert_eq!(counts[0].clauses, ["B-14-3"]);
    let listed = store.acts_in(Territory::All, ["act.refused", "act.tried"], span, 2).await.unwrap();
    let told: Vec<&str> = listed.iter().map(|act| &*act.text.zh).collect();
    assert_eq!(told, ["太早", "缺材料"], "the newest first, as many as asked for");
    assert!(store.acts_in(Territory::All, ["act.tried"; 2], span, 9).await.unwrap().is_empty());
    assert_eq!(store.refusal_counts(Territory::All, span, 1).await.unwrap().len(), 1);

    let me = account(&store, "me").await;
    let due = |text: &str| Some(NextDue { day: day(text), clock: "decide".into(), binds: "police_local".into() });
    for next in [due("2026-11-01"), due("2026-12-01"), None] {
        open(&store, &CaseHead { next, assigned: Some(me), ..head(office, "楼") }).await;
    }
    let ours = ["police_local".to_owned(), "organ".to_owned()];
    let load = store.load_counts(Territory::All, day("2026-11-21"), &ours, 9).await.unwrap();
    let told: Vec<_> = load.iter().map(|l| (l.officer, l.open, l.overdue)).collect();
    assert_eq!(told, [(None, 11, 0), (Some(me), 3, 1)]);
    let theirs = store.load_counts(Territory::All, day("2026-11-21"), &["organ".to_owned()], 9).await.unwrap();
    assert!(theirs.iter().all(|l| l.overdue == 0), "what others owe is no lateness of ours");
    let of_me = |l: &&LoadCount| l.officer == Some(me);
    assert_eq!(theirs.iter().find(of_me).map(|l| l.owed), Some(1), "and is counted beside it");
    assert_eq!(load.iter().find(of_me).map(|l| l.owed), Some(0));
    assert!(load.iter().all(|l| l.office == office));
    assert_clean(&store).await;
}
