//! From a panel's ACK to the desk: the instant at which the queue that pages show has the alarm and their event goes out.
//!
//! One hold-up at a time, each of its own panel, so that each is a new incident with its report in the outbox. What the browser adds (one
//! request for the queue, and drawing it) is measured by the browser tests.

use super::stage::{site_config, store_config};
use super::table::{Table, percentile, short};
use domain::alarm::SourceName;
use law::{Jurisdiction, SiteProfile};
use sim::panel::{Link, Outcome, PanelOptions};
use site::{Profile, Site, SiteClock};
use std::path::Path;
use std::time::{Duration, Instant};
use store::Store;
use store::alarm_sources::AlarmSource;

/// Hold-ups.
const ALARMS: u32 = 60;
/// Longest wait for one to be in the queue.
const PATIENCE: Duration = Duration::from_secs(30);

pub fn run(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    crate::runtime()?.block_on(measure(table, folder.path()))
}

async fn measure(table: &mut Table, folder: &Path) -> anyhow::Result<()> {
    let clock = SiteClock::start();
    let store = Store::open(&store_config(folder), clock.now().utc).await?;
    let profile =
        Profile { name: "bench".into(), address: String::new(), law: SiteProfile::new(Jurisdiction::default()) };
    site::profile::save(&store, &profile, None, clock.now().utc).await?;
    let site = Site::start(store, site_config(), clock).await?;
    let mut times = Vec::new();
    for n in 0..ALARMS {
        let account = format!("{n:04}");
        let source = SourceName::dc09(&account);
        site.receiver().put(&panel(source.clone()));
        let mut queue = site.alarms().watch();
        let options = PanelOptions::new(site.receiver().address(), &account);
        let (mut panel, mut link) = (options.panel()?, Link::new(options));
        let event = panel.contact_id("1120 01 001");
        let sent = link.send(&mut panel, &event).await;
        let acknowledged = Instant::now();
        anyhow::ensure!(sent.outcome == Outcome::Acknowledged, "an alarm was not acknowledged: {sent:?}");
        let shown = async {
            while !site.alarms().open().iter().any(|o| o.row.incident.source == source) {
                queue.changed().await?;
            }
            Ok::<_, anyhow::Error>(acknowledged.elapsed())
        };
        times.push(tokio::time::timeout(PATIENCE, shown).await??);
    }
    times.sort_unstable();
    let p = |n| short(percentile(&times, n));
    table.add(
        format!("alarm to page: a panel's ACK to the queue of the desk and its event, {ALARMS} hold-ups one by one"),
        format!("p50 {}, p99 {}", p(50), p(99)),
        "1 s",
        "",
    );
    site.stop().await;
    Ok(())
}

fn panel(source: SourceName) -> AlarmSource {
    AlarmSource {
        source,
        name: String::new(),
        place: String::new(),
        key: None,
        supervision_s: None,
        quirks: "{}".into(),
        lost: None,
        created: base::UtcMs(0),
        removed: None,
    }
}
