//! Whom the watch calls about an alarm. Name, number and note are sealed together with the salt of their commitment.
//!
//! Always true: the log holds ids and a salted commitment, so that a number of eleven digits cannot be guessed from it; a contact that was
//! removed leaves nothing of the person; the limits hold also when two people add at once. A crash leaves row and entry, or neither.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, ContactId, Pii, Sha256, Text, UtcMs};
use domain::alarm::SourceName;
use domain::contact::{CONTACTS, CONTACTS_OF_ONE, Contact, Duty, Reach};

/// Name bound into the seal.
const COLUMN: &str = "contact.person";

/// How a change ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// It is stored.
    Yes,
    /// There is no room for another.
    NoRoom,
    /// The contact is not there any more.
    Gone,
}

impl Store {
    /// All contacts, in no order that means something.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        let sql = "SELECT id, area, source, zone, duty, position, person_sealed FROM contact ORDER BY id";
        self.db.rows(sql, vec![]).await?.iter().map(|r| self.contact_of(r)).collect()
    }

    /// One contact.
    ///
    /// # Errors
    /// As `contacts`.
    pub async fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let sql = "SELECT id, area, source, zone, duty, position, person_sealed FROM contact WHERE id = $1";
        self.db.row(sql, args![id]).await?.map(|r| self.contact_of(&r)).transpose()
    }

    fn contact_of(&self, r: &Row) -> Result<Contact, StoreError> {
        let reach = match (r.text_opt(1)?, r.text_opt(2)?, r.int_opt(3)?) {
            (Some(area), _, _) => Reach::Area(area),
            (None, Some(source), None) => Reach::Source(SourceName::stored(&source)),
            (None, Some(source), Some(zone)) => {
                Reach::Zone(SourceName::stored(&source), u32::try_from(zone).map_err(|_| DbError::unreadable(3))?)
            }
            (None, None, _) => return Err(DbError::unreadable(1).into()),
        };
        let sealed = self.sealer.open_text(COLUMN, &r.blob(6)?)?.into_inner();
        let mut lines = sealed.split('\n').skip(1).map(str::to_owned);
        let mut next = || lines.next().map(Pii::new).ok_or(DbError::unreadable(6));
        Ok(Contact {
            id: r.read(0, ContactId::parse)?,
            reach,
            duty: r.read(4, Duty::parse)?,
            order: u32::try_from(r.int(5)?).map_err(|_| DbError::unreadable(5))?,
            person: next()?,
            phone: next()?,
            note: next()?,
        })
    }

    /// A new id for a contact.
    ///
    /// # Errors
    /// No random bytes.
    pub fn new_contact_id(&self, now: UtcMs) -> Result<ContactId, StoreError> {
        Ok(ContactId::new(now.0, crate::keys::random()?))
    }

    /// Adds a contact; `NoRoom` where its place or the site has as many as are allowed.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn add_contact(&self, c: &Contact, by: AccountId, now: UtcMs) -> Result<Kept, StoreError> {
        let (sealed, commitment) = self.seal_person(c)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if count(&mut tx, None).await? >= CONTACTS || count(&mut tx, Some(&c.reach)).await? >= CONTACTS_OF_ONE {
            return Ok(Kept::NoRoom);
        }
        let (area, source, zone) = columns(&c.reach);
        tx.exec(
            "INSERT INTO contact (id, area, source, zone, duty, position, person_sealed, changed_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![c.id, area, source, zone, c.duty.code(), c.order, sealed, now],
        )
        .await?;
        let text = Text::new("新增报警联系人。", "Contact for alarms added.");
        tx.log(entry("contact.added", now, by, body_of(c, Some(commitment), by), text)).await?;
        tx.commit().await?;
        Ok(Kept::Yes)
    }

    /// Replaces a contact with all its fields.
    ///
    /// # Errors
    /// As `add_contact`.
    pub async fn change_contact(&self, c: &Contact, by: AccountId, now: UtcMs) -> Result<Kept, StoreError> {
        let (sealed, commitment) = self.seal_person(c)?;
        let (area, source, zone) = columns(&c.reach);
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "UPDATE contact SET area = $2, source = $3, zone = $4, duty = $5, position = $6, person_sealed = $7, \
                   changed_ms = $8 WHERE id = $1";
        if tx.exec(sql, args![c.id, area, source, zone, c.duty.code(), c.order, sealed, now]).await? == 0 {
            return Ok(Kept::Gone);
        }
        // It is counted where it stands now; what is dropped here is rolled back.
        if count(&mut tx, Some(&c.reach)).await? > CONTACTS_OF_ONE {
            return Ok(Kept::NoRoom);
        }
        let text = Text::new("修改报警联系人。", "Contact for alarms changed.");
        tx.log(entry("contact.changed", now, by, body_of(c, Some(commitment), by), text)).await?;
        tx.commit().await?;
        Ok(Kept::Yes)
    }

    /// Removes a contact and with it what was stored of the person; false when there is none.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn remove_contact(&self, c: &Contact, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if tx.exec("DELETE FROM contact WHERE id = $1", args![c.id]).await? == 0 {
            return Ok(false);
        }
        let text = Text::new("删除报警联系人。", "Contact for alarms removed.");
        tx.log(entry("contact.removed", now, by, body_of(c, None, by), text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The person sealed with a fresh salt, and the commitment that the log holds.
    fn seal_person(&self, c: &Contact) -> Result<(Vec<u8>, Sha256), StoreError> {
        let salt: [u8; 32] = crate::keys::random()?;
        // None of the three holds a line break: `domain::contact::check`.
        let person = format!("{}\n{}\n{}", c.person.expose(), c.phone.expose(), c.note.expose());
        let sealed = self.sealer.seal(COLUMN, format!("{}\n{person}", base::hex(&salt)).as_bytes())?;
        Ok((sealed, ledger::commit(&salt, person.as_bytes())))
    }
}

/// Columns `area`, `source`, `zone`.
fn columns(reach: &Reach) -> (Option<String>, Option<String>, Option<i64>) {
    match reach {
        Reach::Area(path) => (Some(path.clone()), None, None),
        Reach::Source(source) => (None, Some(source.as_str().to_owned()), None),
        Reach::Zone(source, zone) => (None, Some(source.as_str().to_owned()), Some(i64::from(*zone))),
    }
}

/// How many there are at one place, or in all.
async fn count(tx: &mut Tx, at: Option<&Reach>) -> Result<usize, DbError> {
    let rows = match at {
        None => tx.rows("SELECT COUNT(*) FROM contact", vec![]).await?,
        Some(reach) => {
            let (area, source, zone) = columns(reach);
            // An empty text and -1 stand for what a row does not have, so that one statement compares all three.
            let sql = "SELECT COUNT(*) FROM contact WHERE COALESCE(area, '/') = $1 AND COALESCE(source, '') = $2 \
                       AND COALESCE(zone, -1) = $3";
            let none = || "/".to_owned();
            tx.rows(sql, args![area.unwrap_or_else(none), source.unwrap_or_default(), zone.unwrap_or(-1)]).await?
        }
    };
    Ok(usize::try_from(rows.first().map_or(Ok(0), |r| r.int(0))?).unwrap_or(usize::MAX))
}

fn body_of(c: &Contact, commitment: Option<Sha256>, by: AccountId) -> serde_json::Value {
    let (place, source, zone) = columns(&c.reach);
    let mut body = serde_json::json!({
        "contact": c.id, "place": place, "source": source, "zone": zone, "duty": c.duty.code(), "position": c.order, "by": by,
    });
    if let (Some(commitment), Some(map)) = (commitment, body.as_object_mut()) {
        map.insert("persons_commitment".into(), serde_json::json!(commitment));
    }
    body
}

fn entry(kind: &'static str, at: UtcMs, by: AccountId, body: serde_json::Value, text: Text) -> LogEntry {
    let act = ActLine::done(Some(by), text);
    LogEntry { kind, at, body, act: Some(act) }
}
