//! The end of a visit: every item answered, scanned in, signed; what was found goes into the case, what follows is told.
//!
//! ```text
//! record ─▶ answers ─▶ inspection::judge ─▶ Findings ─┬▶ form of the step ─▶ Authority::act_of_visit (two officers, certificates)
//! signatures, or a refusal with a witness ────────────┘      └▶ an order follows: its form is begun ─▶ visit closed, one entry
//! ```
//! Always true: a refusal to sign is recorded and stops nothing; words of a remark are in no form of the case, for registers are made of those;
//! the step is done once, also when the end of the visit is tried again after a crash.

use super::act::{SCAN, SIGNATURE, UNIT, door_code, in_state};
use super::door::Door;
use super::draft::{order_form, over};
use super::facts::{Facts, VisitState, kind_of};
use super::offline::{OfflinePaper, papers_of, words_of};
use super::order::standing;
use super::paper::cited;
use super::read::{answers_of, field_of, record_of, step_of};
use super::record::Record;
use super::{ORDER, bad, conflict, unreadable};
use crate::cases::CaseView;
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, ClauseId, Lang, Pii, Refusal, Text, UtcMs, limits};
use domain::casework::{CaseAct, Command, Typed, fields_of};
use domain::inspection::{
    Drawn, Findings, Follows, Limit, Signature, Signatures, Signer, VisitKind, check_signatures, join_draft, judge,
};
use serde::{Deserialize, Serialize};
use store::visits::{PhotoRow, VisitEnd, VisitEntry, VisitRow};

/// How the unit's side ended.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitSide {
    /// Signed on the phone.
    Signed {
        /// Who.
        name: String,
    },
    /// Refused, or could not.
    Refused {
        /// Why, as it was said or seen.
        reason: String,
        /// A witness who is no inspector.
        witness: String,
    },
}

impl std::fmt::Debug for UnitSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Signed { .. }) { "Signed(***)" } else { "Refused(***)" })
    }
}

/// What ends a visit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloseForm {
    /// Version of the record that was signed.
    pub version: u32,
    /// The unit's side.
    pub unit: UnitSide,
}

/// A breach as kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BreachLine {
    /// The item.
    pub item: String,
    /// Words of the defects.
    pub defects: Vec<String>,
    /// In words.
    pub texts: Vec<Text>,
    /// Word of the order: `at_once`, `within`.
    pub order: String,
    /// Suggested limit, days; practice.
    pub days: Option<u32>,
    /// The clauses.
    pub clauses: Vec<ClauseId>,
    /// They are lost text: a legal review comes before an order.
    pub gap: bool,
}

/// How a visit ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: UtcMs,
    /// The unit's side.
    pub unit: UnitSide,
    /// What breaks a clause, the gravest first.
    pub breaches: Vec<BreachLine>,
    /// What was advised.
    pub advice: Vec<Text>,
    /// An order follows.
    pub order: bool,
    /// Something is to be corrected at once.
    pub at_once: bool,
    /// Something within so many days: practice, the officer sets it.
    pub within_days: Option<u32>,
    /// A second look that found it not corrected when the time was over: the case goes on to a penalty.
    pub transfer: bool,
    /// How the unit's code came in; none of visits that ended before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<Door>,
    /// Provisional papers that were given out before, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offline: Vec<OfflinePaper>,
}

impl Ended {
    /// Reads what is kept.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        serde_json::from_str(text).map_err(|_| unreadable("end"))
    }

    /// `over`: the time to correct of the order that is looked at again has passed.
    fn of(
        findings: &Findings,
        (kind, over): (VisitKind, bool),
        (unit, door): (UnitSide, Option<Door>),
        at: UtcMs,
    ) -> Self {
        let breaches = findings.breaches.iter().map(|b| BreachLine {
            item: b.item.clone(),
            defects: b.defects.clone(),
            texts: b.texts.clone(),
            order: b.order.key().to_owned(),
            days: b.suggested_days,
            clauses: b.citations.iter().map(|c| c.clause.clone()).collect(),
            gap: b.gap,
        });
        let again = kind == VisitKind::Again;
        let (order, at_once, within_days) = match findings.follows() {
            Follows::Order { at_once, within_days } => (!again, at_once, within_days),
            Follows::Nothing | Follows::Advice => (false, false, None),
        };
        Self {
            at,
            unit,
            breaches: breaches.collect(),
            advice: findings.advice.iter().flat_map(|a| a.texts.clone()).collect(),
            order,
            at_once,
            within_days,
            transfer: again && over && !findings.breaches.is_empty(),
            door,
            offline: Vec::new(),
        }
    }

    /// What follows, in one sentence.
    #[must_use]
    pub fn follows(&self) -> Text {
        match (self.order, self.transfer, self.at_once, self.within_days) {
            (true, _, true, None) => Text::new("责令当场改正。", "An order to correct at once follows."),
            (true, ..) => Text::new("责令限期改正。", "An order to correct within a limit follows."),
            (false, true, ..) => {
                Text::new("逾期未改正，转行政处罚。", "Not corrected in time: the case goes on to a penalty.")
            }
            (false, false, ..) if !self.breaches.is_empty() => Text::new(
                "尚未改正，改正期限未满：期满或者单位再次报告后复查。",
                "Not corrected yet, and the time runs on: look again when it is over or the unit says it is done.",
            ),
            (false, false, ..) if self.advice.is_empty() => {
                Text::new("检查合格，没有后续措施。", "Passed: nothing follows.")
            }
            (false, false, ..) => Text::new("检查合格，另有建议。", "Passed, with advice."),
        }
    }
}

/// The findings as the form of the case has them, in the language of the law: how the unit's code came in, which provisional papers were given out,
/// defects and clauses, no remark.
fn in_words(findings: &Findings, asked: usize, ended: &Ended) -> String {
    let breaches = findings.breaches.iter().map(|b| {
        let texts: Vec<&str> = b.texts.iter().map(|t| t.zh.as_ref()).collect();
        let clauses: Vec<String> = b.citations.iter().map(|c| cited(c, Lang::Zh)).collect();
        format!("{}（{}）。", texts.join("；").trim_end_matches('。'), clauses.join("、"))
    });
    let advice = findings.advice.iter().map(|a| {
        let texts: Vec<&str> = a.texts.iter().map(|t| t.zh.as_ref()).collect();
        format!("建议：{}。", texts.join("；").trim_end_matches('。'))
    });
    let lines: Vec<String> = breaches.chain(advice).enumerate().map(|(n, line)| format!("{}. {line}", n + 1)).collect();
    let door = ended.door.as_ref().map(|door| format!("到场登记：{}。", door.words().zh)).unwrap_or_default();
    let papers = words_of(&ended.offline);
    let head = format!("{door}{papers}共检查{asked}项，发现问题{}项。", findings.breaches.len());
    if lines.is_empty() { head } else { format!("{head}\n{}", lines.join("\n")) }
}

/// What a second look came to, by the words of the packs.
const fn again_result(passed: bool, ended: &Ended) -> &'static str {
    match (passed, ended.transfer) {
        (true, _) => "corrected",
        (false, true) => "not_corrected",
        (false, false) => "not_yet",
    }
}

/// The form of the step: what its fields ask of a visit. The words of the fields mean the same in every procedure of the packs.
fn typed_of(
    view: &CaseView,
    step: &str,
    record: &Record,
    findings: &Findings,
    (asked, ended): (usize, &Ended),
) -> Typed {
    let words = in_words(findings, asked, ended);
    let passed = findings.breaches.is_empty();
    let not_signed = match &ended.unit {
        UnitSide::Signed { .. } => String::new(),
        UnitSide::Refused { reason, witness } => format!("拒绝签名：{reason}；见证人：{witness}。"),
    };
    let given = [
        ("present_name", record.text("present_name").to_owned()),
        ("present_post", record.text("present_post").to_owned()),
        ("present_phone", record.text("present_phone").to_owned()),
        ("findings", words.clone()),
        ("result", if passed { "passed" } else { "failed" }.to_owned()),
        ("not_signed", not_signed),
        ("again_present", record.text("present_name").to_owned()),
        ("again_findings", words),
        ("again_result", again_result(passed, ended).to_owned()),
    ];
    let fields = fields_of(view.procedure(), step);
    let asked = given.into_iter().filter(|(_, text)| !text.is_empty()).filter_map(|(id, text)| {
        let field = fields.iter().find(|f| f.id == id)?;
        let most = usize::try_from(field.limit()).unwrap_or(usize::MAX);
        Some((id.to_owned(), text.chars().take(most).collect::<String>()))
    });
    asked.collect()
}

/// The order's form as far as the findings fill it in.
fn order_of(view: &CaseView, findings: &Findings, ended: &Ended) -> Typed {
    let texts = findings.breaches.iter().flat_map(|b| b.texts.iter().map(|t| t.zh.trim_end_matches('。').to_owned()));
    let defects: String = texts.collect::<Vec<_>>().join("；").chars().take(limits::FREE_TEXT_CHARS).collect();
    let mut given = vec![("order_defects", defects)];
    // What is to be corrected at once has no day: that is what no days mean in the form.
    let days = ended.within_days.or(ended.at_once.then_some(0));
    given.extend(days.map(|days| ("correct_days", days.to_string())));
    let fields = fields_of(view.procedure(), ORDER);
    let is_asked = |id: &str| fields.iter().any(|f| f.id == id);
    given.into_iter().filter(|(id, _)| is_asked(id)).map(|(id, text)| (id.to_owned(), text)).collect()
}

/// The unit's code was scanned in or typed at the door.
fn is_scanned(record: &Record, unit: &str) -> Result<(), Refusal> {
    let code = record.get(SCAN).and_then(|scan| scan.get("code")?.as_str()).unwrap_or_default();
    if code.trim().eq_ignore_ascii_case(unit.trim()) {
        return Ok(());
    }
    Err(conflict(
        "no_scan",
        Text::new(
            "没有在门口登记单位代码，或者代码不是被检查单位的。",
            "The unit's code was not taken in at the door, or it is another unit's.",
        ),
        Text::new(
            "请扫描或者输入单位的统一社会信用代码；没有代码的，输入单位名称。",
            "Scan or type the unit's credit code; of a unit without one its name.",
        ),
    ))
}

impl Authority {
    /// Closes a visit: its step in the case is done, an order's form is begun where one follows.
    ///
    /// # Errors
    /// No permission, `not_found`, `visit_state`, `not_inspector`, `recused`, `visit_moved_on` (the record was changed since it was signed),
    /// `no_scan`, `not_complete` (with the first fault of `inspection::judge`), those of `check_signatures`, `no_signature_picture`, those of
    /// `Authority::act`, or the store.
    pub async fn close_visit(&self, by: By, case: CaseId, form: &CloseForm) -> Result<Ended, Refusal> {
        let (account, view, row) = self.at_visit(by, case).await?;
        in_state(&row, VisitState::Open)?;
        if form.version != row.version {
            return Err(super::moved_on());
        }
        let (facts, record) = (Facts::read(&row.facts)?, record_of(&row)?);
        let kind = kind_of(&row.kind).ok_or_else(|| unreadable("kind"))?;
        is_scanned(&record, &door_code(&row.unit, &field_of(&view, "unit_name")))?;
        let now = self.now();
        let site = self.site_report(&row, &facts).await?.map(|(_, told)| told);
        let (findings, asked) = {
            let asked = facts.asked(self.gate().packs(), row.day);
            let judged = judge(&asked, &answers_of(&record), site.as_ref());
            (judged.map_err(|faults| not_complete(&faults))?, asked.len())
        };
        self.signatures((&row, &facts), &form.unit, now).await?;
        let time_is_over = kind == VisitKind::Again && self.is_over(&view, row.day).await?;
        let photos = self.store().visit_photos(case, row.n).await?;
        let door = Door::of(&record, &photos);
        let mut ended = Ended::of(&findings, (kind, time_is_over), (form.unit.clone(), door), now);
        ended.offline = papers_of((case, row.n), &record, &photos);
        let typed = typed_of(&view, step_of(kind), &record, &findings, (asked, &ended));
        let text = serde_json::to_string(&ended).map_err(|_| unreadable("end"))?;
        let changed =
            VisitRow { state: VisitState::Closed.code().to_owned(), ended: Some(Pii::new(text)), ..row.clone() };
        let made = VisitEntry {
            kind: "visit.closed",
            body: closed_body(&ended),
            text: Text::of(format!("结束检查：{}。", view.row.number), format!("Visit closed in {}.", view.row.number)),
            by: account,
            now,
        };
        let end = VisitEnd { row: changed, was: (row.state.clone(), row.version), made };
        self.do_step(by, &view, &row, (&facts, typed), end).await?;
        if ended.order {
            let form = over(&view, &record, &ended.breaches, order_of(&view, &findings, &ended));
            self.begin_order(by, case, form).await;
        }
        Ok(ended)
    }

    /// The time of the order that is looked at again has passed on a day; what is to be corrected at once has none.
    async fn is_over(&self, view: &CaseView, day: CivilDate) -> Result<bool, Refusal> {
        let found = self.last_found(view.row.id).await?;
        let order = found.and_then(|found| standing(view, &found.ended.breaches));
        Ok(order.is_none_or(|order| order.limit == Limit::AtOnce || day > order.last_day()))
    }

    /// Every inspector signed by their own account; so did the unit on a phone, or why not and who saw it.
    async fn signatures(&self, (row, facts): (&VisitRow, &Facts), unit: &UnitSide, at: UtcMs) -> Result<(), Refusal> {
        let mut photos = self.store().visit_photos(row.case, row.n).await?;
        photos.retain(|photo| !facts.is_void(photo));
        let drawn = photos.iter().filter_map(drawn_of).collect();
        let people = self.people_of(row).await?.into_iter();
        let inspectors: Vec<Signer> = people.map(|p| Signer { account: p.id, login: p.login, name: p.name }).collect();
        let unit = match unit {
            UnitSide::Signed { name } => {
                if !photos.iter().any(|p| p.belongs.strip_prefix(SIGNATURE) == Some(UNIT)) {
                    let what = Text::new("单位人员没有在手机上签名。", "The unit's person did not sign on the phone.");
                    return Err(bad("no_signature_picture", what));
                }
                Signature::Signed { name: Pii::new(name.trim().to_owned()), at }
            }
            UnitSide::Refused { reason, witness } => Signature::Refused {
                reason: Pii::new(reason.clone()),
                witness: Pii::new(witness.trim().to_owned()),
                at,
            },
        };
        check_signatures(&inspectors, Signatures { inspectors: drawn, unit })?;
        Ok(())
    }

    /// Does the step of the visit in the case and ends the visit, in one transaction; the visit alone where an older program did the step since it
    /// began and broke off.
    async fn do_step(
        &self,
        by: By,
        view: &CaseView,
        row: &VisitRow,
        (facts, typed): (&Facts, Typed),
        end: VisitEnd,
    ) -> Result<(), Refusal> {
        let kind = kind_of(&row.kind).ok_or_else(|| unreadable("kind"))?;
        let step = step_of(kind);
        let since = view.case.done(step).filter(|done| facts.begun.is_some_and(|begun| done.at >= begun));
        if since.is_some_and(|done| row.inspectors.iter().all(|a| done.officers.contains(a))) {
            return self.keep_visit(&end.row, row, end.made).await;
        }
        let officers: Vec<AccountId> = row.inspectors.clone();
        let act = CaseAct::Done { step: step.to_owned(), typed, note: String::new(), officers, on: row.day };
        self.act_of_visit(by, row.case, &Command { seen: view.row.events, act }, Some(end)).await?;
        Ok(())
    }

    /// Begins the form of the order; what stands in it already stays. It only helps who goes on: what cannot be filled in is left to them.
    async fn begin_order(&self, by: By, case: CaseId, typed: Typed) {
        let Ok(view) = self.case(by, case).await else { return };
        if typed.is_empty() || !view.open_steps().iter().any(|s| s.id == ORDER) {
            return;
        }
        let Ok(joined) = join_draft(&Typed::new(), &typed, &order_form(&view)) else { return };
        if !joined.changed {
            return;
        }
        let typed = joined.form;
        let command = Command { seen: view.row.events, act: CaseAct::Fill { step: ORDER.to_owned(), typed } };
        if let Err(refusal) = self.act(by, case, &command, Vec::new()).await {
            tracing::warn!(code = refusal.code, "the form of an order could not be begun");
        }
    }
}

/// What the entry of the end says beside its commitment.
fn closed_body(ended: &Ended) -> serde_json::Value {
    let papers: Vec<String> = ended.offline.iter().map(|paper| paper.sha256.hex()).collect();
    serde_json::json!({
        "breaches": ended.breaches.len(),
        "order": ended.order,
        "transfer": ended.transfer,
        "unit_code_by": ended.door.as_ref().map(Door::how),
        "far_from_photos": ended.door.as_ref().is_some_and(|door| door.far),
        "provisional_sha256": papers.join(" "),
    })
}

/// Whose signature a picture is, and by which account it came; none where it is no inspector's.
pub(super) fn drawn_of(photo: &PhotoRow) -> Option<Drawn> {
    let whose = photo.belongs.strip_prefix(SIGNATURE).and_then(AccountId::parse)?;
    Some(Drawn { whose, by: photo.by })
}

/// What is still open, by its first fault.
fn not_complete(faults: &[domain::inspection::AnswerFault]) -> Refusal {
    let (n, first) = (faults.len(), faults.first());
    let what = first.map(|f| f.what.clone()).unwrap_or_default();
    let item = first.map_or("", |f| f.item.as_str());
    conflict(
        "not_complete",
        Text::of(
            format!("还有{n}项没有完成。“{item}”：{}", what.zh),
            format!("{n} {} not complete. `{item}`: {}", base::plural(n, "item is", "items are"), what.en),
        ),
        Text::new("请逐项填写后再结束检查。", "Answer every item, then close the visit."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(code: &str) -> Record {
        let value = json!({ "code": code, "at": 1 });
        Record([("scan".to_owned(), super::super::record::Field { v: 1, value })].into())
    }

    #[test]
    fn only_the_units_own_code_opens_the_record() {
        assert!(is_scanned(&record(" 91350100m000100y43 "), "91350100M000100Y43").is_ok());
        for other in [record("91350100M000100Y44"), record(""), Record::default()] {
            assert_eq!(is_scanned(&other, "91350100M000100Y43").unwrap_err().code, "no_scan");
        }
    }

    #[test]
    fn a_unit_without_a_code_is_known_at_its_door_by_its_name() {
        let door = door_code("party:1", " 示例 Shop ");
        assert_eq!(door, "示例 SHOP");
        assert!(is_scanned(&record("示例 shop"), &door).is_ok());
        assert_eq!(is_scanned(&record("party:1"), &door).unwrap_err().code, "no_scan");
        assert_eq!(door_code("91350100M000100Y43", "示例"), "91350100M000100Y43");
    }

    #[test]
    fn names_are_in_no_debug() {
        let side = UnitSide::Refused { reason: "王五不同意".into(), witness: "赵六".into() };
        let text = format!("{side:?}");
        assert!(!text.contains("王五") && !text.contains("赵六"), "{text}");
        let kept = serde_json::to_string(&side).unwrap();
        assert_eq!(serde_json::from_str::<UnitSide>(&kept).unwrap(), side);
    }
}
