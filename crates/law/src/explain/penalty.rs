//! "What if …": what the packs say of a breach: whom its clauses bind, what punishes it as printed, and what no fine may rest on.
//! Amounts stand in the gists of the penalty clauses; nothing is added up here.

use super::words::{Asked, Matter};
use super::{Sentence, cite, rank, setting};
use crate::pack::{Clause, Modality, Pack, PenaltyLink};
use crate::{Actor, Gate};
use base::{ClauseId, Text};

/// The overlay of the packs that gathers the clauses of a matter, and what the breach is called.
const fn overlay_of(matter: Matter) -> (&'static str, &'static str, &'static str) {
    match matter {
        Matter::Sign => ("signs", "没有设置标识", "a sign is missing"),
        Matter::PrivatePlace => ("prohibited_places", "在禁止的场所安装", "a camera in a forbidden place"),
        Matter::Retention => ("retention", "留存期限不足", "footage kept too short"),
        Matter::PublicArea => {
            ("public_area_installation", "擅自在社会公共区域安装", "a camera in a public area without right")
        }
    }
}

pub(super) fn answer(gate: &Gate, asked: &Asked) -> Result<(Text, Vec<Sentence>), Text> {
    let Some(matter) = asked.matter else {
        return Err(Text::new(
            "请说明是什么违反：标识、禁止场所、留存、公共区域。例如：处罚 标识 商店 黑龙江。",
            "Say what the breach is: sign, private-place, retention or public-area. For example: penalty sign shop heilongjiang.",
        ));
    };
    let packs = gate.packs();
    let (overlay, zh, en) = overlay_of(matter);
    let unit = asked.unit_name();
    let understood =
        setting(asked, &format!("{}{zh}，会怎样？", unit.zh), &format!("{en} at {}: what follows?", unit.en));
    let Some(overlay) = packs.overlay(overlay) else { return Err(super::words::no_topic()) };
    let clauses = overlay.clauses.iter().filter_map(|id| packs.clause(&ClauseId::new(id)));
    let mut out = Vec::new();
    for (pack, clause) in clauses.filter(|(p, c)| p.reaches(asked.site.jurisdiction) && p.in_force(c, asked.on)) {
        if reaches(clause, asked) {
            out.extend(of_clause(gate, pack, clause, asked));
        }
    }
    if out.is_empty() {
        out.push(Sentence::new(
            "这一天没有适用的规定。".to_owned(),
            "No rule in force that day reaches it.".to_owned(),
            vec![],
        ));
    } else {
        out.push(Sentence::new(overlay.ground_zh.clone(), overlay.ground_en.clone(), vec![]));
    }
    out.push(Sentence::new(
        "任何罚款都要有明确的法律依据，并经法制审核；不得只凭对笔误的理解作出。".to_owned(),
        "Every fine needs a clear basis in law and legal review; none rests on the reading of a slip alone.".to_owned(),
        vec![],
    ));
    Ok((understood, out))
}

/// A term that reaches only some units is no duty of this one.
fn reaches(clause: &Clause, asked: &Asked) -> bool {
    use crate::pack::RetentionScope as S;
    match clause.retention {
        Some(S::CounterTerrorKeyTarget) => asked.site.counter_terror_key_target,
        Some(S::SpecialTrade) => asked.site.special_trade.is_some(),
        _ => true,
    }
}

fn of_clause(gate: &Gate, pack: &Pack, clause: &Clause, asked: &Asked) -> Vec<Sentence> {
    let packs = gate.packs();
    let (zh, en) = rank(pack.head.level);
    let mut out = vec![Sentence::new(
        format!("{zh}：{}", clause.gist_zh),
        format!("{}: {}", super::words::capital(en), clause.gist_en),
        cite(packs, &clause.id),
    )];
    if clause.penalty.is_empty() {
        out.push(Sentence::new(
            "规则包中没有对它的罚款，不推定；可以责令改正。".to_owned(),
            "The packs hold no fine for it, and none is assumed; correction may be ordered.".to_owned(),
            cite(packs, &clause.id),
        ));
    }
    for link in &clause.penalty {
        let Some((of, penalty)) = packs.clause(&ClauseId::new(&link.clause)) else { continue };
        if !of.in_force(penalty, asked.on) || penalty.modality != Modality::Penalty {
            continue;
        }
        let officials = penalty.actor.iter().all(|a| matches!(a, Actor::Official | Actor::StateOrgan));
        let (zh, en) = match link.link {
            _ if officials => (
                format!("只及于国家机关及其工作人员：{}民间单位不因此受罚。", penalty.gist_zh),
                format!(
                    "It reaches state organs and their staff only: {} A private unit is not punished for it.",
                    penalty.gist_en
                ),
            ),
            PenaltyLink::Literal => (penalty.gist_zh.clone(), penalty.gist_en.clone()),
            PenaltyLink::SlipReading => (
                format!("只有按标出的读法才及于它，不得据此罚款：{}", penalty.gist_zh),
                format!("Only a flagged reading reaches it, and no fine may rest on that: {}", penalty.gist_en),
            ),
            PenaltyLink::PerhapsLost => (
                format!("可能在缺失的各项之中，不得据此罚款：{}", penalty.gist_zh),
                format!("It may stand among lost items, and no fine may rest on that: {}", penalty.gist_en),
            ),
        };
        out.push(Sentence::new(zh, en, cite(packs, &link.clause)));
    }
    out
}
