//! Pure crates know no clock, socket, file, thread, process or runtime: values in, values out.
//!
//! Looks at code outside tests, both at paths in expressions (`std::fs::read`) and at `use` trees
//! (`use std::{fs, net::TcpStream}`). Value types of `std::net` (addresses) are allowed.

use super::Fault;
use super::lexer::{Source, line_at};
use super::size::is_test_file;

/// Crates that must stay pure.
const PURE: [&str; 7] = ["base", "law", "ledger", "domain", "config", "wire", "media"];

/// Paths that touch the world; everything under them counts too.
const WORLD: [&str; 6] = ["tokio", "std::fs", "std::net", "std::thread", "std::process", "std::env"];

/// What of `std::net` is a mere value.
const ADDRESSES: [&str; 8] = [
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "SocketAddr",
    "SocketAddrV4",
    "SocketAddrV6",
    "AddrParseError",
    "Ipv6MulticastScope",
];

/// Clock readings, found in any spelling of the path before them.
const CLOCKS: [&str; 4] = ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"];

/// Faults of one file; none when it is not part of a pure crate.
pub fn check(path: &str, source: &Source) -> Vec<Fault> {
    let pure = PURE.iter().any(|name| path.starts_with(&format!("crates/{name}/src/")));
    if !pure || is_test_file(path) {
        return Vec::new();
    }
    let code = without_tests(source);
    let mut faults = Vec::new();
    for (at, used) in used_paths(&code) {
        if let Some(what) = touches_world(&used) {
            faults.push(Fault::new(
                path,
                line_at(&code, at) + 1,
                format!("`{what}` in a pure crate: take the value as an argument"),
            ));
        }
    }
    faults.dedup();
    faults
}

fn touches_world(path: &str) -> Option<&str> {
    if CLOCKS.iter().any(|clock| path == *clock || path.ends_with(&format!("::{clock}"))) {
        return Some(path);
    }
    let below = |parent: &str| path == parent || path.strip_prefix(parent).is_some_and(|rest| rest.starts_with("::"));
    if !WORLD.iter().any(|parent| below(parent)) {
        return None;
    }
    let address = path.strip_prefix("std::net::").and_then(|rest| rest.split("::").next());
    if address.is_some_and(|name| ADDRESSES.contains(&name)) { None } else { Some(path) }
}

/// The code with test items blanked.
fn without_tests(source: &Source) -> String {
    let keep = |(line, text): (usize, &str)| if source.is_test(line) { String::new() } else { text.to_owned() };
    source.code.lines().enumerate().map(keep).collect::<Vec<_>>().join("\n")
}

/// Every path in the code with its position, groups of `use` trees written out.
fn used_paths(code: &str) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    let mut at = 0;
    while let Some(start) = code[at..].find(|c: char| c.is_alphabetic() || c == '_').map(|n| at + n) {
        at = expand(code, start, "", &mut paths).max(start + 1);
        while !code.is_char_boundary(at) {
            at += 1;
        }
    }
    paths
}

/// Reads the path (or `use` tree) at `start`, pushes what it names, returns the position after it.
fn expand(code: &str, start: usize, prefix: &str, paths: &mut Vec<(usize, String)>) -> usize {
    let word_end =
        |from: usize| code[from..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(code.len(), |n| from + n);
    let skip_space = |from: usize| code[from..].find(|c: char| !c.is_whitespace()).map_or(code.len(), |n| from + n);
    let mut path = prefix.to_owned();
    let mut at = start;
    loop {
        let end = word_end(at);
        path.push_str(&code[at..end]);
        let separator = skip_space(end);
        if !code[separator..].starts_with("::") {
            paths.push((start, path));
            return end;
        }
        path.push_str("::");
        at = skip_space(separator + 2);
        if code[at..].starts_with('{') {
            return group(code, at + 1, &path, paths);
        }
        if !code[at..].starts_with(|c: char| c.is_alphabetic() || c == '_') {
            // `*`, `<`: what stands before is what is named.
            paths.push((start, path.trim_end_matches(':').to_owned()));
            return at;
        }
    }
}

/// The members of a `{...}` group, each behind `prefix`.
fn group(code: &str, mut at: usize, prefix: &str, paths: &mut Vec<(usize, String)>) -> usize {
    while let Some(c) = code[at..].chars().next() {
        match c {
            '}' => return at + 1,
            '*' => {
                paths.push((at, prefix.trim_end_matches(':').to_owned()));
                at += 1;
            }
            c if c.is_alphabetic() || c == '_' => {
                let word = code[at..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(code.len(), |n| at + n);
                match &code[at..word] {
                    "self" => {
                        paths.push((at, prefix.trim_end_matches(':').to_owned()));
                        at = word;
                    }
                    "as" => {
                        let name = code[word..].find(|c: char| !c.is_whitespace()).map_or(code.len(), |n| word + n);
                        at = code[name..].find([',', '}']).map_or(code.len(), |n| name + n);
                    }
                    _ => at = expand(code, at, prefix, paths),
                }
            }
            c => at += c.len_utf8(),
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(code: &str) -> Vec<String> {
        check("crates/wire/src/x.rs", &Source::new(code))
            .into_iter()
            .map(|f| format!("{}: {}", f.line, f.message))
            .collect()
    }

    #[test]
    fn the_world_is_refused_in_every_spelling() {
        for code in [
            "use tokio::net::UdpSocket;",
            "use std::fs;",
            "use std::fs::*;",
            "use std::net::TcpStream;",
            "use std::{fmt, fs::File};",
            "use std::{collections::{BTreeMap, HashMap}, net::{self, IpAddr}};",
            "use std::net::{IpAddr, UdpSocket};",
            "use std::{\n    thread,\n};",
            "fn f() { std::fs::read(p); }",
            "fn f() { let t = std::time::Instant::now(); }",
            "fn f() { let t = SystemTime :: now(); }",
            "fn f() { jiff::Timestamp::now() }",
            "use std::net::*;",
            "fn f(x: std::net::UdpSocket) {}",
            "fn f() { std::env::var(n); }",
        ] {
            assert_eq!(faults(code).len(), 1, "{code}: {:?}", faults(code));
        }
    }

    #[test]
    fn values_names_and_tests_are_allowed() {
        for code in [
            "use std::net::{IpAddr, Ipv4Addr as V4, SocketAddr};",
            "fn f(a: std::net::SocketAddr) -> std::net::IpAddr { std::net::IpAddr::V4(x) }",
            "use base::{Now, UtcMs as Ms}; fn now() {} fn g(n: Now) { n.utc; }",
            "let tokio_like = 1; // tokio::spawn, std::fs",
            "let s = \"std::fs::read\";",
            "#[cfg(test)]\nmod tests {\n use std::fs;\n fn f() { Instant::now(); }\n}",
            "use crate::thread::Spool; use super::fs;",
            "fn f() { env!(\"X\"); }",
        ] {
            assert_eq!(faults(code), Vec::<String>::new(), "{code}");
        }
    }

    #[test]
    fn only_pure_crates_and_only_their_program_are_looked_at() {
        let source = Source::new("use std::fs;");
        assert_eq!(check("crates/base/src/lib.rs", &source).len(), 1);
        for path in
            ["crates/store/src/lib.rs", "crates/base/tests/x.rs", "crates/base/src/frame_tests.rs", "xtask/src/main.rs"]
        {
            assert!(check(path, &source).is_empty(), "{path}");
        }
    }

    #[test]
    fn the_line_is_named() {
        assert_eq!(
            faults("//! x\n\nuse std::{\n    fmt,\n    fs,\n};\n"),
            ["5: `std::fs` in a pure crate: take the value as an argument"]
        );
    }
}
