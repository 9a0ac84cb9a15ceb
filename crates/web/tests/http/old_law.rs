//! What ended is entered by the law of its time, by the pages' own forms: a registration, its revocation, and the bar that follows.

use crate::cases::{fill, hall, pairs, signed_in};
use crate::harness::{Browser, Got};
use base::{CaseId, CivilDate};
use law::{Field, FieldKind};
use std::sync::LazyLock;

static GATE: LazyLock<law::Gate> = LazyLock::new(|| law::Gate::embedded().unwrap());

const REGISTRATION: &str = "product_registration";
const REVOCATION: &str = "registration_revocation";
const REASONS: &str = "提交的检验报告系伪造，产品未经检验，依据所列条款作出决定。";

/// The samples of a form; days are this one.
fn sample(of: &str, node: &str, on: &str) -> Vec<(&'static str, String)> {
    let text = |f: &Field| if f.kind == FieldKind::Day { on.to_owned() } else { f.sample.clone() };
    GATE.packs().procedure(of).unwrap().fields_at(node).map(|f| (f.id.as_str(), text(f))).collect()
}

/// The counter's form with the unit that the hall knows, and every paper.
async fn at_the_counter(officer: &mut Browser<'_>, (of, first): (&str, &str), typed: &[(&str, &str)]) -> Got {
    let page = officer.get(&format!("/cases/new?procedure={of}")).await;
    assert_eq!(page.status, 200, "{:.900}", page.text);
    let own: Vec<(&str, String)> =
        sample(of, first, "").into_iter().filter(|f| !typed.iter().any(|t| t.0 == f.0)).collect();
    let party = [
        ("procedure", of),
        ("party_is", "unit"),
        ("credit_code", "91350100M000100Y43"),
        ("other_name", "yes"),
        ("unit_address", "哈尔滨市道里区示例路1号"),
    ];
    let papers = GATE.packs().procedure(of).unwrap().materials.iter().map(|m| ("materials", m.id.as_str()));
    let own = own.iter().map(|(id, text)| (*id, text.as_str()));
    let all: Vec<(&str, &str)> = own.chain(party).chain(papers).chain(typed.iter().copied()).collect();
    officer.post("/cases/new", &all).await
}

/// A case that was begun by a day; its id.
async fn begun(officer: &mut Browser<'_>, of: (&str, &str), typed: &[(&str, &str)]) -> String {
    let got = at_the_counter(officer, of, typed).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let id = got.place().rsplit('/').next().unwrap().to_owned();
    assert_eq!(got.place(), format!("/cases/{id}"), "the first step is done with it");
    id
}

/// A step with its samples, done on a day.
async fn take(officer: &mut Browser<'_>, case: &str, (of, step): (&str, &str), on: &str) -> Got {
    let page = format!("/cases/{case}/steps/{step}");
    fill(officer, &page, &page, &pairs(&sample(of, step, on), &[("done_on", on)])).await
}

/// Proposed by the officer and decided by the head on a day.
async fn decided(people: (&mut Browser<'_>, &mut Browser<'_>), case: &str, (of, outcome): (&str, &str), on: &str) {
    let (officer, head) = people;
    let page = format!("/cases/{case}/propose");
    let more = [("outcome", outcome), ("reasons", REASONS), ("clause", "B-36")];
    let more = if of == REVOCATION { &more[..] } else { &more[..1] };
    let got = fill(officer, &page, &page, &pairs(&sample(of, outcome, on), more)).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let page = format!("/cases/{case}/decide");
    let got = fill(head, &page, &page, &[("decision", "take"), ("done_on", "2013")]).await;
    assert!(got.status == 400 && got.text.contains("href=\"#f-done_on\""), "{} {:.900}", got.status, got.text);
    let got = fill(head, &page, &page, &[("decision", "take"), ("done_on", on)]).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
}

#[tokio::test]
async fn what_ended_is_begun_by_the_day_of_its_facts_and_by_no_other() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let list = officer.get("/cases/new").await.text;
    let (now, old) = list.split_once("data-of-old").unwrap_or_else(|| panic!("{list:.2000}"));
    for of in [REGISTRATION, REVOCATION] {
        let link = format!("/cases/new?procedure={of}\"");
        assert!(!now.contains(&link) && old.contains(&link), "{of}");
    }
    assert!(old.contains("2016-02-03") && !old.contains("procedure=sales_filing"));
    let of = (REGISTRATION, "apply");
    let without = at_the_counter(&mut officer, of, &[]).await;
    assert!(without.status == 403 && without.text.contains("href=\"#f-facts_on\""), "{:.900}", without.text);
    assert!(without.text.contains("SC-58"), "the decision that ended it is named");
    for late in ["2016-02-03", "2012-10-31"] {
        let got = at_the_counter(&mut officer, of, &[("facts_on", late)]).await;
        assert!(got.status.is_client_error() && got.text.contains(late), "{late} {:.900}", got.text);
    }
    let odd = at_the_counter(&mut officer, of, &[("facts_on", "2013-02-30")]).await;
    assert!(odd.status == 400 && odd.text.contains("f-facts_on-error"), "{} {:.900}", odd.status, odd.text);
    let case = begun(&mut officer, of, &[("facts_on", "2013-05-06")]).await;
    let page = officer.get(&format!("/cases/{case}/steps/receive")).await.text;
    assert!(page.contains("id=\"f-done_on\"") && page.contains("value=\"2013-05-06\""), "{page:.3000}");
    let odd = take(&mut officer, &case, (REGISTRATION, "receive"), "2013-5").await;
    assert!(odd.status == 400 && odd.text.contains("f-done_on-error"), "{} {:.900}", odd.status, odd.text);
    let early = take(&mut officer, &case, (REGISTRATION, "receive"), "2013-05-05").await;
    assert!(early.status == 400 && early.text.contains("2013-05-06"), "{} {:.900}", early.status, early.text);
}

#[tokio::test]
async fn a_registration_is_revoked_and_its_party_is_barred_by_the_law_of_then() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let mut head = signed_in(&server, "case_approver").await;
    let day = |text: &str| CivilDate::parse(text).unwrap();
    let store = server.site.store();
    let first = begun(&mut officer, (REGISTRATION, "apply"), &[("facts_on", "2013-05-06")]).await;
    for (step, on) in [("receive", "2013-05-06"), ("examine", "2013-05-08")] {
        assert_eq!(take(&mut officer, &first, (REGISTRATION, step), on).await.status, 303, "{step}");
    }
    decided((&mut officer, &mut head), &first, (REGISTRATION, "registered"), "2013-05-09").await;
    let number = store.case(CaseId::parse(&first).unwrap()).await.unwrap().unwrap().number;
    let row = store.register_history("products", &first).await.unwrap().remove(0);
    assert_eq!((row.from, row.until), (day("2013-05-09"), None), "it holds from the day of then");
    let found = [("facts_on", "2013-06-03"), ("registration_number", number.as_str())];
    let second = begun(&mut officer, (REVOCATION, "find"), &found).await;
    assert_eq!(take(&mut officer, &second, (REVOCATION, "tell"), "2013-06-04").await.status, 303);
    decided((&mut officer, &mut head), &second, (REVOCATION, "revoked"), "2013-07-01").await;
    let row = store.register_history("products", &first).await.unwrap().remove(0);
    assert_eq!(row.until, Some(day("2013-07-01")), "the registration ends with the decision");
    let ban = store.register_history("bans", &second).await.unwrap().remove(0);
    assert_eq!((ban.from, ban.until), (day("2013-07-01"), Some(day("2016-07-01"))));
    let other = ("again", "另一型号的产品，需要分别登记。");
    let again = at_the_counter(&mut officer, (REGISTRATION, "apply"), &[("facts_on", "2015-05-06"), other]).await;
    assert_eq!(again.status, 403, "{:.900}", again.text);
    assert!(again.text.contains("2016-07-01（含当日）") && again.text.contains("B-36"), "{:.3000}", again.text);
    let before = at_the_counter(&mut officer, (REGISTRATION, "apply"), &[("facts_on", "2013-06-28"), other]).await;
    assert_eq!(before.status, 303, "what was applied for before it is not barred: {:.900}", before.text);
}
