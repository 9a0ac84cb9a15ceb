//! Areas as the corridors ask them: the rights of whoever acts, against the place of a camera, at this moment.
//!
//! Rights are kept in memory and read again after each change, so that asking costs nothing and a change acts at once. One process
//! uses a data folder, so nobody changes them behind this memory.

use crate::proposals::Asked;
use crate::{Actor, Site};
use base::{AccountId, CameraId, Refusal, UtcMs};
use domain::access::Permission;
use domain::area::{self, AreaRight};
use domain::proposal::Change;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Most accounts whose rights are remembered; more are read from the database each time.
const REMEMBERED: usize = 10_000;

/// Rights by account, as far as somebody asked.
#[derive(Default)]
pub(crate) struct Areas(RwLock<HashMap<AccountId, Arc<Vec<AreaRight>>>>);

/// What an account may look at now: for lists.
#[derive(Clone, Debug)]
pub struct Sight {
    rights: Arc<Vec<AreaRight>>,
    now: UtcMs,
}

impl Sight {
    /// Does it reach to `place`?
    #[must_use]
    pub fn reaches(&self, place: &str) -> bool {
        area::may(&self.rights, place, self.now)
    }
}

impl Site {
    async fn rights_of(&self, account: AccountId) -> Result<Arc<Vec<AreaRight>>, Refusal> {
        let known = self.areas().0.read().unwrap_or_else(PoisonError::into_inner).get(&account).cloned();
        if let Some(rights) = known {
            return Ok(rights);
        }
        let rights = Arc::new(self.store().area_rights(account).await?);
        let mut all = self.areas().0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() < REMEMBERED {
            all.insert(account, rights.clone());
        }
        Ok(rights)
    }

    /// What this account may look at now.
    ///
    /// # Errors
    /// The store.
    pub async fn sight_of(&self, account: AccountId) -> Result<Sight, Refusal> {
        Ok(Sight { rights: self.rights_of(account).await?, now: self.now().utc })
    }

    /// Refuses unless the place of a camera lies in an area of this account, now. A camera taken out of service keeps its place.
    ///
    /// # Errors
    /// `outside_area`, `outside_hours`, `not_found`, or the store.
    pub async fn in_area(&self, by: &Actor, camera: CameraId) -> Result<(), Refusal> {
        let place = match self.camera(camera) {
            Some(running) => running.row().place,
            None => {
                let row = self.store().camera(camera).await?;
                row.ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?.place
            }
        };
        self.place_in_area(by, &place).await
    }

    /// Refuses unless a place lies in an area of this account, now.
    ///
    /// # Errors
    /// `outside_area`, `outside_hours`, or the store.
    pub(crate) async fn place_in_area(&self, by: &Actor, place: &str) -> Result<(), Refusal> {
        area::check(&self.rights_of(by.id).await?, place, self.now().utc)
    }

    /// Rights of an account, for the page that changes them.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn area_rights(&self, by: &Actor, account: AccountId) -> Result<Vec<AreaRight>, Refusal> {
        by.needs(Permission::ManageRights)?;
        Ok(self.rights_of(account).await?.as_ref().clone())
    }

    /// Replaces the rights of an account; they act from the next question on. Those of the three administrators wait for a second
    /// person.
    ///
    /// # Errors
    /// No permission, `not_found`, those of `domain::area::check_rights` and of `ask_second`, or the store.
    pub async fn set_area_rights(
        &self,
        by: &Actor,
        id: AccountId,
        rights: Vec<AreaRight>,
    ) -> Result<Asked<()>, Refusal> {
        by.needs(Permission::ManageRights)?;
        area::check_rights(&rights)?;
        let account = self.store().account(id).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        let rights: Vec<_> = rights.into_iter().map(|r| AreaRight { area: area::tidy(&r.area), ..r }).collect();
        if account.role.is_of_the_three() {
            return self.ask_second(by, Change::Areas { account: id, rights }).await.map(Asked::Waits);
        }
        let done = self.store().set_area_rights(id, &rights, by.id, self.now().utc).await;
        // Forgotten also when the answer of the database is lost: then the next question reads what is true.
        self.forget_areas(id);
        done.map_err(store::StoreError::from)?;
        Ok(Asked::Done(()))
    }

    /// The next question reads the rights of this account again.
    pub(crate) fn forget_areas(&self, id: AccountId) {
        self.areas().0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// Areas that there are, from the places of all cameras.
    #[must_use]
    pub fn area_tree(&self) -> Vec<String> {
        let places: Vec<_> = self.cameras().iter().map(|c| c.row().place).collect();
        area::tree(places.iter().map(String::as_str))
    }
}
