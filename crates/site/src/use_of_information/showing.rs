//! Showing footage to a citizen, mostly under an order of the authority: the order becomes a request, the request a session, the session an answer.
//!
//! ```text
//! order `view` ─▶ order: cameras and time that may be chosen ─▶ open_order: within the order? ─▶ gate ─▶ request + holds (the custodian's)
//!   ─▶ another custodian decides (Site::decide) ─▶ open_showing: papers seen, gate ─▶ session + register ─▶ Site::play | Site::begin_export
//!   ─▶ finish_order: what the register says was shown ─▶ end_order ─▶ message order-result
//! settle_orders: over, or nothing held any more ─▶ the same answer, by itself
//! ```
//! Always true: nothing wider than the order is asked for, and nothing is shown once it has ended; that something was shown is read from the
//! register and never typed; no copy of an identity card is kept, only that it was seen. Sources: A-25-1, A-25-2, Order 799 art. 16.

use super::facts::{actor, is_staff, persons};
use super::session::register_line;
use super::{SEEN, SecondOfficer};
use crate::devices::add_new;
use crate::{Actor, Site};
use base::limits::{FREE_TEXT_CHARS, NAME_CHARS, REQUEST_CAMERAS};
use base::{CameraId, ErrorKind, OrderId, Pii, Refusal, RequestId, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::order::{Answer, Ended, Eye, Order, Shown, ViewOrder, shown_cameras, within};
use domain::viewing::{self, Application, Basis, Seen, Session, State, Under, Use, check_form};
use law::Act;
use store::StoreError;
use store::accounts::Account;
use store::authority_orders::AuthorityOrder;
use store::cameras::CameraRow;
use store::requests::{NewRegister, RequestRow};

/// Open orders that are looked at in one page.
const PAGE: u32 = 50;
/// Fewest letters of a reason.
const REASON_LETTERS: usize = 5;
/// Longest reason, characters: it goes into an answer.
const REASON_CHARS: usize = 400;
/// Lines of the register that say that a copy was handed out.
const TAKEN: &str = "download";
/// Who asks, where the register wants a unit: an order names no person.
const CITIZEN: &str = "持公安机关文书的申请人";

/// An order to show footage, as the custodian has it to do.
#[derive(Clone, Debug)]
pub struct OrderTask {
    /// As kept.
    pub order: AuthorityOrder,
    /// What is to be shown.
    pub what: ViewOrder,
    /// Cameras that may be chosen, in the order of places and names.
    pub cameras: Vec<CameraRow>,
    /// Footage that may be chosen; `None`: nothing of it is recorded yet.
    pub time: Option<(UtcMs, UtcMs)>,
    /// Requests made of it, the newest first.
    pub requests: Vec<RequestRow>,
    /// What would be answered now; `None`: nothing was shown.
    pub shown: Option<Shown>,
    /// What was answered.
    pub answer: Option<Answer>,
}

/// What the custodian chooses of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShowForm {
    /// Cameras.
    pub cameras: Vec<CameraId>,
    /// Begin of the footage.
    pub from: UtcMs,
    /// End of it.
    pub to: UtcMs,
    /// Login name of who stands beside when a copy is handed out; empty otherwise.
    pub beside: String,
}

/// What the custodian enters when the citizen is there.
#[derive(Clone, Debug)]
pub struct Papers {
    /// What was seen.
    pub seen: Seen,
    /// Name of the citizen, as the identity card has it; kept sealed in the register.
    pub visitor: Pii<String>,
    /// Who signs in beside, when a copy is handed out.
    pub beside: Option<SecondOfficer>,
    /// Digest of the pass of the browser in which it is shown.
    pub browser: Option<Sha256>,
}

/// How the custodian ends an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finish {
    /// What the register says was shown or handed out.
    Shown,
    /// It could not be shown.
    NotPossible {
        /// Why, without names.
        reason: String,
    },
}

fn again() -> Text {
    Text::new("请更正后重新提交。", "Correct it and submit again.")
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, again())
}

fn order_over() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "order_over",
        Text::new("这项指令已经办结或者失效。", "This order was dealt with, or is over."),
        Text::new("请申请人向公安机关申请重新通知。", "The applicant asks the authority to order it again."),
    )
}

fn order_in_use() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "order_in_use",
        Text::new("这项指令已有正在办理的申请。", "A request of this order waits or is in force."),
        Text::new("请刷新页面，继续办理该申请。", "Reload the page and go on with that request."),
    )
}

fn one(refusal: impl Into<Refusal>) -> Vec<Refusal> {
    vec![refusal.into()]
}

/// A name on one line; `visitor` for none.
pub(super) fn visitor_of(typed: &Pii<String>) -> Result<Pii<String>, Refusal> {
    let name = typed.expose().trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        let what = Text::new("请按身份证件填写申请人姓名。", "Type the applicant's name as the identity card has it.");
        return Err(bad("visitor", what));
    }
    Ok(Pii::new(name.to_owned()))
}

fn nothing_held() -> Text {
    Text::new(
        "本单位没有为该案封存的录像，或者封存已经解除。",
        "Nothing is held here for the case, or it was released.",
    )
}

fn nobody_came(what: &ViewOrder) -> Text {
    Text::of(
        format!("至 {} 没有办理，指令已失效。", what.until.desk()),
        format!("Not carried out until {}; the order is over.", what.until.desk()),
    )
}

impl Site {
    /// An order to show footage that is still open.
    ///
    /// # Errors
    /// `not_found`, `order_over`, or the store.
    pub(crate) async fn order_to_show(&self, id: OrderId) -> Result<(AuthorityOrder, ViewOrder), Refusal> {
        let missing = || Refusal::not_found("该指令", "order");
        let order = self.store().authority_order(id).await?.ok_or_else(missing)?;
        let Some(Order::View(what)) = Order::read(&order.kind, &order.body) else { return Err(missing()) };
        if order.ended.is_some() || self.now().utc >= what.until {
            return Err(order_over());
        }
        Ok((order, what))
    }

    /// Cameras whose footage an order may show: held for its case, and named by the decision where it names any.
    async fn may_show(&self, what: &ViewOrder) -> Result<Vec<CameraRow>, StoreError> {
        let held = self.store().held_by_order(what.hold).await?;
        let mut rows = self.store().cameras_ever().await?;
        rows.retain(|row| held.contains(&row.id));
        let eye = |row: &CameraRow| Eye { camera: row.id, name: row.name.clone(), place: row.place.clone() };
        let may = shown_cameras(&what.scope, &rows.iter().map(eye).collect::<Vec<_>>());
        rows.retain(|row| may.contains(&row.id));
        Ok(rows)
    }

    /// One order to show footage: what may be chosen, what was made of it, what was answered.
    ///
    /// # Errors
    /// No permission, `not_found` (also for orders of another kind), or the store.
    pub async fn order(&self, by: &Actor, id: OrderId) -> Result<OrderTask, Refusal> {
        by.needs(Permission::DecideUse)?;
        let missing = || Refusal::not_found("该指令", "order");
        let order = self.store().authority_order(id).await?.ok_or_else(missing)?;
        let Some(Order::View(what)) = Order::read(&order.kind, &order.body) else { return Err(missing()) };
        let to = what.to.min(self.now().utc);
        let mut requests = Vec::new();
        for request in self.store().requests_of_order(id).await.map_err(StoreError::from)? {
            requests.push(self.request(by, request).await?);
        }
        let cameras = self.may_show(&what).await?;
        let shown = self.shown_of(&order, &what).await?.and_then(|answer| answer.shown);
        Ok(OrderTask {
            time: (what.from < to).then_some((what.from, to)),
            answer: order.answer.as_deref().and_then(Answer::read),
            order,
            what,
            cameras,
            requests,
            shown,
        })
    }

    /// Makes the request that carries an order out. It goes the way of every request: another person decides it.
    ///
    /// # Errors
    /// No permission; `not_found`, `order_over`; all defects of the form at once (`outside_order`, `beside` and those of `check_form`);
    /// `outside_area`; the law, which is entered; `order_in_use`; or the store.
    pub async fn open_order(&self, by: &Actor, id: OrderId, form: &ShowForm) -> Result<RequestRow, Vec<Refusal>> {
        by.needs(Permission::DecideUse).map_err(one)?;
        let (_, what) = self.order_to_show(id).await.map_err(one)?;
        let may: Vec<CameraId> = self.may_show(&what).await.map_err(one)?.into_iter().map(|row| row.id).collect();
        let now = self.now().utc;
        let mut cameras = form.cameras.clone();
        cameras.sort_unstable();
        cameras.dedup();
        let mut faults = Vec::new();
        faults.extend(within(&what, &may, &cameras, (form.from, form.to), now).err());
        let mut officers = vec![by.id];
        match self.beside_of(by, &what, &form.beside).await {
            Ok(beside) => officers.extend(beside.map(|account| account.id)),
            Err(fault) => faults.push(fault),
        }
        let app = application(&what, id, (cameras, form.from, form.to), officers);
        faults.extend(check_form(&app, now).err().unwrap_or_default());
        if !faults.is_empty() {
            return Err(faults);
        }
        for camera in &app.cameras {
            self.in_area(by, *camera).await.map_err(one)?;
        }
        let facts = self.facts_of_request(&app, None).await.map_err(one)?;
        let mut clauses = self.lawful_uses(by, None, None, &facts.wanted(app.wanted)).await.map_err(one)?;
        // The hold that comes with it is an act of its own.
        add_new(&mut clauses, self.lawful_use(by, None, None, Act::Hold).await.map_err(one)?);
        add_new(&mut clauses, what.clauses);
        let state = viewing::submit(Ok(()), now).map_err(one)?;
        let made = self.store().add_request_of_order(id, &app, state, &clauses, now).await.map_err(one)?;
        made.ok_or_else(|| one(order_in_use()))
    }

    /// Who stands beside when a copy is handed out: another one of the unit; nobody where footage is only seen.
    async fn beside_of(&self, by: &Actor, what: &ViewOrder, login: &str) -> Result<Option<Account>, Refusal> {
        if !what.copy {
            return Ok(None);
        }
        let account = self.store().account_by_login(login.trim()).await?;
        let other = account.filter(|a| a.id != by.id && is_staff(a));
        other.map(Some).ok_or_else(|| {
            let what = Text::new(
                "提供副本须由本单位两名人员在场，请填写另一名人员的登录名。",
                "Two persons of the unit hand out a copy: type the login name of the other one.",
            );
            bad("beside", what)
        })
    }

    /// Opens the session in which a citizen is shown the footage, once identity card and paper were seen. Who asked the unit itself is the one
    /// who is shown it.
    ///
    /// # Errors
    /// No permission, `not_found`, `not_under_order`, `order_over`, `visitor` (also for another than who asked), `taken_back`, those of
    /// `Site::sign_in` for who stands beside, the law (A-25-1 and its fragments, 799-21; entered), those of `domain::viewing::open_showing`,
    /// `session_changed`, or the store.
    pub async fn open_showing(&self, by: &Actor, id: RequestId, papers: &Papers) -> Result<Session, Refusal> {
        by.needs(Permission::DecideUse)?;
        let row = self.request(by, id).await?;
        let app = &row.application;
        if let Some(under) = &app.under {
            self.order_to_show(under.order).await?;
        }
        let visitor = visitor_of(&papers.visitor)?;
        if app.own.is_some() {
            self.same_person(app, &visitor).await?;
            self.not_taken_back(id).await?;
        }
        let second = match &papers.beside {
            Some(beside) => {
                let account = self.sign_in(&beside.login, &beside.password, &beside.code).await?;
                actor(&account).needs(Permission::PlayBack)?;
                Some(account.id)
            }
            None => None,
        };
        let mut clauses = Vec::new();
        let law = if app.is_for_citizen() && app.officers.contains(&by.id) {
            let facts = self.facts_of_request(app, Some(papers.seen)).await?;
            let asked = self.lawful_uses(by, None, Some(id), &facts.wanted(app.wanted)).await;
            asked.map(|found| clauses = found)
        } else {
            Ok(())
        };
        let now = self.now().utc;
        let session = viewing::open_showing(row.state, app, (by.id, second), papers.seen, law, now)?;
        let session = Session { browser: papers.browser, ..session };
        let people = self.people_of(app, &[session.first, session.second]).await?;
        let text = Text::of(
            format!("核对身份证件和文书编号后向申请人开放查看，至 {}。", session.until.desk()),
            format!(
                "Identity card and paper were seen; footage is shown to the applicant until {}.",
                session.until.desk()
            ),
        );
        let there = format!("{}\n申请人 {}", persons(&people).expose(), visitor.expose());
        let line = register_line(&row, &people, by.id, "session", text, clauses);
        let body = serde_json::json!({ "officers": app.officers, "seen": papers.seen });
        let line = NewRegister { persons: Pii::new(there), body, ..line };
        self.put_session(by.id, &row, &session, line).await?;
        Ok(session)
    }

    /// What the register says was shown under an order, or handed out, as an answer; `None`: nothing was.
    async fn shown_of(&self, order: &AuthorityOrder, what: &ViewOrder) -> Result<Option<Answer>, StoreError> {
        let now = self.now().utc;
        for id in self.store().requests_of_order(order.id).await? {
            let word = if what.copy { TAKEN } else { SEEN };
            let Some((begin, end)) = self.store().registered_span(id, word).await? else { continue };
            let Some(row) = self.store().request(id).await? else { continue };
            let app = row.application;
            let mut copies: Vec<Sha256> = Vec::new();
            if what.copy {
                let made = self.store().exports_of(id).await?;
                copies.extend(made.iter().filter_map(|e| Sha256::from_hex(&e.sha256)).take(REQUEST_CAMERAS));
            }
            let (mut cameras, mut names): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
            for camera in app.cameras.iter().take(REQUEST_CAMERAS) {
                let name = self.store().camera(*camera).await?.map(|row| row.name).unwrap_or_default();
                cameras.push(name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect());
            }
            for person in &app.officers {
                names.extend(self.store().account(*person).await?.map(|account| account.name.into_inner()));
            }
            let by = Pii::new(names.join("、").chars().take(NAME_CHARS).collect());
            // What still runs is over when the answer goes.
            let end = end.min(now).max(begin);
            let shown = Shown { begin, end, from: app.from, to: app.to, cameras, by, copies };
            let answer = Answer::plain(order.id, Ended::Done, Vec::new(), what.clauses.clone());
            return Ok(Some(Answer { shown: Some(shown), ..answer }));
        }
        Ok(None)
    }

    /// Ends an order to show footage: with what was shown, or with the reason why it could not be. Nothing is shown under it afterwards.
    ///
    /// # Errors
    /// No permission, `not_found`, `order_over`, `nothing_shown`, `shown_already`, `reason`, `others_not_covered`,
    /// `line_not_written`, or the store.
    pub async fn finish_order(&self, by: &Actor, id: OrderId, finish: &Finish) -> Result<(), Refusal> {
        by.needs(Permission::DecideUse)?;
        let (order, what) = self.order_to_show(id).await?;
        let shown = self.shown_of(&order, &what).await?;
        let answer = match (finish, shown) {
            (Finish::Shown, Some(answer)) => answer,
            (Finish::Shown, None) => {
                return Err(Refusal::new(
                    ErrorKind::Conflict,
                    "nothing_shown",
                    Text::new(
                        "登记中还没有查看或者提供副本的记录。",
                        "The register says of no viewing and no copy yet.",
                    ),
                    Text::new(
                        "请先向申请人播放或者提供副本；办不了的，写明原因。",
                        "Show it first, or say why it is not possible.",
                    ),
                ));
            }
            (Finish::NotPossible { .. }, Some(_)) => {
                return Err(Refusal::new(
                    ErrorKind::Conflict,
                    "shown_already",
                    Text::new(
                        "登记中已有查看或者提供副本的记录。",
                        "The register says that it was shown or handed out.",
                    ),
                    Text::new("请按已办理答复。", "Answer that it was done."),
                ));
            }
            (Finish::NotPossible { reason }, None) => {
                Answer::plain(id, Ended::NotPossible, vec![reason_of(reason)?], what.clauses.clone())
            }
        };
        match finish {
            Finish::Shown => self.end_covered(by, id).await?,
            // What was looked at and not shown has its line all the same; without it the order stays open, and is ended once more.
            Finish::NotPossible { .. } => {
                if !self.closed_by_themselves(id).await? {
                    return Err(Refusal::new(
                        ErrorKind::Unavailable,
                        "line_not_written",
                        Text::new(
                            "登记中一次查看的记录没有写成，指令尚未办结。",
                            "A showing could not be written into the register; the order is not over yet.",
                        ),
                        Text::new("请稍后再试。", "Try again in a moment."),
                    ));
                }
            }
        }
        let body = answer.body();
        if !self.store().end_order(&order, (answer.ended.code(), &body, &answer.clauses), self.now().utc).await? {
            return Err(order_over());
        }
        // The order is over, so nothing is shown under these any more; what is left to do is that they say so themselves.
        for request in self.store().requests_of_order(id).await.map_err(StoreError::from)? {
            let row = self.request(by, request).await?;
            if matches!(row.state, State::Granted { .. }) {
                self.end_grant(by, request).await?;
            }
        }
        Ok(())
    }

    /// Ends orders to show footage that are over, or for which nothing is held any more: with what was shown, else that it was not possible.
    pub(crate) async fn settle_orders(&self) -> Result<(), StoreError> {
        let (now, mut after) = (self.now().utc, 0);
        loop {
            let page = self.store().orders_to_show(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            for order in &page {
                let answer = match Order::read(&order.kind, &order.body) {
                    Some(Order::View(what)) => self.settled(order, &what, now).await?,
                    _ => {
                        let said = Text::new("本系统不能识别这项指令。", "This system cannot read the order.");
                        Some(Answer::plain(order.id, Ended::NotPossible, vec![said], Vec::new()))
                    }
                };
                if let Some(answer) = answer
                    && self.closed_by_themselves(order.id).await?
                {
                    let body = answer.body();
                    self.store().end_order(order, (answer.ended.code(), &body, &answer.clauses), now).await?;
                }
            }
        }
    }

    /// The answer to an order that ends by itself; `None` while it can be carried out.
    async fn settled(
        &self,
        order: &AuthorityOrder,
        what: &ViewOrder,
        now: UtcMs,
    ) -> Result<Option<Answer>, StoreError> {
        // The order to hold comes before; until it is done nobody knows what it holds.
        let hold = self.store().authority_order(what.hold).await?;
        let waits = hold.is_some_and(|hold| hold.ended.is_none());
        let why = if now >= what.until {
            nobody_came(what)
        } else if !waits && self.store().held_by_order(what.hold).await?.is_empty() {
            nothing_held()
        } else {
            return Ok(None);
        };
        let told = self.shown_of(order, what).await?;
        let not = || Answer::plain(order.id, Ended::NotPossible, vec![why], what.clauses.clone());
        Ok(Some(told.unwrap_or_else(not)))
    }
}

/// The request that carries an order out.
fn application(
    what: &ViewOrder,
    order: OrderId,
    (cameras, from, to): (Vec<CameraId>, UtcMs, UtcMs),
    officers: Vec<base::AccountId>,
) -> Application {
    let purpose: String = format!("凭{}办理：{}", what.paper, what.scope).chars().take(FREE_TEXT_CHARS).collect();
    let (basis, wanted) = if what.copy { (Basis::BurdenOfProof, Use::Copy) } else { (Basis::OwnRight, Use::View) };
    Application {
        basis,
        wanted,
        case_number: what.case.clone(),
        unit: CITIZEN.to_owned(),
        purpose,
        cameras,
        from,
        to,
        letter: None,
        officers,
        under: Some(Under { order, paper: what.paper.clone(), covered: what.covered.clone(), until: what.until }),
        own: None,
    }
}

/// A reason as it is answered; `reason` for too few letters or too many.
fn reason_of(typed: &str) -> Result<Text, Refusal> {
    let typed = typed.trim();
    let letters = typed.chars().filter(|c| c.is_alphanumeric()).count();
    let sound =
        typed.chars().count() <= REASON_CHARS && !typed.chars().any(|c| c.is_control() && c != '\n' && c != '\r');
    if letters < REASON_LETTERS || !sound {
        let what = Text::of(
            format!("原因：至少{REASON_LETTERS}个字，至多{REASON_CHARS}个字符，不写姓名。"),
            format!("The reason: at least {REASON_LETTERS} letters, at most {REASON_CHARS} characters, no names."),
        );
        return Err(bad("reason", what));
    }
    Ok(Text::of(typed.to_owned(), typed.to_owned()))
}
