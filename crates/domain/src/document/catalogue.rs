//! Which papers of casework there are: code, names, family, the clause they stand on where one says it, and the parts that each must have.
//!
//! Data, and nothing else. Always true: each code has a template file of its name, with dashes, which asks for the same parts in its
//! line `needs`; each paper that a procedure of the packs names is here, or is made by somebody else (a court, an organ of review, a unit).

use super::Part;
use base::{ClauseId, Text};

/// What a paper belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Family {
    /// Licences and decisions on applications.
    Permit,
    /// Filings.
    Filing,
    /// Plans and acceptance of systems.
    Project,
    /// Inspections.
    Inspection,
    /// Orders to correct and what follows them.
    Correction,
    /// Penalties, their service and their enforcement.
    Penalty,
    /// Access to recorded information.
    Viewing,
    /// What is published.
    Publication,
    /// The file of a case: what goes before a decision, and what holds it together.
    File,
}

impl Family {
    /// All, in the order shown.
    pub const ALL: [Self; 9] = [
        Self::Permit,
        Self::Filing,
        Self::Project,
        Self::Inspection,
        Self::Correction,
        Self::Penalty,
        Self::Viewing,
        Self::Publication,
        Self::File,
    ];

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Permit => Text::new("许可和申请", "licences and applications"),
            Self::Filing => Text::new("备案", "filings"),
            Self::Project => Text::new("方案和验收", "plans and acceptance"),
            Self::Inspection => Text::new("检查", "inspection"),
            Self::Correction => Text::new("整改", "correction"),
            Self::Penalty => Text::new("处罚和执行", "penalty and enforcement"),
            Self::Viewing => Text::new("信息查阅", "access to information"),
            Self::Publication => Text::new("公开", "publication"),
            Self::File => Text::new("案卷", "file of the case"),
        }
    }
}

/// A kind of paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Document {
    /// Stable word, in entries and addresses.
    pub code: &'static str,
    /// Its name in Chinese, which is the title that a paper has where nobody gives another.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// What it belongs to.
    pub family: Family,
    /// Clause that asks for it; empty where none is sure.
    pub clause: &'static str,
    /// Names under which procedures of the packs have it.
    pub also: &'static [&'static str],
    /// Parts that it must have beside those of every paper.
    pub parts: &'static [Part],
}

impl Document {
    /// Parts that every paper has.
    pub const ALWAYS: [Part; 3] = [Part::Organ, Part::Title, Part::Date];

    /// The kind of this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<&'static Self> {
        DOCUMENTS.iter().find(|d| d.code == code)
    }

    /// The kind that a procedure of the packs means by this Chinese name of an outcome's document.
    #[must_use]
    pub fn named(zh: &str) -> Option<&'static Self> {
        DOCUMENTS.iter().find(|d| d.zh == zh || d.also.contains(&zh))
    }

    /// What people call it.
    #[must_use]
    pub const fn name(&self) -> Text {
        Text::new(self.zh, self.en)
    }

    /// Name of its template: the code with dashes.
    #[must_use]
    pub fn template(&self) -> String {
        self.code.replace('_', "-")
    }

    /// The clause that asks for it.
    #[must_use]
    pub fn clause(&self) -> Option<ClauseId> {
        Some(self.clause).filter(|id| !id.is_empty()).map(ClauseId::new)
    }

    /// It stays in the file of the case: nobody is served with it and the public has nothing to check by it.
    #[must_use]
    pub fn is_inner(&self) -> bool {
        INNER.contains(&self.code)
    }

    /// Every part that it must have.
    pub fn needs(&self) -> impl Iterator<Item = Part> + use<> {
        Self::ALWAYS.into_iter().chain(self.parts.iter().copied())
    }
}

/// Papers that go before a decision or hold the file together; who decides and who keeps the file reads them.
const INNER: [&str; 10] = [
    "inspection_approval",
    "case_approval",
    "evidence_approval",
    "investigation_report",
    "group_discussion",
    "hearing_report",
    "case_closing_report",
    "decision_approval",
    "file_cover",
    "file_index",
];

macro_rules! documents {
    ($($family:ident $code:literal $zh:literal $en:literal [$($clause:literal)?] [$($also:literal),*] [$($part:ident),+];)+) => {
        /// Every kind, by family.
        pub const DOCUMENTS: &[Document] = &[$(Document {
            code: $code,
            zh: $zh,
            en: $en,
            family: Family::$family,
            clause: concat!($($clause)?),
            also: &[$($also),*],
            parts: &[$(Part::$part),+],
        }),+];
    };
}

// Family, code, names; the clause; names in the packs; parts beside organ, title and date.
documents! {
    Permit "application" "申请表" "application form" ["AL-30"] [] [To, Particulars, Signatures];
    Permit "material_receipt" "申请材料接收凭证" "receipt of materials" [] [] [Number, To, Tables];
    Permit "completion_notice" "申请材料补正一次性告知书" "one-time notice of missing material" ["AL-32"] [] [Number, To, Facts, Basis];
    Permit "acceptance_notice" "受理通知书" "notice of acceptance" ["AL-32"] [] [Number, To, Paragraphs, Basis];
    Permit "non_acceptance" "不予受理决定书" "decision not to accept" ["AL-32"] [] [Number, To, Facts, Basis, Decision, Remedies];
    Permit "extension_notice" "延长办理期限告知书" "notice of extension" ["AL-42"] [] [Number, To, Facts, Basis, Decision];
    Permit "special_procedure_notice" "特别程序告知书" "notice of a special procedure" ["AL-45"] [] [Number, To, Facts, Basis, Decision];
    Permit "grant_decision" "准予行政许可决定书" "decision to grant an administrative licence" ["AL-40"] [] [Number, To, Basis, Decision];
    Permit "refusal_decision" "不予行政许可决定书" "decision not to grant an administrative licence" ["AL-38"] ["不予批准决定书"] [Number, To, Facts, Basis, Decision, Remedies];
    Permit "revocation_decision" "撤销行政许可决定书" "decision to revoke an administrative licence" ["AL-79"] ["撤销生产登记决定书"] [Number, To, Facts, Basis, Decision, Remedies];
    Permit "general_decision" "决定书" "decision" [] ["批准决定书", "协商意见", "确定决定", "表彰奖励决定"] [Number, To, Basis, Decision];
    Permit "certificate" "证书" "certificate" ["AL-44"] ["安全技术防范产品生产登记批准书"] [Number, Particulars];
    Filing "filing_receipt" "备案回执" "receipt of filing" ["799-14"] [] [Number, To, Particulars];
    Filing "filing_change" "备案变更登记表" "change of a filing" [] [] [To, Particulars, Signatures];
    Filing "filing_refusal" "不予备案告知书" "notice that a filing is not accepted" [] [] [Number, To, Facts, Basis, Decision, Remedies];
    Filing "filing_cancellation" "备案注销通知书" "notice that a filing is cancelled" [] [] [Number, To, Particulars, Decision];
    Project "plan_examination_opinion" "设计方案审核意见书" "result of the examination of a design plan" ["B-19-1"] [] [Number, To, Facts, Basis, Decision];
    Project "plan_review_record" "设计方案论证记录" "record of the review of a design plan" ["A-12-2"] ["论证意见"] [Particulars, Decision, Signatures];
    Project "consultation_refusal" "协商不一致告知书" "notice that no agreement was reached" ["A-9-2"] [] [Number, To, Facts, Basis, Decision, Remedies];
    Project "acceptance_record" "竣工验收记录" "acceptance record" ["B-19-2-2"] [] [Particulars, Tables, Decision, Signatures];
    Inspection "inspection_approval" "检查审批表" "approval of an inspection" [] [] [Number, Particulars, Basis, Opinions];
    Inspection "inspection_notice" "检查通知书" "notice of inspection" [] [] [Number, To, Paragraphs, Basis, Stub];
    Inspection "inspection_record" "现场检查记录" "record of an inspection on the spot" [] ["检查记录"] [Particulars, Tables, Signatures];
    Inspection "verification_answer" "查证情况答复书" "answer on what was verified" [] [] [Number, To, Facts, Basis, Decision];
    Correction "order_at_once" "责令当场改正通知书" "order to correct at once" ["AP-28-1"] [] [Number, To, Facts, Basis, Decision, Remedies, Signatures];
    Correction "order_with_limit" "责令限期改正通知书" "order to correct within a time limit" ["AP-28-1"] [] [Number, To, Facts, Basis, Decision, Remedies, Stub];
    Correction "order_extension" "延长改正期限通知书" "notice of more time to correct" [] [] [Number, To, Facts, Decision];
    Correction "recheck_opinion" "复查意见书" "re-inspection opinion" [] [] [Number, To, Facts, Decision];
    Correction "transfer_letter" "案件移送函" "letter of transfer" ["AP-57"] ["移送案件通知书"] [Number, To, Facts, Basis];
    Penalty "case_approval" "立案审批表" "approval to open a case" ["AP-54"] [] [Particulars, Facts, Basis, Opinions];
    Penalty "questioning_record" "询问笔录" "record of questioning" [] [] [Particulars, Talk, Signatures];
    Penalty "scene_record" "勘验检查笔录" "record of the examination of a scene" ["PP-52"] [] [Particulars, Facts, Signatures];
    Penalty "sampling_notice" "抽样取证通知书" "notice of samples taken as evidence" ["AP-56"] []
        [Number, To, Particulars, Basis, Decision, Tables, Signatures];
    Penalty "sampling_outcome" "抽样取证物品处理通知书" "notice of what becomes of samples" ["AP-56"] []
        [Number, To, Basis, Decision, Tables, Signatures];
    Penalty "evidence_approval" "证据保全审批表" "approval to keep evidence or take samples" ["AP-56"] []
        [Number, Particulars, Facts, Basis, Opinions];
    Penalty "evidence_registration" "先行登记保存证据通知书" "notice of registered preservation of evidence" ["AP-56"] [] [Number, To, Basis, Decision, Tables, Signatures];
    Penalty "evidence_outcome" "登记保存证据处理决定书" "decision on evidence under registered preservation" ["AP-56"] []
        [Number, To, Basis, Decision, Tables, Signatures];
    Penalty "investigation_report" "案件调查终结报告" "report at the end of the investigation" ["AP-57"] [] [Particulars, Facts, Basis, Decision, Opinions];
    Penalty "group_discussion" "集体讨论记录" "record of the discussion by those in charge" ["AP-57"] [] [Particulars, Talk, Decision, Signatures];
    Penalty "prior_notice" "行政处罚告知书" "prior notice of an administrative penalty" ["AP-44"] [] [Number, To, Facts, Basis, Decision, Remedies];
    Penalty "statement_record" "陈述申辩笔录" "record of a statement and defence" ["AP-45"] [] [Particulars, Talk, Signatures];
    Penalty "hearing_notice" "听证通知书" "notice of a hearing" ["AP-64"] [] [Number, To, Paragraphs, Basis];
    Penalty "hearing_record" "听证笔录" "record of a hearing" ["AP-64"] [] [Particulars, Talk, Signatures];
    Penalty "hearing_report" "听证报告书" "report on a hearing" [] [] [Particulars, Facts, Opinions];
    Penalty "penalty_decision" "行政处罚决定书" "penalty decision" ["AP-59"] [] [Number, To, Particulars, Facts, Basis, Decision, Remedies];
    Penalty "no_penalty_decision" "不予行政处罚决定书" "decision not to impose an administrative penalty" ["AP-57"] [] [Number, To, Facts, Basis, Decision, Remedies];
    Penalty "no_case_notice" "违法事实不能成立告知书" "notice that the alleged violation is not established" ["AP-57"] [] [Number, To, Facts, Basis, Decision, Remedies];
    Penalty "reporter_notice" "举报处理结果告知书" "notice of the result to the person who reported" ["AP-57"] [] [Number, To, Decision];
    Penalty "on_the_spot_decision" "当场处罚决定书" "on-the-spot penalty decision" ["AP-52"] []
        [Number, To, Particulars, Facts, Basis, Decision, Remedies, Signatures];
    Penalty "service_receipt" "送达回证" "receipt of service" ["AP-61"] [] [Particulars, Signatures];
    Penalty "deferred_payment" "延期（分期）缴纳罚款决定书" "decision on deferred payment" ["AP-66"] [] [Number, To, Facts, Basis, Decision];
    Penalty "deferral_request" "延期（分期）缴纳罚款申请书" "request to pay a fine later" ["AP-66"] [] [To, Particulars, Signatures];
    Penalty "deferral_refusal" "不予延期（分期）缴纳罚款决定书" "refusal of deferred payment" ["AP-66"] [] [Number, To, Facts, Basis, Decision];
    Penalty "payment_reminder" "催告书" "written demand" ["AC-35"] [] [Number, To, Facts, Basis, Decision, Remedies];
    Penalty "enforcement_decision" "强制执行决定书" "enforcement decision" ["AC-37"] [] [Number, To, Facts, Basis, Decision, Remedies];
    Penalty "enforcement_request" "强制执行申请书" "application to the court for enforcement" ["AC-53"] []
        [Number, To, Particulars, Facts, Basis, Decision, Attachments];
    Penalty "case_closing_report" "结案报告" "closing report of a case" [] [] [Particulars, Facts, Decision, Opinions];
    Viewing "viewing_decision" "查看采获信息文书" "document for viewing" ["A-25-1-f2"] [] [Number, To, Particulars, Basis, Decision];
    Viewing "viewing_refusal" "不予查看告知书" "notice of refusal to show" ["A-25-1"] ["不予查阅告知书", "不予调取告知书"] [Number, To, Facts, Basis, Decision, Remedies];
    Viewing "viewing_record" "查看记录" "record of a viewing" ["A-25-1-f2"] [] [Particulars, Signatures];
    Viewing "retrieval_papers" "调取手续" "papers for retrieval" ["A-25-2"] [] [Number, To, Particulars, Basis, Decision];
    Viewing "retrieval_list" "调取清单" "list of what was taken" ["A-25-2"] [] [Particulars, Tables, Signatures];
    Viewing "extraction_record" "电子数据提取笔录" "record of the extraction of electronic data" [] [] [Particulars, Tables, Signatures];
    Viewing "handover_receipt" "电子数据移交清单" "list of data handed over, with its receipt" [] [] [To, Particulars, Tables, Signatures];
    Viewing "access_register_extract" "信息查阅登记册摘录" "extract of the access register" ["799-16"] [] [Particulars, Tables];
    Viewing "act_record" "工作记录" "record of an act" [] ["紧急使用记录", "联网记录"] [Particulars, Facts, Signatures];
    Publication "warning_notice" "警示公告" "warning notice" ["A-28"] [] [Facts, Basis];
    Publication "register_extract" "登记册摘录" "extract of a register" [] [] [Number, Particulars, Tables];
    Publication "penalty_publication" "行政处罚决定公开" "publication of a penalty" ["AP-48"] [] [Tables];
    Publication "withdrawal_notice" "撤回公开信息公告" "notice of withdrawal of a publication" ["AP-48"] [] [Facts, Basis, Decision];
    Publication "draw_result" "随机抽查抽取结果" "result of a random draw" [] [] [Particulars, Paragraphs, Tables];
    Publication "bulletin" "公报" "bulletin" [] ["技防信息公告"] [Paragraphs];
    File "decision_approval" "处理决定呈批表" "approval of a decision" [] [] [Particulars, Decision, Opinions];
    File "file_cover" "案卷封面" "cover of the case file" [] [] [Particulars];
    File "file_index" "卷内文件目录" "index of the case file" [] [] [Particulars, Tables];
}
