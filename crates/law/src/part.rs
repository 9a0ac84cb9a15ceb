//! A part of an article that is no clause by itself: who asks for `B-28` or `B-28-1` is shown the article and its clauses.

use crate::{Article, Clause, Pack, Packs};

/// Clauses proposed to somebody whose id is none.
const NEAR: usize = 20;

/// An article, and the clauses of it whose ids begin so.
#[derive(Clone, Debug)]
pub struct ArticlePart<'a> {
    /// The instrument.
    pub pack: &'a Pack,
    /// The article.
    pub article: &'a Article,
    /// Its clauses, in the order of the file; never empty.
    pub clauses: Vec<&'a Clause>,
}

impl Packs {
    /// The article that an id stands for when it is the beginning of clauses and no clause itself: `B-28`, `B-28-1`.
    #[must_use]
    pub fn article_part(&self, id: &str) -> Option<ArticlePart<'_>> {
        let pack = self.all().iter().find(|p| id.strip_prefix(&p.head.id).is_some_and(|rest| rest.starts_with('-')))?;
        let below = |c: &&Clause| c.id.strip_prefix(id).is_some_and(|rest| rest.starts_with('-'));
        let clauses: Vec<&Clause> = pack.clauses.iter().filter(below).collect();
        let article = pack.articles.get(&clauses.first()?.article)?;
        Some(ArticlePart { pack, article, clauses })
    }

    /// Clauses whose ids begin as this one does, as far as any do: for somebody who left a part out or mistyped.
    #[must_use]
    pub fn clauses_near(&self, id: &str) -> Vec<&str> {
        let ids = || self.all().iter().flat_map(|p| &p.clauses).map(|c| c.id.as_str());
        let ends = id.char_indices().map(|(at, letter)| at + letter.len_utf8()).rev();
        let mut begins = ends.filter_map(|end| id.get(..end));
        let found = begins.find(|begin| ids().any(|id| id.starts_with(begin)));
        found.map(|begin| ids().filter(|id| id.starts_with(begin)).take(NEAR).collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_clauses_is_their_article() {
        let packs = Packs::embedded().unwrap();
        for (id, article, clauses) in [("B-28", 28, 3), ("B-28-1", 28, 3), ("B-19-2", 19, 3), ("A-23", 23, 4)] {
            let part = packs.article_part(id).unwrap();
            assert_eq!((part.article.number, part.clauses.len()), (article, clauses), "{id}");
        }
        for none in ["B-28-1-1", "B-2-", "B-280", "B", "B-", "X-1", "", "-", "B-28-", "b-28"] {
            assert!(packs.article_part(none).is_none(), "{none}");
        }
    }

    #[test]
    fn what_is_near_begins_alike_and_is_bounded() {
        let packs = Packs::embedded().unwrap();
        assert_eq!(packs.clauses_near("B-28-9"), ["B-28-1-1", "B-28-1-2", "B-28-1-3"]);
        assert_eq!(packs.clauses_near("B-280"), ["B-28-1-1", "B-28-1-2", "B-28-1-3"]);
        assert_eq!(packs.clauses_near("B").len(), NEAR);
        assert!(packs.clauses_near("第二十八条").is_empty() && packs.clauses_near("").is_empty());
    }
}
