//! Seeking over a month: rows of many days through the store's own committer, containers as sparse files, then random seeks.
//!
//! A seek is what the page does: leave to see (role, law gate, an entry in the log), the plan of a ten-minute window, and the first
//! 64 KiB of its MP4; then 64 KiB at the second that was asked for. Floor: 64 KiB from a random place of a random container and one
//! row by its primary key. The containers are sparse, so the disk's own time to fetch cold footage is in neither.

use super::ledger::per_second;
use super::stage;
use super::table::{Table, percentile, short};
use anyhow::{Context, ensure};
use base::{CameraId, ContainerId, Sha256, UtcMs};
use domain::access::Role;
use domain::recording::CONTAINER_MS;
use futures_util::{Stream, StreamExt};
use media::fragment::{FrameTable, Sound, VideoSample, init_segment};
use sim::load::{Prepared, Shape};
use site::playback::{Purpose, Viewer};
use site::{Actor, Site, SiteClock};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use store::db::{Db, sqlite_url};
use store::footage::{Committer, ContainerHead, Frag, OpenFile, Pending, Tail, container_path};

const DAY_MS: i64 = 86_400_000;
/// A span: five fragments of two seconds.
const SPAN_FRAGS: u32 = 5;
const FRAG_MS: i64 = 2_000;
const FRAG_90K: u32 = 180_000;
/// Items of one transaction, as the committer's own.
const BATCH: usize = 256;
const SEEKS: usize = 2_000;
/// The page's window: so much before and after the second asked for.
const LEAD_MS: i64 = 20_000;
const WINDOW_MS: i64 = 600_000;
const FIRST_BYTES: u64 = 64 * 1024;

pub fn run(table: &mut Table, days: u32, cameras: u32) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    crate::runtime()?.block_on(async {
        let clock = SiteClock::start();
        let month = Month::make(folder.path(), &clock, days, cameras).await?;
        let config = stage::store_config(folder.path());
        let store = Store::open(&config, clock.now().utc).await?;
        let floor = floor(&config.data.join("jifang.db"), &config.data, &month).await?;
        let site = Site::offline(store, stage::site_config(), clock).await?;
        let (first, picture) = seeks(&site, &month).await?;
        site.stop().await;
        report(table, &month, &floor, &first, &picture);
        Ok(())
    })
}

fn report(table: &mut Table, month: &Month, floor: &[Duration], first: &[Duration], picture: &[Duration]) {
    let p = |times, n| short(percentile(times, n));
    let (mb, per_span) = (month.database_bytes / 1_000_000, month.database_bytes / (month.spans.max(1) as u64));
    table.add(
        format!("seek, {} days × {} cameras ({} spans, database {mb} MB)", month.days, month.cameras.len(), month.spans),
        format!(
            "first 64 KiB p50 {}, **p99 {}**; with the wanted second's bytes p50 {}, p99 {} (floor: pread + row p50 {}, p99 {})",
            p(first, 50),
            p(first, 99),
            p(picture, 50),
            p(picture, 99),
            p(floor, 50),
            p(floor, 99)
        ),
        "p99 <= 50 ms",
        "p99 <= 20 ms at 30 days × 1,000 cameras",
    );
    table.add(
        "footage rows committed (with log entries)",
        format!(
            "{:.0} spans/s = {:.0} cameras' worth; {per_span} bytes of database a span",
            month.spans_per_s,
            month.spans_per_s * 10.0
        ),
        "-",
        "-",
    );
}

/// The synthetic footage.
struct Month {
    days: u32,
    cameras: Vec<CameraId>,
    from: UtcMs,
    to: UtcMs,
    containers: Vec<(ContainerId, String, u64)>,
    spans: usize,
    spans_per_s: f64,
    database_bytes: u64,
}

impl Month {
    async fn make(folder: &Path, clock: &SiteClock, days: u32, cameras: u32) -> anyhow::Result<Self> {
        let config = stage::store_config(folder);
        let now = clock.now().utc;
        let to = UtcMs(now.0 - now.0.rem_euclid(CONTAINER_MS));
        let from = to.plus_ms(-i64::from(days) * DAY_MS);
        let store = Store::open(&config, now).await?;
        let by = stage::actor(Role::SecurityManager)?.id;
        let mut ids = Vec::new();
        for i in 0..cameras {
            let row = stage::past_camera(usize::try_from(i)?, from)?;
            store.put_camera(&row, &[], by, now).await?;
            ids.push(row.id);
        }
        let prepared = Prepared::new(Shape { width: 320, height: 240, ..Shape::FULL_HD }, 1)?;
        let init = init_segment(&prepared.config, None)?;
        let path = config.data.join("jifang.db");
        let db = Db::open(&sqlite_url(&path), Duration::from_secs(5)).await?;
        let retry = (Duration::from_secs(1), Duration::from_secs(1));
        let committer = Committer::new(db.clone(), store.ledger().clone(), Tail::default(), retry, File::sync_data);
        let mut month = Self {
            days,
            cameras: ids.clone(),
            from,
            to,
            containers: Vec::new(),
            spans: 0,
            spans_per_s: 0.0,
            database_bytes: 0,
        };
        let begin = Instant::now();
        let mut batch = Vec::with_capacity(BATCH);
        let mut growth = Growth { seed: 1, data: config.data.clone(), init, seq: 0 };
        let mut start = from;
        while start < to {
            for camera in &ids {
                growth.container(*camera, start, &mut month, &mut batch)?;
                while batch.len() >= BATCH {
                    let rest = batch.split_off(BATCH);
                    committer.commit(&batch, now).await?;
                    batch = rest;
                }
            }
            growth.seq += u64::try_from(CONTAINER_MS / FRAG_MS)?;
            start = start.plus_ms(CONTAINER_MS);
            store.flush_ledger().await?;
        }
        committer.commit(&batch, now).await?;
        drop(committer);
        month.spans_per_s = per_second(month.spans, begin.elapsed());
        db.close().await;
        store.close().await;
        month.database_bytes = std::fs::metadata(&path)?.len();
        Ok(month)
    }
}

/// Makes containers that look like those of a 4 Mbit/s camera and hold no bytes.
struct Growth {
    seed: u64,
    data: std::path::PathBuf,
    init: Vec<u8>,
    seq: u64,
}

impl Growth {
    /// A pseudo-random number; the same run makes the same month.
    fn next(&mut self) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.seed >> 33
    }

    fn container(
        &mut self,
        camera: CameraId,
        start: UtcMs,
        month: &mut Month,
        batch: &mut Vec<Pending>,
    ) -> anyhow::Result<()> {
        let id = ContainerId::new(start.0, store::keys::random()?);
        let path = container_path(camera, id, start);
        let absolute = self.data.join(&path);
        std::fs::create_dir_all(absolute.parent().context("folder")?)?;
        let file = Arc::new(OpenFile::new(File::create(&absolute)?));
        file.get().write_all_at(&self.init, 0)?;
        let init_sha256 = Sha256::of(&self.init);
        let (init, codec) = (self.init.clone(), "H.264".into());
        let head = Arc::new(ContainerHead { id, camera, path: path.clone(), start, codec, init, init_sha256 });
        let (mut offset, mut prev) = (self.init.len() as u64, init_sha256);
        let spans = CONTAINER_MS / (FRAG_MS * i64::from(SPAN_FRAGS));
        for span in 0..spans {
            let before = prev;
            let mut frags = Vec::new();
            for n in 0..SPAN_FRAGS {
                let index = span * i64::from(SPAN_FRAGS) + i64::from(n);
                let frag = self.frag(index, start, offset, prev)?;
                (offset, prev) = (offset + frag.bytes, frag.sha256);
                frags.push(frag);
            }
            batch.push(Pending::Span { head: head.clone(), file: file.clone(), prev: before, frags });
        }
        file.get().set_len(offset)?;
        batch.push(Pending::Seal { head, bytes: offset, last: prev, at: start.plus_ms(CONTAINER_MS) });
        month.spans += usize::try_from(spans)?;
        month.containers.push((id, path, offset));
        Ok(())
    }

    fn frag(&mut self, index: i64, start: UtcMs, offset: u64, prev: Sha256) -> anyhow::Result<Frag> {
        let video: Vec<_> = (0..50)
            .map(|i| {
                // A key picture of about 110 KiB, others of about 18 KiB, a third up or down.
                let about = if i == 0 { 110_000 } else { 18_000 };
                let size_bytes = about * 2 / 3 + u32::try_from(self.next()).unwrap_or(0) % (about * 2 / 3);
                VideoSample { size_bytes, duration_90k: 3_600, offset_90k: 0, key: i == 0 }
            })
            .collect();
        let payload: u64 = video.iter().map(|v| u64::from(v.size_bytes)).sum();
        let video_start_90k = u64::try_from(index)? * u64::from(FRAG_90K);
        let bytes = payload + 1_000;
        let mut text = prev.0.to_vec();
        text.extend(offset.to_be_bytes());
        Ok(Frag {
            seq: self.seq + u64::try_from(index)?,
            offset,
            bytes,
            start: start.plus_ms(index * FRAG_MS),
            duration_90k: FRAG_90K,
            clock_error_ms: Some(12),
            key: true,
            continues: false,
            prev,
            sha256: Sha256::of(&text),
            table: FrameTable { video_start_90k, video, sound: Sound::None },
        })
    }
}

/// A place for the `n`-th seek, spread over the whole month without a pattern.
fn place(month: &Month, n: usize) -> (CameraId, UtcMs) {
    // Steps of the golden ratio fill a range evenly in no order.
    let camera = month.cameras[n % month.cameras.len()];
    let length_ms = month.to.since(month.from) - WINDOW_MS - LEAD_MS;
    let n = i64::try_from(n).unwrap_or(0);
    (camera, month.from.plus_ms(LEAD_MS + (n * 618_033_989 % 1_000_000_007) * (length_ms / 1_000) / 1_000_007))
}

async fn seeks(site: &Site, month: &Month) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
    let duty = stage::actor(Role::DutyOfficer)?;
    let (mut first, mut picture) = (Vec::new(), Vec::new());
    for n in 0..SEEKS + SEEKS / 20 {
        let (camera, at) = place(month, n);
        let (to_first, to_picture) = seek(site, &duty, camera, at).await?;
        if n >= SEEKS / 20 {
            first.push(to_first);
            picture.push(to_picture);
        }
    }
    first.sort_unstable();
    picture.sort_unstable();
    Ok((first, picture))
}

async fn seek(site: &Site, duty: &Actor, camera: CameraId, at: UtcMs) -> anyhow::Result<(Duration, Duration)> {
    let begin = Instant::now();
    let viewer = Viewer::Staff(duty, Purpose::Patrol);
    let film = site.play(viewer, camera, at.plus_ms(-LEAD_MS), at.plus_ms(WINDOW_MS)).await?;
    ensure!(read(film.read(0..FIRST_BYTES)).await? == FIRST_BYTES, "the film is too short");
    let to_first = begin.elapsed();
    // Pictures are of about one size: the second asked for lies where its share of the time is.
    let lead = u64::try_from(LEAD_MS)? * film.total_bytes() / film.duration_ms().max(1);
    ensure!(read(film.read(lead..lead + FIRST_BYTES)).await? == FIRST_BYTES, "the film is too short");
    Ok((to_first, begin.elapsed()))
}

async fn read(stream: impl Stream<Item = std::io::Result<bytes::Bytes>>) -> anyhow::Result<u64> {
    let mut stream = std::pin::pin!(stream);
    let mut bytes = 0;
    while let Some(piece) = stream.next().await {
        bytes += piece?.len() as u64;
    }
    Ok(bytes)
}

async fn floor(database: &Path, data: &Path, month: &Month) -> anyhow::Result<Vec<Duration>> {
    let db = Db::open(&sqlite_url(database), Duration::from_secs(5)).await?;
    let mut buffer = vec![0; usize::try_from(FIRST_BYTES)?];
    let mut times = Vec::new();
    for n in 0..SEEKS {
        let (id, path, bytes) = &month.containers[n * 7_919 % month.containers.len()];
        let begin = Instant::now();
        let row = db.row("SELECT path FROM container WHERE id = $1", vec![id.to_string().into()]).await?;
        ensure!(row.is_some(), "no row");
        let offset = (n as u64 * 1_000_003) % (bytes - FIRST_BYTES);
        File::open(data.join(path))?.read_exact_at(&mut buffer, offset)?;
        times.push(begin.elapsed());
    }
    db.close().await;
    times.sort_unstable();
    Ok(times)
}
