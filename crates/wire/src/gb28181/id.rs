//! The 20-digit device code of GB/T 28181 (annex E in 2022, D in 2016) and what its parts say.
//!
//! centre 8 + trade 2 + type 3 + network 1 + serial 6. Invariant: a [`GbId`] is exactly twenty ASCII digits.

/// A GB/T 28181 code (设备编码): device, channel, platform, group or user.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GbId([u8; 20]);

/// What the type part of a code (digits 11-13) says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum GbKind {
    /// 131 or 132: a camera.
    Camera,
    /// 111 DVR, 118 NVR, 130 hybrid recorder.
    Recorder,
    /// 134: an alarm input.
    AlarmInput,
    /// 200: a signalling server, that is a platform.
    Platform,
    /// 215 or 216: a business group or virtual organisation (a folder of the catalogue).
    Group,
    /// Any other type code.
    Other(u16),
}

impl GbId {
    /// Reads twenty digits (surrounding blanks allowed); `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; 20] = text.trim().as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The twenty digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The SIP domain a code belongs to: its first ten digits.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.as_str().get(..10).unwrap_or_default()
    }

    /// Digits 4-8: the part that `y=` SSRCs of this domain carry.
    #[must_use]
    pub fn ssrc_part(&self) -> &str {
        self.as_str().get(3..8).unwrap_or_default()
    }

    /// The three-digit type code.
    #[must_use]
    pub fn type_code(&self) -> u16 {
        self.0[10..13].iter().fold(0, |n, d| n * 10 + u16::from(d - b'0'))
    }

    /// What the type code says.
    #[must_use]
    pub fn kind(&self) -> GbKind {
        match self.type_code() {
            131 | 132 => GbKind::Camera,
            111 | 118 | 130 => GbKind::Recorder,
            134 => GbKind::AlarmInput,
            200 => GbKind::Platform,
            215 | 216 => GbKind::Group,
            other => GbKind::Other(other),
        }
    }

    /// True for a camera (131, 132): something that gives pictures.
    #[must_use]
    pub fn is_camera(&self) -> bool {
        self.kind() == GbKind::Camera
    }
}

impl std::fmt::Display for GbId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for GbId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for GbId {
    type Err = NotAGbId;

    fn from_str(text: &str) -> Result<Self, NotAGbId> {
        Self::parse(text).ok_or(NotAGbId)
    }
}

/// The text is not twenty digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a GB/T 28181 code: expected twenty digits")]
pub struct NotAGbId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_code() {
        let id = GbId::parse(" 34020000001320000001 ").expect("twenty digits");
        assert_eq!((id.domain(), id.ssrc_part(), id.type_code()), ("3402000000", "20000", 132));
        assert!(id.is_camera());
        for (code, kind) in
            [(118, GbKind::Recorder), (200, GbKind::Platform), (131, GbKind::Camera), (999, GbKind::Other(999))]
        {
            let id = GbId::parse(&format!("3402000000{code}0000001")).expect("twenty digits");
            assert_eq!(id.kind(), kind);
        }
    }

    #[test]
    fn refuses_everything_but_twenty_ascii_digits() {
        for bad in [
            "",
            "3402000000132000000",
            "340200000013200000011",
            "3402000000132000000x",
            "３4020000001320000001",
            "3402000000132000000１",
        ] {
            assert_eq!(GbId::parse(bad), None, "{bad}");
        }
    }
}
