//! The API's description (OpenAPI 3.1), made from the route table and one line a path. Small and true: a test holds that every
//! route of the API has its line and no line is without a route.

use super::openapi_exchange;
use crate::routes::{ROUTES, Route};
use serde_json::{Map, Value, json};

/// Method, path, what it does, query fields, content type of the answer.
const LINES: &[(&str, &str, &str, &[&str], &str)] = &[
    ("GET", "/api/openapi.json", "This description.", &[], "application/json"),
    ("GET", "/api/v1/events", "Server-sent events: clock, health, camera, notice, alarms.", &[], "text/event-stream"),
    ("GET", "/api/v1/password-rules", "The rules of a password, as the program checks them.", &[], "application/json"),
    ("GET", "/api/v1/session", "Who is signed in, and the token of this browser's forms.", &[], "application/json"),
    ("GET", "/api/v1/cameras", "Cameras in service with their state.", &[], "application/json"),
    (
        "GET",
        "/api/v1/cameras/{id}/diagnosis",
        "The steps from the device to its picture, and the newest check that a person asked for.",
        &[],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/cameras/{id}/timeline",
        "Footage, gaps with causes, holds, and events (bookmarks, acts on the footage) between two instants (ms UTC).",
        &["from", "to", "use"],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/cameras/{id}/play.json",
        "How the film of a range lies on the wall clock; `until` is its true end.",
        &["from", "to", "use", "purpose"],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/cameras/{id}/play.mp4",
        "The film of a range (at most four hours), with byte ranges. Entered in the log first.",
        &["from", "to", "use", "purpose"],
        "video/mp4",
    ),
    (
        "GET",
        "/api/v1/cameras/{id}/poster",
        "One picture of the recording as an MP4 of one frame.",
        &["at", "use"],
        "video/mp4",
    ),
    (
        "GET",
        "/api/v1/cameras/{id}/snapshot",
        "The newest picture of the stream as an MP4 of one frame.",
        &[],
        "video/mp4",
    ),
    (
        "GET",
        "/api/v1/visits/{id}",
        "The newest visit of a case: version and fields of its record.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/visits/{id}/save",
        "Joins changes {base_version, changes: [{field, base, value}]} with the record; answers with conflicts.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/visits/{id}/order",
        "Joins a draft of the order {changes: [{field, base, value}]} with the form of the case after the visit; answers with conflicts.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/visits/{id}/photos",
        "Takes a photo: multipart with file, sha256, belongs, taken (ms UTC), place.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/visits/{id}/sign",
        "An inspector signs on the phone of another: as a photo, with login, password and code of their own account.",
        &[],
        "application/json",
    ),
    ("GET", "/api/v1/alarms", "Open alarms by priority then age.", &[], "application/json"),
    ("POST", "/api/v1/alarms/{id}/shown", "The alarm is on a screen of this person.", &[], "application/json"),
    ("POST", "/api/v1/alarms/{id}/take", "Takes an alarm that nobody has.", &[], "application/json"),
    ("POST", "/api/v1/bookmarks", "Sets a bookmark on a range {camera, from, to, reason}.", &[], "application/json"),
    ("DELETE", "/api/v1/bookmarks/{id}", "Removes a bookmark and its note.", &[], "application/json"),
    (
        "POST",
        "/api/v1/holds",
        "Puts a hold on a range {camera, from, to, reason}; the law answers.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/holds/{id}/release",
        "Releases a hold that was placed by hand {reason}; the law answers.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/deletions",
        "Tries to delete a range {camera, from, to, reason}; the law answers.",
        &[],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/use/{id}/covers/{camera}",
        "Boxes over others while footage is shown to a citizen, spans that were looked at and shown: {span_ms, boxes, looked, shown}.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/use/{id}/covers/{camera}",
        "Keeps boxes, spans looked at and spans shown of one camera in the session that runs; what was shown stays shown.",
        &[],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/exports/{export}",
        "How far an export is: {state: running|ready|failed|removed, percent, bytes, sha256, sm3}.",
        &[],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/inbox",
        "Police inbox of an authority: {version, waiting, open, exhibits}.",
        &[],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/placement",
        "What the law says to a camera at a kind of place.",
        &["place_kind", "faces_homes", "audio", "sign", "installer", "approval"],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/log/{index}",
        "A log entry with its inclusion proof and signed checkpoint.",
        &[],
        "application/json",
    ),
    ("GET", "/api/v1/notices", "Open notices of the system.", &[], "application/json"),
    ("GET", "/api/v1/storage", "Days kept against days the law asks, disk and forecast.", &[], "application/json"),
    (
        "GET",
        "/api/v1/duties",
        "What the unit owes today: state, evidence, clauses and next day of each duty; papers and own periods.",
        &[],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/emergencies",
        "Emergency accesses, those that are not confirmed first: state, and by when each is to be explained.",
        &[],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/exchange/system-filings",
        "Filings of video systems (Order 799 art. 14) after a place in the log, the oldest first: {filings, next, fields}; of a division, if one is named.",
        &["after", "division", "system"],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/exchange/places",
        "Places that must have a system, of one class, the newest first, and how many there are of each: {counts, places, next}.",
        &["register", "class", "before"],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/exchange/cases/{number}",
        "How a case stands, by its number; what was asked for, what the applicant's part lacks, and the documents that were delivered.",
        &[],
        "application/json",
    ),
    (
        "GET",
        "/api/v1/exchange/cases/{number}/documents/{sha256}",
        "A document that was delivered. Entered in the log first.",
        &[],
        "application/pdf",
    ),
    (
        "GET",
        "/api/v1/exchange/form",
        "What an application of a service has in it: fields by step, materials, the form of the party.",
        &["procedure", "facts_on"],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/exchange/applications",
        "Takes an application in: begins the case, keeps form and papers, hands it in where it is complete.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/exchange/cases/{number}/rest",
        "Hands in what was asked for, or goes on with a draft.",
        &[],
        "application/json",
    ),
    (
        "POST",
        "/api/v1/exchange/cases/{number}/papers",
        "Hands in one paper, as a multipart form.",
        &[],
        "application/json",
    ),
    ("GET", "/api/v1/tokens", "One's own tokens for programs.", &[], "application/json"),
    ("POST", "/api/v1/tokens", "Makes a token {name, days}; it is shown once.", &[], "application/json"),
    ("DELETE", "/api/v1/tokens/{token}", "Ends a token by its id.", &[], "application/json"),
    ("POST", "/whep/{camera}", "WHEP: an SDP offer; 201 with the answer and Location.", &[], "application/sdp"),
    ("DELETE", "/whep/{camera}/{session}", "Ends a live session.", &[], "application/json"),
    (
        "GET",
        "/ledger/{*path}",
        "The log's static files (C2SP tlog-tiles): checkpoint, key.pub, tile/….",
        &[],
        "application/octet-stream",
    ),
    ("GET", "/healthz", "200 while the database answers.", &[], "application/json"),
    ("GET", "/metrics", "Prometheus text; without login only from this machine.", &[], "text/plain"),
];

fn is_api(route: &Route) -> bool {
    ["/api/", "/whep/", "/ledger/", "/healthz", "/metrics"].iter().any(|p| route.path.starts_with(p))
}

fn parameters(path: &str, query: &[&str]) -> Vec<Value> {
    let open = path.split('/').filter_map(|p| p.strip_prefix('{')?.strip_suffix('}'));
    let text = json!({ "type": "string" });
    let mut out: Vec<_> = open
        .map(|p| json!({ "name": p.trim_start_matches('*'), "in": "path", "required": true, "schema": text }))
        .collect();
    out.extend(query.iter().map(|q| json!({ "name": q, "in": "query", "required": false, "schema": text })));
    out
}

/// What the exchange says of an operation, in the place of the short words.
fn describe(operation: &mut Value, more: openapi_exchange::Described) {
    if let Some(parameters) = operation["parameters"].as_array_mut() {
        parameters.extend(more.headers);
    }
    if !more.body.is_null() {
        operation["requestBody"] = more.body;
    }
    if let (Some(responses), Value::Object(answers)) = (operation["responses"].as_object_mut(), more.answers) {
        responses.extend(answers);
    }
}

/// The document.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES.iter().filter(|r| is_api(r)) {
        let verb = route.verb.text();
        let Some(line) = LINES.iter().find(|l| l.0 == verb && l.1 == route.path) else { continue };
        let ok = if verb == "POST"
            && (route.path.starts_with("/whep")
                || ["tokens", "bookmarks", "holds", "applications"].iter().any(|e| route.path.ends_with(e)))
        {
            "201"
        } else {
            "200"
        };
        let refusal = json!({ "$ref": "#/components/responses/refusal" });
        let mut operation = json!({
            "summary": line.2, "description": format!("Policy: {}", route.policy.text()), "parameters": parameters(route.path, line.3),
            "responses": { ok: { "description": "done", "content": { line.4: {} } }, "4XX": refusal, "5XX": refusal },
        });
        if let Some(more) = openapi_exchange::described(verb, route.path) {
            describe(&mut operation, more);
        }
        let path = paths.entry(route.path.replace("{*", "{")).or_insert_with(|| json!({}));
        path[verb.to_lowercase()] = operation;
    }
    let text = json!({ "type": "object", "properties": { "zh": { "type": "string" }, "en": { "type": "string" } } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "jifang", "version": env!("CARGO_PKG_VERSION"), "description": "Acts need the header x-csrf with a session cookie, or Authorization: Bearer with a token." },
        "security": [{ "token": [] }, { "session": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": crate::call::SESSION },
            },
            "schemas": openapi_exchange::schemas(),
            "responses": { "refusal": { "description": "what, why (clauses) and what to do next", "content": { "application/json": { "schema": {
                "type": "object", "required": ["code", "what", "why", "next"],
                "properties": { "code": { "type": "string" }, "what": text, "next": text, "why": { "type": "array", "items": { "type": "object" } } },
            } } } } },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_api_is_described_and_nothing_else() {
        let document = document();
        let mut described = 0;
        for route in ROUTES.iter().filter(|r| is_api(r)) {
            let path = route.path.replace("{*", "{");
            let operation = &document["paths"][&path][route.verb.text().to_lowercase()];
            assert!(
                operation["summary"].as_str().is_some_and(|s| !s.is_empty()),
                "{} {}",
                route.verb.text(),
                route.path
            );
            let open = route.path.matches('{').count();
            let named = operation["parameters"].as_array().unwrap().iter().filter(|p| p["in"] == "path").count();
            assert_eq!(open, named, "{path}");
            described += 1;
        }
        assert_eq!(described, LINES.len(), "a line without a route");
    }
}
