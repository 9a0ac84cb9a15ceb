//! Exchange with other systems: filings handed on to the national platform, applications taken from a municipal service hall, and how a case
//! stands, by its number.
//!
//! ```text
//! rows of a register that a filing under the clause wrote ─▶ fields by their ids, persons left out ─▶ entry exchange.read ─▶ JSON
//! application: key ─▶ answered before? ─▶ the same answer · else party, begin ─▶ case ─▶ key kept
//! ```
//! Always true: only what is filed goes out, and every answer with rows is entered before it leaves; no field about a person goes out; of one key
//! of an account one case follows, whatever is sent again; a case is told only within the reach of the account.

use super::open::{Beginning, Begun};
use super::parties::PartyForm;
use super::read::Status;
use super::who::Reach;
use super::{bad, no_case};
use crate::{Authority, By};
use base::{CivilDate, ErrorKind, OfficeId, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use domain::casework::{Channel, is_adverse};
use law::{Field, Procedure, ProcedureKind};
use serde_json::{Map, Value as Json};
use store::StoreError;
use store::casework::exchange::{Kept, PAGE};
use store::casework::registers::RowVersion;
use store::ledger_log::ActLine;

/// The clause whose filings are handed on: filing of a public-security video system.
pub const FILING_CLAUSE: &str = "799-14";
/// Most filings of one answer.
pub const FILINGS: u32 = PAGE;
/// Shortest and longest key of a request, characters.
pub const KEY_CHARS: (usize, usize) = (8, 100);

/// A filing as other systems are told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filing {
    /// Place in the log: the cursor of the next question.
    pub entry: u64,
    /// Id of the row; the same while its versions change.
    pub row: String,
    /// Its version, from 1.
    pub version: u32,
    /// Word of the procedure.
    pub procedure: String,
    /// Number of the case.
    pub number: String,
    /// Day of the filing.
    pub filed: CivilDate,
    /// Last day on which it holds.
    pub until: Option<CivilDate>,
    /// The office.
    pub office: Option<OfficeId>,
    /// When it was entered.
    pub at: UtcMs,
    /// What was filed, by field id of the pack.
    pub fields: Map<String, Json>,
}

/// A field of a filing, as its documentation says it.
#[derive(Clone, Debug)]
pub struct FilingField<'a> {
    /// The procedure that asks for it.
    pub procedure: &'a Procedure,
    /// The field.
    pub field: &'a Field,
}

/// An application that another system hands in.
#[derive(Clone)]
pub struct HandedIn {
    /// Key of the sender: the same key is the same application.
    pub key: String,
    /// Digest of what was sent.
    pub request: Sha256,
    /// Word of the procedure.
    pub procedure: String,
    /// Division of the place (GB/T 2260).
    pub place: String,
    /// Short name for lists, no person's; empty: the unit's or the procedure's.
    pub title: String,
    /// Who applies.
    pub party: PartyForm,
}

impl std::fmt::Debug for HandedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HandedIn({})", self.procedure)
    }
}

fn goes_out(field: &Field, register: &str) -> bool {
    !field.personal && !field.kind.is_personal() && field.registers.iter().any(|r| r == register)
}

fn key_is_wrong() -> Refusal {
    let (least, most) = KEY_CHARS;
    let what = Text::of(
        format!("请求头 idempotency-key 须为 {least} 至 {most} 个字母、数字、连字符或者下划线。"),
        format!("The header idempotency-key needs {least} to {most} letters, digits, hyphens or underscores."),
    );
    bad("idempotency_key", what)
}

fn is_key(key: &str) -> bool {
    let (least, most) = KEY_CHARS;
    (least..=most).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn other_request() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "key_used",
        Text::new("这个幂等键已经用于另一件申请。", "This key was used for another application."),
        Text::new("新的申请请使用新的幂等键。", "Use a new key for a new application."),
    )
}

/// The procedures that are filings under the clause, each with its outcomes that are entered in the register.
fn filings_of<'a>(all: &'a [Procedure], register: &str) -> Vec<&'a Procedure> {
    let is_one = |p: &&Procedure| {
        p.kind == ProcedureKind::Filing
            && p.clauses.iter().any(|c| c.0 == FILING_CLAUSE)
            && p.outcomes.iter().any(|o| o.registers.iter().any(|r| r == register))
    };
    all.iter().filter(is_one).collect()
}

impl Authority {
    fn filing_register(&self) -> Option<String> {
        let all = self.gate().packs().procedures();
        let of_clause =
            |p: &&Procedure| p.kind == ProcedureKind::Filing && p.clauses.iter().any(|c| c.0 == FILING_CLAUSE);
        all.iter().find(of_clause)?.outcomes.iter().find_map(|o| o.registers.first().cloned())
    }

    /// The fields that a filing has for other systems, in the order of the packs.
    #[must_use]
    pub fn filing_fields(&self) -> Vec<FilingField<'_>> {
        let Some(register) = self.filing_register() else { return Vec::new() };
        let mut out = Vec::new();
        for procedure in filings_of(self.gate().packs().procedures(), &register) {
            let fields = procedure.fields.iter().filter(|f| goes_out(f, &register));
            out.extend(fields.map(|field| FilingField { procedure, field }));
        }
        out
    }

    /// Filings that were entered after a place in the log, the oldest first, with the place to go on from; of one's own office, of all for who
    /// supervises. An answer with rows is entered first.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn filings(&self, by: By, after: Option<u64>) -> Result<(Vec<Filing>, Option<u64>), Refusal> {
        by.needs(Permission::SeeCases)?;
        let office = match self.reach(by).await? {
            Reach::All => None,
            Reach::Office(office) => Some(office),
            Reach::Party(_) => return Err(no_case()),
        };
        let Some(register) = self.filing_register() else { return Ok((Vec::new(), None)) };
        let rows = self.store().rows_after(&register, after, office, FILINGS).await?;
        let procedures = filings_of(self.gate().packs().procedures(), &register);
        let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= FILINGS;
        let next = rows.last().map(|row| row.entry).filter(|_| full);
        let all: Vec<Filing> = rows.iter().filter_map(|row| filing_of(&procedures, &register, row)).collect();
        if let (Some(first), Some(last)) = (all.first(), all.last()) {
            let text = Text::of(
                format!("向其他系统提供备案 {} 件。", all.len()),
                format!("{} {} handed to another system.", all.len(), base::plural(all.len(), "filing", "filings")),
            );
            let body = serde_json::json!({
                "register": register, "filings": all.len(), "first_entry": first.entry, "last_entry": last.entry, "by": by.account,
            });
            let act = ActLine::done(Some(by.account), text);
            self.store().log("exchange.read", self.now(), body, act).await.map_err(StoreError::from)?;
        }
        Ok((all, next))
    }

    /// Begins a case for what another system hands in; papers come later. The same key with the same request is answered as before; true where
    /// the case is new.
    ///
    /// # Errors
    /// No permission; `idempotency_key`, `key_used`; every fault of the party's form; those of `begin`; or the store.
    pub async fn take_in(&self, by: By, form: &HandedIn) -> Result<(Begun, bool), Vec<Refusal>> {
        let one = |refusal: Refusal| vec![refusal];
        let account = by.needs(Permission::HandleCases).map_err(one)?;
        if !is_key(&form.key) {
            return Err(one(key_is_wrong()));
        }
        // One at a time: two requests with one key must not begin two cases.
        let _turn = self.0.exchange.lock().await;
        let kept = self.store().exchanged(account, &form.key).await.map_err(|e| one(e.into()))?;
        if let Some(kept) = kept {
            return self.answered(&kept, form.request).await.map(|begun| (begun, false)).map_err(one);
        }
        self.service(&form.procedure, self.now().shanghai_date()).await.map_err(one)?;
        let party = self.party_for_counter(by, &form.party).await?;
        let beginning = Beginning {
            procedure: form.procedure.clone(),
            channel: Channel::Counter,
            party: Some(party),
            place: form.place.clone(),
            office: None,
            facts_on: None,
            title: form.title.clone(),
            again: String::new(),
        };
        // After a crash before the key is kept, the same application is refused as one that is under way, with its number.
        let begun = self.begin(by, &beginning).await.map_err(one)?;
        let kept = Kept { request: form.request, case: begun.case };
        self.store().keep_exchanged(account, &form.key, &kept, self.now()).await.map_err(|e| one(e.into()))?;
        Ok((begun, true))
    }

    async fn answered(&self, kept: &Kept, request: Sha256) -> Result<Begun, Refusal> {
        if kept.request != request {
            return Err(other_request());
        }
        let row = self.store().case(kept.case).await?.ok_or_else(no_case)?;
        Ok(Begun { case: row.id, number: row.number, code: self.store().case_code(row.id), office: row.head.office })
    }

    /// How a case stands, by its number alone, for who may see it.
    ///
    /// # Errors
    /// No permission; `not_found`, also for cases of others; or the store.
    pub async fn exchange_status(&self, by: By, number: &str) -> Result<Status, Refusal> {
        by.needs(Permission::SeeCases)?;
        let reach = self.reach(by).await?;
        let found = self.store().case_by_number(number.trim()).await?;
        let row = found.filter(|row| reach.holds(row.head.office, row.head.party)).ok_or_else(no_case)?;
        self.status(&row.number, &self.store().case_code(row.id)).await
    }
}

/// A row as other systems get it; `None` where it is no filing, or one that was refused.
fn filing_of(procedures: &[&Procedure], register: &str, row: &RowVersion) -> Option<Filing> {
    let public: Json = serde_json::from_str(&row.public).ok()?;
    let procedure = procedures.iter().find(|p| public["procedure"].as_str() == Some(p.id.as_str()))?;
    let outcome = procedure.outcomes.iter().find(|o| public["outcome"].as_str() == Some(o.id.as_str()))?;
    if is_adverse(procedure, outcome) {
        return None;
    }
    let sealed = row.personal.as_ref().and_then(|p| serde_json::from_str::<Json>(p.expose()).ok()).unwrap_or_default();
    let mut fields = Map::new();
    for field in procedure.fields.iter().filter(|f| goes_out(f, register)) {
        let value = [&public["fields"][&field.id], &sealed[&field.id]].into_iter().find(|v| !v.is_null());
        fields.extend(value.map(|v| (field.id.clone(), v.clone())));
    }
    Some(Filing {
        entry: row.entry,
        row: row.row.clone(),
        version: row.version,
        procedure: procedure.id.clone(),
        number: public["number"].as_str().unwrap_or_default().to_owned(),
        filed: row.from,
        until: row.until,
        office: row.office,
        at: row.at,
        fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packs_say_what_is_a_filing_and_no_person_goes_out() {
        let packs = law::Packs::embedded().unwrap();
        let filings = filings_of(packs.procedures(), "systems");
        assert_eq!(filings.len(), 1, "one filing under the clause");
        let out: Vec<&Field> = filings[0].fields.iter().filter(|f| goes_out(f, "systems")).collect();
        for wanted in ["unit_name", "credit_code", "place", "devices_total"] {
            assert!(out.iter().any(|f| f.id == wanted), "{wanted}");
        }
        assert!(out.iter().all(|f| !f.personal && !f.kind.is_personal()));
        assert!(!out.iter().any(|f| ["contact", "contact_phone", "representative"].contains(&f.id.as_str())));
    }

    #[test]
    fn keys_are_plain_words() {
        assert!(is_key("12345678") && is_key(&"a".repeat(100)) && is_key("a-b_c-D_9"));
        for wrong in ["", "1234567", "a b c d e", "中文中文中文", "a/b/c/d/e"] {
            assert!(!is_key(wrong), "{wrong}");
        }
        assert!(!is_key(&"a".repeat(101)));
    }
}
