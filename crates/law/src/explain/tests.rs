//! Questions and their answers: numbers, days and clauses; hostile words never panic.

use super::*;
use crate::Gate;
use base::CivilDate;
use proptest::prelude::*;
use std::sync::LazyLock;

static GATE: LazyLock<Gate> = LazyLock::new(|| Gate::embedded().unwrap());

/// The words that are not of the packs.
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let provinces = Jurisdiction::ALL.into_iter().flat_map(Jurisdiction::asked_as);
    vocabulary::WORDS.iter().map(|(word, _)| *word).chain(provinces).collect()
});

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn ask(question: &str) -> Explained {
    explain(&GATE, question, day("2026-11-22")).unwrap_or_else(|e| panic!("{question}: {}", e.en))
}

fn cited(answer: &Explained) -> Vec<&str> {
    answer.sentences.iter().flat_map(|s| &s.clauses).map(|c| c.clause.0.as_str()).collect()
}

fn said(answer: &Explained) -> String {
    let lines = answer.sentences.iter().map(|s| format!("{}\n{}", s.text.zh, s.text.en));
    format!("{}\n{}\n{}", answer.understood.zh, answer.understood.en, lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_example_of_the_help_is_answered_in_both_languages() {
    for question in questions() {
        let answer = ask(question);
        assert!(!answer.sentences.is_empty(), "{question}");
        for text in answer.sentences.iter().map(|s| &s.text).chain([&answer.understood]) {
            assert!(!text.zh.is_empty() && !text.en.is_empty(), "{question}");
            assert!(!text.zh.is_ascii(), "{question}: {}", text.zh);
            assert!(!text.en.contains("  "), "{question}: {}", text.en);
        }
        assert!(answer.sentences.iter().any(|s| !s.clauses.is_empty()), "{question} cites nothing");
    }
}

/// Question, what the answer says, and clauses it cites; `!` before either: it does not.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    // The five questions, in both languages.
    (
        "retention for a hotel in Shenyang today",
        &[
            "At least 60 days",
            "asks for 30 days",
            "must be deleted",
            "until 2027-01-22",
            "If it is a key unit, A-23-2 asks for 30 days; the longest rules: at least 60 days",
        ],
        &["LT-17", "799-17", "A-23-2"],
    ),
    ("沈阳的旅馆今天录像要保存多久", &["不少于60日", "应当删除"], &["LT-17", "799-17"]),
    (
        "retention for a counter-terrorism key target in Harbin in 2013",
        &["At least 30 days", "In 2013", "may be erased", "!90"],
        &["B-25-1", "!CT-32", "!799-17"],
    ),
    ("2013年哈尔滨的反恐重点目标录像保存多久", &["不少于30日", "2013年"], &["B-25-1", "!CT-32"]),
    (
        "may one officer view",
        &["Liaoning: No.", "Heilongjiang: No.", "no province was named", "flagged default"],
        &["B-28-1-1", "A-24-2"],
    ),
    ("一名民警可以查看吗", &["辽宁省：不可以", "黑龙江省：不可以"], &["B-28-1-1"]),
    (
        "when must a registration filed on 2013-02-08 be decided",
        &[
            "The last day is 2013-02-20",
            "Spring Festival",
            "2013-02-09 to 2013-02-15",
            "worked in exchange",
            "5 working days",
        ],
        &["B-10-2", "AL-82"],
    ),
    (
        "2013-02-08 登记的产品什么时候必须作出决定",
        &["最后一日：2013-02-20", "春节放假，不计", "第1至第", "5个工作日"],
        &["B-10-2", "AL-82"],
    ),
    (
        "what if a sign is missing at a private shop",
        &["Order to correct", "state organs and their staff only", "no fine", "private shop"],
        &["799-13", "A-15-1", "B-16", "B-42-1-7"],
    ),
    (
        "民间商店没有设置标识会怎样",
        &["责令限期改正", "只及于国家机关及其工作人员", "民间商店"],
        &["799-13", "A-15-1", "B-16", "B-42-1-7"],
    ),
    // The same, as people write them.
    ("沈阳一家旅馆的录像今天要保存多久", &["不少于60日", "2027-01-22"], &["LT-17", "799-17"]),
    ("请问沈阳这家招待所的监控录像至少要保存几天？", &["不少于60日"], &["LT-17"]),
    ("2013年哈尔滨一家反恐重点目标的视频要保存多长时间", &["不少于30日"], &["B-25-1", "!CT-32"]),
    ("一位民警能单独查看录像吗", &["辽宁省：不可以", "黑龙江省：不可以"], &["B-28-1-1"]),
    ("2013-02-08提交的生产登记最迟什么时候决定", &["最后一日：2013-02-20", "5个工作日"], &["B-10-2", "AL-82"]),
    ("2013-02-08提交的登记申请应该哪一天作出决定", &["最后一日：2013-02-20"], &["B-10-2"]),
    ("私营商店没有标识怎么办", &["责令限期改正", "民间商店"], &["799-13", "B-42-1-7"]),
    ("哈尔滨一家私营便利店没有张贴标识会怎样", &["责令限期改正"], &["799-13"]),
    // The sign under Order 799 and before it.
    ("what if a sign is missing in Harbin 2025-04-01", &["Order to correct", "no fine"], &["799-13"]),
    (
        "what if a sign is missing in Harbin 2025-03-31",
        &["No fine|The packs hold no fine", "!Order to correct"],
        &["B-16", "B-42-1-7", "!799-13"],
    ),
    (
        "what if a sign is missing in Shenyang before 2025-04-01",
        &["On 2025-03-31", "may stand|perhaps|cannot be checked"],
        &["A-15-1", "A-31", "!799-13"],
    ),
    // Clocks.
    ("deadline product-registration completion 2013-02-08", &["The last day is 2013-02-20", "AL-32"], &["AL-32"]),
    ("registration 2016-02-02 decided", &["The last day is 2016-02-14"], &["B-10-2"]),
    ("registration 2016-02-03 decided", &["in force from 2012-11-01 until 2016-02-03"], &["SC-58"]),
    ("deadline system-filing liaoning 2026-09-28", &["The last day is 2026-10-28", "file-running"], &["799-14"]),
    ("deadline filing 2026-09-05", &["The last day is 2026-10-08", "moves to the working day"], &["799-14"]),
    ("系统备案 启用 2026-12-10 最迟", &["暂定：2027年放假安排尚未公布"], &["799-14"]),
    ("deadline filing 2026-12-10", &["provisional: the holidays of 2027 are not published"], &["799-14"]),
    ("deadline penalty-case ask-for-hearing 2026-09-30", &["The last day is 2026-10-13"], &["AP-64", "AP-85"]),
    ("deadline inspection-b correct 15 days 2026-11-02", &["The last day is 2026-11-17", "15 days"], &["B-31-1"]),
    (
        "deadline inspection-b correct 13 days 2026-11-02",
        &["The last day is 2026-11-16", "moves to the working day"],
        &["B-31-1"],
    ),
    ("deadline penalty-case notice-of-hearing 2026-10-20", &["The latest day is 2026-10-10"], &["AP-64"]),
    ("deadline acceptance 2026-11-02", &["The last day is 2026-11-30"], &["AL-42"]),
    ("deadline place-designation 2026-11-02", &["no clock to count"], &["B-13-2"]),
    ("deadline registration-revocation 2013-05-06", &["The term is over at the end of 2016-05-06"], &["B-36"]),
    // Fines.
    (
        "penalty filing hotel liaoning",
        &[
            "not corrected in time: fine of up to 10000 yuan",
            "Correction first",
            "A hearing may be asked for: unit from 10000 yuan",
        ],
        &["799-29"],
    ),
    ("penalty B-37-1-3", &["3000 to 10000 yuan", "Correction first", "set by the province"], &["B-37-1-3", "B-19-2-1"]),
    (
        "penalty private-place heilongjiang 2026-03-02",
        &[
            "Unit, ordinary: fine of 10000 to 20000 yuan",
            "fine of 5000 to 10000 yuan",
            "confiscation of the devices",
            "order to dismantle|Order to dismantle",
            "One act is fined once",
        ],
        &["799-27", "B-38", "PO-50", "AP-29"],
    ),
    (
        "penalty private-place heilongjiang 2025-03-31",
        &["Order to dismantle", "up to 500 yuan, in place of detention"],
        &["B-38", "PO-42", "!799-27"],
    ),
    ("fine A-12-2 unit 2026-03-02", &["fine of 30000 yuan", "fine of 5000 yuan", "Correction first"], &["A-31-f1"]),
    (
        "fine public-area liaoning 2026-03-02",
        &["up to 20000 yuan", "cannot be applied|bounded by 799-26"],
        &["799-26", "AP-12-2"],
    ),
    ("fine public-area heilongjiang 2026-03-02", &["B-37-1-4 gives way to 799-26"], &["799-26", "B-37-1-4"]),
    ("fine retention heilongjiang", &["1000 to 3000 yuan", "!100000 yuan"], &["B-39", "!CT-88"]),
    ("fine retention key-target heilongjiang", &["up to 100000 yuan", "legal review"], &["B-39", "CT-88"]),
    (
        "penalty unregistered heilongjiang 2016-02-02",
        &["10000 to 30000 yuan", "confiscation of illegal gains"],
        &["B-35-1"],
    ),
    ("penalty unregistered heilongjiang 2016-02-03", &["No rule in force|no longer holds|hold no fine", "!30000"], &[]),
    ("penalty rules heilongjiang", &["Legal review first", "1000 to 3000 yuan"], &["B-40-1"]),
    ("penalty voyeurism person 2025-12-31", &["up to 500 yuan", "detention (days) ≤5"], &["PO-42", "!PO-50"]),
    ("penalty voyeurism person 2026-01-01", &["up to 1000 yuan"], &["PO-50", "!PO-42"]),
    // Places.
    ("may a camera stand in a toilet in Heilongjiang", &["No."], &["B-15", "799-8"]),
    ("安装 大厅 辽宁", &["可以。", "应当设置标识"], &["799-13"]),
    ("install square heilongjiang", &["No.", "the managing unit"], &["B-14-3"]),
    ("install square heilongjiang approved", &["Yes.", "approved by the police"], &["799-7"]),
    ("install square liaoning government", &["Yes.", "a government department"], &["A-8-2"]),
    ("install lobby liaoning facing-homes", &["No.", "facing homes"], &["A-14"]),
    // Duties.
    (
        "duties hotel liaoning",
        &[
            "within 30 days of first use",
            "before first use",
            "regularly, at intervals the unit sets",
            "a lobby and corridor|lobby and corridor",
        ],
        &["LT-17", "799-14", "799-13", "A-15-1", "799-8-2"],
    ),
    ("黑龙江 的 广场 有哪些 义务", &["启用之前", "启用后30日内"], &["B-13-1", "B-25-1", "799-17", "!LT-17"]),
    ("duties hotel liaoning 2004-11-30", &["No clause in force"], &[]),
    ("duties shop heilongjiang alarms", &["Verify"], &["B-21-2"]),
    // A year in which the law changed says so.
    ("retention hotel heilongjiang 2025", &["That holds from 2025-04-01"], &["799-17"]),
    ("retention hotel heilongjiang 2024", &["!That holds from"], &["B-25-1"]),
];

#[test]
fn the_answers_are_right() {
    let mut wrong = Vec::new();
    for (question, says, clauses) in TABLE {
        let answer = match explain(&GATE, question, day("2026-11-22")) {
            Ok(answer) => answer,
            Err(told) => {
                wrong.push(format!("{question}: not understood: {}", told.en));
                continue;
            }
        };
        let (text, found) = (said(&answer), cited(&answer));
        for part in *says {
            let (part, want) = part.strip_prefix('!').map_or((*part, true), |rest| (rest, false));
            if part.split('|').any(|p| text.contains(p)) != want {
                wrong.push(format!("{question}: says `{part}`? wanted {want}:\n{text}"));
            }
        }
        for id in *clauses {
            let (id, want) = id.strip_prefix('!').map_or((*id, true), |rest| (rest, false));
            if found.contains(&id) != want {
                wrong.push(format!("{question}: cites {id}? wanted {want}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_key_target_keeps_ninety_days_once_the_law_is_in_force() {
    for (on, days) in [("2013-05-01", 30), ("2015-12-31", 30), ("2016-01-01", 90)] {
        let answer = ask(&format!("retention key-target heilongjiang {on}"));
        assert!(answer.sentences[0].text.en.starts_with(&format!("At least {days} days")), "{on}");
        assert_eq!(answer.on, day(on));
    }
    assert!(ask("retention hotel liaoning 2010-01-01").sentences[0].text.en.contains("No law in force"));
    for question in ["留存旅馆辽宁2026年", "留存 旅馆 辽宁", "retention hotel liaoning 2026年11月22日"]
    {
        assert!(ask(question).sentences[0].text.en.starts_with("At least 60 days"), "{question}");
    }
}

#[test]
fn one_officer_may_not_and_two_may() {
    for (question, may) in [
        ("may one officer view heilongjiang", false),
        ("may two officers view in harbin", true),
        ("一名民警可以查看吗 黑龙江", false),
        ("二人 查看 黑龙江", true),
    ] {
        let answer = ask(question);
        assert_eq!(answer.sentences[0].text.zh, if may { "可以。" } else { "不可以。" }, "{question}");
        assert!(may || cited(&answer).contains(&"B-28-1-1"), "{question}: {:?}", cited(&answer));
    }
}

#[test]
fn every_penalty_clause_can_be_asked_about_by_its_key() {
    for pack in GATE.packs().all() {
        let province = pack.head.jurisdictions.first().copied().unwrap_or(Jurisdiction::Heilongjiang);
        for sanction in &pack.sanctions {
            // On the first day of its fine, else of its pack.
            let (_, clause) = GATE.packs().clause(&base::ClauseId::new(&sanction.clause)).unwrap();
            let first =
                sanction.bands.first().map_or(pack.head.from, |b| b.from).max(clause.from.unwrap_or(pack.head.from));
            let answer = ask(&format!(
                "penalty {} {} {first}",
                sanction.clause,
                province.key().replace("other", "other-province")
            ));
            assert!(cited(&answer).contains(&sanction.clause.as_str()), "{}: {}", sanction.clause, said(&answer));
            for band in &sanction.bands {
                let max = format!("{} yuan", band.max_yuan);
                let capped = answer
                    .sentences
                    .iter()
                    .any(|s| s.text.en.contains("bounded by") || s.text.en.contains("gives way"));
                let held = band.from <= first && band.until.is_none_or(|until| first < until);
                assert!(
                    !held || capped || said(&answer).contains(&max),
                    "{} {max}: {}",
                    sanction.clause,
                    said(&answer)
                );
            }
        }
    }
}

#[test]
fn every_breach_in_words_names_clauses_that_are_there_and_is_answered() {
    for breach in vocabulary::BREACHES {
        for id in breach.clauses {
            assert!(GATE.packs().clause(&base::ClauseId::new(id)).is_some(), "{}: {id}", breach.key);
        }
        let answer = ask(&format!("penalty {}", breach.key));
        assert!(answer.understood.en.contains(breach.en), "{}: {}", breach.key, answer.understood.en);
    }
}

#[test]
fn every_clock_of_every_procedure_can_be_asked_about() {
    for procedure in GATE.packs().procedures() {
        for clock in &procedure.clocks {
            let set = if clock.length.is_set_by_document() { " 10 days" } else { "" };
            let from = procedure.from;
            let question = format!("deadline {} {} {from}{set}", procedure.id, clock.id);
            let answer = ask(&question);
            let counted = GATE.packs().clock_due(
                &procedure.id,
                &clock.id,
                &crate::ClockRun { set: (!set.is_empty()).then_some(10), ..crate::ClockRun::from(from) },
                day("2026-11-22"),
            );
            let last = counted.unwrap_or_else(|e| panic!("{question}: {e}")).deadline.day().unwrap();
            assert!(answer.sentences[0].text.en.contains(&last.to_string()), "{question}: {}", said(&answer));
            assert!(answer.understood.en.contains(&clock.name_en), "{question}: {}", answer.understood.en);
        }
    }
}

#[test]
fn the_words_have_one_meaning() {
    for (n, word) in WORDS.iter().enumerate() {
        assert!(!WORDS.iter().skip(n + 1).any(|other| other == word), "`{word}` stands twice");
        assert!(!word.contains(' ') && word.to_lowercase() == *word, "`{word}`");
    }
}

#[test]
fn a_province_is_known_by_every_word_of_its_row_and_told_among_those_that_are() {
    for province in Jurisdiction::ALL {
        for word in province.asked_as() {
            let answer = ask(&format!("retention hotel {word} 2026-11-22"));
            assert!(answer.understood.zh.contains(province.name().zh.as_ref()), "{word}: {}", answer.understood.zh);
        }
        let told = explain(&GATE, "spaceship", day("2026-11-22")).unwrap_err();
        let usual = province.ask_word();
        assert!(told.zh.contains(usual.zh.as_ref()) && told.en.contains(usual.en.as_ref()), "{}", told.en);
    }
    let told = explain(&GATE, "retention hotel heilongjang", day("2026-11-22")).unwrap_err();
    assert!(told.en.contains("Perhaps: heilongjiang"), "{}", told.en);
}

#[test]
fn what_is_not_understood_is_told_by_name() {
    for (question, says) in [
        ("hotel liaoning", "Say what is asked"),
        ("", "Say what is asked"),
        ("retention spaceship liaoning", "`spaceship`"),
        ("retenton hotel liaoning", "Perhaps: retention"),
        ("留存 飞船 辽宁", "`飞船`"),
        ("retention hotel liaoning 2026-13-01", "`2026-13-01`"),
        ("retention hotel liaoning 2026/01/01", "`2026/01/01`"),
        ("retention hotel liaoning 20130", "`20130`"),
        ("retention hotel liaoning 2013-01-01 2014-01-01", "One day"),
        ("retention hotel liaoning 2013年13月1日", "no day"),
        ("retention install lobby liaoning", "One question"),
        ("install liaoning", "where"),
        ("penalty liaoning", "private-place"),
        ("penalty B-28 heilongjiang", "B-28-1-1"),
        ("retention hotel liaoning pay", "`pay`"),
        ("may one officer view serious", "`serious`"),
        ("deadline 2026-01-05", "registration, filing, review"),
        ("deadline registration pay 2013-01-07", "has no clock `pay`"),
        ("deadline registration liaoning 2013-01-07", "does not run in Liaoning"),
        ("deadline inspection-b 2026-11-02", "15 days"),
        ("deadline registration 2013", "name it"),
        ("retention hotel liaoning before", "needs a day"),
        (&"x".repeat(2_000), "too long"),
    ] {
        let told = explain(&GATE, question, day("2026-11-22")).map(|a| said(&a)).unwrap_err();
        assert!(told.en.contains(says) && !told.zh.is_empty(), "{question}: {}", told.en);
    }
}

proptest! {
    #[test]
    fn no_words_make_it_panic(question in "[a-z 留存辽宁旅馆民警罚安装的？0-9年月日-]{0,60}") {
        let _ = explain(&GATE, &question, day("2026-11-22"));
    }

    #[test]
    fn no_text_makes_it_panic(question in "\\PC{0,80}") {
        let _ = explain(&GATE, &question, day("2026-11-22"));
    }

    #[test]
    fn known_words_in_any_order_never_panic(
        words in proptest::collection::vec(0..WORDS.len(), 0..8), procedure in 0_usize..31, day_of in 0_i32..9_000,
    ) {
        let mut parts: Vec<String> = words.iter().map(|n| WORDS[*n].to_owned()).collect();
        parts.extend(GATE.packs().procedures().get(procedure).map(|p| p.id.clone()));
        parts.push(day("2004-01-01").plus_days(day_of).to_string());
        let _ = explain(&GATE, &parts.join(" "), day("2026-11-22"));
    }
}
