//! By when: a clock of a procedure from the day its first step was done, with each step of the counting in words.
//!
//! Always true: the last day is that of [`crate::Packs::clock_due`]; a result that leans on holidays that are not published says so in its first
//! sentence; which clock was taken, where the question named none, is said, and the others are named.

use super::words::Asked;
use super::{Reply, Sentence, cite};
use crate::procedure::{Clock, Procedure};
use crate::{ClockDue, ClockError, ClockRun, Direction, Falls, Gate, Packs, Sense};
use base::{Citation, ClauseId, Text};

pub(super) fn answer(gate: &Gate, asked: &Asked<'_>) -> Result<Reply, Text> {
    let packs = gate.packs();
    let Some(procedure) = asked.procedure.and_then(|id| packs.procedure(id)) else { return Err(which(packs)) };
    if asked.year.is_some() {
        return Err(Text::new(
            "期限从某一天起算，请写明日期，例如 2013-02-08。",
            "A clock starts on a day: name it, like 2013-02-08.",
        ));
    }
    elsewhere(packs, procedure, asked)?;
    let name = procedure.name();
    let assumed =
        if asked.day_named { ("", "") } else { ("（没有说明日期，按今天）", " (no day named: today)") };
    let Some((clock, chosen)) = chosen(procedure, asked)? else {
        let understood = Text::of(
            format!("程序「{}」的期限？", name.zh),
            format!("the time limits of the procedure \"{}\"?", name.en),
        );
        return Ok((understood, vec![without_clock(packs, procedure)]));
    };
    let what = clock.name();
    let step = procedure.steps.iter().find(|s| s.id == clock.starts).map(|s| Text::of(s.zh.clone(), s.en.clone()));
    let outcome = || procedure.outcomes.iter().find(|o| o.id == clock.starts);
    let step = step.or_else(|| outcome().map(|o| Text::of(o.zh.clone(), o.en.clone()))).unwrap_or_default();
    let understood = Text::of(
        format!(
            "程序「{}」，{}{}：{}——期限「{}」何时届满？",
            name.zh,
            asked.on,
            assumed.0,
            step.zh.trim_end_matches('。'),
            what.zh
        ),
        format!(
            "in the procedure \"{}\", counted from {}{} ({}): when is the clock \"{}\" over?",
            name.en,
            asked.on,
            assumed.1,
            step.en.trim_end_matches('.'),
            what.en
        ),
    );
    let run = ClockRun { set: asked.number, ..ClockRun::from(asked.on) };
    let mut out = match packs.clock_due(&procedure.id, &clock.id, &run, asked.today) {
        Ok(due) => counted(packs, procedure, clock, &due),
        Err(error @ ClockError::NotInForce { .. }) => vec![not_in_force(packs, procedure, &error)],
        Err(ClockError::Set(_)) if asked.number.is_none() => {
            return Err(Text::new(
                "这一期限由个案文书写明日数，请一并写出，例如：15 天。",
                "The document of the case sets this number: say it too, like: 15 days.",
            ));
        }
        Err(error) => return Err(error.text()),
    };
    if !chosen && procedure.clocks.len() > 1 {
        out.push(others(procedure, clock));
    }
    Ok((understood, out))
}

/// Which procedures have a clock, for a question that named none.
fn which(packs: &Packs) -> Text {
    let names = packs.procedures().iter().filter(|p| !p.clocks.is_empty());
    let names: Vec<String> = names.map(|p| super::vocabulary::dashed(&p.id)).collect();
    let list = names.join(", ");
    Text::of(
        format!("请说明是哪个程序的期限，例如：登记、备案、复议。有期限的程序：{list}。"),
        format!("Say which procedure's clock, for example: registration, filing, review. Those with a clock: {list}."),
    )
}

/// A procedure of a provincial pack runs in its province only.
fn elsewhere(packs: &Packs, procedure: &Procedure, asked: &Asked<'_>) -> Result<(), Text> {
    let pack = packs.all().iter().find(|p| p.folder == procedure.folder);
    // Several provinces: none was named.
    let ([named], Some(pack)) = (asked.provinces.as_slice(), pack) else { return Ok(()) };
    if pack.reaches(*named) {
        return Ok(());
    }
    let (province, instrument, name) = (named.name(), pack.name(), procedure.name());
    Err(Text::of(
        format!("程序「{}」出自《{}》，在{}不适用。", name.zh, instrument.zh, province.zh),
        format!("The procedure \"{}\" is of the {}; it does not run in {}.", name.en, instrument.en, province.en),
    ))
}

/// The clock meant and whether the question named it: by its word, else the one that decides, else the first.
fn chosen<'p>(procedure: &'p Procedure, asked: &Asked<'_>) -> Result<Option<(&'p Clock, bool)>, Text> {
    let Some(named) = asked.clock else {
        let decides = procedure.clock("decide").or_else(|| procedure.clocks.first());
        return Ok(decides.map(|clock| (clock, false)));
    };
    if let Some(clock) = procedure.clock(named) {
        return Ok(Some((clock, true)));
    }
    let clocks: Vec<String> = procedure.clocks.iter().map(|c| super::vocabulary::dashed(&c.id)).collect();
    let (name, list) = (procedure.name(), clocks.join(", "));
    if clocks.is_empty() {
        return Ok(None);
    }
    Err(Text::of(
        format!("程序「{}」没有期限「{named}」；有：{list}。", name.zh),
        format!("The procedure \"{}\" has no clock `{named}`; it has: {list}.", name.en),
    ))
}

fn without_clock(packs: &Packs, procedure: &Procedure) -> Sentence {
    let clauses: Vec<Citation> = procedure.clauses.iter().flat_map(|id| cite(packs, &id.0)).collect();
    if procedure.note_zh.is_empty() {
        return Sentence::new("没有规定期限。".to_owned(), "No time limit is set.".to_owned(), clauses);
    }
    Sentence::new(
        format!("没有可以推算的期限：{}", procedure.note_zh),
        format!("There is no clock to count: {}", procedure.note_en),
        clauses,
    )
}

fn not_in_force(packs: &Packs, procedure: &Procedure, error: &ClockError) -> Sentence {
    let ended = procedure.ended_by.iter().flat_map(|id| cite(packs, &id.0)).collect();
    let text = error.text();
    let by = procedure
        .ended_by
        .as_ref()
        .map_or_else(Text::default, |id| Text::of(format!("终止依据：{id}。"), format!(" It was ended by {id}.")));
    Sentence::new(format!("{}{}", text.zh, by.zh), format!("{}{}", super::words::capital(&text.en), by.en), ended)
}

/// The last day first, then each step, then what follows.
fn counted(packs: &Packs, procedure: &Procedure, clock: &Clock, due: &ClockDue) -> Vec<Sentence> {
    let deadline = &due.deadline;
    let cited = |ids: &[ClauseId]| ids.iter().flat_map(|id| cite(packs, &id.0)).collect::<Vec<_>>();
    let (what, who) = (&due.name, clock.binds.name());
    let open = deadline.provisional.map_or_else(Text::default, |year| {
        Text::of(
            format!("（暂定：{year}年放假安排尚未公布）"),
            format!(" (provisional: the holidays of {year} are not published yet)"),
        )
    });
    let last = match deadline.falls {
        Falls::On(day) => Text::of(day.to_string(), day.to_string()),
        Falls::Stopped { since, .. } => Text::of(format!("自 {since} 起停止"), format!("stopped since {since}")),
    };
    let (zh, en) = match (clock.sense, clock.direction) {
        (Sense::AtLeast, _) => ("期满日", "The term is over at the end of"),
        (Sense::Within, Direction::Before) => ("最迟应当在", "The latest day is"),
        (Sense::Within, Direction::After) => ("最后一日", "The last day is"),
    };
    let mut out = vec![Sentence::new(
        format!("{zh}：{}{}——{}（{}）。", last.zh, open.zh, what.zh, who.zh),
        format!("{en} {}{}: {} ({}).", last.en, open.en, what.en, who.en),
        [cited(&deadline.length), cited(&deadline.counted_by)].concat(),
    )];
    out.extend(deadline.steps.iter().map(|s| Sentence { text: s.clone(), clauses: Vec::new() }));
    out.push(Sentence { text: due.over.clone(), clauses: Vec::new() });
    if let Some(ground) = &due.default {
        out.push(Sentence { text: ground.clone(), clauses: Vec::new() });
    }
    if let Some((pack, _)) = procedure.clauses.first().and_then(|id| packs.clause(id)) {
        let name = pack.name();
        out.push(Sentence::new(
            format!("程序出自《{}》。", name.zh),
            format!("The procedure is of the {}.", name.en),
            procedure.clauses.first().map(|id| cite(packs, &id.0)).unwrap_or_default(),
        ));
    }
    out
}

fn others(procedure: &Procedure, taken: &Clock) -> Sentence {
    let rest = || procedure.clocks.iter().filter(|c| c.id != taken.id);
    let zh: Vec<String> = rest().map(|c| format!("{}（{}）", super::vocabulary::dashed(&c.id), c.name_zh)).collect();
    let en: Vec<String> = rest().map(|c| format!("{} ({})", super::vocabulary::dashed(&c.id), c.name_en)).collect();
    Sentence::new(
        format!("没有指明期限，按「{}」回答；还有：{}。", taken.name_zh, zh.join("、")),
        format!("No clock was named, so \"{}\" was taken; there are also: {}.", taken.name_en, en.join(", ")),
        vec![],
    )
}
