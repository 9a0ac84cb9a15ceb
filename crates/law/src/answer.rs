//! What the gate answers: allow or refuse, the clauses that decide, what is missing, and what the act obliges to.

use crate::ActKind;
use base::{Citation, ClauseId, ErrorKind, Refusal, Text};
use serde::{Deserialize, Serialize};

/// By when a duty is due.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Together with the act; the law names no days.
    AtOnce,
    /// Before the system is used.
    BeforeUse,
    /// Within this many days after the system is first used, first day not counted.
    WithinDays(u32),
}

/// What a lawful act obliges to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Duty {
    /// Stable word, e.g. `set_up_sign`.
    pub code: String,
    /// What is to be done, one sentence.
    pub text: Text,
    /// The clause that asks it.
    pub citation: Citation,
    /// By when.
    pub due: Due,
}

/// One thing that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Missing {
    /// Stable word, e.g. `two_officers_required`.
    pub code: String,
    /// The clause that asks it; none where no clause permits the act at all.
    pub clause: Option<ClauseId>,
    /// What stands in the way, one sentence.
    pub what: Text,
    /// What to do next, one sentence.
    pub next: Text,
}

/// The gate's answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The act asked about.
    pub act: ActKind,
    /// Whether it may be done.
    pub allow: bool,
    /// The clauses that decide: those that permit, or all that refuse. Provincial first, then national, in the order of the packs.
    pub deciding: Vec<Citation>,
    /// What is missing; empty when allowed.
    pub missing: Vec<Missing>,
    /// What the act obliges to; empty when refused.
    pub duties: Vec<Duty>,
    /// Every clause whose policy was asked, also those that did not object: the conditions that were checked.
    pub considered: Vec<ClauseId>,
    /// A policy failed to evaluate, so the gate refused without an answer in law. A bug of the packs.
    pub fault: bool,
}

impl Answer {
    /// `Ok` when allowed, else the refusal.
    ///
    /// # Errors
    /// The refusal, when the act is not allowed.
    pub fn into_result(self) -> Result<Self, Refusal> {
        if self.allow { Ok(self) } else { Err(self.into_refusal()) }
    }

    /// The refusal that people see: the first code, every sentence, every clause.
    #[must_use]
    pub fn into_refusal(self) -> Refusal {
        let kind = if self.fault { ErrorKind::Internal } else { ErrorKind::Unlawful };
        let code = self.missing.first().map_or_else(|| "not_refused".to_owned(), |m| m.code.clone());
        let what = join(self.missing.iter().map(|m| &m.what));
        let next = join(self.missing.iter().map(|m| &m.next));
        Refusal::new(kind, &code, what, next).citing(self.deciding)
    }

    /// Ids of the deciding clauses, for logs and tests.
    #[must_use]
    pub fn clause_ids(&self) -> Vec<&str> {
        self.deciding.iter().map(|c| c.clause.0.as_str()).collect()
    }

    /// Whether this clause is among those that decide.
    #[must_use]
    pub fn cites(&self, clause: &str) -> bool {
        self.deciding.iter().any(|c| c.clause.0 == clause)
    }
}

/// Sentences one after the other, each once.
fn join<'a>(texts: impl Iterator<Item = &'a Text>) -> Text {
    let (mut zh, mut en): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for text in texts {
        if !en.contains(&text.en.as_ref()) {
            zh.push(&text.zh);
            en.push(&text.en);
        }
    }
    Text::of(zh.concat(), en.join(" "))
}
