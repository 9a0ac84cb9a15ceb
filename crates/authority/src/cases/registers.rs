//! Rows of registers that no case makes: entered, changed and ended by an officer; and copies of registers that are handed out.
//!
//! ```text
//! By ─▶ HandleCases, own office ─▶ form of the register (law::RegisterForm) ─▶ every fault at once ─▶ reason
//!    ─▶ public columns open, the rest and the reason sealed ─▶ version + entry `register.row`, one transaction; public where the form has
//!       a public column
//! copy ─▶ SeeCases ─▶ entry `register.exported`, then the first byte
//! persons of a row ─▶ own office, reason ─▶ entry `party.revealed`, then the words
//! ```
//! Always true: a row that the program wrote (of a case, an order, a report) is changed by the same alone; a row is changed by its own office, and
//! columns that its form does not know stay as they are; nothing about a natural person stands open; no row is removed: it ends, and every version
//! stays; a form is taken only where one of its clauses reaches this province.

use super::open::reason;
use super::own_rows::has_own_rows;
use super::reveal::{Revealed, RevealedLine, reason_of};
use super::rows::column;
use super::{bad, fault};
use crate::{Authority, By};
use base::{AccountId, CivilDate, ErrorKind, OfficeId, Pii, Refusal, Text, limits};
use domain::access::Permission;
use domain::casework::{REASON_CHARS, Typed};
use domain::form::{self, FieldFault, Values};
use law::{Field, RegisterForm, SiteProfile};
use serde_json::{Map, Value as Json};
use store::StoreError;
use store::casework::registers::{RegisterChange, RowPut, RowVersion, WrittenRow};
use store::ledger_log::ActLine;

/// Key of the reason among the sealed columns: no field has such an id.
pub const REASON_KEY: &str = "_reason";
/// Letters of a row's own number, from the end of its id.
const NUMBER_CHARS: usize = 8;

/// A row as typed.
#[derive(Clone, PartialEq, Eq)]
pub struct RowForm {
    /// The texts of the form's fields, by id.
    pub typed: Typed,
    /// Why it is entered or changed.
    pub reason: String,
    /// The version that was seen; 0 for a new row.
    pub seen: u32,
}

impl std::fmt::Debug for RowForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RowForm(on version {})", self.seen)
    }
}

/// How a row ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowEnd {
    /// Its last day.
    pub day: CivilDate,
    /// Why; not of a person.
    pub reason: String,
    /// The version that was seen.
    pub seen: u32,
}

/// The columns of a row with their words: the open ones, and the sealed ones where the row was read with them.
#[must_use]
pub fn row_columns(row: &RowVersion) -> (Json, Json) {
    let whole: Json = serde_json::from_str(&row.public).unwrap_or_default();
    let sealed = row.personal.as_ref().and_then(|p| serde_json::from_str(p.expose()).ok()).unwrap_or_default();
    (whole["fields"].clone(), sealed)
}

/// What stands in a row, as it would be typed again.
#[must_use]
pub fn row_typed(form: &RegisterForm, row: &RowVersion) -> Typed {
    let (open, sealed) = row_columns(row);
    let text = |field: &Field| {
        let id = field.id.as_str();
        let value = if open[id].is_null() { &sealed[id] } else { &open[id] };
        match value {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            Json::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            _ => String::new(),
        }
    };
    form.fields.iter().map(|f| (f.id.clone(), text(f))).collect()
}

fn is_public(field: &Field) -> bool {
    field.public && !field.personal && !field.kind.is_personal()
}

/// Rows of this form are public as they are entered: it has a column that the public may read.
pub(super) fn is_open(form: &RegisterForm) -> bool {
    form.fields.iter().any(is_public)
}

/// What lists call the row: the value of its subject, never about a person.
pub(super) fn name_of(form: &RegisterForm, values: &Values) -> String {
    let text = values.text(&form.subject).unwrap_or_default();
    let choice = form.field(&form.subject).and_then(|f| f.choice(text));
    choice.map_or(text, |c| &c.zh).chars().take(limits::NAME_CHARS).collect()
}

/// Columns of the version before that the form does not ask for, open and sealed: a row of an older register may have some.
fn unknown_columns(form: &RegisterForm, before: Option<&RowVersion>) -> (Map<String, Json>, Map<String, Json>) {
    let (open, sealed) = before.map(row_columns).unwrap_or_default();
    let unknown = |columns: Json| -> Map<String, Json> {
        let Json::Object(map) = columns else { return Map::new() };
        map.into_iter().filter(|(id, _)| form.field(id).is_none()).collect()
    };
    (unknown(open), unknown(sealed))
}

/// A value of a column as it reads.
fn column_words(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn no_reason() -> Refusal {
    let (least, most) = REASON_CHARS;
    let what = Text::of(
        format!("请写明理由：至少{least}个字，至多{most}个字符。"),
        format!("Say why: at least {least} letters, at most {most} characters."),
    );
    bad("reason", what)
}

fn moved_on() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "row_moved_on",
        Text::new("该记录在您打开之后又有了新的版本。", "The row has a newer version than the one you opened."),
        Text::new("请刷新页面，核对后再提交。", "Reload the page, compare and submit again."),
    )
}

fn of_a_case() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "row_of_case",
        Text::new("该记录由案件写入，不能在登记簿中直接更改。", "A case wrote this row; it is not changed here."),
        Text::new("请在该案件中办理更正。", "Have it corrected in that case."),
    )
}

fn of_the_program() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "row_of_program",
        Text::new(
            "该记录由程序根据上报和指令写入，不能直接更改。",
            "The program wrote this row; it is not changed by hand.",
        ),
        Text::new("请在接警台或者案件中办理。", "Do it in the inbox, or in the case."),
    )
}

fn other_office() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "other_office",
        Text::new("该记录由其他机构登记。", "Another office entered this row."),
        Text::new("请由登记的机构更改。", "That office changes it."),
    )
}

fn no_row() -> Refusal {
    Refusal::not_found("该记录", "row")
}

fn one(refusal: impl Into<Refusal>) -> Vec<Refusal> {
    vec![refusal.into()]
}

fn written(put: RowPut) -> Result<WrittenRow, Refusal> {
    match put {
        RowPut::Done(row) => Ok(row),
        RowPut::MovedOn { version: 0 } => Err(no_row()),
        RowPut::MovedOn { .. } => Err(moved_on()),
    }
}

impl Authority {
    fn form_reaches(&self, form: &RegisterForm, site: SiteProfile) -> bool {
        let packs = self.gate().packs();
        let reaches = |id| packs.clause(id).is_some_and(|(pack, _)| pack.reaches(site.jurisdiction));
        form.clauses.iter().any(reaches)
    }

    /// The forms of registers that are filled in by hand here, by word.
    ///
    /// # Errors
    /// The store.
    pub async fn row_forms(&self) -> Result<Vec<&RegisterForm>, Refusal> {
        let site = self.site_profile().await?;
        let all = self.gate().packs().register_forms().iter();
        Ok(all.filter(|form| self.form_reaches(form, site)).collect())
    }

    /// The form of a register that is filled in by hand here.
    ///
    /// # Errors
    /// `not_found`, or the store.
    pub async fn row_form(&self, register: &str) -> Result<&RegisterForm, Refusal> {
        let found = self.row_forms().await?.into_iter().find(|form| form.id == register);
        found.ok_or_else(|| Refusal::not_found("这个可以直接登记的登记簿", "register that is filled in by hand"))
    }

    /// The office whose rows this account changes and whose sealed columns it reads; `None`: of no office.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn register_office(&self, by: By) -> Result<Option<OfficeId>, Refusal> {
        let account = by.needs(Permission::SeeCases)?;
        Ok(self.store().officer(account).await?.map(|row| row.office))
    }

    /// The newest version of a row that this officer may change.
    async fn own_row(&self, office: OfficeId, register: &str, row: &str, seen: u32) -> Result<RowVersion, Refusal> {
        let newest = self.store().register_history(register, row).await?.into_iter().next().ok_or_else(no_row)?;
        if newest.case.is_some() {
            return Err(of_a_case());
        }
        if has_own_rows(register) {
            return Err(of_the_program());
        }
        if newest.office.is_some_and(|own| own != office) {
            return Err(other_office());
        }
        if newest.version != seen { Err(moved_on()) } else { Ok(newest) }
    }

    /// Enters a row (`row` = `None`) or a new version of one.
    ///
    /// # Errors
    /// No permission, `no_office`; every fault of the form (code: the field's id); `reason`, `until`; `not_found` for register or row,
    /// `row_of_case`, `row_of_program`, `other_office`, `row_moved_on`; or the store.
    pub async fn put_row(
        &self,
        by: By,
        register: &str,
        row: Option<&str>,
        typed: &RowForm,
    ) -> Result<WrittenRow, Vec<Refusal>> {
        let account = by.needs(Permission::HandleCases).map_err(one)?;
        let office = self.officer_row(account).await.map_err(one)?.office;
        let form = self.row_form(register).await.map_err(one)?;
        let before = match row {
            Some(row) => Some(self.own_row(office, register, row, typed.seen).await.map_err(one)?),
            None => None,
        };
        let values = self.read_row(form, before.as_ref(), &typed.typed).map_err(|faults| {
            faults.into_iter().map(|f| Refusal::bad_input(&f.field, f.what, f.next)).collect::<Vec<Refusal>>()
        })?;
        self.files_allow(form, row, values.text(&form.level)).await.map_err(one)?;
        let why = reason(&typed.reason).ok_or_else(|| one(no_reason()))?;
        let change = self.change_of(form, office, before.as_ref(), (&values, why.as_str())).await.map_err(one)?;
        let of = (typed.seen, is_open(form));
        let put = self.store().put_row_of(&change, of, account, self.now()).await.map_err(one)?;
        written(put).map_err(one)
    }

    /// The form, read, with codes of divisions that stand on the day from which the row holds.
    fn read_row(
        &self,
        form: &RegisterForm,
        before: Option<&RowVersion>,
        typed: &Typed,
    ) -> Result<Values, Vec<FieldFault>> {
        let fields: Vec<&Field> = form.fields.iter().collect();
        let said = typed.get(&form.from).and_then(|text| CivilDate::parse(text.trim()));
        let on = said.or(before.map(|row| row.from)).unwrap_or(self.now().shanghai_date());
        let places = form::place_faults(self.gate().packs(), &fields, |id| typed.get(id).cloned(), on);
        match form::check(&fields, typed) {
            Ok(values) if places.is_empty() => Ok(values),
            Ok(_) => Err(places),
            Err(mut faults) => {
                faults.extend(places);
                Err(faults)
            }
        }
    }

    async fn change_of(
        &self,
        form: &RegisterForm,
        office: OfficeId,
        before: Option<&RowVersion>,
        (values, why): (&Values, &str),
    ) -> Result<RegisterChange, Refusal> {
        let now = self.now();
        let (from, until) = (values.day(&form.from), values.day(&form.until));
        let from = from.or(before.map(|row| row.from)).unwrap_or(now.shanghai_date());
        if until.is_some_and(|until| until < from) {
            let what = Text::new("有效期的最后一日早于第一日。", "The last day is before the first.");
            return Err(bad(&form.until, what));
        }
        let (mut open, mut sealed) = unknown_columns(form, before);
        for field in &form.fields {
            let Some(value) = values.get(&field.id) else { continue };
            let to = if is_public(field) { &mut open } else { &mut sealed };
            to.insert(field.id.clone(), column(value));
        }
        sealed.insert(REASON_KEY.to_owned(), Json::from(why));
        let row = match before {
            Some(row) => row.row.clone(),
            None => self.store().new_row_id(now).map_err(StoreError::from)?,
        };
        let own: String = row.chars().skip(row.chars().count().saturating_sub(NUMBER_CHARS)).collect();
        // A row of an older register keeps the number that it had there.
        let was: Json = before.and_then(|b| serde_json::from_str(&b.public).ok()).unwrap_or_default();
        let number = was["number"].as_str().filter(|number| !number.is_empty()).map_or(own, str::to_owned);
        let name = self.store().office(office).await?.map_or_else(String::new, |o| o.name);
        let mut public = serde_json::json!({
            "procedure": "", "number": number, "outcome": "", "decided_day": from, "office": name, "fields": open,
        });
        if was["imported"].as_bool() == Some(true) {
            public["imported"] = Json::from(true);
        }
        let about = form.about();
        Ok(RegisterChange {
            register: form.id.clone(),
            row,
            name: name_of(form, values),
            office: Some(office),
            party: before.and_then(|row| row.party),
            public,
            personal: Some(Pii::new(Json::Object(sealed).to_string())),
            from,
            until,
            clauses: form.clauses.clone(),
            text: Text::of(format!("直接登记：{}", about.zh), format!("Entered by hand: {}", about.en)),
        })
    }

    /// Gives a row its last day.
    ///
    /// # Errors
    /// No permission, `no_office`; `reason`, `day`; `not_found`, `row_of_case`, `row_of_program`, `other_office`, `row_moved_on`, `row_ended`; or
    /// the store.
    pub async fn end_row(&self, by: By, register: &str, row: &str, end: &RowEnd) -> Result<WrittenRow, Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let office = self.officer_row(account).await?.office;
        let newest = self.own_row(office, register, row, end.seen).await?;
        let why = reason(&end.reason).ok_or_else(no_reason)?;
        if end.day < newest.from {
            let what = Text::of(
                format!("最后一日不得早于 {}。", newest.from),
                format!("The last day is not before {}.", newest.from),
            );
            return Err(bad("day", what));
        }
        if newest.until.is_some_and(|until| until < end.day) {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "row_ended",
                Text::new("该记录在这一天之前已经失效。", "The row ended before that day."),
                Text::new("需要继续有效的，请更改记录并写明新的有效期。", "To let it hold on, change its last day."),
            ));
        }
        let (_, sealed) = row_columns(&newest);
        let mut sealed = if let Json::Object(map) = sealed { map } else { Map::new() };
        sealed.insert(REASON_KEY.to_owned(), Json::from(why));
        let mut public: Json = serde_json::from_str(&newest.public).map_err(|e| fault(&e))?;
        let open = public.as_object_mut().ok_or_else(|| fault(&"a row whose public part is no object"))?;
        open.insert("ended_day".to_owned(), Json::from(end.day.to_string()));
        let form = self.gate().packs().register_form(register);
        let change = RegisterChange {
            register: newest.register,
            row: newest.row,
            name: newest.name,
            office: newest.office,
            party: newest.party,
            public,
            personal: Some(Pii::new(Json::Object(sealed).to_string())),
            from: newest.from,
            until: Some(end.day),
            clauses: form.map_or_else(Vec::new, |f| f.clauses.clone()),
            text: Text::of(
                format!("登记簿的记录到 {} 为止。", end.day),
                format!("A row of a register ends on {}.", end.day),
            ),
        };
        written(self.store().put_row(&change, end.seen, account, self.now()).await?)
    }

    /// The newest version of a row whose persons this account may see: of the own office, and where a case wrote it, of nobody who keeps out of it.
    async fn row_with_persons(&self, by: By, register: &str, row: &str) -> Result<RowVersion, Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let office = self.officer_row(account).await?.office;
        let newest = self.store().register_history(register, row).await?.into_iter().next().ok_or_else(no_row)?;
        if newest.office != Some(office) {
            return Err(other_office());
        }
        if let Some((case, _)) = newest.case {
            let (_, loaded) = self.known_case(by, case).await?;
            self.sees_persons(by, case, &loaded.case).await?;
        }
        Ok(newest)
    }

    /// What is sealed about persons in a row, with the id of each column.
    fn persons_of_row(&self, row: &RowVersion) -> Result<Vec<(String, RevealedLine)>, Refusal> {
        let packs = self.gate().packs();
        let public: Json = serde_json::from_str(&row.public).map_err(|e| fault(&e))?;
        let procedure = public["procedure"].as_str().and_then(|id| packs.procedure(id));
        let form = packs.register_form(&row.register);
        let (_, sealed) = row_columns(row);
        let mut out = Vec::new();
        for (id, value) in sealed.as_object().into_iter().flatten() {
            let of_case = procedure.and_then(|p| p.field(id));
            // A row of an older register names no procedure.
            let of_any = || {
                let mut named = packs.procedures().iter().filter_map(|p| p.field(id));
                named.find(|f| f.registers.contains(&row.register))
            };
            let Some(field) = of_case.or_else(|| form.and_then(|f| f.field(id))).or_else(of_any) else { continue };
            let text = column_words(value);
            if (field.personal || field.kind.is_personal()) && !text.is_empty() {
                out.push((id.clone(), RevealedLine { label: field.name(), value: Pii::new(text) }));
            }
        }
        Ok(out)
    }

    /// Enters that persons of a row are shown whole: which columns and for what reason (a word), neither with a value.
    async fn enter_row_shown(
        &self,
        by: By,
        row: &RowVersion,
        (lines, reason): (&[(String, RevealedLine)], &str),
        text: Text,
    ) -> Result<u64, Refusal> {
        let fields: Vec<String> = lines.iter().map(|(id, _)| format!("row.{id}")).collect();
        let body = serde_json::json!({
            "case": row.case.map(|(case, _)| case), "party": row.party, "register": row.register, "row": row.row,
            "version": row.version, "fields": fields, "reason": reason, "by": by.account,
        });
        let act = ActLine::done(Some(by.account), text);
        Ok(self.store().log("party.revealed", self.now(), body, act).await.map_err(StoreError::from)?)
    }

    /// Shows the persons of a row of the own office, after the entry of who asked and why is committed.
    ///
    /// # Errors
    /// No permission, `no_office`, `not_found`, `other_office`, `recused` (of the case that wrote it), `reason` (none of `reveal_reasons`),
    /// `nothing_personal`, or the store.
    pub async fn reveal_row(&self, by: By, register: &str, row: &str, reason: &str) -> Result<Revealed, Refusal> {
        let row = self.row_with_persons(by, register, row).await?;
        let (word, why) = reason_of(reason)?;
        let lines = self.persons_of_row(&row)?;
        if lines.is_empty() {
            let what = Text::new("该记录没有隐去的个人信息。", "Nothing about a person is hidden in this row.");
            return Err(bad("nothing_personal", what));
        }
        let name = self.gate().packs().carriers().name(&law::Carrier::Register(row.register.clone()));
        let text = Text::of(
            format!("查看{}一条记录的个人信息：{}。", name.zh, why.zh),
            format!("Personal data of a row of the {} shown, {}.", name.en, why.en),
        );
        let entry = self.enter_row_shown(by, &row, (&lines, word), text).await?;
        Ok(Revealed { reason: why, lines: lines.into_iter().map(|(_, line)| line).collect(), entry })
    }

    /// A row as the form that changes it shows it, whole: what it says of persons is entered first.
    ///
    /// # Errors
    /// No permission, `no_office`; `not_found`, `row_of_case`, `other_office`; or the store.
    pub async fn row_to_change(&self, by: By, register: &str, row: &str) -> Result<RowVersion, Refusal> {
        let newest = self.row_with_persons(by, register, row).await?;
        if newest.case.is_some() {
            return Err(of_a_case());
        }
        let lines = self.persons_of_row(&newest)?;
        if !lines.is_empty() {
            let name = self.gate().packs().carriers().name(&law::Carrier::Register(newest.register.clone()));
            let text = Text::of(
                format!("为更改{}的一条记录，查看其中的个人信息。", name.zh),
                format!("Personal data of a row of the {} shown, to change it.", name.en),
            );
            self.enter_row_shown(by, &newest, (&lines, "change"), text).await?;
        }
        Ok(newest)
    }

    /// Enters that a copy of a register is handed out: which, narrowed how, how many rows as it begins. Before the first byte.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn enter_export(
        &self,
        by: By,
        register: &str,
        filter: &serde_json::Value,
        rows: u64,
    ) -> Result<u64, Refusal> {
        let account: AccountId = by.needs(Permission::SeeCases)?;
        let body = serde_json::json!({ "register": register, "filter": filter, "rows": rows, "by": account });
        let name = self.gate().packs().carriers().name(&law::Carrier::Register(register.to_owned()));
        let text = Text::of(
            format!("导出{}，{rows} 条。", name.zh),
            format!("A copy of the {} was made, {rows} {}.", name.en, base::text::plural(rows, "row", "rows")),
        );
        let act = ActLine::done(Some(account), text);
        Ok(self.store().log("register.exported", self.now(), body, act).await.map_err(StoreError::from)?)
    }
}
