//! Papers of cases: every paper offered on the way to every step and outcome of the packs can be made or says why not; what must stand in it
//! does, and what must not does not. Papers of one kind of case stand beside.

mod filing;
mod penalty;
mod wording;

use super::*;
use crate::casework::tests::bench::{Bench, PACKS, REASONS, who};
use crate::casework::{ASK_FOR_REST, CaseAct, Seat, begins_anew, nodes};
use crate::document::Family;
use crate::form::Value;
use base::{ClauseId, Sha256};
use law::{Procedure, TextKind};
use std::collections::{BTreeSet, VecDeque};

const PARTY_PERSON: &str = "欧阳测试";

fn facts(bench: &Bench) -> PaperFacts {
    let named = |seat: &Seat| (who(*seat).account, (format!("{}甲", seat.name().zh), "执法1号".to_owned()));
    let party = Particular { name: "法定代表人".into(), value: PARTY_PERSON.into(), hint: String::new() };
    PaperFacts {
        organ: "示范市公安局".into(),
        case_number: "罚〔2026〕7号".into(),
        review_organ: None,
        court: None,
        number: Some("示公技〔2026〕1号".into()),
        to: "示例单位".into(),
        party: vec![party],
        people: Seat::ALL.iter().map(named).collect(),
        on: bench.today,
        url: Some("https://gaj.example/v/1".into()),
        void: Vec::new(),
        inspected: Inspected::default(),
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
        "non_acceptance",
        "filing_receipt",
        "filing_change",
        "filing_refusal",
        "filing_cancellation",
        "plan_examination_opinion",
        "consultation_refusal",
        "verification_answer",
        "acceptance_record",
        "inspection_approval",
        "inspection_notice",
        "inspection_record",
        "order_with_limit",
        "order_extension",
        "recheck_opinion",
        "transfer_letter",
        "case_approval",
        "questioning_record",
        "evidence_registration",
        "evidence_outcome",
        "prior_notice",
        "statement_record",
        "hearing_notice",
        "hearing_record",
        "hearing_report",
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
        "extraction_record",
        "handover_receipt",
        "access_register_extract",
        "act_record",
        "decision_approval",
        "file_cover",
        "file_index",
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
fn the_lists_of_a_bulletin_are_tables_behind_its_text() {
    let mut bench = Bench::open("bulletin");
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("compile") else { panic!("a step") };
    let text = [
        "期末登记2家。".to_owned(),
        annex_line(1, "示例检验中心", "示公技防〔2026〕1号"),
        annex_line(2, "示例协会", ""),
    ];
    typed.insert("bodies".to_owned(), text.join("\n"));
    let seat = bench.enters("compile");
    bench.act(seat, CaseAct::Done { step, typed, note, officers, on }).unwrap();
    bench.take("check_against").unwrap();
    bench.take("published").unwrap();
    let e = made(&bench, "bulletin");
    assert!(e.paragraphs.iter().any(|p| p.contains("期末登记2家")), "{:?}", e.paragraphs);
    assert!(e.paragraphs.iter().all(|p| !p.contains("示例检验中心")), "{:?}", e.paragraphs);
    let list = e.tables.first().expect("an annex");
    assert_eq!((list.heads.len(), list.rows.len()), (3, 2));
    assert_eq!(list.rows[0], ["1", "示例检验中心", "示公技防〔2026〕1号"].map(str::to_owned).to_vec());
    assert_eq!(list.title, "检测、评估等中介机构和行业协会");
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
    let named = envelope(kind("refusal_decision"), &bench.docket(), &known, Lang::En).unwrap();
    let whom = "apply for administrative reconsideration (review) with 示范市人民政府 (reconsideration organ), within";
    assert!(named.remedies.first().is_some_and(|r| r.contains(whom)), "{:?}", named.remedies);
    let english = envelope(kind("refusal_decision"), &bench.docket(), &facts(&bench), Lang::En).unwrap();
    assert!(english.remedies.first().is_some_and(|r| r.contains("within 60 days")), "{:?}", english.remedies);
    // Who receives it on its day has a last day to plan by, with its day of the week, in both languages.
    let run = law::ClockRun::from(bench.today);
    for (n, procedure, clock) in [(0, "review", "apply"), (1, "lawsuit", "sue")] {
        let due = PACKS.clock_due(procedure, clock, &run, bench.today).unwrap().deadline.day().unwrap();
        let (zh, en) = (words::weekday(due, Lang::Zh), words::weekday(due, Lang::En));
        let day = format!("最后一日为{}年{}月{}日（{zh}）", due.0.year(), due.0.month(), due.0.day());
        assert!(has(n, &[day.as_str(), "收到本文书之日"]), "{:?}", e.remedies);
        assert!(english.remedies.get(n).is_some_and(|r| r.contains(&format!("the last day is {due} ({en})"))));
    }
}

#[test]
fn a_consultation_without_agreement_has_its_paper_with_the_ways_against_it() {
    let mut bench = Bench::open("relocation");
    bench.go("negotiate");
    assert_eq!(refusal(&bench, "consultation_refusal").code, "paper_too_early");
    bench.decide("not_agreed").unwrap();
    let e = made(&bench, "consultation_refusal");
    assert_eq!(e.title, "协商不一致告知书");
    assert!(e.facts.iter().any(|f| f == REASONS), "{:?}", e.facts);
    assert!(e.basis.iter().any(|b| b.article.contains("第九条")));
    assert_eq!(e.remedies.len(), 2);
    assert!(e.remedies.iter().any(|r| r.contains("申请复议")) && e.remedies.iter().any(|r| r.contains("起诉")));
    let mut agreed = Bench::open("relocation");
    agreed.go("negotiate");
    let papers: Vec<String> = agreed.procedure.materials.iter().map(|m| m.id.clone()).collect();
    for paper in papers {
        agreed.give(&paper).unwrap();
    }
    agreed.decide("agreed").unwrap();
    assert_eq!(refusal(&agreed, "consultation_refusal").code, "paper_too_early");
    assert!(made(&agreed, "general_decision").remedies.is_empty(), "what was agreed is fought by nobody");
}

#[test]
fn whoever_complained_reported_or_was_looked_into_is_answered() {
    for (procedure, before, outcome) in [
        ("warning_notice", "verify", "not_verified"),
        ("report_handling", "look_into", "not_verified"),
        ("misuse_report_a", "look_into", "not_verified"),
        ("unaccepted_report_b", "look_into", "not_verified"),
        ("sign_report_a", "look_into", "not_verified"),
        ("registration_revocation", "find", "kept"),
    ] {
        let mut bench = Bench::open(procedure);
        bench.go(before);
        bench.decide(outcome).unwrap();
        let e = made(&bench, "verification_answer");
        assert!(e.facts.iter().any(|f| f == REASONS), "{procedure}: {:?}", e.facts);
        assert!(e.title.contains("答复书") && !e.decision.is_empty() && e.remedies.is_empty(), "{procedure}");
        let english = envelope(kind("verification_answer"), &bench.docket(), &facts(&bench), Lang::En).unwrap();
        assert!(english.title.contains("answer"), "{}", english.title);
    }
}

#[test]
fn what_was_registered_is_told_as_it_was_and_not_from_the_form_of_the_next_time() {
    let mut bench = Bench::open("penalty_case");
    bench.go("investigate");
    bench.done("register_evidence").unwrap();
    let (field, typed, reasons) = ("evidence_place".into(), "证据保管室".into(), "录入时看错。".into());
    bench.act(Seat::Officer, CaseAct::CorrectValue { field, typed, reasons }).unwrap();
    made(&bench, "evidence_registration");
    assert!(begins_anew(bench.procedure, &bench.case, "register_evidence"), "what was put right is of the last time");
    bench.done("ask_approval").unwrap();
    bench.done("approve_evidence").unwrap();
    let typed = bench.sample("register_evidence");
    bench.act(Seat::Officer, CaseAct::Fill { step: "register_evidence".into(), typed }).unwrap();
    assert_eq!(refusal(&bench, "evidence_registration").code, "record_begun", "a draft is no notice");
    let (field, typed, reasons) = ("evidence_place".into(), "物证室".into(), "录入时看错。".into());
    let late = bench.act(Seat::Officer, CaseAct::CorrectValue { field, typed, reasons }).unwrap_err();
    assert_eq!(late.code, "record_begun", "it would put the draft right");
    bench.done("register_evidence").unwrap();
    let told = made(&bench, "evidence_registration").decision;
    assert!(told.iter().any(|d| d.contains("第2次登记")) && told.iter().all(|d| !d.contains("第1次登记")), "{told:?}");
}

#[test]
fn the_party_is_not_told_that_somebody_reported_it() {
    let tells = |bench: &Bench, code: &str| made(bench, code).particulars.iter().any(|p| p.name == "案件来源");
    let mut bench = Bench::open("penalty_case");
    bench.go("investigate");
    assert!(tells(&bench, "case_approval"), "who approves the opening knows");
    bench.decide("no_case").unwrap();
    assert!(!made(&bench, "no_case_notice").particulars.is_empty() && !tells(&bench, "no_case_notice"));
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
    assert!(e.remedies.iter().all(|r| r.contains("当时的期限没有收录")), "{:?}", e.remedies);
    assert!(e.remedies.iter().all(|r| !r.contains("最后一日")), "{:?}", e.remedies);
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
fn a_clause_is_printed_as_the_packs_hold_it_and_a_gist_is_called_one() {
    let (mut printed, mut gists) = (0, 0);
    for procedure in PACKS.procedures() {
        for bench in cases(procedure) {
            let docket = bench.docket();
            for offer in papers_of(&docket).into_iter().filter(|o| o.ready.is_ok()) {
                let e = envelope(offer.document, &docket, &facts(&bench), Lang::Zh).unwrap();
                for basis in e.basis.iter().filter(|b| !b.text.is_empty()) {
                    if let Some(gist) = basis.text.strip_prefix("（要旨，非条文原文）") {
                        assert!(PACKS.all().iter().any(|p| p.clauses.iter().any(|c| c.gist_zh == gist)), "{gist}");
                        gists += 1;
                        continue;
                    }
                    let held = PACKS.all().iter().filter(|p| p.head.text == TextKind::AsGiven).any(|p| {
                        let name = p.name();
                        let texts = || (1..200).filter_map(|n| PACKS.article_text(&p.head.id, n));
                        // Paragraph by paragraph, as the article has them.
                        let holds =
                            |body: &str| basis.text.lines().all(|line| body.lines().any(|own| own.trim() == line));
                        basis.article.contains(&*name.zh) && texts().any(|a| holds(&a.body))
                    });
                    assert!(held, "{}", basis.article);
                    printed += 1;
                }
            }
        }
    }
    assert!(printed > 10 && gists > 10, "{printed} {gists}");
}

#[test]
fn an_order_cites_what_was_breached_beside_the_power_to_order() {
    let mut bench = Bench::open("inspection_b");
    bench.go("order");
    let breached = vec![ClauseId::new("B-28-1-3")];
    let inspected = Inspected { breached, ..Inspected::default() };
    let told = PaperFacts { inspected, ..facts(&bench) };
    let paper = |facts: &PaperFacts| envelope(kind("order_with_limit"), &bench.docket(), facts, Lang::Zh).unwrap();
    let articles: Vec<String> = paper(&told).basis.into_iter().map(|b| b.article).collect();
    assert_eq!(articles.len(), 2, "{articles:?}");
    assert!(articles[0].starts_with("违反《") && articles[0].contains("第二十八条"), "{articles:?}");
    assert!(articles[1].starts_with("责令依据《") && articles[1].contains("第三十一条"), "{articles:?}");
    assert_eq!(paper(&facts(&bench)).basis.len(), 1, "where no visit is known none is invented");
}

#[test]
fn a_record_tells_nothing_twice_and_names_the_host_of_a_hearing_as_the_host() {
    let (mut looked, mut hearings) = (0, 0);
    for bench in PACKS.procedures().iter().flat_map(cases) {
        for code in ["acceptance_record", "inspection_record"] {
            let Ok(e) = envelope(kind(code), &bench.docket(), &facts(&bench), Lang::Zh) else { continue };
            let above: BTreeSet<(&str, &str)> =
                e.particulars.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
            let rows: Vec<(&str, &str)> =
                e.tables.iter().flat_map(|t| &t.rows).map(|row| (row[0].as_str(), row[1].as_str())).collect();
            assert!(!rows.is_empty() && rows.iter().all(|pair| !above.contains(pair)), "{code}: {above:?} {rows:?}");
            looked += 1;
        }
        let Ok(e) = envelope(kind("hearing_record"), &bench.docket(), &facts(&bench), Lang::Zh) else { continue };
        let host = bench.case.values_of("hold_hearing").unwrap().text("hearing_host").unwrap();
        let roles: Vec<&str> = e.signatures.iter().filter(|s| s.name == host).map(|s| s.role.as_str()).collect();
        assert_eq!(roles, ["听证主持人"]);
        assert!(e.signatures.last().is_some_and(|s| s.role.contains("当事人") && s.name.is_empty()));
        hearings += 1;
    }
    assert!(looked > 0 && hearings > 0);
}

#[test]
fn the_file_of_a_case_has_a_cover_and_an_index_of_all_that_lies_in_it() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    let make = |number: &str, text: &[u8]| CaseAct::MakeDocument {
        kind: "acceptance_notice".into(),
        number: number.into(),
        sha256: Sha256::of(text),
        pages: 2,
        lang: base::Lang::Zh,
    };
    bench.act(Seat::Officer, make("示公受〔2026〕1号", b"one")).unwrap();
    bench.act(Seat::Officer, make("示公受〔2026〕2号", b"two")).unwrap();
    let void = CaseAct::VoidDocument { document: Sha256::of(b"two"), reason: "当事人名称有误".into() };
    bench.act(Seat::Officer, void).unwrap();
    assert_eq!(refusal(&bench, "file_cover").code, "paper_too_early");
    bench.take("approved").unwrap();
    let cover = made(&bench, "file_cover");
    let has = |name: &str| cover.particulars.iter().find(|p| p.name == name).map(|p| p.value.as_str());
    assert_eq!((has("案卷号"), has("处理结果"), has("保管期限")), (Some("罚〔2026〕7号"), Some("批准"), Some("")));
    let papers = bench.case.papers.iter().filter(|p| !p.returned).count();
    assert_eq!(has("卷内文件"), Some(format!("文书1份2页，材料{papers}份").as_str()));
    let index = made(&bench, "file_index");
    let rows: Vec<&Vec<String>> = index.tables.iter().flat_map(|t| &t.rows).collect();
    assert_eq!(rows.len(), papers + 1);
    assert!(rows.iter().any(|row| row[2] == "示公受〔2026〕1号" && row[4] == "2"));
    assert!(rows.iter().all(|row| row[2] != "示公受〔2026〕2号"), "what is void is no part of the file");
    let bare = Bench { case: crate::casework::Case { papers: Vec::new(), ..bench.case.clone() }, ..bench.clone() };
    assert!(paper_ready(kind("file_index"), &bare.docket()).is_ok(), "a document is enough");
    let case = crate::casework::Case { papers: Vec::new(), documents: Vec::new(), ..bench.case.clone() };
    assert_eq!(refusal(&Bench { case, ..bench }, "file_index").code, "nothing_filed");
}

#[test]
fn data_that_was_taken_are_listed_with_their_digests_and_handed_over_on_a_receipt() {
    let mut bench = Bench::open("evidence_retrieval");
    bench.done("apply").unwrap();
    bench.done("file").unwrap();
    bench.take("issued").unwrap();
    assert_eq!(refusal(&bench, "extraction_record").code, "paper_too_early");
    bench.done("retrieve").unwrap();
    let digest = bench.case.values_of("retrieve").unwrap().text("copy_digest").unwrap().to_owned();
    let e = made(&bench, "extraction_record");
    let row = e.tables.first().and_then(|t| t.rows.first()).unwrap();
    assert_eq!((row[4].as_str(), e.tables[0].rows.len()), (digest.as_str(), 1));
    let scope = bench.case.values_of("issued").unwrap().text("scope").unwrap();
    assert!(e.facts.iter().any(|f| f.contains(scope)), "{:?}", e.facts);
    assert!(e.signatures.iter().any(|s| s.role == "见证人"));
    assert_eq!(refusal(&bench, "handover_receipt").code, "paper_too_early");
    bench.take("retrieved").unwrap();
    let receipt = made(&bench, "handover_receipt");
    assert!(receipt.tables == e.tables && receipt.to == "示例单位");
    let roles: Vec<&str> = receipt.signatures.iter().map(|s| s.role.as_str()).collect();
    assert!(roles.ends_with(&["移交人", "接收人"]), "{roles:?}");
}

#[test]
fn who_saw_what_stands_in_an_extract_of_that_register_alone() {
    let mut bench = Bench::open("evidence_retrieval");
    bench.done("apply").unwrap();
    bench.done("file").unwrap();
    bench.take("issued").unwrap();
    assert_eq!(refusal(&bench, "access_register_extract").code, "other_paper", "it enters another register");
    bench.done("retrieve").unwrap();
    bench.take("retrieved").unwrap();
    let e = made(&bench, "access_register_extract");
    let what = bench.case.values_of("retrieved").unwrap().text("taken_what").unwrap();
    assert_eq!(e.tables.len(), 1);
    assert!(e.tables[0].rows.iter().any(|row| row[1] == what));
    assert_eq!(refusal(&Bench::open("area_approval"), "access_register_extract").code, "no_such_paper");
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
