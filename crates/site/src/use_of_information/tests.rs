//! Tests of information use on a real store in a temporary folder.

use super::{Decision, DeletionForm, HoldForm, SecondOfficer, UseForm};
use crate::playback::rig::{GOP_MS, PASSWORD, People, Rig};
use crate::playback::{Purpose, Viewer};
use crate::{Actor, Site};
use base::time::DAY_MS;
use base::{CameraId, ErrorKind, HoldId, Reading, Refusal, RequestId, UtcMs};
use domain::access::Role;
use domain::viewing::{Basis, State, Use};
use law::Jurisdiction;
use store::logbook::ActFilter;
use store::register::RegisterFilter;
use store::requests::RequestFilter;

const HOUR_MS: i64 = 3_600_000;

struct Case {
    rig: Rig,
    people: People,
    camera: CameraId,
    from: UtcMs,
    to: UtcMs,
}

impl Case {
    /// Forty seconds of footage, an hour old.
    async fn new(jurisdiction: Jurisdiction) -> Self {
        let rig = Rig::start(jurisdiction).await;
        let people = rig.people().await;
        let from = rig.site.now().utc.plus_ms(-HOUR_MS);
        let camera = rig.camera("正门", from).await;
        let to = rig.record(camera, from, 20).await;
        Self { rig, people, camera, from, to }
    }

    fn site(&self) -> &Site {
        &self.rig.site
    }

    fn form(&self) -> UseForm {
        self.rig.form(&[self.camera], self.from.plus_ms(4_000), self.to.plus_ms(-4_000), "officer2")
    }

    async fn nothing_stored(&self) {
        assert!(self.site().requests(&self.people.custodian, &RequestFilter::default(), 9).await.unwrap().is_empty());
        assert!(self.site().store().holds_of(self.camera, self.from, self.to).await.unwrap().is_empty());
        assert!(self.rig.acts("request.").await.is_empty());
        let letter = self.form().letter.unwrap();
        assert!(self.site().store().paper(base::Sha256::of(&letter.bytes)).await.unwrap().is_none());
    }

    async fn refused_form(&self, form: UseForm) -> Refusal {
        let mut refusals = self.site().submit(&self.people.first, form).await.unwrap_err();
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        refusals.remove(0)
    }
}

fn of_request(id: RequestId) -> RegisterFilter {
    RegisterFilter { request: Some(id), ..RegisterFilter::default() }
}

fn clauses(refusal: &Refusal) -> Vec<&str> {
    refusal.why.iter().map(|c| c.clause.0.as_str()).collect()
}

#[tokio::test]
async fn one_officer_is_refused_with_the_clause_and_nothing_is_stored() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let alone = UseForm { officers: vec![], ..case.form() };
    let asked = case.site().ask_use(&case.people.first, &alone).await.unwrap();
    assert!(!asked.allow && asked.cites("B-28-1-1"));
    assert!(case.rig.acts("act.refused").await.is_empty(), "asking leaves no entry");
    // Naming oneself a second time does not make two.
    for officers in [vec![], vec!["officer1".to_owned()], vec![" ".to_owned()]] {
        let refusal = case.refused_form(UseForm { officers, ..case.form() }).await;
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "two_officers_required"));
        assert_eq!(clauses(&refusal), ["B-28-1-1"]);
        assert!(!refusal.what.zh.is_empty() && !refusal.next.en.is_empty());
    }
    let refusal = case.refused_form(UseForm { letter: None, ..case.form() }).await;
    assert_eq!((refusal.code.as_str(), clauses(&refusal)), ("unit_letter_required", vec!["B-28-1-2"]));
    let logged = case.rig.acts("act.refused").await;
    assert_eq!(logged.len(), 4);
    assert!(logged.iter().all(|a| a.refused && a.account == Some(case.people.first.id)));
    assert_eq!(logged.last().unwrap().clauses, ["B-28-1-1"]);
    case.nothing_stored().await;
}

#[tokio::test]
async fn where_the_text_is_lost_the_default_is_flagged() {
    let case = Case::new(Jurisdiction::Liaoning).await;
    let refusal = case.refused_form(UseForm { officers: vec![], ..case.form() }).await;
    assert_eq!(refusal.code, "two_officers_required");
    assert_eq!(clauses(&refusal), ["A-24-2", "B-28-1-1"]);
    assert!(refusal.why.iter().any(|c| c.reading == Reading::FlaggedDefault));
    // A-24-1 opens footage for criminal and emergency investigation only.
    let refusal = case.refused_form(UseForm { basis: Basis::AdministrativeCase, ..case.form() }).await;
    assert!(clauses(&refusal).contains(&"A-24-1"), "{refusal}");
    case.nothing_stored().await;
    case.site().submit(&case.people.first, case.form()).await.unwrap();
}

#[tokio::test]
async fn every_defect_of_a_form_is_named_at_once() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let mut form = UseForm { case_number: " ".into(), to: case.from, officers: vec!["nobody".into()], ..case.form() };
    form.letter.as_mut().unwrap().bytes = b"MZ program".to_vec();
    form.cameras.push(CameraId::from_bytes([7; 16]));
    let refusals = case.site().submit(&case.people.first, form).await.unwrap_err();
    let mut codes: Vec<_> = refusals.iter().map(|r| r.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["cameras", "case_number", "letter", "officers", "range"]);
    let mut form = case.form();
    form.letter.as_mut().unwrap().bytes.resize(base::limits::UPLOAD_BYTES + 1, 0);
    assert_eq!(case.refused_form(form).await.code, "letter");
    let refusals = case.site().submit(&case.people.custodian, case.form()).await.unwrap_err();
    assert_eq!(refusals[0].code, "no_permission");
    case.nothing_stored().await;
}

#[tokio::test]
async fn a_request_holds_its_footage_and_is_decided_once() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, custodian) = (case.site(), &case.people.custodian);
    let row = site.submit(&case.people.first, case.form()).await.unwrap();
    assert!(matches!(row.state, State::Submitted { .. }));
    assert_eq!(
        case.rig.acts("request.made").await[0].clauses,
        ["B-27-1", "B-4-1"],
        "the use, and the hold that comes with it"
    );
    let holds = site.store().holds_of(case.camera, case.from, case.to).await.unwrap();
    assert_eq!(holds.iter().map(|h| (h.from, h.to)).collect::<Vec<_>>(), [(row.application.from, row.application.to)]);
    assert!(site.law_view(custodian, row.id).await.unwrap().allow);
    let letter = site.letter(custodian, row.id).await.unwrap();
    assert_eq!(letter, ("证明.pdf".into(), "application/pdf".into(), case.form().letter.unwrap().bytes));
    let grant = |hours| site.decide(custodian, row.id, Decision::Grant { hours });
    assert_eq!(grant(0).await.unwrap_err().code, "hours_out_of_range");
    let silent = Decision::Refuse { reason: "  ".into() };
    assert_eq!(site.decide(custodian, row.id, silent).await.unwrap_err().code, "reason_missing");
    assert_eq!(
        site.decide(&case.people.first, row.id, Decision::Grant { hours: 1 }).await.unwrap_err().code,
        "no_permission"
    );
    // Two tabs decide at the same time.
    let refuse = Decision::Refuse { reason: "材料不全".into() };
    let (a, b) = tokio::join!(grant(24), site.decide(custodian, row.id, refuse));
    let mut late: Vec<_> = [a, b].into_iter().filter_map(Result::err).collect();
    assert_eq!(late.len(), 1);
    let late = late.remove(0);
    assert_eq!((late.kind, late.code.as_str()), (ErrorKind::Conflict, "already_decided"));
    assert_eq!(case.rig.acts("grant.made").await.len() + case.rig.acts("request.refused").await.len(), 1);
    assert_eq!(grant(24).await.unwrap_err().code, "already_decided");
}

#[tokio::test]
async fn requests_are_seen_by_their_officers_and_by_those_who_keep_the_register() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let id = case.site().submit(&case.people.first, case.form()).await.unwrap().id;
    let site = case.site();
    let sees = |actor: Actor| async move {
        let list = site.requests(&actor, &RequestFilter::default(), 9).await.map(|l| l.len());
        (list.map_err(|r| r.code), site.request(&actor, id).await.map(|r| r.id).map_err(|r| r.code))
    };
    for actor in [&case.people.first, &case.people.second, &case.people.custodian] {
        assert_eq!(sees(actor.clone()).await, (Ok(1), Ok(id)), "{}", actor.login);
    }
    let auditor = case.rig.person("auditor", Role::Auditor).await;
    assert_eq!(sees(auditor).await, (Ok(1), Ok(id)));
    let third = case.rig.person("officer3", Role::PoliceOfficer).await;
    assert_eq!(sees(third.clone()).await, (Ok(0), Err("not_found".into())));
    assert_eq!(case.site().law_view(&third, id).await.unwrap_err().code, "not_found");
    let duty = case.rig.person("duty", Role::DutyOfficer).await;
    assert_eq!(sees(duty).await, (Err("no_permission".into()), Err("no_permission".into())));
}

#[tokio::test]
async fn a_session_needs_two_persons_named_in_the_request() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, first) = (case.site(), &case.people.first);
    case.rig.person("officer3", Role::PoliceOfficer).await;
    let id = site.submit(first, case.form()).await.unwrap().id;
    let open = |login: &'static str, password: &'static str| async move {
        site.open_session(first, id, &SecondOfficer::new(login, password)).await.map_err(|r| r.code)
    };
    assert_eq!(open("officer2", PASSWORD).await.unwrap_err(), "not_granted");
    site.decide(&case.people.custodian, id, Decision::Grant { hours: 1 }).await.unwrap();
    assert_eq!(open("officer2", "wrong-password-123").await.unwrap_err(), "wrong_login");
    assert_eq!(open("officer1", PASSWORD).await.unwrap_err(), "two_officers_required");
    assert_eq!(open("officer3", PASSWORD).await.unwrap_err(), "officer_not_named");
    assert_eq!(open("custodian", PASSWORD).await.unwrap_err(), "no_permission");
    assert!(site.session_of(first, id).await.unwrap().is_none());
    assert_eq!(case.rig.acts("act.refused").await[0].clauses, ["B-28-1-1"]);
    open("officer2", PASSWORD).await.unwrap();
    let session = site.session_of(first, id).await.unwrap().unwrap();
    assert_eq!((session.first, session.second), (first.id, case.people.second.id));
    // The grant of one hour ends before a session of two would.
    assert!(session.until.since(session.opened) <= HOUR_MS);
    let lines = site.register(&case.people.custodian, &of_request(id), 10).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].persons.expose().contains("2300-officer1") && lines[0].persons.expose().contains("2300-officer2"));
}

#[tokio::test]
async fn a_session_that_still_runs_is_replaced_with_an_entry_that_says_so() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, people) = (case.site(), &case.people);
    let id = case.rig.granted(people, case.form()).await;
    assert!(case.rig.acts("session.ended").await.is_empty());
    case.rig.sign_in(people, id).await;
    let act = case.rig.acts("session.ended").await.remove(0);
    assert!(act.text.zh.contains("由新的查看代替"), "{act:?}");
    site.clock().advance(2 * HOUR_MS);
    case.rig.sign_in(people, id).await;
    assert_eq!(case.rig.acts("session.ended").await.len(), 1, "that one was over by its time");
}

#[tokio::test]
async fn officers_see_their_minutes_and_not_a_millisecond_more() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, people) = (case.site(), &case.people);
    let other = case.rig.camera("后门", case.from).await;
    case.rig.record(other, case.from, 20).await;
    let form = case.form();
    let (from, to) = (form.from, form.to);
    let id = site.submit(&people.first, form).await.unwrap().id;
    let play = |actor: &'_ Actor, camera, from, to| {
        let actor = actor.clone();
        async move { site.play(Viewer::Officers(&actor, id), camera, from, to).await.map_err(|r| r.code) }
    };
    assert_eq!(play(&people.first, case.camera, from, to).await.unwrap_err(), "not_granted");
    site.decide(&people.custodian, id, Decision::Grant { hours: 24 }).await.unwrap();
    assert_eq!(play(&people.first, case.camera, from, to).await.unwrap_err(), "no_session");
    case.rig.sign_in(people, id).await;
    assert_eq!(play(&people.second, case.camera, from, to).await.unwrap_err(), "no_session");
    assert_eq!(play(&people.custodian, case.camera, from, to).await.unwrap_err(), "no_permission");
    for (from, to) in [(from.plus_ms(-1), to), (from, to.plus_ms(1))] {
        assert_eq!(play(&people.first, case.camera, from, to).await.unwrap_err(), "outside_scope");
    }
    assert_eq!(play(&people.first, other, from, to).await.unwrap_err(), "outside_scope");
    assert!(case.rig.acts("footage.viewed").await.is_empty());
    play(&people.first, case.camera, from, to).await.unwrap();
    play(&people.first, case.camera, from.plus_ms(1), to.plus_ms(-1)).await.unwrap();
    let acts = case.rig.acts("footage.viewed.official").await;
    assert_eq!(acts.len(), 1, "one film window is one entry");
    let who = Viewer::Officers(&people.first, id);
    site.poster(who, case.camera, from.plus_ms(5_000)).await.unwrap();
    assert_eq!(site.poster(who, case.camera, from.plus_ms(-1)).await.unwrap_err().code, "outside_scope");
    assert_eq!(case.rig.acts("footage.viewed.official").await.len(), 1);
    assert_eq!((acts[0].request, acts[0].camera), (Some(id), Some(case.camera)));
    let line = site.register(&people.first, &of_request(id), 10).await.unwrap().remove(0);
    assert_eq!((line.leaf, line.from, line.to, line.what.as_str()), (acts[0].idx, Some(from), Some(to), "view"));
    let view = site.timeline(Viewer::Officers(&people.first, id), case.camera, case.from, case.to).await.unwrap();
    assert_eq!((view.from, view.to, view.footage), (from, to, vec![(from, to)]));
    let beyond = site.timeline(who, case.camera, case.from.plus_ms(-9_000), case.from).await;
    assert_eq!(beyond.unwrap_err().code, "outside_scope");
    site.end_session(&people.second, id).await.unwrap();
    assert_eq!(play(&people.first, case.camera, from, to).await.unwrap_err(), "no_session");
}

#[tokio::test]
async fn sessions_and_grants_run_out() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, people) = (case.site(), &case.people);
    let id = case.rig.granted(people, case.form()).await;
    let form = case.form();
    let play = || async {
        let who = Viewer::Officers(&people.first, id);
        site.play(who, case.camera, form.from, form.to).await.map(|_| ()).map_err(|r| r.code)
    };
    play().await.unwrap();
    site.clock().advance(2 * HOUR_MS);
    assert_eq!(play().await.unwrap_err(), "no_session");
    case.rig.sign_in(people, id).await;
    play().await.unwrap();
    site.clock().advance(22 * HOUR_MS);
    assert_eq!(play().await.unwrap_err(), "not_granted");
    assert!(matches!(site.request(&people.first, id).await.unwrap().state, State::Ended { .. }));
    let late = site.open_session(&people.first, id, &SecondOfficer::new("officer2", PASSWORD)).await;
    assert_eq!(late.unwrap_err().code, "not_granted");
    assert_eq!(site.end_grant(&people.custodian, id).await.unwrap_err().code, "not_granted");
}

#[tokio::test]
async fn a_hold_stays_while_its_request_is_open() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, people) = (case.site(), &case.people);
    let id = case.rig.granted(people, case.form()).await;
    let refusal = site.release_hold(&people.custodian, id, "办结").await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.kind), ("hold_still_needed", ErrorKind::Unlawful));
    site.end_grant(&people.first, id).await.unwrap();
    let who = Viewer::Officers(&people.first, id);
    let form = case.form();
    assert_eq!(site.play(who, case.camera, form.from, form.to).await.unwrap_err().code, "not_granted");
    assert_eq!(site.release_hold(&people.custodian, id, " ").await.unwrap_err().code, "hold_still_needed");
    assert_eq!(site.release_hold(&people.first, id, "办结").await.unwrap_err().code, "no_permission");
    assert_eq!(site.release_hold(&people.custodian, id, "办结").await.unwrap(), 1);
    assert!(site.store().holds_of(case.camera, case.from, case.to).await.unwrap().is_empty());
    assert_eq!(case.rig.acts("hold.released").await.len(), 1);
}

fn wish(camera: CameraId, from: UtcMs, to: UtcMs) -> DeletionForm {
    DeletionForm { camera, from, to, reason: "磁盘不够".into() }
}

#[tokio::test]
async fn deletion_by_hand_obeys_term_and_hold() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let site = case.site();
    let refusal =
        site.delete_by_hand(&case.people.custodian, &wish(case.camera, case.from, case.to)).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "inside_retention_term"));
    assert_eq!(clauses(&refusal), ["B-25-1", "799-17"]);
    let logged = case.rig.acts("act.refused").await;
    assert_eq!((logged.len(), logged[0].camera), (1, Some(case.camera)));
    assert_eq!(logged[0].clauses, ["B-25-1", "799-17"]);
    assert!(logged[0].text.zh.contains("磁盘不够") && logged[0].text.en.contains("磁盘不够"), "the reason is shown");
    site.store().flush_ledger().await.unwrap();
    let entry = site.store().ledger().entry(logged[0].idx).unwrap().parse().unwrap();
    assert_eq!(entry.body["reason_sha256"], base::Sha256::of("磁盘不够".as_bytes()).hex(), "and bound by the entry");
    for bad in [String::new(), "  ".into(), "x".repeat(2_001)] {
        let form = DeletionForm { reason: bad, ..wish(case.camera, case.from, case.to) };
        assert_eq!(site.delete_by_hand(&case.people.custodian, &form).await.unwrap_err().code, "reason");
    }
    let duty = case.rig.person("duty", Role::DutyOfficer).await;
    let refusal = site.delete_by_hand(&duty, &wish(case.camera, case.from, case.to)).await.unwrap_err();
    assert_eq!(refusal.code, "no_permission");
    // Old footage of another camera: one container under a hold, one free.
    let old = site.now().utc.plus_ms(-40 * DAY_MS);
    let camera = case.rig.camera("后门", old).await;
    let (held, free) = (old, old.plus_ms(HOUR_MS));
    case.rig.record(camera, held, 5).await;
    let end = case.rig.record(camera, free, 5).await;
    let form = case.rig.form(&[camera], held, held.plus_ms(GOP_MS), "officer2");
    site.submit(&case.people.first, form).await.unwrap();
    // A clock that has jumped forward deletes nothing, by hand or by itself, until it is believed.
    site.clock().doubt(old.plus_ms(DAY_MS), crate::clock::DOUBT_MS);
    let refusal = site.delete_by_hand(&case.people.custodian, &wish(camera, free, end)).await.unwrap_err();
    assert_eq!(refusal.code, "clock_doubted");
    assert_eq!(crate::storage::delete_due(site).await.unwrap(), 0);
    site.clock().doubt(old, 0);
    let done = site.delete_by_hand(&case.people.custodian, &wish(camera, old, end)).await.unwrap();
    assert_eq!((done.containers, done.kept), (1, 1));
    assert_eq!(done.refusal.unwrap().code, "on_hold");
    assert!(site.store().fragments(camera, free, end).await.unwrap().is_empty());
    assert_eq!(site.store().fragments(camera, held, held.plus_ms(9_999)).await.unwrap().len(), 5);
    let acts = site.store().acts(&ActFilter { camera: Some(camera), ..ActFilter::default() }, 10).await.unwrap();
    assert!(acts.iter().any(|a| a.kind == "footage.deleted"));
    let by_hand = acts.iter().find(|a| a.kind == "deletion.by_hand").unwrap();
    assert_eq!(by_hand.account, Some(case.people.custodian.id));
    let refusal = site.delete_by_hand(&case.people.custodian, &wish(camera, old, end)).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), clauses(&refusal)), ("on_hold", vec!["B-29-1-2", "799-23"]));
    let gone = site.delete_by_hand(&case.people.custodian, &wish(camera, free, end)).await.unwrap_err();
    assert_eq!(gone.code, "not_found");
}

#[tokio::test]
async fn a_grant_for_viewing_gives_no_copy_and_staff_no_way_around_it() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, people) = (case.site(), &case.people);
    let id = case.rig.granted(people, UseForm { wanted: Use::View, ..case.form() }).await;
    assert_eq!(site.begin_export(&people.first, id).await.unwrap_err().code, "copy_not_granted");
    let who = Viewer::Staff(&people.first, Purpose::Patrol);
    assert_eq!(site.play(who, case.camera, case.from, case.to).await.unwrap_err().code, "no_permission");
    // An officer whose account is disabled is no officer any more, also not in a session that runs.
    let admin = case.rig.person("admin", Role::Administrator).await;
    site.set_account_disabled(&admin, people.second.id, true).await.unwrap();
    let form = case.form();
    let refusal = site.play(Viewer::Officers(&people.first, id), case.camera, form.from, form.to).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), clauses(&refusal)), ("two_officers_required", vec!["B-28-1-1"]));
}

#[tokio::test]
async fn a_letter_is_opened_with_an_entry_by_those_who_may() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let site = case.site();
    let id = site.submit(&case.people.first, case.form()).await.unwrap().id;
    let auditor = case.rig.person("auditor", Role::Auditor).await;
    let (manager, third) = (
        case.rig.person("manager", Role::SecurityManager).await,
        case.rig.person("officer3", Role::PoliceOfficer).await,
    );
    assert_eq!(site.letter(&manager, id).await.unwrap_err().code, "no_permission");
    assert_eq!(site.letter(&third, id).await.unwrap_err().code, "not_found");
    assert!(case.rig.acts("paper.opened").await.is_empty(), "what is refused opens nothing");
    for who in [&auditor, &case.people.custodian, &case.people.second, &auditor] {
        site.letter(who, id).await.unwrap();
    }
    let acts = case.rig.acts("paper.opened").await;
    assert_eq!(acts.len(), 4, "each opening is an entry");
    assert_eq!((acts[0].account, acts[0].request), (Some(auditor.id), Some(id)));
}

#[tokio::test]
async fn officers_find_their_own_lines_only() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, people) = (case.site(), &case.people);
    let id = case.rig.granted(people, case.form()).await;
    let third = case.rig.person("officer3", Role::PoliceOfficer).await;
    let all = RegisterFilter::default();
    assert_eq!(site.register(&people.second, &all, 9).await.unwrap().len(), 1);
    assert_eq!(site.register(&people.custodian, &all, 9).await.unwrap().len(), 1);
    assert!(site.register(&third, &all, 9).await.unwrap().is_empty());
    // Not by asking for another's lines either.
    let theirs =
        RegisterFilter { of: Some(people.first.id), person: Some(people.first.id), ..RegisterFilter::default() };
    assert!(site.register(&third, &theirs, 9).await.unwrap().is_empty());
    assert_eq!(site.register(&third, &of_request(id), 9).await.unwrap_err().code, "not_found");
    let duty = case.rig.person("duty", Role::DutyOfficer).await;
    assert_eq!(site.register(&duty, &all, 9).await.unwrap_err().code, "no_permission");
    let mine = RequestFilter { of: Some(people.first.id), ..RequestFilter::default() };
    assert!(site.requests(&third, &mine, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_custodian_holds_footage_by_hand() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, custodian) = (case.site(), &case.people.custodian);
    let form = HoldForm { camera: case.camera, from: case.from, to: case.to, reason: "顾客摔倒".into() };
    let code = async |by: &Actor, form: HoldForm| site.place_hold(by, &form).await.map_err(|r| r.code);
    for who in
        [case.rig.person("manager", Role::SecurityManager).await, case.rig.person("duty", Role::DutyOfficer).await]
    {
        assert_eq!(code(&who, form.clone()).await.unwrap_err(), "no_permission");
    }
    let now = site.now().utc;
    for (from, to) in [
        (case.to, case.from),
        (case.from, case.from),
        (case.from, now.plus_ms(60_000)),
        (now.plus_ms(-8 * DAY_MS), now),
    ] {
        assert_eq!(code(custodian, HoldForm { from, to, ..form.clone() }).await.unwrap_err(), "range");
    }
    assert_eq!(code(custodian, HoldForm { reason: " ".into(), ..form.clone() }).await.unwrap_err(), "reason_missing");
    let nowhere = HoldForm { camera: CameraId::from_bytes([7; 16]), ..form.clone() };
    assert_eq!(code(custodian, nowhere).await.unwrap_err(), "not_found");
    let before = HoldForm { from: case.from.plus_ms(-9_000), to: case.from, ..form.clone() };
    assert_eq!(code(custodian, before).await.unwrap_err(), "no_footage");
    assert!(case.rig.acts("hold.placed").await.is_empty());
    let id = code(custodian, form).await.unwrap();
    let placed = case.rig.acts("hold.placed").await.remove(0);
    assert_eq!((placed.account, placed.camera), (Some(custodian.id), Some(case.camera)));
    // Past its term the footage stays, until the hold is released.
    site.clock().advance(31 * DAY_MS);
    let manager = case.rig.person("manager2", Role::SecurityManager).await;
    let refusal = site.delete_by_hand(&manager, &wish(case.camera, case.from, case.to)).await.unwrap_err();
    assert!(clauses(&refusal).contains(&"B-29-1-2"), "{refusal}");
    let release =
        async |by: &Actor, id, reason: &str| site.release_hold_by_hand(by, id, reason).await.map_err(|r| r.code);
    assert_eq!(release(&manager, id, "了结").await.unwrap_err(), "no_permission");
    assert_eq!(release(custodian, HoldId::from_bytes([1; 16]), "了结").await.unwrap_err(), "not_found");
    assert_eq!(release(custodian, id, " ").await.unwrap_err(), "hold_still_needed");
    release(custodian, id, "了结").await.unwrap();
    assert_eq!(release(custodian, id, "了结").await.unwrap_err(), "not_found");
    assert_eq!(case.rig.acts("hold.released").await.len(), 1);
    assert!(site.store().holds_of(case.camera, case.from, case.to).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_hold_of_a_request_is_not_released_by_hand() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let site = case.site();
    site.submit(&case.people.first, case.form()).await.unwrap();
    let hold = site.store().holds_of(case.camera, case.from, case.to).await.unwrap().remove(0);
    let refused = site.release_hold_by_hand(&case.people.custodian, hold.id, "了结").await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::Conflict, "hold_of_request"));
    assert_eq!(site.store().holds_of(case.camera, case.from, case.to).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_timeline_shows_bookmarks_and_acts_to_those_who_may_know() {
    let case = Case::new(Jurisdiction::Heilongjiang).await;
    let (site, people) = (case.site(), &case.people);
    let duty = case.rig.person("duty", Role::DutyOfficer).await;
    let (from, to) = (case.from.plus_ms(2_000), case.from.plus_ms(6_000));
    let add = async |by: &Actor, from, to, note: &str| {
        site.add_bookmark(by, case.camera, (from, to), note).await.map_err(|r| r.code)
    };
    let id = add(&duty, from, to, " 红衣男子 ").await.unwrap();
    assert_eq!(add(&people.first, from, to, "x").await.unwrap_err(), "no_permission");
    assert_eq!(add(&duty, to, from, "x").await.unwrap_err(), "range");
    assert_eq!(add(&duty, from, from.plus_ms(DAY_MS + 1), "x").await.unwrap_err(), "range");
    for note in ["", "  ", "a\u{7}b", &"字".repeat(201)] {
        assert_eq!(add(&duty, from, to, note).await.unwrap_err(), "note", "{note}");
    }
    let request = case.rig.granted(people, case.form()).await;
    let who = Viewer::Officers(&people.first, request);
    site.play(who, case.camera, case.form().from, case.form().to).await.unwrap();
    let marks = async |who: Viewer<'_>| {
        let line = site.timeline(who, case.camera, case.from, case.to).await.unwrap();
        line.marks.into_iter().map(|m| (m.kind.code(), m.log_index.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(marks(Viewer::Staff(&duty, Purpose::Patrol)).await, [("bookmark", false)]);
    let mut seen = marks(Viewer::Staff(&people.custodian, Purpose::Patrol)).await;
    seen.sort_unstable();
    assert_eq!(seen, [("bookmark", false), ("request", true), ("view", true)]);
    assert!(marks(Viewer::Officers(&people.first, request)).await.is_empty(), "not theirs to know");
    let other = case.rig.person("duty2", Role::DutyOfficer).await;
    assert_eq!(site.remove_bookmark(&other, id).await.unwrap_err().code, "not_yours");
    assert_eq!(site.remove_bookmark(&people.first, id).await.unwrap_err().code, "no_permission");
    site.remove_bookmark(&people.custodian, id).await.unwrap();
    assert_eq!(site.remove_bookmark(&duty, id).await.unwrap_err().code, "not_found");
    assert_eq!((case.rig.acts("bookmark.made").await.len(), case.rig.acts("bookmark.removed").await.len()), (1, 1));
}
