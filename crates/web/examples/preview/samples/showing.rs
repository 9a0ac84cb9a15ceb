//! Samples of the pages on which a custodian shows footage to a citizen under an order of the authority.

use super::super::pages::own_request::OwnRequestPage;
use super::super::pages::showing::{OrderPage, OrderRequest, ShowPage, ShowTyped};
use super::super::pages::use_request::{CameraChoice, RequestAct, UseRequestPage};
use super::super::pages::use_session::UseViewPage;
use super::public::Ink;
use super::*;

fn order(l: Lang, ink: Ink, copy: bool) -> OrderPage {
    let camera = |id: &str, name: &str| Choice::new(id, ink.t(name, "East door 1"), true);
    OrderPage {
        l,
        bar: bar(Nav::Use),
        errors: FormErrors::default(),
        id: "o1".into(),
        number: 7,
        state: ink.state(Mark::Attention, "待办理", "to be done"),
        case: ink.s("沈公〔2026〕12号"),
        paper: ink.s("沈公查看〔2026〕3号"),
        scope: ink.s("东入口1号，2026-11-21 20:00至20:30。"),
        span: ink.s("2026-11-21 20:00:00 — 2026-11-21 20:30:00"),
        until: NOW.plus_ms(DAY),
        copy,
        covered: (!copy).then(letter),
        clauses: ink.cite().into_iter().collect(),
        cameras: vec![camera("cam-1", "东入口1号 · 一层"), camera("cam-2", "停车场3号 · 负一层")],
        typed: ShowTyped {
            from: "2026-11-21T20:00:00".into(),
            to: "2026-11-21T20:30:00".into(),
            beside: ink.s("zhao"),
            reason: String::new(),
        },
        may_open: true,
        may_finish: true,
        requests: vec![],
        shown: None,
        said: vec![],
    }
}

fn show(l: Lang, ink: Ink, copy: bool) -> ShowPage {
    ShowPage {
        l,
        bar: bar(Nav::Use),
        errors: FormErrors::default(),
        id: "r7".into(),
        number: ink.s("2026-000007"),
        paper: ink.s("沈公查看〔2026〕3号"),
        scope: ink.t("2 路摄像机，20:00:00 至 20:30:00。", "2 cameras, 20:00:00 to 20:30:00."),
        grant_end: NOW.plus_ms(8 * 60 * MIN),
        copy,
        covered: (!copy).then(letter),
        clauses: ink.cite().into_iter().collect(),
        beside: ink.s("zhao"),
        own: false,
        ticked: [true, false, false],
    }
}

fn person(l: Lang, ink: Ink) -> OwnRequestPage {
    let camera = |id: &str, name: &str, oldest| CameraChoice {
        id: id.into(),
        name: ink.s(name),
        place: ink.s("一层"),
        chosen: id == "cam-1",
        oldest,
    };
    OwnRequestPage {
        l,
        bar: bar(Nav::Use),
        errors: FormErrors::default(),
        clauses: ink.cite().into_iter().collect(),
        relations: vec![
            Choice::new("person", ink.t("本人", "the person concerned"), false),
            Choice::new("near_relative", ink.t("近亲属", "a near relative"), true),
        ],
        ticked: [true, true, true, false],
        purpose: ink.s("孩子走失，查看离开的方向。"),
        cameras: vec![camera("cam-1", "东门1号", Some(NOW.plus_ms(-DAY))), camera("cam-2", "停车场3号", None)],
        from: "2026-11-21T20:00:00".into(),
        to: "2026-11-21T20:30:00".into(),
        range_days_max: 7,
    }
}

fn filled(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    put(out, &ink.name("use-order"), &order(l, ink, false));
    let requests = vec![OrderRequest {
        id: "r7".into(),
        number: ink.s("2026-000007"),
        state: ink.state(Mark::Info, "已批准", "granted"),
    }];
    let shown = Some(ink.t("18:00:00 至 18:20:00 查看：东入口1号。", "Seen from 18:00:00 to 18:20:00: East door 1."));
    let under_way = OrderPage { may_open: false, requests, shown, ..order(l, ink, false) };
    put(out, &ink.name("use-order-shown"), &under_way);
    let said = vec![ink.t("申请人没有带身份证件。", "The applicant had no identity card.")];
    let over = OrderPage { may_open: false, may_finish: false, said, ..order(l, ink, true) };
    put(out, &ink.name("use-order-over"), &over);
    put(out, &ink.name("use-show"), &show(l, ink, false));
    put(out, &ink.name("use-show-copy"), &show(l, ink, true));
    put(out, &ink.name("use-show-own"), &ShowPage { own: true, covered: None, ..show(l, ink, false) });
    put(out, &ink.name("use-person"), &person(l, ink));
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        filled(l, Ink { hostile }, out);
    }
    let ink = Ink { hostile: false };
    let mut errors = FormErrors::default();
    errors.push("camera", t("超出公安机关准予的范围。", "Wider than the authority allowed."));
    errors.push("second", t("请填写另一名人员的登录名。", "Type the login name of the other one."));
    put(out, "use-order-errors", &OrderPage { errors, ..order(l, ink, true) });
    put(out, "use-order-empty", &OrderPage { cameras: vec![], ..order(l, ink, false) });
    let mut errors = FormErrors::default();
    errors.push("papers", t("没有核对身份证件。", "The identity card was not seen."));
    errors.push("visitor", t("请填写申请人姓名。", "Type the name of the applicant."));
    put(out, "use-show-errors", &ShowPage { errors, ..show(l, ink, false) });
    let mut errors = FormErrors::default();
    errors.push("identity", t("请先核对身份证件。", "See the identity card first."));
    errors.push("visitor", t("请按身份证件填写申请人姓名。", "Type the applicant's name."));
    errors.push("camera", t("请选择1至64路摄像机。", "Choose 1 to 64 cameras."));
    put(out, "use-person-errors", &OwnRequestPage { errors, cameras: vec![], ..person(l, ink) });
    let own = |act, answered| UseRequestPage {
        citizen: true,
        person: true,
        answered,
        want_copy: false,
        ..super::using::use_request(l, act, true)
    };
    put(out, "use-request-of-person", &own(RequestAct::Show, true));
    let alone = t("本单位只有一名信息管理员，由您一人决定。", "The unit has one custodian, so you decide alone.");
    put(out, "use-request-of-person-decide", &UseRequestPage { waits: alone, ..own(RequestAct::Decide, false) });
    let request = |act| UseRequestPage { order: "o1".into(), citizen: true, ..super::using::use_request(l, act, true) };
    put(out, "use-request-of-order", &request(RequestAct::Show));
    put(out, "use-request-of-order-decide", &request(RequestAct::Decide));
    let citizen =
        UseViewPage { citizen: true, covered: true, span_ms: 10_000, may_copy: false, ..super::using::view(l) };
    put(out, "use-view-citizen", &citizen);
}
