//! What the halls of the tests of casework have in common: a server of an authority in a province, its clock, its administrator and whoever
//! is given a seat. Each test furnishes its own hall on top of it.
//!
//! Always true: it begins in the morning of [`FIRST_DAY`], with the packs of the program, and its clock moves only where a test moves it.

use crate::cases::{OfficeForm, OfficerForm};
use crate::{Authority, By};
use base::{CivilDate, OfficeId, Pii, UtcMs};
use domain::access::Role;
use domain::casework::{Typed, fields_of};
use law::{FieldKind, Jurisdiction};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use store::{Store, StoreConfig};

/// The packs of the program.
pub(crate) static GATE: LazyLock<Arc<law::Gate>> = LazyLock::new(|| Arc::new(law::Gate::embedded().unwrap()));

pub(crate) const HOUR_MS: i64 = 3_600_000;

/// The day on which every hall opens.
const FIRST_DAY: &str = "2026-03-02";

pub(crate) fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

/// The samples of the packs for a step or outcome of a procedure; days are `on`.
pub(crate) fn sample(of: &str, step: &str, on: CivilDate) -> Typed {
    let procedure = GATE.packs().procedure(of).unwrap();
    let text = |f: &law::Field| if f.kind == FieldKind::Day { on.to_string() } else { f.sample.clone() };
    let all = fields_of(procedure, step).into_iter().map(|f| (f.id.clone(), text(f)));
    all.filter(|(_, text)| !text.is_empty()).collect()
}

/// An account that was made at the beginning of the first day.
pub(crate) async fn account(store: &Store, login: &str, role: Role) -> By {
    account_at(store, login, role, UtcMs(day(FIRST_DAY).start().0)).await
}

pub(crate) async fn account_at(store: &Store, login: &str, role: Role, now: UtcMs) -> By {
    let new = store::accounts::NewAccount {
        login: login.into(),
        role,
        name: Pii::new(format!("{login}某")),
        badge: None,
        unit: "示例分局".into(),
        password_hash: "x".into(),
    };
    By { account: store.add_account(&new, None, false, now).await.unwrap(), role }
}

/// An office of a county; its territory is what its code begins with.
pub(crate) fn office_form(name: &str, unit_code: &str) -> OfficeForm {
    OfficeForm {
        name: name.into(),
        level: "county".into(),
        division: unit_code[..6].into(),
        unit_code: unit_code.into(),
        ..OfficeForm::default()
    }
}

/// A server of an authority that has an administrator and nothing else.
pub(crate) struct Bare {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) authority: Authority,
    pub(crate) clock: Arc<AtomicI64>,
    pub(crate) admin: By,
}

impl Bare {
    pub(crate) async fn open(province: Jurisdiction) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let start = UtcMs(day(FIRST_DAY).start().0 + 10 * HOUR_MS);
        let clock = Arc::new(AtomicI64::new(start.0));
        let config = StoreConfig { data: dir.path().join("data"), ..StoreConfig::default() };
        let store = Store::open(&config, start).await.unwrap();
        let profile = serde_json::json!({ "law": law::SiteProfile::new(province) }).to_string();
        store.set_setting("profile", &profile, None, start).await.unwrap();
        let times = Arc::clone(&clock);
        let now = move || UtcMs(times.load(Ordering::Relaxed));
        let authority = Authority::open(store.clone(), "x".into(), Arc::clone(&GATE), now).await.unwrap();
        let admin = account(&store, "admin", Role::Administrator).await;
        Self { dir, store, authority, clock, admin }
    }

    /// Somebody of an office whose certificate holds until a day.
    pub(crate) async fn seat(&self, login: &str, role: Role, office: OfficeId, until: &str) -> By {
        let by = account(&self.store, login, role).await;
        let card = OfficerForm { certificate: Pii::new(format!("2301-{login}")), valid_until: Some(day(until)) };
        self.authority.put_officer(self.admin, by.account, office, &card).await.unwrap();
        by
    }
}
