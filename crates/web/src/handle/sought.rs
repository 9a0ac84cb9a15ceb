//! Words that people use for what this site offers: a search for 监控录像 or "theft" finds the page that helps, though no title says so.
//!
//! ```text
//! typed words ─▶ words of a task, guide or service: the typed text has one of them, or one of them has the typed text ─▶ found
//! ```
//! Always true: the list only leads to pages that are there anyway; it says nothing about what the law asks.

use store::casework::search::normal;

/// A page and the words that lead to it, both languages.
pub(super) struct Guide {
    /// Address.
    pub href: &'static str,
    /// Title, Chinese.
    pub zh: &'static str,
    /// Title, English.
    pub en: &'static str,
    /// Words, parted by blanks; a word of several parts is joined by `_`.
    words: &'static str,
}

const GUIDES: &[Guide] = &[
    Guide {
        href: "/public/services",
        zh: "备案或者申请",
        en: "File or apply",
        words: "办事 办理 备案 申请 审批 许可 登记 材料 装摄像头 安装监控 apply application filing permit licence license form",
    },
    Guide {
        href: "/public/status",
        zh: "查我的办件",
        en: "Where is my case",
        words: "进度 办到哪 受理号 查询码 回执 办件 多久办完 status progress receipt my_case",
    },
    Guide {
        href: "/public/footage",
        zh: "看监控录像",
        en: "See footage",
        words: "监控 录像 监控录像 看监控 查监控 调监控 视频 摄像头 画面 被偷 被盗 偷了 丢了 丢失 失窃 自行车 电动车 手机丢 小偷 撞车 剐蹭 走失 保存多久 \
                footage camera cameras cctv video recording recordings theft thief stolen steal lost bicycle bike accident",
    },
    Guide {
        href: "/public/registers",
        zh: "查单位、产品和项目",
        en: "Look up a unit, product or project",
        words: "名录 登记簿 资质 有没有备案 安装公司 安装单位 安装企业 销售 厂家 产品 单位 处罚记录 装监控的公司 正规 \
                installer installers seller sellers maker company provider register registers directory product",
    },
    Guide {
        href: "/public/verify",
        zh: "核验一份文书",
        en: "Check a document",
        words: "真假 真伪 核验 文书 文号 证书 决定书 通知书 摘要 二维码 假的 verify genuine fake document certificate digest",
    },
    Guide {
        href: "/public/complaint",
        zh: "举报投诉",
        en: "Complain or report",
        words: "投诉 举报 民警 警察 辅警 态度 告状 违法安装 偷拍 偷窥 对着我家 隐私 卫生间 更衣室 试衣间 宾馆房间 \
                complain complaint report police officer unlawful illegal hidden spy privacy toilet",
    },
    Guide {
        href: "/public/notices",
        zh: "公告",
        en: "Notices",
        words: "公告 处罚 罚款 处罚决定 奖励 警示 公示 曝光 penalty penalties fine fines punished warning reward notice notices",
    },
    Guide {
        href: "/public/draws",
        zh: "检查计划与随机抽查",
        en: "Plans of inspections and draws",
        words: "检查 抽查 双随机 检查计划 摇号 inspection inspections draw draws random",
    },
    Guide {
        href: "/public/statistics",
        zh: "统计",
        en: "Statistics",
        words: "统计 数据 数量 多少件 statistics numbers figures",
    },
    Guide {
        href: "/law",
        zh: "法规",
        en: "Law",
        words: "法规 条例 法律 条文 规定 法条 依据 law laws ordinance regulation clause rules",
    },
];

/// Services by the word of their procedure; those that are not here are found by their names.
const SERVICES: &[(&str, &str)] = &[
    (
        "area_approval",
        "公共场所 公共区域 小区 街道 广场 装摄像头 安装监控 安装摄像头 批准 public_place install camera cameras square street",
    ),
    ("acceptance", "验收 检测 竣工 完工 acceptance test testing finished"),
    ("plan_examination", "设计 方案 图纸 审核 design drawing plan"),
    ("plan_review", "设计 方案 图纸 论证 design drawing plan"),
    ("product_registration", "厂家 生产 产品 制造 登记证 maker manufacturer product factory"),
    ("sales_filing", "卖 销售 门店 商店 经销 进货 seller sell shop sales"),
    ("provider_filing", "安装公司 安装单位 安装企业 维护 报警运营 资质 installer provider company maintenance"),
    ("outside_provider_filing", "外省 外地 安装公司 installer provider other_province"),
    ("relocation", "拆除 移动 迁移 调整 移位 move remove"),
    ("system_filing", "备案 摄像头 监控 店里 酒店 商场 camera cameras shop hotel filing"),
    (
        "citizen_viewing",
        "监控 录像 监控录像 看监控 查监控 被偷 被盗 丢失 自行车 footage camera cctv video theft stolen lost",
    ),
    (
        "person_viewing",
        "监控 录像 监控录像 看监控 查监控 被偷 被盗 丢失 自行车 孩子 老人 家属 footage camera cctv video theft stolen lost relative",
    ),
    ("evidence_retrieval", "监控 录像 证据 打官司 诉讼 取证 footage evidence court"),
    ("report_handling", "举报 投诉 偷拍 违法安装 对着我家 隐私 report complain privacy hidden"),
    ("misuse_report_a", "举报 投诉 传播 泄露 泄漏 上网 偷看 删除录像 出售 misuse leak spread sold report complain"),
    ("misuse_report_b", "举报 投诉 传播 泄露 泄漏 上网 偷看 删除录像 出售 misuse leak spread sold report complain"),
    ("unaccepted_report_a", "举报 投诉 没有验收 未验收 擅自使用 unaccepted acceptance report complain"),
    ("unaccepted_report_b", "举报 投诉 没有验收 未验收 擅自使用 unaccepted acceptance report complain"),
    ("sign_report_a", "举报 投诉 标识 提示牌 遮挡 对着我家 窗户 隐私 sign window mask privacy report complain"),
    ("sign_report_b", "举报 投诉 标识 提示牌 遮挡 对着我家 窗户 隐私 sign window mask privacy report complain"),
    ("conduct_referral_a", "投诉民警 民警 警察 执法 态度 police officer complain"),
    ("conduct_referral_b", "投诉民警 民警 警察 执法 态度 police officer complain"),
    ("review", "复议 不服 申诉 处罚 review appeal penalty"),
    ("lawsuit", "起诉 打官司 不服 法院 处罚 court sue lawsuit penalty"),
];

/// The typed text has one of the words, or one of them has the typed text; `asked` as `normal` makes it.
fn leads(words: &str, asked: &str) -> bool {
    let whole = |word: &str| {
        // Latin words stand by themselves ("plan" is none of "explanation"); Chinese has no blanks between them.
        if word.is_ascii() { format!(" {asked} ").contains(&format!(" {word} ")) } else { asked.contains(word) }
    };
    let is_long = asked.chars().count() >= 2;
    words
        .split_whitespace()
        .map(|word| normal(&word.replace('_', " ")))
        .any(|word| whole(&word) || (is_long && !word.is_ascii() && word.contains(asked)))
}

/// Guides and tasks that the typed text leads to; `asked` as `normal` makes it.
pub(super) fn guides(asked: &str) -> impl Iterator<Item = &'static Guide> + '_ {
    let named = move |guide: &Guide| [guide.zh, guide.en].iter().any(|name| normal(name).contains(asked));
    GUIDES.iter().filter(move |guide| !asked.is_empty() && (named(guide) || leads(guide.words, asked)))
}

/// Whether the typed text leads to the service of this procedure.
pub(super) fn service(procedure: &str, asked: &str) -> bool {
    SERVICES.iter().any(|(id, words)| *id == procedure && !asked.is_empty() && leads(words, asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str) -> Vec<&'static str> {
        guides(&normal(typed)).map(|guide| guide.href).collect()
    }

    #[test]
    fn what_citizens_type_leads_somewhere() {
        for typed in ["监控录像", "录像", "看监控", "自行车被偷", "footage", "camera", "Theft", "my bike was stolen"]
        {
            assert!(found(typed).contains(&"/public/footage"), "{typed}");
        }
        assert!(found("投诉民警").contains(&"/public/complaint"));
        assert!(found("处罚").contains(&"/public/notices"));
        assert!(found("installer").contains(&"/public/registers"));
    }

    #[test]
    fn nothing_leads_nowhere_and_no_word_is_found_inside_another() {
        assert!(found("").is_empty() && found("   ").is_empty() && found("沈阳示例安防").is_empty());
        assert!(found("explanation lawn").is_empty());
        assert!(service("person_viewing", "录像") && !service("person_viewing", "") && !service("nothing", "录像"));
    }

    #[test]
    fn every_service_of_the_list_is_a_procedure_of_the_packs() {
        let packs = law::Packs::embedded().unwrap();
        for (id, words) in SERVICES {
            assert!(packs.procedure(id).is_some(), "{id}");
            assert!(!words.trim().is_empty(), "{id}");
        }
    }
}
