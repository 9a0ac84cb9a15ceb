//! A person's own request (Order 799 art. 21) that the authority's server handed on: held when it came, entered by a custodian, answered as it goes.
//!
//! ```text
//! order `person` ─▶ link::orders: held, answer `held` ─▶ person_order: who asks, for what ─▶ enter_person: cameras, what was seen ─▶ gate (Hold)
//!   ─▶ sealed paper, request, HOLD, tie to the order ─▶ decided and shown as every request of a person (`own_request`, `showing`)
//! the person takes it back ─▶ person_withdrew ─▶ neither granted nor shown any more; the custodian refuses it, and with that its own HOLD ends
//! tell_persons: what rows and register say now ─▶ another answer, where it differs from the last ─▶ message order-result
//! ```
//! Always true: the unit decides, and what is told is read from rows, never typed; of one order one request is made; name, contact and reason stand
//! in sealed bodies and papers, and whoever opens them is entered; a stage goes forward only. Crash table: made, not told: told at the next look.

use super::own_request::application;
use super::{OwnForm, SEEN, relation_name};
use crate::{Actor, Site};
use base::limits::NAME_CHARS;
use base::{CameraId, CivilDate, ClauseId, ErrorKind, OrderId, Pii, Refusal, RequestId, Text, UtcMs};
use domain::access::Permission;
use domain::order::{
    Answer, Coming, ENTERED_WITHIN, Ended, Order, PersonOrder, PersonStage, Protects, REASON_CHARS, Told, WITHDRAWN,
};
use domain::viewing::{self, State, check_form, current};
use law::Act;
use serde_json::json;
use store::StoreError;
use store::authority_orders::AuthorityOrder;
use store::cameras::CameraRow;
use store::ledger_log::ActLine;
use store::requests::RequestRow;

/// Requests that are looked at in one page.
const PAGE: u32 = 50;
/// What the sealed paper of a request is called.
const RECORD: &str = "查阅申请登记.json";
/// The entry of a refusal.
const REFUSED: &str = "request.refused";

/// A person's own request, as the custodian has it to do.
#[derive(Clone, Debug)]
pub struct PersonTask {
    /// As kept.
    pub order: AuthorityOrder,
    /// What is asked, and by whom.
    pub what: PersonOrder,
    /// Cameras of the unit, those that are held first, each with whether it is.
    pub cameras: Vec<(CameraRow, bool)>,
    /// Footage that may be chosen; `None`: nothing of it is recorded yet.
    pub time: Option<(UtcMs, UtcMs)>,
    /// The request that was made of it.
    pub request: Option<RequestRow>,
    /// What was answered last.
    pub answer: Option<Answer>,
    /// When and where the person is to come, as it was said.
    pub coming: Option<Coming>,
}

/// What the custodian chooses and has seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonForm {
    /// Cameras.
    pub cameras: Vec<CameraId>,
    /// Begin of the footage.
    pub from: UtcMs,
    /// End of it.
    pub to: UtcMs,
    /// A paper that proves the relation was seen.
    pub proof: bool,
    /// Life, health or property is to be protected.
    pub need: bool,
    /// No state secret and no state security is touched.
    pub plain: bool,
}

fn missing() -> Refusal {
    Refusal::not_found("该申请", "request")
}

fn one(refusal: impl Into<Refusal>) -> Vec<Refusal> {
    vec![refusal.into()]
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn done_already() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "order_in_use",
        Text::new("这件申请已经登记，或者已经办结、撤回。", "This request was entered, is over, or was taken back."),
        Text::new("请刷新页面查看。", "Reload the page."),
    )
}

fn what_of(order: &AuthorityOrder) -> Option<PersonOrder> {
    match Order::read(&order.kind, &order.body) {
        Some(Order::Person(what)) => Some(what),
        _ => None,
    }
}

/// Why it is asked for, without a name: the person's own words are sealed.
fn purpose_of(what: &PersonOrder) -> String {
    let protects = match what.protects {
        Protects::LifeHealth => "生命健康",
        Protects::Property => "财产安全",
    };
    let relation = relation_name(what.relation);
    format!("网上转来的查阅申请 {}：为保护{protects}，申请人是{}。", what.number, relation.zh)
}

/// How far a request is, by its row.
fn stage_of(row: &RequestRow, now: UtcMs) -> Told {
    let told = match current(row.state, now) {
        State::Submitted { at } => Told::at(PersonStage::Entered, at),
        State::Granted { at, until } => Told { until: Some(until), ..Told::at(PersonStage::Agreed, at) },
        State::Refused { at } => {
            let sound = row.reason.chars().filter(|c| !c.is_control() || *c == '\n');
            Told { reason: Pii::new(sound.take(REASON_CHARS).collect()), ..Told::at(PersonStage::Refused, at) }
        }
        State::Ended { at } => Told::at(PersonStage::Over, at),
    };
    Told { number: row.number.chars().take(NAME_CHARS).collect(), ..told }
}

impl Site {
    /// A person's own request that was handed on; whoever opens it is entered.
    ///
    /// # Errors
    /// No permission, `not_found` (also for orders of another kind), or the store.
    pub async fn person_order(&self, by: &Actor, id: OrderId) -> Result<PersonTask, Refusal> {
        by.needs(Permission::DecideUse)?;
        let order = self.store().authority_order(id).await?.ok_or_else(missing)?;
        let what = what_of(&order).ok_or_else(missing)?;
        let request = match self.store().requests_of_order(id).await.map_err(StoreError::from)?.first() {
            Some(request) => self.store().request(*request).await?,
            None => None,
        };
        let held = self.store().held_by_order(id).await.map_err(StoreError::from)?;
        let stock = self.store().stock().await?;
        let seen = self.store().cameras_ever().await?.into_iter();
        let seen = seen.filter(|row| row.removed.is_none() || stock.contains_key(&row.id));
        let with_hold = |row: CameraRow| {
            let is_held = held.contains(&row.id);
            (row, is_held)
        };
        let mut cameras: Vec<(CameraRow, bool)> = seen.map(with_hold).collect();
        cameras.sort_by_key(|(_, is_held)| !*is_held);
        let to = what.to.min(self.now().utc);
        let text = Text::of(
            format!("打开网上转来的查阅申请 {}。", what.number),
            format!("Request {} that was handed on opened.", what.number),
        );
        let body = json!({ "order": id, "by": by.id });
        let act = ActLine::done(Some(by.id), text);
        self.store().log("paper.opened", self.now().utc, body, act).await.map_err(StoreError::from)?;
        Ok(PersonTask {
            time: (what.from < to).then_some((what.from, to)),
            answer: order.answer.as_deref().and_then(Answer::read),
            coming: self.store().coming(id).await?,
            order,
            what,
            cameras,
            request,
        })
    }

    /// How many persons' own requests were handed on and are to be entered; 0 for who does not decide use.
    ///
    /// # Errors
    /// The store.
    pub async fn persons_to_enter(&self, by: &Actor) -> Result<u64, Refusal> {
        if by.needs(Permission::DecideUse).is_err() {
            return Ok(0);
        }
        Ok(self.store().persons_held().await?)
    }

    /// The first day whose requests are still in time to be entered, by our own rule (`own-rules.toml`); `None`: there is no such rule.
    #[must_use]
    pub fn persons_in_time_from(&self) -> Option<CivilDate> {
        let rule = self.gate().packs().own_rule(ENTERED_WITHIN)?;
        Some(rule.first_in_time(self.now().utc.shanghai_date()))
    }

    /// How many of those that are to be entered came before that day; 0 for who does not decide use.
    ///
    /// # Errors
    /// The store.
    pub async fn persons_late(&self, by: &Actor) -> Result<u64, Refusal> {
        let Some(first) = self.persons_in_time_from().filter(|_| by.needs(Permission::DecideUse).is_ok()) else {
            return Ok(0);
        };
        Ok(self.store().persons_held_before(first.start()).await?)
    }

    /// Makes the request of it. It goes the way of every request of a person: another custodian decides it, or the only one
    /// with reasons, and it is shown to who asked.
    ///
    /// # Errors
    /// No permission; `not_found`; all defects of the form at once (those of `check_form`, and `range` for a time that was not asked for);
    /// `outside_area`; the law on holding, which is entered; `order_in_use`; or the store.
    pub async fn enter_person(&self, by: &Actor, id: OrderId, form: &PersonForm) -> Result<RequestRow, Vec<Refusal>> {
        by.needs(Permission::DecideUse).map_err(one)?;
        let order = self.store().authority_order(id).await.map_err(one)?.ok_or_else(|| one(missing()))?;
        let what = what_of(&order).ok_or_else(|| one(missing()))?;
        let now = self.now().utc;
        let mut faults = Vec::new();
        if form.from < what.from || form.to > what.to {
            let words = Text::of(
                format!("只能在申请的 {} 至 {} 之内选择。", what.from.desk(), what.to.desk()),
                format!("Only between {} and {}, as it was asked.", what.from.desk(), what.to.desk()),
            );
            faults.push(bad("range", words));
        }
        let record = json!({
            "salt": what.salt, "name": what.name.expose(), "concerned": what.concerned.expose().trim(),
            "contact": what.contact.expose().trim(), "why": what.why.expose(), "receipt": what.number,
        });
        let record = record.to_string().into_bytes();
        let own = OwnForm {
            name: what.name.clone(),
            contact: what.contact.clone(),
            relation: what.relation,
            concerned: what.concerned.clone(),
            // It is seen when they come: nothing is shown before.
            identity: false,
            proof: form.proof,
            need: form.need,
            plain: form.plain,
            purpose: purpose_of(&what),
            cameras: form.cameras.clone(),
            from: form.from,
            to: form.to,
        };
        let app = application(by, &own, &record);
        faults.extend(check_form(&app, now).err().unwrap_or_default());
        if !faults.is_empty() {
            return Err(faults);
        }
        for camera in &app.cameras {
            self.in_area(by, *camera).await.map_err(one)?;
        }
        let clauses = self.lawful_use(by, app.cameras.first().copied(), None, Act::Hold).await.map_err(one)?;
        let state = viewing::submit(Ok(()), now).map_err(one)?;
        self.store().add_paper(RECORD, "application/json", &record, now).await.map_err(one)?;
        let made = self.store().add_request_of_person(id, &app, state, &clauses, now).await.map_err(one)?;
        made.ok_or_else(|| one(done_already()))
    }

    /// Says when and where the person is to come, once the unit has consented; it is told to them with the next answer.
    ///
    /// # Errors
    /// No permission, `not_found`, `not_granted`, the form (`coming`), or the store.
    pub async fn set_coming(&self, by: &Actor, id: OrderId, coming: &Coming) -> Result<(), Refusal> {
        by.needs(Permission::DecideUse)?;
        let order = self.store().authority_order(id).await?.ok_or_else(missing)?;
        what_of(&order).ok_or_else(missing)?;
        let now = self.now().utc;
        let row = match self.store().requests_of_order(id).await.map_err(StoreError::from)?.first() {
            Some(request) => self.store().request(*request).await?,
            None => None,
        };
        let granted = row.map(|row| current(row.state, now)).and_then(|state| match state {
            State::Granted { until, .. } => Some(until),
            _ => None,
        });
        let Some(until) = granted else {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "not_granted",
                Text::new("该申请没有有效的同意。", "There is no consent in force for this request."),
                Text::new("请先登记并由信息管理员决定。", "Enter it, and let a custodian decide."),
            ));
        };
        if !coming.is_whole() || coming.place.trim().is_empty() || coming.from < now || coming.to > until {
            let what = Text::of(
                format!("请填写地点，时间须在现在之后、同意的有效期 {} 之前。", until.desk()),
                format!("Enter the place; the time lies ahead and before {}, when the consent ends.", until.desk()),
            );
            return Err(bad("coming", what));
        }
        Ok(self.store().set_coming(id, coming, by.id, now).await?)
    }

    /// Makes the next answer to each person's own request of which rows and register say something that was not told yet.
    pub(crate) async fn tell_persons(&self) -> Result<(), StoreError> {
        let (now, mut after) = (self.now().utc, 0);
        loop {
            let page = self.store().persons_open(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            for order in &page {
                if let Some((answer, stage)) = self.told_now(order, now).await? {
                    let body = answer.body();
                    self.store().answer_again(order, (stage.code(), &body, &answer.clauses), now).await?;
                }
            }
        }
    }

    /// What is to be told now; `None` where it was told.
    async fn told_now(&self, order: &AuthorityOrder, now: UtcMs) -> Result<Option<(Answer, PersonStage)>, StoreError> {
        let Some(before) = order.answer.as_deref().and_then(Answer::read) else { return Ok(None) };
        let Some(last) = &before.person else { return Ok(None) };
        let Some(request) = self.store().requests_of_order(order.id).await?.first().copied() else { return Ok(None) };
        let Some(row) = self.store().request(request).await? else { return Ok(None) };
        let told = stage_of(&row, now);
        // While it is being shown the register goes on; what was seen is told when that is over. A consent that was ended early ends the showing.
        let is_shown_now =
            told.stage == PersonStage::Agreed && row.session.as_ref().is_some_and(|session| now < session.until);
        let seen = if is_shown_now { last.seen } else { self.store().registered_span(request, SEEN).await? };
        let seen = seen.map(|(begin, end)| (begin, end.max(begin)));
        let told = Told { seen, coming: self.store().coming(order.id).await?, ..told };
        if told == *last || !told.follows(last) {
            return Ok(None);
        }
        let stage = told.stage;
        let (ended, clauses) = match stage {
            PersonStage::Refused => (Ended::Refused, self.clauses_of_refusal(&row).await?),
            PersonStage::Over => (Ended::Done, before.clauses.clone()),
            _ => (before.ended, before.clauses.clone()),
        };
        Ok(Some((Answer { ended, clauses, person: Some(told), ..before }, stage)))
    }

    /// Refuses to go on with a request that was handed on and that the person took back since.
    ///
    /// # Errors
    /// `taken_back`, or the store.
    pub(super) async fn not_taken_back(&self, request: RequestId) -> Result<(), Refusal> {
        let Some(id) = self.store().order_of_request(request).await? else { return Ok(()) };
        let stage = self.store().authority_order(id).await?.and_then(|order| order.ended);
        if stage.is_none_or(|(stage, _)| stage != PersonStage::Withdrawn.code()) {
            return Ok(());
        }
        Err(Refusal::new(
            ErrorKind::Conflict,
            "taken_back",
            Text::new("申请人已经撤回这件申请。", "The person took this request back."),
            Text::new(
                "还没有决定的，请作不同意处理，理由写明申请人撤回，封存随之解除；已经同意的，请提前结束授权。",
                "Where it is not decided, refuse it and say so as the reason: what is held for it is let go. Where it was granted, end the grant.",
            ),
        ))
    }

    async fn clauses_of_refusal(&self, row: &RequestRow) -> Result<Vec<ClauseId>, StoreError> {
        let acts = self.store().acts_of_request(row.id).await?;
        let clauses = acts.iter().rfind(|act| act.kind == REFUSED).map(|act| act.clauses.clone()).unwrap_or_default();
        Ok(clauses.into_iter().map(ClauseId).take(domain::order::CLAUSES).collect())
    }

    /// The person took the request back: it is told, and nothing more is told or granted ([`Site::not_taken_back`]).
    pub(crate) async fn person_withdrew(&self, id: OrderId, reason: &str) -> Result<(), StoreError> {
        if reason != WITHDRAWN {
            return Ok(());
        }
        let Some(order) = self.store().authority_order(id).await? else { return Ok(()) };
        let Some(before) = order.answer.as_deref().and_then(Answer::read) else { return Ok(()) };
        let Some(last) = &before.person else { return Ok(()) };
        let now = self.now().utc;
        let told = Told { stage: PersonStage::Withdrawn, at: now, until: None, ..last.clone() };
        if !told.follows(last) {
            return Ok(());
        }
        let answer = Answer { person: Some(told), ..before };
        let body = answer.body();
        let stage = PersonStage::Withdrawn.code();
        self.store().answer_again(&order, (stage, &body, &answer.clauses), now).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_of_information::RELATIONS;
    use domain::viewing::{Application, Basis, Use};

    fn row(state: State, reason: &str) -> RequestRow {
        RequestRow {
            id: RequestId::from_bytes([1; 16]),
            number: "2026-000001".into(),
            applicant: base::AccountId::from_bytes([2; 16]),
            application: Application {
                basis: Basis::LifeHealthProperty,
                wanted: Use::View,
                case_number: String::new(),
                unit: String::new(),
                purpose: String::new(),
                cameras: vec![],
                from: UtcMs(0),
                to: UtcMs(1),
                letter: None,
                officers: vec![],
                under: None,
                own: None,
            },
            state,
            reason: reason.into(),
            decided_by: None,
            session: None,
            created: UtcMs(0),
        }
    }

    #[test]
    fn a_stage_is_read_from_the_row_and_a_consent_whose_time_ran_out_is_over() {
        let at = UtcMs(5);
        let granted = State::Granted { at, until: UtcMs(9) };
        let of = |state, now| stage_of(&row(state, ""), UtcMs(now)).stage;
        assert_eq!(of(State::Submitted { at }, 6), PersonStage::Entered);
        assert_eq!(of(granted, 8), PersonStage::Agreed);
        assert_eq!(of(granted, 9), PersonStage::Over);
        assert_eq!(of(State::Ended { at }, 6), PersonStage::Over);
        let refused = stage_of(&row(State::Refused { at }, &"理由\u{7}".repeat(REASON_CHARS)), UtcMs(6));
        assert_eq!(refused.stage, PersonStage::Refused);
        assert!(
            refused.is_whole() && refused.reason.expose().starts_with("理由理由"),
            "cut, and without signs that nobody reads"
        );
    }

    #[test]
    fn the_relations_of_a_request_have_words_for_its_purpose() {
        for (_, relation) in RELATIONS {
            let what = PersonOrder {
                number: "查阅〔2026〕1号".into(),
                asked: UtcMs(2),
                from: UtcMs(0),
                to: UtcMs(1),
                place: String::new(),
                relation,
                protects: Protects::Property,
                name: Pii::new("王五".into()),
                contact: Pii::new(String::new()),
                concerned: Pii::new("王小五".into()),
                why: Pii::new("孩子走失".into()),
                clauses: vec![],
                salt: String::new(),
            };
            let purpose = purpose_of(&what);
            assert!(purpose.contains(&*relation_name(relation).zh) && !purpose.contains("王"), "{purpose}");
        }
    }
}
