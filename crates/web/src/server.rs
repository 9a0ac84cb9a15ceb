//! Sockets: accepts connections, bounds them, hands requests to `gate`, ends gracefully.
//!
//! Limits ([`Limits`]): so many connections in all and from one address (IPv6: one /64; proxies that are trusted count only in all);
//! one more gets a 503 in words and is closed (over TLS: only closed). A TLS handshake must be done in time. The head of a request must be here in time, also between two requests of one
//! connection, and is at most 64 KiB (431); a body has its own time in `gate` (408); an answer must be taken ([`Paced`]). A connection
//! that is cut or speaks nonsense ends alone.

use crate::app::{App, Options};
use crate::gate::{self, Ends};
use crate::paced::Paced;
use crate::places::{Full, Place, Places, network_of};
use crate::tls;
use axum::body::Body;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use site::Site;
use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Largest head of a request, bytes: request line, fields and the empty line.
const HEAD_BYTES: usize = 64 * 1024;
/// Connections still open this long after the stop are cut, seconds.
const GRACE_S: u64 = 3;
/// Connections that are being told that there is no place, at once; more are only closed.
const TURNED_AWAY: usize = 64;
/// How long one that is turned away may take to read that, ms.
const FAREWELL_MS: u64 = 1_000;

/// What one server holds open, and how long it waits. The defaults are those of the product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address, or one /64 of IPv6. A shift behind one router passes.
    pub of_one_address: usize,
    /// Longest TLS handshake, from the connection on, ms.
    pub handshake_ms: u64,
    /// Longest wait for the head of a request, and for the next request of a connection, ms.
    pub head_ms: u64,
    /// Longest wait for a body of one request, ms; and one second more for each 64 KiB that its route takes.
    pub body_ms: u64,
    /// Longest time in which nothing of an answer is taken, ms. A browser that pauses a film lets it stand; it asks again.
    pub answer_ms: u64,
    /// Event streams of one account; 512 in all.
    pub streams_of_one: usize,
    /// Live pictures of one account: two walls of sixteen. 64 in all (`site::live::VIEWERS`).
    pub live_of_one: usize,
}

impl From<&config::HttpConfig> for Limits {
    fn from(c: &config::HttpConfig) -> Self {
        Self { connections: c.connections, of_one_address: c.connections_of_one_address, ..Self::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let config = config::HttpConfig::default();
        Self {
            connections: config.connections,
            of_one_address: config.connections_of_one_address,
            handshake_ms: 10_000,
            head_ms: 20_000,
            body_ms: 10_000,
            answer_ms: 120_000,
            streams_of_one: 32,
            live_of_one: 32,
        }
    }
}

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
    let keeping = app.options.tls.clone().map(|tls| tokio::spawn(tls.keep(app.site.clock().clone())));
    let limits = app.options.limits;
    let places = Places::new(limits.connections, limits.of_one_address);
    let farewells = Arc::new(Semaphore::new(TURNED_AWAY));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => match place_for(&app, &places, peer.ip()) {
                    Ok(place) => {
                        let app = app.clone();
                        connections.spawn(async move {
                            connection(app, stream).await;
                            drop(place);
                        });
                    }
                    Err(_) if app.options.tls.is_some() => {
                        metrics::counter!("jifang_http_connections_refused_total").increment(1);
                    }
                    Err(full) => turn_away(stream, full, &farewells),
                },
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
    if let Some(keeping) = keeping {
        keeping.abort();
    }
    let _ = stopping.send(true);
    let rest = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_secs(GRACE_S), rest).await;
    Ok(())
}

/// A trusted proxy speaks for many: it counts in all only.
fn place_for(app: &App, places: &Arc<Places<IpAddr>>, peer: IpAddr) -> Result<Place<IpAddr>, Full> {
    let key = (!app.options.proxies.trust(peer)).then(|| network_of(peer));
    places.take(key)
}

/// Says in words that there is no place, and closes. The request is not read.
fn turn_away(mut stream: TcpStream, full: Full, farewells: &Arc<Semaphore>) {
    metrics::counter!("jifang_http_connections_refused_total").increment(1);
    let Ok(turn) = farewells.clone().try_acquire_owned() else { return };
    let (zh, en) = match full {
        Full::All => {
            ("服务器的连接已满，请稍后再试。", "All connections of the server are taken; try again in a moment.")
        }
        Full::One => (
            "来自这个地址的连接过多，请关闭不用的页面后再试。",
            "Too many connections from this address; close pages that are not needed, then try again.",
        ),
    };
    let text = format!("{zh}\n{en}\n");
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nretry-after: 5\r\n\
         cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    tokio::spawn(async move {
        let say = async {
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await?;
            // Closing over a request that was not read would take the answer back (RFC 9112, 9.6).
            tokio::io::copy(&mut stream.take(HEAD_BYTES as u64), &mut tokio::io::sink()).await
        };
        let _ = tokio::time::timeout(Duration::from_millis(FAREWELL_MS), say).await;
        drop(turn);
    });
}

async fn connection(app: Arc<App>, stream: TcpStream) {
    let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return };
    let _ = stream.set_nodelay(true);
    let limits = app.options.limits;
    let ends = Ends { peer, local };
    let Some(tls) = app.options.tls.clone() else {
        return speak(app, Paced::new(stream, Duration::from_millis(limits.answer_ms)), ends).await;
    };
    match tls::greet(&tls, stream, limits).await {
        tls::Hello::Secure(stream) => speak(app, stream, ends).await,
        tls::Hello::Plain(stream) => tls::send_on(stream, local.port(), limits).await,
        tls::Hello::Lost => {}
    }
}

/// HTTP over a stream that is already paced.
async fn speak(app: Arc<App>, stream: impl AsyncRead + AsyncWrite + Unpin, ends: Ends) {
    let (limits, peer) = (app.options.limits, ends.peer);
    let mut stopped = app.stop.clone();
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(gate::handle(app, request.map(Body::new), ends).await) }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.head_ms))
        .max_header_size(HEAD_BYTES)
        .max_buf_size(2 * HEAD_BYTES);
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
