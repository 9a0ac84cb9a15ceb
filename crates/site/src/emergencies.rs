//! Emergency accesses afterwards: who entered one explains it in writing, another person confirms, and nobody forgets.
//!
//! ```text
//! open_emergency (upper) ─▶ law::Packs::step_due: by a clause, else our own rule or the unit's ─▶ access + debt, one transaction
//! explain ─▶ check_explanation ─▶ may_explain ─▶ row + entry        review ─▶ may_review (another person) ─▶ confirmed | returned, new day
//! every minute: not explained in time ─▶ entry, once; notices follow what is so
//! ```
//!
//! Always true: an access is never held up by an explanation that is owed; the last day was set when the access was entered, or when an
//! explanation was sent back; a notice goes with its cause.

use crate::proposals::person;
use crate::{Actor, Site};
use base::{CivilDate, ClauseId, ErrorKind, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::emergency::{
    RULE, Standing, State, bad_days, check_explanation, check_return, may_confirm, may_explain, may_review, standing,
};
use domain::proposal::Party;
use law::{OwnRule, StepDue};
use std::time::Duration;
use store::StoreError;
use store::accounts::Account;
use store::emergencies::{EmergencyRow, EmergencyStep, Owed, Review, STEPS};
use store::notices::Notice;
use store::uppers::UpperView;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(60);
/// Before the place of an access in the code of its notice.
const NOTICE: &str = "emergency_";

/// What the list shows.
#[derive(Clone, Debug)]
pub struct EmergencyReport {
    /// Day by which each stands as it does.
    pub day: CivilDate,
    /// Accesses: those that are not confirmed first.
    pub list: Vec<(EmergencyRow, Standing)>,
    /// Our own rule.
    pub rule: Option<OwnRule>,
    /// The unit's own days.
    pub own_days: Option<u32>,
    /// By when an access of today would have to be explained, and what says so.
    pub today: StepDue,
}

/// One access and what may be done about it.
#[derive(Clone, Debug)]
pub struct AccessReport {
    /// The access.
    pub row: EmergencyRow,
    /// Where it stands today.
    pub standing: Standing,
    /// What was done, the oldest first.
    pub steps: Vec<EmergencyStep>,
    /// What was watched, the oldest first.
    pub views: Vec<UpperView>,
    /// Whoever looks may explain it.
    pub may_explain: bool,
    /// The explanation that whoever looks may confirm or send back; why not, where their role could.
    pub may_review: Option<Result<u64, Refusal>>,
}

/// What a second person says of an explanation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict<'a> {
    /// It holds.
    Confirm,
    /// It goes back, and why.
    Return(&'a str),
}

fn missing() -> Refusal {
    Refusal::not_found("这次紧急使用", "emergency access")
}

fn moved_on() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "moved_on",
        Text::new("这次紧急使用的说明已经变化，没有保存。", "The explanation has changed since; nothing was saved."),
        Text::new("请刷新页面，看过现在的说明后再决定。", "Reload the page and decide on what stands there now."),
    )
}

fn last_explanation(steps: &[EmergencyStep]) -> Option<&EmergencyStep> {
    steps.iter().rfind(|s| s.what == State::Explained)
}

impl Site {
    fn explain_due(&self, from: CivilDate, own: Option<u32>) -> StepDue {
        let due = self.gate().packs().step_due(RULE, from, own);
        // Packs without the rule: the stricter answer, and no clause is claimed.
        due.unwrap_or(StepDue { day: from, clauses: vec![], own_days: Some(0) })
    }

    /// What is owed for an access that these clauses allow and that begins now.
    pub(crate) async fn owed_for_emergency(&self, clauses: Vec<ClauseId>, from: UtcMs) -> Result<Owed, Refusal> {
        let own = self.store().emergency_days().await?;
        let due = self.explain_due(from.shanghai_date(), own);
        Ok(Owed { clauses, due: due.day, own_days: due.own_days, term: due.clauses })
    }

    /// The accesses and how each stands.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn emergencies(&self, by: &Actor) -> Result<EmergencyReport, Refusal> {
        by.needs(Permission::SeeEmergencies)?;
        let day = self.now().utc.shanghai_date();
        let list = self.store().emergencies().await?;
        let list = list.into_iter().map(|row| (standing(row.state, row.due, day), row)).map(|(s, row)| (row, s));
        let own_days = self.store().emergency_days().await?;
        Ok(EmergencyReport {
            day,
            list: list.collect(),
            rule: self.gate().packs().own_rule(RULE).cloned(),
            own_days,
            today: self.explain_due(day, own_days),
        })
    }

    /// One access, what was watched under it, what was said of it.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn emergency(&self, by: &Actor, leaf: u64) -> Result<AccessReport, Refusal> {
        by.needs(Permission::SeeEmergencies)?;
        let row = self.store().emergency(leaf).await?.ok_or_else(missing)?;
        let steps = self.store().emergency_steps(leaf).await?;
        let may = self.explains(by, &row).await;
        let may_review = match (row.state, by.role.may(Permission::ReviewEmergency)) {
            (State::Explained, true) => Some(self.reviews(by, &row, &steps).await),
            _ => None,
        };
        Ok(AccessReport {
            standing: standing(row.state, row.due, self.now().utc.shanghai_date()),
            views: self.store().emergency_views(&row).await?,
            may_explain: may.is_ok(),
            may_review,
            steps,
            row,
        })
    }

    async fn explains(&self, by: &Actor, row: &EmergencyRow) -> Result<(), Refusal> {
        by.needs(Permission::DecideUse)?;
        let account = self.store().account(row.by).await?;
        may_explain(row.state, row.by, account.is_none_or(|a| a.disabled.is_some()), by.id)
    }

    /// The explanation that `by` may confirm or send back.
    async fn reviews(&self, by: &Actor, row: &EmergencyRow, steps: &[EmergencyStep]) -> Result<u64, Refusal> {
        by.needs(Permission::ReviewEmergency)?;
        let explained = last_explanation(steps);
        let mut concerned = Vec::new();
        for id in [Some(row.by), explained.map(|s| s.by)].into_iter().flatten() {
            concerned.extend(self.store().account(id).await?);
        }
        let own = self.store().account(by.id).await?.ok_or_else(missing)?;
        let concerned: Vec<_> = concerned.iter().map(party).collect();
        may_review(row.state, &concerned, party(&own))?;
        explained.map(|s| s.entry).ok_or_else(moved_on)
    }

    /// Explains an access.
    ///
    /// # Errors
    /// No permission, `not_found`, `explanation`, those of `domain::emergency::may_explain`, or the store; then nothing is changed.
    pub async fn explain_emergency(&self, by: &Actor, leaf: u64, text: &str) -> Result<(), Refusal> {
        by.needs(Permission::DecideUse)?;
        let row = self.store().emergency(leaf).await?.ok_or_else(missing)?;
        self.explains(by, &row).await?;
        let text = check_explanation(text)?;
        if !self.store().explain_emergency(&row, &text, by.id, self.now().utc).await? {
            return Err(moved_on());
        }
        self.tell_emergencies().await;
        Ok(())
    }

    /// Confirms the explanation `seen` (its entry) or sends it back with a new last day.
    ///
    /// # Errors
    /// No permission, `not_found`, `reason`, `returned_too_often`, `moved_on` (another explanation stands there), those of
    /// `domain::emergency::may_review` and `may_confirm`, or the store; then nothing is changed.
    pub async fn review_emergency(
        &self,
        by: &Actor,
        leaf: u64,
        seen: u64,
        verdict: Verdict<'_>,
    ) -> Result<(), Refusal> {
        by.needs(Permission::ReviewEmergency)?;
        let row = self.store().emergency(leaf).await?.ok_or_else(missing)?;
        let steps = self.store().emergency_steps(leaf).await?;
        if self.reviews(by, &row, &steps).await? != seen {
            return Err(moved_on());
        }
        let now = self.now().utc;
        let review = match verdict {
            Verdict::Confirm => {
                may_confirm(row.until, now)?;
                Review::Confirm
            }
            Verdict::Return(_) if steps.len() + 3 > STEPS => return Err(too_often()),
            Verdict::Return(reason) => {
                let reason = check_return(reason)?;
                let due = self.explain_due(now.shanghai_date(), self.store().emergency_days().await?);
                Review::Return(reason, due.day, due.own_days)
            }
        };
        if !self.store().review_emergency(&row, seen, &review, by.id, now).await? {
            return Err(moved_on());
        }
        self.tell_emergencies().await;
        Ok(())
    }

    /// Sets the unit's own time to explain, days; `None` goes back to the default. What is owed already keeps its day.
    ///
    /// # Errors
    /// No permission, `days`, or the store.
    pub async fn set_emergency_days(&self, by: &Actor, days: Option<u32>) -> Result<(), Refusal> {
        by.needs(Permission::ManageDuties)?;
        let rule = self.gate().packs().own_rule(RULE).ok_or_else(missing)?;
        if days.is_some_and(|days| !rule.admits(days)) {
            return Err(bad_days(rule.least, rule.most));
        }
        Ok(self.store().set_emergency_days(days, by.id, self.now().utc).await?)
    }

    /// Puts entries and notices right at once; what fails is done within a minute by the loop.
    pub(crate) async fn tell_emergencies(&self) {
        if let Err(error) = self.keep_emergencies().await {
            tracing::error!(%error, "notices of emergency accesses are not right yet; trying again");
        }
    }

    /// Enters what became overdue, then puts the notices right. A crash between leaves notices of before; the next look mends them.
    async fn keep_emergencies(&self) -> Result<(), StoreError> {
        // One at a time: what one has read is still so when it tells.
        let _turn = self.0.emergencies.lock().await;
        let now = self.now().utc;
        let mut wanted = Vec::new();
        for row in self.store().open_emergencies().await? {
            let stands = standing(row.state, row.due, now.shanghai_date());
            if matches!(stands, Standing::Overdue { .. }) && row.overdue.is_none() {
                self.store().emergency_is_overdue(&row, now).await?;
            }
            wanted.extend(notice_of(&row, stands, now));
        }
        let open = self.store().notices().await?;
        let told: Vec<&Notice> = open.iter().filter(|n| n.code.starts_with(NOTICE)).collect();
        for notice in told.iter().filter(|n| !wanted.iter().any(|(code, _, text)| *code == n.code && *text == n.text)) {
            self.store().clear(&notice.code, None, now).await?;
        }
        for (code, severity, text) in &wanted {
            self.store().raise(*severity, code, None, text, now).await?;
        }
        Ok(())
    }
}

fn party(account: &Account) -> Party<'_> {
    Party { account: account.id, role: account.role, person: person(account) }
}

fn too_often() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "returned_too_often",
        Text::new("退回次数已满，没有保存。", "It went back as often as is kept; nothing was saved."),
        Text::new("请当面核实后确认，或者向上级报告。", "Settle it in person and confirm, or report it further up."),
    )
}

/// Code, severity and words of the notice that an access asks for.
fn notice_of(row: &EmergencyRow, stands: Standing, now: UtcMs) -> Option<(String, u8, Text)> {
    let (name, since) = (&row.platform, row.from.desk());
    let (severity, zh, en) = match stands {
        Standing::Overdue { since: late } => (
            2,
            format!("自{late}起逾期未说明。请督促登记人说明"),
            format!("was not explained in time: overdue since {late}. Have the person who entered it explain it"),
        ),
        Standing::Due { by } if now < row.until => (
            2,
            format!("正在进行，至{}；事后应在{by}前（含当日）书面说明", row.until.desk()),
            format!("is in force until {}; it is to be explained in writing by {by}", row.until.desk()),
        ),
        Standing::Due { by } => (
            3,
            format!("已结束，登记人应在{by}前（含当日）书面说明"),
            format!("is over; the person who entered it explains it in writing by {by}"),
        ),
        Standing::Waits => (
            3,
            "已说明，等待安全管理负责人或者审计员确认".to_owned(),
            "was explained; a security manager or an auditor confirms it".to_owned(),
        ),
        Standing::Confirmed => return None,
    };
    let text = Text::of(
        format!("上级平台「{name}」{since} 的紧急直接使用{zh}。见「上级平台」的「紧急使用」。"),
        format!(
            "The emergency direct use by \"{name}\" of {since} {en}. See Emergency accesses under Upper platforms."
        ),
    );
    Some((format!("{NOTICE}{}", row.leaf), severity, text))
}

/// The loop: at the start and every minute.
pub(crate) async fn run(site: Site) {
    let mut every = tokio::time::interval(LOOK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        every.tick().await;
        site.tell_emergencies().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::rig::{Rig, upper_form};
    use domain::access::Role;
    use law::Jurisdiction;

    const WORDS: &str =
        "值班期间市公安局指挥中心来电，称示范银行门前有人持刀，要求直接查看大厅和门口的画面。\n十分钟后警情解除。";

    struct World {
        rig: Rig,
        manager: Actor,
        custodian: Actor,
        auditor: Actor,
        upper: base::UpperId,
    }

    async fn world() -> World {
        let rig = Rig::start(Jurisdiction::Liaoning).await;
        let manager = rig.person("manager", Role::SecurityManager).await;
        let custodian = rig.person("custodian", Role::InformationCustodian).await;
        let auditor = rig.person("auditor", Role::Auditor).await;
        let upper = rig.site.add_upper(&manager, upper_form(false)).await.unwrap();
        World { rig, manager, custodian, auditor, upper }
    }

    impl World {
        async fn enter(&self) -> u64 {
            self.rig.site.open_emergency(&self.custodian, self.upper, "指挥中心：现场有人持刀", 1).await.unwrap();
            self.rig.site.emergencies(&self.manager).await.unwrap().list[0].0.leaf
        }

        async fn one(&self, leaf: u64) -> AccessReport {
            self.rig.site.emergency(&self.manager, leaf).await.unwrap()
        }

        async fn notices(&self) -> Vec<(u8, String)> {
            let open = self.rig.site.store().notices().await.unwrap();
            let ours = open.into_iter().filter(|n| n.code.starts_with(NOTICE));
            ours.map(|n| (n.severity, n.text.zh.into_owned())).collect()
        }
    }

    #[tokio::test]
    async fn an_access_is_explained_by_whoever_entered_it_and_confirmed_by_another() {
        let w = world().await;
        let site = &w.rig.site;
        let leaf = w.enter().await;
        let now = w.one(leaf).await;
        assert_eq!(now.row.clauses, [ClauseId::new("A-24-3")]);
        assert_eq!(now.row.due, site.now().utc.shanghai_date().plus_days(3));
        assert_eq!((now.row.own_days, w.rig.acts("upper.emergency").await[0].idx), (Some(3), leaf));
        assert!(w.rig.acts("emergency.owed").await[0].clauses.is_empty(), "our own rule is no law");
        let told = w.notices().await;
        assert!(told.len() == 1 && told[0].0 == 2 && told[0].1.contains("正在进行"), "{told:?}");

        let code = |done: Result<(), Refusal>| done.map_err(|r| r.code);
        let refused = |code: &str| Err::<(), String>(code.to_owned());
        assert_eq!(code(site.explain_emergency(&w.custodian, leaf, "短").await), refused("explanation"));
        assert_eq!(code(site.explain_emergency(&w.manager, leaf, WORDS).await), refused("no_permission"));
        let other = w.rig.person("custodian2", Role::InformationCustodian).await;
        assert_eq!(code(site.explain_emergency(&other, leaf, WORDS).await), refused("not_yours"));
        assert_eq!(code(site.explain_emergency(&w.custodian, 999_999, WORDS).await), refused("not_found"));
        assert_eq!(code(site.review_emergency(&w.auditor, leaf, 0, Verdict::Confirm).await), refused("not_explained"));
        site.explain_emergency(&w.custodian, leaf, WORDS).await.unwrap();
        assert_eq!(code(site.explain_emergency(&w.custodian, leaf, WORDS).await), refused("not_owed"));
        assert!(w.notices().await[0].1.contains("等待"));

        // The manager sends it back; it is explained again; the first explanation cannot be confirmed any more.
        let first = w.one(leaf).await.may_review.unwrap().unwrap();
        assert_eq!(
            code(site.review_emergency(&w.manager, leaf, first, Verdict::Return("不")).await),
            refused("reason")
        );
        site.review_emergency(&w.manager, leaf, first, Verdict::Return("没有写明是谁来电")).await.unwrap();
        assert_eq!(w.one(leaf).await.standing.code(), "due");
        site.explain_emergency(&w.custodian, leaf, &format!("{WORDS}来电人王警官。")).await.unwrap();
        assert_eq!(code(site.review_emergency(&w.auditor, leaf, first, Verdict::Confirm).await), refused("moved_on"));
        let second = w.one(leaf).await.may_review.unwrap().unwrap();
        assert_eq!(
            code(site.review_emergency(&w.custodian, leaf, second, Verdict::Confirm).await),
            refused("no_permission")
        );
        let early = code(site.review_emergency(&w.auditor, leaf, second, Verdict::Confirm).await);
        assert_eq!(early, refused("still_in_force"));
        site.close_emergency(&w.custodian, w.upper).await.unwrap();
        site.review_emergency(&w.auditor, leaf, second, Verdict::Confirm).await.unwrap();
        let done = w.one(leaf).await;
        assert_eq!(done.standing, Standing::Confirmed);
        let steps: Vec<_> = done.steps.iter().map(|s| (s.what, s.by)).collect();
        assert_eq!(
            steps,
            [
                (State::Explained, w.custodian.id),
                (State::Returned, w.manager.id),
                (State::Explained, w.custodian.id),
                (State::Confirmed, w.auditor.id)
            ]
        );
        assert_eq!(done.steps[0].text.expose(), WORDS);
        assert!(w.notices().await.is_empty());
        for kind in ["emergency.explained", "emergency.returned", "emergency.confirmed"] {
            assert!(!w.rig.acts(kind).await.is_empty(), "{kind}");
        }
    }

    #[tokio::test]
    async fn the_same_person_under_another_account_confirms_nothing() {
        let w = world().await;
        let leaf = w.enter().await;
        w.rig.site.explain_emergency(&w.custodian, leaf, WORDS).await.unwrap();
        let form = crate::accounts::AccountForm {
            login: "second".into(),
            name: w.custodian.name.clone(),
            badge: None,
            unit: "某某公安分局".into(),
            role: Role::SecurityManager,
            password: base::Pii::new(crate::playback::rig::PASSWORD.into()),
        };
        let id = w.rig.site.add_account_locally(&form).await.unwrap();
        let twin: Actor = w.rig.site.store().account(id).await.unwrap().unwrap().into();
        let seen = w.one(leaf).await.may_review.unwrap().unwrap();
        let refusal = w.rig.site.review_emergency(&twin, leaf, seen, Verdict::Confirm).await.unwrap_err();
        assert_eq!(refusal.code, "own_access");
        assert!(w.rig.site.emergency(&twin, leaf).await.unwrap().may_review.unwrap().is_err());
    }

    #[tokio::test]
    async fn what_is_not_explained_in_time_is_entered_once_and_told() {
        let w = world().await;
        let leaf = w.enter().await;
        let site = &w.rig.site;
        site.close_emergency(&w.custodian, w.upper).await.unwrap();
        let row = site.store().emergency(leaf).await.unwrap().unwrap();
        assert!(row.until <= site.now().utc, "ended before its time");
        let late = row.due.plus_days(1).start();
        assert!(matches!(standing(row.state, row.due, late.shanghai_date()), Standing::Overdue { .. }));
        for _ in 0..2 {
            let row = site.store().emergency(leaf).await.unwrap().unwrap();
            site.store().emergency_is_overdue(&row, late).await.unwrap();
        }
        assert_eq!(w.rig.acts("emergency.overdue").await.len(), 1, "once");
        let (code, severity, text) = notice_of(&row, standing(row.state, row.due, late.shanghai_date()), late).unwrap();
        assert_eq!((code, severity), (format!("{NOTICE}{leaf}"), 2));
        assert!(text.zh.contains("逾期") && text.en.contains("overdue"), "{text:?}");
        // Late is not too late.
        site.explain_emergency(&w.custodian, leaf, WORDS).await.unwrap();
        assert_eq!(w.one(leaf).await.standing, Standing::Waits);
    }

    #[tokio::test]
    async fn the_units_own_time_holds_for_what_comes_and_not_for_what_is_owed() {
        let w = world().await;
        let site = &w.rig.site;
        let first = w.enter().await;
        for (by, days, code) in [
            (&w.custodian, Some(5), "no_permission"),
            (&w.auditor, Some(5), "no_permission"),
            (&w.manager, Some(0), "days"),
            (&w.manager, Some(31), "days"),
        ] {
            assert_eq!(site.set_emergency_days(by, days).await.unwrap_err().code, code);
        }
        site.set_emergency_days(&w.manager, Some(10)).await.unwrap();
        let second = w.enter().await;
        assert_ne!(first, second);
        let today = site.now().utc.shanghai_date();
        assert_eq!((w.one(first).await.row.own_days, w.one(second).await.row.own_days), (Some(3), Some(10)));
        assert_eq!(w.one(second).await.row.due, today.plus_days(10));
        assert!(w.one(first).await.row.until <= site.now().utc, "the second access took the place of the first");
        site.set_emergency_days(&w.manager, None).await.unwrap();
        assert_eq!(site.emergencies(&w.auditor).await.unwrap().own_days, None);
        assert_eq!(w.rig.acts("emergency.rule").await.len(), 2);
    }
}
