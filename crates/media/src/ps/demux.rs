//! Incremental MPEG-PS demuxer for live streams that lose packets, begin in the middle and bend the rules.
//!
//! RTP payloads flow in at any cut, `MediaEvent`s flow out. Each payload byte is copied once, from the packet into the picture's
//! buffer. Bent rules that are read: headers of MPEG-1 systems (ISO/IEC 11172-1), bad marker bits, missing system header or map, PES length 0 or wrong, pictures over many PES,
//! stamps missing, wrapping or jumping, private streams.
//!
//! Invariants: a picture goes out whole or not at all; after a loss no picture goes out until a key picture with parameter sets;
//! `Lost` goes out once between two frames; buffers stay below `limits::ACCESS_UNIT_BYTES`; no input panics.

use base::limits::ACCESS_UNIT_BYTES;
use bytes::{Bytes, BytesMut};

use super::clock::{Clock, Track};
use super::picture::{Assembler, Picture, infer_codec};
use super::scan::Scan;
use super::{code, stream_type};
use crate::aac;
use crate::frame::{AudioConfig, Codec, Frame, MediaEvent};

/// Largest map read, bytes; the standard's bound is 1,024.
const MOST_MAP_BYTES: usize = 2_048;
/// Largest sound payload of one PES without length, bytes.
const MOST_SOUND_BYTES: usize = 64 * 1024;
/// Pictures in a row whose marker was exactly at their end before the marker alone ends a picture.
const MARKER_TRUST: u8 = 30;
/// Most stuffing bytes of an MPEG-1 PES header.
const MOST_MPEG1_STUFFING: usize = 16;
/// Rate of G.711 in GB/T 28181, Hz.
const G711_RATE_HZ: u32 = 8_000;

/// Running sums since the beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DemuxCounts {
    /// Pictures passed on.
    pub pictures: u64,
    /// Sound frames passed on.
    pub sounds: u64,
    /// Pictures thrown away: damaged, too large, or before the first key picture.
    pub withheld: u64,
    /// PES of streams that are not recorded: private, unknown type, second picture stream.
    pub unknown_streams: u64,
    /// PES headers whose fixed bits were wrong; read all the same.
    pub bad_marker_bits: u64,
    /// Times the next start code had to be searched.
    pub resyncs: u64,
    /// PES whose length was too small for what followed; the rest was taken along.
    pub short_lengths: u64,
    /// Stamps that jumped and were put right.
    pub stamp_jumps: u64,
    /// Key pictures whose parameter sets could not be used, and damaged pictures found without a packet loss.
    pub damaged: u64,
}

/// Where the bytes of a PES go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Target {
    Picture,
    Sound,
    Nowhere,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Throwing bytes away until a start code.
    Search,
    /// Gathering `head` up to this many bytes.
    Head(usize),
    /// This many bytes of a PES or section are to come.
    Body(Target, usize),
    /// A PES without length: until the next start code.
    Open(Target),
}

/// The access unit being gathered.
#[derive(Debug, Default)]
struct Unit {
    /// One zero byte, then Annex B; empty when no unit is open.
    buffer: BytesMut,
    stamp: Option<u64>,
    rtp: i64,
    /// A marker came after the last byte.
    marked: bool,
}

#[derive(Debug, Default)]
struct Sound {
    buffer: Vec<u8>,
    stamp: Option<u64>,
    rtp: i64,
    stream: u8,
    open: bool,
}

/// See the file's invariants.
#[derive(Debug)]
pub struct Demuxer {
    state: State,
    head: Vec<u8>,
    scan: Scan,
    /// Stream types by stream id, 0 where no map told.
    types: [u8; 256],
    codec: Option<Codec>,
    video_stream: Option<u8>,
    unit: Unit,
    sound: Sound,
    sound_config: Option<AudioConfig>,
    /// The last pack header was of MPEG-1, so PES headers are too.
    mpeg1: bool,
    /// What the last PES was of; `Nowhere` after any other section.
    last: Target,
    /// RTP times of this sender stay the same within a picture, as they should.
    rtp_steady: bool,
    assembler: Assembler,
    clock: Clock,
    await_key: bool,
    /// A frame went out since the last `Lost`.
    frame_since_lost: bool,
    /// After how many well marked pictures we are; `None`: this sender's markers mean nothing.
    marker_score: Option<u8>,
    /// RTP time and stamp of the last picture that its marker ended.
    marker_ended: Option<(i64, Option<u64>)>,
    last_unit_bytes: usize,
    counts: DemuxCounts,
}

impl Default for Demuxer {
    fn default() -> Self {
        Self::new()
    }
}

impl Demuxer {
    /// For a stream of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: State::Search,
            head: Vec::with_capacity(64),
            scan: Scan::new(),
            types: [0; 256],
            codec: None,
            video_stream: None,
            unit: Unit::default(),
            sound: Sound::default(),
            sound_config: None,
            mpeg1: false,
            last: Target::Nowhere,
            rtp_steady: true,
            assembler: Assembler::default(),
            clock: Clock::default(),
            await_key: true,
            frame_since_lost: false,
            marker_score: Some(0),
            marker_ended: None,
            last_unit_bytes: 0,
            counts: DemuxCounts::default(),
        }
    }

    /// Running sums.
    #[must_use]
    pub const fn counts(&self) -> DemuxCounts {
        DemuxCounts { stamp_jumps: self.clock.jumps(), ..self.counts }
    }

    /// Takes the payload of one RTP packet. `rtp_90k` is its unwrapped timestamp; `marker` its marker bit.
    pub fn feed(&mut self, payload: &[u8], rtp_90k: i64, marker: bool, out: &mut Vec<MediaEvent>) {
        let mut input = payload;
        while !input.is_empty() {
            input = match self.state {
                State::Body(target, left) => self.body(target, left, input, rtp_90k, out),
                State::Open(target) => self.open(target, input, out),
                State::Search => self.search(input),
                State::Head(need) => self.gather_head(need, input, rtp_90k, out),
            };
        }
        if marker {
            self.marked(out);
        }
    }

    /// `packets` packets are missing here: what they cut is thrown away, pictures are withheld until the next key picture.
    pub fn lost(&mut self, packets: u32, out: &mut Vec<MediaEvent>) {
        self.drop_unit();
        self.sound.open = false;
        self.sound.buffer.clear();
        self.begin_search();
        self.withhold(packets, out);
    }

    /// The sender began anew: nothing known of the stream holds any more, only the media time goes on.
    pub fn restarted(&mut self, out: &mut Vec<MediaEvent>) {
        self.lost(0, out);
        self.types = [0; 256];
        self.codec = None;
        self.video_stream = None;
        self.assembler.reset();
        self.clock.restart();
        self.rtp_steady = true;
        self.marker_score = Some(0);
        self.marker_ended = None;
    }

    /// The stream ended in good order: passes on the last picture if its end was seen.
    pub fn finish(&mut self, out: &mut Vec<MediaEvent>) {
        let complete = self.unit.marked && !matches!(self.state, State::Body(Target::Picture, _));
        if let State::Open(Target::Sound) = self.state {
            self.end_sound(out);
        }
        if complete {
            self.end_unit(out);
        }
        self.drop_unit();
        self.begin_search();
    }

    // ---- bytes to their places ----

    fn body<'a>(
        &mut self,
        target: Target,
        left: usize,
        input: &'a [u8],
        rtp: i64,
        out: &mut Vec<MediaEvent>,
    ) -> &'a [u8] {
        let (now, rest) = input.split_at(left.min(input.len()));
        if target == Target::Picture && rtp != self.unit.rtp {
            self.rtp_steady = false;
        }
        let fits = self.put(target, now);
        let left = left - now.len();
        self.state = State::Body(target, left);
        if !fits {
            self.too_large(target, out);
            self.state = State::Body(Target::Nowhere, left);
        }
        if left == 0 {
            self.end_body(target, out);
        }
        rest
    }

    fn open<'a>(&mut self, target: Target, input: &'a [u8], out: &mut Vec<MediaEvent>) -> &'a [u8] {
        let mut scan = std::mem::replace(&mut self.scan, Scan::new());
        let mut fits = true;
        let found = scan.run(input, &mut |bytes| fits &= self.put(target, bytes));
        self.scan = scan;
        if !fits {
            self.too_large(target, out);
            self.state = State::Open(Target::Nowhere);
        }
        let Some((byte, rest)) = found else { return &[] };
        self.end_body(target, out);
        self.begin_head(byte);
        rest
    }

    fn search<'a>(&mut self, input: &'a [u8]) -> &'a [u8] {
        let Some((byte, rest)) = self.scan.run(input, &mut |_| {}) else { return &[] };
        self.begin_head(byte);
        rest
    }

    fn begin_head(&mut self, byte: u8) {
        self.head.clear();
        self.head.extend_from_slice(&[0, 0, 1, byte]);
        self.state = State::Head(head_need(&self.head, self.mpeg1));
        if byte == code::END {
            self.next_head();
        }
    }

    fn next_head(&mut self) {
        self.head.clear();
        self.state = State::Head(4);
    }

    fn begin_search(&mut self) {
        self.head.clear();
        self.scan.reset();
        self.state = State::Search;
    }

    /// Appends to the unit or the sound; false if that would pass the limit.
    fn put(&mut self, target: Target, bytes: &[u8]) -> bool {
        match target {
            Target::Nowhere => true,
            Target::Picture => {
                if self.unit.marked && !bytes.is_empty() {
                    // More of the picture after its marker: this sender marks something else.
                    self.unit.marked = false;
                    self.marker_score = None;
                }
                if self.unit.buffer.len() + bytes.len() > ACCESS_UNIT_BYTES {
                    return false;
                }
                self.unit.buffer.extend_from_slice(bytes);
                true
            }
            Target::Sound => {
                if self.sound.buffer.len() + bytes.len() > MOST_SOUND_BYTES {
                    return false;
                }
                self.sound.buffer.extend_from_slice(bytes);
                true
            }
        }
    }

    fn end_body(&mut self, target: Target, out: &mut Vec<MediaEvent>) {
        if target == Target::Sound {
            self.end_sound(out);
        }
        self.next_head();
    }

    fn too_large(&mut self, target: Target, out: &mut Vec<MediaEvent>) {
        self.counts.damaged += 1;
        if target == Target::Sound {
            self.sound.open = false;
            self.sound.buffer.clear();
        } else {
            self.drop_unit();
            self.withhold(0, out);
        }
    }

    // ---- headers ----

    fn gather_head<'a>(&mut self, need: usize, input: &'a [u8], rtp: i64, out: &mut Vec<MediaEvent>) -> &'a [u8] {
        let (now, rest) = input.split_at(need.saturating_sub(self.head.len()).min(input.len()));
        self.head.extend_from_slice(now);
        if self.head.len() < need {
            return rest;
        }
        if self.head.len() == 4 && !(self.head.starts_with(&[0, 0, 1]) && self.head[3] >= code::END) {
            self.no_start_code(out);
            return rest;
        }
        let next = head_need(&self.head, self.mpeg1);
        if next > self.head.len() {
            self.state = State::Head(next);
            return rest;
        }
        self.whole_head(rtp, out);
        rest
    }

    /// Four bytes that should have begun something and did not.
    fn no_start_code(&mut self, out: &mut Vec<MediaEvent>) {
        let head: [u8; 4] = self.head.first_chunk().copied().unwrap_or_default();
        self.head.clear();
        self.scan.reset();
        // After picture bytes nothing was lost, so the length was wrong and the picture goes on.
        let goes_on = self.unit.buffer.len() > 1 && self.last == Target::Picture;
        self.state = if goes_on { State::Open(Target::Picture) } else { State::Search };
        if goes_on {
            self.counts.short_lengths += 1;
            let _ = self.open(Target::Picture, &head, out);
        } else {
            self.counts.resyncs += 1;
            let _ = self.search(&head);
        }
    }

    fn whole_head(&mut self, rtp: i64, out: &mut Vec<MediaEvent>) {
        let head = std::mem::take(&mut self.head);
        let stream = head[3];
        match stream {
            code::PACK => {
                // `01` and the first marker, or MPEG-1's `0010`.
                self.mpeg1 = head[4] >> 4 == 2;
                let good = head[4] & 0xc4 == 0x44 || self.mpeg1;
                self.counts.bad_marker_bits += u64::from(!good);
                self.next_section();
            }
            code::END => self.next_section(),
            code::MAP => {
                self.read_map(&head);
                self.next_section();
            }
            code::AUDIO_FIRST..=code::VIDEO_LAST => self.begin_pes(&head, rtp, out),
            _ => {
                let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
                if !matches!(stream, code::SYSTEM | 0xbe) {
                    self.counts.unknown_streams += 1;
                }
                self.next_section();
                if length > 0 {
                    self.state = State::Body(Target::Nowhere, length);
                }
            }
        }
        self.head = head;
        self.head.clear();
    }

    fn next_section(&mut self) {
        self.last = Target::Nowhere;
        self.state = State::Head(4);
    }

    /// Program stream map (ISO/IEC 13818-1 2.5.4.1). Its checksum is not looked at: devices compute it wrongly.
    fn read_map(&mut self, head: &[u8]) {
        let body = head.get(6..).unwrap_or_default();
        let info = body.get(2..4).map_or(0, |length| usize::from(u16::from_be_bytes([length[0], length[1]])));
        let Some(rest) = body.get(4 + info..) else { return };
        let Some((length, entries)) = rest.split_first_chunk::<2>() else { return };
        let length = usize::from(u16::from_be_bytes(*length)).min(entries.len());
        let mut entries = &entries[..length];
        while let Some((&[kind, stream, high, low], rest)) = entries.split_first_chunk::<4>() {
            if stream >= code::AUDIO_FIRST {
                self.types[usize::from(stream)] = kind;
            }
            entries = rest.get(usize::from(u16::from_be_bytes([high, low]))..).unwrap_or_default();
        }
    }

    fn begin_pes(&mut self, head: &[u8], rtp: i64, out: &mut Vec<MediaEvent>) {
        let (stream, length) = (head[3], usize::from(u16::from_be_bytes([head[4], head[5]])));
        let header = head.len() - 6;
        let (stamp, good) = if self.mpeg1 {
            stamp_mpeg1(head)
        } else {
            self.counts.bad_marker_bits += u64::from(head[6] & 0xc0 != 0x80);
            stamp(head)
        };
        self.counts.bad_marker_bits += u64::from(!good);
        if length != 0 && length < header {
            self.counts.resyncs += 1;
            return self.begin_search();
        }
        let body = length.saturating_sub(header);
        let video = stream >= code::VIDEO_FIRST;
        let target = if video { self.picture_target(stream) } else { self.sound_target(stream) };
        match target {
            Target::Picture => self.begin_picture_pes(stamp, rtp, body, out),
            Target::Sound => {
                self.sound.buffer.clear();
                (self.sound.stamp, self.sound.rtp, self.sound.stream, self.sound.open) = (stamp, rtp, stream, true);
            }
            Target::Nowhere => self.counts.unknown_streams += 1,
        }
        self.last = target;
        self.state = match (length, body) {
            (0, _) => State::Open(target),
            (_, 0) => State::Head(4),
            _ => State::Body(target, body),
        };
    }

    fn picture_target(&mut self, stream: u8) -> Target {
        let told = match self.types[usize::from(stream)] {
            stream_type::H264 => Some(Codec::H264),
            stream_type::H265 => Some(Codec::H265),
            0 => None,
            _ => return Target::Nowhere,
        };
        if *self.video_stream.get_or_insert(stream) != stream {
            return Target::Nowhere;
        }
        if let Some(told) = told.filter(|_| self.codec.is_none()) {
            self.codec = Some(told);
        }
        Target::Picture
    }

    fn sound_target(&self, stream: u8) -> Target {
        match self.types[usize::from(stream)] {
            stream_type::G711A | stream_type::G711U | stream_type::AAC | 0 => Target::Sound,
            _ => Target::Nowhere,
        }
    }

    // ---- pictures ----

    /// Ends the open unit if this PES begins another.
    fn begin_picture_pes(&mut self, stamp: Option<u64>, rtp: i64, body: usize, out: &mut Vec<MediaEvent>) {
        if !self.unit.buffer.is_empty() {
            let another = self.rtp_steady && rtp != self.unit.rtp || stamp.is_some() && stamp != self.unit.stamp;
            if another {
                self.marker_score = match self.marker_score {
                    Some(score) if self.unit.marked => Some(score.saturating_add(1).min(MARKER_TRUST)),
                    Some(_) => Some(0),
                    None => None,
                };
                self.end_unit(out);
            }
        } else if let Some((ended_rtp, ended_stamp)) = self.marker_ended.take()
            && ended_rtp == rtp
            && (stamp.is_none() || stamp == ended_stamp)
        {
            // The picture that its marker ended goes on: what went out was a part. Never believe this sender's markers again.
            self.marker_score = None;
            self.counts.damaged += 1;
            self.withhold(0, out);
        }
        if self.unit.buffer.is_empty() {
            let room = if body == 0 { self.last_unit_bytes.clamp(4_096, 256 * 1024) } else { body };
            self.unit.buffer = BytesMut::with_capacity(room + 1);
            self.unit.buffer.extend_from_slice(&[0]);
            (self.unit.stamp, self.unit.rtp, self.unit.marked) = (stamp, rtp, false);
        } else {
            self.unit.buffer.reserve(body);
        }
    }

    fn marked(&mut self, out: &mut Vec<MediaEvent>) {
        // Bytes in `head` may turn out to be the picture's own, after a PES length that was too small.
        let undecided = !self.head.is_empty() && self.last == Target::Picture;
        if self.unit.buffer.is_empty() || undecided || matches!(self.state, State::Body(Target::Picture, _)) {
            return;
        }
        self.unit.marked = true;
        if self.marker_score != Some(MARKER_TRUST) {
            return;
        }
        if matches!(self.state, State::Open(Target::Picture)) {
            let mut scan = std::mem::replace(&mut self.scan, Scan::new());
            self.unit.marked = false;
            scan.finish(&mut |bytes| {
                self.put(Target::Picture, bytes);
            });
            self.next_head();
        }
        self.marker_ended = Some((self.unit.rtp, self.unit.stamp));
        self.end_unit(out);
    }

    fn drop_unit(&mut self) {
        if !self.unit.buffer.is_empty() {
            self.counts.withheld += 1;
        }
        self.unit = Unit::default();
        self.marker_ended = None;
    }

    fn end_unit(&mut self, out: &mut Vec<MediaEvent>) {
        let unit = std::mem::take(&mut self.unit);
        if unit.buffer.len() <= 1 {
            return;
        }
        self.last_unit_bytes = unit.buffer.len();
        let pts_90k = self.clock.at(Track::Video, unit.stamp, unit.rtp);
        // What the bytes say weighs more than the map, which some devices send wrongly.
        let told = infer_codec(&unit.buffer, self.codec.is_none() || self.await_key);
        if told.is_some() && told != self.codec {
            self.codec = told;
            self.assembler.reset();
            if !self.await_key {
                self.withhold(0, out);
            }
        }
        let Some(codec) = self.codec else {
            self.counts.withheld += 1;
            return;
        };
        match self.assembler.assemble(codec, unit.buffer) {
            Picture::Whole { config, key, data } if key || !self.await_key => {
                self.await_key = false;
                out.extend(config.map(MediaEvent::Video));
                self.counts.pictures += 1;
                self.frame_since_lost = true;
                out.push(MediaEvent::Frame(Frame { codec, pts_90k, key, data }));
            }
            Picture::Whole { .. } => self.counts.withheld += 1,
            Picture::Absent => {}
            Picture::Damaged => {
                self.counts.withheld += 1;
                self.counts.damaged += 1;
                self.withhold(0, out);
            }
        }
    }

    fn withhold(&mut self, packets: u32, out: &mut Vec<MediaEvent>) {
        self.await_key = true;
        if self.frame_since_lost {
            self.frame_since_lost = false;
            out.push(MediaEvent::Lost { packets });
        }
    }

    // ---- sound ----

    fn end_sound(&mut self, out: &mut Vec<MediaEvent>) {
        if !std::mem::take(&mut self.sound.open) || self.sound.buffer.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.sound.buffer);
        let pts_90k = self.clock.at(Track::Audio, self.sound.stamp, self.sound.rtp);
        let kind = match self.types[usize::from(self.sound.stream)] {
            0 if aac::is_adts(&bytes) => stream_type::AAC,
            0 => stream_type::G711A,
            kind => kind,
        };
        match kind {
            stream_type::AAC => self.aac(&bytes, pts_90k, out),
            _ => {
                let codec = if kind == stream_type::G711U { Codec::G711U } else { Codec::G711A };
                let config = AudioConfig { codec, rate_hz: G711_RATE_HZ, channels: 1, specific: Bytes::new() };
                self.tell_sound(config, out);
                self.push_sound(codec, pts_90k, &bytes, out);
            }
        }
        self.sound.buffer = bytes;
        self.sound.buffer.clear();
    }

    fn aac(&mut self, bytes: &[u8], first_90k: i64, out: &mut Vec<MediaEvent>) {
        let mut at_90k = first_90k;
        for frame in aac::adts_frames(bytes) {
            let known = self.sound_config.as_ref().filter(|config| config.specific == frame.specific[..]).cloned();
            let Some(config) = known.or_else(|| aac::parse_specific_config(&frame.specific)) else { return };
            let length_90k = i64::from(aac::SAMPLES_PER_UNIT) * 90_000 / i64::from(config.rate_hz);
            self.tell_sound(config, out);
            self.push_sound(Codec::Aac, at_90k, frame.unit, out);
            at_90k = at_90k.saturating_add(length_90k);
        }
    }

    fn tell_sound(&mut self, config: AudioConfig, out: &mut Vec<MediaEvent>) {
        if self.sound_config.as_ref() != Some(&config) {
            out.push(MediaEvent::Audio(config.clone()));
            self.sound_config = Some(config);
        }
    }

    fn push_sound(&mut self, codec: Codec, pts_90k: i64, bytes: &[u8], out: &mut Vec<MediaEvent>) {
        self.counts.sounds += 1;
        self.frame_since_lost = true;
        let data = Bytes::copy_from_slice(bytes);
        out.push(MediaEvent::Frame(Frame { codec, pts_90k, key: true, data }));
    }
}

/// Bytes of the header that begins with `head` (at least a start code), as far as `head` tells; equal to its length when whole.
fn head_need(head: &[u8], mpeg1: bool) -> usize {
    match (head.get(3), head.len()) {
        (None | Some(&code::END), _) => 4,
        // A pack header of MPEG-1 is 12 bytes, of MPEG-2 14 with stuffing told in the last three bits.
        (Some(&code::PACK), length) if length < 14 => {
            if head.get(4).is_some_and(|byte| byte >> 4 == 2) {
                12
            } else if length < 5 {
                5
            } else {
                14
            }
        }
        (Some(&code::PACK), _) => 14 + usize::from(head[13] & 7),
        (Some(&code::MAP), length) if length >= 6 => {
            6 + usize::from(u16::from_be_bytes([head[4], head[5]])).min(MOST_MAP_BYTES)
        }
        (Some(code::AUDIO_FIRST..=code::VIDEO_LAST), _) if mpeg1 => mpeg1_end(head),
        (Some(code::AUDIO_FIRST..=code::VIDEO_LAST), length) if length >= 9 => 9 + usize::from(head[8]),
        (Some(code::AUDIO_FIRST..=code::VIDEO_LAST), _) => 9,
        _ => 6,
    }
}

/// Where the stamps of an MPEG-1 PES header stand (ISO/IEC 11172-1 2.4.3.3): after stuffing and buffer size.
fn mpeg1_stamps(head: &[u8]) -> usize {
    let stuffing = head.iter().skip(6).take(MOST_MPEG1_STUFFING).take_while(|byte| **byte == 0xff).count();
    let at = 6 + stuffing;
    // `01`: two bytes of buffer size.
    if head.get(at).is_some_and(|byte| byte >> 6 == 1) { at + 2 } else { at }
}

/// Bytes of an MPEG-1 PES header, as far as `head` tells.
fn mpeg1_end(head: &[u8]) -> usize {
    let at = mpeg1_stamps(head);
    match head.get(at).map(|byte| byte >> 4) {
        None => at + 1,
        Some(2) => at + 5,
        Some(3) => at + 10,
        // `0000 1111`: no stamp.
        Some(_) => at + 1,
    }
}

/// As [`stamp`], of an MPEG-1 header.
fn stamp_mpeg1(head: &[u8]) -> (Option<u64>, bool) {
    let at = mpeg1_stamps(head);
    match head.get(at).map(|byte| byte >> 4) {
        Some(2) => stamp_at(head, at),
        Some(3) => stamp_at(head, at + 5),
        Some(_) => (None, head.get(at) == Some(&0x0f)),
        None => (None, false),
    }
}

/// Decoding stamp if there is one, else the presentation stamp (33 bits), and whether the marker bits were right.
/// Decoding order is what is recorded, so that times never decrease where pictures are reordered.
fn stamp(head: &[u8]) -> (Option<u64>, bool) {
    let at = match head.get(7).map_or(0, |flags| flags >> 6) {
        2 => 9,
        3 => 14,
        _ => return (None, true),
    };
    stamp_at(head, at)
}

/// The 33 bits at `at`.
fn stamp_at(head: &[u8], at: usize) -> (Option<u64>, bool) {
    // A header too short for the stamp it announces: some devices write its length byte wrongly.
    let Some(&[a, b, c, d, e]) = head.get(at..).and_then(|rest| rest.first_chunk::<5>()) else { return (None, false) };
    let value = u64::from(a >> 1 & 7) << 30
        | u64::from(b) << 22
        | u64::from(c >> 1) << 15
        | u64::from(d) << 7
        | u64::from(e >> 1);
    (Some(value), a & c & e & 1 == 1)
}
