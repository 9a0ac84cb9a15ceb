//! The police inbox: queue, one report, what is done with it. A report's body is read as far as this program knows it; a part that it
//! does not know is left out, never a reason not to show the report.

use super::media::ranged;
use super::view::Names;
use crate::answer::{Reply, attach, body, no_page, ok_json, page, page_with, status};
use crate::call::Call;
use crate::pages::inbox::{Cut, ExhibitLine, InboxPage, ReportLine, ReportPage, StepLine, ZoneLine};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use authority::{Authority, By, EXHIBIT_DAYS, Report, Shown};
use axum::body::Bytes;
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::alarm::{EXHIBIT_CAMERAS, ExhibitKind};
use futures_util::Stream;
use serde_json::Value;
use std::ops::Range;
use store::inbox::Step;
use store::inbox_exhibits::InboxExhibit;

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
        // Zone 0 is none: the source named no zone, or is itself the place.
        let number = Some(text(&z["zone"])).filter(|n| n != "0").unwrap_or_default();
        let name = [number, text(&z["name"])].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
        ZoneLine { name, place: text(&z["place"]), at: instant(&z["first"]) }
    };
    let named = |z: &ZoneLine| !(z.name.is_empty() && z.place.is_empty());
    list.iter().take(ZONES).map(line).filter(named).collect()
}

/// Where, in the queue: places, else zones; empty when the signal named none.
fn place_of(body: &Value) -> Text {
    let zones: Vec<_> = zones_of(body).into_iter().take(3).collect();
    let in_words = |zone: &str| {
        zones
            .iter()
            .map(|z| match (z.place.is_empty(), z.name.bytes().all(|b| b.is_ascii_digit())) {
                (false, _) => z.place.clone(),
                (true, true) => format!("{zone} {}", z.name),
                (true, false) => z.name.clone(),
            })
            .collect::<Vec<_>>()
    };
    Text::of(in_words("防区").join("、"), in_words("zone").join(", "))
}

fn exhibits_of(list: Vec<InboxExhibit>) -> Vec<ExhibitLine> {
    let mut list = list;
    list.sort_by_key(|e| (e.exhibit.camera, e.exhibit.kind, e.leaf));
    let line = |e: InboxExhibit| ExhibitLine {
        number: e.leaf,
        what: e.exhibit.kind.name(),
        is_picture: e.exhibit.kind == ExhibitKind::Picture,
        from: e.exhibit.from,
        to: e.exhibit.to,
        bytes: e.exhibit.bytes,
        sha256: e.exhibit.sha256.map(|d| d.hex()).unwrap_or_default(),
        absent: e.exhibit.absence(),
        deleted: e.deleted.is_some(),
        received: e.received,
        camera: e.exhibit.camera_name,
    };
    list.into_iter().map(line).collect()
}

fn step_state(step: Step) -> State {
    let mark = match step {
        Step::Received => Mark::Critical,
        Step::Taken | Step::Dispatched | Step::Arrived => Mark::Busy,
        Step::Closed => Mark::Ok,
    };
    State { mark, word: step.name() }
}

/// What a page that shows `shown` reports leaves out; the total is known of the open ones only.
fn cut_at(shown: usize, all: bool, open: u64) -> Option<Cut> {
    let shown = u64::try_from(shown).unwrap_or(u64::MAX);
    let full = shown >= u64::from(authority::QUEUE_LINES);
    match all {
        true => full.then_some(Cut { shown, of: None }),
        false => (full && open > shown).then_some(Cut { shown, of: Some(open) }),
    }
}

/// `GET /inbox?all=`.
pub(crate) async fn list(call: Call) -> Reply {
    let all = call.query.has("all");
    let queue = of(&call)?.queue(all, by(&call)?).await?;
    let lines: Vec<_> = queue
        .into_iter()
        .map(|t| ReportLine {
            number: t.line.leaf,
            site: t.site,
            what: what_of(&t.body),
            place: place_of(&t.body),
            unverified: is_unverified(&t.body),
            received: t.line.received,
            step: step_state(t.line.state),
            waits: t.line.state == Step::Received,
        })
        .collect();
    let pulse = of(&call)?.pulse(by(&call)?).await?;
    let cut = cut_at(lines.len(), all, pulse.open);
    let waiting = pulse.waiting;
    page(&InboxPage { l: call.lang, bar: call.bar(Nav::Inbox).await?, lines, all, waiting, cut })
}

/// `GET /api/v1/inbox`: `version` changes when the queue does; how many reports nobody has taken.
pub(crate) async fn state(call: Call) -> Reply {
    // From what is stored, not from a count of this process: a page that stayed open over a restart sees the difference too.
    let pulse = of(&call)?.pulse(by(&call)?).await?;
    let exhibits = of(&call)?.newest_exhibit(by(&call)?).await?;
    ok_json(&serde_json::json!({
        "version": pulse.last.to_string(), "waiting": pulse.waiting, "open": pulse.open, "exhibits": exhibits,
    }))
}

fn number(call: &Call) -> Result<u64, Refusal> {
    call.param(0).parse().map_err(|_| no_page())
}

fn next_of(state: Step) -> Vec<Choice> {
    let later = Step::ALL.into_iter().filter(|s| *s > state);
    later.map(|s| Choice::new(s.code(), s.name(), false)).collect()
}

async fn report_page(call: &Call, report: Report, errors: FormErrors) -> Result<ReportPage, Refusal> {
    let Report { line, site, body, steps, exhibits } = report;
    let cameras = body["cameras"].as_array().map_or(0, Vec::len);
    let exhibits = exhibits_of(exhibits);
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
        cameras,
        awaited: (cameras.min(EXHIBIT_CAMERAS) * ExhibitKind::ALL.len()).saturating_sub(exhibits.len()),
        exhibits,
        kept_days: EXHIBIT_DAYS,
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

/// The bytes of an exhibit from a place on, part by part.
fn bytes_of(shown: Shown, range: Range<u64>) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    futures_util::stream::try_unfold((shown, range), |(shown, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let read = shown.read(range.start).await.map_err(std::io::Error::other)?;
        let mut bytes = read.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        bytes.truncate(usize::try_from(range.end - range.start).unwrap_or(usize::MAX));
        let next = range.start + bytes.len() as u64..range.end;
        Ok(Some((Bytes::from(bytes), (shown, next))))
    })
}

/// `GET /inbox/{index}/exhibits/{leaf}`: a picture or clip that came with a report, with ranges. The look is in the log first.
pub(crate) async fn exhibit(call: Call) -> Reply {
    let leaf = call.param(1).parse().map_err(|_| no_page())?;
    let report = number(&call)?;
    let shown = of(&call)?.show_exhibit(report, leaf, by(&call)?).await?;
    let (tag, name) = (format!("\"{}\"", shown.digest()), format!("report-{report}-{}-{leaf}.mp4", shown.word()));
    let mut answer = ranged(&call, "video/mp4", shown.total_bytes(), &tag, |range| bytes_of(shown, range));
    if call.query.has("save") {
        attach(&mut answer, &name);
    }
    Ok(answer)
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
        let place = |zones: Value| place_of(&serde_json::json!({ "zones": zones }));
        let none = serde_json::json!([{ "zone": 0, "name": "", "place": "" }]);
        assert_eq!((place(none.clone()).zh, place(none.clone()).en), ("".into(), "".into()), "no zone is no place");
        assert!(zones_of(&serde_json::json!({ "zones": none })).is_empty());
        assert_eq!(place(serde_json::json!([{ "zone": 7, "name": "", "place": "" }])).en, "zone 7");
        assert_eq!(place(serde_json::json!([{ "zone": 0, "name": "大堂", "place": "" }])).zh, "大堂");
        assert_eq!(
            place(serde_json::json!([{ "zone": 3, "name": "后门", "place": "一层" }, { "zone": 4 }])).zh,
            "一层、防区 4"
        );
        let many = serde_json::json!({ "zones": vec![serde_json::json!({ "name": "x".repeat(5_000) }); 500] });
        assert_eq!(zones_of(&many).len(), ZONES);
        assert!(zones_of(&many)[0].name.chars().count() <= SHOWN_CHARS + 1);
    }

    #[test]
    fn a_full_page_says_what_it_leaves_out() {
        let most = authority::QUEUE_LINES as usize;
        let shown = u64::from(authority::QUEUE_LINES);
        for all in [false, true] {
            assert_eq!([cut_at(0, all, 0), cut_at(most - 1, all, shown - 1)], [None, None]);
        }
        assert_eq!(cut_at(most, false, shown), None, "these are all that are open");
        let open = Cut { shown, of: Some(shown + 1) };
        assert_eq!(cut_at(most, false, shown + 1), Some(open));
        let all = Cut { shown, of: None };
        assert_eq!(cut_at(most, true, shown + 1), Some(all));
        let text =
            |cut, all| askama::Template::render(&InboxPage { cut: Some(cut), all, ..InboxPage::default() }).unwrap();
        let open = text(open, false);
        assert!(open.contains(&format!("{} 条", shown + 1)) && open.contains("较早的随后出现"), "{open}");
        assert!(!text(all, true).contains("较早的随后出现"), "closing takes none from this list");
    }
}
