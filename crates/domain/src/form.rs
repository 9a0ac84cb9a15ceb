//! What a person typed into a form of the packs, as values: every field read by its kind, every fault told at once.
//!
//! What flows through: [`law::Field`]s of a step and the typed texts ─▶ [`check`] ─▶ [`Values`], or all the [`FieldFault`]s. Always true: a value
//! is of its field's kind and within its limit; no text is empty; a required field has a value; what no field asked for is refused; neither
//! values nor faults print what was typed. Typing a value again as [`Value::typed`] writes it gives the same value.

mod places;

pub use places::{place_fault, place_faults};

use crate::contact;
use crate::identifier::{
    CreditCode, DivisionCode, IdentifierFault, IdentityNumber, OrganisationCode, ResidentId, half_width, is_hidden,
};
use base::{CivilDate, Pii, Text};
use law::{Field, FieldKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most fields of one form.
pub const FIELDS: usize = 200;
/// Longest text of any field, characters, whatever the packs allow.
pub const TEXT_CHARS: usize = 20_000;
/// First and last day of a calendar without slips of the hand in the year.
const CALENDAR: std::ops::RangeInclusive<&str> = "1900-01-01"..="2199-12-31";
/// Characters of a telephone number that lists show.
const PHONE_TAIL: usize = 4;

/// What a field holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A text; the id of a choice; a tidied identifier or telephone number. Never empty.
    Text(String),
    /// A count or whole yuan, 0 or more.
    Number(i64),
    /// A day.
    Day(CivilDate),
    /// Yes or no.
    Flag(bool),
}

impl Value {
    /// As it would be typed into the form again.
    #[must_use]
    pub fn typed(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Flag(true) => "yes".to_owned(),
            Self::Flag(false) => "no".to_owned(),
        }
    }

    /// It could stand in a form at all.
    fn is_whole(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty() && text.chars().count() <= TEXT_CHARS,
            Self::Number(number) => *number >= 0,
            Self::Day(_) | Self::Flag(_) => true,
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(***)",
            Self::Number(_) => "Number(***)",
            Self::Day(_) => "Day(***)",
            Self::Flag(_) => "Flag(***)",
        })
    }
}

/// The values of a form by field id: at most [`FIELDS`], each as its kind writes it. What is read from a row or file is held to the same.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Value>")]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// The text of a field; `None` where it has none or is of another kind.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        if let Some(Value::Text(text)) = self.get(field) { Some(text) } else { None }
    }

    /// The number of a field; `None` where it has none or is of another kind.
    #[must_use]
    pub fn number(&self, field: &str) -> Option<i64> {
        if let Some(Value::Number(number)) = self.get(field) { Some(*number) } else { None }
    }

    /// The day of a field; `None` where it has none or is of another kind.
    #[must_use]
    pub fn day(&self, field: &str) -> Option<CivilDate> {
        if let Some(Value::Day(day)) = self.get(field) { Some(*day) } else { None }
    }

    /// The answer of a yes-or-no field; `None` where it has none or is of another kind.
    #[must_use]
    pub fn flag(&self, field: &str) -> Option<bool> {
        if let Some(Value::Flag(flag)) = self.get(field) { Some(*flag) } else { None }
    }

    /// Field ids and values, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(field, value)| (field.as_str(), value))
    }

    /// How many fields have a value.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Nothing was filled in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<BTreeMap<String, Value>> for Values {
    type Error = &'static str;

    fn try_from(values: BTreeMap<String, Value>) -> Result<Self, Self::Error> {
        if values.len() > FIELDS {
            return Err("more values than a form has fields");
        }
        if values.iter().all(|(field, value)| !field.is_empty() && value.is_whole()) {
            Ok(Self(values))
        } else {
            Err("a value that no form gives: empty, too long or negative")
        }
    }
}

/// The ids only: the values are somebody's.
impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What is wrong with a field; it never repeats what was typed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FieldFault {
    /// The field's id; `unknown` for names that no field has, `form` for the form itself.
    pub field: String,
    /// What is wrong, one sentence that names the field.
    pub what: Text,
    /// What to do, one sentence.
    pub next: Text,
}

impl FieldFault {
    fn of(field: &Field, zh: &str, en: &str, next: Text) -> Self {
        let what = Text::of(format!("“{}”{zh}", field.zh), format!("\"{}\" {en}", field.en));
        Self { field: field.id.clone(), what, next }
    }

    /// Of an identifier: its own sentences behind the field's name, which is not said twice.
    fn identifier(field: &Field, fault: IdentifierFault) -> Self {
        let what = fault.what();
        if what.zh.starts_with(field.zh.as_str()) {
            return Self { field: field.id.clone(), what, next: fault.next() };
        }
        let what = Text::of(format!("“{}”：{}", field.zh, what.zh), format!("\"{}\": {}", field.en, what.en));
        Self { field: field.id.clone(), what, next: fault.next() }
    }

    fn program(field: &str, what: Text) -> Self {
        let next = Text::new(
            "请重新打开本页再提交；仍然如此的，请告知管理员。",
            "Open the page again and submit; if it happens again, tell the administrator.",
        );
        Self { field: field.to_owned(), what, next }
    }
}

/// Reads a form: all values, or all that is wrong with it, in the order of the fields. Empty texts of fields that need not be filled in give no
/// value, nor does what is not kept with an answer that was given, whatever was typed there. Whether a day is to come is asked by [`to_come`], and
/// what follows from the values elsewhere.
///
/// # Errors
/// One fault for each wrong field, and one with the id `unknown` if there are names that no field has. A form of more than [`FIELDS`] fields is
/// one fault with the id `form`.
pub fn check(fields: &[&Field], typed: &BTreeMap<String, String>) -> Result<Values, Vec<FieldFault>> {
    if fields.len() > FIELDS {
        let what = Text::of(
            format!("表单的栏目超过{FIELDS}个，不能受理。"),
            format!("The form has more than {FIELDS} fields and cannot be read."),
        );
        return Err(vec![FieldFault::program("form", what)]);
    }
    let mut values = BTreeMap::new();
    let mut faults = Vec::new();
    for field in fields {
        let text = typed.get(&field.id).map_or("", String::as_str);
        if !is_kept(field, typed) || (text.trim().is_empty() && !is_asked(field, fields, typed)) {
            continue;
        }
        match read(field, text) {
            Ok(Some(value)) => {
                values.insert(field.id.clone(), value);
            }
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(fields.iter().filter_map(|field| wrong_sum(field, fields, &values)));
    if typed.keys().any(|name| !fields.iter().any(|field| field.id == *name)) {
        let what =
            Text::new("提交的内容含有本表单没有的栏目。", "What was sent has fields that this form does not have.");
        faults.push(FieldFault::program("unknown", what));
    }
    if faults.is_empty() { Ok(Values(values)) } else { Err(faults) }
}

/// The field is needed with what was chosen in the field that it hangs on; where that one is not in the form or not answered, it is not: the
/// choice itself is the fault then.
fn is_asked(field: &Field, fields: &[&Field], typed: &BTreeMap<String, String>) -> bool {
    let Some(when) = &field.when else { return true };
    let answer = typed.get(&when.field).map(|text| text.trim()).filter(|text| !text.is_empty());
    fields.iter().any(|f| f.id == when.field) && answer.is_some() && field.is_asked(answer)
}

/// What was typed in this field is kept with what was chosen in the field that says so.
fn is_kept(field: &Field, typed: &BTreeMap<String, String>) -> bool {
    let Some(unkept) = &field.unkept else { return true };
    field.is_kept(typed.get(&unkept.field).map(|text| text.trim()).filter(|text| !text.is_empty()))
}

/// By an answer of this form whoever fills it in stays unnamed: some of its fields are not kept, and nobody is to be entered as the party.
#[must_use]
pub fn is_unnamed(fields: &[&Field], typed: &BTreeMap<String, String>) -> bool {
    fields.iter().any(|field| !is_kept(field, typed))
}

/// A number that is not the sum of its parts; where one of them is not filled in yet, nothing is added up.
fn wrong_sum(field: &Field, fields: &[&Field], values: &BTreeMap<String, Value>) -> Option<FieldFault> {
    let number = |id: &str| if let Some(Value::Number(number)) = values.get(id) { Some(*number) } else { None };
    let whole = number(&field.id).filter(|_| !field.sum_of.is_empty())?;
    let mut sum: i64 = 0;
    for part in &field.sum_of {
        sum = sum.saturating_add(number(part)?);
    }
    if sum == whole {
        return None;
    }
    let parts = || fields.iter().filter(|f| field.sum_of.contains(&f.id));
    let zh: Vec<&str> = parts().map(|f| f.zh.as_str()).collect();
    let en: Vec<&str> = parts().map(|f| f.en.as_str()).collect();
    let next = Text::of(
        format!("下列各项合计为{sum}，请核对：{}。", zh.join("、")),
        format!("These come to {sum}, check them: {}.", en.join("; ")),
    );
    Some(FieldFault::of(field, "与各分项合计不符。", "is not the sum of its parts.", next))
}

/// Days of what happened that are still to come, in the order of the fields. A day that is none is no fault here: [`check`] tells it.
#[must_use]
pub fn to_come(fields: &[&Field], typed: &BTreeMap<String, String>, today: CivilDate) -> Vec<FieldFault> {
    let is_ahead = |field: &&&Field| {
        let text = typed.get(&field.id).map_or("", String::as_str).trim();
        field.past && field.kind == FieldKind::Day && day(field, text).is_ok_and(|day| day > today)
    };
    let fault = |field: &&Field| {
        let next = Text::of(format!("今天是{today}，请核对日期。"), format!("Today is {today}; check the day."));
        FieldFault::of(field, "不能晚于今天。", "must not be after today.", next)
    };
    fields.iter().filter(is_ahead).map(fault).collect()
}

/// A form as [`check`] reads it, with no day of what happened still to come.
///
/// # Errors
/// As [`check`], and one fault for each such day.
pub fn check_on(
    fields: &[&Field],
    typed: &BTreeMap<String, String>,
    today: CivilDate,
) -> Result<Values, Vec<FieldFault>> {
    let ahead = to_come(fields, typed, today);
    match check(fields, typed) {
        Ok(values) if ahead.is_empty() => Ok(values),
        Ok(_) => Err(ahead),
        Err(mut faults) => {
            faults.extend(ahead);
            Err(faults)
        }
    }
}

/// One field; `None` where it is left empty and may be.
fn read(field: &Field, typed: &str) -> Result<Option<Value>, FieldFault> {
    let tidied = typed.replace("\r\n", "\n").replace('\t', " ");
    let typed = tidied.trim();
    if typed.is_empty() {
        return if field.required { Err(missing(field)) } else { Ok(None) };
    }
    let identifier = |fault| FieldFault::identifier(field, fault);
    let value = match field.kind {
        FieldKind::Line | FieldKind::Name => Value::Text(text(field, typed, false)?),
        FieldKind::Words => Value::Text(text(field, typed, true)?),
        FieldKind::Count | FieldKind::Yuan => Value::Number(number(field, typed)?),
        FieldKind::Day => Value::Day(day(field, typed)?),
        FieldKind::Choice => Value::Text(choice(field, typed)?),
        FieldKind::Flag => Value::Flag(flag(field, typed)?),
        FieldKind::CreditCode => Value::Text(CreditCode::parse(typed).map_err(identifier)?.as_str().to_owned()),
        FieldKind::OrganisationCode => {
            Value::Text(OrganisationCode::parse(typed).map_err(identifier)?.as_str().to_owned())
        }
        FieldKind::ResidentId => Value::Text(ResidentId::parse(typed).map_err(identifier)?.as_str().to_owned()),
        FieldKind::IdentityDocument => {
            Value::Text(IdentityNumber::parse(typed).map_err(identifier)?.as_str().to_owned())
        }
        FieldKind::Division => Value::Text(DivisionCode::parse(typed).map_err(identifier)?.as_str().to_owned()),
        FieldKind::Phone => Value::Text(phone(field, typed)?),
    };
    Ok(Some(value))
}

fn missing(field: &Field) -> FieldFault {
    let next = match field.kind {
        FieldKind::Choice => Text::new("请选择一项。", "Choose one."),
        FieldKind::Flag => Text::new("请选择“是”或者“否”。", "Choose yes or no."),
        _ => Text::new("请填写该栏。", "Fill it in."),
    };
    FieldFault::of(field, "未填写。", "is not filled in.", next)
}

/// A text of letters and visible signs; over several lines only where `lines`.
fn text(field: &Field, typed: &str, lines: bool) -> Result<String, FieldFault> {
    if !lines && typed.contains('\n') {
        let next = Text::new("请写成一行。", "Write it as one line.");
        return Err(FieldFault::of(field, "只能有一行。", "must be one line.", next));
    }
    if typed.chars().any(|c| (c.is_control() && c != '\n') || is_hidden(c)) {
        let next = Text::new("请删去后用键盘重新输入，不要粘贴。", "Delete it and type it again instead of pasting.");
        return Err(FieldFault::of(
            field,
            "含有看不见的控制字符。",
            "has control characters that cannot be seen.",
            next,
        ));
    }
    let most = usize::try_from(field.limit()).unwrap_or(TEXT_CHARS).min(TEXT_CHARS);
    let got = typed.chars().count();
    if got > most {
        let next = Text::new("请精简；篇幅较长的，作为附件提交。", "Shorten it; hand in long texts as a paper.");
        let zh = format!("至多{most}个字符，现为{got}个。");
        return Err(FieldFault::of(field, &zh, &format!("must have at most {most} characters; it has {got}."), next));
    }
    if !typed.chars().any(char::is_alphanumeric) {
        let next = if field.required {
            Text::new("请用文字填写。", "Fill it in with words.")
        } else {
            Text::new("请用文字填写；没有的，留空。", "Fill it in with words, or leave it empty if there is nothing.")
        };
        return Err(FieldFault::of(field, "只有符号，没有文字。", "has only signs and no words.", next));
    }
    Ok(typed.to_owned())
}

/// A whole number, perhaps in groups of three (`30,000`).
fn number(field: &Field, typed: &str) -> Result<i64, FieldFault> {
    let plain: String = typed.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let digits = ungrouped(&plain).filter(|d| !d.is_empty() && d.chars().all(|c| c.is_ascii_digit()));
    let Some(digits) = digits else {
        let next = Text::new("请只填数字，例如30000。", "Enter digits only, for example 30000.");
        let (zh, en) = match field.kind {
            FieldKind::Yuan => ("应为以元为单位的整数。", "must be a whole number of yuan."),
            _ => ("应为整数。", "must be a whole number."),
        };
        return Err(FieldFault::of(field, zh, en, next));
    };
    let most = i64::from(field.limit());
    // What has more digits than fit is larger too.
    digits.parse::<i64>().ok().filter(|number| *number <= most).ok_or_else(|| {
        let next = Text::new("请核对数字和单位。", "Check the number and its unit.");
        FieldFault::of(field, &format!("至多为{most}。"), &format!("must be at most {most}."), next)
    })
}

/// The digits without the commas between groups; `None` where the groups are wrong.
fn ungrouped(plain: &str) -> Option<String> {
    let mut groups = plain.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let fits = rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    fits.then(|| format!("{first}{}", rest.concat()))
}

/// A day written `YYYY-MM-DD`.
fn day(field: &Field, typed: &str) -> Result<CivilDate, FieldFault> {
    let plain: String = typed.chars().map(half_width).collect();
    let shaped = plain.len() == 10
        && plain.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    let day = if shaped && CALENDAR.contains(&plain.as_str()) { CivilDate::parse(&plain) } else { None };
    day.ok_or_else(|| {
        let next = Text::new("请按“年-月-日”填写，例如2026-03-01。", "Write year-month-day, for example 2026-03-01.");
        FieldFault::of(field, "不是有效的日期。", "is not a valid date.", next)
    })
}

fn choice(field: &Field, typed: &str) -> Result<String, FieldFault> {
    field.choice(typed).map(|choice| choice.id.clone()).ok_or_else(|| {
        let next = Text::new("请从列出的选项中选择。", "Choose one of those listed.");
        FieldFault::of(field, "不是列出的选项。", "is not one of the choices.", next)
    })
}

/// Yes or no; `on` is what a ticked box sends.
fn flag(field: &Field, typed: &str) -> Result<bool, FieldFault> {
    match typed {
        "yes" | "on" => Ok(true),
        "no" => Ok(false),
        _ => {
            let next = Text::new("请选择“是”或者“否”。", "Choose yes or no.");
            Err(FieldFault::of(field, "既不是“是”，也不是“否”。", "must be yes or no.", next))
        }
    }
}

fn phone(field: &Field, typed: &str) -> Result<String, FieldFault> {
    let most = usize::try_from(field.limit()).unwrap_or(contact::PHONE_CHARS);
    contact::phone(typed).filter(|number| number.chars().count() <= most).ok_or_else(|| {
        let next = Text::new(
            "请填写3至15位数字，可带 +、-、空格、括号和分机（转、x、#）。",
            "Enter 3 to 15 digits; +, -, blanks, brackets and an extension (x, #) are fine.",
        );
        let zh = format!("不是电话号码，或者超过{most}个字符。");
        let en = format!("is not a telephone number, or has more than {most} characters.");
        FieldFault::of(field, &zh, &en, next)
    })
}

/// What a page prints of a value, to persons who may see it whole.
#[must_use]
pub fn shown(field: &Field, value: &Value) -> Text {
    match value {
        Value::Flag(true) => Text::new("是", "yes"),
        Value::Flag(false) => Text::new("否", "no"),
        Value::Number(number) if field.kind == FieldKind::Yuan => {
            Text::of(format!("{number}元"), format!("CNY {number}"))
        }
        Value::Number(0) if field.zero().is_some() => field.zero().unwrap_or_default(),
        Value::Text(id) if field.kind == FieldKind::Choice => {
            field.choice(id).map_or_else(|| Text::of(id.as_str(), id.as_str()), law::FieldChoice::name)
        }
        other => Text::of(other.typed(), other.typed()),
    }
}

/// What a list prints of a value: of personal data the first letter of a name, the ends of a number, and of anything else `***`.
#[must_use]
pub fn masked(field: &Field, value: &Value) -> Text {
    if !field.personal && !field.kind.is_personal() {
        return shown(field, value);
    }
    let hidden = match (field.kind, value) {
        (FieldKind::Name, Value::Text(name)) => Pii::new(name.clone()).masked(),
        (FieldKind::Phone, Value::Text(number)) => Pii::new(number.clone()).masked_tail(PHONE_TAIL),
        (FieldKind::ResidentId, Value::Text(number)) => {
            ResidentId::parse(number).map_or_else(|_| "***".to_owned(), |id| id.masked())
        }
        (FieldKind::IdentityDocument, Value::Text(number)) => {
            IdentityNumber::parse(number).map_or_else(|_| "***".to_owned(), |id| id.masked())
        }
        _ => "***".to_owned(),
    };
    Text::of(hidden.clone(), hidden)
}
