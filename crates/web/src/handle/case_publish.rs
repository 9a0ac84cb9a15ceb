//! What of a case is made public, and withdrawn, by who publishes.
//!
//! ```text
//! GET  /cases/{id}/publish?entry= ─▶ CaseView ─▶ the columns that the public will see
//! POST the same ─▶ Authority::act (publish, withdraw) ─┬▶ /cases/{id}
//!                                                     └▶ refused: the same page anew, what was typed kept
//! ```
//! Always true: a column that is about a person, or is none of the public register, is shown as left out; nothing is withdrawn without a reason.

use super::ask::{self, Wrong};
use super::case::{clause_of, head, id_of, is_published, publications, send, view_of};
use super::case_words::carrier_name;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::Nav;
use crate::pages::ask::Shown;
use crate::pages::case::{PublicColumn, PublishPage};
use authority::cases::CaseView;
use base::{Refusal, Text};
use domain::casework::CaseAct;
use law::Field;

/// The columns that the public will see: the public fields of the registers of what was decided.
fn columns(call: &Call, view: &CaseView) -> Vec<PublicColumn> {
    let decided = |id: &str| view.case.decisions.iter().any(|d| d.outcome == id);
    let registers: Vec<&String> =
        view.procedure().outcomes.iter().filter(|o| decided(&o.id)).flat_map(|o| &o.registers).collect();
    let is_column = |f: &&Field| f.registers.iter().any(|r| registers.contains(&r));
    let column = |field: &Field| {
        let values = view.case.values_of(&field.step)?;
        let personal = field.personal || field.kind.is_personal();
        let left_out = !field.public || personal;
        let line = ask::values(call, &[field], values, false).into_iter().next()?;
        let value = if left_out { Shown::default() } else { line.value };
        Some(PublicColumn { label: line.label, value, left_out, personal })
    };
    view.procedure().fields.iter().filter(is_column).filter_map(column).collect()
}

fn entry_of<'a>(view: &'a CaseView, asked: &str) -> Result<&'a str, Refusal> {
    publications(view).into_iter().find(|id| *id == asked).ok_or_else(no_page)
}

async fn publish_page(call: &Call, view: &CaseView, entry: &str, mut wrong: Wrong) -> Result<PublishPage, Refusal> {
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let outcome = view.case.outcome().map(|d| d.outcome.clone()).unwrap_or_default();
    Ok(PublishPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        entry: entry.to_owned(),
        name: carrier_name(call.site().gate().packs().carriers().publications(), entry),
        clause: clause_of(call, view, &outcome),
        due: Text::default(),
        columns: columns(call, view),
        stands: is_published(view, entry),
        reasons: call.form.raw("reasons").to_owned(),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/publish?entry=`.
pub(crate) async fn publish_form(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let entry = entry_of(&view, call.query.get("entry"))?;
    page(&publish_page(&call, &view, entry, Wrong::none()).await?)
}

/// `POST /cases/{id}/publish`: `entry`, `act` = `publish` or `withdraw`, `reasons`, `seen`.
pub(crate) async fn publish(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let entry = entry_of(&view, call.form.get("entry"))?;
    if call.form.get("act") == "withdraw" && call.form.get("reasons").is_empty() {
        let mut wrong = Wrong::form();
        let text =
            Text::new("请写明撤回的理由，理由会一并公开。", "Say why it is withdrawn; the reason is published too.");
        wrong.errors.push("reasons", text);
        return page_with(wrong.status, &publish_page(&call, &view, entry, wrong).await?);
    }
    // The row of a case is the case.
    let (publication, row) = (entry.to_owned(), view.row.id.to_string());
    let (act, flash) = match call.form.get("act") {
        "withdraw" => {
            let reasons = call.form.get("reasons").to_owned();
            (CaseAct::WithdrawPublication { publication, row, reasons }, "case_withdrawn")
        }
        _ => (CaseAct::Publish { publication, row }, "case_published"),
    };
    match send(&call, act, Vec::new()).await {
        Ok(_) => call.done(&format!("/cases/{}", id_of(&call)?), flash),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "reasons")?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &publish_page(&call, &now, entry, wrong).await?)
        }
    }
}
