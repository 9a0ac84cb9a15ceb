//! The authority's inbox: what its sites reported, each with the receipt that was given, and what the police did with it.
//!
//! Invariant: row, ledger entry and signed receipt are one transaction, so whoever holds a receipt has a report that is here. A report
//! that comes again (same site, same id) gets the receipt it got the first time. A crash before the commit: nothing was received, the site
//! sends again. After it, before the answer: the site sends again and gets the same receipt.

use crate::casework::registers::{self, RegisterChange};
use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry};
use crate::{Store, StoreError, args};
use base::{AccountId, Sha256, SiteId, Text, UtcMs};

/// Column name that sealed bodies are bound to.
const BODY: &str = "inbox.body";
/// Column name that sealed remarks are bound to.
const REMARK: &str = "inbox_step.note";

/// How far the police are with a report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Step {
    /// It is here; nobody has taken it.
    Received,
    /// 已接警: an officer has taken it.
    Taken,
    /// 已派警: somebody is on the way.
    Dispatched,
    /// 已到场: somebody is there.
    Arrived,
    /// 已处置: closed with a result.
    Closed,
}

impl Step {
    /// All, in order.
    pub const ALL: [Self; 5] = [Self::Received, Self::Taken, Self::Dispatched, Self::Arrived, Self::Closed];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Taken => "taken",
            Self::Dispatched => "dispatched",
            Self::Arrived => "arrived",
            Self::Closed => "closed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Received => Text::new("已收到", "Received"),
            Self::Taken => Text::new("已接警", "Taken"),
            Self::Dispatched => Text::new("已派警", "Dispatched"),
            Self::Arrived => Text::new("已到场", "Arrived"),
            Self::Closed => Text::new("已处置", "Closed"),
        }
    }
}

/// A report, without its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InboxLine {
    /// Place of its entry in this server's log; its number on pages.
    pub leaf: u64,
    /// Who reported.
    pub site: SiteId,
    /// Id of the message.
    pub id: String,
    /// Its number among the site's messages.
    pub seq: u64,
    /// What it is, e.g. `alarm-report`.
    pub kind: String,
    /// When the site made it.
    pub made: UtcMs,
    /// When it came.
    pub received: UtcMs,
    /// How far it is.
    pub state: Step,
}

/// How the inbox stands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct InboxPulse {
    /// Reports nobody has taken.
    pub waiting: u64,
    /// Reports that are not closed, with those that wait.
    pub open: u64,
    /// Place of the last entry that brought or moved a report; 0 before the first. It changes whenever the queue does.
    pub last: u64,
}

/// A report that comes in.
pub struct Incoming<'a> {
    /// From whom.
    pub site: SiteId,
    /// Id of the message.
    pub id: &'a str,
    /// Number.
    pub seq: u64,
    /// Kind.
    pub kind: &'a str,
    /// When made.
    pub made: UtcMs,
    /// The signed text.
    pub note: &'a [u8],
    /// The body.
    pub body: &'a [u8],
}

/// What became of a report that came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// New; its receipt.
    New(Vec<u8>),
    /// It was here; the receipt of then.
    Again(Vec<u8>),
    /// Another body under an id that was used: refused.
    OtherBody,
}

/// One thing the police did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepRow {
    /// Place of its entry.
    pub leaf: u64,
    /// What.
    pub step: Step,
    /// When.
    pub at: UtcMs,
    /// Who.
    pub account: AccountId,
    /// What was typed.
    pub remark: String,
}

fn line_of(r: &Row) -> Result<InboxLine, DbError> {
    let number = |i| Ok::<_, DbError>(u64::try_from(r.int(i)?).unwrap_or(0));
    Ok(InboxLine {
        leaf: number(0)?,
        site: r.read(1, SiteId::parse)?,
        id: r.text(2)?,
        seq: number(3)?,
        kind: r.text(4)?,
        made: UtcMs(r.int(5)?),
        received: UtcMs(r.int(6)?),
        state: r.read(7, Step::parse)?,
    })
}

fn act(account: Option<AccountId>, text: Text) -> Option<ActLine> {
    Some(ActLine::done(account, text))
}

impl Store {
    /// Takes a report in. `receipt` makes the signed receipt from the place of the entry.
    ///
    /// # Errors
    /// The database, the log, or a body that cannot be sealed; then nothing was received.
    pub async fn receive(
        &self,
        new: &Incoming<'_>,
        now: UtcMs,
        receipt: impl FnOnce(u64) -> Option<Vec<u8>> + Send,
    ) -> Result<Taken, StoreError> {
        self.receive_entered(new, &[], now, receipt).await
    }

    /// As `receive`; the versions of rows of registers that follow from it are in the same transaction, and in it once.
    ///
    /// # Errors
    /// As `receive`.
    pub async fn receive_entered(
        &self,
        new: &Incoming<'_>,
        rows: &[RegisterChange],
        now: UtcMs,
        receipt: impl FnOnce(u64) -> Option<Vec<u8>> + Send,
    ) -> Result<Taken, StoreError> {
        let personal = registers::seal(&self.sealer, rows)?;
        let sealed = self.sealer.seal(BODY, new.body)?;
        let sha256 = Sha256::of(new.body).hex();
        let mut tx = self.begin().await?;
        // Two connections that bring the same message take turns, so the second finds it.
        tx.lock().await?;
        let known =
            tx.rows("SELECT sha256, receipt FROM inbox WHERE site = $1 AND id = $2", args![new.site, new.id]).await?;
        if let Some(known) = known.first() {
            let same = known.text(0)? == sha256;
            return Ok(if same { Taken::Again(known.blob(1)?) } else { Taken::OtherBody });
        }
        let entry = serde_json::json!({
            "site": new.site, "message": new.id, "seq": new.seq, "kind": new.kind, "made_utc_ms": new.made,
            "body_sha256": sha256, "note_sha256": Sha256::of(new.note),
        });
        let text = Text::of(
            format!("收到使用单位第 {} 号报告。", new.seq),
            format!("Report number {} received from a site.", new.seq),
        );
        let leaf = tx.log(LogEntry { kind: "report.received", at: now, body: entry, act: act(None, text) }).await?;
        let receipt = receipt(leaf).unwrap_or_default();
        tx.exec(
            "INSERT INTO inbox (site, id, seq, kind, made_ms, received_ms, leaf, sha256, note, body_sealed, receipt, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'received')",
            args![
                new.site,
                new.id,
                new.seq,
                new.kind,
                new.made,
                now,
                leaf,
                sha256,
                new.note.to_vec(),
                sealed,
                receipt.clone()
            ],
        )
        .await?;
        registers::write_in(&mut tx, (rows, personal), (None, None), now).await?;
        tx.commit().await?;
        Ok(Taken::New(receipt))
    }

    /// Reports: those nobody has taken, then the others; the newest first in each; without closed ones when `open`; at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn inbox(&self, open: bool, limit: u32) -> Result<Vec<InboxLine>, DbError> {
        let untaken = "SELECT leaf, site, id, seq, kind, made_ms, received_ms, state FROM inbox \
                       WHERE state = 'received' ORDER BY leaf DESC LIMIT $1";
        let others = "SELECT leaf, site, id, seq, kind, made_ms, received_ms, state FROM inbox \
                      WHERE state <> 'received' AND ($1 = 0 OR state <> 'closed') ORDER BY leaf DESC LIMIT $2";
        let mut lines =
            self.db.rows(untaken, args![limit]).await?.iter().map(line_of).collect::<Result<Vec<_>, _>>()?;
        let rest = limit.saturating_sub(u32::try_from(lines.len()).unwrap_or(limit));
        for row in self.db.rows(others, args![open, rest]).await? {
            let line = line_of(&row)?;
            // Taken between the two questions. Steps only go forward, so none is missed.
            match lines.iter_mut().find(|l| l.leaf == line.leaf) {
                Some(earlier) => *earlier = line,
                None => lines.push(line),
            }
        }
        Ok(lines)
    }

    /// How the inbox stands, over all its reports.
    ///
    /// # Errors
    /// The database.
    pub async fn inbox_pulse(&self) -> Result<InboxPulse, DbError> {
        let sql = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'received'), \
                   (SELECT COUNT(*) FROM inbox WHERE state IN ('taken', 'dispatched', 'arrived')), \
                   (SELECT COALESCE(MAX(leaf), 0) FROM inbox), (SELECT COALESCE(MAX(leaf), 0) FROM inbox_step)";
        let Some(row) = self.db.row(sql, args![]).await? else { return Ok(InboxPulse::default()) };
        let number = |i| Ok::<_, DbError>(u64::try_from(row.int(i)?).unwrap_or(0));
        let waiting = number(0)?;
        Ok(InboxPulse { waiting, open: waiting + number(1)?, last: number(2)?.max(number(3)?) })
    }

    /// A report and its body, by the place of its entry.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn report(&self, leaf: u64) -> Result<Option<(InboxLine, Vec<u8>)>, StoreError> {
        let sql =
            "SELECT leaf, site, id, seq, kind, made_ms, received_ms, state, body_sealed FROM inbox WHERE leaf = $1";
        let Some(row) = self.db.row(sql, args![leaf]).await? else { return Ok(None) };
        let body = self.sealer.open(BODY, &row.blob(8)?)?;
        Ok(Some((line_of(&row)?, body)))
    }

    /// The signed text of a report and the receipt that was given for it.
    ///
    /// # Errors
    /// The database.
    pub async fn report_papers(&self, leaf: u64) -> Result<Option<(Vec<u8>, Vec<u8>)>, DbError> {
        let row = self.db.row("SELECT note, receipt FROM inbox WHERE leaf = $1", args![leaf]).await?;
        row.map(|r| Ok((r.blob(0)?, r.blob(1)?))).transpose()
    }

    /// Notes what the police did, with its entry. False when the report has moved on in the meantime.
    ///
    /// # Errors
    /// The database, the log, or a remark that cannot be sealed.
    pub async fn step_report(
        &self,
        line: &InboxLine,
        step: Step,
        remark: &str,
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        self.step_report_entered(line, (step, remark), &[], by, now).await
    }

    /// As `step_report`; the versions of rows of registers that follow from it are in the same transaction.
    ///
    /// # Errors
    /// As `step_report`.
    pub async fn step_report_entered(
        &self,
        line: &InboxLine,
        (step, remark): (Step, &str),
        rows: &[RegisterChange],
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let personal = registers::seal(&self.sealer, rows)?;
        let sealed = self.sealer.seal(REMARK, remark.as_bytes())?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let moved = tx
            .exec(
                "UPDATE inbox SET state = $3 WHERE leaf = $1 AND state = $2",
                args![line.leaf, line.state.code(), step.code()],
            )
            .await?;
        if moved == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({
            "site": line.site, "message": line.id, "report": line.leaf, "step": step.code(),
            "remark_sha256": Sha256::of(remark.as_bytes()), "by": by,
        });
        let name = step.name();
        let text = Text::of(
            format!("第 {} 条报警：{}。", line.leaf, name.zh),
            format!("Report {}: {}.", line.leaf, name.en.to_lowercase()),
        );
        let leaf = tx.log(LogEntry { kind: "report.step", at: now, body, act: act(Some(by), text) }).await?;
        tx.exec(
            "INSERT INTO inbox_step (leaf, site, id, step, at_ms, account, note_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            args![leaf, line.site, line.id.as_str(), step.code(), now, by, sealed],
        )
        .await?;
        registers::write_in(&mut tx, (rows, personal), (None, Some(by)), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What the police did with a report, in order.
    ///
    /// # Errors
    /// The database, or a remark that does not open.
    pub async fn report_steps(&self, line: &InboxLine) -> Result<Vec<StepRow>, StoreError> {
        let sql = "SELECT leaf, step, at_ms, account, note_sealed FROM inbox_step WHERE site = $1 AND id = $2 ORDER BY leaf LIMIT 100";
        let rows = self.db.rows(sql, args![line.site, line.id.as_str()]).await?;
        let step = |r: &Row| {
            let remark = self.sealer.open(REMARK, &r.blob(4)?)?;
            Ok::<_, StoreError>(StepRow {
                leaf: u64::try_from(r.int(0)?).unwrap_or(0),
                step: r.read(1, Step::parse)?,
                at: UtcMs(r.int(2)?),
                account: r.read(3, AccountId::parse)?,
                remark: String::from_utf8_lossy(&remark).into_owned(),
            })
        };
        rows.iter().map(step).collect()
    }

    /// Highest number of a site's messages and how many different numbers came: what is missing is the difference.
    ///
    /// # Errors
    /// The database.
    pub async fn message_numbers(&self, site: SiteId) -> Result<(u64, u64), DbError> {
        let sql = "SELECT COALESCE(MAX(seq), 0), COUNT(DISTINCT seq) FROM (SELECT seq FROM inbox WHERE site = $1 \
                   UNION ALL SELECT seq FROM inbox_exhibit WHERE site = $1 \
                   UNION ALL SELECT seq FROM site_order_result WHERE site = $1 \
                   UNION ALL SELECT seq FROM site_report WHERE site = $1) AS came";
        let Some(r) = self.db.row(sql, args![site]).await? else { return Ok((0, 0)) };
        Ok((u64::try_from(r.int(0)?).unwrap_or(0), u64::try_from(r.int(1)?).unwrap_or(0)))
    }
}
