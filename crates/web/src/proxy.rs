//! Who really asks when a proxy stands in front: the address that a proxy we trust says, and nobody else's word.
//!
//! `X-Forwarded-For` (or `Forwarded`, RFC 7239) is read from the end that our proxy wrote, backwards over proxies we trust; the first
//! address that is not one of them is the client. Invariants: from a peer that is not listed nothing is believed; only the one header
//! that is configured is read, for a proxy hands the other on as the client sent it; what cannot be read ends the search at the
//! proxy itself, so that nobody gets out of a limit with nonsense.

use axum::http::HeaderMap;
pub use config::{ClientHeader, Network};
use std::net::IpAddr;

/// Most proxies in a row.
const HOPS: usize = 16;

/// Proxies whose word about the client is believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// Their networks; none = nobody is believed.
    pub trusted: Vec<Network>,
    /// Which header they write.
    pub header: ClientHeader,
}

impl From<&config::HttpConfig> for Proxies {
    fn from(c: &config::HttpConfig) -> Self {
        Self { trusted: c.trusted_proxies.clone(), header: c.client_header }
    }
}

impl Proxies {
    /// Is this one of them?
    #[must_use]
    pub fn trust(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.holds(address))
    }

    /// The client's address: the peer's own, or what a trusted proxy says.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trust(peer) {
            return peer;
        }
        let name = match self.header {
            ClientHeader::XForwardedFor => "x-forwarded-for",
            ClientHeader::Forwarded => "forwarded",
        };
        // Several lines are one list (RFC 9110, 5.3); the end of it is what the nearest proxy wrote.
        let lines: Vec<&str> = headers.get_all(name).iter().map(|v| v.to_str().unwrap_or("?")).collect();
        let mut at = peer;
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')).take(HOPS) {
            let said = match self.header {
                ClientHeader::XForwardedFor => address(hop.trim()),
                ClientHeader::Forwarded => hop.split(';').find_map(for_of),
            };
            match said {
                Some(said) if self.trust(said) => at = said,
                Some(said) => return said,
                None => return at,
            }
        }
        at
    }
}

/// The address of `for=`, quoted or not.
fn for_of(pair: &str) -> Option<IpAddr> {
    let (name, value) = pair.trim().split_once('=')?;
    name.eq_ignore_ascii_case("for").then(|| address(value.trim().trim_matches('"')))?
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inside, _)| inside);
    let plain = match bracketed {
        Some(inside) => inside,
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    plain.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn proxies(header: ClientHeader) -> Proxies {
        let trusted = ["10.0.0.0/8", "2001:db8:ffff::/48"].map(|t| t.parse().unwrap()).to_vec();
        Proxies { trusted, header }
    }

    fn client(p: &Proxies, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        p.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        let p = proxies(ClientHeader::XForwardedFor);
        let says = [("x-forwarded-for", "192.0.2.9")];
        assert_eq!(client(&p, "198.51.100.1", &says), "198.51.100.1");
        assert_eq!(client(&p, "10.1.2.3", &says), "192.0.2.9");
        assert_eq!(client(&p, "::ffff:10.1.2.3", &says), "192.0.2.9");
        assert_eq!(client(&p, "2001:db8:ffff::1", &says), "192.0.2.9");
        assert_eq!(client(&Proxies::default(), "127.0.0.1", &says), "127.0.0.1", "by default nobody is");
        assert_eq!(client(&p, "10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn what_the_client_wrote_itself_stands_left_and_is_not_believed() {
        let p = proxies(ClientHeader::XForwardedFor);
        let spoofed = [("x-forwarded-for", "127.0.0.1, 203.0.113.5, 192.0.2.9")];
        assert_eq!(client(&p, "10.0.0.1", &spoofed), "192.0.2.9", "the last word is the proxy's");
        let two = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "192.0.2.9")];
        assert_eq!(client(&p, "10.0.0.1", &two), "192.0.2.9");
        let chain = [("x-forwarded-for", "1.2.3.4, 192.0.2.9, 10.0.0.2, 10.0.0.3")];
        assert_eq!(client(&p, "10.0.0.1", &chain), "192.0.2.9", "over proxies of ours");
        let other = [("forwarded", "for=127.0.0.1"), ("x-real-ip", "127.0.0.1")];
        assert_eq!(client(&p, "10.0.0.1", &other), "10.0.0.1", "the other headers are the client's own");
    }

    #[test]
    fn nonsense_ends_at_the_proxy() {
        let p = proxies(ClientHeader::XForwardedFor);
        for bad in ["", "unknown", "300.1.1.1", "1.2.3.4.5", "192.0.2.9,", "192.0.2.9, x", "[::1", "é"] {
            let mut headers = HeaderMap::new();
            headers.append("x-forwarded-for", HeaderValue::from_bytes(bad.as_bytes()).unwrap());
            assert_eq!(p.client("10.0.0.1".parse().unwrap(), &headers).to_string(), "10.0.0.1", "{bad:?}");
        }
        let long = vec!["10.0.0.2"; 5_000].join(",");
        assert_eq!(client(&p, "10.0.0.1", &[("x-forwarded-for", &format!("192.0.2.9,{long}"))]), "10.0.0.2");
    }

    #[test]
    fn both_forms_of_the_header_are_read() {
        let p = proxies(ClientHeader::XForwardedFor);
        for (said, want) in [
            ("192.0.2.9:4711", "192.0.2.9"),
            ("2001:db8::9", "2001:db8::9"),
            ("[2001:db8::9]:4711", "2001:db8::9"),
            ("::ffff:192.0.2.9", "192.0.2.9"),
        ] {
            assert_eq!(client(&p, "10.0.0.1", &[("x-forwarded-for", said)]), want);
        }
        let f = proxies(ClientHeader::Forwarded);
        let said = r#"for=127.0.0.1, for="[2001:db8::9]:4711";proto=https;by=10.0.0.1"#;
        assert_eq!(client(&f, "10.0.0.1", &[("forwarded", said)]), "2001:db8::9");
        assert_eq!(client(&f, "10.0.0.1", &[("forwarded", "by=1.2.3.4; For = 192.0.2.9")]), "10.0.0.1");
        assert_eq!(client(&f, "10.0.0.1", &[("forwarded", "proto=https; FOR=192.0.2.9")]), "192.0.2.9");
        assert_eq!(client(&f, "10.0.0.1", &[("x-forwarded-for", "192.0.2.9")]), "10.0.0.1");
    }

    #[test]
    fn networks_are_read_and_written() {
        for good in ["10.0.0.0/8", "0.0.0.0/0", "::1/128", "2001:db8::/32", "192.0.2.7/32"] {
            let network: Network = good.parse().unwrap();
            assert_eq!(String::from(network), good);
        }
        assert_eq!(String::from("192.0.2.7".parse::<Network>().unwrap()), "192.0.2.7/32");
        for bad in ["", "x", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/8/8"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.holds([1, 2, 3, 4].into()) && !all.holds("::1".parse().unwrap()));
    }
}
