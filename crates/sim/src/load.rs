//! Many cameras in one process for benchmarks: pictures prepared once in memory, sent in real time with little CPU.
//!
//! Flow: a grey 1080p picture coded once -> access units padded to the wanted size with SEI messages (so that every stream still
//! decodes) -> shared by all cameras -> the ordinary RTSP server and GB/T 28181 camera send them.
//! Invariants: each access unit has exactly the size the bit rate asks for; cameras start at different pictures, so that their key
//! pictures do not coincide; the same settings make the same bytes.

use crate::encode::Encoder;
use crate::rtsp::{Mount, RtspOptions, RtspServer};
use crate::scene::Planes;
use crate::seed::Seeded;
use crate::{CameraOptions, GbOptions, SimError, run_gb_camera};
use bytes::Bytes;
use media::{VideoConfig, annexb};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;
use wire::gb28181::GbId;

/// SEI payload type "user data unregistered" (ITU-T H.264 D.1.7).
const SEI_USER_DATA: u8 = 5;
/// A key picture is so many times as large as another.
const KEY_WEIGHT: u32 = 6;

/// What to prepare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Pixels across, even.
    pub width: usize,
    /// Pixels down, even.
    pub height: usize,
    /// Pictures a second.
    pub fps: u32,
    /// Bits a second.
    pub bitrate_bps: u32,
    /// Seconds from key picture to key picture.
    pub gop_s: u32,
}

impl Shape {
    /// 1080p, 25 pictures a second, 4 Mbit/s, a key picture every two seconds.
    pub const FULL_HD: Self = Self { width: 1_920, height: 1_080, fps: 25, bitrate_bps: 4_000_000, gop_s: 2 };
}

/// Pictures in memory, played in a circle.
#[derive(Clone, PartialEq)]
pub struct Prepared {
    /// How they are decoded.
    pub config: VideoConfig,
    /// Pictures a second.
    pub fps: u32,
    /// One group of pictures: key picture first.
    pub frames: Vec<Bytes>,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({} pictures)", self.frames.len())
    }
}

impl Prepared {
    /// Makes one group of pictures.
    ///
    /// # Errors
    /// The size or rate cannot be coded.
    pub fn new(shape: Shape, seed: u64) -> Result<Self, SimError> {
        let (w, h) = (shape.width, shape.height);
        let even = w >= 32 && h >= 32 && w <= 4_096 && h <= 4_096 && w % 2 == 0 && h % 2 == 0;
        let count = shape.fps.saturating_mul(shape.gop_s);
        if !even || !(2..=3_000).contains(&count) {
            return Err(SimError::Setting(format!("{shape:?} cannot be prepared")));
        }
        let (y, c) = (vec![110_u8; w * h], vec![128_u8; w * h / 4]);
        let mut encoder = Encoder::new(shape.fps, shape.bitrate_bps)?;
        let mut seeded = Seeded::new(seed, "load");
        let gop_bytes = u64::from(shape.bitrate_bps) * u64::from(shape.gop_s) / 8;
        let unit_bytes = usize::try_from(gop_bytes / u64::from(count - 1 + KEY_WEIGHT)).unwrap_or(usize::MAX);
        let mut frames = Vec::new();
        for i in 0..count {
            let planes = Planes { y: &y, cb: &c, cr: &c, width: w, height: h };
            let at_ms = u64::from(i) * 1000 / u64::from(shape.fps);
            let coded =
                encoder.encode(&planes, at_ms, i == 0)?.ok_or_else(|| SimError::encoder("a picture was left out"))?;
            if coded.key != (i == 0) {
                return Err(SimError::encoder("a key picture in the wrong place"));
            }
            let want = if i == 0 { unit_bytes * KEY_WEIGHT as usize } else { unit_bytes };
            frames.push(padded(&coded.data, want, &mut seeded));
        }
        let config = encoder.config().cloned().ok_or_else(|| SimError::encoder("no parameter sets"))?;
        Ok(Self { config, fps: shape.fps, frames })
    }
}

/// `unit` after an SEI message that makes the whole `want` bytes long; `unit` alone if it is long enough already.
fn padded(unit: &[u8], want: usize, seeded: &mut Seeded) -> Bytes {
    // Around the text: length prefix 4, NAL header 1, payload type 1, closing bit 1; its own size takes one byte each 255.
    let room = want.saturating_sub(unit.len() + 7);
    let text = room.saturating_sub(room / 256 + 1);
    if text < 16 {
        return Bytes::copy_from_slice(unit);
    }
    let mut nal = vec![6, SEI_USER_DATA];
    nal.resize(2 + text / 255, 255);
    nal.push((text % 255) as u8);
    // No zero bytes: nothing in it can look like a start code.
    nal.extend((0..text).map(|_| (seeded.next_u32() % 255 + 1) as u8));
    nal.push(0x80);
    let mut out = Vec::with_capacity(want);
    annexb::push_length_prefixed(&nal, &mut out);
    out.extend_from_slice(unit);
    out.into()
}

fn cameras(streams: u32, prepared: &Arc<Prepared>) -> impl Iterator<Item = CameraOptions> {
    let prepared = prepared.clone();
    (0..streams).map(move |i| CameraOptions {
        seed: u64::from(i),
        name: format!("LOAD {i}"),
        sound: false,
        prepared: Some(prepared.clone()),
        ..CameraOptions::default()
    })
}

/// An RTSP server with cameras `/0`, `/1`, ... that all send prepared pictures; `run` it until the benchmark ends.
///
/// # Errors
/// See `RtspServer::bind`.
pub async fn bind_rtsp_load(
    listen: SocketAddr,
    streams: u32,
    prepared: &Arc<Prepared>,
) -> Result<RtspServer, SimError> {
    let mut options = RtspOptions::new(listen, "", CameraOptions::default());
    options.mounts =
        cameras(streams, prepared).enumerate().map(|(i, camera)| Mount { path: i.to_string(), camera }).collect();
    RtspServer::bind(options).await
}

/// Code of the `index`-th device of a load: that of `first`, its last six digits counted on.
#[must_use]
pub fn load_device(first: GbId, index: u32) -> Option<GbId> {
    let (head, serial) = first.as_str().split_at_checked(14)?;
    let serial = serial.parse::<u32>().ok()?.checked_add(index).filter(|s| *s < 1_000_000)?;
    GbId::parse(&format!("{head}{serial:06}"))
}

/// Runs many GB/T 28181 cameras with prepared pictures; everything but code and camera is as in `model`. How media travel
/// is the platform's choice.
///
/// # Errors
/// A camera does not start, or there are not enough codes.
pub async fn run_gb_load(
    model: GbOptions,
    streams: u32,
    prepared: Arc<Prepared>,
    stop: impl Future<Output = ()>,
) -> Result<(), SimError> {
    let (stopping, stopped) = watch::channel(false);
    let mut running = JoinSet::new();
    for (i, camera) in (0..).zip(cameras(streams, &prepared)) {
        let device = load_device(model.device, i).ok_or_else(|| SimError::Setting("not enough device codes".into()))?;
        let options = GbOptions { catalog_name: camera.name.clone(), camera, device, channel: device, ..model.clone() };
        let mut stopped = stopped.clone();
        running.spawn(run_gb_camera(options, async move { drop(stopped.wait_for(|s| *s).await) }));
    }
    stop.await;
    let _ = stopping.send(true);
    while let Some(ended) = running.join_next().await {
        ended.map_err(|e| SimError::Setting(e.to_string()))??;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use openh264::decoder::Decoder;
    use openh264::formats::YUVSource;

    const SMALL: Shape = Shape { width: 320, height: 240, fps: 10, bitrate_bps: 400_000, gop_s: 1 };

    #[test]
    fn units_have_the_asked_size_and_decode() {
        let prepared = Prepared::new(SMALL, 1).unwrap();
        let total: usize = prepared.frames.iter().map(Bytes::len).sum();
        assert!((49_000..=50_100).contains(&total), "{total} bytes a second");
        let mut decoder = Decoder::new().unwrap();
        for (i, frame) in prepared.frames.iter().enumerate() {
            let mut stream = Vec::new();
            if i == 0 {
                annexb::push_start_code(&prepared.config.sps, &mut stream);
                annexb::push_start_code(&prepared.config.pps, &mut stream);
            }
            annexb::to_annexb(frame, &mut stream);
            let picture = decoder.decode(&stream).unwrap().expect("a picture");
            assert_eq!(picture.dimensions(), (320, 240));
            assert!(picture.y().iter().take(320).all(|l| l.abs_diff(110) < 4));
        }
        assert_eq!(prepared, Prepared::new(SMALL, 1).unwrap());
        assert!(
            Prepared::new(Shape { width: 0, ..SMALL }, 1).is_err()
                && Prepared::new(Shape { fps: 0, ..SMALL }, 1).is_err()
        );
    }

    #[test]
    fn padding_is_exact_at_every_size() {
        let unit = [0, 0, 0, 2, 0x41, 9];
        for want in 40..2_000 {
            let length = padded(&unit, want, &mut Seeded::new(1, "x")).len();
            assert!(length <= want && want - length <= 1, "{want} became {length}");
        }
        assert_eq!(&padded(&unit, 20, &mut Seeded::new(1, "x"))[..], &unit);
    }

    #[tokio::test]
    async fn prepared_cameras_begin_with_a_key_picture_and_keep_the_pace() {
        let prepared = Arc::new(Prepared::new(Shape { fps: 50, bitrate_bps: 2_000_000, ..SMALL }, 1).unwrap());
        let camera = cameras(8, &prepared).last().unwrap();
        let source = Source::start(&camera).await.unwrap();
        let mut frames = source.subscribe();
        let first = frames.next().await.unwrap();
        assert!(first.frame.key && first.frame.data == prepared.frames[0]);
        let mut before = 0;
        while before < 70 {
            let unit = frames.next().await.unwrap();
            let since = unit.frame.pts_90k - first.frame.pts_90k;
            // A reader that falls behind on a busy machine is told the newer frames; their times and keys stay the same.
            let number = since / 1_800;
            assert!(since % 1_800 == 0 && number > before, "{since} after {before}");
            assert_eq!(unit.frame.key, number % 50 == 0, "{number}");
            before = number;
        }
    }

    #[test]
    fn device_codes_count_on() {
        let first = GbId::parse("34020000001320000998").unwrap();
        assert_eq!(load_device(first, 3).unwrap().as_str(), "34020000001320001001");
        assert_eq!(load_device(first, 999_999), None);
    }
}
