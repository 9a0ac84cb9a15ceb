//! Cameras: what they are, where they stand, how they are reached. Passwords are sealed.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, Pii, Text, UtcMs};
use serde::{Deserialize, Serialize};

/// How a camera is reached.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Source {
    /// We connect to it and pull.
    Rtsp {
        /// `rtsp://host:port/path`, without user and password.
        url: String,
        /// User, empty for none.
        user: String,
        /// Carry media over UDP instead of the RTSP connection.
        udp: bool,
    },
    /// It registers with us (GB/T 28181).
    Gb28181 {
        /// Device id, 20 digits.
        device: String,
        /// Channel id, 20 digits.
        channel: String,
        /// How media comes.
        transport: GbTransport,
    },
}

/// How a GB/T 28181 device sends media.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GbTransport {
    /// RTP over UDP.
    Udp,
    /// RTP over TCP, the device connects to us.
    TcpPassive,
    /// RTP over TCP, we connect to the device.
    TcpActive,
}

impl Source {
    /// `RTSP` or `GB/T 28181`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Rtsp { .. } => "RTSP",
            Self::Gb28181 { .. } => "GB/T 28181",
        }
    }
}

/// A camera.
#[derive(Clone, Debug)]
pub struct CameraRow {
    /// Its id.
    pub id: CameraId,
    /// Name.
    pub name: String,
    /// Where it hangs, in words.
    pub place: String,
    /// Kind of place it covers (`law::PlaceKind` key).
    pub place_kind: String,
    /// Looks at windows or doors of homes.
    pub faces_homes: bool,
    /// Records sound.
    pub audio: bool,
    /// Who put it up (`law::Installer` key).
    pub installer: String,
    /// Number of the police's approval to put it up in a social public area (B-14-3); empty: none.
    pub approval: String,
    /// When its sign was recorded.
    pub sign: Option<UtcMs>,
    /// 0 to 9; 9 is stopped last when the disk is full.
    pub priority: u8,
    /// How it is reached.
    pub source: Source,
    /// Password of the camera or device.
    pub secret: Option<Pii<String>>,
    /// When it was added.
    pub created: UtcMs,
    /// When it was removed; its footage stays its term.
    pub removed: Option<UtcMs>,
}

/// Why a device moves or goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Why<'a> {
    /// The reason that a person of the unit gave; empty: none.
    pub reason: &'a str,
    /// The police's agreement to it, where a system of a social public area is concerned (A-9-2); empty: none.
    pub agreement: &'a str,
}

/// Adds the digest of words to the body of an entry; nothing of words that are not there.
pub(crate) fn add_digest(body: &mut serde_json::Value, name: &str, words: &str) {
    if !words.is_empty() {
        body[name] = serde_json::json!(crate::ledger_log::digest(words.as_bytes()));
    }
}

impl Why<'_> {
    /// Its digests, into the body of an entry.
    pub(crate) fn into_body(self, body: &mut serde_json::Value) {
        add_digest(body, "reason_sha256", self.reason);
        add_digest(body, "agreement_sha256", self.agreement);
    }

    /// As it stands behind the sentence of an entry, in both languages.
    pub(crate) fn words(self) -> (String, String) {
        let (mut zh, mut en) = (String::new(), String::new());
        if !self.reason.is_empty() {
            zh = format!("理由：{}", self.reason);
            en = format!(" Reason: {}", self.reason);
        }
        if !self.agreement.is_empty() {
            zh = format!("{zh}（公安机关同意：{}）", self.agreement);
            en = format!("{en} (agreed by the police: {})", self.agreement);
        }
        (zh, en)
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, place, place_kind, faces_homes, audio, sign_ms, priority, source, secret_sealed, \
             created_ms, removed_ms, installer, approval FROM camera ",
            $rest
        )
    };
}

impl Store {
    fn camera_of(&self, r: &Row) -> Result<CameraRow, StoreError> {
        let source = r.read(8, |t| serde_json::from_str(t).ok())?;
        let secret = r.blob_opt(9)?.map(|b| self.sealer.open_text("camera.secret", &b)).transpose()?;
        Ok(CameraRow {
            id: r.read(0, CameraId::parse)?,
            name: r.text(1)?,
            place: r.text(2)?,
            place_kind: r.text(3)?,
            faces_homes: r.int(4)? != 0,
            audio: r.int(5)? != 0,
            sign: r.int_opt(6)?.map(UtcMs),
            priority: u8::try_from(r.int(7)?).unwrap_or(0),
            source,
            secret,
            created: UtcMs(r.int(10)?),
            removed: r.int_opt(11)?.map(UtcMs),
            installer: r.text(12)?,
            approval: r.text(13)?,
        })
    }

    /// All cameras that were not removed, by place and name.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn cameras(&self) -> Result<Vec<CameraRow>, StoreError> {
        let rows = self.db.rows(select!("WHERE removed_ms IS NULL ORDER BY place, name, id"), vec![]).await?;
        rows.iter().map(|r| self.camera_of(r)).collect()
    }

    /// All cameras, also removed ones: their footage stays its term.
    ///
    /// # Errors
    /// As `cameras`.
    pub async fn cameras_ever(&self) -> Result<Vec<CameraRow>, StoreError> {
        let rows = self.db.rows(select!("ORDER BY place, name, id"), vec![]).await?;
        rows.iter().map(|r| self.camera_of(r)).collect()
    }

    /// One camera, removed or not.
    ///
    /// # Errors
    /// As `cameras`.
    pub async fn camera(&self, id: CameraId) -> Result<Option<CameraRow>, StoreError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| self.camera_of(&r)).transpose()
    }

    /// Adds or changes a camera; `clauses` are those the law gate decided by.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_camera(
        &self,
        c: &CameraRow,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<u64, StoreError> {
        self.write_camera(c, Why::default(), clauses, by, now).await
    }

    /// As `put_camera`, for a camera that moves or is taken out of service: why stands in the line of the log, its digests in the entry.
    ///
    /// # Errors
    /// As `put_camera`.
    pub async fn put_camera_because(
        &self,
        c: &CameraRow,
        why: Why<'_>,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<u64, StoreError> {
        self.write_camera(c, why, clauses, by, now).await
    }

    async fn write_camera(
        &self,
        c: &CameraRow,
        why: Why<'_>,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<u64, StoreError> {
        let secret = c.secret.as_ref().map(|s| self.sealer.seal("camera.secret", s.expose().as_bytes())).transpose()?;
        let source = serde_json::to_string(&c.source).unwrap_or_default();
        let device = match &c.source {
            Source::Gb28181 { device, .. } => Some(device.clone()),
            Source::Rtsp { .. } => None,
        };
        let mut tx = self.begin().await?;
        let known = !tx.rows("SELECT 1 FROM camera WHERE id = $1", args![c.id]).await?.is_empty();
        tx.exec(
            "INSERT INTO camera (id, name, place, place_kind, faces_homes, audio, sign_ms, priority, source, secret_sealed, \
             gb_device, created_ms, removed_ms, installer, approval) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, place = excluded.place, place_kind = excluded.place_kind, \
             faces_homes = excluded.faces_homes, audio = excluded.audio, sign_ms = excluded.sign_ms, \
             priority = excluded.priority, source = excluded.source, secret_sealed = excluded.secret_sealed, \
             gb_device = excluded.gb_device, removed_ms = excluded.removed_ms, installer = excluded.installer, \
             approval = excluded.approval",
            args![
                c.id,
                c.name.clone(),
                c.place.clone(),
                c.place_kind.clone(),
                c.faces_homes,
                c.audio,
                c.sign,
                c.priority,
                source.clone(),
                secret,
                device,
                c.created,
                c.removed,
                c.installer.clone(),
                c.approval.clone()
            ],
        )
        .await?;
        let (kind, text) = words(c, known, why);
        let mut body = serde_json::json!({
            "camera": c.id, "name": c.name, "place": c.place, "place_kind": c.place_kind, "faces_homes": c.faces_homes,
            "audio": c.audio, "sign_ms": c.sign, "priority": c.priority, "source": c.source.name(), "installer": c.installer,
            "clauses": clauses, "by": by,
        });
        why.into_body(&mut body);
        add_digest(&mut body, "approval_sha256", &c.approval);
        let act = ActLine {
            outcome: Outcome::Done,
            account: Some(by),
            camera: Some(c.id),
            request: None,
            clauses: clauses.to_vec(),
            text,
        };
        let idx = tx.log(LogEntry { kind, at: now, body, act: Some(act) }).await?;
        tx.commit().await.map_err(LogError::from)?;
        Ok(idx)
    }

    /// Stores the guard plan of a camera under the setting `key`, `name` being the plan in words; `why` is the reason of one that guards
    /// less than before.
    ///
    /// A crash before the commit leaves the old plan and no entry; after it both, and the driver is told at the next start.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_guard(
        &self,
        (camera, key): (CameraId, &str),
        (plan, name): (&str, &Text),
        why: &str,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        let mut body = serde_json::json!({ "camera": camera, "guard": plan, "clauses": clauses, "by": by });
        let mut text = (format!("布防计划改为：{}。", name.zh), format!("Guard plan is now: {}.", name.en));
        if !why.is_empty() {
            body["reason_sha256"] = serde_json::json!(crate::ledger_log::digest(why.as_bytes()));
            text = (format!("{}理由：{why}", text.0), format!("{} Reason: {why}", text.1));
        }
        let mut tx = self.begin().await?;
        tx.exec(crate::settings::PUT, args![key, plan]).await?;
        let act = ActLine {
            outcome: Outcome::Done,
            account: Some(by),
            camera: Some(camera),
            request: None,
            clauses: clauses.to_vec(),
            text: Text::of(text.0, text.1),
        };
        tx.log(LogEntry { kind: "camera.guard_set", at: now, body, act: Some(act) }).await?;
        tx.commit().await.map_err(LogError::from)?;
        Ok(())
    }

    /// Names of all cameras ever, for lists.
    ///
    /// # Errors
    /// The database.
    pub async fn camera_names(&self) -> Result<std::collections::HashMap<CameraId, String>, DbError> {
        let rows = self.db.rows("SELECT id, name FROM camera", vec![]).await?;
        rows.iter().map(|r| Ok((r.read(0, CameraId::parse)?, r.text(1)?))).collect()
    }
}

/// Kind and sentence of the entry.
fn words(c: &CameraRow, known: bool, why: Why<'_>) -> (&'static str, Text) {
    let because = why.words();
    let text = |zh: &str, en: &str| {
        Text::of(format!("{zh}：{}。{}", c.name, because.0), format!("{en}: {}.{}", c.name, because.1))
    };
    match (known, c.removed) {
        (false, _) => ("camera.added", text("新增摄像机", "Camera added")),
        (true, None) => ("camera.changed", text("修改摄像机", "Camera changed")),
        (true, Some(_)) => ("camera.removed", text("停用摄像机", "Camera removed")),
    }
}
