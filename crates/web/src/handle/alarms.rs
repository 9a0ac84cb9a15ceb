//! Alarms: the queue as a part of pages, one incident and what is done with it, the history.

use super::view::bracketed;
use super::{contacts, plans};
use crate::answer::{self, Reply, address, ok_json, page, page_with};
use crate::call::{Call, Fields};
use crate::pages::alarms::{
    AlarmLine, AlarmPage, AlarmsPage, ClipCamera, ClockLine, EvidenceLine, ExhibitLine, QueuePart, RatioLine,
    ReportLine, SignalLine, TestLine,
};
use crate::pages::{Choice, Mark, Nav, Pager, State};
use axum::http::StatusCode;
use base::{AccountId, CivilDate, ErrorKind, IncidentId, Refusal, Text, UtcMs};
use domain::access::{Permission, Role};
use domain::alarm::{
    Command, EvidenceKind, Exhibit, Incident, Priority, SourceName, Stage, Step, Verdict, What, ground,
};
use law::{Act, Verification};
use site::Actor;
use site::alarm::{Open, TestForm, Whole};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use store::incidents::{CONFIRMED, ExhibitRow, IncidentFilter, OutboxRow, TAKEN, UPPER};

/// Lines of the queue on a page.
const QUEUE: usize = 100;

fn mark(priority: Priority) -> Mark {
    match priority {
        Priority::P1 => Mark::Critical,
        Priority::P2 => Mark::Warning,
        Priority::P3 => Mark::Attention,
    }
}

fn verdict_state(verdict: Verdict) -> State {
    let mark = match verdict {
        Verdict::Real => Mark::Critical,
        Verdict::False | Verdict::Test => Mark::Ok,
        Verdict::Fault => Mark::Attention,
    };
    State { mark, word: verdict.name() }
}

fn stage_state(i: &Incident) -> State {
    let mark = match i.stage() {
        Stage::New => Mark::Warning,
        Stage::Taken | Stage::Reported => Mark::Busy,
        Stage::Verified => Mark::Info,
        Stage::Receipted | Stage::Closed => Mark::Ok,
    };
    State { mark, word: i.stage().name() }
}

/// Names of the people a page of alarms names, and of no others: the queue is asked for often.
#[derive(Default)]
struct Names(HashMap<AccountId, String>);

impl Names {
    async fn of(call: &Call, ids: Vec<AccountId>) -> Result<Self, Refusal> {
        let mut out = HashMap::new();
        for id in ids {
            if let Entry::Vacant(place) = out.entry(id) {
                let name = call.site().store().account(id).await?;
                let shown = name.map(|a| bracketed(call.lang, a.name.expose(), &a.login));
                place.insert(shown.unwrap_or_else(|| id.to_string()));
            }
        }
        Ok(Self(out))
    }

    fn who(&self, id: Option<AccountId>) -> String {
        id.and_then(|id| self.0.get(&id).cloned()).unwrap_or_default()
    }
}

fn holder(open: &Open) -> Option<AccountId> {
    open.row.incident.taken.map(|t| t.by)
}

fn line(names: &Names, open: &Open) -> AlarmLine {
    let i = &open.row.incident;
    AlarmLine {
        id: i.id.to_string(),
        number: i.number.clone(),
        what: State { mark: mark(i.priority()), word: i.what.name() },
        place: open.place.clone(),
        opened: i.opened,
        stage: i.stage().name(),
        holder: names.who(holder(open)),
        calls: i.calls(),
        late: open.is_late(),
        priority: i.priority().number(),
        unseen: i.shown.is_none() && i.closed.is_none(),
        verdict: i.verdict().map(verdict_state),
    }
}

/// Does this incident call this person? Who is on duty hears what nobody has, and what is late in another's hands; the manager hears
/// what is late.
fn calls(actor: &Actor, open: &Open) -> bool {
    let late = open.is_late() && holder(open) != Some(actor.id);
    match actor.role {
        Role::DutyOfficer => open.row.incident.calls() || late,
        Role::SecurityManager => late,
        _ => false,
    }
}

fn test_words(source: &SourceName, zone: Option<u32>) -> Text {
    match zone {
        Some(zone) => Text::of(
            format!("{} 防区 {zone} 测试中", source.as_str()),
            format!("{} zone {zone} on test", source.as_str()),
        ),
        None => Text::of(format!("{} 测试中", source.as_str()), format!("{} on test", source.as_str())),
    }
}

/// `GET /alarms/queue?on=`: the queue anew, as a part of a page; `on`: the alarm whose page it is.
pub(crate) async fn queue(call: Call) -> Reply {
    let actor = call.actor()?;
    let open = call.site().alarms().open();
    let calling: Vec<&Open> = open.iter().filter(|o| calls(actor, o)).collect();
    // Whoever looks at an alarm needs no pop-up of it, but of every other.
    let here = IncidentId::parse(call.query.get("on"));
    let elsewhere: Vec<&Open> = calling.iter().copied().filter(|o| Some(o.row.incident.id) != here).collect();
    let named = open.iter().take(QUEUE).chain(elsewhere.first().copied());
    let named: Vec<_> = named.filter_map(holder).collect();
    let names = Names::of(&call, named).await?;
    let tests = call.site().store().test_windows(call.now()).await?;
    page(&QueuePart {
        l: call.lang,
        bar: call.plain_bar(Nav::Desk),
        lines: open.iter().take(QUEUE).map(|o| line(&names, o)).collect(),
        count: call.site().alarms().count(),
        call: elsewhere.first().map(|o| line(&names, o)),
        calling: elsewhere.len(),
        sound: calling.first().map_or(0, |o| o.row.incident.priority().number()),
        on_test: tests.iter().map(|t| test_words(&t.source, t.zone)).collect(),
    })
}

fn id_of(call: &Call) -> Result<IncidentId, Refusal> {
    IncidentId::parse(call.param(0)).ok_or_else(|| Refusal::not_found("该报警", "alarm"))
}

/// `GET /alarms/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    let id = id_of(&call)?;
    incident(&call, id, None).await
}

async fn incident(call: &Call, id: IncidentId, refusal: Option<Refusal>) -> Reply {
    let actor = call.actor()?;
    let whole = call.site().alarm(actor, id).await?;
    let i = &whole.open.row.incident;
    let named = holder(&whole.open).into_iter().chain(i.evidence.iter().filter_map(|e| e.by)).collect();
    let names = Names::of(call, named).await?;
    let verdict = i.verdict();
    let status = refusal.as_ref().map_or(StatusCode::OK, answer::status);
    let mine = i.taken.is_some_and(|t| t.by == actor.id);
    let (clip_from, clip_to) = i.clip();
    let reported = i.reported.is_some();
    let out = AlarmPage {
        l: call.lang,
        bar: call.bar(Nav::Alarms).await?,
        refusal,
        line: line(&names, &whole.open),
        stage: stage_state(i),
        source: whole.open.source.clone(),
        source_id: i.source.as_str().to_owned(),
        zones: zones(&whole.open),
        signals_total: i.signals,
        restored: i.restored,
        cancelled: i.cancelled,
        clock: clock(call, i, &whole),
        evidence: evidence(&names, i),
        kinds: EvidenceKind::BY_HAND.iter().map(|k| Choice::new(k.code(), k.name(), false)).collect(),
        has_ground: ground(i).is_some(),
        by_hand: i.what.raised_by_hand(),
        for_police: i.what.concerns_police(),
        reason: i.decision.as_ref().map(|d| d.reason.clone()).unwrap_or_default(),
        clauses: clauses(&whole),
        verify_clauses: verify_clauses(call),
        reports: reports(call, &whole).await?,
        exhibits: exhibits(call, &whole),
        device_reset: i.device_reset.map(|r| (r.told, r.at)),
        signals: signals(&whole),
        cameras: cameras(call, &whole.open),
        clip_from,
        clip_to,
        calls: contacts::of_incident(call, &whole.open).await?,
        plan: plans::of_incident(call, &whole.open).await?,
        may_contacts: call.may(Permission::ManageAlarms),
        mine,
        may: call.may(Permission::HandleAlarms),
        closed: i.closed.is_some(),
        real: verdict == Some(Verdict::Real),
        decided: verdict.is_some(),
        reported,
        receipted: i.receipt.is_some(),
        guard_sent: i.guard_sent.is_some(),
        guard_there: i.guard_arrived.is_some(),
        closable: verdict.is_some() && (!reported || i.receipt.is_some()),
    };
    page_with(status, &out)
}

fn zones(open: &Open) -> Vec<(u32, String, String)> {
    let spoke = open.row.incident.zones.iter().filter(|z| z.zone != 0);
    spoke
        .map(|z| {
            let known = open.zones.iter().find(|k| k.zone == z.zone);
            known.map_or_else(|| (z.zone, "—".to_owned(), String::new()), |k| (z.zone, k.name.clone(), k.place.clone()))
        })
        .collect()
}

fn clock(call: &Call, i: &Incident, whole: &Whole) -> Vec<ClockLine> {
    let now = call.now();
    let rows = i.clock(&call.site().config().alarm_limits);
    let above = whole.reports.iter().any(|r| r.target.starts_with(UPPER));
    rows.into_iter()
        .filter(|row| row.step != Step::UpperTold || above)
        .map(|row| ClockLine {
            step: row.step.name(),
            at: row.at,
            due: row.due,
            late: row.is_late(if i.closed.is_some() { i.opened } else { now }),
            after_ms: row.at.filter(|_| row.step != Step::Received).map(|at| at.since(i.opened)),
        })
        .collect()
}

fn evidence(names: &Names, i: &Incident) -> Vec<EvidenceLine> {
    i.evidence
        .iter()
        .map(|e| EvidenceLine { what: e.kind.name(), at: e.at, who: names.who(e.by), note: e.note.clone() })
        .collect()
}

/// The clauses by which a verdict without grounds is refused at this site: what the page shows beside the choice.
fn verify_clauses(call: &Call) -> Vec<base::ClauseId> {
    let groundless = Act::VerifyAlarm(Verification { designated: true, grounds_recorded: false });
    let answer = call.site().ask(groundless);
    if answer.allow { Vec::new() } else { answer.deciding.into_iter().map(|c| c.clause).collect() }
}

fn clauses(whole: &Whole) -> Vec<base::ClauseId> {
    let body = whole.reports.first().and_then(|r| serde_json::from_str::<domain::alarm::Report>(&r.body).ok());
    body.map(|r| r.clauses).unwrap_or_default()
}

async fn reports(call: &Call, whole: &Whole) -> Result<Vec<ReportLine>, Refusal> {
    let told_above = whole.reports.iter().any(|r| r.target.starts_with(UPPER));
    let uppers = if told_above { call.site().store().uppers().await? } else { Vec::new() };
    let target = |r: &OutboxRow| match r.target.strip_prefix(UPPER) {
        None => Text::new("所在地公安机关", "Local police"),
        Some(id) => {
            let name = uppers.iter().find(|u| u.id.to_string() == id).map(|u| u.config.name.clone());
            name.map_or(Text::new("已移除的上级平台", "an upper platform that was removed"), |n| {
                Text::of(n.clone(), n)
            })
        }
    };
    let line = |r: &OutboxRow| ReportLine {
        target: target(r),
        made: r.made,
        attempts: r.attempts,
        error: r.error.clone(),
        receipt: r.receipt.as_deref().map(receipt_words),
        receipted: r.receipted,
    };
    Ok(whole.reports.iter().map(line).collect())
}

fn receipt_words(receipt: &str) -> Text {
    match receipt {
        CONFIRMED => Text::new("平台已确认", "confirmed by the platform"),
        TAKEN => Text::new("平台已接收", "taken by the platform"),
        number => Text::of(format!("回执 {number}"), format!("receipt {number}")),
    }
}

fn exhibits(call: &Call, whole: &Whole) -> Vec<ExhibitLine> {
    let line = |e: &ExhibitRow| {
        let name = call.site().camera(e.camera).map_or_else(|| "—".to_owned(), |c| c.row().name);
        let what = e.kind.name();
        let absent = Exhibit::parse(e.body.as_bytes()).and_then(|e| e.absence());
        let state = match (e.received, e.ended.is_some(), absent) {
            (true, _, Some(why)) => State {
                mark: Mark::Attention,
                word: Text::of(format!("已说明无影像：{}", why.zh), format!("told that there is none: {}", why.en)),
            },
            (true, _, None) => State::new(Mark::Ok, "已送达", "received"),
            (false, true, _) => State::new(Mark::Attention, "依法不提供", "not given, by law"),
            (false, false, _) => State::new(Mark::Busy, "待送", "to be sent"),
        };
        let error = if e.ended.is_none() { e.error.clone() } else { String::new() };
        ExhibitLine {
            what: Text::of(format!("{}（{name}）", what.zh), format!("{} ({name})", what.en)), state, error
        }
    };
    whole.exhibits.iter().map(line).collect()
}

fn signals(whole: &Whole) -> Vec<SignalLine> {
    whole
        .signals
        .iter()
        .map(|s| {
            let name = What::of(s.signal.event).map(|(what, over)| (what.name(), over));
            let what = match name {
                Some((name, false)) => name,
                Some((name, true)) => Text::of(format!("{}恢复", name.zh), format!("{} over", name.en)),
                None => Text::new("其他", "other"),
            };
            SignalLine {
                at: s.signal.received,
                said: s.signal.said,
                code: s.signal.code.clone(),
                what,
                zone: s.signal.zone,
                text: s.signal.text.clone(),
            }
        })
        .collect()
}

fn cameras(call: &Call, open: &Open) -> Vec<ClipCamera> {
    let found = open.cameras.iter().filter_map(|id| call.site().camera(*id));
    found
        .take(2)
        .map(|c| {
            let tile = super::view::tile(&c);
            ClipCamera { id: tile.id, name: tile.name, live: tile.live }
        })
        .collect()
}

fn command(form: &Fields) -> Result<(Command, &'static str), Refusal> {
    let text = |name: &str| form.get(name).to_owned();
    let bad = || {
        Refusal::bad_input(
            "act",
            Text::new("没有说明要做什么。", "It is not said what to do."),
            Text::new("请从报警页面上的按钮操作。", "Use the buttons of the alarm's page."),
        )
    };
    Ok(match form.get("act") {
        "take" => (Command::Take { reason: text("reason") }, "alarm_taken"),
        "find" => {
            let kind = EvidenceKind::parse(form.get("kind")).ok_or_else(bad)?;
            (Command::Find { kind, note: text("note") }, "alarm_noted")
        }
        "verify" => {
            let verdict = Verdict::parse(form.get("verdict")).ok_or_else(bad)?;
            let flash = if verdict == Verdict::Real { "alarm_reported" } else { "alarm_decided" };
            (Command::Verify { verdict, reason: text("reason") }, flash)
        }
        "report" => (Command::Report, "alarm_reported"),
        "receipt" => (Command::Receipt { number: text("number") }, "alarm_noted"),
        "guard" => (Command::SendGuard, "alarm_noted"),
        "arrived" => (Command::GuardArrived, "alarm_noted"),
        "close" => (Command::Close, "alarm_closed"),
        _ => return Err(bad()),
    })
}

/// `POST /alarms/{id}` with `act`. A refusal is shown on the page of the alarm, so that the person sees what is missing beside it.
pub(crate) async fn act(call: Call) -> Reply {
    let id = id_of(&call)?;
    let (command, flash) = command(&call.form)?;
    match call.site().handle_alarm(call.actor()?, id, &command).await {
        Ok(_) => call.done(&format!("/alarms/{id}"), flash),
        Err(refusal)
            if matches!(
                refusal.kind,
                ErrorKind::BadInput | ErrorKind::Conflict | ErrorKind::Unlawful | ErrorKind::TooMany
            ) =>
        {
            incident(&call, id, Some(refusal)).await
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /api/v1/alarms/{id}/shown`.
pub(crate) async fn shown(call: Call) -> Reply {
    let id = id_of(&call)?;
    call.site().handle_alarm(call.actor()?, id, &Command::Show).await?;
    ok_json(&serde_json::json!({ "shown": true }))
}

/// `POST /api/v1/alarms/{id}/take`: nobody may have it; taking over needs its reason, which the page asks for.
pub(crate) async fn take(call: Call) -> Reply {
    let id = id_of(&call)?;
    let row = call.site().handle_alarm(call.actor()?, id, &Command::Take { reason: String::new() }).await?;
    ok_json(&serde_json::json!({ "taken": true, "number": row.incident.number }))
}

/// `GET /api/v1/alarms`: open ones by priority then age.
pub(crate) async fn open(call: Call) -> Reply {
    let site = call.site();
    let one = |o: &Open| {
        let i = &o.row.incident;
        serde_json::json!({
            "id": i.id, "number": i.number, "what": i.what.code(), "priority": i.priority().number(), "stage": i.stage().code(),
            "source": i.source, "area": i.area, "zones": i.zones.iter().map(|z| z.zone).collect::<Vec<_>>(), "signals": i.signals,
            "opened": i.opened, "place": o.place, "late": o.is_late(), "taken_by": i.taken.map(|t| t.by),
            "verdict": i.verdict().map(Verdict::code), "reported": i.reported, "receipt": i.receipt.as_ref().map(|r| &r.number),
        })
    };
    let list: Vec<_> = site.alarms().open().iter().map(one).collect();
    ok_json(&serde_json::json!({ "count": site.alarms().count(), "alarms": list }))
}

// -- history ----------------------------------------------------------------------------------------------------------------

fn day(call: &Call, name: &str) -> Option<CivilDate> {
    CivilDate::parse(call.query.get(name))
}

/// `1795255200000.0190…`: where the next page begins.
fn place_of(text: &str) -> Option<(UtcMs, IncidentId)> {
    let (at, id) = text.split_once('.')?;
    Some((UtcMs(at.parse().ok()?), IncidentId::parse(id)?))
}

fn choices<T: Copy>(all: &[T], of: impl Fn(T) -> (&'static str, Text), chosen: &str) -> Vec<Choice> {
    let every = Choice::new("", Text::new("全部", "All"), chosen.is_empty());
    let one = |t: &T| {
        let (code, name) = of(*t);
        Choice::new(code, name, code == chosen)
    };
    std::iter::once(every).chain(all.iter().map(one)).collect()
}

/// `GET /alarms?source&stage&verdict&from&to&after`.
pub(crate) async fn history(call: Call) -> Reply {
    let q = &call.query;
    let filter = IncidentFilter {
        source: q.has("source").then(|| SourceName::stored(q.get("source"))),
        stage: Stage::parse(q.get("stage")),
        verdict: Verdict::parse(q.get("verdict")),
        what: None,
        from: day(&call, "from").map(CivilDate::start),
        to: day(&call, "to").map(|d| d.plus_days(1).start()),
        after: place_of(q.get("after")),
    };
    let found = call.site().alarm_history(call.actor()?, &filter).await?;
    let names = Names::of(&call, found.list.iter().filter_map(holder).collect()).await?;
    let next = found.list.last().filter(|_| found.more).map(|o| {
        let i = &o.row.incident;
        link(&call, Some(format!("{}.{}", i.opened.0, i.id)))
    });
    let shown = found
        .list
        .first()
        .zip(found.list.last())
        .map(|(a, b)| format!("{} – {}", b.row.incident.number, a.row.incident.number));
    let shown = shown.unwrap_or_default();
    let sources = call.site().store().alarm_sources().await?;
    let every = Choice::new("", Text::new("全部", "All"), !q.has("source"));
    let source = |s: &store::alarm_sources::AlarmSource| {
        let label = bracketed(call.lang, &s.name, s.source.as_str());
        Choice::new(s.source.as_str(), Text::of(label.clone(), label), q.get("source") == s.source.as_str())
    };
    page(&AlarmsPage {
        l: call.lang,
        bar: call.bar(Nav::Alarms).await?,
        lines: found.list.iter().map(|o| line(&names, o)).collect(),
        pager: Pager {
            previous: q.has("after").then(|| link(&call, None)),
            next,
            shown: Text::of(shown.clone(), shown),
        },
        filtered: ["source", "stage", "verdict", "from", "to"].iter().any(|f| q.has(f)),
        from: day(&call, "from").map_or_else(String::new, |d| d.to_string()),
        to: day(&call, "to").map_or_else(String::new, |d| d.to_string()),
        panels: sources.iter().map(|s| Choice { chosen: false, ..source(s) }).collect(),
        sources: std::iter::once(every).chain(sources.iter().map(source)).collect(),
        stages: choices(&Stage::ALL, |s| (s.code(), s.name()), q.get("stage")),
        verdicts: choices(&Verdict::ALL, |v| (v.code(), v.name()), q.get("verdict")),
        ratio: found.zones.into_iter().map(|(count, name)| ratio(&count, name)).collect(),
        tests: found
            .tests
            .into_iter()
            .map(|t| TestLine { id: t.id, what: test_words(&t.source, t.zone), to: t.to, reason: t.reason })
            .collect(),
        may_test: call.may(Permission::ManageAlarms),
    })
}

fn ratio(count: &store::incidents::ZoneCount, name: String) -> RatioLine {
    let decided = count.real + count.false_ + count.other;
    RatioLine {
        source: count.source.as_str().to_owned(),
        zone: count.zone,
        name,
        incidents: count.incidents,
        real: count.real,
        false_: count.false_,
        other: count.other,
        share: (decided > 0).then(|| count.false_ * 100 / decided),
    }
}

/// This page with another `after`.
fn link(call: &Call, after: Option<String>) -> String {
    let own = ["source", "stage", "verdict", "from", "to"].map(|field| (field, call.query.get(field)));
    let after = after.unwrap_or_default();
    address("/alarms", own.into_iter().chain([("after", after.as_str())]))
}

/// `POST /alarms/tests`.
pub(crate) async fn begin_test(call: Call) -> Reply {
    let number = |name: &str| call.form.get(name).parse::<u32>().ok();
    let form = TestForm {
        source: call.form.get("source").to_owned(),
        zone: number("zone"),
        minutes: number("minutes").unwrap_or(0),
        reason: call.form.get("reason").to_owned(),
    };
    // A zone that is no number would put the whole panel on test.
    if call.form.has("zone") && form.zone.is_none() {
        return Err(Refusal::bad_input(
            "zone",
            Text::new("防区应为数字。", "A zone is a number."),
            Text::new("请更正；留空表示全部防区。", "Correct it; empty means all zones."),
        ));
    }
    call.site().begin_test(call.actor()?, &form).await?;
    call.done("/alarms", "test_changed")
}

/// `POST /alarms/tests/{index}/end`.
pub(crate) async fn end_test(call: Call) -> Reply {
    let id = call.param(0).parse().map_err(|_| answer::no_page())?;
    call.site().end_test(call.actor()?, id).await?;
    call.done("/alarms", "test_changed")
}
