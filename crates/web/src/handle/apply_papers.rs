//! The papers of an application: what is asked for and what is there, one file a request, what is still missing.
//!
//! ```text
//! GET  /apply/{case}/materials ─▶ papers asked for and handed in ─▶ MaterialsPage
//! POST …/materials/{material} ─▶ case::send (GivePaper)        POST …/{material}/remove ─▶ case::send (ReturnPaper)
//! ```
//! Always true: a missing paper stops nobody from sending, but every one is named (AL-32); papers are added until the case is decided; what was sent
//! is not taken back here.

use super::apply::{At, about, apply_head, asks_papers, step_of};
use super::ask::Wrong;
use super::case::{id_of, send, uploaded, view_of};
use super::case_words::materials;
use super::inbox::of;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::Nav;
use crate::pages::apply::{ApplyHead, ApplyTask, DefectLine, MaterialsPage};
use crate::pages::case::MaterialLine;
use crate::pages::public::PublicNav;
use authority::cases::CaseView;
use base::{Refusal, Sha256, Text, limits};
use domain::casework::{COMPLETE, CaseAct, Node, Stage, fields_of};

fn upload_mb_max() -> u32 {
    u32::try_from(limits::UPLOAD_BYTES / (1024 * 1024)).unwrap_or(u32::MAX)
}

/// Papers as the applicant sees them here; what was sent is not taken back any more.
pub(super) fn paper_lines(call: &Call, view: &CaseView) -> Vec<MaterialLine> {
    let draft = Stage::parse(&view.row.head.state) == Some(Stage::Draft);
    let mut lines = materials(call, view, &format!("/my/cases/{}", view.row.id));
    lines.retain(|line| !line.gap);
    for file in lines.iter_mut().flat_map(|line| line.files.iter_mut()).filter(|_| !draft) {
        file.id = String::new();
    }
    lines
}

async fn materials_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<MaterialsPage, Refusal> {
    let step = step_of_papers(view, call.query.get("step"))?;
    let has_form = step.is_some_and(|s| !fields_of(view.procedure(), s.id()).is_empty());
    let id = view.row.id;
    let mut bar = call.bar(Nav::None).await?;
    wrong.on(&mut bar);
    Ok(MaterialsPage {
        l: call.lang,
        bar,
        at: PublicNav::Mine,
        head: step.map_or_else(|| added_head(view), |s| apply_head(view, s, At::Materials)),
        materials: paper_lines(call, view),
        upload_mb_max: upload_mb_max(),
        step: step.map(|s| s.id().to_owned()).unwrap_or_default(),
        back: step.filter(|_| has_form).map(|s| format!("/apply/{id}?step={}", s.id())).unwrap_or_default(),
        errors: wrong.errors,
    })
}

/// The step that these papers go with; none where the application was sent and papers are only added to it.
fn step_of_papers<'a>(view: &'a CaseView, asked: &str) -> Result<Option<Node<'a>>, Refusal> {
    if asked.is_empty() && may_add_papers(view) && !super::case_words::awaits_rest(view) {
        return Ok(None);
    }
    step_of(view, asked).map(Some)
}

/// The application was sent and nothing is decided: papers that it asks for can be added.
pub(crate) fn may_add_papers(view: &CaseView) -> bool {
    let stage = Stage::parse(&view.row.head.state);
    let open = !matches!(stage, Some(Stage::Draft | Stage::Decided | Stage::Closed | Stage::Abandoned) | None);
    open && asks_papers(view)
}

fn added_head(view: &CaseView) -> ApplyHead {
    let title = Text::new("补交材料", "Add papers");
    ApplyHead {
        draft: view.row.id.to_string(),
        service: view.procedure().name(),
        plain: Text::default(),
        about: about(view.procedure()),
        tasks: vec![ApplyTask { title, here: true, ..ApplyTask::default() }],
        kept_until: String::new(),
        seen: view.row.events,
    }
}

/// The page of papers after one of them changed, at that paper.
fn papers_at(call: &Call) -> Result<String, Refusal> {
    let step = call.query.get("step");
    let of = if step.is_empty() { String::new() } else { format!("?step={}", word_of(step)) };
    Ok(format!("/apply/{}/materials{of}#m-{}", id_of(call)?, word_of(call.param(1))))
}

/// A word of a procedure as it stands in an address: letters, digits and underscores; what is none is left out.
fn word_of(word: &str) -> String {
    word.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// Needed papers that are not there, each with the place where it is handed in; of papers of which one is enough, one line.
pub(crate) fn lacking(view: &CaseView) -> Vec<DefectLine> {
    let all = &view.procedure().materials;
    let mut lines: Vec<DefectLine> = Vec::new();
    let mut groups: Vec<&str> = Vec::new();
    for material in view.missing() {
        let mut text = Text::of(material.zh.clone(), material.en.clone());
        if !material.one_of.is_empty() {
            if groups.contains(&material.one_of.as_str()) {
                continue;
            }
            groups.push(&material.one_of);
            let group = || all.iter().filter(|m| m.one_of == material.one_of);
            let zh: Vec<&str> = group().map(|m| m.zh.as_str()).collect();
            let en: Vec<&str> = group().map(|m| m.en.as_str()).collect();
            text = Text::of(format!("至少交一种：{}", zh.join("、")), format!("at least one of: {}", en.join("; ")));
        }
        lines.push(DefectLine { href: format!("/apply/{}/materials#m-{}", view.row.id, material.id), text });
    }
    lines
}

/// The papers that this sending would go without: those of the application, and those that were asked for.
pub(super) fn sent_without(view: &CaseView, step: Node<'_>) -> Vec<DefectLine> {
    let goes = view.case.doings.is_empty() || step.id() == COMPLETE;
    if goes { lacking(view) } else { Vec::new() }
}

/// `GET /apply/{id}/materials?step=`.
pub(crate) async fn papers(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&materials_page(&call, &view, Wrong::none()).await?)
}

async fn papers_refused(call: &Call, mut refusal: Refusal) -> Reply {
    let at = format!("file-{}", call.param(1));
    let view = view_of(call).await?;
    if let Some(paper) = view.procedure().materials.iter().find(|m| m.id == call.param(1)) {
        let what = &refusal.what;
        refusal.what = Text::of(format!("“{}”：{}", paper.zh, what.zh), format!("\"{}\": {}", paper.en, what.en));
    }
    let wrong = Wrong::of(refusal, &at)?;
    page_with(wrong.status, &materials_page(call, &view, wrong).await?)
}

/// `POST /apply/{id}/materials/{material}`: `file`, `seen`; one file a request.
pub(crate) async fn upload(mut call: Call) -> Reply {
    of(&call)?;
    let material = call.param(1).to_owned();
    let given = match uploaded(&mut call, &material) {
        Ok((act, upload)) => send(&call, act, vec![upload]).await,
        Err(refusal) => Err(refusal),
    };
    match given {
        Ok(_) => call.done(&papers_at(&call)?, "paper_kept"),
        Err(refusal) => papers_refused(&call, refusal).await,
    }
}

/// `POST /apply/{id}/materials/{material}/remove`: `file` (its digest), `seen`; while the application is not sent.
pub(crate) async fn remove(call: Call) -> Reply {
    of(&call)?;
    let sha256 = Sha256::from_hex(call.form.get("file")).ok_or_else(no_page)?;
    let reason = "申请人在提交前移除。".to_owned();
    match send(&call, CaseAct::ReturnPaper { sha256, reason }, Vec::new()).await {
        Ok(_) => call.done(&papers_at(&call)?, "paper_removed"),
        Err(refusal) => papers_refused(&call, refusal).await,
    }
}
