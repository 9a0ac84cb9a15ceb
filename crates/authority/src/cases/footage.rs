//! Footage of a site that a case is about: kept from the minute of the application, shown by appointment, let go when the case is over.
//!
//! ```text
//! first step done ─▶ procedure's `hold`: unit, place, day, time ─▶ the admitted site that is meant ─▶ order, in the event's transaction
//! officer: hold_footage (site known later) · appoint      head: release_footage (with a reason); what a decision opens: `showing`
//! daily: case closed, remedies over, no review or suit that came from it is open ─▶ release
//! ```
//! Always true: one hold of the same footage stands once in a case; what a site has is told by the site alone; an order names no applicant; who
//! gives one handles the case and need not keep out of it, and only a head lets footage go before the case is over; an order goes to sites in
//! the territory of the office that has the case; footage of a refused application stays until nobody can ask for review or sue any more.
//! Sources: A-25, Order 799 art. 17.

use super::follow::procedure_of;
use super::meant::words_of;
use super::{bad, fault, no_case};
use crate::{Authority, By};
use base::{CaseId, CivilDate, ClauseId, ErrorKind, OfficeId, OrderId, Refusal, SiteId, Text, UtcMs, limits};
use domain::access::Permission;
use domain::casework::{Case, Checks, DELIVER, Docket, Event, Heads, Seat, may_act};
use domain::form::Values;
use domain::identifier::DivisionCode;
use domain::order::{Answer, Appointment, HOLD, HoldOrder, Order, ReleaseOrder, window};
use law::{Guard, HoldRule, Jurisdiction, Packs, Procedure, ProcedureKind};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::StoreError;
use store::casework::cases::CaseRow;
use store::peers::{PeerSite, PeerState};
use store::site_orders::{NewOrder, ORDERS_OF_CASE, OrderResult, SiteOrder};

/// Cases that are looked at in one page.
const PAGE: u32 = 100;
/// Fewest letters of a reason.
const REASON_LETTERS: usize = 5;
/// Holds that stand in the cases of one party, above which its applications place none by themselves: an officer orders each.
const OF_THEMSELVES: u32 = 20;
/// Longest month: who may still sue is never a day too few.
const MONTH: i32 = 31;

/// An order of a case, as its pages show it.
#[derive(Clone, Debug)]
pub struct FootageOrder {
    /// Its id.
    pub id: OrderId,
    /// Name of the site.
    pub site: String,
    /// What the site is to do; `None` for what this program cannot read.
    pub what: Option<Order>,
    /// When it was made.
    pub at: UtcMs,
    /// Another order ends it.
    pub ended: bool,
    /// A hold that stands lasts at least to the end of this day, as the case stands now; `None`: open.
    pub until: Option<CivilDate>,
    /// What the site answered, and when; `None`: nothing yet.
    pub answer: Option<(Answer, UtcMs)>,
    /// Place of its entry.
    pub entry: u64,
}

/// What an officer fills in to have footage kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FootageForm {
    /// Which site.
    pub site: Option<SiteId>,
    /// Day.
    pub day: Option<CivilDate>,
    /// Time of the day, in words.
    pub time: String,
    /// Where, in words.
    pub place: String,
}

/// What an officer fills in to let somebody come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppointmentForm {
    /// Which site.
    pub site: Option<SiteId>,
    /// From.
    pub from: Option<UtcMs>,
    /// Until.
    pub to: Option<UtcMs>,
    /// Where at the site.
    pub place: String,
    /// What may be seen.
    pub scope: String,
    /// Number of the paper they show.
    pub code: String,
}

/// A case about footage, as an officer's act finds it.
pub(super) struct FootageCase {
    pub(super) row: CaseRow,
    pub(super) procedure: Procedure,
    pub(super) rule: HoldRule,
    /// To which day a hold is known to last.
    pub(super) until: Option<CivilDate>,
}

fn again() -> Text {
    Text::new("请更正后重新提交。", "Correct it and submit again.")
}

pub(super) fn made(site: SiteId, id: OrderId, order: &Order, clauses: Vec<ClauseId>, text: Text) -> NewOrder {
    NewOrder { id, site, kind: order.kind(), body: order.body(), clauses, text }
}

pub(super) fn not_decided() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "not_decided",
        Text::new("还没有准予查看或者调取的决定。", "It is not decided yet that footage may be seen."),
        Text::new("请先作出决定，再通知单位。", "Decide first, then tell the site."),
    )
}

/// The hold that a form asks for; `None` where its day is not filled in.
fn hold_of(procedure: &Procedure, rule: &HoldRule, values: &Values, case: &str) -> Option<Order> {
    let text = |field: &str| values.text(field).unwrap_or_default();
    let (from, to) = window(values.day(&rule.day)?, text(&rule.time));
    let order = Order::Hold(HoldOrder {
        case: case.to_owned(),
        from,
        to,
        place: text(&rule.place).to_owned(),
        reason: procedure.id.clone(),
        clauses: vec![rule.clause.clone()],
        // Nothing is decided yet.
        until: None,
    });
    order.is_whole().then_some(order)
}

/// The form of the first step, where it was done just now.
fn handed_in<'a>(procedure: &Procedure, new: &'a [Event]) -> Option<&'a Values> {
    let first = &procedure.steps.first()?.id;
    new.iter().rev().find_map(|event| match event {
        Event::StepDone { step, values, .. } if step == first => Some(values),
        _ => None,
    })
}

/// The last day on which the case may still be fought, as its packs count; `None` while it is not decided. Outcomes that refuse nothing
/// and cases that were given up are over at once. The terms begin when the party knows of the decision: with its service, where that came later.
fn over_on(packs: &Packs, procedure: &Procedure, case: &Case) -> Option<CivilDate> {
    if let Some(day) = case.abandoned {
        return Some(day);
    }
    let decision = case.decisions.last()?;
    let outcome = procedure.outcomes.iter().find(|o| o.id == decision.outcome)?;
    if !outcome.needs.contains(&Guard::Reasons) {
        return Some(decision.on);
    }
    let papers = case.documents.iter().filter(|d| d.index > decision.index);
    // On paper: by the step, with the scan of its receipt.
    let by_step = case.done(DELIVER).filter(|d| d.index > decision.index).map(|d| d.on);
    let served = papers.filter_map(|d| d.delivered).map(|(_, on)| on).chain(by_step).max();
    let known = served.map_or(decision.on, |on| on.max(decision.on));
    Some(terms_end(packs, procedure, known, decision.on))
}

/// The last day of the longest term of the procedure's remedies, where somebody knew of the decision on `known`; that day where there is none.
fn terms_end(packs: &Packs, procedure: &Procedure, known: CivilDate, decided: CivilDate) -> CivilDate {
    let terms = procedure.remedies.iter().filter_map(|id| packs.clause(id)).flat_map(|(_, clause)| &clause.values);
    let holds = terms.filter(|v| v.from <= decided && v.until.is_none_or(|until| decided < until));
    let ends = holds.filter_map(|v| {
        let amount = i32::try_from(v.amount).ok()?;
        let length = match v.name.rsplit('_').next()? {
            "days" => amount,
            "months" => amount.saturating_mul(MONTH),
            _ => return None,
        };
        Some(known.plus_days(length))
    });
    ends.max().unwrap_or(known)
}

/// Whether a decision is fought in a case of its own: review or suit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fought {
    /// It was not.
    Never,
    /// It is, and that is not over.
    Open,
    /// It was; what came of it can be fought until this day.
    Until(CivilDate),
}

/// The last day to which a hold is known to last: that on which a refusal can be fought no more. `None`: open, because nothing is decided,
/// or because what was allowed is still to be shown.
fn known_end(packs: &Packs, procedure: &Procedure, case: &Case) -> Option<CivilDate> {
    let refused = case.decisions.last().is_some_and(|d| refuses(procedure, &d.outcome));
    if refused && case.abandoned.is_none() { over_on(packs, procedure, case) } else { None }
}

/// Whether a territory holds a site; where nobody entered its division, its province is asked.
fn holds(territory: &DivisionCode, peer: &PeerSite) -> bool {
    match DivisionCode::parse(&peer.division) {
        Ok(division) => territory.holds(&division),
        Err(_) => Jurisdiction::of_division(territory.as_str()).key() == peer.jurisdiction,
    }
}

/// An order as kept asks for the footage of this one.
fn holds_same(kept: &SiteOrder, order: &Order) -> bool {
    match (Order::read(&kept.kind, &kept.body), order) {
        (Some(Order::Hold(there)), Order::Hold(new)) => there.is_same_as(new),
        _ => false,
    }
}

impl Authority {
    /// Names of the sites whose footage an officer can have kept: those in the territory of the own office, all for who has none. No applicant gets
    /// such a list: what is like the words that were typed is offered (`meant`).
    ///
    /// # Errors
    /// No right, or the store.
    pub async fn footage_units(&self, by: By) -> Result<Vec<(SiteId, String)>, Refusal> {
        by.needs(Permission::SeeCases)?;
        let own = match self.store().officer(by.account).await? {
            Some(row) => self.store().office(row.office).await?,
            None => None,
        };
        let territory = own.map(|office| DivisionCode::parse(&office.division)).transpose().map_err(|e| fault(&e))?;
        let mut peers = self.admitted().await?;
        peers.retain(|p| territory.as_ref().is_none_or(|t| holds(t, p)));
        Ok(peers.into_iter().map(|p| (p.site, p.name)).collect())
    }

    /// Whether an application has the footage of this site held by itself: the site lies in the territory of the office (footage elsewhere is for
    /// the office there, and the officer is told when ordering it), and the party does not have too much held already: anybody may apply, and each
    /// hold costs somebody else's disk.
    pub(super) async fn may_hold_by_itself(&self, row: &CaseRow, peer: &PeerSite) -> Result<bool, Refusal> {
        if !self.lies_in(row.head.office, peer).await? {
            return Ok(false);
        }
        Ok(match row.head.party {
            Some(party) => self.store().standing_holds_of(party).await? < OF_THEMSELVES,
            None => true,
        })
    }

    /// The order that follows from new events of a case, to be made with them.
    pub(super) async fn hold_from_form(
        &self,
        procedure: &Procedure,
        new: &[Event],
        row: &CaseRow,
    ) -> Result<Vec<NewOrder>, Refusal> {
        let Some((rule, values)) = procedure.hold.as_ref().zip(handed_in(procedure, new)) else { return Ok(vec![]) };
        let Some(peer) = self.site_meant(&words_of(procedure, rule, values)).await? else { return Ok(vec![]) };
        let Some(order) = hold_of(procedure, rule, values, &row.number) else { return Ok(vec![]) };
        if !self.may_hold_by_itself(row, &peer).await? {
            return Ok(vec![]);
        }
        Ok(self.new_hold(row, peer.site, &order, &rule.clause).await?.into_iter().collect())
    }

    /// A hold that the case does not have yet; `None` where it stands already, or where the case has no room for more.
    async fn new_hold(
        &self,
        row: &CaseRow,
        site: SiteId,
        order: &Order,
        clause: &ClauseId,
    ) -> Result<Option<NewOrder>, Refusal> {
        let there = self.store().orders_of_case(row.id).await?;
        let full = there.len() >= usize::try_from(ORDERS_OF_CASE).unwrap_or(usize::MAX);
        if full || there.iter().any(|(o, _)| o.site == site && o.ended_by.is_none() && holds_same(o, order)) {
            return Ok(None);
        }
        let text = Text::of(
            format!("为案件 {} 通知使用单位封存录像。", row.number),
            format!("A site is told to hold footage for case {}.", row.number),
        );
        let id = self.store().new_order_id(self.now())?;
        Ok(Some(made(site, id, order, vec![clause.clone()], text)))
    }

    /// Orders of a case, the oldest first.
    ///
    /// # Errors
    /// As `case`.
    pub async fn footage_orders(&self, by: By, case: CaseId) -> Result<Vec<FootageOrder>, Refusal> {
        let (_, loaded) = self.known_case(by, case).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let end = self.hold_end(procedure, case, &loaded.case).await?;
        let peers = self.store().peers().await?;
        let orders = self.store().orders_of_case(case).await?.into_iter();
        let line = |(order, result): (SiteOrder, Option<OrderResult>)| {
            let until = end.filter(|_| order.kind == HOLD && order.ended_by.is_none());
            let answer = result.and_then(|r| Some((Answer::read(&r.body)?, r.at)));
            FootageOrder {
                id: order.id,
                site: peers.iter().find(|p| p.site == order.site).map(|p| p.name.clone()).unwrap_or_default(),
                what: Order::read(&order.kind, &order.body),
                at: order.at,
                ended: order.ended_by.is_some(),
                until,
                answer,
                entry: order.entry,
            }
        };
        Ok(orders.map(line).collect())
    }

    /// A case in which somebody may act from a seat, its procedure's rule of footage, and to which day a hold is known to last.
    pub(super) async fn footage_case(&self, by: By, case: CaseId, seat: Seat) -> Result<FootageCase, Refusal> {
        let who = self.who(by).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?.clone();
        let (packs, today) = (self.gate().packs(), self.now().shanghai_date());
        let docket = Docket { packs, procedure: &procedure, case: &loaded.case, today };
        let (officers, stands_for) = (BTreeMap::new(), self.stands_for(who.account).await?);
        let checks = Checks {
            officers: &officers,
            law: None,
            stands_for: &stands_for,
            unit_answered: false,
            heads: Heads::default(),
        };
        if let Err(refusal) = may_act(&docket, &who, &checks, seat) {
            self.log_refusal(who.account, Some(case), &refusal).await?;
            return Err(refusal);
        }
        let rule = procedure.hold.clone().ok_or_else(|| {
            Refusal::new(
                ErrorKind::Conflict,
                "no_footage_case",
                Text::new("这一程序不涉及录像。", "This procedure is about no footage."),
                Text::new(
                    "请在查看或者调取录像的案件中办理。",
                    "Do this in a case about viewing or retrieving footage.",
                ),
            )
        })?;
        let until = self.hold_end(&procedure, case, &loaded.case).await?;
        Ok(FootageCase { row: loaded.row, procedure, rule, until })
    }

    /// An admitted site in the territory of the office that has the case; who asked for another one is entered.
    async fn site_here(&self, by: By, of: &FootageCase, site: Option<SiteId>) -> Result<SiteId, Refusal> {
        let peer = match site {
            Some(site) => self.store().peer(site).await?.filter(|p| p.state == PeerState::Admitted),
            None => None,
        };
        let Some(peer) = peer else {
            return Err(bad("site", Text::new("请选择已接入的使用单位。", "Choose a site that is admitted.")));
        };
        if self.lies_in(of.row.head.office, &peer).await? {
            return Ok(peer.site);
        }
        let refusal = self.elsewhere(&peer, &of.rule.clause).await?;
        self.log_refusal(by.account, Some(of.row.id), &refusal).await?;
        Err(refusal)
    }

    /// Whether a site lies in the territory of an office. Where nobody entered its division, its province is asked.
    async fn lies_in(&self, office: OfficeId, peer: &PeerSite) -> Result<bool, Refusal> {
        let row = self.store().office(office).await?.ok_or_else(|| fault(&"a case of no office"))?;
        let territory = DivisionCode::parse(&row.division).map_err(|e| fault(&e))?;
        Ok(holds(&territory, peer))
    }

    /// That a site lies elsewhere, by which clause, and which office is asked instead.
    async fn elsewhere(&self, peer: &PeerSite, clause: &ClauseId) -> Result<Refusal, Refusal> {
        let offices = self.open_offices().await?;
        let there =
            offices.iter().filter(|o| holds(&o.division, peer)).max_by_key(|o| (o.division.level(), Reverse(o.level)));
        let next = match there.filter(|_| !peer.division.is_empty()) {
            Some(office) => Text::of(
                format!("请商请「{}」办理，或者把案件移送该机关。", office.name),
                format!("Ask \"{}\" to do it, or hand the case over to that office.", office.name),
            ),
            None => Text::new(
                "请商请该单位所在地的公安机关办理，或者把案件移送该机关。",
                "Ask the police where the site lies to do it, or hand the case over to them.",
            ),
        };
        let what = Text::of(
            format!("「{}」不在本机关的辖区内，不能向其下达封存、查看的指令。", peer.name),
            format!(
                "\"{}\" is not in the territory of this office: it is given no order to hold or show footage.",
                peer.name
            ),
        );
        let refusal = Refusal::new(ErrorKind::Unlawful, "other_territory", what, next);
        Ok(refusal.citing(self.gate().packs().cite(clause).into_iter().collect()))
    }

    /// Has footage kept for a case: the applicant did not know the site, or its cameras cover another time.
    ///
    /// # Errors
    /// No right (`may_act`, as an officer), `not_found`, `no_footage_case`, `case_closed`, the form (`site`, `day`, `place`), `other_territory`,
    /// `held_already`, or the store.
    pub async fn hold_footage(&self, by: By, case: CaseId, form: &FootageForm) -> Result<(), Refusal> {
        let of = self.footage_case(by, case, Seat::Officer).await?;
        let row = &of.row;
        if row.head.closed.is_some() {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "case_closed",
                Text::new("案件已经结束。", "The case is over."),
                Text::new("需要录像的，请另行申请。", "Make another application for the footage."),
            ));
        }
        let site = self.site_here(by, &of, form.site).await?;
        let Some(day) = form.day else {
            return Err(bad("day", Text::new("请填写录像的日期。", "Enter the day of the footage.")));
        };
        let (from, to) = window(day, &form.time);
        let order = Order::Hold(HoldOrder {
            case: row.number.clone(),
            from,
            to,
            place: form.place.trim().to_owned(),
            reason: of.procedure.id.clone(),
            clauses: vec![of.rule.clause.clone()],
            until: of.until,
        });
        if !order.is_whole() {
            return Err(bad(
                "place",
                Text::new("地点过长，或者有不能显示的字符。", "The place is too long or unreadable."),
            ));
        }
        let Some(new) = self.new_hold(row, site, &order, &of.rule.clause).await? else {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "held_already",
                Text::new("该单位这段录像已经通知封存。", "That site has been told to hold this footage."),
                Text::new("请看案卷中使用单位的答复。", "See the site's answer in the case."),
            ));
        };
        let (of, rows) = ((Some(case), Some(by.account)), self.rows_of_holds(row, std::slice::from_ref(&new)).await?);
        self.store().add_order_entered(&new, None, of, &rows, self.now()).await?;
        // Decided already: what is held now may be shown now.
        match self.show_footage(by, case, new.id).await {
            Err(refusal) if refusal.code == "not_decided" => Ok(()),
            told => told,
        }
    }

    /// Ends a hold before the case is over. The site then deletes what is perhaps the only copy, so it takes a head.
    ///
    /// # Errors
    /// No right (`may_act`, as a head), `not_found` (also when it was ended already), `no_footage_case`, `reason`, or the store.
    pub async fn release_footage(&self, by: By, case: CaseId, order: OrderId, reason: &str) -> Result<(), Refusal> {
        let FootageCase { row, rule, .. } = self.footage_case(by, case, Seat::Head).await?;
        let reason = reason.trim();
        let letters = reason.chars().filter(|c| c.is_alphanumeric()).count();
        if letters < REASON_LETTERS || reason.chars().count() > limits::NAME_CHARS {
            let what = Text::of(
                format!("理由：至少{REASON_LETTERS}个字，至多{}个字符，不写姓名。", limits::NAME_CHARS),
                format!(
                    "The reason: at least {REASON_LETTERS} letters, at most {} characters, no names.",
                    limits::NAME_CHARS
                ),
            );
            return Err(Refusal::bad_input("reason", what, again()));
        }
        let done = self.release_one(&row, order, reason, &rule.clause, Some(by)).await?;
        if done { Ok(()) } else { Err(Refusal::not_found("该指令", "order")) }
    }

    async fn release_one(
        &self,
        row: &CaseRow,
        order: OrderId,
        reason: &str,
        clause: &ClauseId,
        by: Option<By>,
    ) -> Result<bool, Refusal> {
        let there = self.store().orders_of_case(row.id).await?;
        let Some((held, _)) = there.into_iter().find(|(o, _)| o.id == order && o.kind == HOLD) else {
            return Ok(false);
        };
        let release = Order::Release(ReleaseOrder {
            case: row.number.clone(),
            order,
            reason: reason.to_owned(),
            clauses: vec![clause.clone()],
        });
        if !release.is_whole() {
            return Err(Refusal::bad_input(
                "reason",
                Text::new("理由不能这样写。", "The reason cannot be read."),
                again(),
            ));
        }
        let text = Text::of(
            format!("案件 {}：通知使用单位解除封存。", row.number),
            format!("Case {}: a site is told to release footage.", row.number),
        );
        let id = self.store().new_order_id(self.now())?;
        let new = made(held.site, id, &release, vec![clause.clone()], text);
        let of = (Some(row.id), by.map(|b| b.account));
        let ends = self.row_of_release(row, &held, reason).await?;
        Ok(self.store().add_order_entered(&new, Some(order), of, ends.as_slice(), self.now()).await?)
    }

    /// Tells a site when somebody comes to see what the document allows.
    ///
    /// # Errors
    /// No right (`may_act`, as an officer), `not_found`, `no_footage_case`, `not_decided`, the form (`site`, `from`, `place`),
    /// `other_territory`, or the store.
    pub async fn appoint(&self, by: By, case: CaseId, form: &AppointmentForm) -> Result<(), Refusal> {
        let of = self.footage_case(by, case, Seat::Officer).await?;
        let row = &of.row;
        let allows = |id: &str| of.procedure.outcomes.iter().any(|o| o.id == id && !o.needs.contains(&Guard::Reasons));
        if !row.head.outcome.as_deref().is_some_and(allows) {
            return Err(not_decided());
        }
        let site = self.site_here(by, &of, form.site).await?;
        let (Some(from), Some(to)) = (form.from, form.to) else {
            return Err(bad("from", Text::new("请填写起止时间。", "Enter from when until when.")));
        };
        let order = Order::Appointment(Appointment {
            case: row.number.clone(),
            from,
            to,
            place: form.place.trim().to_owned(),
            scope: form.scope.trim().to_owned(),
            code: form.code.trim().to_owned(),
            clauses: vec![of.rule.clause.clone()],
        });
        if !order.is_whole() || from < self.now() {
            let what = Text::new(
                "时间须在今后，结束晚于开始；地点、内容和证件编号不能过长。",
                "The time lies ahead and ends after it begins; place, content and number are not too long.",
            );
            return Err(bad("from", what));
        }
        let text = Text::of(
            format!("案件 {}：通知使用单位查看时间。", row.number),
            format!("Case {}: a site is told when footage will be seen.", row.number),
        );
        let id = self.store().new_order_id(self.now())?;
        let new = made(site, id, &order, vec![of.rule.clause.clone()], text);
        self.store().add_order(&new, None, (Some(case), Some(by.account)), self.now()).await?;
        Ok(())
    }

    /// Lets go the footage of cases that are over and that nobody can fight any more on `today`; how many holds were ended. One case that cannot be
    /// read stops no other.
    ///
    /// # Errors
    /// The store.
    pub async fn release_over(&self, today: CivilDate) -> Result<usize, Refusal> {
        let (mut after, mut ended) = (None, 0);
        loop {
            let page = self.store().cases_with_holds(after, PAGE).await.map_err(StoreError::from)?;
            for case in &page {
                match self.release_case(*case, today).await {
                    Ok(n) => ended += n,
                    Err(refusal) => {
                        tracing::error!(%case, %refusal, "footage of a case that may be over is still held")
                    }
                }
            }
            match page.last() {
                Some(last) => after = Some(*last),
                None => return Ok(ended),
            }
        }
    }

    /// To which day a hold of a case is known to last; open while a review or suit that came from the case is.
    async fn hold_end(&self, procedure: &Procedure, id: CaseId, case: &Case) -> Result<Option<CivilDate>, Refusal> {
        let Some(end) = known_end(self.gate().packs(), procedure, case) else { return Ok(None) };
        Ok(match self.fought(id).await? {
            Fought::Never => Some(end),
            Fought::Open => None,
            Fought::Until(last) => Some(end.max(last)),
        })
    }

    /// Reviews and suits that came from a case, in cases of their own.
    async fn fought(&self, id: CaseId) -> Result<Fought, Refusal> {
        let packs = self.gate().packs();
        let mut found = Fought::Never;
        for next in self.store().cases_from(id).await.map_err(StoreError::from)? {
            let Some(row) = self.store().case(next).await? else { continue };
            let remedy = packs.procedure(&row.head.procedure).filter(|p| p.kind == ProcedureKind::Remedy);
            let Some(procedure) = remedy else { continue };
            let Some(closed) = row.head.closed else { return Ok(Fought::Open) };
            let on = closed.shanghai_date();
            let end = terms_end(packs, procedure, on, on);
            found = match found {
                Fought::Until(day) => Fought::Until(day.max(end)),
                _ => Fought::Until(end),
            };
        }
        Ok(found)
    }

    async fn release_case(&self, id: CaseId, today: CivilDate) -> Result<usize, Refusal> {
        let row = self.store().case(id).await?.ok_or_else(no_case)?;
        let loaded = self.load(row).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let Some(rule) = &procedure.hold else { return Ok(0) };
        let refused = loaded.case.decisions.last().is_some_and(|d| refuses(procedure, &d.outcome));
        let over = match over_on(self.gate().packs(), procedure, &loaded.case) {
            None => false,
            _ if loaded.case.abandoned.is_some() => true,
            // On the last day itself somebody may still ask.
            Some(last) if refused => last < today,
            // What was allowed is still to be shown.
            Some(_) => loaded.row.head.closed.is_some(),
        };
        let settled = match self.fought(id).await? {
            Fought::Never => true,
            Fought::Open => false,
            Fought::Until(last) => last < today,
        };
        if !over || !settled {
            return Ok(0);
        }
        let mut ended = 0;
        for (order, _) in self.store().orders_of_case(id).await? {
            if order.kind == HOLD && order.ended_by.is_none() {
                let done = self.release_one(&loaded.row, order.id, "case_over", &rule.clause, None).await?;
                ended += usize::from(done);
            }
        }
        Ok(ended)
    }
}

/// The outcome refuses something: it needs reasons.
fn refuses(procedure: &Procedure, outcome: &str) -> bool {
    procedure.outcomes.iter().any(|o| o.id == outcome && o.needs.contains(&Guard::Reasons))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::form::check;

    fn packs() -> Packs {
        Packs::embedded().expect("packs")
    }

    fn values(procedure: &Procedure, typed: &[(&str, &str)]) -> Values {
        let first = procedure.steps[0].id.clone();
        let fields: Vec<&law::Field> = procedure.fields_at(&first).collect();
        let mut all: BTreeMap<String, String> = fields.iter().map(|f| (f.id.clone(), f.sample.clone())).collect();
        all.extend(typed.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
        check(&fields, &all).expect("the samples are right")
    }

    #[test]
    fn procedures_about_footage_hold_what_their_form_says() {
        let packs = packs();
        let about: Vec<&Procedure> = packs.procedures().iter().filter(|p| p.hold.is_some()).collect();
        assert!(!about.is_empty());
        for procedure in about {
            let rule = procedure.hold.as_ref().expect("a rule");
            let values = values(procedure, &[(&rule.day, "2026-03-01"), (&rule.time, "20:00至20:30")]);
            let Some(Order::Hold(hold)) = hold_of(procedure, rule, &values, "沈公〔2026〕1号") else {
                panic!("no hold")
            };
            let (from, to) = window(CivilDate::ymd(2026, 3, 1).expect("a day"), "20:00至20:30");
            assert_eq!((hold.from, hold.to, hold.clauses), (from, to, vec![rule.clause.clone()]), "{}", procedure.id);
            assert_eq!(hold.until, None, "nothing is decided");
            assert_eq!(hold.place, values.text(&rule.place).unwrap_or_default());
            assert!(
                !String::from_utf8_lossy(&Order::Hold(HoldOrder { clauses: vec![], ..hold }).body()).contains("王五")
            );
            let done = Event::StepDone {
                step: procedure.steps[0].id.clone(),
                on: CivilDate::ymd(2026, 3, 2).expect("a day"),
                values: values.clone(),
                note: String::new(),
                officers: vec![],
                set: BTreeMap::new(),
            };
            let filled = Event::Filled { step: procedure.steps[0].id.clone(), values };
            assert!(handed_in(procedure, std::slice::from_ref(&filled)).is_none(), "a draft holds nothing");
            assert!(handed_in(procedure, &[filled, done]).is_some());
        }
    }
}
