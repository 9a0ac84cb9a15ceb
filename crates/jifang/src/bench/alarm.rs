//! Alarm events over SIA DC-09, each durable before it is acknowledged. Panels and receiver share this machine's cores.
//!
//! Floors of the same run: the same bytes over the same number of connections, echoed and nothing else; and one `fdatasync` alone. Ten
//! thousand supervised accounts are there all the time.

use super::ledger::per_second;
use super::stage::{site_config, store_config};
use super::table::{Table, percentile, short};
use base::{Pii, UtcMs};
use domain::alarm::SourceName;
use sim::panel::{Link, Outcome, PanelOptions};
use site::SiteClock;
use site::alarm::receiver::Receiver;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use store::Store;
use store::alarm_sources::AlarmSource;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: u16 = 100;
/// Supervised accounts; those that speak are the first of them.
const ACCOUNTS: u32 = 10_000;
const KEY: &str = "00112233445566778899AABBCCDDEEFF";
/// Length of an event frame and of its answer, plain.
const FLOOR_BYTES: (usize, usize) = (49, 28);

pub fn run(table: &mut Table, seconds: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let sync = sync_floor(folder.path())?;
    crate::runtime()?.block_on(measure(table, folder.path(), Duration::from_secs(seconds), sync))
}

async fn measure(table: &mut Table, folder: &Path, length: Duration, sync: Duration) -> anyhow::Result<()> {
    let echo = echo_floor(length.min(Duration::from_secs(5))).await?;
    let clock = SiteClock::start();
    let store = Store::open(&store_config(folder), clock.now().utc).await?;
    let config = site::SiteConfig { dc09_rate: u32::MAX / 2, ..site_config() };
    let receiver = Receiver::bind(&config, &store, clock).await?;
    let goals = [("10,000/s", "20,000/s"), ("20,000/s", "40,000/s")];
    for (name, key, reconnect, goal) in [
        ("plain", None, false, goals[1]),
        ("AES-128", Some(KEY), false, goals[0]),
        ("plain, a connection for each event", None, true, ("", "")),
    ] {
        for n in 0..ACCOUNTS {
            receiver.put(&account(n, key));
        }
        let mut times = panels(receiver.address(), key, reconnect, length).await?;
        times.sort_unstable();
        let rate = per_second(times.len(), length);
        let p = |n| short(percentile(&times, n));
        let (first, goal) = goal;
        table.add(
            format!(
                "alarm events, durable before ACK, {CONNECTIONS} connections, {ACCOUNTS} supervised accounts: {name}"
            ),
            format!(
                "{rate:.0}/s, p50 {}, p99 {} (echo of the same bytes {echo:.0}/s; one fdatasync alone {})",
                p(50),
                p(99),
                short(sync)
            ),
            if first.is_empty() { "" } else { first },
            goal,
        );
    }
    receiver.stop();
    store.close().await;
    Ok(())
}

fn account(n: u32, key: Option<&str>) -> AlarmSource {
    AlarmSource {
        source: SourceName::dc09(&format!("{n:04}")),
        name: String::new(),
        place: String::new(),
        key: key.map(|k| Pii::new(k.to_owned())),
        supervision_s: Some(180),
        quirks: "{}".into(),
        lost: None,
        created: UtcMs(0),
        removed: None,
    }
}

/// Panels that send one event after the other; the time of each.
async fn panels(to: SocketAddr, key: Option<&str>, reconnect: bool, length: Duration) -> anyhow::Result<Vec<Duration>> {
    let end = Instant::now() + length;
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|n| {
            let account = format!("{n:04}");
            let mut options = PanelOptions::new(to, &account);
            options.key = key.map(str::to_owned);
            options.reconnect = reconnect;
            options.retry_ms = 10_000;
            tokio::spawn(async move {
                let mut panel = options.panel()?;
                let mut link = Link::new(options);
                let mut times = Vec::new();
                for n in 0_u32.. {
                    if Instant::now() >= end {
                        break;
                    }
                    // Content and sequence repeat only after millions: nothing is joined.
                    let event = panel.contact_id(&format!("1130 {:02} {:03}", n / 1_000 % 100, n % 1_000));
                    let sent = link.send(&mut panel, &event).await;
                    anyhow::ensure!(sent.outcome == Outcome::Acknowledged, "an event was not acknowledged: {sent:?}");
                    times.push(sent.took);
                }
                Ok::<_, anyhow::Error>(times)
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await??);
    }
    Ok(all)
}

/// The same exchange without meaning: so many bytes there, so many back.
async fn echo_floor(length: Duration) -> anyhow::Result<f64> {
    let (question, answer) = FLOOR_BYTES;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let to = listener.local_addr()?;
    let server = tokio::spawn(async move {
        loop {
            let Ok((mut tcp, _)) = listener.accept().await else { continue };
            tokio::spawn(async move {
                let mut buffer = vec![0; question];
                while tcp.read_exact(&mut buffer).await.is_ok() {
                    if tcp.write_all(&buffer[..answer]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    let end = Instant::now() + length;
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            tokio::spawn(async move {
                let mut tcp = TcpStream::connect(to).await?;
                tcp.set_nodelay(true)?;
                let (sent, mut buffer) = (vec![7; question], vec![0; answer]);
                let mut count = 0_usize;
                while Instant::now() < end {
                    tcp.write_all(&sent).await?;
                    tcp.read_exact(&mut buffer).await?;
                    count += 1;
                }
                Ok::<_, std::io::Error>(count)
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await??;
    }
    server.abort();
    Ok(per_second(count, length))
}

fn sync_floor(folder: &Path) -> std::io::Result<Duration> {
    use std::io::Write;
    let mut file = std::fs::File::create(folder.join("floor"))?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(percentile(&times, 50))
}
