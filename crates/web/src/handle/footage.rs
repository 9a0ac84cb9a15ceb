//! A citizen asks for footage: what anybody reads before, and what is held for a case.
//!
//! ```text
//! GET  /public/footage            ─▶ ways and clauses of the packs that reach this province
//! GET  /cases/{id}/footage        ─▶ Authority::footage_orders ─▶ orders, what the sites answered, forms for who handles the case
//! POST …/hold · /release · /appoint ─▶ Authority ─▶ order ─▶ the site asks for it within seconds
//! GET  /my/cases/{id}/footage     ─▶ the same to read, without cameras
//! POST …/show ─▶ Authority::show_footage: the site is told (again) to show what a hold keeps
//! GET  /use/orders (at the site)  ─▶ Site::orders ─▶ what the authority told it; one order to show: `showing`
//! ```
//! Always true: that there is footage is told only in the words of the site; its party is told how much, and of no camera by itself; ways are
//! found by what the packs say of them, never by name.

use super::ask::Wrong;
use super::case::{head, id_of, view_of};
use super::case_desk::may_act;
use super::inbox::{by, of};
use super::public::{Counter, bar, counter, open_page};
use super::showing::shown_words;
use crate::answer::{Reply, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::footage::{
    CaseFootagePage, FootageAsked, FootageGuidePage, FootageLine, FootageTyped, GuideLine, GuideWay, KeptLine,
    MyFootagePage, OrderLine, OrdersPage,
};
use crate::pages::public::PublicNav;
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{AppointmentForm, CaseView, FootageForm, FootageOrder};
use base::{CivilDate, ClauseId, OrderId, Refusal, SiteId, Text, UtcMs};
use domain::access::Permission;
use domain::casework::is_ours;
use domain::form::Value;
use domain::order::{Answer, Ended, Kept, Order, PersonStage};
use law::{Guard, Jurisdiction, Material, Packs, Party, Procedure, ProcedureKind};
use site::link::OrderView;

/// The clause that says how long footage of public places is kept, and what its number is called.
const KEPT: (&str, &str) = ("799-17", "retention_days");
const MINUTE_MS: i64 = 60_000;
/// Sites that are chosen from a list without a search.
const FEW: usize = 8;
/// Characters of the words by which a site is sought.
const NAME_CHARS: usize = 60;

// -- what anybody reads ----------------------------------------------------------------------------------------------------

/// Ways of viewing that the packs have for a province on a day: with the police, and with the unit alone.
fn ways(packs: &Packs, jurisdiction: Jurisdiction, today: CivilDate) -> Vec<&Procedure> {
    let reaches = |p: &&Procedure| packs.all().iter().any(|k| k.folder == p.folder && k.reaches(jurisdiction));
    let person = |p: &&Procedure| matches!(p.applicant, Party::Person | Party::Anyone);
    let viewing = packs.procedures().iter().filter(|p| p.kind == ProcedureKind::Viewing && p.in_force(today));
    viewing.filter(person).filter(reaches).collect()
}

/// What is to be known of the footage, whoever is asked.
const WHAT: Text = Text::new(
    "要看的地点、日期和大约几点到几点，为什么要看",
    "which place, which day, about from when until when, and why you want to see it",
);
/// The form by which the unit itself is asked through this site.
const AT_HOME: &str = "/apply/footage";
/// Where to ask, and how it goes, where the unit itself is asked.
const AT_THE_UNIT: [Text; 5] = [
    Text::new(
        "网上填写：本网站收下、给回执；与已接入的单位相符的，立即转交并由其自动封存录像，答复在网上看。没有相符的，打印申请书当面交给单位。",
        "Online: this site takes it in and gives a receipt; where a connected unit is meant it gets it at once and holds the footage by itself, and you read its answer here. Else you print the letter and hand it in.",
    ),
    Text::new(
        "或者到装这台摄像机的单位当面提出，例如商场、医院、酒店、车站的保安值班室，小区的物业服务中心；请他们叫管理录像的信息管理员。",
        "Or go to the unit that has the camera and ask in person: the guards' desk of a shop, hospital, hotel or station, the office that manages the houses. Ask for the information custodian.",
    ),
    Text::new(
        "当面登记，领取写有申请编号的《查阅申请回执》；使用本系统的单位，从登记的那一刻起封存有关录像。",
        "It is entered while you are there, and you get a receipt with the number of your request; a unit that uses this system holds the footage from that moment on.",
    ),
    Text::new(
        "由该单位的信息管理员决定，书面答复：同意的，带身份证件和回执到场看；不同意的，写明理由和依据。国家规定没有设定答复期限，凭申请编号询问。",
        "A custodian of the unit decides and answers in writing: with consent you come with identity card and receipt and see it; a refusal has reasons and clauses. No term is set by law; ask with the number.",
    ),
    Text::new(
        "不清楚是谁装的，看摄像机旁的标识，或者到下面写明的窗口问公安机关。",
        "Where you do not know whose camera it is, look at the sign beside it, or ask the police at the counter named below.",
    ),
];

/// A paper with an example of what counts as one.
fn brought(m: &Material) -> Text {
    if m.sample_zh.is_empty() {
        return Text::of(m.zh.clone(), m.en.clone());
    }
    Text::of(
        format!("{}：{}", m.zh, m.sample_zh.trim_end_matches('。')),
        format!("{}: {}", m.en, m.sample_en.trim_end_matches('.')),
    )
}

fn way(packs: &Packs, p: &Procedure) -> GuideWay {
    let (zh, en): (Vec<&str>, Vec<&str>) =
        p.conditions.iter().map(|c| (c.zh.trim_end_matches('。'), c.en.trim_end_matches('.'))).unzip();
    let ours = is_ours(p.organ);
    // What the packs say of a paper stands beside it everywhere: one that the police makes is brought by nobody.
    let told = p.materials.iter().map(brought);
    GuideWay {
        name: p.name(),
        when: Text::of(format!("{}。", zh.join("；")), format!("{}.", en.join("; "))),
        bring: if ours { told.collect() } else { told.chain([WHAT]).collect() },
        steps: if ours { Vec::new() } else { AT_THE_UNIT.to_vec() },
        whom: Text::of(p.territory_zh.clone(), p.territory_en.clone()),
        href: if ours { format!("/public/services/{}", p.id) } else { AT_HOME.to_owned() },
        clause: p.clauses.first().and_then(|c| packs.cite(c)),
    }
}

fn ask(question: (&'static str, &'static str), answer: Text) -> GuideLine {
    GuideLine { question: Text::new(question.0, question.1), answer: vec![answer], clauses: Vec::new() }
}

/// How long it is kept, with the number of the clause on this day; `holds`: a procedure here has footage held.
fn how_long(packs: &Packs, today: CivilDate, holds: bool) -> GuideLine {
    let clause = ClauseId::new(KEPT.0);
    let least = match packs.value(&clause, KEPT.1, today) {
        Some(days) => Text::of(
            format!("公共场所的录像至少保存{days}日，之后删除。"),
            format!("Footage of public places is kept for at least {days} days and then deleted."),
        ),
        None => Text::new("各单位的保存期不同，期满即删除。", "Sites keep it for different times and then delete it."),
    };
    let more = if holds {
        Text::new(
            "向公安机关提交申请后，接入本机关的单位在几秒钟内自动封存有关录像，期满也不删除，直到事情办完。",
            "Once you apply to the police, a site that is connected to this office holds the footage within seconds; it is not deleted until the matter is over.",
        )
    } else {
        Text::new(
            "请尽早提出：网上提出、转交给已接入单位的，单位收到即自动封存有关录像；当面提出的，使用本系统的单位从登记的那一刻起封存；其他单位，请他们先保留有关的一段。",
            "Ask early: what is handed on from here to a connected unit is held there as soon as it comes; a unit of this system that is asked in person holds it from the moment it is entered; ask any other to keep the part you mean.",
        )
    };
    GuideLine {
        question: Text::new("录像保存多久？", "How long is it kept?"),
        answer: vec![least, more],
        clauses: packs.cite(&clause).into_iter().collect(),
    }
}

/// The last day until which the law has footage of this day kept, `YYYY-MM-DD`; `None` where the packs have no number.
pub(super) fn kept_until(packs: &Packs, day: CivilDate) -> Option<String> {
    let days = packs.value(&ClauseId::new(KEPT.0), KEPT.1, day).and_then(|days| i32::try_from(days).ok())?;
    Some(day.plus_days(days).to_string())
}

/// What happens after an application, and after a refusal.
fn course(holds: bool) -> (Text, Text) {
    if holds {
        return (
            Text::new(
                "录像先封存；单位答复有没有这段录像；机关审查后作出决定，不同意的写明理由；同意的约时间去看。",
                "The footage is held first; the site says whether there is any; the office examines and decides, with reasons if it refuses; if it agrees, a time is set.",
            ),
            Text::new(
                "决定书上写有理由和救济途径。在可以申请复议、起诉的期间内，录像继续封存。",
                "The decision says why and what you can do. While you may still ask for review or sue, the footage stays held.",
            ),
        );
    }
    (
        Text::new(
            "单位登记时封存录像、给回执，核对身份、关系和理由后由另一人决定，书面答复；不同意的说明理由和依据，同意的到场查阅。",
            "The unit holds the footage and gives a receipt when it enters the request, sees identity, relation and reason, and another person decides; the answer is in writing, with reasons and clauses if it does not consent.",
        ),
        Text::new(
            "书面答复写有理由和依据，补齐材料后可以重新提出。涉及违法犯罪的，请报案，由公安机关依法调取。",
            "The written answer has reasons and clauses; with the missing papers you may ask again. Where there was an offence, report it: the police retrieve the footage by law.",
        ),
    )
}

/// What it costs; `holds`: it is applied for here.
fn cost(holds: bool) -> Text {
    if holds {
        return Text::new(
            "不收费。网上申请要注册账号；到窗口办不用。凭回执上的编号和查询码，不登录也能查进度。",
            "It costs nothing. Online you need an account, at the counter you do not. With number and code of the receipt anybody sees how it stands.",
        );
    }
    Text::new(
        "不收费。当面提出不要账号；网上填写、由本网站转交给单位的，要注册账号，答复在网上看。是否同意都由该单位决定。",
        "It costs nothing. In person you need no account; to have this site hand it on you need one, and read the answer here. Either way that unit decides.",
    )
}

/// Which way is whose; `holds`: the police take applications here.
fn which_way(holds: bool) -> Text {
    if holds {
        return Text::new(
            "正在发生的事，打110。被偷、被打、被骗的，报案，由公安机关依法调取录像，不用自己申请。其他的事，先向管理录像的单位提出；单位不同意，或者要作证据的，在本网站或者到窗口向公安机关申请。",
            "If it is happening now, call 110. If you were robbed, hurt or cheated, report it: the police retrieve the footage themselves. For anything else ask the unit that runs the cameras; where it does not consent, or you need evidence, apply to the police, on this site or at the counter.",
        );
    }
    Text::new(
        "正在发生的事，打110。被偷、被打、被骗的，报案，由公安机关依法调取录像，不用自己申请。其他的事，向管理录像的单位提出；单位不同意的，请它书面写明理由和依据。",
        "If it is happening now, call 110. If you were robbed, hurt or cheated, report it: the police retrieve the footage themselves. For anything else ask the unit that runs the cameras; where it does not consent, let it write down its reasons and clauses.",
    )
}

fn questions(packs: &Packs, today: CivilDate, holds: bool) -> Vec<GuideLine> {
    let (then, refused) = course(holds);
    vec![
        ask(
            ("我能看吗？", "May I see it?"),
            Text::new(
                "事情与您本人有关、不涉及国家秘密和他人隐私的，可以提出。看热闹、找别人的行踪，不可以。",
                "Where the matter concerns you and no state secret or privacy of others, you may ask. Out of curiosity, or to follow somebody, you may not.",
            ),
        ),
        ask(("该走哪一条路？", "Which way is mine?"), which_way(holds)),
        ask(
            ("要写清楚什么？", "What do I have to say?"),
            Text::new(
                "哪个单位、什么地方、哪一天、大约几点。越准确，找得越快。",
                "Which unit, which place, which day, about what time. The closer, the faster.",
            ),
        ),
        how_long(packs, today, holds),
        ask(("提交以后会怎样？", "What happens then?"), then),
        ask(
            ("在哪里看，能带走吗？", "Where do I see it, may I take it?"),
            Text::new(
                "在装摄像机的单位看，有人在场，登记在册。查看不等于复制；要作证据的，由公安机关依法调取。",
                "At the unit that has the cameras, with somebody present, and it is registered. Seeing is not copying; evidence is retrieved by the police.",
            ),
        ),
        ask(
            ("会看到别人吗？", "Will I see other people?"),
            Text::new(
                "涉及他人隐私的，单位须遮住他人，或者只播放没有他人的部分。看到的内容不得外传。",
                "Where the privacy of others is touched, the unit covers them or plays only what is without them. What you see is not to be passed on.",
            ),
        ),
        ask(("要钱吗，要账号吗？", "Does it cost anything, do I need an account?"), cost(holds)),
        ask(("不同意我看，怎么办？", "What if I am refused?"), refused),
    ]
}

/// `GET /public/footage`.
pub(crate) async fn guide(call: Call) -> Reply {
    of(&call)?;
    let today = call.now().shanghai_date();
    let packs = call.site().gate().packs();
    let ways = ways(packs, call.site().profile().law.jurisdiction, today);
    let holds = ways.iter().any(|p| p.hold.is_some());
    let Counter { place, hours, phone } = counter(&call).await?;
    let page = FootageGuidePage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::Services,
        ways: ways.into_iter().map(|p| way(packs, p)).collect(),
        lines: questions(packs, today, holds),
        counter: holds,
        place,
        hours,
        phone,
    };
    open_page(&call, &page)
}

// -- what is held for a case -----------------------------------------------------------------------------------------------

fn span(from: UtcMs, to: UtcMs) -> String {
    format!("{} — {}", from.desk(), to.desk())
}

fn kept_line(kept: &Kept) -> KeptLine {
    let minutes = kept.footage_ms / MINUTE_MS;
    let footage = match (kept.footage_ms, minutes) {
        (0, _) => Text::new("没有录像", "no footage"),
        (_, 0) => Text::new("不到1分钟", "less than a minute"),
        (_, n) => Text::of(format!("{n}分钟"), format!("{n} {}", base::plural(n, "minute", "minutes"))),
    };
    KeptLine {
        camera: kept.camera.clone(),
        footage,
        gaps: kept.gaps.iter().map(|(from, to)| span(*from, *to)).collect(),
        oldest: kept.oldest.map(UtcMs::desk).unwrap_or_default(),
    }
}

fn state(one: &FootageOrder) -> State {
    let Some((answer, _)) = &one.answer else {
        return State::new(Mark::Busy, "等待单位答复", "waits for the site");
    };
    let is_hold = matches!(one.what, Some(Order::Hold(_)));
    let copy = matches!(&one.what, Some(Order::View(view)) if view.copy);
    match answer.ended {
        _ if one.ended => State::new(Mark::Off, "已通知解除", "told to release"),
        Ended::Done if is_hold => State::new(Mark::Ok, "已封存", "held"),
        Ended::Partly if is_hold => State::new(Mark::Warning, "部分封存", "held in part"),
        Ended::Done if copy => State::new(Mark::Ok, "已提供副本", "copy handed out"),
        Ended::Done if matches!(one.what, Some(Order::View(_))) => State::new(Mark::Ok, "已查看", "seen"),
        Ended::Done | Ended::Partly => State::new(Mark::Ok, "已办理", "done"),
        Ended::Refused => State::new(Mark::Critical, "依法不予办理", "refused by law"),
        Ended::NotPossible if is_hold => State::new(Mark::Warning, "没有可封存的录像", "nothing to hold"),
        Ended::NotPossible => State::new(Mark::Warning, "无法办理", "not possible"),
    }
}

/// Until when footage is to be held; `None`: nobody knows yet. That it is held only the site can say.
fn lasts(until: Option<CivilDate>) -> Text {
    match until {
        Some(day) => Text::of(
            format!("应当封存至少到 {day}（可以申请复议、提起诉讼的最后一日），由公安机关解除。"),
            format!("To be held at least to {day}, the last day for review or suit; the authority releases it."),
        ),
        None => Text::new(
            "应当封存到事情办完，由公安机关解除；现在还没有最后一日。",
            "To be held until the matter is over, when the authority releases it; there is no last day yet.",
        ),
    }
}

/// The holds that a site was told to show, and not in vain.
fn told_to_show(orders: &[FootageOrder]) -> Vec<OrderId> {
    let useful =
        |one: &&FootageOrder| one.answer.as_ref().is_none_or(|(a, _)| matches!(a.ended, Ended::Done | Ended::Partly));
    let hold = |one: &FootageOrder| match &one.what {
        Some(Order::View(view)) => Some(view.hold),
        _ => None,
    };
    orders.iter().filter(useful).filter_map(hold).collect()
}

/// The site keeps something for this order.
fn holds_something(one: &FootageOrder) -> bool {
    let empty = |(a, _): &(Answer, UtcMs)| matches!(a.ended, Ended::NotPossible | Ended::Refused);
    matches!(one.what, Some(Order::Hold(_))) && !one.ended && !one.answer.as_ref().is_some_and(empty)
}

/// An order as its pages show it; `ends`: the reader may end it, `log`: may see the log.
fn line(one: &FootageOrder, ends: bool, log: bool) -> FootageLine {
    let held = one.answer.as_ref().and_then(|(a, _)| a.from.zip(a.to));
    let (what, asked, place) = match &one.what {
        Some(Order::Hold(o)) => (Text::new("封存录像", "Hold footage"), Some((o.from, o.to)), o.place.clone()),
        Some(Order::Release(_)) => (Text::new("解除封存", "Release what is held"), None, String::new()),
        Some(Order::Appointment(o)) => {
            (Text::new("查看时间", "Somebody comes to see it"), Some((o.from, o.to)), o.place.clone())
        }
        Some(Order::View(o)) if o.copy => {
            (Text::new("凭手续提供副本", "Hand out a copy on the papers"), Some((o.from, o.to)), o.scope.clone())
        }
        Some(Order::View(o)) => {
            (Text::new("凭文书提供查看", "Show it on the document"), Some((o.from, o.to)), o.scope.clone())
        }
        // It is of no case: the person reads it on a page of its own.
        Some(Order::Person(_)) => (Text::new("个人查阅申请", "A person's own request"), None, String::new()),
        None => (Text::new("指令", "Order"), None, String::new()),
    };
    let is_hold = matches!(one.what, Some(Order::Hold(_)));
    let answer: Option<&Answer> = one.answer.as_ref().map(|(a, _)| a);
    let shown = answer.and_then(|a| a.shown.as_ref()).map(shown_words);
    FootageLine {
        id: if ends && is_hold && !one.ended { one.id.to_string() } else { String::new() },
        site: one.site.clone(),
        what,
        span: held.or(asked).map(|(from, to)| span(from, to)).unwrap_or_default(),
        place,
        until: if is_hold && !one.ended { lasts(one.until) } else { Text::default() },
        at: one.at,
        state: state(one),
        answered: one.answer.as_ref().map(|(_, at)| *at),
        said: answer.map(|a| a.said.iter().cloned().chain(shown).collect()).unwrap_or_default(),
        cameras: answer.map(|a| a.cameras.iter().map(kept_line).collect()).unwrap_or_default(),
        log: log.then_some(one.entry),
        is_show: matches!(one.what, Some(Order::View(_))),
        show_again: String::new(),
    }
}

/// An order as its party sees it: how much footage there is, and no camera of the site by name, no hour in which one has nothing. Anybody may
/// apply, and name any site: what it can see is told to nobody before it is decided.
fn party_line(one: &FootageOrder) -> FootageLine {
    let all = one.answer.as_ref().map(|(a, _)| a).filter(|a| !a.cameras.is_empty());
    let whole = all.map(|a| {
        let all = Kept { camera: String::new(), footage_ms: a.footage_ms(), gaps: Vec::new(), oldest: None };
        kept_line(&all)
    });
    FootageLine { cameras: whole.into_iter().collect(), ..line(one, false, false) }
}

/// It was decided that footage may be seen or taken.
fn is_allowed(view: &CaseView) -> bool {
    let allows = |id: &str| {
        let found = view.procedure().outcomes.iter().find(|o| o.id == id);
        found.is_some_and(|o| !o.needs.contains(&Guard::Reasons))
    };
    view.row.head.outcome.as_deref().is_some_and(allows) && view.row.head.closed.is_none()
}

/// The decision that stands opens what is held, and it was not shown yet.
fn opens(view: &CaseView) -> bool {
    let rule = view.procedure().viewing.as_ref();
    let outcome = view.row.head.outcome.as_deref();
    rule.is_some_and(|r| outcome == Some(r.outcome.as_str()) && view.case.done(&r.step).is_none())
}

/// What the application says of the footage, and until when the law has it kept: counted from the day of the event.
fn asked_for(call: &Call, view: &CaseView) -> Option<FootageAsked> {
    let rule = view.procedure().hold.as_ref()?;
    let values = |id: &str| view.case.values_of(&view.procedure().field(id)?.step);
    let text = |id: &str| values(id).and_then(|v| v.text(id)).unwrap_or_default().to_owned();
    let day = values(&rule.day).and_then(|v| v.day(&rule.day));
    let (packs, clause) = (call.site().gate().packs(), ClauseId::new(KEPT.0));
    let last = day.and_then(|day| kept_until(packs, day));
    let at = day.map(|day| day.to_string()).unwrap_or_default();
    Some(FootageAsked {
        unit: Shown(text(&rule.unit)),
        place: Shown(text(&rule.place)),
        when: Shown(format!("{at} {}", text(&rule.time)).trim().to_owned()),
        clause: last.as_ref().and_then(|_| packs.cite(&clause)),
        kept_until: last.unwrap_or_default(),
    })
}

/// Why an officer cannot tell a site here, and what they do instead; empty where the form is there.
fn no_form(view: &CaseView, acts: bool, sites: usize) -> Text {
    match (acts, sites) {
        (true, 0) => Text::new(
            "本机关辖区内还没有单位接入本系统，不能在这里通知封存：请立即书面或者电话通知管理录像的单位保留这段录像，并登记备注；需要接入的，请管理员办理。",
            "No site of this territory is connected, so none can be told here: tell the unit that runs the cameras in writing or by telephone at once to keep it, and note that in the case; an administrator connects sites.",
        ),
        (true, _) => Text::default(),
        (false, _) if view.row.head.closed.is_some() => {
            Text::new("案件已经办结，不再通知单位封存。", "The case is closed; no more sites are told.")
        }
        (false, _) => Text::new(
            "由承办人在这里选择单位并通知封存；您现在不能办理。",
            "Whoever handles the case chooses the site here and tells it to hold; you cannot.",
        ),
    }
}

/// The form of an order as it was typed; where nothing was sent yet, as the application says it.
fn typed(call: &Call, sent: bool, view: &CaseView) -> FootageTyped {
    if let Some(rule) = view.procedure().hold.as_ref().filter(|_| !sent) {
        let said = |id: &str| {
            let step = view.procedure().field(id).map(|field| field.step.as_str());
            step.and_then(|step| view.case.values_of(step)?.get(id).map(Value::typed)).unwrap_or_default()
        };
        let (day, time, place) = (said(&rule.day), said(&rule.time), said(&rule.place));
        return FootageTyped { day, time, place, ..FootageTyped::default() };
    }
    let text = |name: &str| call.form.get(name).to_owned();
    FootageTyped {
        day: text("day"),
        time: text("time"),
        place: text("place"),
        from: text("from"),
        to: text("to"),
        room: text("room"),
        scope: text("scope"),
        code: text("code"),
    }
}

/// Sites whose name has every word that was sought; all where nothing was.
fn fitting(sites: Vec<(SiteId, String)>, sought: &str) -> Vec<(SiteId, String)> {
    let words: Vec<String> = sought.split_whitespace().map(str::to_lowercase).collect();
    let fits = |name: &str| {
        let name = name.to_lowercase();
        words.iter().all(|word| name.contains(word.as_str()))
    };
    sites.into_iter().filter(|(_, name)| fits(name)).collect()
}

async fn case_page(call: &Call, mut wrong: Wrong) -> Result<CaseFootagePage, Refusal> {
    let (authority, who) = (of(call)?, by(call)?);
    let view = view_of(call).await?;
    // Whoever may not act in the case is offered nothing; the corridor asks again.
    let free = may_act(call, &view).await? && view.procedure().hold.is_some();
    let acts = free && call.may(Permission::HandleCases) && view.row.head.closed.is_none();
    let ends = free && call.may(Permission::ApproveCases);
    let orders = authority.footage_orders(who, view.row.id).await?;
    let sites = if acts { authority.footage_units(who).await? } else { Vec::new() };
    let (all, sought) = (sites.len(), call.query.get("unit").chars().take(NAME_CHARS).collect::<String>());
    let sites = fitting(sites, &sought);
    let sent = !wrong.status.is_success();
    let asked = asked_for(call, &view);
    let chosen = call.form.get("site");
    let named = asked.as_ref().map(|a| a.unit.0.clone()).filter(|unit| !unit.is_empty());
    let choice = |(site, name): (SiteId, String)| {
        let id = site.to_string();
        let is_it = if sent { id == chosen } else { named.as_ref() == Some(&name) };
        Choice::new(&id, Text::of(name.clone(), name), is_it)
    };
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    let log = call.may(Permission::SeeLog);
    let (told, may_show) = (told_to_show(&orders), acts && opens(&view));
    let shown = |one: &FootageOrder| {
        let again = may_show && holds_something(one) && !told.contains(&one.id);
        let show_again = if again { one.id.to_string() } else { String::new() };
        FootageLine { show_again, ..line(one, ends, log) }
    };
    let unheld = acts && !orders.iter().any(|one| matches!(one.what, Some(Order::Hold(_))));
    Ok(CaseFootagePage {
        l: call.lang,
        bar,
        head: head(call, &view).await?,
        unheld: unheld && asked.is_some(),
        lines: orders.iter().map(shown).collect(),
        no_form: no_form(&view, acts, all),
        seeks: all > FEW,
        sought,
        sites: sites.into_iter().map(choice).collect(),
        may_appoint: is_allowed(&view),
        typed: typed(call, sent, &view),
        asked,
        errors: wrong.errors,
    })
}

/// `GET /cases/{id}/footage`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&case_page(&call, Wrong::none()).await?)
}

async fn told(call: &Call, done: Result<(), Refusal>) -> Reply {
    let Err(refusal) = done else { return call.done(&format!("/cases/{}/footage", id_of(call)?), "site_told") };
    // What is wrong with no field of the page stands at the first.
    let at = match refusal.code.as_str() {
        "day" | "place" | "from" => refusal.code.clone(),
        _ => "site".to_owned(),
    };
    let wrong = Wrong::of(refusal, &at)?;
    page_with(wrong.status, &case_page(call, wrong).await?)
}

/// `POST /cases/{id}/footage/hold`: `site`, `day`, `time`, `place`.
pub(crate) async fn hold(call: Call) -> Reply {
    let form = FootageForm {
        site: SiteId::parse(call.form.get("site")),
        day: CivilDate::parse(call.form.get("day")),
        time: call.form.get("time").to_owned(),
        place: call.form.get("place").to_owned(),
    };
    let done = of(&call)?.hold_footage(by(&call)?, id_of(&call)?, &form).await;
    told(&call, done).await
}

/// `POST /cases/{id}/footage/release`: `order`, `reason`. A head's.
pub(crate) async fn release(call: Call) -> Reply {
    let order = OrderId::parse(call.form.get("order")).ok_or_else(|| Refusal::not_found("该指令", "order"))?;
    let done = of(&call)?.release_footage(by(&call)?, id_of(&call)?, order, call.form.get("reason")).await;
    told(&call, done).await
}

/// `POST /cases/{id}/footage/appoint`: `site_at`, `from`, `to`, `room`, `scope`, `code`.
pub(crate) async fn appoint(call: Call) -> Reply {
    let form = AppointmentForm {
        site: SiteId::parse(call.form.get("site_at")),
        from: UtcMs::parse_shanghai(call.form.get("from")),
        to: UtcMs::parse_shanghai(call.form.get("to")),
        place: call.form.get("room").to_owned(),
        scope: call.form.get("scope").to_owned(),
        code: call.form.get("code").to_owned(),
    };
    let done = of(&call)?.appoint(by(&call)?, id_of(&call)?, &form).await;
    told(&call, done).await
}

/// `POST /cases/{id}/footage/show`: `order`, the hold whose footage is to be shown.
pub(crate) async fn show_again(call: Call) -> Reply {
    let order = OrderId::parse(call.form.get("order")).ok_or_else(|| Refusal::not_found("该指令", "order"))?;
    let done = of(&call)?.show_footage(by(&call)?, id_of(&call)?, order).await;
    told(&call, done).await
}

/// `GET /my/cases/{id}/footage`.
pub(crate) async fn mine(call: Call) -> Reply {
    let view = view_of(&call).await?;
    let orders = of(&call)?.footage_orders(by(&call)?, view.row.id).await?;
    page(&MyFootagePage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        at: PublicNav::Mine,
        id: view.row.id.to_string(),
        receipt: view.row.number.clone(),
        asked: asked_for(&call, &view),
        lines: orders.iter().map(party_line).collect(),
        phone: counter(&call).await?.phone,
    })
}

// -- at the site -----------------------------------------------------------------------------------------------------------

/// How far a person's own request is, as the custodian has it to do.
pub(super) const fn person_state(stage: PersonStage) -> State {
    match stage {
        PersonStage::Held => State::new(Mark::Attention, "待登记", "to be entered"),
        PersonStage::Entered => State::new(Mark::Busy, "待决定", "to be decided"),
        PersonStage::Agreed => State::new(Mark::Ok, "已同意", "agreed"),
        PersonStage::Refused => State::new(Mark::Off, "不同意，已答复", "refused, and told"),
        PersonStage::Over => State::new(Mark::Off, "已办结", "over"),
        PersonStage::Withdrawn => State::new(Mark::Off, "申请人已撤回", "taken back by the person"),
    }
}

/// `first`: the first day whose requests of persons are still in time to be entered.
fn order_line(one: &OrderView, first: Option<CivilDate>) -> OrderLine {
    let (what, case, times, words) = match &one.what {
        Some(Order::Hold(o)) => {
            (Text::new("封存录像", "hold footage"), o.case.clone(), Some((o.from, o.to)), vec![o.place.clone()])
        }
        Some(Order::Release(o)) => (Text::new("解除封存", "release what is held"), o.case.clone(), None, Vec::new()),
        Some(Order::Appointment(o)) => {
            let words = vec![o.place.clone(), o.scope.clone(), o.code.clone()];
            (Text::new("提供查看", "show footage"), o.case.clone(), Some((o.from, o.to)), words)
        }
        Some(Order::View(o)) => {
            let what = if o.copy {
                Text::new("凭手续提供封存副本", "hand out a sealed copy")
            } else {
                Text::new("凭文书提供查看", "show footage on a document")
            };
            (what, o.case.clone(), Some((o.from, o.to)), vec![o.scope.clone(), o.paper.clone()])
        }
        Some(Order::Person(o)) => (
            Text::new("个人查阅申请（网上转来，由本单位决定）", "a person's own request, handed on: this unit decides"),
            o.number.clone(),
            Some((o.from, o.to)),
            vec![o.place.clone()],
        ),
        None => (Text::new("不能识别的指令", "an order that cannot be read"), String::new(), None, Vec::new()),
    };
    let is_show = matches!(one.what, Some(Order::View(_)));
    let is_person = matches!(one.what, Some(Order::Person(_)));
    let is_late = first.is_some_and(|first| one.order.taken.shanghai_date() < first);
    let person = one.answer.as_ref().and_then(|a| a.person.as_ref()).map(|told| match told.stage {
        PersonStage::Held if is_late => State::new(Mark::Warning, "待登记，已过时限", "to be entered, and late"),
        stage => person_state(stage),
    });
    let state = match (person, one.answer.as_ref().map(|a| a.ended)) {
        (Some(state), _) => state,
        (None, None) if is_show => State::new(Mark::Attention, "待办理", "to be done"),
        (None, None) => State::new(Mark::Busy, "正在办理", "under way"),
        (None, Some(Ended::Done)) => State::new(Mark::Ok, "已办理", "done"),
        (None, Some(Ended::Partly)) => State::new(Mark::Attention, "部分办理", "done in part"),
        (None, Some(Ended::Refused)) => State::new(Mark::Warning, "依法不予办理", "refused by law"),
        (None, Some(Ended::NotPossible)) => State::new(Mark::Warning, "无法办理", "not possible"),
    };
    let answer = one.answer.as_ref();
    OrderLine {
        number: one.order.seq,
        what,
        case,
        span: times.map(|(from, to)| span(from, to)).unwrap_or_default(),
        words: words.into_iter().filter(|text| !text.is_empty()).collect(),
        until: match &one.what {
            Some(Order::Hold(o)) => lasts(o.until),
            _ => Text::default(),
        },
        at: one.order.taken,
        state,
        said: answer.map(|a| a.said.clone()).unwrap_or_default(),
        cameras: answer.map(|a| a.cameras.iter().map(kept_line).collect()).unwrap_or_default(),
        href: match (is_show, is_person) {
            (true, _) => format!("/use/orders/{}", one.order.id),
            (_, true) => format!("/use/orders/{}/person", one.order.id),
            _ => String::new(),
        },
    }
}

/// `GET /use/orders`.
pub(crate) async fn orders(call: Call) -> Reply {
    let orders = call.site().orders(call.actor()?).await?;
    let first = call.site().persons_in_time_from();
    let lines = orders.iter().map(|one| order_line(one, first)).collect();
    page(&OrdersPage { l: call.lang, bar: call.bar(Nav::Use).await?, lines })
}

#[cfg(test)]
mod tests;
