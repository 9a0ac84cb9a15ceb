//! Samples: what an applicant sees: an application page by page, its receipt, their own cases: full, empty, with faults, with hostile words.

use super::super::pages::apply::{
    ApplyCheckPage, ApplyDonePage, ApplyHead, ApplyStepPage, ApplyTask, DecisionLine, DefectLine, HeldUnit,
    MaterialsPage, MyCaseLine, MyCasePage, MyCasesPage, RightLine,
};
use super::super::pages::public::PublicNav;
use super::casework::{acts, documents, errors, groups, history, materials};
use super::paying::bill;
use super::public::{Ink, fields, life, public_bar};
use super::*;

/// The page on which an application is checked: without faults, and with what is known of the site whose footage it is about.
fn checked(ink: Ink, out: &mut Vec<(String, String)>, check: &ApplyCheckPage) {
    let none = HeldUnit { kept_until: "2026-12-05".into(), ..HeldUnit::default() };
    let near = ["示例广场东区", "示例广场西区"].map(|name| Choice::new(name, Text::of(name, name), false));
    for (name, held) in [
        ("apply-check", HeldUnit { one: ink.s("示例广场"), ..HeldUnit::default() }),
        ("apply-check-near", HeldUnit { near: near.to_vec(), ..none.clone() }),
        ("apply-check-unheld", none),
    ] {
        let page = ApplyCheckPage { defects: vec![], unsaid: false, held: Some(held), ..check.clone() };
        put(out, &ink.name(name), &page);
    }
}

fn apply_head(ink: Ink) -> ApplyHead {
    let task = |zh, en, done, here| ApplyTask { href: "/apply/d1?step=unit".into(), title: ink.t(zh, en), done, here };
    ApplyHead {
        draft: "d1".into(),
        seen: 1,
        service: ink.t("系统备案", "Filing of a system"),
        plain: ink.t("公共场所装了监控，向公安机关备案", "tell the police of cameras in a public place"),
        about: "/public/services/system_filing".into(),
        tasks: vec![
            task("单位", "Unit", true, false),
            task("系统", "System", false, true),
            task("核对", "Check", false, false),
        ],
        kept_until: ink.s("2026-12-21"),
    }
}

fn lacking(ink: Ink) -> DefectLine {
    let text = ink.t("营业执照", "Business licence");
    DefectLine { href: "/apply/d1/materials#m-licence".into(), text }
}

pub fn applying(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let (bar, head) = (|| public_bar(ink, true), || apply_head(ink));
    let step = ApplyStepPage {
        l,
        bar: bar(),
        at: PublicNav::Services,
        head: head(),
        step: "system".into(),
        title: ink.t("说说这套系统", "About the system"),
        fields: fields(ink, false),
        back: "/apply/d1?step=unit".into(),
        ..ApplyStepPage::default()
    };
    put(out, &ink.name("apply-step"), &step);
    put(
        out,
        &ink.name("apply-step-errors"),
        &ApplyStepPage { fields: fields(ink, true), errors: errors(ink, "step"), ..step },
    );
    let papers = MaterialsPage {
        l,
        bar: bar(),
        head: head(),
        materials: materials(ink),
        upload_mb_max: 20,
        step: "system".into(),
        back: "/apply/d1?step=system".into(),
        errors: errors(ink, "file-licence"),
        ..MaterialsPage::default()
    };
    put(out, &ink.name("apply-materials"), &papers);
    let check = ApplyCheckPage {
        l,
        bar: bar(),
        head: head(),
        defects: vec![DefectLine {
            href: "/apply/d1?step=unit".into(),
            text: ink.t("缺单位名称。", "No name of the unit."),
        }],
        groups: groups(ink),
        materials: materials(ink),
        office: ink.s("龙江市公安局"),
        promise: ink.t("十个工作日", "ten working days"),
        clause: ink.cite(),
        lacking: vec![lacking(ink)],
        unsaid: true,
        ..ApplyCheckPage::default()
    };
    put(out, &ink.name("apply-check-errors"), &check);
    checked(ink, out, &check);
    applied(l, ink, out);
    mine(l, ink, out);
}

fn applied(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let done = ApplyDonePage {
        l,
        bar: public_bar(ink, true),
        service: ink.t("系统备案", "Filing of a system"),
        id: "c1".into(),
        receipt: ink.s("LJ-2026-000123"),
        code: ink.p("48213907"),
        promised: ink.s("2026-12-05"),
        legal: ink.s("2026-12-19"),
        clause: ink.cite(),
        sent: Some(ago(DAY)),
        office: ink.s("龙江市公安局"),
        place: ink.s("示例街1号"),
        legal_what: ink.t("受理或者不予受理", "accept or not"),
        decision: ink.t("作出决定：最迟 2026-12-19", "decided by 2026-12-19"),
        lacking: vec![lacking(ink)],
        next: vec![ink.t("五个工作日内告知是否受理。", "Within five working days you learn whether it is accepted.")],
        document: "/my/cases/c1/documents/1".into(),
        phone: ink.s("0451-00000000"),
        ..ApplyDonePage::default()
    };
    put(out, &ink.name("apply-done"), &done);
}

fn mine(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let line = MyCaseLine {
        href: "/my/cases/c1".into(),
        receipt: ink.s("LJ-2026-000123"),
        service: ink.t("系统备案", "Filing of a system"),
        subject: ink.p("龙江路商业广场"),
        state: ink.state(Mark::Warning, "待补正", "to be completed"),
        promised: ink.s("2026-12-05"),
        todo: ink.t("请补正检验报告。", "Complete the test report."),
        at: ago(DAY),
    };
    let draft = MyCaseLine { href: "/apply/d1".into(), receipt: String::new(), ..line.clone() };
    let (at, bar) = (PublicNav::Mine, || public_bar(ink, true));
    put(
        out,
        &ink.name("apply-mine"),
        &MyCasesPage { l, bar: bar(), at, drafts: vec![draft], lines: vec![line], ..MyCasesPage::default() },
    );
    let page = MyCasePage {
        l,
        bar: bar(),
        at,
        errors: FormErrors::default(),
        reason: Default::default(),
        recuse: "/my/cases/c1/recuse".into(),
        seen: 3,
        receipt: ink.s("LJ-2026-000123"),
        service: ink.t("系统备案", "Filing of a system"),
        subject: ink.p("龙江路商业广场"),
        state: ink.state(Mark::Warning, "待补正", "to be completed"),
        life: life(ink),
        promised: ink.s("2026-12-05"),
        past: ink.t("本机关承诺的日期已过。", "The promised day went by."),
        legal: ink.s("2026-12-19"),
        clause: ink.cite(),
        stopped: ink.t("等您补正，不计入期限。", "It waits for you; the clock stands still."),
        missing: materials(ink),
        complete_until: ink.s("2026-12-01"),
        law_changes: vec![ink.t("规定有改动。", "The rules were amended.")],
        acts: acts(ink),
        rights: vec![RightLine {
            name: ink.t("要求听证", "Ask for a hearing"),
            href: "/apply/c1?step=ask_for_hearing".into(),
            last: ink.s("2026-12-09"),
            how: ink.t("在这里填写，或者书面提出。", "Fill it in here, or ask on paper."),
            clause: ink.cite(),
        }],
        decisions: vec![DecisionLine {
            what: ink.t("准予备案", "filed"),
            by: ink.s("龙江市公安局负责人"),
            at: ago(DAY),
            reasons: vec![ink.p("材料齐全。")],
            clauses: ink.cite().into_iter().collect(),
        }],
        remedies: ink.cite().into_iter().collect(),
        bill: Some(bill(ink)),
        documents: documents(ink),
        groups: groups(ink),
        materials: materials(ink),
        history: history(ink),
        office: ink.s("龙江市公安局"),
        phone: ink.s("0451-00000000"),
    };
    put(out, &ink.name("apply-case"), &page);
}
