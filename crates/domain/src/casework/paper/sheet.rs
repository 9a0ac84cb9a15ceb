//! The sheet of a paper: every part of its envelope, from the forms, the reasons and the people of a case.
//!
//! What flows through: the [`Place`] at which the case is ─▶ the step or outcome with its form, day, officers and decision ─▶ the parts that
//! the paper needs, and those that its template prints too. Always true: a long text is divided and never cut; forms and names of persons
//! stand on papers of the party and of the organ, and on none that is published or goes to another organ.

use super::super::case::{ClockLeave, Decision, Document as Issued, Doing};
use super::super::clocks::clocks;
use super::super::docket::{Docket, Node, is_adverse};
use super::super::seat::Seat;
use super::super::steps::fields_of;
use super::super::words::{CANCEL, OTHER_EVIDENCE, SOURCE, TOLD_BREACH};
use super::PaperFacts;
use super::annex::annex_cells;
use super::rules::{DISCUSSED, FALSE_MATERIAL, Place, is_service};
use super::words::{bare, first_clause, labelled, lower, paragraphs, particular, said, weekday};
use crate::document::{Document, Envelope, Family, Part, Particular};
use crate::form::{self, Value};
use crate::payment::yuan;
use base::{CivilDate, ClauseId, Lang, Text};
use law::{Field, FieldKind, Outcome, ProcedureKind, StopCause};

/// Parts that a paper has beside those it needs: its template prints them.
const MORE: &[(&str, &[Part])] = &[
    ("acceptance_notice", &[Part::Particulars]),
    ("grant_decision", &[Part::Particulars]),
    ("refusal_decision", &[Part::Particulars]),
    ("revocation_decision", &[Part::Particulars]),
    ("general_decision", &[Part::Particulars, Part::Facts, Part::Remedies]),
    ("plan_examination_opinion", &[Part::Particulars, Part::Remedies]),
    ("no_penalty_decision", &[Part::Particulars]),
    ("no_case_notice", &[Part::Particulars]),
    ("penalty_decision", &[Part::Paragraphs]),
    ("on_the_spot_decision", &[Part::Paragraphs]),
    ("enforcement_decision", &[Part::Particulars]),
    ("acceptance_record", &[Part::Facts, Part::Basis, Part::Remedies]),
    ("inspection_record", &[Part::Decision]),
    ("inspection_notice", &[Part::Particulars, Part::Signatures]),
    ("order_with_limit", &[Part::Signatures]),
    ("recheck_opinion", &[Part::Particulars, Part::Basis, Part::Signatures]),
    ("material_receipt", &[Part::Paragraphs]),
    ("filing_receipt", &[Part::Basis]),
    ("filing_cancellation", &[Part::Basis]),
    ("order_extension", &[Part::Basis]),
    ("reporter_notice", &[Part::Basis]),
    ("certificate", &[Part::Basis]),
    ("warning_notice", &[Part::Remedies]),
    ("transfer_letter", &[Part::Attachments]),
    ("case_closing_report", &[Part::Basis]),
    ("penalty_publication", &[Part::Basis]),
    ("decision_approval", &[Part::Facts, Part::Basis]),
    ("hearing_report", &[Part::Basis]),
    ("extraction_record", &[Part::Facts]),
    ("plan_review_record", &[Part::Tables]),
    ("bulletin", &[Part::Tables]),
];

/// Field of an outcome: which organ takes the matter over.
const RECEIVED_BY: &str = "received_by";

/// Steps whose texts are the facts of a paper, beside its own.
const TOLD: &[(&str, &[&str])] = &[
    ("prior_notice", &["find", "investigate"]),
    ("penalty_decision", &["investigate", "defend", "decide"]),
    ("no_penalty_decision", &["investigate", "defend", "decide"]),
    ("no_case_notice", &["investigate", "defend", "decide"]),
    ("on_the_spot_decision", &["tell"]),
    ("revocation_decision", &["find", "hear", "revoke"]),
    ("investigation_report", &["investigate", "defend", "hold_hearing"]),
    ("case_approval", &["open"]),
    ("transfer_letter", &["inspect", "inspect_again", "look_into", "investigate"]),
    ("order_extension", &["ask_extension"]),
    ("recheck_opinion", &["inspect_again"]),
    ("plan_examination_opinion", &["examine"]),
    ("payment_reminder", &["unpaid"]),
    ("enforcement_decision", &["unpaid", "hear"]),
    ("enforcement_request", &["unpaid"]),
    ("case_closing_report", &["pay", "done", "enforced", "by_court"]),
    ("decision_approval", &["investigate", "defend", "hold_hearing"]),
    ("scene_record", &["examine_scene"]),
    ("evidence_approval", &["ask_approval"]),
    ("hearing_report", &["investigate", "ask_for_hearing", "hold_hearing"]),
    ("extraction_record", &["issued", "retrieve"]),
    ("act_record", &["declare", "ask", "explain"]),
];

/// Papers by which a penalty is imposed or not.
const PENALTIES: [&str; 3] = ["penalty_decision", "no_penalty_decision", "on_the_spot_decision"];

/// What a paper of this kind decides, in a word; `None`: it says what the packs call its outcome or step.
fn own_word(code: &str) -> Option<Text> {
    Some(match code {
        "grant_decision" => Text::new("准予行政许可", "granted"),
        "penalty_decision" | "on_the_spot_decision" => Text::new("给予行政处罚", "a penalty is imposed"),
        "no_penalty_decision" => Text::new("不予行政处罚", "no penalty is imposed"),
        "order_at_once" => Text::new("责令当场改正", "to be corrected at once"),
        "order_with_limit" => Text::new("责令限期改正", "to be corrected within the time limit"),
        "payment_reminder" => Text::new("请履行上述义务", "the obligations named above are to be performed"),
        "enforcement_decision" => Text::new("强制执行", "enforced"),
        "enforcement_request" => Text::new("申请强制执行", "enforcement is asked for"),
        "evidence_registration" => {
            Text::new("对下列证据先行登记保存", "the evidence below is placed under registered preservation")
        }
        "sampling_notice" => Text::new("对下列物品抽样取证", "the samples below are taken as evidence"),
        "sampling_outcome" => Text::new("对下列样品作出处理", "what becomes of the samples below is settled"),
        "withdrawal_notice" => Text::new("撤回公开的信息", "what was published is withdrawn"),
        "non_acceptance" => Text::new("不予受理", "not accepted"),
        "evidence_outcome" => {
            Text::new("对下列登记保存的证据作出处理", "what becomes of the evidence below is decided")
        }
        _ => return None,
    })
}

/// Names, addresses and codes: no days, choices, numbers or long texts, which are the same by chance.
pub(super) const fn is_wording(kind: FieldKind) -> bool {
    !matches!(
        kind,
        FieldKind::Day | FieldKind::Words | FieldKind::Choice | FieldKind::Flag | FieldKind::Count | FieldKind::Yuan
    )
}

/// A paper that is being made.
pub(super) struct Sheet<'a> {
    pub(super) document: &'a Document,
    pub(super) docket: Docket<'a>,
    pub(super) facts: &'a PaperFacts,
    pub(super) lang: Lang,
    pub(super) place: Place<'a>,
}

impl<'a> Sheet<'a> {
    /// Every part.
    pub(super) fn envelope(&self) -> Envelope {
        let mut e = Envelope::of(self.document, self.lang);
        e.organ.clone_from(&self.facts.organ);
        e.title = self.title();
        e.date = Some(self.facts.on);
        e.number = self.facts.number.clone().unwrap_or_default();
        for part in self.document.needs().chain(self.more().iter().copied()) {
            match part {
                Part::To => e.to = self.to(),
                Part::Paragraphs => e.paragraphs = self.paragraphs(),
                Part::Particulars => e.particulars = self.particulars(),
                Part::Facts => e.facts = self.facts_told(),
                Part::Tables => e.tables = self.tables(),
                Part::Talk => e.talk = self.talk(),
                Part::Basis => e.basis = self.basis(),
                Part::Decision => e.decision = self.decided(),
                Part::Remedies => e.remedies = self.ways_against(),
                Part::Opinions => e.opinions = self.opinions(),
                Part::Signatures => e.signatures = self.signatures(),
                Part::Attachments => e.attachments = self.attachments(),
                Part::Stub => e.stub = self.stub(),
                Part::Organ | Part::Title | Part::Date | Part::Number | Part::Copies | Part::Qr => {}
            }
        }
        e
    }

    fn more(&self) -> &'static [Part] {
        MORE.iter().find(|(code, _)| *code == self.document.code).map_or(&[], |(_, parts)| *parts)
    }

    pub(super) fn is(&self, code: &str) -> bool {
        self.document.code == code
    }

    /// The step or outcome whose paper it is.
    pub(super) fn node(&self) -> Option<Node<'a>> {
        self.place.node(&self.docket)
    }

    pub(super) fn node_id(&self) -> &'a str {
        self.node().map_or("", Node::id)
    }

    fn outcome(&self) -> Option<&'a Outcome> {
        if let Some(Node::Outcome(outcome)) = self.node() { Some(outcome) } else { None }
    }

    pub(super) fn doing(&self) -> Option<&'a Doing> {
        self.docket.case.done(self.node_id())
    }

    /// The decision of which it is, else the one that stands or is proposed.
    pub(super) fn decision(&self) -> Option<&'a Decision> {
        let case = self.docket.case;
        if matches!(self.place, Place::Proposal) {
            return case.proposal.as_ref().or_else(|| case.outcome());
        }
        let id = self.node_id();
        let own = case.decisions.iter().rev().find(|d| d.outcome == id);
        own.or_else(|| self.reports().then(|| case.proposal.as_ref().or_else(|| case.outcome())).flatten())
    }

    /// It tells what is proposed, before it is decided.
    pub(super) fn reports(&self) -> bool {
        self.is("investigation_report") || self.is("decision_approval")
    }

    pub(super) fn decided_clauses(&self) -> Vec<&'a ClauseId> {
        self.decision().map(|d| d.clauses.iter().collect()).unwrap_or_default()
    }

    /// The outcome that was decided burdens somebody.
    fn adverse(&self) -> bool {
        self.outcome().is_some_and(|o| is_adverse(self.docket.procedure, o))
    }

    fn is_penal(&self) -> bool {
        matches!(self.docket.procedure.kind, ProcedureKind::Penalty | ProcedureKind::Enforcement)
    }

    /// A day as it stands in a sentence.
    pub(super) fn day(&self, day: CivilDate) -> String {
        match self.lang {
            Lang::Zh => format!("{}年{}月{}日", day.0.year(), day.0.month(), day.0.day()),
            Lang::En => day.to_string(),
        }
    }

    /// A last day: with its day of the week, by which people plan.
    pub(super) fn last_day(&self, day: CivilDate) -> String {
        let (words, week) = (self.day(day), weekday(day, self.lang));
        match self.lang {
            Lang::Zh => format!("{words}（{week}）"),
            Lang::En => format!("{words} ({week})"),
        }
    }

    /// The name that the packs give to the document of the outcome, else the one of the catalogue.
    fn title(&self) -> String {
        let named = self.outcome().filter(|o| Document::named(&o.document_zh).is_some_and(|d| self.is(d.code)));
        let name = named.map(|o| self.lang.t(&o.document_zh, &o.document_en)).filter(|name| !name.is_empty());
        if self.is("completion_notice") && self.docket.procedure.kind == ProcedureKind::Filing {
            // Who files applies for nothing.
            let of_filing = self.lang.t("备案材料补正一次性告知书", "one-time notice of what a filing lacks");
            return of_filing.to_owned();
        }
        name.map_or_else(|| said(&self.document.name(), self.lang), str::to_owned)
    }

    /// The party fills it in and hands it to the organ.
    pub(super) fn is_theirs(&self) -> bool {
        self.is("application") || self.is("filing_change") || self.is("deferral_request")
    }

    fn to(&self) -> String {
        if self.is_theirs() {
            return self.facts.organ.clone();
        }
        if self.is("reporter_notice") {
            // Who that is the case does not say, and the party is not told.
            return self.lang.t("举报人、投诉人", "the person who reported this").to_owned();
        }
        // A letter of transfer goes to the organ that is named to receive it.
        let named = self.docket.case.values_of(self.node_id()).filter(|_| self.is("transfer_letter"));
        named.and_then(|values| values.text(RECEIVED_BY)).unwrap_or(&self.facts.to).to_owned()
    }

    /// What this paper may show of a field.
    pub(super) fn shows(&self, field: &Field) -> bool {
        let personal = field.personal || field.kind.is_personal();
        match self.document.family {
            Family::Publication if self.is("bulletin") || self.is("register_extract") => !personal,
            Family::Publication => field.public && !personal,
            _ if self.is("certificate") => !personal && !field.registers.is_empty(),
            _ if self.is("transfer_letter") => !personal,
            _ => true,
        }
    }

    /// The fields of a step or outcome that are filled in and may be shown, in the order of the form.
    pub(super) fn filled(&self, step: &str) -> Vec<(&'a Field, &'a Value)> {
        let values = self.docket.case.values_of(step);
        let fields = fields_of(self.docket.procedure, step).into_iter().filter(|f| self.shows(f));
        fields.filter_map(|f| values.and_then(|v| v.get(&f.id)).map(|v| (f, v))).collect()
    }

    /// The same without how and when its paper was served, and without what stays within the organ.
    fn told(&self, step: &str) -> Vec<(&'a Field, &'a Value)> {
        let inner = |id: &str| id == DISCUSSED.0 || id == DISCUSSED.1;
        self.filled(step).into_iter().filter(|(f, _)| !is_service(&f.id, step) && !inner(&f.id)).collect()
    }

    pub(super) fn shown(&self, field: &Field, value: &Value) -> String {
        match value {
            Value::Day(day) => self.day(*day),
            // A place is called by its name; a code that the packs do not list stands as it is.
            Value::Text(code) if field.kind == FieldKind::Division => {
                let name = self.docket.packs.division_name(code);
                name.map_or_else(|| code.clone(), |name| said(&name, self.lang))
            }
            _ => said(&form::shown(field, value), self.lang),
        }
    }

    /// Fields as lines of a text.
    fn lines(&self, fields: Vec<(&'a Field, &'a Value)>) -> Vec<String> {
        let line = |(f, v): (&Field, &Value)| labelled(&said(&f.name(), self.lang), &self.shown(f, v), self.lang);
        fields.into_iter().flat_map(line).collect()
    }

    /// Fields as names and values.
    fn pairs(&self, fields: Vec<(&'a Field, &'a Value)>) -> Vec<Particular> {
        let pair = |(f, v): (&Field, &Value)| particular(&said(&f.name(), self.lang), &self.shown(f, v), "", self.lang);
        fields.into_iter().flat_map(pair).collect()
    }

    /// What a notice tells in sentences: days, words, choices and answers; who the party is stands in its particulars.
    const fn is_notified(kind: FieldKind) -> bool {
        matches!(kind, FieldKind::Day | FieldKind::Words | FieldKind::Choice | FieldKind::Flag)
    }

    pub(super) fn pair(&self, zh: &str, en: &str, value: &str) -> Particular {
        let name = self.lang.t(zh, en).to_owned();
        Particular { name, value: value.to_owned(), hint: String::new() }
    }

    /// The thing of the case, where it is filled in and this paper may name it.
    fn subject(&self) -> Option<String> {
        let field = self.docket.procedure.field(&self.docket.procedure.subject).filter(|f| self.shows(f))?;
        let value = self.docket.case.values_of(&field.step)?.get(&field.id)?;
        Some(self.shown(field, value))
    }

    /// The procedure and its thing: `备案（示例公司）`.
    pub(super) fn matter(&self) -> String {
        let name = said(&self.docket.procedure.name(), self.lang);
        match (self.subject(), self.lang) {
            (None, _) => name,
            (Some(subject), Lang::Zh) => format!("{name}（{subject}）"),
            (Some(subject), Lang::En) => format!("{name} ({subject})"),
        }
    }

    pub(super) fn first_step(&self) -> &'a str {
        self.docket.procedure.steps.first().map_or("", |s| s.id.as_str())
    }

    // Text before anything else.

    fn paragraphs(&self) -> Vec<String> {
        let mut found = match self.document.code {
            "acceptance_notice" => vec![self.accepted()],
            "inspection_notice" | "hearing_notice" => self.notice(),
            // The lists among its lines are tables behind the text.
            "bulletin" => {
                let lines = self.lines(self.filled(self.first_step())).into_iter();
                lines.filter(|line| annex_cells(line).is_none()).collect()
            }
            _ => Vec::new(),
        };
        found.extend(self.limits());
        found
    }

    fn accepted(&self) -> String {
        let lapse = self.docket.accepted_by_lapse();
        let on = self.docket.accepted_on().unwrap_or(self.facts.on);
        let (matter, day) = (self.matter(), self.day(on));
        match (self.lang, lapse) {
            (Lang::Zh, None) => format!("{matter}：自{day}起受理。"),
            (Lang::Zh, Some(_)) => format!("{matter}：没有在期限内一次告知需要补正的内容，自{day}起即为受理。"),
            (Lang::En, None) => format!("{matter}: accepted from {day}."),
            (Lang::En, Some(_)) => {
                format!("{matter}: what is missing was not named in time; it counts as accepted from {day}.")
            }
        }
    }

    /// What is notified, without who the party is: that stands in the particulars.
    fn notice(&self) -> Vec<String> {
        let step = self.node_id();
        let whole = self.is("hearing_notice");
        let fields = self.told(step).into_iter().filter(|(f, _)| whole || Self::is_notified(f.kind)).collect();
        let begin = match self.lang {
            Lang::Zh => format!("现就{}通知如下：", self.matter()),
            Lang::En => format!("Notice is given about this: {}.", self.matter()),
        };
        [begin].into_iter().chain(self.lines(fields)).collect()
    }

    // Names and values.

    pub(super) fn particulars(&self) -> Vec<Particular> {
        match self.document.code {
            "application" => return self.form_to_fill(),
            "service_receipt" => return self.service(),
            "register_extract" | "access_register_extract" => return self.of_register(),
            "file_cover" => return self.cover(),
            "file_index" => return self.of_file(),
            _ => {}
        }
        let mut found = if self.is("certificate") || self.is("transfer_letter") {
            Vec::new()
        } else {
            vec![self.pair("事项", "matter", &self.matter())]
        };
        if !self.is("certificate") {
            // What hangs on a wall names the unit by its columns of the register.
            found.extend(self.facts.party.iter().cloned());
        }
        let whole = self.is("filing_receipt") || self.is("certificate") || self.is("viewing_record");
        // What a notice of inspection tells in its sentences is not told again.
        let notified = |f: &Field| self.is("inspection_notice") && Self::is_notified(f.kind);
        // Whether somebody reported it stays within the organ.
        let kept_back = |f: &Field| f.id == SOURCE && self.is_penal() && !self.document.is_inner();
        let keep = |f: &Field| (whole || (f.kind != FieldKind::Words && !notified(f))) && !kept_back(f);
        let mut steps = vec![self.first_step()];
        if self.is("filing_receipt") {
            steps = self.applied();
        }
        match self.document.code {
            "hearing_report" => steps.extend(["give_notice", "hold_hearing"]),
            "extraction_record" => steps.push("issued"),
            "evidence_approval" => steps.extend(["ask_approval", "approve_evidence"]),
            // It is handed to who held the samples: how the case came to the organ is not told by it.
            "sampling_notice" => steps.clear(),
            _ => {}
        }
        if self.is("filing_change") || self.is("deferral_request") {
            found.extend(self.form_to_fill());
            return found;
        }
        if whole || self.document.parts.contains(&Part::Signatures) {
            steps.push(self.node_id());
        }
        steps.dedup();
        let fields = steps.into_iter().flat_map(|step| self.filled(step)).filter(|(f, _)| keep(f)).collect();
        self.add(&mut found, fields);
        found
    }

    /// Adds fields, each name once. Name, address and head of the party are columns of its record and fields of most forms: where such a column
    /// stands above already, it stands for one field with the same words.
    fn add(&self, found: &mut Vec<Particular>, fields: Vec<(&'a Field, &'a Value)>) {
        let is_above = |p: &&Particular| found.contains(*p);
        let mut stated: Vec<&str> = self.facts.party.iter().filter(is_above).map(|p| p.value.as_str()).collect();
        for (field, value) in fields {
            let (name, text) = (said(&field.name(), self.lang), self.shown(field, value));
            if found.iter().any(|p| p.name == name) {
                continue;
            }
            if let Some(at) = stated.iter().position(|one| is_wording(field.kind) && *one == text) {
                stated.swap_remove(at);
                continue;
            }
            found.extend(self.pairs(vec![(field, value)]));
        }
    }

    /// The steps that the applicant did; what gives a filing up is not what was filed.
    fn applied(&self) -> Vec<&'a str> {
        let procedure = self.docket.procedure;
        let by_them = |s: &&law::Step| Node::Step(s).seat(procedure) == Seat::Applicant;
        procedure.steps.iter().filter(by_them).filter(|s| s.id != CANCEL).map(|s| s.id.as_str()).collect()
    }

    /// Every field of the form, with room to write where nothing is filled in.
    fn form_to_fill(&self) -> Vec<Particular> {
        let step = self.node_id();
        let values = self.docket.case.values_of(step);
        let one = |f: &Field| {
            let value = values.and_then(|v| v.get(&f.id)).map(|v| self.shown(f, v)).unwrap_or_default();
            let hint = f.hint().filter(|_| value.is_empty()).map(|h| said(&h, self.lang)).unwrap_or_default();
            particular(&said(&f.name(), self.lang), &value, &hint, self.lang)
        };
        fields_of(self.docket.procedure, step).into_iter().flat_map(one).collect()
    }

    /// What was served, and how.
    fn service(&self) -> Vec<Particular> {
        let mut found = vec![self.pair("事项", "matter", &self.matter())];
        found.push(self.pair("受送达人", "served on", &self.facts.to));
        let documents = &self.docket.case.documents;
        let delivered = documents.iter().rev().find(|d| d.delivered.is_some() && self.counts(d));
        match (self.place, delivered) {
            (Place::Delivery, Some(made)) => {
                let kind =
                    Document::parse(&made.kind).map_or_else(|| made.kind.clone(), |d| said(&d.name(), self.lang));
                found.push(self.pair("送达文书", "document served", &kind));
                found.push(self.pair("文号", "number", &made.number));
                if let Some((way, on)) = made.delivered {
                    found.push(self.pair("送达方式", "way of service", way.name().get(self.lang)));
                    found.push(self.pair("送达日期", "day of service", &self.day(on)));
                }
            }
            _ => {
                let step = self.node_id();
                let name = self.node().map(Node::name).unwrap_or_default();
                found.push(self.pair("送达事由", "what is served", bare(name.get(self.lang))));
                let fields = self.filled(step).into_iter().filter(|(f, _)| is_service(&f.id, step)).collect();
                found.extend(self.pairs(fields));
            }
        }
        found
    }

    /// Of which register, of what, and of which day.
    fn of_register(&self) -> Vec<Particular> {
        let mut found = vec![self.pair("事项", "matter", &self.matter())];
        if let Some(decision) = self.decision() {
            let name = self.node().map(Node::name).unwrap_or_default();
            found.push(self.pair("决定", "decision", first_clause(name.get(self.lang))));
            found.push(self.pair("决定日期", "day of the decision", &self.day(decision.on)));
        }
        found
    }

    // Facts and reasons.

    fn facts_told(&self) -> Vec<String> {
        match (self.document.code, self.place) {
            ("completion_notice", _) => return self.missing(),
            ("extension_notice", Place::Extension(clock)) => {
                let marks = self.docket.case.clocks.get(&clock.id);
                return marks.and_then(|m| m.extended_why.as_ref()).map(|w| paragraphs(w.expose())).unwrap_or_default();
            }
            ("special_procedure_notice", Place::Stop(clock)) => {
                let marks = self.docket.case.clocks.get(&clock.id);
                let cause = marks.and_then(|m| m.stops.last()).map(|s| s.cause);
                let cause = cause.map(|c: StopCause| said(&c.name(), self.lang));
                let why = marks.and_then(|m| m.stopped_why.as_ref()).map(|w| paragraphs(w.expose()));
                return cause.into_iter().chain(why.unwrap_or_default()).collect();
            }
            ("deferred_payment", Place::Leave(clock)) => return self.why_deferred(&clock.id),
            _ => {}
        }
        if self.document.family == Family::Publication {
            return self.words_only(self.filled(self.node_id()));
        }
        let mut found = Vec::new();
        let told = TOLD.iter().find(|(code, _)| *code == self.document.code);
        let steps: &[&str] = told.map_or(&[], |(_, steps)| *steps);
        for step in steps {
            // How a case ended is told whole: sums and days too.
            let closes = self.is("case_closing_report");
            found.extend(if closes { self.lines(self.filled(step)) } else { self.words_only(self.told(step)) });
        }
        if !steps.contains(&self.node_id()) && self.own_facts() {
            let asked = self.told(self.node_id()).into_iter().filter(|(f, _)| f.required).collect();
            found.extend(self.words_only(asked));
        }
        found.extend(self.reasons());
        found
    }

    /// Leave to do later what a clock sets a day for.
    fn leave(&self, clock: &str) -> Option<&'a ClockLeave> {
        self.docket.case.clocks.get(clock)?.leave.as_ref()
    }

    /// When leave to pay later was asked for, and why it is given.
    fn why_deferred(&self, clock: &str) -> Vec<String> {
        let Some(leave) = self.leave(clock) else { return Vec::new() };
        let asked = match self.lang {
            Lang::Zh => format!("当事人于{}申请暂缓或者分期缴纳罚款。", self.day(leave.asked_on)),
            Lang::En => format!("The party asked on {} to pay later or in parts.", self.day(leave.asked_on)),
        };
        std::iter::once(asked).chain(paragraphs(leave.reasons.expose())).collect()
    }

    /// The parts of leave to pay later, each with its last day.
    fn parts(&self, clock: &str) -> Vec<String> {
        let part = |part: &crate::payment::Part| {
            let (by, sum) = (self.last_day(part.by), yuan(part.fen));
            match self.lang {
                Lang::Zh => format!("{by}前（含当日）缴纳罚款{sum}元。"),
                Lang::En => format!("{sum} yuan of the fine are paid by {by}."),
            }
        };
        self.leave(clock).map(|leave| leave.parts.iter().map(part).collect()).unwrap_or_default()
    }

    /// The texts of its own step or outcome are facts and not what is decided.
    fn own_facts(&self) -> bool {
        self.is_order() || (self.adverse() && !self.is_penal()) || self.is("act_record")
    }

    pub(super) fn is_order(&self) -> bool {
        self.is("order_at_once") || self.is("order_with_limit")
    }

    fn words_only(&self, fields: Vec<(&'a Field, &'a Value)>) -> Vec<String> {
        self.lines(fields.into_iter().filter(|(f, _)| f.kind == FieldKind::Words).collect())
    }

    /// The reasons of the decision, else what was noted at the step.
    fn reasons(&self) -> Vec<String> {
        let of_step = self.is("case_approval") || self.is("order_extension") || self.is("deferral_refusal");
        let noted = || self.doing().filter(|_| of_step).map(|d| paragraphs(d.note.expose()));
        let decided = self.decision().filter(|_| !self.is("transfer_letter")).map(|d| paragraphs(d.reasons.expose()));
        let found = decided.or_else(noted).unwrap_or_default();
        if found.is_empty() && self.is("transfer_letter") {
            return vec![self.matter()];
        }
        found
    }

    /// Everything that is missing, as it was named, each with its reason.
    fn missing(&self) -> Vec<String> {
        let Some(asking) = self.docket.case.askings.last() else { return Vec::new() };
        let procedure = self.docket.procedure;
        let material = |id: &str| procedure.materials.iter().find(|m| m.id == id).map(|m| self.lang.t(&m.zh, &m.en));
        let field = |id: &str| procedure.field(id).map(|f| self.lang.t(&f.zh, &f.en));
        let materials = asking.materials.iter().map(|m| (material(&m.id).unwrap_or(&m.id), &m.reason));
        let fields = asking.fields.iter().map(|m| (field(&m.id).unwrap_or(&m.id), &m.reason));
        let named = materials.chain(fields).flat_map(|(name, reason)| labelled(bare(name), reason, self.lang));
        let last = asking.until.map(|day| {
            labelled(self.lang.t("请于此日前（含当日）补齐", "to be completed by"), &self.last_day(day), self.lang)
        });
        named.chain(last.into_iter().flatten()).collect()
    }

    // What is decided.

    fn decided(&self) -> Vec<String> {
        match (self.document.code, self.place) {
            ("extension_notice", Place::Extension(clock)) | ("special_procedure_notice", Place::Stop(clock)) => {
                return clocks(&self.docket)
                    .iter()
                    .filter(|c| c.id == clock.id)
                    .filter_map(|c| self.limit(c))
                    .collect();
            }
            ("prior_notice", _) => return self.intended(),
            ("plan_review_record", _) => return self.panel_says(),
            ("inspection_record" | "recheck_opinion", _) => return self.result(),
            ("group_discussion", _) => {
                let values = self.docket.case.values_of(self.node_id());
                return values.and_then(|v| v.text(DISCUSSED.1)).map(paragraphs).unwrap_or_default();
            }
            ("deferred_payment", Place::Leave(clock)) => return self.parts(&clock.id),
            _ => {}
        }
        let mut found = vec![self.opening()];
        found.extend(self.charge_lines());
        if self.reports() {
            let decision = self.decision();
            let fields = decision.map(|d| fields_of(self.docket.procedure, &d.outcome)).unwrap_or_default();
            let filled = fields.into_iter().filter_map(|f| Some((f, decision?.values.get(&f.id)?))).collect();
            found.extend(self.lines(self.not_zero(filled)));
            return found;
        }
        // When, where and how samples were taken stands in the particulars.
        if ["withdrawal_notice", "case_closing_report", "sampling_notice"].contains(&self.document.code) {
            return found;
        }
        let is_fact = |f: &Field| f.kind == FieldKind::Words && f.required && self.own_facts();
        let own = self.told(self.node_id()).into_iter().filter(|(f, _)| !is_fact(f) && !f.kind.is_personal());
        // What is registered and kept stands in a table, and so do samples.
        let listed = self.is("evidence_registration") || self.is("sampling_outcome");
        let own = own.filter(|(f, _)| !(listed && f.kind == FieldKind::Words));
        found.extend(self.lines(self.not_zero(own.collect())));
        if !self.is("penalty_decision") && !self.is("on_the_spot_decision") {
            found.extend(self.limits());
        }
        found
    }

    /// The penalty that is intended.
    fn intended(&self) -> Vec<String> {
        let fields = self.not_zero(self.told(self.node_id())).into_iter();
        let fields = fields.filter(|(f, _)| f.kind != FieldKind::Flag && f.id != TOLD_BREACH);
        let found = self.lines(fields.collect());
        let general = || vec![self.lang.t("拟给予行政处罚。", "A penalty is intended.").to_owned()];
        let meant = if found.is_empty() { general() } else { found };
        [self.charge_lines(), meant].concat()
    }

    /// What an inspection came to, as it was chosen.
    fn result(&self) -> Vec<String> {
        let fields = self.told(self.node_id()).into_iter().filter(|(f, _)| f.kind == FieldKind::Choice);
        let found = self.lines(fields.collect());
        if found.is_empty() { vec![self.opening()] } else { found }
    }

    /// Without sums of nothing and answers of no.
    fn not_zero(&self, fields: Vec<(&'a Field, &'a Value)>) -> Vec<(&'a Field, &'a Value)> {
        fields.into_iter().filter(|(_, v)| !matches!(v, Value::Number(0) | Value::Flag(false))).collect()
    }

    /// The matter and, in a word, what is decided about it.
    fn opening(&self) -> String {
        let word = said(&self.word(), self.lang);
        match self.lang {
            Lang::Zh => format!("{}：{word}。", self.matter()),
            Lang::En => format!("{}: {}.", self.matter(), lower(&word)),
        }
    }

    /// In a word: of the paper where it has one, else the first clause of what the packs call the outcome.
    pub(super) fn word(&self) -> Text {
        let outcome = self.outcome().or_else(|| {
            let id = &self.decision()?.outcome;
            self.docket.procedure.outcomes.iter().find(|o| o.id == *id)
        });
        // A report of how a case ended or is to end says a penalty in the words of its decision, not in those of how that is done.
        let named = outcome.and_then(|o| Document::named(&o.document_zh)).filter(|d| PENALTIES.contains(&d.code));
        own_word(self.document.code).or_else(|| own_word(named?.code)).unwrap_or_else(|| {
            outcome.map_or_else(
                || {
                    let name = self.node().map(Node::name).unwrap_or_default();
                    Text::of(first_clause(&name.zh), first_clause(&name.en))
                },
                |o| match (o.id.as_str(), self.document.code) {
                    // What the outcome is called says why, not what.
                    (FALSE_MATERIAL, "refusal_decision") => Text::new("不予行政许可", "refused"),
                    _ => Text::of(first_clause(&o.zh), first_clause(&o.en)),
                },
            )
        })
    }

    /// Review and suit; before a decision the ways of being heard.
    fn ways_against(&self) -> Vec<String> {
        let before = self.is("prior_notice") || self.is("payment_reminder");
        // Papers that grant as well as refuse.
        let either =
            ["general_decision", "plan_examination_opinion", "acceptance_record"].contains(&self.document.code);
        match (before, either) {
            (true, _) => self.hearings(),
            (false, true) if !self.adverse() => Vec::new(),
            _ => self.remedies(),
        }
    }

    // What is attached and kept.

    fn attachments(&self) -> Vec<String> {
        let case = self.docket.case;
        let papers = case.papers.iter().filter(|p| !p.returned).map(|p| {
            let name = p.name.as_ref().map(|n| n.expose().as_str());
            self.attached(&self.material_name(&p.material), name.unwrap_or_default(), &p.sha256.hex())
        });
        let documents = case.documents.iter().filter(|d| self.counts(d)).map(|d| {
            let kind = Document::parse(&d.kind).map_or_else(|| d.kind.clone(), |k| said(&k.name(), self.lang));
            self.attached(&kind, &d.number, &d.sha256.hex())
        });
        papers.chain(documents).collect()
    }

    pub(super) fn counts(&self, document: &Issued) -> bool {
        !self.facts.void.contains(&document.sha256)
    }

    fn attached(&self, what: &str, name: &str, digest: &str) -> String {
        let name = if name.is_empty() { String::new() } else { format!("{name}{}", self.lang.t("，", ", ")) };
        match self.lang {
            Lang::Zh => format!("{what}（{name}SHA-256 {digest}）"),
            Lang::En => format!("{what} ({name}SHA-256 {digest})"),
        }
    }

    /// What a paper that was handed in is called: a material, or the paper of a step or outcome.
    pub(super) fn material_name(&self, id: &str) -> String {
        let procedure = self.docket.procedure;
        let material = procedure.materials.iter().find(|m| m.id == id).map(|m| self.lang.t(&m.zh, &m.en));
        let step = || super::super::docket::node(procedure, id).map(Node::name);
        match material {
            Some(name) => bare(name).to_owned(),
            None if id == OTHER_EVIDENCE => self.lang.t("其他证据", "other evidence").to_owned(),
            None => step().map_or_else(|| id.to_owned(), |name| bare(name.get(self.lang)).to_owned()),
        }
    }

    fn stub(&self) -> Vec<Particular> {
        let mut found = vec![
            self.pair("收文人", "addressee", &self.facts.to),
            self.pair("事项", "matter", &self.matter()),
            self.pair("承办人", "officers", &self.names()),
            self.pair("日期", "date", &self.day(self.facts.on)),
        ];
        let own = clocks(&self.docket)
            .into_iter()
            .filter(|c| self.docket.procedure.clock(&c.id).is_some_and(|rule| rule.starts == self.node_id()));
        for clock in own {
            let day = clock.day().map(|day| self.day(day)).unwrap_or_default();
            found.push(Particular { name: said(&clock.name, self.lang), value: day, hint: String::new() });
        }
        found
    }
}
