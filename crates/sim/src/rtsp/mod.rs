//! An RTSP 1.0 server with one or a few cameras (RFC 2326): what an RTSP camera is to its client.
//!
//! Flow: listener -> one task a connection (`connection`) -> requests answered, media of one mount sent over the same connection
//! or as datagrams. Invariants: connections are limited; a client that goes silent for the session timeout is dropped; a slow or
//! malformed client affects only itself.

pub mod auth;
mod connection;
pub mod message;
pub mod sdp;
#[cfg(test)]
mod tests;

use crate::source::Source;
use crate::{CameraOptions, Login, SimError};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Most connections at a time; more are closed at once.
const CONNECTIONS: usize = 256;

/// One path of the server and its camera.
#[derive(Clone, PartialEq, Debug)]
pub struct Mount {
    /// Path without slashes around it, e.g. `live`.
    pub path: String,
    /// The camera.
    pub camera: CameraOptions,
}

/// Settings of a simulated RTSP camera.
#[derive(Clone, PartialEq, Debug)]
pub struct RtspOptions {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its cameras, at least one.
    pub mounts: Vec<Mount>,
    /// Who may connect; `None`: everyone.
    pub login: Option<Login>,
    /// A client that is silent for so long is dropped, seconds.
    pub session_timeout_s: u32,
    /// Datagrams left out on purpose, percent. Over TCP nothing is left out.
    pub loss_percent: f64,
}

impl RtspOptions {
    /// One camera at `listen` under `path`, for everyone.
    #[must_use]
    pub fn new(listen: SocketAddr, path: &str, camera: CameraOptions) -> Self {
        let mount = Mount { path: path.trim_matches('/').to_owned(), camera };
        Self { listen, mounts: vec![mount], login: None, session_timeout_s: 60, loss_percent: 0.0 }
    }
}

/// What all connections share.
struct Server {
    options: RtspOptions,
    sources: Vec<(Mount, Source)>,
}

impl Server {
    /// The mount of a URI such as `rtsp://host:port/live/track1?x=y`, and what follows its path (`track1`).
    fn find(&self, uri: &str) -> Option<(&Mount, &Source, String)> {
        let after_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
        let path = after_scheme.split_once('/').map_or("", |(_, path)| path);
        let path = path.split('?').next().unwrap_or("").trim_matches('/');
        self.sources.iter().find_map(|(mount, source)| {
            let rest = path.strip_prefix(mount.path.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| (mount, source, rest.trim_matches('/').to_owned()))
        })
    }
}

/// A server that listens.
pub struct RtspServer {
    listener: TcpListener,
    server: Arc<Server>,
}

impl RtspServer {
    /// Starts the cameras and listens.
    ///
    /// # Errors
    /// A camera does not start, or the address cannot be listened at.
    pub async fn bind(options: RtspOptions) -> Result<Self, SimError> {
        if options.mounts.is_empty() {
            return Err(SimError::Setting("an RTSP server needs at least one camera".into()));
        }
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.map_err(|e| SimError::io(format!("cannot listen at {}", options.listen), e))?;
        let mut sources = Vec::new();
        for mount in &options.mounts {
            sources.push((mount.clone(), Source::start(&mount.camera).await?));
        }
        Ok(Self { listener, server: Arc::new(Server { options, sources }) })
    }

    /// The address it listens at (the port that was chosen, if 0 was asked).
    ///
    /// # Errors
    /// The socket is gone.
    pub fn address(&self) -> Result<SocketAddr, SimError> {
        self.listener.local_addr().map_err(|e| SimError::io("the listening socket", e))
    }

    /// Serves until `stop` resolves; then all connections are closed.
    ///
    /// # Errors
    /// None at present: a failed accept is logged and tried again.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), SimError> {
        let (stopping, stopped) = watch::channel(false);
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let accept = async {
            loop {
                let (stream, peer) = match self.listener.accept().await {
                    Ok(accepted) => accepted,
                    Err(e) => {
                        tracing::warn!(error = %e, "cannot accept");
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                        continue;
                    }
                };
                let Ok(permit) = room.clone().try_acquire_owned() else {
                    tracing::warn!(%peer, "too many connections; closed");
                    continue;
                };
                let (server, stopped) = (self.server.clone(), stopped.clone());
                tokio::spawn(async move {
                    connection::serve(server, stream, peer, stopped).await;
                    drop(permit);
                });
            }
        };
        tokio::select! {
            () = accept => {}
            () = stop => {}
        }
        // Connections that are gone do not mind.
        let _ = stopping.send(true);
        Ok(())
    }
}

/// Runs a simulated RTSP camera until `stop` resolves.
///
/// # Errors
/// It cannot start (see `RtspServer::bind`).
pub async fn run_rtsp_camera(options: RtspOptions, stop: impl Future<Output = ()>) -> Result<(), SimError> {
    let server = RtspServer::bind(options).await?;
    tracing::info!(address = %server.address()?, "RTSP camera listens");
    server.run(stop).await
}
