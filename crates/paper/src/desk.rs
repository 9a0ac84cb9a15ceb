//! What a template can reach while it is laid out: its own files, the values, the chosen fonts. Nothing else answers.

use crate::{Content, Fonts, PaperError, SHANGHAI_MINUTES, Template};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Array, Bytes, Datetime, Dict, Duration, Str, Value};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};

/// One file of the template.
struct File {
    id: FileId,
    bytes: Bytes,
    /// Where it is text.
    source: Option<Source>,
}

/// Fonts by their place in [`Fonts`], each read when it is first asked for.
pub(crate) type Loaded = Arc<[OnceLock<Option<Font>>]>;

/// The world of one document.
pub(crate) struct Desk<'a> {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    main: FileId,
    files: Vec<File>,
    fonts: &'a Fonts,
    loaded: Loaded,
    lost: Mutex<Option<PathBuf>>,
    day: Option<Datetime>,
}

/// The id of a file by its name.
fn id_of(name: &str) -> Result<FileId, PaperError> {
    let path = VirtualPath::new(name).map_err(|_| PaperError::Template {
        file: name.to_owned(),
        line: 0,
        message: "its name cannot be used".into(),
    })?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

/// The day of a document, without its time.
fn day(content: &Content<'_>) -> Option<Datetime> {
    let at = crate::moment(content.at)?;
    Datetime::from_ymd(at.year()?, at.month()?, at.day()?)
}

impl<'a> Desk<'a> {
    pub(crate) fn new(
        template: &Template,
        content: &Content<'_>,
        data: Value,
        fonts: &'a Fonts,
    ) -> Result<Self, PaperError> {
        let mut inputs = Dict::new();
        inputs.insert("data".into(), data);
        inputs.insert("lang".into(), Value::Str(content.lang.tag().into()));
        let list =
            |names: Vec<String>| Value::Array(names.into_iter().map(|n| Value::Str(n.into())).collect::<Array>());
        let families: Dict =
            fonts.families().into_iter().map(|(name, list_of)| (Str::from(name), list(list_of))).collect();
        inputs.insert("fonts".into(), Value::Dict(families));
        let file = |(name, bytes): (&String, &Vec<u8>)| {
            let id = id_of(name)?;
            let text = std::str::from_utf8(bytes).ok().filter(|_| name.ends_with(".typ"));
            let source = text.map(|text| Source::new(id, text.to_owned()));
            Ok(File { id, bytes: Bytes::new(bytes.clone()), source })
        };
        Ok(Self {
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
            book: LazyHash::new(fonts.book()),
            main: id_of(template.main())?,
            files: template.files().iter().map(file).collect::<Result<_, PaperError>>()?,
            fonts,
            loaded: (0..fonts.len()).map(|_| OnceLock::new()).collect(),
            lost: Mutex::default(),
            day: day(content),
        })
    }

    /// With fonts that documents before it have read: a file of forty thousand signs is read and weighed once, not for each of a thousand.
    #[cfg(test)]
    pub(crate) fn sharing(mut self, loaded: &Loaded) -> Self {
        assert_eq!(self.loaded.len(), loaded.len(), "of the same fonts");
        self.loaded = Arc::clone(loaded);
        self
    }

    /// The font that could not be read, if there was one.
    pub(crate) fn lost_font(&self) -> Option<PathBuf> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first fault of a template with its place.
    pub(crate) fn fault(&self, faults: &[SourceDiagnostic]) -> PaperError {
        let Some(first) = faults.first() else { return PaperError::Broken("a fault without words".into()) };
        let id = first.span.id();
        let file = id.map_or_else(|| "template".to_owned(), |id| id.get().vpath().get_without_slash().to_owned());
        let place = id.and_then(|id| {
            let source = self.source(id).ok()?;
            source.lines().byte_to_line(self.range(first.span)?.start)
        });
        let message = first.message.chars().take(300).collect();
        PaperError::Template { file, line: place.map_or(0, |n| n + 1), message }
    }

    fn find(&self, id: FileId) -> FileResult<&File> {
        let missing = || match id.root() {
            VirtualRoot::Project => FileError::NotFound(id.vpath().get_without_slash().into()),
            VirtualRoot::Package(_) => FileError::AccessDenied,
        };
        self.files.iter().find(|f| f.id == id).ok_or_else(missing)
    }
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.find(id)?.source.clone().ok_or(FileError::NotSource)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        Ok(self.find(id)?.bytes.clone())
    }

    fn font(&self, index: usize) -> Option<Font> {
        let load = || match self.fonts.load(index)? {
            Ok(font) => Some(font),
            Err(path) => {
                *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
                None
            }
        };
        self.loaded.get(index)?.get_or_init(load).clone()
    }

    /// The document's own day; there is no other clock, and no other zone.
    fn today(&self, offset: Option<Duration>) -> Option<Datetime> {
        let own = offset.is_none_or(|o| o.seconds() == f64::from(SHANGHAI_MINUTES) * 60.0);
        self.day.filter(|_| own)
    }
}
