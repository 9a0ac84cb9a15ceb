//! The copy that officers take along: parts, one click each; size and digests; the verification; removal.

use super::use_request::ScopeCamera;
use super::{AppBar, FormErrors, Say, words};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// How far an export is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ExportState {
    /// Nothing made yet: the form offers it.
    #[default]
    None,
    /// Being made; per cent done.
    Running(u8),
    /// Ready.
    Ready,
    /// It failed, with what and next.
    Failed(Text),
    /// Its file was removed, with when and why.
    Removed(Text),
}

/// A part of a request (or a range of one's own), and the export of it.
#[derive(Debug, Clone, Default)]
pub struct PartLine {
    /// Counts from 1; 0 for a range of one's own.
    pub number: usize,
    /// Cameras: id and name.
    pub cameras: Vec<(String, String)>,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// About how large it will be, or is, bytes.
    pub size_bytes: u64,
    /// How far its export is.
    pub state: ExportState,
    /// Its export; empty before one was begun.
    pub export: String,
    /// It is the one shown in detail.
    pub shown: bool,
}

impl PartLine {
    /// Names of the cameras, the first few.
    #[must_use]
    pub fn names(&self, l: &Lang) -> String {
        let some: Vec<_> = self.cameras.iter().take(4).map(|c| c.1.as_str()).collect();
        let more = if self.cameras.len() > 4 { format!(" +{}", self.cameras.len() - 4) } else { String::new() };
        format!("{}{more}", some.join(l.t("、", ", ")))
    }

    /// Length of its range, ms.
    #[must_use]
    pub fn range_ms(&self) -> i64 {
        self.to.since(self.from)
    }

    /// It can be begun (again).
    #[must_use]
    pub const fn can_begin(&self) -> bool {
        matches!(self.state, ExportState::None | ExportState::Failed(_) | ExportState::Removed(_))
    }
}

/// One export in detail.
#[derive(Debug, Clone, Default)]
pub struct ExportDetail {
    /// What it covers and how far it is.
    pub part: PartLine,
    /// File name.
    pub file: String,
    /// SHA-256 of the whole file, hexadecimal.
    pub sha256: String,
    /// SM3 of the whole file, hexadecimal; empty for old ones.
    pub sm3: String,
    /// Where to download.
    pub href: String,
    /// What the verification at the making found, a line each.
    pub report: Vec<(Text, String)>,
    /// When it was verified.
    pub verified: Option<UtcMs>,
    /// Cameras in it, with what there is of them.
    pub cameras: Vec<ScopeCamera>,
    /// First instant at which its file goes by itself.
    pub kept_until: Option<UtcMs>,
    /// Entry of the log that says it was made.
    pub log_index: Option<u64>,
}

/// `GET /use/{id}/export?export=` (also `camera`, `from`, `to` of a range chosen on the timeline). A part is begun by posting its
/// cameras and times to `/use/{id}/export`; progress at `/api/v1/exports/{export}` as `{state, percent}`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_export.html")]
pub struct UseExportPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with a removal that was sent.
    pub errors: FormErrors,
    /// Request id.
    pub id: String,
    /// Number people quote.
    pub number: String,
    /// The parts of the request, in order.
    pub parts: Vec<PartLine>,
    /// Exports of ranges of one's own, newest first.
    pub others: Vec<PartLine>,
    /// A range chosen on the timeline that waits for its click.
    pub own: Option<PartLine>,
    /// The export shown in detail.
    pub chosen: Option<ExportDetail>,
    /// This account may begin exports now: its two-officer session runs here.
    pub may_make: bool,
    /// This account may open such a session.
    pub may_sign: bool,
    /// This account may remove files.
    pub may_remove: bool,
    /// Days a file is kept after the grant has ended.
    pub keep_days: u32,
    /// Files of exports on the disk.
    pub stock_files: u64,
    /// Their bytes.
    pub stock_bytes: u64,
    /// Room left on the disk, bytes.
    pub free_bytes: u64,
    /// Public key of the site's log, as people compare it.
    pub log_key: String,
}

impl UseExportPage {
    /// One click makes the whole: the page needs no list of parts.
    #[must_use]
    pub fn simple(&self) -> bool {
        self.parts.len() <= 1 && self.others.is_empty()
    }

    /// Parts that are ready.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.parts.iter().filter(|p| p.state == ExportState::Ready).count()
    }
}
