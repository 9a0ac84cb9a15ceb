//! Which law this server answers by: chosen at the start, in the log since when, a notice where it is not the one that was asked for.
//!
//! ```text
//! folder of the configuration ─▶ check ─┬─ holds ─▶ in use
//!                                       └─ does not ─▶ the folder's packs as they were taken last, else the program's + notice
//! no folder ─▶ the program's own packs
//! ```
//!
//! Always true: a folder that does not hold stops no recording; what is asked of the law is answered by packs that passed the check, and
//! the log tells which.

use crate::Site;
use base::{Text, UtcMs};
use law::{Gate, Judged, LawDigest, PackError, Packs};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use store::law_packs::LawInUse;
use store::{Store, StoreError};

/// Code of the notice about a folder that does not hold.
const NOTICE: &str = "law_folder";

/// Path below the folder to text.
pub type LawFiles = BTreeMap<String, String>;

/// The law a server starts with.
pub struct ChosenLaw {
    /// Answers by it.
    pub gate: Gate,
    /// Its packs, when they came from a folder, today or earlier.
    pub(crate) files: Option<LawFiles>,
    /// Why the folder is not used.
    pub(crate) fault: Option<Text>,
}

/// The files of the law in use, and what stands against each other in them, looked for once: they never change while the site runs.
pub(crate) struct Judging {
    /// None: the program's own.
    files: Option<LawFiles>,
    findings: OnceLock<Vec<Judged>>,
}

impl Judging {
    pub(crate) fn of(files: Option<LawFiles>) -> Self {
        Self { files, findings: OnceLock::new() }
    }
}

impl ChosenLaw {
    /// The program's own packs.
    ///
    /// # Errors
    /// A test holds that there is none.
    pub fn of_program() -> Result<Self, law::PackError> {
        Ok(Self { gate: Gate::embedded()?, files: None, fault: None })
    }

    /// Chooses: `read` is the folder as it could be read, none without one.
    ///
    /// # Errors
    /// The database; packs that are kept and do not load; never a folder that does not hold.
    pub async fn of(read: Option<Result<LawFiles, String>>, store: &Store) -> Result<Self, crate::SiteError> {
        let Some(read) = read else { return Ok(Self::of_program()?) };
        let fault = match read.and_then(|files| checked(&files).map(|gate| (gate, files))) {
            Ok((gate, files)) => return Ok(Self { gate, files: Some(files), fault: None }),
            Err(fault) => fault,
        };
        let told = |zh: &str, en: &str| {
            Some(Text::of(
                format!(
                    "配置的规则包文件夹没有通过检查，{zh}：{fault} 请用 jifang law check --packs 检查，改正后重新启动服务。"
                ),
                format!(
                    "The configured folder of law packs does not pass the check; {en}: {fault} Check it with `jifang law check --packs`, mend it and restart the server."
                ),
            ))
        };
        let before = store.law_in_use().await.map_err(StoreError::from)?.filter(|law| law.from_folder);
        if let Some(before) = before
            && let Some(files) = store.kept_law(&before.digest.all).await.map_err(StoreError::from)?
            // A later program may ask more of packs than these can say.
            && let Ok(gate) = checked(&files)
        {
            let fault = told("继续使用上次通过检查的规则包", "the packs that passed last stay in use");
            return Ok(Self { gate, files: Some(files), fault });
        }
        Ok(Self {
            fault: told("改用程序自带的规则包", "the program's own packs are used"), ..Self::of_program()?
        })
    }
}

/// A gate over packs that load, that hold between each other, and whose cases give their answers.
///
/// # Errors
/// The first defect in one line: file, line, clause, what.
pub fn checked(files: &LawFiles) -> Result<Gate, String> {
    let packs = Packs::from_files(files).map_err(|e| e.to_string())?;
    let findings = packs.check_between(files).map_err(|e| e.to_string())?;
    if let Some(open) = findings.iter().find(|j| j.is_open()) {
        return Err(format!("{}.", open.finding));
    }
    let gate = Gate::new(packs).map_err(|e| e.to_string())?;
    if let Some(failure) = gate.run_cases().first() {
        return Err(format!("{}: {}: {}.", failure.file, failure.case, failure.what));
    }
    Ok(gate)
}

impl Site {
    /// Findings between the packs in use, judged by their own list of what was accepted.
    ///
    /// # Errors
    /// That list cannot be read; packs in use passed the check, so it could be.
    pub fn law_findings(&self) -> Result<&[Judged], PackError> {
        let law = &self.0.law;
        if let Some(found) = law.findings.get() {
            return Ok(found);
        }
        let packs = self.gate().packs();
        let found = match &law.files {
            Some(files) => packs.check_between(files)?,
            None => packs.check_between(&law::embedded_files())?,
        };
        Ok(law.findings.get_or_init(|| found))
    }

    /// Which law is in use; none on a server that never started with this feature.
    ///
    /// # Errors
    /// The database.
    pub async fn law_in_use(&self) -> Result<Option<LawInUse>, StoreError> {
        Ok(self.store().law_in_use().await?)
    }

    /// Records the law of this start when it is another than before, and tells people when it is not the one they asked for.
    pub(crate) async fn tell_law(&self, fault: Option<&Text>) -> Result<(), StoreError> {
        let files = self.0.law.files.as_ref();
        let now: UtcMs = self.now().utc;
        let digest: &LawDigest = self.gate().packs().digest();
        let before = self.store().law_in_use().await?;
        if before.is_none_or(|b| b.digest.all != digest.all || b.from_folder != files.is_some()) {
            self.store().use_law(digest, files, now).await?;
        }
        match fault {
            Some(text) => {
                tracing::error!(what = %text.en, "law folder");
                // The words of the fault of today, not of the last start.
                self.store().clear(NOTICE, None, now).await?;
                self.store().raise(1, NOTICE, None, text, now).await?;
            }
            None => {
                self.store().clear(NOTICE, None, now).await?;
            }
        }
        Ok(())
    }
}
