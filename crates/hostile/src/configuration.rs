//! Configuration files: read to their end or told where they are wrong; what is accepted comes back the same, and nothing that no part
//! of the program knows is passed over.

use crate::input::{Input, edited};
use config::{Config, DEFAULT, FAULTS, Fault};

/// See the file's head. The first byte chooses: a text as it stands, or edits of the printed defaults.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    let bytes = match input.byte() % 2 {
        0 => input.0.to_vec(),
        _ => edited(DEFAULT.as_bytes(), &mut input),
    };
    // The binary reads the file as text, so nothing else comes here.
    let text = String::from_utf8_lossy(&bytes);
    match config::read(&text) {
        Ok(config) => accepted_holds(&text, &config),
        Err(faults) => faults_hold(&text, &faults),
    }
}

fn accepted_holds(text: &str, config: &Config) {
    let printed = toml::to_string(config).expect("what was read can be written");
    assert_eq!(config::read(&printed).as_ref(), Ok(config), "{printed}");
    // One key that nobody knows, before everything else, and the whole is refused for it, and for nothing else. A byte order mark may
    // only be the first thing of a text.
    let text = text.trim_start_matches('\u{feff}');
    let faults = config::read(&format!("no-such-key = 1\n{text}")).expect_err("an unknown key");
    let [fault] = &faults[..] else { panic!("{faults:?}") };
    assert_eq!((fault.line, fault.column, fault.key.as_deref()), (1, 1, Some("no-such-key")));
}

fn faults_hold(text: &str, faults: &[Fault]) {
    assert!((1..=FAULTS).contains(&faults.len()));
    // Either it is no TOML, or its values cannot be: never both, for values of a text that was guessed at mean nothing.
    assert!(faults.iter().all(|fault| fault.key.is_none() == faults[0].key.is_none()), "{faults:?}");
    for (n, fault) in faults.iter().enumerate() {
        let line = text.split('\n').nth(fault.line - 1).expect("a line of the text");
        assert!((1..=line.chars().count() + 1).contains(&fault.column), "{fault:?}");
        assert!(!fault.message.is_empty() && !faults[..n].contains(fault), "{faults:?}");
        let shown = fault.to_string();
        assert!(shown.contains(&format!("line {}", fault.line)) && shown.contains(&fault.message));
        let Some(key) = &fault.key else { continue };
        assert!(shown.contains(&format!("`{key}`")), "{shown}");
        // The key is there to be found, unless it is its absence that is wrong, or it is spelled in another way.
        let last = key.rsplit('.').next().unwrap_or_default();
        assert!(fault.message.starts_with("missing field") || text.contains(last) || text.contains('\\'), "{fault:?}");
    }
}

/// Every part of the file in use, and a few that cannot be.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let plain = |text: &str| [&[0], text.as_bytes()].concat();
    // The defaults with what is shown as a comment in use: lines that are a table or a value, without those that contradict others.
    let all = |without: &[&str]| {
        let lines = DEFAULT.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
        let said = lines.filter(|l| l.starts_with('[') || l.split(' ').nth(1) == Some("="));
        let kept: Vec<_> = said.filter(|l| !without.iter().any(|w| l.starts_with(w))).collect();
        kept.join("\n")
    };
    let mut seeds = vec![vec![1], plain(DEFAULT)];
    seeds.push(plain(&all(&["generate", "names"])));
    seeds.push(plain(&all(&["certificate", "key"])));
    for text in [
        "data = \"x\"",
        "data = \"x\"\nhttp = \"[::1]:80\"\n",
        "\u{feff}data = '/d'\r\nhttps_cookies = true\r\n",
        "data = \"x\"\nstorage.disk = [{ name = \"b\", path = \"/b\", cameras = [] }]\nsite.alarm_limits.taken_s = [1, 2, 3]\n",
        "htpp = 1\ndata = 7\n[http]\ntrusted_proxies = [\"10.0.0.0/99\"]\nclient_header = \"x\"\n",
        "data = \"x\"\n[http.tls]\ncertificate = \"a\"\n[site]\nreserve_bytes = -1\nown_days = 1e3\nscrub_hours = [1]\n",
        "[[storage.disk]]\nname = 1\n[[storage.disk]]\nstate = \"gone\"\n[authority]\n",
        "data = \"\"\"x\"\"\"\nlog = = 1\n[site\n",
        "data = { a.b.c = [[[[{}]]]] }\n\"data\\u0061\" = 1979-05-27T07:32:00Z\n",
        "data.a = 1\ndata = 2\n",
    ] {
        seeds.push(plain(text));
    }
    seeds
}
