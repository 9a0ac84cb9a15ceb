//! What a search and the public see of a penalty: its wording and its row, and no name of a person.

use super::*;
use crate::cases::Hit;
use base::Lang;
use store::casework::search::Thing;

#[tokio::test]
async fn a_document_is_found_by_its_wording_and_by_nothing_of_a_person() {
    let hall = Hall::open().await;
    // 王五 is whom to ask at the unit; the number is somebody's.
    let (case, _) = fined_for(&hall, "王五（11010519491231002X）未建立登记制度").await;
    let seen = hall.store.case(case).await.unwrap().expect("a case").events;
    let made = hall.authority.make_document(hall.officer, case, "penalty_decision", Lang::Zh, seen).await.unwrap();
    let row = hall.store.document(made.document).await.unwrap().expect("kept");
    let found = async |query: &str| {
        let found = hall.store.search(Thing::Document, query, None, 9).await.unwrap();
        found.is_some_and(|found| found.things == [made.document.to_string()])
    };
    let wording = ["未建立登记制度", "行政处罚决定书", "示例商业有限公司"];
    let number = made.number.clone().expect("a number");
    // The words of every field about a person, as far as no open field says the same; of the officers; and what somebody wrote as reasons.
    let view = hall.view(hall.officer, case).await;
    let texts = |is_personal: bool| -> Vec<String> {
        let fields = view.procedure().fields.iter();
        let these = fields.filter(|f| (f.personal || f.kind.is_personal()) == is_personal);
        let text = |f: &law::Field| view.case.values_of(&f.step).and_then(|values| values.text(&f.id));
        these.filter_map(text).map(|text| text.chars().take(20).collect()).collect()
    };
    let (mut personal, open) = (texts(true), texts(false));
    personal.retain(|word| !open.iter().any(|text| text.contains(word)));
    personal.extend(["王五", "赵六", "11010519491231002", REASONS].map(str::to_owned));
    for by in [hall.officer, hall.second, hall.head, hall.reviewer] {
        personal.push(hall.store.account(by.account).await.unwrap().expect("an account").name.into_inner());
    }
    assert!(personal.len() > 10, "{}", personal.len());
    for again in [false, true] {
        if again {
            // As a document of an older program is made to be found.
            hall.store.index_document(row.id, "").await.unwrap();
            assert!(!found("未建立登记制度").await && found(&number).await, "by its number alone");
            let words = hall.authority.words_again(&row).await.unwrap();
            hall.store.index_document(row.id, &words).await.unwrap();
        }
        for word in wording {
            assert!(found(word).await, "{word}, again: {again}");
        }
        assert!(found(&number).await);
        for word in &personal {
            assert!(!found(word).await, "{word}, again: {again}");
        }
    }
    assert_eq!(hall.authority.index_documents().await.unwrap(), 0, "nothing waits");
    let hits = hall.authority.find(hall.officer, Thing::Document, "未建立登记制度", None).await.unwrap().hits;
    assert!(matches!(hits.as_slice(), [Hit::Document(hit)] if hit.case == Some(case)));
}

#[tokio::test]
async fn what_is_public_names_no_person_and_stands_until_it_is_withdrawn() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    hall.done(hall.officer, case, "publish").await.unwrap();
    let (publication, row) = ("rewards_and_penalties".to_owned(), case.to_string());
    let publish = CaseAct::Publish { publication: publication.clone(), row: row.clone() };
    hall.act(hall.publisher, case, publish).await.unwrap();
    let shown = hall.store.publications_of_case(case).await.unwrap();
    let body = &shown.first().expect("it is public").body;
    for told in ["沈阳示例商业有限公司", &format!("罚款：{fine}元"), "依据：《", "第十四条"] {
        assert!(body.contains(told), "{told}: {body}");
    }
    for person in ["赵六", "11010519491231002X", "024-55550100"] {
        assert!(!body.contains(person), "{person}: {body}");
    }
    hall.done(hall.officer, case, "annul").await.unwrap();
    let early = hall.done(hall.officer, case, "withdraw").await.unwrap_err();
    assert_eq!(early.code, "still_published");
    let reasons = "原决定经行政复议撤销。".to_owned();
    let withdraw = CaseAct::WithdrawPublication { publication, row, reasons };
    hall.act(hall.publisher, case, withdraw).await.unwrap();
    hall.done(hall.officer, case, "withdraw").await.unwrap();
    assert!(hall.store.publications_of_case(case).await.unwrap().iter().all(|p| p.withdrawn.is_some()));
    let rows = hall.store.rows_of_case(case).await.unwrap();
    assert!(rows.len() > 2 && rows.iter().all(|r| r.shown.is_none()), "no version of the row is public, nor the last");
}

#[tokio::test]
async fn neither_title_nor_column_nor_reason_makes_a_name_public() {
    let hall = Hall::open().await;
    // 王五 is whom to ask at the unit.
    let (case, _) = fined_for(&hall, "王五未建立登记制度").await;
    hall.done(hall.officer, case, "deliver").await.unwrap();
    assert!(hall.view(hall.officer, case).await.row.head.title.contains("王五"), "the office reads its own words");
    let rows = hall.store.rows_of_case(case).await.unwrap();
    assert_eq!(rows[0].name, "某某未建立登记制度");
    assert!(rows.iter().all(|r| r.shown.is_none() && !r.public.contains("王五")), "nor is it public yet");
    let on = hall.today();
    let mut typed = sample("penalty_case", "publish", on);
    typed.insert("published_summary".into(), "哈尔滨示例商业有限公司（联系人王五）未建立登记制度。".into());
    let named = hall.act(hall.officer, case, hall.done_act(hall.officer, "publish", typed, on)).await.unwrap_err();
    assert_eq!(named.code, "names_person");
    hall.done(hall.officer, case, "publish").await.unwrap();
    let (publication, row) = ("rewards_and_penalties".to_owned(), case.to_string());
    let publish = CaseAct::Publish { publication: publication.clone(), row: row.clone() };
    hall.act(hall.publisher, case, publish).await.unwrap();
    let notice = hall.store.publications_of_case(case).await.unwrap().remove(0);
    assert!(notice.title.ends_with("某某未建立登记制度") && !notice.body.contains("王五"), "{notice:?}");
    let shown = |rows: Vec<store::casework::registers::RowVersion>| {
        rows.iter().filter(|r| r.newest).map(|r| r.shown.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(shown(hall.store.rows_of_case(case).await.unwrap()), [true]);
    let withdraw = |reasons: &str| CaseAct::WithdrawPublication {
        publication: publication.clone(),
        row: row.clone(),
        reasons: reasons.into(),
    };
    let named = hall.act(hall.publisher, case, withdraw("王五提出异议，决定已撤销。")).await.unwrap_err();
    assert_eq!(named.code, "names_person");
    // Of two tabs the second changes nothing: the notice goes with its event or not at all.
    let stale = Command { seen: 1, act: withdraw("决定已经被复议机关撤销。") };
    hall.authority.act(hall.publisher, case, &stale, vec![]).await.unwrap_err();
    assert_eq!(hall.store.publication(notice.entry).await.unwrap().and_then(|p| p.withdrawn), None);
    hall.act(hall.publisher, case, withdraw("决定已经被复议机关撤销。")).await.unwrap();
    assert_eq!(shown(hall.store.rows_of_case(case).await.unwrap()), [false]);
}
