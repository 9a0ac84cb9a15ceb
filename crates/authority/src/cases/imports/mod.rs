//! Registers and parties of an older system from a file: what it would do is shown first, then all of it is done or nothing.
//!
//! ```text
//! target (register, units, persons) ─▶ columns ─▶ template with a filled sample
//! file ─▶ sheet (CSV, XLSX) ─▶ header ─▶ each row a form (domain::form::check) ─▶ Preview: first rows, every fault with line and column
//! confirmed: the same bytes, read again ─▶ rows or parties ─▶ Store::import_file: one transaction with the file's digest
//! ```
//! Who may: whoever handles cases, for their own office. A register's row is what a decision of that office leaves; the packs ask no leave of a
//! head for rows that are taken over, and each row names who imported it in its entry. A register that may be kept by hand has the columns of its
//! form (`by_hand`), any other those that procedures fill in.
//! Always true: nothing is stored before a person has confirmed what was shown; a file with one fault is not imported; the same file is not
//! imported twice; no row and no party that is there is written over; a column that is not public is sealed; a fault never repeats a value; a
//! file that is disguised, too large, there already or has a number that is none leaves one entry of the attempt (`tried`).

mod by_hand;
mod sheet;

pub use sheet::{COLUMNS, FILE_BYTES, ROWS};

use super::parties::{REGISTRATION, party_fields, party_of};
use super::registers::name_of;
use super::rows::{column, is_public};
use super::tried::{IMPORT_TWICE, wrong_number};
use super::{bad, fault};
use crate::{Authority, By};
use base::{CivilDate, ErrorKind, OfficeId, PartyId, Pii, Refusal, Sha256, Text};
use domain::access::Permission;
use domain::casework::Typed;
use domain::form::{self, Values, masked};
use law::{Field, FieldKind, Packs, Procedure, RegisterForm};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use store::StoreError;
use store::casework::import::{Import, Imported, ImportedFile};
use store::casework::registers::{ROW_ID_BYTES, RegisterChange};

/// Rows that a preview shows.
pub const SHOWN: usize = 20;
/// Most faults that are told; more are counted.
pub const FAULTS: usize = 200;
/// Words of the parties among the targets.
const UNITS: &str = "unit";
const PERSONS: &str = "person";
/// Columns of a register beside its own.
const ROW: &str = "row_id";
const NAME: &str = "row_name";
const FROM: &str = "row_from";
const UNTIL: &str = "row_until";
/// What would be another page than that of a row, or none.
const NO_ROWS: [&str; 5] = [".", "..", "new", "all.csv", "all.json"];

/// What a file can be imported into.
#[derive(Clone, Debug)]
pub struct Target {
    /// Word: of a register, or `unit` or `person`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Its columns, in the order of the template.
    pub columns: Vec<Field>,
    /// The form by which the register is kept by hand too; `None`: only cases write it, or it is none.
    pub form: Option<RegisterForm>,
}

impl Target {
    fn is_party(&self) -> bool {
        [UNITS, PERSONS].contains(&self.id.as_str())
    }

    /// The column of a header: its name in either language, or its word; each once.
    fn column(&self, header: &str, taken: &[Option<usize>]) -> Option<usize> {
        let word = header.trim().trim_start_matches('*').trim().to_lowercase();
        // Old lists have resident numbers only, and name their column so.
        let older = law::FieldKind::ResidentId.name();
        let is_older = |f: &Field| f.kind == law::FieldKind::IdentityDocument && (older.zh == word || older.en == word);
        let fits = |f: &Field| is_older(f) || [&f.zh, &f.en, &f.id].iter().any(|name| name.to_lowercase() == word);
        let all = self.columns.iter().enumerate();
        all.filter(|(at, f)| fits(f) && !taken.contains(&Some(*at))).map(|(at, _)| at).next()
    }

    /// The first and the last day on which a row holds; `None` where the file does not say the first and has to.
    fn days(&self, values: &Values, today: CivilDate) -> Option<(CivilDate, Option<CivilDate>)> {
        match &self.form {
            Some(form) => Some(by_hand::days(form, values, today)),
            None => Some((values.day(FROM)?, values.day(UNTIL))),
        }
    }

    /// What lists call a row.
    fn row_name(&self, values: &Values) -> Option<String> {
        match &self.form {
            Some(form) => Some(name_of(form, values)),
            None => values.text(NAME).map(str::to_owned),
        }
    }

    /// What no two rows may share.
    fn key(&self) -> &'static str {
        match self.id.as_str() {
            UNITS => "credit_code",
            PERSONS => "resident_id",
            _ => ROW,
        }
    }
}

/// What is wrong with a row; it never repeats what stood there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowFault {
    /// Line of the file, from 1.
    pub line: u32,
    /// Name of the column; empty: the whole line.
    pub column: Text,
    /// What is wrong.
    pub what: Text,
    /// What to do.
    pub next: Text,
}

/// One row as a page may show it: personal columns masked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownRow {
    /// Line of the file.
    pub line: u32,
    /// A cell for each column of the preview.
    pub cells: Vec<Text>,
}

/// What a file would do.
#[derive(Clone, Debug, Default)]
pub struct ImportPreview {
    /// Digest of the file.
    pub sha256: String,
    /// Names of the columns that it has.
    pub columns: Vec<Text>,
    /// The first rows without fault, at most [`SHOWN`].
    pub first: Vec<ShownRow>,
    /// How many rows there are without fault.
    pub rows: usize,
    /// What is wrong, at most [`FAULTS`].
    pub faults: Vec<RowFault>,
    /// How many faults there are.
    pub fault_count: usize,
}

/// A file that was read.
struct Read {
    columns: Vec<usize>,
    rows: Vec<(u32, Values)>,
    faults: Vec<RowFault>,
    fault_count: usize,
    /// Code of the attempt that the file is, where it is one.
    tried: Option<&'static str>,
}

impl Read {
    fn fault(&mut self, fault: RowFault) {
        self.fault_count += 1;
        if self.faults.len() < FAULTS {
            self.faults.push(fault);
        }
    }
}

fn of_line(line: u32, what: Text, next: Text) -> RowFault {
    RowFault { line, column: Text::default(), what, next }
}

fn again() -> Text {
    Text::new("请更正后重新上传。", "Correct it and upload the file again.")
}

/// A column that every register has.
fn own_column(
    id: &str,
    kind: FieldKind,
    required: bool,
    name: (&str, &str),
    hint: (&str, &str),
    sample: &str,
) -> Field {
    Field {
        id: id.to_owned(),
        step: String::new(),
        zh: name.0.to_owned(),
        en: name.1.to_owned(),
        kind,
        required,
        past: false,
        when: None,
        unkept: None,
        not_before: Vec::new(),
        sum_of: Vec::new(),
        most: None,
        choices: Vec::new(),
        hint_zh: hint.0.to_owned(),
        hint_en: hint.1.to_owned(),
        zero_zh: String::new(),
        zero_en: String::new(),
        sample: sample.to_owned(),
        sample_en: String::new(),
        clause: None,
        personal: false,
        registers: Vec::new(),
        public: false,
    }
}

fn own_columns() -> Vec<Field> {
    use FieldKind::{Day, Line};
    let id = (
        "原登记的编号或者文号，每行一个，不能重复；不写个人姓名和证件号码。",
        "Number in the older register, one a row and never twice; no name or number of a person.",
    );
    let name = (
        "登记的单位、产品、项目或者地点；公开，不写个人姓名。",
        "The unit, product, project or place; public, so no name of a person.",
    );
    vec![
        own_column(ROW, Line, true, ("登记编号", "number of the row"), id, "旧登〔2019〕1号"),
        own_column(NAME, Line, true, ("登记名称", "name of the row"), name, "示例广场"),
        own_column(FROM, Day, true, ("有效期自", "in force from"), ("", ""), "2019-03-01"),
        own_column(UNTIL, Day, false, ("有效期至", "in force until"), ("没有期限的不填。", "Empty: no end."), ""),
    ]
}

/// The header: which column of the target each column of the file is.
fn header(target: &Target, line: u32, head: &[String], read: &mut Read) -> Vec<Option<usize>> {
    let mut columns: Vec<Option<usize>> = Vec::with_capacity(head.len());
    for (n, word) in head.iter().enumerate() {
        let found = target.column(word, &columns);
        if found.is_none() && !word.trim().is_empty() {
            let what = Text::of(
                format!("第 {} 列的表头不是这个登记的栏目，或者出现了两次。", n + 1),
                format!("The header of column {} is no column of this register, or stands twice.", n + 1),
            );
            let next = Text::new(
                "请按模板的表头填写，或者删去这一列。",
                "Use the headers of the template, or remove the column.",
            );
            read.fault(of_line(line, what, next));
        }
        columns.push(found);
    }
    for (at, field) in target.columns.iter().enumerate() {
        if field.required && !columns.contains(&Some(at)) {
            let what = Text::of(format!("缺少“{}”列。", field.zh), format!("The column \"{}\" is missing.", field.en));
            let next = Text::new("请按模板补上这一列。", "Add the column as in the template.");
            read.fault(of_line(line, what, next));
        }
    }
    columns
}

/// A day as a spreadsheet writes it, `2026/3/1`, as a form takes it.
fn day_text(cell: &str) -> String {
    let parts: Vec<&str> = cell.split(['-', '/', '.']).collect();
    match parts.as_slice() {
        [year, month, day] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => cell.to_owned(),
    }
}

/// What a cell says, as a form takes it.
fn typed_of(field: &Field, cell: &str, day_zero: Option<CivilDate>) -> String {
    let cell = cell.trim();
    match field.kind {
        FieldKind::Day => {
            let day = day_zero.and_then(|zero| sheet::day_of(cell, zero));
            day.map_or_else(|| day_text(cell), |day| day.to_string())
        }
        FieldKind::Choice => {
            let named = field.choices.iter().find(|c| c.zh == cell || c.en.eq_ignore_ascii_case(cell));
            named.map_or_else(|| cell.to_owned(), |c| c.id.clone())
        }
        FieldKind::Flag => match cell {
            "是" | "有" => "yes".to_owned(),
            "否" | "无" => "no".to_owned(),
            other => other.to_owned(),
        },
        _ => cell.to_owned(),
    }
}

fn read_rows(target: &Target, sheet: &sheet::Sheet) -> Read {
    let mut read = Read { columns: Vec::new(), rows: Vec::new(), faults: Vec::new(), fault_count: 0, tried: None };
    let mut lines = sheet.rows.iter();
    let Some((line, head)) = lines.next() else {
        let what = Text::new("文件是空的。", "The file is empty.");
        read.fault(of_line(1, what, again()));
        return read;
    };
    let columns = header(target, *line, head, &mut read);
    if read.fault_count > 0 {
        return read;
    }
    let fields: Vec<&Field> = target.columns.iter().collect();
    for (line, cells) in lines {
        let mut typed = Typed::new();
        for (cell, at) in cells.iter().zip(&columns) {
            if let Some(field) = at.and_then(|at| target.columns.get(at)) {
                typed.insert(field.id.clone(), typed_of(field, cell, sheet.day_zero));
            }
        }
        if cells.len() > columns.len() {
            let what = Text::new("这一行的列比表头多。", "This line has more columns than the header.");
            read.fault(of_line(*line, what, again()));
            continue;
        }
        match form::check(&fields, &typed) {
            Ok(values) => read.rows.push((*line, values)),
            Err(faults) => {
                read.tried = read.tried.or_else(|| wrong_number(&fields, &typed, &faults));
                for fault in faults {
                    let of = target.columns.iter().find(|f| f.id == fault.field);
                    let column = of.map(Field::name).unwrap_or_default();
                    read.fault(RowFault { line: *line, column, what: fault.what, next: fault.next });
                }
            }
        }
    }
    if read.rows.is_empty() && read.fault_count == 0 {
        let what = Text::new("表头下面没有行。", "There is no row below the header.");
        read.fault(of_line(*line, what, again()));
    }
    read.columns = columns.into_iter().flatten().collect();
    read
}

/// What to do where a row ends before it begins.
fn next_of_days(target: &Target) -> Text {
    if target.form.is_none() {
        return again();
    }
    Text::new(
        "请核对起止日期；没有写明从何时起有效的，按导入之日算。",
        "Check both days; where nothing says since when, it is the day of the import.",
    )
}

/// What holds of a row beyond its form: its id fits, its days are in order, its key stands once.
fn check_rows(target: &Target, read: &mut Read, today: CivilDate) {
    let mut first: HashMap<String, u32> = HashMap::new();
    let mut found = Vec::new();
    let key = target.key();
    let name = target.columns.iter().find(|f| f.id == key).map(Field::name).unwrap_or_default();
    for (line, values) in &read.rows {
        let text = values.text(key).unwrap_or_default();
        if let Some(earlier) = first.get(text) {
            let what = Text::of(format!("与第 {earlier} 行相同。"), format!("It is that of line {earlier}."));
            found.push(RowFault { line: *line, column: name.clone(), what, next: again() });
        } else {
            first.insert(text.to_owned(), *line);
        }
        if key == ROW && text.len() > ROW_ID_BYTES {
            let what = Text::of(
                format!("编号超过 {ROW_ID_BYTES} 字节。"),
                format!("The number is longer than {ROW_ID_BYTES} bytes."),
            );
            found.push(RowFault { line: *line, column: name.clone(), what, next: again() });
        }
        // It stands in the address of its page.
        if key == ROW && (text.contains(['/', '\\', '?', '#', '%']) || NO_ROWS.contains(&text)) {
            let what = Text::new(
                "编号里不能有斜杠、问号、井号、百分号，也不能是这个词。",
                "The number has a slash, ?, # or %, or is a word that cannot be one.",
            );
            found.push(RowFault { line: *line, column: name.clone(), what, next: again() });
        }
        let days = target.days(values, today);
        if days.is_some_and(|(from, until)| until.is_some_and(|until| until < from)) {
            let what = Text::new("有效期的止日早于起日。", "It ends before it begins.");
            found.push(of_line(*line, what, next_of_days(target)));
        }
    }
    for fault in found {
        read.fault(fault);
    }
}

/// Codes of divisions that are none, or none on the day from which a row holds.
fn check_places(packs: &Packs, target: &Target, read: &mut Read, today: CivilDate) {
    let fields: Vec<&Field> = target.columns.iter().collect();
    let mut found = Vec::new();
    for (line, values) in &read.rows {
        let on = target.days(values, today).map_or(today, |(from, _)| from);
        for fault in form::place_faults(packs, &fields, |id| values.text(id).map(str::to_owned), on) {
            let of = fields.iter().find(|f| f.id == fault.field);
            let column = of.map(|f| f.name()).unwrap_or_default();
            found.push(RowFault { line: *line, column, what: fault.what, next: fault.next });
        }
    }
    for fault in found {
        read.fault(fault);
    }
}

/// A row of a register as it is stored.
fn change_of(
    target: &Target,
    values: &Values,
    office: (OfficeId, &str),
    (party, today): (Option<PartyId>, CivilDate),
) -> Option<RegisterChange> {
    let (mut open, mut sealed) = (Map::new(), Map::new());
    for (id, value) in values.iter().filter(|(id, _)| ![ROW, NAME, FROM, UNTIL].contains(id)) {
        let field = target.columns.iter().find(|f| f.id == id)?;
        let to = if is_public(field) { &mut open } else { &mut sealed };
        to.insert(id.to_owned(), column(value));
    }
    let (from, until) = target.days(values, today)?;
    let public = serde_json::json!({
        "imported": true, "number": values.text(ROW)?, "decided_day": from, "office": office.1, "fields": open,
    });
    Some(RegisterChange {
        register: target.id.clone(),
        row: values.text(ROW)?.to_owned(),
        name: target.row_name(values)?,
        office: Some(office.0),
        party,
        public,
        personal: (!sealed.is_empty()).then(|| Pii::new(Json::Object(sealed).to_string())),
        from,
        until,
        clauses: target.form.as_ref().map_or_else(Vec::new, |form| form.clauses.clone()),
        text: Text::new("从旧登记导入一行。", "A row of an older register is taken over."),
    })
}

fn unknown_target() -> Refusal {
    Refusal::not_found("这个登记", "register")
}

fn faulty(count: usize) -> Refusal {
    let what = Text::of(
        format!("文件有 {count} 处需要更正，没有导入。"),
        format!("The file has {count} {}; nothing was imported.", base::plural(count, "fault", "faults")),
    );
    Refusal::new(ErrorKind::BadInput, "import_faults", what, again())
}

fn conflict(code: &str, what: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, Text::new("请重新上传并核对。", "Upload and check it again."))
}

/// Columns of units: a row is known by its credit code, so each has one.
fn unit_columns() -> Vec<Field> {
    let columns = party_fields(true).into_iter().filter(|f| !REGISTRATION.contains(&f.id.as_str()));
    columns.map(|f| Field { required: f.required || f.kind == FieldKind::CreditCode, ..f }).collect()
}

impl Authority {
    /// What this person can import into: the registers that are kept by hand here or that a procedure of this province fills, units and persons.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn import_targets(&self, by: By) -> Result<Vec<Target>, Refusal> {
        by.needs(Permission::HandleCases)?;
        self.officer_row(by.account).await?;
        let site = self.site_profile().await?;
        let packs = self.gate().packs();
        let here: Vec<&Procedure> = packs.procedures().iter().filter(|p| self.reaches(p, site)).collect();
        let forms = self.row_forms().await?;
        let mut out = Vec::new();
        for listed in packs.carriers().registers() {
            let of_cases = here.iter().copied().flat_map(|p| &p.fields).filter(|f| f.registers.contains(&listed.id));
            if let Some(form) = forms.iter().copied().find(|form| form.id == listed.id) {
                let (columns, form) = (by_hand::columns(form, of_cases), Some(form.clone()));
                out.push(Target { id: listed.id.clone(), name: listed.name(), columns, form });
                continue;
            }
            let mut columns = own_columns();
            for field in of_cases {
                if columns.len() < COLUMNS && !columns.iter().any(|known| known.id == field.id) {
                    // Several procedures fill a register, each with some of its columns.
                    columns.push(Field { required: false, ..field.clone() });
                }
            }
            if columns.len() > own_columns().len() {
                out.push(Target { id: listed.id.clone(), name: listed.name(), columns, form: None });
            }
        }
        let units = Text::new("当事人：单位", "parties: units");
        out.push(Target { id: UNITS.to_owned(), name: units, columns: unit_columns(), form: None });
        let persons = Text::new("当事人：个人", "parties: persons");
        out.push(Target { id: PERSONS.to_owned(), name: persons, columns: party_fields(false), form: None });
        Ok(out)
    }

    /// One of them.
    ///
    /// # Errors
    /// As `import_targets`; `not_found`.
    pub async fn import_target(&self, by: By, id: &str) -> Result<Target, Refusal> {
        self.import_targets(by).await?.into_iter().find(|t| t.id == id).ok_or_else(unknown_target)
    }

    /// What a file would do. Nothing is changed; of a file that is an attempt the entry is made (`tried`).
    ///
    /// # Errors
    /// As `import_target`, or the store. What is wrong with the file is in the preview.
    pub async fn preview_import(
        &self,
        by: By,
        target: &str,
        (name, bytes): (&str, &[u8]),
    ) -> Result<ImportPreview, Refusal> {
        let target = self.import_target(by, target).await?;
        let read = self.read_import(&target, name, bytes).await?;
        if let Some(code) = read.tried {
            self.log_tried(by.account, None, code).await?;
        }
        let shown_of = |at: &usize, values: &Values| {
            let Some(field) = target.columns.get(*at) else { return Text::default() };
            let value = values.get(&field.id);
            value.map(|v| masked(field, v)).unwrap_or_default()
        };
        let line = |(line, values): &(u32, Values)| ShownRow {
            line: *line,
            cells: read.columns.iter().map(|at| shown_of(at, values)).collect(),
        };
        let named = |at: &usize| target.columns.get(*at).map(Field::name);
        Ok(ImportPreview {
            sha256: Sha256::of(bytes).hex(),
            columns: read.columns.iter().filter_map(named).collect(),
            first: read.rows.iter().take(SHOWN).map(line).collect(),
            rows: read.rows.len(),
            faults: read.faults.clone(),
            fault_count: read.fault_count,
        })
    }

    async fn read_import(&self, target: &Target, name: &str, bytes: &[u8]) -> Result<Read, Refusal> {
        // Unpacking takes a moment and up to the memory that the limits of a workbook leave it: beside the runtime, one file at a time.
        let turn = self.0.unpacking.lock().await;
        let (named, copy) = (name.to_owned(), bytes.to_vec());
        let read = tokio::task::spawn_blocking(move || sheet::read(&named, &copy)).await;
        drop(turn);
        let sheet = match read.map_err(|error| fault(&error))? {
            Ok(sheet) => sheet,
            Err((line, what)) => {
                let faults = vec![of_line(line, what, again())];
                let tried = sheet::tried(name, bytes);
                return Ok(Read { columns: Vec::new(), rows: Vec::new(), faults, fault_count: 1, tried });
            }
        };
        let mut read = read_rows(target, &sheet);
        let today = self.now().shanghai_date();
        check_rows(target, &mut read, today);
        check_places(self.gate().packs(), target, &mut read, today);
        if self.store().imported_file(Sha256::of(bytes)).await?.is_some() {
            let what = Text::new("这个文件已经导入过。", "This file was imported before.");
            let next = Text::new("请核对登记；只导入新的行。", "Look into the register; import only new rows.");
            read.fault(of_line(1, what, next));
            read.tried = Some(IMPORT_TWICE);
        }
        let mut there = Vec::new();
        for (line, values) in &read.rows {
            if self.is_there(target, values).await? {
                there.push(*line);
            }
        }
        let key = target.key();
        let column = target.columns.iter().find(|f| f.id == key).map(Field::name).unwrap_or_default();
        for line in there {
            let what = Text::new("已经登记过，不会被改写。", "It is there already and is not written over.");
            let next = Text::new("请从文件中删去这一行。", "Remove this line from the file.");
            read.fault(RowFault { line, column: column.clone(), what, next });
        }
        read.faults.sort_by_key(|fault| fault.line);
        Ok(read)
    }

    async fn is_there(&self, target: &Target, values: &Values) -> Result<bool, Refusal> {
        let key = values.text(target.key()).unwrap_or_default();
        Ok(match target.id.as_str() {
            UNITS => self.store().unit_by_code(key).await?.is_some(),
            PERSONS => self.store().person_by_id(&Pii::new(key.to_owned())).await?.is_some(),
            register => self.store().has_row(register, key).await?,
        })
    }

    /// Imports a file that was shown, or nothing of it. `sha256` is that of the preview that the person confirmed; `done` counts what is written.
    /// How many rows were imported.
    ///
    /// # Errors
    /// As `preview_import`; `import_faults`, `import_moved_on`, `import_twice`.
    pub async fn import_file(
        &self,
        by: By,
        target: &str,
        (name, bytes): (&str, &[u8]),
        (sha256, done): (&str, &AtomicUsize),
    ) -> Result<usize, Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let target = self.import_target(by, target).await?;
        let digest = Sha256::of(bytes);
        if digest.hex() != sha256 {
            let what = Text::new(
                "文件与刚才核对的不同，没有导入。",
                "The file is not the one that was checked; nothing was imported.",
            );
            return Err(conflict("import_moved_on", what));
        }
        let read = self.read_import(&target, name, bytes).await?;
        if read.fault_count > 0 {
            return Err(faulty(read.fault_count));
        }
        let office = self.officer_row(account).await?.office;
        let named = self.store().office(office).await?.map(|o| o.name).unwrap_or_default();
        let count = read.rows.len();
        let (mut parties, mut rows) = (Vec::new(), Vec::new());
        for (_, values) in &read.rows {
            if target.is_party() {
                let id = self.store().new_party_id(self.now()).map_err(StoreError::from)?;
                parties.push((id, party_of(target.id == UNITS, values)));
            } else {
                let party = self.party_of_row(values).await?;
                let of = (party, self.now().shanghai_date());
                rows.extend(change_of(&target, values, (office, named.as_str()), of));
            }
        }
        if parties.len() + rows.len() != count {
            return Err(super::fault(&"a row that was checked cannot be written"));
        }
        // A row that this office could enter by hand is public as that would be; what cases decide is public by their publication only.
        let shown = self.row_form(&target.id).await.is_ok_and(super::registers::is_open);
        let all = Import { parties: &parties, registers: &rows, shown, ..Import::default() };
        let file = ImportedFile {
            sha256: digest,
            target: target.id.clone(),
            rows: u32::try_from(count).unwrap_or(u32::MAX),
            office,
        };
        match self.store().import_file(&all, &file, (account, self.now()), done).await? {
            Some(Imported::Done) => Ok(count),
            None => {
                let what =
                    Text::new("这个文件已经导入过，没有再次导入。", "This file was imported before; nothing was done.");
                Err(conflict(IMPORT_TWICE, what))
            }
            Some(Imported::TooMany) => {
                Err(bad("import_rows", Text::new("文件的行过多。", "The file has too many rows.")))
            }
            Some(Imported::Party(..) | Imported::Case(..) | Imported::Row(_)) => {
                let what =
                    Text::new("有一行刚被登记，没有导入。", "A row was entered meanwhile; nothing was imported.");
                Err(conflict("import_moved_on", what))
            }
        }
    }

    /// The unit that a row is about, where its code is a party's.
    async fn party_of_row(&self, values: &Values) -> Result<Option<PartyId>, Refusal> {
        let Some(code) = values.text("credit_code") else { return Ok(None) };
        Ok(self.store().unit_by_code(code).await?.map(|row| row.id))
    }
}

/// The template of a target: its header and a filled sample line, as a table of texts.
#[must_use]
pub fn template(target: &Target, is_chinese: bool) -> [Vec<String>; 2] {
    let head = |f: &Field| if is_chinese { f.zh.clone() } else { f.en.clone() };
    let sample = |f: &Field| f.choice(&f.sample).map_or_else(|| f.sample.clone(), |c| head_of(c, is_chinese));
    [target.columns.iter().map(head).collect(), target.columns.iter().map(sample).collect()]
}

fn head_of(choice: &law::FieldChoice, is_chinese: bool) -> String {
    if is_chinese { choice.zh.clone() } else { choice.en.clone() }
}

#[cfg(test)]
mod tests;
