//! Orders to show footage to a citizen, or to hand out a sealed copy of it, and what the site answers when that is done.
//!
//! ```text
//! decision: words, day of the event, what the hold keeps ─▶ allowed ─▶ ViewOrder
//! site: cameras of the hold, words ─▶ shown_cameras ─▶ a person chooses among them ─▶ within, or refused
//! ```
//! Always true: what is allowed lies in what is held; of cameras and time a choice may be narrower than the order and never wider; an order
//! names no applicant, and who showed it for the site never prints. Sources: A-25-1, A-25-2, Order 799 arts. 16 and 21.

use super::{Ended, Eye, NAME_CHARS, is_ground, is_text, named, plain, times};
use base::limits::{REQUEST_CAMERAS, REQUEST_RANGE_MS};
use base::time::DAY_MS;
use base::{CameraId, CivilDate, ClauseId, ErrorKind, OrderId, Pii, Refusal, Sha256, Text, UtcMs};
use serde::{Deserialize, Serialize};

/// Word of an order to show footage or to hand out a copy.
pub const VIEW: &str = "view";
/// Longest words of a decision about what may be seen, characters: with everything else an order still fits its body.
pub const SCOPE_CHARS: usize = 1_000;
/// Most times of day that are read of a decision: two are a stretch, more are told by the words alone.
const TIMES: usize = 3;

/// Show footage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ViewOrder {
    /// Number of the authority's case.
    pub case: String,
    /// The order that holds the footage: nothing else is shown.
    pub hold: OrderId,
    /// First moment that may be shown.
    pub from: UtcMs,
    /// End of it.
    pub to: UtcMs,
    /// What may be seen, as the decision says.
    pub scope: String,
    /// A sealed copy is handed out; else it is seen at the site only.
    pub copy: bool,
    /// Others are to be covered, by this clause; `None`: their privacy is not touched.
    pub covered: Option<ClauseId>,
    /// Number of the paper that the person shows; that of the case where the paper has none.
    pub paper: String,
    /// It may be used until then.
    pub until: UtcMs,
    /// Word of the reason: the procedure of the case.
    pub reason: String,
    /// On what ground.
    pub clauses: Vec<ClauseId>,
}

impl ViewOrder {
    /// Within every limit.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let length_ms = self.to.since(self.from);
        let paper = !self.paper.is_empty() && is_text(&self.paper, NAME_CHARS);
        let covered = self.covered.as_ref().is_none_or(|c| !c.0.is_empty() && is_text(&c.0, NAME_CHARS));
        is_ground(&self.case, &self.reason, &self.clauses)
            && (1..=REQUEST_RANGE_MS).contains(&length_ms)
            && is_text(&self.scope, SCOPE_CHARS)
            && paper
            && covered
    }

    /// What a site says it has shown is of this order: carried out, no wider than it, with a package where one was to be handed out and only there.
    #[must_use]
    pub fn fits(&self, ended: Ended, shown: &Shown) -> bool {
        let is_done = matches!(ended, Ended::Done | Ended::Partly);
        is_done && shown.from >= self.from && shown.to <= self.to && self.copy != shown.copies.is_empty()
    }
}

/// What was shown under an order, or handed out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// When the first picture was shown, or the copy handed out.
    pub begin: UtcMs,
    /// When it was over.
    pub end: UtcMs,
    /// First moment of the footage.
    pub from: UtcMs,
    /// End of the footage.
    pub to: UtcMs,
    /// Names of the cameras.
    pub cameras: Vec<String>,
    /// Who of the site was there, for the register of the case (Order 799 art. 16).
    #[serde(with = "pii")]
    pub by: Pii<String>,
    /// SHA-256 of each sealed package that was handed out; none: it was only seen.
    pub copies: Vec<Sha256>,
}

impl Shown {
    /// Within every limit.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.begin <= self.end
            && self.from < self.to
            && (1..=REQUEST_CAMERAS).contains(&self.cameras.len())
            && self.cameras.iter().all(|name| is_text(name, NAME_CHARS))
            && is_text(self.by.expose(), NAME_CHARS)
            && self.copies.len() <= REQUEST_CAMERAS
    }

    /// What was shown, in words, as a register has it.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}，{} 至 {}。", self.cameras.join("、"), self.from.desk(), self.to.desk())
    }
}

/// A name within a body that is sealed wherever it lies.
pub(super) mod pii {
    use base::Pii;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(name: &Pii<String>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(name.expose())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Pii<String>, D::Error> {
        String::deserialize(from).map(Pii::new)
    }
}

/// The words name another day than this one.
fn names_another_day(words: &str, day: CivilDate) -> bool {
    let other = |part: &str| CivilDate::parse(part).is_some_and(|named| named != day);
    words.contains('月') || words.split(|c: char| !c.is_ascii_digit() && c != '-').any(other)
}

/// The footage that a decision opens: the two times of its words on the day of the event, else all that is held; never beyond what is held.
#[must_use]
pub fn allowed(day: CivilDate, words: &str, held: (UtcMs, UtcMs)) -> (UtcMs, UtcMs) {
    let read = times(words, TIMES);
    let &[one, two] = read.as_slice() else { return held };
    if names_another_day(words, day) {
        return held;
    }
    // It ended after midnight.
    let two = if two < one { two + DAY_MS / 60_000 } else { two };
    let at = |minute: i64| day.start().plus_ms(minute * 60_000);
    let (from, to) = (at(one).max(held.0), at(two).min(held.1));
    if from < to { (from, to) } else { held }
}

/// Which of the cameras that are held may be shown: those that the words name, all where they name none.
#[must_use]
pub fn shown_cameras(scope: &str, held: &[Eye]) -> Vec<CameraId> {
    let words = plain(scope);
    let meant: Vec<CameraId> = held.iter().filter(|e| named(&words, &e.name)).map(|e| e.camera).collect();
    let meant = if meant.is_empty() { held.iter().map(|e| e.camera).collect() } else { meant };
    meant.into_iter().take(REQUEST_CAMERAS).collect()
}

fn outside(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Forbidden, code, what, next)
}

/// Refuses what is wider than the order: another camera, a moment before or after, a day on which it is no longer of use.
///
/// # Errors
/// `order_over`, `outside_order`.
pub fn within(
    order: &ViewOrder,
    may: &[CameraId],
    cameras: &[CameraId],
    (from, to): (UtcMs, UtcMs),
    now: UtcMs,
) -> Result<(), Refusal> {
    if now >= order.until {
        return Err(outside(
            "order_over",
            Text::of(
                format!("这项指令的有效期到 {} 为止。", order.until.desk()),
                format!("This order was of use until {}.", order.until.desk()),
            ),
            Text::new("请申请人向公安机关申请重新通知。", "The applicant asks the authority to order it again."),
        ));
    }
    let known = !cameras.is_empty() && cameras.iter().all(|camera| may.contains(camera));
    if known && from < to && from >= order.from && to <= order.to {
        return Ok(());
    }
    Err(outside(
        "outside_order",
        Text::new(
            "超出公安机关准予的摄像机或者时间范围。",
            "Wider than the cameras or the time that the authority allowed.",
        ),
        Text::of(
            format!("只能在 {} 至 {} 之内、所列的摄像机中选择。", order.from.desk(), order.to.desk()),
            format!("Choose between {} and {}, of the cameras listed.", order.from.desk(), order.to.desk()),
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Answer, Order};
    use super::*;
    use proptest::prelude::*;

    const HOUR_MS: i64 = 3_600_000;

    fn camera(n: u8) -> CameraId {
        CameraId::from_bytes([n; 16])
    }

    fn eye(n: u8, name: &str) -> Eye {
        Eye { camera: camera(n), name: name.into(), place: "东入口".into() }
    }

    fn day() -> CivilDate {
        CivilDate::ymd(2026, 3, 1).unwrap()
    }

    fn order() -> ViewOrder {
        ViewOrder {
            case: "沈公〔2026〕1号".into(),
            hold: OrderId::from_bytes([7; 16]),
            from: UtcMs(1_000_000),
            to: UtcMs(1_000_000 + HOUR_MS),
            scope: "东入口1号".into(),
            copy: false,
            covered: Some(ClauseId::new("A-25-1")),
            paper: "沈公查看〔2026〕1号".into(),
            until: UtcMs(9_000_000),
            reason: "citizen_viewing".into(),
            clauses: vec![ClauseId::new("A-25-1-f2")],
        }
    }

    fn shown() -> Shown {
        Shown {
            begin: UtcMs(5),
            end: UtcMs(6),
            from: UtcMs(1),
            to: UtcMs(2),
            cameras: vec!["东入口1号".into()],
            by: Pii::new("赵六".into()),
            copies: vec![Sha256::of(b"package")],
        }
    }

    #[test]
    fn what_a_site_says_it_has_shown_is_of_its_order_or_counts_for_nothing() {
        let view = order();
        let seen = Shown { from: view.from, to: view.to, copies: vec![], ..shown() };
        let packed = Shown { copies: vec![Sha256::of(b"package")], ..seen.clone() };
        assert!(view.fits(Ended::Done, &seen) && view.fits(Ended::Partly, &seen));
        assert!(!view.fits(Ended::NotPossible, &seen) && !view.fits(Ended::Refused, &seen));
        assert!(!view.fits(Ended::Done, &packed), "to be seen only");
        assert!(!view.fits(Ended::Done, &Shown { from: view.from.plus_ms(-1), ..seen.clone() }));
        assert!(!view.fits(Ended::Done, &Shown { to: view.to.plus_ms(1), ..seen.clone() }));
        let handed = ViewOrder { copy: true, ..order() };
        assert!(handed.fits(Ended::Done, &packed) && !handed.fits(Ended::Done, &seen));
    }

    #[test]
    fn an_order_to_show_reads_back_and_is_none_beyond_a_limit() {
        let whole = Order::View(order());
        assert_eq!(Order::read(VIEW, &whole.body()), Some(whole.clone()));
        assert_eq!((whole.kind(), whole.case()), (VIEW, "沈公〔2026〕1号"));
        for bad in [
            ViewOrder { to: order().from, ..order() },
            ViewOrder { to: order().from.plus_ms(REQUEST_RANGE_MS + 1), ..order() },
            ViewOrder { case: String::new(), ..order() },
            ViewOrder { paper: String::new(), ..order() },
            ViewOrder { paper: "x".repeat(NAME_CHARS + 1), ..order() },
            ViewOrder { scope: "字".repeat(SCOPE_CHARS + 1), ..order() },
            ViewOrder { covered: Some(ClauseId::new("")), ..order() },
            ViewOrder { clauses: vec![ClauseId::new("A-25"); super::super::CLAUSES + 1], ..order() },
        ] {
            let bad = Order::View(bad);
            assert_eq!(Order::read(VIEW, &bad.body()), None, "{bad:?}");
        }
        // The longest words of four bytes each still fit what a site takes.
        let longest = Order::View(ViewOrder {
            scope: "𠀀".repeat(SCOPE_CHARS),
            to: order().from.plus_ms(REQUEST_RANGE_MS),
            ..order()
        });
        assert!(longest.is_whole() && longest.body().len() < 8 * 1024, "{}", longest.body().len());
    }

    #[test]
    fn what_was_shown_reads_back_and_names_nobody_in_print() {
        let id = OrderId::from_bytes([7; 16]);
        let told = Answer { shown: Some(shown()), ..Answer::plain(id, Ended::Done, vec![], vec![]) };
        assert_eq!(Answer::read(&told.body()), Some(told.clone()));
        assert!(!format!("{told:?}").contains("赵六"));
        assert!(shown().words().contains("东入口1号"));
        for bad in [
            Shown { end: UtcMs(4), ..shown() },
            Shown { to: UtcMs(1), ..shown() },
            Shown { cameras: vec![], ..shown() },
            Shown { cameras: vec!["x".into(); REQUEST_CAMERAS + 1], ..shown() },
            Shown { by: Pii::new("x".repeat(NAME_CHARS + 1)), ..shown() },
            Shown { copies: vec![Sha256::of(b""); REQUEST_CAMERAS + 1], ..shown() },
        ] {
            let bad = Answer { shown: Some(bad), ..Answer::plain(id, Ended::Done, vec![], vec![]) };
            assert_eq!(Answer::read(&bad.body()), None, "{bad:?}");
        }
        // An answer of an earlier release has no such part.
        let old = Answer::plain(id, Ended::Done, vec![], vec![]);
        assert!(!String::from_utf8_lossy(&old.body()).contains("shown"));
    }

    #[test]
    fn a_decision_opens_its_two_times_and_nothing_that_is_not_held() {
        let at = |minute: i64| day().start().plus_ms(minute * 60_000);
        let held = (at(19 * 60), at(22 * 60));
        let of = |words: &str| allowed(day(), words, held);
        assert_eq!(of("东入口1号，2026-03-01 20:00至20:30。"), (at(20 * 60), at(20 * 60 + 30)));
        assert_eq!(of("18:00至20:00"), (at(19 * 60), at(20 * 60)), "cut to what is held");
        assert_eq!(of("21:00至23:00"), (at(21 * 60), at(22 * 60)));
        for unclear in ["", "东入口1号", "20:00左右", "20:00至20:10，21:00至21:10", "08:00至09:00"] {
            assert_eq!(of(unclear), held, "{unclear}");
        }
        for another in ["2026-03-02 20:00至20:30", "3月2日20:00至20:30"] {
            assert_eq!(of(another), held, "{another}");
        }
        let night = (at(23 * 60), at(25 * 60));
        assert_eq!(allowed(day(), "23:30至0:30", night), (at(23 * 60 + 30), at(24 * 60 + 30)));
    }

    #[test]
    fn cameras_that_the_words_name_are_shown_and_all_that_are_held_where_they_name_none() {
        let held = [eye(1, "东入口1号"), eye(2, "停车场3号")];
        assert_eq!(shown_cameras("停车场3号，2026-03-01 20:00至20:30。", &held), [camera(2)]);
        assert_eq!(shown_cameras("东入口1号、停车场3号", &held), [camera(1), camera(2)]);
        assert_eq!(shown_cameras("当时的全部录像", &held), [camera(1), camera(2)]);
        assert!(shown_cameras("东入口1号", &[]).is_empty());
        let many: Vec<Eye> = (0..=u8::try_from(REQUEST_CAMERAS).unwrap()).map(|n| eye(n, "")).collect();
        assert_eq!(shown_cameras("", &many).len(), REQUEST_CAMERAS);
    }

    #[test]
    fn nothing_wider_than_the_order_is_within_it() {
        let (order, may, now) = (order(), [camera(1), camera(2)], UtcMs(8_999_999));
        let whole = (order.from, order.to);
        let code = |cameras: &[CameraId], time, now| within(&order, &may, cameras, time, now).map_err(|r| r.code);
        assert_eq!(code(&may, whole, now), Ok(()));
        assert_eq!(code(&[camera(2)], (order.from.plus_ms(1), order.to.plus_ms(-1)), now), Ok(()));
        let refused = Err("outside_order".to_owned());
        assert_eq!(code(&[], whole, now), refused, "no camera");
        assert_eq!(code(&[camera(1), camera(3)], whole, now), refused);
        assert_eq!(code(&may, (order.from.plus_ms(-1), order.to), now), refused);
        assert_eq!(code(&may, (order.from, order.to.plus_ms(1)), now), refused);
        assert_eq!(code(&may, (order.from, order.from), now), refused);
        assert_eq!(code(&may, whole, order.until), Err("order_over".to_owned()));
    }

    proptest! {
        #[test]
        fn whatever_is_written_what_is_allowed_lies_in_what_is_held(words in "\\PC{0,40}", from in 0..1_440_i64, length in 1..3_000_i64) {
            let held = (day().start().plus_ms(from * 60_000), day().start().plus_ms((from + length) * 60_000));
            let (a, b) = allowed(day(), &words, held);
            prop_assert!(held.0 <= a && a < b && b <= held.1);
        }

        #[test]
        fn clock_times_are_read_wherever_they_stand(h in 0..24_i64, m in 0..59_i64) {
            let held = (day().start(), day().start().plus_ms(2 * DAY_MS));
            let got = allowed(day(), &format!("1号机 {h}:{m:02}至{h}:{:02}", m + 1), held);
            let at = |minute: i64| day().start().plus_ms(minute * 60_000);
            prop_assert_eq!(got, (at(h * 60 + m), at(h * 60 + m + 1)));
        }
    }
}
