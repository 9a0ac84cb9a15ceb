//! The police inbox on an authority's server: the queue of reports, one report with what was done, and the sites it knows.

use super::{AppBar, Choice, FormErrors, Pager, Say, State, words};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// One report of the queue.
#[derive(Debug, Clone)]
pub struct ReportLine {
    /// Number on this server.
    pub number: u64,
    /// Site.
    pub site: String,
    /// How urgent, in shape, and what it is about.
    pub what: State,
    /// Where; empty = the signal named no zone.
    pub place: Text,
    /// Raised by hand and not verified.
    pub unverified: bool,
    /// When it came.
    pub received: UtcMs,
    /// How far it is.
    pub step: State,
    /// Nobody has taken it.
    pub waits: bool,
}

/// `GET /inbox?all=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "inbox.html")]
pub struct InboxPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Reports.
    pub lines: Vec<ReportLine>,
    /// Closed ones too.
    pub all: bool,
    /// Reports that nobody has taken.
    pub waiting: u64,
    /// The page does not show all.
    pub cut: Option<Cut>,
}

/// A page that leaves reports out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// How many it shows.
    pub shown: u64,
    /// Of how many; `None`: of nobody knows how many.
    pub of: Option<u64>,
}

/// A zone that spoke.
#[derive(Debug, Clone)]
pub struct ZoneLine {
    /// Number and name.
    pub name: String,
    /// Place.
    pub place: String,
    /// When.
    pub at: Option<UtcMs>,
}

/// A picture or clip that came with a report, or why there is none.
#[derive(Debug, Clone, Default)]
pub struct ExhibitLine {
    /// Number: the place of its entry.
    pub number: u64,
    /// Camera, as the site calls it.
    pub camera: String,
    /// What it is.
    pub what: Text,
    /// A single picture.
    pub is_picture: bool,
    /// Footage from.
    pub from: UtcMs,
    /// Footage to.
    pub to: UtcMs,
    /// Length, bytes.
    pub bytes: u64,
    /// Digest, hexadecimal.
    pub sha256: String,
    /// Why there is none.
    pub absent: Option<Text>,
    /// Deleted at the end of its time.
    pub deleted: bool,
    /// When it came.
    pub received: UtcMs,
}

/// Something the police did.
#[derive(Debug, Clone)]
pub struct StepLine {
    /// When.
    pub at: UtcMs,
    /// What.
    pub what: Text,
    /// Who.
    pub who: String,
    /// Words.
    pub remark: String,
    /// Log entry.
    pub log: u64,
}

/// `GET /inbox/{index}`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "inbox_report.html")]
pub struct ReportPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Number on this server: the place of its entry.
    pub number: u64,
    /// Number at the site.
    pub site_number: String,
    /// Site.
    pub site: String,
    /// What, in shape and word.
    pub what: State,
    /// Raised by hand and not verified.
    pub unverified: bool,
    /// Source, as its protocol names it.
    pub source: String,
    /// Zones.
    pub zones: Vec<ZoneLine>,
    /// What the site found on verifying; empty = not verified.
    pub verdict: Text,
    /// Its reason.
    pub reason: String,
    /// When the site verified.
    pub verified: Option<UtcMs>,
    /// When the first signal arrived at the site.
    pub signalled: Option<UtcMs>,
    /// When the site made the report.
    pub made: UtcMs,
    /// When it came.
    pub received: UtcMs,
    /// Held footage that belongs to it.
    pub clip: Option<(UtcMs, UtcMs)>,
    /// Cameras that see the place.
    pub cameras: usize,
    /// Pictures and clips.
    pub exhibits: Vec<ExhibitLine>,
    /// Pictures and clips still to come.
    pub awaited: usize,
    /// Days that they are kept.
    pub kept_days: i64,
    /// How far it is.
    pub step: State,
    /// Next steps to choose from.
    pub next: Vec<Choice>,
    /// This account may act.
    pub may_act: bool,
    /// What was done.
    pub steps: Vec<StepLine>,
    /// Errors of the form.
    pub errors: FormErrors,
}

impl ReportPage {
    /// A site has verified it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        !self.verdict.zh.is_empty()
    }
}

/// A head that contradicts another.
#[derive(Debug, Clone)]
pub struct ConflictLine {
    /// When.
    pub at: UtcMs,
    /// What, in words.
    pub what: Text,
    /// Log entry; both heads are downloaded by it.
    pub log: u64,
    /// Entries that were witnessed, and entries shown afterwards.
    pub sizes: Option<(u64, u64)>,
    /// When a person accepted the new line, and the entry of it.
    pub settled: Option<(UtcMs, u64)>,
    /// The new line can be accepted here.
    pub acceptable: bool,
}

/// A site.
#[derive(Debug, Clone)]
pub struct SiteLine {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Province.
    pub province: Text,
    /// State.
    pub state: State,
    /// It waits to be admitted.
    pub asks: bool,
    /// It is admitted.
    pub admitted: bool,
    /// Code to compare.
    pub code: String,
    /// Fingerprint of its log's key.
    pub fingerprint: String,
    /// Entries witnessed and when.
    pub witnessed: Option<(u64, UtcMs)>,
    /// Reports that came and highest number.
    pub messages: (u64, u64),
    /// Contradictions.
    pub conflicts: Vec<ConflictLine>,
}

/// `GET /sites?q=&page=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "sites.html")]
pub struct SitesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Sites of this page.
    pub sites: Vec<SiteLine>,
    /// How many there are in all.
    pub total: usize,
    /// Words to find.
    pub query: String,
    /// There are so many that they are searched.
    pub searched: bool,
    /// Neighbours.
    pub pager: Pager,
    /// Text that a site's person pastes.
    pub connection: String,
    /// Fingerprint of the witness key.
    pub witness: String,
    /// Witness key, text form.
    pub witness_key: String,
    /// This account may admit.
    pub may_admit: bool,
    /// Provinces.
    pub provinces: Vec<Choice>,
    /// Admitted sites, each with where it lies.
    pub placed: Vec<Choice>,
    /// There are more admitted sites than that list has.
    pub placed_more: bool,
    /// Divisions of this province; empty: the packs name none, and the code is typed.
    pub divisions: Vec<Choice>,
    /// Errors of the form.
    pub errors: FormErrors,
}

/// `GET /link`: a site's way to its authority.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "link.html")]
pub struct LinkPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Address of the authority; empty = none entered.
    pub address: String,
    /// State.
    pub state: State,
    /// Why it does not answer.
    pub fault: Option<Text>,
    /// When it answered last.
    pub answered: Option<UtcMs>,
    /// Code to compare.
    pub code: String,
    /// It still has to be admitted there.
    pub asks: bool,
    /// Key of this log.
    pub vkey: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Key on the bus.
    pub pin: String,
    /// Entries witnessed, and when.
    pub witnessed: Option<(u64, UtcMs)>,
    /// Entries in the log.
    pub entries: u64,
    /// Reports without receipt.
    pub waiting_reports: u64,
    /// Since when the oldest waits.
    pub waiting_since: Option<UtcMs>,
    /// Pictures and clips without receipt.
    pub waiting_exhibits: u64,
    /// The authority says that this log contradicts what it witnessed.
    pub contradicted: bool,
    /// This server was restored: when the backup was made, when it was restored, entries of the log in it.
    pub restored: Option<(UtcMs, UtcMs, u64)>,
    /// When the site last reported of itself, and when that was received.
    pub own_report: Option<(UtcMs, Option<UtcMs>)>,
    /// This account may have it report now.
    pub may_report: bool,
    /// This account may enter another authority.
    pub may_change: bool,
    /// What was typed.
    pub typed: String,
    /// Errors of the form.
    pub errors: FormErrors,
}
