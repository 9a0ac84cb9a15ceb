//! Official documents: which fonts they are set in, and an office's own templates.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Fonts and templates of official documents. Families are named as the fonts name themselves, in order of preference; what is not on
/// the machine is passed over. The first of each list are those of GB/T 9704, the last those of Debian's `fonts-noto-cjk`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaperConfig {
    /// Folders with fonts, looked through before those of the system.
    pub font_folders: Vec<PathBuf>,
    /// Families of titles.
    pub title: Vec<String>,
    /// Families of headings.
    pub heading: Vec<String>,
    /// Families of the text.
    pub body: Vec<String>,
    /// Families for characters that the others lack.
    pub rare: Vec<String>,
    /// Folder whose `.typ` files take the place of the built-in ones of the same name.
    pub templates: Option<PathBuf>,
}

impl Default for PaperConfig {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Self {
            font_folders: Vec::new(),
            title: list(&["FZXiaoBiaoSong-B05S", "Noto Serif CJK SC"]),
            heading: list(&["SimHei", "Noto Sans CJK SC"]),
            body: list(&["FangSong_GB2312", "FangSong", "Noto Serif CJK SC"]),
            rare: Vec::new(),
            templates: None,
        }
    }
}
