//! Where pages are served, over which certificate, and whose word about clients is believed.

use rustls_pki_types::ServerName;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// Most names of an own certificate.
pub const NAMES: usize = 32;

/// Where pages are served, and whose word about clients is believed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Address of pages and API.
    pub listen: SocketAddr,
    /// Proxies in front, as networks: only from them the client's address is taken over.
    pub trusted_proxies: Vec<Network>,
    /// Which header these proxies write.
    pub client_header: ClientHeader,
    /// Pages over TLS; without it in clear.
    pub tls: Option<TlsConfig>,
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address (IPv6: one /64); trusted proxies are not counted here.
    pub connections_of_one_address: usize,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
            trusted_proxies: Vec::new(),
            client_header: ClientHeader::default(),
            tls: None,
            connections: 2_048,
            connections_of_one_address: 256,
        }
    }
}

impl HttpConfig {
    /// Pages go in clear to where others than this machine reach them, and nothing is said of a proxy that encrypts them.
    #[must_use]
    pub fn exposed(&self) -> bool {
        self.tls.is_none() && !self.listen.ip().to_canonical().is_loopback() && self.trusted_proxies.is_empty()
    }
}

/// `http = "address"`, or a table `[http]`.
pub(crate) fn address_or_table<'de, D: Deserializer<'de>>(from: D) -> Result<HttpConfig, D::Error> {
    struct Either;
    impl<'de> Visitor<'de> for Either {
        type Value = HttpConfig;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an address such as \"0.0.0.0:8080\", or a table [http]")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<HttpConfig, E> {
            let listen = text.parse().map_err(|_| E::custom(format!("`{text}` is no address such as 0.0.0.0:8080")))?;
            Ok(HttpConfig { listen, ..HttpConfig::default() })
        }

        fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<HttpConfig, M::Error> {
            HttpConfig::deserialize(MapAccessDeserializer::new(map))
        }
    }
    from.deserialize_any(Either)
}

/// A network in CIDR form, e.g. `10.0.0.0/8`; a bare address is itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// An address and its bits, counted from the left of 128.
fn bits_of(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl Network {
    /// Does the address lie in it? IPv4 in IPv6 clothes counts as IPv4.
    #[must_use]
    pub fn holds(self, address: IpAddr) -> bool {
        let (ours, other) = (self.address.to_canonical(), address.to_canonical());
        let differ = bits_of(ours) ^ bits_of(other);
        ours.is_ipv4() == other.is_ipv4() && differ.leading_zeros() >= u32::from(self.bits)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| format!("`{text}` is no network such as 10.0.0.0/8"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).ok().filter(|bits| *bits <= most);
        let bits = bits.ok_or_else(|| format!("`{text}`: the length of a network is at most {most}"))?;
        Ok(Self { address, bits })
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(n: Network) -> Self {
        format!("{}/{}", n.address, n.bits)
    }
}

/// The header in which proxies say whom they speak for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientHeader {
    /// `X-Forwarded-For: client, proxy`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client;proto=https` (RFC 7239).
    Forwarded,
}

/// `[http.tls]` as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    #[serde(default)]
    generate: bool,
    #[serde(default)]
    names: Vec<String>,
    redirect: Option<SocketAddr>,
}

/// How pages are served over TLS.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct TlsConfig {
    /// Where the certificate comes from.
    pub source: Source,
    /// Names and addresses of a certificate that is made here, beside those this machine knows of itself.
    pub names: Vec<String>,
    /// A plain listener that sends everybody to the encrypted pages.
    pub redirect: Option<SocketAddr>,
}

/// Where the certificate comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// Two PEM files that somebody else keeps up to date.
    Files {
        /// The chain, the server's own certificate first.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// This server makes and renews its own.
    Generated,
}

impl TryFrom<Written> for TlsConfig {
    type Error = String;

    fn try_from(w: Written) -> Result<Self, String> {
        let source = match (w.certificate, w.key, w.generate) {
            (Some(certificate), Some(key), false) => Source::Files { certificate, key },
            (None, None, true) => Source::Generated,
            (Some(_), Some(_), true) => {
                return Err("either `certificate` and `key`, or `generate = true`, not both".into());
            }
            (None, None, false) => return Err("name `certificate` and `key`, or say `generate = true`".into()),
            _ => return Err("`certificate` and `key` go together".into()),
        };
        if w.names.len() > NAMES {
            return Err(format!("at most {NAMES} names"));
        }
        if let Some(bad) = w.names.iter().find(|name| ServerName::try_from(name.as_str()).is_err()) {
            return Err(format!("`{bad}` is no name or address of a server"));
        }
        Ok(Self { source, names: w.names, redirect: w.redirect })
    }
}

impl From<TlsConfig> for Written {
    fn from(c: TlsConfig) -> Self {
        let (certificate, key, generate) = match c.source {
            Source::Files { certificate, key } => (Some(certificate), Some(key), false),
            Source::Generated => (None, None, true),
        };
        Self { certificate, key, generate, names: c.names, redirect: c.redirect }
    }
}
