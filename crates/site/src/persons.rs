//! Persons behind accounts: lists show them masked; whoever must know looks at one, gives a reason, and the log has it first.

use crate::{Actor, Site};
use base::{AccountId, Refusal, Text};
use domain::access::Permission;
use store::accounts::Account;
use store::ledger_log::ActLine;

/// Why somebody looks at a person: a closed list, so that the log needs no free text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// To be sure who stands at the counter.
    Identity,
    /// To reach the person.
    Contact,
    /// To correct what is stored.
    Correction,
    /// An audit, or a question of an authority.
    Audit,
}

impl Reason {
    /// All reasons in the order forms list them.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Contact, Self::Correction, Self::Audit];

    /// Stable word for forms and the log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Contact => "contact",
            Self::Correction => "correction",
            Self::Audit => "audit",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }

    /// What pages and the log say.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Identity => Text::new("核对身份", "to check an identity"),
            Self::Contact => Text::new("联系本人", "to reach the person"),
            Self::Correction => Text::new("更正资料", "to correct what is stored"),
            Self::Audit => Text::new("审计或主管部门查询", "for an audit or an authority"),
        }
    }
}

impl Site {
    /// An account with its person, after the entry that says who looked and why is committed.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store: what cannot be entered is not shown.
    pub async fn reveal_person(&self, by: &Actor, id: AccountId, reason: Reason) -> Result<Account, Refusal> {
        by.needs(Permission::RevealPersons)?;
        let account = self.store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        let why = reason.name();
        let text = Text::of(
            format!("查看账号 {} 的姓名和警号：{}。", account.login, why.zh),
            format!("Looked at name and badge of account {} {}.", account.login, why.en),
        );
        let act = ActLine::done(Some(by.id), text);
        let body = serde_json::json!({ "account": id, "by": by.id, "reason": reason.code() });
        let logged = self.store().log("person.revealed", self.now().utc, body, act).await;
        logged.map_err(store::StoreError::from)?;
        Ok(account)
    }
}
