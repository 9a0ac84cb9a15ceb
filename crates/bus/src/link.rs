//! The caller's end: one connection, made when needed, made anew after any fault.
//!
//! A question whose answer did not come may or may not have been heard: whoever asks must be able to ask again.

use crate::frame::{Answer, Question, read_answer, write_question};
use crate::tls::{Identity, IdentityError, Pin};
use rustls::pki_types::ServerName;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longest wait for a connection, seconds.
const CONNECT_S: u64 = 10;
/// Longest wait for an answer, seconds.
const ANSWER_S: u64 = 30;

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Nobody there, or the line broke.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// No answer in time.
    #[error("no answer in time")]
    Slow,
    /// The server there has another key than the one entered.
    #[error("the server there has another key than the one entered")]
    OtherKey,
    /// Our own key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// A connection to one server, by address and key.
pub struct Link {
    address: String,
    connector: TlsConnector,
    stream: Option<TlsStream<TcpStream>>,
}

impl Link {
    /// To the server at `address` (`host:port`) with key `to`. Nothing is sent yet.
    ///
    /// # Errors
    /// Our key cannot be used.
    pub fn new(address: &str, identity: &Identity, to: Pin) -> Result<Self, BusError> {
        let connector = TlsConnector::from(identity.client(to)?);
        Ok(Self { address: address.to_owned(), connector, stream: None })
    }

    /// Asks once. After an error the connection is gone and the question may have been heard.
    ///
    /// # Errors
    /// No answer came.
    pub async fn ask(&mut self, what: Question, body: &[u8]) -> Result<Answer, BusError> {
        // Taken out while in use: whoever drops this future in the middle leaves no half-used connection behind.
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => within(CONNECT_S, self.connect()).await?,
        };
        let asked = async {
            write_question(&mut stream, what, body).await?;
            Ok(read_answer(&mut stream).await?)
        };
        let answer = within(ANSWER_S, asked).await?;
        self.stream = Some(stream);
        Ok(answer)
    }

    async fn connect(&self) -> Result<TlsStream<TcpStream>, BusError> {
        let stream = TcpStream::connect(&self.address).await?;
        let _ = stream.set_nodelay(true);
        // A name is asked for by the library; no name is sent and none is checked: the key is what counts.
        let name = ServerName::try_from("jifang").map_err(std::io::Error::other)?;
        self.connector
            .connect(name, stream)
            .await
            .map_err(|e| if is_other_key(&e) { BusError::OtherKey } else { e.into() })
    }
}

fn is_other_key(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

async fn within<T>(seconds: u64, work: impl Future<Output = Result<T, BusError>>) -> Result<T, BusError> {
    tokio::time::timeout(Duration::from_secs(seconds), work).await.unwrap_or(Err(BusError::Slow))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::serve;
    use std::sync::{Arc, Mutex};
    use tokio::net::TcpListener;

    fn identity(seed: u8) -> Identity {
        Identity::from_seed(&[seed; 32]).unwrap()
    }

    async fn server(seed: u8) -> (std::net::SocketAddr, Arc<Mutex<Vec<Pin>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let callers = seen.clone();
        tokio::spawn(serve(listener, identity(seed), move |call| {
            callers.lock().unwrap().push(call.pin);
            async move { Answer::new(200, [b"heard ", call.body.as_slice()].concat()) }
        }));
        (address, seen)
    }

    #[tokio::test]
    async fn both_ends_know_each_other_by_key() {
        let (address, seen) = server(1).await;
        let mut link = Link::new(&address.to_string(), &identity(2), identity(1).pin()).unwrap();
        for body in ["one", "two"] {
            let answer = link.ask(Question::Message, body.as_bytes()).await.unwrap();
            assert_eq!(answer, Answer::new(200, format!("heard {body}")));
        }
        assert_eq!(*seen.lock().unwrap(), vec![identity(2).pin(); 2], "the caller's key, proved");
    }

    #[tokio::test]
    async fn another_key_at_the_address_is_not_spoken_to() {
        let (address, seen) = server(1).await;
        let mut link = Link::new(&address.to_string(), &identity(2), identity(3).pin()).unwrap();
        let error = link.ask(Question::Hello, b"x").await.unwrap_err();
        assert!(matches!(error, BusError::OtherKey), "{error:?}");
        assert!(seen.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_link_heals_after_the_server_was_away() {
        // Bound and not listening: nobody answers there, and nobody else can take the port meanwhile.
        let [first, second] = [0; 2].map(|_| tokio::net::TcpSocket::new_v4().unwrap());
        first.set_reuseaddr(true).unwrap();
        second.set_reuseaddr(true).unwrap();
        first.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = first.local_addr().unwrap();
        second.bind(address).unwrap();
        let mut link = Link::new(&address.to_string(), &identity(2), identity(1).pin()).unwrap();
        assert!(matches!(link.ask(Question::Hello, b"x").await, Err(BusError::Io(_))));
        let listener = first.listen(16).unwrap();
        let task = tokio::spawn(serve(listener, identity(1), |_| async { Answer::new(200, "") }));
        assert!(link.ask(Question::Hello, b"x").await.unwrap().is_ok());
        task.abort();
        let _ = task.await;
        assert!(link.ask(Question::Hello, b"x").await.is_err(), "its connection ended with it");
        let listener = second.listen(16).unwrap();
        tokio::spawn(serve(listener, identity(1), |_| async { Answer::new(200, "") }));
        assert!(link.ask(Question::Hello, b"x").await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn plain_bytes_and_nonsense_end_one_connection_only() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (address, _) = server(1).await;
        let mut plain = TcpStream::connect(address).await.unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut rest = Vec::new();
        let _ = plain.read_to_end(&mut rest).await;
        assert!(!rest.starts_with(b"HTTP"));
        let mut link = Link::new(&address.to_string(), &identity(2), identity(1).pin()).unwrap();
        assert!(link.ask(Question::Hello, b"").await.unwrap().is_ok());
    }
}
