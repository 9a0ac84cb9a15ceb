//! Personal data of a case shown whole, once, for a reason: an entry first, then the words.
//!
//! Always true: pages show persons masked to everybody but themselves; whoever handles, decides or reviews the case sees them whole only on the
//! answer to a reveal, or in papers and documents, each opened with an entry of its own; the entry names the case, the party, which fields and
//! why, and no value; who supervises, audits or publishes reveals and opens nothing, nor who keeps out of the case.

use super::follow::procedure_of;
use super::{CaseView, bad, no_case};
use crate::{Authority, By};
use base::{CaseId, ErrorKind, Pii, Refusal, Text};
use domain::access::{Permission, Role};
use domain::casework::{Case, fields_of, nodes};
use domain::form::Value;
use law::{Field, FieldKind};
use store::StoreError;
use store::casework::cases::CaseRow;
use store::casework::parties::PartyData;
use store::ledger_log::ActLine;

/// Reasons, in the order shown: word, Chinese, English.
const REASONS: [(&str, &str, &str); 6] = [
    ("identify", "核对申请人、当事人身份", "to check who applies or is concerned"),
    ("contact", "与当事人联系", "to reach the party"),
    ("delivery", "送达文书", "to deliver a document"),
    ("decision", "制作决定、处罚文书", "to make a decision or penalty"),
    ("review", "审核、审批", "to review or decide"),
    ("transfer", "依法移送或者协查", "to hand the case on as the law asks"),
];

/// Reasons for which somebody may see persons whole: word and name.
#[must_use]
pub fn reveal_reasons() -> Vec<(&'static str, Text)> {
    REASONS.iter().map(|r| (r.0, Text::new(r.1, r.2))).collect()
}

/// A reason of the list by its word.
///
/// # Errors
/// `reason`: none of the list.
pub(super) fn reason_of(word: &str) -> Result<(&'static str, Text), Refusal> {
    let found = REASONS.iter().find(|r| r.0 == word).copied();
    let (word, zh, en) = found.ok_or_else(|| {
        let what = Text::new("请选择查看个人信息的事由。", "Choose for what the personal data is needed.");
        bad("reason", what)
    })?;
    Ok((word, Text::new(zh, en)))
}

/// Something about a person, whole.
#[derive(Clone, Debug)]
pub struct RevealedLine {
    /// What it is.
    pub label: Text,
    /// The words.
    pub value: Pii<String>,
}

/// What a reveal shows.
#[derive(Clone, Debug)]
pub struct Revealed {
    /// Name of the reason.
    pub reason: Text,
    /// The lines.
    pub lines: Vec<RevealedLine>,
    /// Place of its entry.
    pub entry: u64,
}

/// Field words and lines of a party; names of units stand open everywhere and are left out.
fn of_party(data: &PartyData) -> Vec<(&'static str, Text, &Pii<String>)> {
    let all = match data {
        PartyData::Unit(u) => vec![
            ("representative", Text::new("法定代表人", "legal representative"), &u.representative),
            ("contact", Text::new("联系人", "whom to ask"), &u.contact),
            ("contact_phone", Text::new("联系电话", "telephone"), &u.phone),
        ],
        PartyData::Person(p) => vec![
            ("person_name", Text::new("姓名", "name"), &p.name),
            ("resident_id", Text::new("身份证件号码", "number of the identity document"), &p.id_number),
            ("contact_phone", Text::new("联系电话", "telephone"), &p.phone),
            ("party_address", Text::new("住址", "address"), &p.address),
        ],
    };
    all.into_iter().filter(|(_, _, value)| !value.expose().is_empty()).collect()
}

/// A personal field that is prose: whoever judges the case reads it whole (`Authority::open_words`).
#[must_use]
pub fn opens_as_words(field: &Field) -> bool {
    field.personal && field.kind == FieldKind::Words
}

/// Whether a role may ever see persons of a case whole: the party itself, and who handles, decides or reviews cases. Who publishes, supervises or
/// audits sees them masked, and opens no paper, photo or document, since those name them.
#[must_use]
pub fn role_sees_persons(role: Role) -> bool {
    let may = [Permission::Apply, Permission::HandleCases, Permission::ApproveCases, Permission::ReviewCases];
    may.into_iter().any(|what| role.may(what))
}

/// Somebody who may see persons of a case whole, in a case that they may know of; nobody who was decided to keep out of it.
fn sees_persons(by: By, case: &Case) -> Result<(), Refusal> {
    if !role_sees_persons(by.role) {
        return Err(Refusal::new(
            ErrorKind::Forbidden,
            "not_for_seat",
            Text::new(
                "材料、照片和文书写有个人信息，您的岗位不能打开。",
                "Papers, photos and documents name persons; they are not opened from your seat.",
            ),
            Text::new(
                "确需查阅的，请本案的承办人、审核人或者负责人办理。",
                "Where it is needed, ask whoever handles, reviews or decides the case.",
            ),
        ));
    }
    if case.is_recused(by.account) {
        return Err(Refusal::new(
            ErrorKind::Forbidden,
            "recused",
            Text::new("您已被决定回避本案。", "You are recused from this case."),
            Text::new("请由其他人员办理。", "Somebody else has to act in it."),
        ));
    }
    Ok(())
}

impl Authority {
    /// Shows what is known of persons in a case, after the entry of who asked and why is committed.
    ///
    /// # Errors
    /// `not_found` (also for cases of others), `not_for_seat`, `recused`, `reason` (none of [`reveal_reasons`]), `nothing_personal`, or the store.
    pub async fn reveal(&self, by: By, id: CaseId, reason: &str) -> Result<Revealed, Refusal> {
        if by.role.may(Permission::Apply) {
            return Err(no_case());
        }
        let (_, loaded) = self.known_case(by, id).await?;
        self.sees_persons(by, id, &loaded.case).await?;
        let (word, why) = reason_of(reason)?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let mut words: Vec<String> = Vec::new();
        let mut lines = Vec::new();
        let party = match loaded.row.head.party {
            Some(party) => self.store().party(party).await?,
            None => None,
        };
        for (word, label, value) in party.iter().flat_map(|p| of_party(&p.data)) {
            words.push(format!("party.{word}"));
            lines.push(RevealedLine { label, value: value.clone() });
        }
        for node in nodes(procedure) {
            let Some(values) = loaded.case.values_of(node.id()) else { continue };
            let personal = |f: &&law::Field| f.personal || f.kind.is_personal();
            for field in fields_of(procedure, node.id()).into_iter().filter(personal) {
                let Some(Value::Text(text)) = values.get(&field.id) else { continue };
                words.push(format!("{}.{}", node.id(), field.id));
                lines.push(RevealedLine { label: field.name(), value: Pii::new(text.clone()) });
            }
        }
        if lines.is_empty() {
            let what = Text::new("本案没有隐去的个人信息。", "Nothing about a person is hidden in this case.");
            return Err(bad("nothing_personal", what));
        }
        let number = &loaded.row.number;
        let text = Text::of(
            format!("查看案件 {number} 的个人信息：{}。", why.zh),
            format!("Personal data of case {number} shown, {}.", why.en),
        );
        let entry = self.enter_shown(by, &loaded.row, (&words, word), text).await?;
        Ok(Revealed { reason: why, lines, entry })
    }

    /// Whether a review or decision page shows the words of the forms whole (facts, evidence, what the party said): it does for who reviews or
    /// decides, after one entry, since nobody judges what they cannot read. Names, numbers and telephones stay masked.
    ///
    /// # Errors
    /// The log.
    pub async fn open_words(&self, by: By, view: &CaseView) -> Result<bool, Refusal> {
        // Whoever decides by delegation reads what a head would.
        let deputy = self.decides_by(by, view).await?.is_some();
        let judges = deputy || by.role.may(Permission::ApproveCases) || by.role.may(Permission::ReviewCases);
        if !judges || sees_persons(by, &view.case).is_err() {
            return Ok(false);
        }
        if !deputy && self.acts_for(by.account, view.case.office).await.is_err() {
            return Ok(false);
        }
        let procedure = view.procedure();
        let mut words = Vec::new();
        for node in nodes(procedure) {
            let kept = view.case.values_of(node.id());
            let proposed = view.case.proposal.as_ref().filter(|p| p.outcome == node.id()).map(|p| &p.values);
            let is_there = |id: &str| [kept, proposed].into_iter().flatten().any(|values| values.get(id).is_some());
            let opened = fields_of(procedure, node.id()).into_iter().filter(|f| opens_as_words(f) && is_there(&f.id));
            words.extend(opened.map(|f| format!("{}.{}", node.id(), f.id)));
        }
        if words.is_empty() {
            return Ok(true);
        }
        let number = &view.row.number;
        let text = Text::of(
            format!("审核、审批案件 {number}，查看其中的事实、证据和陈述。"),
            format!("Facts, evidence and statements of case {number} shown, to review or decide."),
        );
        self.enter_shown(by, &view.row, (&words, "review"), text).await?;
        Ok(true)
    }

    /// Whether somebody may see persons of a case whole, in a case that they may know of: its party, and of its office who handles, decides or
    /// reviews it; who heads the office above sees them masked. Who may not is entered.
    ///
    /// # Errors
    /// `not_for_seat`, `other_office`, `recused`, or the log.
    pub(crate) async fn sees_persons(&self, by: By, id: CaseId, case: &Case) -> Result<(), Refusal> {
        let mut seen = sees_persons(by, case);
        if seen.is_ok() && !by.role.may(Permission::Apply) {
            seen = self.acts_for(by.account, case.office).await;
        }
        if let Err(refusal) = &seen {
            self.log_refusal(by.account, Some(id), refusal).await?;
        }
        seen
    }

    /// Enters that persons of a case are shown whole: which words of it, and for what reason (a word), neither with a value; the place of the
    /// entry. What shows them does so after it.
    pub(super) async fn enter_shown(
        &self,
        by: By,
        row: &CaseRow,
        (fields, reason): (&[String], &str),
        text: Text,
    ) -> Result<u64, Refusal> {
        let body = serde_json::json!({
            "case": row.id, "party": row.head.party, "fields": fields, "reason": reason, "by": by.account,
        });
        let act = ActLine::done(Some(by.account), text);
        Ok(self.store().log("party.revealed", self.now(), body, act).await.map_err(StoreError::from)?)
    }
}
