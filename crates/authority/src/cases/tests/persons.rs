//! Who sees persons of a case: what names them is opened by who may see them whole, each time with an entry, and by nobody else.

use super::*;
use crate::cases::JoinForm;
use base::Lang;

const NOTICE: &str = "acceptance_notice";

impl Hall {
    /// Entries of a kind, the newest first.
    async fn acts_of(&self, kind: &str) -> Vec<ActRow> {
        let filter = ActFilter { kind: Some(kind.into()), ..ActFilter::default() };
        self.store.acts(&filter, 100).await.unwrap()
    }

    /// An examined application with a document that was not delivered.
    async fn with_document(&self) -> (CaseId, Sha256) {
        let case = self.examined().await;
        let seen = self.view(self.officer, case).await.row.events;
        let made = self.authority.make_document(self.officer, case, NOTICE, Lang::Zh, seen).await.unwrap();
        (case, made.sha256)
    }
}

#[tokio::test]
async fn what_names_persons_is_opened_by_who_may_see_them_whole_and_each_time_entered() {
    let hall = Hall::open().await;
    let (case, document) = hall.with_document().await;
    let n = hall.view(hall.officer, case).await.papers[0].n;
    for by in [hall.officer, hall.head, hall.reviewer] {
        let (_, paper) = hall.authority.case_paper(by, case, n).await.unwrap();
        let (row, pdf) = hall.authority.case_document(by, case, document).await.unwrap();
        assert!(paper.starts_with(b"%PDF") && Sha256::of(&pdf) == document && row.sha256 == document);
    }
    hall.authority.case_paper(hall.unit, case, n).await.unwrap();
    let opened: Vec<Option<base::AccountId>> =
        hall.acts_of("document.opened").await.iter().map(|a| a.account).collect();
    let readers = [hall.reviewer, hall.head, hall.officer].map(|by| Some(by.account));
    assert_eq!(opened, readers, "one entry for each time");
    assert_eq!(hall.acts_of("paper.opened").await.len(), 4);
    let auditor = account(&hall.store, "auditor", Role::Auditor).await;
    for by in [hall.publisher, hall.supervisor, auditor] {
        let refusal = hall.authority.case_paper(by, case, n).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Forbidden, "not_for_seat"), "{:?}", by.role);
        assert_eq!(hall.authority.case_document(by, case, document).await.unwrap_err().code, "not_for_seat");
        assert_eq!(hall.authority.reveal(by, case, "review").await.unwrap_err().code, "not_for_seat");
        hall.view(by, case).await;
    }
    let undelivered = hall.authority.case_document(hall.unit, case, document).await.unwrap_err();
    assert_eq!(undelivered.code, "not_found", "what was not delivered is no document of the party");
    assert_eq!(hall.authority.case_document(hall.person, case, document).await.unwrap_err().code, "not_found");
    let unknown = hall.authority.case_document(hall.officer, case, Sha256::of(b"another")).await.unwrap_err();
    assert_eq!(unknown.code, "not_found");
    assert_eq!((hall.acts_of("document.opened").await.len(), hall.acts_of("paper.opened").await.len()), (3, 4));
}

#[tokio::test]
async fn who_keeps_out_of_a_case_sees_nobody_of_it() {
    let hall = Hall::open().await;
    let (case, document) = hall.with_document().await;
    let n = hall.view(hall.officer, case).await.papers[0].n;
    let account = hall.second.account;
    hall.authority.case_paper(hall.second, case, n).await.unwrap();
    hall.act(hall.officer, case, CaseAct::AskRecusal { account, reason: "是申请人的近亲属".into() }).await.unwrap();
    hall.authority.case_paper(hall.second, case, n).await.expect("asked, not decided");
    let settle = CaseAct::SettleRecusal { account, granted: true, reason: "情况属实".into() };
    hall.act(hall.head, case, settle).await.unwrap();
    assert_eq!(hall.authority.case_paper(hall.second, case, n).await.unwrap_err().code, "recused");
    assert_eq!(hall.authority.case_document(hall.second, case, document).await.unwrap_err().code, "recused");
    assert_eq!(hall.authority.reveal(hall.second, case, "identify").await.unwrap_err().code, "recused");
    hall.authority.case_document(hall.officer, case, document).await.expect("the others go on");
}

#[tokio::test]
async fn a_draft_that_names_persons_is_looked_at_with_an_entry() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let draft = |by: By, kind: &'static str| hall.authority.preview_document(by, case, kind, Lang::Zh);
    assert_eq!(draft(hall.officer, "refusal_decision").await.unwrap_err().code, "paper_too_early");
    assert!(hall.acts_of("party.revealed").await.is_empty(), "nothing was shown");
    draft(hall.officer, NOTICE).await.unwrap();
    let acts = hall.acts_of("party.revealed").await;
    assert_eq!(acts.iter().map(|a| a.account).collect::<Vec<_>>(), [Some(hall.officer.account)]);
    hall.store.flush_ledger().await.unwrap();
    let body = hall.store.ledger().entry(acts[0].idx).unwrap().parse().unwrap().body;
    assert_eq!(body["fields"], serde_json::json!([format!("document.{NOTICE}")]));
    assert_eq!((body["case"].clone(), body["reason"].clone()), (serde_json::json!(case), serde_json::json!("draft")));
    assert!(!body.to_string().contains("王五") && !acts[0].text.zh.contains("王五"), "the entry names no value");
    assert_eq!(draft(hall.publisher, NOTICE).await.unwrap_err().code, "not_for_seat");
    let seen = hall.view(hall.officer, case).await.row.events;
    let made = hall.authority.make_document(hall.publisher, case, NOTICE, Lang::Zh, seen).await.unwrap_err();
    assert_eq!(made.code, "not_for_seat", "nor does who publishes make what they may not read");
    assert_eq!(hall.acts_of("party.revealed").await.len(), 1);
}

#[tokio::test]
async fn the_counter_joins_an_account_to_whom_it_entered_first_after_seeing_the_papers() {
    let hall = Hall::open().await;
    let party = hall.party(hall.unit).await;
    let third = account(&hall.store, "third", Role::Applicant).await;
    let form = JoinForm {
        login: " third ".into(),
        is_unit: true,
        number: Pii::new("91350100m000100y43".into()),
        seen: vec!["unit_certificate".into(), "own_card".into()],
    };
    assert!(!format!("{form:?}").contains("9135"));
    let code = async |form: &JoinForm| hall.authority.join_applicant(hall.officer, form).await.unwrap_err().code;
    assert_eq!(code(&form).await, "seen", "the letter of authority was not seen");
    assert!(hall.store.party_of(third.account).await.unwrap().is_none());
    let with = |login: &str, is_unit: bool, number: &str| JoinForm {
        login: login.into(),
        is_unit,
        number: Pii::new(number.into()),
        seen: vec!["unit_certificate".into(), "own_card".into(), "authorisation".into()],
    };
    let whole = with("third", true, "91350100M000100Y43");
    for (wrong, expected) in [
        (with("nobody", true, "91350100M000100Y43"), "login"),
        (with("head", true, "91350100M000100Y43"), "login"),
        (with("third", true, "91350100M000100Y44"), "number"),
        (with("third", false, "440524188001010014"), "number"),
        (with("unit", true, "91350100M000100Y43"), "joined_already"),
        (with("person", true, "91350100M000100Y43"), "account_joined"),
    ] {
        assert_eq!(code(&wrong).await, expected, "{}", wrong.login);
    }
    for by in [hall.head, hall.reviewer, hall.supervisor, hall.unit] {
        assert_eq!(hall.authority.joinable(by, &whole).await.unwrap_err().code, "no_permission", "{:?}", by.role);
    }
    let found = hall.authority.joinable(hall.officer, &whole).await.unwrap();
    assert_eq!((found.party, found.name.expose().as_str()), (party, "哈尔滨示例商业有限公司"));
    assert!(hall.store.party_of(third.account).await.unwrap().is_none(), "looked at, not joined");
    hall.authority.join_applicant(hall.officer, &whole).await.unwrap();
    assert_eq!(hall.party(third).await, party);
    assert_eq!(code(&whole).await, "joined_already");
    let acts = hall.acts_of("applicant.put").await;
    assert_eq!(acts[0].account, Some(hall.officer.account));
    hall.store.flush_ledger().await.unwrap();
    let body = hall.store.ledger().entry(acts[0].idx).unwrap().parse().unwrap().body;
    assert_eq!(body["papers_seen"], serde_json::json!(["unit_certificate", "own_card", "authorisation"]));
    let case = hall.examined().await;
    assert!(hall.view(third, case).await.is_applicant, "the cases of the party are theirs too");
    let pairs = [("person_name", "钱七"), ("resident_id", "440524188001010014"), ("contact_phone", "0451-55550102")];
    let counter = PartyForm { is_unit: false, typed: typed(&pairs) };
    let entered = hall.authority.party_for_counter(hall.officer, &counter).await.unwrap();
    let fourth = account(&hall.store, "fourth", Role::Applicant).await;
    let own = JoinForm { seen: vec!["own_card".into()], ..with("fourth", false, "440524188001010014") };
    hall.authority.join_applicant(hall.officer, &own).await.unwrap();
    assert_eq!(hall.party(fourth).await, entered, "whoever came to the counter first goes on online");
}

#[tokio::test]
async fn no_correction_puts_a_person_into_a_public_column() {
    let hall = Hall::open().await;
    let case = hall.own_motion("place_designation", hall.unit, "示例物流园").await;
    hall.done(hall.officer, case, "propose").await.unwrap();
    let named = |text: &str| CaseAct::CorrectValue {
        field: "place_name".into(),
        typed: text.into(),
        reasons: "录入时看错。".into(),
    };
    let refusal = hall.act(hall.officer, case, named("王五物流园")).await.unwrap_err();
    assert_eq!(refusal.code, "names_person", "{refusal}");
    hall.act(hall.officer, case, named("示例第二物流园")).await.unwrap();
}
