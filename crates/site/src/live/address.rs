//! The addresses a browser is told to reach us by (ICE host candidates, RFC 8445 section 5.1.1.1).

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// Most addresses told to one browser.
const CANDIDATES: usize = 8;
/// Where Linux lists its own IPv4 addresses.
const OWN_ADDRESSES: &str = "/proc/net/fib_trie";

/// Addresses for one viewer, best first. `advertised` (configured) stands alone; else the one the browser reached us by comes
/// first, then all of this machine's; loopback only for a browser that may be on this machine.
pub(super) fn candidates(
    bound: SocketAddr,
    advertised: Option<IpAddr>,
    reached: Option<IpAddr>,
    own: &[Ipv4Addr],
) -> Vec<SocketAddr> {
    let mut list: Vec<IpAddr> = Vec::new();
    if let Some(advertised) = advertised {
        list.push(advertised);
        // A browser on this machine reaches us by loopback whatever is advertised.
        list.extend(reached.filter(|ip| ip.is_loopback()));
    } else if bound.ip().is_unspecified() {
        list.extend(reached.filter(|ip| !ip.is_unspecified() && (ip.is_ipv4() || bound.is_ipv6())));
        list.extend(own.iter().map(|ip| IpAddr::V4(*ip)).filter(|ip| !ip.is_loopback()));
        if reached.is_none_or(|ip| ip.is_loopback()) {
            list.push(Ipv4Addr::LOCALHOST.into());
        }
    } else {
        list.push(bound.ip());
    }
    let mut seen = Vec::new();
    for ip in list {
        let at = SocketAddr::new(ip, bound.port());
        if !seen.contains(&at) && seen.len() < CANDIDATES {
            seen.push(at);
        }
    }
    seen
}

/// This machine's IPv4 addresses.
pub(super) fn own() -> Vec<Ipv4Addr> {
    let listed = std::fs::read_to_string(OWN_ADDRESSES).map(|text| read_trie(&text)).unwrap_or_default();
    if listed.iter().any(|ip| !ip.is_loopback()) { listed } else { outward().into_iter().collect() }
}

/// The address that packets to the outside would leave by; nothing is sent.
fn outward() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // TEST-NET-1 (RFC 5737): only asks the routing table.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(ip) if !ip.is_unspecified() => Some(ip),
        _ => None,
    }
}

/// Local host routes of Linux's routing table listing.
fn read_trie(text: &str) -> Vec<Ipv4Addr> {
    let mut last = None;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if let Some(ip) = line.strip_prefix("|-- ") {
            last = ip.trim().parse().ok();
        } else if line.starts_with("/32 host LOCAL")
            && let Some(ip) = last.take()
            && !found.contains(&ip)
        {
            found.push(ip);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_addresses_are_read_once_each() {
        let text = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.0.0\n        /24 link UNICAST\n     |-- 10.0.0.7\n        /32 host LOCAL\n\
            Local:\n     |-- 10.0.0.7\n        /32 host LOCAL\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 10.0.0.255\n        /32 link BROADCAST\n";
        assert_eq!(read_trie(text), [Ipv4Addr::new(10, 0, 0, 7), Ipv4Addr::LOCALHOST]);
        assert!(read_trie("|-- x\n/32 host LOCAL\n").is_empty());
    }

    #[test]
    fn the_address_reached_comes_first_and_loopback_only_where_it_can_help() {
        let any: SocketAddr = "0.0.0.0:8443".parse().unwrap();
        let own = [Ipv4Addr::new(10, 0, 0, 7), Ipv4Addr::LOCALHOST, Ipv4Addr::new(192, 168, 1, 2)];
        let list = |advertised: Option<&str>, reached: Option<&str>| -> Vec<String> {
            let ip = |text: &str| text.parse().unwrap();
            candidates(any, advertised.map(ip), reached.map(ip), &own).iter().map(|a| a.ip().to_string()).collect()
        };
        assert_eq!(list(None, Some("192.168.1.2")), ["192.168.1.2", "10.0.0.7"]);
        assert_eq!(list(None, Some("127.0.0.1")), ["127.0.0.1", "10.0.0.7", "192.168.1.2"]);
        assert_eq!(list(None, None), ["10.0.0.7", "192.168.1.2", "127.0.0.1"]);
        assert_eq!(list(Some("203.0.113.9"), Some("10.0.0.7")), ["203.0.113.9"]);
        assert_eq!(list(Some("203.0.113.9"), Some("127.0.0.1")), ["203.0.113.9", "127.0.0.1"]);
        assert_eq!(list(None, Some("::1")), ["10.0.0.7", "192.168.1.2", "127.0.0.1"]);
        let one = candidates("10.0.0.7:1".parse().unwrap(), None, None, &own);
        assert_eq!(one, ["10.0.0.7:1".parse().unwrap()]);
        let many: Vec<_> = (0..40).map(|i| Ipv4Addr::new(10, 0, 1, i)).collect();
        assert_eq!(candidates(any, None, None, &many).len(), CANDIDATES);
    }
}
