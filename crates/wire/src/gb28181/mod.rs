//! GB/T 28181 (2016 and 2022) signalling: SIP, digest, MANSCDP, SDP, and the two ends of a link.
//!
//! Layers, each importing only those above it: [`id`] and [`sip`] (text forms), [`digest`], [`xml`] and [`manscdp`]
//! (message bodies), [`sdp`], [`txn`] (retransmission and matching), and on top [`platform`] (the server) and [`device`]
//! (the camera). Invariants: every call is `handle(input, now)` or a command, followed by draining `poll_output`;
//! nothing here blocks, panics on input, or keeps an unbounded table.

pub mod device;
pub mod digest;
pub mod id;
pub mod manscdp;
pub mod platform;
pub mod sdp;
pub mod sip;
pub mod txn;
pub mod xml;

#[cfg(test)]
mod loop_tests;

pub use id::GbId;

use std::net::SocketAddr;

/// Name the driver gives to one TCP connection; never reused while the process lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ConnId(pub u64);

/// Where a SIP message came from or goes to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Peer {
    /// A datagram peer.
    Udp(SocketAddr),
    /// An open TCP connection.
    Tcp(ConnId),
}

impl Peer {
    /// True for TCP: no retransmission is needed.
    #[must_use]
    pub const fn is_reliable(self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    /// `UDP` or `TCP`, as a Via header names it.
    #[must_use]
    pub const fn via_name(self) -> &'static str {
        match self {
            Self::Udp(_) => "UDP",
            Self::Tcp(_) => "TCP",
        }
    }
}

/// What the driver hands to a machine.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// One UDP datagram.
    Datagram {
        /// Its source.
        from: SocketAddr,
        /// Its payload.
        bytes: &'a [u8],
    },
    /// A TCP connection was accepted (platform) or made (device).
    TcpOpened {
        /// The driver's name for it.
        conn: ConnId,
        /// The far end.
        from: SocketAddr,
    },
    /// Bytes of a TCP connection, cut anywhere; framing happens inside.
    TcpBytes {
        /// Which connection.
        conn: ConnId,
        /// The bytes, in order.
        bytes: &'a [u8],
    },
    /// The connection ended, whoever ended it.
    TcpClosed {
        /// Which connection.
        conn: ConnId,
    },
    /// The time given by `next_deadline` came (harmless at any other time).
    Tick,
}

/// What a machine hands to its driver. Drain with `poll_output` after every `handle` and every command.
#[derive(Clone, PartialEq, Debug)]
pub enum Output<E> {
    /// Send these bytes.
    Send {
        /// To whom.
        to: Peer,
        /// One SIP message.
        bytes: Vec<u8>,
    },
    /// Close this TCP connection (framing lost, or limits); answer with `Input::TcpClosed` when done.
    Close {
        /// Which connection.
        conn: ConnId,
    },
    /// Something happened.
    Event(E),
}

/// Source of random numbers, handed in so that tests are deterministic. In production it must be
/// cryptographically strong (nonces, tags and Call-IDs come from it).
pub struct Rng(Box<dyn FnMut() -> u64 + Send>);

impl Rng {
    /// Wraps a function that gives 64 fresh random bits at every call.
    pub fn new(next: impl FnMut() -> u64 + Send + 'static) -> Self {
        Self(Box::new(next))
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        (self.0)()
    }

    /// 32 lower-case hexadecimal characters (128 bits).
    pub fn token(&mut self) -> String {
        format!("{:016x}{:016x}", self.next_u64(), self.next_u64())
    }

    /// 16 lower-case hexadecimal characters (64 bits): tags and Call-IDs.
    pub fn short_token(&mut self) -> String {
        format!("{:016x}", self.next_u64())
    }
}

impl std::fmt::Debug for Rng {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rng")
    }
}
