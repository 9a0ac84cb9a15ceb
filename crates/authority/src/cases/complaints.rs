//! Complaints and reports of whoever comes, with or without a name: a case of the competent office, with what was written as a draft.
//!
//! ```text
//! procedure whose first step takes a complaint ─▶ form checked ─▶ office of the division ─▶ Opened + Filled by nobody's account
//!                                                                                        └▶ number and code for the receipt
//! ```
//! Always true: no procedure is named here: the packs say which one takes complaints (people begin it and it is an inspection, or ours and
//! its first step knows the answer `complaint`); an officer takes in what was written, the public does no step; who complained is in sealed
//! fields only, and of who chose to stay unnamed nothing is kept (`domain::form`: what a field of the packs says with `unkept`).

use super::Begun;
use super::open::handler;
use crate::Authority;
use base::{CivilDate, OfficeId, Refusal, Text};
use domain::casework::{Channel, Event, Opening, Seat, Typed, Who, is_ours, open};
use domain::form;
use domain::identifier::DivisionCode;
use domain::office::{candidates, competent};
use law::{Field, Procedure, ProcedureKind};

/// The answer by which a first step of ours takes a complaint.
const COMPLAINT: &str = "complaint";

/// A complaint as typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Word of the procedure, one of `complaint_ways`.
    pub procedure: String,
    /// The form: the texts of [`complaint_fields`], by field id.
    pub typed: Typed,
}

impl std::fmt::Debug for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Complaint({})", self.procedure)
    }
}

/// Says by its first step that it takes a complaint.
fn is_source(field: &Field) -> bool {
    field.choice(COMPLAINT).is_some()
}

fn first_fields(procedure: &Procedure) -> impl Iterator<Item = &Field> {
    let first = procedure.steps.first().map_or("", |s| s.id.as_str());
    procedure.fields.iter().filter(move |f| f.step == first)
}

/// The day on which the complaint came is the day on which it is written.
fn is_day(procedure: &Procedure, field: &Field) -> bool {
    let first = procedure.steps.first().and_then(|s| procedure.day_field(&s.id));
    first.is_some_and(|day| day.id == field.id)
}

/// What whoever complains fills in, in the order of the form.
#[must_use]
pub fn complaint_fields(procedure: &Procedure) -> Vec<&Field> {
    first_fields(procedure).filter(|f| !is_source(f) && !is_day(procedure, f)).collect()
}

fn takes_complaints(procedure: &Procedure) -> bool {
    let from_people = procedure.kind == ProcedureKind::Inspection && !is_ours(procedure.applicant);
    let from_us = is_ours(procedure.applicant) && first_fields(procedure).any(is_source);
    // Without a place nobody could say which office is to look into it.
    (from_people || from_us) && procedure.place_field().is_some() && handler(procedure).is_some()
}

fn not_taken() -> Refusal {
    Refusal::not_found("这一类举报投诉", "kind of complaint")
}

fn one(refusal: impl Into<Refusal>) -> Vec<Refusal> {
    vec![refusal.into()]
}

impl Authority {
    /// The procedures that take complaints here today: those of every province, those of this one, those about the organs themselves.
    ///
    /// # Errors
    /// The store.
    pub async fn complaint_ways(&self, today: CivilDate) -> Result<Vec<&Procedure>, Refusal> {
        let site = self.site_profile().await?;
        let takes = |p: &&Procedure| p.in_force(today) && self.reaches(p, site) && takes_complaints(p);
        let packs = self.gate().packs();
        let mut ways: Vec<&Procedure> = packs.procedures().iter().filter(takes).collect();
        // Most people come about a camera; who chooses nothing is asked about that, which is the same in every province.
        let of_a_province = |p: &Procedure| {
            packs.all().iter().any(|pack| pack.folder == p.folder && !pack.head.jurisdictions.is_empty())
        };
        ways.sort_by_key(|p| (p.kind == ProcedureKind::Internal, of_a_province(p)));
        Ok(ways)
    }

    /// Takes a complaint or report of somebody who need not have an account.
    ///
    /// # Errors
    /// `not_found` for a procedure that takes none; every fault of the form (code: the field's id); that no office is competent; those of
    /// `domain::casework::open`; or the store.
    pub async fn complain(&self, form: &Complaint) -> Result<Begun, Vec<Refusal>> {
        let now = self.now();
        let today = now.shanghai_date();
        let ways = self.complaint_ways(today).await.map_err(one)?;
        let procedure = ways.into_iter().find(|p| p.id == form.procedure).ok_or_else(|| one(not_taken()))?;
        let fields: Vec<&Field> = first_fields(procedure).collect();
        let mut typed = form.typed.clone();
        for field in &fields {
            if is_source(field) {
                typed.insert(field.id.clone(), COMPLAINT.to_owned());
            }
            if is_day(procedure, field) {
                typed.insert(field.id.clone(), today.to_string());
            }
        }
        let places = form::place_faults(self.gate().packs(), &fields, |id| typed.get(id).cloned(), today);
        if let Some(fault) = places.into_iter().next() {
            return Err(one(Refusal::bad_input(&fault.field, fault.what, fault.next)));
        }
        let values = form::check(&fields, &typed).map_err(|faults| {
            faults.into_iter().map(|f| Refusal::bad_input(&f.field, f.what, f.next)).collect::<Vec<Refusal>>()
        })?;
        let place = procedure.place_field().and_then(|f| values.text(&f.id)).unwrap_or_default();
        let office = self.office_of_complaint(procedure, place).await.map_err(one)?;
        let step = procedure.steps.first().map(|s| s.id.clone()).unwrap_or_default();
        let who = Who::nobody(Seat::Counter, office);
        let title = procedure.name_zh.clone();
        let channel = Channel::Counter;
        let opening = Opening { office, facts_on: today, channel, party: None, title, from_case: None };
        let mut events = open(self.gate().packs(), procedure, &opening, &who, today).map_err(one)?;
        events.push(Event::Filled { step, values });
        self.open_case((procedure, office), &who, &events, (None, None), now).await.map_err(one)
    }

    /// The competent office; of several the first, because whoever complains need not know which.
    async fn office_of_complaint(&self, procedure: &Procedure, place: &str) -> Result<OfficeId, Refusal> {
        let place = DivisionCode::parse(place).map_err(|f| Refusal::bad_input(&procedure.place, f.what(), f.next()))?;
        let party = handler(procedure).ok_or_else(not_taken)?;
        let offices = self.open_offices().await?;
        if let Some(first) = candidates(party, &offices, &place).first() {
            return Ok(first.id);
        }
        competent(party, &offices, &place).map(|office| office.id).map_err(|refusal| {
            let next = Text::new(
                "请核对所选的地区，或者到窗口提出。",
                "Check the place that you chose, or come to the counter.",
            );
            Refusal { next, ..refusal }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packs_say_what_takes_complaints() {
        let packs = law::Packs::embedded().unwrap();
        let taken: Vec<&str> =
            packs.procedures().iter().filter(|p| takes_complaints(p)).map(|p| p.id.as_str()).collect();
        for way in ["report_handling", "warning_notice", "conduct_referral_a", "conduct_referral_b"] {
            assert!(taken.contains(&way), "{way}: {taken:?}");
        }
        for word in ["misuse_report", "unaccepted_report", "sign_report"] {
            for province in ["a", "b"] {
                let way = format!("{word}_{province}");
                assert!(taken.contains(&way.as_str()), "{way}: {taken:?}");
                let outcomes = &packs.procedure(&way).unwrap().outcomes;
                assert!(outcomes.iter().any(|o| o.opens.contains(&"penalty_case".to_owned())), "{way} leads to a case");
            }
        }
        for licence in ["area_approval", "penalty_case", "review"] {
            assert!(!taken.contains(&licence), "{licence}");
        }
    }

    #[test]
    fn who_chose_to_be_unnamed_is_and_nobody_else() {
        let packs = law::Packs::embedded().unwrap();
        let fields = complaint_fields(packs.procedure("report_handling").unwrap());
        for kind in ["unnamed", "person"] {
            let pairs = [("reporter_kind", kind), ("reporter_name", "王五"), ("reported", "通风口内有摄像装置。")];
            let typed: Typed = pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
            assert_eq!(form::is_unnamed(&fields, &typed), kind == "unnamed", "{kind}");
        }
    }

    #[test]
    fn nobody_is_asked_what_the_office_knows() {
        let packs = law::Packs::embedded().unwrap();
        let notice = packs.procedure("warning_notice").unwrap();
        let asked: Vec<&str> = complaint_fields(notice).iter().map(|f| f.id.as_str()).collect();
        assert!(asked.contains(&"complaint") && asked.contains(&"provider_division"), "{asked:?}");
        assert!(!asked.contains(&"source") && !asked.contains(&"find_day"), "{asked:?}");
        assert!(complaint_fields(notice).iter().all(|f| f.step == "find"), "the first step only");
    }
}
