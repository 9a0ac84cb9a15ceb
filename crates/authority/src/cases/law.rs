//! What the law gate is asked about an act in a case, with facts that the events bear out.
//!
//! ```text
//! Decide: revoked ─▶ RevokeRegistration · a sum of a penalty ─▶ Fine (range by Packs::penalty, join) · else DecideCase
//! Publish ─▶ PublishRecord      WithdrawPublication ─▶ WithdrawRecord      everything else ─▶ not asked: the engine has its clauses
//! ```
//! Always true: a fact that the case does not show is false, which is the stricter value; outcomes of other bodies and of applicants are not
//! asked, for we do not decide them; where the packs leave an outcome to whoever handles the case (no head), nobody is kept apart from it.

use base::{AccountId, CivilDate, ClauseId, ErrorKind, PartyId, Refusal, Text};
use domain::casework::{
    CaseAct, ClockState, Docket, HOLD_HEARING, Node, Seat, Typed, Who, clocks, fields_of, is_adverse, node,
};
use domain::form::{self, Value, Values};
use domain::penalty_amount::{Charge, join};
use law::{
    Act, AmountGrounds, CaseDecision, FieldKind, Fined, Fining, Gate, Grade, Guard, OrganKind, Outcome, Penalty,
    PenaltyQuestion, ProcedureKind, Question, RecordPublication, RecordWithdrawal, Revocation, SiteProfile,
};
use std::collections::{BTreeMap, BTreeSet};

/// Words of fields, steps and outcomes that mean the same in every procedure of the packs.
const FINE: &str = "fine";
const INTENDED: &str = "intended_fine";
const GAINS: &str = "gains";
const GRADE: &str = "grade";
const ACT_DAY: &str = "act_day";
const IMPROPER: &str = "improper_means";
const TELL: &str = "tell";
const HEARD: [&str; 2] = ["defend", "hear"];
const ANNUL: &str = "annul";
const REVOKED: &str = "revoked";

/// All breaches of one case are one act to the rule of one fine: a case is about one act.
const ONE_ACT: &str = "case";

/// An act about which the gate may be asked.
pub(super) struct Asked<'a> {
    /// The case.
    pub docket: &'a Docket<'a>,
    /// Who acts.
    pub who: &'a Who,
    /// The party that the account stands for besides.
    pub own_party: Option<PartyId>,
    /// Officers of the office, each with the last day of the certificate.
    pub officers: &'a BTreeMap<AccountId, Option<CivilDate>>,
    /// What kind of party it is about.
    pub fined: Fined,
    /// The province that the server lies in.
    pub site: SiteProfile,
}

/// A decision as it would be taken.
struct Draft<'a> {
    outcome: &'a Outcome,
    values: Values,
    reasons: String,
    clauses: Vec<ClauseId>,
    officers: &'a [AccountId],
    on: CivilDate,
}

impl Draft<'_> {
    /// The fine, yuan; none where the form has none or it is nothing.
    fn sum(&self) -> Option<u64> {
        self.values.number(FINE).and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0)
    }
}

impl<'a> Asked<'a> {
    /// The clauses by which the act is allowed, or the refusal; `None` where the gate is not asked.
    pub(super) fn answer(&self, gate: &Gate, act: &'a CaseAct) -> Option<Result<Vec<ClauseId>, Refusal>> {
        if self.who.office != Some(self.docket.case.office) {
            return None;
        }
        match act {
            CaseAct::Decide { .. } => self.decision(gate, act),
            CaseAct::Publish { row, .. } if self.who.seat == Seat::Publisher => {
                Some(self.put(gate, Act::PublishRecord(self.publication(row)), self.docket.today))
            }
            CaseAct::WithdrawPublication { reasons, .. } if self.who.seat == Seat::Publisher => {
                let withdrawal = RecordWithdrawal {
                    organ: OrganKind::Police,
                    reasons_given: !reasons.trim().is_empty(),
                    no_penalty: !self.is_penalty(),
                };
                Some(self.put(gate, Act::WithdrawRecord(withdrawal), self.docket.today))
            }
            _ => None,
        }
    }

    fn put(&self, gate: &Gate, act: Act, on: CivilDate) -> Result<Vec<ClauseId>, Refusal> {
        let answer = gate.decide(&Question { site: self.site, act }, on).into_result()?;
        Ok(answer.deciding.into_iter().map(|c| c.clause).collect())
    }

    fn is_penalty(&self) -> bool {
        self.docket.procedure.kind == ProcedureKind::Penalty
    }

    /// What was filled in for a field of this id, wherever its step is.
    fn value(&self, id: &str) -> Option<&Value> {
        let field = self.docket.procedure.field(id)?;
        self.docket.case.values_of(&field.step)?.get(id)
    }

    fn number(&self, id: &str) -> Option<u64> {
        if let Some(Value::Number(n)) = self.value(id) { u64::try_from(*n).ok() } else { None }
    }

    /// The decision that the act would take; `None` where the engine refuses it before any law is asked.
    fn draft(&self, act: &'a CaseAct) -> Option<Draft<'a>> {
        let CaseAct::Decide { outcome, typed, reasons, clauses, officers, on } = act else { return None };
        let procedure = self.docket.procedure;
        let found = node(procedure, outcome)?;
        let Node::Outcome(decided) = found else { return None };
        let ours = |seat| matches!(seat, Seat::Officer | Seat::Head);
        if !ours(found.seat(procedure)) || !ours(self.who.seat) || self.docket.opened_by(found).is_none() {
            return None;
        }
        let proposal = self.docket.case.proposal.as_ref().filter(|p| p.outcome == *outcome);
        let values = self.values(outcome, typed)?;
        let reasons = match reasons.trim() {
            "" => proposal.map_or_else(String::new, |p| p.reasons.expose().clone()),
            given => given.to_owned(),
        };
        let clauses = match clauses.as_slice() {
            [] => proposal.map_or_else(Vec::new, |p| p.clauses.clone()),
            given => given.to_vec(),
        };
        Some(Draft { outcome: decided, values, reasons, clauses, officers, on: *on })
    }

    /// The form of the decision: that of the proposal where nothing is typed; `None` where it is not right.
    fn values(&self, outcome: &str, typed: &Typed) -> Option<Values> {
        if !typed.is_empty() {
            return form::check(&fields_of(self.docket.procedure, outcome), typed).ok();
        }
        let proposal = self.docket.case.proposal.as_ref().filter(|p| p.outcome == outcome);
        Some(proposal.map_or_else(Values::default, |p| p.values.clone()))
    }

    fn decision(&self, gate: &Gate, act: &'a CaseAct) -> Option<Result<Vec<ClauseId>, Refusal>> {
        let draft = self.draft(act)?;
        if draft.outcome.id == REVOKED {
            let revocation = Revocation {
                organ: OrganKind::Police,
                apart_from_case: self.is_apart(draft.outcome),
                not_party: self.is_no_party(),
                reasons_given: self.has_reasons(&draft),
                improper_means_proved: self.value(IMPROPER).is_some(),
            };
            return Some(self.put(gate, Act::RevokeRegistration(revocation), draft.on));
        }
        match draft.sum().filter(|_| self.punishes(draft.outcome)) {
            Some(sum) => Some(self.fine(gate, &draft, sum)),
            None => Some(self.put(gate, Act::DecideCase(self.case_decision(&draft)), draft.on)),
        }
    }

    /// A penalty with a form for sums; not to fine, to drop the case or to hand it on punishes nobody.
    fn punishes(&self, outcome: &Outcome) -> bool {
        let sums = || self.docket.procedure.fields_at(&outcome.id).any(|f| f.kind == FieldKind::Yuan);
        self.is_penalty() && sums()
    }

    fn case_decision(&self, draft: &Draft<'_>) -> CaseDecision {
        CaseDecision {
            organ: OrganKind::Police,
            apart_from_case: self.is_apart(draft.outcome),
            not_party: self.is_no_party(),
            reasons_given: self.has_reasons(draft),
            no_penalty: !self.punishes(draft.outcome),
            on_the_spot: self.may_be_on_the_spot(draft.outcome),
            qualified_officers: self.qualified(draft),
            recusal_settled: self.is_recusal_settled(),
            party_told: self.docket.case.done(TELL).is_some(),
            party_heard: self.is_heard(),
            not_heavier: self.is_not_heavier(0),
            reviewed: self.is_reviewed(draft.outcome),
        }
    }

    /// The gate on a fine. A sum that the range does not allow is refused with the clause of the range, where nothing else stands against it.
    fn fine(&self, gate: &Gate, draft: &Draft<'_>, sum: u64) -> Result<Vec<ClauseId>, Refusal> {
        let penalties = self.penalties(gate, draft)?;
        let amount = self.amount(gate, draft, &penalties, sum);
        let on_the_spot = self.may_be_on_the_spot(draft.outcome) && is_small(&penalties, sum);
        let corrected = |p: &Penalty| p.fining().is_some() || !p.applied.iter().any(law::Applied::correct_first);
        let fining = Fining {
            organ: OrganKind::Police,
            apart_from_case: self.is_apart(draft.outcome),
            not_party: self.is_no_party(),
            reasons_given: self.has_reasons(draft),
            correction_first_done: !penalties.is_empty() && penalties.iter().all(corrected),
            within_range: amount.is_ok(),
            reviewed: self.is_reviewed(draft.outcome),
            on_the_spot,
            qualified_officers: self.qualified(draft),
            recusal_settled: self.is_recusal_settled(),
            party_told: self.docket.case.done(TELL).is_some(),
            party_heard: self.is_heard(),
            not_heavier: self.is_not_heavier(sum),
        };
        let answer = gate.decide(&Question { site: self.site, act: Act::Fine(fining) }, draft.on);
        let of_sum = |code: &str| matches!(code, "outside_range" | "correction_first");
        // What the sum itself lacks says more than that it is outside.
        if let Err(refusal) = &amount
            && answer.missing.iter().all(|m| of_sum(&m.code))
        {
            return Err(refusal.clone());
        }
        let mut clauses: Vec<ClauseId> = answer.into_result()?.deciding.into_iter().map(|c| c.clause).collect();
        clauses.extend(amount?);
        Ok(clauses)
    }

    /// What the breaches that the decision names cost; a clause that is no breach has no penalty.
    fn penalties(&self, gate: &Gate, draft: &Draft<'_>) -> Result<Vec<Penalty>, Refusal> {
        let case = self.docket.case;
        let act_on = match self.value(ACT_DAY) {
            Some(Value::Day(day)) => *day,
            _ => case.facts_on,
        };
        let found_on = case.doings.first().map_or(draft.on, |d| d.on).max(act_on);
        let grade = match self.value(GRADE) {
            Some(Value::Text(word)) => serde_json::from_value::<Grade>(serde_json::json!(word)).ok(),
            _ => None,
        };
        let mut out = Vec::new();
        for clause in &draft.clauses {
            let question = PenaltyQuestion {
                breach: clause.clone(),
                jurisdiction: self.site.jurisdiction,
                who: self.fined,
                grade: grade.unwrap_or(Grade::Ordinary),
                act_on,
                decided_on: draft.on,
                found_on,
                life_or_finance: false,
                gains_yuan: self.number(GAINS),
            };
            let penalty = gate.penalty(&question)?;
            let is_breach = !(penalty.applied.is_empty() && penalty.ended.is_empty() && penalty.unaddressed.is_empty());
            if is_breach {
                out.push(penalty);
            }
        }
        Ok(out)
    }

    /// The sum against the range: the clauses it rests on.
    fn amount(
        &self,
        gate: &Gate,
        draft: &Draft<'_>,
        penalties: &[Penalty],
        sum: u64,
    ) -> Result<Vec<ClauseId>, Refusal> {
        if penalties.is_empty() {
            return Err(breach_needed());
        }
        let rests = penalties.iter().position(|p| p.fining().is_some()).unwrap_or(0);
        let legal_review = self.is_reviewed(draft.outcome).then_some("legal_review");
        let mut charges: Vec<Charge<'_>> = Vec::with_capacity(penalties.len());
        for (i, penalty) in penalties.iter().enumerate() {
            // The penalty clause itself may be named among the grounds: then the sum rests on that one.
            let mut fines = penalty.applied.iter().filter(|a| a.fine.is_some()).map(|a| &a.citation.clause);
            let clause = fines.find(|c| draft.clauses.contains(c)).map(|c| c.0.as_str());
            let grounds = AmountGrounds { reasons: &draft.reasons, legal_review, clause };
            charges.push(Charge { act: ONE_ACT, penalty, fine: (i == rests).then_some((sum, grounds)) });
        }
        let joined = join(gate.packs(), &charges)?;
        Ok(joined.fines.into_iter().map(|f| f.citation.clause).collect())
    }

    /// Who decides opened, proposed, handled and reviewed nothing of the case. Asked where a head decides.
    fn is_apart(&self, outcome: &Outcome) -> bool {
        let procedure = self.docket.procedure;
        Node::Outcome(outcome).seat(procedure) != Seat::Head || self.has_done_nothing(Seat::Head)
    }

    /// The account did nothing of the case but what belongs to its own seat.
    fn has_done_nothing(&self, seat: Seat) -> bool {
        let (case, procedure, account) = (self.docket.case, self.docket.procedure, self.who.account);
        let own = |id: &str| node(procedure, id).is_some_and(|n| n.seat(procedure) == seat);
        case.opened_by != account
            && !case.proposers.contains(&account)
            && !case.reviews.iter().any(|r| r.by == account)
            && case.handled(account).all(own)
    }

    /// The account does not stand for the party of the case, and need not keep out.
    fn is_no_party(&self) -> bool {
        let case = self.docket.case;
        (self.own_party.is_none() || self.own_party != case.party) && !case.is_recused(self.who.account)
    }

    fn has_reasons(&self, draft: &Draft<'_>) -> bool {
        let stated = !draft.reasons.trim().is_empty() && !draft.clauses.is_empty();
        // Who gets what they asked for has the facts in the form, and the clause is that of the outcome.
        stated || !is_adverse(self.docket.procedure, draft.outcome)
    }

    /// Whether the procedure is the one for it: a penalty that needs no head and no review.
    fn may_be_on_the_spot(&self, outcome: &Outcome) -> bool {
        let needs = |guard: Guard| outcome.needs.contains(&guard);
        self.is_penalty() && !needs(Guard::LegalReview) && !needs(Guard::Head)
    }

    /// Different officers of the case whose certificates held when they acted.
    fn qualified(&self, draft: &Draft<'_>) -> u32 {
        let held = |account: AccountId, on: CivilDate| {
            self.officers.get(&account).copied().flatten().is_some_and(|until| on <= until)
        };
        let mut all: BTreeSet<AccountId> = draft.officers.iter().copied().filter(|a| held(*a, draft.on)).collect();
        for done in &self.docket.case.doings {
            all.extend(done.officers.iter().copied().filter(|a| held(*a, done.on)));
        }
        u32::try_from(all.len()).unwrap_or(u32::MAX)
    }

    fn is_recusal_settled(&self) -> bool {
        !self.docket.case.recusals.values().any(|s| *s == domain::casework::Settlement::Asked)
    }

    /// The party spoke after it was told, or the time to ask for a hearing went by.
    fn is_heard(&self) -> bool {
        let (case, procedure) = (self.docket.case, self.docket.procedure);
        let Some(told) = case.done(TELL) else { return false };
        let spoke = |id: &str| case.done(id).is_some_and(|d| d.index > told.index);
        if HEARD.iter().any(|id| spoke(id)) || spoke(HOLD_HEARING) {
            return true;
        }
        // Where no step of its own is set for it, the telling takes the answer down.
        if !procedure.steps.iter().any(|s| HEARD.contains(&s.id.as_str())) {
            return true;
        }
        let from_telling = |id: &str| procedure.clock(id).is_some_and(|c| c.starts == TELL);
        let over = |state: &ClockState| matches!(state, ClockState::Missed | ClockState::Passed);
        clocks(self.docket).iter().any(|c| from_telling(&c.id) && !c.binds_us() && over(&c.state))
    }

    fn is_not_heavier(&self, sum: u64) -> bool {
        match self.number(INTENDED) {
            Some(intended) => sum <= intended,
            None => self.docket.procedure.field(INTENDED).is_none(),
        }
    }

    /// A review passed since the proposal, or the outcome needs none.
    fn is_reviewed(&self, outcome: &Outcome) -> bool {
        let case = self.docket.case;
        let passed = |from: u32| case.reviews.iter().any(|r| r.passed && r.index > from);
        !outcome.needs.contains(&Guard::LegalReview) || case.proposal.as_ref().is_some_and(|p| passed(p.index))
    }

    fn publication(&self, row: &str) -> RecordPublication {
        let (case, procedure) = (self.docket.case, self.docket.procedure);
        let bare = |f: &law::Field| !(f.public && (f.personal || f.kind.is_personal()));
        RecordPublication {
            organ: OrganKind::Police,
            apart_from_case: self.has_done_nothing(Seat::Publisher),
            not_party: self.is_no_party(),
            verified: case.outcome().is_some() && case.registered.iter().any(|r| r.row == row),
            personal_data_limited: procedure.fields.iter().all(bare),
            no_penalty: !self.is_penalty(),
            decision_stands: case.done(ANNUL).is_none(),
        }
    }
}

/// Within what each clause allows on the spot.
fn is_small(penalties: &[Penalty], sum: u64) -> bool {
    let allows = |p: &Penalty| {
        let most = p.fining().and_then(|(a, _)| a.on_the_spot_yuan);
        most.is_some_and(|most| sum <= u64::from(most))
    };
    !penalties.is_empty() && penalties.iter().all(allows)
}

fn breach_needed() -> Refusal {
    Refusal::new(
        ErrorKind::Unlawful,
        "breach_needed",
        Text::new(
            "决定没有写明违反的条款，不能核对罚款幅度。",
            "The decision names no clause that was breached; the range of the fine cannot be looked up.",
        ),
        Text::new("请在依据中选择所违反的条款。", "Choose the breached clause among the grounds."),
    )
}
