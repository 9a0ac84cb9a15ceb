//! Measures the gate with all packs: `cargo run --release -p jifang-law --example gate`. Prints the lines of `docs/ref/benchmarks.md`.
//!
//! The same questions as `jifang bench law`, without building the product. Floor: SHA-256 of a kilobyte, taken in the same run.

mod questions;

use base::{CivilDate, Sha256};
use jifang_law::{
    Act, BasisKind, Closing, Deletion, Fining, Gate, Installer, Jurisdiction, OfficialAccess, OrganKind, OwnUse,
    PlaceKind, Placement, Question, SiteProfile,
};
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

const ROUNDS: usize = 20_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    let gate = Gate::embedded()?;
    let load = began.elapsed();
    let on = CivilDate::ymd(2026, 11, 21).ok_or("no such day")?;
    let floor = measure(|| {
        black_box(Sha256::of(black_box(&[7; 1024])));
    });
    let mut out = std::io::stdout().lock();
    writeln!(out, "packs read and sorted in {:.0} ms; floor {:.2} µs", load.as_secs_f64() * 1e3, us(p(&floor, 50)))?;
    for (name, question) in questions::questions() {
        let times = measure(|| {
            black_box(gate.decide(black_box(&question), on));
        });
        let all: Duration = times.iter().sum();
        let a_second = times.len() as f64 / all.as_secs_f64();
        let (half, most) = (p(&times, 50), p(&times, 99));
        let ratio = half.as_secs_f64() / p(&floor, 50).as_secs_f64();
        writeln!(
            out,
            "| law gate: {name} | {a_second:.0}/s, p50 {:.1} µs, p99 {:.1} µs ({ratio:.0} × SHA-256 of 1 KiB) |",
            us(half),
            us(most)
        )?;
    }
    Ok(())
}

/// Times of `ROUNDS` runs, rising.
fn measure(mut work: impl FnMut()) -> Vec<Duration> {
    (0..ROUNDS / 10).for_each(|_| work());
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

fn p(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

fn us(d: Duration) -> f64 {
    d.as_secs_f64() * 1e6
}
