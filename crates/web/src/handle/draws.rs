//! A random draw of inspections as anybody may follow it: rules and pool before there was a seed, the seed, what came out, and the record
//! with which it is drawn again.
//!
//! Always true: nothing here names an inspector (the record has pseudonyms); what was drawn is read from the record whose digest the log has;
//! a record that cannot be read is handed out all the same, for others to judge.

use super::inbox::of;
use super::proofs;
use super::public::{bar, keep, open_page, slowly};
use crate::answer::{Reply, attach, body};
use crate::call::Call;
use crate::limiter::PUBLIC_COPIES;
use crate::pages::ask::Shown;
use crate::pages::public::{DrawPage, DrawnLine, PublicNav};
use crate::pages::{Mark, State};
use axum::http::StatusCode;
use base::{Refusal, Text};
use domain::draw::DrawRecord;
use store::casework::draws::DrawRow;

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

fn drawn_of(record: &DrawRecord) -> Vec<DrawnLine> {
    let pool = units(record.pool.iter().map(String::as_str));
    let place = |unit: &str| pool.iter().position(|id| *id == unit).map_or(0, |at| number(at + 1));
    let line = |(n, drawn): (usize, &domain::draw::DrawnUnit)| DrawnLine {
        place: number(n + 1),
        name: Shown(drawn.unit.clone()),
        number: place(&drawn.unit),
    };
    record.result.units.iter().take(DRAWN).enumerate().map(line).collect()
}

fn source(record: Option<&DrawRecord>) -> Text {
    let named = record.and_then(|r| r.rules.iter().find_map(|line| line.strip_prefix("public_source ")));
    match named.filter(|name| *name != "-") {
        Some(name) => Text::of(
            format!("封存名单以后签出的日志检查点，连同{name}。"),
            format!("A checkpoint of the log signed after the pool was committed, with {name}."),
        ),
        None => {
            Text::new("封存名单以后签出的日志检查点。", "A checkpoint of the log signed after the pool was committed.")
        }
    }
}

/// `GET /public/draws/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let store = call.site().store();
    let pool = store.draw_pool(call.param(0)).await?.ok_or_else(no_draw)?;
    let draw = store.draw(&pool.plan).await?;
    let record = draw.as_ref().and_then(|d| DrawRecord::read(d.text.as_bytes()).ok());
    let newest: &DrawRow = draw.as_ref().unwrap_or(&pool);
    let proved = proofs::prove(&call, newest.entry, true).await?;
    let rules = record.iter().flat_map(|r| &r.rules).take(RULES).map(|line| same(line)).collect();
    let in_pool = record.as_ref().map_or_else(|| number(units(pool.text.lines()).len()), |r| r.commitment.units);
    let state = if draw.is_some() {
        State::new(Mark::Ok, "已抽取", "drawn")
    } else {
        State::new(Mark::Busy, "名单已封存，待抽取", "pool committed, to be drawn")
    };
    let commitment = record.as_ref().map_or_else(|| pool.sha256.hex(), |r| r.commitment.commitment.hex());
    let page = DrawPage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::Notices,
        title: Text::of(format!("随机抽查 {}", pool.plan), format!("Random draw {}", pool.plan)),
        plan: Text::of(format!("抽查计划 {}", pool.plan), format!("Plan of inspections {}", pool.plan)),
        rules,
        state,
        pool: in_pool,
        commitment,
        committed: Some(pool.at),
        committed_log: Some(pool.entry),
        source: source(record.as_ref()),
        seed: record.as_ref().map(|r| r.seed.hex()).unwrap_or_default(),
        drawn: record.as_ref().map(drawn_of).unwrap_or_default(),
        proof: proved.as_ref().map(|p| p.shown(&call)),
        download: if draw.is_some() { format!("/public/draws/{}/record", pool.plan) } else { String::new() },
        command: format!("python3 draw_rerun.py draw-{}.json", pool.plan),
    };
    open_page(&call, &page)
}

/// `GET /public/draws/{id}/record`: rules, pool, seed, result and proof in one file.
pub(crate) async fn record(call: Call) -> Reply {
    of(&call)?;
    slowly(&call, "public_copies", PUBLIC_COPIES)?;
    let draw = call.site().store().draw(call.param(0)).await?.ok_or_else(no_draw)?;
    let mut answer = body(StatusCode::OK, "application/json", draw.text);
    attach(&mut answer, &format!("draw-{}.json", draw.plan));
    keep(&call, &mut answer);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../domain/src/draw/example.json");

    #[test]
    fn a_published_draw_is_told_without_its_inspectors() {
        let record = DrawRecord::read(EXAMPLE.as_bytes()).unwrap();
        let drawn = drawn_of(&record);
        assert_eq!(drawn.len(), record.result.units.len());
        assert!(
            drawn.iter().all(|one| one.number >= 1 && one.number <= record.commitment.units),
            "each is in the pool"
        );
        assert!(source(Some(&record)).zh.contains("双色球") && !source(None).zh.contains("双色球"));
        let pool = record.pool.join("\n");
        assert_eq!(number(units(pool.lines()).len()), record.commitment.units);
        assert!(units(["inspector x", "unit", "unit a"].into_iter()).is_empty());
    }
}
