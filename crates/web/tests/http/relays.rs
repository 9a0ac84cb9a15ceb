//! A person asks a unit for its footage over HTTP: form, receipt, letter, taking it back; and at the unit its custodian's page.

use super::cases::{hall, signed_in};
use crate::harness::Server;
use base::{ClauseId, OrderId, Pii, SiteId};
use domain::order::{Order, PersonOrder, PersonStage, Protects, Told};
use law::Relation;
use ledger::SiteKey;
use store::authority_orders::CameOrder;
use store::logbook::ActFilter;

const FORM: &str = "/apply/footage";
const UNIT: &str = "松岭酒店";
const HOUR_MS: i64 = 3_600_000;

/// A form in order, of this unit, with an id of its own.
fn fields(server: &Server, n: u8, unit: &str) -> Vec<(&'static str, String)> {
    let now = server.authority_now();
    let typed = |ms: i64| now.plus_ms(ms).desk().replace(' ', "T");
    vec![
        ("form", OrderId::from_bytes([n; 16]).to_string()),
        ("name", "孙七".into()),
        ("contact", "0451-55550101".into()),
        ("relation", "person".into()),
        ("protects", "property".into()),
        ("why", "本人的背包在南门遗失".into()),
        ("unit", unit.into()),
        ("place", "一层南门".into()),
        ("from", typed(-2 * HOUR_MS)),
        ("to", typed(-HOUR_MS)),
    ]
}

fn sent<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connected_unit_there_is_a_receipt_and_a_letter_and_nothing_is_called_held() {
    let server = hall().await;
    assert!(server.get(FORM, "").await.place().starts_with("/login"));
    let mut unit = signed_in(&server, "applicant").await;
    assert_eq!(unit.get(FORM).await.status, 403, "for natural persons");
    let mut person = signed_in(&server, "stranger").await;
    let page = person.get(FORM).await;
    assert!(page.status == 200 && page.text.contains("value=\"孙七\"") && page.text.contains("/law/799-21"));
    assert!(page.text.contains("公安机关不作决定"));
    let id = OrderId::from_bytes([1; 16]).to_string();
    let empty = person.post(FORM, &[("form", id.as_str())]).await;
    assert_eq!(empty.status, 400);
    for field in ["name", "contact", "relation", "protects", "why", "place", "from"] {
        assert!(empty.text.contains(&format!("href=\"#{field}\"")), "{field}: {:.3000}", empty.text);
    }
    let mut other = fields(&server, 9, "无人知道的单位");
    other[3].1 = "other".into();
    let told = person.post(FORM, &sent(&other)).await;
    assert!(
        told.status == 400 && told.text.contains("href=\"#relation\""),
        "who the form does not offer: {:.900}",
        told.text
    );
    let mut form = fields(&server, 1, "无人知道的单位");
    let warned = person.post(FORM, &sent(&form)).await;
    assert!(
        warned.status == 400 && warned.text.contains("没有单位收到"),
        "said before it is sent: {:.3000}",
        warned.text
    );
    assert!(
        warned.text.contains("value=\"none\"") && warned.text.contains("value=\"无人知道的单位\""),
        "{:.3000}",
        warned.text
    );
    assert!(!person.get("/my/cases").await.text.contains("/my/footage/"), "nothing was made of it");
    form.push(("site", "none".into()));
    let taken = person.post(FORM, &sent(&form)).await;
    assert_eq!(taken.status, 303, "{:.900}", taken.text);
    let place = taken.place().to_owned();
    assert_eq!(person.post(FORM, &sent(&form)).await.place(), place, "sent twice it is one");
    let shown = person.get(&place).await.text;
    for part in ["data-letter", "data-no-hold", "没有封存", "查阅〔", "孙七", "data-how", "/law/799-17"] {
        assert!(shown.contains(part), "{part}: {shown:.4000}");
    }
    assert!(person.get("/my/cases").await.text.contains(&format!("href=\"{place}\"")));
    assert_eq!(unit.get(&place).await.status, 404, "another account's");
    let mut officer = signed_in(&server, "case_officer").await;
    assert_eq!(officer.get(&place).await.status, 403, "nobody of the authority reads it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connected_unit_is_told_asked_which_where_it_is_only_like_it_and_it_can_be_taken_back() {
    let server = hall().await;
    let site = SiteId::new(1, [5; 10]);
    let key = SiteKey::from_seed(&format!("jifang/{site}"), [5; 32]).unwrap();
    let mut admin = signed_in(&server, "administrator").await;
    let entered = [
        ("vkey", key.vkey().to_string()),
        ("pin", "5".repeat(64)),
        ("name", UNIT.to_owned()),
        ("unit", UNIT.to_owned()),
        ("jurisdiction", "heilongjiang".to_owned()),
    ];
    assert_eq!(admin.post("/sites", &sent(&entered)).await.status, 303);
    let mut person = signed_in(&server, "stranger").await;
    let blank = person.get(FORM).await.text;
    assert!(!blank.contains(UNIT), "nobody reads a list of sites: {blank:.3000}");
    let like = person.post(FORM, &sent(&fields(&server, 2, "松岭大酒店"))).await;
    let asked = person.post(FORM, &sent(&fields(&server, 3, "松岭酒店管理"))).await;
    assert!(asked.status == 400 && asked.text.contains("都不是") && asked.text.contains(UNIT), "{:.3000}", asked.text);
    assert!(like.status == 400 && !like.text.contains(UNIT), "not like enough: nobody reads the name of a site");
    let taken = person.post(FORM, &sent(&fields(&server, 4, "松岭 酒店（有限公司）"))).await;
    let place = taken.place().to_owned();
    let shown = person.get(&place).await.text;
    assert!(shown.contains("等待单位接收") && shown.contains("还没有封存"), "{shown:.4000}");
    assert!(!shown.contains("data-letter"));
    let back = format!("{place}/withdraw");
    assert_eq!(person.post(&back, &[]).await.place(), place);
    assert!(person.get(&place).await.text.contains("已撤回"));
    assert_eq!(person.post(&back, &[]).await.status, 409, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_asked_too_often_today_keeps_what_was_typed() {
    let server = hall().await;
    let mut person = signed_in(&server, "stranger").await;
    person.get(FORM).await;
    let mut last = None;
    for n in 1..=authority::A_DAY + 1 {
        let mut form = fields(&server, u8::try_from(n).unwrap(), "无人知道的单位");
        form.push(("site", "none".into()));
        last = Some(person.post(FORM, &sent(&form)).await);
    }
    let last = last.expect("the last one");
    assert!(last.status == 429 && last.text.contains("本人的背包在南门遗失"), "{} {:.3000}", last.status, last.text);
    assert!(last.text.contains("href=\"#unit\""), "{:.3000}", last.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_out_the_list_of_sites() {
    let server = hall().await;
    let mut person = signed_in(&server, "stranger").await;
    person.get(FORM).await;
    let form = fields(&server, 1, "无人知道的单位");
    let mut late = person.post(FORM, &sent(&form)).await;
    let mut asked = 0;
    while late.status == 400 && asked < 40 {
        late = person.post(FORM, &sent(&form)).await;
        asked += 1;
    }
    assert_eq!(asked, 20, "so many names an account may try");
    assert!(
        late.status == 429 && late.text.contains("value=\"无人知道的单位\""),
        "nothing typed is lost: {:.3000}",
        late.text
    );
    assert!(!late.text.contains("没有单位收到"), "and nothing is answered: {:.3000}", late.text);
}

/// A request that was handed on to this site, held as far as the loop does it.
async fn came(server: &Server) -> String {
    let now = server.site.now().utc;
    let what = PersonOrder {
        number: "查阅〔2026〕1号".into(),
        asked: now,
        from: now.plus_ms(-2 * HOUR_MS),
        to: now.plus_ms(-HOUR_MS),
        place: "大堂".into(),
        relation: Relation::Person,
        protects: Protects::Property,
        name: Pii::new("王五<b>".into()),
        contact: Pii::new("0451-55550101".into()),
        concerned: Pii::new(String::new()),
        why: Pii::new("背包丢了".into()),
        clauses: vec![ClauseId::new("799-21")],
        salt: "00".repeat(16),
    };
    let (id, order) = (OrderId::from_bytes([7; 16]), Order::Person(what));
    let body = order.body();
    let authority = "jifang/authority";
    let came = CameOrder { id, authority, seq: 1, kind: order.kind(), at: now, note: b"signed", body: &body };
    let store = server.site.store();
    assert!(store.take_order(&came, now).await.unwrap());
    let kept = store.authority_order(id).await.unwrap().unwrap();
    let answer = domain::order::Answer {
        person: Some(Told::at(PersonStage::Held, now)),
        ..domain::order::Answer::plain(id, domain::order::Ended::NotPossible, vec![], vec![])
    };
    assert!(store.end_order(&kept, ("held", &answer.body(), &[]), now).await.unwrap());
    format!("/use/orders/{id}/person")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_custodian_reads_it_with_an_entry_enters_it_once_and_nobody_else_sees_it() {
    let server = Server::with_people().await;
    let camera = crate::own_request::camera(&server).await.to_string();
    let path = came(&server).await;
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    assert!(custodian.get("/use").await.text.contains("data-handed-on"), "the list of requests leads there");
    let list = custodian.get("/use/orders").await.text;
    assert!(list.contains(&format!("href=\"{path}\"")) && list.contains("待登记"), "{list:.3000}");
    assert!(!list.contains("王五"), "names stand on its own page only");
    let shown = custodian.get(&path).await;
    assert!(shown.status == 200 && shown.text.contains("王五&#60;b&#62;"), "{:.3000}", shown.text);
    let filter = ActFilter { kind: Some("paper.opened".into()), ..ActFilter::default() };
    assert_eq!(server.site.store().acts(&filter, 10).await.unwrap().len(), 1, "whoever opens it is entered");
    assert_eq!(custodian.post(&path, &[("camera", camera.as_str())]).await.status, 400, "no time");
    let now = server.site.now().utc;
    let typed = |ms: i64| now.plus_ms(ms).desk().replace(' ', "T");
    let (from, to) = (typed(-2 * HOUR_MS + 60_000), typed(-HOUR_MS - 60_000));
    let fields =
        [("camera", camera.as_str()), ("from", from.as_str()), ("to", to.as_str()), ("need", "1"), ("plain", "1")];
    let none = custodian.post(&path, &fields[1..]).await;
    assert!(none.status == 400 && none.text.contains("href=\"#camera\""), "{:.3000}", none.text);
    let entered = custodian.post(&path, &fields).await;
    assert!(entered.place().starts_with("/use/"), "{} {:.900}", entered.status, entered.text);
    assert_eq!(custodian.post(&path, &fields).await.status, 409, "once");
    let early = [("coming", from.as_str()), ("coming_to", to.as_str()), ("coming_place", "监控室")];
    assert_eq!(custodian.post(&format!("{path}/coming"), &early).await.status, 409, "nothing is decided");
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert_eq!(manager.get(&path).await.status, 403);
}
