//! What the site is: name, address, province, traits. Kept as a setting; the law gate reads them as `law::SiteProfile`.
//!
//! Which terms bind footage follows from the profile, so a change of it could free footage that was bound a moment ago. Therefore the
//! law of before goes on binding beside the new one for [`BINDS_ON_MS`]: a slip, or an insider who moves the site to another province
//! for an hour, frees nothing, and the entry of the change has been read by then.

use base::{AccountId, ErrorKind, Refusal, Text, UtcMs, limits};
use law::{Jurisdiction, SiteProfile};
use serde::{Deserialize, Serialize};
use store::ledger_log::{ActLine, LogEntry, Outcome};
use store::{Store, StoreError};

/// Key of the profile.
pub(crate) const KEY: &str = "profile";
/// Key of the law of before.
pub(crate) const BEFORE_KEY: &str = "profile_before";
/// Kind of the entry.
const KIND: &str = "settings.changed";
/// The law of before a change binds this much longer, ms (three days, as after a jump of the clock).
pub const BINDS_ON_MS: i64 = 3 * base::time::DAY_MS;
/// Most changes of law that bind at once; one more has to wait.
pub const BEFORE: usize = 8;
/// Longest address, characters.
pub const ADDRESS_CHARS: usize = 200;

/// Name, address and legal profile of the site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profile {
    /// Name of the unit or place.
    pub name: String,
    /// Its address; empty where nobody gave it.
    #[serde(default)]
    pub address: String,
    /// What the law needs to know.
    pub law: SiteProfile,
}

impl Default for Profile {
    fn default() -> Self {
        // Nobody said yet where the site lies: the page that sets a server up asks for it.
        let law = SiteProfile::new(Jurisdiction::default());
        Self { name: "未命名单位".into(), address: String::new(), law }
    }
}

impl Profile {
    /// Province and address in one line, as papers carry it.
    #[must_use]
    pub fn place(&self) -> String {
        let province = self.law.jurisdiction.name().zh;
        let has_it = self.law.jurisdiction == Jurisdiction::Other || self.address.starts_with(province.as_ref());
        match (self.address.is_empty(), has_it) {
            (true, _) => province.into_owned(),
            (false, true) => self.address.clone(),
            (false, false) => format!("{province}{}", self.address),
        }
    }

    /// Province and kind of unit in words.
    #[must_use]
    pub fn kind(&self) -> Text {
        let law = self.law;
        let mut parts = vec![law.jurisdiction.name()];
        let mut holds = |is: bool, text: Text| {
            if is {
                parts.push(text);
            }
        };
        holds(law.key_unit, Text::new("重点单位", "key unit"));
        holds(law.counter_terror_key_target, Text::new("反恐重点目标", "key target of counter-terrorism"));
        holds(law.secret_related, Text::new("涉密单位", "unit with state secrets"));
        holds(law.alarm_operator, Text::new("报警运营服务单位", "alarm operation service"));
        holds(law.government_body, Text::new("政府有关部门或者其指定的单位", "government department or body it named"));
        holds(law.security_duty_place, Text::new("第七条以外的公共场所", "public place outside article 7"));
        parts.extend(law.special_trade.map(law::SpecialTrade::name));
        let join = |of: fn(&Text) -> &str, with: &str| parts.iter().map(of).collect::<Vec<_>>().join(with);
        Text::of(join(|t| &t.zh, "、"), join(|t| &t.en, ", "))
    }

    /// As the setting holds it.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Trimmed, and fit to be shown on every page and paper.
    ///
    /// # Errors
    /// `site_name`, `address`.
    pub fn checked(self) -> Result<Self, Refusal> {
        let (name, address) = (self.name.trim().to_owned(), self.address.trim().to_owned());
        let bad = |code: &str, what: Text| {
            Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
        };
        let plain = |text: &str| !text.chars().any(char::is_control);
        if !(1..=limits::NAME_CHARS).contains(&name.chars().count()) || !plain(&name) {
            let what =
                Text::new("请填写场所名称，不超过120字。", "Enter the name of the site, at most 120 characters.");
            return Err(bad("site_name", what));
        }
        if address.chars().count() > ADDRESS_CHARS || !plain(&address) {
            let what =
                Text::new("地址不超过200字，写在一行里。", "An address has at most 200 characters, in one line.");
            return Err(bad("address", what));
        }
        Ok(Self { name, address, ..self })
    }
}

/// A law that binds on after a change of settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Before {
    /// What the site was.
    pub(crate) law: SiteProfile,
    /// Until when it binds.
    pub(crate) until: UtcMs,
}

/// The stored profile, the default until first-run setup; and the laws of before.
///
/// # Errors
/// The database.
pub(crate) async fn load(store: &Store) -> Result<(Profile, Vec<Before>), StoreError> {
    let (profile, before) = (store.setting(KEY).await?, store.setting(BEFORE_KEY).await?);
    let profile = profile.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
    let before = before.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
    Ok((profile, before))
}

/// Stores the profile of a first run, without a law of before, with its entry. Later changes go through `Site::change_settings`.
///
/// # Errors
/// The database or the log; then nothing is stored.
pub async fn save(store: &Store, profile: &Profile, by: Option<AccountId>, now: UtcMs) -> Result<(), StoreError> {
    let old = store.setting(KEY).await?;
    store.set_settings(&first_values(profile), old.as_deref(), entry(None, profile, by, vec![], now)).await?;
    Ok(())
}

/// The settings of a first run.
pub(crate) fn first_values(profile: &Profile) -> [(&'static str, String); 2] {
    [(KEY, profile.text()), (BEFORE_KEY, "[]".to_owned())]
}

/// The entry of a change: values, not digests, for they name no person. `old` is `None` at the first run.
pub(crate) fn entry(
    old: Option<&Profile>,
    new: &Profile,
    by: Option<AccountId>,
    clauses: Vec<base::ClauseId>,
    now: UtcMs,
) -> LogEntry {
    let mut zh = Vec::new();
    let mut en = Vec::new();
    if let Some(old) = old {
        let mut differs = |is: bool, what: (&str, &str)| {
            if is {
                zh.push(what.0.to_owned());
                en.push(what.1.to_owned());
            }
        };
        differs(old.name != new.name, ("名称", "name"));
        differs(old.address != new.address, ("地址", "address"));
        let (was, is) = (old.law, new.law);
        differs(was.jurisdiction != is.jurisdiction, ("省份", "province"));
        differs(law::SiteProfile { jurisdiction: is.jurisdiction, ..was } != is, ("单位性质", "kind of unit"));
    }
    let text = if zh.is_empty() {
        Text::of(format!("登记场所：{}。", new.name), format!("Site registered: {}.", new.name))
    } else {
        Text::of(
            format!("修改场所设置：{}。", zh.join("、")),
            format!("Settings of the site changed: {}.", en.join(", ")),
        )
    };
    let body = serde_json::json!({ "old": old, "new": new, "by": by, "clauses": clauses });
    let act = ActLine { outcome: Outcome::Done, account: by, camera: None, request: None, clauses, text };
    LogEntry { kind: KIND, at: now, body, act: Some(act) }
}

/// Somebody else changed the settings in between.
pub(crate) fn moved_on() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "settings_moved_on",
        Text::new("设置刚被别人修改过，没有保存。", "Somebody else has just changed the settings; nothing was saved."),
        Text::new("请重新打开设置页，核对后再改。", "Open the settings again, look at them and change what is left."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_carry_province_and_address_once() {
        let of = |jurisdiction, address: &str| {
            let law = SiteProfile::new(jurisdiction);
            Profile { name: "x".into(), address: address.into(), law }.place()
        };
        assert_eq!(of(Jurisdiction::Heilongjiang, ""), "黑龙江省");
        assert_eq!(of(Jurisdiction::Heilongjiang, "哈尔滨市中央大街1号"), "黑龙江省哈尔滨市中央大街1号");
        assert_eq!(of(Jurisdiction::Liaoning, "辽宁省沈阳市青年大街1号"), "辽宁省沈阳市青年大街1号");
        assert_eq!(of(Jurisdiction::Other, "某省某市1号"), "某省某市1号");
    }

    #[test]
    fn names_and_addresses_have_bounds() {
        let with = |name: &str, address: String| Profile { name: name.into(), address, ..Profile::default() };
        let code = |p: Profile| p.checked().map_err(|r| r.code);
        assert_eq!(code(with(" ", String::new())), Err("site_name".into()));
        assert_eq!(code(with(&"宾".repeat(121), String::new())), Err("site_name".into()));
        assert_eq!(code(with("a\nb", String::new())), Err("site_name".into()));
        assert_eq!(code(with("a", "路".repeat(201))), Err("address".into()));
        assert_eq!(code(with("a", "1\r\n2".into())), Err("address".into()));
        let fine = with(" 示范酒店 ", " 中央大街1号 ".into()).checked().unwrap();
        assert_eq!((fine.name.as_str(), fine.address.as_str()), ("示范酒店", "中央大街1号"));
        assert!(with("a", "路".repeat(200)).checked().is_ok());
    }

    #[test]
    fn a_profile_of_before_addresses_is_read() {
        let old = r#"{"name":"示范酒店","law":{"jurisdiction":"heilongjiang"}}"#;
        let profile: Profile = serde_json::from_str(old).unwrap();
        assert_eq!((profile.name.as_str(), profile.address.as_str()), ("示范酒店", ""));
    }
}
