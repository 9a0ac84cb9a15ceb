//! Contacts of alarms: who may keep the list, who sees it whole.
//!
//! ```text
//! manager ─▶ ManageAlarms ─▶ domain::contact::check ─▶ its panel is there ─▶ store: row (sealed) + entry
//! guard   ─▶ StandWatch, the incident is open ─▶ names and numbers whole: that page's work is to call them
//! anybody else who sees alarms ─▶ masked
//! ```

use crate::alarm::Open;
use crate::{Actor, Site};
use base::{ContactId, Refusal, Text};
use domain::access::Permission;
use domain::area;
use domain::contact::{self, Contact, Reach, Scene};
use store::contacts::Kept;

/// Whom to call about an incident.
#[derive(Clone, Debug)]
pub struct CallList {
    /// The first to call first.
    pub list: Vec<Contact>,
    /// This person is to call them now, so names and numbers are theirs to see.
    pub whole: bool,
}

fn gone() -> Refusal {
    Refusal::not_found("该联系人", "contact")
}

impl Site {
    /// All contacts: by place, then in the order they are called. For pages that show them masked.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn contacts(&self, by: &Actor) -> Result<Vec<Contact>, Refusal> {
        by.needs(Permission::SeeAlarms)?;
        let mut all = self.store().contacts().await?;
        all.sort_by_cached_key(|c| (place_key(&c.reach), c.order, c.id));
        Ok(all)
    }

    /// One contact.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn contact(&self, by: &Actor, id: ContactId) -> Result<Contact, Refusal> {
        by.needs(Permission::SeeAlarms)?;
        self.store().contact(id).await?.ok_or_else(gone)
    }

    /// Adds a contact; its id is given here, whatever the form has.
    ///
    /// # Errors
    /// No permission, the form's defects (`domain::contact::check`), `source`, `too_many_contacts`, or the store.
    pub async fn add_contact(&self, by: &Actor, form: Contact) -> Result<ContactId, Refusal> {
        by.needs(Permission::ManageAlarms)?;
        let form = contact::check(form)?;
        self.source_is_there(&form.reach).await?;
        let now = self.now().utc;
        let id = self.store().new_contact_id(now)?;
        match self.store().add_contact(&Contact { id, ..form }, by.id, now).await? {
            Kept::Yes => Ok(id),
            Kept::NoRoom | Kept::Gone => Err(contact::no_room()),
        }
    }

    /// Changes a contact.
    ///
    /// # Errors
    /// As `add_contact`, and `not_found`.
    pub async fn change_contact(&self, by: &Actor, form: Contact) -> Result<(), Refusal> {
        by.needs(Permission::ManageAlarms)?;
        let form = contact::check(form)?;
        self.source_is_there(&form.reach).await?;
        match self.store().change_contact(&form, by.id, self.now().utc).await? {
            Kept::Yes => Ok(()),
            Kept::NoRoom => Err(contact::no_room()),
            Kept::Gone => Err(gone()),
        }
    }

    /// Removes a contact, and what was kept of the person.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn remove_contact(&self, by: &Actor, id: ContactId) -> Result<(), Refusal> {
        by.needs(Permission::ManageAlarms)?;
        let row = self.store().contact(id).await?.ok_or_else(gone)?;
        if self.store().remove_contact(&row, by.id, self.now().utc).await? { Ok(()) } else { Err(gone()) }
    }

    /// Whom to call about an incident.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn calls(&self, by: &Actor, open: &Open) -> Result<CallList, Refusal> {
        by.needs(Permission::SeeAlarms)?;
        let incident = &open.row.incident;
        let zones: Vec<u32> = incident.zones.iter().map(|z| z.zone).filter(|zone| *zone != 0).collect();
        let places = self.places_of(open).await?;
        let scene = Scene { source: &incident.source, zones: &zones, places: &places };
        let list = contact::calls(self.store().contacts().await?, &scene);
        Ok(CallList { list, whole: by.role.may(Permission::StandWatch) && incident.closed.is_none() })
    }

    /// Places of an incident as paths: those of its zones, and that of its source.
    pub(crate) async fn places_of(&self, open: &Open) -> Result<Vec<String>, Refusal> {
        let of_source = self.store().source_place(&open.row.incident.source).await?.map(|(_, place)| place);
        let mut places: Vec<_> = open.zones.iter().map(|z| area::tidy(&z.place)).collect();
        places.extend(of_source.map(|place| area::tidy(&place)));
        places.extend(open.cameras.iter().filter_map(|id| self.camera(*id)).map(|c| area::tidy(&c.row().place)));
        places.retain(|place| !place.is_empty());
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// Areas that somebody can choose: of cameras, panels and zones.
    ///
    /// # Errors
    /// The store.
    pub async fn areas_of_alarms(&self) -> Result<Vec<String>, Refusal> {
        let mut places = self.store().alarm_places().await?;
        places.extend(self.cameras().iter().map(|c| c.row().place));
        Ok(area::tree(places.iter().map(String::as_str)))
    }

    async fn source_is_there(&self, reach: &Reach) -> Result<(), Refusal> {
        let source = match reach {
            Reach::Area(_) => return Ok(()),
            Reach::Source(source) | Reach::Zone(source, _) => source,
        };
        match self.panel(source).await {
            Err(refusal) if refusal.code == "not_found" => Err(Refusal::bad_input(
                "source",
                Text::new("没有这台报警主机。", "There is no such alarm panel."),
                Text::new("请从列表中选择。", "Choose one of the list."),
            )),
            other => other.map(|_| ()),
        }
    }
}

/// Areas first, from the whole site inwards; then panels, each before its zones.
fn place_key(reach: &Reach) -> (bool, String, u32) {
    match reach {
        Reach::Area(path) => (false, path.clone(), 0),
        Reach::Source(source) => (true, source.as_str().to_owned(), 0),
        Reach::Zone(source, zone) => (true, source.as_str().to_owned(), *zone),
    }
}
