//! The files that pages load: style sheet, ES modules, icons. Compiled into the binary (read from disk in debug builds).
//!
//! A pure function from a path to bytes, content type and entity tag; the route that serves it is elsewhere. Invariants: only
//! files under `assets/` can be named; a path with `..`, an empty segment or a backslash finds nothing.

use std::borrow::Cow;

/// The folder `assets/` as a table.
#[derive(rust_embed::RustEmbed)]
#[folder = "assets/"]
struct Files;

/// One file as it goes to the browser.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
    /// `Content-Type`, with the charset for text.
    pub content_type: &'static str,
    /// Strong entity tag with its quotes: the first 16 bytes of the SHA-256, hexadecimal.
    pub etag: String,
}

/// The asset at `path`, relative to `/assets/` (`app.css`, `js/wall.js`); `None` where there is none.
#[must_use]
pub fn find(path: &str) -> Option<Asset> {
    if path.contains('\\') || path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return None;
    }
    let file = Files::get(path)?;
    let hash = file.metadata.sha256_hash();
    let etag = format!("\"{}\"", base::hex(hash.get(..16).unwrap_or(&hash)));
    Some(Asset { bytes: file.data, content_type: content_type(path), etag })
}

/// All paths that [`find`] answers, sorted.
#[must_use]
pub fn paths() -> Vec<String> {
    let mut all: Vec<_> = Files::iter().map(Cow::into_owned).collect();
    all.sort_unstable();
    all
}

/// Content type by the end of the name. What is not listed is sent as bytes, never guessed (the server sends `nosniff`).
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_files_with_type_and_tag() {
        for (path, kind) in [("app.css", "text/css"), ("js/wall.js", "text/javascript"), ("icons.svg", "image/svg+xml")]
        {
            let asset = find(path).expect(path);
            assert!(asset.content_type.starts_with(kind), "{path}: {}", asset.content_type);
            assert_eq!(asset.etag.len(), 34);
            assert!(!asset.bytes.is_empty());
        }
        assert_ne!(find("app.css").map(|a| a.etag), find("icons.svg").map(|a| a.etag));
    }

    #[test]
    fn nothing_outside_the_folder_can_be_named() {
        for path in
            ["", "/app.css", "../Cargo.toml", "js/../app.css", "js//wall.js", "js\\wall.js", "./app.css", "nope.css"]
        {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn every_file_has_a_known_type_and_modules_stay_small() {
        let all = paths();
        assert!(all.len() > 8);
        let mut module_bytes = 0;
        for path in &all {
            let asset = find(path).expect(path);
            assert_ne!(asset.content_type, "application/octet-stream", "{path}");
            if path.ends_with(".js") {
                module_bytes += asset.bytes.len();
            }
        }
        assert!(module_bytes < 80 * 1024, "all modules together: {module_bytes} bytes");
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for path in paths() {
            let text = String::from_utf8(find(&path).expect("listed").bytes.into_owned()).expect("text");
            let foreign = text
                .match_indices("://")
                .filter(|(at, _)| !text[..*at].ends_with("http") || !text[*at..].starts_with("://www.w3.org/"));
            assert_eq!(foreign.count(), 0, "{path} names another host");
        }
    }
}
