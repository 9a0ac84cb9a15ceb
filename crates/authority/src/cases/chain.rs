//! Cases that come from others: what may follow a decision, what the next case takes over from it, and which cases belong together.
//!
//! ```text
//! decided outcome ─▶ `opens` of the packs ─▶ in force here today, and due ─▶ next_cases
//! carried: fields of the next first step that this case has filled in, the facts, the number of its order, what is owed
//! begin_from ─▶ `opened` names the case it came from ─▶ linked: both know of each other
//! ```
//! Always true: what follows what is said by the packs; what is taken over is a draft that a person reads and sends; an enforcement is
//! offered only for money whose every term is over; nobody learns of a case that they may not know of.

use super::bill::Bill;
use super::follow::{Loaded, procedure_of};
use super::who::Reach;
use crate::{Authority, By};
use base::{CaseId, PartyId, Refusal, limits};
use domain::access::Permission;
use domain::casework::{Case, Typed};
use domain::form::Value;
use domain::payment::yuan;
use law::{Field, FieldKind, Procedure, ProcedureKind};
use store::casework::cases::CaseRow;

/// Words of fields that mean the same in every procedure of the packs, with what they take over.
const FACTS: &str = "first_facts";
const COMPLAINT: &str = "complaint";
const FOUND_BY: &str = "source";
const ORDER_NUMBER: &str = "order_number";
const DECISION_NUMBER: &str = "decision_number";
/// Of a review or suit: the act that is contested.
const ACT_NUMBER: &str = "act_number";
const ACT_DAY: &str = "act_day";
const OWED: &str = "owed";
const OWED_YUAN: &str = "owed_yuan";
const UNPAID_DAY: &str = "unpaid_day";
/// Documents that order something to be corrected, and the end of the words of those that decide: as in the catalogue.
const ORDERS: [&str; 2] = ["order_at_once", "order_with_limit"];
const DECISIONS: &str = "_decision";
/// Fen of a yuan.
const FEN: u64 = 100;
/// The same thing under the names that procedures have for it.
const SAME: [(&str, &str); 9] = [
    ("act_division", "unit_division"),
    ("act_division", "place_division"),
    ("act_place", "unit_address"),
    ("act_place", "place"),
    ("applicant_kind", "party_kind"),
    ("know_day", "deliver_day"),
    ("party_address", "unit_address"),
    ("person_name", "representative"),
    ("plaintiff_unit", "unit_name"),
];

/// What the next case takes over.
#[derive(Clone, PartialEq, Eq)]
pub struct Carried {
    /// The case it comes from.
    pub from: CaseId,
    /// Its number.
    pub number: String,
    /// Whom it is about.
    pub party: Option<PartyId>,
    /// The first step's form, as far as it is known.
    pub typed: Typed,
}

/// Without what was filled in.
impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Carried({} {} fields)", self.from, self.typed.len())
    }
}

/// Cases that belong together.
#[derive(Clone, Debug, Default)]
pub struct Linked {
    /// The one it came from.
    pub from: Option<CaseRow>,
    /// Those that came from it, the oldest first.
    pub to: Vec<CaseRow>,
}

/// What was filled in for a field of this word, wherever its step is.
fn value<'a>(procedure: &Procedure, case: &'a Case, id: &str) -> Option<&'a Value> {
    let field = procedure.field(id)?;
    case.values_of(&field.step)?.get(id)
}

/// The same field of the earlier case, or one that means the same.
fn same(procedure: &Procedure, case: &Case, field: &Field) -> Option<String> {
    let others = SAME.iter().filter(|(to, _)| *to == field.id).map(|(_, from)| *from);
    let found = std::iter::once(field.id.as_str()).chain(others).find_map(|id| {
        let kind = procedure.field(id)?.kind;
        let fits = kind == field.kind || (field.kind == FieldKind::Line && kind == FieldKind::Words);
        value(procedure, case, id).filter(|_| fits)
    })?;
    let text = found.typed();
    // A choice of the one procedure need not be one of the other.
    let known = field.kind != FieldKind::Choice || field.choice(&text).is_some();
    (known && fits(field, &text)).then_some(text)
}

fn fits(field: &Field, text: &str) -> bool {
    let most = usize::try_from(field.limit()).unwrap_or(limits::FREE_TEXT_CHARS);
    let line = matches!(field.kind, FieldKind::Line | FieldKind::Name);
    text.chars().count() <= most && !(line && text.contains('\n'))
}

/// What the packs call the way in which a matter was found, for a case of this kind.
const fn found_by(kind: ProcedureKind) -> &'static str {
    match kind {
        ProcedureKind::Inspection => "inspection",
        ProcedureKind::Penalty | ProcedureKind::Enforcement => "found",
        _ => "report",
    }
}

/// What an enforcement demands: what is late of fine and gains, or all of it where nothing is late yet. A deferred fine is not demanded with
/// gains that are late.
fn demanded(bill: &Bill) -> [(&'static str, String); 3] {
    let owed = &bill.owed;
    let all = !bill.is_late();
    let (with_fine, with_gains) = (all || bill.is_fine_late(), all || bill.are_gains_late());
    let mut words = String::new();
    let mut fen = 0_u64;
    let mut day = bill.last_day;
    if with_fine && owed.of_fine_fen() > 0 {
        words.push_str(&format!("罚款{}元逾期未缴，加处罚款{}元。", yuan(owed.fine_fen), yuan(owed.surcharge_fen)));
        fen = fen.saturating_add(owed.of_fine_fen());
    }
    if with_gains && owed.gains_fen > 0 {
        words.push_str(&format!("没收的违法所得{}元逾期未缴。", yuan(owed.gains_fen)));
        fen = fen.saturating_add(owed.gains_fen);
        day = bill.due;
    }
    [(OWED, words), (OWED_YUAN, (fen / FEN).to_string()), (UNPAID_DAY, day.to_string())]
}

/// Number of the last document whose word says so.
fn document(case: &Case, is_it: impl Fn(&str) -> bool) -> Option<String> {
    case.documents.iter().rev().find(|d| is_it(&d.kind) && !d.number.is_empty()).map(|d| d.number.clone())
}

impl Authority {
    /// The procedures that may follow what was decided in a case, as cases of their own, in the order of the packs; none for who only looks on
    /// from an office above.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), or the store.
    pub async fn next_cases(&self, by: By, id: CaseId) -> Result<Vec<&Procedure>, Refusal> {
        by.needs(Permission::HandleCases)?;
        let (_, loaded) = self.known_case(by, id).await?;
        if !self.works_at(by.account, loaded.row.head.office).await? {
            return Ok(Vec::new());
        }
        let today = self.now().shanghai_date();
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let decided = loaded.case.outcome().and_then(|d| procedure.outcomes.iter().find(|o| o.id == d.outcome));
        let Some(outcome) = decided.filter(|o| !o.opens.is_empty()) else { return Ok(Vec::new()) };
        let overdue = self.owed(by, id, today).await?.is_some_and(|bill| bill.is_overdue());
        let mut next = self.openable(today).await?;
        next.retain(|p| outcome.opens.contains(&p.id) && (p.kind != ProcedureKind::Enforcement || overdue));
        Ok(next)
    }

    /// What the first step of a case takes over from another one of the own office: it may name persons.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), `other_office`, `procedure_unknown`, or the store.
    pub async fn carried(&self, by: By, from: CaseId, to: &str) -> Result<Carried, Refusal> {
        by.needs(Permission::HandleCases)?;
        let (_, loaded) = self.known_case(by, from).await?;
        self.acts_for(by.account, loaded.row.head.office).await?;
        let next = procedure_of(self.gate(), to)?;
        let Loaded { row, case, .. } = &loaded;
        let procedure = procedure_of(self.gate(), &case.procedure)?;
        let first = next.steps.iter().find(|s| s.after.is_empty()).map(|s| s.id.as_str()).unwrap_or_default();
        let mut typed = Typed::new();
        for field in next.fields_at(first) {
            let text = match field.id.as_str() {
                FACTS | COMPLAINT => case.outcome().map(|d| d.reasons.expose().clone()),
                FOUND_BY => Some(found_by(procedure.kind).to_owned()),
                ORDER_NUMBER => document(case, |kind| ORDERS.contains(&kind)),
                // Whose day of the act is that of the breach has another one here: that of the decision.
                ACT_DAY if next.kind == ProcedureKind::Remedy => case.outcome().map(|d| d.on.to_string()),
                DECISION_NUMBER | ACT_NUMBER => {
                    document(case, |kind| kind.ends_with(DECISIONS)).or_else(|| Some(row.number.clone()))
                }
                _ => same(procedure, case, field),
            };
            let text =
                text.filter(|t| fits(field, t) && (field.kind != FieldKind::Choice || field.choice(t).is_some()));
            typed.extend(text.map(|text| (field.id.clone(), text)));
        }
        if let Some(bill) = self.owed(by, from, self.now().shanghai_date()).await? {
            let asks = |id: &str| next.fields_at(first).any(|f| f.id == id);
            let known = demanded(&bill).into_iter().filter(|(id, _)| asks(id));
            typed.extend(known.map(|(id, text)| (id.to_owned(), text)));
        }
        Ok(Carried { from, number: row.number.clone(), party: row.head.party, typed })
    }

    /// The cases that belong to a case, as far as this account may know of them.
    ///
    /// # Errors
    /// As `case`.
    pub async fn linked(&self, by: By, id: CaseId) -> Result<Linked, Refusal> {
        let (reach, loaded) = self.known_case(by, id).await?;
        let from = match loaded.case.from_case {
            Some(from) => self.known_row(reach, from).await?,
            None => None,
        };
        let mut to = Vec::new();
        for next in self.store().cases_from(id).await? {
            to.extend(self.known_row(reach, next).await?);
        }
        Ok(Linked { from, to })
    }

    /// A case within a reach.
    async fn known_row(&self, reach: Reach, id: CaseId) -> Result<Option<CaseRow>, Refusal> {
        let Some(row) = self.store().case(id).await? else { return Ok(None) };
        let known = self.within(reach, row.head.office, row.head.party).await?;
        Ok(known.then_some(row))
    }
}
