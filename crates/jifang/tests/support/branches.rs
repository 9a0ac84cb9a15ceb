//! The branches of a penalty in the browser: a hearing, evidence that is kept, samples and a scene, a decision that is annulled, leave to pay
//! later.
//!
//! Each is a case of its own, brought as far as its branch by the shortest way ([`crate::walk`]) and looked at there from the seats it concerns.
//! Always true: what the law lets nobody do meanwhile is not offered, and the page says why; what has a time is told as in time.

use crate::late::{ANNUL, OVERDUE, PUBLISH, RUNS, WITHDRAW, With, ends_with, must_stand, overdue};
use crate::walk::{Walk, way_to};
use base::CivilDate;
use domain::casework::{APPROVE_OPENING, DELIVER, HEARING_RIGHT, HOLD_HEARING, PAY, imposes_money};
use law::{Clock, Outcome, Procedure};
use serde_json::json;

/// Steps of a penalty with branches, beside those of the engine.
const REGISTER_EVIDENCE: &str = "register_evidence";
const SETTLE_EVIDENCE: &str = "settle_evidence";
const SAMPLE: &str = "sample";
const SETTLE_SAMPLE: &str = "settle_sample";
const EXAMINE_SCENE: &str = "examine_scene";
/// By which words the pages tell that no end comes before the evidence is settled, and that nothing is paid any more.
const EVIDENCE_OWED: &str = "登记保存的证据还没有作出处理决定";
const NOT_PAID_ANY_MORE: &str = "决定已被变更或者撤销";
/// Of a clock with leave to pay later, and of the bill in and after its time.
const WITH_LEAVE: &str = "经批准暂缓或者分期";
const TO_BE_PAID: &str = "待缴";
const LATE: &str = "逾期";
/// Of the page of the clocks: done in time.
const IN_TIME: &str = "按期";

/// A walk through one branch.
type Branch = fn(With<'_>, &Procedure, u32);

/// Every branch, with its name.
pub const BRANCHES: [(&str, Branch); 5] = [
    ("hearing", a_hearing_is_held),
    ("evidence", evidence_is_settled),
    ("samples", samples_are_taken),
    ("annulled", what_was_annulled_is_withdrawn),
    ("leave", a_fine_is_put_off),
];

/// The outcome that imposes a sum.
fn fined(procedure: &Procedure) -> &Outcome {
    procedure.outcomes.iter().find(|o| imposes_money(procedure, o)).expect("a penalty")
}

/// The steps and decisions to a goal, of which the first is taken by the opening.
fn way(procedure: &Procedure, goal: &str) -> Vec<String> {
    way_to(procedure, &[goal.to_owned()]).split_off(1)
}

fn clock_to<'a>(procedure: &'a Procedure, end: &str) -> &'a Clock {
    procedure.clocks.iter().find(|c| ends_with(c, end)).expect("a clock that ends so")
}

/// A hearing is asked for; with a notice of the same day it cannot be held, later it is, and the penalty follows.
fn a_hearing_is_held(with: With<'_>, procedure: &Procedure, party: u32) {
    let mut walk = Walk::new(with.0, with.1, procedure, party, with.2);
    walk.answers.insert(HEARING_RIGHT.to_owned(), "yes".to_owned());
    walk.open();
    let (outcome, mut steps) = (fined(procedure), way(procedure, HOLD_HEARING));
    let held = steps.split_off(steps.len() - 1);
    walk.go_on(&steps);
    let notice = procedure.clocks.iter().find(|c| c.starts == HOLD_HEARING).expect("a time for the notice");
    if walk.offered().contains(HOLD_HEARING) || !walk.barred("officer").contains(&notice.over_zh) {
        walk.stop("a hearing of the day of its notice can be held");
    }
    with.0.pass_days(30);
    walk.go_on(&held);
    must_stand(&walk, notice, IN_TIME);
    let mut rest = way(procedure, &outcome.id);
    walk.go_on(&rest.split_off(rest.len() - 2));
    walk.follow(outcome);
    walk.is_registered(outcome);
}

/// Evidence is registered: no end before it is settled, which is done in time.
fn evidence_is_settled(with: With<'_>, procedure: &Procedure, party: u32) {
    let mut walk = Walk::new(with.0, with.1, procedure, party, with.2);
    walk.open();
    walk.go_on(&way(procedure, REGISTER_EVIDENCE));
    let clock = clock_to(procedure, SETTLE_EVIDENCE);
    must_stand(&walk, clock, RUNS);
    if !walk.barred("head").contains(EVIDENCE_OWED) {
        walk.stop("the case can end while the evidence is kept");
    }
    walk.go_on(&[SETTLE_EVIDENCE.to_owned()]);
    must_stand(&walk, clock, IN_TIME);
    if walk.barred("head").contains(EVIDENCE_OWED) {
        walk.stop("the evidence is settled, and the case cannot end");
    }
    let mut rest = way(procedure, &fined(procedure).id);
    walk.go_on(&rest.split_off(rest.len() - 3));
}

/// The scene is examined and samples are taken twice: each can be done again, none of it is owed, and the penalty follows.
fn samples_are_taken(with: With<'_>, procedure: &Procedure, party: u32) {
    let mut walk = Walk::new(with.0, with.1, procedure, party, with.2);
    walk.open();
    walk.go_on(&way(procedure, APPROVE_OPENING));
    for step in [EXAMINE_SCENE, SAMPLE, SAMPLE, SETTLE_SAMPLE] {
        walk.go_on(&[step.to_owned()]);
        if !walk.offered().contains(step) {
            walk.stop(&format!("{step} cannot be done again"));
        }
    }
    walk.go_on(&way(procedure, &fined(procedure).id).split_off(1));
}

/// A published penalty is annulled: nothing is paid any more, and it is withdrawn in time and told as such to anybody.
fn what_was_annulled_is_withdrawn(with: With<'_>, procedure: &Procedure, party: u32) {
    let mut walk = Walk::new(with.0, with.1, procedure, party, with.2);
    walk.open();
    walk.go_on(&way(procedure, PUBLISH));
    let outcome = fined(procedure);
    let publication = outcome.publications.first().expect("a publication");
    let register = outcome.registers.first().expect("a register");
    let entry = format!("/cases/{}/publish?entry={publication}", walk.case);
    walk.go("publisher", &entry);
    walk.send("the publication", "button[name=act][value=publish]");
    walk.answer(&[(register.as_str(), 200)]);
    walk.go_on(&[ANNUL.to_owned()]);
    walk.go("officer", &format!("/cases/{}/payments", walk.case));
    if !walk.page.text("[data-bill]").contains(NOT_PAID_ANY_MORE) {
        walk.stop("what was annulled is still to be paid");
    }
    walk.go("publisher", &entry);
    walk.write(&json!({"reasons": "原决定经行政复议撤销。"}));
    walk.send("the withdrawal", "button[name=act][value=withdraw]");
    walk.go_on(&[WITHDRAW.to_owned()]);
    must_stand(&walk, clock_to(procedure, WITHDRAW), IN_TIME);
    walk.go("publisher", &format!("/public/registers/{register}/{}", walk.case));
    if !walk.page.has("[data-withdrawn]") {
        walk.stop("the public page does not tell that it was withdrawn");
    }
}

/// Leave to pay later moves the last day: in its time nothing is late, after it the fine is.
fn a_fine_is_put_off(with: With<'_>, procedure: &Procedure, party: u32) {
    let mut walk = Walk::new(with.0, with.1, procedure, party, with.2);
    walk.open();
    walk.go_on(&way(procedure, DELIVER));
    let (town, clock) = (with.0, clock_to(procedure, PAY));
    let (_, yuan) = walk.breach().expect("a sum");
    give_leave(&walk, town.today().plus_days(60), &yuan);
    must_stand(&walk, clock, WITH_LEAVE);
    // The legal term is over by then, the leave is not; then that is over, too.
    for (days, stands, bill) in [(40, RUNS, TO_BE_PAID), (30, OVERDUE, LATE)] {
        town.pass_days(days);
        town.count_clocks();
        must_stand(&walk, clock, stands);
        walk.go("officer", &format!("/cases/{}/payments", walk.case));
        if !walk.page.text("[data-bill]").contains(bill) {
            walk.stop(&format!("the bill does not say {bill}"));
        }
        if overdue(town, with.1, walk.level).contains(&walk.case) != (stands == OVERDUE) {
            walk.stop(&format!("the list of the overdue does not say that it is {stands}"));
        }
    }
}

/// Leave of the head to pay later, on the page of the money.
#[track_caller]
fn give_leave(walk: &Walk<'_>, until: CivilDate, yuan: &str) {
    walk.go("head", &format!("/cases/{}/payments", walk.case));
    let words = json!({"asked_on": walk.town.today().to_string(), "parts": format!("{until} {yuan}"),
        "reasons": "停业三个月，确有经济困难。"});
    walk.write(&words);
    walk.page.click_away("#leave .btn-main");
    if !walk.page.has("[data-money] li") {
        walk.stop("the leave was not given");
    }
}
