//! Alarm panels and their zones, added, changed and removed by people: role, form, law gate where one is taken away, then row and log
//! together, then the receiver.

use crate::devices::{WhyForm, agreed, placement_of};
use crate::{Actor, Site};
use base::{CameraId, Pii, Refusal, Text, limits};
use domain::access::Permission;
use domain::alarm::{Principle, SourceName};
use law::{Act, PlaceKind, Removal};
use std::collections::BTreeSet;
use store::alarm_sources::{AlarmSource, ZONE_CAMERAS, ZONES, Zone};
use store::incidents::NEIGHBOURS;
use wire::dc09::{Key, Quirks};

/// Shortest and longest supervision time, seconds. 25 h is the longest that a class of alarm transmission allows.
pub const SUPERVISION_S: std::ops::RangeInclusive<u32> = 10..=90_000;
/// Highest zone number.
pub const ZONE_NUMBER: u32 = 999_999;
/// Most seconds a panel's clock may be allowed to be off.
const CLOCK_S: u32 = 86_400;

/// Kind of place of a panel none of whose zones is watched by a camera of a social public area: among those of the unit's staff.
const PANEL_PLACE: PlaceKind = PlaceKind::ControlRoom;

/// What becomes of a panel's key.
#[derive(Clone, Debug)]
pub enum KeyChange {
    /// It stays (a new panel has none).
    Keep,
    /// Not encrypted any more.
    Remove,
    /// This one, hex.
    Set(Pii<String>),
}

/// What a person fills in for a panel.
#[derive(Clone, Debug)]
pub struct PanelForm {
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub place: String,
    /// Its key.
    pub key: KeyChange,
    /// Longest silence, seconds; none = not supervised.
    pub supervision_s: Option<u32>,
    /// Its habits.
    pub quirks: Quirks,
}

/// What a person fills in for a zone.
#[derive(Clone, Debug)]
pub struct ZoneForm {
    /// Its number at the panel.
    pub number: u32,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub place: String,
    /// Cameras that show it.
    pub cameras: Vec<CameraId>,
    /// How its detector senses; `None` = not known.
    pub principle: Option<Principle>,
    /// Numbers of the zones beside it.
    pub neighbours: Vec<u32>,
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
    Refusal::bad_input(code, Text::new(zh, en), next)
}

fn check_words(name: &str, place: &str) -> Result<(), Refusal> {
    let fits =
        |s: &str| (1..=limits::NAME_CHARS).contains(&s.trim().chars().count()) && !s.chars().any(char::is_control);
    if !fits(name) {
        return Err(bad("name", "名称未填写或过长。", "The name is empty or too long."));
    }
    if !fits(place) {
        return Err(bad("place", "位置未填写或过长。", "The place is empty or too long."));
    }
    Ok(())
}

fn check(form: &PanelForm) -> Result<(), Refusal> {
    check_words(&form.name, &form.place)?;
    if let KeyChange::Set(key) = &form.key
        && Key::parse(key.expose()).is_none()
    {
        return Err(bad("key", "密钥须为 32、48 或 64 位十六进制数字。", "A key has 32, 48 or 64 hexadecimal digits."));
    }
    if form.supervision_s.is_some_and(|s| !SUPERVISION_S.contains(&s)) {
        return Err(bad(
            "supervision",
            "监督时间须为 10 至 90000 秒，或留空。",
            "The supervision time is 10 to 90,000 s, or empty.",
        ));
    }
    let q = &form.quirks;
    if q.behind_s > CLOCK_S || q.ahead_s > CLOCK_S || q.zone_min.abs() > 14 * 60 {
        return Err(bad("clock", "时钟允许范围不对。", "The allowance for its clock is out of range."));
    }
    Ok(())
}

fn no_panel() -> Refusal {
    Refusal::not_found("该报警主机", "alarm panel")
}

impl Site {
    /// Adds a panel; one that was removed comes back.
    ///
    /// # Errors
    /// No permission, the form's defects, an account that is taken, or the store.
    pub async fn add_panel(&self, by: &Actor, account: &str, form: PanelForm) -> Result<AlarmSource, Refusal> {
        by.needs(Permission::ManageDevices)?;
        let Some(account) = wire::dc09::account(account.trim()) else {
            return Err(bad(
                "account",
                "账号须为 3 至 16 位十六进制数字。",
                "An account has 3 to 16 hexadecimal digits.",
            ));
        };
        check(&form)?;
        let source = SourceName::dc09(&account);
        let old = self.store().alarm_source(&source).await?;
        if old.as_ref().is_some_and(|old| old.removed.is_none()) {
            return Err(bad("account", "该账号已在使用。", "The account is in use already."));
        }
        let created = old.as_ref().map_or_else(|| self.now().utc, |old| old.created);
        self.put_panel(by, source, form, None, created).await
    }

    /// Changes a panel.
    ///
    /// # Errors
    /// As `add_panel`, and `not_found`.
    pub async fn change_panel(&self, by: &Actor, source: &SourceName, form: PanelForm) -> Result<AlarmSource, Refusal> {
        by.needs(Permission::ManageDevices)?;
        check(&form)?;
        let old = self.panel(source).await?;
        self.put_panel(by, source.clone(), form, old.key, old.created).await
    }

    async fn put_panel(
        &self,
        by: &Actor,
        source: SourceName,
        form: PanelForm,
        kept: Option<Pii<String>>,
        created: base::UtcMs,
    ) -> Result<AlarmSource, Refusal> {
        let lost = self.receiver().account(&source).is_some_and(|a| a.lost);
        let row = AlarmSource {
            source,
            name: form.name.trim().to_owned(),
            place: form.place.trim().to_owned(),
            key: match form.key {
                KeyChange::Keep => kept,
                KeyChange::Remove => None,
                KeyChange::Set(key) => Some(key),
            },
            supervision_s: form.supervision_s,
            quirks: serde_json::to_string(&form.quirks).unwrap_or_default(),
            lost: (lost && form.supervision_s.is_some()).then(|| self.now().utc),
            created,
            removed: None,
        };
        self.store().put_alarm_source(&row, by.id, self.now().utc).await?;
        // A crash here: the next start takes the row in.
        self.receiver().put(&row);
        Ok(row)
    }

    /// Takes a panel out of service, for a reason (B-24-1-1, Order 799 art. 23), one that guards a social public area by agreement with
    /// the police (A-9-2). Its zones and past events stay.
    ///
    /// # Errors
    /// No permission, `not_found`, `reason` (too long), the law, or the store.
    pub async fn remove_panel(&self, by: &Actor, source: &SourceName, why: &WhyForm) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        why.check()?;
        let why = why.tidy();
        let old = self.panel(source).await?;
        let place = self.place_of_panel(source).await?;
        let relocation_agreed = agreed(place.is_social_public_area(), why);
        let facts = Removal { place, authorised: !why.reason.is_empty(), relocation_agreed };
        let clauses = self.lawful(by, None, Act::RemoveDevice(facts)).await?;
        let now = self.now().utc;
        let row = AlarmSource { removed: Some(now), lost: None, ..old };
        self.store().put_alarm_source_because(&row, why, &clauses, by.id, now).await?;
        self.receiver().remove(source);
        Ok(())
    }

    /// Kind of place of a panel, for the gate. Panels and zones carry none of their own: one camera of a social public area among those
    /// that show its zones, as entered or as drawn, and the whole panel counts as one of that area.
    async fn place_of_panel(&self, source: &SourceName) -> Result<PlaceKind, Refusal> {
        let zones = self.store().zones(source).await?;
        let cameras: BTreeSet<CameraId> = zones.into_iter().flat_map(|zone| zone.cameras).collect();
        for id in cameras {
            // A camera out of service shows the place that it showed.
            let Some(row) = self.store().camera(id).await? else { continue };
            let look = self.look_of(id).await?;
            let places = crate::views::placements(placement_of(&row), look.as_ref());
            if let Some(area) = places.iter().find(|p| p.place.is_social_public_area()) {
                return Ok(area.place);
            }
        }
        Ok(PANEL_PLACE)
    }

    /// Sets a zone of a panel.
    ///
    /// # Errors
    /// No permission, the form's defects, `not_found`, or the store.
    pub async fn set_zone(&self, by: &Actor, source: &SourceName, form: ZoneForm) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        check_words(&form.name, &form.place)?;
        if !(1..=ZONE_NUMBER).contains(&form.number) {
            return Err(bad("number", "防区号须为 1 至 999999。", "A zone number is 1 to 999,999."));
        }
        if form.cameras.len() > ZONE_CAMERAS || form.cameras.iter().any(|id| self.camera(*id).is_none()) {
            return Err(bad(
                "cameras",
                "请选择至多 8 台在用的摄像机。",
                "Choose at most 8 cameras that are in service.",
            ));
        }
        let beside = |n: &u32| (1..=ZONE_NUMBER).contains(n) && *n != form.number;
        if form.neighbours.len() > NEIGHBOURS || !form.neighbours.iter().all(beside) {
            return Err(bad(
                "neighbours",
                "相邻防区须为至多 32 个其他防区的编号。",
                "Adjacent zones are the numbers of at most 32 other zones.",
            ));
        }
        self.panel(source).await?;
        let zones = self.store().zones(source).await?;
        if zones.len() >= ZONES && zones.iter().all(|z| z.number != form.number) {
            return Err(bad("number", "该主机的防区已满 1000 个。", "This panel has its 1,000 zones."));
        }
        let zone = Zone {
            source: source.clone(),
            number: form.number,
            name: form.name.trim().to_owned(),
            place: form.place.trim().to_owned(),
            cameras: form.cameras,
        };
        let now = self.now().utc;
        self.store().put_zone(&zone, by.id, now).await?;
        // A crash here leaves the zone with the detector of before; saving the form again sets it.
        let known = self.store().zone_facts(source).await?.into_iter().find(|z| z.zone == form.number);
        if known.is_none_or(|z| (z.principle, &z.neighbours) != (form.principle, &form.neighbours)) {
            self.store().put_detector(source, form.number, form.principle, &form.neighbours, by.id, now).await?;
        }
        Ok(())
    }

    /// Removes a zone of a panel; its events are then told by number.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn remove_zone(&self, by: &Actor, source: &SourceName, number: u32) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        let there = self.store().remove_zone(source, number, by.id, self.now().utc).await?;
        if there { Ok(()) } else { Err(Refusal::not_found("该防区", "zone")) }
    }

    /// A panel in service.
    ///
    /// # Errors
    /// `not_found`, or the store.
    pub async fn panel(&self, source: &SourceName) -> Result<AlarmSource, Refusal> {
        let row = self.store().alarm_source(source).await?.filter(|s| s.removed.is_none());
        row.ok_or_else(no_panel)
    }
}
