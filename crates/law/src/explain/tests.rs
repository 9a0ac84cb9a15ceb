//! Questions and their answers; hostile words never panic.

use super::*;
use crate::Gate;
use base::CivilDate;
use proptest::prelude::*;
use std::sync::LazyLock;

static GATE: LazyLock<Gate> = LazyLock::new(|| Gate::embedded().unwrap());

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn ask(question: &str) -> Explained {
    explain(&GATE, question, day("2026-11-22")).unwrap_or_else(|e| panic!("{question}: {}", e.en))
}

fn cited(answer: &Explained) -> Vec<&str> {
    answer.sentences.iter().flat_map(|s| &s.clauses).map(|c| c.clause.0.as_str()).collect()
}

#[test]
fn every_example_of_the_help_is_answered_in_both_languages() {
    for question in QUESTIONS {
        let answer = ask(question);
        assert!(!answer.sentences.is_empty(), "{question}");
        for sentence in &answer.sentences {
            assert!(!sentence.text.zh.is_empty() && !sentence.text.en.is_empty(), "{question}");
        }
        assert!(answer.sentences.iter().any(|s| !s.clauses.is_empty()), "{question} cites nothing");
    }
}

#[test]
fn a_hotel_keeps_sixty_days_and_a_key_target_ninety_once_the_law_is_in_force() {
    for question in ["retention hotel liaoning 2026-11-22", "留存旅馆辽宁2026年", "留存 旅馆 辽宁"] {
        let Ok(answer) = explain(&GATE, question, day("2026-11-22")) else {
            assert!(question.contains('年'), "{question}");
            continue;
        };
        assert!(answer.sentences[0].text.en.starts_with("At least 60 days"), "{}", answer.sentences[0].text.en);
        assert_eq!(cited(&answer)[0], "LT-17");
    }
    for (on, days) in [("2013-05-01", 30), ("2015-12-31", 30), ("2016-01-01", 90)] {
        let answer = ask(&format!("retention key-target heilongjiang {on}"));
        assert!(answer.sentences[0].text.en.starts_with(&format!("At least {days} days")), "{on}");
        assert_eq!(answer.on, day(on));
    }
    assert!(ask("retention hotel liaoning 2010-01-01").sentences[0].text.en.contains("No law in force"));
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
    let borrowed = ask("may one officer view liaoning");
    assert!(borrowed.sentences.iter().any(|s| s.text.en.contains("flagged default")));
}

#[test]
fn a_private_shop_without_a_sign_is_ordered_to_correct_and_not_fined() {
    let answer = ask("penalty sign-missing private shop heilongjiang");
    let said: Vec<_> = answer.sentences.iter().map(|s| s.text.en.as_ref()).collect();
    assert!(said.iter().any(|s| s.contains("A private unit is not punished for it")), "{said:#?}");
    assert!(said.iter().any(|s| s.contains("ordered corrected under 799-13")), "{said:#?}");
    assert!(cited(&answer).contains(&"B-42-1-7") && cited(&answer).contains(&"799-13"));
    let before = ask("penalty sign heilongjiang 2025-03-31");
    assert!(!cited(&before).contains(&"799-13"));
    let lost = ask("处罚 标识 辽宁 2020-01-01");
    assert!(lost.sentences.iter().any(|s| s.text.zh.contains("可能在缺失的各项之中")));
    assert!(cited(&ask("penalty retention heilongjiang")).contains(&"B-39"));
    assert!(!cited(&ask("penalty retention heilongjiang")).contains(&"CT-32"), "no key target");
}

#[test]
fn a_toilet_is_refused_and_a_lobby_is_not() {
    assert_eq!(ask("install toilet heilongjiang").sentences[0].text.en, "No.");
    assert_eq!(ask("安装 大厅 辽宁").sentences[0].text.en, "Yes.");
}

#[test]
fn what_is_not_understood_is_told_by_name() {
    for (question, says) in [
        ("retention hotel", "province"),
        ("hotel liaoning", "Say what is asked"),
        ("", "Say what is asked"),
        ("retention spaceship liaoning", "`spaceship`"),
        ("留存 飞船 辽宁", "`飞船`"),
        ("retention hotel liaoning 2026-13-01", "`2026-13-01`"),
        ("retention hotel liaoning 2013", "`2013`"),
        ("retention install lobby liaoning", "One question"),
        ("install liaoning", "where"),
        ("penalty liaoning", "what the breach is"),
        (&"x".repeat(2_000), "too long"),
    ] {
        let told = explain(&GATE, question, day("2026-11-22")).unwrap_err();
        assert!(told.en.contains(says) && !told.zh.is_empty(), "{question}: {}", told.en);
    }
}

proptest! {
    #[test]
    fn no_words_make_it_panic(question in "[a-z 留存辽宁旅馆民警罚安装的？0-9-]{0,60}") {
        let _ = explain(&GATE, &question, day("2026-11-22"));
    }
}
