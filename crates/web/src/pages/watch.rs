//! Watching: the desk (live wall) and playback. Dark. The picture itself is fetched by the modules in `assets/js`.

use super::{AppBar, Choice, Say, State, words};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// A camera as the wall, the tree and playback know it.
#[derive(Debug, Clone, Default)]
pub struct CameraTile {
    /// Camera id, as in addresses.
    pub id: String,
    /// Name.
    pub name: String,
    /// Place, as in the tree.
    pub place: String,
    /// State.
    pub state: State,
    /// Why there is no picture, when there is none; empty otherwise.
    pub why_dark: Text,
    /// Newest bit rate, bit/s.
    pub bit_rate_bps: u64,
    /// The browser can play it live (H.264); otherwise the cell says so.
    pub live: bool,
    /// Has sound.
    pub audio: bool,
    /// Recording now.
    pub recording: bool,
}

/// One place with its cameras.
#[derive(Debug, Clone, Default)]
pub struct PlaceNode {
    /// Name of the place.
    pub name: String,
    /// Cameras in it, in order of names.
    pub cameras: Vec<CameraTile>,
}

/// `GET /desk?wall=1|4|9|16`: tree, wall, timeline of the chosen cell.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "desk.html")]
pub struct DeskPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Places with cameras.
    pub places: Vec<PlaceNode>,
    /// Cells at first: 1, 4, 9 or 16.
    pub cells: u8,
    /// Camera ids of the cells from the first on; missing ones stay empty.
    pub shown: Vec<String>,
    /// Who watches from above, one sentence each; kept up to date by the `notice` events.
    pub watched: Vec<Text>,
}

impl DeskPage {
    /// Cameras in all.
    #[must_use]
    pub fn camera_count(&self) -> usize {
        self.places.iter().map(|p| p.cameras.len()).sum()
    }

    /// The ids of the first cells, as the module reads them.
    #[must_use]
    pub fn shown_list(&self) -> String {
        self.shown.join(" ")
    }
}

/// A gap in words.
#[derive(Debug, Clone)]
pub struct GapLine {
    /// From.
    pub from: UtcMs,
    /// To; `None` = still open.
    pub to: Option<UtcMs>,
    /// Cause, e.g. 设备离线.
    pub cause: Text,
}

impl GapLine {
    /// How long, ms; `None` = still open.
    #[must_use]
    pub fn length_ms(&self) -> Option<i64> {
        self.to.map(|to| to.since(self.from))
    }
}

/// A bookmark in words.
#[derive(Debug, Clone)]
pub struct BookmarkLine {
    /// Its id.
    pub id: String,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// What its maker wrote.
    pub note: String,
    /// Who set it.
    pub who: String,
}

/// A hold in words.
#[derive(Debug, Clone)]
pub struct HoldLine {
    /// Its id.
    pub id: String,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// Why, e.g. 申请 2026-0007.
    pub reason: Text,
    /// The custodian may end it here: it belongs to no request, and to no incident that is open.
    pub releasable: bool,
}

/// `GET /playback?camera=&at=`: recording of one camera. Acts post to `/api/v1/bookmarks`, `/api/v1/holds`, `/api/v1/deletions`
/// with `camera`, `from`, `to` (ms) and `reason`; asking goes to `/use/new`. Parts marked `data-fresh` are fetched anew after an act.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "playback.html")]
pub struct PlaybackPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Cameras to choose from (value = id).
    pub cameras: Vec<Choice>,
    /// The chosen one; `None` = nothing to play yet.
    pub camera: Option<CameraTile>,
    /// Instant to open at.
    pub at: UtcMs,
    /// Gaps of the shown day.
    pub gaps: Vec<GapLine>,
    /// Holds on this camera.
    pub holds: Vec<HoldLine>,
    /// Bookmarks of the shown day.
    pub bookmarks: Vec<BookmarkLine>,
    /// Oldest footage kept, if any.
    pub oldest: Option<UtcMs>,
    /// Days the law asks for this camera.
    pub law_days: u32,
}

impl PlaybackPage {
    /// `2026-11-21` of the instant, for the date field.
    #[must_use]
    pub fn date(&self) -> String {
        self.at.desk().chars().take(10).collect()
    }

    /// `18:30:05` of the instant, for the time field.
    #[must_use]
    pub fn time(&self) -> String {
        self.at.desk().chars().skip(11).collect()
    }
}
