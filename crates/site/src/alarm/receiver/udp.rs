//! UDP: each datagram holds its frames whole. What waits for the journal is bounded; beyond that the kernel drops, and panels repeat.

use super::Receiver;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wire::dc09::{Deframer, Item};

/// Datagrams taken at once.
const BATCH: usize = 64;
/// Longest datagram read; a frame has 4,104 bytes at most.
const DATAGRAM_BYTES: usize = 16 * 1024;
/// Receive buffer asked for, bytes: some thousand events of a burst.
const RECEIVE_BYTES: usize = 4 * 1024 * 1024;

pub(super) async fn receive(receiver: Receiver, socket: UdpSocket) {
    let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BYTES);
    let socket = Arc::new(socket);
    let places = Arc::new(Semaphore::new(receiver.0.limits.batches));
    let mut buffer = vec![0; DATAGRAM_BYTES];
    let mut dealing = JoinSet::new();
    loop {
        while dealing.try_join_next().is_some() {}
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let mut batch = Vec::new();
        match socket.recv_from(&mut buffer).await {
            Ok((n, from)) => take(&receiver, &buffer[..n], from, &mut batch),
            Err(error) => {
                // An answer of ours that nobody wanted comes back as an error here.
                tracing::debug!(%error, "alarm receiver: datagram");
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            }
        }
        while batch.len() < BATCH {
            let Ok((n, from)) = socket.try_recv_from(&mut buffer) else { break };
            take(&receiver, &buffer[..n], from, &mut batch);
        }
        if batch.is_empty() {
            continue;
        }
        let (receiver, socket) = (receiver.clone(), socket.clone());
        dealing.spawn(async move {
            let dealt = batch.into_iter().map(|(items, from)| {
                let (receiver, socket) = (&receiver, &socket);
                async move {
                    for answer in receiver.deal(items, from, false).await {
                        let _ = socket.send_to(&answer, from).await;
                    }
                }
            });
            // All at once: their events share a write of the journal, and nobody waits for another's answer.
            futures_util::future::join_all(dealt).await;
            drop(place);
        });
    }
}

fn take(receiver: &Receiver, mut bytes: &[u8], from: SocketAddr, batch: &mut Vec<(Vec<Item>, SocketAddr)>) {
    if !receiver.0.admission.allows(from, receiver.0.clock.now().mono) {
        return;
    }
    let mut deframer = Deframer::default();
    let mut items = Vec::new();
    while let Some(item) = deframer.next(&mut bytes) {
        items.push(item);
    }
    items.extend(deframer.end());
    if items.len() > 1 {
        receiver.0.admission.spend(from, items.len() - 1, receiver.0.clock.now().mono);
    }
    batch.push((items, from));
}
