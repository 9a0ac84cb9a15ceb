//! Who may act: from the party of a procedure (`law::Party`) to the seat of an account, and who sits where.
//!
//! Always true: what an organ decides is never done from the applicant's seat; what an outside body does (court, experts, government,
//! another unit) is entered by an officer, with its paper; nobody of another office acts on a case.

use super::event::coded;
use super::words::LEGAL_REVIEW;
use base::{AccountId, CivilDate, OfficeId, PartyId};
use law::{Guard, Outcome, Party, Procedure, Step};

coded! {
    /// Where somebody sits in a case.
    Seat {
        Applicant, "applicant", "申请人或者当事人", "applicant or person concerned";
        Counter, "counter", "窗口人员", "clerk at the counter";
        Officer, "officer", "承办人", "officer";
        Head, "head", "负责人", "head of the organ";
        LegalReviewer, "legal_reviewer", "法制审核人员", "legal reviewer";
        Publisher, "publisher", "公布人员", "publisher";
        Outside, "outside", "机关以外的机构", "body outside the organ";
    }
}

/// Who acts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    /// The account.
    pub account: AccountId,
    /// The seat taken for this act; the caller has established that the account holds it.
    pub seat: Seat,
    /// The office; `None` for an applicant.
    pub office: Option<OfficeId>,
    /// The party that an applicant's account stands for.
    pub party: Option<PartyId>,
    /// Last day of the enforcement certificate; `None` without one.
    pub certificate_until: Option<CivilDate>,
}

/// The account under which stands what no person entered: the work of the server itself, and what a unit says by its signed answer. No account
/// has this id.
pub const NOBODY: AccountId = AccountId::from_bytes([0; 16]);

impl Who {
    /// Nobody's account in a seat of an office.
    #[must_use]
    pub const fn nobody(seat: Seat, office: OfficeId) -> Self {
        Self { account: NOBODY, seat, office: Some(office), party: None, certificate_until: None }
    }
}

/// The organ that runs this server, at whatever level.
#[must_use]
pub const fn is_ours(party: Party) -> bool {
    matches!(
        party,
        Party::PoliceStation
            | Party::PoliceLocal
            | Party::PoliceCounty
            | Party::PoliceCityOrCounty
            | Party::PoliceCity
            | Party::PoliceCityOrAbove
            | Party::PoliceProvince
            | Party::Police
            | Party::PoliceHead
            | Party::PoliceOrStateSecurity
            | Party::Organ
    )
}

/// A body that has no account here and is nobody's applicant.
const fn is_body(party: Party) -> bool {
    matches!(
        party,
        Party::TestingBody
            | Party::Experts
            | Party::StateSecurity
            | Party::Government
            | Party::ReviewOrgan
            | Party::Court
    )
}

/// The seat from which a step is done.
#[must_use]
pub fn seat_of_step(procedure: &Procedure, step: &Step) -> Seat {
    let concerned = step.who == procedure.applicant || is_ours(procedure.applicant);
    match step.who {
        _ if step.id == LEGAL_REVIEW => Seat::LegalReviewer,
        Party::PoliceHead => Seat::Head,
        who if is_ours(who) && step.needs.contains(&Guard::Head) => Seat::Head,
        who if is_ours(who) => Seat::Officer,
        who if is_body(who) || !concerned => Seat::Outside,
        _ => Seat::Applicant,
    }
}

/// The seat from which an outcome is taken.
#[must_use]
pub fn seat_of_outcome(procedure: &Procedure, outcome: &Outcome) -> Seat {
    match procedure.organ {
        Party::PoliceHead => Seat::Head,
        organ if is_ours(organ) && outcome.needs.contains(&Guard::Head) => Seat::Head,
        organ if is_ours(organ) => Seat::Officer,
        organ if organ == procedure.applicant && !is_body(organ) => Seat::Applicant,
        _ => Seat::Outside,
    }
}

/// Whether somebody in seat `who` may do what belongs to `seat`: an officer or the counter enters what a person says or hands in, an officer
/// what an outside body does.
#[must_use]
pub const fn may_enter(who: Seat, seat: Seat) -> bool {
    match seat {
        Seat::Applicant => matches!(who, Seat::Applicant | Seat::Counter | Seat::Officer),
        Seat::Officer | Seat::Outside => matches!(who, Seat::Officer),
        Seat::Counter => matches!(who, Seat::Counter | Seat::Officer),
        Seat::Head => matches!(who, Seat::Head),
        Seat::LegalReviewer => matches!(who, Seat::LegalReviewer),
        Seat::Publisher => matches!(who, Seat::Publisher),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(procedure: &str) -> Vec<(String, Seat)> {
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure(procedure).unwrap();
        let steps = procedure.steps.iter().map(|s| (s.id.clone(), seat_of_step(procedure, s)));
        steps.chain(procedure.outcomes.iter().map(|o| (o.id.clone(), seat_of_outcome(procedure, o)))).collect()
    }

    fn seat(procedure: &str, node: &str) -> Seat {
        seats(procedure).into_iter().find(|(id, _)| id == node).unwrap().1
    }

    #[test]
    fn what_an_organ_decides_is_never_done_from_the_applicants_seat() {
        let packs = law::Packs::embedded().unwrap();
        for procedure in packs.procedures() {
            for outcome in &procedure.outcomes {
                let seat = seat_of_outcome(procedure, outcome);
                assert!(
                    seat != Seat::Applicant || procedure.organ == procedure.applicant,
                    "{} {}",
                    procedure.id,
                    outcome.id
                );
            }
        }
        assert_eq!(seat("three_together_b", "done"), Seat::Applicant, "the builder's own record");
    }

    #[test]
    fn bodies_and_units_that_do_not_apply_are_outside() {
        assert_eq!(seat("acceptance", "test"), Seat::Outside);
        assert_eq!(seat("plan_review", "passed"), Seat::Outside);
        assert_eq!(seat("citizen_viewing", "show"), Seat::Outside, "the unit that shows does not apply");
        assert_eq!(seat("person_viewing", "consented"), Seat::Outside, "no applicant consents to their own request");
        assert_eq!(seat("networking", "connected"), Seat::Outside);
        assert_eq!(seat("lawsuit", "judged"), Seat::Outside);
    }

    #[test]
    fn whom_a_case_is_about_has_a_seat_in_it() {
        assert_eq!(seat("penalty_case", "ask_for_hearing"), Seat::Applicant);
        assert_eq!(seat("penalty_case", "legal_review"), Seat::LegalReviewer);
        assert_eq!(seat("inspection_a", "cooperate"), Seat::Applicant);
        assert_eq!(seat("area_approval", "accept"), Seat::Officer);
    }

    #[test]
    fn every_seat_is_entered_by_whoever_holds_it_but_the_outside_by_an_officer() {
        for seat in Seat::ALL {
            assert_eq!(may_enter(*seat, *seat), *seat != Seat::Outside, "{seat:?}");
            assert_eq!(Seat::parse(seat.code()), Some(*seat));
        }
        assert!(may_enter(Seat::Officer, Seat::Outside) && may_enter(Seat::Counter, Seat::Applicant));
        assert!(!may_enter(Seat::Applicant, Seat::Officer) && !may_enter(Seat::Officer, Seat::Head));
        assert_eq!(Seat::parse("judge"), None);
    }
}
