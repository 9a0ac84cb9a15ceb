//! Complaints and reports without an account: each has its form in plain words, a receipt, and an answer for whoever has number and code.

use crate::harness::{Got, Server};
use crate::public::{PERSON, between, office};
use authority::cases::complaint_fields;

/// The filled sample of the complaint's form, for a place of the office.
fn complaint(procedure: &str) -> Vec<(String, String)> {
    let packs = law::Packs::embedded().unwrap();
    let procedure = packs.procedure(procedure).unwrap();
    let value = |f: &law::Field| match f.kind {
        law::FieldKind::Division => "230102".to_owned(),
        law::FieldKind::Name => PERSON.to_owned(),
        _ => f.sample.clone(),
    };
    let mut out = vec![("about".to_owned(), procedure.id.clone())];
    out.extend(complaint_fields(procedure).iter().map(|f| (f.id.clone(), value(f))));
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn misuse_use_before_acceptance_and_missing_signs_are_reported_in_plain_words() {
    let server = Server::of_authority().await;
    office(&server).await;
    let mut nobody = server.browser();
    let first = nobody.get("/public/complaint").await.text;
    assert!(first.contains("name=\"about\" value=\"report_handling\""), "who chooses nothing: {first:.4000}");
    for (way, words, next) in [
        ("misuse_report_b", "举报录像被乱看、传播、删改", "不要再转发"),
        ("unaccepted_report_b", "举报系统没有验收就使用", "责令限期改正"),
        ("sign_report_b", "举报没有标识、没有遮挡隐私区域", "现场核查"),
    ] {
        let page = nobody.get(&format!("/public/complaint?about={way}")).await.text;
        assert!(first.contains(words) && page.contains(next), "{way}: {page:.6000}");
        let fields = complaint(way);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let mut wrong = fields.clone();
        wrong.retain(|(name, _)| *name != "conduct");
        let got = nobody.post("/public/complaint", &wrong).await;
        assert!(got.status == 400 && got.text.contains("field-error"), "{way}: {:.3000}", got.text);
        let got = nobody.post("/public/complaint", &fields).await;
        assert!(got.status == 200 && got.text.contains("data-receipt=\""), "{way}: {:.3000}", got.text);
        assert!(!got.text.contains(PERSON), "the receipt names nobody");
    }
    let mut nobody = server.browser();
    let elsewhere = nobody.get("/public/complaint?about=misuse_report_a").await.text;
    assert!(!elsewhere.contains("value=\"misuse_report_a\""), "of another province: {elsewhere:.3000}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_gives_a_receipt_by_which_alone_its_case_is_found() {
    let server = Server::of_authority().await;
    office(&server).await;
    let mut nobody = server.browser();
    nobody.get("/public/complaint").await;
    let fields = complaint("report_handling");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let mut wrong = fields.clone();
    wrong.retain(|(name, _)| *name != "reported");
    let got = nobody.post("/public/complaint", &wrong).await;
    assert!(got.status == 400 && got.text.contains("field-error"), "{:.3000}", got.text);
    let got = nobody.post("/public/complaint", &fields).await;
    assert_eq!(got.status, 200, "{:.3000}", got.text);
    let receipt = between(&got.text, "data-receipt=\"", "\"").to_owned();
    let codes: Vec<&str> = got.text.split("<dd class=\"code mono\">").skip(1).collect();
    let code = codes[1].split_once('<').unwrap().0.to_owned();
    assert!(!got.text.contains(PERSON), "the receipt names nobody");
    assert!(got.text.contains("href=\"/public/status?receipt=%"), "the number goes along: {:.3000}", got.text);
    nobody.get("/public/status").await;
    let found = nobody.post("/public/status", &[("receipt", &receipt), ("code", &code)]).await;
    assert_eq!((found.status.as_u16(), found.place()), (303, "/public/status?found=1"), "{:.3000}", found.text);
    let found = nobody.get("/public/status?found=1").await;
    assert!(found.status == 200 && found.text.contains("data-answer"), "{:.3000}", found.text);
    assert!(!found.text.contains(&code), "nothing keeps the code");
    // Large text and the other language come back to the same address, and the answer is still there.
    assert!(found.text.contains("back=%2Fpublic%2Fstatus%3Ffound%3D1"), "{:.3000}", found.text);
    nobody.get("/lang/en?back=%2Fpublic%2Fstatus%3Ffound%3D1").await;
    let english = nobody.get("/public/status?found=1").await;
    assert!(english.text.contains("data-answer") && english.text.contains(&receipt), "{:.3000}", english.text);
    nobody.get("/lang/zh?back=%2Fpublic").await;
    assert!(!nobody.get("/public/status").await.text.contains("data-answer"), "the form itself is empty");
    let mut other = server.browser();
    let got = other.get("/public/status?found=1").await;
    assert!(got.status == 200 && !got.text.contains(&receipt), "another browser sees nothing: {:.3000}", got.text);
    assert!(!found.text.contains(PERSON));
    assert!(
        found.text.contains("已收到，等待办理机关登记"),
        "what was sent is not told to be unsent: {:.3000}",
        found.text
    );
    let serial = receipt.split_once('〕').unwrap().1.trim_end_matches('号');
    let round = receipt.replace('〔', "(").replace('〕', ") ");
    for typed in [round.as_str(), serial] {
        let found = nobody.post("/public/status", &[("receipt", typed), ("code", &code.to_uppercase())]).await;
        assert_eq!(found.status, 303, "{typed}: {:.3000}", found.text);
        let found = nobody.get(found.place()).await;
        assert!(found.text.contains("data-answer"), "{typed}: {:.3000}", found.text);
    }
    let last = if code.ends_with('0') { "1" } else { "0" };
    let near = format!("{}{last}", &code[..code.len() - 1]);
    let wrong_code = nobody.post("/public/status", &[("receipt", &receipt), ("code", &near)]).await;
    let wrong_number = nobody.post("/public/status", &[("receipt", "道里〔2026〕999号"), ("code", &code)]).await;
    for wrong in [&wrong_code, &wrong_number] {
        assert_eq!(wrong.status, 404);
        assert!(!wrong.text.contains("data-answer"));
        assert!(wrong.text.contains("name=\"code\" value=\"") && !wrong.text.contains("name=\"code\" value=\"\""));
    }
    let said = |got: &Got| between(&got.text, "field-error", "</span></span>").to_owned();
    assert_eq!(said(&wrong_code), said(&wrong_number), "both are told alike");
    let mut last = found;
    for _ in 0..40 {
        last = nobody.post("/public/status", &[("receipt", &receipt), ("code", &near)]).await;
    }
    assert_eq!(last.status, 429, "whoever guesses waits");
    let right = nobody.post("/public/status", &[("receipt", &receipt), ("code", &code)]).await;
    assert_eq!(right.status, 429, "also with the right code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_chosen_by_its_name_among_those_that_an_office_has() {
    let server = Server::of_authority().await;
    office(&server).await;
    let page = server.get("/public/complaint?about=report_handling", "").await.text;
    assert!(page.contains("<optgroup label=\"哈尔滨市\">"), "{page:.4000}");
    assert!(page.contains("<option value=\"230102\">道里区</option>"), "{page:.4000}");
    assert!(!page.contains("230103") && !page.contains("210102"), "no place that no office has, and no sample of one");
    let mut nobody = server.browser();
    nobody.get("/public/complaint").await;
    let mut fields = complaint("report_handling");
    fields.retain(|(name, _)| name != "reported");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let got = nobody.post("/public/complaint", &fields).await;
    assert!(
        got.text.contains("<option value=\"230102\" selected>道里区</option>"),
        "what was chosen stays: {:.4000}",
        got.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_choice_leads_to_its_own_form_and_no_fault_is_told_of_fields_nobody_saw() {
    let server = Server::of_authority().await;
    office(&server).await;
    let person = server.get("/public/account", "lang=zh").await.text;
    assert!(person.contains("id=\"f-resident_id\"") && person.contains("name=\"kind\" value=\"person\""));
    let unit = server.get("/public/account?next=/public/services/system_filing", "lang=zh").await.text;
    assert!(unit.contains("id=\"f-credit_code\"") && unit.contains("name=\"kind\" value=\"unit\""));
    assert!(
        unit.contains("href=\"/public/account?kind=person&amp;next=") && !unit.contains("type=\"radio\" name=\"kind\"")
    );
    let page = server.get("/public/complaint", "lang=zh").await.text;
    assert!(page.contains("举报违法安装的摄像机") && page.contains("反映民警"), "{page:.4000}");
    assert!(page.contains("12315"), "bad service has no form in this province: {page:.4000}");
    assert!(!page.contains("违法安装举报的处理") && !page.contains("问题的移送"), "names of the office: {page:.4000}");
    let mut nobody = server.browser();
    nobody.get("/public/complaint").await;
    let other = nobody.post("/public/complaint", &[("about", "conduct_referral_b")]).await;
    assert!(other.status == 200 && !other.text.contains("field-error"), "{:.4000}", other.text);
    let fields = complaint("report_handling");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let got = nobody.post("/public/complaint", &fields).await.text;
    for part in ["由谁办理", "收到日期", "下一步", "举报违法安装的摄像机"] {
        assert!(got.contains(part), "{part}: {got:.4000}");
    }
}
