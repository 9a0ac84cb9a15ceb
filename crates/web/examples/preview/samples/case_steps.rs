//! Samples: the steps of a case: what is done, asked for, proposed, reviewed, decided and published, each with and without faults.

use super::super::pages::ask::{Ask, AskedField};
use super::super::pages::case::{
    BarredLine, ClauseChoice, DecidePage, GuardLine, OfficerChoice, OutcomePart, ProposePage, PublicColumn,
    PublishPage, RestLine, RestPage, ReviewPage, StepPage,
};
use super::casework::{
    case_page, desk_bar, documents, entries, errors, groups, head, history, materials, proposal, ranges,
};
use super::paying::paying;
use super::public::{Ink, fields};
use super::*;

fn pair(ink: Ink) -> Option<OfficerChoice> {
    let list = vec![Choice::new("a1", ink.t("赵承办", "Zhao"), true)];
    Some(OfficerChoice { first: list.clone(), second: list, clause: ink.cite() })
}

/// The day of an act, as it is asked of a case by the law of then.
fn day_of_then(ink: Ink) -> Vec<AskedField> {
    let day = AskedField {
        id: "done_on".into(),
        label: ink.t("办理日期", "day on which it was done"),
        hint: ink.t("填写当时办理的日期。", "Enter the day on which it was done."),
        ask: Ask::Day,
        value: "2013-05-06".into(),
        required: true,
        ..AskedField::default()
    };
    vec![day]
}

/// A number beside a choice that says what none means.
fn time_to_correct(ink: Ink) -> AskedField {
    AskedField {
        id: "correct_days".into(),
        label: ink.t("改正期限（日）", "time to correct (days)"),
        hint: ink.t("由本机关定。", "Set by the organ."),
        ask: Ask::Count,
        value: "30".into(),
        zero: ink.t("当场改正，不设期限", "at once, without a limit"),
        at_zero: true,
        error: Some(ink.t("请只留一项。", "Keep one of them.")),
        required: true,
        ..AskedField::default()
    }
}

pub fn working(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let (bar, head) = (|| desk_bar(ink), || head(ink));
    let step = StepPage {
        l,
        bar: bar(),
        head: head(),
        step: "examine".into(),
        takes_paper: true,
        title: ink.t("审查。", "Examine."),
        clause: ink.cite(),
        before: groups(ink),
        fields: fields(ink, true).into_iter().chain([time_to_correct(ink)]).collect(),
        materials: materials(ink),
        officers: pair(ink),
        note: ink.s("已核对原件。"),
        refusing: None,
        errors: errors(ink, "officer"),
    };
    put(out, &ink.name("case-step"), &step);
    resting(l, ink, out);
    proposing(l, ink, out);
    deciding(l, ink, out);
    reviewing(l, ink, out);
    publishing(l, ink, out);
    put(out, &ink.name("case"), &case_page(l, ink));
    paying(l, ink, out);
}

fn resting(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let (bar, head) = (|| desk_bar(ink), || head(ink));
    let line = |id: &str, wrong: bool| RestLine {
        id: id.into(),
        name: ink.t("检验报告", "test report"),
        paper: !wrong,
        state: ink.state(Mark::Warning, "没有提交", "not handed in"),
        clause: ink.cite(),
        asked: true,
        reason: ink.s("缺少印章"),
        error: wrong.then(|| ink.t("请写明怎样补。", "Say how to complete it.")),
    };
    let rest = RestPage {
        l,
        bar: bar(),
        head: head(),
        clause: ink.cite(),
        lines: vec![line("test_report", false), line("unit_name", true)],
        until: "2026-12-01".into(),
        day: day_of_then(ink),
        errors: errors(ink, "until"),
    };
    put(out, &ink.name("case-rest"), &rest);
}

fn proposing(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let (bar, head) = (|| desk_bar(ink), || head(ink));
    let propose = ProposePage {
        l,
        bar: bar(),
        head: head(),
        outcomes: vec![Choice {
            hint: ink.t("备案回执", "receipt"),
            ..Choice::new("filed", ink.t("准予备案", "filed"), true)
        }],
        barred: vec![BarredLine {
            what: ink.t("不予备案", "not filed"),
            why: ink.t("还缺材料。", "Papers are missing."),
            clauses: ink.cite().into_iter().collect(),
        }],
        button: ink.t("作出决定", "Decide"),
        confirm: ink.t("提交后立即生效。", "It takes effect at once."),
        parts: vec![OutcomePart {
            outcome: "filed".into(),
            title: ink.t("准予备案", "filed"),
            fields: fields(ink, false),
            breaches: ranges(ink),
        }],
        reasons: ink.s("材料齐全。"),
        clauses: ink.cite().into_iter().map(|clause| ClauseChoice { clause, chosen: true }).collect(),
        officers: pair(ink),
        sent_back: ink.p("理由不充分。"),
        law_changes: vec![ink.t("规则包换了一版。", "The packs have changed.")],
        day: day_of_then(ink),
        errors: errors(ink, "reasons"),
    };
    put(out, &ink.name("case-propose"), &propose);
}

fn deciding(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let (bar, head) = (|| desk_bar(ink), || head(ink));
    let guard = |met| GuardLine {
        met,
        what: ink.t("法制审核已通过", "the legal review has passed"),
        found: ink.t("没有审核意见", "no opinion was given"),
        clause: ink.cite(),
    };
    let decide = DecidePage {
        l,
        bar: bar(),
        head: head(),
        proposal: proposal(ink),
        changes: vec![ink.t("补了检验报告。", "The test report was added.")],
        guards: vec![guard(true)],
        materials: materials(ink),
        groups: groups(ink),
        documents: documents(ink),
        linked: entries(ink),
        law_changes: vec![ink.t("规则包换了一版。", "The packs have changed.")],
        history: history(ink),
        day: day_of_then(ink),
        reasons: ink.s("同意。"),
        errors: FormErrors::default(),
    };
    put(out, &ink.name("case-decide"), &decide);
    let barred = DecidePage { guards: vec![guard(true), guard(false)], errors: errors(ink, "reasons"), ..decide };
    put(out, &ink.name("case-decide-barred"), &barred);
}

fn reviewing(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let (bar, head) = (|| desk_bar(ink), || head(ink));
    let review = ReviewPage {
        l,
        bar: bar(),
        head: head(),
        proposal: proposal(ink),
        changes: vec![ink.t("补了检验报告。", "The test report was added.")],
        clause: ink.cite(),
        questions: vec![ink.t("事实是否清楚？", "Are the facts clear?")],
        materials: materials(ink),
        groups: groups(ink),
        documents: documents(ink),
        linked: entries(ink),
        law_changes: vec![ink.t("规则包换了一版。", "The packs have changed.")],
        history: history(ink),
        verdicts: vec![Choice::new("passed", ink.t("通过", "passed"), true)],
        opinion: ink.s("程序合法。"),
        fields: fields(ink, false),
        errors: errors(ink, "opinion"),
    };
    put(out, &ink.name("case-review"), &review);
}

fn publishing(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let (bar, head) = (|| desk_bar(ink), || head(ink));
    let column = |left_out| PublicColumn {
        label: ink.t("名称", "Name"),
        value: ink.p("龙江安防"),
        left_out,
        personal: left_out,
    };
    let publish = PublishPage {
        l,
        bar: bar(),
        head: head(),
        entry: "systems".into(),
        name: ink.t("系统登记簿", "Register of systems"),
        clause: ink.cite(),
        due: ink.t("最迟 2026-11-30", "by 2026-11-30"),
        columns: vec![column(false), column(true)],
        stands: false,
        reasons: ink.s("登记有误。"),
        errors: FormErrors::default(),
    };
    put(out, &ink.name("case-publish"), &publish);
    put(
        out,
        &ink.name("case-publish-withdraw"),
        &PublishPage { stands: true, errors: errors(ink, "reasons"), ..publish },
    );
}
