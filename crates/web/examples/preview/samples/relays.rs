//! Samples of a person's own request to a unit: the form, the receipt with and without a unit, and the page of the unit's custodian.

use super::super::pages::person_orders::PersonOrderPage;
use super::super::pages::public::PublicNav;
use super::super::pages::relays::{RelayComing, RelayFormPage, RelayPage, RelayTyped};
use super::super::pages::showing::OrderRequest;
use super::public::{Ink, public_bar};
use super::*;

fn relations(ink: Ink) -> Vec<Choice> {
    vec![
        Choice::new("person", ink.t("本人", "the person concerned"), false),
        Choice::new("guardian", ink.t("监护、看护、代管人", "a guardian or carer"), true),
    ]
}

fn form(l: Lang, ink: Ink) -> RelayFormPage {
    let mut errors = FormErrors::default();
    errors.push("site", ink.t("请选择是哪一个。", "Choose which it is."));
    RelayFormPage {
        l,
        bar: public_bar(ink, true),
        at: PublicNav::Services,
        errors,
        form: "o1".into(),
        relations: relations(ink),
        protects: vec![Choice::new("property", ink.t("财产安全", "property"), true)],
        near: vec![Choice::new("s1", ink.t("示例广场", "Example Plaza"), false)],
        to_nobody: false,
        typed: RelayTyped {
            name: ink.p("王五"),
            contact: ink.p("0451-55550100"),
            concerned: ink.p("王小五"),
            why: ink.p("孩子走失，查看离开的方向。"),
            unit: ink.s("示例广场管理处"),
            place: ink.s("一层南门"),
            from: "2026-11-21T20:00".into(),
            to: "2026-11-21T20:30".into(),
        },
        clauses: ink.cite().into_iter().collect(),
        range_days_max: 7,
        why_chars_max: 500,
    }
}

fn receipt(l: Lang, ink: Ink) -> RelayPage {
    RelayPage {
        l,
        bar: public_bar(ink, true),
        at: PublicNav::Mine,
        id: "o1".into(),
        number: ink.s("查阅〔2026〕12号"),
        asked: ago(40 * MIN),
        site: ink.s("示例广场"),
        place: ink.s("示例广场 一层南门"),
        span: ink.s("2026-11-21 20:00:00 — 2026-11-21 20:30:00"),
        name: ink.p("王五"),
        contact: ink.p("0451-55550100"),
        relation: ink.t("监护、看护、代管人", "a guardian or carer"),
        concerned: ink.p("王小五"),
        protects: ink.t("生命健康", "life or health"),
        why: ink.p("孩子走失，查看离开的方向。"),
        state: ink.state(Mark::Ok, "单位同意查阅", "the unit consents"),
        held: ink.t("单位已经封存录像。", "The unit holds the footage."),
        term: ink.t("单位应在2026-11-28以前登记。", "The unit is to enter it by 2026-11-28."),
        late: false,
        answered: Some(ago(5 * MIN)),
        number_there: ink.s("2026-000012"),
        until: Some(NOW.plus_ms(DAY)),
        coming: Some(RelayComing { span: ink.s("2026-11-23 14:00:00 — 16:00:00"), place: ink.s("监控室") }),
        seen: String::new(),
        reason: Default::default(),
        because: vec![],
        said: vec![ink.t("1台摄像机在该时段没有录像。", "1 camera has no footage of that time.")],
        letter: false,
        kept_until: "2026-12-21".into(),
        may_withdraw: true,
        clauses: ink.cite().into_iter().collect(),
    }
}

fn at_the_unit(l: Lang, ink: Ink) -> PersonOrderPage {
    let mut errors = FormErrors::default();
    errors.push("camera", ink.t("请选择摄像机。", "Choose cameras."));
    PersonOrderPage {
        l,
        bar: bar(Nav::Use),
        errors,
        id: "o1".into(),
        receipt: ink.s("查阅〔2026〕12号"),
        state: ink.state(Mark::Attention, "待登记", "to be entered"),
        asked: ago(40 * MIN),
        name: ink.p("王五"),
        contact: ink.p("0451-55550100"),
        relation: ink.t("监护、看护、代管人", "a guardian or carer"),
        concerned: ink.p("王小五"),
        protects: ink.t("生命健康", "life or health"),
        why: ink.p("孩子走失，查看离开的方向。"),
        place: ink.s("一层南门"),
        span: ink.s("2026-11-21 20:00:00 — 2026-11-21 20:30:00"),
        said: vec![],
        request: None,
        may_enter: true,
        cameras: vec![Choice::new("cam-1", ink.t("南门1号 · 一层 已封存", "South 1 held"), true)],
        from: "2026-11-21T20:00:00".into(),
        to: "2026-11-21T20:30:00".into(),
        ticked: [false, true, true],
        clauses: ink.cite().into_iter().collect(),
        may_say: false,
        coming: None,
        typed: Default::default(),
    }
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        put(out, &ink.name("relay-form"), &form(l, ink));
        let agreed = receipt(l, ink);
        put(out, &ink.name("relay"), &agreed);
        let refused = RelayPage {
            state: ink.state(Mark::Warning, "单位不同意查阅", "the unit does not consent"),
            reason: ink.p("所述时间没有人经过。"),
            because: ink.cite().into_iter().collect(),
            until: None,
            coming: None,
            may_withdraw: false,
            ..agreed.clone()
        };
        put(out, &ink.name("relay-refused"), &refused);
        let letter = RelayPage { letter: true, site: String::new(), answered: None, ..agreed };
        put(out, &ink.name("relay-letter"), &letter);
        let there = at_the_unit(l, ink);
        put(out, &ink.name("use-person-order"), &there);
        let request = OrderRequest {
            id: "r7".into(),
            number: ink.s("2026-000012"),
            state: ink.state(Mark::Ok, "已同意", "granted"),
        };
        let decided = PersonOrderPage {
            request: Some(request),
            may_enter: false,
            may_say: true,
            coming: Some(RelayComing { span: ink.s("2026-11-23 14:00:00"), place: ink.s("监控室") }),
            errors: FormErrors::default(),
            ..there
        };
        put(out, &ink.name("use-person-order-agreed"), &decided);
    }
    let plain = || AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(out, "relay-form-empty", &RelayFormPage { l, bar: plain(), ..RelayFormPage::default() });
    put(out, "relay-empty", &RelayPage { l, bar: plain(), ..RelayPage::default() });
    put(out, "use-person-order-empty", &PersonOrderPage { l, bar: plain(), ..PersonOrderPage::default() });
}
