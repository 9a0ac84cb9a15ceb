//! Samples: the money of a case: a bill that runs, that stands still and that is late, and the page on which payments are entered.

use super::super::pages::case::ValueLine;
use super::super::pages::payments::{BillView, MoneyRow, MoneyTyped, PaymentsPage};
use super::casework::{desk_bar, errors, head};
use super::public::Ink;
use super::*;

pub fn bill(ink: Ink) -> BillView {
    let row = |what, sum: &str| MoneyRow {
        day: ink.s("2026-11-10"),
        what,
        sum: sum.into(),
        number: ink.s("示例00000001"),
        ..MoneyRow::default()
    };
    let leave = MoneyRow {
        parts: vec![ink.t("2026-12-10前缴纳2000元", "2000 yuan by 2026-12-10")],
        reasons: ink.p("停业三个月，暂无收入。"),
        log: Some(812),
        ..row(ink.t("批准暂缓或者分期", "leave to pay later or in parts"), "")
    };
    BillView {
        fine: "5000".into(),
        gains: "300".into(),
        gains_owed: "300".into(),
        paid: "2000".into(),
        surcharge: "150.05".into(),
        capped: true,
        total: "3150.05".into(),
        over: "0.01".into(),
        state: ink.state(Mark::Critical, "逾期", "late"),
        due: ink.s("2026-11-05"),
        halted: Text::default(),
        last_day: ink.s("2026-12-10"),
        pay_where: ink.s("示例银行代收罚没款专户"),
        still: ink.s("2026-11-12"),
        lines: vec![
            ink.t("2026-11-06至2026-11-06，1日，以未缴5000元计，加处150元。", "1 day, on 5000 yuan unpaid: 150 yuan."),
        ],
        clauses: ink.cite().into_iter().collect(),
        rows: vec![row(ink.t("收到缴款", "payment"), "2000"), leave],
    }
}

pub fn paying(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let page = PaymentsPage {
        l,
        bar: desk_bar(ink),
        head: head(ink),
        bill: Some(bill(ink)),
        rows: 2,
        may_receive: true,
        owes_fine: true,
        owes_gains: true,
        asked: vec![ValueLine {
            label: ink.t("申请暂缓还是分期", "later, or in parts"),
            value: ink.p("分期缴纳"),
            ..ValueLine::default()
        }],
        refuse: "/cases/c1/steps/refuse_deferral".into(),
        may_defer: true,
        wrong: vec![Choice::new("1", ink.t("2026-11-10 2000元 示例00000001", "2026-11-10 2000 yuan"), true)],
        causes: vec![Choice::new("review", ink.t("行政复议", "administrative reconsideration"), true)],
        enforce: "/cases/new?procedure=enforcement&from=c1".into(),
        typed: MoneyTyped {
            on: "2026-11-20".into(),
            yuan: "3150.05".into(),
            gains: "300".into(),
            number: ink.s("示例00000002"),
            asked_on: "2026-11-09".into(),
            parts: "2026-12-10 5000".into(),
            reasons: ink.p("停业三个月，暂无收入。"),
            day: "2026-11-12".into(),
            paper: ink.s("示例〔2026〕8号"),
            why: ink.p("金额录错。"),
        },
        errors: errors(ink, "yuan"),
    };
    let waits = BillView {
        halted: ink
            .t("自2026-11-12起停止计算（行政复议或者行政诉讼）", "stands still since 2026-11-12 (review or suit)"),
        state: ink.state(Mark::Off, "缴款期限停止计算", "the term stands still"),
        ..bill(ink)
    };
    put(out, &ink.name("case-payments-halted"), &PaymentsPage { bill: Some(waits), ..page.clone() });
    let runs = BillView {
        still: String::new(),
        over: String::new(),
        capped: false,
        rows: Vec::new(),
        gains: String::new(),
        ..bill(ink)
    };
    put(out, &ink.name("case-payments"), &page);
    put(
        out,
        &ink.name("case-payments-runs"),
        &PaymentsPage { bill: Some(runs), wrong: Vec::new(), owes_gains: false, ..page },
    );
}
