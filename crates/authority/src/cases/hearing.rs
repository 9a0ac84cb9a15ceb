//! Who leads a hearing: nobody who handled the inquiry of the case (AP-64).
//!
//! ```text
//! Done { hold_hearing, hearing_host } ─▶ names of who opened, inquired, questioned, examined the scene, took samples or kept evidence
//!                                     ─▶ the same name: refused
//! ```
//! Always true: the host is compared by name, since a host of another office has no account here; nobody's name is in the refusal.

use crate::Authority;
use base::{AccountId, ClauseId, ErrorKind, Refusal, Text};
use domain::casework::{Case, CaseAct, HOLD_HEARING};
use std::collections::BTreeSet;

/// Field with the name of the host.
const HOST: &str = "hearing_host";
/// Steps of the inquiry: the same words in every procedure of the packs.
const INQUIRY: [&str; 8] = [
    "open",
    "investigate",
    "question",
    "examine_scene",
    "sample",
    "settle_sample",
    "ask_approval",
    "register_evidence",
];
/// Who must not lead it.
const CLAUSE: &str = "AP-64";

/// Everybody who did a step of the inquiry or is named in it.
fn inquirers(case: &Case) -> BTreeSet<AccountId> {
    let steps = case.doings.iter().filter(|d| INQUIRY.contains(&d.node.as_str()));
    steps.flat_map(|d| d.officers.iter().copied().chain([d.by])).collect()
}

impl Authority {
    /// The host of a hearing is none of those who handled the inquiry.
    ///
    /// # Errors
    /// `host_of_inquiry`, or the store.
    pub(super) async fn host_is_apart(&self, case: &Case, act: &CaseAct) -> Result<(), Refusal> {
        let host = match act {
            CaseAct::Done { step, typed, .. } if step == HOLD_HEARING => typed.get(HOST).map(String::as_str),
            // A name that is put right later is judged like the first one.
            CaseAct::CorrectValue { field, typed, .. } if field == HOST => Some(typed.as_str()),
            _ => None,
        };
        let Some(host) = host.map(str::trim).filter(|name| !name.is_empty()) else { return Ok(()) };
        for account in inquirers(case) {
            let known = self.store().account(account).await?;
            if known.is_some_and(|person| person.name.expose().trim() == host) {
                let refusal = Refusal::new(
                    ErrorKind::Unlawful,
                    "host_of_inquiry",
                    Text::new(
                        "听证由本机关指定的非本案调查人员主持，所填主持人办理过本案的调查。",
                        "A hearing is led by somebody who did not inquire in the case, and the host who was entered did.",
                    ),
                    Text::new("请另行指定主持人。", "Name another host."),
                );
                let cited = self.gate().packs().cite(&ClauseId::new(CLAUSE));
                return Err(refusal.citing(cited.into_iter().collect()));
            }
        }
        Ok(())
    }
}
