//! What the unit owes: papers that people enter, the unit's own periods, where each duty stood last; and what rows of footage say.
//!
//! Always true: title and number of a paper are sealed together with the salt of their commitment, and a paper that was withdrawn leaves
//! nothing of them; a state that changes and its entry are one transaction, so the log tells since when a duty stood how.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Outcome};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, CivilDate, ClauseId, PaperId, Pii, Sha256, Text, UtcMs};
use domain::duty::{PAPERS, Paper, PaperKind};
use law::{Deadline, Falls};
use std::collections::BTreeMap;

/// Name bound into the seal.
const COLUMN: &str = "duty_paper.text";
/// Setting of the unit's own periods: code to days, as JSON.
const PERIODS: &str = "duty_periods";

/// Where a duty stood when it was last looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DutyRow {
    /// Code of the duty.
    pub code: String,
    /// `met`, `due`, `overdue`, `unknown`.
    pub state: String,
    /// Since when it stands so.
    pub since: UtcMs,
    /// The day that matters next, or since which it is overdue.
    pub day: Option<CivilDate>,
    /// How the last day that the law names was counted then; none where it names none, or an older program kept the row.
    pub deadline: Option<Deadline>,
}

/// Where a duty stands now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DutyNow {
    /// Code of the duty.
    pub code: String,
    /// Name, for the log's line.
    pub title: Text,
    /// Word and name of the state.
    pub state: (&'static str, Text),
    /// The day that matters next, or since which it is overdue.
    pub day: Option<CivilDate>,
    /// How the last day that the law names is counted.
    pub deadline: Option<Deadline>,
    /// Who asks it.
    pub clauses: Vec<ClauseId>,
}

fn day_of(r: &Row, i: usize) -> Result<Option<CivilDate>, DbError> {
    let Some(text) = r.text_opt(i)? else { return Ok(None) };
    CivilDate::parse(&text).map(Some).ok_or_else(|| DbError::unreadable(i))
}

/// A count kept as JSON. One that this program does not read is counted anew: it is remembered, it decides nothing.
fn deadline_of(text: Option<String>) -> Option<Deadline> {
    serde_json::from_str(&text?).ok()
}

/// The entry of a last day that another notice of holidays moved; none where another term is counted, or the day is the same.
fn recomputed(was: &Deadline, duty: &DutyNow, now: UtcMs) -> Option<LogEntry> {
    let new = duty.deadline.as_ref()?;
    let (Falls::On(old), Falls::On(day)) = (was.falls, new.falls) else { return None };
    if old == day || was.count != new.count || was.edition == new.edition {
        return None;
    }
    let body = serde_json::json!({
        "duty": duty.code, "was_day": old, "was_edition": was.edition, "day": day, "edition": new.edition,
        "clauses": duty.clauses,
    });
    let text = Text::of(
        format!("义务「{}」的期限重新计算：{old}改为{day}（{}）。", duty.title.zh, new.edition),
        format!("Last day of the duty \"{}\" counted again: {day} instead of {old} ({}).", duty.title.en, new.edition),
    );
    Some(entry("duty.recomputed", now, None, duty.clauses.clone(), body, text))
}

impl Store {
    /// Papers that are not withdrawn, the newest day first.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn duty_papers(&self) -> Result<Vec<Paper>, StoreError> {
        let sql = "SELECT id, kind, day, until_day, document_sha256, text_sealed, entered_by, entered_ms FROM duty_paper \
                   ORDER BY day DESC, entered_ms DESC, id DESC";
        self.db.rows(sql, vec![]).await?.iter().map(|r| self.paper_of(r)).collect()
    }

    fn paper_of(&self, r: &Row) -> Result<Paper, StoreError> {
        let sealed = self.sealer.open_text(COLUMN, &r.blob(5)?)?.into_inner();
        let mut lines = sealed.split('\n').skip(1).map(str::to_owned);
        let mut next = || lines.next().map(Pii::new).ok_or(DbError::unreadable(5));
        let document = r.text_opt(4)?.map(|hex| Sha256::from_hex(&hex).ok_or(DbError::unreadable(4))).transpose()?;
        Ok(Paper {
            id: r.read(0, PaperId::parse)?,
            kind: r.read(1, PaperKind::parse)?,
            title: next()?,
            number: next()?,
            day: day_of(r, 2)?.ok_or(DbError::unreadable(2))?,
            until: day_of(r, 3)?,
            document,
            by: r.read(6, AccountId::parse)?,
            entered: UtcMs(r.int(7)?),
        })
    }

    /// A new id for a paper.
    ///
    /// # Errors
    /// No random bytes.
    pub fn new_paper_id(&self, now: UtcMs) -> Result<PaperId, StoreError> {
        Ok(PaperId::new(now.0, crate::keys::random()?))
    }

    /// Keeps a paper; false where there are as many as are kept. A crash before the commit leaves neither row nor entry.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn add_duty_paper(&self, p: &Paper) -> Result<bool, StoreError> {
        let salt: [u8; 32] = crate::keys::random()?;
        // Neither holds a line break: `domain::duty::check`.
        let text = format!("{}\n{}", p.title.expose(), p.number.expose());
        let sealed = self.sealer.seal(COLUMN, format!("{}\n{text}", base::hex(&salt)).as_bytes())?;
        let commitment = ledger::commit(&salt, text.as_bytes());
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let rows = tx.rows("SELECT COUNT(*) FROM duty_paper", vec![]).await?;
        let count = rows.first().map_or(Ok(0), |r| r.int(0))?;
        if usize::try_from(count).unwrap_or(usize::MAX) >= PAPERS {
            return Ok(false);
        }
        tx.exec(
            "INSERT INTO duty_paper (id, kind, day, until_day, document_sha256, text_sealed, entered_by, entered_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![
                p.id.to_string(),
                p.kind.code(),
                p.day.to_string(),
                p.until.map(|d| d.to_string()),
                p.document.map(|d| d.hex()),
                sealed,
                p.by,
                p.entered
            ],
        )
        .await?;
        let body = serde_json::json!({
            "paper": p.id, "paper_kind": p.kind.code(), "day": p.day, "until_day": p.until, "document_sha256": p.document,
            "text_commitment": commitment, "by": p.by,
        });
        let name = p.kind.name();
        let text =
            Text::of(format!("登记文件：{}，{}。", name.zh, p.day), format!("Paper entered: {}, {}.", name.en, p.day));
        tx.log(entry("duty_paper.added", p.entered, Some(p.by), vec![], body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Withdraws a paper, and what was stored of its text; false when it is not there.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn withdraw_duty_paper(&self, p: &Paper, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if tx.exec("DELETE FROM duty_paper WHERE id = $1", args![p.id.to_string()]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "paper": p.id, "paper_kind": p.kind.code(), "day": p.day, "by": by });
        let name = p.kind.name();
        let text = Text::of(
            format!("撤回文件：{}，{}。", name.zh, p.day),
            format!("Paper withdrawn: {}, {}.", name.en, p.day),
        );
        tx.log(entry("duty_paper.withdrawn", now, Some(by), vec![], body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The unit's own periods, days, by the code of the duty.
    ///
    /// # Errors
    /// The database.
    pub async fn duty_periods(&self) -> Result<BTreeMap<String, u32>, DbError> {
        let text = self.setting(PERIODS).await?;
        Ok(text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
    }

    /// Sets or (`None`) ends the unit's own period of a duty.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn set_duty_period(
        &self,
        code: &str,
        days: Option<u32>,
        by: AccountId,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // Two who change it take turns: what is read now stays true to the commit.
        tx.lock().await?;
        let rows = tx.rows("SELECT value FROM setting WHERE key = $1", args![PERIODS]).await?;
        let text = rows.first().map(|r| r.text(0)).transpose()?;
        let mut all: BTreeMap<String, u32> = text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
        match days {
            Some(days) => all.insert(code.to_owned(), days),
            None => all.remove(code),
        };
        let text = serde_json::to_string(&all).unwrap_or_default();
        crate::settings::put_in(&mut tx, &[(PERIODS, text)]).await?;
        let body = serde_json::json!({ "duty": code, "days": days, "by": by });
        let text = days.map_or_else(
            || Text::of(format!("取消自定间隔：{code}。"), format!("Own period ended: {code}.")),
            |days| {
                let word = base::text::plural(days, "day", "days");
                Text::of(format!("设定间隔：{code}，{days}天。"), format!("Own period set: {code}, {days} {word}."))
            },
        );
        tx.log(entry("duty.period", now, Some(by), vec![], body, text)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Where each duty stood when it was last looked at.
    ///
    /// # Errors
    /// The database.
    pub async fn duty_states(&self) -> Result<Vec<DutyRow>, DbError> {
        let sql = "SELECT code, state, since_ms, day, deadline FROM duty_state ORDER BY code";
        let rows = self.db.rows(sql, vec![]).await?;
        rows.iter()
            .map(|r| {
                Ok(DutyRow {
                    code: r.text(0)?,
                    state: r.text(1)?,
                    since: UtcMs(r.int(2)?),
                    day: day_of(r, 3)?,
                    deadline: deadline_of(r.text_opt(4)?),
                })
            })
            .collect()
    }

    /// Keeps where each duty stands, and logs what changed: one entry a duty whose state is another, or that is owed no more, and one a
    /// last day that another notice of holidays moved. How many entries. A crash before the commit leaves what
    /// stood before; the next evaluation finds the same changes.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn put_duty_states(&self, all: &[DutyNow], now: UtcMs) -> Result<usize, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let rows = tx.rows("SELECT code, state, deadline FROM duty_state", vec![]).await?;
        let mut before = rows
            .iter()
            .map(|r| Ok((r.text(0)?, (r.text(1)?, deadline_of(r.text_opt(2)?)))))
            .collect::<Result<BTreeMap<_, _>, DbError>>()?;
        let mut entries = Vec::new();
        for duty in all {
            let (was, counted) = before.remove(&duty.code).unzip();
            entries.extend(counted.flatten().and_then(|counted| recomputed(&counted, duty, now)));
            let day = duty.day.map(|d| d.to_string());
            let deadline = duty.deadline.as_ref().and_then(|d| serde_json::to_string(d).ok());
            let (state, name) = &duty.state;
            if was.as_deref() == Some(*state) {
                let sql = "UPDATE duty_state SET day = $2, deadline = $3 WHERE code = $1";
                tx.exec(sql, args![duty.code.clone(), day, deadline]).await?;
                continue;
            }
            tx.exec(
                "INSERT INTO duty_state (code, state, since_ms, day, deadline) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (code) DO UPDATE SET state = excluded.state, since_ms = excluded.since_ms, day = excluded.day, \
                 deadline = excluded.deadline",
                args![duty.code.clone(), *state, now, day, deadline],
            )
            .await?;
            let body = serde_json::json!({
                "duty": duty.code, "was": was, "state": state, "day": duty.day, "clauses": duty.clauses,
            });
            let text = Text::of(
                format!("义务「{}」：{}。", duty.title.zh, name.zh),
                format!("Duty \"{}\": {}.", duty.title.en, name.en),
            );
            entries.push(entry("duty.state", now, None, duty.clauses.clone(), body, text));
        }
        for (code, (was, _)) in before {
            tx.exec("DELETE FROM duty_state WHERE code = $1", args![code.clone()]).await?;
            let body = serde_json::json!({ "duty": code, "was": was });
            let text = Text::of(format!("义务不再适用：{code}。"), format!("Duty owed no more: {code}."));
            entries.push(entry("duty.ended", now, None, vec![], body, text));
        }
        let changed = entries.len();
        if changed > 0 {
            tx.log_all(entries).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Lines of the register of information use since an instant, and the time of the newest of all.
    ///
    /// # Errors
    /// The database.
    pub async fn register_count(&self, since: UtcMs) -> Result<(u64, Option<UtcMs>), DbError> {
        let row = self.db.row("SELECT COUNT(*) FROM register WHERE at_ms >= $1", args![since]).await?;
        let lines = row.map_or(Ok(0), |r| r.int(0))?;
        let row = self.db.row("SELECT MAX(at_ms) FROM register", vec![]).await?;
        let newest = row.map_or(Ok(None), |r| r.int_opt(0))?;
        Ok((u64::try_from(lines).unwrap_or(0), newest.map(UtcMs)))
    }

    /// Start of the first footage of a camera ever, deleted or not.
    ///
    /// # Errors
    /// The database.
    pub async fn footage_first(&self, camera: CameraId) -> Result<Option<UtcMs>, DbError> {
        let row = self.db.row("SELECT MIN(start_ms) FROM container WHERE camera = $1", args![camera]).await?;
        Ok(row.map_or(Ok(None), |r| r.int_opt(0))?.map(UtcMs))
    }

    /// Of footage of a camera that ended at `from` or later: whether some was deleted, and when the oldest loss began.
    ///
    /// # Errors
    /// The database.
    pub async fn footage_gone(&self, camera: CameraId, from: UtcMs) -> Result<(bool, Option<UtcMs>), DbError> {
        let sql = "SELECT COUNT(*) FROM container WHERE camera = $1 AND deleted_ms IS NOT NULL AND end_ms >= $2";
        let deleted = self.db.row(sql, args![camera, from]).await?.map_or(Ok(0), |r| r.int(0))?;
        let sql = "SELECT MIN(from_ms) FROM loss WHERE camera = $1 AND to_ms >= $2";
        let lost = self.db.row(sql, args![camera, from]).await?.map_or(Ok(None), |r| r.int_opt(0))?;
        Ok((deleted > 0, lost.map(|ms| UtcMs(ms.max(from.0)))))
    }
}

fn entry(
    kind: &'static str,
    at: UtcMs,
    by: Option<AccountId>,
    clauses: Vec<ClauseId>,
    body: serde_json::Value,
    text: Text,
) -> LogEntry {
    let act = ActLine { outcome: Outcome::Done, account: by, camera: None, request: None, clauses, text };
    LogEntry { kind, at, body, act: Some(act) }
}
