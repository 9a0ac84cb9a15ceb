//! What the unit owes today: duties that the law asks, weighed against evidence.
//!
//! ```text
//! law::Owed (who asks, by when) ─┐
//! Evidence (found by the program)├─▶ evaluate ─▶ Standing: met | due | overdue | unknown, why, next date, reminder
//! Paper (entered by a person)  ──┘
//! ```
//!
//! Always true: met is said only of what is shown; what the program cannot see and nobody entered is unknown, never a breach; a day
//! that the law names and that passed with nothing on record is overdue. Days are Shanghai's. Nothing here reads a clock.

mod evaluate;
mod evidence;
mod paper;
#[cfg(test)]
mod tests;

pub use evaluate::{Standing, State, Tally, evaluate, reminder};
pub use evidence::{
    AlarmEvidence, CameraEvidence, Evidence, Fault, FirstUse, IntegrityEvidence, LOOK_BACK_DAYS, NetworkEvidence,
    Operator, RegisterEvidence, WATCH_DAYS, WatchEvidence,
};
pub use paper::{
    NUMBER_CHARS, PAPERS, PERIOD_DAYS, Paper, PaperForm, PaperKind, TITLE_CHARS, check, kinds_of, no_room, period_of,
};
