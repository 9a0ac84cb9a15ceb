//! The only HTTP: pages, API, assets.
//!
//! Flow: a handler asks `site` and `law`, fills one page struct of [`pages`] with plain view data, askama renders it beside the
//! files of [`assets`]. Invariants: page structs know only `base` (never rows, never the store); every sentence for a person is
//! written in both languages where it is used; no page needs a script, font or image from elsewhere.

pub mod assets;
pub mod pages;
