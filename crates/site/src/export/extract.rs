//! The register extract of an export: who asked, who decided, who viewed and copied, as one page that any browser prints.

use base::UtcMs;
use domain::evidence::Manifest;
use store::logbook::ActRow;
use store::requests::{RegisterRow, RequestRow};

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
    out
}

fn row(cells: &[String]) -> String {
    format!("<tr>{}</tr>\n", cells.iter().map(|c| format!("<td>{c}</td>")).collect::<String>())
}

fn head(cells: &[&str]) -> String {
    format!("<tr>{}</tr>\n", cells.iter().map(|c| format!("<th>{c}</th>")).collect::<String>())
}

fn span(from: Option<UtcMs>, to: Option<UtcMs>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{} — {}", from.desk(), to.desk()),
        _ => String::new(),
    }
}

/// The page. Times are Beijing time.
pub(super) fn page(m: &Manifest, request: &RequestRow, lines: &[RegisterRow], acts: &[ActRow]) -> Vec<u8> {
    let r = &m.request;
    let facts = [
        ("单位 Site", m.site.name.clone()),
        ("申请 Request", format!("{} ({})", request.number, r.request)),
        ("申请单位 Unit", r.unit.clone()),
        ("依据 Ground", format!("{} / {} [{}]", r.basis.zh, r.basis.en, clause_list(r))),
        ("案件编号 Case", r.case_number.clone()),
        ("事由 Purpose", r.purpose.clone()),
        (
            "民警 Officers",
            r.officers.iter().map(|o| format!("{}（{}）", o.name, o.badge)).collect::<Vec<_>>().join("，"),
        ),
        ("信息管理员 Custodian", r.custodian.clone()),
        ("时间 Time", span(Some(m.asked.from_utc_ms), Some(m.asked.to_utc_ms))),
        (
            "摄像机 Cameras",
            m.cameras.iter().map(|c| format!("{}（{}）", c.name, c.place)).collect::<Vec<_>>().join("，"),
        ),
    ];
    let facts: String = facts.iter().map(|(k, v)| row(&[(*k).to_owned(), escape(v)])).collect();
    let gaps: String = m
        .gaps
        .iter()
        .map(|g| {
            let time = span(Some(g.from_utc_ms), Some(g.to_utc_ms));
            row(&[escape(&m.camera_name(g.camera)), time, escape(&format!("{} / {}", g.text.zh, g.text.en))])
        })
        .collect();
    let register: String = lines
        .iter()
        .rev()
        .map(|l| {
            let camera = l.camera.map(|c| m.camera_name(c)).unwrap_or_default();
            row(&[
                l.leaf.to_string(),
                l.at.desk(),
                escape(&l.what),
                escape(&camera),
                span(l.from, l.to),
                escape(&l.unit),
                escape(&l.reason),
                escape(l.persons.expose()),
            ])
        })
        .collect();
    let log: String = acts
        .iter()
        .map(|a| {
            let text = format!("{} / {}", a.text.zh, a.text.en);
            row(&[a.idx.to_string(), a.at.desk(), escape(&a.kind), escape(&text), escape(&a.clauses.join(" "))])
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>信息使用登记摘录</title>\n\
         <style>body{{font-family:sans-serif;margin:2em}}table{{border-collapse:collapse;margin:1em 0}}\
         td,th{{border:1px solid #888;padding:.3em .6em;text-align:left;vertical-align:top}}</style></head><body>\n\
         <h1>信息使用登记摘录 Register extract</h1>\n<table>{facts}</table>\n\
         <h2>缺录时段 Time without footage</h2>\n<table>{}{gaps}</table>\n\
         <h2>登记 Register</h2>\n<table>{}{register}</table>\n<h2>日志 Log</h2>\n<table>{}{log}</table>\n</body></html>\n",
        head(&["摄像机 Camera", "时间 Time", "原因 Cause"]),
        head(&["日志序号 Entry", "时间 Time", "方式 Use", "摄像机 Camera", "内容 Content", "单位 Unit", "事由 Reason", "人员 Persons"]),
        head(&["日志序号 Entry", "时间 Time", "类别 Kind", "事项 What", "条款 Clauses"]),
    )
    .into_bytes()
}

fn clause_list(r: &domain::evidence::RequestFacts) -> String {
    r.clauses.iter().map(|c| c.0.clone()).collect::<Vec<_>>().join(", ")
}
