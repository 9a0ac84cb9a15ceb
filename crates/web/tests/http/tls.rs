//! Pages over TLS on real sockets: the certificate as a browser examines it, its change while connections go on, and those who come
//! too slowly, too often, in clear, or with an older TLS.

use crate::harness::Server;
use jifang_web::tls::{Origin, Tls, TlsConfig};
use jifang_web::{Limits, Options};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const LIMIT: Duration = Duration::from_secs(60);
const LOGIN: &str = "GET /login HTTP/1.1\r\nhost: localhost\r\n\r\n";

struct Open {
    server: Server,
    address: SocketAddr,
    tls: Tls,
    _stop: oneshot::Sender<()>,
}

fn config(text: &str) -> TlsConfig {
    serde_json::from_str(text).unwrap()
}

async fn open(config: TlsConfig, limits: Limits) -> Open {
    let server = Server::with_people().await;
    let keys = server.site.store().data().join("keys");
    let tls = Tls::open(config, &keys, vec!["localhost".into()], server.site.now().utc).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let options = Options { limits, tls: Some(tls.clone()), ..Options::default() };
    tokio::spawn(jifang_web::serve(server.site.clone(), listener, options, async {
        let _ = stopped.await;
    }));
    Open { server, address, tls, _stop: stop }
}

/// A browser that trusts the certificates in this file and no other.
async fn secure(address: SocketAddr, trusted: &Path) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    for der in CertificateDer::pem_file_iter(trusted).unwrap() {
        roots.add(der.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// One question on a connection that stays open; the head of the answer.
async fn ask(stream: &mut TlsStream<TcpStream>, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 16_384];
    loop {
        let n = tokio::time::timeout(LIMIT, stream.read(&mut piece)).await.unwrap().unwrap();
        answer.extend_from_slice(&piece[..n]);
        let all = String::from_utf8_lossy(&answer).into_owned();
        let Some((head, body)) = all.split_once("\r\n\r\n") else { continue };
        let length = head.split("content-length: ").nth(1).and_then(|l| l.lines().next()?.parse::<usize>().ok());
        if n == 0 || length.is_some_and(|l| body.len() >= l) {
            return head.to_owned();
        }
    }
}

async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer)).await.expect("the server closes");
    answer
}

#[tokio::test]
async fn an_own_certificate_is_one_that_a_browser_can_trust_and_binds_nobody_to_it() {
    let open = open(config(r#"{"generate":true}"#), Limits::default()).await;
    let file = open.server.site.store().data().join("keys/pages.pem");
    let mut browser = secure(open.address, &file).await.unwrap();
    assert_eq!(browser.get_ref().1.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    let head = ask(&mut browser, LOGIN).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let cookies: Vec<_> = head.lines().filter(|l| l.starts_with("set-cookie: ")).collect();
    assert!(!cookies.is_empty() && cookies.iter().all(|c| c.ends_with("; Secure")), "{cookies:?}");
    assert!(!head.contains("strict-transport-security"), "{head}");
    let shown = open.tls.shown();
    let seen = browser.get_ref().1.peer_certificates().unwrap()[0].clone();
    assert_eq!(base::Sha256::of(&seen), shown.fingerprint, "what is printed is what is shown");

    let (cookie, _) = open.server.session("administrator").await;
    let page =
        "GET /settings HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncookie: ".to_owned() + &cookie + "\r\n\r\n";
    browser.write_all(page.as_bytes()).await.unwrap();
    let mut text = String::new();
    let _ = tokio::time::timeout(LIMIT, browser.read_to_string(&mut text)).await.unwrap();
    assert!(text.contains(&shown.spoken()) && text.contains("已加密（TLS 1.3）"), "the settings page shows it");
}

#[tokio::test]
async fn a_new_certificate_is_taken_up_while_connections_go_on_and_a_bad_one_is_not() {
    let made = tempfile::tempdir().unwrap();
    // Certificates to be given: those that two servers made for themselves.
    let [one, two] = ["1", "2"].map(|n| {
        let folder = made.path().join(n);
        std::fs::create_dir(&folder).unwrap();
        let now = site::SiteClock::start().now().utc;
        Tls::open(config(r#"{"generate":true}"#), &folder, vec!["localhost".into()], now).unwrap();
        folder.join("pages.pem")
    });
    let given = made.path().join("given.pem");
    std::fs::copy(&one, &given).unwrap();
    let text = serde_json::json!({ "certificate": given, "key": given }).to_string();
    let open = open(config(&text), Limits::default()).await;
    let first = open.tls.shown();
    assert_eq!((first.origin, &first.problem), (Origin::Given, &None));
    let mut old = secure(open.address, &one).await.unwrap();
    let head = ask(&mut old, LOGIN).await;
    assert!(head.contains("strict-transport-security: max-age=31536000"), "{head}");

    let wait_for = async |what: &str, holds: &dyn Fn() -> bool| {
        let began = Instant::now();
        open.tls.look_now();
        while !holds() {
            assert!(began.elapsed() < LIMIT, "{what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    std::fs::write(&given, "half a file").unwrap();
    wait_for("the bad one is told", &|| open.tls.shown().problem.is_some()).await;
    assert_eq!(open.tls.shown().fingerprint, first.fingerprint);
    secure(open.address, &one).await.expect("the old one goes on");
    let (cookie, _) = open.server.session("administrator").await;
    let page = format!("GET /settings HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n");
    let mut asking = secure(open.address, &one).await.unwrap();
    asking.write_all(page.as_bytes()).await.unwrap();
    let mut text = String::new();
    let _ = tokio::time::timeout(LIMIT, asking.read_to_string(&mut text)).await.unwrap();
    assert!(text.contains("given.pem：里面没有 PEM 格式的证书"), "the settings page says it in words");

    std::fs::copy(&two, &given).unwrap();
    wait_for("the new one", &|| open.tls.shown().fingerprint != first.fingerprint).await;
    assert_eq!(open.tls.shown().problem, None);
    secure(open.address, &two).await.expect("new connections have it");
    assert!(secure(open.address, &one).await.is_err());
    assert!(ask(&mut old, LOGIN).await.starts_with("HTTP/1.1 200 "), "a connection that is there goes on");
}

#[tokio::test]
async fn handshakes_have_a_time_and_connections_a_number() {
    const HANDSHAKE_MS: u64 = 4_000;
    let limits = Limits { handshake_ms: HANDSHAKE_MS, of_one_address: 2, ..Limits::default() };
    let open = open(config(r#"{"generate":true}"#), limits).await;
    let file = open.server.site.store().data().join("keys/pages.pem");
    let began = Instant::now();
    let mut silent = TcpStream::connect(open.address).await.unwrap();
    let mut slow = TcpStream::connect(open.address).await.unwrap();
    slow.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    let mut third = TcpStream::connect(open.address).await.unwrap();
    let _ = third.write_all(&[22, 3, 1]).await;
    assert_eq!(
        rest(&mut third).await,
        b"",
        "they count before and in the handshake; no words in clear to a TLS client"
    );
    assert!(began.elapsed() < Duration::from_millis(HANDSHAKE_MS), "while the first two are in the handshake");
    // Bytes that come singly win no time.
    for _ in 0..HANDSHAKE_MS / 100 + 1 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let _ = slow.write_all(&[0]).await;
    }
    assert_eq!((rest(&mut silent).await, rest(&mut slow).await), (vec![], vec![]));
    let mut nonsense = TcpStream::connect(open.address).await.unwrap();
    nonsense.write_all(&[22, 3, 3, 0, 4, 9, 9, 9, 9]).await.unwrap();
    rest(&mut nonsense).await;
    // A place is free a moment after its connection is closed.
    let again = Instant::now();
    let mut browser = loop {
        match secure(open.address, &file).await {
            Ok(browser) => break browser,
            Err(error) => assert!(again.elapsed() < LIMIT, "places are given back: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(ask(&mut browser, LOGIN).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn an_older_tls_is_refused_by_name() {
    let open = open(config(r#"{"generate":true}"#), Limits::default()).await;
    // ClientHello of TLS 1.2 (RFC 5246, 7.4.1.2): one cipher suite, one kind of signature, one group.
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x2f, 1, 0]);
    hello.extend([0, 16, 0, 13, 0, 4, 0, 2, 4, 3, 0, 10, 0, 4, 0, 2, 0, 0x1d]);
    let length = u8::try_from(hello.len()).unwrap();
    let record = [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &hello].concat();
    let mut stream = TcpStream::connect(open.address).await.unwrap();
    stream.write_all(&record).await.unwrap();
    let answer = rest(&mut stream).await;
    // Alert, fatal, protocol_version (RFC 8446, 6.2).
    assert_eq!((answer.first(), answer.get(5..)), (Some(&21), Some(&[2, 70][..])), "{answer:?}");
}

#[tokio::test]
async fn who_comes_in_clear_is_sent_on_and_a_form_is_not_taken() {
    let open = open(config(r#"{"generate":true}"#), Limits::default()).await;
    let port = open.address.port();
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let beside = plain.local_addr().unwrap();
    tokio::spawn(jifang_web::tls::redirect(
        plain,
        port,
        Limits { head_ms: 400, ..Limits::default() },
        std::future::pending(),
    ));
    for address in [open.address, beside] {
        let say = async |text: &str| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            String::from_utf8(rest(&mut stream).await).unwrap()
        };
        let sent = say("GET /use?x=1 HTTP/1.1\r\nhost: site.example:80\r\n\r\n").await;
        assert!(sent.starts_with("HTTP/1.1 308 "), "{sent}");
        assert!(sent.contains(&format!("location: https://site.example:{port}/use?x=1\r\n")), "{sent}");
        assert!(!sent.contains("set-cookie") && !sent.contains("strict-transport-security"), "{sent}");
        let told = say("POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\na=b").await;
        assert!(told.starts_with("HTTP/1.1 400 ") && told.contains("请使用 https"), "{told}");
    }
    let mut dawdler = TcpStream::connect(beside).await.unwrap();
    dawdler.write_all(b"GET / HT").await.unwrap();
    rest(&mut dawdler).await;
}

#[tokio::test]
async fn the_command_line_asks_over_tls_and_believes_only_the_certificate_on_file() {
    let written = r#"{"generate":true}"#;
    let open = open(config(written), Limits::default()).await;
    let keys = open.server.site.store().data().join("keys");
    let address = open.address;
    let ask = |keys: std::path::PathBuf, tls: Option<TlsConfig>| async move {
        let asked = move || jifang_web::local::ask(address, tls.as_ref(), &keys, "/healthz");
        tokio::task::spawn_blocking(asked).await.unwrap()
    };
    let answer = ask(keys.clone(), Some(config(written))).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\n") && answer.contains("\"database\":true"), "{answer}");
    // In clear the same port only says where to go.
    let clear = ask(keys.clone(), None).await;
    assert!(clear.starts_with("HTTP/1.1 308"), "{clear}");
    // Another certificate on file, or none that can be read: no answer, in words.
    let made = tempfile::tempdir().unwrap();
    Tls::open(config(written), made.path(), vec!["localhost".into()], open.server.site.now().utc).unwrap();
    let other = ask(made.path().to_path_buf(), Some(config(written))).await;
    assert!(other.starts_with("no answer: invalid peer certificate"), "{other}");
    let none = ask(made.path().join("nowhere"), Some(config(written))).await;
    assert_eq!(none, "no answer: the server's certificate cannot be read here");
    // A given certificate is believed by its own file.
    let given = made.path().join("pages.pem").display().to_string();
    let files = config(&format!(r#"{{"certificate":{given:?},"key":{given:?}}}"#));
    let not_that = ask(made.path().join("nowhere"), Some(files.clone())).await;
    assert!(not_that.starts_with("no answer: invalid peer certificate"), "{not_that}");
    let substitute = ask(keys, Some(files)).await;
    assert!(substitute.starts_with("HTTP/1.1 200 OK\n"), "its own stands in for a given one: {substitute}");
}
