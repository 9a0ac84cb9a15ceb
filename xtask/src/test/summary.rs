//! Reads what `cargo test` prints: how many tests passed, failed and were ignored, and which failed.

/// Sums over all test binaries of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that were not run.
    pub ignored: usize,
    /// Names of the failed ones, in the order of their running.
    pub failing: Vec<String>,
}

impl Summary {
    /// Takes one line of output; lines of no interest change nothing.
    pub fn read_line(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            // `ok. 3 passed; 0 failed; 1 ignored; 0 measured; ...`
            let counts = counts.split_once(". ").map_or("", |(_, counts)| counts);
            for part in counts.split("; ") {
                match part.split_once(' ').map(|(number, word)| (number.parse().unwrap_or(0), word)) {
                    Some((number, "passed")) => self.passed += number,
                    Some((number, "failed")) => self.failed += number,
                    Some((number, "ignored")) => self.ignored += number,
                    _ => {}
                }
            }
        } else if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.failing.push(name.to_owned());
        }
    }

    /// Adds another summary.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.failing.extend(other.failing);
    }
}

/// The last line of a run.
pub fn last_line(passed: usize, failed: usize, skipped: usize) -> String {
    match skipped {
        0 => format!("{passed} passed, {failed} failed"),
        _ => format!("{passed} passed, {failed} failed, {skipped} skipped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_are_summed() {
        let output = "running 3 tests\ntest a::b ... ok\ntest a::c ... FAILED\ntest d ... ignored\n\
            test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.20s\n\
            some test prints: test result: ok. 9 passed\n";
        let mut summary = Summary::default();
        output.lines().for_each(|line| summary.read_line(line));
        assert_eq!(summary, Summary { passed: 41, failed: 1, ignored: 1, failing: vec!["a::c".to_owned()] });
        let mut twice = Summary::default();
        twice.add(summary);
        assert_eq!((twice.passed, twice.failing.len()), (41, 1));
    }

    #[test]
    fn the_last_line_has_its_form() {
        assert_eq!(last_line(5, 0, 0), "5 passed, 0 failed");
        assert_eq!(last_line(5, 1, 2), "5 passed, 1 failed, 2 skipped");
    }
}
