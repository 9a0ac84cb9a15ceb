//! The worklist of an office, and a case that is opened at the counter or of own motion.
//!
//! ```text
//! GET  /cases      ─▶ Authority::worklist (tab, chip, filter, cursor) ─▶ WorklistPage, the nearest deadline first
//!                     of=closed: Authority::cases, the newest first          q=: /cases/search, which looks at all of them
//! POST /cases/new  ─▶ form::check, party ─▶ Authority::begin ─▶ papers that were brought ─▶ first step done ─▶ /cases/{id}
//!                     the day of the facts says which law decides: what has ended is begun by it
//! ```
//! Always true: whose cases a list holds is said by the corridor, never by the address; a form that is not right opens no case.

use super::another;
use super::ask::{self, Wrong};
use super::case_awaited::{UNPUBLISHED, Waiting, unpublished, waiting};
use super::case_words::{NEAR_DAYS, days_left, left_words, state_of_row};
use super::divisions;
use super::inbox::{by, of};
use super::old_law;
use super::other_name::{self, OTHER_NAME};
use super::party_names::PartyNames;
use super::view::Names;
use super::waiting_words::marked;
use crate::answer::{Reply, address, page, page_with, see_other};
use crate::call::Call;
use crate::pages::ask::{Ask, AskedField, Shown};
use crate::pages::case::mark_of_left;
use crate::pages::cases::{CaseLine, Chip, CounterPage, ProcedureChoice, WorklistPage};
use crate::pages::{Choice, Mark, Nav, Pager, State};
use authority::cases::{Beginning, Carried, PartyForm, WorkPage, party_fields};
use authority::{Authority, By};
use base::{AccountId, CaseId, CivilDate, PartyId, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::casework::{CaseAct, Channel, Command, PaperKind, Stage, Typed, is_ours};
use domain::form::{FieldFault, is_unnamed};
use law::{Field, Procedure, ProcedureKind};
use store::casework::cases::{CaseFilter, CaseRow};
use store::casework::worklist::{Assigned, Buckets, Cursor, WorkFilter};

/// Cases of one page.
pub(super) const LINES: u32 = 50;
/// Word of the tab of cases that are over.
const ENDED: &str = "closed";
/// Days that the chip of the week looks ahead; those of the corridor's counts.
const WEEK_DAYS: i32 = 8;
/// Form name of the question whom the case is about, and the answer that it is the party of the case it comes from.
pub(super) const PARTY: &str = "party_is";
/// Field of the first step: the day of the act.
const ACT_DAY: &str = "act_day";
/// Element of the question why the same is begun again.
const SAME: &str = "f-again";
const SAME_PARTY: &str = "same";
/// Who opens the case handles it.
const TAKE: &str = "take";

// -- the list ---------------------------------------------------------------------------------------------------------------

/// `DAY_ID` of `after=`; the day is empty for a case without one.
fn cursor_of(text: &str) -> Option<Cursor> {
    let (day, case) = text.split_once('_')?;
    let day = if day.is_empty() { None } else { Some(CivilDate::parse(day)?) };
    Some(Cursor { day, case: CaseId::parse(case)? })
}

fn cursor_text(cursor: &Cursor) -> String {
    format!("{}_{}", cursor.day.map(|day| day.to_string()).unwrap_or_default(), cursor.case)
}

/// The page with the filters that it was asked with, and `with` in place of its own.
pub(super) fn link(call: &Call, with: &[(&str, &str)]) -> String {
    let word = |field: &'static str| {
        let own = if field == "after" { "" } else { call.query.get(field) };
        (field, with.iter().find(|w| w.0 == field).map_or(own, |w| w.1))
    };
    address("/cases", ["of", "chip", "procedure", "state", "after"].map(word))
}

/// Word and label of the tabs that this account has; the first is where it begins.
async fn tabs_of(call: &Call) -> Result<Vec<(String, Text)>, Refusal> {
    let tab = |word: &str, label: Text| (word.to_owned(), label);
    let ended = tab(ENDED, Text::new("已办结", "Closed"));
    if call.may(Permission::SuperviseCases) {
        return Ok(vec![tab("all", Text::new("所辖机构", "Offices I supervise")), ended]);
    }
    let office = if call.may(Permission::ApproveCases) {
        Text::new("本机构及下级机构", "My office and those under it")
    } else {
        Text::new("本机构", "My office")
    };
    let office = tab("office", office);
    if call.may(Permission::PublishRecords) {
        return Ok(vec![office, tab(UNPUBLISHED, Text::new("待公布", "To be published")), ended]);
    }
    if !call.may(Permission::HandleCases) {
        return Ok(vec![office, ended]);
    }
    let mut tabs = vec![office, tab("mine", Text::new("我承办的", "Mine"))];
    let absent = of(call)?.stands_for(by(call)?.account).await?;
    let names = Names::of(call, absent.iter().copied().collect()).await?;
    for absent in absent {
        let name = names.who(call, Some(absent));
        tabs.push((absent.to_string(), Text::of(format!("代{name}办理"), format!("For {name}"))));
    }
    tabs.push(tab("nobody", Text::new("未分办", "Nobody's yet")));
    tabs.push(ended);
    Ok(tabs)
}

/// Whose cases a tab has: the word of a tab of somebody absent is their account.
fn assigned_of(tab: &str, who: By) -> Assigned {
    match tab {
        "mine" => Assigned::To(who.account),
        "nobody" => Assigned::Nobody,
        other => AccountId::parse(other).map_or(Assigned::Any, Assigned::To),
    }
}

fn total(counts: &Buckets) -> u64 {
    counts.counts.iter().map(|n| u64::from(*n)).sum::<u64>() + u64::from(counts.no_day)
}

/// First day and first day no longer of a chip.
fn days_of(chip: &str, today: CivilDate) -> (Option<CivilDate>, Option<CivilDate>) {
    let tomorrow = today.plus_days(1);
    match chip {
        "overdue" => (None, Some(today)),
        "today" => (Some(today), Some(tomorrow)),
        "week" => (Some(tomorrow), Some(today.plus_days(WEEK_DAYS))),
        _ => (None, None),
    }
}

fn chips(call: &Call, chosen: &str, counts: &Buckets) -> Vec<Chip> {
    let of = |n: usize| counts.counts.get(n).copied().map_or(0, u64::from);
    let all = [
        ("", Text::new("全部", "All"), total(counts), false),
        ("overdue", Text::new("已逾期", "Overdue"), of(0), true),
        ("today", Text::new("今天到期", "Due today"), of(1), true),
        ("week", Text::new("一周内到期", "Due within a week"), of(2), false),
    ];
    let chip = |(word, label, count, loud): (&str, Text, u64, bool)| Chip {
        href: link(call, &[("chip", word)]),
        label,
        count,
        uncounted: false,
        chosen: word == chosen,
        loud,
    };
    all.into_iter().map(chip).collect()
}

/// Lines of a list: who handles the cases and whom they are about is asked once for all of them.
pub(super) async fn lines_of(call: &Call, rows: &[CaseRow]) -> Result<Vec<CaseLine>, Refusal> {
    let names = Names::of(call, rows.iter().filter_map(|row| row.head.assigned).collect()).await?;
    let parties = PartyNames::of(call, rows.iter()).await?;
    let mut lines: Vec<CaseLine> = rows.iter().map(|row| line(call, &names, &parties, row)).collect();
    if call.may(Permission::SeeCases) {
        marked(call, &mut lines).await?;
    }
    Ok(lines)
}

/// One line of the list.
pub(crate) fn line(call: &Call, names: &Names, parties: &PartyNames, row: &CaseRow) -> CaseLine {
    let packs = call.site().gate().packs();
    let procedure = packs.procedure(&row.head.procedure);
    let next = row.head.next.as_ref();
    let due = next.and_then(|n| procedure?.clock(&n.clock)).map(law::Clock::name);
    let left = next.map(|n| days_left(call.now().shanghai_date(), n.day));
    CaseLine {
        id: row.id.to_string(),
        number: row.number.clone(),
        procedure: procedure.map(Procedure::name).unwrap_or_default(),
        subject: Shown(row.head.title.clone()),
        party: parties.name(row.head.party),
        state: state_of_row(row),
        due: due.unwrap_or_default(),
        day: next.map(|n| n.day.to_string()).unwrap_or_default(),
        left: left.map(|n| State { mark: mark_of_left(n, NEAR_DAYS), word: left_words(n) }).unwrap_or_default(),
        officer: row.head.assigned.map(|a| Shown(names.who(call, Some(a)))).unwrap_or_default(),
        opened: row.opened,
        ..CaseLine::default()
    }
}

/// `TIME_ID` of `after=` where the newest case comes first.
pub(crate) fn place_of(text: &str) -> Option<(UtcMs, CaseId)> {
    let (at, case) = text.split_once('_')?;
    Some((UtcMs(at.parse().ok()?), CaseId::parse(case)?))
}

pub(crate) fn place_text((at, case): (UtcMs, CaseId)) -> String {
    format!("{}_{case}", at.0)
}

/// The procedures that reach this province, and the one that is chosen.
fn here<'a>(call: &'a Call, chosen: &str) -> Vec<&'a Procedure> {
    let packs = call.site().gate().packs();
    let place = call.site().profile().law.jurisdiction;
    let reaches = |p: &Procedure| packs.all().iter().any(|pack| pack.folder == p.folder && pack.reaches(place));
    packs.procedures().iter().filter(|p| p.id == chosen || reaches(p)).collect()
}

/// The name of a procedure with the law that it comes from, where another one has the same name.
fn named_with_law(call: &Call, procedure: &Procedure) -> Text {
    let name = procedure.name();
    let from = procedure.clauses.first().and_then(|c| call.site().gate().packs().cite(c));
    match from.map(|c| c.instrument) {
        Some(law) => Text::of(format!("{}（{}）", name.zh, law.zh), format!("{} ({})", name.en, law.en)),
        None => name,
    }
}

/// What a procedure leads to and the clause that it comes from: procedures of one kind are told apart by it.
fn kind_and_law(call: &Call, procedure: &Procedure) -> Text {
    let kind = procedure.kind.name();
    let Some(c) = procedure.clauses.first().and_then(|c| call.site().gate().packs().cite(c)) else { return kind };
    Text::of(
        format!("{} · {}{}", kind.zh, c.instrument.zh, c.article.zh),
        format!("{} · {}, {}", kind.en, c.instrument.en, c.article.en),
    )
}

pub(super) fn choices(call: &Call, states: &[Stage]) -> (Vec<Choice>, Vec<Choice>) {
    let (procedure, state) = (call.query.get("procedure"), call.query.get("state"));
    let here = here(call, procedure);
    let label = |p: &Procedure| {
        let twins = here.iter().filter(|other| other.name_zh == p.name_zh).count() > 1;
        if twins { named_with_law(call, p) } else { p.name() }
    };
    let procedures = here.iter().map(|p| Choice::new(&p.id, label(p), p.id == procedure));
    let states = states.iter().map(|s| Choice::new(s.code(), s.name(), s.code() == state));
    (procedures.collect(), states.collect())
}

/// Cases that are over, the newest first.
async fn ended(call: &Call, tabs: Vec<Chip>) -> Result<WorklistPage, Refusal> {
    let (authority, who) = (of(call)?, by(call)?);
    let after = place_of(call.query.get("after"));
    let filter = CaseFilter {
        ended: true,
        procedure: call.query.get("procedure").to_owned(),
        state: call.query.get("state").to_owned(),
        before: after,
        ..CaseFilter::default()
    };
    let rows = authority.cases(who, &filter, LINES).await?;
    let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= LINES;
    let next = rows.last().filter(|_| full).map(|row| place_text((row.opened, row.id)));
    let mut lines = lines_of(call, &rows).await?;
    let late = authority.were_late(who, &rows).await?;
    for (line, _) in lines.iter_mut().zip(&rows).filter(|(_, row)| late.contains(&row.id)) {
        line.left = State::new(Mark::Attention, "曾逾期", "was late");
    }
    let (procedures, states) = choices(call, &[Stage::Closed, Stage::Abandoned]);
    Ok(WorklistPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        office: office_name(call, who).await?,
        tabs,
        of: ENDED.to_owned(),
        procedures,
        states,
        narrowed: ["procedure", "state"].iter().any(|f| call.query.has(f)),
        ended: true,
        lines,
        pager: Pager {
            previous: after.map(|_| link(call, &[])),
            next: next.map(|next| link(call, &[("after", &next)])),
            shown: Text::default(),
        },
        may_open: call.may(Permission::HandleCases),
        ..WorklistPage::default()
    })
}

/// `GET /cases?of=&chip=&procedure=&state=&after=`; with `q=` on to the search.
pub(crate) async fn list(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let q = &call.query;
    if q.has("q") {
        // A page of the list is not all there is to find.
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("of", "case").append_pair("q", q.get("q"));
        return Ok(see_other(&format!("/cases/search?{}", query.finish())));
    }
    let tabs = tabs_of(&call).await?;
    let tab = tabs.iter().find(|t| t.0 == q.get("of")).or(tabs.first()).map_or("office", |t| t.0.as_str());
    let mut chips_of_tabs = tab_chips(&tabs, authority, who, tab).await?;
    chips_of_tabs.extend(super::recusals::tab(&call).await?);
    if tab == ENDED {
        return page(&ended(&call, chips_of_tabs).await?);
    }
    if tab == UNPUBLISHED {
        return page(&unpublished(&call, chips_of_tabs).await?);
    }
    let today = call.now().shanghai_date();
    let (from, before) = days_of(q.get("chip"), today);
    let every = WorkFilter {
        assigned: assigned_of(tab, who),
        state: q.get("state").to_owned(),
        procedure: q.get("procedure").to_owned(),
        ..WorkFilter::default()
    };
    let after = cursor_of(q.get("after"));
    let narrow = WorkFilter { from, before, after: after.clone(), ..every.clone() };
    let WorkPage { rows, next, .. } = authority.worklist(who, &narrow, LINES).await?;
    let counts = authority.worklist(who, &every, 1).await?.counts;
    let lines = lines_of(&call, &rows).await?;
    let next = next.map(|cursor| link(&call, &[("after", &cursor_text(&cursor))]));
    let narrowed = ["chip", "procedure", "state"].iter().any(|f| q.has(f));
    // What waits for oneself comes before every list, but not before each of its pages.
    let waiting = if narrowed || after.is_some() { Waiting::default() } else { waiting(&call).await? };
    let pager = Pager { previous: after.map(|_| link(&call, &[])), next, shown: Text::default() };
    let (procedures, states) = choices(&call, &[Stage::Draft, Stage::Running, Stage::Decided]);
    page(&WorklistPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        office: office_name(&call, who).await?,
        tabs: chips_of_tabs,
        chips: chips(&call, q.get("chip"), &counts),
        of: tab.to_owned(),
        chip: q.get("chip").to_owned(),
        procedures,
        states,
        narrowed,
        ended: false,
        waiting: waiting.lines,
        waiting_more: waiting.more,
        waiting_all: waiting.all,
        lines,
        total: total(&counts),
        pager,
        may_open: call.may(Permission::HandleCases),
    })
}

async fn tab_chips(
    tabs: &[(String, Text)],
    authority: &Authority,
    who: By,
    chosen: &str,
) -> Result<Vec<Chip>, Refusal> {
    let mut chips = Vec::new();
    for (word, label) in tabs {
        let filter = WorkFilter { assigned: assigned_of(word, who), ..WorkFilter::default() };
        let uncounted = [ENDED, UNPUBLISHED].contains(&word.as_str());
        let count = if uncounted { 0 } else { total(&authority.worklist(who, &filter, 1).await?.counts) };
        let (href, label) = (format!("/cases?of={word}"), label.clone());
        chips.push(Chip { href, label, count, uncounted, chosen: word == chosen, loud: false });
    }
    Ok(chips)
}

/// The office of the account; empty for who supervises all.
pub(super) async fn office_name(call: &Call, who: By) -> Result<String, Refusal> {
    let store = call.site().store();
    let Some(officer) = store.officer(who.account).await? else { return Ok(String::new()) };
    Ok(store.office(officer.office).await?.map(|o| o.called(call.lang).to_owned()).unwrap_or_default())
}

// -- at the counter ---------------------------------------------------------------------------------------------------------

/// The form of a counter case: the first step, and what is not asked there of the party.
struct Form<'a> {
    procedure: &'a Procedure,
    first: &'a str,
    fields: Vec<&'a Field>,
    unit: Vec<Field>,
    person: Vec<Field>,
}

impl<'a> Form<'a> {
    fn of(procedure: &'a Procedure) -> Option<Self> {
        let first = procedure.steps.iter().find(|s| s.after.is_empty())?;
        let fields: Vec<&Field> = procedure.fields_at(&first.id).collect();
        Some(Self { procedure, first: &first.id, fields, unit: party_fields(true), person: party_fields(false) })
    }

    /// Fields about the party that the step does not ask, each once.
    fn of_party(&self) -> Vec<&Field> {
        let mut out: Vec<&Field> = Vec::new();
        for field in self.unit.iter().chain(&self.person) {
            let asked = self.fields.iter().chain(out.iter()).any(|f| f.id == field.id);
            if !asked {
                out.push(field);
            }
        }
        out
    }

    /// The same for the page: a field of one kind of party alone says so, for both kinds stand there.
    fn of_party_said(&self) -> Vec<Field> {
        let has = |all: &[Field], id: &str| all.iter().any(|f| f.id == id);
        let said = |f: &Field| {
            let (zh, en) = match (has(&self.unit, &f.id), has(&self.person, &f.id)) {
                (true, false) => ("（当事人是单位的填）", " (of a unit)"),
                (false, true) => ("（当事人是个人的填）", " (of a person)"),
                _ => ("", ""),
            };
            Field { zh: format!("{}{zh}", f.zh), en: format!("{}{en}", f.en), ..f.clone() }
        };
        self.of_party().into_iter().map(said).collect()
    }

    /// A field of the step that may be empty there and that the counter needs to know whom the case is about says for whom.
    fn say_needed(&self, fields: &mut [AskedField]) {
        let needs = |all: &[Field], id: &str| all.iter().any(|f| f.id == id && f.required);
        for field in fields.iter_mut().filter(|f| !f.required && f.needed.zh.is_empty()) {
            field.needed = match (needs(&self.unit, &field.id), needs(&self.person, &field.id)) {
                (true, true) => Text::new("（有当事人的必填）", "(needed where there is a party)"),
                (true, false) => Text::new("（当事人是单位的必填）", "(needed of a unit)"),
                (false, true) => Text::new("（当事人是个人的必填）", "(needed of a person)"),
                (false, false) => continue,
            };
        }
    }

    /// What is wrong with the party besides what is told already, where the rest of the form is wrong too: all of it is told at once. A field
    /// that the step lets be empty is still needed of whom the case is about.
    fn party_faults(&self, call: &Call, told: &[FieldFault]) -> Vec<FieldFault> {
        let of_kind = match call.form.get(PARTY) {
            "unit" => &self.unit,
            "person" => &self.person,
            SAME_PARTY => return Vec::new(),
            "none" if is_ours(self.procedure.applicant) => return Vec::new(),
            _ => return vec![no_party_chosen()],
        };
        let own: Vec<&Field> = of_kind.iter().filter(|f| told.iter().all(|fault| fault.field != f.id)).collect();
        another::faults_of_party(call, &own, call.form.get(PARTY) == "unit", told)
    }

    fn party_form(&self, call: &Call, is_unit: bool) -> PartyForm {
        let asked = if is_unit { &self.unit } else { &self.person };
        let fields: Vec<&Field> = asked.iter().collect();
        PartyForm { is_unit, typed: ask::typed_of(&call.form, &fields) }
    }
}

/// The case that a new one is to come from; none where the address names none.
async fn carried(call: &Call, form: &Form<'_>) -> Result<Option<Carried>, Refusal> {
    let named = if call.form.has("from") { call.form.get("from") } else { call.query.get("from") };
    let Some(from) = CaseId::parse(named) else { return Ok(None) };
    of(call)?.carried(by(call)?, from, &form.procedure.id).await.map(Some)
}

fn party_choice(chosen: &str, known: Option<&Carried>) -> AskedField {
    let choice = |word: &str, label: Text| Choice::new(word, label, word == chosen);
    AskedField {
        id: PARTY.to_owned(),
        label: Text::new("当事人", "party"),
        hint: Text::new(
            "填写代码或者证件号码即可，以前登记过的会自动找到；本机关主动立案、还没有当事人的，或者举报人要匿名的，选「没有」。",
            "Enter the code or number; who is on record is found by it. Choose none where the office begins the case and knows no party yet, or whoever reports stays unnamed.",
        ),
        ask: Ask::Choice,
        value: chosen.to_owned(),
        choices: known
            .filter(|k| k.party.is_some())
            .map(|_| choice(SAME_PARTY, Text::new("来源案件的当事人", "the party of the case it comes from")))
            .into_iter()
            .chain([
                choice("unit", Text::new("单位", "unit")),
                choice("person", Text::new("个人", "person")),
                choice("none", Text::new("没有", "none")),
            ])
            .collect(),
        required: true,
        ..AskedField::default()
    }
}

async fn counter_page(
    call: &Call,
    form: &Form<'_>,
    faults: &[FieldFault],
    mut wrong: Wrong,
) -> Result<CounterPage, Refusal> {
    let known = carried(call, form).await?;
    let typed = |fields: &[&Field]| match &known {
        _ if !wrong.status.is_success() => ask::typed_of(&call.form, fields),
        Some(known) => ask::for_reader(call, fields, known.typed.clone()),
        None => Typed::new(),
    };
    let of_source = known.as_ref().is_some_and(|k| k.party.is_some());
    let chosen = match call.form.get(PARTY) {
        "" if of_source => SAME_PARTY,
        chosen => chosen,
    };
    let of_party = form.of_party_said();
    let of_party: Vec<&Field> = of_party.iter().collect();
    let of_choice = faults.iter().find(|f| f.field == PARTY).map(|f| ask::both(&f.what, &f.next));
    let mut fields = vec![AskedField { error: of_choice, ..party_choice(chosen, known.as_ref()) }];
    fields.extend(other_name::asked(call, faults));
    fields.push(old_law::facts_asked(call, form.procedure));
    fields.extend(ask::asked(call, &form.fields, &typed(&form.fields), faults));
    if !of_source {
        form.say_needed(&mut fields);
    }
    if let Some(known) = &known {
        ask::say_kept(&mut fields, &form.fields, &ask::unseen(call, &form.fields, known.typed.clone()));
    }
    fields.extend(ask::asked(call, &of_party, &typed(&of_party), faults));
    // The day that is typed says which divisions there were.
    let on = old_law::facts_of(call).ok().flatten().unwrap_or(call.now().shanghai_date());
    divisions::offer(call, &form.procedure.place, on, &mut fields).await?;
    let behind = another::behind(&form.fields, &mut fields);
    if call.form.has("again") || wrong.errors.0.iter().any(|e| e.field == SAME) {
        fields.push(ask::again(call));
    }
    let brought = call.form.all("materials");
    let paper = |m: &law::Material| Choice {
        hint: if m.required && m.one_of.is_empty() {
            Text::new("必须提交", "required")
        } else if m.required {
            Text::new("几样有其一即可", "one of several")
        } else {
            Text::default()
        },
        ..Choice::new(&m.id, Text::of(m.zh.clone(), m.en.clone()), brought.contains(&m.id))
    };
    let papers: Vec<Choice> = form.procedure.materials.iter().filter(|m| !m.gap).map(paper).collect();
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(CounterPage {
        l: call.lang,
        bar,
        procedure: form.procedure.id.clone(),
        name: form.procedure.name(),
        fields,
        behind,
        another: call.form.has(another::ANOTHER),
        papers,
        own_motion: is_ours(form.procedure.applicant) && form.procedure.kind != ProcedureKind::Penalty,
        begun_by_us: is_ours(form.procedure.applicant),
        take: call.form.has(TAKE),
        from: known.as_ref().map(|k| k.from.to_string()).unwrap_or_default(),
        from_number: known.map(|k| k.number).unwrap_or_default(),
        errors: wrong.errors,
        ..CounterPage::default()
    })
}

fn unknown_procedure() -> Refusal {
    Refusal::not_found("该事项", "procedure")
}

fn form_of<'a>(call: &'a Call, id: &str) -> Result<Form<'a>, Refusal> {
    let procedure = call.site().gate().packs().procedure(id).ok_or_else(unknown_procedure)?;
    Form::of(procedure).ok_or_else(unknown_procedure)
}

/// `GET /cases/new?procedure=`.
pub(crate) async fn new(call: Call) -> Reply {
    let authority = of(&call)?;
    let id = call.query.get("procedure");
    if !id.is_empty() {
        let form = form_of(&call, id)?;
        authority.may_get(by(&call)?, id).await?;
        return page(&counter_page(&call, &form, &[], Wrong::none()).await?);
    }
    let today = call.now().shanghai_date();
    let choice = |p: &Procedure| ProcedureChoice {
        href: format!("/cases/new?procedure={}", p.id),
        name: p.name(),
        hint: kind_and_law(&call, p),
    };
    let of_old = |p: &Procedure| {
        let (kind, until) = (p.kind.name(), p.until.map(|day| day.to_string()).unwrap_or_default());
        let hint = Text::of(format!("{}，自 {until} 起取消", kind.zh), format!("{}, ended on {until}", kind.en));
        ProcedureChoice { hint, ..choice(p) }
    };
    let mut here = authority.openable_by(by(&call)?, today).await?;
    here.sort_by(|a, b| a.name().zh.cmp(&b.name().zh));
    let (own, asked): (Vec<_>, Vec<_>) = here.into_iter().partition(|p| is_ours(p.applicant));
    let old = authority.openable_of_old(today).await?;
    page(&CounterPage {
        l: call.lang,
        bar: call.bar(Nav::Cases).await?,
        procedures: asked.into_iter().map(choice).collect(),
        own: own.into_iter().map(choice).collect(),
        old: old.into_iter().map(of_old).collect(),
        ..CounterPage::default()
    })
}

/// What a refusal with a field's id as its code says, as a fault of that field.
fn fault_of(refusal: Refusal) -> FieldFault {
    FieldFault { field: refusal.code, what: refusal.what, next: refusal.next }
}

/// The party of the case that this one comes from.
async fn same_party(call: &Call, form: &Form<'_>) -> Result<Option<PartyId>, Vec<FieldFault>> {
    match carried(call, form).await {
        Ok(known) => Ok(known.and_then(|k| k.party)),
        Err(refusal) => Err(vec![fault_of(refusal)]),
    }
}

/// What the case that this one comes from has of persons, unseen: where it is about somebody else, nothing of it is taken over.
async fn kept_of_source(call: &Call, form: &Form<'_>) -> Result<Typed, Refusal> {
    let Some(known) = carried(call, form).await? else { return Ok(Typed::new()) };
    if known.party.is_some() && call.form.get(PARTY) != SAME_PARTY {
        return Ok(Typed::new());
    }
    Ok(ask::unseen(call, &form.fields, known.typed))
}

fn no_party_chosen() -> FieldFault {
    FieldFault {
        field: PARTY.to_owned(),
        what: Text::new("没有选择当事人。", "The party is not chosen."),
        next: Text::new("请选择单位或者个人。", "Choose a unit or a person."),
    }
}

/// The act that the case is about is not to come: told before a case is opened, as the engine says it of the step.
fn act_to_come(form: &Form<'_>, typed: &Typed, on: CivilDate) -> Option<FieldFault> {
    let field = form.fields.iter().find(|f| f.id == ACT_DAY)?;
    CivilDate::parse(typed.get(ACT_DAY)?.trim()).filter(|act| *act > on)?;
    Some(FieldFault {
        field: ACT_DAY.to_owned(),
        what: Text::of(format!("“{}”晚于今天。", field.zh), format!("\"{}\" is to come.", field.en)),
        next: Text::new("请核对日期。", "Check the day."),
    })
}

/// The party that was chosen.
async fn party_of(
    call: &Call,
    authority: &Authority,
    who: By,
    form: &Form<'_>,
) -> Result<Option<PartyId>, Vec<FieldFault>> {
    let is_unit = match call.form.get(PARTY) {
        "unit" => true,
        "person" => false,
        SAME_PARTY => return same_party(call, form).await,
        "none" if is_ours(form.procedure.applicant) => return Ok(None),
        _ => return Err(vec![no_party_chosen()]),
    };
    let found = authority.party_for_counter(who, &form.party_form(call, is_unit)).await;
    found.map(Some).map_err(|all| all.into_iter().map(fault_of).collect())
}

/// The party that was chosen, where nothing else of the form is wrong; what is wrong with it is added to the faults.
async fn party_checked(call: &Call, form: &Form<'_>, faults: &mut Vec<FieldFault>) -> Result<Option<PartyId>, Refusal> {
    if !faults.is_empty() {
        let of_party = form.party_faults(call, faults);
        faults.extend(of_party);
        return Ok(None);
    }
    match party_of(call, of(call)?, by(call)?, form).await {
        Ok(found) => {
            faults.extend(other_name::fault(call, call.form.get(PARTY), found).await?);
            Ok(found)
        }
        Err(found) => {
            faults.extend(found);
            Ok(None)
        }
    }
}

/// The form again, with everything that is wrong.
async fn faulty(call: &Call, form: &Form<'_>, faults: &[FieldFault]) -> Reply {
    let mut wrong = Wrong::form();
    let of_party = form.of_party();
    let all: Vec<&Field> = form.fields.iter().chain(of_party.iter()).copied().collect();
    if !faults.iter().any(|f| f.field == PARTY) {
        // A wrong day and another name stand at their own fields.
        let others: Vec<FieldFault> =
            faults.iter().filter(|f| ![old_law::FACTS, OTHER_NAME].contains(&f.field.as_str())).cloned().collect();
        ask::of_no_field(&others, &all, &mut wrong.errors);
    }
    page_with(wrong.status, &counter_page(call, form, faults, wrong).await?)
}

/// `POST /cases/new`: `procedure`, `party_is`, `facts_on`, the fields, `materials` many, `own_motion`.
pub(crate) async fn open(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let form = form_of(&call, call.form.get("procedure"))?;
    let typed = ask::with_kept(ask::typed_of(&call.form, &form.fields), &kept_of_source(&call, &form).await?);
    let typed = another::filled(&call, form.procedure, &form.fields, typed);
    let mut faults = ask::faults_of(&form.fields, &typed, call.now().shanghai_date());
    another::excuse(&call, &form.fields, &typed, &mut faults);
    if !faults.is_empty() {
        authority.tried_numbers(who, None, &form.fields, &typed).await?;
    }
    let told = faults.iter().any(|f| f.field == ACT_DAY);
    faults.extend(act_to_come(&form, &typed, call.now().shanghai_date()).filter(|_| !told));
    let facts_on = match old_law::facts_of(&call) {
        Ok(day) => day,
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    let on = facts_on.unwrap_or(call.now().shanghai_date());
    faults.extend(ask::places_of(&call, &form.fields, &typed, on));
    // Whoever stays unnamed is no party: nothing of them is looked up or written.
    let party = if is_unnamed(&form.fields, &typed) { None } else { party_checked(&call, &form, &mut faults).await? };
    if !faults.is_empty() {
        return faulty(&call, &form, &faults).await;
    }
    let today = call.now().shanghai_date();
    let facts_on = facts_on.or_else(|| found_on(&form, &typed, today));
    let place = form.procedure.place_field().filter(|f| f.step == form.first);
    // Nobody applies for a penalty.
    let is_own = form.procedure.kind == ProcedureKind::Penalty;
    let beginning = Beginning {
        procedure: form.procedure.id.clone(),
        channel: if is_own || call.form.has("own_motion") { Channel::OwnMotion } else { Channel::Counter },
        party,
        place: place.and_then(|f| typed.get(&f.id)).cloned().unwrap_or_default(),
        office: None,
        facts_on,
        title: String::new(),
        again: call.form.get("again").to_owned(),
    };
    let from = CaseId::parse(call.form.get("from"));
    let begun = match authority.begin_filled(who, &beginning, from, &typed).await {
        Ok(begun) => begun,
        Err(refusal) => {
            let at = match refusal.code.as_str() {
                "same_case" | "again" => SAME,
                code => old_law::is_about_facts(code).unwrap_or("form"),
            };
            let wrong = Wrong::of(refusal, at)?;
            return page_with(wrong.status, &counter_page(&call, &form, &[], wrong).await?);
        }
    };
    brought(&call, authority, who, begun.case).await?;
    // What has ended was applied for then.
    let on = facts_on.filter(|_| form.procedure.has_ended(today)).unwrap_or(today);
    let step = form.first.to_owned();
    let first = CaseAct::Done { step, typed: typed.clone(), note: String::new(), officers: Vec::new(), on };
    let Err(refusal) = act(&call, authority, who, begun.case, first).await else {
        return call.done(&format!("/cases/{}", begun.case), "case_opened");
    };
    // The case is there: what its first step still lacks is put right on its own page, with what was typed here.
    Wrong::of(refusal, "form")?;
    let kept = CaseAct::Fill { step: form.first.to_owned(), typed };
    if let Err(refusal) = act(&call, authority, who, begun.case, kept).await {
        Wrong::of(refusal, "form")?;
    }
    call.done(&format!("/cases/{}/steps/{}", begun.case, form.first), "case_first_lacks")
}

/// The day of the facts of what the organ opens itself, where none was typed: the day on which it was found, as its first step says it.
fn found_on(form: &Form<'_>, typed: &Typed, today: CivilDate) -> Option<CivilDate> {
    let own = is_ours(form.procedure.applicant);
    let field = form.procedure.day_field(form.first).filter(|f| own && f.step == form.first)?;
    let day = typed.get(&field.id).and_then(|text| CivilDate::parse(text.trim()))?;
    (day < today && form.procedure.in_force(day)).then_some(day)
}

/// One act on the case as it is now: for what follows in the same request.
async fn act(call: &Call, authority: &Authority, who: By, case: CaseId, act: CaseAct) -> Result<(), Refusal> {
    let row = call.site().store().case(case).await?.ok_or_else(|| Refusal::not_found("该案件", "case"))?;
    authority.act(who, case, &Command { seen: row.events, act }, Vec::new()).await.map(|_| ())
}

/// Enters the papers that were ticked as brought, whose scans come later, and who handles the case, where that was ticked.
async fn brought(call: &Call, authority: &Authority, who: By, case: CaseId) -> Result<(), Refusal> {
    let view = authority.case(who, case).await?;
    let ticked = call.form.all("materials");
    for material in view.procedure().materials.iter().filter(|m| ticked.contains(&m.id)) {
        let paper = CaseAct::GivePaper {
            material: material.id.clone(),
            sha256: Sha256::of(format!("{case} {}", material.id).as_bytes()),
            bytes: 0,
            kind: PaperKind::OnPaper,
            name: None,
        };
        act(call, authority, who, case, paper).await?;
    }
    if call.form.has(TAKE) {
        let take = CaseAct::Assign { to: who.account };
        // What keeps somebody from handling it keeps no case from being opened: its page says that nobody has it.
        if let Err(refusal) = act(call, authority, who, case, take).await {
            Wrong::of(refusal, "form")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
