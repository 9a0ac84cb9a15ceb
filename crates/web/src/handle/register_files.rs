//! A whole public register as a file: CSV for a spreadsheet, JSON for a program; both have the same rows.
//!
//! ```text
//! rows by their id, a page at a time ─▶ lines ─▶ sent as they are read: a long register is never in memory whole
//! ```
//! Always true: CSV begins with the mark by which a spreadsheet sees UTF-8, and no cell is read as a formula; JSON has each public part as the
//! text whose digest stands in the log.

use super::inbox::of;
use super::public::{keep, slowly};
use super::register_narrow::{Narrow, Offer};
use super::registers::{Open, open_register, state_of};
use super::staff_registers::{self, Reader, found};
use crate::answer::{Reply, attach, body};
use crate::call::Call;
use crate::limiter::PUBLIC_COPIES;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use base::{CivilDate, Lang, Sha256, Text};
use law::{Field, Gate};
use site::Site;
use std::fmt::Write;
use store::casework::registers::{PAGE, RowFilter, RowVersion};

/// By this a spreadsheet reads the file as UTF-8.
pub(super) const MARK: &str = "\u{feff}";

/// A cell of a CSV file: always quoted; what a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection).
pub(super) fn cell(text: &str) -> String {
    // Spreadsheets of the region take the full-width signs for the same.
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    let before = if formula { "'" } else { "" };
    format!("\"{before}{}\"", text.replace('"', "\"\""))
}

/// A line of a CSV file.
pub(super) fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Json,
}

/// Which rows a copy has, and how far it is.
enum Rows {
    /// Rows of a register that the public sees, all or narrowed, by their id, after the last one that was sent.
    Public(Box<RowFilter>, Option<String>),
    /// What staff asked for, by its id; what words found, the newest first.
    Staff(Box<StaffCopy>),
}

/// A copy for staff.
pub(super) struct StaffCopy {
    /// Which rows; `before` moves on.
    pub filter: RowFilter,
    /// Words to find; empty: all that fit the filter.
    pub query: String,
    /// The last row that was sent, where no words are asked for.
    pub after: Option<String>,
    /// Whose sealed columns are read.
    pub reader: Reader,
}

/// What a file is written from; owned, because it outlives the request.
struct Writer {
    site: Site,
    register: String,
    columns: Vec<Field>,
    lang: Lang,
    /// The day on which rows stand as the file says.
    today: CivilDate,
    form: Form,
    rows: Rows,
    begun: bool,
    any: bool,
    over: bool,
}

impl Writer {
    fn head(&self) -> String {
        let l = self.lang;
        match self.form {
            Form::Csv => {
                let fixed = [
                    l.t("编号", "row"),
                    l.t("案号", "number"),
                    l.t("名称", "name"),
                    l.t("决定", "decision"),
                    l.t("日期", "day"),
                    l.t("机关", "office"),
                ];
                let fields = self.columns.iter().map(|f| l.t(&f.zh, &f.en));
                let last = [
                    l.t("状态", "state"),
                    l.t("有效期自", "from"),
                    l.t("有效期至", "until"),
                    l.t("版本", "version"),
                    l.t("日志序号", "log entry"),
                ];
                format!("{MARK}{}", csv_line(fixed.into_iter().chain(fields).chain(last)))
            }
            Form::Json => {
                let columns: Vec<_> = self.columns.iter().map(|f| serde_json::json!([f.id, f.zh, f.en])).collect();
                let (register, columns) = (serde_json::json!(self.register), serde_json::json!(columns));
                format!("{{\"register\":{register},\"columns\":{columns},\"rows\":[")
            }
        }
    }

    /// How a row stands, in the words of the page.
    fn state(&self, open: &Open<'_>, row: &RowVersion) -> Text {
        match &self.rows {
            Rows::Public(..) => state_of(row, open, self.today).word,
            Rows::Staff(_) => staff_registers::state_of(row, open, self.today).word,
        }
    }

    fn line(&self, gate: &Gate, row: &RowVersion) -> String {
        let open = Open::read(gate.packs(), row);
        let state = self.state(&open, row);
        match self.form {
            Form::Csv => {
                let fields: Vec<String> = match &self.rows {
                    Rows::Public(..) => self.columns.iter().map(|f| open.cell(f, self.lang)).collect(),
                    Rows::Staff(copy) => {
                        let whole = copy.reader.read(gate.packs(), row);
                        self.columns.iter().map(|f| whole.cell(f, self.lang)).collect()
                    }
                };
                let (from, until) = (row.from.to_string(), row.until.map(|d| d.to_string()).unwrap_or_default());
                let (version, entry) = (row.version.to_string(), row.entry.to_string());
                let decision = open.decision(self.lang);
                let fixed = [row.row.as_str(), open.number(), &row.name, &decision, open.day(), open.office()];
                let last = [state.get(self.lang), from.as_str(), &until, &version, &entry];
                csv_line(fixed.into_iter().chain(fields.iter().map(String::as_str)).chain(last))
            }
            Form::Json => {
                let mut line = serde_json::json!({
                    "row": row.row, "name": row.name, "public": row.public,
                    "public_sha256": Sha256::of(row.public.as_bytes()), "from_day": row.from, "until_day": row.until,
                    "version": row.version, "at_utc_ms": row.at, "entry": row.entry,
                    "state": { "zh": state.zh, "en": state.en },
                });
                if let Rows::Staff(copy) = &self.rows {
                    let whole = copy.reader.read(gate.packs(), row);
                    let cell = |f: &Field| (f.id.clone(), serde_json::Value::from(whole.cell(f, self.lang)));
                    let cells: serde_json::Map<_, _> = self.columns.iter().map(cell).collect();
                    line["cells"] = serde_json::Value::Object(cells);
                }
                line.to_string()
            }
        }
    }

    /// The next rows; after the last ones it is over.
    async fn next_rows(&mut self) -> std::io::Result<Vec<RowVersion>> {
        let (store, whole) = (self.site.store(), usize::try_from(PAGE).unwrap_or(usize::MAX));
        match &mut self.rows {
            Rows::Public(filter, after) => {
                let rows = store.register_copy_shown(filter, after.as_deref(), PAGE).await;
                let rows = rows.map_err(std::io::Error::other)?;
                *after = rows.last().map(|r| r.row.clone());
                self.over = rows.len() < whole;
                Ok(rows)
            }
            Rows::Staff(copy) if copy.query.is_empty() => {
                let rows = store.register_copy_opened(&copy.filter, copy.after.as_deref(), PAGE).await;
                let rows = rows.map_err(std::io::Error::other)?;
                copy.after = rows.last().map(|r| r.row.clone());
                self.over = rows.len() < whole;
                Ok(rows)
            }
            Rows::Staff(copy) => {
                let (rows, next) =
                    found(store, &copy.filter, &copy.query, PAGE).await.map_err(std::io::Error::other)?;
                copy.filter.before = next;
                self.over = next.is_none();
                store.rows_opened(rows).await.map_err(std::io::Error::other)
            }
        }
    }

    /// The next part of the file; `None` after the last.
    async fn part(&mut self) -> std::io::Result<Option<String>> {
        if self.over {
            return Ok(None);
        }
        let rows = self.next_rows().await?;
        let mut out = if self.begun { String::new() } else { self.head() };
        self.begun = true;
        for row in &rows {
            let between = if self.form == Form::Json && self.any { ",\n" } else { "" };
            // Writing into a text cannot fail.
            let _ = write!(out, "{between}{}", self.line(self.site.gate(), row));
            self.any = true;
        }
        if self.over && self.form == Form::Json {
            out.push_str("]}\n");
        }
        Ok(Some(out))
    }
}

async fn file(call: &Call, form: Form) -> Reply {
    of(call)?;
    let register = open_register(call, call.param(0))?;
    slowly(call, "public_copies", PUBLIC_COPIES)?;
    let narrow = Narrow::read(call, &Offer::of(call, register.id, &register.columns, true));
    narrow.whole(call, register.id).await?;
    let mut filter = RowFilter { register: register.id.to_owned(), shown: true, ..RowFilter::default() };
    narrow.fill(&mut filter);
    let columns = register.columns.iter().map(|f| (*f).clone()).collect();
    let mut answer = sent(call, form, (register.id, columns), Rows::Public(Box::new(filter), None));
    keep(call, &mut answer);
    Ok(answer)
}

/// A copy for staff: what a clerk of this office may read of it.
pub(super) fn staff_file(
    call: &Call,
    form: Form,
    (register, columns): (&str, Vec<Field>),
    copy: StaffCopy,
) -> Response {
    sent(call, form, (register, columns), Rows::Staff(Box::new(copy)))
}

fn sent(call: &Call, form: Form, (register, columns): (&str, Vec<Field>), rows: Rows) -> Response {
    let writer = Writer {
        site: call.site().clone(),
        register: register.to_owned(),
        columns,
        lang: call.lang,
        today: call.now().shanghai_date(),
        form,
        rows,
        begun: false,
        any: false,
        over: false,
    };
    let parts = futures_util::stream::try_unfold(writer, |mut writer| async move {
        let part = writer.part().await?;
        Ok::<_, std::io::Error>(part.map(|text| (Bytes::from(text), writer)))
    });
    let (kind, ending) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "csv"),
        Form::Json => ("application/json", "json"),
    };
    let mut answer = body(StatusCode::OK, kind, Body::from_stream(parts));
    attach(&mut answer, &format!("{register}.{ending}"));
    answer
}

/// `GET /public/registers/{register}/all.csv?division=&kind=`.
pub(crate) async fn csv(call: Call) -> Reply {
    file(&call, Form::Csv).await
}

/// `GET /public/registers/{register}/all.json?division=&kind=`.
pub(crate) async fn json(call: Call) -> Reply {
    file(&call, Form::Json).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_leaves_its_quotes() {
        for (text, want) in [
            ("沈阳", "\"沈阳\""),
            ("a\"b,c\nd", "\"a\"\"b,c\nd\""),
            ("=1+1", "\"'=1+1\""),
            ("  @SUM(A1)", "\"'  @SUM(A1)\""),
            ("+86", "\"'+86\""),
            ("-2", "\"'-2\""),
            ("\t=1", "\"'\t=1\""),
            ("＝1+1", "\"'＝1+1\""),
            (" ＠SUM(A1)", "\"' ＠SUM(A1)\""),
            ("", "\"\""),
            ("2026-01-01", "\"2026-01-01\""),
        ] {
            assert_eq!(cell(text), want);
        }
        assert_eq!(csv_line(["a", "=b"]), "\"a\",\"'=b\"\r\n");
    }
}
