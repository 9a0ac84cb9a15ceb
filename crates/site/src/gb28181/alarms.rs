//! What GB/T 28181 devices report, in the field's words, and its way to the journal.
//!
//! Flow: `Event::Alarm` of the platform machine -> [`signal`] (one table) -> a bounded queue -> `plans::keep`: journal, then the device is
//! told that its alarm is kept (Response Alarm). Invariants: what is not in the table goes on as `Event::Unknown` with its numbers;
//! nothing is confirmed before it is durable; a full queue confirms nothing, so that the device repeats.

use domain::alarm::{Class, Event, Protocol, SIGNAL_TEXT_CHARS, Signal, SourceName, Trouble};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use wire::gb28181::GbId;
use wire::gb28181::manscdp::Alarm;

/// Alarms waiting for the journal. One more is not confirmed.
pub(super) const QUEUE: usize = 1_024;
/// Type digits of an alarm input: infrared, smoke, door contact (annex D).
pub(super) const ALARM_INPUT: u16 = 134;
/// Type digits of an alarm controller.
const ALARM_CONTROLLER: u16 = 117;

/// An alarm on its way to the journal, and whom to tell when it is there.
#[derive(Debug)]
pub struct Heard {
    /// What it says.
    pub signal: Signal,
    pub(super) device: GbId,
    pub(super) source: GbId,
    pub(super) sn: u64,
}

/// Where heard alarms come out; the site gives them to the journal.
pub type HeardAlarms = mpsc::Receiver<Heard>;

/// (AlarmMethod, AlarmType) -> meaning, GB/T 28181-2022 A.2.5.3; `None` as type: none was sent.
const MEANING: &[(u8, Option<u16>, Event)] = &[
    (2, Some(1), Event::Trouble(Trouble::Picture)),
    (2, Some(2), Event::Alarm(Class::Tamper)),
    (2, Some(3), Event::Trouble(Trouble::System)),
    (2, Some(4), Event::Trouble(Trouble::System)),
    (2, Some(5), Event::Trouble(Trouble::System)),
    (5, None, Event::Alarm(Class::Video)),
    (5, Some(1), Event::Alarm(Class::Video)),
    (5, Some(2), Event::Alarm(Class::Video)),
    (5, Some(3), Event::Alarm(Class::Video)),
    (5, Some(4), Event::Alarm(Class::Video)),
    (5, Some(5), Event::Alarm(Class::Video)),
    (5, Some(6), Event::Alarm(Class::Video)),
    (5, Some(7), Event::Alarm(Class::Video)),
    (5, Some(8), Event::Alarm(Class::Video)),
    (5, Some(9), Event::Alarm(Class::Video)),
    (5, Some(10), Event::Alarm(Class::Video)),
    (5, Some(11), Event::Trouble(Trouble::Picture)),
    (5, Some(12), Event::Alarm(Class::Video)),
    // Occlusion: somebody covers the lens.
    (5, Some(13), Event::Alarm(Class::Tamper)),
    (6, None, Event::Trouble(Trouble::System)),
    (6, Some(1), Event::Trouble(Trouble::System)),
    (6, Some(2), Event::Trouble(Trouble::System)),
];

/// What an alarm of `source` means.
pub(super) fn meaning(source: GbId, method: Option<u8>, kind: Option<u16>) -> Event {
    // A contact that closed: an input or a controller says no more than that.
    let contact = matches!(source.type_code(), ALARM_INPUT | ALARM_CONTROLLER);
    if method == Some(2) && contact && kind.is_none_or(|k| k == 0) {
        return Event::Alarm(Class::Burglary);
    }
    let found = MEANING.iter().find(|(m, k, _)| Some(*m) == method && *k == kind);
    found.map_or(Event::Unknown, |(.., event)| *event)
}

/// The signal of an alarm notification.
pub(super) fn signal(source: GbId, sn: u64, alarm: &Alarm, received: base::UtcMs) -> Signal {
    let code = match (alarm.method, alarm.alarm_type) {
        (None, _) => "no method".to_owned(),
        (Some(method), None) => format!("method {method}"),
        (Some(method), Some(kind)) => format!("method {method} type {kind}"),
    };
    let input = source.type_code() == ALARM_INPUT;
    let zone = input.then(|| source.as_str().get(14..).and_then(|serial| serial.parse().ok())).flatten();
    let mut digest = Sha256::new();
    digest.update(format!("{source}\n{sn}\n{code}\n{:?}\n{:?}\n", alarm.event_type, alarm.time));
    digest.update(&alarm.description);
    let digest = digest.finalize();
    Signal {
        received,
        said: alarm.time,
        source: SourceName::gb28181(source.as_str()),
        protocol: Protocol::Gb28181,
        code,
        event: meaning(source, alarm.method, alarm.alarm_type),
        area: 0,
        zone: zone.unwrap_or(0),
        text: alarm.description.chars().take(SIGNAL_TEXT_CHARS).collect(),
        repeat_key: digest.first_chunk().copied().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::UtcMs;

    fn id(text: &str) -> GbId {
        GbId::parse(text).expect("twenty digits")
    }

    #[test]
    fn methods_and_types_have_their_meaning_and_unknown_ones_are_kept() {
        let (camera, input) = (id("34020000001320000001"), id("34020000001340000007"));
        let of = |m, k| meaning(camera, m, k);
        assert_eq!(of(Some(2), Some(1)), Event::Trouble(Trouble::Picture));
        assert_eq!(of(Some(2), Some(2)), Event::Alarm(Class::Tamper));
        assert_eq!(of(Some(5), Some(6)), Event::Alarm(Class::Video));
        assert_eq!(of(Some(5), Some(11)), Event::Trouble(Trouble::Picture));
        assert_eq!(of(Some(5), Some(13)), Event::Alarm(Class::Tamper));
        assert_eq!(of(Some(6), Some(2)), Event::Trouble(Trouble::System));
        for (m, k) in [
            (None, None),
            (Some(1), None),
            (Some(2), Some(99)),
            (Some(5), Some(14)),
            (Some(9), Some(1)),
            (Some(2), None),
        ] {
            assert_eq!(of(m, k), Event::Unknown, "{m:?} {k:?}");
        }
        assert_eq!(meaning(input, Some(2), None), Event::Alarm(Class::Burglary));
        assert_eq!(meaning(input, Some(2), Some(0)), Event::Alarm(Class::Burglary));
        assert_eq!(meaning(input, Some(2), Some(2)), Event::Alarm(Class::Tamper));
    }

    #[test]
    fn no_pair_of_numbers_has_two_meanings() {
        let pairs: std::collections::BTreeSet<_> = MEANING.iter().map(|(m, k, _)| (*m, *k)).collect();
        assert_eq!(pairs.len(), MEANING.len());
    }

    #[test]
    fn a_repeated_notification_has_the_key_of_the_first_and_another_has_not() {
        let input = id("34020000001340000007");
        let alarm = Alarm {
            method: Some(2),
            time: Some(UtcMs(1_000)),
            description: "东".repeat(SIGNAL_TEXT_CHARS + 5),
            ..Alarm::default()
        };
        let first = signal(input, 7, &alarm, UtcMs(5_000));
        let again = signal(input, 7, &alarm, UtcMs(9_000));
        assert_eq!(first.repeat_key, again.repeat_key);
        assert_ne!(first.repeat_key, signal(input, 8, &alarm, UtcMs(5_000)).repeat_key);
        assert_ne!(first.repeat_key, signal(id("34020000001340000008"), 7, &alarm, UtcMs(5_000)).repeat_key);
        assert_eq!((first.zone, first.code.as_str(), first.said), (7, "method 2", Some(UtcMs(1_000))));
        assert_eq!(first.text.chars().count(), SIGNAL_TEXT_CHARS);
        assert_eq!(first.source.as_str(), "gb:34020000001340000007");
    }
}
