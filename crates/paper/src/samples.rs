//! Values to try a template with: every part is there, names and numbers are made up.
//!
//! What flows through: a document's name and a language -> values, whole, with the address of a check whose code is still to be drawn.

use base::Lang;
use serde_json::{Value, json};

/// The document that has values of its own.
const REPORT: &str = "duty-report";

/// Values of a document of this name, every part of it there; of a paper of casework more than it sets.
#[must_use]
pub fn sample(document: &str, lang: Lang) -> Value {
    if document == REPORT { duty_report(lang) } else { paper_of_a_case(lang) }
}

/// Every part of a paper of casework. Names and numbers are made up.
fn paper_of_a_case(lang: Lang) -> Value {
    let t = |zh: &'static str, en: &'static str| lang.t(zh, en);
    json!({
        "organ": t("示范市公安局示范分局", "Model City Police, Model Branch"), "title": t("示范文书", "Model document"),
        "date": t("2026年11月22日", "2026-11-22"), "number": t("示公技防示字〔2026〕1号", "No. 1 of 2026"),
        "to": t("示范酒店有限公司", "Model Hotel Ltd"),
        "copies": t("本文书一式两份，双方各执一份。", "In two copies, one for each side."),
        "paragraphs": [
            t("现就下列事项通知如下，请在收到后按照要求办理。", "Notice is given about the matter below."),
            t("有疑问的，请向承办人询问。", "Questions are answered by the officer named below."),
        ],
        "facts": [
            t("一层大厅入口的摄像机没有启用，录像缺失。", "The camera at the entrance of the hall was off; footage is missing."),
            t("没有建立登记制度，查阅视频信息没有记录。", "There is no register: who saw footage was not written down."),
        ],
        "basis": [
            { "article": t("《示范条例》第一条", "Model Ordinance, art. 1"), "text": t("条文按原文印出。", "As it is printed.") },
            { "article": t("《示范条例》第二条", "Model Ordinance, art. 2"), "text": "" },
        ],
        "decision": [t("责令按照规定改正。", "To be corrected as the ordinance says.")],
        "remedies": [
            t("不服本决定的，可以依法申请行政复议。", "Against this decision review may be asked for."),
            t("也可以依法向人民法院提起行政诉讼。", "Suit may also be brought before the court."),
        ],
        "attachments": [t("现场照片", "pictures of the place"), t("检查记录", "record of the inspection")],
        "particulars": [
            { "name": t("单位名称", "Name of the unit"), "value": t("示范酒店有限公司", "Model Hotel Ltd") },
            { "name": t("统一社会信用代码", "Credit code"), "value": "91350100M000100Y43" },
            { "name": t("法定代表人", "Legal representative"), "value": "", "hint": t("按营业执照填写", "as on the licence") },
        ],
        "stub": [{ "name": t("存根事由", "Cause"), "value": t("例行检查", "inspection") }],
        "tables": [{
            "title": t("检查表", "Checklist"), "heads": [t("序号", "No."), t("检查项目", "Item"), t("结果", "Result")], "widths": [1, 5, 2],
            "rows": (1..=12).map(|n| json!([n.to_string(), t("探测器的覆盖范围符合要求", "detectors cover the place"), t("正常", "good")]))
                .collect::<Vec<_>>(),
        }],
        "talk": [
            { "who": t("问", "Q"), "words": t("系统何时启用？", "Since when is the system in use?") },
            { "who": t("答", "A"), "words": t("去年十月启用。", "Since October of last year.") },
        ],
        "opinions": [
            {
                "role": t("承办人意见", "Officer"), "words": t("建议同意。", "In favour."), "by": t("李四", "Li Si"),
                "day": t("2026年11月20日", "2026-11-20"),
            },
            { "role": t("负责人意见", "Head"), "words": "", "by": "", "day": "" },
        ],
        "signatures": [
            { "role": t("执法人员", "Officer"), "name": t("李四", "Li Si"), "number": "000001", "note": "" },
            { "role": t("当事人", "Party"), "name": "", "note": "" },
        ],
        "qr": {
            "url": "https://gaj.example/public/verify?document=0190a1b2-0000-7000-8000-000000000000",
            "digest": "3fa2 91bc 0000 1111",
        },
    })
}

fn duty_report(lang: Lang) -> Value {
    let t = |zh: &'static str, en: &'static str| lang.t(zh, en);
    json!({
        "title": t("安全技术防范自查报告", "Self-check of technical prevention"), "number": "20261122-143205-000",
        "unit": t("示范酒店", "Model Hotel"), "place": t("示范市示范路1号", "1 Model Road"), "kind": t("旅馆业", "hotel"),
        "day": t("2026年11月22日", "2026-11-22"), "weighed": t("2026年11月22日 14时32分05秒", "2026-11-22 14:32:05 (Beijing)"), "total": 1,
        "tally": [{ "name": t("逾期", "overdue"), "count": 1 }, { "name": t("待履行", "due"), "count": 0 }],
        "duties": [{
            "title": t("验收后使用", "in use after acceptance"), "state": t("逾期", "overdue"), "when": t("自2026-11-01", "since 2026-11-01"),
            "cites": [t("《示范条例》第二十二条", "Model Ordinance, art. 22")], "gap": false,
            "missing": [t("没有验收的记录。", "No record of an acceptance.")], "facts": [], "next": "2026-12-01",
            "todo": [t("请登记验收文件。", "Enter the paper of the acceptance.")],
        }],
        "papers": [{ "kind": t("备案", "filing"), "title": t("备案回执", "receipt"), "number": "1", "day": "2026-11-22", "until": "—" }],
        "papers_left": 0,
    })
}
