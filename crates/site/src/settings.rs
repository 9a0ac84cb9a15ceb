//! Settings of the site changed by a person: role, form, what the law then asks (gate, camera by camera), then values and entry together.
//!
//! What a site is, is a fact and no wish: the law forbids no true answer, so the gate is asked for what changes, and the clauses stand
//! in the entry. Footage is protected from a false answer by `profile`: the law of before binds on for three days.

use crate::profile::{self, BEFORE, BEFORE_KEY, BINDS_ON_MS, Before, KEY, Profile};
use crate::proposals::Asked;
use crate::{Actor, Site, devices};
use base::{AccountId, Citation, ClauseId, ErrorKind, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::proposal::Change;
use law::{Act, PlaceKind, Retention, SiteProfile};
use std::sync::PoisonError;
use store::StoreError;
use store::cameras::CameraRow;
use store::ledger_log::LogEntry;

/// What a change of settings means for one camera.
#[derive(Clone, Debug)]
pub struct CameraEffect {
    /// The camera.
    pub row: CameraRow,
    /// Days its footage is kept now, and then (the law's term, else the unit's own).
    pub days: (u32, u32),
    /// Clauses that set the term now, and then.
    pub terms: (Vec<Citation>, Vec<Citation>),
    /// Why the law would not have it there, after the change.
    pub refused: Option<Refusal>,
    /// Duties that the change brings.
    pub new_duties: Vec<(Text, Citation)>,
}

/// What a change of settings means.
#[derive(Clone, Debug)]
pub struct Effect {
    /// As the settings are.
    pub old: Profile,
    /// As they would be.
    pub new: Profile,
    /// Camera by camera, those in service.
    pub cameras: Vec<CameraEffect>,
    /// Until when the law of before binds on, if the law changes.
    pub binds_until: Option<UtcMs>,
}

impl Effect {
    /// Names the settings that this was reckoned from.
    #[must_use]
    pub fn was(&self) -> String {
        Sha256::of(self.old.text().as_bytes()).hex()
    }

    /// Footage of some camera would be kept for fewer days.
    #[must_use]
    pub fn shortens(&self) -> bool {
        self.cameras.iter().any(|c| c.days.1 < c.days.0)
    }

    /// Nothing is changed at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.old == self.new
    }

    fn clauses(&self) -> Vec<ClauseId> {
        let mut out: Vec<ClauseId> = Vec::new();
        for term in self.cameras.iter().flat_map(|c| c.terms.1.iter()) {
            if !out.contains(&term.clause) {
                out.push(term.clause.clone());
            }
        }
        out
    }
}

/// What a change of settings writes.
pub(crate) struct Ready {
    /// Settings.
    pub(crate) values: Vec<(&'static str, String)>,
    /// The profile must still be this.
    pub(crate) was: Option<String>,
    /// The entry.
    pub(crate) entry: LogEntry,
    /// Laws that bind on.
    pub(crate) before: Vec<Before>,
}

fn place_of(row: &CameraRow) -> PlaceKind {
    PlaceKind::parse(&row.place_kind).unwrap_or(PlaceKind::ALL[0])
}

fn terms(retention: &Retention) -> Vec<Citation> {
    retention.terms.iter().map(|t| t.citation.clone()).collect()
}

impl Site {
    /// Days that footage of a place would be kept if the site were this one.
    #[must_use]
    pub fn days_if(&self, site: &SiteProfile, place: PlaceKind) -> u32 {
        self.days_to_keep(&self.gate().retention(site, place, self.now().utc.shanghai_date()))
    }

    /// What `new` would change, without changing anything.
    ///
    /// # Errors
    /// No permission, or the form's defects.
    pub fn settings_effect(&self, by: &Actor, new: Profile) -> Result<Effect, Refusal> {
        by.needs(Permission::ManageSettings)?;
        let (old, new) = (self.profile(), new.checked()?);
        let today = self.now().utc.shanghai_date();
        let effect_on = |row: CameraRow| {
            let place = place_of(&row);
            let of = |site: &SiteProfile| self.gate().retention(site, place, today);
            let (before, after) = (of(&old.law), of(&new.law));
            let asked = |site| self.ask_as(site, Act::UseCamera(devices::placement_of(&row)));
            let (was, is) = (asked(old.law), asked(new.law));
            let fresh = is.duties.iter().filter(|d| !was.duties.iter().any(|w| w.citation.clause == d.citation.clause));
            CameraEffect {
                days: (self.days_to_keep(&before), self.days_to_keep(&after)),
                terms: (terms(&before), terms(&after)),
                new_duties: fresh.map(|d| (d.text.clone(), d.citation.clone())).collect(),
                refused: is.into_result().err(),
                row,
            }
        };
        let cameras = self.cameras().iter().map(|c| effect_on(c.row())).collect();
        let binds_until = (old.law != new.law).then(|| self.now().utc.plus_ms(BINDS_ON_MS));
        Ok(Effect { old, new, cameras, binds_until })
    }

    /// Changes the settings, as they were seen: `was` is [`Effect::was`] of what the person confirmed. What would keep footage for fewer
    /// days waits for a second person.
    ///
    /// # Errors
    /// No permission, the form's defects, `settings_moved_on`, `settings_too_often`, those of `ask_second`, or the store; then nothing
    /// is changed.
    pub async fn change_settings(&self, by: &Actor, new: Profile, was: &str) -> Result<Asked<Effect>, Refusal> {
        let effect = self.settings_effect(by, new)?;
        if effect.was() != was {
            return Err(profile::moved_on());
        }
        if effect.is_empty() {
            return Ok(Asked::Done(effect));
        }
        if effect.shortens() {
            self.laws_after(&effect)?;
            let change = Change::Settings { profile: effect.new.text(), was: was.to_owned() };
            return self.ask_second(by, change).await.map(Asked::Waits);
        }
        let ready = self.ready_settings(&effect, by.id).await?;
        let set = self.store().set_settings(&ready.values, ready.was.as_deref(), ready.entry).await;
        if !set.map_err(StoreError::from)? {
            return Err(profile::moved_on());
        }
        self.put_profile(effect.new.clone(), ready.before);
        Ok(Asked::Done(effect))
    }

    /// The laws that bind on after a change, or that there are too many.
    fn laws_after(&self, effect: &Effect) -> Result<Vec<Before>, Refusal> {
        let mut before = self.before();
        before.retain(|b| self.clock().sure() < b.until);
        if let Some(until) = effect.binds_until {
            if before.len() >= BEFORE {
                return Err(too_often());
            }
            before.push(Before { law: effect.old.law, until });
        }
        Ok(before)
    }

    /// What a change of settings writes; nothing is written here.
    pub(crate) async fn ready_settings(&self, effect: &Effect, by: AccountId) -> Result<Ready, Refusal> {
        let before = self.laws_after(effect)?;
        let was = self.store().setting(KEY).await.map_err(StoreError::from)?;
        let values = vec![(KEY, effect.new.text()), (BEFORE_KEY, serde_json::to_string(&before).unwrap_or_default())];
        let entry = profile::entry(Some(&effect.old), &effect.new, Some(by), effect.clauses(), self.now().utc);
        Ok(Ready { values, was, entry, before })
    }

    pub(crate) fn put_profile(&self, profile: Profile, before: Vec<Before>) {
        *self.0.before.write().unwrap_or_else(PoisonError::into_inner) = before;
        *self.0.profile.write().unwrap_or_else(PoisonError::into_inner) = profile;
    }

    fn before(&self) -> Vec<Before> {
        self.0.before.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Laws that bind on after a change of settings, beside the one that applies.
    pub(crate) fn laws_before(&self) -> Vec<SiteProfile> {
        let now = self.clock().sure();
        self.before().iter().filter(|b| now < b.until).map(|b| b.law).collect()
    }
}

fn too_often() -> Refusal {
    Refusal::new(
        ErrorKind::TooMany,
        "settings_too_often",
        Text::new(
            "三天内修改省份或单位性质的次数过多。",
            "Province or kind of unit were changed too often within three days.",
        ),
        Text::new("请过几天再改，或请审计员先核对日志。", "Wait some days, or let the auditor look at the log first."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::rig::Rig;
    use base::time::DAY_MS;
    use domain::access::Role;
    use law::Jurisdiction;

    fn with(site: &Site, change: impl FnOnce(&mut Profile)) -> Profile {
        let mut profile = site.profile();
        change(&mut profile);
        profile
    }

    async fn changed(site: &Site, by: &Actor, new: Profile) -> Result<Asked<Effect>, Refusal> {
        let was = site.settings_effect(by, new.clone())?.was();
        site.change_settings(by, new, &was).await
    }

    #[tokio::test]
    async fn a_change_is_shown_before_and_logged_with_old_and_new() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let site = &rig.site;
        let admin = rig.person("admin", Role::Administrator).await;
        let duty = rig.person("duty", Role::DutyOfficer).await;
        let new = with(site, |p| {
            p.address = " 哈尔滨市中央大街1号 ".into();
            p.law.counter_terror_key_target = true;
        });
        assert_eq!(site.settings_effect(&duty, new.clone()).unwrap_err().code, "no_permission");
        assert_eq!(site.change_settings(&duty, new.clone(), "").await.unwrap_err().code, "no_permission");
        let effect = site.settings_effect(&admin, new.clone()).unwrap();
        assert!(!effect.is_empty() && effect.binds_until.is_some());
        assert_eq!(site.profile().address, "", "asking changes nothing");
        assert_eq!(site.change_settings(&admin, new.clone(), "0").await.unwrap_err().code, "settings_moved_on");
        assert!(rig.acts("settings.changed").await.iter().all(|a| a.account.is_none()));
        changed(site, &admin, new).await.unwrap();
        assert_eq!(site.profile().address, "哈尔滨市中央大街1号");
        let acts = rig.acts("settings.changed").await;
        let act = acts.iter().find(|a| a.account == Some(admin.id)).unwrap();
        assert!(act.text.en.contains("address, kind of unit"), "{}", act.text.en);
        site.store().flush_ledger().await.unwrap();
        let entry = site.store().ledger().entry(act.idx).unwrap().parse().unwrap();
        assert_eq!(entry.body["old"]["address"], "");
        assert_eq!(entry.body["new"]["law"]["counter_terror_key_target"], true);
        // What was stored is what a start reads.
        let (kept, before) = profile::load(site.store()).await.unwrap();
        assert_eq!((kept, before.len()), (site.profile(), 1));
        let same = site.profile();
        changed(site, &admin, same).await.unwrap();
        assert_eq!(rig.acts("settings.changed").await.len(), acts.len(), "no change, no entry");
    }

    #[tokio::test]
    async fn the_law_of_before_binds_on_for_three_days() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let site = &rig.site;
        let admin = rig.person("admin", Role::Administrator).await;
        let now = site.now().utc;
        changed(site, &admin, with(site, |p| p.law.counter_terror_key_target = true)).await.unwrap();
        let id = rig.camera("正门", now.plus_ms(-50 * DAY_MS)).await;
        let row = site.store().camera(id).await.unwrap().unwrap();
        let long = site.days_to_keep(&site.retention_of(&row));
        assert!(long > 60, "a key target keeps footage longer: {long}");
        let end = rig.record(id, now.plus_ms(-50 * DAY_MS), 5).await;
        // A running camera, so that the change is seen to shorten its term.
        site.put_camera(row.clone()).await.unwrap();
        let asked = changed(site, &admin, with(site, |p| p.law.counter_terror_key_target = false)).await.unwrap();
        let Asked::Waits(proposal) = asked else { panic!("a shorter term waits for a second person") };
        assert!(site.profile().law.counter_terror_key_target, "nothing is changed before");
        let second = rig.person("second", Role::SecurityAdministrator).await;
        let unused = base::Pii::new(String::new());
        assert_eq!(site.confirm_proposal(&admin, proposal, &unused).await.unwrap_err().code, "own_proposal");
        site.confirm_proposal(&second, proposal, &unused).await.unwrap();
        assert!(!site.profile().law.counter_terror_key_target);
        assert_eq!(site.days_to_keep(&site.retention_of(&row)), long, "nothing is freed at once");
        assert_eq!(crate::storage::delete_due(site).await.unwrap(), 0);
        let custodian = rig.person("custodian", Role::InformationCustodian).await;
        let wish = crate::use_of_information::DeletionForm {
            camera: id,
            from: now.plus_ms(-51 * DAY_MS),
            to: end,
            reason: "清理".into(),
        };
        let refusal = site.delete_by_hand(&custodian, &wish).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "inside_retention_term"));
        // Three days later only the new law binds.
        let past = site.before().iter().map(|b| Before { until: now, ..*b }).collect();
        site.put_profile(site.profile(), past);
        assert_eq!(site.days_to_keep(&site.retention_of(&row)), 30);
        assert_eq!(crate::storage::delete_due(site).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn law_cannot_be_changed_to_and_fro_without_end() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let site = &rig.site;
        let admin = rig.person("admin", Role::Administrator).await;
        for n in 0..BEFORE {
            changed(site, &admin, with(site, |p| p.law.key_unit = n % 2 == 0)).await.unwrap();
        }
        let refusal = changed(site, &admin, with(site, |p| p.law.secret_related = true)).await.unwrap_err();
        assert_eq!(refusal.code, "settings_too_often");
        changed(site, &admin, with(site, |p| p.name = "新名".into())).await.unwrap();
        assert_eq!(site.profile().name, "新名", "a name is no law");
    }
}
