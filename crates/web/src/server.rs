//! Sockets: accepts connections, bounds them, hands requests to `gate`, ends gracefully.
//!
//! Limits: `CONNECTIONS` at once (one more waits to be accepted), `HEADER_S` for the head of a request (also between two requests
//! of one connection), 64 KiB of head. A connection that is cut or speaks nonsense ends alone.

use crate::app::{App, Options};
use crate::gate::{self, Ends};
use axum::body::Body;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use site::Site;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Most connections at once.
const CONNECTIONS: usize = 2_048;
/// Longest wait for the head of a request, seconds.
const HEADER_S: u64 = 30;
/// Largest head of a request, bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// Connections still open this long after the stop are cut, seconds.
const GRACE_S: u64 = 3;

/// Serves pages and API of `site` until `stop` resolves; then finishes the requests at hand.
///
/// # Errors
/// The listener fails for good.
pub async fn serve(
    site: Site,
    listener: TcpListener,
    options: Options,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopping, stopped) = watch::channel(false);
    let app = App::new(site, options, stopped);
    let watching = tokio::spawn(app.clone().watch_the_watching());
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { break };
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let app = app.clone();
                    connections.spawn(async move {
                        connection(app, stream).await;
                        drop(slot);
                    });
                }
                Err(error) => {
                    // Out of file handles, or a connection gone before it was accepted: others go on.
                    tracing::warn!(%error, "connection not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
        while connections.try_join_next().is_some() {}
    }
    watching.abort();
    let _ = stopping.send(true);
    let rest = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_secs(GRACE_S), rest).await;
    Ok(())
}

async fn connection(app: Arc<App>, stream: TcpStream) {
    let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return };
    let _ = stream.set_nodelay(true);
    let ends = Ends { peer, local };
    let mut stopped = app.stop.clone();
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(gate::handle(app, request.map(Body::new), ends).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(HEADER_S)).max_buf_size(HEAD_BYTES);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let stop = async { stopped.wait_for(|stop| *stop).await.is_ok() };
    let early = tokio::select! {
        done = &mut serving => Some(done),
        _ = stop => None,
    };
    let done = match early {
        Some(done) => done,
        None => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = done {
        metrics::counter!("jifang_http_connection_errors_total").increment(1);
        tracing::debug!(%peer, %error, "connection ended");
    }
}
