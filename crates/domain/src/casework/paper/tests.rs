//! Papers of cases: every paper offered on the way to every step and outcome of the packs can be made or says why not; what must stand in it
//! does, and what must not does not.

use super::*;
use crate::casework::tests::bench::{Bench, PACKS, REASONS, who};
use crate::casework::{ASK_FOR_REST, CaseAct, Seat, Way, clocks, nodes};
use crate::document::Family;
use crate::form::Value;
use base::{ClauseId, Sha256};
use law::{Procedure, StopCause, TextKind};
use std::collections::{BTreeSet, VecDeque};

const PARTY_PERSON: &str = "欧阳测试";

fn facts(bench: &Bench) -> PaperFacts {
    let named = |seat: &Seat| (who(*seat).account, (format!("{}甲", seat.name().zh), "执法1号".to_owned()));
    let party = Particular { name: "法定代表人".into(), value: PARTY_PERSON.into(), hint: String::new() };
    PaperFacts {
        organ: "示范市公安局".into(),
        review_organ: None,
        court: None,
        number: Some("示公技〔2026〕1号".into()),
        to: "示例单位".into(),
        party: vec![party],
        people: Seat::ALL.iter().map(named).collect(),
        on: bench.today,
        url: Some("https://gaj.example/v/1".into()),
        void: Vec::new(),
    }
}

fn kind(code: &str) -> &'static Document {
    Document::parse(code).unwrap()
}

fn made(bench: &Bench, code: &str) -> Envelope {
    envelope(kind(code), &bench.docket(), &facts(bench), Lang::Zh).unwrap_or_else(|faults| panic!("{code}: {faults:?}"))
}

/// With `JIFANG_PAPERS=folder` the papers of the sample cases are written there, for the example `documents` of the crate paper to set.
fn keep_to_look_at(paper: &Envelope, document: &Document, procedure: &str) {
    let Some(folder) = std::env::var_os("JIFANG_PAPERS") else { return };
    std::fs::create_dir_all(&folder).unwrap();
    let file = format!("{}.{}.{procedure}.json", document.template(), paper.lang.tag());
    std::fs::write(std::path::Path::new(&folder).join(file), paper.values().to_string()).unwrap();
}

fn refusal(bench: &Bench, code: &str) -> Refusal {
    paper_ready(kind(code), &bench.docket()).unwrap_err()
}

fn whole(e: &Envelope) -> String {
    serde_json::to_string(e).unwrap()
}

/// The shortest way to every step and outcome, from the first step.
fn ways(procedure: &'static Procedure) -> Vec<Vec<&'static str>> {
    let first = procedure.steps.first().unwrap().id.as_str();
    let (mut seen, mut found) = (BTreeSet::from([first]), Vec::new());
    let mut queue = VecDeque::from([vec![first]]);
    while let Some(way) = queue.pop_front() {
        let last = *way.last().unwrap();
        for next in nodes(procedure).filter(|n| n.after().iter().any(|a| a == last)) {
            if seen.insert(next.id()) {
                let mut longer = way.clone();
                longer.push(next.id());
                queue.push_back(longer);
            }
        }
        found.push(way);
    }
    found
}

/// A case of a procedure at the end of each way.
fn cases(procedure: &'static Procedure) -> Vec<Bench> {
    let walk = |way: Vec<&'static str>| {
        let mut bench = Bench::open(&procedure.id);
        for id in way {
            // Nothing is withdrawn that was not shown.
            if id == "annul" && procedure.steps.iter().any(|s| s.id == "publish") {
                bench.take("publish").unwrap_or_else(|refusal| panic!("{} publish: {refusal}", procedure.id));
            }
            bench.take(id).unwrap_or_else(|refusal| panic!("{} {id}: {refusal}", procedure.id));
        }
        bench
    };
    ways(procedure).into_iter().map(walk).collect()
}

/// What is personal in a case and stands in nothing that is not.
fn personal(bench: &Bench) -> Vec<String> {
    let (mut secret, mut plain) = (Vec::new(), String::new());
    for (_, values) in bench.case.values.values() {
        for (id, value) in values.iter() {
            let field = bench.procedure.field(id).unwrap();
            let Value::Text(text) = value else { continue };
            if field.personal || field.kind.is_personal() {
                secret.push(text.clone());
            } else {
                plain.push_str(text);
            }
        }
    }
    secret.retain(|text| !plain.contains(text.as_str()));
    secret.push(PARTY_PERSON.to_owned());
    secret
}

#[test]
fn every_paper_offered_on_any_way_is_whole_or_says_what_is_missing() {
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for procedure in PACKS.procedures() {
        for bench in cases(procedure) {
            let docket = bench.docket();
            for offer in papers_of(&docket) {
                let code = offer.document.code;
                assert!(!offer.why.zh.is_empty() && !offer.why.en.is_empty());
                for lang in [Lang::Zh, Lang::En] {
                    match (&offer.ready, envelope(offer.document, &docket, &facts(&bench), lang)) {
                        (Ok(()), Ok(paper)) => {
                            assert_eq!(paper.check(offer.document), Ok(()));
                            assert!(paper.qr.is_some() && paper.lang == lang);
                            keep_to_look_at(&paper, offer.document, &procedure.id);
                            all.insert(code);
                        }
                        (Err(why), Err(faults)) => {
                            assert_eq!(faults.first().map(|f| &f.what), Some(&why.what), "{} {code}", procedure.id);
                            assert!(!why.next.zh.is_empty() && !why.next.en.is_empty());
                        }
                        (ready, paper) => panic!("{} {code}: {ready:?}, {:?}", procedure.id, paper.err()),
                    }
                }
            }
        }
    }
    let wanted = [
        "application",
        "material_receipt",
        "completion_notice",
        "acceptance_notice",
        "grant_decision",
        "refusal_decision",
        "revocation_decision",
        "general_decision",
        "certificate",
        "filing_receipt",
        "plan_examination_opinion",
        "acceptance_record",
        "inspection_approval",
        "inspection_notice",
        "inspection_record",
        "order_with_limit",
        "recheck_opinion",
        "transfer_letter",
        "case_approval",
        "evidence_registration",
        "prior_notice",
        "hearing_notice",
        "hearing_record",
        "penalty_decision",
        "no_penalty_decision",
        "on_the_spot_decision",
        "service_receipt",
        "payment_reminder",
        "enforcement_decision",
        "viewing_decision",
        "viewing_refusal",
        "viewing_record",
        "retrieval_papers",
        "retrieval_list",
        "warning_notice",
        "register_extract",
        "penalty_publication",
        "withdrawal_notice",
        "bulletin",
    ];
    let never: Vec<&str> = wanted.into_iter().filter(|code| !all.contains(code)).collect();
    assert_eq!(never, Vec::<&str>::new());
}

#[test]
fn extracts_and_publications_hold_no_personal_value() {
    let mut looked = 0;
    for procedure in PACKS.procedures() {
        for bench in cases(procedure) {
            let docket = bench.docket();
            let open = papers_of(&docket).into_iter().filter(|o| o.document.family == Family::Publication);
            for offer in open.filter(|o| o.ready.is_ok()) {
                let e = envelope(offer.document, &docket, &facts(&bench), Lang::Zh).unwrap();
                let text = whole(&e);
                for value in personal(&bench) {
                    // As it stands in JSON.
                    let value = serde_json::to_string(&value).unwrap();
                    let value = value.trim_matches('"');
                    assert!(!text.contains(value), "{} {}", procedure.id, offer.document.code);
                }
                looked += 1;
            }
        }
    }
    assert!(looked > 10, "{looked}");
}

#[test]
fn a_refusal_has_its_reasons_its_clauses_and_the_ways_against_it_with_their_terms() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    bench.decide("refused").unwrap();
    let e = made(&bench, "refusal_decision");
    assert_eq!(e.title, "不予批准决定书");
    assert!(e.facts.iter().any(|f| f == REASONS));
    assert!(e.decision.first().is_some_and(|d| d.ends_with("不予批准。")), "{:?}", e.decision);
    assert!(e.basis.iter().any(|b| b.article.contains("第三十八条")));
    assert_eq!(e.remedies.len(), 2);
    let has = |n: usize, words: &[&str]| words.iter().all(|w| e.remedies.get(n).is_some_and(|r| r.contains(w)));
    assert!(has(0, &["60日内", "县级以上地方人民政府", "申请复议", "第二十条"]), "{:?}", e.remedies);
    assert!(has(1, &["6个月内", "人民法院", "起诉", "第四十六条"]), "{:?}", e.remedies);
    let value = |clause: &str, name: &str| PACKS.value(&ClauseId::new(clause), name, bench.today);
    assert_eq!((value("AR-20", "application_days"), value("AG-46", "suit_months")), (Some(60), Some(6)));
    let known = PaperFacts { review_organ: Some("示范市人民政府".into()), ..facts(&bench) };
    let named = envelope(kind("refusal_decision"), &bench.docket(), &known, Lang::Zh).unwrap();
    assert!(named.remedies.first().is_some_and(|r| r.contains("向示范市人民政府申请复议")), "{:?}", named.remedies);
    let english = envelope(kind("refusal_decision"), &bench.docket(), &facts(&bench), Lang::En).unwrap();
    assert!(english.remedies.first().is_some_and(|r| r.contains("within 60 days")), "{:?}", english.remedies);
}

#[test]
fn where_review_comes_first_no_direct_suit_is_named() {
    let mut bench = Bench::open("on_the_spot_penalty");
    bench.go("tell");
    bench.decide("fined").unwrap();
    let e = made(&bench, "on_the_spot_decision");
    assert_eq!(e.remedies.len(), 3);
    assert!(e.remedies.first().is_some_and(|r| r.contains("先申请复议")));
    assert!(e.remedies.get(2).is_some_and(|r| r.contains("15日内") && r.contains("第四十五条")), "{:?}", e.remedies);
    assert!(!whole(&e).contains("6个月"));
}

#[test]
fn a_term_that_the_packs_do_not_hold_for_the_day_is_not_made_up() {
    let mut bench = Bench::open("product_registration");
    bench.go("examine");
    bench.decide("refused").unwrap();
    let e = made(&bench, "refusal_decision");
    assert_eq!(e.remedies.len(), 2);
    assert!(e.remedies.iter().all(|r| r.contains("规则包没有这一天有效的期限")), "{:?}", e.remedies);
}

#[test]
fn what_is_missing_is_named_once_and_all_of_it() {
    let mut bench = Bench::open("product_registration");
    bench.done("apply").unwrap();
    assert_eq!(refusal(&bench, "completion_notice").code, "paper_too_early");
    let missing: Vec<String> = bench.docket().missing().iter().map(|m| m.zh.clone()).collect();
    assert!(missing.len() > 3);
    bench.done(ASK_FOR_REST).unwrap();
    let e = made(&bench, "completion_notice");
    assert_eq!(e.facts.len(), missing.len());
    for (fact, zh) in e.facts.iter().zip(&missing) {
        assert!(fact.starts_with(words::bare(zh)) && fact.ends_with("没有提交"), "{fact}");
    }
}

#[test]
fn a_paper_asked_for_too_early_or_of_another_procedure_is_refused_in_words() {
    let bench = Bench::open("area_approval");
    let early = refusal(&bench, "refusal_decision");
    assert_eq!(early.code, "paper_too_early");
    assert!(early.what.zh.contains("不予批准") && !early.why.is_empty() && !early.next.en.is_empty());
    let faults = envelope(kind("refusal_decision"), &bench.docket(), &facts(&bench), Lang::Zh).unwrap_err();
    assert_eq!((faults.len(), faults.first().map(|f| &f.what)), (1, Some(&early.what)));
    assert_eq!(refusal(&bench, "penalty_decision").code, "no_such_paper");
    assert_eq!(refusal(&bench, "draw_result").code, "no_such_paper");
    let codes: Vec<&str> = papers_of(&bench.docket()).iter().map(|o| o.document.code).collect();
    assert!(codes.contains(&"application") && !codes.contains(&"refusal_decision"), "{codes:?}");
    let blank = made(&bench, "application");
    assert_eq!(blank.to, "示范市公安局");
    assert!(blank.particulars.iter().all(|p| p.value.is_empty()), "an empty form to be filled in by hand");
}

#[test]
fn an_acceptance_names_the_day_by_which_it_is_decided_and_how_it_is_counted() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    bench.done("accept").unwrap();
    let e = made(&bench, "acceptance_notice");
    let clock = clocks(&bench.docket()).into_iter().find(|c| c.id == "decide").unwrap();
    let day = clock.day().unwrap();
    let day = format!("{}年{}月{}日", day.0.year(), day.0.month(), day.0.day());
    let limit = e.paragraphs.iter().find(|p| p.contains(&*clock.name.zh)).unwrap();
    let counting = &clock.deadline.as_ref().unwrap().count.counting.text_zh;
    assert!(limit.contains(&day) && limit.contains(counting.as_str()) && limit.contains("20个工作日"), "{limit}");
    let receipt = made(&bench, "material_receipt");
    assert_eq!(receipt.tables.first().map(|t| t.rows.len()), Some(1));
}

#[test]
fn an_acceptance_by_lapse_of_time_says_so() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let receipt = bench.today;
    let completion = clocks(&bench.docket()).into_iter().find(|c| c.id == "completion").unwrap();
    bench.today = completion.day().unwrap();
    assert_eq!(refusal(&bench, "acceptance_notice").code, "paper_too_early");
    bench.today = bench.today.plus_days(1);
    let e = made(&bench, "acceptance_notice");
    let day = format!("自{}年{}月{}日起即为受理", receipt.0.year(), receipt.0.month(), receipt.0.day());
    assert!(e.paragraphs.first().is_some_and(|p| p.contains(&day)), "{:?}", e.paragraphs);
}

#[test]
fn a_clause_is_printed_only_where_the_packs_hold_its_text() {
    let mut printed = 0;
    for procedure in PACKS.procedures() {
        for bench in cases(procedure) {
            let docket = bench.docket();
            for offer in papers_of(&docket).into_iter().filter(|o| o.ready.is_ok()) {
                let e = envelope(offer.document, &docket, &facts(&bench), Lang::Zh).unwrap();
                for basis in e.basis.iter().filter(|b| !b.text.is_empty()) {
                    let held = PACKS.all().iter().filter(|p| p.head.text == TextKind::AsGiven).any(|p| {
                        let name = p.name();
                        let texts = || (1..200).filter_map(|n| PACKS.article_text(&p.head.id, n));
                        basis.article.contains(&*name.zh) && texts().any(|a| a.body.trim() == basis.text)
                    });
                    assert!(held, "{}", basis.article);
                    printed += 1;
                }
            }
        }
    }
    assert!(printed > 10);
}

#[test]
fn an_order_names_its_defects_its_last_day_and_keeps_a_counterfoil() {
    let mut bench = Bench::open("inspection_a");
    bench.go("order");
    let e = made(&bench, "order_with_limit");
    let clock = clocks(&bench.docket()).into_iter().find(|c| c.id == "correct").unwrap();
    let day = clock.day().unwrap();
    let day = format!("{}年{}月{}日", day.0.year(), day.0.month(), day.0.day());
    assert!(e.decision.iter().any(|d| d.contains(&day)), "{:?}", e.decision);
    assert!(e.stub.iter().any(|p| p.value == day));
    let defects = bench.case.values_of("order").unwrap().text("order_defects").unwrap();
    assert!(e.facts.iter().any(|f| f.contains(defects.lines().next().unwrap())));
    assert!(!e.remedies.is_empty() && e.signatures.iter().any(|s| s.number == "执法1号"));
    assert_eq!(refusal(&bench, "order_at_once").code, "other_paper");
    assert_eq!(refusal(&bench, "recheck_opinion").code, "paper_too_early");
}

#[test]
fn a_penalty_tells_before_it_how_one_is_heard_and_after_it_how_one_pays() {
    let mut bench = Bench::open("penalty_case");
    bench.go("tell");
    let notice = made(&bench, "prior_notice");
    assert!(notice.remedies.iter().any(|r| r.contains("陈述")), "{:?}", notice.remedies);
    assert_eq!(refusal(&bench, "investigation_report").code, "nothing_proposed");
    bench.go("decide");
    bench.propose("fined").unwrap();
    let report = made(&bench, "investigation_report");
    assert_eq!(report.opinions.len(), 2);
    bench.decide("fined").unwrap();
    let e = made(&bench, "penalty_decision");
    assert!(e.decision.first().is_some_and(|d| d.contains("给予行政处罚")));
    let facts = bench.case.values_of("investigate").unwrap().text("facts").unwrap();
    assert!(e.facts.iter().any(|f| f.contains(facts.lines().next().unwrap())));
    assert!(e.paragraphs.iter().any(|p| p.contains("缴纳罚款")), "{:?}", e.paragraphs);
    assert_eq!(refusal(&bench, "case_closing_report").code, "still_owed");
    assert_eq!(refusal(&bench, "group_discussion").code, "other_paper");
}

#[test]
fn extension_and_stop_tell_why() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    bench.done("accept").unwrap();
    assert_eq!(refusal(&bench, "extension_notice").code, "paper_too_early");
    let (clock, on) = ("decide".to_owned(), bench.today);
    let extend = CaseAct::ExtendClock { clock: clock.clone(), reason: "情况复杂，需要延长审查".into(), on };
    bench.act(Seat::Head, extend).unwrap();
    let e = made(&bench, "extension_notice");
    assert_eq!(e.facts, ["情况复杂，需要延长审查"]);
    assert!(e.decision.iter().any(|d| d.contains("最后一日为")), "{:?}", e.decision);
    let stop =
        CaseAct::StopClock { clock, cause: StopCause::Appraisal, reason: "委托鉴定机构鉴定".into(), from: on };
    bench.act(Seat::Officer, stop).unwrap();
    let e = made(&bench, "special_procedure_notice");
    assert_eq!(e.facts, ["鉴定", "委托鉴定机构鉴定"]);
    assert!(e.decision.iter().any(|d| d.contains("停止计算")), "{:?}", e.decision);
}

#[test]
fn what_was_served_and_what_is_attached_come_from_the_documents_of_the_case() {
    let mut bench = Bench::open("enforcement");
    bench.go("apply_to_court");
    assert_eq!(refusal(&bench, "enforcement_request").code, "nothing_to_attach");
    let sha256 = Sha256::of(b"demand");
    let make =
        CaseAct::MakeDocument {
            kind: "payment_reminder".into(), number: "示公催〔2026〕1号".into(), sha256, pages: 1
        };
    bench.act(Seat::Officer, make).unwrap();
    let deliver = CaseAct::Deliver { document: sha256, way: Way::Post, on: bench.today };
    bench.act(Seat::Officer, deliver).unwrap();
    let e = made(&bench, "enforcement_request");
    assert!(e.attachments.iter().any(|a| a.contains("催告书") && a.contains(&sha256.hex())), "{:?}", e.attachments);
    let without = PaperFacts { void: vec![sha256], ..facts(&bench) };
    let faults = envelope(kind("enforcement_request"), &bench.docket(), &without, Lang::Zh);
    let named = faults.map(|e| e.attachments.iter().any(|a| a.contains(&sha256.hex())));
    assert_ne!(named.ok(), Some(true), "what is void is attached to nothing");
    let receipt = made(&bench, "service_receipt");
    assert!(receipt.particulars.iter().any(|p| p.value == "示公催〔2026〕1号"));
    assert!(receipt.particulars.iter().any(|p| p.value == "邮寄送达"));
}

#[test]
fn a_number_that_is_not_given_and_an_address_that_is_none_are_told() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    bench.decide("refused").unwrap();
    let bare = PaperFacts { number: None, url: Some("gaj".into()), ..facts(&bench) };
    let faults = envelope(kind("refusal_decision"), &bench.docket(), &bare, Lang::Zh).unwrap_err();
    assert_eq!(faults.iter().map(|f| f.part).collect::<Vec<_>>(), [Part::Number, Part::Qr]);
    assert!(!format!("{bare:?}").contains(PARTY_PERSON));
}
