//! Fines of several breaches of one party: one act is fined once, acts apart are added.
//!
//! Charges, each a breach with the law's answer and perhaps an amount -> [`Joined`]: the amounts that stand, their clauses, their sum.
//! Always true: an amount passed [`law::Penalty::check_amount`]; in one act only one amount stands, and it rests on the clause with the
//! highest upper end among those that may be imposed without more (AP-29); no amount is proposed.

use base::{Citation, ClauseId, ErrorKind, Refusal, Text};
use law::{AmountGrounds, Packs, Penalty};

/// Clause of one act, one fine.
const ONE_FINE: &str = "AP-29";
/// Most charges of one decision.
const MOST: usize = 64;

/// A breach that is charged.
#[derive(Clone, Debug)]
pub struct Charge<'a> {
    /// Word of the act; breaches by one act have the same.
    pub act: &'a str,
    /// What the law says of the breach.
    pub penalty: &'a Penalty,
    /// Amount, yuan, and what stands behind it; none: not fined by itself.
    pub fine: Option<(u64, AmountGrounds<'a>)>,
}

/// An amount that stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Word of the act.
    pub act: String,
    /// Amount, yuan.
    pub amount_yuan: u64,
    /// The clause it rests on.
    pub citation: Citation,
}

/// All amounts of one decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joined {
    /// One an act, in the order of the charges.
    pub fines: Vec<Standing>,
    /// Their sum, yuan.
    pub total_yuan: u64,
}

/// Joins the charges of one decision.
///
/// # Errors
/// What [`law::Penalty::check_amount`] refuses; `too_many_charges`; `one_act_one_fine`; `higher_fine_rules`; `sum_too_large`.
pub fn join(packs: &Packs, charges: &[Charge<'_>]) -> Result<Joined, Refusal> {
    if charges.len() > MOST {
        return Err(Refusal::bad_input(
            "too_many_charges",
            Text::of(format!("一案至多{MOST}项违法行为。"), format!("A decision has at most {MOST} breaches.")),
            Text::new("请分案办理。", "Make several cases of it."),
        ));
    }
    let cite = || packs.cite(&ClauseId::new(ONE_FINE)).into_iter().collect::<Vec<Citation>>();
    let mut joined = Joined { fines: Vec::new(), total_yuan: 0 };
    for charge in charges {
        let Some((amount, grounds)) = charge.fine else { continue };
        let amount_yuan = charge.penalty.check_amount(amount, grounds)?;
        // `check_amount` passed, so that a clause is there.
        let Some((citation, upper)) = rests_on(charge.penalty, grounds.clause) else { continue };
        if joined.fines.iter().any(|f| f.act == charge.act) {
            return Err(Refusal::new(
                ErrorKind::Unlawful,
                "one_act_one_fine",
                Text::new("同一行为已有一项罚款，不得再次罚款。", "This act is fined already, and only once."),
                Text::new("请只保留罚款数额高的一项。", "Keep only the one with the higher fine."),
            )
            .citing(cite()));
        }
        if let Some(higher) = higher(charges, charge.act, upper) {
            let clause = &higher.clause;
            return Err(Refusal::new(
                ErrorKind::Unlawful,
                "higher_fine_rules",
                Text::of(
                    format!("同一行为应当按罚款数额高的{clause}处罚。"),
                    format!("One act is fined by the rule with the higher fine: {clause}."),
                ),
                Text::new("请改按该条处罚。", "Rest the fine on that clause."),
            )
            .citing([cite(), vec![higher]].concat()));
        }
        let sum = joined.total_yuan.checked_add(amount_yuan).ok_or_else(|| {
            let what = Text::new("罚款合计过大。", "The sum of the fines is too large.");
            Refusal::bad_input("sum_too_large", what, Text::new("请核对数额。", "Check the amounts."))
        })?;
        joined.total_yuan = sum;
        joined.fines.push(Standing { act: charge.act.to_owned(), amount_yuan, citation });
    }
    Ok(joined)
}

/// The clause an amount rests on, and its upper end.
fn rests_on(penalty: &Penalty, clause: Option<&str>) -> Option<(Citation, u64)> {
    let applied = match clause {
        Some(id) => penalty.applied.iter().find(|a| a.citation.clause.0 == id)?,
        None => penalty.fining()?.0,
    };
    Some((applied.citation.clone(), applied.fine.as_ref()?.max_yuan))
}

/// A clause with a higher upper end that another charge of the act could be fined by without a legal review.
fn higher(charges: &[Charge<'_>], act: &str, upper: u64) -> Option<Citation> {
    let of_act = charges.iter().filter(|c| c.act == act && c.penalty.reviews().is_empty());
    let bands = of_act.filter_map(|c| c.penalty.fining());
    let barred = |a: &law::Applied| a.time_bar.as_ref().is_some_and(|bar| bar.barred);
    let found = bands.filter(|(a, f)| f.max_yuan > upper && !barred(a)).max_by_key(|(_, f)| f.max_yuan);
    found.map(|(a, _)| a.citation.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{CivilDate, Reading};
    use law::{Applied, Fine, Hearing, Order, PenaltyLink};

    const WHY: AmountGrounds<'_> = AmountGrounds { reasons: "情节一般", legal_review: None, clause: None };

    fn applied(id: &str, max_yuan: u64) -> Applied {
        let citation = Citation {
            clause: ClauseId::new(id),
            instrument: Text::default(),
            article: Text::default(),
            gist: Text::default(),
            text_sha256: String::new(),
            reading: Reading::Literal,
        };
        let fine = Fine {
            min_yuan: Some(100),
            max_yuan,
            gains_fine_yuan: None,
            gains_multiple: None,
            instead_of_detention: false,
            optional: false,
            bound: None,
        };
        let hearing = Hearing {
            from_yuan: None,
            always: false,
            local_figure_unknown: false,
            citation: None,
            request_working_days: None,
        };
        Applied {
            citation,
            link: PenaltyLink::Literal,
            named: true,
            law_of: CivilDate::parse("2026-03-02").unwrap(),
            order: Order::None,
            fine: Some(fine),
            later: None,
            measures: Vec::new(),
            only_if: None,
            slip: None,
            review: Vec::new(),
            hearing,
            on_the_spot_yuan: None,
            time_bar: None,
        }
    }

    fn penalty(id: &str, max_yuan: u64, review: Vec<Text>) -> Penalty {
        Penalty {
            applied: vec![applied(id, max_yuan)],
            displaced: Vec::new(),
            ended: Vec::new(),
            unaddressed: Vec::new(),
            one_fine: None,
            correction: None,
            review,
        }
    }

    fn code(charges: &[Charge<'_>]) -> Result<u64, String> {
        let packs = Packs::embedded().unwrap();
        join(&packs, charges).map(|j| j.total_yuan).map_err(|r| r.code)
    }

    #[test]
    fn acts_apart_are_added_and_one_act_is_fined_once() {
        let (a, b) = (penalty("A-32", 5_000, Vec::new()), penalty("B-37-1-1", 10_000, Vec::new()));
        let charge = |act, penalty, amount: Option<u64>| Charge { act, penalty, fine: amount.map(|n| (n, WHY)) };
        assert_eq!(code(&[charge("x", &a, Some(5_000)), charge("y", &b, Some(200))]), Ok(5_200));
        assert_eq!(
            code(&[charge("x", &b, Some(5_000)), charge("x", &b, Some(200))]),
            Err("one_act_one_fine".to_owned())
        );
        assert_eq!(code(&[charge("x", &a, Some(5_000)), charge("x", &b, None)]), Err("higher_fine_rules".to_owned()));
        assert_eq!(code(&[charge("x", &a, None), charge("x", &b, Some(200))]), Ok(200));
        assert_eq!(code(&[charge("x", &a, Some(5_001))]), Err("amount_outside_range".to_owned()));
        assert_eq!(code(&[]), Ok(0));
        let many: Vec<Charge<'_>> = (0..=MOST).map(|_| charge("x", &a, None)).collect();
        assert_eq!(code(&many), Err("too_many_charges".to_owned()));
        assert_eq!(code(&many[1..]), Ok(0));
    }

    #[test]
    fn a_higher_rule_that_waits_for_a_review_does_not_rule_by_itself() {
        let review = vec![Text::new("待审核", "waits")];
        let (a, b) = (penalty("A-32", 5_000, Vec::new()), penalty("B-37-1-1", 10_000, review));
        let charges =
            [Charge { act: "x", penalty: &a, fine: Some((4_000, WHY)) }, Charge { act: "x", penalty: &b, fine: None }];
        assert_eq!(code(&charges), Ok(4_000));
    }

    #[test]
    fn a_refusal_names_the_clause_that_rules() {
        let packs = Packs::embedded().unwrap();
        let (a, b) = (penalty("A-32", 5_000, Vec::new()), penalty("B-37-1-1", 10_000, Vec::new()));
        let charges =
            [Charge { act: "x", penalty: &a, fine: Some((4_000, WHY)) }, Charge { act: "x", penalty: &b, fine: None }];
        let refusal = join(&packs, &charges).unwrap_err();
        let ids: Vec<&str> = refusal.why.iter().map(|c| c.clause.0.as_str()).collect();
        assert_eq!(ids, ["AP-29", "B-37-1-1"]);
    }
}
