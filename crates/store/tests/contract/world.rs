//! A data folder and a database of a test's own, and a camera that sends small true H.264.
//!
//! The tables are made once by the process: most tests begin with a copy of them ([`World::migrated_sqlite`], [`World::migrated_postgres`]),
//! in which no server was yet. What needs a database without tables takes [`World::sqlite`] or [`World::postgres`].

use base::{AccountId, CameraId, ContainerId, Pii, UtcMs};
use bytes::Bytes;
use domain::access::Role;
use domain::recording::Cut;
use media::fragment::{Builder, Tracks};
use media::{AudioConfig, Codec, Frame, VideoConfig};
use sqlx::{Connection, Executor, Row};
use std::time::{Duration, Instant};
use store::accounts::NewAccount;
use store::cameras::{CameraRow, Source};
use store::db::{Db, sqlite_url};
use store::footage::read::Located;
use store::footage::{FootageWriter, Job, NewFragment, WriterEvent};
use store::{FootageGuard, Limits, Store, StoreConfig};
use tokio::sync::{OnceCell, mpsc};

/// 2026-11-21 10:00:00 UTC.
pub const T0: UtcMs = UtcMs(1_795_255_200_000);
/// Environment variable with the PostgreSQL server of the tests.
const PG: &str = "JIFANG_TEST_PG_URL";
/// Longest wait for something that must come, so that a failing test ends.
pub const PATIENCE: Duration = Duration::from_secs(90);

pub struct World {
    _dir: std::sync::Arc<tempfile::TempDir>,
    pub config: StoreConfig,
    pub limits: Limits,
    database: Option<(String, String)>,
}

fn limits() -> Limits {
    let ms = Duration::from_millis;
    Limits { db_wait: Duration::from_secs(20), retry: (ms(20), ms(100)), ..Limits::default() }
}

/// A file of SQLite with all tables.
static MIGRATED_FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
/// Name of a database of PostgreSQL with all tables.
static MIGRATED_DATABASE: OnceCell<String> = OnceCell::const_new();
/// Key of the lock under which that database is made.
const MAKING: &str = "SELECT pg_advisory_lock(7215)";

async fn migrated_file() -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("jifang.db");
    let db = Db::open(&sqlite_url(&path), PATIENCE).await.expect("a database");
    store::schema::migrate(&db).await.expect("the tables");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)", vec![]).await.expect("all stands in the file");
    db.close().await;
    std::fs::read(&path).expect("the file")
}

/// Named by what the tables are, so that a server that outlives the run keeps one of each schema. It has its name only when it is whole.
async fn migrated_database(url: &str) -> String {
    let digest = base::Sha256::of(MIGRATED_FILE.get_or_init(migrated_file).await).hex();
    let name = format!("jifang_template_{}", &digest[..16]);
    let mut admin = sqlx::PgConnection::connect(url).await.expect("the PostgreSQL server of the tests answers");
    // Of two processes that come at once one makes it; the lock ends with the connection.
    admin.execute(MAKING).await.expect("its turn");
    let there = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    if admin.fetch_all(sqlx::AssertSqlSafe(there)).await.expect("an answer").is_empty() {
        let unfinished = format!("{name}_unfinished");
        for sql in [format!("DROP DATABASE IF EXISTS {unfinished}"), format!("CREATE DATABASE {unfinished}")] {
            admin.execute(sqlx::AssertSqlSafe(sql)).await.expect("a database");
        }
        let (server, _) = url.rsplit_once('/').expect("postgres://user@host:port/database");
        let db = Db::open(&format!("{server}/{unfinished}"), PATIENCE).await.expect("a database");
        store::schema::migrate(&db).await.expect("the tables");
        db.close().await;
        let named = format!("ALTER DATABASE {unfinished} RENAME TO {name}");
        admin.execute(sqlx::AssertSqlSafe(named)).await.expect("named");
    }
    admin.close().await.expect("closes");
    name
}

/// The server of the tests.
fn server() -> String {
    std::env::var(PG).unwrap_or_else(|_| {
        panic!("{PG} is not set: `cargo xtask test` starts a PostgreSQL server for these tests and sets it")
    })
}

impl World {
    /// As `sqlite`, with all tables and no server in them.
    pub async fn migrated_sqlite() -> Self {
        let world = Self::sqlite();
        std::fs::create_dir_all(&world.config.data).expect("a folder");
        let file = MIGRATED_FILE.get_or_init(migrated_file).await;
        std::fs::write(world.config.data.join("jifang.db"), file).expect("a copy");
        world
    }

    /// As `postgres`, with all tables and no server in them.
    pub async fn migrated_postgres() -> Self {
        let url = server();
        let template = MIGRATED_DATABASE.get_or_init(|| migrated_database(&url)).await;
        Self::made(url, &format!(" TEMPLATE {template}")).await
    }

    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let config = StoreConfig { data: dir.path().join("data"), ..StoreConfig::default() };
        Self { _dir: std::sync::Arc::new(dir), config, limits: limits(), database: None }
    }

    pub async fn postgres() -> Self {
        Self::made(server(), "").await
    }

    async fn made(url: String, with: &str) -> Self {
        let name = format!("jifang_{}", uuid::Uuid::from_bytes(random()).simple());
        let mut admin = sqlx::PgConnection::connect(&url).await.expect("the PostgreSQL server of the tests answers");
        admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}{with}"))).await.expect("a database");
        let (server, _) = url.rsplit_once('/').expect("postgres://user@host:port/database");
        let mut world = Self::sqlite();
        world.config.database_url = Some(format!("{server}/{name}"));
        world.database = Some((url, name));
        world
    }

    /// The same folder and database with more disks.
    pub fn with_disks(&self, disks: Vec<store::disks::DiskConfig>) -> Self {
        let config = StoreConfig { disks, ..self.config.clone() };
        Self { _dir: self._dir.clone(), config, limits: self.limits, database: self.database.clone() }
    }

    pub async fn drop_database(self) {
        if let Some((url, name)) = self.database {
            let mut admin = sqlx::PgConnection::connect(&url).await.expect("the server answers");
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            admin.execute(sqlx::AssertSqlSafe(sql)).await.expect("dropped");
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.database.is_some()
    }

    pub async fn open(&self) -> Store {
        self.try_open(T0).await.expect("the store opens")
    }

    pub async fn try_open(&self, now: UtcMs) -> Result<Store, store::StoreError> {
        Store::open_with(&self.config, self.limits, now).await
    }

    /// Runs statements past the store, as somebody who tampers with the database would.
    pub async fn tamper(&self, sql: &str) {
        self.try_tamper(sql).await.expect("runs");
    }

    /// Where a word lies open: a file of the data folder, or a table of PostgreSQL, as text or as bytes.
    pub async fn finds(&self, word: &str) -> Option<String> {
        if let Some(url) = &self.config.database_url {
            let mut db = sqlx::PgConnection::connect(url).await.expect("connects");
            let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
            let hex = base::hex(word.as_bytes());
            for table in db.fetch_all(tables).await.expect("tables") {
                let table: String = table.get(0);
                let sql =
                    format!("SELECT COUNT(*) FROM {table} t WHERE t::text LIKE '%{word}%' OR t::text LIKE '%{hex}%'");
                let count = db.fetch_one(sqlx::AssertSqlSafe(sql)).await.expect("a count");
                if count.get::<i64, _>(0) > 0 {
                    return Some(table);
                }
            }
        }
        let mut folders = vec![self.config.data.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read(&path).expect("readable").windows(word.len()).any(|w| w == word.as_bytes()) {
                    return Some(path.display().to_string());
                }
            }
        }
        None
    }

    /// As `tamper`, for what a rule of the schema may refuse.
    pub async fn try_tamper(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if let Some(url) = &self.config.database_url {
            let mut db = sqlx::PgConnection::connect(url).await.expect("connects");
            db.execute(sql).await?;
        } else {
            let path = self.config.data.join("jifang.db");
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).foreign_keys(false);
            let mut db = sqlx::SqliteConnection::connect_with(&options).await.expect("connects");
            let done = db.execute(sql).await;
            db.close().await.expect("closes");
            done?;
        }
        Ok(())
    }
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("random bytes");
    bytes
}

pub fn new_account(login: &str, role: Role) -> NewAccount {
    NewAccount {
        login: login.into(),
        role,
        name: Pii::new(format!("姓名{login}")),
        badge: Some(Pii::new(format!("0{login}"))),
        unit: "第一派出所".into(),
        password_hash: "$argon2id$test".into(),
    }
}

pub async fn account(store: &Store, login: &str) -> AccountId {
    store.add_account(&new_account(login, Role::PoliceOfficer), None, false, T0).await.expect("an account")
}

pub fn camera_row(n: u8) -> CameraRow {
    CameraRow {
        id: CameraId::new(T0.0, random()),
        name: format!("大门 {n}"),
        place: "一楼".into(),
        place_kind: "entrance".into(),
        faces_homes: false,
        audio: false,
        installer: "managing_unit".into(),
        approval: String::new(),
        sign: Some(T0),
        priority: n,
        source: Source::Rtsp { url: "rtsp://127.0.0.1/1".into(), user: "u".into(), udp: false },
        secret: Some(Pii::new("geheim-密码".into())),
        created: T0,
        removed: None,
    }
}

pub async fn camera(store: &Store) -> CameraId {
    let by = AccountId::new(T0.0, random());
    let row = camera_row(1);
    store.put_camera(&row, &[], by, T0).await.expect("a camera");
    row.id
}

/// A baseline 320 x 240 stream.
pub fn video() -> VideoConfig {
    let sps = base::unhex("6742c00dd90141fb011000000300100000030320f142a480").expect("hexadecimal");
    let pps = base::unhex("68cb83cb20").expect("hexadecimal");
    media::h264::video_config(sps.into(), pps.into()).expect("a true SPS")
}

pub fn tracks() -> Tracks {
    Tracks::of(&video(), None::<&AudioConfig>).expect("a stream the container holds")
}

/// Writer and committer of a store, with its clock standing still.
pub struct Recording {
    pub writer: FootageWriter,
    pub guard: FootageGuard,
    pub events: mpsc::UnboundedReceiver<WriterEvent>,
}

impl Recording {
    pub async fn start(store: &Store) -> Self {
        let (writer, guard, events) = store.start_footage(|| T0).await.expect("the writer starts");
        Self { writer, guard, events }
    }

    pub async fn stop(self) {
        drop(self.writer);
        self.guard.stop().await;
    }
}

/// A camera that sends a fragment of `PICTURES` pictures a second.
pub struct Feed {
    pub camera: CameraId,
    pub container: ContainerId,
    pub at: UtcMs,
    pts_90k: i64,
    /// Bytes of a picture.
    pub size: usize,
}

/// Pictures of a fragment.
const PICTURES: i64 = 5;
/// Length of a fragment, ms.
pub const FRAGMENT_MS: i64 = 1_000;

impl Feed {
    pub fn new(camera: CameraId, at: UtcMs) -> Self {
        Self { camera, container: ContainerId::new(at.0, random()), at, pts_90k: 0, size: 20 }
    }

    pub fn open(&mut self, writer: &FootageWriter) {
        self.container = ContainerId::new(self.at.0, random());
        let (camera, container, start) = (self.camera, self.container, self.at);
        let job = Job::Open { camera, container, start, video: Box::new(video()), audio: None, priority: 5 };
        assert!(writer.send(job), "an opening is never refused");
    }

    /// The next fragment; false when the queue is full. Time goes on either way.
    pub fn fragment(&mut self, writer: &FootageWriter) -> bool {
        self.fragment_of(writer, true)
    }

    pub fn fragment_of(&mut self, writer: &FootageWriter, key: bool) -> bool {
        let mut frames = Builder::new(tracks());
        let step = FRAGMENT_MS * 90 / PICTURES;
        for i in 0..PICTURES {
            let pts_90k = self.pts_90k + i * step;
            let data = Bytes::from((0..self.size).map(|b| (pts_90k as usize + b) as u8).collect::<Vec<_>>());
            frames.push(Frame { codec: Codec::H264, pts_90k, key: key && i == 0, data }).expect("fits");
        }
        let duration_90k = FRAGMENT_MS * 90;
        let end_pts_90k = self.pts_90k + duration_90k;
        let cut = Cut { start: self.at, end_pts_90k, duration_90k, starts_with_key: key };
        let job = Job::Fragment(self.camera, Box::new(NewFragment { frames, cut, clock_error_ms: Some(-40) }));
        self.pts_90k = end_pts_90k;
        self.at = self.at.plus_ms(FRAGMENT_MS);
        writer.send(job)
    }

    /// Nothing comes for `ms`.
    pub fn silence(&mut self, ms: i64) {
        self.at = self.at.plus_ms(ms);
        self.pts_90k += ms * 90;
    }

    pub fn span(&self, writer: &FootageWriter) {
        assert!(writer.send(Job::Span(self.camera)));
    }

    pub fn seal(&self, writer: &FootageWriter) {
        assert!(writer.send(Job::Seal(self.camera, self.at)));
    }

    /// A container of `n` fragments, sealed.
    pub fn container(&mut self, writer: &FootageWriter, n: usize) {
        self.open(writer);
        for _ in 0..n {
            assert!(self.fragment(writer));
        }
        self.seal(writer);
    }
}

/// Asks until the answer is there.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// All footage of a camera once `n` fragments have their rows.
pub async fn committed(store: &Store, camera: CameraId, n: usize) -> Vec<Located> {
    until("footage is committed", || async {
        let all = everything(store, camera).await;
        (all.len() == n && all.iter().all(|l| l.leaf.is_some())).then_some(all)
    })
    .await
}

pub async fn everything(store: &Store, camera: CameraId) -> Vec<Located> {
    store.fragments(camera, UtcMs(0), UtcMs(i64::MAX / 4)).await.expect("footage")
}

/// Numbers in order, hash chain whole, bytes in the files those of the rows.
pub fn assert_chain(store: &Store, all: &[Located]) {
    let mut before: Option<&Located> = None;
    for l in all {
        let bytes = store.read_container(&l.head.path, l.frag.offset, l.frag.bytes).expect("the bytes are there");
        assert_eq!(base::Sha256::of(&bytes), l.frag.sha256);
        match before {
            Some(b) if b.head.id == l.head.id => {
                assert_eq!((l.frag.seq, l.frag.prev), (b.frag.seq + 1, b.frag.sha256));
                assert_eq!(l.frag.offset, b.frag.offset + b.frag.bytes);
            }
            Some(b) => {
                assert_eq!((l.frag.seq, l.frag.prev), (b.frag.seq + 1, l.head.init_sha256));
            }
            None => {}
        }
        before = Some(l);
    }
}

/// Nothing is wrong.
pub async fn assert_clean(store: &Store) -> store::check::CheckReport {
    let report = store.check(&|_, _| {}).await.expect("the check runs");
    assert!(report.holds(), "{report}");
    report
}
