//! The gate's decisions: one officer, two officers, deletion, placement. Floor: SHA-256 of a kilobyte.

use super::table::{Table, percentile, short};
use base::{CivilDate, Sha256, UtcMs};
use law::{Act, BasisKind, Deletion, Gate, Jurisdiction, OfficialAccess, OrganKind, PlaceKind, Question, SiteProfile};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 20_000;

pub fn run(table: &mut Table) -> anyhow::Result<()> {
    let gate = Gate::embedded()?;
    let on = CivilDate::ymd(2026, 11, 21).unwrap_or_else(|| UtcMs(0).shanghai_date());
    let site = SiteProfile::new(Jurisdiction::Heilongjiang);
    let access = |officers| OfficialAccess {
        organ: OrganKind::Police,
        basis: BasisKind::CriminalInvestigation,
        distinct_officers: officers,
        badges_shown: true,
        unit_letter: true,
        registered: true,
        within_scope: true,
    };
    let deletion =
        Deletion { place: PlaceKind::Lobby, last_frame: UtcMs(1_790_000_000_000), on_hold: false, authorised: true };
    let acts = [
        ("one officer (refused)", Act::OfficialView(access(1))),
        ("two officers", Act::OfficialView(access(2))),
        ("deletion inside its term (refused)", Act::Delete(deletion)),
    ];
    let floor = measure(|| {
        black_box(Sha256::of(black_box(&[7; 1024])));
    });
    for (name, act) in acts {
        let question = Question { site, act };
        let times = measure(|| {
            black_box(gate.decide(black_box(&question), on));
        });
        let p = |n| percentile(&times, n);
        let ratio = p(50).as_secs_f64() / percentile(&floor, 50).as_secs_f64();
        let text = format!("p50 {}, p99 {} ({ratio:.0} × SHA-256 of 1 KiB)", short(p(50)), short(p(99)));
        table.add(format!("law gate: {name}"), text, "p99 <= 100 µs", "p99 <= 20 µs");
    }
    Ok(())
}

fn measure(mut work: impl FnMut()) -> Vec<std::time::Duration> {
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
