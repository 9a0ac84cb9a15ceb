//! What is told of an office beside its row: counter, and whom a party may turn to against its decisions. Settings, one key each.
//!
//! Always true: a text that is not entered is empty, no other office's stands in for it; each change of a text is an entry of its own
//! (`setting.changed`).

use super::bad;
use crate::{Authority, By};
use base::{OfficeId, Refusal, Text};
use domain::access::Permission;
use store::StoreError;

/// Longest of these texts, characters.
const MOST_CHARS: usize = 120;

/// Texts about an office; empty where nothing is entered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfficeFacts {
    /// What its numbers begin with.
    pub short: String,
    /// Address of its counter.
    pub address: String,
    /// Telephone of its counter.
    pub phone: String,
    /// When the counter is open, Chinese.
    pub hours_zh: String,
    /// When the counter is open, English.
    pub hours_en: String,
    /// Name of the organ that reviews its decisions (行政复议机关).
    pub review: String,
    /// Name of the court where its decisions are contested.
    pub court: String,
}

impl OfficeFacts {
    /// Begin of the key, and text, but for the short name, which is kept with the office.
    fn parts(&self) -> [(&'static str, &str); 6] {
        [
            ("office_address", self.address.as_str()),
            ("office_phone", self.phone.as_str()),
            ("office_hours_zh", self.hours_zh.as_str()),
            ("office_hours_en", self.hours_en.as_str()),
            ("office_review", self.review.as_str()),
            ("office_court", self.court.as_str()),
        ]
    }
}

impl Authority {
    async fn fact(&self, begin: &str, office: OfficeId) -> Result<String, Refusal> {
        Ok(self.store().setting(&format!("{begin}:{office}")).await?.unwrap_or_default())
    }

    /// What is entered of an office. All of it is public, so anybody may read it.
    ///
    /// # Errors
    /// The store.
    pub async fn office_facts(&self, office: OfficeId) -> Result<OfficeFacts, Refusal> {
        Ok(OfficeFacts {
            short: self.fact("office_short", office).await?,
            address: self.fact("office_address", office).await?,
            phone: self.fact("office_phone", office).await?,
            hours_zh: self.fact("office_hours_zh", office).await?,
            hours_en: self.fact("office_hours_en", office).await?,
            review: self.fact("office_review", office).await?,
            court: self.fact("office_court", office).await?,
        })
    }

    /// Enters what is told of an office; the short name is `put_office`'s.
    ///
    /// # Errors
    /// No permission; `not_found`; the key of a text that is too long or not one line; or the store. A crash in the middle leaves the texts
    /// before it entered, each with its entry.
    pub async fn put_office_facts(&self, by: By, office: OfficeId, facts: &OfficeFacts) -> Result<(), Refusal> {
        let account = by.needs(Permission::ManageOffices)?;
        if self.store().office(office).await?.is_none() {
            return Err(Refusal::not_found("该机构", "office"));
        }
        for (begin, text) in facts.parts() {
            if text.trim().chars().count() > MOST_CHARS || text.trim().chars().any(char::is_control) {
                let what = Text::of(
                    format!("一行，至多{MOST_CHARS}个字符。"),
                    format!("One line of at most {MOST_CHARS} characters."),
                );
                return Err(bad(begin, what));
            }
        }
        let now = self.now();
        for (begin, text) in facts.parts() {
            if self.fact(begin, office).await? != text.trim() {
                let key = format!("{begin}:{office}");
                let set = self.store().set_setting(&key, text.trim(), Some(account), now).await;
                set.map_err(StoreError::from)?;
            }
        }
        Ok(())
    }
}
