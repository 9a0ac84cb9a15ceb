//! Fonts of the machine: of all files in the folders, the faces of the families that were chosen.
//!
//! Only what was chosen is offered to a document, so that a font that somebody installs for something else never changes its look. A
//! file is read whole once to learn names and characters, and again when a document uses it; between documents no font stays in memory.

use crate::PaperError;
use base::Lang;
use std::collections::BTreeMap;
use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use ttf_parser::name_id;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};

/// Folders that are looked through after those that were given.
pub const USUAL_FOLDERS: [&str; 3] = ["/usr/local/share/fonts", "/usr/share/fonts", "/Library/Fonts"];
/// Most font files looked at; what comes after them in the order of folders and names is not seen.
pub const FONT_FILES: usize = 4_000;
/// Largest font file that is read, bytes.
pub const FONT_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Deepest folder below one that was given.
const DEPTH: usize = 6;
/// Most faces of one file.
const FACES: u32 = 64;
const ENDINGS: [&str; 4] = ["ttf", "ttc", "otf", "otc"];
/// A character of every Chinese text: a family without it is none for Chinese.
const CHINESE: char = '的';

/// Which fonts a document may use: families in order of preference, as the fonts name themselves in any language.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FontChoice {
    /// Folders that are looked through first.
    pub folders: Vec<PathBuf>,
    /// For titles.
    pub title: Vec<String>,
    /// For headings.
    pub heading: Vec<String>,
    /// For the text.
    pub body: Vec<String>,
    /// For characters that none of the others has.
    pub rare: Vec<String>,
}

impl FontChoice {
    /// The families of GB/T 9704 first, those of Debian's `fonts-noto-cjk` last; what a machine does not have is passed over.
    #[must_use]
    pub fn usual() -> Self {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Self {
            folders: Vec::new(),
            title: list(&["FZXiaoBiaoSong-B05S", "Noto Serif CJK SC"]),
            heading: list(&["SimHei", "Noto Sans CJK SC"]),
            body: list(&["FangSong_GB2312", "FangSong", "Noto Serif CJK SC"]),
            rare: Vec::new(),
        }
    }

    /// Every family, each once.
    fn families(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for family in self.body.iter().chain(&self.title).chain(&self.heading).chain(&self.rare) {
            if !out.iter().any(|known| same(known, family)) {
                out.push(family.clone());
            }
        }
        out
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// One face of a file.
#[derive(Clone, Debug)]
struct Face {
    path: PathBuf,
    index: u32,
    info: FontInfo,
}

/// A font that text of a document is set in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FontUsed {
    /// PostScript name, e.g. `NotoSerifCJKsc-Regular`.
    pub name: String,
    /// Version as the font says it; may be empty.
    pub version: String,
}

impl FontUsed {
    pub(crate) fn of(font: &Font, ttf: &ttf_parser::Face<'_>) -> Self {
        let version = named(ttf, |id| id == name_id::VERSION).into_iter().next().unwrap_or_default();
        let version = version.chars().filter(|c| !c.is_control()).take(60).collect();
        Self { name: font.post_script_name().unwrap_or_else(|| font.info().family.clone()), version }
    }
}

/// The fonts that documents are set in.
#[derive(Clone, Debug)]
pub struct Fonts {
    choice: FontChoice,
    looked: Vec<PathBuf>,
    /// Folders as they were before they were looked through, with the time of their last change.
    stamp: Vec<(PathBuf, SystemTime)>,
    faces: Vec<Face>,
}

impl Fonts {
    /// Looks through the folders of the choice and the usual ones. Reads every font file there: not for a thread that others wait for.
    #[must_use]
    pub fn find(choice: &FontChoice) -> Self {
        let usual = USUAL_FOLDERS.iter().map(PathBuf::from);
        Self::find_in(choice, choice.folders.iter().cloned().chain(usual).collect())
    }

    fn find_in(choice: &FontChoice, looked: Vec<PathBuf>) -> Self {
        let wanted = choice.families();
        let stamp = stamp(&looked);
        let mut files = Vec::new();
        for folder in &looked {
            collect(folder, 0, &mut files);
        }
        let faces = files.iter().flat_map(|path| faces_of(path, &wanted)).collect();
        Self { choice: choice.clone(), looked, stamp, faces }
    }

    /// No font file came or went in these folders since. Of a file that was written over, its next use tells.
    #[must_use]
    pub fn are_current(&self) -> bool {
        stamp(&self.looked) == self.stamp
    }

    /// Of the families of a list those that are here, in its order, and then all others.
    fn here(&self, first: &[String]) -> Vec<String> {
        let all = self.choice.families();
        let mut out: Vec<String> = Vec::new();
        for family in first.iter().chain(&all) {
            let known = |f: &String| same(f, family);
            if !out.iter().any(known) && self.faces.iter().any(|f| same(&f.info.family, family)) {
                out.push(family.clone());
            }
        }
        out
    }

    /// Families for titles, headings and text.
    pub(crate) fn families(&self) -> [(&'static str, Vec<String>); 3] {
        let of = |list: &[String]| self.here(list);
        [("title", of(&self.choice.title)), ("heading", of(&self.choice.heading)), ("body", of(&self.choice.body))]
    }

    pub(crate) fn book(&self) -> FontBook {
        FontBook::from_infos(self.faces.iter().map(|f| f.info.clone()))
    }

    pub(crate) fn len(&self) -> usize {
        self.faces.len()
    }

    /// Reads a face again; the file's path where it is not what it was.
    pub(crate) fn load(&self, at: usize) -> Option<Result<Font, PathBuf>> {
        let face = self.faces.get(at)?;
        let read = fs::read(&face.path).ok().and_then(|data| Font::new(Bytes::new(data), face.index));
        let same = |font: &Font| font.info().coverage == face.info.coverage && font.info().variant == face.info.variant;
        Some(read.filter(same).ok_or_else(|| face.path.clone()))
    }

    fn has(&self, c: char) -> bool {
        self.faces.iter().any(|f| f.info.coverage.contains(u32::from(c)))
    }

    /// The error of a machine without fonts.
    fn none(&self) -> PaperError {
        PaperError::NoFont { wanted: self.choice.families(), folders: self.looked.clone() }
    }

    /// Some font has every character of `text`.
    ///
    /// # Errors
    /// No font at all, or none for Chinese where the text is; else the first character that none has.
    pub(crate) fn cover(&self, text: &BTreeMap<char, String>, lang: Lang) -> Result<(), PaperError> {
        if self.faces.is_empty() || (lang == Lang::Zh && !self.has(CHINESE)) {
            return Err(self.none());
        }
        for (c, near) in text {
            if c.is_whitespace() || crate::value::is_variation(*c) || self.has(*c) {
                continue;
            }
            if ('\u{2e80}'..='\u{9fff}').contains(c) && !self.has(CHINESE) {
                return Err(self.none());
            }
            return Err(PaperError::NoGlyph { character: *c, near: near.clone() });
        }
        Ok(())
    }
}

/// Folders and those below them, with the time of their last change, which is the last time a file came or went.
fn stamp(folders: &[PathBuf]) -> Vec<(PathBuf, SystemTime)> {
    let mut out = Vec::new();
    for folder in folders {
        stamp_below(folder, 0, &mut out);
    }
    out.sort();
    out
}

fn stamp_below(folder: &Path, depth: usize, out: &mut Vec<(PathBuf, SystemTime)>) {
    let Some(changed) = fs::metadata(folder).ok().and_then(|about| about.modified().ok()) else { return };
    if out.len() >= FONT_FILES {
        return;
    }
    out.push((folder.to_owned(), changed));
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| depth < DEPTH && path.is_dir()) {
        stamp_below(&path, depth + 1, out);
    }
}

/// Font files below a folder, in the order of their names.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if files.len() >= FONT_FILES {
            return;
        }
        let Ok(about) = fs::metadata(&path) else { continue };
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        if about.is_dir() && depth < DEPTH {
            collect(&path, depth + 1, files);
        } else if about.is_file() && about.len() <= FONT_FILE_BYTES && ENDINGS.contains(&ending.as_str()) {
            files.push(path);
        }
    }
}

/// Names of a face with one of these ids, in every language it has them.
fn named(ttf: &ttf_parser::Face<'_>, wanted: impl Fn(u16) -> bool) -> Vec<String> {
    let plain = |name: &ttf_parser::name::Name<'_>| match name.to_string() {
        Some(text) => Some(text),
        // Old names in one byte a character: only those that need no table are read.
        None => std::str::from_utf8(name.name).ok().filter(|t| t.is_ascii()).map(str::to_owned),
    };
    ttf.names().into_iter().filter(|n| wanted(n.name_id)).filter_map(|n| plain(&n)).collect()
}

/// Faces of a file whose family was chosen, under the name that was chosen. A file that is no font has none.
fn faces_of(path: &Path, wanted: &[String]) -> Vec<Face> {
    let Ok(data) = fs::read(path) else { return Vec::new() };
    let count = ttf_parser::fonts_in_collection(&data).unwrap_or(1).min(FACES);
    let face = |index: u32| {
        let ttf = ttf_parser::Face::parse(&data, index).ok()?;
        let names = named(&ttf, |id| id == name_id::FAMILY || id == name_id::TYPOGRAPHIC_FAMILY);
        let family = wanted.iter().find(|family| names.iter().any(|name| same(name, family)))?;
        let info = FontInfo { family: family.clone(), ..FontInfo::new(&data, index)? };
        Some(Face { path: path.to_owned(), index, info })
    };
    // A broken file makes the reader of fonts stop in a build with checks; it is then no font, and the others are looked at.
    let read = |index: u32| std::panic::catch_unwind(AssertUnwindSafe(|| face(index))).ok().flatten();
    (0..count).filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(body: &[&str]) -> FontChoice {
        FontChoice { body: body.iter().map(|s| (*s).to_owned()).collect(), ..FontChoice::default() }
    }

    fn text(text: &str) -> BTreeMap<char, String> {
        text.chars().map(|c| (c, text.to_owned())).collect()
    }

    #[test]
    fn only_chosen_families_are_taken_in_their_order() {
        let fonts = Fonts::find(&choice(&["仿宋", "noto serif cjk sc"]));
        assert!(!fonts.faces.is_empty(), "the tests need fonts-noto-cjk");
        assert!(fonts.faces.iter().all(|f| f.info.family == "noto serif cjk sc"));
        assert_eq!(fonts.families()[2].1, ["noto serif cjk sc"]);
        assert_eq!(fonts.cover(&text("安全技术防范 Abc 123，。《》— 1 —\n"), Lang::Zh), Ok(()));
    }

    #[test]
    fn a_machine_without_chinese_fonts_is_told_what_to_install() {
        let nothing = tempfile::tempdir().unwrap();
        fs::write(nothing.path().join("broken.ttf"), b"not a font at all").unwrap();
        fs::write(nothing.path().join("cut.ttc"), b"ttcf\0\x01\0\0\xff\xff\xff\xff").unwrap();
        let fonts = Fonts::find_in(&choice(&["FangSong"]), vec![nothing.path().to_owned()]);
        let error = fonts.cover(&text("文"), Lang::Zh).unwrap_err();
        assert!(matches!(&error, PaperError::NoFont { wanted, .. } if wanted == &["FangSong"]));
        for text in [error.next().zh, error.next().en] {
            assert!(text.contains("fonts-noto-cjk"), "{text}");
        }
        assert!(error.what().zh.contains("FangSong") && error.what().en.contains("FangSong"));
        assert!(fonts.cover(&text("plain"), Lang::En).is_err(), "without any font there is no paper either");
    }

    #[test]
    fn a_latin_font_alone_sets_no_chinese() {
        let latin = Fonts::find(&choice(&["DejaVu Sans"]));
        assert!(!latin.faces.is_empty(), "the package fonts-dejavu-core is not installed");
        assert!(matches!(latin.cover(&text("文"), Lang::Zh), Err(PaperError::NoFont { .. })));
        assert!(matches!(latin.cover(&text("文"), Lang::En), Err(PaperError::NoFont { .. })));
        assert_eq!(latin.cover(&text("plain"), Lang::En), Ok(()));
    }

    #[test]
    fn a_character_without_a_font_is_named() {
        let fonts = Fonts::find(&choice(&["Noto Serif CJK SC"]));
        let error = fonts.cover(&text("姓名\u{10ffff}"), Lang::Zh).unwrap_err();
        assert!(matches!(&error, PaperError::NoGlyph { character: '\u{10ffff}', .. }), "{error:?}");
        assert!(error.what().zh.contains("U+10FFFF") && error.what().en.contains("U+10FFFF"));
        assert!(error.concerns_fonts() && !PaperError::TooMuch.concerns_fonts());
    }

    #[test]
    fn folders_are_looked_through_in_order_and_not_for_ever() {
        let top = tempfile::tempdir().unwrap();
        let mut deep = top.path().to_owned();
        for n in 0..=DEPTH + 1 {
            fs::write(deep.join(format!("{n}.OTF")), b"x").unwrap();
            deep.push("in");
            fs::create_dir(&deep).unwrap();
        }
        let mut files = Vec::new();
        collect(top.path(), 0, &mut files);
        let names: Vec<_> = files.iter().filter_map(|p| p.file_name()?.to_str()).collect();
        assert_eq!(names, ["0.OTF", "1.OTF", "2.OTF", "3.OTF", "4.OTF", "5.OTF", "6.OTF"]);
        let large = fs::File::create(top.path().join("large.ttf")).unwrap();
        large.set_len(FONT_FILE_BYTES + 1).unwrap();
        let mut again = Vec::new();
        collect(top.path(), 0, &mut again);
        assert_eq!(again, files, "a file that is too large is not read");
        let mut full = vec![PathBuf::new(); FONT_FILES];
        collect(top.path(), 0, &mut full);
        assert_eq!(full.len(), FONT_FILES);
    }

    #[test]
    fn a_file_that_comes_into_a_folder_is_noticed() {
        let top = tempfile::tempdir().unwrap();
        let deep = top.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("1.ttf"), b"x").unwrap();
        let fonts = Fonts::find_in(&choice(&["FangSong"]), vec![top.path().to_owned(), "/nowhere".into()]);
        assert!(fonts.are_current());
        // Times of folders have the grain of the file system.
        std::thread::sleep(std::time::Duration::from_millis(50));
        fs::write(deep.join("2.ttf"), b"x").unwrap();
        assert!(!fonts.are_current());
        let again = Fonts::find_in(&choice(&["FangSong"]), vec![top.path().to_owned()]);
        std::thread::sleep(std::time::Duration::from_millis(50));
        fs::remove_file(deep.join("1.ttf")).unwrap();
        assert!(!again.are_current(), "nor one that goes");
    }

    #[test]
    fn a_font_that_went_is_noticed() {
        let mut fonts = Fonts::find(&choice(&["Noto Serif CJK SC"]));
        assert!(matches!(fonts.load(0), Some(Ok(_))));
        fonts.faces[0].path = PathBuf::from("/nowhere/x.ttc");
        assert_eq!(fonts.load(0).unwrap().unwrap_err(), PathBuf::from("/nowhere/x.ttc"));
        assert!(fonts.load(fonts.len()).is_none());
    }
}
