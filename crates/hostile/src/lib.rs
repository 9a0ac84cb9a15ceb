//! What must hold whatever bytes come: one [`Target`] per kind of input. Not part of the product.
//!
//! The bytes of a fuzzer (`cargo xtask fuzz`, folder `fuzz/`) or of the committed corpus (`tests/replay.rs`) go in; nothing comes out,
//! and a property that does not hold panics. So a target says more than "no panic": what is printed reads back, a stream means the same
//! wherever it is cut, limits hold, and what is signed cannot be changed. Every target is a pure function of its bytes.

#[cfg(feature = "configuration")]
pub mod configuration;
pub mod dc09;
#[cfg(feature = "draws")]
pub mod draws;
#[cfg(feature = "evidence")]
pub mod evidence;
mod input;
pub mod ledger_proofs;
pub mod manscdp;
#[cfg(feature = "orders")]
pub mod orders;
pub mod ps;
pub mod rtp;
pub mod sdp;
pub mod sip;
#[cfg(feature = "tables")]
pub mod tables;

/// One kind of input from outside.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: of the corpus folder, the fuzz target and the dictionary.
    pub name: &'static str,
    /// Panics if a property does not hold.
    pub check: fn(&[u8]),
    /// Inputs to begin with, made by this program's own writers.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "sip", check: sip::check, seeds: sip::seeds },
    Target { name: "manscdp", check: manscdp::check, seeds: manscdp::seeds },
    Target { name: "sdp", check: sdp::check, seeds: sdp::seeds },
    Target { name: "rtp", check: rtp::check, seeds: rtp::seeds },
    Target { name: "ps", check: ps::check, seeds: ps::seeds },
    Target { name: "dc09", check: dc09::check, seeds: dc09::seeds },
    Target { name: "ledger_proofs", check: ledger_proofs::check, seeds: ledger_proofs::seeds },
    #[cfg(feature = "evidence")]
    Target { name: "evidence", check: evidence::check, seeds: evidence::seeds },
    #[cfg(feature = "configuration")]
    Target { name: "configuration", check: configuration::check, seeds: configuration::seeds },
    #[cfg(feature = "orders")]
    Target { name: "orders", check: orders::check, seeds: orders::seeds },
    #[cfg(feature = "tables")]
    Target { name: "tables", check: tables::check, seeds: tables::seeds },
    #[cfg(feature = "draws")]
    Target { name: "draws", check: draws::check, seeds: draws::seeds },
];
