//! Units and natural persons that cases are about, each with every version of what was known of it.
//!
//! ```text
//! PartyData ─▶ sealed details + digests under a key (document, number, phone) ─▶ party (newest) + party_version (all) + entry with a commitment
//! ```
//! Always true: of a natural person nothing stands open, and the same number of an identity card is found again by a digest that nobody
//! without the key can try; of a unit name, address and code stand open; one code, and one number of one kind of document, are of one party: the
//! same number on a passport and on a permit is of two persons. Parties are never merged and versions never changed: what is known now is a
//! further version.

use super::{entry, number, place, read_opt, search};
use crate::db::{DbError, IDS, Row, ids_in};
use crate::keys::{KeyFileError, Sealer};
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{AccountId, PartyId, Pii, Sha256, Text, UtcMs};
use domain::identifier::{IdentityKind, ResidentId};
use std::collections::BTreeSet;

/// Most versions of one party.
pub const VERSIONS: u32 = 1_000;
/// Most parties that one phone number leads to.
pub const OF_PHONE: u32 = 20;
/// Most persons whose documents of different kinds have one number.
const OF_NUMBER: u32 = 20;

/// What is known of a unit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// Unified social credit code (GB 32100), as it is written; none for one that has none.
    pub credit_code: Option<String>,
    /// Where it has no such code, its own registration: what it is called, and who made it.
    pub registration_kind: String,
    /// The number of that registration.
    pub registration_number: String,
    /// Its address.
    pub address: String,
    /// Who represents it in law.
    pub representative: Pii<String>,
    /// Whom to ask.
    pub contact: Pii<String>,
    /// The contact's phone.
    pub phone: Pii<String>,
}

/// What is known of a natural person.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Person {
    /// Name.
    pub name: Pii<String>,
    /// Number of the identity card (GB 11643) or of another paper; empty for none.
    pub id_number: Pii<String>,
    /// Phone; empty for none.
    pub phone: Pii<String>,
    /// Address.
    pub address: Pii<String>,
}

/// A party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PartyData {
    /// A unit (单位).
    Unit(Unit),
    /// A natural person (自然人).
    Person(Person),
}

/// A version of a party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartyRow {
    /// Its id.
    pub id: PartyId,
    /// From 1.
    pub version: u32,
    /// What was known.
    pub data: PartyData,
    /// Who entered it.
    pub by: Option<AccountId>,
    /// When.
    pub at: UtcMs,
    /// Place of its entry.
    pub entry: u64,
}

/// What became of a party that was entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartyPut {
    /// Kept under this id.
    Done(PartyId),
    /// This one has the code or number already.
    There(PartyId),
    /// It has another version than was looked at, or is of the other kind: it is looked at again.
    MovedOn,
    /// It has as many versions as are kept.
    Full,
}

/// Names bound into the seal and the digests.
const DETAILS: &str = "party.details";
const ID_NUMBER: &str = "party.id_number";
const ID_DOCUMENT: &str = "party.id_document";
const PHONE: &str = "party.phone";

/// A number as it is compared: no blanks, large letters.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// Columns of a version.
struct Columns {
    kind: &'static str,
    name: String,
    address: String,
    credit_code: Option<String>,
    document: Option<IdentityKind>,
    id_index: Option<String>,
    number_index: String,
    phone_index: String,
    sealed: Vec<u8>,
    commitment: Sha256,
}

fn index(sealer: &Sealer, column: &str, value: &Pii<String>) -> Option<String> {
    let value = plain(value.expose());
    if value.is_empty() { None } else { Some(sealer.index(column, value.as_bytes())) }
}

/// The document of a person as it is compared: its kind, where somebody said it, and its number. A resident's number is on no document of another
/// person, so it counts as one of that kind whatever was said.
fn document(value: &Pii<String>) -> (Option<IdentityKind>, Pii<String>) {
    let (kind, number) = IdentityKind::split(value.expose());
    let kind = if ResidentId::parse(number).is_ok() { Some(IdentityKind::Resident) } else { kind };
    (kind, Pii::new(number.to_owned()))
}

/// The digest by which one document is of one person: kind and number.
fn id_index(sealer: &Sealer, value: &Pii<String>) -> Option<String> {
    let (kind, number) = document(value);
    let number = plain(number.expose());
    let whole = Pii::new(format!("{}:{number}", kind.map_or("", IdentityKind::code)));
    (!number.is_empty()).then(|| sealer.index(ID_DOCUMENT, whole.expose().as_bytes()))
}

/// Two documents of one number may be the same one: of one kind, or nobody said of which kind one of them is.
fn may_be_same(one: Option<IdentityKind>, other: Option<IdentityKind>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// The kind of the document that is known of a person.
fn kind_of(data: &PartyData) -> Option<IdentityKind> {
    if let PartyData::Person(person) = data { document(&person.id_number).0 } else { None }
}

fn columns(sealer: &Sealer, data: &PartyData) -> Result<Columns, KeyFileError> {
    let details: Vec<&str> = match data {
        PartyData::Unit(u) => {
            let sealed = [u.representative.expose(), u.contact.expose(), u.phone.expose()];
            sealed.into_iter().chain([&u.registration_kind, &u.registration_number]).map(String::as_str).collect()
        }
        PartyData::Person(p) => {
            [p.name.expose(), p.id_number.expose(), p.phone.expose(), p.address.expose()].map(String::as_str).to_vec()
        }
    };
    // The name and code of a unit go in too, so that the commitment is to the whole version.
    let (name, address, code) = match data {
        PartyData::Unit(u) => (u.name.as_str(), u.address.as_str(), u.credit_code.as_deref()),
        PartyData::Person(_) => ("", "", None),
    };
    let json = serde_json::json!({ "name": name, "address": address, "credit_code": code, "details": details });
    let (sealed, commitment) = sealer.seal_words(DETAILS, &Pii::new(json.to_string()))?;
    let (kind, id_index, number, phone) = match data {
        PartyData::Unit(u) => ("unit", None, None, &u.phone),
        PartyData::Person(p) => {
            let number = index(sealer, ID_NUMBER, &document(&p.id_number).1);
            ("person", id_index(sealer, &p.id_number), number, &p.phone)
        }
    };
    Ok(Columns {
        kind,
        name: name.to_owned(),
        address: address.to_owned(),
        credit_code: code.map(plain).filter(|c| !c.is_empty()),
        document: kind_of(data),
        id_index,
        number_index: number.unwrap_or_default(),
        phone_index: index(sealer, PHONE, phone).unwrap_or_default(),
        sealed,
        commitment,
    })
}

/// Somebody else whose document may be the same one.
async fn has_document(
    tx: &mut Tx,
    sealer: &Sealer,
    id: PartyId,
    (number_index, kind): (&str, Option<IdentityKind>),
) -> Result<Option<PartyId>, StoreError> {
    for r in tx.rows(OF_ONE_NUMBER, args![number_index, OF_NUMBER]).await? {
        let row = read(sealer, &r)?;
        if row.id != id && may_be_same(kind, kind_of(&row.data)) {
            return Ok(Some(row.id));
        }
    }
    Ok(None)
}

/// A version is written: of a new party with `seen` 0, else after version `seen`. The caller has locked the log.
pub(crate) async fn put_in(
    tx: &mut Tx,
    sealer: &Sealer,
    (id, seen): (PartyId, u32),
    data: &PartyData,
    (by, now): (Option<AccountId>, UtcMs),
) -> Result<PartyPut, StoreError> {
    let c = columns(sealer, data)?;
    let rows = tx.rows("SELECT version, kind FROM party WHERE id = $1", args![id]).await?;
    let was = rows.first().map(|r| Ok::<_, DbError>((number(r, 0)?, r.text(1)?))).transpose()?;
    if was.as_ref().map_or(0, |(version, _)| *version) != seen || was.is_some_and(|(_, kind)| kind != c.kind) {
        return Ok(PartyPut::MovedOn);
    }
    if seen >= VERSIONS {
        return Ok(PartyPut::Full);
    }
    let same = "SELECT id FROM party WHERE id <> $1 AND (credit_code = $2 OR id_index = $3) LIMIT 1";
    if let Some(r) = tx.rows(same, args![id, c.credit_code.clone(), c.id_index.clone()]).await?.first() {
        return Ok(PartyPut::There(r.read(0, PartyId::parse)?));
    }
    if let Some(other) = has_document(tx, sealer, id, (&c.number_index, c.document)).await? {
        return Ok(PartyPut::There(other));
    }
    let version = seen + 1;
    let body = serde_json::json!({
        "party": id, "party_kind": c.kind, "version": version, "commitment": c.commitment, "by": by,
    });
    let text = Text::of(format!("登记当事人，第 {version} 版。"), format!("Party entered, version {version}."));
    let place = tx.log(entry("party.put", now, by, &[], body, text)).await?;
    tx.exec(
        "INSERT INTO party (id, kind, version, credit_code, id_index, phone_index, changed_ms, number_index) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, credit_code = excluded.credit_code, id_index = excluded.id_index, \
         phone_index = excluded.phone_index, changed_ms = excluded.changed_ms, number_index = excluded.number_index",
        args![id, c.kind, version, c.credit_code.clone(), c.id_index, c.phone_index, now, c.number_index],
    )
    .await?;
    let found_by = format!("{} {}", c.name, c.credit_code.as_deref().unwrap_or_default());
    tx.exec(
        "INSERT INTO party_version (party, version, name, address, credit_code, details_sealed, account, at_ms, entry) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![id, version, c.name, c.address, c.credit_code, c.sealed, by, now, place],
    )
    .await?;
    search::index_in(tx, search::Thing::Party.code(), &id.to_string(), &found_by).await?;
    Ok(PartyPut::Done(id))
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT v.party, v.version, p.kind, v.name, v.address, v.credit_code, v.details_sealed, v.account, v.at_ms, v.entry \
             FROM party p JOIN party_version v ON v.party = p.id ",
            $rest
        )
    };
}

/// Persons of one number, whatever kind of document it is on; $1 its digest, $2 the limit.
const OF_ONE_NUMBER: &str =
    select!("WHERE p.number_index = $1 AND p.number_index <> '' AND v.version = p.version ORDER BY p.id LIMIT $2");

fn read(sealer: &Sealer, r: &Row) -> Result<PartyRow, StoreError> {
    let sealed = sealer.open_words(DETAILS, &r.blob(6)?)?;
    let details: serde_json::Value = serde_json::from_str(sealed.expose()).map_err(|_| KeyFileError::Sealed)?;
    let part = |i: usize| Pii::new(details["details"][i].as_str().unwrap_or_default().to_owned());
    let data = if r.text(2)? == "unit" {
        PartyData::Unit(Unit {
            name: r.text(3)?,
            credit_code: r.text_opt(5)?,
            registration_kind: part(3).into_inner(),
            registration_number: part(4).into_inner(),
            address: r.text(4)?,
            representative: part(0),
            contact: part(1),
            phone: part(2),
        })
    } else {
        PartyData::Person(Person { name: part(0), id_number: part(1), phone: part(2), address: part(3) })
    };
    Ok(PartyRow {
        id: r.read(0, PartyId::parse)?,
        version: number(r, 1)?,
        data,
        by: read_opt(r, 7, AccountId::parse)?,
        at: UtcMs(r.int(8)?),
        entry: place(r, 9)?,
    })
}

impl Store {
    fn read_party(&self, r: &Row) -> Result<PartyRow, StoreError> {
        read(&self.sealer, r)
    }

    /// A new id for a party.
    ///
    /// # Errors
    /// No random bytes.
    pub fn new_party_id(&self, now: UtcMs) -> Result<PartyId, KeyFileError> {
        Ok(PartyId::new(now.0, crate::keys::random()?))
    }

    /// Enters a party (`seen` 0) or a further version of one (`seen`: the version that was looked at).
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn put_party(
        &self,
        id: PartyId,
        seen: u32,
        data: &PartyData,
        by: Option<AccountId>,
        now: UtcMs,
    ) -> Result<PartyPut, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let put = put_in(&mut tx, &self.sealer, (id, seen), data, (by, now)).await?;
        if matches!(put, PartyPut::Done(_)) {
            tx.commit().await?;
        }
        Ok(put)
    }

    /// A party as it is known now.
    ///
    /// # Errors
    /// The database, or details that do not open.
    pub async fn party(&self, id: PartyId) -> Result<Option<PartyRow>, StoreError> {
        let sql = select!("WHERE p.id = $1 AND v.version = p.version");
        self.db.row(sql, args![id]).await?.map(|r| self.read_party(&r)).transpose()
    }

    /// Parties as they are known now, in no order; an id that is nobody's is left out.
    ///
    /// # Errors
    /// As `party`.
    pub async fn parties_of(&self, ids: &BTreeSet<PartyId>) -> Result<Vec<PartyRow>, StoreError> {
        const SQL: &str = select!(
            "WHERE v.version = p.version AND p.id IN \
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
             $45, $46, $47, $48, $49, $50)"
        );
        let ids: Vec<PartyId> = ids.iter().copied().collect();
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS) {
            for row in self.db.rows(SQL, ids_in(some)).await? {
                found.push(self.read_party(&row)?);
            }
        }
        Ok(found)
    }

    /// A party as it was in a version: what a case was decided on.
    ///
    /// # Errors
    /// As `party`.
    pub async fn party_version(&self, id: PartyId, version: u32) -> Result<Option<PartyRow>, StoreError> {
        let sql = select!("WHERE p.id = $1 AND v.version = $2");
        self.db.row(sql, args![id, version]).await?.map(|r| self.read_party(&r)).transpose()
    }

    /// Every version of a party, the newest first.
    ///
    /// # Errors
    /// As `party`.
    pub async fn party_history(&self, id: PartyId) -> Result<Vec<PartyRow>, StoreError> {
        let sql = select!("WHERE p.id = $1 ORDER BY v.version DESC LIMIT $2");
        self.db.rows(sql, args![id, VERSIONS]).await?.iter().map(|r| self.read_party(r)).collect()
    }

    /// The unit of a credit code.
    ///
    /// # Errors
    /// As `party`.
    pub async fn unit_by_code(&self, code: &str) -> Result<Option<PartyRow>, StoreError> {
        let sql = select!("WHERE p.credit_code = $1 AND v.version = p.version");
        self.db.row(sql, args![plain(code)]).await?.map(|r| self.read_party(&r)).transpose()
    }

    /// The person of a document, whole: parts of a number lead nowhere. Where its kind is not said, the one person who has that number; none
    /// where several have it on documents of different kinds.
    ///
    /// # Errors
    /// As `party`.
    pub async fn person_by_id(&self, id_number: &Pii<String>) -> Result<Option<PartyRow>, StoreError> {
        let (kind, number) = document(id_number);
        let Some(digest) = index(&self.sealer, ID_NUMBER, &number) else { return Ok(None) };
        let mut found = Vec::new();
        for r in self.db.rows(OF_ONE_NUMBER, args![digest, OF_NUMBER]).await? {
            let row = self.read_party(&r)?;
            if may_be_same(kind, kind_of(&row.data)) {
                found.push(row);
            }
        }
        if let Some(at) = found.iter().position(|row| kind_of(&row.data) == kind) {
            return Ok(Some(found.swap_remove(at)));
        }
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// Parties with this phone number now, at most [`OF_PHONE`].
    ///
    /// # Errors
    /// As `party`.
    pub async fn parties_by_phone(&self, phone: &Pii<String>) -> Result<Vec<PartyRow>, StoreError> {
        let Some(digest) = index(&self.sealer, PHONE, phone) else { return Ok(Vec::new()) };
        let sql = select!(
            "WHERE p.phone_index = $1 AND p.phone_index <> '' AND v.version = p.version ORDER BY p.id LIMIT $2"
        );
        self.db.rows(sql, args![digest, OF_PHONE]).await?.iter().map(|r| self.read_party(r)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_known_by_its_kind_and_its_number() {
        let of = |text: &str| document(&Pii::new(text.to_owned()));
        assert_eq!(of("护照 E12345678").0, Some(IdentityKind::Passport));
        assert_eq!(of("E12345678").0, None);
        for text in ["11010519491231002X", "居民身份证 11010519491231002X", "港澳台居民居住证 11010519491231002x"]
        {
            assert_eq!(of(text).0, Some(IdentityKind::Resident), "{text}");
        }
        let (passport, permit) = (Some(IdentityKind::Passport), Some(IdentityKind::RegionPermit));
        assert!(may_be_same(passport, passport) && may_be_same(passport, None) && may_be_same(None, permit));
        assert!(!may_be_same(passport, permit));
    }

    #[test]
    fn equal_numbers_are_equal_however_they_are_written() {
        assert_eq!(plain(" 11010519491231002x "), plain("110105 19491231 002X"));
        assert_eq!(plain("　"), "");
    }
}
