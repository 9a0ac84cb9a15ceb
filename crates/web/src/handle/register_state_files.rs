//! That a row stood in a public register at the end of a day, as a file that anybody checks without this server (`docs/design/register-state.md`).
//!
//! ```text
//! day ─▶ the state that held then ─▶ its tree (`register_trees`) ─▶ the row's leaf and path ─▶ entries of version, state and next state, each with its proof ─▶ verified ─▶ JSON
//! ```
//! Always true: only a day that is over and was looked at is told; what of a row is public no more is in no file; a file that would not hold is not
//! handed out.

use super::inbox::of;
use super::proofs::prove;
use super::public::{keep, slowly};
use super::registers::open_register;
use crate::answer::{Reply, attach, body, down};
use crate::call::Call;
use crate::limiter::PUBLIC_COPIES;
use axum::http::StatusCode;
use base::{CivilDate, Refusal, Text};
use domain::register_state::{Logged, StateProof, verify};

/// The last day whose state is there: over, and looked at. Before that a state of an older day may hold no more, and nothing says so.
pub(super) async fn newest_day(call: &Call, register: &str) -> Result<Option<CivilDate>, Refusal> {
    let yesterday = call.now().shanghai_date().plus_days(-1);
    let looked = call.site().store().register_looked_at(register).await?;
    Ok(looked.map(|day| day.min(yesterday)))
}

/// The day that is asked about: a day that was looked at; without one the last of these.
async fn day_of(call: &Call, register: &str) -> Result<CivilDate, Refusal> {
    let newest = newest_day(call, register).await?;
    let text = call.query.get("on");
    if text.is_empty() {
        return newest.ok_or_else(not_there);
    }
    let day = CivilDate::parse(text).filter(|day| *day < call.now().shanghai_date()).ok_or_else(|| {
        Refusal::bad_input(
            "on",
            Text::new(
                "请填写今天以前的日期：当天的状态在当天终了后记入日志。",
                "Name a day before today: the state of a day is taken when it is over.",
            ),
            Text::new("请更正日期。", "Correct the day."),
        )
    })?;
    if newest.is_some_and(|newest| day <= newest) { Ok(day) } else { Err(not_there()) }
}

fn not_there() -> Refusal {
    Refusal::not_found("该登记在那一天的状态", "state of the register with this row on that day")
}

async fn logged(call: &Call, index: u64) -> Result<Logged, Refusal> {
    let proved = prove(call, index, true).await?.ok_or_else(not_there)?;
    let (entry, proof) = proved.texts();
    Ok(Logged { entry, proof })
}

/// The file of a row and day.
async fn proof_of(call: &Call, register: &str, row: &str, day: CivilDate) -> Result<StateProof, Refusal> {
    let store = call.site().store();
    let (entry, state) = store.register_state_on(register, day).await?.ok_or_else(not_there)?;
    let tree = call.app.register_trees.of(store, (entry, &state)).await?;
    let (leaf, at) = tree.find(row).ok_or_else(not_there)?;
    // What was withdrawn since is not told any more.
    let version = store.row_of_entry(leaf.entry).await?.filter(|row| row.shown.is_some()).ok_or_else(not_there)?;
    let next = match store.register_state_after(register, entry).await? {
        Some((next, _)) => Some(logged(call, next).await?),
        None => None,
    };
    let key = store.ledger().key().vkey();
    let file = StateProof {
        v: StateProof::version(),
        log: key.to_string(),
        register: register.to_owned(),
        day,
        public: version.public,
        leaf: leaf.text(),
        index: u64::try_from(at).unwrap_or(u64::MAX),
        path: tree.path(at),
        row: logged(call, leaf.entry).await?,
        state: logged(call, entry).await?,
        next,
    };
    verify(&file, Some(key)).map_err(|fault| down(fault.text().en))?;
    Ok(file)
}

/// `GET /public/registers/{register}/{number}/state?on=`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let register = open_register(&call, call.param(0))?;
    slowly(&call, "public_copies", PUBLIC_COPIES)?;
    let day = day_of(&call, register.id).await?;
    let file = proof_of(&call, register.id, call.param(1), day).await?;
    let text = serde_json::to_string_pretty(&file).map_err(down)?;
    let mut answer = body(StatusCode::OK, "application/json", text);
    attach(&mut answer, &format!("{}-state-{day}.json", register.id));
    keep(&call, &mut answer);
    Ok(answer)
}
