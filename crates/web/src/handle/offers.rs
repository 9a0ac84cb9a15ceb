//! Offers of benefits and demands to use a product: recorded, with what the law says to taking them up, and read again.

use super::view::Names;
use crate::answer::{Reply, page, page_with, status};
use crate::call::Call;
use crate::pages::offers::{OfferFields, OfferLine, OffersPage};
use crate::pages::{Choice, FormErrors, Mark, Nav, Pager, State};
use base::{CivilDate, ErrorKind, Refusal, Text};
use domain::offer::{OfferForm, OfferKind, OfferOutcome, WORDS_CHARS};
use store::offers::OfferRow;

fn state_of(outcome: OfferOutcome) -> State {
    let mark = match outcome {
        OfferOutcome::Declined => Mark::Ok,
        OfferOutcome::HandedIn | OfferOutcome::Reported => Mark::Info,
    };
    State { mark, word: outcome.name() }
}

fn line(call: &Call, names: &Names, row: &OfferRow) -> OfferLine {
    let packs = call.site().gate().packs();
    let offer = &row.offer;
    OfferLine {
        index: row.entry,
        kind: offer.kind.name(),
        outcome: state_of(offer.outcome),
        on: offer.on.to_string(),
        who: offer.who.expose().clone(),
        behalf: offer.behalf.expose().clone(),
        words: offer.words.expose().lines().map(str::to_owned).filter(|l| !l.trim().is_empty()).collect(),
        refused: row.answer.is_refused(),
        clauses: row.answer.clauses.iter().filter_map(|c| packs.cite(c)).collect(),
        by: names.who(call, Some(row.by)),
        at: row.at,
    }
}

/// The form as it begins, or as it was typed.
fn fields(call: &Call, errors: &FormErrors) -> OfferFields {
    let (f, today) = (&call.form, call.now().shanghai_date().to_string());
    let typed = |name: &str| if errors.is_empty() { String::new() } else { f.raw(name).to_owned() };
    let kind = |k: &OfferKind| Choice::new(k.code(), k.name(), k.code() == f.get("kind"));
    let outcome = |o: &OfferOutcome| Choice::new(o.code(), o.name(), o.code() == f.get("outcome"));
    OfferFields {
        kinds: OfferKind::ALL.iter().map(kind).collect(),
        who: typed("who"),
        behalf: typed("behalf"),
        on: if errors.is_empty() { today.clone() } else { typed("on") },
        today,
        outcomes: OfferOutcome::ALL.iter().map(outcome).collect(),
        words: typed("words"),
        most: WORDS_CHARS.1,
    }
}

async fn offers_page(call: &Call, errors: FormErrors) -> Result<OffersPage, Refusal> {
    let list = call.site().offers(call.actor()?, call.query.get("before").parse().ok()).await?;
    let names = Names::read(call).await?;
    let shown = list.rows.len();
    let pager = Pager {
        previous: call.query.has("before").then(|| "/offers".to_owned()),
        next: list.next.map(|entry| format!("/offers?before={entry}")),
        shown: Text::of(format!("本页 {shown} 条"), format!("{shown} on this page")),
    };
    Ok(OffersPage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        f: fields(call, &errors),
        errors,
        law: call.site().offer_law().into_iter().map(|(kind, clauses)| (kind.name(), clauses)).collect(),
        all: list.all,
        lines: list.rows.iter().map(|row| line(call, &names, row)).collect(),
        pager,
    })
}

/// `GET /offers`.
pub(crate) async fn list(call: Call) -> Reply {
    page(&offers_page(&call, FormErrors::default()).await?)
}

/// `POST /offers`: `kind`, `who`, `behalf`, `on`, `outcome`, `words`.
pub(crate) async fn record(call: Call) -> Reply {
    let f = &call.form;
    let form = OfferForm {
        kind: OfferKind::parse(f.get("kind")),
        who: f.secret("who"),
        behalf: f.secret("behalf"),
        on: CivilDate::parse(f.get("on")),
        outcome: OfferOutcome::parse(f.get("outcome")),
        words: f.secret("words"),
    };
    match call.site().record_offer(call.actor()?, &form).await {
        Ok(_) => call.done("/offers", "offer_recorded"),
        // The code of what is wrong with the form is the field's name.
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            let mut errors = FormErrors::default();
            errors.push(&refusal.code, refusal.what.clone());
            page_with(status(&refusal), &offers_page(&call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}
