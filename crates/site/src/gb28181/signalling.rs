//! The one task that owns the platform machine: SIP sockets in and out, time, commands.
//!
//! Datagrams, connection bytes, ticks and commands go to `Calls`; what it wants sent goes out. Invariants: the machine is drained after
//! every input; a turn takes a bounded number of inputs; a connection on which no device registers is closed.

use super::Settings;
use super::alarms::Heard;
use super::calls::Calls;
use super::guard::GuardPlan;
use super::links::{Inbound, Links};
use super::media_tcp::ConnectFailed;
use crate::{Camera, SiteClock};
use base::{CameraId, MonoMs};
use std::collections::HashMap;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use wire::gb28181::platform::{Event, Output};
use wire::gb28181::{ConnId, GbId, Input, Peer};

/// Inputs of a kind taken in one turn.
const A_TURN: usize = 64;
/// Largest datagram, bytes.
const DATAGRAM_BYTES: usize = 65_535;

/// What the site asks of the driver. Each is answered when done.
pub(super) enum Command {
    /// Take a camera in.
    Add(Camera, oneshot::Sender<()>),
    /// End a camera's stream.
    Remove(CameraId, oneshot::Sender<()>),
    /// Ask for a camera's stream anew, at once.
    Probe(CameraId, oneshot::Sender<()>),
    /// These alarms are durable.
    Confirm(Vec<Heard>, oneshot::Sender<()>),
    /// A camera's guard plan.
    Guard(CameraId, GuardPlan, oneshot::Sender<()>),
    /// An alarm was reset by a person; answers whether its device was told.
    ResetAlarm(GbId, oneshot::Sender<bool>),
    /// End everything.
    Stop(oneshot::Sender<()>),
}

/// The signalling task.
pub(super) struct Signalling {
    calls: Calls,
    udp: UdpSocket,
    links: Links,
    /// Connections on which no device has registered yet, and since when.
    strangers: HashMap<ConnId, MonoMs>,
    inbox: mpsc::Receiver<Inbound>,
    commands: mpsc::Receiver<Command>,
    failed: mpsc::Receiver<ConnectFailed>,
    clock: SiteClock,
    settings: Settings,
    next_check: MonoMs,
}

impl Signalling {
    pub(super) fn new(
        calls: Calls,
        udp: UdpSocket,
        inbox: mpsc::Receiver<Inbound>,
        commands: mpsc::Receiver<Command>,
        failed: mpsc::Receiver<ConnectFailed>,
        clock: SiteClock,
        settings: Settings,
    ) -> Self {
        let (links, strangers, next_check) = (Links::default(), HashMap::new(), MonoMs(0));
        Self { calls, udp, links, strangers, inbox, commands, failed, clock, settings, next_check }
    }

    /// Runs until `Stop`.
    pub(super) async fn run(mut self) {
        let mut buffer = vec![0; DATAGRAM_BYTES];
        loop {
            let wait = self.wait();
            tokio::select! {
                received = self.udp.recv_from(&mut buffer) => match received {
                    Ok((bytes, from)) => {
                        let now = self.clock.now();
                        let bytes = buffer.get(..bytes).unwrap_or_default();
                        self.calls.handle(Input::Datagram { from, bytes }, now);
                        self.more_datagrams(&mut buffer);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "SIP socket");
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                },
                Some(inbound) = self.inbox.recv() => self.inbound_turn(inbound),
                Some(command) = self.commands.recv() => {
                    if let Some(stopped) = self.command(command) {
                        self.flush().await;
                        let _ = stopped.send(());
                        return;
                    }
                }
                Some(failed) = self.failed.recv() => self.calls.connect_failed(&failed, self.clock.now()),
                () = tokio::time::sleep(wait) => {}
            }
            self.tick();
            self.flush().await;
        }
    }

    /// Until the platform or the next look at the streams wants a turn.
    fn wait(&self) -> Duration {
        let next = self.calls.next_deadline().map_or(self.next_check, |at| at.min(self.next_check));
        Duration::from_millis(next.since(self.clock.now().mono))
    }

    fn tick(&mut self) {
        let now = self.clock.now();
        if self.calls.next_deadline().is_some_and(|at| at <= now.mono) {
            self.calls.handle(Input::Tick, now);
        }
        if self.next_check <= now.mono {
            self.next_check = now.mono.plus_ms(self.settings.check_ms);
            self.calls.check(now);
            let late = |since: &MonoMs| now.mono.since(*since) >= self.settings.unregistered_ms;
            let gone: Vec<ConnId> = self.strangers.iter().filter(|(_, s)| late(s)).map(|(conn, _)| *conn).collect();
            for conn in gone {
                self.strangers.remove(&conn);
                self.links.close(conn);
            }
        }
    }

    fn more_datagrams(&mut self, buffer: &mut [u8]) {
        for _ in 0..A_TURN {
            let Ok((bytes, from)) = self.udp.try_recv_from(buffer) else { return };
            let now = self.clock.now();
            self.calls.handle(Input::Datagram { from, bytes: buffer.get(..bytes).unwrap_or_default() }, now);
        }
    }

    fn inbound_turn(&mut self, first: Inbound) {
        self.inbound(first);
        for _ in 0..A_TURN {
            let Ok(inbound) = self.inbox.try_recv() else { return };
            self.inbound(inbound);
        }
    }

    fn inbound(&mut self, inbound: Inbound) {
        let now = self.clock.now();
        match inbound {
            Inbound::Opened { conn, from, out } => {
                self.links.opened(conn, out);
                self.strangers.insert(conn, now.mono);
                self.calls.handle(Input::TcpOpened { conn, from }, now);
            }
            Inbound::Bytes { conn, bytes } => self.calls.handle(Input::TcpBytes { conn, bytes: &bytes }, now),
            Inbound::Closed { conn } => {
                self.links.close(conn);
                self.strangers.remove(&conn);
                self.calls.handle(Input::TcpClosed { conn }, now);
            }
        }
    }

    /// Carries a command out; for `Stop` gives back whom to tell after the last message went out.
    fn command(&mut self, command: Command) -> Option<oneshot::Sender<()>> {
        let now = self.clock.now();
        match command {
            Command::Add(camera, done) => {
                self.calls.add(camera, now);
                let _ = done.send(());
            }
            Command::Remove(id, done) => {
                self.calls.remove(id, now);
                let _ = done.send(());
            }
            Command::Probe(id, done) => {
                self.calls.probe(id, now);
                let _ = done.send(());
            }
            Command::Confirm(kept, done) => {
                self.calls.confirm(&kept, now);
                let _ = done.send(());
            }
            Command::Guard(camera, plan, done) => {
                self.calls.set_plan(camera, plan, now);
                let _ = done.send(());
            }
            Command::ResetAlarm(source, done) => {
                let _ = done.send(self.calls.reset_alarm(source, now));
            }
            Command::Stop(done) => {
                self.calls.stop(now);
                return Some(done);
            }
        }
        None
    }

    /// Sends what the machine wants sent and works off what it tells, until it is quiet.
    async fn flush(&mut self) {
        while let Some(output) = self.calls.poll_output() {
            match output {
                Output::Send { to: Peer::Udp(to), bytes } => {
                    // Lost here or on the way: the transaction sends it again.
                    if let Err(error) = self.udp.send_to(&bytes, to).await {
                        tracing::debug!(%error, %to, "SIP datagram not sent");
                    }
                }
                Output::Send { to: Peer::Tcp(conn), bytes } => self.links.send(conn, bytes),
                Output::Close { conn } => self.links.close(conn),
                Output::Event(event) => {
                    self.greet(&event);
                    let now = self.clock.now();
                    self.calls.on_event(event, now);
                }
            }
        }
    }

    /// A device registered, or moved to a connection: that connection is no stranger's.
    fn greet(&mut self, event: &Event) {
        let (Event::Registered { device, .. } | Event::Moved { device, .. } | Event::Resumed { device }) = event else {
            return;
        };
        if let Some(Peer::Tcp(conn)) = self.calls.peer_of(*device) {
            self.strangers.remove(&conn);
        }
    }
}
