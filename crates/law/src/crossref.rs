//! References inside article texts: `第二十六条第一项、第二项`, as printed, to article, paragraph and items of the same text.
//!
//! Pure reading of Chinese legal citation: `第N条`, then perhaps `第N款`, then perhaps `第N项` with further items after `、`, `或者`, `和`.
//! A reference that follows the name of another instrument (`》第三条`) is not of this text and is left out.

use std::collections::BTreeMap;

/// Most references read from one article; the rest is not looked at (no article of a statute cites so many).
const MOST: usize = 200;

/// One reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CrossRef {
    /// Article.
    pub article: u16,
    /// Paragraph (款), if said.
    pub paragraph: Option<u16>,
    /// Items (项), if said.
    pub items: Vec<u16>,
    /// The words as printed.
    pub words: String,
}

/// Every reference of a text to its own articles, in order.
pub(crate) fn references(body: &str) -> Vec<CrossRef> {
    let mut found = Vec::new();
    let mut rest = body;
    let mut before = String::new();
    while let Some(at) = rest.find('第') {
        if found.len() >= MOST {
            break;
        }
        before.push_str(&rest[..at]);
        let tail = &rest[at..];
        let Some((article, after)) = numbered(tail, '条') else {
            before.push('第');
            rest = &tail['第'.len_utf8()..];
            continue;
        };
        let (reference, used) = whole(tail, article, after);
        // `、第五条` goes on with the instrument named before the first of them; ours never names another and then itself.
        let foreign = before.trim_end().ends_with(['》', '法']);
        if !foreign {
            found.push(reference);
        }
        before.push_str(&tail[..used]);
        rest = &tail[used..];
    }
    found
}

/// The reference that begins `tail`, whose article is read; how many bytes it takes.
fn whole(tail: &str, article: u16, after: &str) -> (CrossRef, usize) {
    let (mut rest, mut paragraph, mut items) = (after, None, Vec::new());
    if let Some((number, after)) = numbered(rest, '款') {
        (paragraph, rest) = (Some(number), after);
    }
    while let Some((number, after)) = numbered(joined(rest, !items.is_empty()), '项') {
        items.push(number);
        rest = after;
    }
    let used = tail.len() - rest.len();
    (CrossRef { article, paragraph, items, words: tail[..used].to_owned() }, used)
}

/// What follows a word that joins two items.
fn joined(rest: &str, has_item: bool) -> &str {
    if !has_item {
        return rest;
    }
    ["、", "或者", "和", "以及"].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest)
}

/// `第N` and the unit: the number and what follows.
fn numbered(text: &str, unit: char) -> Option<(u16, &str)> {
    let digits = text.strip_prefix('第')?;
    let end = digits.find(unit)?;
    let (number, after) = digits.split_at(end);
    Some((number_of(number)?, &after[unit.len_utf8()..]))
}

/// A Chinese number below one thousand, or digits; `None` for anything else.
pub(crate) fn number_of(text: &str) -> Option<u16> {
    if text.is_empty() || text.chars().count() > 7 {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let (mut sum, mut digit) = (0_u16, None);
    for c in text.chars() {
        if let Some(n) = "一二三四五六七八九".chars().position(|d| d == c) {
            if digit.is_some() {
                return None;
            }
            digit = u16::try_from(n + 1).ok();
            continue;
        }
        match c {
            '十' => sum += 10 * digit.take().unwrap_or(1),
            '百' => sum += 100 * digit.take()?,
            '零' if digit.is_none() => {}
            _ => return None,
        }
    }
    Some(sum + digit.unwrap_or(0)).filter(|n| *n > 0)
}

/// Highest item of an article as printed (`（四）`); 0 where it has none.
pub(crate) fn items_of(body: &str) -> u16 {
    let marks = body.split('（').skip(1).filter_map(|part| part.split_once('）'));
    marks.filter_map(|(number, _)| number_of(number)).max().unwrap_or(0)
}

/// Paragraphs of an article as printed.
pub(crate) fn paragraphs_of(body: &str) -> usize {
    body.lines().filter(|line| !line.trim().is_empty()).count()
}

/// Article numbers that a text cites, each once, with the words.
pub(crate) fn cited_articles(body: &str) -> BTreeMap<u16, String> {
    references(body).into_iter().map(|r| (r.article, r.words)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_read_as_written() {
        for (text, number) in [
            ("一", Some(1)),
            ("十", Some(10)),
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("二十六", Some(26)),
            ("一百", Some(100)),
            ("一百零三", Some(103)),
            ("一百一十九", Some(119)),
            ("九百九十九", Some(999)),
            ("26", Some(26)),
            ("", None),
            ("零", None),
            ("三三", None),
            ("百", None),
            ("三十日内二十条", None),
            ("甲", None),
        ] {
            assert_eq!(number_of(text), number, "{text}");
        }
    }

    #[test]
    fn items_and_paragraphs_belong_to_their_article() {
        let found = references(
            "违反本条例第二十六条第一项、第二项、第三项规定的，以及第十九条第二款、第八条第一款第二项或者第四项的",
        );
        let short: Vec<_> = found.iter().map(|r| (r.article, r.paragraph, r.items.clone())).collect();
        assert_eq!(short, [(26, None, vec![1, 2, 3]), (19, Some(2), vec![]), (8, Some(1), vec![2, 4])]);
        assert_eq!(found[0].words, "第二十六条第一项、第二项、第三项");
    }

    #[test]
    fn other_instruments_and_ordinals_are_no_references() {
        assert!(references("依照《中华人民共和国治安管理处罚法》第四十二条、第三次会议、本市第一中学").is_empty());
        assert_eq!(references("第三次；第二十四条").len(), 1);
        assert!(references(&"第".repeat(10_000)).is_empty());
        assert_eq!(references(&"第一条".repeat(1_000)).len(), MOST);
    }

    #[test]
    fn items_are_counted_as_printed() {
        assert_eq!(items_of("下列义务：（一）甲；（二）乙；（四）丙。"), 4);
        assert_eq!(items_of("县（含县级市）"), 0);
        assert_eq!(paragraphs_of("a\n\nb\n"), 2);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[第条款项一二十百零、（）》法a \n]{0,60}") {
            for reference in references(&text) {
                prop_assert!(text.contains(&reference.words));
            }
            items_of(&text);
        }
    }
}
