//! Samples: the documents of a case, with and without a form, and the address that their codes open.

use super::super::pages::case::{BarredLine, CaseHead};
use super::super::pages::case_documents::{CaseDocumentsPage, MadeLine, MadeTyped, PaperOffer, PublicAddressPage};
use super::public::Ink;
use super::*;

fn head(ink: Ink) -> CaseHead {
    CaseHead {
        id: "c1".into(),
        seen: 9,
        number: ink.s("LJ-2026-000123"),
        procedure: ink.t("行政处罚", "penalty"),
        subject: ink.p("未建立登记制度"),
        party: ink.p("龙江路商业广场有限公司"),
        state: ink.state(Mark::Busy, "办理中", "running"),
        officer: ink.p("赵承办"),
        office: ink.s("龙江市公安局治安支队"),
        deadlines: Vec::new(),
    }
}

fn made(ink: Ink) -> Vec<MadeLine> {
    let first = MadeLine {
        kind: ink.t("受理通知书", "notice of acceptance"),
        number: ink.s("龙公受字〔2026〕7号"),
        language: ink.t("中文", "Chinese"),
        href: "/cases/c1/documents/1".into(),
        size_bytes: 88_000,
        sha256: hash(31),
        at: ago(DAY),
        by: ink.p("赵承办"),
        state: ink.state(Mark::Ok, "已送达", "delivered"),
        delivered: ink.t("2026-11-20 直接送达", "2026-11-20, delivered in person"),
        void: ink.p(""),
        check: "/public/verify?document=0190a1b2-0000-7000-8000-000000000000".into(),
        can_deliver: false,
        can_void: true,
        log: Some(89),
        typed: MadeTyped::default(),
    };
    let open = MadeLine {
        sha256: hash(32),
        state: ink.state(Mark::Busy, "尚未送达", "not delivered yet"),
        delivered: Text::default(),
        can_deliver: true,
        log: None,
        typed: MadeTyped {
            delivers: true,
            on: "2026-11-19".into(),
            notice: "2026-10-19".into(),
            reason: ink.p("文号写错。"),
            ..MadeTyped::default()
        },
        ..first.clone()
    };
    let void = MadeLine {
        sha256: hash(33),
        state: ink.state(Mark::Off, "已作废", "void"),
        void: ink.p("文号写错。"),
        can_void: false,
        ..first.clone()
    };
    vec![open, first, void]
}

fn documents(l: Lang, ink: Ink) -> CaseDocumentsPage {
    let offer = |kind: &str, made| PaperOffer {
        kind: kind.into(),
        name: ink.t("行政处罚告知书", "prior notice of an administrative penalty"),
        why: ink.t("属于“告知”。", "It belongs to \"tell\"."),
        made,
    };
    let barred = BarredLine {
        what: ink.t("行政处罚决定书", "penalty decision"),
        why: ink.t("还不能制作：它在“决定”之后制作。", "It is too early: it is made after \"decide\"."),
        clauses: ink.cite().into_iter().collect(),
    };
    let mut errors = FormErrors::default();
    errors.push("documents", ink.t("所选字体都没有一个字。", "No chosen font has a character."));
    CaseDocumentsPage {
        l,
        bar: AppBar {
            can: Can { cases: true, log: true, ..Can::default() },
            site: ink.s("龙江市公安局"),
            ..bar(Nav::Cases)
        },
        head: head(ink),
        may_act: true,
        offers: vec![offer("prior_notice", 0), offer("service_receipt", 2)],
        barred: vec![barred],
        made: made(ink),
        ways: vec![Choice::new("in_person", ink.t("直接送达", "delivered in person"), true)],
        asks_notice: true,
        today: "2026-11-21".into(),
        has_address: false,
        errors,
    }
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        let page = documents(l, ink);
        put(out, &ink.name("case-documents"), &page);
        let reading = CaseDocumentsPage {
            may_act: false,
            has_address: true,
            made: page.made.iter().map(|m| MadeLine { can_deliver: false, can_void: false, ..m.clone() }).collect(),
            errors: FormErrors::default(),
            ..page
        };
        put(out, &ink.name("case-documents-reading"), &reading);
        let mut errors = FormErrors::default();
        errors.push("public_url", ink.t("不是网址。", "This is no address."));
        let address = PublicAddressPage { l, bar: bar(Nav::Settings), address: ink.s("https://gaj.example"), errors };
        put(out, &ink.name("public-address"), &address);
    }
    let plain = || AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(
        out,
        "case-documents-empty",
        &CaseDocumentsPage { l, bar: plain(), may_act: true, ..CaseDocumentsPage::default() },
    );
    put(out, "public-address-empty", &PublicAddressPage { l, bar: plain(), ..PublicAddressPage::default() });
}
