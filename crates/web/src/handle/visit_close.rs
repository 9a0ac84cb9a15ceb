//! The end of a visit: signatures were sent before, names or a refusal with a witness come with the form. Signatures that were given too early are
//! made void here.

use super::inbox::{by, of};
use super::visits::{id_of, refused};
use crate::answer::Reply;
use crate::call::Call;
use authority::visits::{CloseForm, UnitSide};

/// `POST /visits/{id}/close`: `version`, and `unit_name`, or `reason` and `witness`.
pub(crate) async fn close(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    let text = |name: &str| call.form.get(name).to_owned();
    let unit = if call.form.has("reason") || call.form.has("witness") {
        UnitSide::Refused { reason: text("reason"), witness: text("witness") }
    } else {
        UnitSide::Signed { name: text("unit_name") }
    };
    let form = CloseForm { version: call.form.get("version").parse().unwrap_or_default(), unit };
    match authority.close_visit(by(&call)?, case, &form).await {
        Ok(_) => call.done(&format!("/visits/{case}"), "visit_closed"),
        Err(refusal) => {
            let at = match refusal.code.as_str() {
                "no_scan" => "scan-code",
                "refusal_reason" => "reason",
                "no_witness" | "witness_inspects" => "witness",
                _ => "unit_name",
            };
            refused(&call, refusal, at).await
        }
    }
}

/// `POST /visits/{id}/unsign`: `unsign-reason`: the signatures count no more, and the record can be changed again.
pub(crate) async fn unsign(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    match authority.void_signatures(by(&call)?, case, call.form.get("unsign-reason")).await {
        Ok(()) => call.done(&format!("/visits/{case}"), "visit_unsigned"),
        Err(refusal) => refused(&call, refusal, "unsign-reason").await,
    }
}
