//! Tier 2, the supervising authority: the sites it admitted, the reports they send, the heads of their logs it signs.
//!
//! ```text
//! bus: Call ─▶ answer ─┬─ hello          ─▶ peers    (a person compares the code and admits)
//!                      ├─ message        ─▶ inbox    (row, entry and signed receipt in one transaction)
//!                      ├─ part, message ─▶ exhibits (pictures and clips: bytes first, then the receipt)
//!                      ├─ orders, message ─▶ orders   (what a site is told to do, and what it answers)
//!                      ├─ message        ─▶ relays   (persons' own requests, handed on to the unit that decides them)
//!                      └─ add-checkpoint ─▶ witness  (examine, durable, then the cosignature)
//! web: a person's act ─▶ permission ─▶ change and entry together
//!      an act in a case ─▶ cases     (engine, law gate, follow-ups, one transaction)
//!      an inspector's phone ─▶ visits (record joined field by field, photos, findings) ─▶ the step of the case
//! ```
//!
//! Imports `store`, `bus` and below, never `site`: both meet in the store and on the bus. It has no clock: whoever starts it hands one in.

mod answer;
pub mod cases;
mod exhibits;
mod inbox;
mod orders;
mod peers;
mod relays;
#[cfg(test)]
mod relays_tests;
pub mod visits;
mod witness;

pub use exhibits::{EXHIBIT_DAYS, EXHIBIT_DAYS_OPEN, Shown};
pub use inbox::{QUEUE_LINES, Report, Todo};
pub use peers::{Admission, SiteRow, SiteView};
pub use relays::{A_DAY, KEPT_DAYS, OPEN, PLACE_CHARS, RelayForm, RelayView, SiteChoice};

use base::{AccountId, ErrorKind, Refusal, Text, UtcMs};
use bus::{Identity, Pin};
use domain::access::{Permission, Role};
use law::Gate;
use ledger::{Vkey, WitnessKey};
use paper::{FontChoice, OwnTemplates, Press};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use store::{Store, StoreError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// First word of the text by which a site is told where its authority is and which keys it has.
const CONNECTION: &str = "jifang-authority";

/// Why the authority cannot start.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The store or its key files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key on the bus.
    #[error(transparent)]
    Identity(#[from] bus::IdentityError),
    /// The witness's key.
    #[error("witness key: {0}")]
    Witness(#[from] ledger::KeyError),
}

/// Who acts.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// Account.
    pub account: AccountId,
    /// Role.
    pub role: Role,
}

impl By {
    fn needs(self, what: Permission) -> Result<AccountId, Refusal> {
        if self.role.may(what) {
            return Ok(self.account);
        }
        Err(Refusal::new(
            ErrorKind::Forbidden,
            "no_permission",
            Text::new("当前账号没有此项权限。", "This account has no right to do that."),
            Text::new("请由有权限的人员操作。", "Ask somebody whose role holds it."),
        ))
    }
}

type NowFn = Box<dyn Fn() -> UtcMs + Send + Sync>;

struct Inner {
    store: Store,
    identity: Identity,
    witness: WitnessKey,
    address: String,
    gate: Arc<Gate>,
    now: NowFn,
    press: OnceLock<Arc<Press>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    exchange: tokio::sync::Mutex<()>,
    openings: tokio::sync::Mutex<()>,
    unpacking: tokio::sync::Mutex<()>,
    /// Attempts beyond those that are entered one by one, by account (`cases::tried`).
    uncounted: Mutex<BTreeMap<AccountId, u64>>,
}

/// The authority's half of a server.
#[derive(Clone)]
pub struct Authority(Arc<Inner>);

impl Authority {
    /// Opens it over the server's store. `address` is where sites reach it (`host:port`), `gate` the law in use, `now` the server's clock.
    ///
    /// # Errors
    /// A key that was lost, or the store.
    pub async fn open(
        store: Store,
        address: String,
        gate: Arc<Gate>,
        now: impl Fn() -> UtcMs + Send + Sync + 'static,
    ) -> Result<Self, AuthorityError> {
        let identity = Identity::from_seed(&store.named_seed("bus", now()).await?)?;
        let name = format!("jifang-witness/{}", store.site());
        let witness = WitnessKey::from_seed(&name, store.named_seed("witness", now()).await?)?;
        let (press, tasks, exchange) = (OnceLock::new(), Mutex::default(), tokio::sync::Mutex::new(()));
        Ok(Self(Arc::new(Inner {
            store,
            identity,
            witness,
            address,
            gate,
            now: Box::new(now),
            press,
            tasks,
            exchange,
            openings: tokio::sync::Mutex::new(()),
            unpacking: tokio::sync::Mutex::new(()),
            uncounted: Mutex::default(),
        })))
    }

    /// Sets its documents on the press of the server it belongs to, so that both take turns. To be said before the first is made; of
    /// several the first counts. Without it the authority has one of its own, with the usual fonts.
    #[must_use]
    pub fn with_press(self, press: Arc<Press>) -> Self {
        let _ = self.0.press.set(press);
        self
    }

    /// Answers sites on `listener` until `stop`.
    pub fn listen(&self, listener: TcpListener) {
        let answering = self.clone();
        let serving = bus::serve(listener, self.0.identity.clone(), move |call| {
            let authority = answering.clone();
            async move { authority.answer(call).await }
        });
        let task = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the way between servers is closed");
            }
        });
        let sweeping = tokio::spawn(self.clone().sweep_exhibits());
        let counting = tokio::spawn(self.clone().count_days());
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).extend([task, sweeping, counting]);
    }

    /// Stops answering. What was being received is stored whole or not at all.
    pub async fn stop(&self) {
        let tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            task.abort();
            let _ = task.await;
        }
    }

    /// What a site's person pastes: address, key on the bus, key of receipts, key of the witness.
    #[must_use]
    pub fn connection_text(&self) -> String {
        format!("{CONNECTION} {} {} {} {}", self.0.address, self.pin(), self.vkey(), self.0.witness.vkey())
    }

    /// Key on the bus.
    #[must_use]
    pub fn pin(&self) -> Pin {
        self.0.identity.pin()
    }

    /// Key that signs receipts: that of this server's log.
    #[must_use]
    pub fn vkey(&self) -> &Vkey {
        self.0.store.ledger().key().vkey()
    }

    /// Key that cosigns.
    #[must_use]
    pub fn witness_vkey(&self) -> &ledger::WitnessVkey {
        self.0.witness.vkey()
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn now(&self) -> UtcMs {
        (self.0.now)()
    }

    fn gate(&self) -> &Gate {
        &self.0.gate
    }

    fn press(&self) -> &Press {
        self.0.press.get_or_init(|| {
            let own = OwnTemplates::WhereThere(self.store().data().join("templates"));
            Arc::new(Press::new(FontChoice::usual(), own))
        })
    }
}

#[cfg(test)]
mod tests;
