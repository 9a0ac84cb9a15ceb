//! Registers that may be kept by hand, as a file has them: the columns of their form, and the days on which a row holds.
//!
//! ```text
//! form of the register ─▶ number of the row · columns of the form, as it asks for them · days that it has no column for · what cases add
//! ```
//! Always true: a row of a file answers what the form asks, no less; a column that a procedure fills in under the same name is not asked twice;
//! where the form says no first day and the file none, a row holds from the day of the import on, as one that is entered by hand does.

use super::{COLUMNS, FROM, ROW, UNTIL, own_columns};
use base::CivilDate;
use domain::form::Values;
use law::{Field, RegisterForm};

/// The columns of such a register; `of_cases`: those that procedures fill in, each with some of them.
pub(super) fn columns<'a>(form: &RegisterForm, of_cases: impl Iterator<Item = &'a Field>) -> Vec<Field> {
    let mut out: Vec<Field> = Vec::new();
    for field in own_columns() {
        match field.id.as_str() {
            ROW => {
                out.push(field);
                out.extend(form.fields.iter().cloned());
            }
            FROM if form.from.is_empty() => out.push(Field {
                required: false,
                hint_zh: "不填的，为导入之日。".to_owned(),
                hint_en: "Empty: the day of the import.".to_owned(),
                ..field
            }),
            UNTIL if form.until.is_empty() => out.push(field),
            _ => {}
        }
    }
    for field in of_cases {
        let is_there = out.iter().any(|known| known.id == field.id || known.zh == field.zh || known.en == field.en);
        if out.len() < COLUMNS && !is_there {
            out.push(Field { required: false, ..field.clone() });
        }
    }
    out
}

/// The first and the last day on which a row of a file holds; `today` where nothing says the first.
pub(super) fn days(form: &RegisterForm, values: &Values, today: CivilDate) -> (CivilDate, Option<CivilDate>) {
    let from = values.day(&form.from).or(values.day(FROM)).unwrap_or(today);
    (from, values.day(&form.until).or(values.day(UNTIL)))
}
