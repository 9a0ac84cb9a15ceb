//! What people can apply for here: the list, one service with conditions, papers, times and steps, and its filled sample; all from the packs.
//!
//! Always true: a service is offered because a procedure in force reaches this province and people apply for it; every condition, paper, time
//! and step stands there with its clause, and nothing is asked for that the packs do not have.

use super::inbox::of;
use super::public::{Counter, bar, counter, open_page};
use crate::answer::Reply;
use crate::call::Call;
use crate::pages::public::{
    PublicNav, SampleLine, SamplePage, ServiceGroup, ServiceItem, ServiceLimit, ServiceLine, ServicePage, ServicePaper,
    ServicesPage,
};
use base::{CivilDate, Text};
use domain::casework::is_ours;
use law::{Clock, Field, FieldKind, Packs, Party, Procedure, TermUnit};

/// A number of a unit of time, in words.
fn term(amount: u32, unit: TermUnit) -> Text {
    let of = |zh: &str, one: &'static str, many: &'static str| {
        Text::of(format!("{amount}{zh}"), format!("{amount} {}", base::plural(amount, one, many)))
    };
    match unit {
        TermUnit::AtOnce => Text::new("立即", "at once"),
        TermUnit::Hours => of("小时", "hour", "hours"),
        TermUnit::Days => of("日", "day", "days"),
        TermUnit::WorkingDays => of("个工作日", "working day", "working days"),
        TermUnit::Months => of("个月", "month", "months"),
        TermUnit::Years => of("年", "year", "years"),
    }
}

/// How long a clock runs on a day, in words.
fn length(packs: &Packs, clock: &Clock, on: CivilDate) -> Text {
    let amount = clock.length.amount.or_else(|| packs.value(&clock.length.clause, &clock.length.value, on));
    match amount {
        _ if clock.unit == TermUnit::AtOnce => term(0, TermUnit::AtOnce),
        Some(amount) => term(amount, clock.unit),
        None => Text::new("由文书确定", "as the document sets"),
    }
}

/// The clock that the applicant waits for: the first of ours that an outcome ends.
fn main_clock(procedure: &Procedure) -> Option<&Clock> {
    let decides = |c: &&Clock| is_ours(c.binds) && c.ends.iter().any(|e| procedure.outcomes.iter().any(|o| o.id == *e));
    procedure.clocks.iter().find(decides)
}

/// It can be begun online: the first step is the applicant's, and this organ decides.
fn is_online(procedure: &Procedure) -> bool {
    procedure.steps.first().is_some_and(|step| step.who == procedure.applicant) && is_ours(procedure.organ)
}

fn why_not(procedure: &Procedure) -> Text {
    let organ = procedure.organ.name();
    if is_ours(procedure.organ) {
        return Text::new("这一事项请到窗口办理。", "Come to the counter for this.");
    }
    Text::of(
        format!("这一事项由{}决定，请向其提出；需要本机关做的，可以到窗口办理。", organ.zh),
        format!(
            "This is decided by the {}: apply there; for what this office does in it come to the counter.",
            organ.en
        ),
    )
}

/// `GET /public/services`.
pub(crate) async fn list(call: Call) -> Reply {
    let authority = of(&call)?;
    let today = call.now().shanghai_date();
    let packs = call.site().gate().packs();
    let mut groups: Vec<ServiceGroup> = Vec::new();
    for service in authority.services(today).await? {
        let procedure = service.procedure;
        let line = ServiceLine {
            id: procedure.id.clone(),
            name: procedure.name(),
            who: procedure.applicant.name(),
            limit: main_clock(procedure).map(|c| length(packs, c, today)).unwrap_or_default(),
            online: is_online(procedure),
        };
        let name = procedure.kind.name();
        match groups.iter_mut().find(|g| g.name == name) {
            Some(group) => group.services.push(line),
            None => groups.push(ServiceGroup { name, services: vec![line] }),
        }
    }
    open_page(&call, &ServicesPage { l: call.lang, bar: bar(&call), at: PublicNav::Services, groups })
}

fn papers(packs: &Packs, procedure: &Procedure) -> Vec<ServicePaper> {
    let others = |id: &str, word: &str| -> Text {
        let all = procedure.materials.iter().filter(|m| m.one_of == word && m.id != id);
        let (zh, en): (Vec<&str>, Vec<&str>) = all.map(|m| (m.zh.as_str(), m.en.as_str())).unzip();
        Text::of(format!("与以下材料任选其一：{}", zh.join("、")), format!("one of these is enough: {}", en.join(", ")))
    };
    let paper = |m: &law::Material| ServicePaper {
        name: Text::of(m.zh.clone(), m.en.clone()),
        required: m.required,
        one_of: if m.one_of.is_empty() { Text::default() } else { others(&m.id, &m.one_of) },
        sample: String::new(),
        clause: packs.cite(&m.clause),
    };
    procedure.materials.iter().map(paper).collect()
}

fn limits(packs: &Packs, procedure: &Procedure, on: CivilDate) -> Vec<ServiceLimit> {
    let limit = |c: &Clock| {
        let binds = c.binds.name();
        let name = c.name();
        ServiceLimit {
            name: Text::of(format!("{}：{}", binds.zh, name.zh), format!("{}: {}", binds.en, name.en)),
            legal: length(packs, c, on),
            promised: Text::default(),
            stops: c.stops.iter().map(|s| s.cause.name()).collect(),
            clause: packs.cite(&c.length.clause),
        }
    };
    procedure.clocks.iter().map(limit).collect()
}

fn office(handler: Party, procedure: &Procedure) -> Text {
    if procedure.territory_zh.is_empty() {
        return handler.name();
    }
    Text::of(procedure.territory_zh.clone(), procedure.territory_en.clone())
}

fn sample_address(procedure: &Procedure) -> String {
    let any = sample_lines(procedure).next().is_some();
    if any { format!("/public/services/{}/sample", procedure.id) } else { String::new() }
}

/// `GET /public/services/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    let authority = of(&call)?;
    let today = call.now().shanghai_date();
    let service = authority.service(call.param(0), today).await?;
    let procedure = service.procedure;
    let packs = call.site().gate().packs();
    let Counter { place, hours, phone } = counter(&call).await?;
    let conditions = procedure.conditions.iter().filter(|c| c.from.is_none_or(|from| from <= today));
    let condition = |c: &law::Condition| ServiceItem {
        text: Text::of(c.zh.clone(), c.en.clone()),
        detail: Text::default(),
        clause: packs.cite(&c.clause),
        gap: c.gap,
    };
    let step = |s: &law::Step| ServiceItem {
        text: Text::of(s.zh.clone(), s.en.clone()),
        detail: s.who.name(),
        clause: packs.cite(&s.clause),
        gap: false,
    };
    let outcome = |o: &law::Outcome| ServiceItem {
        text: Text::of(o.zh.clone(), o.en.clone()),
        detail: Text::of(o.document_zh.clone(), o.document_en.clone()),
        clause: packs.cite(&o.clause),
        gap: false,
    };
    let online = is_online(procedure);
    let page = ServicePage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::Services,
        id: procedure.id.clone(),
        name: procedure.name(),
        who: procedure.applicant.name(),
        note: Text::of(procedure.note_zh.clone(), procedure.note_en.clone()),
        conditions: conditions.map(condition).collect(),
        papers: papers(packs, procedure),
        limits: limits(packs, procedure, today),
        steps: procedure.steps.iter().map(step).collect(),
        outcomes: procedure.outcomes.iter().map(outcome).collect(),
        office: office(service.handler, procedure),
        place,
        hours,
        phone,
        remedies: procedure.remedies.iter().filter_map(|c| packs.cite(c)).collect(),
        complain: "/public/complaint".to_owned(),
        sample: sample_address(procedure),
        online,
        why_not: if online { Text::default() } else { why_not(procedure) },
    };
    open_page(&call, &page)
}

/// What the applicant fills in, with a sample beside it.
fn sample_lines(procedure: &Procedure) -> impl Iterator<Item = &Field> {
    let own = move |step: &str| procedure.steps.iter().any(|s| s.id == step && s.who == procedure.applicant);
    procedure.fields.iter().filter(move |f| !f.sample.is_empty() && own(&f.step))
}

fn sample_value(field: &Field, call: &Call) -> String {
    match field.kind {
        FieldKind::Flag if field.sample == "no" => call.lang.t("否", "no").to_owned(),
        FieldKind::Flag => call.lang.t("是", "yes").to_owned(),
        FieldKind::Choice => {
            let chosen = field.choice(&field.sample).map(law::FieldChoice::name);
            chosen.map_or_else(|| field.sample.clone(), |name| name.get(call.lang).to_owned())
        }
        _ => field.sample.clone(),
    }
}

/// `GET /public/services/{id}/sample`: made-up names and numbers, as the packs have them.
pub(crate) async fn sample(call: Call) -> Reply {
    let authority = of(&call)?;
    let service = authority.service(call.param(0), call.now().shanghai_date()).await?;
    let procedure = service.procedure;
    let line =
        |f: &Field| SampleLine { label: f.name(), value: sample_value(f, &call), hint: f.hint().unwrap_or_default() };
    let lines = sample_lines(procedure).map(line).collect();
    let page = SamplePage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::Services,
        id: procedure.id.clone(),
        name: procedure.name(),
        lines,
    };
    open_page(&call, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packs() -> Packs {
        Packs::embedded().unwrap()
    }

    #[test]
    fn times_are_told_with_the_numbers_of_the_clauses() {
        let packs = packs();
        let approval = packs.procedure("area_approval").unwrap();
        let on = CivilDate::ymd(2026, 11, 20).unwrap();
        let clock = main_clock(approval).expect("it has a time to decide");
        let number = packs.value(&clock.length.clause, &clock.length.value, on).unwrap();
        assert_eq!(length(&packs, clock, on).zh, format!("{number}个工作日"));
        assert_eq!(term(1, TermUnit::Months).en, "1 month");
        assert_eq!(term(0, TermUnit::AtOnce).en, "at once");
    }

    #[test]
    fn what_another_body_decides_is_not_begun_here() {
        let packs = packs();
        assert!(is_online(packs.procedure("area_approval").unwrap()));
        for elsewhere in ["review", "lawsuit"] {
            let procedure = packs.procedure(elsewhere).unwrap();
            assert!(!is_online(procedure), "{elsewhere}");
            assert!(!why_not(procedure).zh.is_empty() && !why_not(procedure).en.is_empty());
        }
    }

    #[test]
    fn samples_are_of_what_the_applicant_fills_in() {
        let packs = packs();
        let approval = packs.procedure("area_approval").unwrap();
        let lines: Vec<&Field> = sample_lines(approval).collect();
        assert!(lines.iter().any(|f| f.id == "place"));
        assert!(lines.iter().all(|f| f.step == "apply" || f.step == "complete"), "no form of an officer");
        assert_eq!(sample_address(approval), "/public/services/area_approval/sample");
    }

    #[test]
    fn papers_of_which_one_is_enough_name_each_other() {
        let packs = packs();
        for procedure in packs.procedures() {
            for (paper, material) in papers(&packs, procedure).iter().zip(&procedure.materials) {
                assert_eq!(paper.one_of.zh.is_empty(), material.one_of.is_empty(), "{}", procedure.id);
                assert!(paper.clause.is_some(), "{}: {}", procedure.id, material.id);
            }
        }
    }
}
