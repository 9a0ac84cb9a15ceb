//! A person asks a unit to see its footage (Order 799 art. 21) through this server: taken in, handed on, answered; decided by the unit alone.
//!
//! ```text
//! form ─▶ faults, limits ─▶ domain::sought: which connected site ─┬─ one, or chosen: request, number and order `person`, one transaction
//!                                                               ├─ several: asked which, at most five
//!                                                               └─ none: said before anything is taken in; sent all the same: request and number,
//!                                                                  the person goes there with a letter, nothing is held
//! site's answers ─▶ what the person reads ─▶ the last one releases what is held for it
//! daily ─▶ erase_relays: what was over [`KEPT_DAYS`] days ago names nobody any more
//! ```
//! Always true: the authority decides nothing of it, and its people read none of it; the same form sent twice is one request; nobody is given a
//! list of sites, only those that are like what they typed; while a site is away the order waits for it. Own limits: [`OPEN`], [`A_DAY`].
//! Crash table: request, number and order are one transaction (`store::relays`), and who saw no receipt sends the same form again, which is the same
//! request; an answer that was stored without what follows from it has no receipt, so the site sends it again and it follows then (`orders`); an
//! erasing that was cut off is done by the next day's work.

use crate::cases::Meant;
use crate::{Authority, By};
use base::limits::{NAME_CHARS, REQUEST_RANGE_MS};
use base::time::DAY_MS;
use base::{CivilDate, ClauseId, ErrorKind, OrderId, Pii, Refusal, SiteId, Text, UtcMs};
use domain::access::Permission;
use domain::order::{
    Answer, ENTERED_WITHIN, OVER, Order, PERSON, PersonOrder, PersonStage, Protects, ReleaseOrder, WHY_CHARS, WITHDRAWN,
};
use domain::sought::Words;
use law::Relation;
use store::StoreError;
use store::casework::parties::{PartyData, Person};
use store::peers::PeerState;
use store::relays::{NewRelay, RelayLimits, RelayRow, RelaySaved};
use store::site_orders::NewOrder;

/// Requests of one account that are handed on and not over. Own limit: each holds footage on somebody else's disk.
pub const OPEN: u32 = 3;
/// Requests that one account makes within a day. Own limit.
pub const A_DAY: u32 = 5;
/// How long the words of a request stay when it is over, or was taken in where no unit has it. Own limit, no longer than needed (Personal
/// Information Protection Law art. 19): half a year, in which who asked may show the receipt and complain of the unit.
pub const KEPT_DAYS: i64 = 180;
/// Requests that are erased in one transaction: acts of people wait no longer.
const ERASED_AT_ONCE: u32 = 50;
/// The clause of this way.
const CLAUSE: &str = "799-21";
/// Fewest letters of why the footage is asked for.
const LEAST_WHY: usize = 5;
/// Most characters of a unit, a place, a spot.
pub const PLACE_CHARS: usize = 120;

/// Which of the sites that were offered is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SiteChoice {
    /// Nobody was asked yet.
    Unasked,
    /// None of them; also: no site was found, and the person goes on knowing that nobody is told.
    NoneOfThem,
    /// This one.
    This(SiteId),
}

/// What a person fills in.
#[derive(Clone, Debug)]
pub struct RelayForm {
    /// Their name.
    pub name: Pii<String>,
    /// Where they are reached.
    pub contact: Pii<String>,
    /// Who they are to the person concerned.
    pub relation: Option<Relation>,
    /// The person concerned, where it is another one.
    pub concerned: Pii<String>,
    /// What is to be protected.
    pub protects: Option<Protects>,
    /// What happened and what is looked for.
    pub why: Pii<String>,
    /// The unit; may be empty.
    pub unit: String,
    /// The place.
    pub place: String,
    /// The camera or the spot; may be empty.
    pub spot: String,
    /// The division of the place; may be empty.
    pub division: String,
    /// Begin of the footage.
    pub from: Option<UtcMs>,
    /// End of it.
    pub to: Option<UtcMs>,
    /// Which site is meant.
    pub site: SiteChoice,
}

/// A request as its person reads it.
#[derive(Clone, Debug)]
pub struct RelayView {
    /// As kept.
    pub row: RelayRow,
    /// What was asked.
    pub what: PersonOrder,
    /// Name of the site; empty: none is connected, the person goes there with a letter.
    pub site: String,
    /// The site is no longer connected.
    pub is_cut: bool,
    /// What the site answered last, and when.
    pub answer: Option<(Answer, UtcMs)>,
}

impl RelayView {
    /// Nobody at the unit has it, and nobody will: the person goes there with a letter.
    #[must_use]
    pub fn needs_letter(&self) -> bool {
        let not_taken = self.answer.as_ref().is_some_and(|(answer, _)| answer.person.is_none());
        self.row.site.is_none() || not_taken || (self.is_cut && self.row.ended.is_none())
    }
}

fn bad(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Refusal {
    let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
    Refusal::bad_input(code, Text::of(zh, en), next)
}

fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// What is wrong with who asks, and for whom.
fn persons_of(form: &RelayForm, faults: &mut Vec<Refusal>) {
    let line = |text: &Pii<String>, needed: bool| {
        let text = text.expose().trim();
        is_line(text, NAME_CHARS) && (!needed || !text.is_empty())
    };
    if !line(&form.name, true) {
        faults.push(bad("name", "请填写您的姓名。", "Type your name."));
    }
    if !line(&form.contact, true) {
        faults.push(bad("contact", "请填写单位能联系到您的电话。", "Type a telephone on which the unit reaches you."));
    }
    if form.relation.is_none() {
        faults.push(bad("relation", "请选择您与当事人的关系。", "Choose who you are to the person concerned."));
    }
    let another = form.relation.is_some_and(|relation| relation != Relation::Person);
    if !line(&form.concerned, another) {
        faults.push(bad(
            "concerned",
            "替他人申请的，请填写当事人姓名。",
            "Where you ask for another one, type the name of the person concerned.",
        ));
    }
    if form.protects.is_none() {
        faults.push(bad("protects", "请选择为了保护什么。", "Choose what it is to protect."));
    }
    let why = form.why.expose().trim();
    let is_sound = why.chars().all(|c| !c.is_control() || c == '\n' || c == '\r');
    if letters(why) < LEAST_WHY || why.chars().count() > WHY_CHARS || !is_sound {
        faults.push(bad(
            "why",
            format!("请写明发生了什么、与您有什么关系，至多{WHY_CHARS}字。"),
            format!("Say what happened and what it has to do with you, at most {WHY_CHARS} characters."),
        ));
    }
}

/// What is wrong with place and time; the time where it is right.
fn footage_of(form: &RelayForm, now: UtcMs, faults: &mut Vec<Refusal>) -> Option<(UtcMs, UtcMs)> {
    if letters(&form.place) == 0 || !is_line(&form.place, PLACE_CHARS) {
        faults.push(bad("place", "请填写地点。", "Type the place."));
    }
    for (field, text) in [("unit", &form.unit), ("spot", &form.spot)] {
        if !is_line(text, PLACE_CHARS) {
            faults.push(bad(
                field,
                format!("至多{PLACE_CHARS}字，写在一行。"),
                format!("At most {PLACE_CHARS} characters on one line."),
            ));
        }
    }
    let (Some(from), Some(to)) = (form.from, form.to) else {
        let field = if form.from.is_none() { "from" } else { "to" };
        faults.push(bad(field, "请填写起止时间。", "Enter from when until when."));
        return None;
    };
    let length_ms = to.since(from);
    if !(1..=REQUEST_RANGE_MS).contains(&length_ms) {
        let days = REQUEST_RANGE_MS / DAY_MS;
        faults.push(bad(
            "to",
            format!("结束时间须晚于开始时间，且不超过{days}天。"),
            format!("The end must be after the begin, at most {days} days."),
        ));
    } else if to > now {
        faults.push(bad("to", "不能申请尚未发生的时间段。", "The time lies in the future."));
    }
    Some((from, to))
}

/// Its words are gone.
fn erased(number: &str) -> Refusal {
    Refusal::new(
        ErrorKind::NotFound,
        "relay_erased",
        Text::of(
            format!("查阅申请 {number} 已过保存期（办结后{KEPT_DAYS}天），其中的个人信息已依法删除。"),
            format!(
                "Request {number} is past its term ({KEPT_DAYS} days after it was over): what it said of persons was erased."
            ),
        ),
        Text::new("仍要查阅的，请重新提出申请。", "If you still want to see footage, make a new request."),
    )
}

/// Nobody would get it: said before it is sent, so that nobody believes that footage is held.
fn no_site() -> Refusal {
    Refusal::bad_input(
        "no_site",
        Text::new(
            "已接入的单位中没有与您填写的相符的：现在提交，没有单位收到，也没有录像被封存。",
            "No connected unit is like what you typed: sent now, no unit gets it and no footage is held.",
        ),
        Text::new(
            "请核对单位名称（招牌上的全称，中文或者英文）后再提交；确认没有的，请在下面选择仍然提交。",
            "Check the name (the whole one of the sign, Chinese or English) and send it again; else choose below to send it all the same.",
        ),
    )
}

fn too_many(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::TooMany, code, what, next)
}

/// Why a request was not taken in.
fn not_saved(saved: &RelaySaved) -> Refusal {
    match saved {
        RelaySaved::TooManyOpen => too_many(
            "too_many_open",
            Text::of(
                format!("您已有{OPEN}件转交单位、还没有办结的申请。"),
                format!("{OPEN} of your requests are with units and not over."),
            ),
            Text::new("请等其中一件办结，或者撤回一件。", "Wait until one is over, or take one back."),
        ),
        RelaySaved::TooManyToday => too_many(
            "too_many_today",
            Text::of(format!("一天之内至多提交{A_DAY}件。"), format!("At most {A_DAY} requests a day.")),
            Text::new("请明天再提交，或者直接向单位当面提出。", "Send it tomorrow, or ask the unit in person."),
        ),
        _ => bad("again", "这张表单不能再用。", "This form cannot be used again."),
    }
}

fn request_of(form: &RelayForm, (from, to): (UtcMs, UtcMs), asked: UtcMs, salt: String) -> PersonOrder {
    let trimmed = |text: &Pii<String>| Pii::new(text.expose().trim().to_owned());
    let relation = form.relation.unwrap_or(Relation::Other);
    let parts = [&form.unit, &form.place, &form.spot].map(|part| part.trim());
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let concerned = if relation == Relation::Person { Pii::new(String::new()) } else { trimmed(&form.concerned) };
    PersonOrder {
        number: String::new(),
        asked,
        from,
        to,
        place: parts.join(" "),
        relation,
        protects: form.protects.unwrap_or(Protects::Property),
        name: trimmed(&form.name),
        contact: trimmed(&form.contact),
        concerned,
        why: Pii::new(form.why.expose().trim().replace('\r', "")),
        clauses: vec![ClauseId::new(CLAUSE)],
        salt,
    }
}

fn order_of(id: OrderId, site: SiteId, what: PersonOrder) -> NewOrder {
    let text = Text::of(
        format!("向使用单位转交个人查阅申请 {}。", what.number),
        format!("Request {} of a person is handed on to a site.", what.number),
    );
    let (clauses, order) = (what.clauses.clone(), Order::Person(what));
    NewOrder { id, site, kind: order.kind(), body: order.body(), clauses, text }
}

impl Authority {
    /// Who asks: the person of the account.
    ///
    /// # Errors
    /// No permission, `not_a_person` (the account has no party, or a unit's), or the store.
    pub async fn relay_person(&self, by: By) -> Result<Person, Refusal> {
        let account = by.needs(Permission::Apply)?;
        let party = match self.store().party_of(account).await? {
            Some(party) => self.store().party(party).await?,
            None => None,
        };
        match party.map(|row| row.data) {
            Some(PartyData::Person(person)) => Ok(person),
            _ => Err(Refusal::new(
                ErrorKind::Forbidden,
                "not_a_person",
                Text::new(
                    "这一途径只供自然人申请，用个人的账号。",
                    "This way is for natural persons, with an account of their own.",
                ),
                Text::new(
                    "请用登记为个人的账号，或者直接向单位提出。",
                    "Use an account of a person, or ask the unit itself.",
                ),
            )),
        }
    }

    /// The connected sites that a form may mean.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn relay_sites(&self, by: By, form: &RelayForm) -> Result<Meant, Refusal> {
        by.needs(Permission::Apply)?;
        self.meant_by(&Words { unit: &form.unit, place: &form.place, division: &form.division }).await
    }

    /// The site that a form is handed on to; `which_site` where several may be meant and nobody was asked, `no_site` where none is and nobody was
    /// told.
    async fn site_of(&self, by: By, form: &RelayForm) -> Result<Option<SiteId>, Refusal> {
        let meant = self.relay_sites(by, form).await?;
        match form.site {
            SiteChoice::This(site) if meant.near.iter().any(|(near, _)| *near == site) => Ok(Some(site)),
            SiteChoice::NoneOfThem if meant.sure.is_none() => Ok(None),
            _ if meant.sure.is_some() => Ok(meant.sure),
            _ if meant.near.is_empty() => Err(no_site()),
            _ => Err(bad(
                "which_site",
                "有几个已接入的单位与您填写的相近，请选择是哪一个；都不是的，请选“都不是”。",
                "Several connected units are like what you typed: choose which it is, or none of them.",
            )),
        }
    }

    /// Takes a person's request in and hands it on. `id` is that of the form: sent twice it is one request. The site decides; this server does not.
    ///
    /// # Errors
    /// No permission, `not_a_person`; all defects of the form at once (`name`, `contact`, `relation`, `concerned`, `protects`, `why`, `unit`,
    /// `place`, `spot`, `from`, `to`); `which_site`, `no_site`; `too_many_open`, `too_many_today`, `again`; or the store.
    pub async fn relay(&self, by: By, id: OrderId, form: &RelayForm) -> Result<RelayRow, Vec<Refusal>> {
        let one = |refusal: Refusal| vec![refusal];
        self.relay_person(by).await.map_err(one)?;
        let now = self.now();
        let mut faults = Vec::new();
        persons_of(form, &mut faults);
        let time = footage_of(form, now, &mut faults);
        let Some(time) = time.filter(|_| faults.is_empty()) else { return Err(faults) };
        let site = self.site_of(by, form).await.map_err(one)?;
        let party = self.store().party_of(by.account).await.map_err(|e| one(e.into()))?;
        let Some(party) = party else { return Err(vec![Refusal::not_found("该当事人", "party")]) };
        let salt: [u8; 16] = store::keys::random().map_err(|e| one(StoreError::from(e).into()))?;
        let what = request_of(form, time, now, base::hex(&salt));
        let clauses = what.clauses.clone();
        let new = NewRelay { id, account: by.account, party, site, clauses };
        let build = move |number: &str| {
            let what = PersonOrder { number: number.to_owned(), ..what };
            let body = Order::Person(what.clone()).body();
            (body, site.map(|site| order_of(id, site, what)))
        };
        let limits = RelayLimits { open: OPEN, a_day: A_DAY };
        let saved = self.store().add_relay(&new, limits, build, now).await.map_err(|e| one(e.into()))?;
        match saved {
            RelaySaved::Done(row) | RelaySaved::Again(row) => Ok(row),
            other => Err(vec![not_saved(&other)]),
        }
    }

    async fn relay_seen(&self, row: RelayRow) -> Result<Option<RelayView>, Refusal> {
        let Some(Order::Person(what)) = Order::read(PERSON, &row.body) else { return Ok(None) };
        let peer = match row.site {
            Some(site) => self.store().peer(site).await?,
            None => None,
        };
        let result = self.store().newest_result(row.id).await?;
        let is_cut = row.site.is_some() && !peer.as_ref().is_some_and(|p| p.state == PeerState::Admitted);
        Ok(Some(RelayView {
            what,
            site: peer.map(|p| p.name).unwrap_or_default(),
            is_cut,
            answer: result.and_then(|r| Some((Answer::read(&r.body)?, r.at))),
            row,
        }))
    }

    /// The requests of an account, the newest first, at most `store::relays::RELAYS`; without those that were erased.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn relays(&self, by: By) -> Result<Vec<RelayView>, Refusal> {
        let account = by.needs(Permission::Apply)?;
        let mut out = Vec::new();
        for row in self.store().relays_of(account).await? {
            out.extend(self.relay_seen(row).await?);
        }
        Ok(out)
    }

    /// One request of the account.
    ///
    /// # Errors
    /// No permission, `not_found`, `relay_erased`, or the store.
    pub async fn relay_view(&self, by: By, id: OrderId) -> Result<RelayView, Refusal> {
        let account = by.needs(Permission::Apply)?;
        let missing = || Refusal::not_found("该申请", "request");
        let row = self.store().relay(id, account).await?.ok_or_else(missing)?;
        if row.is_erased() {
            return Err(erased(&row.number));
        }
        self.relay_seen(row).await?.ok_or_else(missing)
    }

    /// The last day on which the unit enters the request in time, by our own rule; `None`: it was entered, is over, or nobody has it.
    #[must_use]
    pub fn entered_by(&self, view: &RelayView) -> Option<CivilDate> {
        let person = view.answer.as_ref().and_then(|(answer, _)| answer.person.as_ref());
        let waits = person.is_none_or(|told| told.stage == PersonStage::Held);
        if !waits || view.row.ended.is_some() || view.needs_letter() {
            return None;
        }
        let rule = self.gate().packs().own_rule(ENTERED_WITHIN)?;
        Some(rule.last_day(view.row.at.shanghai_date()))
    }

    /// The person takes the request back: what is held for it is let go.
    ///
    /// # Errors
    /// No permission, `not_found`, `relay_erased`, `relay_over`, or the store.
    pub async fn withdraw_relay(&self, by: By, id: OrderId) -> Result<(), Refusal> {
        let view = self.relay_view(by, id).await?;
        let release = match view.row.site {
            Some(site) => Some(self.release_of(&view.row.number, (id, site), WITHDRAWN)?),
            None => None,
        };
        if self.store().end_relay(id, release.as_ref(), (WITHDRAWN, Some(by.account)), self.now()).await? {
            return Ok(());
        }
        Err(Refusal::new(
            ErrorKind::Conflict,
            "relay_over",
            Text::new("这件申请已经办结或者撤回。", "This request is over, or was taken back."),
            Text::new("请刷新页面查看。", "Reload the page."),
        ))
    }

    /// Erases what requests say of persons whose term is over; how many there were.
    ///
    /// # Errors
    /// The store; what is erased stays erased.
    pub async fn erase_relays(&self) -> Result<usize, Refusal> {
        let now = self.now();
        let (before, mut all) = (now.plus_ms(-KEPT_DAYS * DAY_MS), 0);
        loop {
            match self.store().erase_relays(before, ERASED_AT_ONCE, now).await? {
                0 => return Ok(all),
                some => all += some,
            }
        }
    }

    fn release_of(&self, number: &str, (id, site): (OrderId, SiteId), reason: &str) -> Result<NewOrder, Refusal> {
        let clauses = vec![ClauseId::new(CLAUSE)];
        let order = Order::Release(ReleaseOrder {
            case: number.to_owned(),
            order: id,
            reason: reason.to_owned(),
            clauses: clauses.clone(),
        });
        let text = Text::of(
            format!("查阅申请 {number} 办结或者撤回：通知使用单位解除封存。"),
            format!("Request {number} is over or was taken back: the site is told to release the footage."),
        );
        let id = self.store().new_order_id(self.now())?;
        Ok(NewOrder { id, site, kind: order.kind(), body: order.body(), clauses, text })
    }

    /// What follows from what a site answered: after the last answer the footage is let go; a site that does not know such a request never had it.
    pub(crate) async fn relay_answered(&self, site: SiteId, said: &Answer) -> Result<(), Refusal> {
        let order = self.store().site_order(said.order).await?;
        let Some(order) = order.filter(|o| o.site == site && o.kind == PERSON) else { return Ok(()) };
        let now = self.now();
        match &said.person {
            Some(told) if told.stage.is_last() => {
                let number = Order::read(&order.kind, &order.body).map(|o| o.case().to_owned()).unwrap_or_default();
                let release = self.release_of(&number, (order.id, site), OVER)?;
                self.store().end_relay(order.id, Some(&release), (told.stage.code(), None), now).await?;
            }
            Some(_) => {}
            None => {
                self.store().end_relay(order.id, None, ("not_taken", None), now).await?;
            }
        }
        Ok(())
    }
}
