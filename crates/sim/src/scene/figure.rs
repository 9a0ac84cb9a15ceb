//! What moves: people who walk, cars, doors, a barrier. All are functions of time, so any frame can be drawn alone.
//!
//! Flow: time -> where along its path a thing is -> joints or corners in scene metres -> shapes on the canvas.
//! Invariant: the same time gives the same picture; paths are closed or repeat after a known period.

use super::canvas::Canvas;
use super::space::{Camera, Spot, V3, v3};
use super::trace::tone;

/// How someone is dressed and built.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Person {
    /// Height, metres.
    pub height: f32,
    /// Jacket, linear colour.
    pub top: V3,
    /// Trousers.
    pub bottom: V3,
    /// Hair.
    pub hair: V3,
    /// Pulls a suitcase.
    pub case: bool,
}

/// Where and how someone stands or walks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pose {
    /// Feet, on the ground.
    pub at: V3,
    /// Which way they face, length 1, level.
    pub heading: V3,
    /// Steps made so far; whole numbers are a full pair of steps. Standing still: constant.
    pub steps: f32,
    /// 0 stands, 1 walks.
    pub pace: f32,
}

/// One stop on a way: position (x, z) and how long to stand there, seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stop(pub f32, pub f32, pub f32);

/// A way through the scene, walked again and again with `rest_s` seconds out of sight between.
#[derive(Clone, PartialEq, Debug)]
pub struct Way {
    /// Stops in order.
    pub stops: Vec<Stop>,
    /// Metres a second.
    pub speed: f32,
    /// Pause out of sight before the way begins again, seconds.
    pub rest_s: f32,
}

impl Way {
    /// Seconds for one walk of the way and the rest after it.
    #[must_use]
    pub fn period_s(&self) -> f32 {
        let legs: f32 = self.stops.windows(2).map(|w| leg(w[0], w[1]).length() / self.speed).sum();
        let stands: f32 = self.stops.iter().map(|s| s.2).sum();
        (legs + stands + self.rest_s).max(1.0)
    }

    /// The pose at `t` seconds (any number; the way repeats); `None` while out of sight.
    #[must_use]
    pub fn pose(&self, t: f64) -> Option<Pose> {
        let mut left = t.rem_euclid(f64::from(self.period_s())) as f32;
        let mut walked = 0.0;
        for pair in self.stops.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let way = leg(from, to);
            let at = v3(from.0, 0.0, from.1);
            let heading = way.unit();
            if left < from.2 {
                return Some(Pose { at, heading, steps: 0.0, pace: 0.0 });
            }
            left -= from.2;
            let needs = way.length() / self.speed;
            if left < needs {
                let part = left / needs;
                let steps = (walked + way.length() * part) / 1.45;
                let pace = (left.min(needs - left) / 0.3).clamp(0.25, 1.0);
                return Some(Pose { at: at + way * part, heading, steps, pace });
            }
            left -= needs;
            walked += way.length();
        }
        let (before, last) = (self.stops.iter().rev().nth(1)?, self.stops.last()?);
        (left < last.2).then(|| Pose {
            at: v3(last.0, 0.0, last.1),
            heading: leg(*before, *last).unit(),
            steps: 0.0,
            pace: 0.0,
        })
    }
}

fn leg(a: Stop, b: Stop) -> V3 {
    v3(b.0 - a.0, 0.0, b.1 - a.1)
}

/// Draws with a camera under a light.
pub struct Brush<'a> {
    /// Where it is drawn.
    pub canvas: &'a mut Canvas,
    /// How scene points become picture points.
    pub camera: &'a Camera,
    /// Linear light that falls on moving things.
    pub light: V3,
}

impl Brush<'_> {
    /// A linear surface colour under the light, as stored (0 to 1).
    #[must_use]
    pub fn lit(&self, colour: V3) -> V3 {
        let c = colour.tint(self.light);
        v3(tone(c.x), tone(c.y), tone(c.z))
    }

    fn limb(&mut self, a: V3, ra: f32, b: V3, rb: f32, colour: V3) {
        if let (Some(sa), Some(sb)) = (self.camera.project(a), self.camera.project(b)) {
            let colour = self.lit(colour);
            self.canvas.capsule(sa, ra * sa.scale, sb, rb * sb.scale, colour);
        }
    }

    /// One person. Limbs further from the viewer are drawn first.
    pub fn person(&mut self, who: &Person, pose: &Pose) {
        let k = who.height / 1.72;
        let ahead = pose.heading;
        let right = v3(0.0, 1.0, 0.0).cross(ahead);
        let turn = pose.steps * std::f32::consts::TAU;
        let swing = turn.sin() * pose.pace;
        let bob = (turn * 2.0).cos() * 0.018 * pose.pace;
        let up = |h: f32| v3(0.0, h * k + bob, 0.0);
        if let Some(foot) = self.camera.project(pose.at) {
            self.canvas.shadow(foot, 0.42 * k * foot.scale, 0.15 * k * foot.scale, 0.42);
        }
        let right_is_far =
            (pose.at + right * 0.2 - self.camera.eye).length() > (pose.at - right * 0.2 - self.camera.eye).length();
        let far = if right_is_far { 1.0 } else { -1.0 };
        if who.case {
            self.suitcase(pose, k);
        }
        self.arm(who, pose, far, -swing * far, k, bob);
        for side in [far, -far] {
            self.leg(who, pose, side, swing * side, turn, k);
        }
        let hips = pose.at + up(0.90);
        let chest = pose.at + up(1.36) + ahead * 0.03;
        let shoulder = |s: f32| pose.at + up(1.40) + right * (0.15 * s * k);
        self.limb(hips + right * (0.05 * k), 0.135 * k, hips - right * (0.05 * k), 0.135 * k, who.bottom);
        self.limb(hips + up(0.06), 0.145 * k, chest, 0.165 * k, who.top);
        self.limb(shoulder(1.0), 0.085 * k, shoulder(-1.0), 0.085 * k, who.top);
        let skin = v3(0.62, 0.40, 0.29);
        self.limb(pose.at + up(1.44), 0.05 * k, pose.at + up(1.53), 0.05 * k, skin * 0.85);
        let head = pose.at + up(1.605) + ahead * 0.015;
        self.limb(head, 0.092 * k, head + up(0.03), 0.10 * k, skin);
        self.limb(head + up(0.055) - ahead * 0.035, 0.098 * k, head + up(0.045) - ahead * 0.045, 0.10 * k, who.hair);
        self.arm(who, pose, -far, swing * far, k, bob);
    }

    fn leg(&mut self, who: &Person, pose: &Pose, side: f32, swing: f32, turn: f32, k: f32) {
        let right = v3(0.0, 1.0, 0.0).cross(pose.heading);
        let hip = pose.at + v3(0.0, 0.86 * k, 0.0) + right * (0.085 * side * k);
        // The foot that comes forward is lifted.
        let lift = (turn.cos() * side).max(0.0) * 0.13 * pose.pace;
        let foot =
            pose.at + right * (0.085 * side * k) + pose.heading * (0.33 * swing * k) + v3(0.0, (0.06 + lift) * k, 0.0);
        let knee = hip.toward(foot, 0.5) + pose.heading * ((0.05 + lift * 0.9) * k);
        self.limb(hip, 0.095 * k, knee, 0.068 * k, who.bottom);
        self.limb(knee, 0.066 * k, foot, 0.048 * k, who.bottom);
        self.limb(
            foot,
            0.045 * k,
            foot + pose.heading * (0.14 * k) - v3(0.0, 0.02 * k, 0.0),
            0.035 * k,
            v3(0.03, 0.03, 0.035),
        );
    }

    fn arm(&mut self, who: &Person, pose: &Pose, side: f32, swing: f32, k: f32, bob: f32) {
        let right = v3(0.0, 1.0, 0.0).cross(pose.heading);
        let shoulder = pose.at + v3(0.0, 1.39 * k + bob, 0.0) + right * (0.20 * side * k);
        let elbow = shoulder + v3(0.0, -0.28 * k, 0.0) + pose.heading * (0.13 * swing * k) + right * (0.03 * side * k);
        let hand = elbow + v3(0.0, -0.24 * k, 0.0) + pose.heading * ((0.17 * swing + 0.05) * k);
        self.limb(shoulder, 0.062 * k, elbow, 0.050 * k, who.top * 0.94);
        self.limb(elbow, 0.048 * k, hand, 0.038 * k, who.top * 0.94);
        self.limb(hand, 0.042 * k, hand + v3(0.0, -0.04, 0.0), 0.036 * k, v3(0.60, 0.38, 0.28));
    }

    fn suitcase(&mut self, pose: &Pose, k: f32) {
        let right = v3(0.0, 1.0, 0.0).cross(pose.heading);
        let base = pose.at - pose.heading * (0.45 * k) + right * (0.28 * k);
        let tilt = -pose.heading * 0.14;
        let colour = v3(0.05, 0.13, 0.22);
        self.limb(base + v3(0.0, 0.16, 0.0), 0.13, base + v3(0.0, 0.50, 0.0) + tilt, 0.13, colour);
        self.limb(
            base + v3(0.0, 0.6, 0.0) + tilt,
            0.014,
            pose.at + v3(0.0, 0.80, 0.0) + right * (0.22 * k),
            0.014,
            v3(0.2, 0.2, 0.2),
        );
    }

    /// A flat four-cornered face in the scene, lit, `cover` 0 to 1 (glass is thin).
    pub fn face(&mut self, corners: [V3; 4], colour: V3, cover: f32) {
        let spots: Vec<Spot> = corners.iter().filter_map(|c| self.camera.project(*c)).collect();
        if spots.len() == 4 {
            let colour = self.lit(colour);
            self.canvas.polygon(&spots, cover, |_, _| colour);
        }
    }

    /// A body between a lower and an upper face of four corners each (in turn), shaded by side; farthest faces first.
    pub fn hull(&mut self, low: [V3; 4], high: [V3; 4], colour: V3) {
        let middle = low.iter().chain(&high).fold(V3::default(), |a, b| a + *b) * 0.125;
        let mut faces = vec![(high, 1.12)];
        for i in 0..4 {
            let j = (i + 1) % 4;
            faces.push(([low[i], low[j], high[j], high[i]], 0.0));
        }
        let centre = |f: &[V3; 4]| f.iter().fold(V3::default(), |a, b| a + *b) * 0.25;
        faces.sort_by(|a, b| {
            (centre(&b.0) - self.camera.eye).length().total_cmp(&(centre(&a.0) - self.camera.eye).length())
        });
        for (face, brightness) in faces {
            let outward = (centre(&face) - middle).unit();
            if outward.dot(centre(&face) - self.camera.eye) > 0.0 {
                continue;
            }
            let shade = if brightness > 0.0 { brightness } else { 0.72 - 0.22 * outward.x };
            self.face(face, colour * shade, 1.0);
        }
    }

    /// A car whose middle is at `at`, which drives along `heading`.
    pub fn car(&mut self, at: V3, heading: V3, paint: V3, lamps_on: bool) {
        let right = v3(0.0, 1.0, 0.0).cross(heading);
        let corner = |a: f32, s: f32, h: f32| at + heading * a + right * s + v3(0.0, h, 0.0);
        let ring = |front: f32, back: f32, half: f32, h: f32| {
            [corner(front, -half, h), corner(front, half, h), corner(back, half, h), corner(back, -half, h)]
        };
        if let Some(spot) = self.camera.project(at) {
            let end_on = heading.dot((at - self.camera.eye).unit()).abs();
            let long = (2.6 * (1.0 - end_on) + 1.15 * end_on) * spot.scale;
            self.canvas.shadow(spot, long, 0.85 * spot.scale, 0.5);
        }
        for (a, s) in [(1.35, 0.78), (1.35, -0.78), (-1.3, 0.78), (-1.3, -0.78)] {
            let hub = corner(a, s, 0.32);
            self.limb(hub + right * 0.06, 0.32, hub - right * 0.06, 0.32, v3(0.015, 0.015, 0.018));
            self.limb(hub + right * (0.09 * f32::copysign(1.0, s)), 0.17, hub, 0.17, v3(0.32, 0.33, 0.35));
        }
        self.hull(ring(2.15, -2.15, 0.88, 0.30), ring(2.05, -2.15, 0.86, 0.86), paint);
        self.hull(ring(1.0, -1.9, 0.80, 0.86), ring(0.25, -1.45, 0.66, 1.40), v3(0.035, 0.045, 0.06));
        self.hull(ring(0.30, -1.5, 0.67, 1.38), ring(0.2, -1.4, 0.62, 1.45), paint);
        for s in [-0.62, 0.62] {
            let (front, back) = (corner(2.16, s, 0.62), corner(-2.17, s, 0.66));
            self.car_lamp(front, heading, v3(1.0, 0.96, 0.85), lamps_on);
            self.car_lamp(back, -heading, v3(0.85, 0.05, 0.04), lamps_on);
        }
    }

    fn car_lamp(&mut self, at: V3, facing: V3, colour: V3, on: bool) {
        if facing.dot(at - self.camera.eye) > 0.0 {
            return;
        }
        if let Some(spot) = self.camera.project(at) {
            self.canvas.glow(spot, if on { 0.75 } else { 0.16 } * spot.scale, colour, if on { 1.0 } else { 0.8 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_continuous_while_in_sight_and_repeats() {
        let way =
            Way { stops: vec![Stop(0.0, 2.0, 1.0), Stop(3.0, 2.0, 2.0), Stop(3.0, 8.0, 0.5)], speed: 1.3, rest_s: 4.0 };
        let period = f64::from(way.period_s());
        let mut before: Option<Pose> = None;
        let mut seen = 0;
        for i in 0..2_000 {
            let now = way.pose(f64::from(i) * period / 2_000.0);
            if let (Some(a), Some(b)) = (before, now) {
                assert!((a.at - b.at).length() < 0.05, "jump at {i}");
                seen += 1;
            }
            before = now;
        }
        assert!(seen > 1_000 && seen < 1_900, "in sight {seen} of 2000");
        let later = way.pose(1.7 + period * 1_000.0).unwrap();
        assert!((later.at - way.pose(1.7).unwrap().at).length() < 0.01);
        assert_eq!(Way { stops: vec![], speed: 1.0, rest_s: 1.0 }.pose(0.3), None);
    }
}
