//! Asks a running server of this machine what it says of itself: for the command line, in clear or over the server's own TLS.
//!
//! One question, one connection, an answer of bounded length in bounded time. Over TLS only a server is believed that holds the key of a
//! certificate which lies here in a file: the given one, or the one that this program made for it. Names and ends do not matter then (a
//! certificate that has ended is just what somebody may be asking for help with), nor who issued it.

use crate::tls::{Source, TlsConfig};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longest answer that is taken over, bytes.
const ANSWER_BYTES: u64 = 2 * 1024 * 1024;
/// Longest wait for each step.
const WAIT: Duration = Duration::from_secs(5);

/// What the server that listens at `listen` answers to `GET path`: status line and body, or in words why there is no answer. `tls` is how
/// it serves pages, `keys` its folder of keys. Blocks.
#[must_use]
pub fn ask(listen: SocketAddr, tls: Option<&TlsConfig>, keys: &Path, path: &str) -> String {
    let host = match listen.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let known = tls.map(|config| known(config, keys));
    if known.as_ref().is_some_and(Vec::is_empty) {
        return "no answer: the server's certificate cannot be read here".into();
    }
    match answer(SocketAddr::new(host, listen.port()), known, path) {
        Ok(answer) => {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
            format!("{}\n{body}", head.lines().next().unwrap_or_default())
        }
        Err(error) => format!("no answer: {error}"),
    }
}

/// The certificates that the server may show: the given one, and its own, which stands in for one that cannot be used.
fn known(config: &TlsConfig, keys: &Path) -> Vec<CertificateDer<'static>> {
    let given = match &config.source {
        Source::Files { certificate, .. } => Some(certificate.clone()),
        Source::Generated => None,
    };
    let files = given.into_iter().chain([keys.join("pages.pem")]);
    files.filter_map(|file| CertificateDer::from_pem_file(file).ok()).collect()
}

fn answer(to: SocketAddr, known: Option<Vec<CertificateDer<'static>>>, path: &str) -> io::Result<String> {
    let stream = TcpStream::connect_timeout(&to, WAIT)?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.set_write_timeout(Some(WAIT))?;
    match known {
        None => talk(stream, path),
        Some(known) => {
            let session = ClientConnection::new(client(known).map_err(io::Error::other)?, ServerName::from(to.ip()));
            talk(StreamOwned::new(session.map_err(io::Error::other)?, stream), path)
        }
    }
}

fn talk(mut stream: impl Read + Write, path: &str) -> io::Result<String> {
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    stream.flush()?;
    let mut bytes = Vec::new();
    match stream.take(ANSWER_BYTES).read_to_end(&mut bytes) {
        // The end without TLS's own word for it: what came is what there was to say.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !bytes.is_empty() => {}
        other => drop(other?),
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn client(known: Vec<CertificateDer<'static>>) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(OnFile { known, algorithms }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// One of these certificates and no other, with proof of its key.
#[derive(Debug)]
struct OnFile {
    known: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for OnFile {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.known.iter().any(|known| known.as_ref() == shown.as_ref()) {
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
        Err(Error::General("TLS 1.3 only".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
