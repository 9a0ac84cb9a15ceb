//! The permission matrix of the law: `docs/ref/law-matrix.txt`, printed from the gate, so that a changed policy is a changed text.
//!
//! For every act: who of a site's people may try it, what the gate says in each jurisdiction when every fact is as it should be, and
//! what it says when one fact, organ, basis or place is another. `UPDATE_DOCS=1 cargo test -p jifang-domain --test law_matrix`
//! writes the file anew.

use base::{CivilDate, UtcMs};
use jifang_domain::access::{Permission, Role};
use law::{Act, ActKind, Answer, Gate, Jurisdiction, Question, SiteProfile};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// The day the matrix is for: every pack is in force, product registration is history.
const DAY: (i16, i8, i8) = (2026, 3, 2);
/// Width of the first column.
const FIRST: usize = 44;
/// Width of the column of one jurisdiction.
const COLUMN: usize = 46;

/// Places, one for each way in which a clause tells places apart.
const PLACES: [&str; 7] =
    ["corridor", "warehouse", "square", "guest_room", "private_dining_room", "nursing_room", "other_private"];
const ORGANS: [&str; 6] =
    ["police", "state_security", "other_investigator", "emergency_investigator", "other_department", "not_an_organ"];
const BASES: [&str; 4] = ["criminal_investigation", "emergency_investigation", "statutory_duty", "no_basis"];
const CITIZEN_BASES: [&str; 3] = ["own_right", "life_health_property", "no_basis"];
const INSTALLERS: [&str; 4] = ["government", "managing_unit", "security_duty_holder", "other"];
const RELATIONS: [&str; 4] = ["person", "near_relative", "guardian", "other"];
const WAYS: [&str; 5] = ["modify", "conceal", "destroy", "damage_records", "obstruct"];

/// True is the stricter value of these.
const TRUE_IS_STRICTER: [&str; 3] = ["faces_homes", "on_hold", "public_area_system"];

/// The right without which nobody of a site may try this act; none: no page of this program offers the act to people of a site (a
/// loop does it, an authority's server will, or it is asked only so that the attempt is refused).
const fn right(act: ActKind) -> Option<Permission> {
    use Permission as P;
    Some(match act {
        ActKind::AddCamera
        | ActKind::ChangePurpose
        | ActKind::StopRecording
        | ActKind::MoveDevice
        | ActKind::RemoveDevice
        | ActKind::ConnectPlatform
        | ActKind::Mask
        | ActKind::Arm
        | ActKind::Disarm => P::ManageDevices,
        ActKind::ViewLive | ActKind::Listen => P::ViewLive,
        ActKind::PlayBack => P::PlayBack,
        ActKind::OfficialView | ActKind::OfficialCopy | ActKind::Export => P::UseGrant,
        ActKind::EmergencyUse | ActKind::Hold | ActKind::ReleaseHold => P::DecideUse,
        // Under an order of the authority.
        ActKind::CitizenView | ActKind::RetrieveEvidence => P::DecideUse,
        ActKind::Delete => P::DeleteFootage,
        ActKind::ReportAlarm | ActKind::VerifyAlarm | ActKind::CloseIncident => P::HandleAlarms,
        ActKind::Bypass => P::ManageAlarms,
        // Asked of each camera that stands, before the settings that the law is applied by change.
        ActKind::UseCamera => P::ManageSettings,
        _ => return None,
    })
}

/// The facts of an act, as they should be.
fn facts(act: ActKind) -> Map<String, Value> {
    let yes = |names: &[&str]| names.iter().map(|n| ((*n).to_owned(), Value::Bool(true))).collect::<Map<_, _>>();
    let with = |base: Map<String, Value>, more: Value| {
        let mut all = base;
        all.extend(more.as_object().cloned().unwrap_or_default());
        all
    };
    let placement =
        json!({ "place": "corridor", "installer": "managing_unit", "faces_homes": false, "has_audio": false });
    let official = json!({ "organ": "police", "basis": "criminal_investigation", "distinct_officers": 2 });
    let formalities = ["badges_shown", "unit_letter", "registered", "within_scope"];
    let decider = ["apart_from_case", "not_party"];
    let place = json!({ "place": "corridor" });
    let organ = json!({ "organ": "police" });
    let penalty = yes(&[
        "apart_from_case",
        "not_party",
        "recusal_settled",
        "party_told",
        "party_heard",
        "not_heavier",
        "reviewed",
    ]);
    match act {
        ActKind::AddCamera | ActKind::UseCamera => with(yes(&["sign_recorded", "public_area_approved"]), placement),
        ActKind::MoveDevice => with(
            with(yes(&["sign_recorded", "public_area_approved", "authorised", "relocation_agreed"]), placement),
            json!({ "public_area_system": false }),
        ),
        ActKind::RemoveDevice => with(yes(&["authorised", "relocation_agreed"]), place),
        ActKind::ChangePurpose | ActKind::StopRecording | ActKind::Mask => with(yes(&["authorised"]), place),
        ActKind::ViewLive | ActKind::PlayBack => yes(&["designated", "security_purpose", "registered"]),
        ActKind::Listen | ActKind::Talk => with(yes(&["designated", "security_purpose"]), place),
        ActKind::OfficialView | ActKind::OfficialCopy | ActKind::OfficialRetrieve => with(yes(&formalities), official),
        ActKind::Export => with(with(yes(&formalities), official), json!({ "sealed": true })),
        ActKind::EmergencyUse => with(yes(&["emergency_stated"]), organ),
        ActKind::NetworkView | ActKind::ConnectPlatform => with(yes(&["need_stated", "emergency_stated"]), organ),
        ActKind::ReleaseHold => yes(&["request_closed", "reason_recorded"]),
        ActKind::Delete => {
            with(yes(&["authorised"]), json!({ "place": "corridor", "on_hold": false, "last_frame": old() }))
        }
        ActKind::Tamper => with(place.as_object().cloned().unwrap_or_default(), json!({ "way": "modify" })),
        ActKind::ReportAlarm => with(yes(&["verified_real"]), json!({ "raised_by_hand": false })),
        ActKind::Publish => yes(&["masked", "authorised", "security_purpose", "free_of_secrets"]),
        ActKind::Arm | ActKind::Disarm | ActKind::Bypass => yes(&["designated", "authorised", "limited"]),
        ActKind::Silence => yes(&["designated", "alarm_stays_open"]),
        ActKind::OpenDoor => yes(&["designated", "security_purpose"]),
        ActKind::VerifyAlarm => yes(&["designated", "grounds_recorded"]),
        ActKind::CloseIncident => yes(&["designated", "verified", "reported_if_real"]),
        ActKind::CitizenView => with(
            with(
                yes(&[
                    "own_right_concerned",
                    "id_card_shown",
                    "police_document",
                    "no_state_secret",
                    "no_state_security",
                ]),
                Value::Object(yes(&["others_privacy_kept", "need_shown", "unit_consents", "registered"])),
            ),
            json!({ "place": "corridor", "basis": "own_right", "relation": "person" }),
        ),
        ActKind::RetrieveEvidence => {
            with(yes(&["burden_of_proof", "application_proved", "police_papers", "registered", "sealed"]), place)
        }
        ActKind::StartUse => yes(&["acceptance_passed"]),
        ActKind::StartWorks => with(yes(&["plan_reviewed", "follows_plan", "plan_examined"]), place),
        ActKind::EngageProvider => yes(&["filed", "secret_qualified"]),
        ActKind::DecideCase => with(
            with(penalty, organ),
            json!({ "reasons_given": true, "no_penalty": false, "on_the_spot": false, "qualified_officers": 2 }),
        ),
        ActKind::Fine => with(
            with(with(penalty, organ), Value::Object(yes(&["reasons_given", "correction_first_done", "within_range"]))),
            json!({ "on_the_spot": false, "qualified_officers": 2 }),
        ),
        ActKind::RevokeRegistration => {
            with(with(yes(&decider), organ), Value::Object(yes(&["reasons_given", "improper_means_proved"])))
        }
        ActKind::PublishRecord => {
            let sound = yes(&["verified", "personal_data_limited", "decision_stands"]);
            with(with(with(yes(&decider), organ), Value::Object(sound)), json!({ "no_penalty": false }))
        }
        ActKind::WithdrawRecord => with(with(yes(&["reasons_given"]), organ), json!({ "no_penalty": false })),
        ActKind::Hold | ActKind::DesignateProduct | ActKind::TakeBenefit => Map::new(),
    }
}

fn on() -> CivilDate {
    CivilDate::ymd(DAY.0, DAY.1, DAY.2).unwrap()
}

/// A last picture beyond every term.
fn old() -> i64 {
    on().plus_days(-400).start().0
}

fn act(kind: ActKind, facts: &Map<String, Value>) -> Act {
    let mut written = facts.clone();
    written.insert("kind".to_owned(), json!(kind.key()));
    serde_json::from_value(Value::Object(written)).unwrap_or_else(|e| panic!("{kind:?}: {e}"))
}

/// One line a difference: what differs, and the facts with it.
fn variants(kind: ActKind) -> Vec<(String, Map<String, Value>)> {
    let lawful = facts(kind);
    let mut out = vec![("all facts as they should be".to_owned(), lawful.clone())];
    let change = |name: &str, value: Value| {
        let mut other = lawful.clone();
        other.insert(name.to_owned(), value);
        other
    };
    for (name, value) in &lawful {
        let words: &[&str] = match name.as_str() {
            "place" => &PLACES,
            "organ" => &ORGANS,
            "basis" if kind == ActKind::CitizenView => &CITIZEN_BASES,
            "basis" => &BASES,
            "installer" => &INSTALLERS,
            "relation" => &RELATIONS,
            "way" => &WAYS,
            _ => &[],
        };
        for word in words.iter().filter(|word| value.as_str() != Some(word)) {
            out.push((format!("{name} {word}"), change(name, json!(word))));
        }
        match (name.as_str(), value) {
            ("has_audio" | "sign_recorded", _) => {}
            ("qualified_officers", _) => out.push(("one qualified officer".to_owned(), change(name, json!(1)))),
            ("distinct_officers", _) => out.push(("one officer".to_owned(), change(name, json!(1)))),
            ("last_frame", _) => {
                let young = UtcMs(on().plus_days(-30).start().0);
                out.push(("thirty days ago".to_owned(), change(name, json!(young.0))));
            }
            (name, Value::Bool(_)) if TRUE_IS_STRICTER.contains(&name) => {
                out.push((name.to_owned(), change(name, json!(true))));
            }
            (name, Value::Bool(true)) => out.push((format!("without {name}"), change(name, json!(false)))),
            _ => {}
        }
    }
    out
}

/// `yes A-4-1`, or `no  A-14 799-8`; `no  -` where no clause permits the act at all.
fn cell(answer: &Answer) -> String {
    let clauses = answer.clause_ids();
    let clauses = if clauses.is_empty() { "-".to_owned() } else { clauses.join(" ") };
    format!("{} {clauses}", if answer.allow { "yes" } else { "no " })
}

fn row(out: &mut String, first: &str, cells: &[String]) {
    let mut line = format!("{first:<FIRST$}");
    for cell in cells {
        write!(line, " {cell:<COLUMN$}").unwrap();
    }
    writeln!(out, "{}", line.trim_end()).unwrap();
}

fn matrix() -> String {
    let gate = Gate::embedded().unwrap_or_else(|e| panic!("{e}"));
    let mut out = String::from(
        "# What the law says to each act, printed from the gate for 2026-03-02 and checked by a test.\n\
         # yes: lawful, by these clauses. no: refused by these clauses, or no clause permits it (-). One line an answer that differs\n\
         # from the first; `key unit` asks the same of a key unit. `tried by`: the roles whose rights reach to the act at all.\n",
    );
    for kind in ActKind::ALL {
        let roles = right(*kind).map_or_else(
            || "nobody at a site".to_owned(),
            |right| right.roles().iter().map(|r: &Role| r.code()).collect::<Vec<_>>().join(", "),
        );
        let name = kind.name();
        writeln!(out, "\n## {} · {} · {} · tried by: {roles}", kind.key(), name.zh, name.en).unwrap();
        let heads: Vec<String> = Jurisdiction::ALL.iter().map(|j| j.name().en.to_string()).collect();
        row(&mut out, "", &heads);
        let ask = |facts: &Map<String, Value>, key_unit: bool| -> Vec<String> {
            let site = |j: &Jurisdiction| SiteProfile { key_unit, ..SiteProfile::new(*j) };
            let ask = |j| gate.decide(&Question { site: site(j), act: act(*kind, facts) }, on());
            Jurisdiction::ALL.iter().map(|j| cell(&ask(j))).collect()
        };
        let variants = variants(*kind);
        let (lawful, lawful_key) = (ask(&variants[0].1, false), ask(&variants[0].1, true));
        for (n, (what, facts)) in variants.iter().enumerate() {
            let plain = ask(facts, false);
            let key = ask(facts, true);
            if n == 0 || plain != lawful {
                row(&mut out, what, &plain);
            }
            if key != plain && (n == 0 || key != lawful_key) {
                row(&mut out, &format!("{what} (key unit)"), &key);
            }
        }
    }
    out
}

#[test]
fn the_matrix_of_the_law_is_the_committed_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ref/law-matrix.txt");
    let now = matrix();
    assert!(now.lines().count() > 200, "{now}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(now == committed, "docs/ref/law-matrix.txt differs: look at it, then UPDATE_DOCS=1. It would be:\n{now}");
}

#[test]
fn a_refusal_of_what_should_be_lawful_is_one_of_the_known_ones() {
    let gate = Gate::embedded().unwrap_or_else(|e| panic!("{e}"));
    let refused = |jurisdiction| {
        let site = SiteProfile { key_unit: true, ..SiteProfile::new(jurisdiction) };
        let lawful = |kind: &ActKind| gate.decide(&Question { site, act: act(*kind, &facts(*kind)) }, on()).allow;
        ActKind::ALL.iter().filter(|kind| !lawful(kind)).map(|kind| kind.key()).collect::<Vec<_>>()
    };
    let never = ["tamper", "revoke_registration", "designate_product", "take_benefit"];
    assert_eq!(refused(Jurisdiction::Liaoning), never);
    // B knows neither direct use in an emergency nor papers for evidence, and opens no viewing to citizens by their right.
    let here = ["emergency_use", "tamper", "citizen_view", "retrieve_evidence", never[1], never[2], never[3]];
    assert_eq!(refused(Jurisdiction::Heilongjiang), here);
    let elsewhere =
        ["emergency_use", "network_view", "tamper", "citizen_view", "retrieve_evidence", never[1], never[2], never[3]];
    assert_eq!(refused(Jurisdiction::Other), elsewhere);
}
