//! Documents of cases, really set: numbers, digests, drafts, what stops one, delivery and what counts no more.

use super::*;
use crate::cases::{Delivery, Made};
use base::Lang;
use domain::casework::Way;
use paper::{FontChoice, OwnTemplates, Press};
use store::casework::numbers::Series;
use store::casework::offices::OfficeRow;

const ADDRESS: &str = "https://gaj.example";
const NOTICE: &str = "acceptance_notice";

impl Hall {
    async fn make(&self, by: By, case: CaseId, kind: &str) -> Result<Made, Refusal> {
        let seen = self.events(case).await;
        self.authority.make_document(by, case, kind, Lang::Zh, seen).await
    }

    async fn events(&self, case: CaseId) -> u32 {
        self.store.case(case).await.unwrap().expect("a case").events
    }

    /// The number that is next for this kind.
    async fn next(&self, kind: &str) -> u32 {
        let series = Series { office: self.office, series: kind.into(), year: 2026 };
        self.store.next_number(&series).await.unwrap()
    }
}

fn delivery(document: Sha256, on: CivilDate) -> Delivery {
    Delivery { document, way: Way::InPerson, on, notice: None, proof: None }
}

#[tokio::test]
async fn a_document_has_its_number_its_entry_and_an_address_to_be_checked_at() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.authority.put_public_address(hall.admin, " https://gaj.example/ ").await.unwrap();
    assert_eq!(hall.authority.put_public_address(hall.officer, ADDRESS).await.unwrap_err().code, "no_permission");
    assert_eq!(hall.authority.put_public_address(hall.admin, "gaj").await.unwrap_err().code, "public_url");
    let offers = hall.view(hall.officer, case).await.offers();
    let ready: Vec<&str> = offers.iter().filter(|o| o.ready.is_ok()).map(|o| o.document.code).collect();
    assert!(ready.contains(&NOTICE) && ready.contains(&"material_receipt"), "{ready:?}");
    assert!(hall.view(hall.unit, case).await.offers().is_empty());

    let made = hall.make(hall.officer, case, NOTICE).await.unwrap();
    assert_eq!(made.number.as_deref(), Some("示公技防受字〔2026〕1号"));
    assert_eq!(made.url, Some(format!("{ADDRESS}/public/verify?document={}", made.document)));
    let row = hall.store.document(made.document).await.unwrap().expect("kept");
    assert_eq!((row.sha256, row.case, row.number.clone()), (made.sha256, Some(case), made.number.clone()));
    assert_eq!(row.check_code.len(), 19, "four groups of four, as printed beside the address");
    let pdf = hall.store.document_pdf(made.document).await.unwrap().expect("bytes");
    assert!(pdf.starts_with(b"%PDF-1.7") && Sha256::of(&pdf) == made.sha256);
    let mut changed = pdf.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(hall.store.document_by_sha256(Sha256::of(&changed)).await.unwrap(), None, "a changed file is not known");
    hall.store.flush_ledger().await.unwrap();
    let entry = hall.store.ledger().entry(row.entry).unwrap().parse().unwrap();
    assert_eq!(entry.body["sha256"], serde_json::json!(made.sha256));
    assert!(hall.store.check_case(case).await.unwrap().is_empty());
    let view = hall.view(hall.officer, case).await;
    assert_eq!(view.case.documents.len(), 1);
    assert_eq!(view.case.documents[0].pages, made.pages);

    let stale = hall.authority.make_document(hall.officer, case, NOTICE, Lang::Zh, view.row.events - 1).await;
    assert_eq!(stale.unwrap_err().code, "case_moved_on");
    let english = hall.authority.make_document(hall.head, case, NOTICE, Lang::En, view.row.events).await.unwrap();
    assert_eq!(english.number.as_deref(), Some("示公技防受字〔2026〕2号"), "no hole, none twice");
    // Each says in which language it is written: its row, its entry and the event of the case.
    let row = hall.store.document(english.document).await.unwrap().expect("kept");
    assert_eq!(row.lang, Lang::En);
    hall.store.flush_ledger().await.unwrap();
    let entry = hall.store.ledger().entry(row.entry).unwrap().parse().unwrap();
    assert_eq!(entry.body["language"], serde_json::json!("en"));
    let view = hall.view(hall.officer, case).await;
    let lang_of = |event: &Event| match event {
        Event::DocumentMade { lang, .. } => Some(*lang),
        _ => None,
    };
    let said: Vec<Lang> = view.events.iter().filter_map(|e| lang_of(&e.recorded.event)).collect();
    assert_eq!(said, [Lang::Zh, Lang::En]);
}

#[tokio::test]
async fn an_english_paper_has_the_english_name_of_the_office() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let (_, loaded) = hall.authority.known_case(hall.officer, case).await.unwrap();
    let plain = hall.store.office(loaded.case.office).await.unwrap().expect("an office");
    let named = OfficeRow { name_en: "Model Branch".into(), ..plain.clone() };
    for (office, lang, organ) in [
        (&named, Lang::En, "Model Branch"),
        (&named, Lang::Zh, plain.name.as_str()),
        (&plain, Lang::En, plain.name.as_str()),
    ] {
        let facts = hall.authority.paper_facts(&loaded, office, lang, hall.today()).await.unwrap();
        assert_eq!(facts.organ, organ);
    }
}

#[tokio::test]
async fn of_two_documents_at_once_each_has_a_number_of_its_own() {
    let hall = Hall::open().await;
    let first = hall.examined().await;
    let again = Beginning { again: "另一组设备".into(), ..area() };
    let second = hall.begin(hall.unit, &again).await.case;
    let on = hall.today();
    let apply = hall.done_act(hall.unit, "apply", sample("area_approval", "apply", on), on);
    hall.act_with(hall.unit, second, apply, vec![pdf("application", 2)]).await.unwrap();
    let (one, two) = tokio::join!(
        hall.make(hall.officer, first, "material_receipt"),
        hall.make(hall.second, second, "material_receipt"),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.url, two.url), (None, None), "without an address no code");
    let mut numbers = [one.number.unwrap(), two.number.unwrap()];
    numbers.sort();
    assert_eq!(numbers, ["示公技防收字〔2026〕1号", "示公技防收字〔2026〕2号"]);
}

#[tokio::test]
async fn a_draft_leaves_nothing_and_is_for_those_who_handle_the_case() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let before = hall.events(case).await;
    let draft = hall.authority.preview_document(hall.officer, case, NOTICE, Lang::Zh).await.unwrap();
    assert!(draft.starts_with(b"%PDF-1.7"));
    assert_eq!((hall.events(case).await, hall.next(NOTICE).await), (before, 1));
    assert!(hall.store.documents_of_case(case).await.unwrap().is_empty());
    for (by, code) in [(hall.unit, "no_permission"), (hall.supervisor, "no_permission"), (hall.person, "no_permission")]
    {
        let refusal = hall.authority.preview_document(by, case, NOTICE, Lang::Zh).await.unwrap_err();
        assert_eq!(refusal.code, code);
        assert_eq!(hall.make(by, case, NOTICE).await.unwrap_err().code, code);
    }
    for (kind, code) in
        [("refusal_decision", "paper_too_early"), ("penalty_decision", "no_such_paper"), ("decree", "not_found")]
    {
        assert_eq!(hall.make(hall.officer, case, kind).await.unwrap_err().code, code, "{kind}");
    }
    // An office's own template counts at once, and its fault is told.
    let folder = hall.store.data().join("templates");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("acceptance-notice.typ"), "#panic(\"of the office\")").unwrap();
    let fault = hall.make(hall.officer, case, NOTICE).await.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_str()), (ErrorKind::Unavailable, "paper_template"));
    assert!(fault.what.zh.contains("acceptance-notice.typ"), "{fault}");
    assert_eq!((hall.events(case).await, hall.next(NOTICE).await), (before, 1), "no number was used");
}

#[tokio::test]
async fn without_a_font_nothing_is_made_and_nothing_is_entered() {
    let hall = Hall::open().await;
    let lacking = FontChoice { body: vec!["No Such Family".into()], ..FontChoice::default() };
    let press = Arc::new(Press::new(lacking, OwnTemplates::BuiltIn));
    let _ = hall.authority.clone().with_press(press);
    let case = hall.examined().await;
    let before = hall.events(case).await;
    let refusal = hall.make(hall.officer, case, NOTICE).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unavailable, "no_font"));
    assert_eq!((hall.events(case).await, hall.next(NOTICE).await), (before, 1));
    hall.store.flush_ledger().await.unwrap();
    let filter = ActFilter { kind: Some("act.tried".into()), ..ActFilter::default() };
    assert_eq!(hall.store.acts(&filter, 10).await.unwrap().len(), 1, "that it was tried stands in the log");
}

#[tokio::test]
async fn a_document_is_delivered_with_its_proof_and_only_then_the_partys() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let made = hall.make(hall.officer, case, NOTICE).await.unwrap();
    assert!(hall.view(hall.unit, case).await.documents.is_empty(), "what is not delivered is a draft of the office");
    let (on, seen) = (hall.today(), hall.events(case).await);
    let unknown = delivery(Sha256::of(b"another"), on);
    assert_eq!(hall.authority.deliver_document(hall.officer, case, unknown, seen).await.unwrap_err().code, "not_found");
    let disguised =
        Delivery { proof: Some((Pii::new("回证.pdf".into()), b"MZ".to_vec())), ..delivery(made.sha256, on) };
    let refusal = hall.authority.deliver_document(hall.officer, case, disguised, seen).await.unwrap_err();
    assert_eq!(refusal.code, "paper_disguised");
    assert_eq!(hall.events(case).await, seen, "neither the proof nor the delivery");
    let proof = Some((Pii::new("回证.pdf".into()), b"%PDF-1.7 receipt".to_vec()));
    let proved = Delivery { proof, ..delivery(made.sha256, on) };
    assert!(!format!("{proved:?}").contains("回证"));
    hall.authority.deliver_document(hall.officer, case, proved, seen).await.unwrap();
    let view = hall.view(hall.unit, case).await;
    assert_eq!(view.documents.iter().map(|d| d.id).collect::<Vec<_>>(), [made.document]);
    let view = hall.view(hall.officer, case).await;
    assert_eq!(view.case.documents[0].delivered, Some((Way::InPerson, on)));
    assert!(view.papers.iter().any(|p| p.material == "deliver"), "the proof lies at the step of the delivery");
    let twice = delivery(made.sha256, on);
    let refusal = hall.authority.deliver_document(hall.officer, case, twice, view.row.events).await.unwrap_err();
    assert_eq!(refusal.code, "delivered_already");
    let receipt = hall.make(hall.officer, case, "service_receipt").await.unwrap();
    assert_eq!(receipt.number, None, "a record of what was done has no number");
    assert!(view.ways().contains(&Way::Post));
}

#[tokio::test]
async fn the_delivery_of_the_decision_does_the_step_and_a_click_does_not() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    hall.propose(case, "approved").await.unwrap();
    hall.decide(hall.head, case, "approved").await.unwrap();
    let act = hall.done_act(hall.officer, "deliver", sample("area_approval", "deliver", hall.today()), hall.today());
    let click = hall.act(hall.officer, case, act.clone()).await.unwrap_err();
    assert_eq!(click.code, "service_not_proved");
    let made = hall.make(hall.officer, case, "general_decision").await.unwrap();
    assert_eq!(hall.act(hall.officer, case, act).await.unwrap_err().code, "document_not_delivered");
    let served = delivery(made.sha256, hall.today());
    hall.authority.deliver_document(hall.officer, case, served, hall.events(case).await).await.unwrap();
    let view = hall.view(hall.officer, case).await;
    assert_eq!(view.case.done("deliver").map(|d| d.on), Some(hall.today()));
    assert!(view.row.head.closed.is_some(), "nothing else follows");
    hall.store.flush_ledger().await.unwrap();
    assert!(hall.store.check_case(case).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_void_stays_with_its_number_and_is_not_delivered() {
    let hall = Hall::open().await;
    let case = hall.examined().await;
    let made = hall.make(hall.officer, case, NOTICE).await.unwrap();
    let void = |why: &'static str| hall.authority.void_document(hall.officer, case, made.sha256, why);
    assert_eq!(void(" 。").await.unwrap_err().code, "reason");
    let other = hall.authority.void_document(hall.supervisor, case, made.sha256, "看错了").await.unwrap_err();
    assert_eq!(other.code, "no_permission");
    let entry = void("受理日期写错，重新制作。").await.unwrap();
    assert_eq!(void("受理日期写错，重新制作。").await.unwrap_err().code, "document_void");
    let row = hall.store.document(made.document).await.unwrap().expect("kept");
    assert_eq!(
        row.void.as_ref().map(|v| (v.entry, v.why.expose().as_str())),
        Some((entry, "受理日期写错，重新制作。"))
    );
    // Drawn again it says so, from the case as it stood; the file that was issued stays.
    let again = hall.authority.draw_void(hall.officer, case, made.sha256).await.unwrap();
    assert!(again.starts_with(b"%PDF-1.7") && Sha256::of(&again) != made.sha256);
    assert!(hall.store.document_pdf(made.document).await.unwrap().is_some_and(|pdf| Sha256::of(&pdf) == made.sha256));
    assert_eq!(hall.authority.draw_void(hall.unit, case, made.sha256).await.unwrap_err().code, "no_permission");
    // It is an event of the case too, with the reason for the office alone.
    let whole = hall.view(hall.officer, case).await;
    assert!(whole.case.documents[0].void);
    let reason = |event: &Event| match event {
        Event::DocumentVoided { document, reason } if *document == made.sha256 => Some(reason.clone()),
        _ => None,
    };
    assert_eq!(reason(&whole.events.last().unwrap().recorded.event).as_deref(), Some("受理日期写错，重新制作。"));
    let party = hall.view(hall.unit, case).await;
    assert_eq!(party.events.iter().find_map(|e| reason(&e.recorded.event)), None, "it was never delivered");
    hall.store.flush_ledger().await.unwrap();
    assert!(hall.store.check_case(case).await.unwrap().is_empty());
    let seen = hall.events(case).await;
    let late = hall.authority.deliver_document(hall.officer, case, delivery(made.sha256, hall.today()), seen).await;
    assert_eq!(late.unwrap_err().code, "document_void");
    let next = hall.make(hall.officer, case, NOTICE).await.unwrap();
    assert_eq!(next.number.as_deref(), Some("示公技防受字〔2026〕2号"), "its number is not used again");
    let counts = hall.authority.draw_void(hall.officer, case, next.sha256).await.unwrap_err();
    assert_eq!(counts.code, "document_counts");
    let served = delivery(next.sha256, hall.today());
    hall.authority.deliver_document(hall.officer, case, served, hall.events(case).await).await.unwrap();
    let void = |by: By| hall.authority.void_document(by, case, next.sha256, "受理日期又写错了。");
    assert_eq!(
        void(hall.officer).await.unwrap_err().code,
        "void_by_head",
        "what was served is the head's to take back"
    );
    void(hall.head).await.unwrap();
}

#[tokio::test]
async fn a_penalty_is_told_by_a_paper_with_its_own_number() {
    let hall = Hall::open().await;
    let case = hall.own_motion("penalty_case", hall.unit, "未建立登记制度").await;
    for step in ["open", "question", "investigate", "tell"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let record = hall.make(hall.officer, case, "questioning_record").await.unwrap();
    assert_eq!(record.number, None, "a record of what was said");
    hall.done(hall.officer, case, "question").await.unwrap();
    let court = format!("office_court:{}", hall.office);
    hall.store.set_setting(&court, "示例区人民法院", None, UtcMs(hall.clock.load(Ordering::Relaxed))).await.unwrap();
    let approval = hall.make(hall.officer, case, "case_approval").await.unwrap();
    let number = hall.view(hall.officer, case).await.row.number;
    assert_eq!(approval.number, None);
    assert_eq!(hall.view(hall.officer, case).await.case.documents[1].number, number, "known by the number of the case");
    let told = hall.make(hall.officer, case, "prior_notice").await.unwrap();
    assert_eq!(told.number.as_deref(), Some("示公技防罚告字〔2026〕1号"));
}
