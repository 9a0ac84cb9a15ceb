//! Samples: registers for staff, full, empty, with faults, with hostile words.

use super::super::pages::case::ValueLine;
use super::super::pages::case_desk::WholeLine;
use super::super::pages::registers::{RegisterFilter, RegisterRow};
use super::super::pages::row_files::{RowFileLine, RowFilesPage};
use super::super::pages::staff_registers::{
    StaffRegister, StaffRegisterGroup, StaffRegisterPage, StaffRegistersPage, StaffRowFormPage, StaffRowPage,
    StaffRowRevealPage, StaffVersion,
};
use super::casework::desk_bar;
use super::public::{Ink, fields, proof};
use super::*;

fn register(ink: Ink, rows: u64) -> StaffRegister {
    StaffRegister {
        id: "bodies".into(),
        href: if rows > 0 { "/registers/bodies".into() } else { String::new() },
        name: ink.t("检验、检测、评估机构和行业协会", "bodies for testing and assessment, industry associations"),
        about: ink.t("有资质的检验检测机构。", "Qualified bodies for testing."),
        rows,
        ended: rows / 2,
        updated: (rows > 0).then(|| ago(DAY)),
        published: Some(rows / 3),
        by_hand: true,
        clauses: ink.cite().into_iter().collect(),
    }
}

fn one(l: Lang, ink: Ink, rows: usize) -> StaffRegisterPage {
    let row = |n: usize| RegisterRow {
        version: None,
        number: format!("R-{n}"),
        label: format!("R-{n}"),
        cells: vec![ink.s("示例安全防范报警系统产品质量检验中心"), ink.s("2028-06-30")],
        note: ink.s("登记"),
        state: ink.state(Mark::Attention, "已过期", "expired"),
    };
    StaffRegisterPage {
        l,
        bar: desk_bar(ink),
        register: register(ink, 4),
        query: ink.s("检验"),
        on: "2026-11-21".into(),
        filters: vec![RegisterFilter {
            id: "state".into(),
            label: ink.t("状态", "State"),
            choices: vec![Choice::new("ended", ink.t("已过期", "expired"), true)],
        }],
        narrowed: true,
        unsorted: true,
        columns: vec![ink.t("名称", "Name"), ink.t("有效期", "Valid until")],
        rows: (0..rows).map(row).collect(),
        found: rows as u64,
        pager: Pager { next: Some("/registers/bodies?before=9".into()), ..Pager::default() },
        csv: "/registers/bodies/all.csv".into(),
        json: "/registers/bodies/all.json".into(),
        may_enter: true,
    }
}

fn row(l: Lang, ink: Ink) -> StaffRowPage {
    let line = |zh: &str, en: &str, value: &str, masked: bool| ValueLine {
        label: ink.t(zh, en),
        value: ink.p(value),
        masked,
        ..ValueLine::default()
    };
    let version = StaffVersion {
        at: ago(DAY),
        what: ink.t("变更", "changed"),
        who: ink.s("赵承办"),
        why: ink.p("来函更正。"),
        changed: vec![(ink.t("地址", "Address"), ink.p("一号"), ink.p("二号"))],
        case: Some((ink.s("示公技防〔2026〕1号"), "/cases/c1".into())),
        log: Some(1_024),
    };
    StaffRowPage {
        l,
        bar: desk_bar(ink),
        register: register(ink, 4),
        row: "R-1".into(),
        number: ink.s("1a2b3c4d"),
        title: ink.s("示例安全防范报警系统产品质量检验中心"),
        case: Some((ink.s("示公技防〔2026〕1号"), "/cases/c1".into())),
        state: ink.state(Mark::Ok, "有效", "in force"),
        values: vec![line("名称", "Name", "示例中心", false), line("联系人", "contact", "李*", true)],
        history: vec![
            version,
            StaffVersion { at: ago(2 * DAY), what: ink.t("登记", "entered"), ..StaffVersion::default() },
        ],
        proof: proof(ink),
        reveals: vec![Choice::new("contact", ink.t("与当事人联系", "to reach the party"), false)],
        shut: false,
        has_files: true,
        may_change: true,
        may_end: true,
        seen: 2,
        day: "2026-12-31".into(),
        reason: ink.p("资质到期。"),
        errors: FormErrors::default(),
        life: "/registers/systems/R-1/life".into(),
    }
}

fn revealed(l: Lang, ink: Ink) -> StaffRowRevealPage {
    StaffRowRevealPage {
        l,
        bar: desk_bar(ink),
        register: register(ink, 4),
        row: "R-1".into(),
        number: ink.s("1a2b3c4d"),
        title: ink.s("示例安全防范报警系统产品质量检验中心"),
        reason: ink.t("与当事人联系", "to reach the party"),
        lines: vec![WholeLine { label: ink.t("联系人", "contact"), value: ink.p("李四") }],
        entry: 1_025,
    }
}

fn files(l: Lang, ink: Ink) -> RowFilesPage {
    let line = |removed: Option<UtcMs>| RowFileLine {
        sha256: "3fa2".into(),
        name: ink.p("一层点位图.pdf"),
        size: "1.2 MB".into(),
        at: ago(DAY),
        who: ink.p("赵承办"),
        removed,
    };
    RowFilesPage {
        l,
        bar: desk_bar(ink),
        register: "archive".into(),
        register_name: ink.t("图纸和资料档案", "archive of drawings and data"),
        row: "R-1".into(),
        title: ink.s("一层视频监控点位图"),
        level: ink.t("敏感", "sensitive"),
        takes: true,
        may_keep: true,
        may_open: true,
        files: vec![line(None), line(Some(ago(MIN)))],
        reasons: vec![Choice::new("inspect", ink.t("监督检查", "to inspect"), false)],
        grounds: vec![Choice::new("wrong", ink.t("误存，予以清除", "put in by mistake"), false)],
        seen: 2,
        accept: ".pdf",
        errors: FormErrors::default(),
    }
}

fn form(l: Lang, ink: Ink) -> StaffRowFormPage {
    StaffRowFormPage {
        l,
        bar: desk_bar(ink),
        register: register(ink, 4),
        row: "R-1".into(),
        title: ink.t("更改", "Change"),
        fields: fields(ink, false),
        reason: ink.p("来函更正。"),
        seen: 2,
        errors: FormErrors::default(),
    }
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        let groups = vec![StaffRegisterGroup {
            title: ink.t("直接登记", "Entered by hand"),
            registers: vec![register(ink, 4), register(ink, 0)],
        }];
        put(out, &ink.name("staff-registers"), &StaffRegistersPage { l, bar: desk_bar(ink), groups });
        put(out, &ink.name("staff-register"), &one(l, ink, 3));
        put(out, &ink.name("staff-row"), &row(l, ink));
        put(out, &ink.name("staff-row-reveal"), &revealed(l, ink));
        let mut errors = FormErrors::default();
        errors.push("day", ink.t("请填写最后一日。", "Enter the last day."));
        let wrong = StaffRowPage { shut: true, proof: None, errors, ..row(l, ink) };
        put(out, &ink.name("staff-row-errors"), &wrong);
        put(out, &ink.name("staff-row-form"), &form(l, ink));
        put(out, &ink.name("row-files"), &files(l, ink));
        let shut = RowFilesPage { takes: false, may_open: false, may_keep: false, ..files(l, ink) };
        put(out, &ink.name("row-files-secret"), &shut);
        let mut errors = FormErrors::default();
        errors.push("reason", ink.t("请写明理由。", "Say why."));
        put(out, &ink.name("staff-row-form-errors"), &StaffRowFormPage { row: String::new(), errors, ..form(l, ink) });
    }
    let plain = || AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(out, "staff-register-full", &one(l, Ink { hostile: false }, 500));
    put(out, "staff-registers-empty", &StaffRegistersPage { l, bar: plain(), ..StaffRegistersPage::default() });
    put(out, "staff-register-empty", &StaffRegisterPage { l, bar: plain(), ..StaffRegisterPage::default() });
    put(out, "row-files-empty", &RowFilesPage { l, bar: plain(), ..RowFilesPage::default() });
    put(out, "staff-row-empty", &StaffRowPage { l, bar: plain(), ..StaffRowPage::default() });
    put(out, "staff-row-reveal-empty", &StaffRowRevealPage { l, bar: plain(), ..StaffRowRevealPage::default() });
    put(out, "staff-row-form-empty", &StaffRowFormPage { l, bar: plain(), ..StaffRowFormPage::default() });
}
