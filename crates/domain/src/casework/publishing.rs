//! What of a decision is still to be made public, and which step says that it was.
//!
//! ```text
//! the decision that stands ─▶ its lists ─▶ without those in which it came out once ─▶ to_publish: what who publishes has to do
//! step "publish": its form has words for the public ─▶ it is done first, and the publication waits for it (penalties)
//!                 else                              ─▶ the publication does it (filings)
//! ```
//! Always true: what was withdrawn came out once and is owed no more; what was annulled is not published.

use super::docket::Docket;
use super::words::{ANNUL, PUBLISH};
use law::{Procedure, ProcedureKind};

/// The step "publish" writes what the public will read, and comes before the publication.
#[must_use]
pub fn is_written_first(procedure: &Procedure) -> bool {
    procedure.fields_at(PUBLISH).any(|f| f.public)
}

/// This step is entered by the publication, so by who publishes, and not by who handles the case.
#[must_use]
pub fn is_by_publication(procedure: &Procedure, step: &str) -> bool {
    step == PUBLISH && !is_written_first(procedure)
}

/// Something of the case is public now.
pub(super) fn stands(docket: &Docket<'_>) -> bool {
    docket.case.published.iter().any(|row| !row.withdrawn)
}

/// Lists in which the decision that stands is still to come out. A bulletin is one paper: it is out when it is in one of them.
#[must_use]
pub fn to_publish<'a>(docket: &Docket<'a>) -> Vec<&'a str> {
    let (procedure, case) = (docket.procedure, docket.case);
    let Some(decision) = case.outcome().filter(|_| case.done(ANNUL).is_none()) else { return Vec::new() };
    if is_written_first(procedure) && case.done(PUBLISH).is_none() {
        return Vec::new();
    }
    let decided = procedure.outcomes.iter().find(|o| o.id == decision.outcome);
    let lists: Vec<&'a str> = decided.into_iter().flat_map(|o| &o.publications).map(String::as_str).collect();
    let is_out = |list: &str| case.published.iter().any(|row| row.list == list);
    if procedure.kind == ProcedureKind::Publication && lists.iter().any(|list| is_out(list)) {
        return Vec::new();
    }
    lists.into_iter().filter(|list| !is_out(list)).collect()
}

/// The case is not over before it is published: that is what it is for, or what its officer wrote words for.
pub(super) fn holds_open(docket: &Docket<'_>) -> bool {
    let is_its_end = docket.procedure.kind == ProcedureKind::Publication || is_written_first(docket.procedure);
    is_its_end && !to_publish(docket).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::tests::bench::Bench;
    use crate::casework::{CaseAct, Seat, Stage, stage};

    fn publish(list: &str) -> CaseAct {
        CaseAct::Publish { publication: list.into(), row: "L-1".into() }
    }

    #[test]
    fn a_filing_is_published_by_its_publication_and_never_by_words() {
        for procedure in ["provider_filing", "outside_provider_filing"] {
            let mut bench = Bench::open(procedure);
            bench.go("check");
            assert!(to_publish(&bench.docket()).is_empty(), "{procedure}: nothing is decided");
            bench.take("filed").unwrap();
            assert_eq!(to_publish(&bench.docket()), ["provider_directory"], "{procedure}");
            assert_eq!(bench.done(PUBLISH).unwrap_err().code, "not_published", "{procedure}");
            bench.act(Seat::Publisher, publish("provider_directory")).unwrap();
            assert!(bench.case.done(PUBLISH).is_some(), "{procedure}: the publication is the step");
            assert!(to_publish(&bench.docket()).is_empty(), "{procedure}");
            assert_eq!(stage(&bench.docket()), Stage::Closed, "{procedure}");
        }
    }

    #[test]
    fn the_step_of_a_publication_is_that_of_who_publishes() {
        let by = |procedure: &str, step: &str| is_by_publication(Bench::open(procedure).procedure, step);
        assert!(by("provider_filing", PUBLISH) && !by("provider_filing", "check"));
        assert!(!by("penalty_case", PUBLISH), "an officer writes the words");
    }

    #[test]
    fn a_warning_is_not_closed_before_anybody_can_read_it() {
        let mut bench = Bench::open("warning_notice");
        bench.go("verify");
        bench.take("published").unwrap();
        assert_eq!(to_publish(&bench.docket()), ["warning_notices"]);
        assert_eq!(stage(&bench.docket()), Stage::Decided, "the decision to publish publishes nothing");
        bench.act(Seat::Publisher, publish("warning_notices")).unwrap();
        assert_eq!(stage(&bench.docket()), Stage::Closed);
    }

    #[test]
    fn a_bulletin_is_out_with_its_first_list() {
        let mut bench = Bench::open("bulletin");
        bench.go("check_against");
        bench.take("published").unwrap();
        let lists = to_publish(&bench.docket()).len();
        assert!(lists > 1, "{lists}");
        bench.act(Seat::Publisher, publish("other_information")).unwrap();
        assert!(to_publish(&bench.docket()).is_empty());
    }

    #[test]
    fn a_penalty_waits_for_its_publication_from_the_words_on_until_it_is_annulled() {
        let mut bench = Bench::open("penalty_case");
        bench.go("decide");
        bench.take("fined").unwrap();
        bench.take("deliver").unwrap();
        assert!(to_publish(&bench.docket()).is_empty(), "whether it is made public is still open");
        bench.done(PUBLISH).unwrap();
        assert_eq!(to_publish(&bench.docket()), ["rewards_and_penalties"]);
        assert!(holds_open(&bench.docket()));
        let mut withdrawn = bench.clone();
        bench.done(ANNUL).unwrap();
        assert!(to_publish(&bench.docket()).is_empty(), "what was annulled is not published");
        withdrawn.act(Seat::Publisher, publish("rewards_and_penalties")).unwrap();
        let (publication, row) = ("rewards_and_penalties".to_owned(), "L-1".to_owned());
        let reasons = "原决定写错了当事人的地址。".to_owned();
        withdrawn.act(Seat::Publisher, CaseAct::WithdrawPublication { publication, row, reasons }).unwrap();
        assert!(to_publish(&withdrawn.docket()).is_empty(), "it came out once");
    }
}
