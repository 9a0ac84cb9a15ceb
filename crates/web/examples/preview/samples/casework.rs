//! Samples: the pages of those who handle cases, and what they share with what an applicant sees (`applying`), the steps of a case
//! (`case_steps`) and its money (`paying`): full, empty, with faults, with hostile words.

use super::super::pages::apply::{
    ApplyCheckPage, ApplyDonePage, ApplyStepPage, MaterialsPage, MyCasePage, MyCasesPage,
};
use super::super::pages::ask::{Ask, AskedField};
use super::super::pages::case::{
    ActLine, BarredLine, BreachLine, CaseHead, CasePage, ClauseChoice, DeadlineLine, DecidePage, DocumentLine,
    EntryLine, EventLine, FileLine, MaterialLine, Proposal, ProposePage, PublishPage, RestPage, ReviewPage, StepPage,
    StopLine, ValueGroup, ValueLine, WarningLine, mark_of_left,
};
use super::super::pages::cases::{CaseLine, Chip, CounterPage, ProcedureChoice, WorklistPage};
use super::super::pages::payments::PaymentsPage;
use super::applying::applying;
use super::case_steps::working;
use super::public::{Ink, fields, life};
use super::*;

pub fn desk_bar(ink: Ink) -> AppBar {
    AppBar {
        site: ink.s("龙江市公安局"),
        user: Some(Signed { name: ink.s("赵承办"), role: ink.t("承办人", "case officer") }),
        can: Can { cases: true, log: true, ..Can::default() },
        recording: None,
        waiting: 0,
        demo: false,
        place: ink.s("中央大街 1 号"),
        on_duty: None,
        ..bar(Nav::Cases)
    }
}

pub fn materials(ink: Ink) -> Vec<MaterialLine> {
    let file = FileLine {
        id: "f1".into(),
        name: ink.p("营业执照副本扫描件.pdf"),
        href: "/cases/c1/papers/f1".into(),
        size_bytes: 1_843_000,
        sha256: hash(21),
        at: ago(DAY),
    };
    let licence = MaterialLine {
        id: "licence".into(),
        name: ink.t("营业执照", "business licence"),
        required: true,
        clause: ink.cite(),
        state: ink.state(Mark::Ok, "已提交", "handed in"),
        sample: "/public/services/system_filing/sample".into(),
        files: vec![file.clone(), FileLine { href: String::new(), ..file }],
        ..MaterialLine::default()
    };
    let report = MaterialLine {
        id: "test_report".into(),
        name: ink.t("检验报告", "test report"),
        one_of: ink.t("与鉴定证明任选其一", "or an appraisal certificate"),
        gap: true,
        state: ink.state(Mark::Warning, "待补正", "to be completed"),
        reason: ink.p("缺少检验机构的印章。"),
        files: vec![],
        ..licence.clone()
    };
    let other = MaterialLine { id: "plan".into(), required: false, one_of: Text::default(), ..report.clone() };
    vec![licence, report, other]
}

pub fn groups(ink: Ink) -> Vec<ValueGroup> {
    let value = |masked, before: &str| ValueLine {
        label: ink.t("联系人", "Contact"),
        value: ink.p("张*"),
        masked,
        before: if before.is_empty() { ink_none() } else { ink.p(before) },
    };
    vec![ValueGroup {
        title: ink.t("申请单位", "The applicant"),
        change: "/apply/d1?step=unit".into(),
        values: vec![value(true, ""), value(false, "李*"), ValueLine::default()],
    }]
}

fn ink_none() -> super::super::pages::ask::Shown {
    super::super::pages::ask::Shown::default()
}

pub fn history(ink: Ink) -> Vec<EventLine> {
    vec![EventLine {
        at: ago(DAY),
        who: ink.p("赵承办"),
        what: ink.t("受理", "accepted"),
        words: vec![ink.p("材料齐全。")],
        clauses: ink.cite().into_iter().collect(),
        log: Some(88),
        href: "/cases/c1/documents/1".into(),
    }]
}

pub fn entries(ink: Ink) -> Vec<EntryLine> {
    vec![EntryLine {
        name: ink.t("现场检查（1）：例行检查，照片和签名 3 张", "Visit 1: of the plan, 3 pictures and signatures"),
        number: ink.s("2026-11-18"),
        href: "/cases/c2".into(),
        state: ink.state(Mark::Ok, "已结束", "ended"),
        log: None,
    }]
}

pub fn documents(ink: Ink) -> Vec<DocumentLine> {
    let sent = DocumentLine {
        kind: ink.t("受理通知书", "notice of acceptance"),
        number: ink.s("龙公受〔2026〕7号"),
        language: ink.t("中文", "Chinese"),
        href: "/cases/c1/documents/1".into(),
        size_bytes: 88_000,
        sha256: hash(22),
        at: ago(DAY),
        delivered: ink.t("2026-11-20 当面送达", "handed over on 2026-11-20"),
        log: Some(89),
    };
    vec![sent.clone(), DocumentLine { href: String::new(), delivered: Text::default(), log: None, ..sent }]
}

fn deadlines(ink: Ink) -> Vec<DeadlineLine> {
    let law = DeadlineLine {
        name: ink.t("作出决定", "decide"),
        day: ink.s("2026-11-23"),
        left: ink.t("还剩 1 个工作日", "1 working day left"),
        state: State { mark: mark_of_left(1, 2), ..ink.state(Mark::Ok, "临近", "near") },
        promised: false,
        clause: ink.cite(),
        provisional: ink.s("2027"),
        stops: vec![StopLine {
            cause: ink.t("专家评审", "expert review"),
            from: ink.s("2026-11-02"),
            to: String::new(),
            clause: ink.cite(),
        }],
        over: ink.t("申请人可以复议或者起诉。", "The applicant may ask for review or sue."),
    };
    vec![DeadlineLine { promised: true, stops: vec![], ..law.clone() }, law]
}

pub fn head(ink: Ink) -> CaseHead {
    CaseHead {
        id: "c1".into(),
        seen: 3,
        number: ink.s("LJ-2026-000123"),
        procedure: ink.t("公共安全视频系统备案", "Filing of a video system"),
        subject: ink.p("龙江路商业广场视频系统"),
        party: ink.p("龙江路商业广场有限公司"),
        state: ink.state(Mark::Busy, "审查中", "being examined"),
        officer: ink.p("赵承办"),
        office: ink.s("龙江市公安局治安支队"),
        deadlines: deadlines(ink),
    }
}

pub fn acts(ink: Ink) -> Vec<ActLine> {
    vec![
        ActLine {
            href: "/cases/c1/propose".into(),
            verb: ink.t("提出拟办意见", "Propose an outcome"),
            hint: ink.t("材料齐全，可以提出。", "The papers are complete."),
        },
        ActLine {
            href: "/cases/c1/rest".into(),
            verb: ink.t("一次告知补正", "Ask for the rest"),
            hint: Text::default(),
        },
    ]
}

pub fn ranges(ink: Ink) -> Vec<BreachLine> {
    let line = |clause| BreachLine {
        choice: ClauseChoice { clause, chosen: false },
        says: vec![ink.t("罚款500至2,000元", "fine 500 to 2,000 yuan")],
    };
    ink.cite().into_iter().map(line).collect()
}

pub fn proposal(ink: Ink) -> Proposal {
    Proposal {
        outcome: ink.t("准予备案", "filed"),
        by: ink.p("赵承办"),
        at: ago(DAY),
        reasons: vec![ink.p("材料齐全，内容属实。")],
        clauses: ink.cite().into_iter().collect(),
        ranges: ranges(ink),
        values: vec![ValueLine {
            label: ink.t("备案号", "Number"), value: ink.p("S-2026-7"), ..ValueLine::default()
        }],
        preview: "/cases/c1/preview".into(),
    }
}

pub fn case_page(l: Lang, ink: Ink) -> CasePage {
    CasePage {
        l,
        bar: desk_bar(ink),
        head: head(ink),
        channel: ink.t("网上", "online"),
        uploads: vec![],
        opened: ago(3 * DAY),
        life: life(ink),
        acts: acts(ink),
        barred: vec![BarredLine {
            what: ink.t("决定", "decide"),
            why: ink.t("承办人不能同时审批。", "Who handled it cannot decide it."),
            clauses: ink.cite().into_iter().collect(),
        }],
        more: acts(ink),
        reveals: vec![Choice::new("identify", ink.t("核对身份", "to check who it is"), false)],
        proposal: Some(proposal(ink)),
        sent_back: vec![ink.p("请补充现场照片。")],
        to_make: ink.t("准予备案通知书", "notice of filing"),
        materials: materials(ink),
        groups: groups(ink),
        history: history(ink),
        documents: documents(ink),
        entries: vec![EntryLine {
            name: ink.t("系统登记簿", "register of systems"),
            number: ink.s("S-2026-7"),
            href: "/cases/c1/publish?entry=systems".into(),
            state: ink.state(Mark::Attention, "尚未公开", "not public yet"),
            log: Some(90),
        }],
        law_day: ink.s("2026-11-19"),
        law_digest: hash(23),
        law_changes: vec![ink.t("规则包换了一版。", "The packs have changed.")],
        warnings: vec![
            WarningLine {
                text: ink
                    .t("行政复议的结果是「撤销」，请登记。", "Administrative reconsideration: annulled. Enter it."),
                clause: ink.cite(),
                href: "/cases/c1/steps/annul".into(),
            },
            WarningLine {
                text: ink.t("没有查到验收。", "No acceptance is found."),
                clause: ink.cite(),
                href: String::new(),
            },
        ],
        clauses: ink.cite().into_iter().collect(),
        assignable: vec![Choice::new("a2", ink.t("钱承办", "Qian"), false)],
        errors: FormErrors::default(),
    }
}

pub fn errors(ink: Ink, field: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.push(field, ink.t("请填写。", "Fill this in."));
    errors
}

pub fn worklist(l: Lang, ink: Ink, count: i64) -> WorklistPage {
    let chip = |zh, en, count, loud| Chip {
        href: "/cases?of=mine".into(),
        label: ink.t(zh, en),
        count,
        uncounted: count == 0,
        chosen: loud,
        loud,
    };
    let lines = (0..count).map(|n| CaseLine {
        id: format!("c{n}"),
        number: ink.s("LJ-2026-000123"),
        procedure: ink.t("系统备案", "Filing of a system"),
        subject: if n % 3 == 2 {
            ink_none()
        } else {
            ink.p("龙江路商业广场（中央大街）视频监控系统")
        },
        party: if n % 3 == 2 { ink_none() } else { ink.p("龙江路商业广场有限公司") },
        state: ink.state(Mark::Busy, "审查中", "being examined"),
        due: ink.t("作出决定", "decide"),
        day: if n % 4 == 3 { String::new() } else { ink.s("2026-11-23") },
        left: State {
            mark: mark_of_left(n - 1, 2), ..ink.state(Mark::Ok, "还剩 1 个工作日", "1 working day left")
        },
        waits: if n % 4 == 3 {
            ink.state(Mark::Warning, "承诺已过", "the promised day went by")
        } else {
            State::default()
        },
        officer: if n % 2 == 0 { ink.p("赵承办") } else { ink_none() },
        opened: ago(n * DAY),
        entries: if n == 0 {
            let what = ink.t("公布：其他信息", "Publish: other information");
            vec![("/cases/c0/publish?entry=other_information".into(), what)]
        } else {
            Vec::new()
        },
    });
    let lines: Vec<CaseLine> = lines.collect();
    WorklistPage {
        l,
        bar: desk_bar(ink),
        waiting: lines.iter().take(1).cloned().collect(),
        waiting_more: true,
        waiting_all: "/cases?of=unpublished".into(),
        office: ink.s("龙江市公安局治安支队"),
        tabs: vec![
            chip("我的", "Mine", 3, true),
            chip("本单位", "The office's", 40, false),
            chip("已办结", "Closed", 0, false),
        ],
        chips: vec![chip("已逾期", "Overdue", 1, true), chip("已暂停", "Suspended", 2, false)],
        of: "mine".into(),
        chip: "overdue".into(),
        procedures: vec![Choice::new("system_filing", ink.t("系统备案", "filing of a system"), false)],
        states: vec![Choice::new("open", ink.t("在办", "open"), true)],
        narrowed: true,
        ended: false,
        lines,
        total: 1_043,
        pager: Pager {
            next: Some("/cases?after=9".into()), shown: ink.t("第 1–50 件", "1–50"), ..Pager::default()
        },
        may_open: true,
    }
}

fn lists(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    put(out, &ink.name("cases"), &worklist(l, ink, 5));
    let ended = WorklistPage { ended: true, of: "closed".into(), chips: vec![], total: 0, ..worklist(l, ink, 2) };
    put(out, &ink.name("cases-closed"), &ended);
    let name = ink.t("系统备案", "Filing of a system");
    let one =
        ProcedureChoice {
            href: "/cases/new?procedure=a".into(), name: name.clone(), hint: ink.t("备案", "a filing")
        };
    let old = vec![ProcedureChoice {
        hint: ink.t("许可，自 2016-02-03 起取消", "a licence, ended on 2016-02-03"),
        ..one.clone()
    }];
    let choose = CounterPage {
        l,
        bar: desk_bar(ink),
        procedures: vec![one.clone()],
        own: vec![one],
        old,
        ..CounterPage::default()
    };
    put(out, &ink.name("cases-new"), &choose);
    let form = CounterPage {
        procedure: "system_filing".into(),
        name,
        fields: counter_fields(ink),
        behind: vec!["applicant_name".into()],
        another: true,
        papers: vec![Choice::new("licence", ink.t("营业执照", "business licence"), true)],
        own_motion: true,
        from: "c1".into(),
        from_number: ink.s("LJ-2026-000122"),
        errors: errors(ink, "materials"),
        ..choose
    };
    put(out, &ink.name("cases-new-form"), &form);
}

/// The counter's form, with a name that is asked of another person than the party.
fn counter_fields(ink: Ink) -> Vec<AskedField> {
    let name = AskedField {
        id: "applicant_name".into(),
        label: ink.t("申请人姓名", "name of the applicant"),
        ask: Ask::Name,
        needed: ink.t("（勾选后必填）", "(needed with the tick)"),
        personal: true,
        ..AskedField::default()
    };
    let mut all = fields(ink, true);
    all.push(name);
    all
}

fn empty(l: Lang, out: &mut Vec<(String, String)>) {
    let plain = || AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(out, "apply-step-empty", &ApplyStepPage { l, bar: plain(), ..ApplyStepPage::default() });
    put(out, "apply-materials-empty", &MaterialsPage { l, bar: plain(), ..MaterialsPage::default() });
    put(out, "apply-check-empty", &ApplyCheckPage { l, bar: plain(), ..ApplyCheckPage::default() });
    put(out, "apply-done-empty", &ApplyDonePage { l, bar: plain(), ..ApplyDonePage::default() });
    put(out, "apply-mine-empty", &MyCasesPage { l, bar: plain(), ..MyCasesPage::default() });
    put(out, "apply-case-empty", &MyCasePage { l, bar: plain(), ..MyCasePage::default() });
    put(out, "cases-empty", &WorklistPage { l, bar: plain(), ..WorklistPage::default() });
    put(out, "cases-new-empty", &CounterPage { l, bar: plain(), ..CounterPage::default() });
    put(out, "case-empty", &CasePage { l, bar: plain(), ..CasePage::default() });
    put(out, "case-step-empty", &StepPage { l, bar: plain(), ..StepPage::default() });
    put(out, "case-rest-empty", &RestPage { l, bar: plain(), ..RestPage::default() });
    put(out, "case-propose-empty", &ProposePage { l, bar: plain(), ..ProposePage::default() });
    put(out, "case-decide-empty", &DecidePage { l, bar: plain(), ..DecidePage::default() });
    put(out, "case-review-empty", &ReviewPage { l, bar: plain(), ..ReviewPage::default() });
    put(out, "case-payments-empty", &PaymentsPage { l, bar: plain(), ..PaymentsPage::default() });
    put(out, "case-publish-empty", &PublishPage { l, bar: plain(), ..PublishPage::default() });
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        applying(l, ink, out);
        lists(l, ink, out);
        working(l, ink, out);
    }
    put(out, "cases-full", &worklist(l, Ink { hostile: false }, 1_000));
    empty(l, out);
}
