//! What a visit rests on: the published plans of its year, the draw that its case was opened for, and who was drawn to inspect.
//!
//! ```text
//! plans of the office and of those above it ─▶ Plan::joined ─▶ items, cap ─┬▶ visit_offer: what may be asked for in a case
//! case of a drawn unit ─▶ its plan, its team ─────────────────────────────┘   leave_of: domain::inspection::may_visit
//! ```
//! Always true: a planned visit is of a unit that was drawn, and its case has no other first visit; who was drawn inspects, and somebody is
//! named in their place only where they cannot; every visit of the year counts, whatever plan or person it comes from.

use super::facts::{DrawnFrom, Facts, UnitKept, VisitForm, VisitState, kind_of};
use super::read::{field_of, step_of};
use super::{INSPECT, NOTICE, bad, conflict, no_visit, unreadable};
use crate::cases::CaseView;
use crate::cases::plans::DrawnCase;
use crate::{Authority, By};
use base::{AccountId, CaseId, Citation, CivilDate, OfficeId, Pii, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::inspection::{Asked, Leave, Notice, Plan, PlanItem, SelfReport, Visit, VisitKind, may_visit, within_plan};
use law::SiteProfile;
use std::collections::BTreeSet;
use store::casework::parties::PartyData;
use store::visits::VisitRow;

/// Digits of the digest that stands for a unit without a code and a party.
const KEY_DIGITS: usize = 24;

/// What may be asked for in a case now.
#[derive(Clone, Debug)]
pub struct VisitOffer {
    /// Number of the case.
    pub number: String,
    /// The office that has it.
    pub office: OfficeId,
    /// Today.
    pub today: CivilDate,
    /// The draw that the case was opened for.
    pub drawn: Option<DrawnFrom>,
    /// Why a visit may be asked for; nothing: not now.
    pub kinds: Vec<VisitKind>,
    /// Items of the plan.
    pub items: Vec<PlanItem>,
    /// Who was drawn and can inspect; empty where nobody was drawn.
    pub team: Vec<(AccountId, Pii<String>)>,
    /// How many are to be named beside them.
    pub missing: usize,
    /// Whoever asks is one of the inspectors: nobody was drawn.
    pub with_asker: bool,
    /// What the site that is the unit says of itself; nobody has looked at it yet.
    pub reported: Option<Reported>,
}

/// What kind of unit a site says it is: it decides what is asked there once an officer takes it over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reported {
    /// Digest of the report.
    pub sha256: Sha256,
    /// When the site made it, by its clock.
    pub made: UtcMs,
    /// Qualities of the unit, in the province of this authority.
    pub profile: SiteProfile,
    /// The rest that the packs ask.
    pub unit: UnitKept,
}

fn not_drawn() -> Refusal {
    conflict(
        "not_drawn",
        Text::new(
            "本案不是抽中单位的案卷，或者该单位已被替换。",
            "The case is not of a drawn unit, or it was replaced.",
        ),
        Text::new(
            "计划内检查从检查计划中立卷；其他检查请选择投诉举报、复查或者专项，并写明依据。",
            "A planned visit is opened from its plan; for others choose complaint, second look or campaign, and say on what it rests.",
        ),
    )
}

/// The draw of a case, as it is kept with its visit.
pub(super) fn drawn_from(drawn: &DrawnCase) -> DrawnFrom {
    DrawnFrom {
        plan: drawn.unit.plan.clone(),
        title: drawn.title.clone(),
        unit: drawn.unit.unit.clone(),
        place: drawn.unit.place,
    }
}

/// The step of a visit is open; the first visit is asked for and approved before its notice is given, too.
pub(super) fn is_at(view: &CaseView, kind: VisitKind) -> bool {
    let step = step_of(kind);
    view.open_steps().iter().any(|s| s.id == step || (step == INSPECT && s.id == NOTICE))
}

/// A kind of visit fits its case.
pub(super) fn fits_draw(kind: VisitKind, drawn: Option<&DrawnCase>) -> Result<(), Refusal> {
    match (kind, drawn) {
        (VisitKind::Planned, None) => Err(not_drawn()),
        (VisitKind::Complaint | VisitKind::Special, Some(_)) => Err(conflict(
            "drawn_case",
            Text::new(
                "本案是抽中单位的案卷，只作计划内检查和复查。",
                "The case is of a drawn unit: a planned visit, or a second look.",
            ),
            Text::new("投诉举报和专项检查请另立案卷。", "Open another case for a complaint or a campaign."),
        )),
        _ => Ok(()),
    }
}

impl Authority {
    /// The plan of a day's year for the cases of an office; where none is published by then a plan that was never published, in which every
    /// checklist is an item.
    ///
    /// # Errors
    /// A plan that cannot be read, or the store.
    pub async fn visit_plan(&self, office: OfficeId, day: CivilDate) -> Result<Plan, Refusal> {
        let year = day.0.year();
        let plans = self.plans_of_year(office, year).await?;
        if let Some(plan) = Plan::joined(year, day, &plans) {
            return Ok(plan);
        }
        let mut items: Vec<PlanItem> = Vec::new();
        for list in self.gate().packs().checklists() {
            if !items.iter().any(|i| i.id == list.id) {
                items.push(PlanItem { id: list.id.clone(), checklist: list.id.clone() });
            }
        }
        Ok(Plan { year, published_on: None, items, cap: 0 })
    }

    /// What a visit of a kind asks in a case: a planned one its own plan, with the strictest cap of the year.
    pub(super) async fn plan_for(
        &self,
        (office, day): (OfficeId, CivilDate),
        kind: VisitKind,
        drawn: Option<&DrawnCase>,
    ) -> Result<Plan, Refusal> {
        let all = self.visit_plan(office, day).await?;
        let Some(drawn) = drawn.filter(|_| kind == VisitKind::Planned) else { return Ok(all) };
        let cap = if all.published_on.is_some() { all.cap.min(drawn.plan.cap) } else { drawn.plan.cap };
        Ok(Plan { cap, ..drawn.plan.clone() })
    }

    /// The plan of a visit that is there; `None` for a planned one whose unit was replaced.
    async fn plan_of_row(&self, row: &VisitRow, facts: &Facts) -> Result<Option<Plan>, Refusal> {
        let kind = kind_of(&row.kind).ok_or_else(|| unreadable("kind"))?;
        let case = self.store().case(row.case).await?.ok_or_else(no_visit)?;
        let drawn = if kind == VisitKind::Planned { self.drawn_case(row.case).await? } else { None };
        if kind == VisitKind::Planned && drawn.is_none() {
            return Ok(None);
        }
        let mut plan = self.plan_for((case.head.office, row.day), kind, drawn.as_ref()).await?;
        // A second look is at what was found, whatever the plan of its year has.
        if kind == VisitKind::Again && !plan.items.iter().any(|item| item.id == facts.item) {
            plan.items.push(PlanItem { id: facts.item.clone(), checklist: facts.checklist.clone() });
        }
        Ok(Some(plan))
    }

    /// By what the visits of a unit are counted: its credit code, else its party, else its name and division. `None`: the case says too little yet.
    pub(super) async fn unit_key(&self, view: &CaseView) -> Result<Option<String>, Refusal> {
        let code = field_of(view, "credit_code");
        if !code.is_empty() {
            return Ok(Some(code));
        }
        let name: String = field_of(view, "unit_name").to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let division = field_of(view, "unit_division");
        // A form that is not filled in may still bring the code.
        if name.is_empty() || division.is_empty() {
            return Ok(None);
        }
        let Some(id) = view.case.party else {
            let digest = Sha256::of(format!("{division}\n{name}").as_bytes()).hex();
            return Ok(Some(format!("place:{}", digest.chars().take(KEY_DIGITS).collect::<String>())));
        };
        let known = match self.store().party(id).await?.map(|row| row.data) {
            Some(PartyData::Unit(unit)) => unit.credit_code,
            _ => None,
        };
        Ok(Some(known.unwrap_or_else(|| format!("party:{id}"))))
    }

    /// Visits of a unit in a year that took place or are approved, without one of them.
    pub(super) async fn visits_before(&self, row: &VisitRow) -> Result<Vec<Visit>, Refusal> {
        let (first, last) = year_of(row.day)?;
        let rows = self.store().visits_of_unit(&row.unit, first, last).await?.into_iter();
        let none = [VisitState::Asked.code(), VisitState::Dropped.code()];
        let other = |r: &VisitRow| (r.case, r.n) != (row.case, row.n) && !none.contains(&r.state.as_str());
        rows.filter(other)
            .map(|r| Ok(Visit { day: r.day, kind: kind_of(&r.kind).ok_or_else(|| unreadable("kind"))? }))
            .collect()
    }

    /// Whether plan and cap have room for a visit that is asked for; `why` is cited where they have none.
    pub(super) async fn room_for(&self, row: &VisitRow, facts: &Facts, why: &[Citation]) -> Result<Leave, Refusal> {
        let plan = self.plan_of_row(row, facts).await?.ok_or_else(not_drawn)?;
        let items = [facts.item.clone()];
        within_plan(&plan, &self.visits_before(row).await?, &asked_of((row, facts), &items, None, why)?)
    }

    /// Leave for a visit as it stands, or why there is none; `why` is cited by what plan or cap refuses.
    pub(super) async fn leave_of(
        &self,
        (row, facts): (&VisitRow, &Facts),
        notice: Option<CivilDate>,
        why: &[Citation],
    ) -> Result<Leave, Refusal> {
        let plan = self.plan_of_row(row, facts).await?.ok_or_else(not_drawn)?;
        let notice = notice.map(|given_on| Notice { given_on });
        let items = [facts.item.clone()];
        may_visit(&plan, &self.visits_before(row).await?, &asked_of((row, facts), &items, notice.as_ref(), why)?)
    }

    /// The plan's cap and the visits of the year; where no plan is published, or it does not hold any more, nothing.
    pub(super) async fn shown_leave(&self, row: &VisitRow, facts: &Facts) -> Result<Option<Leave>, Refusal> {
        let Some(plan) = self.plan_of_row(row, facts).await? else { return Ok(None) };
        let visits = self.visits_before(row).await?;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let counted = number(visits.iter().filter(|v| v.kind.is_capped()).count());
        let leave = Leave { before: number(visits.len()), counted, cap: plan.cap };
        Ok(plan.published_on.map(|_| leave))
    }

    /// The clause of the step that a visit does, as it is cited.
    pub(super) fn why_of(&self, view: &CaseView, kind: VisitKind) -> Vec<Citation> {
        let clause = domain::casework::node(view.procedure(), step_of(kind)).map(|n| n.clause().clone());
        clause.as_ref().and_then(|id| self.gate().packs().cite(id)).into_iter().collect()
    }

    /// Who was drawn and can inspect on a day: works here, has a certificate that holds, keeps out of nothing.
    async fn fit_team(&self, view: &CaseView, team: &[AccountId], on: CivilDate) -> Result<Vec<AccountId>, Refusal> {
        let officers = self.store().officers_of(view.row.head.office).await?;
        let mut fit = Vec::with_capacity(team.len());
        for account in team {
            let card = officers.iter().find(|o| o.account == *account).and_then(|o| o.valid_until);
            let works = self.store().account(*account).await?.is_some_and(|a| a.disabled.is_none());
            if works && card.is_some_and(|until| on <= until) && !view.case.is_recused(*account) {
                fit.push(*account);
            }
        }
        Ok(fit)
    }

    /// Who inspects: whoever was drawn; of a visit without a team whoever asks, and those who are named.
    pub(super) async fn inspectors_for(
        &self,
        view: &CaseView,
        form: &VisitForm,
        (by, drawn): (AccountId, Option<&DrawnCase>),
    ) -> Result<BTreeSet<AccountId>, Refusal> {
        let team = drawn.filter(|_| form.kind == VisitKind::Planned).map(|d| d.team.as_slice()).unwrap_or_default();
        if team.is_empty() {
            return Ok(form.with.iter().copied().chain([by]).collect());
        }
        let mut out: BTreeSet<AccountId> = self.fit_team(view, team, form.day).await?.into_iter().collect();
        for account in &form.with {
            if out.len() < team.len() {
                out.insert(*account);
            }
        }
        if out.len() < team.len() {
            let what = Text::new(
                "抽中的检查人员有人当日不能检查，请补足人员。",
                "Somebody who was drawn cannot inspect that day: name somebody in their place.",
            );
            return Err(bad("inspectors", what));
        }
        Ok(out)
    }

    /// What may be asked for in a case now.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases that are no inspections), or the store.
    pub async fn visit_offer(&self, by: By, case: CaseId) -> Result<VisitOffer, Refusal> {
        by.needs(Permission::HandleCases)?;
        let view = self.inspection_case(by, case).await?;
        let drawn = self.drawn_case(case).await?;
        let fits = |kind: &VisitKind| is_at(&view, *kind) && fits_draw(*kind, drawn.as_ref()).is_ok();
        let kinds: Vec<VisitKind> = VisitKind::ALL.into_iter().filter(fits).collect();
        let first = kinds.first().copied().unwrap_or(VisitKind::Special);
        let plan = self.plan_for((view.row.head.office, view.today), first, drawn.as_ref()).await?;
        let whole = drawn.as_ref().filter(|_| first == VisitKind::Planned);
        let whole = whole.map(|d| d.team.as_slice()).unwrap_or_default();
        let fit = self.fit_team(&view, whole, view.today).await?;
        let missing = if whole.is_empty() { 1 } else { whole.len().saturating_sub(fit.len()) };
        let mut team = Vec::with_capacity(fit.len());
        for account in fit {
            let person = self.store().account(account).await?;
            team.push((account, person.map(|p| p.name).unwrap_or_default()));
        }
        Ok(VisitOffer {
            number: view.row.number.clone(),
            office: view.row.head.office,
            today: view.today,
            drawn: drawn.as_ref().map(drawn_from),
            kinds,
            items: plan.items,
            team,
            missing,
            with_asker: whole.is_empty(),
            reported: self.reported_by(&view).await?,
        })
    }

    /// The newest word of the admitted site that is the unit of a case.
    async fn reported_by(&self, view: &CaseView) -> Result<Option<Reported>, Refusal> {
        let Some(site) = self.site_called(&field_of(view, "unit_name")).await? else { return Ok(None) };
        let Some(kept) = self.store().newest_self_report(site).await? else { return Ok(None) };
        let Some(told) = kept.body.as_ref().and_then(|body| SelfReport::parse(body.as_bytes())) else {
            return Ok(None);
        };
        let jurisdiction = self.site_profile().await?.jurisdiction;
        Ok(Some(Reported {
            sha256: kept.sha256,
            made: kept.made,
            profile: SiteProfile { jurisdiction, ..told.profile },
            unit: told.unit().into(),
        }))
    }

    /// What kind of unit is visited: as the officer took it over from the report that was shown, else a plain one.
    pub(super) async fn kind_of_unit(
        &self,
        view: &CaseView,
        accepts: Option<Sha256>,
    ) -> Result<(SiteProfile, UnitKept), Refusal> {
        let Some(read) = accepts else { return Ok((self.site_profile().await?, UnitKept::default())) };
        let told = self.reported_by(view).await?.filter(|told| told.sha256 == read);
        let told = told.ok_or_else(|| {
            conflict(
                "report_moved_on",
                Text::new(
                    "该单位在您查看之后又报送了新的自查报告。",
                    "The site reported anew since you read its report.",
                ),
                Text::new("请刷新页面，核对新的报告后再提出。", "Reload the page and read the new one before you ask."),
            )
        })?;
        Ok((told.profile, told.unit))
    }
}

/// A visit as the domain is asked about it.
fn asked_of<'a>(
    (row, facts): (&VisitRow, &'a Facts),
    items: &'a [String],
    notice: Option<&'a Notice>,
    why: &'a [Citation],
) -> Result<Asked<'a>, Refusal> {
    Ok(Asked {
        kind: kind_of(&row.kind).ok_or_else(|| unreadable("kind"))?,
        day: row.day,
        items,
        basis: &facts.basis,
        by: facts.asked_by,
        approval: facts.approved.as_ref().map(|a| &a.approval),
        notice,
        why,
    })
}

/// First and last day of the year of a day.
pub(super) fn year_of(day: CivilDate) -> Result<(CivilDate, CivilDate), Refusal> {
    let year = day.0.year();
    CivilDate::ymd(year, 1, 1).zip(CivilDate::ymd(year, 12, 31)).ok_or_else(|| unreadable("year"))
}
