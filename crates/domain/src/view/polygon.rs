//! Points, segments and simple polygons on the ground, whole millimetres: every answer here is exact.
//!
//! text of a form or row -> [`parse_points`] -> [`Polygon::new`] (three to [`VERTICES`] corners, no crossing, no doubled corner, some
//! ground inside) -> [`Polygon::holds`]. Coordinates stay within [`REACH_MM`], so that no product overflows.

use base::{Refusal, Text};

/// Most corners of a polygon.
pub const VERTICES: usize = 64;
/// Farthest coordinate from the corner of a plan, mm (1,000 km): what is drawn lies within it.
pub const REACH_MM: i64 = 1_000_000_000;

/// A point of the ground, mm from the left upper corner of the plan, x to the right, y down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Point {
    /// To the right.
    pub x_mm: i64,
    /// Down.
    pub y_mm: i64,
}

impl Point {
    /// A point.
    #[must_use]
    pub const fn new(x_mm: i64, y_mm: i64) -> Self {
        Self { x_mm, y_mm }
    }

    pub(crate) const fn lies_near(self) -> bool {
        self.x_mm.abs() <= REACH_MM && self.y_mm.abs() <= REACH_MM
    }
}

/// Twice the signed area of a triangle: on which side of a to b the third point lies; 0 on the line. Within [`REACH_MM`] it is below 2^63.
const fn side(a: Point, b: Point, c: Point) -> i64 {
    (b.x_mm - a.x_mm) * (c.y_mm - a.y_mm) - (b.y_mm - a.y_mm) * (c.x_mm - a.x_mm)
}

/// A straight line between two points.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Segment {
    /// One end.
    pub a: Point,
    /// The other.
    pub b: Point,
}

impl Segment {
    /// Whether a point lies on it, ends included.
    #[must_use]
    pub fn holds(&self, p: Point) -> bool {
        let within = |v: i64, m: i64, n: i64| m.min(n) <= v && v <= m.max(n);
        side(self.a, self.b, p) == 0
            && within(p.x_mm, self.a.x_mm, self.b.x_mm)
            && within(p.y_mm, self.a.y_mm, self.b.y_mm)
    }

    /// Whether two segments share a point.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let (one, two) = (side(self.a, self.b, other.a).signum(), side(self.a, self.b, other.b).signum());
        let (three, four) = (side(other.a, other.b, self.a).signum(), side(other.a, other.b, self.b).signum());
        (one * two < 0 && three * four < 0)
            || self.holds(other.a)
            || self.holds(other.b)
            || other.holds(self.a)
            || other.holds(self.b)
    }
}

/// A polygon whose edges do not cross: a piece of ground.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Polygon(Vec<Point>);

fn bad(what: Text) -> Refusal {
    let next = Text::new("请按顺序沿边界逐点重画。", "Draw it again, corner by corner along its edge.");
    Refusal::bad_input("points", what, next)
}

impl Polygon {
    /// A polygon of these corners, in order; the last joins the first.
    ///
    /// # Errors
    /// `points`: fewer than three or more than [`VERTICES`] corners, a corner too far away or doubled, edges that cross or touch, or no
    /// ground inside.
    pub fn new(corners: Vec<Point>) -> Result<Self, Refusal> {
        let n = corners.len();
        if !(3..=VERTICES).contains(&n) {
            let zh = format!("区域须有 3 至 {VERTICES} 个角，现有 {n} 个。");
            return Err(bad(Text::of(zh, format!("An area has 3 to {VERTICES} corners, this one has {n}."))));
        }
        if !corners.iter().all(|p| p.lies_near()) {
            return Err(bad(Text::new("有的角离平面图太远。", "A corner lies too far from the plan.")));
        }
        let polygon = Self(corners);
        let edges: Vec<Segment> = polygon.edges().collect();
        for (i, e) in edges.iter().enumerate() {
            if e.a == e.b {
                let at = i + 1;
                return Err(bad(Text::of(
                    format!("第 {at} 个角与下一个角重合。"),
                    format!("Corner {at} and the next are one point."),
                )));
            }
        }
        if let Some((i, j)) = crossing(&edges) {
            let (i, j) = (i + 1, j + 1);
            return Err(bad(Text::of(
                format!("第 {i} 条边与第 {j} 条边相交或相叠。"),
                format!("Edges {i} and {j} cross or lie on each other."),
            )));
        }
        Ok(polygon)
    }

    /// As [`Polygon::new`], of corners that were checked in another measure.
    pub(super) const fn checked_before(corners: Vec<Point>) -> Self {
        Self(corners)
    }

    /// Corners in order.
    #[must_use]
    pub fn corners(&self) -> &[Point] {
        &self.0
    }

    /// Edges in order; the last joins the last corner and the first.
    pub fn edges(&self) -> impl Iterator<Item = Segment> + '_ {
        let next = self.0.iter().cycle().skip(1);
        self.0.iter().zip(next).map(|(a, b)| Segment { a: *a, b: *b })
    }

    /// Whether a point lies inside or on the edge.
    #[must_use]
    pub fn holds(&self, p: Point) -> bool {
        let mut inside = false;
        for e in self.edges() {
            if e.holds(p) {
                return true;
            }
            // A ray to the right crosses the edge: counted half open, so that a corner counts once.
            let (low, high) = if e.a.y_mm <= e.b.y_mm { (e.a, e.b) } else { (e.b, e.a) };
            if low.y_mm <= p.y_mm && p.y_mm < high.y_mm && side(low, high, p) > 0 {
                inside = !inside;
            }
        }
        inside
    }
}

/// Two edges that share more than the corner that joins them.
fn crossing(edges: &[Segment]) -> Option<(usize, usize)> {
    let n = edges.len();
    for (i, e) in edges.iter().enumerate() {
        for (j, f) in edges.iter().enumerate().skip(i + 1) {
            let next = j == i + 1;
            let around = i == 0 && j == n - 1;
            let crosses = match (next, around) {
                // Neighbours share one corner; they lie on each other when an outer end lies on the other edge.
                (true, _) => e.holds(f.b) || f.holds(e.a),
                (_, true) => f.holds(e.b) || e.holds(f.a),
                _ => e.meets(f),
            };
            if crosses {
                return Some((i, j));
            }
        }
    }
    None
}

/// Pairs `x,y` parted by spaces, line ends or `;`; `None` where it is none, or more than [`VERTICES`]. Each number from 0 to `most`.
#[must_use]
pub fn parse_points(text: &str, most: u16) -> Option<Vec<(u16, u16)>> {
    let mut out = Vec::new();
    for part in text.split([' ', '\n', '\r', '\t', ';']).filter(|p| !p.is_empty()) {
        let (x, y) = part.split_once([',', '，'])?;
        let number = |t: &str| t.trim().parse::<u16>().ok().filter(|n| *n <= most);
        if out.len() >= VERTICES {
            return None;
        }
        out.push((number(x)?, number(y)?));
    }
    (!out.is_empty()).then_some(out)
}

/// The text that [`parse_points`] reads.
#[must_use]
pub fn points_text(points: &[(u16, u16)]) -> String {
    points.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}
