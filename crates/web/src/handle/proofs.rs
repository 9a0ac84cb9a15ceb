//! What the log proves of a public thing: the box on its page, the entry's bytes and the proof file that anybody checks without this server.
//!
//! Always true: only entries of what is public are handed out (versions of rows that the public sees, states of their registers, publications,
//! documents that are served on somebody, draws); such an entry has ids, digests and commitments, and names nobody; the proof was checked before it
//! is given.

use super::case_documents::is_inner;
use super::inbox::of;
use super::public::{keep, slowly};
use super::registers::open_registers;
use crate::answer::{Reply, attach, body, down, no_page};
use crate::call::Call;
use crate::limiter::PUBLIC_SEARCH;
use crate::pages::registers::ProofBox;
use axum::http::StatusCode;
use base::{DocumentId, Refusal, Sha256};
use domain::register_state::STATE_KIND;
use ledger::{Entry, LogVerifier, ProofFile};

/// An entry with its proof.
pub(super) struct Proved {
    /// As read.
    pub entry: Entry,
    /// Place.
    index: u64,
    bytes: Vec<u8>,
    file: ProofFile,
    /// Entries under the checkpoint, and its root.
    size: u64,
    root: Sha256,
}

impl Proved {
    /// The box of a page.
    pub(super) fn shown(&self, call: &Call) -> ProofBox {
        let own = call.site().store().ledger().key().vkey().name().to_owned();
        let checkpoint = String::from_utf8_lossy(&self.file.checkpoint);
        let signers = checkpoint.lines().filter_map(|l| l.strip_prefix("— ")).filter_map(|l| l.split(' ').next());
        ProofBox {
            entry: self.index,
            at: self.entry.at_utc_ms,
            leaf: ledger::leaf_hash(&self.bytes).hex(),
            size: self.size,
            root: self.root.hex(),
            witnesses: signers.filter(|name| *name != own).map(str::to_owned).collect(),
            href: format!("/public/entries/{}/proof", self.index),
            entry_href: format!("/public/entries/{}", self.index),
        }
    }

    /// Entry and proof as texts.
    pub(super) fn texts(&self) -> (String, String) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&self.bytes), text(&self.file.to_text()))
    }
}

/// An entry and its proof, checked; `None` while no checkpoint covers it. `fresh`: the caller knows that the entry is there, so it is brought
/// under a checkpoint now.
pub(super) async fn prove(call: &Call, index: u64, fresh: bool) -> Result<Option<Proved>, Refusal> {
    let store = call.site().store();
    if fresh && index >= store.ledger().head().0.size {
        store.flush_ledger().await?;
    }
    if index >= store.ledger().head().0.size {
        return Ok(None);
    }
    let log = store.ledger().clone();
    let (entry_bytes, file) = tokio::task::spawn_blocking(move || log.prove(index)).await.map_err(down)??;
    let entry = entry_bytes.parse().map_err(down)?;
    let bytes = entry_bytes.as_bytes().to_vec();
    let checked = LogVerifier::new(store.ledger().key().vkey()).check_file(&file.to_text(), &bytes).map_err(down)?;
    Ok(Some(Proved { entry, index, bytes, file, size: checked.size, root: checked.root }))
}

/// Whether an entry is of something that the public sees.
async fn is_open(call: &Call, proved: &Proved) -> Result<bool, Refusal> {
    Ok(match proved.entry.kind.as_str() {
        "publication.made" | "publication.withdrawn" | "draw.pool" | "draw.made" | "draw.replaced" | STATE_KIND => true,
        // What stays in a file tells what an office is about to do: an inspection that nobody was told of.
        "document.made" | "document.void" => {
            let id = proved.entry.body["document"].as_str().and_then(DocumentId::parse);
            match id {
                Some(id) => call.site().store().document(id).await?.is_some_and(|row| !is_inner(&row)),
                None => false,
            }
        }
        "register.row" => {
            let row = call.site().store().row_of_entry(proved.index).await?.filter(|row| row.shown.is_some());
            row.is_some_and(|row| open_registers(call).iter().any(|r| r.id == row.register))
        }
        _ => false,
    })
}

/// The entry of a row, for staff: they see registers that the public does not.
pub(super) async fn entry_file(call: &Call, index: u64) -> Reply {
    let found = prove(call, index, true).await?.ok_or_else(no_page)?;
    let mut answer = body(StatusCode::OK, "application/json", found.bytes);
    attach(&mut answer, &format!("entry-{index}.json"));
    Ok(answer)
}

/// The proof file of the entry of a row, for staff.
pub(super) async fn proof_file(call: &Call, index: u64) -> Reply {
    let found = prove(call, index, true).await?.ok_or_else(no_page)?;
    let mut answer = body(StatusCode::OK, "text/plain; charset=utf-8", found.file.to_text());
    attach(&mut answer, &format!("entry-{index}.tlog-proof"));
    Ok(answer)
}

async fn open_entry(call: &Call) -> Result<Proved, Refusal> {
    of(call)?;
    slowly(call, "public_search", PUBLIC_SEARCH)?;
    let index: u64 = call.param(0).parse().map_err(|_| no_page())?;
    let missing = || Refusal::not_found("该公开条目", "public entry");
    let found = prove(call, index, false).await?.ok_or_else(missing)?;
    if is_open(call, &found).await? { Ok(found) } else { Err(missing()) }
}

/// The bytes of an entry that the public sees; `None`: there is none at that place.
pub(super) async fn open_bytes(call: &Call, index: u64) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(found) = prove(call, index, false).await? else { return Ok(None) };
    Ok(is_open(call, &found).await?.then_some(found.bytes))
}

/// `GET /public/entries/{index}`: the bytes that the proof is about.
pub(crate) async fn entry(call: Call) -> Reply {
    let found = open_entry(&call).await?;
    let mut answer = body(StatusCode::OK, "application/json", found.bytes);
    attach(&mut answer, &format!("entry-{}.json", found.index));
    keep(&call, &mut answer);
    Ok(answer)
}

/// `GET /public/entries/{index}/proof`: the proof file (C2SP tlog-proof).
pub(crate) async fn proof(call: Call) -> Reply {
    let found = open_entry(&call).await?;
    let mut answer = body(StatusCode::OK, "text/plain; charset=utf-8", found.file.to_text());
    attach(&mut answer, &format!("entry-{}.tlog-proof", found.index));
    keep(&call, &mut answer);
    Ok(answer)
}
