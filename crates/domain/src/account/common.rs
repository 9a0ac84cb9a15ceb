//! Passwords that everybody guesses first, of the length that is allowed at all. Compared without case and without the digits
//! and signs at the end, so that `Password123!` is found by `password`.
//!
//! Collected from the shapes that published lists of leaked passwords share: words of the keyboard, of signing in, of love and
//! luck, years and phone-like runs, and what makers of this trade ship as defaults.

use law::Jurisdiction;

/// Whole words; with anything but letters at the end they are as common.
pub const WORDS: &[&str] = &[
    "admin",
    "root",
    "test",
    "user",
    "guest",
    "system",
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "passwort",
    "mypassword",
    "password1password",
    "passwordpassword",
    "letmein",
    "letmeinnow",
    "welcome",
    "welcometo",
    "changeme",
    "changemenow",
    "default",
    "defaultpassword",
    "administrator",
    "adminadmin",
    "administrador",
    "superadmin",
    "superuser",
    "rootroot",
    "rootpassword",
    "adminpassword",
    "adminroot",
    "useruser",
    "guestguest",
    "operator",
    "supervisor",
    "security",
    "monitor",
    "surveillance",
    "camera",
    "hikvision",
    "hikadmin",
    "dahuaadmin",
    "uniview",
    "tplinkadmin",
    "jifang",
    "jifangadmin",
    "jishufangfan",
    "gongan",
    "gonganju",
    "paichusuo",
    "baoan",
    "baoanbu",
    "jiankong",
    "jiankongshi",
    "anfang",
    "woaini",
    "woaiwojia",
    "woaizhongguo",
    "woaibeijing",
    "aini",
    "mima",
    "mimamima",
    "wodemima",
    "nihao",
    "zhongguo",
    "beijing",
    "shanghai",
    "qwerty",
    "qwertyuiop",
    "qwertyqwerty",
    "qwert",
    "asdfghjkl",
    "asdfgh",
    "asdfasdf",
    "zxcvbnm",
    "qazwsx",
    "qazwsxedc",
    "qweasdzxc",
    "qweasd",
    "1qaz2wsx",
    "1qaz2wsx3edc",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "q1w2e3r4",
    "q1w2e3r4t5",
    "zaq12wsx",
    "iloveyou",
    "iloveyouforever",
    "sunshine",
    "princess",
    "football",
    "basketball",
    "superman",
    "batman",
    "dragon",
    "monkey",
    "master",
];

/// Runs of the keyboard and of counting: a password that is a stretch of one of them, forwards or backwards.
const RUNS: &[&str] = &[
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "a1b2c3d4e5f6g7h8i9j0",
    "147258369963852741",
];

/// Phone-like and lucky numbers with letters before or after, by their beginning or end.
const NUMBERS: &[&str] =
    &["5201314", "1314520", "123456", "654321", "112233", "123123", "111111", "888888", "666666", "000000"];

/// One of the words, or what people call the place where the program is used: a guess of those who know that much.
fn is_word(text: &str) -> bool {
    WORDS.contains(&text) || Jurisdiction::provinces().flat_map(Jurisdiction::asked_as).any(|place| place == text)
}

/// Would one of the first guesses open it?
#[must_use]
pub fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let bare = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    if is_word(&lower) || is_word(bare) {
        return true;
    }
    let backwards: String = lower.chars().rev().collect();
    if RUNS.iter().any(|run| run.contains(&lower) || run.contains(&backwards)) {
        return true;
    }
    // A lucky number with at most four other signs around it, or twice the same half.
    let without = NUMBERS.iter().find_map(|n| lower.strip_prefix(n).or_else(|| lower.strip_suffix(n)));
    if without.is_some_and(|rest| rest.chars().count() <= 4 || NUMBERS.contains(&rest)) {
        return true;
    }
    // Digits with at most four letters at the ends: a phone number or a date, found by counting.
    let core = lower.trim_matches(char::is_alphabetic);
    lower.chars().count() - core.chars().count() <= 4 && core.chars().all(|c| c.is_ascii_digit())
}
