//! A site's page of its authority: where reports go, whether it is admitted, when the log was witnessed.

use crate::answer::{Reply, attach, body, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::inbox::LinkPage;
use crate::pages::{FormErrors, Mark, Nav, State};
use axum::http::StatusCode;
use base::{ErrorKind, Refusal};
use domain::access::Permission;
use site::link::{LinkView, Standing};

fn state_of(view: &LinkView) -> State {
    if view.settings.is_none() {
        return State::new(Mark::Off, "未连接", "Not connected");
    }
    if view.state.contradicted {
        return State::new(Mark::Critical, "日志不一致", "Log contradicts");
    }
    if view.state.fault.is_some() {
        return State::new(Mark::Warning, "连接中断", "Cannot be reached");
    }
    match view.state.standing {
        Standing::Unknown => State::new(Mark::Busy, "正在连接", "Connecting"),
        Standing::Asked => State::new(Mark::Attention, "等待接入", "Waits to be admitted"),
        Standing::Admitted => State::new(Mark::Ok, "已接入", "Admitted"),
        Standing::Closed => State::new(Mark::Warning, "已被停止接入", "Ended by the authority"),
        Standing::OtherKeys => State::new(Mark::Critical, "密钥不符", "Known with other keys"),
    }
}

async fn link_page(call: &Call, errors: FormErrors) -> Result<LinkPage, Refusal> {
    let view = call.site().link_view(call.actor()?).await?;
    Ok(LinkPage {
        l: call.lang,
        bar: call.bar(Nav::Link).await?,
        state: state_of(&view),
        address: view.settings.map_or_else(String::new, |s| s.address),
        fault: view.state.fault,
        answered: view.state.answered,
        code: view.code,
        asks: view.state.standing == Standing::Asked,
        vkey: view.vkey,
        fingerprint: view.fingerprint,
        pin: view.pin.to_string(),
        witnessed: view.witnessed.map(|w| (w.size, w.at)),
        entries: view.entries,
        waiting_reports: view.waiting.reports,
        waiting_since: view.waiting.since,
        waiting_exhibits: view.waiting.exhibits,
        contradicted: view.state.contradicted,
        restored: view.restored.map(|r| (r.made_ms, r.restored_ms, r.size)),
        own_report: view.own_report,
        may_report: call.may(Permission::ManageDuties),
        may_change: call.may(Permission::ManagePeers),
        typed: if errors.is_empty() { String::new() } else { call.form.get("link").chars().take(1_000).collect() },
        errors,
    })
}

/// `GET /link`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&link_page(&call, FormErrors::default()).await?)
}

/// `POST /link`.
pub(crate) async fn set(call: Call) -> Reply {
    match call.site().set_link(call.actor()?, call.form.get("link")).await {
        Ok(()) => call.done("/link", "link_set"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            let mut errors = FormErrors::default();
            errors.push("link", refusal.what.clone());
            page_with(status(&refusal), &link_page(&call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /link/report`: what the site says of itself goes to the authority now.
pub(crate) async fn report(call: Call) -> Reply {
    call.site().report_self(call.actor()?).await?;
    call.done("/link", "self_report_made")
}

/// `GET /link/checkpoint`: the newest head with the cosignature of the authority.
pub(crate) async fn checkpoint(call: Call) -> Reply {
    let head = call.site().store().witnessed().await?.ok_or_else(no_page)?;
    let mut answer = body(StatusCode::OK, "text/plain; charset=utf-8", head.note);
    attach(&mut answer, "checkpoint-cosigned.txt");
    Ok(answer)
}
