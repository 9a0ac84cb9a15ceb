//! The table that a benchmark run prints, and how durations are told.

use std::fmt;
use std::time::Duration;

/// One line: what, measured, goal, first step.
struct Line {
    what: String,
    measured: String,
    step: &'static str,
    goal: &'static str,
}

/// Lines in the order they were measured.
#[derive(Default)]
pub struct Table(Vec<Line>);

impl Table {
    /// Adds a line.
    pub fn add(
        &mut self,
        what: impl Into<String>,
        measured: impl Into<String>,
        step: &'static str,
        goal: &'static str,
    ) {
        self.0.push(Line { what: what.into(), measured: measured.into(), step, goal });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | measured | first step | goal |\n|---|---|---|---|")?;
        for l in &self.0 {
            writeln!(f, "| {} | {} | {} | {} |", l.what, l.measured, l.step, l.goal)?;
        }
        Ok(())
    }
}

/// Percentile of sorted durations.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len().saturating_sub(1)) * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}

/// `12.3 µs`, `4.56 ms`.
pub fn short(d: Duration) -> String {
    let us = d.as_secs_f64() * 1e6;
    if us < 1_000.0 { format!("{us:.1} µs") } else { format!("{:.2} ms", us / 1_000.0) }
}
