//! One place or one system with what happened to it and what stands today; the form with which an officer settles whose system it is.
//!
//! ```text
//! GET  row ─▶ Authority::life_of ─▶ today · tied rows and cases · other cases of the unit          may settle: the systems in question
//! POST     ─▶ Authority::settle_place (entry) ─┬▶ the page          └─ refused: the same page anew
//! ```
//! Always true: who may settle is decided by the corridor; a case that the reader may not open has no link.

use super::ask::Wrong;
use super::inbox::{by, of};
use super::registers::label_of;
use super::staff_registers::listed;
use super::staff_rows::page_of;
use crate::answer::{Reply, page, page_with};
use crate::call::Call;
use crate::pages::staff::{LifeLine, LifePage, SystemChoice};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{Happened, PlaceForm, PlaceView, settling_grounds};
use base::{Refusal, Text};
use store::casework::registers::RowVersion;
use store::casework::spots::{Class, Link};

/// The address of this page for a row.
pub(super) fn life_page_of(register: &str, row: &str) -> String {
    format!("{}/life", page_of(register, row))
}

fn line_of(one: &Happened) -> LifeLine {
    let of_row = || one.row.as_ref().map(|(register, row)| page_of(register, row));
    LifeLine {
        on: one.on.to_string(),
        what: one.what.clone(),
        outcome: one.outcome.clone(),
        number: one.number.clone(),
        href: one.case.map(|id| format!("/cases/{id}")).or_else(of_row).unwrap_or_default(),
        link: one.link.map(Link::name).unwrap_or_default(),
    }
}

fn place_line((place, how): &(RowVersion, Link)) -> LifeLine {
    LifeLine {
        on: place.from.to_string(),
        what: Text::of(place.name.clone(), place.name.clone()),
        number: label_of(place),
        href: life_page_of(&place.register, &place.row),
        link: how.name(),
        ..LifeLine::default()
    }
}

fn class_state(class: Class) -> State {
    let mark = match class {
        Class::Covered => Mark::Ok,
        Class::Doubtful => Mark::Attention,
        Class::Open => Mark::Warning,
    };
    State { mark, word: class.name() }
}

/// Systems that an officer may choose: those that were settled before, and those in question.
fn systems_of(call: &Call, place: &PlaceView) -> Vec<SystemChoice> {
    let sent = call.form.all("system");
    let choice = |row: &RowVersion, chosen: bool| SystemChoice {
        row: row.row.clone(),
        name: row.name.clone(),
        number: label_of(row),
        href: page_of(&row.register, &row.row),
        chosen: chosen || sent.contains(&row.row),
    };
    let settled = place.systems.iter().filter(|(_, how)| *how == Link::Settled).map(|(row, _)| choice(row, true));
    settled.chain(place.candidates.iter().map(|row| choice(row, false))).collect()
}

fn grounds_of(call: &Call) -> Vec<Choice> {
    let ground = call.form.get("ground");
    settling_grounds().iter().map(|(word, name)| Choice::new(word, name.clone(), *word == ground)).collect()
}

async fn life_page(call: &Call, mut wrong: Wrong) -> Result<LifePage, Refusal> {
    let register = listed(call, call.param(0))?;
    let life = of(call)?.life_of(by(call)?, &register.id, call.param(1)).await?;
    let packs = call.site().gate().packs();
    let settles = life.place.as_ref().filter(|place| place.may_settle);
    let mark = match life.today.usable {
        Some(true) => State::new(Mark::Ok, "可以使用", "usable"),
        Some(false) => State::new(Mark::Warning, "不得使用", "not usable"),
        None => State::new(Mark::Info, "不能断定", "cannot be told"),
    };
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(LifePage {
        l: call.lang,
        bar,
        register: (register.name(), format!("/registers/{}", register.id)),
        number: (label_of(&life.row), page_of(&life.row.register, &life.row.row)),
        title: life.row.name.clone(),
        state: life.place.as_ref().map(|place| class_state(place.class)).unwrap_or_default(),
        today: life.today.text.clone(),
        mark,
        clauses: life.today.clause.iter().filter_map(|id| packs.cite(id)).collect(),
        places: life.places.iter().map(place_line).collect(),
        own: life.own.iter().map(line_of).collect(),
        others: life.others.iter().map(line_of).collect(),
        settle: settles.map(|_| life_page_of(&life.row.register, &life.row.row)).unwrap_or_default(),
        systems: settles.map(|place| systems_of(call, place)).unwrap_or_default(),
        grounds: grounds_of(call),
        errors: wrong.errors,
    })
}

/// `GET /registers/{register}/{number}/life`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&life_page(&call, Wrong::none()).await?)
}

/// `POST /registers/{register}/{number}/life`: `system` (any number), `ground`.
pub(crate) async fn settle(call: Call) -> Reply {
    let (register, row) = (call.param(0), call.param(1));
    let form = PlaceForm { systems: call.form.all("system"), ground: call.form.get("ground").to_owned() };
    match of(&call)?.settle_place(by(&call)?, register, row, &form).await {
        Ok(_) => call.done(&life_page_of(register, row), "place_settled"),
        Err(refusal) => {
            let at = if refusal.code == "systems" { "systems" } else { "ground" };
            let wrong = Wrong::of(refusal, at)?;
            page_with(wrong.status, &life_page(&call, wrong).await?)
        }
    }
}
