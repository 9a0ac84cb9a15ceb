//! `jifang law show CLAUSE`: one clause with everything the packs know of it; of an article, or a part of it, its text and clauses.

use super::{Law, print_json};
use base::{CivilDate, ClauseId};
use law::{Article, ArticlePart, CarrierState, Choice, Clause, Coverage, FlawKind, Pack, ReadingEntry};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn show(law: &Law, id: &str, on: CivilDate) -> anyhow::Result<ExitCode> {
    let id = ClauseId::new(id);
    let Some((pack, clause)) = law.packs.clause(&id) else {
        if let Some(part) = law.packs.article_part(&id.0) {
            show_part(law, &id.0, &part, on)?;
            return Ok(ExitCode::SUCCESS);
        }
        let l = law.lang;
        let near = law.packs.clauses_near(&id.0).join(", ");
        let near = if near.is_empty() { near } else { format!("; {} {near}", l.t("相近的：", "near it:")) };
        eprintln!("jifang: {} `{}`{near}", l.t("没有条款", "no clause"), id.0);
        return Ok(ExitCode::from(1));
    };
    if law.json {
        print_json(&as_json(law, pack, clause, on))?;
    } else {
        print(law, pack, clause, on)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// An article, or a part of it: the text, its slips and gaps, and each of its clauses in short.
fn show_part(law: &Law, id: &str, part: &ArticlePart<'_>, on: CivilDate) -> anyhow::Result<()> {
    let (pack, article) = (part.pack, part.article);
    let touching = |entry: &&ReadingEntry| part.clauses.iter().any(|clause| entry.touches(clause));
    let flaws: Vec<&ReadingEntry> = pack.readings.iter().filter(touching).collect();
    if law.json {
        let clauses: Vec<Value> = part
            .clauses
            .iter()
            .map(|c| {
                json!({
                    "id": c.id, "citation": law.packs.cite(&ClauseId::new(&c.id)), "in_force": pack.in_force(c, on),
                    "gap": c.gap, "coverage": covered(law, c),
                })
            })
            .collect();
        let readings: Vec<Value> = flaws.iter().map(|entry| reading_json(entry)).collect();
        return print_json(&json!({
            "on": on, "part": id, "pack": pack.head.id, "instrument": pack.name(), "article": article_json(article),
            "readings": readings, "clauses": clauses,
        }));
    }
    let l = law.lang;
    say!("{id}  {}", law.say(&pack.name()));
    print_article(article)?;
    for entry in flaws {
        print_flaw(law, entry)?;
    }
    say!("\n{}", l.t("其中的条款：", "its clauses:"));
    for clause in &part.clauses {
        let force =
            if pack.in_force(clause, on) { "" } else { l.t("（这一天无效）", " (not in force that day)") };
        let status = law.say(&clause.status.name()).to_owned();
        let lost = if clause.gap { l.t("，原文缺失", ", text lost") } else { "" };
        say!("{}  {}{force}  [{status}{lost}]", clause.id, l.t(&clause.cite_zh, &clause.cite_en));
        say!("  {}", l.t(&clause.gist_zh, &clause.gist_en));
        let Some(covered) = covered(law, clause) else { continue };
        let carriers: Vec<String> = covered.carriers.iter().map(|s| carried(law, s)).collect();
        if !carriers.is_empty() {
            say!("  {} {}", l.t("落实：", "carried out by:"), carriers.join("; "));
        }
        say!("  {} {}", l.t("案例和测试：", "cases and tests:"), covered.cases.len() + covered.held_by.len());
    }
    say!("\n{} jifang law show {}", l.t("一条的全部：", "all of one:"), part.clauses.first().map_or("", |c| &c.id));
    Ok(())
}

fn article_json(article: &Article) -> Value {
    json!({
        "number": article.number, "heading": article.heading, "body": article.body, "remarks": article.remarks,
        "sha256": article.sha256,
    })
}

fn reading_json(entry: &ReadingEntry) -> Value {
    json!({
        "id": entry.id, "kind": entry.kind, "quotes": entry.quotes, "literal": entry.literal(),
        "evident": entry.evident(), "for": entry.arguments_for(), "against": entry.arguments_against(),
    })
}

fn covered(law: &Law, clause: &Clause) -> Option<Coverage> {
    law.packs.coverage_of(&ClauseId::new(&clause.id))
}

fn as_json(law: &Law, pack: &Pack, clause: &Clause, on: CivilDate) -> Value {
    let id = ClauseId::new(&clause.id);
    let article = pack.articles.get(&clause.article);
    let readings: Vec<Value> = law
        .packs
        .chosen(&id, on, &[])
        .into_iter()
        .map(|c| {
            let mut reading = reading_json(c.entry);
            reading["applied"] = json!(c.choice);
            reading["may_fine"] = json!(c.may_fine());
            reading
        })
        .collect();
    let overlays: Vec<Value> = law
        .packs
        .beside(&clause.id)
        .into_iter()
        .map(|b| {
            let all: Vec<&str> = b.others.iter().map(|m| m.clause.0.as_str()).collect();
            json!({ "id": b.id, "clauses": all, "ground": b.ground, "others": b.others })
        })
        .collect();
    let values: Vec<Value> = clause
        .values
        .iter()
        .map(|v| json!({ "name": v.name, "amount": v.amount, "from": v.from, "until": v.until }))
        .collect();
    json!({
        "on": on, "in_force": pack.in_force(clause, on), "pack": pack.head.id, "instrument": pack.name(),
        "citation": law.packs.cite(&id), "article": article.map(article_json),
        "gap": clause.gap, "slip": { "zh": clause.slip_zh, "en": clause.slip_en }, "readings": readings,
        // No server is asked: what one decided is on its page /law/readings.
        "readings_are": "default", "overlays": overlays, "values": values,
        "penalty": clause.penalty.iter().map(|p| json!({ "clause": p.clause, "link": p.link.key() })).collect::<Vec<_>>(),
        "coverage": covered(law, clause),
    })
}

fn print(law: &Law, pack: &Pack, clause: &Clause, on: CivilDate) -> anyhow::Result<()> {
    let l = law.lang;
    let id = ClauseId::new(&clause.id);
    say!("{}  {}  {}", clause.id, l.t(&clause.cite_zh, &clause.cite_en), law.say(&pack.name()));
    say!("{}", l.t(&clause.gist_zh, &clause.gist_en));
    let force = if pack.in_force(clause, on) { l.t("有效", "in force") } else { l.t("无效", "not in force") };
    say!("{on}: {force}");
    let slip = l.t(&clause.slip_zh, &clause.slip_en);
    if !slip.is_empty() {
        say!("{} {slip}", l.t("注意：", "note:"));
    }
    if let Some(article) = pack.articles.get(&clause.article) {
        print_article(article)?;
    }
    for chosen in law.packs.chosen(&id, on, &[]) {
        print_flaw(law, chosen.entry)?;
        let applied = match chosen.choice {
            Choice::Literal => l.t("适用：按字面", "applied: as printed"),
            Choice::Evident => l.t("适用：按明显文意；不得据此罚款", "applied: evident meaning; no fine rests on it"),
        };
        say!(
            "  {applied}{}",
            l.t(
                "（默认；服务器的决定见它的 /law/readings）",
                " (the default; what a server decided is on its page /law/readings)"
            )
        );
    }
    for value in &clause.values {
        let until = value.until.map(|d| format!(" – {d}")).unwrap_or_default();
        say!("\n{} = {}  {}{until}", value.name, value.amount, value.from);
    }
    for matter in law.packs.beside(&clause.id) {
        say!("\n{} {}", l.t("并存：", "beside it:"), matter.id);
        for met in &matter.others {
            say!("  {}  {}", met.clause, law.say(&met.words()));
        }
        say!("  {}", law.say(&matter.ground));
    }
    for penalty in &clause.penalty {
        say!("\n{} {} ({})", l.t("罚则：", "penalty:"), penalty.clause, law.say(&penalty.link.name()));
    }
    if let Some(covered) = covered(law, clause) {
        print_covered(law, &covered)?;
    }
    Ok(())
}

fn print_article(article: &Article) -> anyhow::Result<()> {
    say!("\n{}", article.heading);
    say!("{}", article.body);
    for remark in &article.remarks {
        say!("> {remark}");
    }
    say!("text SHA-256 {}", article.sha256);
    Ok(())
}

fn print_flaw(law: &Law, entry: &ReadingEntry) -> anyhow::Result<()> {
    let l = law.lang;
    let kind = match entry.kind {
        FlawKind::Slip => l.t("笔误", "slip"),
        FlawKind::Gap => l.t("缺文", "gap"),
    };
    say!("\n{kind} {}  「{}」", entry.id, entry.quotes.join("」「"));
    say!("  {} {}", l.t("印本：", "printed:"), entry.literal().get(l));
    if let Some(evident) = entry.evident() {
        say!("  {} {}", l.t("文意：", "meant:"), evident.get(l));
    }
    say!("  {} {}", l.t("理由：", "for:"), entry.arguments_for().get(l));
    say!("  {} {}", l.t("反对：", "against:"), entry.arguments_against().get(l));
    Ok(())
}

/// A carrier in words, and whether it runs.
fn carried(law: &Law, state: &CarrierState) -> String {
    let l = law.lang;
    let built = if state.built { "" } else { l.t("（尚未建成）", " (not built yet)") };
    format!("{}{built}", law.packs.carrier_name(&state.carrier).get(l))
}

fn print_covered(law: &Law, covered: &Coverage) -> anyhow::Result<()> {
    let l = law.lang;
    say!("\n{} {}", l.t("状态：", "status:"), law.say(&covered.status.name()));
    if !covered.reason.get(l).is_empty() {
        say!("  {}", covered.reason.get(l));
    }
    if !covered.superseded_by.is_empty() {
        let by: Vec<&str> = covered.superseded_by.iter().map(|c| c.0.as_str()).collect();
        let from = covered.superseded_from.map(|d| d.to_string()).unwrap_or_default();
        say!("  {} {} {from}", l.t("已被替代：", "superseded by"), by.join(", "));
    }
    for state in &covered.carriers {
        say!("  {}", carried(law, state));
    }
    for case in &covered.cases {
        say!("  {} {case}", l.t("案例：", "case:"));
    }
    for test in &covered.held_by {
        say!("  {} {test}", l.t("测试：", "test:"));
    }
    Ok(())
}
