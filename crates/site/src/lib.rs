//! Tier 1, the protected site: one loop a noun, each corridor one short function.
//!
//! ```text
//! gb28181 ─┐                       ┌─▶ live   (WHEP, many viewers, one port)
//! rtsp ────┴─▶ camera (sink, hub) ─┤
//!                                  └─▶ store  (writer, committer) ─▶ playback ─▶ export
//! alarm::receiver: panels ─▶ signal journal (store), durable before it is acknowledged
//! journal ─▶ alarm (incidents, their limits, reports) ─▶ pages
//! link: reports, the head of the log, the site's report of itself ─▶ bus ─▶ the authority's server; its orders (hold, let go, appointment) ◀─ asked for
//! upper: networked with the police: registered above, watched and reported to through the law gate
//! devices · panels · use_of_information · bookmarks · accounts · proposals · two_step · areas · settings: a person's act ─▶ role ─▶ law gate ─▶ change and log entry together
//! readings: how slips of the law texts are read here, proposed by one person and confirmed by another
//! emergencies: an emergency access is explained afterwards, and confirmed by another person
//! duties: what the unit owes today, weighed against evidence each day and on demand ─▶ documents: a PDF, its entry, then its bytes
//! storage: retention by itself, disk space, warnings         clock: one time for all, steps are events
//! ```
//!
//! Imports `store` and below; knows nothing of HTTP. Time is read here (`clock`) and handed down.

pub mod accounts;
pub mod alarm;
pub mod areas;
pub mod bookmarks;
pub mod camera;
pub mod clock;
pub mod clocks;
pub mod contacts;
pub mod devices;
pub mod documents;
pub mod duties;
pub mod emergencies;
pub mod export;
mod first_run;
#[cfg(test)]
mod gate_tests;
pub mod gb28181;
pub mod import;
pub mod law_in_use;
pub mod link;
pub mod live;
pub mod offers;
pub mod panels;
pub mod persons;
pub mod plans;
pub mod playback;
pub mod profile;
pub mod proposals;
pub mod readings;
pub mod rtsp;
pub mod settings;
pub mod shifts;
pub mod storage;
pub mod support;
pub mod two_step;
pub mod upper;
pub mod use_of_information;
pub mod views;

mod actor;

pub use actor::Actor;
pub use camera::Camera;
pub use clock::SiteClock;
pub use config::SiteConfig;
pub use profile::Profile;

use crate::law_in_use::ChosenLaw;
use base::{CameraId, Now, Text};
use domain::recording::GapCause;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use store::cameras::{CameraRow, Source};
use store::footage::{FootageWriter, WriterEvent};
use store::ledger_log::ActLine;
use store::{FootageGuard, Store, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Setting that remembers a jump of the clock that is doubted.
const JUMP_KEY: &str = "clock_jump";

/// A jump of the clock, as the setting holds it.
#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Jump {
    before: base::UtcMs,
    after: base::UtcMs,
}

/// Why the site cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The law packs: a fault of the build.
    #[error("law packs: {0}")]
    Law(#[from] law::PackError),
    /// A port is taken or an address is not ours.
    #[error("{what} {address}: {source}")]
    Port {
        /// Which port.
        what: &'static str,
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Something in the configuration cannot be used.
    #[error("configuration: {0}")]
    Config(String),
}

/// The running site; copies share one state.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    store: Store,
    gate: Arc<law::Gate>,
    law: law_in_use::Judging,
    clock: SiteClock,
    config: SiteConfig,
    profile: RwLock<Profile>,
    before: RwLock<Vec<profile::Before>>,
    cameras: RwLock<HashMap<CameraId, Camera>>,
    tasks: Mutex<HashMap<CameraId, JoinHandle<()>>>,
    loops: Mutex<Vec<JoinHandle<()>>>,
    writer: Mutex<Option<FootageWriter>>,
    guard: Mutex<Option<FootageGuard>>,
    gb: gb28181::Driver,
    receiver: alarm::receiver::Receiver,
    uppers: upper::Uppers,
    live: live::LiveServer,
    plans: playback::PlanCache,
    exports: export::Queue,
    press: Arc<paper::Press>,
    areas: areas::Areas,
    alarms: alarm::Board,
    linker: link::Linker,
    /// Rung when a check was asked for.
    scrub: tokio::sync::Notify,
    own_clock: Mutex<clocks::Own>,
    /// Held by whoever puts the notices of emergency accesses right.
    emergencies: tokio::sync::Mutex<()>,
    /// Refused deletions by the clock that were entered.
    kept: storage::Kept,
}

impl Site {
    /// Starts everything: recorder, intake, live, storage loop. `store` is open.
    ///
    /// # Errors
    /// A port that is taken, the law packs, or the store.
    pub async fn start(store: Store, config: SiteConfig, clock: SiteClock) -> Result<Self, SiteError> {
        Self::start_by(ChosenLaw::of_program()?, store, config, clock).await
    }

    /// As `start`, by the law that was chosen.
    ///
    /// # Errors
    /// As `start`.
    pub async fn start_by(
        law: ChosenLaw,
        store: Store,
        config: SiteConfig,
        clock: SiteClock,
    ) -> Result<Self, SiteError> {
        let fault = law.fault.clone();
        let (site, events) = Self::open(law, store, config, clock).await?;
        site.tell_law(fault.as_ref()).await?;
        site.store().fail_unfinished_exports().await.map_err(StoreError::from)?;
        site.doubt_again().await?;
        site.tell_losses().await?;
        site.tell_restored().await?;
        for row in site.store().cameras().await? {
            site.put_camera(row).await?;
        }
        site.store().end_lost_upper_views(site.now().utc).await?;
        for row in site.store().uppers().await? {
            site.0.uppers.put(&site, row).await;
        }
        site.spawn_loops(events);
        site.log_system("server.started", Text::new("服务启动。", "Server started.")).await;
        Ok(site)
    }

    async fn open(
        law: ChosenLaw,
        store: Store,
        config: SiteConfig,
        clock: SiteClock,
    ) -> Result<(Self, mpsc::UnboundedReceiver<WriterEvent>), SiteError> {
        let ChosenLaw { gate, files, .. } = law;
        let (profile, before) = profile::load(&store).await?;
        let (for_rows, for_link) = (clock.clone(), clock.clone());
        let (writer, guard, events) = store.start_footage(move || for_rows.now().utc).await?;
        let gb = gb28181::Driver::bind(&config, clock.clone()).await?;
        let linker = link::Linker::open(&store, for_link.now().utc).await?;
        let receiver = alarm::receiver::Receiver::bind(&config, &store, clock.clone()).await?;
        let live = live::LiveServer::bind(config.live, config.advertised, clock.clone()).await?;
        let press = documents::press(&config.paper, store.data());
        let site = Self(Arc::new(Inner {
            store,
            gate: Arc::new(gate),
            law: law_in_use::Judging::of(files),
            clock,
            config,
            profile: RwLock::new(profile),
            before: RwLock::new(before),
            cameras: RwLock::default(),
            tasks: Mutex::default(),
            loops: Mutex::default(),
            writer: Mutex::new(Some(writer)),
            guard: Mutex::new(Some(guard)),
            gb,
            receiver,
            uppers: upper::Uppers::default(),
            live,
            plans: playback::PlanCache::default(),
            exports: export::Queue::default(),
            press: Arc::new(press),
            areas: areas::Areas::default(),
            alarms: alarm::Board::default(),
            linker,
            scrub: tokio::sync::Notify::new(),
            own_clock: Mutex::default(),
            emergencies: tokio::sync::Mutex::default(),
            kept: storage::Kept::default(),
        }));
        Ok((site, events))
    }

    /// The site without cameras, ports or loops: for commands on the machine itself while the server is stopped.
    ///
    /// # Errors
    /// As `start`.
    pub async fn offline(store: Store, config: SiteConfig, clock: SiteClock) -> Result<Self, SiteError> {
        let any = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        let config = SiteConfig { sip: any, gb_media: any, dc09: any, live: any, ..config };
        Self::open(ChosenLaw::of_program()?, store, config, clock).await.map(|(site, _)| site)
    }

    fn spawn_loops(&self, events: mpsc::UnboundedReceiver<WriterEvent>) {
        let mut loops = self.0.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.push(tokio::spawn(self.store().clone().run_ledger()));
        loops.push(tokio::spawn(self.clone().run_seconds()));
        loops.push(tokio::spawn(storage::run(self.clone(), events)));
        loops.push(tokio::spawn(storage::drain::run(self.clone())));
        loops.push(tokio::spawn(storage::integrity::run(self.clone())));
        loops.push(tokio::spawn(clocks::run(self.clone())));
        loops.push(tokio::spawn(self.clone().run_clock()));
        loops.push(tokio::spawn(export::run(self.clone())));
        loops.push(tokio::spawn(alarm::run(self.clone())));
        loops.push(tokio::spawn(alarm::upward::run(self.clone())));
        loops.push(tokio::spawn(self.clone().run_link()));
        loops.push(tokio::spawn(export::run_removal(self.clone())));
        loops.push(tokio::spawn(gb28181::keep(self.clone())));
        loops.push(tokio::spawn(proposals::run(self.clone())));
        loops.push(tokio::spawn(emergencies::run(self.clone())));
    }

    /// From now on what the unit owes is looked at each day. Not for an authority's server: it has no unit of its own.
    pub fn watch_duties(&self) {
        let mut loops = self.0.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.push(tokio::spawn(duties::run(self.clone())));
    }

    /// Everything durable.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The law gate.
    #[must_use]
    pub fn gate(&self) -> &law::Gate {
        &self.0.gate
    }

    /// The law gate, shared with whatever else of this server asks it: one law in use, one digest.
    #[must_use]
    pub fn law(&self) -> Arc<law::Gate> {
        Arc::clone(&self.0.gate)
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &SiteClock {
        &self.0.clock
    }

    /// Both clocks now.
    #[must_use]
    pub fn now(&self) -> Now {
        self.0.clock.now()
    }

    /// What it was started with.
    #[must_use]
    pub fn config(&self) -> &SiteConfig {
        &self.0.config
    }

    /// The live server.
    #[must_use]
    pub fn live(&self) -> &live::LiveServer {
        &self.0.live
    }

    /// The GB/T 28181 driver.
    #[must_use]
    pub fn gb28181(&self) -> &gb28181::Driver {
        &self.0.gb
    }

    /// The alarm receiver.
    #[must_use]
    pub fn receiver(&self) -> &alarm::receiver::Receiver {
        &self.0.receiver
    }

    pub(crate) fn links(&self) -> &upper::Uppers {
        &self.0.uppers
    }

    pub(crate) fn plans(&self) -> &playback::PlanCache {
        &self.0.plans
    }

    pub(crate) fn areas(&self) -> &areas::Areas {
        &self.0.areas
    }

    pub(crate) fn linker(&self) -> &link::Linker {
        &self.0.linker
    }

    /// Where this server sets its documents, one at a time: whoever else sets some here takes turns with it.
    #[must_use]
    pub fn press(&self) -> &Arc<paper::Press> {
        &self.0.press
    }

    pub(crate) fn exports_queue(&self) -> &export::Queue {
        &self.0.exports
    }

    /// Name and legal profile.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.0.profile.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A running camera.
    #[must_use]
    pub fn camera(&self, id: CameraId) -> Option<Camera> {
        self.0.cameras.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// All running cameras, by place and name.
    #[must_use]
    pub fn cameras(&self) -> Vec<Camera> {
        let mut list: Vec<_> =
            self.0.cameras.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        list.sort_by_cached_key(|c| {
            let row = c.row();
            (row.place, row.name, row.id)
        });
        list
    }

    /// Takes a camera into service, or its changed row; its intake starts anew.
    pub(crate) async fn put_camera(&self, row: CameraRow) -> Result<Camera, StoreError> {
        let camera = match self.camera(row.id) {
            Some(camera) => {
                self.stop_intake(&camera).await;
                camera.set_row(row.clone());
                camera
            }
            None => {
                let end = self.store().footage_end(row.id).await?;
                let gap_open = self.store().open_gap(row.id).await?.is_some();
                let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let Some(writer) = writer else { return Err(StoreError::InUse("stopping".into())) };
                let camera = Camera::new(row.clone(), end, gap_open, writer, self.now());
                self.0.cameras.write().unwrap_or_else(PoisonError::into_inner).insert(row.id, camera.clone());
                camera
            }
        };
        match &row.source {
            Source::Rtsp { .. } => {
                let task = tokio::spawn(rtsp::run(camera.clone(), self.0.clock.clone()));
                self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id, task);
            }
            Source::Gb28181 { .. } => {
                self.0.gb.add(camera.clone()).await;
                self.load_guard(&row).await?;
            }
        }
        Ok(camera)
    }

    /// Asks for a camera's stream anew, at once.
    pub(crate) async fn ask_anew(&self, camera: &Camera) {
        if matches!(camera.row().source, Source::Gb28181 { .. }) {
            return self.0.gb.probe(camera.id()).await;
        }
        camera.ask_anew();
    }

    /// Takes a camera out of service; its footage stays its term.
    pub(crate) async fn remove_camera(&self, id: CameraId) {
        if let Some(camera) = self.camera(id) {
            self.stop_intake(&camera).await;
            self.0.cameras.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        }
    }

    async fn stop_intake(&self, camera: &Camera) {
        let task = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).remove(&camera.id());
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
        self.0.gb.remove(camera.id()).await;
        camera.stop(GapCause::Stopped, self.now());
    }

    /// Once a second: silence becomes a gap, counters become rates.
    async fn run_seconds(self) {
        let mut every = tokio::time::interval(Duration::from_secs(1));
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            every.tick().await;
            let now = self.now();
            for camera in self.cameras() {
                camera.tick(now);
            }
        }
    }

    /// At the start: footage that recovery had to declare lost is told to a person, one notice a camera.
    async fn tell_losses(&self) -> Result<(), StoreError> {
        let now = self.now().utc;
        for row in self.store().cameras_ever().await? {
            let lost: Vec<_> = self.store().recovered().lost.iter().filter(|l| l.camera == row.id).collect();
            let (Some(from), Some(to)) = (lost.iter().map(|l| l.from).min(), lost.iter().map(|l| l.to).max()) else {
                self.store().clear("footage_lost", Some(row.id), now).await?;
                continue;
            };
            let words = Text::of(
                format!(
                    "{} 在 {} 至 {} 之间的录像丢失：文件不存在或比记录短。已登记为缺口，其余部分已封口。请检查磁盘，并查明是否有人动过文件。",
                    row.name,
                    from.desk(),
                    to.desk()
                ),
                format!(
                    "Footage of {} between {} and {} is lost: its file is gone or shorter than recorded. It is listed as a gap, the \
                     rest was sealed. Check the disk, and find out whether somebody touched the file.",
                    row.name,
                    from.desk(),
                    to.desk()
                ),
            );
            self.store().raise(1, "footage_lost", Some(row.id), &words, now).await?;
        }
        Ok(())
    }

    /// At the start: a jump that is doubted is doubted on, and one while nothing ran is found by the footage that ends before it.
    async fn doubt_again(&self) -> Result<(), StoreError> {
        let now = self.now().utc;
        let kept = self.store().setting(JUMP_KEY).await?.and_then(|t| serde_json::from_str::<Jump>(&t).ok());
        if let Some(jump) = kept.filter(|j| (0..clock::DOUBT_MS).contains(&now.since(j.after))) {
            let since_ms = now.since(jump.after);
            self.clock().doubt(jump.before.plus_ms(since_ms), clock::DOUBT_MS - since_ms);
            return Ok(());
        }
        let newest = self.store().stock().await?.values().filter_map(|s| s.newest).max();
        match newest.filter(|end| now.since(*end) > base::time::DAY_MS) {
            Some(before) => {
                self.clock().doubt(before, clock::DOUBT_MS);
                self.tell_doubt(before, now).await
            }
            None => Ok(self.store().clear("clock_jump", None, now).await.map(|_| ())?),
        }
    }

    /// Remembers a doubted jump over a restart, and tells a person to look at the clock.
    async fn tell_doubt(&self, before: base::UtcMs, after: base::UtcMs) -> Result<(), StoreError> {
        let text = serde_json::to_string(&Jump { before, after }).unwrap_or_default();
        self.store().set_setting(JUMP_KEY, &text, None, after).await?;
        let words = Text::of(
            format!(
                "系统时钟由 {} 变为 {}。请核对时间；三天内不按新时间删除录像，若时钟有误请改正并重启服务。",
                before.desk(),
                after.desk()
            ),
            format!(
                "The clock went from {} to {}. Check it: for three days nothing is deleted by the new time. If it is wrong, put it \
                 right and restart the service.",
                before.desk(),
                after.desk()
            ),
        );
        self.store().raise(2, "clock_jump", None, &words, after).await?;
        Ok(())
    }

    /// Follows the system clock; a jump is an event, a notice and a log entry.
    async fn run_clock(self) {
        let mut every = tokio::time::interval(Duration::from_millis(100));
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let (mut behind, mut doubted) = (false, true);
        loop {
            every.tick().await;
            let before = self.clock().sure();
            match self.clock().follow() {
                Some(step) if step.followed || !behind => {
                    behind = !step.followed;
                    self.report_step(step).await;
                    if step.followed && step.by_ms >= clock::JUMP_MS {
                        doubted = true;
                        if let Err(error) = self.tell_doubt(before, self.now().utc).await {
                            tracing::error!(%error, "a jump of the clock could not be remembered");
                        }
                    }
                }
                None if behind => {
                    behind = false;
                    let _ = self.store().clear("clock_back", None, self.now().utc).await;
                }
                None if doubted && self.clock().sure() == self.now().utc => {
                    doubted = false;
                    let _ = self.store().clear("clock_jump", None, self.now().utc).await;
                }
                _ => {}
            }
        }
    }

    async fn report_step(&self, step: clock::Step) {
        let seconds = step.by_ms / 1_000;
        let text = if step.followed {
            Text::of(
                format!("系统时钟向前跳了 {seconds} 秒，已跟随；录像中标为时钟跳变。"),
                format!("The system clock jumped forward by {seconds} s; followed, and marked as a gap in recordings."),
            )
        } else {
            Text::of(
                format!("系统时钟向后跳了 {} 秒，未跟随。请检查对时，重启服务后生效。", -seconds),
                format!(
                    "The system clock jumped back by {} s; not followed. Check time service, then restart.",
                    -seconds
                ),
            )
        };
        tracing::warn!(by_ms = step.by_ms, followed = step.followed, "system clock jumped");
        if !step.followed {
            let _ = self.store().raise(2, "clock_back", None, &text, self.now().utc).await;
        }
        self.log_system("clock.step", text).await;
    }

    /// Logs an event of the system itself. A database that is away costs the line, not the service.
    pub(crate) async fn log_system(&self, kind: &'static str, text: Text) {
        let act = ActLine::done(None, text);
        let body = serde_json::json!({ "ahead_ms": self.clock().ahead_ms() });
        if let Err(error) = self.store().log(kind, self.now().utc, body, act).await {
            tracing::error!(%error, kind, "system event not logged");
        }
    }

    /// Stops intake, seals footage, commits everything. After this the process may end.
    pub async fn stop(&self) {
        self.0.uppers.stop().await;
        self.0.gb.stop().await;
        self.0.receiver.stop();
        self.0.live.stop().await;
        for camera in self.cameras() {
            let task = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).remove(&camera.id());
            if let Some(task) = task {
                task.abort();
            }
            camera.stop(GapCause::ServerDown, self.now());
        }
        self.0.cameras.write().unwrap_or_else(PoisonError::into_inner).clear();
        for task in self.0.loops.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            writer.finish().await;
        }
        let guard = self.0.guard.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(guard) = guard {
            guard.stop().await;
        }
        self.log_system("server.stopped", Text::new("服务正常停止。", "Server stopped.")).await;
        self.store().clone().close().await;
    }
}
