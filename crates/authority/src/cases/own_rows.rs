//! Rows and columns of registers that the program writes of itself: footage that orders hold, alarms that sites report, the money of a fine.
//!
//! ```text
//! order to hold ─▶ row of `holds` (id of the order, with its case) ─▶ order to release ─▶ its next version, with its last day
//! report of an alarm ─▶ row of `alarms` ─▶ each step of the police ─▶ its next version; closed: its last day
//! payment, leave, reversal, standing still ─▶ next version of the case's row of `penalties`: receipts, surcharge, what is owed
//! ```
//! Always true: a version is written in the transaction of what it tells; it says nothing of a natural person, and nothing of it is public by
//! itself; a report is taken in whatever it says, for what is not understood leaves its column empty.

use super::fault;
use super::parties::field;
use super::payments::{gains_of, reversed};
use super::rows::as_it_stands;
use crate::Authority;
use base::{CaseId, CivilDate, OfficeId, OrderId, Pii, Refusal, Sha256, SiteId, Text, UtcMs, limits};
use domain::alarm::What;
use domain::casework::Case;
use domain::identifier::DivisionCode;
use domain::office::candidates;
use domain::order::{HoldOrder, Order};
use domain::payment::yuan;
use law::{Field, FieldChoice, FieldKind, Party};
use serde_json::{Map, Value as Json};
use std::sync::LazyLock;
use store::casework::cases::CaseRow;
use store::casework::payments::{PaymentKind, PaymentRow};
use store::casework::registers::{RegisterChange, RowVersion};
use store::inbox::{InboxLine, Step};
use store::site_orders::{NewOrder, SiteOrder};

/// Registers of `carriers.toml` that have columns of ours.
const HOLDS: &str = "holds";
const ALARMS: &str = "alarms";
const PENALTIES: &str = "penalties";
/// Longest word that is taken from a report, characters.
const WORD_CHARS: usize = 100;
/// Receipts that a row of a penalty names; older ones stand in its earlier versions.
const RECEIPTS: usize = 50;
/// Hexadecimal letters of the id of an alarm's row.
const ALARM_ID: usize = 32;
/// The reason of a release that nobody typed.
const CASE_OVER: &str = "case_over";

fn column(register: &str, id: &str, (zh, en): (&str, &str), kind: FieldKind) -> Field {
    Field { registers: vec![register.to_owned()], ..field(id, kind, false, zh, en) }
}

fn choice(register: &str, id: &str, name: (&str, &str), choices: Vec<(&str, Text)>) -> Field {
    let one = |(id, name): (&str, Text)| FieldChoice {
        id: id.to_owned(),
        zh: name.zh.into_owned(),
        en: name.en.into_owned(),
    };
    let choices = choices.into_iter().map(one).collect();
    Field { choices, ..column(register, id, name, FieldKind::Choice) }
}

static OF_HOLDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let line = |id, name| column(HOLDS, id, name, FieldKind::Line);
    let states = vec![("placed", Text::new("已封存", "placed")), ("released", Text::new("已解除", "released"))];
    let over = vec![(CASE_OVER, Text::new("案件办结，期限已过", "the case is over and can be fought no more"))];
    vec![
        choice(HOLDS, "hold_state", ("封存状态", "state of the hold"), states),
        line("hold_from", ("录像开始时间", "footage from")),
        line("hold_to", ("录像结束时间", "footage until")),
        line("hold_place", ("摄像机地点", "place of the cameras")),
        column(HOLDS, "hold_released_day", ("解除日期", "day of the release"), FieldKind::Day),
        choice(HOLDS, "hold_released_why", ("解除理由", "why it was released"), over),
    ]
});

static OF_ALARMS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let line = |id, name| column(ALARMS, id, name, FieldKind::Line);
    let kinds = What::ALL.into_iter().map(|what| (what.code(), what.name())).collect();
    let steps = Step::ALL.into_iter().map(|step| (step.code(), step.name())).collect();
    let by_hand = column(ALARMS, "alarm_by_hand", ("人工触发", "raised by hand"), FieldKind::Flag);
    vec![
        choice(ALARMS, "alarm_what", ("报警种类", "kind of alarm"), kinds),
        choice(ALARMS, "alarm_step", ("处置情况", "how far it is"), steps),
        line("alarm_received", ("收到时间", "received")),
        line("alarm_stepped", ("最近一步的时间", "time of the last step")),
        by_hand,
        line("alarm_number", ("单位的报警编号", "number at the unit")),
    ]
});

static OF_PENALTIES: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let line = |id, name| column(PENALTIES, id, name, FieldKind::Line);
    let day = |id, name| column(PENALTIES, id, name, FieldKind::Day);
    vec![
        line("money_received", ("实收合计（元）", "received in all, yuan")),
        line("money_gains", ("其中没收违法所得（元）", "of it confiscated gains, yuan")),
        column(PENALTIES, "money_receipts", ("票据", "receipts"), FieldKind::Words),
        line("money_surcharge", ("加处罚款（元）", "surcharge, yuan")),
        line("money_owed", ("未缴（元）", "still owed, yuan")),
        day("money_last_day", ("缴款的最后日期", "last day to pay")),
        day("money_day", ("缴款情况截至", "money as of")),
    ]
});

/// Columns that the program fills in of itself in a register: those that stand before the columns of forms, and those behind.
#[must_use]
pub fn own_columns(register: &str) -> (&'static [Field], &'static [Field]) {
    match register {
        HOLDS => (OF_HOLDS.as_slice(), &[]),
        ALARMS => (OF_ALARMS.as_slice(), &[]),
        PENALTIES => (&[], OF_PENALTIES.as_slice()),
        _ => (&[], &[]),
    }
}

/// Rows of this register are begun by the program itself, beside those of cases.
#[must_use]
pub fn has_own_rows(register: &str) -> bool {
    [HOLDS, ALARMS].contains(&register)
}

fn text_of(columns: Map<String, Json>) -> Pii<String> {
    Pii::new(Json::Object(columns).to_string())
}

/// What a row is called: the unit, else the id of its server.
fn called(name: &str, site: SiteId) -> String {
    let name: String = name.trim().chars().take(limits::NAME_CHARS).collect();
    if name.is_empty() { site.to_string() } else { name }
}

/// The row of a hold; `released`: since when, and why.
fn hold_row(
    case: &CaseRow,
    office: &str,
    (id, site, name): (OrderId, SiteId, &str),
    (hold, since): (&HoldOrder, CivilDate),
    released: Option<(CivilDate, &str)>,
) -> RegisterChange {
    let mut columns = Map::new();
    columns.insert("hold_state".to_owned(), if released.is_some() { "released" } else { "placed" }.into());
    columns.insert("hold_from".to_owned(), hold.from.desk().into());
    columns.insert("hold_to".to_owned(), hold.to.desk().into());
    if !hold.place.is_empty() {
        columns.insert("hold_place".to_owned(), hold.place.as_str().into());
    }
    if let Some((day, why)) = released {
        columns.insert("hold_released_day".to_owned(), day.to_string().into());
        columns.insert("hold_released_why".to_owned(), why.into());
    }
    let text = match released {
        Some(_) => Text::of(
            format!("案件 {}：解除封存记入登记簿。", case.number),
            format!("Case {}: the end of a hold is entered in the register.", case.number),
        ),
        None => Text::of(
            format!("案件 {}：封存记入登记簿。", case.number),
            format!("Case {}: a hold is entered in the register.", case.number),
        ),
    };
    RegisterChange {
        register: HOLDS.to_owned(),
        row: id.to_string(),
        name: called(name, site),
        office: Some(case.head.office),
        party: case.head.party,
        public: serde_json::json!({
            "procedure": case.head.procedure, "number": case.number, "outcome": "", "decided_day": since,
            "office": office, "fields": {},
        }),
        personal: Some(text_of(columns)),
        from: since,
        until: released.map(|(day, _)| day.max(since)),
        clauses: hold.clauses.clone(),
        text,
    }
}

/// A word of a report, as far as it is one.
fn word(value: &Json) -> String {
    let text = value.as_str().unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(WORD_CHARS).collect()
}

/// Which report of which site, by its name here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReportOf<'a> {
    /// The site.
    pub(crate) site: SiteId,
    /// What the authority calls it.
    pub(crate) name: &'a str,
    /// Id of the message.
    pub(crate) message: &'a str,
    /// Its number among the site's messages.
    pub(crate) seq: u64,
}

/// The row of an alarm: which report, what it says, how far the police are and since when. What the report says is sealed, as its body is.
fn alarm_row(
    ReportOf { site, name, message, seq }: ReportOf<'_>,
    (received, body): (UtcMs, &Json),
    (step, at): (Step, UtcMs),
) -> RegisterChange {
    let what = body["what"].as_object().and_then(|map| map.values().next()).unwrap_or(&body["what"]);
    let number = word(&body["number"]);
    let (since, day) = (received.shanghai_date(), at.shanghai_date());
    let by_hand = body["raised_by_hand"].as_bool() == Some(true);
    let filled = [
        ("alarm_what", Json::from(word(what))),
        ("alarm_step", Json::from(step.code())),
        ("alarm_received", Json::from(received.desk())),
        ("alarm_stepped", Json::from(at.desk())),
        ("alarm_by_hand", Json::from(by_hand)),
        ("alarm_number", Json::from(number.as_str())),
    ];
    let columns = filled.into_iter().map(|(id, value)| (id.to_owned(), value)).collect();
    // The id of a message is the site's own word: two sites may use the same, or a long one.
    let id: String = Sha256::of(format!("{site} {message}").as_bytes()).hex().chars().take(ALARM_ID).collect();
    RegisterChange {
        register: ALARMS.to_owned(),
        row: id,
        name: called(name, site),
        office: None,
        party: None,
        public: serde_json::json!({
            "procedure": "", "number": seq.to_string(), "outcome": "", "decided_day": since, "office": "", "fields": {},
        }),
        personal: Some(text_of(columns)),
        from: since,
        until: (step == Step::Closed).then_some(day.max(since)),
        clauses: Vec::new(),
        text: Text::new("单位上报的报警记入登记簿。", "An alarm that a unit reported is entered in the register."),
    }
}

/// The columns of a row with these among them.
fn with_columns(personal: Option<&Pii<String>>, columns: Map<String, Json>) -> Result<Pii<String>, Refusal> {
    let kept = personal.map(|p| serde_json::from_str::<Json>(p.expose())).transpose().map_err(|e| fault(&e.line()))?;
    let mut all = if let Some(Json::Object(map)) = kept { map } else { Map::new() };
    all.extend(columns);
    Ok(text_of(all))
}

/// A row as it stands, with other columns.
fn again(row: RowVersion, columns: Map<String, Json>) -> Result<RegisterChange, Refusal> {
    let personal = Some(with_columns(row.personal.as_ref(), columns)?);
    let text = Text::new("罚款的缴款情况记入登记簿。", "The money of a fine is entered in the register.");
    let change = as_it_stands(row, Vec::new(), text).map_err(|e| fault(&e.line()))?;
    Ok(RegisterChange { personal, ..change })
}

impl Authority {
    /// Name of a site, as the authority admitted it; empty where it is unknown.
    async fn site_name(&self, site: SiteId) -> Result<String, Refusal> {
        Ok(self.store().peer(site).await?.map(|peer| peer.name).unwrap_or_default())
    }

    async fn office_name(&self, case: &CaseRow) -> Result<String, Refusal> {
        Ok(self.store().office(case.head.office).await?.map_or_else(String::new, |office| office.name))
    }

    /// Rows of the register of holds that orders of a case begin.
    pub(super) async fn rows_of_holds(
        &self,
        case: &CaseRow,
        orders: &[NewOrder],
    ) -> Result<Vec<RegisterChange>, Refusal> {
        let mut out = Vec::new();
        for order in orders {
            let Some(Order::Hold(hold)) = Order::read(order.kind, &order.body) else { continue };
            let (name, office) = (self.site_name(order.site).await?, self.office_name(case).await?);
            let today = self.now().shanghai_date();
            out.push(hold_row(case, &office, (order.id, order.site, &name), (&hold, today), None));
        }
        Ok(out)
    }

    /// The last version of a hold's row: it is let go, with the reason.
    pub(super) async fn row_of_release(
        &self,
        case: &CaseRow,
        held: &SiteOrder,
        why: &str,
    ) -> Result<Option<RegisterChange>, Refusal> {
        let Some(Order::Hold(hold)) = Order::read(&held.kind, &held.body) else { return Ok(None) };
        let (name, office) = (self.site_name(held.site).await?, self.office_name(case).await?);
        let (since, today) = (held.at.shanghai_date(), self.now().shanghai_date());
        Ok(Some(hold_row(case, &office, (held.id, held.site, &name), (&hold, since), Some((today, why)))))
    }

    /// The office of the place where a site lies: the lowest above police stations whose territory holds it. None where the place was not entered,
    /// no office has it, or several have.
    async fn office_of_site(&self, site: SiteId) -> Result<Option<(OfficeId, String)>, Refusal> {
        let Some(peer) = self.store().peer(site).await? else { return Ok(None) };
        let Ok(place) = DivisionCode::parse(&peer.division) else { return Ok(None) };
        let offices = self.open_offices().await?;
        match candidates(Party::PoliceLocal, &offices, &place).as_slice() {
            [office] => Ok(Some((office.id, office.name.clone()))),
            _ => Ok(None),
        }
    }

    /// The row with the office of its site. What cannot be read stops no alarm: the row is entered without an office.
    async fn at_office(&self, mut row: RegisterChange, site: SiteId) -> RegisterChange {
        match self.office_of_site(site).await {
            Ok(Some((id, name))) => {
                row.office = Some(id);
                row.public["office"] = Json::from(name);
            }
            Ok(None) => {}
            Err(refusal) => tracing::warn!(%site, %refusal, "the office of a site cannot be read"),
        }
        row
    }

    /// The row of an alarm that came in just now.
    pub(crate) async fn row_of_report(&self, report: ReportOf<'_>, body: &[u8]) -> RegisterChange {
        let body: Json = serde_json::from_slice(body).unwrap_or_default();
        let now = self.now();
        self.at_office(alarm_row(report, (now, &body), (Step::Received, now)), report.site).await
    }

    /// The next version of an alarm's row: the police did a step.
    pub(crate) async fn row_of_step(
        &self,
        line: &InboxLine,
        body: &[u8],
        (step, at): (Step, UtcMs),
    ) -> Result<RegisterChange, Refusal> {
        let body: Json = serde_json::from_slice(body).unwrap_or_default();
        let name = self.site_name(line.site).await?;
        let report = ReportOf { site: line.site, name: &name, message: &line.id, seq: line.seq };
        Ok(self.at_office(alarm_row(report, (line.received, &body), (step, at)), line.site).await)
    }

    /// The changes of registers with the money of the fine in the case's row of penalties, as `payments` (all rows, also the newest) make it;
    /// `anew`: also where nothing else changed that row.
    pub(super) async fn with_money(
        &self,
        (id, case): (CaseId, &Case),
        mut changes: Vec<RegisterChange>,
        payments: &[PaymentRow],
        anew: bool,
    ) -> Result<Vec<RegisterChange>, Refusal> {
        let row = id.to_string();
        let is_it = |c: &RegisterChange| c.register == PENALTIES && c.row == row;
        if payments.is_empty() || !(anew || changes.iter().any(is_it)) {
            return Ok(changes);
        }
        let Some(columns) = self.money_columns(case, payments)? else { return Ok(changes) };
        if let Some(change) = changes.iter_mut().find(|c| is_it(c)) {
            change.personal = Some(with_columns(change.personal.as_ref(), columns)?);
        } else {
            let rows = self.store().rows_of_case(id).await?;
            let newest = rows.into_iter().find(|r| r.newest && r.register == PENALTIES && r.row == row);
            changes.extend(newest.map(|row| again(row, columns)).transpose()?);
        }
        Ok(changes)
    }

    /// What was paid, by which receipts, and what is owed today; `None` where neither fine nor gains were decided and served.
    fn money_columns(&self, case: &Case, payments: &[PaymentRow]) -> Result<Option<Map<String, Json>>, Refusal> {
        let today = self.now().shanghai_date();
        let Some(account) = self.account_of(case, payments, today)? else { return Ok(None) };
        let (owed, gone) = (account.debt.owed(today), reversed(payments));
        let counts = |row: &&PaymentRow| row.kind == PaymentKind::Received && !gone.contains(&row.n);
        let received: Vec<&PaymentRow> = payments.iter().filter(counts).collect();
        let sum = received.iter().fold(0_u64, |sum, row| sum.saturating_add(row.fen));
        let gains = received.iter().try_fold(0_u64, |sum, row| Ok::<_, Refusal>(sum.saturating_add(gains_of(row)?)))?;
        let receipt = |row: &&PaymentRow| format!("{} {} {}元", row.receipt, row.day, yuan(row.fen));
        let newest = received.iter().skip(received.len().saturating_sub(RECEIPTS));
        let receipts: Vec<String> = newest.map(receipt).collect();
        let filled = [
            ("money_received", yuan(sum)),
            ("money_gains", yuan(gains)),
            ("money_receipts", receipts.join("\n")),
            ("money_surcharge", yuan(owed.surcharge_fen)),
            ("money_owed", yuan(owed.total_fen)),
            ("money_last_day", account.debt.last_day().to_string()),
            ("money_day", today.to_string()),
        ];
        // What is empty now stands over what the version before has.
        Ok(Some(filled.into_iter().map(|(id, text)| (id.to_owned(), Json::from(text))).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(change: &RegisterChange) -> Json {
        serde_json::from_str(change.personal.as_ref().expect("columns").expose()).expect("an object")
    }

    #[test]
    fn columns_of_ours_have_ids_that_no_procedure_has() {
        let packs = law::Packs::embedded().expect("packs");
        let registers: Vec<&str> = packs.carriers().registers().iter().map(|r| r.id.as_str()).collect();
        let mut all = Vec::new();
        for register in registers {
            let (before, behind) = own_columns(register);
            assert!(!has_own_rows(register) || !before.is_empty(), "{register}");
            all.extend(before.iter().chain(behind));
        }
        assert_eq!(all.len(), OF_HOLDS.len() + OF_ALARMS.len() + OF_PENALTIES.len(), "each register is listed");
        for field in all {
            let taken = packs.procedures().iter().any(|p| p.field(&field.id).is_some());
            assert!(!taken && !field.personal && !field.public, "{}", field.id);
            assert!(!field.zh.is_empty() && !field.en.is_empty() && field.zh != field.en);
        }
    }

    #[test]
    fn whatever_a_report_says_it_makes_a_row() {
        let site = SiteId::new(1_795_255_200_000, [5; 10]);
        let of = |message| ReportOf { site, name: "", message, seq: 1 };
        let at = UtcMs(1_795_255_201_000);
        let long = "x".repeat(10_000);
        for body in [
            Json::Null,
            serde_json::json!([1]),
            serde_json::json!({ "what": { "alarm": "hold_up" }, "number": "7\u{1b}", "raised_by_hand": true }),
            serde_json::json!({ "what": long, "number": { "a": 1 } }),
        ] {
            let row = alarm_row(of(&long), (at, &body), (Step::Received, at));
            assert!(row.public.is_object() && row.row.len() == ALARM_ID && !row.name.is_empty() && row.until.is_none());
            let columns = sealed(&row);
            assert!(columns["alarm_what"].as_str().expect("a word").chars().count() <= WORD_CHARS);
            assert!(!columns.to_string().contains('\u{1b}'));
        }
        let other = alarm_row(of("a"), (at, &Json::Null), (Step::Received, at));
        let closed = alarm_row(of("a"), (at, &Json::Null), (Step::Closed, at.plus_ms(86_400_000)));
        assert_eq!(closed.row, other.row, "the same report is the same row");
        assert_eq!(closed.until, Some(at.shanghai_date().plus_days(1)));
        assert_ne!(alarm_row(of("b"), (at, &Json::Null), (Step::Received, at)).row, other.row);
    }

    #[test]
    fn columns_that_stand_in_a_row_stay() {
        let was = Pii::new(r#"{"fine":500,"money_owed":"1"}"#.to_owned());
        let columns = Map::from_iter([("money_owed".to_owned(), Json::from("0"))]);
        let all: Json =
            serde_json::from_str(with_columns(Some(&was), columns.clone()).expect("whole").expose()).expect("JSON");
        assert_eq!(all, serde_json::json!({ "fine": 500, "money_owed": "0" }));
        assert!(with_columns(None, columns.clone()).expect("whole").expose().contains("money_owed"));
        assert_eq!(
            with_columns(Some(&Pii::new("{".to_owned())), columns).expect_err("unreadable").code,
            "case_unreadable"
        );
    }
}
