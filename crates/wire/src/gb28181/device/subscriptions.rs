//! What the platform subscribes to: changes of the catalogue, and alarms. SUBSCRIBE in, NOTIFY out.
//!
//! A topic has one subscriber, the platform; a later subscription to it takes the place of the one before (the platform was
//! restarted). A subscription ends when it runs out, when it is ended (Expires 0), or with the registration. Invariant: at most
//! one subscription a topic, so at most two.

use super::super::manscdp::{Body, CONTENT_TYPE, CatalogChange, CatalogEvent, CatalogItem, Manscdp};
use super::super::sip::{Message, Method, NameAddr};
use super::super::txn::ServerId;
use super::{Device, DeviceError, DeviceEvent, Purpose};
use base::{MonoMs, Now};
use std::collections::BTreeMap;

/// Subscription time where none is asked for, s (2022: 600 s).
const DEFAULT_S: u32 = 600;
/// Longest granted, s.
const MOST_S: u32 = 86_400;

/// What can be subscribed to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Topic {
    /// Changes of the catalogue.
    Catalog,
    /// Alarms.
    Alarm,
}

impl Topic {
    /// As a MANSCDP body names it.
    #[must_use]
    pub const fn cmd_type(self) -> &'static str {
        match self {
            Self::Catalog => "Catalog",
            Self::Alarm => "Alarm",
        }
    }
}

/// One subscription in force.
#[derive(Debug)]
pub(super) struct Subscription {
    /// The SUBSCRIBE, whose headers name the dialog.
    request: Message,
    /// To of our answer, with our tag.
    local: String,
    target: String,
    cseq: u32,
    ends_at: MonoMs,
}

impl Device {
    pub(super) fn on_subscribe(&mut self, id: ServerId, message: &Message, now: Now) {
        let Ok((query, _)) = Manscdp::parse(&message.body) else {
            self.emit(DeviceEvent::Malformed { why: "SUBSCRIBE without a readable body".to_owned() });
            return self.reply(id, message, 400, now);
        };
        let topic = match query.body {
            Body::CatalogQuery => Topic::Catalog,
            Body::AlarmQuery => Topic::Alarm,
            _ => return self.reply(id, message, 489, now),
        };
        let asked = message.headers.get("Expires").and_then(|e| e.trim().parse::<u32>().ok());
        let expires_s = asked.unwrap_or(DEFAULT_S).min(MOST_S);
        let mut body = Manscdp::new(query.sn, query.device_id.unwrap_or(self.config.id), Body::Result { ok: true });
        topic.cmd_type().clone_into(&mut body.cmd_type);
        let tag = self.rng.short_token();
        let answer = Message::response(message, 200, &tag)
            .with("Contact", &self.contact())
            .with("Expires", &expires_s.to_string())
            .with_body(CONTENT_TYPE, body.encode(self.config.charset));
        self.txns.respond(id, &answer, now.mono);
        if expires_s == 0 {
            if self.subscriptions.remove(&topic).is_some() {
                self.emit(DeviceEvent::Unsubscribed { topic });
            }
            return;
        }
        let contact = message.headers.get("Contact").and_then(NameAddr::parse);
        let target = contact.map_or_else(|| self.platform_uri(), |c| c.uri.to_string());
        let local = answer.headers.get("To").unwrap_or_default().to_owned();
        let cseq = self.subscriptions.get(&topic).map_or(0, |s| s.cseq);
        let ends_at = now.mono.plus_ms(u64::from(expires_s) * 1_000);
        self.subscriptions.insert(topic, Subscription { request: message.clone(), local, target, cseq, ends_at });
        self.emit(DeviceEvent::Subscribed { topic, expires_s });
    }

    /// True while the platform is subscribed to `topic`.
    #[must_use]
    pub fn is_subscribed(&self, topic: Topic, now: MonoMs) -> bool {
        self.subscriptions.get(&topic).is_some_and(|s| s.ends_at > now)
    }

    pub(super) fn end_subscriptions(&mut self) {
        for topic in std::mem::take(&mut self.subscriptions).into_keys() {
            self.emit(DeviceEvent::Unsubscribed { topic });
        }
    }

    /// Sends a NOTIFY within a subscription.
    pub(super) fn notify(
        &mut self,
        topic: Topic,
        body: Vec<u8>,
        purpose: Purpose,
        now: MonoMs,
    ) -> Result<(), DeviceError> {
        let peer = self.peer().ok_or(DeviceError::NotRegistered)?;
        let contact = self.contact();
        let branch = self.rng.token();
        let via = format!("SIP/2.0/{} {};rport;branch=z9hG4bK{branch}", peer.via_name(), self.config.local);
        let Some(s) = self.subscriptions.get_mut(&topic).filter(|s| s.ends_at > now) else {
            return Err(DeviceError::NotSubscribed);
        };
        s.cseq += 1;
        let header = |name: &str| s.request.headers.get(name).unwrap_or_default();
        let event = if header("Event").is_empty() { topic.cmd_type() } else { header("Event") };
        let left_s = s.ends_at.since(now) / 1_000;
        let message = Message::request(Method::Notify, &s.target)
            .with("Via", &via)
            .with("From", &s.local)
            .with("To", header("From"))
            .with("Call-ID", header("Call-ID"))
            .with("CSeq", &format!("{} NOTIFY", s.cseq))
            .with("Contact", &contact)
            .with("Event", event)
            .with("Subscription-State", &format!("active;expires={left_s}"))
            .with_body(CONTENT_TYPE, body);
        self.txns.request(peer, message, purpose, now).map(|_| ()).map_err(|_| DeviceError::TooMany)
    }

    /// Replaces the catalogue; a platform that subscribed to it is told what changed.
    pub fn set_channels(&mut self, channels: Vec<CatalogItem>, now: Now) {
        let changes = changes(&self.config.channels, &channels);
        self.config.channels = channels;
        if !self.is_subscribed(Topic::Catalog, now.mono) {
            return;
        }
        for part in changes.chunks(self.config.page_items.max(1)) {
            self.sn += 1;
            let body = Manscdp::new(self.sn, self.config.id, Body::CatalogNotify(part.to_vec()));
            // A full table loses the news; the platform's next query of the catalogue has it.
            let _ = self.notify(Topic::Catalog, body.encode(self.config.charset), Purpose::Other, now.mono);
        }
        self.pump(now);
    }
}

/// From one catalogue to another.
fn changes(old: &[CatalogItem], new: &[CatalogItem]) -> Vec<CatalogChange> {
    let before: BTreeMap<&str, &CatalogItem> = old.iter().map(|i| (i.device_id.as_str(), i)).collect();
    let after: BTreeMap<&str, &CatalogItem> = new.iter().map(|i| (i.device_id.as_str(), i)).collect();
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(_, i)| (CatalogEvent::Deleted, *i));
    let came = after.iter().filter_map(|(id, item)| {
        let event = match before.get(id) {
            None => CatalogEvent::Added,
            Some(old) if old == item => return None,
            Some(old) if CatalogItem { online: item.online, ..(*old).clone() } != **item => CatalogEvent::Updated,
            Some(_) if item.online == Some(false) => CatalogEvent::Off,
            Some(_) => CatalogEvent::On,
        };
        Some((event, *item))
    });
    gone.chain(came).map(|(event, item)| CatalogChange { event, item: item.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, name: &str, online: bool) -> CatalogItem {
        CatalogItem { device_id: id.into(), name: name.into(), online: Some(online), ..CatalogItem::default() }
    }

    #[test]
    fn what_changed_between_two_catalogues_is_named() {
        let old = [item("1", "a", true), item("2", "b", true), item("3", "c", false), item("4", "d", true)];
        let new = [
            item("1", "a", true),
            item("2", "b", false),
            item("3", "c", true),
            item("4", "x", false),
            item("5", "e", true),
        ];
        let told: Vec<_> = changes(&old, &new).into_iter().map(|c| (c.event, c.item.device_id)).collect();
        let expected = [
            (CatalogEvent::Off, "2".to_owned()),
            (CatalogEvent::On, "3".to_owned()),
            (CatalogEvent::Updated, "4".to_owned()),
            (CatalogEvent::Added, "5".to_owned()),
        ];
        assert_eq!(told, expected);
        let told: Vec<_> = changes(&new, &old[..1]).into_iter().map(|c| c.event).collect();
        assert_eq!(told, [CatalogEvent::Deleted; 4]);
        assert_eq!(changes(&new, &new), []);
    }
}
