//! Documents that were issued: number, digest, and the PDF itself, sealed; one that counts no more stays and says so.
//!
//! ```text
//! next_number ─▶ PDF with that number ─▶ add_events or issue_document: number claimed + entry `document.made` + row, one transaction
//! ```
//! Words: number and non-personal wording ─▶ index, in the same transaction; of documents of older programs daily.
//!
//! Always true: the entry has the digest of the PDF, so a printed copy can be checked against the log by whoever has the file; a number is on
//! one document; a void document keeps its number, its bytes and its entry.

use super::numbers::{Series, claim_number};
use super::{SealedWords, entry, place, read_opt, search};
use crate::db::{DbError, Row};
use crate::keys::Sealer;
use crate::ledger_log::{LogEntry, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, ClauseId, DocumentId, Lang, OfficeId, Pii, Sha256, Text, UtcMs};

/// Most documents of one case that a page lists.
pub const LISTED: u32 = 500;
/// By which words documents are found; raised when the words are made otherwise, and then every document is indexed anew (`documents_to_index`).
const WORDS: u32 = 1;

/// The number of a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocumentNumber {
    /// Of which series.
    pub series: Series,
    /// The number itself, as `next_number` gave it.
    pub number: u32,
    /// As it is printed.
    pub text: String,
}

/// A document that was made.
#[derive(Clone)]
pub struct NewDocument {
    /// A new id.
    pub id: DocumentId,
    /// Code of its kind.
    pub kind: String,
    /// Who issues it.
    pub office: OfficeId,
    /// Its number; records of what was done have none.
    pub number: Option<DocumentNumber>,
    /// The file.
    pub pdf: Vec<u8>,
    /// Words by which it is found beside its number; nothing about a natural person.
    pub words: String,
    /// The language that it is written in.
    pub lang: Lang,
    /// The short code printed beside the address of its check; empty: it has none.
    pub check_code: String,
    /// The clauses that ask for it.
    pub clauses: Vec<ClauseId>,
    /// One sentence for the log, without persons.
    pub text: Text,
}

impl std::fmt::Debug for NewDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewDocument").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// That a document is to count no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewVoid {
    /// Which.
    pub document: DocumentId,
    /// Why, in words.
    pub why: Pii<String>,
    /// The clauses of the kind.
    pub clauses: Vec<ClauseId>,
}

/// That a document counts no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Void {
    /// Since when.
    pub at: UtcMs,
    /// Why, in words.
    pub why: Pii<String>,
    /// Place of its entry.
    pub entry: u64,
}

/// A document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocumentRow {
    /// Its id.
    pub id: DocumentId,
    /// As it is printed.
    pub number: Option<String>,
    /// Code of its kind.
    pub kind: String,
    /// Who issued it.
    pub office: OfficeId,
    /// Of which case.
    pub case: Option<CaseId>,
    /// Digest of the file, which its entry has.
    pub sha256: Sha256,
    /// Bytes of the file.
    pub bytes: u64,
    /// Who made it.
    pub by: Option<AccountId>,
    /// When.
    pub made: UtcMs,
    /// Place of its entry.
    pub entry: u64,
    /// The language that it is written in; rows of before are Chinese.
    pub lang: Lang,
    /// The short code printed beside the address of its check; empty: it has none, or an older program made it.
    pub check_code: String,
    /// It counts no more.
    pub void: Option<Void>,
}

/// What became of a document that is issued without a case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Issued {
    /// Done; the place of its entry.
    Done(u64),
    /// Its number was taken meanwhile: it is made again with the next.
    NumberTaken,
}

/// Name bound into the seal of why a document is void.
const WHY: &str = "document.void_why";

/// Name bound into the seal of a file.
fn column(id: DocumentId) -> String {
    format!("document.pdf:{id}")
}

/// The words by which a document is found: its number first.
fn found_by(number: Option<String>, words: &str) -> String {
    format!("{} {words}", number.unwrap_or_default())
}

pub(crate) fn seal(sealer: &Sealer, all: &[NewDocument]) -> Result<Vec<Vec<u8>>, StoreError> {
    all.iter().map(|d| Ok(sealer.seal(&column(d.id), &d.pdf)?)).collect()
}

pub(crate) fn entries(
    all: &[NewDocument],
    (case, by): (Option<CaseId>, Option<AccountId>),
    now: UtcMs,
) -> Vec<LogEntry> {
    let of = |d: &NewDocument| {
        let body = serde_json::json!({
            "document": d.id, "document_kind": d.kind, "number": d.number.as_ref().map(|n| n.text.as_str()), "office": d.office,
            "case": case, "sha256": Sha256::of(&d.pdf), "bytes": d.pdf.len(), "language": d.lang.tag(), "clauses": d.clauses, "by": by,
        });
        entry("document.made", now, by, &d.clauses, body, d.text.clone())
    };
    all.iter().map(of).collect()
}

pub(crate) async fn put_in(
    tx: &mut Tx,
    (all, sealed): (&[NewDocument], Vec<Vec<u8>>),
    first: u64,
    (case, by): (Option<CaseId>, Option<AccountId>),
    now: UtcMs,
) -> Result<Vec<u64>, DbError> {
    let mut out = Vec::with_capacity(all.len());
    for (entry, (d, sealed)) in (first..).zip(all.iter().zip(sealed)) {
        let number = d.number.as_ref().map(|n| n.text.clone());
        tx.exec(
            "INSERT INTO document (id, number, kind, office, case_id, sha256, bytes, pdf_sealed, account, made_ms, entry, words, lang, check_code) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            args![
                d.id,
                number.clone(),
                d.kind.as_str(),
                d.office,
                case,
                Sha256::of(&d.pdf).hex(),
                d.pdf.len() as u64,
                sealed,
                by,
                now,
                entry,
                WORDS,
                d.lang.tag(),
                d.check_code.as_str(),
            ],
        )
        .await?;
        search::index_in(tx, search::Thing::Document.code(), &d.id.to_string(), &found_by(number, &d.words)).await?;
        out.push(entry);
    }
    Ok(out)
}

pub(crate) fn seal_voids(sealer: &Sealer, all: &[NewVoid]) -> Result<Vec<SealedWords>, StoreError> {
    all.iter().map(|void| Ok(sealer.seal_words(WHY, &void.why)?)).collect()
}

/// A document counts no more, in a transaction that has locked the log; the place of the entry, or `None` where there is none or it is void
/// already.
pub(crate) async fn void_in(
    tx: &mut Tx,
    (id, clauses): (DocumentId, &[ClauseId]),
    (sealed, commitment): SealedWords,
    by: Option<AccountId>,
    now: UtcMs,
) -> Result<Option<u64>, StoreError> {
    let rows = tx.rows("SELECT number, kind FROM document WHERE id = $1 AND void_ms IS NULL", args![id]).await?;
    let Some(r) = rows.first() else { return Ok(None) };
    let name = r.text_opt(0)?.map_or_else(|| r.text(1), Ok)?;
    let body = serde_json::json!({ "document": id, "why_commitment": commitment, "clauses": clauses, "by": by });
    let text = Text::of(format!("文书作废：{name}。"), format!("Document void: {name}."));
    let place = tx.log(entry("document.void", now, by, clauses, body, text)).await?;
    let sql = "UPDATE document SET void_ms = $2, void_why_sealed = $3, void_entry = $4 WHERE id = $1";
    tx.exec(sql, args![id, now, sealed, place]).await?;
    Ok(Some(place))
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, kind, office, case_id, sha256, bytes, account, made_ms, entry, void_ms, void_why_sealed, void_entry, lang, \
             check_code FROM document ",
            $rest
        )
    };
}

impl Store {
    fn document_of(&self, r: &Row) -> Result<DocumentRow, StoreError> {
        let void = match (r.int_opt(10)?, r.blob_opt(11)?) {
            (Some(at), Some(why)) => {
                Some(Void { at: UtcMs(at), why: self.sealer.open_words(WHY, &why)?, entry: place(r, 12)? })
            }
            _ => None,
        };
        Ok(DocumentRow {
            id: r.read(0, DocumentId::parse)?,
            number: r.text_opt(1)?,
            kind: r.text(2)?,
            office: r.read(3, OfficeId::parse)?,
            case: read_opt(r, 4, CaseId::parse)?,
            sha256: r.read(5, Sha256::from_hex)?,
            bytes: place(r, 6)?,
            by: read_opt(r, 7, AccountId::parse)?,
            made: UtcMs(r.int(8)?),
            entry: place(r, 9)?,
            lang: r.read(13, Lang::parse)?,
            check_code: r.text(14)?,
            void,
        })
    }

    /// A new id for a document.
    ///
    /// # Errors
    /// No random bytes.
    pub fn new_document_id(&self, now: UtcMs) -> Result<DocumentId, crate::keys::KeyFileError> {
        Ok(DocumentId::new(now.0, crate::keys::random()?))
    }

    /// Issues a document that belongs to no case, with its number and entry.
    ///
    /// # Errors
    /// The database, the key or the log; then there is no document and no number was used.
    pub async fn issue_document(
        &self,
        d: &NewDocument,
        by: Option<AccountId>,
        now: UtcMs,
    ) -> Result<Issued, StoreError> {
        let all = std::slice::from_ref(d);
        let sealed = seal(&self.sealer, all)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if let Some(n) = &d.number
            && !claim_number(&mut tx, &n.series, n.number).await?
        {
            return Ok(Issued::NumberTaken);
        }
        let first = tx.log_all(entries(all, (None, by), now)).await?.start;
        put_in(&mut tx, (all, sealed), first, (None, by), now).await?;
        tx.commit().await?;
        Ok(Issued::Done(first))
    }

    /// One document.
    ///
    /// # Errors
    /// The database, or words that do not open.
    pub async fn document(&self, id: DocumentId) -> Result<Option<DocumentRow>, StoreError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| self.document_of(&r)).transpose()
    }

    /// The document of a number, as printed.
    ///
    /// # Errors
    /// As `document`.
    pub async fn document_by_number(&self, number: &str) -> Result<Option<DocumentRow>, StoreError> {
        self.db.row(select!("WHERE number = $1"), args![number]).await?.map(|r| self.document_of(&r)).transpose()
    }

    /// The document whose file has this digest; the newest where several have.
    ///
    /// # Errors
    /// As `document`.
    pub async fn document_by_sha256(&self, sha256: Sha256) -> Result<Option<DocumentRow>, StoreError> {
        let sql = select!("WHERE sha256 = $1 ORDER BY entry DESC LIMIT 1");
        self.db.row(sql, args![sha256.hex()]).await?.map(|r| self.document_of(&r)).transpose()
    }

    /// Documents of a case, in the order they were made, at most [`LISTED`].
    ///
    /// # Errors
    /// As `document`.
    pub async fn documents_of_case(&self, case: CaseId) -> Result<Vec<DocumentRow>, StoreError> {
        let sql = select!("WHERE case_id = $1 ORDER BY made_ms, id LIMIT $2");
        let rows = self.db.rows(sql, args![case, LISTED]).await?;
        rows.iter().map(|r| self.document_of(r)).collect()
    }

    /// Documents that an older program made and that are not found by the words of now, at most `limit`.
    ///
    /// # Errors
    /// As `document`.
    pub async fn documents_to_index(&self, limit: u32) -> Result<Vec<DocumentRow>, StoreError> {
        let rows = self.db.rows(select!("WHERE words < $1 ORDER BY words, id LIMIT $2"), args![WORDS, limit]).await?;
        rows.iter().map(|r| self.document_of(r)).collect()
    }

    /// Makes such a document be found by its number and these words, which name no natural person.
    ///
    /// # Errors
    /// The database.
    pub async fn index_document(&self, id: DocumentId, words: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let rows = tx.rows("SELECT number FROM document WHERE id = $1", args![id]).await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let text = found_by(row.text_opt(0)?, words);
        search::index_in(&mut tx, search::Thing::Document.code(), &id.to_string(), &text).await?;
        tx.exec("UPDATE document SET words = $2 WHERE id = $1", args![id, WORDS]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The file of a document.
    ///
    /// # Errors
    /// The database, or bytes that do not open.
    pub async fn document_pdf(&self, id: DocumentId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.db.row("SELECT pdf_sealed FROM document WHERE id = $1", args![id]).await?;
        row.map(|r| Ok(self.sealer.open(&column(id), &r.blob(0)?)?)).transpose()
    }

    /// A document that belongs to no case counts no more; the place of the entry, or `None` where there is none or it is void already. One of a
    /// case is void by an event of it ([`super::events::CaseChange::voids`]).
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn void_document(
        &self,
        id: DocumentId,
        why: &Pii<String>,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        let sealed = self.sealer.seal_words(WHY, why)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let place = void_in(&mut tx, (id, clauses), sealed, Some(by), now).await?;
        if place.is_some() {
            tx.commit().await?;
        }
        Ok(place)
    }
}
