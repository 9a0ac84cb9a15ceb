//! Samples of the pages on which citizens ask for footage and officers have it held.

use super::super::pages::case::CaseHead;
use super::super::pages::footage::{
    CaseFootagePage, FootageAsked, FootageGuidePage, FootageLine, FootageTyped, GuideLine, GuideWay, KeptLine,
    MyFootagePage, OrderLine, OrdersPage,
};
use super::super::pages::public::PublicNav;
use super::public::{Ink, public_bar};
use super::*;

fn asked(ink: Ink) -> FootageAsked {
    FootageAsked {
        unit: ink.p("路口那家超市"),
        place: ink.p("东入口"),
        when: ink.p("2026-11-21 20:00至20:30"),
        kept_until: "2026-12-21".into(),
        clause: ink.cite(),
    }
}

fn guide(l: Lang, ink: Ink) -> FootageGuidePage {
    let way = |href: &str| GuideWay {
        name: ink.t("本人、近亲属等查阅", "Viewing by the person and near relatives"),
        when: ink.t("为保护生命健康、财产安全。", "To protect life, health or property."),
        bring: vec![ink.t("身份和关系的证明", "proof of identity and relation")],
        whom: ink.t("系统的管理单位", "the unit that manages the system"),
        steps: vec![ink.t("到装这台摄像机的单位当面提出。", "Go to the unit that has the camera.")],
        href: href.into(),
        clause: ink.cite(),
    };
    let line = GuideLine {
        question: ink.t("录像保存多久？", "How long is it kept?"),
        answer: vec![ink.t("期满即删除，请尽快提出。", "It is deleted when its term is over: ask soon.")],
        clauses: ink.cite().into_iter().collect(),
    };
    FootageGuidePage {
        l,
        bar: public_bar(ink, false),
        at: PublicNav::Services,
        ways: vec![way(""), way("/public/services/a")],
        lines: vec![line.clone(), line],
        counter: !ink.hostile,
        place: ink.s("龙江市中央大街 1 号"),
        hours: ink.t("工作日 8:30—17:00", "working days 8:30-17:00"),
        phone: ink.s("0451-00000000"),
    }
}

fn lines(ink: Ink, ends: bool) -> Vec<FootageLine> {
    let told = FootageLine {
        id: if ends { "o1".into() } else { String::new() },
        site: ink.s("龙江路商业广场"),
        what: ink.t("封存录像", "Hold footage"),
        span: ink.s("2026-11-21 19:30:00 — 2026-11-21 21:00:00"),
        place: ink.s("东入口"),
        until: ink.t(
            "应当封存至少到 2027-05-26，由公安机关解除。",
            "To be held at least to 2027-05-26; the authority releases it.",
        ),
        at: ago(40 * MIN),
        state: ink.state(Mark::Busy, "等待单位答复", "waits for the site"),
        log: ends.then_some(4_711),
        ..FootageLine::default()
    };
    let kept = KeptLine {
        camera: ink.s("东入口1号"),
        footage: ink.t("88分钟", "88 minutes"),
        gaps: vec![ink.s("20:10:00 — 20:12:00"), ink.s("20:30:00 — 20:30:20")],
        oldest: ink.s("2026-10-22 00:00:00"),
    };
    let answered = FootageLine {
        id: if ends { "o2".into() } else { String::new() },
        state: ink.state(Mark::Warning, "部分封存", "held in part"),
        answered: Some(ago(39 * MIN)),
        said: vec![ink.t("1台摄像机在该时段没有录像。", "1 camera has no footage of that time.")],
        cameras: vec![kept],
        ..told.clone()
    };
    let show = FootageLine {
        id: String::new(),
        what: ink.t("凭文书提供查看", "Show it on the document"),
        is_show: true,
        ..told.clone()
    };
    let show_again = if ends { "o3".into() } else { String::new() };
    let again = FootageLine { id: String::new(), show_again, ..answered.clone() };
    vec![told, answered, show, again]
}

fn filled(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    put(out, &ink.name("public-footage"), &guide(l, ink));
    let mine = MyFootagePage {
        l,
        bar: public_bar(ink, true),
        at: PublicNav::Mine,
        id: "c1".into(),
        receipt: ink.s("LJ-2026-000123"),
        asked: Some(asked(ink)),
        lines: lines(ink, false),
        phone: ink.s("0451-00000000"),
    };
    put(out, &ink.name("apply-footage"), &mine);
    let mut errors = FormErrors::default();
    errors.push("day", ink.t("请填写录像的日期。", "Enter the day of the footage."));
    let case = CaseFootagePage {
        l,
        bar: AppBar { can: Can { cases: true, log: true, ..Can::default() }, ..bar(Nav::Cases) },
        head: CaseHead { id: "c1".into(), number: ink.s("LJ-2026-000123"), ..CaseHead::default() },
        unheld: false,
        asked: Some(asked(ink)),
        lines: lines(ink, true),
        no_form: Text::default(),
        sites: vec![Choice::new("s1", ink.t("龙江路商业广场", "Longjiang Road Plaza"), true)],
        seeks: true,
        sought: ink.s("龙江路"),
        may_appoint: true,
        typed: FootageTyped { time: ink.s("20:00至20:30"), place: ink.s("东入口"), ..FootageTyped::default() },
        errors,
    };
    put(out, &ink.name("case-footage"), &case);
    put(out, &ink.name("case-footage-unheld"), &CaseFootagePage { unheld: true, lines: vec![], ..case });
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        filled(l, Ink { hostile }, out);
    }
    let plain = || AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(out, "public-footage-empty", &FootageGuidePage { l, bar: plain(), ..FootageGuidePage::default() });
    put(out, "apply-footage-empty", &MyFootagePage { l, bar: plain(), ..MyFootagePage::default() });
    let order = OrderLine {
        number: 7,
        what: t("封存录像", "hold footage"),
        case: "沈公〔2026〕12号".into(),
        span: "2026-11-21 19:30:00 — 2026-11-21 21:00:00".into(),
        words: vec!["东入口".into()],
        until: t(
            "应当封存到事情办完，由公安机关解除。",
            "To be held until the matter is over; the authority releases it.",
        ),
        at: ago(40 * MIN),
        state: State::new(Mark::Ok, "已办理", "done"),
        said: vec![t("1台摄像机在该时段没有录像。", "1 camera has no footage of that time.")],
        cameras: vec![KeptLine {
            camera: "东入口1号".into(),
            footage: t("88分钟", "88 minutes"),
            ..KeptLine::default()
        }],
        href: String::new(),
    };
    let show = OrderLine {
        number: 8,
        what: t("凭文书提供查看", "show footage on a document"),
        state: State::new(Mark::Attention, "待办理", "to be done"),
        said: vec![],
        cameras: vec![],
        href: "/use/orders/o8".into(),
        ..order.clone()
    };
    put(out, "use-orders", &OrdersPage { l, bar: bar(Nav::Use), lines: vec![show, order] });
    put(out, "use-orders-empty", &OrdersPage { l, bar: bar(Nav::Use), lines: vec![] });
    put(out, "case-footage-empty", &CaseFootagePage { l, bar: plain(), ..CaseFootagePage::default() });
}
