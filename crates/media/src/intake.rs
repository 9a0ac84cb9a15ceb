//! One GB/T 28181 media stream from socket bytes to frames: reordering or TCP splitting, then the program stream demuxer.
//!
//! Datagrams or TCP chunks flow in with their arrival time, `MediaEvent`s flow out. Sans-IO: the driver owns sockets and timers and
//! calls `poll` at `deadline`. Invariants: no allocation per packet while packets come in order; all that is wrong is counted.

#[cfg(test)]
mod tests;

use base::MonoMs;

use crate::frame::MediaEvent;
use crate::ps::{DemuxCounts, Demuxer};
use crate::rtp::{
    FramingError, Ordered, PAYLOAD_PCMA, PAYLOAD_PCMU, Reorder, ReorderCounts, ReorderLimits, Rfc4571, RtpError,
    Unwrap90k,
};

/// Running sums since the beginning, for diagnosis and metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IntakeCounts {
    /// RTP packets received, whatever became of them.
    pub packets: u64,
    /// Bytes of these, RTP headers included.
    pub bytes: u64,
    /// Packets that were no RTP.
    pub malformed: u64,
    /// RTCP packets passed over.
    pub rtcp: u64,
    /// Packets of a payload type that is sound alone, not a program stream; passed over.
    pub not_ps: u64,
    /// What reordering saw.
    pub order: ReorderCounts,
    /// What the demuxer saw.
    pub ps: DemuxCounts,
}

/// One stream's intake. One per INVITE; for TCP one per connection of it.
#[derive(Debug)]
pub struct PsIntake {
    stage: Stage,
    reorder: Reorder,
    framing: Rfc4571,
}

/// What lies behind the reordering.
#[derive(Debug, Default)]
struct Stage {
    unwrap: Unwrap90k,
    demuxer: Demuxer,
    own: IntakeCounts,
}

impl PsIntake {
    /// For datagrams: waits up to 200 ms for a missing packet.
    #[must_use]
    pub fn udp() -> Self {
        Self::new(ReorderLimits::UDP)
    }

    /// For one TCP connection: a missing number is lost at once.
    #[must_use]
    pub fn tcp() -> Self {
        Self::new(ReorderLimits::TCP)
    }

    /// With other limits.
    #[must_use]
    pub fn new(limits: ReorderLimits) -> Self {
        Self { stage: Stage::default(), reorder: Reorder::new(limits), framing: Rfc4571::new() }
    }

    /// Takes one datagram. What is no RTP is counted and dropped.
    pub fn datagram(&mut self, packet: &[u8], now: MonoMs, out: &mut Vec<MediaEvent>) {
        receive(&mut self.stage, &mut self.reorder, packet, now, out);
    }

    /// Takes bytes of the TCP connection.
    ///
    /// # Errors
    /// The connection carries no framed RTP; close it.
    pub fn chunk(&mut self, bytes: &[u8], now: MonoMs, out: &mut Vec<MediaEvent>) -> Result<(), FramingError> {
        let Self { stage, reorder, framing } = self;
        framing.push(bytes, &mut |packet| receive(stage, reorder, packet, now, out))
    }

    /// The TCP connection was made anew within the same session: framing begins again, what was open is lost.
    pub fn reconnected(&mut self, out: &mut Vec<MediaEvent>) {
        self.framing = Rfc4571::new();
        let limits = self.reorder.limits();
        let before = self.reorder.counts();
        self.reorder = Reorder::resume(limits, before);
        self.stage.demuxer.restarted(out);
        self.stage.unwrap = Unwrap90k::default();
    }

    /// When `poll` is due; `None` while nothing waits.
    #[must_use]
    pub fn deadline(&self) -> Option<MonoMs> {
        self.reorder.deadline()
    }

    /// Gives up packets missing too long.
    pub fn poll(&mut self, now: MonoMs, out: &mut Vec<MediaEvent>) {
        let Self { stage, reorder, .. } = self;
        reorder.poll(now, &mut |ordered| stage.take(ordered, out));
    }

    /// The stream ended in good order (BYE, end of file): passes on what is complete.
    pub fn finish(&mut self, out: &mut Vec<MediaEvent>) {
        let Self { stage, reorder, .. } = self;
        reorder.flush(&mut |ordered| stage.take(ordered, out));
        stage.demuxer.finish(out);
    }

    /// The SSRC the device uses, whatever was asked of it; `None` before the first packet.
    #[must_use]
    pub fn ssrc(&self) -> Option<u32> {
        self.reorder.ssrc()
    }

    /// True if the TCP framing departs from RFC 4571, for the device's diagnosis.
    #[must_use]
    pub fn odd_framing(&self) -> bool {
        self.framing.had_private_header() || self.framing.framing() == Some(crate::rtp::Framing::Interleaved)
    }

    /// Running sums.
    #[must_use]
    pub const fn counts(&self) -> IntakeCounts {
        IntakeCounts { order: self.reorder.counts(), ps: self.stage.demuxer.counts(), ..self.stage.own }
    }
}

fn receive(stage: &mut Stage, reorder: &mut Reorder, packet: &[u8], now: MonoMs, out: &mut Vec<MediaEvent>) {
    stage.own.packets += 1;
    stage.own.bytes += packet.len() as u64;
    match reorder.push(packet, now, &mut |ordered| stage.take(ordered, out)) {
        Ok(()) => {}
        Err(RtpError::Rtcp) => stage.own.rtcp += 1,
        Err(_) => stage.own.malformed += 1,
    }
}

impl Stage {
    fn take(&mut self, ordered: Ordered<'_>, out: &mut Vec<MediaEvent>) {
        match ordered {
            Ordered::Packet(packet) => {
                let rtp_90k = self.unwrap.unwrap(packet.timestamp);
                if matches!(packet.payload_type, PAYLOAD_PCMA | PAYLOAD_PCMU) {
                    self.own.not_ps += 1;
                } else {
                    self.demuxer.feed(packet.payload, rtp_90k, packet.marker, out);
                }
            }
            Ordered::Lost(packets) => self.demuxer.lost(packets, out),
            Ordered::Restarted => {
                self.unwrap = Unwrap90k::default();
                self.demuxer.restarted(out);
            }
        }
    }
}
