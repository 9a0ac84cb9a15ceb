//! What the words of `clauses.toml` and `sanctions.toml` are called: status, force, who is addressed, how sure a penalty is, whom it
//! reaches and what follows.

use crate::pack::{Actor, Modality, PenaltyLink, Status};
use crate::sanction::{Fined, Grade, MeasureKind, Order};
use base::Text;

macro_rules! words {
    ($kind:ident { $($variant:ident $key:literal $zh:literal $en:literal),+ $(,)? }) => {
        impl $kind {
            /// Every one, in the order shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Word in the packs.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// Name for people.
            #[must_use]
            pub const fn name(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en),)+ }
            }
        }
    };
}

words! { Status {
    Enforced "enforced" "由程序执行" "enforced by the program",
    Procedure "procedure" "由程序步骤办理" "carried out by a procedure",
    Record "record" "由登记落实" "carried out by a register",
    Publication "publication" "由公布落实" "carried out by a publication",
    Sanction "sanction" "罚则" "a penalty clause",
    Notice "notice" "由标识、告示落实" "carried out by a sign or notice",
    Declared "declared" "仅作宣示，由组织落实" "organisational only",
    Gap "gap" "原文缺失" "its text is lost",
    Superseded "superseded" "已被替代" "superseded",
    NeedsRuling "needs_ruling" "待法制部门裁定" "waits for a legal decision",
}}

words! { Modality {
    Must "must" "应当" "must",
    MustNot "must_not" "不得、禁止" "must not",
    May "may" "可以" "may",
    Penalty "penalty" "罚则" "penalty",
    Definition "definition" "定义" "definition",
    Statement "statement" "一般规定" "statement",
}}

words! { PenaltyLink {
    Literal "literal" "字面" "as printed",
    SlipReading "slip_reading" "仅按笔误的理解" "only under the reading of a slip",
    PerhapsLost "perhaps_lost" "相应各项已缺失，可能" "perhaps: the items are lost",
}}

words! { Actor {
    Anyone "anyone" "任何单位和个人" "anyone",
    UsingUnit "using_unit" "使用单位" "using unit",
    ConstructionUnit "construction_unit" "建设单位" "construction unit",
    Provider "provider" "设计、安装、维护、运营服务单位" "provider",
    AlarmOperator "alarm_operator" "运营服务单位" "alarm operator",
    Manufacturer "manufacturer" "生产企业" "manufacturer",
    Seller "seller" "销售单位和个人" "seller",
    IndustryAssociation "industry_association" "行业组织" "industry association",
    CitizenApplicant "citizen_applicant" "申请查看的公民、法人和其他组织" "outside applicant",
    Police "police" "公安机关" "police",
    PoliceProvince "police_province" "省级公安机关" "provincial police",
    PoliceCity "police_city" "市级公安机关" "city police",
    StateSecurity "state_security" "国家安全机关" "state-security organ",
    StateOrgan "state_organ" "国家机关" "state organ",
    OtherDepartment "other_department" "其他有关部门" "other department",
    Official "official" "国家机关工作人员" "official",
    Government "government" "人民政府" "government",
}}

words! { Fined {
    Unit "unit" "单位" "unit",
    Person "person" "个人" "individual",
    Responsible "responsible" "单位的主管人员和直接责任人员" "person responsible in a unit",
    Official "official" "国家机关工作人员" "official",
}}

words! { Grade {
    Ordinary "ordinary" "一般" "ordinary",
    Overdue "overdue" "逾期不改正或者拒不改正" "not corrected in time",
    Loss "loss" "造成损失" "a loss caused",
    Serious "serious" "情节或者后果严重" "serious",
}}

words! { Order {
    None "none" "本条没有规定先责令" "no order named",
    Correct "correct" "责令限期改正" "order to correct within a limit",
    WarningAndCorrect "warning_and_correct" "警告，责令限期改正" "warning and order to correct within a limit",
    CorrectAndDelete "correct_and_delete" "责令限期改正并删除信息" "order to correct within a limit and to delete what was captured",
    Delete "delete" "删除信息" "deletion of what was captured",
    Stop "stop" "责令停止" "order to stop",
    Dismantle "dismantle" "责令拆除" "order to dismantle",
}}

words! { MeasureKind {
    ConfiscateGains "confiscate_gains" "没收违法所得" "confiscation of illegal gains",
    ConfiscateDevices "confiscate_devices" "没收设备" "confiscation of the devices",
    ForcedDismantling "forced_dismantling" "依法强制拆除" "forced dismantling under the enforcement law",
    Revoke "revoke" "撤销登记" "revocation",
    BanYears "ban_years" "不得再次申请（年）" "no new application (years)",
    DetentionDays "detention_days" "拘留（日）" "detention (days)",
    Disciplinary "disciplinary" "依法给予处分" "disciplinary sanction",
    DisciplinaryProposed "disciplinary_proposed" "可以建议给予处分" "a disciplinary sanction may be proposed",
    TellDepartment "tell_department" "通报主管部门处理业务和证照" "the competent department is told, to act on business and licences",
    Damages "damages" "依法赔偿" "damages by law",
    Crime "crime" "构成犯罪的，依法追究刑事责任" "prosecuted if it is a crime",
    OtherLaw "other_law" "依其他法律处罚" "punished under other law",
}}
