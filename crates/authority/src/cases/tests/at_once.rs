//! Two at once, and one after the other: of two acts one looks again, the same matter is opened once unless there is a reason.

use super::*;

#[tokio::test]
async fn of_two_clerks_at_once_one_is_told_to_look_again() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let seen = hall.view(hall.officer, case).await.row.events;
    let note = |words: &str| Command { seen, act: CaseAct::Note { words: words.into() } };
    let (one, two) = (note("甲的备注"), note("乙的备注"));
    let (one, two) = tokio::join!(
        hall.authority.act(hall.officer, case, &one, vec![]),
        hall.authority.act(hall.second, case, &two, vec![]),
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    let late = one.err().or(two.err()).expect("one was late");
    assert_eq!((late.kind, late.code.as_str()), (ErrorKind::Conflict, "case_moved_on"));
}

#[tokio::test]
async fn a_file_is_not_chosen_again_because_of_a_note_of_somebody_else() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let seen = hall.view(hall.officer, case).await.row.events;
    hall.act(hall.second, case, CaseAct::Note { words: "已电话联系申请人".into() }).await.unwrap();
    let evidence = pdf(domain::casework::OTHER_EVIDENCE, 5);
    let late = Command { seen, act: evidence.act().unwrap() };
    hall.authority.act(hall.officer, case, &late, vec![evidence]).await.unwrap();
    // Another paper of the same kind is what its maker has to see first.
    let second = pdf(domain::casework::OTHER_EVIDENCE, 6);
    let late = Command { seen, act: second.act().unwrap() };
    let refusal = hall.authority.act(hall.officer, case, &late, vec![second]).await.unwrap_err();
    assert_eq!(refusal.code, "case_moved_on");
}

#[tokio::test]
async fn the_same_matter_is_begun_again_only_with_a_reason() {
    let hall = Hall::open().await;
    let first = hall.begin(hall.unit, &area()).await;
    let same = hall.authority.begin(hall.unit, &area()).await.unwrap_err();
    assert_eq!(same.code, "same_case");
    assert!(same.what.zh.contains(&first.number));
    hall.done(hall.unit, first.case, "apply").await.unwrap();
    assert_ne!(hall.view(hall.unit, first.case).await.row.head.title, area().title, "lists call it by its place now");
    let vague = Beginning { again: "。".into(), ..area() };
    assert_eq!(hall.authority.begin(hall.unit, &vague).await.unwrap_err().code, "again");
    let again = hall.begin(hall.unit, &Beginning { again: "另一组设备".into(), ..area() }).await;
    assert_eq!(again.number, "示公技防〔2026〕2号", "no hole in the numbers");
    hall.begin(hall.person, &area()).await;
}

#[tokio::test]
async fn two_who_open_the_same_matter_at_once_open_it_once() {
    let hall = Hall::open().await;
    let form = Beginning {
        channel: Channel::Counter,
        party: Some(hall.party(hall.unit).await),
        place: String::new(),
        ..area()
    };
    let (one, two) = tokio::join!(hall.authority.begin(hall.officer, &form), hall.authority.begin(hall.second, &form));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    let (number, late) = match (one, two) {
        (Ok(begun), Err(late)) | (Err(late), Ok(begun)) => (begun.number, late),
        both => panic!("one of them: {both:?}"),
    };
    assert_eq!(late.code, "same_case");
    assert!(late.what.zh.contains(&number), "it is told which: {late}");
    // With a reason both are wanted, however they meet.
    let again = |why: &str| Beginning { again: why.into(), ..form.clone() };
    let (one, two) = (again("另一组设备，另行办理"), again("又一组设备，另行办理"));
    let (one, two) = tokio::join!(hall.authority.begin(hall.officer, &one), hall.authority.begin(hall.second, &two));
    assert!(one.is_ok() && two.is_ok());
}
