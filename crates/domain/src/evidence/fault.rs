//! What can be wrong with an export: a closed list of codes, each with a sentence that a court clerk understands.

use base::{CameraId, Text, UtcMs};
use serde::Serialize;

/// Kind of a fault; its code never changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// The file is no export of this program.
    NotAnExport,
    /// The file cannot be read from the disk.
    Unreadable,
    /// Bytes between the files (ZIP headers, directory) or the length are not as written.
    PackageDamaged,
    /// The manifest or its signature was changed.
    ManifestChanged,
    /// Signed, but by another key than the trusted one.
    WrongKey,
    /// A footage segment has other bytes than were recorded.
    SegmentChanged,
    /// A footage segment is not there.
    SegmentMissing,
    /// Footage segments stand in another order, or twice.
    OrderChanged,
    /// Time without footage that the export does not declare.
    UndisclosedGap,
    /// The log does not prove what the manifest says.
    ProofInvalid,
    /// Fewer than two officers.
    TooFewOfficers,
    /// Footage beyond what was granted.
    BeyondGrant,
    /// Another file of the package was changed.
    FileChanged,
    /// Another file of the package is not there.
    FileMissing,
    /// Asked for a witness: the checkpoint carries no cosignature of it.
    WitnessMissing,
    /// Asked for a witness: its cosignature on the checkpoint does not verify.
    WitnessInvalid,
}

impl FaultCode {
    /// All codes.
    pub const ALL: [Self; 16] = [
        Self::NotAnExport,
        Self::Unreadable,
        Self::PackageDamaged,
        Self::ManifestChanged,
        Self::WrongKey,
        Self::SegmentChanged,
        Self::SegmentMissing,
        Self::OrderChanged,
        Self::UndisclosedGap,
        Self::ProofInvalid,
        Self::TooFewOfficers,
        Self::BeyondGrant,
        Self::FileChanged,
        Self::FileMissing,
        Self::WitnessMissing,
        Self::WitnessInvalid,
    ];

    /// Stable word, as in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAnExport => "not_an_export",
            Self::Unreadable => "unreadable",
            Self::PackageDamaged => "package_damaged",
            Self::ManifestChanged => "manifest_changed",
            Self::WrongKey => "wrong_key",
            Self::SegmentChanged => "segment_changed",
            Self::SegmentMissing => "segment_missing",
            Self::OrderChanged => "order_changed",
            Self::UndisclosedGap => "undisclosed_gap",
            Self::ProofInvalid => "proof_invalid",
            Self::TooFewOfficers => "too_few_officers",
            Self::BeyondGrant => "beyond_grant",
            Self::FileChanged => "file_changed",
            Self::FileMissing => "file_missing",
            Self::WitnessMissing => "witness_missing",
            Self::WitnessInvalid => "witness_invalid",
        }
    }

    /// What it means and what to do, for a reader without technical knowledge.
    #[must_use]
    pub const fn meaning(self) -> Text {
        match self {
            Self::NotAnExport => Text::new(
                "这不是技防系统导出的证据包，无法校验。请向提供者索取原始导出文件。",
                "This is not an evidence export, so nothing can be verified. Ask for the original export file.",
            ),
            Self::Unreadable => Text::new(
                "文件读取失败，校验没有完成。请换一份拷贝或存储介质再试。",
                "The file could not be read, so the check is not complete. Try another copy or medium.",
            ),
            Self::PackageDamaged => Text::new(
                "证据包的外层结构与导出时不一致，文件可能被截断、拼接或改动。请重新取得拷贝。",
                "The package itself is not as it was exported: it may have been cut, joined or altered. Obtain a new copy.",
            ),
            Self::ManifestChanged => Text::new(
                "证据清单或其签名在导出后被改动，清单所列内容不可采信。",
                "The list of the evidence, or its signature, was altered after the export. What it says cannot be relied on.",
            ),
            Self::WrongKey => Text::new(
                "签名不是所信任单位的密钥作出的，证据来源与所称不符。",
                "It was signed with another key than that of the trusted site: it does not come from where it claims.",
            ),
            Self::SegmentChanged => Text::new(
                "录像片段与录制时的内容不一致，该时段画面被改动或损坏。",
                "A piece of footage is not what was recorded: the pictures of that time were altered or damaged.",
            ),
            Self::SegmentMissing => Text::new(
                "应有的录像片段不在证据包中，该时段录像被删去。",
                "A piece of footage that was recorded is not in the package: that time was taken out.",
            ),
            Self::OrderChanged => Text::new(
                "录像片段的先后顺序被改变或有重复，画面时间顺序不可采信。",
                "Pieces of footage stand in another order, or twice: the order of events cannot be relied on.",
            ),
            Self::UndisclosedGap => Text::new(
                "该时段没有录像，而证据包没有说明原因。",
                "There is no footage of this time and the export does not say why.",
            ),
            Self::ProofInvalid => Text::new(
                "日志不能证明清单所述内容，记录与证明不符。",
                "The log does not prove what the list says: record and proof disagree.",
            ),
            Self::TooFewOfficers => Text::new(
                "取证人员不足两名，不符合法定人数。",
                "Fewer than two officers took the footage; the law asks for two.",
            ),
            Self::BeyondGrant => {
                Text::new("证据包含有批准范围以外的录像。", "The package holds footage beyond what was granted.")
            }
            Self::FileChanged => {
                Text::new("证据包内的附属文件在导出后被改动。", "An accompanying file was altered after the export.")
            }
            Self::FileMissing => {
                Text::new("证据包内缺少清单所列的文件。", "A file that the list names is not in the package.")
            }
            Self::WitnessMissing => Text::new(
                "日志检查点没有所要求的见证机关的联署，不能证明日志未被单位自行改写。",
                "The log's checkpoint is not cosigned by the witness asked for: nobody else vouches that the site did not rewrite its log.",
            ),
            Self::WitnessInvalid => Text::new(
                "日志检查点上见证机关的联署不成立，检查点或联署被改动。",
                "The witness's cosignature on the log's checkpoint does not verify: one of the two was altered.",
            ),
        }
    }
}

/// One thing wrong, and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fault {
    /// Kind.
    pub code: FaultCode,
    /// What it means, with where.
    pub text: Text,
    /// Detail for an expert, English.
    pub detail: String,
    /// File in the package.
    pub file: Option<String>,
    /// Camera.
    pub camera: Option<CameraId>,
    /// Begin of the time concerned.
    pub from_utc_ms: Option<UtcMs>,
    /// End of the time concerned.
    pub to_utc_ms: Option<UtcMs>,
    /// Number of the (first) fragment concerned.
    pub fragment: Option<u64>,
}

impl Fault {
    pub(super) fn new(code: FaultCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            text: code.meaning(),
            detail: detail.into(),
            file: None,
            camera: None,
            from_utc_ms: None,
            to_utc_ms: None,
            fragment: None,
        }
    }

    pub(super) fn in_file(mut self, path: &str) -> Self {
        self.file = Some(path.to_owned());
        self.text = Text::of(format!("文件 {path}：{}", self.text.zh), format!("File {path}: {}", self.text.en));
        self
    }

    /// At a camera (with its name) and time; the sentence begins with them.
    pub(super) fn at(mut self, camera: CameraId, name: &str, from: UtcMs, to: UtcMs) -> Self {
        self.camera = Some(camera);
        self.from_utc_ms = Some(from);
        self.to_utc_ms = Some(to);
        let meaning = self.code.meaning();
        self.text = Text::of(
            format!("摄像机“{name}”，{} 至 {}：{}", from.document(), to.document(), meaning.zh),
            format!("Camera \"{name}\", {} to {} (Beijing time): {}", from.desk(), to.desk(), meaning.en),
        );
        self
    }

    pub(super) const fn fragment(mut self, seq: u64) -> Self {
        self.fragment = Some(seq);
        self
    }
}
