//! Samples: visits of inspections on a phone in every state, with hostile words, and what a site reported of itself.

use super::super::pages::case_documents::PaperOffer;
use super::super::pages::visits::SaidUnit;
use super::super::pages::visits::{
    AfterPaper, AfterView, AskVisit, CameraLine, Closing, DraftLine, DrawLink, EndedView, FindingLine, ItemCard,
    ItemGroup, LastLine, PartLine, PhotoLine, Signer, SiteReportPage, SpareSeat, VisitCard, VisitPage, VisitsPage,
};
use super::public::Ink;
use super::*;

const CASE: &str = "0190a1b2-0000-7000-8000-000000000001";

fn phone_bar(ink: Ink) -> AppBar {
    AppBar {
        site: ink.s("龙江市公安局"),
        user: Some(Signed { name: ink.s("赵承办"), role: ink.t("承办人", "case officer") }),
        can: Can { cases: true, ..Can::default() },
        recording: None,
        waiting: 0,
        demo: false,
        on_duty: None,
        ..bar(Nav::Visits)
    }
}

fn drawn(ink: Ink) -> DrawLink {
    DrawLink { plan: "2026-1".into(), title: ink.s("2026年年度检查计划"), place: 3 }
}

fn card(ink: Ink) -> VisitCard {
    VisitCard {
        case: CASE.into(),
        n: 2,
        number: ink.s("龙公技防〔2026〕12号"),
        unit: ink.p("哈尔滨示例商业有限公司"),
        address: ink.p("哈尔滨市道里区示例街1号"),
        approval: ink.s("龙公技防检批字〔2026〕3号"),
        kind: ink.t("计划内检查（随机抽取）", "planned, drawn"),
        day: "2026-11-21".into(),
        state: ink.state(Mark::Busy, "检查中", "under way"),
        draw: Some(drawn(ink)),
        leave: ink.t(
            "本年度此前检查1次，其中计入频次1次，上限2次。",
            "1 visit of this unit so far this year, 1 counted towards the cap of 2.",
        ),
    }
}

fn item(ink: Ink, n: usize, kind: &str) -> ItemCard {
    let yes_no = vec![
        Choice::new("yes", ink.t("符合", "met"), false),
        Choice::new("no", ink.t("不符合", "not met"), false),
        Choice::new("not_here", ink.t("不适用（备注说明）", "not here (say why)"), false),
    ];
    ItemCard {
        id: format!("item_{n}"),
        question: ink.t("值班记录是否完整？", "Is the log of the watch complete?"),
        criterion: ink.t("近三十日每日有人值班。", "Somebody was on watch on each of the last thirty days."),
        kind: kind.into(),
        answers: if kind == "number" { yes_no[2..].to_vec() } else { yes_no },
        unit: ink.t("秒 ≤ 60", "s ≤ 60"),
        defects: vec![Choice::new("gap", ink.t("有空缺", "days are missing"), false)],
        auto: if n == 1 { ink.t("符合", "met") } else { Text::default() },
        auto_json: if n == 1 { "\"yes\"".into() } else { String::new() },
        citations: if n == 3 { vec![] } else { ink.cite().into_iter().collect() },
        gap: n == 2,
        within: if n == 3 { String::new() } else { "20".into() },
    }
}

fn part(ink: Ink, n: u32, day: &str) -> PartLine {
    PartLine {
        n,
        href: format!("/visits/{CASE}/parts/{n}"),
        kind: ink.t("复查", "second look"),
        day: day.into(),
        state: ink.state(Mark::Off, "已结束", "closed"),
        here: n == 2,
    }
}

fn visit(l: Lang, ink: Ink) -> VisitPage {
    let items = (1..=6).map(|n| item(ink, n, if n == 4 { "number" } else { "yes_no" })).collect();
    let signer = |belongs: &str, name: &str, (signed, beside)| {
        let (belongs, name) = (belongs.into(), ink.p(name));
        Signer { belongs, name, signed, beside }
    };
    VisitPage {
        l,
        bar: phone_bar(ink),
        card: card(ink),
        parts: [(1, "2026-10-08"), (2, "2026-11-21")].map(|(n, day)| part(ink, n, day)).into(),
        checklist: ink.t("通用检查表", "general checklist"),
        basis: String::new(),
        approved: Some((ink.p("周负责"), "2026-11-19".into())),
        last: Some(LastLine {
            case: CASE.into(),
            number: ink.s("龙公技防〔2025〕7号"),
            day: "2025-10-08".into(),
            defects: vec![ink.t("值班记录有空缺", "days are missing in the log")],
            follows: ink.t("责令限期改正。", "An order to correct within a limit follows."),
        }),
        notice: "2026-11-20".into(),
        inspectors: vec![ink.p("赵承办"), ink.p("钱承办")],
        code: "91350100M000100Y43".into(),
        coded: true,
        may_approve: false,
        may_drop: false,
        drop_reason: "".into(),
        dropped: None,
        refused: false,
        refuse_reason: "".into(),
        sealed: false,
        unsign_reason: "".into(),
        may_begin: false,
        writes: true,
        state: ink.s("{\"version\":1,\"fields\":{}}"),
        version: 1,
        groups: vec![ItemGroup { name: ink.t("监控室和记录", "control room and logs"), items }],
        items: 6,
        photos: vec![],
        signers: vec![
            signer("signature/a1", "赵承办", (true, false)),
            signer("signature/a2", "钱承办", (false, true)),
            signer("signature/unit", "", (false, false)),
        ],
        terms: vec![10, 20, 30, 60, 90],
        terms_why: ink.t("实务中常用的期限，不是条文。", "Times that orders usually give: practice, not law."),
        closing: Closing { unit_name: "".into(), reason: ink.p("负责人不在场"), witness: ink.p("孙见证") },
        draft_signed: false,
        report: Some((ago(60 * MIN), ink.s("1 小时"), hash(5), 812)),
        ended: None,
        after: None,
        errors: FormErrors::default(),
    }
}

fn after(ink: Ink) -> AfterView {
    let offer = PaperOffer {
        kind: "order_with_limit".into(),
        name: ink.t("责令限期改正通知书", "order to correct within a time limit"),
        why: ink.t("属于“送达责令限期改正通知书”。", "It belongs to \"Serve the order\"."),
        made: 0,
    };
    let record = AfterPaper {
        name: ink.t("检查记录", "record of the inspection"),
        number: String::new(),
        href: format!("/cases/{CASE}/documents/{}", hash(7)),
        sha256: hash(7),
        state: ink.state(Mark::Busy, "尚未送达", "not delivered yet"),
        can_deliver: true,
    };
    let differs = DraftLine {
        field: "order_defects".into(),
        name: ink.t("违法事实、存在的问题", "what is wrong"),
        phone: ink.p("值班记录有空缺；没有信息查询登记制度。"),
        case: ink.p("值班记录有空缺。"),
        was: ink.p("值班记录有空缺。"),
    };
    AfterView {
        seen: 6,
        order: format!("/cases/{CASE}/steps/order"),
        offers: vec![offer],
        made: vec![record],
        taker: ink.p("赵六"),
        differ: vec![differs],
    }
}

fn closed(l: Lang, ink: Ink) -> VisitPage {
    let finding = FindingLine {
        what: ink.t("值班记录有空缺", "days are missing in the log"),
        order: ink.t("责令限期改正", "order to correct within a limit"),
        clauses: ink.cite().into_iter().collect(),
    };
    let ended = EndedView {
        at: ago(MIN),
        follows: ink.t("责令限期改正。", "An order to correct within a limit follows."),
        findings: vec![finding],
        advice: vec![ink.t("建议更换老旧摄像机。", "Replace old cameras.")],
        review: true,
        refused: true,
        door: ink.t("手工输入单位代码；手机没有提供地点。", "the unit's code was typed; the phone told no place."),
        far: true,
        offline: vec![ink.t(
            "现场出具过离线稿，内容与本记录一致。",
            "A provisional paper was given out: it is the same as this record.",
        )],
    };
    let photo = PhotoLine {
        number: 1,
        what: ink.t("值班记录是否完整？", "Is the log of the watch complete?"),
        taken: ago(30 * MIN),
        place: ink.t("地点（手机提供）：45.75,126.65 ±12 m", "place (as the phone said): 45.75,126.65 ±12 m"),
        bytes: 1_843_000,
        sha256: hash(6),
    };
    VisitPage {
        writes: false,
        groups: vec![],
        photos: vec![photo],
        ended: Some(ended),
        after: Some(after(ink)),
        card: VisitCard { state: ink.state(Mark::Off, "已结束", "closed"), ..card(ink) },
        ..visit(l, ink)
    }
}

fn asked(l: Lang, ink: Ink) -> VisitPage {
    let card = VisitCard {
        approval: String::new(),
        leave: Text::default(),
        draw: None,
        state: ink.state(Mark::Attention, "待批准", "waits for approval"),
        ..card(ink)
    };
    let (writes, groups, report) = (false, vec![], None);
    VisitPage {
        card,
        writes,
        groups,
        report,
        may_approve: true,
        may_drop: true,
        may_begin: true,
        basis: ink.s("投诉〔2026〕8号"),
        approved: None,
        last: None,
        notice: String::new(),
        ..visit(l, ink)
    }
}

/// One that does not take place.
fn dropped(l: Lang, ink: Ink) -> VisitPage {
    VisitPage {
        may_approve: false,
        may_drop: false,
        may_begin: false,
        dropped: Some(ink.p("单位当日停业，改期检查。")),
        card: VisitCard { state: ink.state(Mark::Off, "已取消", "dropped"), ..card(ink) },
        ..asked(l, ink)
    }
}

fn spare_seat(ink: Ink, id: &str) -> SpareSeat {
    SpareSeat { id: id.into(), people: vec![Choice::new("a2", ink.t("钱承办", "钱承办"), id == "with")] }
}

fn asking(ink: Ink) -> AskVisit {
    AskVisit {
        case: CASE.into(),
        number: ink.s("龙公技防〔2026〕12号"),
        draw: None,
        team: vec![],
        asks_basis: true,
        kinds: vec![Choice::new("special", ink.t("专项检查", "special campaign"), true)],
        items: vec![Choice::new("general", ink.t("通用检查表", "general checklist"), true)],
        seats: vec![spare_seat(ink, "with")],
        day: "2026-11-21".into(),
        basis: ink.s("专项〔2026〕1号"),
        said: Some(SaidUnit {
            sha256: hash(6),
            made: ago(60 * MIN),
            kinds: vec![ink.t("重点单位", "key unit"), ink.t("旅馆业", "hotel")],
            places: vec![ink.t("酒店大堂", "hotel lobby")],
            chosen: false,
        }),
    }
}

/// Of a drawn unit, with somebody to be named in place of who cannot inspect.
fn asking_drawn(ink: Ink) -> AskVisit {
    AskVisit {
        draw: Some(drawn(ink)),
        team: vec![ink.p("赵承办")],
        asks_basis: false,
        kinds: vec![Choice::new("planned", ink.t("计划内检查（随机抽取）", "planned, drawn"), true)],
        seats: vec![spare_seat(ink, "with"), spare_seat(ink, "with-1")],
        basis: String::new(),
        ..asking(ink)
    }
}

fn list(l: Lang, ink: Ink, errors: bool) -> VisitsPage {
    let mut wrong = FormErrors::default();
    if errors {
        wrong.push("basis", ink.t("请填写检查依据的编号。", "Enter the number on which the visit rests."));
    }
    VisitsPage {
        l,
        bar: phone_bar(ink),
        approves: false,
        cards: vec![card(ink), VisitCard { approval: String::new(), leave: Text::default(), ..card(ink) }],
        ask: Some(if errors { asking(ink) } else { asking_drawn(ink) }),
        errors: wrong,
    }
}

fn reported(l: Lang, ink: Ink, n: usize) -> SiteReportPage {
    let camera = |at: usize| CameraLine {
        name: ink.s(&format!("大厅 {at}")),
        place: ink.t("酒店大堂", "hotel lobby"),
        oldest: if at == 2 { String::new() } else { "2026-10-20".into() },
        term_days: 30,
        gaps_ms: 125_000,
        longest_ms: 60_000,
        clock_error_ms: (at != 2).then_some(-340),
    };
    let state = ink.state(Mark::Warning, "逾期", "overdue");
    SiteReportPage {
        l,
        bar: phone_bar(ink),
        name: ink.s("示范酒店"),
        unit: ink.s("示范酒店有限公司"),
        made: (n > 0).then(|| ago(60 * MIN)),
        age_ms: 60 * MIN,
        sha256: hash(5),
        entry: 812,
        clock_error_ms: Some(12),
        gap_days: 30,
        cameras_in_service: u32::try_from(n).unwrap_or(0),
        cameras: (1..=n).map(camera).collect(),
        duties: vec![(ink.t("设置标识", "put up signs"), state, "2026-11-01".into())],
    }
}

/// Every page of visits.
pub(super) fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        put(out, &ink.name("visits"), &list(l, ink, false));
        put(out, &ink.name("visits-errors"), &list(l, ink, true));
        put(out, &ink.name("visit-asked"), &asked(l, ink));
        put(out, &ink.name("visit-open"), &visit(l, ink));
        put(out, &ink.name("visit-closed"), &closed(l, ink));
        put(out, &ink.name("visit-dropped"), &dropped(l, ink));
        put(out, &ink.name("site-report"), &reported(l, ink, 3));
    }
    let plain = Ink { hostile: false };
    let empty = VisitsPage { l, bar: phone_bar(plain), approves: true, ..VisitsPage::default() };
    put(out, "visits-empty", &empty);
    put(out, "site-report-empty", &reported(l, plain, 0));
}
