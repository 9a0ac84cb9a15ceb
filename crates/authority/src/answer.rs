//! One question of a site, one answer. Whoever is not admitted may only say hello.

use crate::Authority;
use crate::cases::ReportOf;
use crate::peers::site_of;
use bus::{Answer, Call, Hello, Kind, Message, Pin, Question, Receipt, split_message};
use domain::inspection::SelfReport;
use ledger::Vkey;
use store::inbox::{Incoming, Taken};
use store::peers::{PeerSite, PeerState};
use store::self_reports::SELF_REPORT_BYTES;

/// Says only what kind of fault it is; details go to this server's log.
pub(crate) fn away(error: impl std::fmt::Display) -> Answer {
    tracing::error!(%error, "a question of a site met a part that is down");
    metrics::counter!("jifang_bus_unavailable_total").increment(1);
    Answer::new(503, "database or disk does not answer\n")
}

pub(crate) fn refused(status: u16, why: &str) -> Answer {
    metrics::counter!("jifang_bus_refusals_total", "status" => status.to_string()).increment(1);
    Answer::new(status, format!("{why}\n"))
}

impl Authority {
    /// Answers a question.
    pub async fn answer(&self, call: Call) -> Answer {
        if call.question == Question::Hello {
            return self.hello(&call).await;
        }
        let peer = match self.store().peer_by_pin(&call.pin.to_string()).await {
            Ok(peer) => peer.filter(|p| p.state == PeerState::Admitted),
            Err(error) => return away(error),
        };
        let Some(peer) = peer else { return refused(403, "not admitted") };
        let Ok(vkey) = Vkey::parse(&peer.vkey) else { return away("a stored key does not read") };
        match call.question {
            Question::Message => self.message(&peer, &vkey, &call.body).await,
            Question::AddCheckpoint => self.add_checkpoint(&peer, &vkey, &call.body).await,
            Question::Part => self.part(&peer, &call.body).await,
            Question::Orders => self.orders_of(&peer, &vkey, &call.body).await,
            Question::Hello => refused(400, "hello"),
        }
    }

    /// 200 admitted, 403 with `asked` or `closed`, 409 for keys that are another site's.
    async fn hello(&self, call: &Call) -> Answer {
        let Ok(hello) = Hello::open(&call.body, call.pin) else { return refused(400, "not a hello") };
        let Some(site) = site_of(hello.vkey.name()) else { return refused(400, "not the name of a log") };
        let known = match self.store().peer(site).await {
            Ok(known) => known,
            Err(error) => return away(error),
        };
        match known {
            Some(peer) if !is_same(&peer, &hello.vkey, call.pin) => refused(409, "known with other keys"),
            Some(PeerSite { state: PeerState::Admitted, .. }) => Answer::new(200, "admitted\n"),
            Some(PeerSite { state: PeerState::Closed, .. }) => refused(403, "closed"),
            Some(_) => refused(403, "asked"),
            None => {
                let (vkey, pin) = (hello.vkey.to_string(), call.pin.to_string());
                match self.store().peer_asks(site, &vkey, &pin, &hello.name, self.now()).await {
                    Ok(true) => refused(403, "asked"),
                    Ok(false) => refused(429, "too many ask"),
                    Err(error) => away(error),
                }
            }
        }
    }

    async fn message(&self, peer: &PeerSite, vkey: &Vkey, question: &[u8]) -> Answer {
        let opened =
            split_message(question).and_then(|(note, body)| Ok((note, body, Message::open(note, body, vkey)?)));
        let (note, body, message) = match opened {
            Ok(opened) => opened,
            Err(error) => return refused(400, &error.to_string()),
        };
        let now = self.now();
        let incoming = Incoming {
            site: peer.site,
            id: &message.id,
            seq: message.seq,
            kind: message.kind.code(),
            made: message.at,
            note,
            body,
        };
        let receipt = |entry| {
            let receipt = Receipt {
                message: message.id.clone(),
                site: message.site.clone(),
                sha256: message.sha256,
                received: now,
                entry,
            };
            receipt.sign(self.store().ledger().key()).ok()
        };
        if message.kind == Kind::AlarmExhibit {
            return self.exhibit(&incoming, now, receipt).await;
        }
        if message.kind == Kind::OrderResult {
            return self.order_result(&incoming, now, receipt).await;
        }
        let taken = if message.kind == Kind::SelfReport {
            if body.len() > SELF_REPORT_BYTES || SelfReport::parse(body).is_none() {
                return refused(400, "not a self report");
            }
            self.store().receive_self_report(&incoming, now, receipt).await
        } else {
            let row = self
                .row_of_report(
                    ReportOf { site: peer.site, name: &peer.name, message: &message.id, seq: message.seq },
                    body,
                )
                .await;
            let rows = if message.kind == Kind::AlarmReport { std::slice::from_ref(&row) } else { &[] };
            self.store().receive_entered(&incoming, rows, now, receipt).await
        };
        match taken {
            Ok(Taken::New(receipt)) => {
                metrics::counter!("jifang_reports_received_total").increment(1);
                Answer::new(200, receipt)
            }
            Ok(Taken::Again(receipt)) => Answer::new(200, receipt),
            Ok(Taken::OtherBody) => refused(409, "this id was used for another message"),
            Err(error) => away(error),
        }
    }
}

fn is_same(peer: &PeerSite, vkey: &Vkey, pin: Pin) -> bool {
    peer.vkey == vkey.to_string() && peer.pin == pin.to_string()
}
