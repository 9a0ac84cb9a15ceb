//! Whose packet is it: one media port for all cameras, streams told apart by SSRC and by where packets come from.
//!
//! Streams that were asked for go in with what is known of them; a source address and an SSRC come out as a stream or as a stray.
//! Asked once per new source, never per packet (the receivers remember). Decisions only: no sockets, no locks, time is an argument.
//!
//! Always true: a packet with the SSRC that was asked for, or that the device's answer named, belongs to that stream; without it a
//! source is given to a stream only when nothing else could be meant. Two cameras are never guessed apart: showing one camera's
//! pictures as another's is worse than showing none.

use super::progress::Progress;
use base::MonoMs;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use wire::gb28181::platform::SessionId;

/// A stream heard this recently keeps its source, ms: another source of the same SSRC is a stray meanwhile.
pub(super) const HOLD_MS: u64 = 2_000;
/// Most stray sources remembered. Further ones are counted, not remembered.
pub(super) const MAX_STRAYS: usize = 256;
/// A stray not heard for this long is forgotten, ms.
const STRAY_MS: u64 = 30_000;

/// A stream that was asked for.
#[derive(Debug)]
pub(super) struct Expected {
    /// SSRC asked for in the INVITE.
    pub(super) ssrc: u32,
    /// SSRC named in the answer, if another and not 0.
    pub(super) own_ssrc: Option<u32>,
    /// RTP over TCP with the device connecting; otherwise UDP.
    pub(super) tcp: bool,
    /// Host of the device's signalling.
    pub(super) host: IpAddr,
    /// Where the answer says that media comes from.
    pub(super) media: Option<SocketAddr>,
    /// What has come so far.
    pub(super) progress: Arc<Progress>,
    /// Source it was given.
    pub(super) bound: Option<(SocketAddr, Option<u32>)>,
}

impl Expected {
    fn knows(&self, host: IpAddr) -> bool {
        self.host == host || self.media.is_some_and(|m| m.ip() == host)
    }

    fn has_ssrc(&self, ssrc: Option<u32>) -> bool {
        ssrc.is_some_and(|ssrc| ssrc == self.ssrc || self.own_ssrc == Some(ssrc))
    }
}

/// A source that belongs to no stream.
#[derive(Clone, Copy, Debug)]
struct Stray {
    first: MonoMs,
    last: MonoMs,
    /// Packets came; otherwise it is only where a stream came from that is over.
    heard: bool,
}

/// See the file's invariants.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    expected: BTreeMap<SessionId, Expected>,
    by_ssrc: HashMap<u32, SessionId>,
    by_host: HashMap<IpAddr, Vec<SessionId>>,
    strays: HashMap<(SocketAddr, Option<u32>), Stray>,
    /// When old strays were last cleared away.
    swept: MonoMs,
}

impl Matcher {
    /// A stream is asked for.
    pub(super) fn expect(&mut self, session: SessionId, expected: Expected) {
        self.by_ssrc.insert(expected.ssrc, session);
        self.by_host.entry(expected.host).or_default().push(session);
        self.expected.insert(session, expected);
    }

    /// The device answered: where media comes from, and the SSRC it named (0 names none).
    pub(super) fn answered(&mut self, session: SessionId, media: Option<SocketAddr>, ssrc: Option<u32>) {
        let Some(expected) = self.expected.get_mut(&session) else { return };
        expected.media = media;
        if let Some(media) = media
            && media.ip() != expected.host
        {
            self.by_host.entry(media.ip()).or_default().push(session);
        }
        if let Some(own) = ssrc.filter(|own| *own != 0 && *own != expected.ssrc) {
            // A number that another stream has already is no mark of this one.
            if let Entry::Vacant(free) = self.by_ssrc.entry(own) {
                expected.own_ssrc = Some(own);
                free.insert(session);
            }
        }
    }

    /// The stream is over.
    pub(super) fn forget(&mut self, session: SessionId) {
        let Some(expected) = self.expected.remove(&session) else { return };
        for ssrc in [Some(expected.ssrc), expected.own_ssrc].into_iter().flatten() {
            if self.by_ssrc.get(&ssrc) == Some(&session) {
                self.by_ssrc.remove(&ssrc);
            }
        }
        for host in [Some(expected.host), expected.media.map(|m| m.ip())].into_iter().flatten() {
            if let Some(list) = self.by_host.get_mut(&host) {
                list.retain(|s| *s != session);
                if list.is_empty() {
                    self.by_host.remove(&host);
                }
            }
        }
    }

    /// The stream's connection ended; the device may connect again.
    pub(super) fn unbind(&mut self, session: SessionId, from: SocketAddr) {
        if let Some(expected) = self.expected.get_mut(&session)
            && expected.bound.is_some_and(|(at, _)| at == from)
        {
            expected.bound = None;
        }
    }

    /// The stream that packets (or a connection) from `from` belong to, which holds that source from now on; `None` is a stray.
    pub(super) fn place(&mut self, tcp: bool, from: SocketAddr, ssrc: Option<u32>, now: MonoMs) -> Option<SessionId> {
        // A number that is a stream's mark is never taken for another stream's.
        let marked = ssrc.is_some_and(|ssrc| self.by_ssrc.contains_key(&ssrc));
        let found = if marked { self.by_mark(tcp, from, ssrc, now) } else { self.by_source(tcp, from, ssrc, now) };
        match found.and_then(|session| Some((session, self.expected.get_mut(&session)?))) {
            Some((session, expected)) => {
                expected.bound = Some((from, ssrc));
                self.strays.remove(&(from, ssrc));
                Some(session)
            }
            None => {
                // A connection that comes before the end of the one before it was seen is asked for again, and can mean nothing else
                // where its host has but one stream.
                let sessions = self.by_host.get(&from.ip()).map_or(&[][..], Vec::as_slice);
                let of_host = sessions.iter().filter_map(|s| Some((*s, self.expected.get(s)?)));
                if !tcp || only(of_host.filter(|(_, e)| e.tcp)).is_none() {
                    self.stray(from, ssrc, true, now);
                }
                None
            }
        }
    }

    /// True when `ssrc` is one that the stream was asked for or answered with.
    pub(super) fn is_marked(&self, session: SessionId, ssrc: Option<u32>) -> bool {
        self.expected.get(&session).is_some_and(|e| e.has_ssrc(ssrc))
    }

    /// By the SSRC. A source that holds the stream and is heard keeps it, except against the device's own host.
    fn by_mark(&self, tcp: bool, from: SocketAddr, ssrc: Option<u32>, now: MonoMs) -> Option<SessionId> {
        let session = *self.by_ssrc.get(&ssrc?)?;
        let expected = self.expected.get(&session)?;
        if expected.tcp != tcp {
            return None;
        }
        let free = match expected.bound {
            None => true,
            Some((at, _)) if at == from => true,
            Some((at, _)) => {
                let better = expected.knows(from.ip()) && !expected.knows(at.ip());
                better || expected.progress.silent_ms(now) >= HOLD_MS
            }
        };
        free.then_some(session)
    }

    /// By where it comes from: the address the answer named, the source it had, or the only stream of that host still without one.
    fn by_source(&self, tcp: bool, from: SocketAddr, ssrc: Option<u32>, now: MonoMs) -> Option<SessionId> {
        let sessions = self.by_host.get(&from.ip())?;
        let of_host =
            || sessions.iter().filter_map(|s| Some((*s, self.expected.get(s)?))).filter(|(_, e)| e.tcp == tcp);
        let named = only(of_host().filter(|(_, e)| e.bound.is_none() && e.media == Some(from)));
        if named.is_some() {
            return named;
        }
        let sending_since = self.sending_since(from, ssrc, now);
        // The same source with a new SSRC, or the same SSRC from a new port: the sender began anew.
        let anew = only(of_host().filter(|(_, e)| {
            let same = |(at, mark): (SocketAddr, Option<u32>)| {
                at == from || (at.ip() == from.ip() && mark == ssrc && !e.has_ssrc(mark))
            };
            let after = e.progress.last_packet().is_none_or(|last| sending_since > last);
            e.bound.is_some_and(same) && e.progress.silent_ms(now) >= HOLD_MS && after
        }));
        if anew.is_some() {
            return anew;
        }
        let alone = only(of_host().filter(|(_, e)| e.bound.is_none()));
        // What has been sending for a while is somebody else's, e.g. a stream that was given up and goes on.
        alone.filter(|_| sending_since == now)
    }

    /// Since when a source that belonged to no stream has been sending without a pause; `now` for a new one.
    fn sending_since(&self, from: SocketAddr, ssrc: Option<u32>, now: MonoMs) -> MonoMs {
        let stray = self.strays.get(&(from, ssrc)).filter(|stray| now.since(stray.last) < HOLD_MS);
        stray.map_or(now, |stray| stray.first)
    }

    fn stray(&mut self, from: SocketAddr, ssrc: Option<u32>, heard: bool, now: MonoMs) {
        let first = self.sending_since(from, ssrc, now);
        if let Some(stray) = self.strays.get_mut(&(from, ssrc)) {
            *stray = Stray { first, last: now, heard };
            return;
        }
        // Half the room is kept for hosts that matter now.
        let room = if self.by_host.contains_key(&from.ip()) { MAX_STRAYS } else { MAX_STRAYS / 2 };
        if self.strays.len() >= room && now.since(self.swept) >= STRAY_MS / 10 {
            self.swept = now;
            self.strays.retain(|_, stray| now.since(stray.last) < STRAY_MS);
        }
        if self.strays.len() < room {
            self.strays.insert((from, ssrc), Stray { first: now, last: now, heard });
        }
    }

    /// Sources that a stream ended with go on for a while: they are known, so that no other stream is given them.
    pub(super) fn leave_behind(&mut self, session: SessionId, now: MonoMs) {
        let bound = self.expected.get(&session).and_then(|e| e.bound);
        self.forget(session);
        if let Some((from, ssrc)) = bound {
            self.stray(from, ssrc, false, now);
        }
    }

    /// Sources heard now from the hosts of a stream that fit no stream.
    pub(super) fn strays_of(&self, session: SessionId, now: MonoMs) -> Vec<(SocketAddr, Option<u32>)> {
        let Some(expected) = self.expected.get(&session) else { return Vec::new() };
        let fits = |(from, _): &(SocketAddr, Option<u32>)| expected.knows(from.ip());
        let now_heard = |stray: &Stray| stray.heard && now.since(stray.last) < HOLD_MS;
        let heard = self.strays.iter().filter(|(key, stray)| fits(key) && now_heard(stray));
        let mut list: Vec<_> = heard.map(|(key, _)| *key).collect();
        list.sort_unstable();
        list
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> (usize, usize, usize, usize) {
        (self.expected.len(), self.by_ssrc.len(), self.by_host.len(), self.strays.len())
    }
}

/// The session of the only item; `None` for none and for several.
fn only<'a>(mut found: impl Iterator<Item = (SessionId, &'a Expected)>) -> Option<SessionId> {
    let first = found.next()?.0;
    found.all(|(session, _)| session == first).then_some(first)
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
