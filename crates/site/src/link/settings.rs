//! Whom this site speaks to, as a person entered it: the connection text of the authority's page.

use base::{AccountId, Refusal, Text, UtcMs};
use bus::Pin;
use ledger::{Vkey, WitnessVkey};
use serde::{Deserialize, Serialize};
use store::ledger_log::LogError;
use store::{Store, StoreError};

const KEY: &str = "authority_link";
/// First word of a connection text.
const FIRST: &str = "jifang-authority";

/// Address and keys of the authority, as text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkSettings {
    /// `host:port`.
    pub address: String,
    /// Its key on the bus, hexadecimal.
    pub pin: String,
    /// Key of its log: signs receipts.
    pub vkey: String,
    /// Key that cosigns heads.
    pub witness: String,
    /// When a person entered it.
    #[serde(default)]
    pub entered: Option<UtcMs>,
}

impl LinkSettings {
    /// Reads `jifang-authority HOST:PORT PIN KEY WITNESS-KEY`.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let words: Vec<_> = text.split_whitespace().collect();
        let read = match words.as_slice() {
            [FIRST, address, pin, vkey, witness] => Self {
                address: (*address).to_owned(),
                pin: (*pin).to_owned(),
                vkey: (*vkey).to_owned(),
                witness: (*witness).to_owned(),
                entered: None,
            },
            _ => return Err(malformed()),
        };
        let host =
            read.address.rsplit_once(':').filter(|(h, p)| !h.is_empty() && p.parse::<u16>().is_ok_and(|p| p > 0));
        let whole =
            host.is_some() && read.address.len() <= 260 && read.keys().is_some() && read.witness_key().is_some();
        if whole { Ok(read) } else { Err(malformed()) }
    }

    /// Key of receipts and key on the bus.
    pub(super) fn keys(&self) -> Option<(Vkey, Pin)> {
        Some((Vkey::parse(&self.vkey).ok()?, Pin::parse(&self.pin)?))
    }

    /// Key of cosignatures.
    #[must_use]
    pub fn witness_key(&self) -> Option<WitnessVkey> {
        WitnessVkey::parse(&self.witness).ok()
    }
}

fn malformed() -> Refusal {
    Refusal::bad_input(
        "link",
        Text::new("连接信息不完整或有误。", "The connection text is incomplete or wrong."),
        Text::new(
            "请从公安机关服务器的“接入单位”页完整复制一行连接信息。",
            "Copy the whole line from the page of the sites on the authority's server.",
        ),
    )
}

/// The stored settings; `None` until a person entered some.
pub(super) async fn load(store: &Store) -> Result<Option<LinkSettings>, StoreError> {
    Ok(store.setting(KEY).await?.and_then(|t| serde_json::from_str(&t).ok()))
}

/// Stores settings; the change is logged.
pub(super) async fn save(
    store: &Store,
    settings: Option<&LinkSettings>,
    by: Option<AccountId>,
    now: UtcMs,
) -> Result<(), LogError> {
    let text = settings.map_or_else(String::new, |s| serde_json::to_string(s).unwrap_or_default());
    store.set_setting(KEY, &text, by, now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::{SiteKey, WitnessKey};

    #[test]
    fn only_a_whole_connection_text_is_taken() {
        let key = SiteKey::from_seed("jifang/x", [1; 32]).unwrap().vkey().to_string();
        let witness = WitnessKey::from_seed("jifang-witness/x", [2; 32]).unwrap().vkey().to_string();
        let pin = "ab".repeat(32);
        let text = format!("jifang-authority police.example:8444 {pin} {key} {witness}");
        let read = LinkSettings::parse(&format!(" {text}\n")).unwrap();
        assert_eq!((read.address.as_str(), read.keys().is_some()), ("police.example:8444", true));
        for bad in [
            "",
            "jifang-authority",
            &text.replace(":8444", ""),
            &text.replace(":8444", ":0"),
            &text.replace("police.example", ""),
            &text.replace("jifang-authority", "http"),
            &text.replace(&pin, "abcd"),
            &format!("jifang-authority police.example:8444 {pin} {witness} {key}"),
            &format!("{text} more"),
        ] {
            assert!(LinkSettings::parse(bad).is_err(), "{bad}");
        }
    }
}
