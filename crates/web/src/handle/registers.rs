//! Public registers: which there are, one with search and filters, one row with every version it had and what the log proves of it.
//!
//! ```text
//! packs: fields that are public columns of a register ─▶ OpenRegister      row: JSON as its digest in the log was made of ─▶ cells
//! `on=` ─▶ the register as the public saw it at the end of that day      `version=` ─▶ one version of a row with its own proof
//! ```
//! Always true: a register is here because a procedure or form that reaches this province has a public column in it; a row is here because a
//! publication of it stands or it is kept openly by hand (`RowVersion::shown`), a version that was never public is not; only public columns
//! are shown, read from the public part of a row; a column about a natural person is never one, whatever a pack says; of a row that was
//! withdrawn only that, when and why is told; how many rows a whole register has is counted at most once a minute, rows that fit a filter
//! are not counted at all, and the lists are slowed down by address.

use super::counted::Counted;
use super::divisions::named;
use super::inbox::of;
use super::proofs;
use super::public::{bar, counter, open_page, slowly};
use super::register_narrow::{Narrow, Offer};
use super::register_state_files::newest_day;
use super::register_states::{
    beside, choices, identifier, list_cells, list_columns, procedures_saying, reading, state_on, states,
};
use crate::answer::{Reply, no_page};
use crate::call::Call;
use crate::limiter::PUBLIC_SEARCH;
use crate::pages::public::PublicNav;
use crate::pages::registers::{
    RegisterFilter, RegisterLine, RegisterPage, RegisterRow, RegisterRowPage, RegistersPage, RowVersion as VersionLine,
    RowWithdrawn,
};
use crate::pages::words::count;
use crate::pages::{Choice, Mark, Pager, State};
use base::{CaseId, CivilDate, Lang, OfficeId, Refusal, Text, UtcMs};
use law::{
    Carrier, Field, FieldKind, Jurisdiction, Outcome, Packs, Procedure, RegisterForm, RowStanding, RowState, made_by,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::Store;
use store::casework::offices::OfficeRow;
use store::casework::publications::PublicationRow;
use store::casework::registers::{RowFilter, RowVersion};
use store::casework::search::{QUERY_CHARS, RESULTS};

/// The column with the public name of whom a decision is about, where rows are named by their matter.
const PARTY: &str = "published_name";
/// Rows of one page.
const LINES: usize = 50;
/// Most offices to narrow by: with more the list is of no use.
const OFFICES: usize = 200;
/// For how long the size of a register is shown as it was counted, ms.
const COUNTED_MS: u64 = 60_000;
/// Most registers whose sizes are kept; the packs have fewer.
const KEPT: usize = 200;

/// How large a whole public register is, and when something was last shown in it.
pub(crate) struct Size {
    rows: u64,
    updated: Option<UtcMs>,
}

/// Sizes counted lately, by register.
pub(crate) type CountedRegisters = Counted<String, Size>;

/// Sizes of registers, kept for a minute.
pub(crate) fn kept() -> CountedRegisters {
    Counted::new(COUNTED_MS, KEPT)
}

/// A register that the public sees.
pub(super) struct OpenRegister<'a> {
    /// Word.
    pub id: &'a str,
    /// Name.
    pub name: Text,
    /// Its public columns, each id once.
    pub columns: Vec<&'a Field>,
}

/// A field that the public may read in this register.
fn is_open(field: &Field, register: &str) -> bool {
    field.public && !field.personal && !field.kind.is_personal() && field.registers.iter().any(|r| r == register)
}

/// Whether a register is filled in by hand in this province: one of the clauses of its form reaches it.
pub(super) fn form_reaches(packs: &Packs, form: &RegisterForm, place: Jurisdiction) -> bool {
    form.clauses.iter().any(|id| packs.clause(id).is_some_and(|(pack, _)| pack.reaches(place)))
}

/// The registers that have a public column in a procedure or form that reaches this province, in the order of the packs.
pub(super) fn open_registers(call: &Call) -> Vec<OpenRegister<'_>> {
    let packs = call.site().gate().packs();
    let place = call.site().profile().law.jurisdiction;
    let reaches = |p: &&Procedure| packs.all().iter().any(|pack| pack.folder == p.folder && pack.reaches(place));
    let here: Vec<&Procedure> = packs.procedures().iter().filter(reaches).collect();
    let mut out = Vec::new();
    for listed in packs.carriers().registers() {
        let mut columns: Vec<&Field> = Vec::new();
        let form = packs.register_form(&listed.id).filter(|form| form_reaches(packs, form, place));
        let of_cases = here.iter().copied().flat_map(|p| &p.fields);
        let by_hand = form.into_iter().flat_map(|form| &form.fields);
        for field in of_cases.chain(by_hand).filter(|f| is_open(f, &listed.id)) {
            if !columns.iter().any(|known| known.id == field.id) {
                columns.push(field);
            }
        }
        if !columns.is_empty() {
            out.push(OpenRegister { id: &listed.id, name: listed.name(), columns });
        }
    }
    out
}

/// Names of the registers that a procedure makes public elsewhere and nothing does here: whoever looks for one is told so.
pub(super) fn elsewhere(call: &Call, here: &[OpenRegister<'_>]) -> Vec<Text> {
    let packs = call.site().gate().packs();
    let is_public = |id: &str| packs.procedures().iter().flat_map(|p| &p.fields).any(|f| is_open(f, id));
    let absent = |id: &str| here.iter().all(|open| open.id != id);
    let listed = packs.carriers().registers().iter().filter(|r| absent(&r.id) && is_public(&r.id));
    listed.map(|r| r.name()).collect()
}

/// The public register of a word.
pub(super) fn open_register<'a>(call: &'a Call, id: &str) -> Result<OpenRegister<'a>, Refusal> {
    let found = open_registers(call).into_iter().find(|r| r.id == id);
    found.ok_or_else(|| Refusal::not_found("这个公开登记", "public register"))
}

/// The public part of a row.
pub(super) struct Open<'a> {
    /// Where the names of divisions stand.
    pub(super) packs: &'a Packs,
    whole: Value,
    procedure: Option<&'a Procedure>,
}

impl<'a> Open<'a> {
    /// Reads it; what cannot be read is empty, never a reason not to show the register.
    pub(super) fn read(packs: &'a Packs, row: &RowVersion) -> Self {
        let whole: Value = serde_json::from_str(&row.public).unwrap_or_default();
        let procedure = whole["procedure"].as_str().and_then(|id| packs.procedure(id));
        Self { packs, whole, procedure }
    }

    fn text(&self, key: &str) -> &str {
        self.whole[key].as_str().unwrap_or_default()
    }

    /// The number of its case; empty for a row that no case wrote.
    pub(super) fn number(&self) -> &str {
        self.text("number")
    }

    /// The outcome of its case.
    fn outcome(&self) -> Option<&'a Outcome> {
        let id = self.text("outcome");
        self.procedure.and_then(|p| p.outcomes.iter().find(|o| o.id == id))
    }

    /// Whether the packs call it in force in this register on the days on which it holds, and what it reads.
    pub(super) fn standing(&self, register: &str) -> RowStanding {
        self.packs.row_standing(register, self.text("procedure"), self.text("outcome"))
    }

    /// By what it was made.
    pub(super) fn made_by(&self) -> String {
        made_by(self.text("procedure"), self.text("outcome"))
    }

    /// What was decided, in words.
    pub(super) fn decision(&self, lang: Lang) -> String {
        let id = self.text("outcome");
        let words = self.outcome().map_or(id, |o| lang.t(&o.zh, &o.en));
        words.trim_end_matches(['。', '.']).to_owned()
    }

    /// The day of the decision, `YYYY-MM-DD`.
    pub(super) fn day(&self) -> &str {
        self.text("decided_day")
    }

    /// The office.
    pub(super) fn office(&self) -> &str {
        self.text("office")
    }

    /// What the row says in this register of whom it is about; `None`: only that it is in force, or not.
    pub(super) fn says(&self, register: &str) -> Option<&'a RowState> {
        self.procedure.and_then(|p| p.row_state.as_ref()).filter(|state| state.register == register)
    }

    /// The column as the row's own procedure has it.
    pub(super) fn field<'f>(&'f self, column: &'f Field) -> &'f Field {
        self.procedure.and_then(|p| p.field(&column.id)).unwrap_or(column)
    }

    /// What the row says in a public column.
    pub(super) fn value(&self, id: &str) -> &Value {
        &self.whole["fields"][id]
    }

    /// Somebody ended it before its time.
    pub(super) fn is_ended(&self) -> bool {
        ["ended_day", "ended_by"].iter().any(|key| self.whole[*key].is_string())
    }

    /// A column as people read it; empty where the row has none.
    pub(super) fn cell(&self, column: &Field, lang: Lang) -> String {
        let field = self.field(column);
        // A row's own procedure may call a field of this name personal: then it is none of the public's.
        if field.personal || field.kind.is_personal() {
            return String::new();
        }
        words(self.packs, field, self.value(&column.id), lang)
    }
}

/// A value of a column as people read it; a division by its name, with its code.
pub(super) fn words(packs: &Packs, field: &Field, value: &Value, lang: Lang) -> String {
    match value {
        Value::String(code) if field.kind == FieldKind::Division && !code.is_empty() => {
            named(packs, code).get(lang).to_owned()
        }
        Value::String(text) => field.choice(text).map_or_else(|| text.clone(), |c| lang.t(&c.zh, &c.en).to_owned()),
        Value::Number(number) if number.as_i64() == Some(0) && field.zero().is_some() => {
            field.zero().unwrap_or_default().get(lang).to_owned()
        }
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => lang.t("是", "yes").to_owned(),
        Value::Bool(false) => lang.t("否", "no").to_owned(),
        _ => String::new(),
    }
}

/// What people call a row: the number of its case, else its own word.
pub(super) fn label_of(row: &RowVersion) -> String {
    let whole: Value = serde_json::from_str(&row.public).unwrap_or_default();
    let number = whole["number"].as_str().filter(|n| !n.is_empty());
    number.map_or_else(|| row.row.clone(), str::to_owned)
}

/// Whether a row holds on a day.
pub(super) fn holds(row: &RowVersion, on: CivilDate) -> bool {
    row.from <= on && row.until.is_none_or(|until| on <= until)
}

/// Whether a row was made by one of these; by any where there are none.
pub(super) fn is_among(packs: &Packs, row: &RowVersion, made_by: &[String]) -> bool {
    made_by.is_empty() || made_by.contains(&Open::read(packs, row).made_by())
}

/// How a row stands, for the public.
pub(super) fn state_of(row: &RowVersion, open: &Open<'_>, today: CivilDate) -> State {
    state_on(row, open, today, State::new(Mark::Off, "已失效", "ended"))
}

/// Name, decision, day and office stand before the columns of fields.
pub(super) fn fixed() -> [Text; 4] {
    [Text::new("名称", "Name"), Text::new("决定", "Decision"), Text::new("日期", "Day"), Text::new("机关", "Office")]
}

pub(super) fn fixed_cells(row: &RowVersion, open: &Open<'_>, lang: Lang) -> [String; 4] {
    [row.name.clone(), open.decision(lang), open.day().to_owned(), open.office().to_owned()]
}

/// The size of a register. Rows themselves are read fresh on every page; their number and the time of the last change may be those of a
/// minute ago, also after a publication or a withdrawal.
async fn size_of(call: &Call, register: &str) -> Result<Arc<Size>, Refusal> {
    let now = call.site().now().mono;
    let of = register.to_owned();
    if let Some(kept) = call.app.registers_counted.get(&of, now) {
        return Ok(kept);
    }
    let store = call.site().store();
    let filter = RowFilter { register: of.clone(), shown: true, ..RowFilter::default() };
    let rows = store.register_rows_count(&filter).await?;
    let size = Arc::new(Size { rows, updated: store.register_shown_since(register).await? });
    call.app.registers_counted.put(of, now, Arc::clone(&size));
    Ok(size)
}

async fn line_of(call: &Call, register: &OpenRegister<'_>) -> Result<RegisterLine, Refusal> {
    let packs = call.site().gate().packs();
    let size = size_of(call, register.id).await?;
    let place = call.site().profile().law.jurisdiction;
    let carrier = Carrier::Register(register.id.to_owned());
    let mut clauses = packs.all().iter().filter(|p| p.reaches(place)).flat_map(|p| &p.clauses);
    let clause = clauses.find(|c| c.carried_out_by.contains(&carrier)).map(|c| base::ClauseId::new(&c.id));
    let zh: Vec<&str> = register.columns.iter().map(|f| f.zh.as_str()).collect();
    let en: Vec<&str> = register.columns.iter().map(|f| f.en.as_str()).collect();
    Ok(RegisterLine {
        id: register.id.to_owned(),
        name: register.name.clone(),
        about: Text::of(format!("公开：{}。", zh.join("、")), format!("Public: {}.", en.join(", "))),
        rows: size.rows,
        updated: size.updated,
        clause: clause.and_then(|id| packs.cite(&id)),
    })
}

/// `GET /public/registers`.
pub(crate) async fn list(call: Call) -> Reply {
    of(&call)?;
    slowly(&call, "public_search", PUBLIC_SEARCH)?;
    let open = open_registers(&call);
    let mut registers = Vec::new();
    for register in &open {
        registers.push(line_of(&call, register).await?);
    }
    let elsewhere = elsewhere(&call, &open);
    open_page(&call, &RegistersPage { l: call.lang, bar: bar(&call), at: PublicNav::Registers, registers, elsewhere })
}

/// What a page of a register asks for.
struct Asked {
    query: String,
    holds: bool,
    /// Only rows that say this (`law::RowState::word`); empty: all.
    says: String,
    office: Option<OfficeId>,
    /// As the register stood at the end of this day.
    on: Option<CivilDate>,
    /// Where, and of which kind.
    narrow: Narrow,
    before: Option<u64>,
}

impl Asked {
    fn read(call: &Call, register: &str, offer: &Offer<'_>) -> Self {
        let q = &call.query;
        let says = states(call, register).into_iter().find(|state| state.word == q.get("says"));
        Self {
            query: q.get("q").chars().filter(|c| !c.is_control()).take(QUERY_CHARS).collect(),
            holds: q.get("holds") == "now",
            says: says.map(|state| state.word.clone()).unwrap_or_default(),
            office: OfficeId::parse(q.get("office")),
            on: CivilDate::parse(q.get("on")),
            narrow: Narrow::read(call, offer),
            before: q.get("before").parse().ok(),
        }
    }

    fn narrowed(&self) -> bool {
        let by_words = !self.query.is_empty() || self.holds || !self.says.is_empty();
        by_words || self.office.is_some() || self.on.is_some() || self.narrow.is_any()
    }

    /// Just after the day that is asked for.
    fn stood(&self) -> Option<UtcMs> {
        self.on.map(|day| day.plus_days(1).start())
    }

    fn link(&self, register: &str, before: Option<u64>) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        if !self.query.is_empty() {
            out.append_pair("q", &self.query);
        }
        if self.holds {
            out.append_pair("holds", "now");
        }
        if !self.says.is_empty() {
            out.append_pair("says", &self.says);
        }
        if let Some(office) = self.office {
            out.append_pair("office", &office.to_string());
        }
        if let Some(day) = self.on {
            out.append_pair("on", &day.to_string());
        }
        out.extend_pairs(self.narrow.words().iter().filter(|(_, word)| !word.is_empty()));
        if let Some(before) = before {
            out.append_pair("before", &before.to_string());
        }
        let query = out.finish();
        let path = format!("/public/registers/{register}");
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// A copy of the register, narrowed by place and kind; by nothing else.
    fn copy(&self, register: &str, ending: &str) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(self.narrow.words().iter().filter(|(_, word)| !word.is_empty()));
        let query = out.finish();
        let path = format!("/public/registers/{register}/all.{ending}");
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }
}

/// Rows of a page, and where it goes on.
struct Found {
    rows: Vec<RowVersion>,
    next: Option<u64>,
}

/// How many rows there are, as far as that is known: of a whole register its size, of what fits a filter at least what the page shows. A size
/// that was counted a minute ago is never told smaller than the page.
fn told(found: &Found, asked: &Asked, size: u64) -> Text {
    let here = u64::try_from(found.rows.len()).unwrap_or(u64::MAX);
    let rows = |n: u64| if n == 1 { "row" } else { "rows" };
    if !asked.narrowed() {
        let all = size.max(here);
        return Text::of(format!("{} 条", count(&all)), format!("{} {}", count(&all), rows(all)));
    }
    match (asked.before, found.next) {
        (None, None) => Text::of(format!("{here} 条"), format!("{here} {}", rows(here))),
        // What a search found is narrowed once more after it: whether more follows is seen on the next page.
        (None, Some(_)) if asked.query.is_empty() => {
            Text::of(format!("多于 {here} 条"), format!("more than {here} {}", rows(here)))
        }
        (_, Some(_)) => Text::of(
            format!("本页 {here} 条，后面可能还有"),
            format!("{here} {} on this page, there may be more", rows(here)),
        ),
        (Some(_), None) => {
            Text::of(format!("本页 {here} 条，没有更多"), format!("{here} {} on this page, the last", rows(here)))
        }
    }
}

async fn find(call: &Call, register: &str, asked: &Asked) -> Result<Found, Refusal> {
    let (store, day) = (call.site().store(), asked.on.unwrap_or(call.now().shanghai_date()));
    let packs = call.site().gate().packs();
    let mut filter = RowFilter {
        register: register.to_owned(),
        holds_on: asked.holds.then_some(day),
        made_by: if asked.holds { packs.in_force_by(register) } else { Vec::new() },
        office: asked.office,
        procedures: if asked.says.is_empty() { Vec::new() } else { procedures_saying(call, register, &asked.says) },
        before: asked.before,
        shown: true,
        stood: asked.stood(),
        ..RowFilter::default()
    };
    asked.narrow.fill(&mut filter);
    if asked.query.is_empty() {
        let mut rows = store.register_rows(&filter, u32::try_from(LINES + 1).unwrap_or(u32::MAX)).await?;
        let next = (rows.len() > LINES).then(|| rows.get(LINES - 1).map(|r| r.entry)).flatten();
        rows.truncate(LINES);
        return Ok(Found { rows, next });
    }
    let found = store.search_shown_rows(register, &asked.query, asked.before, RESULTS).await?;
    let (mut rows, next) = found.unwrap_or_default();
    if let Some(stood) = asked.stood() {
        let mut then = Vec::with_capacity(rows.len());
        for row in &rows {
            then.extend(store.row_as_it_stood(register, &row.row, stood).await?);
        }
        rows = then;
    }
    let says = |r: &RowVersion| Open::read(packs, r).says(register).is_some_and(|state| state.word == asked.says);
    let in_force = packs.in_force_by(register);
    rows.retain(|r| {
        (!asked.holds || (holds(r, day) && is_among(packs, r, &in_force)))
            && (asked.office.is_none() || r.office == asked.office)
            && (asked.says.is_empty() || says(r))
    });
    Ok(Found { rows: with_keys(store, rows, &filter).await?, next })
}

/// Rows that words found and that have the keys of a filter too.
pub(super) async fn with_keys(store: &Store, rows: Vec<RowVersion>, f: &RowFilter) -> Result<Vec<RowVersion>, Refusal> {
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        if store.has_keys(f, row.entry).await? {
            out.push(row);
        }
    }
    Ok(out)
}

/// The filter by what rows say; `None` where they say nothing of their own.
pub(super) fn says_filter(call: &Call, register: &str, chosen: &str) -> Option<RegisterFilter> {
    let choices = choices(call, register, chosen);
    (!choices.is_empty()).then(|| RegisterFilter { id: "says".into(), label: Text::new("类别", "Kind"), choices })
}

fn filters(
    call: &Call,
    (register, offer): (&str, &Offer<'_>),
    asked: &Asked,
    offices: &[OfficeRow],
) -> Vec<RegisterFilter> {
    let now = Choice::new("now", Text::new("现在有效的", "in force now"), asked.holds);
    let mut out = Vec::new();
    // Where nothing can be in force, nobody narrows to it.
    if !call.site().gate().packs().in_force_by(register).is_empty() {
        out.push(RegisterFilter { id: "holds".into(), label: Text::new("状态", "State"), choices: vec![now] });
    }
    out.extend(says_filter(call, register, &asked.says));
    out.extend(offer.filters(call, &asked.narrow));
    if (2..=OFFICES).contains(&offices.len()) {
        let choice = |o: &OfficeRow| Choice::new(&o.id.to_string(), o.names(), asked.office == Some(o.id));
        let choices = offices.iter().map(choice).collect();
        out.push(RegisterFilter { id: "office".into(), label: Text::new("机关", "Office"), choices });
    }
    out
}

/// How to have a row corrected, and the counter in one line.
async fn correction(call: &Call) -> Result<(Text, Text), Refusal> {
    let counter = counter(call).await?;
    // Nobody is told to call where no number is known.
    let (way_zh, way_en) = match counter.phone.as_str() {
        "" => (String::new(), "Come".to_owned()),
        phone => (format!("打电话（{phone}）或者"), format!("Call ({phone}), or come")),
    };
    let at = |lang: Lang| {
        let known = [counter.place.as_str(), counter.hours.get(lang)];
        let known: Vec<&str> = known.into_iter().filter(|part| !part.is_empty()).collect();
        known.join(lang.t("，", ", "))
    };
    let (at_zh, at_en) = match (at(Lang::Zh), at(Lang::En)) {
        (zh, _) if zh.is_empty() => (String::new(), String::new()),
        (zh, en) => (format!("（{zh}）"), format!(" ({en})")),
    };
    let told = Text::of(
        format!("请{way_zh}到窗口{at_zh}提出，核实后更正，原来的内容和更正的理由都保留。"),
        format!("{way_en} to the counter{at_en}. It is checked and put right; what stood there before is kept."),
    );
    Ok((told, counter.words()))
}

/// `GET /public/registers/{register}?q=&holds=&says=&division=&kind=&office=&on=&before=`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let register = open_register(&call, call.param(0))?;
    slowly(&call, "public_search", PUBLIC_SEARCH)?;
    let offer = Offer::of(&call, register.id, &register.columns, true);
    let asked = Asked::read(&call, register.id, &offer);
    // Asked first: what is sorted meanwhile may be missing all the same.
    let unsorted = asked.narrow.is_unsorted(&call, register.id).await?;
    let found = find(&call, register.id, &asked).await?;
    let line = line_of(&call, &register).await?;
    let (packs, l) = (call.site().gate().packs(), call.lang);
    let day = asked.on.unwrap_or(call.now().shanghai_date());
    let number = identifier(&register.columns);
    // Rows about a breach have the breach as their name: whose it was stands below it.
    let party = register.columns.iter().copied().find(|f| f.id == PARTY);
    let mut columns = list_columns(number);
    if let (Some(first), true) = (columns.first_mut(), party.is_some()) {
        *first = Text::new("案由、当事人和决定", "Matter, party and decision");
    }
    let row = |r: &RowVersion| {
        let open = Open::read(packs, r);
        RegisterRow {
            number: r.row.clone(),
            label: label_of(r),
            version: (!r.newest).then_some(r.version),
            cells: list_cells(r, &open, number.map(|f| open.cell(f, l))),
            note: match party.map(|f| open.cell(f, l)).filter(|name| !name.is_empty()) {
                Some(name) => format!("{name} · {}", open.decision(l)),
                None => open.decision(l),
            },
            state: state_of(r, &open, day),
        }
    };
    let offices = call.site().store().offices().await?;
    let shown = Text::of(format!("本页 {} 条", found.rows.len()), format!("{} on this page", found.rows.len()));
    let (correction, counter) = correction(&call).await?;
    // Whoever looks for a firm here and finds none may look for what this province does not keep at all.
    let looked = found.rows.is_empty() && asked.narrowed();
    let page = RegisterPage {
        absent: if looked { elsewhere(&call, &open_registers(&call)) } else { Vec::new() },
        l,
        bar: bar(&call),
        at: PublicNav::Registers,
        filters: filters(&call, (register.id, &offer), &asked, &offices),
        narrowed: asked.narrowed(),
        unsorted,
        columns,
        reading: reading(&states(&call, register.id)),
        rows: found.rows.iter().map(row).collect(),
        found: told(&found, &asked, line.rows),
        pager: Pager {
            previous: asked.before.map(|_| asked.link(register.id, None)),
            next: found.next.map(|entry| asked.link(register.id, Some(entry))),
            shown,
        },
        csv: asked.copy(register.id, "csv"),
        json: asked.copy(register.id, "json"),
        correction,
        counter,
        register: line,
        on: asked.on.map(|day| day.to_string()).unwrap_or_default(),
        query: asked.query,
    };
    open_page(&call, &page)
}

/// What a version says, column by column.
fn values(packs: &Packs, register: &OpenRegister<'_>, row: &RowVersion, lang: Lang) -> Vec<(Text, String)> {
    let open = Open::read(packs, row);
    let until = row.until.map(|day| day.to_string()).unwrap_or_default();
    let mut out: Vec<(Text, String)> = fixed().into_iter().zip(fixed_cells(row, &open, lang)).collect();
    // A column has the name that the row's own procedure gives it: a seller is none of the makers.
    out.extend(register.columns.iter().map(|f| (open.field(f).name(), open.cell(f, lang))));
    out.push((Text::new("有效期自", "In force from"), row.from.to_string()));
    out.push((Text::new("有效期至", "In force until"), until));
    out
}

/// Versions with what each changed, the newest first; `versions` likewise.
fn history(packs: &Packs, register: &OpenRegister<'_>, versions: &[RowVersion], lang: Lang) -> Vec<VersionLine> {
    let mut out = Vec::new();
    for (n, row) in versions.iter().enumerate() {
        let before = versions.get(n + 1);
        let changed: Vec<(Text, String, String)> = match before {
            Some(before) => {
                let (was, is) = (values(packs, register, before, lang), values(packs, register, row, lang));
                was.into_iter().zip(is).filter(|(a, b)| a.1 != b.1).map(|(a, b)| (a.0, a.1, b.1)).collect()
            }
            None => Vec::new(),
        };
        let what = match (row.version, before) {
            (1, _) => Text::new("登记", "entered"),
            // What stood in it before was never public.
            (_, None) => Text::new("公开", "made public"),
            // A case that goes on writes its row anew, also where no column differs.
            (_, Some(_)) if changed.is_empty() => {
                Text::new("再次登记，公开的内容没有变", "entered again, nothing that is public changed")
            }
            _ => Text::new("变更", "changed"),
        };
        let (version, entry) = (row.version, row.entry);
        out.push(VersionLine { at: row.at, what, why: String::new(), changed, version, entry });
    }
    out
}

/// The newest withdrawal of what showed a row; `None`: it never was public.
async fn withdrawal(call: &Call, versions: &[RowVersion]) -> Result<Option<RowWithdrawn>, Refusal> {
    let cases: BTreeSet<CaseId> = versions.iter().filter_map(|v| v.case).map(|(case, _)| case).collect();
    let of_row = |p: &PublicationRow| {
        p.rows.iter().any(|shown| versions.iter().any(|v| v.register == shown.register && v.row == shown.row))
    };
    let mut found: Option<RowWithdrawn> = None;
    for case in cases {
        for publication in call.site().store().publications_of_case(case).await?.into_iter().filter(of_row) {
            let Some(gone) = publication.withdrawn else { continue };
            if found.as_ref().is_none_or(|known| known.at < gone.at) {
                found = Some(RowWithdrawn { at: gone.at, why: gone.reasons, notice: publication.entry });
            }
        }
    }
    Ok(found)
}

/// The page of a row of which no version is public: that it was withdrawn, when and why, and nothing that stood in it.
async fn gone(call: &Call, register: &OpenRegister<'_>, versions: &[RowVersion]) -> Reply {
    let withdrawn = withdrawal(call, versions).await?.ok_or_else(no_page)?;
    let page = RegisterRowPage {
        l: call.lang,
        bar: bar(call),
        at: PublicNav::Registers,
        title: call.lang.t("已撤回的登记", "A row that was withdrawn").to_owned(),
        state: State::new(Mark::Off, "已撤回", "withdrawn"),
        correction: correction(call).await?.0,
        register: line_of(call, register).await?,
        withdrawn: Some(withdrawn),
        ..RegisterRowPage::default()
    };
    open_page(call, &page)
}

/// `GET /public/registers/{register}/{number}?version=`.
pub(crate) async fn row(call: Call) -> Reply {
    of(&call)?;
    let register = open_register(&call, call.param(0))?;
    let all = call.site().store().register_history(register.id, call.param(1)).await?;
    let versions: Vec<RowVersion> = all.iter().filter(|v| v.shown.is_some()).cloned().collect();
    let Some(newest) = versions.first() else { return gone(&call, &register, &all).await };
    let asked: Option<u32> = call.query.get("version").parse().ok();
    let chosen = match asked {
        Some(version) => versions.iter().find(|v| v.version == version).ok_or_else(no_page)?,
        None => newest,
    };
    let proved = proofs::prove(&call, chosen.entry, true).await?;
    let (packs, today, l) = (call.site().gate().packs(), call.now().shanghai_date(), call.lang);
    let others = beside(&call, &register, newest).await?;
    let mut shown = values(packs, &register, chosen, l);
    shown.retain(|(_, value)| !value.is_empty());
    let digest = base::Sha256::of(chosen.public.as_bytes()).hex();
    let looked = newest_day(&call, register.id).await?;
    let stood = match looked {
        Some(day) => call.site().store().register_state_on(register.id, day).await?.map(|_| day),
        None => None,
    };
    let page = RegisterRowPage {
        l,
        bar: bar(&call),
        at: PublicNav::Registers,
        row: chosen.row.clone(),
        number: label_of(chosen),
        title: chosen.name.clone(),
        state: state_of(chosen, &Open::read(packs, chosen), today),
        older: (chosen.version != newest.version).then_some(chosen.version),
        name_outside: !chosen.proves_name(),
        withdrawn: None,
        others: others.rows,
        more_others: others.more,
        lacking: others.lacking,
        values: shown,
        digest,
        history: history(packs, &register, &versions, l),
        proof: proved.as_ref().map(|p| p.shown(&call)),
        state_day: stood.map(|day| day.to_string()).unwrap_or_default(),
        correction: correction(&call).await?.0,
        register: line_of(&call, &register).await?,
    };
    open_page(&call, &page)
}

#[cfg(test)]
mod tests;
