//! Accounts from a file: upload, what each row would do, and the one-time passwords, shown once.

use super::{AppBar, FormErrors, Say};
use askama::Template;
use base::{Lang, Text};

/// One row of the file, its person masked.
#[derive(Debug, Clone)]
pub struct ImportLine {
    /// Line of the file.
    pub line: u32,
    /// Login name.
    pub login: String,
    /// Name, masked.
    pub name: String,
    /// Unit and badge, the badge masked.
    pub unit: String,
    /// Role.
    pub role: Text,
    /// An account is made; else it is there already.
    pub makes: bool,
}

/// What is wrong with a line.
#[derive(Debug, Clone)]
pub struct ImportFault {
    /// Line of the file.
    pub line: u32,
    /// What is wrong.
    pub what: Text,
}

/// `GET /accounts/import`, posted to the same path (`file`); the preview posts to `/accounts/import/confirm` (`sha256`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "import.html")]
pub struct ImportPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// A file was read: the preview is shown.
    pub checked: bool,
    /// Digest of the file.
    pub sha256: String,
    /// Rows without fault.
    pub lines: Vec<ImportLine>,
    /// How many accounts it would make.
    pub new_accounts: usize,
    /// Faults, first ones.
    pub faults: Vec<ImportFault>,
    /// How many there are.
    pub fault_count: usize,
    /// Accounts that were made: login name and one-time password, shown once.
    pub made: Vec<(String, String)>,
    /// Roles a file may give, each as the column may say it.
    pub roles: Vec<Text>,
}

impl ImportPage {
    /// Everything that was made as lines of a table, to be copied.
    #[must_use]
    pub fn made_text(&self) -> String {
        self.made.iter().map(|(login, password)| format!("{login}\t{password}\n")).collect()
    }
}
