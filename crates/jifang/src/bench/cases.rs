//! An authority's database with many cases: how long the questions take that its pages ask.
//!
//! Seeded by bulk inserts of its own, with a spread like an office's: thirty procedures, forty offices, an eighth of the cases open, one clock
//! a case, a system and its place for ten cases, as they are compared too, a search text for each, a line of the log for each, and of what is
//! closed the event of its decision. No papers and no words of events: no question measured here reads them. What waits for somebody (`awaiting`)
//! is the list of what is being decided and, beside it, the events of at most forty cases: of these only the list is measured. Floor: one case by
//! its primary key, in the same run and on the same database, so that a slow machine shows as a slow floor.

use super::table::{Table, percentile, short};
use anyhow::Context;
use base::time::DAY_MS;
use base::{AccountId, CaseId, CivilDate, OfficeId, PartyId, Sha256, UtcMs};
use std::time::{Duration, Instant};
use store::casework::Territory;
use store::casework::awaited::{Giver, UnpublishedFilter};
use store::casework::cases::CaseFilter;
use store::casework::registers::RowFilter;
use store::casework::search::Thing;
use store::casework::spots::{Class, PlaceFilter};
use store::casework::worklist::{Cursor, WorkFilter};
use store::db::{Bulk, Db, Value, sqlite_url};
use store::{Store, StoreConfig, args};

/// Offices, procedures, parties for one case in so many, and cases for one register row.
const OFFICES: u64 = 40;
const PROCEDURES: usize = 30;
const CASES_OF_PARTY: u64 = 5;
const CASES_OF_ROW: u64 = 10;
/// Cases of one transaction.
const BATCH: u64 = 5_000;
/// One open case in so many; one title with the rare word in so many; one case that is being decided in so many open ones; one act that was
/// refused in so many.
const OPEN: u64 = 8;
const RARE: u64 = 10_000;
const DELIBERATED: u64 = 10;
const REFUSED: u64 = 1_000;
/// One case in so many has a decision that is still to come out.
const UNPUBLISHED: u64 = 40;
/// Where entries of the log begin here: behind whatever the store wrote itself.
const ENTRIES: u64 = 1_000_000_000;
/// Days over which cases came.
const SPAN: u64 = 1_825;
/// Lines of a page, pages that are turned over, and how often each question is asked.
const LINES: u32 = 50;
const PAGES: usize = 50;
const ROUNDS: usize = 200;
const COUNTS: usize = 5;
/// The words of titles: places and things are drawn, the last stands in all.
const PLACES: [&str; 10] = ["东街", "西街", "南门", "北门", "河沿", "桥头", "新区", "老城", "车站", "码头"];
const THINGS: [&str; 10] = ["商场", "学校", "医院", "仓库", "广场", "银行", "酒店", "剧院", "油站", "小区"];
const COMMON: &str = "系统";
const RARE_WORD: &str = "灯塔";
/// The register that is measured.
const REGISTER: &str = "systems";
/// The register of places whose systems are looked for.
const PROTECTED: &str = "units";

static FILES: Bulk = Bulk::new(
    "INSERT INTO case_file (id, number, procedure, pack_digest, office, party, title, state, outcome, assigned, opened_ms, facts_on, \
     closed_ms, events, next_due, next_clock, next_binds, last_ms, deliberated, awaits, unpublished, marked) VALUES",
    22,
);
static EVENTS: Bulk = Bulk::new("INSERT INTO case_event (case_id, n, at_ms, kind, body_sealed, entry) VALUES", 6);
static ACTS: Bulk = Bulk::new("INSERT INTO act (idx, at_ms, kind, outcome, clauses, zh, en) VALUES", 7);
static CLOCKS: Bulk = Bulk::new("INSERT INTO case_clock (case_id, n, clock, binds, state, due, provisional) VALUES", 7);
static TEXTS: Bulk = Bulk::new("INSERT INTO search_text (kind, thing, text) VALUES", 3);
static GRAMS: Bulk = Bulk::new("INSERT INTO gram (gram, kind, thing) VALUES", 3);
static ROWS: Bulk = Bulk::new(
    "INSERT INTO register_row (register, row_id, version, name, office, party, public, personal_sealed, case_id, event, from_day, until_day, \
     newest, at_ms, entry, shown_ms) VALUES",
    16,
);
static SPOTS: Bulk = Bulk::new(
    "INSERT INTO row_spot (register, row_id, role, entry, office, owner, address, name, label, counts, from_day, until_day, none_entry) VALUES",
    13,
);
static LINKS: Bulk =
    Bulk::new("INSERT INTO spot_link (system_register, system_row, place_register, place_row, how, entry) VALUES", 6);
static OFFICE_ROWS: Bulk =
    Bulk::new("INSERT INTO office (id, name, level, division, unit_code, parent, changed_ms, closed_ms) VALUES", 8);

/// A database of `cases` on SQLite, and on the PostgreSQL at `url` where one is given: an empty database of its own.
pub fn run(table: &mut Table, cases: u64, url: Option<&str>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let sqlite = StoreConfig { data: folder.path().join("sqlite"), ..StoreConfig::default() };
    let mut configs = vec![("SQLite", sqlite)];
    if let Some(url) = url {
        let data = folder.path().join("postgres");
        configs
            .push(("PostgreSQL", StoreConfig { data, database_url: Some(url.to_owned()), ..StoreConfig::default() }));
    }
    crate::runtime()?.block_on(async {
        for (name, config) in configs {
            measure(table, name, &config, cases).await?;
        }
        Ok(())
    })
}

/// What was made, to ask for.
struct Seeded {
    offices: Vec<OfficeId>,
    parties: Vec<PartyId>,
    procedures: Vec<String>,
    cases: Vec<(CaseId, String)>,
    now: UtcMs,
    seconds: f64,
}

/// A pseudo-random number; the same run makes the same cases.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }

    fn bytes(&mut self) -> [u8; 10] {
        std::array::from_fn(|_| self.next(256).to_le_bytes()[0])
    }
}

/// Rows of one batch.
#[derive(Default)]
struct Batch {
    files: Vec<Vec<Value>>,
    clocks: Vec<Vec<Value>>,
    texts: Vec<Vec<Value>>,
    grams: Vec<Vec<Value>>,
    rows: Vec<Vec<Value>>,
    spots: Vec<Vec<Value>>,
    links: Vec<Vec<Value>>,
    events: Vec<Vec<Value>>,
    acts: Vec<Vec<Value>>,
}

impl Batch {
    /// What a thing is found by: neighbouring signs of each word, as the store makes them.
    fn index(&mut self, kind: &str, thing: &str, text: &str) {
        let mut pairs = std::collections::BTreeSet::new();
        for word in text.split(' ') {
            pairs.extend(word.chars().zip(word.chars().skip(1)).map(|(a, b)| String::from_iter([a, b])));
        }
        self.texts.push(args![kind, thing, text]);
        self.grams.extend(pairs.into_iter().map(|pair| args![pair, kind, thing]));
    }

    /// The public row of a decided case, found by its title and compared.
    fn register(&mut self, id: CaseId, n: u64, (number, title): (&str, &str), of: (OfficeId, PartyId, UtcMs)) {
        let (office, party, at) = of;
        let public = format!("{{\"fields\":{{}},\"number\":\"{number}\",\"outcome\":\"approved\"}}");
        let entry = ENTRIES + n;
        self.rows.push(args![
            REGISTER,
            id,
            1_u32,
            title,
            office,
            party,
            public,
            None::<Vec<u8>>,
            id,
            1_u32,
            at.shanghai_date(),
            None::<String>,
            1_u32,
            at,
            entry,
            at,
        ]);
        self.index("row.systems", &format!("{entry:020}"), title);
        self.compare(id, n, of);
    }

    /// The place and the system of a row, as they are compared: every second pair is linked, the rest shares its owner.
    fn compare(&mut self, id: CaseId, n: u64, (office, party, at): (OfficeId, PartyId, UtcMs)) {
        let (entry, owner, address, from) = (ENTRIES + n, party.to_string(), format!("{n}"), at.shanghai_date());
        self.rows.push(args![
            PROTECTED,
            id,
            1_u32,
            address.as_str(),
            office,
            party,
            "{}",
            None::<Vec<u8>>,
            id,
            1_u32,
            from,
            None::<String>,
            1_u32,
            at,
            ENTRIES + entry,
            None::<i64>,
        ]);
        for (register, role) in [(REGISTER, "system"), (PROTECTED, "place")] {
            self.spots.push(args![
                register,
                id,
                role,
                entry,
                office,
                owner.as_str(),
                address.as_str(),
                address.as_str(),
                "",
                1_u32,
                from,
                None::<String>,
                0_u32,
            ]);
        }
        if n.is_multiple_of(2 * CASES_OF_ROW) {
            self.links.push(args![REGISTER, id, PROTECTED, id, "matched", entry]);
        }
    }

    /// The line of the log of a case, refused once in a while, and the event of its decision.
    fn happened(&mut self, id: CaseId, n: u64, (at, closed): (UtcMs, Option<UtcMs>)) {
        let entry = ENTRIES + n;
        let (kind, outcome) =
            if n.is_multiple_of(REFUSED) { ("act.tried", "refused") } else { ("case.step_done", "done") };
        self.acts.push(args![entry, at, kind, outcome, "", "办理。", "Handled."]);
        if let Some(closed) = closed {
            self.events.push(args![id, 1_u32, closed, "case.decided", vec![0_u8], entry]);
        }
    }

    async fn write(self, db: &Db) -> anyhow::Result<()> {
        let mut tx = db.begin().await?;
        let parts = [
            (&FILES, self.files),
            (&CLOCKS, self.clocks),
            (&TEXTS, self.texts),
            (&GRAMS, self.grams),
            (&ROWS, self.rows),
            (&SPOTS, self.spots),
            (&LINKS, self.links),
            (&EVENTS, self.events),
            (&ACTS, self.acts),
        ];
        for (bulk, rows) in parts {
            tx.insert_all(bulk, rows).await?;
        }
        Ok(tx.commit().await?)
    }
}

impl Seeded {
    /// The first stands above four, and each of the others under one of these.
    async fn write_offices(&self, db: &Db) -> anyhow::Result<()> {
        let parent = |n: usize| match n {
            0 => None,
            1..=4 => Some(self.offices[0].to_string()),
            _ => Some(self.offices[1 + n % 4].to_string()),
        };
        let level = |n: usize| {
            if n == 0 {
                "province"
            } else if n <= 4 {
                "city"
            } else {
                "county"
            }
        };
        let rows = self.offices.iter().enumerate();
        let rows = rows.map(|(n, id)| {
            args![
                *id,
                format!("示例机构{n}"),
                level(n),
                "230000",
                format!("{n:012}"),
                parent(n),
                self.now,
                None::<UtcMs>
            ]
        });
        let mut tx = db.begin().await?;
        tx.insert_all(&OFFICE_ROWS, rows.collect()).await?;
        Ok(tx.commit().await?)
    }

    fn case(&mut self, n: u64, dice: &mut Dice, batch: &mut Batch) {
        let at = self.now.plus_ms(-i64::try_from(dice.next(SPAN)).unwrap_or(0) * DAY_MS - 1);
        let (id, number) = (CaseId::new(at.0, dice.bytes()), format!("示公技防〔2026〕{n}号"));
        let pick = |dice: &mut Dice, of: usize| usize::try_from(dice.next(of as u64)).unwrap_or(0);
        let office = self.offices[pick(dice, self.offices.len())];
        let party = self.parties[pick(dice, self.parties.len())];
        let procedure = self.procedures[pick(dice, self.procedures.len())].clone();
        let place = if n % RARE == 7 { RARE_WORD } else { PLACES[pick(dice, PLACES.len())] };
        let title = format!("{place}{}{COMMON}", THINGS[pick(dice, THINGS.len())]);
        let is_open = n.is_multiple_of(OPEN);
        let due = at.shanghai_date().plus_days(i32::try_from(dice.next(60)).unwrap_or(0));
        let (state, outcome, closed) = if is_open {
            ("running", None, None)
        } else {
            ("closed", Some("approved".to_owned()), Some(at.plus_ms(DAY_MS)))
        };
        batch.files.push(args![
            id,
            number.as_str(),
            procedure.as_str(),
            Sha256::of(b"packs").hex(),
            office,
            party,
            title.as_str(),
            state,
            outcome,
            "",
            at,
            at.shanghai_date(),
            closed,
            1_u32,
            if is_open { due.to_string() } else { "9999-12-31".to_owned() },
            is_open.then(|| "decide".to_owned()),
            is_open.then(|| "police_local".to_owned()),
            at,
            is_open && n.is_multiple_of(OPEN * DELIBERATED),
            if is_open { "decision" } else { "" },
            if !is_open && n % UNPUBLISHED == 1 { "other_information" } else { "" },
            true,
        ]);
        batch.happened(id, n, (at, closed));
        let kept = if dice.next(20) == 0 { "met_late" } else { "met" };
        let state = if is_open { "running" } else { kept };
        batch.clocks.push(args![id, 0_u32, "decide", "police_local", state, due, false]);
        batch.index(Thing::Case.code(), &id.to_string(), &title);
        if n.is_multiple_of(CASES_OF_ROW) {
            batch.register(id, n, (&number, &title), (office, party, at));
        }
        if self.cases.len() < ROUNDS {
            self.cases.push((id, number));
        }
    }

    async fn make(db: &Db, cases: u64, now: UtcMs) -> anyhow::Result<Self> {
        let mut dice = Dice(7);
        let packs = law::Packs::embedded()?;
        let mut seeded = Self {
            offices: (0..OFFICES).map(|_| OfficeId::new(now.0, dice.bytes())).collect(),
            parties: (0..cases.div_ceil(CASES_OF_PARTY)).map(|_| PartyId::new(now.0, dice.bytes())).collect(),
            procedures: packs.procedures().iter().take(PROCEDURES).map(|p| p.id.clone()).collect(),
            cases: Vec::new(),
            now,
            seconds: 0.0,
        };
        seeded.write_offices(db).await?;
        let begin = Instant::now();
        let mut n = 0;
        while n < cases {
            let mut batch = Batch::default();
            let to = (n + BATCH).min(cases);
            for n in n..to {
                seeded.case(n, &mut dice, &mut batch);
            }
            batch.write(db).await?;
            n = to;
        }
        seeded.seconds = begin.elapsed().as_secs_f64();
        Ok(seeded)
    }
}

/// The times of a question that is asked so often, sorted.
async fn times(
    rounds: usize,
    mut ask: impl AsyncFnMut(usize) -> anyhow::Result<usize>,
) -> anyhow::Result<Vec<Duration>> {
    let mut out = Vec::with_capacity(rounds);
    let mut answered = 0;
    for n in 0..rounds {
        let begin = Instant::now();
        answered += ask(n).await?;
        out.push(begin.elapsed());
    }
    anyhow::ensure!(answered > 0, "a question of the benchmark found nothing: what it measures is not there");
    out.sort_unstable();
    Ok(out)
}

struct Report<'a> {
    table: &'a mut Table,
    name: &'a str,
    cases: u64,
    floor: Duration,
}

impl Report<'_> {
    fn add(&mut self, what: &str, times: &[Duration]) {
        let (p50, p99) = (percentile(times, 50), percentile(times, 99));
        let ratio = p50.as_secs_f64() / self.floor.as_secs_f64().max(1e-9);
        self.table.add(
            format!("{}, {} cases: {what}", self.name, self.cases),
            format!("p50 {}, p99 {}, {ratio:.1} × the floor", short(p50), short(p99)),
            "-",
            "",
        );
    }
}

async fn measure(table: &mut Table, name: &str, config: &StoreConfig, cases: u64) -> anyhow::Result<()> {
    let now = UtcMs(1_795_255_200_000);
    let store = Store::open(config, now).await?;
    let url = config.database_url.clone().unwrap_or_else(|| sqlite_url(&config.data.join("jifang.db")));
    let db = Db::open(&url, Duration::from_secs(60)).await?;
    let seeded = Seeded::make(&db, cases, now).await?;
    // Statistics, as a server that grew to this size has them on PostgreSQL; SQLite plans by what the schema tells it.
    if config.database_url.is_some() {
        db.exec("ANALYZE", vec![]).await?;
    }
    let floor = times(ROUNDS, async |n| {
        let (id, _) = &seeded.cases[n % seeded.cases.len()];
        Ok(usize::from(store.case(*id).await?.is_some()))
    })
    .await?;
    let mut report = Report { table, name, cases, floor: percentile(&floor, 50) };
    report.add(&format!("floor, a case by its key (seeded in {:.0} s)", seeded.seconds), &floor);
    lists(&mut report, &store, &seeded).await?;
    above(&mut report, &store, &seeded).await?;
    words(&mut report, &store).await?;
    counts(&mut report, &store, &seeded).await?;
    db.close().await;
    store.close().await;
    Ok(())
}

/// Where the page before the last of so many ends.
async fn cursor_of(store: &Store, filter: &WorkFilter) -> anyhow::Result<(usize, Option<Cursor>)> {
    let mut after = None;
    for page in 1..PAGES {
        let rows = store.worklist(&WorkFilter { after: after.clone(), ..filter.clone() }, LINES).await?;
        match rows.last().filter(|_| rows.len() >= LINES as usize) {
            Some(last) => after = Some(last.cursor()),
            None => return Ok((page, after)),
        }
    }
    Ok((PAGES, after))
}

async fn lists(report: &mut Report<'_>, store: &Store, seeded: &Seeded) -> anyhow::Result<()> {
    let office = |n: usize| Some(seeded.offices[n % seeded.offices.len()]);
    let first = times(ROUNDS, async |n| {
        let filter = WorkFilter { office: office(n), ..WorkFilter::default() };
        Ok(store.worklist(&filter, LINES).await?.len())
    });
    report.add("worklist of an office, page 1", &first.await?);
    let filter = WorkFilter { office: office(0), ..WorkFilter::default() };
    let (page, after) = cursor_of(store, &filter).await?;
    let filter = WorkFilter { after, ..filter };
    let later = times(ROUNDS, async |_| Ok(store.worklist(&filter, LINES).await?.len() + 1)).await?;
    report.add(&format!("worklist of an office, page {page}"), &later);
    for (what, top) in [("the whole tree", 0), ("a city", 1)] {
        let below = times(ROUNDS, async |_| {
            let filter = WorkFilter { under: office(top), ..WorkFilter::default() };
            Ok(store.worklist(&filter, LINES).await?.len())
        });
        report.add(&format!("worklist of {what}, page 1"), &below.await?);
    }
    let today = seeded.now.shanghai_date();
    let borders = [today, today.plus_days(8), today.plus_days(61)];
    let counted = times(COUNTS, async |n| {
        let filter = WorkFilter { office: office(n), ..WorkFilter::default() };
        store.worklist_counts(&filter, &borders).await?;
        Ok(1)
    });
    report.add("counts above the worklist of an office", &counted.await?);
    let ended = times(ROUNDS, async |n| {
        let filter = CaseFilter { office: office(n), ended: true, ..CaseFilter::default() };
        Ok(store.cases(&filter, LINES).await?.len())
    });
    report.add("closed cases of an office, page 1", &ended.await?);
    let party = times(ROUNDS, async |n| {
        let filter = CaseFilter { party: Some(seeded.parties[n % seeded.parties.len()]), ..CaseFilter::default() };
        Ok(store.cases(&filter, LINES).await?.len())
    });
    report.add("cases of a party", &party.await?);
    let number = times(ROUNDS, async |n| {
        let (_, number) = &seeded.cases[n % seeded.cases.len()];
        Ok(usize::from(store.case_by_number(number).await?.is_some()))
    });
    report.add("a case by its number", &number.await?);
    let rows = times(ROUNDS, async |n| {
        let filter = RowFilter {
            register: REGISTER.into(),
            office: office(n),
            holds_on: Some(seeded.now.shanghai_date()),
            ..RowFilter::default()
        };
        Ok(store.register_rows(&filter, LINES).await?.len())
    });
    report.add("page of a register, of an office and in force", &rows.await?);
    let shown = RowFilter { register: REGISTER.into(), shown: true, ..RowFilter::default() };
    let rows = times(ROUNDS, async |_| Ok(store.register_rows(&shown, LINES).await?.len()));
    report.add("page of a public register", &rows.await?);
    let counted = times(ROUNDS, async |_| Ok(usize::try_from(store.register_rows_count(&shown).await?)?));
    report.add("rows of a public register, counted", &counted.await?);
    let stood = RowFilter { stood: Some(seeded.now.plus_ms(-400 * DAY_MS)), ..shown };
    let rows = times(ROUNDS, async |_| Ok(store.register_rows(&stood, LINES).await?.len()));
    report.add("page of a public register as it stood on a day", &rows.await?);
    Ok(())
}

/// What waits for who decides, and what who supervises looks at.
async fn above(report: &mut Report<'_>, store: &Store, seeded: &Seeded) -> anyhow::Result<()> {
    let office = |n: usize| Some(seeded.offices[n % seeded.offices.len()]);
    let account = AccountId::new(1, [7; 10]);
    let giver = Giver { account, decides: true, reviews: false, proposes: false, given: Vec::new() };
    let own = times(ROUNDS, async |n| {
        let filter = WorkFilter { office: office(n), ..WorkFilter::default() };
        Ok(store.deliberated(&filter, &giver, LINES).await?.len())
    });
    report.add("what is being decided in an office", &own.await?);
    for (what, top) in [("the whole tree", 0), ("a city", 1)] {
        let below = times(ROUNDS, async |_| {
            let filter = WorkFilter { under: office(top), ..WorkFilter::default() };
            Ok(store.deliberated(&filter, &giver, LINES).await?.len())
        });
        report.add(&format!("what is being decided in {what}"), &below.await?);
    }
    let unpublished = times(ROUNDS, async |n| {
        let mut filter = UnpublishedFilter::default();
        let of = seeded.offices[n % seeded.offices.len()];
        let first = store.unpublished(of, giver.account, &filter, LINES).await?;
        filter.after = first.last().map(|one| (one.row.opened, one.row.id));
        Ok(first.len() + store.unpublished(of, giver.account, &filter, LINES).await?.len())
    });
    report.add("what is to be published of an office, pages 1 and 2", &unpublished.await?);
    let back = |days: i64| (seeded.now.plus_ms(-days * DAY_MS), seeded.now);
    let refused = times(COUNTS, async |_| {
        Ok(store.acts_in(Territory::All, ["act.refused", "act.tried"], back(365), LINES).await?.len())
    });
    report.add("what was refused in a year, the newest", &refused.await?);
    let clocks: Vec<(String, String)> = seeded.procedures.iter().map(|p| (p.clone(), "decide".to_owned())).collect();
    let late = times(COUNTS, async |_| Ok(store.decided_late(Territory::All, back(90), &clocks, LINES).await?.len()));
    report.add("what was decided late in 90 days", &late.await?);
    Ok(())
}

async fn words(report: &mut Report<'_>, store: &Store) -> anyhow::Result<()> {
    for (what, word) in [("common", COMMON), ("rare", RARE_WORD)] {
        let found = times(ROUNDS, async |_| {
            let found = store.search(Thing::Case, word, None, LINES).await?.context("a word that can be searched")?;
            Ok(found.things.len() + 1)
        });
        report.add(&format!("search of cases, a {what} word"), &found.await?);
    }
    let public = times(ROUNDS, async |n| {
        let query = format!("{}{}", PLACES[n % PLACES.len()], THINGS[n / PLACES.len() % THINGS.len()]);
        Ok(store.search_rows(REGISTER, &query, None, LINES).await?.map_or(0, |(rows, _)| rows.len()))
    });
    report.add("public search of a register", &public.await?);
    Ok(())
}

async fn counts(report: &mut Report<'_>, store: &Store, seeded: &Seeded) -> anyhow::Result<()> {
    let today = seeded.now.shanghai_date();
    let weeks = |n: i64| seeded.now.plus_ms(-n * 7 * DAY_MS);
    let borders = [weeks(2), weeks(8), weeks(26)];
    let span = (today.plus_days(-300), today.plus_days(61));
    let year = (CivilDate::ymd(today.0.year(), 1, 1).unwrap_or(today).start(), seeded.now);
    for (what, office) in [("all offices", None), ("one office", seeded.offices.first().copied())] {
        let all = times(COUNTS, async |_| {
            let waiting = store.backlog(Territory::from(office), borders).await?.len();
            let months = store.month_counts(Territory::from(office), span, (today, today.plus_days(8))).await?.len();
            Ok(waiting + months + store.outcome_counts(Territory::from(office), year).await?.len())
        });
        report.add(&format!("numbers of the dashboard, {what}"), &all.await?);
        let territory = Territory::from(office);
        let filter = PlaceFilter { register: PROTECTED.into(), territory, before: None };
        let counted = times(COUNTS, async |_| {
            let counts = store.place_counts(&filter, today).await?;
            Ok(usize::try_from(counts.iter().sum::<u64>())? + 1)
        });
        report.add(&format!("places with, without and perhaps with a system, {what}"), &counted.await?);
        let page =
            times(COUNTS, async |_| Ok(store.places_of(&filter, Class::Doubtful, today, LINES).await?.len() + 1));
        report.add(&format!("page of places to be settled, {what}"), &page.await?);
    }
    Ok(())
}
