//! Samples: Log, clause, accounts.

use super::super::pages::accounts::{AccountLine, AccountPage, AccountsPage, SessionLine};
use super::super::pages::areas::{AreaRow, AreasPage, DAYS};
use super::super::pages::law::{CostLine, CostReading};
use super::super::pages::log::{ClauseUse, LawClausePage, LogEntryPage, LogLine, LogPage, ProofStep};
use super::super::pages::offers::{OfferFields, OfferLine, OffersPage};
use super::super::pages::second_step::{LoginCodePage, QrCode, TwoStepPage};
use super::super::pages::shifts::{Handover, RosterDay, RosterLine, RosterPage, ShiftPage, Standing};
use super::*;

pub fn log_lines(count: u64) -> Vec<LogLine> {
    let kinds = [
        ("登录", "signed in", "会话", true, ""),
        ("删除录像", "delete footage", "东门 1 号机 14:00–14:10", false, "B-25-1"),
        ("查看录像", "view footage", "申请 2026-0007", true, "B-28-1-1"),
        ("申请使用信息", "request use", "申请 2026-0006", false, "B-28-1-1"),
        ("导出", "export", "2026-0007-1.zip", true, "B-28-1-3"),
        ("封存录像", "hold footage", "收银台 17:10–17:20", true, "B-29-1-2"),
    ];
    let who = ["王丽娟", "张伟", "孙浩", "李强"];
    (0..count)
        .filter_map(|n| {
            let (zh, en, object, allowed, clause) = *kinds.get(n as usize % kinds.len())?;
            Some(LogLine {
                index: 1_240 - n,
                at: ago(n as i64 * 3 * MIN),
                who: (*who.get(n as usize % 4)?).into(),
                act: t(zh, en),
                object: object.into(),
                allowed,
                clauses: if clause.is_empty() {
                    vec![]
                } else {
                    vec![cite(clause, ("第二十八条第一项", "art. 28 item 1"), ("", ""))]
                },
            })
        })
        .collect()
}

pub fn log(l: Lang, count: u64, filtered: bool) -> LogPage {
    LogPage {
        l,
        bar: bar(Nav::Log),
        acts: vec![
            Choice::new("view", t("查看录像", "view footage"), false),
            Choice::new("delete", t("删除录像", "delete footage"), false),
        ],
        outcomes: vec![
            Choice::new("", t("全部", "All"), true),
            Choice::new("allowed", t("允许", "allowed"), false),
            Choice::new("refused", t("拒绝", "refused"), false),
        ],
        filtered,
        lines: log_lines(count),
        pager: Pager {
            previous: None,
            next: (count > 0).then(|| "/log?before=1200".into()),
            shown: t("共 1,241 条", "1,241 in all"),
        },
        size: 1_241,
        root: hash(9),
        checkpoint_at: Some(ago(800)),
        ..LogPage::default()
    }
}

pub fn log_entry(l: Lang, waiting: bool) -> LogEntryPage {
    LogEntryPage {
        l,
        bar: bar(Nav::Log),
        index: 1_239,
        at: ago(3 * MIN),
        who: "孙浩（安全主管）".into(),
        act: t("删除录像", "delete footage"),
        object: "东门 1 号机 2026-11-20 14:00:00 — 14:10:00".into(),
        allowed: false,
        clauses: vec![retention(), sign_clause()],
        facts: vec![
            (t("理由", "Reason"), "误录".into()),
            (t("法定期限到", "Term ends"), "2026-12-20 14:10:00".into()),
            (t("来自", "From"), "192.168.10.50".into()),
        ],
        leaf: hash(1),
        proof: if waiting {
            vec![]
        } else {
            (0..5).map(|n| ProofStep { left: n % 2 == 0, neighbour: hash(20 + n), result: hash(30 + n) }).collect()
        },
        size: 1_241,
        root: hash(34),
        holds: (!waiting).then_some(true),
        checkpoint: if waiting {
            String::new()
        } else {
            format!("longjiang-plaza.example/log\n1241\n{}\n\n— longjiang-plaza.example/log XyK8d…Qw==\n", hash(34))
        },
        signers: vec!["longjiang-plaza.example/log (Ed25519)".into()],
        command: "jifang ledger prove 1239".into(),
    }
}

fn no_benefit() -> Citation {
    cite(
        "B-33-2",
        ("第三十三条后段", "art. 33, second part"),
        (
            "国家机关及其工作人员不得有偿参与系统设计、安装、运营服务活动。",
            "State organs and their staff take no paid part in designing, installing or operating systems.",
        ),
    )
}

pub fn offers(l: Lang, count: u64, wrong: bool) -> OffersPage {
    let kinds = [
        ("benefit", "礼品、费用或者其他利益", "a gift, fee or other benefit"),
        ("designation", "请求指定品牌或者单位", "a brand or unit to be designated"),
        ("demand", "要求使用指定的品牌或者单位", "a demand to use a given brand or unit"),
    ];
    let lines = (0..count).filter_map(|n| {
        let (_, zh, en) = *kinds.get(n as usize % kinds.len())?;
        Some(OfferLine {
            index: 5_210 - n,
            kind: t(zh, en),
            outcome: State::new(Mark::Ok, "已拒绝", "declined"),
            on: "2026-11-20".into(),
            who: "黑龙江省某某安全技术防范工程有限责任公司销售部王经理".into(),
            behalf: if n % 2 == 0 { "某安防公司".into() } else { String::new() },
            words: vec!["验收当天送来购物卡，当场退回。".into(), "在场的还有李工。".into()],
            refused: true,
            clauses: if n % 3 == 2 { vec![] } else { vec![no_benefit()] },
            by: "王丽娟（custodian1）".into(),
            at: ago(n as i64 * 300 * MIN),
        })
    });
    let mut errors = FormErrors::default();
    if wrong {
        errors.push("outcome", t("请选择怎样处理。", "Choose what became of it."));
    }
    let choice = |(code, zh, en): &(&str, &'static str, &'static str)| Choice::new(code, t(zh, en), *code == "demand");
    OffersPage {
        l,
        bar: bar(Nav::None),
        f: OfferFields {
            kinds: kinds.iter().map(choice).collect(),
            on: "2026-11-20".into(),
            today: "2026-11-22".into(),
            outcomes: [("declined", "已拒绝", "declined"), ("handed_in", "已上交", "handed in")]
                .iter()
                .map(choice)
                .collect(),
            most: 2_000,
            ..OfferFields::default()
        },
        errors,
        law: kinds.iter().map(|(_, zh, en)| (t(zh, en), vec![no_benefit()])).collect(),
        all: count != 1,
        lines: lines.collect(),
        pager: Pager {
            previous: None,
            next: (count == 100).then(|| "/offers?before=5111".into()),
            shown: t("本页 100 条", "100 on this page"),
        },
    }
}

pub fn law_clause(l: Lang, lost: bool) -> LawClausePage {
    let mut page = LawClausePage {
        l,
        bar: bar(Nav::None),
        clause: "B-28-1-1".into(),
        instrument: t("黑龙江省公共安全技术防范条例", "Heilongjiang ordinance on technical prevention"),
        article: t("第二十八条第一项", "Article 28, item 1"),
        issuer: t("黑龙江省人大常委会 2012-08-24 通过", "Heilongjiang standing committee, adopted 2012-08-24"),
        in_force: t("2012-11-01 起施行", "in force since 2012-11-01"),
        printed: vec!["第二十八条　县级以上人民政府公安机关等有关部门工作人员在查看、复制、调取安全技术防范系统信息时，应当遵守下列规定：".into(), "（一）工作人员不得少于二人；".into(), "（二）出示工作证件和单位证明文件；".into(), "（三）履行相关登记手续。".into()],
        gist: t("查看、复制、调取时，工作人员不得少于二人。", "No fewer than two officers for viewing, copying or retrieving."),
        text_sha256: hash(28),
        applies: true,
        applies_why: t("本场所在黑龙江省，条例在施行中。", "The site is in Heilongjiang and the ordinance is in force."),
        carried_out: vec![ClauseUse { what: t("批准申请前核对两名民警", "Two officers checked before approval"), href: "/use".into() }, ClauseUse { what: t("查看前两人各自登录", "Both sign in before viewing"), href: String::new() }],
        decisions: log_lines(4),
        costs: vec![
            CostLine {
                who: vec![t("单位", "unit"), t("个人", "person")],
                grade: t("一般", "ordinary"),
                says: vec![
                    t("B-40-1：责令限期改正。", "B-40-1: correct within a limit."),
                    t("B-40-1：逾期不改正的，罚款幅度见该条；现在不罚。", "B-40-1: a fine if not corrected in time; none now."),
                ],
                correct_first: true,
                reviews: vec![t("笔误按明显文意理解，须经法制审核。", "A slip read by its meaning: legal review first.")],
            },
            CostLine { who: vec![t("单位", "unit")], grade: t("情节严重", "serious"), ..CostLine::default() },
        ],
        cost_readings: vec![
            CostReading { id: "B-40-article".into(), choice: t("按字面", "as printed"), since: "2026-03-02".into() },
            CostReading { id: "B-41-offset".into(), choice: t("按明显文意", "by its evident meaning"), since: String::new() },
        ],
        ..LawClausePage::default()
    };
    if lost {
        page.reading = Reading::FlaggedDefault;
        page.lost = Some(t(
            "这一条的各项在现有文本中缺失，这里不补写。",
            "The items of this article are lost in the text at hand; nothing is invented here.",
        ));
        page.reading_note = t(
            "缺失处按黑龙江条例第二十八条作为标注的默认规则，不称其为本条原文。",
            "In their place article 28 of the Heilongjiang text serves as a flagged default, never as this article's own words.",
        );
        page.decisions = vec![];
        page.applies = false;
    }
    page
}

pub fn account(l: Lang) -> AccountPage {
    let session = |id: &str, agent: &str, this: bool| SessionLine {
        id: id.into(),
        agent: agent.into(),
        is_new: !this,
        since: ago(200 * MIN),
        last: ago(MIN),
        this,
    };
    AccountPage {
        l,
        bar: bar(Nav::None),
        login: "wanglj".into(),
        must_change: true,
        password_chars_min: 12,
        sessions: vec![session("s1", "Chrome 131 · Windows", true), session("s2", "Firefox 133 · Linux", false)],
        ..AccountPage::default()
    }
}

/// Before, while and after a phone is set up.
pub fn two_step(l: Lang) -> [TwoStepPage; 3] {
    let page = TwoStepPage { l, bar: bar(Nav::None), required: true, ..TwoStepPage::default() };
    let picture = Some(QrCode { size: 37, path: "M4 4h7v1h-7zM4 10h7v1h-7z".into() });
    let codes = (0..10).map(|n| format!("abcd-efgh-ijkl-mn2{n}")).collect();
    [
        page.clone(),
        TwoStepPage { picture, secret: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".into(), ..page.clone() },
        TwoStepPage { on: Some(ago(MIN)), codes, codes_left: 10, required: false, ..page },
    ]
}

pub fn login_code(l: Lang) -> LoginCodePage {
    LoginCodePage { l, bar: plain_bar(), ..LoginCodePage::default() }
}

pub fn areas(l: Lang) -> AreasPage {
    let row = |from: &str, night: bool| AreaRow {
        areas: vec![Choice::new("A", t("A座/一层", "Block A/Ground floor"), true)],
        from: from.into(),
        until: String::new(),
        days: DAYS.into_iter().map(|d| (d, true)).collect(),
        begin: if night { "20:00".into() } else { "00:00".into() },
        end: if night { "08:00".into() } else { "00:00".into() },
    };
    AreasPage {
        l,
        bar: bar(Nav::Accounts),
        id: "a2".into(),
        login: "night-desk".into(),
        role: t("值班员", "Duty officer"),
        rows: vec![row("2026-01-01", true), row("", false)],
        ..AreasPage::default()
    }
}

pub fn accounts(l: Lang) -> AccountsPage {
    let line = |id: &str, name: &str, login: &str, role: (&str, &str), badge: &str, state: State, locked| AccountLine {
        id: id.into(),
        name: name.into(),
        login: login.into(),
        role: t(role.0, role.1),
        badge: badge.into(),
        state,
        locked,
        closed: false,
        last: Some(ago(70 * MIN)),
        sessions: 1,
        two_step: login == "admin",
        shown: login == "admin",
    };
    let fine = State::new(Mark::Ok, "正常", "in use");
    AccountsPage {
        l,
        bar: bar(Nav::Accounts),
        accounts: vec![
            line("a1", "赵明", "admin", ("管理员", "administrator"), "", fine.clone(), false),
            line("a2", "王丽娟", "custodian1", ("信息保管员", "information custodian"), "", fine.clone(), false),
            line("a3", "孙浩", "manager1", ("安全主管", "security manager"), "", fine.clone(), false),
            line("a4", "张伟", "police1", ("民警", "police officer"), "南岗分局 230103", fine, false),
            line(
                "a5",
                "刘洋",
                "duty2",
                ("值班员", "duty officer"),
                "",
                State::new(Mark::Warning, "已锁定到 18:45", "locked until 18:45"),
                true,
            ),
        ],
        roles: choices(&[
            ("duty", "值班员", "Duty officer", "看实时和回放，加书签", "live, playback, bookmarks", true),
            ("manager", "安全主管", "Security manager", "设备、存储、封存", "devices, storage, holds", false),
            ("custodian", "信息保管员", "Information custodian", "审批信息使用", "decides requests", false),
            ("police", "民警", "Police officer", "申请、查看、导出", "requests, views, exports", false),
            ("auditor", "审计员", "Auditor", "只看日志和登记簿", "log and register only", false),
        ]),
        one_time: Some(("duty3".into(), "kavo-lemi-7302".into())),
        ..AccountsPage::default()
    }
}

/// The watch as each standing shows it, and a month.
pub fn shifts(l: Lang) -> Vec<ShiftPage> {
    let items = vec![t("大堂没有录像", "The lobby does not record")];
    let paper = Handover {
        by: "吴值（duty）".into(),
        to: "周安（manager）".into(),
        at: ago(MIN),
        note: "东门道闸待修。\n钥匙在柜里。".into(),
        items: items.clone(),
    };
    let all = [Standing::Free, Standing::Own, Standing::Offered, Standing::Other, Standing::ToMe];
    let page = |standing| ShiftPage {
        l,
        bar: bar(Nav::Shift),
        standing,
        holder: "吴值（duty）".into(),
        since: ago(200 * MIN),
        offer: matches!(standing, Standing::Offered | Standing::ToMe).then(|| paper.clone()),
        received: (standing == Standing::Own).then(|| paper.clone()),
        items: items.clone(),
        people: vec![Choice::new("manager", t("周安（manager）", "周安 (manager)"), false)],
        ..ShiftPage::default()
    };
    all.into_iter().map(page).collect()
}

pub fn roster(l: Lang, full: bool) -> RosterPage {
    let line = |alone: bool| RosterLine {
        since: ago(700 * MIN),
        until: alone.then(|| ago(200 * MIN)),
        who: "吴值（duty）".into(),
        how: t("接班", "taken over"),
        alone,
        items: 2,
    };
    let day = RosterDay { date: "2026-11-21".into(), shifts: vec![line(true), line(false)] };
    RosterPage {
        l,
        bar: bar(Nav::Shift),
        month: "2026-11".into(),
        previous: "2026-10".into(),
        days: if full { vec![day] } else { vec![] },
        ..RosterPage::default()
    }
}
