//! Information use, first half: list, the request wizard with its check-answers page, the custodian's page.

use super::{AppBar, Choice, FormErrors, Pager, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// One request in the list.
#[derive(Debug, Clone)]
pub struct RequestLine {
    /// Request id, as in `/use/{id}`.
    pub id: String,
    /// Number people quote, e.g. 2026-0007.
    pub number: String,
    /// Case number.
    pub case_number: String,
    /// Asking unit.
    pub unit: String,
    /// Asking officers as shown in lists.
    pub officers: String,
    /// Cameras, count.
    pub cameras: u32,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// State.
    pub state: State,
    /// Sent when.
    pub sent: UtcMs,
    /// What this account should do now; empty = nothing.
    pub todo: Text,
}

/// What a list of requests or of the register is narrowed by, as it stands in the form.
#[derive(Debug, Clone, Default)]
pub struct UseFilter {
    /// First day, `YYYY-MM-DD`; empty = no bound.
    pub from: String,
    /// Last day, `YYYY-MM-DD`.
    pub to: String,
    /// Officers to choose from (value = account id); empty where the account sees only its own.
    pub officers: Vec<Choice>,
    /// Part of the unit's name.
    pub unit: String,
    /// Part of the case number.
    pub case_number: String,
    /// Cameras to choose from (value = id).
    pub cameras: Vec<Choice>,
    /// Something is narrowed: the page offers to clear it.
    pub narrowed: bool,
}

/// `GET /use?state=&from=&to=&officer=&unit=&case=&camera=&before=`: requests this account may know of, newest first.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_list.html")]
pub struct UseListPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Filter by state: address, label, chosen.
    pub filters: Vec<Choice>,
    /// The chosen state, hidden field `state` of the form.
    pub state: String,
    /// The other filters.
    pub filter: UseFilter,
    /// Requests of persons that were handed on and are to be entered; 0 for who does not decide use.
    pub handed_on: u64,
    /// Those of them whose time to be entered went by, by our own rule.
    pub late: u64,
    /// Requests that wait for this account, on the first page of the whole list.
    pub todo: Vec<RequestLine>,
    /// Requests, newest first.
    pub requests: Vec<RequestLine>,
    /// Neighbours.
    pub pager: Pager,
}

/// Step of the wizard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum UseStep {
    /// 依据: basis, case, unit, purpose.
    #[default]
    Basis,
    /// 范围: cameras and minutes.
    Scope,
    /// 材料: officers and unit letter.
    Papers,
}

impl UseStep {
    /// Word in addresses and the hidden field `step`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Basis => "basis",
            Self::Scope => "scope",
            Self::Papers => "papers",
        }
    }

    /// Counts from 1.
    #[must_use]
    pub const fn number(&self) -> u8 {
        match self {
            Self::Basis => 1,
            Self::Scope => 2,
            Self::Papers => 3,
        }
    }
}

/// A camera to tick, under its place.
#[derive(Debug, Clone)]
pub struct CameraChoice {
    /// Camera id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// Ticked.
    pub chosen: bool,
    /// Oldest footage kept; `None` = nothing recorded.
    pub oldest: Option<UtcMs>,
}

/// The answers so far, as typed; what the check page shows too.
#[derive(Debug, Clone, Default)]
pub struct UseAnswers {
    /// Legal bases to choose from.
    pub bases: Vec<Choice>,
    /// Case number, field `case_number`.
    pub case_number: String,
    /// Unit of the officers, field `unit`.
    pub unit: String,
    /// Purpose, field `purpose`.
    pub purpose: String,
    /// Cameras, field `camera` (many).
    pub cameras: Vec<CameraChoice>,
    /// `YYYY-MM-DDThh:mm`, field `from` (Beijing time).
    pub from: String,
    /// `YYYY-MM-DDThh:mm`, field `to`.
    pub to: String,
    /// First officer: the one signed in.
    pub officer: String,
    /// Badge of the first officer, field `badge`.
    pub badge: String,
    /// Login name of the second officer, field `second_officer`.
    pub second_officer: String,
    /// Badge of the second officer, field `second_badge`.
    pub second_badge: String,
    /// Number of the unit letter, field `letter_number`.
    pub letter_number: String,
    /// File name of the uploaded unit letter; empty = not yet (field `letter`).
    pub letter_file: String,
    /// SHA-256 of the letter, hexadecimal.
    pub letter_sha256: String,
    /// The answer wants a copy to take along, not only viewing (field `want_copy`).
    pub want_copy: bool,
}

impl UseAnswers {
    /// Label of the chosen basis.
    #[must_use]
    pub fn basis(&self) -> Option<&Choice> {
        self.bases.iter().find(|b| b.chosen)
    }

    /// The range as people read it: `2026-11-21 18:30:00 — 2026-11-21 18:40:00`.
    #[must_use]
    pub fn range_words(&self) -> String {
        format!("{} — {}", self.from, self.to).replace('T', " ")
    }

    /// Chosen cameras.
    #[must_use]
    pub fn chosen_cameras(&self) -> Vec<&CameraChoice> {
        self.cameras.iter().filter(|c| c.chosen).collect()
    }
}

/// `GET /use/new?draft=&step=basis|scope|papers`, posted to `/use/new` (multipart on the last step). Each step is saved in the draft.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_new.html")]
pub struct UseNewPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Draft id, hidden field `draft`; empty before the first save.
    pub draft: String,
    /// Which step.
    pub step: UseStep,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Answers so far.
    pub answers: UseAnswers,
    /// Largest letter, MB.
    pub upload_mb_max: u32,
    /// Longest range, days.
    pub range_days_max: u32,
}

/// `GET /use/new/check?draft=`, posted to `/use/new/check`: everything on one page before it is sent.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_check.html")]
pub struct UseCheckPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Draft id.
    pub draft: String,
    /// What still stops it, with links to the step.
    pub errors: FormErrors,
    /// The answers.
    pub answers: UseAnswers,
    /// What the law gate already says of it.
    pub gate: Vec<GateLine>,
}

/// One condition of the law and whether it is met.
#[derive(Debug, Clone)]
pub struct GateLine {
    /// Met.
    pub met: bool,
    /// What is asked, one sentence.
    pub what: Text,
    /// What was found, e.g. 2 名民警, or what is missing.
    pub found: Text,
    /// The clause.
    pub clause: Citation,
}

/// One officer of a request.
#[derive(Debug, Clone, Default)]
pub struct Officer {
    /// Name.
    pub name: String,
    /// Badge number.
    pub badge: String,
    /// Unit.
    pub unit: String,
    /// Signed in for this session, when.
    pub signed: Option<UtcMs>,
}

/// A paper of a request.
#[derive(Debug, Clone)]
pub struct Paper {
    /// What it is, e.g. 单位证明文件.
    pub kind: Text,
    /// Its number.
    pub number: String,
    /// File name.
    pub file: String,
    /// Where to open it.
    pub href: String,
    /// Size, bytes.
    pub size_bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// A camera within a request or grant.
#[derive(Debug, Clone)]
pub struct ScopeCamera {
    /// Camera id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// Footage there is within the asked range, ms.
    pub covered_ms: i64,
    /// Gaps within the range, count.
    pub gaps: u32,
}

/// Something that happened to a request.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// When.
    pub at: UtcMs,
    /// Who.
    pub who: String,
    /// What.
    pub what: Text,
    /// Entry of the log.
    pub log_index: Option<u64>,
}

/// An export of a request.
#[derive(Debug, Clone)]
pub struct ExportLine {
    /// Name of its file, or what it is called before it has one.
    pub file: String,
    /// Where to see it; empty where this account may not.
    pub href: String,
    /// How far it is, in a word.
    pub state: Text,
    /// Bytes.
    pub size_bytes: u64,
    /// When it was begun.
    pub begun: UtcMs,
}

/// What the account may do with this request now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RequestAct {
    /// Only look.
    #[default]
    None,
    /// The custodian decides: form to `/use/{id}/decide` with `decision`, `end_hours`, `reason`.
    Decide,
    /// The officers sign in.
    SignIn,
    /// The custodian shows it to a citizen, once the papers are seen: `/use/{id}/show`.
    Show,
    /// A session runs: go on viewing.
    View,
    /// The custodian may end the grant: form to `/use/{id}/close`.
    Close,
    /// The custodian may release the hold: form to `/use/{id}/release` with `reason`.
    Release,
}

/// `GET /use/{id}`: papers, scope, what the law gate says; the custodian approves or refuses here.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_request.html")]
pub struct UseRequestPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with the decision that was sent.
    pub errors: FormErrors,
    /// Request id.
    pub id: String,
    /// Number people quote.
    pub number: String,
    /// State.
    pub state: State,
    /// Basis in words.
    pub basis: Text,
    /// Case number.
    pub case_number: String,
    /// Purpose.
    pub purpose: String,
    /// Unit.
    pub unit: String,
    /// Officers.
    pub officers: Vec<Officer>,
    /// Papers.
    pub papers: Vec<Paper>,
    /// Cameras.
    pub cameras: Vec<ScopeCamera>,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// A copy is asked for too.
    pub want_copy: bool,
    /// Conditions of the law.
    pub gate: Vec<GateLine>,
    /// What this account may do.
    pub act: RequestAct,
    /// Why it was refused, once it was.
    pub refusal_reason: String,
    /// Who decides it, told to the custodian whose own it is; empty: not told.
    pub waits: Text,
    /// Until when the grant runs, once granted.
    pub grant_end: Option<UtcMs>,
    /// Proposed length of the grant, hours.
    pub end_hours: u32,
    /// What happened so far, oldest first.
    pub history: Vec<HistoryLine>,
    /// Exports begun, newest first.
    pub exports: Vec<ExportLine>,
    /// The order of the authority that it rests on; empty: none.
    pub order: String,
    /// It is shown to a citizen, under an order or on the citizen's own request; otherwise officers view.
    pub citizen: bool,
    /// A person asked for themselves: receipt and answer may be printed here.
    pub person: bool,
    /// It is decided.
    pub answered: bool,
}

impl UseRequestPage {
    /// All conditions are met.
    #[must_use]
    pub fn lawful(&self) -> bool {
        self.gate.iter().all(|g| g.met)
    }

    /// Conditions not met, count.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.gate.iter().filter(|g| !g.met).count()
    }

    /// Asked range, ms.
    #[must_use]
    pub fn range_ms(&self) -> i64 {
        self.to.since(self.from)
    }
}
