//! A whole public register as a file: CSV for a spreadsheet, JSON for a program; both have the same rows.
//!
//! ```text
//! rows by their id, a page at a time ─▶ lines ─▶ sent as they are read: a long register is never in memory whole
//! ```
//! Always true: CSV begins with the mark by which a spreadsheet sees UTF-8, and no cell is read as a formula; JSON has each public part as the
//! text whose digest stands in the log.

use super::inbox::of;
use super::public::{keep, slowly};
use super::registers::{Open, open_register};
use crate::answer::{Reply, attach, body};
use crate::call::Call;
use crate::limiter::PUBLIC_COPIES;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use base::{Lang, Sha256};
use law::{Field, Gate};
use site::Site;
use std::fmt::Write;
use store::casework::registers::{PAGE, RowVersion};

/// By this a spreadsheet reads the file as UTF-8.
pub(super) const MARK: &str = "\u{feff}";

/// A cell of a CSV file: always quoted; what a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection).
pub(super) fn cell(text: &str) -> String {
    let formula =
        text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) || text.starts_with(['\t', '\r', '\n']);
    let before = if formula { "'" } else { "" };
    format!("\"{before}{}\"", text.replace('"', "\"\""))
}

/// A line of a CSV file.
pub(super) fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
}

/// What a file is written from; owned, because it outlives the request.
struct Writer {
    site: Site,
    register: String,
    columns: Vec<Field>,
    lang: Lang,
    form: Form,
    after: Option<String>,
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

    fn line(&self, gate: &Gate, row: &RowVersion) -> String {
        match self.form {
            Form::Csv => {
                let open = Open::read(gate.packs(), row);
                let fields: Vec<String> = self.columns.iter().map(|f| open.cell(f, self.lang)).collect();
                let (from, until) = (row.from.to_string(), row.until.map(|d| d.to_string()).unwrap_or_default());
                let (version, entry) = (row.version.to_string(), row.entry.to_string());
                let decision = open.decision(self.lang);
                let fixed = [row.row.as_str(), open.number(), &row.name, &decision, open.day(), open.office()];
                let last = [from.as_str(), &until, &version, &entry];
                csv_line(fixed.into_iter().chain(fields.iter().map(String::as_str)).chain(last))
            }
            Form::Json => {
                let line = serde_json::json!({
                    "row": row.row, "name": row.name, "public": row.public,
                    "public_sha256": Sha256::of(row.public.as_bytes()), "from_day": row.from, "until_day": row.until,
                    "version": row.version, "at_utc_ms": row.at, "entry": row.entry,
                });
                line.to_string()
            }
        }
    }

    /// The next part of the file; `None` after the last.
    async fn part(&mut self) -> std::io::Result<Option<String>> {
        if self.over {
            return Ok(None);
        }
        let rows = self.site.store().register_copy(&self.register, self.after.as_deref(), PAGE).await;
        let rows = rows.map_err(std::io::Error::other)?;
        let mut out = if self.after.is_none() { self.head() } else { String::new() };
        for row in &rows {
            let between = if self.form == Form::Json && self.any { ",\n" } else { "" };
            // Writing into a text cannot fail.
            let _ = write!(out, "{between}{}", self.line(self.site.gate(), row));
            self.any = true;
        }
        self.after = rows.last().map(|r| r.row.clone());
        self.over = self.after.is_none() || rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        if self.over && self.form == Form::Json {
            out.push_str("]}\n");
        }
        Ok(Some(out))
    }
}

fn file(call: &Call, form: Form) -> Reply {
    of(call)?;
    let register = open_register(call, call.param(0))?;
    slowly(call, "public_copies", PUBLIC_COPIES)?;
    let writer = Writer {
        site: call.site().clone(),
        register: register.id.to_owned(),
        columns: register.columns.iter().map(|f| (*f).clone()).collect(),
        lang: call.lang,
        form,
        after: None,
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
    attach(&mut answer, &format!("{}.{ending}", register.id));
    keep(call, &mut answer);
    Ok(answer)
}

/// `GET /public/registers/{register}/all.csv`.
pub(crate) async fn csv(call: Call) -> Reply {
    file(&call, Form::Csv)
}

/// `GET /public/registers/{register}/all.json`.
pub(crate) async fn json(call: Call) -> Reply {
    file(&call, Form::Json)
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
            ("", "\"\""),
            ("2026-01-01", "\"2026-01-01\""),
        ] {
            assert_eq!(cell(text), want);
        }
        assert_eq!(csv_line(["a", "=b"]), "\"a\",\"'=b\"\r\n");
    }
}
