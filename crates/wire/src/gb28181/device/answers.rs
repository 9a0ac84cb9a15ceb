//! What a device answers to queries and orders.
//!
//! Pages of a catalogue go one after another, each after the answer to the one before (GB/T 28181 annex on
//! multi-answer queries); pages named in the configuration are left out, as some recorders do.

use super::super::GbId;
use super::super::manscdp::{Body, CatalogPage, Control, DeviceStatus, Manscdp, Root};
use super::super::sip::Message;
use super::super::txn::ServerId;
use super::{Device, DeviceEvent, MAX_PAGES, Purpose};
use base::{MonoMs, Now};

impl Device {
    pub(super) fn on_message(&mut self, id: ServerId, message: &Message, now: Now) {
        let query = match Manscdp::parse(&message.body) {
            Ok((query, _)) => query,
            Err(error) => {
                self.emit(DeviceEvent::Malformed { why: error.to_string() });
                return self.reply(id, message, 400, now);
            }
        };
        let target = query.device_id.unwrap_or(self.config.id);
        let pages = self.config.channels.len() / self.config.page_items.max(1) + 1;
        if query.body == Body::CatalogQuery && self.pages.len() + pages > MAX_PAGES {
            return self.reply(id, message, 486, now);
        }
        let what = || format!("MESSAGE {}", query.cmd_type);
        if matches!(query.body, Body::Control(order) if !self.config.obeys && order != Control::KeyFrame) {
            return self.turn_away(id, message, &what(), 403, now);
        }
        if query.root == Root::Query && self.channel_state(target).is_none() {
            return self.turn_away(id, message, &what(), 404, now);
        }
        self.reply(id, message, 200, now);
        let answer = match query.body {
            Body::CatalogQuery => return self.queue_catalog(query.sn, now.mono),
            Body::DeviceInfoQuery => Body::DeviceInfo(self.config.info.clone()),
            Body::DeviceStatusQuery => Body::DeviceStatus(DeviceStatus {
                online: self.channel_state(target),
                healthy: Some(true),
                encoding: self.channel_state(target),
                recording: Some(false),
                device_time: Some(now.utc),
            }),
            Body::Control(order) => {
                self.emit(DeviceEvent::Controlled { channel: target, order });
                if !order.is_answered() {
                    return;
                }
                Body::Result { ok: true }
            }
            Body::Result { .. } if query.root == Root::Response && query.cmd_type.eq_ignore_ascii_case("Alarm") => {
                return self.emit(DeviceEvent::AlarmConfirmed { sn: query.sn });
            }
            // What is asked here and not known deserves a plain no; the rest is answered with its 200.
            _ if query.root == Root::Query => Body::Result { ok: false },
            _ => return,
        };
        let cmd_type = matches!(answer, Body::Result { .. }).then_some(query.cmd_type);
        let mut body = Manscdp::new(query.sn, target, answer);
        body.cmd_type = cmd_type.unwrap_or(body.cmd_type);
        let _ = self.send_message(body.encode(self.config.charset), Purpose::Other, now.mono);
    }

    /// Whether a channel (or this device) is online; `None` for what is not here.
    pub(super) fn channel_state(&self, id: GbId) -> Option<bool> {
        if id == self.config.id {
            return Some(true);
        }
        self.config.channels.iter().find(|c| c.gb_id() == Some(id)).map(|c| c.online != Some(false))
    }

    fn queue_catalog(&mut self, sn: u64, now: MonoMs) {
        let total = u32::try_from(self.config.channels.len()).unwrap_or(u32::MAX);
        let encode = |items: &[_]| {
            let page = CatalogPage { total, items: items.to_vec() };
            Manscdp::new(sn, self.config.id, Body::Catalog(page)).encode(self.config.charset)
        };
        if self.config.channels.is_empty() {
            self.pages.push_back(encode(&[]));
        }
        for (number, items) in self.config.channels.chunks(self.config.page_items.max(1)).enumerate() {
            if !self.config.lost_pages.contains(&number) {
                self.pages.push_back(encode(items));
            }
        }
        if !self.page_open {
            self.next_page(now);
        }
    }

    pub(super) fn next_page(&mut self, now: MonoMs) {
        self.page_open = false;
        if let Some(page) = self.pages.pop_front() {
            self.page_open = self.send_message(page, Purpose::Page, now).is_ok();
        }
    }
}
