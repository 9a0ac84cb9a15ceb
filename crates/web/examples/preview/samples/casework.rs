//! Samples: what an applicant sees, and the pages of those who handle cases: full, empty, with faults, with hostile words.

use super::super::pages::apply::{
    ApplyCheckPage, ApplyDonePage, ApplyHead, ApplyStepPage, ApplyTask, DecisionLine, DefectLine, MaterialsPage,
    MyCaseLine, MyCasePage, MyCasesPage,
};
use super::super::pages::ask::{Ask, AskedField};
use super::super::pages::case::{
    ActLine, BarredLine, BreachLine, CaseHead, CasePage, ClauseChoice, DeadlineLine, DecidePage, DocumentLine,
    EntryLine, EventLine, FileLine, GuardLine, MaterialLine, OfficerChoice, OutcomePart, Proposal, ProposePage,
    PublicColumn, PublishPage, RestLine, RestPage, ReviewPage, StepPage, StopLine, ValueGroup, ValueLine, WarningLine,
    mark_of_left,
};
use super::super::pages::cases::{CaseLine, Chip, CounterPage, ProcedureChoice, WorklistPage};
use super::super::pages::payments::{BillView, MoneyRow, MoneyTyped, PaymentsPage};
use super::super::pages::public::PublicNav;
use super::public::{Ink, fields, life, public_bar};
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

fn materials(ink: Ink) -> Vec<MaterialLine> {
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

fn groups(ink: Ink) -> Vec<ValueGroup> {
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

fn history(ink: Ink) -> Vec<EventLine> {
    vec![EventLine {
        at: ago(DAY),
        who: ink.p("赵承办"),
        what: ink.t("受理", "accepted"),
        words: vec![ink.p("材料齐全。")],
        clauses: ink.cite().into_iter().collect(),
        log: Some(88),
    }]
}

fn documents(ink: Ink) -> Vec<DocumentLine> {
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

fn acts(ink: Ink) -> Vec<ActLine> {
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

fn ranges(ink: Ink) -> Vec<BreachLine> {
    let line = |clause| BreachLine {
        choice: ClauseChoice { clause, chosen: false },
        says: vec![ink.t("罚款500至2,000元", "fine 500 to 2,000 yuan")],
    };
    ink.cite().into_iter().map(line).collect()
}

fn proposal(ink: Ink) -> Proposal {
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

fn case_page(l: Lang, ink: Ink) -> CasePage {
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
                text: ink.t("行政复议的结果是「撤销」，请登记。", "Administrative review: annulled. Enter it."),
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

fn pair(ink: Ink) -> Option<OfficerChoice> {
    let list = vec![Choice::new("a1", ink.t("赵承办", "Zhao"), true)];
    Some(OfficerChoice { first: list.clone(), second: list, clause: ink.cite() })
}

pub fn errors(ink: Ink, field: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.push(field, ink.t("请填写。", "Fill this in."));
    errors
}

fn apply_head(ink: Ink) -> ApplyHead {
    let task = |zh, en, done, here| ApplyTask { href: "/apply/d1?step=unit".into(), title: ink.t(zh, en), done, here };
    ApplyHead {
        draft: "d1".into(),
        seen: 1,
        service: ink.t("系统备案", "Filing of a system"),
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

fn applying(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
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
    put(out, &ink.name("apply-check"), &ApplyCheckPage { defects: vec![], unsaid: false, ..check });
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
        recuse: "/my/cases/c1/recuse".into(),
        seen: 3,
        receipt: ink.s("LJ-2026-000123"),
        service: ink.t("系统备案", "Filing of a system"),
        subject: ink.p("龙江路商业广场"),
        state: ink.state(Mark::Warning, "待补正", "to be completed"),
        life: life(ink),
        promised: ink.s("2026-12-05"),
        legal: ink.s("2026-12-19"),
        clause: ink.cite(),
        stopped: ink.t("等您补正，不计入期限。", "It waits for you; the clock stands still."),
        missing: materials(ink),
        complete_until: ink.s("2026-12-01"),
        acts: acts(ink),
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

fn working(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let (bar, head) = (|| desk_bar(ink), || head(ink));
    let step = StepPage {
        l,
        bar: bar(),
        head: head(),
        step: "examine".into(),
        takes_paper: true,
        title: ink.t("审查。", "Examine."),
        clause: ink.cite(),
        fields: fields(ink, true),
        materials: materials(ink),
        officers: pair(ink),
        note: ink.s("已核对原件。"),
        errors: errors(ink, "officer"),
    };
    put(out, &ink.name("case-step"), &step);
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
        day: day_of_then(ink),
        errors: errors(ink, "reasons"),
    };
    put(out, &ink.name("case-propose"), &propose);
    deciding(l, ink, out);
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
        history: history(ink),
        day: day_of_then(ink),
        reasons: ink.s("同意。"),
        errors: FormErrors::default(),
    };
    put(out, &ink.name("case-decide"), &decide);
    let barred = DecidePage { guards: vec![guard(true), guard(false)], errors: errors(ink, "reasons"), ..decide };
    put(out, &ink.name("case-decide-barred"), &barred);
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
        history: history(ink),
        verdicts: vec![Choice::new("passed", ink.t("通过", "passed"), true)],
        opinion: ink.s("程序合法。"),
        fields: fields(ink, false),
        errors: errors(ink, "opinion"),
    };
    put(out, &ink.name("case-review"), &review);
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
    put(out, &ink.name("case"), &case_page(l, ink));
    paying(l, ink, out);
}

fn bill(ink: Ink) -> BillView {
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

fn paying(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let page = PaymentsPage {
        l,
        bar: desk_bar(ink),
        head: head(ink),
        bill: Some(bill(ink)),
        rows: 2,
        may_receive: true,
        owes_fine: true,
        owes_gains: true,
        may_defer: true,
        wrong: vec![Choice::new("1", ink.t("2026-11-10 2000元 示例00000001", "2026-11-10 2000 yuan"), true)],
        causes: vec![Choice::new("review", ink.t("行政复议", "administrative review"), true)],
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
