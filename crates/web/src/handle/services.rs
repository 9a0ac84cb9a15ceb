//! What people can apply for here: the list, one service with conditions, papers, times and steps, and its filled sample; all from the packs.
//!
//! Always true: a service is offered because a procedure in force reaches this province and people apply for it; every condition, paper, time
//! and step stands there with its clause, and nothing is asked for that the packs do not have.

use super::case_words::not_asked;
use super::divisions::named;
use super::everyday;
use super::inbox::of;
use super::public::{Counter, bar, counter, open_page};
use crate::answer::Reply;
use crate::call::Call;
use crate::pages::public::{
    PublicNav, SampleLine, SamplePage, SamplePaper, ServiceGroup, ServiceItem, ServiceLimit, ServiceLine, ServicePage,
    ServicePaper, ServicesPage,
};
use authority::cases::{promise_most, promise_unit, promised_clock};
use base::{CivilDate, Lang, OfficeId, Text};
use domain::casework::is_ours;
use law::{Clock, Field, FieldKind, Material, Packs, Party, Procedure, ProcedureKind, TermUnit};
use store::casework::offices::OfficeRow;

/// Most offices that are named with what each promises.
const PROMISING: usize = 5;

/// A number of a unit of time, in words.
pub(super) fn term(amount: u32, unit: TermUnit) -> Text {
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

/// It can be begun online: the first step is the applicant's, and this organ decides.
fn is_online(procedure: &Procedure) -> bool {
    procedure.steps.first().is_some_and(|step| step.who == procedure.applicant) && is_ours(procedure.organ)
}

fn why_not(procedure: &Procedure) -> Text {
    let organ = procedure.organ.name();
    if is_ours(procedure.organ) {
        return Text::new("这一事项请到窗口办理。", "Come to the counter for this.");
    }
    if procedure.kind == ProcedureKind::Viewing && procedure.applicant == Party::Person {
        return Text::of(
            format!("这一事项由{}决定。可以在“我想看监控录像”页网上填写，由本网站转交，也可以当面提出。", organ.zh),
            format!(
                "This is decided by the {}. Fill it in on the page \"I want to see footage\", to be handed on, or ask there.",
                organ.en
            ),
        );
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
            about: everyday::about(procedure),
            who: procedure.applicant.name(),
            limit: limit(packs, procedure, today),
            online: is_online(procedure),
        };
        let name = procedure.kind.name();
        match groups.iter_mut().find(|g| g.name == name) {
            Some(group) => group.services.push(line),
            None => groups.push(ServiceGroup { name, services: vec![line] }),
        }
    }
    let place = call.site().profile().law.jurisdiction;
    let reaches = |folder: &str| packs.all().iter().any(|p| p.folder == folder && p.reaches(place));
    let refused = |n: &law::NotOffered| ServiceItem {
        text: n.name(),
        detail: n.why(),
        clause: packs.cite(&n.clause),
        gap: false,
    };
    let refused = packs.not_offered().iter().filter(|n| reaches(&n.folder)).map(refused).collect();
    open_page(&call, &ServicesPage { l: call.lang, bar: bar(&call), at: PublicNav::Services, groups, refused })
}

/// How long it takes, for the list; empty: no clause sets a time for anything in it.
fn limit(packs: &Packs, procedure: &Procedure, today: CivilDate) -> Text {
    match promised_clock(procedure) {
        Some(clock) => length(packs, clock, today),
        None if procedure.clocks.is_empty() => Text::default(),
        None => Text::new("各步骤分别有期限，见指南", "a time for each step, see the guide"),
    }
}

fn papers(packs: &Packs, procedure: &Procedure) -> Vec<ServicePaper> {
    let others = |id: &str, word: &str| -> Text {
        let all = procedure.materials.iter().filter(|m| m.one_of == word && m.id != id);
        let (zh, en): (Vec<&str>, Vec<&str>) = all.map(|m| (m.zh.as_str(), m.en.as_str())).unzip();
        Text::of(format!("与以下材料任选其一：{}", zh.join("、")), format!("one of these is enough: {}", en.join(", ")))
    };
    let paper = |m: &law::Material| ServicePaper {
        name: Text::of(m.zh.clone(), m.en.clone()),
        required: m.required && !m.gap,
        one_of: if m.gap {
            not_asked()
        } else if m.one_of.is_empty() {
            Text::default()
        } else {
            others(&m.id, &m.one_of)
        },
        sample: material_sample(procedure, m),
        clause: packs.cite(&m.clause),
    };
    procedure.materials.iter().map(paper).collect()
}

/// What is promised, in words: the number where every open office promises the same, else who promises what. Empty: nobody does.
fn promised(procedure: &Procedure, offices: &[OfficeRow], promises: &[(OfficeId, u32)], most: u32) -> Text {
    let unit = promise_unit(procedure);
    let of = |o: &OfficeRow| promises.iter().find(|(id, _)| *id == o.id).map(|(_, n)| (*n).min(most));
    let open = || offices.iter().filter(|o| o.closed.is_none());
    let first = open().next().and_then(of);
    if let Some(amount) = first.filter(|n| open().all(|o| of(o) == Some(*n))) {
        return term(amount, unit);
    }
    let told = open().filter_map(|o| of(o).map(|n| (o.names(), term(n, unit)))).take(PROMISING);
    let (zh, en): (Vec<String>, Vec<String>) =
        told.map(|(name, term)| (format!("{}：{}", name.zh, term.zh), format!("{}: {}", name.en, term.en))).unzip();
    Text::of(zh.join("；"), en.join("; "))
}

fn limits(packs: &Packs, procedure: &Procedure, on: CivilDate, promised: &Text) -> Vec<ServiceLimit> {
    let main = promised_clock(procedure).map(|c| c.id.as_str());
    let limit = |c: &Clock| {
        let binds = c.binds.name();
        let name = procedure.clock_name(c);
        ServiceLimit {
            name: Text::of(format!("{}：{}", binds.zh, name.zh), format!("{}: {}", binds.en, name.en)),
            legal: length(packs, c, on),
            promised: if main == Some(c.id.as_str()) { promised.clone() } else { Text::default() },
            stops: c.stops.iter().map(|s| s.cause.name()).collect(),
            clause: packs.cite(&c.length.clause),
        }
    };
    let mut limits: Vec<ServiceLimit> = procedure.clocks.iter().map(limit).collect();
    if main.is_none() && !promised.zh.is_empty() {
        limits.push(ServiceLimit {
            name: Text::new("办结（自提交之日起）", "decided, from the day of handing in"),
            legal: Text::new("法律没有规定期限", "the law sets no time"),
            promised: promised.clone(),
            ..ServiceLimit::default()
        });
    }
    limits
}

fn office(handler: Party, procedure: &Procedure) -> Text {
    if procedure.territory_zh.is_empty() {
        return handler.name();
    }
    Text::of(procedure.territory_zh.clone(), procedure.territory_en.clone())
}

/// Where the sample of a paper is; empty: it has none.
pub(super) fn material_sample(procedure: &Procedure, material: &Material) -> String {
    let any = !material.sample_zh.is_empty();
    if any { format!("/public/services/{}/sample#m-{}", procedure.id, material.id) } else { String::new() }
}

fn sample_address(procedure: &Procedure) -> String {
    let any = sample_lines(procedure).next().is_some() || procedure.materials.iter().any(|m| !m.sample_zh.is_empty());
    if any { format!("/public/services/{}/sample", procedure.id) } else { String::new() }
}

/// Who may apply; that the conditions on the page limit it stands beside it.
fn who_may(procedure: &Procedure) -> Text {
    let name = procedure.applicant.name();
    if procedure.conditions.is_empty() {
        return name;
    }
    Text::of(
        format!("{}，并且符合本页所列条件", name.zh),
        format!("{}, if the conditions on this page are met", name.en),
    )
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
    let promises = authority.promises_of(&procedure.id).await?;
    let offices = if promises.is_empty() { Vec::new() } else { call.site().store().offices().await? };
    let promised = promised(procedure, &offices, &promises, promise_most(packs, procedure, today));
    let told = authority.complaint_ways(today).await?.iter().any(|p| p.id == procedure.id);
    let page = ServicePage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::Services,
        id: procedure.id.clone(),
        name: procedure.name(),
        who: who_may(procedure),
        note: Text::of(procedure.note_zh.clone(), procedure.note_en.clone()),
        conditions: conditions.map(condition).collect(),
        papers: papers(packs, procedure),
        limits: limits(packs, procedure, today, &promised),
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
        about: everyday::about(procedure),
        tell: if told { format!("/public/complaint?about={}", procedure.id) } else { String::new() },
    };
    open_page(&call, &page)
}

/// What the applicant fills in, with a sample beside it.
fn sample_lines(procedure: &Procedure) -> impl Iterator<Item = &Field> {
    let own = move |step: &str| procedure.steps.iter().any(|s| s.id == step && s.who == procedure.applicant);
    procedure.fields.iter().filter(move |f| !f.sample.is_empty() && own(&f.step))
}

/// `here`: a division of this server, for fields whose sample lies in another province.
fn sample_value(field: &Field, call: &Call, here: Option<&str>) -> String {
    match field.kind {
        FieldKind::Flag if field.sample == "no" => call.lang.t("否", "no").to_owned(),
        FieldKind::Flag => call.lang.t("是", "yes").to_owned(),
        FieldKind::Choice => {
            let chosen = field.choice(&field.sample).map(law::FieldChoice::name);
            chosen.map_or_else(|| field.sample.clone(), |name| name.get(call.lang).to_owned())
        }
        FieldKind::Division => {
            let province = call.site().profile().law.jurisdiction.code();
            let fits = province.is_none_or(|province| field.sample.starts_with(province));
            let code = here.filter(|_| !fits).unwrap_or(&field.sample);
            named(call.site().gate().packs(), code).get(call.lang).to_owned()
        }
        _ if call.lang == Lang::En && !field.sample_en.is_empty() => field.sample_en.clone(),
        _ => field.sample.clone(),
    }
}

/// `GET /public/services/{id}/sample`: made-up names and numbers, as the packs have them.
pub(crate) async fn sample(call: Call) -> Reply {
    let authority = of(&call)?;
    let service = authority.service(call.param(0), call.now().shanghai_date()).await?;
    let procedure = service.procedure;
    let offices = call.site().store().offices().await?;
    let here = offices.iter().rev().find(|o| o.closed.is_none()).map(|o| o.division.as_str());
    let line = |f: &Field| SampleLine {
        label: f.name(),
        value: sample_value(f, &call, here),
        hint: f.hint().unwrap_or_default(),
    };
    let lines = sample_lines(procedure).map(line).collect();
    let paper = |m: &Material| SamplePaper {
        id: m.id.clone(),
        name: Text::of(m.zh.clone(), m.en.clone()),
        words: Text::of(m.sample_zh.clone(), m.sample_en.clone()),
    };
    let papers = procedure.materials.iter().filter(|m| !m.sample_zh.is_empty()).map(paper).collect();
    let page = SamplePage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::Services,
        id: procedure.id.clone(),
        name: procedure.name(),
        lines,
        papers,
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
        let clock = promised_clock(approval).expect("it has a time to decide");
        let number = packs.value(&clock.length.clause, &clock.length.value, on).unwrap();
        assert_eq!(length(&packs, clock, on).zh, format!("{number}个工作日"));
        assert_eq!(term(1, TermUnit::Months).en, "1 month");
        assert_eq!(term(0, TermUnit::AtOnce).en, "at once");
    }

    fn office(n: u8, closed: bool) -> OfficeRow {
        OfficeRow {
            id: OfficeId::from_bytes([n; 16]),
            name: format!("第{n}分局"),
            level: "county".into(),
            division: "230102".into(),
            unit_code: String::new(),
            parent: None,
            closed: closed.then_some(base::UtcMs(1)),
            name_en: String::new(),
        }
    }

    #[test]
    fn a_promise_is_told_once_where_all_promise_the_same_and_by_office_where_not() {
        let packs = packs();
        let approval = packs.procedure("area_approval").unwrap();
        let offices = [office(1, false), office(2, false), office(3, true)];
        let told = |promises: &[(OfficeId, u32)]| promised(approval, &offices, promises, 20).zh.into_owned();
        assert_eq!(told(&[]), "");
        assert_eq!(told(&[(offices[0].id, 5), (offices[1].id, 5)]), "5个工作日");
        assert_eq!(told(&[(offices[0].id, 5)]), "第1分局：5个工作日");
        assert_eq!(told(&[(offices[0].id, 5), (offices[1].id, 30)]), "第1分局：5个工作日；第2分局：20个工作日");
        assert_eq!(told(&[(offices[2].id, 5)]), "", "a closed office promises nothing");
        let on = CivilDate::ymd(2026, 11, 20).unwrap();
        let words = Text::new("5个工作日", "5 working days");
        let with = |id: &str| limits(&packs, packs.procedure(id).unwrap(), on, &words);
        let told: Vec<ServiceLimit> = with("area_approval").into_iter().filter(|l| !l.promised.zh.is_empty()).collect();
        assert_eq!((told.len(), told[0].legal.zh != "5个工作日"), (1, true), "beside the term set by law");
        let filing = with("sales_filing");
        assert_eq!((filing.len(), &*filing[0].promised.zh), (1, "5个工作日"), "also where the law sets none");
    }

    #[test]
    fn every_paper_that_is_asked_for_online_has_a_sample() {
        let packs = packs();
        for procedure in packs.procedures().iter().filter(|p| is_online(p)) {
            for paper in super::papers(&packs, procedure) {
                assert!(paper.sample.starts_with("/public/services/"), "{}: {}", procedure.id, paper.name.zh);
            }
        }
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
                assert_eq!(paper.one_of.zh.is_empty(), material.one_of.is_empty() && !material.gap, "{}", procedure.id);
                assert!(paper.clause.is_some(), "{}: {}", procedure.id, material.id);
            }
        }
    }
}
