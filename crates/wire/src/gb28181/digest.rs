//! HTTP digest as SIP uses it (RFC 2617, 7616, 8760): both sides, MD5 and SHA-256, `qop=auth` and the older form without.
//!
//! The server's memory is [`NonceStore`]: nonces expire, are bound to one device, are bounded in number, and a nonce
//! count must grow (a nonce used without count is good for one answer only). Comparison is constant-time. The random
//! part of a nonce comes from the caller. `auth-int` and SM3 are not offered.

use super::sip::Message;
use base::{MonoMs, Pii};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// Hash of a challenge.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Algorithm {
    /// MD5: what nearly every device of today knows.
    Md5,
    /// SHA-256 (RFC 8760).
    Sha256,
}

impl Algorithm {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// Reads the name; quotes and case do not matter.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name.trim().trim_matches('"').to_ascii_uppercase().as_str() {
            "MD5" => Some(Self::Md5),
            "SHA-256" | "SHA256" => Some(Self::Sha256),
            _ => None,
        }
    }

    /// Lower-case hexadecimal digest of `text`.
    #[must_use]
    pub fn hex(self, text: &str) -> String {
        match self {
            Self::Md5 => {
                use md5::Digest;
                base::hex(&md5::Md5::digest(text.as_bytes()))
            }
            Self::Sha256 => base::Sha256::of(text.as_bytes()).hex(),
        }
    }
}

/// What the platform knows of a device's password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Secret {
    /// The password itself: any realm, any user name, both algorithms.
    Password(Pii<String>),
    /// `H(username:realm:password)` in hexadecimal, for the algorithms it was made for.
    Ha1 {
        /// MD5 form, 32 characters.
        md5: Option<Pii<String>>,
        /// SHA-256 form, 64 characters.
        sha256: Option<Pii<String>>,
    },
}

impl Secret {
    /// A password.
    #[must_use]
    pub fn password(text: &str) -> Self {
        Self::Password(Pii::new(text.to_owned()))
    }

    fn ha1(&self, algorithm: Algorithm, username: &str, realm: &str) -> Option<String> {
        match (self, algorithm) {
            (Self::Password(p), _) => Some(algorithm.hex(&format!("{username}:{realm}:{}", p.expose()))),
            (Self::Ha1 { md5: Some(ha1), .. }, Algorithm::Md5) => Some(ha1.expose().to_ascii_lowercase()),
            (Self::Ha1 { sha256: Some(ha1), .. }, Algorithm::Sha256) => Some(ha1.expose().to_ascii_lowercase()),
            (Self::Ha1 { .. }, _) => None,
        }
    }
}

/// `name=value` pairs of a `Digest ...` header; lower-case names, values without quotes. `None` for another scheme.
#[must_use]
pub fn fields(value: &str) -> Option<HashMap<String, String>> {
    let (scheme, rest) = value.trim().split_once([' ', '\t'])?;
    if !scheme.eq_ignore_ascii_case("Digest") {
        return None;
    }
    let parts = super::sip::split_outside_quotes(rest, ',').take(32);
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        Some((name.trim().to_ascii_lowercase(), value.to_owned()))
    };
    Some(parts.filter_map(pair).collect())
}

/// A server's challenge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    /// Realm: the platform's domain.
    pub realm: String,
    /// Nonce.
    pub nonce: String,
    /// Hash.
    pub algorithm: Algorithm,
    /// True when `qop=auth` is offered.
    pub qop_auth: bool,
    /// The last answer was right but its nonce was used up or too old.
    pub stale: bool,
    /// To be echoed.
    pub opaque: Option<String>,
}

impl Challenge {
    /// Reads one `WWW-Authenticate` value; `None` for another scheme or an unknown algorithm.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut f = fields(value)?;
        let algorithm = f.get("algorithm").map_or(Some(Algorithm::Md5), |name| Algorithm::parse(name))?;
        let qop_auth = f.get("qop").is_some_and(|q| q.split(',').any(|q| q.trim().eq_ignore_ascii_case("auth")));
        let stale = f.get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true"));
        let opaque = f.remove("opaque");
        Some(Self { realm: f.remove("realm")?, nonce: f.remove("nonce")?, algorithm, qop_auth, stale, opaque })
    }

    /// Every readable challenge of a 401, in order.
    #[must_use]
    pub fn all(response: &Message) -> Vec<Self> {
        response.headers.all("WWW-Authenticate").filter_map(Self::parse).take(8).collect()
    }
}

impl std::fmt::Display for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest realm=\"{}\", nonce=\"{}\", algorithm={}", self.realm, self.nonce, self.algorithm.name())?;
        if self.qop_auth {
            f.write_str(", qop=\"auth\"")?;
        }
        if let Some(opaque) = &self.opaque {
            write!(f, ", opaque=\"{opaque}\"")?;
        }
        if self.stale { f.write_str(", stale=true") } else { Ok(()) }
    }
}

/// What both sides hash: `H(HA1:nonce[:nc:cnonce:qop]:H(method:uri))`.
fn response_hex(
    algorithm: Algorithm,
    ha1: &str,
    nonce: &str,
    qop: Option<(&str, &str)>,
    method: &str,
    uri: &str,
) -> String {
    let ha2 = algorithm.hex(&format!("{method}:{uri}"));
    match qop {
        Some((nc, cnonce)) => algorithm.hex(&format!("{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}")),
        None => algorithm.hex(&format!("{ha1}:{nonce}:{ha2}")),
    }
}

/// The client side: answers one challenge, again and again, with a growing count.
#[derive(Clone, Debug)]
pub struct ClientAuth {
    /// The challenge being answered.
    pub challenge: Challenge,
    username: String,
    ha1: String,
    count: u32,
}

impl ClientAuth {
    /// Prepares answers to `challenge`.
    #[must_use]
    pub fn new(challenge: Challenge, username: &str, password: &str) -> Self {
        let ha1 = challenge.algorithm.hex(&format!("{username}:{}:{password}", challenge.realm));
        Self { challenge, username: username.to_owned(), ha1, count: 0 }
    }

    /// Value of the `Authorization` header of the next request. `cnonce` is fresh random text.
    pub fn authorize(&mut self, method: &str, uri: &str, cnonce: &str) -> String {
        self.count = self.count.saturating_add(1);
        let c = &self.challenge;
        let nc = format!("{:08x}", self.count);
        let qop = c.qop_auth.then_some((nc.as_str(), cnonce));
        let response = response_hex(c.algorithm, &self.ha1, &c.nonce, qop, method, uri);
        let mut out = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{uri}\", response=\"{response}\", algorithm={}",
            self.username,
            c.realm,
            c.nonce,
            c.algorithm.name()
        );
        if c.qop_auth {
            let _ = write!(out, ", qop=auth, nc={nc}, cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = &c.opaque {
            let _ = write!(out, ", opaque=\"{opaque}\"");
        }
        out
    }
}

/// Result of checking an `Authorization` header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The sender knows the password and this answer was not used before.
    Accepted(Algorithm),
    /// The sender knows the password but the nonce is unknown, too old or used up: challenge again with `stale=true`.
    Stale,
    /// Wrong password, or a header that cannot be read.
    Wrong,
}

/// What a server expects of an `Authorization` header.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// Method of the request.
    pub method: &'a str,
    /// The realm that was named in the challenge.
    pub realm: &'a str,
    /// Whose nonce it must be (the device code).
    pub owner: &'a str,
    /// The password or its hash.
    pub secret: &'a Secret,
    /// The algorithms that were offered.
    pub allowed: &'a [Algorithm],
}

#[derive(Debug)]
struct NonceEntry {
    owner: String,
    made: MonoMs,
    last_count: u32,
    /// An answer without nonce count was accepted: used up.
    spent: bool,
}

/// The nonces a server gave out. All share one life time, so the oldest is always the first to expire.
#[derive(Debug)]
pub struct NonceStore {
    life_ms: u64,
    capacity: usize,
    entries: HashMap<String, NonceEntry>,
    order: VecDeque<String>,
}

impl NonceStore {
    /// Nonces live `life_ms`; when there are `capacity`, the oldest is forgotten (its owner is challenged again).
    #[must_use]
    pub fn new(life_ms: u64, capacity: usize) -> Self {
        Self { life_ms, capacity: capacity.max(1), entries: HashMap::new(), order: VecDeque::new() }
    }

    /// How many nonces are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Remembers `nonce` (at least 128 random bits as text) for `owner`.
    pub fn issue(&mut self, nonce: String, owner: &str, now: MonoMs) {
        self.expire(now);
        while self.entries.len() >= self.capacity {
            let Some(oldest) = self.order.pop_front() else { break };
            self.entries.remove(&oldest);
        }
        let entry = NonceEntry { owner: owner.to_owned(), made: now, last_count: 0, spent: false };
        if self.entries.insert(nonce.clone(), entry).is_none() {
            self.order.push_back(nonce);
        }
    }

    fn expire(&mut self, now: MonoMs) {
        while let Some(oldest) = self.order.front() {
            if self.entries.get(oldest).is_some_and(|e| now.since(e.made) < self.life_ms) {
                break;
            }
            self.entries.remove(oldest);
            self.order.pop_front();
        }
    }

    /// True for a nonce given to `owner` and not yet forgotten.
    #[must_use]
    pub fn knows(&self, nonce: &str, owner: &str) -> bool {
        self.entries.get(nonce).is_some_and(|e| e.owner == owner)
    }

    /// Checks one `Authorization` value and uses up its nonce count.
    ///
    /// A response of 32 digits is read as MD5 and one of 64 as SHA-256 even where the algorithm field says otherwise:
    /// devices that read only the first challenge echo its name but know only MD5.
    pub fn verify(&mut self, authorization: &str, expect: &Expect<'_>, now: MonoMs) -> Verdict {
        let Expect { method, realm, owner, secret, allowed } = *expect;
        let Some(f) = fields(authorization) else { return Verdict::Wrong };
        let get = |name: &str| f.get(name).map(String::as_str);
        let (Some(username), Some(nonce), Some(uri), Some(response)) =
            (get("username"), get("nonce"), get("uri"), get("response"))
        else {
            return Verdict::Wrong;
        };
        let algorithm = match response.len() {
            32 => Algorithm::Md5,
            64 => Algorithm::Sha256,
            _ => return Verdict::Wrong,
        };
        if !allowed.contains(&algorithm) || get("realm").is_some_and(|r| r != realm) {
            return Verdict::Wrong;
        }
        let Some(ha1) = secret.ha1(algorithm, username, realm) else { return Verdict::Wrong };
        let count = match get("qop") {
            None | Some("") => None,
            Some(q) if q.eq_ignore_ascii_case("auth") => {
                let (Some(nc), Some(cnonce)) = (get("nc"), get("cnonce")) else { return Verdict::Wrong };
                let Some(number) = nonce_count(nc) else { return Verdict::Wrong };
                Some((number, nc, cnonce))
            }
            Some(_) => return Verdict::Wrong,
        };
        let want = response_hex(algorithm, &ha1, nonce, count.map(|(_, nc, cnonce)| (nc, cnonce)), method, uri);
        if !bool::from(want.as_bytes().ct_eq(response.to_ascii_lowercase().as_bytes())) {
            return Verdict::Wrong;
        }
        if self.consume(nonce, owner, count.map(|(n, ..)| n), now) {
            Verdict::Accepted(algorithm)
        } else {
            Verdict::Stale
        }
    }

    /// True when `nonce` is alive, belongs to `owner`, and this use of it is new.
    fn consume(&mut self, nonce: &str, owner: &str, count: Option<u32>, now: MonoMs) -> bool {
        self.expire(now);
        let Some(entry) = self.entries.get_mut(nonce) else { return false };
        if entry.owner != owner || entry.spent {
            return false;
        }
        match count {
            Some(n) if n > entry.last_count => entry.last_count = n,
            Some(_) => return false,
            // Without a count a second use cannot be told from a replay; once counted, always counted.
            None if entry.last_count > 0 => return false,
            None => entry.spent = true,
        }
        true
    }
}

/// `nc` is exactly eight hexadecimal digits (RFC 7616 section 3.4).
fn nonce_count(text: &str) -> Option<u32> {
    (text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| u32::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "34020000001320000001";
    const BOTH: [Algorithm; 2] = [Algorithm::Md5, Algorithm::Sha256];

    fn challenge(algorithm: Algorithm, qop_auth: bool) -> Challenge {
        Challenge { realm: "3402000000".into(), nonce: "n0".into(), algorithm, qop_auth, stale: false, opaque: None }
    }

    fn store() -> NonceStore {
        let mut store = NonceStore::new(1_000, 3);
        store.issue("n0".into(), OWNER, MonoMs(0));
        store
    }

    fn expect<'a>(secret: &'a Secret, allowed: &'a [Algorithm]) -> Expect<'a> {
        Expect { method: "REGISTER", realm: "3402000000", owner: OWNER, secret, allowed }
    }

    fn check(store: &mut NonceStore, authorization: &str, now: u64) -> Verdict {
        let secret = Secret::password("12345678");
        store.verify(authorization, &expect(&secret, &BOTH), MonoMs(now))
    }

    #[test]
    fn rfc_2617_and_7616_vectors() {
        let ha1 = Algorithm::Md5.hex("Mufasa:testrealm@host.com:Circle Of Life");
        let qop = Some(("00000001", "0a4f113b"));
        let got =
            response_hex(Algorithm::Md5, &ha1, "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop, "GET", "/dir/index.html");
        assert_eq!(got, "6629fae49393a05397450978507c4ef1");
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
        for (algorithm, want) in [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let ha1 = algorithm.hex("Mufasa:http-auth@example.org:Circle of Life");
            let got = response_hex(algorithm, &ha1, nonce, Some(("00000001", cnonce)), "GET", "/dir/index.html");
            assert_eq!(got, want);
        }
        // RFC 2069's form, without qop; the value is what its erratum gives for this input.
        let ha1 = Algorithm::Md5.hex("Mufasa:testrealm@host.com:CircleOfLife");
        let got =
            response_hex(Algorithm::Md5, &ha1, "dcd98b7102dd2f0e8b11d0f600bfb0c093", None, "GET", "/dir/index.html");
        assert_eq!(got, "1949323746fe6a43ef61f9606e7febea");
    }

    #[test]
    fn client_and_server_agree_up_to_count_0x10a() {
        for algorithm in BOTH {
            let mut store = store();
            let mut client = ClientAuth::new(challenge(algorithm, true), OWNER, "12345678");
            for n in 1..=0x10a_u32 {
                let value = client.authorize("REGISTER", "sip:x@y", &format!("c{n}"));
                assert!(value.contains(&format!("nc={n:08x}")), "{value}");
                assert_eq!(check(&mut store, &value, 1), Verdict::Accepted(algorithm), "use {n}");
            }
        }
    }

    #[test]
    fn a_replay_and_a_lower_count_are_stale() {
        let mut store = store();
        let mut client = ClientAuth::new(challenge(Algorithm::Md5, true), OWNER, "12345678");
        let first = client.authorize("REGISTER", "u", "c");
        let second = client.authorize("REGISTER", "u", "c");
        assert_eq!(check(&mut store, &second, 0), Verdict::Accepted(Algorithm::Md5));
        assert_eq!(check(&mut store, &second, 0), Verdict::Stale);
        assert_eq!(check(&mut store, &first, 0), Verdict::Stale);
    }

    #[test]
    fn without_qop_a_nonce_is_good_once() {
        let mut store = store();
        let value = ClientAuth::new(challenge(Algorithm::Md5, false), OWNER, "12345678").authorize("REGISTER", "u", "");
        assert!(!value.contains("nc="));
        assert_eq!(check(&mut store, &value, 0), Verdict::Accepted(Algorithm::Md5));
        assert_eq!(check(&mut store, &value, 0), Verdict::Stale);
    }

    #[test]
    fn nonces_expire_belong_to_one_device_and_are_bounded() {
        let mut client = ClientAuth::new(challenge(Algorithm::Sha256, true), OWNER, "12345678");
        let mut value = || client.authorize("REGISTER", "u", "c");
        assert_eq!(check(&mut store(), &value(), 999), Verdict::Accepted(Algorithm::Sha256));
        assert_eq!(check(&mut store(), &value(), 1_000), Verdict::Stale);
        let mut other = NonceStore::new(1_000, 3);
        other.issue("n0".into(), "34020000001320000002", MonoMs(0));
        assert_eq!(check(&mut other, &value(), 0), Verdict::Stale);
        let mut full = store();
        for n in 1..=3 {
            full.issue(format!("n{n}"), OWNER, MonoMs(n));
        }
        assert_eq!(full.len(), 3);
        assert_eq!(check(&mut full, &value(), 4), Verdict::Stale);
        full.issue("late".into(), OWNER, MonoMs(5_000));
        assert_eq!(full.len(), 1, "expired ones are gone");
    }

    #[test]
    fn wrong_and_unreadable_answers() {
        let good = ClientAuth::new(challenge(Algorithm::Md5, true), OWNER, "12345678").authorize("REGISTER", "u", "c");
        let wrong = ClientAuth::new(challenge(Algorithm::Md5, true), OWNER, "12345679").authorize("REGISTER", "u", "c");
        for bad in [
            "",
            "Digest",
            "Basic abc",
            "Digest ,,,=",
            "Digest username=\"a\"",
            wrong.as_str(),
            &good.replace("nc=00000001", "nc=1"),
            &good.replace("nc=00000001", "nc=+0000001"),
            &good.replace("qop=auth", "qop=auth-int"),
            &good.replace("3402000000\"", "x\""),
            &good.replace("response=\"", "response=\"0"),
        ] {
            assert_eq!(check(&mut store(), bad, 0), Verdict::Wrong, "{bad}");
        }
        assert_eq!(check(&mut store(), &good, 0), Verdict::Accepted(Algorithm::Md5));
        let secret = Secret::password("12345678");
        let only = [Algorithm::Sha256];
        let verdict = store().verify(&good, &expect(&secret, &only), MonoMs(0));
        assert_eq!(verdict, Verdict::Wrong, "MD5 was not offered");
    }

    #[test]
    fn ha1_works_instead_of_the_password() {
        let ha1 = |a: Algorithm| Some(Pii::new(a.hex(&format!("{OWNER}:3402000000:12345678"))));
        let secret = Secret::Ha1 { md5: None, sha256: ha1(Algorithm::Sha256) };
        for (algorithm, want) in
            [(Algorithm::Sha256, Verdict::Accepted(Algorithm::Sha256)), (Algorithm::Md5, Verdict::Wrong)]
        {
            let value = ClientAuth::new(challenge(algorithm, true), OWNER, "12345678").authorize("REGISTER", "u", "c");
            assert_eq!(store().verify(&value, &expect(&secret, &BOTH), MonoMs(0)), want);
        }
        assert!(!format!("{secret:?}").contains(&Algorithm::Sha256.hex(&format!("{OWNER}:3402000000:12345678"))));
    }

    #[test]
    fn a_challenge_survives_its_text_form() {
        for algorithm in BOTH {
            let mut c = challenge(algorithm, true);
            c.stale = true;
            c.opaque = Some("a,b".into());
            assert_eq!(Challenge::parse(&c.to_string()), Some(c));
        }
        assert_eq!(Challenge::parse("Digest realm=\"r\",nonce=\"n\"").map(|c| c.algorithm), Some(Algorithm::Md5));
        assert_eq!(Challenge::parse("Digest realm=\"r\",nonce=\"n\",algorithm=SM3"), None);
    }
}
