//! The three places: a hotel lobby, a gate on a street, a corridor. Each is a still set, a camera and what moves in it.
//!
//! Flow: place and seed -> `Stage` (set, camera, actors); time -> the actors' poses. Measures are metres.
//! Invariant: place, seed, size and time decide every pixel.

use super::Place;
use super::figure::{Brush, Person, Stop, Way};
use super::space::{Camera, V3, v3};
use super::trace::{Lamp, Pattern, Set, Shape, Surface};
use crate::seed::Seeded;

/// Someone with a way.
pub struct Walker {
    who: Person,
    way: Way,
    offset_s: f64,
}

/// A place ready to be drawn.
pub struct Stage {
    /// Still part.
    pub set: Set,
    /// Viewer.
    pub camera: Camera,
    /// Light on moving things: under the lamps, by day.
    pub figure_light: (V3, V3),
    walkers: Vec<Walker>,
    car_paints: [V3; 3],
    place: Place,
}

/// Seconds between two cars at the gate.
const CAR_EVERY_S: f64 = 26.0;
/// Seconds between two openings of the door in the corridor.
const DOOR_EVERY_S: f64 = 19.0;

/// Makes people and cars from a seed.
struct Casting(Seeded);

impl Casting {
    /// Next value from 0 to 1.
    fn next(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    fn person(&mut self, case: bool) -> Person {
        const TOPS: [V3; 7] = [
            v3(0.03, 0.05, 0.11),
            v3(0.32, 0.05, 0.05),
            v3(0.42, 0.40, 0.34),
            v3(0.05, 0.16, 0.14),
            v3(0.46, 0.26, 0.06),
            v3(0.09, 0.09, 0.10),
            v3(0.12, 0.22, 0.42),
        ];
        const BOTTOMS: [V3; 4] =
            [v3(0.03, 0.04, 0.07), v3(0.05, 0.05, 0.05), v3(0.16, 0.13, 0.09), v3(0.05, 0.08, 0.14)];
        let pick = |list: &[V3], at: f32| list[((at * list.len() as f32) as usize).min(list.len() - 1)];
        let (top, bottom) = (pick(&TOPS, self.next()), pick(&BOTTOMS, self.next()));
        Person {
            height: 1.60 + 0.22 * self.next(),
            top,
            bottom,
            hair: v3(0.02, 0.016, 0.014) * (1.0 + self.next()),
            case,
        }
    }

    fn walker(&mut self, case: bool, stops: &[Stop], rest_s: f32) -> Walker {
        let who = self.person(case);
        let way = Way { stops: stops.to_vec(), speed: 1.05 + 0.35 * self.next(), rest_s };
        let offset_s = f64::from(self.next() * way.period_s());
        Walker { who, way, offset_s }
    }

    fn paint(&mut self) -> V3 {
        let grey = 0.05 + 0.5 * self.next();
        v3(grey, grey * (0.85 + 0.2 * self.next()), grey * (0.85 + 0.3 * self.next()))
    }
}

const WHITE: V3 = v3(0.78, 0.76, 0.72);
const NONE: V3 = v3(0.0, 0.0, 0.0);

fn block(low: (f32, f32, f32), high: (f32, f32, f32), surface: Surface) -> (Shape, Surface) {
    (Shape::Block(v3(low.0, low.1, low.2), v3(high.0, high.1, high.2)), surface)
}

fn ball(x: f32, y: f32, z: f32, radius: f32, surface: Surface) -> (Shape, Surface) {
    (Shape::Ball(v3(x, y, z), radius), surface)
}

fn lamp(x: f32, y: f32, z: f32, spread: f32, light: V3) -> Lamp {
    Lamp { at: v3(x, y, z), spread, light, day: false }
}

fn window(x: f32, y: f32, z: f32, light: V3) -> Lamp {
    Lamp { at: v3(x, y, z), spread: 1.2, light, day: true }
}

fn leaves(bodies: &mut Vec<(Shape, Surface)>, at: V3, size: f32, count: u32) {
    for i in 0..count {
        let turn = i as f32 * 2.4;
        let out = size * 0.55 * (0.35 + 0.65 * ((i * 7 % 5) as f32 / 4.0));
        let green = v3(0.035, 0.13, 0.035) * (0.8 + 0.5 * ((i * 3 % 4) as f32 / 3.0));
        let up = size * 0.35 * ((i * 5 % 7) as f32 / 3.0 - 1.0);
        let surface = Surface::matt(green).with(Pattern::Grain);
        bodies.push(ball(at.x + turn.cos() * out, at.y + up, at.z + turn.sin() * out, size * 0.42, surface));
    }
}

impl Stage {
    /// Builds a place.
    #[must_use]
    pub fn new(place: Place, seed: u64, width: usize, height: usize) -> Self {
        let mut casting = Casting(Seeded::new(seed, "people"));
        let (set, eye, target, fov, figure_light, walkers) = match place {
            Place::Lobby => (
                lobby_set(),
                v3(-5.6, 3.55, 0.4),
                v3(1.5, 0.35, 10.5),
                1.25,
                (v3(0.95, 0.86, 0.72), v3(0.42, 0.46, 0.52)),
                lobby_people(&mut casting),
            ),
            Place::Gate => (
                gate_set(),
                v3(-5.2, 4.6, -1.5),
                v3(0.6, 0.4, 12.0),
                1.15,
                (v3(0.34, 0.29, 0.20), v3(1.15, 1.12, 1.05)),
                gate_people(&mut casting),
            ),
            Place::Corridor => (
                corridor_set(),
                v3(-0.95, 2.55, 0.3),
                v3(0.35, 0.55, 8.0),
                1.25,
                (v3(0.85, 0.77, 0.63), v3(0.10, 0.12, 0.15)),
                corridor_people(&mut casting),
            ),
        };
        let car_paints = [casting.paint(), casting.paint(), casting.paint()];
        Self { set, camera: Camera::new(eye, target, fov, width, height), figure_light, walkers, car_paints, place }
    }

    /// Draws what moves at `t_s` seconds (UTC since 1970), farthest first.
    pub fn draw(&self, brush: &mut Brush<'_>, t_s: f64, lamps_on: bool) {
        enum Actor<'a> {
            Walker(&'a Walker, super::figure::Pose),
            Car(usize, V3, V3),
            Barrier(f32),
            Door(f32),
            Entrance(f32),
        }
        let mut actors: Vec<(V3, Actor<'_>)> = Vec::new();
        for w in &self.walkers {
            if let Some(pose) = w.way.pose(t_s + w.offset_s) {
                actors.push((pose.at, Actor::Walker(w, pose)));
            }
        }
        match self.place {
            Place::Gate => {
                for (i, at, heading) in cars(t_s) {
                    actors.push((at, Actor::Car(i, at, heading)));
                }
                actors.push((v3(1.0, 0.5, 9.0), Actor::Barrier(barrier_lift(t_s))));
            }
            Place::Corridor => actors.push((v3(1.5, 1.0, 6.4), Actor::Door(door_part(t_s)))),
            Place::Lobby => {
                let near = actors
                    .iter()
                    .map(|(at, _)| ((at.x - 1.0).powi(2) + (at.z - 16.9).powi(2)).sqrt())
                    .fold(9.0, f32::min);
                actors.push((v3(1.0, 1.0, 16.9), Actor::Entrance((1.0 - (near - 1.4) / 1.2).clamp(0.0, 1.0))));
            }
        }
        let eye = self.camera.eye;
        actors.sort_by(|a, b| (b.0 - eye).length().total_cmp(&(a.0 - eye).length()));
        for (_, actor) in actors {
            match actor {
                Actor::Walker(w, pose) => brush.person(&w.who, &pose),
                Actor::Car(i, at, heading) => brush.car(at, heading, self.car_paints[i % 3], lamps_on),
                Actor::Barrier(lift) => draw_barrier(brush, lift),
                Actor::Door(part) => draw_door(brush, part),
                Actor::Entrance(part) => draw_entrance(brush, part),
            }
        }
    }
}

fn lobby_set() -> Set {
    let wood = Surface::matt(v3(0.20, 0.095, 0.042)).with(Pattern::Panels { size: 0.8 });
    let stone = Surface::matt(v3(0.40, 0.37, 0.33)).with(Pattern::Tiles { size: 1.0 }).glossy(0.04);
    let dark = Surface::matt(v3(0.045, 0.04, 0.038)).glossy(0.05);
    let sofa = Surface::matt(v3(0.05, 0.12, 0.15));
    let cushion = Surface::matt(v3(0.55, 0.36, 0.12));
    let steel = Surface::matt(v3(0.36, 0.37, 0.38)).glossy(0.16);
    let glass = Surface::matt(v3(0.05, 0.07, 0.09)).glossy(0.10).lit(v3(0.008, 0.010, 0.018), v3(0.95, 1.04, 1.14));
    let panel = Surface::matt(WHITE).lit(v3(1.7, 1.55, 1.3), NONE);
    let carpet = Surface::matt(v3(0.16, 0.035, 0.045)).with(Pattern::Grain);
    let mut bodies = vec![
        block((4.2, 0.0, 7.0), (5.1, 1.12, 12.5), wood),
        block((4.05, 1.12, 6.85), (5.25, 1.2, 12.65), dark),
        block((7.6, 0.6, 6.5), (7.98, 3.4, 13.0), wood),
        block((7.4, 2.5, 7.4), (7.6, 2.62, 12.2), Surface::matt(WHITE).lit(v3(1.1, 0.8, 0.45), NONE)),
        block((-2.6, 0.0, 6.2), (1.4, 0.02, 9.8), carpet),
        block((-3.2, 0.0, 8.9), (-0.6, 0.42, 9.7), sofa),
        block((-3.2, 0.42, 9.45), (-0.6, 0.92, 9.75), sofa),
        block((-3.4, 0.0, 8.8), (-3.15, 0.62, 9.75), sofa),
        block((-0.65, 0.0, 8.8), (-0.4, 0.62, 9.75), sofa),
        block((-2.7, 0.42, 9.2), (-2.2, 0.78, 9.45), cushion),
        block((-2.6, 0.34, 7.2), (-1.2, 0.40, 7.9), dark),
        block((-2.5, 0.0, 7.3), (-2.4, 0.34, 7.8), steel),
        block((-1.4, 0.0, 7.3), (-1.3, 0.34, 7.8), steel),
        block((-4.6, 0.0, 12.2), (-3.9, 4.4, 12.9), stone),
        block((2.9, 0.0, 13.4), (3.6, 4.4, 14.1), stone),
        block((-7.99, 0.0, 8.0), (-7.9, 2.3, 9.3), steel),
        block((-7.99, 0.0, 10.6), (-7.9, 2.3, 11.9), steel),
        block((-7.99, 2.3, 7.8), (-7.86, 2.42, 12.1), dark),
        block((-7.95, 2.5, 8.5), (-7.85, 2.62, 8.8), Surface::matt(NONE).lit(v3(1.2, 0.25, 0.08), v3(0.9, 0.2, 0.06))),
        block((-0.6, 0.0, 17.0), (2.6, 2.7, 17.06), glass),
        block((-0.7, 2.7, 16.9), (2.7, 2.9, 17.08), dark),
        block((-0.72, 0.0, 16.9), (-0.6, 2.7, 17.08), dark),
        block((2.6, 0.0, 16.9), (2.72, 2.7, 17.08), dark),
        block((-7.0, 0.5, 17.0), (-1.4, 3.6, 17.05), glass),
        block((3.4, 0.5, 17.0), (7.4, 3.6, 17.05), glass),
        block((-4.3, 0.5, 16.95), (-4.2, 3.6, 17.06), dark),
        block((5.4, 0.5, 16.95), (5.5, 3.6, 17.06), dark),
        block((-5.6, 0.0, 15.5), (-5.0, 0.55, 16.1), dark),
        block((6.3, 0.0, 14.8), (6.9, 0.55, 15.4), dark),
    ];
    leaves(&mut bodies, v3(-5.3, 1.25, 15.8), 0.95, 11);
    leaves(&mut bodies, v3(6.6, 1.2, 15.1), 0.85, 10);
    for (x, z) in [(-3.5, 6.0), (1.5, 6.0), (-3.5, 11.0), (1.5, 11.0), (5.5, 9.5)] {
        bodies.push(block((x - 0.7, 4.36, z - 0.7), (x + 0.7, 4.39, z + 0.7), panel));
    }
    let warm = v3(4.6, 3.9, 2.9);
    Set {
        bodies,
        ground: Surface::matt(v3(0.47, 0.42, 0.35)).with(Pattern::Tiles { size: 1.2 }).glossy(0.13),
        room: Some((
            v3(-8.0, -0.1, -2.0),
            v3(8.0, 4.4, 17.1),
            Surface::matt(v3(0.56, 0.49, 0.39)).with(Pattern::Panels { size: 2.4 }),
            Surface::matt(v3(0.68, 0.65, 0.60)),
        )),
        lamps: vec![
            lamp(-3.5, 4.2, 6.0, 0.7, warm),
            lamp(1.5, 4.2, 7.0, 0.7, warm),
            lamp(-1.0, 4.2, 11.5, 0.8, warm),
            lamp(5.9, 3.6, 9.5, 0.5, v3(3.4, 2.6, 1.6)),
            window(1.0, 2.2, 16.4, v3(7.0, 8.0, 9.4)),
            window(-4.2, 2.4, 16.2, v3(5.0, 5.8, 6.8)),
        ],
        ambient: (v3(0.27, 0.235, 0.19), v3(0.10, 0.115, 0.135)),
        sun: None,
    }
}

fn lobby_people(casting: &mut Casting) -> Vec<Walker> {
    let clerk = Person {
        height: 1.68,
        top: v3(0.03, 0.04, 0.09),
        bottom: v3(0.03, 0.03, 0.04),
        hair: v3(0.02, 0.017, 0.015),
        case: false,
    };
    let desk =
        Way { stops: vec![Stop(6.1, 8.2, 9.0), Stop(6.1, 10.6, 11.0), Stop(6.1, 8.2, 0.0)], speed: 0.8, rest_s: 0.0 };
    let mut people = vec![Walker { who: clerk, way: desk, offset_s: 3.0 }];
    people.push(casting.walker(
        true,
        &[Stop(1.0, 16.9, 0.0), Stop(2.2, 12.6, 0.0), Stop(3.4, 9.6, 9.0), Stop(0.5, 10.6, 0.0), Stop(-7.2, 8.7, 1.5)],
        7.0,
    ));
    people.push(casting.walker(
        false,
        &[
            Stop(-7.2, 11.2, 1.0),
            Stop(-5.2, 11.0, 0.0),
            Stop(-2.0, 13.8, 0.0),
            Stop(0.9, 15.2, 0.0),
            Stop(1.0, 16.9, 0.0),
        ],
        9.0,
    ));
    people.push(casting.walker(
        false,
        &[Stop(1.1, 16.9, 0.0), Stop(0.3, 12.0, 2.0), Stop(-0.2, 6.4, 4.0), Stop(2.8, 5.2, 0.0), Stop(7.2, 4.6, 0.0)],
        12.0,
    ));
    people.push(casting.walker(
        false,
        &[Stop(-7.2, 8.6, 0.5), Stop(-4.4, 6.8, 5.0), Stop(-4.6, 10.4, 0.0), Stop(-7.2, 11.3, 1.0)],
        6.0,
    ));
    people
}

/// The entrance's two leaves: 0 closed, 1 open.
fn draw_entrance(brush: &mut Brush<'_>, part: f32) {
    let slide = part * 1.2;
    for (left, right) in [(-0.55 - slide * 0.98, 0.98 - slide), (1.02 + slide, 2.55 + slide * 0.98)] {
        let (left, right) = (left.max(-0.58), right.min(2.58));
        if right - left < 0.05 {
            continue;
        }
        let z = 16.86;
        let corners = |l: f32, r: f32, b: f32, t: f32| [v3(l, b, z), v3(r, b, z), v3(r, t, z), v3(l, t, z)];
        brush.face(corners(left, right, 0.05, 2.65), v3(0.30, 0.42, 0.46), 0.20);
        for (l, r, b, t) in [
            (left, right, 0.0, 0.10),
            (left, right, 2.58, 2.68),
            (left, left + 0.06, 0.0, 2.68),
            (right - 0.06, right, 0.0, 2.68),
            (left, right, 1.05, 1.10),
        ] {
            brush.face(corners(l, r, b, t), v3(0.10, 0.10, 0.10), 1.0);
        }
    }
}

fn gate_set() -> Set {
    let asphalt = Surface::matt(v3(0.115, 0.115, 0.12)).with(Pattern::Grain);
    let kerb = Surface::matt(v3(0.36, 0.35, 0.33)).with(Pattern::Panels { size: 1.0 });
    let pavement = Surface::matt(v3(0.33, 0.30, 0.27)).with(Pattern::Tiles { size: 0.5 });
    let line = Surface::matt(v3(0.72, 0.72, 0.68));
    let brick = Surface::matt(v3(0.34, 0.15, 0.095)).with(Pattern::Bricks { size: 0.5 });
    let booth = Surface::matt(v3(0.62, 0.63, 0.62));
    let blue = Surface::matt(v3(0.03, 0.11, 0.30));
    let pane = Surface::matt(v3(0.04, 0.06, 0.07)).glossy(0.30).lit(v3(0.42, 0.36, 0.24), v3(0.02, 0.03, 0.035));
    let house = Surface::matt(v3(0.46, 0.42, 0.36)).with(Pattern::Panels { size: 2.0 });
    let post = Surface::matt(v3(0.10, 0.10, 0.11));
    let grass = Surface::matt(v3(0.10, 0.20, 0.05)).with(Pattern::Grain);
    let trunk = Surface::matt(v3(0.11, 0.075, 0.05));
    let mut bodies = vec![
        block((-7.0, 0.0, -4.0), (-2.4, 0.13, 60.0), pavement),
        block((-2.4, 0.0, -4.0), (-2.2, 0.15, 60.0), kerb),
        block((4.2, 0.0, -4.0), (4.4, 0.15, 60.0), kerb),
        block((4.4, 0.0, -4.0), (30.0, 0.12, 11.0), grass),
        block((4.4, 0.0, 11.0), (9.0, 0.13, 60.0), pavement),
        block((4.6, 0.0, 7.2), (6.6, 0.25, 10.2), kerb),
        block((4.75, 0.25, 7.4), (6.45, 1.05, 10.0), booth),
        block((4.80, 1.05, 7.45), (6.40, 2.15, 9.95), pane),
        block((4.72, 1.05, 7.38), (4.84, 2.2, 7.5), booth),
        block((6.36, 1.05, 7.38), (6.48, 2.2, 7.5), booth),
        block((4.72, 1.05, 9.9), (4.84, 2.2, 10.02), booth),
        block((4.5, 2.2, 7.1), (6.7, 2.42, 10.3), blue),
        block((6.9, 0.0, 10.4), (30.0, 2.3, 10.8), brick),
        block((6.7, 0.0, 10.2), (7.2, 2.7, 11.0), kerb),
        block((-30.0, 0.0, 10.4), (-6.3, 2.3, 10.8), brick),
        block((-6.5, 0.0, 10.2), (-6.0, 2.7, 11.0), kerb),
        block((-1.9, 0.0, 8.8), (-1.6, 1.05, 9.2), Surface::matt(v3(0.62, 0.36, 0.03))),
        block((-26.0, 0.0, 34.0), (-8.0, 11.0, 44.0), house),
        block((9.5, 0.0, 30.0), (28.0, 14.0, 42.0), house),
        block((-8.0, 0.0, 58.0), (12.0, 8.0, 64.0), house),
        block((-2.62, 0.0, 13.4), (-2.5, 5.4, 13.52), post),
        block((-2.6, 5.3, 13.42), (-1.2, 5.4, 13.5), post),
        block((-1.7, 5.2, 13.36), (-1.15, 5.3, 13.56), Surface::matt(WHITE).lit(v3(2.2, 1.9, 1.3), NONE)),
    ];
    windows(&mut bodies);
    for i in 0..9 {
        let z = 0.5 + i as f32 * 4.4;
        bodies.push(block((0.92, 0.0, z), (1.08, 0.012, z + 2.0), line));
    }
    bodies.push(block((-2.0, 0.0, 7.9), (4.0, 0.012, 8.2), line));
    for (x, z) in [(-8.6, 14.5), (8.2, 14.0), (-8.4, 22.0), (8.0, 21.5), (10.5, 4.0)] {
        bodies.push(block((x - 0.14, 0.0, z - 0.14), (x + 0.14, 2.6, z + 0.14), trunk));
        leaves(&mut bodies, v3(x, 3.7, z), 1.9, 10);
    }
    Set {
        bodies,
        ground: asphalt,
        room: None,
        lamps: vec![
            lamp(-1.4, 5.1, 13.4, 0.3, v3(11.0, 9.0, 5.6)),
            lamp(4.3, 2.9, 6.9, 0.3, v3(4.6, 4.0, 2.7)),
            lamp(-1.0, 5.5, 2.0, 0.3, v3(5.0, 4.2, 2.7)),
        ],
        ambient: (v3(0.050, 0.052, 0.066), v3(0.44, 0.50, 0.60)),
        sun: Some(v3(-0.62, 0.66, -0.36).unit()),
    }
}

fn windows(bodies: &mut Vec<(Shape, Surface)>) {
    for floor in 0..4 {
        for i in 0..8 {
            let y = 1.6 + floor as f32 * 2.9;
            let on = (i * 5 + floor * 3) % 4 == 0;
            let lamp = if on { v3(0.75, 0.60, 0.34) } else { v3(0.012, 0.014, 0.02) };
            let pane = Surface::matt(v3(0.06, 0.08, 0.10)).glossy(0.2).lit(lamp, v3(0.05, 0.07, 0.09));
            let x = 10.2 + i as f32 * 2.2;
            bodies.push(block((x, y, 29.9), (x + 1.2, y + 1.5, 30.0), pane));
            if floor < 3 {
                let x = -25.0 + i as f32 * 2.1;
                bodies.push(block((x, y, 33.9), (x + 1.1, y + 1.5, 34.0), pane));
            }
        }
    }
}

fn gate_people(casting: &mut Casting) -> Vec<Walker> {
    let guard = Person {
        height: 1.76,
        top: v3(0.02, 0.035, 0.07),
        bottom: v3(0.02, 0.025, 0.04),
        hair: v3(0.015, 0.02, 0.04),
        case: false,
    };
    let post =
        Way { stops: vec![Stop(3.7, 6.6, 14.0), Stop(3.6, 8.6, 9.0), Stop(3.7, 6.6, 0.0)], speed: 0.9, rest_s: 0.0 };
    vec![
        Walker { who: guard, way: post, offset_s: 0.0 },
        casting.walker(
            false,
            &[Stop(-3.4, 30.0, 0.0), Stop(-3.6, 12.0, 2.0), Stop(-3.2, 3.0, 0.0), Stop(-4.2, -1.0, 0.0)],
            6.0,
        ),
        casting.walker(true, &[Stop(-4.6, 1.5, 0.0), Stop(-4.4, 12.0, 0.0), Stop(-4.0, 32.0, 0.0)], 8.0),
        casting.walker(
            false,
            &[Stop(5.6, 28.0, 0.0), Stop(5.2, 12.4, 1.5), Stop(-3.5, 12.2, 0.0), Stop(-3.4, 2.0, 0.0)],
            10.0,
        ),
    ]
}

/// Cars at `t_s`: index, place, heading. One drives in and one out in each period.
fn cars(t_s: f64) -> Vec<(usize, V3, V3)> {
    let number = (t_s / CAR_EVERY_S).floor();
    let t = (t_s - number * CAR_EVERY_S) as f32;
    let index = number.rem_euclid(3.0) as usize;
    // In: from afar to the barrier, a wait, then on past the viewer. Positions are pieces of straight and eased motion.
    let z = match t {
        t if t < 7.0 => 12.2 + 34.0 * (1.0 - t / 7.0).powi(2),
        t if t < 11.0 => 12.2,
        t => 12.2 - 1.1 * (t - 11.0).powi(2),
    };
    let mut out = Vec::new();
    if z > -3.0 {
        out.push((index, v3(-0.6, 0.0, z), v3(0.0, 0.0, -1.0)));
    }
    out
}

/// How far the barrier is up at `t_s`, 0 to 1.
fn barrier_lift(t_s: f64) -> f32 {
    let t = t_s.rem_euclid(CAR_EVERY_S) as f32;
    ((t - 8.6) / 1.8).clamp(0.0, 1.0) * (1.0 - ((t - 15.5) / 2.0).clamp(0.0, 1.0))
}

fn draw_barrier(brush: &mut Brush<'_>, lift: f32) {
    let eased = lift * lift * (3.0 - 2.0 * lift) * 1.40;
    let hinge = v3(-1.75, 0.98, 9.0);
    let along = v3(eased.cos(), eased.sin(), 0.0);
    let across = v3(-eased.sin(), eased.cos(), 0.0) * 0.07;
    for i in 0..12 {
        let (a, b) = (hinge + along * (i as f32 * 0.46), hinge + along * ((i + 1) as f32 * 0.46));
        let colour = if i % 2 == 0 { v3(0.75, 0.05, 0.04) } else { v3(0.85, 0.85, 0.82) };
        brush.face([a - across, b - across, b + across, a + across], colour, 1.0);
    }
}

fn corridor_set() -> Set {
    let door = Surface::matt(v3(0.23, 0.115, 0.05)).glossy(0.03);
    let frame = Surface::matt(v3(0.10, 0.055, 0.03));
    let skirting = Surface::matt(v3(0.16, 0.09, 0.05));
    let runner = Surface::matt(v3(0.07, 0.10, 0.19)).with(Pattern::Grain);
    let border = Surface::matt(v3(0.42, 0.31, 0.12)).with(Pattern::Grain);
    let panel = Surface::matt(WHITE).lit(v3(1.75, 1.6, 1.35), NONE);
    let brass = Surface::matt(v3(0.55, 0.40, 0.14));
    let mut bodies = vec![
        block((-1.0, 0.0, -1.0), (1.0, 0.012, 29.0), border),
        block((-0.88, 0.0, -1.0), (0.88, 0.016, 29.0), runner),
        block((-1.5, 0.0, -1.0), (-1.47, 0.14, 30.0), skirting),
        block((1.47, 0.0, -1.0), (1.5, 0.14, 30.0), skirting),
        block((-0.7, 0.6, 29.9), (0.7, 2.3, 29.96), Surface::matt(NONE).lit(v3(0.01, 0.012, 0.02), v3(1.5, 1.65, 1.8))),
        block((-0.78, 0.52, 29.85), (-0.7, 2.38, 29.97), frame),
        block((0.7, 0.52, 29.85), (0.78, 2.38, 29.97), frame),
        block(
            (-0.32, 2.36, 14.0),
            (0.32, 2.58, 14.06),
            Surface::matt(NONE).lit(v3(0.05, 0.85, 0.28), v3(0.05, 0.75, 0.25)),
        ),
        block((-1.49, 1.25, 7.9), (-1.44, 1.95, 8.9), Surface::matt(v3(0.30, 0.22, 0.10)).with(Pattern::Grain)),
        block((-1.46, 1.32, 7.97), (-1.43, 1.88, 8.83), Surface::matt(v3(0.13, 0.26, 0.30)).with(Pattern::Grain)),
        block((1.36, 0.55, 11.2), (1.5, 1.15, 11.6), Surface::matt(v3(0.55, 0.03, 0.025))),
    ];
    for i in 0..5 {
        let z = 2.6 + i as f32 * 5.4;
        for (wall, sign) in [(-1.5_f32, 1.0_f32), (1.5, -1.0)] {
            let z = z + if sign > 0.0 { 1.8 } else { 0.0 };
            let at = |out: f32| if sign > 0.0 { (wall, wall + out) } else { (wall - out, wall) };
            let ((f0, f1), (d0, d1), (h0, h1)) = (at(0.06), at(0.035), at(0.11));
            bodies.push(block((f0, 0.0, z), (f1, 2.18, z + 0.1), frame));
            bodies.push(block((f0, 0.0, z + 1.1), (f1, 2.18, z + 1.2), frame));
            bodies.push(block((f0, 2.1, z), (f1, 2.2, z + 1.2), frame));
            bodies.push(block((d0, 0.0, z + 0.1), (d1, 2.1, z + 1.1), door));
            bodies.push(block((h0, 1.0, z + 0.16), (h1, 1.04, z + 0.30), brass));
        }
        let z = 2.2 + i as f32 * 5.4;
        bodies.push(block((-0.32, 2.77, z), (0.32, 2.79, z + 1.3), panel));
    }
    let lamps = (0..5).map(|i| lamp(0.0, 2.6, 2.85 + i as f32 * 5.4, 0.45, v3(1.95, 1.7, 1.3)));
    Set {
        bodies,
        ground: Surface::matt(v3(0.40, 0.34, 0.27)).with(Pattern::Tiles { size: 0.6 }).glossy(0.12),
        room: Some((
            v3(-1.5, -0.1, -2.0),
            v3(1.5, 2.8, 30.0),
            Surface::matt(v3(0.60, 0.54, 0.43)),
            Surface::matt(v3(0.70, 0.68, 0.63)),
        )),
        lamps: lamps.chain([window(0.0, 1.5, 29.0, v3(4.4, 4.9, 5.5))]).collect(),
        ambient: (v3(0.235, 0.205, 0.160), v3(0.028, 0.033, 0.040)),
        sun: None,
    }
}

fn corridor_people(casting: &mut Casting) -> Vec<Walker> {
    vec![
        casting.walker(true, &[Stop(0.35, 28.5, 0.0), Stop(0.25, 9.5, 1.5), Stop(0.4, 0.9, 0.0)], 8.0),
        casting.walker(
            false,
            &[Stop(-0.5, 1.2, 0.0), Stop(-0.45, 15.0, 0.0), Stop(-0.9, 19.6, 3.0), Stop(-0.5, 28.5, 0.0)],
            11.0,
        ),
        casting.walker(false, &[Stop(-0.2, 28.0, 0.0), Stop(-0.3, 3.0, 0.0), Stop(-0.4, 0.9, 0.0)], 15.0),
    ]
}

/// How far the near right door is open at `t_s`, 0 to 1.
fn door_part(t_s: f64) -> f32 {
    let t = t_s.rem_euclid(DOOR_EVERY_S) as f32;
    let part = ((t - 4.0) / 1.3).clamp(0.0, 1.0) * (1.0 - ((t - 9.5) / 2.0).clamp(0.0, 1.0));
    part * part * (3.0 - 2.0 * part)
}

fn draw_door(brush: &mut Brush<'_>, part: f32) {
    if part < 0.01 {
        return;
    }
    // The opening behind the leaf, then the leaf, hinged at its far edge, swung into the corridor.
    let (near, far, wall) = (8.1, 9.1, 1.455);
    brush.face(
        [v3(wall, 0.0, near), v3(wall, 0.0, far), v3(wall, 2.1, far), v3(wall, 2.1, near)],
        v3(0.05, 0.042, 0.03),
        1.0,
    );
    let angle = part * 1.15;
    let tip = v3(wall - angle.sin(), 0.0, far - angle.cos());
    let hinge = v3(wall, 0.0, far);
    let up = v3(0.0, 2.1, 0.0);
    brush.face([hinge, tip, tip + up, hinge + up], v3(0.25, 0.125, 0.055), 1.0);
    let (a, b) = (hinge.toward(tip, 0.12), hinge.toward(tip, 0.88));
    for (low, high) in [(0.25, 0.95), (1.15, 1.9)] {
        let (l, h) = (v3(0.0, low, 0.0), v3(0.0, high, 0.0));
        brush.face([a + l, b + l, b + h, a + h], v3(0.17, 0.08, 0.035), 0.8);
    }
    let knob = hinge.toward(tip, 0.92) + v3(0.0, 1.02, 0.0);
    brush.face(
        [knob, knob.toward(tip + v3(0.0, 1.02, 0.0), 0.8), knob + v3(0.0, 0.05, 0.0), knob + v3(0.0, 0.06, 0.01)],
        v3(0.7, 0.5, 0.2),
        1.0,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_car_passes_only_under_a_lifted_barrier() {
        for i in 0..2_600 {
            let t = f64::from(i) * 0.01;
            for (_, at, _) in cars(t) {
                if (at.z - 9.0).abs() < 2.2 {
                    assert!(
                        barrier_lift(t) > 0.9,
                        "at {t} the car is at {} and the barrier at {}",
                        at.z,
                        barrier_lift(t)
                    );
                }
            }
        }
    }

    #[test]
    fn doors_open_and_close_within_their_period() {
        assert!(door_part(0.0) < 0.01 && door_part(7.0) > 0.99 && door_part(DOOR_EVERY_S - 0.1) < 0.01);
    }
}
