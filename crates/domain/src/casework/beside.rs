//! What was entered while somebody filled in a form, and does not touch it: then the act is done on the case as it is, and nothing is chosen twice.
//!
//! Act and the events since its maker saw the case ─▶ may it go on? Always true: only notes, papers of other materials and forms of other steps
//! are let by, and only for handing in a paper, filling in or doing a step; whoever proposes, reviews or decides sees everything first; the engine
//! judges the act on the case as it is now all the same.

use super::command::CaseAct;
use super::event::{Event, Recorded};
use super::words::{APPROVE_EVIDENCE, APPROVE_OPENING, REFUSE_DEFERRAL};

/// Steps by which the head decides something: what came meanwhile is read first, a note too.
const DECIDING: [&str; 3] = [APPROVE_OPENING, APPROVE_EVIDENCE, REFUSE_DEFERRAL];

/// Whether an act that was made before these events may be done after them.
#[must_use]
pub fn goes_on(act: &CaseAct, since: &[Recorded]) -> bool {
    let decides = matches!(act, CaseAct::Done { step, .. } if DECIDING.contains(&step.as_str()));
    since.iter().all(|recorded| !decides && is_beside(act, &recorded.event))
}

fn is_beside(act: &CaseAct, event: &Event) -> bool {
    match (act, event) {
        (CaseAct::GivePaper { .. } | CaseAct::Fill { .. } | CaseAct::Done { .. }, Event::Noted { .. }) => true,
        (CaseAct::GivePaper { material, sha256, .. }, Event::PaperGiven { material: other, sha256: there, .. }) => {
            material != other && sha256 != there
        }
        (
            CaseAct::GivePaper { material: own, .. }
            | CaseAct::Fill { step: own, .. }
            | CaseAct::Done { step: own, .. },
            Event::Filled { step, .. },
        ) => own != step,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PaperKind, Typed};
    use super::*;
    use crate::form::Values;
    use base::{AccountId, CivilDate, Sha256, UtcMs};

    fn recorded(event: Event) -> Recorded {
        Recorded { index: 3, at: UtcMs(0), by: AccountId::from_bytes([1; 16]), event }
    }

    fn paper(material: &str, n: u8) -> CaseAct {
        let kind = PaperKind::Pdf;
        CaseAct::GivePaper { material: material.into(), sha256: Sha256::of(&[n]), bytes: 1, kind, name: None }
    }

    fn given(material: &str, n: u8) -> Event {
        let kind = PaperKind::Pdf;
        Event::PaperGiven { material: material.into(), sha256: Sha256::of(&[n]), bytes: 1, kind, name: None }
    }

    fn filled(step: &str) -> Event {
        Event::Filled { step: step.into(), values: Values::default() }
    }

    fn done(step: &str) -> CaseAct {
        let on = CivilDate::parse("2026-03-02").unwrap();
        CaseAct::Done { step: step.into(), typed: Typed::new(), note: String::new(), officers: vec![], on }
    }

    #[test]
    fn only_what_does_not_touch_the_act_is_let_by() {
        let noted = || Event::Noted { words: "已电话联系。".into() };
        let fill = CaseAct::Fill { step: "accept".into(), typed: Typed::new() };
        for (act, event, goes) in [
            (paper("plan", 1), noted(), true),
            (paper("plan", 1), given("licence", 2), true),
            (paper("plan", 1), given("plan", 2), false),
            (paper("plan", 1), given("licence", 1), false),
            (paper("plan", 1), filled("accept"), true),
            (paper("accept", 1), filled("accept"), false),
            (done("accept"), noted(), true),
            (done(APPROVE_EVIDENCE), noted(), false),
            (done(APPROVE_OPENING), filled("examine"), false),
            (done("accept"), filled("examine"), true),
            (done("accept"), filled("accept"), false),
            (done("accept"), given("plan", 1), false),
            (fill.clone(), noted(), true),
            (fill.clone(), filled("examine"), true),
            (fill, filled("accept"), false),
            (CaseAct::Note { words: "另一条".into() }, noted(), false),
            (CaseAct::SendBack { reasons: "补充理由".into() }, noted(), false),
            (paper("plan", 1), Event::SentBack { reasons: "补充理由".into() }, false),
        ] {
            assert_eq!(goes_on(&act, &[recorded(event.clone())]), goes, "{act:?} after {event:?}");
        }
        let both = [recorded(noted()), recorded(given("plan", 9))];
        assert!(!goes_on(&paper("plan", 1), &both), "each of them counts");
        assert!(goes_on(&paper("plan", 1), &[]), "nothing happened");
    }
}
