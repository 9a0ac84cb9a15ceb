//! Sensitive changes that wait for a second administrator: rows, and the change itself in the transaction that confirms it.
//!
//! Always true: a proposal is answered once (the row's own condition decides between two who answer at once); the answer, the change and
//! their entries are one transaction, so a crash leaves the proposal open or the whole change done; what was proposed is sealed.

use crate::accounts::NewAccount;
use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Tx};
use crate::readings::NewReading;
use crate::{Store, StoreError, args};
use base::{AccountId, Pii, ProposalId, Text, UtcMs};
use domain::access::Role;
use domain::area::AreaRight;
use domain::proposal::{Change, EXPIRES_MS, Kind, OPEN_MOST, State};

/// Name bound into the seal.
const COLUMN: &str = "proposal.change";
/// Most answered proposals of one question.
const ANSWERED: u32 = 50;

/// A proposal.
#[derive(Clone, Debug)]
pub struct ProposalRow {
    /// Its id.
    pub id: ProposalId,
    /// The change, as it was proposed.
    pub change: Change,
    /// Who proposed it.
    pub made_by: AccountId,
    /// When.
    pub made: UtcMs,
    /// Not answered from here on.
    pub ends: UtcMs,
    /// State.
    pub state: State,
    /// Who answered, and when.
    pub decided: Option<(Option<AccountId>, UtcMs)>,
}

/// What a confirmed proposal does to the rows.
#[derive(Clone, Debug)]
pub enum Effect {
    /// A new account with a one-time password.
    Make(NewAccount),
    /// Another role: before, after; only while it is the one before.
    Role(AccountId, (Role, Role)),
    /// Other areas.
    Areas(AccountId, Vec<AreaRight>),
    /// Opened or closed.
    Disabled(AccountId, bool),
    /// A one-time password, by its hash.
    Password(AccountId, Pii<String>),
    /// The phone is forgotten.
    Phone(AccountId),
    /// One setting.
    Setting(&'static str, String),
    /// Several settings with an entry of their own; only while the first is as it was.
    Settings(Vec<(&'static str, String)>, Option<String>, LogEntry),
    /// How a slip of a law text is read.
    Reading(NewReading),
}

/// What became of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answered {
    /// Done; the account that was made, if one was.
    Done(Option<AccountId>),
    /// Somebody was first, or its time is over. Nothing was done.
    Late,
    /// What it would change has changed since. Nothing was done.
    MovedOn,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, change_sealed, made_by, made_ms, ends_ms, state, decided_by, decided_ms FROM proposal ",
            $rest
        )
    };
}

impl Store {
    fn proposal_of(&self, r: &Row) -> Result<ProposalRow, StoreError> {
        let text = self.sealer.open_text(COLUMN, &r.blob(2)?)?;
        let change = serde_json::from_str(text.expose()).map_err(|_| crate::keys::KeyFileError::Sealed)?;
        let by = r.text_opt(7)?.and_then(|t| AccountId::parse(&t));
        Ok(ProposalRow {
            id: r.read(0, ProposalId::parse)?,
            change,
            made_by: r.read(3, AccountId::parse)?,
            made: UtcMs(r.int(4)?),
            ends: UtcMs(r.int(5)?),
            state: r.read(6, State::parse)?,
            decided: r.int_opt(8)?.map(|t| (by, UtcMs(t))),
        })
    }

    /// One proposal.
    ///
    /// # Errors
    /// The database, or a seal that does not open.
    pub async fn proposal(&self, id: ProposalId) -> Result<Option<ProposalRow>, StoreError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| self.proposal_of(&r)).transpose()
    }

    /// Those that wait, oldest first.
    ///
    /// # Errors
    /// As `proposal`.
    pub async fn open_proposals(&self, now: UtcMs) -> Result<Vec<ProposalRow>, StoreError> {
        let sql = select!("WHERE state = 'open' AND ends_ms > $1 ORDER BY made_ms, id");
        self.db.rows(sql, args![now]).await?.iter().map(|r| self.proposal_of(r)).collect()
    }

    /// How many wait. Opens none of them: the bar of every page asks.
    ///
    /// # Errors
    /// The database.
    pub async fn open_proposal_count(&self, now: UtcMs) -> Result<u32, DbError> {
        let sql = "SELECT COUNT(*) FROM proposal WHERE state = 'open' AND ends_ms > $1";
        let row = self.db.row(sql, args![now]).await?;
        Ok(u32::try_from(row.map_or(Ok(0), |r| r.int(0))?).unwrap_or(u32::MAX))
    }

    /// The newest of those that were answered or ran out.
    ///
    /// # Errors
    /// As `proposal`.
    pub async fn answered_proposals(&self) -> Result<Vec<ProposalRow>, StoreError> {
        let sql = select!("WHERE state <> 'open' ORDER BY made_ms DESC, id LIMIT $1");
        self.db.rows(sql, args![ANSWERED]).await?.iter().map(|r| self.proposal_of(r)).collect()
    }

    /// Keeps a proposal with its entry; `None` when as many wait as are allowed, or the same change waits already.
    ///
    /// A crash before the commit leaves nothing; after it, the proposal waits.
    ///
    /// # Errors
    /// The database, the key or the log.
    pub async fn propose(&self, change: &Change, by: AccountId, now: UtcMs) -> Result<Option<ProposalId>, StoreError> {
        let id = ProposalId::new(now.0, crate::keys::random()?);
        let text = serde_json::to_string(change).unwrap_or_default();
        let sealed = self.sealer.seal(COLUMN, text.as_bytes())?;
        let ends = now.plus_ms(EXPIRES_MS);
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let open = tx.rows(select!("WHERE state = 'open' AND ends_ms > $1"), args![now]).await?;
        let mut same = false;
        for row in &open {
            same |= self.proposal_of(row)?.change == *change;
        }
        if same || open.len() >= OPEN_MOST {
            return Ok(None);
        }
        tx.exec(
            "INSERT INTO proposal (id, kind, account, change_sealed, made_by, made_ms, ends_ms, state, decided_by, decided_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', NULL, NULL)",
            args![id, change.kind().code(), change.account(), sealed, by, now, ends],
        )
        .await?;
        let about = About { id, kind: change.kind(), account: change.account(), made_by: by };
        tx.log(about.entry("change.proposed", Some(by), now)).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Declines a proposal (or takes one's own back); false when somebody was first.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn decline(&self, row: &ProposalRow, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if !close(&mut tx, row.id, State::Declined, Some(by), now).await? {
            return Ok(false);
        }
        tx.log(About::of(row).entry("change.declined", Some(by), now)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Confirms a proposal and does it.
    ///
    /// # Errors
    /// `Db` with `is_duplicate` when its login name is taken meanwhile; the database, the key or the log. Then nothing was done.
    pub async fn confirm(
        &self,
        row: &ProposalRow,
        effect: &Effect,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Answered, StoreError> {
        let mut tx = self.begin().await?;
        if !close(&mut tx, row.id, State::Confirmed, Some(by), now).await? {
            return Ok(Answered::Late);
        }
        tx.log(About::of(row).entry("change.confirmed", Some(by), now)).await?;
        let Some(made) = self.take_effect(&mut tx, effect, (row.made_by, by), now).await? else {
            return Ok(Answered::MovedOn);
        };
        tx.commit().await?;
        Ok(Answered::Done(made))
    }

    /// The change itself; its entry names who proposed it. `None` when what it was to change is no longer so.
    async fn take_effect(
        &self,
        tx: &mut Tx,
        effect: &Effect,
        (by, confirmed_by): (AccountId, AccountId),
        now: UtcMs,
    ) -> Result<Option<Option<AccountId>>, StoreError> {
        match effect {
            Effect::Make(new) => return Ok(Some(Some(self.insert_account(tx, new, true, Some(by), now).await?))),
            Effect::Role(id, roles) => {
                if !crate::accounts::role_in(tx, *id, *roles, by, now).await? {
                    return Ok(None);
                }
            }
            Effect::Areas(id, rights) => crate::areas::areas_in(tx, *id, rights, by, now).await?,
            Effect::Disabled(id, off) => crate::accounts::disabled_in(tx, *id, *off, by, now).await?,
            Effect::Password(id, hash) => {
                crate::accounts::password_in(tx, *id, hash.expose(), None, true, by, now).await?;
            }
            Effect::Phone(id) => {
                if !crate::two_step::end_two_step_in(tx, *id, Some(by), now).await? {
                    return Ok(None);
                }
            }
            Effect::Setting(key, value) => crate::settings::setting_in(tx, key, value, Some(by), now).await?,
            Effect::Settings(values, was, entry) => {
                if !crate::settings::settings_in(tx, values, was.as_deref(), entry.clone()).await? {
                    return Ok(None);
                }
            }
            Effect::Reading(new) => {
                if !self.reading_in(tx, new, (by, confirmed_by), now).await? {
                    return Ok(None);
                }
            }
        }
        Ok(Some(None))
    }

    /// Ends those whose time is over, each with its entry; at most `OPEN_MOST` at once. How many.
    ///
    /// # Errors
    /// The database or the log. What was not ended is ended the next time.
    pub async fn expire_proposals(&self, now: UtcMs) -> Result<usize, StoreError> {
        let sql = select!("WHERE state = 'open' AND ends_ms <= $1 ORDER BY ends_ms LIMIT $2");
        let rows = self.db.rows(sql, args![now, u32::try_from(OPEN_MOST).unwrap_or(u32::MAX)]).await?;
        for row in &rows {
            let row = self.proposal_of(row)?;
            let mut tx = self.begin().await?;
            let sql = "UPDATE proposal SET state = 'expired', decided_ms = $2 WHERE id = $1 AND state = 'open'";
            if tx.exec(sql, args![row.id, now]).await? > 0 {
                tx.log(About::of(&row).entry("change.expired", None, now)).await?;
                tx.commit().await?;
            }
        }
        Ok(rows.len())
    }
}

async fn close(
    tx: &mut Tx,
    id: ProposalId,
    state: State,
    by: Option<AccountId>,
    now: UtcMs,
) -> Result<bool, crate::db::DbError> {
    let sql = "UPDATE proposal SET state = $2, decided_by = $3, decided_ms = $4 \
               WHERE id = $1 AND state = 'open' AND ends_ms > $4";
    Ok(tx.exec(sql, args![id, state.code(), by, now]).await? > 0)
}

/// What the entries of a proposal say: no name, only ids and the kind.
struct About {
    id: ProposalId,
    kind: Kind,
    account: Option<AccountId>,
    made_by: AccountId,
}

impl About {
    fn of(row: &ProposalRow) -> Self {
        Self { id: row.id, kind: row.change.kind(), account: row.change.account(), made_by: row.made_by }
    }

    fn entry(&self, kind: &'static str, by: Option<AccountId>, at: UtcMs) -> LogEntry {
        let what = self.kind.name();
        let (zh, en) = match kind {
            "change.proposed" => ("提出变更，等待第二人确认", "Change proposed, waits for a second person"),
            "change.confirmed" => ("第二人确认变更", "Change confirmed by a second person"),
            "change.declined" if by == Some(self.made_by) => ("撤回变更", "Change taken back"),
            "change.declined" => ("不同意变更", "Change declined"),
            _ => ("变更无人确认，已过期", "Change expired without an answer"),
        };
        let text = Text::of(format!("{zh}：{}。", what.zh), format!("{en}: {}.", what.en));
        let body = serde_json::json!({
            "proposal": self.id, "change": self.kind.code(), "account": self.account, "proposed_by": self.made_by, "by": by,
        });
        let act = ActLine::done(by, text);
        LogEntry { kind, at, body, act: Some(act) }
    }
}
