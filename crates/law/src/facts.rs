//! Turns a question into the context that policies read. Each act has its record in `schema.cedarschema`; a test holds that
//! every record built here fits it.

use crate::act::{
    Act, BasisKind, Change, Deletion, Installer, OfficialAccess, OrganKind, OwnUse, Placement, Tampering,
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
        match &question.act {
            Act::AddCamera(p) | Act::UseCamera(p) => facts.placement(p),
            Act::ChangePurpose(c) | Act::StopRecording(c) => facts.change(c),
            Act::ViewLive(u) | Act::PlayBack(u) => facts.own_use(u),
            Act::OfficialView(o) | Act::OfficialCopy(o) | Act::OfficialRetrieve(o) => facts.official(o),
            Act::EmergencyUse(e) => {
                facts.word("organ", organ(e.organ));
                facts.bool("emergency_stated", e.emergency_stated);
            }
            Act::NetworkView(n) => {
                facts.bool("secret_related", site.secret_related);
                facts.word("organ", organ(n.organ));
                facts.bool("need_stated", n.need_stated);
                facts.bool("emergency_stated", n.emergency_stated);
            }
            Act::Hold => {}
            Act::ReleaseHold(r) => {
                facts.bool("request_closed", r.request_closed);
                facts.bool("reason_recorded", r.reason_recorded);
            }
            Act::Delete(d) => facts.deletion(d, on, retention),
            Act::Tamper { way, place } => {
                facts.place(*place);
                facts.word("way", tampering(*way));
            }
            Act::ReportAlarm(r) => {
                facts.bool("verified_real", r.verified_real);
                facts.bool("raised_by_hand", r.raised_by_hand);
            }
        }
        facts
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
        self.word("installer", installer(p.installer));
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

    fn deletion(&mut self, d: &Deletion, on: CivilDate, retention: Option<&Retention>) {
        self.place(d.place);
        self.bool("on_hold", d.on_hold);
        self.bool("authorised", d.authorised);
        let open = retention.map(|r| r.open_terms(d.last_frame, on)).unwrap_or_default();
        let open = open.into_iter().map(|clause| Value::new_string(clause.to_owned()));
        self.0.push(("inside_terms".to_owned(), Value::new_set(open)));
    }
}

const fn installer(installer: Installer) -> &'static str {
    match installer {
        Installer::Government => "government",
        Installer::ManagingUnit => "managing_unit",
        Installer::SecurityDutyHolder => "security_duty_holder",
        Installer::Other => "other",
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

const fn tampering(way: Tampering) -> &'static str {
    match way {
        Tampering::Modify => "modify",
        Tampering::Conceal => "conceal",
        Tampering::Destroy => "destroy",
        Tampering::DamageRecords => "damage_records",
        Tampering::Obstruct => "obstruct",
    }
}
