//! Visits of inspections: my list, one visit on a phone, and the acts that need the server before it begins; and what a site reported.
//!
//! ```text
//! GET  /visits?case=…   ─▶ my_visits, visit_offer: the form for a visit of that case      POST …/ask ─▶ ask_visit
//! GET  /visits/{id}     ─▶ visit ─▶ page (the script goes on offline)            POST …/approve, …/refuse, …/begin, …/drop
//! GET  /visits/{id}/parts/{n} ─▶ visit_at: an earlier visit of the case, to be read
//! GET  /visits/sw.js    ─▶ the worker that keeps the page and its files for a reload without a network
//! ```
//! Always true: the page of a visit that is written is the only one that the worker keeps, and it goes when the visit is closed or somebody
//! signs out; cookies are sent by the browser as everywhere, the worker sees none of them.

use super::ask::Wrong;
use super::inbox::{by, of};
use super::settings::traits_of;
use super::view::Names;
use super::visit_papers::after;
use super::visit_words::{
    DRAFT_SIGNATURE, approved, card_of, closing, draw_of, ended, groups, last_of, part_line, photos, record_json,
    signers,
};
use crate::answer::{Reply, body, fault, no_page, page, page_with, with_place};
use crate::assets;
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::visits::{AskVisit, CameraLine, Closing, SaidUnit, SiteReportPage, SpareSeat, VisitPage, VisitsPage};
use crate::pages::{Choice, Mark, Nav, State, words};
use authority::visits::{Reported, VisitForm, VisitOffer, VisitState, VisitView, door_code, is_code};
use axum::http::{HeaderValue, StatusCode, header};
use base::{AccountId, CaseId, CivilDate, Refusal, Sha256, SiteId, Text};
use domain::access::Permission;
use domain::casework::Seat;
use domain::inspection::{CameraReport, GAP_DAYS, SelfReport, VisitKind};
use law::PlaceKind;

/// The case that the path names.
pub(crate) fn id_of(call: &Call) -> Result<CaseId, Refusal> {
    CaseId::parse(call.param(0)).ok_or_else(no_page)
}

/// The number of a visit that the path names.
pub(crate) fn part_of(call: &Call) -> Result<u32, Refusal> {
    call.param(1).parse().map_err(|_| no_page())
}

/// The word of a kind, as rows and forms have it.
pub(super) fn kind_word(kind: VisitKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The form for a visit of a case, as far as this account may ask for one now.
async fn ask_form(call: &Call, case: CaseId) -> Result<Option<AskVisit>, Refusal> {
    if !call.may(Permission::HandleCases) {
        return Ok(None);
    }
    let (authority, who) = (of(call)?, by(call)?);
    let offer = match authority.visit_offer(who, case).await {
        Ok(offer) if !offer.kinds.is_empty() => offer,
        // The list of visits stands without the form.
        Ok(_) => return Ok(None),
        Err(refusal) if refusal.code == "not_found" => return Ok(None),
        Err(refusal) => return Err(refusal),
    };
    let typed = |name: &str| call.form.get(name).to_owned();
    let lists = call.site().gate().packs().checklists();
    let name_of = |item: &domain::inspection::PlanItem| {
        let list = lists.iter().rev().find(|l| l.id == item.checklist).map(law::Checklist::name);
        list.unwrap_or_else(|| Text::of(item.id.clone(), item.id.clone()))
    };
    let is_drawn = offer.kinds.contains(&VisitKind::Planned);
    let people = if offer.missing > 0 { spare(call, &offer).await? } else { Vec::new() };
    let day = Some(typed("day")).filter(|d| !d.is_empty());
    let kinds = offer.kinds.iter().map(|kind| {
        let word = kind_word(*kind);
        let chosen = call.form.get("kind") == word;
        Choice::new(&word, kind.name(), chosen)
    });
    let items = offer.items.iter().map(|i| Choice::new(&i.id, name_of(i), call.form.get("item") == i.id));
    Ok(Some(AskVisit {
        case: case.to_string(),
        number: offer.number.clone(),
        draw: offer.drawn.as_ref().map(draw_of),
        team: offer.team.iter().map(|(_, name)| Shown::from(name.expose().clone())).collect(),
        asks_basis: !is_drawn,
        kinds: kinds.collect(),
        items: items.collect(),
        seats: seats_of(offer.missing, &people, &call.form.all("with")),
        day: day.unwrap_or_else(|| offer.today.to_string()),
        basis: typed("basis"),
        said: offer.reported.as_ref().map(|told| said_of(call, told)),
    }))
}

/// The fields in which inspectors are named, each with who was named in it.
fn seats_of(missing: usize, people: &[Choice], typed: &[String]) -> Vec<SpareSeat> {
    let seat = |n: usize| {
        let own = |one: &Choice| Choice { chosen: typed.get(n) == Some(&one.value), ..one.clone() };
        let id = if n == 0 { "with".to_owned() } else { format!("with-{n}") };
        SpareSeat { id, people: people.iter().map(own).collect() }
    };
    (0..missing).map(seat).collect()
}

/// What kind of unit the site says it is, to be taken over or not.
fn said_of(call: &Call, told: &Reported) -> SaidUnit {
    let sha256 = told.sha256.hex();
    let mut kinds = traits_of(told.profile);
    kinds.extend(told.profile.special_trade.map(law::SpecialTrade::name));
    if told.unit.receives_alarms {
        kinds.push(Text::new("有报警主机接入", "alarm panels report to it"));
    }
    let places = told.unit.places.iter().map(|place| place.name()).collect();
    SaidUnit { chosen: call.form.get("accepts") == sha256, made: told.made, sha256, kinds, places }
}

/// Officers of the office who may be named as an inspector: whoever is none already.
async fn spare(call: &Call, offer: &VisitOffer) -> Result<Vec<Choice>, Refusal> {
    let own = call.actor()?.id;
    let officers = of(call)?.officers(by(call)?, offer.office).await?;
    let names = Names::of(call, officers.iter().map(|o| o.account).collect()).await?;
    let sits = |seats: &[String]| seats.iter().any(|s| s == Seat::Officer.code());
    let inspects = |account: AccountId| {
        offer.team.iter().any(|(drawn, _)| *drawn == account) || (offer.with_asker && account == own)
    };
    let people = officers.into_iter().filter(|o| sits(&o.seats) && !inspects(o.account)).map(|o| {
        let (name, word) = (names.who(call, Some(o.account)), o.account.to_string());
        Choice::new(&word, Text::of(name.clone(), name), false)
    });
    Ok(people.collect())
}

async fn list_page(call: &Call, case: Option<CaseId>, mut wrong: Wrong) -> Result<VisitsPage, Refusal> {
    let lines = of(call)?.my_visits(by(call)?).await?;
    let ask = match case {
        Some(case) => ask_form(call, case).await?,
        None => None,
    };
    let mut bar = call.bar(Nav::Visits).await?;
    wrong.on(&mut bar);
    Ok(VisitsPage {
        l: call.lang,
        bar,
        approves: call.may(Permission::ApproveCases),
        cards: lines.iter().map(card_of).collect(),
        ask,
        errors: wrong.errors,
    })
}

/// `GET /visits`.
pub(crate) async fn list(call: Call) -> Reply {
    of(&call)?;
    let case = call.query.get("case").to_owned();
    page(&list_page(&call, CaseId::parse(&case), Wrong::none()).await?)
}

/// `POST /visits/{id}/ask`: `kind`, `item`, `basis`, `day`, `with`, `accepts` (digest of the site's report that was read).
pub(crate) async fn ask(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    let kind = VisitKind::ALL.into_iter().find(|kind| kind_word(*kind) == call.form.get("kind"));
    let day = CivilDate::parse(call.form.get("day"));
    let (Some(kind), Some(day)) = (kind, day) else { return Err(no_page()) };
    let form = VisitForm {
        kind,
        item: call.form.get("item").to_owned(),
        basis: call.form.get("basis").to_owned(),
        day,
        with: call.form.all("with").iter().filter_map(|id| AccountId::parse(id)).collect(),
        accepts: Sha256::from_hex(call.form.get("accepts")),
    };
    match authority.ask_visit(by(&call)?, case, &form).await {
        Ok(_) => call.done(&format!("/visits/{case}"), "visit_asked"),
        Err(refusal) => {
            let at = match refusal.code.as_str() {
                "day" | "other_year" => "day",
                "basis" => "basis",
                "inspectors" => "with",
                "report_moved_on" => "accepts",
                _ => "item",
            };
            let wrong = Wrong::of(refusal, at)?;
            page_with(wrong.status, &list_page(&call, Some(case), wrong).await?)
        }
    }
}

fn report_line(call: &Call, view: &VisitView) -> Option<(base::UtcMs, String, String, u64)> {
    let report = view.report.as_ref()?;
    let age = words::duration(&call.now().since(report.made), &call.lang);
    Some((report.made, age, report.sha256.hex(), report.leaf))
}

/// The page of a visit: of a number in its case, else of the newest.
pub(crate) async fn visit_page(call: &Call, n: Option<u32>, mut wrong: Wrong) -> Result<VisitPage, Refusal> {
    let (authority, who, case) = (of(call)?, by(call)?, id_of(call)?);
    let view = authority.visit_at(who, case, n).await?;
    let all = authority.visits_of(who, case).await?;
    let mut bar = call.bar(Nav::Visits).await?;
    wrong.on(&mut bar);
    let (state, version) = (view.line.state, view.line.row.version);
    // The page of a number is only read: the phone goes on with the one that its worker keeps.
    let writes = state == VisitState::Open && view.is_inspector && n.is_none();
    // A second look gives no new order.
    let drafts = writes && view.line.kind != VisitKind::Again;
    let limits = call.site().gate().packs().correction_limits();
    let signs = (view.sealed, view.facts.voided.len());
    Ok(VisitPage {
        l: call.lang,
        bar,
        card: card_of(&view.line),
        parts: all.iter().filter(|_| all.len() > 1).map(|line| part_line(line, view.line.row.n)).collect(),
        checklist: view.checklist.clone(),
        basis: if view.line.kind == VisitKind::Planned { String::new() } else { view.facts.basis.clone() },
        approved: approved(&view),
        last: view.last.as_ref().map(last_of),
        notice: view.notice.map(|day| day.to_string()).unwrap_or_default(),
        inspectors: view.inspectors.iter().map(|(_, name)| Shown::from(name.expose().clone())).collect(),
        code: door_code(&view.line.row.unit, &view.line.unit),
        coded: is_code(&view.line.row.unit),
        may_approve: view.may_approve,
        may_drop: view.may_drop && n.is_none(),
        drop_reason: Shown::from(call.form.get("drop-reason").to_owned()),
        refused: view.line.refused,
        refuse_reason: Shown::from(call.form.get("refuse-reason").to_owned()),
        dropped: (state == VisitState::Dropped).then(|| Shown::from(view.dropped.expose().clone())),
        may_begin: state == VisitState::Approved && view.is_inspector && view.line.row.day == view.today,
        writes,
        state: if writes { record_json(version, &view.record, signs).to_string() } else { String::new() },
        sealed: view.sealed,
        unsign_reason: Shown::from(call.form.get("unsign-reason").to_owned()),
        version,
        groups: if writes { groups(&view) } else { Vec::new() },
        items: u32::try_from(view.items.len()).unwrap_or(u32::MAX),
        photos: photos(&view),
        signers: signers(&view, who.account),
        terms: if drafts { limits.days.clone() } else { Vec::new() },
        terms_why: limits.why(),
        closing: if writes { closing(call, &view) } else { Closing::default() },
        draft_signed: view.photos.iter().any(|p| p.belongs == DRAFT_SIGNATURE && !view.facts.is_void(p)),
        report: report_line(call, &view),
        ended: view.ended.as_ref().map(|e| ended(call, e)),
        after: if n.is_none() { after(call, &view).await? } else { None },
        errors: wrong.errors,
    })
}

/// The page of the newest visit. While it is written its photos say where they were taken, so it may ask the phone.
async fn newest_page(call: &Call, wrong: Wrong) -> Reply {
    let status = wrong.status;
    let shown = visit_page(call, None, wrong).await?;
    let mut answer = page_with(status, &shown)?;
    if shown.writes {
        with_place(&mut answer);
    }
    Ok(answer)
}

/// `GET /visits/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    newest_page(&call, Wrong::none()).await
}

/// `GET /visits/{id}/parts/{n}`.
pub(crate) async fn part(call: Call) -> Reply {
    page(&visit_page(&call, Some(part_of(&call)?), Wrong::none()).await?)
}

/// The visit's page with what was refused.
pub(crate) async fn refused(call: &Call, refusal: Refusal, at: &str) -> Reply {
    newest_page(call, Wrong::of(refusal, at)?).await
}

/// `POST /visits/{id}/approve`.
pub(crate) async fn approve(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    match authority.approve_visit(by(&call)?, case).await {
        Ok(_) => call.done(&format!("/visits/{case}"), "visit_approved"),
        Err(refusal) => refused(&call, refusal, "main").await,
    }
}

/// `POST /visits/{id}/drop`: `drop-reason`.
pub(crate) async fn call_off(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    match authority.drop_visit(by(&call)?, case, call.form.get("drop-reason")).await {
        Ok(()) => call.done(&format!("/visits/{case}"), "visit_dropped"),
        Err(refusal) => refused(&call, refusal, "drop-reason").await,
    }
}

/// `POST /visits/{id}/refuse`: `refuse-reason`.
pub(crate) async fn refuse(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    match authority.refuse_visit(by(&call)?, case, call.form.get("refuse-reason")).await {
        Ok(()) => call.done(&format!("/visits/{case}"), "visit_refused"),
        Err(refusal) => refused(&call, refusal, "refuse-reason").await,
    }
}

/// `POST /visits/{id}/begin`.
pub(crate) async fn begin(call: Call) -> Reply {
    let (authority, case) = (of(&call)?, id_of(&call)?);
    match authority.begin_visit(by(&call)?, case).await {
        Ok(()) => call.done(&format!("/visits/{case}"), "visit_begun"),
        Err(refusal) => refused(&call, refusal, "main").await,
    }
}

/// `GET /visits/sw.js`: at this address, because a worker serves what lies below its own.
pub(crate) async fn worker(_: Call) -> Reply {
    let asset = assets::find("js/visit-sw.js").ok_or_else(|| fault("worker"))?;
    let mut answer = body(StatusCode::OK, asset.content_type, asset.bytes.into_owned());
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(answer)
}

// -- what a site reported ---------------------------------------------------------------------------------------------------

fn camera_line(camera: &CameraReport) -> CameraLine {
    CameraLine {
        name: camera.name.clone(),
        place: PlaceKind::parse(&camera.place).map(PlaceKind::name).unwrap_or_default(),
        oldest: camera.oldest.map(|day| day.to_string()).unwrap_or_default(),
        term_days: camera.term_days,
        gaps_ms: camera.gaps_s.saturating_mul(1_000),
        longest_ms: camera.longest_gap_s.saturating_mul(1_000),
        clock_error_ms: camera.clock_error_ms,
    }
}

/// Duties by the titles of the packs; one that these packs do not have is named by its code.
fn duties(call: &Call, report: &SelfReport) -> Vec<(Text, State, String)> {
    let unit = report.unit();
    let owed = call.site().gate().obligations(&report.profile, &unit, report.made.shanghai_date());
    let line = |(code, duty): (&String, &domain::inspection::DutyReportLine)| {
        let title = owed.iter().find(|o| o.code == *code).map(|o| o.title.clone());
        let state = duty.state();
        let mark = match state {
            domain::duty::State::Met => Mark::Ok,
            domain::duty::State::Due { .. } => Mark::Attention,
            domain::duty::State::Overdue { .. } => Mark::Warning,
            domain::duty::State::Unknown => Mark::Off,
        };
        let day = duty.day.map(|day| day.to_string()).unwrap_or_default();
        (title.unwrap_or_else(|| Text::of(code.clone(), code.clone())), State { mark, word: state.name() }, day)
    };
    report.duties.iter().map(line).collect()
}

/// `GET /sites/{id}`.
pub(crate) async fn site_report(call: Call) -> Reply {
    let authority = of(&call)?;
    let site = SiteId::parse(call.param(0)).ok_or_else(no_page)?;
    let peer = call.site().store().peer(site).await?.ok_or_else(|| Refusal::not_found("该单位", "site"))?;
    let told = authority.newest_report_of(by(&call)?, site).await?;
    let mut shown = SiteReportPage {
        l: call.lang,
        bar: call.bar(Nav::Sites).await?,
        name: peer.name,
        unit: peer.unit,
        gap_days: GAP_DAYS,
        ..SiteReportPage::default()
    };
    if let Some((report, told)) = told {
        shown.made = Some(report.made);
        shown.age_ms = call.now().since(report.made);
        shown.sha256 = report.sha256.hex();
        shown.entry = report.leaf;
        shown.clock_error_ms = told.clock_error_ms;
        shown.cameras_in_service = told.cameras_in_service;
        shown.cameras = told.cameras.iter().map(camera_line).collect();
        shown.duties = duties(&call, &told);
    }
    page(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_shows_again_who_was_named_in_it() {
        let person = |word: &str| Choice::new(word, Text::of(word.to_owned(), word.to_owned()), false);
        let people = [person("a1"), person("a2"), person("a3")];
        let chosen = |typed: &[&str]| -> Vec<(String, Vec<String>)> {
            let typed: Vec<String> = typed.iter().map(|one| (*one).to_owned()).collect();
            let named = |seat: &SpareSeat| -> Vec<String> {
                seat.people.iter().filter(|p| p.chosen).map(|p| p.value.clone()).collect()
            };
            seats_of(2, &people, &typed).iter().map(|seat| (seat.id.clone(), named(seat))).collect()
        };
        let seat = |id: &str, named: &[&str]| -> (String, Vec<String>) {
            (id.to_owned(), named.iter().map(|one| (*one).to_owned()).collect())
        };
        assert_eq!(chosen(&["a3", "a1"]), [seat("with", &["a3"]), seat("with-1", &["a1"])]);
        assert_eq!(chosen(&["a2"]), [seat("with", &["a2"]), seat("with-1", &[])]);
        assert_eq!(chosen(&["nobody", "a2"]), [seat("with", &[]), seat("with-1", &["a2"])]);
        assert!(seats_of(0, &people, &[]).is_empty());
    }
}
