//! What a server holds open and how long it waits, on real sockets: too many connections, heads and bodies that dawdle or are too
//! large, answers nobody takes, proxies and those who pretend to be one.

use crate::harness::{Sent, Server};
use axum::http::Method;
use jifang_web::proxy::{ClientHeader, Proxies};
use jifang_web::{Limits, Options};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// A server on a socket of this machine, until it is dropped.
struct Open {
    server: Server,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

async fn open(limits: Limits, proxies: Proxies) -> Open {
    let server = Server::with_people().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let options = Options { limits, proxies, ..Options::default() };
    tokio::spawn(jifang_web::serve(server.site.clone(), listener, options, async {
        let _ = stopped.await;
    }));
    Open { server, address, _stop: stop }
}

fn loose() -> Limits {
    Limits { connections: 100, of_one_address: 100, ..Limits::default() }
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

impl Open {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends, and reads until the server closes.
    async fn ask(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        let _ = stream.write_all(text.as_bytes()).await;
        rest(&mut stream).await
    }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(60), reading).await.expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Asks on a connection that stays open; the status.
async fn status(stream: &mut TcpStream, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4_096];
    let n = tokio::time::timeout(Duration::from_secs(60), stream.read(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer[..n]).split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_is_told_in_words() {
    let open = open(Limits { of_one_address: 3, ..loose() }, Proxies::default()).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = open.connect().await;
        assert_eq!(status(&mut stream, HEALTH).await, "200");
        held.push(stream);
    }
    let told = open.ask(HEALTH).await;
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("retry-after: 5\r\n"), "{told}");
    assert!(
        told.contains("来自这个地址的连接过多") && told.contains("Too many connections from this address"),
        "{told}"
    );
    assert!(told.contains("connection: close"), "{told}");
    assert_eq!(status(&mut held[0], HEALTH).await, "200", "those that are there go on");
    held.pop();
    place_is_free(&open).await;
}

/// Waits until a connection more is let in.
async fn place_is_free(open: &Open) {
    let until = Instant::now() + Duration::from_secs(60);
    while status_of(open).await != "200" {
        assert!(Instant::now() < until, "the place was not given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn status_of(open: &Open) -> String {
    let mut stream = open.connect().await;
    let _ = stream.write_all(HEALTH.as_bytes()).await;
    let mut answer = vec![0; 64];
    let n = stream.read(&mut answer).await.unwrap_or(0);
    String::from_utf8_lossy(&answer[..n]).split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn all_connections_have_a_limit_and_a_proxy_counts_only_there() {
    let proxies = Proxies { trusted: vec!["127.0.0.0/8".parse().unwrap()], header: ClientHeader::XForwardedFor };
    let open = open(Limits { connections: 4, of_one_address: 1, ..loose() }, proxies).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = open.connect().await;
        assert_eq!(status(&mut stream, HEALTH).await, "200", "a proxy speaks for many");
        held.push(stream);
    }
    let told = open.ask(HEALTH).await;
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("服务器的连接已满"), "{told}");
}

#[tokio::test]
async fn a_head_that_dawdles_and_a_connection_that_idles_are_closed() {
    let open = open(Limits { head_ms: 1_500, ..loose() }, Proxies::default()).await;
    // A byte now and then keeps nothing open.
    let began = Instant::now();
    let mut slow = open.connect().await;
    let (mut read, mut write) = slow.split();
    let dribble = async {
        for byte in "GET /healthz HTTP/1.1\r\nhost: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".bytes() {
            if write.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nobody stopped it");
    };
    let mut nothing = Vec::new();
    tokio::select! {
        () = dribble => {}
        _ = read.read_to_end(&mut nothing) => {}
    }
    assert!(began.elapsed() >= Duration::from_millis(1_500));
    // Between two requests the same time runs, from the answer on; this end may learn of that late.
    let mut idle = open.connect().await;
    let began = Instant::now();
    assert_eq!(status(&mut idle, HEALTH).await, "200");
    assert_eq!(rest(&mut idle).await, "");
    assert!(began.elapsed() >= Duration::from_millis(1_450), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_body_that_dawdles_is_answered_408() {
    let open = open(Limits { body_ms: 100, ..loose() }, Proxies::default()).await;
    let (cookie, csrf) = open.server.session("auditor").await;
    let head = format!(
        "POST /account/appearance HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\nx-csrf: {csrf}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\ntheme="
    );
    let began = Instant::now();
    let told = open.ask(&head).await;
    assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("too_slow"), "{told:.300}");
    // 256 KiB may take four seconds more than the least.
    assert!(began.elapsed() >= Duration::from_millis(4_100), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_head_is_at_most_64_kib_to_the_byte() {
    let open = open(loose(), Proxies::default()).await;
    let head_of = |bytes: usize| {
        let fixed = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
        // In several fields: one alone may not be as long.
        let (each, end) = ("x-a: ".len() + 2, 2);
        let mut left = bytes - fixed.len() - end;
        let mut text = fixed.to_owned();
        while left > 0 {
            let take = left.min(20_000);
            let take = if left - take > 0 && left - take < each { take - each } else { take };
            text.push_str(&format!("x-a: {}\r\n", "a".repeat(take - each)));
            left -= take;
        }
        text.push_str("\r\n");
        assert_eq!(text.len(), bytes);
        text
    };
    let fits = open.ask(&head_of(64 * 1024)).await;
    assert!(fits.starts_with("HTTP/1.1 200 "), "{fits:.200}");
    let over = open.ask(&head_of(64 * 1024 + 1)).await;
    assert!(over.starts_with("HTTP/1.1 431 "), "{over:.200}");
    let endless = open.ask(&format!("GET / HTTP/1.1\r\nx: {}", "a".repeat(64 * 1024))).await;
    assert!(endless.starts_with("HTTP/1.1 431 ") || endless.is_empty(), "{endless:.200}");
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up() {
    let open = open(Limits { answer_ms: 300, of_one_address: 1, ..loose() }, Proxies::default()).await;
    let mut stream = open.connect().await;
    // Asks for far more than the buffers of both ends hold, and reads nothing.
    let many = "GET /assets/app.css HTTP/1.1\r\nhost: x\r\n\r\n".repeat(400);
    let began = Instant::now();
    let writing = stream.write_all(many.as_bytes());
    let _ = tokio::time::timeout(Duration::from_secs(5), writing).await;
    // Given up, its place is another's, before anything was read.
    place_is_free(&open).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await.expect("closed");
    let whole = answer.windows(8).filter(|w| w == b"HTTP/1.1").count();
    assert!(read.is_err() || whole < 400, "{whole} answers after {:?}", began.elapsed());
    assert_eq!(status_of(&open).await, "200", "others go on");
}

#[tokio::test]
async fn an_account_has_so_many_event_streams() {
    let server = Server::start(Options { limits: Limits { streams_of_one: 2, ..loose() }, ..Options::default() }).await;
    server.people().await;
    let (cookie, _) = server.session("auditor").await;
    let stream = |cookie: &str| server.raw(Sent::get("/api/v1/events").with("cookie", cookie));
    let first = stream(&cookie).await;
    let second = stream(&cookie).await;
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 200));
    let third = server.get("/api/v1/events", &cookie).await;
    assert_eq!((third.status.as_u16(), third.json()["code"].as_str()), (429, Some("too_many_streams")));
    let (other, _) = server.session("duty_officer").await;
    assert_eq!(stream(&other).await.status(), 200, "others have their own");
    drop(first);
    assert_eq!(stream(&cookie).await.status(), 200, "a page that was closed gives its place back");
    drop(second);
}

/// A try to sign in that a proxy at `from` hands on for `client`; its status.
async fn login_try(server: &Server, from: [u8; 4], client: String, name: String) -> u16 {
    let before = "ab".repeat(32);
    let csrf = base::Sha256::of(format!("form of {before}").as_bytes()).hex();
    let fields = [("login", name.as_str()), ("password", "x"), ("csrf", &csrf)];
    let sent = Sent::form("/login", &fields).with("cookie", format!("jifang_before={before}"));
    server.send(sent.with("x-forwarded-for", client).from(from)).await.status.as_u16()
}

/// Rates follow the client that a trusted proxy names, and nobody gets a fresh rate by naming himself.
#[tokio::test]
async fn rates_follow_the_client_behind_a_trusted_proxy_only() {
    let proxies = Proxies { trusted: vec!["10.0.0.0/8".parse().unwrap()], header: ClientHeader::XForwardedFor };
    let server = Server::start(Options { proxies, ..Options::default() }).await;
    server.people().await;
    let flood = |from: [u8; 4], client: fn(usize) -> String| {
        let tries: Vec<_> =
            (0..70).map(|n| login_try(&server, from, client(n), format!("nobody{n}-{}", from[3]))).collect();
        async move { futures_util::future::join_all(tries).await.into_iter().filter(|s| *s == 429).count() }
    };
    // Sixty at once from one address; the names differ, so that only the address counts.
    assert!(flood([203, 0, 113, 9], |n| format!("192.0.2.{n}")).await >= 1, "not a proxy: its own address counts");
    let one = flood([10, 0, 0, 1], |_| "198.51.100.1".into()).await;
    assert!(one >= 1, "behind the proxy, one client");
    let spoofed = flood([10, 0, 0, 2], |n| format!("192.0.2.{n}, 198.51.100.2")).await;
    assert!(spoofed >= 1, "what the client wrote before the proxy's word does not count");
    assert_eq!(flood([10, 0, 0, 3], |n| format!("198.51.100.{}", 100 + n)).await, 0, "many clients, each its own rate");
}

#[tokio::test]
async fn the_proxys_word_does_not_make_anybody_this_machine() {
    let proxies = Proxies { trusted: vec!["127.0.0.0/8".parse().unwrap()], header: ClientHeader::XForwardedFor };
    let server = Server::start(Options { proxies, ..Options::default() }).await;
    server.people().await;
    let from_proxy = Sent::get("/metrics").from([127, 0, 0, 1]).with("x-forwarded-for", "127.0.0.1");
    assert_eq!(server.send(from_proxy).await.status, 401);
}

#[tokio::test]
async fn an_account_has_a_rate_whatever_addresses_it_uses() {
    let server = Server::with_people().await;
    let (cookie, _) = server.session("auditor").await;
    // More at once than an account may have; one after the other a slow machine might not ask faster than the rate.
    let mut refused = false;
    for round in 0..10_u8 {
        let ask = |n: u32| {
            let from = [198, 51 + round, u8::try_from(n / 200).unwrap(), u8::try_from(n % 200).unwrap()];
            let sent = Sent { method: Method::HEAD, ..Sent::get("/api/v1/session") };
            server.send(sent.from(from).with("cookie", cookie.clone()))
        };
        let answers = futures_util::future::join_all((0..1_000).map(ask)).await;
        refused = answers.iter().any(|got| got.status == 429);
        if refused {
            break;
        }
    }
    assert!(refused, "no end of requests of one account");
    let (other, _) = server.session("duty_officer").await;
    assert_eq!(server.get("/api/v1/session", &other).await.status, 200);
}
