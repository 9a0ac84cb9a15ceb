//! What pages are told of a camera: where its connection stands, what is wrong in words, what flows.

use base::{MonoMs, Now, Text, UtcMs};
use domain::recording::GapCause;
use media::{Codec, VideoConfig};

/// Where the connection of a camera stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    /// Nothing was heard of it yet, or it went away.
    #[default]
    Offline,
    /// We are connecting, or it has registered and we are inviting it.
    Connecting,
    /// The stream is agreed, no picture has come yet.
    Waiting,
    /// Pictures come.
    Streaming,
}

impl Phase {
    /// Stable word for the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Connecting => "connecting",
            Self::Waiting => "waiting",
            Self::Streaming => "streaming",
        }
    }

    /// What pages say.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::Offline => Text::new("离线", "Offline"),
            Self::Connecting => Text::new("连接中", "Connecting"),
            Self::Waiting => Text::new("等待画面", "Waiting for pictures"),
            Self::Streaming => Text::new("正常", "Streaming"),
        }
    }
}

/// Why there is no picture: the question asked most about GB/T 28181, answered by the program itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnosis {
    /// Stable word, e.g. `no_packets`, `invite_refused`, `ssrc_mismatch`, `undecodable`, `wrong_password`.
    pub code: &'static str,
    /// What was seen.
    pub what: Text,
    /// What to do.
    pub next: Text,
}

/// A check that takes longer has no result, ms.
const PROBE_MS: u64 = 30_000;

/// How a check ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProbeEnd {
    /// Pictures come.
    Pictures,
    /// They do not, and this is why.
    Fault(Diagnosis),
    /// Neither was seen in `PROBE_MS`.
    Nothing,
}

/// A check that a person asked for: the stream is asked for anew, and what comes of it is kept until the next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// When it was asked for.
    pub began: UtcMs,
    began_mono: MonoMs,
    pictures: u64,
    /// When it ended, how long it took, ms, and how; `None` while it runs.
    pub end: Option<(UtcMs, u64, ProbeEnd)>,
}

/// Counters of a camera's sink since it was made.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Coded bytes.
    pub bytes: u64,
    /// Pictures.
    pub pictures: u64,
    /// Packets lost, as far as known.
    pub lost: u64,
    /// Pictures dropped because the disk queue was full.
    pub dropped: u64,
    /// When the newest picture came.
    pub last_picture: Option<UtcMs>,
    /// How its pictures decode.
    pub video: Option<VideoConfig>,
    /// True when it has sound that is recorded.
    pub sound: Option<Codec>,
    /// True while fragments are being recorded.
    pub recording: bool,
}

/// A camera as pages see it.
#[derive(Clone, Debug, Default)]
pub struct CameraState {
    /// Connection.
    pub phase: Phase,
    /// Since when.
    pub since: Option<UtcMs>,
    /// Why there is no picture, if known.
    pub diagnosis: Option<Diagnosis>,
    /// Recording is paused, and why.
    pub paused: Option<GapCause>,
    /// Device clock minus ours, ms.
    pub clock_error_ms: Option<i32>,
    /// Bits a second over the last seconds.
    pub bits_per_second: u64,
    /// Pictures a second over the last seconds.
    pub pictures_per_second: f32,
    /// Counters.
    pub counts: Counts,
    /// Live viewers.
    pub viewers: usize,
    /// The newest check that a person asked for.
    pub probe: Option<Probe>,
    measured: Option<(u64, u64, u64)>,
}

impl CameraState {
    pub(super) fn enter(&mut self, phase: Phase, now: Now) {
        if self.phase != phase {
            self.phase = phase;
            self.since = Some(now.utc);
        }
        if phase == Phase::Streaming {
            self.diagnosis = None;
        }
    }

    /// A person asks for a check.
    pub(super) fn begin_probe(&mut self, now: Now) {
        let pictures = self.counts.pictures;
        self.probe = Some(Probe { began: now.utc, began_mono: now.mono, pictures, end: None });
    }

    /// What was found while a check runs is its result.
    pub(super) fn end_probe(&mut self, end: ProbeEnd, now: Now) {
        if let Some(probe) = self.probe.as_mut().filter(|p| p.end.is_none()) {
            probe.end = Some((now.utc, now.mono.since(probe.began_mono), end));
        }
    }

    fn watch_probe(&mut self, now: Now) {
        let Some(probe) = self.probe.as_ref().filter(|p| p.end.is_none()) else { return };
        if self.phase == Phase::Streaming && self.counts.pictures > probe.pictures {
            self.end_probe(ProbeEnd::Pictures, now);
        } else if now.mono.since(probe.began_mono) >= PROBE_MS {
            self.end_probe(ProbeEnd::Nothing, now);
        }
    }

    /// Rates over the time since the last call, smoothed.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(super) fn measure(&mut self, counts: Counts, viewers: usize, now: Now) {
        if let Some((bytes, pictures, at)) = self.measured {
            let ms = now.mono.0.saturating_sub(at).max(1);
            let bps = counts.bytes.saturating_sub(bytes) * 8_000 / ms;
            self.bits_per_second = (self.bits_per_second * 3 + bps) / 4;
            let fps = counts.pictures.saturating_sub(pictures) as f32 * 1_000.0 / ms as f32;
            self.pictures_per_second = self.pictures_per_second.mul_add(0.75, fps * 0.25);
        }
        self.measured = Some((counts.bytes, counts.pictures, now.mono.0));
        self.counts = counts;
        self.viewers = viewers;
        self.watch_probe(now);
    }

    /// True when pictures come and are being recorded.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.phase == Phase::Streaming && self.paused.is_none() && self.counts.recording
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Now {
        Now { utc: UtcMs(1_000_000 + i64::try_from(ms).unwrap()), mono: MonoMs(ms) }
    }

    fn fault() -> Diagnosis {
        Diagnosis { code: "no_packets", what: Text::new("无", "none"), next: Text::default() }
    }

    #[test]
    fn a_check_ends_with_pictures_with_a_fault_or_with_nothing() {
        let mut state = CameraState::default();
        let with = |pictures| Counts { pictures, ..Counts::default() };
        state.measure(with(100), 0, at(0));
        state.end_probe(ProbeEnd::Fault(fault()), at(10));
        assert_eq!(state.probe, None, "what nobody asked for is no result");
        state.begin_probe(at(1_000));
        state.enter(Phase::Streaming, at(1_500));
        state.measure(with(100), 0, at(2_000));
        assert_eq!(state.probe.clone().unwrap().end, None, "pictures of before do not count");
        state.measure(with(101), 0, at(3_000));
        assert_eq!(state.probe.clone().unwrap().end, Some((at(3_000).utc, 2_000, ProbeEnd::Pictures)));
        state.begin_probe(at(5_000));
        state.enter(Phase::Connecting, at(5_000));
        state.end_probe(ProbeEnd::Fault(fault()), at(6_000));
        state.end_probe(ProbeEnd::Nothing, at(7_000));
        assert_eq!(
            state.probe.clone().unwrap().end,
            Some((at(6_000).utc, 1_000, ProbeEnd::Fault(fault()))),
            "the first counts"
        );
        state.begin_probe(at(10_000));
        state.measure(with(101), 0, at(10_000 + PROBE_MS - 1));
        assert_eq!(state.probe.clone().unwrap().end, None);
        state.measure(with(101), 0, at(10_000 + PROBE_MS));
        assert_eq!(state.probe.unwrap().end.unwrap().2, ProbeEnd::Nothing);
    }
}
