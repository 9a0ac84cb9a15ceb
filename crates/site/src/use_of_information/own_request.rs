//! A person asks the unit itself to see footage: to protect life, health or property, with the unit's consent (Order 799 art. 21).
//!
//! ```text
//! at the desk: identity card and proof of the relation seen ─▶ take_request: form ─▶ gate (Hold) ─▶ sealed paper, request, HOLD ─▶ own_receipt
//!   ─▶ another custodian, or the only one: Site::decide ─▶ gate (CitizenView) ─▶ consent, or refusal with reason and clauses ─▶ own_answer
//!   ─▶ Site::open_showing: identity card again, the same person ─▶ session + register ─▶ Site::play
//! ```
//! Always true: whoever asks is entered, from that transaction on the footage is held, and an answer follows; whether it is lawful is asked when it
//! is decided and at each showing. Name, contact and person concerned stand in the sealed paper of the request and in no row; no copy of an identity
//! card is kept. Nothing is copied on this ground. Source: Order 799 arts. 16 and 21.

use super::showing::visitor_of;
use crate::devices::add_new;
use crate::documents::{Document, DocumentKind, Draft};
use crate::{Actor, Site};
use base::limits::NAME_CHARS;
use base::{CameraId, ClauseId, ErrorKind, Lang, Pii, Refusal, RequestId, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::document::{Basis as Cited, Envelope, Particular, Table};
use domain::viewing::{self, Application, Basis, Own, State, Use, check_form};
use law::{Act, Relation};
use serde_json::{Value, json};
use store::StoreError;
use store::requests::RequestRow;

/// The clause of this way; an answer names it where no other clause decided.
const CLAUSE: &str = "799-21";
/// Who asks, where the register wants a unit and a case: the name is sealed.
const CITIZEN: &str = "自然人申请人";
const CASE: &str = "查阅申请";
/// What the sealed paper of a request is called.
const RECORD: &str = "查阅申请登记.json";
/// Entries that decide a request.
const GRANTED: &str = "grant.made";
const REFUSED: &str = "request.refused";

/// Who an applicant may be to the person concerned, with the words of forms, in their order.
pub const RELATIONS: [(&str, Relation); 4] = [
    ("person", Relation::Person),
    ("near_relative", Relation::NearRelative),
    ("guardian", Relation::Guardian),
    ("other", Relation::Other),
];

/// What pages and papers call a relation.
#[must_use]
pub const fn relation_name(relation: Relation) -> Text {
    match relation {
        Relation::Person => Text::new("本人", "the person concerned"),
        Relation::NearRelative => Text::new("近亲属", "a near relative"),
        Relation::Guardian => Text::new("监护、看护、代管人", "a guardian or carer"),
        Relation::Other => Text::new("其他人", "somebody else"),
    }
}

/// What the custodian enters while the applicant stands at the desk.
#[derive(Clone, Debug)]
pub struct OwnForm {
    /// Name of the applicant, as the identity card has it.
    pub name: Pii<String>,
    /// Where the applicant is reached; may be empty.
    pub contact: Pii<String>,
    /// Who the applicant is to the person concerned.
    pub relation: Relation,
    /// Name of the person concerned, where it is another one.
    pub concerned: Pii<String>,
    /// The identity card was seen, and it is this person's.
    pub identity: bool,
    /// A paper that proves the relation was seen.
    pub proof: bool,
    /// Life, health or property is to be protected.
    pub need: bool,
    /// No state secret and no state security is touched.
    pub plain: bool,
    /// What happened and what is looked for, without names.
    pub purpose: String,
    /// Cameras.
    pub cameras: Vec<CameraId>,
    /// Begin of the footage.
    pub from: UtcMs,
    /// End of it.
    pub to: UtcMs,
}

/// What the sealed paper of a request says.
struct Entered {
    name: Pii<String>,
    concerned: Pii<String>,
}

fn one(refusal: impl Into<Refusal>) -> Vec<Refusal> {
    vec![refusal.into()]
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    Refusal::bad_input(code, Text::new(zh, en), Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// A line that may be empty.
fn line_ok(text: &Pii<String>) -> bool {
    let text = text.expose().trim();
    text.chars().count() <= NAME_CHARS && !text.chars().any(char::is_control)
}

/// What is wrong with the persons of a form, all at once; the applicant's name where it is right.
fn persons_of(form: &OwnForm, faults: &mut Vec<Refusal>) -> Pii<String> {
    let name = visitor_of(&form.name);
    if !form.identity {
        faults.push(bad(
            "identity",
            "请先核对身份证件；录像急需保留的，可以先在回放页面封存。",
            "See the identity card first; footage that cannot wait is held on the playback page.",
        ));
    }
    let another = form.relation != Relation::Person;
    if !line_ok(&form.concerned) || (another && form.concerned.expose().trim().is_empty()) {
        faults.push(bad(
            "concerned",
            "申请人不是本人的，请填写当事人姓名，不超过120字。",
            "Where the applicant is another, type the name of the person concerned, at most 120 characters.",
        ));
    }
    if !line_ok(&form.contact) {
        faults.push(bad("contact", "联系方式不超过120字。", "The contact has at most 120 characters."));
    }
    name.unwrap_or_else(|fault| {
        faults.push(fault);
        Pii::new(String::new())
    })
}

/// The request of a person, with the digest of what was entered of them.
pub(super) fn application(by: &Actor, form: &OwnForm, record: &[u8]) -> Application {
    let mut cameras = form.cameras.clone();
    cameras.sort_unstable();
    cameras.dedup();
    let own = Own { relation: form.relation, proof: form.proof, need: form.need, plain: form.plain };
    Application {
        basis: Basis::LifeHealthProperty,
        wanted: Use::View,
        case_number: CASE.to_owned(),
        unit: CITIZEN.to_owned(),
        purpose: form.purpose.trim().to_owned(),
        cameras,
        from: form.from,
        to: form.to,
        letter: Some(Sha256::of(record)),
        officers: vec![by.id],
        under: None,
        own: Some(own),
    }
}

impl Site {
    /// Enters a person's own request. The footage is held from the transaction that stores it; nothing is decided yet.
    ///
    /// # Errors
    /// No permission; all defects of the form at once (`visitor`, `identity`, `concerned`, `contact` and those of `check_form`); `outside_area`; the
    /// law on holding, which is entered; or the store.
    pub async fn take_request(&self, by: &Actor, form: &OwnForm) -> Result<RequestRow, Vec<Refusal>> {
        by.needs(Permission::DecideUse).map_err(one)?;
        let now = self.now().utc;
        let mut faults = Vec::new();
        let name = persons_of(form, &mut faults);
        // The salt keeps the digest, which is in the log, from being guessed back into a name.
        let salt: [u8; 16] = store::keys::random().map_err(StoreError::from).map_err(one)?;
        let record = json!({
            "salt": base::hex(&salt), "name": name.expose(), "concerned": form.concerned.expose().trim(),
            "contact": form.contact.expose().trim(),
        });
        let record = record.to_string().into_bytes();
        let app = application(by, form, &record);
        faults.extend(check_form(&app, now).err().unwrap_or_default());
        if !faults.is_empty() {
            return Err(faults);
        }
        for camera in &app.cameras {
            self.in_area(by, *camera).await.map_err(one)?;
        }
        let clauses = self.lawful_use(by, app.cameras.first().copied(), None, Act::Hold).await.map_err(one)?;
        let state = viewing::submit(Ok(()), now).map_err(one)?;
        self.store().add_paper(RECORD, "application/json", &record, now).await.map_err(one)?;
        self.store().add_request(&app, state, &clauses, now).await.map_err(one)
    }

    /// What was entered of the persons of a request.
    async fn person_entered(&self, app: &Application) -> Result<Entered, Refusal> {
        let missing = || Refusal::not_found("该申请的登记内容", "record of the request");
        let sha = app.letter.ok_or_else(missing)?;
        let (_, _, bytes) = self.store().paper(sha).await?.ok_or_else(missing)?;
        let record: Value = serde_json::from_slice(&bytes).map_err(|_| missing())?;
        let text = |field: &str| Pii::new(record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned());
        Ok(Entered { name: text("name"), concerned: text("concerned") })
    }

    /// Refuses to show footage to another than the one who asked.
    pub(super) async fn same_person(&self, app: &Application, visitor: &Pii<String>) -> Result<(), Refusal> {
        if self.person_entered(app).await?.name.expose() == visitor.expose() {
            return Ok(());
        }
        Err(bad(
            "visitor",
            "与申请时登记的姓名不一致：只向申请人提供查阅。",
            "This is not the name that was entered: footage is shown to the applicant only.",
        ))
    }

    /// The clauses that a refusal of a person's own request rests on: those that refuse it, else the one that leaves it to the unit.
    pub(super) async fn refused_by(&self, app: &Application) -> Result<Vec<ClauseId>, Refusal> {
        let mut clauses = Vec::new();
        for act in self.facts_of_request(app, None).await?.to_view() {
            let deciding = self.ask(act).deciding;
            add_new(&mut clauses, deciding.into_iter().map(|c| c.clause).collect());
        }
        if clauses.is_empty() {
            clauses.push(ClauseId::new(CLAUSE));
        }
        Ok(clauses)
    }

    async fn own_row(&self, by: &Actor, id: RequestId) -> Result<(RequestRow, Own, Entered), Refusal> {
        by.needs(Permission::DecideUse)?;
        let row = self.request(by, id).await?;
        let own = row.application.own.ok_or_else(|| Refusal::not_found("该申请", "request"))?;
        let entered = self.person_entered(&row.application).await?;
        Ok((row, own, entered))
    }

    /// The receipt of a person's own request as PDF, made now and entered in the log.
    ///
    /// # Errors
    /// No permission, `not_found` (also for requests of officers), what stands in the way of a document (`Site::make_document`), or the store.
    pub async fn own_receipt(&self, by: &Actor, id: RequestId, lang: Lang) -> Result<Document, Refusal> {
        let (row, own, entered) = self.own_row(by, id).await?;
        let handed_on = self.store().order_of_request(id).await?.is_some();
        let paper = receipt(&row, own, (&entered, handed_on), lang);
        self.own_paper(by, DocumentKind::PersonReceipt, paper, row.created).await
    }

    /// The answer to a person's own request as PDF, made now and entered in the log.
    ///
    /// # Errors
    /// As `own_receipt`; `not_decided` while it waits.
    pub async fn own_answer(&self, by: &Actor, id: RequestId, lang: Lang) -> Result<Document, Refusal> {
        let (row, own, entered) = self.own_row(by, id).await?;
        let acts = self.store().acts_of_request(id).await?;
        let Some(decided) = acts.iter().rfind(|act| [GRANTED, REFUSED].contains(&act.kind.as_str())) else {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "not_decided",
                Text::new("该申请还没有决定。", "This request is not decided yet."),
                Text::new("请先由信息管理员决定。", "A custodian decides it first."),
            ));
        };
        let packs = self.gate().packs();
        let cite = |clause: &String| {
            let citation = packs.cite(&ClauseId::new(clause.as_str()))?;
            let (instrument, article) = (citation.instrument.get(lang), citation.article.get(lang));
            let article = match lang {
                Lang::Zh => format!("《{instrument}》{article}"),
                Lang::En => format!("{instrument}, {article}"),
            };
            Some(Cited { article, text: String::new() })
        };
        let handed_on = self.store().order_of_request(id).await?.is_some();
        let mut paper = answer(&row, own, (&entered, handed_on), lang);
        paper.basis = decided.clauses.iter().filter_map(cite).collect();
        self.own_paper(by, DocumentKind::PersonAnswer, paper, decided.at).await
    }

    async fn own_paper(&self, by: &Actor, kind: DocumentKind, paper: Envelope, of: UtcMs) -> Result<Document, Refusal> {
        let (at, lang) = (self.now().utc, paper.lang);
        let number = self.press().number(at);
        let copies = Text::of(
            format!("交申请人一份，本单位留存记录。文书编号 {number}。"),
            format!("One copy for the applicant; the unit keeps the record. Document No. {number}."),
        );
        let organ = self.profile().name;
        let copies = copies.get(lang).to_owned();
        let values = Envelope { organ, date: Some(of.shanghai_date()), copies, ..paper }.values();
        self.make_document(by, Draft { kind, at, day: of.shanghai_date(), lang, number, values }).await
    }
}

/// How much footage, in words; cameras are counted and not named.
fn footage(app: &Application) -> Text {
    Text::of(
        format!("{} 路摄像机，{} 至 {}", app.cameras.len(), app.from.desk(), app.to.desk()),
        format!(
            "{} {}, {} to {}",
            app.cameras.len(),
            base::plural(app.cameras.len(), "camera", "cameras"),
            app.from.desk(),
            app.to.desk()
        ),
    )
}

fn said(text: &Text, lang: Lang) -> String {
    text.get(lang).to_owned()
}

/// `handed_on`: it came through the authority's site, and nobody stood at the desk.
fn receipt(row: &RequestRow, own: Own, (entered, handed_on): (&Entered, bool), lang: Lang) -> Envelope {
    let seen = Text::new("已核对，未留存复印件", "seen; no copy is kept");
    let (asked, card) = if handed_on {
        (Text::new("网上提出，由公安机关网站转来", "made online, handed on"), Text::new("到场时核对", "seen on coming"))
    } else {
        (Text::new("已当面登记", "entered in presence"), seen.clone())
    };
    let proof = match (own.relation, own.proof) {
        (Relation::Person, _) => Text::new("申请人就是本人，不需要", "not needed: the applicant is the person"),
        (_, true) => seen.clone(),
        (_, false) => Text::new("未出示", "not shown"),
    };
    let lines = [
        (Text::new("查阅申请", "application"), asked),
        (Text::new("身份证件", "identity card"), card),
        (Text::new("与当事人关系的证明", "proof of the relation"), proof),
    ];
    let scope = footage(&row.application);
    let paragraphs = [
        Text::of(
            format!("申请编号 {}，登记时间 {}。", row.number, row.created.desk()),
            format!("Request No. {}, entered on {}.", row.number, row.created.desk()),
        ),
        Text::of(
            format!("自登记时起，下列录像已经封存，作出答复前不会到期删除：{}。", scope.zh),
            format!("Held since it was entered, and not deleted before the answer: {}.", scope.en),
        ),
        Text::new(
            "是否同意由本单位信息管理员决定，并书面答复；不同意的，说明理由和依据。国家规定没有设定答复期限，可以凭申请编号询问。",
            "A custodian of the unit decides and answers in writing, with reasons and clauses where it does not consent. No term is set by law; ask with the number of the request.",
        ),
        Text::new(
            "同意的，请申请人携带身份证件和本回执到场查阅。只查阅，不提供副本。",
            "If it consents, come with your identity card and this receipt. The footage is seen; no copy is given.",
        ),
    ];
    let heads = [Text::new("材料", "Paper"), Text::new("核对情况", "Seen")];
    let table = Table {
        title: String::new(),
        heads: heads.iter().map(|text| said(text, lang)).collect(),
        widths: vec![1, 1],
        rows: lines.iter().map(|(what, how)| vec![said(what, lang), said(how, lang)]).collect(),
    };
    Envelope {
        lang,
        title: said(&Text::new("查阅申请回执", "Receipt of a request to view"), lang),
        number: row.number.clone(),
        to: entered.name.expose().clone(),
        paragraphs: paragraphs.iter().map(|text| said(text, lang)).collect(),
        tables: vec![table],
        ..Envelope::default()
    }
}

fn answer(row: &RequestRow, own: Own, (entered, handed_on): (&Entered, bool), lang: Lang) -> Envelope {
    let app = &row.application;
    let is_refused = matches!(row.state, State::Refused { .. });
    let title = if is_refused {
        Text::new("不予查阅告知书", "Notice of refusal")
    } else {
        Text::new("同意查阅告知书", "Notice of consent")
    };
    let named = |zh: &'static str, en: &'static str, value: String| Particular {
        name: said(&Text::new(zh, en), lang),
        value,
        hint: String::new(),
    };
    let mut particulars = vec![
        named("申请时间", "Asked on", row.created.desk()),
        named("与当事人的关系", "Relation", said(&relation_name(own.relation), lang)),
    ];
    if own.relation != Relation::Person {
        particulars.push(named("当事人", "Person concerned", entered.concerned.expose().clone()));
    }
    particulars.push(named("事由", "Purpose", app.purpose.clone()));
    particulars.push(named("申请查阅的录像", "Footage asked for", said(&footage(app), lang)));
    let (facts, decision, remedies) = if is_refused { refusal_words(row) } else { consent_words(row.state, handed_on) };
    let lines = |list: Vec<Text>| list.iter().map(|text| said(text, lang)).collect::<Vec<_>>();
    Envelope {
        lang,
        title: said(&title, lang),
        number: row.number.clone(),
        to: entered.name.expose().clone(),
        particulars,
        facts: lines(facts),
        decision: lines(decision),
        remedies: lines(remedies),
        ..Envelope::default()
    }
}

type Words = (Vec<Text>, Vec<Text>, Vec<Text>);

fn refusal_words(row: &RequestRow) -> Words {
    let facts = vec![Text::of(row.reason.clone(), row.reason.clone())];
    let decision = vec![
        Text::new("不同意查阅。", "The unit does not consent."),
        Text::new(
            "为本申请封存的录像自作出本决定时起解除封存，按规定的保存期限保存。",
            "What was held for this request is no longer held from this decision on and is kept for its ordinary term.",
        ),
    ];
    let remedies = vec![Text::new(
        "补齐材料后可以重新提出。涉及违法犯罪的，请报案，由公安机关依法调取录像；正在发生的，请打110。",
        "With the missing papers you may ask again. Where there was an offence, report it: the police retrieve the footage by law. If it is happening now, call 110.",
    )];
    (facts, decision, remedies)
}

fn consent_words(state: State, handed_on: bool) -> Words {
    let facts = vec![if handed_on {
        Text::new(
            "申请为保护自然人的生命健康、财产安全；身份证件到场时核对。",
            "It is asked to protect life, health or property; the identity card is seen on coming.",
        )
    } else {
        Text::new(
            "申请为保护自然人的生命健康、财产安全，身份和关系已经核对。",
            "It is asked to protect life, health or property; identity and relation were seen.",
        )
    }];
    let until = state.ends().map(UtcMs::desk).unwrap_or_default();
    let decision = vec![
        Text::of(
            format!("同意查阅有关联的录像，有效至 {until}。请在此之前携带身份证件和申请回执到场。"),
            format!(
                "The unit consents to the viewing of what concerns you, until {until}. Come before that with your identity card and the receipt."
            ),
        ),
        Text::new(
            "只在本单位当场查阅，不提供副本；看到的内容不得非法提供或者公开传播。",
            "It is seen at the unit and no copy is given; what you see is not to be handed on or published unlawfully.",
        ),
    ];
    (facts, decision, Vec::new())
}
