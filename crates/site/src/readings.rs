//! How this server reads the slips of the law texts: proposed by one person, confirmed by another, dated, with its reason.
//!
//! ```text
//! propose_reading ─▶ domain::reading::check ─▶ proposal (`proposals`) ─▶ another person ─▶ row + entry, one transaction
//! law pages, penalties ─▶ reading_decisions ─▶ law::Packs::chosen, penalty_as_read
//! ```
//!
//! Always true: a decision holds from its day on and changes nothing before; it never lets a fine go without a legal review.

use crate::{Actor, Site};
use base::{CivilDate, ErrorKind, Pii, ProposalId, Refusal, Text};
use domain::access::Permission;
use domain::proposal::Change;
use domain::reading::{ReadingForm, check};
use law::{Choice, ReadingDecision};
use store::proposals::Effect;
use store::readings::{NewReading, ReadingRow};

/// A decision that waits for a second person.
#[derive(Clone, Debug)]
pub struct WaitingReading {
    /// Which slip, how, from when.
    pub decision: ReadingDecision,
    /// Why.
    pub reason: Pii<String>,
    /// Who proposed it, and when.
    pub made: (base::AccountId, base::UtcMs),
}

impl Site {
    /// The decisions of this server, in the order they were made.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn reading_decisions(&self, by: &Actor) -> Result<Vec<ReadingRow>, Refusal> {
        by.needs(Permission::ReadLaw)?;
        Ok(self.store().reading_decisions().await?)
    }

    /// Decisions that wait for a second person.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn waiting_readings(&self, by: &Actor) -> Result<Vec<WaitingReading>, Refusal> {
        by.needs(Permission::ReadLaw)?;
        let open = self.store().open_proposals(self.now().utc).await?;
        let waiting = open.into_iter().filter_map(|row| match row.change {
            Change::Reading { reading, choice, from, reason } => Some(WaitingReading {
                decision: ReadingDecision { reading, choice, from },
                reason: Pii::new(reason),
                made: (row.made_by, row.made),
            }),
            _ => None,
        });
        Ok(waiting.collect())
    }

    /// Proposes how a slip is to be read from a day on; it waits for another person's confirmation.
    ///
    /// # Errors
    /// No permission, those of `domain::reading::check`, `already_proposed`, or the store.
    pub async fn propose_reading(&self, by: &Actor, id: &str, form: ReadingForm) -> Result<ProposalId, Refusal> {
        by.needs(Permission::ChooseReading)?;
        let entry = self.gate().packs().reading(id).map(|(_, entry)| entry);
        let reason = check(entry, &form, self.now().utc.shanghai_date())?;
        let change = Change::Reading {
            reading: id.to_owned(),
            choice: form.choice,
            from: form.from,
            reason: reason.into_inner(),
        };
        self.ask_second(by, change).await
    }

    /// What a confirmed decision writes, with everything checked again.
    pub(crate) fn reading_effect(
        &self,
        (id, reason): (&str, &str),
        choice: Choice,
        from: CivilDate,
    ) -> Result<Effect, Refusal> {
        let packs = self.gate().packs();
        let found = packs.reading(id);
        let form = ReadingForm { choice, from, reason: Pii::new(reason.to_owned()) };
        let reason = check(found.map(|(_, e)| e), &form, self.now().utc.shanghai_date()).map_err(|_| too_late())?;
        let clauses = found.into_iter().flat_map(|(pack, entry)| {
            let touched = pack.clauses.iter().filter(|c| entry.touches(c));
            touched.map(|c| base::ClauseId::new(&c.id)).collect::<Vec<_>>()
        });
        let decision = ReadingDecision { reading: id.to_owned(), choice, from };
        Ok(Effect::Reading(NewReading { decision, reason, clauses: clauses.collect() }))
    }
}

fn too_late() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "change_moved_on",
        Text::new(
            "起始日已过，或者这处笔误已不在规则包里，决定没有生效。",
            "Its first day has passed, or the slip is not in the packs any more; nothing was decided.",
        ),
        Text::new("如仍需要，请以新的起始日重新提出。", "Propose it again with another first day if it is needed."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::rig::Rig;
    use domain::access::Role;
    use law::Jurisdiction;

    const ID: &str = "B-40-article";

    fn form(from: CivilDate) -> ReadingForm {
        ReadingForm {
            choice: Choice::Literal, from, reason: Pii::new("省公安厅法制总队 2026 年第 3 号意见".into())
        }
    }

    #[tokio::test]
    async fn one_proposes_another_confirms_and_the_reading_holds_from_its_day() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let site = &rig.site;
        let manager = rig.person("manager", Role::SecurityManager).await;
        let admin = rig.person("admin", Role::Administrator).await;
        let today = site.now().utc.shanghai_date();
        let none = Pii::new(String::new());
        let refused = site.propose_reading(&admin, ID, form(today)).await.unwrap_err();
        assert_eq!(refused.code, "no_permission", "who confirms does not propose");
        assert_eq!(site.propose_reading(&manager, "A-24-lost", form(today)).await.unwrap_err().code, "reading");
        let id = site.propose_reading(&manager, ID, form(today)).await.unwrap();
        assert_eq!(site.propose_reading(&manager, ID, form(today)).await.unwrap_err().code, "already_proposed");
        assert_eq!(site.waiting_readings(&admin).await.unwrap().len(), 1);
        assert!(site.reading_decisions(&manager).await.unwrap().is_empty(), "nothing holds yet");
        assert!(site.confirm_proposal(&manager, id, &none).await.is_err(), "nobody confirms their own");
        site.confirm_proposal(&admin, id, &none).await.unwrap();

        let rows = site.reading_decisions(&manager).await.unwrap();
        assert_eq!((rows.len(), rows[0].proposed_by, rows[0].confirmed_by), (1, manager.id, admin.id));
        assert!(rows[0].reason.expose().contains("第 3 号意见"));
        let entered = rig.acts("reading.decided").await;
        assert_eq!((entered.len(), entered[0].idx, entered[0].account), (1, rows[0].entry, Some(admin.id)));
        assert!(entered[0].clauses.iter().any(|c| c == "B-40-1"), "{:?}", entered[0].clauses);
        let decisions: Vec<_> = rows.into_iter().map(|r| r.decision).collect();
        let clause = base::ClauseId::new("B-40-1");
        let chosen = |on| site.gate().packs().chosen(&clause, on, &decisions)[0].choice;
        assert_eq!((chosen(today.plus_days(-1)), chosen(today)), (Choice::Evident, Choice::Literal));
        assert!(site.waiting_readings(&manager).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_decision_whose_day_has_passed_is_not_made() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let yesterday = rig.site.now().utc.shanghai_date().plus_days(-1);
        let late = rig.site.reading_effect((ID, "省公安厅第 3 号意见"), Choice::Literal, yesterday).unwrap_err();
        assert_eq!(late.code, "change_moved_on");
        let gone =
            rig.site.reading_effect(("B-99-none", "省公安厅第 3 号意见"), Choice::Literal, yesterday.plus_days(2));
        assert_eq!(gone.unwrap_err().code, "change_moved_on");
    }
}
