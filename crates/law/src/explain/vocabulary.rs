//! The words of questions: what each means, and what a breach is called. Words of the packs (procedures, clocks, clauses, kinds of place)
//! are looked up in the packs themselves, and provinces in their table, so that a new procedure can be asked about the day it is added.
//!
//! Always true: a word has one meaning; English words of several parts are written here with `-` and may be written with blanks.

use crate::sanction::{Fined, Grade};
use crate::{Installer, Jurisdiction, Packs, PlaceKind, SpecialTrade};

/// What a question is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Topic {
    /// How long footage is kept.
    Retention,
    /// How many officers may view.
    Officers,
    /// Whether a camera may stand somewhere.
    Install,
    /// What a breach costs.
    Penalty,
    /// By when something is due.
    Deadline,
    /// What a kind of unit owes.
    Duties,
}

/// What a word means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word<'a> {
    Topic(Topic),
    Province(Jurisdiction),
    Trade(SpecialTrade),
    KeyUnit,
    KeyTarget,
    SecurityDuty,
    AlarmOperator,
    Shop,
    Number(u32),
    /// A row of [`BREACHES`].
    Breach(&'a str),
    Place(PlaceKind),
    Procedure(&'a str),
    Clock(&'a str),
    Clause(&'a str),
    Who(Fined),
    Grade(Grade),
    Installer(Installer),
    Approved,
    FacesHomes,
    Sound,
    Alarms,
    Before,
    Today,
    Filler,
}

/// A breach that can be asked about in words.
pub(super) struct Breach {
    /// Its word.
    pub key: &'static str,
    /// What happened.
    pub zh: &'static str,
    /// What happened, English.
    pub en: &'static str,
    /// The clauses it breaks, as far as they reach the unit that day.
    pub clauses: &'static [&'static str],
}

macro_rules! breaches {
    ($($key:literal $zh:literal $en:literal [$($clause:literal),+ $(,)?];)+) => {
        /// Breaches by word; every other clause is asked about by its id.
        pub(super) const BREACHES: &[Breach] =
            &[$(Breach { key: $key, zh: $zh, en: $en, clauses: &[$($clause),+] },)+];
    };
}

breaches! {
    "sign" "没有设置标识" "a sign is missing" ["799-13", "A-15-1", "B-16"];
    "private-place" "在禁止的场所安装" "a camera in a forbidden place" ["799-8", "A-14", "B-15"];
    "retention" "留存期限不足" "footage kept too short" ["CT-32", "LT-17", "799-17", "A-23-2", "B-25-1"];
    "public-area" "擅自在社会公共区域安装" "a camera in a public area without right" ["799-7", "A-9-1-1", "B-14-3"];
    "filing" "没有备案" "the system was not filed" ["799-14"];
    "acceptance" "未经验收投入使用" "a system used without acceptance" ["A-13", "B-19-2-3"];
    "plan" "设计方案未经论证或者审核" "the design plan was not reviewed" ["A-12-2", "B-19-1"];
    "no-system" "应当安装而未安装系统" "no system where one must be" ["ES-14", "A-10-1", "B-13-1"];
    "tampering" "擅自改动、移动、拆除设备" "devices changed, moved or removed" ["799-23", "A-9-1-2", "A-21-1", "B-24-1-1"];
    "rules" "没有建立制度和登记" "no rules or no register" ["799-16", "A-11-1-f3", "B-22-1-1"];
    "watch" "没有值班制度和应急预案" "no rules of the watch, no emergency plan" ["CT-32-3", "B-22-1-3"];
    "upkeep" "没有保障系统正常运行" "the system was not kept running" ["799-15", "A-11-1-f2", "B-22-1-4"];
    "patrol" "没有检查禁止安装的场所" "places of privacy were not inspected" ["799-8-2"];
    "viewing" "查看人数或者手续不足" "footage viewed with too few officers or papers" ["799-20", "A-24-2", "B-28-1-1"];
    "disclosure" "违法公开、传播信息" "footage published or passed on unlawfully" ["799-22", "A-22-1", "B-29-1-1"];
    "designation" "指定产品或者服务单位" "a product or firm was designated" ["A-29-1", "B-33-1"];
    "unregistered" "未经登记生产" "products made without registration" ["B-9-2"];
    "unfiled-sale" "销售未备案" "products sold without filing" ["B-12-1"];
    "voyeurism" "偷窥、偷拍、窃听他人隐私" "peeping, secret filming or bugging" ["PO-42", "PO-50"];
}

use Word::{Breach as B, Clock, Filler as F, Number as N, Procedure as P, Province, Topic as T, Trade, Who};

/// The words that are not of the packs, nor of the table of jurisdictions.
#[rustfmt::skip]
pub(super) const WORDS: &[(&str, Word<'static>)] = &[
    ("retention", T(Topic::Retention)), ("keep", T(Topic::Retention)), ("kept", T(Topic::Retention)), ("retain", T(Topic::Retention)),
    ("留存", T(Topic::Retention)), ("保存", T(Topic::Retention)), ("录像保存", T(Topic::Retention)), ("保留", T(Topic::Retention)),
    ("deleted", T(Topic::Retention)), ("erased", T(Topic::Retention)), ("删除", T(Topic::Retention)),
    ("view", T(Topic::Officers)), ("officer", T(Topic::Officers)), ("查看", T(Topic::Officers)), ("民警", T(Topic::Officers)), ("警察", T(Topic::Officers)),
    ("install", T(Topic::Install)), ("stand", T(Topic::Install)), ("placed", T(Topic::Install)),
    ("安装", T(Topic::Install)), ("装在", T(Topic::Install)), ("装", T(Topic::Install)),
    ("penalty", T(Topic::Penalty)), ("fine", T(Topic::Penalty)), ("fined", T(Topic::Penalty)), ("what-if", T(Topic::Penalty)), ("cost", T(Topic::Penalty)), ("punished", T(Topic::Penalty)),
    ("处罚", T(Topic::Penalty)), ("罚款", T(Topic::Penalty)), ("罚多少", T(Topic::Penalty)), ("罚", T(Topic::Penalty)), ("会怎样", T(Topic::Penalty)), ("怎么办", T(Topic::Penalty)), ("后果", T(Topic::Penalty)),
    ("deadline", T(Topic::Deadline)), ("when", T(Topic::Deadline)), ("by-when", T(Topic::Deadline)), ("due", T(Topic::Deadline)),
    ("什么时候", T(Topic::Deadline)), ("何时", T(Topic::Deadline)), ("截止", T(Topic::Deadline)), ("最迟", T(Topic::Deadline)), ("到期", T(Topic::Deadline)), ("时限", T(Topic::Deadline)), ("哪天", T(Topic::Deadline)),
    ("duties", T(Topic::Duties)), ("duty", T(Topic::Duties)), ("owe", T(Topic::Duties)), ("owes", T(Topic::Duties)), ("obligations", T(Topic::Duties)),
    ("义务", T(Topic::Duties)), ("职责", T(Topic::Duties)), ("应当做什么", T(Topic::Duties)), ("要做什么", T(Topic::Duties)),
    ("hotel", Trade(SpecialTrade::Hotel)), ("旅馆", Trade(SpecialTrade::Hotel)), ("旅馆业", Trade(SpecialTrade::Hotel)), ("宾馆", Trade(SpecialTrade::Hotel)), ("酒店", Trade(SpecialTrade::Hotel)),
    ("pawnshop", Trade(SpecialTrade::Pawnshop)), ("典当行", Trade(SpecialTrade::Pawnshop)), ("典当", Trade(SpecialTrade::Pawnshop)), ("massage", Trade(SpecialTrade::Massage)), ("massage-parlour", Trade(SpecialTrade::Massage)), ("按摩", Trade(SpecialTrade::Massage)), ("按摩店", Trade(SpecialTrade::Massage)),
    ("key-unit", Word::KeyUnit), ("重点单位", Word::KeyUnit), ("key-target", Word::KeyTarget), ("counter-terrorism-key-target", Word::KeyTarget), ("重点目标", Word::KeyTarget), ("反恐重点目标", Word::KeyTarget),
    ("security-duty-place", Word::SecurityDuty), ("其他公共场所", Word::SecurityDuty), ("alarm-operator", Word::AlarmOperator), ("alarm-service", Word::AlarmOperator), ("报警运营服务单位", Word::AlarmOperator),
    ("shop", Word::Shop), ("private-shop", Word::Shop), ("store", Word::Shop), ("商店", Word::Shop), ("店", Word::Shop), ("超市", Word::Shop), ("民间商店", Word::Shop),
    ("one", N(1)), ("一名", N(1)), ("一个", N(1)), ("一人", N(1)), ("two", N(2)), ("两名", N(2)), ("二名", N(2)), ("两个", N(2)), ("二人", N(2)), ("两人", N(2)), ("three", N(3)), ("三名", N(3)), ("三人", N(3)),
    ("signs", B("sign")), ("sign-missing", B("sign")), ("标识", B("sign")), ("标志", B("sign")), ("禁止场所", B("private-place")), ("隐私场所", B("private-place")), ("forbidden-place", B("private-place")),
    ("公共区域", B("public-area")), ("社会公共区域", B("public-area")), ("without-acceptance", B("acceptance")), ("未经验收", B("acceptance")), ("未验收", B("acceptance")), ("without-plan", B("plan")), ("方案", B("plan")),
    ("没有系统", B("no-system")), ("未安装系统", B("no-system")), ("removed", B("tampering")), ("moved", B("tampering")), ("改动设备", B("tampering")), ("拆除", B("tampering")), ("移动设备", B("tampering")),
    ("register", B("rules")), ("制度", B("rules")), ("值班", B("watch")), ("maintenance", B("upkeep")), ("维护", B("upkeep")), ("巡查", B("patrol")), ("泄露", B("disclosure")), ("传播", B("disclosure")), ("published", B("disclosure")), ("公开", B("disclosure")),
    ("指定产品", B("designation")), ("指定", B("designation")), ("未登记生产", B("unregistered")), ("销售未备案", B("unfiled-sale")), ("peeping", B("voyeurism")), ("secret-filming", B("voyeurism")), ("偷拍", B("voyeurism")), ("偷窥", B("voyeurism")),
    ("registration", P("product_registration")), ("登记", P("product_registration")), ("生产登记", P("product_registration")), ("产品登记", P("product_registration")),
    ("filing", P("system_filing")), ("acceptance", P("acceptance")), ("filing-of-a-system", P("system_filing")), ("备案", P("system_filing")), ("系统备案", P("system_filing")), ("approval", P("area_approval")), ("批准", P("area_approval")), ("penalty-case", P("penalty_case")), ("处罚案件", P("penalty_case")),
    ("方案审核", P("plan_examination")), ("licence", P("permit")), ("行政许可", P("permit")), ("appeal", P("review")), ("复议", P("review")), ("suit", P("lawsuit")), ("诉讼", P("lawsuit")), ("起诉", P("lawsuit")),
    ("decided", Clock("decide")), ("decision", Clock("decide")), ("决定", Clock("decide")), ("作出决定", Clock("decide")), ("办结", Clock("decide")), ("paid", Clock("pay")), ("缴纳", Clock("pay")), ("缴款", Clock("pay")),
    ("delivered", Clock("deliver")), ("送达", Clock("deliver")), ("听证", Clock("ask_for_hearing")), ("hearing", Clock("ask_for_hearing")), ("补正", Clock("completion")), ("改正", Clock("correct")), ("corrected", Clock("correct")),
    ("person", Who(Fined::Person)), ("individual", Who(Fined::Person)), ("个人", Who(Fined::Person)), ("responsible", Who(Fined::Responsible)), ("责任人", Who(Fined::Responsible)), ("责任人员", Who(Fined::Responsible)), ("official", Who(Fined::Official)), ("国家工作人员", Who(Fined::Official)),
    ("overdue", Word::Grade(Grade::Overdue)), ("逾期", Word::Grade(Grade::Overdue)), ("拒不改正", Word::Grade(Grade::Overdue)), ("loss", Word::Grade(Grade::Loss)), ("造成损失", Word::Grade(Grade::Loss)), ("serious", Word::Grade(Grade::Serious)), ("严重", Word::Grade(Grade::Serious)), ("情节严重", Word::Grade(Grade::Serious)),
    ("government", Word::Installer(Installer::Government)), ("政府", Word::Installer(Installer::Government)), ("managing-unit", Word::Installer(Installer::ManagingUnit)), ("管理单位", Word::Installer(Installer::ManagingUnit)), ("anybody", Word::Installer(Installer::Other)), ("anyone", Word::Installer(Installer::Other)), ("任何人", Word::Installer(Installer::Other)),
    ("approved", Word::Approved), ("经批准", Word::Approved), ("facing-homes", Word::FacesHomes), ("对着住宅", Word::FacesHomes), ("sound", Word::Sound), ("audio", Word::Sound), ("录音", Word::Sound), ("alarms", Word::Alarms), ("alarm-panels", Word::Alarms), ("报警", Word::Alarms),
    ("before", Word::Before), ("之前", Word::Before), ("以前", Word::Before), ("today", Word::Today), ("now", Word::Today), ("今天", Word::Today), ("现在", Word::Today),
    ("a", F), ("an", F), ("the", F), ("in", F), ("at", F), ("on", F), ("of", F), ("for", F), ("is", F), ("be", F), ("are", F), ("was", F), ("to", F), ("it", F), ("its", F), ("that", F), ("has", F), ("have", F), ("must", F), ("may", F), ("can", F), ("does", F), ("do", F),
    ("how", F), ("long", F), ("much", F), ("many", F), ("if", F), ("what", F), ("which", F), ("day", F), ("days", F), ("year", F), ("s", F), ("from", F), ("since", F), ("with", F), ("without", F), ("no", F), ("not", F), ("by", F), ("and", F), ("who", F), ("there", F),
    ("missing", F), ("footage", F), ("video", F), ("recording", F), ("police", F), ("camera", F), ("device", F), ("unit", F), ("private", F), ("counter-terrorism", F), ("product", F), ("filed", F), ("received", F), ("system", F), ("application", F), ("started", F), ("begun", F), ("working", F), ("put", F), ("up", F), ("breach", F), ("under", F),
    ("可以", F), ("能否", F), ("能", F), ("可否", F), ("是否", F), ("吗", F), ("呢", F), ("的", F), ("在", F), ("了", F), ("要", F), ("应当", F), ("必须", F), ("多久", F), ("多长", F), ("多少", F), ("怎样", F), ("没有", F), ("未", F), ("没", F), ("有", F), ("有哪些", F), ("哪些", F), ("什么", F), ("谁", F), ("后", F), ("之后", F), ("起", F), ("自", F), ("到", F), ("被", F), ("对", F), ("里", F), ("内", F), ("天", F), ("日", F), ("元", F), ("设置", F), ("申请", F), ("收到", F), ("提出", F), ("启用", F),
    ("私营商店", Word::Shop), ("私人商店", Word::Shop), ("商铺", Word::Shop), ("店铺", Word::Shop), ("门店", Word::Shop), ("小店", Word::Shop), ("便利店", Word::Shop), ("小卖部", Word::Shop), ("招待所", Trade(SpecialTrade::Hotel)), ("一位", N(1)), ("两位", N(2)), ("三位", N(3)),
    ("一家", F), ("一间", F), ("一座", F), ("该", F), ("这", F), ("这家", F), ("这个", F), ("某", F), ("某家", F), ("提交", F), ("递交", F), ("报送", F), ("交", F), ("私营", F), ("私企", F), ("个体", F), ("监控", F), ("监控录像", F), ("录像资料", F), ("影像", F), ("资料", F), ("摄像头", F), ("探头", F), ("请问", F), ("我", F), ("我们", F), ("目前", F), ("当前", F), ("至少", F), ("最少", F), ("最短", F), ("需要", F), ("需", F), ("应", F), ("应该", F), ("几天", F), ("几日", F), ("哪一天", T(Topic::Deadline)), ("怎么", F), ("如何", F), ("于", F), ("和", F), ("与", F), ("由", F), ("向", F), ("将", F), ("就", F), ("都", F), ("时", F), ("缺", F), ("挂", F), ("张贴", F), ("设", F), ("立", F), ("钱", F), ("公安", F), ("公安机关", F), ("单独", F), ("独自", F), ("件", F), ("份", F),
    ("缺少", F), ("录像", F), ("视频", F), ("摄像机", F), ("设备", F), ("民间", F), ("私人", F), ("单位", F), ("会", F), ("如果", F), ("期限", F), ("时间", F), ("产品", F), ("系统", F), ("工作", F), ("年", F), ("省", F), ("市", F),
];

/// What a word or phrase means; words of several parts joined by `-`.
pub(super) fn known<'a>(packs: &'a Packs, word: &str) -> Option<Word<'a>> {
    let word = word.replace('_', "-");
    let word = word.as_str();
    let singular = || word.strip_suffix('s').filter(|one| one.len() > 3 && one.is_ascii());
    exact(packs, word).or_else(|| exact(packs, singular()?))
}

fn exact<'a>(packs: &'a Packs, word: &str) -> Option<Word<'a>> {
    if let Some((_, known)) = WORDS.iter().find(|(text, _)| *text == word) {
        return Some(*known);
    }
    if let Some(province) = Jurisdiction::ALL.into_iter().find(|j| j.asked_as().any(|text| text == word)) {
        return Some(Province(province));
    }
    if let Some(breach) = BREACHES.iter().find(|b| b.key == word) {
        return Some(B(breach.key));
    }
    let named = |id: &str, zh: &str, en: &str| zh == word || dashed(id) == word || dashed(en) == word;
    if let Some(place) = PlaceKind::ALL.iter().find(|p| named(p.key(), &p.name().zh, &p.name().en)) {
        return Some(Word::Place(*place));
    }
    if let Some(found) = packs.procedures().iter().find(|p| named(&p.id, &p.name_zh, &p.name_en)) {
        return Some(P(&found.id));
    }
    let clocks = || packs.procedures().iter().flat_map(|p| &p.clocks);
    if let Some(found) = clocks().find(|c| named(&c.id, &c.name_zh, &c.name_en)) {
        return Some(Clock(&found.id));
    }
    if !word.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let clauses = packs.all().iter().flat_map(|p| &p.clauses);
    clauses.map(|c| c.id.as_str()).find(|id| id.eq_ignore_ascii_case(word)).map(Word::Clause)
}

/// As it is typed: small letters, parts joined by `-`.
pub(super) fn dashed(text: &str) -> String {
    text.to_lowercase().replace([' ', '_'], "-").replace(',', "")
}

/// Known words near to one that is not: at most two letters differ. At most three are named.
pub(super) fn near(packs: &Packs, word: &str) -> Vec<String> {
    let fixed = WORDS.iter().map(|(text, _)| (*text).to_owned());
    let packs = packs.procedures().iter().map(|p| dashed(&p.id)).chain(PlaceKind::ALL.iter().map(|p| dashed(p.key())));
    let provinces = Jurisdiction::ALL.into_iter().flat_map(Jurisdiction::asked_as).map(str::to_owned);
    let all = fixed.chain(provinces).chain(BREACHES.iter().map(|b| b.key.to_owned())).chain(packs);
    let mut found: Vec<(usize, String)> = all
        .filter(|known| known.len() > 3)
        .map(|known| (distance(word, &known), known))
        .filter(|(d, _)| *d <= 2)
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().take(3).map(|(_, known)| known).collect()
}

/// Letters to change, put in or leave out to make one word the other; counted up to 3.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(40).collect(), b.chars().take(40).collect());
    if a.len().abs_diff(b.len()) > 2 {
        return 3;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (cb, pair) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(ca != cb)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(3).min(3)
}
