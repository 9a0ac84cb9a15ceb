//! One's own sessions: which browsers are signed in, since when, end one or all others; and the rules of a password as data.

use crate::answer::{Reply, ok_json};
use crate::call::Call;
use base::{Refusal, Text};
use domain::account::{PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, PASSWORD_MIN_DISTINCT, common};
use store::ledger_log::Outcome;

/// A browser as people name it: `Chrome 131 · Windows`. What is not known stays as the browser calls itself, shortened.
pub(crate) fn agent_words(agent: &str) -> String {
    // Order matters: Edge and Opera say that they are Chrome, Chrome says that it is Safari.
    const BROWSERS: [(&str, &str); 8] = [
        ("MicroMessenger/", "WeChat"),
        ("QQBrowser/", "QQ"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Version/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let found = BROWSERS.iter().find_map(|(mark, name)| agent.split_once(mark).map(|(_, rest)| (name, rest)));
    let Some((name, rest)) = found else { return agent.chars().take(60).collect() };
    let version: String = rest.chars().take_while(char::is_ascii_digit).take(5).collect();
    let system = SYSTEMS.iter().find(|(mark, _)| agent.contains(mark)).map_or("", |(_, name)| name);
    let browser = format!("{name} {version}");
    [browser.trim(), system].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// `POST /account/sessions/end`: `session`, the name of one; or `others`, all but this one.
pub(crate) async fn end(call: Call) -> Reply {
    let actor = call.actor()?;
    let store = call.site().store();
    if call.form.has("others") {
        let keep =
            call.who.as_ref().and_then(|w| w.session.as_ref()).map(|s| s.token_sha256.clone()).unwrap_or_default();
        let ended = store.end_other_sessions(actor.id, &keep).await?;
        call.app.end_live_of_others(actor.id, &keep);
        let text =
            Text::of(format!("结束自己的其他登录 {ended} 处。"), format!("{ended} other own sessions were ended."));
        call.site().log_sign_in(actor.id, "session.ended", Outcome::Done, text).await?;
        return call.done("/account", "sessions_ended");
    }
    let wanted = call.form.get("session");
    let own = store.sessions_of(actor.id, call.now()).await?;
    let found = own.iter().find(|s| s.token_sha256 == wanted).ok_or_else(|| Refusal::not_found("该登录", "session"))?;
    store.end_session(&found.token_sha256).await?;
    call.app.end_live_of_pass(&found.token_sha256);
    let text = Text::new("结束自己的另一处登录。", "Another own session was ended.");
    call.site().log_sign_in(actor.id, "session.ended", Outcome::Done, text).await?;
    call.done("/account", "session_ended")
}

/// `POST /account/sessions/known`: the person has seen that a new browser signed in.
pub(crate) async fn known(call: Call) -> Reply {
    call.site().store().know_browsers(call.actor()?.id).await?;
    call.done("/account", "browser_known")
}

/// `GET /api/v1/password-rules`: what the page checks while somebody types; the server checks again.
pub(crate) async fn rules(_: Call) -> Reply {
    ok_json(&serde_json::json!({
        "min": PASSWORD_MIN_CHARS, "max": PASSWORD_MAX_CHARS, "distinct": PASSWORD_MIN_DISTINCT, "common": common::WORDS,
    }))
}

#[cfg(test)]
mod tests {
    use super::agent_words;

    #[test]
    fn browsers_have_names() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome 131 · Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.1",
                "Edge 131 · Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox 133 · Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Mobile Safari/604.1",
                "Safari 18 · iPhone",
            ),
            ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/130.0 Mobile Safari/537", "Chrome 130 · Android"),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", ""),
            ("Chrome/", "Chrome"),
        ] {
            assert_eq!(agent_words(agent), words);
        }
        assert_eq!(agent_words(&"长".repeat(500)).chars().count(), 60);
    }
}
