//! Acts on a visit before its end: ask, begin, save what a phone has, take a photo; the approval has its own file.
//!
//! Always true: each act is one transaction on the state that its maker saw; a refusal by law is an entry; a photo is taken only with the digest
//! that the phone made before it sent it, and only as a picture; what the site's signed report answers is changed only with a remark.

use super::door::HOW;
use super::draft::is_draft;
use super::facts::{Facts, VisitForm, VisitState, kind_of, word};
use super::offline::{DRAWN, is_offline};
use super::order::{replied, standing};
use super::plan::{drawn_from, fits_draw, is_at};
use super::read::{field_of, notice_of, record_of, step_of};
use super::record::{Change, Field, ITEM, Joined, Record};
use super::signed::{is_sealed, may_save};
use super::{NOTE, SUPPLEMENT, bad, conflict, moved_on, unreadable};
use crate::cases::{CaseView, not_kept_out};
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, ErrorKind, Pii, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::casework::Seat;
use domain::inspection::{
    Answer, Certificate, Conflict, Inspector, PlanItem, SelfReport, VisitKind, check_inspectors, prefill,
};
use domain::proposal::Person;
use law::Guard;
use serde_json::Value;
use std::collections::BTreeMap;
use store::casework::papers::sniff;
use store::visits::{PHOTO_BYTES, PHOTOS, PhotoKept, VisitEntry, VisitRow};

/// Longest number of an approval or basis, characters.
const NUMBER_CHARS: usize = 120;
/// Longest text of a field, characters.
const TEXT_CHARS: usize = 500;
/// Longest code that is scanned in, characters.
const CODE_CHARS: usize = 40;
/// Most inspectors beside who asks.
const INSPECTORS: usize = 15;
/// Longest place of a photo, characters.
const PLACE_CHARS: usize = 40;
/// Fewest letters of a remark that contradicts the site's report; as `inspection::judge`.
const REASON_LETTERS: usize = 4;
/// The guard `two_officers` of a step says two.
const TWO: u32 = 2;
/// Fields of a record beside those of items; the last are the end of the visit as it is typed, kept like the rest until the visit is closed.
const FIELDS: [&str; 8] = [
    "present_name",
    "present_post",
    "present_phone",
    NOTE,
    SUPPLEMENT,
    "close/unit_name",
    "close/reason",
    "close/witness",
];
/// Before the word of a field of the end of the visit in its record.
pub const CLOSE: &str = "close/";
/// The field of the code that was scanned in at the door.
pub(super) const SCAN: &str = "scan";
/// Before the account in what a signature belongs to.
pub(super) const SIGNATURE: &str = "signature/";
/// Whose signature is the unit's.
pub(super) const UNIT: &str = "unit";
/// Whose signature stands under the draft of the order: who reads and takes it.
pub(super) const TAKES: &str = "order";

/// What became of what a phone sent.
#[derive(Clone)]
pub struct Saved {
    /// Version of the record now.
    pub version: u32,
    /// The record now.
    pub record: Record,
    /// Where the phone and somebody else differ; the record has the other's value.
    pub conflicts: Vec<Conflict<Value>>,
    /// Somebody has signed it: it is not changed any more.
    pub sealed: bool,
    /// How often signatures were made void.
    pub voids: usize,
}

/// A photo as a phone sends it.
#[derive(Clone)]
pub struct NewPhoto {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 that the phone made of them before it sent them.
    pub sha256: Sha256,
    /// What it belongs to: `item/…`, `signature/…`, `drawn/…` (on a provisional paper), `door`.
    pub belongs: String,
    /// When it was taken, by the phone.
    pub taken: UtcMs,
    /// Where, as the phone said; empty: it did not.
    pub place: String,
}

fn line(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

pub(super) fn entry(kind: &'static str, body: Value, text: Text, (by, now): (AccountId, UtcMs)) -> VisitEntry {
    VisitEntry { kind, body, text, by, now }
}

fn visit_open() -> Refusal {
    conflict(
        "visit_open",
        Text::new(
            "本案还有未结束的检查，或者检查次数已达上限。",
            "A visit of this case is not closed yet, or there is no room for more.",
        ),
        Text::new(
            "请先结束上一次检查；没有开始的，可以写明理由取消。",
            "Close the one before first; one that has not begun may be dropped, with the reason.",
        ),
    )
}

impl Authority {
    /// Asks for a visit in a case; gives its number in the case. A planned visit takes basis and inspectors from the draw.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `recused`, `step_not_open`, `not_drawn`, `drawn_case`, `item`, `basis`, `day`, `inspectors`,
    /// `no_unit_code`, `report_moved_on`, `no_order`, those of `Order::may_look_again` and `inspection::within_plan`, `visit_open`, or the store.
    pub async fn ask_visit(&self, by: By, case: CaseId, form: &VisitForm) -> Result<u32, Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let view = self.inspection_case(by, case).await?;
        self.acts_for(account, view.row.head.office).await?;
        not_kept_out(&view.case, account)?;
        let (now, today) = (self.now(), self.now().shanghai_date());
        let drawn = self.drawn_case(case).await?;
        fits_draw(form.kind, drawn.as_ref())?;
        checked_form(&view, form, today)?;
        let unit = self.unit_key(&view).await?.ok_or_else(no_unit_code)?;
        let basis = match drawn.as_ref().filter(|_| form.kind == VisitKind::Planned) {
            Some(drawn) => drawn.unit.plan.clone(),
            None => line(&form.basis, NUMBER_CHARS).ok_or_else(|| {
                bad("basis", Text::new("请填写检查依据的编号。", "Enter the number on which the visit rests."))
            })?,
        };
        let (again, before) =
            if form.kind == VisitKind::Again { self.to_look_again(&view, case).await? } else { (Vec::new(), None) };
        let plan = self.plan_for((view.row.head.office, form.day), form.kind, drawn.as_ref()).await?;
        let item = before.or_else(|| plan.items.into_iter().find(|i| i.id == form.item));
        let list = item.and_then(|i| Some((self.gate().packs().checklist(&i.checklist, today)?, i)));
        let Some((list, item)) = list else {
            return Err(bad("item", Text::new("请从计划的事项中选择。", "Choose an item of the plan.")));
        };
        let inspectors = self.inspectors_for(&view, form, (account, drawn.as_ref())).await?;
        let (profile, unit_facts) = self.kind_of_unit(&view, form.accepts).await?;
        let facts = Facts {
            item: item.id,
            checklist: list.id.clone(),
            version: list.from,
            drawn: drawn.as_ref().map(drawn_from),
            basis,
            asked_by: account,
            approved: None,
            begun: None,
            dropped: None,
            voided: Vec::new(),
            profile,
            unit: unit_facts,
            again,
            site: self.site_called(&field_of(&view, "unit_name")).await?,
            report: None,
        };
        let row = VisitRow {
            case,
            n: 0,
            state: VisitState::Asked.code().to_owned(),
            kind: word(form.kind),
            day: form.day,
            unit,
            inspectors: inspectors.into_iter().collect(),
            facts: facts.write()?,
            version: 0,
            record: Pii::new(written(&Record::default())?),
            ended: None,
            report: None,
        };
        let text =
            Text::of(format!("提出检查：{}。", view.row.number), format!("Visit asked for in {}.", view.row.number));
        self.room_for(&row, &facts, &self.why_of(&view, form.kind)).await?;
        let body = asked_body(&row, &facts, form.accepts);
        let made = self.store().new_visit(&row, &entry("visit.asked", body, text, (account, now))).await?;
        made.ok_or_else(visit_open)
    }

    /// Items that were found wrong last time, once the order lets them be looked at again, and the item of the plan that they belong to.
    async fn to_look_again(&self, view: &CaseView, case: CaseId) -> Result<(Vec<String>, Option<PlanItem>), Refusal> {
        let found = self.last_found(case).await?;
        let breaches = found.as_ref().map(|found| found.ended.breaches.clone()).unwrap_or_default();
        let Some(order) = standing(view, &breaches) else {
            return Err(conflict(
                "no_order",
                Text::new("本案没有责令改正，不能复查。", "There is no order in this case to look at again."),
                Text::new("请选择其他检查类别。", "Choose another kind of visit."),
            ));
        };
        order.may_look_again(view.today, replied(view))?;
        let facts = found.map(|found| Facts::read(&found.row.facts)).transpose()?;
        let item = facts.map(|facts| PlanItem { id: facts.item, checklist: facts.checklist });
        Ok((breaches.into_iter().map(|b| b.item).collect(), item))
    }

    /// An inspector of the newest visit of a case, who need not keep out of it, with the case and the visit.
    pub(super) async fn at_visit(&self, by: By, case: CaseId) -> Result<(AccountId, CaseView, VisitRow), Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let view = self.inspection_case(by, case).await?;
        let row = self.newest_visit(case).await?;
        self.entered(account, case, is_inspector(&row, account)).await?;
        self.entered(account, case, not_kept_out(&view.case, account)).await?;
        Ok((account, view, row))
    }

    /// Begins an approved visit on its day: what the site itself reported is filled in.
    ///
    /// # Errors
    /// No permission, `not_found`, `visit_state`, `not_inspector`, `recused`, `other_day`, `step_not_open` (the case is over, or at another step),
    /// `not_drawn` (the unit was replaced), those of `inspection::may_visit` and `check_inspectors`, `visit_moved_on`, or the store.
    pub async fn begin_visit(&self, by: By, case: CaseId) -> Result<(), Refusal> {
        let (account, view, row) = self.at_visit(by, case).await?;
        in_state(&row, VisitState::Approved)?;
        let now = self.now();
        if row.day != now.shanghai_date() {
            return Err(conflict(
                "other_day",
                Text::of(format!("这次检查定于{}。", row.day), format!("The visit is set for {}.", row.day)),
                Text::new(
                    "请在批准的日期检查；日期已过的，取消后重新报批。",
                    "Visit on the day that was approved; if that is over, drop it and ask for another.",
                ),
            ));
        }
        let mut facts = Facts::read(&row.facts)?;
        let kind = kind_of(&row.kind).ok_or_else(|| unreadable("kind"))?;
        // The case may have ended another way since it was approved.
        if !is_at(&view, kind) {
            return Err(step_not_open());
        }
        let leave = self.leave_of((&row, &facts), notice_of(&view), &self.why_of(&view, kind)).await?;
        if let Err(refusal) = self.inspectors_fit(&view, &row).await {
            self.log_refusal(account, Some(case), &refusal).await?;
            return Err(refusal);
        }
        facts.begun = Some(now);
        let mut changed =
            VisitRow { state: VisitState::Open.code().to_owned(), version: row.version + 1, ..row.clone() };
        self.fill_in(&mut changed, &mut facts).await?;
        changed.facts = facts.write()?;
        let text = Text::of(format!("开始检查：{}。", view.row.number), format!("Visit begun in {}.", view.row.number));
        let body = serde_json::json!({ "visits_before": leave.before, "counted": leave.counted, "cap": leave.cap, "report": changed.report });
        self.keep_visit(&changed, &row, entry("visit.begun", body, text, (account, now))).await
    }

    /// What an admitted site reported of itself answers what it can.
    async fn fill_in(&self, row: &mut VisitRow, facts: &mut Facts) -> Result<(), Refusal> {
        let Some(site) = facts.site else { return Ok(()) };
        let Some(kept) = self.store().newest_self_report(site).await? else { return Ok(()) };
        let Some(told) = kept.body.as_ref().and_then(|body| SelfReport::parse(body.as_bytes())) else { return Ok(()) };
        // What is asked was fixed when the visit was asked for: a site that reports otherwise since then changes no item.
        facts.report = Some(kept.sha256);
        row.report = Some(kept.leaf);
        let mut record = Record::default();
        let asked = facts.asked(self.gate().packs(), row.day);
        for (item, answer) in prefill(&asked, &told.facts(kept.sha256)) {
            let value = serde_json::to_value(answer).map_err(|_| unreadable("answer"))?;
            record.0.insert(format!("{ITEM}{item}"), Field { v: row.version, value });
        }
        row.record = Pii::new(written(&record)?);
        Ok(())
    }

    /// Different persons of the office whose certificates hold on the day.
    async fn inspectors_fit(&self, view: &CaseView, row: &VisitRow) -> Result<(), Refusal> {
        let kind = kind_of(&row.kind).ok_or_else(|| unreadable("kind"))?;
        let officers = self.store().officers_of(view.row.head.office).await?;
        let people = self.people_of(row).await?;
        let sits = |o: &&store::casework::offices::OfficerRow| o.seats.iter().any(|s| s == Seat::Officer.code());
        let certificate = |account: AccountId| {
            let officer = officers.iter().filter(sits).find(|o| o.account == account)?;
            officer.valid_until.map(|until| Certificate { from: row.day, until })
        };
        let list: Vec<Inspector<'_>> = people
            .iter()
            .map(|p| Inspector {
                account: p.id,
                person: Person {
                    name: p.name.expose(),
                    badge: p.badge.as_ref().map(|b| b.expose().as_str()),
                    unit: &p.unit,
                },
                certificate: certificate(p.id),
                has_interest: view.case.is_recused(p.id),
            })
            .collect();
        let step = step_of(kind);
        let two = view.procedure().needs_of(step).contains(&Guard::TwoOfficers);
        check_inspectors(&list, if two { TWO } else { 1 }, row.day, &self.why_of(view, kind))
    }

    /// Joins what a phone has; `seen` is the version it began with.
    ///
    /// # Errors
    /// No permission, `not_found`, `visit_state`, `not_inspector`, `recused`, `field`, `other_than_report`, `signed`, those of `Record::join`,
    /// `visit_moved_on` (two phones at the very same moment, or somebody signs in it: the phone sends again), or the store.
    pub async fn save_visit(&self, by: By, case: CaseId, seen: u32, changes: &[Change]) -> Result<Saved, Refusal> {
        let (account, view, row) = self.at_visit(by, case).await?;
        in_state(&row, VisitState::Open)?;
        let facts = Facts::read(&row.facts)?;
        let changes = self.checked_changes(&row, &facts, changes).await?;
        let (record, photos) = (record_of(&row)?, self.store().visit_photos(case, row.n).await?);
        let (sealed, voids) = (is_sealed(&facts, &photos), facts.voided.len());
        may_save(&record, &changes, sealed)?;
        let Joined { record, changed, conflicts } = record.join(row.version, seen, &changes)?;
        if !changed {
            return Ok(Saved { version: row.version, record, conflicts, sealed, voids });
        }
        let version = row.version + 1;
        let changed = VisitRow { version, record: Pii::new(written(&record)?), ..row.clone() };
        let text = Text::of(
            format!("保存检查记录：{}。", view.row.number),
            format!("Record of a visit saved in {}.", view.row.number),
        );
        let body = serde_json::json!({ "fields": changes.len() });
        let made = entry("visit.saved", body, text, (account, self.now()));
        let signatures = photos.iter().filter(|photo| photo.belongs.starts_with(SIGNATURE)).count();
        let (was, signatures) = ((row.state.as_str(), row.version), u64::try_from(signatures).unwrap_or(u64::MAX));
        if !self.store().save_record(&changed, was, signatures, &made).await? {
            return Err(moved_on());
        }
        Ok(Saved { version, record, conflicts, sealed, voids })
    }

    /// Each field is one of the record, and its value is of its kind.
    async fn checked_changes(&self, row: &VisitRow, facts: &Facts, changes: &[Change]) -> Result<Vec<Change>, Refusal> {
        let asked = facts.asked(self.gate().packs(), row.day);
        let site = self.site_report(row, facts).await?;
        let auto = site.map(|(_, told)| prefill(&asked, &told)).unwrap_or_default();
        let is_asked = |id: &str| asked.iter().any(|a| a.item.id == id);
        changes.iter().map(|change| checked_change(change, is_asked, &auto)).collect()
    }

    /// Takes a photo or a drawn signature; gives its number.
    ///
    /// # Errors
    /// No permission, `not_found`, `visit_state`, `not_inspector`, `recused`, `own_signature` (it is that of another inspector), `photo` (belongs
    /// nowhere, or its place is none), `photo_size`, `photo_kind`, `photo_digest`, `photos`, or the store.
    pub async fn add_photo(&self, by: By, case: CaseId, new: NewPhoto) -> Result<u32, Refusal> {
        self.keep_photo((by, None), case, new).await
    }

    /// Takes the signature of an inspector who confirmed it with their own account on the phone of another one, `beside`; gives its number. The
    /// caller has just checked the password of `by`.
    ///
    /// # Errors
    /// As `add_photo`; `own_signature` also for anything but the signature of `by`, `not_inspector` also for `beside`.
    pub async fn sign_beside(&self, by: By, beside: AccountId, case: CaseId, new: NewPhoto) -> Result<u32, Refusal> {
        if !is_signature_of(&new.belongs, by.account) {
            return self.entered(by.account, case, Err(own_signature())).await;
        }
        self.keep_photo((by, Some(beside)), case, new).await
    }

    async fn keep_photo(
        &self,
        (by, beside): (By, Option<AccountId>),
        case: CaseId,
        new: NewPhoto,
    ) -> Result<u32, Refusal> {
        let (account, view, row) = self.at_visit(by, case).await?;
        if let Some(other) = beside {
            self.entered(account, case, is_inspector(&row, other)).await?;
            not_kept_out(&view.case, other)?;
        }
        in_state(&row, VisitState::Open)?;
        let facts = Facts::read(&row.facts)?;
        let asked = facts.asked(self.gate().packs(), row.day);
        let belongs = match (new.belongs.strip_prefix(ITEM), new.belongs.strip_prefix(SIGNATURE)) {
            (Some(item), _) => asked.iter().any(|a| a.item.id == item),
            (_, Some(UNIT | TAKES)) => true,
            (_, Some(whose)) => {
                let inspects = row.inspectors.iter().any(|a| a.to_string() == whose);
                // Nobody signs for another.
                if inspects && !is_signature_of(&new.belongs, account) {
                    return self.entered(account, case, Err(own_signature())).await;
                }
                inspects
            }
            // Drawn on a provisional paper: it is kept, and counts as nobody's signature.
            _ => match new.belongs.strip_prefix(DRAWN) {
                Some(whose) => row.inspectors.iter().any(|a| a.to_string() == whose),
                None => new.belongs == "door",
            },
        };
        let place = new.place.trim();
        if !belongs || place.chars().count() > PLACE_CHARS || place.chars().any(char::is_control) {
            return Err(bad("photo", Text::new("照片没有写明属于哪一项。", "What the photo belongs to is not said.")));
        }
        let photo = store::visits::NewPhoto {
            media_type: checked_photo(&new)?,
            belongs: new.belongs,
            taken: new.taken,
            place: place.to_owned(),
            bytes: new.bytes,
            beside,
        };
        let state = VisitState::Open.code();
        match self.store().add_photo((case, row.n, state), &photo, (account, self.now())).await? {
            PhotoKept::Done(n) | PhotoKept::There(n) => Ok(n),
            PhotoKept::Closed => Err(moved_on()),
            PhotoKept::Full => Err(Refusal::new(
                ErrorKind::TooMany,
                "photos",
                Text::of(format!("一次检查至多{PHOTOS}张照片。"), format!("A visit has at most {PHOTOS} photos.")),
                Text::new("请只留必要的照片。", "Keep to the photos that are needed."),
            )),
        }
    }

    /// Keeps a change of a visit on the state that was read.
    pub(super) async fn keep_visit(&self, row: &VisitRow, was: &VisitRow, made: VisitEntry) -> Result<(), Refusal> {
        if self.store().put_visit(row, (was.state.as_str(), was.version), &made).await? {
            Ok(())
        } else {
            Err(moved_on())
        }
    }
}

/// What the entry of a visit that is asked for says of it.
fn asked_body(row: &VisitRow, facts: &Facts, accepted: Option<Sha256>) -> Value {
    let mut body = serde_json::json!({ "day": row.day, "visit_kind": row.kind, "checklist": facts.checklist });
    if let (Some(report), Some(body)) = (accepted, body.as_object_mut()) {
        body.insert("body_sha256".to_owned(), report.hex().into());
    }
    if let (Some(drawn), Some(body)) = (&facts.drawn, body.as_object_mut()) {
        body.insert("plan".to_owned(), drawn.plan.as_str().into());
        body.insert("unit".to_owned(), drawn.unit.as_str().into());
    }
    body
}

fn step_not_open() -> Refusal {
    conflict(
        "step_not_open",
        Text::new("本案现在不能检查。", "The case is not at the step of a visit now."),
        Text::new(
            "请在案卷中办理前面的步骤，或者选择其他检查类别。",
            "Do the steps before it in the case, or choose another kind.",
        ),
    )
}

fn no_unit_code() -> Refusal {
    bad(
        "no_unit_code",
        Text::new(
            "案卷没有填写统一社会信用代码；单位没有代码的，须填写名称和所在行政区划。",
            "The case does not say the unit's credit code; of a unit that has none it says name and division.",
        ),
    )
}

/// A visit may be asked for as the form says.
fn checked_form(view: &CaseView, form: &VisitForm, today: CivilDate) -> Result<(), Refusal> {
    if !is_at(view, form.kind) {
        return Err(step_not_open());
    }
    if form.day < today {
        return Err(bad("day", Text::new("检查日期已经过去。", "The day of the visit is over.")));
    }
    if form.with.len() > INSPECTORS {
        return Err(bad("inspectors", Text::new("检查人员过多。", "Too many inspectors.")));
    }
    Ok(())
}

/// What is scanned or typed at the door: the unit's code; of a unit without one its name, as far as the field takes it.
#[must_use]
pub fn door_code(unit: &str, name: &str) -> String {
    if is_code(unit) {
        return unit.to_owned();
    }
    name.trim().chars().take(CODE_CHARS).collect::<String>().to_uppercase()
}

/// What a unit is counted by is its credit code, and no word of ours.
#[must_use]
pub fn is_code(unit: &str) -> bool {
    !unit.contains(':')
}

/// The record as it is kept.
pub(super) fn written(record: &Record) -> Result<String, Refusal> {
    serde_json::to_string(record).map_err(|_| unreadable("record"))
}

/// The account inspects.
pub(super) fn is_inspector(row: &VisitRow, account: AccountId) -> Result<(), Refusal> {
    if row.inspectors.contains(&account) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::Forbidden,
        "not_inspector",
        Text::new("您不是这次检查的检查人员。", "You are no inspector of this visit."),
        Text::new("请由检查人员填写。", "Its inspectors fill it in."),
    ))
}

/// The visit is in this state.
pub(super) fn in_state(row: &VisitRow, state: VisitState) -> Result<(), Refusal> {
    if row.state == state.code() {
        return Ok(());
    }
    let now = VisitState::parse(&row.state).unwrap_or_default().name();
    Err(conflict(
        "visit_state",
        Text::of(format!("这次检查现在是：{}。", now.zh), format!("The visit is: {}.", now.en)),
        Text::new("请刷新页面查看。", "Reload the page."),
    ))
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

fn no_field() -> Refusal {
    bad(
        "field",
        Text::new("检查记录没有这一栏，或者填写的内容不对。", "The record has no such field, or its value cannot be."),
    )
}

/// One change: known, of its kind, and as the site's report has it where it is not contradicted.
fn checked_change(
    change: &Change,
    is_asked: impl Fn(&str) -> bool,
    auto: &BTreeMap<String, Answer>,
) -> Result<Change, Refusal> {
    let Some(id) = change.field.strip_prefix(ITEM) else {
        return if is_field(change) { Ok(change.clone()) } else { Err(no_field()) };
    };
    if !is_asked(id) {
        return Err(no_field());
    }
    let given = match &change.value {
        Value::Null => None,
        value => Some(serde_json::from_value::<Answer>(value.clone()).map_err(|_| no_field())?),
    };
    let said = auto.get(id);
    let same = given.as_ref().map(|g| &g.answered) == said.map(|s| &s.answered);
    let explained = given.as_ref().is_some_and(|g| letters(&g.remark) >= REASON_LETTERS);
    if said.is_some() && !same && !explained {
        let what = Text::new(
            "该项由单位签名的报告自动填写，只能写明现场所见后更改。",
            "The unit's signed report answers this; another answer says what was seen.",
        );
        return Err(bad("other_than_report", what));
    }
    let Some(mut given) = given else { return Ok(change.clone()) };
    if given.remark.chars().count() > TEXT_CHARS || given.defects.iter().any(|d| d.len() > NUMBER_CHARS) {
        return Err(no_field());
    }
    given.report = said.filter(|_| same).and_then(|s| s.report);
    let value = serde_json::to_value(given).map_err(|_| unreadable("answer"))?;
    Ok(Change { value, ..change.clone() })
}

/// A field beside the items: a short text, what was scanned in, or the draft of the order.
fn is_field(change: &Change) -> bool {
    if let Some(is_one) = is_draft(change).or_else(|| is_offline(change)) {
        return is_one;
    }
    let short = |value: &Value, most: usize| {
        let plain = |t: &str| t.chars().count() <= most && !t.chars().any(|c| c.is_control() && c != '\n');
        value.as_str().is_some_and(plain)
    };
    match (change.field.as_str(), &change.value) {
        (SCAN, Value::Object(scan)) => {
            let is_how = |how: &Value| how.as_str().is_some_and(|how| HOW.contains(&how));
            scan.keys().all(|name| ["code", "at", "how", "place"].contains(&name.as_str()))
                && scan.get("code").is_some_and(|code| short(code, CODE_CHARS))
                && scan.get("at").is_some_and(Value::is_i64)
                && scan.get("how").is_none_or(is_how)
                && scan.get("place").is_none_or(|place| short(place, PLACE_CHARS))
        }
        (field, Value::Null) => field == SCAN || FIELDS.contains(&field),
        (field, value) => FIELDS.contains(&field) && short(value, TEXT_CHARS),
    }
}

/// What is drawn is the signature of this account.
fn is_signature_of(belongs: &str, account: AccountId) -> bool {
    belongs.strip_prefix(SIGNATURE).is_some_and(|whose| whose == account.to_string())
}

fn own_signature() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "own_signature",
        Text::new(
            "检查人员的签名只能由本人用自己的账号作出。",
            "An inspector's signature is given by their own account alone.",
        ),
        Text::new(
            "请该检查人员在自己的手机上签名，或者在这部手机上输入自己的登录名和密码。",
            "That inspector signs on their own phone, or on this one with their own login name and password.",
        ),
    )
}

/// What the photo is; it is what the phone said it sent.
fn checked_photo(new: &NewPhoto) -> Result<&'static str, Refusal> {
    if new.bytes.is_empty() || new.bytes.len() > PHOTO_BYTES {
        let size = base::size(u64::try_from(PHOTO_BYTES).unwrap_or(u64::MAX));
        let what =
            Text::of(format!("照片不能为空，至多 {size}。"), format!("A photo is not empty, and at most {size}."));
        return Err(bad("photo_size", what));
    }
    let media_type = sniff(&new.bytes);
    if !matches!(media_type, "image/jpeg" | "image/png") {
        return Err(bad("photo_kind", Text::new("只接受 JPEG 和 PNG 照片。", "Only JPEG and PNG pictures are taken.")));
    }
    if Sha256::of(&new.bytes) != new.sha256 {
        let what = Text::new(
            "照片与手机上计算的摘要不符，没有保存。",
            "The photo is not the one whose digest the phone made; it was not kept.",
        );
        return Err(Refusal::bad_input("photo_digest", what, Text::new("请重新上传。", "Send it again.")));
    }
    Ok(media_type)
}
