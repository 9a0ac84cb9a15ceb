//! What a decision opens at the site that holds the footage, and what the site's answer completes.
//!
//! ```text
//! Decided (outcome of the procedure's `viewing`) ─▶ each hold that stands ─▶ order `view`, in the transaction of the event
//! officer: show_footage (held later, or the order is over and nobody came) ─▶ order `view`
//! site's answer: shown ─▶ step of the using unit, by nobody's account ─▶ case; the applicant reads it
//! ```
//! Always true: an order to show rests on one hold that stands and is never wider; of one hold one order to show is open; the step is done
//! once, and an answer that the engine refuses changes nothing; who of the site showed it stands in the case sealed, as its form says.
//! Sources: A-25-1, A-25-2, Order 799 art. 16.

use super::follow::{Loaded, procedure_of};
use super::footage::{FootageCase, made, not_decided};
use super::{bad, no_case};
use crate::{Authority, By};
use base::{CaseId, CivilDate, ErrorKind, OrderId, Refusal, SiteId, Text, UtcMs, limits};
use domain::casework::{Case, CaseAct, Event, Seat, Typed};
use domain::order::{Answer, Ended, HOLD, HoldOrder, Order, Shown, VIEW, ViewOrder, allowed};
use law::{HandsOut, Procedure, ViewingRule};
use store::casework::cases::CaseRow;
use store::site_orders::{NewOrder, ORDERS_OF_CASE, OrderResult, SiteOrder};

/// How often a step is tried where somebody acts in the case at the same moment.
const TRIES: usize = 3;
/// Refusals after which the same answer can be taken later.
const LATER: [&str; 2] = ["case_moved_on", "store_away"];

/// An order with what the site answered.
type Told = (SiteOrder, Option<OrderResult>);

fn answer_of(result: Option<&OrderResult>) -> Option<Answer> {
    result.and_then(|r| Answer::read(&r.body))
}

/// What a hold keeps, where it stands and the site has not said that there is nothing.
fn stands(told: &Told) -> Option<HoldOrder> {
    let (order, result) = told;
    let empty = answer_of(result.as_ref()).is_some_and(|a| matches!(a.ended, Ended::NotPossible | Ended::Refused));
    match Order::read(&order.kind, &order.body) {
        Some(Order::Hold(hold)) if order.ended_by.is_none() && !empty => Some(hold),
        _ => None,
    }
}

/// An order to show what this hold keeps was made, and was not in vain.
fn is_shown(there: &[Told], hold: OrderId) -> bool {
    there.iter().any(|(order, result)| {
        let of = matches!(Order::read(&order.kind, &order.body), Some(Order::View(view)) if view.hold == hold);
        of && answer_of(result.as_ref()).is_none_or(|a| matches!(a.ended, Ended::Done | Ended::Partly))
    })
}

/// The order to show what a hold keeps, as the decision says; `None` where its words do not fit an order.
fn view_of(
    (procedure, rule): (&Procedure, &ViewingRule),
    case: &Case,
    (hold, held): (OrderId, &HoldOrder),
    number: &str,
    today: CivilDate,
) -> Option<Order> {
    let decision = case.decisions.iter().rev().find(|d| d.outcome == rule.outcome)?;
    let scope = decision.values.text(&rule.scope).unwrap_or_default();
    let first = procedure.steps.first().and_then(|step| case.values_of(&step.id));
    let day = procedure.hold.as_ref().zip(first).and_then(|(kept, values)| values.day(&kept.day));
    let (from, to) = allowed(day.unwrap_or(held.from.shanghai_date()), scope, (held.from, held.to));
    let touched = procedure.field(&rule.privacy).and_then(|f| case.values_of(&f.step)?.flag(&f.id));
    // A document of before the decision is another one.
    let papers = case.documents.iter().rev().filter(|d| d.index > decision.index);
    let paper = papers.map(|d| d.number.as_str()).find(|number| !number.is_empty());
    let days = i32::try_from(rule.days).unwrap_or(i32::MAX);
    let order = Order::View(ViewOrder {
        case: number.to_owned(),
        hold,
        from,
        to,
        scope: scope.to_owned(),
        copy: rule.hands_out == HandsOut::Copy,
        covered: rule.privacy_clause.clone().filter(|_| touched == Some(true)),
        paper: paper.unwrap_or(number).to_owned(),
        until: today.plus_days(days.saturating_add(1)).start(),
        reason: procedure.id.clone(),
        clauses: vec![rule.clause.clone()],
    });
    order.is_whole().then_some(order)
}

/// The form of the using unit's step, as its answer fills it in.
fn typed_of(procedure: &Procedure, rule: &ViewingRule, shown: &Shown, on: CivilDate) -> Typed {
    let most = |id: &str| procedure.field(id).map_or(0, |f| usize::try_from(f.limit()).unwrap_or(usize::MAX));
    let cut = |id: &str, text: &str| text.chars().take(most(id)).collect::<String>();
    let mut typed = Typed::new();
    if let Some(day) = procedure.day_field(&rule.step).filter(|f| f.step == rule.step) {
        typed.insert(day.id.clone(), on.to_string());
    }
    let digest = shown.copies.first().map(|sha256| sha256.hex()).unwrap_or_default();
    let filled = [
        (&rule.what, cut(&rule.what, &shown.words())),
        (&rule.by, cut(&rule.by, shown.by.expose())),
        (&rule.digest, digest),
        (&rule.copies, shown.copies.len().to_string()),
    ];
    typed.extend(filled.into_iter().filter(|(id, _)| !id.is_empty()).map(|(id, text)| (id.clone(), text)));
    typed
}

/// What the entry of the step says beside its form: from when until when, and the digest of each package.
fn note_of(shown: &Shown) -> String {
    let digests: String = shown.copies.iter().map(|sha256| format!("\nSHA-256 {}", sha256.hex())).collect();
    let note = format!("使用单位答复：{} 至 {}。{digests}", shown.begin.desk(), shown.end.desk());
    note.chars().take(limits::FREE_TEXT_CHARS).collect()
}

fn new_view(site: SiteId, id: OrderId, order: &Order, rule: &ViewingRule, number: &str) -> NewOrder {
    let text = Text::of(
        format!("案件 {number}：通知使用单位提供查看或者副本。"),
        format!("Case {number}: a site is told to show footage or to hand out a copy."),
    );
    made(site, id, order, vec![rule.clause.clone()], text)
}

impl Authority {
    /// The orders that follow from a decision among new events of a case, to be made with them: one for each hold that stands.
    pub(super) async fn show_from_decision(
        &self,
        procedure: &Procedure,
        case: &Case,
        new: &[Event],
        row: &CaseRow,
    ) -> Result<Vec<NewOrder>, Refusal> {
        let Some(rule) = &procedure.viewing else { return Ok(Vec::new()) };
        let opens = |event: &Event| matches!(event, Event::Decided { outcome, .. } if *outcome == rule.outcome);
        if !new.iter().any(opens) {
            return Ok(Vec::new());
        }
        let there = self.store().orders_of_case(row.id).await?;
        let room = usize::try_from(ORDERS_OF_CASE).unwrap_or(0).saturating_sub(there.len());
        let today = self.now().shanghai_date();
        let mut orders = Vec::new();
        for told in &there {
            let Some(held) = stands(told).filter(|_| orders.len() < room && !is_shown(&there, told.0.id)) else {
                continue;
            };
            let order = view_of((procedure, rule), case, (told.0.id, &held), &row.number, today);
            let Some(order) = order else {
                tracing::warn!(case = %row.id, "what was decided does not fit an order to show footage");
                continue;
            };
            let id = self.store().new_order_id(self.now())?;
            orders.push(new_view(told.0.site, id, &order, rule, &row.number));
        }
        Ok(orders)
    }

    /// Tells the site again, or for the first time where it was held after the decision, to show what a hold keeps.
    ///
    /// # Errors
    /// No right, `not_found` (also for a hold that ended), `no_footage_case`, `not_decided`, `shown_already`, `scope`, or the store.
    pub async fn show_footage(&self, by: By, case: CaseId, hold: OrderId) -> Result<(), Refusal> {
        let FootageCase { row, procedure, .. } = self.footage_case(by, case, Seat::Officer).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        let Some(rule) = &procedure.viewing else { return Err(not_decided()) };
        let is_open = row.head.closed.is_none() && loaded.case.done(&rule.step).is_none();
        if !is_open || loaded.case.outcome().is_none_or(|d| d.outcome != rule.outcome) {
            return Err(not_decided());
        }
        let there = self.store().orders_of_case(case).await?;
        let found = there.iter().find(|(order, _)| order.id == hold && order.kind == HOLD);
        let Some((told, held)) = found.and_then(|told| Some((told, stands(told)?))) else {
            return Err(Refusal::not_found("该封存指令", "order to hold"));
        };
        if is_shown(&there, hold) {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "shown_already",
                Text::new(
                    "已经通知该单位提供，正在办理或者已经办结。",
                    "That site was told already, and does it or has done it.",
                ),
                Text::new("请看案卷中使用单位的答复。", "See the site's answer in the case."),
            ));
        }
        let today = self.now().shanghai_date();
        let order = view_of((&procedure, rule), &loaded.case, (hold, &held), &row.number, today);
        let order = order.ok_or_else(|| {
            let what =
                Text::new("准予的内容过长，不能作为指令发出。", "What was decided is too long to be sent as an order.");
            bad("scope", what)
        })?;
        let id = self.store().new_order_id(self.now())?;
        let new = new_view(told.0.site, id, &order, rule, &row.number);
        self.store().add_order(&new, None, (Some(case), Some(by.account)), self.now()).await?;
        Ok(())
    }

    /// Completes the step of a case that a site's answer says was done, where that is what the order asked for (`ViewOrder::fits`). Again, or where
    /// it cannot be entered any more, it changes nothing.
    ///
    /// # Errors
    /// The store, or somebody acts in the case at the same moment: the same answer is to come again.
    pub(crate) async fn showing_answered(&self, site: SiteId, said: &Answer) -> Result<(), Refusal> {
        let Some(shown) = &said.shown else { return Ok(()) };
        let order = self.store().site_order(said.order).await?;
        let Some(order) = order.filter(|o| o.site == site && o.kind == VIEW) else { return Ok(()) };
        let Some(case) = order.case else { return Ok(()) };
        let Some(Order::View(view)) = Order::read(&order.kind, &order.body) else { return Ok(()) };
        if !view.fits(said.ended, shown) {
            tracing::warn!(%case, %site, "a site says it has shown what it was not told to: the step is not done by that");
            return Ok(());
        }
        let mut last = Ok(());
        for _ in 0..TRIES {
            last = self.step_of_unit(case, shown).await;
            match &last {
                Err(refusal) if refusal.code == "case_moved_on" => {}
                _ => break,
            }
        }
        match last {
            Err(refusal) if LATER.contains(&refusal.code.as_str()) => Err(refusal),
            Err(refusal) => {
                tracing::warn!(%case, %refusal, "what a site has shown could not be entered in its case");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn step_of_unit(&self, id: CaseId, shown: &Shown) -> Result<(), Refusal> {
        let row = self.store().case(id).await?.ok_or_else(no_case)?;
        let loaded: Loaded = self.load(row).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let Some(rule) = &procedure.viewing else { return Ok(()) };
        if loaded.case.done(&rule.step).is_some() {
            return Ok(());
        }
        let on = self.day_of_showing(&loaded.case, rule, shown.end);
        let act = CaseAct::Done {
            step: rule.step.clone(),
            typed: typed_of(procedure, rule, shown, on),
            note: note_of(shown),
            officers: Vec::new(),
            on,
        };
        self.act_of_unit(loaded, act).await?;
        Ok(())
    }

    /// The day on which it was shown: the clock of a site may be a little off ours, a step is neither of tomorrow nor before its decision.
    fn day_of_showing(&self, case: &Case, rule: &ViewingRule, end: UtcMs) -> CivilDate {
        let decided = case.decisions.iter().rev().find(|d| d.outcome == rule.outcome).map(|d| d.on);
        let today = self.now().shanghai_date();
        let day = end.shanghai_date().min(today);
        decided.map_or(day, |decided| day.max(decided))
    }
}
