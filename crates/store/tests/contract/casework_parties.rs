//! Parties, offices and what comes in from elsewhere: versions of a unit or person, numbers of documents, imports that are whole or nothing.

use crate::casework::{PERSON, event, head, numbering, office, pii, register_change};
use crate::world::{T0, World, account, assert_clean};
use base::{PartyId, Text};
use std::collections::BTreeSet;
use store::casework::cases::{CaseFilter, CaseHead};
use store::casework::events::{CaseChange, Saved};
use store::casework::import::{IMPORTED, Import, Imported};
use store::casework::offices::{OfficePut, OfficeRow};
use store::casework::parties::{PartyData, PartyPut, Person, Unit};
use store::casework::search::Thing;

fn unit(name: &str, code: &str) -> PartyData {
    PartyData::Unit(Unit {
        name: name.into(),
        credit_code: Some(code.into()),
        address: "沈阳市".into(),
        representative: pii(PERSON),
        contact: pii(PERSON),
        phone: pii("13900000001"),
        ..Unit::default()
    })
}

fn person(id_number: &str) -> PartyData {
    PartyData::Person(Person {
        name: pii(PERSON),
        id_number: pii(id_number),
        phone: pii("139 0000 0001"),
        address: pii("沈阳市"),
    })
}

pub async fn a_unit_without_a_code_keeps_its_own_registration(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let abroad = |name: &str| {
        PartyData::Unit(Unit {
            name: name.into(),
            registration_kind: "公司注册证明书（香港公司注册处）".into(),
            registration_number: "1234567".into(),
            contact: pii(PERSON),
            ..Unit::default()
        })
    };
    for name in ["示例有限公司", "另一示例有限公司"] {
        let id = store.new_party_id(T0).unwrap();
        assert_eq!(store.put_party(id, 0, &abroad(name), Some(by), T0).await.unwrap(), PartyPut::Done(id));
        assert_eq!(store.party(id).await.unwrap().map(|row| row.data), Some(abroad(name)));
    }
    assert_clean(&store).await;
}

pub async fn one_number_on_documents_of_two_kinds_is_of_two_persons(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let put = async |id, seen, number: &str| store.put_party(id, seen, &person(number), Some(by), T0).await.unwrap();
    let found = async |number: &str| store.person_by_id(&pii(number)).await.unwrap().map(|row| row.id);
    let [one, two, three] = [(); 3].map(|()| store.new_party_id(T0).unwrap());
    assert_eq!(put(one, 0, "护照 E12345678").await, PartyPut::Done(one));
    assert_eq!(put(three, 0, "护照 e1234 5678").await, PartyPut::There(one), "the same passport");
    assert_eq!(put(three, 0, "E12345678").await, PartyPut::There(one), "nobody said that it is another document");
    assert_eq!(found("E12345678").await, Some(one));
    assert_eq!(put(two, 0, "港澳台居民通行证 E12345678").await, PartyPut::Done(two));
    assert_eq!((found("护照 E12345678").await, found("港澳台居民通行证 E12345678").await), (Some(one), Some(two)));
    assert_eq!(found("E12345678").await, None, "it may be either");
    assert_eq!(found("外国人永久居留身份证 E12345678").await, None);
    assert_eq!(put(two, 1, "护照 E12345678").await, PartyPut::There(one), "nor by a further version");
    assert_eq!(put(one, 1, "护照 E99999999").await, PartyPut::Done(one));
    assert_eq!((found("E12345678").await, found("E99999999").await), (Some(two), Some(one)));
    // Whose kind was never said is asked for by any.
    assert_eq!(put(three, 0, "G7654321").await, PartyPut::Done(three));
    assert_eq!(found("护照 G7654321").await, Some(three));
    assert_eq!(put(three, 1, "护照 G7654321").await, PartyPut::Done(three), "it is said now");
    assert_eq!(found("港澳台居民通行证 G7654321").await, None);
    assert_clean(&store).await;
}

pub async fn a_party_has_versions_and_a_person_lies_sealed(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let (unit_id, person_id) = (store.new_party_id(T0).unwrap(), store.new_party_id(T0).unwrap());
    let put = async |id, seen, data: &PartyData| store.put_party(id, seen, data, Some(by), T0).await.unwrap();
    let code = "91350100M000100Y43";
    assert_eq!(put(unit_id, 0, &unit("示范银行", code)).await, PartyPut::Done(unit_id));
    assert_eq!(put(person_id, 0, &person("11010519491231002X")).await, PartyPut::Done(person_id));
    assert_eq!(put(unit_id, 0, &unit("别的", code)).await, PartyPut::MovedOn, "it was looked at before it was there");
    assert_eq!(put(unit_id, 1, &person("1")).await, PartyPut::MovedOn, "a unit does not become a person");
    let other = store.new_party_id(T0).unwrap();
    assert_eq!(put(other, 0, &unit("同码", code)).await, PartyPut::There(unit_id));
    assert_eq!(put(other, 0, &person("11010519491231002x")).await, PartyPut::There(person_id));
    assert_eq!(put(unit_id, 1, &unit("示范银行沈阳分行", code)).await, PartyPut::Done(unit_id));
    let history = store.party_history(unit_id).await.unwrap();
    assert_eq!(history.iter().map(|v| v.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(history[1].data, unit("示范银行", code), "what was known stays");
    assert_eq!(store.party_version(unit_id, 1).await.unwrap(), Some(history[1].clone()));
    assert_eq!(store.party(unit_id).await.unwrap(), Some(history[0].clone()));
    let mut some: BTreeSet<PartyId> = (0..60).map(|n| PartyId::new(n, [9; 10])).collect();
    some.extend([unit_id, person_id]);
    let found = store.parties_of(&some).await.unwrap();
    assert_eq!(found.iter().map(|row| row.id).collect::<BTreeSet<_>>(), BTreeSet::from([unit_id, person_id]));
    assert!(found.contains(&history[0]), "each as it is known now");
    assert_eq!(store.unit_by_code(" 91350100m000100y43").await.unwrap(), Some(history[0].clone()));
    let found = store.person_by_id(&pii("11010519491231002x")).await.unwrap().expect("found");
    assert_eq!((found.id, found.data), (person_id, person("11010519491231002X")));
    assert_eq!(store.person_by_id(&pii("110105194912310")).await.unwrap(), None, "a part leads nowhere");
    assert_eq!(store.person_by_id(&pii("")).await.unwrap(), None);
    assert_eq!(store.parties_by_phone(&pii("13900000001")).await.unwrap().len(), 2);
    assert!(store.parties_by_phone(&pii("")).await.unwrap().is_empty());
    let names = store.search(Thing::Party, "沈阳分行", None, 9).await.unwrap().expect("searched");
    assert_eq!(names.things, [unit_id.to_string()]);
    let nobody = store.search(Thing::Party, PERSON, None, 9).await.unwrap().expect("searched");
    assert!(nobody.things.is_empty(), "persons are not in the index");
    for word in [PERSON, "11010519491231002X", "13900000001"] {
        assert_eq!(world.finds(word).await, None, "`{word}` stands open");
    }
    assert_clean(&store).await;
}

pub async fn an_import_is_all_or_nothing(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    let parties: Vec<_> =
        (0..5).map(|n| (store.new_party_id(T0).unwrap(), unit(&format!("单位{n}"), &format!("CODE{n}")))).collect();
    let (numbering, events) = (numbering(office), [event("case.imported")]);
    let heads: Vec<_> =
        parties.iter().map(|(id, _)| CaseHead { party: Some(*id), ..head(office, "旧系统案件") }).collect();
    let cases: Vec<_> = heads
        .iter()
        .map(|head| {
            let id = store.new_case_id(T0).unwrap();
            CaseChange { opening: Some(&numbering), ..CaseChange::new(id, 0, Some(by), head, &events) }
        })
        .collect();
    let registers = [register_change("S-1", "旧系统"), register_change("S-2", "旧系统")];
    let all = Import { parties: &parties, cases: &cases, registers: &registers, shown: false };
    let twice = [parties[0].clone(), (store.new_party_id(T0).unwrap(), unit("同码", "CODE0"))];
    let bad = Import { parties: &twice, ..all.clone() };
    let refused = store.import(&bad, by, T0).await.unwrap();
    assert_eq!(refused, Imported::Party(1, PartyPut::There(parties[0].0)));
    assert_eq!(store.party(parties[0].0).await.unwrap(), None, "nothing of it is there");
    let same = [cases[0].clone(), cases[0].clone()];
    let bad = Import { cases: &same, ..all.clone() };
    assert_eq!(store.import(&bad, by, T0).await.unwrap(), Imported::Case(1, Saved::MovedOn { events: 1 }));
    assert_eq!(store.import(&all, by, T0).await.unwrap(), Imported::Done);
    let of = CaseFilter { party: Some(parties[3].0), ..CaseFilter::default() };
    assert_eq!(store.cases(&of, 9).await.unwrap().len(), 1);
    assert_eq!(store.next_number(&numbering.series).await.unwrap(), 6, "numbers of refused imports are free");
    assert_eq!(store.register_history("systems", "S-2").await.unwrap()[0].case, None);
    let many: Vec<_> = (0..=IMPORTED).map(|n| register_change(&n.to_string(), "x")).collect();
    let bad = Import { registers: &many, ..Import::default() };
    assert_eq!(store.import(&bad, by, T0).await.unwrap(), Imported::TooMany);
    assert_clean(&store).await;
}

pub async fn offices_have_codes_of_their_own(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let one = office(&store, "210100000001").await;
    let kept = store.office(one).await.unwrap().expect("there");
    assert_eq!(kept.called(base::Lang::En), "Office 210100000001");
    assert_eq!((&*kept.names().zh, kept.called(base::Lang::Zh)), (kept.name.as_str(), kept.name.as_str()));
    let other = OfficeRow { id: store.new_office_id(T0).unwrap(), parent: Some(one), ..kept.clone() };
    assert_eq!(store.put_office(&other, by, T0).await.unwrap(), OfficePut::CodeTaken);
    let other = OfficeRow { unit_code: "210102000001".into(), ..other };
    assert_eq!(store.put_office(&other, by, T0).await.unwrap(), OfficePut::Done);
    let shown = (kept.to_show(base::Lang::En), kept.to_show(base::Lang::Zh));
    assert_eq!(
        shown,
        (format!("Office 210100000001 ({})", kept.name), kept.name.clone()),
        "with what stands on its seal"
    );
    let closed = OfficeRow { closed: Some(T0), name: "已撤销".into(), name_en: String::new(), ..kept };
    assert_eq!(closed.called(base::Lang::En), "已撤销", "without an English name it is called as in Chinese");
    assert_eq!(store.put_office(&closed, by, T0).await.unwrap(), OfficePut::Done);
    assert_eq!(closed.to_show(base::Lang::En), "已撤销");
    assert_eq!(store.english_of(&other.name).await.unwrap().as_deref(), Some("Office 210100000001"));
    assert_eq!(store.english_of("已撤销").await.unwrap(), None);
    let all = store.offices().await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(all.contains(&closed) && all.contains(&other));
    let text = Text::new("登记机构：已撤销。", "Office entered: 已撤销.");
    let acts = store.acts(&store::logbook::ActFilter::default(), 9).await.unwrap();
    assert!(acts.iter().any(|a| a.text == text), "{acts:?}");
}
