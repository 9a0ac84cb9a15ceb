//! The clocks of the packs past their last day: which cases let them run, and what the pages tell then.
//!
//! ```text
//! clocks of a procedure ─▶ course: way to where it starts, answers ─▶ Walk, left there ─▶ time goes by ─▶ pages
//! ours or of others, within:  among the overdue of the office · red on the case, with what follows by law · still done, and then late
//!   pay          the surcharge at its cap, the way to the enforcement            hearing      asked for no more, and the penalty is decided
//!   completion   counts as accepted: goes on without, nothing is asked for       correct      the visit that looks again is offered
//! to wait for:                not before it, and from then on (a step, an application again, a service by public notice)
//! ```
//! Always true: no procedure is known by name; the few words of steps are those that mean the same in every pack.

use crate::support::browser::Browser;
use crate::town::Town;
use crate::walk::{TOO_EARLY, Walk, way_to};
use authority::cases::is_by_visit;
use base::CivilDate;
use domain::casework::{ACCEPT, ASK_FOR_HEARING, ASK_FOR_REST, BANS, HEARING_RIGHT, PAY, imposes_money};
use law::{Clock, Direction, Procedure, Sense};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Longer than any limit within which something is to be done.
pub const LATE_DAYS: i64 = 2_200;
/// Longer than any time that must pass before a step, and than any that somebody may not apply again.
const WAIT_DAYS: i64 = 90;
const BARRED_DAYS: i64 = 1_200;
/// Steps that mean the same in every pack, beside those of the engine.
pub const PUBLISH: &str = "publish";
pub const WITHDRAW: &str = "withdraw";
pub const ANNUL: &str = "annul";
const DECIDE: &str = "decide";
/// A way of service and the clock of its time.
const PUBLIC_NOTICE: &str = "public_notice";
/// Words of the badge of a clock on the page of the clocks.
pub const OVERDUE: &str = "已逾期";
const DONE_LATE: &str = "逾期办理";
const LAPSED: &str = "逾期未办";
pub const RUNS: &str = "计算中";
const OVER: &str = "不再计算";
/// By which words an applicant who may not apply again is told until when.
pub const BARRED: &str = "含当日";
/// By which words it is told that a hearing can be asked for no more.
const NO_HEARING: &str = "已经届满";
/// The surcharge of a bill at its cap.
const CAPPED: &str = "不再增加";

/// What the page of the clocks says of each: by its word, the head of its card.
const CLOCKS: &str = "Object.fromEntries([...document.querySelectorAll('[data-clock-of]')]\
    .map((e) => [e.dataset.clockOf, e.querySelector('.card-head').textContent]))";
/// Deadlines on the page of a case that are told as passed: day and words.
const PASSED: &str =
    "[...document.querySelectorAll('.deadlines li.due-critical')].map((e) => [e.dataset.due, e.textContent])";
/// Cases of a list.
const CASES: &str = "[...document.querySelectorAll('[data-case]')].map((e) => e.dataset.case)";

/// Something is to be done by its last day, which comes after its start.
pub fn runs_out(clock: &Clock) -> bool {
    clock.sense == Sense::Within && clock.direction == Direction::After && !clock.ends.is_empty()
}

/// Nothing is done before it is over.
pub fn is_waited_for(clock: &Clock) -> bool {
    clock.sense == Sense::AtLeast && clock.direction == Direction::After
}

pub fn ends_with(clock: &Clock, step: &str) -> bool {
    clock.ends.iter().any(|end| end == step)
}

/// Town, browser and paper that a course is walked with.
pub type With<'a> = (&'a Town, &'a Browser, &'a Path);

fn is_outcome(procedure: &Procedure, id: &str) -> bool {
    procedure.outcomes.iter().any(|o| o.id == id)
}

/// A case that is left where clocks of it run.
pub struct Course<'a> {
    /// Its steps and decisions, from the first on.
    pub way: Vec<String>,
    /// Answers on it that are not the samples.
    answers: BTreeMap<String, String>,
    /// The clocks.
    pub clocks: Vec<&'a Clock>,
}

/// The steps to where a clock starts, that included. What is withdrawn was published before.
fn way_of(procedure: &Procedure, clock: &Clock) -> Vec<String> {
    if ends_with(clock, WITHDRAW) {
        let mut way = way_to(procedure, &[PUBLISH.to_owned()]);
        way.push(clock.starts.clone());
        return way;
    }
    way_to(procedure, std::slice::from_ref(&clock.starts))
}

/// The answers with which a clock is one of the case.
fn answers_of(clock: &Clock) -> BTreeMap<String, String> {
    let asked = clock.when.iter().map(|when| (when.field.clone(), when.is.clone()));
    let hearing = ends_with(clock, ASK_FOR_HEARING).then(|| (HEARING_RIGHT.to_owned(), "yes".to_owned()));
    asked.chain(hearing).collect()
}

impl<'a> Course<'a> {
    fn of(procedure: &'a Procedure, clock: &'a Clock) -> Self {
        Self { way: way_of(procedure, clock), answers: answers_of(clock), clocks: vec![clock] }
    }

    /// Another clock runs at its end, too.
    fn has(&self, procedure: &Procedure, clock: &Clock) -> bool {
        let Some(at) = self.way.iter().position(|id| *id == clock.starts) else { return false };
        let ended = |id: &String| ends_with(clock, id) || is_outcome(procedure, id) || id == ANNUL;
        let sample = |id: &str| procedure.field(id).map_or("", |f| f.sample.as_str());
        let answered =
            |(id, text): (&String, &String)| self.answers.get(id).map_or(sample(id), String::as_str) == text.as_str();
        way_of(procedure, clock).iter().all(|id| self.way.contains(id))
            && !self.way.iter().skip(at + 1).any(ended)
            && answers_of(clock).iter().all(answered)
    }

    /// Brings a case to its end.
    #[track_caller]
    pub fn walk<'w>(&self, (town, page, paper): With<'w>, procedure: &'w Procedure, party: u32) -> Walk<'w> {
        let mut walk = Walk::new(town, page, procedure, party, paper);
        walk.answers.clone_from(&self.answers);
        if self.clocks.iter().any(|c| ends_with(c, PAY)) && !walk.tells_the_sum() {
            walk.fine_on_the_spot();
        }
        walk.open();
        walk.go_on(&self.way[1..]);
        walk
    }
}

/// A course for each clock of a kind.
pub fn courses(procedure: &Procedure, kind: fn(&Clock) -> bool) -> Vec<Course<'_>> {
    procedure.clocks.iter().filter(|c| kind(c)).map(|c| Course::of(procedure, c)).collect()
}

/// The fewest courses at whose ends every clock that can run out runs.
pub fn fewest(procedure: &Procedure) -> Vec<Course<'_>> {
    let mut all = courses(procedure, runs_out);
    all.sort_by_key(|c| Reverse(c.way.len()));
    let mut out: Vec<Course<'_>> = Vec::new();
    for course in all {
        let known = course.clocks.first().and_then(|clock| out.iter().position(|c| c.has(procedure, clock)));
        match known {
            Some(n) => out[n].clocks.extend(course.clocks),
            None => out.push(course),
        }
    }
    out
}

/// What the page of the clocks says of one.
#[track_caller]
pub fn stands(walk: &Walk<'_>, clock: &Clock) -> String {
    walk.go("officer", &format!("/cases/{}/clocks", walk.case));
    let all = walk.page.eval(CLOCKS);
    match all[&clock.id].as_str() {
        Some(said) => said.to_owned(),
        None => walk.stop(&format!("the clock {} is none of the case: {all}", clock.id)),
    }
}

#[track_caller]
pub fn must_stand(walk: &Walk<'_>, clock: &Clock, as_word: &str) {
    let said = stands(walk, clock);
    if !said.contains(as_word) {
        walk.stop(&format!("the clock {} is told as {said}, not {as_word}", clock.id));
    }
}

/// The cases that the office of a level finds among the overdue.
pub fn overdue(town: &Town, page: &Browser, level: &str) -> BTreeSet<String> {
    town.go_as(page, &format!("officer-{level}"), "/cases?chip=overdue");
    let cases = page.eval(CASES);
    cases.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The case tells the clock as passed, with its day and what follows by law, and something can still be done.
#[track_caller]
fn is_told_on_the_case(walk: &Walk<'_>, clock: &Clock) {
    walk.on_case("officer");
    let passed = walk.page.eval(PASSED);
    let tells = |line: &Value| {
        let day = line[0].as_str().and_then(CivilDate::parse);
        let says = line[1].as_str().is_some_and(|text| text.contains(&clock.name_zh) && text.contains(&clock.over_zh));
        says && day.is_some_and(|day| day < walk.town.today())
    };
    if !passed.as_array().is_some_and(|lines| lines.iter().any(tells)) {
        walk.stop(&format!("{} is not told as passed: {passed}", clock.id));
    }
    if !walk.page.has("[data-acts] a") {
        walk.stop("nothing can be done any more");
    }
}

/// A clock of a case that ran out: what the case and its page of the clocks tell.
#[track_caller]
pub fn is_told_late(walk: &Walk<'_>, clock: &Clock) {
    is_told_on_the_case(walk, clock);
    must_stand(walk, clock, OVERDUE);
}

/// What follows by law when a clock of this kind ran out. What ends a clock may end others of the case: they are told late before.
#[track_caller]
pub fn follows(walk: &Walk<'_>, clock: &Clock) {
    if ends_with(clock, PAY) {
        owes_a_surcharge(walk);
    } else if ends_with(clock, ASK_FOR_HEARING) {
        is_decided_without_a_hearing(walk, clock);
    } else if ends_with(clock, ASK_FOR_REST) {
        counts_as_accepted(walk);
    } else if clock.ends.iter().any(|end| is_by_visit(walk.procedure, end)) {
        walk.on_case("officer");
        if !walk.page.has(&format!("[data-acts] a[href='/visits?case={}']", walk.case)) {
            walk.stop("no second visit is offered");
        }
    } else {
        is_done_late(walk, clock);
    }
}

/// What can still be done is done, and told as late.
#[track_caller]
fn is_done_late(walk: &Walk<'_>, clock: &Clock) {
    let offered = walk.offered();
    if let Some(end) = clock.ends.iter().find(|end| offered.contains(*end)) {
        walk.take(end);
        must_stand(walk, clock, DONE_LATE);
    }
}

#[track_caller]
fn owes_a_surcharge(walk: &Walk<'_>) {
    walk.go("officer", &format!("/cases/{}/payments", walk.case));
    if !walk.page.text("[data-bill]").contains(CAPPED) {
        walk.stop("the surcharge is not at its cap");
    }
    if !walk.page.has("[data-enforce] a") {
        walk.stop("nothing leads to the enforcement");
    }
}

/// The right is lost, and the penalty waits no more.
#[track_caller]
fn is_decided_without_a_hearing(walk: &Walk<'_>, clock: &Clock) {
    let told = walk.refused(ASK_FOR_HEARING);
    if !told.contains(NO_HEARING) {
        walk.stop(&format!("asking for a hearing is refused by {told}"));
    }
    let outcome = walk.procedure.outcomes.iter().find(|o| imposes_money(walk.procedure, o)).expect("a penalty");
    walk.go_on(&[DECIDE.to_owned(), outcome.id.clone()]);
    must_stand(walk, clock, LAPSED);
}

/// What was not named in time is asked for no more, and what follows the acceptance can be done without it.
#[track_caller]
fn counts_as_accepted(walk: &Walk<'_>) {
    let offered = walk.offered();
    let after = |s: &&law::Step| s.after.iter().any(|a| ACCEPT.contains(&a.as_str()));
    if !walk.procedure.steps.iter().filter(after).any(|s| offered.contains(&s.id)) {
        walk.stop(&format!("nothing follows the acceptance by lapse of time: {offered:?}"));
    }
    if walk.page.has("[data-acts] a[href$='/rest']") {
        walk.stop("what is missing can still be asked for");
    }
}

/// A time that must pass, from before its end to after it.
#[track_caller]
pub fn is_waited_out(with: With<'_>, procedure: &Procedure, course: &Course<'_>, party: u32) {
    let Some(clock) = course.clocks.first() else { return };
    if clock.id == PUBLIC_NOTICE {
        notice_is_waited_out(with, procedure, (course, clock), party);
        return;
    }
    let walk = course.walk(with, procedure, party);
    must_stand(&walk, clock, RUNS);
    if let Some(end) = clock.ends.first() {
        if walk.offered().contains(end) || !walk.barred("officer").contains(TOO_EARLY) {
            walk.stop(&format!("{end} does not wait"));
        }
        with.0.pass_days(WAIT_DAYS);
        must_stand(&walk, clock, OVER);
        if !walk.offered().contains(end) {
            walk.stop(&format!("{end} waits though its time is over"));
        }
        walk.take(end);
    } else if procedure.outcomes.iter().any(|o| o.id == clock.starts && o.registers.iter().any(|r| r == BANS)) {
        if !applies_again(with, procedure, party).contains(BARRED) {
            walk.stop("who may not apply again was not told so");
        }
        with.0.pass_days(BARRED_DAYS);
        must_stand(&walk, clock, OVER);
        let told = applies_again(with, procedure, party);
        if !told.is_empty() {
            walk.stop(&format!("the application is refused though the time is over: {told}"));
        }
    } else {
        with.0.pass_days(WAIT_DAYS);
        must_stand(&walk, clock, OVER);
    }
}

/// The same party applies for the same again: what it is told when that is opened or taken in; empty where it is taken in.
#[track_caller]
fn applies_again(with: With<'_>, procedure: &Procedure, party: u32) -> String {
    let mut again = Walk::new(with.0, with.1, procedure, party, with.2);
    if !again.opens() {
        return with.1.text("main");
    }
    let takes_in = procedure.steps.iter().find(|s| ACCEPT.contains(&s.id.as_str())).expect("a step that takes in");
    again.tries(&takes_in.id)
}

/// What is served by public notice counts as served only when its time is over.
#[track_caller]
fn notice_is_waited_out(with: With<'_>, procedure: &Procedure, (course, clock): (&Course<'_>, &Clock), party: u32) {
    let (serve, before) = course.way.split_last().expect("the step of the service");
    let notice = procedure.notice_field(serve).expect("a field for the day of the notice");
    let mut answers = course.answers.clone();
    answers.insert(notice.id.clone(), with.0.today().to_string());
    let walk = Course { way: before.to_vec(), answers, clocks: Vec::new() }.walk(with, procedure, party);
    let told = walk.refused(serve);
    if !told.contains(TOO_EARLY) {
        walk.stop(&format!("the service is refused by {told}"));
    }
    with.0.pass_days(WAIT_DAYS);
    walk.take(serve);
    must_stand(&walk, clock, OVER);
}
