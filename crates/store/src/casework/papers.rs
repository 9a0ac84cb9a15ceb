//! Papers that are given with a case: bytes as they came, in the table of all papers, sealed and without a name; here what they are.
//!
//! Always true: what a paper is (`sniff`) is said by its first bytes and never by its name, and it is only ever handed out as a download;
//! the same bytes are stored once; the name, which may name a person, is sealed for its case.

use super::{number, place};
use crate::db::DbError;
use crate::keys::Sealer;
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, Pii, Sha256, UtcMs, limits};

/// Most papers of one case.
pub const PAPERS: usize = 500;

/// A paper that was given.
#[derive(Clone)]
pub struct NewPaper {
    /// Word of the material in the procedure; empty for one that no list names.
    pub material: String,
    /// Its name, as the person's own computer called it.
    pub name: Pii<String>,
    /// As it came; at most `limits::UPLOAD_BYTES`.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for NewPaper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPaper")
            .field("material", &self.material)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// A paper of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CasePaper {
    /// Its place among the papers of the case, from 1.
    pub n: u32,
    /// Word of the material; empty for one that no list names.
    pub material: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Bytes.
    pub bytes: u64,
    /// What its first bytes say.
    pub media_type: String,
    /// Its name.
    pub name: Pii<String>,
    /// Events that the case had with it.
    pub event: u32,
    /// When.
    pub at: UtcMs,
    /// Who entered it.
    pub by: Option<AccountId>,
}

/// What is ready to be stored of a paper.
pub(crate) struct SealedPaper {
    sha256: Sha256,
    media_type: &'static str,
    bytes: Vec<u8>,
    name: Vec<u8>,
}

/// Name bound into the seal of a paper's name.
const NAME: &str = "case_paper.name";

/// What bytes are, by how they begin; `application/octet-stream` for whatever is not known.
#[must_use]
pub fn sniff(bytes: &[u8]) -> &'static str {
    const KINDS: [(&[u8], &str); 7] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        // Also documents of office programs and OFD, which are such archives.
        (b"PK\x03\x04", "application/zip"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    ];
    KINDS.iter().find(|(begin, _)| bytes.starts_with(begin)).map_or("application/octet-stream", |(_, kind)| *kind)
}

const fn is_small(p: &NewPaper) -> bool {
    p.bytes.len() <= limits::UPLOAD_BYTES
}

pub(crate) fn seal(sealer: &Sealer, papers: &[NewPaper]) -> Result<Vec<SealedPaper>, StoreError> {
    let one = |p: &NewPaper| -> Result<SealedPaper, StoreError> {
        Ok(SealedPaper {
            sha256: Sha256::of(&p.bytes),
            media_type: sniff(&p.bytes),
            // One that is too large is refused when its room is looked at (`fits`): nobody waits for its seal.
            bytes: if is_small(p) { sealer.seal("paper", &p.bytes)? } else { Vec::new() },
            name: sealer.seal(NAME, p.name.expose().as_bytes())?,
        })
    };
    papers.iter().map(one).collect()
}

async fn count(tx: &mut Tx, case: CaseId) -> Result<u32, DbError> {
    let rows = tx.rows("SELECT COUNT(*) FROM case_paper WHERE case_id = $1", args![case]).await?;
    rows.first().map_or(Ok(0), |r| number(r, 0))
}

/// Whether there is room for these papers.
pub(crate) async fn fits(tx: &mut Tx, case: CaseId, papers: &[NewPaper]) -> Result<bool, DbError> {
    if papers.is_empty() {
        return Ok(true);
    }
    let small = papers.iter().all(is_small);
    let there = usize::try_from(count(tx, case).await?).unwrap_or(usize::MAX);
    Ok(small && there.saturating_add(papers.len()) <= PAPERS)
}

pub(crate) async fn put_in(
    tx: &mut Tx,
    case: CaseId,
    (sealed, papers): (Vec<SealedPaper>, &[NewPaper]),
    (event, by): (u32, Option<AccountId>),
    now: UtcMs,
) -> Result<(), DbError> {
    if papers.is_empty() {
        return Ok(());
    }
    let there = count(tx, case).await?;
    for (n, (s, p)) in (there + 1..).zip(sealed.into_iter().zip(papers)) {
        let sha256 = s.sha256.hex();
        tx.exec(
            "INSERT INTO paper (sha256, name, media_type, bytes, sealed, created_ms) VALUES ($1, '', $2, $3, $4, $5) \
             ON CONFLICT (sha256) DO NOTHING",
            args![sha256.as_str(), s.media_type, p.bytes.len() as u64, s.bytes, now],
        )
        .await?;
        tx.exec(
            "INSERT INTO case_paper (case_id, n, material, sha256, bytes, media_type, name_sealed, event, at_ms, account) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            args![case, n, p.material.as_str(), sha256, p.bytes.len() as u64, s.media_type, s.name, event, now, by],
        )
        .await?;
    }
    Ok(())
}

impl Store {
    /// Papers of a case, in the order they came.
    ///
    /// # Errors
    /// The database, or a name that does not open.
    pub async fn case_papers(&self, case: CaseId) -> Result<Vec<CasePaper>, StoreError> {
        let sql = "SELECT n, material, sha256, bytes, media_type, name_sealed, event, at_ms, account FROM case_paper \
                   WHERE case_id = $1 ORDER BY n";
        let mut out = Vec::new();
        for r in self.db.rows(sql, args![case]).await? {
            out.push(CasePaper {
                n: number(&r, 0)?,
                material: r.text(1)?,
                sha256: r.read(2, Sha256::from_hex)?,
                bytes: place(&r, 3)?,
                media_type: r.text(4)?,
                name: self.sealer.open_text(NAME, &r.blob(5)?)?,
                event: number(&r, 6)?,
                at: UtcMs(r.int(7)?),
                by: super::read_opt(&r, 8, AccountId::parse)?,
            });
        }
        Ok(out)
    }

    /// Bytes of a paper of this case; `None` where the case has no such paper, whatever else is stored under the digest.
    ///
    /// # Errors
    /// The database, or bytes that do not open.
    pub async fn case_paper_bytes(&self, case: CaseId, n: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let sql =
            "SELECT p.sealed FROM case_paper c JOIN paper p ON p.sha256 = c.sha256 WHERE c.case_id = $1 AND c.n = $2";
        let row = self.db.row(sql, args![case, n]).await?;
        row.map(|r| Ok(self.sealer.open("paper", &r.blob(0)?)?)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_is_what_its_first_bytes_say() {
        let all: [(&[u8], &str); 7] = [
            (b"%PDF-1.7\n", "application/pdf"),
            (b"\x89PNG\r\n\x1a\n....", "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"PK\x03\x04", "application/zip"),
            (b"<html><script>", "application/octet-stream"),
            (b"", "application/octet-stream"),
            (b"%PD", "application/octet-stream"),
        ];
        for (bytes, kind) in all {
            assert_eq!(sniff(bytes), kind, "{bytes:?}");
        }
    }
}
