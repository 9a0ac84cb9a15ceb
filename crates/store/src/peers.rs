//! The sites an authority knows: who asked, who was admitted by a person, which keys are theirs.
//!
//! A site is known by two keys: the one that signs its log (`vkey`) and the one it shows on the bus (`pin`). Neither is taken on first
//! sight: an asking site can do nothing until a person has compared its code and admitted it, or entered both keys.
//! Limit: `ASKING` sites that wait; more are refused until a person has looked.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError};
use crate::{Store, args};
use base::{AccountId, SiteId, Text, UtcMs};

/// Most sites that wait to be admitted.
pub const ASKING: usize = 64;

/// Where a site stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PeerState {
    /// It asked; no person has looked.
    Asked,
    /// A person admitted it.
    Admitted,
    /// A person ended it.
    Closed,
}

impl PeerState {
    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Admitted => "admitted",
            Self::Closed => "closed",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [Self::Asked, Self::Admitted, Self::Closed].into_iter().find(|s| s.code() == code)
    }
}

/// A site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerSite {
    /// Its id, part of the name of its log.
    pub site: SiteId,
    /// Key of its log, text form.
    pub vkey: String,
    /// Its key on the bus, hexadecimal.
    pub pin: String,
    /// Name.
    pub name: String,
    /// Unit that is responsible.
    pub unit: String,
    /// Province code, as in the law packs.
    pub jurisdiction: String,
    /// State.
    pub state: PeerState,
    /// Since when it is known.
    pub asked: UtcMs,
    /// When a person decided.
    pub decided: Option<UtcMs>,
    /// Where it lies (GB/T 2260, six digits), as a person entered it; empty: only the province is known.
    pub division: String,
}

fn peer_of(r: &Row) -> Result<PeerSite, DbError> {
    Ok(PeerSite {
        site: r.read(0, SiteId::parse)?,
        vkey: r.text(1)?,
        pin: r.text(2)?,
        name: r.text(3)?,
        unit: r.text(4)?,
        jurisdiction: r.text(5)?,
        state: r.read(6, PeerState::parse)?,
        asked: UtcMs(r.int(7)?),
        decided: r.int_opt(8)?.map(UtcMs),
        division: r.text(9)?,
    })
}

impl Store {
    /// All sites, those that wait first, then by name; at most 10,000.
    ///
    /// # Errors
    /// The database.
    pub async fn peers(&self) -> Result<Vec<PeerSite>, DbError> {
        let sql = "SELECT site, vkey, pin, name, unit, jurisdiction, state, asked_ms, decided_ms, division FROM peer_site \
                   ORDER BY CASE state WHEN 'asked' THEN 0 ELSE 1 END, name, site LIMIT 10000";
        self.db.rows(sql, vec![]).await?.iter().map(peer_of).collect()
    }

    /// The site with a key on the bus.
    ///
    /// # Errors
    /// The database.
    pub async fn peer_by_pin(&self, pin: &str) -> Result<Option<PeerSite>, DbError> {
        let sql = "SELECT site, vkey, pin, name, unit, jurisdiction, state, asked_ms, decided_ms, division FROM peer_site WHERE pin = $1";
        self.db.row(sql, args![pin]).await?.map(|r| peer_of(&r)).transpose()
    }

    /// A site by its id.
    ///
    /// # Errors
    /// The database.
    pub async fn peer(&self, site: SiteId) -> Result<Option<PeerSite>, DbError> {
        let sql = "SELECT site, vkey, pin, name, unit, jurisdiction, state, asked_ms, decided_ms, division FROM peer_site WHERE site = $1";
        self.db.row(sql, args![site]).await?.map(|r| peer_of(&r)).transpose()
    }

    /// Remembers that a site asks. False when it is known already (then nothing changes) or too many wait.
    ///
    /// # Errors
    /// The database.
    pub async fn peer_asks(
        &self,
        site: SiteId,
        vkey: &str,
        pin: &str,
        name: &str,
        now: UtcMs,
    ) -> Result<bool, DbError> {
        let made = self
            .db
            .exec(
                "INSERT INTO peer_site (site, vkey, pin, name, unit, jurisdiction, state, asked_ms) \
                 SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), '', '', 'asked', CAST($5 AS BIGINT) \
                 WHERE (SELECT COUNT(*) FROM peer_site WHERE state = 'asked') < $6 ON CONFLICT DO NOTHING",
                args![site, vkey, pin, name, now, u64::try_from(ASKING).unwrap_or(0)],
            )
            .await?;
        Ok(made > 0)
    }

    /// Admits a site with the facts a person entered, or ends it; with its entry. A site that is entered before it asked is made.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn decide_peer(&self, peer: &PeerSite, by: AccountId, now: UtcMs) -> Result<(), LogError> {
        let mut tx = self.begin().await?;
        tx.exec(
            "INSERT INTO peer_site (site, vkey, pin, name, unit, jurisdiction, state, asked_ms, decided_ms, decided_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (site) DO UPDATE SET vkey = excluded.vkey, \
             pin = excluded.pin, name = excluded.name, unit = excluded.unit, jurisdiction = excluded.jurisdiction, \
             state = excluded.state, decided_ms = excluded.decided_ms, decided_by = excluded.decided_by",
            args![
                peer.site,
                peer.vkey.as_str(),
                peer.pin.as_str(),
                peer.name.as_str(),
                peer.unit.as_str(),
                peer.jurisdiction.as_str(),
                peer.state.code(),
                peer.asked,
                now,
                by
            ],
        )
        .await?;
        let admitted = peer.state == PeerState::Admitted;
        let text = if admitted {
            Text::of(format!("接入使用单位“{}”。", peer.name), format!("Site \"{}\" admitted.", peer.name))
        } else {
            Text::of(format!("停止接入使用单位“{}”。", peer.name), format!("Site \"{}\" ended.", peer.name))
        };
        let act = ActLine::done(Some(by), text);
        let body = serde_json::json!({ "site": peer.site, "vkey": peer.vkey, "pin": peer.pin, "state": peer.state.code(), "by": by });
        let kind = if admitted { "site.admitted" } else { "site.closed" };
        tx.log(LogEntry { kind, at: now, body, act: Some(act) }).await?;
        Ok(tx.commit().await?)
    }

    /// Says where an admitted site lies, with its entry; false where there is no such site. `division` is a code (GB/T 2260).
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn place_peer(&self, site: SiteId, division: &str, by: AccountId, now: UtcMs) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE peer_site SET division = $2 WHERE site = $1 AND state = 'admitted'";
        if tx.exec(sql, args![site, division]).await? == 0 {
            return Ok(false);
        }
        let text = Text::of(
            format!("登记使用单位所在的行政区划：{division}。"),
            format!("Division of a site entered: {division}."),
        );
        let act = ActLine::done(Some(by), text);
        let body = serde_json::json!({ "site": site, "division": division, "by": by });
        tx.log(LogEntry { kind: "site.placed", at: now, body, act: Some(act) }).await?;
        tx.commit().await?;
        Ok(true)
    }
}
