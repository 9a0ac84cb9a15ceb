//! What changed for whoever reviews or decides: the proposal against the one before it, and what was entered since they last acted.
//!
//! Always true: a field is told with its old and its new value as this reader may see them; nothing is told that the case does not hold.

use super::ask;
use crate::call::Call;
use authority::cases::CaseView;
use base::{ClauseId, Text};
use domain::casework::{Event, Node, fields_of, node};
use domain::form::{Value, Values};

/// Clauses in a row.
fn clauses(list: &[ClauseId]) -> String {
    if list.is_empty() { "—".to_owned() } else { list.iter().map(|c| c.0.as_str()).collect::<Vec<_>>().join(", ") }
}

/// One was another before.
fn line(what: &Text, before: &str, now: &str) -> Text {
    Text::of(format!("{}：{before} → {now}", what.zh), format!("{}: {before} → {now}", what.en))
}

/// The fields of an outcome that have another value, are filled in now, or no more.
fn fields(call: &Call, view: &CaseView, outcome: &str, (now, before): (&Values, &Values), words: bool) -> Vec<Text> {
    let read = |field: &law::Field, value: Option<&Value>| {
        value.map_or_else(|| "—".to_owned(), |value| ask::read(call, field, value, words).0)
    };
    let changed = |field: &&law::Field| {
        let (old, new) = (before.get(&field.id), now.get(&field.id));
        (old != new).then(|| line(&field.name(), &read(field, old), &read(field, new)))
    };
    fields_of(view.procedure(), outcome).iter().filter_map(changed).collect()
}

/// What is another in this proposal than in the one before it; `words`: prose about persons was opened for this reader.
pub(crate) fn changes(call: &Call, view: &CaseView, words: bool) -> Vec<Text> {
    let mut proposed = view.events.iter().rev().filter_map(|line| match &line.recorded.event {
        Event::Proposed { outcome, values, reasons, clauses } => Some((outcome, values, reasons, clauses)),
        _ => None,
    });
    let (Some(now), Some(before)) = (proposed.next(), proposed.next()) else { return Vec::new() };
    let mut told = Vec::new();
    if now.0 == before.0 {
        told.extend(fields(call, view, now.0, (now.1, before.1), words));
    } else {
        let name = |id: &str| node(view.procedure(), id).map(Node::name).unwrap_or_default();
        let (old, new) = (name(before.0), name(now.0));
        told.push(Text::of(format!("结果：{} → {}", old.zh, new.zh), format!("Outcome: {} → {}", old.en, new.en)));
    }
    if now.2 != before.2 {
        told.push(line(&Text::new("理由", "Reasons"), before.2, now.2));
    }
    if now.3 != before.3 {
        told.push(line(&Text::new("依据的条款", "Clauses"), &clauses(before.3), &clauses(now.3)));
    }
    told
}

/// What was entered in the case since this account last did something in it, each kind with how often; nothing for who never did.
pub(crate) fn since_own(call: &Call, view: &CaseView) -> Vec<Text> {
    let Some(own) = call.who.as_ref().map(|w| w.actor.id) else { return Vec::new() };
    let Some(last) = view.events.iter().rposition(|line| line.recorded.by == own) else { return Vec::new() };
    let mut told: Vec<(Text, usize)> = Vec::new();
    for line in view.events.iter().skip(last + 1) {
        let name = line.recorded.event.name();
        match told.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => *times += 1,
            None => told.push((name, 1)),
        }
    }
    let line = |(name, times): (Text, usize)| {
        let word = base::text::plural(times, "entry", "entries");
        Text::of(
            format!("您上次办理以后，案卷新增「{}」{times} 次。", name.zh),
            format!("Since you last acted, {} was entered in the case: {times} {word}.", name.en),
        )
    };
    told.into_iter().map(line).collect()
}
