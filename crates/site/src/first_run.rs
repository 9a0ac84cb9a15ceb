//! The setup code: whoever sets up a fresh server shows that they can read its log or its data folder, not only that they reach its port.
//!
//! `open` makes the code while there is no account and writes it into `setup-code` in the data folder (mode 0600); the first run asks
//! for it; it goes with the first account. Invariants: without a code in the file nobody can set up from elsewhere; a code is never
//! shorter than [`GROUPS`] groups of random letters; what is compared is a hash, so that time tells nothing.

use crate::Site;
use base::{ErrorKind, Refusal, Sha256, Text};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use store::StoreError;
use store::keys;

/// Name of the file in the data folder.
const FILE: &str = "setup-code";
/// Letters and digits without look-alikes: 31 of them, so a code of twelve has 59 bits.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Groups of a code.
const GROUPS: usize = 3;
/// Letters of a group.
const LETTERS: usize = 4;
/// Most bytes of the file that are read.
const FILE_BYTES: u64 = 256;

/// A code as people type it: case and what stands between the letters do not count.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_ascii_uppercase()
}

fn is_code(plain: &str) -> bool {
    plain.len() == GROUPS * LETTERS && plain.bytes().all(|b| ALPHABET.contains(&b))
}

fn make() -> Result<String, StoreError> {
    let mut letters = Vec::new();
    while letters.len() < GROUPS * LETTERS {
        // Bytes from 248 on would make the first letters likelier.
        let fair = keys::random::<32>()?.into_iter().filter(|b| *b < 248);
        letters.extend(fair.map(|b| char::from(ALPHABET[usize::from(b) % ALPHABET.len()])));
    }
    let groups = letters.chunks(LETTERS).take(GROUPS).map(|group| group.iter().collect::<String>());
    Ok(groups.collect::<Vec<_>>().join("-"))
}

fn read(path: &Path) -> std::io::Result<Option<String>> {
    let mut text = String::new();
    match std::fs::File::open(path) {
        Ok(file) => file.take(FILE_BYTES).read_to_string(&mut text)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(text.trim().to_owned()).filter(|code| is_code(&plain(code))))
}

/// Writes whole or not at all; a crash leaves `setup-code.new`, which the next start writes anew.
fn write(path: &Path, code: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(format!("{code}\n").as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

fn wrong() -> Refusal {
    Refusal::new(
        ErrorKind::BadInput,
        "setup_code",
        Text::new("设置码不对。", "The setup code is not right."),
        Text::new(
            "请在服务器的日志或数据目录的 setup-code 文件中查看。",
            "It is in the server's log and in the file setup-code of its data folder.",
        ),
    )
}

impl Site {
    /// Where the code of the first run lies.
    #[must_use]
    pub fn setup_code_file(&self) -> PathBuf {
        self.store().data().join(FILE)
    }

    /// Makes the code of the first run while there is no account, or keeps the one of an earlier start; `None` once there is an account,
    /// and then a code that a crash left behind goes.
    ///
    /// # Errors
    /// The store, or a data folder that cannot be written.
    pub async fn open_first_run(&self) -> Result<Option<String>, StoreError> {
        let path = self.setup_code_file();
        if self.store().account_count().await? > 0 {
            forget(&path);
            return Ok(None);
        }
        let io = |source| StoreError::Io { path: path.display().to_string(), source };
        let code = match read(&path).map_err(io)? {
            Some(code) => code,
            None => {
                let code = make()?;
                write(&path, &code).map_err(io)?;
                code
            }
        };
        Ok(Some(code))
    }

    /// Is this the code of the first run?
    ///
    /// # Errors
    /// `setup_code`: it is not, or there is none.
    pub fn check_setup_code(&self, typed: &str) -> Result<(), Refusal> {
        let kept = read(&self.setup_code_file()).unwrap_or_else(|error| {
            tracing::error!(%error, "the setup code cannot be read");
            None
        });
        let kept = kept.ok_or_else(wrong)?;
        let same = Sha256::of(plain(&kept).as_bytes()) == Sha256::of(plain(typed).as_bytes());
        if same { Ok(()) } else { Err(wrong()) }
    }

    /// The first account is made: the code goes. A crash before this leaves a file that opens nothing, for the first run is over; the
    /// next start removes it.
    pub(crate) fn end_first_run(&self) {
        forget(&self.setup_code_file());
    }
}

fn forget(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "the setup code cannot be removed; it opens nothing any more");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::AccountForm;
    use crate::{Profile, SiteClock, SiteConfig};
    use base::Pii;
    use domain::access::Role;
    use store::{Store, StoreConfig};

    async fn site(data: &Path) -> Site {
        let clock = SiteClock::start();
        let config = StoreConfig { data: data.to_path_buf(), ..StoreConfig::default() };
        let store = Store::open(&config, clock.now().utc).await.unwrap();
        Site::offline(store, SiteConfig::default(), clock).await.unwrap()
    }

    #[tokio::test]
    async fn the_code_is_kept_over_starts_and_goes_with_the_first_account() {
        let dir = tempfile::tempdir().unwrap();
        let first = site(dir.path()).await;
        assert!(first.check_setup_code("").is_err(), "nobody opened the first run");
        let code = first.open_first_run().await.unwrap().unwrap();
        assert_eq!((code.len(), code.matches('-').count()), (14, 2), "{code}");
        first.stop().await;
        drop(first);

        let site = site(dir.path()).await;
        assert_eq!(site.open_first_run().await.unwrap().as_deref(), Some(code.as_str()), "kept");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(site.setup_code_file()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        for good in [code.clone(), code.to_lowercase(), code.replace('-', " "), format!(" {} ", code.replace('-', ""))]
        {
            assert!(site.check_setup_code(&good).is_ok(), "{good}");
        }
        let longer = format!("{code}2");
        for bad in ["", "-", &code[..13], longer.as_str(), "AAAA-AAAA-AAAA"] {
            assert_eq!(site.check_setup_code(bad).unwrap_err().code, "setup_code", "{bad}");
        }
        std::fs::write(site.setup_code_file(), "AB\n").unwrap();
        assert!(site.check_setup_code("AB").is_err(), "a file somebody emptied opens nothing");
        let renewed = site.open_first_run().await.unwrap().unwrap();
        assert_ne!(renewed, code);

        let form = AccountForm {
            login: "admin".into(),
            name: Pii::new("管理员".into()),
            badge: None,
            unit: String::new(),
            role: Role::Administrator,
            password: Pii::new("four unrelated words".into()),
        };
        site.set_up(&form, Profile { name: "示范酒店".into(), ..Profile::default() }).await.unwrap();
        assert!(!site.setup_code_file().exists() && site.check_setup_code(&renewed).is_err());
        std::fs::write(site.setup_code_file(), &renewed).unwrap();
        assert_eq!(site.open_first_run().await.unwrap(), None);
        assert!(!site.setup_code_file().exists(), "what a crash left is cleared away");
    }

    #[test]
    fn codes_are_read_back_and_differ() {
        let codes: std::collections::HashSet<_> = (0..200).map(|_| make().unwrap()).collect();
        assert_eq!(codes.len(), 200);
        assert!(codes.iter().all(|code| is_code(&plain(code))));
        assert!(!is_code("ABCD") && !is_code("IIII00001111") && !is_code(&"2".repeat(13)));
    }
}
