//! The regular bulletin of the provincial police: when a period is over, its case is begun by the day's work, with the figures as a draft.
//!
//! ```text
//! each day ─▶ period that ended last ─▶ a case of it already? ─▶ Opened + Filled by nobody's account ─▶ an officer goes on, the head decides
//! ```
//! The law says "regularly" and names no interval: the organ sets it ([`Every`]); half a year until it does.
//! Its lists are what the public saw of the registers when the period ended, a line each (`annex_line`), which its paper has as tables; a longer list
//! is named by its page and digest. Always true: a period has one case, however often the server starts; a period that ended before this server
//! first looked is not made up for; what is listed was public, so it names no person; nothing is published by it, and nothing of it is decided
//! or published while something is still to be filled in (`nothing_to_fill_in`).

use crate::{Authority, By};
use base::{CivilDate, ErrorKind, OfficeId, Refusal, Sha256, Text};
use domain::access::Permission;
use domain::casework::{
    Case, CaseAct, Channel, Event, Opening, Seat, TO_FILL_IN, Typed, Who, annex_line, is_open, is_ours, open,
};
use domain::form;
use domain::office::OfficeLevel;
use law::{Field, Party, Procedure, ProcedureKind, Step};
use store::StoreError;
use store::casework::cases::CaseFilter;
use store::casework::registers::{PAGE, RowFilter, RowVersion};

/// The setting that says how often.
const EVERY: &str = "bulletin_every";
/// The setting with the first day on which this server looked.
const SINCE: &str = "bulletin_since";
/// Cases since the end of the period that are looked through.
const LOOKED_THROUGH: u32 = 100;
/// What the form of the first step asks, and the registers that say it.
const COLUMNS: [(&str, &[(&str, &str)]); 2] = [
    ("makers_sellers", &[("makers_and_sellers", "生产、销售登记")]),
    ("rewards_penalties", &[("rewards", "表彰奖励"), ("penalties", "处罚")]),
];
/// The field of testing and assessment bodies, which is the word of their register too.
const BODIES: &str = "bodies";
/// The field without a register of its own.
const OTHER: &str = "other";
/// Most rows of a register that the draft lists: two lists fit one field.
const LISTED: usize = 40;
/// Most pages of a register that are read for a bulletin.
const PAGES: usize = 200;

/// Quarters, as they are written.
const QUARTERS: [&str; 4] = ["一", "二", "三", "四"];

/// How often a bulletin comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Every {
    /// Each month.
    Month,
    /// Each quarter.
    Quarter,
    /// Each half of a year.
    #[default]
    HalfYear,
    /// Each year.
    Year,
}

impl Every {
    /// All, the shortest first.
    pub const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::HalfYear, Self::Year];

    /// Word of the setting.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half_year",
            Self::Year => "year",
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|every| every.code() == word)
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Month => Text::new("每月", "each month"),
            Self::Quarter => Text::new("每季度", "each quarter"),
            Self::HalfYear => Text::new("每半年", "each half of a year"),
            Self::Year => Text::new("每年", "each year"),
        }
    }

    const fn months(self) -> i8 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        }
    }
}

/// A period of a bulletin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Period {
    /// As the form says it.
    pub name: String,
    /// Its first day.
    pub from: CivilDate,
    /// The first day after it.
    pub to: CivilDate,
}

/// The period that ended last before a day, or on the day before it.
#[must_use]
pub fn last_period(every: Every, today: CivilDate) -> Option<Period> {
    let (months, year) = (every.months(), today.0.year());
    let now = (today.0.month() - 1) / months;
    let parts = 12 / months;
    let (year, part) = if now == 0 { (year - 1, parts - 1) } else { (year, now - 1) };
    let begins = |part: i8| CivilDate::ymd(year + i16::from(part / parts), part % parts * months + 1, 1);
    let name = match every {
        Every::Month => format!("{year}年{}月", part + 1),
        Every::Quarter => {
            let quarter = QUARTERS.get(usize::try_from(part).ok()?)?;
            format!("{year}年第{quarter}季度")
        }
        Every::HalfYear if part == 0 => format!("{year}年上半年"),
        Every::HalfYear => format!("{year}年下半年"),
        Every::Year => format!("{year}年"),
    };
    Some(Period { name, from: begins(part)?, to: begins(part + 1)? })
}

/// The first step of a bulletin, whose form names the period.
fn first_step(procedure: &Procedure) -> Option<&Step> {
    let step = procedure.steps.first()?;
    procedure.field(&procedure.subject).filter(|f| f.step == step.id)?;
    Some(step)
}

fn is_bulletin(procedure: &Procedure) -> bool {
    procedure.kind == ProcedureKind::Publication
        && procedure.organ == Party::PoliceProvince
        && is_ours(procedure.applicant)
        && first_step(procedure).is_some()
}

impl Authority {
    /// How often a bulletin comes.
    ///
    /// # Errors
    /// The store.
    pub async fn bulletin_every(&self) -> Result<Every, Refusal> {
        let kept = self.store().setting(EVERY).await?;
        Ok(kept.and_then(|word| Every::parse(&word)).unwrap_or_default())
    }

    /// Says how often; the head of an office of the province does.
    ///
    /// # Errors
    /// No permission, `no_office`, `not_province`, or the store.
    pub async fn set_bulletin_every(&self, by: By, every: Every) -> Result<(), Refusal> {
        let account = by.needs(Permission::ApproveCases)?;
        let own = self.officer_row(account).await?.office;
        if self.province_office().await? != Some(own) {
            return Err(Refusal::new(
                ErrorKind::Forbidden,
                "not_province",
                Text::new("公布的间隔由省级公安机关定。", "The provincial police set how often a bulletin comes."),
                Text::new("请由省级公安机关的负责人设置。", "The head of the provincial office sets it."),
            ));
        }
        self.store().set_setting(EVERY, every.code(), Some(account), self.now()).await.map_err(StoreError::from)?;
        Ok(())
    }

    async fn province_office(&self) -> Result<Option<OfficeId>, Refusal> {
        let offices = self.open_offices().await?;
        Ok(offices.iter().find(|o| o.level == OfficeLevel::Province).map(|o| o.id))
    }

    /// Begins the case of each bulletin whose period is over; how many were begun.
    ///
    /// # Errors
    /// The store.
    pub async fn begin_bulletins(&self, today: CivilDate) -> Result<usize, Refusal> {
        let site = self.site_profile().await?;
        let all = self.gate().packs().procedures().iter();
        let here: Vec<&Procedure> =
            all.filter(|p| is_bulletin(p) && p.in_force(today) && self.reaches(p, site)).collect();
        let Some(office) = self.province_office().await?.filter(|_| !here.is_empty()) else { return Ok(0) };
        let Some(since) = self.store().setting(SINCE).await?.and_then(|day| CivilDate::parse(&day)) else {
            self.store().set_setting(SINCE, &today.to_string(), None, self.now()).await.map_err(StoreError::from)?;
            return Ok(0);
        };
        let Some(period) = last_period(self.bulletin_every().await?, today).filter(|p| since < p.to) else {
            return Ok(0);
        };
        let mut begun = 0;
        for procedure in here {
            if !self.has_bulletin(procedure, office, &period).await? {
                self.begin_bulletin(procedure, office, &period).await?;
                begun += 1;
            }
        }
        Ok(begun)
    }

    /// A case of the period is there: begun by the day's work, or by hand under its name.
    async fn has_bulletin(&self, procedure: &Procedure, office: OfficeId, period: &Period) -> Result<bool, Refusal> {
        let filter = CaseFilter {
            office: Some(office),
            procedure: procedure.id.clone(),
            from: Some(period.to.start()),
            ..CaseFilter::default()
        };
        for row in self.store().cases(&filter, LOOKED_THROUGH).await? {
            if row.head.title == period.name || self.load(row).await?.case.title.expose() == &period.name {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn begin_bulletin(&self, procedure: &Procedure, office: OfficeId, period: &Period) -> Result<(), Refusal> {
        let now = self.now();
        let today = now.shanghai_date();
        let who = Who::nobody(Seat::Officer, office);
        let title = period.name.clone();
        let opening =
            Opening { office, facts_on: today, channel: Channel::OwnMotion, party: None, title, from_case: None };
        let mut events = open(self.gate().packs(), procedure, &opening, &who, today)?;
        let step = first_step(procedure).map(|s| s.id.clone()).unwrap_or_default();
        let fields: Vec<&Field> = procedure.fields_at(&step).collect();
        let mut typed = self.figures(period).await?;
        typed.insert(procedure.subject.clone(), period.name.clone());
        typed.retain(|id, _| fields.iter().any(|f| f.id == *id));
        match form::check(&fields, &typed) {
            Ok(values) => events.push(Event::Filled { step, values }),
            // The pack asks for more than is counted here: the case is begun all the same, and an officer fills it in.
            Err(faults) => tracing::warn!(faults = faults.len(), "the draft of a bulletin is not whole"),
        }
        self.open_case((procedure, office), &who, &events, (None, None), now).await?;
        Ok(())
    }

    /// What the public saw of a register when the period ended, of what held on its last day, the oldest first.
    async fn public_rows(&self, register: &str, period: &Period) -> Result<Vec<RowVersion>, Refusal> {
        let mut filter = RowFilter {
            register: register.to_owned(),
            holds_on: Some(period.to.plus_days(-1)),
            stood: Some(period.to.start()),
            made_by: self.gate().packs().in_force_by(register),
            ..RowFilter::default()
        };
        let mut out = Vec::new();
        for _ in 0..PAGES {
            let rows = self.store().register_rows(&filter, PAGE).await?;
            filter.before = rows.last().map(|row| row.entry);
            let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= PAGE;
            out.extend(rows);
            if !full {
                break;
            }
        }
        out.reverse();
        Ok(out)
    }

    /// What the statistics say of the period, as the fields of the first step.
    async fn figures(&self, period: &Period) -> Result<Typed, Refusal> {
        let span = (period.from.start(), period.to.start());
        let mut typed = Typed::new();
        for (field, registers) in COLUMNS {
            let mut lines = Vec::new();
            for (register, name) in registers {
                let (written, new) = self.store().rows_written(register, span).await?;
                let held = self.public_rows(register, period).await?;
                let changed = written.saturating_sub(new);
                lines.push(format!("{name}：本期新增{new}件，变更{changed}件，期末有效{}件。", held.len()));
                lines.extend(listed(register, &held, period));
            }
            typed.insert(field.to_owned(), lines.join("\n"));
        }
        let bodies = self.public_rows(BODIES, period).await?;
        let mut lines = vec![format!("检测、评估等中介机构和行业协会：期末登记{}家。", bodies.len())];
        if bodies.is_empty() {
            lines.push(format!("{TO_FILL_IN}登记簿中没有机构和协会：请核实后补登记，或者写明没有。"));
        }
        lines.extend(listed(BODIES, &bodies, period));
        typed.insert(BODIES.to_owned(), lines.join("\n"));
        let cases = self.store().case_counts(span.0, span.1).await?;
        let sum = |closed: Option<bool>| -> u64 {
            let of = cases.iter().filter(|c| closed.is_none_or(|closed| closed == c.closed));
            of.fold(0, |sum, c| sum.saturating_add(c.count))
        };
        typed.insert(OTHER.to_owned(), format!("本期收到各类办件{}件，至今办结{}件。", sum(None), sum(Some(true))));
        Ok(typed)
    }
}

/// The rows of a register as lines of a list; where there are too many, the page where they stand and a digest of them.
fn listed(register: &str, rows: &[RowVersion], period: &Period) -> Vec<String> {
    if rows.len() > LISTED {
        let (on, digest) = (period.to.plus_days(-1), digest_of(rows));
        return vec![format!(
            "名录超过{LISTED}条，见公开登记册 /public/registers/{register}?on={on} ，校验值（SHA-256）：{digest}。"
        )];
    }
    let number = |row: &RowVersion| {
        let public: serde_json::Value = serde_json::from_str(&row.public).unwrap_or_default();
        public["number"].as_str().filter(|n| !n.is_empty()).map_or_else(|| row.row.clone(), str::to_owned)
    };
    rows.iter().enumerate().map(|(n, row)| annex_line(n + 1, &row.name, &number(row))).collect()
}

/// SHA-256 over one line a row (`row,version,SHA-256 of its public part`), by row: whoever has the public copy makes the same.
fn digest_of(rows: &[RowVersion]) -> String {
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| format!("{},{},{}\n", row.row, row.version, Sha256::of(row.public.as_bytes()).hex()))
        .collect();
    lines.sort_unstable();
    Sha256::of(lines.concat().as_bytes()).hex()
}

/// Nothing is proposed, decided or published for the public while a text of the case still has something to be filled in.
///
/// # Errors
/// `to_fill_in`, with the fields.
pub(super) fn nothing_to_fill_in(procedure: &Procedure, case: &Case, act: &CaseAct) -> Result<(), Refusal> {
    let (outcome, typed) = match act {
        CaseAct::Propose { outcome, typed, .. } | CaseAct::Decide { outcome, typed, .. } => {
            (Some(outcome), Some(typed))
        }
        CaseAct::Publish { .. } => (None, None),
        _ => return Ok(()),
    };
    let publishes =
        outcome.is_none_or(|id| procedure.outcomes.iter().any(|o| o.id == *id && !o.publications.is_empty()));
    if !publishes {
        return Ok(());
    }
    let kept = |field: &&Field| {
        let value = case.values_of(&field.step).and_then(|values| values.text(&field.id));
        value.is_some_and(is_open) || typed.and_then(|t| t.get(&field.id)).is_some_and(|text| is_open(text))
    };
    let open: Vec<&Field> = procedure.fields.iter().filter(kept).collect();
    if open.is_empty() {
        return Ok(());
    }
    let names = |of: fn(&Field) -> &str, between: &str| open.iter().map(|f| of(f)).collect::<Vec<_>>().join(between);
    Err(Refusal::new(
        ErrorKind::Conflict,
        "to_fill_in",
        Text::of(
            format!("还有没有填完的内容：{}。", names(|f| f.zh.as_str(), "、")),
            format!("Something is still to be filled in: {}.", names(|f| f.en.as_str(), ", ")),
        ),
        Text::new(
            "请核对登记簿，更正该字段、去掉「待填」后再提出、决定或者公布。",
            "Compare with the register and correct the field, without its mark; then propose, decide or publish.",
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(every: Every, today: &str) -> (String, String, String) {
        let p = last_period(every, CivilDate::parse(today).unwrap()).unwrap();
        (p.name, p.from.to_string(), p.to.to_string())
    }

    fn told(name: &str, from: &str, to: &str) -> (String, String, String) {
        (name.to_owned(), from.to_owned(), to.to_owned())
    }

    #[test]
    fn a_period_is_over_on_the_day_after_it() {
        assert_eq!(period(Every::HalfYear, "2026-06-30"), told("2025年下半年", "2025-07-01", "2026-01-01"));
        assert_eq!(period(Every::HalfYear, "2026-07-01"), told("2026年上半年", "2026-01-01", "2026-07-01"));
        assert_eq!(period(Every::HalfYear, "2027-01-01"), told("2026年下半年", "2026-07-01", "2027-01-01"));
        assert_eq!(period(Every::Quarter, "2026-03-31"), told("2025年第四季度", "2025-10-01", "2026-01-01"));
        assert_eq!(period(Every::Quarter, "2026-10-01"), told("2026年第三季度", "2026-07-01", "2026-10-01"));
        assert_eq!(period(Every::Month, "2026-01-31"), told("2025年12月", "2025-12-01", "2026-01-01"));
        assert_eq!(period(Every::Month, "2026-03-01"), told("2026年2月", "2026-02-01", "2026-03-01"));
        assert_eq!(period(Every::Year, "2026-12-31"), told("2025年", "2025-01-01", "2026-01-01"));
    }

    #[test]
    fn each_period_begins_where_the_one_before_ended() {
        for every in Every::ALL {
            let mut day = CivilDate::parse("2024-01-01").unwrap();
            let mut before = last_period(every, day).unwrap();
            for _ in 0..1_200 {
                day = day.plus_days(1);
                let now = last_period(every, day).unwrap();
                assert!(now.to <= day, "{every:?} {day}");
                if now != before {
                    assert_eq!((now.from, now.to), (before.to, day), "{every:?}");
                    before = now;
                }
            }
            assert_eq!(Every::parse(every.code()), Some(every));
        }
    }

    #[test]
    fn one_procedure_of_the_packs_is_the_bulletin_and_has_the_fields() {
        let packs = law::Packs::embedded().unwrap();
        let found: Vec<&Procedure> = packs.procedures().iter().filter(|p| is_bulletin(p)).collect();
        assert_eq!(found.len(), 1, "{:?}", found.iter().map(|p| &p.id).collect::<Vec<_>>());
        let step = first_step(found[0]).unwrap();
        assert!(packs.register_form(BODIES).is_some(), "bodies are entered by hand");
        let wanted = COLUMNS.iter().map(|(field, _)| *field).chain([BODIES, OTHER]);
        for field in wanted {
            assert!(found[0].fields_at(&step.id).any(|f| f.id == field), "{field}");
        }
        let registers = COLUMNS.iter().flat_map(|(_, registers)| registers.iter());
        for (register, _) in registers {
            assert!(packs.carriers().registers().iter().any(|r| r.id == *register), "{register}");
        }
    }

    fn row(n: usize) -> RowVersion {
        RowVersion {
            shown: None,
            register: BODIES.into(),
            row: format!("R-{n}"),
            version: 1,
            name: format!("示例机构{n}"),
            office: None,
            party: None,
            public: serde_json::json!({ "number": if n == 0 { String::new() } else { format!("第{n}号") } })
                .to_string(),
            personal: None,
            case: None,
            from: CivilDate::parse("2026-01-05").unwrap(),
            until: None,
            newest: true,
            at: base::UtcMs(0),
            entry: 1,
        }
    }

    #[test]
    fn a_list_stands_whole_or_is_named_by_its_digest() {
        let period = last_period(Every::HalfYear, CivilDate::parse("2026-07-01").unwrap()).unwrap();
        let rows: Vec<RowVersion> = (0..=LISTED).map(row).collect();
        let whole = listed(BODIES, &rows[..LISTED], &period);
        assert_eq!(whole.len(), LISTED);
        let cells = domain::casework::annex_cells(&whole[1]).unwrap();
        assert_eq!(cells, ["2", "示例机构1", "第1号"].map(str::to_owned));
        assert_eq!(domain::casework::annex_cells(&whole[0]).unwrap()[2], "R-0", "a row without a number has its id");
        let more = listed(BODIES, &rows, &period);
        assert!(more.len() == 1 && more[0].contains("/public/registers/bodies?on=2026-06-30"), "{more:?}");
        assert!(more[0].contains(&digest_of(&rows)));
        let backwards: Vec<RowVersion> = rows.iter().rev().cloned().collect();
        assert_eq!(digest_of(&backwards), digest_of(&rows), "whatever the order");
        assert_ne!(digest_of(&rows[1..]), digest_of(&rows));
        assert!(listed(BODIES, &[], &period).is_empty());
    }

    #[test]
    fn two_lists_fit_the_field_that_has_them() {
        let packs = law::Packs::embedded().unwrap();
        let bulletin = packs.procedures().iter().find(|p| is_bulletin(p)).unwrap();
        let longest = annex_line(LISTED, &"长".repeat(200), &"1".repeat(200)).chars().count() + 1;
        for (field, registers) in COLUMNS {
            let most = usize::try_from(bulletin.field(field).unwrap().limit()).unwrap();
            assert!(registers.len() * (LISTED * longest + 200) <= most, "{field}");
        }
    }
}
