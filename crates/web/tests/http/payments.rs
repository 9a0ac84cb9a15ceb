//! The money of a fine over HTTP: the bill, payments of two tabs, leave of the head, what the party sees, and the cases that follow.

use crate::cases::{fill, hall, signed_in};
use crate::harness::{Browser, Got, Server, form};
use authority::By;
use authority::cases::{Beginning, OfficerForm, Upload};
use base::{AccountId, CaseId, CivilDate, ClauseId, Pii};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed};
use law::{Field, FieldKind, Fined, Grade, Jurisdiction, PenaltyQuestion};
use std::sync::LazyLock;

static GATE: LazyLock<law::Gate> = LazyLock::new(|| law::Gate::embedded().unwrap());

const BREACH: &str = "B-14-1-2";
const REASONS: &str = "责令改正期满仍未改正，情节一般。";

/// Does an act of somebody on the case as it is.
async fn act(server: &Server, login: &str, role: Role, case: CaseId, act: CaseAct) {
    let authority = server.authority.as_ref().expect("an authority's server");
    let by = By { account: server.account(login).await, role };
    let seen = server.site.store().case(case).await.unwrap().expect("the case").events;
    authority.act(by, case, &Command { seen, act }, Vec::new()).await.unwrap();
}

/// The samples of a form; days are today.
fn sample(step: &str, today: CivilDate) -> Typed {
    let text = |f: &Field| if f.kind == FieldKind::Day { today.to_string() } else { f.sample.clone() };
    let fields = GATE.packs().procedure("penalty_case").unwrap().fields_at(step);
    fields.map(|f| (f.id.clone(), text(f))).filter(|(_, text)| !text.is_empty()).collect()
}

/// A fine that was decided and served; its case, and the fine in yuan.
async fn served(server: &Server) -> (CaseId, u64) {
    served_with(server, "").await
}

/// The same with gains that are confiscated, yuan; empty: as the samples have it.
async fn served_with(server: &Server, gains: &str) -> (CaseId, u64) {
    let authority = server.authority.clone().expect("an authority's server");
    server.site.add_account_locally(&form("second", Role::CaseOfficer, "李四", "4")).await.unwrap();
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let officer = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let office = server.site.store().officer(officer.account).await.unwrap().expect("an officer").office;
    let card = OfficerForm { certificate: Pii::new("2301-second".into()), valid_until: CivilDate::parse("2999-12-31") };
    let second: AccountId = server.account("second").await;
    authority.put_officer(admin, second, office, &card).await.unwrap();
    let on = server.site.now().utc.shanghai_date();
    let mut question = PenaltyQuestion::new(BREACH, Jurisdiction::Heilongjiang, Fined::Unit, Grade::Overdue, on, on);
    question.gains_yuan = Some(0);
    let fine = GATE.penalty(&question).unwrap().fining().expect("it is fined").1.least();
    let unit = server.account("applicant").await;
    let begun = Beginning {
        procedure: "penalty_case".into(),
        channel: Channel::OwnMotion,
        party: server.site.store().party_of(unit).await.unwrap(),
        place: String::new(),
        office: None,
        facts_on: None,
        title: "未建立登记制度".into(),
        again: String::new(),
    };
    let case = authority.begin(officer, &begun).await.unwrap().case;
    let officers = [officer.account, second];
    let done = |step: &str| {
        let mut typed = sample(step, on);
        if step == "tell" {
            typed.insert("intended_fine".into(), fine.to_string());
        }
        if step == "investigate" && !gains.is_empty() {
            typed.insert("gains".into(), gains.to_owned());
        }
        CaseAct::Done { step: step.into(), typed, note: REASONS.into(), officers: officers.to_vec(), on }
    };
    for step in ["open", "investigate", "tell", "defend"] {
        if step == "investigate" {
            act(server, "case_approver", Role::CaseApprover, case, done("approve_opening")).await;
        }
        act(server, "case_officer", Role::CaseOfficer, case, done(step)).await;
    }
    let mut typed = sample("fined", on);
    typed.insert("fine".into(), fine.to_string());
    if !gains.is_empty() {
        typed.insert("confiscated".into(), gains.to_owned());
    }
    let clauses = vec![ClauseId::new(BREACH)];
    let propose = CaseAct::Propose { outcome: "fined".into(), typed, reasons: REASONS.into(), clauses };
    act(server, "case_officer", Role::CaseOfficer, case, propose).await;
    act(server, "case_officer", Role::CaseOfficer, case, done("decide")).await;
    let review = CaseAct::Review { passed: true, opinion: String::new(), typed: sample("legal_review", on) };
    act(server, "legal_reviewer", Role::LegalReviewer, case, review).await;
    let decide = CaseAct::Decide {
        outcome: "fined".into(),
        typed: Typed::new(),
        reasons: String::new(),
        clauses: Vec::new(),
        officers: Vec::new(),
        on,
    };
    act(server, "case_approver", Role::CaseApprover, case, decide).await;
    let seen = server.site.store().case(case).await.unwrap().expect("the case").events;
    let receipt = Upload {
        material: "deliver".into(),
        name: Pii::new("送达回证.pdf".into()),
        bytes: b"%PDF-1.7 receipt".to_vec(),
    };
    let command = Command { seen, act: done("deliver") };
    authority.act(officer, case, &command, vec![receipt]).await.unwrap();
    (case, fine)
}

/// How many rows the page had seen.
fn rows(page: &Got) -> String {
    let at = page.text.split("name=\"rows\" value=\"").nth(1);
    at.unwrap_or_else(|| panic!("a form of a bill: {:.900}", page.text)).split('"').next().unwrap().to_owned()
}

async fn pay(browser: &mut Browser<'_>, page: &str, rows: &str, yuan: &str, number: &str, on: &str) -> Got {
    browser.post(page, &[("rows", rows), ("yuan", yuan), ("number", number), ("on", on)]).await
}

#[tokio::test]
async fn a_fine_is_paid_in_parts_by_the_pages_and_the_party_sees_its_bill() {
    let server = hall().await;
    let (case, fine) = served(&server).await;
    let today = server.site.now().utc.shanghai_date().to_string();
    let page = format!("/cases/{case}/payments");
    let mut officer = signed_in(&server, "case_officer").await;
    let shown = officer.get(&format!("/cases/{case}")).await.text;
    assert!(shown.contains(&format!("href=\"{page}\"")), "{shown:.2000}");
    let bill = officer.get(&page).await;
    assert_eq!(bill.status, 200, "{:.900}", bill.text);
    assert!(
        bill.text.contains(&format!("data-bill=\"{fine}\"")) && bill.text.contains("/law/AP-72"),
        "{:.2000}",
        bill.text
    );
    assert!(!bill.text.contains("id=\"leave\""), "leave is the head's");
    let seen = rows(&bill);
    let got = pay(&mut officer, &page, &seen, "1,000", "票1", &today).await;
    assert!(got.status == 400 && got.text.contains("yuan-error") && got.text.contains("1,000"), "{:.900}", got.text);
    let got = pay(&mut officer, &page, &seen, "100.50", "票1", &today).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, page.as_str()), "{:.900}", got.text);
    let got = pay(&mut officer, &page, &seen, "1", "票2", &today).await;
    assert!(got.status == 409 && got.text.contains("又有了新的记录"), "another tab: {} {:.900}", got.status, got.text);

    let mut head = signed_in(&server, "case_approver").await;
    let bill = head.get(&page).await;
    assert!(bill.text.contains("id=\"leave\"") && !bill.text.contains("id=\"receive\""), "{:.2000}", bill.text);
    let until = server.site.now().utc.shanghai_date().plus_days(60).to_string();
    let parts = format!("{until} {fine}");
    let leave = [("rows", "1"), ("asked_on", today.as_str()), ("parts", "全部"), ("reasons", "停业三个月。")];
    let got = head.post(&format!("{page}/leave"), &leave).await;
    assert!(got.status == 400 && got.text.contains("parts-error"), "{} {:.900}", got.status, got.text);
    let leave = [("rows", "1"), ("asked_on", today.as_str()), ("parts", parts.as_str()), ("reasons", "停业三个月。")];
    assert_eq!(head.post(&format!("{page}/leave"), &leave).await.status, 303);
    assert_eq!(officer.post(&format!("{page}/leave"), &leave).await.status, 403);

    let mut party = signed_in(&server, "applicant").await;
    let mine = party.get(&format!("/my/cases/{case}")).await.text;
    assert!(
        mine.contains("data-bill") && mine.contains(&until) && mine.contains("示例银行代收罚没款专户"),
        "{mine:.3000}"
    );
    assert_eq!(party.get(&page).await.status, 403);
    let mut supervisor = signed_in(&server, "supervisor").await;
    let seen_above = supervisor.get(&page).await.text;
    assert!(
        seen_above.contains("data-bill") && !seen_above.contains("停业三个月"),
        "why leave was given is not for all"
    );

    let bill = officer.get(&page).await;
    let rest = format!("{}.50", fine - 101);
    let got = pay(&mut officer, &page, &rows(&bill), &rest, "票3", &today).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let bill = officer.get(&page).await.text;
    assert!(
        bill.contains("data-bill=\"0\"") && bill.contains("已缴清") && !bill.contains("id=\"receive\""),
        "{bill:.2000}"
    );
    let shown = head.get(&page).await;
    assert!(shown.text.contains("id=\"reverse\"") && !bill.contains("id=\"reverse\""), "it is the head's");
    let (to, seen) = (format!("{page}/reverse"), rows(&shown));
    let bare = [("rows", seen.as_str()), ("row", "1"), ("why", " ")];
    let got = head.post(&to, &bare).await;
    assert!(got.status == 400 && got.text.contains("why-error"), "{} {:.900}", got.status, got.text);
    let back = [("rows", seen.as_str()), ("row", "1"), ("why", "金额录错。")];
    assert_eq!(officer.post(&to, &back).await.status, 403);
    assert_eq!(head.post(&to, &back).await.status, 303);
    let bill = officer.get(&page).await.text;
    assert!(bill.contains("已冲销") && bill.contains("id=\"receive\""), "{bill:.3000}");
    let mut stranger = signed_in(&server, "stranger").await;
    assert_eq!(stranger.get(&format!("/my/cases/{case}")).await.status, 404);
}

/// One receipt for the fine and the gains.
async fn pay_both(browser: &mut Browser<'_>, page: &str, rows: &str, (yuan, gains): (&str, &str), on: &str) -> Got {
    browser.post(page, &[("rows", rows), ("yuan", yuan), ("gains", gains), ("number", "票1"), ("on", on)]).await
}

#[tokio::test]
async fn confiscated_gains_are_paid_by_a_sum_of_their_own() {
    let server = hall().await;
    let (case, fine) = served_with(&server, "100").await;
    let today = server.site.now().utc.shanghai_date().to_string();
    let page = format!("/cases/{case}/payments");
    let mut officer = signed_in(&server, "case_officer").await;
    let bill = officer.get(&page).await;
    let all = format!("data-bill=\"{}\"", fine + 100);
    assert!(bill.text.contains(&all) && bill.text.contains("data-gains=\"100\""), "{:.2000}", bill.text);
    assert!(bill.text.contains("id=\"yuan\"") && bill.text.contains("id=\"gains\""), "{:.3000}", bill.text);
    let (fine, seen) = (fine.to_string(), rows(&bill));
    let day = today.as_str();
    let got = pay_both(&mut officer, &page, &seen, (&fine, "1,5"), day).await;
    assert!(got.status == 400 && got.text.contains("gains-error") && got.text.contains("1,5"), "{:.900}", got.text);
    let got = pay_both(&mut officer, &page, &seen, ("", ""), day).await;
    assert!(got.status == 400 && got.text.contains("yuan-error"), "{:.900}", got.text);
    assert_eq!(pay_both(&mut officer, &page, &seen, (&fine, "40.50"), day).await.status, 303);
    let bill = officer.get(&page).await;
    assert!(bill.text.contains("其中没收违法所得40.50元"), "{:.3000}", bill.text);
    assert!(bill.text.contains("data-gains=\"59.50\"") && !bill.text.contains("id=\"yuan\""), "{:.3000}", bill.text);
    let alone = [("rows", "1"), ("gains", "0"), ("number", "票2"), ("on", day)];
    let got = officer.post(&page, &alone).await;
    assert!(got.status == 400 && got.text.contains("gains-error"), "{:.900}", got.text);
    let alone = [("rows", "1"), ("gains", "59.50"), ("number", "票2"), ("on", day)];
    assert_eq!(officer.post(&page, &alone).await.status, 303);
    let bill = officer.get(&page).await.text;
    assert!(bill.contains("data-bill=\"0\"") && bill.contains("已缴清"), "{bill:.2000}");
    let mine = signed_in(&server, "applicant").await.get(&format!("/my/cases/{case}")).await.text;
    assert!(mine.contains("data-gains=\"0\""), "the party sees it too: {mine:.3000}");
}

#[tokio::test]
async fn what_is_public_is_withdrawn_with_its_reasons() {
    let server = hall().await;
    let (case, fine) = served(&server).await;
    let on = server.site.now().utc.shanghai_date();
    let officers = vec![server.account("case_officer").await, server.account("second").await];
    let done = |step: &str| CaseAct::Done {
        step: step.into(),
        typed: sample(step, on),
        note: REASONS.into(),
        officers: officers.clone(),
        on,
    };
    act(&server, "case_officer", Role::CaseOfficer, case, done("publish")).await;
    let mut publisher = signed_in(&server, "publisher").await;
    let (page, to) = (format!("/cases/{case}/publish?entry=rewards_and_penalties"), format!("/cases/{case}/publish"));
    let entry = ("entry", "rewards_and_penalties");
    let got = fill(&mut publisher, &page, &to, &[entry, ("act", "publish")]).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let notice = server.site.store().publications_of_case(case).await.unwrap()[0].entry;
    let entry_of = async |at: usize| server.site.store().rows_of_case(case).await.unwrap()[at].entry;
    let path = format!("/public/notices/{notice}");
    let mut anybody = server.browser();
    let shown = anybody.get(&path).await.text;
    assert!(shown.contains("沈阳示例商业有限公司") && shown.contains(&format!("罚款：{fine}元")), "{shown:.3000}");
    assert!(!shown.contains("赵六") && !shown.contains("11010519491231002X"), "no natural person");
    let row = format!("/public/registers/penalties/{case}");
    let (list, copy) = ("/public/registers/penalties", "/public/registers/penalties/all.csv");
    for path in [row.as_str(), list, copy] {
        let got = anybody.get(path).await;
        assert!(got.status == 200 && got.text.contains("沈阳示例商业有限公司"), "{path}: {:.2000}", got.text);
    }
    act(&server, "case_officer", Role::CaseOfficer, case, done("annul")).await;
    let case_page = signed_in(&server, "case_officer").await.get(&format!("/cases/{case}")).await.text;
    assert!(case_page.contains("撤回公开的决定"), "the clock of the withdrawal: {case_page:.2000}");
    let withdraw = [entry, ("act", "withdraw"), ("reasons", "原决定经行政复议撤销。")];
    assert_eq!(fill(&mut publisher, &page, &to, &withdraw).await.status, 303);
    let gone = anybody.get(&path).await.text;
    assert!(gone.contains("原决定经行政复议撤销") && !gone.contains("沈阳示例商业有限公司"), "{gone:.2000}");
    // The step after it writes a further version of the row: that is not public either.
    act(&server, "case_officer", Role::CaseOfficer, case, done("withdraw")).await;
    let told = anybody.get(&row).await;
    assert!(told.status == 200 && told.text.contains("data-withdrawn"), "{:.2000}", told.text);
    assert!(told.text.contains("原决定经行政复议撤销"), "why: {:.2000}", told.text);
    let mut officer = signed_in(&server, "case_officer").await;
    for path in ["/registers/penalties".to_owned(), format!("/registers/penalties/{case}")] {
        let staff = officer.get(&path).await.text;
        assert!(staff.contains("公布已撤回"), "{path}: {staff:.3000}");
    }
    let search = "/public/search?q=%E7%A4%BA%E4%BE%8B%E5%95%86%E4%B8%9A";
    let older = format!("{row}?version=1");
    for path in [row.as_str(), older.as_str(), list, copy, "/public/registers/penalties/all.json", search] {
        let got = anybody.get(path).await;
        assert!(!got.text.contains("沈阳示例商业有限公司"), "{path}: {:.2000}", got.text);
    }
    server.site.store().flush_ledger().await.unwrap();
    for at in [0, 1] {
        let entry = entry_of(at).await;
        assert_eq!(anybody.get(&format!("/public/entries/{entry}")).await.status, 404, "{entry}");
    }
}

/// A review of a case that ends so, entered with the papers of the organ of review.
async fn reviewed(server: &Server, case: CaseId, result: &str) {
    let authority = server.authority.clone().expect("an authority's server");
    let officer = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let on = server.site.now().utc.shanghai_date();
    let begun = Beginning {
        procedure: "review".into(),
        channel: Channel::Counter,
        party: server.site.store().case(case).await.unwrap().expect("the case").head.party,
        place: String::new(),
        office: None,
        facts_on: None,
        title: "对处罚决定的复议".into(),
        again: String::new(),
    };
    let review = authority.begin_from(officer, &begun, Some(case)).await.unwrap().case;
    let typed = |step: &str| -> Typed {
        let text = |f: &Field| if f.kind == FieldKind::Day { on.to_string() } else { f.sample.clone() };
        let fields = GATE.packs().procedure("review").unwrap().fields_at(step);
        fields.map(|f| (f.id.clone(), text(f))).filter(|(_, text)| !text.is_empty()).collect()
    };
    for (n, step) in ["know", "apply", "examine", "accept", "try", "decided"].into_iter().enumerate() {
        let mut typed = typed(step);
        let act = if step == "decided" {
            typed.insert("result".into(), result.to_owned());
            let (reasons, clauses, officers) = (String::new(), Vec::new(), Vec::new());
            CaseAct::Decide { outcome: step.into(), typed, reasons, clauses, officers, on }
        } else {
            CaseAct::Done { step: step.into(), typed, note: REASONS.into(), officers: Vec::new(), on }
        };
        let bytes = format!("%PDF-1.7 {n}").into_bytes();
        let paper = Upload { material: step.into(), name: Pii::new("复议文书.pdf".into()), bytes };
        let papers = if n > 1 { vec![paper] } else { Vec::new() };
        let seen = server.site.store().case(review).await.unwrap().expect("the case").events;
        authority.act(officer, review, &Command { seen, act }, papers).await.unwrap();
    }
}

#[tokio::test]
async fn a_decision_that_a_review_annulled_is_shown_until_it_is_entered() {
    let server = hall().await;
    let (case, _) = served(&server).await;
    let (page, step) = (format!("/cases/{case}"), format!("/cases/{case}/steps/annul"));
    let mut officer = signed_in(&server, "case_officer").await;
    let shown = officer.get(&page).await.text;
    let review = format!("/cases/new?procedure=review&#38;from={case}");
    let plain = review.replace("&#38;", "&");
    assert!(shown.contains(&review) || shown.contains(&plain), "a review can be opened from it: {shown:.3000}");
    assert!(!shown.contains("data-warning"), "{shown:.3000}");
    reviewed(&server, case, "annulled").await;
    let shown = officer.get(&page).await.text;
    let notice = format!("href=\"{step}\"");
    assert!(shown.contains("data-warning") && shown.contains(&notice), "{shown:.3000}");
    assert!(shown.contains("行政复议的结果是「撤销」"), "{shown:.3000}");
    let form = officer.get(&step).await.text;
    assert!(form.contains("沈政复决〔2026〕8号"), "the number is filled in: {form:.3000}");
    let mut supervisor = signed_in(&server, "supervisor").await;
    let waits = format!("data-case=\"{case}\"");
    assert!(supervisor.get("/supervision").await.text.contains(&waits));
    let row = server.site.store().case(case).await.unwrap().expect("the case");
    assert!(supervisor.get("/supervision/annulled.csv").await.text.contains(&row.number));
    let on = server.site.now().utc.shanghai_date();
    let officers = vec![server.account("case_officer").await, server.account("second").await];
    let annul = CaseAct::Done { step: "annul".into(), typed: sample("annul", on), note: REASONS.into(), officers, on };
    act(&server, "case_officer", Role::CaseOfficer, case, annul).await;
    assert!(!officer.get(&page).await.text.contains("data-warning"), "it is entered");
    assert!(!supervisor.get("/supervision/annulled.csv").await.text.contains(&row.number));
}

#[tokio::test]
async fn a_penalty_is_not_public_before_it_is_published() {
    let server = hall().await;
    let (case, _) = served(&server).await;
    let mut anybody = server.browser();
    assert_eq!(anybody.get(&format!("/public/registers/penalties/{case}")).await.status, 404);
    for path in ["/public/registers/penalties", "/public/registers/penalties/all.json"] {
        let got = anybody.get(path).await;
        assert!(got.status == 200 && !got.text.contains(&case.to_string()), "{path}: {:.2000}", got.text);
    }
}

#[tokio::test]
async fn conduct_of_officials_is_referred_and_never_fined() {
    let server = hall().await;
    let mut anybody = server.browser();
    let shown = anybody.get("/law/B-42-1-4").await.text;
    assert!(shown.contains("不罚款") && shown.contains("监察机关"), "{shown:.3000}");
}
