//! What a page weighs over the wire, and that nothing in it is inline: asked of a real server on a real socket.

use crate::harness::Server;
use jifang_web::Options;
use std::collections::BTreeSet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// All modules together, bytes.
const MODULES: usize = 136_000;
/// A page with what it loads, bytes.
const PAGE: usize = 150_000;
/// A whole ordinance with every clause of it, or the list of all clauses: a document that is read and printed.
const DOCUMENT: usize = 210_000;

/// Reads one answer: status and body.
async fn get(address: std::net::SocketAddr, path: &str, cookie: &str) -> (u16, String) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Paths of assets that a page or module names.
fn named(text: &str) -> BTreeSet<String> {
    let in_page =
        text.split('"').filter(|t| t.starts_with("/assets/")).map(|t| t.split('#').next().unwrap().to_owned());
    let imports = text.split('\'').filter(|t| t.starts_with("./") && t.ends_with(".js"));
    in_page.chain(imports.map(|t| t.replace("./", "/assets/js/"))).collect()
}

#[tokio::test]
async fn pages_are_light_and_nothing_is_inline() {
    let server = Server::with_people().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    tokio::spawn(jifang_web::serve(server.site.clone(), listener, Options::default(), async {
        let _ = stopped.await;
    }));
    let mut modules = 0;
    for path in jifang_web::assets::paths().into_iter().filter(|p| p.ends_with(".js")) {
        modules += get(address, &format!("/assets/{path}"), "").await.1.len();
    }
    assert!(modules < MODULES, "all modules together: {modules} bytes");
    let pages = [
        ("", "/login"),
        ("duty_officer", "/desk"),
        ("duty_officer", "/playback"),
        ("security_manager", "/devices"),
        ("security_manager", "/devices/new"),
        ("security_manager", "/storage"),
        ("police_officer", "/use"),
        ("police_officer", "/use/new"),
        ("information_custodian", "/register"),
        ("auditor", "/log"),
        ("auditor", "/log/1"),
        ("auditor", "/law/B-28-1-1"),
        ("auditor", "/law"),
        ("auditor", "/law/packs/B"),
        ("auditor", "/law/coverage"),
        ("auditor", "/law/findings"),
        ("auditor", "/law/readings"),
        ("security_manager", "/law/readings"),
        ("security_manager", "/emergencies"),
        ("auditor", "/offers"),
        ("auditor", "/account"),
        ("auditor", "/nowhere"),
        ("administrator", "/accounts"),
        ("administrator", "/settings"),
    ];
    for (role, path) in pages {
        let cookie = if role.is_empty() { String::new() } else { server.session(role).await.0 };
        for lang in ["zh", "en"] {
            let (status, html) = get(address, path, &format!("{cookie}; lang={lang}")).await;
            assert_eq!(status, if path == "/nowhere" { 404 } else { 200 }, "{path}");
            let mut loaded = named(&html);
            let mut todo: Vec<_> = loaded.iter().cloned().collect();
            let mut bytes = html.len();
            while let Some(asset) = todo.pop() {
                let (status, text) = get(address, &asset, "").await;
                assert_eq!(status, 200, "{path} names {asset}");
                bytes += text.len();
                if asset.ends_with(".js") {
                    todo.extend(named(&text).into_iter().filter(|n| loaded.insert(n.clone())));
                }
            }
            assert!(loaded.len() > 3, "{path}: {loaded:?}");
            let whole = path.starts_with("/law/packs/") || path == "/law/coverage";
            assert!(bytes < if whole { DOCUMENT } else { PAGE }, "{path} in {lang}: {bytes} bytes");
            let low = html.to_lowercase();
            for tag in low.split('<').filter(|t| t.starts_with("script")) {
                assert!(tag.contains(" src=\"/assets/") && tag.ends_with('>'), "{path}: <{tag}");
            }
            assert!(!low.contains("<style") && !low.contains(" style="), "{path}: an inline style");
            let handler = low
                .split(['<', '>'])
                .filter(|t| !t.contains('/'))
                .any(|t| t.contains(" onclick=") || t.contains(" onload="));
            assert!(!handler && !low.contains("javascript:"), "{path}: an inline script");
        }
    }
    stop.send(()).unwrap();
}
