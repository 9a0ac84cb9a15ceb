//! Search for those who work here: `/cases/search`, over cases, units and documents within the reach of the account.
//!
//! Always true: what is found is said by the corridor; the page adds no thing and no word of its own to it.

use super::case_words::{opens, state_of_row};
use super::inbox::{by, of};
use crate::answer::{Reply, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::staff::{FindPage, FoundLine};
use crate::pages::{Choice, Nav, Pager};
use authority::cases::{Finding, Hit};
use axum::http::StatusCode;
use base::{ErrorKind, Text};
use domain::document::Document;
use law::Procedure;
use store::casework::documents::DocumentRow;
use store::casework::parties::PartyData;
use store::casework::search::{QUERY_CHARS, Thing};

/// Word, kind and name of what can be searched.
static KINDS: [(&str, Thing, Text); 3] = [
    ("case", Thing::Case, Text::new("办件", "cases")),
    ("unit", Thing::Party, Text::new("单位", "units")),
    ("document", Thing::Document, Text::new("文书（编号和内容）", "documents, by number and wording")),
];

fn link(query: &str, of: &str, before: &str) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", query), ("of", of), ("before", before)] {
        if !value.is_empty() {
            out.append_pair(name, value);
        }
    }
    format!("/cases/search?{}", out.finish())
}

/// A document by its kind and number; who may not open it is led to its case.
fn document_line(call: &Call, row: &DocumentRow) -> FoundLine {
    let name = Document::parse(&row.kind).map(Document::name).unwrap_or_default();
    let href = match row.case {
        Some(case) if opens(call) => format!("/cases/{case}/documents/{}", row.sha256),
        Some(case) => format!("/cases/{case}"),
        None => String::new(),
    };
    FoundLine {
        href,
        title: Shown(name.get(call.lang).to_owned()),
        number: row.number.clone().unwrap_or_default(),
        note: match row.void {
            Some(_) => Text::new("已作废", "void"),
            None => Text::default(),
        },
        at: Some(row.made),
    }
}

fn line(call: &Call, hit: Hit) -> FoundLine {
    let packs = call.site().gate().packs();
    match hit {
        Hit::Case(row) => {
            let name = packs.procedure(&row.head.procedure).map(Procedure::name).unwrap_or_default();
            let state = state_of_row(&row).word;
            FoundLine {
                href: format!("/cases/{}", row.id),
                title: Shown(row.head.title.clone()),
                number: row.number.clone(),
                note: Text::of(format!("{} · {}", name.zh, state.zh), format!("{} · {}", name.en, state.en)),
                at: Some(row.opened),
            }
        }
        Hit::Unit(row) => {
            let at = row.at;
            let (name, code, address) = match row.data {
                PartyData::Unit(unit) => (unit.name, unit.credit_code.unwrap_or_default(), unit.address),
                // The corridor finds none.
                PartyData::Person(_) => (String::new(), String::new(), String::new()),
            };
            FoundLine {
                href: String::new(),
                title: Shown(name),
                number: code,
                note: Text::of(address.clone(), address),
                at: Some(at),
            }
        }
        Hit::Document(row) => document_line(call, &row),
    }
}

/// `GET /cases/search?q=&of=&before=`.
pub(crate) async fn show(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let query: String = call.query.get("q").chars().filter(|c| !c.is_control()).take(QUERY_CHARS).collect();
    let (word, thing) =
        KINDS.iter().find(|k| k.0 == call.query.get("of")).map_or(("case", Thing::Case), |k| (k.0, k.1));
    let before = Some(call.query.get("before")).filter(|b| !b.is_empty());
    let mut status = StatusCode::OK;
    let mut wrong = Text::default();
    let found = if query.is_empty() {
        Finding::default()
    } else {
        match authority.find(who, thing, &query, before).await {
            Ok(found) => found,
            Err(refusal) if refusal.kind == ErrorKind::BadInput => {
                (status, wrong) = (StatusCode::BAD_REQUEST, refusal.what);
                Finding::default()
            }
            Err(refusal) => return Err(refusal),
        }
    };
    let pager = Pager {
        previous: before.map(|_| link(&query, word, "")),
        next: found.next.as_deref().map(|next| link(&query, word, next)),
        shown: Text::default(),
    };
    let page = FindPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        kinds: KINDS.iter().map(|(id, _, name)| Choice::new(id, name.clone(), *id == word)).collect(),
        of: word.to_owned(),
        lines: found.hits.into_iter().map(|hit| line(&call, hit)).collect(),
        query,
        wrong,
        pager,
    };
    page_with(status, &page)
}
