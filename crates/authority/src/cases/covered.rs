//! Which place that must have a system has one, has none, or needs an officer who looks.
//!
//! ```text
//! rows of places and systems, as they are written ─▶ compare_places (daily, and before they are counted): Spot ─▶ Store::put_spots
//!    owner: credit code, else party · address and names: with the division, normalized · named: the place that the form of a system chose
//! class of a place: covered · doubtful · open ─▶ numbers, list, file, exchange
//! doubtful ─▶ settle_place: officer of the row's office ─▶ entry `place.settled`
//! ```
//! Always true: a place counts as covered by a system that names it, that an officer tied to it, or that is of the same owner and has its address
//! or name in the same division; one system of an owner covers no second place by being the owner's; what cannot be told is doubtful and counted
//! as neither; a system that was refused, failed or is only approved covers nothing.

use super::numbers::{PLACES, SYSTEMS, adverse_of};
use super::{bad, fault, row_columns};
use crate::{Authority, By};
use base::{ClauseId, OfficeId, PartyId, Refusal, Text};
use domain::access::Permission;
use law::{Packs, ProcedureKind};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;
use store::casework::parties::PartyData;
use store::casework::registers::RowVersion;
use store::casework::search::normal;
use store::casework::spots::{Class, Link, PlaceFilter, PlaceSettled, Settling, Spot};
use store::ledger_log::ActLine;

/// The field in which a system names the place that it protects, in every procedure that has it.
pub const PLACE_FIELD: &str = "protected_place";
/// Most places of a party that a form offers.
pub const OFFERED: u32 = 100;
/// Most places of one answer to another system.
pub const HANDED: u32 = 200;
/// Rows that are compared in one transaction: acts of people wait no longer.
const AT_ONCE: u32 = 100;
/// Rows that are compared before a page is shown; the rest is told and done by the day's work.
const FOR_A_PAGE: usize = 2_000;
/// Columns of the division, the address and the name, as forms call them: the first that is filled in is taken.
const DIVISIONS: [&str; 5] =
    ["place_division", "project_division", "area_division", "system_division", "unit_division"];
const ADDRESSES: [&str; 4] = ["place", "project_address", "place_address", "unit_address"];
const PLACE_NAMES: [&str; 2] = ["place_name", "area_name"];
const UNIT_NAME: &str = "unit_name";
const SYSTEM_NAME: &str = "system_name";
const CREDIT_CODE: &str = "credit_code";
/// What is left away at the end of a name: the form of a company says nothing of the place.
const COMPANY: [&str; 3] = ["有限责任公司", "股份有限公司", "有限公司"];
/// On what an officer rests what is settled: word, name.
static GROUNDS: [(&str, Text); 3] = [
    ("visited", Text::new("到现场核实", "seen at the place")),
    ("papers", Text::new("核对备案、验收材料", "by the papers of filing or acceptance")),
    ("asked", Text::new("向单位核实", "asked of the unit")),
];

/// Places of a register, by class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Classes {
    /// A system that protects them stands.
    pub covered: u64,
    /// An officer has to look.
    pub doubtful: u64,
    /// No system is known.
    pub open: u64,
}

impl Classes {
    pub(super) const fn of([covered, doubtful, open]: [u64; 3]) -> Self {
        Self { covered, doubtful, open }
    }

    /// All places.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.covered.saturating_add(self.doubtful).saturating_add(self.open)
    }
}

/// Places of a class as another system gets them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacesHanded {
    /// How all places of the register stand.
    pub classes: Classes,
    /// Rows that are not compared yet and are in no class.
    pub uncompared: u64,
    /// Those of the class that was asked for, the newest first.
    pub rows: Vec<RowVersion>,
    /// Where to go on from; none: these were all.
    pub next: Option<u64>,
}

/// A place with what is known of its systems.
#[derive(Clone, PartialEq, Debug)]
pub struct PlaceView {
    /// Its class today.
    pub class: Class,
    /// An officer settled something of it.
    pub settled: bool,
    /// Systems that are tied to it, and why; also those that stand no more.
    pub systems: Vec<(RowVersion, Link)>,
    /// Systems that may be its.
    pub candidates: Vec<RowVersion>,
    /// This account may settle it.
    pub may_settle: bool,
}

/// What an officer found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlaceForm {
    /// Ids of the rows of systems that protect it; empty: none of those that are known.
    pub systems: Vec<String>,
    /// On what it rests: a word of [`settling_grounds`].
    pub ground: String,
}

/// On what an officer may rest it: word and name.
#[must_use]
pub fn settling_grounds() -> &'static [(&'static str, Text)] {
    &GROUNDS
}

/// Whether rows of this register are places that must have a system.
#[must_use]
pub fn is_of_places(register: &str) -> bool {
    PLACES.contains(&register)
}

/// Whether rows of this register are systems.
#[must_use]
pub fn is_of_systems(register: &str) -> bool {
    register == SYSTEMS
}

/// A place as the form of a system names it: what people read, and the row.
#[must_use]
pub fn place_as_named(row: &RowVersion) -> String {
    let name: String = row.name.chars().take(60).collect();
    format!("{name}（{}/{}）", row.register, row.row)
}

/// The row of a place that was named so; `None`: it is typed otherwise.
fn named_place(text: &str) -> Option<(String, String)> {
    let inner = text.trim().strip_suffix(['）', ')'])?;
    let (_, reference) = inner.rsplit_once(['（', '('])?;
    let (register, row) = reference.split_once('/')?;
    (is_of_places(register) && !row.is_empty()).then(|| (register.to_owned(), row.to_owned()))
}

/// Letters and digits alone, half width and small.
fn plain(text: &str) -> String {
    normal(text).chars().filter(|c| !c.is_whitespace()).collect()
}

fn plain_name(text: &str) -> String {
    let name = plain(text);
    let short = COMPANY.iter().find_map(|end| name.strip_suffix(*end)).filter(|short| !short.is_empty());
    short.map_or_else(|| name.clone(), str::to_owned)
}

/// An address without the names of the province, city and county that the division says already.
fn plain_address(packs: &Packs, division: &str, text: &str) -> String {
    let whole = plain(text);
    let mut rest = whole.as_str();
    let code = |n: usize| division.get(..n).map(|head| format!("{head:0<6}"));
    for level in [2, 4, 6].into_iter().filter_map(code) {
        let name = packs.division(&level).map(|d| plain(&d.name.zh));
        rest = name.and_then(|name| rest.strip_prefix(name.as_str())).unwrap_or(rest);
    }
    rest.to_owned()
}

/// With its division: the same street or name elsewhere is another place. Empty where one of them is.
fn in_division(division: &str, text: &str) -> String {
    if division.is_empty() || text.is_empty() { String::new() } else { format!("{division} {text}") }
}

/// The first of these columns that is filled in, open or sealed.
fn first<'a>((open, sealed): (&'a Json, &'a Json), ids: &[&str]) -> &'a str {
    let text = |id: &&str| open[*id].as_str().or_else(|| sealed[*id].as_str()).filter(|text| !text.trim().is_empty());
    ids.iter().find_map(text).unwrap_or_default()
}

/// Whether a row of systems is a system that may be used: not refused, not only approved, and not what was agreed or connected about one.
fn is_system_in_use(packs: &Packs, public: &Json, adverse: &[String]) -> bool {
    if public["outcome"].as_str().is_some_and(|outcome| adverse.iter().any(|a| a == outcome)) {
        return false;
    }
    let procedure = public["procedure"].as_str().and_then(|id| packs.procedure(id));
    procedure.is_none_or(|p| {
        let waits = p.row_state.as_ref().is_some_and(|state| state.register == SYSTEMS && !state.is_sought());
        !waits && matches!(p.kind, ProcedureKind::Filing | ProcedureKind::Examination | ProcedureKind::Licence)
    })
}

/// A row as it is compared; `codes`: of the parties that are units.
fn spot_of(packs: &Packs, row: &RowVersion, codes: &BTreeMap<PartyId, String>, adverse: &[String]) -> Spot {
    let public: Json = serde_json::from_str(&row.public).unwrap_or_default();
    let (open, sealed) = row_columns(row);
    let columns = (&open, &sealed);
    let is_system = is_of_systems(&row.register);
    let division = first(columns, &DIVISIONS);
    let address = plain_address(packs, division, first(columns, &ADDRESSES));
    let own = if is_system { first(columns, &[UNIT_NAME]) } else { place_name(packs, row, columns) };
    let code = plain(first(columns, &[CREDIT_CODE]));
    let party = row.party.map(|id| codes.get(&id).cloned().unwrap_or_else(|| id.to_string()));
    let adverse_place = || public["outcome"].as_str().is_some_and(|o| adverse.iter().any(|a| a == o));
    Spot {
        register: row.register.clone(),
        row: row.row.clone(),
        entry: row.entry,
        is_system,
        office: row.office,
        owner: if code.is_empty() { party.unwrap_or_default() } else { code },
        address: in_division(division, &address),
        names: [
            in_division(division, &plain_name(own)),
            in_division(division, &plain_name(if is_system { first(columns, &[SYSTEM_NAME]) } else { "" })),
        ],
        named: if is_system { named_place(first(columns, &[PLACE_FIELD])) } else { None },
        counts: if is_system { is_system_in_use(packs, &public, adverse) } else { !adverse_place() },
        from: row.from,
        until: row.until,
    }
}

/// What a place is called: by its own column, in a form that is filled in by hand by the subject of that form, else as lists call it.
fn place_name<'a>(packs: &Packs, row: &'a RowVersion, columns: (&'a Json, &'a Json)) -> &'a str {
    let by_column = first(columns, &PLACE_NAMES);
    if !by_column.is_empty() {
        return by_column;
    }
    let by_hand = packs.register_form(&row.register).map(|form| first(columns, &[form.subject.as_str()]));
    by_hand.filter(|name| !name.is_empty()).unwrap_or(&row.name)
}

fn not_doubtful() -> Refusal {
    bad("not_doubtful", Text::new("这一处没有需要核实的系统。", "There is nothing to settle about this place."))
}

/// Another officer was quicker.
fn moved_on() -> Refusal {
    bad(
        "place_moved_on",
        Text::new(
            "所选系统刚被核实为另一处的系统，没有保存。",
            "One of the systems was just settled to be another place's; nothing was kept.",
        ),
    )
}

impl Authority {
    /// Compares rows that were written since, at most so many; how many are left.
    ///
    /// # Errors
    /// The store; what is done stays done.
    pub async fn compare_places(&self, most: usize) -> Result<u64, Refusal> {
        let packs = self.gate().packs();
        let (adverse, mut done, mut left) = (adverse_of(packs), 0_usize, 0_u64);
        // Places first: a system that names one is tied to it at once.
        for register in PLACES.into_iter().chain([SYSTEMS]) {
            while done < most {
                let rows = self.store().rows_to_compare(register, AT_ONCE).await?;
                if rows.is_empty() {
                    break;
                }
                let parties: BTreeSet<PartyId> = rows.iter().filter_map(|row| row.party).collect();
                let mut codes = BTreeMap::new();
                for party in self.store().parties_of(&parties).await? {
                    if let PartyData::Unit(unit) = party.data
                        && let Some(code) = unit.credit_code
                    {
                        codes.insert(party.id, plain(&code));
                    }
                }
                let spots: Vec<Spot> = rows.iter().map(|row| spot_of(packs, row, &codes, &adverse)).collect();
                self.store().put_spots(&spots).await?;
                done = done.saturating_add(rows.len());
            }
            left = left.saturating_add(self.store().count_to_compare(register).await?);
        }
        Ok(left)
    }

    /// The same before a page; what cannot be compared now stops no page and is told as left.
    pub(super) async fn compare_for_page(&self) -> Result<u64, Refusal> {
        match self.compare_places(FOR_A_PAGE).await {
            Ok(left) => Ok(left),
            Err(refusal) => {
                tracing::warn!(%refusal, "places and systems could not be compared");
                let mut left = 0_u64;
                for register in PLACES.into_iter().chain([SYSTEMS]) {
                    left = left.saturating_add(self.store().count_to_compare(register).await?);
                }
                Ok(left)
            }
        }
    }

    /// Places of one class that hold today, the newest first.
    ///
    /// # Errors
    /// No permission, `no_office`; `not_found` for a register that is none of places; or the store.
    pub async fn places_of_class(
        &self,
        by: By,
        (register, class): (&str, Class),
        asked: Option<OfficeId>,
        (before, limit): (Option<u64>, u32),
    ) -> Result<Vec<RowVersion>, Refusal> {
        let territory = self.territory_of_numbers(by, asked).await?;
        if !is_of_places(register) {
            return Err(Refusal::not_found("这个登记", "register"));
        }
        let filter = PlaceFilter { register: register.to_owned(), territory, before };
        Ok(self.store().places_of(&filter, class, self.now().shanghai_date(), limit).await?)
    }

    /// What is known of the systems of a place; `None`: the row is none of places, or not compared yet.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn place_view(&self, by: By, register: &str, row: &str) -> Result<Option<PlaceView>, Refusal> {
        by.needs(Permission::SeeCases)?;
        if !is_of_places(register) {
            return Ok(None);
        }
        self.compare_for_page().await?;
        let today = self.now().shanghai_date();
        let Some((class, settled)) = self.store().class_of_place((register, row), today).await? else {
            return Ok(None);
        };
        let newest = self.store().register_history(register, row).await?.into_iter().next();
        let office = newest.and_then(|row| row.office);
        let mut may_settle = false;
        if let Some(office) = office.filter(|_| by.role.may(Permission::HandleCases)) {
            may_settle = self.works_at(by.account, office).await? && (class == Class::Doubtful || settled);
        }
        Ok(Some(PlaceView {
            class,
            settled,
            systems: self.store().systems_of_place(register, row).await?,
            candidates: self.store().systems_in_doubt((register, row), today).await?,
            may_settle,
        }))
    }

    /// Keeps what an officer found about a place: which systems protect it, or that none of the known ones does. The place in the log.
    ///
    /// # Errors
    /// No permission, `no_office`; `not_found`, `other_office`; `not_doubtful`, `systems` (one that is not in question), `ground`; `place_moved_on`
    /// (another officer gave one of the systems to another place meanwhile); or the store.
    pub async fn settle_place(&self, by: By, register: &str, row: &str, form: &PlaceForm) -> Result<u64, Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let newest = self.store().register_history(register, row).await?.into_iter().next();
        let newest = newest.filter(|_| is_of_places(register)).ok_or_else(|| Refusal::not_found("这一处", "place"))?;
        let office = newest.office.ok_or_else(|| fault(&"a place without an office"))?;
        self.acts_for(account, office).await?;
        let Some((_, ground)) = GROUNDS.iter().find(|(word, _)| *word == form.ground) else {
            return Err(bad("ground", Text::new("请选择依据。", "Choose on what it rests.")));
        };
        let view = self.place_view(by, register, row).await?.filter(|view| view.may_settle).ok_or_else(not_doubtful)?;
        let settled = view.systems.iter().filter(|(_, how)| *how == Link::Settled).map(|(system, _)| system);
        let known: Vec<&RowVersion> = view.candidates.iter().chain(settled).collect();
        let chosen: Vec<&RowVersion> =
            known.iter().filter(|system| form.systems.contains(&system.row)).copied().collect();
        if form.systems.iter().any(|id| !chosen.iter().any(|system| system.row == *id)) {
            return Err(bad(
                "systems",
                Text::new("请在列出的系统中选择。", "Choose among the systems that are listed."),
            ));
        }
        let text = match chosen.len() {
            0 => Text::of(
                format!("核实一处应当安装的场所：已知的系统都不是这里的（{}）。", ground.zh),
                format!("A place was looked into: none of the known systems is its ({}).", ground.en),
            ),
            n => Text::of(
                format!("核实一处应当安装的场所：确认{n}个系统（{}）。", ground.zh),
                format!("A place was looked into: {n} systems are its ({}).", ground.en),
            ),
        };
        let settling = Settling {
            place: (register.to_owned(), row.to_owned()),
            systems: chosen.iter().map(|system| (system.register.clone(), system.row.clone())).collect(),
            ground: form.ground.clone(),
            clauses: self.clauses_of_places(register).await?,
            text,
        };
        match self.store().settle_place(&settling, account, self.now()).await? {
            PlaceSettled::Done(entry) => Ok(entry),
            PlaceSettled::MovedOn => Err(moved_on()),
        }
    }

    /// The clauses of this province that ask for a system at the places of a register.
    ///
    /// # Errors
    /// The store.
    pub async fn clauses_of_places(&self, register: &str) -> Result<Vec<ClauseId>, Refusal> {
        let (packs, site) = (self.gate().packs(), self.site_profile().await?);
        let mut out: Vec<ClauseId> = packs.register_form(register).map(|f| f.clauses.clone()).unwrap_or_default();
        let enters = |p: &&law::Procedure| p.outcomes.iter().any(|o| o.registers.iter().any(|r| r == register));
        out.extend(packs.procedures().iter().filter(enters).flat_map(|p| p.clauses.iter().cloned()));
        out.retain(|id| packs.clause(id).is_some_and(|(pack, _)| pack.reaches(site.jurisdiction)));
        let mut told: Vec<ClauseId> = Vec::new();
        for id in out {
            if !told.contains(&id) {
                told.push(id);
            }
        }
        Ok(told)
    }

    /// The places of a party among which the form of its system offers to choose, as it names them; of the party of the case, or the own one.
    ///
    /// # Errors
    /// The store.
    pub async fn places_to_name(&self, by: By, party: Option<PartyId>) -> Result<Vec<String>, Refusal> {
        let own = if by.role.may(Permission::Apply) { self.store().party_of(by.account).await? } else { party };
        let Some(party) = own else { return Ok(Vec::new()) };
        let code = match self.store().party(party).await?.map(|row| row.data) {
            Some(PartyData::Unit(unit)) => unit.credit_code.map(|code| plain(&code)),
            _ => None,
        };
        let owners: Vec<String> = code.into_iter().chain([party.to_string()]).collect();
        let mut out = Vec::new();
        for register in PLACES {
            for owner in &owners {
                let rows = self.store().places_of_owner(register, owner, self.now().shanghai_date(), OFFERED).await?;
                out.extend(rows.iter().map(place_as_named));
            }
        }
        out.truncate(usize::try_from(OFFERED).unwrap_or(usize::MAX));
        Ok(out)
    }

    /// Places of a class within reach, for another system; an answer with rows is entered before it leaves.
    ///
    /// # Errors
    /// No permission, `no_office`; `not_found` for a register that is none of places; or the store.
    pub async fn places_handed(
        &self,
        by: By,
        (register, class): (&str, Class),
        before: Option<u64>,
    ) -> Result<PlacesHanded, Refusal> {
        let uncompared = self.compare_for_page().await?;
        let rows = self.places_of_class(by, (register, class), None, (before, HANDED)).await?;
        let territory = self.territory_of_numbers(by, None).await?;
        let filter = PlaceFilter { register: register.to_owned(), territory, before: None };
        let classes = Classes::of(self.store().place_counts(&filter, self.now().shanghai_date()).await?);
        if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            let (class_zh, count) = (class.name().zh, rows.len());
            let text = Text::of(
                format!("向其他系统提供应当安装的场所（{class_zh}）{count}处。"),
                format!("{count} places that must have a system handed to another system ({}).", class.name().en),
            );
            let body = serde_json::json!({
                "register": register, "class": class.code(), "places": count, "first_entry": first.entry, "last_entry": last.entry,
                "by": by.account,
            });
            let act = ActLine::done(Some(by.account), text);
            self.store().log("exchange.read", self.now(), body, act).await.map_err(StoreError::from)?;
        }
        let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= HANDED;
        let next = rows.last().map(|row| row.entry).filter(|_| full);
        Ok(PlacesHanded { classes, uncompared, rows, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{CivilDate, Pii, UtcMs};

    fn packs() -> Packs {
        Packs::embedded().expect("packs")
    }

    fn row(register: &str, public: Json, sealed: Json) -> RowVersion {
        RowVersion {
            shown: None,
            register: register.into(),
            row: "R-1".into(),
            version: 1,
            name: "名称".into(),
            office: None,
            party: None,
            public: public.to_string(),
            personal: Some(Pii::new(sealed.to_string())),
            case: None,
            from: CivilDate::ymd(2026, 3, 2).expect("a day"),
            until: None,
            newest: true,
            at: UtcMs(0),
            entry: 7,
        }
    }

    fn spot(register: &str, public: Json, sealed: Json) -> Spot {
        spot_of(
            &packs(),
            &row(register, public, sealed),
            &BTreeMap::new(),
            &["failed".to_owned(), "refused".to_owned()],
        )
    }

    #[test]
    fn columns_that_are_compared_are_there_in_the_packs() {
        let packs = packs();
        let has = |id: &str, register: &str| {
            let by_case = packs
                .procedures()
                .iter()
                .filter_map(|p| p.field(id))
                .any(|f| f.registers.iter().any(|r| r == register));
            by_case || packs.register_form(register).is_some_and(|form| form.field(id).is_some())
        };
        let anywhere = |id: &str| PLACES.into_iter().chain([SYSTEMS]).any(|register| has(id, register));
        for id in DIVISIONS.into_iter().chain(ADDRESSES).chain(PLACE_NAMES).chain([UNIT_NAME, SYSTEM_NAME, CREDIT_CODE])
        {
            assert!(anywhere(id), "{id}");
        }
        for id in ["project_address", "project_division", PLACE_FIELD, UNIT_NAME, CREDIT_CODE] {
            assert!(has(id, SYSTEMS), "{id}: an acceptance says where its system is");
        }
        let naming = packs.procedures().iter().filter(|p| p.field(PLACE_FIELD).is_some());
        let naming: Vec<&str> = naming.map(|p| p.id.as_str()).collect();
        assert!(naming.contains(&"system_filing") && naming.contains(&"acceptance"), "{naming:?}");
    }

    #[test]
    fn another_spelling_of_the_same_place_is_compared_alike() {
        let filed = spot(
            SYSTEMS,
            serde_json::json!({ "procedure": "system_filing", "outcome": "filed", "fields": {} }),
            serde_json::json!({
                "unit_name": "沈阳示例加油站有限公司", "credit_code": "91350100m000100y43", "system_name": "视频系统",
                "place": "辽宁省沈阳市和平区示例路１号", "place_division": "210102", "unit_address": "别处",
            }),
        );
        let by_hand = spot(
            "units",
            serde_json::json!({ "fields": { "unit_name": "沈阳示例（加油站）", "unit_division": "210102" } }),
            serde_json::json!({ "credit_code": "91350100M000100Y43", "unit_address": "和平区 示例路1号" }),
        );
        assert_eq!((&filed.owner, &filed.address), (&by_hand.owner, &by_hand.address));
        assert_eq!(filed.names[0], by_hand.names[0]);
        assert!(filed.counts && by_hand.counts && filed.is_system && !by_hand.is_system);
        let elsewhere = spot(
            "units",
            serde_json::json!({ "fields": { "unit_name": "沈阳示例（加油站）", "unit_division": "210103" } }),
            serde_json::json!({ "credit_code": "91350100M000100Y43", "unit_address": "示例路1号" }),
        );
        assert_ne!(filed.address, elsewhere.address, "the same street in another district");
        assert_ne!(filed.names[0], elsewhere.names[0]);
        let nowhere = spot("units", serde_json::json!({ "fields": { "unit_name": "某处" } }), serde_json::json!({}));
        assert_eq!((nowhere.owner.as_str(), nowhere.address.as_str(), nowhere.names[0].as_str()), ("", "", ""));
    }

    #[test]
    fn what_failed_is_only_approved_or_is_about_a_system_covers_nothing() {
        let counts = |procedure: &str, outcome: &str| {
            spot(SYSTEMS, serde_json::json!({ "procedure": procedure, "outcome": outcome, "fields": {} }), Json::Null)
                .counts
        };
        assert!(counts("system_filing", "filed") && counts("acceptance", "passed") && counts("", ""));
        assert!(!counts("acceptance", "failed") && !counts("area_approval", "approved"));
        assert!(!counts("networking", "connected") && !counts("relocation", "agreed"));
    }

    #[test]
    fn a_place_is_named_as_it_was_offered() {
        let place = row("units", Json::Null, Json::Null);
        let text = place_as_named(&place);
        assert_eq!(named_place(&text), Some(("units".to_owned(), "R-1".to_owned())));
        let odd = RowVersion { name: "（甲）".repeat(40), row: "0195b9c0".into(), ..place };
        assert_eq!(named_place(&place_as_named(&odd)).map(|(_, row)| row).as_deref(), Some("0195b9c0"));
        for wrong in ["", "示例广场", "示例（rewards/1）", "示例（units/）", "units/R-1"] {
            assert_eq!(named_place(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_odd_division_is_no_panic() {
        let packs = packs();
        for division in ["", "2", "21", "东北东北", "2101020"] {
            assert_eq!(plain_address(&packs, division, "示例路1号"), "示例路1号");
        }
        assert_eq!(plain_address(&packs, "210102", "沈阳市和平区"), "");
        assert_eq!(plain_name("有限公司"), "有限公司", "nothing else would be left");
    }
}
