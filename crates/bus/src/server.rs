//! Answers on the bus: accepts connections, learns who calls, hands each question on, one answer each.
//!
//! Limits: `CONNECTIONS` at once, of them `PER_ADDRESS` from one address; `HANDSHAKE_S` for the handshake, `IDLE_S` between questions
//! and for a body to arrive. A connection that speaks nonsense ends alone.

use crate::frame::{Answer, Question, read_question, write_answer};
use crate::tls::{Identity, IdentityError, Pin, pin_of};
use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Most connections at once: every site of a county holds one.
const CONNECTIONS: usize = 4_096;
/// Most connections from one address.
const PER_ADDRESS: usize = 32;
/// Longest handshake, seconds.
const HANDSHAKE_S: u64 = 10;
/// Longest silence of a connection, seconds.
const IDLE_S: u64 = 120;

/// One question, and who asks.
#[derive(Clone, Debug)]
pub struct Call {
    /// Key of the caller, proved in the handshake.
    pub pin: Pin,
    /// Where it comes from; shown, never believed.
    pub peer: SocketAddr,
    /// What.
    pub question: Question,
    /// Body.
    pub body: Vec<u8>,
}

/// Connections by address.
#[derive(Default)]
struct Counts(Mutex<HashMap<IpAddr, usize>>);

impl Counts {
    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Entered> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let n = counts.entry(address).or_default();
        (*n < PER_ADDRESS).then(|| {
            *n += 1;
            Entered(self.clone(), address)
        })
    }
}

struct Entered(Arc<Counts>, IpAddr);

impl Drop for Entered {
    fn drop(&mut self) {
        let mut counts = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = counts.get_mut(&self.1) {
            *n -= 1;
            if *n == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

/// Answers calls until it is dropped; its connections end with it.
///
/// # Errors
/// The key cannot be used.
pub async fn serve<F, A>(listener: TcpListener, identity: Identity, answer: F) -> Result<(), IdentityError>
where
    F: Fn(Call) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answer> + Send,
{
    let acceptor = TlsAcceptor::from(identity.server()?);
    let (slots, counts) = (Arc::new(Semaphore::new(CONNECTIONS)), Arc::new(Counts::default()));
    let mut connections = JoinSet::new();
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { return Ok(()) };
        while connections.try_join_next().is_some() {}
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "connection between servers not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(entered) = counts.enter(peer.ip().to_canonical()) else { continue };
        let (acceptor, answer) = (acceptor.clone(), answer.clone());
        connections.spawn(async move {
            if let Err(error) = connection(acceptor, stream, peer, answer).await {
                metrics::counter!("jifang_bus_connection_errors_total").increment(1);
                tracing::debug!(%peer, %error, "connection between servers ended");
            }
            drop((slot, entered));
        });
    }
}

async fn connection<F, A>(acceptor: TlsAcceptor, stream: TcpStream, peer: SocketAddr, answer: F) -> std::io::Result<()>
where
    F: Fn(Call) -> A,
    A: Future<Output = Answer>,
{
    let _ = stream.set_nodelay(true);
    let mut stream = tokio::time::timeout(Duration::from_secs(HANDSHAKE_S), acceptor.accept(stream)).await??;
    let Some(pin) = pin_of(stream.get_ref().1.peer_certificates()) else { return Ok(()) };
    loop {
        let read = tokio::time::timeout(Duration::from_secs(IDLE_S), read_question(&mut stream));
        let Some((question, body)) = read.await?? else { return Ok(()) };
        let given = answer(Call { pin, peer, question, body }).await;
        tokio::time::timeout(Duration::from_secs(IDLE_S), write_answer(&mut stream, &given)).await??;
    }
}
