//! What is drawn on a plan beside cameras: windows and doors of homes, social public areas. Each change is a version with its first day
//! and, for a public area, the decision that fixed its extent (B-14-2); a version without corners takes the shape away.
//!
//! versions -> [`on_day`]: what stands on a day -> [`sights`]: which of it a view meets.

use super::{Ground, Outline, Point, Polygon, Seen, Segment, View};
use base::{CivilDate, Refusal, Text, limits};
use law::PlaceKind;

/// Most shapes of a plan, also those taken away.
pub const SHAPES: usize = 300;

/// What a shape is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ShapeKind {
    /// 居民住宅窗口.
    HomeWindow,
    /// 居民住宅门口.
    HomeDoor,
    /// 社会公共区域, of a kind that the law takes for one (A-8-2, B-13-1, B-14-2).
    PublicArea(PlaceKind),
}

impl ShapeKind {
    /// All, in the order shown.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let areas = PlaceKind::ALL.iter().copied().filter(|k| k.is_social_public_area()).map(Self::PublicArea);
        [Self::HomeWindow, Self::HomeDoor].into_iter().chain(areas).collect()
    }

    /// Word in rows and forms.
    #[must_use]
    pub fn code(self) -> String {
        match self {
            Self::HomeWindow => "home_window".to_owned(),
            Self::HomeDoor => "home_door".to_owned(),
            Self::PublicArea(kind) => format!("area:{}", kind.key()),
        }
    }

    /// Reads a word; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::all().into_iter().find(|k| k.code() == code)
    }

    /// Name for people.
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::HomeWindow => Text::new("住宅窗口", "window of a home"),
            Self::HomeDoor => Text::new("住宅门口", "door of a home"),
            Self::PublicArea(kind) => {
                let name = kind.name();
                Text::of(format!("社会公共区域：{}", name.zh), format!("social public area: {}", name.en))
            }
        }
    }

    /// A window or door of a home.
    #[must_use]
    pub const fn is_home(self) -> bool {
        matches!(self, Self::HomeWindow | Self::HomeDoor)
    }
}

/// One version of a shape.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Its number on the plan, from 1; versions share it.
    pub number: u32,
    /// From 1, rising.
    pub version: u32,
    /// What it is.
    pub kind: ShapeKind,
    /// Name, e.g. `3号楼二层东窗`.
    pub name: String,
    /// Corners, thousandths of width and height; empty: taken away.
    pub points: Vec<(u16, u16)>,
    /// The decision it rests on (government, day, number), or why it was drawn or taken away.
    pub decision: String,
    /// First day of this version.
    pub from: CivilDate,
}

/// A shape on the ground.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// Its number on the plan.
    pub number: u32,
    /// Its version.
    pub version: u32,
    /// What it is.
    pub kind: ShapeKind,
    /// Name.
    pub name: String,
    /// Where it lies.
    pub outline: Outline,
}

/// What a view has to do with a shape.
#[derive(Clone, PartialEq, Debug)]
pub struct Sight {
    /// Number of the shape.
    pub number: u32,
    /// What it is.
    pub kind: ShapeKind,
    /// Its name.
    pub name: String,
    /// The camera stands in it.
    pub stands_in: bool,
    /// What of it is met, unmasked; `None`: only stood in.
    pub seen: Option<Seen>,
}

/// Checks corners, in thousandths: two make a line, more a polygon; a public area is a polygon. What is simple in thousandths is simple
/// on the ground whatever the scale.
fn check_points(kind: ShapeKind, points: &[(u16, u16)]) -> Result<(), Refusal> {
    let corners: Vec<Point> = points.iter().map(|(x, y)| Point::new(i64::from(*x), i64::from(*y))).collect();
    match corners.as_slice() {
        [a, b] if kind.is_home() && a == b => {
            let what = Text::new("两个端点重合。", "Both ends are one point.");
            Err(Refusal::bad_input(
                "points",
                what,
                Text::new("请点出门窗的两端。", "Mark both ends of the window or door."),
            ))
        }
        [_, _] if kind.is_home() => Ok(()),
        _ => Polygon::new(corners).map(|_| ()),
    }
}

/// Where checked corners lie. Nothing is left out: what rounding to millimetres makes flat is still met where it lies.
fn outline(ground: &Ground, kind: ShapeKind, points: &[(u16, u16)]) -> Outline {
    let corners: Vec<Point> = points.iter().map(|(x, y)| ground.point(*x, *y)).collect();
    match corners.as_slice() {
        [a, b] if kind.is_home() => Outline::Line(Segment { a: *a, b: *b }),
        _ => Outline::Ground(Polygon::checked_before(corners)),
    }
}

/// Checks a version before it is stored.
///
/// # Errors
/// `name`, `decision` (needed for a public area and to take a shape away), `points`.
pub fn check_shape(shape: &Shape) -> Result<(), Refusal> {
    let next = || Text::new("请更正后重新提交。", "Correct it and submit again.");
    let long = |t: &str| t.chars().count() > limits::NAME_CHARS || t.chars().any(char::is_control);
    if shape.name.is_empty() || long(&shape.name) {
        let what = Text::new("名称未填写或过长。", "The name is empty or too long.");
        return Err(Refusal::bad_input("shape_name", what, next()));
    }
    let needed = !shape.kind.is_home() || shape.points.is_empty();
    if long(&shape.decision) || (needed && shape.decision.is_empty()) {
        let what = Text::new(
            "请填写依据：公共区域填政府决定的机关、日期和文号，移除时填理由。",
            "Name the ground: of a public area the decision (government, day, number), of a removal the reason.",
        );
        return Err(Refusal::bad_input("decision", what, next()));
    }
    if shape.points.is_empty() { Ok(()) } else { check_points(shape.kind, &shape.points) }
}

/// What stands on a day: of each number the newest version that has begun, unless it takes the shape away.
#[must_use]
pub fn on_day(ground: &Ground, shapes: &[Shape], on: CivilDate) -> Vec<Drawn> {
    let mut newest: Vec<&Shape> = Vec::new();
    for s in shapes.iter().filter(|s| s.from <= on) {
        match newest.iter_mut().find(|n| n.number == s.number) {
            Some(n) if n.version < s.version => *n = s,
            Some(_) => {}
            None => newest.push(s),
        }
    }
    newest.sort_by_key(|s| s.number);
    let drawn = |s: &Shape| {
        let outline = outline(ground, s.kind, &s.points);
        Drawn { number: s.number, version: s.version, kind: s.kind, name: s.name.clone(), outline }
    };
    newest.into_iter().filter(|s| !s.points.is_empty()).map(drawn).collect()
}

/// What a view meets or stands in, in the order of the numbers.
#[must_use]
pub fn sights(view: &View, drawn: &[Drawn]) -> Vec<Sight> {
    let sight = |d: &Drawn| {
        let stands_in =
            matches!((&d.kind, &d.outline), (ShapeKind::PublicArea(_), Outline::Ground(p)) if view.stands_in(p));
        let seen = view.seen(&d.outline);
        let kind = d.kind;
        (stands_in || seen.is_some()).then(|| Sight { number: d.number, kind, name: d.name.clone(), stands_in, seen })
    };
    drawn.iter().filter_map(sight).collect()
}
