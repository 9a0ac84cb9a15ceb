//! From what the wire says to what the site judges: one report becomes one signal. Values in, values out.

use base::UtcMs;
use domain::alarm::{Class, Event, Protocol, SIGNAL_TEXT_CHARS, Signal, SourceName, Trouble};
use wire::dc09::meaning::Report;
use wire::dc09::{Alarm, Meaning, Trouble as WireTrouble};

/// Longest code kept as it came, characters.
const CODE_CHARS: usize = 16;

/// The signals of one frame. Each has a repeat key of its own, made of the transmission's.
pub(super) fn of(
    account: &str,
    contact_id: bool,
    reports: Vec<Report>,
    said: Option<UtcMs>,
    transmission: [u8; 16],
    now: UtcMs,
) -> Vec<Signal> {
    let protocol = if contact_id { Protocol::Dc09Cid } else { Protocol::Dc09Sia };
    let numbered = reports.into_iter().enumerate();
    let signals = numbered.map(|(i, report)| Signal {
        received: now,
        said,
        source: SourceName::dc09(account),
        protocol,
        code: report.code.chars().take(CODE_CHARS).collect(),
        event: event(report.meaning),
        area: report.area,
        zone: report.zone,
        text: report.text.chars().take(SIGNAL_TEXT_CHARS).collect(),
        repeat_key: numbered_key(transmission, i),
    });
    signals.collect()
}

/// What supervision found: the way to a panel is lost, or it is there again.
pub(super) fn path(account: &str, lost: bool, now: UtcMs) -> Signal {
    Signal {
        received: now,
        said: None,
        source: SourceName::dc09(account),
        protocol: Protocol::Receiver,
        code: if lost { "path_lost" } else { "path_back" }.to_owned(),
        event: if lost { Event::Trouble(Trouble::Path) } else { Event::TroubleOver(Trouble::Path) },
        area: 0,
        zone: 0,
        text: String::new(),
        repeat_key: [0; 16],
    }
}

/// Zeros stay zeros: what cannot be repeated cannot in any of its parts.
fn numbered_key(mut transmission: [u8; 16], i: usize) -> [u8; 16] {
    if transmission != [0; 16] {
        transmission[15] = transmission[15].wrapping_add(u8::try_from(i).unwrap_or(u8::MAX));
    }
    transmission
}

const fn event(meaning: Meaning) -> Event {
    match meaning {
        Meaning::Alarm(a) => Event::Alarm(class(a)),
        Meaning::Restored(a) => Event::Restored(class(a)),
        Meaning::Trouble(t) => Event::Trouble(trouble(t)),
        Meaning::TroubleOver(t) => Event::TroubleOver(trouble(t)),
        Meaning::Opened => Event::Opened,
        Meaning::Closed => Event::Closed,
        Meaning::Bypassed => Event::Bypassed,
        Meaning::Unbypassed => Event::Unbypassed,
        Meaning::Cancelled => Event::Cancelled,
        Meaning::Test => Event::Test,
        Meaning::Report => Event::Report,
        Meaning::Unknown => Event::Unknown,
    }
}

const fn class(alarm: Alarm) -> Class {
    match alarm {
        Alarm::HoldUp => Class::HoldUp,
        Alarm::Duress => Class::Duress,
        Alarm::Burglary => Class::Burglary,
        Alarm::Tamper => Class::Tamper,
        Alarm::Door => Class::Door,
        Alarm::Fire => Class::Fire,
        Alarm::Medical => Class::Medical,
        Alarm::Environment => Class::Environment,
    }
}

const fn trouble(trouble: WireTrouble) -> Trouble {
    match trouble {
        WireTrouble::Mains => Trouble::Mains,
        WireTrouble::Battery => Trouble::Battery,
        WireTrouble::Path => Trouble::Path,
        WireTrouble::Detector => Trouble::Detector,
        WireTrouble::System => Trouble::System,
    }
}
