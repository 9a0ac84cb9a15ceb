//! Search in Chinese and mixed text without an extension of the database: pairs of signs in an ordinary index.
//!
//! ```text
//! text ─▶ normal (half width, lower case, words) ─▶ pairs ─▶ table gram, in the transaction that stores the thing
//! query ─▶ normal ─▶ its rarest pair ─▶ things that have it, newest first, in steps ─▶ those whose text holds every word
//! ```
//! Only a few pairs are counted and never beyond `COUNTED`, and a question looks at no more than `STEP * STEPS` things, so its time does not
//! grow with the number of things; where more could match than were looked at, the answer says so.
//! Always true: what is found holds every word of the query; nothing about a natural person is ever indexed (callers hand in numbers, names of
//! units, titles and wordings without persons).

use crate::db::{Bulk, DbError};
use crate::ledger_log::Tx;
use crate::{Store, args};
use std::collections::BTreeSet;

/// Most signs of a thing that are indexed; the rest is not found.
pub const TEXT_CHARS: usize = 500;
/// The same of a document, which is found by what it says.
pub const WORDING_CHARS: usize = 2_000;
/// Longest query, signs.
pub const QUERY_CHARS: usize = 60;
/// Most words of a query.
pub const QUERY_WORDS: usize = 8;
/// Most results of one question.
pub const RESULTS: u32 = 100;
/// A pair is counted up to here, to find the rarest.
const COUNTED: u32 = 2_000;
/// Things looked at in one step, and most steps of a question.
const STEP: u32 = 1_000;
const STEPS: usize = 5;

/// What is searched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing {
    /// Cases, by number, title and the facts of their forms without persons.
    Case,
    /// Units, by name and code.
    Party,
    /// Documents, by number and by their words without persons.
    Document,
}

impl Thing {
    /// Word of its rows.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Party => "party",
            Self::Document => "document",
        }
    }
}

/// What a search found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Ids as text, the newest first.
    pub things: Vec<String>,
    /// From where to go on; `None` when that was all. A page may be short, even empty, and others follow.
    pub next: Option<String>,
}

/// A text as it is compared: full width becomes half width, letters small, whatever is no letter or digit one blank.
#[must_use]
pub fn normal(text: &str) -> String {
    tidy(text, TEXT_CHARS)
}

/// The same of no more than so many signs.
fn tidy(text: &str, most_chars: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(most_chars) {
        let c = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(' '),
            c => c,
        };
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Neighbouring signs of each word.
fn grams(normal: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for word in normal.split(' ') {
        for (a, b) in word.chars().zip(word.chars().skip(1)) {
            out.insert(String::from_iter([a, b]));
        }
    }
    out
}

static GRAMS: Bulk = Bulk::new("INSERT INTO gram (gram, kind, thing) VALUES", 3);

/// Makes a thing be found by this text and no longer by the one before; an empty text takes it out.
pub(crate) async fn index_in(tx: &mut Tx, kind: &str, thing: &str, text: &str) -> Result<(), DbError> {
    let is_document = kind == Thing::Document.code();
    let new = tidy(text, if is_document { WORDING_CHARS } else { TEXT_CHARS });
    let rows = tx.rows("SELECT text FROM search_text WHERE kind = $1 AND thing = $2", args![kind, thing]).await?;
    let old = rows.first().map_or_else(|| Ok(String::new()), |r| r.text(0))?;
    if old == new {
        return Ok(());
    }
    let (was, is) = (grams(&old), grams(&new));
    for gram in was.difference(&is) {
        let sql = "DELETE FROM gram WHERE gram = $1 AND kind = $2 AND thing = $3";
        tx.exec(sql, args![gram.as_str(), kind, thing]).await?;
    }
    tx.insert_all(&GRAMS, is.difference(&was).map(|gram| args![gram.as_str(), kind, thing]).collect()).await?;
    if new.is_empty() {
        tx.exec("DELETE FROM search_text WHERE kind = $1 AND thing = $2", args![kind, thing]).await?;
    } else {
        let sql = "INSERT INTO search_text (kind, thing, text) VALUES ($1, $2, $3) \
                   ON CONFLICT (kind, thing) DO UPDATE SET text = excluded.text";
        tx.exec(sql, args![kind, thing, new]).await?;
    }
    Ok(())
}

/// The text by a question of its own for each thing: a join might be made over all texts there are.
const OF_GRAM: &str = "SELECT g.thing, (SELECT s.text FROM search_text s WHERE s.kind = $2 AND s.thing = g.thing) FROM \
                       (SELECT thing FROM gram WHERE gram = $1 AND kind = $2 AND thing < $3 ORDER BY thing DESC LIMIT $4) g \
                       ORDER BY g.thing DESC";

impl Store {
    /// Things whose text holds every word of the query, the newest first, at most `limit` and never more than [`RESULTS`]; `before` goes on
    /// from a page before. `None` where nothing can be searched: no word of two signs, more than [`QUERY_CHARS`] or [`QUERY_WORDS`].
    ///
    /// # Errors
    /// The database.
    pub async fn search(
        &self,
        kind: Thing,
        query: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Option<Found>, DbError> {
        self.search_in(kind.code(), query, before, limit).await
    }

    pub(crate) async fn search_in(
        &self,
        kind: &str,
        query: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Option<Found>, DbError> {
        if query.chars().count() > QUERY_CHARS {
            return Ok(None);
        }
        let query = normal(query);
        let words: Vec<_> = query.split(' ').collect();
        let pairs = grams(&query);
        if words.len() > QUERY_WORDS || pairs.is_empty() {
            return Ok(None);
        }
        let Some(lead) = self.rarest(kind, &pairs).await? else { return Ok(Some(Found::default())) };
        let limit = usize::try_from(limit.clamp(1, RESULTS)).unwrap_or(1);
        let mut found = Found { things: Vec::new(), next: Some(before.unwrap_or(super::TOP).to_owned()) };
        for _ in 0..STEPS {
            let Some(from) = found.next.take() else { break };
            let rows = self.db.rows(OF_GRAM, args![lead.as_str(), kind, from, STEP]).await?;
            for row in &rows {
                let thing = row.text(0)?;
                // A thing without a text: the database was changed from outside. It holds no word.
                let text = row.text_opt(1)?.unwrap_or_default();
                if words.iter().all(|word| text.contains(*word)) {
                    found.things.push(thing.clone());
                }
                if found.things.len() == limit {
                    found.next = Some(thing);
                    return Ok(Some(found));
                }
                found.next = Some(thing);
            }
            if u32::try_from(rows.len()).unwrap_or(u32::MAX) < STEP {
                found.next = None;
            }
        }
        Ok(Some(found))
    }

    /// The pair that the fewest things have, as far as they are counted; `None` when one of them is nowhere.
    async fn rarest(&self, kind: &str, pairs: &BTreeSet<String>) -> Result<Option<String>, DbError> {
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM gram WHERE gram = $1 AND kind = $2 LIMIT $3) AS counted";
        let mut best: Option<(i64, &String)> = None;
        for pair in pairs {
            let most = best.map_or(i64::from(COUNTED), |(count, _)| count);
            let count = self.db.row(sql, args![pair.as_str(), kind, most]).await?.map_or(Ok(0), |r| r.int(0))?;
            if count == 0 {
                return Ok(None);
            }
            if best.is_none_or(|(least, _)| count < least) {
                best = Some((count, pair));
            }
        }
        Ok(best.map(|(_, pair)| pair.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_compared_by_what_it_says() {
        assert_eq!(normal("  ＡＢＣ（沈阳）　Tower-7号！ "), "abc 沈阳 tower 7号");
        assert_eq!(normal("沈公技防〔2026〕12号"), "沈公技防 2026 12号");
        assert_eq!(normal("\0\n——"), "");
        assert_eq!(normal(&"长".repeat(TEXT_CHARS + 7)).chars().count(), TEXT_CHARS);
        assert_eq!(tidy(&"长".repeat(WORDING_CHARS + 7), WORDING_CHARS).chars().count(), WORDING_CHARS);
    }

    #[test]
    fn pairs_do_not_reach_over_words() {
        let of = |text: &str| grams(&normal(text)).into_iter().collect::<Vec<_>>();
        assert_eq!(of("A座 银行"), ["a座", "银行"]);
        assert_eq!(of("大连大连"), ["大连", "连大"]);
        assert!(of("甲 乙 7").is_empty());
    }
}
