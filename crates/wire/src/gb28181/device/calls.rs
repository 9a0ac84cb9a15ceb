//! Streams a device is asked for: INVITE in, answer or refusal out, BYE both ways.
//!
//! A call rings until the driver answers, then waits for ACK, then runs until a BYE. A new INVITE for a channel and
//! sender does not end the old call here: the platform names its streams.

use super::super::sdp::{MediaTransport, PlayAnswer, Session, Ssrc};
use super::super::sip::{Message, Method, NameAddr, Uri};
use super::super::txn::ServerId;
use super::super::{GbId, Peer};
use super::{Device, DeviceError, DeviceEvent, Purpose};
use base::{MonoMs, Now};
use std::net::SocketAddr;

/// Most calls at once. One more is refused with 486.
pub const MAX_CALLS: usize = 64;

/// A device's name of one call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct CallId(pub u64);

/// What a device writes into `y=` of its answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SsrcAnswer {
    /// The SSRC it was asked for.
    Echo,
    /// One of its own choice.
    Own(Ssrc),
    /// Ten zeros.
    Zero,
    /// No `y=` line.
    Missing,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Ringing,
    Answered,
    Running,
}

#[derive(Debug)]
pub(super) struct Call {
    state: State,
    server: ServerId,
    invite: Message,
    channel: GbId,
    offer: Session,
    tag: String,
    cseq: u32,
}

impl Device {
    pub(super) fn on_invite(&mut self, id: ServerId, message: &Message, now: Now) {
        let offer = match Session::parse(&message.body) {
            Ok(offer) => offer,
            Err(error) => {
                self.emit(DeviceEvent::Malformed { why: error.to_string() });
                return self.reply(id, message, 488, now);
            }
        };
        let channel = message.uri().and_then(Uri::parse).and_then(|u| GbId::parse(&u.user)).unwrap_or(self.config.id);
        if self.channel_state(channel).is_none() {
            return self.turn_away(id, message, &format!("INVITE {channel}"), 404, now);
        }
        if self.calls.len() >= self.config.max_calls.min(MAX_CALLS) {
            return self.reply(id, message, 486, now);
        }
        self.reply(id, message, 100, now);
        self.next_call += 1;
        let call = CallId(self.next_call);
        let tag = self.rng.short_token();
        let (state, invite) = (State::Ringing, message.clone());
        self.calls.insert(call, Call { state, server: id, invite, channel, offer: offer.clone(), tag, cseq: 0 });
        self.emit(DeviceEvent::PlayRequested { call, channel, offer });
    }

    /// Accepts a call. `media` is where this device sends from (or listens, when the platform connects).
    ///
    /// # Errors
    /// [`DeviceError::NoCall`].
    pub fn answer(&mut self, call: CallId, media: SocketAddr, ssrc: SsrcAnswer, now: Now) -> Result<(), DeviceError> {
        let contact = self.contact();
        let found = self.calls.get_mut(&call).filter(|c| c.state == State::Ringing).ok_or(DeviceError::NoCall)?;
        let ssrc = match ssrc {
            SsrcAnswer::Echo => found.offer.ssrc,
            SsrcAnswer::Own(ssrc) => Some(ssrc),
            SsrcAnswer::Zero => Some(Ssrc(0)),
            SsrcAnswer::Missing => None,
        };
        let transport: MediaTransport = found.offer.transport();
        let answer = PlayAnswer { channel: found.channel, media, transport, ssrc };
        let response = Message::response(&found.invite, 200, &found.tag)
            .with("Contact", &contact)
            .with_body("application/sdp", answer.to_sdp().into_bytes());
        found.state = State::Answered;
        let server = found.server;
        self.txns.respond(server, &response, now.mono);
        self.pump(now);
        Ok(())
    }

    /// Refuses a call with a SIP code (486 busy, 488 not possible, ...).
    ///
    /// # Errors
    /// [`DeviceError::NoCall`].
    pub fn refuse(&mut self, call: CallId, code: u16, now: Now) -> Result<(), DeviceError> {
        let found = self.calls.get(&call).filter(|c| c.state == State::Ringing).ok_or(DeviceError::NoCall)?;
        let response = Message::response(&found.invite, code.clamp(300, 699), &found.tag);
        let server = found.server;
        self.calls.remove(&call);
        self.txns.respond(server, &response, now.mono);
        self.pump(now);
        Ok(())
    }

    /// Ends a running call from the device's side.
    ///
    /// # Errors
    /// [`DeviceError::NoCall`].
    pub fn bye(&mut self, call: CallId, now: Now) -> Result<(), DeviceError> {
        let running = self.calls.get(&call).is_some_and(|c| c.state != State::Ringing);
        if !running {
            return Err(DeviceError::NoCall);
        }
        self.send_bye(call, now.mono);
        self.calls.remove(&call);
        self.emit(DeviceEvent::PlayEnded { call });
        self.pump(now);
        Ok(())
    }

    fn send_bye(&mut self, call: CallId, now: MonoMs) {
        let Some(peer) = self.peer() else { return };
        let Some(found) = self.calls.get_mut(&call) else { return };
        found.cseq += 1;
        let (invite, tag, cseq) = (found.invite.clone(), found.tag.clone(), found.cseq);
        let header = |name: &str| invite.headers.get(name).unwrap_or_default().to_owned();
        let target = NameAddr::parse(&header("Contact")).map_or_else(|| self.platform_uri(), |c| c.uri.to_string());
        let bye = self.dialog_request(&target, peer, cseq);
        let bye = bye
            .with("From", &format!("{};tag={tag}", header("To")))
            .with("To", &header("From"))
            .with("Call-ID", &header("Call-ID"));
        let _ = self.txns.request(peer, bye, Purpose::Other, now);
    }

    fn dialog_request(&mut self, target: &str, peer: Peer, cseq: u32) -> Message {
        let branch = self.rng.token();
        let via = format!("SIP/2.0/{} {};rport;branch=z9hG4bK{branch}", peer.via_name(), self.config.local);
        Message::request(Method::Bye, target).with("Via", &via).with("CSeq", &format!("{cseq} BYE"))
    }

    pub(super) fn end_all_calls(&mut self, with_bye: bool, now: MonoMs) {
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        for call in calls {
            if with_bye {
                self.send_bye(call, now);
            }
            self.calls.remove(&call);
            self.emit(DeviceEvent::PlayEnded { call });
        }
    }

    fn call_of(&self, message: &Message) -> Option<CallId> {
        let call_id = message.call_id()?;
        self.calls.iter().find(|(_, c)| c.invite.call_id() == Some(call_id)).map(|(call, _)| *call)
    }

    pub(super) fn on_ack(&mut self, message: &Message) {
        let Some(call) = self.call_of(message) else { return };
        if let Some(found) = self.calls.get_mut(&call).filter(|c| c.state == State::Answered) {
            found.state = State::Running;
            self.emit(DeviceEvent::PlayConfirmed { call });
        }
    }

    pub(super) fn on_bye(&mut self, id: ServerId, message: &Message, now: Now) {
        let Some(call) = self.call_of(message) else { return self.reply(id, message, 481, now) };
        self.reply(id, message, 200, now);
        self.calls.remove(&call);
        self.emit(DeviceEvent::PlayEnded { call });
    }

    pub(super) fn on_cancelled(&mut self, id: ServerId, now: Now) {
        let Some(call) = self.calls.iter().find(|(_, c)| c.server == id).map(|(call, _)| *call) else { return };
        if let Some(found) = self.calls.remove(&call) {
            self.txns.respond(id, &Message::response(&found.invite, 487, &found.tag), now.mono);
            self.emit(DeviceEvent::PlayEnded { call });
        }
    }

    /// The answer was never acknowledged: the platform is gone, so is the call.
    pub(super) fn on_no_ack(&mut self, id: ServerId, now: Now) {
        let Some(call) = self.calls.iter().find(|(_, c)| c.server == id).map(|(call, _)| *call) else { return };
        self.send_bye(call, now.mono);
        self.calls.remove(&call);
        self.emit(DeviceEvent::PlayEnded { call });
    }
}
