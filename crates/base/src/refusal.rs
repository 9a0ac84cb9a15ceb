//! A refusal says what happened, why (with the clauses that decide, or the cause) and what to do next.
//!
//! It is the one error type that reaches people. Deeper errors keep their own types and become a refusal at the border.

use crate::{ClauseId, Text};
use serde::{Deserialize, Serialize};

/// Few kinds, each mapped to the outside (HTTP status, exit code) in one function of the edge.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The input is malformed or out of its limits.
    BadInput,
    /// Nobody is signed in, or the session ended.
    Unauthenticated,
    /// The account has no right to this act (role, area, time).
    Forbidden,
    /// The law gate refuses: `why` carries the clauses.
    Unlawful,
    /// The thing does not exist, or this account may not know that it does.
    NotFound,
    /// The state has moved on (second tab, already decided).
    Conflict,
    /// A rate, size or count limit.
    TooMany,
    /// A part is down (database, disk, device); trying again may help.
    Unavailable,
    /// A fault of the program.
    Internal,
}

/// How a clause with a slip was read (law/README section on slips).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// As printed.
    #[default]
    Literal,
    /// The evident reading of a slip, flagged.
    Evident,
    /// A flagged default where the text is lost, taken from a sibling text; never called the clause's own words.
    FlaggedDefault,
}

/// One clause that decides, with enough to check it: what it says and the hash of the text it was read from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Citation {
    /// Clause id, e.g. `B-28-1-1`.
    pub clause: ClauseId,
    /// Short name of the instrument, e.g. 公共安全视频图像信息系统管理条例.
    pub instrument: Text,
    /// Article as people say it, e.g. 第二十八条第一项 / art. 28 item 1.
    pub article: Text,
    /// What the clause asks, one sentence.
    pub gist: Text,
    /// SHA-256 (hex) of the article text the clause was read from.
    pub text_sha256: String,
    /// How it was read.
    pub reading: Reading,
}

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// Kind, for the machine at the other end.
    pub kind: ErrorKind,
    /// Stable word for tests, logs and API callers, e.g. `two_officers_required`.
    pub code: String,
    /// What happened, one sentence.
    pub what: Text,
    /// The clauses that decide; empty where the cause is not law.
    pub why: Vec<Citation>,
    /// What to do next, one sentence.
    pub next: Text,
}

impl Refusal {
    /// A refusal without clauses.
    #[must_use]
    pub fn new(kind: ErrorKind, code: &str, what: Text, next: Text) -> Self {
        Self { kind, code: code.to_owned(), what, why: Vec::new(), next }
    }

    /// The same refusal with the clauses that decide it.
    #[must_use]
    pub fn citing(mut self, why: Vec<Citation>) -> Self {
        self.why = why;
        self
    }

    /// Malformed or out-of-limit input.
    #[must_use]
    pub fn bad_input(code: &str, what: Text, next: Text) -> Self {
        Self::new(ErrorKind::BadInput, code, what, next)
    }

    /// Something asked for is not there (or not for this account to see).
    #[must_use]
    pub fn not_found(zh: &'static str, en: &'static str) -> Self {
        Self::new(
            ErrorKind::NotFound,
            "not_found",
            Text::of(format!("没有找到{zh}。"), format!("No such {en}.")),
            Text::new("请返回列表重新选择。", "Go back to the list and choose again."),
        )
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.what.en)?;
        if !self.why.is_empty() {
            let ids: Vec<_> = self.why.iter().map(|c| c.clause.0.as_str()).collect();
            write!(f, " [{}]", ids.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
