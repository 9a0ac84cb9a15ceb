//! Turns a question into the context that policies read. Each act has its record in `schema.cedarschema`; a test holds that
//! every record built here fits it.

use crate::act::{
    Act, BasisKind, CaseDecision, Change, CitizenBasis, CitizenViewing, Deletion, Fining, OfficialAccess, OrganKind,
    OwnUse, Placement, Relation, Tampering,
};
use crate::{PlaceKind, Question, Retention};
use base::CivilDate;
use cedar_policy::RestrictedExpression as Value;

/// Facts of a question, by the names of the schema.
#[derive(Debug)]
pub(crate) struct Facts(Vec<(String, Value)>);

impl Facts {
    /// The facts. `retention` is asked only for a deletion.
    pub(crate) fn of(question: &Question, on: CivilDate, retention: Option<&Retention>) -> Self {
        let site = &question.site;
        let mut facts = Self(Vec::with_capacity(12));
        facts.bool("key_unit", site.key_unit);
        facts.bool("listed_site", !site.security_duty_place);
        facts.act(question, on, retention);
        facts
    }

    /// Facts of the acts on footage and cameras; the others go on to [`Facts::operation`].
    fn act(&mut self, question: &Question, on: CivilDate, retention: Option<&Retention>) {
        match &question.act {
            Act::AddCamera(p) | Act::UseCamera(p) => self.placement(p),
            Act::ChangePurpose(c) | Act::StopRecording(c) | Act::Mask(c) => self.change(c),
            Act::ViewLive(u) | Act::PlayBack(u) => self.own_use(u),
            Act::OfficialView(o) | Act::OfficialCopy(o) | Act::OfficialRetrieve(o) => self.official(o),
            Act::Export(h) => {
                self.official(&h.access());
                self.bool("sealed", h.sealed);
            }
            Act::EmergencyUse(e) => {
                self.word("organ", organ(e.organ));
                self.bool("emergency_stated", e.emergency_stated);
            }
            Act::NetworkView(n) | Act::ConnectPlatform(n) => {
                self.bool("secret_related", question.site.secret_related);
                self.word("organ", organ(n.organ));
                self.bool("need_stated", n.need_stated);
                self.bool("emergency_stated", n.emergency_stated);
            }
            Act::ReleaseHold(r) => {
                self.bool("request_closed", r.request_closed);
                self.bool("reason_recorded", r.reason_recorded);
            }
            Act::Delete(d) => self.deletion(d, on, retention),
            Act::Tamper { way, place } => {
                self.place(*place);
                self.word("way", tampering(*way));
            }
            Act::ReportAlarm(r) => {
                self.bool("verified_real", r.verified_real);
                self.bool("raised_by_hand", r.raised_by_hand);
            }
            Act::Publish(p) => {
                self.bool("masked", p.masked);
                self.bool("authorised", p.authorised);
                self.bool("security_purpose", p.security_purpose);
                self.bool("free_of_secrets", p.free_of_secrets);
            }
            other => self.operation(other, question.site.secret_related),
        }
    }

    /// Facts of the acts on a running system; the others go on to [`Facts::authority`].
    fn operation(&mut self, act: &Act, secret_related: bool) {
        match act {
            Act::Listen(u) | Act::Talk(u) => {
                self.place(u.place);
                self.bool("designated", u.designated);
                self.bool("security_purpose", u.security_purpose);
            }
            Act::Arm(g) | Act::Disarm(g) | Act::Bypass(g) => {
                self.bool("designated", g.designated);
                self.bool("authorised", g.authorised);
                self.bool("limited", g.limited);
            }
            Act::Silence(s) => {
                self.bool("designated", s.designated);
                self.bool("alarm_stays_open", s.alarm_stays_open);
            }
            Act::OpenDoor(d) => {
                self.bool("designated", d.designated);
                self.bool("security_purpose", d.security_purpose);
            }
            Act::VerifyAlarm(v) => {
                self.bool("designated", v.designated);
                self.bool("grounds_recorded", v.grounds_recorded);
            }
            Act::CloseIncident(c) => {
                self.bool("designated", c.designated);
                self.bool("verified", c.verified);
                self.bool("reported_if_real", c.reported_if_real);
            }
            Act::MoveDevice(r) => {
                self.placement(&r.placement());
                self.bool("public_area_system", r.public_area_system || r.place.is_social_public_area());
                self.bool("authorised", r.authorised);
                self.bool("relocation_agreed", r.relocation_agreed);
            }
            Act::RemoveDevice(r) => {
                self.place(r.place);
                self.bool("public_area_system", r.place.is_social_public_area());
                self.bool("authorised", r.authorised);
                self.bool("relocation_agreed", r.relocation_agreed);
            }
            Act::StartUse(s) => self.bool("acceptance_passed", s.acceptance_passed),
            Act::StartWorks(w) => {
                self.place(w.place);
                self.bool("plan_reviewed", w.plan_reviewed);
                self.bool("follows_plan", w.follows_plan);
                self.bool("plan_examined", w.plan_examined);
            }
            Act::EngageProvider(e) => {
                self.bool("secret_related", secret_related);
                self.bool("filed", e.filed);
                self.bool("secret_qualified", e.secret_qualified);
            }
            other => self.authority(other),
        }
    }

    /// Facts of the acts of the authority and towards citizens. What is left has no facts of its own.
    fn authority(&mut self, act: &Act) {
        match act {
            Act::CitizenView(c) => self.citizen(c),
            Act::RetrieveEvidence(e) => {
                self.place(e.place);
                self.bool("burden_of_proof", e.burden_of_proof);
                self.bool("application_proved", e.application_proved);
                self.bool("police_papers", e.police_papers);
                self.bool("registered", e.registered);
                self.bool("sealed", e.sealed);
            }
            Act::DecideCase(d) => self.case(d),
            Act::Fine(f) => self.fine(f),
            Act::RevokeRegistration(r) => {
                self.decision(r.organ, r.apart_from_case, r.not_party, r.reasons_given);
                self.bool("improper_means_proved", r.improper_means_proved);
            }
            Act::PublishRecord(r) => {
                self.word("organ", organ(r.organ));
                self.bool("apart_from_case", r.apart_from_case);
                self.bool("not_party", r.not_party);
                self.bool("verified", r.verified);
                self.bool("personal_data_limited", r.personal_data_limited);
                self.bool("no_penalty", r.no_penalty);
                self.bool("decision_stands", r.decision_stands);
            }
            Act::WithdrawRecord(w) => {
                self.word("organ", organ(w.organ));
                self.bool("reasons_given", w.reasons_given);
                self.bool("no_penalty", w.no_penalty);
            }
            _ => {}
        }
    }

    /// Hands the facts over.
    pub(crate) fn into_pairs(self) -> Vec<(String, Value)> {
        self.0
    }

    fn bool(&mut self, name: &str, value: bool) {
        self.0.push((name.to_owned(), Value::new_bool(value)));
    }

    fn word(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), Value::new_string(value.to_owned())));
    }

    fn place(&mut self, place: PlaceKind) {
        self.word("place", place.key());
        self.bool("public_place", place.covers_public_place());
        self.bool("public_area", place.is_social_public_area());
    }

    fn placement(&mut self, p: &Placement) {
        self.place(p.place);
        self.bool("faces_homes", p.faces_homes);
        self.bool("has_audio", p.has_audio);
        self.bool("sign_recorded", p.sign_recorded);
        self.word("installer", p.installer.key());
        self.bool("public_area_approved", p.public_area_approved);
    }

    fn change(&mut self, c: &Change) {
        self.place(c.place);
        self.bool("authorised", c.authorised);
    }

    fn own_use(&mut self, u: &OwnUse) {
        self.bool("designated", u.designated);
        self.bool("security_purpose", u.security_purpose);
        self.bool("registered", u.registered);
    }

    fn official(&mut self, o: &OfficialAccess) {
        self.word("organ", organ(o.organ));
        self.word("basis", basis(o.basis));
        self.0.push(("officers".to_owned(), Value::new_long(i64::from(o.distinct_officers))));
        self.bool("badges_shown", o.badges_shown);
        self.bool("unit_letter", o.unit_letter);
        self.bool("registered", o.registered);
        self.bool("within_scope", o.within_scope);
    }

    fn citizen(&mut self, c: &CitizenViewing) {
        self.place(c.place);
        self.word("basis", citizen_basis(c.basis));
        self.bool("own_right_concerned", c.own_right_concerned);
        self.bool("id_card_shown", c.id_card_shown);
        self.bool("police_document", c.police_document);
        self.bool("no_state_secret", c.no_state_secret);
        self.bool("no_state_security", c.no_state_security);
        self.bool("others_privacy_kept", c.others_privacy_kept);
        self.word("relation", relation(c.relation));
        self.bool("need_shown", c.need_shown);
        self.bool("unit_consents", c.unit_consents);
        self.bool("registered", c.registered);
    }

    fn decision(&mut self, by: OrganKind, apart_from_case: bool, not_party: bool, reasons_given: bool) {
        self.word("organ", organ(by));
        self.bool("apart_from_case", apart_from_case);
        self.bool("not_party", not_party);
        self.bool("reasons_given", reasons_given);
    }

    fn case(&mut self, d: &CaseDecision) {
        self.decision(d.organ, d.apart_from_case, d.not_party, d.reasons_given);
        self.bool("no_penalty", d.no_penalty);
        self.bool("on_the_spot", d.on_the_spot);
        self.0.push(("qualified_officers".to_owned(), Value::new_long(i64::from(d.qualified_officers))));
        self.bool("recusal_settled", d.recusal_settled);
        self.bool("party_told", d.party_told);
        self.bool("party_heard", d.party_heard);
        self.bool("not_heavier", d.not_heavier);
        self.bool("reviewed", d.reviewed);
    }

    fn fine(&mut self, f: &Fining) {
        // A fine is a penalty in the same hands as a case that ends with one.
        self.case(&CaseDecision {
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
        });
        self.bool("correction_first_done", f.correction_first_done);
        self.bool("within_range", f.within_range);
    }

    fn deletion(&mut self, d: &Deletion, on: CivilDate, retention: Option<&Retention>) {
        self.place(d.place);
        self.bool("on_hold", d.on_hold);
        self.bool("authorised", d.authorised);
        let open = retention.map(|r| r.open_terms(d.last_frame, on)).unwrap_or_default();
        let open = open.into_iter().map(|clause| Value::new_string(clause.to_owned()));
        self.0.push(("inside_terms".to_owned(), Value::new_set(open)));
    }
}

const fn organ(organ: OrganKind) -> &'static str {
    match organ {
        OrganKind::Police => "police",
        OrganKind::StateSecurity => "state_security",
        OrganKind::OtherInvestigator => "other_investigator",
        OrganKind::EmergencyInvestigator => "emergency_investigator",
        OrganKind::OtherDepartment => "other_department",
        OrganKind::NotAnOrgan => "not_an_organ",
    }
}

const fn basis(basis: BasisKind) -> &'static str {
    match basis {
        BasisKind::CriminalInvestigation => "criminal_investigation",
        BasisKind::EmergencyInvestigation => "emergency_investigation",
        BasisKind::StatutoryDuty => "statutory_duty",
        BasisKind::NoBasis => "no_basis",
    }
}

const fn citizen_basis(basis: CitizenBasis) -> &'static str {
    match basis {
        CitizenBasis::OwnRight => "own_right",
        CitizenBasis::LifeHealthProperty => "life_health_property",
        CitizenBasis::NoBasis => "no_basis",
    }
}

const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Person => "person",
        Relation::NearRelative => "near_relative",
        Relation::Guardian => "guardian",
        Relation::Other => "other",
    }
}

const fn tampering(way: Tampering) -> &'static str {
    match way {
        Tampering::Modify => "modify",
        Tampering::Conceal => "conceal",
        Tampering::Destroy => "destroy",
        Tampering::DamageRecords => "damage_records",
        Tampering::Obstruct => "obstruct",
    }
}
