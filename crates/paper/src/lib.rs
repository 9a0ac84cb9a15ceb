//! Official documents as PDF: a template, values and fonts in; pages, or what stands in the way, out.
//!
//! ```text
//! values (JSON) ─▶ value: limits, hidden characters out ─▶ Typst values ─┐
//! template files, embedded or an office's own ───────────────────────────┼▶ layout ─▶ check ─▶ PDF ─▶ SHA-256
//! address of a check ─▶ qr: dark modules as numbers, into the values      │
//! fonts of the machine: the families that were chosen ─▶ coverage ───────┘
//! press: all of this for a server, one document at a time, off its runtime
//! ```
//!
//! Always true: a value is never read as markup; nothing but the given template files and the fonts that were found can be reached from
//! a template, no network, no package, no clock; a character that no font has stops the document before it is made, so that no paper
//! shows a box or leaves something out; the same template, values, moment and fonts give the same bytes. What a document is for, who may
//! have it and where it is entered is not known here.

mod check;
mod desk;
mod embedded;
mod error;
mod fonts;
mod press;
mod qr;
mod samples;
mod template;
mod value;

#[cfg(test)]
mod casework_tests;
#[cfg(test)]
mod tests;

pub use embedded::{built_in_files, documents};
pub use error::PaperError;
pub use fonts::{FONT_FILE_BYTES, FONT_FILES, FontChoice, FontUsed, Fonts, USUAL_FOLDERS};
pub use press::{Order, OwnTemplates, Press};
pub use qr::{QR_BYTES, Qr, draw_qr};
pub use samples::sample;
pub use template::{TEMPLATE_BYTES, TEMPLATE_FILES, Template};
pub use value::{DATA_BYTES, DATA_DEPTH, DATA_VALUES};

use base::{Lang, Sha256, UtcMs};
use desk::Desk;
use std::fmt;
use std::panic::AssertUnwindSafe;
use typst::comemo;
use typst::diag::Warned;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Most pages of one document; more are refused before the PDF is made.
pub const PAGES: usize = 200;
/// Stack of the threads that lay out, bytes: an office's template may nest deeper than a server's threads have room for.
const STACK_BYTES: usize = 32 * 1024 * 1024;
/// Minutes that Beijing time is ahead of UTC.
const SHANGHAI_MINUTES: i32 = 480;

/// What a document says. Never shown for debugging: the values name persons.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    /// Its moment: the date that the file carries, and `datetime.today()` of a template.
    pub at: UtcMs,
    /// Its language.
    pub lang: Lang,
    /// The values that the template sets, `sys.inputs.data` there.
    pub values: &'a serde_json::Value,
}

/// A finished document. Shown for debugging it says how much it holds, never what: documents name persons.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    /// The file, PDF/A-2a.
    pub pdf: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// Fonts that its text is set in, by name.
    pub fonts_used: Vec<FontUsed>,
    /// SHA-256 of `pdf`.
    pub digest: Sha256,
    /// What the template's files were.
    pub template: Sha256,
}

impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Paper");
        shown.field("bytes", &self.pdf.len()).field("pages", &self.pages).field("fonts_used", &self.fonts_used);
        shown.field("digest", &self.digest).field("template", &self.template).finish()
    }
}

/// Sets a document. Takes a second of one core or more, and reads the files of the fonts that it uses: not for a thread that others wait for.
///
/// # Errors
/// A limit of values or pages, a font or a character that is not there, text that leaves its page, or a fault of the template.
pub fn render(template: &Template, content: &Content<'_>, fonts: &Fonts) -> Result<Paper, PaperError> {
    let data = value::set(content.values)?;
    fonts.cover(&data.text, content.lang)?;
    // The layout hands parts of itself to the pool it runs in; the pool of the process has small stacks and as many threads as cores.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).thread_name(|_| "paper".into());
    let pool = pool.build().map_err(|error| PaperError::Broken(error.to_string()))?;
    let work = || pool.install(|| typeset(template, content, data.value, fonts));
    std::panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(PaperError::Broken("the layout stopped".into())))
}

/// Forgets what the layout remembered, so that fonts and values of one document do not stay in memory.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        comemo::evict(0);
    }
}

fn typeset(
    template: &Template,
    content: &Content<'_>,
    data: typst::foundations::Value,
    fonts: &Fonts,
) -> Result<Paper, PaperError> {
    let _forget = Forget;
    let desk = Desk::new(template, content, data, fonts)?;
    let Warned { output, .. } = typst::compile::<PagedDocument>(&desk);
    if let Some(path) = desk.lost_font() {
        return Err(PaperError::FontLost { path });
    }
    let document = output.map_err(|faults| desk.fault(&faults))?;
    let pages = document.pages().len();
    if pages > PAGES {
        return Err(PaperError::TooManyPages { pages });
    }
    let fonts_used = check::look(&document)?;
    let options = options(template, content).ok_or(PaperError::Broken("date or standard".into()))?;
    let pdf = typst_pdf::pdf(&document, &options).map_err(|faults| desk.fault(&faults))?;
    let digest = Sha256::of(&pdf);
    Ok(Paper { pdf, pages, fonts_used, digest, template: template.digest() })
}

/// PDF/A-2a: fonts inside, text that can be read out again, an order for those who listen; for archives.
fn options(template: &Template, content: &Content<'_>) -> Option<PdfOptions> {
    let ident = format!("{} {} {}", template.digest(), content.at.0, content.lang.tag());
    Some(PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("jifang".into())),
        timestamp: Timestamp::new_local(moment(content.at)?, SHANGHAI_MINUTES),
        standards: PdfStandards::new(&[PdfStandard::A_2a]).ok()?,
        ..PdfOptions::default()
    })
}

/// The moment on a clock in Beijing, to the second.
fn moment(at: UtcMs) -> Option<Datetime> {
    let text = at.desk();
    let mut numbers = text.split(['-', ' ', ':']).map(str::parse::<u16>);
    let mut next = || numbers.next()?.ok();
    let (year, mut small) = (next()?, || next().and_then(|n| u8::try_from(n).ok()));
    let (month, day, hour, minute, second) = (small()?, small()?, small()?, small()?, small()?);
    Datetime::from_ymd_hms(i32::from(year), month, day, hour, minute, second)
}
