//! Subscriptions of the platform at its devices: SUBSCRIBE out, NOTIFY in.
//!
//! A subscription is a dialog of its own: renewing it stays within the dialog, and it ends with the device's registration or when
//! the device refuses. What its NOTIFYs carry is read like a MESSAGE. Invariant: at most one subscription a device and topic.

use super::super::device::Topic;
use super::super::manscdp::{Body, CONTENT_TYPE, Manscdp};
use super::super::sip::{Message, Method, Uri};
use super::super::{GbId, Peer};
use super::{CommandError, Event, Head, Platform, Purpose};
use base::Now;

/// One subscription, asked for or in force.
#[derive(Debug)]
pub(super) struct Subscription {
    call_id: String,
    local_tag: String,
    remote_tag: Option<String>,
    to: String,
    cseq: u32,
}

impl Platform {
    /// Subscribes at a device, or renews; `expires_s` 0 ends it. [`Event::Subscribed`] or `SubscribeRefused` follows. Renewing in
    /// time is the driver's task.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn subscribe(&mut self, device: GbId, topic: Topic, expires_s: u32, now: Now) -> Result<(), CommandError> {
        let (peer, addr, charset) = self.online_peer(device).ok_or(CommandError::NotOnline)?;
        let key = (device, topic);
        if !self.subscriptions.contains_key(&key) {
            let host = Uri { user: device.to_string(), host: addr.ip().to_string(), port: Some(addr.port()) };
            let (call_id, local_tag) = (self.rng.token(), self.rng.short_token());
            let fresh = Subscription { call_id, local_tag, remote_tag: None, to: host.to_string(), cseq: 0 };
            self.subscriptions.insert(key, fresh);
        }
        let Some(s) = self.subscriptions.get_mut(&key) else { return Err(CommandError::NotOnline) };
        s.cseq += 1;
        let (to, call_id, local_tag) = (s.to.clone(), s.call_id.clone(), s.local_tag.clone());
        let (remote_tag, cseq) = (s.remote_tag.clone(), s.cseq);
        self.next_sn += 1;
        let body = match topic {
            Topic::Catalog => Body::CatalogQuery,
            Topic::Alarm => Body::AlarmQuery,
        };
        let body = Manscdp::new(self.next_sn, device, body).encode(charset);
        let head = Head { to: &to, call_id: &call_id, local_tag: &local_tag, remote_tag: remote_tag.as_deref(), cseq };
        let message = self
            .request(Method::Subscribe, peer, &to, &head)
            .with("Contact", &self.contact(peer))
            .with("Event", &format!("{};id={}", topic.cmd_type(), self.next_sn % 100_000))
            .with("Expires", &expires_s.to_string())
            .with_body(CONTENT_TYPE, body);
        let purpose = Purpose::Subscribe(device, topic, expires_s);
        let sent = self.txns.request(peer, message, purpose, now.mono).map(|_| ());
        self.pump(now);
        sent.map_err(|_| CommandError::TooMany)
    }

    pub(super) fn on_subscribe_response(
        &mut self,
        device: GbId,
        topic: Topic,
        expires_s: u32,
        response: Option<&Message>,
    ) {
        let code = response.and_then(Message::code);
        if code.is_some_and(|code| code < 200) {
            return;
        }
        match (code, response) {
            (Some(code), Some(response)) if code < 300 && expires_s > 0 => {
                let granted = response.headers.get("Expires").and_then(|e| e.trim().parse().ok());
                if let Some(s) = self.subscriptions.get_mut(&(device, topic)) {
                    s.remote_tag = response.tag("To");
                    self.emit(Event::Subscribed { device, topic, expires_s: granted.unwrap_or(expires_s) });
                }
            }
            (Some(200..300), _) => drop(self.subscriptions.remove(&(device, topic))),
            _ => {
                self.subscriptions.remove(&(device, topic));
                self.emit(Event::SubscribeRefused { device, topic, code });
            }
        }
    }

    /// The device is away: its subscriptions are gone with it.
    pub(super) fn end_subscriptions_of(&mut self, device: GbId) {
        for topic in [Topic::Catalog, Topic::Alarm] {
            self.subscriptions.remove(&(device, topic));
        }
    }

    /// Tells by which of this machine's addresses a device reaches it (servers with several); it stands in Via and Contact of what
    /// is sent to that device from now on.
    pub fn set_local(&mut self, device: GbId, local: std::net::SocketAddr) {
        if let Some(state) = self.devices.get_mut(&device) {
            state.local = Some(local);
        }
    }

    /// Our address as the far end of `peer` reaches it.
    pub(super) fn advertised_to(&self, peer: Peer) -> std::net::SocketAddr {
        let device = self.by_peer.get(&peer).and_then(|device| self.devices.get(device));
        device.and_then(|d| d.local).unwrap_or(self.config.advertised)
    }
}
