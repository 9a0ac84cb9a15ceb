//! Rows of registers that no case makes: entered, changed and ended by an officer; and copies of registers that are handed out.
//!
//! ```text
//! By ─▶ HandleCases, own office ─▶ form of the register (law::RegisterForm) ─▶ every fault at once ─▶ reason
//!    ─▶ public columns open, the rest and the reason sealed ─▶ version + entry `register.row`, one transaction; public where the form has
//!       a public column
//! copy ─▶ SeeCases ─▶ entry `register.exported`, then the first byte
//! ```
//! Always true: a row that a case wrote is changed by a case only; a row is changed by its own office; nothing about a natural person stands
//! open; no row is removed: it ends, and every version stays; a form is taken only where one of its clauses reaches this province.

use super::open::reason;
use super::{bad, fault};
use crate::{Authority, By};
use base::{AccountId, CivilDate, ErrorKind, OfficeId, Pii, Refusal, Text, limits};
use domain::access::Permission;
use domain::casework::{REASON_CHARS, Typed};
use domain::form::{self, Value, Values};
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

/// A value as a column has it.
fn column(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Number(number) => Json::from(*number),
        Value::Day(day) => Json::from(day.to_string()),
        Value::Flag(flag) => Json::from(*flag),
    }
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
fn name_of(form: &RegisterForm, values: &Values) -> String {
    let text = values.text(&form.subject).unwrap_or_default();
    let choice = form.field(&form.subject).and_then(|f| f.choice(text));
    choice.map_or(text, |c| &c.zh).chars().take(limits::NAME_CHARS).collect()
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
        if newest.office.is_some_and(|own| own != office) {
            return Err(other_office());
        }
        if newest.version != seen { Err(moved_on()) } else { Ok(newest) }
    }

    /// Enters a row (`row` = `None`) or a new version of one.
    ///
    /// # Errors
    /// No permission, `no_office`; every fault of the form (code: the field's id); `reason`, `until`; `not_found` for register or row,
    /// `row_of_case`, `other_office`, `row_moved_on`; or the store.
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
        let fields: Vec<&Field> = form.fields.iter().collect();
        let values = form::check(&fields, &typed.typed).map_err(|faults| {
            faults.into_iter().map(|f| Refusal::bad_input(&f.field, f.what, f.next)).collect::<Vec<Refusal>>()
        })?;
        let why = reason(&typed.reason).ok_or_else(|| one(no_reason()))?;
        let change = self.change_of(form, office, before.as_ref(), (&values, why.as_str())).await.map_err(one)?;
        let of = (typed.seen, is_open(form));
        let put = self.store().put_row_of(&change, of, account, self.now()).await.map_err(one)?;
        written(put).map_err(one)
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
        let (mut open, mut sealed) = (Map::new(), Map::new());
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
        let number: String = row.chars().skip(row.chars().count().saturating_sub(NUMBER_CHARS)).collect();
        let name = self.store().office(office).await?.map_or_else(String::new, |o| o.name);
        let public = serde_json::json!({
            "procedure": "", "number": number, "outcome": "", "decided_day": from, "office": name, "fields": open,
        });
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
    /// No permission, `no_office`; `reason`, `day`; `not_found`, `row_of_case`, `other_office`, `row_moved_on`, `row_ended`; or the store.
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
            format!("A copy of the {} was made, {rows} rows.", name.en),
        );
        let act = ActLine::done(Some(account), text);
        Ok(self.store().log("register.exported", self.now(), body, act).await.map_err(StoreError::from)?)
    }
}
