//! Tests of the playback file.

use mp4_atom::DecodeMaybe as _;
use proptest::prelude::*;

use super::*;
use crate::fragment::tests::{aac, alaw, h264, on_disk, picture, sound, stamp};
use crate::fragment::{Builder, Tracks, VideoSample};
use crate::frame::Frame;

const START: i64 = 1_700_000_000_000;

/// A container in memory and what the database would know of it.
#[derive(Default)]
struct Recorded {
    file: Vec<u8>,
    fragments: Vec<SourceFragment>,
    frames: Vec<Frame>,
}

impl Recorded {
    /// Adds a fragment of 50 pictures and, as the config says, 2 s of sound, `ms` after the start of time.
    fn add(&mut self, audio: Option<&AudioConfig>, media_90k: i64, ms: i64) {
        let mut frames: Vec<Frame> = (0..50_usize)
            .map(|i| picture(media_90k + i as i64 * 3600, i == 0, if i == 0 { 900 } else { 20 + i }))
            .collect();
        match audio.map(|a| a.codec) {
            Some(Codec::Aac) => {
                frames.extend((0..31).map(|i| sound(Codec::Aac, media_90k + i * 5760, 60 + i as usize)))
            }
            Some(codec) => frames.extend((0..100).map(|i| sound(codec, media_90k + 450 + i * 1800, 160))),
            None => (),
        }
        self.add_frames(audio, &frames, ms);
    }

    fn add_frames(&mut self, audio: Option<&AudioConfig>, frames: &[Frame], ms: i64) {
        let mut builder = Builder::new(Tracks::of(&h264(), audio).expect("stream"));
        frames.iter().for_each(|f| builder.push(f.clone()).expect("room"));
        let built = builder.finish(&stamp(0, ms, Sha256::default())).expect("frames");
        self.fragments.push(SourceFragment {
            container: 3,
            file_offset: self.file.len() as u64,
            table: built.table.clone(),
            start_utc_ms: built.header.start_utc_ms,
            duration_90k: built.header.duration_90k,
        });
        self.file.extend(on_disk(&built));
        self.frames.extend_from_slice(frames);
    }

    fn of(audio: Option<&AudioConfig>, fragments: i64) -> Self {
        let mut recorded = Self::default();
        (0..fragments).for_each(|i| recorded.add(audio, i * 180_000, i * 2000));
        recorded
    }

    fn plan(&self, audio: Option<&AudioConfig>) -> VirtualMp4 {
        VirtualMp4::plan(&h264(), audio, &self.fragments).expect("a plan")
    }

    /// What a client gets for a byte range.
    fn serve(&self, plan: &VirtualMp4, from: u64, to: u64) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in plan.ranges(from, to) {
            assert!(!piece.is_empty());
            let before = out.len();
            match &piece {
                Piece::Bytes(bytes) => out.extend_from_slice(bytes),
                Piece::File { container: 3, offset, len } => {
                    out.extend_from_slice(&self.file[*offset as usize..(offset + len) as usize]);
                }
                Piece::Flac(p) => {
                    let at = p.offset as usize;
                    out.extend_from_slice(&p.render(&self.file[at..at + p.len as usize]));
                }
                Piece::File { .. } => panic!("container that was never named"),
            }
            assert_eq!((out.len() - before) as u64, piece.len(), "{piece:?}");
        }
        out
    }
}

fn moov(file: &[u8]) -> mp4_atom::Moov {
    let mut rest = file;
    mp4_atom::Ftyp::decode_maybe(&mut rest).expect("ftyp").expect("whole");
    mp4_atom::Moov::decode_maybe(&mut rest).expect("moov").expect("whole")
}

/// Offset and size of every sample of a track, by another library's reading of the tables.
fn samples(trak: &mp4_atom::Trak) -> Vec<(usize, usize)> {
    let stbl = &trak.mdia.minf.stbl;
    let mp4_atom::StszSamples::Different { sizes } = &stbl.stsz.samples else { panic!("sizes are listed") };
    let chunks: Vec<u64> = match (&stbl.stco, &stbl.co64) {
        (Some(stco), None) => stco.entries.iter().map(|o| u64::from(*o)).collect(),
        (None, Some(co64)) => co64.entries.clone(),
        _ => panic!("one kind of offsets"),
    };
    let mut sizes = sizes.iter();
    let mut out = Vec::new();
    for (i, chunk) in chunks.iter().enumerate() {
        let run = stbl.stsc.entries.iter().rev().find(|e| e.first_chunk as usize <= i + 1).expect("a run");
        let mut at = *chunk as usize;
        for size in sizes.by_ref().take(run.samples_per_chunk as usize) {
            out.push((at, *size as usize));
            at += *size as usize;
        }
    }
    assert!(sizes.next().is_none(), "every sample is in a chunk");
    out
}

#[test]
fn another_reader_finds_every_picture_and_all_sound() {
    for audio in [None, Some(alaw()), Some(aac())] {
        let recorded = Recorded::of(audio.as_ref(), 5);
        let plan = recorded.plan(audio.as_ref());
        let file = recorded.serve(&plan, 0, u64::MAX);
        assert_eq!(file.len() as u64, plan.total_bytes());
        let moov = moov(&file);
        let pictures = samples(&moov.trak[0]);
        let frames: Vec<&Frame> = recorded.frames.iter().filter(|f| f.codec.is_video()).collect();
        assert_eq!(pictures.len(), frames.len());
        for ((at, size), frame) in pictures.iter().zip(frames) {
            assert_eq!(file[*at..at + size], frame.data[..]);
        }
        let keys = moov.trak[0].mdia.minf.stbl.stss.as_ref().expect("not all are key pictures");
        assert_eq!(keys.entries, [1, 51, 101, 151, 201]);
        let end = samples(moov.trak.last().expect("a track")).last().map(|(at, size)| at + size);
        assert_eq!(end, Some(file.len()), "nothing after the last sample");
        match audio.map(|a| a.codec) {
            Some(Codec::Aac) => {
                let units: Vec<&Frame> = recorded.frames.iter().filter(|f| f.codec == Codec::Aac).collect();
                for ((at, size), unit) in samples(&moov.trak[1]).iter().zip(&units) {
                    assert_eq!(file[*at..at + size], unit.data[..]);
                }
                assert_eq!(samples(&moov.trak[1]).len(), units.len());
            }
            Some(_) => {
                let frames = samples(&moov.trak[1]);
                assert_eq!(frames.len(), 5 * 16);
                assert!(frames.iter().all(|(at, _)| file[*at..at + 2] == [0xff, 0xf9]));
            }
            None => assert_eq!(moov.trak.len(), 1),
        }
    }
}

#[test]
fn gaps_stand_still_and_both_clocks_map() {
    let audio = alaw();
    let mut recorded = Recorded::default();
    recorded.add(Some(&audio), 0, 0);
    recorded.add(Some(&audio), 180_000, 2_400); // jitter of arrival
    recorded.add(Some(&audio), 0, 14_400); // ten seconds missing
    recorded.add(Some(&audio), 0, 4_400); // the wall clock stepped back
    let plan = recorded.plan(Some(&audio));
    let at = |ms: i64| UtcMs(START + ms);
    assert_eq!(plan.gaps(), [Gap { media_90k: 360_000, from_utc_ms: at(4_400), to_utc_ms: at(14_400) }]);
    assert_eq!(plan.duration_90k(), 8 * 90_000 + 10 * 90_000);
    let file = recorded.serve(&plan, 0, u64::MAX);
    let moov = moov(&file);
    let stts = &moov.trak[0].mdia.minf.stbl.stts.entries;
    assert_eq!(
        stts.iter().map(|e| (e.sample_count, e.sample_delta)).collect::<Vec<_>>(),
        [(99, 3600), (1, 903_600), (100, 3600)]
    );
    let sound_ticks =
        moov.trak[1].mdia.minf.stbl.stts.entries.iter().map(|e| u64::from(e.sample_count) * u64::from(e.sample_delta));
    assert_eq!(sound_ticks.sum::<u64>(), 18 * 8000, "sound keeps step over the gap");

    for (ms, ticks) in
        [(0, 0), (1_999, 179_910), (2_200, 180_000), (2_400, 180_000), (4_000, 324_000), (14_400, 1_260_000)]
    {
        assert_eq!(plan.media_time_of(at(ms)), Some(ticks), "{ms}");
    }
    assert_eq!(plan.media_time_of(at(9_400)), Some(360_000 + 450_000), "inside the standing picture");
    assert_eq!([plan.media_time_of(at(-1)), plan.media_time_of(at(16_400))], [None, None]);
    for (ticks, ms) in
        [(0, 0), (179_999, 1_999), (180_000, 2_400), (810_000, 9_400), (1_260_000, 14_400), (1_440_000, 4_400)]
    {
        assert_eq!(plan.utc_of(ticks), at(ms), "{ticks}");
    }
    assert_eq!(plan.utc_of(u64::MAX), at(6_400));
}

#[test]
fn a_gap_longer_than_a_sample_can_last_is_cut_and_mapped() {
    let mut recorded = Recorded::default();
    recorded.add(None, 0, 0);
    let days = 3 * 86_400_000;
    recorded.add(None, 0, days);
    let plan = recorded.plan(None);
    assert_eq!(plan.media_time_of(UtcMs(START + days)), Some(180_000 + MAX_GAP_90K));
    assert_eq!(plan.utc_of(180_000 + MAX_GAP_90K), UtcMs(START + days));
    assert_eq!(plan.duration_90k(), 360_000 + MAX_GAP_90K);
    assert_eq!(plan.media_time_of(UtcMs(START + days - 1)), Some(180_000 + MAX_GAP_90K), "no later than what comes");
}

#[test]
fn late_sound_gets_an_empty_edit_and_sound_alone_holds_the_picture() {
    let audio = alaw();
    let mut recorded = Recorded::default();
    recorded.add_frames(Some(&audio), &[sound(Codec::G711A, 0, 800)], -100); // before any picture: left out
    recorded.add(None, 0, 0);
    recorded.add(Some(&audio), 180_000, 2_000);
    recorded.add_frames(Some(&audio), &[sound(Codec::G711A, 360_450, 8000)], 4_000);
    recorded.add(Some(&audio), 450_000, 5_000);
    let plan = recorded.plan(Some(&audio));
    assert_eq!((plan.duration_90k(), plan.gaps()), (7 * 90_000, &[][..]));
    let file = recorded.serve(&plan, 0, u64::MAX);
    let moov = moov(&file);
    let edits = &moov.trak[1].edts.as_ref().expect("edts").elst.as_ref().expect("elst").entries;
    assert_eq!(edits.len(), 2);
    assert_eq!(edits[0].segment_duration, 180_450);
    let stts = &moov.trak[0].mdia.minf.stbl.stts.entries;
    assert_eq!(
        stts.iter().map(|e| (e.sample_count, e.sample_delta)).collect::<Vec<_>>(),
        [(99, 3600), (1, 93_600), (50, 3600)]
    );
}

#[test]
fn sound_that_strays_is_put_right() {
    let audio = alaw();
    let mut recorded = Recorded::default();
    // 2 s of pictures but 2.2 s of sound, then 1.8 s: the track must end each time where the pictures are
    for (i, packets) in [110_i64, 110, 90, 80].into_iter().enumerate() {
        let start = i as i64 * 180_000;
        let mut frames: Vec<Frame> = (0..50).map(|n| picture(start + n * 3600, n == 0, 10)).collect();
        frames.extend((0..packets).map(|n| sound(Codec::G711A, start + n * 1700, 160)));
        recorded.add_frames(Some(&audio), &frames, i as i64 * 2000);
    }
    let plan = recorded.plan(Some(&audio));
    let moov = moov(&recorded.serve(&plan, 0, plan.total_bytes()));
    let stts = &moov.trak[1].mdia.minf.stbl.stts.entries;
    let sum: u64 = stts.iter().map(|e| u64::from(e.sample_count) * u64::from(e.sample_delta)).sum();
    let end = 3 * 16_000 + 80 * 160;
    assert!(sum.abs_diff(end) <= 800, "{sum} {end}");
}

#[test]
fn beyond_four_gibibytes_offsets_are_wide_and_right() {
    let sample = VideoSample { size_bytes: 8 << 20, duration_90k: 3600, offset_90k: 0, key: true };
    let table = FrameTable { video_start_90k: 0, video: vec![sample; 2], sound: Sound::None };
    let fragment = |i: u64| SourceFragment {
        container: i as u32 / 100,
        file_offset: i * 20_000_000,
        table: table.clone(),
        start_utc_ms: UtcMs(i as i64 * 80),
        duration_90k: 7200,
    };
    let fragments: Vec<SourceFragment> = (0..400).map(fragment).collect();
    let plan = VirtualMp4::plan(&h264(), None, &fragments).expect("a plan");
    assert!(plan.total_bytes() > 400 * (16 << 20));
    let Some(Piece::Bytes(head)) = plan.ranges(0, 1 << 40).into_iter().next() else { panic!("head first") };
    let last = *samples(&moov(&head).trak[0]).last().expect("samples");
    let want = Piece::File { container: 3, offset: 399 * 20_000_000 + table.video_offset() + (8 << 20), len: 8 << 20 };
    assert_eq!(plan.ranges(last.0 as u64, (last.0 + last.1) as u64), [want]);
    assert_eq!(plan.total_bytes(), (last.0 + last.1) as u64);
}

#[test]
fn what_cannot_be_played_says_why() {
    let audio = alaw();
    let plan = |audio: Option<&AudioConfig>, fragments: &[SourceFragment]| {
        VirtualMp4::plan(&h264(), audio, fragments).map(|p| p.total_bytes())
    };
    assert_eq!(plan(None, &[]), Err(PlanError::NoPictures));
    let mut silent = Recorded::default();
    silent.add_frames(Some(&audio), &[sound(Codec::G711A, 0, 800)], 0);
    assert_eq!(plan(Some(&audio), &silent.fragments), Err(PlanError::NoPictures));
    let recorded = Recorded::of(Some(&audio), 1);
    assert_eq!(plan(Some(&aac()), &recorded.fragments), Err(PlanError::Mixed));
    assert!(plan(None, &recorded.fragments).is_ok(), "sound can be left out");
    let stereo = AudioConfig { channels: 2, ..audio };
    assert!(matches!(plan(Some(&stereo), &recorded.fragments), Err(PlanError::Config(_))));
    let sample = VideoSample { size_bytes: 1, duration_90k: 1, offset_90k: 0, key: true };
    let many = FrameTable { video_start_90k: 0, video: vec![sample; 8192], sound: Sound::None };
    let one = SourceFragment { container: 0, file_offset: 0, table: many, start_utc_ms: UtcMs(0), duration_90k: 8192 };
    assert_eq!(plan(None, &vec![one; MAX_SAMPLES / 8192 + 1]), Err(PlanError::TooLong));
}

#[test]
fn the_digest_tells_contents_apart_and_is_stable() {
    let recorded = Recorded::of(None, 2);
    let mut moved = Recorded::of(None, 2);
    moved.fragments[1].file_offset += 1;
    assert_eq!(recorded.plan(None).hash(), recorded.plan(None).hash());
    assert_ne!(recorded.plan(None).hash(), moved.plan(None).hash());
}

#[test]
fn reordered_pictures_get_composition_offsets() {
    let frames: Vec<Frame> = [0, 10_800, 3600, 7200].map(|p| picture(p, p == 0, 9)).to_vec();
    let mut recorded = Recorded::default();
    recorded.add_frames(None, &frames, 0);
    let moov = moov(&recorded.serve(&recorded.plan(None), 0, u64::MAX));
    let ctts = moov.trak[0].mdia.minf.stbl.ctts.as_ref().expect("ctts");
    let offsets: Vec<i64> = ctts.entries.iter().map(|e| i64::from(e.sample_offset as i32)).collect();
    assert_eq!(offsets, [0, 7200, -3600]);
}

#[test]
fn a_poster_is_a_whole_file() {
    let recorded = Recorded::of(None, 1);
    let (offset, len) = recorded.fragments[0].table.first_key_sample().expect("a key picture");
    let sample = &recorded.file[offset as usize..offset as usize + len as usize];
    let file = single_frame(&h264(), sample).expect("a file");
    let places = samples(&moov(&file).trak[0]);
    assert_eq!(places, [(file.len() - 900, 900)]);
    assert_eq!(&file[places[0].0..], sample);
}

#[test]
fn ranges_have_edges() {
    let recorded = Recorded::of(Some(&alaw()), 2);
    let plan = recorded.plan(Some(&alaw()));
    let total = plan.total_bytes();
    assert!(plan.ranges(total, u64::MAX).is_empty() && plan.ranges(5, 5).is_empty() && plan.ranges(9, 3).is_empty());
    assert_eq!(recorded.serve(&plan, total - 1, u64::MAX).len(), 1);
    // a range inside one sound block touches that block's bytes only
    let Some(Piece::Flac(whole)) = plan.ranges(0, total).pop() else { panic!("sound is last") };
    let [Piece::Flac(tail)] = plan.ranges(total - 10, total - 2)[..] else { panic!("one piece") };
    assert!(tail.len < 1040 && tail.offset > whole.offset, "{tail:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_partition_laid_end_to_end_is_the_file(
        kind in 0..3_u8,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
        sizes in prop::collection::vec((1..2500_usize, 0..9000_i64), 1..12),
    ) {
        let audio = match kind { 0 => None, 1 => Some(alaw()), _ => Some(aac()) };
        let mut recorded = Recorded::of(audio.as_ref(), 2);
        if let Some(audio) = &audio {
            let mut pts = 360_000;
            let mut frames = vec![picture(pts, true, 77)];
            frames.extend(sizes.iter().map(|(size, pause)| { pts += pause; sound(audio.codec, pts, *size) }));
            recorded.add_frames(Some(audio), &frames, 4000);
        }
        let plan = recorded.plan(audio.as_ref());
        let whole = recorded.serve(&plan, 0, u64::MAX);
        let mut at: Vec<u64> = cuts.iter().map(|c| c.index(whole.len()) as u64).chain([0, plan.total_bytes()]).collect();
        at.sort_unstable();
        let joined: Vec<u8> = at.windows(2).flat_map(|w| recorded.serve(&plan, w[0], w[1])).collect();
        prop_assert!(joined == whole);
    }
}
