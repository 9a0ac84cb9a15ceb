//! What the words of `clauses.toml` are called: status, force, who is addressed, how sure a penalty is.

use crate::pack::{Actor, Modality, PenaltyLink, Status};
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
