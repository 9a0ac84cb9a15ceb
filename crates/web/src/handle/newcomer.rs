//! An applicant's own account: for a unit or for oneself, made by whoever comes.
//!
//! ```text
//! word, password, unit or person ─▶ checked whole ─▶ account (word and digits) ─▶ party joined, or left to the counter ─▶ signed in
//! an account that stands for nobody ─▶ wherever it would apply ─▶ its own page: where to come, with which papers, what to say there
//! ```
//! Always true: nobody learns here whether a login name, unit or person is known already: the digits make every name free, and a unit or
//! person that is known is joined at the counter, said only to the account that was made; accounts are made slowly, by address and in all.

use super::ask::{asked, both, faults_of, typed_of};
use super::entry::begin_session;
use super::inbox::{by, of};
use super::public::{bar, counter, slowly, too_often};
use crate::answer::{Reply, Response, down, fault, local, page, page_with, see_other, status};
use crate::call::Call;
use crate::limiter::{NEW_ACCOUNTS, NEW_ACCOUNTS_BY_ADDRESS};
use crate::pages::ask::{Ask, AskedField};
use crate::pages::public::{NewAccountPage, PublicNav};
use crate::pages::{Choice, FormErrors};
use authority::By;
use authority::cases::{PartyForm, join_papers, number_fault, party_fields};
use axum::http::StatusCode;
use base::{Pii, Refusal, Text};
use domain::access::{Permission, Role};
use domain::account::{PASSWORD_MIN_CHARS, check_password};
use domain::casework::Typed;
use domain::form::FieldFault;
use law::{Field, FieldKind, Packs};
use site::accounts::AccountForm;

/// The word of the login name that the person chooses; no field of a party has this id.
const WORD: &str = "login_word";
/// Shortest and longest word, characters: with the digits it is a login name.
const WORD_CHARS: (usize, usize) = (2, 30);
/// Digits behind the word: from this number on, so many.
const DIGITS: (u32, u32) = (10_000, 90_000);
/// Tries to find a free name before it is given up.
const TRIES: usize = 20;
/// Where an applicant goes on.
const ONWARD: &str = "/public/services";
/// Before the word of a service in the address of its page.
const SERVICE: &str = "/public/services/";

fn kinds(is_unit: bool) -> Vec<Choice> {
    vec![
        Choice::new("unit", Text::new("替单位办", "for a unit"), is_unit),
        Choice::new("person", Text::new("替本人办", "for oneself"), !is_unit),
    ]
}

fn next_of(text: &str) -> &str {
    local(text).unwrap_or(ONWARD)
}

/// Whether whoever is on the way to a service is a unit: its form asks for the code of one. Who comes from elsewhere comes for themselves.
fn wants_unit(packs: &Packs, next: &str) -> bool {
    let service = next.strip_prefix(SERVICE).map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let procedure = service.and_then(|id| packs.procedure(id));
    procedure
        .is_some_and(|p| p.fields.iter().any(|f| f.kind == FieldKind::CreditCode && f.required && f.when.is_none()))
}

fn word_field(value: &str, error: Option<Text>) -> AskedField {
    AskedField {
        id: WORD.to_owned(),
        label: Text::new("登录名", "Login name"),
        hint: Text::new(
            "写一个好记的词，字母或者数字；系统会在后面加五位数字，注册后告诉您。",
            "A word of letters or digits that you remember; five digits are added and shown to you afterwards.",
        ),
        ask: Ask::Line,
        value: value.to_owned(),
        error,
        required: true,
        most_chars: u32::try_from(WORD_CHARS.1).unwrap_or(u32::MAX),
        ..AskedField::default()
    }
}

/// What was typed, and what is wrong with it.
struct Typing {
    is_unit: bool,
    word: String,
    typed: Typed,
}

fn form(
    call: &Call,
    typing: &Typing,
    word_fault: Option<Text>,
    faults: &[FieldFault],
    errors: FormErrors,
) -> NewAccountPage {
    let of_party = party_fields(typing.is_unit);
    let of_party: Vec<&Field> = of_party.iter().collect();
    let mut fields = vec![word_field(&typing.word, word_fault)];
    fields.extend(asked(call, &of_party, &typing.typed, faults));
    let sent = if call.form.has("next") { call.form.get("next") } else { call.query.get("next") };
    NewAccountPage {
        l: call.lang,
        bar: bar(call),
        at: PublicNav::None,
        kinds: kinds(typing.is_unit),
        kind: if typing.is_unit { "unit" } else { "person" }.to_owned(),
        fields,
        password_chars_min: PASSWORD_MIN_CHARS,
        next: next_of(sent).to_owned(),
        errors,
        ..NewAccountPage::default()
    }
}

/// The page of one's own account, from which one goes on to `next`.
fn account_page(next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next_of(next)).finish();
    format!("/public/account?{query}")
}

/// Where an account is led that stands for nobody yet and wants to apply: its page, which says how it is joined. `None`: it stands for somebody.
pub(super) async fn unjoined(call: &Call, next: &str) -> Result<Option<Response>, Refusal> {
    let party = of(call)?.my_party(by(call)?).await?;
    Ok(party.is_none().then(|| see_other(&account_page(next))))
}

/// `GET /public/account?kind=&next=`; for an applicant who is signed in, by which name.
pub(crate) async fn show(call: Call) -> Reply {
    let authority = of(&call)?;
    let is_unit = match call.query.get("kind") {
        "unit" => true,
        "person" => false,
        _ => wants_unit(call.site().gate().packs(), next_of(call.query.get("next"))),
    };
    let typing = Typing { is_unit, word: String::new(), typed: Typed::new() };
    let mut shown = form(&call, &typing, None, &[], FormErrors::default());
    if call.who.is_some() {
        if !call.may(Permission::Apply) {
            return Ok(see_other("/"));
        }
        let own = call.actor()?;
        shown.login.clone_from(&own.login);
        shown.joined = authority.my_party(by(&call)?).await?.is_some();
        if !shown.joined {
            shown.bring = join_papers(!own.unit.is_empty()).into_iter().map(|(_, paper)| paper).collect();
            let at = counter(&call).await?;
            (shown.place, shown.hours, shown.phone) = (at.place, at.hours, at.phone);
        }
    }
    page(&shown)
}

fn word_fault(word: &str) -> Option<Text> {
    let (least, most) = WORD_CHARS;
    if word.is_empty() {
        return Some(Text::new("未填写登录名。", "The login name is not filled in."));
    }
    if word.chars().any(char::is_whitespace) {
        return Some(Text::new("登录名中有空格，请删去。", "There is a blank in the login name: take it out."));
    }
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let fits = (least..=most).contains(&word.chars().count());
    (!plain || !fits).then(|| {
        Text::of(
            format!("登录名的词为{least}至{most}个字母、数字或者 . _ -。"),
            format!("The word has {least} to {most} letters, digits or . _ -."),
        )
    })
}

/// What is wrong with the passwords.
fn password_faults(call: &Call, word: &str, errors: &mut FormErrors) {
    if let Err(refusal) = check_password(word, call.form.raw("password")) {
        errors.push("password", both(&refusal.what, &refusal.next));
    }
    if call.form.raw("password") != call.form.raw("password_again") {
        errors.push("password_again", Text::new("两次输入的密码不同。", "The two passwords differ."));
    }
}

fn slow(call: &Call) -> Result<(), Refusal> {
    slowly(call, "new_account", NEW_ACCOUNTS_BY_ADDRESS)?;
    let allowed = call.app.limiter.allow("new_accounts", "", NEW_ACCOUNTS, call.site().now().mono);
    if allowed { Ok(()) } else { Err(too_often()) }
}

/// An account under the word and digits that are free.
async fn add(call: &Call, typing: &Typing) -> Result<String, Refusal> {
    let text = |id: &str| typing.typed.get(id).map_or("", |t| t.trim()).to_owned();
    let (name, unit) =
        if typing.is_unit { (text("contact"), text("unit_name")) } else { (text("person_name"), String::new()) };
    for _ in 0..TRIES {
        let random = u32::from_be_bytes(store::keys::random::<4>().map_err(down)?);
        let login = format!("{}-{}", typing.word, DIGITS.0 + random % DIGITS.1);
        let form = AccountForm {
            login: login.clone(),
            name: Pii::new(name.clone()),
            badge: None,
            unit: unit.clone(),
            role: Role::Applicant,
            password: call.form.secret("password"),
        };
        match call.site().add_applicant(&form).await {
            Ok(_) => return Ok(login),
            Err(refusal) if refusal.code == "login_taken" => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Err(fault("no_free_login"))
}

/// `POST /public/account`: `kind`, `login_word`, the fields, `password`, `password_again`, `next`.
pub(crate) async fn make(call: Call) -> Reply {
    let authority = of(&call)?;
    if call.who.is_some() {
        return Ok(see_other("/public/account"));
    }
    let is_unit = call.form.get("kind") != "person";
    let of_party = party_fields(is_unit);
    let of_party: Vec<&Field> = of_party.iter().collect();
    let typed = typed_of(&call.form, &of_party);
    let typing = Typing { is_unit, word: call.form.get(WORD).to_owned(), typed };
    let (mut faults, wrong_word) =
        (faults_of(&of_party, &typing.typed, call.now().shanghai_date()), word_fault(&typing.word));
    faults.extend(number_fault(is_unit, &typing.typed));
    let mut errors = FormErrors::default();
    password_faults(&call, &typing.word, &mut errors);
    if !faults.is_empty() || wrong_word.is_some() || !errors.is_empty() {
        return page_with(StatusCode::BAD_REQUEST, &form(&call, &typing, wrong_word, &faults, errors));
    }
    if let Err(refusal) = slow(&call) {
        let error = Some(both(&refusal.what, &refusal.next));
        return page_with(status(&refusal), &form(&call, &typing, error, &[], errors));
    }
    let login = add(&call, &typing).await?;
    let account = call.site().store().account_by_login(&login).await?.ok_or_else(|| fault("new_account"))?;
    let applicant = By { account: account.id, role: account.role };
    let party = PartyForm { is_unit, typed: typing.typed };
    if let Err(refusals) = authority.register_party(applicant, &party).await {
        // Known already, or the database went away: the page says that it is joined at the counter, in the same way.
        let codes: Vec<&str> = refusals.iter().map(|r| r.code.as_str()).collect();
        tracing::info!(?codes, "an applicant's account without its party");
    }
    begin_session(&call, &account, see_other(&account_page(call.form.get("next")))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_digits_are_a_login_name() {
        for good in ["zs", "li.si", "ABC_9-x", &"a".repeat(WORD_CHARS.1)] {
            assert_eq!(word_fault(good), None, "{good}");
            let longest = format!("{good}-{}", DIGITS.0 + DIGITS.1 - 1);
            let faults = domain::account::form_faults(&longest, "张三", "", "", Some(Role::Applicant));
            assert!(faults.is_empty(), "{longest}: {faults:?}");
        }
        for bad in ["", "a", "张三", "a b", "a@b", &"a".repeat(WORD_CHARS.1 + 1)] {
            assert!(word_fault(bad).is_some(), "{bad}");
        }
        assert_eq!((DIGITS.0.to_string().len(), (DIGITS.0 + DIGITS.1 - 1).to_string().len()), (5, 5));
    }

    #[test]
    fn what_is_wrong_with_a_word_is_named() {
        assert!(word_fault("").is_some_and(|t| t.zh.contains("未填写")));
        assert!(word_fault("li si").is_some_and(|t| t.zh.contains("空格") && t.en.contains("blank")));
        assert!(word_fault("张三").is_some_and(|t| t.zh.contains("字母")));
    }

    #[test]
    fn the_form_that_opens_is_that_of_whoever_the_service_is_for() {
        let packs = Packs::embedded().unwrap();
        for (next, unit) in [
            ("/public/services/system_filing", true),
            ("/public/services/person_viewing", false),
            ("/public/services/citizen_viewing?x=1", false),
            ("/public/services/nothing", false),
            (ONWARD, false),
            ("/public/footage", false),
        ] {
            assert_eq!(wants_unit(&packs, next), unit, "{next}");
        }
    }

    #[test]
    fn one_goes_on_within_this_server_only() {
        assert_eq!(
            (next_of("/public/services/x"), next_of("//evil"), next_of("")),
            ("/public/services/x", ONWARD, ONWARD)
        );
    }
}
