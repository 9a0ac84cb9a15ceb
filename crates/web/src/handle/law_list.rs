//! Lists of the law: instruments with search, an instrument's articles, what becomes of every clause, findings.

use crate::answer::{Reply, down, no_page, page};
use crate::call::Call;
use crate::kind::Kind;
use crate::pages::law::{
    ArticleView, ClauseLine, CoverageLine, FindingLine, LawCoveragePage, LawFindingsPage, LawInUseLine, LawListPage,
    LawPackPage, PackLine, pieces,
};
use crate::pages::public::PublicNav;
use crate::pages::public_law::{PublicLawListPage, PublicLawPackPage};
use crate::pages::{Choice, Mark, Nav, State};
use base::{CivilDate, ClauseId, Text};
use domain::access::Role;
use law::{Article, Clause, Judged, Jurisdiction, Pack, Severity, Status, TextKind};

/// Clauses that a search shows.
const HITS: usize = 100;
/// Letters of a search that are looked at.
const QUERY_CHARS: usize = 60;

/// The day of `?on=`; today without one, or with none that is a day.
pub(super) fn day_of(call: &Call) -> CivilDate {
    CivilDate::parse(call.query.get("on")).unwrap_or_else(|| call.now().shanghai_date())
}

pub(super) fn days(pack: &Pack) -> Text {
    match pack.head.until {
        Some(until) => Text::of(
            format!("{} 至 {until} 施行", pack.head.from),
            format!("in force from {} until {until}", pack.head.from),
        ),
        None => Text::of(format!("{} 起施行", pack.head.from), format!("in force from {}", pack.head.from)),
    }
}

/// The days of an instrument, and since when its text reads as it does on a day, where it changed after its first day.
pub(super) fn days_on(pack: &Pack, on: CivilDate) -> Text {
    let whole = days(pack);
    let begun = pack.clauses.iter().map(|c| pack.force(c).0).filter(|from| *from > pack.head.from && *from <= on).max();
    match begun {
        Some(from) => Text::of(
            format!("{}；现在的条文自 {from} 起施行", whole.zh),
            format!("{}; as it reads now, from {from}", whole.en),
        ),
        None => whole,
    }
}

/// Whether the page is read on the public site: at an authority by whoever is not its staff.
pub(super) fn for_public(call: &Call) -> bool {
    let is_staff = call.who.as_ref().is_some_and(|w| w.actor.role != Role::Applicant);
    call.kind() == Kind::Authority && !is_staff
}

/// Where an instrument stands in the list: this province, the whole country, other provinces.
fn rank(pack: &Pack, place: Jurisdiction) -> u8 {
    match (pack.reaches(place), pack.head.jurisdictions.is_empty()) {
        (true, false) => 0,
        (_, true) => 1,
        (false, false) => 2,
    }
}

fn pack_state(pack: &Pack, on: CivilDate) -> State {
    if on < pack.head.from {
        State::new(Mark::Off, "尚未施行", "not yet in force")
    } else if pack.head.until.is_some_and(|until| until <= on) {
        State::new(Mark::Off, "已经失效", "no longer in force")
    } else {
        State::new(Mark::Ok, "有效", "in force")
    }
}

/// Status of a clause in shape and words: what needs a lawyer stands out.
pub(super) fn status_state(status: Status) -> State {
    let mark = match status {
        Status::Gap | Status::NeedsRuling => Mark::Attention,
        Status::Superseded | Status::Declared => Mark::Off,
        _ => Mark::Ok,
    };
    State { mark, word: status.name() }
}

pub(super) fn clause_line(pack: &Pack, clause: &Clause, on: CivilDate) -> ClauseLine {
    let state = if pack.in_force(clause, on) {
        status_state(clause.status)
    } else {
        State::new(Mark::Off, "这一天无效", "not in force that day")
    };
    ClauseLine {
        id: clause.id.clone(),
        article: Text::of(clause.cite_zh.clone(), clause.cite_en.clone()),
        gist: Text::of(clause.gist_zh.clone(), clause.gist_en.clone()),
        state,
    }
}

/// `GET /law?q=&on=`.
pub(crate) async fn list(call: Call) -> Reply {
    let on = day_of(&call);
    let packs = call.site().gate().packs();
    let query: String = call.query.get("q").chars().take(QUERY_CHARS).collect();
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut hits: Vec<ClauseLine> = Vec::new();
    let (public, place) = (for_public(&call), call.site().profile().law.jurisdiction);
    if !words.is_empty() {
        let searched = packs.all().iter().filter(|p| !public || p.reaches(place));
        let clauses = searched.flat_map(|p| p.clauses.iter().map(move |c| (p, c)));
        hits = clauses.filter(|(p, c)| fits(p, c, &words)).take(HITS + 1).map(|(p, c)| clause_line(p, c, on)).collect();
    }
    let more = hits.len() > HITS;
    hits.truncate(HITS);
    let line = |pack: &Pack| PackLine {
        id: pack.head.id.clone(),
        name: pack.name(),
        days: days_on(pack, on),
        state: pack_state(pack, on),
        clauses: pack.clauses.len(),
        flaws: pack.readings.len(),
        printed: pack.head.text == TextKind::AsGiven,
    };
    let of_rank =
        |wanted: u8| -> Vec<PackLine> { packs.all().iter().filter(|p| rank(p, place) == wanted).map(line).collect() };
    if public {
        return page(&PublicLawListPage {
            l: call.lang,
            bar: call.plain_bar(Nav::None),
            at: PublicNav::None,
            on: on.to_string(),
            hits: (!words.is_empty()).then_some(hits),
            more,
            query,
            here: of_rank(0),
            national: of_rank(1),
            elsewhere: of_rank(2),
        });
    }
    let in_use = call.site().law_in_use().await?.map(|law| LawInUseLine {
        sha256: law.digest.all.hex(),
        from_folder: law.from_folder,
        since: law.since,
        log: law.leaf,
    });
    page(&LawListPage {
        l: call.lang,
        in_use,
        bar: call.bar(Nav::None).await?,
        on: on.to_string(),
        hits: (!words.is_empty()).then_some(hits),
        more,
        query,
        packs: (0..=2).flat_map(of_rank).collect(),
    })
}

/// Every word stands in the id, the citation, the gist or the article.
fn fits(pack: &Pack, clause: &Clause, words: &[String]) -> bool {
    let article = pack.articles.get(&clause.article).map_or("", |a| a.body.as_str());
    let of = |text: &str, word: &str| text.to_lowercase().contains(word);
    words.iter().all(|w| {
        [&clause.id, &clause.cite_zh, &clause.cite_en, &clause.gist_zh, &clause.gist_en].iter().any(|t| of(t, w))
            || of(article, w)
    })
}

/// The lines of an article with the words marked that show slips and gaps.
pub(super) fn marked(pack: &Pack, article: &Article) -> Vec<Vec<crate::pages::law::Piece>> {
    let of = pack.readings.iter().filter(|r| r.article == article.number);
    let quotes: Vec<String> = of.flat_map(|r| r.quotes.iter().cloned()).collect();
    article.body.lines().filter(|l| !l.trim().is_empty()).map(|line| pieces(line, &quotes)).collect()
}

/// `GET /law/packs/{id}?on=`.
pub(crate) async fn pack(call: Call) -> Reply {
    let on = day_of(&call);
    let pack = call.site().gate().packs().pack(call.param(0)).ok_or_else(no_page)?;
    let article = |article: &Article| ArticleView {
        number: article.number,
        heading: article.heading.clone(),
        lines: marked(pack, article),
        remarks: article.remarks.clone(),
        clauses: pack
            .clauses
            .iter()
            .filter(|c| c.article == article.number)
            .map(|c| clause_line(pack, c, on))
            .collect(),
    };
    let public = for_public(&call);
    let shown = LawPackPage {
        l: call.lang,
        bar: if public { call.plain_bar(Nav::None) } else { call.bar(Nav::None).await? },
        on: on.to_string(),
        id: pack.head.id.clone(),
        name: pack.name(),
        issuer: Text::of(pack.head.issuer_zh.clone(), pack.head.issuer_en.clone()),
        days: days_on(pack, on),
        state: pack_state(pack, on),
        source: Text::of(pack.head.source_zh.clone(), pack.head.source_en.clone()),
        text_sha256: pack.head.text_sha256.clone(),
        printed: pack.head.text == TextKind::AsGiven,
        articles: pack.articles.values().map(article).collect(),
    };
    if !public {
        return page(&shown);
    }
    let reaches = pack.reaches(call.site().profile().law.jurisdiction);
    let bar = call.plain_bar(Nav::None);
    page(&PublicLawPackPage { l: call.lang, bar, at: PublicNav::None, reaches, page: shown })
}

/// `GET /law/coverage?status=&pack=`: without a filter the two ordinances.
pub(crate) async fn coverage(call: Call) -> Reply {
    let packs = call.site().gate().packs();
    let whole = packs.coverage();
    let printed = |id: &str| packs.pack(id).is_some_and(|p| p.head.text == TextKind::AsGiven);
    let ordinances: Vec<_> = whole.iter().filter(|c| printed(&c.pack)).collect();
    let complete = (ordinances.iter().filter(|c| c.complete).count(), ordinances.len());
    let status = Status::ALL.iter().find(|s| s.key() == call.query.get("status"));
    let wanted = packs.pack(call.query.get("pack")).map(|p| p.head.id.clone());
    let shown = whole.iter().filter(|c| {
        status.is_none_or(|s| c.status == *s) && wanted.as_ref().map_or_else(|| printed(&c.pack), |id| c.pack == *id)
    });
    let line = |c: &law::Coverage| CoverageLine {
        id: c.id.0.clone(),
        state: status_state(c.status),
        carriers: c.carriers.iter().map(|s| (packs.carrier_name(&s.carrier), s.built)).collect(),
        reason: c.reason.clone(),
        superseded: c.superseded_by.iter().map(|id| id.0.clone()).collect::<Vec<_>>().join(", "),
        held: c.cases.len() + c.held_by.len(),
    };
    let choice = |s: &Status| Choice::new(s.key(), s.name(), status == Some(s));
    let instrument = |p: &Pack| Choice::new(&p.head.id, p.name(), wanted.as_ref() == Some(&p.head.id));
    page(&LawCoveragePage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        statuses: Status::ALL.iter().map(choice).collect(),
        packs: packs.all().iter().map(instrument).collect(),
        complete,
        lines: shown.map(line).collect(),
    })
}

/// `GET /law/findings`.
pub(crate) async fn findings(call: Call) -> Reply {
    let packs = call.site().gate().packs();
    let found = call.site().law_findings().map_err(down)?;
    let mut lines: Vec<(bool, FindingLine)> = found.iter().map(|j| (!j.is_open(), finding(packs, j))).collect();
    lines.sort_by_key(|(settled, _)| *settled);
    page(&LawFindingsPage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        open: found.iter().filter(|j| j.is_open()).count(),
        lines: lines.into_iter().map(|l| l.1).collect(),
    })
}

fn finding(packs: &law::Packs, judged: &Judged) -> FindingLine {
    let f = &judged.finding;
    let state = match (&judged.known, f.severity) {
        (Some(_), _) => State::new(Mark::Ok, "已接受", "accepted"),
        (None, Severity::Note) => State::new(Mark::Info, "规则包已处理", "settled by the packs"),
        (None, Severity::Warning) => State::new(Mark::Attention, "未决", "open"),
        (None, Severity::Error) => State::new(Mark::Warning, "须修正", "to be repaired"),
    };
    let href = if packs.clause(&ClauseId::new(&f.at)).is_some() {
        format!("/law/{}", f.at)
    } else {
        match f.at.split_once('-') {
            Some((pack, article)) if packs.pack(pack).is_some() => format!("/law/packs/{pack}#art-{article}"),
            _ => String::new(),
        }
    };
    let line = f.line.map(|n| format!(":{n}")).unwrap_or_default();
    FindingLine {
        kind: f.kind.name(),
        state,
        at: f.at.clone(),
        href,
        text: f.text.clone(),
        known: judged.known.clone(),
        place: format!("law/{}{line}", f.file),
    }
}
