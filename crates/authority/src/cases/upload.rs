//! Files that come with an act: how many, how large, what they are by their first bytes, and whether the name says the same.
//!
//! Always true: nothing is taken whose content is not of the kind its name says, and no kind that is not in the list; the browser's word for
//! it is not asked. Most of an act: [`MOST_UPLOADS`] files, each of at most `limits::UPLOAD_BYTES`.

use super::bad;
use base::{Pii, Refusal, Sha256, Text, limits};
use domain::casework::{CaseAct, PaperKind};
use store::casework::papers::{NewPaper, sniff};

/// Most files of one act.
pub const MOST_UPLOADS: usize = 20;

/// Endings of names, what the first bytes then are, and what it is called in a case.
static KINDS: [(&str, &str, PaperKind); 13] = [
    ("pdf", "application/pdf", PaperKind::Pdf),
    ("jpg", "image/jpeg", PaperKind::Jpeg),
    ("jpeg", "image/jpeg", PaperKind::Jpeg),
    ("png", "image/png", PaperKind::Png),
    ("tif", "image/tiff", PaperKind::Other),
    ("tiff", "image/tiff", PaperKind::Other),
    ("ofd", "application/zip", PaperKind::Other),
    ("docx", "application/zip", PaperKind::Other),
    ("xlsx", "application/zip", PaperKind::Other),
    ("zip", "application/zip", PaperKind::Other),
    ("doc", "application/x-ole-storage", PaperKind::Other),
    ("xls", "application/x-ole-storage", PaperKind::Other),
    ("wps", "application/x-ole-storage", PaperKind::Other),
];

/// A file that comes with an act.
#[derive(Clone)]
pub struct Upload {
    /// Material, or the step or outcome that it is the paper of.
    pub material: String,
    /// Its name, as the person's own computer calls it.
    pub name: Pii<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upload({}, {} bytes)", self.material, self.bytes.len())
    }
}

impl Upload {
    /// What it is.
    ///
    /// # Errors
    /// `paper_size`, `paper_kind` (not in the list), `paper_disguised` (another kind than its name says).
    pub(super) fn kind(&self) -> Result<PaperKind, Refusal> {
        let most = limits::UPLOAD_BYTES;
        if self.bytes.is_empty() || self.bytes.len() > most {
            let size = base::size(u64::try_from(most).unwrap_or(u64::MAX));
            let what =
                Text::of(format!("文件不能为空，至多 {size}。"), format!("A file is not empty, and at most {size}."));
            return Err(bad("paper_size", what));
        }
        let ending = self.name.expose().rsplit_once('.').map(|(_, e)| e.trim().to_ascii_lowercase());
        let listed = ending.and_then(|ending| KINDS.iter().find(|(e, _, _)| *e == ending));
        let Some((_, media, kind)) = listed else {
            let what = Text::new(
                "只接受 PDF、OFD、JPEG、PNG、TIFF 和常用办公文件。",
                "Only PDF, OFD, JPEG, PNG, TIFF and common office files are taken.",
            );
            return Err(bad("paper_kind", what));
        };
        if sniff(&self.bytes) != *media {
            let what = Text::new(
                "文件内容与文件名所示的类型不符。",
                "The content of the file is not of the kind that its name says.",
            );
            return Err(bad("paper_disguised", what));
        }
        Ok(*kind)
    }

    /// The act that hands it in.
    pub(super) fn act(&self) -> Result<CaseAct, Refusal> {
        Ok(CaseAct::GivePaper {
            material: self.material.clone(),
            sha256: Sha256::of(&self.bytes),
            bytes: u64::try_from(self.bytes.len()).unwrap_or(u64::MAX),
            kind: self.kind()?,
            name: Some(self.name.expose().clone()),
        })
    }

    /// As the store takes it.
    pub(super) fn paper(self) -> NewPaper {
        NewPaper { material: self.material, name: self.name, bytes: self.bytes }
    }
}

/// Acts of all files, in their order.
pub(super) fn acts(uploads: &[Upload]) -> Result<Vec<CaseAct>, Refusal> {
    if uploads.len() > MOST_UPLOADS {
        let what = Text::of(
            format!("一次至多上传{MOST_UPLOADS}个文件。"),
            format!("At most {MOST_UPLOADS} files are uploaded at once."),
        );
        return Err(bad("uploads", what));
    }
    uploads.iter().map(Upload::act).collect()
}
