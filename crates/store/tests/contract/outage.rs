//! The database goes away for a while and comes back: recording goes on, nothing is lost, acts are refused in bounded time.

use crate::world::{Feed, Recording, T0, World, assert_chain, assert_clean, camera, committed, everything, until};
use base::{ErrorKind, Refusal};
use sqlx::Connection;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Limits, Store, StoreConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How long the database is away; a minute for people, less for a test.
const AWAY: Duration = Duration::from_millis(2_500);
const WAIT: Duration = Duration::from_secs(1);
/// Far more than a refusal takes; who waited for the database would wait for ever, as it comes back only afterwards.
const BOUNDED: Duration = Duration::from_secs(20);

/// Something that takes the database away and gives it back.
enum Switch {
    /// Another process holds the file.
    Lock(Box<sqlx::SqliteConnection>),
    /// The cable to the server.
    Cable(watch::Sender<bool>),
}

impl Switch {
    async fn of(world: &World) -> (Self, StoreConfig) {
        let Some(url) = world.config.database_url.clone() else {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(world.config.data.join("jifang.db"));
            drop(world.open().await);
            let db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            return (Self::Lock(Box::new(db)), world.config.clone());
        };
        let (up, watching) = watch::channel(true);
        let (front, rest) = url.split_once('@').expect("a user");
        let (server, database) = rest.split_once('/').expect("a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(cable(listener, server.to_owned(), watching));
        let config = StoreConfig {
            data: world.config.data.clone(),
            database_url: Some(format!("{front}@127.0.0.1:{port}/{database}")),
            ..StoreConfig::default()
        };
        (Self::Cable(up), config)
    }

    async fn set(&mut self, up: bool) {
        match self {
            Self::Lock(db) => {
                let sql = if up { "COMMIT" } else { "BEGIN EXCLUSIVE" };
                sqlx::query(sql).execute(&mut **db).await.unwrap();
            }
            Self::Cable(cable) => {
                cable.send(up).unwrap();
            }
        }
    }
}

/// Carries bytes while it is up; cuts every connection when it goes down.
async fn cable(listener: TcpListener, server: String, up: watch::Receiver<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (server, mut up) = (server.clone(), up.clone());
        if !*up.borrow() {
            continue;
        }
        tokio::spawn(async move {
            let mut far = TcpStream::connect(server).await.unwrap();
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                _ = up.wait_for(|up| !up) => {}
            }
        });
    }
}

pub async fn recording_goes_on_while_the_database_is_away(world: &World) {
    let (mut switch, config) = Switch::of(world).await;
    let limits = Limits { db_wait: WAIT, ..world.limits };
    let store = Arc::new(Store::open_with(&config, limits, T0).await.unwrap());
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 3);
    committed(&store, cam, 3).await;
    switch.set(false).await;
    let begun = Instant::now();
    let mut written = 3;
    while begun.elapsed() < AWAY {
        feed.container(&r.writer, 2);
        feed.silence(1_000);
        written += 2;
        r.writer.barrier().await;
        let asked = Instant::now();
        let refused = store.set_setting("k", "v", None, T0).await.expect_err("the act cannot be logged");
        assert!(asked.elapsed() < BOUNDED, "refused in bounded time: {:?}", asked.elapsed());
        assert!(refused.is_away(), "{refused:?}");
        assert_eq!(Refusal::from(refused).kind, ErrorKind::Unavailable);
        let entry = store::ledger_log::LogEntry { kind: "test.away", at: T0, body: serde_json::json!({}), act: None };
        assert!(store.append(entry).await.expect_err("nor appended").is_away());
    }
    switch.set(true).await;
    assert_chain(&store, &committed(&store, cam, written).await);
    until("acts are taken again", || async { store.set_setting("k", "v", None, T0).await.ok() }).await;
    r.stop().await;
    assert_eq!(everything(&store, cam).await.len(), written);
    let report = assert_clean(&store).await;
    assert_eq!(report.gaps as usize, (written - 3) / 2 - 1);
    until("the database is seen again", || async { store.is_alive().await.then_some(()) }).await;
}
