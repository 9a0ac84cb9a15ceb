//! What the form of a case says and a register does not bear out, e.g. a testing body that is not entered or was not qualified on that day.
//!
//! ```text
//! `[[on_register]]` of the case's procedure ─▶ number and day as filled in ─▶ rows found by the number, those of the kind asked for
//!   none: `unknown` · none that held on the day: `over` · one that held: nothing is told
//! days named `…valid_until` that were handed in ─▶ over on the day of the facts: told, with the clause of the field
//! ```
//! Always true: it is a warning with its clause and stops nothing, for a register that is filled in by hand may lack a body that is qualified;
//! numbers are compared as the search compares them (width, case and brackets make no difference); a row is judged by the newest of its
//! versions whose first day had come by then: a row that was renewed in place says of a day before what it said before.

use super::CaseView;
use super::registers::row_typed;
use crate::Authority;
use base::{CivilDate, ClauseId, Refusal, Text};
use domain::casework::Case;
use law::{Field, FieldKind, OnRegister, Procedure, RegisterForm};
use store::casework::registers::RowVersion;
use store::casework::search::{QUERY_CHARS, RESULTS, normal};

/// How the days end until when a paper that was handed in holds.
const VALID_UNTIL: &str = "valid_until";

/// What whoever decides is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// What, and what to do.
    pub text: Text,
    /// The clause.
    pub clause: ClauseId,
}

/// What a row says of a number that should be found in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Says {
    /// Nothing: another number, or a row of another kind.
    Nothing,
    /// It has the number and did not hold on the day.
    Over,
    /// It held.
    Held,
}

/// The first day of a version had come. Where it was never entered, the day of its entry is not taken for it.
fn has_begun(form: &RegisterForm, row: &RowVersion, on: CivilDate) -> bool {
    let typed = row_typed(form, row);
    form.from.is_empty() || typed.get(&form.from).is_none_or(String::is_empty) || row.from <= on
}

/// Judges one version of a row, opened.
fn says(rule: &OnRegister, form: &RegisterForm, row: &RowVersion, (number, on): (&str, CivilDate)) -> Says {
    let typed = row_typed(form, row);
    let column = |id: &str| typed.get(id).map(String::as_str).unwrap_or_default();
    let of_kind = rule.only.as_ref().is_none_or(|only| only.is.iter().any(|is| is == column(&only.field)));
    if !of_kind || normal(column(&rule.column)) != normal(number) {
        return Says::Nothing;
    }
    let held = has_begun(form, row, on) && row.until.is_none_or(|until| on <= until);
    if held { Says::Held } else { Says::Over }
}

/// A licence or certificate that was handed in and had ended on the day of the facts. The clauses ask that it is handed in and do not say what
/// follows where it has ended: whoever decides is told.
fn expired(procedure: &Procedure, case: &Case, facts_on: CivilDate) -> Vec<Doubt> {
    let of_step = |f: &&Field| procedure.steps.iter().any(|s| s.id == f.step);
    let validity = |f: &&Field| f.kind == FieldKind::Day && f.id.ends_with(VALID_UNTIL);
    let doubt = |field: &Field| {
        let until = case.values_of(&field.step)?.day(&field.id).filter(|until| *until < facts_on)?;
        let text = Text::of(
            format!(
                "“{}”填的是 {until}，到本案事项之日 {facts_on} 已经过期：请核对证件，已经延续的补交，没有延续的不能作为依据。",
                field.zh
            ),
            format!(
                "\"{}\" says {until}; on the day of the facts, {facts_on}, it had ended. Compare the paper: a renewed one is handed in, one that was not renewed proves nothing.",
                field.en
            ),
        );
        Some(Doubt { text, clause: field.clause.clone()? })
    };
    procedure.fields.iter().filter(validity).filter(of_step).filter_map(doubt).collect()
}

impl Authority {
    /// What the forms of this case say and a register does not bear out; nothing for its applicant, and nothing once it is decided.
    ///
    /// # Errors
    /// The store.
    pub async fn doubts(&self, view: &CaseView) -> Result<Vec<Doubt>, Refusal> {
        let mut out = Vec::new();
        if view.is_applicant || view.case.outcome().is_some() {
            return Ok(out);
        }
        let procedure = view.procedure();
        out.extend(expired(procedure, &view.case, view.row.head.facts_on));
        for rule in &procedure.on_register {
            let values = |id: &str| view.case.values_of(&procedure.field(id)?.step);
            let number = values(&rule.number).and_then(|v| v.text(&rule.number));
            let on = values(&rule.day).and_then(|v| v.day(&rule.day));
            let (Some(number), Some(on)) = (number, on) else { continue };
            let text = match self.register_says(rule, (number, on)).await? {
                Says::Held => continue,
                Says::Over => rule.over(),
                Says::Nothing => rule.unknown(),
            };
            out.push(Doubt { text, clause: rule.clause.clone() });
        }
        Ok(out)
    }

    /// The best that rows of the register say. A number that cannot be searched (a single sign) is in none.
    async fn register_says(&self, rule: &OnRegister, asked: (&str, CivilDate)) -> Result<Says, Refusal> {
        let Some(form) = self.gate().packs().register_form(&rule.register) else { return Ok(Says::Nothing) };
        let query: String = asked.0.chars().take(QUERY_CHARS).collect();
        let found = self.store().search_rows(&rule.register, &query, None, RESULTS).await?;
        let rows = found.map_or_else(Vec::new, |(rows, _)| rows);
        let rows = self.store().rows_opened(rows).await?;
        let mut best = Says::Nothing;
        for row in &rows {
            let newest = says(rule, form, row, asked);
            best = best.max(newest);
            if newest == Says::Over && !has_begun(form, row, asked.1) {
                let versions = self.store().register_history(&rule.register, &row.row).await?;
                let stood = versions.iter().find(|version| has_begun(form, version, asked.1));
                best = best.max(stood.map_or(Says::Nothing, |version| says(rule, form, version, asked)));
            }
        }
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Pii, UtcMs};

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    /// A row of the register: certificate, kind, first and last day.
    fn row(certificate: &str, kind: &str, from: &str, until: Option<&str>) -> RowVersion {
        let fields = serde_json::json!({ "certificate_number": certificate, "valid_from": from });
        RowVersion {
            shown: None,
            register: "bodies".into(),
            row: "1".into(),
            version: 1,
            name: String::new(),
            office: None,
            party: None,
            public: serde_json::json!({ "fields": fields }).to_string(),
            personal: Some(Pii::new(serde_json::json!({ "body_kind": kind }).to_string())),
            case: None,
            // Entered on the last of these days, where no first day was.
            from: CivilDate::parse(from).unwrap_or_else(|| day("2026-03-10")),
            until: until.map(day),
            newest: true,
            at: UtcMs(0),
            entry: 1,
        }
    }

    #[test]
    fn a_certificate_that_had_ended_on_the_day_of_the_facts_is_told() {
        let packs = law::Packs::embedded().unwrap();
        let sales = packs.procedure("sales_filing").unwrap();
        let field = sales.field("regime_valid_until").unwrap();
        let fields: Vec<&Field> = sales.fields_at(&field.step).collect();
        let whole = |until: &str| -> std::collections::BTreeMap<String, String> {
            let text = |f: &&Field| if f.id == field.id { until.to_owned() } else { f.sample.clone() };
            fields.iter().map(|f| (f.id.clone(), text(f))).filter(|(_, text)| !text.is_empty()).collect()
        };
        let case = |until: &str| {
            let opening = domain::casework::Event::Opened {
                procedure: sales.id.clone(),
                digest: packs.digest().all,
                office: base::OfficeId::new(1, [1; 10]),
                facts_on: day("2026-03-02"),
                channel: domain::casework::Channel::Counter,
                party: None,
                title: "示例".into(),
                law: Vec::new(),
                from_case: None,
            };
            let values = domain::form::check(&fields, &whole(until)).unwrap();
            let filled = domain::casework::Event::Filled { step: field.step.clone(), values };
            let event = |index, event| domain::casework::Recorded {
                index,
                at: UtcMs(0),
                by: base::AccountId::new(1, [1; 10]),
                event,
            };
            Case::fold(&[event(0, opening), event(1, filled)]).unwrap()
        };
        for (until, told) in [("2026-03-01", 1), ("2026-03-02", 0), ("2030-12-31", 0)] {
            let doubts = expired(sales, &case(until), day("2026-03-02"));
            assert_eq!(doubts.len(), told, "{until}: {doubts:?}");
        }
        let doubts = expired(sales, &case("2026-03-01"), day("2026-03-02"));
        assert!(doubts[0].text.zh.contains("2026-03-01") && doubts[0].clause == ClauseId::new("B-12-1-3"));
        for other in ["product_registration", "acceptance"] {
            let found = packs.procedure(other).unwrap().fields.iter().any(|f| f.id.ends_with(VALID_UNTIL));
            assert!(found, "{other}");
        }
    }

    #[test]
    fn a_row_bears_out_a_number_of_its_kind_on_the_days_it_held() {
        let packs = law::Packs::embedded().unwrap();
        let rule = packs.procedure("acceptance").unwrap().on_register.first().unwrap();
        let form = packs.register_form(&rule.register).unwrap();
        let told = |row: &RowVersion, on: &str| says(rule, form, row, ("示例第0001号", day(on)));
        let whole = row("示例第０００１号", "testing", "2026-03-02", Some("2026-03-05"));
        for (on, expected) in [
            ("2026-03-01", Says::Over),
            ("2026-03-02", Says::Held),
            ("2026-03-05", Says::Held),
            ("2026-03-06", Says::Over),
        ] {
            assert_eq!(told(&whole, on), expected, "{on}");
        }
        let open = row("示例第0001号", "testing", "", None);
        assert_eq!(told(&open, "2020-01-06"), Says::Held, "the day of entry is no first day");
        assert_eq!(told(&row("示例第0001号", "association", "", None), "2026-03-02"), Says::Nothing);
        assert_eq!(told(&row("示例第00011号", "testing", "", None), "2026-03-02"), Says::Nothing);
        assert_eq!(told(&row("", "", "", None), "2026-03-02"), Says::Nothing);
        assert!(Says::Held > Says::Over && Says::Over > Says::Nothing, "the best counts");
    }
}
