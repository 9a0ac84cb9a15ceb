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
    let bytes = match std::str::from_utf8(&file.data) {
        Ok(text) if path.ends_with(".js") => slim(text).into_bytes().into(),
        _ => file.data,
    };
    Some(Asset { bytes, content_type: content_type(path), etag })
}

/// A module without what only its readers need: comments that fill lines, types in `/** … */`, indentation. Line by line, so that it
/// holds for our own modules only: no text over several lines, no `/**` and no line begin `//` inside a text (a test looks).
fn slim(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if inside || line.starts_with("//") {
            inside = inside && !line.ends_with("*/");
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("/**") {
            out.push_str(before);
            match after.split_once("*/") {
                Some((_, code)) => rest = code.trim_start(),
                None => {
                    inside = true;
                    rest = "";
                }
            }
        }
        out.push_str(rest);
        if !out.ends_with('\n') && !out.is_empty() {
            out.push('\n');
        }
    }
    out
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
        assert!(module_bytes < 136_000, "all modules together: {module_bytes} bytes");
    }

    #[test]
    fn modules_go_out_without_what_only_readers_need() {
        let text = "// @ts-check\n/**\n * Words.\n */\nimport { a } from './a.js';\n\n  /** One line. @param {string} x */\n  const b = \
                    /** @type {HTMLElement | null} */ (c); // why\n/** @type {Cell[]} */ const d = [];\n";
        assert_eq!(slim(text), "import { a } from './a.js';\nconst b = (c); // why\nconst d = [];\n");
        for path in paths().into_iter().filter(|p| p.ends_with(".js")) {
            let text = String::from_utf8(Files::get(&path).expect("listed").data.into_owned()).expect("text");
            for line in text.lines() {
                assert!(line.matches('`').count().is_multiple_of(2), "{path}: a text over several lines: {line}");
            }
        }
    }

    /// Tokens of a theme: name and colour.
    fn tokens(css: &str, theme: &str) -> std::collections::HashMap<String, f64> {
        let block = css.split(&format!("html[data-theme=\"{theme}\"] {{")).nth(1).expect(theme);
        let pairs =
            block.split('}').next().expect("a block").split(';').filter_map(|line| line.trim().split_once(": #"));
        let colours = pairs.filter(|(_, hex)| hex.len() == 6);
        colours.map(|(name, hex)| (name.trim_start_matches("--").to_owned(), luminance(hex))).collect()
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(hex: &str) -> f64 {
        let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")) / 255.0;
        let linear = |v: f64| if v <= 0.03928 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(part(0)) + 0.7152 * linear(part(2)) + 0.0722 * linear(part(4))
    }

    /// Text 4.5 : 1, borders of fields and buttons and the focus 3 : 1 (WCAG 2.2 AA, 1.4.3 and 1.4.11), in both themes.
    #[test]
    fn tokens_stand_out_from_every_ground_they_are_used_on() {
        let css = String::from_utf8(find("app.css").expect("there").bytes.into_owned()).expect("text");
        for theme in ["dark", "light"] {
            let tokens = tokens(&css, theme);
            let ratio = |a: &str, b: &str| {
                let (a, b) = (tokens[a], tokens[b]);
                (a.max(b) + 0.05) / (a.min(b) + 0.05)
            };
            let mut pairs = vec![];
            for text in ["text", "muted", "accent", "p1", "p2", "p3", "info", "calm"] {
                pairs.extend(["ground", "surface", "raised", "sunken"].map(|ground| (text, ground, 4.5)));
            }
            for soft in ["p1", "p2", "p3", "info"].map(|p| (p, format!("{p}-soft"))) {
                for (text, least) in [(soft.0, 4.5), ("text", 4.5), ("muted", 4.5)] {
                    assert!(
                        ratio(text, &soft.1) >= least,
                        "{theme}: {text} on {}: {:.2}",
                        soft.1,
                        ratio(text, &soft.1)
                    );
                }
            }
            pairs.extend([("on-accent", "accent", 4.5), ("accent", "accent-soft", 4.5), ("muted", "accent-soft", 4.5)]);
            pairs.extend(["surface", "ground", "sunken", "raised"].map(|g| ("line-strong", g, 3.0)));
            pairs.extend(["surface", "ground", "sunken", "raised"].map(|g| ("accent", g, 3.0)));
            for (one, other, least) in pairs {
                assert!(ratio(one, other) >= least, "{theme}: {one} on {other}: {:.2}", ratio(one, other));
            }
        }
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
