//! A case on the bench: opens one of any procedure of the packs and takes steps with forms filled in from the samples.

use crate::casework::*;
use base::{AccountId, CivilDate, OfficeId, PartyId, Refusal, Sha256, UtcMs};
use law::{FieldKind, Guard, Packs, Procedure};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;

pub(crate) static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::embedded().unwrap());

pub(crate) const REASONS: &str = "经审查，依据所列条款作出本决定。";

pub(crate) fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

pub(crate) fn account(n: u8) -> AccountId {
    AccountId::new(1, [n; 10])
}

pub(crate) fn office() -> OfficeId {
    OfficeId::new(1, [1; 10])
}

pub(crate) fn party() -> PartyId {
    PartyId::new(1, [1; 10])
}

/// Who sits in a seat: one account each; the second officer is account 9.
pub(crate) fn who(seat: Seat) -> Who {
    let n = u8::try_from(Seat::ALL.iter().position(|s| *s == seat).unwrap()).unwrap() + 1;
    let ours = !matches!(seat, Seat::Applicant | Seat::Outside);
    Who {
        account: account(n),
        seat,
        office: ours.then(office),
        party: (seat == Seat::Applicant).then(party),
        certificate_until: ours.then(|| day("2030-12-31")),
    }
}

pub(crate) fn officers() -> BTreeMap<AccountId, Option<CivilDate>> {
    let until = Some(day("2030-12-31"));
    BTreeMap::from([(who(Seat::Officer).account, until), (account(9), until), (account(10), None)])
}

#[derive(Clone)]
pub(crate) struct Bench {
    pub procedure: &'static Procedure,
    pub events: Vec<Recorded>,
    pub case: Case,
    pub today: CivilDate,
}

impl Bench {
    /// A case of this procedure, on a Monday on which it was in force.
    pub fn open(procedure: &str) -> Self {
        let procedure = PACKS.procedure(procedure).unwrap();
        let today = if procedure.until.is_some() { day("2015-03-02") } else { day("2026-03-02") };
        let own = is_ours(procedure.applicant);
        let channel = if own { Channel::OwnMotion } else { Channel::Counter };
        let seat = if own { Seat::Officer } else { Seat::Counter };
        let title = "示例商场".to_owned();
        let opening =
            Opening { office: office(), facts_on: today, channel, party: Some(party()), title, from_case: None };
        let event = open(&PACKS, procedure, &opening, &who(seat), today).unwrap().remove(0);
        let first = Recorded { index: 0, at: today.start(), by: who(seat).account, event };
        Self { procedure, case: Case::begin(&first).unwrap(), events: vec![first], today }
    }

    pub fn docket(&self) -> Docket<'_> {
        Docket { packs: &PACKS, procedure: self.procedure, case: &self.case, today: self.today }
    }

    /// What an act of somebody leads to, without doing it.
    pub fn try_as(&self, who: &Who, act: CaseAct) -> Result<Vec<Event>, Refusal> {
        let officers = officers();
        let checks =
            Checks { officers: &officers, law: None, stands_for: &[], unit_answered: false, heads: Heads::default() };
        decide(&self.docket(), &Command { seen: self.case.events, act }, who, &checks)
    }

    /// Does an act as somebody; every event folds.
    pub fn act_as(&mut self, who: &Who, act: CaseAct) -> Result<(), Refusal> {
        for event in self.try_as(who, act)? {
            let at = UtcMs(self.today.start().0 + i64::from(self.case.events));
            let recorded = Recorded { index: self.case.events, at, by: who.account, event };
            self.case.apply(&recorded).unwrap();
            self.events.push(recorded);
        }
        Ok(())
    }

    pub fn act(&mut self, seat: Seat, act: CaseAct) -> Result<(), Refusal> {
        self.act_as(&who(seat), act)
    }

    /// The samples of the packs; days are today's. What names a paper of the case has no sample that could be right.
    pub fn sample(&self, node: &str) -> Typed {
        let text = |f: &law::Field| match f.kind {
            FieldKind::Day => self.today.to_string(),
            _ => f.sample.clone(),
        };
        fields_of(self.procedure, node)
            .into_iter()
            .map(|f| (f.id.clone(), text(f)))
            .filter(|(id, t)| !t.is_empty() && !is_reference(id))
            .collect()
    }

    pub fn node(&self, id: &str) -> Node<'static> {
        node(self.procedure, id).unwrap()
    }

    /// Who enters what belongs to the seat of a node.
    pub fn enters(&self, id: &str) -> Seat {
        match self.node(id).seat(self.procedure) {
            Seat::Outside => Seat::Officer,
            Seat::Applicant => Seat::Applicant,
            seat => seat,
        }
    }

    pub fn give(&mut self, material: &str) -> Result<(), Refusal> {
        let bytes = format!("{material} {}", self.case.events);
        let act = CaseAct::GivePaper {
            material: material.to_owned(),
            sha256: Sha256::of(bytes.as_bytes()),
            bytes: 100,
            kind: PaperKind::Pdf,
            name: Some("材料.pdf".to_owned()),
        };
        self.act(Seat::Officer, act)
    }

    pub fn done_act(&self, step: &str) -> CaseAct {
        CaseAct::Done {
            step: step.to_owned(),
            typed: self.sample(step),
            note: REASONS.to_owned(),
            officers: vec![who(Seat::Officer).account, account(9)],
            on: self.today,
        }
    }

    pub fn done_bare(&mut self, step: &str) -> Result<(), Refusal> {
        let act = self.done_act(step);
        let seat = self.enters(step);
        self.act(seat, act)
    }

    /// The paper of an outside body, where one is needed.
    pub fn paper_of_body(&mut self, id: &str) -> Result<(), Refusal> {
        match self.node(id).seat(self.procedure) {
            Seat::Outside => self.give(id),
            // Served on paper: the scan is the proof.
            _ if awaits_proof(&self.docket(), id) => self.give(id),
            _ => Ok(()),
        }
    }

    /// Does a step, with what belongs to it but is no paper of the applicant.
    pub fn done(&mut self, step: &str) -> Result<(), Refusal> {
        match step {
            ASK_FOR_REST => {
                let missing: Vec<String> = self.docket().missing().iter().map(|m| m.id.clone()).collect();
                let ids: Vec<&str> = missing.iter().map(String::as_str).collect();
                self.ask(&ids)
            }
            LEGAL_REVIEW => {
                let outcome = self.procedure.outcomes.first().unwrap().id.clone();
                self.propose(&outcome)?;
                self.review()
            }
            "investigate" => {
                self.opening_approved()?;
                self.done_bare(step)
            }
            "approve_evidence" => {
                self.done_bare(step)?;
                self.approval_paper();
                Ok(())
            }
            "register_evidence" => {
                if references(&self.docket(), "evidence_approval").is_some_and(|free| free.is_empty()) {
                    self.done("ask_approval")?;
                    self.done("approve_evidence")?;
                }
                self.done_of_first(step, "evidence_approval")
            }
            "settle_evidence" => self.done_of_first(step, "settled_approval"),
            _ => {
                self.paper_of_body(step)?;
                self.done_bare(step)
            }
        }
    }

    /// A step that names a paper of the case: the first that it can name.
    fn done_of_first(&mut self, step: &str, field: &str) -> Result<(), Refusal> {
        let first = references(&self.docket(), field).and_then(|all| all.into_iter().next());
        let CaseAct::Done { step, mut typed, note, officers, on } = self.done_act(step) else { unreachable!() };
        typed.extend(first.map(|one| (field.to_owned(), one.number)));
        self.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on })
    }

    /// The head approves that a penalty case was opened, where nobody did yet.
    fn opening_approved(&mut self) -> Result<(), Refusal> {
        let has_step = node(self.procedure, APPROVE_OPENING).is_some();
        if !has_step || self.case.done("open").is_none() || self.case.done(APPROVE_OPENING).is_some() {
            return Ok(());
        }
        self.done_bare(APPROVE_OPENING)
    }

    /// The paper of the head's approval, with a number of its own.
    pub fn approval_paper(&mut self) {
        let number = format!("示公技防登批字〔2026〕{}号", self.case.events);
        let (kind, sha256) = ("evidence_approval".to_owned(), Sha256::of(number.as_bytes()));
        let make = CaseAct::MakeDocument { kind, number, sha256, pages: 1, lang: base::Lang::Zh };
        self.act(Seat::Officer, make).unwrap();
    }

    /// Names these materials as missing; where none is, something of the form.
    pub fn ask(&mut self, materials: &[&str]) -> Result<(), Refusal> {
        let missing = |id: &str| Missing { id: id.to_owned(), reason: "没有提交".to_owned() };
        let material = self.procedure.materials.first().map(|m| m.id.as_str()).filter(|_| materials.is_empty());
        let field = self.procedure.fields.first().map(|f| f.id.as_str());
        let field = field.filter(|_| materials.is_empty() && material.is_none());
        let act = CaseAct::AskForRest {
            materials: materials.iter().copied().chain(material).map(missing).collect(),
            fields: field.into_iter().map(missing).collect(),
            on: self.today,
            until: None,
        };
        self.act(Seat::Officer, act)
    }

    pub fn propose(&mut self, outcome: &str) -> Result<(), Refusal> {
        let act = CaseAct::Propose {
            outcome: outcome.to_owned(),
            typed: self.sample(outcome),
            reasons: REASONS.to_owned(),
            clauses: vec![self.node(outcome).clause().clone()],
        };
        self.act(Seat::Officer, act)
    }

    pub fn review(&mut self) -> Result<(), Refusal> {
        let typed = self.sample(LEGAL_REVIEW);
        self.act(Seat::LegalReviewer, CaseAct::Review { passed: true, opinion: REASONS.to_owned(), typed })
    }

    pub fn decide_act(&self, outcome: &str) -> CaseAct {
        let own = self.case.proposal.as_ref().is_none_or(|p| p.outcome != outcome);
        CaseAct::Decide {
            outcome: outcome.to_owned(),
            typed: if own { self.sample(outcome) } else { Typed::new() },
            reasons: if own { REASONS.to_owned() } else { String::new() },
            clauses: if own { vec![self.node(outcome).clause().clone()] } else { Vec::new() },
            officers: vec![who(Seat::Officer).account, account(9)],
            on: self.today,
        }
    }

    /// Decides, with the proposal and the review that it needs.
    pub fn decide(&mut self, outcome: &str) -> Result<(), Refusal> {
        let node = self.node(outcome);
        self.paper_of_body(outcome)?;
        if node.seat(self.procedure) == Seat::Head || node.needs().contains(&Guard::LegalReview) {
            if self.case.proposal.as_ref().is_none_or(|p| p.outcome != outcome) {
                self.propose(outcome)?;
            }
            if node.needs().contains(&Guard::LegalReview) {
                self.review()?;
            }
        }
        let act = self.decide_act(outcome);
        let seat = self.enters(outcome);
        self.act(seat, act)
    }

    /// Hands in everything that is missing.
    pub fn complete_papers(&mut self) {
        let missing: Vec<String> = self.docket().missing().iter().map(|m| m.id.clone()).collect();
        for id in missing {
            self.give(&id).unwrap();
        }
    }

    /// Takes an open step or outcome, whatever it needs; time passes where it must.
    pub fn take(&mut self, id: &str) -> Result<(), Refusal> {
        let is_outcome = self.node(id).is_outcome();
        if is_outcome || id == COMPLETE || ACCEPT.contains(&id) {
            self.complete_papers();
        }
        if id == "publish" && !is_written_first(self.procedure) && self.case.published.iter().all(|p| p.withdrawn) {
            let list = to_publish(&self.docket()).first().map(|list| (*list).to_owned());
            let publish = |publication| CaseAct::Publish { publication, row: "L-1".into() };
            return self.act(Seat::Publisher, publish(list.expect("a list of the decision")));
        }
        for _ in 0..40 {
            let before = self.clone();
            let tried = if is_outcome { self.decide(id) } else { self.done(id) };
            match tried {
                Err(refusal) if ["too_early", "notice_too_late"].contains(&refusal.code.as_str()) => {
                    *self = before;
                    self.today = self.today.plus_days(7);
                }
                other => return other,
            }
        }
        panic!("{id} stays too early");
    }

    /// Goes the shortest way from what is open to a step, and does it.
    pub fn go(&mut self, to: &str) {
        for id in self.way(to) {
            self.take(id).unwrap_or_else(|refusal| panic!("{id}: {refusal}"));
        }
    }

    fn way(&self, to: &str) -> Vec<&'static str> {
        let procedure: &'static Procedure = self.procedure;
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let open = self.docket().open().into_iter().map(|(n, _)| n.id().to_owned()).collect::<Vec<_>>();
        let first = nodes(procedure).filter(|n| !n.is_outcome() && open.iter().any(|o| o == n.id()));
        let mut queue: VecDeque<Vec<&'static str>> = first.map(|n| vec![n.id()]).collect();
        while let Some(way) = queue.pop_front() {
            let last = *way.last().unwrap();
            if last == to {
                return way;
            }
            if !seen.insert(last) {
                continue;
            }
            for next in nodes(procedure).filter(|n| !n.is_outcome() && n.after().iter().any(|a| a == last)) {
                let mut longer = way.clone();
                longer.push(next.id());
                queue.push_back(longer);
            }
        }
        panic!("no way to {to}");
    }
}
