//! The way between servers: a site reports to its authority and has the head of its log witnessed.
//!
//! ```text
//! site: Link ──mutual TLS 1.3, raw keys (tls)──▶ serve ──Call──▶ authority
//!       hello | message + body | part | add-checkpoint   ◀── status + receipt | bytes kept | cosignature
//!       orders after n                                   ◀── orders n+1… of the authority, signed; done, a message says so
//! ```
//!
//! Not HTTP: only `web` knows HTTP, and two programs of one project need no more than a question and its answer. The bodies are
//! texts of C2SP (signed notes, tlog-witness), so they can be kept as proof and checked elsewhere.
//! Invariants: nobody is believed by name or address, only by the key that a person has entered (`Pin`); a message has one id and one
//! signature, so sending it again changes nothing; a receipt names the message, its digest and its place in the authority's log; every
//! frame, wait and number of connections is bounded.

mod frame;
mod link;
mod message;
mod order;
mod part;
mod server;
mod tls;

pub use frame::{ANSWER_BYTES, Answer, Question, REQUEST_BYTES};
pub use link::{BusError, Link};
pub use message::{
    BODY_BYTES, Hello, Kind, Message, MessageError, Receipt, enrolment_code, join_message, split_message,
};
pub use order::{ORDER_BODY_BYTES, Order, ask_orders, asked_orders, join_orders, split_orders};
pub use part::{PART_BYTES, Part};
pub use server::{Call, serve};
pub use tls::{Identity, IdentityError, Pin};
