//! The first bytes of a connection to encrypted pages: a TLS handshake in time, or somebody who came in clear and is sent on.
//!
//! Invariants: the handshake has a time of its own, whole, however slowly its bytes come; nothing of a request that came in clear is
//! acted on: it is answered with the address of the encrypted page, or told that it was not.

use super::Tls;
use crate::paced::Paced;
use crate::places::{Places, network_of};
use crate::server::Limits;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;

/// Content type of a TLS record that carries a handshake (RFC 8446, 5.1): the first byte of every client.
const HANDSHAKE: u8 = 22;
/// Largest head of a request that is only sent on, bytes.
const HEAD_BYTES: usize = 16 * 1024;
/// HTTPS without a number in the address.
const HTTPS_PORT: u16 = 443;

/// How a connection begins.
pub(crate) enum Hello {
    /// Encrypted from here on.
    Secure(Box<TlsStream<Paced<TcpStream>>>),
    /// In clear: for [`send_on`].
    Plain(TcpStream),
    /// Gone, too slow, or nonsense.
    Lost,
}

/// Waits for the first byte and goes through the handshake.
pub(crate) async fn greet(tls: &Tls, stream: TcpStream, limits: Limits) -> Hello {
    let within = Duration::from_millis(limits.handshake_ms);
    let paced = Duration::from_millis(limits.answer_ms);
    let hello = async {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if first[0] != HANDSHAKE {
            return Ok(Hello::Plain(stream));
        }
        let secure = tls.acceptor().accept(Paced::new(stream, paced)).await?;
        Ok::<_, std::io::Error>(Hello::Secure(Box::new(secure)))
    };
    match tokio::time::timeout(within, hello).await {
        Ok(Ok(hello)) => hello,
        failed => {
            metrics::counter!("jifang_tls_handshakes_failed_total").increment(1);
            tracing::debug!(error = ?failed.map(|done| done.err()), "TLS handshake failed");
            Hello::Lost
        }
    }
}

/// Answers one request that came in clear with the address of the encrypted page, whose port is `port`.
pub(crate) async fn send_on(stream: TcpStream, port: u16, limits: Limits) {
    let Ok(local) = stream.local_addr() else { return };
    let service = service_fn(move |request: Request<hyper::body::Incoming>| async move {
        Ok::<_, Infallible>(elsewhere(&request, local, port))
    });
    let within = Duration::from_millis(limits.head_ms);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(within).keep_alive(false).max_buf_size(HEAD_BYTES);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    let _ = tokio::time::timeout(within, serving).await;
}

/// The answer: 308 to the same page for who only reads. What carries a body has already sent it in clear: that must be seen.
fn elsewhere<B>(request: &Request<B>, local: SocketAddr, port: u16) -> Response<String> {
    let said = request.headers().get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let host = said.map_or_else(|| SocketAddr::new(local.ip().to_canonical(), 0).to_string(), |a| a.to_string());
    let host = host.rsplit_once('@').map_or(host.as_str(), |(_, host)| host);
    // The port of an IPv6 address stands behind the bracket.
    let end = host.rfind(']').map_or_else(|| host.find(':').unwrap_or(host.len()), |at| at + 1);
    let host = host.get(..end).unwrap_or_default();
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let place =
        if port == HTTPS_PORT { format!("https://{host}{path}") } else { format!("https://{host}:{port}{path}") };
    let mut answer = Response::new("请使用 https 访问。/ Use https.\n".to_owned());
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    *answer.status_mut() = if reads { StatusCode::PERMANENT_REDIRECT } else { StatusCode::BAD_REQUEST };
    if reads && let Ok(place) = HeaderValue::from_str(&place) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A plain listener that sends everybody to the encrypted pages on `port`, until `stop` resolves. Bounded as those are.
pub async fn redirect(listener: TcpListener, port: u16, limits: Limits, stop: impl Future<Output = ()> + Send) {
    let places = Places::new(limits.connections, limits.of_one_address);
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => match places.take(Some(network_of(peer.ip()))) {
                    Ok(place) => {
                        connections.spawn(async move {
                            send_on(stream, port, limits).await;
                            drop(place);
                        });
                    }
                    Err(_) => metrics::counter!("jifang_http_connections_refused_total").increment(1),
                },
                Err(error) => {
                    tracing::warn!(%error, "connection not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
        while connections.try_join_next().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_to(method: Method, host: Option<&str>, path: &str, port: u16) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(host) = host {
            request = request.header(header::HOST, HeaderValue::from_bytes(host.as_bytes()).unwrap());
        }
        let answer = elsewhere(&request.body(()).unwrap(), "[::ffff:192.0.2.1]:8080".parse().unwrap(), port);
        let place = answer.headers().get(header::LOCATION).map_or("", |v| v.to_str().unwrap());
        (answer.status().as_u16(), place.to_owned())
    }

    #[test]
    fn who_comes_in_clear_is_sent_to_the_same_page() {
        let to = |host, path, port| sent_to(Method::GET, host, path, port).1;
        assert_eq!(to(Some("site.example"), "/use?x=1", 8443), "https://site.example:8443/use?x=1");
        assert_eq!(to(Some("site.example:8080"), "/", 443), "https://site.example/");
        assert_eq!(to(Some("[2001:db8::1]:8080"), "/", 8443), "https://[2001:db8::1]:8443/");
        assert_eq!(to(Some("[2001:db8::1]"), "/", 443), "https://[2001:db8::1]/");
        assert_eq!(to(None, "/", 8443), "https://192.0.2.1:8443/", "HTTP/1.0");
        assert_eq!(to(Some("a b/c"), "/", 8443), "https://192.0.2.1:8443/", "nonsense");
        assert_eq!(to(Some("u:p@site.example:1"), "/", 8443), "https://site.example:8443/");
        assert_eq!(sent_to(Method::HEAD, None, "/", 443).0, 308);
        assert_eq!(sent_to(Method::POST, Some("site.example"), "/login", 443), (400, String::new()));
    }
}
