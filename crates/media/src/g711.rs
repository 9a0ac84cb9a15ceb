//! ITU-T G.711: A-law and mu-law to 16-bit linear samples and back.
//!
//! Samples flow through one for one. Decoding is a table built at compile time; encoding finds the segment by leading zeros.
//! Linear samples are scaled to the whole 16 bits, as every sound interface expects.

const fn alaw_to_linear(code: u8) -> i16 {
    let code = code ^ 0x55;
    let segment = (code >> 4) & 7;
    let step = ((code & 0x0f) as i16) << 4;
    let magnitude = if segment == 0 { step + 8 } else { (step + 0x108) << (segment - 1) };
    if code & 0x80 != 0 { magnitude } else { -magnitude }
}

const fn mulaw_to_linear(code: u8) -> i16 {
    let code = !code;
    let magnitude = (((((code & 0x0f) as i16) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
    if code & 0x80 != 0 { -magnitude } else { magnitude }
}

const fn table(alaw: bool) -> [i16; 256] {
    let mut out = [0; 256];
    let mut code = 0;
    while code < 256 {
        out[code] = if alaw { alaw_to_linear(code as u8) } else { mulaw_to_linear(code as u8) };
        code += 1;
    }
    out
}

static ALAW: [i16; 256] = table(true);
static MULAW: [i16; 256] = table(false);

/// One A-law byte as a 16-bit sample (G.711 table 1).
#[must_use]
pub fn alaw_decode(code: u8) -> i16 {
    ALAW[usize::from(code)]
}

/// One mu-law byte as a 16-bit sample (G.711 table 2).
#[must_use]
pub fn mulaw_decode(code: u8) -> i16 {
    MULAW[usize::from(code)]
}

/// One 16-bit sample as A-law.
#[must_use]
pub fn alaw_encode(sample: i16) -> u8 {
    // 13 significant bits; negative values mirror with one's complement so that -1 and 0 fall into the two smallest steps.
    let value = sample >> 3;
    let (sign, magnitude) = if value >= 0 { (0xd5_u8, value) } else { (0x55, !value) };
    let magnitude = magnitude.unsigned_abs().min(0xfff);
    let segment = 16_u32.saturating_sub(magnitude.leading_zeros()).saturating_sub(5);
    let step = if segment < 2 { magnitude >> 1 } else { magnitude >> segment };
    (((segment as u8) << 4) | (step & 0x0f) as u8) ^ sign
}

/// One 16-bit sample as mu-law.
#[must_use]
pub fn mulaw_encode(sample: i16) -> u8 {
    let (sign, magnitude) = if sample >= 0 { (0xff_u8, i32::from(sample)) } else { (0x7f, -i32::from(sample)) };
    let biased = (magnitude.min(32_635) + 0x84) as u32;
    let segment = 24_u32.saturating_sub(biased.leading_zeros());
    let step = (biased >> (segment + 3)) & 0x0f;
    (((segment as u8) << 4) | step as u8) ^ sign
}

/// Appends the samples of A-law bytes.
pub fn alaw_decode_into(codes: &[u8], out: &mut Vec<i16>) {
    out.extend(codes.iter().map(|code| alaw_decode(*code)));
}

/// Appends the samples of mu-law bytes.
pub fn mulaw_decode_into(codes: &[u8], out: &mut Vec<i16>) {
    out.extend(codes.iter().map(|code| mulaw_decode(*code)));
}

/// Appends the A-law bytes of samples.
pub fn alaw_encode_into(samples: &[i16], out: &mut Vec<u8>) {
    out.extend(samples.iter().map(|sample| alaw_encode(*sample)));
}

/// Appends the A-law bytes of mu-law bytes (browsers and GB/T 28181 want A-law).
pub fn mulaw_to_alaw_into(codes: &[u8], out: &mut Vec<u8>) {
    out.extend(codes.iter().map(|code| alaw_encode(mulaw_decode(*code))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_vectors() {
        // Decision values of G.711 table 1a, scaled from 13 to 16 bits: the ends, the middle, each segment's first step.
        for (code, linear) in [
            (0xd5, 8),
            (0x55, -8),
            (0xaa, 32_256),
            (0x2a, -32_256),
            (0xc5, 264),
            (0xf5, 528),
            (0xe5, 1_056),
            (0x95, 2_112),
            (0x85, 4_224),
            (0xb5, 8_448),
            (0xa5, 16_896),
        ] {
            assert_eq!(alaw_decode(code), linear, "{code:#x}");
            assert_eq!(alaw_encode(linear), code, "{linear}");
        }
        assert_eq!((alaw_encode(i16::MAX), alaw_encode(i16::MIN)), (0xaa, 0x2a));
        assert_eq!((alaw_encode(0), alaw_encode(-1)), (0xd5, 0x55));
    }

    #[test]
    fn mu_law_vectors() {
        for (code, linear) in [(0xff, 0), (0x80, 32_124), (0x00, -32_124), (0xef, 132), (0xdf, 396), (0x8f, 16_764)] {
            assert_eq!(mulaw_decode(code), linear, "{code:#x}");
            assert_eq!(mulaw_encode(linear), code, "{linear}");
        }
        assert_eq!(mulaw_decode(0x7f), 0);
        assert_eq!((mulaw_encode(i16::MAX), mulaw_encode(i16::MIN)), (0x80, 0x00));
    }

    #[test]
    fn every_code_survives_decoding_and_encoding() {
        for code in 0..=255_u8 {
            assert_eq!(alaw_encode(alaw_decode(code)), code);
            let again = mulaw_encode(mulaw_decode(code));
            assert!(again == code || code == 0x7f && again == 0xff, "mu-law has two zeros: {code:#x}");
        }
    }

    #[test]
    fn no_sample_is_further_than_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let size = i32::from(sample).abs();
            let far = |back: i16| (i32::from(back) - i32::from(sample)).abs();
            assert!(far(alaw_decode(alaw_encode(sample))) <= (size >> 5).max(8) + 1 || size > 32_256, "A {sample}");
            assert!(
                far(mulaw_decode(mulaw_encode(sample))) <= ((size + 132) >> 5).max(4) || size > 32_124,
                "u {sample}"
            );
        }
    }
}
