//! Who inspects: different persons, qualified on that day, without an interest in the unit.
//!
//! The list of inspectors and the least number that the law sets -> nothing, or a refusal with its clauses. Always true: one person under
//! two accounts is one person; a certificate counts on its first and on its last day.

use crate::proposal::Person;
use base::{AccountId, Citation, CivilDate, ErrorKind, Refusal, Text};

/// Most inspectors of one visit.
const MOST: usize = 16;

/// Days on which an enforcement certificate is valid, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub until: CivilDate,
}

/// One inspector.
#[derive(Clone, Copy)]
pub struct Inspector<'a> {
    /// Account.
    pub account: AccountId,
    /// Person.
    pub person: Person<'a>,
    /// Enforcement certificate; none: none.
    pub certificate: Option<Certificate>,
    /// Said by the inspector, or found: an interest in the unit, or kin there.
    pub has_interest: bool,
}

fn no(code: &str, why: &[Citation], what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Unlawful, code, what, next).citing(why.to_vec())
}

/// May these inspect on a day? `least` persons are asked by `why` (the dated value of the clauses in force).
///
/// # Errors
/// `too_few_inspectors`, `too_many_inspectors`, `same_inspector`, `not_qualified`, `has_interest`.
pub fn check_inspectors(list: &[Inspector<'_>], least: u32, on: CivilDate, why: &[Citation]) -> Result<(), Refusal> {
    let number = list.len();
    if u32::try_from(number).is_ok_and(|n| n < least) {
        return Err(no(
            "too_few_inspectors",
            why,
            Text::of(
                format!("检查人员只有{number}名，不得少于{least}名。"),
                format!("{number} of {least} inspectors."),
            ),
            Text::new("请增加检查人员。", "Name another inspector."),
        ));
    }
    if number > MOST {
        return Err(Refusal::bad_input(
            "too_many_inspectors",
            Text::of(format!("检查人员超过{MOST}名。"), format!("More than {MOST} inspectors.")),
            Text::new("请减少检查人员。", "Name fewer."),
        ));
    }
    let same = |a: &Inspector<'_>, b: &Inspector<'_>| a.account == b.account || a.person.may_be(&b.person);
    if list.iter().enumerate().any(|(n, a)| list.iter().skip(n + 1).any(|b| same(a, b))) {
        return Err(no(
            "same_inspector",
            why,
            Text::new("检查人员中有同一个人。", "One person stands there twice."),
            Text::new("请更换其中一名。", "Name somebody else for one of them."),
        ));
    }
    if !list.iter().all(|i| i.certificate.is_some_and(|c| c.from <= on && on <= c.until)) {
        return Err(no(
            "not_qualified",
            why,
            Text::new("有检查人员当日没有有效的执法证件。", "An inspector has no certificate that is valid that day."),
            Text::new("请更换人员，或者先更新证件。", "Name somebody else, or renew the certificate first."),
        ));
    }
    if list.iter().any(|i| i.has_interest) {
        return Err(no(
            "has_interest",
            why,
            Text::new(
                "有检查人员与被检查单位有利害关系，应当回避。",
                "An inspector has an interest in the unit and steps back.",
            ),
            Text::new("请更换该检查人员。", "Name somebody else."),
        ));
    }
    Ok(())
}
