//! Public rows of registers by the number that people know them by: one question to one index, over all registers at once.
//!
//! What flows through: a version that is written ─▶ [`keys`] ─▶ columns `number_key`, `row_key`; a typed number ─▶ the same writing ─▶ the newest
//! rows that the public sees. Always true: a number is found however brackets, blanks, width and letters are typed, and only as a whole; what is
//! not public, or no longer the newest version, is not found; what is read is bounded, however many rows there are.

use super::registers::{PAGE, RowVersion, row_of, select};
use crate::db::DbError;
use crate::{Store, args};
use domain::number::folded;

/// The number by which people know a row (that of its case or older register, else its own word), and its own word, each in one writing.
pub(super) fn keys(row: &str, public: &serde_json::Value) -> (String, String) {
    let word = folded(row);
    let number = folded(public["number"].as_str().unwrap_or_default());
    (if number.is_empty() { word.clone() } else { number }, word)
}

/// By what a row was made, as lists are narrowed by it.
pub(super) fn maker(public: &serde_json::Value) -> String {
    let of = |key: &str| public[key].as_str().unwrap_or_default();
    law::made_by(of("procedure"), of("outcome"))
}

impl Store {
    /// Rows of all registers that the public sees and that have this number, or this word as their own, the newest first, at most `limit` and
    /// never more than [`PAGE`]. None for a number without a sign that is seen.
    ///
    /// # Errors
    /// The database.
    pub async fn shown_rows_numbered(&self, number: &str, limit: u32) -> Result<Vec<RowVersion>, DbError> {
        let key = folded(number);
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let sql = select!(
            "WHERE entry IN (SELECT entry FROM register_row WHERE newest = 1 AND shown_ms IS NOT NULL AND number_key = $1 \
             UNION SELECT entry FROM register_row WHERE newest = 1 AND shown_ms IS NOT NULL AND row_key = $1) \
             ORDER BY entry DESC LIMIT $2"
        );
        self.db.rows(sql, args![key, limit.min(PAGE)]).await?.iter().map(row_of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_was_made_by_an_outcome_or_by_hand() {
        let of_case = serde_json::json!({ "procedure": "area_approval", "outcome": "refused" });
        assert_eq!(maker(&of_case), "area_approval:refused");
        for by_hand in
            [serde_json::json!({}), serde_json::json!({ "procedure": "", "outcome": "" }), serde_json::Value::Null]
        {
            assert_eq!(maker(&by_hand), law::made_by("", ""));
        }
    }

    #[test]
    fn a_row_is_known_by_its_number_else_by_its_own_word() {
        let of = |public: serde_json::Value| keys("Ｒ-1 A", &public);
        let (number, word) = of(serde_json::json!({ "number": "哈公技防〔2026〕1号" }));
        assert_eq!((number.as_str(), word.as_str()), (folded("哈公技防[２０２６] 1号").as_str(), "r-1a"));
        for none in [serde_json::json!({}), serde_json::json!({ "number": " " }), serde_json::json!({ "number": 7 })] {
            assert_eq!(of(none), ("r-1a".to_owned(), "r-1a".to_owned()));
        }
    }
}
