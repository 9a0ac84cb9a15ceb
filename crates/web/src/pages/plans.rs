//! Plans of areas: which areas have one, one plan with its marks and the form that puts them; and as an incident shows it.

use super::{AppBar, Choice, FormErrors, Say};
use askama::Template;
use base::{Lang, Text};

/// A mark as it is drawn.
#[derive(Debug, Clone, Default)]
pub struct PlanMark {
    /// Form value.
    pub code: String,
    /// A zone; else a camera.
    pub zone: bool,
    /// It belongs to the alarm.
    pub on: bool,
    /// Its name is written beside it.
    pub named: bool,
    /// From the left, pixels of the picture.
    pub x: u32,
    /// From the top, pixels of the picture.
    pub y: u32,
    /// From the left, thousandths.
    pub x_per_mille: u16,
    /// From the top, thousandths.
    pub y_per_mille: u16,
    /// Name.
    pub name: String,
}

impl PlanMark {
    /// Side on which the name has room: `start`, `middle` or `end` of the text at the mark.
    #[must_use]
    pub const fn anchor(&self) -> &'static str {
        match self.x_per_mille {
            0..=200 => "start",
            201..=800 => "middle",
            _ => "end",
        }
    }

    /// Where the name stands below the mark, or above it near the lower edge, in sizes of the mark.
    #[must_use]
    pub const fn line(&self) -> &'static str {
        if self.y_per_mille > 880 { "-1.7" } else { "2.9" }
    }
}

/// A line or piece of ground on a plan: a view, a window, a public area.
#[derive(Debug, Clone, Default)]
pub struct PlanStroke {
    /// Class of its looks.
    pub class: &'static str,
    /// Path, pixels of the picture.
    pub d: String,
    /// What it is.
    pub title: String,
    /// Written beside it; empty: nothing.
    pub label: String,
    /// Where that is written, pixels of the picture.
    pub at: (i64, i64),
}

/// A plan as it is drawn.
#[derive(Debug, Clone, Default)]
pub struct PlanPicture {
    /// Id.
    pub id: String,
    /// Changes with the picture, so that none is shown from before.
    pub version: String,
    /// Name of its area.
    pub area: Text,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Views and what they may meet, below the marks.
    pub strokes: Vec<PlanStroke>,
    /// Marks; those of the alarm last, so that nothing lies over them.
    pub marks: Vec<PlanMark>,
}

impl PlanPicture {
    /// Half the size of a mark, pixels of the picture: the same on the screen whatever the picture's size.
    #[must_use]
    pub fn size(&self) -> u32 {
        (self.width / 44).max(1)
    }

    /// The zone of the alarm stands on it.
    #[must_use]
    pub fn has_zone(&self) -> bool {
        self.marks.iter().any(|m| m.zone && m.on)
    }
}

/// A plan on the page of an incident.
#[derive(Debug, Clone, Default)]
pub struct AlarmPlanView {
    /// It.
    pub picture: PlanPicture,
    /// Cameras near the zone, the nearest first: id and name.
    pub near: Vec<(String, String)>,
}

/// One plan of the list.
#[derive(Debug, Clone, Default)]
pub struct PlanLine {
    /// Id.
    pub id: String,
    /// Its area.
    pub area: Text,
    /// Width and height, pixels.
    pub size: (u32, u32),
    /// Cameras on it.
    pub cameras: usize,
    /// Zones on it.
    pub zones: usize,
}

/// `GET /plans?area=`: which areas have a plan. Fields of the form: `area`, `picture` (a file).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "plans.html")]
pub struct PlansPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Plans by area.
    pub plans: Vec<PlanLine>,
    /// Areas to choose from.
    pub areas: Vec<Choice>,
}

/// `GET /plans/{id}`. Fields of the form: `what`, `x`, `y`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "plan.html")]
pub struct PlanPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// It.
    pub picture: PlanPicture,
    /// Path of its area, as the form of pictures names it.
    pub area: String,
    /// Cameras and zones to put on it.
    pub choices: Vec<Choice>,
    /// As typed.
    pub x: String,
    /// As typed.
    pub y: String,
}
