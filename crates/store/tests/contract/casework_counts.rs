//! What those who work here count, what other systems ask, files that are imported once.

use crate::casework::{day, done, event, head, numbering, office, open, pii, register_change};
use crate::world::{T0, World, account, assert_clean};
use base::time::DAY_MS;
use base::{CivilDate, Sha256, UtcMs};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Store;
use store::casework::Territory;
use store::casework::cases::{CaseFilter, CaseHead};
use store::casework::events::{CaseChange, ClockRow};
use store::casework::exchange::Kept;
use store::casework::import::{Import, Imported, ImportedFile};
use store::casework::parties::{PartyData, Unit};
use store::casework::registers::RegisterChange;
use store::casework::shares::{KINDS, PlacesAsked};
use store::casework::spots::{Class, Link, PlaceFilter, PlaceSettled, Settling, Spot};
use store::casework::worklist::WorkFilter;

fn unit(name: &str, code: &str) -> PartyData {
    PartyData::Unit(Unit { name: name.into(), credit_code: Some(code.into()), contact: pii("某"), ..Unit::default() })
}

pub async fn what_waits_and_what_comes_is_counted_by_office(world: &World) {
    let store = world.open().await;
    let (one, other) = (office(&store, "210100000031").await, office(&store, "210100000032").await);
    let of = |office, closed| CaseHead { procedure: "waits".into(), closed, ..head(office, "甲楼") };
    let (case, _) = open(&store, &of(one, None)).await;
    open(&store, &of(one, Some(T0))).await;
    open(&store, &of(other, None)).await;
    // The case is as old as the border: it belongs to the newer side.
    let borders = [T0.plus_ms(1), T0, T0.plus_ms(-1)];
    let waits = async |office| {
        let all = store
            .backlog(Territory::from(office), borders)
            .await
            .unwrap()
            .into_iter()
            .filter(|b| b.procedure == "waits");
        all.map(|b| (b.age, b.count)).collect::<Vec<_>>()
    };
    assert_eq!(waits(None).await, [(1, 2)], "what ended waits no more");
    assert_eq!(waits(Some(one)).await, [(1, 1)]);
    let oldest = store.backlog(Territory::Office(one), [T0.plus_ms(3), T0.plus_ms(2), T0.plus_ms(1)]).await.unwrap();
    assert_eq!(oldest[0].age, 3);
    let clock = |id: &str, state: &str, due: &str| ClockRow {
        clock: id.into(),
        binds: "waits_party".into(),
        state: state.into(),
        due: Some(day(due)),
        provisional: false,
    };
    let clocks = [
        clock("a", "met", "2026-11-30"),
        clock("b", "running", "2026-12-01"),
        clock("c", "running", "2026-12-09"),
        clock("d", "late", "2026-12-31"),
        clock("e", "late", "2027-01-01"),
        clock("f", "running", "2026-11-09"),
    ];
    let (after, events) = (of(one, None), [event("case.noted")]);
    done(
        store
            .add_events(&CaseChange { clocks: &clocks, ..CaseChange::new(case, 1, None, &after, &events) }, T0)
            .await
            .unwrap(),
    );
    let span = (day("2026-11-01"), day("2027-01-01"));
    let months = async |office| {
        let all =
            store.month_counts(Territory::from(office), span, (day("2026-11-23"), day("2026-12-09"))).await.unwrap();
        let all = all.into_iter();
        all.filter(|c| c.binds == "waits_party").map(|c| (c.month, c.state, c.count)).collect::<Vec<_>>()
    };
    let line = |month: &str, state: &str| (month.to_owned(), state.to_owned(), 1);
    let want = [
        line("2026-11", "met"),
        line("2026-11", "over"),
        line("2026-12", "late"),
        line("2026-12", "near"),
        line("2026-12", "running"),
    ];
    assert_eq!(months(None).await, want);
    assert_eq!(months(Some(one)).await, want);
    assert!(months(Some(other)).await.is_empty());
    let ends = async |office, to| {
        let all = store
            .outcome_counts(Territory::from(office), (T0, to))
            .await
            .unwrap()
            .into_iter()
            .filter(|c| c.procedure == "waits");
        all.map(|c| (c.closed, c.count)).collect::<Vec<_>>()
    };
    assert_eq!(ends(None, T0.plus_ms(1)).await, [(false, 2), (true, 1)]);
    assert_eq!(ends(Some(one), T0.plus_ms(1)).await, [(false, 1), (true, 1)]);
    assert!(ends(None, T0).await.is_empty());
}

pub async fn a_territory_is_an_office_and_all_under_it(world: &World) {
    let store = world.open().await;
    let (top, middle, low) = (
        office(&store, "210000000041").await,
        office(&store, "210100000042").await,
        office(&store, "210102000043").await,
    );
    let other = office(&store, "220100000044").await;
    for (below, above) in [(middle, top), (low, middle)] {
        world.tamper(&format!("UPDATE office SET parent = '{above}' WHERE id = '{below}'")).await;
    }
    let party = store.new_party_id(T0).unwrap();
    for (at, party) in [(top, None), (middle, None), (low, Some(party)), (other, None)] {
        open(&store, &CaseHead { procedure: "reached".into(), party, ..head(at, "甲楼") }).await;
    }
    for (of, count) in [
        (Territory::All, 4),
        (Territory::Under(top), 3),
        (Territory::Office(top), 1),
        (Territory::Under(middle), 2),
        (Territory::Under(low), 1),
        (Territory::Under(other), 1),
    ] {
        let under = if matches!(of, Territory::Under(_)) { of.office() } else { None };
        let exact = if under.is_none() { of.office() } else { None };
        let work = WorkFilter { office: exact, under, procedure: "reached".into(), ..WorkFilter::default() };
        assert_eq!(store.worklist(&work, 9).await.unwrap().len(), count, "{of:?}");
        let counted = store.worklist_counts(&work, &[day("2026-11-21")]).await.unwrap();
        assert_eq!(counted.counts.iter().map(|n| *n as usize).sum::<usize>(), count, "{of:?}");
        let cases = CaseFilter { office: exact, under, procedure: "reached".into(), ..CaseFilter::default() };
        assert_eq!(store.cases(&cases, 9).await.unwrap().len(), count, "{of:?}");
        let waits = store.backlog(of, [T0, T0, T0]).await.unwrap().into_iter().filter(|b| b.procedure == "reached");
        assert_eq!(waits.map(|b| b.count).sum::<u64>(), count as u64, "{of:?}");
        let ends = store.outcome_counts(of, (T0, T0.plus_ms(1))).await.unwrap().into_iter();
        let ends: u64 = ends.filter(|c| c.procedure == "reached").map(|c| c.count).sum();
        assert_eq!(ends, count as u64, "{of:?}");
        let load = store.load_counts(of, day("2026-11-21"), &[], 9).await.unwrap();
        let mine = load.iter().filter(|l| [top, middle, low, other].contains(&l.office)).map(|l| l.open as usize);
        assert_eq!(mine.sum::<usize>(), count, "{of:?}");
    }
    let within = WorkFilter { office: Some(low), under: Some(top), ..WorkFilter::default() };
    assert_eq!(store.worklist(&within, 9).await.unwrap().len(), 1, "one office of the territory");
    let beyond = WorkFilter { office: Some(other), under: Some(top), ..WorkFilter::default() };
    assert!(store.worklist(&beyond, 9).await.unwrap().is_empty(), "an office elsewhere shows nothing");
    let knows = async |of| store.has_case_of(of, party).await.unwrap();
    assert!(knows(Territory::Under(top)).await && knows(Territory::Office(low)).await && knows(Territory::All).await);
    assert!(!knows(Territory::Office(top)).await && !knows(Territory::Under(other)).await);
    assert!(store.is_under(top, low).await.unwrap() && store.is_under(low, low).await.unwrap());
    assert!(!store.is_under(low, top).await.unwrap() && !store.is_under(top, other).await.unwrap());
    let under: Vec<_> = store.offices_under(middle).await.unwrap().into_iter().map(|o| o.id).collect();
    assert!(under.len() == 2 && under.contains(&middle) && under.contains(&low), "{under:?}");
    // Two that name each other, as no check lets them: the question ends all the same.
    world.tamper(&format!("UPDATE office SET parent = '{low}' WHERE id = '{top}'")).await;
    assert_eq!(store.offices_under(low).await.unwrap().len(), 3);
}

/// A row as it is compared; owner, address and name.
fn spot(register: &str, row: &str, entry: u64, (owner, address, name): (&str, &str, &str)) -> Spot {
    Spot {
        register: register.into(),
        row: row.into(),
        entry,
        is_system: register == "spot_systems",
        office: None,
        owner: owner.into(),
        address: address.into(),
        names: [name.into(), String::new()],
        named: None,
        counts: true,
        from: day("2026-11-21"),
        until: None,
    }
}

/// Rows of both registers as they stand, and what is told of them.
struct Places<'a> {
    store: &'a Store,
    filter: PlaceFilter,
    on: CivilDate,
}

impl Places<'_> {
    async fn rows(&self, class: Class, limit: u32) -> Vec<String> {
        let rows = self.store.places_of(&self.filter, class, self.on, limit).await.unwrap();
        rows.into_iter().map(|r| r.row).collect()
    }

    async fn class(&self, row: &str) -> (Class, bool) {
        self.store.class_of_place(("spot_places", row), self.on).await.unwrap().expect("compared")
    }

    async fn links(&self, row: &str) -> Vec<(String, Link)> {
        let all = self.store.systems_of_place("spot_places", row).await.unwrap();
        all.into_iter().map(|(system, how)| (system.row, how)).collect()
    }
}

pub async fn a_place_is_covered_by_its_own_system_and_by_no_other_of_its_owner(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let row = |register: &str, id: &str| RegisterChange { register: register.into(), ..register_change(id, id) };
    let places = ["P-1", "P-2", "P-3", "P-4", "P-5"];
    let systems = ["S-1", "S-2", "S-3", "S-4"];
    let rows: Vec<RegisterChange> = places
        .iter()
        .map(|id| row("spot_places", id))
        .chain(systems.iter().map(|id| row("spot_systems", id)))
        .collect();
    let all = Import { registers: &rows, ..Import::default() };
    assert_eq!(store.import(&all, by, T0).await.unwrap(), Imported::Done);
    assert_eq!(store.count_to_compare("spot_places").await.unwrap(), 5);
    let waiting = store.rows_to_compare("spot_places", 2).await.unwrap();
    assert_eq!(waiting.iter().map(|r| r.row.as_str()).collect::<Vec<_>>(), ["P-1", "P-2"], "the oldest first");
    assert!(waiting[0].personal.is_some(), "with what is not public");
    let entries: std::collections::BTreeMap<String, u64> = {
        let mut out = std::collections::BTreeMap::new();
        for (register, id) in
            places.iter().map(|id| ("spot_places", *id)).chain(systems.iter().map(|id| ("spot_systems", *id)))
        {
            let history = store.register_history(register, id).await.unwrap();
            out.insert(id.to_owned(), history[0].entry);
        }
        out
    };
    let place = |id: &str, what| spot("spot_places", id, entries[id], what);
    let system = |id: &str, what| spot("spot_systems", id, entries[id], what);
    // A chain: three places of one owner, one of them filed by its address; a place of another owner, and one of nobody known.
    store
        .put_spots(&[
            place("P-1", ("CHAIN", "210102 1", "210102 a")),
            place("P-2", ("CHAIN", "210102 2", "210102 b")),
            place("P-3", ("CHAIN", "210103 3", "210103 c")),
            place("P-4", ("OTHER", "210102 4", "210102 d")),
            place("P-5", ("", "210102 5", "")),
        ])
        .await
        .unwrap();
    assert_eq!(store.count_to_compare("spot_places").await.unwrap(), 0);
    store
        .put_spots(&[
            system("S-1", ("CHAIN", "210102 1", "")),
            Spot { counts: false, ..system("S-2", ("OTHER", "210102 4", "210102 d")) },
        ])
        .await
        .unwrap();
    let filter = PlaceFilter { register: "spot_places".into(), ..PlaceFilter::default() };
    let told = Places { store: &store, filter: filter.clone(), on: day("2026-11-23") };
    let counts = async || store.place_counts(&filter, day("2026-11-23")).await.unwrap();
    assert_eq!(counts().await, [1, 0, 4], "one filing of a chain covers one place; what failed covers none");
    assert_eq!(told.rows(Class::Covered, 9).await, ["P-1"]);
    assert_eq!(told.links("P-1").await, [("S-1".to_owned(), Link::Matched)]);
    assert_eq!(told.rows(Class::Open, 2).await, ["P-5", "P-4"], "the newest first");
    // A second system of the chain that fits no address: nobody can tell whose it is.
    store.put_spots(&[system("S-3", ("CHAIN", "210102 9", "210102 z"))]).await.unwrap();
    assert_eq!(counts().await, [1, 2, 2]);
    assert_eq!(told.rows(Class::Doubtful, 9).await, ["P-3", "P-2"]);
    let asked = store.systems_in_doubt(("spot_places", "P-2"), told.on).await.unwrap();
    assert_eq!(asked.iter().map(|r| r.row.as_str()).collect::<Vec<_>>(), ["S-3"]);
    assert!(store.systems_in_doubt(("spot_places", "P-4"), told.on).await.unwrap().is_empty());
    let settle = |row: &str, systems: &[&str]| Settling {
        place: ("spot_places".into(), row.into()),
        systems: systems.iter().map(|id| ("spot_systems".to_owned(), (*id).to_owned())).collect(),
        ground: "visited".into(),
        clauses: vec![],
        text: base::Text::new("核实。", "Settled."),
    };
    let PlaceSettled::Done(entry) = store.settle_place(&settle("P-2", &["S-3"]), by, T0).await.unwrap() else {
        panic!("the system is free")
    };
    // Whoever saw the same loose system and gives it to another place comes too late; of this place it may be said again.
    let late = store.settle_place(&settle("P-3", &["S-3"]), by, T0).await.unwrap();
    assert_eq!((late, told.links("P-3").await), (PlaceSettled::MovedOn, vec![]), "nothing of it is kept");
    let again = store.settle_place(&settle("P-2", &["S-3"]), by, T0).await.unwrap();
    assert!(matches!(again, PlaceSettled::Done(later) if later > entry), "{again:?}");
    assert_eq!((told.class("P-2").await, told.class("P-3").await), ((Class::Covered, true), (Class::Open, false)));
    assert_eq!(told.links("P-2").await, [("S-3".to_owned(), Link::Settled)]);
    let homes = store.places_of_system("spot_systems", "S-3").await.unwrap();
    assert_eq!(homes.iter().map(|(r, _)| r.row.as_str()).collect::<Vec<_>>(), ["P-2"]);
    // The same version again: what was settled stays.
    store.put_spots(&[system("S-3", ("CHAIN", "210103 3", ""))]).await.unwrap();
    assert_eq!(told.class("P-2").await.0, Class::Covered);
    // Settled anew: none of them. The system is free for the place whose address it has.
    store.settle_place(&settle("P-2", &[]), by, T0.plus_ms(1)).await.unwrap();
    assert_eq!((told.class("P-2").await, told.class("P-3").await.0), ((Class::Open, true), Class::Covered));
    // Two officers at the same time: one of them has it.
    store.put_spots(&[system("S-4", ("CHAIN", "210102 8", ""))]).await.unwrap();
    let (here, there) = (settle("P-2", &["S-4"]), settle("P-1", &["S-4"]));
    let both = tokio::join!(store.settle_place(&here, by, T0), store.settle_place(&there, by, T0));
    let both = [both.0.unwrap(), both.1.unwrap()];
    assert_eq!(both.iter().filter(|done| **done == PlaceSettled::MovedOn).count(), 1, "{both:?}");
    assert_eq!(store.places_of_system("spot_systems", "S-4").await.unwrap().len(), 1);
    store.flush_ledger().await.unwrap();
    let body = store.ledger().entry(entry).unwrap().parse().unwrap().body;
    assert_eq!(body["row"], "P-2");
    assert_eq!(body["systems"][0]["row"], "S-3");
    assert_eq!(body["ground"], "visited");
    assert_clean(&store).await;
}

pub async fn what_a_system_names_and_what_is_ambiguous(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let row = |register: &str, id: &str| RegisterChange { register: register.into(), ..register_change(id, id) };
    let rows: Vec<RegisterChange> = ["Q-1", "Q-2", "Q-3"]
        .iter()
        .map(|id| row("spot_places", id))
        .chain(["T-1", "T-2", "T-3"].iter().map(|id| row("spot_systems", id)))
        .collect();
    let all = Import { registers: &rows, ..Import::default() };
    assert_eq!(store.import(&all, by, T0).await.unwrap(), Imported::Done);
    let mark = store.register_history("spot_systems", "T-3").await.unwrap()[0].entry;
    let filter = PlaceFilter { register: "spot_places".into(), ..PlaceFilter::default() };
    let told = Places { store: &store, filter: filter.clone(), on: day("2026-11-23") };
    let place = |id: &str, what| spot("spot_places", id, mark, what);
    let system = |id: &str, what| spot("spot_systems", id, mark, what);
    let named = |row: &str| Some(("spot_places".to_owned(), row.to_owned()));
    // Two places under one address: a system with it is tied to neither by itself, and to the one that it names.
    store.put_spots(&[place("Q-1", ("NAMER", "230102 1", "")), place("Q-2", ("NAMER", "230102 1", ""))]).await.unwrap();
    store.put_spots(&[system("T-1", ("NAMER", "230102 1", ""))]).await.unwrap();
    assert_eq!((told.class("Q-1").await.0, told.class("Q-2").await.0), (Class::Doubtful, Class::Doubtful));
    store.put_spots(&[Spot { named: named("Q-2"), ..system("T-1", ("NAMER", "230102 1", "")) }]).await.unwrap();
    assert_eq!((told.class("Q-1").await.0, told.class("Q-2").await.0), (Class::Open, Class::Covered));
    assert_eq!(told.links("Q-2").await, [("T-1".to_owned(), Link::Named)]);
    // Nobody names the place of somebody else.
    store
        .put_spots(&[
            place("Q-3", ("VICTIM", "230103 1", "")),
            Spot { named: named("Q-3"), ..system("T-2", ("STRANGER", "", "")) },
        ])
        .await
        .unwrap();
    assert_eq!(told.class("Q-3").await.0, Class::Open);
    // The same address and another owner, or none known: somebody has to look.
    store.put_spots(&[system("T-2", ("STRANGER", "230103 1", ""))]).await.unwrap();
    assert_eq!(told.class("Q-3").await.0, Class::Doubtful);
    // What ended covers nothing; on a day before it still does.
    let ended = Spot { until: Some(day("2026-11-22")), ..system("T-2", ("VICTIM", "230103 1", "")) };
    store.put_spots(&[ended]).await.unwrap();
    assert_eq!(told.class("Q-3").await.0, Class::Open);
    let before = store.class_of_place(("spot_places", "Q-3"), day("2026-11-22")).await.unwrap().expect("compared");
    assert_eq!(before.0, Class::Covered);
    // The place moved: what was matched by its old address is loose again.
    store.put_spots(&[system("T-2", ("VICTIM", "230103 1", ""))]).await.unwrap();
    assert_eq!(told.class("Q-3").await.0, Class::Covered);
    store.put_spots(&[place("Q-3", ("VICTIM", "230103 2", ""))]).await.unwrap();
    assert_eq!(told.class("Q-3").await.0, Class::Doubtful);
    // By name in the same division, where no address fits.
    store.put_spots(&[place("Q-3", ("VICTIM", "230103 2", "230103 n"))]).await.unwrap();
    let by_name = Spot { names: ["".into(), "230103 n".into()], ..system("T-2", ("VICTIM", "230103 1", "")) };
    store.put_spots(&[by_name]).await.unwrap();
    assert_eq!(told.class("Q-3").await.0, Class::Covered);
    // A row about the system, of another owner: found by its name in the division, and no system itself.
    let about = Spot { counts: false, names: [String::new(), "230103 n".into()], ..system("T-3", ("WORKS", "", "")) };
    store.put_spots(&[about]).await.unwrap();
    let found = store.rows_about_system("spot_systems", "T-2").await.unwrap();
    assert_eq!(found.iter().map(|r| r.row.as_str()).collect::<Vec<_>>(), ["T-3"]);
    assert!(store.rows_about_system("spot_systems", "T-1").await.unwrap().is_empty());
    let elsewhere = office(&store, "210100000034").await;
    let other = PlaceFilter { territory: Territory::Office(elsewhere), ..filter.clone() };
    assert_eq!(store.place_counts(&other, told.on).await.unwrap(), [0, 0, 0]);
    let offices = store.place_counts_by_office(&filter, told.on, 9).await.unwrap();
    assert!(offices.iter().any(|(office, counts)| office.is_none() && counts[0] >= 2), "{offices:?}");
    let owned = store.places_of_owner("spot_places", "NAMER", told.on, 9).await.unwrap();
    assert_eq!(owned.len(), 2);
    assert!(store.places_of_owner("spot_places", "", told.on, 9).await.unwrap().is_empty());
    assert_eq!(store.class_of_place(("spot_places", "none"), told.on).await.unwrap(), None);
    assert_eq!(store.rows_written("spot_places", (T0.plus_ms(1), T0.plus_ms(9))).await.unwrap(), (0, 0));
    assert_clean(&store).await;
}

pub async fn what_was_kept_and_what_was_inspected_is_counted(world: &World) {
    let store = world.open().await;
    let (own, by) = (office(&store, "210100000051").await, account(&store, "clerk").await);
    let clock = |id: &str, state: &str, due: Option<&str>| ClockRow {
        clock: id.into(),
        binds: "using_unit".into(),
        state: state.into(),
        due: due.map(day),
        provisional: false,
    };
    // A longer time counts in the place of the first one; one that never began does not; of another year; of another clock.
    let all = [
        vec![clock("fix", "met", Some("2026-03-01")), clock("fix_longer", "met_late", Some("2026-04-01"))],
        vec![clock("fix", "running", Some("2026-11-01")), clock("fix_longer", "running", None)],
        vec![clock("fix", "met", Some("2025-12-31"))],
        vec![clock("decide", "met", Some("2026-03-01"))],
        vec![clock("fix", "running", Some("2026-12-31"))],
    ];
    for clocks in &all {
        let file = CaseHead { procedure: "keeps".into(), ..head(own, "甲楼") };
        let (case, _) = open(&store, &file).await;
        let events = [event("case.noted")];
        let change = CaseChange { clocks, ..CaseChange::new(case, 1, None, &file, &events) };
        done(store.add_events(&change, T0).await.unwrap());
    }
    let year = (day("2026-01-01"), day("2027-01-01"), day("2026-11-23"));
    let clocks = ["fix".to_owned(), "fix_longer".to_owned()];
    let counted = store.order_counts(Territory::Office(own), &clocks, year).await.unwrap();
    let mut told: Vec<(&str, u64)> = counted.iter().map(|c| (c.state.as_str(), c.count)).collect();
    told.sort_unstable();
    assert_eq!(told, [("met_late", 1), ("over", 1), ("running", 1)]);
    assert!(counted.iter().all(|c| c.office == Some(own) && c.procedure == "keeps" && c.outcome.is_empty()));
    assert!(store.order_counts(Territory::Office(own), &[], year).await.unwrap().is_empty());
    let elsewhere = office(&store, "210100000052").await;
    assert!(store.order_counts(Territory::Office(elsewhere), &clocks, year).await.unwrap().is_empty());
    // One place of a party that was inspected, two of another one, and one of nobody.
    let parties = [store.new_party_id(T0).unwrap(), store.new_party_id(T0).unwrap()];
    let place = |id: &str, party, kind: &str| RegisterChange {
        register: "seen_places".into(),
        office: Some(own),
        party,
        public: serde_json::json!({ "fields": { "ground": kind } }),
        ..register_change(id, id)
    };
    let visit = |id: &str, party, from: &str| RegisterChange {
        register: "seen_visits".into(),
        party: Some(party),
        from: day(from),
        ..register_change(id, id)
    };
    let rows = [
        place("A-1", Some(parties[0]), "key_unit"),
        place("B-1", Some(parties[1]), "key_unit"),
        place("B-2", Some(parties[1]), "designated"),
        place("C-1", None, "else"),
        RegisterChange { until: Some(day("2026-11-22")), ..place("D-1", None, "key_unit") },
        visit("V-1", parties[0], "2026-02-01"),
        visit("V-2", parties[1], "2026-02-01"),
        visit("V-3", parties[0], "2025-02-01"),
    ];
    let named = [(parties[0], unit("甲", "SEENCODEA")), (parties[1], unit("乙", "SEENCODEB"))];
    let import = Import { parties: &named, registers: &rows, ..Import::default() };
    assert_eq!(store.import(&import, by, T0).await.unwrap(), Imported::Done);
    let asked = PlacesAsked {
        register: "seen_places".into(),
        inspections: "seen_visits".into(),
        kinds: ("ground".into(), vec!["key_unit".into(), "designated".into()]),
        territory: Territory::Office(own),
    };
    let counts = async |since: &str| {
        let all = store.inspected_counts(&asked, (day(since), day("2026-11-23"))).await.unwrap();
        assert!(all.iter().all(|c| c.office == Some(own)));
        all.into_iter().map(|c| (c.kind, c.inspected, c.count)).collect::<Vec<_>>()
    };
    assert_eq!(counts("2026-01-01").await, [(0, false, 1), (0, true, 1), (1, false, 1), (KINDS, false, 1)]);
    assert_eq!(counts("2026-03-01").await, [(0, false, 2), (1, false, 1), (KINDS, false, 1)]);
    assert_clean(&store).await;
}

pub async fn rows_come_in_the_order_of_writing_and_again_when_they_change(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let row = |id: &str, name: &str| RegisterChange { register: "sent".into(), ..register_change(id, name) };
    let put = async |rows: &[RegisterChange]| {
        let all = Import { registers: rows, ..Import::default() };
        assert_eq!(store.import(&all, by, T0).await.unwrap(), Imported::Done);
    };
    put(&[row("A", "甲"), row("B", "乙"), row("C", "丙")]).await;
    let first = store.rows_after("sent", None, Territory::All, 2).await.unwrap();
    assert_eq!(first.iter().map(|r| r.row.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert!(first[0].personal.as_ref().is_some_and(|p| p.expose().contains("contact")), "with what is not public");
    put(&[row("A", "甲二")]).await;
    let rest = store.rows_after("sent", Some(first[1].entry), Territory::All, 9).await.unwrap();
    assert_eq!(rest.iter().map(|r| (r.row.as_str(), r.version)).collect::<Vec<_>>(), [("C", 1), ("A", 2)]);
    assert!(store.rows_after("sent", Some(rest[1].entry), Territory::All, 9).await.unwrap().is_empty());
    let own = office(&store, "210100000035").await;
    assert!(
        store.rows_after("sent", None, Territory::Office(own), 9).await.unwrap().is_empty(),
        "rows without an office are nobody's"
    );
    let (numbering, events) = (numbering(own), [event("case.opened")]);
    let (head, request) = (head(own, "丁"), Sha256::of(b"1"));
    let begin = async |request| {
        let case = store.new_case_id(T0).unwrap();
        let new = CaseChange::new(case, 0, Some(by), &head, &events);
        let change = CaseChange { opening: Some(&numbering), handed: Some(("k", request)), ..new };
        (case, store.add_events(&change, T0).await)
    };
    assert_eq!(store.exchanged(by, "k").await.unwrap(), None);
    let (case, saved) = begin(request).await;
    done(saved.unwrap());
    let kept = Kept { request, case };
    assert_eq!(store.exchanged(by, "k").await.unwrap(), Some(kept.clone()), "case and key are there together");
    let (second, saved) = begin(Sha256::of(b"2")).await;
    assert!(saved.is_err(), "a key counts once");
    assert!(store.case(second).await.unwrap().is_none(), "without its key there is no case");
    assert_eq!(store.exchanged(by, "k").await.unwrap(), Some(kept));
    let other = account(&store, "other").await;
    assert_eq!(store.exchanged(other, "k").await.unwrap(), None, "a key is its account's");
    let party = store.new_party_id(T0).unwrap();
    assert!(!store.has_case_of(Territory::Office(own), party).await.unwrap());
}

pub async fn a_file_is_imported_once(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000036").await, account(&store, "clerk").await);
    let row = |n: usize| RegisterChange { register: "filed".into(), ..register_change(&format!("F-{n}"), "某楼") };
    let rows: Vec<_> = (0..120).map(row).collect();
    let all = Import { registers: &rows, ..Import::default() };
    let file = ImportedFile { sha256: Sha256::of(b"file"), target: "filed".into(), rows: 120, office };
    let written = AtomicUsize::new(0);
    let by = (by, T0);
    assert_eq!(store.imported_file(file.sha256).await.unwrap(), None);
    assert_eq!(store.import_file(&all, &file, by, &written).await.unwrap(), Some(Imported::Done));
    assert_eq!(written.load(Ordering::Relaxed), 120);
    assert_eq!(store.imported_file(file.sha256).await.unwrap(), Some(T0));
    assert_eq!(store.import_file(&all, &file, by, &written).await.unwrap(), None, "not twice");
    let history = store.register_history("filed", "F-119").await.unwrap();
    assert_eq!(history.len(), 1);
    store.flush_ledger().await.unwrap();
    let body = store.ledger().entry(history[0].entry).unwrap().parse().unwrap().body;
    assert_eq!(body["row"], "F-119", "each row has its own entry");
    let later = UtcMs(T0.0 + DAY_MS);
    let other = ImportedFile { sha256: Sha256::of(b"other"), ..file };
    let new = RegisterChange { row: "F-200".into(), ..row(0) };
    let some = [new, row(7)];
    let all = Import { registers: &some, ..Import::default() };
    let again = store.import_file(&all, &other, (by.0, later), &written).await.unwrap();
    assert_eq!(again, Some(Imported::Row(1)), "no row that is there is written over");
    assert_eq!(store.register_history("filed", "F-7").await.unwrap().len(), 1);
    assert!(!store.has_row("filed", "F-200").await.unwrap(), "nothing of the file is there");
    assert_eq!(store.imported_file(other.sha256).await.unwrap(), None);
    assert_clean(&store).await;
}
