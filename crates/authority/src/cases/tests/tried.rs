//! Attempts leave a trace: which, by whom, in which case, without a value, and not more than anybody reads.

use super::*;

impl Hall {
    /// Codes of the attempts that were entered, the oldest first.
    async fn tried(&self) -> Vec<(String, Option<base::AccountId>)> {
        self.store.flush_ledger().await.unwrap();
        let filter = ActFilter { kind: Some("act.tried".into()), ..ActFilter::default() };
        let mut out = Vec::new();
        for act in self.store.acts(&filter, 100).await.unwrap() {
            assert!(act.refused && act.clauses.is_empty());
            let body = self.store.ledger().entry(act.idx).unwrap().parse().unwrap().body;
            let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
            let counts = usize::from(body["code"] == "many");
            assert_eq!(keys.len(), 3 + counts, "code, case and account, how many, and no value: {keys:?}");
            out.push((body["code"].as_str().unwrap().to_owned(), act.account));
        }
        out.reverse();
        out
    }
}

#[tokio::test]
async fn attempts_that_no_clause_decides_are_entered_without_a_value() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let note = || CaseAct::Note { words: "补充一份材料".into() };
    let disguised = hall.act_with(hall.officer, case, note(), vec![file("application", "王五.pdf", b"MZ")]).await;
    assert_eq!(disguised.unwrap_err().code, "paper_disguised");
    let large = vec![b'%'; base::limits::UPLOAD_BYTES + 1];
    let large = hall.act_with(hall.officer, case, note(), vec![file("application", "大.pdf", &large)]).await;
    assert_eq!(large.unwrap_err().code, "paper_size");
    let there = hall.act_with(hall.officer, case, note(), vec![pdf("application", 1)]).await;
    assert_eq!(there.unwrap_err().code, "paper_there");
    let late = Command { seen: 1, act: note() };
    assert_eq!(hall.authority.act(hall.second, case, &late, vec![]).await.unwrap_err().code, "case_moved_on");
    let account = hall.second.account;
    let ask = CaseAct::AskRecusal { account, reason: "是申请人的近亲属".into() };
    hall.act(hall.officer, case, ask).await.unwrap();
    let settle = CaseAct::SettleRecusal { account, granted: true, reason: "情况属实".into() };
    hall.act(hall.head, case, settle).await.unwrap();
    assert_eq!(hall.act(hall.second, case, note()).await.unwrap_err().code, "recused");
    let n = hall.view(hall.officer, case).await.papers[0].n;
    assert_eq!(hall.authority.case_paper(hall.publisher, case, n).await.unwrap_err().code, "not_for_seat");
    let third = super::account(&hall.store, "third", Role::Applicant).await;
    let wrong = PartyForm { is_unit: true, typed: typed(&[("credit_code", "91350100M000100Y44")]) };
    hall.authority.register_party(third, &wrong).await.unwrap_err();
    let empty = PartyForm { is_unit: true, typed: typed(&[("unit_name", "只填了名称")]) };
    hall.authority.register_party(third, &empty).await.unwrap_err();
    let [officer, second, publisher] = [hall.officer, hall.second, hall.publisher].map(|by| Some(by.account));
    let expected = [
        ("paper_disguised", officer),
        ("paper_size", officer),
        ("paper_there", officer),
        ("case_moved_on", second),
        ("recused", second),
        ("not_for_seat", publisher),
        ("credit_code", Some(third.account)),
    ];
    let tried = hall.tried().await;
    let tried: Vec<(&str, Option<base::AccountId>)> = tried.iter().map(|(code, by)| (code.as_str(), *by)).collect();
    assert_eq!(tried, expected);
    assert!(hall.refused().await.is_empty(), "the law refused nothing");
}

#[tokio::test]
async fn nobody_fills_the_log_by_trying() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let late = Command { seen: 1, act: CaseAct::Note { words: "旧页面的备注".into() } };
    let most = usize::try_from(crate::cases::tried::MOST).unwrap();
    for _ in 0..most + 5 {
        assert_eq!(hall.authority.act(hall.officer, case, &late, vec![]).await.unwrap_err().code, "case_moved_on");
    }
    // Five more than are entered: told at the first, the second and the fourth.
    let told = most + 3;
    assert_eq!(hall.tried().await.len(), told);
    assert!(hall.tried().await.iter().skip(most).all(|(code, _)| code == "many"));
    hall.authority.act(hall.second, case, &late, vec![]).await.unwrap_err();
    assert_eq!(hall.tried().await.len(), told + 1, "another account is heard");
    hall.clock.fetch_add(HOUR_MS + 1, Ordering::Relaxed);
    hall.authority.act(hall.officer, case, &late, vec![]).await.unwrap_err();
    assert_eq!(hall.tried().await.len(), told + 2, "and the same one an hour later");
}

#[tokio::test]
async fn what_comes_twice_too_large_or_in_a_file_is_entered_too() {
    let hall = Hall::open().await;
    let case = hall.begin(hall.unit, &area()).await.case;
    assert_eq!(hall.authority.begin(hall.unit, &area()).await.unwrap_err().code, "same_case");
    let field = procedure("product_registration").field("organisation_code").unwrap();
    let wrong = typed(&[("organisation_code", "D2143569-1")]);
    hall.authority.tried_numbers(hall.officer, None, &[field], &wrong).await.unwrap();
    let right = typed(&[("organisation_code", "D2143569-X")]);
    hall.authority.tried_numbers(hall.officer, None, &[field], &right).await.unwrap();
    // A file is one attempt, however many of its rows are wrong.
    let head = "登记编号,登记名称,有效期自,credit_code\n";
    let rows = |code: &str| format!("{head}旧-1,示例楼,2019-01-02,{code}\n旧-2,另一楼,2019-01-03,{code}\n");
    let sent = |name: &'static str, bytes: Vec<u8>| {
        let (authority, by) = (&hall.authority, hall.officer);
        async move { authority.preview_import(by, "systems", (name, bytes.as_slice())).await.unwrap().fault_count }
    };
    assert_eq!(sent("a.csv", rows("91350100M000100Y44").into_bytes()).await, 2);
    assert_eq!(sent("a.xlsx", b"a,b".to_vec()).await, 1);
    assert_eq!(sent("a.csv", vec![b'x'; crate::cases::imports::FILE_BYTES + 1]).await, 1);
    assert_eq!(sent("a.csv", b"%PDF-1.7".to_vec()).await, 1, "no table, and no attempt");
    let csv = rows("91350100M000100Y43");
    let (digest, done) = (Sha256::of(csv.as_bytes()).hex(), std::sync::atomic::AtomicUsize::new(0));
    let file = ("a.csv", csv.as_bytes());
    assert_eq!(hall.authority.import_file(hall.officer, "systems", file, (digest.as_str(), &done)).await.unwrap(), 2);
    assert_ne!(sent("a.csv", csv.clone().into_bytes()).await, 0);
    // What was too large to be read names the case only of whoever may know of it.
    hall.authority.tried_size(hall.person, Some(case)).await.unwrap();
    hall.authority.tried_size(hall.unit, Some(case)).await.unwrap();
    let [officer, unit, person] = [hall.officer, hall.unit, hall.person].map(|by| Some(by.account));
    let expected = [
        ("same_case", unit),
        ("organisation_code", officer),
        ("credit_code", officer),
        ("paper_disguised", officer),
        ("paper_size", officer),
        ("import_twice", officer),
        ("paper_size", person),
        ("paper_size", unit),
    ];
    let tried = hall.tried().await;
    let tried: Vec<(&str, Option<base::AccountId>)> = tried.iter().map(|(code, by)| (code.as_str(), *by)).collect();
    assert_eq!(tried, expected);
    let filter = ActFilter { kind: Some("act.tried".into()), ..ActFilter::default() };
    let newest = hall.store.acts(&filter, 2).await.unwrap();
    let case_of = |act: &ActRow| hall.store.ledger().entry(act.idx).unwrap().parse().unwrap().body["case"].clone();
    assert_eq!((case_of(&newest[0]), case_of(&newest[1])), (serde_json::json!(case), serde_json::Value::Null));
}
