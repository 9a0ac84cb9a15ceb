//! The copy that officers take along: its parts, how far each is, digests and verification, download, removal.

use super::media::ranged;
use super::use_request::{id_of, scope_of};
use super::use_session::{in_this_browser, runs_here};
use super::view::Names;
use crate::answer::{Reply, attach, down, no_page, ok_json, page, page_with, see_other, status};
use crate::call::Call;
use crate::pages::use_export::{ExportDetail, ExportState, PartLine, UseExportPage};
use crate::pages::{FormErrors, Nav};
use base::{CameraId, ErrorKind, ExportId, Refusal, Text, limits};
use domain::access::Permission;
use domain::viewing::{Application, Scope, State, Use, export_kept_until};
use site::export::{ExportPart, MadeReport};
use store::exports::ExportRow;
use store::requests::RequestRow;

fn percent(row: &ExportRow) -> u8 {
    u8::try_from((row.done / 10).min(100)).unwrap_or(100)
}

fn state_of(row: &ExportRow) -> ExportState {
    match row.state.as_str() {
        "done" => ExportState::Ready,
        "making" => ExportState::Running(percent(row)),
        "removed" => {
            let at = row.removed.map(|t| t.desk()).unwrap_or_default();
            ExportState::Removed(if row.removed_why.is_empty() {
                Text::of(
                    format!("授权结束后保留期满，文件已于 {at} 自动清除。"),
                    format!("Its time after the grant was over; the file was removed by itself on {at}."),
                )
            } else {
                Text::of(
                    format!("信息管理员已于 {at} 清除文件：{}", row.removed_why),
                    format!("The custodian removed the file on {at}: {}", row.removed_why),
                )
            })
        }
        _ => ExportState::Failed(Text::new(
            "证据包没有做成，没有留下文件。请再试一次；若仍不行，请告诉安全管理负责人。",
            "The export failed and left no file. Try again; if it fails again, tell the security manager.",
        )),
    }
}

fn file_name(request: &RequestRow, e: &ExportRow) -> String {
    format!("evidence-{}-{}.zip", request.number, e.sha256.get(..8).unwrap_or(&e.sha256))
}

/// The scope of an export; old rows cover all that the request names.
fn scope_of_row(app: &Application, e: &ExportRow) -> Scope {
    e.scope.clone().unwrap_or_else(|| Scope::new(app.cameras.clone(), app.from, app.to))
}

fn part_line(names: &Names, number: usize, scope: &Scope, size_bytes: u64, e: Option<&ExportRow>) -> PartLine {
    let made = e.filter(|e| e.state == "done" || e.state == "removed").map(|e| e.bytes);
    PartLine {
        number,
        cameras: scope.cameras.iter().map(|c| (c.to_string(), names.camera(*c))).collect(),
        from: scope.from,
        to: scope.to,
        size_bytes: made.unwrap_or(size_bytes),
        state: e.map(state_of).unwrap_or_default(),
        export: e.map(|e| e.id.to_string()).unwrap_or_default(),
        shown: false,
    }
}

fn report_lines(report: &MadeReport) -> Vec<(Text, String)> {
    let line = |zh, en, value: String| (Text::new(zh, en), value);
    vec![
        line("录像文件", "Files of footage", report.footage_files.to_string()),
        line("片段，逐一与日志核对", "Fragments, each compared with the log", report.fragments.to_string()),
        line("画面", "Pictures", report.pictures.to_string()),
        line("录像时长（秒）", "Footage, seconds", report.footage_s.to_string()),
        line("缺录时段，均有原因", "Gaps, each with its cause", report.gaps.to_string()),
        line("日志条目与证明", "Log entries with proofs", format!("{} / {}", report.entries, report.log_size)),
        line("清单 SHA-256", "SHA-256 of the manifest", report.manifest_sha256.clone()),
        line("签名密钥指纹", "Fingerprint of the signing key", report.key_fingerprint.clone()),
    ]
}

async fn detail(call: &Call, request: &RequestRow, part: PartLine, e: &ExportRow) -> Result<ExportDetail, Refusal> {
    let app = &request.application;
    let scope = scope_of_row(app, e);
    let within = Application { cameras: scope.cameras, from: scope.from, to: scope.to, ..app.clone() };
    let ready = e.state == "done";
    let report = serde_json::from_str::<MadeReport>(&e.report).ok();
    let acts = call.site().store().acts_of_request(request.id).await?;
    // Exports are made one after the other: the next entry after the verification is that of this one.
    let verified = report.as_ref().map(|r| r.at);
    let made = acts.iter().find(|a| a.kind == "export.made" && verified.is_some_and(|at| a.at >= at)).map(|a| a.idx);
    let keep = call.site().config().export_keep_days;
    Ok(ExportDetail {
        part,
        file: if ready { file_name(request, e) } else { String::new() },
        sha256: e.sha256.clone(),
        sm3: e.sm3.clone(),
        href: format!("/use/{}/exports/{}", request.id, e.id),
        verified,
        report: report.as_ref().map(report_lines).unwrap_or_default(),
        cameras: scope_of(call, &within).await?,
        kept_until: export_kept_until(request.state, keep).filter(|_| ready),
        log_index: made.filter(|_| ready),
    })
}

/// A range chosen on the timeline, if it lies in the request and is of no part.
fn own_range(call: &Call, names: &Names, app: &Application) -> Option<PartLine> {
    let camera = CameraId::parse(call.query.get("camera")).filter(|c| app.cameras.contains(c))?;
    let (from, to) = (call.query.instant("from")?.max(app.from), call.query.instant("to")?.min(app.to));
    (from < to).then(|| part_line(names, 0, &Scope::new(vec![camera], from, to), 0, None))
}

async fn export_page(call: &Call, errors: FormErrors) -> Result<UseExportPage, Refusal> {
    let by = call.actor()?;
    let request = call.site().request(by, id_of(call)?).await?;
    let names = Names::read_whole(call).await?;
    let (found, rest) = call.site().export_parts(by, request.id).await?;
    let app = &request.application;
    let line =
        |(n, p): (usize, &ExportPart)| part_line(&names, n, &p.part.scope, p.part.weight.bytes, p.export.as_ref());
    let mut parts: Vec<_> = (1..).zip(&found).map(line).collect();
    let mut others: Vec<_> =
        rest.iter().map(|e| part_line(&names, 0, &scope_of_row(app, e), e.bytes, Some(e))).collect();
    let own = own_range(call, &names, app);
    // Named, or the only one there is to see.
    let wanted = match call.query.get("export") {
        "" if own.is_none() && parts.len() == 1 => parts[0].export.clone(),
        named => named.to_owned(),
    };
    let mut chosen = None;
    for (shown, row) in parts
        .iter_mut()
        .zip(found.iter().map(|p| p.export.as_ref()))
        .chain(others.iter_mut().zip(rest.iter().map(Some)))
    {
        if let Some(row) = row.filter(|e| e.id.to_string() == wanted) {
            shown.shown = true;
            chosen = Some(detail(call, &request, shown.clone(), row).await?);
        }
    }
    let session = call.site().session_of(by, request.id).await?.is_some_and(|s| runs_here(call, &s));
    let (stock_files, stock_bytes) = call.site().store().exports_stock().await?;
    let disk = site::storage::disk(call.site().store().data()).map_err(down)?;
    Ok(UseExportPage {
        l: call.lang,
        bar: call.bar(Nav::Use).await?,
        errors,
        id: request.id.to_string(),
        number: request.number.clone(),
        parts,
        others,
        own,
        chosen,
        may_make: session && app.wanted == Use::Copy,
        may_sign: call.may(Permission::UseGrant) && matches!(request.state, State::Granted { .. }),
        may_remove: call.may(Permission::DecideUse),
        keep_days: call.site().config().export_keep_days,
        stock_files,
        stock_bytes,
        free_bytes: disk.free_bytes.saturating_sub(call.site().config().reserve_bytes),
        log_key: call.site().store().ledger().key().vkey().to_string(),
    })
}

/// `GET /use/{id}/export?export=` (also `camera`, `from`, `to` from the timeline).
pub(crate) async fn show(call: Call) -> Reply {
    page(&export_page(&call, FormErrors::default()).await?)
}

/// `POST /use/{id}/export`: one part (`camera` many, `from`, `to` in ms), or all that the request names. A second click leads to
/// the export that the first has begun.
pub(crate) async fn make(call: Call) -> Reply {
    let id = id_of(&call)?;
    in_this_browser(&call, id).await?;
    let f = &call.form;
    let row = if f.has("camera") {
        let wrong = || {
            Refusal::bad_input(
                "range",
                Text::new("没有选择摄像机或时间段。", "No camera or no time is chosen."),
                Text::new("请从页面上的分卷开始。", "Begin with a part on the page."),
            )
        };
        let cameras = f.all("camera").iter().take(limits::REQUEST_CAMERAS).map(|c| CameraId::parse(c)).collect();
        let cameras: Option<Vec<_>> = cameras;
        let (from, to) = f.instant("from").zip(f.instant("to")).ok_or_else(wrong)?;
        call.site().begin_export_of(call.actor()?, id, cameras.ok_or_else(wrong)?, from, to).await?
    } else {
        call.site().begin_export(call.actor()?, id).await?
    };
    Ok(see_other(&format!("/use/{id}/export?export={}", row.id)))
}

/// The export that the path names, of the request that the path names.
async fn export_of(call: &Call) -> Result<ExportRow, Refusal> {
    let id = id_of(call)?;
    let export = ExportId::parse(call.param(1)).ok_or_else(no_page)?;
    let row = call.site().export(call.actor()?, export).await?;
    if row.request == id { Ok(row) } else { Err(no_page()) }
}

/// `GET /use/{id}/exports/{export}`: the file, with ranges.
pub(crate) async fn download(call: Call) -> Reply {
    let row = export_of(&call).await?;
    in_this_browser(&call, row.request).await?;
    let file = call.site().open_export(call.actor()?, row.id).await?;
    let (name, total, tag) = (file.name.clone(), file.total_bytes(), format!("\"{}\"", file.etag()));
    let mut answer = ranged(&call, "application/zip", total, &tag, |range| file.read(range));
    attach(&mut answer, &name);
    Ok(answer)
}

/// `POST /use/{id}/exports/{export}/remove`: the custodian removes the file, with `reason`.
pub(crate) async fn remove(mut call: Call) -> Reply {
    let row = export_of(&call).await?;
    match call.site().remove_export(call.actor()?, row.id, call.form.get("reason")).await {
        Ok(()) => call.done(&format!("/use/{}/export?export={}", row.request, row.id), "export_removed"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            let mut errors = FormErrors::default();
            errors.push("reason", refusal.what.clone());
            call.query.push("export".into(), row.id.to_string());
            page_with(status(&refusal), &export_page(&call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `GET /api/v1/exports/{export}`.
pub(crate) async fn progress(call: Call) -> Reply {
    let export = ExportId::parse(call.param(0)).ok_or_else(no_page)?;
    let row = call.site().export(call.actor()?, export).await?;
    let state = match row.state.as_str() {
        "done" => "ready",
        "making" => "running",
        "removed" => "removed",
        _ => "failed",
    };
    ok_json(&serde_json::json!({
        "state": state, "percent": percent(&row), "bytes": row.bytes, "sha256": row.sha256, "sm3": row.sm3,
    }))
}
