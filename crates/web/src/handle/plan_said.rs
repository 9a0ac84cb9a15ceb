//! What a published plan of inspections promises to everybody: what is inspected, and how often one unit at most.
//!
//! Plan of the store ─▶ body, checklists of the packs ─▶ list, page and file of the plan. Always true: a draft promises nothing and is nobody's
//! business; a list is told by its name and its questions as they held on the day of the publication; nothing here names a person.

use super::inbox::of;
use super::public::{keep, slowly};
use crate::answer::{Reply, no_page, ok_json};
use crate::call::Call;
use crate::limiter::PUBLIC_SEARCH;
use crate::pages::public::InspectedLine;
use authority::cases::plans::PlanBody;
use base::Text;
use serde_json::{Value, json};
use store::casework::plans::PlanRow;

/// Most questions of one list on the page; the file has all.
const QUESTIONS: usize = 60;

/// What a plan promises.
pub(super) struct Said {
    /// What is inspected, each by a checklist.
    pub items: Vec<Inspected>,
    /// Most planned and special visits of one unit in the year.
    pub cap: u32,
}

/// One thing that is inspected.
pub(super) struct Inspected {
    /// Word of the checklist.
    checklist: String,
    /// What it is called.
    name: Text,
    /// What it asks.
    questions: Vec<Text>,
}

impl Said {
    /// What a plan promises; none for a draft and for a body that does not read.
    pub(super) fn of(call: &Call, row: &PlanRow) -> Option<Self> {
        let day = row.published?;
        let body: PlanBody = serde_json::from_str(&row.plan.body).ok()?;
        let packs = call.site().gate().packs();
        let items = body.items.into_iter().map(|item| {
            let list = packs.checklist(&item.checklist, day);
            let list = list.or_else(|| packs.checklists().iter().rfind(|l| l.id == item.checklist));
            let question = |i: &law::ChecklistItem| Text::of(i.zh.clone(), i.en.clone());
            Inspected {
                name: list.map_or_else(|| Text::of(item.id.clone(), item.id.clone()), law::Checklist::name),
                questions: list.map(|l| l.items.iter().map(question).collect()).unwrap_or_default(),
                checklist: item.checklist,
            }
        });
        Some(Self { items: items.collect(), cap: body.cap })
    }

    /// What is inspected, in one line.
    pub(super) fn names(&self) -> Text {
        let zh: Vec<&str> = self.items.iter().map(|i| i.name.zh.as_ref()).collect();
        let en: Vec<&str> = self.items.iter().map(|i| i.name.en.as_ref()).collect();
        Text::of(zh.join("、"), en.join(", "))
    }

    /// How often a unit is inspected at most.
    pub(super) fn often(&self) -> Text {
        let n = self.cap;
        Text::of(
            format!(
                "同一单位一年内，计划检查和专项检查合计至多{n}次；同一年有几个计划的，按最少的执行。投诉举报检查和整改复查不计入。"
            ),
            format!(
                "At most {n} planned and special {} of one unit in the year; of several plans of a year the strictest binds. Visits on a complaint and second looks at an order are not counted.",
                base::plural(n, "visit", "visits")
            ),
        )
    }

    /// For the page.
    pub(super) fn lines(&self) -> Vec<InspectedLine> {
        let line = |i: &Inspected| InspectedLine {
            name: i.name.clone(),
            questions: i.questions.iter().take(QUESTIONS).cloned().collect(),
            asked: u32::try_from(i.questions.len()).unwrap_or(u32::MAX),
        };
        self.items.iter().map(line).collect()
    }

    fn json(&self, row: &PlanRow) -> Value {
        let item = |i: &Inspected| json!({ "checklist": i.checklist, "name": i.name, "questions": i.questions });
        json!({
            "plan": row.plan.word,
            "year": row.plan.year,
            "title": row.plan.title,
            "published": row.published,
            "inspected": self.items.iter().map(item).collect::<Vec<_>>(),
            "most_visits_of_one_unit_in_the_year": self.cap,
        })
    }
}

/// Where the file of a plan is.
pub(super) fn file_of(word: &str) -> String {
    format!("/public/draws/{word}/plan")
}

/// `GET /public/draws/{id}/plan`: what the plan promises, as JSON; there from its publication on.
pub(crate) async fn file(call: Call) -> Reply {
    of(&call)?;
    slowly(&call, "public_search", PUBLIC_SEARCH)?;
    let row = call.site().store().inspection_plan(call.param(0)).await?.ok_or_else(no_page)?;
    let said = Said::of(&call, &row).ok_or_else(no_page)?;
    let mut answer = ok_json(&said.json(&row))?;
    keep(&call, &mut answer);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(questions: usize) -> Said {
        let text = |n: usize| Text::of(format!("第{n}问"), format!("question {n}"));
        let item = |id: &str| Inspected {
            checklist: id.to_owned(),
            name: Text::of(format!("检查表{id}"), format!("list {id}")),
            questions: (0..questions).map(text).collect(),
        };
        Said { items: vec![item("a"), item("b")], cap: 2 }
    }

    #[test]
    fn items_and_frequency_are_told_in_both_languages() {
        let said = said(1);
        assert_eq!(said.names(), Text::new("检查表a、检查表b", "list a, list b"));
        assert!(
            said.often().zh.contains("至多2次") && said.often().en.contains("At most 2 planned and special visits")
        );
    }

    #[test]
    fn the_page_has_the_first_questions_and_their_number() {
        for (questions, shown) in [(QUESTIONS, QUESTIONS), (QUESTIONS + 1, QUESTIONS)] {
            let lines = said(questions).lines();
            assert_eq!((lines.len(), lines[0].questions.len()), (2, shown));
            assert_eq!(lines[0].asked as usize, questions);
        }
    }
}
