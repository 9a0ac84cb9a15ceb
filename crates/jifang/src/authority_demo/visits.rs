//! A visit of the demo's police, whole: the plan of its year, leave, begin, the checklist, signatures, the end in the case.
//!
//! ```text
//! plan of the data ─▶ put_plan, publish_plan_as_seen, once a year
//!    ─▶ ask_visit ─▶ approve_visit ─▶ begin_visit ─▶ save_visit, add_photo ─▶ close_visit
//! ```
//! Always true: everything goes through the acts of the authority, as on a phone; what was found is what the data names, and only where it
//! breaks a clause whose text is there, so that the order may follow.

use super::cases::Desk;
use super::places::Turn;
use anyhow::Context;
use authority::By;
use authority::cases::plans::PlanForm;
use authority::visits::record::Change;
use authority::visits::{CloseForm, ItemView, NewPhoto, UnitSide, VisitForm, VisitView, door_code};
use base::{CaseId, CivilDate, Sha256};
use domain::access::Role;
use domain::draw::PublicDay;
use domain::inspection::VisitKind;
use serde_json::{Value, json};

/// The field of the data that names the item which is not met.
const FAILS: &str = "fails";
/// A drawn signature: the smallest picture there is.
const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x48, 0xaf, 0xa4, 0x71, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

impl Desk<'_> {
    /// A visit of the case on this day, from its leave to its end.
    pub(super) async fn visit(&self, case: CaseId, turn: &Turn) -> anyhow::Result<()> {
        let by = self.hall.by(&turn.by)?;
        let head = self.hall.beside(&turn.by, Role::CaseApprover).into_iter().next().context("nobody approves")?;
        let mut others = self.hall.beside(&turn.by, Role::CaseOfficer).into_iter();
        let second = others.find(|other| other.account != by.account).context("nobody inspects with them")?;
        let on = self.clock.now().utc.shanghai_date();
        self.plan_of_year(by, head, (case, on)).await?;
        let form = VisitForm {
            kind: VisitKind::Special,
            item: "general".into(),
            basis: turn.words.clone(),
            day: on,
            with: vec![second.account],
            accepts: None,
        };
        self.authority.ask_visit(by, case, &form).await?;
        self.authority.approve_visit(head, case).await?;
        self.authority.begin_visit(by, case).await?;
        let view = self.authority.visit(by, case).await?;
        let changes = answers(&view, turn);
        let saved = self.authority.save_visit(by, case, view.line.row.version, &changes).await?;
        for (who, whose) in [(by, by.account.to_string()), (second, second.account.to_string()), (by, "unit".into())] {
            let photo = NewPhoto {
                bytes: PICTURE.to_vec(),
                sha256: Sha256::of(PICTURE),
                belongs: format!("signature/{whose}"),
                taken: self.clock.now().utc,
                place: String::new(),
            };
            self.authority.add_photo(who, case, photo).await?;
        }
        let unit = UnitSide::Signed { name: "赵六".into() };
        self.authority.close_visit(by, case, &CloseForm { version: saved.version, unit }).await?;
        Ok(())
    }

    /// The plan of the data is published for the year of a day, once.
    async fn plan_of_year(&self, by: By, head: By, (case, on): (CaseId, CivilDate)) -> anyhow::Result<()> {
        let office = self.authority.visit_offer(by, case).await?.office;
        if self.authority.visit_plan(office, on).await?.published_on.is_some() {
            return Ok(());
        }
        let year = on.0.year();
        let mut body = self.place.plan.clone().context("the data has no plan of inspections")?;
        // A lottery that is drawn on Sundays; the plan leaves the office some weeks to commit to its pool.
        let past_sunday = i32::from(on.0.weekday().to_monday_one_offset()) % 7;
        body.public_day = Some(PublicDay { day: on.plus_days(28 - past_sunday), hour: Some(22) });
        let word = format!("{}-{year}", self.place.word);
        let plan = PlanForm { word, year, title: format!("{year}年度检查计划"), body };
        self.authority.put_plan(by, &plan).await?;
        let read = self.authority.plan(head, &plan.word, 0).await?.row.changed;
        self.authority.publish_plan_as_seen(head, &plan.word, read).await?;
        Ok(())
    }
}

fn change(field: &str, value: Value) -> Change {
    Change { field: field.to_owned(), base: Value::Null, value }
}

/// The whole record: every item is met but the one that the data names.
fn answers(view: &VisitView, turn: &Turn) -> Vec<Change> {
    let may_fail = |i: &&ItemView| {
        let plain = i.item.answer == law::AnswerKind::YesNo && !i.item.defects.is_empty();
        plain && !i.gap && !i.citations.is_empty()
    };
    let named = |i: &&ItemView| turn.fields.get(FAILS).is_some_and(|id| *id == i.item.id);
    let able = || view.items.iter().filter(may_fail);
    let failing = able().find(named).or_else(|| able().next()).filter(|_| turn.fields.contains_key(FAILS));
    let answer = |i: &ItemView| {
        let fails = failing.is_some_and(|f| f.item.id == i.item.id);
        let answered = match i.item.answer {
            law::AnswerKind::YesNo => json!(if fails { "no" } else { "yes" }),
            law::AnswerKind::Number => json!({ "number": i.item.least.or(i.item.most).unwrap_or_default() }),
            law::AnswerKind::Choice => {
                let passing = i.item.choices.iter().find(|c| c.passes).map(|c| c.id.as_str());
                json!({ "choice": passing.unwrap_or_default() })
            }
        };
        let defects: Vec<&str> = i.item.defects.iter().take(usize::from(fails)).map(|d| d.id.as_str()).collect();
        let value = json!({ "answered": answered, "defects": defects, "remark": "现场核对", "report": null });
        change(&format!("item/{}", i.item.id), value)
    };
    let door = [
        change(
            "scan",
            json!({ "code": door_code(&view.line.row.unit, &view.line.unit), "at": view.line.row.day.start().0 }),
        ),
        change("present_name", json!("赵六")),
        change("present_post", json!("保卫部主任")),
    ];
    door.into_iter().chain(view.items.iter().map(answer)).collect()
}
