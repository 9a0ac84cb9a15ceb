//! Clips are written here, by a small MP4 writer of the test's own, and read back; then damaged in every way.

use super::*;
use crate::encode::Encoder;
use crate::scene::Planes;
use media::boxes::BoxWriter;
use media::config::decoder_config;
use proptest::prelude::*;
use std::io::Write;

/// How a test file is laid out.
#[derive(Clone, Copy)]
struct Layout {
    per_chunk: usize,
    wide_offsets: bool,
    shifts: bool,
    length_bytes: usize,
}

const PLAIN: Layout = Layout { per_chunk: 3, wide_offsets: false, shifts: false, length_bytes: 4 };

struct Picture {
    key: bool,
    nals: Vec<Vec<u8>>,
}

fn h264() -> (VideoConfig, Vec<Picture>) {
    let mut encoder = Encoder::new(10, 200_000).unwrap();
    let mut pictures = Vec::new();
    for i in 0..7_u8 {
        let (y, c) = (vec![40 + i * 20; 64 * 48], vec![128; 32 * 24]);
        let planes = Planes { y: &y, cb: &c, cr: &c, width: 64, height: 48 };
        let coded = encoder.encode(&planes, u64::from(i) * 100, i == 4).unwrap().unwrap();
        let nals = annexb::Lengths::new(&coded.data).map(<[u8]>::to_vec).collect();
        pictures.push(Picture { key: coded.key, nals });
    }
    (encoder.config().unwrap().clone(), pictures)
}

/// Parameter sets of a 320x240 H.265 Main stream, and pictures that only look like some.
fn h265() -> (VideoConfig, Vec<Picture>) {
    let hex = |text: &str| Bytes::from(base::unhex(text).unwrap());
    let vps = hex("40010c01ffff01600000030090000003000003003c928090");
    let sps = hex("42010101600000030090000003000003003ca00a080f16592a4932bc05a020000003002000000300a1");
    let pps = hex("4401c172b46240");
    let config = media::h265::video_config(vps, sps, pps).unwrap();
    let picture = |key: bool| Picture { key, nals: vec![vec![if key { 19 << 1 } else { 1 << 1 }, 1, 0x80, 7, 7, 7]] };
    (config, vec![picture(true), picture(false), picture(false)])
}

fn write(path: &Path, config: &VideoConfig, pictures: &[Picture], layout: Layout) {
    let samples: Vec<Vec<u8>> = pictures
        .iter()
        .map(|p| {
            let mut out = Vec::new();
            for nal in &p.nals {
                out.extend_from_slice(&u32::try_from(nal.len()).unwrap().to_be_bytes()[4 - layout.length_bytes..]);
                out.extend_from_slice(nal);
            }
            out
        })
        .collect();
    let mut w = BoxWriter::with_capacity(4096);
    w.boxed(b"ftyp", |w| w.bytes(b"isom\0\0\0\0"));
    w.boxed(b"mdat", |w| samples.iter().for_each(|s| w.bytes(s)));
    let mut record = decoder_config(config).unwrap().to_vec();
    let at = if config.codec == Codec::H265 { 21 } else { 4 };
    record[at] = record[at] & 0xfc | u8::try_from(layout.length_bytes - 1).unwrap();
    let (entry, inner) = if config.codec == Codec::H265 { (b"hvc1", b"hvcC") } else { (b"avc1", b"avcC") };
    let count = |n: usize| u32::try_from(n).unwrap();
    w.boxed(b"moov", |w| {
        w.boxed(b"trak", |w| {
            w.boxed(b"mdia", |w| {
                w.full(b"mdhd", 0, 0, |w| [0, 0, 1_000, 0, 0].iter().for_each(|v| w.u32(*v)));
                w.boxed(b"minf", |w| {
                    w.boxed(b"stbl", |w| {
                        w.full(b"stsd", 0, 0, |w| {
                            w.u32(1);
                            w.boxed(entry, |w| {
                                w.zeros(78);
                                w.boxed(inner, |w| w.bytes(&record));
                            });
                        });
                        w.full(b"stts", 0, 0, |w| [1, count(samples.len()), 100].iter().for_each(|v| w.u32(*v)));
                        if layout.shifts {
                            w.full(b"ctts", 0, 0, |w| {
                                [2, 1, 200, count(samples.len() - 1), 150].iter().for_each(|v| w.u32(*v))
                            });
                        }
                        w.full(b"stss", 0, 0, |w| {
                            let keys: Vec<_> = (1..).zip(pictures).filter(|(_, p)| p.key).map(|(n, _)| n).collect();
                            w.u32(count(keys.len()));
                            keys.iter().for_each(|n| w.u32(*n));
                        });
                        w.full(b"stsz", 0, 0, |w| {
                            w.u32(0);
                            w.u32(count(samples.len()));
                            samples.iter().for_each(|s| w.u32(count(s.len())));
                        });
                        let chunks: Vec<_> = samples.chunks(layout.per_chunk).collect();
                        w.full(b"stsc", 0, 0, |w| {
                            let last = chunks.last().unwrap().len();
                            let runs = [(1, layout.per_chunk), (chunks.len(), last)];
                            w.u32(2);
                            runs.iter()
                                .for_each(|(first, n)| [count(*first), count(*n), 1].iter().for_each(|v| w.u32(*v)));
                        });
                        let mut at = 16 + 8;
                        let starts: Vec<usize> = chunks
                            .iter()
                            .map(|c| {
                                let start = at;
                                at += c.iter().map(Vec::len).sum::<usize>();
                                start
                            })
                            .collect();
                        w.full(if layout.wide_offsets { b"co64" } else { b"stco" }, 0, 0, |w| {
                            w.u32(count(starts.len()));
                            starts
                                .iter()
                                .for_each(|s| if layout.wide_offsets { w.u64(*s as u64) } else { w.u32(count(*s)) });
                        });
                    });
                });
            });
        });
    });
    File::create(path).unwrap().write_all(&w.out).unwrap();
}

fn lengths(nals: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    nals.iter().for_each(|n| annexb::push_length_prefixed(n, &mut out));
    out
}

#[test]
fn a_clip_comes_back_as_written_and_goes_round_without_a_jump() {
    let folder = tempfile::tempdir().unwrap();
    for (n, (config, pictures)) in [h264(), h265()].into_iter().enumerate() {
        for (m, layout) in [
            PLAIN,
            Layout { per_chunk: 1, wide_offsets: true, ..PLAIN },
            Layout { per_chunk: 100, length_bytes: 2, ..PLAIN },
        ]
        .into_iter()
        .enumerate()
        {
            let path = folder.path().join(format!("{n}-{m}.mp4"));
            write(&path, &config, &pictures, layout);
            let mut clip = Clip::open(&path).unwrap();
            assert_eq!((clip.config(), clip.len(), clip.fps(), clip.is_empty()), (&config, pictures.len(), 10, false));
            for round in 0..3 {
                for (i, picture) in pictures.iter().enumerate() {
                    let got = clip.next_frame().unwrap();
                    let want_90k = ((round * pictures.len() + i) * 9_000) as i64;
                    assert_eq!((got.due_90k, got.frame.pts_90k, got.frame.key), (want_90k, want_90k, picture.key));
                    assert_eq!(got.frame.data, lengths(&picture.nals));
                }
            }
        }
    }
}

#[test]
fn shifted_presentation_and_a_hold_up_move_times_as_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shift.mp4");
    let (config, pictures) = h264();
    write(&path, &config, &pictures, Layout { shifts: true, ..PLAIN });
    let mut clip = Clip::open(&path).unwrap();
    let times: Vec<_> = (0..2).map(|_| clip.next_frame().unwrap()).map(|f| (f.due_90k, f.frame.pts_90k)).collect();
    assert_eq!(times, [(0, 0), (9_000, 4_500)]);
    clip.skip_90k(90_000);
    assert_eq!(clip.next_frame().unwrap().due_90k, 108_000);
}

#[test]
fn parameter_sets_inside_pictures_are_taken_out() {
    let nals = [vec![0x67, 1], vec![0x68, 1], vec![0x09, 0xf0], vec![0x65, 1, 2, 3]];
    assert_eq!(clean(Codec::H264, 4, &lengths(&nals)).unwrap(), lengths(&nals[3..]));
    assert_eq!(clean(Codec::H264, 4, &[0, 0, 0, 9, 1]), None);
    assert_eq!(clean(Codec::H264, 1, &[1]), None);
}

#[test]
fn what_is_no_clip_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.mp4");
    let cases: [(&[u8], &str); 5] = [
        (b"", "no index"),
        (b"hello, this is text and no film", "no index"),
        (b"\0\0\0\x08moov", "no H.264 or H.265 track"),
        (b"\0\0\0\x01moov\0\0\0\0\0\0\0\x05", "no index"),
        (b"\xff\xff\xff\xffmoov", "no index"),
    ];
    for (bytes, want) in cases {
        std::fs::write(&path, bytes).unwrap();
        let e = Clip::open(&path).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(e.contains(want), "{e}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_damaged_file_never_crashes(seed in any::<u64>(), damages in 1_usize..12, cut in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged.mp4");
        let (config, pictures) = h265();
        write(&path, &config, &pictures, Layout { shifts: true, ..PLAIN });
        let mut bytes = std::fs::read(&path).unwrap();
        let mut seeded = crate::seed::Seeded::new(seed, "damage");
        for _ in 0..damages {
            let at = usize::try_from(seeded.next_u64() % bytes.len() as u64).unwrap();
            bytes[at] = seeded.next_u64() as u8;
        }
        if cut {
            bytes.truncate(usize::try_from(seeded.next_u64() % bytes.len() as u64).unwrap());
        }
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(mut clip) = Clip::open(&path) {
            for _ in 0..8 {
                let _ = clip.next_frame();
            }
        }
    }
}
