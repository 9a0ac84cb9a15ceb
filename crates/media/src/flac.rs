//! G.711 opened to FLAC for browsers, which play no A-law inside MP4: verbatim subframes, 16 bit, one channel (RFC 9639).
//!
//! Flow: recorded G.711 bytes in, FLAC frames out. Nothing is predicted or compressed, so the length of every frame
//! follows from the number of its samples and its place, and a byte-range plan needs no look at the sound itself.
//! Invariants: `encode_run` writes exactly `run_bytes` bytes; a block is `BLOCK_SAMPLES` long except the last of a run,
//! which holds 16 to `BLOCK_SAMPLES + 15` samples (fewer only when the whole run is shorter than 16).

use crate::g711;

/// Samples of one sound block, here and in the `alaw`/`ulaw` tracks of the container: 128 ms at 8 kHz.
pub const BLOCK_SAMPLES: u32 = 1024;
/// A remainder below this joins the block before it: RFC 9639, 8.2 wants blocks of at least 16 samples.
pub const LEAST_BLOCK_SAMPLES: u32 = 16;
/// Sample numbers beyond this do not fit the coded number (36 bits, RFC 9639, 9.1.5).
pub const MOST_SAMPLES: u64 = (1 << 36) - 1;

/// Which of the two G.711 laws.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Law {
    /// A-law.
    A,
    /// mu-law.
    U,
}

/// Lengths of the blocks of a run of `samples`, in order.
pub fn blocks(samples: u32) -> impl Iterator<Item = u32> {
    let mut left = samples;
    std::iter::from_fn(move || {
        let take = match left {
            0 => return None,
            n if n < BLOCK_SAMPLES + LEAST_BLOCK_SAMPLES => n,
            _ => BLOCK_SAMPLES,
        };
        left -= take;
        Some(take)
    })
}

/// Bytes of one FLAC frame of `samples` whose first sample has number `first_sample` in the stream.
#[must_use]
pub fn frame_bytes(samples: u32, first_sample: u64) -> u32 {
    // sync, strategy, sizes 4; coded number; block size 2; CRC-8 1; subframe header 1; CRC-16 2
    4 + coded_number_bytes(first_sample) + 2 + 1 + 1 + 2 * samples + 2
}

/// Bytes of the FLAC frames of one run of `samples`.
#[must_use]
pub fn run_bytes(samples: u32, first_sample: u64) -> u64 {
    let mut at = first_sample;
    let mut sum = 0;
    for block in blocks(samples) {
        sum += u64::from(frame_bytes(block, at));
        at += u64::from(block);
    }
    sum
}

/// Content of `dfLa` (FLAC in ISOBMFF, 3.3.2): the STREAMINFO metadata block, last of its list, without MD5.
#[must_use]
pub fn stream_info(rate_hz: u32, total_samples: u64) -> [u8; 38] {
    let mut out = [0; 38];
    out[0] = 0x80;
    out[3] = 34;
    out[4..6].copy_from_slice(&16_u16.to_be_bytes());
    out[6..8].copy_from_slice(&1039_u16.to_be_bytes()); // BLOCK_SAMPLES + LEAST_BLOCK_SAMPLES - 1
    // rate 20 bits, channels - 1 3 bits, bits a sample - 1 5 bits, samples 36 bits
    let packed = u64::from(rate_hz & 0xf_ffff) << 44 | 15 << 36 | total_samples.min(MOST_SAMPLES);
    out[14..22].copy_from_slice(&packed.to_be_bytes());
    out
}

/// FLAC frames of one run of G.711 `bytes` (one byte a sample), block after block.
#[must_use]
pub fn encode_run(law: Law, rate_hz: u32, first_sample: u64, bytes: &[u8]) -> Vec<u8> {
    let total = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(usize::try_from(run_bytes(total, first_sample)).unwrap_or(0));
    let (mut rest, mut at) = (bytes, first_sample);
    for block in blocks(total) {
        let Some((now, later)) = rest.split_at_checked(block as usize) else { break };
        encode_frame(&mut out, law, rate_hz, at, now);
        at += u64::from(block);
        rest = later;
    }
    out
}

fn encode_frame(out: &mut Vec<u8>, law: Law, rate_hz: u32, first_sample: u64, bytes: &[u8]) {
    let start = out.len();
    let rate_code = match rate_hz {
        8_000 => 4,
        16_000 => 5,
        32_000 => 8,
        48_000 => 10,
        _ => 0, // as STREAMINFO says
    };
    // sync code and variable block size; 16 bit of block size follow; one channel, 16 bits a sample
    out.extend_from_slice(&[0xff, 0xf9, 0x70 | rate_code, 0x08]);
    push_coded_number(out, first_sample);
    let size = u16::try_from(bytes.len().saturating_sub(1)).unwrap_or(u16::MAX);
    out.extend_from_slice(&size.to_be_bytes());
    let crc = crc8(&out[start..]);
    out.extend_from_slice(&[crc, 0x02]);
    match law {
        Law::A => out.extend(bytes.iter().flat_map(|b| g711::alaw_decode(*b).to_be_bytes())),
        Law::U => out.extend(bytes.iter().flat_map(|b| g711::mulaw_decode(*b).to_be_bytes())),
    }
    let crc = crc16(&out[start..]);
    out.extend_from_slice(&crc.to_be_bytes());
}

/// Bytes of the number coded like UTF-8, up to 36 bits in 7 bytes (RFC 9639, 9.1.5).
const fn coded_number_bytes(number: u64) -> u32 {
    match number {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        0x1_0000..0x20_0000 => 4,
        0x20_0000..0x400_0000 => 5,
        0x400_0000..0x8000_0000 => 6,
        _ => 7,
    }
}

fn push_coded_number(out: &mut Vec<u8>, number: u64) {
    let number = number & MOST_SAMPLES;
    let len = coded_number_bytes(number);
    if len == 1 {
        out.push(number as u8);
        return;
    }
    let lead = !(0xff_u32 >> len) as u8; // as many ones as bytes
    out.push(lead | (number >> (6 * (len - 1))) as u8);
    for i in (0..len - 1).rev() {
        out.push(0x80 | (number >> (6 * i)) as u8 & 0x3f);
    }
}

/// CRC-8 of the frame header: polynomial 0x07, start 0 (RFC 9639, 9.1.8).
fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, b| CRC8[usize::from(crc ^ b)])
}

/// CRC-16 of the frame: polynomial 0x8005, start 0 (RFC 9639, 9.3).
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, b| crc << 8 ^ CRC16[usize::from((crc >> 8) as u8 ^ b)])
}

static CRC8: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

static CRC16: [u16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = (i as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x8005 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_sums_match_the_catalogue() {
        // CRC-8/SMBUS and CRC-16/UMTS of "123456789"
        assert_eq!(crc8(b"123456789"), 0xf4);
        assert_eq!(crc16(b"123456789"), 0xfee8);
    }

    #[test]
    fn coded_numbers_have_their_edges() {
        for (number, want) in [
            (0_u64, vec![0]),
            (0x7f, vec![0x7f]),
            (0x80, vec![0xc2, 0x80]),
            (0xffff, vec![0xef, 0xbf, 0xbf]),
            (0x1_0000, vec![0xf0, 0x90, 0x80, 0x80]),
            (0x7fff_ffff, vec![0xfd, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf]),
            (MOST_SAMPLES, vec![0xfe, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf]),
        ] {
            let mut out = Vec::new();
            push_coded_number(&mut out, number);
            assert_eq!(out, want, "{number:#x}");
            assert_eq!(out.len() as u32, coded_number_bytes(number));
        }
    }

    #[test]
    fn blocks_never_leave_a_crumb() {
        for n in [1, 15, 16, 1023, 1024, 1025, 1039, 1040, 2047, 2048, 2063, 2064, 8000] {
            let all: Vec<u32> = blocks(n).collect();
            assert_eq!(all.iter().sum::<u32>(), n);
            assert!(all.iter().all(|b| *b < 1040 && (*b >= 16 || n < 16)), "{n}: {all:?}");
        }
        assert_eq!(blocks(0).count(), 0);
    }

    #[test]
    fn a_run_has_the_length_foretold_and_splits_at_any_block() {
        for (n, first) in [(1_u32, 0_u64), (16, 120), (1039, 2040), (5000, 65_000), (8000, 0x1f_ffff), (3100, 1 << 35)]
        {
            let bytes: Vec<u8> = (0..n).map(|i| (i * 7) as u8).collect();
            let whole = encode_run(Law::A, 8000, first, &bytes);
            assert_eq!(whole.len() as u64, run_bytes(n, first));
            let mut at = 0_u32;
            for block in blocks(n) {
                let mut two = encode_run(Law::A, 8000, first, &bytes[..at as usize]);
                two.extend(encode_run(Law::A, 8000, first + u64::from(at), &bytes[at as usize..]));
                assert_eq!(two, whole);
                at += block;
            }
        }
    }

    #[test]
    fn the_laws_differ_and_the_frame_opens_with_its_sync() {
        let a = encode_run(Law::A, 8000, 0, &[0x2a; 20]);
        let u = encode_run(Law::U, 11_025, 0, &[0x2a; 20]);
        assert_eq!(a[..7], [0xff, 0xf9, 0x74, 0x08, 0, 0, 19]);
        assert_eq!(u[..3], [0xff, 0xf9, 0x70]);
        assert_ne!(a[9..], u[9..]);
    }
}
