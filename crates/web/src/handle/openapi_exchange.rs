//! The exchange in the API's description: what each request takes and each answer has, with examples that a test sends to the real handlers.
//!
//! Always true: every route below `/api/v1/exchange/` is described here, a test holds that; an example is whole, so that whoever copies it is
//! understood; nobody in it is real.

use authority::cases::{FILINGS, KEY_CHARS, MOST_UPLOADS};
use base::limits;
use serde_json::{Value, json};

/// What one operation takes and gives, beside its path and query.
pub(crate) struct Described {
    /// Header fields.
    pub(crate) headers: Vec<Value>,
    /// The request's body; null: none.
    pub(crate) body: Value,
    /// Answers by status.
    pub(crate) answers: Value,
}

fn text() -> Value {
    json!({ "$ref": "#/components/schemas/text" })
}

fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn list(of: Value) -> Value {
    let mut list = json!({ "type": "array" });
    list["items"] = of;
    list
}

fn object(required: &[&str], properties: Value) -> Value {
    let mut object = json!({ "type": "object", "required": required, "additionalProperties": false });
    object["properties"] = properties;
    object
}

fn answer(description: &str, schema: &str) -> Value {
    json!({ "description": description, "content": { "application/json": { "schema": of(schema) } } })
}

fn key() -> Vec<Value> {
    let (least, most) = KEY_CHARS;
    vec![json!({
        "name": "idempotency-key", "in": "header", "required": true,
        "description": "The same key with the same bytes is the same request, answered as before; with other bytes 409 key_used.",
        "schema": { "type": "string", "minLength": least, "maxLength": most, "pattern": "^[A-Za-z0-9_-]+$" },
        "example": "hall-2026-0001",
    })]
}

/// What a form and its papers are, in a body.
fn filled() -> Value {
    json!({
        "fields": {
            "type": "object", "description": "Values by field id, as GET exchange/form names them; a day is YYYY-MM-DD, a choice its id.",
            "additionalProperties": { "type": ["string", "integer", "boolean", "null"] },
        },
        "papers": { "type": "array", "maxItems": MOST_UPLOADS, "items": of("paper") },
        "complete": { "type": "boolean", "default": false, "description": "All of it is there: it is handed in. Else it is kept as a draft." },
        "note": { "type": "string", "maxLength": limits::FREE_TEXT_CHARS },
    })
}

/// A form of a national procedure, whole.
fn example_fields() -> Value {
    json!({
        "unit_name": "示例商业有限公司", "credit_code": "91350100M000100Y43", "unit_address": "示例路1号", "unit_division": "230102",
        "representative": "张三", "contact": "李四", "contact_phone": "010-55550100", "system_name": "示例广场视频图像信息系统",
        "use_day": "2025-05-06", "place": "示例路1号示例广场", "place_division": "230102", "place_parts": "出入口、主通道、停车场。",
        "devices_total": 36, "devices_fixed": 30, "devices_turning": 4, "devices_other": 2, "devices_sound": 0, "storage_days": 90,
    })
}

fn example_papers() -> Value {
    // `%PDF-1.7` and a number: each file is another one.
    let paper = |material: &str, content: &str| {
        let name = format!("{material}.pdf");
        json!({ "material": material, "name": name, "media_type": "application/pdf", "content": content })
    };
    let files = ["JVBERi0xLjcgMQ==", "JVBERi0xLjcgMg==", "JVBERi0xLjcgMw==", "JVBERi0xLjcgNA=="];
    let materials = ["unit", "location", "devices", "storage"];
    materials.into_iter().zip(files).map(|(material, content)| paper(material, content)).collect()
}

fn example_party() -> Value {
    json!({ "kind": "unit", "fields": {
        "unit_name": "示例商业有限公司", "credit_code": "91350100M000100Y43", "unit_address": "示例路1号", "contact": "李四",
        "contact_phone": "010-55550100",
    } })
}

fn application() -> Value {
    let whole = json!({
        "procedure": "system_filing", "place": "230102", "title": "示例广场", "party": example_party(), "fields": example_fields(),
        "papers": example_papers(), "complete": true,
    });
    let begun =
        json!({ "procedure": "system_filing", "place": "230102", "title": "示例停车场", "party": example_party() });
    json!({ "required": true, "content": { "application/json": { "schema": of("application"), "examples": {
        "whole": { "summary": "form and papers, handed in", "value": whole },
        "begun": { "summary": "a case is begun; the rest comes later", "value": begun },
    } } } })
}

fn rest() -> Value {
    let draft = json!({ "fields": { "system_name": "示例停车场视频图像信息系统" } });
    let whole = json!({ "fields": example_fields(), "papers": example_papers(), "complete": true });
    json!({ "required": true, "content": { "application/json": { "schema": of("rest"), "examples": {
        "draft": { "summary": "part of the form, kept", "value": draft },
        "whole": { "summary": "what was begun, handed in whole", "value": whole },
    } } } })
}

fn paper() -> Value {
    let schema = json!({ "type": "object", "required": ["material", "file"], "properties": {
        "material": { "type": "string", "description": "id of a material, as GET exchange/form names it" },
        "file": { "type": "string", "format": "binary", "description": format!("at most {} bytes", limits::UPLOAD_BYTES) },
    } });
    let whole = json!({ "material": "unit", "file": "%PDF-1.7 5" });
    json!({ "required": true, "content": { "multipart/form-data": { "schema": schema, "examples": {
        "one": { "summary": "one paper", "value": whole },
    } } } })
}

/// What an operation of the exchange takes and gives; `None` for any other.
pub(crate) fn described(verb: &str, path: &str) -> Option<Described> {
    let path = path.strip_prefix("/api/v1/exchange/")?;
    let plain = |schema: &str| Described {
        headers: Vec::new(),
        body: Value::Null,
        answers: json!({ "200": answer("done", schema) }),
    };
    let acts = |body: Value, schema: &str| Described {
        headers: key(),
        body,
        answers: json!({
            "201": answer("new", schema), "200": answer("sent before with this key: as before", schema),
            "400": answer("everything that is wrong, at once", "defects"),
        }),
    };
    match (verb, path) {
        ("GET", "system-filings") => Some(plain("filings")),
        ("GET", "places") => Some(plain("places")),
        ("GET", "form") => Some(plain("form")),
        ("GET", "cases/{number}") => Some(plain("standing")),
        ("GET", "cases/{number}/documents/{sha256}") => Some(Described {
            headers: Vec::new(),
            body: Value::Null,
            answers: json!({ "200": { "description": "the document as it was issued", "content": { "application/pdf": {} } } }),
        }),
        ("POST", "applications") => Some(acts(application(), "taken")),
        ("POST", "cases/{number}/rest") => Some(acts(rest(), "supplied")),
        ("POST", "cases/{number}/papers") => Some(acts(paper(), "supplied")),
        _ => None,
    }
}

fn nullable(mut schema: Value) -> Value {
    if schema["type"].is_string() {
        schema["type"] = json!([schema["type"], "null"]);
        return schema;
    }
    json!({ "oneOf": [schema, { "type": "null" }] })
}

/// Requests, by name.
fn requests() -> Value {
    let (string, words) =
        (json!({ "type": "string" }), json!({ "type": "object", "additionalProperties": { "type": "string" } }));
    let party = object(
        &["kind", "fields"],
        json!({ "kind": { "type": "string", "enum": ["unit", "person"] }, "fields": words }),
    );
    let paper = object(
        &["material", "name", "content"],
        json!({
            "material": string, "name": { "type": "string", "description": "name of the file; its ending says what it is" },
            "media_type": { "type": "string", "description": "refused where the bytes are of another kind; may be left out" },
            "content": { "type": "string", "contentEncoding": "base64" },
        }),
    );
    let mut application = json!({
        "procedure": string, "place": { "type": "string", "description": "division, GB/T 2260" }, "title": string, "party": of("party"),
        "facts_on": {
            "type": "string", "format": "date",
            "description": "Day whose law decides, where it is not today's: of a service that has ended the day of the application, on which it is entered.",
        },
    });
    let filled = filled();
    for name in ["fields", "papers", "complete", "note"] {
        application[name] = filled[name].clone();
    }
    json!({
        "party": party, "paper": paper, "application": object(&["procedure", "place", "party"], application), "rest": object(&[], filled),
    })
}

/// Places that must have a system, of one class.
fn places() -> Value {
    let (string, number) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let place = json!({
        "entry": number, "row": string, "version": number, "name": string, "office": nullable(string.clone()), "from": string,
        "until": nullable(string.clone()),
    });
    let counts = json!({ "covered": number, "doubtful": number, "open": number });
    let places = json!({
        "register": string, "class": { "type": "string", "enum": ["covered", "doubtful", "open"] },
        "counts": object(&["covered", "doubtful", "open"], counts), "uncompared": number,
        "places": list(object(&["entry", "row", "version", "name", "office", "from", "until"], place)), "next": nullable(number.clone()),
    });
    object(&["register", "class", "counts", "uncompared", "places", "next"], places)
}

/// Answers, by name.
fn answers() -> Value {
    let (string, number, flag) =
        (json!({ "type": "string" }), json!({ "type": "integer" }), json!({ "type": "boolean" }));
    let refusal = object(
        &["code", "what", "why", "next"],
        json!({ "code": string, "what": text(), "why": { "type": "array" }, "next": text() }),
    );
    let defect = json!({ "field": string, "code": string, "what": text(), "why": { "type": "array" }, "next": text() });
    let told = json!({ "field": string, "what": text(), "next": text() });
    let taken = json!({
        "case": string, "number": string, "code": string, "office": string, "new": flag, "handed_in": flag, "refused": nullable(of("refusal")),
    });
    let supplied = json!({ "case": string, "number": string, "new": flag, "events": number });
    let document = json!({
        "kind": string, "zh": string, "en": string, "number": string, "sha256": string, "delivered": string, "way": string, "void": flag,
    });
    let standing = json!({
        "case": string, "number": string, "procedure": text(), "stage": text(), "outcome": nullable(text()), "opened": number, "last": number,
        "due": nullable(string.clone()), "awaits_rest": flag,
        "asked": list(object(&["id", "zh", "en", "reason"], json!({ "id": string, "zh": string, "en": string, "reason": string }))),
        "open": nullable(of("open_step")), "defects": list(object(&["field", "what", "next"], told)),
        "documents": list(object(&["kind", "number", "sha256", "delivered", "void"], document)),
    });
    let field = json!({
        "id": string, "zh": string, "en": string, "kind": string, "required": {
            "type": "boolean", "description": "Needed: always where when is null, else with the answers that it names.",
        },
        "when": nullable(of("asked_when")), "most": number, "choices": list(of("choice")), "sample": string, "personal": flag,
    });
    let asked_when = json!({
        "field": { "type": "string", "description": "id of another choice of the same step" },
        "is": { "type": "array", "items": string, "description": "ids of its answers with which this field is asked" },
    });
    let fields = || list(of("field"));
    let step = json!({ "step": string, "zh": string, "en": string, "optional": flag, "fields": fields() });
    let material =
        json!({ "id": string, "zh": string, "en": string, "required": flag, "one_of": string, "clause": string });
    let form = json!({
        "procedure": string, "zh": string, "en": string, "steps": list(object(&["step", "fields"], step)),
        "materials": list(object(&["id", "required"], material)),
        "party": object(&["unit", "person"], json!({ "unit": fields(), "person": fields() })),
    });
    let filings = json!({
        "clause": string, "filings": { "type": "array", "maxItems": FILINGS, "items": { "type": "object" } }, "next": nullable(number.clone()),
        "system": nullable(string.clone()),
        "fields": list(json!({ "type": "object" })),
    });
    let defects = json!({
        "code": string, "what": text(), "why": { "type": "array" }, "next": text(),
        "defects": list(object(&["field", "code", "what", "next"], defect)),
    });
    json!({
        "refusal": refusal,
        "defects": object(&["code", "what", "why", "next"], defects),
        "taken": object(&["case", "number", "code", "office", "new", "handed_in", "refused"], taken),
        "supplied": object(&["case", "number", "new", "events"], supplied),
        "open_step": object(&["step"], json!({ "step": string, "zh": string, "en": string })),
        "standing": object(
            &["case", "number", "procedure", "stage", "outcome", "opened", "last", "due", "awaits_rest", "asked", "open", "defects", "documents"],
            standing,
        ),
        "choice": object(&["id"], json!({ "id": string, "zh": string, "en": string })),
        "asked_when": object(&["field", "is"], asked_when),
        "field": object(&["id", "kind", "required", "when", "choices"], field),
        "form": object(&["procedure", "steps", "materials", "party"], form),
        "filings": object(&["clause", "filings", "next", "fields"], filings),
        "places": places(),
    })
}

/// The schemas that operations name.
pub(crate) fn schemas() -> Value {
    let mut all =
        json!({ "text": object(&["zh", "en"], json!({ "zh": { "type": "string" }, "en": { "type": "string" } })) });
    for part in [requests(), answers()] {
        if let (Some(all), Value::Object(part)) = (all.as_object_mut(), part) {
            all.extend(part);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;
    use authority::cases::steps_of_application;

    /// Every schema that is named.
    fn named(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(at)) = map.get("$ref") {
                    out.push(at.trim_start_matches("#/components/schemas/").to_owned());
                }
                map.values().for_each(|v| named(v, out));
            }
            Value::Array(all) => all.iter().for_each(|v| named(v, out)),
            _ => {}
        }
    }

    #[test]
    fn every_route_of_the_exchange_is_described_and_every_schema_is_there() {
        let schemas = schemas();
        let mut names = Vec::new();
        named(&schemas, &mut names);
        let mut described_routes = 0;
        for route in ROUTES.iter().filter(|r| r.path.starts_with("/api/v1/exchange/")) {
            let found = described(route.verb.text(), route.path);
            let found = found.unwrap_or_else(|| panic!("{} {} is not described", route.verb.text(), route.path));
            assert_eq!(route.verb.text() == "POST", !found.body.is_null(), "{}", route.path);
            assert_eq!(route.verb.text() == "POST", !found.headers.is_empty(), "{}", route.path);
            named(&found.body, &mut names);
            named(&found.answers, &mut names);
            described_routes += 1;
        }
        assert_eq!(described_routes, 8);
        for name in names {
            assert!(schemas[&name].is_object(), "{name} is named and not there");
        }
    }

    #[test]
    fn the_example_is_the_form_of_the_packs() {
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure("system_filing").unwrap();
        let example = example_fields();
        let steps: Vec<&str> = steps_of_application(procedure).into_iter().map(|s| s.id.as_str()).collect();
        for field in procedure.fields.iter().filter(|f| f.required && steps.contains(&f.step.as_str())) {
            assert!(!example[&field.id].is_null(), "{} is not in the example", field.id);
        }
        for id in example.as_object().unwrap().keys() {
            assert!(
                procedure.fields.iter().any(|f| f.id == *id && steps.contains(&f.step.as_str())),
                "{id} is no field"
            );
        }
        assert!(
            example_papers()
                .as_array()
                .unwrap()
                .iter()
                .all(|p| procedure.materials.iter().any(|m| p["material"] == m.id))
        );
    }
}
