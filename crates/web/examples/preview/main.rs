//! Renders every page with sample data, in both languages, to a folder, with the assets beside: to look at, and to photograph.
//!
//! `cargo run -p jifang-web --example preview -- DIR` writes `DIR/zh/*.html`, `DIR/en/*.html`, `DIR/assets/`; any static server shows it.

mod samples;

use jifang_web::{assets, pages};
use std::path::Path;

fn main() -> std::io::Result<()> {
    let Some(dir) = std::env::args().nth(1) else {
        eprintln!("usage: preview DIR");
        std::process::exit(2);
    };
    let dir = Path::new(&dir);
    for lang in [base::Lang::Zh, base::Lang::En] {
        let folder = dir.join(lang.t("zh", "en"));
        std::fs::create_dir_all(&folder)?;
        for (name, html) in samples::all(lang) {
            std::fs::write(folder.join(format!("{name}.html")), html)?;
        }
    }
    for path in assets::paths() {
        let to = dir.join("assets").join(&path);
        if let (Some(parent), Some(asset)) = (to.parent(), assets::find(&path)) {
            std::fs::create_dir_all(parent)?;
            std::fs::write(&to, asset.bytes)?;
        }
    }
    Ok(())
}
