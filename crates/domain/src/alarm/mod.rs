//! Alarms (入侵报警): what a source said (`Signal`), whichever protocol carried it.
//!
//! `signal` is the shape between drivers (which make signals) and everything that judges them.

mod signal;

pub use signal::{Class, Event, Protocol, SIGNAL_TEXT_CHARS, SOURCE_CHARS, Signal, SourceName, Trouble};
