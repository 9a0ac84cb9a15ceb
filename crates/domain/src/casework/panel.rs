//! The panel of experts of a case: who is on it, what each declared and said, and what the panel says by that.
//!
//! ```text
//! register row ─▶ Expert ─▶ chosen by hand with grounds, or drawn (pool, seed) ─▶ declaration ─▶ opinion | absence
//!   ─▶ the step that records it: everybody on the panel was heard or is absent, and enough were heard
//!   ─▶ verdict: most of them; a tie does not pass
//! ```
//! Always true: nobody is on the panel who belongs to the designer, the builder or the unit of the matter, by credit code, by name or by what the
//! register says; who declared an interest has no opinion here; an opinion that was changed keeps what it was and why; the same pool and seed
//! draw the same experts; what persons wrote and who they are is printed by no `Debug`. How many there are at least stands in the packs.

use super::command::Typed;
use super::docket::{Docket, Node, node};
use super::event::{Recorded, coded};
use super::refuse;
use base::{AccountId, CivilDate, Pii, Refusal, Sha256, Text, UtcMs};
use law::{ApartFrom, PanelRule};
use serde::{Deserialize, Serialize};

/// Most members of one case, with those who were taken off.
pub const MOST_EXPERTS: usize = 100;
/// Most experts that a draw looks at.
pub const MOST_POOL: usize = 2_000;
/// Shortest name that is looked for inside another one, characters: a shorter one must be the same.
const NAME_CHARS: usize = 4;
/// Most members named in a refusal.
const NAMED: usize = 20;

coded! {
    /// What a member of a panel declared about the matter.
    Interest {
        None, "none", "没有利害关系", "no interest in the matter";
        Designer, "designer", "本人参加了设计", "took part in the design";
        Builder, "builder", "本人参加施工", "takes part in the building";
        UserUnit, "user_unit", "本人属于使用、建设单位", "belongs to the unit of the project";
        Employee, "employee", "受雇于上述单位之一", "employed by one of them";
        Other, "other", "有其他利害关系", "has another interest";
    }
}

coded! {
    /// What an expert says of a plan, and what the panel says.
    Verdict {
        Pass, "pass", "通过", "pass";
        PassWithChanges, "pass_with_changes", "修改后通过", "pass with changes";
        NotPass, "not_pass", "不通过", "not pass";
    }
}

/// A row of the register of experts, as it stood when the expert was chosen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expert {
    /// The row.
    pub row: String,
    /// Its version.
    pub version: u32,
    /// Number on the list; no personal data.
    pub number: String,
    /// Name.
    pub name: String,
    /// Employer; may be empty.
    pub employer: String,
    /// Credit code of the employer; may be empty.
    pub employer_code: String,
    /// Units for which the expert steps back, in words; may be empty.
    pub recusal: String,
}

impl std::fmt::Debug for Expert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expert({}, version {})", self.row, self.version)
    }
}

/// How members were drawn: from which rows, with which seed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelDraw {
    /// Rows that could be drawn.
    pub pool: Vec<String>,
    /// Random bytes that nobody chose.
    pub seed: Sha256,
}

/// What happened to a panel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PanelChange {
    /// Members were chosen.
    Chosen {
        /// Who.
        members: Vec<Expert>,
        /// Why these, or why by draw.
        grounds: String,
        /// How they were drawn; none: by hand.
        draw: Option<PanelDraw>,
    },
    /// A member declared whether they have an interest in the matter.
    Declared {
        /// Row of the member.
        expert: String,
        /// Which interest.
        interest: Interest,
        /// In words; may be empty where there is none.
        words: String,
    },
    /// A member gave an opinion.
    Opined {
        /// Row of the member.
        expert: String,
        /// Which.
        verdict: Verdict,
        /// In words; may be empty where the plan passes as it is.
        words: String,
        /// The day.
        on: CivilDate,
        /// Why it is another opinion than the one given before; empty for the first of a round.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// A member did not take part.
    Absent {
        /// Row of the member.
        expert: String,
        /// Why.
        why: String,
    },
    /// A member was taken off.
    Removed {
        /// Row of the member.
        expert: String,
        /// Why.
        why: String,
    },
}

impl std::fmt::Debug for PanelChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Chosen { .. } => "PanelChange(chosen)",
            Self::Declared { .. } => "PanelChange(declared)",
            Self::Opined { .. } => "PanelChange(opined)",
            Self::Absent { .. } => "PanelChange(absent)",
            Self::Removed { .. } => "PanelChange(removed)",
        })
    }
}

/// What a member said of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpertOpinion {
    /// Number of the event.
    pub index: u32,
    /// Which.
    pub verdict: Verdict,
    /// In words.
    pub words: Pii<String>,
    /// The day.
    pub on: CivilDate,
    /// What it was before, each with why it was changed; the oldest first.
    pub changed: Vec<(Verdict, Pii<String>)>,
}

/// A member of the panel of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Who, as the register had it.
    pub expert: Expert,
    /// Number of the event by which they were chosen.
    pub index: u32,
    /// When that was entered.
    pub at: UtcMs,
    /// By whom.
    pub by: AccountId,
    /// They were drawn.
    pub drawn: bool,
    /// What was declared last, with the words.
    pub declared: Option<(Interest, Pii<String>)>,
    /// The last opinion.
    pub opinion: Option<ExpertOpinion>,
    /// That they did not take part: number of the event, and why.
    pub absent: Option<(u32, Pii<String>)>,
    /// Why they were taken off.
    pub removed: Option<Pii<String>>,
}

impl Member {
    /// On the panel, and not taken off.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.removed.is_none()
    }

    /// On the panel, and no interest declared: heard, or to be heard.
    #[must_use]
    pub fn sits(&self) -> bool {
        self.stands() && self.declared.as_ref().is_none_or(|(interest, _)| *interest == Interest::None)
    }
}

/// Applies a change to the members of a case.
pub(super) fn take(panel: &mut Vec<Member>, recorded: &Recorded, change: &PanelChange) -> Result<(), &'static str> {
    let index = recorded.index;
    if let PanelChange::Chosen { members, draw, .. } = change {
        if members.is_empty() || panel.len().saturating_add(members.len()) > MOST_EXPERTS {
            return Err("nobody was chosen, or too many");
        }
        for expert in members {
            if panel.iter().any(|m| m.stands() && m.expert.row == expert.row) {
                return Err("the expert is on the panel");
            }
            panel.push(Member {
                expert: expert.clone(),
                index,
                at: recorded.at,
                by: recorded.by,
                drawn: draw.is_some(),
                declared: None,
                opinion: None,
                absent: None,
                removed: None,
            });
        }
        return Ok(());
    }
    let (PanelChange::Declared { expert, .. }
    | PanelChange::Opined { expert, .. }
    | PanelChange::Absent { expert, .. }
    | PanelChange::Removed { expert, .. }) = change
    else {
        return Err("it is about no member");
    };
    let member = panel.iter_mut().find(|m| m.stands() && m.expert.row == *expert);
    let member = member.ok_or("no such expert is on the panel")?;
    match change {
        PanelChange::Chosen { .. } => {}
        PanelChange::Declared { interest, words, .. } => member.declared = Some((*interest, Pii::new(words.clone()))),
        PanelChange::Opined { verdict, words, on, why, .. } => {
            let mut changed = Vec::new();
            // Without a reason it is the first of a round, and nothing of the round before is told again.
            if let Some(before) = member.opinion.take().filter(|_| !why.is_empty()) {
                changed = before.changed;
                changed.push((before.verdict, Pii::new(why.clone())));
            }
            let words = Pii::new(words.clone());
            member.opinion = Some(ExpertOpinion { index, verdict: *verdict, words, on: *on, changed });
            member.absent = None;
        }
        PanelChange::Absent { why, .. } => member.absent = Some((index, Pii::new(why.clone()))),
        PanelChange::Removed { why, .. } => member.removed = Some(Pii::new(why.clone())),
    }
    Ok(())
}

/// The rule by which this case has a panel; `None`: it has none, or its forms say that it has none.
#[must_use]
pub fn panel_of<'a>(docket: &Docket<'a>) -> Option<&'a PanelRule> {
    let rule = docket.procedure.panel.as_ref()?;
    let asked = rule.when.as_ref().is_none_or(|when| docket.answer(&when.field).as_deref() == Some(when.is.as_str()));
    asked.then_some(rule)
}

/// A name as it is compared: no blanks, one kind of brackets, small letters.
fn plain(name: &str) -> String {
    let one = |c: char| match c {
        '（' => '(',
        '）' => ')',
        other => other,
    };
    name.chars().filter(|c| !c.is_whitespace()).map(one).flat_map(char::to_lowercase).collect()
}

/// One name is in a text: as a part of it where it is long enough to mean somebody, else as the whole.
fn names(text: &str, name: &str) -> bool {
    if name.chars().count() >= NAME_CHARS { text.contains(name) } else { text == name }
}

/// The party of the matter to which an expert belongs, by credit code, by name, or by what the register says; `None`: to none.
#[must_use]
pub fn tied<'a>(docket: &Docket<'a>, expert: &Expert) -> Option<&'a ApartFrom> {
    let rule = docket.procedure.panel.as_ref()?;
    let (own, employer, recusal) = (plain(&expert.name), plain(&expert.employer), plain(&expert.recusal));
    let code = plain(&expert.employer_code);
    let answer = |field: &str| docket.answer(field).map(|text| plain(&text)).filter(|text| !text.is_empty());
    let is_tied = |apart: &&ApartFrom| {
        let same_code = !code.is_empty() && answer(&apart.code).is_some_and(|other| other == code);
        let by_name =
            |name: String| names(&employer, &name) || own == name || names(&recusal, &name) || names(&name, &employer);
        same_code || answer(&apart.name).is_some_and(by_name)
    };
    rule.apart.iter().find(is_tied)
}

/// The rows that a draw of so many from a pool gives: the first by the SHA-256 of seed and row, in that order.
#[must_use]
pub fn drawn(draw: &PanelDraw, count: usize) -> Vec<String> {
    let mut keyed: Vec<(Sha256, &String)> = draw.pool.iter().map(|row| (key(&draw.seed, row), row)).collect();
    keyed.sort();
    keyed.dedup();
    keyed.into_iter().take(count).map(|(_, row)| row.clone()).collect()
}

fn key(seed: &Sha256, row: &str) -> Sha256 {
    Sha256::of(format!("{} {row}", seed.hex()).as_bytes())
}

/// The step is to be done once more, after something else than itself: what was entered before its last time is of an earlier round.
fn is_new_round(docket: &Docket<'_>, rule: &PanelRule) -> bool {
    let Some(step) = node(docket.procedure, &rule.step) else { return false };
    docket.case.done(&rule.step).is_some() && docket.opened_by(step).is_some_and(|from| from != rule.step)
}

/// What belongs to the round that is open, or to the one that was recorded last where none is.
fn of_round(docket: &Docket<'_>, rule: &PanelRule) -> impl Fn(u32) -> bool + use<> {
    let earlier = usize::from(!is_new_round(docket, rule));
    let done = docket.case.doings.iter().rev().filter(|d| d.node == rule.step && !d.is_outcome);
    let before = done.map(|d| d.index).nth(earlier);
    move |index| before.is_none_or(|before| index > before)
}

/// What a member said in this round; `None`: nothing yet.
#[must_use]
pub fn opinion_of<'a>(docket: &Docket<'_>, member: &'a Member) -> Option<&'a ExpertOpinion> {
    let counts = of_round(docket, docket.procedure.panel.as_ref()?);
    member.opinion.as_ref().filter(|opinion| counts(opinion.index))
}

/// Why a member took no part in this round; `None`: they did, or nothing is entered yet.
#[must_use]
pub fn absence_of<'a>(docket: &Docket<'_>, member: &'a Member) -> Option<&'a Pii<String>> {
    let counts = of_round(docket, docket.procedure.panel.as_ref()?);
    member.absent.as_ref().filter(|(index, _)| counts(*index)).map(|(_, why)| why)
}

/// What was entered since the step was last done: that counts for it.
fn fresh(docket: &Docket<'_>, rule: &PanelRule) -> impl Fn(u32) -> bool + use<> {
    let last = docket.case.done(&rule.step).map(|done| done.index);
    move |index| last.is_none_or(|last| index > last)
}

/// A member gave an opinion that counts for the step that is open: it is not taken back by taking its author off.
pub(super) fn given(docket: &Docket<'_>, rule: &PanelRule, member: &Member) -> bool {
    let is_fresh = fresh(docket, rule);
    member.opinion.as_ref().is_some_and(|opinion| is_fresh(opinion.index))
}

/// What the panel says by the opinions of this round: most of them decide, a tie does not pass. `None`: nobody gave one.
#[must_use]
pub fn verdict(docket: &Docket<'_>) -> Option<Verdict> {
    let sitting = docket.case.panel.iter().filter(|m| m.sits());
    let said: Vec<Verdict> = sitting.filter_map(|m| opinion_of(docket, m)).map(|o| o.verdict).collect();
    if said.is_empty() {
        return None;
    }
    let against = said.iter().filter(|v| **v == Verdict::NotPass).count();
    if against.saturating_mul(2) >= said.len() {
        return Some(Verdict::NotPass);
    }
    let changes = said.contains(&Verdict::PassWithChanges);
    Some(if changes { Verdict::PassWithChanges } else { Verdict::Pass })
}

/// The step is recorded by what its panel said: no other paper is asked for.
pub(super) fn records(docket: &Docket<'_>, node: Node<'_>) -> bool {
    panel_of(docket).is_some_and(|rule| rule.step == node.id())
}

/// What of the panel stands in the way of a step or outcome.
pub(super) fn blocked(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    let rule = panel_of(docket)?;
    if node.id() == rule.step {
        return unfinished(docket, rule);
    }
    let passes = node.id() == rule.passed;
    if !passes && node.id() != rule.failed {
        return None;
    }
    let Some(said) = verdict(docket) else {
        // A new round was begun and nobody is heard: what an earlier one said decides nothing. A review of before there were panels here has
        // no opinions: its paper says how it ended.
        return if is_new_round(docket, rule) { unfinished(docket, rule) } else { None };
    };
    ((said != Verdict::NotPass) != passes).then(|| refuse::panel_says(docket, rule, &said.name()))
}

fn unfinished(docket: &Docket<'_>, rule: &PanelRule) -> Option<Refusal> {
    let is_fresh = fresh(docket, rule);
    let sitting = || docket.case.panel.iter().filter(|m| m.sits());
    let heard = |m: &Member| m.opinion.as_ref().is_some_and(|o| is_fresh(o.index));
    let away = |m: &Member| m.absent.as_ref().is_some_and(|(index, _)| is_fresh(*index));
    let waits = |m: &&Member| !heard(m) && !away(m);
    let waiting: Vec<&str> = sitting().filter(waits).take(NAMED).map(|m| m.expert.number.as_str()).collect();
    if !waiting.is_empty() {
        return Some(refuse::panel_incomplete(docket, rule, &waiting));
    }
    let count = sitting().filter(|m| heard(m)).count();
    let least = usize::try_from(rule.least).unwrap_or(usize::MAX);
    (count < least).then(|| refuse::panel_too_few(docket, rule, count))
}

/// The form of the step with what the panel fills in: how many gave an opinion, and number and opinion of each.
pub(super) fn filled_in(docket: &Docket<'_>, step: &str, typed: &Typed) -> Typed {
    let mut typed = typed.clone();
    let Some(rule) = panel_of(docket).filter(|rule| rule.step == step) else { return typed };
    let is_fresh = fresh(docket, rule);
    let sitting = docket.case.panel.iter().filter(|m| m.sits());
    let line = |m: &Member| {
        let opinion = m.opinion.as_ref().filter(|o| is_fresh(o.index))?;
        Some(format!("{}：{}。", m.expert.number, opinion.verdict.name().zh))
    };
    let lines: Vec<String> = sitting.filter_map(line).collect();
    typed.insert(rule.count.clone(), lines.len().to_string());
    typed.insert(rule.opinions.clone(), lines.join("\n"));
    typed
}

/// What an expert who belongs to a party of the matter is told.
pub(super) fn tied_refusal(expert: &Expert, apart: &ApartFrom) -> Refusal {
    refuse::conflict(
        "expert_tied",
        Text::of(
            format!("专家 {} 属于{}，或者名册写明应当回避。", expert.number, apart.zh),
            format!("Expert {} belongs to {}, or the register says that they step back.", expert.number, apart.en),
        ),
        Text::new("请另选专家。", "Choose another expert."),
    )
}
