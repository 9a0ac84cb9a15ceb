//! A random draw of inspections as anybody may follow it: what the plan promises, rules and pool before there was a seed, the seed, what came
//! out, and the record with which it is drawn again.
//!
//! Always true: nothing here names an inspector (the record has pseudonyms); what was drawn is read from the record whose digest the log has;
//! a record that cannot be read is handed out all the same, for others to judge.

use super::draw_plans::{commitment_of, register_name, stage_state};
use super::inbox::of;
use super::plan_said::{Said, file_of};
use super::proofs;
use super::public::{bar, keep, open_page, slowly};
use crate::answer::{Reply, attach, body};
use crate::call::Call;
use crate::limiter::{PUBLIC_COPIES, PUBLIC_SEARCH};
use crate::pages::ask::Shown;
use crate::pages::public::{DrawPage, DrawnLine, InspectedLine, PublicNav};
use crate::pages::{Mark, State};
use authority::cases::plans::PlanBody;
use axum::http::StatusCode;
use base::{Refusal, Text};
use domain::draw::{DrawRecord, DrawRules, Quota};
use std::collections::BTreeMap;
use store::casework::draws::DrawRow;
use store::casework::plans::PlanRow;

/// Most drawn units of the page; the record has all.
const DRAWN: usize = 1_000;
/// Most lines of rules.
const RULES: usize = 200;

fn no_draw() -> Refusal {
    Refusal::not_found("这次抽查", "draw")
}

fn same(text: &str) -> Text {
    Text::of(text.to_owned(), text.to_owned())
}

/// Units of the pool, in their order: lines `unit <stratum> <id> …`.
fn units<'a>(pool: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    pool.filter_map(|line| line.strip_prefix("unit ")?.split(' ').nth(1)).collect()
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Drawn units in their order, those that replaced others behind them; `names`: what the registers called them; `replaced`: what is said of those that left.
fn drawn_of(record: &DrawRecord, names: &BTreeMap<String, String>, replaced: &str) -> Vec<DrawnLine> {
    let pool = units(record.pool.iter().map(String::as_str));
    let place: BTreeMap<&str, usize> = pool.into_iter().zip(1..).collect();
    let ids = record.result.units.iter().map(|u| u.unit.as_str());
    let ids = ids.chain(record.substitutions.iter().map(|s| s.into.as_str()));
    let gone: Vec<&str> = record.substitutions.iter().map(|s| s.out.as_str()).collect();
    let line = |(n, id): (usize, &str)| {
        // The number in the pool tells units of one name apart; the id of a row is nothing that people can say.
        let name = names.get(id).map_or(id, String::as_str);
        let note = if gone.contains(&id) { format!(" · {replaced}") } else { String::new() };
        DrawnLine {
            place: number(n),
            name: Shown(format!("{name}{note}")),
            number: place.get(id).map_or(0, |at| number(*at)),
        }
    };
    (1..).zip(ids.take(DRAWN)).map(line).collect()
}

/// What the registers called the drawn units.
async fn names_of(call: &Call, plan: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let rows = call.site().store().drawn_units(plan, 0, number(DRAWN)).await?;
    Ok(rows.into_iter().map(|row| (row.unit, row.name)).collect())
}

/// Rules of a pool as it was committed to: the lines before its units.
fn rules_of(pool: &str) -> Vec<String> {
    pool.lines().take_while(|line| !line.starts_with("unit ")).map(str::to_owned).collect()
}

/// The rules as a sentence each; `register`: what a register is called. The lines themselves are in the file.
fn rules_in_words(rules: &DrawRules, register: impl Fn(&str) -> Text) -> Vec<Text> {
    let quota = |(stratum, quota): (&String, &Quota)| {
        let name = register(stratum);
        match quota {
            Quota::Count(n) => {
                Text::of(format!("从「{}」抽取{n}户。", name.zh), format!("{n} drawn from: {}.", name.en))
            }
            Quota::PerMille(n) => Text::of(
                format!("从「{}」抽取千分之{n}。", name.zh),
                format!("{n} in a thousand drawn from: {}.", name.en),
            ),
        }
    };
    let (seats, load, rest) = (rules.inspectors_per_unit, rules.max_per_inspector, rules.rest_days);
    let mut out: Vec<Text> = rules.quotas.iter().take(RULES).map(quota).collect();
    out.push(Text::of(
        format!("每户{seats}名检查人员，每名检查人员最多{load}户。"),
        format!(
            "{seats} {} for each unit; at most {load} {} for each inspector.",
            base::text::plural(seats, "inspector", "inspectors"),
            base::text::plural(load, "unit", "units")
        ),
    ));
    if rest > 0 {
        out.push(Text::of(
            format!("{}以前{rest}日内检查过的不再抽取。", rules.day),
            format!(
                "What was inspected within {rest} {} before {} is not drawn.",
                base::text::plural(rest, "day", "days"),
                rules.day
            ),
        ));
    }
    out.push(Text::of(
        format!("{}封存名单，最迟{}抽取。", rules.day, rules.until),
        format!("The pool is of {}; it is drawn until {}.", rules.day, rules.until),
    ));
    if let Some(event) = rules.public_day {
        let when = event.text();
        out.push(Text::of(
            format!("公开来源的结果在{}公布，在此以前不能抽取。", when.zh),
            format!("The outcome of the public source comes out on {}; nothing is drawn before.", when.en),
        ));
    }
    if let Some(form) = &rules.public_form {
        let how = form.text();
        out.push(Text::of(
            format!("该结果只有一种写法：{}。换一种写法的不被接受。", how.zh),
            format!("That outcome has one spelling: {}. No other is taken.", how.en),
        ));
    }
    out.extend(rules.caution().or_else(|| rules.resting_on()));
    out
}

/// What the plan of a draw promises, as far as there is one: what is inspected, how often, the file.
fn promised(call: &Call, row: Option<&PlanRow>) -> (Vec<InspectedLine>, Text, String) {
    let said = row.and_then(|row| Some((Said::of(call, row)?, file_of(&row.plan.word))));
    said.map(|(said, file)| (said.lines(), said.often(), file)).unwrap_or_default()
}

/// A plan that is published and has no pool yet.
fn announced(call: &Call, row: &PlanRow) -> DrawPage {
    let (inspected, often, plan_file) = promised(call, Some(row));
    DrawPage {
        inspected,
        often,
        plan_file,
        l: call.lang,
        bar: bar(call),
        at: PublicNav::Notices,
        title: same(&row.plan.title),
        plan: Text::of(format!("计划编号 {}", row.plan.word), format!("Number of the plan: {}", row.plan.word)),
        state: stage_state(row.stage),
        source: source(None),
        ..DrawPage::default()
    }
}

/// The command that runs the downloaded file again, in the language of the page: with the key of this log, so that a file of another one fails.
fn command_of(call: &Call, plan: &str) -> String {
    let key = call.site().store().ledger().key().vkey().to_string();
    format!("jifang draw verify draw-{plan}.json --vkey '{key}' --lang {}", call.lang.t("zh", "en"))
}

/// The public source that the rules of a draw name.
fn public_source(record: Option<&DrawRecord>) -> Option<&str> {
    let named = record.and_then(|r| r.rules.iter().find_map(|line| line.strip_prefix("public_source ")));
    named.filter(|name| *name != "-")
}

/// Where the plan says that the outcome of its source is published; only what people may follow without harm.
fn source_address(plan: &PlanRow) -> Option<String> {
    let body: PlanBody = serde_json::from_str(&plan.plan.body).ok()?;
    body.public_source_url.filter(|url| url.starts_with("https://"))
}

fn source(record: Option<&DrawRecord>) -> Text {
    match public_source(record) {
        Some(name) => Text::of(
            format!("名单封存以后，本机关日志下一次的签名，加上{name}。名单封存时谁都还不知道。"),
            format!(
                "The next signature of this authority's log after the list was sealed, with {name}. Nobody knew them when it was sealed."
            ),
        ),
        None => Text::new(
            "名单封存以后，本机关日志下一次的签名；名单封存时谁都还不知道。",
            "The next signature of this authority's log after the list was sealed; nobody knew it when it was sealed.",
        ),
    }
}

/// `GET /public/draws/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let store = call.site().store();
    let plan = store.inspection_plan(call.param(0)).await?.filter(|row| row.published.is_some());
    let Some(pool) = store.draw_pool(call.param(0)).await? else {
        let row = plan.ok_or_else(no_draw)?;
        return open_page(&call, &announced(&call, &row));
    };
    // Pool and record may have many megabytes, and are read for each page.
    slowly(&call, "public_search", PUBLIC_SEARCH)?;
    let draw = store.draw(&pool.plan).await?;
    let record = match &draw {
        Some(_) => DrawRecord::read(&of(&call)?.published_draw(&pool.plan).await?).ok(),
        None => None,
    };
    let newest: &DrawRow = draw.as_ref().unwrap_or(&pool);
    let proved = proofs::prove(&call, newest.entry, true).await?;
    let lines = rules_of(&pool.text);
    let rules = match DrawRules::parse(&lines) {
        Ok(rules) => rules_in_words(&rules, |register| register_name(&call, register)),
        Err(_) => lines.iter().take(RULES).map(|line| same(line)).collect(),
    };
    let names = names_of(&call, &pool.plan).await?;
    let address = plan.as_ref().and_then(source_address).unwrap_or_default();
    let (inspected, often, plan_file) = promised(&call, plan.as_ref());
    let title = plan.map_or_else(
        || Text::of(format!("随机抽查 {}", pool.plan), format!("Random draw {}", pool.plan)),
        |row| same(&row.plan.title),
    );
    let in_pool = record.as_ref().map_or_else(|| number(units(pool.text.lines()).len()), |r| r.commitment.units);
    let state = if draw.is_some() {
        State::new(Mark::Ok, "已抽取", "drawn")
    } else {
        State::new(Mark::Busy, "名单已封存，待抽取", "list sealed, to be drawn")
    };
    let page = DrawPage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::Notices,
        title,
        plan: Text::of(format!("计划编号 {}", pool.plan), format!("Number of the plan: {}", pool.plan)),
        inspected,
        often,
        plan_file,
        rules,
        rules_text: lines.into_iter().take(RULES).collect(),
        sealed: true,
        state,
        pool: in_pool,
        commitment: commitment_of(&pool.text),
        committed: Some(pool.at),
        committed_log: Some(pool.entry),
        source: source(record.as_ref()),
        public_source: public_source(record.as_ref()).unwrap_or_default().to_owned(),
        public_source_url: address,
        public_value: record.as_ref().and_then(|r| r.public_value.clone()).unwrap_or_default(),
        seed: record.as_ref().map(|r| r.seed.hex()).unwrap_or_default(),
        drawn: record.as_ref().map(|r| drawn_of(r, &names, call.lang.t("已替换", "replaced"))).unwrap_or_default(),
        proof: proved.as_ref().map(|p| p.shown(&call)),
        download: if draw.is_some() { format!("/public/draws/{}/record", pool.plan) } else { String::new() },
        command: command_of(&call, &pool.plan),
    };
    open_page(&call, &page)
}

/// `GET /public/draws/{id}/record`: rules, pool, seed, result and proof in one file.
pub(crate) async fn record(call: Call) -> Reply {
    let authority = of(&call)?;
    slowly(&call, "public_copies", PUBLIC_COPIES)?;
    let record = authority.published_draw(call.param(0)).await?;
    let mut answer = body(StatusCode::OK, "application/json", record);
    attach(&mut answer, &format!("draw-{}.json", call.param(0)));
    keep(&call, &mut answer);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../domain/src/draw/example.json");

    #[test]
    fn rules_are_told_in_words_and_the_commitment_stays_what_it_was() {
        let record = DrawRecord::read(EXAMPLE.as_bytes()).unwrap();
        let rules = DrawRules::parse(&record.rules).unwrap();
        let said = rules_in_words(&rules, |id| Text::of(format!("登记{id}"), format!("register {id}")));
        assert!(said.len() > rules.quotas.len(), "{said:?}");
        for text in &said {
            assert!(
                !text.zh.contains("stratum") && !text.zh.contains("per_mille") && !text.en.contains('_'),
                "{text:?}"
            );
        }
        let kept = [record.rules.clone(), record.pool.clone()].concat().join("\n");
        assert_eq!(commitment_of(&kept), record.commitment.commitment.hex(), "before the draw as after it");
        assert_eq!(commitment_of("nothing"), "");
    }

    #[test]
    fn a_published_draw_is_told_without_its_inspectors() {
        let record = DrawRecord::read(EXAMPLE.as_bytes()).unwrap();
        let names = BTreeMap::from([(record.result.units[0].unit.clone(), "示例商场".to_owned())]);
        let drawn = drawn_of(&record, &names, "replaced");
        assert_eq!(drawn.len(), record.result.units.len() + record.substitutions.len());
        assert!(drawn[0].name.0 == "示例商场" && drawn[1].name.0.starts_with(&record.result.units[1].unit));
        assert_eq!(drawn.iter().filter(|one| one.name.0.ends_with("replaced")).count(), record.substitutions.len());
        assert!(
            drawn.iter().all(|one| one.number >= 1 && one.number <= record.commitment.units),
            "each is in the pool"
        );
        assert!(source(Some(&record)).zh.contains("双色球") && !source(None).zh.contains("双色球"));
        assert!(public_source(Some(&record)).is_some_and(|named| named.contains("双色球")));
        let unnamed = DrawRecord { rules: vec!["public_source -".to_owned()], ..record.clone() };
        assert_eq!([public_source(Some(&unnamed)), public_source(None)], [None, None]);
        let pool = record.pool.join("\n");
        assert_eq!(number(units(pool.lines()).len()), record.commitment.units);
        assert!(units(["inspector x", "unit", "unit a"].into_iter()).is_empty());
    }
}
