//! Points, colours and the pin-hole camera of the drawn scenes.
//!
//! Flow: scene coordinates (metres; x right, y up, z away from the viewer) -> picture coordinates (pixels, y down) and depth.
//! Invariant: nothing here divides by a depth that is not positive; points behind the camera project to `None`.

use std::ops::{Add, Mul, Neg, Sub};

/// A point, direction or linear-light colour.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct V3 {
    /// Right, or red.
    pub x: f32,
    /// Up, or green.
    pub y: f32,
    /// Away, or blue.
    pub z: f32,
}

/// Short constructor.
#[must_use]
pub const fn v3(x: f32, y: f32, z: f32) -> V3 {
    V3 { x, y, z }
}

impl V3 {
    /// Scalar product.
    #[must_use]
    pub fn dot(self, o: Self) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    /// Vector product.
    #[must_use]
    pub fn cross(self, o: Self) -> Self {
        v3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }

    /// Length.
    #[must_use]
    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// The same direction with length 1; the zero vector stays zero.
    #[must_use]
    pub fn unit(self) -> Self {
        let length = self.length();
        if length > 1e-9 { self * (1.0 / length) } else { self }
    }

    /// Component-wise product (a colour under a light).
    #[must_use]
    pub fn tint(self, o: Self) -> Self {
        v3(self.x * o.x, self.y * o.y, self.z * o.z)
    }

    /// Part of the way to `o`: 0 stays, 1 arrives.
    #[must_use]
    pub fn toward(self, o: Self, part: f32) -> Self {
        self * (1.0 - part) + o * part
    }
}

impl Add for V3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        v3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl Sub for V3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        v3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f32> for V3 {
    type Output = Self;
    fn mul(self, k: f32) -> Self {
        v3(self.x * k, self.y * k, self.z * k)
    }
}

impl Neg for V3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

/// Where a point falls in the picture.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spot {
    /// Pixels from the left.
    pub x: f32,
    /// Pixels from the top.
    pub y: f32,
    /// Distance along the view axis, metres.
    pub depth: f32,
    /// Pixels a metre at this depth.
    pub scale: f32,
}

/// A fixed camera.
#[derive(Clone, Copy, Debug)]
pub struct Camera {
    /// Where it hangs.
    pub eye: V3,
    right: V3,
    up: V3,
    forward: V3,
    focal_px: f32,
    width: f32,
    height: f32,
}

impl Camera {
    /// A camera at `eye` that looks at `target`, `fov` radians wide.
    #[must_use]
    pub fn new(eye: V3, target: V3, fov: f32, width: usize, height: usize) -> Self {
        let forward = (target - eye).unit();
        let right = v3(0.0, 1.0, 0.0).cross(forward).unit();
        let up = forward.cross(right);
        let (width, height) = (width as f32, height as f32);
        Self { eye, right, up, forward, focal_px: width * 0.5 / (fov * 0.5).tan(), width, height }
    }

    /// Direction of the ray through a picture point, not normalised: its part along the view axis is 1, so that ray length is depth.
    #[must_use]
    pub fn ray(&self, x: f32, y: f32) -> V3 {
        let across = (x - self.width * 0.5) / self.focal_px;
        let upward = (self.height * 0.5 - y) / self.focal_px;
        self.forward + self.right * across + self.up * upward
    }

    /// Where `p` falls; `None` behind or at the lens.
    #[must_use]
    pub fn project(&self, p: V3) -> Option<Spot> {
        let d = p - self.eye;
        let depth = d.dot(self.forward);
        if depth < 0.2 {
            return None;
        }
        let scale = self.focal_px / depth;
        let x = self.width * 0.5 + d.dot(self.right) * scale;
        let y = self.height * 0.5 - d.dot(self.up) * scale;
        Some(Spot { x, y, depth, scale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ray_through_a_projected_point_meets_that_point() {
        let camera = Camera::new(v3(1.0, 3.0, -2.0), v3(0.0, 1.0, 8.0), 1.2, 640, 360);
        let p = v3(2.5, 0.7, 9.0);
        let spot = camera.project(p).unwrap();
        let hit = camera.eye + camera.ray(spot.x, spot.y) * spot.depth;
        assert!((hit - p).length() < 1e-3, "{hit:?}");
        assert_eq!(camera.project(v3(1.0, 3.0, -5.0)), None);
    }

    #[test]
    fn up_is_up_and_right_is_right() {
        let camera = Camera::new(v3(0.0, 1.0, 0.0), v3(0.0, 1.0, 5.0), 1.0, 640, 360);
        let (middle, above) = (camera.project(v3(0.0, 1.0, 5.0)).unwrap(), camera.project(v3(0.5, 2.0, 5.0)).unwrap());
        assert!((middle.x - 320.0).abs() < 0.01 && (middle.y - 180.0).abs() < 0.01);
        assert!(above.y < middle.y && above.x > middle.x);
    }
}
