//! Samples: the public site of an authority: full, empty, with faults, and with hostile words in every text.

use super::super::pages::ask::{Ask, AskedField, ChoiceGroup, Shown};
use super::super::pages::case::{LifeNode, NodeState};
use super::super::pages::entry::PublicLoginPage;
use super::super::pages::public::{
    BarLine, Chart, ComplaintPage, DrawPage, DrawnLine, Figure, HitLine, InspectedLine, NewAccountPage, NoticeLine,
    NoticePage, NoticesPage, PublicHomePage, PublicNav, PublicSearchPage, SampleLine, SamplePage, SamplePaper,
    ServiceGroup, ServiceItem, ServiceLimit, ServiceLine, ServicePage, ServicePaper, ServicesPage, StatisticsPage,
    StatusAnswer, StatusPage, TaskCard, VerifyAnswer, VerifyPage, VerifyProofPage,
};
use super::super::pages::public_law::{PublicLawClausePage, PublicLawListPage, PublicLawPackPage};
use super::super::pages::registers::{
    OtherRow, ProofBox, RegisterFilter, RegisterLine, RegisterPage, RegisterRow, RegisterRowPage, RegistersPage,
    RowVersion, RowWithdrawn,
};
use super::*;

/// What stands in place of every text of a hostile sample.
pub const HOSTILE: &str = "<script>alert(1)</script>\"'&";

/// Writes the words of a sample as they are, or hostile ones in their place.
#[derive(Clone, Copy)]
pub struct Ink {
    /// Hostile words everywhere.
    pub hostile: bool,
}

impl Ink {
    /// A text in both languages.
    pub fn t(self, zh: &str, en: &str) -> Text {
        if self.hostile { Text::of(HOSTILE, HOSTILE) } else { t(zh, en) }
    }

    /// A text of one language.
    pub fn s(self, text: &str) -> String {
        if self.hostile { HOSTILE.to_owned() } else { text.to_owned() }
    }

    /// A text about a person.
    pub fn p(self, text: &str) -> Shown {
        Shown(self.s(text))
    }

    /// A clause.
    pub fn cite(self) -> Option<Citation> {
        let clause = letter();
        Some(if self.hostile {
            Citation { instrument: self.t("", ""), article: self.t("", ""), gist: self.t("", ""), ..clause }
        } else {
            clause
        })
    }

    /// A state.
    pub fn state(self, mark: Mark, zh: &str, en: &str) -> State {
        State { mark, word: self.t(zh, en) }
    }

    /// Name of a sample.
    pub fn name(self, name: &str) -> String {
        if self.hostile { format!("{name}-hostile") } else { name.to_owned() }
    }
}

pub fn public_bar(ink: Ink, signed: bool) -> AppBar {
    AppBar {
        site: ink.s("龙江市公安局"),
        place: ink.s("龙江市中央大街 1 号"),
        user: signed
            .then(|| Signed { name: ink.s("龙江安防工程有限公司"), role: ink.t("申请人", "applicant") }),
        csrf: "sample".into(),
        here: "/public".into(),
        ..AppBar::default()
    }
}

/// A field that is needed of some says so.
fn needed(ink: Ink, ask: Ask) -> Text {
    if matches!(ask, Ask::Division) { ink.t("（单位填写）", " (of a unit)") } else { Text::default() }
}

/// The districts of a city, of which one is chosen in one of the cities.
fn districts(ink: Ink, city: usize) -> ChoiceGroup {
    let district = |n: usize| Choice::new(&format!("230{city}0{n}"), ink.t("道里区", "Daoli district"), city + n == 3);
    ChoiceGroup { name: ink.t("哈尔滨市", "Harbin city"), choices: (0..9).map(district).collect() }
}

/// One field of each kind.
pub fn fields(ink: Ink, wrong: bool) -> Vec<AskedField> {
    let kinds = [
        (Ask::Line, "line", "单位名称", "Name of the unit", "龙江安防工程有限公司"),
        (Ask::Words, "words", "说明", "Description", "两层商场"),
        (Ask::Count, "count", "摄像机数量", "Number of cameras", "40"),
        (Ask::Yuan, "yuan", "工程造价", "Cost of the works", "120000"),
        (Ask::Day, "day", "启用日期", "In use since", "2026-10-01"),
        (Ask::Choice, "choice", "系统种类", "Kind of system", "video"),
        (Ask::Flag, "flag", "是否联网", "Is it networked?", "yes"),
        (Ask::CreditCode, "credit_code", "统一社会信用代码", "Unified social credit code", ""),
        (Ask::OrganisationCode, "organisation_code", "组织机构代码", "Organisation code", ""),
        (Ask::ResidentId, "resident_id", "身份证号码", "Identity number", ""),
        (Ask::IdentityDocument, "person_document", "身份证件号码", "Number of the identity document", ""),
        (Ask::Division, "division", "行政区划代码", "Division code", "230102"),
        (Ask::Phone, "phone", "电话", "Telephone", "0451-00000000"),
        (Ask::Name, "name", "联系人", "Contact", "张*"),
    ];
    kinds
        .into_iter()
        .map(|(ask, id, zh, en, value)| AskedField {
            id: id.into(),
            label: ink.t(zh, en),
            hint: ink.t("按营业执照写。", "As on the business licence."),
            ask,
            value: if matches!(ask, Ask::Flag) { value.into() } else { ink.s(value) },
            error: wrong.then(|| ink.t("请填写。", "Fill this in.")),
            choices: vec![
                Choice {
                    hint: ink.t("含录像", "with recording"),
                    ..Choice::new("video", ink.t("视频监控", "video"), true)
                },
                Choice::new("alarm", ink.t("入侵报警", "intrusion alarm"), false),
            ],
            sample: ink.s("某某公司"),
            fixed: false,
            required: !matches!(ask, Ask::Words),
            needed: needed(ink, ask),
            groups: Vec::new(),
            personal: matches!(ask, Ask::ResidentId | Ask::Phone | Ask::Name),
            most_chars: 0,
            kept: if matches!(ask, Ask::Phone) { ink.p("****0100") } else { Shown::default() },
            clause: ink.cite(),
            zero: Text::default(),
            at_zero: false,
        })
        .chain(std::iter::once(AskedField {
            id: "long_list".into(),
            label: ink.t("行业", "Trade"),
            ask: Ask::Choice,
            choices: (0..9).map(|n| Choice::new(&n.to_string(), ink.t("旅馆", "hotel"), n == 2)).collect(),
            ..AskedField::default()
        }))
        .chain(std::iter::once(AskedField {
            id: "place_division".into(),
            label: ink.t("所在县、区", "County or district"),
            ask: Ask::Division,
            groups: (1..4).map(|city| districts(ink, city)).collect(),
            error: wrong.then(|| ink.t("请选择一处。", "Choose one.")),
            required: true,
            ..AskedField::default()
        }))
        .collect()
}

pub fn life(ink: Ink) -> Vec<LifeNode> {
    [
        (NodeState::Done, "提交申请", "Apply"),
        (NodeState::Closed, "补正材料", "Complete the papers"),
        (NodeState::Open, "审查", "Examine"),
        (NodeState::Ahead, "决定", "Decide"),
    ]
    .into_iter()
    .map(|(state, zh, en)| LifeNode {
        title: ink.t(zh, en),
        party: ink.t("公安机关", "the police"),
        state,
        at: (state == NodeState::Done).then_some(ago(DAY)),
        by: ink.p("赵*"),
        options: match state {
            NodeState::Ahead => vec![ink.t("批准。", "Approved."), ink.t("不予批准。", "Refused.")],
            _ => Vec::new(),
        },
    })
    .collect()
}

fn notice(ink: Ink, id: &str, withdrawn: bool) -> NoticeLine {
    NoticeLine {
        id: id.into(),
        title: ink.s("关于公布安装单位名录的公告"),
        kind: ink.t("名录", "directory"),
        day: ink.s("2026-11-20"),
        withdrawn,
        href: String::new(),
    }
}

pub fn proof(ink: Ink) -> Option<ProofBox> {
    Some(ProofBox {
        entry: 1_024,
        at: ago(DAY),
        leaf: hash(1),
        size: 2_048,
        root: hash(2),
        witnesses: vec![ink.s("龙江市司法局")],
        href: "/public/entries/1024/proof".into(),
        entry_href: "/public/entries/1024".into(),
    })
}

fn home(l: Lang, ink: Ink) -> PublicHomePage {
    let tasks = [
        ("/public/services", "register", "办备案、申请", "File or apply"),
        ("/public/registers/providers", "search", "查安装单位是否备案", "Is this installer on file?"),
        ("/public/services/person_viewing", "eye", "申请查看监控录像", "Ask to see footage"),
        ("/public/status", "clock", "查进度", "Where is my case?"),
        ("/public/complaint", "people", "举报投诉", "Complain or report"),
    ];
    PublicHomePage {
        l,
        bar: public_bar(ink, false),
        tasks: tasks
            .into_iter()
            .map(|(href, icon, zh, en)| TaskCard {
                href: href.into(),
                icon: icon.into(),
                title: ink.t(zh, en),
                hint: ink.t("不收费，不用跑。", "No fee, no need to come."),
            })
            .collect(),
        notices: vec![notice(ink, "7", false), notice(ink, "6", true)],
        place: ink.s("中央大街 1 号一楼 3 号窗口"),
        hours: ink.t("工作日 8:30 至 17:00", "working days 8:30 to 17:00"),
        phone: ink.s("0451-00000000"),
        ..PublicHomePage::default()
    }
}

fn item(ink: Ink, gap: bool) -> ServiceItem {
    ServiceItem {
        text: ink.t("系统已经竣工。", "The system is completed."),
        detail: ink.t("备案回执", "receipt of the filing"),
        clause: ink.cite(),
        gap,
    }
}

fn service(l: Lang, ink: Ink, online: bool) -> ServicePage {
    let paper = |required, one_of: bool| ServicePaper {
        name: ink.t("营业执照", "business licence"),
        required,
        one_of: if one_of {
            ink.t("与鉴定证明任选其一", "or an appraisal certificate")
        } else {
            Text::default()
        },
        sample: "/public/services/system_filing/sample".into(),
        clause: ink.cite(),
    };
    ServicePage {
        l,
        bar: public_bar(ink, false),
        at: PublicNav::Services,
        id: "system_filing".into(),
        name: ink.t("公共安全视频系统备案", "Filing of a video system"),
        who: ink.t("系统管理单位", "the unit that runs the system"),
        note: ink.t("启用后三十日内备案。", "Filed after the system is put in use."),
        conditions: vec![item(ink, false), item(ink, true)],
        papers: vec![paper(true, false), paper(false, false), paper(true, true)],
        limits: vec![ServiceLimit {
            name: ink.t("作出决定", "decide"),
            legal: ink.t("二十个工作日", "twenty working days"),
            promised: ink.t("十个工作日", "ten working days"),
            stops: vec![ink.t("听证", "hearing")],
            clause: ink.cite(),
        }],
        steps: vec![item(ink, false)],
        outcomes: vec![item(ink, false)],
        office: ink.t("龙江市公安局", "the police of the city"),
        place: ink.s("中央大街 1 号"),
        hours: ink.t("工作日", "working days"),
        phone: ink.s("0451-00000000"),
        remedies: ink.cite().into_iter().collect(),
        complain: "/public/complaint".into(),
        sample: "/public/services/system_filing/sample".into(),
        online,
        why_not: ink.t("请到窗口办。", "Come to the counter."),
        about: ink.t("装了监控，向公安机关备案", "tell the police of cameras"),
        tell: "/public/complaint?about=system_filing".into(),
    }
}

fn statistics(l: Lang, ink: Ink) -> StatisticsPage {
    let bars = [("备案", "filings", 120), ("许可", "licences", 0), ("检查", "inspections", 3_400)];
    StatisticsPage {
        l,
        bar: public_bar(ink, false),
        period: ink.t("2026 年 1 月至 11 月", "January to November 2026"),
        years: vec![Choice::new("/public/statistics?year=2026", ink.t("2026 年", "2026"), true)],
        figures: vec![Figure { label: ink.t("按期办结", "decided in time"), value: 1_234 }],
        charts: vec![Chart {
            title: ink.t("各类办件", "Cases by kind"),
            unit: ink.t("件", "cases"),
            note: ink.t("按受理日统计。", "By the day of acceptance."),
            bars: bars.into_iter().map(|(zh, en, value)| BarLine { label: ink.t(zh, en), value }).collect(),
        }],
        counted: NOW,
        csv: "/public/statistics.csv".into(),
        ..StatisticsPage::default()
    }
}

fn draw(l: Lang, ink: Ink) -> DrawPage {
    DrawPage {
        l,
        bar: public_bar(ink, false),
        at: PublicNav::Notices,
        title: ink.t("2026 年第四季度检查抽取", "Draw of inspections, fourth quarter of 2026"),
        plan: ink.t("年度检查计划", "yearly plan of inspections"),
        inspected: vec![InspectedLine {
            name: ink.t("技防系统使用单位通用检查表", "General checklist for units that use a system"),
            questions: vec![ink.t("按规定安装了技防系统。", "The system that is required is installed.")],
            asked: 1,
        }],
        often: ink.t("同一单位一年内至多2次。", "At most 2 visits of one unit in the year."),
        plan_file: "/public/draws/2026-1/plan".into(),
        rules: vec![ink.t("重点单位按两倍权重。", "Key units count double.")],
        rules_text: vec![ink.s("inspectors_per_unit 2")],
        sealed: true,
        state: ink.state(Mark::Ok, "已抽取", "drawn"),
        pool: 420,
        commitment: hash(11),
        committed: Some(ago(2 * DAY)),
        committed_log: Some(900),
        source: ink.t("承诺之后公布的随机信标", "a beacon published after the commitment"),
        public_source: ink.s("双色球第2026030期开奖号码"),
        public_source_url: String::new(),
        public_value: ink.s("03 08 14 21 26 30 11"),
        seed: hash(12),
        drawn: vec![DrawnLine { place: 1, name: ink.p("龙江路商业广场"), number: 37 }],
        proof: proof(ink),
        download: "/public/draws/1.zip".into(),
        command: ink.s("jifang draw check draw.json"),
    }
}

fn register(ink: Ink, rows: u64) -> RegisterLine {
    RegisterLine {
        id: "providers".into(),
        name: ink.t("安装单位名录", "Directory of installers"),
        about: ink.t("已经备案的设计、施工和维护单位。", "Units on file that design, install and maintain."),
        rows,
        updated: (rows > 0).then_some(ago(DAY)),
        clause: ink.cite(),
    }
}

fn register_page(l: Lang, ink: Ink, rows: usize) -> RegisterPage {
    RegisterPage {
        l,
        bar: public_bar(ink, false),
        at: PublicNav::Registers,
        register: register(ink, 2),
        reading: ink
            .t("怎样看状态：“已备案”：该单位已经备案。", "How to read the state: \"filed\": the unit is on file."),
        query: ink.s("安防"),
        filters: vec![RegisterFilter {
            id: "division".into(),
            label: ink.t("地区", "Division"),
            choices: vec![Choice::new("230102", ink.t("道里区", "Daoli"), true)],
        }],
        on: "2026-11-20".into(),
        narrowed: true,
        unsorted: rows > 2,
        columns: vec![ink.t("名称", "Name"), ink.t("有效期", "Valid until")],
        rows: (0..rows)
            .map(|n| RegisterRow {
                number: format!("P-{n}"),
                label: format!("P-{n}"),
                version: (n == 1).then_some(1),
                cells: vec![ink.s("龙江安防工程有限公司（中央大街分公司）"), ink.s("2028-11-20")],
                note: ink.s("备案"),
                state: ink.state(Mark::Ok, "有效", "valid"),
            })
            .collect(),
        found: ink.t("多于 50 条", "more than 50 rows"),
        pager: Pager { next: Some("/public/registers/providers?after=9".into()), ..Pager::default() },
        csv: "/public/registers/providers/all.csv".into(),
        json: "/public/registers/providers/all.json".into(),
        correction: ink.t("打 0451-00000000。", "Call 0451-00000000."),
        counter: ink.t("电话：0451-00000000", "telephone: 0451-00000000"),
        absent: vec![ink.t("安装单位", "installers")],
    }
}

fn row_page(l: Lang, ink: Ink) -> RegisterRowPage {
    RegisterRowPage {
        l,
        bar: public_bar(ink, false),
        at: PublicNav::Registers,
        register: register(ink, 2),
        row: "P-7".into(),
        number: ink.s("P-7"),
        title: ink.s("龙江安防工程有限公司"),
        state: ink.state(Mark::Ok, "有效", "valid"),
        older: Some(1),
        name_outside: true,
        withdrawn: None,
        others: vec![OtherRow {
            href: "/public/registers/providers/P-8".into(),
            label: ink.s("P-8"),
            name: ink.s("龙江安防工程有限公司"),
            day: "2026-11-20".into(),
            state: ink.state(Mark::Attention, "警示（不表示已备案）", "warned (not a filing)"),
        }],
        more_others: true,
        lacking: vec![ink.t("本名录中没有该单位的备案记录。", "This directory has no filing of this unit.")],
        values: vec![(ink.t("有效期", "Valid until"), ink.s("2028-11-20"))],
        digest: hash(7),
        history: vec![RowVersion {
            at: ago(DAY),
            what: ink.t("变更登记", "changed"),
            why: ink.s("地址变更"),
            changed: vec![(ink.t("地址", "Address"), ink.s("一号"), ink.s("二号"))],
            version: 2,
            entry: 1_024,
        }],
        state_day: "2026-11-20".into(),
        proof: proof(ink),
        correction: ink.t("打 0451-00000000。", "Call 0451-00000000."),
    }
}

fn withdrawn_row_page(l: Lang, ink: Ink) -> RegisterRowPage {
    RegisterRowPage {
        title: ink.s("已撤回的登记"),
        number: String::new(),
        state: ink.state(Mark::Off, "已撤回", "withdrawn"),
        older: None,
        name_outside: false,
        withdrawn: Some(RowWithdrawn { at: ago(DAY), why: ink.s("原决定经行政复议撤销。"), notice: 1_030 }),
        values: Vec::new(),
        digest: String::new(),
        history: Vec::new(),
        proof: None,
        ..row_page(l, ink)
    }
}

fn checks(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let bar = || public_bar(ink, false);
    let found = VerifyAnswer {
        state: ink.state(Mark::Ok, "真实，未改动", "authentic and unchanged"),
        what: ink.t("本机关于 2026-11-20 出具。", "Issued on 2026-11-20."),
        facts: vec![(ink.t("文书", "Document"), ink.s("备案回执"))],
        links: vec![("/public/notices/62".to_owned(), ink.t("公告：示例", "Notice: example"))],
        proof: proof(ink),
    };
    let verify = VerifyPage {
        l,
        bar: bar(),
        at: PublicNav::Verify,
        number: ink.s("龙公备〔2026〕7号"),
        digest: hash(3),
        answer: Some(found.clone()),
        ..VerifyPage::default()
    };
    put(out, &ink.name("public-verify"), &verify);
    let mut errors = FormErrors::default();
    errors.push("files", ink.t("这不是一份完整的证明。", "This is not a whole proof."));
    let proof_page = VerifyProofPage {
        l,
        bar: bar(),
        at: PublicNav::Verify,
        proof: ink.s("c2sp.org/tlog-proof@v1"),
        entry: ink.s("{}"),
        answer: Some(VerifyAnswer { proof: None, ..found }),
        log_key: ink.s("example.jifang+1a2b3c4d+AVh0c2FtcGxlIGtleSBvZiBhIGxvZywgbm90IGEgcmVhbCBvbmU="),
        errors,
    };
    put(out, &ink.name("public-verify-proof"), &proof_page);
}

fn look_ups(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let bar = || public_bar(ink, false);
    let answer = StatusAnswer {
        receipt: ink.s("LJ-2026-000123"),
        service: ink.t("系统备案", "filing"),
        state: ink.state(Mark::Busy, "审查中", "being examined"),
        promised: ink.s("2026-12-05"),
        due_of: ink.t("作出决定", "decision"),
        pledged: ink.s("2026-12-03"),
        past: ink.t("本机关承诺的日期已过。", "The promised day went by."),
        life: life(ink),
        todo: ink.t("请补正营业执照。", "Complete the business licence."),
        phone: ink.s("0451-00000000"),
    };
    let at = PublicNav::Status;
    let status = StatusPage {
        l,
        bar: bar(),
        at,
        receipt: ink.s("LJ-2026-000123"),
        answer: Some(answer),
        ..StatusPage::default()
    };
    put(out, &ink.name("public-status"), &status);
    let mut errors = FormErrors::default();
    errors.push("receipt", ink.t("受理号和查询码不相符。", "Number and code do not belong together."));
    put(out, &ink.name("public-status-errors"), &StatusPage { errors, answer: None, ..status });
    checks(l, ink, out);
    let promise = ink.t("十五日内答复。", "Answered within fifteen days.");
    let phone = ink.s("0451-00000000");
    let complaint =
        ComplaintPage { l, bar: bar(), fields: fields(ink, true), promise, phone, ..ComplaintPage::default() };
    put(out, &ink.name("public-complaint"), &complaint);
    let sent = ComplaintPage { receipt: ink.s("TS-2026-0007"), code: ink.p("48213907"), ..complaint };
    put(out, &ink.name("public-complaint-sent"), &sent);
    let kinds = vec![Choice::new("unit", ink.t("替单位", "for a unit"), true)];
    let account = NewAccountPage {
        l,
        bar: bar(),
        kinds,
        fields: fields(ink, false),
        password_chars_min: 10,
        ..NewAccountPage::default()
    };
    put(out, &ink.name("public-account"), &account);
    let unjoined = NewAccountPage {
        login: ink.s("zhang-12345"),
        next: "/public/services".to_owned(),
        bring: vec![ink.t("居民身份证", "an identity document")],
        place: ink.s("示例路1号"),
        hours: ink.t("工作日 9:00-17:00", "working days 9-17"),
        phone: ink.s("0451-00000000"),
        ..account
    };
    put(out, &ink.name("public-account-unjoined"), &unjoined);
    let mut errors = FormErrors::default();
    errors.push("login", ink.t("登录名或者密码不对。", "Wrong login name or password."));
    let (login, counter) = (ink.s("zhang-12345"), ink.t("电话：0451-00000000", "telephone: 0451-00000000"));
    let (next, back) = ("/public/services".to_owned(), "/public/services".to_owned());
    let signing = PublicLoginPage { l, bar: bar(), errors, login, next, back, counter, ..PublicLoginPage::default() };
    put(out, &ink.name("public-login"), &signing);
}

/// The list of services, one of them, and its filled sample.
fn services(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let bar = || public_bar(ink, false);
    let one = ServiceLine {
        id: "system_filing".into(),
        name: ink.t("系统备案", "Filing of a system"),
        about: ink.t("装了监控，向公安机关备案", "tell the police of cameras"),
        who: ink.t("管理单位", "the unit"),
        limit: ink.t("十个工作日", "ten working days"),
        online: false,
    };
    let groups = vec![ServiceGroup { name: ink.t("备案", "Filings"), services: vec![one] }];
    let refused = vec![ServiceItem {
        text: ink.t("在社会公共区域安装", "Install in a public area"),
        detail: ink.t("由政府组织建设。", "Only the government may."),
        clause: ink.cite(),
        gap: false,
    }];
    put(out, &ink.name("public-services"), &ServicesPage { l, bar: bar(), at: PublicNav::Services, groups, refused });
    put(out, &ink.name("public-service"), &service(l, ink, true));
    put(out, &ink.name("public-service-offline"), &service(l, ink, false));
    let line =
        SampleLine { label: ink.t("名称", "Name"), value: ink.s("某某公司"), hint: ink.t("全称", "in full") };
    let sample = SamplePage {
        l,
        bar: bar(),
        id: "a".into(),
        name: ink.t("备案", "filing"),
        lines: vec![line],
        papers: vec![SamplePaper {
            id: "application".into(),
            name: ink.t("申请", "application"),
            words: ink.t("申请：拟安装摄像机2台。", "Application: two cameras."),
        }],
        ..SamplePage::default()
    };
    put(out, &ink.name("public-sample"), &sample);
}

fn filled(l: Lang, ink: Ink, out: &mut Vec<(String, String)>) {
    let bar = || public_bar(ink, false);
    put(out, &ink.name("public-home"), &home(l, ink));
    let hit =
        HitLine {
            href: "/public/services/a".into(), kind: ink.t("事项", "service"), title: ink.t("备案", "filing")
        };
    let search = PublicSearchPage {
        l,
        bar: bar(),
        query: ink.s("备案"),
        hits: vec![hit],
        more: true,
        ..PublicSearchPage::default()
    };
    put(out, &ink.name("public-search"), &search);
    services(l, ink, out);
    let notices = vec![notice(ink, "7", false), notice(ink, "6", true)];
    let kinds = vec![Choice::new("/public/notices?kind=directory", ink.t("名录", "directories"), true)];
    put(out, &ink.name("public-notices"), &NoticesPage { l, bar: bar(), kinds, notices, ..NoticesPage::default() });
    let page = NoticePage {
        l,
        bar: bar(),
        at: PublicNav::Notices,
        notice: notice(ink, "6", true),
        paragraphs: vec![ink.s("经审查，予以公布。")],
        withdrawn_why: ink.s("决定已被撤销。"),
        facts: vec![(ink.t("单位", "Unit"), ink.s("龙江安防"))],
        digest: hash(6),
        clauses: ink.cite().into_iter().collect(),
        document: "/public/documents/6.pdf".into(),
        proof: proof(ink),
    };
    put(out, &ink.name("public-notice"), &page);
    put(out, &ink.name("public-statistics"), &statistics(l, ink));
    put(out, &ink.name("public-draw"), &draw(l, ink));
    let at = PublicNav::Registers;
    put(
        out,
        &ink.name("registers"),
        &RegistersPage {
            l,
            bar: bar(),
            at,
            registers: vec![register(ink, 2), register(ink, 0)],
            elsewhere: vec![ink.t("生产企业和销售单位", "makers and sellers")],
        },
    );
    put(out, &ink.name("registers-one"), &register_page(l, ink, 3));
    put(out, &ink.name("registers-row"), &row_page(l, ink));
    put(out, &ink.name("registers-row-withdrawn"), &withdrawn_row_page(l, ink));
    look_ups(l, ink, out);
}

fn empty(l: Lang, out: &mut Vec<(String, String)>) {
    let bar = || AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(out, "public-home-empty", &PublicHomePage { l, bar: bar(), ..PublicHomePage::default() });
    let counter = t("窗口地址：示例路1号；电话：0451-00000000", "Counter: 1 Example Road; telephone: 0451-00000000");
    let nothing = PublicSearchPage { l, bar: bar(), query: "安防".into(), counter, ..PublicSearchPage::default() };
    put(out, "public-search-nothing", &nothing);
    put(out, "public-search-empty", &PublicSearchPage { l, bar: bar(), ..PublicSearchPage::default() });
    put(out, "public-services-empty", &ServicesPage { l, bar: bar(), ..ServicesPage::default() });
    put(out, "public-service-empty", &ServicePage { l, bar: bar(), ..ServicePage::default() });
    put(out, "public-sample-empty", &SamplePage { l, bar: bar(), ..SamplePage::default() });
    put(out, "public-notices-empty", &NoticesPage { l, bar: bar(), ..NoticesPage::default() });
    put(out, "public-notice-empty", &NoticePage { l, bar: bar(), ..NoticePage::default() });
    put(out, "public-statistics-empty", &StatisticsPage { l, bar: bar(), ..StatisticsPage::default() });
    put(out, "public-draw-empty", &DrawPage { l, bar: bar(), ..DrawPage::default() });
    put(out, "public-status-empty", &StatusPage { l, bar: bar(), ..StatusPage::default() });
    let page = law_clause(l, false);
    let services = vec![("/public/services/area_approval".to_owned(), t("批准", "Approval"))];
    put(out, "public-law-clause", &PublicLawClausePage { l, bar: bar(), page, services, ..Default::default() });
    put(out, "public-law-list-empty", &PublicLawListPage { l, bar: bar(), ..PublicLawListPage::default() });
    put(out, "public-law-pack-empty", &PublicLawPackPage { l, bar: bar(), ..PublicLawPackPage::default() });
    put(out, "public-verify-empty", &VerifyPage { l, bar: bar(), ..VerifyPage::default() });
    put(out, "public-verify-proof-empty", &VerifyProofPage { l, bar: bar(), ..VerifyProofPage::default() });
    put(out, "public-complaint-empty", &ComplaintPage { l, bar: bar(), ..ComplaintPage::default() });
    put(out, "public-account-empty", &NewAccountPage { l, bar: bar(), ..NewAccountPage::default() });
    put(out, "registers-empty", &RegistersPage { l, bar: bar(), ..RegistersPage::default() });
    put(out, "registers-one-empty", &RegisterPage { l, bar: bar(), ..RegisterPage::default() });
    put(out, "registers-row-empty", &RegisterRowPage { l, bar: bar(), ..RegisterRowPage::default() });
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        filled(l, Ink { hostile }, out);
    }
    let compared = "https://example.cn/ssq?term=2026030".to_owned();
    let drawn = DrawPage { public_source_url: compared, ..draw(l, Ink { hostile: false }) };
    put(out, "public-draw-source", &drawn);
    put(out, "registers-one-full", &register_page(l, Ink { hostile: false }, 1_000));
    let large = AppBar { large: true, ..public_bar(Ink { hostile: false }, true) };
    put(out, "public-home-large", &PublicHomePage { bar: large, ..home(l, Ink { hostile: false }) });
    empty(l, out);
}
