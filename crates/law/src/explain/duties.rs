//! What a kind of unit owes on a day: the standing duties of the packs, by when, and their clauses.

use super::words::Asked;
use super::{Reply, Sentence};
use crate::{Gate, ObligationDue, Owed, PlaceKind, SpecialTrade, UnitFacts};
use base::Text;

pub(super) fn answer(gate: &Gate, asked: &Asked<'_>) -> Result<Reply, Text> {
    let assumed = match (asked.place, asked.site.special_trade) {
        (Some(place), _) => vec![place],
        (None, Some(SpecialTrade::Hotel)) => vec![PlaceKind::Lobby, PlaceKind::Corridor],
        (None, Some(_)) => vec![PlaceKind::SalesFloor],
        (None, None) if asked.shop => vec![PlaceKind::SalesFloor],
        (None, None) => vec![PlaceKind::Lobby],
    };
    let unit = UnitFacts { first_use: None, places: assumed.clone(), receives_alarms: asked.alarms };
    let owed = gate.obligations(&asked.site, &unit, asked.on);
    let name = asked.unit_name();
    let zh: Vec<_> = assumed.iter().map(|p| p.name().zh).collect();
    let en: Vec<_> = assumed.iter().map(|p| p.name().en).collect();
    let told = if asked.place.is_some() {
        ("", "")
    } else {
        ("（未说明部位，照此假设）", " (assumed: no place was named)")
    };
    let alarms = if asked.alarms { ("，接收报警", ", and alarms") } else { ("", "") };
    let understood = Text::of(
        format!("{}，摄像机在{}{}{}，有哪些常设义务？", name.zh, zh.join("、"), alarms.0, told.0),
        format!("what does {} owe, with cameras in its {}{}{}?", name.en, en.join(" and "), alarms.1, told.1),
    );
    let mut out: Vec<Sentence> = owed.iter().map(sentence).collect();
    if out.is_empty() {
        out.push(Sentence::new(
            "这一天没有条款要求它。".to_owned(),
            "No clause in force that day asks anything of it.".to_owned(),
            vec![],
        ));
    }
    Ok((understood, out))
}

fn sentence(owed: &Owed) -> Sentence {
    let (mut zh, mut en): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for ground in &owed.grounds {
        let due = due(ground.due);
        if !zh.contains(&due.zh.to_string()) {
            zh.push(due.zh.to_string());
            en.push(due.en.to_string());
        }
    }
    let text = owed.grounds.first().map(|g| g.text.clone()).unwrap_or_default();
    let clauses = owed.grounds.iter().flat_map(|g| g.citations.clone()).collect();
    Sentence::new(
        format!("{}（{}）：{}", owed.title.zh, zh.join("；"), text.zh),
        format!("{} ({}): {}", owed.title.en, en.join("; "), text.en),
        clauses,
    )
}

fn due(due: ObligationDue) -> Text {
    match due {
        ObligationDue::AtOnce => Text::new("随时", "at all times"),
        ObligationDue::BeforeUse => Text::new("启用之前", "before first use"),
        ObligationDue::OwnPeriod => Text::new("定期，间隔由单位自定", "regularly, at intervals the unit sets"),
        ObligationDue::Within { days, working, .. } => {
            let unit = if working { ("个工作日", "working ") } else { ("日", "") };
            Text::of(
                format!("启用后{days}{}内", unit.0),
                format!("within {days} {}{} of first use", unit.1, base::plural(days, "day", "days")),
            )
        }
    }
}
