//! Exchange with other systems as JSON: filings handed on, applications taken in, how a case stands. Tokens and permissions are those of the API.
//!
//! Always true: field names of a filing are those of the pack and told with the answer; a body that has fields of no use is refused; the same key
//! is the same application; persons are in what comes in and never in what goes out.

use super::inbox::{by, of};
use crate::answer::{Reply, json, ok_json};
use crate::call::Call;
use authority::cases::{FILING_CLAUSE, Filing, HandedIn, PartyForm};
use axum::http::StatusCode;
use base::{Refusal, Sha256, Text};
use serde::Deserialize;
use serde_json::{Value, json as value};
use std::collections::BTreeMap;

/// Most fields of a party in one body.
const FIELDS: usize = 32;
/// The header with the sender's key.
const KEY: &str = "idempotency-key";

fn bad_cursor() -> Refusal {
    Refusal::bad_input(
        "after",
        Text::new("after 应当是上一次回答中的 next。", "after is the next of the answer before."),
        Text::new("从头取的，不要写 after。", "Leave it out to begin from the first."),
    )
}

fn bad_body() -> Refusal {
    Refusal::bad_input(
        "body",
        Text::new(
            "请求体应当是 JSON：procedure、place、title、party（kind 为 unit 或者 person，fields 为栏目和值）。",
            "The body is JSON: procedure, place, title, party (kind unit or person, fields with their values).",
        ),
        Text::new("请对照接口文档更正。", "Correct it by the documentation of the API."),
    )
}

fn filing(filing: &Filing) -> Value {
    value!({
        "entry": filing.entry, "row": filing.row, "version": filing.version, "procedure": filing.procedure, "number": filing.number,
        "filed": filing.filed, "until": filing.until, "office": filing.office, "at": filing.at, "fields": filing.fields,
    })
}

/// `GET /api/v1/exchange/system-filings?after=`.
pub(crate) async fn filings(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let after = match call.query.get("after") {
        "" => None,
        text => Some(text.parse::<u64>().map_err(|_| bad_cursor())?),
    };
    let (all, next) = authority.filings(who, after).await?;
    let fields = authority.filing_fields();
    let fields = fields.iter().map(|f| {
        value!({ "id": f.field.id, "procedure": f.procedure.id, "zh": f.field.zh, "en": f.field.en, "kind": f.field.kind })
    });
    ok_json(&value!({
        "clause": FILING_CLAUSE, "filings": all.iter().map(filing).collect::<Vec<_>>(), "next": next,
        "fields": fields.collect::<Vec<_>>(),
    }))
}

/// `GET /api/v1/exchange/cases/{number}`.
pub(crate) async fn status(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let found = authority.exchange_status(who, call.param(0)).await?;
    ok_json(&value!({
        "number": found.number, "procedure": found.procedure, "stage": found.stage, "outcome": found.outcome, "opened": found.opened,
        "last": found.last, "due": found.due, "awaits_rest": found.awaits_rest,
    }))
}

/// Who applies, in a body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyBody {
    kind: String,
    fields: BTreeMap<String, String>,
}

/// Body of `POST /api/v1/exchange/applications`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    procedure: String,
    place: String,
    #[serde(default)]
    title: String,
    party: PartyBody,
}

/// The first of what is wrong, with the names of all fields that are.
fn first_of(faults: Vec<Refusal>) -> Refusal {
    let codes: Vec<String> = faults.iter().map(|f| f.code.clone()).collect();
    let mut all = faults.into_iter();
    let Some(first) = all.next() else { return bad_body() };
    if codes.len() == 1 {
        return first;
    }
    let names = codes.join(", ");
    let next = Text::of(
        format!("{}需要更正的栏目：{names}。", first.next.zh),
        format!("{} Fields to be corrected: {names}.", first.next.en),
    );
    Refusal { next, ..first }
}

/// `POST /api/v1/exchange/applications`.
pub(crate) async fn take_in(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let key = call.headers.get(KEY).and_then(|v| v.to_str().ok()).unwrap_or_default().trim().to_owned();
    let body: Application = serde_json::from_slice(&call.body).map_err(|_| bad_body())?;
    let is_unit = match body.party.kind.as_str() {
        "unit" => true,
        "person" => false,
        _ => return Err(bad_body()),
    };
    if body.party.fields.len() > FIELDS {
        return Err(bad_body());
    }
    let form = HandedIn {
        key,
        request: Sha256::of(&call.body),
        procedure: body.procedure,
        place: body.place,
        title: body.title,
        party: PartyForm { is_unit, typed: body.party.fields },
    };
    let (begun, new) = authority.take_in(who, &form).await.map_err(first_of)?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(json(
        status,
        &value!({ "case": begun.case, "number": begun.number, "code": begun.code, "office": begun.office, "new": new }),
    ))
}
