//! The only head of an office who should keep out: the head above decides, no other head does, and where there is none a written decision is entered.

use super::*;
use crate::cases::{RecusalWay, Settling};

impl Hall {
    /// An office with a head: above that of the hall, or beside it.
    pub(super) async fn office_with_head(&self, login: &str, (level, division): (&str, &str)) -> (OfficeId, By) {
        let form = OfficeForm {
            name: format!("示例机构{login}"),
            level: level.into(),
            division: division.into(),
            unit_code: format!("{division}000000"),
            ..OfficeForm::default()
        };
        let office = self.authority.put_office(self.admin, &form).await.unwrap();
        let head = account(&self.store, login, Role::CaseApprover).await;
        self.authority.put_officer(self.admin, head.account, office, &OfficerForm::default()).await.unwrap();
        (office, head)
    }

    /// Puts the office of the hall under another.
    pub(super) async fn put_under(&self, above: OfficeId) {
        let form = OfficeForm {
            id: Some(self.office),
            name: "示例分局".into(),
            short: "示公技防".into(),
            level: "county".into(),
            division: "230102".into(),
            unit_code: "230102000000".into(),
            parent: Some(above),
            closed: false,
            name_en: String::new(),
        };
        self.authority.put_office(self.admin, &form).await.unwrap();
    }

    /// An examined case whose head is asked to keep out.
    async fn head_asked(&self) -> CaseId {
        let case = self.examined().await;
        let ask = CaseAct::AskRecusal { account: self.head.account, reason: "是申请人的近亲属".into() };
        self.act(self.officer, case, ask).await.unwrap();
        case
    }

    async fn settle_below(&self, by: By, case: CaseId, account: base::AccountId) -> Result<Acted, Refusal> {
        let seen = self.store.case(case).await.unwrap().map_or(0, |row| row.events);
        let form = Settling { seen, account, granted: true, reason: "情况属实" };
        self.authority.settle_recusal_below(by, case, form).await
    }
}

#[tokio::test]
async fn the_head_above_decides_about_the_only_head_and_a_third_one_does_not_know_of_the_case() {
    let hall = Hall::open().await;
    let case = hall.head_asked().await;
    let (city, above) = hall.office_with_head("above", ("city", "230100")).await;
    let (_, beside) = hall.office_with_head("beside", ("county", "230103")).await;
    hall.put_under(city).await;
    let account = hall.head.account;
    let settle = CaseAct::SettleRecusal { account, granted: false, reason: "没有利害关系".into() };
    assert_eq!(hall.act(hall.head, case, settle.clone()).await.unwrap_err().code, "own_recusal");
    let note = CaseAct::Note { words: "请尽快办理".into() };
    assert_eq!(
        hall.act(above, case, note).await.unwrap_err().code,
        "other_office",
        "who is above sees the case and works on it not"
    );
    let enter = CaseAct::EnterRecusal {
        account,
        granted: true,
        reason: "情况属实".into(),
        organ: "上级公安机关".into(),
        number: "1".into(),
        on: hall.today(),
    };
    assert_eq!(hall.act(hall.officer, case, enter).await.unwrap_err().code, "recusal_decided_here");
    let view = hall.view(hall.officer, case).await;
    let way = hall.authority.recusal_way(&view.case, account).await.unwrap();
    assert_eq!(way, RecusalWay::Above("示例机构above".into()));
    assert_eq!(
        hall.authority.recusal_way(&view.case, hall.officer.account).await.unwrap(),
        RecusalWay::Here,
        "an officer is no head"
    );

    assert!(hall.authority.recusals_below(beside).await.unwrap().is_empty());
    assert_eq!(hall.authority.recusals_below(hall.officer).await.unwrap_err().code, "no_permission");
    let waiting = hall.authority.recusals_below(above).await.unwrap();
    assert_eq!((waiting.len(), hall.authority.recusals_below_count(above).await.unwrap()), (1, 1));
    assert_eq!((waiting[0].case, waiting[0].account, waiting[0].reasons.len()), (case, account, 1));
    assert!(!format!("{waiting:?}").contains("近亲属"), "reasons are not printed");
    for (by, who) in [(beside, account), (hall.head, account), (above, hall.officer.account)] {
        assert_eq!(hall.settle_below(by, case, who).await.unwrap_err().code, "not_found");
    }
    assert_eq!(hall.settle_below(hall.officer, case, account).await.unwrap_err().code, "no_permission");
    hall.settle_below(above, case, account).await.unwrap();
    assert!(hall.authority.recusals_below(above).await.unwrap().is_empty());
    assert_eq!(hall.authority.recusals_below_count(above).await.unwrap(), 0);
    let view = hall.view(hall.officer, case).await;
    assert!(view.case.is_recused(account));
    let last = hall.store.case_events(case).await.unwrap().pop().expect("an event");
    assert_eq!((last.kind.as_str(), last.by), ("case.recused", Some(above.account)));
    assert_eq!(hall.settle_below(above, case, account).await.unwrap_err().code, "recusal_not_asked");
    let note = CaseAct::Note { words: "电话联系过当事人".into() };
    assert_eq!(hall.act(hall.head, case, note).await.unwrap_err().code, "recused");
}

#[tokio::test]
async fn an_office_above_without_a_head_is_passed_over_and_without_any_a_written_decision_is_entered() {
    let hall = Hall::open().await;
    let case = hall.head_asked().await;
    let (city, above) = hall.office_with_head("above", ("city", "230100")).await;
    hall.put_under(city).await;
    hall.authority.remove_officer(hall.admin, above.account).await.unwrap();
    let account = hall.head.account;
    let view = hall.view(hall.officer, case).await;
    assert_eq!(hall.authority.recusal_way(&view.case, account).await.unwrap(), RecusalWay::Entered);
    let enter = |number: &str| CaseAct::EnterRecusal {
        account,
        granted: true,
        reason: "情况属实".into(),
        organ: "上级公安机关".into(),
        number: number.into(),
        on: hall.today(),
    };
    assert_eq!(hall.act(hall.head, case, enter("1")).await.unwrap_err().code, "own_recusal");
    assert_eq!(hall.act(hall.officer, case, enter("")).await.unwrap_err().code, "recusal_number");
    hall.act(hall.officer, case, enter("示公回避〔2026〕1号")).await.unwrap();
    assert!(hall.view(hall.officer, case).await.case.is_recused(account));
}

#[tokio::test]
async fn where_all_heads_of_the_nearest_office_above_keep_out_the_next_one_decides_and_then_a_written_decision() {
    let hall = Hall::open().await;
    let case = hall.head_asked().await;
    let (city, near) = hall.office_with_head("near", ("city", "230100")).await;
    let (province, far) = hall.office_with_head("far", ("province", "230000")).await;
    hall.put_under(city).await;
    let form = OfficeForm {
        id: Some(city),
        name: "示例机构near".into(),
        level: "city".into(),
        division: "230100".into(),
        unit_code: "230100000000".into(),
        parent: Some(province),
        ..OfficeForm::default()
    };
    hall.authority.put_office(hall.admin, &form).await.unwrap();
    let account = hall.head.account;
    let count = async |by: By| hall.authority.recusals_below_count(by).await.unwrap();
    assert_eq!((count(near).await, count(far).await), (1, 0), "the nearest decides");
    let kept_out = async |who: base::AccountId| {
        let ask = CaseAct::AskRecusal { account: who, reason: "是申请人的近亲属".into() };
        hall.act(hall.officer, case, ask).await.unwrap();
        let granted = CaseAct::SettleRecusal { account: who, granted: true, reason: "情况属实".into() };
        hall.act(hall.head, case, granted).await.unwrap();
    };
    kept_out(near.account).await;
    assert_eq!((count(near).await, count(far).await), (0, 1), "the next one above");
    assert_eq!(hall.settle_below(near, case, account).await.unwrap_err().code, "not_found");
    let view = hall.view(hall.officer, case).await;
    assert_eq!(hall.authority.recusal_way(&view.case, account).await.unwrap(), RecusalWay::Above("示例机构far".into()));
    kept_out(far.account).await;
    assert_eq!((count(near).await, count(far).await), (0, 0));
    assert_eq!(hall.settle_below(far, case, account).await.unwrap_err().code, "not_found");
    let view = hall.view(hall.officer, case).await;
    assert_eq!(hall.authority.recusal_way(&view.case, account).await.unwrap(), RecusalWay::Entered);
    let enter = CaseAct::EnterRecusal {
        account,
        granted: true,
        reason: "情况属实".into(),
        organ: "上级公安机关".into(),
        number: "示公回避〔2026〕2号".into(),
        on: hall.today(),
    };
    hall.act(hall.officer, case, enter).await.unwrap();
    assert!(hall.view(hall.officer, case).await.case.is_recused(account));
}
