//! Accounts of applicants that the counter joins to a unit or person that is known already.
//!
//! ```text
//! login name + code or number ─▶ joinable: whose account, which party ─▶ papers compared ─▶ join_applicant ─▶ applicant.put
//! ```
//! Always true: an account is joined by an officer who ticked each paper that shows it, and which ones is in the entry; an account that stands
//! for a party is not taken from it; a code or number alone leads nobody to a party.

use super::bad;
use crate::{Authority, By};
use base::{AccountId, ErrorKind, PartyId, Pii, Refusal, Text};
use domain::access::Permission;
use domain::identifier::{CreditCode, IdentityNumber};
use store::casework::applicants::ACCOUNTS;
use store::casework::parties::PartyData;

/// Papers that show that an account may act for a unit: word, Chinese, English.
const OF_UNIT: [(&str, &str, &str); 3] = [
    (
        "unit_certificate",
        "单位的营业执照或者统一社会信用代码证书",
        "the unit's licence or certificate of its credit code",
    ),
    ("own_card", "来人的居民身份证或者其他有效身份证件", "an identity document of the person who came"),
    (
        "authorisation",
        "单位出具的授权委托书（法定代表人本人到场的，核对其身份）",
        "the unit's letter of authority, or its legal representative in person",
    ),
];
/// The same for a natural person.
const OF_PERSON: [(&str, &str, &str); 1] =
    [("own_card", "本人的居民身份证或者其他有效身份证件", "the person's own identity document")];

fn papers(is_unit: bool) -> &'static [(&'static str, &'static str, &'static str)] {
    if is_unit { &OF_UNIT } else { &OF_PERSON }
}

/// Papers that are seen before an account is joined, each: word and name.
#[must_use]
pub fn join_papers(is_unit: bool) -> Vec<(&'static str, Text)> {
    papers(is_unit).iter().map(|p| (p.0, Text::new(p.1, p.2))).collect()
}

/// What the counter fills in.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinForm {
    /// Login name of the account.
    pub login: String,
    /// The party is a unit; else a natural person.
    pub is_unit: bool,
    /// Credit code of the unit, or number of the person's identity card.
    pub number: Pii<String>,
    /// Words of the papers that were seen.
    pub seen: Vec<String>,
}

impl std::fmt::Debug for JoinForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_unit { "JoinForm(unit)" } else { "JoinForm(person)" })
    }
}

/// An account and the party it is to stand for, for an officer to compare with the papers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joinable {
    /// The account.
    pub account: AccountId,
    /// Its login name.
    pub login: String,
    /// Name of its person, or of its unit, as it was made.
    pub holder: Pii<String>,
    /// The party.
    pub party: PartyId,
    /// Its name: of a unit open, of a person not.
    pub name: Pii<String>,
}

fn conflict(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

fn joined_elsewhere() -> Refusal {
    conflict(
        "account_joined",
        Text::new("该账号已经代表一个单位或者个人。", "The account stands for a unit or person already."),
        Text::new("请当事人另行注册账号，再来关联。", "Let them make another account for this one."),
    )
}

impl Authority {
    /// The party of a code or number.
    async fn party_of_number(&self, form: &JoinForm) -> Result<(PartyId, Pii<String>), Refusal> {
        let number = form.number.expose();
        let found = if form.is_unit {
            let code = CreditCode::parse(number).map_err(|f| Refusal::bad_input("number", f.what(), f.next()))?;
            self.store().unit_by_code(code.as_str()).await?
        } else {
            let id = IdentityNumber::parse(number).map_err(|f| Refusal::bad_input("number", f.what(), f.next()))?;
            self.store().person_by_id(&id.into_pii()).await?
        };
        let row = found.ok_or_else(|| {
            bad("number", Text::new("没有登记过这个代码或者号码。", "Nobody with this code or number is entered."))
        })?;
        let name = match row.data {
            PartyData::Unit(unit) => Pii::new(unit.name),
            PartyData::Person(person) => person.name,
        };
        Ok((row.id, name))
    }

    /// Whose account and which party would be joined; nothing is changed.
    ///
    /// # Errors
    /// No permission, `no_office`; `login` (no such account of an applicant), `number` (malformed, or nobody's); `account_joined`,
    /// `joined_already`, `party_full`; or the store.
    pub async fn joinable(&self, by: By, form: &JoinForm) -> Result<Joinable, Refusal> {
        let acting = by.needs(Permission::HandleCases)?;
        self.officer_row(acting).await?;
        let account = self.store().account_by_login(form.login.trim()).await?;
        let account = account.filter(|a| a.role.may(Permission::Apply) && a.disabled.is_none());
        let account = account.ok_or_else(|| {
            bad("login", Text::new("没有这个登录名的申请人账号。", "No account of an applicant has this login name."))
        })?;
        let (party, name) = self.party_of_number(form).await?;
        match self.store().party_of(account.id).await? {
            Some(own) if own == party => {
                return Err(conflict(
                    "joined_already",
                    Text::new("该账号已经关联。", "The account is joined already."),
                    Text::new("不需要再办理。", "Nothing is to be done."),
                ));
            }
            Some(_) => return Err(joined_elsewhere()),
            None => {}
        }
        let most = usize::try_from(ACCOUNTS).unwrap_or(usize::MAX);
        if self.store().accounts_of_party(party).await?.len() >= most {
            return Err(conflict(
                "party_full",
                Text::new("该当事人关联的账号已达上限。", "No more accounts can stand for this party."),
                Text::new("请先停用不再使用的账号。", "Let one that is no longer used be closed first."),
            ));
        }
        Ok(Joinable { account: account.id, login: account.login, holder: account.name, party, name })
    }

    /// The counter has compared the papers: an applicant's account stands for a party from now on.
    ///
    /// # Errors
    /// As `joinable`; `seen` (not every paper was seen).
    pub async fn join_applicant(&self, by: By, form: &JoinForm) -> Result<Joinable, Refusal> {
        let found = self.joinable(by, form).await?;
        let needed = papers(form.is_unit);
        if needed.iter().any(|p| !form.seen.iter().any(|s| s == p.0)) {
            let what =
                Text::new("所列证件、材料须逐项核对原件。", "Each of the papers listed is compared in the original.");
            return Err(bad("seen", what));
        }
        let seen: Vec<&str> = needed.iter().map(|p| p.0).collect();
        let pair = (found.account, found.party);
        let done = self.store().join_applicant(pair, by.account, &seen, self.now()).await?;
        if done { Ok(found) } else { Err(joined_elsewhere()) }
    }
}
