//! Accounts from a file: upload, preview with every row and every fault, confirmation, one-time passwords shown once.

use crate::answer::{Reply, page, page_with, status};
use crate::call::Call;
use crate::pages::import::{ImportFault, ImportLine, ImportPage};
use crate::pages::{FormErrors, Nav};
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Text};
use site::import::{Fate, Preview};

async fn empty_page(call: &Call, errors: FormErrors) -> Result<ImportPage, Refusal> {
    let roles = call.kind().workplace().staff().filter(|r| !r.is_of_the_three());
    Ok(ImportPage {
        l: call.lang,
        bar: call.bar(Nav::Accounts).await?,
        errors,
        roles: roles
            .map(|r| {
                let name = r.name();
                Text::of(name.zh, format!("{} ({})", name.en, r.code()))
            })
            .collect(),
        ..ImportPage::default()
    })
}

/// `GET /accounts/import`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&empty_page(&call, FormErrors::default()).await?)
}

async fn preview_page(call: &Call, preview: Preview, errors: FormErrors) -> Result<ImportPage, Refusal> {
    let new_accounts = preview.new_accounts();
    let line = |l: site::import::Line| ImportLine {
        line: l.line,
        login: l.login,
        name: l.name,
        unit: [l.unit, l.badge].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" "),
        role: l.role.name(),
        makes: l.fate == Fate::Make,
    };
    Ok(ImportPage {
        checked: true,
        sha256: preview.sha256,
        lines: preview.lines.into_iter().map(line).collect(),
        new_accounts,
        faults: preview.faults.into_iter().map(|f| ImportFault { line: f.line, what: f.what }).collect(),
        fault_count: preview.fault_count,
        ..empty_page(call, errors).await?
    })
}

/// `POST /accounts/import`: `file`; what it would do. Nothing is changed.
pub(crate) async fn check(call: Call) -> Reply {
    let by = call.actor()?;
    let Some(upload) = &call.upload else {
        let mut errors = FormErrors::default();
        errors.push("file", Text::new("请选择文件。", "Choose a file."));
        return page_with(StatusCode::BAD_REQUEST, &empty_page(&call, errors).await?);
    };
    let preview = call.site().import_preview(by, &upload.bytes, call.kind().workplace()).await?;
    let code = if preview.fault_count > 0 { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    if preview.fault_count == 0 {
        call.app.imports.put(by.id, upload.bytes.clone(), call.site().now().mono);
    }
    page_with(code, &preview_page(&call, preview, FormErrors::default()).await?)
}

/// `POST /accounts/import/confirm`: `sha256` of the file that was checked.
pub(crate) async fn confirm(call: Call) -> Reply {
    let by = call.actor()?;
    let Some(file) = call.app.imports.get(by.id, call.site().now().mono) else {
        let mut errors = FormErrors::default();
        errors.push(
            "file",
            Text::new(
                "核对已超过十五分钟，或还没有上传文件。请重新上传。",
                "No file was checked in the last fifteen minutes; upload it again.",
            ),
        );
        return page_with(StatusCode::CONFLICT, &empty_page(&call, errors).await?);
    };
    match call.site().import_accounts(by, &file, call.form.get("sha256"), call.kind().workplace()).await {
        Ok(made) => {
            call.app.imports.forget(by.id);
            let made = made.into_iter().map(|m| (m.login, m.password.into_inner())).collect::<Vec<_>>();
            if made.is_empty() {
                return call.done("/accounts", "import_nothing");
            }
            page(&ImportPage { made, ..empty_page(&call, FormErrors::default()).await? })
        }
        Err(refusal) if matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::Conflict) => {
            let mut errors = FormErrors::default();
            errors.push("file", refusal.what.clone());
            let preview = call.site().import_preview(by, &file, call.kind().workplace()).await?;
            page_with(status(&refusal), &preview_page(&call, preview, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}
