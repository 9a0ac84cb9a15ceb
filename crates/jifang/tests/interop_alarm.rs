//! The simulated panel against a receiver of another maker (pysiaalarm, Python): so that both ends of our codec are not merely wrong in
//! the same way. `cargo xtask test` installs it into an environment of the tests' own and names that in `JIFANG_TEST_ALARM_PYTHON`;
//! without it the test says so and passes. Its answers are not compared: it sends plain ones without a frame (the bytes `"ACK"` alone),
//! which is not DC-09. What it understood of our frames is.

use crate::support;

use sim::panel::{PanelOptions, Step, run_panel};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use support::PATIENCE;

const PYTHON: &str = "JIFANG_TEST_ALARM_PYTHON";

struct Other {
    child: Child,
    _input: ChildStdin,
    lines: Receiver<serde_json::Value>,
    port: u16,
}

impl Other {
    fn start(python: &str, protocol: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/pysiaalarm_receiver.py");
        let mut child = Command::new(python)
            .args([script, protocol, &support::free_port().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the receiver starts");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let Ok(value) = serde_json::from_str(&line) else { continue };
                if send.send(value).is_err() {
                    return;
                }
            }
        });
        let mut other = Self { child, _input: input, lines, port: 0 };
        let first = other.line();
        other.port = first["port"].as_u64().and_then(|p| u16::try_from(p).ok()).expect("a port");
        other
    }

    #[track_caller]
    fn line(&self) -> serde_json::Value {
        self.lines.recv_timeout(PATIENCE).expect("a line of the other receiver")
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self._input.flush();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn another_makers_receiver_understands_the_panel() {
    let Some(python) = std::env::var(PYTHON).ok().filter(|p| !p.is_empty()) else {
        eprintln!(
            "not run: {PYTHON} is not set (cargo xtask test sets it, where Python and the package index are there)"
        );
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for protocol in ["tcp", "udp"] {
        let other = Other::start(&python, protocol);
        let keys = [None, Some("A".repeat(16)), Some("B".repeat(24)), Some("C".repeat(32))];
        for (account, key) in ["1111", "2222", "3333", "4444"].into_iter().zip(keys) {
            let mut options = PanelOptions::new(([127, 0, 0, 1], other.port).into(), account);
            options.key = key.map(|k| format!("text:{k}"));
            options.udp = protocol == "udp";
            options.retry_ms = 500;
            options.tries = 1;
            let steps = [Step::Sia("Nri1/BA7".into()), Step::ContactId("1130 01 002".into())];
            runtime.block_on(run_panel(options, &steps, |_, _| {})).expect("a panel");
            let (sia, cid) = (other.line(), other.line());
            assert_eq!((sia["account"].as_str(), sia["code"].as_str()), (Some(account), Some("BA")), "{sia}");
            assert_eq!((sia["ri"].as_str(), sia["sequence"].as_str()), (Some("1"), Some("0001")), "{sia}");
            assert_eq!((cid["event_type"].as_str(), cid["partition"].as_str()), (Some("130"), Some("01")), "{cid}");
        }
    }
}
