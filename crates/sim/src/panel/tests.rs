//! The panel against small receivers of the test's own: retries, a set clock, a broken connection, refusals.

use super::*;
use std::sync::Arc;
use tokio::net::TcpListener;
use wire::dc09::receiver::hear;
use wire::dc09::{Account, Heard, Quirks};

const KEY: &str = "00112233445566778899AABBCCDDEEFF";

fn account(key: Option<&str>) -> Arc<Account> {
    Arc::new(Account { key: key.and_then(Key::parse), quirks: Quirks::default() })
}

/// Answers to a stretch of bytes, without keeping anything.
fn answers(deframer: &mut Deframer, mut bytes: &[u8], account: &Arc<Account>, at: UtcMs) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(item) = deframer.next(&mut bytes) {
        let Item::Body(body) = item else { continue };
        let reply = match hear(&body, |_| Some(account.clone()), at) {
            Heard::Events { reply, .. } | Heard::Alive { reply, .. } => Some(reply),
            Heard::Refused { reply, .. } => reply,
        };
        out.extend(reply.map(|r| r.encode(at, [7; 16])).unwrap_or_default());
    }
    out
}

/// A receiver that closes its first `closes` connections after the first bytes.
async fn receiver(account: Arc<Account>, mut closes: u32) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let mut deframer = Deframer::default();
            let mut buffer = [0; 1_024];
            loop {
                let n = tcp.read(&mut buffer).await.unwrap_or(0);
                if n == 0 || closes > 0 {
                    closes = closes.saturating_sub(1);
                    break;
                }
                let out = answers(&mut deframer, &buffer[..n], &account, now());
                let _ = tcp.write_all(&out).await;
            }
        }
    });
    address
}

fn options(to: SocketAddr, key: Option<&str>) -> PanelOptions {
    PanelOptions { retry_ms: 3_000, key: key.map(str::to_owned), ..PanelOptions::new(to, "1234") }
}

#[tokio::test]
async fn a_script_is_sent_and_acknowledged_plain_and_sealed() {
    for key in [None, Some(KEY)] {
        let to = receiver(account(key), 0).await;
        let script = parse_script("# opening\nnull\ncid 1401 01 001\n\nwait 1\nsia Nri1/BA1^door^\n").unwrap();
        let mut ways = Vec::new();
        let failed = run_panel(options(to, key), &script, |_, sent| ways.push(*sent)).await.unwrap();
        assert_eq!((failed, ways.len()), (0, 3));
        assert!(ways.iter().all(|w| w.tries == 1 && w.clock_set == 0), "{ways:?}");
    }
}

#[tokio::test]
async fn a_wrong_clock_is_set_and_a_broken_connection_made_anew() {
    let to = receiver(account(Some(KEY)), 1).await;
    let wrong = PanelOptions { clock_error_ms: -3_600_000, ..options(to, Some(KEY)) };
    let mut panel = wrong.panel().unwrap();
    let mut link = Link::new(wrong);
    let t = panel.contact_id("1130 01 002");
    let sent = link.send(&mut panel, &t).await;
    assert_eq!((sent.outcome, sent.tries, sent.clock_set), (Outcome::Acknowledged, 3, 1), "closed, corrected, taken");
    assert!(panel.clock_error_ms().abs() < 60_000, "no longer an hour");
}

#[tokio::test]
async fn refusals_and_silence_are_told_apart() {
    let to = receiver(account(Some(KEY)), 0).await;
    let mut lines = Vec::new();
    let plain = options(to, None);
    run_panel(plain, &[Step::Null], |_, sent| lines.push(sent.outcome)).await.unwrap();
    let nobody = PanelOptions { tries: 2, retry_ms: 20, ..options("127.0.0.1:1".parse().unwrap(), None) };
    run_panel(nobody.clone(), &[Step::Null], |_, sent| lines.push(sent.outcome)).await.unwrap();
    run_panel(PanelOptions { udp: true, ..nobody }, &[Step::Null], |_, sent| lines.push(sent.outcome)).await.unwrap();
    assert_eq!(lines, [Outcome::Refused, Outcome::Unanswered, Outcome::Unanswered]);
    for bad in [PanelOptions { account: "12".into(), ..options(to, None) }, options(to, Some("12"))] {
        assert!(matches!(bad.panel(), Err(SimError::Setting(_))));
    }
}

#[test]
fn a_script_line_that_is_none_is_named() {
    for (text, line) in
        [("null\nfly", "line 2"), ("wait soon", "line 1"), ("cid", "line 1"), ("\n\nnull now", "line 3")]
    {
        assert!(parse_script(text).unwrap_err().to_string().contains(line), "{text}");
    }
    assert!(parse_script(&"null\n".repeat(100_001)).is_err());
}
