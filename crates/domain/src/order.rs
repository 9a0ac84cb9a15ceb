//! Orders of an authority to a site: keep this footage, let it go, somebody comes to see it, show it; and what the site answers.
//!
//! ```text
//! form of a case (day, time in words) ─▶ window ─▶ HoldOrder ─▶ body ─▶ (bus) ─▶ read ─▶ plan: cameras × time, as far as limits let ─▶ Answer
//! decision (what may be seen, in words) ─▶ allowed ─▶ ViewOrder ─▶ (bus) ─▶ shown_cameras, within ─▶ request for use ─▶ Answer with Shown
//! a person's own request ─▶ PersonOrder ─▶ (bus) ─▶ plan, as a hold ─▶ Answers with Told
//! ```
//! Always true: what is read was within every limit; a plan holds nothing outside the time that was ordered; what a plan leaves out is told,
//! never silent; an answer speaks only of footage that was looked for; no order names a person but the one that hands a person's own request on;
//! nothing is shown that the order's hold does not keep. The terms that keep footage are not set here: an order stands until another one ends it.
//! Sources: A-25, Order 799 arts. 17 and 21.

use base::limits::{NAME_CHARS, REQUEST_CAMERAS, REQUEST_RANGE_MS};
use base::time::DAY_MS;
use base::{CameraId, CivilDate, ClauseId, OrderId, Text, UtcMs};
use serde::{Deserialize, Serialize};

mod person;
mod show;

pub use person::{
    Coming, ENTERED_WITHIN, OVER, PERSON, PersonOrder, PersonStage, Protects, REASON_CHARS, Told, WHY_CHARS, WITHDRAWN,
};
pub use show::{SCOPE_CHARS, Shown, VIEW, ViewOrder, allowed, shown_cameras, within};

/// Word of an order to keep footage.
pub const HOLD: &str = "hold";
/// Word of an order to let it go.
pub const RELEASE: &str = "release";
/// Word of an order that tells when somebody comes to see it.
pub const APPOINTMENT: &str = "appointment";
/// Longest time for which an order that names no camera keeps every camera, ms. Our own choice: one day of a whole site.
pub const EVERY_CAMERA_MS: i64 = DAY_MS;
/// Most footage that orders of an authority keep at one site at once, ms of one camera each: as much as one largest request.
pub const KEPT_MS: i64 = REQUEST_RANGE_MS * 64;
/// Most clauses of one order.
pub const CLAUSES: usize = 16;
/// Most gaps that an answer lists of one camera.
pub const GAPS: usize = 10;
/// Longest text of an order, characters.
const WORDS_CHARS: usize = 500;
/// A name of fewer characters is no place that a person would mean.
const LEAST_NAME_CHARS: usize = 2;
/// Before and after a single time that a person remembers, ms. Own choice.
const AROUND_MS: (i64, i64) = (30 * 60_000, 60 * 60_000);
/// Before the first and after the last of two times, ms. Own choice.
const BESIDE_MS: i64 = 15 * 60_000;

/// Keep footage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HoldOrder {
    /// Number of the authority's case.
    pub case: String,
    /// First moment of the footage.
    pub from: UtcMs,
    /// End of the footage.
    pub to: UtcMs,
    /// Where, in the applicant's words; empty: nothing is known.
    pub place: String,
    /// Word of the reason: the procedure of the case.
    pub reason: String,
    /// On what ground.
    pub clauses: Vec<ClauseId>,
    /// It lasts at least to the end of this day, where that was known when the order was made: the last day on which the decision can be
    /// fought. `None`: open. Another order ends it in either case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<CivilDate>,
}

/// Let go what an order keeps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReleaseOrder {
    /// Number of the authority's case.
    pub case: String,
    /// Which order ends.
    pub order: OrderId,
    /// Word of the reason.
    pub reason: String,
    /// On what ground.
    pub clauses: Vec<ClauseId>,
}

/// Somebody comes to see footage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Appointment {
    /// Number of the authority's case.
    pub case: String,
    /// From when they are expected.
    pub from: UtcMs,
    /// Until when.
    pub to: UtcMs,
    /// Where at the site.
    pub place: String,
    /// What may be seen, as the document says.
    pub scope: String,
    /// What they show at the door: a number, no name.
    pub code: String,
    /// On what ground.
    pub clauses: Vec<ClauseId>,
}

impl HoldOrder {
    /// Two orders to keep the same: how long it is known to last makes no difference.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        let open = |order: &Self| Self { until: None, ..order.clone() };
        open(self) == open(other)
    }
}

/// What an authority tells a site to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// Keep footage.
    Hold(HoldOrder),
    /// Let it go.
    Release(ReleaseOrder),
    /// Somebody comes at this time.
    Appointment(Appointment),
    /// Show it, or hand out a copy.
    View(ViewOrder),
    /// Hold what a person asks the unit itself to see, and answer them: no order of the authority, which hands it on.
    Person(PersonOrder),
}

fn is_text(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(|c| c.is_control() && c != '\n')
}

fn is_ground(case: &str, reason: &str, clauses: &[ClauseId]) -> bool {
    let short = |c: &ClauseId| !c.0.is_empty() && is_text(&c.0, NAME_CHARS);
    !case.is_empty()
        && is_text(case, NAME_CHARS)
        && is_text(reason, NAME_CHARS)
        && clauses.len() <= CLAUSES
        && clauses.iter().all(short)
}

impl Order {
    /// Word of what is to be done, as the signed text has it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Hold(_) => HOLD,
            Self::Release(_) => RELEASE,
            Self::Appointment(_) => APPOINTMENT,
            Self::View(_) => VIEW,
            Self::Person(_) => PERSON,
        }
    }

    /// Number of the authority's case; of a person's own request that of the receipt.
    #[must_use]
    pub fn case(&self) -> &str {
        match self {
            Self::Hold(o) => &o.case,
            Self::Release(o) => &o.case,
            Self::Appointment(o) => &o.case,
            Self::View(o) => &o.case,
            Self::Person(o) => &o.number,
        }
    }

    /// Its body: JSON, the same bytes each time.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let bytes = match self {
            Self::Hold(o) => serde_json::to_vec(o),
            Self::Release(o) => serde_json::to_vec(o),
            Self::Appointment(o) => serde_json::to_vec(o),
            Self::View(o) => serde_json::to_vec(o),
            Self::Person(o) => serde_json::to_vec(o),
        };
        bytes.unwrap_or_default()
    }

    /// Within every limit.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Hold(o) => {
                let length_ms = o.to.since(o.from);
                is_ground(&o.case, &o.reason, &o.clauses)
                    && (1..=REQUEST_RANGE_MS).contains(&length_ms)
                    && is_text(&o.place, WORDS_CHARS)
            }
            Self::Release(o) => is_ground(&o.case, &o.reason, &o.clauses),
            Self::Appointment(o) => {
                let words = [&o.place, &o.scope].into_iter().all(|text| is_text(text, WORDS_CHARS));
                is_ground(&o.case, "", &o.clauses) && o.to > o.from && words && is_text(&o.code, NAME_CHARS)
            }
            Self::View(o) => o.is_whole(),
            Self::Person(o) => o.is_whole(),
        }
    }

    /// Reads the body of an order of this kind; `None` for a kind that is not known, and for what is malformed or beyond a limit.
    #[must_use]
    pub fn read(kind: &str, body: &[u8]) -> Option<Self> {
        let order = match kind {
            HOLD => Self::Hold(serde_json::from_slice(body).ok()?),
            RELEASE => Self::Release(serde_json::from_slice(body).ok()?),
            APPOINTMENT => Self::Appointment(serde_json::from_slice(body).ok()?),
            VIEW => Self::View(serde_json::from_slice(body).ok()?),
            PERSON => Self::Person(serde_json::from_slice(body).ok()?),
            _ => return None,
        };
        order.is_whole().then_some(order)
    }
}

/// A camera of the site, as people there call it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Eye {
    /// Which.
    pub camera: CameraId,
    /// Its name.
    pub name: String,
    /// Where it hangs.
    pub place: String,
}

/// What a site keeps of what was ordered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// Cameras, in the order of the site.
    pub cameras: Vec<CameraId>,
    /// From.
    pub from: UtcMs,
    /// To; before what was ordered where that was too much.
    pub to: UtcMs,
    /// The cameras are all of the site: no name of one stands in the words.
    pub every: bool,
    /// What is not kept, and why; empty: all that was ordered is.
    pub left: Vec<Text>,
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name stands in the words, or the words in the name.
fn named(words: &str, name: &str) -> bool {
    let name = plain(name);
    let long = |text: &str| text.chars().count() >= LEAST_NAME_CHARS;
    (long(&name) && words.contains(&name)) || (long(words) && name.contains(words))
}

impl PersonOrder {
    /// What of it is to be held.
    #[must_use]
    pub fn hold(&self) -> HoldOrder {
        HoldOrder {
            case: self.number.clone(),
            from: self.from,
            to: self.to,
            place: self.place.clone(),
            reason: PERSON.to_owned(),
            clauses: self.clauses.clone(),
            until: None,
        }
    }
}

/// Which cameras are kept for which time. `kept_ms`: what other orders keep already, ms of one camera each.
#[must_use]
pub fn plan(order: &HoldOrder, eyes: &[Eye], kept_ms: i64) -> Plan {
    let words = plain(&order.place);
    let meant: Vec<&Eye> = eyes.iter().filter(|e| named(&words, &e.name) || named(&words, &e.place)).collect();
    let every = meant.is_empty();
    let meant = if every { eyes.iter().collect() } else { meant };
    let mut plan = Plan { cameras: Vec::new(), from: order.from, to: order.to, every, left: Vec::new() };
    if every && meant.len() > 1 && plan.to.since(plan.from) > EVERY_CAMERA_MS {
        plan.to = plan.from.plus_ms(EVERY_CAMERA_MS);
        plan.left.push(Text::of(
            format!("没有指明摄像机，全部摄像机只封存到 {}。", plan.to.desk()),
            format!("No camera was named: every camera is held only until {}.", plan.to.desk()),
        ));
    }
    let each_ms = plan.to.since(plan.from).max(1);
    let room = usize::try_from(KEPT_MS.saturating_sub(kept_ms) / each_ms).unwrap_or(0);
    let most = room.min(REQUEST_CAMERAS);
    plan.cameras = meant.iter().take(most).map(|e| e.camera).collect();
    let over = meant.len() - plan.cameras.len();
    if over > 0 {
        plan.left.push(Text::of(
            format!("另有{over}台摄像机没有封存：超出本单位可以为公安机关封存的数量。"),
            format!("{over} more not held: beyond what this site can hold for the authority."),
        ));
    }
    plan
}

/// How an order ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All of it.
    Done,
    /// As far as it could be.
    Partly,
    /// Refused by law; the clauses say why.
    Refused,
    /// There is nothing to do it on: no camera, no footage, no such order.
    NotPossible,
}

impl Ended {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Done, Self::Partly, Self::Refused, Self::NotPossible];

    /// Stable word for rows.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Refused => "refused",
            Self::NotPossible => "not_possible",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.code() == code)
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Done => Text::new("已办理", "done"),
            Self::Partly => Text::new("部分办理", "done in part"),
            Self::Refused => Text::new("依法不予办理", "refused by law"),
            Self::NotPossible => Text::new("无法办理", "not possible"),
        }
    }
}

/// What a site has of one camera for the time that was ordered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Name of the camera.
    pub camera: String,
    /// Footage that is kept, ms; 0: there is none.
    pub footage_ms: i64,
    /// Stretches without footage, the oldest first, at most [`GAPS`].
    pub gaps: Vec<(UtcMs, UtcMs)>,
    /// The oldest footage that the camera has at all.
    pub oldest: Option<UtcMs>,
}

/// What a site answers to an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Which order.
    pub order: OrderId,
    /// How it ended.
    pub ended: Ended,
    /// From when footage is kept.
    pub from: Option<UtcMs>,
    /// Until when.
    pub to: Option<UtcMs>,
    /// What there is, by camera; at most one request's cameras.
    pub cameras: Vec<Kept>,
    /// What is left out, or why nothing was done.
    pub said: Vec<Text>,
    /// The clauses that decided.
    pub clauses: Vec<ClauseId>,
    /// What was shown or handed out; of an order to show only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// How far a person's own request is; of such a request only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Told>,
}

impl Answer {
    /// An answer with words and nothing kept.
    #[must_use]
    pub const fn plain(order: OrderId, ended: Ended, said: Vec<Text>, clauses: Vec<ClauseId>) -> Self {
        Self { order, ended, from: None, to: None, cameras: Vec::new(), said, clauses, shown: None, person: None }
    }

    /// Its body: JSON.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads an answer; `None` for what is malformed or beyond a limit.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let answer: Self = serde_json::from_slice(body).ok()?;
        let short = |t: &Text| t.zh.chars().count() <= WORDS_CHARS && t.en.chars().count() <= WORDS_CHARS;
        let sound = |k: &Kept| k.camera.chars().count() <= NAME_CHARS && k.gaps.len() <= GAPS && k.footage_ms >= 0;
        let few = answer.cameras.len() <= REQUEST_CAMERAS && answer.said.len() <= CLAUSES;
        let whole = few
            && answer.clauses.len() <= CLAUSES
            && answer.said.iter().all(short)
            && answer.shown.as_ref().is_none_or(Shown::is_whole)
            && answer.person.as_ref().is_none_or(Told::is_whole);
        (whole && answer.cameras.iter().all(sound)).then_some(answer)
    }

    /// Footage that is kept, over all cameras, ms.
    #[must_use]
    pub fn footage_ms(&self) -> i64 {
        self.cameras.iter().fold(0, |all, k| all.saturating_add(k.footage_ms))
    }
}

// -- the time that people write -------------------------------------------------------------------------------------------------

/// A part of the day that a word before a time names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DayPart {
    Dawn,
    Morning,
    Noon,
    Afternoon,
    Night,
}

/// Words of the parts of a day.
const PARTS: [(&str, DayPart); 12] = [
    ("凌晨", DayPart::Dawn),
    ("清晨", DayPart::Morning),
    ("早上", DayPart::Morning),
    ("早晨", DayPart::Morning),
    ("上午", DayPart::Morning),
    ("中午", DayPart::Noon),
    ("下午", DayPart::Afternoon),
    ("午后", DayPart::Afternoon),
    ("傍晚", DayPart::Afternoon),
    ("晚上", DayPart::Night),
    ("晚", DayPart::Night),
    ("夜", DayPart::Night),
];

/// The hour from the midnight at which the day begins; of several parts that were named the last counts. The night of a day ends on the next.
fn hour_of_day(hour: i64, words: &str) -> i64 {
    let at = |(word, part): &(&str, DayPart)| Some((words.rfind(word)?, *part));
    let part = PARTS.iter().filter_map(at).max_by_key(|(at, _)| *at).map(|(_, part)| part);
    match (part, hour) {
        (Some(DayPart::Dawn), 12) => 0,
        (Some(DayPart::Noon), 1..=3) | (Some(DayPart::Afternoon), 1..=11) | (Some(DayPart::Night), 5..=11) => hour + 12,
        (Some(DayPart::Night), 0 | 12) => 24,
        (Some(DayPart::Night), 1..=4) => hour + 24,
        _ => hour,
    }
}

/// Times of day in the words of a person, minutes from midnight, at most `most`: `20:00`, `8点半`, `下午3时15分`.
fn times(words: &str, most: usize) -> Vec<i64> {
    let text: Vec<char> = words.chars().map(half).collect();
    let (mut out, mut at, mut seen) = (Vec::new(), 0, String::new());
    while let Some(c) = text.get(at).copied() {
        if !c.is_ascii_digit() || out.len() == most {
            seen.push(c);
            at += 1;
            continue;
        }
        let (hour, after) = digits(&text, at);
        let sign = text.get(after).copied().unwrap_or(' ');
        at = after;
        if !matches!(sign, ':' | '点' | '时') {
            seen.push(' ');
            continue;
        }
        let (mut minute, mut next) = digits(&text, after + 1);
        if next == after + 1 {
            minute = if text.get(next) == Some(&'半') { 30 } else { 0 };
            next = after + 1;
        }
        at = next;
        if hour <= 24 && minute < 60 {
            out.push(hour_of_day(hour, &seen) * 60 + minute);
        }
    }
    out
}

/// A number of at most two digits from a place on, and where it ends; a longer run of digits is no time.
fn digits(text: &[char], at: usize) -> (i64, usize) {
    let (mut number, mut next) = (0_i64, at);
    while let Some(digit) = text.get(next).and_then(|c| c.to_digit(10)) {
        number = number.saturating_mul(10).saturating_add(i64::from(digit));
        next += 1;
    }
    (number, next)
}

fn half(c: char) -> char {
    match c {
        '：' => ':',
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        other => other,
    }
}

/// The footage that is meant by a day and a time in words: what is written, with a margin; the whole day where no time is read.
#[must_use]
pub fn window(day: CivilDate, words: &str) -> (UtcMs, UtcMs) {
    let start = day.start();
    let at = |minute: i64| start.plus_ms(minute * 60_000);
    match times(words, 2).as_slice() {
        [one] => (at(*one).plus_ms(-AROUND_MS.0), at(*one).plus_ms(AROUND_MS.1)),
        [one, two, ..] => {
            // It ended after midnight; the first may itself lie in the night after the day.
            let a_day = DAY_MS / 60_000;
            let two = (0..=2).map(|days| two + days * a_day).find(|two| two >= one).unwrap_or(*one);
            (at(*one).plus_ms(-BESIDE_MS), at(two).plus_ms(BESIDE_MS))
        }
        [] => (start, start.plus_ms(DAY_MS)),
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
