//! A person asks a unit to see its footage through this server: the form, the receipt with how it stands, the letter, taking it back.
//!
//! ```text
//! GET, POST /apply/footage          ─▶ Authority::relay ─▶ /my/footage/{id}; several sites are like it, or none: the form again, with a choice
//! GET  /my/footage/{id}             ─▶ Authority::relay_view ─▶ number, time, what the unit answered · a letter where no unit has it
//! POST /my/footage/{id}/withdraw    ─▶ Authority::withdraw_relay
//! ```
//! Always true: nothing is called held before the unit has said so; the form sent twice is one request; only the account that asked sees it.

use super::ask::{Wrong, both};
use super::footage::kept_until;
use super::held_unit::may_ask;
use super::inbox::{by, of};
use super::newcomer::unjoined;
use crate::answer::{Reply, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::apply::MyCaseLine;
use crate::pages::ask::Shown;
use crate::pages::public::PublicNav;
use crate::pages::relays::{RelayComing, RelayFormPage, RelayPage, RelayTyped};
use crate::pages::{Choice, Mark, Nav, State};
use authority::{RelayForm, RelayView, SiteChoice};
use base::time::DAY_MS;
use base::{CivilDate, ClauseId, ErrorKind, OrderId, Refusal, SiteId, Text, UtcMs, limits};
use domain::order::{Answer, PersonStage, Protects, WHY_CHARS};
use law::Relation;
use site::use_of_information::{RELATIONS, relation_name};

/// The clauses of this way: who may see it, and how long footage of public places is kept.
const CLAUSES: [&str; 2] = ["799-21", "799-17"];
/// Address of the form.
const FORM: &str = "/apply/footage";
/// Form value of none of the sites that were offered.
const NONE: &str = "none";
const MINUTE_MS: i64 = 60_000;
/// What is to be protected, with the words of the form.
const PROTECTS: [(&str, Protects); 2] = [("life_health", Protects::LifeHealth), ("property", Protects::Property)];

const fn protects_name(protects: Protects) -> Text {
    match protects {
        Protects::LifeHealth => Text::new("生命健康", "life or health"),
        Protects::Property => Text::new("财产安全", "property"),
    }
}

/// Who may ask in this way: the person, near relatives, guardians.
fn offered_relations() -> impl Iterator<Item = (&'static str, Relation)> {
    RELATIONS.into_iter().filter(|(_, is)| *is != Relation::Other)
}

fn form_of(call: &Call) -> RelayForm {
    let f = &call.form;
    let instant = |name: &str| UtcMs::parse_shanghai(f.get(name)).filter(|t| (0..=253_402_300_799_999).contains(&t.0));
    let site = match f.get("site") {
        "" => SiteChoice::Unasked,
        NONE => SiteChoice::NoneOfThem,
        id => SiteId::parse(id).map_or(SiteChoice::Unasked, SiteChoice::This),
    };
    RelayForm {
        name: f.secret("name"),
        contact: f.secret("contact"),
        relation: offered_relations().find(|(word, _)| *word == f.get("relation")).map(|(_, is)| is),
        concerned: f.secret("concerned"),
        protects: PROTECTS.iter().find(|(word, _)| *word == f.get("protects")).map(|(_, is)| *is),
        why: f.secret("why"),
        unit: f.get("unit").to_owned(),
        // Where within it is asked with the place: two fields for it were filled in with the same words.
        place: f.get("place").to_owned(),
        spot: String::new(),
        division: String::new(),
        from: instant("from"),
        to: instant("to"),
        site,
    }
}

/// That it is sent although nobody gets it.
fn all_the_same(chosen: bool) -> Choice {
    let name = Text::new(
        "仍然提交：给我回执和申请书，我自己当面交给单位",
        "Send it all the same: I get a receipt and a letter, and hand it to the unit myself",
    );
    Choice::new(NONE, name, chosen)
}

/// The sites that the form may mean, and none of them, to choose from; where it means none, `no_site` was told and it is sent all the same.
async fn near(call: &Call, form: &RelayForm, no_site: bool) -> Result<Vec<Choice>, Refusal> {
    let chosen = call.form.get("site");
    let meant = of(call)?.relay_sites(by(call)?, form).await?;
    let found = meant.near;
    if found.is_empty() {
        let is_chosen = chosen == NONE && meant.sure.is_none();
        return Ok(if no_site || is_chosen { vec![all_the_same(is_chosen)] } else { Vec::new() });
    }
    let one = |(site, name): (SiteId, String)| {
        let id = site.to_string();
        Choice::new(&id, Text::of(name.clone(), name), id == chosen)
    };
    let none = Choice::new(NONE, Text::new("都不是", "none of them"), chosen == NONE);
    Ok(found.into_iter().map(one).chain([none]).collect())
}

async fn form_page(call: &Call, mut wrong: Wrong, near: Vec<Choice>) -> Result<RelayFormPage, Refusal> {
    let person = of(call)?.relay_person(by(call)?).await?;
    let (f, first) = (&call.form, !call.form.has("form"));
    let offered =
        |name: &str, own: &base::Pii<String>| Shown(if first { own.expose().clone() } else { f.get(name).to_owned() });
    let relation = f.get("relation");
    let relations = offered_relations().map(|(word, is)| Choice::new(word, relation_name(is), word == relation));
    let protects = PROTECTS.iter().map(|(word, is)| Choice::new(word, protects_name(*is), *word == f.get("protects")));
    // A form that cannot be sent again comes back as a new one with the same words.
    let is_used = wrong.errors.of("again").is_some();
    let id = match OrderId::parse(f.get("form")).filter(|_| !is_used) {
        Some(id) => id,
        None => call.site().store().new_order_id(call.now())?,
    };
    let packs = call.site().gate().packs();
    let mut bar = call.bar(Nav::None).await?;
    wrong.on(&mut bar);
    Ok(RelayFormPage {
        l: call.lang,
        bar,
        at: PublicNav::Services,
        errors: wrong.errors,
        to_nobody: near.first().is_some_and(|one| one.value == NONE),
        form: id.to_string(),
        relations: relations.collect(),
        protects: protects.collect(),
        near,
        typed: RelayTyped {
            name: offered("name", &person.name),
            contact: offered("contact", &person.phone),
            concerned: Shown(f.get("concerned").to_owned()),
            why: Shown(f.raw("why").to_owned()),
            unit: f.get("unit").to_owned(),
            place: f.get("place").to_owned(),
            from: f.get("from").to_owned(),
            to: f.get("to").to_owned(),
        },
        clauses: packs.cite(&ClauseId::new(CLAUSES[0])).into_iter().collect(),
        range_days_max: u32::try_from(limits::REQUEST_RANGE_MS / DAY_MS).unwrap_or(u32::MAX),
        why_chars_max: WHY_CHARS,
    })
}

/// `GET /apply/footage`.
pub(crate) async fn new(call: Call) -> Reply {
    if let Some(there) = unjoined(&call, FORM).await? {
        return Ok(there);
    }
    page(&form_page(&call, Wrong::none(), Vec::new()).await?)
}

/// The form with what was typed, and why it is not taken in now.
async fn not_now(call: &Call, refusal: &Refusal) -> Reply {
    let mut wrong = Wrong::form();
    wrong.status = status(refusal);
    wrong.errors.push("unit", both(&refusal.what, &refusal.next));
    page_with(wrong.status, &form_page(call, wrong, Vec::new()).await?)
}

/// `POST /apply/footage`: `form`, `name`, `contact`, `relation`, `concerned`, `protects`, `why`, `unit`, `place`, `from`, `to`, `site`.
pub(crate) async fn send(call: Call) -> Reply {
    let form = form_of(&call);
    let id = OrderId::parse(call.form.get("form")).ok_or_else(no_page)?;
    if let Err(refusal) = may_ask(&call) {
        return not_now(&call, &refusal).await;
    }
    let refusals = match of(&call)?.relay(by(&call)?, id, &form).await {
        Ok(row) => return call.done(&format!("/my/footage/{}", row.id), "relay_taken"),
        Err(refusals) => refusals,
    };
    // What no field can help with is told by itself; what only has to wait is told above what was typed.
    if let Some(refusal) = refusals.iter().find(|r| r.kind != ErrorKind::BadInput) {
        let waits = refusal.kind == ErrorKind::TooMany;
        return if waits { not_now(&call, refusal).await } else { Err(refusal.clone()) };
    }
    let mut wrong = Wrong::form();
    for refusal in &refusals {
        let field =
            if matches!(refusal.code.as_str(), "which_site" | "no_site") { "site" } else { refusal.code.as_str() };
        wrong.errors.push(field, both(&refusal.what, &refusal.next));
    }
    let near = near(&call, &form, refusals.iter().any(|r| r.code == "no_site")).await?;
    page_with(wrong.status, &form_page(&call, wrong, near).await?)
}

/// How far it is, by the newest answer; a request that its person took back is that, whatever was answered before.
fn state(view: &RelayView) -> State {
    let told = view.answer.as_ref().map(|(answer, _)| answer.person.as_ref());
    let stage = told.map(|told| told.map(|told| (told.stage, told.seen.is_some())));
    let is_over = view.row.ended.is_some();
    match stage {
        _ if view.row.site.is_none() => {
            State::new(Mark::Attention, "请持申请书到单位提出", "take the letter to the unit")
        }
        Some(None) => State::new(Mark::Warning, "单位不能接收，请当面提出", "the unit cannot take it: ask there"),
        Some(Some((PersonStage::Refused, _))) => {
            State::new(Mark::Warning, "单位不同意查阅", "the unit does not consent")
        }
        Some(Some((PersonStage::Over, true))) => State::new(Mark::Ok, "已查阅，已办结", "seen, and over"),
        Some(Some((PersonStage::Over, false))) => State::new(Mark::Off, "同意已过期，没有查阅", "over, not seen"),
        Some(Some((PersonStage::Withdrawn, _))) => State::new(Mark::Off, "已撤回", "taken back"),
        _ if is_over => State::new(Mark::Off, "已撤回", "taken back"),
        _ if view.is_cut => State::new(Mark::Warning, "该单位已断开，请当面提出", "the unit is no longer connected"),
        None => State::new(Mark::Busy, "等待单位接收", "waits for the unit"),
        Some(Some((PersonStage::Held, _))) => State::new(Mark::Busy, "单位已收到，等待登记", "the unit has it"),
        Some(Some((PersonStage::Entered, _))) => State::new(Mark::Busy, "单位正在决定", "the unit decides"),
        Some(Some((PersonStage::Agreed, true))) => State::new(Mark::Ok, "已查阅", "seen"),
        Some(Some((PersonStage::Agreed, false))) => State::new(Mark::Ok, "单位同意查阅", "the unit consents"),
    }
}

/// Whether it is held, by what the unit said; nothing is said of footage of which it said nothing.
fn held(view: &RelayView) -> Text {
    let Some((answer, _)) = &view.answer else {
        return Text::new(
            "还没有封存：该单位还没有收到。单位暂时没有连接的，本系统保留这件申请并自动重发，收到后自动封存录像。",
            "Nothing is held yet: the unit does not have it. While the unit is away this system keeps the request and sends it again by itself; the footage is held when it comes.",
        );
    };
    let over = view.row.ended.is_some();
    match answer.from.zip(answer.to) {
        Some(_) if over => Text::new("封存已经解除。", "It is no longer held."),
        Some((from, to)) => held_words(answer, (from, to)),
        None => Text::new("单位答复：没有可以封存的录像。", "The unit says that there is nothing to hold."),
    }
}

fn held_words(answer: &Answer, (from, to): (UtcMs, UtcMs)) -> Text {
    let minutes = answer.footage_ms() / MINUTE_MS;
    let (from, to) = (from.desk(), to.desk());
    Text::of(
        format!("单位已经封存 {from} 至 {to} 的录像，现有约{minutes}分钟；作出答复前不会到期删除。"),
        format!(
            "The unit holds the footage from {from} to {to}, about {minutes} {}; it is not deleted before the answer.",
            base::text::plural(minutes, "minute", "minutes")
        ),
    )
}

/// By when the unit enters it, and once that day is over what the person can do; `last`: none where it is entered, over, or nobody has it.
fn term(last: Option<CivilDate>, today: CivilDate) -> Text {
    let Some(day) = last else { return Text::default() };
    if today <= day {
        return Text::of(
            format!("单位应在{day}以前（含当日）登记您的申请。这是本系统自己的时限，法律没有规定天数。"),
            format!(
                "The unit is to enter your request by {day}. That is a time of this system; the law names no number of days."
            ),
        );
    }
    Text::of(
        format!(
            "单位到{day}还没有登记您的申请（本系统自己的时限，不是法定期限）。您可以：打印本页，当面请该单位登记并签收；到公安机关窗口反映或者网上投诉；\
             不再需要的，撤回申请，封存随之解除。"
        ),
        format!(
            "The unit did not enter your request by {day}; that is a time of this system, not of law. You can print this page, take it to the unit and \
             let it sign; tell the counter of the police, or complain here; or take the request back, with which the footage is let go."
        ),
    )
}

fn span((from, to): (UtcMs, UtcMs)) -> String {
    format!("{} — {}", from.desk(), to.desk())
}

/// `GET /my/footage/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    let id = OrderId::parse(call.param(0)).ok_or_else(no_page)?;
    let view = of(&call)?.relay_view(by(&call)?, id).await?;
    let packs = call.site().gate().packs();
    let (what, answer) = (&view.what, view.answer.as_ref());
    let told = answer.and_then(|(answer, _)| answer.person.as_ref());
    let cite = |clause: &ClauseId| packs.cite(clause);
    let coming = told.and_then(|told| told.coming.as_ref());
    let (last, today) = (of(&call)?.entered_by(&view), call.now().shanghai_date());
    page(&RelayPage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        at: PublicNav::Mine,
        id: id.to_string(),
        number: view.row.number.clone(),
        asked: view.row.at,
        site: view.site.clone(),
        place: what.place.clone(),
        span: span((what.from, what.to)),
        name: Shown(what.name.expose().clone()),
        contact: Shown(what.contact.expose().clone()),
        relation: relation_name(what.relation),
        concerned: Shown(what.concerned.expose().clone()),
        protects: protects_name(what.protects),
        why: Shown(what.why.expose().clone()),
        state: state(&view),
        held: held(&view),
        term: term(last, today),
        late: last.is_some_and(|day| day < today),
        answered: answer.map(|(_, at)| *at),
        number_there: told.map(|told| told.number.clone()).unwrap_or_default(),
        until: told.and_then(|told| told.until),
        coming: coming.map(|c| RelayComing { span: span((c.from, c.to)), place: c.place.clone() }),
        seen: told.and_then(|told| told.seen).map(span).unwrap_or_default(),
        reason: Shown(told.map(|told| told.reason.expose().clone()).unwrap_or_default()),
        because: answer.map(|(a, _)| a.clauses.iter().filter_map(cite).collect()).unwrap_or_default(),
        said: answer.map(|(a, _)| a.said.clone()).unwrap_or_default(),
        letter: view.needs_letter(),
        kept_until: kept_until(packs, what.from.shanghai_date()).unwrap_or_default(),
        may_withdraw: view.row.ended.is_none() && view.row.site.is_some(),
        clauses: CLAUSES.iter().filter_map(|clause| packs.cite(&ClauseId::new(clause))).collect(),
    })
}

/// `POST /my/footage/{id}/withdraw`.
pub(crate) async fn withdraw(call: Call) -> Reply {
    let id = OrderId::parse(call.param(0)).ok_or_else(no_page)?;
    of(&call)?.withdraw_relay(by(&call)?, id).await?;
    call.done(&format!("/my/footage/{id}"), "relay_withdrawn")
}

/// The requests of the account as lines of its cases, the newest first.
pub(super) async fn lines(call: &Call) -> Result<Vec<MyCaseLine>, Refusal> {
    let (authority, today) = (of(call)?, call.now().shanghai_date());
    let line = |view: RelayView| MyCaseLine {
        href: format!("/my/footage/{}", view.row.id),
        receipt: view.row.number.clone(),
        service: Text::new("向单位申请查阅录像", "Request to a unit to see footage"),
        subject: Shown(view.what.place.clone()),
        state: state(&view),
        promised: String::new(),
        todo: if view.needs_letter() {
            Text::new("请把申请书交给单位", "take the letter to the unit")
        } else if authority.entered_by(&view).is_some_and(|day| day < today) {
            Text::new("单位没有按时登记，请看可以怎么办", "the unit did not enter it in time: see what you can do")
        } else {
            Text::default()
        },
        at: view.row.at,
    };
    Ok(authority.relays(by(call)?).await?.into_iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, Pii};
    use domain::order::{Ended, PersonOrder, Told};
    use store::relays::RelayRow;

    fn view(stage: Option<PersonStage>) -> RelayView {
        let id = OrderId::from_bytes([1; 16]);
        let told = |stage| Answer {
            person: Some(Told::at(stage, UtcMs(5))),
            ..Answer::plain(id, Ended::Done, Vec::new(), Vec::new())
        };
        RelayView {
            row: RelayRow {
                id,
                number: "查阅〔2026〕1号".into(),
                account: AccountId::from_bytes([2; 16]),
                at: UtcMs(1),
                site: Some(SiteId::new(1, [1; 10])),
                body: Vec::new(),
                ended: None,
                entry: 1,
            },
            what: PersonOrder {
                number: "查阅〔2026〕1号".into(),
                asked: UtcMs(1),
                from: UtcMs(0),
                to: UtcMs(1),
                place: String::new(),
                relation: Relation::Person,
                protects: Protects::Property,
                name: Pii::new(String::new()),
                contact: Pii::new(String::new()),
                concerned: Pii::new(String::new()),
                why: Pii::new(String::new()),
                clauses: Vec::new(),
                salt: String::new(),
            },
            site: "示范酒店".into(),
            is_cut: false,
            answer: stage.map(|stage| (told(stage), UtcMs(6))),
        }
    }

    #[test]
    fn nothing_is_called_held_before_the_unit_has_said_so() {
        let waits = view(None);
        assert_eq!(state(&waits).mark, Mark::Busy);
        assert!(held(&waits).zh.contains("还没有封存") && !waits.needs_letter());
        let nothing = view(Some(PersonStage::Held));
        assert!(held(&nothing).zh.contains("没有可以封存"), "the answer names no time");
        let (mut answer, at) = nothing.answer.clone().unwrap();
        (answer.from, answer.to) = (Some(UtcMs(0)), Some(UtcMs(60_000)));
        let mut kept = RelayView { answer: Some((answer, at)), ..nothing };
        assert!(held(&kept).zh.contains("已经封存"));
        kept.row.ended = Some(UtcMs(9));
        assert!(held(&kept).zh.contains("解除"));
    }

    #[test]
    fn the_time_to_enter_goes_by_the_day_after_its_last_and_is_never_called_law() {
        let day = |text: &str| CivilDate::parse(text).unwrap();
        let last = Some(day("2026-12-01"));
        let (kept, late) = (term(last, day("2026-12-01")), term(last, day("2026-12-02")));
        assert!(kept.zh.contains("2026-12-01以前") && !kept.zh.contains("投诉"), "{kept:?}");
        assert!(
            late.zh.contains("投诉") && late.zh.contains("撤回") && late.en.contains("take the request back"),
            "{late:?}"
        );
        assert!([&kept, &late].iter().all(|text| !text.zh.contains("逾期") && text.en.contains("of this system")));
        assert_eq!(term(None, day("2026-12-02")), Text::default());
    }

    #[test]
    fn each_stage_has_its_own_words_and_what_was_taken_back_is_that() {
        let mut seen = std::collections::BTreeSet::new();
        for stage in PersonStage::ALL {
            assert!(seen.insert(state(&view(Some(stage))).word.zh.into_owned()), "{stage:?}");
        }
        let mut back = view(Some(PersonStage::Entered));
        back.row.ended = Some(UtcMs(7));
        assert_eq!(state(&back).word.zh, "已撤回");
        let mut none = view(None);
        none.row.site = None;
        assert!(none.needs_letter() && state(&none).mark == Mark::Attention);
        let cut = RelayView { is_cut: true, ..view(None) };
        assert!(cut.needs_letter() && state(&cut).mark == Mark::Warning);
    }
}
