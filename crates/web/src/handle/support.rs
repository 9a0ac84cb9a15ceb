//! The support file for the administrator: gathered, entered in the log, sent as a download.

use super::ops;
use crate::answer::{Reply, attach, body};
use crate::call::Call;
use crate::limiter;
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Text};
use site::support::Told;

/// `POST /settings/support`.
pub(crate) async fn take(call: Call) -> Reply {
    let now = call.site().now();
    // Of the whole server, not of one account: what is gathered costs the same, whoever asks.
    if !call.app.limiter.allow("support", "all", limiter::SUPPORT, now.mono) {
        return Err(Refusal::new(
            ErrorKind::TooMany,
            "support_too_often",
            Text::new(
                "刚刚已多次生成支持文件，本次没有生成。",
                "The support file was made several times just now; it was not made again.",
            ),
            Text::new(
                "请在十分钟后再试，或使用刚才下载的文件。",
                "Try again in ten minutes, or use the file you have.",
            ),
        ));
    }
    let (status, health) = ops::health_now(&call).await;
    let told = Told {
        config: call.app.options.configuration.clone(),
        health: format!("HTTP/1.1 {status}\n{health}"),
        metrics: ops::metrics_now(&call).await.unwrap_or_default(),
        ..Told::default()
    };
    let text = call.site().support_file(call.actor()?, told).await?;
    let mut answer = body(StatusCode::OK, "text/plain; charset=utf-8", text);
    let at = now.utc.desk().replace([':', '-'], "").replace(' ', "-");
    attach(&mut answer, &format!("jifang-support-{at}.txt"));
    Ok(answer)
}
