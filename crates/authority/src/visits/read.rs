//! What people see of visits: mine today, those that wait for approval, those of a case, one whole with its checklist, record and photos.
//!
//! Always true: a visit is known to whoever may know its case; photos and record are shown to nobody else; whoever looks at a photo is in the
//! log before its first byte.

use super::act::is_inspector;
use super::close::drawn_of;
use super::drop::{REASON, may_drop};
use super::facts::{DrawnFrom, kind_of};
use super::record::Record;
use super::signed::is_sealed;
use super::{Ended, Facts, INSPECT, INSPECT_AGAIN, NOTICE, VisitState, no_visit, unreadable};
use crate::cases::{CaseView, not_kept_out};
use crate::{Authority, By};
use base::{AccountId, CaseId, Citation, CivilDate, Pii, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::form::{Value, Values};
use domain::inspection::{Answered, Answers, Leave, SelfReport, SiteReport, VisitKind, prefill};
use law::{AskedItem, ChecklistItem, ProcedureKind};
use std::collections::BTreeMap;
use store::StoreError;
use store::accounts::Account;
use store::ledger_log::ActLine;
use store::visits::{PhotoRow, VisitRow};

/// How many ended visits of a unit are looked through for the last one that the reader may know of.
const LOOKED_BACK: u32 = 10;
/// Days after its day on which a visit that was not approved is still shown to its inspectors.
const REFUSED_SHOWN_DAYS: i32 = 30;

/// A line of a list of visits.
#[derive(Clone, Debug)]
pub struct VisitLine {
    /// The row, without its record.
    pub row: VisitRow,
    /// Where it stands.
    pub state: VisitState,
    /// Why.
    pub kind: VisitKind,
    /// Number of the case.
    pub number: String,
    /// Name of the unit.
    pub unit: String,
    /// Its address.
    pub address: String,
    /// Number of the approval; empty: none yet.
    pub approval: String,
    /// The draw that it comes from.
    pub drawn: Option<DrawnFrom>,
    /// A head did not approve it.
    pub refused: bool,
    /// Visits of the unit in the year before it, and the cap; none where the plan of the year is not there.
    pub leave: Option<Leave>,
}

/// How the last visit of the unit ended, whatever case it was in.
#[derive(Clone, Debug)]
pub struct LastVisit {
    /// Its case.
    pub case: CaseId,
    /// Number of that case.
    pub number: String,
    /// Its day.
    pub day: CivilDate,
    /// What broke a clause; nothing: it passed.
    pub defects: Vec<Text>,
    /// What followed.
    pub follows: Text,
}

/// An item with the clauses that ask it.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// The item.
    pub item: ChecklistItem,
    /// Clauses in force there.
    pub citations: Vec<Citation>,
    /// All of them are lost text.
    pub gap: bool,
    /// What the site's own report answers.
    pub auto: Option<Answered>,
}

/// The site's report that was used.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// When the site made it.
    pub made: UtcMs,
    /// Digest that the site signed.
    pub sha256: Sha256,
    /// Place of its entry.
    pub leaf: u64,
}

/// A visit whole.
#[derive(Clone, Debug)]
pub struct VisitView {
    /// Its line.
    pub line: VisitLine,
    /// What was planned.
    pub facts: Facts,
    /// The record.
    pub record: Record,
    /// What is asked, in the order of the list.
    pub items: Vec<ItemView>,
    /// Name of the checklist.
    pub checklist: Text,
    /// Inspectors and their names.
    pub inspectors: Vec<(AccountId, Pii<String>)>,
    /// Photos and signatures.
    pub photos: Vec<PhotoRow>,
    /// Inspectors who signed by their own account.
    pub signed: Vec<AccountId>,
    /// Somebody has signed the record: it is not changed any more.
    pub sealed: bool,
    /// The site's report.
    pub report: Option<ReportView>,
    /// How it ended.
    pub ended: Option<Ended>,
    /// Who approved it.
    pub approver: Option<Pii<String>>,
    /// How the visit of the unit before this one ended, as far as the reader may know of it.
    pub last: Option<LastVisit>,
    /// When the notice was given.
    pub notice: Option<CivilDate>,
    /// The reader is an inspector of it.
    pub is_inspector: bool,
    /// The reader may approve it.
    pub may_approve: bool,
    /// The reader may drop it.
    pub may_drop: bool,
    /// Why it was dropped; empty: it was not.
    pub dropped: Pii<String>,
    /// What the law sees of the case at the time of reading.
    pub today: CivilDate,
}

/// A text of the forms of a case, whatever step asked for it.
pub(super) fn field_of(view: &CaseView, id: &str) -> String {
    let value = || -> Option<&Value> {
        let field = view.procedure().field(id)?;
        let values: &Values = view.case.values_of(&field.step)?;
        values.get(id)
    };
    if let Some(Value::Text(text)) = value() { text.clone() } else { String::new() }
}

/// The step that a kind of visit does.
pub(super) const fn step_of(kind: VisitKind) -> &'static str {
    if matches!(kind, VisitKind::Again) { INSPECT_AGAIN } else { INSPECT }
}

/// The day of the notice: it was done in the case.
pub(super) fn notice_of(view: &CaseView) -> Option<CivilDate> {
    view.case.done(NOTICE).map(|done| done.on)
}

impl Authority {
    /// The case of a visit, which has to be an inspection.
    pub(super) async fn inspection_case(&self, by: By, case: CaseId) -> Result<CaseView, Refusal> {
        let view = self.case(by, case).await?;
        if view.is_applicant || view.procedure().kind != ProcedureKind::Inspection {
            return Err(no_visit());
        }
        Ok(view)
    }

    /// Whether an account inspects in the newest visit of a case that was approved and not dropped.
    pub(crate) async fn inspects(&self, account: AccountId, case: CaseId) -> Result<bool, Refusal> {
        let none = [VisitState::Asked.code(), VisitState::Dropped.code()];
        let rows = self.store().visits_of_case(case).await?;
        let newest = rows.iter().find(|row| !none.contains(&row.state.as_str()));
        Ok(newest.is_some_and(|row| row.inspectors.contains(&account)))
    }

    /// The newest visit of a case.
    pub(super) async fn newest_visit(&self, case: CaseId) -> Result<VisitRow, Refusal> {
        self.store().visits_of_case(case).await?.into_iter().next().ok_or_else(no_visit)
    }

    /// A visit of a case by its number; without one the newest.
    async fn visit_row(&self, case: CaseId, n: Option<u32>) -> Result<VisitRow, Refusal> {
        match n {
            Some(n) => self.store().visit(case, n).await?.ok_or_else(no_visit),
            None => self.newest_visit(case).await,
        }
    }

    /// The visit of the unit that ended last before this one, in a case that the reader may know of.
    async fn last_visit(&self, by: By, row: &VisitRow) -> Result<Option<LastVisit>, Refusal> {
        let ended = self.store().ended_visits_of_unit(&row.unit, LOOKED_BACK).await?.into_iter();
        for before in ended.filter(|r| (r.case, r.n) != (row.case, row.n) && r.day <= row.day) {
            let view = match self.inspection_case(by, before.case).await {
                Ok(view) => view,
                Err(refusal) if refusal.code == "not_found" => continue,
                Err(refusal) => return Err(refusal),
            };
            let Some(text) = &before.ended else { continue };
            let ended = Ended::read(text.expose())?;
            return Ok(Some(LastVisit {
                case: before.case,
                number: view.row.number.clone(),
                day: before.day,
                follows: ended.follows(),
                defects: ended.breaches.into_iter().flat_map(|b| b.texts).collect(),
            }));
        }
        Ok(None)
    }

    async fn line_of(&self, view: &CaseView, row: VisitRow) -> Result<VisitLine, Refusal> {
        let facts = Facts::read(&row.facts)?;
        Ok(VisitLine {
            state: VisitState::parse(&row.state).ok_or_else(|| unreadable("state"))?,
            kind: kind_of(&row.kind).ok_or_else(|| unreadable("kind"))?,
            number: view.row.number.clone(),
            unit: field_of(view, "unit_name"),
            address: field_of(view, "unit_address"),
            leave: self.shown_leave(&row, &facts).await?,
            refused: facts.dropped.is_some_and(|dropped| dropped.refused),
            approval: facts.approved.map(|a| a.number).unwrap_or_default(),
            drawn: facts.drawn,
            row,
        })
    }

    async fn lines_of(&self, by: By, rows: Vec<VisitRow>) -> Result<Vec<VisitLine>, Refusal> {
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            // A case that went to another office takes its visits along.
            match self.inspection_case(by, row.case).await {
                Ok(view) => lines.push(self.line_of(&view, row).await?),
                Err(refusal) if refusal.code == "not_found" => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(lines)
    }

    /// The visits of today of whoever asks, earlier ones that are not closed, and what was not approved; for a head those of the office that wait
    /// for approval.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn my_visits(&self, by: By) -> Result<Vec<VisitLine>, Refusal> {
        by.needs(Permission::SeeCases)?;
        let rows = if by.role.may(Permission::ApproveCases) {
            let office = self.store().officer(by.account).await?.map(|o| o.office);
            match office {
                Some(office) => self.store().visits_of_office(office, VisitState::Asked.code()).await?,
                None => Vec::new(),
            }
        } else {
            let today = self.now().shanghai_date();
            let mut rows = self.store().visits_of_inspector(by.account, today).await?;
            // What was not approved, until another is asked for or it is long past.
            for row in self.store().dropped_of_inspector(by.account, today.plus_days(-REFUSED_SHOWN_DAYS)).await? {
                if Facts::read(&row.facts)?.dropped.is_some_and(|dropped| dropped.refused) {
                    rows.push(row);
                }
            }
            rows
        };
        self.lines_of(by, rows).await
    }

    /// The visits of a case, the first one first: of an inspection its own, of a case that came from an inspection those of that one, as far as
    /// the reader may know of it.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), or the store.
    pub async fn visits_of(&self, by: By, case: CaseId) -> Result<Vec<VisitLine>, Refusal> {
        by.needs(Permission::SeeCases)?;
        let view = self.case(by, case).await?;
        let of = if view.procedure().kind == ProcedureKind::Inspection { Some(case) } else { view.case.from_case };
        let Some(of) = of.filter(|_| !view.is_applicant) else { return Ok(Vec::new()) };
        let mut rows = self.store().visits_of_case(of).await?;
        rows.reverse();
        self.lines_of(by, rows).await
    }

    /// The newest visit of a case, whole.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others and cases without a visit), or the store.
    pub async fn visit(&self, by: By, case: CaseId) -> Result<VisitView, Refusal> {
        self.visit_at(by, case, None).await
    }

    /// A visit of a case by its number in the case, whole; without a number the newest.
    ///
    /// # Errors
    /// As `visit`; `not_found` also for a number that no visit has.
    pub async fn visit_at(&self, by: By, case: CaseId, n: Option<u32>) -> Result<VisitView, Refusal> {
        by.needs(Permission::SeeCases)?;
        let view = self.inspection_case(by, case).await?;
        let row = self.visit_row(case, n).await?;
        let facts = Facts::read(&row.facts)?;
        let record = record_of(&row)?;
        let site = self.site_report(&row, &facts).await?;
        let asked = facts.asked(self.gate().packs(), row.day);
        let auto = site.as_ref().map(|(_, told)| prefill(&asked, told)).unwrap_or_default();
        let items = asked.iter().map(|a| item_view(a, &auto)).collect();
        let ended = row.ended.as_ref().map(|text| Ended::read(text.expose())).transpose()?;
        let is_inspector = row.inspectors.contains(&by.account);
        let heads =
            view.acts_here && by.role.may(Permission::ApproveCases) && by.account != facts.asked_by && !is_inspector;
        let list = self.gate().packs().checklists().iter();
        let list = list.rev().find(|l| l.id == facts.checklist && l.from == facts.version);
        let approver = match &facts.approved {
            Some(approved) => self.store().account(approved.approval.by).await?.map(|p| p.name),
            None => None,
        };
        let photos = self.store().visit_photos(case, row.n).await?;
        let sealed = is_sealed(&facts, &photos);
        let drawn = photos.iter().filter(|photo| !facts.is_void(photo)).filter_map(drawn_of);
        let signed = drawn.filter(|drawn| drawn.is_own()).map(|drawn| drawn.whose).collect();
        let ends = (view.case.assigned, self.is_stuck(&view, &row).await?);
        Ok(VisitView {
            checklist: list.map(law::Checklist::name).unwrap_or_default(),
            dropped: Pii::new(record.text(REASON).to_owned()),
            record,
            items,
            inspectors: self.inspectors_of(&row).await?,
            photos,
            signed,
            sealed,
            report: site.map(|(report, _)| report),
            ended,
            approver,
            last: self.last_visit(by, &row).await?,
            notice: notice_of(&view),
            is_inspector,
            may_approve: heads && row.state == VisitState::Asked.code(),
            may_drop: view.acts_here && may_drop(by, &row, &facts, ends) && !view.case.is_recused(by.account),
            today: view.today,
            line: self.line_of(&view, row).await?,
            facts,
        })
    }

    /// The newest visit of a case for its inspectors, whose phones have the record: who was met, their telephone, every remark.
    ///
    /// # Errors
    /// As `visit`; `not_inspector`, `recused`.
    pub async fn visit_of_inspector(&self, by: By, case: CaseId) -> Result<VisitView, Refusal> {
        let view = self.visit(by, case).await?;
        is_inspector(&view.line.row, by.account)?;
        not_kept_out(&self.inspection_case(by, case).await?.case, by.account)?;
        Ok(view)
    }

    /// The accounts of the inspectors.
    pub(super) async fn people_of(&self, row: &VisitRow) -> Result<Vec<Account>, Refusal> {
        let mut people = Vec::with_capacity(row.inspectors.len());
        for account in &row.inspectors {
            people.push(self.store().account(*account).await?.ok_or_else(no_visit)?);
        }
        Ok(people)
    }

    /// Names of the inspectors.
    pub(super) async fn inspectors_of(&self, row: &VisitRow) -> Result<Vec<(AccountId, Pii<String>)>, Refusal> {
        let mut out = Vec::new();
        for account in &row.inspectors {
            let person = self.store().account(*account).await?;
            out.push((*account, person.map(|p| p.name).unwrap_or_default()));
        }
        Ok(out)
    }

    /// The site's report that a visit was begun with, and what it says.
    pub(super) async fn site_report(
        &self,
        row: &VisitRow,
        facts: &Facts,
    ) -> Result<Option<(ReportView, SiteReport)>, Refusal> {
        let (Some(leaf), Some(sha256)) = (row.report, facts.report) else { return Ok(None) };
        let kept = self.store().self_report(leaf).await?.filter(|kept| kept.sha256 == sha256);
        let Some(kept) = kept else { return Ok(None) };
        let told = kept.body.as_ref().and_then(|body| SelfReport::parse(body.as_bytes()));
        let view = ReportView { made: kept.made, sha256, leaf };
        Ok(told.map(|told| (view, told.facts(sha256))))
    }

    /// Bytes of a photo of a visit by its number, without one of the newest, after the entry of who opened it is committed: photos may show
    /// persons.
    ///
    /// # Errors
    /// As `visit_at`; `not_for_seat`, `recused`; `not_found` for a photo that is not there; or the log.
    pub async fn visit_photo(
        &self,
        by: By,
        case: CaseId,
        (n, photo): (Option<u32>, u32),
    ) -> Result<(PhotoRow, Vec<u8>), Refusal> {
        by.needs(Permission::SeeCases)?;
        let view = self.inspection_case(by, case).await?;
        self.sees_persons(by, case, &view.case).await?;
        let row = self.visit_row(case, n).await?;
        let gone = || Refusal::not_found("这张照片", "photo");
        let photos = self.store().visit_photos(case, row.n).await?;
        let found = photos.into_iter().find(|p| p.photo == photo).ok_or_else(gone)?;
        let text = Text::of(
            format!("打开案件 {} 的检查照片。", view.row.number),
            format!("A photo of a visit in case {} opened.", view.row.number),
        );
        let body = serde_json::json!({ "case": case, "paper_sha256": found.sha256, "by": by.account });
        let act = ActLine::done(Some(by.account), text);
        self.store().log("paper.opened", self.now(), body, act).await.map_err(StoreError::from)?;
        let bytes = self.store().visit_photo_bytes(case, row.n, photo).await?.ok_or_else(gone)?;
        Ok((found, bytes))
    }

    /// What a site last reported of itself.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn newest_report_of(
        &self,
        by: By,
        site: base::SiteId,
    ) -> Result<Option<(ReportView, SelfReport)>, Refusal> {
        by.needs(Permission::SeeReports).or_else(|_| by.needs(Permission::ManagePeers))?;
        let Some(kept) = self.store().newest_self_report(site).await? else { return Ok(None) };
        let told = kept.body.as_ref().and_then(|body| SelfReport::parse(body.as_bytes()));
        Ok(told.map(|told| (ReportView { made: kept.made, sha256: kept.sha256, leaf: kept.leaf }, told)))
    }
}

/// The record as kept.
pub(super) fn record_of(row: &VisitRow) -> Result<Record, Refusal> {
    serde_json::from_str(row.record.expose()).map_err(|_| unreadable("record"))
}

fn item_view(asked: &AskedItem<'_>, auto: &Answers) -> ItemView {
    ItemView {
        item: asked.item.clone(),
        citations: asked.citations.clone(),
        gap: asked.gap,
        auto: auto.get(&asked.item.id).map(|answer| answer.answered.clone()),
    }
}

/// Answers by item, as far as the record has any.
pub(super) fn answers_of(record: &Record) -> BTreeMap<String, domain::inspection::Answer> {
    let answer = |(name, field): (&String, &super::record::Field)| {
        let id = name.strip_prefix(super::record::ITEM)?;
        Some((id.to_owned(), serde_json::from_value(field.value.clone()).ok()?))
    };
    record.0.iter().filter_map(answer).collect()
}
