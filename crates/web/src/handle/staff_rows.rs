//! One row of a register for staff: all its versions with who, when, why and by which case; the form of a row that no case makes.
//!
//! ```text
//! GET  row  ─▶ versions (opened) ─▶ Reader: masked, shut ─▶ StaffRowPage        proof, entry ─▶ files that anybody checks without this server
//! POST form ─▶ form::check (all faults beside their fields) ─▶ Authority::put_row ─┬▶ the row
//!                                                                                  └▶ refused: the same page anew, what was typed kept
//! POST end  ─▶ Authority::end_row
//! GET  edit ─▶ Authority::row_to_change (entry where it names persons) ─▶ the form, whole
//! POST reveal ─▶ Authority::reveal_row (entry first) ─▶ one page with the words, kept by nobody
//! ```
//! Always true: what may be changed is decided by the corridor, a page only leaves out what would be refused; a refusal keeps what was typed.

use super::ask::{self, Wrong, both};
use super::case_desk::{may_reveal, reveals_of};
use super::divisions;
use super::inbox::{by, of};
use super::proofs;
use super::register_states::Withdrawn;
use super::registers::{fixed, fixed_cells, label_of};
use super::staff_registers::{Reader, Whole, columns, form_of, listed, register_of, shown, state_of};
use super::view::Names;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::Nav;
use crate::pages::ask::Shown;
use crate::pages::case::ValueLine;
use crate::pages::case_desk::WholeLine;
use crate::pages::registers::ProofBox;
use crate::pages::staff_registers::{StaffRowFormPage, StaffRowPage, StaffRowRevealPage, StaffVersion};
use authority::cases::{REASON_KEY, RevealedLine, RowEnd, RowForm, is_of_places, is_of_systems, row_typed};
use base::{CivilDate, ErrorKind, Lang, Refusal, Text};
use domain::access::Permission;
use domain::casework::Typed;
use domain::form::FieldFault;
use law::{Field, Packs, RegisterForm};
use store::casework::registers::{RowVersion, WrittenRow};

/// Versions of a row that its page shows.
const VERSIONS: usize = 100;

/// The name, decision, day and office, then every column that a version has: what a reader may see of it.
fn values(reader: &Reader, packs: &Packs, columns: &[&Field], row: &RowVersion, lang: Lang) -> Vec<ValueLine> {
    let whole = reader.read(packs, row);
    let line = |label: Text, value: Shown, masked: bool| ValueLine { label, value, masked, before: Shown::default() };
    let heads = fixed().into_iter().zip(fixed_cells(row, &whole.open, lang));
    let mut out: Vec<ValueLine> = heads.map(|(label, cell)| line(label, Shown(cell), false)).collect();
    out.extend(columns.iter().map(|f| line(f.name(), shown(&whole, f, lang), whole.masks(f))));
    let until = row.until.map(|day| day.to_string()).unwrap_or_default();
    out.push(line(Text::new("有效期自", "In force from"), Shown(row.from.to_string()), false));
    out.push(line(Text::new("有效期至", "In force until"), Shown(until), false));
    out
}

/// What stands in a version and not in the one before.
fn changed(is: Vec<ValueLine>, was: Vec<ValueLine>) -> Vec<(Text, Shown, Shown)> {
    let pairs = is.into_iter().zip(was).filter(|(is, was)| is.value != was.value);
    pairs.map(|(is, was)| (is.label, was.value, is.value)).collect()
}

/// Why a version was written, for the office that wrote it.
fn why_of(whole: &Whole<'_>) -> Shown {
    let why = whole.sealed[REASON_KEY].as_str().filter(|_| whole.own && !whole.shut);
    Shown(why.unwrap_or_default().to_owned())
}

async fn history(call: &Call, reader: &Reader, all: &[RowVersion]) -> Result<Vec<StaffVersion>, Refusal> {
    let (packs, store, l) = (call.site().gate().packs(), call.site().store(), call.lang);
    let (names, sees_log) = (Names::read_whole(call).await?, call.may(Permission::SeeLog));
    let register = all.first().map_or("", |row| row.register.as_str());
    let columns = columns(call, register);
    let mut out = Vec::new();
    for (n, row) in all.iter().enumerate().take(VERSIONS) {
        let before = all.get(n + 1);
        let changed = match before {
            Some(before) => {
                changed(values(reader, packs, &columns, row, l), values(reader, packs, &columns, before, l))
            }
            None => Vec::new(),
        };
        let by = store.act(row.entry).await?.and_then(|act| act.account);
        let what = match (row.version, row.until) {
            (1, _) => Text::new("登记", "entered"),
            (_, Some(_)) if before.is_some_and(|b| b.until.is_none()) => {
                Text::new("写明最后一日", "given its last day")
            }
            _ => Text::new("变更", "changed"),
        };
        out.push(StaffVersion {
            at: row.at,
            what,
            who: names.who(call, by),
            why: why_of(&reader.read(packs, row)),
            changed,
            case: row.case.map(|(case, _)| (label_of(row), format!("/cases/{case}"))),
            log: sees_log.then_some(row.entry),
        });
    }
    Ok(out)
}

/// The address of a row's page. The id of an imported one is what its older register called it, Chinese perhaps: a header takes ASCII only.
pub(super) fn page_of(register: &str, row: &str) -> String {
    let mut out = format!("/registers/{register}/");
    for byte in row.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

async fn versions(call: &Call) -> Result<Vec<RowVersion>, Refusal> {
    let register = listed(call, call.param(0))?;
    let all = call.site().store().register_history(&register.id, call.param(1)).await?;
    if all.is_empty() { Err(no_page()) } else { Ok(all) }
}

async fn row_page(call: &Call, mut wrong: Wrong) -> Result<StaffRowPage, Refusal> {
    of(call)?;
    let (all, reader) = (versions(call).await?, Reader::of(call).await?);
    let newest = all.first().ok_or_else(no_page)?;
    let register = listed(call, &newest.register)?;
    let (packs, l) = (call.site().gate().packs(), call.lang);
    let whole = reader.read(packs, newest);
    let withdrawn = Withdrawn::of(call, std::slice::from_ref(newest)).await?;
    let state = withdrawn.told(newest, state_of(newest, &whole.open, call.now().shanghai_date()));
    let shut = whole.shut;
    let mut lines = values(&reader, packs, &columns(call, &newest.register), newest, l);
    lines.retain(|line| !line.value.is_empty());
    // Only what the own office may ask for whole is offered.
    let hidden = !shut && reader.is_own(newest) && lines.iter().any(|line| line.masked);
    // A register may be open to the public and this row not be published yet: it is told of the row.
    let unseen = || {
        if withdrawn.has(newest) {
            l.t("公布已撤回，公众查不到", "withdrawn, nobody outside can read it")
        } else {
            l.t("尚未公开，公众查不到", "not published yet")
        }
    };
    let public = newest.shown.map_or_else(|| unseen().to_owned(), |at| at.desk());
    let label = Text::new("本条向社会公开的时间", "This row is public since");
    lines.push(ValueLine { label, value: Shown(public), masked: false, before: Shown::default() });
    let base = format!("/registers/{}/{}", newest.register, newest.row);
    let proved = proofs::prove(call, newest.entry, true).await?;
    let proof = proved.map(|p| ProofBox {
        href: format!("{base}/proof"),
        entry_href: format!("{base}/entry"),
        ..p.shown(call)
    });
    let may = newest.case.is_none() && reader.is_own(newest);
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(StaffRowPage {
        l,
        bar,
        register: register_of(call, register).await?,
        row: newest.row.clone(),
        number: label_of(newest),
        title: newest.name.clone(),
        case: newest.case.map(|(case, _)| (label_of(newest), format!("/cases/{case}"))),
        state,
        values: lines,
        history: history(call, &reader, &all).await?,
        proof,
        reveals: if hidden { reveals_of(call) } else { Vec::new() },
        shut,
        has_files: form_of(call, &newest.register).is_some_and(|form| !form.files_of.is_empty()),
        may_change: may && form_of(call, &newest.register).is_some(),
        may_end: may,
        seen: newest.version,
        day: call.form.raw("day").to_owned(),
        reason: Shown(call.form.raw("reason").to_owned()),
        errors: wrong.errors,
        life: if is_of_places(&newest.register) || is_of_systems(&newest.register) {
            format!("{}/life", page_of(&newest.register, &newest.row))
        } else {
            String::new()
        },
    })
}

/// `GET /registers/{register}/{number}`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&row_page(&call, Wrong::none()).await?)
}

/// The place in the log of the newest version.
async fn newest_entry(call: &Call) -> Result<u64, Refusal> {
    of(call)?;
    let all = versions(call).await?;
    all.first().map(|row| row.entry).ok_or_else(no_page)
}

/// `GET /registers/{register}/{number}/entry`: the bytes that the proof is about; ids and digests, no person.
pub(crate) async fn entry(call: Call) -> Reply {
    proofs::entry_file(&call, newest_entry(&call).await?).await
}

/// `GET /registers/{register}/{number}/proof`: the proof file (C2SP tlog-proof).
pub(crate) async fn proof(call: Call) -> Reply {
    proofs::proof_file(&call, newest_entry(&call).await?).await
}

// -- the form ---------------------------------------------------------------------------------------------------------------

/// The form of the register of this address, where it is filled in by hand.
fn form_here(call: &Call) -> Result<&RegisterForm, Refusal> {
    of(call)?;
    form_of(call, call.param(0)).ok_or_else(no_page)
}

/// The row that is changed, as this person reads it; `None`: a new one. Who may not read it does not change it.
async fn before(call: &Call) -> Result<Option<RowVersion>, Refusal> {
    if call.param(1).is_empty() {
        return Ok(None);
    }
    let (newest, reader) = (versions(call).await?.into_iter().next(), Reader::of(call).await?);
    newest.filter(|row| row.case.is_none() && reader.is_own(row)).map(Some).ok_or_else(no_page)
}

async fn form_page(
    call: &Call,
    form: &RegisterForm,
    row: Option<&RowVersion>,
    (faults, mut wrong): (&[FieldFault], Wrong),
) -> Result<StaffRowFormPage, Refusal> {
    let fields: Vec<&Field> = form.fields.iter().collect();
    let sent = !wrong.status.is_success();
    let typed: Typed = match row {
        _ if sent => ask::typed_of(&call.form, &fields),
        Some(row) => row_typed(form, row),
        None => Typed::new(),
    };
    let register = listed(call, &form.id)?;
    let mut asked = ask::asked(call, &fields, &typed, faults);
    let said = typed.get(&form.from).and_then(|text| CivilDate::parse(text.trim()));
    let from = said.or(row.map(|r| r.from)).unwrap_or(call.now().shanghai_date());
    divisions::offer(call, "", from, &mut asked).await?;
    let mut bar = call.bar(Nav::Cases).await?;
    wrong.on(&mut bar);
    Ok(StaffRowFormPage {
        l: call.lang,
        bar,
        register: register_of(call, register).await?,
        row: row.map(|r| r.row.clone()).unwrap_or_default(),
        title: match row {
            Some(row) => Text::of(format!("更改：{}", row.name), format!("Change: {}", row.name)),
            None => Text::new("新的登记", "New row"),
        },
        fields: asked,
        reason: Shown(call.form.raw("reason").to_owned()),
        seen: row.map_or(0, |r| r.version),
        errors: wrong.errors,
    })
}

/// `GET /registers/{register}/new`.
pub(crate) async fn new(call: Call) -> Reply {
    let form = form_here(&call)?;
    page(&form_page(&call, form, None, (&[], Wrong::none())).await?)
}

/// `GET /registers/{register}/{number}/edit`.
pub(crate) async fn edit(call: Call) -> Reply {
    let (form, who) = (form_here(&call)?, by(&call)?);
    before(&call).await?;
    if form.fields.iter().any(|field| field.personal || field.kind.is_personal()) {
        may_reveal(&call, who.account)?;
    }
    let row = of(&call)?.row_to_change(who, call.param(0), call.param(1)).await?;
    page(&form_page(&call, form, Some(&row), (&[], Wrong::none())).await?)
}

/// `POST /registers/{register}/{number}/reveal`: `reason`. The answer is the only place where the words stand; it is kept by no browser.
pub(crate) async fn reveal(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    may_reveal(&call, who.account)?;
    let register = listed(&call, call.param(0))?;
    let newest = versions(&call).await?.into_iter().next().ok_or_else(no_page)?;
    match authority.reveal_row(who, &register.id, &newest.row, call.form.get("reason")).await {
        Ok(shown) => {
            let line = |one: RevealedLine| WholeLine { label: one.label, value: Shown(one.value.into_inner()) };
            page(&StaffRowRevealPage {
                l: call.lang,
                bar: call.bar(Nav::Cases).await?,
                register: register_of(&call, register).await?,
                number: label_of(&newest),
                title: newest.name,
                row: newest.row,
                reason: shown.reason,
                lines: shown.lines.into_iter().map(line).collect(),
                entry: shown.entry,
            })
        }
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "why")?;
            page_with(wrong.status, &row_page(&call, wrong).await?)
        }
    }
}

/// What the corridor says of a form, beside its fields; a refusal that the form cannot help is told on its own page.
fn wrong_of(refusals: Vec<Refusal>, fields: &[&Field]) -> Result<(Vec<FieldFault>, Wrong), Refusal> {
    let (mut faults, mut wrong) = (Vec::new(), Wrong::form());
    for refusal in refusals {
        let of_field = refusal.kind == ErrorKind::BadInput && fields.iter().any(|f| f.id == refusal.code);
        if of_field {
            faults.push(FieldFault { field: refusal.code.clone(), what: refusal.what, next: refusal.next });
        } else {
            wrong = Wrong::of(refusal, "reason")?;
        }
    }
    Ok((faults, wrong))
}

async fn put(call: &Call, flash: &'static str) -> Reply {
    let form = form_here(call)?;
    let row = before(call).await?;
    let fields: Vec<&Field> = form.fields.iter().collect();
    let sent = RowForm {
        typed: ask::typed_of(&call.form, &fields),
        reason: call.form.raw("reason").to_owned(),
        seen: call.form.get("seen").parse().unwrap_or(0),
    };
    let to = row.as_ref().map(|r| r.row.as_str());
    match of(call)?.put_row(by(call)?, &form.id, to, &sent).await {
        Ok(WrittenRow { register, row, .. }) => call.done(&page_of(&register, &row), flash),
        Err(refusals) => {
            let (faults, wrong) = wrong_of(refusals, &fields)?;
            page_with(wrong.status, &form_page(call, form, row.as_ref(), (&faults, wrong)).await?)
        }
    }
}

/// `POST /registers/{register}/new`: the fields, `reason`.
pub(crate) async fn enter(call: Call) -> Reply {
    put(&call, "row_entered").await
}

/// `POST /registers/{register}/{number}/edit`: the fields, `reason`, `seen`.
pub(crate) async fn change(call: Call) -> Reply {
    put(&call, "row_changed").await
}

/// `POST /registers/{register}/{number}/end`: `day`, `reason`, `seen`.
pub(crate) async fn end(call: Call) -> Reply {
    let authority = of(&call)?;
    let row = before(&call).await?.ok_or_else(no_page)?;
    let Some(day) = CivilDate::parse(call.form.get("day")) else {
        let mut wrong = Wrong::form();
        let (what, next) = (
            Text::new("请填写最后一日。", "Enter the last day."),
            Text::new("例如 2026-12-31。", "For example 2026-12-31."),
        );
        wrong.errors.push("day", both(&what, &next));
        return page_with(wrong.status, &row_page(&call, wrong).await?);
    };
    let end =
        RowEnd { day, reason: call.form.raw("reason").to_owned(), seen: call.form.get("seen").parse().unwrap_or(0) };
    match authority.end_row(by(&call)?, &row.register, &row.row, &end).await {
        Ok(_) => call.done(&page_of(&row.register, &row.row), "row_ended"),
        Err(refusal) => {
            let at = if refusal.code == "day" { "day" } else { "reason" };
            let wrong = Wrong::of(refusal, at)?;
            page_with(wrong.status, &row_page(&call, wrong).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::local;

    #[test]
    fn a_row_of_any_name_is_come_back_to() {
        assert_eq!(page_of("bodies", "0195b9c0-0000-7000"), "/registers/bodies/0195b9c0-0000-7000");
        let page = page_of("units", "旧登〔2019〕1号 甲");
        assert!(page.starts_with("/registers/units/%E6%97%A7") && page.ends_with("1%E5%8F%B7%20%E7%94%B2"), "{page}");
        assert_eq!(local(&page), Some(page.as_str()));
    }
}
