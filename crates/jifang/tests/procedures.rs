//! Every procedure of the packs in a browser, in every province that has an ordinance of its own: from the application to the register by
//! each of its outcomes (so also to refusal), past each of its deadlines, and through the branches of a penalty; what has ended by a day of its
//! time. No procedure is known by name here but in the list of those without a clock.
//!
//! ```text
//! packs ─▶ way: the fewest steps to an outcome ─▶ pages: counter form, steps, proposal, review, decision ─▶ registers, public page
//!                                               └▶ what follows the decision: delivery, payment, publication
//! packs ─▶ cases in which every clock runs ─▶ years go by ─▶ overdue in the worklist and on the case, what follows by law, still handled
//! ```
//! A test is one town and one browser over all its procedures; the tests run side by side.

use crate::{branches, late, support, town, walk};

use base::CaseId;
use branches::BRANCHES;
use domain::casework::{BANS, HEARING_RIGHT};
use late::{
    BARRED, LATE_DAYS, With, courses, fewest, follows, is_told_late, is_waited_for, is_waited_out, overdue, runs_out,
};
use law::{Jurisdiction, Outcome, Procedure};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;
use support::browser::Browser;
use support::rig;
use support::screen::{check_access, check_page};
use town::Town;
use walk::{PDF, Walk, way_to};

/// The procedures for which the packs set no time. One that gets a clock goes from here, and is walked past it.
const WITHOUT_CLOCK: [&str; 27] = [
    "area_designation",
    "bulletin",
    "citizen_viewing",
    "commendation",
    "conduct_referral_a",
    "conduct_referral_b",
    "emergency_connection",
    "evidence_retrieval",
    "misuse_report_a",
    "misuse_report_b",
    "networking",
    "official_access",
    "outside_provider_filing",
    "person_viewing",
    "place_designation",
    "plan_review",
    "provider_filing",
    "relocation",
    "report_handling",
    "sales_filing",
    "sign_report_a",
    "sign_report_b",
    "three_together_a",
    "three_together_b",
    "unaccepted_report_a",
    "unaccepted_report_b",
    "warning_notice",
];
/// Clocks that count back, from a step to what comes before it: walked with the branch that they belong to.
const COUNTED_BACK: [(&str, &str); 1] = [("penalty_case", "notice_of_hearing")];
/// The field by which a revocation names the registration.
const REGISTRATION: &str = "registration_number";
/// Walks of a test are more than these.
const FEWEST: usize = 8;
const PHONE: (u32, u32) = (390, 844);
const DESK: (u32, u32) = (1440, 900);

/// The provinces that a pack is for, each with a district that the samples of its packs name.
fn provinces() -> Vec<(Jurisdiction, String)> {
    let packs = law::Packs::embedded().expect("packs");
    let ordinance = |j: Jurisdiction| {
        packs
            .all()
            .iter()
            .find(|p| p.head.level == law::Level::ProvincialOrdinance && p.reaches(j))
            .map(|p| p.folder.clone())
    };
    let district = |folder: &str| {
        let of_pack = packs.procedures().iter().filter(|p| p.folder == folder);
        let places = of_pack.filter_map(Procedure::place_field).map(|f| f.sample.clone());
        places.into_iter().find(|sample| !sample.is_empty() && !sample.ends_with("00")).expect("a sample of a district")
    };
    let all = Jurisdiction::ALL.into_iter().filter_map(|j| Some((j, district(&ordinance(j)?))));
    all.collect()
}

/// The police of the province of this number, from 0.
fn town(province: usize) -> Town {
    let all = provinces();
    assert_eq!(all.len(), 2, "another province was added: give it tests of its own");
    let (jurisdiction, district) = &all[province];
    Town::start(*jurisdiction, district)
}

fn paper() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, PDF).expect("written");
    (folder, path)
}

/// The procedures that reach this province: those of every province, or those of this one's own packs.
fn reaching(town: &Town, of_every_province: bool) -> impl Iterator<Item = &Procedure> {
    let packs = town.gate.packs();
    let everywhere = move |p: &Procedure| {
        let pack = packs.all().iter().find(|pack| pack.folder == p.folder);
        pack.is_some_and(|pack| pack.head.jurisdictions.is_empty())
    };
    packs.procedures().iter().filter(move |p| town.reaches(p) && everywhere(p) == of_every_province)
}

/// Those that can be begun today.
fn procedures(town: &Town, of_every_province: bool) -> Vec<Procedure> {
    let today = town.today();
    reaching(town, of_every_province).filter(|p| p.in_force(today)).cloned().collect()
}

/// Those that have ended, and are begun by a day of their time.
fn of_old(town: &Town, of_every_province: bool) -> Vec<Procedure> {
    reaching(town, of_every_province).filter(|p| town.day_of_old(p).is_some()).cloned().collect()
}

/// Walks one procedure to one outcome.
fn walk(town: &Town, page: &Browser, (procedure, outcome): (&Procedure, &Outcome), party: u32, paper: &Path) {
    let mut walk = Walk::new(town, page, procedure, party, paper);
    // The first outcome of what people apply for comes in online, the others at the counter, and what has ended, too.
    let first = procedure.outcomes.first().is_some_and(|o| o.id == outcome.id);
    let online = first && town.day_of_old(procedure).is_none();
    if !(online && walk.apply()) {
        walk.open();
    }
    walk.go_on(&way_to(procedure, std::slice::from_ref(&outcome.id))[1..]);
    walk.follow(outcome);
    walk.is_registered(outcome);
}

/// Walks every procedure of `procedures`, and what has ended, to its first so many outcomes.
fn every_procedure(town: &Town, of_every_province: bool, outcomes: usize) {
    let page = Browser::start();
    let (_folder, paper) = paper();
    let (mut told, mut failed) = (Vec::new(), Vec::new());
    let all = [procedures(town, of_every_province), of_old(town, of_every_province)].concat();
    for procedure in &all {
        for outcome in procedure.outcomes.iter().take(outcomes) {
            let begun = Instant::now();
            let party = u32::try_from(told.len()).expect("few");
            // One that fails does not hide the others.
            let walked = catch_unwind(AssertUnwindSafe(|| walk(town, &page, (procedure, outcome), party, &paper)));
            if walked.is_err() {
                failed.push(format!("{} {}", procedure.id, outcome.id));
            }
            told.push(format!("{} {} {:?}", procedure.id, outcome.id, begun.elapsed()));
            println!("{}", told[told.len() - 1]);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(told.len() >= all.len(), "{told:?}");
    assert!(told.len() > FEWEST, "{told:?}");
    town.go_as(&page, "officer-county", "/cases");
    check_page(&page);
    check_access(&page);
    page.screenshot(&format!("procedures-{}-{of_every_province}", town.jurisdiction.key()));
}

#[test]
fn every_procedure_goes_from_application_to_register_in_the_first_province() {
    every_procedure(&town(0), false, usize::MAX);
}

#[test]
fn every_procedure_goes_from_application_to_register_in_the_second_province() {
    every_procedure(&town(1), false, usize::MAX);
}

/// Those of every province are walked to each outcome in one, and to one outcome in the other.
#[test]
fn every_procedure_goes_from_application_to_register_where_it_is_the_same_everywhere() {
    every_procedure(&town(1), true, usize::MAX);
}

#[test]
fn what_is_the_same_everywhere_goes_to_the_register_in_the_first_province_too() {
    every_procedure(&town(0), true, 1);
}

/// No procedure of the packs is left out by the tests above: each is of today or of before, and of a province that is walked.
#[test]
fn every_procedure_of_the_packs_is_of_today_or_of_before_in_a_province_that_is_walked() {
    let packs = law::Packs::embedded().expect("packs");
    let today = rig::now().shanghai_date();
    let here: Vec<Jurisdiction> = provinces().into_iter().map(|(jurisdiction, _)| jurisdiction).collect();
    let mut ended = 0;
    for procedure in packs.procedures() {
        let pack = packs.all().iter().find(|pack| pack.folder == procedure.folder).expect("the pack of a procedure");
        assert!(here.iter().any(|j| pack.reaches(*j)), "{}: of no province that is walked", procedure.id);
        assert!(procedure.in_force(today) || procedure.has_ended(today), "{}: not in force yet", procedure.id);
        assert!(!procedure.outcomes.is_empty(), "{}: leads to nothing", procedure.id);
        ended += usize::from(procedure.has_ended(today));
    }
    assert!(ended > 0, "something has ended, and is walked by a day of its time");
}

/// A registration that has ended is revoked by its number: the same party is told until when it may not apply again.
#[test]
fn what_was_revoked_bars_its_party_by_the_law_of_then() {
    let town = (0..provinces().len()).map(town).find(|town| !of_old(town, false).is_empty()).expect("what has ended");
    let page = Browser::start();
    let (_folder, paper) = paper();
    let all = of_old(&town, false);
    let enters = |p: &Procedure, register: &str| p.outcomes.iter().any(|o| o.registers.iter().any(|r| r == register));
    let barring = all.iter().find(|p| enters(p, BANS)).expect("a revocation");
    let barred = all.iter().find(|p| !enters(p, BANS)).expect("a registration");
    let given = &barred.outcomes[0];
    let mut first = Walk::new(&town, &page, barred, 0, &paper);
    first.open();
    first.go_on(&way_to(barred, std::slice::from_ref(&given.id))[1..]);
    let case = CaseId::parse(&first.case).expect("a case");
    let taken = &barring.outcomes[0];
    let mut second = Walk::new(&town, &page, barring, 0, &paper);
    second.answers.insert(REGISTRATION.to_owned(), town.number(case));
    second.open();
    second.go_on(&way_to(barring, std::slice::from_ref(&taken.id))[1..]);
    second.is_registered(taken);
    let mut again = Walk::new(&town, &page, barred, 0, &paper);
    if again.opens() {
        again.stop("whose registration was revoked may apply again at once");
    }
    let told = page.text("main");
    assert!(told.contains(BARRED), "{told}");
    check_page(&page);
    check_access(&page);
    page.screenshot("barred-by-the-law-of-then");
}

#[test]
fn every_clock_is_of_a_kind_that_is_walked() {
    let packs = law::Packs::embedded().expect("packs");
    let today = rig::now().shanghai_date();
    let begun: Vec<&Procedure> = packs.procedures().iter().filter(|p| p.in_force(today)).collect();
    let without = begun.iter().filter(|p| p.clocks.is_empty()).map(|p| p.id.as_str());
    assert_eq!(without.collect::<BTreeSet<&str>>(), BTreeSet::from(WITHOUT_CLOCK));
    let mut back = Vec::new();
    for procedure in begun {
        let other = procedure.clocks.iter().filter(|c| !runs_out(c) && !is_waited_for(c));
        back.extend(other.map(|c| (procedure.id.as_str(), c.id.as_str())));
        let walked: usize = fewest(procedure).iter().map(|course| course.clocks.len()).sum();
        assert_eq!(walked, procedure.clocks.iter().filter(|c| runs_out(c)).count(), "{}", procedure.id);
    }
    assert_eq!(back, COUNTED_BACK);
}

/// Runs a walk; one that fails does not hide the others.
fn tried<T>(failed: &mut Vec<String>, name: String, walk: impl FnOnce() -> T) -> Option<T> {
    let begun = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(walk)).ok();
    println!("{name} {:?}", begun.elapsed());
    if done.is_none() {
        failed.push(name);
    }
    done
}

/// Lets years go by over cases in which every clock of the procedures runs that can run out.
fn what_is_past_its_deadline(town: &Town, of_every_province: bool) {
    let page = Browser::start();
    let (_folder, paper) = paper();
    let with: With<'_> = (town, &page, &paper);
    let all = procedures(town, of_every_province);
    let (mut failed, mut cases, mut party) = (Vec::new(), Vec::new(), 0);
    for procedure in &all {
        for course in fewest(procedure) {
            party += 1;
            let name = format!("{} to {:?}", procedure.id, course.way.last());
            let walk = tried(&mut failed, name, || course.walk(with, procedure, party));
            cases.extend(walk.map(|walk| (course, walk)));
        }
    }
    town.pass_days(LATE_DAYS);
    town.count_clocks();
    let levels: BTreeSet<&str> = cases.iter().map(|(_, walk)| walk.level).collect();
    let listed: BTreeMap<&str, BTreeSet<String>> =
        levels.into_iter().map(|level| (level, overdue(town, &page, level))).collect();
    for (course, walk) in &cases {
        let clocks: Vec<&str> = course.clocks.iter().map(|c| c.id.as_str()).collect();
        tried(&mut failed, format!("{} past {clocks:?}", walk.procedure.id), || {
            if !listed[walk.level].contains(&walk.case) {
                walk.stop("it is not among the overdue");
            }
            course.clocks.iter().for_each(|clock| is_told_late(walk, clock));
            course.clocks.iter().for_each(|clock| follows(walk, clock));
        });
    }
    assert!(failed.is_empty() && !cases.is_empty(), "{failed:#?}");
    let (_, last) = &cases[cases.len() - 1];
    let clocks = format!("/cases/{}/clocks", last.case);
    for (width, height) in [DESK, PHONE] {
        page.window_size(width, height);
        for (name, path) in [("overdue", "/cases?chip=overdue"), ("clocks", clocks.as_str())] {
            last.go("officer", path);
            check_page(&page);
            check_access(&page);
            page.screenshot(&format!("{name}-{}-{of_every_province}-{width}", town.jurisdiction.key()));
        }
    }
}

#[test]
fn what_is_past_its_deadline_is_told_and_still_handled_in_the_first_province() {
    what_is_past_its_deadline(&town(0), false);
}

#[test]
fn what_is_past_its_deadline_is_told_and_still_handled_in_the_second_province() {
    what_is_past_its_deadline(&town(1), false);
}

#[test]
fn what_is_past_its_deadline_is_told_and_still_handled_where_it_is_the_same_everywhere() {
    what_is_past_its_deadline(&town(1), true);
}

#[test]
fn what_must_wait_for_a_time_is_refused_before_its_end_and_taken_after_it() {
    let town = town(1);
    let page = Browser::start();
    let (_folder, paper) = paper();
    let with: With<'_> = (&town, &page, &paper);
    let all = [procedures(&town, false), procedures(&town, true)].concat();
    let (mut failed, mut party) = (Vec::new(), 0);
    for procedure in &all {
        for course in courses(procedure, is_waited_for) {
            party += 1;
            let name = format!("{} {:?}", procedure.id, course.clocks.first().map(|c| c.id.as_str()));
            tried(&mut failed, name, || is_waited_out(with, procedure, &course, party));
        }
    }
    assert!(failed.is_empty() && party > 0, "{failed:#?}");
}

#[test]
fn a_penalty_goes_through_each_of_its_branches() {
    let town = town(1);
    let page = Browser::start();
    let (_folder, paper) = paper();
    let with: With<'_> = (&town, &page, &paper);
    let all = procedures(&town, true);
    let procedure = all.iter().find(|p| p.field(HEARING_RIGHT).is_some()).expect("a penalty with a hearing");
    let mut failed = Vec::new();
    for ((name, branch), party) in BRANCHES.into_iter().zip(0..) {
        tried(&mut failed, name.to_owned(), || branch(with, procedure, party));
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
