//! What a person writes in their own words, over several lines: bounded, without control characters, and with letters in it.

use base::Pii;

/// The words as they are kept; `None` where the letters are too few, the characters too many, or some are control characters.
pub(crate) fn own_words(text: &str, (least, most): (usize, usize)) -> Option<Pii<String>> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let plain = text.chars().all(|c| c == '\n' || !c.is_control());
    (letters >= least && text.chars().count() <= most && plain).then(|| Pii::new(text.to_owned()))
}
