//! Looks at the finished pages before the PDF is made: every character has its glyph, nothing stands beyond the paper, which fonts it took.

use crate::{FontUsed, PaperError};
use std::collections::BTreeSet;
use typst::layout::{Frame, FrameItem, Point};
use typst::text::TextItem;
use typst_layout::PagedDocument;

/// Deepest nesting of frames that is followed; the layout itself stops far before.
const DEPTH: usize = 512;
/// Room for rounding at the paper's edge, points.
const EDGE_PT: f64 = 0.5;
/// Characters of the text that is told.
const NEAR: usize = 24;

struct Look<'a> {
    page: usize,
    width_pt: f64,
    height_pt: f64,
    fonts: &'a mut BTreeSet<FontUsed>,
}

/// The fonts of all text.
///
/// # Errors
/// A character without a glyph, or text beyond the edge of its page.
pub(crate) fn look(document: &PagedDocument) -> Result<Vec<FontUsed>, PaperError> {
    let mut fonts = BTreeSet::new();
    for (at, page) in document.pages().iter().enumerate() {
        let (width_pt, height_pt) = (page.frame.width().to_pt(), page.frame.height().to_pt());
        let mut look = Look { page: at + 1, width_pt, height_pt, fonts: &mut fonts };
        look.frame(&page.frame, Some(Point::zero()), 0)?;
    }
    Ok(fonts.into_iter().collect())
}

impl Look<'_> {
    /// `origin` is `None` within what is turned or scaled: where that stands is the template's own matter.
    fn frame(&mut self, frame: &Frame, origin: Option<Point>, depth: usize) -> Result<(), PaperError> {
        if depth > DEPTH {
            return Err(PaperError::Broken("frames nest too deep".into()));
        }
        for (position, item) in frame.items() {
            let here = origin.map(|o| o + *position);
            match item {
                FrameItem::Group(group) => {
                    let moved = group.transform;
                    let inner = here.filter(|_| moved.is_only_translate()).map(|h| h + Point::new(moved.tx, moved.ty));
                    self.frame(&group.frame, inner, depth + 1)?;
                }
                FrameItem::Text(text) => self.text(text, here)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, item: &TextItem, here: Option<Point>) -> Result<(), PaperError> {
        for glyph in item.glyphs.iter().filter(|g| g.id == 0) {
            let at = glyph.range().start;
            if let Some(character) = item.text.get(at..).and_then(|rest| rest.chars().next()) {
                return Err(PaperError::NoGlyph { character, near: crate::value::near(&item.text, at) });
            }
        }
        self.fonts.insert(FontUsed::of(item.font.font(), item.font.ttf()));
        let Some(here) = here else { return Ok(()) };
        let (left, top) = (here.x.to_pt(), here.y.to_pt());
        let right = left + item.width().to_pt();
        let off =
            left < -EDGE_PT || right > self.width_pt + EDGE_PT || top < -EDGE_PT || top > self.height_pt + EDGE_PT;
        if off && !item.text.trim().is_empty() {
            return Err(PaperError::OffThePage { page: self.page, near: item.text.chars().take(NEAR).collect() });
        }
        Ok(())
    }
}
