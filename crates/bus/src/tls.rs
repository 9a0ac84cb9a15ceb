//! Mutual TLS 1.3 between servers, with raw public keys (RFC 7250) instead of certificates.
//!
//! A certificate would name a party that vouches and a day it ends; here a person has entered the other server's key, and nothing
//! else makes it known. So the key itself is what TLS shows, and `Pin` (SHA-256 of its SubjectPublicKeyInfo) is what was entered.
//! Invariants: the site speaks only to the pinned key; the authority learns the pin of whoever calls and decides by it; both sides prove
//! that they hold their key in every handshake; no TLS below 1.3, no session resumption, no early data.

use base::{Sha256, hex};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
};
use std::sync::Arc;

/// Protocol name in the handshake: another version of the frames is another name.
const PROTOCOL: &[u8] = b"jifang-bus/1";
/// PKCS#8 of an Ed25519 key up to its 32-byte seed (RFC 8410 section 7).
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What names a server to another: SHA-256 of its public key as TLS shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Pin(pub Sha256);

impl Pin {
    fn of(key: &[u8]) -> Self {
        Self(Sha256::of(key))
    }

    /// Reads 64 hexadecimal digits; blanks between them are fine.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        Sha256::from_hex(&digits).map(Self)
    }

    /// Digits in groups of four, for reading aloud.
    #[must_use]
    pub fn spoken(&self) -> String {
        self.0.0.chunks(2).map(hex).collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Display for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.hex())
    }
}

/// The key of this server on the bus cannot be used: a fault of the build.
#[derive(Debug, thiserror::Error)]
#[error("key between servers: {0}")]
pub struct IdentityError(#[from] Error);

/// This server's key on the bus.
#[derive(Clone)]
pub struct Identity {
    key: Arc<rustls::sign::CertifiedKey>,
    provider: Arc<CryptoProvider>,
    pin: Pin,
}

impl Identity {
    /// The key from its 32-byte seed.
    ///
    /// # Errors
    /// The crypto provider does not take it.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, IdentityError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let der = [&PKCS8_HEAD[..], seed].concat();
        let key = provider.key_provider.load_private_key(PrivateKeyDer::from(PrivatePkcs8KeyDer::from(der)))?;
        let public = key.public_key().ok_or(Error::General("no public key".into()))?.to_vec();
        let pin = Pin::of(&public);
        let key = Arc::new(rustls::sign::CertifiedKey::new(vec![CertificateDer::from(public)], key));
        Ok(Self { key, provider, pin })
    }

    /// What the other side's person enters.
    #[must_use]
    pub const fn pin(&self) -> Pin {
        self.pin
    }

    /// TLS of the one who is called.
    pub(crate) fn server(&self) -> Result<Arc<ServerConfig>, IdentityError> {
        let algorithms = self.provider.signature_verification_algorithms;
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(Arc::new(AnyKey { algorithms }))
            .with_cert_resolver(Arc::new(rustls::server::AlwaysResolvesServerRawPublicKeys::new(self.key.clone())));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }

    /// TLS of the one who calls the server with key `to`.
    pub(crate) fn client(&self, to: Pin) -> Result<Arc<ClientConfig>, IdentityError> {
        let algorithms = self.provider.signature_verification_algorithms;
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(OneKey { pin: to, algorithms }))
            .with_client_cert_resolver(Arc::new(rustls::client::AlwaysResolvesClientRawPublicKeys::new(
                self.key.clone(),
            )));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config.resumption = rustls::client::Resumption::disabled();
        config.enable_sni = false;
        Ok(Arc::new(config))
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({}, ***)", self.pin)
    }
}

/// Pin of the other end after a handshake.
pub(crate) fn pin_of(certificates: Option<&[CertificateDer<'_>]>) -> Option<Pin> {
    certificates?.first().map(|key| Pin::of(key))
}

fn signed(
    message: &[u8],
    key: &CertificateDer<'_>,
    dss: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    verify_tls13_signature_with_raw_key(message, &SubjectPublicKeyInfoDer::from(key.as_ref()), dss, algorithms)
}

fn only_13() -> Error {
    Error::General("TLS 1.3 only".into())
}

/// The site's view: this key and no other.
#[derive(Debug)]
struct OneKey {
    pin: Pin,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for OneKey {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if Pin::of(key) == self.pin {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(only_13())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signed(message, key, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// The authority's view: any key, proved to be held; what it may ask is decided by its pin.
#[derive(Debug)]
struct AnyKey {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for AnyKey {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(only_13())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signed(message, key, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
