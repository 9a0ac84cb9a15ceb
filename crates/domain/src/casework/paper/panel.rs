//! The record of a review by a panel of experts: who was on it, what each declared and said, what the panel says, and where each signs.
//!
//! Always true: who was taken off stands in no paper; an opinion that was changed stands there with what it was and why; who declared an
//! interest or was absent stands there with that and without an opinion; what was said in an earlier round stands in the record of that one; the
//! result is that of [`verdict`], not one typed.

use super::super::panel::{Interest, Member, absence_of, opinion_of, verdict};
use super::sheet::Sheet;
use super::words::{bare, paragraphs, said};
use crate::document::{ROWS, Signature, Table};
use base::Lang;
use base::text::plural;

impl Sheet<'_> {
    fn members(&self) -> impl Iterator<Item = &Member> {
        self.docket.case.panel.iter().filter(|m| m.stands())
    }

    /// What a member declared or said, in words.
    fn of_member(&self, member: &Member) -> (String, String) {
        match (&member.declared, opinion_of(&self.docket, member), absence_of(&self.docket, member)) {
            (Some((interest, words)), _, _) if *interest != Interest::None => {
                let told = self.lang.t("未参加：", "took no part: ");
                (format!("{told}{}", said(&interest.name(), self.lang)), words.expose().clone())
            }
            (_, Some(opinion), None) => {
                let mut words = opinion.words.expose().clone();
                for (before, why) in &opinion.changed {
                    let (told, because) =
                        (self.lang.t("原意见：", "before: "), self.lang.t("；变更理由：", "; changed because: "));
                    let was = said(&before.name(), self.lang);
                    words.push_str(&format!("\n{told}{was}{because}{}", why.expose()));
                }
                (said(&opinion.verdict.name(), self.lang), words)
            }
            (_, _, Some(why)) => (self.lang.t("缺席", "absent").to_owned(), why.expose().clone()),
            (_, None, None) => (String::new(), String::new()),
        }
    }

    /// Each member with number, name, employer, opinion and words; long words go on in the next row.
    pub(super) fn panel_table(&self) -> Table {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for member in self.members() {
            let (opinion, words) = self.of_member(member);
            let expert = &member.expert;
            let mut parts = paragraphs(&words).into_iter();
            let first = parts.next().unwrap_or_default();
            rows.push(vec![expert.number.clone(), expert.name.clone(), expert.employer.clone(), opinion, first]);
            rows.extend(parts.map(|part| {
                let empty = String::new;
                vec![empty(), empty(), empty(), empty(), part]
            }));
        }
        rows.truncate(ROWS);
        let heads =
            [("编号", "number"), ("姓名", "name"), ("单位", "employer"), ("意见", "opinion"), ("说明", "in words")];
        let heads = heads.map(|(zh, en)| self.lang.t(zh, en).to_owned()).to_vec();
        let title = self.lang.t("专家意见", "Opinions of the experts").to_owned();
        Table { title, heads, widths: vec![3, 2, 3, 2, 5], rows }
    }

    /// What the panel says, and of how many.
    pub(super) fn panel_says(&self) -> Vec<String> {
        let Some(result) = verdict(&self.docket) else { return Vec::new() };
        let heard = self.members().filter(|m| m.sits() && opinion_of(&self.docket, m).is_some()).count();
        let (matter, result) = (self.matter(), said(&result.name(), self.lang));
        let matter = bare(&matter);
        vec![match self.lang {
            Lang::Zh => format!("{matter}：{heard}名专家提出意见，按多数意见，论证意见为“{result}”。"),
            Lang::En => {
                let experts = plural(heard, "expert", "experts");
                format!("{matter}: {heard} {experts} gave an opinion; by the majority the result is \"{result}\".")
            }
        }]
    }

    /// A line for each expert who gave an opinion, and for who convened the review.
    pub(super) fn panel_signatures(&self) -> Vec<Signature> {
        let heard = self.members().filter(|m| m.sits() && opinion_of(&self.docket, m).is_some());
        let line = |m: &Member| self.signature("论证专家", "expert of the panel", &m.expert.name, &m.expert.number);
        let mut found: Vec<Signature> = heard.map(line).collect();
        found.push(self.signature("建设单位", "construction unit", "", ""));
        found
    }
}
