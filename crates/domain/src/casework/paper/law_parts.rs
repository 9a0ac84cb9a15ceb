//! Of a paper what comes from the packs: the clauses it rests on, what was breached and what punishes it, time limits with their day and how they
//! were counted, and what can be done against it.
//!
//! Always true: every number comes from a clock or a dated value of the packs, with its clause; where the packs hold none for the day, that
//! is said; where review comes before a suit, no direct suit is named.

use super::super::charges::{Charged, accused, charges};
use super::super::clocks::{CaseClock, ClockState, clocks};
use super::super::docket::{Node, imposes_money, node};
use super::super::seat::is_ours;
use super::super::words::{ASK_FOR_HEARING, HEARING_RIGHT, TELL};
use super::rules::{DEFERRED, HEARD, Place};
use super::sheet::Sheet;
use super::words::{bare, length, lower, said};
use crate::document::{Basis, Family, WORDS_CHARS};
use base::{Citation, ClauseId, Lang, Text};
use law::{Clock, ClockRun, Direction, Party, Procedure, ProcedureKind, Sense, Step, TextKind};

/// Papers on which the times that bind the organ stand too: who waits for it knows by when.
const OWN_LIMITS: [&str; 3] = ["material_receipt", "acceptance_notice", "evidence_registration"];

/// What stands before words that are not those of the law.
pub(super) const GIST: (&str, &str) = ("（要旨，非条文原文）", "(gist, not the wording) ");

/// Of an article the paragraph (款) that a clause is cited by, with the items (项) under it; the whole article where it is cited by none or one that
/// is not there. The number is the third part of the id. Lines without a blank between.
fn of_paragraph(body: &str, (id, cited): (&ClauseId, &str)) -> String {
    let lines: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut paragraphs: Vec<Vec<&str>> = Vec::new();
    for line in &lines {
        match paragraphs.last_mut().filter(|_| line.starts_with('（')) {
            Some(last) => last.push(line),
            None => paragraphs.push(vec![line]),
        }
    }
    let named = id.0.split('-').nth(2).filter(|_| cited.contains('款')).and_then(|part| part.parse::<usize>().ok());
    let found = named.and_then(|n| paragraphs.get(n.checked_sub(1)?)).filter(|_| paragraphs.len() > 1);
    found.map_or_else(|| lines.join("\n"), |lines| lines.join("\n"))
}

impl<'a> Sheet<'a> {
    /// The clauses: those of the decision, of the step or outcome, of the extension or the stop; on an order to correct first those that the unit
    /// breached, told apart from the one that gives the power to order.
    pub(super) fn basis(&self) -> Vec<Basis> {
        let mut ids: Vec<ClauseId> = Vec::new();
        // Whoever reported it learns why it ended, and not what the party was looked into for.
        let decided = self.decided_clauses().into_iter().filter(|_| !self.is("reporter_notice")).cloned();
        let punished = self.charged().into_iter().flat_map(|one| [Some(one.by), one.bound]);
        let punished = punished.flatten().map(|citation| citation.clause);
        let own = self.node().map(|node| node.clause().clone()).into_iter();
        let of_clock: Vec<&ClauseId> = match self.place {
            Place::Extension(clock) => clock.extend.iter().map(|e| &e.length.clause).collect(),
            Place::Stop(clock) => clock.stops.iter().map(|s| &s.clause).collect(),
            Place::Leave(_) => {
                let field = self.docket.procedure.field(DEFERRED);
                field.and_then(|f| f.clause.as_ref()).into_iter().collect()
            }
            _ => Vec::new(),
        };
        let broken: Vec<ClauseId> = if self.is_order() { self.facts.inspected.breached.clone() } else { Vec::new() };
        let of_case = decided.chain(self.accused()).chain(punished).chain(own);
        for id in broken.iter().cloned().chain(of_case).chain(of_clock.into_iter().cloned()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let told = |id: &ClauseId| {
            let found = self.clause(id)?;
            let lead = match (broken.is_empty(), broken.contains(id)) {
                (true, _) => return Some(found),
                (false, true) => self.lang.t("违反", "breached: "),
                (false, false) => self.lang.t("责令依据", "power to order: "),
            };
            Some(Basis { article: format!("{lead}{}", found.article), ..found })
        };
        ids.iter().filter_map(told).collect()
    }

    /// The clauses that a notice before a penalty says were breached, or that a penalty rests on; none on any other paper.
    fn accused(&self) -> Vec<ClauseId> {
        if self.is("prior_notice") {
            return accused(&self.docket);
        }
        let procedure = self.docket.procedure;
        let decided = self.decision().and_then(|decision| node(procedure, &decision.outcome));
        let imposes = matches!(decided, Some(Node::Outcome(outcome)) if imposes_money(procedure, outcome));
        let penal = self.is("penalty_decision") || self.is("on_the_spot_decision") || self.reports();
        if !(penal && imposes && procedure.kind == ProcedureKind::Penalty) {
            return Vec::new();
        }
        self.decided_clauses().into_iter().cloned().collect()
    }

    /// What punishes them.
    fn charged(&self) -> Vec<Charged> {
        let told = self.docket.case.done(TELL).filter(|_| self.is("prior_notice")).map(|done| done.on);
        let on = self.decision().map(|decision| decision.on).or(told).unwrap_or(self.facts.on);
        charges(&self.docket, &self.accused(), on)
    }

    /// Which clause was breached, which punishes it, and with what range: a line each.
    pub(super) fn charge_lines(&self) -> Vec<String> {
        let line = |one: Charged| {
            let (breach, by) = (self.cited(&one.breach), self.cited(&one.by));
            let range = one.range.map(|range| said(&range, self.lang));
            match (self.lang, range) {
                (Lang::Zh, Some(range)) => format!("违反{breach}，处罚依据是{by}，法定罚款幅度为{range}。"),
                (Lang::Zh, None) => format!("违反{breach}，处罚依据是{by}。"),
                (Lang::En, Some(range)) => {
                    format!("Breached: {breach}. Punished by: {by}. Range of the fine by law: {range}.")
                }
                (Lang::En, None) => format!("Breached: {breach}. Punished by: {by}."),
            }
        };
        self.charged().into_iter().map(line).collect()
    }

    /// A clause as it is printed.
    fn clause(&self, id: &ClauseId) -> Option<Basis> {
        let (pack, clause) = self.docket.packs.clause(id)?;
        let citation = self.docket.packs.cite(id)?;
        let as_given = pack.head.text == TextKind::AsGiven && !clause.gap;
        let article = self.docket.packs.article_text(&pack.head.id, clause.article).filter(|_| as_given);
        let text = article
            .map(|a| of_paragraph(&a.body, (id, &citation.article.zh)))
            .filter(|body| body.chars().count() <= WORDS_CHARS);
        let gist = || self.gist(&clause.gist_zh, &clause.gist_en).filter(|_| !clause.gap);
        let text = text.map(|words| self.explained(words, gist())).or_else(gist);
        Some(Basis { article: self.cited(&citation), text: text.unwrap_or_default() })
    }

    /// The wording of a clause, which is Chinese: who reads English gets what it is about before it, where both fit.
    fn explained(&self, words: String, gist: Option<String>) -> String {
        let both = |gist: String| format!("{gist} The wording: {words}");
        let found = gist.filter(|_| self.lang == Lang::En).map(both);
        found.filter(|both| both.chars().count() <= WORDS_CHARS).unwrap_or(words)
    }

    /// Where the packs hold no wording, what the article is about, called what it is, so that nobody takes it for the wording.
    fn gist(&self, zh: &str, en: &str) -> Option<String> {
        let words = self.lang.t(zh, en).trim();
        let said = || format!("{}{words}", self.lang.t(GIST.0, GIST.1));
        (!words.is_empty()).then(said)
    }

    fn cited(&self, citation: &Citation) -> String {
        let (instrument, article) = (citation.instrument.get(self.lang), citation.article.get(self.lang));
        match self.lang {
            Lang::Zh => format!("《{instrument}》{article}"),
            Lang::En => format!("{instrument}, {article}"),
        }
    }

    /// The names of clauses in brackets; nothing where the packs hold none of them.
    fn in_brackets<'b>(&self, ids: impl IntoIterator<Item = &'b ClauseId>) -> String {
        let mut names: Vec<String> = Vec::new();
        for name in ids.into_iter().filter_map(|id| self.docket.packs.cite(id)).map(|c| self.cited(&c)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            return String::new();
        }
        match self.lang {
            Lang::Zh => format!("（{}）", names.join("、")),
            Lang::En => format!(" ({})", names.join("; ")),
        }
    }

    /// The time limits that this paper starts, with their last day; and those of the party that the next step starts, without.
    pub(super) fn limits(&self) -> Vec<String> {
        let Some(node) = self.node() else { return Vec::new() };
        let all = OWN_LIMITS.contains(&self.document.code);
        let shown =
            |c: &Clock| c.sense == Sense::Within && c.direction == Direction::After && (all || !is_ours(c.binds));
        let mut found = Vec::new();
        let running = clocks(&self.docket);
        for (n, clock) in running.iter().enumerate() {
            // Evidence that was registered several times has a clock each time, and the paper is of the last.
            let is_earlier = running.iter().skip(n + 1).any(|later| later.id == clock.id);
            let rule = self.docket.procedure.clock(&clock.id).filter(|c| c.starts == node.id() && shown(c));
            found.extend(rule.filter(|_| !is_earlier).and_then(|_| self.limit(clock)));
        }
        let next = |s: &&Step| s.after.iter().any(|a| a == node.id());
        for step in self.docket.procedure.steps.iter().filter(next) {
            let started = self.docket.procedure.clocks.iter().filter(|c| {
                // A condition that is answered only in that step leaves open whether it will run.
                c.starts == step.id && shown(c) && self.docket.has_clock(c)
            });
            found.extend(started.filter_map(|clock| self.limit_to_come(clock, step)));
        }
        found
    }

    /// A clock that runs, in one sentence; none where its day cannot be given.
    pub(super) fn limit(&self, clock: &CaseClock) -> Option<String> {
        if let Some(day) = clock.leave {
            let (name, day) = (said(&clock.name, self.lang), self.last_day(day));
            return Some(match self.lang {
                Lang::Zh => format!("{name}：最后一日为{day}。"),
                Lang::En => format!("Time limit ({name}): the last day is {day}."),
            });
        }
        let deadline = clock.deadline.as_ref()?;
        let legs: Vec<String> = deadline.count.legs.iter().map(|leg| length(leg.amount, leg.unit, self.lang)).collect();
        let long = legs.join(self.lang.t("，再加", ", and then "));
        let clauses = self.in_brackets(&deadline.length);
        let name = said(&clock.name, self.lang);
        let start = self.day(deadline.count.start);
        let counting = &deadline.count.counting;
        let how = self.lang.t(&counting.text_zh, &counting.text_en).to_owned();
        let last = match (deadline.day(), &clock.state) {
            (Some(day), _) => {
                let day = self.last_day(day);
                Text::of(format!("最后一日为{day}"), format!("the last day is {day}"))
            }
            (None, ClockState::Suspended { since }) => Text::of(
                format!("自{}起停止计算", self.day(*since)),
                format!("the clock stands still since {}", self.day(*since)),
            ),
            (None, _) => return None,
        };
        let later = self.may_move(clock.provisional);
        let last = said(&last, self.lang);
        Some(match self.lang {
            Lang::Zh => format!("{name}：自{start}起{long}，{last}{clauses}。{how}{later}"),
            Lang::En => format!("Time limit ({name}): {long} from {start}, {last}{clauses}. {how}{later}"),
        })
    }

    /// That a last day leans on a year whose holidays nobody has published yet.
    fn may_move(&self, provisional: Option<i16>) -> String {
        provisional.map_or_else(String::new, |year| match self.lang {
            Lang::Zh => format!("{year}年的放假安排公布前，最后一日是暂定的。"),
            Lang::En => format!(" Until the holidays of {year} are published, the last day may move."),
        })
    }

    /// A clock that the next step starts.
    fn limit_to_come(&self, clock: &Clock, step: &Step) -> Option<String> {
        let long = self.length_of(clock)?;
        let clauses = self.in_brackets([&clock.length.clause]);
        Some(match self.lang {
            Lang::Zh => format!("{}：自{}之日起{long}内{clauses}。", clock.name_zh, bare(&step.zh)),
            Lang::En => format!(
                "Time limit ({}): within {long} from this step: {}{clauses}.",
                clock.name_en,
                lower(bare(&step.en))
            ),
        })
    }

    /// The length of a clock by the law of the paper's day; none where the packs set none.
    fn length_of(&self, clock: &Clock) -> Option<String> {
        let value = || self.docket.packs.value(&clock.length.clause, &clock.length.value, self.facts.on);
        let amount = clock.length.amount.or_else(value)?;
        Some(length(amount, clock.unit, self.lang))
    }

    /// How somebody is heard before it is decided: the steps of the procedure, with the time to ask for them.
    pub(super) fn hearings(&self) -> Vec<String> {
        // Where the form says that there is no right to a hearing, none is told.
        let no_hearing =
            self.node().and_then(|n| self.docket.case.values_of(n.id())?.flag(HEARING_RIGHT)) == Some(false);
        let told = HEARD.iter().filter(|id| !(no_hearing && **id == ASK_FOR_HEARING));
        let steps = told.filter_map(|id| node(self.docket.procedure, id));
        steps.map(|step| self.hearing(step)).collect()
    }

    fn hearing(&self, step: Node<'a>) -> String {
        let running = clocks(&self.docket);
        let ends_here = |c: &&CaseClock| {
            let rule = self.docket.procedure.clock(&c.id);
            rule.is_some_and(|r| r.ends.iter().any(|end| end == step.id()) && !is_ours(r.binds))
        };
        let limit = running.iter().filter(ends_here).find_map(|c| self.limit(c));
        let clauses = self.in_brackets([step.clause()]);
        let name = step.name();
        let name = bare(name.get(self.lang));
        let limit = limit.map(|words| format!("{}{words}", self.lang.t("", " "))).unwrap_or_default();
        let ours = is_ours(step.party(self.docket.procedure));
        match (self.lang, ours) {
            (Lang::Zh, true) => format!("本机关将{name}{clauses}。{limit}"),
            (Lang::Zh, false) => format!("依法有权：{name}{clauses}。{limit}"),
            (Lang::En, true) => format!("This organ will {}{clauses}.{limit}", lower(name)),
            (Lang::En, false) => format!("You have this right by law: {}{clauses}.{limit}", lower(name)),
        }
    }

    /// What can be done against the decision, by the clauses that the procedure names.
    pub(super) fn remedies(&self) -> Vec<String> {
        let clauses = &self.docket.procedure.remedies;
        let remedies: Vec<&Procedure> =
            self.docket.packs.procedures().iter().filter(|p| p.kind == ProcedureKind::Remedy).collect();
        let comes_first = |p: &&&Procedure| p.conditions.iter().any(|c| clauses.contains(&c.clause));
        let first = remedies.iter().find(comes_first).copied();
        clauses.iter().filter_map(|clause| self.remedy(&remedies, first, clause)).collect()
    }

    /// One of them. `first` is the procedure that comes before the others.
    fn remedy(&self, remedies: &[&Procedure], first: Option<&Procedure>, clause: &ClauseId) -> Option<String> {
        if let Some(condition) = first.and_then(|p| p.conditions.iter().find(|c| c.clause == *clause)) {
            let words = self.lang.t(&condition.zh, &condition.en);
            let end = self.lang.t("。", ".");
            return Some(format!("{}{}{end}", bare(words), self.in_brackets([clause])));
        }
        let mut all = remedies.iter().flat_map(|p| p.clocks.iter().map(move |c| (*p, c)));
        let (procedure, clock) = all.find(|(_, c)| c.length.clause == *clause && c.binds == Party::Person)?;
        let starts = |clock: &Clock| procedure.steps.iter().find(|s| s.id == clock.starts);
        // After a review the time runs from what the organ of review did.
        let after = first.filter(|p| p.id != procedure.id).and_then(|p| {
            let by_it = |c: &&Clock| c.binds == Party::Person && starts(c).is_some_and(|s| s.who == p.organ);
            procedure.clocks.iter().find(by_it)
        });
        let clock = after.unwrap_or(clock);
        Some(self.remedy_words(procedure, clock, starts(clock)?))
    }

    fn remedy_words(&self, procedure: &Procedure, clock: &Clock, from: &Step) -> String {
        let organ = self.organ_of(procedure);
        let clauses = self.in_brackets([&clock.length.clause]);
        let long = self.length_of(clock).filter(|_| procedure.in_force(self.facts.on));
        let since = bare(self.lang.t(&from.zh, &from.en));
        // Who is handed the paper knows of the act from that day on; what is published is handed to nobody.
        let knows = from.who == Party::Person && self.document.family != Family::Publication;
        let received = if knows {
            self.lang.t("（一般即收到本文书之日）", " (as a rule: the day this paper is received)")
        } else {
            ""
        };
        let last = if knows { self.received_today(procedure, clock) } else { String::new() };
        match (self.lang, long) {
            (Lang::Zh, Some(long)) => {
                format!("不服的，可以自{since}之日{received}起{long}内，向{organ}{}{clauses}。{last}", clock.name_zh)
            }
            (Lang::Zh, None) => format!(
                "不服的，可以依照当时的法律向{organ}{}；当时的期限没有收录，以当时的法律为准{clauses}。",
                clock.name_zh
            ),
            (Lang::En, Some(long)) => format!(
                "Whoever disagrees may {} with {organ}, within {long} from the day on which {}{received}{clauses}.{last}",
                clock.name_en,
                lower(since)
            ),
            (Lang::En, None) => format!(
                "Whoever disagrees may {} with {organ} by the law of that time; its term is not on record here and is as that law sets it{clauses}.",
                clock.name_en
            ),
        }
    }

    /// The last day of a way against it for who receives the paper on its own day: a date to plan by, and how another day changes it. Nothing
    /// where the term cannot be counted from that day.
    fn received_today(&self, procedure: &Procedure, clock: &Clock) -> String {
        let on = self.facts.on;
        let due = self.docket.packs.clock_due(&procedure.id, &clock.id, &ClockRun::from(on), on);
        let Some((last, provisional)) = due.ok().and_then(|d| Some((d.deadline.day()?, d.deadline.provisional))) else {
            return String::new();
        };
        let (on, last, moves) = (self.day(on), self.last_day(last), self.may_move(provisional));
        match self.lang {
            Lang::Zh => format!("{on}当日收到的，最后一日为{last}；以后收到的，自收到之日另行推算。{moves}"),
            Lang::En => {
                format!(
                    " Received on {on}, the last day is {last}; received later, it is counted from that day.{moves}"
                )
            }
        }
    }

    /// Before whom: by name, where the caller knows it.
    fn organ_of(&self, procedure: &Procedure) -> String {
        let known = match procedure.organ {
            Party::ReviewOrgan => self.facts.review_organ.as_ref(),
            Party::Court => self.facts.court.as_ref(),
            _ => None,
        };
        let organ = procedure.organ.name();
        let organ = organ.get(self.lang);
        match (known, self.lang) {
            (Some(name), Lang::Zh) => return name.clone(),
            // The name is Chinese: who reads English learns at least what it is.
            (Some(name), Lang::En) => return format!("{name} ({organ})"),
            (None, _) => {}
        }
        let general = self.lang.t(&procedure.territory_zh, &procedure.territory_en);
        if general.contains(organ) {
            return general.to_owned();
        }
        match self.lang {
            Lang::Zh => format!("{general}（{organ}）"),
            Lang::En => format!("{general} ({organ})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of_paragraph;
    use base::ClauseId;

    #[test]
    fn of_an_article_the_paragraph_is_printed_that_the_clause_names() {
        let body = "第一款。\n\n第二款如下：\n\n（一）甲；\n\n（二）乙。\n\n第三款。\n";
        let of = |id: &str| of_paragraph(body, (&ClauseId::new(id), "第某条第某款"));
        assert_eq!(of("B-14-1"), "第一款。");
        assert_eq!(of("B-14-2"), "第二款如下：\n（一）甲；\n（二）乙。");
        assert_eq!(of("B-14-2-1"), of("B-14-2"), "an item stands under its paragraph");
        assert_eq!(of("B-14-3"), "第三款。");
        for whole in ["B-14", "B-14-0", "B-14-4", "B-14-x"] {
            assert_eq!(of(whole).lines().count(), 5, "{whole}");
        }
        assert_eq!(
            of_paragraph("只有一款：\n（一）甲。", (&ClauseId::new("B-9-1"), "第九条第一款")),
            "只有一款：\n（一）甲。"
        );
        assert_eq!(of_paragraph("", (&ClauseId::new("B-9-1"), "第九条第一款")), "");
        assert_eq!(of_paragraph(body, (&ClauseId::new("B-14-1"), "第十四条")).lines().count(), 5, "cited as a whole");
    }
}
