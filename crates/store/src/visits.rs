//! Visits of inspections: plan and approval, the record that two phones fill in, photos, and how it ended.
//!
//! ```text
//! new_visit ─▶ row (state `asked`)     approve_visit ─▶ number of the series claimed + row + entry, one transaction
//! put_visit: begun, closed, dropped, signatures void ─▶ row + entry, one transaction     save_record: each save, on the signatures that it saw
//! add_photo ─▶ bytes sealed + entry    visit_photo_bytes ─▶ the same bytes
//! ```
//! Always true: a change is made on the state and version that its maker saw, or not at all; row and entry are one transaction; the record and
//! the end name persons and are sealed, the log has a commitment to each; photos are never changed or removed; one case has one visit that
//! is neither closed nor dropped; of two approvals at once for one unit the second is told, so that a cap holds. A crash before the commit
//! leaves nothing; the phone sends again.

use crate::casework::events::{CaseChange, Saved, change_in, seal};
use crate::casework::numbers::{Series, claim_number};
use crate::casework::{Territory, entry, number, within};
use crate::db::{DbError, Row};
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, CivilDate, Pii, Sha256, Text, UtcMs};

/// Most visits of one case.
pub const VISITS: u32 = 20;
/// Most photos of one visit, signatures among them.
pub const PHOTOS: u32 = 200;
/// Largest photo, bytes.
pub const PHOTO_BYTES: usize = base::limits::UPLOAD_BYTES;
/// Most visits of one list.
pub const LISTED: u32 = 200;
/// State of a visit that was asked for and is not approved.
pub const ASKED: &str = "asked";
/// State of a visit that is over.
pub const CLOSED: &str = "closed";

/// State of a visit that does not take place.
pub const DROPPED: &str = "dropped";
/// Kind of a visit of a unit that was drawn.
const PLANNED: &str = "planned";

/// Names bound into the seals.
const RECORD: &str = "visit.record";
const ENDED: &str = "visit.ended";
const PHOTO: &str = "visit_photo.bytes";

/// A visit as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitRow {
    /// Its case.
    pub case: CaseId,
    /// Its number in the case, from 1.
    pub n: u32,
    /// Word of its state.
    pub state: String,
    /// Word of its kind.
    pub kind: String,
    /// The day on which it takes place.
    pub day: CivilDate,
    /// By what the visits of the unit in a year are counted: its unified social credit code; else a word with a colon, of its party or its place.
    pub unit: String,
    /// Who inspects.
    pub inspectors: Vec<AccountId>,
    /// JSON of what was planned, approved and is asked: no personal data.
    pub facts: String,
    /// How often the record was changed.
    pub version: u32,
    /// JSON of the record: fields with their versions.
    pub record: Pii<String>,
    /// JSON of signatures and findings; none while it is not closed.
    pub ended: Option<Pii<String>>,
    /// Place of the entry of the site's own report by which items were filled in.
    pub report: Option<u64>,
}

/// What is entered with a change.
#[derive(Clone, Debug)]
pub struct VisitEntry {
    /// Kind of the entry: `visit.…`.
    pub kind: &'static str,
    /// What the entry has beside ids and commitments: no personal data.
    pub body: serde_json::Value,
    /// The line on the log page.
    pub text: Text,
    /// Who.
    pub by: AccountId,
    /// When.
    pub now: UtcMs,
}

/// A visit as it is after a change, and what it must still be before.
#[derive(Clone, Debug)]
pub struct VisitEnd {
    /// After it.
    pub row: VisitRow,
    /// State and version before it.
    pub was: (String, u32),
    /// Its entry.
    pub made: VisitEntry,
}

/// What an approval rests on.
#[derive(Clone, Copy, Debug)]
pub struct Approving<'a> {
    /// The next number of its series; none where the approval bears a number that was given before.
    pub number: Option<(&'a Series, u32)>,
    /// First and last day of the year, both included, whose visits of the unit were counted.
    pub year: (CivilDate, CivilDate),
    /// How many other visits of the unit these were, those only asked for and those dropped left out.
    pub counted: u64,
}

/// What became of an approval.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ApprovalKept {
    /// Kept.
    Done,
    /// The visit, or the other visits of the unit, changed in the meantime; nothing was done.
    MovedOn,
    /// Somebody else has the number now; nothing was done.
    NumberTaken,
}

/// A photo as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhotoRow {
    /// Its number in the visit, from 1.
    pub photo: u32,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Bytes.
    pub bytes: u64,
    /// What its first bytes say.
    pub media_type: String,
    /// What it belongs to: an item, or whose signature it is.
    pub belongs: String,
    /// When it was taken, by the phone.
    pub taken: UtcMs,
    /// Where, as the phone said; empty: it did not.
    pub place: String,
    /// When it came.
    pub at: UtcMs,
    /// Who sent it.
    pub by: AccountId,
}

/// A photo that comes in.
#[derive(Clone)]
pub struct NewPhoto {
    /// Its bytes; at most [`PHOTO_BYTES`].
    pub bytes: Vec<u8>,
    /// What its first bytes say.
    pub media_type: &'static str,
    /// What it belongs to.
    pub belongs: String,
    /// When it was taken.
    pub taken: UtcMs,
    /// Where; empty: not said.
    pub place: String,
    /// The account on whose phone another inspector signed; none: it came from the phone of who sent it.
    pub beside: Option<AccountId>,
}

impl std::fmt::Debug for NewPhoto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewPhoto({}, {} bytes)", self.belongs, self.bytes.len())
    }
}

/// What became of a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhotoKept {
    /// It is kept under this number.
    Done(u32),
    /// The same bytes for the same thing are there under this number: sent again.
    There(u32),
    /// The visit has no room for more.
    Full,
    /// The visit is not open any more.
    Closed,
}

/// Bound to one visit, so that no sealed value can be moved to another.
fn column(name: &str, case: CaseId, n: u32) -> String {
    format!("{name}:{case}:{n}")
}

async fn put_inspectors(tx: &mut Tx, row: &VisitRow) -> Result<(), DbError> {
    for account in &row.inspectors {
        let sql = "INSERT INTO visit_inspector (account, case_id, n, day) VALUES ($1, $2, $3, $4)";
        tx.exec(sql, args![*account, row.case, row.n, row.day]).await?;
    }
    Ok(())
}

macro_rules! select {
    ($($rest:tt)+) => {
        concat!(
            "SELECT v.case_id, v.n, v.state, v.kind, v.day, v.unit, v.facts, v.version, v.record_sealed, v.ended_sealed, v.report FROM visit v ",
            $($rest)+
        )
    };
}

impl Store {
    async fn visit_of(&self, r: &Row) -> Result<VisitRow, StoreError> {
        let (case, n) = (r.read(0, CaseId::parse)?, number(r, 1)?);
        let ended = r.blob_opt(9)?;
        let ended = ended.map(|sealed| self.sealer.open_words(&column(ENDED, case, n), &sealed)).transpose()?;
        let sql = "SELECT account FROM visit_inspector WHERE case_id = $1 AND n = $2 ORDER BY account";
        let accounts = self.db.rows(sql, args![case, n]).await?;
        let inspectors = accounts.iter().map(|a| a.read(0, AccountId::parse)).collect::<Result<Vec<_>, _>>()?;
        Ok(VisitRow {
            case,
            n,
            state: r.text(2)?,
            kind: r.text(3)?,
            day: r.read(4, CivilDate::parse)?,
            unit: r.text(5)?,
            inspectors,
            facts: r.text(6)?,
            version: number(r, 7)?,
            record: self.sealer.open_words(&column(RECORD, case, n), &r.blob(8)?)?,
            ended,
            report: r.int_opt(10)?.and_then(|leaf| u64::try_from(leaf).ok()),
        })
    }

    /// Enters a visit; its number is given here. `None` where the case has one that is neither closed nor dropped, or has no room for more.
    ///
    /// # Errors
    /// The database or the log; then nothing is entered.
    pub async fn new_visit(&self, new: &VisitRow, made: &VisitEntry) -> Result<Option<u32>, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state NOT IN ('closed', 'dropped') THEN 1 ELSE 0 END), 0) AS BIGINT) \
                   FROM visit WHERE case_id = $1";
        let rows = tx.rows(sql, args![new.case]).await?;
        let (there, open) = rows.first().map_or(Ok((0, 0)), |r| Ok::<_, DbError>((number(r, 0)?, number(r, 1)?)))?;
        if open > 0 || there >= VISITS {
            return Ok(None);
        }
        let row = VisitRow { n: there + 1, ..new.clone() };
        let (sealed, commitment) = self.sealer.seal_words(&column(RECORD, row.case, row.n), &row.record)?;
        tx.exec(
            "INSERT INTO visit (case_id, n, state, kind, day, unit, facts, version, record_sealed, ended_sealed, report) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL)",
            args![
                row.case,
                row.n,
                row.state.as_str(),
                row.kind.as_str(),
                row.day,
                row.unit.as_str(),
                row.facts.as_str(),
                row.version,
                sealed
            ],
        )
        .await?;
        put_inspectors(&mut tx, &row).await?;
        tx.log(entry_of(&row, made, commitment, None)).await?;
        tx.commit().await?;
        Ok(Some(row.n))
    }

    /// Changes a visit that still has this state and version, with its entry. False: it has moved on, or a planned one begins of a unit that was
    /// replaced, and nothing was done. Case, number,
    /// kind, day and inspectors stay as they are.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn put_visit(
        &self,
        row: &VisitRow,
        (state, version): (&str, u32),
        made: &VisitEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        // Whoever replaces a drawn unit takes turns with whoever begins its visit.
        if row.kind == PLANNED && (state, row.state.as_str()) == ("approved", "open") {
            let sql = "SELECT unit FROM plan_unit WHERE case_id = $1 AND gone = 1";
            if !tx.rows(sql, args![row.case]).await?.is_empty() {
                return Ok(false);
            }
        }
        if !self.change_visit(&mut tx, row, (state, version), made).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// As `put_visit`, for a change of the record that was allowed while there were so many signatures: false where another came since, so that
    /// nothing is written into a record in the moment in which it is signed.
    ///
    /// # Errors
    /// As `put_visit`.
    pub async fn save_record(
        &self,
        row: &VisitRow,
        (state, version): (&str, u32),
        signatures: u64,
        made: &VisitEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT COUNT(*) FROM visit_photo WHERE case_id = $1 AND n = $2 AND belongs LIKE 'signature/%'";
        let rows = tx.rows(sql, args![row.case, row.n]).await?;
        let there: u64 = rows.first().map_or(Ok(0), |r| crate::casework::place(r, 0))?;
        if there != signatures || !self.change_visit(&mut tx, row, (state, version), made).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// What happened to a case and the end of its visit that it comes from, in one transaction. `None`: the visit has moved on; then, and where it
    /// is not `Done`, nothing was done.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn add_events_of_visit(
        &self,
        c: &CaseChange<'_>,
        end: &VisitEnd,
        now: UtcMs,
    ) -> Result<Option<Saved>, StoreError> {
        let sealed = seal(&self.sealer, c)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let saved = change_in(&mut tx, c, sealed, now).await?;
        if !matches!(saved, Saved::Done(_)) {
            return Ok(Some(saved));
        }
        let (state, version) = &end.was;
        if !self.change_visit(&mut tx, &end.row, (state.as_str(), *version), &end.made).await? {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(saved))
    }

    /// As `put_visit`, for the approval: its number is claimed, and the other visits of the unit in the year are counted again.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn approve_visit(
        &self,
        row: &VisitRow,
        (state, version): (&str, u32),
        of: Approving<'_>,
        made: &VisitEntry,
    ) -> Result<ApprovalKept, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT COUNT(*) FROM visit WHERE unit = $1 AND day >= $2 AND day <= $3 AND state <> $4 \
                   AND state <> $5 AND NOT (case_id = $6 AND n = $7)";
        let (first, last) = of.year;
        let rows = tx.rows(sql, args![row.unit.as_str(), first, last, ASKED, DROPPED, row.case, row.n]).await?;
        let counted = rows.first().map_or(Ok(0), |r| crate::casework::place(r, 0))?;
        if counted != of.counted {
            return Ok(ApprovalKept::MovedOn);
        }
        if let Some((series, number)) = of.number
            && !claim_number(&mut tx, series, number).await?
        {
            return Ok(ApprovalKept::NumberTaken);
        }
        if !self.change_visit(&mut tx, row, (state, version), made).await? {
            return Ok(ApprovalKept::MovedOn);
        }
        tx.commit().await?;
        Ok(ApprovalKept::Done)
    }

    /// The change of a row with its entry, in a transaction; false: the visit has moved on.
    async fn change_visit(
        &self,
        tx: &mut Tx,
        row: &VisitRow,
        (state, version): (&str, u32),
        made: &VisitEntry,
    ) -> Result<bool, StoreError> {
        let (sealed, commitment) = self.sealer.seal_words(&column(RECORD, row.case, row.n), &row.record)?;
        let ended = match &row.ended {
            Some(words) => Some(self.sealer.seal_words(&column(ENDED, row.case, row.n), words)?),
            None => None,
        };
        let ended_commitment = ended.as_ref().map(|(_, commitment)| *commitment);
        let sql = "UPDATE visit SET state = $5, facts = $6, version = $7, record_sealed = $8, ended_sealed = $9, report = $10 \
                   WHERE case_id = $1 AND n = $2 AND state = $3 AND version = $4";
        let changed = tx
            .exec(
                sql,
                args![
                    row.case,
                    row.n,
                    state,
                    version,
                    row.state.as_str(),
                    row.facts.as_str(),
                    row.version,
                    sealed,
                    ended.map(|(bytes, _)| bytes),
                    row.report.and_then(|leaf| i64::try_from(leaf).ok())
                ],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
        }
        tx.log(entry_of(row, made, commitment, ended_commitment)).await?;
        Ok(true)
    }

    /// One visit.
    ///
    /// # Errors
    /// The database, or a record that does not open.
    pub async fn visit(&self, case: CaseId, n: u32) -> Result<Option<VisitRow>, StoreError> {
        match self.db.row(select!("WHERE v.case_id = $1 AND v.n = $2"), args![case, n]).await? {
            Some(row) => Ok(Some(self.visit_of(&row).await?)),
            None => Ok(None),
        }
    }

    /// Visits of a case, the newest first.
    ///
    /// # Errors
    /// As `visit`.
    pub async fn visits_of_case(&self, case: CaseId) -> Result<Vec<VisitRow>, StoreError> {
        self.visits_where(select!("WHERE v.case_id = $1 ORDER BY v.n DESC"), args![case]).await
    }

    /// Visits of a unit from a day to another, both included, by day; at most [`LISTED`].
    ///
    /// # Errors
    /// As `visit`.
    pub async fn visits_of_unit(
        &self,
        unit: &str,
        from: CivilDate,
        to: CivilDate,
    ) -> Result<Vec<VisitRow>, StoreError> {
        let sql = select!("WHERE v.unit = $1 AND v.day >= $2 AND v.day <= $3 ORDER BY v.day, v.case_id, v.n LIMIT $4");
        self.visits_where(sql, args![unit, from, to, LISTED]).await
    }

    /// Visits of a unit that are over, the newest first; at most `limit` and never more than [`LISTED`].
    ///
    /// # Errors
    /// As `visit`.
    pub async fn ended_visits_of_unit(&self, unit: &str, limit: u32) -> Result<Vec<VisitRow>, StoreError> {
        let sql = select!("WHERE v.unit = $1 AND v.state = $2 ORDER BY v.day DESC, v.case_id DESC, v.n DESC LIMIT $3");
        self.visits_where(sql, args![unit, CLOSED, limit.min(LISTED)]).await
    }

    /// Visits of a territory that are over, on these days (the first counted, the last not), the newest first; at most `limit` and never more than
    /// [`LISTED`].
    ///
    /// # Errors
    /// As `visit`.
    pub async fn closed_visits(
        &self,
        of: Territory,
        (from, to): (CivilDate, CivilDate),
        limit: u32,
    ) -> Result<Vec<VisitRow>, StoreError> {
        let sql = select!(
            "JOIN case_file c ON c.id = v.case_id WHERE v.state = 'closed' AND v.day >= $1 AND v.day < $2 AND ",
            within!("c.office", "$4", "$5"),
            " ORDER BY v.day DESC, v.case_id DESC, v.n DESC LIMIT $3"
        );
        let (office, top) = of.texts();
        self.visits_where(sql, args![from, to, limit.min(LISTED), office, top]).await
    }

    /// Visits of an inspector on a day, and earlier ones that are not closed, by day, without those that were dropped; at most [`LISTED`].
    ///
    /// # Errors
    /// As `visit`.
    pub async fn visits_of_inspector(&self, account: AccountId, day: CivilDate) -> Result<Vec<VisitRow>, StoreError> {
        let sql = select!(
            "JOIN visit_inspector i ON i.case_id = v.case_id AND i.n = v.n \
             WHERE i.account = $1 AND v.state <> 'dropped' AND (v.day = $2 OR v.state <> 'closed') ORDER BY v.day, v.case_id, v.n LIMIT $3"
        );
        self.visits_where(sql, args![account, day, LISTED]).await
    }

    /// The newest visits of cases that an inspector was named in and that were dropped, of a day from `from` on, the newest first; at most
    /// [`LISTED`].
    ///
    /// # Errors
    /// As `visit`.
    pub async fn dropped_of_inspector(&self, account: AccountId, from: CivilDate) -> Result<Vec<VisitRow>, StoreError> {
        let sql = select!(
            "JOIN visit_inspector i ON i.case_id = v.case_id AND i.n = v.n \
             WHERE i.account = $1 AND v.state = 'dropped' AND v.day >= $2 \
             AND NOT EXISTS (SELECT 1 FROM visit w WHERE w.case_id = v.case_id AND w.n > v.n) \
             ORDER BY v.day DESC, v.case_id, v.n LIMIT $3"
        );
        self.visits_where(sql, args![account, from, LISTED]).await
    }

    /// Visits of a state in an office's cases, by day; at most [`LISTED`].
    ///
    /// # Errors
    /// As `visit`.
    pub async fn visits_of_office(
        &self,
        office: base::OfficeId,
        state: &'static str,
    ) -> Result<Vec<VisitRow>, StoreError> {
        let sql = select!(
            "JOIN case_file c ON c.id = v.case_id WHERE c.office = $1 AND v.state = $2 \
             ORDER BY v.day, v.case_id, v.n LIMIT $3"
        );
        self.visits_where(sql, args![office, state, LISTED]).await
    }

    async fn visits_where(&self, sql: &'static str, args: Vec<crate::db::Value>) -> Result<Vec<VisitRow>, StoreError> {
        let mut out = Vec::new();
        for row in self.db.rows(sql, args).await? {
            out.push(self.visit_of(&row).await?);
        }
        Ok(out)
    }

    /// Keeps a photo of a visit that is in this state, with its entry.
    ///
    /// # Errors
    /// The database, the log, or bytes that cannot be sealed; then nothing is kept.
    pub async fn add_photo(
        &self,
        (case, n, state): (CaseId, u32, &str),
        new: &NewPhoto,
        (by, now): (AccountId, UtcMs),
    ) -> Result<PhotoKept, StoreError> {
        if new.bytes.len() > PHOTO_BYTES {
            return Ok(PhotoKept::Full);
        }
        let (sha256, sealed) = (Sha256::of(&new.bytes), self.sealer.seal(&column(PHOTO, case, n), &new.bytes)?);
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let open = tx.rows("SELECT state FROM visit WHERE case_id = $1 AND n = $2", args![case, n]).await?;
        if open.first().map(|r| r.text(0)).transpose()?.as_deref() != Some(state) {
            return Ok(PhotoKept::Closed);
        }
        let sql = "SELECT photo FROM visit_photo WHERE case_id = $1 AND n = $2 AND sha256 = $3 AND belongs = $4";
        if let Some(there) = tx.rows(sql, args![case, n, sha256.hex(), new.belongs.as_str()]).await?.first() {
            return Ok(PhotoKept::There(number(there, 0)?));
        }
        let rows = tx.rows("SELECT COUNT(*) FROM visit_photo WHERE case_id = $1 AND n = $2", args![case, n]).await?;
        let there = rows.first().map_or(Ok(0), |r| number(r, 0))?;
        if there >= PHOTOS {
            return Ok(PhotoKept::Full);
        }
        let photo = there + 1;
        tx.exec(
            "INSERT INTO visit_photo (case_id, n, photo, sha256, bytes, media_type, belongs, taken_ms, place, at_ms, account, sealed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            args![
                case,
                n,
                photo,
                sha256.hex(),
                new.bytes.len() as u64,
                new.media_type,
                new.belongs.as_str(),
                new.taken,
                new.place.as_str(),
                now,
                by,
                sealed
            ],
        )
        .await?;
        let mut body = serde_json::json!({
            "case": case, "visit": n, "photo": photo, "sha256": sha256, "bytes": new.bytes.len(), "belongs": new.belongs,
            "taken_utc_ms": new.taken, "by": by,
        });
        if let (Some(beside), Some(body)) = (new.beside, body.as_object_mut()) {
            body.insert("beside".to_owned(), serde_json::json!(beside));
        }
        let text = Text::of(format!("检查照片第{photo}张。"), format!("Photo {photo} of a visit."));
        tx.log(entry("visit.photo", now, Some(by), &[], body, text)).await?;
        tx.commit().await?;
        Ok(PhotoKept::Done(photo))
    }

    /// Photos of a visit, in the order they came.
    ///
    /// # Errors
    /// The database.
    pub async fn visit_photos(&self, case: CaseId, n: u32) -> Result<Vec<PhotoRow>, DbError> {
        let sql = "SELECT photo, sha256, bytes, media_type, belongs, taken_ms, place, at_ms, account FROM visit_photo \
                   WHERE case_id = $1 AND n = $2 ORDER BY photo";
        let rows = self.db.rows(sql, args![case, n]).await?;
        let photo = |r: &Row| {
            Ok(PhotoRow {
                photo: number(r, 0)?,
                sha256: r.read(1, Sha256::from_hex)?,
                bytes: crate::casework::place(r, 2)?,
                media_type: r.text(3)?,
                belongs: r.text(4)?,
                taken: UtcMs(r.int(5)?),
                place: r.text(6)?,
                at: UtcMs(r.int(7)?),
                by: r.read(8, AccountId::parse)?,
            })
        };
        rows.iter().map(photo).collect()
    }

    /// Bytes of a photo of this visit.
    ///
    /// # Errors
    /// The database, or bytes that do not open.
    pub async fn visit_photo_bytes(&self, case: CaseId, n: u32, photo: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sealed FROM visit_photo WHERE case_id = $1 AND n = $2 AND photo = $3";
        let row = self.db.row(sql, args![case, n, photo]).await?;
        row.map(|r| Ok(self.sealer.open(&column(PHOTO, case, n), &r.blob(0)?)?)).transpose()
    }
}

/// The entry of a change: ids, state, commitments, and what the caller adds.
fn entry_of(row: &VisitRow, made: &VisitEntry, record: Sha256, ended: Option<Sha256>) -> crate::ledger_log::LogEntry {
    let mut body = serde_json::json!({
        "case": row.case, "visit": row.n, "state": row.state, "version": row.version, "record_commitment": record, "by": made.by,
    });
    if let (Some(body), Some(more)) = (body.as_object_mut(), made.body.as_object()) {
        body.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
        if let Some(ended) = ended {
            body.insert("ended_commitment".to_owned(), serde_json::json!(ended));
        }
    }
    entry(made.kind, made.now, Some(made.by), &[], body, made.text.clone())
}
