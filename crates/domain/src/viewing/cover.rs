//! Boxes over others while footage is shown to a citizen: spans that were looked at, boxes that move, spans that were shown.
//!
//! ```text
//! footage of one camera ─▶ spans of some seconds ─▶ the custodian looks: nobody else | boxes over the others ─▶ the span may be shown
//!                                                                            └▶ the span was shown (it stays so)
//! ```
//!
//! What flows through: the page's work on one camera -> [`Covering::check`] -> kept with the session -> [`Covering::shown_unlooked`] when it ends.
//! Always true: a span that counts as looked at says that nobody else is in it, or a box lies in it; a box has a place at every instant between
//! its first key and its end, on a straight line between two keys; what was shown once is never taken back. Boxes are data beside the footage,
//! which stays as it is. Sources: A-25-1 (privacy of others), Order 799 art. 21.

use super::Application;
use base::{CameraId, Refusal, Sha256, Text, UtcMs};
use serde::{Deserialize, Serialize};

/// Most boxes of one camera in one session.
pub const MOST_BOXES: usize = 200;
/// Most keys of all its boxes.
pub const MOST_KEYS: usize = 1_000;
/// Most runs of spans, of those looked at and of those shown.
pub const MOST_RUNS: usize = 1_000;
/// Least side of a box, per mille of the picture: a dot covers nobody.
pub const LEAST_SIDE: u16 = 40;
/// The whole picture, per mille.
const WHOLE: u16 = 1_000;

/// Where a box lies at one instant; width and height of the picture are 1,000 each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoxKey {
    /// Instant of the footage, ms UTC.
    pub t: i64,
    /// Left, per mille.
    pub x: u16,
    /// Top, per mille.
    pub y: u16,
    /// Width, per mille.
    pub w: u16,
    /// Height, per mille.
    pub h: u16,
}

impl BoxKey {
    fn is_in_the_picture(self) -> bool {
        let fits = |at: u16, side: u16| side >= LEAST_SIDE && at.checked_add(side).is_some_and(|end| end <= WHOLE);
        fits(self.x, self.w) && fits(self.y, self.h)
    }
}

/// A box over one person: seen from its first key to `end`, between keys on a straight line, after the last where that one is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverBox {
    /// At least one, by time.
    pub keys: Vec<BoxKey>,
    /// Where the person leaves, ms UTC.
    pub end: i64,
}

/// Spans one after the other, by their number from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookedRun {
    /// The first.
    pub from: u32,
    /// After the last.
    pub to: u32,
    /// Nobody else can be recognised in them, the custodian said; otherwise boxes lie over the others.
    pub nobody: bool,
}

/// What was done on one camera in one session.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covering {
    /// Length of a span, ms.
    pub span_ms: u32,
    /// Boxes.
    pub boxes: Vec<CoverBox>,
    /// Spans that the custodian has looked at, by number, none twice.
    pub looked: Vec<LookedRun>,
    /// Spans that were shown: the first, and after the last; by number, none twice.
    pub shown: Vec<(u32, u32)>,
}

/// A covering in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Covered {
    /// Boxes.
    pub boxes: usize,
    /// Spans that were looked at.
    pub looked: u32,
    /// Those of them in which nobody else can be recognised.
    pub nobody: u32,
    /// Spans that were shown.
    pub shown: u32,
    /// Spans that were shown and are not looked at.
    pub open: u32,
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    Refusal::bad_input(
        code,
        Text::new(zh, en),
        Text::new("请刷新播放页后重新检查该段。", "Load the page of the footage anew and look at the span again."),
    )
}

/// Runs are by number, none empty, none twice, all below `spans`.
fn in_order(runs: impl Iterator<Item = (u32, u32)>, spans: u32) -> bool {
    let mut last = 0;
    for (from, to) in runs {
        if from < last || to <= from || to > spans {
            return false;
        }
        last = to;
    }
    true
}

/// Runs by number, with those that touch joined.
fn joined(mut runs: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    runs.sort_unstable();
    let mut out: Vec<(u32, u32)> = Vec::with_capacity(runs.len());
    for (from, to) in runs {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

/// What of `runs` is not in `whole`; both joined.
fn without(runs: &[(u32, u32)], whole: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut out = Vec::new();
    for &(from, to) in runs {
        let mut at = from;
        for &(begin, end) in whole {
            if end <= at {
                continue;
            }
            if begin >= to {
                break;
            }
            if begin > at {
                out.push((at, begin));
            }
            at = at.max(end);
        }
        if at < to {
            out.push((at, to));
        }
    }
    out
}

fn count(runs: &[(u32, u32)]) -> u32 {
    runs.iter().fold(0, |sum, (from, to)| sum.saturating_add(to.saturating_sub(*from)))
}

/// How many spans the footage of a request has.
#[must_use]
pub fn spans_of(app: &Application, span_ms: u32) -> u32 {
    let (length, span) = (app.to.since(app.from).max(0), i64::from(span_ms.max(1)));
    u32::try_from(length.saturating_add(span - 1) / span).unwrap_or(u32::MAX)
}

impl Covering {
    /// Nothing done yet.
    #[must_use]
    pub fn new(span_ms: u32) -> Self {
        Self { span_ms, ..Self::default() }
    }

    /// Begin of a span.
    #[must_use]
    pub fn begin(&self, app: &Application, span: u32) -> UtcMs {
        UtcMs(app.from.0.saturating_add(i64::from(span).saturating_mul(i64::from(self.span_ms))))
    }

    /// Spans in which a box lies.
    fn boxed(&self, app: &Application) -> Vec<(u32, u32)> {
        let span = i64::from(self.span_ms.max(1));
        let number = |ms: i64| u32::try_from(ms.max(0) / span).unwrap_or(u32::MAX);
        let run = |b: &CoverBox| {
            let first = b.keys.first()?.t.saturating_sub(app.from.0);
            let end = b.end.saturating_sub(app.from.0);
            Some((number(first), number(end.saturating_add(span - 1))))
        };
        joined(self.boxes.iter().filter_map(run).collect())
    }

    /// Spans that were looked at; with `nobody` only those in which nobody else can be recognised.
    fn looked_at(&self, nobody: bool) -> Vec<(u32, u32)> {
        joined(self.looked.iter().filter(|run| run.nobody || !nobody).map(|run| (run.from, run.to)).collect())
    }

    /// Refuses what cannot be: too much, a box outside the picture or the footage, a span without a box or a word.
    ///
    /// # Errors
    /// `cover_span` (another length than `span_ms`), `cover_too_many`, `cover_box`, `cover_runs`, `cover_empty_span`.
    pub fn check(&self, app: &Application, span_ms: u32) -> Result<(), Refusal> {
        if self.span_ms != span_ms || span_ms == 0 {
            return Err(bad("cover_span", "每段时长已经变更。", "The length of a span has changed."));
        }
        let keys: usize = self.boxes.iter().map(|b| b.keys.len()).sum();
        let runs = self.looked.len().max(self.shown.len());
        if self.boxes.len() > MOST_BOXES || keys > MOST_KEYS || runs > MOST_RUNS {
            return Err(Refusal::bad_input(
                "cover_too_many",
                Text::new("一路摄像机上的黑框或者分段太多。", "Too many boxes or spans on one camera."),
                Text::new(
                    "请缩小播放的时间，或者用大一些的黑框少移动几次。",
                    "Show a shorter time, or use larger boxes that are moved less often.",
                ),
            ));
        }
        if !self.boxes.iter().all(|b| box_holds(b, app)) {
            return Err(bad(
                "cover_box",
                "有黑框不在画面内、太小，或者不在准许的时间内。",
                "A box lies outside the picture or the time that was granted, or is too small.",
            ));
        }
        let spans = spans_of(app, span_ms);
        if !in_order(self.looked.iter().map(|r| (r.from, r.to)), spans) || !in_order(self.shown.iter().copied(), spans)
        {
            return Err(bad("cover_runs", "分段的编号不对。", "The numbers of the spans are not right."));
        }
        let said: Vec<(u32, u32)> = self.looked.iter().filter(|r| !r.nobody).map(|r| (r.from, r.to)).collect();
        if without(&joined(said), &self.boxed(app)).is_empty() {
            return Ok(());
        }
        Err(bad(
            "cover_empty_span",
            "有一段既没有黑框，也没有确认认不出他人。",
            "A span has neither a box nor the word that nobody else can be recognised.",
        ))
    }

    /// What was shown before stays shown.
    pub fn keep_shown(&mut self, before: &Self) {
        let all = self.shown.iter().chain(&before.shown).copied().collect();
        self.shown = joined(all);
    }

    /// The first span that was shown and is not looked at; `None`: there is none.
    #[must_use]
    pub fn shown_unlooked(&self) -> Option<u32> {
        without(&joined(self.shown.clone()), &self.looked_at(false)).first().map(|(from, _)| *from)
    }

    /// In numbers.
    #[must_use]
    pub fn covered(&self) -> Covered {
        let (looked, shown) = (self.looked_at(false), joined(self.shown.clone()));
        Covered {
            boxes: self.boxes.len(),
            looked: count(&looked),
            nobody: count(&self.looked_at(true)),
            shown: count(&shown),
            open: count(&without(&shown, &looked)),
        }
    }

    /// Digest of what was done on a camera: a first line with the form, camera, begin and end of the footage (ms UTC), then the JSON as kept.
    #[must_use]
    pub fn digest(&self, camera: CameraId, app: &Application) -> Sha256 {
        let body = serde_json::to_string(self).unwrap_or_default();
        Sha256::of(format!("jifang-cover/1 {camera} {} {}\n{body}", app.from.0, app.to.0).as_bytes())
    }
}

/// Its keys are by time, all in the picture, all of the footage of the request.
fn box_holds(b: &CoverBox, app: &Application) -> bool {
    let (Some(first), Some(last)) = (b.keys.first(), b.keys.last()) else { return false };
    let by_time = b.keys.iter().zip(b.keys.iter().skip(1)).all(|(one, next)| one.t < next.t);
    let in_time = first.t >= app.from.0 && first.t < b.end && last.t <= b.end && b.end <= app.to.0;
    by_time && in_time && b.keys.iter().all(|key| key.is_in_the_picture())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewing::{Basis, Use};
    use proptest::prelude::*;

    const SPAN: u32 = 10_000;

    /// A minute and a half span of footage: seven spans, the last of them short.
    fn app() -> Application {
        Application {
            basis: Basis::OwnRight,
            wanted: Use::View,
            case_number: "1".into(),
            unit: "1".into(),
            purpose: "1".into(),
            cameras: vec![],
            from: UtcMs(1_000_000),
            to: UtcMs(1_065_000),
            letter: None,
            officers: vec![],
            under: None,
            own: None,
        }
    }

    fn key(t: i64) -> BoxKey {
        BoxKey { t, x: 100, y: 100, w: 200, h: 300 }
    }

    fn boxed(from: i64, end: i64) -> CoverBox {
        CoverBox { keys: vec![key(from)], end }
    }

    fn run(from: u32, to: u32, nobody: bool) -> LookedRun {
        LookedRun { from, to, nobody }
    }

    fn good() -> Covering {
        Covering {
            span_ms: SPAN,
            boxes: vec![boxed(1_005_000, 1_020_000)],
            looked: vec![run(0, 2, false), run(2, 7, true)],
            shown: vec![(0, 3)],
        }
    }

    fn code(covering: &Covering) -> String {
        covering.check(&app(), SPAN).map_or_else(|r| r.code, |()| String::new())
    }

    #[test]
    fn a_span_is_looked_at_with_a_box_in_it_or_with_the_word_that_nobody_is() {
        assert_eq!(spans_of(&app(), SPAN), 7);
        let covering = good();
        assert_eq!(code(&covering), "");
        let told = Covered { boxes: 1, looked: 7, nobody: 5, shown: 3, open: 0 };
        assert_eq!((covering.covered(), covering.shown_unlooked()), (told, None));
        // The box ends where span 2 begins, so it does not lie in it.
        let far = Covering { looked: vec![run(0, 3, false)], ..good() };
        assert_eq!(code(&far), "cover_empty_span");
        assert_eq!(code(&Covering { boxes: vec![], ..good() }), "cover_empty_span");
        assert_eq!(code(&Covering { looked: vec![run(0, 3, true)], boxes: vec![], ..good() }), "");
    }

    #[test]
    fn a_span_that_was_shown_and_is_no_longer_looked_at_is_found() {
        let mut later = Covering { looked: vec![run(0, 1, false), run(2, 7, true)], shown: vec![], ..good() };
        assert_eq!(later.shown_unlooked(), None);
        later.keep_shown(&good());
        assert_eq!((later.shown_unlooked(), later.covered().open), (Some(1), 1));
        assert_eq!(later.begin(&app(), 1), UtcMs(1_010_000));
        assert_eq!(code(&later), "", "it is kept all the same: what happened is not refused");
    }

    #[test]
    fn a_box_lies_in_the_picture_and_in_the_time_that_was_granted() {
        let with = |b: CoverBox| code(&Covering { boxes: vec![boxed(1_005_000, 1_020_000), b], ..good() });
        assert_eq!(with(boxed(1_000_000, 1_065_000)), "");
        for (from, end) in
            [(999_999, 1_010_000), (1_000_000, 1_065_001), (1_010_000, 1_010_000), (1_020_000, 1_010_000)]
        {
            assert_eq!(with(boxed(from, end)), "cover_box", "{from} {end}");
        }
        assert_eq!(with(CoverBox { keys: vec![], end: 1_010_000 }), "cover_box");
        assert_eq!(with(CoverBox { keys: vec![key(1_002_000), key(1_002_000)], end: 1_010_000 }), "cover_box");
        assert_eq!(with(CoverBox { keys: vec![key(1_002_000), key(1_011_000)], end: 1_010_000 }), "cover_box");
        assert_eq!(with(CoverBox { keys: vec![key(1_002_000), key(1_010_000)], end: 1_010_000 }), "");
        let side = |x, w| CoverBox { keys: vec![BoxKey { x, w, ..key(1_002_000) }], end: 1_010_000 };
        assert_eq!((with(side(960, 40)), with(side(0, 1_000))), (String::new(), String::new()));
        for (x, w) in [(0, 39), (961, 40), (u16::MAX, 40), (1, 1_000)] {
            assert_eq!(with(side(x, w)), "cover_box", "{x} {w}");
        }
    }

    #[test]
    fn runs_are_by_number_and_everything_is_bounded() {
        for looked in [vec![run(0, 8, true)], vec![run(2, 2, true)], vec![run(3, 4, true), run(2, 3, true)]] {
            assert_eq!(code(&Covering { looked, ..good() }), "cover_runs");
        }
        assert_eq!(code(&Covering { shown: vec![(0, 2), (1, 3)], ..good() }), "cover_runs");
        assert_eq!(code(&Covering { span_ms: SPAN + 1, ..good() }), "cover_span");
        let many = |n| Covering { boxes: vec![boxed(1_000_000, 1_065_000); n], ..good() };
        assert_eq!((code(&many(MOST_BOXES)), code(&many(MOST_BOXES + 1))), (String::new(), "cover_too_many".into()));
        let n = i64::try_from(MOST_KEYS).unwrap();
        let moved = |n| Covering {
            boxes: vec![CoverBox { keys: (0..n).map(|t| key(1_000_000 + t)).collect(), end: 1_065_000 }],
            ..good()
        };
        assert_eq!((code(&moved(n)), code(&moved(n + 1))), (String::new(), "cover_too_many".into()));
        let shown = vec![(0, 1); MOST_RUNS + 1];
        assert_eq!(code(&Covering { shown, ..good() }), "cover_too_many");
    }

    #[test]
    fn a_digest_is_of_one_camera_its_footage_and_every_box() {
        let camera = CameraId::from_bytes([1; 16]);
        let one = good().digest(camera, &app());
        assert_eq!(one, good().digest(camera, &app()));
        let mut moved = good();
        moved.boxes[0].keys[0].x += 1;
        assert_ne!(one, moved.digest(camera, &app()));
        assert_ne!(one, good().digest(CameraId::from_bytes([2; 16]), &app()));
        assert_ne!(one, good().digest(camera, &Application { to: UtcMs(1_064_999), ..app() }));
    }

    proptest! {
        #[test]
        fn what_was_shown_is_open_exactly_where_nobody_looked(
            looked in prop::collection::vec(any::<bool>(), 7),
            shown in prop::collection::vec(any::<bool>(), 7),
        ) {
            let ones = |of: &[bool]| (0u32..).zip(of.to_vec()).filter(|(_, is)| *is).map(|(n, _)| n).collect::<Vec<_>>();
            let covering = Covering {
                span_ms: SPAN,
                boxes: vec![],
                looked: ones(&looked).into_iter().map(|n| run(n, n + 1, true)).collect(),
                shown: ones(&shown).into_iter().map(|n| (n, n + 1)).collect(),
            };
            prop_assert_eq!(code(&covering), "");
            let open: Vec<u32> = ones(&shown).into_iter().filter(|n| !ones(&looked).contains(n)).collect();
            prop_assert_eq!(covering.shown_unlooked(), open.first().copied());
            prop_assert_eq!(covering.covered().open as usize, open.len());
        }
    }
}
