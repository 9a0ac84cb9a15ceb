//! The only HTTP: pages, API, assets.
//!
//! ```text
//! socket ─▶ server (tls) ─▶ gate (route, rate, session, policy, body, form token) ─▶ handle/* ─▶ site or authority (role, law, act + log) ─▶ page or JSON
//! ```
//!
//! A handler asks `site` or `authority`, fills one page struct of [`pages`] with plain view data, askama renders it beside the files of [`assets`].
//! Invariants: a path exists only in [`routes`], with its policy; page structs know only `base` (never rows, never the store);
//! every sentence for a person is written in both languages where it is used; no page needs a script, font or image from elsewhere;
//! footage leaves only through the corridors of `site`, which write the log first. Whose server it is, a site's or an authority's, says `kind`.

mod answer;
mod app;
pub mod assets;
mod call;
mod done;
mod drafts;
pub mod gate;
mod handle;
mod imports;
mod kind;
mod limiter;
pub mod local;
mod paced;
pub mod pages;
mod places;
pub mod proxy;
mod range;
pub mod routes;
mod server;
pub mod tls;

pub use answer::{CONTENT_POLICY, Response};
pub use app::{App, DemoAlarm, DemoAuthority, DemoPanel, Options};
pub use server::{Limits, serve};
