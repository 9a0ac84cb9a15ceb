//! Digest access of the RTSP server (RFC 2326 appendix, RFC 2617 with MD5, with and without `qop=auth`).
//!
//! Invariant: an answer is right only for the nonce this connection was given.

use crate::Login;
use md5::{Digest, Md5};

/// What the server calls its protected space.
pub const REALM: &str = "jifang-sim";

/// The `WWW-Authenticate` value for a nonce.
#[must_use]
pub fn challenge(nonce: &str) -> String {
    format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\"")
}

/// True if an `Authorization` value proves the login for this request.
#[must_use]
pub fn proves(authorization: &str, method: &str, nonce: &str, login: &Login) -> bool {
    let Some(rest) = authorization.trim().strip_prefix("Digest ") else { return false };
    let fields: Vec<(&str, &str)> = split(rest)
        .into_iter()
        .filter_map(|f| f.split_once('='))
        .map(|(n, v)| (n.trim(), v.trim().trim_matches('"')))
        .collect();
    let get = |name: &str| fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    let (Some(user), Some(realm), Some(their_nonce), Some(uri), Some(response)) =
        (get("username"), get("realm"), get("nonce"), get("uri"), get("response"))
    else {
        return false;
    };
    if user != login.user || realm != REALM || their_nonce != nonce {
        return false;
    }
    let secret = md5(&format!("{user}:{REALM}:{}", login.password));
    let request = md5(&format!("{method}:{uri}"));
    let expected = match (get("qop"), get("nc"), get("cnonce")) {
        (Some("auth"), Some(nc), Some(cnonce)) => md5(&format!("{secret}:{nonce}:{nc}:{cnonce}:auth:{request}")),
        (None, _, _) => md5(&format!("{secret}:{nonce}:{request}")),
        _ => return false,
    };
    response.eq_ignore_ascii_case(&expected)
}

/// Splits at commas outside quotes.
fn split(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .collect()
}

/// MD5 of a text in lower-case hexadecimal.
#[must_use]
pub fn md5(text: &str) -> String {
    base::hex(&Md5::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_answer_proves() {
        let login = Login { user: "admin".into(), password: "p,w\"1".into() };
        let secret = md5("admin:jifang-sim:p,w\"1");
        let plain = md5(&format!("{secret}:abc:{}", md5("DESCRIBE:rtsp://h/a,b")));
        let with = |user: &str, nonce: &str, response: &str| {
            format!(
                "Digest username=\"{user}\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"rtsp://h/a,b\", response=\"{response}\""
            )
        };
        assert!(proves(&with("admin", "abc", &plain), "DESCRIBE", "abc", &login));
        assert!(!proves(&with("admin", "abc", &plain), "SETUP", "abc", &login));
        assert!(!proves(&with("admin", "abd", &plain), "DESCRIBE", "abc", &login));
        assert!(!proves(&with("root", "abc", &plain), "DESCRIBE", "abc", &login));
        assert!(!proves("Basic YTpi", "DESCRIBE", "abc", &login) && !proves("Digest ", "DESCRIBE", "abc", &login));
        let full = md5(&format!("{secret}:abc:00000001:xyz:auth:{}", md5("DESCRIBE:rtsp://h/a,b")));
        let header = format!("{}, qop=auth, nc=00000001, cnonce=\"xyz\"", with("admin", "abc", &full));
        assert!(proves(&header, "DESCRIBE", "abc", &login));
        assert!(!proves(&header.replace("00000001", "00000002"), "DESCRIBE", "abc", &login));
    }
}
