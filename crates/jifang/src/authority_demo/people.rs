//! Who there is at the demo's police: accounts with new passwords, offices, who works where, and the applicants.
//!
//! Always true: a password is made anew at each start and told once; everybody but the first gets the account from the machine itself; offices,
//! seats, applicants and rows of registers are entered through the authority's own acts, by whom the data names.

use super::places::{Entered, Place};
use anyhow::Context;
use authority::cases::{OfficeFacts, OfficeForm, OfficerForm, PartyForm, RowForm};
use authority::{Authority, By};
use base::{AccountId, CivilDate, OfficeId, PartyId, Pii};
use domain::access::Role;
use law::SiteProfile;
use site::accounts::AccountForm;
use site::{Profile, Site};
use std::collections::BTreeMap;

/// For how long a certificate of the demo holds, counted from the first start.
const CERTIFICATE_HOLDS: i32 = 1_500;

/// An account with its new password.
pub struct Told {
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Office, or empty.
    pub office: String,
    /// Password.
    pub secret: String,
}

/// Eleven characters without look-alikes: 50 bits, for accounts that only this machine can reach.
fn short_password() -> anyhow::Result<String> {
    let long = crate::demo::password()?;
    Ok(long.chars().take(11).collect())
}

/// Makes the accounts and the profile at the first start; sets new passwords at a later one.
pub(super) async fn accounts(site: &Site, place: &Place) -> anyhow::Result<Vec<Told>> {
    let mut told = Vec::new();
    for person in &place.people {
        let office = person.office.as_ref().and_then(|key| place.offices.iter().find(|o| o.key == *key));
        let office = office.map_or_else(String::new, |o| o.name.clone());
        let form = AccountForm {
            login: person.login.clone(),
            name: Pii::new(person.name.clone()),
            badge: (!person.badge.is_empty()).then(|| Pii::new(person.badge.clone())),
            // Who serves the server itself belongs to the office that runs it.
            unit: if office.is_empty() { place.name.clone() } else { office.clone() },
            role: person.role,
            password: Pii::new(short_password()?),
        };
        match site.store().account_by_login(&person.login).await? {
            Some(account) => site.reset_password_locally(account.id, &form.password).await?,
            None if person.role == Role::Administrator => {
                let law = SiteProfile::new(place.jurisdiction);
                let profile = Profile { name: place.name.clone(), address: place.address.clone(), law };
                site.set_up(&form, profile).await?;
            }
            None => {
                site.add_account_locally(&form).await?;
            }
        }
        let secret = form.password.expose().clone();
        told.push(Told { login: person.login.clone(), role: person.role, office, secret });
    }
    Ok(told)
}

/// Somebody with an account, and where they work.
struct Seated {
    by: By,
    office: Option<String>,
}

/// Everybody and everything that cases name.
pub(super) struct Hall {
    people: BTreeMap<String, Seated>,
    parties: BTreeMap<String, PartyId>,
}

impl Hall {
    /// Enters offices, who works where, and the applicants.
    pub(super) async fn furnish(
        site: &Site,
        authority: &Authority,
        place: &Place,
        today: CivilDate,
    ) -> anyhow::Result<Self> {
        let mut hall = Self { people: BTreeMap::new(), parties: BTreeMap::new() };
        for person in &place.people {
            let account = crate::demo::actor(site, &person.login).await?;
            let by = By { account: account.id, role: account.role };
            hall.people.insert(person.login.clone(), Seated { by, office: person.office.clone() });
        }
        let admin = place.people.first().context("the data names no administrator")?;
        let offices = offices(authority, place, hall.by(&admin.login)?).await?;
        for person in &place.people {
            let Some(office) = person.office.as_ref().and_then(|key| offices.get(key)) else { continue };
            let has_card = !person.certificate.is_empty();
            let card = OfficerForm {
                certificate: Pii::new(person.certificate.clone()),
                valid_until: has_card.then(|| today.plus_days(CERTIFICATE_HOLDS)),
            };
            let account = hall.by(&person.login)?.account;
            authority.put_officer(hall.by(&admin.login)?, account, *office, &card).await?;
        }
        for party in &place.parties {
            let form = PartyForm { is_unit: !party.person, typed: party.form.clone() };
            let by = hall.by(&party.by)?;
            let entered = match by.role {
                Role::Applicant => authority.register_party(by, &form).await,
                _ => authority.party_for_counter(by, &form).await,
            };
            let id = entered.map_err(|faults| {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                anyhow::anyhow!("party `{}`: {}", party.key, faults.join("; "))
            })?;
            hall.parties.insert(party.key.clone(), id);
        }
        for row in &place.rows {
            hall.enter(authority, row).await?;
        }
        Ok(hall)
    }

    /// Enters a row of a register that no case makes.
    async fn enter(&self, authority: &Authority, row: &Entered) -> anyhow::Result<()> {
        let form = authority.row_form(&row.register).await?;
        let text = |field: &law::Field| row.form.get(&field.id).unwrap_or(&field.sample).clone();
        let typed = form.fields.iter().map(|field| (field.id.clone(), text(field)));
        let typed = typed.filter(|(_, text)| !text.is_empty()).collect();
        let filled = RowForm { typed, reason: row.why.clone(), seen: 0 };
        let entered = authority.put_row(self.by(&row.by)?, &row.register, None, &filled).await;
        entered.map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("row of `{}`: {}", row.register, faults.join("; "))
        })?;
        Ok(())
    }

    /// Somebody by the login name.
    pub(super) fn by(&self, login: &str) -> anyhow::Result<By> {
        self.people.get(login).map(|seated| seated.by).with_context(|| format!("nobody is called `{login}`"))
    }

    /// A party by its key.
    pub(super) fn party(&self, key: &str) -> anyhow::Result<PartyId> {
        self.parties.get(key).copied().with_context(|| format!("no party is called `{key}`"))
    }

    /// Those of a role in somebody's office; of an applicant nobody.
    pub(super) fn beside(&self, login: &str, role: Role) -> Vec<By> {
        let Some(office) = self.people.get(login).and_then(|seated| seated.office.as_ref()) else { return Vec::new() };
        let there = |seated: &&Seated| seated.office.as_ref() == Some(office) && seated.by.role == role;
        self.people.values().filter(there).map(|seated| seated.by).collect()
    }

    /// The officers of somebody's office; of an applicant nobody.
    pub(super) fn officers_beside(&self, login: &str) -> Vec<AccountId> {
        self.beside(login, Role::CaseOfficer).into_iter().map(|by| by.account).collect()
    }
}

/// Enters the offices in their order, each under the one above it.
async fn offices(authority: &Authority, place: &Place, admin: By) -> anyhow::Result<BTreeMap<String, OfficeId>> {
    let mut ids: BTreeMap<String, OfficeId> = BTreeMap::new();
    for office in &place.offices {
        let form = OfficeForm {
            id: None,
            name: office.name.clone(),
            short: office.short.clone(),
            level: office.level.clone(),
            division: office.division.clone(),
            unit_code: office.unit_code.clone(),
            parent: office.parent.as_ref().and_then(|key| ids.get(key).copied()),
            closed: false,
            name_en: office.name_en.clone(),
        };
        let id = authority.put_office(admin, &form).await?;
        let facts = OfficeFacts {
            phone: office.phone.clone(),
            hours_zh: office.hours_zh.clone(),
            hours_en: office.hours_en.clone(),
            review: office.review.clone(),
            court: office.court.clone(),
            ..OfficeFacts::default()
        };
        authority.put_office_facts(admin, id, &facts).await?;
        ids.insert(office.key.clone(), id);
    }
    Ok(ids)
}
