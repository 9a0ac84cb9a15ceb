//! What a simulated panel does, line by line: `cid 1130 01 002`, `sia Nri1/BA1`, `null`, `wait 500`; `#` begins a remark.

use crate::SimError;

/// Most steps of a script.
const STEPS: usize = 100_000;

/// One step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Nothing for so many ms.
    Wait(u64),
    /// A Contact ID event.
    ContactId(String),
    /// SIA codes.
    Sia(String),
    /// A sign of life.
    Null,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wait(ms) => write!(f, "wait {ms}"),
            Self::ContactId(event) => write!(f, "cid {event}"),
            Self::Sia(event) => write!(f, "sia {event}"),
            Self::Null => f.write_str("null"),
        }
    }
}

/// Reads a script.
///
/// # Errors
/// The first line that is none, with its number.
pub fn parse(text: &str) -> Result<Vec<Step>, SimError> {
    let mut steps = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let step = match (word, rest.trim()) {
            ("cid", event) if !event.is_empty() => Step::ContactId(event.to_owned()),
            ("sia", event) if !event.is_empty() => Step::Sia(event.to_owned()),
            ("null", "") => Step::Null,
            ("wait", ms) => match ms.parse() {
                Ok(ms) => Step::Wait(ms),
                Err(_) => return Err(SimError::Setting(format!("line {number}: wait takes milliseconds"))),
            },
            _ => return Err(SimError::Setting(format!("line {number}: `{line}` is none of cid, sia, null, wait"))),
        };
        if steps.len() >= STEPS {
            return Err(SimError::Setting(format!("more than {STEPS} steps")));
        }
        steps.push(step);
    }
    Ok(steps)
}
