//! Upper platforms (上级平台) that this site is networked with, and who watched what through them.
//!
//! A platform's settings are one row, its password sealed; every change is an entry. A live view from above is a row, an entry and
//! a line of the register in one transaction before the first packet, and an entry again when it ends. Invariant: a view without
//! `ended_ms` is running, or was cut by a stop: [`Store::end_lost_upper_views`] closes those at the start.

use crate::db::Row;
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, Pii, Text, UpperId, UtcMs};
use law::OrganKind;
use serde::{Deserialize, Serialize};

/// Most channels shown to one platform: the entry of a change names each camera (39 bytes) and holds 65,535 bytes.
pub const MAX_CHANNELS: usize = 1_500;
/// Most upper platforms at once, removed ones not counted: police of district, city and province, and other departments.
pub const MAX_UPPERS: usize = 32;

/// Charset of what is sent to a platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpperCharset {
    /// GB2312 (2016 edition).
    Gb2312,
    /// GB18030 (2022 edition).
    #[default]
    Gb18030,
    /// UTF-8, in the field.
    Utf8,
}

/// A camera that a platform may know, and the code it knows it by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UpperChannel {
    /// The camera.
    pub camera: CameraId,
    /// 20-digit channel code.
    pub code: String,
}

/// An emergency in which the organ uses the system directly (A-24-3).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Emergency {
    /// Who stated it and why.
    pub reason: String,
    /// From when.
    pub from: UtcMs,
    /// Until when at the latest.
    pub until: UtcMs,
}

/// What is stored of an upper platform beside its password.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UpperConfig {
    /// Name for people.
    pub name: String,
    /// Organ that runs it.
    pub organ: OrganKind,
    /// The demand for networking: organ, day, paper (B-23-2-2). Empty: none on file.
    pub need: String,
    /// SIP address, `host:port` with an IP address.
    pub address: String,
    /// Its 20-digit code.
    pub platform: String,
    /// Our code towards it, 20 digits.
    pub own: String,
    /// Digest user name; usually our code.
    pub username: String,
    /// Signalling over TCP.
    pub tcp: bool,
    /// Charset of our messages.
    pub charset: UpperCharset,
    /// Registration time asked for, s.
    pub expires_s: u32,
    /// Keepalive interval, s.
    pub keepalive_s: u32,
    /// Wait after a registration that failed, s; the standard asks for 60 at least.
    pub retry_s: u32,
    /// Channels it may know.
    pub channels: Vec<UpperChannel>,
    /// An emergency in force or past.
    pub emergency: Option<Emergency>,
    /// Switched on.
    pub enabled: bool,
}

/// An upper platform.
#[derive(Clone, Debug)]
pub struct UpperRow {
    /// Its id.
    pub id: UpperId,
    /// Settings.
    pub config: UpperConfig,
    /// Password we register with.
    pub secret: Option<Pii<String>>,
    /// When it was added.
    pub created: UtcMs,
    /// When it was removed.
    pub removed: Option<UtcMs>,
}

/// A live view from above.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpperView {
    /// Its place in the log, which names it.
    pub leaf: u64,
    /// Through which platform.
    pub upper: UpperId,
    /// Which camera.
    pub camera: CameraId,
    /// Since when.
    pub began: UtcMs,
    /// Until when; `None` while it runs.
    pub ended: Option<UtcMs>,
}

impl Store {
    fn upper_of(&self, r: &Row) -> Result<UpperRow, StoreError> {
        Ok(UpperRow {
            id: r.read(0, UpperId::parse)?,
            config: r.read(1, |t| serde_json::from_str(t).ok())?,
            secret: r.blob_opt(2)?.map(|b| self.sealer.open_text("upper.secret", &b)).transpose()?,
            created: UtcMs(r.int(3)?),
            removed: r.int_opt(4)?.map(UtcMs),
        })
    }

    /// Upper platforms that were not removed, oldest first.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn uppers(&self) -> Result<Vec<UpperRow>, StoreError> {
        let sql = "SELECT id, config, secret_sealed, created_ms, removed_ms FROM upper_platform \
                   WHERE removed_ms IS NULL ORDER BY created_ms, id";
        let rows = self.db.rows(sql, vec![]).await?;
        rows.iter().map(|r| self.upper_of(r)).collect()
    }

    /// One upper platform, removed or not.
    ///
    /// # Errors
    /// As `uppers`.
    pub async fn upper(&self, id: UpperId) -> Result<Option<UpperRow>, StoreError> {
        let sql = "SELECT id, config, secret_sealed, created_ms, removed_ms FROM upper_platform WHERE id = $1";
        self.db.row(sql, args![id]).await?.map(|r| self.upper_of(&r)).transpose()
    }

    /// Adds or changes an upper platform, with its entry; `kind` is `upper.added`, `upper.changed`, `upper.removed`
    /// or `upper.emergency_over` ([`Store::open_emergency`] enters one). `None`, and nothing changed: there would be more than
    /// [`MAX_UPPERS`] of them, or more than [`MAX_CHANNELS`] channels.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_upper(
        &self,
        row: &UpperRow,
        kind: &'static str,
        text: Text,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        self.put_lawful_upper(row, (kind, &[]), text, by, now).await
    }

    /// As `put_upper`, with the clauses that allow it.
    ///
    /// # Errors
    /// As `put_upper`.
    pub async fn put_lawful_upper(
        &self,
        row: &UpperRow,
        kind: (&'static str, &[ClauseId]),
        text: Text,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        let mut tx = self.begin().await?;
        let Some(idx) = self.upper_in(&mut tx, row, kind, text, by, now).await? else { return Ok(None) };
        // A crash before this leaves the row as it was and no entry; after it, both.
        tx.commit().await.map_err(LogError::from)?;
        Ok(Some(idx))
    }

    /// Row and entry in a transaction, with the clauses that allow the act; an emergency that the change takes the place of, or ends, ends
    /// with it.
    pub(crate) async fn upper_in(
        &self,
        tx: &mut Tx,
        row: &UpperRow,
        (kind, clauses): (&'static str, &[ClauseId]),
        text: Text,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        if row.config.channels.len() > MAX_CHANNELS {
            return Ok(None);
        }
        let config = serde_json::to_string(&row.config).unwrap_or_default();
        let secret =
            row.secret.as_ref().map(|s| self.sealer.seal("upper.secret", s.expose().as_bytes())).transpose()?;
        tx.exec(
            "INSERT INTO upper_platform (id, config, secret_sealed, created_ms, removed_ms) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (id) DO UPDATE SET config = excluded.config, secret_sealed = excluded.secret_sealed, \
             removed_ms = excluded.removed_ms",
            args![row.id, config, secret, row.created, row.removed],
        )
        .await?;
        // Two who add at once take turns: the second sees the first one's row.
        tx.lock().await?;
        let rows = tx.rows("SELECT COUNT(*) FROM upper_platform WHERE removed_ms IS NULL", vec![]).await?;
        let there = rows.first().map(|r| r.int(0)).transpose()?.unwrap_or(0);
        if kind == "upper.added" && usize::try_from(there).unwrap_or(usize::MAX) > MAX_UPPERS {
            return Ok(None);
        }
        let c = &row.config;
        let cameras: Vec<_> = c.channels.iter().map(|ch| ch.camera).collect();
        let mut body = serde_json::json!({
            "upper": row.id, "platform": c.platform, "address": c.address, "organ": c.organ, "enabled": c.enabled,
            "cameras": cameras, "need_sha256": crate::ledger_log::digest(c.need.as_bytes()),
            "emergency_from_utc_ms": c.emergency.as_ref().map(|e| e.from),
            "emergency_until_utc_ms": c.emergency.as_ref().map(|e| e.until),
            "emergency_reason_sha256": c.emergency.as_ref().map(|e| crate::ledger_log::digest(e.reason.as_bytes())),
            "by": by,
        });
        if !clauses.is_empty() {
            body["clauses"] = serde_json::json!(clauses);
        }
        let clauses = clauses.to_vec();
        let act = ActLine { outcome: Outcome::Done, account: Some(by), camera: None, request: None, clauses, text };
        let idx = tx.log(LogEntry { kind, at: now, body, act: Some(act) }).await?;
        if matches!(kind, "upper.emergency" | "upper.emergency_over" | "upper.removed") {
            crate::emergencies::end_in(tx, row.id, now).await?;
        }
        Ok(Some(idx))
    }

    /// A platform begins to watch: row, entry and a line of the register together; returns the entry's place, which names the view.
    ///
    /// # Errors
    /// The database or the log; then nothing may be sent.
    pub async fn begin_upper_view(
        &self,
        upper: &UpperRow,
        camera: CameraId,
        clauses: &[ClauseId],
        text: Text,
        now: UtcMs,
    ) -> Result<u64, StoreError> {
        let salt: [u8; 32] = crate::keys::random()?;
        let c = &upper.config;
        // No person is known: the platform stands for those who sit at it.
        let persons = format!("{} {}", c.name, c.platform);
        let sealed = self.sealer.seal("register.persons", format!("{}\n{persons}", base::hex(&salt)).as_bytes())?;
        let reason = c.emergency.as_ref().filter(|e| (e.from..e.until).contains(&now)).map_or(&c.need, |e| &e.reason);
        let body = serde_json::json!({
            "upper": upper.id, "platform": c.platform, "organ": c.organ, "camera": camera,
            "persons_commitment": ledger::commit(&salt, persons.as_bytes()), "clauses": clauses,
        });
        let act = ActLine {
            outcome: Outcome::Done,
            account: None,
            camera: Some(camera),
            request: None,
            clauses: clauses.to_vec(),
            text,
        };
        let mut tx = self.begin().await?;
        let leaf = tx.log(LogEntry { kind: "upper.view", at: now, body, act: Some(act) }).await?;
        tx.exec(
            "INSERT INTO register (leaf, at_ms, request, what, camera, from_ms, to_ms, unit, reason, persons_sealed) \
             VALUES ($1, $2, '', 'network', $3, $4, NULL, $5, $6, $7)",
            args![leaf, now, camera, now, c.name.clone(), reason.clone(), sealed],
        )
        .await?;
        tx.exec(
            "INSERT INTO upper_view (leaf, upper, camera, began_ms, ended_ms) VALUES ($1, $2, $3, $4, NULL)",
            args![leaf, upper.id, camera, now],
        )
        .await?;
        // A crash after this leaves a running view that nobody watches: `end_lost_upper_views` ends it at the start.
        tx.commit().await.map_err(LogError::from)?;
        Ok(leaf)
    }

    /// A view ended, with its entry; nothing happens where it had ended.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn end_upper_view(&self, leaf: u64, text: Text, now: UtcMs) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE upper_view SET ended_ms = $2 WHERE leaf = $1 AND ended_ms IS NULL RETURNING upper, camera, began_ms";
        let rows = tx.rows(sql, args![leaf, now]).await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let camera = row.read(1, CameraId::parse)?;
        tx.exec("UPDATE register SET to_ms = $2, ended_ms = $2 WHERE leaf = $1", args![leaf, now]).await?;
        let body = serde_json::json!({
            "view": leaf, "upper": row.text(0)?, "camera": camera, "from_utc_ms": row.int(2)?, "to_utc_ms": now,
        });
        let act = ActLine {
            outcome: Outcome::Done,
            account: None,
            camera: Some(camera),
            request: None,
            clauses: vec![],
            text,
        };
        tx.log(LogEntry { kind: "upper.view_ended", at: now, body, act: Some(act) }).await?;
        Ok(tx.commit().await.map_err(LogError::from)?)
    }

    /// Ends the views that a stop of the server cut.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn end_lost_upper_views(&self, now: UtcMs) -> Result<usize, StoreError> {
        let rows = self.db.rows("SELECT leaf FROM upper_view WHERE ended_ms IS NULL", vec![]).await?;
        for row in &rows {
            let text =
                Text::new("服务停止，上级平台的实时查看已中断。", "The server stopped; a view from above was cut.");
            self.end_upper_view(u64::try_from(row.int(0)?).unwrap_or(0), text, now).await?;
        }
        Ok(rows.len())
    }

    /// Views through a platform, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn upper_views(&self, upper: UpperId, limit: u32) -> Result<Vec<UpperView>, StoreError> {
        let sql = "SELECT leaf, upper, camera, began_ms, ended_ms FROM upper_view WHERE upper = $1 ORDER BY leaf DESC LIMIT $2";
        let rows = self.db.rows(sql, args![upper, limit]).await?;
        rows.iter().map(view_of).collect()
    }
}

/// Columns: leaf, upper, camera, began_ms, ended_ms.
pub(crate) fn view_of(r: &Row) -> Result<UpperView, StoreError> {
    Ok(UpperView {
        leaf: u64::try_from(r.int(0)?).unwrap_or(0),
        upper: r.read(1, UpperId::parse)?,
        camera: r.read(2, CameraId::parse)?,
        began: UtcMs(r.int(3)?),
        ended: r.int_opt(4)?.map(UtcMs),
    })
}
