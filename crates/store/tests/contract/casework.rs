//! Cases: a change is whole or not at all, clerks take turns, words of persons are sealed, numbers have no hole.

use crate::world::{T0, World, account, assert_clean, random};
use base::{AccountId, CaseId, CivilDate, ClauseId, DocumentId, OfficeId, PartyId, Pii, Sha256, SiteId, Text, limits};
use std::collections::BTreeSet;
use store::Store;
use store::casework::cases::{CaseHead, NextDue};
use store::casework::documents::{DocumentNumber, Issued, NewDocument};
use store::casework::events::{Beside, CaseChange, Changed, ClockRow, EVENTS, NewEvent, Saved};
use store::casework::numbers::{Numbering, Series};
use store::casework::offices::{OfficePut, OfficeRow, OfficerRow};
use store::casework::papers::{NewPaper, PAPERS};
use store::casework::payments::{NewPayment, PaymentKind, PaymentSaved};
use store::casework::publications::{NewPublication, ShownRow, digest_of};
use store::casework::registers::{RegisterChange, WrittenRow};
use store::casework::search::{Thing, WORDING_CHARS};
use store::logbook::ActFilter;
use store::site_orders::NewOrder;

/// Nobody else writes this name.
pub const PERSON: &str = "欧阳秋水";

pub fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

pub fn clauses() -> Vec<ClauseId> {
    vec![ClauseId::new("B-14-3")]
}

pub fn pii(text: &str) -> Pii<String> {
    Pii::new(text.into())
}

pub async fn office(store: &Store, code: &str) -> OfficeId {
    let row = OfficeRow {
        id: store.new_office_id(T0).unwrap(),
        name: format!("技防办{code}"),
        level: "city".into(),
        division: "210100".into(),
        unit_code: code.into(),
        parent: None,
        closed: None,
        name_en: format!("Office {code}"),
    };
    let by = AccountId::new(T0.0, random());
    assert_eq!(store.put_office(&row, by, T0).await.unwrap(), OfficePut::Done);
    row.id
}

pub fn head(office: OfficeId, title: &str) -> CaseHead {
    CaseHead {
        procedure: "area_approval".into(),
        pack: Sha256::of(b"packs"),
        office,
        party: None,
        title: title.into(),
        state: "opened".into(),
        outcome: None,
        assigned: None,
        facts_on: day("2026-11-20"),
        closed: None,
        next: Some(NextDue { day: day("2026-12-01"), clock: "decide".into(), binds: "police_local".into() }),
    }
}

pub fn event(kind: &'static str) -> NewEvent {
    NewEvent {
        kind,
        body: serde_json::json!({ "event": "noted", "words": format!("{PERSON}来访。") }),
        clauses: clauses(),
        text: Text::new("办理案件。", "Case handled."),
    }
}

/// Numbers of an office: the letters are its own, for no two cases have one number.
pub fn numbering(office: OfficeId) -> Numbering {
    let own: String = office.bytes()[8..].iter().map(|b| char::from(b'g' + b % 16)).collect();
    let series = Series { office, series: "case".into(), year: 2026 };
    Numbering { series, before: format!("沈公技防{own}〔2026〕"), after: "号".into(), width: 0 }
}

pub fn done(saved: Saved) -> Changed {
    let Saved::Done(changed) = saved else { panic!("{saved:?}") };
    changed
}

pub async fn of_two_that_are_opened_side_by_side_one_is_looked_at_again(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let party = PartyId::new(T0.0, random());
    let own = CaseHead { party: Some(party), ..head(office, "中山广场") };
    let (numbering, events) = (numbering(office), [event("case.opened")]);
    let same = own.procedure.as_str();
    assert_eq!(store.cases_beside(party, same).await.unwrap(), 0);
    let beside = |seen: u32, procedure| Some(Beside { party, procedure, seen });
    let change = |beside| CaseChange {
        opening: Some(&numbering),
        beside,
        ..CaseChange::new(store.new_case_id(T0).unwrap(), 0, None, &own, &events)
    };
    done(store.add_events(&change(beside(0, same)), T0).await.unwrap());
    let second = change(beside(0, same));
    assert_eq!(store.add_events(&second, T0).await.unwrap(), Saved::MovedOn { events: 0 }, "one came before it");
    assert_eq!(store.case(second.case).await.unwrap(), None, "nothing of it is there");
    done(store.add_events(&change(beside(0, "another_procedure")), T0).await.unwrap());
    assert_eq!(store.cases_beside(party, same).await.unwrap(), 2, "its head says which procedure it is of");
    done(store.add_events(&change(beside(2, same)), T0).await.unwrap());
    done(store.add_events(&change(None), T0).await.unwrap());
    assert_eq!(store.next_number(&numbering.series).await.unwrap(), 5, "a number of a refused one is free");
    assert_clean(&store).await;
}

/// Adds an event that leaves these requests that somebody keep out.
async fn recused(
    store: &Store,
    (id, seen): (CaseId, u32),
    head: &CaseHead,
    recusals: Option<&[(AccountId, &'static str)]>,
) {
    let events = [event("case.recused")];
    let change = CaseChange { recusals, ..CaseChange::new(id, seen, None, head, &events) };
    done(store.add_events(&change, T0).await.unwrap());
}

pub async fn requests_to_keep_out_are_found_while_they_wait_and_below_their_office_alone(world: &World) {
    let store = world.open().await;
    let (own, other) = (office(&store, "210100000001").await, office(&store, "210100000002").await);
    let own_head = head(own, "中山广场");
    let (case, _) = open(&store, &own_head).await;
    let (closed, _) = open(&store, &CaseHead { closed: Some(T0), ..head(own, "劳动公园") }).await;
    let (one, two) = (AccountId::new(T0.0, random()), AccountId::new(T0.0, random()));
    let found = async |top: OfficeId, limit: u32| store.asked_recusals(top, limit).await.unwrap();
    assert!(found(own, 10).await.is_empty());
    let over = CaseHead { closed: Some(T0), ..own_head.clone() };
    recused(&store, (closed, 1), &over, Some(&[(one, "asked")])).await;
    recused(&store, (case, 1), &own_head, Some(&[(one, "asked"), (two, "granted")])).await;
    let all = found(own, 10).await;
    assert_eq!(all.iter().map(|a| a.row.id).collect::<Vec<_>>(), [case], "one that is over waits for nobody");
    let people: BTreeSet<_> = all[0].people.iter().cloned().collect();
    let told = [(Some(one), "asked".to_owned()), (Some(two), "granted".to_owned())];
    assert_eq!(people, told.into_iter().collect::<BTreeSet<_>>());
    assert!(found(other, 10).await.is_empty() && found(own, 0).await.is_empty());
    recused(&store, (case, 2), &own_head, None).await;
    assert_eq!(found(own, 10).await.len(), 1, "a change that says nothing of it leaves it");
    recused(&store, (case, 3), &own_head, Some(&[(one, "rejected"), (two, "granted")])).await;
    assert!(found(own, 10).await.is_empty());
    assert_clean(&store).await;
}

/// A new case with one event.
pub async fn open(store: &Store, head: &CaseHead) -> (CaseId, Changed) {
    let (id, numbering, events) = (store.new_case_id(T0).unwrap(), numbering(head.office), [event("case.opened")]);
    let change = CaseChange { opening: Some(&numbering), ..CaseChange::new(id, 0, None, head, &events) };
    (id, done(store.add_events(&change, T0).await.unwrap()))
}

pub fn register_change(row: &str, name: &str) -> RegisterChange {
    RegisterChange {
        register: "systems".into(),
        row: row.into(),
        name: name.into(),
        office: None,
        party: None,
        public: serde_json::json!({ "name": name, "cameras": 8 }),
        personal: Some(Pii::new(format!("{{\"contact\":\"{PERSON}\"}}"))),
        from: day("2026-11-21"),
        until: None,
        clauses: clauses(),
        text: Text::new("登记系统。", "System registered."),
    }
}

fn document(store: &Store, office: OfficeId, number: u32) -> NewDocument {
    let series = Series { office, series: "decision".into(), year: 2026 };
    NewDocument {
        id: store.new_document_id(T0).unwrap(),
        kind: "decision_granted".into(),
        office,
        number: Some(DocumentNumber { series, number, text: format!("沈公技决〔2026〕{number}号") }),
        pdf: format!("%PDF-1.7 {PERSON} {number}").into_bytes(),
        words: "准予备案。停车场入口".into(),
        lang: base::Lang::Zh,
        check_code: format!("3fa2 91bc 0000 000{number}"),
        clauses: clauses(),
        text: Text::new("制作决定书。", "Decision made."),
    }
}

fn paper() -> NewPaper {
    NewPaper {
        material: "application".into(),
        name: Pii::new(format!("{PERSON}申请.pdf")),
        bytes: b"%PDF-1.7 x".to_vec(),
    }
}

fn publication(row: &WrittenRow) -> NewPublication {
    NewPublication {
        kind: "other_information".into(),
        title: "批准信息".into(),
        body: "批准安装。".into(),
        rows: vec![ShownRow { register: row.register.clone(), row: row.row.clone(), version: row.version }],
        until: Some(day("2027-11-21")),
        clauses: clauses(),
        text: Text::new("公开批准信息。", "Approval published."),
    }
}

/// The bodies of entries of a kind, the oldest first.
async fn logged(store: &Store, kind: &str) -> Vec<(u64, serde_json::Value)> {
    store.flush_ledger().await.unwrap();
    let filter = ActFilter { kind: Some(kind.into()), ..ActFilter::default() };
    let mut acts = store.acts(&filter, 99).await.unwrap();
    acts.reverse();
    acts.iter().map(|a| (a.idx, store.ledger().entry(a.idx).unwrap().parse().unwrap().body)).collect()
}

pub async fn a_change_and_all_that_follows_is_one(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    let (case, opened) = open(&store, &head(office, "中山广场")).await;
    let number = numbering(office).write(1);
    assert_eq!((&opened.number, opened.events), (&number, 1));
    let row = WrittenRow { register: "systems".into(), row: "S-1".into(), version: 1, entry: 0 };
    let decided = CaseHead {
        state: "decided".into(),
        outcome: Some("approved".into()),
        assigned: Some(by),
        closed: Some(T0.plus_ms(9)),
        next: None,
        ..head(office, "中山广场二号")
    };
    let events = [event("case.step_done"), event("case.decided")];
    let clock = ClockRow {
        clock: "decide".into(),
        binds: "police_local".into(),
        state: "met".into(),
        due: Some(day("2026-12-01")),
        provisional: true,
    };
    let documents = [document(&store, office, 1)];
    let change = CaseChange {
        clocks: std::slice::from_ref(&clock),
        registers: &[register_change("S-1", "中山广场系统")],
        papers: &[paper(), paper()],
        documents: &documents,
        publications: &[publication(&row)],
        ..CaseChange::new(case, 1, Some(by), &decided, &events)
    };
    let changed = done(store.add_events(&change, T0.plus_ms(9)).await.unwrap());
    let first = changed.entries.start;
    assert_eq!((changed.events, changed.entries.clone()), (3, first..first + 2));
    assert_eq!(changed.rows, [WrittenRow { entry: first + 2, ..row }]);
    assert_eq!((&changed.documents[..], &changed.publications[..]), (&[first + 3][..], &[first + 4][..]));

    let kept = store.case(case).await.unwrap().expect("there");
    assert_eq!((&kept.head, kept.events, kept.opened, kept.last), (&decided, 3, T0, T0.plus_ms(9)));
    assert_eq!(store.case_by_number(&number).await.unwrap(), Some(kept));
    let told = store.case_events(case).await.unwrap();
    assert_eq!(
        told.iter().map(|e| (e.n, e.kind.as_str(), e.by)).collect::<Vec<_>>(),
        [(1, "case.opened", None), (2, "case.step_done", Some(by)), (3, "case.decided", Some(by))]
    );
    assert!(told.iter().all(|e| e.body.expose().contains(PERSON)), "what was said comes back");
    let undecided = open(&store, &head(office, "西门")).await.0;
    let asked = [vec![undecided; 50], vec![case]].concat();
    let decisions = store.last_decisions(&asked).await.unwrap();
    assert_eq!(
        decisions.iter().map(|(case, e)| (*case, e.n, e.body.expose())).collect::<Vec<_>>(),
        [(case, 3, told[2].body.expose())]
    );
    assert_eq!(store.case_clocks(case).await.unwrap(), [clock]);
    assert_eq!(store.cases_to_count_anew(None, 9).await.unwrap(), [case]);
    let papers = store.case_papers(case).await.unwrap();
    assert_eq!(
        papers.iter().map(|p| (p.n, p.event, p.media_type.as_str())).collect::<Vec<_>>(),
        [(1, 3, "application/pdf"), (2, 3, "application/pdf")]
    );
    assert_eq!(papers[0].name.expose(), &format!("{PERSON}申请.pdf"));
    assert_eq!(store.case_paper_bytes(case, 2).await.unwrap(), Some(b"%PDF-1.7 x".to_vec()));
    assert_eq!(store.case_paper_bytes(case, 3).await.unwrap(), None);
    assert_eq!(store.document_pdf(documents[0].id).await.unwrap(), Some(documents[0].pdf.clone()));
    assert_eq!(store.documents_of_case(case).await.unwrap().len(), 1);
    assert_eq!(store.publications_of_case(case).await.unwrap()[0].body, "批准安装。");
    assert_eq!(store.rows_of_case(case).await.unwrap()[0].case, Some((case, 3)));
    store.flush_ledger().await.unwrap();
    assert!(store.check_case(case).await.unwrap().is_empty());
    let written = logged(&store, "register.row").await;
    let public = store.rows_of_case(case).await.unwrap()[0].public.clone();
    assert_eq!(written[0].1["public_sha256"], Sha256::of(public.as_bytes()).hex());
    assert_eq!(logged(&store, "document.made").await[0].1["sha256"], Sha256::of(&documents[0].pdf).hex());
    assert_clean(&store).await;
}

pub async fn of_two_clerks_one_is_first(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let head = head(office, "一号楼");
    let (case, _) = open(&store, &head).await;
    let clerks: Vec<_> = (0..8)
        .map(|n| {
            let (store, mut head) = (store.clone(), head.clone());
            tokio::spawn(async move {
                head.state = format!("state{n}");
                let events = [event("case.noted")];
                (n, store.add_events(&CaseChange::new(case, 1, None, &head, &events), T0).await.unwrap())
            })
        })
        .collect();
    let mut winners = Vec::new();
    for clerk in clerks {
        match clerk.await.expect("no panic") {
            (n, Saved::Done(_)) => winners.push(n),
            (_, other) => assert_eq!(other, Saved::MovedOn { events: 2 }),
        }
    }
    let kept = store.case(case).await.unwrap().expect("there");
    assert_eq!((winners.len(), kept.events), (1, 2));
    assert_eq!(kept.head.state, format!("state{}", winners[0]));
    assert_eq!(logged(&store, "case.noted").await.len(), 1, "who was second left nothing");
    let nobody = store.new_case_id(T0).unwrap();
    let events = [event("case.noted")];
    for seen in [0, 1] {
        let change = CaseChange::new(nobody, seen, None, &head, &events);
        assert_eq!(store.add_events(&change, T0).await.unwrap(), Saved::Unknown);
    }
    assert!(store.add_events(&CaseChange::new(case, 2, None, &head, &[]), T0).await.is_err(), "nothing happened");
    assert_clean(&store).await;
}

pub async fn numbers_have_no_hole_under_concurrency(world: &World) {
    let store = world.open().await;
    let (a, b) = (office(&store, "210100000001").await, office(&store, "210200000001").await);
    let made: Vec<_> = (0..30)
        .map(|n| {
            let (store, office) = (store.clone(), if n % 3 == 0 { b } else { a });
            tokio::spawn(async move { open(&store, &head(office, "楼")).await.1.number })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for one in made {
        numbers.insert(one.await.expect("no panic"));
    }
    let want = (1..=20).map(|n| numbering(a).write(n)).chain((1..=10).map(|n| numbering(b).write(n)));
    assert_eq!(numbers, want.collect::<BTreeSet<_>>());
    let next = async |office| store.next_number(&numbering(office).series).await.unwrap();
    assert_eq!((next(a).await, next(b).await), (21, 11), "each office has its own, without a hole");
    // Documents: whoever made the file with a number that was taken makes it again.
    let series = Series { office: a, series: "decision".into(), year: 2026 };
    let issued: Vec<_> = (0..8)
        .map(|_| {
            let (store, series) = (store.clone(), series.clone());
            tokio::spawn(async move {
                for _ in 0..1_000 {
                    let number = store.next_number(&series).await.unwrap();
                    let paper = document(&store, series.office, number);
                    if let Issued::Done(_) = store.issue_document(&paper, None, T0).await.unwrap() {
                        return number;
                    }
                }
                panic!("never its turn");
            })
        })
        .collect();
    let mut got = BTreeSet::new();
    for one in issued {
        got.insert(one.await.expect("no panic"));
    }
    assert_eq!(got, (1..=8).collect::<BTreeSet<_>>());
    for wrong in [0, 8, 10] {
        let paper = document(&store, a, wrong);
        assert_eq!(store.issue_document(&paper, None, T0).await.unwrap(), Issued::NumberTaken, "{wrong}");
    }
    assert_eq!(store.next_number(&series).await.unwrap(), 9);
    assert_clean(&store).await;
}

pub async fn what_fails_in_the_middle_leaves_nothing(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (case, _) = open(&store, &head(office, "一号楼")).await;
    let paper_one = document(&store, office, 1);
    assert!(matches!(store.issue_document(&paper_one, None, T0).await.unwrap(), Issued::Done(_)));
    let kept = store.document(paper_one.id).await.unwrap().expect("there");
    assert_eq!(kept.check_code, "3fa2 91bc 0000 0001", "the code that is printed on it");
    let entries = logged(&store, "").await.len();
    // The document's id is there already: the database refuses after events, entries and rows were written.
    let again = NewDocument { id: paper_one.id, ..document(&store, office, 2) };
    let events = [event("case.decided")];
    let after = CaseHead { state: "decided".into(), ..head(office, "二号楼") };
    let change = CaseChange {
        documents: std::slice::from_ref(&again),
        registers: &[register_change("S-1", "二号楼系统")],
        papers: &[paper()],
        ..CaseChange::new(case, 1, None, &after, &events)
    };
    assert!(store.add_events(&change, T0).await.is_err());
    let kept = store.case(case).await.unwrap().expect("there");
    assert_eq!((kept.events, kept.head.title.as_str()), (1, "一号楼"));
    assert_eq!(logged(&store, "").await.len(), entries, "no entry");
    assert!(store.case_papers(case).await.unwrap().is_empty() && store.rows_of_case(case).await.unwrap().is_empty());
    let series = Series { office, series: "decision".into(), year: 2026 };
    assert_eq!(store.next_number(&series).await.unwrap(), 2, "the number is free again");
    // A number that was taken: nothing either, and the next one goes in.
    let taken = [document(&store, office, 1)];
    let change = CaseChange { documents: &taken, ..CaseChange::new(case, 1, None, &after, &events) };
    assert_eq!(store.add_events(&change, T0).await.unwrap(), Saved::NumberTaken);
    let next = [document(&store, office, 2)];
    let change = CaseChange { documents: &next, ..change };
    done(store.add_events(&change, T0).await.unwrap());
    assert_clean(&store).await;
}

pub async fn a_document_is_found_by_its_words_also_when_it_is_old(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let long =
        NewDocument { words: format!("{}末尾", "长文".repeat(WORDING_CHARS)), ..document(&store, office, 2) };
    for paper in [document(&store, office, 1), long] {
        assert!(matches!(store.issue_document(&paper, None, T0).await.unwrap(), Issued::Done(_)));
    }
    let found = async |query: &str| {
        let found = store.search(Thing::Document, query, None, 9).await.unwrap().expect("searched");
        found.things.len()
    };
    for (query, count) in
        [("停车场 准予", 1), ("2026 1号 入口", 1), ("沈公技决", 2), ("长文长文", 1), ("末尾", 0), ("不存在", 0)]
    {
        assert_eq!(found(query).await, count, "{query}");
    }
    assert_eq!(found(PERSON).await, 0, "never by what is sealed");
    assert!(store.documents_to_index(9).await.unwrap().is_empty(), "what is new is found already");
    // Documents of an older program: found by their numbers alone.
    world.tamper("DELETE FROM gram WHERE kind = 'document'").await;
    world.tamper("DELETE FROM search_text WHERE kind = 'document'").await;
    world.tamper("UPDATE document SET words = 0").await;
    let old = store.documents_to_index(9).await.unwrap();
    assert_eq!(old.len(), 2);
    assert_eq!(store.documents_to_index(1).await.unwrap().len(), 1, "no more than is asked for");
    for row in &old {
        store.index_document(row.id, "重新编入").await.unwrap();
    }
    assert!(store.documents_to_index(9).await.unwrap().is_empty(), "once");
    assert_eq!((found("重新编入").await, found("沈公技决 重新").await, found("停车场").await), (2, 2, 0));
    assert_clean(&store).await;
}

pub async fn rows_that_come_with_orders_and_payments_are_one_with_them(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    let (case, _) = open(&store, &head(office, "一号楼")).await;
    let payment = |seen: u32| NewPayment {
        case,
        seen,
        kind: PaymentKind::Received,
        day: day("2026-11-21"),
        fen: 100,
        receipt: format!("票{seen}"),
        of: None,
        body: Pii::new("{}".into()),
        clauses: clauses(),
        by,
        text: Text::new("收到缴款。", "Paid."),
    };
    let rows = [register_change("P-1", "一号楼")];
    let after =
        async |events, seen| store.add_payment_entered(&payment(seen), None, (&rows[..], events), T0).await.unwrap();
    let put = async |seen| after(1, seen).await;
    assert_eq!(after(0, 0).await, PaymentSaved::MovedOn, "its rows may have been written since");
    assert!(store.payments(case).await.unwrap().is_empty() && store.rows_of_case(case).await.unwrap().is_empty());
    assert!(matches!(put(0).await, PaymentSaved::Done { .. }));
    let entries = logged(&store, "").await.len();
    assert_eq!(put(0).await, PaymentSaved::MovedOn);
    assert_eq!(logged(&store, "").await.len(), entries, "what is not taken writes no row");
    assert!(matches!(put(1).await, PaymentSaved::Done { .. }));
    let kept = store.rows_of_case(case).await.unwrap();
    assert_eq!(
        kept.iter().map(|row| (row.version, row.case)).collect::<Vec<_>>(),
        [(1, Some((case, 1))), (2, Some((case, 1)))]
    );
    assert!(kept[1].newest && !kept[0].newest && kept.iter().all(|row| row.shown.is_none()));
    let order = NewOrder {
        id: store.new_order_id(T0).unwrap(),
        site: SiteId::new(T0.0, [5; 10]),
        kind: "hold",
        body: b"{}".to_vec(),
        clauses: clauses(),
        text: Text::new("通知封存。", "Told to hold."),
    };
    let held = [register_change("O-1", "某酒店")];
    assert!(store.add_order_entered(&order, None, (Some(case), Some(by)), &held, T0).await.unwrap());
    let again = NewOrder { id: store.new_order_id(T0).unwrap(), kind: "release", ..order.clone() };
    let (ends, of) = (Some(order.id), (Some(case), Some(by)));
    assert!(store.add_order_entered(&again, ends, of, &held, T0).await.unwrap());
    let late = NewOrder { id: store.new_order_id(T0).unwrap(), ..again };
    assert!(!store.add_order_entered(&late, ends, of, &held, T0).await.unwrap(), "it was ended already");
    let kept = store.rows_of_case(case).await.unwrap();
    assert_eq!(kept.iter().filter(|row| row.row == "O-1").map(|row| row.version).collect::<Vec<_>>(), [1, 2]);
    assert_clean(&store).await;
}

pub async fn words_about_persons_are_sealed_and_bound_to_their_place(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    let officer = OfficerRow {
        account: by,
        office,
        seats: vec!["officer".into(), "head".into()],
        certificate: Some(Pii::new(format!("{PERSON}0001"))),
        valid_until: Some(day("2027-01-01")),
    };
    store.put_officer(&officer, by, T0).await.unwrap();
    assert_eq!(store.officer(by).await.unwrap(), Some(officer.clone()));
    assert_eq!(store.officers_of(office).await.unwrap(), [officer]);
    let head = head(office, "一号楼");
    let (case, _) = open(&store, &head).await;
    let (events, documents) = ([event("case.noted")], [document(&store, office, 1)]);
    let change = CaseChange {
        registers: &[register_change("S-1", "一号楼系统")],
        papers: &[paper()],
        documents: &documents,
        ..CaseChange::new(case, 1, Some(by), &head, &events)
    };
    done(store.add_events(&change, T0).await.unwrap());
    assert!(store.void_document(documents[0].id, &pii(PERSON), &clauses(), by, T0).await.unwrap().is_some());
    assert_eq!(store.void_document(documents[0].id, &pii(PERSON), &clauses(), by, T0).await.unwrap(), None, "once");
    let void = store.document(documents[0].id).await.unwrap().expect("there").void.expect("void");
    assert_eq!(void.why.expose(), PERSON);
    assert_eq!(store.document_by_number("沈公技决〔2026〕1号").await.unwrap().expect("kept").void, Some(void));
    assert!(store.remove_officer(by, by, T0).await.unwrap() && !store.remove_officer(by, by, T0).await.unwrap());
    store.flush_ledger().await.unwrap();
    assert!(store.check_case(case).await.unwrap().is_empty());
    assert_clean(&store).await;
    assert_eq!(world.finds(PERSON).await, None, "nothing stands open, in rows or log");
    // A body of another place is none: two events cannot change places.
    world
        .tamper("UPDATE case_event SET body_sealed = (SELECT body_sealed FROM case_event WHERE n = 1) WHERE n = 2")
        .await;
    assert!(store.case_events(case).await.is_err());
    assert_eq!(store.check_case(case).await.unwrap(), [2]);
}

pub async fn a_case_that_was_changed_past_the_store_is_found(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (case, _) = open(&store, &head(office, "一号楼")).await;
    store.flush_ledger().await.unwrap();
    assert_clean(&store).await;
    world.tamper("UPDATE case_file SET events = 2").await;
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.to_string().contains("case_without_its_events"), "an event is missing: {report}");
    world.tamper("UPDATE case_file SET events = 1").await;
    world.tamper("UPDATE case_event SET entry = 0").await;
    assert!(!store.check(&|_, _| {}).await.unwrap().holds(), "the entry is of another kind");
    assert_eq!(store.check_case(case).await.unwrap(), [1]);
}

pub async fn cases_and_papers_are_bounded(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let head = head(office, "一号楼");
    let (case, _) = open(&store, &head).await;
    let events = [event("case.noted")];
    let papers: Vec<_> = (0..PAPERS).map(|_| paper()).collect();
    let change = |seen, papers| CaseChange { papers, ..CaseChange::new(case, seen, None, &head, &events) };
    let large = [NewPaper { bytes: vec![0; limits::UPLOAD_BYTES + 1], ..paper() }];
    assert_eq!(store.add_events(&change(1, &large), T0).await.unwrap(), Saved::Full);
    assert_eq!(done(store.add_events(&change(1, &papers), T0).await.unwrap()).events, 2);
    assert_eq!(store.add_events(&change(2, &papers[..1]), T0).await.unwrap(), Saved::Full);
    world.tamper(&format!("UPDATE case_file SET events = {EVENTS}")).await;
    assert_eq!(store.add_events(&change(EVENTS, &[]), T0).await.unwrap(), Saved::Full);
    let unknown = DocumentId::new(1, [1; 10]);
    assert_eq!(store.document(unknown).await.unwrap(), None);
    assert_eq!(store.document_pdf(unknown).await.unwrap(), None);
}

pub async fn what_was_published_is_withdrawn_with_reasons(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let row = WrittenRow { register: "systems".into(), row: "S-1".into(), version: 1, entry: 0 };
    let one = publication(&row);
    let other = NewPublication { kind: "warnings".into(), title: "警示".into(), ..publication(&row) };
    let first = store.publish(&one, by, T0).await.unwrap();
    let second = store.publish(&other, by, T0).await.unwrap();
    let numbers =
        |rows: Vec<store::casework::publications::PublicationRow>| rows.iter().map(|r| r.entry).collect::<Vec<_>>();
    assert_eq!(numbers(store.publications(None, None, 9).await.unwrap()), [second, first]);
    assert_eq!(numbers(store.publications(None, Some(second), 9).await.unwrap()), [first]);
    assert_eq!(numbers(store.publications(Some("warnings"), None, 9).await.unwrap()), [second]);
    let kept = store.publication(first).await.unwrap().expect("there");
    assert_eq!((kept.title.as_str(), kept.rows.as_slice()), ("批准信息", one.rows.as_slice()));
    assert_eq!(kept.sha256, digest_of(&one.title, &one.body, &one.rows));
    assert_eq!(logged(&store, "publication.made").await[0].1["sha256"], kept.sha256.hex());
    let gone = store.withdraw_publication(first, "决定被撤销。", &clauses(), by, T0).await.unwrap().expect("withdrawn");
    assert_eq!(store.withdraw_publication(first, "再次。", &clauses(), by, T0).await.unwrap(), None, "once");
    let kept = store.publication(first).await.unwrap().expect("its number stays");
    assert!(kept.title.is_empty() && kept.body.is_empty(), "its words are not handed out");
    let why = kept.withdrawn.expect("withdrawn");
    assert_eq!((why.entry, why.reasons.as_str()), (gone, "决定被撤销。"));
    assert_clean(&store).await;
}
