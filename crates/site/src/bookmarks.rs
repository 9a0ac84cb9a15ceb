//! Bookmarks of the unit's staff on recorded footage: set, read, removed. Whoever may play back may set them.
//!
//! Always true: a bookmark holds nothing and shows nothing, it only finds a place again; its maker, the security manager and the
//! custodian may remove it; each act is an entry.

use crate::{Actor, Site};
use base::{BookmarkId, CameraId, ErrorKind, Pii, Refusal, Text, UtcMs, time::DAY_MS};
use domain::access::{Permission, Role};
use store::StoreError;
use store::bookmarks::BOOKMARKS_PER_CAMERA;

/// Longest note, characters.
pub const NOTE_CHARS: usize = 200;

impl Site {
    /// Sets a bookmark on [from, to) of a camera, at most a day.
    ///
    /// # Errors
    /// No permission, `range`, `note`, `not_found`, `too_many_bookmarks`, or the store.
    pub async fn add_bookmark(
        &self,
        by: &Actor,
        camera: CameraId,
        (from, to): (UtcMs, UtcMs),
        note: &str,
    ) -> Result<BookmarkId, Refusal> {
        by.needs(Permission::PlayBack)?;
        let now = self.now().utc;
        let next = || Text::new("请更正后重新提交。", "Correct it and submit again.");
        if to <= from || to.since(from) > DAY_MS || to > now || from.0 < 0 {
            let what = Text::new(
                "书签的时段须已经过去，结束晚于开始，且不超过一天。",
                "The range of a bookmark lies in the past, ends after its begin, and is at most a day long.",
            );
            return Err(Refusal::bad_input("range", what, next()));
        }
        let note = note.trim();
        let chars = note.chars().count();
        if chars == 0 || chars > NOTE_CHARS || note.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
            let what = Text::new("说明须为1至200字。", "The note has 1 to 200 characters.");
            return Err(Refusal::bad_input("note", what, next()));
        }
        self.store().camera(camera).await?.ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
        let note = Pii::new(note.to_owned());
        self.store().add_bookmark(camera, (from, to), &note, by.id, now).await?.ok_or_else(|| {
            Refusal::new(
                ErrorKind::TooMany,
                "too_many_bookmarks",
                Text::of(
                    format!("该摄像机已有 {BOOKMARKS_PER_CAMERA} 个书签。"),
                    format!("This camera has {BOOKMARKS_PER_CAMERA} bookmarks already."),
                ),
                Text::new("请先删除不用的书签。", "Remove bookmarks that are not needed first."),
            )
        })
    }

    /// Removes a bookmark and its note.
    ///
    /// # Errors
    /// No permission, `not_found`, `not_yours`, or the store.
    pub async fn remove_bookmark(&self, by: &Actor, id: BookmarkId) -> Result<(), Refusal> {
        by.needs(Permission::PlayBack)?;
        let gone = || Refusal::not_found("该书签", "bookmark");
        let row = self.store().bookmark(id).await?.ok_or_else(gone)?;
        if row.by != by.id && !matches!(by.role, Role::SecurityManager | Role::InformationCustodian) {
            return Err(Refusal::new(
                ErrorKind::Forbidden,
                "not_yours",
                Text::new("这不是您设的书签。", "This bookmark is another person's."),
                Text::new(
                    "请由设书签的人、安全管理负责人或信息管理员删除。",
                    "Its maker, the security manager or the custodian can remove it.",
                ),
            ));
        }
        let done = self.store().remove_bookmark(&row, by.id, self.now().utc).await.map_err(StoreError::from)?;
        if done { Ok(()) } else { Err(gone()) }
    }
}
