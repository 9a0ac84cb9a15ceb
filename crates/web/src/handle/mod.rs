//! Handlers, one file a noun. Each is short: fields in, one call of a corridor of `site`, one page struct or JSON out.

pub(crate) mod accounts;
pub(crate) mod alarms;
pub(crate) mod api;
pub(crate) mod areas;
pub(crate) mod devices;
pub(crate) mod entry;
pub(crate) mod inbox;
pub(crate) mod law;
pub(crate) mod link;
pub(crate) mod log;
pub(crate) mod marks;
pub(crate) mod register;
mod log_words;
pub(crate) mod media;
mod openapi;
pub(crate) mod ops;
pub(crate) mod second_step;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod sites;
pub(crate) mod panels;
pub(crate) mod storage;
pub(crate) mod use_export;
pub(crate) mod use_request;
pub(crate) mod use_session;
pub(crate) mod view;
pub(crate) mod watch;
