//! TCP: many connections, many frames on each, any of them slow or hostile.
//!
//! A connection that sent no whole frame yet, or is in the middle of one, has `half_open_ms` from when that began, however many bytes
//! trickle in; between frames it may be silent for `idle_ms`. One that sends nothing but noise is closed.

use super::Receiver;
use super::admission::Admitted;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;
use wire::dc09::{Deframer, Item};

/// Bytes taken at once.
const READ_BYTES: usize = 16 * 1024;
/// Things that are no good frame before a connection is closed.
const NOISE: usize = 64;
/// Pause after `accept` failed (no file descriptor left), ms.
const PAUSE_MS: u64 = 100;

pub(super) async fn accept(receiver: Receiver, listener: TcpListener) {
    // Ends with this task: a receiver that was stopped answers nobody.
    let mut serving = JoinSet::new();
    loop {
        while serving.try_join_next().is_some() {}
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "alarm receiver: a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
                continue;
            }
        };
        let now = receiver.0.clock.now().mono;
        if let Some(place) = receiver.0.admission.admit(from, now) {
            let _ = stream.set_nodelay(true);
            serving.spawn(serve(receiver.clone(), stream, from, place));
        }
    }
}

async fn serve(receiver: Receiver, mut stream: TcpStream, from: SocketAddr, _place: Admitted) {
    let limits = receiver.0.limits;
    let after = |ms| Instant::now() + Duration::from_millis(ms);
    let mut deframer = Deframer::default();
    let mut deadline = after(limits.half_open_ms);
    let mut noise = 0;
    loop {
        if !matches!(tokio::time::timeout_at(deadline, stream.readable()).await, Ok(Ok(()))) {
            return;
        }
        let was_inside = deframer.is_inside();
        let Some(items) = read(&stream, &mut deframer) else { return };
        if items.iter().any(|i| matches!(i, Item::Body(_))) {
            deadline = after(if deframer.is_inside() { limits.half_open_ms } else { limits.idle_ms });
            noise = 0;
        } else {
            noise += items.len();
            if deframer.is_inside() && !was_inside {
                deadline = deadline.min(after(limits.half_open_ms));
            }
        }
        if items.is_empty() {
            continue;
        }
        let wait_ms = receiver.0.admission.spend(from, items.len(), receiver.0.clock.now().mono);
        let answers = receiver.deal(items, from, true).await.concat();
        let written = stream.write_all(&answers);
        let written = tokio::time::timeout(Duration::from_millis(limits.half_open_ms), written).await;
        if !matches!(written, Ok(Ok(()))) || noise > NOISE {
            return;
        }
        if wait_ms > 0 {
            // Not read on meanwhile: the sender's own window fills, and nobody else waits.
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            deadline = deadline.max(after(limits.half_open_ms));
        }
    }
}

/// What is there to be read now; `None` at the end of the stream.
fn read(stream: &TcpStream, deframer: &mut Deframer) -> Option<Vec<Item>> {
    let mut buffer = [0; READ_BYTES];
    let mut bytes = match stream.try_read(&mut buffer) {
        Ok(0) => return None,
        Ok(n) => &buffer[..n],
        Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => return Some(Vec::new()),
        Err(_) => return None,
    };
    let mut items = Vec::new();
    while let Some(item) = deframer.next(&mut bytes) {
        items.push(item);
    }
    Some(items)
}
