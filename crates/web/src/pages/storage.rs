//! Storage: days kept against days the law asks, forecast, disks, gaps.

use super::watch::GapLine;
use super::{AppBar, Mark, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// Retention of one camera.
#[derive(Debug, Clone)]
pub struct KeptLine {
    /// Camera id.
    pub id: String,
    /// Camera name.
    pub name: String,
    /// Days kept, tenths.
    pub kept_tenths: u32,
    /// Days the law asks.
    pub law_days: u32,
    /// The clause that asks most.
    pub clause: Citation,
    /// State: meets, growing (not yet that old), below.
    pub state: State,
    /// Oldest footage.
    pub oldest: Option<UtcMs>,
    /// Days that will be kept as things are going, tenths; `None` = too early to say.
    pub forecast_tenths: Option<u32>,
    /// Bytes a day.
    pub per_day_bytes: u64,
    /// Held footage, ms.
    pub held_ms: i64,
}

impl KeptLine {
    /// Width of the bar, per cent of the scale (an SVG attribute: style attributes are not allowed).
    #[must_use]
    pub fn kept_percent(&self) -> u32 {
        on_scale(self.kept_tenths, self.law_days)
    }

    /// Where the forecast ends, per cent of the scale; the bar itself when there is no forecast.
    #[must_use]
    pub fn forecast_percent(&self) -> u32 {
        on_scale(self.forecast_tenths.unwrap_or(self.kept_tenths), self.law_days)
    }
}

/// Tenths of days on a scale that puts the asked days at 75 %, so that more than enough still shows.
fn on_scale(tenths: u32, law_days: u32) -> u32 {
    let asked = u64::from(law_days.max(1)) * 10;
    u32::try_from((u64::from(tenths) * 75).div_ceil(asked).min(100)).unwrap_or(100)
}

/// One disk.
#[derive(Debug, Clone)]
pub struct DiskLine {
    /// Name.
    pub name: String,
    /// Folder or volume.
    pub path: String,
    /// Footage on it, bytes; known also while it is not there.
    pub footage_bytes: u64,
    /// State.
    pub state: State,
    /// Size, bytes.
    pub size_bytes: u64,
    /// Used, bytes.
    pub used_bytes: u64,
    /// Written per second, bytes.
    pub write_bytes_s: u64,
    /// Full on, as things are going.
    pub full_at: Option<UtcMs>,
}

impl DiskLine {
    /// Used, per cent.
    #[must_use]
    pub fn used_percent(&self) -> u64 {
        u64::try_from(u128::from(self.used_bytes) * 100 / u128::from(self.size_bytes.max(1)))
            .map_or(100, |p| p.min(100))
    }
}

/// What keeping footage for some days takes.
#[derive(Debug, Clone)]
pub struct PlanLine {
    /// Days; `None` = what the law asks of each camera.
    pub days: Option<u32>,
    /// Bytes that takes.
    pub needed_bytes: u64,
    /// Bytes to be bought; 0 when the disks suffice.
    pub missing_bytes: u64,
    /// Where what the disks hold ends on the scale of all plans, per cent.
    pub capacity_percent: u32,
    /// Where what is needed ends, per cent.
    pub needed_percent: u32,
}

impl PlanLine {
    /// How far the bar of what fits goes, per cent.
    #[must_use]
    pub fn fits_percent(&self) -> u32 {
        self.needed_percent.min(self.capacity_percent)
    }

    /// Its state in shape and word.
    #[must_use]
    pub fn state(&self) -> State {
        if self.missing_bytes == 0 {
            State::new(Mark::Ok, "够用", "Enough")
        } else {
            State::new(Mark::Warning, "不够", "Not enough")
        }
    }
}

/// What one camera takes of the disks.
#[derive(Debug, Clone)]
pub struct ShareLine {
    /// Camera id.
    pub id: String,
    /// Camera name.
    pub name: String,
    /// Who stops last when the disk is full: 9.
    pub priority: u8,
    /// Bytes a day.
    pub per_day_bytes: u64,
    /// Part of what all cameras write, per cent.
    pub percent: u32,
    /// Bytes that its term takes.
    pub needed_bytes: u64,
    /// Days that will really be kept, tenths; `None` = nothing measured yet.
    pub days_tenths: Option<u32>,
    /// Days the law asks.
    pub law_days: u32,
}

impl ShareLine {
    /// Its state in shape and word.
    #[must_use]
    pub fn state(&self) -> State {
        match self.days_tenths {
            None => State::new(Mark::Info, "尚早", "Too early"),
            Some(days) if days >= self.law_days * 10 => State::new(Mark::Ok, "够用", "Enough"),
            Some(_) => State::new(Mark::Warning, "不够", "Not enough"),
        }
    }
}

/// A gap with its camera.
#[derive(Debug, Clone)]
pub struct CameraGap {
    /// Camera id.
    pub camera: String,
    /// Camera name.
    pub name: String,
    /// The gap.
    pub gap: GapLine,
}

/// `GET /storage`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "storage.html")]
pub struct StoragePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// One sentence on the whole: enough, or when and where not.
    pub verdict: Text,
    /// Its shape.
    pub verdict_mark: Mark,
    /// Cameras, the shortest first.
    pub cameras: Vec<KeptLine>,
    /// Disks.
    pub disks: Vec<DiskLine>,
    /// What each camera takes, the largest first.
    pub shares: Vec<ShareLine>,
    /// Faults of the footage that the integrity scrub found and that are there.
    pub open_faults: u64,
    /// What the legal terms and other terms take.
    pub plans: Vec<PlanLine>,
    /// Bytes that the disks hold for footage.
    pub capacity_bytes: u64,
    /// Newest gaps first.
    pub gaps: Vec<CameraGap>,
    /// Gaps there are in all in the shown days.
    pub gap_total: u32,
}

#[cfg(test)]
mod tests {
    use super::on_scale;

    #[test]
    fn the_asked_days_stand_at_three_quarters() {
        assert_eq!(on_scale(300, 30), 75);
        assert_eq!(on_scale(0, 30), 0);
        assert_eq!(on_scale(1, 30), 1, "a little is still seen");
        assert_eq!(on_scale(u32::MAX, 1), 100);
        assert_eq!(on_scale(5, 0), 38, "no asked days must not divide by zero");
    }
}
