//! Samples: what else is done in a case, offices and who works there, supervision: full, empty, with faults, with hostile words.

use super::super::pages::case::StopLine;
use super::super::pages::case_desk::{
    ActPage, ClockLine, ClocksPage, RecusalLine, RecusalTyped, RecusePage, RevealPage, WholeLine,
};
use super::super::pages::case_panel::{MemberLine, PanelPage, PanelTyped};
use super::super::pages::delegations::{DelegationLine, DelegationsPage};
use super::super::pages::offices::{AbsenceLine, OfficeLine, OfficePage, OfficerLine, OfficesPage};
use super::super::pages::recusals::{RecusalsPage, WaitingLine};
use super::super::pages::supervision::{
    DeedLine, DrawLine, FarLine, GroundLine, LateLine, LoadLine, RefusalLine, SupervisionPage, VisitLine, VisitLink,
};
use super::casework::{desk_bar, errors, head, worklist};
use super::public::{Ink, fields};
use super::*;

fn clock(ink: Ink, id: &str) -> ClockLine {
    ClockLine {
        id: id.into(),
        name: ink.t("作出决定", "decide"),
        binds: ink.t("公安机关", "the police"),
        day: ink.s("2026-12-19"),
        left: ink.t("还有 28 天", "28 days left"),
        state: ink.state(Mark::Ok, "计算中", "running"),
        clause: ink.cite(),
        steps: vec![ink.t("自 2026-11-21 起算。", "It starts on 2026-11-21.")],
        provisional: ink.s("2027"),
        default: ink.t("条例没有规定，适用行政许可法。", "Not set by the ordinance; the national rule applies."),
        stops: vec![StopLine {
            cause: ink.t("鉴定", "appraisal"),
            from: ink.s("2026-11-22"),
            to: String::new(),
            clause: ink.cite(),
        }],
        over: ink.t("申请人可以申请复议。", "The applicant may ask for review."),
        causes: vec![Choice {
            hint: ink.t("第四十五条", "art. 45"),
            ..Choice::new("appraisal", ink.t("鉴定", "appraisal"), false)
        }],
        may_resume: true,
        extension: ink.t("经负责人批准可以延长一次。", "With leave of the head it is extended once."),
        extension_clause: ink.cite(),
        may_extend: true,
    }
}

fn case_acts(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let clocks = ClocksPage {
        l,
        bar: desk_bar(ink),
        head: head(ink),
        clocks: vec![clock(ink, "decide"), clock(ink, "issue")],
        today: "2026-11-21".into(),
        errors: errors(ink, "clock-decide"),
    };
    put(out, &ink.name("case-clocks"), &clocks);
    let act = ActPage {
        l,
        bar: desk_bar(ink),
        head: head(ink),
        path: "note".into(),
        title: ink.t("写备注", "Write a note"),
        lede: ink.t("当事人看不到。", "It is not shown to the party."),
        fields: fields(ink, true),
        verb: ink.t("写进案卷", "Enter it"),
        confirm: ink.t("不能修改。", "It cannot be changed."),
        errors: errors(ink, "form"),
    };
    put(out, &ink.name("case-act"), &act);
    let reveal = RevealPage {
        l,
        bar: desk_bar(ink),
        head: head(ink),
        reason: ink.t("送达文书", "to deliver a document"),
        lines: vec![WholeLine { label: ink.t("联系人", "Whom to ask"), value: ink.p("王五") }],
        entry: 91,
    };
    put(out, &ink.name("case-reveal"), &reveal);
}

fn recusals(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let line = RecusalLine {
        account: "a1".into(),
        name: ink.p("赵承办"),
        reasons: vec![ink.p("是申请人的近亲属。")],
        state: ink.state(Mark::Attention, "已提出", "asked"),
        may_settle: true,
        way: Text::default(),
        may_enter: false,
        typed: RecusalTyped { reason: ink.p("情况属实。"), ..RecusalTyped::default() },
    };
    let recuse = RecusePage {
        l,
        bar: desk_bar(ink),
        head: head(ink),
        asked: vec![
            line.clone(),
            RecusalLine {
                account: "a2".into(),
                may_settle: false,
                way: ink.t("由上一级机构的负责人决定。", "A head of the office above decides."),
                may_enter: true,
                typed: RecusalTyped {
                    reason: ink.p("情况属实，决定回避。"),
                    organ: ink.s("上级公安机关"),
                    number: ink.s("示回避1号"),
                    day: "2026-11-20".into(),
                },
                ..line
            },
        ],
        persons: vec![Choice::new("a3", ink.t("钱承办", "Qian"), true)],
        reason: ink.s("有利害关系。"),
        errors: errors(ink, "reason"),
    };
    put(out, &ink.name("case-recuse"), &recuse);
    let waiting = WaitingLine {
        case: "c1".into(),
        number: ink.s("LJ-2026-000123"),
        procedure: ink.t("系统备案", "Filing of a system"),
        office: ink.s("龙江路派出所"),
        account: "a1".into(),
        name: ink.p("孙负责"),
        reasons: vec![ink.p("是申请人的近亲属。")],
        seen: 7,
        typed: ink.p("情况属实。"),
    };
    let below = RecusalsPage {
        l,
        bar: desk_bar(ink),
        waiting: vec![waiting.clone(), WaitingLine { account: "a2".into(), ..waiting }],
        most: 2,
        errors: errors(ink, "why-c1-a1"),
    };
    put(out, &ink.name("recusals"), &below);
}

fn panel(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let member = |number: &str, drawn: bool| MemberLine {
        number: ink.s(number),
        name: ink.p("王*"),
        how: if drawn {
            ink.t("2026-11-21 抽取", "drawn on 2026-11-21")
        } else {
            ink.t("2026-11-21 选定", "chosen")
        },
        declared: ink.state(Mark::Ok, "没有利害关系", "no interest in the matter"),
        said: ink.state(Mark::Attention, "修改后通过", "pass with changes"),
        words: vec![ink.p("东入口一台调整朝向。")],
    };
    let choice = |value: &str| Choice::new(value, ink.t("专家2026-001", "expert 2026-001"), value == "r1");
    let page = PanelPage {
        l,
        bar: desk_bar(ink),
        head: head(ink),
        rule: ink.t("至少三名专家提出意见，按多数意见认定。", "Three opinions at least; most of them decide."),
        clause: ink.cite(),
        says: ink.state(Mark::Attention, "修改后通过", "pass with changes"),
        members: vec![member("专家2026-001", true), member("专家2026-002", false)],
        off: vec![member("专家2026-003", false)],
        may_change: true,
        of_panel: vec![choice("r1"), choice("r2")],
        free: vec![
            Choice { hint: ink.t("视频监控", "video surveillance"), ..choice("r4") },
            Choice { hint: ink.t("系统集成", "integration"), ..choice("r5") },
        ],
        free_count: 2,
        tied: vec![ink.t("专家2026-006：与设计单位有关联。", "expert 2026-006: belongs to the designer.")],
        interests: vec![Choice::new("none", ink.t("没有利害关系", "no interest"), true)],
        verdicts: vec![Choice::new("pass", ink.t("通过", "pass"), true)],
        today: "2026-11-21".into(),
        typed: PanelTyped {
            opinion: ink.p("东入口一台调整朝向。"),
            changed: ink.p("设计单位补充了图纸。"),
            declaration: ink.p("曾任该单位顾问。"),
            why: ink.p("因公出差。"),
            count: ink.s("3"),
            draw_grounds: ink.p("随机抽取。"),
            grounds: ink.p("专业对口。"),
        },
        errors: errors(ink, "opinion"),
    };
    put(out, &ink.name("case-panel"), &page);
}

fn offices(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let line = OfficeLine {
        id: "o1".into(),
        indent: String::new(),
        name: ink.s("龙江市公安局"),
        level: ink.t("市级公安机关", "city police"),
        division: "230100".into(),
        unit_code: "230100000000".into(),
        state: ink.state(Mark::Ok, "受理", "takes cases"),
    };
    let below = OfficeLine { id: "o2".into(), indent: "└ ".into(), ..line.clone() };
    put(out, &ink.name("offices"), &OfficesPage { l, bar: desk_bar(ink), lines: vec![line, below], may_manage: true });
    let people = vec![Choice::new("a1", ink.t("赵承办", "Zhao"), true)];
    let page = OfficePage {
        l,
        bar: desk_bar(ink),
        id: "o1".into(),
        name: ink.s("龙江市公安局"),
        state: ink.state(Mark::Ok, "受理", "takes cases"),
        facts: vec![(ink.t("窗口电话", "Telephone"), ink.s("0451-00000000")), (ink.t("法院", "Court"), String::new())],
        fields: fields(ink, true),
        officers: vec![OfficerLine {
            account: "a1".into(),
            name: ink.p("赵承办"),
            seats: ink.t("承办人", "officer"),
            until: ink.s("2026-12-01"),
            card: ink.state(Mark::Warning, "即将到期", "ends soon"),
            away: ink.p("钱承办"),
        }],
        accounts: people.clone(),
        valid_until: "2026-12-01".into(),
        absences: vec![AbsenceLine {
            entry: 92,
            name: ink.p("赵承办"),
            stand_in: ink.p("钱承办"),
            from: ink.s("2026-11-21"),
            until: ink.s("2026-11-25"),
            may_end: true,
        }],
        absent: people.clone(),
        stand_ins: people,
        from: "2026-11-21".into(),
        until: "2026-11-25".into(),
        errors: errors(ink, "from"),
    };
    put(out, &ink.name("office"), &page);
}

fn load(ink: Ink, overdue: u32) -> LoadLine {
    LoadLine {
        office: ink.s("龙江市公安局"),
        officer: ink.p("赵承办"),
        open: 12,
        overdue,
        owed: 1,
        state: ink.state(Mark::Critical, "有逾期", "something is late"),
    }
}

fn supervision(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let late = |case| LateLine { case, decided: "2026-11-10".into(), days: 12 };
    let page = SupervisionPage {
        l,
        bar: desk_bar(ink),
        since: "2025-11-21".into(),
        annulled: worklist(l, ink, 1).lines,
        overdue: worklist(l, ink, 3).lines,
        near: worklist(l, ink, 2).lines,
        waiting: worklist(l, ink, 2).lines,
        decided_late: worklist(l, ink, 2).lines.into_iter().map(late).collect(),
        late_back_days: 90,
        visits: vec![VisitLine {
            name: ink.p("龙江路商业广场有限公司"),
            unit: "91350100M000100Y43".into(),
            href: "/cases/search?q=91350100M000100Y43".into(),
            count: 3,
            again: 1,
            last: "2026-11-10".into(),
            visits: vec![VisitLink {
                href: "/visits/c1/parts/1".into(),
                day: "2026-11-10".into(),
                kind: ink.t("专项检查", "special campaign"),
            }],
        }],
        far: vec![FarLine {
            name: ink.p("龙江路商业广场有限公司"),
            href: "/visits/c1/parts/1".into(),
            day: "2026-11-10".into(),
            door: ink.t("手工输入单位代码，距最近一张照片约900米。", "typed, about 900 m from the nearest photo."),
        }],
        looked_at: 200,
        draws: vec![
            DrawLine {
                plan: ink.s("2026-11"),
                href: "/public/draws/2026-11".into(),
                committed: ago(DAY),
                drawn: Some(ago(MIN)),
            },
            DrawLine { plan: ink.s("2026-12"), href: "/public/draws/2026-12".into(), committed: ago(DAY), drawn: None },
        ],
        refusals: vec![RefusalLine {
            text: ink.t("依法拒绝：还缺1项材料。", "Refused by law: one paper is missing."),
            clauses: ink.cite().into_iter().collect(),
            count: 7,
            log: Some(93),
        }],
        grounds: vec![GroundLine {
            procedure: ink.t("系统备案", "Filing of a system"),
            outcome: ink.t("不予备案。", "Not filed."),
            ground: ink.t("材料不齐", "papers are missing"),
            clauses: ink.cite().into_iter().collect(),
            count: 3,
        }],
        grounds_looked_at: 200,
        tried: vec![deed(ink)],
        reveals: vec![DeedLine { clauses: vec![], log: None, ..deed(ink) }],
        delegations: delegations(ink),
        load: vec![load(ink, 1), LoadLine { officer: Default::default(), ..load(ink, 0) }],
        most: 50,
    };
    put(out, &ink.name("supervision"), &page);
}

fn delegations(ink: Ink) -> Vec<DelegationLine> {
    vec![DelegationLine {
        entry: 97,
        number: ink.s("龙公技防委〔2026〕1号"),
        office: ink.s("龙江分局"),
        giver: ink.p("孙负责"),
        deputy: ink.p("钱承办"),
        from: "2026-11-21".into(),
        until: "2026-11-25".into(),
        what: ink.t("社会公共区域安装技防系统审批", "approval of a system in a public area"),
        state: ink.state(Mark::Ok, "有效", "holds"),
        may_end: true,
    }]
}

fn delegation_pages(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let page = DelegationsPage {
        l,
        bar: desk_bar(ink),
        id: "o1".into(),
        office: ink.s("龙江分局"),
        lines: delegations(ink),
        deputies: vec![Choice::new("a1", ink.t("钱承办", "Qian Chengban"), true)],
        procedures: vec![Choice {
            hint: ink.t("只能委托上级机构的负责人", "to a head of an office above alone"),
            ..Choice::new("penalty_case", ink.t("行政处罚", "penalty"), false)
        }],
        from: "2026-11-21".into(),
        until: "2026-11-25".into(),
        errors: errors(ink, "deputy"),
    };
    put(out, &ink.name("delegations"), &page);
}

fn deed(ink: Ink) -> DeedLine {
    DeedLine {
        at: ago(MIN),
        who: ink.p("赵承办"),
        href: "/cases/c1".into(),
        number: ink.s("龙公技防〔2026〕7号"),
        text: ink.t("依法拒绝：罚款数额超出幅度。", "Refused by law: the amount is out of its range."),
        clauses: ink.cite().into_iter().collect(),
        log: Some(94),
    }
}

fn empty(l: Lang, out: &mut Vec<(String, String)>) {
    let plain = || AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(out, "case-clocks-empty", &ClocksPage { l, bar: plain(), ..ClocksPage::default() });
    put(out, "case-act-empty", &ActPage { l, bar: plain(), title: t("写备注", "Write a note"), ..ActPage::default() });
    put(out, "case-recuse-empty", &RecusePage { l, bar: plain(), ..RecusePage::default() });
    put(out, "case-panel-empty", &PanelPage { l, bar: plain(), may_change: true, ..PanelPage::default() });
    put(out, "recusals-empty", &RecusalsPage { l, bar: plain(), ..RecusalsPage::default() });
    put(out, "case-reveal-empty", &RevealPage { l, bar: plain(), ..RevealPage::default() });
    put(out, "offices-empty", &OfficesPage { l, bar: plain(), ..OfficesPage::default() });
    put(out, "office-empty", &OfficePage { l, bar: plain(), ..OfficePage::default() });
    put(out, "delegations-empty", &DelegationsPage { l, bar: plain(), ..DelegationsPage::default() });
    put(out, "supervision-empty", &SupervisionPage { l, bar: plain(), ..SupervisionPage::default() });
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        case_acts(l, ink, out);
        recusals(l, ink, out);
        panel(l, ink, out);
        offices(l, ink, out);
        supervision(l, ink, out);
        delegation_pages(l, ink, out);
    }
    empty(l, out);
}
