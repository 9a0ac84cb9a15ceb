//! The panel of experts: choose its members, enter what each declared and said, that one was absent or was taken off.
//!
//! Always true: who gave an opinion stays on the panel of that review; an opinion once given is changed only with a reason, which goes on record.

use super::super::event::Event;
use super::super::panel::{
    Expert, Interest, MOST_EXPERTS, MOST_POOL, Member, PanelChange, PanelDraw, Verdict, drawn, given, panel_of, tied,
    tied_refusal,
};
use super::super::refuse;
use super::super::seat::Seat;
use super::{Desk, REASON_CHARS, WORD_CHARS, words};
use base::{Refusal, Text, limits};

/// An officer of the case changes the panel while the step that records it is open.
pub(super) fn decide(desk: &Desk<'_, '_>, change: &PanelChange) -> Result<Vec<Event>, Refusal> {
    let rule = panel_of(desk.docket).ok_or_else(|| refuse::unknown(Text::new("专家组", "panel of experts")))?;
    desk.may(Seat::Officer)?;
    desk.open_node(&rule.step)?;
    let change = match change {
        PanelChange::Chosen { members, grounds, draw } => choose(desk, members, grounds, draw.as_ref())?,
        PanelChange::Declared { expert, interest, words: text } => {
            member(desk, expert)?;
            let words = said(text, *interest == Interest::None, "declaration")?;
            PanelChange::Declared { expert: expert.clone(), interest: *interest, words }
        }
        PanelChange::Opined { expert, verdict, words: text, on, why } => {
            may_opine(desk, expert)?;
            desk.day(*on)?;
            let is_other = given(desk.docket, rule, member(desk, expert)?);
            let why = if is_other { words(why, REASON_CHARS, "why")? } else { String::new() };
            let words = said(text, *verdict == Verdict::Pass, "opinion")?;
            PanelChange::Opined { expert: expert.clone(), verdict: *verdict, words, on: *on, why }
        }
        PanelChange::Absent { expert, why } => {
            if given(desk.docket, rule, member(desk, expert)?) {
                let what =
                    Text::new("此人已经提出意见，不登记缺席。", "This member gave an opinion and was not absent.");
                return Err(opinion_given(what));
            }
            PanelChange::Absent { expert: expert.clone(), why: words(why, REASON_CHARS, "why")? }
        }
        PanelChange::Removed { expert, why } => {
            if given(desk.docket, rule, member(desk, expert)?) {
                let what = Text::new(
                    "此人已经提出意见，不能退出专家组。",
                    "This member gave an opinion and stays on the panel.",
                );
                return Err(opinion_given(what));
            }
            PanelChange::Removed { expert: expert.clone(), why: words(why, REASON_CHARS, "why")? }
        }
    };
    Ok(vec![Event::Panel { change }])
}

/// What somebody is told who would do away with an opinion.
fn opinion_given(what: Text) -> Refusal {
    let next = Text::new(
        "意见有变化的，重新登记意见并写明理由；有利害关系的，登记声明。",
        "Where it is another opinion now, enter that with the reason; where there is an interest, enter the declaration.",
    );
    refuse::conflict("opinion_given", what, next)
}

/// Words that may be empty in the plain case.
fn said(text: &str, is_plain: bool, code: &str) -> Result<String, Refusal> {
    words(text, if is_plain { (0, limits::FREE_TEXT_CHARS) } else { REASON_CHARS }, code)
}

/// Somebody who is on the panel.
fn member<'a>(desk: &Desk<'a, '_>, expert: &str) -> Result<&'a Member, Refusal> {
    let found = desk.case().panel.iter().find(|m| m.stands() && m.expert.row == expert);
    found.ok_or_else(|| {
        refuse::conflict(
            "expert_not_there",
            Text::new("此人不在专家组。", "This expert is not on the panel."),
            Text::new("请刷新页面查看。", "Reload the page."),
        )
    })
}

fn choose(
    desk: &Desk<'_, '_>,
    members: &[Expert],
    grounds: &str,
    draw: Option<&PanelDraw>,
) -> Result<PanelChange, Refusal> {
    if members.is_empty() {
        return Err(refuse::bad("experts", Text::new("请选择专家。", "Choose an expert.")));
    }
    if desk.case().panel.len().saturating_add(members.len()) > MOST_EXPERTS {
        let what = Text::of(
            format!("一个案卷至多选定{MOST_EXPERTS}名专家。"),
            format!("A case has {MOST_EXPERTS} experts at most."),
        );
        return Err(refuse::bad("experts", what));
    }
    for (n, expert) in members.iter().enumerate() {
        let twice = members.iter().take(n).any(|other| other.row == expert.row);
        if twice || desk.case().panel.iter().any(|m| m.stands() && m.expert.row == expert.row) {
            return Err(refuse::conflict(
                "expert_there",
                Text::of(
                    format!("专家 {} 已经在专家组。", expert.number),
                    format!("Expert {} is on the panel already.", expert.number),
                ),
                Text::new("请另选专家。", "Choose another expert."),
            ));
        }
        let line = [&expert.row, &expert.number];
        if line.iter().any(|text| text.is_empty() || text.chars().count() > WORD_CHARS) {
            return Err(refuse::bad(
                "experts",
                Text::new("专家名册的记录不完整。", "The row of an expert is not whole."),
            ));
        }
        if let Some(apart) = tied(desk.docket, expert) {
            return Err(tied_refusal(expert, apart));
        }
    }
    if let Some(draw) = draw {
        let rows: Vec<&str> = members.iter().map(|m| m.row.as_str()).collect();
        if draw.pool.len() > MOST_POOL || drawn(draw, rows.len()) != rows {
            return Err(refuse::bad(
                "panel_draw",
                Text::new("抽取的结果与抽取的范围和种子不符。", "What was drawn does not follow from pool and seed."),
            ));
        }
    }
    let grounds = words(grounds, REASON_CHARS, "grounds")?;
    Ok(PanelChange::Chosen { members: members.to_vec(), grounds, draw: draw.cloned() })
}

/// An opinion is that of a member who declared no interest and belongs to no party of the matter.
fn may_opine(desk: &Desk<'_, '_>, expert: &str) -> Result<(), Refusal> {
    let member = member(desk, expert)?;
    match &member.declared {
        None => Err(refuse::conflict(
            "declaration_missing",
            Text::new("此人还没有作出利害关系声明。", "This member has not declared whether they have an interest."),
            Text::new("请先登记声明。", "Enter the declaration first."),
        )),
        Some((Interest::None, _)) => match tied(desk.docket, &member.expert) {
            Some(apart) => Err(tied_refusal(&member.expert, apart)),
            None => Ok(()),
        },
        Some(_) => Err(refuse::conflict(
            "expert_interest",
            Text::new("此人声明有利害关系，不提出意见。", "This member declared an interest and gives no opinion."),
            Text::new("请换人。", "Put somebody else on the panel."),
        )),
    }
}
