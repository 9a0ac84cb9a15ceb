//! What stands in the way of a document, in both languages, with what to do next.

use crate::{DATA_BYTES, PAGES, QR_BYTES};
use base::{ErrorKind, Refusal, Text};
use std::path::PathBuf;

/// Debian's package of a Chinese font that papers can be set in.
pub(crate) const FONT_PACKAGE: &str = "fonts-noto-cjk";

/// Why there is no document.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PaperError {
    /// No font of the chosen families is on this machine.
    #[error("no font of {wanted:?} in {folders:?}")]
    NoFont {
        /// Families that were looked for.
        wanted: Vec<String>,
        /// Folders that were looked through.
        folders: Vec<PathBuf>,
    },
    /// A character that no font has.
    #[error("no font has U+{:04X}", u32::from(*.character))]
    NoGlyph {
        /// The character.
        character: char,
        /// Some of the text around it.
        near: String,
    },
    /// A font that was there cannot be read any more.
    #[error("font {} changed or is gone", .path.display())]
    FontLost {
        /// Its file.
        path: PathBuf,
    },
    /// The values are more, or deeper, than a document takes.
    #[error("values beyond a limit")]
    TooMuch,
    /// The document got too long.
    #[error("{pages} pages")]
    TooManyPages {
        /// Pages that it would have.
        pages: usize,
    },
    /// Text would stand beyond the edge of its page.
    #[error("text leaves page {page}")]
    OffThePage {
        /// Page, from 1.
        page: usize,
        /// Some of the text.
        near: String,
    },
    /// The address of a QR code cannot be one.
    #[error("a QR code of {bytes} bytes")]
    QrText {
        /// Bytes that it has.
        bytes: usize,
    },
    /// The template cannot be read or used.
    #[error("template {file}:{line}: {message}")]
    Template {
        /// File of the template.
        file: String,
        /// Line, from 1; 0 where the fault has none.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// The program itself.
    #[error("{0}")]
    Broken(String),
}

impl PaperError {
    /// Stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoFont { .. } => "no_font",
            Self::NoGlyph { .. } => "no_glyph",
            Self::FontLost { .. } => "font_lost",
            Self::TooMuch => "paper_too_much",
            Self::TooManyPages { .. } => "paper_too_long",
            Self::OffThePage { .. } => "paper_too_wide",
            Self::QrText { .. } => "qr_text",
            Self::Template { .. } => "paper_template",
            Self::Broken(_) => "paper_broken",
        }
    }

    /// Fonts have to be looked for again before the next try.
    #[must_use]
    pub const fn concerns_fonts(&self) -> bool {
        matches!(self, Self::NoFont { .. } | Self::NoGlyph { .. } | Self::FontLost { .. })
    }

    /// What happened.
    #[must_use]
    pub fn what(&self) -> Text {
        match self {
            Self::NoFont { wanted, .. } => Text::of(
                format!("本机没有可以排印公文的中文字体（找过：{}）。", wanted.join("、")),
                format!("This machine has no Chinese font to set the document in (looked for {}).", wanted.join(", ")),
            ),
            Self::NoGlyph { character, near } => {
                let code = format!("U+{:04X}", u32::from(*character));
                Text::of(
                    format!("所选字体都没有字符「{character}」（{code}），出现在「{near}」。缺字的文书不制作。"),
                    format!(
                        "No chosen font has the character \"{character}\" ({code}) in \"{near}\". A document with a gap is not made."
                    ),
                )
            }
            Self::FontLost { path } => Text::of(
                format!("字体文件 {} 已变动或者不在了。", path.display()),
                format!("The font file {} has changed or is gone.", path.display()),
            ),
            Self::TooMuch => {
                let kib = DATA_BYTES / 1024;
                Text::of(
                    format!("内容超过一份文书的上限（{kib} KiB）。"),
                    format!("There is more to say than one document holds ({kib} KiB)."),
                )
            }
            Self::TooManyPages { pages } => Text::of(
                format!("文书将有{pages}页，上限为{PAGES}页。"),
                format!("The document would have {pages} pages; {PAGES} is the limit."),
            ),
            Self::OffThePage { page, near } => Text::of(
                format!("第{page}页的文字「{near}」会超出纸边。"),
                format!("On page {page} the text \"{near}\" would leave the paper."),
            ),
            Self::QrText { bytes } => Text::of(
                format!("核验网址有{bytes}字节，不能制成二维码（1至{QR_BYTES}字节，没有空格）。"),
                format!(
                    "The address to check the paper at has {bytes} bytes: a QR code takes 1 to {QR_BYTES} without spaces."
                ),
            ),
            Self::Template { file, line, message } => Text::of(
                format!("文书模板 {file} 第{line}行有误：{message}"),
                format!("The template {file} is wrong at line {line}: {message}"),
            ),
            Self::Broken(_) => {
                Text::new("排印时程序出错，文书没有制成。", "The program failed while setting the document.")
            }
        }
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> Text {
        match self {
            Self::NoFont { .. } => Text::of(
                format!(
                    "请管理员安装字体后重试，不用重启服务（Debian：apt install {FONT_PACKAGE}）；其他字体在配置 [site.paper] 中写明。"
                ),
                format!(
                    "Ask the administrator to install one and try again; no restart is needed (Debian: apt install {FONT_PACKAGE}). Other fonts are named under [site.paper] of the configuration."
                ),
            ),
            Self::NoGlyph { .. } => Text::new(
                "请改用通行的字，或者由管理员安装含有该字的字体，并写入配置 [site.paper] 的 rare。",
                "Write it another way, or have a font with it installed and named as `rare` under [site.paper] of the configuration.",
            ),
            Self::FontLost { .. } => Text::new(
                "请重试；仍然如此的，请管理员检查字体。",
                "Try again; if it stays so, have the fonts checked.",
            ),
            Self::TooMuch | Self::TooManyPages { .. } => Text::new(
                "请在页面上查看，或者用 JSON 接口取得全部内容。",
                "Read it on the page, or take all of it as JSON.",
            ),
            Self::QrText { .. } => Text::new(
                "请管理员把本系统的对外网址设得短一些，并且不含空格。",
                "Have the public address of this system made shorter and without spaces.",
            ),
            Self::OffThePage { .. } | Self::Template { .. } => Text::new(
                "请管理员更正模板文件夹（配置 [site.paper] 的 templates）；不设置时使用内置模板。",
                "Have the folder of templates corrected (`templates` under [site.paper]); without one the built-in template is used.",
            ),
            Self::Broken(_) => Text::new(
                "请重试；仍然如此的，请下载支持文件报修。",
                "Try again; if it stays so, report it with a support file.",
            ),
        }
    }
}

impl From<PaperError> for Refusal {
    fn from(error: PaperError) -> Self {
        let kind = match error {
            PaperError::Broken(_) => ErrorKind::Internal,
            _ => ErrorKind::Unavailable,
        };
        Self::new(kind, error.code(), error.what(), error.next())
    }
}
