//! A plan before its draw: written by an officer, published by a head, and who keeps out of which unit.
//!
//! Always true: what is published is what was checked here: items have checklists, quotas name registers, the numbers are within those of the
//! draw; who wrote a plan does not publish it.

use super::super::bad;
use super::{PlanBody, PlanForm, REGISTERS, conflict};
use crate::{Authority, By};
use base::{CivilDate, Refusal, Text, UtcMs, limits};
use domain::access::Permission;
use domain::draw::{DrawRules, Quota};
use law::{Guard, Procedure};
use store::casework::plans::{NewPlan, PlanPut};

/// Most items of a plan.
const ITEMS: usize = 64;
/// Longest time between commitment and draw.
const MOST_WITHIN: u32 = 366;
/// Longest address of a public source, bytes.
const URL_BYTES: usize = 200;
/// Years of which plans are written.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2999;

fn wrong(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    bad(code, Text::new(zh, en))
}

fn check_name(form: &PlanForm) -> Result<(), Refusal> {
    if !YEARS.contains(&form.year) {
        return Err(wrong("year", "请填写计划的年度。", "Enter the year of the plan."));
    }
    let title = form.title.trim();
    let plain = !title.is_empty() && !title.chars().any(char::is_control);
    if !plain || title.chars().count() > limits::NAME_CHARS {
        return Err(wrong("title", "请填写计划名称，一行，不要太长。", "Give the plan a short name, on one line."));
    }
    Ok(())
}

/// Whether this is a plain `https` address of a named host: no name before the host, no sign that a page would have to explain.
fn is_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let named = |host: &str| {
        let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c));
        plain && host.contains('.') && host.starts_with(|c: char| c.is_ascii_alphanumeric())
    };
    let signs = text.chars().all(|c| c.is_ascii_graphic() && !"\"'<>\\`".contains(c));
    text.len() <= URL_BYTES && signs && host.is_some_and(named)
}

fn check_body(packs: &law::Packs, procedure: &Procedure, body: &PlanBody, on: CivilDate) -> Result<(), Refusal> {
    if body.items.is_empty() || body.items.len() > ITEMS {
        return Err(wrong("items", "请选择检查事项。", "Choose what is inspected."));
    }
    for (at, item) in body.items.iter().enumerate() {
        let twice = body.items.iter().take(at).any(|other| other.id == item.id);
        if twice || packs.checklist(&item.checklist, on).is_none() {
            let what = Text::of(
                format!("检查事项「{}」没有检查表，或者重复。", item.id),
                format!("The item `{}` has no checklist, or stands twice.", item.id),
            );
            return Err(bad("items", what));
        }
    }
    if body.cap == 0 {
        return Err(wrong("cap", "频次上限至少为一次。", "The cap is at least one visit."));
    }
    if !body.quotas.keys().all(|register| REGISTERS.contains(&register.as_str())) {
        return Err(wrong("quota", "只能从列出的登记簿中抽取。", "Units are drawn from the listed registers only."));
    }
    if body.quotas.values().all(|quota| *quota == Quota::Count(0)) {
        return Err(wrong("quota", "请写明从哪个登记簿抽取多少。", "Say how many are drawn, and from which register."));
    }
    let needs_two = procedure.steps.iter().any(|step| step.needs.contains(&Guard::TwoOfficers));
    if needs_two && body.inspectors_per_unit == 1 {
        return Err(wrong(
            "inspectors_per_unit",
            "检查程序要求两名以上人员，每户不得只派一人。",
            "The procedure of inspections asks for two officers; one is not enough for a unit.",
        ));
    }
    if !(1..=MOST_WITHIN).contains(&body.draw_within_days) {
        return Err(wrong(
            "draw_within_days",
            "抽取期限为一日至一年。",
            "The draw is made within a day to a year of the commitment.",
        ));
    }
    if body.public_source_url.as_deref().is_some_and(|url| !is_address(url)) {
        return Err(wrong(
            "public_source_url",
            "网址以 https:// 开头，不超过200个字符，不含空格和引号。",
            "The address begins with https:// and has at most 200 signs, no blanks and no quotes.",
        ));
    }
    Ok(())
}

/// The outcome is part of the seed only if it comes after the commitment: the plan names its day, and it lies ahead.
fn has_day(body: &PlanBody, now: UtcMs) -> Result<(), Refusal> {
    if body.public_source.is_none() && body.public_day.is_none() {
        return Ok(());
    }
    let Some(event) = body.public_day.filter(|day| day.is_sound()) else {
        return Err(wrong(
            "public_day",
            "请写明公开来源的结果哪一天公布，知道几点的也写明（0至23时）。",
            "Say on which day the outcome of the public source comes out, and the hour where it is known (0 to 23).",
        ));
    };
    if event.out() <= now {
        return Err(wrong(
            "public_day",
            "这一天已经过去，结果已经公开。请改用以后才公布结果的事件，封存名单也要在它以前。",
            "That day is over and its outcome is known. Name an event that is still to come; the pool is committed to before it.",
        ));
    }
    Ok(())
}

/// While nobody witnesses the log, only an event outside keeps its owner from trying for a seed.
fn has_source(rules: &DrawRules) -> Result<(), Refusal> {
    if !rules.is_alone() {
        return Ok(());
    }
    Err(wrong(
        "draw_public_source",
        "本机关的日志没有见证方，抽取的种子必须包含公开来源，请写明。",
        "The log of this authority has no witness, so the seed of a draw needs a public source; name it.",
    ))
}

/// An outcome that could be spelled in two ways gives two seeds to choose from: the plan says how it is written.
fn has_form(body: &PlanBody) -> Result<(), Refusal> {
    if body.public_source.is_none() || body.public_form.is_some() {
        return Ok(());
    }
    Err(wrong(
        "draw_public_form",
        "请写明公开来源的结果怎样写：几个数、什么范围、什么次序。同一结果只能有一种写法。",
        "Say how the outcome of the public source is written: how many numbers, of which range, in which order. One outcome has one spelling.",
    ))
}

impl Authority {
    /// Enters a plan of one's office, or changes it while it is a draft.
    ///
    /// # Errors
    /// No permission, `no_office`; the field that is wrong (`year`, `title`, `items`, `cap`, `quota`, `inspectors_per_unit`,
    /// `draw_within_days`, `again_of`) or what `domain::draw` says (`draw_…`; `draw_public_source`, `draw_public_form` also where there is none);
    /// `public_day`; `plan_published`, `plan_word_taken`, `plans_full`; the store.
    pub async fn put_plan(&self, by: By, form: &PlanForm) -> Result<(), Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let office = self.officer_row(account).await?.office;
        let now = self.now();
        let today = now.shanghai_date();
        check_name(form)?;
        let procedure = self.inspection_procedure(today).await?;
        check_body(self.gate().packs(), procedure, &form.body, today)?;
        let rules = self.rules_of(&form.word, &form.body, today, None);
        // The last day of the draw follows from the day of the commitment, which is not known yet.
        let undated = DrawRules { public_day: None, ..rules };
        undated.check().map_err(|fault| fault.refusal())?;
        has_source(&undated)?;
        has_form(&form.body)?;
        has_day(&form.body, now)?;
        if let Some(before) = &form.body.again_of {
            self.own_plan(by, before).await.map_err(|_| {
                wrong("again_of", "没有所写的已过期计划。", "There is no such plan whose commitment lapsed.")
            })?;
        }
        let body = serde_json::to_string(&form.body).map_err(|e| super::super::fault(&e))?;
        let new =
            NewPlan { word: form.word.clone(), year: form.year, office, title: form.title.trim().to_owned(), body };
        match self.store().put_inspection_plan(&new, account, now).await? {
            PlanPut::Done => Ok(()),
            PlanPut::NotDraft => Err(conflict(
                "plan_published",
                Text::new("计划已经公布，不能更改。", "The plan is published and is not changed any more."),
                Text::new("需要不同安排的，请另立计划。", "Write another plan where something else is wanted."),
            )),
            PlanPut::Taken => Err(conflict(
                "plan_word_taken",
                Text::new("这个编号已被其他机构使用。", "This word is taken by another office."),
                Text::new("请换一个编号。", "Choose another word."),
            )),
            PlanPut::Full => Err(conflict(
                "plans_full",
                Text::new("计划过多或者内容过长。", "There are too many plans, or this one is too long."),
                Text::new("请缩短内容，或者请系统管理员处理。", "Make it shorter, or ask the administrator."),
            )),
        }
    }

    /// Publishes a plan that another person wrote, as it stood when its page was read: `seen` is the time of its last change then.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `own_plan`, `draw_public_source`, `draw_public_form`, `public_day`, `plan_not_draft` (also where
    /// it was changed since), or the store.
    pub async fn publish_plan_as_seen(&self, by: By, word: &str, seen: UtcMs) -> Result<(), Refusal> {
        let account = by.needs(Permission::ApproveCases)?;
        let (row, body) = self.own_plan(by, word).await?;
        if row.by == account {
            return Err(conflict(
                "own_plan",
                Text::new("不能公布自己拟定的计划。", "Nobody publishes a plan that they wrote."),
                Text::new("请由另一名负责人公布。", "Another person in charge publishes it."),
            ));
        }
        let now = self.now();
        // A draft of before this was asked.
        has_source(&self.rules_of(word, &body, now.shanghai_date(), None))?;
        has_form(&body)?;
        has_day(&body, now)?;
        let clauses = &self.inspection_procedure(now.shanghai_date()).await?.clauses;
        if self.store().publish_inspection_plan(word, seen, clauses, account, now).await? {
            return Ok(());
        }
        Err(conflict(
            "plan_not_draft",
            Text::new("计划已经公布，或者刚被修改。", "The plan is published already, or was changed just now."),
            Text::new("请刷新页面，看过再公布。", "Reload the page and look at it before you publish."),
        ))
    }

    /// Says that one keeps out of the inspection of a unit, by its row in the register; why is nobody else's business.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `unit`, `conflict_late`, or the store.
    pub async fn keep_out(&self, by: By, word: &str, unit: &str) -> Result<(), Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let (_, body) = self.own_plan(by, word).await?;
        let unit = unit.trim();
        let mut register = None;
        for id in REGISTERS.iter().filter(|id| body.quotas.contains_key(**id)) {
            if !self.store().register_history(id, unit).await?.is_empty() {
                register = Some(*id);
                break;
            }
        }
        let Some(register) = register else {
            return Err(wrong(
                "unit",
                "本计划的登记簿中没有这个编号。",
                "No register of this plan has a row of this id.",
            ));
        };
        let id = super::pool::unit_id(register, unit);
        if self.store().declare_conflict(word, &id, account, self.now()).await? {
            return Ok(());
        }
        Err(conflict(
            "conflict_late",
            Text::new("已经申报过，或者名单已经封存。", "It is declared already, or rules and pool are committed to."),
            Text::new(
                "名单封存以后需要回避的，在检查案卷中提出。",
                "After the commitment, ask to keep out in the case of the inspection.",
            ),
        ))
    }
}
