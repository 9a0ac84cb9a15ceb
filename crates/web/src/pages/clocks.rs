//! Clocks: the server's own and every device's, with their drift. Limits and history are handed in.

use super::{AppBar, Mark, Say, State};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// Width and height of the chart, in its own units.
const CHART: (i64, i64) = (700, 120);

/// A device's clock.
#[derive(Debug, Clone)]
pub struct DeviceLine {
    /// Camera id.
    pub camera: String,
    /// Names of its cameras.
    pub name: String,
    /// Its code or address.
    pub code: String,
    /// It takes the time from this platform by itself.
    pub sets_itself: bool,
    /// Its clock minus ours, ms; `None` = not yet measured.
    pub error_ms: Option<i64>,
    /// What it gains a day, ms.
    pub drift_ms: Option<i64>,
    /// Beyond the limit.
    pub is_off: bool,
}

impl DeviceLine {
    /// Its state in shape and word.
    #[must_use]
    pub fn state(&self) -> State {
        match (self.error_ms, self.is_off) {
            (None, _) => State::new(Mark::Info, "尚未测得", "Not yet measured"),
            (Some(_), true) => State::new(Mark::Warning, "超过限值", "Beyond the limit"),
            (Some(_), false) => State::new(Mark::Ok, "正常", "Fine"),
        }
    }
}

/// Errors over time as a line, scaled into the size of the chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chart {
    /// Points of the SVG line.
    pub points: String,
    /// The largest error shown, ms: the chart reaches from minus this to this.
    pub most_ms: i64,
    /// First instant.
    pub from: UtcMs,
    /// Last instant.
    pub to: UtcMs,
}

impl Chart {
    /// A line of at least two measurements, the oldest first.
    #[must_use]
    pub fn of(samples: &[(UtcMs, i64)]) -> Option<Self> {
        let (first, last) = (samples.first()?, samples.last()?);
        let length_ms = last.0.since(first.0);
        if length_ms <= 0 {
            return None;
        }
        let most_ms = samples.iter().map(|s| s.1.saturating_abs()).max()?.max(10);
        let (width, height) = CHART;
        let mut points = String::new();
        for (at, error) in samples {
            let x = i128::from(at.since(first.0)) * i128::from(width) / i128::from(length_ms);
            // Above the middle is ahead of the true time.
            let y = i128::from(height) / 2 - i128::from(*error) * i128::from(height / 2 - 4) / i128::from(most_ms);
            points.push_str(&format!("{x},{y} "));
        }
        Some(Self { points: points.trim_end().to_owned(), most_ms, from: first.0, to: last.0 })
    }
}

/// `GET /clocks`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "clocks.html")]
pub struct ClocksPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// State of the own clock.
    pub state: State,
    /// Facts of the own clock.
    pub facts: Vec<(Text, String)>,
    /// What to do about it; empty when nothing.
    pub next: Text,
    /// Its errors of a week.
    pub chart: Option<Chart>,
    /// Devices, the worst first.
    pub devices: Vec<DeviceLine>,
    /// Limit of a device's error, seconds.
    pub limit_s: u32,
    /// Steps of the system clock, the newest first: when, what.
    pub steps: Vec<(UtcMs, Text, u64)>,
}

/// An error or drift with its sign: `+340 ms`, `−2.4 s`.
#[must_use]
pub fn signed(ms: &i64) -> String {
    let sign = match ms {
        0 => "",
        1.. => "+",
        _ => "−",
    };
    let size = ms.unsigned_abs();
    match size {
        0..10_000 => format!("{sign}{size} ms"),
        _ => format!("{sign}{}.{} s", size / 1_000, size % 1_000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_needs_two_instants_and_stays_in_its_box() {
        let t = |n: i64| UtcMs(n * 600_000);
        assert_eq!(Chart::of(&[]), None);
        assert_eq!(Chart::of(&[(t(1), 5)]), None);
        let chart = Chart::of(&[(t(0), 0), (t(1), 200), (t(2), -200)]).unwrap();
        assert_eq!((chart.points.as_str(), chart.most_ms), ("0,60 350,4 700,116", 200));
        let extreme = Chart::of(&[(t(0), i64::MIN), (t(1), i64::MAX)]).unwrap();
        assert_eq!(extreme.points, "0,116 700,4");
    }

    #[test]
    fn errors_have_their_sign_and_a_fitting_unit() {
        let said: Vec<_> = [0, 340, -9_999, 12_340, i64::MIN].iter().map(signed).collect();
        assert_eq!(said[..4], ["0 ms", "+340 ms", "−9999 ms", "+12.3 s"]);
        assert!(said[4].starts_with('−'));
    }
}
