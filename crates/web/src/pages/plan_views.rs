//! Views of cameras, windows and doors of homes and public areas on a plan; and the list of kinds of place with what each pack says.

use super::plans::PlanPicture;
use super::{AppBar, Choice, FormErrors, Say};
use askama::Template;
use base::{Citation, Lang, Text};

/// What a view meets, in words.
#[derive(Debug, Clone, Default)]
pub struct MetLine {
    /// Kind of shape.
    pub kind: Text,
    /// Its name.
    pub name: String,
    /// A window or door of a home.
    pub home: bool,
    /// The camera stands in it.
    pub stands_in: bool,
    /// Directions in which it is met, degrees from the middle: `-3.6..3.6`; empty: not met.
    pub directions: String,
    /// Distance of its nearest part, metres.
    pub distance_m: String,
}

/// A camera's view, in words.
#[derive(Debug, Clone, Default)]
pub struct LookLine {
    /// Camera.
    pub camera: String,
    /// Its name.
    pub name: String,
    /// Direction, degrees.
    pub direction: String,
    /// Horizontal angle, degrees.
    pub angle: String,
    /// Reach, metres.
    pub reach: String,
    /// Masks; empty: none.
    pub masks: String,
    /// What it meets.
    pub met: Vec<MetLine>,
}

impl LookLine {
    /// It meets a home, unmasked.
    #[must_use]
    pub fn faces_homes(&self) -> bool {
        self.met.iter().any(|m| m.home)
    }
}

/// The newest version of a shape.
#[derive(Debug, Clone, Default)]
pub struct ShapeLine {
    /// Number on the plan.
    pub number: u32,
    /// Version.
    pub version: u32,
    /// Form value of its kind.
    pub code: String,
    /// Kind.
    pub kind: Text,
    /// Name.
    pub name: String,
    /// Decision or reason.
    pub decision: String,
    /// First day of this version.
    pub from: String,
    /// Stands today, begins later, or was taken away.
    pub state: Text,
    /// This version takes it away.
    pub ended: bool,
}

/// A view that the law refuses.
#[derive(Debug, Clone, Default)]
pub struct ViewRefused {
    /// What.
    pub what: Text,
    /// What next.
    pub next: Text,
    /// Clauses.
    pub why: Vec<Citation>,
    /// What it meets.
    pub met: Vec<MetLine>,
    /// Masks that would hide every home, with those that are there; empty: none would do.
    pub masks: String,
}

/// Fields of the form of a view, as typed.
#[derive(Debug, Clone, Default)]
pub struct ViewFields {
    /// Cameras to choose from.
    pub cameras: Vec<Choice>,
    /// Thousandths.
    pub x: String,
    /// Thousandths.
    pub y: String,
    /// Degrees.
    pub direction: String,
    /// Degrees.
    pub angle: String,
    /// Metres.
    pub reach: String,
    /// Masks.
    pub masks: String,
    /// Number of the approval.
    pub approval: String,
    /// Why it moves.
    pub why: String,
    /// The police's agreement to that.
    pub agreement: String,
    /// The two are asked for: a refusal named them, or they were typed.
    pub asks_why: bool,
}

/// Fields of the form of a shape, as typed.
#[derive(Debug, Clone, Default)]
pub struct ShapeFields {
    /// Number; 0: a new one.
    pub number: u32,
    /// Kinds to choose from.
    pub kinds: Vec<Choice>,
    /// Name.
    pub name: String,
    /// Corners.
    pub points: String,
    /// Decision.
    pub decision: String,
    /// First day.
    pub from: String,
}

/// `GET /plans/{id}/views?camera=&shape=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "plan_views.html")]
pub struct PlanViewsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// The plan with what is drawn on it.
    pub picture: PlanPicture,
    /// Width on the ground, metres, as typed; empty: unknown.
    pub width: String,
    /// Width on the ground, mm; 0: unknown.
    pub width_mm: i64,
    /// How cameras look.
    pub looks: Vec<LookLine>,
    /// Newest versions of shapes.
    pub shapes: Vec<ShapeLine>,
    /// A view that was refused.
    pub refused: Option<ViewRefused>,
    /// Form of a view.
    pub view: ViewFields,
    /// Form of a shape.
    pub shape: ShapeFields,
}

/// One thing a pack says of a place.
#[derive(Debug, Clone)]
pub struct SayLine {
    /// Word in packs: `may_not`.
    pub code: &'static str,
    /// What it says, with whom it names.
    pub what: Text,
    /// The clause.
    pub citation: Citation,
    /// Read by its evident meaning.
    pub evident: bool,
    /// The surviving words of a lost item.
    pub fragment: Option<String>,
    /// What these are about is lost.
    pub unknown: bool,
    /// Sites it is about; empty: all.
    pub site: Text,
    /// Remark; empty: none.
    pub note: Text,
}

/// A kind of place, or a category, with what is said of it.
#[derive(Debug, Clone, Default)]
pub struct PlaceLine {
    /// Word.
    pub code: String,
    /// Name.
    pub name: Text,
    /// What is said of it; empty: nothing.
    pub says: Vec<SayLine>,
}

impl PlaceLine {
    /// Some pack forbids it.
    #[must_use]
    pub fn forbidden(&self) -> bool {
        self.says.iter().any(|s| s.code == "may_not")
    }
}

/// `GET /places?province=&on=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "places.html")]
pub struct PlacesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was asked.
    pub errors: FormErrors,
    /// Provinces to choose from.
    pub provinces: Vec<Choice>,
    /// The day asked about.
    pub on: String,
    /// Kinds of place by whether some pack forbids them: forbidden, then the rest.
    pub kinds: Vec<PlaceLine>,
    /// Categories of unit, place and part.
    pub categories: Vec<PlaceLine>,
}
