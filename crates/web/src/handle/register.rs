//! The register of information use as people read it: filtered in the database, page by page, each line with its papers and proof.

use super::use_request::{before, list_link, narrowed};
use super::view::Names;
use crate::answer::{Reply, page};
use crate::call::Call;
use crate::pages::register::{LetterLink, RegisterLine, RegisterPage};
use crate::pages::{Choice, Nav, Pager};
use base::{Citation, ClauseId, Text, UtcMs};
use domain::access::Permission;
use store::register::{RegisterFilter, RegisterRow};

/// Lines of one page: what a clerk prints at once.
const LINES: u32 = 500;

/// Kinds of use: word of the row, and what people call it.
const ACTS: [(&str, &str, &str); 7] = [
    ("session", "双人登录", "Two-officer session"),
    ("view", "查看", "Viewed"),
    ("look", "播放前检查", "Looked at before it is shown"),
    ("copy", "复制", "Copied"),
    ("download", "取走复制件", "Copy taken"),
    ("network", "联网查看", "Viewed over the network"),
    ("reported", "随报警提供", "Went with an alarm"),
];

fn act(what: &str) -> Text {
    let known = ACTS.iter().find(|a| a.0 == what);
    known.map_or_else(|| Text::of(what.to_owned(), what.to_owned()), |a| Text::new(a.1, a.2))
}

fn line(call: &Call, names: &Names, now: UtcMs, r: RegisterRow) -> RegisterLine {
    let camera = r.camera.map(|c| names.camera(c)).unwrap_or_default();
    let range = r.from.zip(r.to).map(|(a, b)| format!("{} — {}", a.desk(), b.desk())).unwrap_or_default();
    let opens = call.may(Permission::OpenPapers);
    let letter = r.letter.map(|(sha, name)| LetterLink {
        name,
        sha256: sha.hex(),
        href: r.request.filter(|_| opens).map(|id| format!("/use/{id}/papers/{}", sha.hex())).unwrap_or_default(),
    });
    RegisterLine {
        number: if r.number.is_empty() { r.leaf.to_string() } else { r.number },
        href: r.request.map_or_else(|| "/platforms".to_owned(), |id| format!("/use/{id}")),
        at: r.at,
        act: act(&r.what),
        reason: r.reason,
        content: [camera, range].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" "),
        persons: r.persons.into_inner().replace('\n', call.lang.t("、", ", ")),
        unit: r.unit,
        letter,
        handler: r.handler.map(|id| names.who(call, Some(id))).unwrap_or_default(),
        ended: r.ends.filter(|t| *t <= now),
        runs: r.ends.is_some_and(|t| t > now),
        log_index: r.leaf,
    }
}

/// `GET /register?from=&to=&act=&officer=&unit=&case=&camera=&before=`.
pub(crate) async fn list(call: Call) -> Reply {
    let names = Names::read_whole(&call).await?;
    let n = narrowed(&call, &names).await?;
    let what = ACTS.iter().map(|a| a.0).find(|a| *a == call.query.get("act"));
    let wanted = RegisterFilter {
        request: None,
        of: None,
        person: n.officer,
        unit: n.shown.unit.clone(),
        case_number: n.shown.case_number.clone(),
        camera: n.camera,
        what: what.map(str::to_owned),
        from: n.from,
        to: n.to,
        before: before(&call, |t| t.parse().ok()),
    };
    let first = wanted.before.is_none();
    let mut rows = call.site().register(call.actor()?, &wanted, LINES + 1).await?;
    let more = rows.len() > LINES as usize;
    rows.truncate(LINES as usize);
    let next = rows.last().filter(|_| more).map(|r| format!("{}_{}", r.at.0, r.leaf));
    let pager = Pager {
        previous: (!first).then(|| list_link(&call, "/register", &[], None)),
        next: next.map(|before| list_link(&call, "/register", &[], Some(before))),
        shown: Text::default(),
    };
    let now = call.now();
    let mut filter = n.shown;
    filter.narrowed |= what.is_some();
    page(&RegisterPage {
        l: call.lang,
        bar: call.bar(Nav::Register).await?,
        acts: ACTS.iter().map(|a| Choice::new(a.0, Text::new(a.1, a.2), what == Some(a.0))).collect(),
        filter,
        lines: rows.into_iter().map(|r| line(&call, &names, now, r)).collect(),
        pager,
        clause: register_clause(&call),
    })
}

/// The clause that asks this site for the register.
fn register_clause(call: &Call) -> Option<Citation> {
    let packs = call.site().gate().packs();
    let jurisdiction = call.site().profile().law.jurisdiction;
    ["B-28-1-3", "799-16-1", "799-16-2"].iter().find_map(|id| {
        let id = ClauseId::new(id);
        let (pack, _) = packs.clause(&id)?;
        pack.reaches(jurisdiction).then(|| packs.cite(&id)).flatten()
    })
}
