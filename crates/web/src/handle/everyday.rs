//! What people call a service, beside the name that the packs have for it.
//!
//! ```text
//! word of a procedure ─▶ about: one line of everyday words (list of services, search by eye) · complaint: what somebody says who complains
//! ```
//! Always true: these are words only: who may apply, what it needs and which office takes it stand in the packs; a procedure that is not
//! named here keeps its own name and has no line.

use base::Text;
use law::{Procedure, ProcedureKind};

/// One line under the name of a service, by word of its procedure.
static ABOUT: [(&str, Text); 23] = [
    (
        "person_viewing",
        Text::new(
            "想看监控录像：公共场所拍到自己或者自己的物品",
            "see footage of a public place that shows you or your things",
        ),
    ),
    ("citizen_viewing", Text::new("想看监控录像：公民、单位申请查看", "see footage: for citizens and units")),
    (
        "evidence_retrieval",
        Text::new("打官司、处理纠纷，要用监控录像作证据", "footage as evidence in a lawsuit or a dispute"),
    ),
    ("system_filing", Text::new("公共场所装了监控，向公安机关备案", "tell the police of cameras in a public place")),
    (
        "provider_filing",
        Text::new("安装、维护监控和报警系统的公司备案", "filing of firms that install or maintain systems"),
    ),
    (
        "outside_provider_filing",
        Text::new("外省公司、个人来本省做安装、维护", "firms and persons of other provinces that work here"),
    ),
    ("sales_filing", Text::new("卖监控、报警产品的商店、公司备案", "filing of shops and firms that sell the products")),
    ("product_registration", Text::new("生产监控、报警产品的企业登记", "registration of makers of the products")),
    (
        "area_approval",
        Text::new("在街道、广场等公共区域安装监控", "cameras in streets, squares and other public areas"),
    ),
    (
        "plan_examination",
        Text::new("装监控、报警系统，开工前送审设计方案", "have the plan of a system examined before the works"),
    ),
    (
        "plan_review",
        Text::new("装监控、报警系统，开工前论证设计方案", "have the plan of a system reviewed before the works"),
    ),
    ("acceptance", Text::new("监控、报警系统装好以后检测、验收", "testing and acceptance of a finished system")),
    ("relocation", Text::new("施工要移动、拆改公共区域的监控", "works that move or change cameras of a public area")),
    ("report_handling", Text::new("举报有人违法装监控、偷拍设备", "report a camera that was put up unlawfully")),
    (
        "misuse_report_a",
        Text::new(
            "录像被传播、出售、乱看，删改录像，举报",
            "footage spread, sold, looked at by anybody, or altered: report it",
        ),
    ),
    (
        "misuse_report_b",
        Text::new(
            "录像被传播、出售、乱看，删改录像，举报",
            "footage spread, sold, looked at by anybody, or altered: report it",
        ),
    ),
    (
        "unaccepted_report_a",
        Text::new("监控、报警系统没有验收就使用，举报", "a system that is used before it was accepted: report it"),
    ),
    (
        "unaccepted_report_b",
        Text::new("监控、报警系统没有验收就使用，举报", "a system that is used before it was accepted: report it"),
    ),
    (
        "sign_report_a",
        Text::new(
            "没有监控提示标识，或者镜头对着住宅门窗、隐私场所，举报",
            "no sign, or a camera that looks at windows of homes or private places: report it",
        ),
    ),
    (
        "sign_report_b",
        Text::new(
            "没有监控提示标识，或者宿舍、浴室等隐私场所装了监控，举报",
            "no sign, or a camera in a private place such as a dormitory or a bath: report it",
        ),
    ),
    ("review", Text::new("对公安机关的决定不服，申请复议", "have a decision of the police reviewed")),
    ("lawsuit", Text::new("对公安机关的决定不服，到法院起诉", "go to court against a decision of the police")),
    (
        "permit",
        Text::new(
            "没有单独列出的行政许可，按这个一般程序办；列出的事项请直接选那一项",
            "only for a licence that is not listed by itself; for a listed one choose that",
        ),
    ),
];

/// What somebody wants to say, by word of the procedure that takes it.
static COMPLAINTS: [(&str, Text); 10] = [
    ("report_handling", Text::new("举报违法安装的摄像机", "Report a camera put up unlawfully")),
    (
        "warning_notice",
        Text::new("投诉安装、维护公司违法或者服务不好", "Complain of an installer's unlawful act or bad service"),
    ),
    ("conduct_referral_a", Text::new("反映民警、公安机关的问题", "Report a police officer or a police office")),
    ("conduct_referral_b", Text::new("反映民警、国家机关的问题", "Report a police officer or a state organ")),
    (
        "misuse_report_a",
        Text::new("举报录像被乱看、传播、删改", "Report that footage was spread, looked at without right, or altered"),
    ),
    (
        "misuse_report_b",
        Text::new("举报录像被乱看、传播、删改", "Report that footage was spread, looked at without right, or altered"),
    ),
    ("unaccepted_report_a", Text::new("举报系统没有验收就使用", "Report a system that is used before acceptance")),
    ("unaccepted_report_b", Text::new("举报系统没有验收就使用", "Report a system that is used before acceptance")),
    ("sign_report_a", Text::new("举报没有标识、没有遮挡隐私区域", "Report a missing sign, or a private place in view")),
    ("sign_report_b", Text::new("举报没有标识、没有遮挡隐私区域", "Report a missing sign, or a private place in view")),
];

/// What happens next with a report, by the begin of the word of its procedure: each province has its own.
static NEXT: [(&str, Text); 3] = [
    (
        "misuse_report",
        Text::new(
            "当地公安机关核查登记和系统日志，听取单位说明；查证属实的转监督检查或者处罚，涉及网络传播的移送有权的部门，结果可以凭受理编号查询。请保留截图、链接，不要再转发。",
            "The local police look into the register and the log of the system and hear the unit; what is verified goes to an inspection or a penalty case, what was spread online to the authority for it. The result is found by the receipt. Keep pictures and links of it, and do not pass it on.",
        ),
    ),
    (
        "unaccepted_report",
        Text::new(
            "当地公安机关核对验收资料；没有验收的，责令限期改正，依法可以处罚的转处罚，结果可以凭受理编号查询。",
            "The local police compare the papers of the acceptance; without one an order to correct follows, and where the law has one a penalty case. The result is found by the receipt.",
        ),
    ),
    (
        "sign_report",
        Text::new(
            "当地公安机关到现场核查；没有标识的责令改正，拍到隐私场所、隐私部位的依法处理，结果可以凭受理编号查询。",
            "The local police look at the place; a missing sign is ordered, a view of private places is dealt with by law. The result is found by the receipt.",
        ),
    ),
];

/// The procedure that takes complaints of an installer's service.
const OF_SERVICE: &str = "warning_notice";

fn of(list: &[(&str, Text)], id: &str) -> Option<Text> {
    list.iter().find(|(word, _)| *word == id).map(|(_, text)| text.clone())
}

/// One line of everyday words; empty: there is none.
pub(super) fn about(procedure: &Procedure) -> Text {
    of(&ABOUT, &procedure.id).unwrap_or_default()
}

/// What a complaint of this procedure is, as whoever complains would say.
pub(super) fn complaint(procedure: &Procedure) -> Text {
    of(&COMPLAINTS, &procedure.id).unwrap_or_else(|| procedure.name())
}

/// Whether one of these takes complaints of an installer's service.
pub(super) fn takes_service(ways: &[&Procedure]) -> bool {
    ways.iter().any(|p| p.id == OF_SERVICE)
}

/// What happens next, and what fits none of the forms: for bad service where no form here takes it, and for what an officer did that the
/// clauses do not list.
pub(super) fn beside(ways: &[&Procedure], chosen: &Procedure) -> Text {
    if let Some((_, text)) = NEXT.iter().find(|(word, _)| chosen.id.starts_with(word)) {
        return text.clone();
    }
    if chosen.kind == ProcedureKind::Internal {
        return Text::new(
            "不办事、拖延、态度不好等没有列出的情形，选“其他”那一项，写清时间、地点和经过，由受理机关归类。也可以拨打 12389，这是公安机关和民警违法违纪举报电话。",
            "For what is not listed, such as delay, rudeness or nothing being done, choose the last answer and say when, where and how; the office sorts it. You may also call 12389, the line for reports about the police.",
        );
    }
    if takes_service(ways) {
        return Text::default();
    }
    Text::new(
        "对安装、维护公司的服务不满意的：本地的条例没有规定由公安机关处理，请按合同找该公司，或者拨打 12315 向市场监督管理部门投诉。",
        "For bad service of an installer: the ordinance here gives that to no police office. Go to the firm under your contract, or call 12315, the market supervision authority.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_of_a_procedure_of_the_packs_and_of_one_only() {
        let packs = law::Packs::embedded().unwrap();
        for list in [ABOUT.as_slice(), COMPLAINTS.as_slice()] {
            for (at, (id, _)) in list.iter().enumerate() {
                assert!(packs.procedure(id).is_some(), "{id}");
                assert!(list.iter().skip(at + 1).all(|(other, _)| other != id), "{id} twice");
            }
        }
    }

    #[test]
    fn bad_service_has_a_place_to_go_where_no_form_takes_it() {
        let packs = law::Packs::embedded().unwrap();
        let of = |id: &str| packs.procedure(id).unwrap();
        let (report, notice, referral) = (of("report_handling"), of("warning_notice"), of("conduct_referral_a"));
        assert!(beside(&[report], report).zh.contains("12315"));
        assert_eq!(beside(&[report, notice], report), Text::default());
        assert!(beside(&[report, referral], referral).zh.contains("12389"));
    }

    #[test]
    fn what_happens_next_with_a_report_is_said_in_each_province() {
        let packs = law::Packs::embedded().unwrap();
        for (word, text) in &NEXT {
            for province in ["a", "b"] {
                let report = packs.procedure(&format!("{word}_{province}")).unwrap();
                assert_eq!(beside(&[report], report), *text);
                assert_ne!(complaint(report), report.name(), "in plain words");
            }
        }
    }

    #[test]
    fn whoever_looks_for_footage_or_cameras_finds_a_word_of_theirs() {
        let packs = law::Packs::embedded().unwrap();
        let line = |id: &str| about(packs.procedure(id).unwrap());
        assert!(line("person_viewing").zh.contains("监控录像") && line("system_filing").zh.contains("监控"));
        assert_eq!(line("penalty_case"), Text::default(), "nobody applies for that");
        let area = packs.procedure("area_approval").unwrap();
        assert_eq!(complaint(area), area.name(), "what is not named keeps its own name");
    }
}
