//! What the site is: name, province, traits. Kept as settings; the law gate reads them as `law::SiteProfile`.

use base::{AccountId, UtcMs};
use law::{Jurisdiction, SiteProfile};
use serde::{Deserialize, Serialize};
use store::ledger_log::LogError;
use store::{Store, StoreError};

const KEY: &str = "profile";

/// Name and legal profile of the site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profile {
    /// Name of the unit or place.
    pub name: String,
    /// What the law needs to know.
    pub law: SiteProfile,
}

impl Default for Profile {
    fn default() -> Self {
        Self { name: "未命名单位".into(), law: SiteProfile::new(Jurisdiction::Heilongjiang) }
    }
}

/// The stored profile; the default until first-run setup.
///
/// # Errors
/// The database.
pub async fn load(store: &Store) -> Result<Profile, StoreError> {
    let text = store.setting(KEY).await?;
    Ok(text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
}

/// Stores a profile; the change is logged.
///
/// # Errors
/// The database or the log.
pub async fn save(store: &Store, profile: &Profile, by: Option<AccountId>, now: UtcMs) -> Result<(), LogError> {
    let text = serde_json::to_string(profile).unwrap_or_default();
    store.set_setting(KEY, &text, by, now).await
}
