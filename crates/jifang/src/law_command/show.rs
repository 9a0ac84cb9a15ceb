//! `jifang law show CLAUSE`: one clause with everything the packs know of it.

use super::{Law, print_json};
use base::{CivilDate, ClauseId, Text};
use law::{Choice, Clause, Coverage, FlawKind, Pack};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn show(law: &Law, id: &str, on: CivilDate) -> anyhow::Result<ExitCode> {
    let id = ClauseId::new(id);
    let Some((pack, clause)) = law.packs.clause(&id) else {
        let l = law.lang;
        let near: Vec<&str> = near(law, &id.0);
        eprintln!(
            "jifang: {} `{}`{}",
            l.t("没有条款", "no clause"),
            id.0,
            if near.is_empty() {
                String::new()
            } else {
                format!("; {} {}", l.t("相近的：", "near it:"), near.join(", "))
            }
        );
        return Ok(ExitCode::from(1));
    };
    if law.json {
        print_json(&as_json(law, pack, clause, on))?;
    } else {
        print(law, pack, clause, on);
    }
    Ok(ExitCode::SUCCESS)
}

/// Clauses of the same article, for somebody who left a part of the id out.
fn near<'a>(law: &'a Law, id: &str) -> Vec<&'a str> {
    let article: Vec<&str> = id.split('-').take(2).collect();
    let begin = article.join("-");
    let clauses = law.packs.all().iter().flat_map(|p| &p.clauses).map(|c| c.id.as_str());
    clauses.filter(|c| *c == begin || c.starts_with(&format!("{begin}-"))).take(20).collect()
}

fn covered(law: &Law, clause: &Clause) -> Option<Coverage> {
    law.packs.coverage().into_iter().find(|c| c.id.0 == clause.id)
}

fn as_json(law: &Law, pack: &Pack, clause: &Clause, on: CivilDate) -> Value {
    let id = ClauseId::new(&clause.id);
    let article = pack.articles.get(&clause.article);
    let readings: Vec<Value> = law
        .packs
        .chosen(&id, on, &[])
        .into_iter()
        .map(|c| {
            json!({
                "id": c.entry.id, "kind": c.entry.kind, "quotes": c.entry.quotes, "literal": c.entry.literal(),
                "evident": c.entry.evident(), "for": c.entry.arguments_for(), "against": c.entry.arguments_against(),
                "applied": c.choice, "may_fine": c.may_fine(),
            })
        })
        .collect();
    let overlays: Vec<Value> = law
        .packs
        .overlays()
        .iter()
        .filter(|o| o.clauses.contains(&clause.id))
        .map(|o| json!({ "id": o.id, "clauses": o.clauses, "ground": Text::of(o.ground_zh.clone(), o.ground_en.clone()) }))
        .collect();
    let values: Vec<Value> = clause
        .values
        .iter()
        .map(|v| json!({ "name": v.name, "amount": v.amount, "from": v.from, "until": v.until }))
        .collect();
    json!({
        "on": on, "in_force": pack.in_force(clause, on), "pack": pack.head.id, "instrument": pack.name(),
        "citation": law.packs.cite(&id), "article": article.map(|a| json!({
            "number": a.number, "heading": a.heading, "body": a.body, "remarks": a.remarks, "sha256": a.sha256,
        })),
        "gap": clause.gap, "slip": { "zh": clause.slip_zh, "en": clause.slip_en }, "readings": readings, "overlays": overlays, "values": values,
        "penalty": clause.penalty.iter().map(|p| json!({ "clause": p.clause, "link": p.link.key() })).collect::<Vec<_>>(),
        "coverage": covered(law, clause),
    })
}

fn print(law: &Law, pack: &Pack, clause: &Clause, on: CivilDate) {
    let l = law.lang;
    let id = ClauseId::new(&clause.id);
    println!("{}  {}  {}", clause.id, l.t(&clause.cite_zh, &clause.cite_en), law.say(&pack.name()));
    println!("{}", l.t(&clause.gist_zh, &clause.gist_en));
    let force = if pack.in_force(clause, on) { l.t("有效", "in force") } else { l.t("无效", "not in force") };
    println!("{on}: {force}");
    let slip = l.t(&clause.slip_zh, &clause.slip_en);
    if !slip.is_empty() {
        println!("{} {slip}", l.t("注意：", "note:"));
    }
    if let Some(article) = pack.articles.get(&clause.article) {
        println!("\n{}", article.heading);
        println!("{}", article.body);
        for remark in &article.remarks {
            println!("> {remark}");
        }
        println!("text SHA-256 {}", article.sha256);
    }
    for chosen in law.packs.chosen(&id, on, &[]) {
        let entry = chosen.entry;
        let kind = match entry.kind {
            FlawKind::Slip => l.t("笔误", "slip"),
            FlawKind::Gap => l.t("缺文", "gap"),
        };
        println!("\n{kind} {}  「{}」", entry.id, entry.quotes.join("」「"));
        println!("  {} {}", l.t("印本：", "printed:"), entry.literal().get(l));
        if let Some(evident) = entry.evident() {
            println!("  {} {}", l.t("文意：", "meant:"), evident.get(l));
        }
        println!("  {} {}", l.t("理由：", "for:"), entry.arguments_for().get(l));
        println!("  {} {}", l.t("反对：", "against:"), entry.arguments_against().get(l));
        let applied = match chosen.choice {
            Choice::Literal => l.t("适用：按字面", "applied: as printed"),
            Choice::Evident => l.t("适用：按明显文意；不得据此罚款", "applied: evident meaning; no fine rests on it"),
        };
        println!(
            "  {applied}{}",
            l.t("（默认；服务器上可以另有决定）", " (the default; a server may have decided otherwise)")
        );
    }
    for value in &clause.values {
        let until = value.until.map(|d| format!(" – {d}")).unwrap_or_default();
        println!("\n{} = {}  {}{until}", value.name, value.amount, value.from);
    }
    for overlay in law.packs.overlays().iter().filter(|o| o.clauses.contains(&clause.id)) {
        println!("\n{} {} ({})", l.t("并存：", "beside it:"), overlay.id, overlay.clauses.join(", "));
        println!("  {}", l.t(&overlay.ground_zh, &overlay.ground_en));
    }
    for penalty in &clause.penalty {
        println!("\n{} {} ({})", l.t("罚则：", "penalty:"), penalty.clause, law.say(&penalty.link.name()));
    }
    if let Some(covered) = covered(law, clause) {
        print_covered(law, &covered);
    }
}

fn print_covered(law: &Law, covered: &Coverage) {
    let l = law.lang;
    println!("\n{} {}", l.t("状态：", "status:"), law.say(&covered.status.name()));
    if !covered.reason.get(l).is_empty() {
        println!("  {}", covered.reason.get(l));
    }
    if !covered.superseded_by.is_empty() {
        let by: Vec<&str> = covered.superseded_by.iter().map(|c| c.0.as_str()).collect();
        let from = covered.superseded_from.map(|d| d.to_string()).unwrap_or_default();
        println!("  {} {} {from}", l.t("已被替代：", "superseded by"), by.join(", "));
    }
    for state in &covered.carriers {
        let built = if state.built { "" } else { l.t("（尚未建成）", " (not built yet)") };
        println!("  {}{built}", law.packs.carrier_name(&state.carrier).get(l));
    }
    for case in &covered.cases {
        println!("  {} {case}", l.t("案例：", "case:"));
    }
    for test in &covered.held_by {
        println!("  {} {test}", l.t("测试：", "test:"));
    }
}
