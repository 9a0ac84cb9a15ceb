//! Documents made from a case: set as PDF with the number of the office, entered with their digest, delivered, and void when they count no more.
//!
//! ```text
//! case ─▶ engine: may it be made? ─▶ facts (organ, party, officers) ─▶ Envelope, checked ─▶ press ─▶ PDF
//!   preview: marked as a draft, no number; who looked at it is an entry (`party.revealed`)
//!   make:    next number of the office's series + address of the check ─▶ MakeDocument: number claimed, entry, row, one transaction
//!            └─ number taken meanwhile: set again with the next
//!            └─ the approval of a visit bears the number that was given with the leave: nothing is claimed again
//!   draw_void: the case as it stood when the document was made ─▶ the same way, marked as void: no code, and its opening is entered
//!   void:    VoidDocument: event, entry and row, one transaction; number and bytes stay
//! ```
//! Always true: a document that was given a number is in the case, in the log and in no other case, and is found by its words (`wording`); what
//! fails before the transaction leaves no number used and nothing entered; the code on a document opens the public check of that very document;
//! what is unsealed for a paper goes into its bytes and nowhere else.

use super::act::not_saved;
use super::follow::{Loaded, procedure_of};
use super::open::reason;
use super::who::not_kept_out;
use super::wording::{self, Said};
use super::{Acted, Attached, Upload, bad, fault};
use crate::{Authority, By};
use base::{AccountId, CaseId, CivilDate, DocumentId, ErrorKind, Lang, OfficeId, Pii, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::casework::{
    Case, CaseAct, Command, Docket, Event, Inspected, PaperFacts, REASON_CHARS, Recorded, Way, envelope, paper_ready,
    proof_place,
};
use domain::document::{Document, Envelope, Part, PartFault, Particular};
use domain::identifier::ResidentId;
use law::{FieldKind, Packs, Procedure, ProcedureKind};
use paper::{Order, Paper};
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;
use store::casework::documents::{DocumentNumber, NewDocument, NewVoid};
use store::casework::events::Saved;
use store::casework::numbers::{Numbering, Series};
use store::casework::offices::OfficeRow;
use store::casework::parties::PartyData;

/// How often a document is set anew because its number was taken meanwhile, the first time counted.
const TRIES: u32 = 3;
/// Faults of a paper that are told at once.
const FAULTS_TOLD: usize = 5;
/// The setting that says where the public reaches this server.
const ADDRESS: &str = "public_url";
/// Longest address of this server, bytes: with the path of a check it stays within `domain::document::ADDRESS_BYTES`.
const ADDRESS_BYTES: usize = 200;
/// The paper of leave to visit: its series numbers the approvals of visits, with or without the paper.
pub(crate) const APPROVAL: &str = "inspection_approval";

/// Words of the kinds that have a number, as they stand in it: `示公技防` + `限改` + `字〔2026〕1号`. Each kind has a series of its own, so
/// that no two numbers are the same.
const WORDS: &[(&str, &str)] = &[
    ("material_receipt", "收"),
    ("completion_notice", "补"),
    ("acceptance_notice", "受"),
    ("non_acceptance", "不受"),
    ("extension_notice", "延"),
    ("special_procedure_notice", "特"),
    ("grant_decision", "准许"),
    ("refusal_decision", "不许"),
    ("revocation_decision", "撤"),
    ("general_decision", "决"),
    ("certificate", "证"),
    ("filing_receipt", "备"),
    ("filing_refusal", "不备"),
    ("filing_cancellation", "备销"),
    ("plan_examination_opinion", "审"),
    ("consultation_refusal", "协"),
    ("verification_answer", "答"),
    ("inspection_approval", "检批"),
    ("inspection_notice", "检"),
    ("order_at_once", "当改"),
    ("order_with_limit", "限改"),
    ("order_extension", "改延"),
    ("recheck_opinion", "复查"),
    ("transfer_letter", "移"),
    ("sampling_notice", "抽"),
    ("sampling_outcome", "抽处"),
    ("evidence_approval", "登批"),
    ("evidence_registration", "保"),
    ("evidence_outcome", "保处"),
    ("prior_notice", "罚告"),
    ("hearing_notice", "听"),
    ("penalty_decision", "罚决"),
    ("no_penalty_decision", "不罚"),
    ("no_case_notice", "不成"),
    ("reporter_notice", "举复"),
    ("on_the_spot_decision", "当罚"),
    ("deferred_payment", "缓"),
    ("deferral_refusal", "不缓"),
    ("payment_reminder", "催"),
    ("enforcement_decision", "执决"),
    ("enforcement_request", "执申"),
    ("viewing_decision", "查"),
    ("viewing_refusal", "不查"),
    ("retrieval_papers", "调"),
    ("register_extract", "摘"),
];

/// A document that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// Its id.
    pub document: DocumentId,
    /// Its number as printed; records of what was done have none.
    pub number: Option<String>,
    /// Digest of the file, as in its entry.
    pub sha256: Sha256,
    /// Pages.
    pub pages: u32,
    /// What its code opens; none while this server has no public address.
    pub url: Option<String>,
    /// What the act left.
    pub acted: Acted,
}

/// That a document was delivered, as it is entered.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Digest of the document.
    pub document: Sha256,
    /// How.
    pub way: Way,
    /// The day.
    pub on: CivilDate,
    /// Of a public notice: the day on which it was given.
    pub notice: Option<CivilDate>,
    /// The paper that proves it: name and bytes.
    pub proof: Option<(Pii<String>, Vec<u8>)>,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Delivery({}, {} on {})", self.document, self.way.code(), self.on)
    }
}

/// A paper that is about to be set.
struct Making<'a> {
    document: &'static Document,
    procedure: &'a Procedure,
    loaded: Loaded,
    office: OfficeRow,
    facts: PaperFacts,
    lang: Lang,
    now: UtcMs,
}

fn docket_of<'a>(packs: &'a Packs, procedure: &'a Procedure, case: &'a Case, now: UtcMs) -> Docket<'a> {
    Docket { packs, procedure, case, today: now.shanghai_date() }
}

impl Making<'_> {
    /// What it says, whole.
    fn sheet(&self, packs: &Packs, facts: &PaperFacts) -> Result<Envelope, Refusal> {
        let docket = docket_of(packs, self.procedure, &self.loaded.case, self.now);
        envelope(self.document, &docket, facts, self.lang).map_err(|faults| incomplete(&faults))
    }
}

/// It has a number of its own.
fn is_numbered(document: &Document) -> bool {
    document.needs().any(|part| part == Part::Number)
}

/// The word of a kind in its number; kinds without one have no number.
fn word_of(kind: &str) -> Option<&'static str> {
    WORDS.iter().find(|(code, _)| *code == kind).map(|(_, word)| *word)
}

pub(super) fn incomplete(faults: &[PartFault]) -> Refusal {
    let told = || faults.iter().take(FAULTS_TOLD).map(|fault| &fault.what);
    let zh: String = told().map(|what| &*what.zh).collect();
    let en: Vec<&str> = told().map(|what| &*what.en).collect();
    let next = faults.first().map_or_else(Text::default, |fault| fault.next.clone());
    Refusal::new(ErrorKind::Conflict, "paper_incomplete", Text::of(zh, en.join(" ")), next)
}

fn void_already() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "document_void",
        Text::new("这份文书已经作废。", "This document was made void."),
        Text::new("请刷新页面查看；需要的，重新制作。", "Reload the page; make it again if it is needed."),
    )
}

/// The address of this server as it is kept; `None` for what is none.
fn read_address(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let host = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
    let plain = |c: char| c.is_ascii_graphic() && !['?', '#', '"', '<', '>', '\\'].contains(&c);
    (!host.is_empty() && text.len() <= ADDRESS_BYTES && text.chars().all(plain)).then(|| text.to_owned())
}

/// What the code on a document opens: the public check of that document.
pub(super) fn check_url(address: &str, document: DocumentId) -> String {
    format!("{address}/public/verify?document={document}")
}

/// The ways in which documents of a procedure are served: those that its forms offer, every one where no form asks.
pub(super) fn ways_of(procedure: &Procedure) -> Vec<Way> {
    let asked = procedure.fields.iter().filter(|f| f.id.ends_with("_way"));
    let words: Vec<&str> = asked.flat_map(|f| f.choices.iter().map(|c| c.id.as_str())).collect();
    let offered: Vec<Way> = Way::ALL.iter().copied().filter(|way| words.contains(&way.form_word())).collect();
    if offered.is_empty() { Way::ALL.to_vec() } else { offered }
}

/// What the number of a person is called: a resident's by its own name, any other by that of all documents.
fn number_name(number: &str) -> Text {
    let kind = if ResidentId::parse(number).is_ok() { FieldKind::ResidentId } else { FieldKind::IdentityDocument };
    kind.name()
}

/// Names and values of a party, as its papers print them.
fn particulars(data: &PartyData, lang: Lang) -> Vec<Particular> {
    let pairs = match data {
        PartyData::Unit(unit) => vec![
            (Text::new("单位名称", "name of the unit"), unit.name.clone()),
            (Text::new("统一社会信用代码", "unified social credit code"), unit.credit_code.clone().unwrap_or_default()),
            (
                Text::new("境外登记证件和号码", "registration abroad and its number"),
                format!("{} {}", unit.registration_kind, unit.registration_number).trim().to_owned(),
            ),
            (Text::new("单位地址", "address of the unit"), unit.address.clone()),
            (Text::new("法定代表人", "legal representative"), unit.representative.expose().clone()),
        ],
        PartyData::Person(person) => vec![
            (Text::new("姓名", "name"), person.name.expose().clone()),
            (number_name(person.id_number.expose()), person.id_number.expose().clone()),
            (Text::new("住址", "address"), person.address.expose().clone()),
        ],
    };
    let filled = pairs.into_iter().filter(|(_, value)| !value.trim().is_empty());
    filled.map(|(name, value)| Particular { name: name.get(lang).to_owned(), value, hint: String::new() }).collect()
}

impl Authority {
    /// Where the public reaches this server, e.g. `https://gaj.example`; without it documents carry no code.
    ///
    /// # Errors
    /// The store.
    pub async fn public_address(&self) -> Result<Option<String>, Refusal> {
        Ok(self.store().setting(ADDRESS).await?.as_deref().and_then(read_address))
    }

    /// Says where the public reaches this server; empty: nowhere.
    ///
    /// # Errors
    /// No permission, `public_url` (no address), or the store.
    pub async fn put_public_address(&self, by: By, typed: &str) -> Result<(), Refusal> {
        let account = by.needs(Permission::ManageOffices)?;
        let address = match typed.trim() {
            "" => String::new(),
            text => read_address(text).ok_or_else(|| {
                let what = Text::of(
                    format!("对外网址以 https:// 或者 http:// 开头，至多{ADDRESS_BYTES}字节，没有空格、问号和井号。"),
                    format!(
                        "The public address begins with https:// or http:// and has at most {ADDRESS_BYTES} bytes without spaces, ? and #."
                    ),
                );
                bad(ADDRESS, what)
            })?,
        };
        Ok(self.store().set_setting(ADDRESS, &address, Some(account), self.now()).await?)
    }

    /// A paper as it would be made now, marked as a draft: without number and code, and nothing is entered in the case. It names persons whole, so
    /// who looks at it is an entry first.
    ///
    /// # Errors
    /// No permission, `no_office`, `not_for_seat`, `recused`, `not_found`, why it cannot be made (`domain::casework::paper_ready`,
    /// `paper_incomplete`), or the press.
    pub async fn preview_document(&self, by: By, case: CaseId, kind: &str, lang: Lang) -> Result<Vec<u8>, Refusal> {
        let making = self.making(by, case, kind, lang).await?;
        let draft = lang.t("（草稿，未编号）", "(draft, no number)").to_owned();
        let facts = PaperFacts { number: is_numbered(making.document).then_some(draft), ..making.facts.clone() };
        let mut values = making.sheet(self.gate().packs(), &facts)?.values();
        if let Some(parts) = values.as_object_mut() {
            parts.insert("draft".to_owned(), true.into());
        }
        let (row, name) = (&making.loaded.row, making.document.name());
        let text = Text::of(
            format!("查看案件 {} 的文书草稿《{}》，其中有个人信息。", row.number, name.zh),
            format!("A draft of \"{}\" of case {} shown, with personal data.", name.en, row.number),
        );
        self.enter_shown(by, row, (&[format!("document.{}", making.document.code)], "draft"), text).await?;
        let printed = self.print(&making, values).await;
        Ok(self.entered_if_unprinted(by, case, printed).await?.pdf)
    }

    /// A void document drawn again in its language, marked as void on each page: with its number, from the case as it stood when it was made,
    /// without a code. That it was opened is entered. The file that was issued stays as it is, and only its digest is known to the log.
    ///
    /// # Errors
    /// No permission, `no_office`, `not_found` (also where it was made outside the case's events), `document_counts` (it is not void), the
    /// envelope (`paper_incomplete`), or the press.
    pub async fn draw_void(&self, by: By, case: CaseId, document: Sha256) -> Result<Vec<u8>, Refusal> {
        self.of_office(by).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        self.sees_persons(by, case, &loaded.case).await?;
        let row = self.document_of(case, document).await?;
        if row.void.is_none() {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "document_counts",
                Text::new("这份文书没有作废。", "This document is not void."),
                Text::new("请下载原件。", "Download the document itself."),
            ));
        }
        let no_document = || Refusal::not_found("这份文书", "document");
        let kind = Document::parse(&row.kind).ok_or_else(no_document)?;
        let is_it = |r: &Recorded| matches!(&r.event, Event::DocumentMade { sha256, .. } if *sha256 == document);
        let then = loaded.recorded.iter().position(is_it).and_then(|at| loaded.recorded.get(..at));
        let then = Case::fold(then.ok_or_else(no_document)?).map_err(|error| fault(&error))?;
        let loaded = Loaded { case: then, ..loaded };
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let office = self.store().office(row.office).await?.ok_or_else(|| fault(&"a document of no office"))?;
        let lang = row.lang;
        let facts = self.paper_facts(&loaded, &office, lang, row.made.shanghai_date()).await?;
        // A kind that has a number now may have had none when this one was made.
        let none = || is_numbered(kind).then(|| lang.t("（制作时没有编号）", "(made without a number)").to_owned());
        let facts = PaperFacts { number: row.number.or_else(none), ..facts };
        let making = Making { document: kind, procedure, loaded, office, facts, lang, now: row.made };
        let mut values = making.sheet(self.gate().packs(), &making.facts)?.values();
        if let Some(parts) = values.as_object_mut() {
            parts.insert("void".to_owned(), true.into());
        }
        let printed = self.print(&making, values).await;
        let pdf = self.entered_if_unprinted(by, case, printed).await?.pdf;
        self.enter_opening(by, &making.loaded.row, Sha256::of(&pdf)).await?;
        Ok(pdf)
    }

    /// Makes a paper of a case: sets it with the next number of its series and enters it, in one transaction with its event.
    ///
    /// # Errors
    /// As `preview_document` and `act_with`; `case_moved_on`; `number_taken` where several are made again and again at the same time.
    pub async fn make_document(
        &self,
        by: By,
        case: CaseId,
        kind: &str,
        lang: Lang,
        seen: u32,
    ) -> Result<Made, Refusal> {
        for _ in 1..TRIES {
            match self.make_once(by, self.making(by, case, kind, lang).await?, seen).await {
                Err(refusal) if refusal.code == "number_taken" => {}
                done => return self.entered_if_unprinted(by, case, done).await,
            }
        }
        let made = self.make_once(by, self.making(by, case, kind, lang).await?, seen).await;
        self.entered_if_unprinted(by, case, made).await
    }

    async fn make_once(&self, by: By, making: Making<'_>, seen: u32) -> Result<Made, Refusal> {
        let (document, row) = (making.document, &making.loaded.row);
        if row.events != seen {
            return Err(not_saved(&Saved::MovedOn { events: row.events }));
        }
        let given = if document.code == APPROVAL { self.leave_number(row.id).await? } else { None };
        let number = if given.is_some() { None } else { self.number_of(&making).await? };
        let id = self.store().new_document_id(making.now).map_err(StoreError::from)?;
        let url = self.public_address().await?.map(|address| check_url(&address, id));
        let printed = given.or_else(|| number.as_ref().map(|n| n.text.clone()));
        let facts = PaperFacts { number: printed.clone(), url: url.clone(), ..making.facts.clone() };
        let sheet = making.sheet(self.gate().packs(), &facts)?;
        let paper = self.print(&making, sheet.values()).await?;
        let party = self.party_data(making.loaded.case.party).await?;
        let words = wording::words_of(Said {
            document,
            packs: self.gate().packs(),
            procedure: making.procedure,
            case: &making.loaded.case,
            facts: &facts,
            party: party.as_ref(),
            today: making.now.shanghai_date(),
        });
        let (sha256, pages) = (paper.digest, u32::try_from(paper.pages).unwrap_or(u32::MAX));
        // In the case every document has a number; one without its own is known by the number of the case.
        let known_as = printed.clone().unwrap_or_else(|| row.number.clone());
        let new = NewDocument {
            id,
            kind: document.code.to_owned(),
            office: making.office.id,
            number,
            pdf: paper.pdf,
            words,
            lang: making.lang,
            check_code: sheet.check_code().to_owned(),
            clauses: document.clause().into_iter().collect(),
            text: Text::of(
                format!("制作《{}》，编号{known_as}。", document.zh),
                format!("The paper \"{}\", No. {known_as}, is made.", document.en),
            ),
        };
        let act = CaseAct::MakeDocument {
            kind: document.code.to_owned(),
            number: known_as,
            sha256,
            pages,
            lang: making.lang,
        };
        let attached = Attached { documents: vec![new], ..Attached::default() };
        let acted = self.act_with(by, row.id, &Command { seen, act }, attached).await?;
        Ok(Made { document: id, number: printed, sha256, pages, url, acted })
    }

    /// A document of a case counts no more, which is an event of the case; the place of the entry `document.void`. Its number stays used.
    ///
    /// # Errors
    /// No permission, `no_office`, `not_found`, `recused`, `void_by_head` (it was delivered), `reason`, `document_void` (already), as `act`, or the
    /// store.
    pub async fn void_document(&self, by: By, case: CaseId, document: Sha256, why: &str) -> Result<u64, Refusal> {
        let account = self.of_office(by).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        not_kept_out(&loaded.case, account)?;
        let row = self.document_of(case, document).await?;
        if row.void.is_some() {
            return Err(void_already());
        }
        let why = reason(why).ok_or_else(|| {
            let (least, most) = REASON_CHARS;
            let what = Text::of(
                format!("作废的理由：至少{least}个字，至多{most}个字符。"),
                format!("Why it counts no more: at least {least} letters, at most {most} characters."),
            );
            bad("reason", what)
        })?;
        let command = Command { seen: loaded.case.events, act: CaseAct::VoidDocument { document, reason: why } };
        self.act(by, case, &command, Vec::new()).await?;
        let void = self.document_of(case, document).await?.void;
        void.map(|void| void.entry).ok_or_else(|| fault(&"a document that was to be void and is not"))
    }

    /// Rows of documents that new events of a case make void.
    pub(super) async fn voids(&self, case: CaseId, new: &[Event]) -> Result<Vec<NewVoid>, Refusal> {
        let mut out = Vec::new();
        for event in new {
            let Event::DocumentVoided { document, reason } = event else { continue };
            let row = self.document_of(case, *document).await?;
            let clauses = Document::parse(&row.kind).and_then(Document::clause).into_iter().collect();
            out.push(NewVoid { document: row.id, why: Pii::new(reason.clone()), clauses });
        }
        Ok(out)
    }

    /// Enters that a document was delivered, with the paper that proves it; the step of service is done with that of the decision.
    ///
    /// # Errors
    /// As `act_with`; `document_void`; `way` (not one of the packs); `proof` (no step of ours that it could belong to).
    pub async fn deliver_document(
        &self,
        by: By,
        case: CaseId,
        delivery: Delivery,
        seen: u32,
    ) -> Result<Acted, Refusal> {
        self.of_office(by).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        if self.document_of(case, delivery.document).await?.void.is_some() {
            return Err(void_already());
        }
        if !ways_of(procedure).contains(&delivery.way) {
            let what =
                Text::new("本程序的文书不以这种方式送达。", "Documents of this procedure are not served in this way.");
            return Err(bad("way", what));
        }
        let Delivery { document, way, on, notice, proof } = delivery;
        let mut uploads = Vec::new();
        if let Some((name, bytes)) = proof {
            let place = proof_place(procedure, &loaded.case).ok_or_else(|| {
                bad("proof", Text::new("本程序没有可以存放送达凭证的步骤。", "No step here takes a proof of service."))
            })?;
            uploads.push(Upload { material: place.id().to_owned(), name, bytes });
        }
        let command = Command { seen, act: CaseAct::Deliver { document, way, on, notice } };
        self.act_with(by, case, &command, Attached { uploads, ..Attached::default() }).await
    }

    /// Somebody who acts for the organ; who only looks on makes, voids and delivers nothing.
    pub(super) async fn of_office(&self, by: By) -> Result<AccountId, Refusal> {
        by.needs(Permission::SeeCases)?;
        Ok(self.who(by).await?.account)
    }

    async fn document_of(
        &self,
        case: CaseId,
        sha256: Sha256,
    ) -> Result<store::casework::documents::DocumentRow, Refusal> {
        let rows = self.store().documents_of_case(case).await?;
        rows.into_iter().find(|d| d.sha256 == sha256).ok_or_else(|| Refusal::not_found("这份文书", "document"))
    }

    /// Everything that a paper is set from, where it may be made now.
    async fn making(&self, by: By, case: CaseId, kind: &str, lang: Lang) -> Result<Making<'_>, Refusal> {
        self.of_office(by).await?;
        let (_, loaded) = self.known_case(by, case).await?;
        self.sees_persons(by, case, &loaded.case).await?;
        let document = Document::parse(kind).ok_or_else(|| Refusal::not_found("这种文书", "kind of paper"))?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let now = self.now();
        let ready = paper_ready(document, &docket_of(self.gate().packs(), procedure, &loaded.case, now));
        if let Err(refusal) = ready {
            self.log_refusal(by.account, Some(case), &refusal).await?;
            return Err(refusal);
        }
        let office = self.store().office(loaded.case.office).await?.ok_or_else(|| fault(&"a case of no office"))?;
        let facts = self.paper_facts(&loaded, &office, lang, now.shanghai_date()).await?;
        Ok(Making { document, procedure, loaded, office, facts, lang, now })
    }

    /// What no case knows: whose paper it is, to whom it goes, and who the people are.
    pub(super) async fn paper_facts(
        &self,
        loaded: &Loaded,
        office: &OfficeRow,
        lang: Lang,
        on: CivilDate,
    ) -> Result<PaperFacts, Refusal> {
        let party = match loaded.case.party {
            Some(id) => self.store().party(id).await?.map(|row| row.data),
            None => None,
        };
        let to = match &party {
            Some(PartyData::Unit(unit)) => unit.name.clone(),
            Some(PartyData::Person(person)) => person.name.expose().clone(),
            None => loaded.case.title.expose().clone(),
        };
        let inspection = procedure_of(self.gate(), &loaded.case.procedure)?.kind == ProcedureKind::Inspection;
        let inspected = if inspection { self.inspected(loaded.row.id, lang).await? } else { Inspected::default() };
        Ok(PaperFacts {
            organ: office.called(lang).to_owned(),
            case_number: loaded.row.number.clone(),
            review_organ: self.named("office_review", office.id).await?,
            court: self.named("office_court", office.id).await?,
            number: None,
            to,
            party: party.map(|data| particulars(&data, lang)).unwrap_or_default(),
            people: self.officers_of(loaded).await?,
            on,
            url: None,
            void: self.void_of(loaded.row.id).await?,
            inspected,
        })
    }

    /// Documents of a case that count no more.
    async fn void_of(&self, case: CaseId) -> Result<Vec<Sha256>, Refusal> {
        let rows = self.store().documents_of_case(case).await?.into_iter();
        Ok(rows.filter(|row| row.void.is_some()).map(|row| row.sha256).collect())
    }

    /// What is set for an office, e.g. the court before which it is sued.
    async fn named(&self, what: &str, office: OfficeId) -> Result<Option<String>, Refusal> {
        let kept = self.store().setting(&format!("{what}:{office}")).await?;
        Ok(kept.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// Names and certificates of who did, entered or decided something in a case.
    async fn officers_of(&self, loaded: &Loaded) -> Result<BTreeMap<AccountId, (String, String)>, Refusal> {
        let mut accounts: BTreeSet<AccountId> = loaded.recorded.iter().map(|r| r.by).collect();
        accounts.extend(loaded.case.doings.iter().flat_map(|d| d.officers.iter().copied()));
        let mut people = BTreeMap::new();
        for account in accounts {
            let Some(person) = self.store().account(account).await? else { continue };
            let card = self.store().officer(account).await?.and_then(|officer| officer.certificate);
            people.insert(account, (person.name.into_inner(), card.map(Pii::into_inner).unwrap_or_default()));
        }
        Ok(people)
    }

    /// The number that is next for the paper; kinds without one have none.
    async fn number_of(&self, making: &Making<'_>) -> Result<Option<DocumentNumber>, Refusal> {
        if !is_numbered(making.document) {
            return Ok(None);
        }
        self.next_number(&making.office, making.document.code, making.now.shanghai_date()).await
    }

    /// The number that is next for a kind of paper of an office; it is nobody's until it is claimed.
    pub(crate) async fn next_number(
        &self,
        office: &OfficeRow,
        kind: &str,
        on: CivilDate,
    ) -> Result<Option<DocumentNumber>, Refusal> {
        let Some(word) = word_of(kind) else { return Ok(None) };
        let (short, year) = (self.short_name(office).await?, on.0.year());
        let series = Series { office: office.id, series: kind.to_owned(), year };
        let number = self.store().next_number(&series).await?;
        let before = format!("{short}{word}字〔{year}〕");
        let numbering = Numbering { series, before, after: "号".to_owned(), width: 0 };
        let text = numbering.write(number);
        Ok(Some(DocumentNumber { series: numbering.series, number, text }))
    }

    /// Sets values in the template of the kind.
    async fn print(&self, making: &Making<'_>, values: serde_json::Value) -> Result<Paper, Refusal> {
        let document = making.document.template();
        self.press().print(Order { document, at: making.now, lang: making.lang, values }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::document::DOCUMENTS;

    #[test]
    fn every_kind_with_a_number_has_a_word_of_its_own() {
        let numbered: BTreeSet<&str> = DOCUMENTS.iter().filter(|d| is_numbered(d)).map(|d| d.code).collect();
        assert_eq!(WORDS.iter().map(|(code, _)| *code).collect::<BTreeSet<_>>(), numbered);
        assert_eq!(
            WORDS.iter().map(|(_, word)| *word).collect::<BTreeSet<_>>().len(),
            WORDS.len(),
            "one number, one kind"
        );
        assert_eq!(word_of(Document::parse("service_receipt").unwrap().code), None);
        assert!(word_of(APPROVAL).is_some(), "leave to visit has a number");
    }

    #[test]
    fn an_address_is_one_that_a_code_can_open() {
        for (typed, kept) in [
            (" https://gaj.example/ ", Some("https://gaj.example")),
            ("http://192.0.2.1:8080/jifang", Some("http://192.0.2.1:8080/jifang")),
            ("https://", None),
            ("gaj.example", None),
            ("https://gaj.example/?a", None),
            ("https://gaj example", None),
            ("https://公安.example", None),
        ] {
            assert_eq!(read_address(typed).as_deref(), kept, "{typed}");
        }
        let long = |n: usize| read_address(&format!("https://{}", "a".repeat(n - 8))).is_some();
        assert_eq!((long(ADDRESS_BYTES), long(ADDRESS_BYTES + 1)), (true, false));
        let longest = check_url(&"a".repeat(ADDRESS_BYTES), DocumentId::from_bytes([255; 16]));
        assert!(longest.len() <= domain::document::ADDRESS_BYTES && longest.len() <= paper::QR_BYTES);
    }

    #[test]
    fn ways_of_service_are_those_of_the_forms() {
        let packs = Packs::embedded().unwrap();
        let ways = ways_of(packs.procedure("penalty_case").unwrap());
        assert_eq!(ways, Way::ALL, "its forms offer every one");
        let mut few = packs.procedure("penalty_case").unwrap().clone();
        for field in few.fields.iter_mut().filter(|f| f.id.ends_with("_way")) {
            field.choices.retain(|c| c.id == "post");
        }
        assert_eq!(ways_of(&few), [Way::Post]);
        few.fields.retain(|f| !f.id.ends_with("_way"));
        assert_eq!(ways_of(&few), Way::ALL, "where no form asks");
    }
}
