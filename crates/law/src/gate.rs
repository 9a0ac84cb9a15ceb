//! The gate: may this act be done at this site on this day, and which clauses say so.
//!
//! Policies are sorted once, by jurisdiction, era (the days between two changes of law) and act, so that a question meets only
//! the few policies that are about it and dates never enter a policy. A question is then one run of the Cedar authorizer: any
//! forbid refuses and is cited; with none, a permit is needed and is cited. A policy that fails to evaluate refuses.

use crate::facts::Facts;
use crate::pack::{DutyCondition, DutyRule, Level, Pack, RefusalText};
use crate::policy::PolicyRule;
use crate::retention::{self, RetentionRule};
use crate::{
    Act, ActKind, Answer, Clause, Due, Duty, Jurisdiction, Missing, PackError, Packs, PlaceKind, Question, Retention,
    SiteProfile,
};
use base::{Citation, CivilDate, ClauseId, Reading, Text};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, Schema};
use std::collections::{BTreeMap, HashSet};

/// Code of a refusal where no clause permits the act.
const NO_CLAUSE_PERMITS: &str = "no_clause_permits";
/// Code of a refusal because a policy failed.
const GATE_FAULT: &str = "gate_fault";

/// Answers questions from packs. Immutable and cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Gate {
    packs: Packs,
    authorizer: Authorizer,
    entities: Entities,
    asker: EntityUid,
    subject: EntityUid,
    actions: BTreeMap<ActKind, EntityUid>,
    /// First days of the eras, rising; an era lasts until the next. Before the first nothing is in force.
    eras: Vec<CivilDate>,
    law: BTreeMap<(Jurisdiction, usize), Law>,
}

/// What is in force in one jurisdiction during one era.
#[derive(Debug)]
struct Law {
    acts: BTreeMap<ActKind, Rules>,
    retention: Vec<RetentionRule>,
}

/// What is about one act.
#[derive(Debug, Default)]
struct Rules {
    set: PolicySet,
    rules: Vec<Rule>,
    duties: Vec<(Vec<DutyCondition>, Duty)>,
}

/// A policy with what is said when it decides.
#[derive(Debug)]
struct Rule {
    id: cedar_policy::PolicyId,
    permits: bool,
    code: Option<String>,
    citations: Vec<Citation>,
}

impl Gate {
    /// Sorts the packs.
    ///
    /// # Errors
    /// When two policies of one act share an id, or a word of the gate is no Cedar id: defects of the packs.
    pub fn new(packs: Packs) -> Result<Self, PackError> {
        let eras = eras(&packs);
        let mut law = BTreeMap::new();
        for jurisdiction in Jurisdiction::ALL {
            for (era, from) in eras.iter().enumerate() {
                law.insert((jurisdiction, era), Law::of(&packs, jurisdiction, *from)?);
            }
        }
        let mut actions = BTreeMap::new();
        for kind in ActKind::ALL {
            actions.insert(*kind, uid(&format!("Action::\"{}\"", kind.key()))?);
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            entities: Entities::empty(),
            asker: uid("Asker::\"asker\"")?,
            subject: uid("Subject::\"subject\"")?,
            actions,
            eras,
            law,
            packs,
        })
    }

    /// The gate over the packs in the binary.
    ///
    /// # Errors
    /// As [`Packs::embedded`] and [`Gate::new`]; a test holds that there is none.
    pub fn embedded() -> Result<Self, PackError> {
        Self::new(Packs::embedded()?)
    }

    /// The packs it answers from.
    #[must_use]
    pub const fn packs(&self) -> &Packs {
        &self.packs
    }

    /// May this be done on this day (Shanghai)?
    #[must_use]
    pub fn decide(&self, question: &Question, on: CivilDate) -> Answer {
        let kind = question.act.kind();
        let Some((law, rules)) =
            self.law_on(question.site.jurisdiction, on).and_then(|l| Some((l, l.acts.get(&kind)?)))
        else {
            return refused(kind, vec![self.missing(NO_CLAUSE_PERMITS, None)]);
        };
        let retention = match &question.act {
            Act::Delete(d) => Some(retention::decide(&law.retention, &question.site, d.place)),
            _ => None,
        };
        let facts = Facts::of(question, on, retention.as_ref());
        let Some((decision, mut reasons)) = self.ask(kind, facts, rules) else {
            return Answer { fault: true, ..refused(kind, vec![self.missing(GATE_FAULT, None)]) };
        };
        reasons.sort_unstable();
        let deciding: Vec<&Rule> = reasons.iter().filter_map(|i| rules.rules.get(*i)).collect();
        let mut answer = match decision {
            Decision::Allow => allowed(kind, &deciding, rules, question),
            Decision::Deny => self.denied(kind, &deciding, rules),
        };
        if let (Act::Delete(d), Some(retention)) = (&question.act, &retention) {
            fill_in(&mut answer.missing, retention, d.last_frame);
        }
        answer.considered = considered(rules);
        answer
    }

    /// How long footage of a place is kept, under the law of this day.
    #[must_use]
    pub fn retention(&self, site: &SiteProfile, place: PlaceKind, on: CivilDate) -> Retention {
        let rules = self.law_on(site.jurisdiction, on).map_or(&[][..], |law| &law.retention);
        retention::decide(rules, site, place)
    }

    /// The retention terms that some clause of any pack sets on this day, in days, rising, each once: what storage is planned for.
    #[must_use]
    pub fn terms(&self, on: CivilDate) -> Vec<u32> {
        let all = self.packs.packs.iter().flat_map(|pack| {
            let in_force = pack.clauses.iter().filter(move |c| c.retention.is_some() && pack.in_force(c, on));
            in_force.filter_map(move |c| c.value("retention_days", on))
        });
        let mut terms: Vec<u32> = all.collect();
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    fn law_on(&self, jurisdiction: Jurisdiction, on: CivilDate) -> Option<&Law> {
        let era = self.eras.partition_point(|from| *from <= on).checked_sub(1)?;
        self.law.get(&(jurisdiction, era))
    }

    /// The decision and the places of the deciding rules; `None` when anything failed to evaluate.
    fn ask(&self, kind: ActKind, facts: Facts, rules: &Rules) -> Option<(Decision, Vec<usize>)> {
        let context = Context::from_pairs(facts.into_pairs()).ok()?;
        let action = self.actions.get(&kind)?.clone();
        // The check against the schema costs more than the decision; tests run with it, releases rely on them.
        let schema: Option<&Schema> = if cfg!(debug_assertions) { Some(&self.packs.schema) } else { None };
        let request = Request::new(self.asker.clone(), action, self.subject.clone(), context, schema).ok()?;
        let response = self.authorizer.is_authorized(&request, &rules.set, &self.entities);
        if response.diagnostics().errors().next().is_some() {
            return None;
        }
        let place = |id: &cedar_policy::PolicyId| rules.rules.iter().position(|r| r.id == *id);
        let reasons: Option<Vec<usize>> = response.diagnostics().reason().map(place).collect();
        Some((response.decision(), reasons?))
    }

    fn denied(&self, kind: ActKind, deciding: &[&Rule], rules: &Rules) -> Answer {
        // No forbid spoke: what is missing is a permit, so the clauses that could permit are named.
        let wanting: Vec<&Rule> = rules.rules.iter().filter(|r| r.permits).collect();
        let deciding = if deciding.is_empty() { &wanting } else { deciding };
        let mut missing: Vec<Missing> = deciding
            .iter()
            .map(|rule| {
                let clause = rule.citations.first().map(|c| c.clause.clone());
                self.missing(rule.code.as_deref().unwrap_or(NO_CLAUSE_PERMITS), clause)
            })
            .collect();
        if missing.is_empty() {
            missing.push(self.missing(NO_CLAUSE_PERMITS, None));
        }
        Answer { deciding: cited(deciding), ..refused(kind, missing) }
    }

    fn missing(&self, code: &str, clause: Option<ClauseId>) -> Missing {
        let (what, next) = self.packs.refusals.get(code).map_or_else(Default::default, texts);
        Missing { code: code.to_owned(), clause, what, next }
    }
}

impl Law {
    fn of(packs: &Packs, jurisdiction: Jurisdiction, on: CivilDate) -> Result<Self, PackError> {
        let reaching: Vec<&Pack> = packs.packs.iter().filter(|p| p.reaches(jurisdiction)).collect();
        let ordinance = reaching.iter().any(|p| {
            p.head.level == Level::ProvincialOrdinance
                && p.head.from <= on
                && p.head.until.is_none_or(|until| on < until)
        });
        let mut law = Self { acts: BTreeMap::new(), retention: Vec::new() };
        for pack in &reaching {
            for rule in &pack.policies {
                let Some((_, clause)) = packs.clause(&ClauseId::new(&rule.clause)) else { continue };
                if pack.in_force(clause, on) && !(rule.subsidiary && ordinance) {
                    law.add_policy(packs, rule)?;
                }
            }
            for clause in pack.clauses.iter().filter(|c| pack.in_force(c, on)) {
                if let Some(scope) = clause.retention {
                    let (citation, days) = (pack.cite(clause, clause.reading), clause.value("retention_days", on));
                    law.retention.push(RetentionRule { citation, scope, days, after: clause.after_term });
                }
                for rule in &clause.duties {
                    let due = due(rule, clause.value(&rule.due, on));
                    let text = Text::of(rule.text_zh.clone(), rule.text_en.clone());
                    let duty = Duty { code: rule.code.clone(), text, citation: pack.cite(clause, clause.reading), due };
                    for act in &rule.on {
                        law.acts.entry(*act).or_default().duties.push((rule.only.clone(), duty.clone()));
                    }
                }
            }
        }
        let order = packs.overlay("after_retention").map_or(&[][..], |o| &o.clauses);
        law.retention.sort_by_key(|r| order.iter().position(|id| *id == r.citation.clause.0).unwrap_or(usize::MAX));
        Ok(law)
    }

    fn add_policy(&mut self, packs: &Packs, rule: &PolicyRule) -> Result<(), PackError> {
        let own = packs.clause(&ClauseId::new(&rule.clause)).map(|(p, c)| p.cite(c, rule.reading));
        let source = rule.from.as_ref().and_then(|id| packs.clause(&ClauseId::new(id)));
        let source = source.map(|(p, c)| p.cite(c, Reading::FlaggedDefault));
        let citations: Vec<Citation> = own.into_iter().chain(source).collect();
        for act in &rule.acts {
            let rules = self.acts.entry(*act).or_default();
            rules.set.add(rule.policy.clone()).map_err(|e| PackError {
                file: "policies.cedar".to_owned(),
                line: None,
                clause: Some(rule.clause.clone()),
                what: e.to_string(),
            })?;
            let (id, code) = (rule.policy.id().clone(), rule.code.clone());
            rules.rules.push(Rule { id, permits: rule.permits, code, citations: citations.clone() });
        }
        Ok(())
    }
}

fn uid(text: &str) -> Result<EntityUid, PackError> {
    text.parse().map_err(|e| PackError::file("schema.cedarschema", format!("`{text}`: {e}")))
}

/// Every day on which something the gate asks begins or ends: a pack with policies, terms or duties, and their clauses and values.
/// Days of other clauses (penalties, deadlines) would only multiply the sorting.
fn eras(packs: &Packs) -> Vec<CivilDate> {
    let ruled: HashSet<&str> = packs.packs.iter().flat_map(|p| &p.policies).map(|r| r.clause.as_str()).collect();
    let asked = |c: &&Clause| ruled.contains(c.id.as_str()) || c.retention.is_some() || !c.duties.is_empty();
    let mut days = Vec::new();
    for pack in &packs.packs {
        let ordinance = pack.head.level == Level::ProvincialOrdinance;
        if ordinance || pack.clauses.iter().any(|c| asked(&c)) {
            days.push(pack.head.from);
            days.extend(pack.head.until);
        }
        for clause in pack.clauses.iter().filter(asked) {
            days.extend(clause.from.into_iter().chain(clause.ends()));
            days.extend(clause.values.iter().flat_map(|v| std::iter::once(v.from).chain(v.until)));
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

const fn refused(act: ActKind, missing: Vec<Missing>) -> Answer {
    Answer {
        act,
        allow: false,
        deciding: Vec::new(),
        missing,
        duties: Vec::new(),
        considered: Vec::new(),
        fault: false,
    }
}

fn allowed(act: ActKind, deciding: &[&Rule], rules: &Rules, question: &Question) -> Answer {
    let holds = |only: &[DutyCondition]| only.iter().all(|c| duty_holds(*c, question));
    let duties = rules.duties.iter().filter(|(only, _)| holds(only)).map(|(_, duty)| duty.clone()).collect();
    Answer { allow: true, deciding: cited(deciding), duties, ..refused(act, Vec::new()) }
}

/// Citations of several rules, each clause once, in order.
fn cited(rules: &[&Rule]) -> Vec<Citation> {
    let mut out: Vec<Citation> = Vec::new();
    for citation in rules.iter().flat_map(|r| &r.citations) {
        if !out.iter().any(|c| c.clause == citation.clause) {
            out.push(citation.clone());
        }
    }
    out
}

fn considered(rules: &Rules) -> Vec<ClauseId> {
    let mut out: Vec<ClauseId> = Vec::new();
    for rule in &rules.rules {
        if let Some(citation) = rule.citations.first().filter(|c| !out.contains(&c.clause)) {
            out.push(citation.clause.clone());
        }
    }
    out
}

fn due(rule: &DutyRule, days: Option<u32>) -> Due {
    match (rule.due.as_str(), days) {
        ("before_use", _) => Due::BeforeUse,
        (_, Some(days)) => Due::WithinDays(days),
        _ => Due::AtOnce,
    }
}

fn duty_holds(condition: DutyCondition, question: &Question) -> bool {
    let placement = match &question.act {
        Act::AddCamera(p) | Act::UseCamera(p) => Some(p),
        _ => None,
    };
    match condition {
        DutyCondition::SignMissing => placement.is_some_and(|p| !p.sign_recorded),
        DutyCondition::PublicPlace => placement.is_some_and(|p| p.place.covers_public_place()),
        DutyCondition::ListedSite => !question.site.security_duty_place,
    }
}

fn texts(text: &RefusalText) -> (Text, Text) {
    (Text::of(text.what_zh.clone(), text.what_en.clone()), Text::of(text.next_zh.clone(), text.next_en.clone()))
}

/// Puts the days and the first free day into the sentences that ask for them.
fn fill_in(missing: &mut [Missing], retention: &Retention, last_frame: base::UtcMs) {
    let earliest = retention.earliest_deletion(last_frame).shanghai_date().to_string();
    let days = retention.min_days.to_string();
    let put = |text: &str| text.replace("{days}", &days).replace("{earliest}", &earliest);
    for m in missing {
        m.what = Text::of(put(&m.what.zh), put(&m.what.en));
        m.next = Text::of(put(&m.next.zh), put(&m.next.en));
    }
}
