//! Offices of this server and who works in which: entered by the administrator, checked by the domain.
//!
//! Always true: an office is kept only as `domain::office::check` allows it; the seats of an account follow from its role, so that nobody gets
//! a seat that the role does not have.

use super::who::seat_of;
use super::{bad, fault};
use crate::{Authority, By};
use base::{AccountId, CivilDate, ErrorKind, OfficeId, Pii, Refusal, Text};
use domain::access::{Permission, Role};
use domain::casework::Seat;
use domain::form::place_fault;
use domain::identifier::{DivisionCode, PoliceUnitCode};
use domain::office::{Office, OfficeLevel, check};
use store::StoreError;
use store::casework::offices::{OfficePut, OfficeRow, OfficerRow};

/// Longest short name of an office, characters: it stands in every number.
const SHORT_CHARS: usize = 20;
/// Longest English name, characters: it needs more of them than the Chinese one.
const NAME_EN_CHARS: usize = 200;
/// Longest number of a certificate, characters.
const CERTIFICATE_CHARS: usize = 40;

/// An office as it is typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfficeForm {
    /// Which one is changed; none: a new one.
    pub id: Option<OfficeId>,
    /// Name as on its seal.
    pub name: String,
    /// What its numbers begin with; empty: its name.
    pub short: String,
    /// Word of its level (`OfficeLevel::parse`).
    pub level: String,
    /// Division code of its territory (GB/T 2260).
    pub division: String,
    /// Code of the police unit.
    pub unit_code: String,
    /// The office above it.
    pub parent: Option<OfficeId>,
    /// It takes no cases any more.
    pub closed: bool,
    /// What it is called on English papers and pages; empty: as in Chinese.
    pub name_en: String,
}

/// Where somebody works, as it is typed.
#[derive(Clone, Debug, Default)]
pub struct OfficerForm {
    /// Number of the enforcement certificate; empty: none.
    pub certificate: Pii<String>,
    /// Last day on which it holds.
    pub valid_until: Option<CivilDate>,
}

/// The setting that holds the short name of an office.
fn short_key(id: OfficeId) -> String {
    format!("office_short:{id}")
}

/// An office as the domain has it; what is stored was checked before.
fn office_of(row: &OfficeRow) -> Result<Office, Refusal> {
    let level = OfficeLevel::parse(&row.level).ok_or_else(|| fault(&"the level of an office"))?;
    let division = DivisionCode::parse(&row.division).map_err(|e| fault(&e))?;
    let unit_code = PoliceUnitCode::parse(&row.unit_code).map_err(|e| fault(&e))?;
    Ok(Office { id: row.id, name: row.name.clone(), level, division, unit_code, parent: row.parent })
}

/// One line of at most so many characters.
fn line(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    (text.chars().count() <= most && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// The English name as it is typed.
fn name_en(form: &OfficeForm) -> Result<String, Refusal> {
    line(&form.name_en, NAME_EN_CHARS).ok_or_else(|| {
        let what = Text::of(
            format!("英文名称为一行，至多{NAME_EN_CHARS}个字符。"),
            format!("The English name is one line of at most {NAME_EN_CHARS} characters."),
        );
        bad("office_name_en", what)
    })
}

/// The seats of a role.
fn seats_of(role: Role) -> Vec<String> {
    match seat_of(role) {
        Some(Seat::Officer) => vec![Seat::Officer.code().to_owned(), Seat::Counter.code().to_owned()],
        Some(Seat::Applicant) | None => Vec::new(),
        Some(seat) => vec![seat.code().to_owned()],
    }
}

impl Authority {
    /// Every office, by level and division.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn offices(&self, by: By) -> Result<Vec<OfficeRow>, Refusal> {
        if !by.role.may(Permission::SeeCases) {
            by.needs(Permission::ManageOffices)?;
        }
        Ok(self.store().offices().await?)
    }

    /// Who works in an office.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn officers(&self, by: By, office: OfficeId) -> Result<Vec<OfficerRow>, Refusal> {
        if !by.role.may(Permission::SeeCases) {
            by.needs(Permission::ManageOffices)?;
        }
        Ok(self.store().officers_of(office).await?)
    }

    /// The offices that take cases, as the domain has them.
    pub(super) async fn open_offices(&self) -> Result<Vec<Office>, Refusal> {
        let rows = self.store().offices().await?;
        rows.iter().filter(|row| row.closed.is_none()).map(office_of).collect()
    }

    /// What numbers of an office begin with.
    pub(super) async fn short_name(&self, office: &OfficeRow) -> Result<String, Refusal> {
        let short = self.store().setting(&short_key(office.id)).await?;
        Ok(short.filter(|s| !s.is_empty()).unwrap_or_else(|| office.name.clone()))
    }

    /// Enters an office, or changes one.
    ///
    /// # Errors
    /// No permission; `office_level`, `office_short`, a code that is none, those of `domain::office::check`; or the store.
    pub async fn put_office(&self, by: By, form: &OfficeForm) -> Result<OfficeId, Refusal> {
        let account = by.needs(Permission::ManageOffices)?;
        let wrong =
            |fault: domain::identifier::IdentifierFault| Refusal::bad_input("office_code", fault.what(), fault.next());
        let level = OfficeLevel::parse(form.level.trim())
            .ok_or_else(|| bad("office_level", Text::new("请选择机构级别。", "Choose the level of the office.")))?;
        let short = line(&form.short, SHORT_CHARS).ok_or_else(|| {
            let what = Text::of(
                format!("文号简称为一行，至多{SHORT_CHARS}个字符。"),
                format!("The short name for numbers is one line of at most {SHORT_CHARS} characters."),
            );
            bad("office_short", what)
        })?;
        let name_en = name_en(form)?;
        let now = self.now();
        let rows = self.store().offices().await?;
        let before = form.id.and_then(|id| rows.iter().find(|row| row.id == id));
        if form.id.is_some() && before.is_none() {
            return Err(Refusal::not_found("该机构", "office"));
        }
        let id = match form.id {
            Some(id) => id,
            None => self.store().new_office_id(now).map_err(StoreError::from)?,
        };
        let typed = Office {
            id,
            name: form.name.clone(),
            level,
            division: DivisionCode::parse(&form.division).map_err(wrong)?,
            unit_code: PoliceUnitCode::parse(&form.unit_code).map_err(wrong)?,
            parent: form.parent,
        };
        // An office of a division that has ended can still be changed and closed.
        let is_new = before.is_none_or(|row| row.division != typed.division.as_str());
        let wrong_place = place_fault(self.gate().packs(), typed.division.as_str(), now.shanghai_date());
        if let Some((what, next)) = wrong_place.filter(|_| is_new) {
            return Err(Refusal::bad_input("office_code", what, next));
        }
        let all = rows.iter().map(office_of).collect::<Result<Vec<_>, _>>()?;
        let office = check(typed, &all)?;
        let row = OfficeRow {
            id,
            name: office.name,
            level: office.level.code().to_owned(),
            division: office.division.as_str().to_owned(),
            unit_code: office.unit_code.as_str().to_owned(),
            parent: office.parent,
            closed: form.closed.then(|| before.and_then(|b| b.closed).unwrap_or(now)),
            name_en,
        };
        match self.store().put_office(&row, account, now).await? {
            OfficePut::Done => {}
            OfficePut::CodeTaken | OfficePut::Full => return Err(office_taken()),
        }
        if self.store().setting(&short_key(id)).await?.unwrap_or_default() != short {
            self.store().set_setting(&short_key(id), &short, Some(account), now).await.map_err(StoreError::from)?;
        }
        Ok(id)
    }

    /// Says in which office an account works, and until when its enforcement certificate holds. Seats follow from the role.
    ///
    /// # Errors
    /// No permission; `not_found` for account or office; `no_seat` for a role that handles no cases; `certificate`; or the store.
    pub async fn put_officer(
        &self,
        by: By,
        account: AccountId,
        office: OfficeId,
        form: &OfficerForm,
    ) -> Result<(), Refusal> {
        let acting = by.needs(Permission::ManageOffices)?;
        let person = self.store().account(account).await?.ok_or_else(|| Refusal::not_found("该账号", "account"))?;
        if self.store().office(office).await?.is_none() {
            return Err(Refusal::not_found("该机构", "office"));
        }
        if !person.role.may(Permission::SeeCases) {
            let what = Text::new("该账号的角色不办理案件。", "The role of this account handles no cases.");
            return Err(bad("no_seat", what));
        }
        let certificate = line(form.certificate.expose(), CERTIFICATE_CHARS).ok_or_else(|| {
            bad(
                "certificate",
                Text::new("执法证件号过长或者有不能用的字符。", "The number of the certificate cannot be kept."),
            )
        })?;
        if certificate.is_empty() != form.valid_until.is_none() {
            let what = Text::new(
                "执法证件号和有效期应当一并填写。",
                "The number of the certificate and its last day are entered together.",
            );
            return Err(bad("certificate", what));
        }
        let row = OfficerRow {
            account,
            office,
            seats: seats_of(person.role),
            certificate: (!certificate.is_empty()).then(|| Pii::new(certificate)),
            valid_until: form.valid_until,
        };
        Ok(self.store().put_officer(&row, acting, self.now()).await?)
    }
}

impl Authority {
    /// Takes an account out of its office: it acts in no case until it is given one again.
    ///
    /// # Errors
    /// No permission; `not_found` for an account that is in none; or the store.
    pub async fn remove_officer(&self, by: By, account: AccountId) -> Result<(), Refusal> {
        let acting = by.needs(Permission::ManageOffices)?;
        if self.store().remove_officer(account, acting, self.now()).await? {
            return Ok(());
        }
        Err(Refusal::not_found("该人员", "officer"))
    }
}

fn office_taken() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "office_unit_code",
        Text::new(
            "机构代码刚被其他机构使用，或者机构已满。",
            "The unit code was just taken, or there is no room for more offices.",
        ),
        Text::new("请刷新页面核对。", "Reload the page and check."),
    )
}
