//! The panel of experts of a case: its members, what each declared and said, and the acts that enter it.
//!
//! ```text
//! GET  /cases/{id}/panel ─▶ CaseView (members) · Authority::experts (who of the register is free, who is tied) ─▶ PanelPage
//! POST the same: choose ─▶ Authority::choose_experts · draw ─▶ Authority::draw_experts · declare, opine, absent, remove ─▶ Authority::act
//! ```
//! Always true: experts are masked, also for their own office: their names stand in the register and on the record that they sign; the engine
//! decides again and a refusal stands beside its form.

use super::ask::Wrong;
use super::case::{head, id_of, seat_of, send, view_of};
use super::case_desk::may_act;
use super::case_words::{cited, paragraphs};
use super::inbox::{by, of};
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::case::{ValueGroup, ValueLine};
use crate::pages::case_panel::{MemberLine, PanelPage, PanelTyped};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{CaseView, ExpertLine};
use base::{CivilDate, Pii, Refusal, Text};
use domain::casework::{CaseAct, Interest, Member, PanelChange, Seat, Verdict};

/// Most free experts that are shown to choose from; a draw takes from all of them.
const SHOWN: usize = 200;

fn masked(name: &str) -> Shown {
    Shown(Pii::new(name.to_owned()).masked())
}

fn verdict_state(verdict: Verdict) -> State {
    let mark = match verdict {
        Verdict::Pass => Mark::Ok,
        Verdict::PassWithChanges => Mark::Attention,
        Verdict::NotPass => Mark::Critical,
    };
    State { mark, word: verdict.name() }
}

/// What a member said in this round, or that they were absent.
fn said(view: &CaseView, member: &Member) -> State {
    match (view.opinion_of(member), view.is_absent(member)) {
        (Some(opinion), _) if member.sits() => verdict_state(opinion.verdict),
        _ if !member.sits() => State::new(Mark::Off, "不提出意见", "gives none"),
        (_, true) => State::new(Mark::Off, "缺席", "absent"),
        _ => State::new(Mark::Attention, "还没有意见", "none yet"),
    }
}

fn member_line(view: &CaseView, member: &Member) -> MemberLine {
    let declared = match &member.declared {
        None => State::new(Mark::Attention, "还没有声明", "none yet"),
        Some((Interest::None, _)) => State { mark: Mark::Ok, word: Interest::None.name() },
        Some((interest, _)) => State { mark: Mark::Critical, word: interest.name() },
    };
    let on = member.at.shanghai_date();
    let how = if member.drawn {
        Text::of(format!("{on} 抽取"), format!("drawn on {on}"))
    } else {
        Text::of(format!("{on} 选定"), format!("chosen on {on}"))
    };
    let declared_words = member.declared.as_ref().map(|(_, words)| words);
    let words = [declared_words, member.opinion.as_ref().map(|o| &o.words), member.absent.as_ref().map(|(_, why)| why)];
    let changed = member.opinion.iter().flat_map(|o| &o.changed).map(|(_, why)| why);
    let words = words.into_iter().flatten().chain(changed).chain(&member.removed);
    MemberLine {
        number: member.expert.number.clone(),
        name: masked(&member.expert.name),
        how,
        declared,
        said: said(view, member),
        words: words.flat_map(|words| paragraphs(words.expose())).collect(),
    }
}

/// The panel on the page of its case: each member with the opinion, and what the panel says.
pub(crate) fn group(call: &Call, view: &CaseView) -> Option<ValueGroup> {
    view.panel()?;
    let one = |label: Text, value: String| ValueLine { label, value: Shown(value), ..ValueLine::default() };
    let line = |member: &Member| {
        let number = &member.expert.number;
        one(
            Text::of(format!("专家 {number}"), format!("expert {number}")),
            said(view, member).word.get(call.lang).to_owned(),
        )
    };
    let mut values: Vec<ValueLine> = view.case.panel.iter().filter(|m| m.stands()).map(line).collect();
    if values.is_empty() {
        return None;
    }
    let says = view.panel_says().map(|verdict| verdict.name().get(call.lang).to_owned());
    values.extend(says.map(|says| one(Text::new("专家组的意见", "opinion of the panel"), says)));
    Some(ValueGroup { title: Text::new("专家组", "Panel of experts"), values, ..ValueGroup::default() })
}

/// What a change is about, for the list of entries; names nobody.
pub(crate) fn about(change: &PanelChange) -> Text {
    match change {
        PanelChange::Chosen { members, draw, .. } => {
            let numbers: Vec<&str> = members.iter().map(|m| m.number.as_str()).collect();
            match draw {
                Some(draw) => Text::of(
                    format!("从{}名中抽取 {}，种子 {}", draw.pool.len(), numbers.join("、"), draw.seed.hex()),
                    format!("drawn from {}: {}, seed {}", draw.pool.len(), numbers.join(", "), draw.seed.hex()),
                ),
                None => Text::of(format!("选定 {}", numbers.join("、")), format!("chosen: {}", numbers.join(", "))),
            }
        }
        PanelChange::Declared { interest, .. } => {
            let name = interest.name();
            Text::of(format!("声明{}", name.zh), format!("declared: {}", name.en))
        }
        PanelChange::Opined { verdict, why, .. } => {
            let name = verdict.name();
            if why.is_empty() {
                Text::of(format!("意见为{}", name.zh), format!("opinion: {}", name.en))
            } else {
                Text::of(format!("意见变更为{}", name.zh), format!("opinion changed to: {}", name.en))
            }
        }
        PanelChange::Absent { .. } => Text::new("缺席", "absent"),
        PanelChange::Removed { .. } => Text::new("退出", "taken off"),
    }
}

/// What was said with a change.
pub(crate) fn words(change: &PanelChange) -> String {
    match change {
        PanelChange::Chosen { grounds, .. } => grounds.clone(),
        PanelChange::Declared { words, .. } => words.clone(),
        PanelChange::Opined { words, why, .. } => format!("{words}\n{why}").trim().to_owned(),
        PanelChange::Absent { why, .. } | PanelChange::Removed { why, .. } => why.clone(),
    }
}

fn tied_line(line: &ExpertLine) -> Option<Text> {
    let (tied, number) = (line.tied.as_ref()?, &line.expert.number);
    Some(Text::of(format!("{number}：与{}有关联。", tied.zh), format!("{number}: belongs to {}.", tied.en)))
}

fn free_choice(line: &ExpertLine, chosen: &[String]) -> Choice {
    let (number, name) = (&line.expert.number, masked(&line.expert.name).0);
    let label = Text::of(format!("{number} {name}"), format!("{number} {name}"));
    let is = chosen.contains(&line.expert.row);
    Choice { hint: line.field.clone(), ..Choice::new(&line.expert.row, label, is) }
}

/// What was sent, each beside its own form: the forms of the page share the names of their fields.
fn typed(call: &Call) -> PanelTyped {
    let act = call.form.get("act");
    let sent =
        |acts: &[&str], name: &str| if acts.contains(&act) { call.form.raw(name).to_owned() } else { String::new() };
    PanelTyped {
        opinion: Shown(sent(&["opine"], "words")),
        changed: Shown(sent(&["opine"], "why")),
        declaration: Shown(sent(&["declare"], "words")),
        why: Shown(sent(&["absent", "remove"], "why")),
        count: sent(&["draw"], "count"),
        draw_grounds: Shown(sent(&["draw"], "grounds")),
        grounds: Shown(sent(&["choose"], "grounds")),
    }
}

async fn panel_page(call: &Call, view: &CaseView, mut wrong: Wrong) -> Result<PanelPage, Refusal> {
    let rule = view.panel().ok_or_else(no_page)?;
    let is_open = view.open_steps().iter().any(|step| step.id == rule.step);
    let may_change = is_open && seat_of(call) == Some(Seat::Officer) && may_act(call, view).await?;
    let experts = if may_change { of(call)?.experts(by(call)?, view.row.id).await? } else { Vec::new() };
    let chosen = call.form.all("expert");
    let is_free = |line: &&ExpertLine| line.tied.is_none() && !line.on_panel;
    let of_panel = view.case.panel.iter().filter(|m| m.stands()).map(|m| {
        let label = Text::of(m.expert.number.clone(), m.expert.number.clone());
        Choice::new(&m.expert.row, label, chosen.contains(&m.expert.row))
    });
    let one_of = |code: &str, name: Text, field: &str| Choice::new(code, name, call.form.get(field) == code);
    let day = Some(call.form.get("day")).filter(|day| !day.is_empty());
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(PanelPage {
        l: call.lang,
        bar,
        head: head(call, view).await?,
        rule: Text::of(rule.why_zh.clone(), rule.why_en.clone()),
        clause: cited(call, &rule.clause),
        says: view.panel_says().map(verdict_state).unwrap_or_default(),
        members: view.case.panel.iter().filter(|m| m.stands()).map(|m| member_line(view, m)).collect(),
        off: view.case.panel.iter().filter(|m| !m.stands()).map(|m| member_line(view, m)).collect(),
        may_change,
        of_panel: of_panel.collect(),
        free: experts.iter().filter(is_free).take(SHOWN).map(|line| free_choice(line, &chosen)).collect(),
        free_count: experts.iter().filter(is_free).count(),
        tied: experts.iter().filter_map(tied_line).take(SHOWN).collect(),
        interests: Interest::ALL.iter().map(|c| one_of(c.code(), c.name(), "interest")).collect(),
        verdicts: Verdict::ALL.iter().map(|v| one_of(v.code(), v.name(), "verdict")).collect(),
        today: day.map_or_else(|| call.now().shanghai_date().to_string(), str::to_owned),
        typed: typed(call),
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/panel`.
pub(crate) async fn show(call: Call) -> Reply {
    let view = view_of(&call).await?;
    page(&panel_page(&call, &view, Wrong::none()).await?)
}

/// What the form says of a member.
fn change_of(call: &Call) -> Result<PanelChange, Refusal> {
    let text = |name: &str| call.form.get(name).to_owned();
    let expert = text("expert");
    match call.form.get("act") {
        "declare" => {
            let interest = Interest::parse(call.form.get("interest")).ok_or_else(no_page)?;
            Ok(PanelChange::Declared { expert, interest, words: text("words") })
        }
        "opine" => {
            let verdict = Verdict::parse(call.form.get("verdict")).ok_or_else(no_page)?;
            let on = CivilDate::parse(call.form.get("day")).ok_or_else(|| {
                let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
                Refusal::bad_input("day", Text::new("请填写日期。", "Enter the day."), next)
            })?;
            Ok(PanelChange::Opined { expert, verdict, words: text("words"), on, why: text("why") })
        }
        "absent" => Ok(PanelChange::Absent { expert, why: text("why") }),
        "remove" => Ok(PanelChange::Removed { expert, why: text("why") }),
        _ => Err(no_page()),
    }
}

/// The field that a refusal is about.
fn at(act: &str, code: &str) -> &'static str {
    match (act, code) {
        ("choose", "grounds") => "grounds",
        ("choose", _) => "experts",
        ("draw", "grounds") => "draw-grounds",
        ("draw", _) => "count",
        ("declare", "declaration") => "declaration",
        ("declare", _) => "declare-expert",
        ("opine", "opinion") => "opinion",
        ("opine", "why") => "opinion-why",
        ("opine", "day" | "day_to_come" | "day_too_early") => "day",
        ("opine", _) => "opine-expert",
        (_, "why") => "why",
        _ => "away-expert",
    }
}

/// `POST /cases/{id}/panel`: `act` and the fields of its form, `seen`.
pub(crate) async fn change(call: Call) -> Reply {
    let (authority, who, id) = (of(&call)?, by(&call)?, id_of(&call)?);
    let view = view_of(&call).await?;
    view.panel().ok_or_else(no_page)?;
    let seen = call.form.get("seen").parse().unwrap_or_default();
    let grounds = call.form.get("grounds");
    let act = call.form.get("act");
    let done = match act {
        "choose" => {
            let rows = call.form.all("expert");
            authority.choose_experts(who, id, seen, (rows.as_slice(), grounds)).await
        }
        "draw" => {
            let count = call.form.get("count").parse().unwrap_or_default();
            authority.draw_experts(who, id, seen, (count, grounds)).await
        }
        _ => match change_of(&call) {
            Ok(change) => send(&call, CaseAct::Panel { change }, Vec::new()).await,
            Err(refusal) => Err(refusal),
        },
    };
    match done {
        Ok(_) => call.done(&format!("/cases/{id}/panel"), "case_entered"),
        Err(refusal) => {
            let at = at(act, &refusal.code);
            let wrong = Wrong::of(refusal, at)?;
            let now = view_of(&call).await?;
            page_with(wrong.status, &panel_page(&call, &now, wrong).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_stands_beside_its_field() {
        for (act, code, field) in [
            ("choose", "expert_tied", "experts"),
            ("draw", "experts", "count"),
            ("declare", "declaration", "declaration"),
            ("opine", "declaration_missing", "opine-expert"),
            ("opine", "day_to_come", "day"),
            ("opine", "why", "opinion-why"),
            ("remove", "opinion_given", "away-expert"),
            ("absent", "opinion_given", "away-expert"),
            ("remove", "why", "why"),
        ] {
            assert_eq!(at(act, code), field, "{act} {code}");
        }
    }

    #[test]
    fn the_list_of_entries_names_no_expert() {
        let absent = PanelChange::Absent { expert: "row-1".into(), why: "因公出差".into() };
        assert_eq!((about(&absent), words(&absent).as_str()), (Text::new("缺席", "absent"), "因公出差"));
        let opined = |why: &str| PanelChange::Opined {
            expert: "row-1".into(),
            verdict: Verdict::Pass,
            words: "可行。".into(),
            on: CivilDate::parse("2026-03-02").unwrap(),
            why: why.into(),
        };
        let (first, other) = (opined(""), opined("图纸已经补充"));
        assert_eq!((&*about(&first).zh, words(&first).as_str()), ("意见为通过", "可行。"));
        assert_eq!((&*about(&other).zh, words(&other).as_str()), ("意见变更为通过", "可行。\n图纸已经补充"));
    }
}
