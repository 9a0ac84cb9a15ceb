//! What a service hall hands in over HTTP: an application whole, what was asked for, one paper; what is wrong, sent twice, too large or no paper
//! at all; and that the description of the API says what the handlers do.

use crate::data::{ask, hall, token};
use crate::harness::{Got, Sent, Server};
use authority::By;
use authority::cases::Delivery;
use axum::http::Method;
use base::{CaseId, Lang, Pii, limits};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::access::Role;
use domain::casework::{CaseAct, Command, Missing, Typed, Way};
use serde_json::{Value, json};
use std::sync::LazyLock;

static GATE: LazyLock<law::Gate> = LazyLock::new(|| law::Gate::embedded().unwrap());

const APPLICATIONS: &str = "/api/v1/exchange/applications";

async fn send(server: &Server, token: &str, key: &str, path: &str, body: &Value) -> Got {
    let sent = Sent { method: Method::POST, body: body.to_string().into(), ..Sent::get(path) };
    let sent = sent.with("authorization", format!("Bearer {token}")).with("content-type", "application/json");
    server.send(sent.with("idempotency-key", key)).await
}

/// One paper as a multipart form.
async fn give(server: &Server, token: &str, key: &str, path: &str, (material, file): (&str, &str)) -> Got {
    let body = format!(
        "--XX\r\ncontent-disposition: form-data; name=\"material\"\r\n\r\n{material}\r\n\
         --XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n{file}\r\n--XX--\r\n"
    );
    let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get(path) };
    let sent = sent.with("authorization", format!("Bearer {token}"));
    server.send(sent.with("content-type", "multipart/form-data; boundary=XX").with("idempotency-key", key)).await
}

async fn description(server: &Server) -> Value {
    let got = server.get("/api/openapi.json", "").await;
    assert_eq!(got.status, 200, "{}", got.text);
    got.json()
}

/// The documented examples of an operation.
fn examples<'a>(description: &'a Value, path: &str, kind: &str) -> &'a Value {
    let operation = &description["paths"][path]["post"];
    let examples = &operation["requestBody"]["content"][kind]["examples"];
    assert!(examples.is_object(), "{path}: {operation}");
    examples
}

/// An application for an area, whole, with the samples of the packs.
fn whole() -> Value {
    let procedure = GATE.packs().procedure("area_approval").unwrap();
    let fields: serde_json::Map<String, Value> =
        procedure.fields_at("apply").map(|f| (f.id.clone(), json!(f.sample))).collect();
    json!({
        "procedure": "area_approval", "place": "230102", "title": "西入口", "fields": fields, "complete": true,
        "party": { "kind": "unit", "fields": {
            "unit_name": "哈尔滨示例商业有限公司", "credit_code": "91350100M000100Y43", "unit_address": "哈尔滨市道里区示例路1号",
            "contact": "王五", "contact_phone": "0451-55550100",
        } },
        "papers": [{ "material": "application", "name": "申请.pdf", "media_type": "application/pdf", "content": "JVBERi0xLjcK" }],
    })
}

fn of_case(got: &Got, rest: &str) -> String {
    let number = got.json()["number"].as_str().unwrap_or_else(|| panic!("{}", got.text)).to_owned();
    let number: String = url::form_urlencoded::byte_serialize(number.as_bytes()).collect();
    format!("/api/v1/exchange/cases/{number}{rest}")
}

fn code(got: &Got) -> (u16, String) {
    (got.status.as_u16(), got.json()["code"].as_str().unwrap_or_default().to_owned())
}

/// An answer has what its schema names and nothing else.
fn fits(description: &Value, schema: &str, answer: &Value) {
    let schema = &description["components"]["schemas"][schema];
    let properties = schema["properties"].as_object().unwrap_or_else(|| panic!("{schema}"));
    for wanted in schema["required"].as_array().unwrap() {
        assert!(answer.get(wanted.as_str().unwrap()).is_some(), "{wanted} is not in {answer}");
    }
    for there in answer.as_object().unwrap().keys() {
        assert!(properties.contains_key(there), "{there} is not described");
    }
}

fn officer_of(server: &Server, account: base::AccountId) -> (authority::Authority, By) {
    (server.authority.clone().expect("an authority's server"), By { account, role: Role::CaseOfficer })
}

#[tokio::test]
async fn every_documented_example_is_accepted_and_answered_as_described() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    let described = description(&server).await;
    let mut begun = None;
    for (name, example) in examples(&described, APPLICATIONS, "application/json").as_object().unwrap() {
        let key = format!("example-{name}");
        let got = send(&server, &hall, &key, APPLICATIONS, &example["value"]).await;
        assert_eq!(got.status, 201, "{name}: {}", got.text);
        fits(&described, "taken", &got.json());
        assert_eq!(
            (&got.json()["handed_in"], &got.json()["refused"]),
            (&json!(name == "whole"), &Value::Null),
            "{name}"
        );
        if name == "begun" {
            begun = Some(got);
        }
    }
    let begun = begun.expect("an example that only begins");
    let standing = ask(&server, &hall, &of_case(&begun, "")).await;
    assert_eq!(standing.status, 200, "{}", standing.text);
    fits(&described, "standing", &standing.json());
    assert!(standing.json()["defects"].as_array().unwrap().len() > 3, "{}", standing.text);
    let path = "/api/v1/exchange/cases/{number}/papers";
    for (name, example) in examples(&described, path, "multipart/form-data").as_object().unwrap() {
        let (material, file) =
            (example["value"]["material"].as_str().unwrap(), example["value"]["file"].as_str().unwrap());
        let got = give(&server, &hall, &format!("paper-{name}"), &of_case(&begun, "/papers"), (material, file)).await;
        assert_eq!(got.status, 201, "{name}: {}", got.text);
        fits(&described, "supplied", &got.json());
    }
    let path = "/api/v1/exchange/cases/{number}/rest";
    // In the order of their names the draft comes first.
    for (name, example) in examples(&described, path, "application/json").as_object().unwrap() {
        let got = send(&server, &hall, &format!("rest-{name}"), &of_case(&begun, "/rest"), &example["value"]).await;
        assert_eq!(got.status, 201, "{name}: {}", got.text);
        fits(&described, "supplied", &got.json());
    }
    let standing = ask(&server, &hall, &of_case(&begun, "")).await.json();
    assert_eq!((&standing["defects"], &standing["open"]), (&json!([]), &Value::Null), "{standing}");
    let form = ask(&server, &hall, "/api/v1/exchange/form?procedure=area_approval").await;
    assert_eq!(form.status, 200, "{}", form.text);
    fits(&described, "form", &form.json());
    let form = form.json();
    let fields = form["steps"][0]["fields"].as_array().unwrap();
    for field in fields {
        fits(&described, "field", field);
    }
    let field = |id: &str| fields.iter().find(|f| f["id"] == id).unwrap_or_else(|| panic!("{id}"));
    let code = field("credit_code");
    assert_eq!(code["when"]["field"], "applicant_kind", "{code}");
    assert!(code["when"]["is"].as_array().unwrap().contains(&json!("managing_unit")), "{code}");
    fits(&described, "asked_when", &code["when"]);
    let kind = field("applicant_kind");
    assert_eq!((&kind["when"], &kind["required"]), (&Value::Null, &json!(true)), "{kind}");
    fits(&described, "filings", &ask(&server, &hall, "/api/v1/exchange/system-filings").await.json());
    let places = ask(&server, &hall, "/api/v1/exchange/places?register=units").await;
    assert_eq!(places.status, 200, "{}", places.text);
    fits(&described, "places", &places.json());
    assert_eq!(ask(&server, &hall, "/api/v1/exchange/places?register=rewards").await.status, 404);
    assert_eq!(ask(&server, &hall, "/api/v1/exchange/places?register=units&class=all").await.status, 400);
    let wrong = ask(&server, &hall, "/api/v1/exchange/places?register=units&before=x").await;
    assert_eq!((wrong.status.as_u16(), wrong.json()["code"].as_str()), (400, Some("before")), "{}", wrong.text);
    assert_eq!(ask(&server, &hall, "/api/v1/exchange/form?procedure=nothing").await.status, 404);
}

#[tokio::test]
async fn a_whole_application_is_one_case_whatever_is_sent_again() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    let body = whole();
    let first = send(&server, &hall, "hall-0001", APPLICATIONS, &body).await;
    assert_eq!((first.status.as_u16(), &first.json()["handed_in"]), (201, &json!(true)), "{}", first.text);
    let again = send(&server, &hall, "hall-0001", APPLICATIONS, &body).await;
    assert_eq!((again.status.as_u16(), &again.json()["handed_in"]), (200, &json!(true)), "{}", again.text);
    assert_eq!(again.json()["case"], first.json()["case"]);
    let mut other = body.clone();
    other["fields"]["devices_total"] = json!(3);
    assert_eq!(code(&send(&server, &hall, "hall-0001", APPLICATIONS, &other).await), (409, "key_used".to_owned()));
    let (authority, by) = officer_of(&server, server.account("case_officer").await);
    let case = CaseId::parse(first.json()["case"].as_str().unwrap()).unwrap();
    let view = authority.case(by, case).await.unwrap();
    assert!(view.case.done("apply").is_some() && view.papers.len() == 1 && view.missing().is_empty());
    let bytes = server.site.store().case_paper_bytes(case, view.papers[0].n).await.unwrap();
    assert_eq!(bytes.as_deref(), Some(&b"%PDF-1.7\n"[..]), "stored as it was given");
    let standing = ask(&server, &hall, &of_case(&first, "")).await;
    for person in ["王五", "0451-55550100"] {
        assert!(!standing.text.contains(person), "{}", standing.text);
    }
}

#[tokio::test]
async fn what_has_ended_is_taken_in_by_its_day_and_by_no_other() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    let procedure = GATE.packs().procedure("product_registration").unwrap();
    let mut body = whole();
    body["procedure"] = json!("product_registration");
    body["fields"] = procedure.fields_at("apply").map(|f| (f.id.clone(), json!(f.sample))).collect();
    let paper = |(n, m): (usize, &law::Material)| {
        let content = STANDARD.encode(format!("%PDF-1.7 {n}"));
        json!({ "material": m.id, "name": "a.pdf", "content": content })
    };
    body["papers"] = procedure.materials.iter().enumerate().map(paper).collect();
    let today = server.site.now().utc.shanghai_date();
    let to_come = today.plus_days(1).to_string();
    for (n, (facts_on, told)) in [
        ("", (404, "not_offered")),
        ("2016-02-03", (404, "not_offered")),
        ("2012-10-31", (404, "not_offered")),
        ("2013", (400, "facts_on")),
        (to_come.as_str(), (400, "facts_to_come")),
    ]
    .into_iter()
    .enumerate()
    {
        body["facts_on"] = json!(facts_on);
        let got = send(&server, &hall, &format!("then-000{n}"), APPLICATIONS, &body).await;
        assert_eq!(code(&got), (told.0, told.1.to_owned()), "{facts_on} {}", got.text);
    }
    body["facts_on"] = json!("2013-05-06");
    let taken = send(&server, &hall, "then-0009", APPLICATIONS, &body).await;
    assert_eq!((taken.status.as_u16(), &taken.json()["handed_in"]), (201, &json!(true)), "{}", taken.text);
    let case = CaseId::parse(taken.json()["case"].as_str().unwrap()).unwrap();
    let (authority, by) = officer_of(&server, server.account("case_officer").await);
    let view = authority.case(by, case).await.unwrap();
    let applied = view.case.done("apply").map(|d| d.on.to_string());
    assert_eq!((applied.as_deref(), view.case.facts_on.to_string().as_str()), (Some("2013-05-06"), "2013-05-06"));
    let form = "/api/v1/exchange/form?procedure=product_registration";
    assert_eq!(ask(&server, &hall, form).await.status, 404);
    let then = ask(&server, &hall, &format!("{form}&facts_on=2013-05-06")).await;
    assert_eq!((then.status.as_u16(), then.json()["steps"][0]["step"].as_str()), (200, Some("apply")), "{}", then.text);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_begun() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    let described = description(&server).await;
    let mut body = whole();
    body["party"]["fields"]["contact_phone"] = json!("none");
    body["fields"]["devices_total"] = json!(-5);
    body["fields"]["place_division"] = json!([230102]);
    body["fields"].as_object_mut().unwrap().remove("need");
    body["fields"]["deliver_way"] = json!("direct");
    let pdf = STANDARD.encode("%PDF-1.7");
    body["papers"] = json!([
        { "material": "application", "name": "a.pdf", "content": "%PDF" },
        { "material": "application", "name": "a.png", "content": pdf },
        { "material": "application", "name": "b.pdf", "media_type": "image/png", "content": pdf },
        { "material": "passport", "name": "c.pdf", "content": pdf },
    ]);
    let got = send(&server, &hall, "hall-0001", APPLICATIONS, &body).await;
    assert_eq!(got.status, 400, "{}", got.text);
    fits(&described, "defects", &got.json());
    let answer = got.json();
    let told: Vec<(&str, &str)> = answer["defects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| (d["field"].as_str().unwrap(), d["code"].as_str().unwrap()))
        .collect();
    for wanted in [
        ("party.contact_phone", "contact_phone"),
        ("fields.devices_total", "devices_total"),
        ("fields.place_division", "value"),
        ("fields.need", "need"),
        ("fields.deliver_way", "unknown"),
        ("papers[0]", "paper_base64"),
        ("papers[1]", "paper_disguised"),
        ("papers[2]", "paper_disguised"),
        ("papers[3]", "paper_material"),
    ] {
        assert!(told.contains(&wanted), "{wanted:?} in {told:?}");
    }
    assert_eq!(told.len(), 9, "each once: {told:?}");
    assert!(
        answer["defects"]
            .as_array()
            .unwrap()
            .iter()
            .all(|d| d["what"]["zh"].is_string() && d["next"]["en"].is_string())
    );
    assert!(!got.text.contains("JVBER") && !got.text.contains("王五"), "{}", got.text);
    let right = send(&server, &hall, "hall-0001", APPLICATIONS, &whole()).await;
    assert_eq!(right.status, 201, "the key is free: {}", right.text);
    for (field, value) in
        [("papers", json!([{ "material": "application" }])), ("complete", json!("yes")), ("more", json!(1))]
    {
        let mut body = whole();
        body[field] = value;
        assert_eq!(
            code(&send(&server, &hall, "hall-0002", APPLICATIONS, &body).await),
            (400, "body".to_owned()),
            "{field}"
        );
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    let mut body = whole();
    let mut bytes = b"%PDF-1.7 ".to_vec();
    bytes.resize(limits::UPLOAD_BYTES + 1, b'x');
    body["papers"][0]["content"] = json!(STANDARD.encode(&bytes));
    let got = send(&server, &hall, "hall-0001", APPLICATIONS, &body).await;
    assert_eq!(code(&got), (400, "paper_size".to_owned()), "{}", got.text);
    assert_eq!(got.json()["defects"][0]["field"], "papers[0]");
    bytes.truncate(limits::UPLOAD_BYTES);
    body["papers"][0]["content"] = json!(STANDARD.encode(&bytes));
    let got = send(&server, &hall, "hall-0001", APPLICATIONS, &body).await;
    assert_eq!(got.status, 201, "the largest paper fits: {}", got.text);
    body["note"] = json!("x".repeat(limits::HANDED_IN_BYTES));
    assert_eq!(code(&send(&server, &hall, "hall-0002", APPLICATIONS, &body).await), (413, "too_large".to_owned()));
    let large = format!("%PDF-1.7{}", "x".repeat(limits::UPLOAD_BYTES + 128 * 1024));
    let got = give(&server, &hall, "hall-0003", &of_case(&got, "/papers"), ("application", &large)).await;
    assert_eq!(got.status, 413, "{}", got.text);
}

#[tokio::test]
async fn what_was_asked_for_is_told_and_answered_once() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    let mut body = whole();
    body["papers"] = json!([]);
    let taken = send(&server, &hall, "hall-0001", APPLICATIONS, &body).await;
    assert_eq!(taken.status, 201, "{}", taken.text);
    let case = CaseId::parse(taken.json()["case"].as_str().unwrap()).unwrap();
    let (authority, by) = officer_of(&server, server.account("case_officer").await);
    let seen = authority.case(by, case).await.unwrap().row.events;
    let materials = vec![Missing { id: "application".into(), reason: "没有提交申请".into() }];
    let on = server.site.now().utc.shanghai_date();
    let act = CaseAct::AskForRest { materials, fields: vec![], on, until: None };
    authority.act(by, case, &Command { seen, act }, Vec::new()).await.unwrap();
    let standing = ask(&server, &hall, &of_case(&taken, "")).await.json();
    assert_eq!((&standing["awaits_rest"], &standing["open"]["step"]), (&json!(true), &json!("complete")), "{standing}");
    assert_eq!(standing["asked"][0]["reason"], "没有提交申请");
    let path = of_case(&taken, "/rest");
    let disguised =
        json!({ "papers": [{ "material": "application", "name": "a.exe", "content": "TVo=" }], "complete": true });
    let got = send(&server, &hall, "rest-0001", &path, &disguised).await;
    assert_eq!(code(&got), (400, "paper_kind".to_owned()), "{}", got.text);
    let pdf = STANDARD.encode("%PDF-1.7 the application");
    let rest = json!({ "papers": [{ "material": "application", "name": "a.pdf", "content": pdf }], "complete": true });
    let got = send(&server, &hall, "rest-0001", &path, &rest).await;
    assert_eq!(got.status, 201, "{}", got.text);
    let again = send(&server, &hall, "rest-0001", &path, &rest).await;
    assert_eq!((again.status.as_u16(), &again.json()["events"]), (200, &got.json()["events"]), "{}", again.text);
    let mut other = rest.clone();
    other["note"] = json!("另附说明");
    assert_eq!(code(&send(&server, &hall, "rest-0001", &path, &other).await), (409, "key_used".to_owned()));
    assert_eq!(code(&send(&server, &hall, "rest-0002", &path, &other).await), (409, "nothing_open".to_owned()));
    assert_eq!(code(&send(&server, &hall, "rest-0003", &path, &json!({})).await), (400, "nothing".to_owned()));
    let standing = ask(&server, &hall, &of_case(&taken, "")).await.json();
    assert_eq!((&standing["awaits_rest"], &standing["asked"]), (&json!(false), &json!([])), "{standing}");
    let neighbour = token(&server, "neighbour").await;
    for got in [
        ask(&server, &neighbour, &of_case(&taken, "")).await,
        send(&server, &neighbour, "rest-0004", &path, &rest).await,
        give(&server, &neighbour, "rest-0005", &of_case(&taken, "/papers"), ("application", "%PDF-1.7 x")).await,
    ] {
        assert_eq!(got.status, 404, "another office's case is not told of: {}", got.text);
    }
    let head = token(&server, "case_approver").await;
    assert_eq!(send(&server, &head, "rest-0006", &path, &rest).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_goes_out_once_it_is_delivered() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    let body = whole();
    let taken = send(&server, &hall, "hall-0001", APPLICATIONS, &body).await;
    let case = CaseId::parse(taken.json()["case"].as_str().unwrap()).unwrap();
    let (authority, by) = officer_of(&server, server.account("case_officer").await);
    let on = server.site.now().utc.shanghai_date();
    let accept =
        CaseAct::Done { step: "accept".into(), typed: Typed::new(), note: String::new(), officers: vec![], on };
    let seen = authority.case(by, case).await.unwrap().row.events;
    let seen = authority.act(by, case, &Command { seen, act: accept }, Vec::new()).await.unwrap().events;
    let made = authority.make_document(by, case, "acceptance_notice", Lang::Zh, seen).await.unwrap();
    let path = of_case(&taken, &format!("/documents/{}", made.sha256.hex()));
    assert_eq!(ask(&server, &hall, &path).await.status, 404, "a draft of the office");
    assert_eq!(ask(&server, &hall, &of_case(&taken, "")).await.json()["documents"], json!([]));
    let receipt = Some((Pii::new("a.pdf".to_owned()), b"%PDF-1.7 the receipt".to_vec()));
    let delivery = Delivery { document: made.sha256, way: Way::InPerson, on, notice: None, proof: receipt };
    authority.deliver_document(by, case, delivery, made.acted.events).await.unwrap();
    let standing = ask(&server, &hall, &of_case(&taken, "")).await.json();
    assert_eq!(
        (&standing["documents"][0]["sha256"], &standing["documents"][0]["way"]),
        (&json!(made.sha256.hex()), &json!("in_person"))
    );
    let got = ask(&server, &hall, &path).await;
    assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "application/pdf"));
    let neighbour = token(&server, "neighbour").await;
    assert_eq!(ask(&server, &neighbour, &path).await.status, 404);
    assert_eq!(ask(&server, &hall, &of_case(&taken, "/documents/00")).await.status, 404);
    // Documents name persons: a program does not read them out without end, and another account is not kept waiting.
    let none = of_case(&taken, "/documents/00");
    let mut last = 404;
    for _ in 0..200 {
        last = ask(&server, &hall, &none).await.status.as_u16();
        if last != 404 {
            break;
        }
    }
    assert_eq!(last, 429);
    assert_eq!(ask(&server, &neighbour, &none).await.status, 404);
}
