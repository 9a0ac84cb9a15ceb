//! Offices of the authority and who works in which, in what seats and with what certificate.
//!
//! Always true: each change is an entry; an office is never removed, it closes; the number of a certificate is sealed, the day until which it
//! holds is not, for it decides who may act.

use super::{day_opt, entry, read_opt, under};
use crate::db::{DbError, Row};
use crate::{Store, StoreError, args};
use base::{AccountId, CivilDate, Lang, OfficeId, Pii, Text, UtcMs};

/// Most offices of one server.
pub const OFFICES: u32 = 5_000;
/// Most officers of one office that a page lists.
pub const LISTED: u32 = 1_000;

/// An office; words as the domain has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfficeRow {
    /// Its id.
    pub id: OfficeId,
    /// Its name.
    pub name: String,
    /// Word of its level.
    pub level: String,
    /// Division that it is competent for (GB/T 2260).
    pub division: String,
    /// Code of the police unit; no two offices have one.
    pub unit_code: String,
    /// The office above it.
    pub parent: Option<OfficeId>,
    /// Since when it takes no cases.
    pub closed: Option<UtcMs>,
    /// What it is called in English; empty: it has no such name.
    pub name_en: String,
}

impl OfficeRow {
    /// What it is called in a language: in English its English name, where it has one.
    #[must_use]
    pub fn called(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.name_en.is_empty() => &self.name_en,
            Lang::Zh | Lang::En => &self.name,
        }
    }

    /// The same for who may have to show it to somebody here: in English with the name as on its seal beside it.
    #[must_use]
    pub fn to_show(&self, lang: Lang) -> String {
        match lang {
            Lang::En if !self.name_en.is_empty() => format!("{} ({})", self.name_en, self.name),
            Lang::Zh | Lang::En => self.name.clone(),
        }
    }

    /// What it is called in both languages.
    #[must_use]
    pub fn names(&self) -> Text {
        Text::of(self.name.clone(), self.called(Lang::En).to_owned())
    }
}

/// Who works in an office.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfficerRow {
    /// The account.
    pub account: AccountId,
    /// Where.
    pub office: OfficeId,
    /// Words of the seats; plain words without blanks.
    pub seats: Vec<String>,
    /// Number of the enforcement certificate.
    pub certificate: Option<Pii<String>>,
    /// Last day on which it holds.
    pub valid_until: Option<CivilDate>,
}

/// What became of an office that was entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OfficePut {
    /// Kept.
    Done,
    /// Another office has this unit code.
    CodeTaken,
    /// There are as many as are kept.
    Full,
}

/// Name bound into the seal.
const CERTIFICATE: &str = "officer.certificate";

fn office_of(r: &Row) -> Result<OfficeRow, DbError> {
    Ok(OfficeRow {
        id: r.read(0, OfficeId::parse)?,
        name: r.text(1)?,
        level: r.text(2)?,
        division: r.text(3)?,
        unit_code: r.text(4)?,
        parent: read_opt(r, 5, OfficeId::parse)?,
        closed: r.int_opt(6)?.map(UtcMs),
        name_en: r.text(7)?,
    })
}

impl Store {
    /// A new id for an office.
    ///
    /// # Errors
    /// No random bytes.
    pub fn new_office_id(&self, now: UtcMs) -> Result<OfficeId, crate::keys::KeyFileError> {
        Ok(OfficeId::new(now.0, crate::keys::random()?))
    }

    /// All offices, by level, division and id.
    ///
    /// # Errors
    /// The database.
    pub async fn offices(&self) -> Result<Vec<OfficeRow>, DbError> {
        let sql = "SELECT id, name, level, division, unit_code, parent, closed_ms, name_en FROM office ORDER BY level, division, id LIMIT $1";
        self.db.rows(sql, args![OFFICES]).await?.iter().map(office_of).collect()
    }

    /// The office that speaks for the whole server: the highest that takes cases, of several the first by division.
    ///
    /// # Errors
    /// The database.
    pub async fn first_office(&self) -> Result<Option<OfficeId>, DbError> {
        let sql = "SELECT id FROM office WHERE closed_ms IS NULL \
             ORDER BY CASE level WHEN 'province' THEN 0 WHEN 'city' THEN 1 WHEN 'county' THEN 2 ELSE 3 END, division, id LIMIT 1";
        self.db.row(sql, args![]).await?.map(|r| r.read(0, OfficeId::parse)).transpose()
    }

    /// An office and all under it, by level, division and id.
    ///
    /// # Errors
    /// The database.
    pub async fn offices_under(&self, top: OfficeId) -> Result<Vec<OfficeRow>, DbError> {
        let sql = concat!(
            "SELECT id, name, level, division, unit_code, parent, closed_ms, name_en FROM office WHERE ",
            under!("id", "$1"),
            " ORDER BY level, division, id LIMIT $2"
        );
        self.db.rows(sql, args![top, OFFICES]).await?.iter().map(office_of).collect()
    }

    /// Whether an office is this one or stands under it.
    ///
    /// # Errors
    /// The database.
    pub async fn is_under(&self, top: OfficeId, office: OfficeId) -> Result<bool, DbError> {
        if top == office {
            return Ok(true);
        }
        let sql = concat!("SELECT id FROM office WHERE id = $2 AND ", under!("id", "$1"));
        Ok(self.db.row(sql, args![top, office]).await?.is_some())
    }

    /// One office.
    ///
    /// # Errors
    /// The database.
    pub async fn office(&self, id: OfficeId) -> Result<Option<OfficeRow>, DbError> {
        let sql = "SELECT id, name, level, division, unit_code, parent, closed_ms, name_en FROM office WHERE id = $1";
        self.db.row(sql, args![id]).await?.map(|r| office_of(&r)).transpose()
    }

    /// What the open office of a name is called in English; `None`: there is none, or it has no such name.
    ///
    /// # Errors
    /// The database.
    pub async fn english_of(&self, name: &str) -> Result<Option<String>, DbError> {
        let sql =
            "SELECT name_en FROM office WHERE name = $1 AND closed_ms IS NULL AND name_en <> '' ORDER BY id LIMIT 1";
        self.db.row(sql, args![name]).await?.map(|r| r.text(0)).transpose()
    }

    /// Enters an office, or changes one.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn put_office(&self, o: &OfficeRow, by: AccountId, now: UtcMs) -> Result<OfficePut, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT id FROM office WHERE unit_code = $1 AND id <> $2";
        if !tx.rows(sql, args![o.unit_code.as_str(), o.id]).await?.is_empty() {
            return Ok(OfficePut::CodeTaken);
        }
        let rows = tx.rows("SELECT COUNT(*) FROM office WHERE id <> $1", args![o.id]).await?;
        if rows.first().map_or(Ok(0), |r| super::number(r, 0))? >= OFFICES {
            return Ok(OfficePut::Full);
        }
        tx.exec(
            "INSERT INTO office (id, name, level, division, unit_code, parent, changed_ms, closed_ms, name_en) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET name = excluded.name, level = excluded.level, \
             division = excluded.division, unit_code = excluded.unit_code, parent = excluded.parent, changed_ms = excluded.changed_ms, \
             closed_ms = excluded.closed_ms, name_en = excluded.name_en",
            args![
                o.id,
                o.name.as_str(),
                o.level.as_str(),
                o.division.as_str(),
                o.unit_code.as_str(),
                o.parent,
                now,
                o.closed,
                o.name_en.as_str(),
            ],
        )
        .await?;
        let body = serde_json::json!({
            "office": o.id, "name": o.name, "level": o.level, "division": o.division, "unit_code": o.unit_code, "parent": o.parent,
            "closed_utc_ms": o.closed, "name_en": o.name_en, "by": by,
        });
        let text = Text::of(format!("登记机构：{}。", o.name), format!("Office entered: {}.", o.called(Lang::En)));
        tx.log(entry("office.put", now, Some(by), &[], body, text)).await?;
        tx.commit().await?;
        Ok(OfficePut::Done)
    }

    fn officer_of(&self, r: &Row) -> Result<OfficerRow, StoreError> {
        let certificate = r.blob_opt(3)?.map(|sealed| self.sealer.open_words(CERTIFICATE, &sealed)).transpose()?;
        Ok(OfficerRow {
            account: r.read(0, AccountId::parse)?,
            office: r.read(1, OfficeId::parse)?,
            seats: r.text(2)?.split_whitespace().map(str::to_owned).collect(),
            certificate,
            valid_until: day_opt(r, 4)?,
        })
    }

    /// Where an account works; `None` for one without an office.
    ///
    /// # Errors
    /// The database, or a certificate that does not open.
    pub async fn officer(&self, account: AccountId) -> Result<Option<OfficerRow>, StoreError> {
        let sql = "SELECT account, office, seats, certificate_sealed, valid_until FROM officer WHERE account = $1";
        self.db.row(sql, args![account]).await?.map(|r| self.officer_of(&r)).transpose()
    }

    /// Who works in an office, at most [`LISTED`].
    ///
    /// # Errors
    /// As `officer`.
    pub async fn officers_of(&self, office: OfficeId) -> Result<Vec<OfficerRow>, StoreError> {
        let sql = "SELECT account, office, seats, certificate_sealed, valid_until FROM officer WHERE office = $1 ORDER BY account LIMIT $2";
        self.db.rows(sql, args![office, LISTED]).await?.iter().map(|r| self.officer_of(r)).collect()
    }

    /// Gives an account its office, seats and certificate. Account and office are there.
    ///
    /// # Errors
    /// The database (no such account or office), the key or the log; then nothing is changed.
    pub async fn put_officer(&self, o: &OfficerRow, by: AccountId, now: UtcMs) -> Result<(), StoreError> {
        let sealed = o.certificate.as_ref().map(|c| self.sealer.seal_words(CERTIFICATE, c)).transpose()?;
        let (sealed, commitment) = sealed.unzip();
        let mut tx = self.begin().await?;
        tx.lock().await?;
        tx.exec(
            "INSERT INTO officer (account, office, seats, certificate_sealed, valid_until, changed_ms) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (account) DO UPDATE SET office = excluded.office, seats = excluded.seats, \
             certificate_sealed = excluded.certificate_sealed, valid_until = excluded.valid_until, changed_ms = excluded.changed_ms",
            args![o.account, o.office, o.seats.join(" "), sealed, o.valid_until, now],
        )
        .await?;
        let body = serde_json::json!({
            "account": o.account, "office": o.office, "seats": o.seats, "certificate_commitment": commitment,
            "valid_until_day": o.valid_until, "by": by,
        });
        let text =
            Text::new("登记经办人员的机构、岗位和执法证件。", "Office, seats and certificate of an officer entered.");
        tx.log(entry("officer.put", now, Some(by), &[], body, text)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes an account out of its office; false when it is in none.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn remove_officer(&self, account: AccountId, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if tx.exec("DELETE FROM officer WHERE account = $1", args![account]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "account": account, "by": by });
        let text = Text::new("撤销经办人员的机构和岗位。", "Officer taken out of the office.");
        tx.log(entry("officer.removed", now, Some(by), &[], body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }
}
