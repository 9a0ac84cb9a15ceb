//! A filing that whoever filed it gives up: its rows end.
//!
//! ```text
//! decided: cancelled ─▶ newest version of each row of the case ─▶ the same row with its last day, that of the decision
//! ```
//! Always true: only rows of the case itself end; a row keeps what it said, and one that ended before keeps its day.

use super::rows::{Of, ended};
use crate::Authority;
use base::{ClauseId, Refusal, Text};
use domain::casework::{CANCELLED, Case, Decision, Event, node};
use law::Procedure;
use std::collections::BTreeSet;
use store::casework::registers::{RegisterChange, RowVersion};

/// The row with its last day, and that the filing was cancelled.
fn cancelled(row: RowVersion, decision: &Decision, number: &str, clauses: Vec<ClauseId>) -> Option<RegisterChange> {
    let text = Text::of(
        format!("备案已注销（{number}），登记簿的记录到此为止。"),
        format!("The filing was cancelled ({number}); its row ends."),
    );
    ended(row, decision.on, number, clauses, text)
}

impl Authority {
    /// The rows of a filing that new events give up, each with its last day.
    pub(super) async fn cancelled_rows(
        &self,
        procedure: &Procedure,
        case: &Case,
        new: &[Event],
        of: &Of<'_>,
    ) -> Result<Vec<RegisterChange>, Refusal> {
        let cancels = |e: &Event| matches!(e, Event::Decided { outcome, .. } if outcome == CANCELLED);
        let (Some(decision), true) = (case.outcome(), new.iter().any(cancels)) else { return Ok(Vec::new()) };
        let own = of.id.to_string();
        let written = self.store().rows_of_case(of.id).await?.into_iter().filter(|row| row.row == own);
        let registers: BTreeSet<String> = written.map(|row| row.register).collect();
        let clauses: Vec<ClauseId> = node(procedure, CANCELLED).iter().map(|n| n.clause().clone()).collect();
        let mut out = Vec::new();
        for register in registers {
            let newest = self.store().register_history(&register, &own).await?.into_iter().next();
            let stands = |row: &RowVersion| row.until.is_none_or(|until| until > decision.on);
            out.extend(newest.filter(stands).and_then(|row| cancelled(row, decision, of.number, clauses.clone())));
        }
        Ok(out)
    }
}
