//! Who says, decides and signs on a paper: questions and answers, opinions, lines to sign.
//!
//! Always true: whoever is named did the step, or is named in its form; who is not known leaves a line to write on; what the person concerned
//! entered alone is signed by no officer's name; no words of a text are lost when it is divided into turns.

use super::super::case::Doing;
use super::super::docket::Node;
use super::super::seat::Seat;
use super::super::steps::fields_of;
use super::super::words::{APPROVE_OPENING, ASK_APPROVAL, DISCUSS};
use super::rules::DISCUSSED;
use super::sheet::Sheet;
use super::words::{bare, paragraphs, said};
use crate::document::{Opinion, Said, Signature};
use crate::form::Value;
use base::{AccountId, CivilDate};
use law::{Field, FieldKind};

/// How the lines of a record of questions and answers begin: who speaks.
const SPEAKERS: [&str; 4] = ["问", "答", "Q", "A"];

/// Fields of a sampling and of the examination of a scene: who was there for the party.
const PRESENT: [&str; 2] = ["sample_who", "scene_who"];
/// And the witness.
const WITNESS: [&str; 2] = ["sample_witness", "scene_witness"];

/// Who speaks in a line, and the words; `None` where it does not say.
fn turn(line: &str) -> Option<Said> {
    SPEAKERS.iter().find_map(|who| {
        let words = line.strip_prefix(who)?.trim_start().strip_prefix(['：', ':'])?.trim();
        (!words.is_empty()).then(|| Said { who: (*who).to_owned(), words: words.to_owned() })
    })
}

impl Sheet<'_> {
    /// Who said what: the turns of a text that has them, else each text under the name of its field.
    pub(super) fn talk(&self) -> Vec<Said> {
        let step = self.node_id();
        let fields = self.filled(step).into_iter().filter(|(f, _)| f.kind == FieldKind::Words);
        let wanted = fields.filter(|(f, _)| !self.is("group_discussion") || f.id == DISCUSSED.1);
        let said_by = |(f, v): (&Field, &Value)| {
            let who = said(&f.name(), self.lang);
            let of = |words: String| turn(&words).unwrap_or_else(|| Said { who: who.clone(), words });
            paragraphs(&self.shown(f, v)).into_iter().map(of).collect::<Vec<_>>()
        };
        self.voices().into_iter().chain(wanted.flat_map(said_by)).collect()
    }

    /// What each head said in a discussion from the own account, on the paper of it.
    fn voices(&self) -> Vec<Said> {
        if !self.is("group_discussion") {
            return Vec::new();
        }
        let fields = fields_of(self.docket.procedure, DISCUSS);
        let said = |d: &Doing| {
            let shown = |f: &&Field| d.values.get(&f.id).filter(|_| f.kind != FieldKind::Day).map(|v| self.shown(f, v));
            let words: Vec<String> = fields.iter().filter_map(shown).collect();
            let name = self.person(d.by).0;
            let who = if name.is_empty() { self.lang.t("负责人", "head").to_owned() } else { name };
            Said { who, words: words.join(self.lang.t("：", ": ")) }
        };
        // What was said before the party was told anew is of another discussion.
        let floor = self.docket.case.told_anew();
        let all =
            || self.docket.case.doings.iter().filter(move |d| d.node == DISCUSS && floor.is_none_or(|f| d.index > f));
        // Who spoke again is told by the last time.
        all().filter(|d| all().all(|later| later.by != d.by || later.index <= d.index)).map(said).collect()
    }

    /// Name and certificate of an account; empty ones leave room to write.
    fn person(&self, account: AccountId) -> (String, String) {
        self.facts.people.get(&account).cloned().unwrap_or_default()
    }

    /// Those who did the step: the officers named, else who entered it.
    pub(super) fn officers(&self) -> Vec<(String, String)> {
        let Some(doing) = self.doing() else { return Vec::new() };
        let named = if doing.officers.is_empty() { vec![doing.by] } else { doing.officers.clone() };
        named.into_iter().map(|account| self.person(account)).collect()
    }

    /// Everybody who is named as an officer in the steps and decisions of the case, once, in the order of the first time.
    pub(super) fn handlers(&self) -> String {
        let mut accounts: Vec<AccountId> = Vec::new();
        for account in self.docket.case.doings.iter().flat_map(|d| &d.officers) {
            if !accounts.contains(account) {
                accounts.push(*account);
            }
        }
        let names: Vec<String> = accounts.into_iter().map(|a| self.person(a).0).filter(|n| !n.is_empty()).collect();
        names.join(self.lang.t("、", ", "))
    }

    pub(super) fn names(&self) -> String {
        let names: Vec<String> = self.officers().into_iter().map(|(name, _)| name).filter(|n| !n.is_empty()).collect();
        names.join(self.lang.t("、", ", "))
    }

    fn opinion(&self, zh: &str, en: &str, words: &str, by: String, on: Option<CivilDate>) -> Opinion {
        let day = on.map(|on| self.day(on)).unwrap_or_default();
        Opinion { role: self.lang.t(zh, en).to_owned(), words: words.to_owned(), by, day }
    }

    pub(super) fn opinions(&self) -> Vec<Opinion> {
        let (officer, head) = (("承办人意见", "opinion of the officer"), ("负责人意见", "opinion of the head"));
        let blank = |(zh, en): (&str, &str)| self.opinion(zh, en, "", String::new(), None);
        if self.is("hearing_report") {
            return vec![blank(("听证主持人意见", "opinion of the presiding officer")), blank(head)];
        }
        if self.is("evidence_approval") {
            return self.approved();
        }
        if self.reports() {
            let case = self.docket.case;
            let mut found = Vec::new();
            if let Some(d) = case.proposal.as_ref() {
                let by = self.person(d.by).0;
                found.push(self.opinion(officer.0, officer.1, d.reasons.expose(), by, Some(d.on)));
            } else {
                found.push(blank(officer));
            }
            if let Some(review) = case.reviews.last() {
                let by = self.person(review.by).0;
                found.push(self.opinion("法制审核意见", "legal review", review.opinion.expose(), by, None));
            }
            found.push(match case.outcome() {
                Some(d) => self.opinion(head.0, head.1, d.reasons.expose(), self.person(d.by).0, Some(d.on)),
                None => blank(head),
            });
            return found;
        }
        let heads = self.docket.case.done(APPROVE_OPENING).filter(|_| self.is("case_approval"));
        let doing = self.doing().filter(|_| !self.is("case_closing_report"));
        let first = match doing {
            Some(d) => self.opinion(officer.0, officer.1, d.note.expose(), self.names(), Some(d.on)),
            None => blank(officer),
        };
        let approved = heads.map(|d| {
            let words = self.lang.t("同意立案。", "The opening is approved.");
            self.opinion(head.0, head.1, words, self.person(d.by).0, Some(d.on))
        });
        vec![first, approved.unwrap_or_else(|| blank(head))]
    }

    /// Who asked for an approval and who gave it or did not.
    fn approved(&self) -> Vec<Opinion> {
        let Some(given) = self.doing() else { return Vec::new() };
        let asked = self.docket.case.doings.iter().rev().find(|d| d.node == ASK_APPROVAL && d.index < given.index);
        let first = asked.map(|d| {
            let by = d.officers.first().copied().unwrap_or(d.by);
            let (words, name) = (d.note.expose(), self.person(by).0);
            self.opinion("承办人意见", "opinion of the officer", words, name, Some(d.on))
        });
        let said = self.filled(self.node_id()).into_iter().filter(|(f, _)| f.kind != FieldKind::Day);
        let words: Vec<String> = said.map(|(f, v)| self.shown(f, v)).collect();
        let words = words.join(self.lang.t("：", ": "));
        let head = self.opinion("负责人意见", "opinion of the head", &words, self.person(given.by).0, Some(given.on));
        first.into_iter().chain([head]).collect()
    }

    pub(super) fn signature(&self, zh: &str, en: &str, name: &str, number: &str) -> Signature {
        let role = self.lang.t(zh, en).to_owned();
        Signature { role, name: name.to_owned(), number: number.to_owned(), note: String::new() }
    }

    /// A line to sign on, with what is confirmed by signing.
    fn confirmed(&self, who: (&str, &str), name: &str, note: (&str, &str)) -> Signature {
        Signature { note: self.lang.t(note.0, note.1).to_owned(), ..self.signature(who.0, who.1, name, "") }
    }

    /// The name that the form of the step has: who was there, who was asked.
    fn present(&self) -> String {
        let found = self.filled(self.node_id()).into_iter().find(|(f, _)| f.kind == FieldKind::Name);
        found.map(|(f, v)| self.shown(f, v)).unwrap_or_default()
    }

    /// What the form of the step has in the first of these fields that is filled in.
    fn entered(&self, ids: [&str; 2]) -> String {
        let found = self.filled(self.node_id()).into_iter().find(|(f, _)| ids.contains(&f.id.as_str()));
        found.map(|(f, v)| self.shown(f, v)).unwrap_or_default()
    }

    /// Who was there when samples were taken or a scene was examined, and the witness; whoever is not named has a line to write on.
    fn on_the_scene(&self) -> [Signature; 2] {
        let why =
            ("不在场、不能签名或者拒绝签名的，注明原因。", "If somebody is absent, cannot or will not sign: say why.");
        let who = ("当事人或者其在场人员", "the party, or the person present for it");
        [
            self.confirmed(who, &self.entered(PRESENT), why),
            self.signature("见证人", "witness", &self.entered(WITNESS), ""),
        ]
    }

    /// The line on which somebody gets samples back.
    fn gets_back(&self) -> Signature {
        let back = (
            "返还样品的，由收到的人在此签收。",
            "Where samples are given back, the person who receives them signs here.",
        );
        self.confirmed(("收到样品的人", "received the samples"), "", back)
    }

    pub(super) fn signatures(&self) -> Vec<Signature> {
        if self.is_theirs() {
            return vec![self.signature("申请人", "applicant", "", "")];
        }
        if self.is("plan_review_record") {
            return self.panel_signatures();
        }
        let mut found = self.officers_sign();
        match self.document.code {
            "service_receipt" => {
                found.push(self.signature(
                    "受送达人（代收人注明关系）",
                    "served on (a person who takes it in for the party states the relation)",
                    "",
                    "",
                ));
                found.push(self.signature("见证人", "witness", "", ""));
            }
            "group_discussion" => {
                found.push(self.signature("参加讨论的负责人", "those in charge who took part", "", ""));
            }
            "inspection_notice" | "order_with_limit" => {}
            "hearing_record" => {
                // Who is named in its form is the host of the hearing, not the party.
                let named = self.filled(self.node_id()).into_iter().filter(|(f, _)| f.kind == FieldKind::Name);
                for (field, value) in named {
                    let name = field.name();
                    found.push(self.signature(bare(&name.zh), bare(&name.en), &self.shown(field, value), ""));
                }
                found.push(self.signature("当事人或者其代理人", "the party or its agent", "", ""));
            }
            "questioning_record" => {
                let read = (
                    "以上笔录我看过（已向我宣读），和我说的相符。",
                    "I have read this record, or it was read to me; it is what I said.",
                );
                found.push(self.confirmed(("被询问人", "the person questioned"), &self.present(), read));
            }
            "statement_record" => {
                let read = ("以上记录与我所述相符。", "This is what I stated.");
                found.push(self.confirmed(("陈述、申辩人", "who made the statement"), "", read));
            }
            "scene_record" | "sampling_notice" => found.extend(self.on_the_scene()),
            "sampling_outcome" => found.push(self.gets_back()),
            "extraction_record" => {
                let why = ("不能签名或者拒绝签名的，注明原因。", "If somebody cannot or will not sign: say why.");
                found.push(self.confirmed(("电子数据持有人、提供人", "holder or provider of the data"), "", why));
                found.push(self.signature("见证人", "witness", "", ""));
            }
            "handover_receipt" => {
                found.push(self.signature("移交人", "handed over by", "", ""));
                let whole = (
                    "已按上列清单核对数量和校验值，收到。",
                    "Number and digests were compared with the list; received.",
                );
                found.push(self.confirmed(("接收人", "received by"), "", whole));
            }
            _ => {
                found.push(self.signature("当事人或者在场人员", "the person concerned or present", &self.present(), ""))
            }
        }
        found
    }

    /// The officers of the step, else a line for them; who else did a step is no officer.
    fn officers_sign(&self) -> Vec<Signature> {
        let seat = self.node().map(|n: Node<'_>| n.seat(self.docket.procedure));
        let unnamed = self.doing().is_some_and(|d| d.officers.is_empty());
        let role = match seat {
            Some(Seat::Head) if unnamed => ("负责人", "head of the organ"),
            Some(Seat::Applicant | Seat::Outside) if unnamed => {
                return vec![self.signature("记录人", "written down by", "", "")];
            }
            _ => ("执法人员、承办人", "officer"),
        };
        let found: Vec<Signature> =
            self.officers().iter().map(|(name, number)| self.signature(role.0, role.1, name, number)).collect();
        if found.is_empty() { vec![self.signature(role.0, role.1, "", "")] } else { found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_who_speaks_or_nothing() {
        let of = |line: &str| turn(line).map(|s| (s.who, s.words));
        assert_eq!(of("问：何时启用？"), Some(("问".into(), "何时启用？".into())));
        assert_eq!(of("答: 去年。"), Some(("答".into(), "去年。".into())));
        assert_eq!(of("Q : When?"), Some(("Q".into(), "When?".into())));
        assert_eq!(of("问："), None, "nothing was said");
        assert_eq!(of("答应按期整改。"), None, "a word that begins so");
        assert_eq!(of(""), None);
    }
}
