//! Decisions, one module a noun: recording, retention, viewing, access, evidence.
