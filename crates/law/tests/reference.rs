//! A second evaluator, written from the clauses in plain Rust and without the packs' policies, compared with the gate on many
//! random questions: same decision, same clauses.

#[path = "reference/strategies.rs"]
mod strategies;

use base::{CivilDate, UtcMs};
use jifang_law as law;
use law::{
    Act, ActKind, AfterTerm, BasisKind, CaseDecision, CitizenBasis, Deletion, Fining, Gate, Installer, Jurisdiction,
    OfficialAccess, OrganKind, PlaceKind, Placement, Question, Relation, SiteProfile, SoundUse, Tampering,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use strategies::{days, every_act, place, sites};

static GATE: LazyLock<Gate> = LazyLock::new(|| Gate::embedded().unwrap());

/// What is in force.
#[derive(Clone, Copy)]
struct In {
    a: bool,
    b: bool,
    order: bool,
    terror: bool,
    trades: bool,
    penal: bool,
}

fn since(on: CivilDate, from: &str) -> bool {
    on >= CivilDate::parse(from).unwrap()
}

fn in_force(site: &SiteProfile, on: CivilDate) -> In {
    let ln = site.jurisdiction == Jurisdiction::Liaoning;
    In {
        a: ln && since(on, "2015-02-01"),
        b: site.jurisdiction == Jurisdiction::Heilongjiang && since(on, "2012-11-01"),
        order: since(on, "2025-04-01"),
        terror: since(on, "2016-01-01"),
        trades: ln && since(on, "2020-01-01"),
        penal: since(on, "2021-07-15"),
    }
}

/// Terms as (clause, days).
fn terms(site: &SiteProfile, place: PlaceKind, on: CivilDate) -> Vec<(&'static str, u32)> {
    let law = in_force(site, on);
    let mut out = Vec::new();
    if law.a && (site.key_unit || place.is_social_public_area()) {
        out.push(("A-23-2", 30));
    }
    if law.b {
        out.push(("B-25-1", 30));
    }
    if law.order && place.covers_public_place() && !site.security_duty_place {
        out.push(("799-17", 30));
    }
    if law.trades && site.special_trade.is_some() {
        out.push(("LT-17", 60));
    }
    if law.terror && site.counter_terror_key_target {
        out.push(("CT-32", 90));
    }
    out
}

/// Clauses that refuse and clauses that permit.
#[derive(Default)]
struct Verdict {
    no: BTreeSet<&'static str>,
    yes: BTreeSet<&'static str>,
    /// Permits that exist for the act, reached or not.
    could: BTreeSet<&'static str>,
}

impl Verdict {
    fn no(&mut self, when: bool, clauses: &[&'static str]) {
        if when {
            self.no.extend(clauses);
        }
    }

    fn yes(&mut self, exists: bool, when: bool, clause: &'static str) {
        if exists {
            self.could.insert(clause);
            if when {
                self.yes.insert(clause);
            }
        }
    }
}

fn reference(q: &Question, on: CivilDate) -> Verdict {
    let (site, law) = (&q.site, in_force(&q.site, on));
    let (listed, alone) = (!site.security_duty_place, law.order && !law.a && !law.b);
    let mut v = Verdict::default();
    let own = |v: &mut Verdict| {
        v.yes(law.a, true, "A-4-1");
        v.yes(law.b, true, "B-4-1");
        v.yes(alone, true, "799-3");
    };
    match &q.act {
        Act::AddCamera(p) | Act::UseCamera(p) => {
            own(&mut v);
            placement(&mut v, p, law, listed, matches!(q.act, Act::AddCamera(_)));
        }
        Act::ChangePurpose(c) => {
            own(&mut v);
            v.no(law.a && (site.key_unit || c.place.is_social_public_area()) && !c.authorised, &["A-21-1", "B-24-1-2"]);
            v.no(law.b && !c.authorised, &["B-24-1-2"]);
            v.no(law.order && listed && !c.authorised, &["799-23"]);
        }
        Act::StopRecording(c) => {
            own(&mut v);
            let area = c.place.is_social_public_area();
            v.no(law.a && area && !c.authorised, &["A-9-1-2"]);
            v.no(law.a && (site.key_unit || area) && !c.authorised, &["A-21-1", "B-24-1-4"]);
            v.no(law.b && !c.authorised, &["B-24-1-4"]);
            v.no(law.order && listed && !c.authorised, &["799-23"]);
        }
        Act::ViewLive(u) | Act::PlayBack(u) => {
            own(&mut v);
            let back = matches!(q.act, Act::PlayBack(_));
            v.no(law.a && back && site.key_unit && !u.registered, &["A-11-1-f3"]);
            v.no(law.a && !u.security_purpose, &["A-22-1", "B-29-1-1"]);
            v.no(law.b && !u.security_purpose, &["B-29-1-1"]);
            v.no(law.b && !u.designated, &["B-22-1-2"]);
            v.no(law.order && !u.security_purpose, &["799-16"]);
            v.no(law.order && listed && !u.designated, &["799-16"]);
            v.no(law.order && listed && back && !u.registered, &["799-16"]);
        }
        Act::OfficialView(o) | Act::OfficialCopy(o) | Act::OfficialRetrieve(o) => {
            official(&mut v, o, law, listed, alone);
        }
        Act::Export(h) => {
            let access = OfficialAccess {
                organ: h.organ,
                basis: h.basis,
                distinct_officers: h.distinct_officers,
                badges_shown: h.badges_shown,
                unit_letter: h.unit_letter,
                registered: h.registered,
                within_scope: h.within_scope,
            };
            official(&mut v, &access, law, listed, alone);
            v.no(law.a && !h.sealed, &["A-23-1"]);
            v.no(law.b && !h.sealed, &["B-29-1-1"]);
            v.no(law.order && !h.sealed, &["799-16"]);
        }
        Act::EmergencyUse(e) => {
            let organ = matches!(e.organ, OrganKind::Police | OrganKind::StateSecurity);
            v.yes(law.a, organ && e.emergency_stated, "A-24-3");
        }
        Act::NetworkView(n) | Act::ConnectPlatform(n) => {
            let organ = matches!(n.organ, OrganKind::Police | OrganKind::StateSecurity);
            v.yes(law.a, organ && n.emergency_stated, "A-24-3");
            let police = n.organ == OrganKind::Police;
            v.yes(law.b, police && n.need_stated && !site.secret_related, "B-23-2-2");
            if matches!(q.act, Act::ConnectPlatform(_)) {
                v.yes(law.a, organ && n.need_stated, "A-4-1");
                v.yes(alone, organ && n.need_stated, "799-3");
            }
        }
        Act::Hold => {
            v.yes(law.a, true, "A-23-4");
            v.yes(law.b, true, "B-4-1");
            v.yes(alone, true, "799-3");
        }
        Act::ReleaseHold(r) => {
            v.yes(law.a, true, "A-23-4");
            v.yes(law.b, true, "B-4-1");
            v.yes(alone, true, "799-3");
            let open = !(r.request_closed && r.reason_recorded);
            v.no(law.a && open, &["A-23-4"]);
            v.no(law.b && open, &["B-29-1-2"]);
            v.no(law.order && open, &["799-23"]);
        }
        Act::Delete(d) => deletion(&mut v, site, d, law, listed, on),
        Act::Tamper { way, place } => tampering(&mut v, site, *way, *place, law),
        Act::ReportAlarm(r) => {
            let confirmed = r.verified_real || r.raised_by_hand;
            v.yes(law.a, confirmed, "A-20-1");
            v.yes(law.a || law.b, confirmed, "B-21-2");
            v.yes(alone, true, "799-3");
        }
        other => {
            running_system(&mut v, other, site, law, alone);
            of_authority(&mut v, other, on, law, alone);
            of_citizens(&mut v, other, site, law, listed);
        }
    }
    v
}

/// Sound, doors, guarding, alarms, devices, works: what a unit does with its own system.
fn running_system(v: &mut Verdict, act: &Act, site: &SiteProfile, law: In, alone: bool) {
    let listed = !site.security_duty_place;
    let own = |v: &mut Verdict| {
        v.yes(law.a, true, "A-4-1");
        v.yes(law.b, true, "B-4-1");
        v.yes(alone, true, "799-3");
    };
    let person = |v: &mut Verdict, designated: bool| v.no(law.b && !designated, &["B-22-1-2"]);
    let own_acts = [
        ActKind::Listen,
        ActKind::Talk,
        ActKind::Mask,
        ActKind::Publish,
        ActKind::Arm,
        ActKind::Disarm,
        ActKind::Bypass,
        ActKind::Silence,
        ActKind::OpenDoor,
        ActKind::VerifyAlarm,
        ActKind::CloseIncident,
        ActKind::MoveDevice,
        ActKind::RemoveDevice,
        ActKind::StartUse,
        ActKind::StartWorks,
        ActKind::EngageProvider,
    ];
    if own_acts.contains(&act.kind()) {
        own(v);
    }
    match act {
        Act::Listen(u) | Act::Talk(u) => sound(v, u, matches!(act, Act::Listen(_)), site, law),
        Act::Mask(c) => {
            let area = c.place.is_social_public_area();
            v.no(law.a && area && !c.authorised, &["A-9-1-2"]);
            v.no(law.a && (site.key_unit || area) && !c.authorised, &["A-21-1", "B-24-1-4"]);
            v.no(law.b && !c.authorised, &["B-24-1-4"]);
            v.no(law.order && !c.authorised, &["799-23"]);
        }
        Act::Publish(p) => {
            v.no(law.a && !p.free_of_secrets, &["A-4-2"]);
            v.no(law.a && !(p.security_purpose && p.authorised), &["A-22-1", "B-29-1-1"]);
            v.no(law.b && !p.free_of_secrets, &["B-26"]);
            v.no(law.b && !(p.security_purpose && p.authorised), &["B-29-1-1"]);
            v.no(law.order && !p.security_purpose, &["799-16"]);
            v.no(law.order && !p.masked, &["799-22"]);
            v.no(law.order && !p.authorised, &["799-23"]);
        }
        Act::Arm(g) | Act::Disarm(g) | Act::Bypass(g) => {
            person(v, g.designated);
            let weakens = !matches!(act, Act::Arm(_));
            v.no(law.a && site.key_unit && weakens && !g.authorised, &["A-21-1", "B-24-1-4"]);
            v.no(law.b && weakens && !g.authorised, &["B-24-1-4"]);
            let open_end = matches!(act, Act::Bypass(_)) && !g.limited;
            v.no(law.a && site.key_unit && open_end, &["A-11-1-f2"]);
            v.no(law.b && open_end, &["B-22-1-4"]);
        }
        Act::Silence(s) => {
            person(v, s.designated);
            alarm_work(v, law, s.alarm_stays_open);
        }
        Act::VerifyAlarm(x) => {
            person(v, x.designated);
            alarm_work(v, law, x.grounds_recorded);
        }
        Act::CloseIncident(c) => {
            person(v, c.designated);
            alarm_work(v, law, c.verified && c.reported_if_real);
        }
        Act::OpenDoor(d) => {
            person(v, d.designated);
            v.no(law.a && site.key_unit && !d.security_purpose, &["A-21-1", "B-24-1-2"]);
            v.no(law.b && !d.security_purpose, &["B-24-1-2"]);
        }
        Act::MoveDevice(m) => {
            let new = Placement {
                place: m.place,
                faces_homes: m.faces_homes,
                has_audio: m.has_audio,
                sign_recorded: m.sign_recorded,
                installer: m.installer,
                public_area_approved: m.public_area_approved,
            };
            placement(v, &new, law, listed, true);
            let area = m.public_area_system || m.place.is_social_public_area();
            taken_away(v, area, m.authorised, m.relocation_agreed, site, law);
        }
        Act::RemoveDevice(r) => {
            taken_away(v, r.place.is_social_public_area(), r.authorised, r.relocation_agreed, site, law);
        }
        Act::StartUse(s) => v.no(law.b && !s.acceptance_passed, &["B-19-2-3"]),
        Act::StartWorks(w) => {
            let area = w.place.is_social_public_area();
            let reviewed = w.plan_reviewed && w.follows_plan;
            v.no(law.a && (site.key_unit || area) && !reviewed, &["A-12-2"]);
            v.no(law.b && area && !w.plan_examined, &["B-19-1"]);
        }
        Act::EngageProvider(e) => {
            v.no(law.a && !e.filed, &["A-16-1"]);
            v.no(law.a && site.secret_related && !e.secret_qualified, &["A-19"]);
            v.no(law.b && site.secret_related && !e.secret_qualified, &["B-43"]);
        }
        _ => {}
    }
}

fn sound(v: &mut Verdict, u: &SoundUse, listening: bool, site: &SiteProfile, law: In) {
    use PlaceKind as P;
    let by_both = [
        P::GuestRoom,
        P::Dormitory,
        P::Bath,
        P::ChangingRoom,
        P::Toilet,
        P::NursingRoom,
        P::FittingRoom,
        P::OtherPrivate,
    ];
    v.no(law.a && by_both.contains(&u.place), &["A-14"]);
    v.no(law.b && by_both.contains(&u.place), &["B-15"]);
    v.no(law.order && u.place.is_private(), &["799-8"]);
    v.no(law.b && !u.designated, &["B-22-1-2"]);
    if listening {
        v.no(law.a && !u.security_purpose, &["A-22-1", "B-29-1-1"]);
        v.no(law.b && !u.security_purpose, &["B-29-1-1"]);
        v.no(law.order && !u.security_purpose, &["799-16"]);
        v.no(law.order && !site.security_duty_place && !u.designated, &["799-16"]);
    } else {
        let reached = site.key_unit || u.place.is_social_public_area();
        v.no(law.a && reached && !u.security_purpose, &["A-21-1", "B-24-1-2"]);
        v.no(law.b && !u.security_purpose, &["B-24-1-2"]);
    }
}

fn alarm_work(v: &mut Verdict, law: In, done: bool) {
    v.no(law.a && !done, &["A-20-1", "B-21-2"]);
    v.no(law.b && !done, &["B-21-2"]);
}

fn taken_away(v: &mut Verdict, area: bool, authorised: bool, agreed: bool, site: &SiteProfile, law: In) {
    v.no(law.a && area && !authorised, &["A-9-1-2"]);
    v.no(law.a && area && !agreed, &["A-9-2"]);
    v.no(law.a && (area || site.key_unit) && !authorised, &["A-21-1", "B-24-1-1"]);
    v.no(law.b && !authorised, &["B-24-1-1"]);
    v.no(law.order && !authorised, &["799-23"]);
}

/// Who decides, and how.
fn of_authority(v: &mut Verdict, act: &Act, on: CivilDate, law: In, alone: bool) {
    let police = |organ: OrganKind| organ == OrganKind::Police;
    let apart = |v: &mut Verdict, apart_from_case: bool, not_party: bool| {
        v.no(law.a && !apart_from_case, &["A-36-f4"]);
        v.no(law.a && !not_party, &["A-29-1"]);
        v.no(law.b && !apart_from_case, &["B-42-1-4"]);
        v.no(law.b && !not_party, &["B-42-1-8"]);
        v.no(alone && !(apart_from_case && not_party), &["799-3"]);
    };
    let reasons = |v: &mut Verdict, given: bool| {
        v.no(law.a && !given, &["A-4-1"]);
        v.no(law.b && !given, &["B-4-1"]);
        v.no(alone && !given, &["799-3"]);
    };
    let competent = |v: &mut Verdict, organ: OrganKind| {
        v.yes(law.a, police(organ), "A-6-1");
        v.yes(law.b, police(organ), "B-6-1");
        v.yes(alone, police(organ), "799-3");
    };
    match act {
        Act::DecideCase(d) => {
            competent(v, d.organ);
            apart(v, d.apart_from_case, d.not_party);
            reasons(v, d.reasons_given);
            if law.penal && !d.no_penalty {
                punishing(v, d);
            }
        }
        Act::Fine(f) => {
            v.yes(law.a, police(f.organ), "A-6-1");
            v.yes(law.b, police(f.organ), "B-34");
            v.yes(alone, police(f.organ), "799-26");
            apart(v, f.apart_from_case, f.not_party);
            reasons(v, f.reasons_given && f.reviewed);
            v.no(law.a && !(f.correction_first_done && f.within_range), &["A-31"]);
            v.no(law.b && !f.correction_first_done, &["B-37-1-1"]);
            v.no(law.b && !f.within_range, &["B-34"]);
            v.no(alone && !(f.correction_first_done && f.within_range), &["799-26"]);
            if law.penal {
                punishing(v, &penalty_of(f));
            }
        }
        Act::RevokeRegistration(r) if law.b => {
            v.yes(!since(on, "2016-02-03"), police(r.organ) && r.improper_means_proved, "B-36");
            v.no(!r.apart_from_case, &["B-42-1-4"]);
            v.no(!r.not_party, &["B-42-1-8"]);
            v.no(!r.reasons_given, &["B-4-1"]);
        }
        Act::PublishRecord(r) => {
            competent(v, r.organ);
            apart(v, r.apart_from_case, r.not_party);
            v.no(law.a && !r.verified, &["A-28"]);
            v.no(law.a && !r.personal_data_limited, &["A-4-2"]);
            v.no(law.b && !(r.verified && r.personal_data_limited), &["B-32-1-3"]);
            v.no(alone && !(r.verified && r.personal_data_limited), &["799-3"]);
            v.no(law.penal && !r.no_penalty && !r.decision_stands, &["AP-48"]);
        }
        Act::WithdrawRecord(w) => {
            competent(v, w.organ);
            reasons(v, w.reasons_given);
            v.no(law.penal && !w.no_penalty && !w.reasons_given, &["AP-48"]);
        }
        Act::DesignateProduct => {
            v.no(law.a, &["A-29-2"]);
            v.no(law.b, &["B-33-1"]);
        }
        Act::TakeBenefit => {
            v.no(law.a, &["A-29-1"]);
            v.no(law.b, &["B-33-2"]);
        }
        _ => {}
    }
}

/// A fine as the penalty that it is.
fn penalty_of(f: &Fining) -> CaseDecision {
    CaseDecision {
        organ: f.organ,
        apart_from_case: f.apart_from_case,
        not_party: f.not_party,
        reasons_given: f.reasons_given,
        no_penalty: false,
        on_the_spot: f.on_the_spot,
        qualified_officers: f.qualified_officers,
        recusal_settled: f.recusal_settled,
        party_told: f.party_told,
        party_heard: f.party_heard,
        not_heavier: f.not_heavier,
        reviewed: f.reviewed,
    }
}

/// The penalty law, on every decision that punishes.
fn punishing(v: &mut Verdict, d: &CaseDecision) {
    v.no(d.qualified_officers < 2 && !d.on_the_spot, &["AP-42"]);
    v.no(!(d.not_party && d.recusal_settled), &["AP-43"]);
    v.no(!d.party_told, &["AP-44"]);
    v.no(!(d.party_heard && d.not_heavier), &["AP-45"]);
    v.no(!d.reviewed && !d.on_the_spot, &["AP-58"]);
    v.no(!(d.party_told && d.party_heard), &["AP-62"]);
}

/// Outsiders of the unit: two routes to view, one to evidence.
fn of_citizens(v: &mut Verdict, act: &Act, site: &SiteProfile, law: In, listed: bool) {
    match act {
        Act::CitizenView(c) => {
            let own = c.basis == CitizenBasis::OwnRight;
            let reached = site.key_unit || c.place.is_social_public_area();
            v.yes(law.a, own && reached && c.own_right_concerned, "A-25-1");
            v.no(law.a && !(c.no_state_secret && c.no_state_security), &["A-25-1"]);
            v.no(law.a && own && !c.others_privacy_kept, &["A-25-1"]);
            v.no(law.a && own && !c.id_card_shown, &["A-25-1-f1"]);
            v.no(law.a && own && !c.police_document, &["A-25-1-f2"]);
            v.no(law.a && site.key_unit && !c.registered, &["A-11-1-f3"]);
            v.no(law.b && !c.no_state_secret, &["B-26"]);
            let person = c.basis == CitizenBasis::LifeHealthProperty && c.relation != Relation::Other;
            v.yes(law.order, person && c.need_shown && c.unit_consents, "799-21");
            v.no(law.order && listed && !c.registered, &["799-16"]);
        }
        Act::RetrieveEvidence(e) => {
            let reached = site.key_unit || e.place.is_social_public_area();
            let papers = e.burden_of_proof && e.application_proved && e.police_papers;
            v.yes(law.a, reached && papers, "A-25-2");
            v.no(law.a && site.key_unit && !e.registered, &["A-11-1-f3"]);
            v.no(law.a && !e.sealed, &["A-23-1"]);
            v.no(law.order && listed && !e.registered, &["799-16"]);
            v.no(law.order && !e.sealed, &["799-16"]);
        }
        _ => {}
    }
}

fn placement(v: &mut Verdict, p: &Placement, law: In, listed: bool, adding: bool) {
    use PlaceKind as P;
    let named =
        matches!(p.place, P::GuestRoom | P::Dormitory | P::Bath | P::ChangingRoom | P::Toilet | P::OtherPrivate);
    let meant = matches!(p.place, P::NursingRoom | P::FittingRoom);
    v.no(law.a && (named || meant), &["A-14"]);
    v.no(law.a && p.faces_homes, &["A-14"]);
    v.no(law.b && (named || meant), &["B-15"]);
    v.no(law.order && p.place.is_private(), &["799-8"]);
    if adding {
        let (area, government) = (p.place.is_social_public_area(), p.installer == Installer::Government);
        v.no(law.a && area && !government, &["A-9-1-1"]);
        v.no(law.b && area && !government && !p.public_area_approved, &["B-14-3"]);
        let entitled = government || p.installer == Installer::ManagingUnit;
        v.no(law.order && p.place.covers_public_place() && listed && !entitled, &["799-7"]);
        v.no(law.order && p.place.covers_public_place() && !listed && p.installer == Installer::Other, &["799-9"]);
    }
}

fn official(v: &mut Verdict, o: &OfficialAccess, law: In, listed: bool, alone: bool) {
    use BasisKind as B;
    use OrganKind as O;
    let of_a = match o.basis {
        B::CriminalInvestigation => matches!(o.organ, O::Police | O::StateSecurity | O::OtherInvestigator),
        B::EmergencyInvestigation => matches!(o.organ, O::Police | O::EmergencyInvestigator),
        B::StatutoryDuty | B::NoBasis => false,
    };
    let duty = o.organ != O::NotAnOrgan && o.basis != B::NoBasis;
    v.yes(law.a, of_a, "A-24-1");
    v.yes(law.b, duty, "B-27-1");
    v.yes(alone, duty, "799-20");
    let rules = [
        (o.distinct_officers < 2, "B-28-1-1"),
        (!o.badges_shown || !o.unit_letter, "B-28-1-2"),
        (!o.registered, "B-28-1-3"),
    ];
    for (broken, clause) in rules {
        v.no(law.a && broken, &["A-24-2", clause]);
        v.no(law.b && broken, &[clause]);
    }
    v.no(law.order && listed && !o.registered, &["799-16"]);
    v.no(law.order && (!duty || !o.within_scope), &["799-20"]);
}

fn deletion(v: &mut Verdict, site: &SiteProfile, d: &Deletion, law: In, listed: bool, on: CivilDate) {
    v.yes(law.a, true, "A-4-1");
    v.yes(law.b, true, "B-25-1");
    v.yes(law.order && !law.a && !law.b, true, "799-3");
    v.yes(law.order, d.place.covers_public_place() && listed, "799-17");
    for (clause, days) in terms(site, d.place, on) {
        // Written the other way round than the gate: walk to the first free day.
        let first_free = d.last_frame.shanghai_date().plus_days(1).plus_days(i32::try_from(days).unwrap());
        v.no(on < first_free, &[clause]);
    }
    v.no(law.a && d.on_hold, &["A-23-4"]);
    v.no(law.b && d.on_hold, &["B-29-1-2"]);
    v.no(law.order && d.on_hold, &["799-23"]);
    let key = site.key_unit || d.place.is_social_public_area();
    v.no(law.a && key && !d.authorised, &["A-21-1", "B-24-1-3"]);
    v.no(law.b && !d.authorised, &["B-24-1-3"]);
    v.no(law.order && !d.authorised, &["799-23"]);
}

fn tampering(v: &mut Verdict, site: &SiteProfile, way: Tampering, place: PlaceKind, law: In) {
    use Tampering as T;
    let area = place.is_social_public_area();
    let key = site.key_unit || area;
    v.no(law.a && area && way == T::Obstruct, &["A-9-1-2"]);
    v.no(law.a && key && way == T::Obstruct, &["A-21-1", "B-24-1-4"]);
    v.no(law.a && key && way == T::DamageRecords, &["A-21-1", "B-24-1-3"]);
    v.no(law.a && matches!(way, T::Modify | T::Conceal | T::Destroy), &["A-22-1", "B-29-1-2"]);
    v.no(law.b && matches!(way, T::Modify | T::Destroy | T::DamageRecords), &["B-24-1-3"]);
    v.no(law.b && way == T::Obstruct, &["B-24-1-4"]);
    v.no(law.b && matches!(way, T::Modify | T::Conceal | T::Destroy), &["B-29-1-2"]);
    v.no(law.order, &["799-23"]);
}

/// The act with one fact turned to its stricter value, for every fact it has. Works on the written form, so that a new fact is
/// turned too without a line here.
fn stricter(act: &Act) -> Vec<(String, Act)> {
    /// True is the stricter value of these: what they name stands in the way.
    const TRUE_IS_STRICTER: [&str; 3] = ["faces_homes", "on_hold", "public_area_system"];
    /// Decide nothing anywhere: sound and signs have their duties, not their refusals.
    const SILENT: [&str; 2] = ["has_audio", "sign_recorded"];
    let written = toml::Value::try_from(act).unwrap();
    let mut out = Vec::new();
    for (fact, value) in written.as_table().unwrap() {
        let worse = match (fact.as_str(), value) {
            ("kind" | "place" | "way" | "last_frame", _) => continue,
            (fact, toml::Value::Boolean(_)) if SILENT.contains(&fact) => continue,
            (fact, toml::Value::Boolean(_)) => toml::Value::Boolean(TRUE_IS_STRICTER.contains(&fact)),
            ("organ", _) => toml::Value::from("not_an_organ"),
            ("basis", _) => toml::Value::from("no_basis"),
            ("installer" | "relation", _) => toml::Value::from("other"),
            ("distinct_officers" | "qualified_officers", toml::Value::Integer(n)) => {
                toml::Value::from((*n).clamp(0, 1))
            }
            (fact, value) => panic!("what is stricter than {fact} = {value}?"),
        };
        let mut table = written.clone();
        table.as_table_mut().unwrap().insert(fact.clone(), worse);
        out.push((fact.clone(), table.try_into().unwrap()));
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_gate_and_the_reference_agree(
        (site, on, act) in (sites(), days()).prop_flat_map(|(s, d)| (Just(s), Just(d), every_act(d))),
    ) {
        let question = Question { site, act };
        let (answer, verdict) = (GATE.decide(&question, on), reference(&question, on));
        prop_assert!(!answer.fault);
        let allow = verdict.no.is_empty() && !verdict.yes.is_empty();
        prop_assert_eq!(answer.allow, allow, "{:?}", answer);
        let expected = if allow { verdict.yes } else if verdict.no.is_empty() { verdict.could } else { verdict.no };
        let found: BTreeSet<&str> = answer.clause_ids().into_iter().collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(answer.allow, answer.missing.is_empty());
        prop_assert!(answer.allow || answer.duties.is_empty());
        prop_assert!(answer.missing.iter().all(|m| !m.what.zh.is_empty() && !m.next.en.is_empty()));
        let unfilled = answer.missing.iter().any(|m| m.next.en.contains('{') || m.what.en.contains('{'));
        prop_assert!(!unfilled);
    }

    #[test]
    fn retention_is_the_longest_term_and_never_short(site in sites(), place in place(), on in days(), ms in 0_i64..86_400_000) {
        let retention = GATE.retention(&site, place, on);
        let expected: BTreeSet<(&str, u32)> = terms(&site, place, on).into_iter().collect();
        let found: BTreeSet<(&str, u32)> = retention.terms.iter().map(|t| (t.citation.clause.0.as_str(), t.days)).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(retention.min_days, expected.iter().map(|t| t.1).max().unwrap_or(0));
        let must = in_force(&site, on).order && place.covers_public_place() && !site.security_duty_place;
        prop_assert_eq!(matches!(retention.then, AfterTerm::MustDelete(_)), must);

        let last = UtcMs(on.start().0 + ms);
        let earliest = retention.earliest_deletion(last);
        let kept_ms = earliest.since(last);
        let term_ms = i64::from(retention.min_days) * base::time::DAY_MS;
        prop_assert!(kept_ms >= term_ms && kept_ms <= term_ms + base::time::DAY_MS);
        prop_assert!(retention.is_over(last, earliest.shanghai_date()));
        prop_assert!(retention.min_days == 0 || !retention.is_over(last, earliest.plus_ms(-1).shanghai_date()));
    }

    #[test]
    fn a_fact_turned_stricter_never_opens_a_door(
        (site, on, act) in (sites(), days()).prop_flat_map(|(s, d)| (Just(s), Just(d), every_act(d))),
    ) {
        let allow = |act: Act| GATE.decide(&Question { site, act }, on).allow;
        if !allow(act) {
            for (fact, worse) in stricter(&act) {
                prop_assert!(!allow(worse), "{} of {:?} on {}", fact, act, on);
            }
        }
    }
}

#[test]
fn every_act_is_asked_about_and_what_is_never_lawful_is_refused_everywhere() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let on = CivilDate::ymd(2026, 3, 2).unwrap();
    let mut seen = BTreeSet::new();
    for _ in 0..2_000 {
        let tree = proptest::strategy::Strategy::new_tree(&every_act(on), &mut runner).unwrap();
        seen.insert(proptest::strategy::ValueTree::current(&tree).kind());
    }
    assert_eq!(seen, ActKind::ALL.iter().copied().collect());
    for jurisdiction in Jurisdiction::ALL {
        let site = SiteProfile::new(jurisdiction);
        for day in ["2010-01-01", "2012-11-01", "2015-02-01", "2026-03-02"] {
            for act in [Act::DesignateProduct, Act::TakeBenefit] {
                assert!(!GATE.decide(&Question { site, act }, CivilDate::parse(day).unwrap()).allow, "{act:?} {day}");
            }
        }
    }
}
