//! Offers of benefits and demands to use a product (A-29, B-33): recorded with what the law says to taking them up.
//!
//! ```text
//! record_offer ─▶ domain::offer::check ─▶ gate: TakeBenefit | DesignateProduct ─▶ row + entry with the answer, one transaction
//! ```
//!
//! On a site's server and on an authority's alike: whoever works there can be offered something or be told to use a brand. Always true:
//! recording is never refused by law, taking is never recorded; the gate is asked each time, so the entry has the clauses of that day.

use crate::{Actor, Site};
use base::{Citation, ErrorKind, Refusal, Text};
use domain::access::Permission;
use domain::offer::{OfferForm, OfferKind, PER_DAY, check};
use law::Act;
use store::offers::{LISTED, OfferAnswer, OfferRow};

/// What somebody may read of offers.
#[derive(Clone, Debug)]
pub struct OfferList {
    /// Offers, the newest first.
    pub rows: Vec<OfferRow>,
    /// Everybody's; else only what the reader recorded.
    pub all: bool,
    /// Older ones stand before this entry.
    pub next: Option<u64>,
}

/// The act that whoever takes it up would do.
const fn act(kind: OfferKind) -> Act {
    match kind {
        OfferKind::Benefit => Act::TakeBenefit,
        // Who gives in to a demand does what the officer may not: the product is designated all the same.
        OfferKind::Designation | OfferKind::Demand => Act::DesignateProduct,
    }
}

impl Site {
    /// What the law says today to taking it up: code and clauses.
    fn offer_answer(&self, kind: OfferKind) -> (OfferAnswer, Vec<Citation>) {
        let answer = self.ask(act(kind));
        let cited = if answer.allow { vec![] } else { answer.deciding.clone() };
        let clauses = cited.iter().map(|c| c.clause.clone()).collect();
        (OfferAnswer { code: answer.into_refusal().code, clauses }, cited)
    }

    /// The clauses that forbid taking up each kind today, for whoever is about to record one; none where no clause permits it.
    #[must_use]
    pub fn offer_law(&self) -> Vec<(OfferKind, Vec<Citation>)> {
        OfferKind::ALL.iter().map(|kind| (*kind, self.offer_answer(*kind).1)).collect()
    }

    /// Records an offer or demand; gives the place of its entry.
    ///
    /// # Errors
    /// No permission, those of `domain::offer::check`, `too_many_offers`, or the store.
    pub async fn record_offer(&self, by: &Actor, form: &OfferForm) -> Result<u64, Refusal> {
        by.needs(Permission::RecordOffer)?;
        let now = self.now().utc;
        let offer = check(form, now.shanghai_date())?;
        let (answer, _) = self.offer_answer(offer.kind);
        self.store().record_offer(&offer, &answer, by.id, now).await?.ok_or_else(|| {
            Refusal::new(
                ErrorKind::TooMany,
                "too_many_offers",
                Text::of(
                    format!("这个账号一天内已登记 {PER_DAY} 次，没有保存。"),
                    format!("This account has recorded {PER_DAY} within a day; nothing was saved."),
                ),
                Text::new("请明天再登记，或者由他人登记。", "Record it tomorrow, or have somebody else record it."),
            )
        })
    }

    /// Offers before an entry (`None`: from the newest on): everybody's for who may read them, else one's own.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn offers(&self, by: &Actor, before: Option<u64>) -> Result<OfferList, Refusal> {
        by.needs(Permission::RecordOffer)?;
        let all = by.role.may(Permission::ReadOffers);
        let rows = self.store().offers((!all).then_some(by.id), before).await?;
        let full = rows.len() >= usize::try_from(LISTED).unwrap_or(usize::MAX);
        let next = rows.last().filter(|_| full).map(|row| row.entry);
        Ok(OfferList { rows, all, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::rig::Rig;
    use base::Pii;
    use domain::access::Role;
    use domain::offer::OfferOutcome;
    use law::Jurisdiction;
    use store::offers::NOT_REFUSED;

    const WORDS: &str = "验收当天送来购物卡，当场退回。";

    fn form(site: &Site, kind: OfferKind) -> OfferForm {
        OfferForm {
            kind: Some(kind),
            who: Pii::new("王经理".into()),
            behalf: Pii::new("某安防公司".into()),
            on: Some(site.now().utc.shanghai_date()),
            outcome: Some(OfferOutcome::Declined),
            words: Pii::new(WORDS.into()),
        }
    }

    #[tokio::test]
    async fn an_offer_is_entered_with_the_clauses_that_forbid_taking_it() {
        for (jurisdiction, benefit, designate) in [
            (Jurisdiction::Liaoning, vec!["A-29-1"], vec!["A-29-2"]),
            (Jurisdiction::Heilongjiang, vec!["B-33-2"], vec!["B-33-1"]),
            (Jurisdiction::Other, vec![], vec![]),
        ] {
            let rig = Rig::start(jurisdiction).await;
            let site = &rig.site;
            let officer = rig.person("officer", Role::PoliceOfficer).await;
            for (kind, clauses) in
                [(OfferKind::Benefit, &benefit), (OfferKind::Designation, &designate), (OfferKind::Demand, &designate)]
            {
                let entry = site.record_offer(&officer, &form(site, kind)).await.unwrap();
                let kept = rig.acts("offer.recorded").await;
                let act = kept.iter().find(|a| a.idx == entry).expect("its line");
                let cited: Vec<_> = act.clauses.iter().map(String::as_str).collect();
                assert_eq!((&cited, act.refused, act.account), (clauses, true, Some(officer.id)));
                let says = if clauses.is_empty() { "没有条款允许" } else { "法律不允许" };
                assert!(act.text.zh.contains(says) && !act.text.zh.contains("王经理"), "{}", act.text.zh);
                let (_, law) = site.offer_law().into_iter().find(|(k, _)| *k == kind).expect("each kind");
                let told: Vec<_> = law.iter().map(|c| c.clause.0.as_str()).collect();
                assert_eq!(&told, clauses, "the page tells it beforehand");
            }
            let list = site.offers(&officer, None).await.unwrap();
            assert_eq!((list.rows.len(), list.all, list.next), (3, false, None));
            assert_eq!(list.rows[0].offer.kind, OfferKind::Demand, "the newest first");
            assert_eq!(list.rows[2].offer.words.expose(), WORDS);
            assert!(list.rows.iter().all(|r| r.answer.is_refused()));
            assert!(rig.acts("act.refused").await.is_empty(), "nobody tried to take it");
        }
    }

    #[tokio::test]
    async fn everybody_records_and_reads_their_own_three_roles_read_all() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let site = &rig.site;
        let mut people = Vec::new();
        for role in Role::STAFF {
            let person = rig.person(role.code(), role).await;
            site.record_offer(&person, &form(site, OfferKind::Benefit)).await.unwrap();
            people.push(person);
        }
        for person in &people {
            let list = site.offers(person, None).await.unwrap();
            let reads = matches!(person.role, Role::SecurityManager | Role::Administrator | Role::Auditor);
            assert_eq!((list.all, list.rows.len()), (reads, if reads { people.len() } else { 1 }), "{:?}", person.role);
            assert!(reads || list.rows[0].by == person.id);
        }
        let wrong = OfferForm { outcome: None, ..form(site, OfferKind::Benefit) };
        assert_eq!(site.record_offer(&people[0], &wrong).await.unwrap_err().code, "outcome");
    }

    #[test]
    fn the_code_of_no_refusal_is_that_of_the_gate() {
        let gate = law::Gate::embedded().unwrap();
        let site = law::SiteProfile::new(Jurisdiction::Heilongjiang);
        let on = base::CivilDate::parse("2026-03-02").unwrap();
        let answer = gate.decide(&law::Question { site, act: act(OfferKind::Benefit) }, on);
        let allowed = law::Answer { allow: true, missing: vec![], ..answer };
        assert_eq!(allowed.into_refusal().code, NOT_REFUSED);
    }
}
