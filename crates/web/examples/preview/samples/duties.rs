//! Samples: what the unit owes, with papers, without any, as an auditor sees it, and its report.

use super::super::pages::duties::{
    DutiesPage, DutiesReportPage, DutyLine, PaperLine, PeriodLine, TallyLine, Typed, mark_of,
};
use super::*;

fn state(code: &str) -> State {
    let word = match code {
        "overdue" => t("逾期", "overdue"),
        "due" => t("待履行", "due"),
        "unknown" => t("不明", "unknown"),
        _ => t("已履行", "met"),
    };
    State { mark: mark_of(code), word }
}

fn lines() -> Vec<DutyLine> {
    let late = DutyLine {
        code: "accept_before_use".into(),
        title: t("验收后使用", "Accept before use"),
        state: state("overdue"),
        when: t("自2026-05-01", "since 2026-05-01"),
        texts: vec![t("系统经验收合格后方可使用。", "The system is used only after it has passed acceptance.")],
        cites: vec![two_officers()],
        missing: vec![t("没有登记「验收合格」。", "No record of \"acceptance passed\" was entered.")],
        todo: vec![t("请登记验收文件。", "Enter the paper of the acceptance.")],
        ..DutyLine::default()
    };
    let soon = DutyLine {
        code: "file_system".into(),
        title: t("向公安机关备案", "File with the police"),
        state: state("due"),
        when: t("2027-01-04前", "by 2027-01-04"),
        next: "2027-01-04".into(),
        provisional: "2027".into(),
        gap: true,
        cites: vec![letter(), retention()],
        ..late.clone()
    };
    let met = DutyLine {
        code: "keep_retention".into(),
        title: t("信息留存期限", "Retention"),
        state: state("met"),
        facts: vec![t(
            "大堂：保存至2026-10-22，30天，满30天。",
            "Lobby: kept back to 2026-10-22, 30 days, the 30 days are full.",
        )],
        cites: vec![retention()],
        ..DutyLine::default()
    };
    let train = DutyLine {
        code: "train_staff".into(),
        title: t("业务培训", "Train the staff"),
        when: t("没有规定天数", "no days are named"),
        missing: vec![t(
            "2名使用系统的人员在2026-03-01培训之后才到岗，还没有培训登记。",
            "2 of 5 persons who use the system came after the training of 2026-03-01 and have none on record.",
        )],
        untrained: vec!["吴*（duty）".into(), "周*（manager）".into()],
        untrained_more: 0,
        provisional: String::new(),
        next: String::new(),
        ..soon.clone()
    };
    vec![late, soon, train, met]
}

fn papers() -> Vec<PaperLine> {
    vec![PaperLine {
        id: "0190a1b2-0000-7000-8000-000000000000".into(),
        kind: t("应急处置预案", "emergency plan"),
        title: "治安突发事件处置预案（第三版）".into(),
        number: "龙商安〔2026〕3号".into(),
        day: "2025-11-01".into(),
        until: "2026-11-01".into(),
        passed: true,
        document: hash(3),
        by: "王丽娟".into(),
        entered: ago(DAY),
    }]
}

fn tally() -> Vec<TallyLine> {
    ["overdue", "due", "unknown", "met"].map(|code| TallyLine { state: state(code), count: 1 }).to_vec()
}

fn page(l: Lang, may: bool, empty: bool) -> DutiesPage {
    DutiesPage {
        l,
        bar: bar(Nav::Duties),
        day: "2026-11-21".into(),
        tally: tally(),
        lines: if empty { vec![] } else { lines() },
        papers: if empty { vec![] } else { papers() },
        periods: vec![
            PeriodLine { title: t("隐私区域检查", "Inspect places of privacy"), days: 7 },
            PeriodLine { title: t("保障系统正常运行", "Keep the system running"), days: 0 },
        ],
        may,
        kinds: vec![Choice::new("filed_with_police", t("公安机关备案", "filed with the police"), false)],
        regular: vec![Choice::new("keep_running", t("保障系统正常运行", "Keep the system running"), false)],
        typed: Typed { day: "2026-11-21".into(), ..Typed::default() },
        ..DutiesPage::default()
    }
}

pub fn duties(l: Lang, out: &mut Vec<(String, String)>) {
    put(out, "duties", &page(l, true, false));
    put(out, "duties-auditor", &page(l, false, false));
    put(out, "duties-empty", &page(l, true, true));
    let mut bad = page(l, true, false);
    bad.errors.push("title", t("请填写名称。", "Enter a title."));
    bad.errors.push("days", t("间隔为1至3660天。", "A period is 1 to 3,660 days."));
    put(out, "duties-errors", &bad);
    let report = DutiesReportPage {
        l,
        bar: bar(Nav::Duties),
        day: "2026-11-21".into(),
        at: NOW,
        unit: t("黑龙江省、旅馆业", "Heilongjiang, hotel"),
        tally: tally(),
        lines: lines(),
        papers: papers(),
    };
    put(out, "duties-report", &report);
}
