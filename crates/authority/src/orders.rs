//! Orders on the bus: a site asks for what comes after the last it has, and says what became of each.
//!
//! ```text
//! orders after n ─▶ rows ─▶ signed anew, the same bytes each time ─▶ as many as one answer holds
//! message order-result ─▶ is there such an order to this site? ─▶ row, entry, signed receipt: one transaction
//!                      ─▶ what was shown completes the step of its case, once ─▶ the receipt leaves
//! ```
//! Always true: a site gets its own orders only, in the order of their numbers and without a hole. Crash table: the answer stored, the step
//! not done: the site has no receipt, sends again, and the step is done then; done already: nothing is done twice.

use crate::Authority;
use crate::answer::{away, refused};
use base::{Sha256, UtcMs};
use bus::{Answer, Order, asked_orders, join_orders};
use domain::order;
use ledger::Vkey;
use store::inbox::{Incoming, Taken};
use store::peers::PeerSite;

/// Most orders of one answer; it holds about so many of the usual size.
const AT_ONCE: u32 = 32;

impl Authority {
    /// 200 with the orders after the number that is asked; nothing in it: there are none.
    pub(crate) async fn orders_of(&self, peer: &PeerSite, vkey: &Vkey, question: &[u8]) -> Answer {
        let Ok(after) = asked_orders(question) else { return refused(400, "not a question for orders") };
        let orders = match self.store().orders_after(peer.site, after, AT_ONCE).await {
            Ok(orders) => orders,
            Err(error) => return away(error),
        };
        let mut signed = Vec::with_capacity(orders.len());
        for order in orders {
            let note = Order {
                id: order.id.to_string(),
                site: vkey.name().to_owned(),
                seq: order.seq,
                kind: order.kind,
                at: order.at,
                sha256: Sha256::of(&order.body),
            };
            match note.sign(self.store().ledger().key()) {
                Ok(note) => signed.push((note, order.body)),
                Err(error) => return away(error),
            }
        }
        Answer::new(200, join_orders(signed.iter().map(|(note, body)| (note.as_slice(), body.as_slice()))))
    }

    /// 200 with the receipt; 404 for an order that this site was never given, or that was answered too often.
    pub(crate) async fn order_result(
        &self,
        incoming: &Incoming<'_>,
        now: UtcMs,
        receipt: impl FnOnce(u64) -> Option<Vec<u8>> + Send,
    ) -> Answer {
        let Some(said) = order::Answer::read(incoming.body) else { return refused(400, "not an answer to an order") };
        let result = (said.order, said.ended.code());
        match self.store().take_order_result(incoming, result, now, receipt).await {
            // The receipt goes when the case has what follows; until then the site sends the same again.
            Ok(Some(Taken::New(receipt) | Taken::Again(receipt))) => {
                let shown = self.showing_answered(incoming.site, &said).await;
                let followed = match shown {
                    Ok(()) => self.relay_answered(incoming.site, &said).await,
                    refused => refused,
                };
                match followed {
                    Ok(()) => Answer::new(200, receipt),
                    Err(refusal) => away(refusal),
                }
            }
            Ok(Some(Taken::OtherBody)) => refused(409, "this id was used for another message"),
            Ok(None) => refused(404, "no such order"),
            Err(error) => away(error),
        }
    }
}
