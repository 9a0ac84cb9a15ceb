//! Sets every kind of document with sample values, in both languages, as PDF into a folder: to look at.
//!
//! `cargo run -p jifang-paper --example documents -- DIR` writes `DIR/<kind>.zh.pdf` and `.en.pdf`, with a draft of one kind. With a second
//! folder it also sets the values in it (`<kind>.<anything>.json`): `JIFANG_PAPERS=FOLDER cargo test -p jifang-domain paper` writes there what
//! the papers of sample cases of every procedure say. A PDF becomes pictures with `pdftoppm -r 60 -png FILE NAME`. What could not be set is told,
//! and the program then ends with 1.

use base::{Lang, UtcMs};
use jifang_paper::{Content, FontChoice, Fonts, Paper, PaperError, Template, documents, draw_qr, render, sample};
use serde_json::{Value, json};
use std::path::Path;

/// 2026-11-22 14:32:05 in Beijing.
const AT: UtcMs = UtcMs(1_795_329_125_000);
/// The kind that is set as a draft too.
const DRAFT: &str = "penalty-decision";

fn set(name: &str, lang: Lang, mut values: Value, fonts: &Fonts) -> Result<Paper, PaperError> {
    draw_qr(&mut values)?;
    render(&Template::read(name, None)?, &Content { at: AT, lang, values: &values }, fonts)
}

/// Sets one document and writes it; what stood in the way is told.
fn put(file: &Path, made: Result<Paper, PaperError>) -> std::io::Result<bool> {
    match made {
        Ok(paper) => {
            std::fs::write(file, &paper.pdf)?;
            println!("{} {}", file.display(), paper.pages);
            Ok(true)
        }
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            Ok(false)
        }
    }
}

/// Papers of sample cases: files `<kind>.<language>.<anything>.json`.
fn cases(folder: &Path, out: &Path, fonts: &Fonts) -> std::io::Result<bool> {
    let mut whole = true;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(".json")) else {
            continue;
        };
        let mut parts = name.split('.');
        let (kind, lang) = (parts.next().unwrap_or_default(), parts.next().and_then(Lang::parse).unwrap_or_default());
        let values = serde_json::from_str(&std::fs::read_to_string(&path)?).map_err(std::io::Error::other)?;
        whole &= put(&out.join(format!("case-{name}.pdf")), set(kind, lang, values, fonts))?;
    }
    Ok(whole)
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(out) = arguments.next() else {
        eprintln!("usage: documents DIR [FOLDER OF VALUES]");
        std::process::exit(2);
    };
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    let fonts = Fonts::find(&FontChoice::usual());
    let mut whole = true;
    for lang in [Lang::Zh, Lang::En] {
        let ending = lang.t("zh", "en");
        for name in documents() {
            let values = sample(name, lang);
            if name == DRAFT {
                let mut draft = values.clone();
                draft["draft"] = json!(true);
                whole &= put(&out.join(format!("{name}.draft.{ending}.pdf")), set(name, lang, draft, &fonts))?;
            }
            whole &= put(&out.join(format!("{name}.{ending}.pdf")), set(name, lang, values, &fonts))?;
        }
    }
    if let Some(folder) = arguments.next() {
        whole &= cases(Path::new(&folder), out, &fonts)?;
    }
    if whole {
        return Ok(());
    }
    Err(std::io::Error::other("some documents could not be set"))
}
