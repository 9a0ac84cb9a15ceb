//! Slips and gaps of the law texts, how each is read on this server and who decided that; the form by which a decision is proposed.

use super::view::Names;
use crate::answer::{Reply, in_form, page, page_with};
use crate::call::Call;
use crate::pages::law::{DecisionLine, LawReadingsPage, ReadingFields, ReadingView};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use base::{AccountId, CivilDate, Pii, Refusal, Text};
use domain::access::Permission;
use domain::proposal::EXPIRES_MS;
use domain::reading::ReadingForm;
use law::{FlawKind, Pack, ReadingDecision, ReadingEntry};

/// What this server decided, and what waits, with the names of the persons; read once a page.
pub(super) struct Decided {
    /// Decisions in the order they were made.
    pub(super) decisions: Vec<ReadingDecision>,
    made: Vec<(String, DecisionLine)>,
    waiting: Vec<(String, DecisionLine)>,
}

fn decision_line(decision: &ReadingDecision, reason: &Pii<String>, by: String) -> DecisionLine {
    DecisionLine {
        choice: decision.choice.name(),
        from: decision.from.to_string(),
        reason: reason.expose().clone(),
        by,
        confirmed: None,
    }
}

impl Decided {
    pub(super) async fn read(call: &Call) -> Result<Self, Refusal> {
        let site = call.site();
        // The public reads what was decided, not by whom, and not what only waits.
        let (rows, waiting) = match call.who.as_ref().map(|w| &w.actor) {
            Some(by) => (site.reading_decisions(by).await?, site.waiting_readings(by).await?),
            None => (site.store().reading_decisions().await?, Vec::new()),
        };
        // Most servers decided nothing: then no name is needed.
        let nobody = call.who.is_none() || (rows.is_empty() && waiting.is_empty());
        let names = if nobody { None } else { Some(Names::read(call).await?) };
        let here = || call.lang.t("本机关", "this authority").to_owned();
        let who = |id: AccountId| names.as_ref().map_or_else(here, |n| n.who(call, Some(id)));
        let made = rows.iter().map(|row| {
            // The reason is in a person's own words, which may name others.
            let silent = Pii::default();
            let reason = if call.who.is_some() { &row.reason } else { &silent };
            let line = decision_line(&row.decision, reason, who(row.proposed_by));
            let confirmed = Some((who(row.confirmed_by), row.entry));
            (row.decision.reading.clone(), DecisionLine { confirmed, ..line })
        });
        let waiting =
            waiting.iter().map(|w| (w.decision.reading.clone(), decision_line(&w.decision, &w.reason, who(w.made.0))));
        Ok(Self {
            made: made.collect(),
            waiting: waiting.collect(),
            decisions: rows.iter().map(|r| r.decision.clone()).collect(),
        })
    }

    /// A slip or gap as pages show it.
    pub(super) fn view(&self, pack: &Pack, entry: &ReadingEntry, on: CivilDate) -> ReadingView {
        let chosen = law::chosen_of(entry, on, &self.decisions);
        let heading = pack.articles.get(&entry.article).map(|a| a.heading.clone()).unwrap_or_default();
        let of = |lines: &[(String, DecisionLine)]| {
            lines.iter().filter(|(id, _)| *id == entry.id).map(|(_, line)| line.clone()).collect()
        };
        ReadingView {
            id: entry.id.clone(),
            article: heading,
            href: format!("/law/packs/{}#art-{}", pack.head.id, entry.article),
            state: match entry.kind {
                FlawKind::Slip => State::new(Mark::Attention, "笔误", "slip"),
                FlawKind::Gap => State::new(Mark::Attention, "缺文", "gap"),
            },
            quotes: entry.quotes.clone(),
            literal: entry.literal(),
            evident: entry.evident(),
            pro: entry.arguments_for(),
            con: entry.arguments_against(),
            is_evident: chosen.choice == law::Choice::Evident,
            since: chosen.since.map(|d| d.to_string()).unwrap_or_default(),
            decisions: of(&self.made),
            waiting: of(&self.waiting),
        }
    }
}

/// The form as typed, or as it begins: from the day by which a second person has answered, or nobody.
fn fields(call: &Call, errors: &FormErrors) -> ReadingFields {
    let f = &call.form;
    let packs = call.site().gate().packs();
    let open = packs.readings().filter(|(_, entry)| entry.is_open_to_choice());
    let one = |(pack, entry): (&Pack, &ReadingEntry)| {
        let article = pack.articles.get(&entry.article).map(|a| a.heading.clone()).unwrap_or_default();
        let label = format!("{} · {article}", entry.id);
        Choice::new(&entry.id, Text::of(label.clone(), label), entry.id == f.get("reading"))
    };
    let choice = |c: &law::Choice| Choice::new(c.key(), c.name(), c.key() == f.get("choice"));
    let first = call.now().plus_ms(EXPIRES_MS).shanghai_date().to_string();
    ReadingFields {
        readings: open.map(one).collect(),
        choices: law::Choice::ALL.iter().map(choice).collect(),
        from: if errors.is_empty() { first } else { f.get("from").to_owned() },
        reason: if errors.is_empty() { String::new() } else { f.get("reason").to_owned() },
    }
}

async fn readings_page(call: &Call, errors: FormErrors) -> Result<LawReadingsPage, Refusal> {
    let on = call.now().shanghai_date();
    let decided = Decided::read(call).await?;
    let packs = call.site().gate().packs().all().iter().filter(|p| !p.readings.is_empty());
    let group = |p: &Pack| (p.name(), p.readings.iter().map(|r| decided.view(p, r, on)).collect());
    Ok(LawReadingsPage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        groups: packs.map(group).collect(),
        form: call.may(Permission::ChooseReading).then(|| fields(call, &errors)),
        errors,
    })
}

/// `GET /law/readings`.
pub(crate) async fn list(call: Call) -> Reply {
    page(&readings_page(&call, FormErrors::default()).await?)
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    Refusal::bad_input(code, Text::new(zh, en), Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn form_of(call: &Call) -> Result<ReadingForm, Refusal> {
    let f = &call.form;
    let choice = law::Choice::parse(f.get("choice"));
    Ok(ReadingForm {
        choice: choice.ok_or_else(|| bad("choice", "请选择读法。", "Choose a reading."))?,
        from: CivilDate::parse(f.get("from")).ok_or_else(|| bad("from", "请填写起始日。", "Enter the first day."))?,
        reason: f.secret("reason"),
    })
}

/// `POST /law/readings`: `reading`, `choice`, `from`, `reason`.
pub(crate) async fn propose(call: Call) -> Reply {
    let done = match form_of(&call) {
        Ok(form) => call.site().propose_reading(call.actor()?, call.form.get("reading"), form).await.map(|_| ()),
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => call.done("/law/readings", "reading_proposed"),
        Err(refusal) => {
            let (code, errors) = in_form(refusal, &["choice", "from", "reason"], "reading")?;
            page_with(code, &readings_page(&call, errors).await?)
        }
    }
}
