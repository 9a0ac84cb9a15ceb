//! For machines and browsers: assets, health, metrics, the log's static files.

use crate::answer::{Reply, body, json, no_page};
use crate::assets;
use crate::call::Call;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use ledger::{CHECKPOINT_PATH, TilePath};

/// `GET /assets/{*path}`: entity tag; kept for a year where the address carries the tag (`?v=`), else asked about each time.
pub(crate) async fn asset(call: Call) -> Reply {
    let asset = assets::find(call.param(0)).ok_or_else(no_page)?;
    let same = call.header(header::IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|t| t.trim() == asset.etag));
    let named = asset.etag.trim_matches('"') == call.query.get("v");
    let mut answer = if same {
        let mut empty = body(StatusCode::NOT_MODIFIED, asset.content_type, Body::empty());
        empty.headers_mut().remove(header::CONTENT_TYPE);
        empty
    } else {
        body(StatusCode::OK, asset.content_type, asset.bytes.into_owned())
    };
    let cache = if named { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&asset.etag) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    Ok(answer)
}

/// `GET /favicon.ico`.
pub(crate) async fn favicon(mut call: Call) -> Reply {
    call.params = vec!["favicon.svg".into()];
    asset(call).await
}

/// `GET /healthz`: 200 while the database answers, else 503; how many cameras record, for whoever watches the watcher.
pub(crate) async fn health(call: Call) -> Reply {
    let (status, state) = health_now(&call).await;
    Ok(json(status, &state))
}

/// What `GET /healthz` says now.
pub(crate) async fn health_now(call: &Call) -> (StatusCode, serde_json::Value) {
    let database = call.site().store().is_alive().await;
    let cameras = call.site().cameras();
    let recording = cameras.iter().filter(|c| c.state().is_recording()).count();
    let status = if database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let state =
        serde_json::json!({ "ok": database, "database": database, "recording": recording, "cameras": cameras.len() });
    (status, state)
}

/// `GET /metrics`: Prometheus text.
pub(crate) async fn metrics(call: Call) -> Reply {
    let text = metrics_now(&call).await.ok_or_else(no_page)?;
    Ok(body(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text))
}

/// All counters as they are now; `None` = this server has none.
pub(crate) async fn metrics_now(call: &Call) -> Option<String> {
    let handle = call.app.options.metrics.as_ref()?;
    let cameras = call.site().cameras();
    let recording = cameras.iter().filter(|c| c.state().is_recording()).count();
    #[expect(clippy::cast_precision_loss, reason = "gauges are floating point")]
    let set = |name: &'static str, n: usize| metrics::gauge!(name).set(n as f64);
    set("jifang_cameras", cameras.len());
    set("jifang_cameras_recording", recording);
    set("jifang_live_sessions", call.site().live().sessions());
    set("jifang_ledger_entries", usize::try_from(call.site().store().ledger().head().0.size).unwrap_or(0));
    // Away with the database, like everything that is counted there.
    if let Ok(faults) = call.site().store().open_faults(None).await {
        set("jifang_scrub_faults_open", usize::try_from(faults).unwrap_or(usize::MAX));
    }
    if let Some(error_ms) = call.site().own_clock().error_ms {
        #[expect(clippy::cast_precision_loss, reason = "gauges are floating point")]
        metrics::gauge!("jifang_clock_error_ms").set(error_ms as f64);
    }
    handle.run_upkeep();
    Some(handle.render())
}

/// `GET /ledger/{*path}`: checkpoint, public key and tiles as they lie on the disk (C2SP tlog-tiles).
pub(crate) async fn ledger_file(call: Call) -> Reply {
    let path = call.param(0).to_owned();
    let known = path == CHECKPOINT_PATH || path == "key.pub" || TilePath::parse(&path).is_some();
    if !known {
        return Err(no_page());
    }
    let file = call.site().store().ledger().dir().join(&path);
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(file)).await.ok().and_then(Result::ok);
    let text = path == CHECKPOINT_PATH || path == "key.pub";
    let kind = if text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
    Ok(body(StatusCode::OK, kind, bytes.ok_or_else(no_page)?))
}
