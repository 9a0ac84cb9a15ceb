//! Papers: dated records of what the program cannot see itself. Title and number are free text of people: [`Pii`] here, sealed at rest.

use base::{AccountId, CivilDate, ErrorKind, PaperId, Pii, Refusal, Sha256, Text, UtcMs};
use law::Probe;

/// Most papers of a site that are not withdrawn.
pub const PAPERS: usize = 2_000;
/// Longest title, characters.
pub const TITLE_CHARS: usize = 120;
/// Longest file number, characters.
pub const NUMBER_CHARS: usize = 60;
/// Days of an own period.
pub const PERIOD_DAYS: std::ops::RangeInclusive<u32> = 1..=3_660;
/// Longest that a paper may be valid or wait for its review, days (fifty years).
const VALID_DAYS: i32 = 18_300;
/// Longest that a paper may lie back, days (fifty years).
const OLD_DAYS: i32 = 18_300;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $code:literal $zh:literal $en:literal),+ $(,)?) => {
        /// What a paper records.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum PaperKind { $($(#[$doc])* $kind,)+ }

        impl PaperKind {
            /// All, as a form lists them.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// Stable word for rows and entries.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)+ }
            }

            /// What pages call it.
            #[must_use]
            pub const fn name(self) -> Text {
                match self { $(Self::$kind => Text::new($zh, $en),)+ }
            }
        }
    };
}

kinds! {
    /// Who is responsible (A-7-1, A-10-2-2).
    Responsible "responsible_person" "责任人任命" "person responsible named",
    /// Training held (A-11-1-f1).
    Training "training_held" "业务培训" "training held",
    /// Training in confidentiality held (B-20).
    ConfidentialityTraining "confidentiality_training_held" "保密培训" "training in confidentiality held",
    /// Rules for the use of information (A-11-1-f3, 799-16).
    InformationRules "information_rules_issued" "信息使用制度" "rules for the use of information",
    /// Operating rules (B-21-1, B-22-1-1).
    OperatingRules "operating_rules_issued" "使用维护制度" "operating rules",
    /// Rules of the watch (B-22-1-3).
    WatchRules "watch_rules_issued" "值班制度" "rules of the watch",
    /// Plan for emergencies (B-21-1, B-22-1-3).
    EmergencyPlan "emergency_plan_issued" "应急处置预案" "emergency plan",
    /// Archive (B-20).
    Archive "archive_kept" "资料档案" "archive",
    /// Put into use: the day from which days are counted, where the system is older than its first footage here.
    PutIntoUse "put_into_use" "系统投入使用" "system put into use",
    /// Acceptance passed (B-19-2-3).
    Acceptance "acceptance_passed" "验收合格" "acceptance passed",
    /// Filed with the county police (799-14).
    Filing "filed_with_police" "公安机关备案" "filed with the police",
    /// Papers of the products (B-18).
    ProductPapers "product_papers_kept" "产品合规资料" "papers of the products",
    /// Filing of the firms hired (A-16-1).
    ProviderFiling "provider_filing_seen" "服务单位备案证明" "filing of a provider",
    /// Places of privacy inspected (799-8-2).
    PlacesInspection "private_places_inspected" "隐私区域检查" "places of privacy inspected",
    /// Equipment maintained (799-15).
    Maintenance "equipment_maintained" "设备维护" "equipment maintained",
}

impl PaperKind {
    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.code() == code)
    }

    /// Its number says what it is: a filing without one proves nothing.
    #[must_use]
    pub const fn needs_number(self) -> bool {
        matches!(self, Self::Filing)
    }
}

/// The papers that decide a probe; all of them are needed. Empty where the program sees for itself.
#[must_use]
pub const fn kinds_of(probe: Probe) -> &'static [PaperKind] {
    use PaperKind as K;
    match probe {
        Probe::Responsible => &[K::Responsible],
        Probe::Training => &[K::Training],
        Probe::ConfidentialityTraining => &[K::ConfidentialityTraining],
        Probe::InformationRules => &[K::InformationRules],
        Probe::OperatingRules => &[K::OperatingRules],
        Probe::DutyAndPlan => &[K::WatchRules, K::EmergencyPlan],
        Probe::Archive => &[K::Archive],
        Probe::Filing => &[K::Filing],
        Probe::Acceptance => &[K::Acceptance],
        Probe::ProductPapers => &[K::ProductPapers],
        Probe::ProviderFiling => &[K::ProviderFiling],
        Probe::PrivatePlaces => &[K::PlacesInspection],
        Probe::Installed
        | Probe::Running
        | Probe::Operators
        | Probe::Retention
        | Probe::Deletion
        | Probe::Signs
        | Probe::AlarmReports
        | Probe::Network
        | Probe::Security => &[],
    }
}

/// The paper that shows that a regular act was done, where the law leaves its period to the unit.
#[must_use]
pub const fn period_of(probe: Probe) -> Option<PaperKind> {
    match probe {
        Probe::PrivatePlaces => Some(PaperKind::PlacesInspection),
        Probe::Running => Some(PaperKind::Maintenance),
        Probe::Training => Some(PaperKind::Training),
        Probe::ConfidentialityTraining => Some(PaperKind::ConfidentialityTraining),
        _ => None,
    }
}

/// A record as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paper {
    /// Its id.
    pub id: PaperId,
    /// What it records.
    pub kind: PaperKind,
    /// Title of the paper or what was done; may name persons.
    pub title: Pii<String>,
    /// File or filing number; may be empty.
    pub number: Pii<String>,
    /// Day of the paper or of what was done.
    pub day: CivilDate,
    /// Last day it is valid, or the day of its review; none: until withdrawn.
    pub until: Option<CivilDate>,
    /// Digest of the document, where somebody gave it.
    pub document: Option<Sha256>,
    /// Who entered it.
    pub by: AccountId,
    /// When.
    pub entered: UtcMs,
}

/// A record as somebody filled it in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaperForm {
    /// What it records.
    pub kind: PaperKind,
    /// Title.
    pub title: Pii<String>,
    /// Number.
    pub number: Pii<String>,
    /// Day.
    pub day: CivilDate,
    /// Valid until, or review on.
    pub until: Option<CivilDate>,
    /// Digest of the document.
    pub document: Option<Sha256>,
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// Checks a paper as somebody filled it in; gives it as it is kept.
///
/// # Errors
/// `title`, `number`, `day`, `until`: the field that is wrong.
pub fn check(form: PaperForm, today: CivilDate) -> Result<PaperForm, Refusal> {
    let words = |text: &str, from: usize, to: usize| {
        (from..=to).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    let (title, number) = (form.title.expose().trim().to_owned(), form.number.expose().trim().to_owned());
    if !words(&title, 1, TITLE_CHARS) {
        let what =
            Text::new("请填写名称，写在一行里，至多120字。", "Enter a title in one line, at most 120 characters.");
        return Err(bad("title", what));
    }
    let least = usize::from(form.kind.needs_number());
    if !words(&number, least, NUMBER_CHARS) {
        let what = if number.is_empty() {
            Text::new("请填写备案编号。", "Enter the number of the filing.")
        } else {
            Text::new("编号写在一行里，至多60字。", "A number stands in one line, at most 60 characters.")
        };
        return Err(bad("number", what));
    }
    if form.day > today || form.day < today.plus_days(-OLD_DAYS) {
        let what =
            Text::new("日期不能晚于今天，也不能早于五十年前。", "The day is not after today and not fifty years back.");
        return Err(bad("day", what));
    }
    if form.until.is_some_and(|until| until <= form.day || until > form.day.plus_days(VALID_DAYS)) {
        let what = Text::new(
            "有效期或者复审日应当晚于登记日期，至多五十年。",
            "The last valid day or day of review is after the day of the paper, at most fifty years.",
        );
        return Err(bad("until", what));
    }
    Ok(PaperForm { title: Pii::new(title), number: Pii::new(number), ..form })
}

/// There are as many papers as are kept.
#[must_use]
pub fn no_room() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "too_many_papers",
        Text::new("登记的文件已满2000份。", "There are 2,000 papers already."),
        Text::new("请先撤回不再有效的文件。", "Withdraw papers that no longer hold."),
    )
}
