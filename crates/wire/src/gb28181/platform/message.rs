//! MESSAGE both ways: keepalives, alarms and answers from devices; queries and orders to them.
//!
//! A query is open from its sending until its answer is whole, refused or late; a paged answer (same SN, SumNum) is
//! gathered until all announced items came or no page comes for a while, then told as far as it got.
//! Invariants: open queries and gathered items are bounded; an item counts once however often its page is sent.

use super::super::manscdp::{Body, CONTENT_TYPE, CatalogItem, CatalogPage, Control, Manscdp, Root};
use super::super::sip::{Message, Method, Uri};
use super::super::txn::ServerId;
use super::super::xml::Charset;
use super::super::{GbId, Peer};
use super::{CommandError, Event, Head, Platform, Purpose, QueryKind, Timer};
use base::{MonoMs, Now};
use std::collections::HashSet;
use std::net::SocketAddr;

/// One open query.
#[derive(Debug)]
pub(super) struct Query {
    kind: QueryKind,
    asked_at: MonoMs,
    deadline: MonoMs,
    announced: u32,
    items: Vec<CatalogItem>,
    seen: HashSet<String>,
    overflow: bool,
    answered: bool,
}

impl Platform {
    // ---- to the device ----

    pub(super) fn query(
        &mut self,
        device: GbId,
        target: GbId,
        kind: QueryKind,
        order: Option<Control>,
        now: Now,
    ) -> Result<u64, CommandError> {
        let to = self.online_peer(device).ok_or(CommandError::NotOnline)?;
        if self.queries.len() >= self.config.max_queries {
            return Err(CommandError::TooMany);
        }
        self.next_sn += 1;
        let sn = self.next_sn;
        let body = match (kind, order) {
            (QueryKind::Catalog, _) => Body::CatalogQuery,
            (QueryKind::DeviceInfo, _) => Body::DeviceInfoQuery,
            (QueryKind::DeviceStatus, _) => Body::DeviceStatusQuery,
            (QueryKind::Control, Some(order)) => Body::Control(order),
            (QueryKind::Control, None) => Body::Unknown,
        };
        self.send_message(to, target, &Manscdp::new(sn, target, body), Purpose::Query(device, sn), now.mono)?;
        let deadline = now.mono.plus_ms(self.config.query_timeout_ms);
        let query = Query {
            kind,
            asked_at: now.mono,
            deadline,
            announced: 0,
            items: Vec::new(),
            seen: HashSet::new(),
            overflow: false,
            // An order without answer is done with its 200.
            answered: order.is_none_or(Control::is_answered),
        };
        self.queries.insert((device, sn), query);
        self.timers.insert((deadline, Timer::Query(device, sn)));
        self.pump(now);
        Ok(sn)
    }

    fn send_message(
        &mut self,
        (peer, addr, charset): (Peer, SocketAddr, Charset),
        target: GbId,
        body: &Manscdp,
        purpose: Purpose,
        now: MonoMs,
    ) -> Result<(), CommandError> {
        let uri = Uri { user: target.to_string(), host: addr.ip().to_string(), port: Some(addr.port()) }.to_string();
        let (call_id, local_tag) = (self.rng.token(), self.rng.short_token());
        let head = Head { to: &uri, call_id: &call_id, local_tag: &local_tag, remote_tag: None, cseq: 1 };
        let message = self.request(Method::Message, peer, &uri, &head).with_body(CONTENT_TYPE, body.encode(charset));
        self.txns.request(peer, message, purpose, now).map(|_| ()).map_err(|_| CommandError::TooMany)
    }

    pub(super) fn send_alarm_answer(
        &mut self,
        device: GbId,
        source: GbId,
        sn: u64,
        now: MonoMs,
    ) -> Result<(), CommandError> {
        let to = self.online_peer(device).ok_or(CommandError::NotOnline)?;
        let mut body = Manscdp::new(sn, source, Body::Result { ok: true });
        body.cmd_type = "Alarm".to_owned();
        self.send_message(to, device, &body, Purpose::Forget, now)
    }

    /// The device's SIP answer to a query of ours; the real answer comes as a MESSAGE of its own.
    pub(super) fn on_query_response(&mut self, device: GbId, sn: u64, response: &Message) {
        match response.code() {
            Some(code) if code >= 300 => self.fail_query(device, sn, Some(code)),
            Some(code) if code >= 200 && self.queries.get(&(device, sn)).is_some_and(|q| !q.answered) => {
                self.close(device, sn, QueryKind::Control);
            }
            _ => {}
        }
    }

    pub(super) fn fail_query(&mut self, device: GbId, sn: u64, code: Option<u16>) {
        if let Some(query) = self.queries.remove(&(device, sn)) {
            self.timers.remove(&(query.deadline, Timer::Query(device, sn)));
            self.emit(Event::QueryFailed { device, sn, kind: query.kind, code });
        }
    }

    /// No page came in time.
    pub(super) fn query_timer(&mut self, device: GbId, sn: u64, now: MonoMs) {
        let Some(query) = self.queries.get(&(device, sn)) else { return };
        if query.deadline > now {
            return;
        }
        if query.kind == QueryKind::Catalog && (query.announced > 0 || !query.items.is_empty()) {
            self.finish_catalog(device, sn);
        } else {
            self.fail_query(device, sn, None);
        }
    }

    // ---- from the device ----

    pub(super) fn on_message(&mut self, id: ServerId, peer: Peer, message: &Message, now: Now) {
        let Some(device) = self.sender(peer, message, now) else {
            // Not registered (perhaps this platform was restarted): the device must register again.
            return self.reply(id, message, 403, now);
        };
        match Manscdp::parse(&message.body) {
            Ok((body, charset)) => {
                if let Some(r) = self.devices.get_mut(&device).and_then(|d| d.registration.as_mut()) {
                    r.charset = charset;
                }
                self.reply(id, message, 200, now);
                self.on_manscdp(device, body, now.mono);
            }
            Err(error) => {
                self.malformed(peer, &error);
                self.reply(id, message, 400, now);
            }
        }
    }

    fn on_manscdp(&mut self, device: GbId, message: Manscdp, now: MonoMs) {
        let Manscdp { root, cmd_type, sn, device_id, body } = message;
        match body {
            Body::Keepalive { ok, faulty } => self.emit(Event::Keepalive { device, ok, faulty }),
            Body::Alarm(alarm) => {
                let source = device_id.unwrap_or(device);
                self.emit(Event::Alarm { device, source, sn, alarm });
            }
            Body::CatalogNotify(changes) => self.emit(Event::CatalogChanged { device, changes }),
            Body::MediaStatus { notify_type } => {
                self.emit(Event::MediaStatus { device, channel: device_id, notify_type })
            }
            Body::Catalog(page) if self.is_open(device, sn, QueryKind::Catalog) => {
                self.on_catalog_page(device, sn, page, now)
            }
            Body::DeviceInfo(info) if self.close(device, sn, QueryKind::DeviceInfo).is_some() => {
                self.emit(Event::DeviceInfo { device, sn, info });
            }
            Body::DeviceStatus(status) if self.is_open(device, sn, QueryKind::DeviceStatus) => {
                let asked_at = self.close(device, sn, QueryKind::DeviceStatus).map_or(now, |q| q.asked_at);
                self.emit(Event::DeviceStatus { device, sn, status, round_trip_ms: now.since(asked_at) });
            }
            Body::Result { ok } if root == Root::Response && self.close(device, sn, QueryKind::Control).is_some() => {
                self.emit(Event::ControlResult { device, sn, ok });
            }
            _ => self.emit(Event::Unhandled { device, what: cmd_type }),
        }
    }

    fn is_open(&self, device: GbId, sn: u64, kind: QueryKind) -> bool {
        self.queries.get(&(device, sn)).is_some_and(|q| q.kind == kind)
    }

    fn close(&mut self, device: GbId, sn: u64, kind: QueryKind) -> Option<Query> {
        if !self.is_open(device, sn, kind) {
            return None;
        }
        let query = self.queries.remove(&(device, sn))?;
        self.timers.remove(&(query.deadline, Timer::Query(device, sn)));
        Some(query)
    }

    fn on_catalog_page(&mut self, device: GbId, sn: u64, page: CatalogPage, now: MonoMs) {
        let most = self.config.max_catalog_items;
        let deadline = now.plus_ms(self.config.query_timeout_ms);
        let Some(query) = self.queries.get_mut(&(device, sn)) else { return };
        query.announced = query.announced.max(page.total);
        for item in page.items {
            if query.seen.contains(&item.device_id) {
                continue;
            }
            if query.items.len() >= most {
                query.overflow = true;
                break;
            }
            query.seen.insert(item.device_id.clone());
            query.items.push(item);
        }
        self.timers.remove(&(query.deadline, Timer::Query(device, sn)));
        query.deadline = deadline;
        let whole = u32::try_from(query.items.len()).is_ok_and(|n| n >= query.announced);
        if whole || query.overflow {
            self.finish_catalog(device, sn);
        } else {
            self.timers.insert((deadline, Timer::Query(device, sn)));
        }
    }

    fn finish_catalog(&mut self, device: GbId, sn: u64) {
        let Some(query) = self.close(device, sn, QueryKind::Catalog) else { return };
        let complete = !query.overflow && u32::try_from(query.items.len()).is_ok_and(|n| n >= query.announced);
        self.emit(Event::Catalog { device, sn, items: query.items, announced: query.announced, complete });
    }
}
