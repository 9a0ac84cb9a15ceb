//! No file of the project names a folder of the machine it was written on.

use super::Fault;
use super::tree::File;

/// Folders that exist on one machine only. Written in halves, so that this file does not carry them.
const MACHINE: [&str; 3] = [concat!("/wo", "rk/"), concat!("/fa", "rm/"), concat!("/tmp/", "t-")];

/// Faults of one text file, whatever its kind.
pub fn check(file: &File) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (line, text) in file.text.lines().enumerate() {
        for path in MACHINE {
            // A path starts at the line's start or behind something that is no name: `a/b/` inside a URL is not one.
            let starts = |at: usize| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "._-}".contains(c));
            if text.match_indices(path).any(|(at, _)| starts(at)) {
                faults.push(Fault::new(&file.path, line + 1, format!("names the machine path `{path}`")));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_found_in_any_text_file() {
        for path in MACHINE {
            let text = format!("ok\nsee {path}main and '{path}x'\n");
            assert_eq!(check(&File::new("docs/a.md", &text)).len(), 1, "{path}");
            assert_eq!(check(&File::new("a.toml", &format!("{path}x"))).len(), 1, "{path}");
        }
    }

    #[test]
    fn other_paths_and_urls_pass() {
        let text = format!("https://example.org{}x /tmp/jifang /works/ net{}a /tmp/x", MACHINE[0], MACHINE[0]);
        assert_eq!(check(&File::new("a.md", &text)), []);
    }
}
