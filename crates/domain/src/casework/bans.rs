//! Bars on applying again: which waiting time a decision begins, its last day, and the applications that it stands against.
//!
//! ```text
//! outcome that enters the register of bans ─▶ clock that starts there, only passes and binds the applicant ─▶ last day
//! application ─▶ same procedure and matter, or a condition of it rests on the clock's clause ─▶ refused, with clause and last day
//! ```
//! Always true: no length stands here, it is that of the clock; on its last day a bar still holds, on the day after it does not; a bar whose
//! last day nobody can count holds.

use super::seat::is_ours;
use base::{CivilDate, ErrorKind, Refusal, Text};
use law::{Clock, ClockRun, Packs, Procedure, Sense};

/// The register of those who may not apply again.
pub const BANS: &str = "bans";

/// A bar, as its row in the register says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ban<'a> {
    /// The procedure of the decision.
    pub procedure: &'a Procedure,
    /// Its outcome.
    pub outcome: &'a str,
    /// What that case was about.
    pub subject: &'a str,
    /// Day of the decision.
    pub from: CivilDate,
    /// Last day, where the row has it.
    pub until: Option<CivilDate>,
}

/// The waiting time that an outcome begins; `None` where it begins none.
#[must_use]
pub fn waiting<'a>(procedure: &'a Procedure, outcome: &str) -> Option<&'a Clock> {
    let waits = |c: &&Clock| c.starts == outcome && c.sense == Sense::AtLeast && c.ends.is_empty();
    procedure.clocks.iter().filter(waits).find(|c| !is_ours(c.binds))
}

/// The last day of the waiting time of a decision of the day `from`; `None` where there is none, or it cannot be counted.
#[must_use]
pub fn last_day(
    packs: &Packs,
    procedure: &Procedure,
    outcome: &str,
    from: CivilDate,
    today: CivilDate,
) -> Option<CivilDate> {
    let clock = waiting(procedure, outcome)?;
    packs.clock_due(&procedure.id, &clock.id, &ClockRun::from(from), today).ok()?.deadline.day()
}

impl Ban<'_> {
    /// Whether it stands against an application for `asked` about `subject`: the same matter of the same procedure, or any of a procedure
    /// with a condition of the clause by which it bars.
    #[must_use]
    pub fn covers(&self, asked: &Procedure, subject: &str) -> bool {
        let Some(clock) = waiting(self.procedure, self.outcome) else { return false };
        let same = asked.id == self.procedure.id && subject == self.subject;
        let named = asked.conditions.iter().any(|c| c.clause == clock.length.clause);
        (same || named) && !is_ours(asked.applicant)
    }

    /// The refusal of an application made or taken in on the day `on`; `None` where nothing bars it.
    #[must_use]
    pub fn refuses(
        &self,
        packs: &Packs,
        asked: &Procedure,
        subject: &str,
        (on, today): (CivilDate, CivilDate),
    ) -> Option<Refusal> {
        if !self.covers(asked, subject) || on < self.from {
            return None;
        }
        let until = self.until.or_else(|| last_day(packs, self.procedure, self.outcome, self.from, today));
        if until.is_some_and(|until| until < on) {
            return None;
        }
        let clause = waiting(self.procedure, self.outcome).and_then(|clock| packs.cite(&clock.length.clause));
        let name = asked.name();
        let (zh, en) = match until {
            Some(until) => (format!("至 {until}（含当日）为止"), format!("until the end of {until}")),
            None => ("目前".to_owned(), "for now".to_owned()),
        };
        let from = self.from;
        Some(
            Refusal::new(
                ErrorKind::Unlawful,
                "applicant_barred",
                Text::of(
                    format!("该当事人因 {from} 的决定，{zh}不得再次申请「{}」。", name.zh),
                    format!("By the decision of {from} this party may not apply for \"{}\" again {en}.", name.en),
                ),
                Text::new(
                    "期满后可以重新申请；对该决定不服的，可以依法申请复议或者起诉。",
                    "A new application may be made after that; against the decision there are review and suit.",
                ),
            )
            .citing(clause.into_iter().collect()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn packs() -> Packs {
        Packs::embedded().unwrap()
    }

    #[test]
    fn what_enters_the_register_of_bans_begins_a_waiting_time_and_nothing_else_of_it_does() {
        let packs = packs();
        for procedure in packs.procedures() {
            for outcome in procedure.outcomes.iter().filter(|o| o.registers.iter().any(|r| r == BANS)) {
                assert!(waiting(procedure, &outcome.id).is_some(), "{} {}", procedure.id, outcome.id);
            }
        }
        let permit = packs.procedure("permit").unwrap();
        assert!(waiting(permit, "granted").is_none() && waiting(permit, "nothing").is_none());
        assert_eq!(last_day(&packs, permit, "granted", day("2024-06-01"), day("2026-03-02")), None);
    }

    #[test]
    fn a_bar_holds_on_its_last_day_and_not_on_the_day_after() {
        let packs = packs();
        let revocation = packs.procedure("registration_revocation").unwrap();
        let registration = packs.procedure("product_registration").unwrap();
        let from = day("2013-06-07");
        let today = day("2026-03-02");
        for until in [None, last_day(&packs, revocation, "revoked", from, today)] {
            let ban = Ban { procedure: revocation, outcome: "revoked", subject: "甲", from, until };
            let refused = |on: &str| ban.refuses(&packs, registration, "乙", (day(on), today));
            assert_eq!(refused("2013-06-06"), None, "before the decision");
            for on in ["2013-06-07", "2016-06-07"] {
                let refusal = refused(on).unwrap();
                assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "applicant_barred"));
                assert!(refusal.what.zh.contains("2016-06-07") && refusal.what.en.contains("2016-06-07"), "{refusal}");
                assert_eq!(refusal.why.iter().map(|c| c.clause.0.as_str()).collect::<Vec<_>>(), ["B-36"]);
            }
            assert_eq!(refused("2016-06-08"), None, "the day after");
        }
    }

    #[test]
    fn a_bar_stands_against_its_own_matter_only() {
        let packs = packs();
        let permit = packs.procedure("permit").unwrap();
        let ban = Ban {
            procedure: permit,
            outcome: "false_material",
            subject: "甲事项",
            from: day("2024-02-29"),
            until: None,
        };
        assert!(ban.covers(permit, "甲事项") && !ban.covers(permit, "乙事项"));
        let refused = |on: &str| ban.refuses(&packs, permit, "甲事项", (day(on), day("2026-03-02"))).is_some();
        assert!(refused("2025-02-28") && !refused("2025-03-01"));
        for other in ["system_filing", "area_approval", "registration_revocation"] {
            assert!(!ban.covers(packs.procedure(other).unwrap(), "甲事项"), "{other}");
        }
        let odd = Ban { outcome: "granted", ..ban };
        assert!(!odd.covers(permit, "甲事项"), "a row of another outcome bars nobody");
    }

    #[test]
    fn a_bar_that_cannot_be_counted_holds() {
        let packs = packs();
        let revocation = packs.procedure("registration_revocation").unwrap();
        let registration = packs.procedure("product_registration").unwrap();
        // On that day the procedure was not in force, so its clock is not counted.
        let ban =
            Ban { procedure: revocation, outcome: "revoked", subject: "甲", from: day("2016-02-03"), until: None };
        let refusal = ban.refuses(&packs, registration, "甲", (day("2030-01-01"), day("2030-01-01"))).unwrap();
        assert!(refusal.what.zh.contains("目前"), "{refusal}");
    }
}
