//! What goes with a report (随报影像): of each linked camera a picture of the moment and the footage around it, or why there is none.
//!
//! ```text
//! Report ─▶ planned: picture at once, clip when its seconds have passed ─▶ Exhibit (digest, length, time) ─▶ signed as a message
//! ```
//! Always true: an exhibit names its report and is whole by its digest, or says why there is none, never both; what one says is bounded,
//! so whoever receives it knows how much may come (`PICTURE_BYTES`, `CLIP_BYTES`, `EXHIBIT_CAMERAS`).

use super::{CLIP_AFTER_MS, CLIP_BEFORE_MS};
use crate::recording::GapCause;
use base::{CameraId, ClauseId, IncidentId, ReportId, Sha256, Text, UtcMs, limits};
use serde::{Deserialize, Serialize};

/// Version of the form.
pub const EXHIBIT_VERSION: u32 = 1;
/// Most cameras of one report that exhibits are sent of: the first linked ones.
pub const EXHIBIT_CAMERAS: usize = 8;
/// Largest picture, bytes: one coded picture and its head.
pub const PICTURE_BYTES: u64 = 9 * 1024 * 1024;
/// Largest clip, bytes: 40 s at 13 Mbit/s. A longer one is cut at its end and says so by its times.
pub const CLIP_BYTES: u64 = 64 * 1024 * 1024;
/// Longest text of an exhibit as sent, bytes.
pub const EXHIBIT_TEXT_BYTES: usize = 16 * 1024;
/// Footage is readable this long after it was seen, at the latest, ms: then a clip is looked for.
const SETTLED_MS: i64 = 2_000;
/// After this long behind its last second, what is there is taken as all there is, ms.
const GIVEN_UP_MS: i64 = 45_000;
/// Longest that an exhibit may say it lasts, ms: the clip, and the rest of its groups of pictures.
const LONGEST_MS: i64 = CLIP_BEFORE_MS + CLIP_AFTER_MS + 60_000;
/// Footage that is there and cannot be read (a disk that is away) is waited for so long after the incident, ms: a day, in which people
/// put a disk back or it is declared lost.
const UNREADABLE_MS: i64 = 86_400_000;
/// What stands for `no footage` where no gap says why.
pub const NO_FOOTAGE: &str = "no_footage";
/// What stands for footage that is there and could not be read in time. It is never called `no footage`.
pub const UNREADABLE: &str = "unreadable";

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExhibitKind {
    /// 现场画面: one picture of the moment of the first signal.
    Picture,
    /// 前后录像: from 10 s before to 30 s after.
    Clip,
}

impl ExhibitKind {
    /// Both, the quicker first.
    pub const ALL: [Self; 2] = [Self::Picture, Self::Clip];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Clip => "clip",
        }
    }

    /// Reads the word; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Picture => Text::new("报警时画面", "Picture at the alarm"),
            Self::Clip => Text::new("前后录像", "Clip around it"),
        }
    }

    /// Most bytes.
    #[must_use]
    pub const fn most_bytes(self) -> u64 {
        match self {
            Self::Picture => PICTURE_BYTES,
            Self::Clip => CLIP_BYTES,
        }
    }

    /// When it is first looked for, of an incident whose first signal came at `opened`.
    #[must_use]
    pub const fn looked_for_at(self, opened: UtcMs) -> UtcMs {
        match self {
            Self::Picture => opened,
            Self::Clip => opened.plus_ms(CLIP_AFTER_MS + SETTLED_MS),
        }
    }

    /// From then on what is there is all there is.
    #[must_use]
    pub const fn given_up_at(self, opened: UtcMs) -> UtcMs {
        match self {
            Self::Picture => opened.plus_ms(GIVEN_UP_MS),
            Self::Clip => opened.plus_ms(CLIP_AFTER_MS + GIVEN_UP_MS),
        }
    }
}

/// From then on footage that cannot be read is told as such, of an incident whose first signal came at `opened`.
#[must_use]
pub const fn unreadable_at(opened: UtcMs) -> UtcMs {
    opened.plus_ms(UNREADABLE_MS)
}

/// What is told of one picture or clip, signed by the site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Exhibit {
    /// `EXHIBIT_VERSION`.
    pub version: u32,
    /// The report it goes with.
    pub report: ReportId,
    /// The incident.
    pub incident: IncidentId,
    /// Number of the incident at the site.
    pub number: String,
    /// Camera.
    pub camera: CameraId,
    /// Its name at the site.
    pub camera_name: String,
    /// What.
    pub kind: ExhibitKind,
    /// Footage from, by the site's clock.
    pub from: UtcMs,
    /// Footage to; the instant of a picture again.
    pub to: UtcMs,
    /// Length, bytes; 0 where there is none.
    pub bytes: u64,
    /// Digest of the bytes; `None` where there are none.
    pub sha256: Option<Sha256>,
    /// Why there is none: the cause of a gap, or `NO_FOOTAGE`.
    pub absent: Option<String>,
    /// The clauses that allow it.
    pub clauses: Vec<ClauseId>,
}

impl Exhibit {
    /// Reads what a site sent; `None` for anything that is not a whole exhibit within its limits.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        if body.len() > EXHIBIT_TEXT_BYTES {
            return None;
        }
        serde_json::from_slice::<Self>(body).ok().filter(Self::is_whole)
    }

    fn is_whole(&self) -> bool {
        let there = self.absent.is_none()
            && self.sha256.is_some()
            && (1..=self.kind.most_bytes()).contains(&self.bytes)
            && (0..=LONGEST_MS).contains(&self.to.since(self.from));
        let absent =
            self.absent.as_ref().is_some_and(|why| why.len() <= 40) && self.sha256.is_none() && self.bytes == 0;
        let short = |text: &str, most: usize| text.chars().count() <= most;
        self.version == EXHIBIT_VERSION
            && (there || absent)
            && short(&self.camera_name, limits::NAME_CHARS)
            && short(&self.number, 40)
            && self.clauses.len() <= 16
    }

    /// Why there is none, in words.
    #[must_use]
    pub fn absence(&self) -> Option<Text> {
        let why = self.absent.as_deref()?;
        if why == UNREADABLE {
            return Some(Text::new("有录像但无法读取", "there is footage that cannot be read"));
        }
        let cause = GapCause::ALL.into_iter().find(|c| c.code() == why).map(GapCause::text);
        Some(cause.unwrap_or(Text::new("该时段没有录像", "no footage of this time")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exhibit() -> Exhibit {
        Exhibit {
            version: EXHIBIT_VERSION,
            report: ReportId::new(1, [1; 10]),
            incident: IncidentId::new(1, [2; 10]),
            number: "2026-0000001".into(),
            camera: CameraId::new(1, [3; 10]),
            camera_name: "大堂".into(),
            kind: ExhibitKind::Clip,
            from: UtcMs(1_000),
            to: UtcMs(41_000),
            bytes: 9,
            sha256: Some(Sha256::of(b"x")),
            absent: None,
            clauses: vec![ClauseId::new("B-21-2")],
        }
    }

    fn read(change: impl FnOnce(&mut Exhibit)) -> Option<Exhibit> {
        let mut changed = exhibit();
        change(&mut changed);
        Exhibit::parse(&serde_json::to_vec(&changed).unwrap())
    }

    #[test]
    fn an_exhibit_is_whole_or_says_why_there_is_none_and_never_both() {
        assert_eq!(read(|_| ()), Some(exhibit()));
        let none = |e: &mut Exhibit| (e.bytes, e.sha256, e.absent) = (0, None, Some("device_offline".into()));
        let absent = read(none).unwrap();
        let offline = GapCause::ALL.into_iter().find(|c| c.code() == "device_offline").unwrap();
        assert_eq!(absent.absence(), Some(offline.text()));
        assert_eq!(read(|e| (none(e), e.absent = Some("x".into())).1).unwrap().absence().unwrap().zh, "该时段没有录像");
        let unread = read(|e| (none(e), e.absent = Some(UNREADABLE.into())).1).unwrap().absence().unwrap();
        assert_eq!(unread.zh, "有录像但无法读取");
        assert!(GapCause::ALL.into_iter().all(|c| ![UNREADABLE, NO_FOOTAGE].contains(&c.code())));
        assert_eq!(exhibit().absence(), None);
        assert!(read(|e| e.absent = Some(NO_FOOTAGE.into())).is_none());
        assert!(read(|e| e.sha256 = None).is_none());
        assert!(read(|e| e.bytes = 0).is_none());
        assert!(read(|e| (none(e), e.bytes = 1).1).is_none());
    }

    #[test]
    fn what_an_exhibit_says_is_bounded() {
        assert!(read(|e| e.bytes = CLIP_BYTES).is_some());
        assert!(read(|e| e.bytes = CLIP_BYTES + 1).is_none());
        assert!(read(|e| (e.kind, e.bytes) = (ExhibitKind::Picture, PICTURE_BYTES + 1)).is_none());
        assert!(read(|e| e.to = UtcMs(999)).is_none());
        assert!(read(|e| e.to = e.from.plus_ms(LONGEST_MS + 1)).is_none());
        assert!(read(|e| e.version = 2).is_none());
        assert!(read(|e| e.camera_name = "x".repeat(limits::NAME_CHARS + 1)).is_none());
        assert!(read(|e| e.clauses = vec![ClauseId::new("B-21-2"); 17]).is_none());
        assert!(Exhibit::parse(&vec![b' '; EXHIBIT_TEXT_BYTES + 1]).is_none());
    }

    proptest! {
        #[test]
        fn anything_may_come(body: Vec<u8>) {
            let _ = Exhibit::parse(&body);
        }
    }
}
