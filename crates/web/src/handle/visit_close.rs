//! The end of a visit: signatures were sent before, names or a refusal with a witness come with the form.

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
