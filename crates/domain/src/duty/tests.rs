//! Each probe at its boundaries, papers and periods, and what a hotel and a city square owe, to the day.

use super::*;
use base::{AccountId, CivilDate, PaperId, Pii, Text, UtcMs};
use law::{Gate, Jurisdiction, Owed, Packs, PlaceKind, SiteProfile, SpecialTrade, UnitFacts};
use proptest::prelude::*;

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn camera(place: PlaceKind, since: &str) -> CameraEvidence {
    CameraEvidence {
        name: place.name().zh.to_string(),
        place,
        added: day(since),
        sign: Some(day(since)),
        term_days: 30,
        must_delete: true,
        oldest: Some(day(since)),
        lost: None,
        removed_in_term: false,
        stays_since: None,
    }
}

fn paper(kind: PaperKind, on: &str, until: Option<&str>) -> Paper {
    Paper {
        id: PaperId::from_bytes([1; 16]),
        kind,
        title: Pii::new("x".into()),
        number: Pii::new("1".into()),
        day: day(on),
        until: until.map(day),
        document: None,
        by: AccountId::from_bytes([2; 16]),
        entered: UtcMs(0),
    }
}

thread_local!(static GATE: Gate = Gate::embedded().unwrap());

fn owed(site: SiteProfile, e: &Evidence, today: &str) -> Vec<Owed> {
    let unit = UnitFacts {
        first_use: e.first_use.map(|u| u.day),
        places: e.cameras.iter().map(|c| c.place).collect(),
        receives_alarms: e.panels > 0,
    };
    GATE.with(|gate| gate.obligations(&site, &unit, day(today)))
}

fn operator(n: u8, since: &str) -> Operator {
    Operator { id: AccountId::from_bytes([n; 16]), since: day(since) }
}

fn of(list: &[Standing], code: &str) -> Standing {
    list.iter().find(|s| s.owed.code == code).unwrap_or_else(|| panic!("{code} is not owed")).clone()
}

fn state(list: &[Standing], code: &str) -> State {
    of(list, code).state
}

/// A unit in order: nothing lacks but papers.
fn unit(since: &str, places: &[PlaceKind]) -> Evidence {
    Evidence {
        first_use: Some(FirstUse { day: day(since), from_paper: false }),
        cameras: places.iter().map(|p| camera(*p, since)).collect(),
        operators: vec![operator(1, since), operator(2, since)],
        watch: WatchEvidence { on_duty: true, looked: 7, missed: vec![] },
        network: NetworkEvidence { set_up: 1, up: 1, last: None },
        integrity: IntegrityEvidence { checked: Some(day(since)), ..IntegrityEvidence::default() },
        ..Evidence::default()
    }
}

fn overdue(since: &str) -> State {
    State::Overdue { since: day(since) }
}

fn due(by: &str) -> State {
    State::Due { by: Some(day(by)) }
}

const HLJ: SiteProfile = SiteProfile::new(Jurisdiction::Heilongjiang);

fn stand_in(site: SiteProfile, e: &Evidence, today: &str) -> Vec<Standing> {
    GATE.with(|gate| evaluate(gate.packs(), &owed(site, e, today), e, day(today)))
}

#[test]
fn a_hotel_in_heilongjiang_owes_this_on_this_day() {
    let mut e = unit("2026-11-01", &[PlaceKind::Lobby, PlaceKind::Corridor]);
    e.panels = 1;
    e.cameras[1].sign = None;
    e.cameras[1].added = day("2026-11-10");
    let site = SiteProfile { special_trade: Some(SpecialTrade::Hotel), ..HLJ };
    let list = stand_in(site, &e, "2026-11-22");
    let found: Vec<_> = list.iter().map(|s| (s.owed.code.as_str(), s.state)).collect();
    assert_eq!(
        found,
        [
            ("accept_before_use", overdue("2026-11-01")),
            ("put_up_signs", overdue("2026-11-10")),
            ("file_system", due("2026-12-01")),
            ("product_papers", State::Unknown),
            ("keep_archive", State::Unknown),
            ("train_confidentiality", State::Unknown),
            ("operating_rules", State::Unknown),
            ("duty_and_emergency_plan", State::Unknown),
            ("keep_running", State::Unknown),
            ("train_staff", State::Unknown),
            ("check_private_places", State::Unknown),
            ("information_rules", State::Unknown),
            ("verify_and_report", State::Met),
            ("designate_operators", State::Met),
            ("network_interface", State::Met),
            ("secure_information", State::Met),
            ("delete_after_purpose", State::Met),
            ("keep_retention", State::Met),
        ]
    );
    assert_eq!(Tally::of(&list), Tally { met: 6, due: 1, overdue: 2, unknown: 9 });
    assert_eq!(of(&list, "keep_retention").next, Some(day("2026-12-01")), "the history is full then");
    // What is entered counts from its day.
    e.papers = vec![
        paper(PaperKind::Acceptance, "2026-10-30", None),
        paper(PaperKind::Filing, "2026-11-20", None),
        paper(PaperKind::PlacesInspection, "2026-11-21", None),
        paper(PaperKind::WatchRules, "2026-10-01", Some("2027-10-01")),
        paper(PaperKind::EmergencyPlan, "2026-10-01", Some("2026-11-27")),
    ];
    e.periods.insert("check_private_places".into(), 1);
    e.cameras[1].sign = Some(day("2026-11-22"));
    let list = stand_in(site, &e, "2026-11-22");
    for code in ["accept_before_use", "put_up_signs", "file_system"] {
        assert_eq!(state(&list, code), State::Met, "{code}");
    }
    assert_eq!(state(&list, "check_private_places"), due("2026-11-22"), "daily: again today");
    assert_eq!(state(&list, "duty_and_emergency_plan"), due("2026-11-27"), "five working days before its review");
    assert_eq!(state(&stand_in(site, &e, "2026-11-23"), "check_private_places"), overdue("2026-11-23"));
    e.periods.insert("check_private_places".into(), 7);
    for (today, want) in [
        ("2026-11-21", State::Met),
        ("2026-11-23", State::Met),
        ("2026-11-24", due("2026-11-28")),
        ("2026-11-28", due("2026-11-28")),
        ("2026-11-29", overdue("2026-11-29")),
    ] {
        assert_eq!(state(&stand_in(site, &e, today), "check_private_places"), want, "weekly, {today}");
    }
}

#[test]
fn a_city_square_in_liaoning_owes_this_on_this_day() {
    let e = unit("2024-06-01", &[PlaceKind::Square]);
    let site = SiteProfile::new(Jurisdiction::Liaoning);
    for (today, filing) in [
        ("2025-04-01", due("2025-06-30")),
        ("2025-06-30", due("2025-06-30")),
        ("2025-07-01", overdue("2025-07-01")),
        ("2026-11-22", overdue("2025-07-01")),
    ] {
        assert_eq!(state(&stand_in(site, &e, today), "file_system"), filing, "{today}");
    }
    let before: Vec<_> = stand_in(site, &e, "2025-03-31").iter().map(|s| s.owed.code.clone()).collect();
    assert_eq!(
        before,
        [
            "name_responsible",
            "use_filed_providers",
            "accept_to_standard",
            "train_staff",
            "put_up_signs",
            "secure_information",
            "keep_retention",
            "keep_running"
        ]
    );
    let list = stand_in(site, &e, "2026-11-22");
    assert!(list.iter().all(|s| s.owed.code != "check_private_places"), "a square has no rooms");
    assert_eq!(list.len(), 11);
    assert_eq!(state(&list, "name_responsible"), State::Unknown);
    assert_eq!(
        state(&list, "accept_to_standard"),
        State::Unknown,
        "the firm's duty: without a paper no breach of the unit"
    );
    assert_eq!(state(&list, "keep_running"), State::Unknown, "the unit has set no period");
}

#[test]
fn the_filing_is_due_to_the_day() {
    let e = unit("2026-05-15", &[PlaceKind::Lobby]);
    for (today, want) in [
        // Thirty days are over on a Sunday: the last day is the Monday after it.
        ("2026-05-15", due("2026-06-15")),
        ("2026-06-14", due("2026-06-15")),
        ("2026-06-15", due("2026-06-15")),
        ("2026-06-16", overdue("2026-06-16")),
    ] {
        assert_eq!(state(&stand_in(HLJ, &e, today), "file_system"), want, "{today}");
    }
    // Over National Day, and over a year whose holidays are not published.
    for (used, by) in [("2026-09-05", "2026-10-08"), ("2026-09-09", "2026-10-09"), ("2025-04-01", "2025-05-06")] {
        let e = unit(used, &[PlaceKind::Square]);
        assert_eq!(state(&stand_in(HLJ, &e, used), "file_system"), due(by), "{used}");
    }
    for (used, open) in [("2026-11-30", true), ("2026-11-20", false)] {
        let filing = of(&stand_in(HLJ, &unit(used, &[PlaceKind::Square]), "2026-12-01"), "file_system");
        let said = filing.facts.iter().any(|f| f.en.contains("the holidays of 2027 are not published yet"));
        assert_eq!(said, open, "{used}: {:?}", filing.facts);
    }
    let idle = Evidence { first_use: None, ..e.clone() };
    assert_eq!(state(&stand_in(HLJ, &idle, "2026-06-15"), "file_system"), State::Due { by: None }, "not in use");
    let late = Evidence { papers: vec![paper(PaperKind::Filing, "2026-06-20", None)], ..e.clone() };
    let late = of(&stand_in(HLJ, &late, "2026-06-21"), "file_system");
    assert_eq!(late.state, State::Met);
    assert!(late.facts.iter().any(|f| f.en.contains("5 days after its last day 2026-06-15")), "{:?}", late.facts);
    // Cameras that came after the filing: to be amended, no day named; on the same day it was filed with them.
    for (changed, want) in [("2026-06-20", State::Due { by: None }), ("2026-06-10", State::Met)] {
        let e = Evidence {
            papers: vec![paper(PaperKind::Filing, "2026-06-10", None)],
            changed: Some(day(changed)),
            ..e.clone()
        };
        assert_eq!(state(&stand_in(HLJ, &e, "2026-06-21"), "file_system"), want, "{changed}");
    }
}

#[test]
fn retention_is_measured_at_29_30_and_31_days() {
    let first = "2026-10-01";
    for (today, kept, full) in [("2026-10-30", 29, false), ("2026-10-31", 30, true), ("2026-11-01", 31, true)] {
        let e = unit(first, &[PlaceKind::Lobby]);
        let s = of(&stand_in(HLJ, &e, today), "keep_retention");
        assert_eq!(s.state, State::Met, "{today}: a young history is no breach");
        assert!(s.facts[0].en.contains(&format!("{kept} days")), "{today} {:?}", s.facts);
        assert_eq!(s.facts[0].en.contains("are full"), full, "{today} {:?}", s.facts);
        assert_eq!(s.next, (!full).then(|| day("2026-10-31")), "{today}");
    }
    let with = |change: fn(&mut CameraEvidence)| {
        let mut e = unit(first, &[PlaceKind::Lobby]);
        change(&mut e.cameras[0]);
        of(&stand_in(HLJ, &e, "2026-12-01"), "keep_retention")
    };
    let lost = with(|c| c.lost = Some(day("2026-11-15")));
    assert_eq!((lost.state, lost.missing.len()), (overdue("2026-11-15"), 1));
    let short = with(|c| {
        c.oldest = Some(day("2026-11-02"));
        c.removed_in_term = true;
    });
    assert_eq!(short.state, State::Unknown, "lawful under a shorter term, or not: a person looks");
    let gap = with(|c| c.oldest = Some(day("2026-11-02")));
    assert_eq!(gap.state, State::Met, "off for a while, and nothing of the term was removed");
    assert_eq!(with(|c| c.oldest = Some(day("2026-11-01"))).next, None, "30 days back: full");
    assert_eq!(with(|c| c.oldest = None).state, State::Unknown, "no footage at all");
    // One camera with all its footage says nothing of another that never recorded.
    let mut e = unit(first, &[PlaceKind::Lobby, PlaceKind::Corridor]);
    e.cameras[1].oldest = None;
    let s = of(&stand_in(HLJ, &e, "2026-12-01"), "keep_retention");
    assert_eq!((s.state, s.facts.len(), s.missing.len()), (State::Unknown, 1, 1));
    assert!(s.missing[0].en.contains("since it was added on 2026-10-01"), "{:?}", s.missing);
    e.cameras[1].lost = Some(day("2026-11-20"));
    assert_eq!(state(&stand_in(HLJ, &e, "2026-12-01"), "keep_retention"), overdue("2026-11-20"), "all of it was lost");
}

#[test]
fn who_came_after_the_training_has_none() {
    let site = SiteProfile { key_unit: true, ..SiteProfile::new(Jurisdiction::Liaoning) };
    let mut e = unit("2026-01-01", &[PlaceKind::Lobby]);
    let stands = |e: &Evidence| of(&stand_in(site, e, "2026-11-22"), "train_staff");
    let none = stands(&e);
    assert_eq!((none.state, none.untrained.len()), (State::Unknown, 0), "nothing on record singles nobody out");
    e.papers = vec![paper(PaperKind::Training, "2026-03-01", None)];
    assert_eq!(stands(&e).state, State::Met);
    e.operators.extend([operator(3, "2026-03-01"), operator(4, "2026-03-02"), operator(5, "2026-10-01")]);
    let late = stands(&e);
    assert_eq!(late.state, State::Due { by: None }, "one of the day itself was there");
    assert_eq!(late.untrained, [4, 5].map(|n| AccountId::from_bytes([n; 16])));
    assert!(late.missing[0].en.starts_with("2 of 5 persons"), "{:?}", late.missing);
    e.papers.push(paper(PaperKind::Training, "2026-10-01", None));
    let again = stands(&e);
    assert_eq!((again.state, again.untrained.len()), (State::Met, 0), "trained anew with the new ones");
    let confidential = of(&stand_in(HLJ, &e, "2026-11-22"), "train_confidentiality");
    assert_eq!((confidential.state, confidential.untrained.len()), (State::Unknown, 0), "another training");
}

#[test]
fn deletion_signs_and_faults_are_overdue_since_their_day() {
    let mut e = unit("2026-01-01", &[PlaceKind::Lobby, PlaceKind::Office]);
    e.cameras[0].stays_since = Some(day("2026-11-20"));
    e.cameras[1].sign = None;
    e.faults = ["2026-11-21", "2026-11-19"]
        .map(|since| Fault { what: Text::new("大堂没有录像", "Lobby does not record"), since: day(since) })
        .to_vec();
    e.periods.insert("keep_running".into(), 90);
    e.papers = vec![paper(PaperKind::Maintenance, "2026-11-01", None)];
    let list = stand_in(HLJ, &e, "2026-11-22");
    assert_eq!(state(&list, "delete_after_purpose"), overdue("2026-11-20"));
    assert_eq!(state(&list, "put_up_signs"), State::Met, "an office is no public place in Heilongjiang");
    assert_eq!(state(&list, "keep_running"), overdue("2026-11-19"));
    let liaoning = stand_in(SiteProfile::new(Jurisdiction::Liaoning), &e, "2026-11-22");
    assert_eq!(state(&liaoning, "put_up_signs"), overdue("2026-01-01"), "in Liaoning every covered area has one");
    e.faults.clear();
    assert_eq!(state(&stand_in(HLJ, &e, "2026-11-22"), "keep_running"), State::Met);
    for (today, want) in [
        ("2027-01-24", State::Met),
        ("2027-01-25", due("2027-01-30")),
        ("2027-01-30", due("2027-01-30")),
        ("2027-01-31", overdue("2027-01-31")),
    ] {
        assert_eq!(state(&stand_in(HLJ, &e, today), "keep_running"), want, "maintained every 90 days, {today}");
    }
    // The place that Order 799 art. 9 means has no duty to delete by it.
    let art9 = SiteProfile { security_duty_place: true, ..HLJ };
    assert!(stand_in(art9, &e, "2026-11-22").iter().all(|s| s.owed.code != "delete_after_purpose"));
}

#[test]
fn people_alarms_connection_and_integrity() {
    let today = "2026-11-22";
    let with = |code: &str, change: &dyn Fn(&mut Evidence)| {
        let mut e = unit("2026-01-01", &[PlaceKind::Lobby]);
        e.panels = 1;
        change(&mut e);
        state(&stand_in(HLJ, &e, today), code)
    };
    let now = State::Due { by: None };
    assert_eq!(with("designate_operators", &|e| e.operators.clear()), overdue("2026-01-01"));
    assert_eq!(with("designate_operators", &|e| (e.operators, e.first_use) = (vec![], None)), now);
    let waits = |since: &'static str| {
        move |e: &mut Evidence| (e.alarms.waiting, e.alarms.waiting_since) = (1, Some(day(since)))
    };
    assert_eq!(with("verify_and_report", &waits("2026-11-22")), now, "it came today");
    assert_eq!(with("verify_and_report", &waits("2026-11-21")), overdue("2026-11-21"));
    assert_eq!(
        with("verify_and_report", &|e| (e.alarms.unreported, e.alarms.unreported_since) = (1, Some(day(today)))),
        now
    );
    let net = |set_up, up, last: Option<&'static str>| {
        with("network_interface", &move |e| e.network = NetworkEvidence { set_up, up, last: last.map(day) })
    };
    assert_eq!(net(0, 0, None), State::Unknown);
    assert_eq!(net(1, 0, None), State::Unknown);
    assert_eq!(net(2, 0, Some("2026-11-20")), now);
    assert_eq!(net(2, 1, Some("2026-11-22")), State::Met);
    let integrity = |open, checked: Option<&'static str>| {
        with("secure_information", &move |e| {
            e.integrity = IntegrityEvidence {
                open,
                since: (open > 0).then(|| day("2026-11-05")),
                checked: checked.map(day),
                witnessed: None,
            };
        })
    };
    assert_eq!(integrity(0, None), State::Unknown);
    assert_eq!(integrity(0, Some("2026-11-01")), State::Met);
    assert_eq!(integrity(2, None), overdue("2026-11-05"));
    let rules = |e: &mut Evidence| {
        e.papers = [PaperKind::WatchRules, PaperKind::EmergencyPlan].map(|k| paper(k, "2026-01-01", None)).to_vec();
    };
    assert_eq!(with("duty_and_emergency_plan", &rules), State::Met);
    let empty = |e: &mut Evidence| {
        rules(e);
        e.watch = WatchEvidence::default();
    };
    assert_eq!(with("duty_and_emergency_plan", &empty), now, "rules without a watch");
    let once = |e: &mut Evidence| {
        rules(e);
        let missed = ["2026-11-15", "2026-11-16", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"];
        e.watch = WatchEvidence { on_duty: true, looked: 7, missed: missed.map(day).to_vec() };
    };
    assert_eq!(with("duty_and_emergency_plan", &once), now, "a watch on one day of seven");
    let mut e = unit("2026-01-01", &[PlaceKind::Lobby]);
    once(&mut e);
    let said = of(&stand_in(HLJ, &e, today), "duty_and_emergency_plan").missing;
    assert!(
        said.len() == 1 && said[0].en.contains("6 days of the last 7: 2026-11-15, 2026-11-16, 2026-11-18"),
        "{said:?}"
    );
    assert!(said[0].zh.contains("2026-11-21") && !said[0].zh.contains("2026-11-17"), "{said:?}");
    let idle = |e: &mut Evidence| {
        rules(e);
        (e.watch, e.first_use) = (WatchEvidence::default(), None);
    };
    assert_eq!(with("duty_and_emergency_plan", &idle), State::Met, "not in use: no watch is missing");
}

#[test]
fn the_newest_paper_counts_and_its_last_day_is_kept_to_its_end() {
    let mut e = unit("2026-01-01", &[PlaceKind::Lobby]);
    e.papers = vec![
        paper(PaperKind::OperatingRules, "2025-01-01", Some("2026-01-01")),
        paper(PaperKind::OperatingRules, "2026-01-01", Some("2026-11-30")),
    ];
    for (today, want) in [
        ("2026-11-22", State::Met),
        ("2026-11-23", due("2026-11-30")),
        ("2026-11-30", due("2026-11-30")),
        ("2026-12-01", overdue("2026-12-01")),
        ("2026-12-09", overdue("2026-12-01")),
    ] {
        assert_eq!(state(&stand_in(HLJ, &e, today), "operating_rules"), want, "{today}");
    }
}

#[test]
fn reminders_come_at_five_two_one_and_no_days() {
    // Working days: Mid-Autumn (25 to 27 September) and National Day (1 to 7 October) are none.
    let by = day("2026-10-08");
    let step = |on: &str| GATE.with(|gate| reminder(gate.packs(), by, day(on)));
    for (on, want) in [
        ("2026-09-22", None),
        ("2026-09-23", Some(5)),
        ("2026-09-24", Some(5)),
        ("2026-09-28", Some(5)),
        ("2026-09-29", Some(2)),
        ("2026-09-30", Some(1)),
        ("2026-10-01", Some(1)),
        ("2026-10-07", Some(1)),
        ("2026-10-08", Some(0)),
        ("2026-10-09", None),
    ] {
        assert_eq!(step(on), want, "{on}");
    }
}

#[test]
fn a_last_day_that_a_notice_moved_says_from_where() {
    let mut files = law::embedded_files();
    let notice = "year = 2027\n[[notice]]\nnumber = \"notice of a test\"\ndate = \"2026-12-10\"\n[[notice.holiday]]\n\
                  name_zh = \"元旦\"\nname_en = \"New Year's Day\"\nfrom = \"2027-01-01\"\nto = \"2027-01-03\"\n";
    files.insert("workdays/2027.toml".to_owned(), notice.to_owned());
    let packs = Packs::from_files(&files).unwrap();
    let e = unit("2026-12-02", &[PlaceKind::Square]);
    let facts =
        UnitFacts { first_use: Some(day("2026-12-02")), places: vec![PlaceKind::Square], receives_alarms: false };
    let owed = |on: &str| packs.obligations(&HLJ, &facts, day(on));
    let before = of(&evaluate(&packs, &owed("2026-12-03"), &e, day("2026-12-03")), "file_system");
    assert_eq!((before.state, before.provisional()), (due("2027-01-01"), Some(2027)));
    let kept = before.owed.counted().unwrap().clone();
    let mut now = owed("2026-12-12");
    now.iter_mut().for_each(|o| packs.recall(o, &kept, day("2026-12-12")));
    let after = of(&evaluate(&packs, &now, &e, day("2026-12-12")), "file_system");
    assert_eq!((after.state, after.provisional()), (due("2027-01-04"), None));
    let says = |t: &Text| t.en.contains("2027-01-01") && t.en.contains("notice of a test");
    assert!(after.facts.iter().any(says), "{:?}", after.facts);
}

#[test]
fn a_form_has_bounds() {
    let today = day("2026-11-22");
    let form = PaperForm {
        kind: PaperKind::Training,
        title: Pii::new(" 消防与监控培训 ".into()),
        number: Pii::default(),
        day: today,
        until: None,
        document: None,
    };
    assert_eq!(check(form.clone(), today).unwrap().title.expose(), "消防与监控培训");
    let code = |change: &dyn Fn(&mut PaperForm)| {
        let mut f = form.clone();
        change(&mut f);
        check(f, today).map(|_| ()).map_err(|r| r.code)
    };
    let text = |n: usize| Pii::new("字".repeat(n));
    assert_eq!(code(&|f| f.title = text(120)), Ok(()));
    for (want, change) in [
        ("title", &(|f: &mut PaperForm| f.title = Pii::new("字".repeat(121))) as &dyn Fn(&mut PaperForm)),
        ("title", &|f| f.title = Pii::new("  ".into())),
        ("title", &|f| f.title = Pii::new("a\nb".into())),
        ("number", &|f| f.number = Pii::new("1".repeat(61))),
        ("number", &|f| f.kind = PaperKind::Filing),
        ("day", &|f| f.day = f.day.plus_days(1)),
        ("day", &|f| f.day = f.day.plus_days(-18_301)),
        ("until", &|f| f.until = Some(f.day)),
        ("until", &|f| f.until = Some(f.day.plus_days(18_301))),
    ] {
        assert_eq!(code(change), Err(want.to_owned()));
    }
    assert_eq!(code(&|f| f.until = Some(f.day.plus_days(1))), Ok(()));
    for kind in PaperKind::ALL {
        assert_eq!(PaperKind::parse(kind.code()), Some(*kind));
    }
}

proptest! {
    #[test]
    fn nothing_is_met_while_something_is_missing(
        used in proptest::option::of(0_i32..900), today in 0_i32..900, kinds in proptest::collection::vec(0_usize..15, 0..8),
        signs in any::<bool>(), operators in 0_usize..2, place in 0_usize..PlaceKind::ALL.len(), province in 0_usize..3, traits in 0_u8..16,
    ) {
        let first = day("2024-12-01");
        let today = first.plus_days(today);
        let mut e = unit("2024-12-01", &[PlaceKind::ALL[place]]);
        e.first_use = used.map(|n| FirstUse { day: first.plus_days(n), from_paper: true });
        e.operators.truncate(operators);
        if !signs {
            e.cameras[0].sign = None;
        }
        e.papers = kinds.iter().map(|k| paper(PaperKind::ALL[*k], "2024-12-01", None)).collect();
        let site = SiteProfile {
            key_unit: traits & 1 > 0,
            secret_related: traits & 2 > 0,
            security_duty_place: traits & 4 > 0,
            alarm_operator: traits & 8 > 0,
            ..SiteProfile::new(Jurisdiction::ALL[province])
        };
        let unit = UnitFacts { first_use: e.first_use.map(|u| u.day), places: vec![PlaceKind::ALL[place]], receives_alarms: false };
        let owed = GATE.with(|gate| gate.obligations(&site, &unit, today));
        let list = GATE.with(|gate| evaluate(gate.packs(), &owed, &e, today));
        prop_assert_eq!(list.len(), owed.len());
        for s in &list {
            match s.state {
                State::Met => prop_assert!(s.missing.is_empty(), "{:?}", s),
                State::Overdue { since } => prop_assert!(since <= today || s.owed.code == "put_up_signs" || used.is_some(), "{:?}", s),
                State::Unknown => prop_assert!(!s.missing.is_empty(), "{:?}", s),
                State::Due { by } => prop_assert!(by.is_none_or(|by| by >= today), "{:?}", s),
            }
        }
        let ranks: Vec<_> = list.iter().map(|s| ["overdue", "due", "unknown", "met"].iter().position(|c| *c == s.state.code())).collect();
        prop_assert!(ranks.is_sorted());
    }
}
