//! The streams that were asked for: their demuxers, shared by the receivers (which feed them) and signalling (which opens, watches
//! and closes them).
//!
//! A packet flows into its stream's `Flow` and what comes of it goes straight to the camera: no queue, no task switch.
//! Invariants: after `close` no event of the stream reaches its camera; a receiver asks for a source once and is told when the
//! source lost the stream (`Fed::Gone`); locks are held for one packet or one look-up.

use super::diagnose;
use super::matching::{Expected, Matcher};
use super::progress::Progress;
use crate::camera::{Camera, Phase};
use base::{MonoMs, Now};
use media::MediaEvent;
use media::intake::{IntakeCounts, PsIntake};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::AbortHandle;
use wire::gb28181::platform::SessionId;

/// What became of bytes handed to a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fed {
    /// Taken.
    Taken,
    /// The stream is over or has another source now: ask again.
    Gone,
    /// The connection carries no framed RTP: close it.
    Unframed,
}

/// One stream.
pub(super) struct Stream {
    pub(super) session: SessionId,
    pub(super) camera: Camera,
    /// SSRC asked for.
    pub(super) ssrc: u32,
    pub(super) progress: Arc<Progress>,
    flow: Mutex<Flow>,
}

struct Flow {
    intake: PsIntake,
    /// Reused from packet to packet.
    events: Vec<MediaEvent>,
    source: Option<SocketAddr>,
    closed: bool,
    /// Pictures come and the camera's page says so.
    streaming: bool,
    /// The source was found by its address alone; said once.
    other_ssrc: Option<u32>,
    /// Task of its TCP connection.
    task: Option<AbortHandle>,
}

impl Stream {
    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One datagram from `from`.
    pub(super) fn datagram(&self, from: SocketAddr, packet: &[u8], now: Now) -> Fed {
        let mut flow = self.flow();
        if flow.closed || flow.source != Some(from) {
            return Fed::Gone;
        }
        self.progress.packet(now.mono);
        let Flow { intake, events, .. } = &mut *flow;
        intake.datagram(packet, now.mono, events);
        self.pass_on(&mut flow, now);
        Fed::Taken
    }

    /// Bytes of the TCP connection to `from`.
    pub(super) fn chunk(&self, from: SocketAddr, bytes: &[u8], now: Now) -> Fed {
        let mut flow = self.flow();
        if flow.closed || flow.source != Some(from) {
            return Fed::Gone;
        }
        if bytes.is_empty() {
            return Fed::Taken;
        }
        self.progress.packet(now.mono);
        let Flow { intake, events, .. } = &mut *flow;
        let done = intake.chunk(bytes, now.mono, events);
        self.pass_on(&mut flow, now);
        if done.is_err() { Fed::Unframed } else { Fed::Taken }
    }

    /// Gives up packets missing too long; true while some are waited for, `None` when the stream is over.
    pub(super) fn poll(&self, now: Now) -> Option<bool> {
        let mut flow = self.flow();
        if flow.closed {
            return None;
        }
        if flow.intake.deadline().is_some_and(|at| at <= now.mono) {
            let Flow { intake, events, .. } = &mut *flow;
            intake.poll(now.mono, events);
            self.pass_on(&mut flow, now);
        }
        Some(flow.intake.deadline().is_some())
    }

    fn pass_on(&self, flow: &mut Flow, now: Now) {
        if flow.events.is_empty() {
            return;
        }
        if flow.events.iter().any(|e| matches!(e, MediaEvent::Frame(f) if f.codec.is_video())) {
            self.progress.picture(now.mono);
            if !flow.streaming {
                flow.streaming = true;
                self.camera.set_phase(Phase::Streaming, now);
                if let Some(got) = flow.other_ssrc {
                    self.camera.diagnose(diagnose::other_ssrc(self.ssrc, got));
                }
            }
        }
        self.camera.media(flow.events.drain(..), now);
    }

    /// The source it has from now on. A connection after another begins framing anew.
    fn bind(&self, from: SocketAddr, ssrc: Option<u32>, tcp: bool, now: Now) {
        let mut flow = self.flow();
        if tcp && flow.source.is_some() {
            let Flow { intake, events, .. } = &mut *flow;
            intake.reconnected(events);
            self.pass_on(&mut flow, now);
        }
        flow.source = Some(from);
        if let Some(got) = ssrc.filter(|got| *got != self.ssrc) {
            flow.other_ssrc = Some(got);
        }
    }

    /// The device named this SSRC in its answer: nothing odd about it.
    fn named_ssrc(&self, ssrc: u32, now: Now) {
        let mut flow = self.flow();
        if flow.other_ssrc == Some(ssrc) && ssrc != 0 {
            flow.other_ssrc = None;
            if flow.streaming {
                self.camera.set_phase(Phase::Streaming, now);
            }
        }
    }

    /// The stream is agreed; pictures may have been faster than the answer.
    fn agreed(&self, now: Now) {
        let flow = self.flow();
        if !flow.streaming && !flow.closed {
            self.camera.set_phase(Phase::Waiting, now);
        }
    }

    /// The task that reads its TCP connection; ended with the stream, and with the task before it.
    pub(super) fn set_task(&self, task: AbortHandle) {
        let mut flow = self.flow();
        if flow.closed {
            task.abort();
        } else if let Some(old) = flow.task.replace(task) {
            old.abort();
        }
    }

    /// What the demuxer saw, for the diagnosis.
    pub(super) fn counts(&self) -> IntakeCounts {
        self.flow().intake.counts()
    }

    /// Pictures no longer come: the next one is told as the first.
    pub(super) fn stalled(&self, now: Now) {
        let mut flow = self.flow();
        flow.streaming = false;
        self.camera.set_phase(Phase::Waiting, now);
    }

    /// Passes on what is complete; nothing reaches the camera afterwards.
    fn close(&self, now: Now) {
        let mut flow = self.flow();
        if flow.closed {
            return;
        }
        let Flow { intake, events, .. } = &mut *flow;
        intake.finish(events);
        self.pass_on(&mut flow, now);
        flow.closed = true;
        if let Some(task) = flow.task.take() {
            task.abort();
        }
    }
}

/// What is known of a stream when it is asked for.
pub(super) struct Asked {
    pub(super) session: SessionId,
    pub(super) camera: Camera,
    pub(super) ssrc: u32,
    /// RTP over TCP, whoever connects.
    pub(super) tcp: bool,
    /// The device connects, or sends datagrams: sources must be told apart.
    pub(super) comes_to_us: bool,
    /// Host of its signalling.
    pub(super) host: IpAddr,
}

#[derive(Default)]
struct Table {
    matcher: Matcher,
    streams: HashMap<SessionId, Arc<Stream>>,
}

/// All streams; copies share one table.
#[derive(Clone, Default)]
pub(super) struct Streams(Arc<Mutex<Table>>);

impl Streams {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream is asked for: from now on its packets are known.
    pub(super) fn open(&self, asked: Asked) -> Arc<Stream> {
        let progress = Arc::new(Progress::default());
        let stream = Arc::new(Stream {
            session: asked.session,
            camera: asked.camera,
            ssrc: asked.ssrc,
            progress: progress.clone(),
            flow: Mutex::new(Flow {
                intake: if asked.tcp { PsIntake::tcp() } else { PsIntake::udp() },
                events: Vec::new(),
                source: None,
                closed: false,
                streaming: false,
                other_ssrc: None,
                task: None,
            }),
        });
        let mut table = self.table();
        if asked.comes_to_us {
            let expected = Expected {
                ssrc: asked.ssrc,
                own_ssrc: None,
                tcp: asked.tcp,
                host: canonical_ip(asked.host),
                media: None,
                progress,
                bound: None,
            };
            table.matcher.expect(asked.session, expected);
        }
        table.streams.insert(asked.session, stream.clone());
        stream
    }

    /// The device answered.
    pub(super) fn answered(&self, session: SessionId, media: Option<SocketAddr>, ssrc: Option<u32>, now: Now) {
        let mut table = self.table();
        table.matcher.answered(session, media.map(canonical), ssrc);
        let stream = table.streams.get(&session).cloned();
        drop(table);
        if let Some(stream) = stream {
            if let Some(ssrc) = ssrc {
                stream.named_ssrc(ssrc, now);
            }
            stream.agreed(now);
        }
    }

    /// The stream is over.
    pub(super) fn close(&self, session: SessionId, now: Now) {
        let mut table = self.table();
        table.matcher.leave_behind(session, now.mono);
        let stream = table.streams.remove(&session);
        drop(table);
        if let Some(stream) = stream {
            stream.close(now);
        }
    }

    /// The stream of a source, which holds it from now on; `None`: of no stream.
    pub(super) fn place(&self, tcp: bool, from: SocketAddr, ssrc: Option<u32>, now: Now) -> Option<Arc<Stream>> {
        let mut table = self.table();
        let session = table.matcher.place(tcp, from, ssrc, now.mono)?;
        let stream = table.streams.get(&session).cloned()?;
        let named = table.matcher.is_marked(session, ssrc);
        drop(table);
        stream.bind(from, ssrc.filter(|_| !named), tcp, now);
        if !named {
            tracing::info!(camera = %stream.camera.id(), %from, asked = stream.ssrc, got = ?ssrc, "stream found by its address, not by its SSRC");
        }
        Some(stream)
    }

    /// For a connection that we made: it needs no matching.
    pub(super) fn connected(stream: &Stream, from: SocketAddr, now: Now) {
        stream.bind(from, None, true, now);
    }

    /// The connection from `from` ended; the device may connect again.
    pub(super) fn unbind(&self, session: SessionId, from: SocketAddr) {
        self.table().matcher.unbind(session, from);
    }

    /// Sources from the stream's hosts that fit no stream.
    pub(super) fn strays_of(&self, session: SessionId, now: MonoMs) -> Vec<(SocketAddr, Option<u32>)> {
        self.table().matcher.strays_of(session, now)
    }
}

/// The address as the device writes it: IPv4 that came through an IPv6 socket is IPv4.
pub(super) fn canonical(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(canonical_ip(addr.ip()), addr.port())
}

/// As `canonical`, of a host.
pub(super) fn canonical_ip(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}
