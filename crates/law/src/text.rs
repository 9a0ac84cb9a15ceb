//! Reads `text.md` of a pack: one `## … (art. N)` heading an article. Lines that begin with `>` are remarks of ours (gaps, slips)
//! and are kept apart from the article's own text, so that the hash covers the text and nothing else.

use crate::PackError;
use base::Sha256;
use std::collections::BTreeMap;

/// Most articles read from one file; more is an error, not a truncation.
const MOST_ARTICLES: usize = 2_000;

/// One article as given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Article {
    /// Number.
    pub number: u16,
    /// Heading as printed, e.g. `第二十三条`.
    pub heading: String,
    /// Text as given (or, in a pack of gists, our words about it).
    pub body: String,
    /// Remarks of ours: where text is missing or slips.
    pub remarks: Vec<String>,
    /// SHA-256 (hex) of `body`.
    pub sha256: String,
}

/// The articles of a text, by number.
pub(crate) fn articles(file: &str, text: &str) -> Result<BTreeMap<u16, Article>, PackError> {
    let mut found: BTreeMap<u16, Article> = BTreeMap::new();
    let mut open: Option<Article> = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("## ") {
            close(&mut found, open.take());
            let article = heading_of(file, index + 1, heading)?;
            if found.contains_key(&article.number) {
                return Err(PackError::at(file, index + 1, format!("article {} stands here twice", article.number)));
            }
            if found.len() >= MOST_ARTICLES {
                return Err(PackError::at(file, index + 1, format!("more than {MOST_ARTICLES} articles")));
            }
            open = Some(article);
        } else if line.starts_with("# ") {
            close(&mut found, open.take());
        } else if let Some(article) = &mut open {
            if let Some(remark) = line.strip_prefix('>') {
                article.remarks.push(remark.trim().to_owned());
            } else {
                article.body.push_str(line.trim_end());
                article.body.push('\n');
            }
        }
    }
    close(&mut found, open);
    if found.is_empty() {
        return Err(PackError::file(file, "no article found; an article begins with `## heading (art. N)`"));
    }
    Ok(found)
}

fn heading_of(file: &str, line: usize, heading: &str) -> Result<Article, PackError> {
    let (name, rest) =
        heading.split_once("(art. ").ok_or_else(|| PackError::at(file, line, "heading without `(art. N)`"))?;
    let number = rest
        .trim()
        .strip_suffix(')')
        .and_then(|n| n.parse().ok())
        .ok_or_else(|| PackError::at(file, line, "the number in `(art. N)` is not a number below 65536"))?;
    Ok(Article {
        number,
        heading: name.trim().to_owned(),
        body: String::new(),
        remarks: Vec::new(),
        sha256: String::new(),
    })
}

fn close(found: &mut BTreeMap<u16, Article>, article: Option<Article>) {
    if let Some(mut article) = article {
        article.body = article.body.trim().to_owned();
        article.sha256 = Sha256::of(article.body.as_bytes()).hex();
        found.insert(article.number, article);
    }
}

#[cfg(test)]
mod tests {
    use super::articles;

    #[test]
    fn remarks_are_not_text_and_chapters_end_an_article() {
        let text = "# t\n\n## 第一条 (art. 1)\n\nab \ncd\n\n> gap\n\n# 第二章\nnot an article\n## 第二条 (art. 2)\nx";
        let found = articles("t", text).unwrap();
        assert_eq!(found[&1].body, "ab\ncd");
        assert_eq!(found[&1].remarks, ["gap"]);
        assert_eq!(found[&1].sha256, base::Sha256::of("ab\ncd".as_bytes()).hex());
        assert_eq!(found[&2].body, "x");
    }

    #[test]
    fn a_bad_heading_names_its_line() {
        for (text, line) in [("x\n## no number", 2), ("## a (art. x)", 1), ("## a (art. 1)\n## b (art. 1)", 2)] {
            assert_eq!(articles("t", text).unwrap_err().line, Some(line), "{text}");
        }
        assert!(articles("t", "nothing").is_err());
        let many: String = (1..=2_001).map(|n| format!("## a (art. {n})\n")).collect();
        assert_eq!(articles("t", &many).unwrap_err().line, Some(2_001));
    }
}
