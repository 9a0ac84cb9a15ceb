//! Footage that goes out with a report to the police. Whoever asks has the law's leave and writes the entry before a byte leaves.

use super::{Film, check_range, no_footage};
use crate::Site;
use base::{CameraId, ErrorKind, Refusal, Text, UtcMs, limits};
use bytes::Bytes;
use media::fragment::parse_init;
use media::mp4::single_frame;
use store::footage::read::{GapRow, Located};

/// The rows know footage that its disk does not give: not the same as `no_footage`.
pub(crate) fn unreadable() -> Refusal {
    Refusal::new(
        ErrorKind::Unavailable,
        "footage_unreadable",
        Text::new("有录像但现在无法读取。", "There is footage that cannot be read now."),
        Text::new("请检查录像磁盘。", "Look at the disks of the footage."),
    )
}

impl Site {
    /// The fragment whose key picture shows `at`.
    pub(super) async fn key_fragment(&self, camera: CameraId, at: UtcMs) -> Result<Located, Refusal> {
        let fragments = self.fragments_from_key(camera, at, at.plus_ms(1)).await?;
        fragments.into_iter().find(|l| l.frag.table.first_key_sample().is_some()).ok_or_else(no_footage)
    }

    /// The key picture of a fragment as an MP4 that browsers show.
    pub(super) async fn picture_in(&self, fragment: Located) -> Result<Bytes, Refusal> {
        let store = self.store().clone();
        let read = move || {
            let (offset, len) = fragment.frag.table.first_key_sample()?;
            let init = parse_init(&fragment.head.init).ok()?;
            let sample =
                store.read_container(&fragment.head.path, fragment.frag.offset + offset, u64::from(len)).ok()?;
            single_frame(&init.video, &sample).ok()
        };
        let mp4 = tokio::task::spawn_blocking(read).await.ok().flatten();
        mp4.map(Bytes::from).ok_or_else(no_footage)
    }

    /// The newest recorded key picture not after `at`, with when it was taken.
    pub(crate) async fn recorded_picture(&self, camera: CameraId, at: UtcMs) -> Result<(UtcMs, Bytes), Refusal> {
        let fragment = self.key_fragment(camera, at).await?;
        let taken = fragment.frag.start;
        Ok((taken, self.picture_in(fragment).await.map_err(|_| unreadable())?))
    }

    /// A film of recorded footage.
    pub(crate) async fn recorded_film(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Film, Refusal> {
        check_range(from, to, limits::PLAYBACK_RANGE_MS)?;
        Ok(Film::new(self.film_plan(camera, from, to).await?, self.store().clone()))
    }

    /// The first gap that explains why there is no footage.
    pub(crate) async fn why_no_footage(
        &self,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
    ) -> Result<Option<GapRow>, Refusal> {
        Ok(self.store().gaps(camera, from, to).await?.into_iter().next())
    }
}
