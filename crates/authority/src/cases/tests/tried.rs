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
            assert_eq!(keys.len(), 3, "code, case and account, and no value: {keys:?}");
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
    assert_eq!(hall.tried().await.len(), most);
    hall.authority.act(hall.second, case, &late, vec![]).await.unwrap_err();
    assert_eq!(hall.tried().await.len(), most + 1, "another account is heard");
    hall.clock.fetch_add(HOUR_MS + 1, Ordering::Relaxed);
    hall.authority.act(hall.officer, case, &late, vec![]).await.unwrap_err();
    assert_eq!(hall.tried().await.len(), most + 2, "and the same one an hour later");
}
