//! H.264 encoder of the drawn pictures: constrained baseline, no B-frames, an IDR with SPS and PPS every two seconds.
//!
//! Flow: planes -> openh264 -> access unit with 4-byte lengths and, on key pictures, the parameter sets beside it.
//! Invariants: the first picture is a key picture; a picture after a failed one is a key picture; parameter sets are never inside.

use crate::SimError;
use crate::scene::Planes;
use bytes::Bytes;
use media::{VideoConfig, annexb, h264};
use openh264::encoder::{
    BitRate, Complexity, EncoderConfig, FrameRate, IntraFramePeriod, Profile, RateControlMode, UsageType, VuiConfig,
};
use openh264::formats::YUVSlices;
use openh264::{OpenH264API, Timestamp};

/// Seconds between key pictures.
pub const GOP_S: u32 = 2;

/// One coded picture.
#[derive(Clone, Debug)]
pub struct Coded {
    /// Can be decoded alone.
    pub key: bool,
    /// NAL units with 4-byte lengths, without parameter sets.
    pub data: Bytes,
}

/// The encoder of one camera.
pub struct Encoder {
    inner: openh264::encoder::Encoder,
    config: Option<VideoConfig>,
    since_key: u32,
    gop_frames: u32,
}

impl Encoder {
    /// An encoder for `fps` pictures a second at about `bitrate_bps`. The size comes with the first picture.
    ///
    /// # Errors
    /// The library refused the settings.
    pub fn new(fps: u32, bitrate_bps: u32) -> Result<Self, SimError> {
        let gop_frames = fps.max(1) * GOP_S;
        let settings = EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .profile(Profile::Baseline)
            .complexity(Complexity::Low)
            .rate_control_mode(RateControlMode::Bitrate)
            .bitrate(BitRate::from_bps(bitrate_bps))
            .max_frame_rate(FrameRate::from_hz(fps as f32))
            .intra_frame_period(IntraFramePeriod::from_num_frames(gop_frames))
            .skip_frames(true)
            .scene_change_detect(false)
            .adaptive_quantization(false)
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let inner = openh264::encoder::Encoder::with_api_config(OpenH264API::from_source(), settings)
            .map_err(SimError::encoder)?;
        Ok(Self { inner, config: None, since_key: 0, gop_frames })
    }

    /// How to decode what was encoded so far; `None` before the first picture.
    #[must_use]
    pub const fn config(&self) -> Option<&VideoConfig> {
        self.config.as_ref()
    }

    /// Encodes a picture taken `at_ms` after the first one; `want_key` makes it a key picture.
    /// `None`: the library gave no bits for it.
    ///
    /// # Errors
    /// The library failed; the next picture will be a key picture.
    pub fn encode(&mut self, planes: &Planes<'_>, at_ms: u64, want_key: bool) -> Result<Option<Coded>, SimError> {
        // The library counts its own period from its first picture; a forced key picture must not be followed by one too many.
        if want_key || self.since_key >= self.gop_frames {
            self.inner.force_intra_frame();
        }
        let (w, h) = (planes.width, planes.height);
        let source = YUVSlices::new((planes.y, planes.cb, planes.cr), (w, h), (w, w / 2, w / 2));
        let stream = match self.inner.encode_at(&source, Timestamp::from_millis(at_ms)) {
            Ok(stream) => stream.to_vec(),
            Err(e) => {
                self.since_key = self.gop_frames;
                return Err(SimError::encoder(e));
            }
        };
        let (mut data, mut key) = (Vec::with_capacity(stream.len() + 16), false);
        let (mut sps, mut pps) = (None, None);
        for range in annexb::Nals::new(&stream) {
            let Some(nal) = stream.get(range) else { continue };
            match h264::nal_type(nal) {
                h264::SPS => sps = Some(Bytes::copy_from_slice(nal)),
                h264::PPS => pps = Some(Bytes::copy_from_slice(nal)),
                h264::AUD => {}
                kind => {
                    key |= kind == h264::IDR;
                    annexb::push_length_prefixed(nal, &mut data);
                }
            }
        }
        if let (Some(sps), Some(pps)) = (sps, pps) {
            self.config = h264::video_config(sps, pps);
        }
        self.since_key = if key { 1 } else { self.since_key + 1 };
        Ok((!data.is_empty()).then(|| Coded { key, data: data.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Place, Scene, Size, Strip, read_strip};
    use base::UtcMs;
    use openh264::decoder::Decoder;
    use openh264::formats::YUVSource;

    #[test]
    fn every_decoded_picture_says_its_number_and_time() {
        let start = 1_763_697_600_000_i64;
        let mut scene = Scene::new(Place::Lobby, 1, Size::Small, "LOBBY 1");
        let mut encoder = Encoder::new(15, 500_000).unwrap();
        let mut decoder = Decoder::new().unwrap();
        let mut keys = Vec::new();
        let mut bytes = 0;
        for i in 0..65_u32 {
            let at = start + i64::from(i) * 1000 / 15;
            let planes = scene.draw(i, UtcMs(at));
            let coded = encoder.encode(&planes, u64::from(i) * 1000 / 15, i == 40).unwrap().unwrap();
            let mut stream = Vec::new();
            let config = encoder.config().unwrap();
            if coded.key {
                keys.push(i);
                annexb::push_start_code(&config.sps, &mut stream);
                annexb::push_start_code(&config.pps, &mut stream);
            }
            assert_eq!((config.width_px, config.height_px, config.sps[1]), (640, 360, 66));
            assert_eq!(config.sps[2] & 0x40, 0x40, "constrained baseline");
            annexb::to_annexb(&coded.data, &mut stream);
            bytes += stream.len();
            let picture = decoder.decode(&stream).unwrap().expect("a picture for every access unit");
            let strip = read_strip(picture.y(), picture.strides().0, 640, 360);
            let utc_ms = u64::try_from(at).unwrap();
            assert_eq!(strip, Some(Strip { place: 0, frame_no: i, utc_ms }), "frame {i}");
        }
        assert_eq!(keys, [0, 30, 40]);
        let bits_a_second = bytes * 8 * 15 / 65;
        assert!(bits_a_second < 900_000, "{bits_a_second} bit/s");
    }
}
