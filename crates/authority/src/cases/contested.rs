//! Decisions that are contested: by which cases of review or suit, and what is to be entered after one of them changed or annulled a decision.
//!
//! ```text
//! decision served ─▶ remedies_of: procedures whose terms the packs name for it ─▶ case with the decision's number and days filled in
//! that case ends with a result that the step `annul` knows ─▶ annulments: a warning with the filled-in form ─▶ step `annul` ─▶ 3 working days
//!                                                          └▶ not_annulled: first on the page of supervision until the step is done
//! ```
//! Always true: which results count is read from the choices of the earlier case's own form; nothing is entered by itself, for a judgment may
//! not be in force yet; nothing of a person is in what is filled in; a step that was done asks for nothing more; for the page of supervision
//! no case is opened but those of older programs, of which only the events say how they ended.

use super::follow::{Loaded, procedure_of};
use crate::{Authority, By};
use base::{CaseId, CivilDate, ClauseId, Refusal, Text};
use domain::access::Permission;
use domain::casework::{ANNUL, Case, Typed, node};
use law::{Field, Procedure, ProcedureKind};
use std::collections::BTreeSet;
use store::casework::Territory;
use store::casework::cases::CaseRow;
use store::casework::supervision::DecidedFrom;

/// Fields of the step `annul`.
const KIND: &str = "annul_kind";
const NUMBER: &str = "annul_number";
const DAY: &str = "annul_day";
const ORGAN: &str = "annulled_by";
/// Fields of a case that contests a decision: what came of it, the day on which a judgment is in force, the court.
pub(super) const RESULT: &str = "result";
const EFFECTIVE: &str = "effective_day";
const COURT: &str = "court_name";
/// How far back cases that contest a decision are looked for, by the day they were opened: our own choice, far longer than one lasts.
const LOOK_BACK: i32 = 3 * 365;
/// Most of them that are read for one page, of each procedure.
const READ: u32 = 300;

/// A decision was changed or annulled in a case that came from its own, and that is not entered yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annulment {
    /// The procedure by which it was contested.
    pub by: Text,
    /// What came of it.
    pub result: Text,
    /// Number of that decision or judgment; empty: not filled in.
    pub number: String,
    /// Its day, of a judgment the day it is in force; `None`: not filled in.
    pub day: Option<CivilDate>,
    /// The step by which it is entered.
    pub step: Text,
    /// The clause of that step.
    pub clause: ClauseId,
    /// Its form, as far as it is known.
    pub typed: Typed,
}

impl Annulment {
    /// What is to be done, in one sentence or two.
    #[must_use]
    pub fn text(&self) -> Text {
        let Self { by, result, number, .. } = self;
        let step =
            Text::of(self.step.zh.trim_end_matches('。').to_owned(), self.step.en.trim_end_matches('.').to_owned());
        let paper = if number.is_empty() { String::new() } else { format!("，{number}") };
        let paper_en = if number.is_empty() { String::new() } else { format!(" ({number})") };
        let head = Text::of(
            format!("{}的结果是「{}」{paper}。", by.zh, result.zh),
            format!("{}{paper_en}: {}.", by.en, result.en),
        );
        match self.day {
            Some(day) => Text::of(
                format!("{}请登记「{}」；已经公开的，撤回期限自{day}起算。", head.zh, step.zh),
                format!(
                    "{} Enter \"{}\"; what was published is withdrawn within its time, from {day}.",
                    head.en, step.en
                ),
            ),
            None => Text::of(
                format!("{}生效以后请登记「{}」；已经公开的，撤回期限自生效之日起算。", head.zh, step.zh),
                format!(
                    "{} Once it is in force enter \"{}\"; what was published is withdrawn within its time from then.",
                    head.en, step.en
                ),
            ),
        }
    }
}

/// The choices of results, where a decision of this procedure can be annulled.
fn results(procedure: &Procedure) -> Option<&Field> {
    procedure.field(KIND).filter(|field| field.step == ANNUL)
}

/// What a case that contests a decision says of it; `None` where the decision stands, or nothing is decided yet.
fn annulment(of: &Procedure, by: &Procedure, case: &Case) -> Option<Annulment> {
    let (kinds, step) = (results(of)?, node(of, ANNUL)?);
    let decision = case.outcome().filter(|_| by.kind == ProcedureKind::Remedy)?;
    let result = kinds.choice(decision.values.text(RESULT)?)?;
    let number = decision.values.text(&format!("{}_number", decision.outcome)).unwrap_or_default();
    let own_day = by.day_field(&decision.outcome).and_then(|field| decision.values.day(&field.id));
    let day = own_day.or_else(|| decision.values.day(EFFECTIVE));
    let court = by.field(COURT).and_then(|field| case.values_of(&field.step)?.text(COURT));
    let known = [
        (KIND, Some(result.id.clone())),
        (NUMBER, Some(number.to_owned())),
        (DAY, day.map(|day| day.to_string())),
        (ORGAN, court.map(str::to_owned)),
    ];
    let asks = |id: &str| of.fields_at(ANNUL).any(|field| field.id == id);
    let filled = known.into_iter().filter_map(|(id, text)| Some((id, text.filter(|text| !text.is_empty())?)));
    Some(Annulment {
        by: by.name(),
        result: result.name(),
        number: number.to_owned(),
        day,
        step: step.name(),
        clause: step.clause().clone(),
        typed: filled.filter(|(id, _)| asks(id)).map(|(id, text)| (id.to_owned(), text)).collect(),
    })
}

impl Authority {
    /// The procedures by which a decision that was served can be contested, as cases of their own, in the order of the packs; none where the
    /// case has no step for what comes of it, that was entered already, or the reader only looks on from an office above.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), `procedure_unknown`, or the store.
    pub async fn remedies_of(&self, by: By, id: CaseId) -> Result<Vec<&Procedure>, Refusal> {
        by.needs(Permission::HandleCases)?;
        let (_, Loaded { row, case, .. }) = self.known_case(by, id).await?;
        if !self.works_at(by.account, row.head.office).await? {
            return Ok(Vec::new());
        }
        let procedure = procedure_of(self.gate(), &case.procedure)?;
        let annul = procedure.steps.iter().find(|step| step.id == ANNUL);
        let served = annul.is_some_and(|step| step.after.iter().any(|before| case.done(before).is_some()));
        if !served || case.done(ANNUL).is_some() {
            return Ok(Vec::new());
        }
        let mut remedies = self.openable(self.now().shanghai_date()).await?;
        let about = |p: &Procedure| p.clocks.iter().any(|clock| procedure.remedies.contains(&clock.length.clause));
        remedies.retain(|p| p.kind == ProcedureKind::Remedy && about(p));
        Ok(remedies)
    }

    /// What changed or annulled the decision of a case and is not entered there yet, the oldest first. It is told whoever may know of the
    /// case, wherever the review or suit was entered: of that case nothing but its result, its paper and its day is told.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), or the store.
    pub async fn annulments(&self, by: By, id: CaseId) -> Result<Vec<Annulment>, Refusal> {
        let (_, loaded) = self.known_case(by, id).await?;
        let Some(procedure) = self.gate().packs().procedure(&loaded.case.procedure) else { return Ok(Vec::new()) };
        if results(procedure).is_none() || loaded.case.outcome().is_none() || loaded.case.done(ANNUL).is_some() {
            return Ok(Vec::new());
        }
        let mut out = Vec::new();
        for next in self.store().cases_from(id).await? {
            out.extend(self.annulled_in(procedure, next).await?);
        }
        Ok(out)
    }

    /// What a case that came from one of this procedure says of its decision.
    async fn annulled_in(&self, of: &Procedure, next: CaseId) -> Result<Option<Annulment>, Refusal> {
        let Some(row) = self.store().case(next).await?.filter(|row| row.head.outcome.is_some()) else {
            return Ok(None);
        };
        let by = self.gate().packs().procedure(&row.head.procedure).filter(|p| p.kind == ProcedureKind::Remedy);
        let Some(by) = by else { return Ok(None) };
        let loaded = self.load(row).await?;
        Ok(annulment(of, by, &loaded.case))
    }

    /// Cases of a territory whose decision was changed or annulled, and where that is not entered, what was contested last first; at most `limit`.
    pub(super) async fn not_annulled(
        &self,
        of: Territory,
        today: CivilDate,
        limit: u32,
    ) -> Result<Vec<CaseRow>, Refusal> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let (packs, since) = (self.gate().packs(), today.plus_days(-LOOK_BACK).start());
        let annulling: BTreeSet<&str> = packs
            .procedures()
            .iter()
            .filter_map(results)
            .flat_map(|f| f.choices.iter().map(|c| c.id.as_str()))
            .collect();
        let annulling: Vec<String> = annulling.into_iter().map(str::to_owned).collect();
        let (mut out, mut told) = (Vec::new(), BTreeSet::new());
        for remedy in packs.procedures().iter().filter(|p| p.kind == ProcedureKind::Remedy) {
            for found in self.store().decided_from(of, (&remedy.id, &annulling), since, READ).await? {
                if out.len() >= most || told.contains(&found.from) {
                    continue;
                }
                if let Some(row) = self.is_owed(found).await? {
                    told.insert(found.from);
                    out.push(row);
                }
            }
        }
        Ok(out)
    }

    /// The earlier case, where it is to be entered there what came of this one. What is known of both is not opened.
    async fn is_owed(&self, found: DecidedFrom) -> Result<Option<CaseRow>, Refusal> {
        let Some(row) = self.store().case(found.from).await? else { return Ok(None) };
        let Some(procedure) = self.gate().packs().procedure(&row.head.procedure) else { return Ok(None) };
        let annuls = results(procedure).is_some()
            && (found.result_known || self.annulled_in(procedure, found.case).await?.is_some());
        if !annuls || found.entered_known {
            return Ok(Some(row).filter(|_| annuls));
        }
        let loaded = self.load(row).await?;
        Ok(loaded.case.done(ANNUL).is_none().then_some(loaded.row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(number: &str, day: Option<CivilDate>) -> Text {
        let annulment = Annulment {
            by: Text::new("行政复议", "Administrative reconsideration"),
            result: Text::new("撤销", "annulled"),
            number: number.into(),
            day,
            step: Text::new("决定被撤销", "The decision is annulled"),
            clause: ClauseId::new("AP-48"),
            typed: Typed::new(),
        };
        annulment.text()
    }

    #[test]
    fn what_is_in_force_names_its_day_and_what_is_not_waits_for_it() {
        let day = CivilDate::parse("2026-07-31");
        let dated = told("沈政复决〔2026〕8号", day);
        assert!(dated.zh.contains("沈政复决〔2026〕8号") && dated.zh.contains("自2026-07-31起算"), "{dated:?}");
        assert!(dated.en.contains("from 2026-07-31"), "{dated:?}");
        let waits = told("", None);
        assert!(waits.zh.contains("生效以后") && !waits.zh.contains("」，"), "{waits:?}");
        assert!(waits.en.contains("Once it is in force"), "{waits:?}");
    }

    #[test]
    fn every_result_that_annuls_is_one_of_the_remedies_and_not_every_result_annuls() {
        let packs = law::Packs::embedded().expect("packs");
        for remedy in packs.procedures().iter().filter(|p| p.kind == ProcedureKind::Remedy) {
            let Some(all) = remedy.field(RESULT) else { continue };
            for of in packs.procedures().iter().filter_map(results) {
                let (known, other): (Vec<_>, Vec<_>) = all.choices.iter().partition(|c| of.choice(&c.id).is_some());
                assert!(known.len() == of.choices.len() && !other.is_empty(), "{}: {known:?}", remedy.id);
            }
            let number = format!("{}_number", all.step);
            assert!(remedy.field(&number).is_some_and(|f| !f.personal), "{}: its number", remedy.id);
            let day = remedy.day_field(&all.step).or_else(|| remedy.field(EFFECTIVE));
            assert!(day.is_some(), "{}: its day", remedy.id);
        }
        let annulled = packs.procedures().iter().filter(|p| results(p).is_some()).count();
        assert!(annulled >= 2, "{annulled}");
    }
}
