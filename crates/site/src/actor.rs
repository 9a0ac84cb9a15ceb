//! Who acts: an account as the corridors see it.

use base::{AccountId, ErrorKind, Pii, Refusal, Text};
use domain::access::{Permission, Role};
use store::accounts::Account;

/// A signed-in person or program.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Account.
    pub id: AccountId,
    /// Role.
    pub role: Role,
    /// Login name.
    pub login: String,
    /// Name of the person.
    pub name: Pii<String>,
    /// Badge number; officers only.
    pub badge: Option<Pii<String>>,
    /// Unit.
    pub unit: String,
}

impl From<Account> for Actor {
    fn from(a: Account) -> Self {
        Self { id: a.id, role: a.role, login: a.login, name: a.name, badge: a.badge, unit: a.unit }
    }
}

impl Actor {
    /// Refuses unless the role holds `what`.
    ///
    /// # Errors
    /// `no_permission`.
    pub fn needs(&self, what: Permission) -> Result<(), Refusal> {
        if self.role.may(what) {
            return Ok(());
        }
        let role = self.role.name();
        Err(Refusal::new(
            ErrorKind::Forbidden,
            "no_permission",
            Text::of(format!("{}无权进行此操作。", role.zh), format!("The role {} may not do this.", role.en)),
            Text::new("如工作需要，请联系系统管理员。", "Ask the administrator if your work needs it."),
        ))
    }
}
