//! What should have come before a decision in another case of the same party, and did not: told to whoever decides, and stopping nothing.
//!
//! ```text
//! `[[expected]]` of a procedure of this province ─▶ rows of the party in its register ─▶ none ended so: a warning with its clause
//! ```
//! Always true: it is a warning: the clause forbids the party something and makes no condition of the decision; no row is no proof, since the
//! other case may be another party's or older than the server.

use super::CaseView;
use crate::Authority;
use base::Refusal;
use law::{Expectation, Procedure};
use store::casework::registers::{PAGE, RowFilter, RowVersion};

/// The row was written by a case of this procedure that ended so.
fn meets(row: &RowVersion, procedure: &Procedure, expectation: &Expectation) -> bool {
    let Ok(public) = serde_json::from_str::<serde_json::Value>(&row.public) else { return false };
    let ended = public["outcome"].as_str().is_some_and(|o| expectation.ended.iter().any(|e| e == o));
    ended && public["procedure"].as_str() == Some(procedure.id.as_str())
}

impl Authority {
    /// What is expected before a decision that this case may still come to, and is not found; nothing once it is decided.
    ///
    /// # Errors
    /// The store.
    pub async fn unmet(&self, view: &CaseView) -> Result<Vec<&Expectation>, Refusal> {
        let Some(party) = view.row.head.party.filter(|_| view.case.outcome().is_none()) else { return Ok(Vec::new()) };
        let site = self.site_profile().await?;
        let mut out = Vec::new();
        for procedure in self.gate().packs().procedures() {
            let about = |e: &&Expectation| e.procedure == view.row.head.procedure;
            let Some(expectation) = procedure.expected.iter().find(about) else { continue };
            if !procedure.in_force(view.today) || !self.reaches(procedure, site) {
                continue;
            }
            let ended = procedure.outcomes.iter().find(|o| expectation.ended.contains(&o.id));
            let Some(register) = ended.and_then(|o| o.registers.first()) else { continue };
            let filter = RowFilter { register: register.clone(), party: Some(party), ..RowFilter::default() };
            let rows = self.store().register_rows(&filter, PAGE).await?;
            if !rows.iter().any(|row| meets(row, procedure, expectation)) {
                out.push(expectation);
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{CivilDate, UtcMs};

    fn row(public: &str) -> RowVersion {
        RowVersion {
            shown: None,
            register: "projects".into(),
            row: "1".into(),
            version: 1,
            name: String::new(),
            office: None,
            party: None,
            public: public.into(),
            personal: None,
            case: None,
            from: CivilDate::ymd(2026, 3, 2).unwrap(),
            until: None,
            newest: true,
            at: UtcMs(0),
            entry: 1,
        }
    }

    #[test]
    fn only_a_case_of_that_procedure_that_ended_well_counts() {
        let packs = law::Packs::embedded().unwrap();
        let acceptance = packs.procedure("acceptance").unwrap();
        let expectation = acceptance.expected.first().unwrap();
        assert_eq!((expectation.procedure.as_str(), expectation.outcome.as_str()), ("system_filing", "filed"));
        let found = |public: &str| meets(&row(public), acceptance, expectation);
        assert!(found(r#"{"procedure":"acceptance","outcome":"passed"}"#));
        assert!(!found(r#"{"procedure":"acceptance","outcome":"failed"}"#));
        assert!(!found(r#"{"procedure":"plan_examination","outcome":"passed"}"#));
        assert!(!found("{}") && !found("no row"));
    }
}
