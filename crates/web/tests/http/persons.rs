//! Persons of cases over HTTP: what names them is opened by few and entered, who supervises or publishes sees it masked.

use crate::cases::{accepted, fill, filled_in, hall, pairs, sample, signed_in, take};
use crate::harness::{Server, form};
use authority::By;
use authority::cases::{Beginning, OfficerForm};
use base::{CaseId, CivilDate, Lang, Pii};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed};
use store::logbook::{ActFilter, ActRow};

async fn acts_of(server: &Server, kind: &str) -> Vec<ActRow> {
    let filter = ActFilter { kind: Some(kind.into()), ..ActFilter::default() };
    server.site.store().acts(&filter, 100).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_supervises_or_publishes_opens_no_paper_and_no_document() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    let case = CaseId::parse(&id).unwrap();
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let authority = server.authority.clone().unwrap();
    let seen = authority.case(by, case).await.unwrap().row.events;
    let made = authority.make_document(by, case, "acceptance_notice", Lang::Zh, seen).await.unwrap();
    let page = format!("/cases/{id}");
    let files = [format!("{page}/papers/1"), format!("{page}/documents/{}", made.sha256.hex())];
    for login in ["supervisor", "auditor", "publisher"] {
        let mut other = signed_in(&server, login).await;
        let shown = other.get(&page).await;
        assert_eq!(shown.status, 200, "{login}");
        for file in &files {
            assert!(!shown.text.contains(file.as_str()), "{login} is offered {file}");
            let got = other.get(file).await;
            assert_eq!(got.status, 403, "{login} {file}");
            assert!(got.text.contains("您的岗位不能打开") && !got.text.contains("%PDF"), "{:.900}", got.text);
        }
        assert!(!shown.text.contains("letter.pdf"), "{login}: the name of a file may be a person's");
    }
    for login in ["case_officer", "case_approver", "legal_reviewer"] {
        let mut own = signed_in(&server, login).await;
        let shown = own.get(&page).await.text;
        for file in &files {
            assert!(shown.contains(file.as_str()), "{login} {file}");
            assert_eq!(own.get(file).await.status, 200, "{login} {file}");
        }
    }
    assert_eq!(acts_of(&server, "document.opened").await.len(), 3);
}

#[tokio::test]
async fn what_a_new_case_takes_over_shows_nobody() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    let page = officer.get(&format!("/cases/new?procedure=area_approval&from={id}")).await;
    assert_eq!(page.status, 200, "{:.900}", page.text);
    assert!(page.text.contains("data-from") && page.text.contains("道里区示例广场东入口"), "{:.3000}", page.text);
    // The samples beside the fields are the same words.
    for hidden in ["王五", "0451-55550100"] {
        assert!(!page.text.contains(&format!("value=\"{hidden}\"")), "{hidden}: {:.3000}", page.text);
    }
    assert!(page.text.contains("f-contact_phone-kept") && page.text.contains("****0100"), "{:.3000}", page.text);
    let typed = sample(&server, "area_approval", "apply");
    let empty = ["applicant_name", "contact_phone"];
    let lacking: Vec<(&str, String)> =
        typed.iter().map(|(f, text)| (*f, if empty.contains(f) { String::new() } else { text.clone() })).collect();
    let again = "另一处入口，需要分别批准。";
    let begun = |is| [("procedure", "area_approval"), ("from", id.as_str()), ("party_is", is), ("again", again)];
    let other = begun("unit");
    let got = officer.post("/cases/new", &pairs(&lacking, &other)).await;
    assert_eq!(got.status, 400, "of somebody else nothing is taken over: {:.900}", got.text);
    let same = begun("same");
    let got = officer.post("/cases/new", &pairs(&lacking, &same)).await;
    assert_eq!(got.status, 303, "what is on record is not asked twice: {:.2000}", got.text);
    let new = CaseId::parse(got.place().split('/').nth(2).unwrap()).unwrap();
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let view = server.authority.clone().unwrap().case(by, new).await.unwrap();
    let values = view.case.values_of("apply").expect("filled in");
    assert_eq!((values.text("applicant_name"), values.text("contact_phone")), (Some("王五"), Some("0451-55550100")));
    assert!(acts_of(&server, "party.revealed").await.is_empty(), "nobody was shown");
}

#[tokio::test]
async fn the_counter_joins_an_account_after_both_names_and_the_papers() {
    let server = hall().await;
    server.site.add_account_locally(&form("newcomer", Role::Applicant, "周八", "6")).await.unwrap();
    let mut officer = signed_in(&server, "case_officer").await;
    assert!(officer.get("/cases/new").await.text.contains("href=\"/applicants\""));
    officer.get("/applicants").await;
    let typed = [("login", "newcomer"), ("is", "unit"), ("number", "91350100M000100Y43")];
    let wrong = [("act", "look"), ("login", "newcomer"), ("is", "unit"), ("number", "91350100M000100Y44")];
    let got = officer.post("/applicants", &wrong).await;
    assert!(got.status == 400 && got.text.contains("number-error"), "{} {:.900}", got.status, got.text);
    let look = [&[("act", "look")][..], &typed[..]].concat();
    let got = officer.post("/applicants", &look).await;
    assert!(got.status == 200 && got.text.contains("data-joinable"), "{} {:.2000}", got.status, got.text);
    assert!(got.text.contains("哈尔滨示例商业有限公司") && got.text.contains("周*") && !got.text.contains("周八"));
    let mut newcomer = signed_in(&server, "newcomer").await;
    assert!(!newcomer.get("/my/cases").await.text.contains("示例广场"));
    let join = [&[("act", "join"), ("seen", "own_card")][..], &typed[..]].concat();
    let got = officer.post("/applicants", &join).await;
    assert!(got.status == 400 && got.text.contains("seen-error"), "{} {:.2000}", got.status, got.text);
    let seen = [("act", "join"), ("seen", "own_card"), ("seen", "unit_certificate"), ("seen", "authorisation")];
    let join = [&seen[..], &typed[..]].concat();
    let got = officer.post("/applicants", &join).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/applicants"), "{:.900}", got.text);
    assert_eq!(officer.post("/applicants", &look).await.status, 409, "it is joined already");
    let mut party = signed_in(&server, "applicant").await;
    let id = filled_in(&server, &mut party).await;
    assert_eq!(newcomer.get(&format!("/my/cases/{id}")).await.status, 200);
    for login in ["case_approver", "supervisor", "applicant"] {
        let mut other = signed_in(&server, login).await;
        assert_eq!(other.get("/applicants").await.status, 403, "{login}");
        assert_eq!(other.post("/applicants", &look).await.status, 403, "{login}");
    }
}

#[tokio::test]
async fn what_is_looked_for_is_looked_for_among_all_and_what_is_over_has_a_list() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let id = filled_in(&server, &mut party).await;
    let line = format!("data-case=\"{id}\"");
    let open = officer.get("/cases").await.text;
    assert!(open.contains(&line) && open.contains("/cases?of=closed"), "{open:.2000}");
    assert!(!officer.get("/cases?of=closed").await.text.contains(&line), "it is open");
    let page = format!("/apply/{id}/withdraw");
    let to = format!("/apply/{id}");
    assert_eq!(fill(&mut party, &page, &to, &[("step", "-withdraw"), ("reasons", "")]).await.status, 303);
    assert!(!officer.get("/cases").await.text.contains(&line), "nobody waits for it");
    for (filter, there) in
        [("", true), ("&state=abandoned", true), ("&state=closed", false), ("&procedure=area_approval", true)]
    {
        let list = officer.get(&format!("/cases?of=closed{filter}")).await.text;
        assert_eq!(list.contains(&line), there, "{filter}: {list:.2000}");
    }
    let mut supervisor = signed_in(&server, "supervisor").await;
    assert!(supervisor.get("/cases?of=closed").await.text.contains(&line));
    let found = officer.get("/cases?of=mine&q=%E7%A4%BA%E4%BE%8B%E5%B9%BF%E5%9C%BA").await;
    assert_eq!(found.status, 303, "a page of the list is not all there is");
    let found = officer.get(found.place()).await;
    assert!(found.status == 200 && found.text.contains(&format!("/cases/{id}")), "{:.2000}", found.text);
}

/// A penalty case whose first step is done; its id, and the facts that its form holds.
async fn opened_penalty(server: &Server) -> (CaseId, String) {
    let authority = server.authority.clone().unwrap();
    server.site.add_account_locally(&form("second", Role::CaseOfficer, "李四", "4")).await.unwrap();
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let officer = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let office = server.site.store().officer(officer.account).await.unwrap().unwrap().office;
    let card = OfficerForm { certificate: Pii::new("2301-second".into()), valid_until: CivilDate::parse("2999-12-31") };
    let second = server.account("second").await;
    authority.put_officer(admin, second, office, &card).await.unwrap();
    let begun = Beginning {
        procedure: "penalty_case".into(),
        channel: Channel::OwnMotion,
        party: server.site.store().party_of(server.account("applicant").await).await.unwrap(),
        place: String::new(),
        office: None,
        facts_on: None,
        title: "未建立登记制度".into(),
        again: String::new(),
    };
    let case = authority.begin(officer, &begun).await.unwrap().case;
    let typed: Typed = sample(server, "penalty_case", "open")
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(id, text)| (id.to_owned(), text))
        .collect();
    let facts = typed["first_facts"].clone();
    let on = server.site.now().utc.shanghai_date();
    let officers = vec![officer.account, second];
    let act = CaseAct::Done { step: "open".into(), typed, note: String::new(), officers, on };
    let seen = server.site.store().case(case).await.unwrap().unwrap().events;
    authority.act(officer, case, &Command { seen, act }, Vec::new()).await.unwrap();
    (case, facts)
}

#[tokio::test]
async fn whoever_judges_reads_the_facts_whole_and_that_is_entered_each_time() {
    let server = hall().await;
    let (case, facts) = opened_penalty(&server).await;
    assert!(facts.chars().count() > 4, "more than what stays when it is masked");
    for (login, page) in [("legal_reviewer", "review"), ("case_approver", "decide")] {
        let mut judge = signed_in(&server, login).await;
        let shown = judge.get(&format!("/cases/{case}")).await.text;
        assert!(!shown.contains(&facts), "{login}: not on the page of the case");
        let before = acts_of(&server, "party.revealed").await.len();
        let shown = judge.get(&format!("/cases/{case}/{page}")).await;
        assert!(shown.status == 200 && shown.text.contains(&facts), "{login} {:.3000}", shown.text);
        assert!(!shown.text.contains("0451-55550100"), "{login}: telephones are not judged");
        let acts = acts_of(&server, "party.revealed").await;
        assert_eq!((acts.len(), acts[0].account), (before + 1, Some(server.account(login).await)));
        server.site.store().flush_ledger().await.unwrap();
        let body = server.site.store().ledger().entry(acts[0].idx).unwrap().parse().unwrap().body;
        assert_eq!((body["reason"].as_str(), body["fields"][0].as_str()), (Some("review"), Some("open.first_facts")));
        assert!(!body.to_string().contains(&facts), "the entry names no value");
    }
    let shown = signed_in(&server, "case_officer").await.get(&format!("/cases/{case}")).await.text;
    assert!(shown.contains(&facts), "whoever wrote it reads it while the case is open");
    assert!(!shown.contains("0451-55550100"), "a telephone is asked for with a reason");
    for login in ["supervisor", "publisher"] {
        let mut other = signed_in(&server, login).await;
        assert!(!other.get(&format!("/cases/{case}")).await.text.contains(&facts), "{login}");
    }
    assert_eq!(acts_of(&server, "party.revealed").await.len(), 2);
}

#[tokio::test]
async fn what_changed_in_a_proposal_is_told_with_old_and_new() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    assert_eq!(take(&server, &mut officer, &id, "area_approval", "examine").await.status, 303);
    let propose = format!("/cases/{id}/propose");
    let typed = sample(&server, "area_approval", "approved");
    for reasons in ["确有需要，位置不涉及住宅。", "确有需要，位置已经调整到通道内侧。"] {
        let more = [("outcome", "approved"), ("reasons", reasons), ("clause", "B-14-3")];
        let got = fill(&mut officer, &propose, &propose, &pairs(&typed, &more)).await;
        assert_eq!(got.status, 303, "{:.900}", got.text);
    }
    let mut head = signed_in(&server, "case_approver").await;
    let page = head.get(&format!("/cases/{id}/decide")).await.text;
    let told = "理由：确有需要，位置不涉及住宅。 → 确有需要，位置已经调整到通道内侧。";
    assert!(page.contains("data-changes") && page.contains(told), "{page:.3000}");
}
