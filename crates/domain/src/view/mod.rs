//! What a camera sees on the ground, drawn on a plan: does its view, less its masks, meet a window or door of a home, does it stand
//! in or look at a social public area (A-9-1-1, B-14-2, B-14-3).
//!
//! thousandths of a plan -> [`Ground::point`] (mm) -> [`View`]: place, direction, horizontal angle, reach, masks -> [`View::seen`] of an
//! [`Outline`]: the directions in which it is met and how far away it is, or nothing. [`sights`] asks that of everything drawn on a plan
//! on a day.
//!
//! Always true: walls are not drawn, so nothing hides but a mask and the end of the reach: the person who draws ends the reach at the
//! wall. Touching counts as meeting. Lines and polygons are exact, whole millimetres (`polygon`); directions are f64 and may be off by
//! [`SLACK_DEG`], distances by [`SLACK_MM`], both to the strict side: what lies that close to a view is met. A plan knows no heights: a
//! mask counts only when it hides the whole height of the picture.

mod polygon;
mod shape;
#[cfg(test)]
mod tests;

pub use polygon::{Point, Polygon, REACH_MM, Segment, VERTICES, parse_points, points_text};
pub use shape::{Drawn, SHAPES, Shape, ShapeKind, Sight, check_shape, on_day, sights};

use crate::plan::{Picture, WHOLE};
use base::{Refusal, Text};

/// Directions this near to a view are met, degrees.
pub const SLACK_DEG: f64 = 0.001;
/// What lies this near beyond the reach is met, mm.
pub const SLACK_MM: f64 = 1.0;
/// A whole turn, tenths of a degree.
pub const TURN_DDEG: u16 = 3_600;
/// Narrowest and widest horizontal angle, tenths of a degree.
pub const ANGLE_DDEG: std::ops::RangeInclusive<u16> = 10..=TURN_DDEG;
/// Shortest and longest reach, mm.
pub const REACH_OF_VIEW_MM: std::ops::RangeInclusive<i64> = 500..=2_000_000;
/// Least and most width of a plan on the ground, mm.
pub const WIDTH_MM: std::ops::RangeInclusive<i64> = 1_000..=5_000_000;
/// Most masks of one camera.
pub const MASKS: usize = 8;
/// Widest angle of a lens that draws straight lines straight, tenths of a degree; wider ones bend.
const STRAIGHT_DDEG: u16 = 1_500;

/// The ground that a plan shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ground {
    /// Width of the picture on the ground, mm.
    pub width_mm: i64,
    /// Its picture: height on the ground follows from its sides.
    pub picture: Picture,
}

impl Ground {
    /// A plan of this width.
    ///
    /// # Errors
    /// `width`: outside [`WIDTH_MM`].
    pub fn new(width_mm: i64, picture: Picture) -> Result<Self, Refusal> {
        if WIDTH_MM.contains(&width_mm) {
            return Ok(Self { width_mm, picture });
        }
        let what = Text::new("图宽须为 1 至 5000 米。", "A plan is 1 to 5,000 metres wide.");
        let next =
            Text::new("请量出图上左右两边之间的实际距离。", "Measure the ground between its left and right edges.");
        Err(Refusal::bad_input("width", what, next))
    }

    /// Height of the picture on the ground, mm.
    #[must_use]
    pub fn height_mm(&self) -> i64 {
        self.width_mm * i64::from(self.picture.height_px) / i64::from(self.picture.width_px.max(1))
    }

    /// A place in thousandths of width and height.
    #[must_use]
    pub fn point(&self, x: u16, y: u16) -> Point {
        let of = |thousandths: u16, side: i64| i64::from(thousandths) * side / i64::from(WHOLE);
        Point::new(of(x, self.width_mm), of(y, self.height_mm()))
    }

    /// A point in pixels of the picture.
    #[must_use]
    pub fn pixels(&self, p: Point) -> (i64, i64) {
        let (width, px) = (self.width_mm.max(1), i64::from(self.picture.width_px));
        (p.x_mm * px / width, p.y_mm * px / width)
    }
}

/// Directions that a mask hides, tenths of a degree from the middle of the picture, negative to the left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mask {
    /// Left end.
    pub from_ddeg: i16,
    /// Right end, greater.
    pub to_ddeg: i16,
}

/// A rectangle of the picture, thousandths of its width and height.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PictureRect {
    /// From the left.
    pub left: u16,
    /// From the top.
    pub top: u16,
    /// From the left.
    pub right: u16,
    /// From the top.
    pub bottom: u16,
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
    Refusal::bad_input(code, Text::new(zh, en), next)
}

impl Mask {
    /// What a masked rectangle of the picture hides, under a lens of `angle_ddeg`. How a lens bends is not known, so only what it hides
    /// under straight drawing and under even drawing counts.
    ///
    /// # Errors
    /// `masks`: not over the whole height, or too narrow to hide anything.
    pub fn of_picture(rect: PictureRect, angle_ddeg: u16) -> Result<Self, Refusal> {
        if rect.top != 0 || rect.bottom != WHOLE {
            return Err(bad(
                "masks",
                "平面图不知道高度：遮挡须盖住画面的整个高度才算数。",
                "A plan knows no heights: a mask counts only when it covers the whole height of the picture.",
            ));
        }
        if rect.left >= rect.right || rect.right > WHOLE {
            return Err(bad(
                "masks",
                "遮挡的左边须在右边之左。",
                "The left edge of a mask lies left of its right edge.",
            ));
        }
        let half = f64::from(angle_ddeg) / 2.0;
        let even = |x: u16| (f64::from(x) / 500.0 - 1.0) * half;
        let straight = |x: u16| {
            let tangent = (half / 10.0).to_radians().tan();
            ((f64::from(x) / 500.0 - 1.0) * tangent).atan().to_degrees() * 10.0
        };
        let both = |x: u16| {
            let even = even(x);
            if angle_ddeg > STRAIGHT_DDEG { (even, even) } else { (even, straight(x)) }
        };
        let (from, to) = (both(rect.left), both(rect.right));
        let mask = Self { from_ddeg: whole(from.0.max(from.1).ceil()), to_ddeg: whole(to.0.min(to.1).floor()) };
        if mask.from_ddeg < mask.to_ddeg {
            Ok(mask)
        } else {
            Err(bad("masks", "遮挡太窄。", "The mask is too narrow."))
        }
    }

    /// `-12.5..8` in degrees.
    #[must_use]
    pub fn text(self) -> String {
        format!("{}..{}", tenths(i64::from(self.from_ddeg)), tenths(i64::from(self.to_ddeg)))
    }
}

/// Rounds a direction that is within a few turns.
#[allow(clippy::cast_possible_truncation, reason = "clamped")]
fn whole(ddeg: f64) -> i16 {
    ddeg.clamp(-3_600.0, 3_600.0).round() as i16
}

/// `-12.5` of -125, `8` of 80.
#[must_use]
pub fn tenths(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    let (whole, rest) = (n.abs() / 10, n.abs() % 10);
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// Reads a number with at most one decimal as tenths; `None` for anything else or beyond 99,999.
#[must_use]
pub fn parse_tenths(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |t: &str, most: usize| (1..=most).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole, 5) || !plain(rest, 1) {
        return None;
    }
    Some(sign * (whole.parse::<i64>().ok()? * 10 + rest.parse::<i64>().ok()?))
}

/// Reads masks: `-12.5..8` in degrees from the middle of the picture, or `30%..45%` of its width; parted by spaces, `;` or line ends.
///
/// # Errors
/// `masks`: not of that form, more than [`MASKS`], or one that hides nothing.
pub fn parse_masks(text: &str, angle_ddeg: u16) -> Result<Vec<Mask>, Refusal> {
    let form = || {
        bad(
            "masks",
            "遮挡写作 -12.5..8（度，画面中线为 0，左为负）或者 30%..45%（画面宽度）。",
            "A mask is written -12.5..8 (degrees, 0 the middle, negative to the left) or 30%..45% (of the width).",
        )
    };
    let mut out = Vec::new();
    for part in text.split([' ', '\n', '\r', '\t', ';', '；']).filter(|p| !p.is_empty()) {
        let (from, to) = part.split_once("..").ok_or_else(form)?;
        let mask = match (from.strip_suffix('%'), to.strip_suffix('%')) {
            (Some(from), Some(to)) => {
                let side = |t: &str| parse_tenths(t).and_then(|n| u16::try_from(n).ok()).filter(|n| *n <= WHOLE);
                let (left, right) = (side(from).ok_or_else(form)?, side(to).ok_or_else(form)?);
                Mask::of_picture(PictureRect { left, top: 0, right, bottom: WHOLE }, angle_ddeg)?
            }
            (None, None) => {
                let end = |t: &str| parse_tenths(t).and_then(|n| i16::try_from(n).ok()).filter(|n| n.abs() <= 1_800);
                Mask { from_ddeg: end(from).ok_or_else(form)?, to_ddeg: end(to).ok_or_else(form)? }
            }
            _ => return Err(form()),
        };
        if mask.from_ddeg >= mask.to_ddeg {
            return Err(bad("masks", "遮挡的左端须小于右端。", "A mask begins left of its end."));
        }
        if out.len() >= MASKS {
            return Err(bad("masks", "每台摄像机最多 8 处遮挡。", "A camera has at most 8 masks."));
        }
        out.push(mask);
    }
    out.sort_unstable();
    Ok(out)
}

/// The text that [`parse_masks`] reads.
#[must_use]
pub fn masks_text(masks: &[Mask]) -> String {
    masks.iter().map(|m| m.text()).collect::<Vec<_>>().join(" ")
}

/// How a camera looks; where it stands is its mark on the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aim {
    /// Direction of the middle of the picture, tenths of a degree, 0 up the plan, clockwise, below [`TURN_DDEG`].
    pub direction_ddeg: u16,
    /// Horizontal angle, [`ANGLE_DDEG`].
    pub angle_ddeg: u16,
    /// How far it sees, or to the wall, [`REACH_OF_VIEW_MM`].
    pub reach_mm: i64,
    /// What is masked, at most [`MASKS`].
    pub masks: Vec<Mask>,
}

impl Aim {
    /// Checks the numbers.
    ///
    /// # Errors
    /// `direction`, `angle`, `reach` or `masks`: outside its range.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.direction_ddeg >= TURN_DDEG {
            return Err(bad("direction", "方向须为 0 至 359.9 度。", "A direction is 0 to 359.9 degrees."));
        }
        if !ANGLE_DDEG.contains(&self.angle_ddeg) {
            return Err(bad("angle", "水平视角须为 1 至 360 度。", "A horizontal angle is 1 to 360 degrees."));
        }
        if !REACH_OF_VIEW_MM.contains(&self.reach_mm) {
            return Err(bad("reach", "可视距离须为 0.5 至 2000 米。", "A reach is 0.5 to 2,000 metres."));
        }
        let fine = |m: &Mask| m.from_ddeg < m.to_ddeg && m.from_ddeg >= -1_800 && m.to_ddeg <= 1_800;
        if self.masks.len() > MASKS || !self.masks.iter().all(fine) {
            return Err(bad(
                "masks",
                "遮挡最多 8 处，左端小于右端。",
                "At most 8 masks, each beginning left of its end.",
            ));
        }
        Ok(())
    }
}

/// A view on the ground.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Where the camera stands.
    pub at: Point,
    /// How it looks.
    pub aim: Aim,
}

/// What a view may meet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outline {
    /// A window or door from above.
    Line(Segment),
    /// A piece of ground, or a house front drawn as one.
    Ground(Polygon),
}

impl Outline {
    /// Its corners.
    #[must_use]
    pub fn corners(&self) -> Vec<Point> {
        match self {
            Self::Line(s) => vec![s.a, s.b],
            Self::Ground(p) => p.corners().to_vec(),
        }
    }
}

/// What is met, and where.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    /// Directions in which it is met, degrees from the middle of the picture, rising, apart.
    pub ranges_deg: Vec<(f64, f64)>,
    /// Distance of its nearest part that is met, mm.
    pub nearest_mm: i64,
}

impl Seen {
    /// Masks that would hide it: each a tenth of a degree wider than what is met, so that what only touches is hidden too.
    #[must_use]
    pub fn masks(&self) -> Vec<Mask> {
        let widened = |(from, to): &(f64, f64)| Mask {
            from_ddeg: whole((from * 10.0).floor() - 1.0).max(-1_800),
            to_ddeg: whole((to * 10.0).ceil() + 1.0).min(1_800),
        };
        self.ranges_deg.iter().map(widened).collect()
    }
}

impl View {
    /// Directions that are seen, degrees from the middle, rising, apart: the angle less the masks.
    #[must_use]
    pub fn open_deg(&self) -> Vec<(f64, f64)> {
        let half = f64::from(self.aim.angle_ddeg) / 20.0;
        let mut masks = self.aim.masks.clone();
        masks.sort_unstable();
        let (mut out, mut from) = (Vec::new(), -half);
        for m in masks {
            let (a, b) = (f64::from(m.from_ddeg) / 10.0, f64::from(m.to_ddeg) / 10.0);
            if a > from {
                out.push((from, a.min(half)));
            }
            from = from.max(b);
        }
        out.push((from, half));
        out.retain(|(a, b)| b - a > f64::EPSILON);
        out
    }

    /// Where this view meets an outline; `None` where it does not.
    #[must_use]
    pub fn seen(&self, outline: &Outline) -> Option<Seen> {
        let open = self.open_deg();
        if open.is_empty() {
            return None;
        }
        let (mut ranges, mut nearest) = (Vec::new(), f64::INFINITY);
        let edges = match outline {
            Outline::Line(s) => vec![*s],
            Outline::Ground(p) if p.holds(self.at) => return Some(Seen { ranges_deg: open, nearest_mm: 0 }),
            Outline::Ground(p) => p.edges().collect(),
        };
        for edge in edges {
            for (range, distance) in self.met(edge, &open) {
                ranges.push(range);
                nearest = nearest.min(distance);
            }
        }
        #[allow(clippy::cast_possible_truncation, reason = "within the reach")]
        let nearest_mm = nearest.min(1e12) as i64;
        (!ranges.is_empty()).then(|| Seen { ranges_deg: joined(ranges), nearest_mm })
    }

    /// Whether the camera stands in it.
    #[must_use]
    pub fn stands_in(&self, ground: &Polygon) -> bool {
        ground.holds(self.at)
    }

    /// Direction of a vector, degrees from the middle of the picture, -180 to 180.
    fn bearing(&self, (x, y): (f64, f64)) -> f64 {
        let clockwise_from_up = x.atan2(-y).to_degrees();
        let turned = clockwise_from_up - f64::from(self.aim.direction_ddeg) / 10.0;
        (turned + 180.0).rem_euclid(360.0) - 180.0
    }

    /// Parts of a segment that are met: directions and distance.
    fn met(&self, edge: Segment, open: &[(f64, f64)]) -> Vec<((f64, f64), f64)> {
        let Some((p, q)) = self.within_reach(edge) else { return Vec::new() };
        let nearest = distance(p, q);
        // Underneath it: every direction meets it.
        if nearest <= SLACK_MM {
            return open.iter().map(|o| (*o, 0.0)).collect();
        }
        let from = self.bearing(p);
        let sweep = (p.0 * q.1 - p.1 * q.0).atan2(p.0 * q.0 + p.1 * q.1).to_degrees();
        let (low, high) = if sweep < 0.0 { (from + sweep, from) } else { (from, from + sweep) };
        let mut out = Vec::new();
        for turn in [-360.0, 0.0, 360.0] {
            for (a, b) in open {
                let (begin, end) = ((low + turn).max(*a), (high + turn).min(*b));
                if begin <= end + SLACK_DEG {
                    out.push(((begin.min(end), begin.max(end)), nearest));
                }
            }
        }
        out
    }

    /// The part of a segment within the reach, seen from the camera; `None`: all of it lies beyond.
    fn within_reach(&self, edge: Segment) -> Option<((f64, f64), (f64, f64))> {
        let (p, q) = (self.seen_from_here(edge.a), self.seen_from_here(edge.b));
        #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
        let reach = self.aim.reach_mm as f64 + SLACK_MM;
        let along = (q.0 - p.0, q.1 - p.1);
        let a = along.0 * along.0 + along.1 * along.1;
        let b = 2.0 * (p.0 * along.0 + p.1 * along.1);
        let c = p.0 * p.0 + p.1 * p.1 - reach * reach;
        if a <= 0.0 {
            return (c <= 0.0).then_some((p, p));
        }
        let root = b * b - 4.0 * a * c;
        if root < 0.0 {
            return None;
        }
        let root = root.sqrt();
        let (t0, t1) = (((-b - root) / (2.0 * a)).max(0.0), ((-b + root) / (2.0 * a)).min(1.0));
        let point = |t: f64| (p.0 + along.0 * t, p.1 + along.1 * t);
        (t0 <= t1).then(|| (point(t0), point(t1)))
    }

    #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
    fn seen_from_here(&self, p: Point) -> (f64, f64) {
        ((p.x_mm - self.at.x_mm) as f64, (p.y_mm - self.at.y_mm) as f64)
    }

    /// The point in a direction (degrees from the middle) at the end of the reach.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "within the reach, which is below 2^53"
    )]
    pub fn end(&self, deg: f64) -> Point {
        let turn = (f64::from(self.aim.direction_ddeg) / 10.0 + deg).to_radians();
        let reach = self.aim.reach_mm as f64;
        let (x, y) = (turn.sin() * reach, -turn.cos() * reach);
        Point::new(self.at.x_mm + x.round() as i64, self.at.y_mm + y.round() as i64)
    }

    /// What is seen, to be drawn: a piece for each open range, corners along the arc every five degrees at most.
    #[must_use]
    pub fn pieces(&self) -> Vec<Vec<Point>> {
        let piece = |(from, to): (f64, f64)| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 72")]
            let steps = ((to - from) / 5.0).ceil().max(1.0) as u32;
            let at = |n: u32| self.end(from + (to - from) * f64::from(n) / f64::from(steps));
            let whole_turn = to - from >= 360.0 - SLACK_DEG;
            let centre = (!whole_turn).then_some(self.at);
            centre.into_iter().chain((0..=steps).map(at)).collect()
        };
        self.open_deg().into_iter().map(piece).collect()
    }
}

/// Distance of a segment from the origin.
fn distance(p: (f64, f64), q: (f64, f64)) -> f64 {
    let along = (q.0 - p.0, q.1 - p.1);
    let a = along.0 * along.0 + along.1 * along.1;
    let t = if a > 0.0 { (-(p.0 * along.0 + p.1 * along.1) / a).clamp(0.0, 1.0) } else { 0.0 };
    (p.0 + along.0 * t).hypot(p.1 + along.1 * t)
}

/// Ranges rising and apart.
fn joined(mut ranges: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f64, f64)> = Vec::new();
    for (from, to) in ranges {
        match out.last_mut() {
            Some(last) if from <= last.1 + SLACK_DEG => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}
