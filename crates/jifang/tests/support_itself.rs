//! The helpers prove themselves on a page and a server of their own, before they judge the product.

use crate::support;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use support::browser::Browser;
use support::http::{Client, escape};
use support::server::{Ports, Server};
use support::{free_port, wait_until};

const PAGE: &str = r#"<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>试页</title>
<link rel="icon" href="data:,"></head><body>
<h1>值班台</h1><form><label>姓名 <input name="name"></label><input type="file" name="letter">
<select name="kind"><option value="a">甲</option><option value="b">乙</option></select>
<button type="button" id="greet">问候</button></form><p id="out" hidden></p><p id="keys"></p><p id="gone">旧</p>
<div id="strip" style="width:400px;height:40px;background:#ddd"></div><p id="strip-out"></p>
<a id="copy" href="/file" download="copy.bin">下载</a>
<script>
const $ = s => document.querySelector(s);
$('#greet').onclick = () => setTimeout(() => {
  $('#out').textContent = '你好，' + $('input').value + '，' + $('select').value; $('#out').hidden = false; $('#gone').remove();
}, 150);
addEventListener('keydown', e => { $('#keys').textContent += e.key + ';'; });
let from = null;
$('#strip').onpointerdown = e => { from = e.offsetX; };
$('#strip').onpointerup = e => { $('#strip-out').textContent = Math.round(e.offsetX - from); };
console.error('said once');
</script></body></html>"#;

/// Answers every request by its path: `/` the page, `/file` bytes, `/chunks` chunked, `/echo` the request itself.
fn page_server() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
    let address = listener.local_addr().expect("a bound address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn answer(mut stream: TcpStream) -> Option<()> {
    let mut input = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    let mut length = 0;
    while input.read_line(&mut head).ok()? > 2 {
        let line = head.lines().last().unwrap_or("").to_ascii_lowercase();
        length = line.strip_prefix("content-length: ").and_then(|n| n.parse().ok()).unwrap_or(length);
    }
    let mut body = vec![0; length];
    std::io::Read::read_exact(&mut input, &mut body).ok()?;
    let echo = [head.as_bytes(), &body].concat();
    let (kind, more, body) = match head.split(' ').nth(1)? {
        "/" => ("text/html", "", PAGE.as_bytes()),
        "/file" => ("application/octet-stream", "", &[7; 100_000][..]),
        "/echo" => ("text/plain", "Set-Cookie: session=abc; Path=/; HttpOnly\r\n", &echo[..]),
        "/leave" => ("text/plain", "Set-Cookie: session=; Max-Age=0\r\n", &b""[..]),
        "/chunks" => {
            let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3;x=y\r\nefg\r\n0\r\n\r\n";
            return stream.write_all(chunks).ok();
        }
        "/cut" => return stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").ok(),
        _ => ("text/plain", "", &b"?"[..]),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n{more}\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).ok()
}

#[test]
fn the_client_keeps_cookies_and_undoes_chunks() {
    let mut client = Client::new(page_server());
    let first = client.post_form("/echo", &[("a b", "1&2"), ("名", "甲")]).expect(200).text();
    assert!(first.ends_with("a%20b=1%262&%E5%90%8D=%E7%94%B2") && !first.contains("Cookie:"), "{first}");
    assert!(client.get("/echo").text().contains("Cookie: session=abc\r\n"));
    client.get("/leave");
    assert!(client.cookies.is_empty());
    let files = client.post_files("/echo", &[("k", "v")], &[("f", "a.bin", "image/png", b"\x89P")]);
    assert!(files.body.windows(5).any(|part| part == b"\r\n\x89P\r"));
    assert_eq!(client.get("/chunks").text(), "abcdefg");
    assert!(client.try_request("GET", "/cut", &[], b"").is_err());
    assert_eq!(escape("a/é~"), "a%2F%C3%A9~");
}

#[test]
fn ports_differ_and_are_free() {
    let ports: Vec<u16> = (0..20).map(|_| free_port()).collect();
    let mut different = ports.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), ports.len());
}

/// Set for a process that only says its ports.
const SAYS_PORTS: &str = "JIFANG_TEST_SAYS_PORTS";
/// More than one block.
const PORTS_EACH: usize = 100;

#[test]
fn another_process_says_its_ports() {
    if std::env::var_os(SAYS_PORTS).is_none() {
        return;
    }
    (0..PORTS_EACH).for_each(|_| println!("port {}", free_port()));
    // They stay its own while it lives.
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn processes_side_by_side_are_given_different_ports() {
    let others: Vec<_> = (0..4)
        .map(|_| {
            let mut command = Command::new(std::env::current_exe().expect("its own path"));
            command
                .args(["--exact", "support_itself::another_process_says_its_ports", "--nocapture"])
                .env(SAYS_PORTS, "1");
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts")
        })
        .collect();
    let mut ports: Vec<u16> = (0..PORTS_EACH).map(|_| free_port()).collect();
    let mut running = Vec::new();
    for mut other in others {
        let lines = BufReader::new(other.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        // The harness writes its own words before the first line.
        let said = lines.filter_map(|line| line.rsplit_once("port ").and_then(|(_, port)| port.parse::<u16>().ok()));
        ports.extend(said.take(PORTS_EACH));
        running.push(other);
    }
    assert_eq!(ports.len(), 5 * PORTS_EACH);
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 5 * PORTS_EACH, "none twice");
    for mut other in running {
        drop(other.stdin.take());
        let _ = other.wait();
    }
}

#[test]
fn a_browser_sees_types_clicks_and_waits() {
    let address = page_server();
    let browser = Browser::start();
    browser.go(&format!("http://{address}/"));
    assert_eq!((browser.title().as_str(), browser.text("h1").as_str()), ("试页", "值班台"));
    assert_eq!((browser.page_language().as_str(), browser.language().as_str()), ("zh-CN", "zh-CN"));
    browser.fill("input[name=name]", "张三");
    browser.choose("select", "b");
    assert_eq!(browser.value("input[name=name]"), "张三");
    browser.click("#greet");
    browser.wait_text("#out", "你好，张三，b");
    browser.wait_gone("#gone");
    // Typing Chinese gives key events without a key, as an input method does: begin anew.
    browser.eval("document.activeElement.blur(), document.querySelector('#keys').textContent = ''");
    for key in ["a", "ArrowLeft", "Escape", "Space"] {
        browser.press(key);
    }
    browser.wait_js("document.querySelector('#keys').textContent === 'a;ArrowLeft;Escape; ;'", support::PATIENCE);
    browser.drag("#strip", (0.25, 0.5), (0.75, 0.5));
    browser.wait_js("document.querySelector('#strip-out').textContent === '200'", support::PATIENCE);
    assert_eq!(browser.eval_async("const r = await fetch('/file'); return (await r.blob()).size"), 100_000);
    browser.attach("input[type=file]", std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").as_path());
    assert_eq!(browser.eval("document.querySelector('input[type=file]').files[0].name"), "Cargo.toml");
    browser.click("#copy");
    assert_eq!(std::fs::read(browser.wait_download("copy.bin")).map(|bytes| bytes.len()).ok(), Some(100_000));
}

#[test]
fn a_browser_has_size_theme_languages_tabs_and_a_console() {
    let address = page_server();
    let browser = Browser::start_in("en-GB,en");
    browser.go(&format!("http://{address}/"));
    assert_eq!(browser.language(), "en-GB");
    browser.set_languages("zh-CN,zh");
    browser.reload();
    assert_eq!(browser.language(), "zh-CN");
    let echo = browser.eval_async("return await (await fetch('/echo')).text()").to_string().to_ascii_lowercase();
    assert!(echo.contains("accept-language: zh-cn,zh"), "{echo}");
    browser.window_size(390, 844);
    assert_eq!(browser.eval("[innerWidth, innerHeight]"), serde_json::json!([390, 844]));
    for dark in [true, false] {
        browser.prefer_dark(dark);
        assert_eq!(browser.eval("matchMedia('(prefers-color-scheme: dark)').matches"), dark);
    }
    let (first, second) = (browser.tab(), browser.open_tab());
    assert_ne!(first, second);
    browser.turn_to(&first);
    browser.set_offline(true);
    assert_eq!(browser.eval_async("try { await fetch('/file'); return 'there' } catch { return 'gone' }"), "gone");
    browser.set_offline(false);
    assert!(browser.console().iter().any(|line| line.level == "SEVERE" && line.message.contains("said once")));
    browser.assert_quiet_console(&["said once", "ERR_INTERNET_DISCONNECTED"]);
    let picture = std::fs::read(browser.screenshot("support-itself")).expect("the picture is a file");
    assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n");
}

#[test]
fn a_failure_says_what_the_page_showed() {
    let address = page_server();
    let browser = Browser::start();
    browser.go(&format!("http://{address}/"));
    let wait = || browser.wait_js("document.querySelector('#never')", std::time::Duration::from_millis(100));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(wait)).expect_err("there is no such element");
    let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    for part in [
        "#never",
        &address.to_string(),
        "试页",
        "值班台",
        "said once",
        "failed-a-failure-says-what-the-page-showed.png",
    ] {
        assert!(message.contains(part), "no {part} in {message}");
    }
}

#[test]
fn a_server_that_does_not_come_up_is_named_with_its_end() {
    let start = || Server::start(Ports::free(), &[], |_, _| vec!["no-such-command".to_owned()]);
    let panic = std::panic::catch_unwind(start).err().expect("there is no such command");
    let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(message.contains("the server ended with exit status"), "{message}");
}

#[test]
fn waiting_gives_up_with_its_reason() {
    let wait = || wait_until("the moon", std::time::Duration::from_millis(50), || None::<()>);
    let panic = std::panic::catch_unwind(wait).expect_err("it never comes");
    assert!(panic.downcast_ref::<String>().is_some_and(|message| message.contains("the moon")));
}
