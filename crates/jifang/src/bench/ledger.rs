//! Ledger appends, each durable before it is acknowledged. Floor: 4 KiB written and fdatasync'd, one after the other.

use super::table::{Table, percentile, short};
use base::{Text, UtcMs};
use std::io::Write;
use std::time::{Duration, Instant};
use store::ledger_log::{ActLine, LogEntry};
use store::{Store, StoreConfig};

const CALLERS: usize = 64;
const EACH: usize = 300;

pub fn run(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let floor = floor(folder.path())?;
    let times = crate::runtime()?.block_on(appends(folder.path()))?;
    let (took, times) = times;
    let rate = per_second(times.len(), took);
    let p = |n| short(percentile(&times, n));
    table.add(
        format!("ledger append, durable, {CALLERS} callers"),
        format!("{rate:.0}/s, p50 {}, p99 {} (one fdatasync alone: {})", p(50), p(99), short(floor)),
        "5,000/s, p99 <= 50 ms",
        "20,000/s",
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
pub fn per_second(n: usize, took: Duration) -> f64 {
    n as f64 / took.as_secs_f64()
}

fn floor(folder: &std::path::Path) -> std::io::Result<Duration> {
    let mut file = std::fs::File::create(folder.join("floor"))?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(percentile(&times, 50))
}

async fn appends(folder: &std::path::Path) -> anyhow::Result<(Duration, Vec<Duration>)> {
    let config = StoreConfig { data: folder.join("data"), ..StoreConfig::default() };
    let store = Store::open(&config, UtcMs(1_790_000_000_000)).await?;
    let start = Instant::now();
    let mut tasks = Vec::new();
    for caller in 0..CALLERS {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::with_capacity(EACH);
            for n in 0..EACH {
                let act = ActLine::done(None, Text::new("测量", "measured"));
                let body = serde_json::json!({ "caller": caller, "n": n, "note": "about as long as an ordinary act of a person" });
                let entry = LogEntry { kind: "bench.act", at: UtcMs(1_790_000_000_000), body, act: Some(act) };
                let start = Instant::now();
                store.append(entry).await?;
                times.push(start.elapsed());
            }
            Ok::<_, anyhow::Error>(times)
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let took = start.elapsed();
    times.sort_unstable();
    store.close().await;
    Ok((took, times))
}
