//! `cargo xtask tidy`: the rules of the source tree that no compiler holds.
//!
//! The tree is read once ([`tree`]), Rust files are split into code, comments and strings ([`lexer`]),
//! and each rule family looks at the result and returns faults. Invariants: rules only read; a fault
//! names file, line and what to do; every family has tests on small inputs that make it fail.

mod dependencies;
mod imports;
mod leftovers;
mod legal_numbers;
mod lexer;
mod metadata;
mod metrics;
mod paths;
mod provinces;
mod purity;
mod size;
mod tree;
mod words;

use std::fmt;
use std::path::Path;

/// One broken rule at one place.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path from the workspace root.
    pub path: String,
    /// Line from 1; 0 when the fault is about the whole file or package.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Checks the tree under `root`, prints each fault, and answers whether there was none.
pub fn run(root: &Path) -> bool {
    let faults = match check(root) {
        Ok(faults) => faults,
        Err(why) => {
            println!("tidy: {why}");
            return false;
        }
    };
    for fault in &faults {
        println!("{fault}");
    }
    println!("tidy: {} fault{}", faults.len(), if faults.len() == 1 { "" } else { "s" });
    faults.is_empty()
}

fn check(root: &Path) -> Result<Vec<Fault>, String> {
    let files = tree::read(root)?;
    let packages = metadata::read(root)?;
    let mut faults = Vec::new();
    for file in &files {
        faults.extend(paths::check(file));
        if let Some(rust) = &file.rust {
            faults.extend(size::check(&file.path, rust));
            faults.extend(leftovers::check(&file.path, rust));
            faults.extend(purity::check(&file.path, rust));
            faults.extend(words::pinyin(&file.path, rust));
        }
    }
    faults.extend(words::glossary(&files));
    faults.extend(legal_numbers::check(&files));
    faults.extend(metrics::check(&files));
    faults.extend(provinces::check(&files));
    faults.extend(imports::check(&packages));
    faults.extend(dependencies::licences(&packages));
    faults.extend(dependencies::features(&packages));
    faults.extend(dependencies::lock_file(&files));
    faults.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    Ok(faults)
}
