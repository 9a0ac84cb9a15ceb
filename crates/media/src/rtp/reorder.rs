//! Puts RTP packets back in order without copying those that already are.
//!
//! Packets flow in as they arrive; `Ordered` flows out. Invariants: `expected` is the next number to deliver; every held packet is
//! ahead of it by 1 to `packets - 1`; held bytes never exceed `bytes`; nothing is held longer than `hold_ms` once `poll` is called.

use base::MonoMs;

use super::{Packet, RtpError};

/// A packet this far behind is late or a copy; farther, the sender has begun anew.
const MOST_BEHIND: u16 = 512;
/// A packet this far ahead is after a loss; farther, the sender has begun anew (RFC 3550 A.1 MAX_DROPOUT).
const MOST_AHEAD: u16 = 3_000;
/// Spare buffers kept for reuse.
const SPARE_BUFFERS: usize = 16;

/// How much is held while waiting for a missing packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReorderLimits {
    /// Farthest ahead of the missing packet, in packets; 0 holds none (TCP). At the limit the missing ones are given up as lost.
    pub packets: u16,
    /// Sum of held packets, bytes. At the limit the missing ones are given up as lost.
    pub bytes: usize,
    /// Longest wait, ms. Then the missing ones are given up as lost.
    pub hold_ms: u64,
}

impl ReorderLimits {
    /// For UDP: 256 packets, 1 MiB, 200 ms.
    pub const UDP: Self = Self { packets: 256, bytes: 1024 * 1024, hold_ms: 200 };
    /// For TCP, which keeps order itself: a gap means that the sender dropped packets.
    pub const TCP: Self = Self { packets: 0, bytes: 0, hold_ms: 0 };
}

/// What comes out, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ordered<'a> {
    /// The next packet.
    Packet(Packet<'a>),
    /// This many packets will never come.
    Lost(u32),
    /// The sender began anew: other SSRC, or numbers far away. What follows has nothing to do with what was.
    Restarted,
}

/// Running sums since the beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReorderCounts {
    /// Packets delivered.
    pub delivered: u64,
    /// Packets given up.
    pub lost: u64,
    /// Packets that came ahead of a missing one and were held.
    pub reordered: u64,
    /// Copies of packets already delivered or held.
    pub duplicates: u64,
    /// Packets that came after they had been given up.
    pub late: u64,
    /// Packets of another SSRC or far-away number that no second packet confirmed.
    pub strays: u64,
    /// Times the sender began anew.
    pub restarts: u64,
}

#[derive(Debug)]
struct Held {
    at: MonoMs,
    bytes: Vec<u8>,
}

/// See the file's invariants.
#[derive(Debug)]
pub struct Reorder {
    limits: ReorderLimits,
    /// SSRC and next number to deliver.
    current: Option<(u32, u16)>,
    /// Ring, index = number modulo its length; empty until first needed.
    slots: Vec<Option<Held>>,
    held: usize,
    held_bytes: usize,
    /// Bit n: `expected - 1 - n` was delivered. Tells copies from late packets.
    delivered_bits: u64,
    /// First packet of what may be a new beginning, its SSRC and the number that confirms it.
    candidate: Option<(u32, u16, Vec<u8>)>,
    spare: Vec<Vec<u8>>,
    counts: ReorderCounts,
}

impl Reorder {
    /// With nothing received yet.
    #[must_use]
    pub fn new(limits: ReorderLimits) -> Self {
        let limits = ReorderLimits { packets: limits.packets.min(MOST_BEHIND), ..limits };
        Self {
            limits,
            current: None,
            slots: Vec::new(),
            held: 0,
            held_bytes: 0,
            delivered_bits: 0,
            candidate: None,
            spare: Vec::new(),
            counts: ReorderCounts::default(),
        }
    }

    /// With nothing received yet, sums going on from `counts`: for a connection made anew.
    #[must_use]
    pub fn resume(limits: ReorderLimits, counts: ReorderCounts) -> Self {
        Self { counts, ..Self::new(limits) }
    }

    /// What it was made with.
    #[must_use]
    pub const fn limits(&self) -> ReorderLimits {
        self.limits
    }

    /// Running sums.
    #[must_use]
    pub const fn counts(&self) -> ReorderCounts {
        self.counts
    }

    /// The SSRC in use, once a packet came.
    #[must_use]
    pub fn ssrc(&self) -> Option<u32> {
        self.current.map(|(ssrc, _)| ssrc)
    }

    /// Takes one packet that arrived at `now`; `sink` gets what is ready.
    ///
    /// # Errors
    /// The bytes are no RTP packet; nothing changed.
    pub fn push(&mut self, bytes: &[u8], now: MonoMs, sink: &mut impl FnMut(Ordered<'_>)) -> Result<(), RtpError> {
        let packet = Packet::parse(bytes)?;
        let Some((ssrc, expected)) = self.current else {
            self.current = Some((packet.ssrc, packet.sequence));
            self.deliver(packet, sink);
            return Ok(());
        };
        let ahead = packet.sequence.wrapping_sub(expected);
        if packet.ssrc != ssrc {
            self.maybe_restart(packet, bytes, sink);
        } else if ahead == 0 {
            self.deliver(packet, sink);
            self.deliver_run(sink);
        } else if ahead <= MOST_AHEAD {
            self.take_ahead(packet, bytes, now, sink);
        } else if ahead.wrapping_neg() <= MOST_BEHIND {
            self.count_behind(ahead.wrapping_neg());
        } else {
            self.maybe_restart(packet, bytes, sink);
        }
        self.poll(now, sink);
        Ok(())
    }

    /// Gives up what has been missing too long. Call at `deadline`.
    pub fn poll(&mut self, now: MonoMs, sink: &mut impl FnMut(Ordered<'_>)) {
        while self.held > 0 && self.deadline().is_some_and(|at| at <= now) {
            self.give_up(sink);
        }
    }

    /// When `poll` has something to do; `None` while nothing is held.
    #[must_use]
    pub fn deadline(&self) -> Option<MonoMs> {
        if self.held == 0 {
            return None;
        }
        let oldest = self.slots.iter().flatten().map(|held| held.at).min()?;
        Some(oldest.plus_ms(self.limits.hold_ms))
    }

    /// Delivers all that is held, giving up what is missing between. For the end of a stream.
    pub fn flush(&mut self, sink: &mut impl FnMut(Ordered<'_>)) {
        while self.held > 0 {
            self.give_up(sink);
        }
    }

    fn deliver(&mut self, packet: Packet<'_>, sink: &mut impl FnMut(Ordered<'_>)) {
        self.current = Some((packet.ssrc, packet.sequence.wrapping_add(1)));
        self.delivered_bits = self.delivered_bits << 1 | 1;
        self.counts.delivered += 1;
        sink(Ordered::Packet(packet));
    }

    /// Delivers held packets as far as they follow on each other.
    fn deliver_run(&mut self, sink: &mut impl FnMut(Ordered<'_>)) {
        while self.held > 0 {
            let Some((_, expected)) = self.current else { return };
            let at = self.slot(expected);
            let Some(held) = self.slots.get_mut(at).and_then(Option::take) else { return };
            self.held -= 1;
            self.held_bytes -= held.bytes.len();
            // Parsed once before it was held, so this cannot fail.
            if let Ok(packet) = Packet::parse(&held.bytes) {
                self.deliver(packet, sink);
            }
            self.recycle(held.bytes);
        }
    }

    /// A packet with 1 to `MOST_AHEAD` missing before it.
    fn take_ahead(&mut self, packet: Packet<'_>, bytes: &[u8], now: MonoMs, sink: &mut impl FnMut(Ordered<'_>)) {
        loop {
            let Some((ssrc, expected)) = self.current else { return };
            let ahead = packet.sequence.wrapping_sub(expected);
            if ahead == 0 {
                self.deliver(packet, sink);
                return self.deliver_run(sink);
            }
            if ahead > MOST_AHEAD {
                return self.count_behind(ahead.wrapping_neg());
            }
            if ahead < self.limits.packets && self.held_bytes + bytes.len() <= self.limits.bytes {
                return self.hold(packet.sequence, bytes, now);
            }
            if self.held == 0 {
                self.lose(ahead, sink);
                self.current = Some((ssrc, packet.sequence));
            } else {
                self.give_up(sink);
            }
        }
    }

    fn hold(&mut self, sequence: u16, bytes: &[u8], now: MonoMs) {
        if self.slots.is_empty() {
            // A power of two divides 65,536, so that numbers on both sides of the wrap never meet in one slot.
            self.slots.resize_with(usize::from(self.limits.packets).next_power_of_two(), || None);
        }
        let at = self.slot(sequence);
        let mut buffer = self.spare.pop().unwrap_or_default();
        let Some(slot) = self.slots.get_mut(at) else { return };
        if slot.is_some() {
            self.counts.duplicates += 1;
            return self.recycle(buffer);
        }
        buffer.extend_from_slice(bytes);
        *slot = Some(Held { at: now, bytes: buffer });
        self.held += 1;
        self.held_bytes += bytes.len();
        self.counts.reordered += 1;
    }

    /// Skips to the first held packet and delivers from there.
    fn give_up(&mut self, sink: &mut impl FnMut(Ordered<'_>)) {
        let Some((ssrc, expected)) = self.current else { return };
        let first = (0..self.limits.packets).find(|ahead| {
            let at = self.slot(expected.wrapping_add(*ahead));
            self.slots.get(at).is_some_and(Option::is_some)
        });
        match first {
            Some(ahead) => {
                self.lose(ahead, sink);
                self.current = Some((ssrc, expected.wrapping_add(ahead)));
                self.deliver_run(sink);
            }
            None => self.forget_held(),
        }
    }

    fn lose(&mut self, count: u16, sink: &mut impl FnMut(Ordered<'_>)) {
        if count > 0 {
            self.delivered_bits = self.delivered_bits.checked_shl(u32::from(count)).unwrap_or(0);
            self.counts.lost += u64::from(count);
            sink(Ordered::Lost(u32::from(count)));
        }
    }

    fn count_behind(&mut self, behind: u16) {
        let bit = u32::from(behind.saturating_sub(1));
        if self.delivered_bits.checked_shr(bit).is_some_and(|bits| bits & 1 == 1) {
            self.counts.duplicates += 1;
        } else {
            self.counts.late += 1;
        }
    }

    /// One foreign packet may be a stray of an old session; two that follow on each other are a new beginning.
    fn maybe_restart(&mut self, packet: Packet<'_>, bytes: &[u8], sink: &mut impl FnMut(Ordered<'_>)) {
        if let Some((ssrc, next, first)) = self.candidate.take() {
            if ssrc == packet.ssrc && next == packet.sequence {
                self.forget_held();
                self.delivered_bits = 0;
                self.counts.restarts += 1;
                sink(Ordered::Restarted);
                if let Ok(first) = Packet::parse(&first) {
                    self.deliver(first, sink);
                }
                self.recycle(first);
                return self.deliver(packet, sink);
            }
            self.counts.strays += 1;
            self.recycle(first);
        }
        let mut first = self.spare.pop().unwrap_or_default();
        first.extend_from_slice(bytes);
        self.candidate = Some((packet.ssrc, packet.sequence.wrapping_add(1), first));
    }

    fn forget_held(&mut self) {
        self.slots.iter_mut().for_each(|slot| *slot = None);
        self.held = 0;
        self.held_bytes = 0;
    }

    fn recycle(&mut self, mut buffer: Vec<u8>) {
        // A jumbo packet's buffer is not worth keeping.
        if self.spare.len() < SPARE_BUFFERS && buffer.capacity() <= 4_096 {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    fn slot(&self, sequence: u16) -> usize {
        usize::from(sequence) % self.slots.len().max(1)
    }
}
