//! Who may not apply again, and registrations that a decision takes away.
//!
//! ```text
//! begin, name, take in ─▶ rows of the register of bans of the party ─▶ domain::casework::Ban ─ refuses ─▶ told with clause and last day, act.refused
//! decided        ─▶ its row of bans gets the last day of its waiting time
//! revoked        ─▶ number of the registration ─▶ document or case of that number ─▶ its rows get their last day: that of the decision
//! ```
//! Always true: a bar is read from the register at the moment of the act, never from the form; it is told as soon as the form names what the
//! application is about, not only when that is taken in; a row that ended keeps what it said; a decision ends rows of its own party only, whatever
//! number was typed.

use super::rows::{Of, ended};
use crate::Authority;
use base::{CaseId, CivilDate, PartyId, Refusal, Text, limits};
use domain::casework::{ACCEPT, BANS, Ban, Case, CaseAct, Channel, Event, Typed, last_day};
use domain::number::tidy_number;
use law::{Packs, Procedure};
use serde_json::Value as Json;
use store::casework::registers::{PAGE, RegisterChange, RowFilter, RowVersion};

/// The outcome that takes a registration away, and the field with its number: the same words in every procedure of the packs.
const REVOKED: &str = "revoked";
const REGISTRATION: &str = "registration_number";

/// The day on which an act takes an application in.
pub(super) fn taken_in(act: &CaseAct) -> Option<CivilDate> {
    match act {
        CaseAct::Done { step, on, .. } if ACCEPT.contains(&step.as_str()) => Some(*on),
        _ => None,
    }
}

/// What a form names as the thing an application is about, as lists and rows have it; empty where it names nothing, or a natural person.
pub(super) fn subject_of(procedure: &Procedure, typed: &Typed) -> String {
    let field = procedure.field(&procedure.subject).filter(|f| !f.personal && !f.kind.is_personal());
    let named = field.and_then(|f| typed.get(&f.id)).map_or("", |text| text.trim());
    named.chars().take(limits::NAME_CHARS).collect()
}

/// What an act names so in its own form, and the day by which it is judged; `None` for an act that names nothing. A draft is an application of
/// today only where its party fills it in online: what is entered at the counter may be of an earlier day, which its step then says.
pub(super) fn named_by(
    procedure: &Procedure,
    case: &Case,
    act: &CaseAct,
    today: CivilDate,
) -> Option<(String, CivilDate)> {
    let (step, typed, on) = match act {
        CaseAct::Fill { step, typed } if case.channel == Channel::Online => (step, typed, today),
        CaseAct::Done { step, typed, on, .. } => (step, typed, *on),
        _ => return None,
    };
    procedure.field(&procedure.subject).filter(|f| f.step == *step)?;
    Some((subject_of(procedure, typed), on)).filter(|(subject, _)| !subject.is_empty())
}

/// A bar as its row has it; `None` for a row that says of no procedure of these packs.
fn ban_of<'a>(packs: &'a Packs, row: &'a RowVersion, public: &'a Json) -> Option<Ban<'a>> {
    let procedure = packs.procedure(public["procedure"].as_str()?)?;
    let outcome = public["outcome"].as_str()?;
    Some(Ban { procedure, outcome, subject: &row.name, from: row.from, until: row.until })
}

/// Gives the rows of bans that follow from a decision the last day of their waiting time.
pub(super) fn set_last_days(
    packs: &Packs,
    procedure: &Procedure,
    case: &Case,
    changes: &mut [RegisterChange],
    today: CivilDate,
) {
    let Some(decision) = case.outcome() else { return };
    for change in changes.iter_mut().filter(|c| c.register == BANS) {
        change.until = last_day(packs, procedure, &decision.outcome, decision.on, today);
    }
}

/// The row with its last day, and that the registration was revoked; `None` where the procedure has no such outcome.
fn revoked(row: RowVersion, on: CivilDate, number: &str, procedure: &Procedure) -> Option<RegisterChange> {
    let outcome = procedure.outcomes.iter().find(|o| o.id == REVOKED)?;
    let text = Text::of(
        format!("登记已被撤销（{number}），登记簿的记录到此为止。"),
        format!("The registration was revoked ({number}); its row ends."),
    );
    ended(row, on, number, vec![outcome.clause.clone()], text)
}

impl Authority {
    /// The refusal of an application of a party for a procedure, made or taken in on a day; `None` where nothing bars it.
    pub(super) async fn barred(
        &self,
        procedure: &Procedure,
        party: Option<PartyId>,
        subject: &str,
        on: CivilDate,
    ) -> Result<Option<Refusal>, Refusal> {
        let Some(party) = party else { return Ok(None) };
        let filter =
            RowFilter { register: BANS.to_owned(), party: Some(party), holds_on: Some(on), ..RowFilter::default() };
        let (packs, today) = (self.gate().packs(), self.now().shanghai_date());
        for row in self.store().register_rows(&filter, PAGE).await? {
            let public: Json = serde_json::from_str(&row.public).unwrap_or_default();
            let ban = ban_of(packs, &row, &public);
            if let Some(refusal) = ban.and_then(|ban| ban.refuses(packs, procedure, subject, (on, today))) {
                return Ok(Some(refusal));
            }
        }
        Ok(None)
    }

    /// The case that made a registration, by the number of its document or its own.
    async fn registration(&self, number: &str) -> Result<Option<CaseId>, Refusal> {
        for whole in [number.to_owned(), tidy_number(number)] {
            if let Some(document) = self.store().document_by_number(&whole).await? {
                return Ok(document.case);
            }
        }
        Ok(self.case_numbered(number).await?.map(|case| case.id))
    }

    /// The rows of the registration that new events take away, each with its last day.
    pub(super) async fn revoked_rows(
        &self,
        procedure: &Procedure,
        case: &Case,
        new: &[Event],
        of: &Of<'_>,
    ) -> Result<Vec<RegisterChange>, Refusal> {
        let revokes = |e: &Event| matches!(e, Event::Decided { outcome, .. } if outcome == REVOKED);
        let (Some(decision), true) = (case.outcome(), new.iter().any(revokes)) else { return Ok(Vec::new()) };
        let number = procedure.field(REGISTRATION).and_then(|f| case.values_of(&f.step)?.text(&f.id));
        let Some(number) = number else { return Ok(Vec::new()) };
        let Some(registration) = self.registration(number).await?.filter(|id| *id != of.id) else {
            return Ok(Vec::new());
        };
        let mut out: Vec<RegisterChange> = Vec::new();
        for written in self.store().rows_of_case(registration).await? {
            if out.iter().any(|c| c.register == written.register && c.row == written.row) {
                continue;
            }
            let newest = self.store().register_history(&written.register, &written.row).await?.into_iter().next();
            let stands = |row: &RowVersion| row.until.is_none_or(|until| until > decision.on);
            // The number was typed: that of somebody else's case takes nothing from them.
            let own = |row: &RowVersion| row.party == of.head.party;
            let Some(row) = newest.filter(|row| stands(row) && own(row)) else { continue };
            out.extend(revoked(row, decision.on, of.number, procedure));
        }
        Ok(out)
    }
}
