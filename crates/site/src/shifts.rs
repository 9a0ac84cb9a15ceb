//! Shifts as people's acts: begin, hand over with a note and the open items, take over, and the month as it was.
//!
//! Both confirm: the one who goes by offering, the one who comes by accepting, each signed in as themselves.

use crate::{Actor, Site};
use base::{ErrorKind, Pii, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::shift::{self, ITEMS, Step, Watch};
use store::shifts::{Begun, ShiftRow};

fn watch_of(row: &ShiftRow) -> Watch {
    Watch { holder: row.account, offered_to: row.offered_to }
}

fn moved_on() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "shift_moved_on",
        Text::new("值班情况刚刚变化。", "The watch has just changed."),
        Text::new("请刷新页面查看现在谁在班。", "Reload the page to see who is on duty now."),
    )
}

impl Site {
    /// Who is on duty; `None` when nobody is.
    ///
    /// # Errors
    /// The store.
    pub async fn shift_now(&self) -> Result<Option<ShiftRow>, Refusal> {
        Ok(self.store().open_shift().await?)
    }

    /// What the next one has to know: open notices, and cameras that do not record.
    ///
    /// # Errors
    /// The store.
    pub async fn open_items(&self) -> Result<Vec<Text>, Refusal> {
        let mut items: Vec<_> = self.store().notices().await?.into_iter().map(|n| n.text).collect();
        for camera in self.cameras().iter().filter(|c| !c.state().is_recording()) {
            let (row, state) = (camera.row(), camera.state());
            let why = state.diagnosis.as_ref().map(|d| d.what.clone()).unwrap_or_else(|| state.phase.text());
            items.push(Text::of(
                format!("{}（{}）没有录像：{}", row.name, row.place, why.zh),
                format!("{} ({}) does not record: {}", row.name, row.place, why.en),
            ));
        }
        items.truncate(ITEMS);
        Ok(items)
    }

    async fn decided(&self, by: &Actor, step: Step<'_>) -> Result<Option<ShiftRow>, Refusal> {
        by.needs(Permission::StandWatch)?;
        let open = self.store().open_shift().await?;
        shift::decide(open.as_ref().map(watch_of).as_ref(), by.id, step)?;
        Ok(open)
    }

    /// Begins to be on duty while nobody is.
    ///
    /// # Errors
    /// No permission, `shift_taken`, or the store.
    pub async fn begin_shift(&self, by: &Actor) -> Result<(), Refusal> {
        self.decided(by, Step::Begin).await?;
        let done = self.store().begin_shift(by.id, Begun::Free, None, None, self.now().utc).await?;
        if done { Ok(()) } else { Err(moved_on()) }
    }

    /// Offers the watch to `to` (login name), with a note; the open items of this moment go with it.
    ///
    /// # Errors
    /// No permission, those of `domain::shift::decide`, `to` when nobody of this name stands watch, or the store.
    pub async fn offer_shift(&self, by: &Actor, to: &str, note: &Pii<String>) -> Result<(), Refusal> {
        by.needs(Permission::StandWatch)?;
        let next = self.store().account_by_login(to.trim()).await?;
        let next = next.filter(|a| a.disabled.is_none() && a.role.may(Permission::StandWatch));
        let next = next.ok_or_else(|| {
            let what = Text::new("请选择一名值班人员。", "Choose a person who stands watch.");
            Refusal::bad_input("to", what, Text::new("请更正后重新提交。", "Correct it and submit again."))
        })?;
        let open = self.decided(by, Step::Offer(next.id, note.expose())).await?.ok_or_else(moved_on)?;
        let note = Pii::new(note.expose().trim().to_owned());
        let items = self.open_items().await?;
        let done = self.store().offer_shift(&open, next.id, &note, &items, self.now().utc).await?;
        if done { Ok(()) } else { Err(moved_on()) }
    }

    /// Accepts the watch that was offered.
    ///
    /// # Errors
    /// No permission, `not_offered`, or the store.
    pub async fn accept_shift(&self, by: &Actor) -> Result<(), Refusal> {
        let open = self.decided(by, Step::Accept).await?.ok_or_else(moved_on)?;
        let done = self.store().begin_shift(by.id, Begun::Handover, Some(open.number), None, self.now().utc).await?;
        if done { Ok(()) } else { Err(moved_on()) }
    }

    /// Ends an offer: withdrawn by whoever made it, or declined by whom it was made to.
    ///
    /// # Errors
    /// No permission, `not_offered`, or the store.
    pub async fn end_shift_offer(&self, by: &Actor) -> Result<(), Refusal> {
        let own = self.store().open_shift().await?.is_some_and(|s| s.account == by.id);
        let step = if own { Step::Withdraw } else { Step::Decline };
        let open = self.decided(by, step).await?.ok_or_else(moved_on)?;
        if self.store().end_offer(&open, by.id, self.now().utc).await? { Ok(()) } else { Err(moved_on()) }
    }

    /// Takes the watch from somebody who handed nothing over; the reason is kept, the log says so.
    ///
    /// # Errors
    /// No permission, `no_shift`, `own_shift`, `reason`, or the store.
    pub async fn take_shift(&self, by: &Actor, reason: &Pii<String>) -> Result<(), Refusal> {
        let open = self.decided(by, Step::TakeAlone(reason.expose())).await?.ok_or_else(moved_on)?;
        let why = Pii::new(reason.expose().trim().to_owned());
        let now = self.now().utc;
        let done = self.store().begin_shift(by.id, Begun::Alone, Some(open.number), Some(&why), now).await?;
        if done { Ok(()) } else { Err(moved_on()) }
    }

    /// Shifts that touch a stretch of time.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn shifts(&self, by: &Actor, from: UtcMs, to: UtcMs) -> Result<Vec<ShiftRow>, Refusal> {
        by.needs(Permission::StandWatch)?;
        Ok(self.store().shifts(from, to).await?)
    }
}
