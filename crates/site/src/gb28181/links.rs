//! SIP over TCP: connections in, their bytes to the one task that owns the platform, and its messages back.
//!
//! Invariants: connections are bounded in all and by host; a connection's unsent messages are bounded (one too many closes it); a
//! connection on which nothing is heard for long is closed; `Opened` comes first of a connection, `Closed` last and once.

use super::admission::{Admission, Admitted};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use wire::gb28181::ConnId;

/// Unsent messages of a connection.
const QUEUE: usize = 64;
/// Bytes read at once.
const READ_BYTES: usize = 8 * 1024;
/// Nothing heard for this long (keepalives come every minute): closed, ms.
const IDLE_MS: u64 = 600_000;
/// A message that cannot be written in this time: closed, ms.
const WRITE_MS: u64 = 10_000;

/// What connections tell the signalling task.
pub(super) enum Inbound {
    /// A connection came; messages for it go to `out`, and it is closed when `out` is dropped.
    Opened { conn: ConnId, from: SocketAddr, out: mpsc::Sender<Vec<u8>> },
    /// Bytes came.
    Bytes { conn: ConnId, bytes: Vec<u8> },
    /// It is closed.
    Closed { conn: ConnId },
}

/// Accepts for ever.
pub(super) async fn accept(listener: TcpListener, inbox: mpsc::Sender<Inbound>, admission: Admission) {
    let mut next = 0;
    loop {
        match listener.accept().await {
            Ok((tcp, from)) => {
                if let Some(place) = admission.admit(from) {
                    next += 1;
                    let _ = tcp.set_nodelay(true);
                    tokio::spawn(serve(tcp, ConnId(next), from, inbox.clone(), place));
                }
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(tcp: TcpStream, conn: ConnId, from: SocketAddr, inbox: mpsc::Sender<Inbound>, place: Admitted) {
    let (out, messages) = mpsc::channel(QUEUE);
    if inbox.send(Inbound::Opened { conn, from, out }).await.is_err() {
        return;
    }
    let (reading, writing) = tcp.into_split();
    tokio::select! {
        () = read(reading, conn, &inbox) => {}
        () = write(writing, messages) => {}
    }
    let _ = inbox.send(Inbound::Closed { conn }).await;
    drop(place);
}

async fn read(mut reading: OwnedReadHalf, conn: ConnId, inbox: &mpsc::Sender<Inbound>) {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = tokio::time::timeout(Duration::from_millis(IDLE_MS), reading.read(&mut buffer)).await;
        let Ok(Ok(count @ 1..)) = read else { return };
        let bytes = buffer.get(..count).unwrap_or_default().to_vec();
        if inbox.send(Inbound::Bytes { conn, bytes }).await.is_err() {
            return;
        }
    }
}

async fn write(mut writing: OwnedWriteHalf, mut messages: mpsc::Receiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        let written = tokio::time::timeout(Duration::from_millis(WRITE_MS), writing.write_all(&message)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
    }
    let _ = writing.shutdown().await;
}

/// The open connections as the signalling task knows them.
#[derive(Default)]
pub(super) struct Links(HashMap<ConnId, mpsc::Sender<Vec<u8>>>);

impl Links {
    /// A connection came.
    pub(super) fn opened(&mut self, conn: ConnId, out: mpsc::Sender<Vec<u8>>) {
        self.0.insert(conn, out);
    }

    /// Sends a message; a connection that takes none any more is closed.
    pub(super) fn send(&mut self, conn: ConnId, message: Vec<u8>) {
        if self.0.get(&conn).is_some_and(|out| out.try_send(message).is_err()) {
            self.close(conn);
        }
    }

    /// Closes a connection after what is queued for it was sent; `Inbound::Closed` follows.
    pub(super) fn close(&mut self, conn: ConnId) {
        self.0.remove(&conn);
    }
}
