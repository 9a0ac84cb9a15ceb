//! Orders of the authority: asked for, kept, done, answered.
//!
//! ```text
//! every two seconds: ask_orders(last number) ─▶ signed by the authority, for this site, no hole? ─▶ Store::take_order
//!   to do: hold    ─▶ law (hold) ─▶ domain::order::plan ─▶ Store::hold_for_order ─▶ what is there: footage, gaps, oldest ─▶ end_order
//!          release ─▶ law (release_hold) ─▶ Store::release_for_order ─▶ end_order
//!          view    ─▶ waits for the custodian (use_of_information::showing); ends here when it is over or nothing is held for it any more
//!          person ─▶ held, answer `held` ─▶ told anew as it goes on (use_of_information::person_orders)
//!   ended: signed message order-result ─▶ receipt ─▶ never sent again
//! ```
//! Always true: an order counts by its id once, whatever crashes; nothing is told of footage that was not looked for, and it is looked for
//! after it is held; what cannot be done is answered with the reason; reports go before, and a fault here does not keep them back.

use super::LinkError;
use super::send::stops_all;
use crate::devices::add_new;
use crate::{Actor, Site};
use base::limits::NAME_CHARS;
use base::{CameraId, ClauseId, MonoMs, OrderId, Refusal, Sha256, Text, UtcMs};
use bus::{Kind, Link, MessageError, Question, ask_orders, split_orders};
use domain::access::Permission;
use domain::order::{
    Answer, CLAUSES, Ended, Eye, GAPS, HoldOrder, KEPT_MS, Kept, Order, PersonOrder, PersonStage, Plan, ReleaseOrder,
    Told, plan,
};
use law::{Act, HoldRelease};
use ledger::Vkey;
use std::collections::HashMap;
use std::sync::PoisonError;
use store::authority_orders::{AuthorityOrder, CameOrder};
use store::footage::read::Stock;
use store::ledger_log::{ActLine, Outcome};

/// Pause between two questions for orders, ms.
const ASK_MS: u64 = 2_000;
/// The same after one that failed, ms.
const ASK_AGAIN_MS: u64 = 10_000;
/// Most orders done or answered at one look.
const AT_ONCE: u32 = 20;
/// A shorter stretch without footage is no gap that is told, ms.
const GAP_MS: i64 = 1_000;
/// What of the footage that orders may hold here persons' own requests leave to the authority's own orders, ms of one camera each. Our own choice:
/// anybody may ask, and one request alone can mean all of it.
const LEFT_MS: i64 = KEPT_MS / 2;
/// Most orders that a page lists.
const LISTED: u32 = 100;

/// An order as a page shows it.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// As kept.
    pub order: AuthorityOrder,
    /// What is to be done; `None` for what this program does not know.
    pub what: Option<Order>,
    /// What was answered.
    pub answer: Option<Answer>,
}

fn refused(order: OrderId, refusal: &Refusal) -> Answer {
    let clauses = refusal.why.iter().map(|c| c.clause.clone()).take(CLAUSES).collect();
    Answer::plain(order, Ended::Refused, vec![refusal.what.clone()], clauses)
}

impl super::Linker {
    fn orders_due(&self, now: MonoMs) -> bool {
        now >= *self.orders_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn orders_again(&self, at: MonoMs) {
        *self.orders_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Site {
    /// Orders of the authority, the newest first.
    ///
    /// # Errors
    /// No right, or the store.
    pub async fn orders(&self, by: &Actor) -> Result<Vec<OrderView>, Refusal> {
        by.needs(Permission::DecideUse)?;
        let orders = self.store().authority_orders(LISTED).await?.into_iter();
        let view = |order: AuthorityOrder| OrderView {
            what: Order::read(&order.kind, &order.body),
            answer: order.answer.as_deref().and_then(Answer::read),
            order,
        };
        Ok(orders.map(view).collect())
    }

    /// Asks for orders, does them and answers them, when it is time.
    pub(super) async fn follow_orders(&self, link: &mut Link, authority: &Vkey) -> Result<(), LinkError> {
        let now = self.now().mono;
        if !self.linker().orders_due(now) {
            return Ok(());
        }
        self.linker().orders_again(now.plus_ms(ASK_AGAIN_MS));
        // An authority of an earlier release ends the line at a question it does not know: reports go on, this waits.
        if let Err(error) = self.ask_for_orders(link, authority).await {
            tracing::warn!(%error, "orders of the authority were not received");
            if matches!(error, LinkError::Store(_)) {
                return Err(error);
            }
            self.do_orders().await?;
            return Ok(());
        }
        self.do_orders().await?;
        self.answer_orders(link, authority).await?;
        self.linker().orders_again(now.plus_ms(ASK_MS));
        Ok(())
    }

    /// Takes what the authority has for this site since the last order that is here.
    async fn ask_for_orders(&self, link: &mut Link, authority: &Vkey) -> Result<(), LinkError> {
        let own = self.store().ledger().key().vkey().name().to_owned();
        let mut last = self.store().last_order(authority.name()).await?;
        let answer = link.ask(Question::Orders, &ask_orders(last)).await?;
        if !answer.is_ok() {
            self.doubt_standing(answer.status);
            return Err(LinkError::Answer(answer.status, String::from_utf8_lossy(&answer.body).trim().to_owned()));
        }
        self.heard();
        for (note, body) in split_orders(&answer.body)? {
            let order = bus::Order::open(note, body, authority, &own)?;
            let id = OrderId::parse(&order.id).ok_or(MessageError::Format("id"))?;
            if order.seq != last + 1 {
                return Err(LinkError::Answer(200, "orders with a hole in their numbers".into()));
            }
            let came = CameOrder {
                id,
                authority: authority.name(),
                seq: order.seq,
                kind: &order.kind,
                at: order.at,
                note,
                body,
            };
            self.store().take_order(&came, self.now().utc).await?;
            metrics::counter!("jifang_orders_taken_total").increment(1);
            last = order.seq;
        }
        Ok(())
    }

    /// Does what is to be done, in the order of the numbers.
    async fn do_orders(&self) -> Result<(), LinkError> {
        for order in self.store().orders_to_do(AT_ONCE).await? {
            let answer = match Order::read(&order.kind, &order.body) {
                Some(Order::Hold(what)) => self.hold_as_ordered(order.id, &what, 0).await?,
                Some(Order::Release(what)) => self.release_as_ordered(order.id, &what).await?,
                // It is shown to the custodian; that it is here is the answer.
                Some(Order::Appointment(_)) => Answer::plain(order.id, Ended::Done, Vec::new(), Vec::new()),
                Some(Order::Person(what)) => self.hold_for_person(order.id, &what).await?,
                // Persons carry it out; the store does not give it here.
                Some(Order::View(_)) => continue,
                None => {
                    let what = Text::new("本系统不能执行这项指令。", "This system cannot carry this order out.");
                    Answer::plain(order.id, Ended::NotPossible, vec![what], Vec::new())
                }
            };
            // A person's own request is held, and goes on from here.
            let word = answer.person.as_ref().map_or(answer.ended.code(), |told| told.stage.code());
            let ended = (word, answer.body());
            self.store().end_order(&order, (ended.0, &ended.1, &answer.clauses), self.now().utc).await?;
        }
        self.settle_orders().await?;
        self.tell_persons().await?;
        Ok(())
    }

    /// As the loop does what is to be done.
    #[cfg(test)]
    pub(crate) async fn orders_done(&self) {
        self.do_orders().await.expect("the orders are done");
    }

    /// What the law says to an act that an order asks for; a refusal is entered.
    async fn allowed(&self, act: Act) -> Result<Result<Vec<ClauseId>, Refusal>, LinkError> {
        let refusal = match self.ask(act).into_result() {
            Ok(answer) => return Ok(Ok(answer.deciding.into_iter().map(|c| c.clause).collect())),
            Err(refusal) => refusal,
        };
        let clauses: Vec<ClauseId> = refusal.why.iter().map(|c| c.clause.clone()).collect();
        let body = serde_json::json!({
            "code": refusal.code, "by": null, "camera": null, "request": null, "clauses": clauses,
        });
        let text = Text::of(format!("依法拒绝：{}", refusal.what.zh), format!("Refused by law: {}", refusal.what.en));
        let line = ActLine { outcome: Outcome::Refused, clauses, ..ActLine::done(None, text) };
        self.store().log("act.refused", self.now().utc, body, line).await?;
        Ok(Err(refusal))
    }

    /// Holds what is there for an order; `left_ms` of what orders may hold here is left to others.
    async fn hold_as_ordered(&self, order: OrderId, what: &HoldOrder, left_ms: i64) -> Result<Answer, LinkError> {
        let mut clauses = match self.allowed(Act::Hold).await? {
            Ok(clauses) => clauses,
            Err(refusal) => return Ok(refused(order, &refusal)),
        };
        add_new(&mut clauses, what.clauses.clone());
        clauses.truncate(CLAUSES);
        let stock = self.store().stock().await?;
        // One that was taken down has its footage still; one that was just put up has rows of it within seconds.
        let all = self.store().cameras_ever().await?.into_iter();
        let seen = all.filter(|c| c.removed.is_none() || stock.contains_key(&c.id));
        let eyes: Vec<Eye> = seen.map(|c| Eye { camera: c.id, name: c.name, place: c.place }).collect();
        let kept_ms = self.store().held_by_orders_ms(order).await?;
        let plan = plan(what, &eyes, kept_ms.saturating_add(left_ms));
        let (now, time) = (self.now().utc, (plan.from, plan.to));
        let held = self.store().hold_for_order((order, &what.case), &plan.cameras, time, &clauses, now).await?;
        let names: HashMap<CameraId, String> = eyes.into_iter().map(|e| (e.camera, e.name)).collect();
        let (mut cameras, mut away) = (Vec::new(), false);
        for camera in &plan.cameras {
            let name = names.get(camera).map_or("", String::as_str);
            let (kept, is_away) = self.kept(*camera, name, &stock, time).await?;
            away |= is_away;
            cameras.push(kept);
        }
        let ended = match held.len() {
            0 => Ended::NotPossible,
            n if n == plan.cameras.len() && plan.left.is_empty() => Ended::Done,
            _ => Ended::Partly,
        };
        let said = words(&plan, held.len(), away);
        let (from, to) = if held.is_empty() { (None, None) } else { (Some(plan.from), Some(plan.to)) };
        Ok(Answer { order, ended, from, to, cameras, said, clauses, shown: None, person: None })
    }

    /// Holds what a person asks the unit to see; the answer says so, whether or not there is any footage.
    async fn hold_for_person(&self, order: OrderId, what: &PersonOrder) -> Result<Answer, LinkError> {
        let answer = self.hold_as_ordered(order, &what.hold(), LEFT_MS).await?;
        Ok(Answer { person: Some(Told::at(PersonStage::Held, self.now().utc)), ..answer })
    }

    /// What there is of a camera in that time, looked for now; and whether some of it lies on a disk that is not there.
    async fn kept(
        &self,
        camera: CameraId,
        name: &str,
        stock: &HashMap<CameraId, Stock>,
        (from, to): (UtcMs, UtcMs),
    ) -> Result<(Kept, bool), LinkError> {
        let line = self.store().timeline(camera, from, to).await?;
        let mut kept = Kept {
            camera: name.chars().take(NAME_CHARS).collect(),
            footage_ms: 0,
            gaps: Vec::new(),
            oldest: stock.get(&camera).and_then(|s| s.oldest),
        };
        let mut at = from;
        // What is still to come is no gap.
        let end = to.min(self.now().utc).max(from);
        for (begin, over) in line.footage.into_iter().map(|(a, b)| (a.max(from), b.min(to))).filter(|(a, b)| a < b) {
            if begin.since(at) > GAP_MS {
                kept.gaps.push((at, begin));
            }
            kept.footage_ms = kept.footage_ms.saturating_add(over.since(begin));
            at = at.max(over);
        }
        if end.since(at) > GAP_MS {
            kept.gaps.push((at, end));
        }
        kept.gaps.truncate(GAPS);
        Ok((kept, !line.away.is_empty()))
    }

    async fn release_as_ordered(&self, order: OrderId, what: &ReleaseOrder) -> Result<Answer, LinkError> {
        let act = Act::ReleaseHold(HoldRelease { request_closed: true, reason_recorded: !what.reason.is_empty() });
        let mut clauses = match self.allowed(act).await? {
            Ok(clauses) => clauses,
            Err(refusal) => return Ok(refused(order, &refusal)),
        };
        add_new(&mut clauses, what.clauses.clone());
        clauses.truncate(CLAUSES);
        let released = self.store().release_for_order((what.order, order), &clauses, self.now().utc).await?;
        let Some(n) = released else {
            let said = Text::new("没有要解除的指令。", "The order that is to end is not known here.");
            return Ok(Answer::plain(order, Ended::NotPossible, vec![said], clauses));
        };
        self.person_withdrew(what.order, &what.reason).await?;
        let said = Text::of(format!("解除{n}项封存。"), format!("{n} {} released.", base::plural(n, "hold", "holds")));
        Ok(Answer::plain(order, Ended::Done, vec![said], clauses))
    }

    /// Sends answers until their receipt is stored.
    async fn answer_orders(&self, link: &mut Link, authority: &Vkey) -> Result<(), LinkError> {
        for order in self.store().orders_unanswered(AT_ONCE).await? {
            let Some(body) = &order.answer else { continue };
            let made = order.ended.as_ref().map_or(order.taken, |(_, at)| *at);
            let digest = Sha256::of(body).hex();
            // The same answer has the same id; a restored server that finds another one sends it beside the first.
            let id = format!("{}-{}", order.id, digest.get(..16).unwrap_or_default());
            match self.deliver(link, authority, (&id, Kind::OrderResult), body, made).await {
                Ok((_, note)) => self.store().set_message_receipt(&id, &note).await?,
                // Another authority's order: nobody waits for the answer.
                Err(LinkError::Answer(404, _)) => {}
                Err(error) if stops_all(&error) => return Err(error),
                Err(error) => {
                    tracing::error!(%error, order = %order.id, "the authority does not take the answer to an order");
                    continue;
                }
            }
            self.store().order_answered(order.id, self.now().utc).await?;
        }
        Ok(())
    }
}

/// What is left out, and why.
fn words(plan: &Plan, held: usize, away: bool) -> Vec<Text> {
    let mut said = plan.left.clone();
    let none = plan.cameras.len().saturating_sub(held);
    if plan.cameras.is_empty() && said.is_empty() {
        said.push(Text::new("本单位没有录像。", "This site has no footage."));
    } else if none > 0 {
        said.push(Text::of(
            format!("{none}台摄像机在该时段没有录像。"),
            format!("{none} {} no footage of that time.", base::plural(none, "camera has", "cameras have")),
        ));
    }
    if plan.every && held > 0 {
        said.push(Text::new(
            "没有名称与所述地点相符的摄像机，已封存全部摄像机。",
            "No camera has a name like the place that was given: all are held.",
        ));
    }
    if away {
        said.push(Text::new(
            "部分录像在未接入的磁盘上，接入后才能查看。",
            "Some of it lies on a disk that is not connected now.",
        ));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(n: u8) -> CameraId {
        CameraId::from_bytes([n; 16])
    }

    #[test]
    fn what_is_missing_is_told_and_nothing_else() {
        let plan = Plan { cameras: vec![camera(1), camera(2)], ..Plan::default() };
        assert!(words(&plan, 2, false).is_empty());
        assert_eq!(words(&plan, 1, false).len(), 1);
        assert_eq!(words(&plan, 1, true).len(), 2);
        let every = Plan { every: true, ..plan };
        assert_eq!(words(&every, 2, false).len(), 1);
        assert_eq!(words(&every, 0, false).len(), 1, "nothing is held, so nothing is said of all");
        assert_eq!(words(&Plan::default(), 0, false).len(), 1);
        assert_eq!(words(&Plan { left: vec![Text::new("甲", "a")], ..Plan::default() }, 0, false).len(), 1);
    }
}
