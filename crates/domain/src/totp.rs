//! The second step of signing in: codes of a phone (TOTP, RFC 6238 over HMAC-SHA-1) and recovery codes. Bytes and instants in,
//! digits and verdicts out; no clock, no storage.
//!
//! Always true: a code counts for its own 30 seconds and one step to either side; a step that was used, and every step before it,
//! is refused, so a code that was read over a shoulder or off the wire opens nothing a second time. How often somebody may try
//! is decided with wrong passwords (`account::Failures`): three of a million codes are right at once.

use base::{ErrorKind, Refusal, Sha256, Text, UtcMs};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Length of a secret, bytes: that of the hash (RFC 4226, 4, R6).
pub const SECRET_BYTES: usize = 20;
/// A code counts this long, ms (RFC 6238, 4.1: X = 30 s).
pub const STEP_MS: i64 = 30_000;
/// Steps before and after the present one that count too: a phone's clock half a minute off (RFC 6238, 5.2).
pub const DRIFT_STEPS: i64 = 1;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Recovery codes handed out at once.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code: 80 bits, so that its bare hash says nothing.
pub const RECOVERY_BYTES: usize = 10;

/// RFC 4648, 6: what authenticator programs read.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of an instant.
#[must_use]
pub const fn step_of(at: UtcMs) -> i64 {
    at.0.div_euclid(STEP_MS)
}

/// The 31 bits of RFC 4226, 5.3, of which a code is the last digits.
fn truncated(secret: &[u8], step: i64) -> u32 {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(hash[19] & 0x0f);
    let mut word = [0; 4];
    word.copy_from_slice(&hash[at..at + 4]);
    u32::from_be_bytes(word) & 0x7fff_ffff
}

/// The code of a step, six digits.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> String {
    format!("{:06}", truncated(secret, step) % 1_000_000)
}

/// The step whose code was typed: remember it with `last_step`, and take the account in.
///
/// # Errors
/// `wrong_code`; `used_code` for a code of a step at or before `last_step`.
pub fn accept(secret: &[u8], typed: &str, last_step: i64, now: UtcMs) -> Result<i64, Refusal> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
    let present = step_of(now);
    let mut used = false;
    for step in present - DRIFT_STEPS..=present + DRIFT_STEPS {
        if code(secret, step) == typed {
            if step > last_step {
                return Ok(step);
            }
            used = true;
        }
    }
    if used {
        return Err(Refusal::new(
            ErrorKind::Unauthenticated,
            "used_code",
            Text::new("这个验证码已经用过。", "This code has been used already."),
            Text::new("请等手机显示下一个验证码。", "Wait for the next one on the phone."),
        ));
    }
    Err(wrong_code())
}

/// A code that is not right.
#[must_use]
pub fn wrong_code() -> Refusal {
    Refusal::new(
        ErrorKind::Unauthenticated,
        "wrong_code",
        Text::new("验证码不正确。", "The code is wrong."),
        Text::new(
            "请输入手机此刻显示的六位数字；若总是不对，请校准手机时间。",
            "Type the six digits that the phone shows now; if they never fit, set the phone's clock.",
        ),
    )
}

/// Bytes in base 32 without padding.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for five in bytes.chunks(5) {
        let mut word = [0; 8];
        word[3..3 + five.len()].copy_from_slice(five);
        let bits = u64::from_be_bytes(word);
        for i in 0..(five.len() * 8).div_ceil(5) {
            out.push(char::from(BASE32[usize::try_from(bits >> (35 - 5 * i) & 31).unwrap_or(0)]));
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// What the picture code says to the phone (the key-URI form that authenticator programs share).
#[must_use]
pub fn uri(secret: &[u8], issuer: &str, login: &str) -> String {
    let (issuer, login) = (escaped(issuer), escaped(login));
    format!(
        "otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={}",
        base32(secret),
        STEP_MS / 1_000
    )
}

/// A recovery code to be written down: sixteen letters and digits in four groups.
#[must_use]
pub fn recovery_code(random: [u8; RECOVERY_BYTES]) -> String {
    let text = base32(&random).to_lowercase();
    let group = |i: usize| text.get(4 * i..4 * i + 4).unwrap_or_default();
    [group(0), group(1), group(2), group(3)].join("-")
}

/// What is stored of a recovery code as somebody typed it; `None` when it has not the form of one.
#[must_use]
pub fn recovery_hash(typed: &str) -> Option<String> {
    let plain: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(17).collect::<String>().to_ascii_uppercase();
    let is_one = plain.len() == 16 && plain.bytes().all(|b| BASE32.contains(&b));
    is_one.then(|| Sha256::of(format!("jifang recovery code {plain}").as_bytes()).hex())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn vectors_of_rfc_6238_appendix_b() {
        // Eight digits there; the same 31 bits.
        for (time_s, digits) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let step = step_of(UtcMs(time_s * 1_000));
            assert_eq!(truncated(SECRET, step) % 100_000_000, digits, "{time_s}");
        }
    }

    #[test]
    fn vectors_of_rfc_4226_appendix_d() {
        let want = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, want) in (0..).zip(want) {
            assert_eq!(code(SECRET, step), want);
        }
    }

    #[test]
    fn vectors_of_rfc_4648_without_padding() {
        for (plain, want) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), want);
        }
    }

    #[test]
    fn one_step_to_either_side_counts_and_no_more() {
        let at = UtcMs(1_234_567_890_000);
        let now = step_of(at);
        for (off, right) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let got = accept(SECRET, &code(SECRET, now + off), 0, at);
            assert_eq!(got.ok(), right.then_some(now + off), "{off}");
        }
        // The step changes at its very millisecond.
        assert_eq!(step_of(UtcMs(29_999)), 0);
        assert_eq!(step_of(UtcMs(30_000)), 1);
        assert_eq!(step_of(UtcMs(-1)), -1);
    }

    #[test]
    fn a_code_counts_once_and_none_before_it_afterwards() {
        let at = UtcMs(1_234_567_890_000);
        let now = step_of(at);
        let used = accept(SECRET, &code(SECRET, now), 0, at).unwrap();
        assert_eq!(accept(SECRET, &code(SECRET, now), used, at).unwrap_err().code, "used_code");
        assert_eq!(accept(SECRET, &code(SECRET, now - 1), used, at).unwrap_err().code, "used_code");
        assert_eq!(accept(SECRET, &code(SECRET, now + 1), used, at), Ok(now + 1));
    }

    #[test]
    fn what_is_no_code_is_wrong() {
        let at = UtcMs(1_234_567_890_000);
        let right = code(SECRET, step_of(at));
        assert!(
            accept(SECRET, &format!(" {} {}", &right[..3], &right[3..]), 0, at).is_ok(),
            "spaces as phones show them"
        );
        for typed in ["", "12345", &format!("{right}0"), &format!("0{right}"), "１２３４５６", "abcdef", "-12345"]
        {
            assert_eq!(accept(SECRET, typed, 0, at).unwrap_err().code, "wrong_code", "{typed}");
        }
        assert!(accept(&[], "", 0, UtcMs(i64::MAX)).is_err() && accept(SECRET, "", 0, UtcMs(i64::MIN)).is_err());
    }

    #[test]
    fn the_phone_is_told_in_its_form() {
        assert_eq!(
            uri(b"12345678901234567890", "技防 A", "duty@x"),
            "otpauth://totp/%E6%8A%80%E9%98%B2%20A:duty%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=%E6%8A%80%E9%98%B2%20A&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let code = recovery_code([7; 10]);
        assert_eq!((code.len(), code.matches('-').count()), (19, 3));
        let hash = recovery_hash(&code).unwrap();
        for typed in [code.to_uppercase(), code.replace('-', ""), format!(" {} ", code.replace('-', " "))] {
            assert_eq!(recovery_hash(&typed), Some(hash.clone()), "{typed}");
        }
        for typed in ["", "123456", &code[..18], &format!("{code}a"), "0000-0000-0000-0000"] {
            assert_eq!(recovery_hash(typed), None, "{typed}");
        }
        assert_ne!(recovery_hash(&recovery_code([8; 10])), Some(hash));
    }

    proptest! {
        #[test]
        fn nothing_typed_panics_and_a_fresh_code_is_taken(
            secret in proptest::collection::vec(any::<u8>(), 0..40), typed in any::<String>(), at in any::<i64>()
        ) {
            let _ = accept(&secret, &typed, 0, UtcMs(at));
            let _ = recovery_hash(&typed);
            let at = UtcMs(at.rem_euclid(253_402_300_799_999));
            prop_assert_eq!(accept(&secret, &code(&secret, step_of(at)), -1, at).is_ok(), true);
        }
    }
}
