//! An authority's page of its sites: admit with the code, enter by keys, end, and the heads that contradict each other.
//!
//! Always true: a page has at most so many sites, those first that wait for a person; a list that would leave something out says so, or gives way
//! to a field in which the code is typed.

use super::divisions::named;
use super::inbox::{by, of};
use crate::answer::{Reply, attach, body, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::inbox::{ConflictLine, SiteLine, SitesPage};
use crate::pages::{Choice, FormErrors, Mark, Nav, Pager, State};
use authority::{Admission, SiteRow, SiteView};
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, SiteId, Text};
use domain::access::Permission;
use law::{Division, Jurisdiction};
use ledger::Checkpoint;
use store::casework::search::{QUERY_CHARS, normal};
use store::peers::PeerState;

/// Sites of one page.
const LINES: usize = 50;
/// Most divisions, and most sites, of the form that says where a site lies.
const DIVISIONS: usize = 400;
const PLACED: usize = 1_000;

fn site(call: &Call) -> Result<SiteId, Refusal> {
    SiteId::parse(call.param(0)).ok_or_else(no_page)
}

fn conflict_words(what: &str) -> Text {
    match what {
        "rolled_back" => Text::new("日志被回退：变短了", "Its log was taken back: it is shorter"),
        "split_view" => {
            Text::new("日志被改写：同样长度，内容不同", "Its log was rewritten: same length, other content")
        }
        _ => Text::new(
            "日志被改写：不能由此前的延续而来",
            "Its log was rewritten: it does not continue what was witnessed",
        ),
    }
}

fn line_of(view: SiteView) -> SiteLine {
    let SiteView { peer, code, fingerprint, witnessed, messages, conflicts } = view;
    // Newest first: the head of the first that stands is the nearest to where the site is now.
    let standing = conflicts.iter().find(|c| c.settled.is_none()).map(|c| c.leaf);
    let state = match (peer.state, standing.is_none()) {
        (PeerState::Admitted, false) => State::new(Mark::Critical, "日志不一致", "Log contradicts"),
        (PeerState::Admitted, true) => State::new(Mark::Ok, "已接入", "Admitted"),
        (PeerState::Asked, _) => State::new(Mark::Attention, "等待核对", "Waits for a person"),
        (PeerState::Closed, _) => State::new(Mark::Off, "已停止", "Ended"),
    };
    let province = Jurisdiction::provinces().find(|j| j.key() == peer.jurisdiction);
    SiteLine {
        id: peer.site.to_string(),
        name: peer.name,
        unit: peer.unit,
        province: province.map_or_else(Text::default, Jurisdiction::name),
        state,
        asks: peer.state == PeerState::Asked,
        admitted: peer.state == PeerState::Admitted,
        code,
        fingerprint,
        witnessed,
        messages: (messages.1, messages.0),
        conflicts: conflicts
            .into_iter()
            .map(|c| ConflictLine {
                at: c.at,
                what: conflict_words(&c.what),
                log: c.leaf,
                sizes: size_of(&c.held).zip(size_of(&c.offered)),
                settled: c.settled,
                acceptable: standing == Some(c.leaf),
            })
            .collect(),
    }
}

/// Entries of a signed head; whose it is was checked when it was kept.
fn size_of(note: &[u8]) -> Option<u64> {
    Checkpoint::read_unverified(note).ok().map(|head| head.size)
}

/// What waits for a person stands first.
fn rank(row: &SiteRow) -> u8 {
    match (row.peer.state, row.contradicts) {
        (PeerState::Admitted, true) => 0,
        (PeerState::Asked, _) => 1,
        (PeerState::Admitted, false) => 2,
        (PeerState::Closed, _) => 3,
    }
}

/// Whether the words stand in name, responsible unit, division or fingerprint of a site.
fn fits(row: &SiteRow, words: &str) -> bool {
    let peer = &row.peer;
    let texts = [peer.name.as_str(), peer.unit.as_str(), peer.division.as_str()];
    words.is_empty()
        || texts.iter().any(|text| normal(text).contains(words))
        || normal(&row.fingerprint()).contains(words)
}

/// The page of a list that is asked for, from 1; else the one on which a thing stands. Never one behind the last.
fn page_of(asked: Option<usize>, at: Option<usize>, all: usize) -> usize {
    let last = all.div_ceil(LINES).max(1);
    asked.or(at.map(|at| at / LINES + 1)).unwrap_or(1).clamp(1, last)
}

fn link(query: &str, page: usize) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    if !query.is_empty() {
        out.append_pair("q", query);
    }
    out.append_pair("page", &page.to_string());
    format!("/sites?{}", out.finish())
}

fn pager(query: &str, page: usize, all: usize) -> Pager {
    let (first, last) = ((page - 1) * LINES + 1, (page * LINES).min(all));
    Pager {
        previous: (page > 1).then(|| link(query, page - 1)),
        next: (last < all).then(|| link(query, page + 1)),
        shown: Text::of(format!("第 {first}–{last} 个，共 {all} 个"), format!("{first}–{last} of {all}")),
    }
}

/// Divisions of the province of this server, for the form that says where a site lies; empty: there are none, or more than a list can have.
fn divisions(call: &Call) -> Vec<Choice> {
    let Some(province) = call.site().profile().law.jurisdiction.code() else { return Vec::new() };
    let (packs, chosen) = (call.site().gate().packs(), call.form.get("division"));
    let today = call.now().shanghai_date();
    let inside = |d: &&Division| d.code.starts_with(province) && !d.code.ends_with("0000") && d.stands_on(today);
    let here = packs.divisions().iter().filter(inside);
    let choices = here.take(DIVISIONS + 1).map(|d| Choice::new(&d.code, named(packs, &d.code), d.code == chosen));
    let choices: Vec<Choice> = choices.collect();
    // A list that leaves some out would say that they do not exist: then the code is typed.
    if choices.len() > DIVISIONS { Vec::new() } else { choices }
}

async fn sites_page(call: &Call, errors: FormErrors) -> Result<SitesPage, Refusal> {
    let authority = of(call)?;
    let packs = call.site().gate().packs();
    let query: String = call.query.get("q").chars().filter(|c| !c.is_control()).take(QUERY_CHARS).collect();
    let mut sites = authority.site_rows().await?;
    let total = sites.len();
    sites.sort_by_key(rank);
    let words = normal(&query);
    sites.retain(|row| fits(row, &words));
    let found = sites.len();
    // After an act that failed the page has the site that it was about.
    let of_path = SiteId::parse(call.param(0));
    let at = sites.iter().position(|row| Some(row.peer.site) == of_path);
    let page = page_of(call.query.get("page").parse().ok(), at, found);
    let chosen = call.form.get("site");
    let admitted = sites.iter().map(|row| &row.peer).filter(|peer| peer.state == PeerState::Admitted);
    let placed = admitted.map(|peer| {
        let id = peer.site.to_string();
        let name = match peer.division.as_str() {
            "" => Text::of(format!("{}（未登记）", peer.name), format!("{} (not entered)", peer.name)),
            code => {
                let at = named(packs, code);
                Text::of(format!("{}：{}", peer.name, at.zh), format!("{}: {}", peer.name, at.en))
            }
        };
        Choice::new(&id, name, id == chosen)
    });
    let mut placed: Vec<Choice> = placed.take(PLACED + 1).collect();
    let placed_more = placed.len() > PLACED;
    placed.truncate(PLACED);
    let shown: Vec<SiteRow> = sites.into_iter().skip((page - 1) * LINES).take(LINES).collect();
    let shown = authority.site_views(shown).await?;
    Ok(SitesPage {
        l: call.lang,
        bar: call.bar(Nav::Sites).await?,
        placed,
        placed_more,
        divisions: divisions(call),
        total,
        searched: total > LINES || !query.is_empty(),
        pager: pager(&query, page, found),
        query,
        sites: shown.into_iter().map(line_of).collect(),
        connection: authority.connection_text(),
        witness: authority.witness_vkey().fingerprint(),
        witness_key: authority.witness_vkey().to_string(),
        may_admit: call.may(Permission::ManagePeers),
        provinces: Jurisdiction::provinces()
            .map(|j| Choice::new(j.key(), j.name(), call.form.get("jurisdiction") == j.key()))
            .collect(),
        errors,
    })
}

/// `GET /sites?q=&page=`.
pub(crate) async fn list(call: Call) -> Reply {
    page(&sites_page(&call, FormErrors::default()).await?)
}

/// 303 on success; the page with the error where a field was wrong.
async fn told(call: &Call, done: Result<(), Refusal>, flash: &'static str) -> Reply {
    match done {
        Ok(()) => call.done("/sites", flash),
        Err(refusal)
            if matches!(refusal.code.as_str(), "other_code" | "site_known") || refusal.kind == ErrorKind::BadInput =>
        {
            let mut errors = FormErrors::default();
            let field = match refusal.code.as_str() {
                "other_code" => format!("code-{}", call.param(0)),
                "why" => format!("why-{}", call.param(0)),
                other => other.to_owned(),
            };
            errors.push(
                &field,
                Text::of(
                    format!("{}{}", refusal.what.zh, refusal.next.zh),
                    format!("{} {}", refusal.what.en, refusal.next.en),
                ),
            );
            page_with(status(&refusal), &sites_page(call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

fn admission(call: &Call) -> Admission {
    let f = &call.form;
    Admission {
        name: f.get("name").to_owned(),
        unit: f.get("unit").to_owned(),
        jurisdiction: f.get("jurisdiction").to_owned(),
        code: f.get("code").to_owned(),
    }
}

/// `POST /sites`: enters a site by its keys.
pub(crate) async fn enter(call: Call) -> Reply {
    let done = of(&call)?.enter(call.form.get("vkey"), call.form.get("pin"), &admission(&call), by(&call)?).await;
    told(&call, done, "site_admitted").await
}

/// `POST /sites/{id}/admit`.
pub(crate) async fn admit(call: Call) -> Reply {
    let done = of(&call)?.admit(site(&call)?, &admission(&call), by(&call)?).await;
    told(&call, done, "site_admitted").await
}

/// `POST /sites/division`: `site`, `division`. Where a site lies, which says whose orders it gets.
pub(crate) async fn place(call: Call) -> Reply {
    let authority = of(&call)?;
    let site = SiteId::parse(call.form.get("site")).ok_or_else(no_page)?;
    let done = authority.place_site(site, call.form.get("division"), by(&call)?).await;
    told(&call, done, "site_placed").await
}

/// `POST /sites/{id}/close`.
pub(crate) async fn close(call: Call) -> Reply {
    let done = of(&call)?.close(site(&call)?, by(&call)?).await;
    told(&call, done, "site_ended").await
}

/// `POST /sites/{id}/heads/{index}/accept`: the site's log goes on from the head that was shown.
pub(crate) async fn accept(call: Call) -> Reply {
    let leaf = call.param(1).parse::<u64>().map_err(|_| no_page())?;
    let done = of(&call)?.accept_line(site(&call)?, leaf, call.form.get("why"), by(&call)?).await;
    told(&call, done, "line_accepted").await
}

/// `GET /sites/{id}/heads/{index}`: both signed heads of a contradiction, one after the other: what anybody can check.
pub(crate) async fn heads(call: Call) -> Reply {
    let authority = of(&call)?;
    let (site, leaf) = (site(&call)?, call.param(1).parse::<u64>().map_err(|_| no_page())?);
    let found = authority.conflict(site, leaf, by(&call)?).await?;
    let text = [&found.held[..], b"\n", &found.offered].concat();
    let mut answer = body(StatusCode::OK, "text/plain; charset=utf-8", text);
    attach(&mut answer, &format!("heads-{leaf}.txt"));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_one_that_is_there() {
        for (asked, at, all, page) in [
            (None, None, 0, 1),
            (None, None, LINES + 1, 1),
            (Some(2), None, LINES, 1),
            (Some(2), None, LINES + 1, 2),
            (Some(usize::MAX), None, LINES + 1, 2),
            (Some(0), None, LINES + 1, 1),
            (None, Some(LINES - 1), LINES + 1, 1),
            (None, Some(LINES), LINES + 1, 2),
            (Some(1), Some(LINES), LINES + 1, 1),
        ] {
            assert_eq!(page_of(asked, at, all), page, "{asked:?} {at:?} {all}");
        }
    }

    #[test]
    fn a_pager_leads_to_what_is_there() {
        let one = pager("", 1, LINES);
        assert_eq!((one.previous, one.next), (None, None));
        let first = pager("酒店", 1, LINES + 1);
        assert!(first.previous.is_none() && first.next.is_some_and(|next| next.ends_with("&page=2")));
        let last = pager("", 2, LINES + 1);
        assert_eq!((last.previous.as_deref(), last.next), (Some("/sites?page=1"), None));
        assert_eq!(last.shown.en, format!("{0}–{0} of {0}", LINES + 1));
    }
}
