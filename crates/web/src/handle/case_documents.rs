//! Documents of a case: made, looked at as a draft, delivered and void; and where the public checks them.
//!
//! ```text
//! GET  /cases/{id}/documents           ─▶ CaseView: offers of the engine, documents as stored
//! POST /cases/{id}/documents           ─▶ Authority::make_document    GET …/preview ─▶ Authority::preview_document, draw_void (downloads)
//! POST …/delivered, …/void             ─▶ Authority::deliver_document, Authority::void_document
//! ```
//! Always true: what a document says comes from the corridor, and no field of a form stands in it; a preview is a download and never shown
//! inline; who only looks on has no form.

use super::ask::Wrong;
use super::case::{base_of, head, id_of, view_of};
use super::case_words::{document_name, language, names, opens};
use super::inbox::{by, of};
use crate::answer::{Reply, attach, body, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::case::BarredLine;
use crate::pages::case_documents::{CaseDocumentsPage, MadeLine, MadeTyped, PaperOffer, PublicAddressPage};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{CaseView, Delivery};
use axum::http::StatusCode;
use base::{AccountId, CivilDate, Lang, Pii, Refusal, Sha256, Text};
use domain::access::Permission;
use domain::casework::{DELIVER, Offer, Way};
use domain::document::Document;
use std::collections::BTreeMap;
use store::casework::documents::DocumentRow;

/// Where what is wrong is told.
const FIELD: &str = "documents";

/// This account acts for the office of the case.
fn may_act(call: &Call, view: &CaseView) -> bool {
    view.acts_here && (call.may(Permission::HandleCases) || call.may(Permission::ApproveCases))
}

/// The language that was chosen; papers are in Chinese unless somebody asks for the other.
fn lang_of(chosen: &str) -> Lang {
    Lang::parse(chosen).unwrap_or(Lang::Zh)
}

/// Events of the case when the form's page was made.
pub(crate) fn seen(call: &Call) -> u32 {
    call.form.get("seen").parse().unwrap_or_default()
}

/// A paper that stays in the file of the case.
pub(super) fn is_inner(row: &DocumentRow) -> bool {
    Document::parse(&row.kind).is_some_and(Document::is_inner)
}

fn state_of(row: &DocumentRow, delivered: bool) -> State {
    match (row.void.is_some(), delivered) {
        (true, _) => State::new(Mark::Off, "已作废", "void"),
        (false, false) if is_inner(row) => {
            State::new(Mark::Ok, "内部文书，存入案卷", "kept in the file, served on nobody")
        }
        (false, true) => State::new(Mark::Ok, "已送达", "delivered"),
        (false, false) => State::new(Mark::Busy, "尚未送达", "not delivered yet"),
    }
}

/// A document as it is listed.
pub(crate) fn made_line(
    call: &Call,
    view: &CaseView,
    names: &BTreeMap<AccountId, String>,
    row: &DocumentRow,
) -> MadeLine {
    let kept = view.case.documents.iter().find(|d| d.sha256 == row.sha256);
    let delivered = kept.and_then(|d| d.delivered);
    let (may_act, counts) = (may_act(call, view), row.void.is_none());
    let words = delivered.map(|(way, on)| {
        let way = way.name();
        Text::of(format!("{on} {}", way.zh), format!("{on}, {}", way.en))
    });
    MadeLine {
        kind: document_name(&row.kind),
        number: row.number.clone().unwrap_or_default(),
        language: language(row.lang),
        href: if opens(call) && view.acts_here {
            format!("{}/documents/{}", base_of(view), row.sha256.hex())
        } else {
            String::new()
        },
        size_bytes: row.bytes,
        sha256: row.sha256.hex(),
        at: row.made,
        by: row.by.and_then(|account| names.get(&account)).map(|name| Shown(name.clone())).unwrap_or_default(),
        state: state_of(row, delivered.is_some()),
        delivered: words.unwrap_or_default(),
        void: row.void.as_ref().map(|void| Shown(void.why.expose().clone())).unwrap_or_default(),
        check: if is_inner(row) { String::new() } else { format!("/public/verify?document={}", row.id) },
        can_deliver: may_act && counts && !is_inner(row) && kept.is_some() && delivered.is_none(),
        can_void: may_act && counts && (delivered.is_none() || call.may(Permission::ApproveCases)),
        log: call.may(Permission::SeeLog).then_some(row.entry),
        typed: typed(call, &row.sha256.hex()),
    }
}

/// What was sent about a document; its form is open again.
fn typed(call: &Call, document: &str) -> MadeTyped {
    let path = call.path();
    let (delivers, voids) = (path.ends_with("/delivered"), path.ends_with("/void"));
    if !(delivers || voids) || call.form.get("document") != document {
        return MadeTyped::default();
    }
    let sent = |name: &str| call.form.raw(name).to_owned();
    MadeTyped { delivers, voids, on: sent("on"), notice: sent("notice"), reason: Shown(sent("reason")) }
}

/// What can be made now, and what cannot and why.
pub(crate) fn offers_of(view: &CaseView) -> (Vec<PaperOffer>, Vec<BarredLine>) {
    let (mut offers, mut barred) = (Vec::new(), Vec::new());
    for Offer { document, why, ready } in view.offers() {
        match ready {
            Ok(()) => {
                let counts = |row: &&DocumentRow| row.kind == document.code && row.void.is_none();
                let made = view.documents.iter().filter(counts).count();
                offers.push(PaperOffer { kind: document.code.to_owned(), name: document.name(), why, made });
            }
            Err(refusal) => {
                barred.push(BarredLine { what: document.name(), why: refusal.what, clauses: refusal.why });
            }
        }
    }
    (offers, barred)
}

async fn documents_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<CaseDocumentsPage, Refusal> {
    let (offers, barred) = offers_of(view);
    let names = names(view);
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let chosen = Way::parse(call.form.get("way")).unwrap_or(Way::InPerson);
    let way = |way: Way| Choice::new(way.code(), way.name(), way == chosen);
    Ok(CaseDocumentsPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        may_act: may_act(call, view),
        offers,
        barred,
        made: view.documents.iter().rev().map(|row| made_line(call, view, &names, row)).collect(),
        ways: view.ways().into_iter().map(way).collect(),
        asks_notice: view.procedure().notice_field(DELIVER).is_some(),
        today: view.today.to_string(),
        has_address: of(call)?.public_address().await?.is_some(),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/documents`.
pub(crate) async fn show(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&documents_page(&call, &view, Wrong::none()).await?)
}

/// Back to the page where it was done, or the page with what was refused.
async fn done(call: &Call, result: Result<(), Refusal>, flash: &'static str) -> Reply {
    match result {
        Ok(()) => call.done(&format!("/cases/{}/documents", id_of(call)?), flash),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, FIELD)?;
            let view = view_of(call).await?;
            page_with(wrong.status, &documents_page(call, &view, wrong).await?)
        }
    }
}

/// `POST /cases/{id}/documents`: `kind`, `lang`, `seen`.
pub(crate) async fn make(call: Call) -> Reply {
    let (authority, id, lang) = (of(&call)?, id_of(&call)?, lang_of(call.form.get("lang")));
    let made = authority.make_document(by(&call)?, id, call.form.get("kind"), lang, seen(&call)).await;
    done(&call, made.map(drop), "document_made").await
}

/// `GET /cases/{id}/documents/preview?kind=&lang=`: a draft as a download; with `void=` (digest) a void document drawn again, marked as void.
pub(crate) async fn preview(call: Call) -> Reply {
    let (authority, id, kind, void) = (of(&call)?, id_of(&call)?, call.query.get("kind"), call.query.get("void"));
    let (drawn, name) = if void.is_empty() {
        let lang = lang_of(call.query.get("lang"));
        (authority.preview_document(by(&call)?, id, kind, lang).await, format!("draft-{kind}.pdf"))
    } else {
        let document = Sha256::from_hex(void).ok_or_else(no_page)?;
        let short: String = document.hex().chars().take(8).collect();
        (authority.draw_void(by(&call)?, id, document).await, format!("void-{short}.pdf"))
    };
    match drawn {
        Ok(pdf) => {
            let mut answer = body(StatusCode::OK, "application/pdf", pdf);
            attach(&mut answer, &name);
            Ok(answer)
        }
        Err(refusal) => done(&call, Err(refusal), "document_made").await,
    }
}

fn document_of(call: &Call) -> Result<Sha256, Refusal> {
    Sha256::from_hex(call.form.get("document")).ok_or_else(no_page)
}

/// `POST /cases/{id}/documents/void`: `document`, `reason`.
pub(crate) async fn void(call: Call) -> Reply {
    let (authority, id, document) = (of(&call)?, id_of(&call)?, document_of(&call)?);
    let result = authority.void_document(by(&call)?, id, document, call.form.get("reason")).await;
    done(&call, result.map(drop), "document_void").await
}

/// `POST /cases/{id}/documents/delivered`: `document`, `way`, `on`, `notice`, `file`, `seen`.
pub(crate) async fn delivered(mut call: Call) -> Reply {
    let proof = call.upload.take().map(|file| (Pii::new(file.name), file.bytes.to_vec()));
    let (authority, id, document) = (of(&call)?, id_of(&call)?, document_of(&call)?);
    let result = match (Way::parse(call.form.get("way")), CivilDate::parse(call.form.get("on"))) {
        (Some(way), Some(on)) => {
            let notice = CivilDate::parse(call.form.get("notice")).filter(|_| way == Way::PublicNotice);
            let delivery = Delivery { document, way, on, notice, proof };
            authority.deliver_document(by(&call)?, id, delivery, seen(&call)).await.map(drop)
        }
        _ => {
            let what = Text::new("请选择送达方式，填写送达日期。", "Choose the way of delivery and enter its day.");
            let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
            Err(Refusal::bad_input("delivery", what, next))
        }
    };
    done(&call, result, "document_delivered").await
}

// -- the address that codes open ----------------------------------------------------------------------------------------------

async fn address_page(call: &Call, address: String, mut wrong: Wrong) -> Result<PublicAddressPage, Refusal> {
    let mut bar = call.bar(Nav::Settings).await?;
    wrong.on(&mut bar);
    Ok(PublicAddressPage { l: call.lang, bar, address, errors: wrong.errors })
}

/// `GET /public-address`.
pub(crate) async fn address(call: Call) -> Reply {
    let kept = of(&call)?.public_address().await?.unwrap_or_default();
    page(&address_page(&call, kept, Wrong::none()).await?)
}

/// `POST /public-address`: `public_url`.
pub(crate) async fn set_address(call: Call) -> Reply {
    let (authority, typed) = (of(&call)?, call.form.get("public_url"));
    match authority.put_public_address(by(&call)?, typed).await {
        Ok(()) => call.done("/public-address", "public_address"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "public_url")?;
            page_with(wrong.status, &address_page(&call, typed.to_owned(), wrong).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_in_the_file_is_served_on_nobody() {
        let inner: Vec<&str> = domain::document::DOCUMENTS.iter().filter(|d| d.is_inner()).map(|d| d.code).collect();
        assert_eq!(inner.len(), 10, "every code of the list is a kind: {inner:?}");
        assert!(inner.contains(&"file_cover") && !inner.contains(&"penalty_decision"), "{inner:?}");
    }

    #[test]
    fn a_paper_is_in_chinese_unless_english_is_asked_for() {
        assert_eq!(["", "zh", "en", "fr"].map(lang_of), [Lang::Zh, Lang::Zh, Lang::En, Lang::Zh]);
    }
}
