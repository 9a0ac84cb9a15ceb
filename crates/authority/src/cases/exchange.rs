//! Exchange with other systems: filings handed on to the national platform, and how a case stands, by its number. What others hand in: `handed`.
//!
//! ```text
//! rows of a register that a filing under the clause wrote ─▶ fields by their ids, persons left out ─▶ entry exchange.read ─▶ JSON
//! ```
//! Always true: only what is filed goes out, and every answer with rows is entered before it leaves; no field about a person goes out; a case is
//! told only within the reach of the account.

use super::persons::Persons;
use super::read::Status;
use super::wording::without_persons;
use super::{CaseView, no_case};
use crate::{Authority, By};
use base::{CivilDate, OfficeId, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::casework::is_adverse;
use law::{Field, Procedure, ProcedureKind};
use serde_json::{Map, Value as Json};
use store::StoreError;
use store::casework::cases::CaseRow;
use store::casework::exchange::PAGE;
use store::casework::registers::RowVersion;
use store::ledger_log::ActLine;

/// The clause whose filings are handed on: filing of a public-security video system.
pub const FILING_CLAUSE: &str = "799-14";
/// Most filings of one answer.
pub const FILINGS: u32 = PAGE;

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

fn goes_out(field: &Field, register: &str) -> bool {
    !field.personal && !field.kind.is_personal() && field.registers.iter().any(|r| r == register)
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

    /// Filings that were entered after a place in the log, the oldest first, with the place to go on from; of the own
    /// reach (`who`). An answer with rows is entered first.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn filings(&self, by: By, after: Option<u64>) -> Result<(Vec<Filing>, Option<u64>), Refusal> {
        self.filings_in(by, after, "").await
    }

    /// The same of a division: its first two or four digits, or all six; empty: of all.
    ///
    /// # Errors
    /// As `filings`.
    pub async fn filings_in(
        &self,
        by: By,
        after: Option<u64>,
        division: &str,
    ) -> Result<(Vec<Filing>, Option<u64>), Refusal> {
        by.needs(Permission::SeeCases)?;
        let of = self.reach(by).await?.territory().ok_or_else(no_case)?;
        let Some(register) = self.filing_register() else { return Ok((Vec::new(), None)) };
        if !division.is_empty() {
            self.key_rows(&register).await?;
        }
        let rows = self.store().rows_after_in((register.as_str(), division), after, of, FILINGS).await?;
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

    /// How a case stands, by its number alone, for who may see it.
    ///
    /// # Errors
    /// No permission; `not_found`, also for cases of others; or the store.
    pub async fn exchange_status(&self, by: By, number: &str) -> Result<Status, Refusal> {
        let row = self.case_of_number(by, number).await?;
        self.status(&row.number, &self.store().case_code(row.id)).await
    }

    /// What officers wrote in a case, as other systems get it: without the names that the case knows and without numbers that may be somebody's.
    /// The applicant reads the words themselves on their own page.
    ///
    /// # Errors
    /// The store.
    pub async fn exchange_words(&self, view: &CaseView, texts: &[&str]) -> Result<Vec<String>, Refusal> {
        let party = self.party_data(view.row.head.party).await?;
        let persons = Persons::of(party.as_ref(), view.procedure(), &view.case);
        Ok(texts.iter().map(|text| without_persons(&persons, text)).collect())
    }

    /// The case of a number, for who may see it.
    ///
    /// # Errors
    /// No permission; `not_found`, also for cases of others; or the store.
    pub async fn case_of_number(&self, by: By, number: &str) -> Result<CaseRow, Refusal> {
        by.needs(Permission::SeeCases)?;
        let reach = self.reach(by).await?;
        if number.trim().is_empty() || number.chars().count() > base::limits::NAME_CHARS {
            return Err(no_case());
        }
        let row = self.case_numbered(number).await?.ok_or_else(no_case)?;
        if !self.within(reach, row.head.office, row.head.party).await? {
            return Err(no_case());
        }
        Ok(row)
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
}
