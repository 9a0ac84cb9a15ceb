//! What is left to do at the door when a visit is over: the form of the order, the papers of the visit, and that they were handed over.
//!
//! ```text
//! visit closed ─▶ case: is the step `order` open? ─▶ offers of the engine ─▶ POST …/papers ─▶ make_document ─▶ POST …/served ─▶ deliver_document
//! draft of the order on the phone, form in the case otherwise ─▶ both are shown ─▶ POST …/order: the phone's is taken
//! ```
//! Always true: only an inspector of the newest visit has these forms; what is made and delivered goes through the corridor of documents, and both
//! lead back to the visit.

use super::case_documents::{made_line, offers_of, seen};
use super::case_words::names;
use super::inbox::{by, of};
use super::visits::{id_of, refused};
use crate::answer::{Reply, no_page};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::visits::{AfterPaper, AfterView, DraftLine};
use authority::cases::{CaseView, Delivery};
use authority::visits::record::Change;
use authority::visits::{DRAFT, DRAFTED, TAKER, VisitView, drafted, order_form};
use base::{Lang, Refusal, Sha256};
use domain::access::Permission;
use domain::casework::Way;
use serde_json::json;

/// Papers of a visit, in the order in which they are handed over.
const KINDS: [&str; 4] = ["inspection_record", "order_at_once", "order_with_limit", "recheck_opinion"];
/// The step of the order.
const ORDER: &str = "order";

/// What can be done now; none for who only looks on.
pub(crate) async fn after(call: &Call, visit: &VisitView) -> Result<Option<AfterView>, Refusal> {
    if visit.ended.is_none() || !visit.is_inspector || !call.may(Permission::HandleCases) {
        return Ok(None);
    }
    let case = visit.line.row.case;
    let view = of(call)?.case(by(call)?, case).await?;
    let names = names(&view);
    let (offers, _) = offers_of(&view);
    let is_ours = |kind: &str| KINDS.contains(&kind);
    let made = view.documents.iter().filter(|row| is_ours(&row.kind) && row.void.is_none());
    let made = made.map(|row| made_line(call, &view, &names, row)).map(|line| AfterPaper {
        name: line.kind,
        number: line.number,
        href: line.href,
        sha256: line.sha256,
        state: line.state,
        can_deliver: line.can_deliver,
    });
    let follows = visit.ended.as_ref().is_some_and(|ended| ended.order);
    let has_order = follows && view.open_steps().iter().any(|step| step.id == ORDER && step.blocked.is_none());
    let order = if has_order { format!("/cases/{case}/steps/{ORDER}") } else { String::new() };
    let made = made.collect();
    let differ = if has_order { differing(visit, &view, call.lang) } else { Vec::new() };
    let taker = Shown::from(visit.record.text(TAKER).to_owned());
    let offers = offers.into_iter().filter(|offer| is_ours(&offer.kind) && offer.made == 0).collect();
    Ok(Some(AfterView { seen: view.row.events, order, offers, made, taker, differ }))
}

/// Where the draft of the phones and the form in the case differ; what was not drafted differs in nothing.
fn differing(visit: &VisitView, view: &CaseView, lang: Lang) -> Vec<DraftLine> {
    let form = order_form(view);
    let line = |id: &str| {
        let field = view.procedure().field(id)?;
        let phone = phones_text(visit, id);
        let case = form.get(id).map_or("", |text| text.trim());
        let differs = !phone.is_empty() && phone != case;
        // No days at all is a choice that has words; what is sent back is the text of the form.
        let words = |text: &str| match field.zero().filter(|_| text == "0") {
            Some(zero) => zero.get(lang).to_owned(),
            None => text.to_owned(),
        };
        differs.then(|| DraftLine {
            field: id.to_owned(),
            name: field.name(),
            phone: Shown::from(words(&phone)),
            was: Shown::from(case.to_owned()),
            case: Shown::from(words(case)),
        })
    };
    DRAFTED.into_iter().filter_map(line).collect()
}

/// A text of the order as the phones drafted it; empty: they did not.
fn phones_text(visit: &VisitView, id: &str) -> String {
    let breaches = visit.ended.as_ref().map(|ended| ended.breaches.as_slice()).unwrap_or_default();
    drafted(&visit.record, breaches, id)
}

/// `POST /visits/{id}/order`: `field`, `case` (what the page showed of the form): the text of the phone is taken in its place.
pub(crate) async fn choose(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    let visit = authority.visit_of_inspector(by(&call)?, case).await?;
    let id = call.form.get("field");
    // What was not drafted takes the place of nothing.
    let text = phones_text(&visit, id);
    if text.is_empty() {
        return Err(no_page());
    }
    let (field, value) = (format!("{DRAFT}{id}"), json!(text));
    // A browser sends the ends of lines in its own way.
    let change = Change { field, base: json!(call.form.get("case").replace("\r\n", "\n")), value };
    match authority.draft_order(by(&call)?, case, &[change]).await {
        // What was entered since the page was made is shown anew, beside the phone's.
        Ok(_) => call.done(&format!("/visits/{case}"), "visit_draft_joined"),
        Err(refusal) => refused(&call, refusal, "after").await,
    }
}

/// `POST /visits/{id}/papers`: `kind`, `seen`; in Chinese, as what is handed over.
pub(crate) async fn make(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    match authority.make_document(by(&call)?, case, call.form.get("kind"), Lang::Zh, seen(&call)).await {
        Ok(_) => call.done(&format!("/visits/{case}"), "document_made"),
        Err(refusal) => refused(&call, refusal, "after").await,
    }
}

/// `POST /visits/{id}/served`: `document`, `seen`: it was handed over here and today.
pub(crate) async fn served(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    let document = Sha256::from_hex(call.form.get("document")).ok_or_else(no_page)?;
    let delivery = Delivery { document, way: Way::InPerson, on: call.now().shanghai_date(), proof: None, notice: None };
    match authority.deliver_document(by(&call)?, case, delivery, seen(&call)).await {
        Ok(_) => call.done(&format!("/visits/{case}"), "document_delivered"),
        Err(refusal) => refused(&call, refusal, "after").await,
    }
}
