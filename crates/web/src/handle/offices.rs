//! Offices of an authority: the list, one office, who works there, absences.
//!
//! ```text
//! GET  /offices, /offices/{id} ─▶ Authority::offices, officers, absences, office_facts, promises ─▶ page; forms only for who may change it
//! POST /offices…               ─▶ Authority::put_office, put_office_facts, put_promises, put_officer, remove_officer, put_absence, end_absence
//! ```
//! Always true: an office's row is kept before what is told of it; the number of a certificate is never sent to a page; a certificate that ends
//! soon is marked.

use super::ask::{Wrong, both};
use super::inbox::{by, of};
use super::services::term;
use super::view::Names;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::{Ask, AskedField, Shown};
use crate::pages::offices::{AbsenceLine, OfficeLine, OfficePage, OfficerLine, OfficesPage};
use crate::pages::{Choice, Mark, Nav, State};
use authority::cases::{
    AbsenceForm, LYING, OfficeFacts, OfficeForm, OfficerForm, Promises, promise_most, promise_unit,
};
use base::{AccountId, CivilDate, Lang, OfficeId, Refusal, Text};
use domain::access::Permission;
use domain::casework::Seat;
use domain::office::OfficeLevel;
use std::collections::BTreeMap;
use store::casework::absences::AbsenceRow;
use store::casework::offices::{OfficeRow, OfficerRow};

/// How far ahead a certificate that ends is marked: our own choice.
const CARD_ENDS_SOON: i32 = 30;
/// Deepest place of an office in the tree.
const DEPTH: usize = 4;

fn today(call: &Call) -> CivilDate {
    call.now().shanghai_date()
}

fn id_of(call: &Call) -> Result<OfficeId, Refusal> {
    OfficeId::parse(call.param(0)).ok_or_else(no_page)
}

fn state_of(row: &OfficeRow) -> State {
    if row.closed.is_some() {
        State::new(Mark::Off, "停止受理", "closed")
    } else {
        State::new(Mark::Ok, "受理", "takes cases")
    }
}

fn level_of(row: &OfficeRow) -> Text {
    OfficeLevel::parse(&row.level).map_or_else(|| Text::of(row.level.clone(), row.level.clone()), OfficeLevel::name)
}

/// Offices below `above`, each followed by those below it.
fn tree(lang: Lang, rows: &[OfficeRow], above: Option<OfficeId>, depth: usize, out: &mut Vec<OfficeLine>) {
    // An office whose superior is not entered here stands at the top.
    let is_top = |row: &OfficeRow| row.parent.is_none_or(|parent| !rows.iter().any(|r| r.id == parent));
    let mine = |row: &&OfficeRow| if above.is_none() { is_top(row) } else { row.parent == above };
    for row in rows.iter().filter(mine) {
        out.push(OfficeLine {
            id: row.id.to_string(),
            indent: "└ ".repeat(depth),
            name: row.called(lang).to_owned(),
            level: level_of(row),
            division: row.division.clone(),
            unit_code: row.unit_code.clone(),
            state: state_of(row),
        });
        if depth < DEPTH {
            tree(lang, rows, Some(row.id), depth + 1, out);
        }
    }
}

/// `GET /offices`.
pub(crate) async fn list(call: Call) -> Reply {
    let rows = of(&call)?.offices(by(&call)?).await?;
    let mut lines = Vec::with_capacity(rows.len());
    tree(call.lang, &rows, None, 0, &mut lines);
    page(&OfficesPage {
        l: call.lang,
        bar: call.bar(Nav::Offices).await?,
        lines,
        may_manage: call.may(Permission::ManageOffices),
    })
}

// -- the form of an office --------------------------------------------------------------------------------------------------

/// What the form holds: as typed, else as kept.
#[derive(Clone, Default)]
struct Typed {
    form: OfficeForm,
    facts: OfficeFacts,
    /// Promises, by the word of the procedure.
    promises: BTreeMap<String, String>,
}

/// Begin of the form name of a promise; the word of the procedure follows.
const PROMISE: &str = "promise_";

/// The field of a promise, for each service that is offered here; behind them, after how many days a case without a clock comes up.
async fn promise_fields(call: &Call, typed: &Typed) -> Result<Vec<AskedField>, Refusal> {
    let (packs, today) = (call.site().gate().packs(), today(call));
    let field = |procedure: &law::Procedure| {
        let name = procedure.name();
        let most = term(promise_most(packs, procedure, today), promise_unit(procedure));
        let label = Text::of(format!("承诺期限：{}", name.zh), format!("Promise: {}", name.en));
        let hint = Text::of(
            format!("只写数字，至多{}；不承诺的不填。", most.zh),
            format!("The number alone, at most {}; empty: no promise.", most.en),
        );
        let value = typed.promises.get(&procedure.id).map_or("", String::as_str);
        asked(&format!("{PROMISE}{}", procedure.id), label, hint, Ask::Count, value)
    };
    let lying = packs.own_rule(LYING).map(|rule| {
        let hint = Text::of(
            format!("{}至{}日；不填的按{}日。{}", rule.least, rule.most, rule.days, rule.why_zh),
            format!("{} to {} days; empty: {}. {}", rule.least, rule.most, rule.days, rule.why_en),
        );
        let value = typed.promises.get(LYING).map_or("", String::as_str);
        asked(&format!("{PROMISE}{LYING}"), rule.name(), hint, Ask::Count, value)
    });
    let services = of(call)?.services(today).await?;
    Ok(services.iter().map(|service| field(service.procedure)).chain(lying).collect())
}

fn typed_promises(call: &Call) -> BTreeMap<String, String> {
    let packs = call.site().gate().packs();
    let one = |p: &law::Procedure| {
        let sent = call.form.all(&format!("{PROMISE}{}", p.id));
        sent.into_iter().next().map(|text| (p.id.clone(), text))
    };
    let lying = call.form.all(&format!("{PROMISE}{LYING}")).into_iter().next().map(|text| (LYING.to_owned(), text));
    packs.procedures().iter().filter_map(one).chain(lying).collect()
}

fn typed(call: &Call) -> Typed {
    let f = &call.form;
    let text = |name: &str| f.get(name).to_owned();
    let short = text("short");
    Typed {
        form: OfficeForm {
            id: None,
            name: text("name"),
            short: short.clone(),
            level: text("level"),
            division: text("division"),
            unit_code: text("unit_code"),
            parent: OfficeId::parse(f.get("parent")),
            closed: f.get("closed") == "yes",
            name_en: text("name_en"),
        },
        facts: OfficeFacts {
            short,
            address: text("address"),
            phone: text("phone"),
            hours_zh: text("hours_zh"),
            hours_en: text("hours_en"),
            review: text("review"),
            court: text("court"),
        },
        promises: typed_promises(call),
    }
}

fn kept(row: &OfficeRow, facts: OfficeFacts, promises: &Promises) -> Typed {
    let form = OfficeForm {
        id: Some(row.id),
        name: row.name.clone(),
        short: facts.short.clone(),
        level: row.level.clone(),
        division: row.division.clone(),
        unit_code: row.unit_code.clone(),
        parent: row.parent,
        closed: row.closed.is_some(),
        name_en: row.name_en.clone(),
    };
    let promises = promises.iter().map(|(id, n)| (id.clone(), n.to_string())).collect();
    Typed { form, facts, promises }
}

fn asked(id: &str, label: Text, hint: Text, ask: Ask, value: &str) -> AskedField {
    AskedField { id: id.to_owned(), label, hint, ask, value: value.to_owned(), ..AskedField::default() }
}

fn must(field: AskedField) -> AskedField {
    AskedField { required: true, ..field }
}

fn fields(typed: &Typed, all: &[OfficeRow]) -> Vec<AskedField> {
    let (form, facts, none) = (&typed.form, &typed.facts, Text::default);
    let level = |l: &OfficeLevel| Choice::new(l.code(), l.name(), l.code() == form.level);
    let above = |row: &OfficeRow| Choice::new(&row.id.to_string(), row.names(), form.parent == Some(row.id));
    let parent = form.parent.map(|id| id.to_string()).unwrap_or_default();
    let mut above: Vec<Choice> = all.iter().filter(|row| Some(row.id) != form.id).map(above).collect();
    above.insert(
        0,
        Choice::new("", Text::new("没有（本服务器最高的机构）", "None: the highest of this server"), parent.is_empty()),
    );
    let levels = asked("level", Text::new("级别", "Level"), none(), Ask::Choice, &form.level);
    let hint = Text::new("GB/T 2260，六位数字。", "GB/T 2260, six digits.");
    let division = asked("division", Text::new("行政区划代码", "Division code"), hint, Ask::Division, &form.division);
    let hint = Text::new("印章上的全称。", "In full, as on the seal.");
    let name = asked("name", Text::new("机构名称", "Name"), hint, Ask::Line, &form.name);
    let hint = Text::new(
        "印在英文文书上，显示在英文页面上；不填用中文名称。",
        "On English papers and pages; empty: the Chinese name.",
    );
    let name_en = asked("name_en", Text::new("英文名称", "Name in English"), hint, Ask::Line, &form.name_en);
    let hint = Text::new("案号、文号以此开头；不填用全称。", "Numbers begin with it; empty: the name in full.");
    let short = asked("short", Text::new("文号简称", "Short name for numbers"), hint, Ask::Line, &form.short);
    let code = asked(
        "unit_code",
        Text::new("公安机关机构代码", "Code of the police unit"),
        none(),
        Ask::Line,
        &form.unit_code,
    );
    let parents = asked("parent", Text::new("上级机构", "Office above"), none(), Ask::Choice, &parent);
    let global = Text::new(
        "公开显示；最高一级机构的也用作整个网站的联系方式。",
        "Shown to the public; that of the highest office stands for the whole site too.",
    );
    let line = |id: &str, label: Text, hint: Text, value: &str| asked(id, label, hint, Ask::Line, value);
    let is_closed = if form.closed { "yes" } else { "no" };
    let closed = asked("closed", Text::new("停止受理", "Closed"), none(), Ask::Flag, is_closed);
    vec![
        must(name),
        name_en,
        short,
        AskedField { choices: OfficeLevel::ALL.iter().map(level).collect(), ..must(levels) },
        must(division),
        must(code),
        AskedField { choices: above, ..parents },
        line("address", Text::new("窗口地址", "Address of the counter"), global.clone(), &facts.address),
        line("phone", Text::new("窗口电话", "Telephone of the counter"), global.clone(), &facts.phone),
        line(
            "hours_zh",
            Text::new("窗口时间（中文）", "Hours of the counter, Chinese"),
            global.clone(),
            &facts.hours_zh,
        ),
        line("hours_en", Text::new("窗口时间（英文）", "Hours of the counter, English"), global, &facts.hours_en),
        line(
            "review",
            Text::new("行政复议机关", "Organ of review"),
            Text::new("印在决定书上。", "Printed in decisions."),
            &facts.review,
        ),
        line(
            "court",
            Text::new("管辖法院", "Court"),
            Text::new("印在决定书上。", "Printed in decisions."),
            &facts.court,
        ),
        closed,
    ]
}

/// The field that a refusal is about.
fn at(code: &str) -> &str {
    match code {
        "office_name" => "name",
        "office_name_en" => "name_en",
        "office_short" => "short",
        "office_level" => "level",
        "office_division" => "division",
        "office_parent" => "parent",
        "office_code" | "office_unit_code" => "unit_code",
        "office_address" => "address",
        "office_phone" => "phone",
        "office_hours_zh" => "hours_zh",
        "office_hours_en" => "hours_en",
        "office_review" => "review",
        "office_court" => "court",
        promise if promise.starts_with(PROMISE) => promise,
        _ => "form",
    }
}

// -- one office -------------------------------------------------------------------------------------------------------------

/// Seats in words.
fn seats(row: &OfficerRow) -> Text {
    let names: Vec<Text> = row.seats.iter().filter_map(|s| Seat::parse(s)).map(Seat::name).collect();
    let zh: Vec<&str> = names.iter().map(|n| &*n.zh).collect();
    let en: Vec<&str> = names.iter().map(|n| &*n.en).collect();
    Text::of(zh.join("、"), en.join(", "))
}

/// Whether a certificate holds on a day.
fn card(until: Option<CivilDate>, today: CivilDate) -> State {
    match until {
        None => State::new(Mark::Off, "没有登记", "none entered"),
        Some(day) if day < today => State::new(Mark::Critical, "已过期", "over"),
        Some(day) if day <= today.plus_days(CARD_ENDS_SOON) => State::new(Mark::Warning, "即将到期", "ends soon"),
        Some(_) => State::new(Mark::Ok, "有效", "holds"),
    }
}

fn officer_line(call: &Call, names: &Names, row: &OfficerRow, absences: &[AbsenceRow]) -> OfficerLine {
    let today = today(call);
    let runs = |a: &&AbsenceRow| a.absence.account == row.account && a.absence.from <= today;
    let away = absences.iter().find(runs).map(|a| Shown(names.who(call, Some(a.absence.stand_in))));
    OfficerLine {
        account: row.account.to_string(),
        name: Shown(names.who(call, Some(row.account))),
        seats: seats(row),
        until: row.valid_until.map(|day| day.to_string()).unwrap_or_default(),
        card: card(row.valid_until, today),
        away: away.unwrap_or_default(),
    }
}

fn choice(call: &Call, names: &Names, account: AccountId, chosen: &str) -> Choice {
    let (id, name) = (account.to_string(), names.who(call, Some(account)));
    let is = id == chosen;
    Choice::new(&id, Text::of(name.clone(), name), is)
}

/// What is told of an office, for who may not change it.
fn about(lang: Lang, row: &OfficeRow, facts: &OfficeFacts) -> Vec<(Text, String)> {
    vec![
        (Text::new("英文名称", "Name in English"), row.name_en.clone()),
        (Text::new("级别", "Level"), level_of(row).get(lang).to_owned()),
        (Text::new("行政区划", "Division"), row.division.clone()),
        (Text::new("机构代码", "Unit code"), row.unit_code.clone()),
        (Text::new("文号简称", "Short name for numbers"), facts.short.clone()),
        (Text::new("窗口地址", "Counter"), facts.address.clone()),
        (Text::new("窗口电话", "Telephone"), facts.phone.clone()),
        (Text::new("窗口时间", "Hours"), facts.hours_zh.clone()),
        (Text::new("行政复议机关", "Organ of review"), facts.review.clone()),
        (Text::new("管辖法院", "Court"), facts.court.clone()),
    ]
}

async fn office_page(call: &Call, id: OfficeId, sent: Option<Typed>, mut wrong: Wrong) -> Result<OfficePage, Refusal> {
    let (authority, who) = (of(call)?, by(call)?);
    let all = authority.offices(who).await?;
    let row = all.iter().find(|row| row.id == id).ok_or_else(|| Refusal::not_found("该机构", "office"))?;
    let facts = authority.office_facts(id).await?;
    let promises = authority.promises(id).await?;
    let officers = authority.officers(who, id).await?;
    let absences = authority.absences(who, id).await?;
    let names = Names::read_whole(call).await?;
    let manages = call.may(Permission::ManageOffices);
    let own = who.account;
    let mut accounts = Vec::new();
    if manages {
        let staff = call.site().store().accounts().await?.into_iter();
        let works = staff.filter(|a| a.disabled.is_none() && a.role.may(Permission::SeeCases));
        accounts = works.map(|a| choice(call, &names, a.id, call.form.get("account"))).collect();
    }
    let may_end = |a: &AbsenceRow| manages || a.absence.account == own;
    let absence = |a: &AbsenceRow| AbsenceLine {
        entry: a.entry,
        name: Shown(names.who(call, Some(a.absence.account))),
        stand_in: Shown(names.who(call, Some(a.absence.stand_in))),
        from: a.absence.from.to_string(),
        until: a.absence.until.to_string(),
        may_end: may_end(a),
    };
    let absent = officers.iter().filter(|o| manages || o.account == own);
    let mut bar = call.bar(Nav::Offices).await?;
    wrong.on(&mut bar);
    let typed = sent.map_or_else(
        || kept(row, facts.clone(), &promises),
        |sent| Typed { form: OfficeForm { id: Some(id), ..sent.form }, ..sent },
    );
    let mut form_fields = Vec::new();
    if manages {
        form_fields = fields(&typed, &all);
        form_fields.extend(promise_fields(call, &typed).await?);
    }
    let mut page = OfficePage {
        l: call.lang,
        bar,
        id: id.to_string(),
        name: row.called(call.lang).to_owned(),
        state: state_of(row),
        facts: if manages { Vec::new() } else { about(call.lang, row, &facts) },
        fields: form_fields,
        officers: officers.iter().map(|o| officer_line(call, &names, o, &absences)).collect(),
        accounts,
        valid_until: call.form.raw("valid_until").to_owned(),
        absences: absences.iter().map(absence).collect(),
        absent: absent.map(|o| choice(call, &names, o.account, call.form.get("absent"))).collect(),
        stand_ins: officers.iter().map(|o| choice(call, &names, o.account, call.form.get("stand_in"))).collect(),
        from: call.form.raw("from").to_owned(),
        until: call.form.raw("until").to_owned(),
        errors: wrong.errors,
    };
    beside(&mut page);
    Ok(page)
}

/// What is wrong with a field stands beside it, once.
fn beside(page: &mut OfficePage) {
    for field in &mut page.fields {
        field.error = page.errors.of(&field.id).cloned();
    }
    let fields = &page.fields;
    page.errors.0.retain(|e| !fields.iter().any(|f| f.id == e.field));
}

async fn new_page(call: &Call, typed: &Typed, mut wrong: Wrong) -> Result<OfficePage, Refusal> {
    let all = of(call)?.offices(by(call)?).await?;
    let mut bar = call.bar(Nav::Offices).await?;
    wrong.on(&mut bar);
    let fields = fields(typed, &all);
    let mut page = OfficePage { l: call.lang, bar, fields, errors: wrong.errors, ..OfficePage::default() };
    beside(&mut page);
    Ok(page)
}

/// `GET /offices/new`.
pub(crate) async fn new(call: Call) -> Reply {
    of(&call)?;
    page(&new_page(&call, &Typed::default(), Wrong::none()).await?)
}

/// Keeps an office and what is told of it.
async fn keep(call: &Call, typed: &Typed) -> Result<OfficeId, Refusal> {
    let (authority, who) = (of(call)?, by(call)?);
    let id = authority.put_office(who, &typed.form).await?;
    authority.put_office_facts(who, id, &typed.facts).await?;
    authority.put_promises(who, id, &typed.promises).await?;
    Ok(id)
}

/// `POST /offices/new`: the fields.
pub(crate) async fn add(call: Call) -> Reply {
    of(&call)?;
    let typed = typed(&call);
    match keep(&call, &typed).await {
        Ok(id) => call.done(&format!("/offices/{id}"), "office_kept"),
        Err(refusal) => {
            let code = refusal.code.clone();
            let wrong = Wrong::of(refusal, at(&code))?;
            page_with(wrong.status, &new_page(&call, &typed, wrong).await?)
        }
    }
}

/// `GET /offices/{id}`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    page(&office_page(&call, id_of(&call)?, None, Wrong::none()).await?)
}

/// `POST /offices/{id}`: the fields.
pub(crate) async fn change(call: Call) -> Reply {
    of(&call)?;
    let id = id_of(&call)?;
    let mut typed = typed(&call);
    typed.form.id = Some(id);
    match keep(&call, &typed).await {
        Ok(id) => call.done(&format!("/offices/{id}"), "office_kept"),
        Err(refusal) => {
            let code = refusal.code.clone();
            let wrong = Wrong::of(refusal, at(&code))?;
            page_with(wrong.status, &office_page(&call, id, Some(typed), wrong).await?)
        }
    }
}

/// The page of the office with what was refused.
async fn refused(call: &Call, refusal: Refusal, at: &str) -> Reply {
    let wrong = Wrong::of(refusal, at)?;
    page_with(wrong.status, &office_page(call, id_of(call)?, None, wrong).await?)
}

fn account_of(call: &Call, name: &str) -> Result<AccountId, Refusal> {
    AccountId::parse(call.form.get(name)).ok_or_else(no_page)
}

/// `POST /offices/{id}/officers`: `account`, `certificate`, `valid_until`.
pub(crate) async fn put_officer(call: Call) -> Reply {
    let authority = of(&call)?;
    let (id, account) = (id_of(&call)?, account_of(&call, "account")?);
    let until = call.form.get("valid_until");
    let form = OfficerForm { certificate: call.form.secret("certificate"), valid_until: CivilDate::parse(until) };
    if !until.is_empty() && form.valid_until.is_none() {
        let mut wrong = Wrong::form();
        let (what, next) = (Text::new("日期无效。", "This is no day."), Text::new("请更正。", "Correct it."));
        wrong.errors.push("valid_until", both(&what, &next));
        return page_with(wrong.status, &office_page(&call, id, None, wrong).await?);
    }
    match authority.put_officer(by(&call)?, account, id, &form).await {
        Ok(()) => call.done(&format!("/offices/{id}"), "officer_kept"),
        Err(refusal) => {
            let at = if refusal.code == "certificate" { "certificate" } else { "account" };
            refused(&call, refusal, at).await
        }
    }
}

/// `POST /offices/{id}/officers/remove`: `account`.
pub(crate) async fn remove_officer(call: Call) -> Reply {
    let authority = of(&call)?;
    let (id, account) = (id_of(&call)?, account_of(&call, "account")?);
    // Only somebody of this very office: the button stood on its page.
    if !authority.officers(by(&call)?, id).await?.iter().any(|o| o.account == account) {
        return Err(no_page());
    }
    authority.remove_officer(by(&call)?, account).await?;
    call.done(&format!("/offices/{id}"), "officer_gone")
}

/// `POST /offices/{id}/absences`: `absent`, `stand_in`, `from`, `until`.
pub(crate) async fn add_absence(call: Call) -> Reply {
    let authority = of(&call)?;
    let id = id_of(&call)?;
    let days = (CivilDate::parse(call.form.get("from")), CivilDate::parse(call.form.get("until")));
    let stand_in = AccountId::parse(call.form.get("stand_in"));
    let ((Some(from), Some(until)), Some(stand_in)) = (days, stand_in) else {
        let mut wrong = Wrong::form();
        let at = if stand_in.is_none() { "stand_in" } else { "from" };
        wrong
            .errors
            .push(at, Text::new("请选择代为办理的人，并填写起止日期。", "Choose who stands in, and enter both days."));
        return page_with(wrong.status, &office_page(&call, id, None, wrong).await?);
    };
    let form = AbsenceForm { account: account_of(&call, "absent")?, stand_in, from, until };
    match authority.put_absence(by(&call)?, &form).await {
        Ok(_) => call.done(&format!("/offices/{id}"), "absence_kept"),
        Err(refusal) => {
            let at = if refusal.code == "stand_in" || refusal.code == "absence_chain" { "stand_in" } else { "from" };
            refused(&call, refusal, at).await
        }
    }
}

/// `POST /offices/{id}/absences/end`: `entry`.
pub(crate) async fn end_absence(call: Call) -> Reply {
    let authority = of(&call)?;
    let entry = call.form.get("entry").parse().map_err(|_| no_page())?;
    let office = authority.end_absence(by(&call)?, entry).await?;
    call.done(&format!("/offices/{office}"), "absence_over")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office(n: u8, parent: Option<u8>) -> OfficeRow {
        let id = |n: u8| OfficeId::new(1, [n; 10]);
        OfficeRow {
            id: id(n),
            name: format!("机构{n}"),
            level: "county".into(),
            division: "230102".into(),
            unit_code: format!("23010200000{n}"),
            parent: parent.map(id),
            closed: None,
            name_en: String::new(),
        }
    }

    #[test]
    fn each_office_stands_once_below_the_one_above_it() {
        let rows = [office(2, Some(1)), office(1, None), office(3, Some(2)), office(4, Some(9))];
        let mut lines = Vec::new();
        tree(Lang::Zh, &rows, None, 0, &mut lines);
        let names: Vec<(&str, &str)> = lines.iter().map(|l| (l.name.as_str(), l.indent.as_str())).collect();
        assert_eq!(names, [("机构1", ""), ("机构2", "└ "), ("机构3", "└ └ "), ("机构4", "")]);
    }

    #[test]
    fn a_ring_of_offices_ends() {
        let rows = [office(1, Some(2)), office(2, Some(1))];
        let mut lines = Vec::new();
        tree(Lang::Zh, &rows, None, 0, &mut lines);
        assert!(lines.is_empty(), "neither has a top; the domain keeps such a ring out");
    }

    #[test]
    fn a_certificate_is_marked_before_it_ends() {
        let today = CivilDate::ymd(2026, 3, 2).unwrap();
        let of = |ahead: i32| card(Some(today.plus_days(ahead)), today).mark;
        assert_eq!(
            [of(-1), of(0), of(CARD_ENDS_SOON), of(CARD_ENDS_SOON + 1)],
            [Mark::Critical, Mark::Warning, Mark::Warning, Mark::Ok]
        );
        assert_eq!(card(None, today).mark, Mark::Off);
    }
}
