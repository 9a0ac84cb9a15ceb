//! Samples of the pages on which a custodian shows footage to a citizen under an order of the authority.

use super::super::pages::showing::{OrderPage, OrderRequest, ShowPage, ShowTyped};
use super::super::pages::use_request::{RequestAct, UseRequestPage};
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
        ticked: [true, false, false],
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
    let request = |act| UseRequestPage { order: "o1".into(), ..super::using::use_request(l, act, true) };
    put(out, "use-request-of-order", &request(RequestAct::Show));
    put(out, "use-request-of-order-decide", &request(RequestAct::Decide));
    let citizen = UseViewPage { order: "o1".into(), covered: true, may_copy: false, ..super::using::view(l) };
    put(out, "use-view-citizen", &citizen);
}
