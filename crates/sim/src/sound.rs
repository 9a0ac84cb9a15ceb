//! What a simulated camera hears: a quiet room, a chime on every second, a spoken-like pattern on every minute, in G.711 A-law.
//!
//! Flow: time of the first sample (UTC) -> 320 samples (40 ms at 8 kHz) -> 320 A-law bytes. The chime begins on the whole second
//! of the camera's clock, so that sound and picture can be checked against each other.
//! Invariant: seed and time decide every sample.

use media::g711;
use std::f32::consts::TAU;

/// Samples a second.
pub const RATE_HZ: u32 = 8_000;
/// Samples in one packet.
pub const PACKET_SAMPLES: usize = 320;
/// Duration of one packet, milliseconds.
pub const PACKET_MS: u32 = 40;
/// Duration of one packet in media time, 90 kHz ticks.
pub const PACKET_90K: i64 = 3_600;

/// One camera's microphone.
pub struct Sound {
    noise: u32,
    rumble: f32,
}

impl Sound {
    /// A microphone whose noise follows from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { noise: (seed as u32) ^ (seed >> 32) as u32 | 1, rumble: 0.0 }
    }

    /// The 40 ms that begin at `utc_ms`, A-law coded.
    pub fn packet(&mut self, utc_ms: i64) -> Vec<u8> {
        let samples: Vec<i16> = (0..PACKET_SAMPLES).map(|i| self.sample(utc_ms, i)).collect();
        let mut out = Vec::with_capacity(PACKET_SAMPLES);
        g711::alaw_encode_into(&samples, &mut out);
        out
    }

    fn sample(&mut self, utc_ms: i64, i: usize) -> i16 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 17;
        self.noise ^= self.noise << 5;
        let white = (self.noise >> 16) as f32 / 32_768.0 - 1.0;
        self.rumble += (white - self.rumble) * 0.06;
        let into_minute_s = utc_ms.rem_euclid(60_000) as f32 / 1000.0 + i as f32 / RATE_HZ as f32;
        let into_second_s = into_minute_s.fract();
        let chime = if into_second_s < 0.16 {
            let rise = (into_second_s / 0.004).min(1.0);
            let fall = (-into_second_s * 26.0).exp();
            rise * fall * 0.16 * ((into_second_s * 880.0 * TAU).sin() + 0.4 * (into_second_s * 1_760.0 * TAU).sin())
        } else {
            0.0
        };
        let level = self.rumble * 0.018 + white * 0.0015 + chime + speech(into_minute_s);
        (level.clamp(-0.95, 0.95) * 32_767.0) as i16
    }
}

/// Six syllables in the first two seconds of a minute: a buzzing voice at 130 Hz through two moving resonances.
fn speech(into_minute_s: f32) -> f32 {
    const SYLLABLES: [(f32, f32); 6] =
        [(700.0, 1_200.0), (400.0, 2_000.0), (300.0, 870.0), (600.0, 1_700.0), (450.0, 1_000.0), (750.0, 1_300.0)];
    let place = (into_minute_s - 0.25) / 0.28;
    let Some((low, high)) = (place >= 0.0).then(|| SYLLABLES.get(place as usize)).flatten() else { return 0.0 };
    let part = place.fract();
    let envelope = (part / 0.12).min(1.0) * ((1.0 - part) / 0.35).clamp(0.0, 1.0);
    let pitch_hz = 130.0 + 14.0 * (part * TAU * 0.5).sin();
    let voice: f32 = (1..=22)
        .map(|harmonic| {
            let hz = pitch_hz * harmonic as f32;
            let peak = |at: f32, width: f32| 1.0 / (1.0 + ((hz - at) / width).powi(2));
            (peak(*low, 90.0) + 0.6 * peak(*high, 130.0)) * (into_minute_s * hz * TAU).sin()
        })
        .sum();
    voice * envelope * 0.10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loudness(packet: &[u8]) -> i64 {
        let mut samples = Vec::new();
        g711::alaw_decode_into(packet, &mut samples);
        samples.iter().map(|s| i64::from(*s).abs()).sum::<i64>() / samples.len() as i64
    }

    #[test]
    fn the_second_chimes_the_minute_speaks_and_the_rest_is_quiet() {
        let mut sound = Sound::new(9);
        let minute = 1_763_697_600_000;
        assert_eq!(sound.packet(minute).len(), PACKET_SAMPLES);
        let chime = loudness(&sound.packet(minute + 30_000));
        let quiet = loudness(&sound.packet(minute + 30_500));
        let speech = loudness(&sound.packet(minute + 640));
        assert!(chime > quiet * 5 && speech > quiet * 5, "chime {chime} quiet {quiet} speech {speech}");
        assert!(quiet > 0, "a room is never silent");
    }

    #[test]
    fn any_time_and_seed_are_fine() {
        for (seed, at) in [(0, 0), (u64::MAX, i64::MAX), (1 << 40, i64::MIN)] {
            assert_eq!(Sound::new(seed).packet(at).len(), PACKET_SAMPLES);
        }
    }
}
