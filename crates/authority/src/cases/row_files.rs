//! Files of rows of registers that are kept by hand (the archive of drawings and data): put in, opened for a reason, taken out.
//!
//! ```text
//! upload ─▶ own office, level that takes files (law::RegisterForm::files_of), kind by the first bytes ─▶ Store::put_row_file
//! open   ─▶ who handles or decides: of any office for the form's first level, of the row's own for the others ─▶ reason
//!           ─▶ entry `register.file_opened` ─▶ bytes
//! out    ─▶ own office, reason ─▶ Store::remove_row_file
//! ```
//! Always true: what is a state secret is not put in and, where a row turned out to be one, not opened: it is taken out; no file is opened without an
//! entry before its first byte; a file is handed out as a download alone.

use super::bad;
use super::upload::Upload;
use crate::{Authority, By};
use base::{ErrorKind, OfficeId, Refusal, Sha256, Text};
use domain::access::Permission;
use law::RegisterForm;
use store::StoreError;
use store::casework::registers::RowVersion;
use store::casework::row_files::{NewRowFile, RowFile, RowFilePut};
use store::ledger_log::ActLine;

/// Reasons for which a file is opened or taken out, in the order shown: word, Chinese, English.
const REASONS: [(&str, &str, &str); 6] = [
    ("inspect", "监督检查", "to inspect"),
    ("accept", "检验、验收", "to test or accept"),
    ("case", "办理案件", "to handle a case"),
    ("keep", "保管、核对", "to keep or compare it"),
    ("wrong", "误存，予以清除", "put in by mistake, taken out"),
    ("secret", "属于涉密资料，予以清除", "it is secret, taken out"),
];

/// Reasons for which a file of a row is opened or taken out: word and name.
#[must_use]
pub fn file_reasons() -> Vec<(&'static str, Text)> {
    REASONS.iter().map(|r| (r.0, Text::new(r.1, r.2))).collect()
}

fn reason_of(word: &str) -> Result<(&'static str, Text), Refusal> {
    let found = REASONS.iter().find(|r| r.0 == word);
    let (word, zh, en) = found.ok_or_else(|| bad("reason", Text::new("请选择事由。", "Choose a reason.")))?;
    Ok((*word, Text::new(zh, en)))
}

/// The files of a row, as far as somebody may know of them.
#[derive(Clone, Debug)]
pub struct RowFiles {
    /// The newest version of the row.
    pub row: RowVersion,
    /// Its level, in words.
    pub level: Text,
    /// Files are kept at this level.
    pub takes: bool,
    /// The reader may put files in and take them out.
    pub may_keep: bool,
    /// The reader may open them.
    pub may_open: bool,
    /// The files; none where the reader may not open them.
    pub files: Vec<RowFile>,
}

fn not_taken() -> Refusal {
    bad(
        "secret_not_kept",
        Text::new(
            "涉密资料不得存入本系统，只登记目录；资料另按保密规定存放。",
            "Secret papers are not put into this system at all: only their catalogue is. They are kept under the rules on secrecy.",
        ),
    )
}

fn shut() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "other_office",
        Text::new(
            "按这一密级，只有登记的机构可以打开文件。",
            "At this level only the office that entered the row opens its files.",
        ),
        Text::new("请由登记的机构办理。", "Ask that office."),
    )
}

fn moved_on() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "row_moved_on",
        Text::new("该记录在您打开之后又有了新的版本。", "The row has a newer version than the one you opened."),
        Text::new("请刷新页面后再提交。", "Reload the page and submit again."),
    )
}

/// The word of the level of a row.
fn level_of(form: &RegisterForm, row: &RowVersion) -> String {
    let (open, sealed) = super::row_columns(row);
    let id = form.level.as_str();
    [&sealed[id], &open[id]].into_iter().find_map(|value| value.as_str()).unwrap_or_default().to_owned()
}

/// A row whose form keeps files, with its form and the word of its level.
struct Filed<'a> {
    form: &'a RegisterForm,
    row: RowVersion,
    level: String,
    /// The office of who asks.
    office: Option<OfficeId>,
}

impl Filed<'_> {
    fn is_own(&self) -> bool {
        self.office.is_some() && self.office == self.row.office
    }

    fn takes(&self) -> bool {
        self.form.keeps_file(&self.level)
    }

    fn may_open(&self, by: By) -> bool {
        let works = by.role.may(Permission::HandleCases) || by.role.may(Permission::ApproveCases);
        let reads = self.is_own() || (self.office.is_some() && !self.form.is_confidential(&self.level));
        works && reads && self.takes()
    }
}

impl Authority {
    async fn filed(&self, by: By, register: &str, row: &str) -> Result<Filed<'_>, Refusal> {
        let gone = || Refusal::not_found("该记录", "row");
        let office = self.register_office(by).await?;
        let form = self.row_form(register).await.map_err(|_| gone())?;
        if form.files_of.is_empty() {
            return Err(gone());
        }
        let newest = self.store().register_history(register, row).await?.into_iter().next().ok_or_else(gone)?;
        let level = level_of(form, &newest);
        Ok(Filed { form, row: newest, level, office })
    }

    /// The files of a row.
    ///
    /// # Errors
    /// No permission; `not_found` also where the register keeps no files; or the store.
    pub async fn row_files(&self, by: By, register: &str, row: &str) -> Result<RowFiles, Refusal> {
        let filed = self.filed(by, register, row).await?;
        let (may_open, is_own, takes) = (filed.may_open(by), filed.is_own(), filed.takes());
        let may_keep = is_own && by.role.may(Permission::HandleCases);
        // Whoever takes a file out of a row that turned out to be secret sees that it is there.
        let files = if may_open || may_keep { self.store().row_files(register, row).await? } else { Vec::new() };
        let choice = filed.form.field(&filed.form.level).and_then(|field| field.choice(&filed.level));
        let level = choice.map(|c| Text::of(c.zh.clone(), c.en.clone())).unwrap_or_default();
        Ok(RowFiles { row: filed.row, level, takes, may_keep, may_open, files })
    }

    /// Keeps a file of a row, of the version that was seen; the place of its entry.
    ///
    /// # Errors
    /// No permission; `not_found`, `other_office`, `secret_not_kept`; the file (`paper_size`, `paper_kind`, `paper_disguised`); `row_moved_on`,
    /// `file_there`, `files_full`; or the store.
    pub async fn keep_row_file(
        &self,
        by: By,
        (register, row, seen): (&str, &str, u32),
        upload: Upload,
    ) -> Result<u64, Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let filed = self.filed(by, register, row).await?;
        if !filed.is_own() {
            return Err(shut());
        }
        if !filed.takes() {
            return Err(not_taken());
        }
        upload.kind()?;
        let new = NewRowFile {
            register: register.to_owned(),
            row: row.to_owned(),
            version: seen,
            level: filed.level,
            name: upload.name,
            bytes: upload.bytes,
        };
        match self.store().put_row_file(&new, account, self.now()).await? {
            RowFilePut::Done(entry) => Ok(entry),
            RowFilePut::MovedOn => Err(moved_on()),
            RowFilePut::There => {
                Err(bad("file_there", Text::new("这条记录已经附过这份文件。", "The row has, or had, this very file.")))
            }
            RowFilePut::Full => Err(bad(
                "files_full",
                Text::new("这条记录所附的文件已达上限。", "The row has as many files as are kept."),
            )),
        }
    }

    /// Bytes of a file of a row, after the entry of who opened it and why is committed.
    ///
    /// # Errors
    /// No permission; `not_found`, `other_office`, `secret_not_kept` (the row is of a level of which no files are kept), `reason`; or the store.
    pub async fn open_row_file(
        &self,
        by: By,
        (register, row, sha256): (&str, &str, Sha256),
        reason: &str,
    ) -> Result<(RowFile, Vec<u8>), Refusal> {
        let gone = || Refusal::not_found("这份文件", "file");
        let filed = self.filed(by, register, row).await?;
        if !filed.takes() {
            return Err(not_taken());
        }
        if !filed.may_open(by) {
            return Err(shut());
        }
        let (word, why) = reason_of(reason)?;
        let files = self.store().row_files(register, row).await?.into_iter();
        let file = files.filter(|f| f.removed.is_none()).find(|f| f.sha256 == sha256).ok_or_else(gone)?;
        let text = Text::of(
            format!("打开登记簿的一份文件：{}。", why.zh),
            format!("A file of a row of a register opened, {}.", why.en),
        );
        let body = serde_json::json!({
            "register": register, "row": row, "version": filed.row.version, "sha256": sha256, "level": filed.level, "reason": word,
            "by": by.account,
        });
        let act = ActLine::done(Some(by.account), text);
        self.store().log("register.file_opened", self.now(), body, act).await.map_err(StoreError::from)?;
        let bytes = self.store().row_file_bytes(register, row, sha256).await?.ok_or_else(gone)?;
        Ok((file, bytes))
    }

    /// Takes a file of a row out: its bytes are gone, its digest stays in the log.
    ///
    /// # Errors
    /// No permission; `not_found`, `other_office`, `reason`; or the store.
    pub async fn remove_row_file(
        &self,
        by: By,
        (register, row, sha256): (&str, &str, Sha256),
        reason: &str,
    ) -> Result<(), Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let filed = self.filed(by, register, row).await?;
        if !filed.is_own() {
            return Err(shut());
        }
        let (word, _) = reason_of(reason)?;
        let done = self.store().remove_row_file((register, row, sha256), (account, word), self.now()).await?;
        if done { Ok(()) } else { Err(Refusal::not_found("这份文件", "file")) }
    }

    /// A row with files does not become one of a level of which none are kept.
    pub(super) async fn files_allow(
        &self,
        form: &RegisterForm,
        row: Option<&str>,
        level: Option<&str>,
    ) -> Result<(), Refusal> {
        let (Some(row), Some(level)) = (row, level) else { return Ok(()) };
        if form.files_of.is_empty() || form.keeps_file(level) || !self.store().has_row_file(&form.id, row).await? {
            return Ok(());
        }
        let what = Text::new(
            "这条记录附有文件：改为涉密之前，请先清除所附的文件。",
            "Files are kept of this row: take them out before it becomes secret.",
        );
        Err(bad(&form.level, what))
    }
}
