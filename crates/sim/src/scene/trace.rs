//! Renders the still part of a scene once: ray casting with soft shadows, one reflection and two light layers.
//!
//! Flow: a `Set` (boxes, balls, ground, lamps, sky) -> for every pixel the light it sends under the lamps alone and under the
//! day alone, and its depth. Light adds, so any hour of the day is `lamps * a + day * b`, without casting a ray again.
//! Invariant: the same set gives the same picture; nothing is random.

use super::canvas::Rgb;
use super::space::{Camera, V3, v3};

/// How a surface looks across itself.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Pattern {
    /// One colour.
    Plain,
    /// Square tiles of `size` metres with joints, alternating a little in brightness.
    Tiles {
        /// Edge of a tile, metres.
        size: f32,
    },
    /// Upright panels of `size` metres with joints.
    Panels {
        /// Width of a panel, metres.
        size: f32,
    },
    /// Level courses of bricks of `size` metres length.
    Bricks {
        /// Length of a brick, metres.
        size: f32,
    },
    /// Fine irregular grain (asphalt, carpet).
    Grain,
}

/// What something is made of; colours are linear light, 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Surface {
    /// Its own colour.
    pub colour: V3,
    /// How it varies.
    pub pattern: Pattern,
    /// Part of the light it mirrors when seen from above, 0 to 1; more at a flat angle.
    pub gloss: f32,
    /// Light it sends when the lamps are on.
    pub lamp: V3,
    /// Light it sends by day (a window).
    pub day: V3,
}

impl Surface {
    /// A matt surface of one colour.
    #[must_use]
    pub const fn matt(colour: V3) -> Self {
        Self { colour, pattern: Pattern::Plain, gloss: 0.0, lamp: v3(0.0, 0.0, 0.0), day: v3(0.0, 0.0, 0.0) }
    }

    /// The same with a pattern.
    #[must_use]
    pub const fn with(mut self, pattern: Pattern) -> Self {
        self.pattern = pattern;
        self
    }

    /// The same, polished.
    #[must_use]
    pub const fn glossy(mut self, gloss: f32) -> Self {
        self.gloss = gloss;
        self
    }

    /// The same, sending light of its own: under the lamps, by day.
    #[must_use]
    pub const fn lit(mut self, lamp: V3, day: V3) -> Self {
        self.lamp = lamp;
        self.day = day;
        self
    }
}

/// A body.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Shape {
    /// Upright box between two corners (low, high).
    Block(V3, V3),
    /// Ball: middle, radius in metres.
    Ball(V3, f32),
}

/// A lamp (or, by day, a window): light from a small area around a point.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lamp {
    /// Middle.
    pub at: V3,
    /// Half size of the area, metres; makes shadows soft.
    pub spread: f32,
    /// Strength and colour.
    pub light: V3,
    /// True: shines by day. False: a lamp.
    pub day: bool,
}

/// A scene without its moving parts.
pub struct Set {
    /// Bodies with what they are made of.
    pub bodies: Vec<(Shape, Surface)>,
    /// The ground at height 0.
    pub ground: Surface,
    /// Walls around: the box (low, high) the viewer is in, and its walls' and ceiling's surfaces; `None` outdoors.
    pub room: Option<(V3, V3, Surface, Surface)>,
    /// Lights.
    pub lamps: Vec<Lamp>,
    /// Even light from everywhere: under the lamps, by day.
    pub ambient: (V3, V3),
    /// Outdoors: direction to the sun.
    pub sun: Option<V3>,
}

/// Light of one point in the two layers.
#[derive(Clone, Copy, Debug, Default)]
struct Light {
    lamp: V3,
    day: V3,
}

/// The picture before the hour is chosen.
pub struct Layers {
    light: Vec<Light>,
    /// Depth of each pixel, metres.
    pub depth: Vec<f32>,
}

struct Hit<'a> {
    ray_length: f32,
    normal: V3,
    surface: &'a Surface,
    body: usize,
}

const FAR: f32 = 1e6;
const NO_BODY: usize = usize::MAX;

impl Set {
    fn hit(&self, from: V3, ray: V3) -> Option<Hit<'_>> {
        let mut best: Option<Hit<'_>> = None;
        let mut take = |ray_length: f32, normal: V3, surface, body| {
            if ray_length > 1e-3 && best.as_ref().is_none_or(|b| ray_length < b.ray_length) {
                best = Some(Hit { ray_length, normal, surface, body });
            }
        };
        if ray.y < -1e-5 {
            take(-from.y / ray.y, v3(0.0, 1.0, 0.0), &self.ground, NO_BODY - 1);
        }
        if let Some((low, high, walls, ceiling)) = &self.room {
            let (length, axis) = leave_block(*low, *high, from, ray);
            let normal = -axis;
            match axis.y {
                y if y > 0.5 => take(length, normal, ceiling, NO_BODY - 2),
                y if y < -0.5 => {}
                _ => take(length, normal, walls, NO_BODY - 3),
            }
        }
        let over = reciprocal(ray);
        for (i, (shape, surface)) in self.bodies.iter().enumerate() {
            let met = match *shape {
                Shape::Block(low, high) => meet_block(low, high, from, ray, over),
                Shape::Ball(middle, radius) => meet_ball(middle, radius, from, ray),
            };
            if let Some((length, normal)) = met {
                take(length, normal, surface, i);
            }
        }
        best
    }

    fn blocked(&self, from: V3, to: V3) -> bool {
        let way = to - from;
        let over = reciprocal(way);
        self.bodies.iter().any(|(shape, surface)| {
            // What shines throws no shadow: lamps sit inside their own covers.
            if surface.lamp.x + surface.day.x > 0.0 {
                return false;
            }
            let met = match *shape {
                Shape::Block(low, high) => meet_block(low, high, from, way, over),
                Shape::Ball(middle, radius) => meet_ball(middle, radius, from, way),
            };
            met.is_some_and(|(length, _)| length > 2e-3 && length < 1.0)
        })
    }

    /// Part of a light's area that a point sees. Two opposite points that agree stand for all: only half-shadow costs more.
    fn open_part(&self, from: V3, samples: u32, at: impl Fn(u32) -> V3) -> f32 {
        let open = |i: u32| if self.blocked(from, at(i)) { 0.0 } else { 1.0 };
        let (first, half) = (open(0), samples / 2);
        if half == 0 {
            return first;
        }
        let opposite = open(half);
        if first == opposite {
            return first;
        }
        let between: f32 = (1..samples).filter(|i| *i != half).map(open).sum();
        (first + opposite + between) / samples as f32
    }

    fn lit_at(&self, p: V3, hit: &Hit<'_>, samples: u32) -> Light {
        let n = hit.normal;
        let colour = pattern(hit.surface, p, n);
        // Corners get less of the even light: a cheap stand-in for what the bodies around hide.
        let near_ground = if n.y.abs() < 0.5 { 0.72 + 0.28 * (p.y / 0.8).clamp(0.0, 1.0) } else { 1.0 };
        let upward = (0.75 + 0.25 * n.y) * near_ground;
        let mut light = Light { lamp: self.ambient.0 * upward, day: self.ambient.1 * upward };
        for lamp in &self.lamps {
            let way = lamp.at - p;
            let slant = n.dot(way.unit());
            let full = slant / (1.0 + way.dot(way));
            if slant <= 0.0 || full * lamp.light.x < 4e-3 {
                continue;
            }
            let open = self.open_part(p + n * 2e-3, samples, |i| lamp.at + spread(i, samples) * lamp.spread);
            let part = lamp.light * (full * open);
            if lamp.day { light.day = light.day + part } else { light.lamp = light.lamp + part }
        }
        if let Some(sun) = self.sun {
            let slant = n.dot(sun);
            if slant > 0.0 {
                let open = self.open_part(p + n * 2e-3, samples, |i| p + sun * 60.0 + spread(i, samples) * 1.2);
                light.day = light.day + v3(1.05, 0.98, 0.84) * (slant * open);
            }
        }
        Light { lamp: light.lamp.tint(colour) + hit.surface.lamp, day: light.day.tint(colour) + hit.surface.day }
    }

    fn sky(&self, ray: V3) -> Light {
        let up = ray.unit().y.clamp(0.0, 1.0);
        let day = v3(0.78, 0.86, 0.93).toward(v3(0.24, 0.46, 0.82), up.powf(0.55));
        let night = v3(0.030, 0.034, 0.050).toward(v3(0.008, 0.011, 0.026), up.sqrt());
        Light { lamp: night, day }
    }

    /// Light along a ray, its depth and which body it met.
    fn look(&self, from: V3, ray: V3, samples: u32, again: bool) -> (Light, f32, usize) {
        let Some(hit) = self.hit(from, ray) else { return (self.sky(ray), FAR, NO_BODY) };
        let p = from + ray * hit.ray_length;
        let mut light = self.lit_at(p, &hit, samples);
        if again && hit.surface.gloss > 0.0 {
            let way = ray.unit();
            let flat = (1.0 + way.dot(hit.normal)).clamp(0.0, 1.0);
            let share = hit.surface.gloss + (1.0 - hit.surface.gloss) * hit.surface.gloss * 1.6 * flat.powi(3);
            let mirrored = way - hit.normal * (2.0 * way.dot(hit.normal));
            let (seen, _, _) = self.look(p + hit.normal * 2e-3, mirrored, 1, false);
            light.lamp = light.lamp * (1.0 - share * 0.5) + seen.lamp * share;
            light.day = light.day * (1.0 - share * 0.5) + seen.day * share;
        }
        (light, hit.ray_length, hit.body)
    }

    /// Casts every ray. Pixels on the edge of a body are cast four times, so that edges are smooth.
    #[must_use]
    pub fn render(&self, camera: &Camera, width: usize, height: usize) -> Layers {
        let mut light = Vec::with_capacity(width * height);
        let mut depth = Vec::with_capacity(width * height);
        let mut bodies = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let ray = camera.ray(x as f32 + 0.5, y as f32 + 0.5);
                let (l, d, body) = self.look(camera.eye, ray, 4, true);
                light.push(l);
                depth.push(d);
                bodies.push((body, d));
            }
        }
        for y in 1..height.saturating_sub(1) {
            for x in 1..width.saturating_sub(1) {
                let at = y * width + x;
                let differs =
                    |o: usize| bodies[o].0 != bodies[at].0 || (bodies[o].1 - bodies[at].1).abs() > 0.25 * bodies[at].1;
                if [at - 1, at + 1, at - width, at + width].into_iter().any(differs) {
                    light[at] = self.corner_mean(camera, x as f32, y as f32);
                }
            }
        }
        Layers { light, depth }
    }

    fn corner_mean(&self, camera: &Camera, x: f32, y: f32) -> Light {
        let mut sum = Light::default();
        for (dx, dy) in [(0.19, 0.31), (0.69, 0.19), (0.31, 0.81), (0.81, 0.69)] {
            let (l, _, _) = self.look(camera.eye, camera.ray(x + dx, y + dy), 2, true);
            // Cut at white first: one bright lamp must not win over three dark corners.
            let cut = |v: V3| v3(v.x.min(1.2), v.y.min(1.2), v.z.min(1.2));
            sum = Light { lamp: sum.lamp + cut(l.lamp) * 0.25, day: sum.day + cut(l.day) * 0.25 };
        }
        sum
    }
}

impl Layers {
    /// The picture at an hour: `lamps` and `day` say how much of each light there is.
    #[must_use]
    pub fn expose(&self, width: usize, lamps: f32, day: V3) -> Vec<Rgb> {
        let curve = tone_curve();
        let height = (self.light.len() / width.max(1)).max(1);
        let tone = |v: f32| curve[((v * 512.0) as usize).min(curve.len() - 1)];
        let pixel = |(i, l): (usize, &Light)| {
            let (u, v) = ((i % width) as f32 / width as f32 - 0.5, (i / width) as f32 / height as f32 - 0.5);
            let lens = 1.0 - 0.32 * (u * u + v * v);
            let c = (l.lamp * lamps + l.day.tint(day)) * lens;
            [tone(c.x), tone(c.y), tone(c.z)]
        };
        self.light.iter().enumerate().map(pixel).collect()
    }
}

/// Linear light 0 to 4 in steps of 1/512 -> stored value: soft shoulder, then the usual 2.2 power.
fn tone_curve() -> Vec<u8> {
    (0..2048).map(|i| (tone(i as f32 / 512.0) * 255.0 + 0.5) as u8).collect()
}

/// One linear value through the same curve, 0 to 1.
#[must_use]
pub fn tone(linear: f32) -> f32 {
    let v = linear.max(0.0);
    let soft = v * (1.0 + v / 6.0) / (1.0 + v * 0.75);
    soft.min(1.0).powf(1.0 / 2.2)
}

fn spread(i: u32, samples: u32) -> V3 {
    if samples <= 1 {
        return V3::default();
    }
    let turn = i as f32 / samples as f32 * std::f32::consts::TAU + 0.6;
    v3(turn.cos(), 0.0, turn.sin())
}

fn pattern(surface: &Surface, p: V3, n: V3) -> V3 {
    let along = if n.x.abs() > 0.5 { p.z } else { p.x };
    let factor = match surface.pattern {
        Pattern::Plain => 1.0,
        Pattern::Tiles { size } => {
            let (u, v) = (p.x / size, if n.y.abs() > 0.5 { p.z / size } else { p.y / size });
            let joint = joint(u, 0.018).min(joint(v, 0.018));
            joint * (0.93 + 0.07 * speckle(u.floor(), v.floor()))
        }
        Pattern::Panels { size } => joint(along / size, 0.02) * (0.95 + 0.05 * speckle((along / size).floor(), 3.0)),
        Pattern::Bricks { size } => {
            let course = (p.y / (size * 0.32)).floor();
            let u = along / size + course * 0.5;
            let joint = joint(u, 0.05).min(joint(p.y / (size * 0.32), 0.12));
            joint * (0.86 + 0.14 * speckle(u.floor(), course))
        }
        Pattern::Grain => 0.92 + 0.08 * speckle((p.x * 14.0).floor(), (p.z * 14.0 + p.y * 9.0).floor()),
    };
    surface.colour * factor
}

/// 1 inside a tile, less in the joint around whole numbers; `half` is half the joint's width.
fn joint(u: f32, half: f32) -> f32 {
    let off = (u - u.round()).abs();
    0.72 + 0.28 * (off / half - 0.5).clamp(0.0, 1.0)
}

/// A fixed value from 0 to 1 for each pair of whole numbers.
fn speckle(a: f32, b: f32) -> f32 {
    let mixed = (a as i32 as u32).wrapping_mul(0x9e37_79b1) ^ (b as i32 as u32).wrapping_mul(0x85eb_ca77);
    let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x2c1b_3c6d);
    (mixed >> 8 & 0xff) as f32 / 255.0
}

/// One over each part of a direction, never infinite: a ray along a wall stays a number.
fn reciprocal(ray: V3) -> V3 {
    let over = |v: f32| 1.0 / if v.abs() < 1e-7 { 1e-7_f32.copysign(v) } else { v };
    v3(over(ray.x), over(ray.y), over(ray.z))
}

fn slabs(low: V3, high: V3, from: V3, over: V3) -> ([f32; 3], [f32; 3]) {
    let (a, b) = ((low - from).tint(over), (high - from).tint(over));
    ([a.x.min(b.x), a.y.min(b.y), a.z.min(b.z)], [a.x.max(b.x), a.y.max(b.y), a.z.max(b.z)])
}

fn side(axis: usize, ray: V3) -> V3 {
    match axis {
        0 => v3(ray.x.signum(), 0.0, 0.0),
        1 => v3(0.0, ray.y.signum(), 0.0),
        _ => v3(0.0, 0.0, ray.z.signum()),
    }
}

fn meet_block(low: V3, high: V3, from: V3, ray: V3, over: V3) -> Option<(f32, V3)> {
    let (near, far) = slabs(low, high, from, over);
    let enter = near[0].max(near[1]).max(near[2]);
    let leave = far[0].min(far[1]).min(far[2]);
    if enter > leave || enter <= 0.0 {
        return None;
    }
    let axis = near.iter().position(|n| *n >= enter).unwrap_or(0);
    Some((enter, -side(axis, ray)))
}

/// From inside a box: how far to its wall, and the outward direction of that wall.
fn leave_block(low: V3, high: V3, from: V3, ray: V3) -> (f32, V3) {
    let (_, far) = slabs(low, high, from, reciprocal(ray));
    let leave = far[0].min(far[1]).min(far[2]);
    let axis = far.iter().position(|f| *f <= leave).unwrap_or(0);
    (leave, side(axis, ray))
}

fn meet_ball(middle: V3, radius: f32, from: V3, ray: V3) -> Option<(f32, V3)> {
    let to = from - middle;
    let (a, half_b) = (ray.dot(ray), to.dot(ray));
    let under = half_b * half_b - a * (to.dot(to) - radius * radius);
    if under < 0.0 {
        return None;
    }
    let length = (-half_b - under.sqrt()) / a;
    (length > 0.0).then(|| (length, (to + ray * length) * (1.0 / radius)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_block() -> Set {
        let white = Surface::matt(v3(0.8, 0.8, 0.8));
        Set {
            bodies: vec![(Shape::Block(v3(-1.0, 0.0, 4.0), v3(1.0, 2.0, 6.0)), white)],
            ground: white,
            room: None,
            lamps: vec![Lamp { at: v3(0.0, 5.0, 2.0), spread: 0.2, light: v3(9.0, 9.0, 9.0), day: false }],
            ambient: (v3(0.1, 0.1, 0.1), v3(0.2, 0.2, 0.2)),
            sun: Some(v3(0.3, 0.9, -0.3).unit()),
        }
    }

    #[test]
    fn rays_meet_the_nearest_face() {
        let set = one_block();
        let hit = set.hit(v3(0.0, 1.0, 0.0), v3(0.0, 0.0, 1.0)).unwrap();
        assert!((hit.ray_length - 4.0).abs() < 1e-4 && hit.normal == v3(0.0, 0.0, -1.0));
        assert!(set.hit(v3(5.0, 1.0, 0.0), v3(0.0, 0.0, 1.0)).is_none());
        assert!(
            set.blocked(v3(0.0, 1.0, 0.0), v3(0.0, 1.0, 9.0)) && !set.blocked(v3(0.0, 1.0, 0.0), v3(0.0, 1.0, 3.0))
        );
        assert!(
            meet_ball(v3(0.0, 0.0, 5.0), 1.0, v3(0.0, 0.0, 0.0), v3(0.0, 0.0, 1.0))
                .is_some_and(|(l, _)| (l - 4.0).abs() < 1e-4)
        );
    }

    #[test]
    fn day_is_brighter_than_night_and_every_pixel_has_a_depth() {
        let camera = Camera::new(v3(0.0, 1.6, 0.0), v3(0.0, 1.0, 5.0), 1.2, 64, 36);
        let layers = one_block().render(&camera, 64, 36);
        assert_eq!((layers.depth.len(), layers.light.len()), (64 * 36, 64 * 36));
        assert!(layers.depth.iter().all(|d| *d > 0.0));
        let mean = |p: Vec<Rgb>| p.iter().map(|p| u32::from(p[1])).sum::<u32>() / (64 * 36);
        let (night, day) =
            (mean(layers.expose(64, 1.0, v3(0.0, 0.0, 0.0))), mean(layers.expose(64, 0.0, v3(1.0, 1.0, 1.0))));
        assert!(day > night + 20, "day {day} night {night}");
    }
}
