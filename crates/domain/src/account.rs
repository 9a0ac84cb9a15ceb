//! Passwords, lock-out and sessions as decisions: no hashing, no storage, no clock here.

pub mod common;
pub mod import;

use crate::access::Role;
use base::{ErrorKind, Refusal, Text, UtcMs, limits};

/// Shortest password, characters.
pub const PASSWORD_MIN_CHARS: usize = 10;
/// Longest password, characters (argon2 takes more; this bounds the work).
pub const PASSWORD_MAX_CHARS: usize = 128;
/// Wrong passwords in a row before the account locks.
pub const LOCK_AFTER_FAILURES: u32 = 5;
/// First lock, ms; each further wrong try after a lock doubles it.
pub const LOCK_FIRST_MS: i64 = 60_000;
/// Longest lock, ms.
pub const LOCK_MAX_MS: i64 = 3_600_000;
/// Longest badge number, characters.
pub const BADGE_CHARS: usize = 32;
/// Fewest different characters of a password.
pub const PASSWORD_MIN_DISTINCT: usize = 5;
/// The longest that any role's session lasts without use, ms.
pub const SESSION_IDLE_MS: i64 = 12 * 3_600_000;
/// The longest that any role's session lasts whatever happens, ms.
pub const SESSION_MAX_MS: i64 = 7 * 86_400_000;

/// How long a session lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionLimits {
    /// Without use, ms.
    pub idle_ms: i64,
    /// Whatever happens, ms.
    pub max_ms: i64,
}

/// How long a session of a role lasts. The duty desk polls and must not be signed out in the middle of an incident; a station
/// where an officer copied evidence, or an administrator's browser left open, should be shut soon.
#[must_use]
pub const fn session_limits(role: Role) -> SessionLimits {
    const HOUR_MS: i64 = 3_600_000;
    let (idle_ms, max_ms) = match role {
        Role::DutyOfficer | Role::PoliceDuty => (SESSION_IDLE_MS, SESSION_MAX_MS),
        Role::SecurityManager => (SESSION_IDLE_MS, 24 * HOUR_MS),
        Role::InformationCustodian | Role::Auditor | Role::Supervisor | Role::Publisher => (4 * HOUR_MS, 24 * HOUR_MS),
        // Writing a decision, or a visit with a bad network, takes its time.
        Role::CaseOfficer | Role::CaseApprover | Role::LegalReviewer => (4 * HOUR_MS, 14 * HOUR_MS),
        // Often at a machine that others use too; what is filled in is kept.
        Role::Applicant => (HOUR_MS, 12 * HOUR_MS),
        Role::PoliceOfficer => (2 * HOUR_MS, 12 * HOUR_MS),
        Role::Administrator | Role::SecurityAdministrator => (HOUR_MS, 12 * HOUR_MS),
    };
    SessionLimits { idle_ms, max_ms }
}

impl SessionLimits {
    /// Is a session in force that began at `created` and was last used at `seen`?
    #[must_use]
    pub const fn hold(self, created: UtcMs, seen: UtcMs, now: UtcMs) -> bool {
        now.since(seen) <= self.idle_ms && now.since(created) <= self.max_ms
    }
}

/// Checks a new password. Length is what protects; the login name inside it does not.
///
/// # Errors
/// `password_too_short`, `password_too_long`, `password_has_name`, `password_repeats`, `password_common`.
pub fn check_password(login: &str, password: &str) -> Result<(), Refusal> {
    let refuse = |code: &str, zh: &'static str, en: &'static str| {
        Err(Refusal::bad_input(
            code,
            Text::new(zh, en),
            Text::new("请换一个密码，例如四个不相干的词。", "Choose another one, for example four unrelated words."),
        ))
    };
    let chars = password.chars().count();
    if chars < PASSWORD_MIN_CHARS {
        return refuse("password_too_short", "密码少于10个字符。", "The password has fewer than 10 characters.");
    }
    if chars > PASSWORD_MAX_CHARS {
        return refuse("password_too_long", "密码多于128个字符。", "The password has more than 128 characters.");
    }
    if login.chars().count() >= 3 && password.to_lowercase().contains(&login.to_lowercase()) {
        return refuse("password_has_name", "密码包含登录名。", "The password contains the login name.");
    }
    let mut distinct: Vec<char> = password.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < PASSWORD_MIN_DISTINCT {
        return refuse(
            "password_repeats",
            "密码用到的不同字符太少。",
            "The password uses too few different characters.",
        );
    }
    if common::is_common(password) {
        return refuse(
            "password_common",
            "这个密码太常见，最先被人猜到。",
            "This password is among the first that are guessed.",
        );
    }
    Ok(())
}

/// What is wrong with an account's form, all at once: login name, name, unit, badge. `role` is `None` where none was chosen.
#[must_use]
pub fn form_faults(login: &str, name: &str, unit: &str, badge: &str, role: Option<Role>) -> Vec<Text> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    let mut out = Vec::new();
    if !(2..=40).contains(&login.chars().count()) || !login.chars().all(plain) {
        out.push(Text::new(
            "登录名须为2至40个字母、数字或 . _ - @。",
            "A login name has 2 to 40 letters, digits or . _ - @.",
        ));
    }
    let name = name.trim();
    if name.is_empty() || name.chars().count() > limits::NAME_CHARS || name.chars().any(char::is_control) {
        out.push(Text::new("姓名未填写或过长。", "The name is empty or too long."));
    }
    if unit.chars().count() > limits::NAME_CHARS || unit.chars().any(char::is_control) {
        out.push(Text::new("单位名称过长。", "The unit's name is too long."));
    }
    if badge.chars().count() > BADGE_CHARS || badge.chars().any(char::is_control) {
        out.push(Text::new("警号过长。", "The badge number is too long."));
    }
    if role == Some(Role::PoliceOfficer) && (badge.trim().is_empty() || unit.trim().is_empty()) {
        out.push(Text::new("民警账号须填写警号和单位。", "An officer's account needs badge number and unit."));
    }
    out
}

/// What is remembered of wrong passwords for one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Failures {
    /// Wrong passwords since the last right one.
    pub count: u32,
    /// Locked until then; `None` when not locked.
    pub locked_until: Option<UtcMs>,
}

impl Failures {
    /// May a password be tried now?
    ///
    /// # Errors
    /// `account_locked` with the time it opens.
    pub fn may_try(&self, now: UtcMs) -> Result<(), Refusal> {
        match self.locked_until {
            Some(until) if now < until => Err(Refusal::new(
                ErrorKind::TooMany,
                "account_locked",
                Text::of(
                    format!("密码连续输错，账号锁定至 {}。", until.desk()),
                    format!("Too many wrong passwords; the account is locked until {}.", until.desk()),
                ),
                Text::new(
                    "请稍后再试，或请系统管理员重置密码。",
                    "Wait, or ask the administrator to reset the password.",
                ),
            )),
            _ => Ok(()),
        }
    }

    /// After a wrong password.
    #[must_use]
    pub fn wrong(self, now: UtcMs) -> Self {
        let count = self.count.saturating_add(1);
        let over = count.saturating_sub(LOCK_AFTER_FAILURES);
        let locked_until =
            (count >= LOCK_AFTER_FAILURES).then(|| now.plus_ms((LOCK_FIRST_MS << over.min(16)).min(LOCK_MAX_MS)));
        Self { count, locked_until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_boundaries() {
        assert_eq!(check_password("zhang", "abcdefghi").unwrap_err().code, "password_too_short");
        assert!(check_password("zhang", "abcdefghix").is_ok());
        assert!(check_password("zhang", &"abcdefgh".repeat(16)).is_ok());
        assert_eq!(
            check_password("zhang", &format!("{}x", "abcdefgh".repeat(16))).unwrap_err().code,
            "password_too_long"
        );
        assert_eq!(check_password("zhang", "my-Zhang-2026").unwrap_err().code, "password_has_name");
        assert_eq!(check_password("zhang", "aaaaaaaaaabbb").unwrap_err().code, "password_repeats");
        assert!(check_password("zhang", "四个不相干的词语组成密").is_ok());
    }

    #[test]
    fn the_first_guesses_are_refused() {
        for guess in [
            "Password123!",
            "passwordpassword",
            "1234567890",
            "0987654321",
            "qwertyuiop",
            "poiuytrewq",
            "1qaz2wsx3edc",
            "Admin5201314",
            "woaini1314520",
            "abcdefghij",
            "13904510001",
            "Hikvision2026",
            "a123456789",
            "QAZWSXEDCR",
            "changeme!!!!!",
            "Heilongjiang2026",
            "Shenyang888888",
            "大连12345678",
        ] {
            let code = check_password("wu", guess).unwrap_err().code;
            assert!(code == "password_common" || code == "password_repeats", "{guess}: {code}");
        }
        for fine in [
            "four unrelated words",
            "松树 灯塔 旧书 四月",
            "Password is not the word",
            "t7-kettle-4417-moss",
            "zbcdefghijk",
        ] {
            assert_eq!(check_password("wu", fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn no_role_stays_longer_than_the_longest() {
        for role in Role::ALL {
            let l = session_limits(role);
            assert!(l.idle_ms <= SESSION_IDLE_MS && l.max_ms <= SESSION_MAX_MS && l.idle_ms < l.max_ms, "{role:?}");
            let begun = UtcMs(1_000);
            assert!(
                l.hold(begun, begun, begun.plus_ms(l.idle_ms)) && !l.hold(begun, begun, begun.plus_ms(l.idle_ms + 1))
            );
            let (last, over) = (begun.plus_ms(l.max_ms), begun.plus_ms(l.max_ms + 1));
            assert!(l.hold(begun, last, last) && !l.hold(begun, over, over));
        }
    }

    #[test]
    fn locks_at_the_fifth_wrong_password_and_doubles() {
        let t = UtcMs(1_000_000);
        let mut f = Failures::default();
        for _ in 0..4 {
            f = f.wrong(t);
            assert!(f.may_try(t).is_ok());
        }
        f = f.wrong(t);
        assert!(f.may_try(t.plus_ms(59_999)).is_err());
        assert!(f.may_try(t.plus_ms(60_000)).is_ok());
        f = f.wrong(t);
        assert!(f.may_try(t.plus_ms(119_999)).is_err());
        for _ in 0..100 {
            f = f.wrong(t);
        }
        assert_eq!(f.locked_until, Some(t.plus_ms(LOCK_MAX_MS)));
    }
}
