//! Rows of registers and publications that follow from a case.
//!
//! ```text
//! outcome decided ─▶ a row in each of its registers          step done later that fills in a column ─▶ a new version of the row
//!                                                            … and after which such an outcome comes again ─▶ with that outcome
//! the last day of a row was decided ─▶ the same row with that day
//! row id = case id · name = title of the case without names of persons (`persons`) · public columns = `Field.public` · the others sealed
//! ```
//! Always true: the public part has what its fields call public and the case's own facts (number, outcome, day, office), never a field about
//! a person; a publication tells the public part of rows and nothing else.

use super::follow::node_of;
use base::{CaseId, CivilDate, ClauseId, Pii, Text};
use domain::casework::{Case, Event, node};
use domain::form::Value;
use law::{Field, FieldKind, Packs, Procedure};
use serde_json::{Map, Value as Json};
use store::casework::cases::CaseHead;
use store::casework::publications::{NewPublication, ShownRow};
use store::casework::registers::{RegisterChange, RowVersion};

/// The field of a fine, in every procedure of the packs.
const FINE: &str = "fine";

/// What a row says beside the columns of its fields.
pub(super) struct Of<'a> {
    /// The case.
    pub id: CaseId,
    /// Its number.
    pub number: &'a str,
    /// Its head after the change.
    pub head: &'a CaseHead,
    /// Its title as rows and notices have it: without the name of a natural person.
    pub title: &'a str,
    /// Name of its office.
    pub office: &'a str,
}

/// A value as a column has it.
pub(super) fn column(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Number(number) => Json::from(*number),
        Value::Day(day) => Json::from(day.to_string()),
        Value::Flag(flag) => Json::from(*flag),
    }
}

/// A value as people read it, in Chinese: what is published is published in the language of the law.
fn shown(field: &Field, value: &Value) -> String {
    match value {
        Value::Text(text) => field.choice(text).map_or_else(|| text.clone(), |c| c.zh.clone()),
        Value::Number(0) if field.zero().is_some() => field.zero().unwrap_or_default().zh.into_owned(),
        Value::Number(number) => number.to_string(),
        Value::Day(day) => day.to_string(),
        Value::Flag(true) => "是".to_owned(),
        Value::Flag(false) => "否".to_owned(),
    }
}

/// The same for the public: a division by its name, not its six digits.
fn told_in_words(packs: &Packs, field: &Field, value: &Value) -> String {
    let code = shown(field, value);
    let named = (field.kind == FieldKind::Division).then(|| packs.division_name(&code)).flatten();
    named.map_or(code, |name| name.zh.into_owned())
}

/// A column that the public may read.
pub(super) fn is_public(field: &Field) -> bool {
    field.public && !field.personal && !field.kind.is_personal()
}

/// Columns of a register that are filled in, with their values.
fn filled<'a>(procedure: &'a Procedure, case: &'a Case, register: &str) -> Vec<(&'a Field, &'a Value)> {
    let of = |f: &&Field| f.registers.iter().any(|r| r == register);
    let value = |f: &'a Field| Some((f, case.values_of(&f.step)?.get(&f.id)?));
    procedure.fields.iter().filter(of).filter_map(value).collect()
}

/// A step after which an outcome is decided that enters this register: what is filled in there is in the row with that decision, and in none
/// where it is refused.
fn waits_for_decision(procedure: &Procedure, step: &str, register: &str) -> bool {
    let (mut seen, mut next): (Vec<&str>, Vec<&str>) = (Vec::new(), vec![step]);
    while let Some(id) = next.pop() {
        let follows = |after: &[String]| after.iter().any(|a| a == id);
        let enters = |r: &Vec<String>| r.iter().any(|r| r == register);
        if procedure.outcomes.iter().any(|o| enters(&o.registers) && follows(&o.after)) {
            return true;
        }
        for other in procedure.steps.iter().filter(|s| follows(&s.after)) {
            if !seen.contains(&other.id.as_str()) {
                seen.push(&other.id);
                next.push(&other.id);
            }
        }
    }
    false
}

/// Registers whose rows these events change: entered now, or entered before and a column of theirs filled in.
fn touched(procedure: &Procedure, case: &Case, new: &[Event]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let nodes: Vec<&str> = new.iter().filter_map(node_of).collect();
    for row in &case.registered {
        let entered = new.iter().any(|e| matches!(e, Event::Registered { register, .. } if *register == row.list));
        let of = |f: &Field| {
            let filled = nodes.contains(&f.step.as_str()) && f.registers.contains(&row.list);
            filled && !waits_for_decision(procedure, &f.step, &row.list)
        };
        // What is only proposed or drafted is in no register.
        let done =
            new.iter().any(|e| matches!(e, Event::StepDone { .. } | Event::Decided { .. } | Event::TakenBack { .. }));
        if (entered || (done && procedure.fields.iter().any(of))) && !out.contains(&row.list) {
            out.push(row.list.clone());
        }
    }
    out
}

/// Versions of rows that follow from new events; `case` is the case after them.
pub(super) fn changes(procedure: &Procedure, case: &Case, new: &[Event], of: &Of<'_>) -> Vec<RegisterChange> {
    let Some(decision) = case.outcome() else { return Vec::new() };
    let mut clauses: Vec<ClauseId> = node(procedure, &decision.outcome).iter().map(|n| n.clause().clone()).collect();
    clauses.extend(decision.clauses.iter().filter(|c| !clauses.contains(c)).cloned().collect::<Vec<_>>());
    let change = |register: String| {
        let (mut open, mut sealed) = (Map::new(), Map::new());
        for (field, value) in filled(procedure, case, &register) {
            let to = if is_public(field) { &mut open } else { &mut sealed };
            to.insert(field.id.clone(), column(value));
        }
        let public = serde_json::json!({
            "procedure": procedure.id, "number": of.number, "outcome": decision.outcome, "decided_day": decision.on,
            "office": of.office, "fields": open,
        });
        let text = Text::of(
            format!("「{}」的决定记入登记簿。", procedure.name_zh),
            format!("A decision of \"{}\" is entered in a register.", procedure.name_en),
        );
        RegisterChange {
            row: of.id.to_string(),
            name: of.title.to_owned(),
            office: Some(of.head.office),
            party: of.head.party,
            public,
            personal: (!sealed.is_empty()).then(|| Pii::new(Json::Object(sealed).to_string())),
            from: decision.on,
            until: None,
            clauses: clauses.clone(),
            text,
            register,
        }
    };
    touched(procedure, case, new).into_iter().map(change).collect()
}

/// A row as it stands, to be written anew with what the caller changes of it.
///
/// # Errors
/// What is kept of its public part cannot be read.
pub(super) fn as_it_stands(
    row: RowVersion,
    clauses: Vec<ClauseId>,
    text: Text,
) -> Result<RegisterChange, serde_json::Error> {
    Ok(RegisterChange {
        public: serde_json::from_str(&row.public)?,
        register: row.register,
        row: row.row,
        name: row.name,
        office: row.office,
        party: row.party,
        personal: row.personal,
        from: row.from,
        until: row.until,
        clauses,
        text,
    })
}

/// The row with its last day and the number of the case that ended it; it keeps what it said. `None` where what is kept of it cannot be read.
pub(super) fn ended(
    row: RowVersion,
    on: CivilDate,
    number: &str,
    clauses: Vec<ClauseId>,
    text: Text,
) -> Option<RegisterChange> {
    let mut change = as_it_stands(row, clauses, text).ok()?;
    change.public.as_object_mut()?.insert("ended_by".to_owned(), Json::from(number));
    change.until = Some(on);
    Some(change)
}

/// What is made public of a case in a publication: the public columns of its rows, the sum of a fine, and what it rests on (`grounds`).
pub(super) fn publication(
    packs: &Packs,
    procedure: &Procedure,
    case: &Case,
    kind: &str,
    rows: Vec<ShownRow>,
    (of, clauses, grounds): (&Of<'_>, &[ClauseId], &[String]),
) -> NewPublication {
    let mut lines: Vec<String> = vec![format!("案号：{}", of.number), format!("机关：{}", of.office)];
    if let Some(decision) = case.outcome() {
        let name = node(procedure, &decision.outcome).map(|n| n.name().zh.into_owned()).unwrap_or_default();
        lines.push(format!("决定：{name}"));
        lines.push(format!("日期：{}", decision.on));
        if let Some(fine) = decision.values.number(FINE).filter(|sum| *sum > 0) {
            lines.push(format!("罚款：{fine}元"));
        }
        if !grounds.is_empty() {
            lines.push(format!("依据：{}", grounds.join("、")));
        }
    }
    let mut told: Vec<&str> = Vec::new();
    for row in &rows {
        for (field, value) in filled(procedure, case, &row.register) {
            if is_public(field) && !told.contains(&field.id.as_str()) {
                told.push(&field.id);
                lines.push(format!("{}：{}", field.zh, told_in_words(packs, field, value)));
            }
        }
    }
    NewPublication {
        kind: kind.to_owned(),
        title: format!("{} {}", procedure.name_zh, of.title),
        body: lines.join("\n"),
        rows,
        until: None,
        clauses: clauses.to_vec(),
        text: Text::of(
            format!("公布「{}」的决定。", procedure.name_zh),
            format!("A decision of \"{}\" is published.", procedure.name_en),
        ),
    }
}
