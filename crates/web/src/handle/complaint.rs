//! Complaints and reports: the form of the procedure that takes them, sent without an account, answered with a receipt.
//!
//! Always true: no name is needed; what is sent is kept sealed in a case of the competent office; number and code are shown once.

use super::ask::{asked, both, faults_of, places_of, typed_of};
use super::divisions;
use super::everyday;
use super::inbox::of;
use super::public::{bar, counter, slowly, too_often};
use crate::answer::{Reply, page, page_with, status};
use crate::call::Call;
use crate::limiter::{COMPLAINTS, COMPLAINTS_BY_ADDRESS};
use crate::pages::ask::Shown;
use crate::pages::public::{ComplaintPage, PublicNav};
use crate::pages::{Choice, FormErrors};
use authority::cases::{Complaint, complaint_fields};
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Text};
use domain::casework::Typed;
use domain::form::FieldFault;
use law::{Field, Procedure};

/// Name under which the form says which procedure takes it; no field of the packs has this id.
const ABOUT: &str = "about";

fn none_taken() -> Refusal {
    Refusal::not_found("网上举报投诉", "form for complaints")
}

/// What can be said here; each choice leads to its own form.
fn about(ways: &[&Procedure], chosen: &Procedure) -> Vec<Choice> {
    let choice = |p: &&Procedure| Choice::new(&p.id, everyday::complaint(p), p.id == chosen.id);
    ways.iter().map(choice).collect()
}

/// The form of a procedure with what was typed.
async fn form(
    call: &Call,
    (ways, chosen): (&[&Procedure], &Procedure),
    (typed, faults): (&Typed, &[FieldFault]),
    error: Option<Text>,
) -> Result<ComplaintPage, Refusal> {
    let of_procedure: Vec<&Field> = complaint_fields(chosen);
    let mut fields = asked(call, &of_procedure, typed, faults);
    divisions::offer(call, &chosen.place, call.now().shanghai_date(), &mut fields).await?;
    // What is wrong with no field stands at the first one, where the summary leads.
    if let (Some(error), Some(first)) = (error, fields.first_mut()) {
        first.error = Some(error);
    }
    Ok(ComplaintPage {
        l: call.lang,
        bar: bar(call),
        at: PublicNav::None,
        ways: about(ways, chosen),
        about: chosen.id.clone(),
        what: everyday::complaint(chosen),
        beside: everyday::beside(ways, chosen),
        day: String::new(),
        to: String::new(),
        fields,
        errors: FormErrors::default(),
        promise: super::apply::promise(call, chosen).0,
        phone: counter(call).await?.phone,
        receipt: String::new(),
        code: Shown::default(),
    })
}

fn chosen<'a>(ways: &[&'a Procedure], id: &str) -> Result<&'a Procedure, Refusal> {
    let found = ways.iter().find(|p| p.id == id).or_else(|| ways.first());
    found.copied().ok_or_else(none_taken)
}

/// `GET /public/complaint?about=`.
pub(crate) async fn show(call: Call) -> Reply {
    let ways = of(&call)?.complaint_ways(call.now().shanghai_date()).await?;
    let procedure = chosen(&ways, call.query.get(ABOUT))?;
    page(&form(&call, (&ways, procedure), (&Typed::new(), &[]), None).await?)
}

/// `POST /public/complaint`: `about`, the fields.
pub(crate) async fn send(call: Call) -> Reply {
    let authority = of(&call)?;
    let ways = authority.complaint_ways(call.now().shanghai_date()).await?;
    let procedure = chosen(&ways, call.form.get(ABOUT))?;
    let fields = complaint_fields(procedure);
    let typed = typed_of(&call.form, &fields);
    let sent = fields.iter().any(|f| !call.form.all(&f.id).is_empty());
    if !sent {
        // Nothing was filled in yet: no fault is told of fields that nobody saw.
        return page(&form(&call, (&ways, procedure), (&typed, &[]), None).await?);
    }
    let today = call.now().shanghai_date();
    let mut faults = faults_of(&fields, &typed, today);
    faults.extend(places_of(&call, &fields, &typed, today));
    if !faults.is_empty() {
        let page = form(&call, (&ways, procedure), (&typed, &faults), None).await?;
        return page_with(StatusCode::BAD_REQUEST, &page);
    }
    let tried = match slow(&call) {
        Ok(()) => authority.complain(&Complaint { procedure: procedure.id.clone(), typed: typed.clone() }).await,
        Err(refusal) => Err(vec![refusal]),
    };
    let refusal = match tried {
        Ok(begun) => {
            let mut page = form(&call, (&ways, procedure), (&Typed::new(), &[]), None).await?;
            let office = call.site().store().office(begun.office).await?;
            page.to = office.map(|o| o.to_show(call.lang)).unwrap_or_default();
            page.day = call.now().shanghai_date().to_string();
            (page.receipt, page.code) = (begun.number, Shown(begun.code));
            return crate::answer::page(&page);
        }
        Err(refusals) => refusals.into_iter().next().ok_or_else(|| crate::answer::fault("complaint"))?,
    };
    if !matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::NotFound | ErrorKind::TooMany | ErrorKind::Conflict) {
        return Err(refusal);
    }
    let error = Some(both(&refusal.what, &refusal.next));
    page_with(status(&refusal), &form(&call, (&ways, procedure), (&typed, &[]), error).await?)
}

fn slow(call: &Call) -> Result<(), Refusal> {
    slowly(call, "complaint", COMPLAINTS_BY_ADDRESS)?;
    if call.app.limiter.allow("complaints", "", COMPLAINTS, call.site().now().mono) { Ok(()) } else { Err(too_often()) }
}
