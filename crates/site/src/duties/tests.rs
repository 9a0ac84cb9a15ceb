//! Duties of a site from its own rows: filing to the day, retention and deletion from footage, papers, periods, notices, entries.

use super::*;
use crate::playback::rig::Rig;
use base::{Lang, Pii, time::DAY_MS};
use domain::access::Role;
use domain::duty::{Evidence, FirstUse, PaperKind};
use law::{Jurisdiction, PlaceKind, SiteProfile};

const HOUR_MS: i64 = 3_600_000;

fn of(report: &DutyReport, code: &str) -> Standing {
    report.list.iter().find(|s| s.owed.code == code).unwrap_or_else(|| panic!("{code} is not owed")).clone()
}

fn form(kind: PaperKind, day: CivilDate) -> PaperForm {
    PaperForm {
        kind,
        title: Pii::new("备案回执".into()),
        number: Pii::new("哈公备1号".into()),
        day,
        until: None,
        document: None,
    }
}

async fn notice(site: &Site, code: &str) -> Option<Notice> {
    site.store().notices().await.unwrap().into_iter().find(|n| n.code == format!("duty_{code}"))
}

#[tokio::test]
async fn a_filing_is_due_and_late_to_the_day_and_met_by_its_paper() {
    let rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let (site, boss) = (&rig.site, rig.person("boss", Role::SecurityManager).await);
    // A last day off would move on: the test goes to the next working day.
    while !site.gate().packs().calendar().is_working(site.now().utc.shanghai_date()) {
        site.clock().advance(DAY_MS);
    }
    let today = site.now().utc.shanghai_date();
    let first = today.plus_days(-30).start().plus_ms(12 * HOUR_MS);
    let camera = rig.camera("大堂", first).await;
    rig.record(camera, first, 3).await;
    let report = site.duties(&boss).await.unwrap();
    let filing = of(&report, "file_system");
    assert_eq!(filing.state, State::Due { by: Some(today) }, "thirty days after the first footage");
    let kept = of(&report, "keep_retention");
    assert_eq!(kept.state, State::Met);
    assert!(kept.facts[0].en.contains("30 days, the 30 days are full"), "{:?}", kept.facts);
    assert_eq!(of(&report, "put_up_signs").state, State::Met);
    assert!(report.kept.is_empty(), "looking keeps nothing");

    site.check_duties(&boss).await.unwrap();
    let told = notice(site, "file_system").await.expect("a reminder on the last day");
    assert!(told.severity == 2 && told.text.en.contains(&today.to_string()), "{told:?}");
    let changes = rig.acts("duty.state").await.len();
    assert_eq!(changes, report.list.len(), "every duty has its first state");
    site.check_duties(&boss).await.unwrap();
    assert_eq!(rig.acts("duty.state").await.len(), changes, "nothing changed, no entry");

    site.clock().advance(DAY_MS);
    site.check_duties(&boss).await.unwrap();
    let late = site.duties(&boss).await.unwrap();
    assert_eq!(of(&late, "file_system").state, State::Overdue { since: today.plus_days(1) });
    assert_eq!(late.list[0].owed.code, "accept_before_use", "overdue first, the oldest first");
    let told = notice(site, "file_system").await.expect("told that it is late");
    assert!(told.text.en.contains("overdue"), "{told:?}");

    let id = site.add_paper(&boss, form(PaperKind::Filing, today.plus_days(1))).await.unwrap();
    let met = site.duties(&boss).await.unwrap();
    assert_eq!(of(&met, "file_system").state, State::Met);
    assert!(met.since(&of(&met, "file_system")).is_some(), "kept with the paper");
    assert!(notice(site, "file_system").await.is_none(), "the notice goes with its cause");
    site.withdraw_paper(&boss, id).await.unwrap();
    assert!(notice(site, "file_system").await.is_some());
    assert_eq!(site.withdraw_paper(&boss, id).await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn footage_beyond_its_term_is_overdue_until_it_went() {
    let rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let (site, boss) = (&rig.site, rig.person("boss", Role::SecurityManager).await);
    let today = site.now().utc.shanghai_date();
    let noon = |days: i32| today.plus_days(days).start().plus_ms(12 * HOUR_MS);
    let camera = rig.camera("大堂", noon(-40)).await;
    for days in [-33, -30, -2] {
        rig.record(camera, noon(days), 3).await;
    }
    let report = site.duties(&boss).await.unwrap();
    let stays = of(&report, "delete_after_purpose");
    assert_eq!(stays.state, State::Overdue { since: today.plus_days(-2) }, "free from the 31st day after its own");
    crate::storage::delete_due(site).await.unwrap();
    let report = site.duties(&boss).await.unwrap();
    assert_eq!(of(&report, "delete_after_purpose").state, State::Met);
    let kept = of(&report, "keep_retention");
    assert_eq!(kept.state, State::Met);
    assert!(kept.facts[0].zh.contains(&today.plus_days(-30).to_string()), "{:?}", kept.facts);
    assert_eq!(
        of(&report, "file_system").owed.deadline(),
        Some(site.gate().packs().calendar().working_from(today.plus_days(-3))),
        "counted from the first footage ever"
    );
}

#[tokio::test]
async fn papers_and_periods_are_the_managers() {
    let rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let site = &rig.site;
    let today = site.now().utc.shanghai_date();
    let noon = today.plus_days(-1).start().plus_ms(12 * HOUR_MS);
    rig.camera("大堂", noon).await;
    let (boss, auditor) = (rig.person("boss", Role::SecurityManager).await, rig.person("audit", Role::Auditor).await);
    let guard = rig.person("guard", Role::DutyOfficer).await;
    assert!(site.duties(&auditor).await.is_ok());
    assert_eq!(site.duties(&guard).await.unwrap_err().code, "no_permission");
    for by in [&auditor, &guard] {
        let refused = |r: Refusal| r.code;
        assert_eq!(site.check_duties(by).await.map_err(refused), Err("no_permission".into()));
        assert_eq!(
            site.add_paper(by, form(PaperKind::Filing, today)).await.map_err(refused),
            Err("no_permission".into())
        );
        let id = PaperId::from_bytes([1; 16]);
        assert_eq!(site.withdraw_paper(by, id).await.map_err(refused), Err("no_permission".into()));
        assert_eq!(
            site.set_duty_period(by, "keep_running", Some(1)).await.map_err(refused),
            Err("no_permission".into())
        );
    }
    let late = form(PaperKind::Filing, today.plus_days(1));
    assert_eq!(site.add_paper(&boss, late).await.unwrap_err().code, "day");
    let period = |code: &'static str, days| {
        let boss = &boss;
        async move { site.set_duty_period(boss, code, days).await.map_err(|r| r.code) }
    };
    assert_eq!(period("fly", Some(1)).await, Err("duty".into()));
    assert_eq!(period("file_system", Some(1)).await, Err("duty".into()), "the law names its days");
    for days in [0, 3_661] {
        assert_eq!(period("keep_running", Some(days)).await, Err("days".into()), "{days}");
    }
    let state = || async { of(&site.duties(&boss).await.unwrap(), "check_private_places").state };
    assert_eq!(state().await, State::Unknown);
    assert_eq!(period("check_private_places", Some(30)).await, Ok(()));
    assert_eq!(state().await, State::Unknown, "a period, and no inspection on record");
    site.add_paper(&boss, form(PaperKind::PlacesInspection, today)).await.unwrap();
    assert_eq!(state().await, State::Met);
    assert_eq!(period("check_private_places", None).await, Ok(()));
    assert_eq!(state().await, State::Unknown);
    assert_eq!(rig.acts("duty.period").await.len(), 2);
}

#[tokio::test]
async fn a_day_entered_counts_before_the_first_footage() {
    let rig = Rig::start(Jurisdiction::Liaoning).await;
    let (site, boss) = (&rig.site, rig.person("boss", Role::SecurityManager).await);
    let now = site.now().utc;
    rig.camera("大堂", now.plus_ms(-HOUR_MS)).await;
    assert_eq!(of(&site.duties(&boss).await.unwrap(), "file_system").state, State::Due { by: None }, "not in use yet");
    let used = CivilDate::parse("2024-06-01").unwrap();
    site.add_paper(&boss, form(PaperKind::PutIntoUse, used)).await.unwrap();
    let filing = of(&site.duties(&boss).await.unwrap(), "file_system");
    let last = CivilDate::parse("2025-06-30").unwrap();
    assert_eq!((filing.owed.deadline(), filing.state), (Some(last), State::Overdue { since: last.plus_days(1) }));
}

#[tokio::test]
async fn the_report_is_a_document_with_its_entry() {
    let rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let (site, boss) = (&rig.site, rig.person("boss", Role::SecurityManager).await);
    let guard = rig.person("guard", Role::DutyOfficer).await;
    let today = site.now().utc.shanghai_date();
    rig.camera("大堂 #panic() $x$ @y", today.plus_days(-1).start().plus_ms(12 * HOUR_MS)).await;
    let hostile = PaperForm { title: Pii::new("#set text(fill: white) \\ $".into()), ..form(PaperKind::Filing, today) };
    site.add_paper(&boss, hostile).await.unwrap();
    assert_eq!(site.duty_document(&guard, Lang::Zh).await.unwrap_err().code, "no_permission");
    assert!(rig.acts("document.made").await.is_empty());

    let zh = site.duty_document(&boss, Lang::Zh).await.unwrap();
    let en = site.duty_document(&boss, Lang::En).await.unwrap();
    assert!(zh.pdf.starts_with(b"%PDF-") && en.pdf.starts_with(b"%PDF-"));
    assert!(zh.number != en.number && zh.file == format!("duty-report-{}.pdf", zh.number));
    assert_eq!(zh.digest, base::Sha256::of(&zh.pdf));
    site.store().flush_ledger().await.unwrap();
    for (made, language) in [(&zh, "zh-CN"), (&en, "en")] {
        let entry = site.store().ledger().entry(made.entry).unwrap().parse().unwrap();
        let body = &entry.body;
        assert_eq!(entry.kind, "document.made");
        assert_eq!(body["document_sha256"], made.digest.hex());
        assert_eq!((body["document"].as_str(), body["language"].as_str()), (Some("duty_report"), Some(language)));
        assert_eq!(
            (body["number"].as_str(), body["bytes"].as_u64()),
            (Some(&made.number[..]), Some(made.pdf.len() as u64))
        );
        assert!(body["pages"].as_u64() > Some(0) && body["fonts"].as_array().is_some_and(|f| !f.is_empty()), "{body}");
    }
    let lines = rig.acts("document.made").await;
    assert!(lines.len() == 2 && lines.iter().any(|l| l.text.zh.contains(&zh.digest.hex())), "found by digest");
}

/// Every day on which the words of the notice about the filing change, from `first` to `last`: what then stands there.
fn told(used: &str, first: &str, last: &str) -> Vec<(String, u8, String)> {
    let day = |text: &str| CivilDate::parse(text).unwrap();
    let gate = law::Gate::embedded().unwrap();
    let evidence = Evidence { first_use: Some(FirstUse { day: day(used), from_paper: true }), ..Evidence::default() };
    let unit = UnitFacts { first_use: Some(day(used)), places: vec![PlaceKind::Square], receives_alarms: false };
    let (mut out, mut on): (Vec<(String, u8, String)>, _) = (vec![], day(first));
    while on <= day(last) {
        let owed = gate.obligations(&SiteProfile::new(Jurisdiction::Heilongjiang), &unit, on);
        let list = evaluate(gate.packs(), &owed, &evidence, on);
        let filing = list.iter().find(|s| s.owed.code == "file_system").unwrap();
        if let Some((_, severity, text)) = notice_of(gate.packs(), filing, on)
            && out.last().is_none_or(|(_, s, t)| (*s, t.as_str()) != (severity, &*text.en))
        {
            out.push((on.to_string(), severity, text.en.into_owned()));
        }
        on = on.plus_days(1);
    }
    out
}

#[test]
fn reminders_change_on_four_days_around_national_day() {
    // Thirty days end inside National Day: the last day is 8 October, the working day before it 30 September.
    let found = told("2026-09-05", "2026-09-06", "2026-10-20");
    let shape: Vec<_> = found.iter().map(|(day, severity, _)| (day.as_str(), *severity)).collect();
    let want = [("2026-09-23", 3), ("2026-09-29", 3), ("2026-09-30", 2), ("2026-10-08", 2), ("2026-10-09", 2)];
    assert_eq!(shape, want);
    let says = [
        "at most 5 working days are left",
        "at most 2 working days",
        "at most 1 working day is left",
        "today is the last day",
        "overdue since 2026-10-09",
    ];
    for ((_, _, text), says) in found.iter().zip(says) {
        assert!(text.contains(says) && text.contains("799-14"), "{text}");
    }
    // Into a year whose holidays are not published the day is told as provisional.
    let open = told("2026-12-08", "2026-12-09", "2027-01-07");
    assert!(open.len() == 4 && open.iter().all(|(_, _, text)| text.contains("the holidays of 2027")), "{open:?}");
}

#[tokio::test]
async fn each_reminder_is_told_once_over_days_and_starts() {
    let mut rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let boss = rig.person("boss", Role::SecurityManager).await;
    let today = rig.site.now().utc.shanghai_date();
    rig.camera("大堂", today.plus_days(-1).start().plus_ms(12 * HOUR_MS)).await;
    rig.site.add_paper(&boss, form(PaperKind::PutIntoUse, today.plus_days(-5))).await.unwrap();
    let by = of(&rig.site.duties(&boss).await.unwrap(), "file_system").owed.deadline().unwrap();
    let (mut ahead_ms, mut seen) = (0, Vec::<(CivilDate, u8, String)>::new());
    let mut id = None;
    loop {
        let on = rig.site.now().utc.shanghai_date();
        for _ in 0..2 {
            rig.site.check_duties(&boss).await.unwrap();
        }
        let now = notice(&rig.site, "file_system").await;
        if let Some(now) = now.filter(|n| id != Some(n.id)) {
            id = Some(now.id);
            seen.push((on, now.severity, now.text.en.into_owned()));
            // The program starts anew in the middle of each step.
            rig = rig.again(ahead_ms).await;
            rig.site.check_duties(&boss).await.unwrap();
            assert_eq!(notice(&rig.site, "file_system").await.map(|n| n.id), id, "{on}: told twice");
        }
        if on > by {
            break;
        }
        rig.site.clock().advance(DAY_MS);
        ahead_ms += DAY_MS;
    }
    let steps = rig.site.gate().packs().reminders(by, by);
    let mut want: Vec<_> = steps.iter().map(|r| r.day).collect();
    want.push(by.plus_days(1));
    assert_eq!(seen.iter().map(|(day, ..)| *day).collect::<Vec<_>>(), want, "{seen:?}");
    assert_eq!(seen.iter().map(|(_, severity, _)| *severity).collect::<Vec<_>>(), [3, 3, 2, 2, 2]);
    assert!(seen[0].2.contains("at most 5") && seen[3].2.contains("today is the last day"), "{seen:?}");
}

#[tokio::test]
async fn days_without_a_watch_and_people_without_training_are_named() {
    let rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let (site, boss) = (&rig.site, rig.person("boss", Role::SecurityManager).await);
    let today = site.now().utc.shanghai_date();
    rig.camera("大堂", today.plus_days(-1).start().plus_ms(12 * HOUR_MS)).await;
    let guard = rig.person("guard", Role::DutyOfficer).await;
    for kind in [PaperKind::WatchRules, PaperKind::EmergencyPlan, PaperKind::ConfidentialityTraining] {
        site.add_paper(&boss, form(kind, today.plus_days(-1))).await.unwrap();
    }
    site.add_paper(&boss, form(PaperKind::PutIntoUse, today.plus_days(-3))).await.unwrap();
    let report = site.duties(&boss).await.unwrap();
    let watch = of(&report, "duty_and_emergency_plan");
    assert_eq!(watch.state, State::Due { by: None });
    let said = &watch.missing.iter().find(|t| t.en.contains("No watch")).unwrap().en;
    for (days, named) in [(-4, false), (-3, true), (-2, true), (-1, true), (0, false)] {
        assert_eq!(said.contains(&today.plus_days(days).to_string()), named, "{days}: {said}");
    }
    let trained = of(&report, "train_confidentiality");
    assert!(trained.untrained.contains(&guard.id), "came today, after the training: {trained:?}");
    assert!(trained.missing.iter().all(|t| !t.zh.contains("姓名guard")), "who it is stands in no sentence");
    let kept = of(&report, "keep_retention");
    assert_eq!((kept.state, kept.missing.len()), (State::Unknown, 1), "{kept:?}");
}
