//! Measures durable ledger appends: `cargo run --release -p jifang-store --example append_rate -- FOLDER [CALLERS] [SECONDS] [POSTGRES-URL]`.
//! Each caller appends and waits for its place; the line says entries a second and the waits.

use base::{Text, UtcMs};
use jifang_store::ledger_log::{ActLine, LogEntry};
use jifang_store::{Store, StoreConfig};
use std::time::{Duration, Instant};

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let number = |i: usize, default| args.get(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (callers, seconds) = (number(2, 64_u64), number(3, 5_u64));
    let config =
        StoreConfig { data: args[1].clone().into(), database_url: args.get(4).cloned(), ..StoreConfig::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut waits = runtime.block_on(run(config, callers, Duration::from_secs(seconds)));
    waits.sort_unstable();
    let at = |per_mille: usize| waits[(waits.len() - 1) * per_mille / 1_000];
    println!(
        "{callers} callers: {:.0} appends/s, wait p50 {:?}, p99 {:?}, max {:?}",
        waits.len() as f64 / seconds as f64,
        at(500),
        at(990),
        at(1_000)
    );
}

async fn run(config: StoreConfig, callers: u64, length: Duration) -> Vec<Duration> {
    let store = Store::open(&config, UtcMs(0)).await.expect("opens");
    tokio::spawn(store.clone().run_ledger());
    let begun = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while begun.elapsed() < length {
                    let asked = Instant::now();
                    store.append(entry(n)).await.expect("appended");
                    waits.push(asked.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.expect("no panic"));
    }
    all
}

fn entry(n: u64) -> LogEntry {
    let text = Text::new("查看录像。", "Footage viewed.");
    let act = ActLine::done(None, text);
    let body = serde_json::json!({ "caller": n, "from_utc_ms": 1_795_255_200_000_i64, "sha256": "0".repeat(64) });
    LogEntry { kind: "footage.viewed", at: UtcMs(0), body, act: Some(act) }
}
