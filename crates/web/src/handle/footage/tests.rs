//! What is told of footage that is held, to its office and to its party, and what the guide promises.

use super::*;

#[test]
fn what_is_kept_is_told_in_minutes_and_nothing_is_nothing() {
    let kept = |footage_ms| Kept { camera: "东门".into(), footage_ms, gaps: vec![], oldest: None };
    assert_eq!(kept_line(&kept(0)).footage.en, "no footage");
    assert_eq!(kept_line(&kept(59_999)).footage.en, "less than a minute");
    assert_eq!(kept_line(&kept(60_000)).footage.en, "1 minute");
    assert_eq!(kept_line(&kept(3_600_000)).footage.zh, "60分钟");
}

#[test]
fn a_site_is_found_by_every_word_of_its_name_and_by_no_other() {
    let names = ["沈阳示例商业广场", "沈阳示例剧场", "ABC Hotel"];
    let sites = || names.iter().map(|name| (SiteId::new(1, [1; 10]), (*name).to_owned())).collect::<Vec<_>>();
    let found = |sought: &str| fitting(sites(), sought).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(found("  ").len(), names.len());
    assert_eq!(found("广场 沈阳"), ["沈阳示例商业广场"]);
    assert_eq!(found("abc"), ["ABC Hotel"]);
    assert!(found("沈阳 hotel").is_empty());
}

#[test]
fn nothing_is_called_held_before_the_site_says_so() {
    let one = FootageOrder {
        id: OrderId::from_bytes([1; 16]),
        site: "示范酒店".into(),
        what: None,
        at: UtcMs(0),
        ended: false,
        until: CivilDate::ymd(2026, 9, 1),
        answer: None,
        entry: 1,
    };
    assert_eq!(state(&one).mark, Mark::Busy);
    assert!(line(&one, false, false).until.zh.is_empty(), "what cannot be read is no hold");
    let refused = Answer::plain(one.id, Ended::Refused, vec![], vec![]);
    assert_eq!(state(&FootageOrder { answer: Some((refused, UtcMs(1))), ..one }).mark, Mark::Critical);
}

#[test]
fn its_party_is_told_how_much_there_is_and_of_no_camera() {
    let kept = |camera: &str| Kept {
        camera: camera.into(),
        footage_ms: 600_000,
        gaps: vec![(UtcMs(0), UtcMs(60_000))],
        oldest: Some(UtcMs(1)),
    };
    let id = OrderId::from_bytes([1; 16]);
    let answer =
        Answer { cameras: vec![kept("东门"), kept("金库")], ..Answer::plain(id, Ended::Done, vec![], vec![]) };
    let one = FootageOrder {
        id,
        site: "示范酒店".into(),
        what: None,
        at: UtcMs(0),
        ended: false,
        until: None,
        answer: Some((answer, UtcMs(1))),
        entry: 1,
    };
    let told = party_line(&one).cameras;
    assert_eq!(told.len(), 1);
    assert_eq!((&*told[0].footage.en, told[0].camera.as_str()), ("20 minutes", ""));
    assert!(told[0].gaps.is_empty() && told[0].oldest.is_empty());
    assert_eq!(line(&one, false, false).cameras.len(), 2, "the office sees each");
    let none = FootageOrder { answer: None, ..one };
    assert!(party_line(&none).cameras.is_empty(), "nothing is told before the site has answered");
}

#[test]
fn a_hold_that_stands_says_until_when() {
    let hold = domain::order::HoldOrder {
        case: "沈公〔2026〕1号".into(),
        from: UtcMs(0),
        to: UtcMs(1),
        place: String::new(),
        reason: "x".into(),
        clauses: vec![],
        until: None,
    };
    let one = FootageOrder {
        id: OrderId::from_bytes([1; 16]),
        site: "示范酒店".into(),
        what: Some(Order::Hold(hold)),
        at: UtcMs(0),
        ended: false,
        until: None,
        answer: None,
        entry: 1,
    };
    assert!(line(&one, false, false).until.en.contains("no last day yet"));
    let known = FootageOrder { until: CivilDate::ymd(2026, 9, 1), ..one };
    assert!(line(&known, false, false).until.zh.contains("2026-09-01"));
    assert_eq!(line(&FootageOrder { ended: true, ..known }, false, false).until, Text::default());
}

#[test]
fn the_questions_are_few_and_have_answers_in_both_languages() {
    let packs = Packs::embedded().unwrap();
    for here in [true, false] {
        let lines = questions(&packs, CivilDate::ymd(2026, 11, 23).unwrap(), here);
        assert!((8..=10).contains(&lines.len()));
        assert!(lines.iter().all(|l| l.answer.iter().all(|a| !a.zh.is_empty() && !a.en.is_empty())));
        assert!(lines.iter().any(|l| !l.clauses.is_empty()));
    }
}

#[test]
fn that_footage_is_held_is_promised_only_where_a_procedure_holds_it() {
    let packs = Packs::embedded().unwrap();
    let today = CivilDate::ymd(2026, 11, 23).unwrap();
    let said = |holds| {
        let lines = questions(&packs, today, holds);
        lines.iter().flat_map(|l| &l.answer).map(|a| a.zh.to_string()).collect::<String>()
    };
    assert!(said(true).contains("几秒钟内自动封存") && said(true).contains("继续封存"));
    assert!(said(true).contains("要注册账号") && said(false).contains("当面提出不要账号"));
    assert!(
        !said(false).contains("几秒钟") && !said(false).contains("继续封存") && !said(false).contains("录像先封存")
    );
    let holds = |j| ways(&packs, j, today).iter().any(|p| p.hold.is_some());
    let provinces: Vec<bool> = Jurisdiction::provinces().map(holds).collect();
    assert!(provinces.contains(&true) && provinces.contains(&false), "{provinces:?}");
}
