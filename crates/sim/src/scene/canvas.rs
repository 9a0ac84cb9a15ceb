//! A picture in the making: colour, depth and the places touched since the last frame.
//!
//! Flow: the still backdrop is set once; every frame the touched rectangles are restored, moving things are drawn over them with
//! soft edges, and only touched rectangles are converted to YCbCr 4:2:0 (BT.709, video range), the rest is kept.
//! Invariants: drawing outside the picture is cut off; a thing behind the backdrop's depth is hidden by it.

use super::font;
use super::space::{Spot, V3};

/// One colour as stored, gamma-coded red, green, blue.
pub type Rgb = [u8; 3];

/// A rectangle of pixels, even-aligned, right and bottom exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Rect {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

/// The picture. Sizes are even.
pub struct Canvas {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    backdrop: Vec<Rgb>,
    depth: Vec<f32>,
    pixels: Vec<Rgb>,
    /// Y plane, then Cb, then Cr, without padding.
    yuv: Vec<u8>,
    touched: Vec<Rect>,
}

impl Canvas {
    /// A canvas over `backdrop` with the depth of each of its pixels (metres).
    #[must_use]
    pub fn new(width: usize, height: usize, depth: Vec<f32>) -> Self {
        let black = vec![[0; 3]; width * height];
        let yuv = vec![128; width * height * 3 / 2];
        Self { width, height, backdrop: black.clone(), depth, pixels: black, yuv, touched: Vec::new() }
    }

    /// Replaces the backdrop (the light has changed).
    pub fn set_backdrop(&mut self, backdrop: Vec<Rgb>) {
        if backdrop.len() != self.width * self.height {
            return;
        }
        self.pixels.clone_from(&backdrop);
        self.backdrop = backdrop;
        self.touched.clear();
        self.convert(Rect { left: 0, top: 0, right: self.width, bottom: self.height });
    }

    /// Starts a frame: what the last one drew is wiped.
    pub fn begin(&mut self) {
        for r in std::mem::take(&mut self.touched) {
            for y in r.top..r.bottom {
                let line = y * self.width;
                self.pixels[line + r.left..line + r.right]
                    .copy_from_slice(&self.backdrop[line + r.left..line + r.right]);
            }
            self.convert(r);
        }
    }

    /// Ends a frame and gives its planes: Y, Cb, Cr.
    pub fn finish(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        for r in self.touched.clone() {
            self.convert(r);
        }
        let (y, rest) = self.yuv.split_at_mut(self.width * self.height);
        let (cb, cr) = rest.split_at_mut(self.width * self.height / 4);
        (y, cb, cr)
    }

    /// The pixels, gamma-coded, line by line.
    #[must_use]
    pub fn pixels(&self) -> &[Rgb] {
        &self.pixels
    }

    fn touch(&mut self, left: f32, top: f32, right: f32, bottom: f32) -> Option<Rect> {
        let clamp = |v: f32, most: usize| v.clamp(0.0, most as f32) as usize;
        let r = Rect {
            left: clamp(left.floor(), self.width) & !1,
            top: clamp(top.floor(), self.height) & !1,
            right: clamp(right.ceil() + 1.0, self.width).next_multiple_of(2).min(self.width),
            bottom: clamp(bottom.ceil() + 1.0, self.height).next_multiple_of(2).min(self.height),
        };
        if r.left >= r.right || r.top >= r.bottom {
            return None;
        }
        self.touched.push(r);
        Some(r)
    }

    /// Draws a shape: `paint(x, y)` gives colour and cover (0 to 1) of each pixel of the box; hidden where the backdrop is nearer
    /// than `depth` metres.
    pub fn draw(&mut self, bounds: [f32; 4], depth: f32, paint: impl Fn(f32, f32) -> (V3, f32)) {
        let [left, top, right, bottom] = bounds;
        let Some(r) = self.touch(left, top, right, bottom) else { return };
        for y in r.top..r.bottom {
            for x in r.left..r.right {
                let at = y * self.width + x;
                if self.depth[at] < depth {
                    continue;
                }
                let (colour, cover) = paint(x as f32 + 0.5, y as f32 + 0.5);
                if cover > 0.003 {
                    blend(&mut self.pixels[at], colour, cover.min(1.0));
                }
            }
        }
    }

    /// A limb: two round ends of radius `ra`, `rb` pixels and what lies between, shaded as a round body lit from the upper left.
    pub fn capsule(&mut self, a: Spot, ra: f32, b: Spot, rb: f32, colour: V3) {
        let most = ra.max(rb) + 1.0;
        let bounds = [a.x.min(b.x) - most, a.y.min(b.y) - most, a.x.max(b.x) + most, a.y.max(b.y) + most];
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length2 = (dx * dx + dy * dy).max(1e-6);
        self.draw(bounds, a.depth.min(b.depth), |x, y| {
            let part = (((x - a.x) * dx + (y - a.y) * dy) / length2).clamp(0.0, 1.0);
            let radius = ra + (rb - ra) * part;
            let (ox, oy) = (x - a.x - dx * part, y - a.y - dy * part);
            let off = (ox * ox + oy * oy).sqrt();
            let shade = 0.82 - 0.30 * (ox * 0.8 + oy * 0.5) / radius.max(0.5) - 0.12 * (off / radius.max(0.5)).powi(2);
            (colour * shade.clamp(0.25, 1.2), (radius - off + 0.5).clamp(0.0, 1.0))
        });
    }

    /// A convex polygon with soft edges, corners in either order. `colour` is given the picture point.
    pub fn polygon(&mut self, corners: &[Spot], cover: f32, colour: impl Fn(f32, f32) -> V3) {
        let Some(depth) = corners.iter().map(|c| c.depth).reduce(f32::min) else { return };
        let low = |f: fn(&Spot) -> f32| corners.iter().map(f).fold(f32::MAX, f32::min);
        let high = |f: fn(&Spot) -> f32| corners.iter().map(f).fold(f32::MIN, f32::max);
        let bounds = [low(|c| c.x) - 1.0, low(|c| c.y) - 1.0, high(|c| c.x) + 1.0, high(|c| c.y) + 1.0];
        let turn: f32 = corners.iter().zip(corners.iter().cycle().skip(1)).map(|(a, b)| a.x * b.y - b.x * a.y).sum();
        let sign = if turn < 0.0 { -1.0 } else { 1.0 };
        self.draw(bounds, depth, |x, y| {
            let mut inside = 1.0_f32;
            for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
                let (dx, dy) = (b.x - a.x, b.y - a.y);
                let distance = sign * (dx * (y - a.y) - dy * (x - a.x)) / (dx * dx + dy * dy).sqrt().max(1e-6);
                inside = inside.min((distance + 0.5).clamp(0.0, 1.0));
                if inside <= 0.0 {
                    return (V3::default(), 0.0);
                }
            }
            (colour(x, y), inside * cover)
        });
    }

    /// A soft dark spot under something that stands: `rx`, `ry` pixels, `strength` 0 to 1.
    pub fn shadow(&mut self, at: Spot, rx: f32, ry: f32, strength: f32) {
        let bounds = [at.x - rx, at.y - ry, at.x + rx, at.y + ry];
        // A little nearer, so that the floor it lies on does not hide it.
        self.draw(bounds, at.depth - 0.6, |x, y| {
            let (u, v) = ((x - at.x) / rx, (y - at.y) / ry);
            let fall = (1.0 - u * u - v * v).max(0.0);
            (V3::default(), strength * fall * (2.0 - fall))
        });
    }

    /// A light's glow: adds to what is there, falls off to nothing at `radius` pixels.
    pub fn glow(&mut self, at: Spot, radius: f32, colour: V3, strength: f32) {
        let bounds = [at.x - radius, at.y - radius, at.x + radius, at.y + radius];
        self.draw(bounds, at.depth - 0.3, |x, y| {
            let d = ((x - at.x).powi(2) + (y - at.y).powi(2)).sqrt() / radius;
            (colour, strength * (1.0 - d).clamp(0.0, 1.0).powi(2))
        });
    }

    /// Text at a picture point, dots of `size` pixels, light with a dark rim; in front of everything.
    pub fn text(&mut self, text: &str, left: usize, top: usize, size: usize) {
        let letters: Vec<_> = text.chars().take(80).map(font::glyph).collect();
        let width = letters.len() * font::ADVANCE * size;
        let rim = 1.max(size / 2) as isize;
        let bounds = [
            left as f32 - 3.0,
            top as f32 - 3.0,
            (left + width) as f32 + 3.0,
            (top + font::GLYPH_HEIGHT * size) as f32 + 3.0,
        ];
        let lit = |x: isize, y: isize| -> bool {
            let (Ok(x), Ok(y)) = (usize::try_from(x - left as isize), usize::try_from(y - top as isize)) else {
                return false;
            };
            let (column, row) = (x / size, y / size);
            let (letter, dot) = (column / font::ADVANCE, column % font::ADVANCE);
            dot < font::GLYPH_WIDTH
                && letters
                    .get(letter)
                    .and_then(|g| g.get(row))
                    .is_some_and(|bits| bits >> (font::GLYPH_WIDTH - 1 - dot) & 1 == 1)
        };
        self.draw(bounds, 0.0, |x, y| {
            let (x, y) = (x as isize, y as isize);
            if lit(x, y) {
                return (V3 { x: 0.93, y: 0.94, z: 0.92 }, 1.0);
            }
            let near = [(-rim, 0), (rim, 0), (0, -rim), (0, rim), (rim, rim), (-rim, -rim), (rim, -rim), (-rim, rim)];
            let edge = near.iter().any(|(dx, dy)| lit(x + dx, y + dy));
            (V3::default(), if edge { 0.75 } else { 0.0 })
        });
    }

    fn convert(&mut self, r: Rect) {
        let (w, h) = (self.width, self.height);
        let (y_plane, rest) = self.yuv.split_at_mut(w * h);
        let (cb_plane, cr_plane) = rest.split_at_mut(w * h / 4);
        for y in (r.top..r.bottom).step_by(2) {
            for x in (r.left..r.right).step_by(2) {
                let mut sum = [0_i32; 3];
                for at in [y * w + x, y * w + x + 1, (y + 1) * w + x, (y + 1) * w + x + 1] {
                    let [red, green, blue] = self.pixels[at].map(i32::from);
                    // BT.709, video range, 16 fraction bits: 219/255 of (0.2126, 0.7152, 0.0722).
                    y_plane[at] = (16 + ((red * 11_966 + green * 40_254 + blue * 4_064 + 32_768) >> 16)) as u8;
                    sum = [sum[0] + red, sum[1] + green, sum[2] + blue];
                }
                let [red, green, blue] = sum;
                let at = y / 2 * (w / 2) + x / 2;
                // 224/255 of the colour differences, over the sum of four pixels (18 fraction bits).
                cb_plane[at] =
                    (128 + ((-red * 6_596 - green * 22_189 + blue * 28_784 + 131_072) >> 18)).clamp(16, 240) as u8;
                cr_plane[at] =
                    (128 + ((red * 28_784 - green * 26_145 - blue * 2_639 + 131_072) >> 18)).clamp(16, 240) as u8;
            }
        }
    }
}

fn blend(pixel: &mut Rgb, colour: V3, cover: f32) {
    for (have, want) in pixel.iter_mut().zip([colour.x, colour.y, colour.z]) {
        let mixed = f32::from(*have) * (1.0 - cover) + want.clamp(0.0, 1.0) * 255.0 * cover;
        *have = (mixed + 0.5) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::super::space::v3;
    use super::*;

    fn at(x: f32, y: f32, depth: f32) -> Spot {
        Spot { x, y, depth, scale: 10.0 }
    }

    #[test]
    fn drawing_leaves_no_trace_in_the_next_frame_and_survives_the_edges() {
        let mut canvas = Canvas::new(64, 46, vec![10.0; 64 * 46]);
        canvas.set_backdrop(vec![[100, 120, 140]; 64 * 46]);
        let clean = canvas.finish().0.to_vec();
        canvas.begin();
        for (x, y) in [(5.0, 5.0), (-30.0, 20.0), (64.0, 46.0), (1e9, -1e9), (f32::NAN, 3.0)] {
            canvas.capsule(at(x, y, 5.0), 4.0, at(x + 9.0, y, 5.0), 3.0, v3(1.0, 0.0, 0.0));
            canvas.shadow(at(x, y, 5.0), 9.0, 4.0, 0.5);
            canvas.polygon(&[at(x, y, 5.0), at(x + 8.0, y, 5.0), at(x, y + 8.0, 5.0)], 1.0, |_, _| v3(0.0, 1.0, 0.0));
        }
        canvas.text("2026-11-21", 50, 40, 2);
        assert_ne!(canvas.finish().0, clean);
        canvas.begin();
        assert_eq!(canvas.finish().0, clean);
    }

    #[test]
    fn the_backdrop_hides_what_is_behind_it() {
        let mut canvas = Canvas::new(32, 32, vec![3.0; 32 * 32]);
        canvas.set_backdrop(vec![[10, 10, 10]; 32 * 32]);
        canvas.begin();
        canvas.capsule(at(8.0, 8.0, 4.0), 5.0, at(20.0, 8.0, 4.0), 5.0, v3(1.0, 1.0, 1.0));
        assert!(canvas.pixels().iter().all(|p| *p == [10, 10, 10]));
        canvas.capsule(at(8.0, 8.0, 2.0), 5.0, at(20.0, 8.0, 2.0), 5.0, v3(1.0, 1.0, 1.0));
        assert!(canvas.pixels()[8 * 32 + 12][0] > 100);
    }

    #[test]
    fn colours_convert_as_bt709_says() {
        let mut canvas = Canvas::new(2, 2, vec![1.0; 4]);
        for (rgb, want) in
            [([255, 255, 255], (235, 128, 128)), ([0, 0, 0], (16, 128, 128)), ([255, 0, 0], (63, 102, 240))]
        {
            canvas.set_backdrop(vec![rgb; 4]);
            let (y, cb, cr) = canvas.finish();
            let near = |a: u8, b: i32| (i32::from(a) - b).abs() <= 1;
            assert!(
                near(y[0], want.0) && near(cb[0], want.1) && near(cr[0], want.2),
                "{rgb:?} {} {} {}",
                y[0],
                cb[0],
                cr[0]
            );
        }
    }
}
