//! The drawn picture of a simulated camera: a place with people, the running clock, the camera's name and the frame's bar code.
//!
//! Flow: place + seed -> still set (rendered once, in two light layers) -> each frame: the hour's light, what moves, name, clock
//! and strip -> Y, Cb, Cr planes for the encoder. The strip is documented in `strip`.
//! Invariant: place, seed, size, name, frame number and time decide every byte of the picture.

pub mod canvas;
pub mod figure;
pub mod font;
pub mod places;
pub mod space;
pub mod strip;
pub mod trace;

use base::UtcMs;
use base::time::SHANGHAI_OFFSET_MS;
use canvas::Canvas;
use figure::Brush;
use places::Stage;
use space::{V3, v3};
pub use strip::{Strip, read_strip};
use trace::Layers;

/// Which scene a simulated camera shows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A hotel lobby with reception, lounge and entrance.
    #[default]
    Lobby,
    /// A gate on a street with a guard's booth and a barrier.
    Gate,
    /// A hotel corridor with doors on both sides.
    Corridor,
}

impl Place {
    /// Reads `lobby`, `gate` or `corridor`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "lobby" => Some(Self::Lobby),
            "gate" => Some(Self::Gate),
            "corridor" => Some(Self::Corridor),
            _ => None,
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Lobby => 0,
            Self::Gate => 1,
            Self::Corridor => 2,
        }
    }
}

/// A picture size that the scenes are drawn for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
pub enum Size {
    /// 320 by 180 pixels, as a camera's second stream has.
    #[serde(rename = "320x180")]
    Tiny,
    /// 640 by 360 pixels.
    #[default]
    #[serde(rename = "640x360")]
    Small,
    /// 1280 by 720 pixels.
    #[serde(rename = "1280x720")]
    Large,
}

impl Size {
    /// Pixels across and down.
    #[must_use]
    pub const fn pixels(self) -> (usize, usize) {
        match self {
            Self::Tiny => (320, 180),
            Self::Small => (640, 360),
            Self::Large => (1280, 720),
        }
    }

    /// Reads `320x180`, `640x360` or `1280x720`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "320x180" => Some(Self::Tiny),
            "640x360" => Some(Self::Small),
            "1280x720" => Some(Self::Large),
            _ => None,
        }
    }
}

/// Planes of one picture, 4:2:0, BT.709 video range, without padding.
pub struct Planes<'a> {
    /// Luma.
    pub y: &'a [u8],
    /// Blue difference.
    pub cb: &'a [u8],
    /// Red difference.
    pub cr: &'a [u8],
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
}

/// Daylight is redrawn when it has changed by one of this many steps.
const DAYLIGHT_STEPS: f32 = 96.0;

/// One camera's scene.
pub struct Scene {
    place: Place,
    name: String,
    stage: Stage,
    layers: Layers,
    canvas: Canvas,
    shown_step: Option<i32>,
}

impl Scene {
    /// Renders the still part (a few tenths of a second of CPU at 640x360) and is then ready to draw.
    /// `name` is shown in the picture: Latin letters, digits and `-.:/#_+()`, at most 40 characters are drawn.
    #[must_use]
    pub fn new(place: Place, seed: u64, size: Size, name: &str) -> Self {
        let (width, height) = size.pixels();
        let stage = Stage::new(place, seed, width, height);
        let mut layers = stage.set.render(&stage.camera, width, height);
        let canvas = Canvas::new(width, height, std::mem::take(&mut layers.depth));
        Self { place, name: name.chars().take(40).collect(), stage, layers, canvas, shown_step: None }
    }

    /// Draws frame `frame_no` as it looks at `at`.
    pub fn draw(&mut self, frame_no: u32, at: UtcMs) -> Planes<'_> {
        let daylight = daylight(at);
        self.light(daylight);
        self.canvas.begin();
        let (lamps, day) = mix(self.place, daylight);
        let light = self.stage.figure_light.0 * lamps + self.stage.figure_light.1.tint(day);
        let mut brush = Brush { canvas: &mut self.canvas, camera: &self.stage.camera, light };
        self.stage.draw(&mut brush, at.0 as f64 / 1000.0, daylight < 0.35);
        let (width, height) = (self.canvas.width, self.canvas.height);
        let dot = height / 180;
        self.canvas.text(&clock_text(at), 8 * dot, 7 * dot, dot);
        let name_top = height - strip::strip_height(height) - 7 * dot - font::GLYPH_HEIGHT * dot;
        let name_width = self.name.chars().count() * font::ADVANCE * dot;
        self.canvas.text(&self.name, width.saturating_sub(name_width + 8 * dot), name_top, dot);
        let (y, cb, cr) = self.canvas.finish();
        let strip =
            Strip { place: self.place.number(), frame_no, utc_ms: u64::try_from(at.0).unwrap_or(0) & 0xffff_ffff_ffff };
        strip::draw_strip(y, width, height, strip);
        let row = (height - strip::strip_height(height)) / 2 * (width / 2);
        cb[row..].fill(128);
        cr[row..].fill(128);
        Planes { y, cb, cr, width, height }
    }

    /// The picture without strip as last drawn, gamma-coded pixels line by line (for looking at it).
    #[must_use]
    pub fn pixels(&self) -> &[canvas::Rgb] {
        self.canvas.pixels()
    }

    fn light(&mut self, daylight: f32) {
        let step = (daylight * DAYLIGHT_STEPS).round() as i32;
        if self.shown_step != Some(step) {
            let (lamps, day) = mix(self.place, step as f32 / DAYLIGHT_STEPS);
            self.canvas.set_backdrop(self.layers.expose(self.canvas.width, lamps, day));
            self.shown_step = Some(step);
        }
    }
}

/// How light it is outside, 0 (night) to 1, by Beijing time: dawn 5:30 to 7:30, dusk 16:30 to 18:30.
#[must_use]
pub fn daylight(at: UtcMs) -> f32 {
    let of_day_ms = at.0.saturating_add(SHANGHAI_OFFSET_MS).rem_euclid(base::time::DAY_MS);
    let hour = of_day_ms as f32 / 3_600_000.0;
    let part = ((hour - 5.5) / 2.0).clamp(0.0, 1.0).min(((18.5 - hour) / 2.0).clamp(0.0, 1.0));
    part * part * (3.0 - 2.0 * part)
}

/// How much of the lamps' and of the day's light there is.
fn mix(place: Place, daylight: f32) -> (f32, V3) {
    // Low sun is warm.
    let warm = (1.0 - (daylight - 0.5).abs() * 2.0).max(0.0);
    let day = v3(1.0 + 0.12 * warm, 1.0 - 0.02 * warm, 1.0 - 0.16 * warm) * daylight;
    match place {
        Place::Gate => ((1.0 - daylight * 1.5).max(0.0), day),
        Place::Lobby | Place::Corridor => (1.0 - 0.22 * daylight, day),
    }
}

/// `2026-11-21 18:30:05.123`, Beijing time.
fn clock_text(at: UtcMs) -> String {
    at.gb28181().replacen('T', " ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UtcMs = UtcMs(1_763_697_600_123);

    #[test]
    fn the_hours_have_their_light() {
        let hour = 3_600_000;
        assert_eq!(clock_text(NOON), "2025-11-21 12:00:00.123");
        assert!(daylight(NOON) > 0.999 && daylight(NOON.plus_ms(12 * hour)) < 0.001);
        let dawn = daylight(NOON.plus_ms(-11 * hour / 2));
        assert!(dawn > 0.4 && dawn < 0.6, "{dawn}");
        assert!((0.0..=1.0).contains(&daylight(UtcMs(i64::MAX))) && (0.0..=1.0).contains(&daylight(UtcMs(i64::MIN))));
    }

    #[test]
    fn the_same_inputs_draw_the_same_picture_and_others_do_not() {
        let draw = |seed, frame, at| {
            let mut scene = Scene::new(Place::Corridor, seed, Size::Tiny, "CAM-1");
            let planes = scene.draw(frame, at);
            (planes.y.to_vec(), planes.cb.to_vec())
        };
        let first = draw(1, 5, NOON);
        assert_eq!(first, draw(1, 5, NOON));
        assert_ne!(first, draw(2, 5, NOON));
        assert_ne!(first, draw(1, 5, NOON.plus_ms(40)));
    }

    #[test]
    fn a_frame_drawn_after_others_is_the_frame_drawn_alone() {
        let mut scene = Scene::new(Place::Gate, 3, Size::Tiny, "GATE 2");
        for i in 0..20 {
            scene.draw(i, NOON.plus_ms(i64::from(i) * 4_000));
        }
        let after: Vec<u8> = scene.draw(77, NOON.plus_ms(9_000)).y.to_vec();
        let mut fresh = Scene::new(Place::Gate, 3, Size::Tiny, "GATE 2");
        let alone = fresh.draw(77, NOON.plus_ms(9_000));
        assert!(after == alone.y, "something of an earlier frame stayed");
        let strip = read_strip(alone.y, alone.width, alone.width, alone.height);
        assert_eq!(strip, Some(Strip { place: 1, frame_no: 77, utc_ms: u64::try_from(NOON.0).unwrap() + 9_000 }));
    }
}
