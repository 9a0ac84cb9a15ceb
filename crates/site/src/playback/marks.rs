//! What stands on a timeline beside the footage: bookmarks, and the acts of the log on this footage.
//!
//! Always true: acts are shown only to roles that read the register or the log; they name no person. Officers in a session get
//! neither: who else looked is not theirs to know.

use crate::{Actor, Site};
use base::{AccountId, BookmarkId, CameraId, Pii, Refusal, Text, UtcMs};
use domain::access::Permission;

/// Most bookmarks, and most acts, of one timeline; the newest are shown.
const MOST: u32 = 500;

/// What kind of mark it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MarkKind {
    /// 书签.
    Bookmark,
    /// 查看: the footage was viewed.
    View,
    /// 复制: a copy of it was made.
    Export,
    /// 申请: officers asked for it.
    Request,
    /// 封存: a hold was placed by hand.
    Hold,
}

impl MarkKind {
    /// Stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bookmark => "bookmark",
            Self::View => "view",
            Self::Export => "export",
            Self::Request => "request",
            Self::Hold => "hold",
        }
    }

    fn of_act(kind: &str) -> Option<Self> {
        match kind {
            "footage.viewed" | "footage.viewed.official" => Some(Self::View),
            "export.decided" => Some(Self::Export),
            "request.made" => Some(Self::Request),
            "hold.placed" => Some(Self::Hold),
            _ => None,
        }
    }
}

/// A mark on a stretch of footage.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What.
    pub kind: MarkKind,
    /// Footage from.
    pub from: UtcMs,
    /// Footage to.
    pub to: UtcMs,
    /// When the act was done or the bookmark set.
    pub at: UtcMs,
    /// One sentence; of a bookmark its note in both.
    pub text: Pii<Text>,
    /// The bookmark and its maker.
    pub bookmark: Option<(BookmarkId, AccountId)>,
    /// Entry of the log, where the account may read it.
    pub log_index: Option<u64>,
}

impl Site {
    /// Marks on [from, to) of a camera, by their begin.
    pub(super) async fn marks(
        &self,
        by: &Actor,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
    ) -> Result<Vec<Mark>, Refusal> {
        let bookmarks = self.store().bookmarks(camera, from, to, MOST).await?;
        let mut out: Vec<_> = bookmarks
            .into_iter()
            .map(|b| Mark {
                kind: MarkKind::Bookmark,
                from: b.from,
                to: b.to,
                at: b.made,
                bookmark: Some((b.id, b.by)),
                log_index: None,
                text: Pii::new(Text::of(b.note.expose().clone(), b.note.into_inner())),
            })
            .collect();
        let reads_log = by.role.may(Permission::SeeLog);
        if reads_log || by.role.may(Permission::SeeRegister) {
            for act in self.store().footage_acts(camera, from, to, MOST).await? {
                let Some(kind) = MarkKind::of_act(&act.kind) else { continue };
                let log_index = reads_log.then_some(act.idx);
                let text = Pii::new(act.text);
                out.push(Mark { kind, from: act.from, to: act.to, at: act.at, text, bookmark: None, log_index });
            }
        }
        out.sort_by_key(|m| (m.from, m.at));
        Ok(out)
    }
}
