//! Owed duties against evidence: where each stands today, why, and when somebody has to think of it next.
//!
//! The order of a verdict: what is shown to be broken is overdue since its day; then a day of the law that passed with nothing on
//! record; then what is open now; then what nobody can know from here; what is left is met.

use super::paper::{kinds_of, period_of};
use super::{CameraEvidence, Evidence, LOOK_BACK_DAYS, WATCH_DAYS};
use base::{AccountId, CivilDate, Text, plural, time::DAY_MS};
use law::{CameraReach, Falls, ObligationDue, Owed, Packs, Probe};

/// Where a duty stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// What is shown satisfies it.
    Met,
    /// To be done: by a day, or now where the law names none.
    Due {
        /// Last day.
        by: Option<CivilDate>,
    },
    /// Broken, or not done by its day.
    Overdue {
        /// First day on which it was.
        since: CivilDate,
    },
    /// Nothing here shows whether it is met.
    Unknown,
}

impl State {
    /// Stable word for rows, entries, metrics and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Due { .. } => "due",
            Self::Overdue { .. } => "overdue",
            Self::Unknown => "unknown",
        }
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Met => Text::new("已履行", "met"),
            Self::Due { .. } => Text::new("待履行", "due"),
            Self::Overdue { .. } => Text::new("逾期", "overdue"),
            Self::Unknown => Text::new("不明", "unknown"),
        }
    }

    /// Since when, or until when, in words; empty where neither is said.
    #[must_use]
    pub fn when(self) -> Text {
        match self {
            Self::Overdue { since } => Text::of(format!("自{since}"), format!("since {since}")),
            Self::Due { by: Some(by) } => Text::of(format!("{by}前"), format!("by {by}")),
            Self::Due { by: None } => Text::new("没有规定天数", "no days are named"),
            Self::Met | Self::Unknown => Text::default(),
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Overdue { .. } => 0,
            Self::Due { .. } => 1,
            Self::Unknown => 2,
            Self::Met => 3,
        }
    }
}

/// A duty as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The duty, with who asks it.
    pub owed: Owed,
    /// Where it stands.
    pub state: State,
    /// What was found, one sentence each.
    pub facts: Vec<Text>,
    /// What is missing, one sentence each; empty when met.
    pub missing: Vec<Text>,
    /// The next day on which something is to be done.
    pub next: Option<CivilDate>,
    /// Who operates the system and came after the last training on record; names are not known here.
    pub untrained: Vec<AccountId>,
}

impl Standing {
    /// The year whose holidays are not published yet and could move the day by which this is due.
    #[must_use]
    pub fn provisional(&self) -> Option<i16> {
        match self.state {
            State::Due { by: Some(by) } if self.owed.deadline() == Some(by) => self.owed.provisional(),
            _ => None,
        }
    }
}

/// How many duties stand where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Met.
    pub met: u32,
    /// Due.
    pub due: u32,
    /// Overdue.
    pub overdue: u32,
    /// Unknown.
    pub unknown: u32,
}

impl Tally {
    /// Counts.
    #[must_use]
    pub fn of(list: &[Standing]) -> Self {
        list.iter().fold(Self::default(), |mut tally, s| {
            let n = match s.state {
                State::Met => &mut tally.met,
                State::Due { .. } => &mut tally.due,
                State::Overdue { .. } => &mut tally.overdue,
                State::Unknown => &mut tally.unknown,
            };
            *n += 1;
            tally
        })
    }

    /// With the words of [`State::code`].
    #[must_use]
    pub const fn pairs(self) -> [(&'static str, u32); 4] {
        [("met", self.met), ("due", self.due), ("overdue", self.overdue), ("unknown", self.unknown)]
    }
}

/// Whole days from one day to another; the one place where days are counted here.
fn days_between(from: CivilDate, to: CivilDate) -> i64 {
    to.start().since(from.start()) / DAY_MS
}

/// Of which reminder before a last day today is: the working days ahead of the nearest that has come (`workdays/counting.toml`); none
/// while the first is further off, or the day has passed.
#[must_use]
pub fn reminder(packs: &Packs, last: CivilDate, today: CivilDate) -> Option<u32> {
    if last < today {
        return None;
    }
    let come = packs.reminders(last, today).into_iter().filter(|r| r.day <= today);
    come.map(|r| r.working_days_left).min()
}

/// What a probe found.
#[derive(Default)]
struct Found {
    facts: Vec<Text>,
    /// Broken since.
    broken: Option<CivilDate>,
    /// Why it is broken, open or not known.
    missing: Vec<Text>,
    /// To be done now.
    open: bool,
    /// Nothing shows it.
    unseen: bool,
    /// Next day.
    next: Option<CivilDate>,
    /// Last day of something that holds until then.
    until: Option<CivilDate>,
    /// Next time by the unit's own period.
    own_next: Option<CivilDate>,
    /// Until half of the unit's own period has passed nobody is reminded of the next time: what is done every week is not due the day after.
    quiet_to: Option<CivilDate>,
    /// Who has no training yet.
    untrained: Vec<AccountId>,
}

impl Found {
    fn fact(&mut self, zh: String, en: String) {
        self.facts.push(Text::of(zh, en));
    }

    fn breaks(&mut self, since: CivilDate, zh: String, en: String) {
        self.broken = Some(self.broken.map_or(since, |known| known.min(since)));
        self.missing.push(Text::of(zh, en));
    }

    fn opens(&mut self, zh: String, en: String) {
        self.open = true;
        self.missing.push(Text::of(zh, en));
    }

    fn lacks(&mut self, zh: String, en: String) {
        self.unseen = true;
        self.missing.push(Text::of(zh, en));
    }

    fn ends(&mut self, day: CivilDate) {
        self.until = Some(self.until.map_or(day, |known| known.min(day)));
    }
}

/// Where each duty stands: overdue first (the oldest first), then due, unknown, met. The packs give the working days of the reminders.
#[must_use]
pub fn evaluate(packs: &Packs, owed: &[Owed], evidence: &Evidence, today: CivilDate) -> Vec<Standing> {
    let mut list: Vec<_> = owed.iter().map(|o| stand(packs, o, evidence, today)).collect();
    list.sort_by_key(|s| match s.state {
        State::Overdue { since } => (0, Some(since)),
        // What is to be done now, without a day, comes before what has days left.
        State::Due { by } => (1, by),
        other => (other.rank(), s.next),
    });
    list
}

fn stand(packs: &Packs, owed: &Owed, evidence: &Evidence, today: CivilDate) -> Standing {
    let mut found = probe(owed, evidence, today);
    let held = papers(owed, evidence, &mut found);
    period(owed, evidence, &mut found);
    trained(owed, evidence, &mut found);
    recounted(owed, &mut found);
    let used = evidence.first_use.map(|u| u.day);
    let before_use = owed.is_due(ObligationDue::BeforeUse) && !held;
    if let (Some(by), Some(year), false) = (owed.deadline(), owed.provisional(), held) {
        found.fact(
            format!("期限{by}是暂定的：{year}年放假安排尚未公布。"),
            format!("The last day {by} is provisional: the holidays of {year} are not published yet."),
        );
    }
    if let Some(day) = found.until.filter(|day| *day < today) {
        found.breaks(
            day.plus_days(1),
            format!("有效期或者期限至{day}，已过。"),
            format!("It held until {day}, which has passed."),
        );
    }
    // What else ends, such as a paper's validity, is not quiet.
    let is_quiet = found.quiet_to.is_some_and(|day| today < day) && found.until == found.own_next;
    let mut next = [found.next, found.until.filter(|day| *day >= today)].into_iter().flatten().min();
    let state = if let Some(since) = found.broken {
        State::Overdue { since }
    } else if owed.has_days() && !held {
        // A day that the law names: not recorded by it is late, whatever the reason.
        next = owed.deadline();
        match owed.deadline() {
            Some(by) if today > by => State::Overdue { since: by.plus_days(1) },
            by => State::Due { by },
        }
    } else if let (true, Some(since)) = (before_use, used) {
        State::Overdue { since }
    } else if before_use || found.open {
        State::Due { by: None }
    } else if found.unseen {
        State::Unknown
    } else if let Some(by) = found.until.filter(|day| !is_quiet && reminder(packs, *day, today).is_some()) {
        State::Due { by: Some(by) }
    } else {
        State::Met
    };
    Standing { owed: owed.clone(), state, facts: found.facts, missing: found.missing, next, untrained: found.untrained }
}

/// Says that a notice of holidays moved the last day, and from where.
fn recounted(owed: &Owed, found: &mut Found) {
    let Some((now, was)) = owed.counted().and_then(|now| Some((now, now.moved_from()?))) else { return };
    if let (Some(by), Falls::On(old)) = (now.day(), was.falls) {
        let (edition, known) = (&now.edition, &was.edition);
        found.fact(
            format!("期限原为{old}（按{known}推算），放假安排{edition}公布后重新计算为{by}。"),
            format!("The last day was {old} (by {known}); counted again with the holidays of {edition} it is {by}."),
        );
    }
}

/// Who came after the newest training on record has none yet. Without any record the whole is unknown, and nobody is singled out.
fn trained(owed: &Owed, e: &Evidence, found: &mut Found) {
    if !matches!(owed.probe, Probe::Training | Probe::ConfidentialityTraining) {
        return;
    }
    let Some(held) = kinds_of(owed.probe).iter().filter_map(|kind| e.paper(*kind)).map(|p| p.day).max() else { return };
    found.untrained = e.operators.iter().filter(|o| o.since > held).map(|o| o.id).collect();
    let (n, all) = (found.untrained.len(), e.operators.len());
    if n > 0 {
        found.opens(
            format!("{n}名使用系统的人员在{held}培训之后才到岗，还没有培训登记。"),
            format!(
                "{n} of {all} {} came after the training of {held} and {} none on record.",
                plural(all, "person who uses the system", "persons who use the system"),
                plural(n, "has", "have")
            ),
        );
    }
}

/// The papers a probe needs: what they say goes to `found`; true when all of them are there, or none is needed.
fn papers(owed: &Owed, evidence: &Evidence, found: &mut Found) -> bool {
    let mut all = true;
    for kind in kinds_of(owed.probe) {
        let name = kind.name();
        let Some(paper) = evidence.paper(*kind) else {
            all = false;
            found.lacks(format!("没有登记「{}」。", name.zh), format!("No record of \"{}\" was entered.", name.en));
            continue;
        };
        let day = paper.day;
        let mut text = Text::of(format!("{}：{day}", name.zh), format!("{}: {day}", name.en));
        if let Some(until) = paper.until {
            found.ends(until);
            text = Text::of(
                format!("{}，有效或者复审至{until}", text.zh),
                format!("{}, valid or to be reviewed by {until}", text.en),
            );
        }
        found.fact(format!("{}。", text.zh), format!("{}.", text.en));
        if let Some(by) = owed.deadline().filter(|by| day > *by) {
            let late = days_between(by, day);
            found.fact(
                format!("比期限{by}晚{late}天。"),
                format!("{late} {} after its last day {by}.", plural(late, "day", "days")),
            );
        }
        if let Some(changed) = evidence.changed.filter(|c| owed.again_on_change() && *c > day) {
            found.opens(
                format!("{changed}摄像机有变化，晚于登记日期，应当及时变更。"),
                format!("Cameras changed on {changed}, after the day on record: it is to be amended promptly."),
            );
        }
    }
    all
}

/// A regular act whose period is the unit's own.
fn period(owed: &Owed, evidence: &Evidence, found: &mut Found) {
    let days = evidence.periods.get(&owed.code).copied();
    let kind = period_of(owed.probe);
    match (days, kind.and_then(|k| evidence.paper(k))) {
        (Some(days), Some(paper)) => {
            let next = paper.day.plus_days(i32::try_from(days).unwrap_or(i32::MAX));
            found.ends(next);
            found.own_next = Some(next);
            found.quiet_to = Some(paper.day.plus_days(i32::try_from(days / 2).unwrap_or(i32::MAX)));
            found.fact(
                format!("本单位规定每{days}天一次，最近一次{}。", paper.day),
                format!(
                    "By the unit's own rule every {days} {}, last done {}.",
                    plural(days, "day", "days"),
                    paper.day
                ),
            );
        }
        (Some(days), None) => {
            if let Some(kind) = kind.filter(|_| kinds_of(owed.probe).is_empty()) {
                let name = kind.name();
                found.lacks(
                    format!("本单位规定每{days}天一次，没有登记「{}」。", name.zh),
                    format!(
                        "By the unit's own rule every {days} {}; no record of \"{}\" was entered.",
                        plural(days, "day", "days"),
                        name.en
                    ),
                );
            }
        }
        (None, _) if owed.is_due(ObligationDue::OwnPeriod) => found.lacks(
            "法律要求定期或者日常进行而没有规定天数，本单位也没有设定间隔。".to_owned(),
            "The law says regularly or day by day and names no days, and the unit has set no period of its own."
                .to_owned(),
        ),
        (None, _) => {}
    }
}

fn probe(owed: &Owed, evidence: &Evidence, today: CivilDate) -> Found {
    let mut found = Found::default();
    match owed.probe {
        Probe::Installed => installed(evidence, &mut found),
        Probe::Running => running(evidence, &mut found),
        Probe::Operators => operators(evidence, &mut found),
        Probe::DutyAndPlan => watch(evidence, &mut found),
        Probe::Retention => evidence.cameras.iter().for_each(|c| retention(c, today, &mut found)),
        Probe::Deletion => deletion(evidence, &mut found),
        Probe::Signs => signs(owed.cameras, evidence, &mut found),
        Probe::AlarmReports => alarms(evidence, today, &mut found),
        Probe::Network => network(evidence, &mut found),
        Probe::Security => security(evidence, &mut found),
        Probe::InformationRules => register(evidence, &mut found),
        Probe::Acceptance | Probe::Filing => in_use(evidence, &mut found),
        Probe::Responsible
        | Probe::Training
        | Probe::ConfidentialityTraining
        | Probe::OperatingRules
        | Probe::Archive
        | Probe::ProductPapers
        | Probe::ProviderFiling
        | Probe::PrivatePlaces => {}
    }
    if owed.probe == Probe::Retention && found.facts.is_empty() && found.missing.is_empty() {
        found.lacks("还没有录像可以核对。".to_owned(), "There is no footage yet to measure.".to_owned());
    }
    found
}

fn installed(e: &Evidence, found: &mut Found) {
    let (cameras, panels) = (e.cameras.len(), e.panels);
    if cameras == 0 && panels == 0 {
        found.lacks("没有接入摄像机或者报警主机。".to_owned(), "No camera and no alarm panel is connected.".to_owned());
    } else {
        found.fact(
            format!("在用摄像机{cameras}台、报警主机{panels}台。"),
            format!(
                "{cameras} {} and {panels} alarm {} in service.",
                plural(cameras, "camera", "cameras"),
                plural(panels, "panel", "panels")
            ),
        );
    }
}

fn running(e: &Evidence, found: &mut Found) {
    for fault in &e.faults {
        let (what, since) = (&fault.what, fault.since);
        found.breaks(since, format!("{}（自{since}）。", what.zh), format!("{} (since {since}).", what.en));
    }
    let (cameras, repaired) = (e.cameras.len(), e.repaired);
    found.fact(
        format!(
            "摄像机{cameras}台，未修复的故障{}项，近{LOOK_BACK_DAYS}天已恢复的录像中断{repaired}次。",
            e.faults.len()
        ),
        format!(
            "{cameras} {}, {} open {}, {repaired} {} of recording mended in the last {LOOK_BACK_DAYS} days.",
            plural(cameras, "camera", "cameras"),
            e.faults.len(),
            plural(e.faults.len(), "fault", "faults"),
            plural(repaired, "interruption", "interruptions")
        ),
    );
}

fn operators(e: &Evidence, found: &mut Found) {
    let n = e.operators.len();
    if n > 0 {
        return found.fact(
            format!("确定使用系统的专门人员{n}名。"),
            format!("{n} {} designated to use the system.", plural(n, "person is", "persons are")),
        );
    }
    let (zh, en) = ("没有可以值班的账号。".to_owned(), "No account may stand watch.".to_owned());
    match e.first_use {
        Some(used) => found.breaks(used.day, zh, en),
        None => found.opens(zh, en),
    }
}

fn watch(e: &Evidence, found: &mut Found) {
    let w = &e.watch;
    if e.first_use.is_some() && w.looked == 0 && !w.on_duty {
        found.opens("还没有值班记录。".to_owned(), "No watch was kept on record yet.".to_owned());
    }
    if !w.missed.is_empty() {
        let days = w.missed.iter().map(CivilDate::to_string);
        let (n, days) = (w.missed.len(), days.collect::<Vec<_>>());
        found.opens(
            format!("近{WATCH_DAYS}天中{n}天没有值班记录：{}。", days.join("、")),
            format!(
                "No watch is on record for {n} {} of the last {WATCH_DAYS}: {}.",
                plural(n, "day", "days"),
                days.join(", ")
            ),
        );
    }
    let (zh, en) = if w.on_duty {
        ("现在有人在班", "Somebody is on duty now")
    } else {
        ("现在无人在班", "Nobody is on duty now")
    };
    if w.looked == 0 {
        return found.fact(format!("{zh}。"), format!("{en}."));
    }
    let kept = w.looked.saturating_sub(u32::try_from(w.missed.len()).unwrap_or(u32::MAX));
    found.fact(
        format!("今天之前的{}天中有{kept}天值班，{zh}。", w.looked),
        format!(
            "A watch was kept on {kept} of the {} {} before today. {en}.",
            w.looked,
            plural(w.looked, "day", "days")
        ),
    );
}

/// Footage of a camera against its term: of each day inside the term, what was recorded is still there.
fn retention(c: &CameraEvidence, today: CivilDate, found: &mut Found) {
    let (name, term) = (&c.name, i64::from(c.term_days));
    if term == 0 {
        return;
    }
    if let Some(lost) = c.lost {
        found.breaks(
            lost,
            format!("{name}：{lost}的录像在{term}天期限内丢失。"),
            format!("{name}: footage of {lost} was lost inside the {term} days."),
        );
    }
    let Some(oldest) = c.oldest else {
        let added = c.added;
        return if c.removed_in_term {
            found.lacks(
                format!("{name}：没有录像，{term}天内的录像已删除，请在日志中核对删除条目所记的天数。"),
                format!("{name}: no footage; that of the last {term} days was deleted: compare the log's entries of deletion."),
            )
        } else {
            found.lacks(
                format!("{name}：自{added}接入以来没有录像可以核对。"),
                format!("{name}: no footage to measure; nothing is on record since it was added on {added}."),
            )
        };
    };
    // The day of capture is not counted, so footage of this day is the oldest that has to be there today.
    let needed = today.plus_days(-i32::try_from(term).unwrap_or(i32::MAX));
    let kept = days_between(oldest, today);
    if oldest <= needed {
        found.fact(
            format!("{name}：保存至{oldest}，{kept}天，满{term}天。"),
            format!("{name}: kept back to {oldest}, {kept} days, the {term} days are full."),
        );
    } else if c.removed_in_term {
        found.fact(
            format!("{name}：保存至{oldest}，{kept}天，少于{term}天。"),
            format!("{name}: kept back to {oldest}, {kept} days of {term}."),
        );
        found.lacks(
            format!("{name}：更早的录像已删除。当时适用较短期限的，不是违法；请在日志中核对删除条目所记的天数。"),
            format!("{name}: older footage was deleted. Where a shorter term held then that was lawful: compare the days in the log's entries of deletion."),
        );
    } else {
        found.fact(
            format!("{name}：自{oldest}起保存，{kept}天，历史尚未满{term}天，没有缺失。"),
            format!("{name}: kept since {oldest}, {kept} {} of {term}: its history is not that long yet, nothing is missing.", plural(kept, "day", "days")),
        );
        let full = oldest.plus_days(c.term_days.try_into().unwrap_or(i32::MAX));
        found.next = Some(found.next.map_or(full, |known| known.min(full)));
    }
}

fn deletion(e: &Evidence, found: &mut Found) {
    let reach = || e.cameras.iter().filter(|c| c.must_delete);
    for c in reach() {
        if let Some(since) = c.stays_since {
            found.breaks(
                since,
                format!("{}：自{since}起应当删除的录像仍在。", c.name),
                format!("{}: footage that was to go from {since} is still there.", c.name),
            );
        }
    }
    let n = reach().count();
    found.fact(
        format!("{n}台摄像机的录像期满后自动删除；封存的除外。"),
        format!("Footage of {n} {} goes by itself after its term, unless held.", plural(n, "camera", "cameras")),
    );
}

fn signs(reach: CameraReach, e: &Evidence, found: &mut Found) {
    let covered = |c: &&CameraEvidence| reach == CameraReach::Every || c.place.covers_public_place();
    let (mut signed, mut all) = (0_u32, 0_u32);
    for c in e.cameras.iter().filter(covered) {
        all += 1;
        match c.sign {
            Some(_) => signed += 1,
            None => found.breaks(
                c.added,
                format!("{}（{}）没有登记标识。", c.name, c.place.name().zh),
                format!("{} ({}) has no sign on record.", c.name, c.place.name().en),
            ),
        }
    }
    found.fact(
        format!("应设标识的摄像机{all}台，已登记{signed}台。"),
        format!("{signed} of {all} {} that need a sign have one on record.", plural(all, "camera", "cameras")),
    );
}

fn alarms(e: &Evidence, today: CivilDate, found: &mut Found) {
    let a = e.alarms;
    for (n, since, zh, en) in [
        (a.waiting, a.waiting_since, "等待复核的报警", "waiting for verification"),
        (a.unreported, a.unreported_since, "属实而未报告的报警", "real and not reported"),
    ] {
        match since {
            // An alarm of today is being dealt with; one of a day before is not "at once".
            Some(since) if n > 0 && since < today => {
                found.breaks(
                    since,
                    format!("{zh}{n}起，最早{since}。"),
                    format!("{n} {} {en}, the oldest of {since}.", plural(n, "alarm", "alarms")),
                );
            }
            _ if n > 0 => found.opens(format!("{zh}{n}起。"), format!("{n} {} {en}.", plural(n, "alarm", "alarms"))),
            _ => {}
        }
    }
    let time = a.median_ms.map_or_else(
        || (String::new(), String::new()),
        |ms| {
            let s = ms / 1_000;
            (format!("，复核用时中位数{s}秒"), format!(", half of them within {s} s"))
        },
    );
    found.fact(
        format!("近{LOOK_BACK_DAYS}天复核{}起，属实{}起{}。", a.verified, a.real, time.0),
        format!("In the last {LOOK_BACK_DAYS} days {} verified, {} of them real{}.", a.verified, a.real, time.1),
    );
}

fn network(e: &Evidence, found: &mut Found) {
    let n = e.network;
    match (n.set_up, n.up, n.last) {
        (0, ..) => found.lacks(
            "平台带有联网接口，但没有与公安机关设置和测试过。".to_owned(),
            "The platform has the interface; it was never set up and tested with the police.".to_owned(),
        ),
        (_, 0, None) => {
            found.lacks("已设置联网，但从未接通。".to_owned(), "A connection is set up and was never made.".to_owned())
        }
        (_, 0, Some(last)) => {
            found.opens(format!("联网中断，最近一次接通{last}。"), format!("The connection is down, last made {last}."))
        }
        (all, up, _) => found.fact(
            format!("已设置{all}条联网，现在接通{up}条。"),
            format!("{up} of {all} {} to the police up now.", plural(all, "connection", "connections")),
        ),
    }
}

fn security(e: &Evidence, found: &mut Found) {
    let i = e.integrity;
    if let (Some(since), true) = (i.since, i.open > 0) {
        found.breaks(
            since,
            format!("录像与记录不符{}处。", i.open),
            format!("{} {} where footage is not what was recorded.", i.open, plural(i.open, "place", "places")),
        );
    }
    match i.checked {
        Some(day) => found.fact(
            format!("{day}完成全部录像的完整性检查。"),
            format!("The integrity of all footage was last checked through on {day}."),
        ),
        None => found.lacks(
            "还没有完成过全部录像的完整性检查。".to_owned(),
            "The integrity of all footage was never checked through.".to_owned(),
        ),
    }
    if let Some(day) = i.witnessed {
        found.fact(
            format!("日志最近由公安服务器见证：{day}。"),
            format!("The log was last witnessed by the authority on {day}."),
        );
    }
    found.fact(
        "姓名、证件、密码等加密保存，日志有签名。".to_owned(),
        "Names, badges and passwords are stored sealed; the log is signed.".to_owned(),
    );
}

fn register(e: &Evidence, found: &mut Found) {
    let last = e.register.last.map_or_else(
        || ("还没有记录".to_owned(), "none yet".to_owned()),
        |day| (format!("最近{day}"), format!("the last on {day}")),
    );
    found.fact(
        format!("登记簿近{LOOK_BACK_DAYS}天{}条，{}。", e.register.uses, last.0),
        format!(
            "{} {} of the register in the last {LOOK_BACK_DAYS} days, {}.",
            e.register.uses,
            plural(e.register.uses, "line", "lines"),
            last.1
        ),
    );
}

fn in_use(e: &Evidence, found: &mut Found) {
    match e.first_use {
        Some(u) if u.from_paper => {
            found.fact(format!("{}投入使用（登记）。", u.day), format!("In use since {} (entered).", u.day));
        }
        Some(u) => found.fact(
            format!("{}起有录像，作为投入使用日。", u.day),
            format!("Footage since {}, taken as the first day of use.", u.day),
        ),
        None => found.fact("尚未投入使用。".to_owned(), "Not in use yet.".to_owned()),
    }
}
