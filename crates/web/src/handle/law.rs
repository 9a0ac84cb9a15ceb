//! A clause: text as printed, how it is read, whether it applies here, what carries it out, what it decided lately.

use super::inbox::of;
use super::law_cost::costs;
use super::law_list::{day_of, days_on, for_public, marked, status_state};
use super::readings::Decided;
use super::view::Names;
use crate::answer::{Reply, page, see_other};
use crate::call::Call;
use crate::pages::Nav;
use crate::pages::log::{ClauseUse, LawClausePage};
use crate::pages::public::PublicNav;
use crate::pages::public_law::PublicLawClausePage;
use base::{ClauseId, Reading, Refusal, Text};
use domain::access::Permission;
use law::{ActKind, Carrier, CarrierState, Clause, Pack, Packs};
use store::logbook::ActFilter;

/// Acts looked through for decisions that cite a clause.
const SEARCHED: u32 = 1_000;
/// Decisions shown.
const SHOWN: usize = 10;

/// `GET /law/{clause}`; of an article or a part of it, the article on the page of its instrument.
pub(crate) async fn show(call: Call) -> Reply {
    let id = ClauseId::new(call.param(0));
    let packs = call.site().gate().packs();
    if let (None, Some(part)) = (packs.clause(&id), packs.article_part(&id.0)) {
        let (pack, article, on) = (&part.pack.head.id, part.article.number, day_of(&call));
        return Ok(see_other(&format!("/law/packs/{pack}?on={on}#art-{article}")));
    }
    let missing = || no_clause(packs, &id);
    let (pack, clause) = packs.clause(&id).ok_or_else(missing)?;
    let citation = packs.cite(&id).ok_or_else(missing)?;
    let article = packs.article_text(&pack.head.id, clause.article);
    let remarks = article.map(|a| a.remarks.join(" ")).unwrap_or_default();
    let decisions = if call.may(Permission::SeeLog) { decisions(&call, &id).await? } else { vec![] };
    let on = day_of(&call);
    let decided = Decided::read(&call).await?;
    let reading = reading(clause, &packs.chosen(&id, on, &decided.decisions));
    let (applies, applies_why) = applies(&call, pack, clause, on);
    let (costs, cost_readings) = costs(&call, (pack, clause), on, &decided.decisions);
    let covered = packs.coverage_of(&id);
    let held_by = covered.as_ref().map(|c| c.cases.iter().chain(&c.held_by).cloned().collect()).unwrap_or_default();
    let public = for_public(&call);
    let shown = LawClausePage {
        l: call.lang,
        bar: if public { call.plain_bar(Nav::None) } else { call.bar(Nav::None).await? },
        clause: id.0.clone(),
        instrument: citation.instrument,
        article: citation.article,
        issuer: Text::of(pack.head.issuer_zh.clone(), pack.head.issuer_en.clone()),
        in_force: days_on(pack, on),
        on: on.to_string(),
        pack: pack.head.id.clone(),
        marked: article.map(|a| marked(pack, a)).unwrap_or_default(),
        state: status_state(clause.status),
        reason: reason(covered.as_ref()),
        readings: packs.readings_of(&id).into_iter().map(|r| decided.view(pack, r, on)).collect(),
        overlays: overlays(packs, &id),
        values: values(clause),
        waits: waits(packs, clause, on, &decided.decisions),
        penalties: penalties(packs, clause),
        costs,
        cost_readings,
        held_by,
        printed: article
            .map(|a| a.body.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect())
            .unwrap_or_default(),
        lost: (clause.gap || !remarks.is_empty()).then(|| lost(clause.gap, &remarks)),
        gist: citation.gist,
        reading,
        reading_note: if reading == clause.reading { reading_note(clause) } else { Text::default() },
        text_sha256: citation.text_sha256,
        applies,
        applies_why,
        carried_out: covered.iter().flat_map(|c| &c.carriers).map(|state| carried_out(packs, state)).collect(),
        decisions,
    };
    if !public {
        return page(&shown);
    }
    let services = services(&call, pack, clause).await?;
    let bar = call.plain_bar(Nav::None);
    page(&PublicLawClausePage { l: call.lang, bar, at: PublicNav::None, page: shown, services })
}

/// Services offered here of which a step, outcome or time limit rests on the article of a clause.
async fn services(call: &Call, pack: &Pack, clause: &Clause) -> Result<Vec<(String, Text)>, Refusal> {
    let packs = call.site().gate().packs();
    let is_it =
        |id: &ClauseId| packs.clause(id).is_some_and(|(p, c)| p.head.id == pack.head.id && c.article == clause.article);
    let rests = |p: &law::Procedure| {
        p.steps.iter().any(|step| is_it(&step.clause))
            || p.outcomes.iter().any(|outcome| is_it(&outcome.clause))
            || p.clocks.iter().any(|clock| is_it(&clock.length.clause))
    };
    let offered = of(call)?.services(call.now().shanghai_date()).await?;
    let here = offered.iter().map(|service| service.procedure).filter(|p| rests(p));
    Ok(here.map(|p| (format!("/public/services/{}", p.id), p.name())).collect())
}

/// There is no such clause; those whose ids begin alike.
fn no_clause(packs: &Packs, id: &ClauseId) -> Refusal {
    let none = Refusal::not_found("该条款", "clause");
    let near = packs.clauses_near(&id.0);
    if near.is_empty() {
        return none;
    }
    let near = near.join(", ");
    Refusal {
        next: Text::of(format!("编号相近的条款：{near}。"), format!("Clauses with a similar id: {near}.")),
        ..none
    }
}

/// Why nothing carries it out; what took its place, and since when.
fn reason(covered: Option<&law::Coverage>) -> Text {
    let Some(covered) = covered else { return Text::default() };
    let (Some(from), false) = (covered.superseded_from, covered.superseded_by.is_empty()) else {
        return covered.reason.clone();
    };
    let by = covered.superseded_by.iter().map(|c| c.0.as_str()).collect::<Vec<_>>().join(", ");
    let why = &covered.reason;
    Text::of(format!("自{from}起由 {by} 替代。{}", why.zh), format!("Superseded by {by} from {from}. {}", why.en))
}

/// The matters on which it meets other clauses.
fn overlays(packs: &Packs, id: &ClauseId) -> Vec<(Text, Vec<(String, Text)>)> {
    let met = |b: law::Beside| (b.ground, b.others.iter().map(|m| (m.clause.0.clone(), m.words())).collect());
    packs.beside(&id.0).into_iter().map(met).collect()
}

fn values(clause: &Clause) -> Vec<(String, u32, Text)> {
    let days = |from: base::CivilDate, until: Option<base::CivilDate>| match until {
        Some(until) => Text::of(format!("{from} 至 {until}"), format!("{from} until {until}")),
        None => Text::of(format!("{from} 起"), format!("from {from}")),
    };
    clause.values.iter().map(|v| (v.name.clone(), v.amount, days(v.from, v.until))).collect()
}

fn penalties(packs: &Packs, clause: &Clause) -> Vec<(String, Text, Text)> {
    let gist = |id: &str| {
        let found = packs.clause(&ClauseId::new(id)).map(|(_, c)| c);
        found.map(|c| Text::of(c.gist_zh.clone(), c.gist_en.clone())).unwrap_or_default()
    };
    clause.penalty.iter().map(|p| (p.clause.clone(), p.link.name(), gist(&p.clause))).collect()
}

/// How the clause is read that day: as its entry says, unless this server decided about a slip of it. What is lost stays lost.
fn reading(clause: &Clause, chosen: &[law::Chosen<'_>]) -> Reading {
    let decided = chosen.iter().rfind(|c| c.since.is_some()).map(|c| c.choice.flag());
    match clause.reading {
        Reading::FlaggedDefault => Reading::FlaggedDefault,
        printed => decided.unwrap_or(printed),
    }
}

/// Those of its penalty clauses whose fines wait for a legal review, because they, or the clause itself, are read otherwise than printed.
fn waits(packs: &Packs, clause: &Clause, on: base::CivilDate, decisions: &[law::ReadingDecision]) -> Vec<String> {
    let may = |id: &str| packs.may_fine_as_read(&ClauseId::new(id), on, decisions);
    let own = may(&clause.id);
    clause.penalty.iter().filter(|p| !own || !may(&p.clause)).map(|p| p.clause.clone()).collect()
}

fn lost(gap: bool, remarks: &str) -> Text {
    if remarks.is_empty() && gap {
        return Text::new(
            "本条原文有缺失，缺失处不作推测。",
            "Part of this text is lost; what is lost is not guessed.",
        );
    }
    Text::of(format!("说明：{remarks}"), format!("Remark (in the original): {remarks}"))
}

fn reading_note(clause: &Clause) -> Text {
    match clause.reading {
        Reading::Literal if clause.slip_zh.is_empty() => Text::default(),
        Reading::Literal => Text::of(format!("注意：{}", clause.slip_zh), format!("Note: {}", clause.slip_en)),
        Reading::Evident => Text::of(
            format!("笔误：{}", clause.slip_zh),
            format!("Slip in the text, read by its evident meaning: {}", clause.slip_en),
        ),
        Reading::FlaggedDefault => Text::new(
            "原文缺失，按同类条文的默认规则办理，并作标注；这不是本条的原话。",
            "The text is lost; a flagged default from a sibling text is used and never called the clause's own words.",
        ),
    }
}

fn applies(call: &Call, pack: &Pack, clause: &Clause, on: base::CivilDate) -> (bool, Text) {
    let jurisdiction = call.site().profile().law.jurisdiction;
    let name = jurisdiction.name();
    if !pack.reaches(jurisdiction) {
        return (
            false,
            Text::of(
                format!("这里是{}，这部法规不适用。", name.zh),
                format!("This is {}; the text is not in force here.", name.en),
            ),
        );
    }
    if !pack.in_force(clause, on) {
        return (false, Text::of(format!("{on} 不在施行期内。"), format!("It is not in force on {on}.")));
    }
    (
        true,
        Text::of(
            format!("这里是{}，{on} 在施行期内。具体一件事适不适用，要看它的事实。", name.zh),
            format!(
                "This is {} and it is in force on {on}. Whether it bears on a matter depends on the facts of the matter.",
                name.en
            ),
        ),
    )
}

/// Where a clause is carried out, in words, linked where a page shows it; what does not run yet says so. The same as coverage lists.
fn carried_out(packs: &Packs, state: &CarrierState) -> ClauseUse {
    let by = &state.carrier;
    let (what, href) = match by {
        Carrier::Gate(act) => (None, gate_page(*act)),
        Carrier::Duty(code) => duty(code),
        Carrier::Retention => (None, "/storage"),
        _ => (None, packs.carriers().route(by).filter(|route| !route.contains('{')).unwrap_or_default()),
    };
    let what = what.unwrap_or_else(|| packs.carrier_name(by));
    if state.built {
        return ClauseUse { what, href: href.to_owned() };
    }
    // No page does what is not built.
    let what = Text::of(format!("{}（尚未建成）", what.zh), format!("{} (not built yet)", what.en));
    ClauseUse { what, href: String::new() }
}

fn gate_page(act: ActKind) -> &'static str {
    match act.key() {
        "add_camera" | "use_camera" | "change_purpose" | "stop_recording" => "/devices",
        "view_live" => "/desk",
        "play_back" => "/playback",
        "official_view" | "official_copy" | "official_retrieve" | "emergency_use" => "/use",
        "report_alarm" => "/alarms",
        "network_view" => "/platforms",
        "delete" | "hold" | "release_hold" | "tamper" => "/log?act=act.refused",
        _ => "",
    }
}

fn duty(key: &str) -> (Option<Text>, &'static str) {
    match key {
        "set_up_sign" => (Some(Text::new("设置标识的提醒", "The sign that is due")), "/devices"),
        "register_entry" | "register_access" => (Some(Text::new("登记簿", "The register")), "/register"),
        "keep_confidential" => {
            (Some(Text::new("水印与使用日志", "Watermark and log of use")), "/log?act=footage.viewed")
        }
        _ => (None, ""),
    }
}

async fn decisions(call: &Call, id: &ClauseId) -> Result<Vec<crate::pages::log::LogLine>, Refusal> {
    let acts = call.site().store().acts(&ActFilter::default(), SEARCHED).await?;
    let citing: Vec<_> = acts.into_iter().filter(|a| a.clauses.contains(&id.0)).take(SHOWN).collect();
    if citing.is_empty() {
        return Ok(vec![]);
    }
    let names = Names::read(call).await?;
    Ok(citing.into_iter().map(|a| names.line(call, a)).collect())
}
