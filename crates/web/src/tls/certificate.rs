//! A certificate with its key: read from PEM and examined, or made by this server for itself.
//!
//! Invariants: what comes out has a chain whose first certificate belongs to the key; files are bounded; the server's own file holds
//! certificate and key together, so that a crash never leaves one without the other, and only its owner can read it.

use base::{Sha256, Text, UtcMs};
use base64::Engine;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use x509_cert::der::Decode;

/// Largest PEM file, bytes: a chain and its key take a few thousand.
const FILE_BYTES: u64 = 256 * 1024;
/// Most certificates of one chain.
const CHAIN: usize = 10;
/// How long an own certificate is good, days: the longest that all browsers take, also where a person trusts it by hand (825).
const OWN_DAYS: u64 = 825;
/// Days before its end at which an own certificate is made anew.
pub(super) const RENEW_DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;

/// A certificate that can be shown to browsers.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    /// Chain and key.
    pub(super) key: Arc<CertifiedKey>,
    /// SHA-256 of the first certificate: what browsers show as its fingerprint.
    pub(super) fingerprint: Sha256,
    /// Good from.
    pub(super) from: UtcMs,
    /// Good until.
    pub(super) until: UtcMs,
}

impl Certificate {
    /// Whole days until it ends; below 0 when it has ended.
    pub(super) fn days_left(&self, now: UtcMs) -> i64 {
        (self.until.0 - now.0).div_euclid(DAY_MS)
    }

    /// Not good yet, ended, or close to its end.
    pub(super) fn wants_renewal(&self, now: UtcMs) -> bool {
        now < self.from || self.days_left(now) < RENEW_DAYS
    }

    fn answers_to(&self, names: &[String]) -> bool {
        let Some(parsed) = self.key.cert.first().and_then(|der| ParsedCertificate::try_from(der).ok()) else {
            return false;
        };
        names.iter().all(|name| {
            ServerName::try_from(name.as_str())
                .is_ok_and(|name| rustls::client::verify_server_name(&parsed, &name).is_ok())
        })
    }
}

/// What is wrong, with the file it is wrong in.
fn fault(path: &Path, zh: &str, en: &str) -> Text {
    Text::of(format!("{}：{zh}", path.display()), format!("{}: {en}", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>, Text> {
    let broken =
        |error: std::io::Error| fault(path, &format!("无法读取（{error}）"), &format!("cannot be read ({error})"));
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(broken)?.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(broken)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(fault(path, "文件太大，不是证书或私钥", "too large for a certificate or key"));
    }
    Ok(bytes)
}

/// Reads a chain from `certificate` and its key from `key`; both may be one file.
pub(super) fn load(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<Certificate, Text> {
    let no_chain = || fault(certificate, "里面没有 PEM 格式的证书", "no certificate in PEM form in it");
    let mut chain = Vec::new();
    for der in CertificateDer::pem_slice_iter(&read(certificate)?) {
        if chain.len() == CHAIN {
            return Err(fault(certificate, "证书链过长", "the chain is too long"));
        }
        chain.push(der.map_err(|_| no_chain())?);
    }
    let first = chain.first().ok_or_else(no_chain)?;
    let unread = || fault(certificate, "证书内容无法识别", "the certificate cannot be understood");
    let parsed = x509_cert::Certificate::from_der(first).map_err(|_| unread())?;
    ParsedCertificate::try_from(first).map_err(|_| unread())?;
    let validity = parsed.tbs_certificate().validity();
    let instant =
        |at: x509_cert::time::Time| UtcMs(i64::try_from(at.to_unix_duration().as_millis()).unwrap_or(i64::MAX));
    let (from, until) = (instant(validity.not_before), instant(validity.not_after));
    let fingerprint = Sha256::of(first);
    let secret = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| {
        fault(
            key,
            "里面没有 PEM 格式的私钥（加密的私钥不能使用）",
            "no private key in PEM form in it (an encrypted one cannot be used)",
        )
    })?;
    let signer = provider.key_provider.load_private_key(secret);
    let signer = signer.map_err(|_| fault(key, "不支持这种私钥", "this kind of private key is not supported"))?;
    let pair = CertifiedKey::new(chain, signer);
    match pair.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {}
        Err(_) => return Err(fault(key, "私钥与证书不是一对", "the key does not belong to the certificate")),
    }
    Ok(Certificate { key: Arc::new(pair), fingerprint, from, until })
}

/// The server's own certificate in `path`: the one that is there, or a new one where there is none, it ends soon, cannot be read or
/// does not name all of `names`.
pub(super) fn own(path: &Path, names: &[String], now: UtcMs, provider: &CryptoProvider) -> Result<Certificate, Text> {
    let kept = load(path, path, provider).ok();
    if let Some(kept) = kept.filter(|c| !c.wants_renewal(now) && c.answers_to(names)) {
        return Ok(kept);
    }
    let pem = make(names, now).map_err(|error| {
        fault(path, &format!("无法生成证书（{error}）"), &format!("a certificate cannot be made ({error})"))
    })?;
    write(path, pem.as_bytes())
        .map_err(|error| fault(path, &format!("无法写入（{error}）"), &format!("cannot be written ({error})")))?;
    load(path, path, provider)
}

fn make(names: &[String], now: UtcMs) -> Result<String, rcgen::Error> {
    let mut params = rcgen::CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "jifang");
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    // A day back: a browser whose clock is a little behind takes it at once.
    let from_s = u64::try_from(now.0 / 1_000).unwrap_or(0).saturating_sub(86_400);
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(from_s);
    params.not_after = params.not_before + Duration::from_secs(OWN_DAYS * 86_400);
    let key = rcgen::KeyPair::generate()?;
    let made = params.self_signed(&key)?;
    Ok(armour("CERTIFICATE", made.der()) + &armour("PRIVATE KEY", key.serialized_der()))
}

/// PEM (RFC 7468).
fn armour(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            out.push('\n');
        }
        out.push(letter);
    }
    out + &format!("\n-----END {label}-----\n")
}

/// Writes whole or not at all. A crash leaves `pages.new`, which the next start writes anew; the old file is good until the rename.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    // What a crash left may have other rights than those below.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use rustls::crypto::aws_lc_rs::default_provider;
    use std::path::PathBuf;

    pub(in super::super) const NOW: UtcMs = UtcMs(1_790_000_000_000);

    /// A certificate and its key in two files, as an authority would give them.
    pub(in super::super) fn given(folder: &Path, name: &str, from: UtcMs) -> (PathBuf, PathBuf) {
        let pem = make(&["site.example".to_owned()], from).unwrap();
        let at = pem.find("-----BEGIN PRIVATE KEY").unwrap();
        let files = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.key")));
        std::fs::write(&files.0, &pem[..at]).unwrap();
        std::fs::write(&files.1, &pem[at..]).unwrap();
        files
    }

    #[test]
    fn an_own_certificate_is_made_once_kept_and_renewed_before_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pages.pem");
        let names = ["localhost", "192.0.2.1", "::1"].map(str::to_owned);
        let of = |names: &[String], now| own(&path, names, now, &default_provider()).unwrap();
        let first = of(&names, NOW);
        assert_eq!((first.days_left(NOW), first.from.0), (824, NOW.0 - DAY_MS));
        assert_eq!(of(&names, NOW).fingerprint, first.fingerprint, "kept");
        let almost = NOW.plus_ms((824 - RENEW_DAYS) * DAY_MS);
        assert_eq!(of(&names, almost).fingerprint, first.fingerprint, "{RENEW_DAYS} days are left");
        let second = of(&names, almost.plus_ms(1));
        assert_ne!(second.fingerprint, first.fingerprint, "a moment later it is renewed");
        assert_eq!(second.days_left(almost), 824);
        let third = of(&names, NOW);
        assert_ne!(third.fingerprint, second.fingerprint, "one from the future (a wrong clock) is not good");
        let more = [names.as_slice(), &["jifang.example".to_owned()]].concat();
        assert_ne!(of(&more, NOW).fingerprint, third.fingerprint, "a new name needs a new certificate");
        std::fs::write(&path, "torn").unwrap();
        assert_eq!(of(&names, NOW).days_left(NOW), 824, "a file that is damaged is replaced");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn faults_of_given_files_are_told_with_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let (crt, key) = given(dir.path(), "a", NOW);
        let (_, other) = given(dir.path(), "b", NOW);
        let provider = default_provider();
        let told = |crt: &Path, key: &Path| load(crt, key, &provider).unwrap_err().en;
        assert!(load(&crt, &key, &provider).is_ok());
        assert!(told(&crt, &other).ends_with("b.key: the key does not belong to the certificate"));
        assert!(told(&dir.path().join("none"), &key).contains("none: cannot be read"));
        assert!(told(&key, &key).contains("no certificate in PEM form"));
        assert!(told(&crt, &crt).contains("no private key in PEM form"));
        let bad = dir.path().join("bad");
        let whole = std::fs::read_to_string(&crt).unwrap();
        std::fs::write(&bad, whole.repeat(CHAIN)).unwrap();
        assert!(load(&bad, &key, &provider).is_ok(), "{CHAIN} are a chain");
        std::fs::write(&bad, whole.repeat(CHAIN + 1)).unwrap();
        assert!(told(&bad, &key).contains("too long"));
        std::fs::write(&bad, vec![b'\n'; usize::try_from(FILE_BYTES).unwrap() + 1]).unwrap();
        assert!(told(&bad, &key).contains("too large"));
        std::fs::write(&bad, armour("CERTIFICATE", b"nonsense")).unwrap();
        assert!(told(&bad, &key).contains("cannot be understood"));
        for cut in (0..whole.len()).step_by(7) {
            std::fs::write(&bad, &whole[..cut]).unwrap();
            assert!(load(&bad, &key, &provider).is_err(), "cut at {cut}");
        }
        std::fs::write(&bad, armour("PRIVATE KEY", b"nonsense")).unwrap();
        assert!(told(&crt, &bad).contains("not supported"));
    }
}
