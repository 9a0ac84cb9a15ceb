//! What a row of a register says of whom it is about, as the packs have it, and the few columns by which a list tells rows apart.
//!
//! ```text
//! row ─▶ its procedure ─▶ law::RowState (filed, warned …) + the days on which it holds ─▶ state
//!      └▶ none: law::RowStanding (in force, on record, refused …), the same by which lists and copies are narrowed
//! columns of a register ─▶ name, with the decision below it · the number that it knows its units by · day · office
//! row ─▶ rows of the same code, else of the same name ─▶ what else the register says of this unit, and what it does not
//! ```
//! Always true: a row says what its own procedure says in this register and nothing else; that a register has no row of a kind is told only when
//! every row that could be one was looked at.

use super::registers::{Open, OpenRegister, holds, label_of};
use crate::call::Call;
use crate::pages::registers::OtherRow;
use crate::pages::{Choice, Mark, State};
use base::{CaseId, CivilDate, Lang, Refusal, Text};
use law::{Field, FieldKind, Packs, Procedure, RowStanding, RowState};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use store::casework::registers::RowVersion;
use store::casework::search::{QUERY_CHARS, RESULTS};

/// Other rows of a unit that the page of a row names; the list has all.
const OTHERS: usize = 20;
/// How the id of a column ends that has a number of a certificate or of a filing.
const NUMBER: &str = "_number";

/// How a row stands on a day, in the words of the packs; `over`: how it is called when it holds no more. That it is in force is said only where
/// they say so.
pub(super) fn state_on(row: &RowVersion, open: &Open<'_>, day: CivilDate, over: State) -> State {
    let (early, now) = (day < row.from, holds(row, day));
    let state = |mark: Mark, word: Option<Text>, else_zh: &'static str, else_en: &'static str| State {
        mark,
        word: word.unwrap_or(Text::new(else_zh, else_en)),
    };
    let plain = match open.standing(&row.register) {
        // A refusal that is on record is in force as a decision, but what it is about was not granted.
        RowStanding::Never(word) => return State { mark: Mark::Off, word },
        _ if early => State::new(Mark::Info, "尚未生效", "not yet in force"),
        _ if !now => over,
        RowStanding::InForce(word) => state(Mark::Ok, word, "有效", "in force"),
        RowStanding::OnRecord(word) => state(Mark::Info, word, "已登记", "on record"),
    };
    let Some(says) = open.says(&row.register) else { return plain };
    let (name, word) = (says.name(), plain.word);
    if early {
        let word = Text::of(format!("{}，{}", name.zh, word.zh), format!("{}, {}", name.en, word.en));
        State { mark: plain.mark, word }
    } else if now {
        State { mark: if says.is_sought() { Mark::Ok } else { Mark::Attention }, word: name }
    } else {
        let word = Text::of(format!("原{}，{}", name.zh, word.zh), format!("was {}, {}", name.en, word.en));
        State { mark: plain.mark, word }
    }
}

/// Rows that were public and whose publication was withdrawn, by register and row.
pub(super) struct Withdrawn(BTreeSet<(String, String)>);

impl Withdrawn {
    /// Those among these rows, asked for all of them at once.
    ///
    /// # Errors
    /// The store.
    pub(super) async fn of(call: &Call, rows: &[RowVersion]) -> Result<Self, Refusal> {
        let hidden = rows.iter().filter(|row| row.shown.is_none());
        let cases: BTreeSet<CaseId> = hidden.filter_map(|row| row.case).map(|(case, _)| case).collect();
        let gone = call.site().store().withdrawn_of_cases(&cases).await?;
        Ok(Self(gone.into_iter().flat_map(|one| one.rows).map(|shown| (shown.register, shown.row)).collect()))
    }

    /// The publication of this row was withdrawn, and no other one shows it.
    pub(super) fn has(&self, row: &RowVersion) -> bool {
        row.shown.is_none() && self.0.contains(&(row.register.clone(), row.row.clone()))
    }

    /// How a row stands, with that said.
    pub(super) fn told(&self, row: &RowVersion, state: State) -> State {
        if !self.has(row) {
            return state;
        }
        let (zh, en) = (state.word.zh, state.word.en);
        let word = Text::of(format!("{zh}，公布已撤回"), format!("{en}; withdrawn from the public"));
        State { mark: Mark::Off, word }
    }
}

/// The procedures that reach this province and say something in a register.
fn sayers<'a>(call: &'a Call, register: &str) -> Vec<(&'a Procedure, &'a RowState)> {
    let packs = call.site().gate().packs();
    let place = call.site().profile().law.jurisdiction;
    let reaches = |p: &&Procedure| packs.all().iter().any(|pack| pack.folder == p.folder && pack.reaches(place));
    let saying = packs.procedures().iter().filter(reaches).filter_map(|p| Some((p, p.row_state.as_ref()?)));
    saying.filter(|(_, state)| state.register == register).collect()
}

/// What rows of a register say here, each word once, those first that one looks for.
pub(super) fn states<'a>(call: &'a Call, register: &str) -> Vec<&'a RowState> {
    let mut out: Vec<&RowState> = Vec::new();
    for (_, state) in sayers(call, register) {
        if out.iter().all(|known| known.word != state.word) {
            out.push(state);
        }
    }
    out.sort_by_key(|state| !state.is_sought());
    out
}

/// The procedures whose rows say this; empty: nothing here does.
pub(super) fn procedures_saying(call: &Call, register: &str, word: &str) -> Vec<String> {
    let saying = sayers(call, register).into_iter().filter(|(_, state)| state.word == word);
    saying.map(|(procedure, _)| procedure.id.clone()).collect()
}

/// What rows say, to narrow a list by.
pub(super) fn choices(call: &Call, register: &str, chosen: &str) -> Vec<Choice> {
    states(call, register).into_iter().map(|s| Choice::new(&s.word, s.name(), s.word == chosen)).collect()
}

/// How the states of a register are read, in one sentence; empty where its rows are only in force or ended.
pub(super) fn reading(states: &[&RowState]) -> Text {
    if states.is_empty() {
        return Text::default();
    }
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for state in states {
        let (name, about) = (state.name(), state.about());
        zh.push(format!("“{}”：{}；", name.zh, about.zh));
        en.push(format!("\"{}\": {}; ", name.en, about.en));
    }
    Text::of(
        format!(
            "怎样看状态：{}“已失效”：曾经登记，现在已经终止或者过期；查不到的：本登记中没有这条记录。",
            zh.concat()
        ),
        format!(
            "How to read the state: {}\"ended\": it stood here and was ended or ran out; not found: this register has no such row.",
            en.concat()
        ),
    )
}

/// The column by which a register knows its units: their credit code, else a number of a certificate or filing.
pub(super) fn identifier<'a>(columns: &[&'a Field]) -> Option<&'a Field> {
    let code = columns.iter().find(|f| f.kind == FieldKind::CreditCode);
    let number = || columns.iter().find(|f| f.kind == FieldKind::Line && f.id.ends_with(NUMBER));
    code.or_else(number).copied()
}

/// Names of what a list shows of a row, the same for every register; all else stands on the page of the row.
pub(super) fn list_columns(identifier: Option<&Field>) -> Vec<Text> {
    let mut out = vec![Text::new("名称", "Name")];
    out.extend(identifier.map(Field::name));
    out.extend([Text::new("日期", "Day"), Text::new("机关", "Office")]);
    out
}

/// What stands in these columns; `number`: what the row says in the column of the identifier, where there is one.
pub(super) fn list_cells(row: &RowVersion, open: &Open<'_>, number: Option<String>) -> Vec<String> {
    let mut out = vec![row.name.clone()];
    out.extend(number);
    out.extend([open.day().to_owned(), open.office().to_owned()]);
    out
}

/// What else a register says of the unit of a row.
#[derive(Default)]
pub(super) struct Beside {
    /// Other rows of it, the newest first.
    pub rows: Vec<OtherRow>,
    /// What it has none of.
    pub lacking: Vec<Text>,
    /// There are more.
    pub more: bool,
}

/// The credit code that a row gives; empty where it gives none.
fn code_of(packs: &Packs, register: &OpenRegister<'_>, row: &RowVersion) -> String {
    let column = register.columns.iter().find(|f| f.kind == FieldKind::CreditCode);
    column.map_or_else(String::new, |f| Open::read(packs, row).cell(f, Lang::Zh))
}

/// Whether two rows, each with its code and name, are of one unit: by the code where both have one, else by the name.
fn is_same((code, name): (&str, &str), (other_code, other_name): (&str, &str)) -> bool {
    if code.is_empty() || other_code.is_empty() { name == other_name } else { code == other_code }
}

/// Public rows of the unit of a row, and whether these are all that there are.
async fn same_unit(
    call: &Call,
    register: &OpenRegister<'_>,
    row: &RowVersion,
) -> Result<(Vec<RowVersion>, bool), Refusal> {
    let (packs, store) = (call.site().gate().packs(), call.site().store());
    let code = code_of(packs, register, row);
    let name: String = row.name.chars().take(QUERY_CHARS).collect();
    let (mut rows, mut all): (Vec<RowVersion>, bool) = (Vec::new(), true);
    for query in [code.as_str(), name.as_str()] {
        if query.is_empty() {
            continue;
        }
        let Some((found, next)) = store.search_shown_rows(register.id, query, None, RESULTS).await? else {
            all = false;
            continue;
        };
        all &= next.is_none();
        for other in found {
            let other_code = code_of(packs, register, &other);
            let same = is_same((code.as_str(), row.name.as_str()), (other_code.as_str(), other.name.as_str()));
            if same && other.row != row.row && rows.iter().all(|known| known.row != other.row) {
                rows.push(other);
            }
        }
    }
    rows.sort_by_key(|row| Reverse(row.entry));
    Ok((rows, all))
}

/// What else a public register says of the unit of a row; nothing where its rows are only in force or ended.
///
/// # Errors
/// The store.
pub(super) async fn beside(call: &Call, register: &OpenRegister<'_>, row: &RowVersion) -> Result<Beside, Refusal> {
    let states = states(call, register.id);
    if states.is_empty() {
        return Ok(Beside::default());
    }
    let (packs, today) = (call.site().gate().packs(), call.now().shanghai_date());
    let (rows, all) = same_unit(call, register, row).await?;
    let says = |r: &RowVersion| Open::read(packs, r).says(register.id).map(|state| state.word.clone());
    let said: Vec<String> = std::iter::once(row).chain(&rows).filter_map(says).collect();
    let absent = states.into_iter().filter(|state| all && !said.contains(&state.word));
    let other = |r: &RowVersion| {
        let open = Open::read(packs, r);
        OtherRow {
            href: format!("/public/registers/{}/{}", register.id, r.row),
            label: label_of(r),
            name: r.name.clone(),
            day: open.day().to_owned(),
            state: super::registers::state_of(r, &open, today),
        }
    };
    Ok(Beside {
        lacking: absent.filter_map(RowState::none).collect(),
        more: rows.len() > OTHERS || (!all && !rows.is_empty()),
        rows: rows.iter().take(OTHERS).map(other).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::UtcMs;

    fn row(procedure: &str, until: Option<&str>) -> RowVersion {
        RowVersion {
            register: "providers".into(),
            row: "r-1".into(),
            version: 1,
            name: "沈阳示例安防工程有限公司".into(),
            office: None,
            party: None,
            public: serde_json::json!({ "procedure": procedure, "fields": {} }).to_string(),
            personal: None,
            case: None,
            from: CivilDate::parse("2026-01-01").unwrap(),
            until: until.and_then(CivilDate::parse),
            newest: true,
            shown: Some(UtcMs(0)),
            at: UtcMs(0),
            entry: 1,
        }
    }

    #[test]
    fn the_state_of_a_row_says_what_its_procedure_says() {
        let packs = Packs::embedded().unwrap();
        let on = |procedure: &str, register: &str, day: &str| {
            let row = RowVersion { register: register.into(), ..row(procedure, Some("2026-06-30")) };
            let over = State::new(Mark::Off, "已失效", "ended");
            let state = state_on(&row, &Open::read(&packs, &row), CivilDate::parse(day).unwrap(), over);
            (state.mark, state.word.zh.into_owned(), state.word.en.into_owned())
        };
        let is = |mark: Mark, zh: &str, en: &str| (mark, zh.to_owned(), en.to_owned());
        assert_eq!(on("provider_filing", "providers", "2026-06-30"), is(Mark::Ok, "已备案", "filed"));
        let warned = is(Mark::Attention, "警示（不表示已备案）", "warned (not a filing)");
        assert_eq!(on("warning_notice", "providers", "2026-01-01"), warned);
        let over = is(Mark::Off, "原警示（不表示已备案），已失效", "was warned (not a filing), ended");
        assert_eq!(on("warning_notice", "providers", "2026-07-01"), over);
        let over = is(Mark::Off, "原已备案，已失效", "was filed, ended");
        assert_eq!(on("provider_filing", "providers", "2026-07-01"), over);
        let early = is(Mark::Info, "已备案，尚未生效", "filed, not yet in force");
        assert_eq!(on("provider_filing", "providers", "2025-12-31"), early);
        // Of a row that the packs do not know, and of one by hand, only what the register's form says.
        let plain = is(Mark::Info, "已登记", "on record");
        assert_eq!(on("provider_filing", "units", "2026-02-01"), plain);
        assert_eq!(on("", "providers", "2026-02-01"), plain);
        assert_eq!(on("", "bodies", "2026-02-01"), is(Mark::Ok, "在册", "listed"));
        assert_eq!(on("", "archive", "2026-02-01"), is(Mark::Info, "在档", "on file"));
        assert_eq!(on("", "bodies", "2026-07-01"), is(Mark::Off, "已失效", "ended"));
    }

    #[test]
    fn a_refusal_on_record_is_not_called_in_force() {
        let packs = Packs::embedded().unwrap();
        let on = |outcome: &str| {
            let public =
                serde_json::json!({ "procedure": "area_approval", "outcome": outcome, "fields": {} }).to_string();
            let row = RowVersion { register: "public_areas".into(), public, ..row("area_approval", None) };
            let over = State::new(Mark::Off, "已失效", "ended");
            let day = CivilDate::parse("2026-02-01").unwrap();
            state_on(&row, &Open::read(&packs, &row), day, over).word.en.into_owned()
        };
        assert_eq!((on("approved").as_str(), on("refused").as_str()), ("in force", "refused"));
    }

    #[test]
    fn the_head_of_a_register_says_how_its_states_are_read() {
        let packs = Packs::embedded().unwrap();
        let of = |id: &str| packs.procedure(id).unwrap().row_state.as_ref().unwrap();
        let read = reading(&[of("provider_filing"), of("warning_notice")]);
        for word in ["“已备案”：", "“警示（不表示已备案）”：", "“已失效”：", "查不到的："]
        {
            assert!(read.zh.contains(word), "{}", read.zh);
        }
        for word in ["\"filed\":", "\"warned (not a filing)\":", "\"ended\":", "not found:"] {
            assert!(read.en.contains(word), "{}", read.en);
        }
        assert_eq!(reading(&[]), Text::default());
    }

    #[test]
    fn a_list_shows_the_few_columns_that_tell_rows_apart() {
        let packs = Packs::embedded().unwrap();
        let filing = packs.procedure("provider_filing").unwrap();
        let all: Vec<&Field> = filing.fields.iter().filter(|f| f.public).collect();
        let code = identifier(&all);
        assert_eq!(code.map(|f| f.id.as_str()), Some("credit_code"));
        assert_eq!(list_columns(code).len(), 4);
        assert_eq!((identifier(&[]).is_none(), list_columns(None).len()), (true, 3));
        let bodies: Vec<&Field> = packs.register_form("bodies").unwrap().fields.iter().filter(|f| f.public).collect();
        let number = identifier(&bodies).expect("a number");
        assert!(number.kind == FieldKind::CreditCode || number.id.ends_with(NUMBER), "{}", number.id);
        let row = row("provider_filing", None);
        let open = Open::read(&packs, &row);
        assert_eq!(list_cells(&row, &open, Some("91".into())).len(), list_columns(code).len());
        assert_eq!(list_cells(&row, &open, None).len(), list_columns(None).len());
    }

    #[test]
    fn one_unit_is_known_by_its_code_and_without_one_by_its_name() {
        assert!(is_same(("91A", "甲"), ("91A", "乙")), "it changed its name");
        assert!(!is_same(("91A", "甲"), ("91B", "甲")), "two units of one name");
        assert!(
            is_same(("", "甲"), ("91A", "甲")) && is_same(("91A", "甲"), ("", "甲")) && is_same(("", "甲"), ("", "甲"))
        );
        assert!(!is_same(("", "甲"), ("", "乙")) && !is_same(("91A", "甲"), ("", "乙")));
    }
}
