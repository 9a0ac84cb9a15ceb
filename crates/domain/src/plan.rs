//! The plan of an area (平面图): its picture, looked at only as far as its kind and size, and the cameras and zones that stand on it.
//!
//! bytes ─▶ `read_picture`: kind by its first bytes, width and height from its head, each within its limit ─▶ kept as it came. A mark is a
//! camera or a zone at a place in thousandths of width and height, so that a picture of another size keeps its marks. An incident shows the
//! plan that has its zone; else one that has its camera; else that of the smallest area its places lie in. Bytes never panic.

use crate::alarm::SourceName;
use crate::area;
use base::{CameraId, PlanId, Refusal, Text};

/// Largest picture, bytes.
pub const PICTURE_BYTES: usize = 2 * 1024 * 1024;
/// Shortest and longest side of a picture, pixels: a browser unpacks it, so a small file must not become a huge picture.
pub const SIDE_PX: std::ops::RangeInclusive<u32> = 32..=6_000;
/// Most plans of a site.
pub const PLANS: usize = 100;
/// Most marks on one plan.
pub const MARKS: usize = 300;
/// Width and height in the measure of marks.
pub const WHOLE: u16 = 1_000;
/// Most segments of a JPEG before its frame header.
const SEGMENTS: usize = 1_000;

/// Kind of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PictureKind {
    /// PNG (ISO/IEC 15948).
    Png,
    /// JPEG (ITU-T T.81).
    Jpeg,
}

impl PictureKind {
    /// Its media type: the only thing a browser is told about it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// Reads a media type; `None` for anything else.
    #[must_use]
    pub fn parse(media_type: &str) -> Option<Self> {
        [Self::Png, Self::Jpeg].into_iter().find(|k| k.media_type() == media_type)
    }
}

/// What is known of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Kind.
    pub kind: PictureKind,
    /// Width, pixels.
    pub width_px: u32,
    /// Height, pixels.
    pub height_px: u32,
}

/// Looks at a picture.
///
/// # Errors
/// `picture`: too large, neither PNG nor JPEG, cut short, or a side out of [`SIDE_PX`].
pub fn read_picture(bytes: &[u8]) -> Result<Picture, Refusal> {
    let bad = |zh: &'static str, en: &'static str| {
        let next = Text::new("请另存为 PNG 或 JPEG 后再上传。", "Save it as PNG or JPEG and upload it again.");
        Err(Refusal::bad_input("picture", Text::new(zh, en), next))
    };
    if bytes.len() > PICTURE_BYTES {
        return bad("图片超过 2 MiB。", "The picture is larger than 2 MiB.");
    }
    let Some(picture) = png(bytes).or_else(|| jpeg(bytes)) else {
        return bad("文件不是完整的 PNG 或 JPEG 图片。", "The file is no whole PNG or JPEG picture.");
    };
    if !SIDE_PX.contains(&picture.width_px) || !SIDE_PX.contains(&picture.height_px) {
        return bad("图片的宽和高须为 32 至 6000 像素。", "Width and height are 32 to 6,000 pixels.");
    }
    Ok(picture)
}

fn number(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    let part = bytes.get(at..at.checked_add(len)?)?;
    Some(part.iter().fold(0, |n, b| n << 8 | u32::from(*b)))
}

/// Signature, then the chunk IHDR, which stands first (ISO/IEC 15948, 5.2, 11.2.2), and the chunk IEND at the very end.
fn png(bytes: &[u8]) -> Option<Picture> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let ends = bytes.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82");
    let head = number(rest, 0, 4)? == 13 && rest.get(4..8)? == b"IHDR";
    let (width_px, height_px) = (number(rest, 8, 4)?, number(rest, 12, 4)?);
    (head && ends).then_some(Picture { kind: PictureKind::Png, width_px, height_px })
}

/// Segments after SOI up to the frame header SOFn, whose size is that of the picture (ITU-T T.81, B.2.2), and EOI at the end.
fn jpeg(bytes: &[u8]) -> Option<Picture> {
    let ends = bytes.windows(2).rev().take(64).any(|w| w == b"\xff\xd9");
    let mut at = bytes.starts_with(b"\xff\xd8").then_some(2)?;
    for _ in 0..SEGMENTS {
        // Bytes 0xff may stand before a marker.
        while *bytes.get(at)? == 0xff && *bytes.get(at + 1)? == 0xff {
            at += 1;
        }
        let (lead, marker) = (*bytes.get(at)?, *bytes.get(at + 1)?);
        let len = usize::try_from(number(bytes, at + 2, 2)?).ok()?;
        if lead != 0xff || len < 2 {
            return None;
        }
        match marker {
            // Baseline, extended, progressive: what browsers show.
            0xc0..=0xc2 => {
                let (height_px, width_px) = (number(bytes, at + 5, 2)?, number(bytes, at + 7, 2)?);
                return ends.then_some(Picture { kind: PictureKind::Jpeg, width_px, height_px });
            }
            // Other frames, the beginning of the picture data, an end without a frame.
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xd8..=0xda => return None,
            _ => at = at.checked_add(2 + len)?,
        }
    }
    None
}

/// What stands on a plan.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Marked {
    /// A camera.
    Camera(CameraId),
    /// A zone of a source.
    Zone(SourceName, u32),
}

impl Marked {
    /// `camera:ID` or `zone:3:dc09:1234`, for rows and forms.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Camera(id) => format!("camera:{id}"),
            Self::Zone(source, zone) => format!("zone:{zone}:{}", source.as_str()),
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let (kind, rest) = code.split_once(':')?;
        match kind {
            "camera" => CameraId::parse(rest).map(Self::Camera),
            "zone" => {
                let (zone, source) = rest.split_once(':')?;
                let whole = !source.is_empty() && !source.chars().any(char::is_control);
                let marked = Self::Zone(SourceName::stored(source), zone.parse().ok()?);
                // A name that would be cut short is nobody's.
                (whole && marked.code() == code).then_some(marked)
            }
            _ => None,
        }
    }
}

/// A mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// What stands there.
    pub what: Marked,
    /// From the left, thousandths of the width.
    pub x: u16,
    /// From the top, thousandths of the height.
    pub y: u16,
}

/// Checks where a mark is put.
///
/// # Errors
/// `x` or `y`: not from 0 to 1000.
pub fn check_mark(mark: &Mark) -> Result<(), Refusal> {
    let code = if mark.x > WHOLE { "x" } else { "y" };
    if mark.x <= WHOLE && mark.y <= WHOLE {
        return Ok(());
    }
    let what = Text::new("位置须为 0 至 1000 的整数。", "A position is a whole number from 0 to 1000.");
    Err(Refusal::bad_input(code, what, Text::new("请更正，或直接点击图片。", "Correct it, or click on the picture.")))
}

/// A plan, without the bytes of its picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Path of its area; [`area::WHOLE_SITE`] for the whole site.
    pub area: String,
    /// Its picture.
    pub picture: Picture,
    /// SHA-256 of the picture, hexadecimal.
    pub sha256: String,
    /// What stands on it.
    pub marks: Vec<Mark>,
}

impl Plan {
    /// A mark's place in pixels of the picture.
    #[must_use]
    pub fn pixels(&self, mark: &Mark) -> (u32, u32) {
        let of = |thousandths: u16, side: u32| u32::from(thousandths) * side / u32::from(WHOLE);
        (of(mark.x, self.picture.width_px), of(mark.y, self.picture.height_px))
    }

    /// The cameras nearest to a mark, the nearest first, at most `most`.
    #[must_use]
    pub fn nearest(&self, to: &Mark, most: usize) -> Vec<CameraId> {
        let (x, y) = self.pixels(to);
        let mut list: Vec<_> = self
            .marks
            .iter()
            .filter_map(|m| match m.what {
                Marked::Camera(id) => {
                    let (mx, my) = self.pixels(m);
                    let (dx, dy) = (u64::from(mx.abs_diff(x)), u64::from(my.abs_diff(y)));
                    Some((dx * dx + dy * dy, id))
                }
                Marked::Zone(..) => None,
            })
            .collect();
        list.sort_unstable();
        list.into_iter().take(most).map(|(_, id)| id).collect()
    }

    fn has(&self, wanted: &[Marked]) -> bool {
        self.marks.iter().any(|m| wanted.contains(&m.what))
    }
}

/// The plan that an alarm is shown on: of its `zones`, of its `cameras`, or of the smallest area that holds one of its `places`.
#[must_use]
pub fn plan_of(plans: Vec<Plan>, zones: &[Marked], cameras: &[Marked], places: &[String]) -> Option<Plan> {
    let worth = |p: &Plan| {
        let held = places.iter().any(|place| area::lies_in(place, &p.area));
        let levels = area::tidy(&p.area).split('/').filter(|level| !level.is_empty()).count();
        let found = (p.has(zones), p.has(cameras), held || p.area.is_empty());
        (found != (false, false, false)).then_some((found.0, found.1, levels))
    };
    let best = plans.into_iter().filter_map(|p| Some((worth(&p)?, p)));
    best.max_by(|(a, p), (b, q)| a.cmp(b).then_with(|| q.area.cmp(&p.area))).map(|(_, p)| p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        out.extend(width.to_be_bytes());
        out.extend(height.to_be_bytes());
        out.extend(b"\x08\x02\0\0\0crc.\0\0\0\0IEND\xae\x42\x60\x82");
        out
    }

    fn jpeg_of(width: u16, height: u16, sof: u8) -> Vec<u8> {
        let mut out = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xc4\0\x03\0\xff".to_vec();
        out.extend([sof, 0, 11, 8]);
        out.extend(height.to_be_bytes());
        out.extend(width.to_be_bytes());
        out.extend(b"\x01\x01\x11\0\xff\xda\0\x02data\xff\xd9");
        out
    }

    #[test]
    fn both_kinds_are_read_and_nothing_else() {
        let png = Picture { kind: PictureKind::Png, width_px: 800, height_px: 600 };
        assert_eq!(read_picture(&png_of(800, 600)).unwrap(), png);
        for sof in [0xc0, 0xc1, 0xc2] {
            let jpeg = Picture { kind: PictureKind::Jpeg, ..png };
            assert_eq!(read_picture(&jpeg_of(800, 600, sof)).unwrap(), jpeg);
        }
        for sof in [0xc3, 0xcf, 0xd9, 0xda] {
            assert!(read_picture(&jpeg_of(800, 600, sof)).is_err(), "{sof:x}");
        }
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
        for other in [&b""[..], b"GIF89a", b"\x89PNG", b"\xff\xd8\xff", b"MZ", svg, b"\xff\xd8\xff\xd9"] {
            assert_eq!(read_picture(other).unwrap_err().code, "picture");
        }
        for kind in [PictureKind::Png, PictureKind::Jpeg] {
            assert_eq!(PictureKind::parse(kind.media_type()), Some(kind));
        }
        assert_eq!(PictureKind::parse("image/svg+xml"), None);
    }

    #[test]
    fn sides_and_bytes_have_limits() {
        for (w, h, fine) in
            [(32, 32, true), (31, 32, false), (32, 31, false), (6_000, 6_000, true), (6_001, 32, false), (0, 0, false)]
        {
            assert_eq!(read_picture(&png_of(w, h)).is_ok(), fine, "{w} x {h}");
            assert_eq!(read_picture(&jpeg_of(w.try_into().unwrap(), h.try_into().unwrap(), 0xc0)).is_ok(), fine);
        }
        assert!(read_picture(&png_of(u32::MAX, 600)).is_err());
        let end = b"\0\0\0\0IEND\xae\x42\x60\x82";
        let mut big = png_of(800, 600);
        big.truncate(big.len() - end.len());
        big.resize(PICTURE_BYTES - end.len(), 0);
        big.extend(end);
        assert!(read_picture(&big).is_ok());
        big.insert(100, 0);
        assert!(read_picture(&big).is_err());
    }

    #[test]
    fn a_jpeg_of_nothing_but_segments_ends() {
        let mut bytes = b"\xff\xd8".to_vec();
        for _ in 0..=SEGMENTS {
            bytes.extend(b"\xff\xe1\0\x02");
        }
        bytes.extend(&jpeg_of(800, 600, 0xc0)[2..]);
        assert!(read_picture(&bytes).is_err());
    }

    fn mark(what: Marked, x: u16, y: u16) -> Mark {
        Mark { what, x, y }
    }

    fn camera(n: u8) -> Marked {
        Marked::Camera(CameraId::from_bytes([n; 16]))
    }

    fn zone(n: u32) -> Marked {
        Marked::Zone(SourceName::dc09("1234"), n)
    }

    fn plan(n: u8, area: &str, marks: Vec<Mark>) -> Plan {
        let picture = Picture { kind: PictureKind::Png, width_px: 2_000, height_px: 500 };
        Plan { id: PlanId::from_bytes([n; 16]), area: area.into(), picture, sha256: String::new(), marks }
    }

    #[test]
    fn codes_round_trip() {
        for what in [camera(7), zone(3), Marked::Zone(SourceName::stored("gb:34020000001320000001"), 0)] {
            assert_eq!(Marked::parse(&what.code()), Some(what));
        }
        for none in [
            "",
            "camera:",
            "camera:x",
            "zone:",
            "zone:3",
            "zone:x:dc09:1",
            "zone:-1:dc09:1",
            "zone:03:dc09:1",
            "zone:3:",
            "door:1",
        ] {
            assert_eq!(Marked::parse(none), None, "{none}");
        }
        assert_eq!(Marked::parse(&format!("zone:3:dc09:{}", "A".repeat(500))), None, "no cut name");
    }

    #[test]
    fn places_are_within_the_picture() {
        assert!(check_mark(&mark(zone(1), 0, 1_000)).is_ok());
        assert_eq!(check_mark(&mark(zone(1), 1_001, 0)).unwrap_err().code, "x");
        assert_eq!(check_mark(&mark(zone(1), 0, 1_001)).unwrap_err().code, "y");
        assert_eq!(plan(1, "", vec![]).pixels(&mark(zone(1), 1_000, 500)), (2_000, 250));
    }

    #[test]
    fn the_nearest_cameras_are_near_on_the_picture_not_in_thousandths() {
        // The picture is four times as wide as it is high: 100/1000 of its width is farther than 300/1000 of its height.
        let p = plan(
            1,
            "",
            vec![mark(camera(1), 600, 500), mark(camera(2), 500, 800), mark(camera(3), 0, 0), mark(zone(9), 501, 500)],
        );
        let near: Vec<_> = p.nearest(&mark(zone(3), 500, 500), 2).iter().map(|id| id.bytes()[0]).collect();
        assert_eq!(near, [2, 1]);
    }

    #[test]
    fn an_alarm_is_shown_on_the_plan_that_says_most() {
        let with_zone = plan(1, "", vec![mark(zone(3), 1, 1)]);
        let with_camera = plan(2, "B座", vec![mark(camera(7), 1, 1)]);
        let (floor, house, other) = (plan(3, "A座/一层", vec![]), plan(4, "A座", vec![]), plan(5, "C座", vec![]));
        let places = ["A座/一层/后门".to_owned()];
        let pick = |plans: &[&Plan]| {
            let plans = plans.iter().map(|p| (*p).clone()).collect();
            plan_of(plans, &[zone(3)], &[camera(7)], &places).map(|p| p.id.bytes()[0])
        };
        assert_eq!(pick(&[&other, &house, &floor, &with_camera, &with_zone]), Some(1));
        assert_eq!(pick(&[&other, &house, &floor, &with_camera]), Some(2));
        assert_eq!(pick(&[&other, &house, &floor]), Some(3));
        assert_eq!(pick(&[&other, &house]), Some(4));
        assert_eq!(pick(&[&other]), None);
        assert_eq!(pick(&[&plan(6, "", vec![])]), Some(6), "the whole site holds every place");
        assert_eq!(plan_of(vec![plan(6, "", vec![])], &[], &[], &[]).map(|p| p.id.bytes()[0]), Some(6));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), png in any::<bool>()) {
            let _ = read_picture(&bytes);
            let mut led = if png { b"\x89PNG\r\n\x1a\n".to_vec() } else { b"\xff\xd8".to_vec() };
            led.extend(&bytes);
            if let Ok(p) = read_picture(&led) {
                prop_assert!(SIDE_PX.contains(&p.width_px) && SIDE_PX.contains(&p.height_px));
            }
        }

        #[test]
        fn a_picture_that_is_cut_is_refused(cut in 0_usize..45, jpeg in any::<bool>()) {
            let whole = if jpeg { jpeg_of(800, 600, 0xc0) } else { png_of(800, 600) };
            let at = cut.min(whole.len() - 1);
            prop_assert!(read_picture(&whole[..at]).is_err());
        }

        #[test]
        fn no_code_panics(code in "\\PC{0,60}") {
            if let Some(what) = Marked::parse(&code) {
                prop_assert_eq!(what.code(), code);
            }
        }
    }
}
