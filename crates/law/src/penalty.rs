//! What a breach costs: from the breached clause, the party, the grade, the day of the act and the day of decision to the penalties
//! that apply, what is ordered first, the range, what else follows, and why a fine must wait.
//!
//! What flows through: [`PenaltyQuestion`] -> candidates (every sanction that names the breach, and those that meet it in an
//! overlay) -> the law of the right day (AP-37) -> overlays (cap, prevails) -> [`Penalty`].
//! Invariants: no range goes above the cap of a higher instrument; what rests on a reading, on lost or on second-hand text asks for a
//! legal review.

use crate::pack::{Level, Pack, Packs, PenaltyLink};
use crate::penalty_answer::{
    Applied, AppliedMeasure, BoundBy, Displaced, Ended, Fine, Hearing, Penalty, TimeBar, Unaddressed,
};
use crate::sanction::{Fined, Grade, MeasureKind, ReviewReason, Sanction, SanctionOverlay, SanctionRule};
use crate::{Clause, Gate, Jurisdiction};
use base::{Citation, CivilDate, ClauseId, Reading, Refusal, Text};

/// Law at the act, unless the later law is gentler.
const GENTLER_LAW: &str = "AP-37";
/// One act, one fine.
const ONE_FINE: &str = "AP-29";
/// Whoever punishes also orders correction.
const CORRECTION: &str = "AP-28-1";
/// General time bar.
const TIME_BAR: &str = "AP-36";
/// Thresholds of the right to a hearing in police cases.
const HEARING: &str = "PP-123";
/// Time to ask for a hearing.
const HEARING_REQUEST: &str = "AP-64";
/// Fines on the spot.
const ON_THE_SPOT: &str = "AP-51";
/// The surcharge on a fine paid late.
const SURCHARGE: &str = "AP-72";

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PenaltyQuestion {
    /// The breached clause.
    pub breach: ClauseId,
    /// Where.
    pub jurisdiction: Jurisdiction,
    /// On whom.
    pub who: Fined,
    /// How far the breach has come.
    pub grade: Grade,
    /// Day of the act; of its end, where it lasted.
    pub act_on: CivilDate,
    /// Day of decision.
    pub decided_on: CivilDate,
    /// Day on which it was discovered.
    pub found_on: CivilDate,
    /// It harmed life, health or financial safety (the longer time bar).
    pub life_or_finance: bool,
    /// Illegal gains, if known, yuan.
    pub gains_yuan: Option<u64>,
}

impl PenaltyQuestion {
    /// A question whose breach was discovered on the day of decision, without gains and without harm to life or finance.
    #[must_use]
    pub fn new(
        breach: &str,
        jurisdiction: Jurisdiction,
        who: Fined,
        grade: Grade,
        act_on: CivilDate,
        decided_on: CivilDate,
    ) -> Self {
        Self {
            breach: ClauseId::new(breach),
            jurisdiction,
            who,
            grade,
            act_on,
            decided_on,
            found_on: decided_on,
            life_or_finance: false,
            gains_yuan: None,
        }
    }
}

/// A sanction that may apply.
#[derive(Clone, Copy)]
struct Found<'a> {
    pack: &'a Pack,
    clause: &'a Clause,
    sanction: &'a Sanction,
    link: PenaltyLink,
}

impl Found<'_> {
    fn in_force(&self, on: CivilDate) -> bool {
        self.sanction.until.is_none_or(|until| on < until) && self.pack.in_force(self.clause, on)
    }

    fn citation(&self) -> Citation {
        let reading = if self.link == PenaltyLink::SlipReading { Reading::Evident } else { self.clause.reading };
        self.pack.cite(self.clause, reading)
    }
}

/// Under which day's law a family of one penalty (with its successors) is applied.
enum Law<'a> {
    /// This member, on this day.
    Apply(Found<'a>, CivilDate),
    /// In force at the act, gone at the decision.
    Ended(Found<'a>),
    /// Only in force at the decision.
    Later(Found<'a>),
    /// Neither.
    None,
}

impl Gate {
    /// What a breach costs; see [`Packs::penalty`].
    ///
    /// # Errors
    /// As [`Packs::penalty`].
    pub fn penalty(&self, question: &PenaltyQuestion) -> Result<Penalty, Refusal> {
        self.packs().penalty(question)
    }
}

impl Packs {
    /// What a breach costs.
    ///
    /// # Errors
    /// When no such clause exists, or the decision or the discovery lies before the act.
    pub fn penalty(&self, q: &PenaltyQuestion) -> Result<Penalty, Refusal> {
        if self.clause(&q.breach).is_none() {
            return Err(Refusal::not_found("该条款", "clause"));
        }
        if q.decided_on < q.act_on || q.found_on < q.act_on {
            let (act, first) = (q.act_on, q.decided_on.min(q.found_on));
            let what = Text::of(
                format!("填写的违法行为之日是 {act}，晚于发现或者决定之日 {first}。"),
                format!("The day of the act is {act}, later than the day of discovery or decision, {first}."),
            );
            let next = Text::new(
                "请核对立案时填写的「违法行为发生或者终了之日」；填错的，在案卷中用「更正填写的内容」改正。",
                "Check the day of the act filled in at the opening; put it right by a correction of that form.",
            );
            return Err(Refusal::bad_input("decision_before_act", what, next));
        }
        let overlays: Vec<&SanctionOverlay> =
            self.sanction_overlays.iter().filter(|o| o.breaches.contains(&q.breach.0)).collect();
        let found = self.candidates(q, &overlays);
        let mut answer = Penalty {
            applied: Vec::new(),
            displaced: Vec::new(),
            ended: Vec::new(),
            unaddressed: Vec::new(),
            one_fine: None,
            correction: self.cite_in_force(CORRECTION, q.decided_on),
            review: Vec::new(),
        };
        let mut later = Vec::new();
        for family in found.iter().filter(|f| !is_successor(f, &found)) {
            if !family.sanction.addressees.contains(&q.who) {
                if family.in_force(q.act_on) {
                    let addressees = family.sanction.addressees.clone();
                    answer.unaddressed.push(Unaddressed { citation: family.citation(), addressees });
                }
                continue;
            }
            match self.law_of(q, *family, &mut answer.review) {
                Law::Apply(found, on) => answer.applied.push(self.applied(q, found, on)),
                Law::Ended(found) => {
                    let by = found.sanction.ended_by.as_ref().and_then(|id| self.cite(&ClauseId::new(id)));
                    answer.ended.push(Ended { citation: found.citation(), by });
                }
                Law::Later(found) => later.push(found),
                Law::None => {}
            }
        }
        for overlay in overlays {
            self.overlay_penalties(q, overlay, &later, &mut answer);
        }
        if answer.applied.iter().filter(|a| a.fine.is_some() || a.later.is_some()).count() > 1 {
            answer.one_fine = self.cite_in_force(ONE_FINE, q.decided_on);
        }
        Ok(answer)
    }

    /// The surcharge on a fine after so many days of delay, in fen (0.01 yuan), never above the share of the fine that the law names;
    /// `None` where no rule of that day is in the packs. Days of review and suit are not counted (AP-73): the caller leaves them out.
    #[must_use]
    pub fn surcharge_fen(&self, fine_yuan: u64, days_late: u32, on: CivilDate) -> Option<u64> {
        let value = |name| self.value(&ClauseId::new(SURCHARGE), name, on).map(u64::from);
        let (permille, percent) = (value("surcharge_permille_a_day")?, value("surcharge_cap_percent_of_fine")?);
        // A thousandth of a yuan is a tenth of a fen.
        let run = fine_yuan.saturating_mul(permille).saturating_mul(u64::from(days_late)) / 10;
        Some(run.min(fine_yuan.saturating_mul(percent)))
    }

    /// Every sanction that names the breach, or meets it in an overlay, and reaches the place.
    fn candidates<'a>(&'a self, q: &PenaltyQuestion, overlays: &[&SanctionOverlay]) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        for pack in self.all().iter().filter(|p| p.reaches(q.jurisdiction)) {
            for sanction in &pack.sanctions {
                let met = overlays.iter().filter(|o| o.sanctions.contains(&sanction.clause));
                let met = met.flat_map(|o| &o.breaches).filter_map(|breach| sanction.link(breach)).next();
                let link = sanction.link(&q.breach.0).or(met);
                found.extend(link.and_then(|link| self.found(&sanction.clause, link)));
            }
        }
        found
    }

    fn found<'a>(&'a self, sanction: &str, link: PenaltyLink) -> Option<Found<'a>> {
        let (pack, sanction) = self.sanction(sanction)?;
        let (_, clause) = self.clause(&ClauseId::new(&sanction.clause))?;
        Some(Found { pack, clause, sanction, link })
    }

    fn cite_in_force(&self, id: &str, on: CivilDate) -> Option<Citation> {
        let (pack, clause) = self.clause(&ClauseId::new(id))?;
        pack.in_force(clause, on).then(|| pack.cite(clause, clause.reading))
    }

    /// Law at the act, unless a later law is gentler or ends the breach.
    fn law_of<'a>(&'a self, q: &PenaltyQuestion, first: Found<'a>, review: &mut Vec<Text>) -> Law<'a> {
        let mut chain = vec![first];
        while let Some(next) =
            chain.last().and_then(|f| f.sanction.successor.as_deref()).and_then(|id| self.found(id, first.link))
        {
            // A chain is a few revisions long; a loop in the data must not hang.
            if chain.len() > 16 {
                break;
            }
            chain.push(next);
        }
        let on = |day: CivilDate| chain.iter().find(|f| f.in_force(day)).copied();
        let (at_act, at_decision) = (on(q.act_on), on(q.decided_on));
        let (then, now) = match (at_act, at_decision) {
            (None, None) => return Law::None,
            (None, Some(now)) => return Law::Later(now),
            (Some(then), now) => (then, now),
        };
        if self.cite_in_force(GENTLER_LAW, q.decided_on).is_none() {
            let changed = now.is_none_or(|now| now.sanction != then.sanction || bands_differ(q, now.sanction));
            if changed {
                review.push(Text::new(
                    "行为之后规定有变化；决定当日的从旧兼从轻规则不在本库，须经法制审核。",
                    "The law changed after the act; the rule on the gentler law of that day is not in the packs: legal review first.",
                ));
            }
            return Law::Apply(then, q.act_on);
        }
        let Some(now) = now else { return Law::Ended(then) };
        let fine = |f: Found<'_>, day| f.sanction.band(q.who, q.grade, day).map(|b| Fine::of(b, q.gains_yuan));
        match (fine(then, q.act_on), fine(now, q.decided_on)) {
            (Some(old), Some(new)) if new.is_lighter_than(&old) => Law::Apply(now, q.decided_on),
            (Some(_), None) => Law::Apply(now, q.decided_on),
            _ => Law::Apply(then, q.act_on),
        }
    }

    fn applied(&self, q: &PenaltyQuestion, found: Found<'_>, on: CivilDate) -> Applied {
        let sanction = found.sanction;
        let fine = sanction.band(q.who, q.grade, on).map(|b| Fine::of(b, q.gains_yuan));
        let later = if fine.is_none() { sanction.later_band(q.who, on) } else { None };
        let held = sanction.measures.iter().filter(|m| m.holds(q.who, q.grade, on));
        let measures = held.map(|m| AppliedMeasure {
            kind: m.kind,
            min: m.min,
            max: m.max,
            free_from: if m.kind == MeasureKind::BanYears {
                m.max.map(|n| later_by(q.decided_on, 12 * n))
            } else {
                None
            },
            refers: m.refers.iter().filter_map(|id| self.cite_in_force(id, on)).collect(),
        });
        let measures: Vec<AppliedMeasure> = measures.collect();
        let mut review: Vec<Text> = sanction.reviews.iter().map(ReviewReason::text).collect();
        match found.link {
            PenaltyLink::Literal => {}
            PenaltyLink::SlipReading => review.push(Text::new(
                "只有按笔误的理解才处罚该行为；不得据以自动罚款。",
                "It punishes this only under the reading of a slip; no fine rests on a reading by itself.",
            )),
            PenaltyLink::PerhapsLost => review.push(Text::new(
                "相应各项缺失，是否处罚该行为无从核对。",
                "The items that would say so are lost: whether it punishes this cannot be checked.",
            )),
        }
        let time_bar = self.time_bar(q, found.pack);
        if time_bar.as_ref().is_some_and(|bar| bar.last_day == q.found_on) {
            review.push(Text::new(
                "发现日是时效的最后一日，首日是否计入有不同算法，须经法制审核。",
                "It was discovered on the last day of the time bar; whether the first day counts is disputed: legal review first.",
            ));
        }
        let sentence = |zh: &str, en: &str| (!en.is_empty()).then(|| Text::of(zh, en));
        Applied {
            citation: found.citation(),
            link: found.link,
            named: sanction.named,
            law_of: on,
            order: sanction.order,
            later: later.map(|b| Fine::of(b, q.gains_yuan)),
            fine,
            hearing: self.hearing(q, found.pack, &measures),
            measures,
            only_if: sentence(&sanction.only_if_zh, &sanction.only_if_en),
            slip: sentence(&sanction.slip_zh, &sanction.slip_en),
            review,
            on_the_spot_yuan: self.on_the_spot(q, found.pack),
            time_bar,
        }
    }

    /// A number of a pack that has its own rule, with the clause that holds it on a day.
    fn own_value(&self, pack: &Pack, name: &str, on: CivilDate) -> Option<(u32, Citation)> {
        let holds = |c: &&Clause| pack.in_force(c, on) && c.value(name, on).is_some();
        let clause = pack.clauses.iter().find(holds)?;
        Some((clause.value(name, on)?, pack.cite(clause, clause.reading)))
    }

    fn time_bar(&self, q: &PenaltyQuestion, pack: &Pack) -> Option<TimeBar> {
        let general = || {
            let name = if q.life_or_finance { "bar_years_life_or_finance" } else { "bar_years" };
            let years = self.value(&ClauseId::new(TIME_BAR), name, q.decided_on)?;
            Some((12 * years, self.cite_in_force(TIME_BAR, q.decided_on)?))
        };
        let (months, citation) = self.own_value(pack, "bar_months", q.decided_on).or_else(general)?;
        let last_day = later_by(q.act_on, months);
        Some(TimeBar { last_day, barred: q.found_on > last_day, citation })
    }

    fn hearing(&self, q: &PenaltyQuestion, pack: &Pack, measures: &[AppliedMeasure]) -> Hearing {
        let local = matches!(pack.head.level, Level::ProvincialOrdinance | Level::ProvincialRule);
        let own = self.own_value(pack, "hearing_yuan", q.decided_on);
        let name = if q.who == Fined::Unit { "hearing_unit_yuan" } else { "hearing_person_yuan" };
        let general = self.value(&ClauseId::new(HEARING), name, q.decided_on);
        let citation = self.cite_in_force(HEARING, q.decided_on);
        let (from_yuan, citation) = match own {
            Some((yuan, citation)) => (Some(yuan), Some(citation)),
            None if local => (None, citation),
            None => (general, citation),
        };
        Hearing {
            from_yuan,
            always: measures.iter().any(|m| m.kind == MeasureKind::Revoke),
            local_figure_unknown: local,
            citation,
            request_working_days: self.value(
                &ClauseId::new(HEARING_REQUEST),
                "hearing_request_working_days",
                q.decided_on,
            ),
        }
    }

    fn on_the_spot(&self, q: &PenaltyQuestion, pack: &Pack) -> Option<u32> {
        let name = if q.who == Fined::Unit { "on_the_spot_unit_yuan" } else { "on_the_spot_person_yuan" };
        let own = self.own_value(pack, "on_the_spot_yuan", q.decided_on).map(|(yuan, _)| yuan);
        own.or_else(|| self.value(&ClauseId::new(ON_THE_SPOT), name, q.decided_on))
    }

    /// Applies one overlay to the penalties found.
    fn overlay_penalties(
        &self,
        q: &PenaltyQuestion,
        overlay: &SanctionOverlay,
        later: &[Found<'_>],
        answer: &mut Penalty,
    ) {
        let member = |a: &Applied| overlay.sanctions.contains(&a.citation.clause.0);
        let Some(head) = overlay.sanctions.first() else { return };
        match overlay.rule {
            SanctionRule::OneFine | SanctionRule::Beside => {}
            SanctionRule::Review => {
                if answer.applied.iter().filter(|a| member(a)).count() > 1 {
                    answer.review.push(overlay.ground());
                }
            }
            SanctionRule::Cap | SanctionRule::Prevails => {
                let now = answer.applied.iter().find(|a| a.citation.clause.0 == *head).cloned();
                // The higher rule came after the act: it counts where it is gentler (AP-37).
                let new = later.iter().find(|f| f.sanction.clause == *head).map(|f| self.applied(q, *f, q.decided_on));
                let Some((higher, newer)) = now.map(|a| (a, false)).or_else(|| new.map(|a| (a, true))) else { return };
                if newer && self.cite_in_force(GENTLER_LAW, q.decided_on).is_none() {
                    return;
                }
                let others: Vec<usize> = (0..answer.applied.len())
                    .filter(|n| answer.applied.get(*n).is_some_and(|a| member(a) && a.citation.clause.0 != *head))
                    .collect();
                // A gentler later rule is applied itself; it does not merely bound the old one.
                if overlay.rule == SanctionRule::Cap && !newer {
                    others.iter().for_each(|n| cap(answer, *n, &higher, overlay));
                } else {
                    displace(answer, &others, higher, newer, overlay);
                }
            }
        }
    }
}

/// The largest fine of a penalty in this grade, or after its order.
fn most(applied: &Applied) -> Option<&Fine> {
    applied.fine.as_ref().or(applied.later.as_ref())
}

/// Bounds one penalty by a higher one.
fn cap(answer: &mut Penalty, place: usize, higher: &Applied, overlay: &SanctionOverlay) {
    let Some(bound) = most(higher) else { return };
    let Some(lower) = answer.applied.get_mut(place) else { return };
    let max_yuan = bound.max_yuan;
    let by = BoundBy { citation: higher.citation.clone(), max_yuan, ground: overlay.ground() };
    if lower.fine.is_some() && higher.fine.is_none() {
        lower.review.push(Text::of(
            format!("{}须先责令改正方可罚款，下位规定能否直接罚款须经法制审核。", higher.citation.clause.0),
            format!(
                "{} fines only after an order to correct; whether the lower rule may fine at once needs legal review.",
                higher.citation.clause.0
            ),
        ));
    }
    let mut empty = false;
    for slot in [&mut lower.fine, &mut lower.later] {
        let Some(fine) = slot.as_mut() else { continue };
        if fine.least() > max_yuan {
            empty = true;
            *slot = None;
        } else {
            fine.max_yuan = fine.max_yuan.min(max_yuan);
            fine.bound = Some(by.clone());
        }
    }
    if empty {
        lower.review.push(Text::of(
            format!("其数额高于{}的上限{max_yuan}元，不能适用。", higher.citation.clause.0),
            format!("Its sum is above the {max_yuan} yuan of {}: it cannot be applied.", higher.citation.clause.0),
        ));
    }
}

/// Puts the higher penalty in place of others. One that came after the act does so only where it is gentler.
fn displace(answer: &mut Penalty, others: &[usize], higher: Applied, newer: bool, overlay: &SanctionOverlay) {
    let lighter = |lower: &Applied| match (most(&higher), most(lower)) {
        (Some(new), Some(old)) => new.is_lighter_than(old),
        _ => false,
    };
    let gone: Vec<usize> =
        others.iter().copied().filter(|n| !newer || answer.applied.get(*n).is_some_and(&lighter)).collect();
    for n in &gone {
        if let Some(lower) = answer.applied.get(*n) {
            let (citation, by) = (lower.citation.clone(), higher.citation.clone());
            answer.displaced.push(Displaced { citation, by, ground: overlay.ground() });
        }
    }
    let mut place = 0;
    answer.applied.retain(|_| {
        place += 1;
        !gone.contains(&(place - 1))
    });
    if newer && !gone.is_empty() {
        answer.applied.push(higher);
    }
}

fn is_successor(found: &Found<'_>, all: &[Found<'_>]) -> bool {
    all.iter().any(|f| f.sanction.successor.as_ref() == Some(&found.sanction.clause))
}

fn bands_differ(q: &PenaltyQuestion, sanction: &Sanction) -> bool {
    sanction.band(q.who, q.grade, q.act_on) != sanction.band(q.who, q.grade, q.decided_on)
}

/// The same day so many months later; the last day of the month where it has no such day.
fn later_by(day: CivilDate, months: u32) -> CivilDate {
    let count =
        i32::from(day.0.year()) * 12 + i32::from(day.0.month()) - 1 + i32::try_from(months).unwrap_or(i32::MAX / 24);
    let year = i16::try_from(count.div_euclid(12)).unwrap_or(i16::MAX);
    let month = i8::try_from(count.rem_euclid(12) + 1).unwrap_or(1);
    let fit = |d: i8| CivilDate::ymd(year, month, d);
    (28..=day.0.day()).rev().chain([day.0.day()]).find_map(fit).unwrap_or(CivilDate(day.0))
}
