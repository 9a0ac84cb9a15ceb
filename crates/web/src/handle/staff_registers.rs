//! Registers for staff: the list of all, one with its filters, copies of it.
//!
//! ```text
//! carriers ─▶ who writes its rows: cases, officers, or a site's server ─▶ groups
//! row ─▶ open columns · sealed ones: masked where they are personal, shut where the row is confidential ─▶ cells
//! copy ─▶ Authority::enter_export (entry) ─▶ rows, a page at a time
//! ```
//! Always true: personal columns are masked on every page and in every copy; they are read whole on the answer to a reveal and in the form that
//! changes the row, by who handles cases of the row's own office, each after an entry (`staff_rows`); a row that its form calls confidential shows
//! other offices its name and nothing sealed; a copy begins after its entry.

use super::inbox::{by, of};
use super::register_files::{Form, StaffCopy, staff_file};
use super::register_narrow::{Narrow, Offer};
use super::register_states::{Withdrawn, identifier, list_cells, list_columns, procedures_saying, state_on, states};
use super::registers::{Open, form_reaches, holds, label_of, open_registers, says_filter, with_keys, words};
use crate::answer::{Reply, page};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::registers::{RegisterFilter, RegisterRow};
use crate::pages::staff_registers::{StaffRegister, StaffRegisterGroup, StaffRegisterPage, StaffRegistersPage};
use crate::pages::{Choice, Mark, Nav, Pager, State};
use authority::cases::{has_own_rows, own_columns, row_columns};
use base::{Citation, CivilDate, ClauseId, Lang, OfficeId, Pii, Refusal, Text};
use domain::access::Permission;
use law::{Carrier, Field, FieldKind, ListedCarrier, Packs, RegisterForm};
use serde_json::Value;
use store::Store;
use store::casework::offices::OfficeRow;
use store::casework::registers::{RowFilter, RowVersion};
use store::casework::search::{QUERY_CHARS, RESULTS};

/// Rows of one page.
const LINES: u32 = 50;
/// Most offices to narrow by.
const OFFICES: usize = 200;
/// Characters of a number that stay when it is masked.
const TAIL: usize = 4;
/// The address of registers whose rows are on this server.
const HERE: &str = "/registers/{register}";

/// Whose sealed columns a person reads.
#[derive(Clone)]
pub(super) struct Reader {
    /// The office whose cases they handle.
    handles: Option<OfficeId>,
    /// Their office.
    office: Option<OfficeId>,
}

impl Reader {
    /// The person of this call.
    pub(super) async fn of(call: &Call) -> Result<Self, Refusal> {
        let office = of(call)?.register_office(by(call)?).await?;
        Ok(Self { handles: office.filter(|_| call.may(Permission::HandleCases)), office })
    }

    /// They handle cases of the row's office.
    pub(super) fn is_own(&self, row: &RowVersion) -> bool {
        self.handles.is_some() && self.handles == row.office
    }

    /// A row as this person may read it.
    pub(super) fn read<'a>(&self, packs: &'a Packs, row: &RowVersion) -> Whole<'a> {
        let (_, sealed) = row_columns(row);
        let form = packs.register_form(&row.register);
        let level = form.map_or("", |form| sealed[form.level.as_str()].as_str().unwrap_or_default());
        let confidential = row.case.is_none() && form.is_some_and(|form| form.is_confidential(level));
        let shut = confidential && (self.office.is_none() || self.office != row.office);
        Whole { open: Open::read(packs, row), sealed, own: self.is_own(row), shut }
    }
}

/// A row with its sealed columns, as far as a person may read them.
pub(super) struct Whole<'a> {
    /// The open part.
    pub open: Open<'a>,
    /// The sealed part.
    pub sealed: Value,
    /// This person handles cases of its office.
    pub own: bool,
    /// It is confidential, and not of this person's office.
    pub shut: bool,
}

impl Whole<'_> {
    /// A column is hidden, in part or whole, from this person.
    pub(super) fn masks(&self, column: &Field) -> bool {
        let field = self.open.field(column);
        let there = !self.sealed[column.id.as_str()].is_null() && self.open.value(&column.id).is_null();
        let personal = field.personal || field.kind.is_personal();
        there && (self.shut || personal)
    }

    /// A column as this person may read it; empty where the row has none.
    pub(super) fn cell(&self, column: &Field, lang: Lang) -> String {
        let field = self.open.field(column);
        let open = self.open.value(&column.id);
        let personal = field.personal || field.kind.is_personal();
        if !open.is_null() && !personal {
            return words(self.open.packs, field, open, lang);
        }
        let text = words(self.open.packs, field, &self.sealed[column.id.as_str()], lang);
        if !self.masks(column) || text.is_empty() {
            return text;
        }
        if self.shut {
            return lang.t("（不公开）", "(confidential)").to_owned();
        }
        match field.kind {
            FieldKind::Name => Pii::new(text).masked(),
            FieldKind::Phone | FieldKind::ResidentId | FieldKind::IdentityDocument => Pii::new(text).masked_tail(TAIL),
            // Of words nobody can say which part names a person.
            _ => lang.t("（个人信息）", "(personal)").to_owned(),
        }
    }
}

/// Every column of a register: of procedures and forms that reach this province, and those that the program fills in of itself; each id once,
/// personal ones too.
pub(super) fn columns<'a>(call: &'a Call, register: &str) -> Vec<&'a Field> {
    let packs = call.site().gate().packs();
    let place = call.site().profile().law.jurisdiction;
    let reaches = |folder: &str| packs.all().iter().any(|pack| pack.folder == folder && pack.reaches(place));
    let of_cases = packs.procedures().iter().filter(|p| reaches(&p.folder)).flat_map(|p| &p.fields);
    let by_hand = form_of(call, register).into_iter().flat_map(|form| &form.fields);
    let (before, behind) = own_columns(register);
    let mut out: Vec<&Field> = Vec::new();
    for field in
        before.iter().chain(by_hand).chain(of_cases).chain(behind).filter(|f| f.registers.iter().any(|r| r == register))
    {
        if !out.iter().any(|known| known.id == field.id) {
            out.push(field);
        }
    }
    out
}

/// The form of a register that is filled in by hand here.
pub(super) fn form_of<'a>(call: &'a Call, register: &str) -> Option<&'a RegisterForm> {
    let packs = call.site().gate().packs();
    let place = call.site().profile().law.jurisdiction;
    packs.register_form(register).filter(|form| form_reaches(packs, form, place))
}

/// The register of a word.
pub(super) fn listed<'a>(call: &'a Call, id: &str) -> Result<&'a ListedCarrier, Refusal> {
    let found = call.site().gate().packs().carriers().registers().iter().find(|r| r.id == id);
    found.ok_or_else(|| Refusal::not_found("这个登记簿", "register"))
}

/// Cases write rows of it, or what belongs to cases and reports does.
fn is_of_cases(packs: &Packs, register: &str) -> bool {
    has_own_rows(register)
        || packs.procedures().iter().flat_map(|p| &p.outcomes).any(|o| o.registers.iter().any(|r| r == register))
}

/// What stands in a register, or where it is kept.
fn about(call: &Call, register: &ListedCarrier) -> Text {
    if let Some(form) = form_of(call, &register.id) {
        return form.about();
    }
    match register.id.as_str() {
        "alarms" => {
            return Text::new(
                "各单位上报的报警和处置情况；在接警台办理。",
                "Alarms that units report, and how far they are; they are handled in the inbox.",
            );
        }
        "holds" => {
            return Text::new(
                "公安机关通知单位封存、解除的录像，各行注明所属案件。",
                "Footage that units were told to hold and to let go; each row names its case.",
            );
        }
        _ => {}
    }
    match (&register.route, is_of_cases(call.site().gate().packs(), &register.id)) {
        (Some(route), false) if route != HERE => Text::new(
            "由各单位在自己的服务器上记录，上报的见接警台。",
            "Kept by each unit on its own server; what is reported is in the inbox.",
        ),
        (None, false) => Text::new("本系统尚无记录。", "This system keeps no rows of it yet."),
        _ => Text::new("由案件写入，见各行所属的案件。", "Written by cases; each row names its case."),
    }
}

/// A register with its counts.
pub(super) async fn register_of(call: &Call, register: &ListedCarrier) -> Result<StaffRegister, Refusal> {
    let (packs, store) = (call.site().gate().packs(), call.site().store());
    let (place, today) = (call.site().profile().law.jurisdiction, call.now().shanghai_date());
    let carrier = Carrier::Register(register.id.clone());
    let reaching = packs.all().iter().filter(|p| p.reaches(place)).flat_map(|p| &p.clauses);
    let asking = reaching.filter(|c| c.carried_out_by.contains(&carrier));
    let mut ids: Vec<ClauseId> = asking.map(|c| ClauseId::new(&c.id)).collect();
    for id in form_of(call, &register.id).into_iter().flat_map(|form| &form.clauses) {
        let here = packs.clause(id).is_some_and(|(pack, _)| pack.reaches(place));
        if here && !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    let clauses: Vec<Citation> = ids.iter().filter_map(|id| packs.cite(id)).collect();
    let all = RowFilter { register: register.id.clone(), ..RowFilter::default() };
    let ended = RowFilter { ended_before: Some(today), ..all.clone() };
    let by_hand = form_of(call, &register.id).is_some();
    let rows = store.register_rows_count(&all).await?;
    let here = by_hand || rows > 0 || is_of_cases(packs, &register.id);
    let public = open_registers(call).iter().any(|open| open.id == register.id);
    let shown = RowFilter { shown: true, ..all.clone() };
    let published = if public { Some(store.register_rows_count(&shown).await?) } else { None };
    let href = if here { format!("/registers/{}", register.id) } else { String::new() };
    Ok(StaffRegister {
        id: register.id.clone(),
        href,
        name: register.name(),
        about: about(call, register),
        rows,
        ended: store.register_rows_count(&ended).await?,
        updated: store.register_changed(&register.id).await?,
        published,
        by_hand,
        clauses,
    })
}

/// `GET /registers`.
pub(crate) async fn list(call: Call) -> Reply {
    of(&call)?;
    let packs = call.site().gate().packs();
    let (mut cases, mut hand, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
    for listed in packs.carriers().registers() {
        let register = register_of(&call, listed).await?;
        let group = match (register.by_hand, is_of_cases(packs, &listed.id)) {
            (true, _) => &mut hand,
            (false, true) => &mut cases,
            (false, false) => &mut elsewhere,
        };
        group.push(register);
    }
    let group =
        |zh: &'static str, en: &'static str, registers| StaffRegisterGroup { title: Text::new(zh, en), registers };
    let mut groups = vec![
        group("由案件写入", "Written by cases", cases),
        group("直接登记，也可由案件写入", "Entered by hand, some by cases too", hand),
        group("在其他地方", "Kept elsewhere", elsewhere),
    ];
    groups.retain(|g| !g.registers.is_empty());
    page(&StaffRegistersPage { l: call.lang, bar: call.bar(Nav::Cases).await?, groups })
}

/// What a page of a register asks for.
struct Asked {
    query: String,
    on: Option<CivilDate>,
    state: String,
    /// Only rows that say this (`law::RowState::word`), and the procedures whose rows do; empty: all.
    says: (String, Vec<String>),
    office: Option<OfficeId>,
    /// Where, and of which kind.
    narrow: Narrow,
    before: Option<u64>,
}

impl Asked {
    fn read(call: &Call, register: &str, offer: &Offer<'_>) -> Self {
        let q = &call.query;
        let says = states(call, register).into_iter().find(|state| state.word == q.get("says"));
        let says = says.map(|state| (state.word.clone(), procedures_saying(call, register, &state.word)));
        let state = ["now", "ended"].into_iter().find(|word| *word == q.get("state")).unwrap_or_default();
        Self {
            query: q.get("q").chars().filter(|c| !c.is_control()).take(QUERY_CHARS).collect(),
            on: CivilDate::parse(q.get("on")),
            state: state.to_owned(),
            says: says.unwrap_or_default(),
            office: OfficeId::parse(q.get("office")),
            narrow: Narrow::read(call, offer),
            before: q.get("before").parse().ok(),
        }
    }

    fn narrowed(&self) -> bool {
        !self.words().is_empty()
    }

    fn filter(&self, packs: &Packs, register: &str, today: CivilDate) -> RowFilter {
        let holds_on = self.on.or((self.state == "now").then_some(today));
        let mut filter = RowFilter {
            register: register.to_owned(),
            holds_on,
            made_by: if holds_on.is_some() { packs.in_force_by(register) } else { Vec::new() },
            ended_before: (self.state == "ended").then_some(today),
            office: self.office,
            procedures: self.says.1.clone(),
            before: self.before,
            ..RowFilter::default()
        };
        self.narrow.fill(&mut filter);
        filter
    }

    /// The words of the filter, for addresses and the log.
    fn words(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("q", self.query.clone()),
            ("on", self.on.map(|day| day.to_string()).unwrap_or_default()),
            ("state", self.state.clone()),
            ("says", self.says.0.clone()),
            ("office", self.office.map(|id| id.to_string()).unwrap_or_default()),
        ];
        all.into_iter().chain(self.narrow.words()).filter(|(_, word)| !word.is_empty()).collect()
    }

    fn link(&self, path: &str, before: Option<u64>) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(self.words());
        if let Some(before) = before {
            out.append_pair("before", &before.to_string());
        }
        let query = out.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// Whether a row that the words found fits the rest of a filter.
fn fits(row: &RowVersion, f: &RowFilter) -> bool {
    let said = |key: &str| {
        let public: Value = serde_json::from_str(&row.public).unwrap_or_default();
        public[key].as_str().unwrap_or_default().to_owned()
    };
    let made_by = || law::made_by(&said("procedure"), &said("outcome"));
    (f.procedures.is_empty() || f.procedures.contains(&said("procedure")))
        && (f.made_by.is_empty() || f.made_by.contains(&made_by()))
        && f.holds_on.is_none_or(|on| holds(row, on))
        && f.ended_before.is_none_or(|day| row.until.is_some_and(|until| until < day))
        && (f.office.is_none() || f.office == row.office)
}

/// Rows of a page without their sealed columns, and the place to go on from.
pub(super) async fn found(
    store: &Store,
    filter: &RowFilter,
    query: &str,
    most: u32,
) -> Result<(Vec<RowVersion>, Option<u64>), Refusal> {
    if query.is_empty() {
        let rows = store.register_rows(filter, most).await?;
        let whole = usize::try_from(most).unwrap_or(usize::MAX);
        let next = (rows.len() >= whole).then(|| rows.last().map(|r| r.entry)).flatten();
        return Ok((rows, next));
    }
    let searched = store.search_rows(&filter.register, query, filter.before, most.min(RESULTS)).await?;
    let (mut rows, next) = searched.unwrap_or_default();
    rows.retain(|row| fits(row, filter));
    Ok((with_keys(store, rows, filter).await?, next))
}

/// How a row stands: one that somebody ended, and one whose certificate or term ran out, are told apart.
pub(super) fn state_of(row: &RowVersion, open: &Open<'_>, today: CivilDate) -> State {
    let over = if open.is_ended() {
        State::new(Mark::Off, "已终止", "ended")
    } else {
        State::new(Mark::Attention, "已过期", "expired")
    };
    state_on(row, open, today, over)
}

fn filters(
    call: &Call,
    (register, offer): (&str, &Offer<'_>),
    asked: &Asked,
    offices: &[OfficeRow],
) -> Vec<RegisterFilter> {
    let state =
        |word: &str, zh: &'static str, en: &'static str| Choice::new(word, Text::new(zh, en), asked.state == word);
    let mut states =
        vec![state("now", "现在有效", "in force now"), state("ended", "已终止或者过期", "ended or expired")];
    // Where nothing can be in force, nobody narrows to it.
    states.retain(|s| s.value != "now" || !call.site().gate().packs().in_force_by(register).is_empty());
    let mut out = vec![RegisterFilter { id: "state".into(), label: Text::new("状态", "State"), choices: states }];
    out.extend(says_filter(call, register, &asked.says.0));
    out.extend(offer.filters(call, &asked.narrow));
    if (2..=OFFICES).contains(&offices.len()) {
        let choice = |o: &OfficeRow| Choice::new(&o.id.to_string(), o.names(), asked.office == Some(o.id));
        let choices = offices.iter().map(choice).collect();
        out.push(RegisterFilter { id: "office".into(), label: Text::new("机构", "Office"), choices });
    }
    out
}

/// `GET /registers/{register}?q=&on=&state=&says=&division=&kind=&office=&before=`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let register = listed(&call, call.param(0))?;
    let every = columns(&call, &register.id);
    let offer = Offer::of(&call, &register.id, &every, false);
    let (asked, reader) = (Asked::read(&call, &register.id, &offer), Reader::of(&call).await?);
    let unsorted = asked.narrow.is_unsorted(&call, &register.id).await?;
    let (packs, store, l) = (call.site().gate().packs(), call.site().store(), call.lang);
    let today = call.now().shanghai_date();
    let filter = asked.filter(packs, &register.id, today);
    let (rows, next) = found(store, &filter, &asked.query, LINES).await?;
    let total = if asked.query.is_empty() {
        store.register_rows_count(&filter).await?
    } else {
        u64::try_from(rows.len()).unwrap_or(u64::MAX)
    };
    // The whole register stands on this page.
    let next = next.filter(|_| asked.before.is_some() || !asked.query.is_empty() || total > u64::from(LINES));
    let rows = store.rows_opened(rows).await?;
    let withdrawn = Withdrawn::of(&call, &rows).await?;
    let open: Vec<&Field> = every.iter().copied().filter(|f| !f.personal).collect();
    let number = identifier(&open);
    let row = |r: &RowVersion| {
        let whole = reader.read(packs, r);
        RegisterRow {
            number: r.row.clone(),
            label: label_of(r),
            version: None,
            cells: list_cells(r, &whole.open, number.map(|f| whole.cell(f, l))),
            note: whole.open.decision(l),
            state: withdrawn.told(r, state_of(r, &whole.open, today)),
        }
    };
    let path = format!("/registers/{}", register.id);
    let offices = store.offices().await?;
    let shown_here = Text::of(format!("本页 {} 条", rows.len()), format!("{} on this page", rows.len()));
    page(&StaffRegisterPage {
        l,
        bar: call.bar(Nav::Cases).await?,
        register: register_of(&call, register).await?,
        on: asked.on.map(|day| day.to_string()).unwrap_or_default(),
        filters: filters(&call, (register.id.as_str(), &offer), &asked, &offices),
        narrowed: asked.narrowed(),
        unsorted,
        columns: list_columns(number),
        rows: rows.iter().map(row).collect(),
        found: total,
        pager: Pager {
            previous: asked.before.map(|_| asked.link(&path, None)),
            next: next.map(|entry| asked.link(&path, Some(entry))),
            shown: shown_here,
        },
        csv: asked.link(&format!("{path}/all.csv"), None),
        json: asked.link(&format!("{path}/all.json"), None),
        may_enter: call.may(Permission::HandleCases) && form_of(&call, &register.id).is_some(),
        query: asked.query,
    })
}

async fn copy(call: &Call, form: Form) -> Reply {
    let authority = of(call)?;
    let register = listed(call, call.param(0))?;
    let every = columns(call, &register.id);
    let offer = Offer::of(call, &register.id, &every, false);
    let (asked, reader) = (Asked { before: None, ..Asked::read(call, &register.id, &offer) }, Reader::of(call).await?);
    asked.narrow.whole(call, &register.id).await?;
    let filter = asked.filter(call.site().gate().packs(), &register.id, call.now().shanghai_date());
    let words: serde_json::Map<String, Value> = asked
        .words()
        .into_iter()
        // Words may name somebody: the log keeps that there were some.
        .map(|(key, word)| (key.to_owned(), if key == "q" { Value::Bool(true) } else { Value::from(word) }))
        .collect();
    let rows = call.site().store().register_rows_count(&filter).await?;
    authority.enter_export(by(call)?, &register.id, &Value::Object(words), rows).await?;
    let columns: Vec<Field> = every.into_iter().cloned().collect();
    Ok(staff_file(
        call,
        form,
        (register.id.as_str(), columns),
        StaffCopy { filter, query: asked.query, after: None, reader },
    ))
}

/// `GET /registers/{register}/all.csv`, narrowed as the page.
pub(crate) async fn csv(call: Call) -> Reply {
    copy(&call, Form::Csv).await
}

/// `GET /registers/{register}/all.json`, narrowed as the page.
pub(crate) async fn json(call: Call) -> Reply {
    copy(&call, Form::Json).await
}

/// Text about a person, as far as this reader may see it.
pub(super) fn shown(whole: &Whole<'_>, column: &Field, lang: Lang) -> Shown {
    Shown(whole.cell(column, lang))
}
