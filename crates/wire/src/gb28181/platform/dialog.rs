//! Live streams: INVITE, its answer, ACK, BYE both ways, giving up.
//!
//! A stream is `Inviting` until a final answer, then `Established` until a BYE; one that was given up or ended before
//! its answer is `Leaving` until the transaction ends, so that a late 200 is acknowledged and ended at once.
//! Invariants: each session is told exactly one of answered-then-ended, refused, timed out or ended; the table is bounded.

use super::super::sdp::{self, PlayOffer, Session};
use super::super::sip::{Message, Method, NameAddr, Uri};
use super::super::txn::{ClientId, ServerId};
use super::super::{GbId, Peer};
use super::{CommandError, EndedBy, Event, Head, Invite, Platform, Purpose, SessionId, Timer};
use base::{MonoMs, Now};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Inviting,
    Established,
    Leaving,
}

/// One stream's signalling.
#[derive(Debug)]
pub(super) struct Dialog {
    pub(super) device: GbId,
    state: State,
    client: ClientId,
    call_id: String,
    local_tag: String,
    remote_tag: Option<String>,
    /// Request-URI and To of the INVITE.
    to: String,
    /// Where later requests are addressed: the Contact of the answer.
    target: String,
    cseq: u32,
    /// Peer of the INVITE; later requests follow the device.
    peer: Peer,
    was_trying: bool,
    timer_at: MonoMs,
}

impl Platform {
    pub(super) fn start_invite(&mut self, invite: &Invite, now: Now) -> Result<(), CommandError> {
        let (peer, addr, _) = self.online_peer(invite.device).ok_or(CommandError::NotOnline)?;
        if self.dialogs.contains_key(&invite.session) {
            return Err(CommandError::SessionInUse);
        }
        if self.dialogs.len() >= self.config.max_dialogs {
            return Err(CommandError::TooMany);
        }
        let uri = Uri { user: invite.channel.to_string(), host: addr.ip().to_string(), port: Some(addr.port()) };
        let to = uri.to_string();
        let (call_id, local_tag) = (self.rng.token(), self.rng.short_token());
        let head = Head { to: &to, call_id: &call_id, local_tag: &local_tag, remote_tag: None, cseq: 1 };
        let platform = self.config.id;
        let offer = PlayOffer { platform, media: invite.media, transport: invite.transport, ssrc: invite.ssrc };
        let message = self
            .request(Method::Invite, peer, &to, &head)
            .with("Contact", &self.contact(peer))
            .with("Subject", &sdp::subject(&invite.channel, invite.ssrc, &platform))
            .with_body("APPLICATION/SDP", offer.to_sdp().into_bytes());
        let purpose = Purpose::Invite(invite.session);
        let client = self.txns.request(peer, message, purpose, now.mono).map_err(|_| CommandError::TooMany)?;
        let timer_at = now.mono.plus_ms(self.config.invite_timeout_ms);
        self.timers.insert((timer_at, Timer::Invite(invite.session)));
        self.by_call.insert(call_id.clone(), invite.session);
        if let Some(device) = self.devices.get_mut(&invite.device) {
            device.sessions.push(invite.session);
        }
        let dialog = Dialog {
            device: invite.device,
            state: State::Inviting,
            client,
            call_id,
            local_tag,
            remote_tag: None,
            target: to.clone(),
            to,
            cseq: 1,
            peer,
            was_trying: false,
            timer_at,
        };
        self.dialogs.insert(invite.session, dialog);
        Ok(())
    }

    pub(super) fn on_invite_response(&mut self, id: ClientId, session: SessionId, response: &Message, now: Now) {
        let Some(dialog) = self.dialogs.get_mut(&session) else { return };
        let code = response.code().unwrap_or(500);
        if code < 200 {
            dialog.was_trying = true;
            if dialog.state == State::Leaving {
                self.cancel_transaction(id, now.mono);
            }
            return;
        }
        let leaving = dialog.state == State::Leaving;
        if code >= 300 {
            self.forget(session);
            if !leaving {
                let reason = match &response.start {
                    super::super::sip::StartLine::Response { reason, .. } => reason.chars().take(200).collect(),
                    super::super::sip::StartLine::Request { .. } => String::new(),
                };
                self.emit(Event::StreamRefused { session, code, reason });
            }
            return;
        }
        dialog.remote_tag = response.tag("To");
        let contact = response.headers.get("Contact").and_then(NameAddr::parse);
        if let Some(contact) = contact {
            dialog.target = contact.uri.to_string();
        }
        self.send_ack(id, session);
        if leaving {
            self.send_bye(session, now.mono);
            return self.forget(session);
        }
        match Session::parse(&response.body) {
            Ok(answer) => self.answered(session, &answer),
            Err(error) => {
                let peer = self.dialogs.get(&session).map(|d| d.peer);
                if let Some(peer) = peer {
                    self.malformed(peer, &error);
                }
                self.send_bye(session, now.mono);
                self.forget(session);
                self.emit(Event::StreamRefused { session, code: 488, reason: error.to_string() });
            }
        }
    }

    fn answered(&mut self, session: SessionId, answer: &Session) {
        let Some(dialog) = self.dialogs.get_mut(&session) else { return };
        dialog.state = State::Established;
        self.timers.remove(&(dialog.timer_at, Timer::Invite(session)));
        self.emit(Event::StreamAnswered {
            session,
            ssrc: answer.ssrc,
            media: answer.media_address(),
            setup: answer.video().and_then(|v| v.setup),
            private_encoding: answer.private_encoding().map(str::to_owned),
        });
    }

    /// A request inside the dialog; `None` when the dialog is gone.
    fn in_dialog(&mut self, session: SessionId, method: Method) -> Option<(Peer, Message)> {
        let dialog = self.dialogs.get(&session)?;
        let peer = self.online_peer(dialog.device).map_or(dialog.peer, |(peer, ..)| peer);
        let (to, call_id, local_tag) = (dialog.to.clone(), dialog.call_id.clone(), dialog.local_tag.clone());
        let (remote_tag, target, cseq) = (dialog.remote_tag.clone(), dialog.target.clone(), dialog.cseq);
        let head = Head { to: &to, call_id: &call_id, local_tag: &local_tag, remote_tag: remote_tag.as_deref(), cseq };
        Some((peer, self.request(method, peer, &target, &head)))
    }

    fn send_ack(&mut self, id: ClientId, session: SessionId) {
        if let Some((peer, ack)) = self.in_dialog(session, Method::Ack) {
            let ack = ack.with("Contact", &self.contact(peer));
            self.txns.acknowledge(id, peer, &ack);
        }
    }

    fn send_bye(&mut self, session: SessionId, now: MonoMs) {
        if let Some(dialog) = self.dialogs.get_mut(&session) {
            dialog.cseq += 1;
        }
        if let Some((peer, bye)) = self.in_dialog(session, Method::Bye) {
            let bye = bye.with("Contact", &self.contact(peer));
            // A full table loses the BYE; the device then ends when its packets are refused.
            let _ = self.txns.request(peer, bye, Purpose::Forget, now);
        }
    }

    fn forget(&mut self, session: SessionId) {
        let Some(dialog) = self.dialogs.remove(&session) else { return };
        self.by_call.remove(&dialog.call_id);
        self.timers.remove(&(dialog.timer_at, Timer::Invite(session)));
        if let Some(device) = self.devices.get_mut(&dialog.device) {
            device.sessions.retain(|s| *s != session);
        }
    }

    /// Ends a stream from this side.
    pub(super) fn end_stream(&mut self, session: SessionId, by: EndedBy, now: MonoMs) -> Result<(), CommandError> {
        let state = self.dialogs.get(&session).map(|d| d.state).ok_or(CommandError::NoSession)?;
        match state {
            State::Leaving => return Err(CommandError::NoSession),
            State::Inviting => self.leave(session, now),
            State::Established => {
                self.send_bye(session, now);
                self.forget(session);
            }
        }
        self.emit(Event::StreamEnded { session, by });
        Ok(())
    }

    /// Gives up an unanswered INVITE: CANCEL now if the device is at work on it, else with its first word.
    fn leave(&mut self, session: SessionId, now: MonoMs) {
        let Some(dialog) = self.dialogs.get_mut(&session) else { return };
        dialog.state = State::Leaving;
        let (client, timer_at) = (dialog.client, dialog.timer_at);
        self.timers.remove(&(timer_at, Timer::Invite(session)));
        self.cancel_transaction(client, now);
    }

    pub(super) fn invite_timer(&mut self, session: SessionId, now: MonoMs) {
        let Some(dialog) = self.dialogs.get(&session).filter(|d| d.state == State::Inviting) else { return };
        let was_trying = dialog.was_trying;
        self.leave(session, now);
        self.emit(Event::StreamTimeout { session, was_trying });
    }

    /// The INVITE transaction gave up (or its connection is gone).
    pub(super) fn on_invite_timeout(&mut self, session: SessionId) {
        let Some(dialog) = self.dialogs.get(&session) else { return };
        let (state, was_trying) = (dialog.state, dialog.was_trying);
        if state == State::Established {
            return;
        }
        self.forget(session);
        if state == State::Inviting {
            self.emit(Event::StreamTimeout { session, was_trying });
        }
    }

    pub(super) fn on_bye(&mut self, id: ServerId, message: &Message, now: Now) {
        let session = message.call_id().and_then(|call| self.by_call.get(call)).copied();
        let Some(session) = session else { return self.reply(id, message, 481, now) };
        self.reply(id, message, 200, now);
        let told = self.dialogs.get(&session).is_some_and(|d| d.state != State::Leaving);
        self.forget(session);
        if told {
            self.emit(Event::StreamEnded { session, by: EndedBy::Device });
        }
    }
}
