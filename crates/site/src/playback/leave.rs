//! Leave to see footage: who may, under which clauses, and the entry that says so.

use crate::use_of_information::{LOOKED, OpenSession, SEEN};
use crate::{Actor, Site};
use base::{AccountId, CameraId, ClauseId, Refusal, RequestId, Text, UtcMs};
use domain::access::Permission;
use domain::viewing::in_scope;
use law::{Act, OwnUse};
use serde::Serialize;
use store::StoreError;
use store::ledger_log::{ActLine, Outcome};

/// Entries of the unit's own viewing speak of whole stretches of this length, ms: one entry an account, camera and stretch.
const STRETCH_MS: i64 = 600_000;

/// Why the unit's own staff look: a closed list, so that the log needs no free text (Order 799 art. 16).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 安全巡查: looking after the security of the place.
    #[default]
    Patrol,
    /// 事件核查: checking an incident or an alarm.
    Incident,
    /// 设备检查: checking that cameras record as they should.
    EquipmentCheck,
    /// Something else: not for security, and refused.
    Other,
}

impl Purpose {
    /// All purposes in the order forms list them.
    pub const ALL: [Self; 4] = [Self::Patrol, Self::Incident, Self::EquipmentCheck, Self::Other];

    /// Stable word for forms and the log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Patrol => "patrol",
            Self::Incident => "incident",
            Self::EquipmentCheck => "equipment_check",
            Self::Other => "other",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.code() == code)
    }

    /// What pages and the log say.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Patrol => Text::new("安全巡查", "security patrol"),
            Self::Incident => Text::new("事件核查", "checking an incident"),
            Self::EquipmentCheck => Text::new("设备检查", "checking equipment"),
            Self::Other => Text::new("其他", "something else"),
        }
    }
}

/// Who wants to see recorded footage.
#[derive(Clone, Copy, Debug)]
pub enum Viewer<'a> {
    /// The unit's own staff, for a purpose.
    Staff(&'a Actor, Purpose),
    /// Two officers in their open session under a request; the actor is the one whose browser it runs in.
    Officers(&'a Actor, RequestId),
}

/// Leave that was given; to be entered in the log before the first byte.
pub(super) enum Leave {
    Staff { by: AccountId, purpose: Purpose, clauses: Vec<ClauseId> },
    Officers { open: Box<OpenSession>, clauses: Vec<ClauseId> },
}

impl Leave {
    /// Others are to be covered in what is shown: it is looked at before.
    pub(super) fn is_covered(&self) -> bool {
        matches!(self, Self::Officers { open, .. } if open.row.application.covered().is_some())
    }

    /// What the entry of a single picture names: the stretch it lies in, so that a row of pictures is one entry. For officers
    /// it is cut to their grant.
    pub(super) fn stretch_around(&self, at: UtcMs) -> (UtcMs, UtcMs) {
        let from = UtcMs(at.0 - at.0.rem_euclid(STRETCH_MS));
        let to = from.plus_ms(STRETCH_MS);
        match self {
            Self::Staff { .. } => (from, to),
            Self::Officers { open, .. } => (from.max(open.row.application.from), to.min(open.row.application.to)),
        }
    }
}

impl Site {
    /// Asks role, law and (for officers) grant, session and scope about [from, to) of a camera.
    pub(super) async fn leave_to_see(
        &self,
        who: Viewer<'_>,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
    ) -> Result<Leave, Refusal> {
        match who {
            Viewer::Staff(actor, purpose) => {
                actor.needs(Permission::PlayBack)?;
                self.in_area(actor, camera).await?;
                let security_purpose = purpose != Purpose::Other;
                // Registered: the entry is committed before the first byte, or there is none (`enter_viewing`).
                let using = OwnUse { designated: true, security_purpose, registered: true };
                let clauses = self.lawful(actor, Some(camera), Act::PlayBack(using)).await?;
                Ok(Leave::Staff { by: actor.id, purpose, clauses })
            }
            Viewer::Officers(actor, request) => {
                let open = self.open_session_of(actor, request).await?;
                in_scope(&open.row.application, &open.session, camera, from, to, self.now().utc)?;
                let acts = open.facts.to_view();
                let clauses = self.lawful_uses(actor, Some(camera), Some(request), &acts).await?;
                Ok(Leave::Officers { open: Box::new(open), clauses })
            }
        }
    }

    /// Enters a viewing in the log, once. What cannot be entered is not shown.
    pub(super) async fn enter_viewing(
        &self,
        leave: &Leave,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let seen = self.plans().seen();
        match leave {
            Leave::Staff { by, purpose, clauses } => {
                let from = UtcMs(from.0 - from.0.rem_euclid(STRETCH_MS));
                let to = UtcMs(to.0 + (-to.0).rem_euclid(STRETCH_MS));
                let write = self.log_own_viewing(*by, *purpose, clauses, camera, (from, to));
                // Another purpose is another viewing.
                let viewing = -1 - *purpose as i64;
                seen.once((*by, viewing, camera.bytes()), (from, to), now.mono, write).await
            }
            Leave::Officers { open, clauses } => {
                let key = (open.session.first, open.session.opened.0, camera.bytes());
                let text = if leave.is_covered() {
                    Text::of(
                        format!("调出录像 {} 至 {}，由信息管理员逐段检查。", from.desk(), to.desk()),
                        format!("Footage {} to {} fetched, to be looked at by the custodian.", from.desk(), to.desk()),
                    )
                } else if open.row.application.is_for_citizen() {
                    Text::of(
                        format!("向申请人播放录像 {} 至 {}。", from.desk(), to.desk()),
                        format!("Footage {} to {} shown to the applicant.", from.desk(), to.desk()),
                    )
                } else {
                    Text::of(
                        format!("两名民警查看录像 {} 至 {}。", from.desk(), to.desk()),
                        format!("Two officers viewed footage {} to {}.", from.desk(), to.desk()),
                    )
                };
                // What was shown of it is entered when the page says so: the custodian's own look shows a citizen nothing.
                let what = if leave.is_covered() { LOOKED } else { SEEN };
                let line = open.register_line(what, text, clauses.clone());
                let line =
                    store::requests::NewRegister { camera: Some(camera), from: Some(from), to: Some(to), ..line };
                let write = async {
                    self.store().register("footage.viewed.official", line, now.utc).await?;
                    Ok(())
                };
                seen.once(key, (from, to), now.mono, write).await
            }
        }
    }

    async fn log_own_viewing(
        &self,
        by: AccountId,
        purpose: Purpose,
        clauses: &[ClauseId],
        camera: CameraId,
        (from, to): (UtcMs, UtcMs),
    ) -> Result<(), Refusal> {
        let body = serde_json::json!({
            "camera": camera, "from_utc_ms": from, "to_utc_ms": to, "by": by, "purpose": purpose, "clauses": clauses,
        });
        let why = purpose.name();
        let text = Text::of(
            format!("回放录像 {} 至 {}：{}。", from.desk(), to.desk(), why.zh),
            format!("Footage {} to {} played back: {}.", from.desk(), to.desk(), why.en),
        );
        let act = ActLine {
            outcome: Outcome::Done,
            account: Some(by),
            camera: Some(camera),
            request: None,
            clauses: clauses.to_vec(),
            text,
        };
        self.store().log("footage.viewed", self.now().utc, body, act).await.map_err(StoreError::from)?;
        Ok(())
    }
}
