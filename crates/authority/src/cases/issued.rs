//! Documents that belong to no case: made from what a plan or a register says, set, entered and handed out at once.
//!
//! ```text
//! envelope ─▶ address of the check, with the id of the document ─▶ check ─▶ press ─▶ issue_document: entry and row, one transaction ─▶ bytes
//! ```
//! Always true: nobody has the bytes before the entry stands; made again it is another document with an entry of its own; it has no number,
//! so nothing is used up where something fails.

use super::documents::{check_url, incomplete};
use crate::Authority;
use base::{AccountId, DocumentId, Lang, OfficeId, Refusal, Sha256, Text};
use domain::document::{Document, Envelope};
use paper::Order;
use store::StoreError;
use store::casework::documents::{Issued, NewDocument};

/// A document of no case.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedPaper {
    /// Its id.
    pub document: DocumentId,
    /// Name of its file.
    pub file: String,
    /// The file.
    pub pdf: Vec<u8>,
    /// Digest of the file, as in its entry.
    pub sha256: Sha256,
    /// Place of its entry.
    pub entry: u64,
    /// What its code opens; none while this server has no public address.
    pub url: Option<String>,
}

impl std::fmt::Debug for IssuedPaper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedPaper")
            .field("document", &self.document)
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// Sets what a paper says, enters it and gives its bytes. `about` is said in the entry after the name of the kind: of what it is.
    ///
    /// # Errors
    /// `paper_incomplete`, the press, or the store; then nothing is entered.
    pub(super) async fn issue(
        &self,
        (account, office): (AccountId, OfficeId),
        document: &'static Document,
        (sheet, lang): (Envelope, Lang),
        about: &str,
    ) -> Result<IssuedPaper, Refusal> {
        let now = self.now();
        let id = self.store().new_document_id(now).map_err(StoreError::from)?;
        let url = self.public_address().await?.map(|address| check_url(&address, id));
        let sheet = match &url {
            Some(url) => sheet.verified_at(document, url.clone()),
            None => sheet,
        };
        sheet.check(document).map_err(|faults| incomplete(&faults))?;
        let order = Order { document: document.template(), at: now, lang, values: sheet.values() };
        let set = self.press().print(order).await?;
        let new = NewDocument {
            id,
            kind: document.code.to_owned(),
            office,
            number: None,
            pdf: set.pdf,
            // It belongs to no case, and the search leads to cases.
            words: String::new(),
            lang,
            check_code: sheet.check_code().to_owned(),
            clauses: document.clause().into_iter().collect(),
            text: Text::of(
                format!("制作《{}》：{about}。", document.zh),
                format!("The paper \"{}\" is made: {about}.", document.en),
            ),
        };
        match self.store().issue_document(&new, Some(account), now).await? {
            Issued::Done(entry) => {
                let file = format!("{}-{id}.pdf", document.template());
                Ok(IssuedPaper { document: id, file, pdf: new.pdf, sha256: set.digest, entry, url })
            }
            // Without a number none can be taken.
            Issued::NumberTaken => Err(super::fault(&"a document without a number")),
        }
    }
}
