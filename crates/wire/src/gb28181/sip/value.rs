//! Structured header values: URIs, name-addr, Via, parameters.
//!
//! Each `parse` returns `None` for text it cannot read and never panics; unknown parameters are kept.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// Parameters after the address part (`;tag=1;lr`): lower-case names, values without quotes.
#[must_use]
pub fn params(value: &str) -> BTreeMap<String, String> {
    let tail = value.rfind('>').map_or(value, |end| &value[end..]);
    split_outside_quotes(tail, ';')
        .skip(1)
        .filter_map(|part| pair(part).map(|(n, v)| (n, v.unwrap_or_default())))
        .collect()
}

/// `name=value` or `name`, the value without quotes.
fn pair(part: &str) -> Option<(String, Option<String>)> {
    written(part).map(|(name, value)| (name, value.map(|v| v.trim_matches('"').to_owned())))
}

/// `name=value` or `name`, the value with its quotes, which may hold what would end it without them.
fn written(part: &str) -> Option<(String, Option<String>)> {
    let (name, value) = part.split_once('=').map_or((part, None), |(n, v)| (n, Some(v)));
    let name = name.trim().to_ascii_lowercase();
    (!name.is_empty()).then(|| (name, value.map(|v| v.trim().to_owned())))
}

/// Splits at `mark` where no double quote is open.
pub(crate) fn split_outside_quotes(text: &str, mark: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        if c == '"' {
            quoted = !quoted;
        }
        c == mark && !quoted
    })
}

/// `sip:34020000001320000001@192.168.1.2:5060;transport=tcp`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Uri {
    /// User part: the device code in GB/T 28181. May be empty.
    pub user: String,
    /// Domain, host name or address (IPv6 without brackets).
    pub host: String,
    /// Port where one is written.
    pub port: Option<u16>,
}

impl Uri {
    /// Reads a `sip:` or `sips:` URI, with or without `<>`; the scheme may be missing (some devices).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('<');
        let text = text.split(['>', ';', '?']).next()?.trim();
        let rest = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:")).unwrap_or(text);
        let (user, address) = rest.rsplit_once('@').unwrap_or(("", rest));
        let user = user.split(':').next().unwrap_or_default().to_owned();
        let (host, port) = host_port(address)?;
        Some(Self { user, host, port })
    }

    /// The socket address, where the host is an address; port 5060 where none is written.
    #[must_use]
    pub fn socket(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.host.parse::<IpAddr>().ok()?, self.port.unwrap_or(5060)))
    }
}

/// `host`, `host:port`, `[v6]:port`.
fn host_port(text: &str) -> Option<(String, Option<u16>)> {
    let text = text.trim();
    let (host, port) = match text.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => text.split_once(':').map_or((text, None), |(h, p)| (h, Some(p))),
    };
    let port = match port.map(str::trim) {
        None | Some("") => None,
        Some(p) => Some(p.parse().ok()?),
    };
    (!host.is_empty() && !host.contains([' ', '<', '"'])).then(|| (host.to_owned(), port))
}

impl std::fmt::Display for Uri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sip:")?;
        if !self.user.is_empty() {
            write!(f, "{}@", self.user)?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?
        } else {
            f.write_str(&self.host)?
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// From, To or Contact: display name (dropped), URI, parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameAddr {
    /// The address.
    pub uri: Uri,
    /// Parameters after the address.
    pub params: BTreeMap<String, String>,
}

impl NameAddr {
    /// Reads `"name" <sip:..>;tag=..` or `sip:..;tag=..`.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let uri = match value.rfind('<') {
            Some(open) => Uri::parse(&value[open..])?,
            None => Uri::parse(value)?,
        };
        Some(Self { uri, params: params(value) })
    }
}

/// One Via entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Via {
    /// `UDP`, `TCP`, as written.
    pub transport: String,
    /// sent-by host.
    pub host: String,
    /// sent-by port.
    pub port: Option<u16>,
    /// Parameters in order (`branch`, `rport`, `received`); lower-case names, values as written.
    pub params: Vec<(String, Option<String>)>,
}

impl Via {
    /// Reads the first entry of a Via line. One whose quotes do not close is none: what is added behind it would stand inside them.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let entry = split_outside_quotes(value, ',').next()?.trim();
        if entry.matches('"').count() % 2 == 1 {
            return None;
        }
        let mut parts = split_outside_quotes(entry, ';');
        let (protocol, sent_by) = parts.next()?.trim().rsplit_once([' ', '\t'])?;
        let transport = protocol.rsplit('/').next()?.trim().to_ascii_uppercase();
        let (host, port) = host_port(sent_by)?;
        Some(Self { transport, host, port, params: parts.filter_map(written).collect() })
    }

    /// Value of a parameter, without quotes.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).and_then(|(_, v)| v.as_deref()).map(|v| v.trim_matches('"'))
    }

    /// The branch.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.param("branch")
    }

    /// Sets or adds a parameter.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        match self.params.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value,
            None => self.params.push((name.to_owned(), value)),
        }
    }

    /// The address the far end saw us at (`received`, `rport`), where it says so.
    #[must_use]
    pub fn reflexive(&self) -> Option<SocketAddr> {
        let ip = self.param("received").unwrap_or(&self.host).parse::<IpAddr>().ok()?;
        let port = self.param("rport").and_then(|p| p.parse().ok()).or(self.port)?;
        Some(SocketAddr::new(ip, port))
    }
}

impl std::fmt::Display for Via {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SIP/2.0/{} ", self.transport)?;
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?
        } else {
            f.write_str(&self.host)?
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        for (name, value) in &self.params {
            write!(f, ";{name}")?;
            if let Some(value) = value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}
