//! Accounts from a file: what each row would do, and all of them in one transaction.
//!
//! Idempotent: a row whose account is there already as it says changes nothing, so that importing a file twice makes nothing new. A row
//! that differs from what is there is a fault and is never written over. One fault, and nothing of the file is taken. Initial
//! passwords are made here, shown once and never stored.

use crate::accounts::{AccountForm, check_form, taken_or};
use crate::{Actor, Site};
use base::{ErrorKind, Pii, Refusal, Sha256, Text};
use domain::access::{Permission, Role, Workplace};
use domain::account::import::{self, Fault};
use store::accounts::{Account, NewAccount};

/// What a row of the file would do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// An account is made.
    Make,
    /// It is there already, just so.
    There,
}

/// One row without fault, as a page may show it: the person masked.
#[derive(Clone, Debug)]
pub struct Line {
    /// Line of the file.
    pub line: u32,
    /// Login name.
    pub login: String,
    /// Name, masked.
    pub name: String,
    /// Badge, masked; empty for none.
    pub badge: String,
    /// Unit.
    pub unit: String,
    /// Role.
    pub role: Role,
    /// What it would do.
    pub fate: Fate,
}

/// What a file would do.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// Digest of the file.
    pub sha256: String,
    /// Rows without fault.
    pub lines: Vec<Line>,
    /// Faults, with the lines they are on.
    pub faults: Vec<Fault>,
    /// How many faults there are; `faults` holds the first ones.
    pub fault_count: usize,
}

impl Preview {
    /// How many accounts it would make.
    #[must_use]
    pub fn new_accounts(&self) -> usize {
        self.lines.iter().filter(|l| l.fate == Fate::Make).count()
    }
}

/// A new account with its one-time password, to be handed over once.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Login name.
    pub login: String,
    /// One-time password.
    pub password: Pii<String>,
}

/// Fifteen letters and digits without look-alikes in three groups: 72 bits (of 256 bytes nine give the likeliest letter). No sign
/// begins it: pasted into a spreadsheet, one that began with `+` would be a formula and shown as a fault.
///
/// # Errors
/// The system's random numbers.
pub fn one_time_password() -> Result<Pii<String>, Refusal> {
    const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let bytes: [u8; 15] = store::keys::random().map_err(store::StoreError::from)?;
    let groups = bytes
        .chunks(5)
        .map(|g| g.iter().map(|b| char::from(ALPHABET[usize::from(*b) % ALPHABET.len()])).collect::<String>());
    Ok(Pii::new(groups.collect::<Vec<_>>().join("-")))
}

fn is_there(row: &import::Row, account: &Account) -> bool {
    let badge = |b: Option<&Pii<String>>| b.map(|b| b.expose().clone()).unwrap_or_default();
    account.role == row.role
        && account.name.expose() == row.name.expose()
        && account.unit == row.unit
        && badge(account.badge.as_ref()) == badge(row.badge.as_ref())
}

impl Site {
    /// What the file would do at the server `here`; nothing is changed. A role of the other kind of server is a fault of its row.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn import_preview(&self, by: &Actor, file: &[u8], here: Workplace) -> Result<Preview, Refusal> {
        by.needs(Permission::ManageAccounts)?;
        Ok(self.read_import(file, Some(here)).await?.0)
    }

    /// Makes the accounts of the file, or none. `sha256` is that of the preview that the person confirmed.
    ///
    /// # Errors
    /// No permission, `import_faults`, `import_moved_on`, or the store.
    pub async fn import_accounts(
        &self,
        by: &Actor,
        file: &[u8],
        sha256: &str,
        here: Workplace,
    ) -> Result<Vec<Imported>, Refusal> {
        by.needs(Permission::ManageAccounts)?;
        if Sha256::of(file).hex() != sha256 {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "import_moved_on",
                Text::new(
                    "文件与刚才核对的不同，没有导入。",
                    "The file is not the one that was checked; nothing was imported.",
                ),
                Text::new("请重新上传并核对。", "Upload and check it again."),
            ));
        }
        self.import(Some((by, here)), file).await
    }

    /// Makes the accounts of the file without a person asking: only `jifang user import` on the machine itself calls this.
    ///
    /// # Errors
    /// `import_faults`, or the store.
    pub async fn import_accounts_locally(&self, file: &[u8]) -> Result<Vec<Imported>, Refusal> {
        self.import(None, file).await
    }

    /// What the file would do, without a person asking: for `jifang user import` on the machine itself.
    ///
    /// # Errors
    /// The store.
    pub async fn import_preview_locally(&self, file: &[u8]) -> Result<Preview, Refusal> {
        Ok(self.read_import(file, None).await?.0)
    }

    async fn read_import(&self, file: &[u8], here: Option<Workplace>) -> Result<(Preview, Vec<import::Row>), Refusal> {
        let mut table = import::read(file);
        let (seats, accounts) = (self.seats().await?, self.store().accounts().await?);
        let known: std::collections::HashMap<_, _> = accounts.iter().map(|a| (a.login.as_str(), a)).collect();
        let rows = std::mem::take(&mut table.rows);
        let (mut lines, mut wanted) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let fate = match known.get(row.login.as_str()) {
                None => Fate::Make,
                Some(account) if is_there(&row, account) => Fate::There,
                Some(_) => {
                    table.fault(
                        row.line,
                        "这个登录名已有账号，且姓名、角色、单位或警号不同；导入不会改动已有账号。",
                        "There is an account of this login name with another name, role, unit or badge; an import changes no account.",
                    );
                    continue;
                }
            };
            if let Some(elsewhere) = here.filter(|_| fate == Fate::Make).and_then(|here| here.gives(row.role).err()) {
                table.fault(row.line, elsewhere.what.zh, elsewhere.what.en);
                continue;
            }
            if fate == Fate::Make && seats.guards(row.role) {
                table.fault(
                    row.line,
                    "按小单位管理时，安全管理负责人要确认变更，不能批量导入，请在页面上逐个建立。",
                    "In a small site the security manager confirms changes: such an account is not imported, make it on the page.",
                );
                continue;
            }
            lines.push(Line {
                line: row.line,
                login: row.login.clone(),
                name: row.name.masked(),
                badge: row.badge.as_ref().map(|b| b.masked_tail(2)).unwrap_or_default(),
                unit: row.unit.clone(),
                role: row.role,
                fate,
            });
            if fate == Fate::Make {
                wanted.push(row);
            }
        }
        table.faults.sort_by_key(|f| f.line);
        let preview =
            Preview { sha256: Sha256::of(file).hex(), lines, faults: table.faults, fault_count: table.fault_count };
        Ok((preview, wanted))
    }

    async fn import(&self, by: Option<(&Actor, Workplace)>, file: &[u8]) -> Result<Vec<Imported>, Refusal> {
        let (preview, rows) = self.read_import(file, by.map(|(_, here)| here)).await?;
        if preview.fault_count > 0 {
            return Err(Refusal::bad_input(
                "import_faults",
                Text::of(
                    format!("文件有 {} 处问题，没有导入任何账号。", preview.fault_count),
                    format!(
                        "The file has {} {}; no account was imported.",
                        preview.fault_count,
                        base::plural(preview.fault_count, "fault", "faults")
                    ),
                ),
                Text::new("请逐条更正后重新上传。", "Correct them and upload the file again."),
            ));
        }
        if rows.is_empty() {
            return Ok(vec![]);
        }
        let (mut new, mut out): (Vec<NewAccount>, Vec<Imported>) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let password = one_time_password()?;
            let form = AccountForm {
                login: row.login,
                name: row.name,
                badge: row.badge,
                unit: row.unit,
                role: row.role,
                password: password.clone(),
            };
            check_form(&form)?;
            new.push(self.new_account(&form).await?);
            out.push(Imported { login: form.login, password });
        }
        let (by, now) = (by.map(|(actor, _)| actor.id), self.now().utc);
        self.store().add_accounts(&new, &preview.sha256, by, now).await.map_err(taken_or)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_password_is_text_wherever_it_is_pasted() {
        let all: std::collections::HashSet<_> = (0..500).map(|_| one_time_password().unwrap().into_inner()).collect();
        assert_eq!(all.len(), 500);
        for password in &all {
            let groups: Vec<_> = password.split('-').collect();
            assert!(groups.len() == 3 && groups.iter().all(|g| g.len() == 5), "{password}");
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            assert!(password.chars().all(|c| plain(c) || c == '-'), "{password}: a sign would begin a formula");
            assert!(domain::account::check_password("wu", password).is_ok(), "{password}");
        }
    }
}
