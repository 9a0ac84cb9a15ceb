//! What the law gate is asked about an act in a case, with facts that the events bear out.
//!
//! ```text
//! Propose: a penalty ─▶ days, range, measures, what was told, as at the decision; what only its head or reviewer settles is left to them
//! Decide: registration revoked ─▶ RevokeRegistration · a sum of a penalty ─▶ Fine (range by Packs::penalty, join) · else DecideCase
//! Publish ─▶ PublishRecord      WithdrawPublication ─▶ WithdrawRecord      everything else ─▶ not asked: the engine has its clauses
//! ```
//! Always true: a fact that the case does not show is false, which is the stricter value; outcomes of other bodies and of applicants are not
//! asked, for we do not decide them; where the packs leave an outcome to whoever handles the case (no head), nobody is kept apart from it.

use base::{AccountId, Citation, CivilDate, ClauseId, ErrorKind, PartyId, Refusal, Text};
use domain::casework::{
    CaseAct, Docket, HEARING_RIGHT, HOLD_HEARING, Node, Seat, Typed, Who, fields_of, is_adverse, is_by_publication,
    is_ours, node,
};
use domain::form::{self, Value, Values};
use domain::penalty_amount::{Charge, join};
use law::{
    Act, AmountGrounds, CaseDecision, ClockRun, FieldKind, Fined, Fining, Gate, Grade, Guard, MeasureKind, OrganKind,
    Outcome, Penalty, PenaltyQuestion, ProcedureKind, Question, RecordPublication, RecordWithdrawal, Revocation,
    SiteProfile, TimeBar,
};
use std::collections::{BTreeMap, BTreeSet};

/// Words of fields, steps and outcomes that mean the same in every procedure of the packs.
const FINE: &str = "fine";
const INTENDED: &str = "intended_fine";
const GAINS: &str = "gains";
const GRADE: &str = "grade";
const CONFISCATED: &str = "confiscated";
const OTHER_KIND: &str = "other_kind";
const LIFE_OR_FINANCE: &str = "life_or_finance";
const SETTLED: &str = "hearing_settled";
const SETTLED_WHY: &str = "hearing_ground";
const ACT_DAY: &str = "act_day";
const IMPROPER: &str = "improper_means";
const TELL: &str = "tell";
const HEARD: [&str; 2] = ["defend", "hear"];
const ANNUL: &str = "annul";
const REVOKED: &str = "revoked";

/// Other penalties that rest on a measure of a clause, with that measure.
const BY_MEASURE: [(&str, MeasureKind); 2] =
    [("things", MeasureKind::ConfiscateDevices), ("licence", MeasureKind::Revoke)];
/// Other penalties before which the right to a hearing is told, whatever the sum; and those of which it depends.
const HEARD_ALWAYS: [&str; 2] = ["licence", "suspension"];
const HEARD_PERHAPS: [&str; 2] = ["things", "another"];
/// The right to a hearing, and its figures; gains are confiscated.
const HEARING: [&str; 2] = ["AP-63", "PP-123"];
const GAINS_CLAUSE: &str = "AP-28-2";

/// Code of the refusal that the legal review has not said yet whether the right to a hearing must be told.
const UNSETTLED: &str = "hearing_unsettled";

/// The limits of a fine on the spot: of the law, and of the rule of the police, which differ.
const ON_THE_SPOT: (&str, &str) = ("AP-51", "PP-37");

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
        self.yuan(FINE)
    }

    /// A sum of the form, yuan; none where the form has none or it is nothing.
    fn yuan(&self, field: &str) -> Option<u64> {
        self.values.number(field).and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0)
    }

    /// What else is imposed beside money, by its kind; none where the form asks nothing of it.
    fn other(&self) -> &str {
        self.values.text(OTHER_KIND).unwrap_or_default()
    }

    /// It weighs more than a warning: money is taken, or something else is.
    fn weighs(&self) -> bool {
        let other = self.other();
        self.yuan(CONFISCATED).is_some() || HEARD_ALWAYS.contains(&other) || HEARD_PERHAPS.contains(&other)
    }
}

impl<'a> Asked<'a> {
    /// The clauses by which the act is allowed, or the refusal; `None` where the gate is not asked.
    pub(super) fn answer(&self, gate: &Gate, act: &'a CaseAct) -> Option<Result<Vec<ClauseId>, Refusal>> {
        if self.who.office != Some(self.docket.case.office) {
            return None;
        }
        match act {
            CaseAct::Propose { .. } => self.proposal(gate, act),
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

    /// What a penalty would be refused for when it is decided is told to whoever proposes it; `None` where nothing is, or where the engine
    /// has to ask for the form, the reasons or the clauses first.
    fn proposal(&self, gate: &Gate, act: &'a CaseAct) -> Option<Result<Vec<ClauseId>, Refusal>> {
        let CaseAct::Propose { outcome, typed, reasons, clauses } = act else { return None };
        let procedure = self.docket.procedure;
        let Node::Outcome(proposed) = node(procedure, outcome)? else { return None };
        let asked = self.punishes(proposed) && !self.takes_registration_back(proposed);
        if self.who.seat != Seat::Officer || !asked || reasons.trim().is_empty() || clauses.is_empty() {
            return None;
        }
        let values = form::check(&fields_of(procedure, outcome), typed).ok()?;
        // Of a case of before, the law of its own time says what may be taken.
        let on = self.docket.last_known_day().unwrap_or(self.docket.today);
        let (reasons, clauses) = (reasons.trim().to_owned(), clauses.clone());
        let draft = Draft { outcome: proposed, values, reasons, clauses, officers: &[], on };
        self.may_be_proposed(gate, &draft).err().map(Err)
    }

    fn may_be_proposed(&self, gate: &Gate, draft: &Draft<'_>) -> Result<(), Refusal> {
        let sum = draft.sum().unwrap_or(0);
        if sum == 0 && !draft.weighs() {
            return Ok(());
        }
        let penalties = self.penalties(gate, draft)?;
        if sum > 0 {
            // The review comes after the proposal.
            self.amount(gate, draft, &penalties, (sum, true))?;
            self.beside(gate, draft, &penalties)?;
        } else {
            self.weighed(gate, draft, &penalties)?;
        }
        // Before the telling nothing can be heavier than it, and the right to a hearing can still be told.
        if self.docket.case.done(TELL).is_none() {
            return Ok(());
        }
        self.put(gate, Act::Fine(self.heavier_alone(sum)), draft.on)?;
        let untold = self.hearing_not_told(gate, draft, &penalties, sum);
        // What the legal review settles is not settled yet.
        untold.filter(|refusal| refusal.code != UNSETTLED).map_or(Ok(()), Err)
    }

    /// A fine of which nothing stands open but whether it is heavier than what was told: what comes later counts as there.
    fn heavier_alone(&self, sum: u64) -> Fining {
        Fining {
            organ: OrganKind::Police,
            apart_from_case: true,
            not_party: true,
            reasons_given: true,
            correction_first_done: true,
            within_range: true,
            reviewed: true,
            on_the_spot: false,
            qualified_officers: u32::MAX,
            recusal_settled: true,
            party_told: true,
            party_heard: true,
            not_heavier: self.is_not_heavier(sum),
        }
    }

    /// A licence of another law that is taken back is a decision like others; a registration of an ordinance has its own act, and its fine stands in
    /// the clause of that act: no other breach is asked for.
    fn takes_registration_back(&self, outcome: &Outcome) -> bool {
        outcome.id == REVOKED && self.is_penalty()
    }

    fn decision(&self, gate: &Gate, act: &'a CaseAct) -> Option<Result<Vec<ClauseId>, Refusal>> {
        let draft = self.draft(act)?;
        if self.takes_registration_back(draft.outcome) {
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
            None => {
                let taken = self.put(gate, Act::DecideCase(self.case_decision(&draft)), draft.on);
                Some(taken.and_then(|clauses| self.without_fine(gate, &draft).map(|()| clauses)))
            }
        }
    }

    /// What is imposed beside a fine rests on a breach that still can be punished, like a fine.
    fn without_fine(&self, gate: &Gate, draft: &Draft<'_>) -> Result<(), Refusal> {
        if !self.punishes(draft.outcome) || !draft.weighs() {
            return Ok(());
        }
        let penalties = self.penalties(gate, draft)?;
        self.weighed(gate, draft, &penalties)?;
        self.hearing_not_told(gate, draft, &penalties, 0).map_or(Ok(()), Err)
    }

    /// What is imposed without a fine: a breach that can still be punished, and a clause that allows it.
    fn weighed(&self, gate: &Gate, draft: &Draft<'_>, penalties: &[Penalty]) -> Result<(), Refusal> {
        if penalties.iter().all(|p| p.applied.is_empty()) {
            return Err(breach_needed());
        }
        let mut bars = penalties.iter().flat_map(|p| &p.applied).map(|a| a.time_bar.as_ref().filter(|bar| bar.barred));
        let first = bars.next().flatten();
        if let Some(bar) = first.filter(|_| bars.all(|bar| bar.is_some())) {
            return Err(time_barred(bar));
        }
        self.beside(gate, draft, penalties)
    }

    /// Gains are confiscated as far as there are any; things and licences are taken only where a clause of the breach says so.
    fn beside(&self, gate: &Gate, draft: &Draft<'_>, penalties: &[Penalty]) -> Result<(), Refusal> {
        let gains = self.number(GAINS).unwrap_or(0);
        if let Some(confiscated) = draft.yuan(CONFISCATED).filter(|sum| *sum > gains) {
            let what = Text::of(
                format!("没收违法所得{confiscated}元，多于查明的违法所得{gains}元。"),
                format!("{confiscated} yuan are confiscated, and the gains that were found are {gains} yuan."),
            );
            let next =
                Text::new("请更正没收数额，或者先查明违法所得。", "Correct the sum, or establish the gains first.");
            let refusal = Refusal::new(ErrorKind::Unlawful, "confiscated_above_gains", what, next);
            return Err(refusal.citing(gate.packs().cite(&ClauseId::new(GAINS_CLAUSE)).into_iter().collect()));
        }
        let Some((_, kind)) = BY_MEASURE.iter().find(|(other, _)| *other == draft.other()) else { return Ok(()) };
        let mut applied = penalties.iter().flat_map(|p| &p.applied);
        if applied.any(|a| a.measures.iter().any(|m| m.kind == *kind)) {
            return Ok(());
        }
        let cited = penalties.iter().flat_map(|p| &p.applied).map(|a| a.citation.clone()).collect();
        let refusal = Refusal::new(
            ErrorKind::Unlawful,
            "measure_without_clause",
            Text::new(
                "所列违法行为的罚则没有规定这种处罚。",
                "The penalty clauses of the breaches that are named do not allow this penalty.",
            ),
            Text::new(
                "请更正其他处罚的种类，或者补充所违反的条款。",
                "Correct the kind, or name the clause that was breached.",
            ),
        );
        Err(refusal.citing(cited))
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
        if let Some(refusal) = self.on_the_spot_unsettled(gate, draft, &penalties, sum) {
            return Err(refusal);
        }
        let amount = self.amount(gate, draft, &penalties, (sum, self.is_reviewed(draft.outcome)));
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
        self.beside(gate, draft, &penalties)?;
        match self.hearing_not_told(gate, draft, &penalties, sum) {
            Some(refusal) => Err(refusal),
            None => Ok(clauses),
        }
    }

    /// A sum on the spot that one of the two limits allows and the other does not: which of them binds the police is not settled.
    fn on_the_spot_unsettled(
        &self,
        gate: &Gate,
        draft: &Draft<'_>,
        penalties: &[Penalty],
        sum: u64,
    ) -> Option<Refusal> {
        let (general, police) = ON_THE_SPOT;
        let name = if self.fined == Fined::Unit { "on_the_spot_unit_yuan" } else { "on_the_spot_person_yuan" };
        let limit = |clause: &str| gate.packs().value(&ClauseId::new(clause), name, draft.on);
        let (wide, narrow) = (limit(general)?, limit(police)?);
        // A law that sets its own limit is not touched by either.
        let by_general = |p: &Penalty| p.fining().is_some_and(|(a, _)| a.on_the_spot_yuan == Some(wide));
        let open = self.may_be_on_the_spot(draft.outcome)
            && is_small(penalties, sum)
            && penalties.iter().all(by_general)
            && sum > u64::from(narrow);
        let refusal = Refusal::new(
            ErrorKind::Unlawful,
            "on_the_spot_unsettled",
            Text::new(
                "当场罚款的两个限额不一致，这一数额是否可以当场决定有待法制部门确定。",
                "The two limits of a fine on the spot differ; whether this sum may be decided so is for the legal office.",
            ),
            Text::new("请转普通程序办理。", "Take it to the ordinary procedure."),
        );
        let cited = [general, police].into_iter().filter_map(|id| gate.packs().cite(&ClauseId::new(id)));
        open.then(|| refusal.citing(cited.collect()))
    }

    /// What gives the right to a hearing, where that right was not told. Where no figure is known, the legal review settles it in words.
    fn hearing_not_told(&self, gate: &Gate, draft: &Draft<'_>, penalties: &[Penalty], sum: u64) -> Option<Refusal> {
        let asks = self.docket.procedure.field(HEARING_RIGHT).is_some();
        if !asks || self.docket.flag(HEARING_RIGHT) == Some(true) {
            return None;
        }
        let general =
            || HEARING.iter().filter_map(|id| gate.packs().cite(&ClauseId::new(id))).collect::<Vec<Citation>>();
        let rights = || penalties.iter().filter_map(Penalty::fining).map(|(applied, _)| &applied.hearing);
        // A revocation has a procedure of its own: of the breach only the sum counts.
        if let Some(right) = rights().find(|h| h.from_yuan.is_some_and(|from| sum >= u64::from(from))) {
            return Some(not_told().citing(right.citation.iter().cloned().collect()));
        }
        if HEARD_ALWAYS.contains(&draft.other()) {
            return Some(not_told().citing(general()));
        }
        let unknown = sum > 0 && rights().any(|h| h.from_yuan.is_none());
        if !unknown && !draft.weighs() {
            return None;
        }
        match self.value(SETTLED) {
            Some(Value::Text(word)) if word == "not_needed" && self.value(SETTLED_WHY).is_some() => None,
            Some(Value::Text(word)) if word == "needed" => Some(not_told().citing(general())),
            _ => Some(unsettled().citing(general())),
        }
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
                life_or_finance: self.docket.flag(LIFE_OR_FINANCE) == Some(true),
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

    /// The sum against the range, and whether a legal review stands behind it: the clauses it rests on.
    fn amount(
        &self,
        gate: &Gate,
        draft: &Draft<'_>,
        penalties: &[Penalty],
        (sum, reviewed): (u64, bool),
    ) -> Result<Vec<ClauseId>, Refusal> {
        if penalties.is_empty() {
            return Err(breach_needed());
        }
        let rests = penalties.iter().position(|p| p.fining().is_some()).unwrap_or(0);
        let legal_review = reviewed.then_some("legal_review");
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
        // Who published did the step that says so; they publish again and withdraw all the same.
        let published = |id: &str| seat == Seat::Publisher && is_by_publication(procedure, id);
        let own = |id: &str| published(id) || node(procedure, id).is_some_and(|n| n.seat(procedure) == seat);
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
        // A party that says nothing has the same time, whether a hearing could be asked for or not.
        let over = |clock: &law::Clock| {
            let (run, today) = (ClockRun::from(told.on), self.docket.today);
            let due = self.docket.packs.clock_due(&procedure.id, &clock.id, &run, today);
            due.is_ok_and(|due| due.deadline.is_over(today))
        };
        procedure.clocks.iter().filter(|c| c.starts == TELL && !is_ours(c.binds)).any(over)
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

    /// It was decided, and stands in its register where the decision has one.
    fn is_verified(&self, row: &str) -> bool {
        let (case, procedure) = (self.docket.case, self.docket.procedure);
        let Some(decided) = case.outcome() else { return false };
        let outcome = procedure.outcomes.iter().find(|o| o.id == decided.outcome);
        let bare = outcome.is_some_and(|o| o.registers.is_empty());
        bare || case.registered.iter().any(|r| r.row == row)
    }

    fn publication(&self, row: &str) -> RecordPublication {
        let (case, procedure) = (self.docket.case, self.docket.procedure);
        let bare = |f: &law::Field| !(f.public && (f.personal || f.kind.is_personal()));
        RecordPublication {
            organ: OrganKind::Police,
            apart_from_case: self.has_done_nothing(Seat::Publisher),
            not_party: self.is_no_party(),
            verified: self.is_verified(row),
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

fn not_told() -> Refusal {
    Refusal::new(
        ErrorKind::Unlawful,
        "hearing_not_told",
        Text::new(
            "这一处罚应当告知听证权利，没有告知。",
            "This penalty gives the right to a hearing, and that was not told.",
        ),
        Text::new(
            "请先告知听证权利，期满后再决定。当事人已经陈述、申辩的，也可以补充告知，但不得加重。",
            "Tell the right first, and decide when the time to ask is over. It can be told after the defence too, with nothing heavier.",
        ),
    )
}

fn unsettled() -> Refusal {
    Refusal::new(
        ErrorKind::Unlawful,
        UNSETTLED,
        Text::new(
            "听证数额没有查到，是否应当告知听证权利还没有经法制审核确定。",
            "No figure for a hearing is known, and the legal review has not settled whether the right to it must be told.",
        ),
        Text::new(
            "请法制审核人员在审核时确定并写明理由，或者告知听证权利。",
            "The legal reviewer settles it with reasons, or the right is told.",
        ),
    )
}

fn time_barred(bar: &TimeBar) -> Refusal {
    let last = bar.last_day;
    let refusal = Refusal::new(
        ErrorKind::Unlawful,
        "time_barred",
        Text::of(
            format!("最迟应当在 {last} 以前发现，已经超过追溯时效。"),
            format!("It had to be discovered by {last}: time-barred."),
        ),
        Text::new("不再给予行政处罚。", "No penalty is imposed any more."),
    );
    refusal.citing(vec![bar.citation.clone()])
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
