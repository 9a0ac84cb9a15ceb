//! What else is done in a case, offices, absences, persons shown whole, supervision: over HTTP, by the pages' own forms.

use crate::cases::{accepted, fill, filled_in, hall, papers, seen, sent, signed_in, take};
use crate::harness::{Browser, Server, form};
use authority::By;
use authority::cases::{OfficeForm, OfficerForm};
use base::{CivilDate, Pii};
use domain::access::Role;
use store::logbook::ActFilter;

fn today(server: &Server) -> String {
    server.site.now().utc.shanghai_date().to_string()
}

fn day(server: &Server, ahead: i32) -> String {
    server.site.now().utc.shanghai_date().plus_days(ahead).to_string()
}

/// An application for an area, handed in with its paper.
async fn applied(server: &Server, party: &mut Browser<'_>) -> String {
    let id = filled_in(server, party).await;
    papers(party, &id).await;
    assert_eq!(sent(party, &id, "apply").await.status, 303);
    id
}

/// Another officer of the same office, and one of another office.
async fn colleagues(server: &Server) {
    let authority = server.authority.clone().expect("an authority's server");
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let other = OfficeForm {
        name: "另一分局".into(),
        level: "county".into(),
        division: "230103".into(),
        unit_code: "230103000000".into(),
        ..OfficeForm::default()
    };
    let other = authority.put_office(admin, &other).await.unwrap();
    let own = authority.offices(admin).await.unwrap().into_iter().find(|o| o.id != other).unwrap().id;
    for (login, office) in [("second", own), ("elsewhere", other)] {
        server.site.add_account_locally(&form(login, Role::CaseOfficer, login, "4")).await.unwrap();
        let card =
            OfficerForm { certificate: Pii::new(format!("2301-{login}")), valid_until: CivilDate::parse("2999-12-31") };
        authority.put_officer(admin, server.account(login).await, office, &card).await.unwrap();
    }
}

#[tokio::test]
async fn a_clock_stands_still_goes_on_and_is_extended_as_the_packs_allow() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let mut head = signed_in(&server, "case_approver").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    let (page, note) = (format!("/cases/{id}/clocks"), format!("/cases/{id}/note"));
    let shown = officer.get(&page).await.text;
    assert!(shown.contains("data-clock-of=\"decide\"") && shown.contains("value=\"appraisal\""), "{shown:.3000}");
    assert!(!shown.contains("data-extend"), "leave is the head's");
    let (now, why) = (today(&server), "委托鉴定机构鉴定");
    let base = [("clock", "decide"), ("act", "stop"), ("day", now.as_str()), ("reason", why)];
    let with = |more: (&'static str, &'static str)| [&base[..], &[more][..]].concat();
    let got = fill(&mut officer, &page, &page, &base).await;
    assert!(got.status == 400 && got.text.contains("法定事由"), "{} {:.900}", got.status, got.text);
    let got = fill(&mut officer, &page, &page, &with(("cause", "tender"))).await;
    assert!(got.status == 403 && got.text.contains("data-beside"), "{} {:.900}", got.status, got.text);
    let before = seen(&officer.get(&page).await);
    let got = fill(&mut officer, &page, &page, &with(("cause", "appraisal"))).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let late =
        [("clock", "decide"), ("act", "resume"), ("day", now.as_str()), ("reason", why), ("seen", before.as_str())];
    let got = officer.post(&page, &late).await;
    assert!(got.status == 409 && got.text.contains("又有了新的记录"), "{} {:.900}", got.status, got.text);
    assert!(officer.get(&page).await.text.contains("data-resume"));

    let extend = [("clock", "decide"), ("act", "extend"), ("day", now.as_str()), ("reason", "情况复杂，需要延长")];
    assert_eq!(fill(&mut officer, &note, &page, &extend).await.status, 403, "not from this seat");
    assert_eq!(fill(&mut head, &note, &page, &extend).await.status, 409, "it stands still");
    let resume = [("clock", "decide"), ("act", "resume"), ("day", now.as_str()), ("reason", "鉴定意见已经交来")];
    assert_eq!(fill(&mut officer, &page, &page, &resume).await.status, 303);
    assert!(head.get(&page).await.text.contains("data-extend"));
    assert_eq!(fill(&mut head, &note, &page, &extend).await.status, 303);
    let got = fill(&mut head, &note, &page, &extend).await;
    assert!(got.status == 403 && got.text.contains("已经延长过一次"), "{} {:.900}", got.status, got.text);
    assert!(got.text.contains("class=\"clause\""), "with its clause");
    assert!(!head.get(&page).await.text.contains("data-extend"));

    let mut publisher = signed_in(&server, "publisher").await;
    publisher.get(&page).await;
    assert_eq!(publisher.post(&page, &resume).await.status, 403);
}

#[tokio::test]
async fn a_note_a_correction_and_a_recusal_go_into_the_case_and_nowhere_else() {
    let server = hall().await;
    colleagues(&server).await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let mut head = signed_in(&server, "case_approver").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    let case = format!("/cases/{id}");
    let note = format!("{case}/note");
    let got = fill(&mut officer, &note, &note, &[("words", " ")]).await;
    assert!(got.status == 400 && got.text.contains("f-words-error"), "{} {:.900}", got.status, got.text);
    let got = fill(&mut officer, &note, &note, &[("words", "电话联系过"), ("linked", "没有这个案号")]).await;
    assert!(got.status == 400 && got.text.contains("f-linked-error") && got.text.contains("电话联系过"));
    assert_eq!(fill(&mut officer, &note, &note, &[("words", "电话联系过当事人")]).await.status, 303);
    assert!(officer.get(&case).await.text.contains("电话联系过当事人"));
    assert!(!party.get(&format!("/my/cases/{id}")).await.text.contains("电话联系过当事人"), "not the party's to read");

    let correct = format!("{case}/correct");
    let got = fill(&mut officer, &correct, &correct, &[("index", "0"), ("what", "东入口"), ("reasons", "")]).await;
    assert!(got.status == 400 && got.text.contains("f-reasons-error"), "{} {:.900}", got.status, got.text);
    let fields = [("index", "0"), ("what", "应为西入口"), ("reasons", "录入时看错。")];
    assert_eq!(fill(&mut officer, &correct, &correct, &fields).await.status, 303);
    assert!(officer.get(&case).await.text.contains("应为西入口"));
    assert_eq!(officer.get(&format!("{case}/facts-day")).await.status, 404, "an application online is of its own day");
    assert_eq!(officer.get(&format!("{case}/law")).await.status, 404, "the packs are the same");

    let mine = format!("/my/cases/{id}");
    assert!(!party.get(&mine).await.text.contains("/recuse"), "nobody handles it yet");
    assert_eq!(party.post(&format!("{mine}/recuse"), &[("reason", "是竞争对手的亲属")]).await.status, 409);
    let recuse = format!("{case}/recuse");
    let own = server.account("case_officer").await.to_string();
    let ask = [("act", "ask"), ("account", own.as_str()), ("reason", "是申请人的近亲属")];
    assert_eq!(fill(&mut officer, &recuse, &recuse, &ask).await.status, 303);
    let settle = [("act", "settle"), ("account", own.as_str()), ("decision", "granted"), ("reason", "情况属实")];
    assert_eq!(fill(&mut officer, &recuse, &recuse, &settle).await.status, 403, "the head decides");
    assert!(head.get(&recuse).await.text.contains("value=\"granted\""));
    assert_eq!(fill(&mut head, &recuse, &recuse, &settle).await.status, 303);
    let page = officer.get(&case).await.text;
    assert!(!page.contains("data-more") && !page.contains(&format!("{case}/steps/")), "{page:.3000}");
    let second_id = server.account("second").await.to_string();
    assert_eq!(fill(&mut head, &case, &format!("{case}/assign"), &[("to", &second_id)]).await.status, 303);
    let asked = format!("{mine}/recuse");
    let short = fill(&mut party, &mine, &asked, &[("reason", "<")]).await;
    assert_eq!(short.status, 400, "{:.900}", short.text);
    assert!(
        short.text.contains("recusal-reason-error") && short.text.contains("&#60;</textarea>"),
        "{:.4000}",
        short.text
    );
    assert_eq!(fill(&mut party, &mine, &asked, &[("reason", "是竞争对手的亲属")]).await.status, 303);
    assert!(head.get(&recuse).await.text.contains("是竞争对手的亲属"));
    let settle = [("act", "settle"), ("account", second_id.as_str()), ("decision", "rejected"), ("reason", "查无实据")];
    assert_eq!(fill(&mut head, &recuse, &recuse, &settle).await.status, 303);
    let number = seen(&head.get(&recuse).await);
    let got = officer.post(&format!("{case}/steps/examine"), &[("seen", &number), ("findings", "x")]).await;
    assert!(got.status == 403 || got.status == 400, "{}", got.status);
    let mut second = signed_in(&server, "second").await;
    assert!(second.get(&case).await.text.contains(&format!("{case}/steps/examine")), "somebody else goes on");

    let mut elsewhere = signed_in(&server, "elsewhere").await;
    for path in ["clocks", "note", "correct", "facts-day", "abandon", "recuse"] {
        assert_eq!(elsewhere.get(&format!("{case}/{path}")).await.status, 404, "{path}");
        assert_eq!(
            elsewhere.post(&format!("{case}/{path}"), &[("seen", "1"), ("account", &own)]).await.status,
            404,
            "{path}"
        );
    }
    let mut supervisor = signed_in(&server, "supervisor").await;
    assert_eq!(supervisor.get(&note).await.status, 403);
    let mut reviewer = signed_in(&server, "legal_reviewer").await;
    assert_eq!(reviewer.get(&format!("{case}/abandon")).await.status, 403);
    let abandon = format!("{case}/abandon");
    assert_eq!(fill(&mut second, &abandon, &abandon, &[("reasons", "申请人到窗口撤回。")]).await.status, 303);
    assert!(second.get(&case).await.text.contains("撤回申请"));
}

#[tokio::test]
async fn persons_are_masked_until_somebody_says_why_and_that_is_entered() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let mut head = signed_in(&server, "case_approver").await;
    let id = applied(&server, &mut party).await;
    assert!(party.get(&format!("/my/cases/{id}")).await.text.contains("王五"), "the party sees its own");
    let case = format!("/cases/{id}");
    for path in ["", "/steps/accept", "/steps/complete", "/rest", "/propose", "/clocks", "/note", "/recuse"] {
        let got = officer.get(&format!("{case}{path}")).await;
        assert!(!got.text.contains("王五") && !got.text.contains("55550100"), "{path}: {:.2000}", got.text);
    }
    assert!(!head.get(&format!("{case}/decide")).await.text.contains("王五"));
    assert!(officer.get(&case).await.text.contains("data-reveal"));
    let reveal = format!("{case}/reveal");
    let got = officer.post(&reveal, &[("reason", "curiosity")]).await;
    assert!(got.status == 400 && !got.text.contains("王五"), "{} {:.900}", got.status, got.text);
    let got = officer.post(&reveal, &[("reason", "delivery")]).await;
    assert!(got.status == 200 && got.text.contains("王五") && got.text.contains("data-revealed"), "{:.2000}", got.text);
    assert!(got.header("cache-control").contains("no-store"), "{:?}", got.headers);
    assert!(!officer.get(&case).await.text.contains("王五"), "once");
    let store = server.site.store();
    let filter = ActFilter { kind: Some("party.revealed".into()), ..ActFilter::default() };
    let acts = store.acts(&filter, 10).await.unwrap();
    assert_eq!(acts.len(), 1);
    assert_eq!(acts[0].account, Some(server.account("case_officer").await));
    store.flush_ledger().await.unwrap();
    let body = store.ledger().entry(acts[0].idx).unwrap().parse().unwrap().body;
    assert_eq!((body["reason"].as_str(), body["case"].as_str()), (Some("delivery"), Some(id.as_str())));
    assert!(body["fields"].as_array().is_some_and(|f| !f.is_empty()));
    assert!(!body.to_string().contains("王五") && !acts[0].text.zh.contains("王五"), "the entry names no value");
    for login in ["supervisor", "publisher"] {
        let mut other = signed_in(&server, login).await;
        other.get(&case).await;
        assert_eq!(other.post(&reveal, &[("reason", "delivery")]).await.status, 403, "{login}");
    }
    let mut last = 0;
    for _ in 0..40 {
        last = officer.post(&reveal, &[("reason", "contact")]).await.status.as_u16();
    }
    assert_eq!(last, 429, "not a whole office at once");
}

#[tokio::test]
async fn an_office_is_entered_changed_and_has_people_with_certificates() {
    let server = hall().await;
    let mut admin = signed_in(&server, "administrator").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let list = admin.get("/offices").await.text;
    assert!(list.contains("示例分局") && list.contains("/offices/new"), "{list:.2000}");
    let list = officer.get("/offices").await.text;
    assert!(list.contains("示例分局") && !list.contains("/offices/new"), "{list:.2000}");
    assert_eq!(officer.get("/offices/new").await.status, 403);
    let authority = server.authority.clone().unwrap();
    let by = By { account: server.account("administrator").await, role: Role::Administrator };
    let top = authority.offices(by).await.unwrap()[0].id.to_string();
    admin.get("/offices/new").await;
    let mut fields = vec![
        ("name", "示例派出所"),
        ("level", "station"),
        ("division", "99"),
        ("unit_code", "230102510000"),
        ("parent", top.as_str()),
        ("phone", "0451-55550199"),
        ("court", "示例人民法院"),
        ("closed", "no"),
    ];
    let got = admin.post("/offices/new", &fields).await;
    assert!(got.status == 400 && got.text.contains("示例派出所"), "{} {:.900}", got.status, got.text);
    fields[2] = ("division", "230102");
    let got = admin.post("/offices/new", &fields).await;
    assert_eq!(got.status, 303, "{:.2000}", got.text);
    let page = got.place().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let setting = server.site.store().setting(&format!("office_court:{id}")).await.unwrap();
    assert_eq!(setting.as_deref(), Some("示例人民法院"));
    assert!(officer.get(&page).await.text.contains("0451-55550199"));
    assert!(admin.get("/offices").await.text.contains("└ "), "below the one above it");
    let account = server.account("police_duty").await.to_string();
    admin.get(&page).await;
    let to = format!("{page}/officers");
    let got = admin.post(&to, &[("account", &account)]).await;
    assert!(got.status == 400 && got.text.contains("不办理案件"), "{} {:.900}", got.status, got.text);
    let account = server.account("case_officer").await.to_string();
    let soon = day(&server, 10);
    let card = [("account", account.as_str()), ("certificate", "2301-7"), ("valid_until", soon.as_str())];
    assert_eq!(admin.post(&to, &card).await.status, 303);
    let shown = admin.get(&page).await.text;
    assert!(shown.contains("即将到期") && !shown.contains("2301-7"), "{shown:.3000}");
    assert_eq!(admin.post(&format!("{to}/remove"), &[("account", &account)]).await.status, 303);
    assert_eq!(admin.post(&format!("{to}/remove"), &[("account", &account)]).await.status, 404);
    for path in [page.as_str(), to.as_str()] {
        assert_eq!(officer.post(path, &card).await.status, 403, "{path}");
    }
    let mut applicant = signed_in(&server, "applicant").await;
    assert_eq!(applicant.get("/offices").await.status, 403);
}

#[tokio::test]
async fn who_stands_in_finds_the_cases_and_acts_under_their_own_name() {
    let server = hall().await;
    colleagues(&server).await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let mut second = signed_in(&server, "second").await;
    let id = accepted(&server, &mut party, &mut officer).await;
    let case = format!("/cases/{id}");
    let own = server.account("case_officer").await.to_string();
    let other = server.account("second").await.to_string();
    assert_eq!(fill(&mut officer, &case, &format!("{case}/assign"), &[("to", &own)]).await.status, 303);
    assert!(!second.get(&case).await.text.contains(&format!("{case}/steps/examine")), "another officer's");
    let store = server.site.store();
    let office = store.officer(server.account("case_officer").await).await.unwrap().unwrap().office;
    let page = format!("/offices/{office}");
    let (now, until) = (today(&server), day(&server, 3));
    let to = format!("{page}/absences");
    let absence = |stand_in| {
        [("absent", own.as_str()), ("stand_in", stand_in), ("from", now.as_str()), ("until", until.as_str())]
    };
    let (fields, myself) = (absence(other.as_str()), absence(own.as_str()));
    assert_eq!(second.post(&to, &fields).await.status, 403, "the person or the administrator");
    assert_eq!(officer.post(&to, &myself).await.status, 400, "nobody stands in for themselves");
    assert_eq!(officer.post(&to, &fields).await.status, 303);
    assert_eq!(officer.post(&to, &fields).await.status, 409, "these days are taken");
    assert!(second.get("/cases").await.text.contains(&format!("/cases?of={own}")), "a tab of the absent one");
    let list = second.get(&format!("/cases?of={own}")).await.text;
    assert!(list.contains(&format!("data-case=\"{id}\"")), "{list:.2000}");
    assert!(second.get(&case).await.text.contains(&format!("{case}/steps/examine")));
    assert_eq!(take(&server, &mut second, &id, "area_approval", "examine").await.status, 303);
    let events = store.case_events(base::CaseId::parse(&id).unwrap()).await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.by, Some(server.account("second").await), "the entry says who really acted");
    let entry = store.absences_of(office, server.site.now().utc.shanghai_date()).await.unwrap()[0].entry.to_string();
    officer.get(&page).await;
    assert_eq!(officer.post(&format!("{to}/end"), &[("entry", &entry)]).await.status, 303);
    assert!(!second.get("/cases").await.text.contains(&format!("/cases?of={own}")));
}

#[tokio::test]
async fn a_promise_that_went_by_has_its_mark_in_the_worklist_in_supervision_and_in_the_numbers() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = applied(&server, &mut party).await;
    let (store, today) = (server.site.store(), server.site.now().utc.shanghai_date());
    let case = base::CaseId::parse(&id).unwrap();
    let mut officer = signed_in(&server, "case_officer").await;
    assert!(!officer.get("/cases").await.text.contains("data-waits"), "nothing is counted yet");
    let events = store.case(case).await.unwrap().unwrap().events;
    let waiting = store::casework::waiting::Waiting { promised: Some(today.plus_days(-30)), ..Default::default() };
    store.put_waiting(case, events, today, &waiting).await.unwrap();
    let list = officer.get("/cases").await.text;
    assert!(list.contains("data-waits") && list.contains("承诺已过"), "{list:.3000}");
    let mut supervisor = signed_in(&server, "supervisor").await;
    let page = supervisor.get("/supervision").await.text;
    let waits = page.split_once("data-list=\"waiting\"").expect("the list").1;
    let waits = waits.split_once("data-list=\"decided_late\"").expect("the next").0;
    assert!(waits.contains(&format!("data-case=\"{id}\"")) && waits.contains("不是法定期限"), "{waits:.3000}");
    let overdue = page.split_once("data-list=\"overdue\"").expect("the list").1;
    let overdue = overdue.split_once("data-list=\"near\"").expect("the next").0;
    assert!(!overdue.contains(&id), "no term of law is over");
    assert!(officer.get("/statistics").await.text.contains("<dt>承诺已过</dt><dd>1</dd>"));
}

#[tokio::test]
async fn who_supervises_sees_lists_and_their_files() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = applied(&server, &mut party).await;
    let officer = server.account("case_officer").await;
    for (kind, code) in [("act.tried", "day_to_come"), ("party.revealed", "")] {
        let body = serde_json::json!({ "case": id, "code": code, "by": officer });
        let act = store::ledger_log::ActLine::done(Some(officer), base::Text::new("查看姓名。", "Names shown."));
        server.site.store().log(kind, server.site.now().utc, body, act).await.unwrap();
    }
    let mut supervisor = signed_in(&server, "supervisor").await;
    let page = supervisor.get("/supervision").await.text;
    let (tried, reveals) = page.split_once("data-list=\"reveals\"").expect("both lists");
    let tried = tried.split_once("data-list=\"tried\"").expect("what was refused").1;
    assert!(tried.contains(&format!("href=\"/cases/{id}\"")) && tried.contains("填写的日期不能成立"), "{tried:.2000}");
    assert!(reveals.contains("data-reveal") && reveals.contains("查看姓名。"), "{reveals:.2000}");
    for list in [
        "annulled",
        "overdue",
        "near",
        "waiting",
        "decided_late",
        "visits",
        "draws",
        "refusals",
        "grounds",
        "tried",
        "reveals",
        "load",
    ] {
        assert!(page.contains(&format!("data-list=\"{list}\"")), "{list}: {page:.2000}");
        let file = supervisor.get(&format!("/supervision/{list}.csv")).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "text/csv; charset=utf-8"), "{list}");
        assert!(file.header("content-disposition").contains(list) && file.text.contains("\r\n"), "{list}");
    }
    let store = server.site.store();
    let taken: Vec<_> = store.acts(&ActFilter::default(), 200).await.unwrap();
    let taken: Vec<_> = taken.into_iter().filter(|act| act.kind == "supervision.exported").collect();
    store.flush_ledger().await.unwrap();
    let lists = taken.iter().map(|act| store.ledger().entry(act.idx).unwrap().parse().unwrap().body);
    let mut lists: Vec<String> = lists.map(|body| body["list"].as_str().unwrap().to_owned()).collect();
    lists.sort_unstable();
    assert_eq!(
        lists,
        [
            "annulled",
            "decided_late",
            "draws",
            "grounds",
            "load",
            "near",
            "overdue",
            "refusals",
            "reveals",
            "tried",
            "visits",
            "waiting"
        ],
        "who took which list is entered"
    );
    let supervising = Some(server.account("supervisor").await);
    assert!(taken.iter().all(|act| act.account == supervising));
    assert!(page.contains("示例分局") && !page.contains("王五"), "{page:.3000}");
    assert!(supervisor.get("/supervision/load.csv").await.text.contains("示例分局"));
    let file = supervisor.get("/supervision/tried.csv").await.text;
    assert!(file.contains("填写的日期不能成立") && !file.contains("王五"), "{file}");
    assert!(supervisor.get("/supervision/reveals.csv").await.text.contains("查看姓名。"));
    for login in ["case_officer", "case_approver", "applicant", "administrator"] {
        let mut other = signed_in(&server, login).await;
        assert_eq!(other.get("/supervision").await.status, 403, "{login}");
        assert_eq!(other.get("/supervision/load.csv").await.status, 403, "{login}");
    }
}

/// A line of the log says of which case it is, and the bar in which office its reader works.
#[tokio::test]
async fn the_log_names_the_case_and_the_bar_the_office() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = applied(&server, &mut party).await;
    let row = server.site.store().case(base::CaseId::parse(&id).unwrap()).await.unwrap().unwrap();
    let mut auditor = signed_in(&server, "auditor").await;
    let log = auditor.get("/log").await.text;
    assert!(log.contains(&row.number), "{log:.3000}");
    let mut officer = signed_in(&server, "case_officer").await;
    let shown = officer.get("/cases").await.text;
    assert!(shown.contains("<span class=\"site\">示例分局</span>"), "{shown:.2000}");
    // What only another province has is not offered, so no name stands there twice.
    assert!(shown.contains("value=\"inspection_b\"") && !shown.contains("value=\"inspection_a\""), "{shown:.4000}");
}
