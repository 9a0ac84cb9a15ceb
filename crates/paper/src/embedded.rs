//! The built-in template files: those that every document shares, and one for each document.

/// Files that every document may use: the look, and the blocks of papers of casework.
pub(crate) const SHARED: [(&str, &str); 2] = [
    ("official.typ", include_str!("../templates/official.typ")),
    ("casework.typ", include_str!("../templates/casework.typ")),
];

macro_rules! documents {
    ($($name:literal),+ $(,)?) => {
        /// Documents by name, with the text of their file.
        const DOCUMENTS: &[(&str, &str)] = &[$(($name, include_str!(concat!("../templates/", $name, ".typ")))),+];
    };
}

documents![
    "duty-report",
    "application",
    "material-receipt",
    "completion-notice",
    "acceptance-notice",
    "non-acceptance",
    "extension-notice",
    "special-procedure-notice",
    "grant-decision",
    "refusal-decision",
    "revocation-decision",
    "general-decision",
    "certificate",
    "filing-receipt",
    "filing-change",
    "filing-refusal",
    "filing-cancellation",
    "plan-examination-opinion",
    "plan-review-record",
    "consultation-refusal",
    "acceptance-record",
    "inspection-approval",
    "inspection-notice",
    "inspection-record",
    "verification-answer",
    "order-at-once",
    "order-with-limit",
    "order-extension",
    "recheck-opinion",
    "transfer-letter",
    "case-approval",
    "questioning-record",
    "scene-record",
    "sampling-notice",
    "sampling-outcome",
    "evidence-approval",
    "evidence-registration",
    "evidence-outcome",
    "investigation-report",
    "group-discussion",
    "prior-notice",
    "statement-record",
    "hearing-notice",
    "hearing-record",
    "hearing-report",
    "penalty-decision",
    "no-penalty-decision",
    "no-case-notice",
    "reporter-notice",
    "on-the-spot-decision",
    "service-receipt",
    "deferred-payment",
    "deferral-request",
    "deferral-refusal",
    "payment-reminder",
    "enforcement-decision",
    "enforcement-request",
    "case-closing-report",
    "viewing-decision",
    "viewing-refusal",
    "viewing-record",
    "retrieval-papers",
    "retrieval-list",
    "extraction-record",
    "handover-receipt",
    "access-register-extract",
    "act-record",
    "warning-notice",
    "register-extract",
    "penalty-publication",
    "withdrawal-notice",
    "draw-result",
    "bulletin",
    "decision-approval",
    "file-cover",
    "file-index",
];

/// Names of the documents that there are templates for, e.g. `duty-report`.
pub fn documents() -> impl Iterator<Item = &'static str> {
    DOCUMENTS.iter().map(|(name, _)| *name)
}

/// Every built-in file by its name: the shared ones, and one a document.
pub fn built_in_files() -> impl Iterator<Item = (String, &'static str)> {
    let shared = SHARED.iter().map(|(name, text)| ((*name).to_owned(), *text));
    shared.chain(DOCUMENTS.iter().map(|(name, text)| (format!("{name}.typ"), *text)))
}

/// The built-in file of a document.
pub(crate) fn built_in(document: &str) -> Option<&'static str> {
    DOCUMENTS.iter().find(|(name, _)| *name == document).map(|(_, text)| *text)
}

/// The file is that of a document.
pub(crate) fn is_document(file: &str) -> bool {
    file.strip_suffix(".typ").is_some_and(|name| built_in(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_of_the_folder_is_built_in_once() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let there = std::fs::read_dir(folder).unwrap();
        let there: BTreeSet<String> = there.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        let shared = SHARED.iter().map(|(name, _)| (*name).to_owned());
        let ours: Vec<String> = documents().map(|name| format!("{name}.typ")).chain(shared).collect();
        assert_eq!(ours.iter().cloned().collect::<BTreeSet<_>>(), there);
        assert_eq!(ours.len(), there.len(), "none stands twice");
        assert!(is_document("duty-report.typ") && !is_document("official.typ") && !is_document("duty-report"));
    }
}
