//! What happened in a case: the list of these is the case, there is no other state.
//!
//! `decide` gives [`Event`]s, the store keeps them sealed and numbered ([`Recorded`]), `Case::fold` reads them. Always true: a name once
//! written stays (rows hold it); an event of a word or field that is not known is refused, never skipped; what persons wrote is printed by
//! no `Debug`.

use super::law_change::PackVersion;
use super::panel::PanelChange;
use crate::form::Values;
use crate::payment::Part;
use base::{AccountId, CaseId, CivilDate, ClauseId, Lang, OfficeId, PartyId, Sha256, Text, UtcMs};
use law::StopCause;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Words with a stable spelling and a name for people.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($variant:ident, $code:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "each has its name in both languages beside it")]
        pub enum $name {
            $($variant,)+
        }

        impl $name {
            /// Every one, in the order shown.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Stable word for rows, forms and the API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// Reads the word; `None` for any other.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// For people.
            #[must_use]
            pub const fn name(self) -> base::Text {
                match self {
                    $(Self::$variant => base::Text::new($zh, $en),)+
                }
            }
        }
    };
}
pub(crate) use coded;

coded! {
    /// How a case came in.
    Channel {
        Online, "online", "网上申请", "online";
        Counter, "counter", "窗口申请", "at the counter";
        OwnMotion, "own_motion", "依职权", "of the organ's own motion";
    }
}

coded! {
    /// What a paper is.
    PaperKind {
        Pdf, "pdf", "PDF", "PDF";
        Jpeg, "jpeg", "JPEG 图片", "JPEG picture";
        Png, "png", "PNG 图片", "PNG picture";
        Other, "other", "其他文件", "another file";
        OnPaper, "on_paper", "纸质件，存于档案", "on paper, kept in the archive";
    }
}

coded! {
    /// How a document was delivered.
    Way {
        OnTheSpot, "on_the_spot", "当场交付", "handed over on the spot";
        InPerson, "in_person", "直接送达", "delivered in person";
        Left, "left", "留置送达", "left at the place";
        Post, "post", "邮寄送达", "by post";
        Entrusted, "entrusted", "委托送达", "through another organ";
        Electronic, "electronic", "电子送达", "electronically, with consent";
        PublicNotice, "public_notice", "公告送达", "by public notice";
    }
}

coded! {
    /// What became of a request that somebody keep out of a case.
    Settlement {
        Asked, "asked", "已提出", "asked";
        Granted, "granted", "决定回避", "granted";
        Rejected, "rejected", "驳回", "rejected";
    }
}

/// Who decided whether the head of an office keeps out, where no other head of that office could.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ruling {
    /// A head of the office above, on this server.
    Above {
        /// That office.
        office: OfficeId,
    },
    /// An organ above that has no office here: its written decision was entered.
    Entered {
        /// The organ.
        organ: String,
        /// Number of the decision.
        number: String,
        /// Day of the decision.
        on: CivilDate,
    },
}

impl std::fmt::Debug for Ruling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Above { .. } => "Ruling(above)",
            Self::Entered { .. } => "Ruling(entered)",
        })
    }
}

/// Something that is missing, and why it is asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// Word of the material or field.
    pub id: String,
    /// What is wrong with it, or that it is not there.
    pub reason: String,
}

impl std::fmt::Debug for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Missing({})", self.id)
    }
}

/// What happened. `on` is the day it happened, where that decides; when it was entered stands in [`Recorded`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The case begins; its first step is still to be done.
    Opened {
        /// Word of the procedure.
        procedure: String,
        /// Digest of the packs that decide.
        digest: Sha256,
        /// The office that handles it.
        office: OfficeId,
        /// The day whose law decides.
        facts_on: CivilDate,
        /// How it came in.
        channel: Channel,
        /// Who applies, or whom it is about.
        party: Option<PartyId>,
        /// Short name for lists.
        title: String,
        /// How the packs stood; empty in cases that were opened before this was kept.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        law: Vec<PackVersion>,
        /// The case that it came from: of an inspection a penalty, of a fine its enforcement.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_case: Option<CaseId>,
    },
    /// Part of the form of a step was filled in; the step is not done.
    Filled {
        /// Step or outcome.
        step: String,
        /// What was filled in.
        values: Values,
    },
    /// A paper was handed in.
    PaperGiven {
        /// Material it is, or the step or outcome that it is the paper of.
        material: String,
        /// Digest of its bytes.
        sha256: Sha256,
        /// Size.
        bytes: u64,
        /// What it is.
        kind: PaperKind,
        /// Its file's name.
        name: Option<String>,
    },
    /// A paper was given back.
    PaperReturned {
        /// Which.
        sha256: Sha256,
        /// Why.
        reason: String,
    },
    /// Everything that is missing was named.
    AskedForRest {
        /// The step by which it is asked.
        step: String,
        /// The day.
        on: CivilDate,
        /// Materials.
        materials: Vec<Missing>,
        /// Fields.
        fields: Vec<Missing>,
        /// Last day that the party has, where the office set one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<CivilDate>,
    },
    /// A step was done.
    StepDone {
        /// Which.
        step: String,
        /// The day.
        on: CivilDate,
        /// Its form.
        values: Values,
        /// In words; may be empty.
        note: String,
        /// The officers who did it, where several must.
        officers: Vec<AccountId>,
        /// Numbers that its document sets, by clock.
        set: BTreeMap<String, u32>,
    },
    /// A decision was proposed.
    Proposed {
        /// Which.
        outcome: String,
        /// Its form.
        values: Values,
        /// Why.
        reasons: String,
        /// On what ground.
        clauses: Vec<ClauseId>,
    },
    /// The head sent the proposal back.
    SentBack {
        /// Why.
        reasons: String,
    },
    /// The legal review was made.
    Reviewed {
        /// It holds.
        passed: bool,
        /// What the reviewer says.
        opinion: String,
    },
    /// It was decided.
    Decided {
        /// How.
        outcome: String,
        /// The day.
        on: CivilDate,
        /// Its form.
        values: Values,
        /// Why.
        reasons: String,
        /// On what ground.
        clauses: Vec<ClauseId>,
        /// The officers, where several must.
        officers: Vec<AccountId>,
        /// Number of the delegation by which somebody decided in the head's place; none: a head, or whoever the packs leave it to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delegation: Option<String>,
    },
    /// A clock stands still.
    ClockStopped {
        /// Which.
        clock: String,
        /// What lets it.
        cause: StopCause,
        /// In words.
        reason: String,
        /// First day that does not count.
        from: CivilDate,
    },
    /// A clock goes on.
    ClockResumed {
        /// Which.
        clock: String,
        /// What had stopped it.
        cause: StopCause,
        /// In words.
        reason: String,
        /// Last day that does not count.
        to: CivilDate,
    },
    /// Leave was given to extend a clock.
    ClockExtended {
        /// Which.
        clock: String,
        /// Day of the leave.
        on: CivilDate,
        /// Why.
        reason: String,
    },
    /// Leave was given to do later, or in parts, what a clock sets a day for.
    Deferred {
        /// Which clock.
        clock: String,
        /// Day of the leave.
        on: CivilDate,
        /// Day on which the party asked for it.
        asked_on: CivilDate,
        /// The parts, by their days.
        parts: Vec<Part>,
        /// Why.
        reasons: String,
    },
    /// A step was entered wrongly and counts no more: it is open again.
    TakenBack {
        /// Which.
        step: String,
        /// Why.
        reasons: String,
    },
    /// Somebody handles it from now on.
    Assigned {
        /// Who.
        to: AccountId,
    },
    /// About somebody keeping out of the case.
    Recused {
        /// Who should.
        account: AccountId,
        /// Why, or why not.
        reason: String,
        /// What became of it.
        settled: Settlement,
        /// Who decided, where it was no head of the office of the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ruling: Option<Ruling>,
    },
    /// Something happened to the panel of experts.
    Panel {
        /// What.
        change: PanelChange,
    },
    /// A document was made.
    DocumentMade {
        /// Its kind in the catalogue of documents.
        kind: String,
        /// Its number.
        number: String,
        /// Digest of its bytes.
        sha256: Sha256,
        /// Pages.
        pages: u32,
        /// The language that it is written in; events of before do not say it, and their documents are Chinese.
        #[serde(default)]
        lang: Lang,
    },
    /// A document was delivered.
    Delivered {
        /// Digest of the document.
        document: Sha256,
        /// How.
        way: Way,
        /// The day.
        on: CivilDate,
    },
    /// A document counts no more; its number and its bytes stay.
    DocumentVoided {
        /// Digest of the document.
        document: Sha256,
        /// Why.
        reason: String,
    },
    /// It was entered in a register.
    Registered {
        /// Word of the register.
        register: String,
        /// The row.
        row: String,
    },
    /// It was published.
    Published {
        /// Word of the publication.
        publication: String,
        /// The row.
        row: String,
    },
    /// What was published was withdrawn.
    WithdrawnPublication {
        /// Word of the publication.
        publication: String,
        /// The row.
        row: String,
        /// Why; published too.
        reasons: String,
    },
    /// Other packs decide from now on.
    LawChanged {
        /// Digest so far.
        from: Sha256,
        /// Digest from now on.
        to: Sha256,
        /// How the packs stand; empty where this was not kept.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        law: Vec<PackVersion>,
    },
    /// The day whose law decides was entered wrongly and is put right.
    FactsChanged {
        /// The day so far.
        from: CivilDate,
        /// The day from now on.
        to: CivilDate,
        /// Why.
        reasons: String,
    },
    /// The applicant gave it up.
    Abandoned {
        /// Why; may be empty.
        reasons: String,
    },
    /// A slip of the pen in an earlier event: that stays as it is.
    Corrected {
        /// Number of the event that holds the slip.
        index: u32,
        /// What is right.
        what: String,
        /// How it came.
        reasons: String,
    },
    /// A note.
    Noted {
        /// In words.
        words: String,
    },
}

impl Event {
    /// Its stable word, as in rows and the log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Filled { .. } => "filled",
            Self::PaperGiven { .. } => "paper_given",
            Self::PaperReturned { .. } => "paper_returned",
            Self::AskedForRest { .. } => "asked_for_rest",
            Self::StepDone { .. } => "step_done",
            Self::Proposed { .. } => "proposed",
            Self::SentBack { .. } => "sent_back",
            Self::Reviewed { .. } => "reviewed",
            Self::Decided { .. } => "decided",
            Self::ClockStopped { .. } => "clock_stopped",
            Self::ClockResumed { .. } => "clock_resumed",
            Self::ClockExtended { .. } => "clock_extended",
            Self::Deferred { .. } => "deferred",
            Self::TakenBack { .. } => "taken_back",
            Self::Assigned { .. } => "assigned",
            Self::Recused { .. } => "recused",
            Self::Panel { .. } => "panel",
            Self::DocumentMade { .. } => "document_made",
            Self::Delivered { .. } => "delivered",
            Self::DocumentVoided { .. } => "document_voided",
            Self::Registered { .. } => "registered",
            Self::Published { .. } => "published",
            Self::WithdrawnPublication { .. } => "withdrawn_publication",
            Self::LawChanged { .. } => "law_changed",
            Self::FactsChanged { .. } => "facts_changed",
            Self::Abandoned { .. } => "abandoned",
            Self::Corrected { .. } => "corrected",
            Self::Noted { .. } => "noted",
        }
    }

    /// What pages and the log call it.
    #[must_use]
    pub const fn name(&self) -> Text {
        match self {
            Self::Opened { .. } => Text::new("建立案卷", "case opened"),
            Self::Filled { .. } => Text::new("填写表单", "form filled in"),
            Self::PaperGiven { .. } => Text::new("收到材料", "paper handed in"),
            Self::PaperReturned { .. } => Text::new("退还材料", "paper given back"),
            Self::AskedForRest { .. } => Text::new("一次告知补正", "what is missing was named"),
            Self::StepDone { .. } => Text::new("办理步骤", "step done"),
            Self::Proposed { .. } => Text::new("提出处理意见", "decision proposed"),
            Self::SentBack { .. } => Text::new("退回", "proposal sent back"),
            Self::Reviewed { .. } => Text::new("法制审核", "legal review made"),
            Self::Decided { .. } => Text::new("作出决定", "decided"),
            Self::ClockStopped { .. } => Text::new("期限停止计算", "clock stopped"),
            Self::ClockResumed { .. } => Text::new("期限恢复计算", "clock goes on"),
            Self::ClockExtended { .. } => Text::new("批准延长期限", "clock extended"),
            Self::Deferred { .. } => Text::new("批准暂缓或者分期", "leave to do it later or in parts"),
            Self::TakenBack { .. } => Text::new("更正误登的步骤", "step entered wrongly, taken back"),
            Self::Assigned { .. } => Text::new("指定承办人", "handler named"),
            Self::Recused { .. } => Text::new("回避", "recusal"),
            Self::Panel { .. } => Text::new("专家组", "panel of experts"),
            Self::DocumentMade { .. } => Text::new("制作文书", "document made"),
            Self::Delivered { .. } => Text::new("送达文书", "document delivered"),
            Self::DocumentVoided { .. } => Text::new("文书作废", "document void"),
            Self::Registered { .. } => Text::new("记入登记簿", "entered in a register"),
            Self::Published { .. } => Text::new("公布", "published"),
            Self::WithdrawnPublication { .. } => Text::new("撤回公布", "publication withdrawn"),
            Self::LawChanged { .. } => Text::new("适用的规则包改变", "other packs decide"),
            Self::FactsChanged { .. } => Text::new("更正事项发生之日", "day of the facts put right"),
            Self::Abandoned { .. } => Text::new("撤回申请", "application withdrawn"),
            Self::Corrected { .. } => Text::new("更正笔误", "slip corrected"),
            Self::Noted { .. } => Text::new("备注", "note"),
        }
    }

    /// The clauses it names; empty for most.
    #[must_use]
    pub fn clauses(&self) -> &[ClauseId] {
        match self {
            Self::Proposed { clauses, .. } | Self::Decided { clauses, .. } => clauses,
            _ => &[],
        }
    }

    /// It may follow the giving up of the case: nothing is decided or moved by it.
    #[must_use]
    pub const fn winds_up(&self) -> bool {
        matches!(
            self,
            Self::PaperReturned { .. }
                | Self::DocumentMade { .. }
                | Self::Delivered { .. }
                | Self::DocumentVoided { .. }
                | Self::Corrected { .. }
                | Self::Noted { .. }
        )
    }
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Event({})", self.kind())
    }
}

/// An event as it was kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Its number in the case, from 0.
    pub index: u32,
    /// When it was entered.
    pub at: UtcMs,
    /// By whom.
    pub by: AccountId,
    /// What happened.
    pub event: Event,
}
