//! The bar code along the bottom edge of every drawn picture: frame number and time of the frame, readable after coding.
//!
//! Layout (version 1). The strip is the full width and the last `2 * row_height` rows of the luma plane, where `row_height =
//! height / 45` (8 pixels at 360 lines, 16 at 720). Each of its two rows has 64 cells, cell `i` from `i * width / 64` to `(i + 1) *
//! width / 64`; the 128 cells are one bit each, upper row first, left to right, most significant bit first:
//!
//! | bits | what |
//! |---|---|
//! | 8 | synchronisation `1011_0010` |
//! | 4 | version, 1 |
//! | 4 | place: 0 lobby, 1 gate, 2 corridor |
//! | 32 | frame number, counts from 0 by 1 a frame |
//! | 48 | time of the frame, milliseconds UTC since 1970 |
//! | 32 | CRC-32 (IEEE 802.3, reflected, initial and final complement) over the first 12 bytes |
//!
//! A cell of luma 200 is 1, of luma 40 is 0. The reader takes the mean of the middle of each cell and halves the range between
//! the darkest and the brightest synchronisation cell, so that it works at any size, range and after lossy coding.
//! Invariant: a strip that reads carries a right checksum; anything else is `None`, never a wrong number.

/// Bits (cells) in one row.
const ROW_CELLS: usize = 64;
const SYNC: u8 = 0b1011_0010;
const VERSION: u8 = 1;
const LUMA_ONE: u8 = 200;
const LUMA_ZERO: u8 = 40;

/// What one strip says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Strip {
    /// Number of the place drawn: 0 lobby, 1 gate, 2 corridor; below 16.
    pub place: u8,
    /// Frame number since the camera began, from 0.
    pub frame_no: u32,
    /// Time of the frame as the camera's clock had it, milliseconds UTC; below 2^48.
    pub utc_ms: u64,
}

impl Strip {
    fn to_bytes(self) -> [u8; 16] {
        let mut out = [0_u8; 16];
        out[0] = SYNC;
        out[1] = VERSION << 4 | (self.place & 0x0f);
        out[2..6].copy_from_slice(&self.frame_no.to_be_bytes());
        out[6..12].copy_from_slice(&self.utc_ms.to_be_bytes()[2..]);
        let crc = crc32(&out[..12]);
        out[12..].copy_from_slice(&crc.to_be_bytes());
        out
    }

    fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        let [sync, kind, f0, f1, f2, f3, t0, t1, t2, t3, t4, t5, c0, c1, c2, c3] = bytes;
        let right = sync == SYNC && kind >> 4 == VERSION && crc32(&bytes[..12]) == u32::from_be_bytes([c0, c1, c2, c3]);
        right.then(|| Self {
            place: kind & 0x0f,
            frame_no: u32::from_be_bytes([f0, f1, f2, f3]),
            utc_ms: u64::from_be_bytes([0, 0, t0, t1, t2, t3, t4, t5]),
        })
    }
}

/// Rows of the picture that the strip takes, from the bottom.
#[must_use]
pub const fn strip_height(height: usize) -> usize {
    height / 45 * 2
}

/// Draws the strip into a luma plane without padding (`stride == width`). Too small a picture stays as it is.
pub fn draw_strip(y_plane: &mut [u8], width: usize, height: usize, strip: Strip) {
    let row_height = height / 45;
    if row_height == 0 || width < ROW_CELLS || y_plane.len() < width * height {
        return;
    }
    let bytes = strip.to_bytes();
    for row in 0..2 {
        let top = height - row_height * (2 - row);
        for cell in 0..ROW_CELLS {
            let bit = row * ROW_CELLS + cell;
            let one = bytes[bit / 8] >> (7 - bit % 8) & 1 == 1;
            let luma = if one { LUMA_ONE } else { LUMA_ZERO };
            let (left, right) = (cell * width / ROW_CELLS, (cell + 1) * width / ROW_CELLS);
            for line in top..top + row_height {
                y_plane[line * width + left..line * width + right].fill(luma);
            }
        }
    }
}

/// Reads the strip of a decoded picture: `y_plane` with `stride` bytes a line. `None` if there is none, or its checksum is wrong.
#[must_use]
pub fn read_strip(y_plane: &[u8], stride: usize, width: usize, height: usize) -> Option<Strip> {
    let row_height = height / 45;
    let long_enough = stride.checked_mul(height.checked_sub(1)?)?.checked_add(width)? <= y_plane.len();
    if row_height == 0 || width < ROW_CELLS || stride < width || !long_enough {
        return None;
    }
    let mut means = [0_u32; 2 * ROW_CELLS];
    for (bit, mean) in means.iter_mut().enumerate() {
        let (row, cell) = (bit / ROW_CELLS, bit % ROW_CELLS);
        let top = height - row_height * (2 - row);
        let (left, right) = (cell * width / ROW_CELLS, (cell + 1) * width / ROW_CELLS);
        // The outer quarters are left out: coding smears the edges.
        let (trim_x, trim_y) = ((right - left) / 4, row_height / 4);
        let (mut sum, mut count) = (0_u32, 0_u32);
        for line in top + trim_y..top + row_height - trim_y {
            let cells = y_plane.get(line * stride + left + trim_x..line * stride + right - trim_x)?;
            sum += cells.iter().map(|l| u32::from(*l)).sum::<u32>();
            count += u32::try_from(cells.len()).ok()?;
        }
        *mean = sum / count.max(1);
    }
    let (low, high) = (means[..8].iter().min()?, means[..8].iter().max()?);
    if high - low < 40 {
        return None;
    }
    let threshold = (low + high) / 2;
    let mut bytes = [0_u8; 16];
    for (bit, mean) in means.iter().enumerate() {
        bytes[bit / 8] |= u8::from(*mean > threshold) << (7 - bit % 8);
    }
    Strip::from_bytes(bytes)
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
        crc
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn what_is_drawn_reads_back_at_every_size_and_with_padding() {
        let strip = Strip { place: 2, frame_no: 0xdead_beef, utc_ms: 0xfedc_ba98_7654 };
        for (width, height) in [(640, 360), (1280, 720), (64, 45), (333, 211)] {
            let mut plane = vec![90_u8; width * height];
            draw_strip(&mut plane, width, height, strip);
            assert_eq!(read_strip(&plane, width, width, height), Some(strip), "{width}x{height}");
            let stride = width + 32;
            let padded: Vec<u8> = plane.chunks(width).flat_map(|l| l.iter().copied().chain([7; 32])).collect();
            assert_eq!(read_strip(&padded, stride, width, height), Some(strip));
        }
    }

    #[test]
    fn one_flipped_cell_is_no_strip_and_small_or_short_pictures_are_none() {
        let (width, height) = (640, 360);
        let strip = Strip { place: 0, frame_no: 7, utc_ms: 1_763_740_800_123 };
        let mut good = vec![0_u8; width * height];
        draw_strip(&mut good, width, height, strip);
        for bit in 0..128 {
            let mut plane = good.clone();
            let top = height - 16 + bit / 64 * 8;
            for line in top..top + 8 {
                for l in &mut plane[line * width + bit % 64 * 10..line * width + (bit % 64 + 1) * 10] {
                    *l = 240 - *l;
                }
            }
            assert_eq!(read_strip(&plane, width, width, height), None, "cell {bit}");
        }
        assert_eq!(read_strip(&good[..width * 359], width, width, height), None);
        assert_eq!(read_strip(&good, width, 0, 0), None);
        assert_eq!(read_strip(&vec![128; width * height], width, width, height), None);
        assert_eq!(read_strip(&good, usize::MAX, 64, 45), None);
    }
}
