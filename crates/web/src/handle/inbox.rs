//! The police inbox: queue, one report, what is done with it. A report's body is read as far as this program knows it; a part that it
//! does not know is left out, never a reason not to show the report.

use super::view::Names;
use crate::answer::{Reply, attach, body, no_page, ok_json, page, page_with, status};
use crate::call::Call;
use crate::pages::inbox::{InboxPage, ReportLine, ReportPage, StepLine, ZoneLine};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use authority::{Authority, By, Report};
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Text, UtcMs};
use domain::access::Permission;
use serde_json::Value;
use store::inbox::Step;

/// Most zones shown of a report.
const ZONES: usize = 64;
/// Longest text of a report's field that is shown, characters.
const SHOWN_CHARS: usize = 200;

/// What alarms are called, by the word of the report.
const ALARMS: [(&str, &str, &str); 11] = [
    ("hold_up", "紧急求助", "Hold-up"),
    ("duress", "胁迫报警", "Duress"),
    ("burglary", "入侵报警", "Burglary"),
    ("tamper", "防拆报警", "Tamper"),
    ("door", "门异常", "Door"),
    ("video", "画面报警", "Seen in picture"),
    ("fire", "火警", "Fire"),
    ("medical", "医疗求助", "Medical"),
    ("environment", "环境报警", "Environment"),
    ("unknown", "未知代码", "Unknown code"),
    ("runaway", "频繁报警", "Runaway source"),
];

/// The authority's half of this server.
pub(crate) fn of(call: &Call) -> Result<&Authority, Refusal> {
    call.app.options.authority.as_ref().ok_or_else(no_page)
}

/// Who acts.
pub(crate) fn by(call: &Call) -> Result<By, Refusal> {
    let actor = call.actor()?;
    Ok(By { account: actor.id, role: actor.role })
}

fn text(v: &Value) -> String {
    let shown = v.as_str().map_or_else(|| if v.is_number() { v.to_string() } else { String::new() }, str::to_owned);
    shown.chars().take(SHOWN_CHARS).collect()
}

fn instant(v: &Value) -> Option<UtcMs> {
    v.as_i64().filter(|ms| (0..=253_402_300_799_999).contains(ms)).map(UtcMs)
}

/// What it is about: `{"alarm":"burglary"}`, `{"trouble":…}` or a word.
fn what_of(body: &Value) -> State {
    let what = &body["what"];
    let word = what.as_object().and_then(|o| o.values().next()).unwrap_or(what);
    let name = ALARMS.iter().find(|a| Some(a.0) == word.as_str()).map_or(("报警", "Alarm"), |a| (a.1, a.2));
    let mark = match body["priority"].as_str() {
        Some("p2") => Mark::Warning,
        Some("p3") => Mark::Attention,
        // What does not say how urgent it is, is urgent.
        _ => Mark::Critical,
    };
    State::new(mark, name.0, name.1)
}

fn is_unverified(body: &Value) -> bool {
    body["raised_by_hand"].as_bool() == Some(true) || body["decision"].is_null()
}

fn zones_of(body: &Value) -> Vec<ZoneLine> {
    let list = body["zones"].as_array().map_or(&[][..], Vec::as_slice);
    let line = |z: &Value| {
        let (number, name) = (text(&z["zone"]), text(&z["name"]));
        let name = if name.is_empty() { number } else { format!("{number} {name}") };
        ZoneLine { name, place: text(&z["place"]), at: instant(&z["first"]) }
    };
    list.iter().take(ZONES).map(line).collect()
}

fn step_state(step: Step) -> State {
    let mark = match step {
        Step::Received => Mark::Critical,
        Step::Taken | Step::Dispatched | Step::Arrived => Mark::Busy,
        Step::Closed => Mark::Ok,
    };
    State { mark, word: step.name() }
}

/// `GET /inbox?all=`.
pub(crate) async fn list(call: Call) -> Reply {
    let all = call.query.has("all");
    let queue = of(&call)?.queue(all, by(&call)?).await?;
    let lines: Vec<_> = queue
        .into_iter()
        .map(|t| {
            let places: Vec<_> =
                zones_of(&t.body).into_iter().map(|z| if z.place.is_empty() { z.name } else { z.place }).collect();
            ReportLine {
                number: t.line.leaf,
                site: t.site,
                what: what_of(&t.body),
                place: places.into_iter().take(3).collect::<Vec<_>>().join("、"),
                unverified: is_unverified(&t.body),
                received: t.line.received,
                step: step_state(t.line.state),
                waits: t.line.state == Step::Received,
            }
        })
        .collect();
    let waiting = lines.iter().filter(|l| l.waits).count();
    page(&InboxPage { l: call.lang, bar: call.bar(Nav::Inbox).await?, lines, all, waiting })
}

/// `GET /api/v1/inbox`: `version` changes when the queue does; how many reports nobody has taken.
pub(crate) async fn state(call: Call) -> Reply {
    let queue = of(&call)?.queue(false, by(&call)?).await?;
    // From what is there, not from a count of this process: a page that stayed open over a restart sees the difference too.
    let seen: Vec<_> = queue.iter().map(|t| format!("{} {}", t.line.leaf, t.line.state.code())).collect();
    let version = base::Sha256::of(seen.join("\n").as_bytes()).hex();
    let waiting = queue.iter().filter(|t| t.line.state == Step::Received).count();
    ok_json(&serde_json::json!({ "version": version, "waiting": waiting, "open": queue.len() }))
}

fn number(call: &Call) -> Result<u64, Refusal> {
    call.param(0).parse().map_err(|_| no_page())
}

fn next_of(state: Step) -> Vec<Choice> {
    let later = Step::ALL.into_iter().filter(|s| *s > state);
    later.map(|s| Choice::new(s.code(), s.name(), false)).collect()
}

async fn report_page(call: &Call, report: Report, errors: FormErrors) -> Result<ReportPage, Refusal> {
    let Report { line, site, body, steps } = report;
    let names = Names::read_whole(call).await?;
    let decision = &body["decision"];
    let verdict = match decision["verdict"].as_str() {
        Some("real") => Text::new("确认警情", "Real"),
        Some(_) => Text::new("其他结论", "Another verdict"),
        None => Text::default(),
    };
    let steps = steps.into_iter().map(|s| StepLine {
        at: s.at,
        what: s.step.name(),
        who: names.who(call, Some(s.account)),
        remark: s.remark,
        log: s.leaf,
    });
    Ok(ReportPage {
        l: call.lang,
        bar: call.bar(Nav::Inbox).await?,
        number: line.leaf,
        site_number: text(&body["number"]),
        site,
        what: what_of(&body),
        unverified: is_unverified(&body),
        source: text(&body["source"]),
        zones: zones_of(&body),
        verdict,
        reason: text(&decision["reason"]),
        verified: instant(&decision["at"]),
        signalled: instant(&body["received"]),
        made: line.made,
        received: line.received,
        clip: instant(&body["clip_from"]).zip(instant(&body["clip_to"])),
        cameras: body["cameras"].as_array().map_or(0, Vec::len),
        step: step_state(line.state),
        next: next_of(line.state),
        may_act: call.may(Permission::AnswerReports),
        steps: steps.collect(),
        errors,
    })
}

/// `GET /inbox/{index}`.
pub(crate) async fn show(call: Call) -> Reply {
    let report = of(&call)?.report(number(&call)?, by(&call)?).await?;
    page(&report_page(&call, report, FormErrors::default()).await?)
}

/// `POST /inbox/{index}/step`.
pub(crate) async fn step(call: Call) -> Reply {
    let (authority, number) = (of(&call)?, number(&call)?);
    let step = Step::parse(call.form.get("step")).ok_or_else(no_page)?;
    match authority.step(number, step, call.form.get("remark"), by(&call)?).await {
        Ok(_) => call.done(&format!("/inbox/{number}"), "report_stepped"),
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            let mut errors = FormErrors::default();
            errors.push("remark", refusal.what.clone());
            let report = authority.report(number, by(&call)?).await?;
            page_with(status(&refusal), &report_page(&call, report, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

async fn paper(call: &Call, receipt: bool) -> Reply {
    let number = number(call)?;
    let (message, signed) = of(call)?.papers(number, by(call)?).await?;
    let (bytes, name) = if receipt { (signed, "receipt") } else { (message, "message") };
    let mut answer = body(StatusCode::OK, "text/plain; charset=utf-8", bytes);
    attach(&mut answer, &format!("{name}-{number}.txt"));
    Ok(answer)
}

/// `GET /inbox/{index}/message`: the text the site signed.
pub(crate) async fn message(call: Call) -> Reply {
    paper(&call, false).await
}

/// `GET /inbox/{index}/receipt`: the receipt this server signed.
pub(crate) async fn receipt(call: Call) -> Reply {
    paper(&call, true).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_shown_as_far_as_it_is_understood() {
        let whole = serde_json::json!({
            "what": { "alarm": "burglary" }, "priority": "p2", "raised_by_hand": false, "decision": { "verdict": "real" },
            "zones": [{ "zone": 3, "name": "金库", "place": "一层", "first": 1_700_000_000_000_i64 }],
        });
        assert_eq!(what_of(&whole).word.en, "Burglary");
        assert_eq!((what_of(&whole).mark, is_unverified(&whole)), (Mark::Warning, false));
        let zones = zones_of(&whole);
        assert_eq!((zones[0].name.as_str(), zones[0].place.as_str()), ("3 金库", "一层"));
        for odd in [Value::Null, serde_json::json!([]), serde_json::json!({ "what": 7, "zones": "x", "priority": {} })]
        {
            let what = what_of(&odd);
            assert_eq!(
                (what.mark, what.word.en.as_ref()),
                (Mark::Critical, "Alarm"),
                "{odd}: not understood is urgent"
            );
            assert!(is_unverified(&odd) && zones_of(&odd).is_empty());
        }
        let many = serde_json::json!({ "zones": vec![serde_json::json!({ "name": "x".repeat(5_000) }); 500] });
        assert_eq!(zones_of(&many).len(), ZONES);
        assert!(zones_of(&many)[0].name.chars().count() <= SHOWN_CHARS + 1);
    }
}
