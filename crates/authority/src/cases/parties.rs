//! Parties: who registers their own unit or themselves, whom the counter finds or enters, and what forms know of them beforehand.
//!
//! Always true: a form is read whole and every fault told at once; a code or number that belongs to a party already gives nobody who merely
//! knows it that party: only the account that entered it goes on with it, everybody else goes to the counter; of a natural person nothing
//! stands open.

use crate::{Authority, By};
use base::{AccountId, ErrorKind, PartyId, Pii, Refusal, Text};
use domain::access::Permission;
use domain::casework::Typed;
use domain::form::{self, FieldFault, Value, Values};
use domain::identifier::{IdentityKind, ResidentId};
use law::{Field, FieldKind, Procedure};
use std::collections::BTreeMap;
use store::StoreError;
use store::casework::parties::{PartyData, PartyPut, PartyRow, Person, Unit};

/// A unit or a person as typed: the texts of [`party_fields`], by field id.
#[derive(Clone, PartialEq, Eq)]
pub struct PartyForm {
    /// A unit; else a natural person.
    pub is_unit: bool,
    /// What was typed.
    pub typed: Typed,
}

impl std::fmt::Debug for PartyForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_unit { "PartyForm(unit)" } else { "PartyForm(person)" })
    }
}

/// Fields of the registration of a unit that has no credit code: what it is called and who made it, and its number.
pub(super) const REGISTRATION: [&str; 2] = ["registration_kind", "registration_number"];

/// A field that stands in no pack.
pub(super) fn field(id: &str, kind: FieldKind, required: bool, zh: &str, en: &str) -> Field {
    Field {
        id: id.to_owned(),
        step: String::new(),
        zh: zh.to_owned(),
        en: en.to_owned(),
        kind,
        required,
        past: false,
        when: None,
        unkept: None,
        not_before: Vec::new(),
        sum_of: Vec::new(),
        most: None,
        choices: Vec::new(),
        hint_zh: String::new(),
        hint_en: String::new(),
        zero_zh: String::new(),
        zero_en: String::new(),
        sample: String::new(),
        sample_en: String::new(),
        clause: None,
        personal: kind.is_personal(),
        registers: Vec::new(),
        public: false,
    }
}

/// Says which documents are taken.
fn identity(field: Field) -> Field {
    Field {
        hint_zh: "先选证件种类，再填号码。居民身份证的号码是18位。".to_owned(),
        hint_en:
            "Choose the kind of document, then enter its number. That of a resident identity card has 18 characters."
                .to_owned(),
        ..field
    }
}

/// The form of a unit or of a person, in the order shown; ids are those of the procedures' forms.
#[must_use]
pub fn party_fields(is_unit: bool) -> Vec<Field> {
    use FieldKind::{CreditCode, IdentityDocument, Line, Name, Phone};
    if is_unit {
        vec![
            field("unit_name", Line, true, "单位名称", "name of the unit"),
            Field {
                hint_zh: "18位；没有代码的境外单位不填，填写下面的登记证件和号码。".to_owned(),
                hint_en:
                    "18 characters; an organisation from abroad that has none names its registration below instead."
                        .to_owned(),
                ..field("credit_code", CreditCode, false, "统一社会信用代码", "unified social credit code")
            },
            field(REGISTRATION[0], Line, false, "境外登记证件和登记机关", "registration abroad and who made it"),
            field(REGISTRATION[1], Line, false, "境外登记号码", "number of that registration"),
            field("unit_address", Line, true, "单位地址", "address of the unit"),
            field("representative", Name, false, "法定代表人", "legal representative"),
            field("contact", Name, true, "联系人", "whom to ask"),
            field("contact_phone", Phone, true, "联系电话", "telephone"),
        ]
    } else {
        vec![
            field("person_name", Name, true, "姓名", "name"),
            identity(field("resident_id", IdentityDocument, true, "身份证件号码", "number of the identity document")),
            field("contact_phone", Phone, true, "联系电话", "telephone"),
            field("party_address", Line, false, "住址", "address"),
        ]
    }
}

/// The party that a form's values make.
pub(super) fn party_of(is_unit: bool, values: &Values) -> PartyData {
    let text = |id: &str| values.text(id).unwrap_or_default().to_owned();
    let personal = |id: &str| Pii::new(text(id));
    if is_unit {
        PartyData::Unit(Unit {
            name: text("unit_name"),
            credit_code: Some(text("credit_code")).filter(|code| !code.is_empty()),
            registration_kind: text(REGISTRATION[0]),
            registration_number: text(REGISTRATION[1]),
            address: text("unit_address"),
            representative: personal("representative"),
            contact: personal("contact"),
            phone: personal("contact_phone"),
        })
    } else {
        PartyData::Person(Person {
            name: personal("person_name"),
            id_number: personal("resident_id"),
            phone: personal("contact_phone"),
            address: personal("party_address"),
        })
    }
}

/// What a unit lacks that has neither a code nor a whole registration of its own; `None`: it has one of them, or it is a person.
#[must_use]
pub fn number_fault(is_unit: bool, typed: &Typed) -> Option<FieldFault> {
    let is_given = |id: &str| typed.get(id).is_some_and(|text| !text.trim().is_empty());
    if !is_unit || is_given("credit_code") || REGISTRATION.iter().all(|id| is_given(id)) {
        return None;
    }
    Some(FieldFault {
        field: "credit_code".to_owned(),
        what: Text::new(
            "没有填写统一社会信用代码，也没有填写完整的境外登记。",
            "Neither a unified social credit code nor a whole registration abroad was given.",
        ),
        next: Text::new(
            "请填写代码；没有代码的境外单位，请填写登记证件、登记机关和号码。",
            "Enter the code; an organisation from abroad without one enters its registration, who made it, and the number.",
        ),
    })
}

/// The form, read: every fault as a refusal of its own, with the field's id as its code.
fn read(form: &PartyForm) -> Result<PartyData, Vec<Refusal>> {
    let fields = party_fields(form.is_unit);
    let fields: Vec<&Field> = fields.iter().collect();
    let refusal = |f: FieldFault| Refusal::bad_input(&f.field, f.what, f.next);
    match (form::check(&fields, &form.typed), number_fault(form.is_unit, &form.typed)) {
        (Ok(values), None) => Ok(party_of(form.is_unit, &values)),
        (checked, lacking) => Err(checked.err().into_iter().flatten().chain(lacking).map(refusal).collect()),
    }
}

fn one(refusal: impl Into<Refusal>) -> Vec<Refusal> {
    vec![refusal.into()]
}

fn taken() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "party_taken",
        Text::new(
            "该代码或者号码已经登记在其他账号或者窗口档案中。",
            "This code or number is entered already, by another account or at the counter.",
        ),
        Text::new(
            "请携带证件到窗口，由工作人员核对后关联账号。",
            "Come to the counter with your papers; the account is joined to it there.",
        ),
    )
}

fn changed_meanwhile() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "party_moved_on",
        Text::new("该当事人的资料刚被更改。", "What is known of this party was just changed."),
        Text::new("请刷新页面核对后再提交。", "Reload the page, check and submit again."),
    )
}

/// Whether a form's field can be filled in from what is known, and with what.
fn known(field: &Field, data: &PartyData) -> Option<String> {
    let of = |id: &str, kind: FieldKind| field.id == id && field.kind == kind;
    let text = match data {
        PartyData::Unit(u) if of("unit_name", FieldKind::Line) || of("provider_name", FieldKind::Line) => {
            u.name.clone()
        }
        PartyData::Unit(u) if of("credit_code", FieldKind::CreditCode) => u.credit_code.clone().unwrap_or_default(),
        PartyData::Unit(u) if of("unit_address", FieldKind::Line) || of("party_address", FieldKind::Line) => {
            u.address.clone()
        }
        PartyData::Unit(u) if of("representative", FieldKind::Name) => u.representative.expose().clone(),
        PartyData::Unit(u) if of("contact", FieldKind::Name) || of("applicant_name", FieldKind::Name) => {
            u.contact.expose().clone()
        }
        PartyData::Unit(u) if of("contact_phone", FieldKind::Phone) || of("party_phone", FieldKind::Phone) => {
            u.phone.expose().clone()
        }
        PartyData::Person(p)
            if ["person_name", "applicant_name", "contact"].iter().any(|id| of(id, FieldKind::Name)) =>
        {
            p.name.expose().clone()
        }
        PartyData::Person(p)
            if of("resident_id", FieldKind::IdentityDocument) || of("identity_number", FieldKind::IdentityDocument) =>
        {
            p.id_number.expose().clone()
        }
        // Where the form takes a resident's number only, another document's is not filled in.
        PartyData::Person(p)
            if of("resident_id", FieldKind::ResidentId) || of("identity_number", FieldKind::ResidentId) =>
        {
            let (_, number) = IdentityKind::split(p.id_number.expose());
            ResidentId::parse(number).map_or_else(|_| String::new(), |id| id.as_str().to_owned())
        }
        PartyData::Person(p) if of("contact_phone", FieldKind::Phone) || of("party_phone", FieldKind::Phone) => {
            p.phone.expose().clone()
        }
        PartyData::Person(p) if of("party_address", FieldKind::Line) => p.address.expose().clone(),
        PartyData::Unit(u) if of(REGISTRATION[0], FieldKind::Line) => u.registration_kind.clone(),
        PartyData::Unit(u) if of(REGISTRATION[1], FieldKind::Line) => u.registration_number.clone(),
        PartyData::Unit(u) if of("party_kind", FieldKind::Choice) || of("applicant_kind", FieldKind::Choice) => {
            let abroad = field.choice("foreign_unit").filter(|_| !u.registration_number.is_empty());
            abroad.or_else(|| field.choice("unit"))?.id.clone()
        }
        PartyData::Person(_) if of("party_kind", FieldKind::Choice) || of("applicant_kind", FieldKind::Choice) => {
            field.choice("person")?.id.clone()
        }
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// What forms of a procedure are filled in with beforehand, by field id. Personal data: for the form of who may see it, nothing else.
#[must_use]
pub fn known_values(procedure: &Procedure, data: &PartyData) -> BTreeMap<String, String> {
    procedure.fields.iter().filter_map(|f| Some((f.id.clone(), known(f, data)?))).collect()
}

/// Whether what is known of a unit, or of a person, answers this field: a name, telephone or identity number of whoever applies.
#[must_use]
pub fn answers(field: &Field, is_unit: bool) -> bool {
    let word = || Pii::new("x".to_owned());
    let data = if is_unit {
        PartyData::Unit(Unit { contact: word(), phone: word(), representative: word(), ..Unit::default() })
    } else {
        PartyData::Person(Person { name: word(), id_number: word(), phone: word(), ..Person::default() })
    };
    let of_person = matches!(field.kind, FieldKind::Name | FieldKind::Phone | FieldKind::IdentityDocument);
    of_person && known(field, &data).is_some()
}

/// What forms of a procedure are filled in with by the part about the party, as far as that is right, by field id. Personal data: for the form
/// that the part stands on, nothing else.
#[must_use]
pub fn known_of_form(procedure: &Procedure, party: &PartyForm) -> Typed {
    let mut right: BTreeMap<String, Value> = BTreeMap::new();
    for field in party_fields(party.is_unit) {
        let Some(text) = party.typed.get(&field.id) else { continue };
        let one = Typed::from([(field.id.clone(), text.clone())]);
        let read = form::check(&[&field], &one).ok().and_then(|values| values.get(&field.id).cloned());
        right.extend(read.map(|value| (field.id.clone(), value)));
    }
    Values::try_from(right)
        .map_or_else(|_| Typed::new(), |values| known_values(procedure, &party_of(party.is_unit, &values)))
}

impl Authority {
    /// The form, read; a number that is none is entered as tried.
    pub(super) async fn read_party(&self, by: By, form: &PartyForm) -> Result<PartyData, Vec<Refusal>> {
        let data = read(form);
        if data.is_err() {
            let fields = party_fields(form.is_unit);
            let fields: Vec<&Field> = fields.iter().collect();
            self.tried_numbers(by, None, &fields, &form.typed).await.map_err(one)?;
        }
        data
    }

    /// The party that an applicant's account stands for; `None` before it is registered.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn my_party(&self, by: By) -> Result<Option<PartyRow>, Refusal> {
        let account = by.needs(Permission::Apply)?;
        match self.store().party_of(account).await? {
            Some(party) => Ok(self.store().party(party).await?),
            None => Ok(None),
        }
    }

    /// What forms of a procedure are filled in with for the party of a case or account that this account may know of.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn known_values(
        &self,
        by: By,
        procedure: &Procedure,
        party: PartyId,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let own = by.role.may(Permission::Apply) && self.store().party_of(by.account).await? == Some(party);
        if !own {
            by.needs(Permission::HandleCases)?;
        }
        let row = self.store().party(party).await?.ok_or_else(|| Refusal::not_found("该当事人", "party"))?;
        Ok(known_values(procedure, &row.data))
    }

    /// An applicant registers their unit or themselves, or says what is known now.
    ///
    /// # Errors
    /// No permission; every fault of the form (code: the field's id); `party_taken`, `party_moved_on` (also for a unit that would become
    /// a person); or the store. A crash between party and account leaves a party that the same account goes on with.
    pub async fn register_party(&self, by: By, form: &PartyForm) -> Result<PartyId, Vec<Refusal>> {
        let account = by.needs(Permission::Apply).map_err(one)?;
        let data = self.read_party(by, form).await?;
        let own = self.my_party(by).await.map_err(one)?;
        let (id, seen) = match &own {
            Some(row) => (row.id, row.version),
            None => (self.store().new_party_id(self.now()).map_err(StoreError::from).map_err(one)?, 0),
        };
        let put = self.store().put_party(id, seen, &data, Some(account), self.now()).await.map_err(one)?;
        let id = match put {
            PartyPut::Done(id) => id,
            PartyPut::There(there) if own.is_none() => self.left_behind(account, there).await.map_err(one)?,
            PartyPut::There(_) => return Err(one(taken())),
            PartyPut::MovedOn | PartyPut::Full => return Err(one(changed_meanwhile())),
        };
        if own.is_none() {
            self.store().put_applicant(account, id, account, self.now()).await.map_err(one)?;
        }
        Ok(id)
    }

    /// The party that this very account entered, and that no account stands for: what a crash left.
    async fn left_behind(&self, account: AccountId, there: PartyId) -> Result<PartyId, Refusal> {
        let row = self.store().party(there).await?;
        let mine = row.is_some_and(|r| r.version == 1 && r.by == Some(account));
        if mine && self.store().accounts_of_party(there).await?.is_empty() { Ok(there) } else { Err(taken()) }
    }

    /// The counter's party: the one with this code or number, else a new one. What is known of one that is there is not changed.
    ///
    /// # Errors
    /// No permission; every fault of the form; or the store.
    pub async fn party_for_counter(&self, by: By, form: &PartyForm) -> Result<PartyId, Vec<Refusal>> {
        let account = by.needs(Permission::HandleCases).map_err(one)?;
        let data = self.read_party(by, form).await?;
        let id = self.store().new_party_id(self.now()).map_err(StoreError::from).map_err(one)?;
        let put = self.store().put_party(id, 0, &data, Some(account), self.now()).await.map_err(one)?;
        match put {
            PartyPut::Done(id) | PartyPut::There(id) => Ok(id),
            PartyPut::MovedOn | PartyPut::Full => Err(one(changed_meanwhile())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(more: &[(&str, &str)]) -> PartyForm {
        let own = [
            ("unit_name", "示例有限公司"),
            ("unit_address", "香港示例道1号"),
            ("contact", "王五"),
            ("contact_phone", "024-55550100"),
        ];
        let typed = own.iter().chain(more).map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
        PartyForm { is_unit: true, typed }
    }

    #[test]
    fn a_unit_has_a_code_or_a_whole_registration_of_its_own() {
        let (kind, number) = ((REGISTRATION[0], "公司注册证明书（香港公司注册处）"), (REGISTRATION[1], "1234567"));
        let codes = |form: &PartyForm| -> Vec<String> {
            read(form).err().into_iter().flatten().map(|refusal| refusal.code).collect()
        };
        for lacking in [&[][..], &[kind][..], &[number][..], &[("credit_code", " ")][..]] {
            assert_eq!(codes(&unit(lacking)), ["credit_code"], "{lacking:?}");
        }
        assert!(codes(&unit(&[("credit_code", "91350100M000100Y43")])).is_empty());
        let Ok(PartyData::Unit(abroad)) = read(&unit(&[kind, number])) else { panic!("a unit") };
        assert_eq!((abroad.credit_code, abroad.registration_number.as_str()), (None, "1234567"));
        let none = PartyForm { is_unit: false, typed: Typed::new() };
        assert!(number_fault(none.is_unit, &none.typed).is_none(), "a person has another number");
    }

    #[test]
    fn the_form_of_who_wants_to_see_footage_knows_a_unit_from_abroad() {
        let packs = law::Packs::embedded().unwrap();
        for procedure in ["citizen_viewing", "evidence_retrieval"] {
            let procedure = packs.procedure(procedure).unwrap();
            let kind = |unit: Unit| known_values(procedure, &PartyData::Unit(unit)).remove("applicant_kind");
            let own = Unit { credit_code: Some("91350100M000100Y43".into()), ..Unit::default() };
            let abroad = Unit { registration_number: "1234567".into(), ..Unit::default() };
            assert_eq!((kind(own).as_deref(), kind(abroad).as_deref()), (Some("unit"), Some("foreign_unit")));
        }
    }
}
