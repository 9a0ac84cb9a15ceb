//! The gate's decisions with all packs: typical acts, allowed and refused. Floor: SHA-256 of a kilobyte.

#[path = "../../../law/examples/gate/questions.rs"]
mod questions;

use super::table::{Table, percentile, short};
use base::{CivilDate, Sha256, UtcMs};
use law::{
    Act, BasisKind, Closing, Deletion, Fining, Gate, Installer, Jurisdiction, OfficialAccess, OrganKind, OwnUse,
    PlaceKind, Placement, Question, SiteProfile,
};
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 20_000;

pub fn run(table: &mut Table) -> anyhow::Result<()> {
    let gate = Gate::embedded()?;
    let on = CivilDate::ymd(2026, 11, 21).unwrap_or_else(|| UtcMs(0).shanghai_date());
    let floor = measure(|| {
        black_box(Sha256::of(black_box(&[7; 1024])));
    });
    for (name, question) in questions::questions() {
        let times = measure(|| {
            black_box(gate.decide(black_box(&question), on));
        });
        let p = |n| percentile(&times, n);
        let a_second = times.len() as f64 / times.iter().sum::<Duration>().as_secs_f64();
        let ratio = p(50).as_secs_f64() / percentile(&floor, 50).as_secs_f64();
        let (half, most) = (short(p(50)), short(p(99)));
        let text = format!("{a_second:.0}/s, p50 {half}, p99 {most} ({ratio:.0} × SHA-256 of 1 KiB)");
        table.add(format!("law gate: {name}"), text, "p99 <= 100 µs", "p99 <= 20 µs");
    }
    Ok(())
}

fn measure(mut work: impl FnMut()) -> Vec<Duration> {
    for _ in 0..ROUNDS / 10 {
        work();
    }
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times
}
