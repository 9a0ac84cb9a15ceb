//! The counter joins an applicant's account to a party that is known already.
//!
//! ```text
//! POST /applicants act=look ─▶ Authority::joinable ─▶ whose account, which party, papers to compare
//! POST /applicants act=join ─▶ Authority::join_applicant ─▶ applicant.put with the papers ─▶ /applicants
//! ```
//! Always true: nothing is joined before the officer has seen both names and ticked each paper; a number stands in no address.

use super::ask::Wrong;
use super::inbox::{by, of};
use crate::answer::{Reply, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::joining::{JoinFound, JoinPage};
use crate::pages::{Choice, Nav};
use authority::cases::{JoinForm, Joinable, join_papers};
use base::{Pii, Refusal, Text};

/// Fields beside which a refusal stands; every other stands at the first.
const FIELDS: [&str; 3] = ["login", "number", "seen"];

fn form_of(call: &Call) -> JoinForm {
    JoinForm {
        login: call.form.get("login").to_owned(),
        is_unit: call.form.get("is") != "person",
        number: Pii::new(call.form.get("number").to_owned()),
        seen: call.form.all("seen"),
    }
}

fn found_of(form: &JoinForm, found: &Joinable) -> JoinFound {
    let ticked = |word: &str| form.seen.iter().any(|seen| seen == word);
    let papers = join_papers(form.is_unit).into_iter();
    JoinFound {
        holder: Shown(found.holder.masked()),
        party: Shown(if form.is_unit { found.name.expose().clone() } else { found.name.masked() }),
        papers: papers.map(|(word, name)| Choice::new(word, name, ticked(word))).collect(),
    }
}

async fn join_page(call: &Call, found: Option<JoinFound>, mut wrong: Wrong) -> Result<JoinPage, Refusal> {
    let form = form_of(call);
    let kind = if form.is_unit { "unit" } else { "person" };
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(JoinPage {
        l: call.lang,
        bar,
        kinds: vec![
            Choice::new("unit", Text::new("单位", "a unit"), form.is_unit),
            Choice::new("person", Text::new("个人", "a person"), !form.is_unit),
        ],
        kind: kind.to_owned(),
        login: form.login,
        number: Shown(form.number.into_inner()),
        found,
        errors: wrong.errors,
    })
}

/// `GET /applicants`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    page(&join_page(&call, None, Wrong::none()).await?)
}

/// `POST /applicants`.
pub(crate) async fn join(call: Call) -> Reply {
    let (authority, who, form) = (of(&call)?, by(&call)?, form_of(&call));
    let found = authority.joinable(who, &form).await;
    let done = match &found {
        Ok(_) if call.form.get("act") == "join" => authority.join_applicant(who, &form).await.map(Some),
        Ok(_) => Ok(None),
        Err(refusal) => Err(refusal.clone()),
    };
    let shown = found.as_ref().ok().map(|found| found_of(&form, found));
    match done {
        Ok(Some(_)) => call.done("/applicants", "applicant_joined"),
        Ok(None) => page(&join_page(&call, shown, Wrong::none()).await?),
        Err(refusal) => {
            let at = FIELDS.into_iter().find(|field| *field == refusal.code).unwrap_or("login");
            let wrong = Wrong::of(refusal, at)?;
            page_with(wrong.status, &join_page(&call, shown, wrong).await?)
        }
    }
}
