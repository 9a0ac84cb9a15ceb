//! Cameras added, placed, changed and removed by people: role, form, law gate, then row and log together.
//!
//! A camera in a prohibited place is refused with the clause (A-14, B-15, Order 799 art. 8), and the refusal is logged too.

use crate::{Actor, Camera, Site};
use base::{CameraId, ClauseId, ErrorKind, Pii, Refusal, Text, UtcMs, limits};
use domain::access::Permission;
use law::{Act, Answer, Change, Installer, PlaceKind, Placement, Question, Relocation, Removal, SiteProfile};
use store::cameras::{CameraRow, Source, Why};
use store::ledger_log::{ActLine, Outcome};

/// Shortest time between two checks of a camera, ms.
const PROBE_PAUSE_MS: i64 = 5_000;

/// What a person fills in for a camera.
#[derive(Clone, Debug)]
pub struct CameraForm {
    /// Name.
    pub name: String,
    /// Where it hangs, in words.
    pub place: String,
    /// Kind of place it covers.
    pub place_kind: PlaceKind,
    /// Looks at windows or doors of homes.
    pub faces_homes: bool,
    /// Records sound.
    pub audio: bool,
    /// Who puts it up.
    pub installer: Installer,
    /// Number of the police's approval to put it up in a social public area (B-14-3); empty: none.
    pub approval: String,
    /// When the sign was put up.
    pub sign: Option<UtcMs>,
    /// 0 to 9.
    pub priority: u8,
    /// How it is reached.
    pub source: Source,
    /// Password; `None` keeps the stored one.
    pub secret: Option<Pii<String>>,
}

impl CameraForm {
    /// As a camera stands: what a form that changes one thing starts from. The stored password is kept.
    #[must_use]
    pub fn of(row: &CameraRow) -> Self {
        let Placement { place: place_kind, installer, .. } = placement_of(row);
        let CameraRow { name, place, approval, source, .. } = row.clone();
        let CameraRow { faces_homes, audio, sign, priority, .. } = *row;
        Self { name, place, place_kind, faces_homes, audio, installer, approval, sign, priority, source, secret: None }
    }
}

/// Why a device moves, changes its purpose or goes, as a person fills it in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WhyForm {
    /// The reason.
    pub reason: String,
    /// The police's agreement to restore or rebuild it, where it is one of a social public area (A-9-2): its number.
    pub agreement: String,
}

impl WhyForm {
    /// With nothing around the words.
    pub(crate) fn tidy(&self) -> Why<'_> {
        Why { reason: self.reason.trim(), agreement: self.agreement.trim() }
    }

    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let fits = |s: &str, most: usize| s.trim().chars().count() <= most;
        if fits(&self.reason, limits::FREE_TEXT_CHARS) && fits(&self.agreement, limits::NAME_CHARS) {
            return Ok(());
        }
        Err(Refusal::bad_input(
            "reason",
            Text::new("理由或者文号过长。", "The reason or the agreement's number is too long."),
            Text::new("请缩短后重新提交。", "Shorten it and submit again."),
        ))
    }
}

/// A camera's placement as the gate asks for it.
#[must_use]
pub fn placement(form: &CameraForm) -> Placement {
    Placement {
        place: form.place_kind,
        faces_homes: form.faces_homes,
        has_audio: form.audio,
        sign_recorded: form.sign.is_some(),
        installer: form.installer,
        public_area_approved: !form.approval.trim().is_empty(),
    }
}

/// As `placement`, of a camera that stands.
#[must_use]
pub fn placement_of(row: &CameraRow) -> Placement {
    Placement {
        place: place_of(row),
        faces_homes: row.faces_homes,
        has_audio: row.audio,
        sign_recorded: row.sign.is_some(),
        // A word this program does not know is nobody who is entitled.
        installer: Installer::parse(&row.installer).unwrap_or(Installer::Other),
        public_area_approved: !row.approval.is_empty(),
    }
}

/// The kind of place a camera covers. A word this program does not know is a social public area: nothing is put up, moved or taken away
/// there more freely than elsewhere.
pub(crate) fn place_of(row: &CameraRow) -> PlaceKind {
    PlaceKind::parse(&row.place_kind).unwrap_or(PlaceKind::Square)
}

fn check_form(form: &CameraForm) -> Result<(), Refusal> {
    let bad = |code: &str, zh: &'static str, en: &'static str| {
        Err(Refusal::bad_input(
            code,
            Text::new(zh, en),
            Text::new("请更正后重新提交。", "Correct it and submit again."),
        ))
    };
    let name_ok =
        |s: &str| (1..=limits::NAME_CHARS).contains(&s.trim().chars().count()) && !s.chars().any(char::is_control);
    if !name_ok(&form.name) {
        return bad("name", "名称未填写或过长。", "The name is empty or too long.");
    }
    if !name_ok(&form.place) {
        return bad("place", "位置未填写或过长。", "The place is empty or too long.");
    }
    let approval = form.approval.trim();
    if approval.chars().count() > limits::NAME_CHARS || approval.chars().any(char::is_control) {
        return bad("approval", "批准文号过长。", "The approval's number is too long.");
    }
    if form.priority > 9 {
        return bad("priority", "优先级须为0至9。", "The priority is 0 to 9.");
    }
    match &form.source {
        Source::Rtsp { url, .. } => match url::Url::parse(url) {
            Ok(u)
                if u.scheme() == "rtsp" && u.host().is_some() && u.username().is_empty() && u.password().is_none() =>
            {
                Ok(())
            }
            Ok(u) if !u.username().is_empty() || u.password().is_some() => bad(
                "url",
                "请把用户名和密码填在各自栏内，不要写在地址里。",
                "Put user and password into their own fields, not into the address.",
            ),
            _ => bad("url", "地址须形如 rtsp://主机:端口/路径。", "The address looks like rtsp://host:port/path."),
        },
        Source::Gb28181 { device, channel, .. } => {
            let digits = |id: &str| id.len() == 20 && id.bytes().all(|b| b.is_ascii_digit());
            if digits(device) && digits(channel) {
                Ok(())
            } else {
                bad("gb_id", "国标编码须为20位数字。", "A GB/T 28181 id has 20 digits.")
            }
        }
    }
}

/// Adds clauses that are not there yet.
pub(crate) fn add_new(clauses: &mut Vec<ClauseId>, more: Vec<ClauseId>) {
    for clause in more {
        if !clauses.contains(&clause) {
            clauses.push(clause);
        }
    }
}

/// Nothing to agree to outside social public areas.
pub(crate) const fn agreed(public_area: bool, why: Why<'_>) -> bool {
    !public_area || !why.agreement.is_empty()
}

/// A camera that hangs elsewhere from now on, and covered a place of kind `was` before. The unit's role decides it; the reason is the
/// decision's.
pub(crate) fn relocation(new: Placement, was: PlaceKind, why: Why<'_>) -> Relocation {
    let public_area_system = was.is_social_public_area() || new.place.is_social_public_area();
    Relocation {
        place: new.place,
        faces_homes: new.faces_homes,
        has_audio: new.has_audio,
        sign_recorded: new.sign_recorded,
        installer: new.installer,
        public_area_approved: new.public_area_approved,
        public_area_system,
        authorised: !why.reason.is_empty(),
        relocation_agreed: agreed(public_area_system, why),
    }
}

fn probe_runs() -> Refusal {
    Refusal::new(
        ErrorKind::TooMany,
        "probe_runs",
        Text::new("这台设备正在检查，或刚刚检查过。", "This device is being checked, or was a moment ago."),
        Text::new("请等几秒再查。", "Wait a few seconds before the next check."),
    )
}

/// A camera in service as the form says; the password is `kept` where the form has none.
fn row(id: CameraId, created: UtcMs, form: CameraForm, kept: Option<Pii<String>>) -> CameraRow {
    CameraRow {
        id,
        name: form.name.trim().to_owned(),
        place: domain::area::tidy(&form.place),
        place_kind: form.place_kind.key().to_owned(),
        faces_homes: form.faces_homes,
        audio: form.audio,
        installer: form.installer.key().to_owned(),
        approval: form.approval.trim().to_owned(),
        sign: form.sign,
        priority: form.priority,
        source: form.source,
        secret: form.secret.or(kept),
        created,
        removed: None,
    }
}

impl Site {
    /// What the law says to a placement, without doing anything: the form shows it while it is filled in.
    #[must_use]
    pub fn ask_placement(&self, placement: Placement) -> Answer {
        self.ask(Act::AddCamera(placement))
    }

    /// Asks the gate about an act at this site today.
    #[must_use]
    pub fn ask(&self, act: Act) -> Answer {
        self.ask_as(self.profile().law, act)
    }

    /// As `ask`, if the site were this one.
    pub(crate) fn ask_as(&self, site: SiteProfile, act: Act) -> Answer {
        self.gate().decide(&Question { site, act }, self.now().utc.shanghai_date())
    }

    /// Adds a camera.
    ///
    /// # Errors
    /// No permission, `outside_area`, the form's defects, the law, or the store.
    pub async fn add_camera(&self, by: &Actor, form: CameraForm) -> Result<Camera, Refusal> {
        by.needs(Permission::ManageDevices)?;
        check_form(&form)?;
        self.place_in_area(by, &form.place).await?;
        let clauses = self.lawful(by, None, Act::AddCamera(placement(&form))).await?;
        let now = self.now().utc;
        let id = CameraId::new(now.0, store::keys::random().map_err(store::StoreError::from)?);
        let row = row(id, now, form, None);
        self.store().put_camera(&row, &clauses, by.id, now).await?;
        Ok(self.put_camera(row).await?)
    }

    /// Changes a camera; a changed place is asked about like a new one, with what its drawn view meets, and one that hangs elsewhere
    /// as a device that moves (B-24-1-1, A-9-2). One that is said to be of no social public area any more leaves it: that is a move too,
    /// or a new word would take the police's agreement out of the way.
    ///
    /// # Errors
    /// As `add_camera`, and `not_found`, `reason`.
    pub async fn change_camera(
        &self,
        by: &Actor,
        id: CameraId,
        form: CameraForm,
        why: &WhyForm,
    ) -> Result<Camera, Refusal> {
        by.needs(Permission::ManageDevices)?;
        check_form(&form)?;
        why.check()?;
        let old = self.active(id).await?;
        // Neither out of one's area nor into it.
        self.place_in_area(by, &old.place).await?;
        self.place_in_area(by, &form.place).await?;
        let look = self.look_of(id).await?;
        let mut clauses = self.lawful_looks(by, id, placement(&form), look.as_ref()).await?;
        let was = place_of(&old);
        let leaves = was.is_social_public_area() && !form.place_kind.is_social_public_area();
        let mut said = Why::default();
        if old.place_kind != form.place_kind.key() {
            said = why.tidy();
            // The stricter of the two places.
            let place = if leaves { was } else { form.place_kind };
            let change = Change { place, authorised: !said.reason.is_empty() };
            add_new(&mut clauses, self.lawful(by, Some(id), Act::ChangePurpose(change)).await?);
        }
        // Rows of before places were tidied hang where they hung.
        if leaves || domain::area::tidy(&old.place) != domain::area::tidy(&form.place) {
            said = why.tidy();
            for new in crate::views::placements(placement(&form), look.as_ref()) {
                let moved = Act::MoveDevice(relocation(new, was, said));
                add_new(&mut clauses, self.lawful(by, Some(id), moved).await?);
            }
        }
        let row = row(id, old.created, form, old.secret);
        self.store().put_camera_because(&row, said, &clauses, by.id, self.now().utc).await?;
        Ok(self.put_camera(row).await?)
    }

    /// Takes a camera out of service. Its footage stays its term.
    ///
    /// # Errors
    /// No permission, a missing reason, the law, `not_found`, or the store.
    pub async fn remove_camera_by(&self, by: &Actor, id: CameraId, why: &WhyForm) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        why.check()?;
        let why = why.tidy();
        let old = self.active(id).await?;
        self.place_in_area(by, &old.place).await?;
        let authorised = !why.reason.is_empty();
        let mut clauses = Vec::new();
        // As a camera of each public area that it stands in by its drawing, too.
        let look = self.look_of(id).await?;
        for Placement { place, .. } in crate::views::placements(placement_of(&old), look.as_ref()) {
            let stop = Act::StopRecording(Change { place, authorised });
            add_new(&mut clauses, self.lawful(by, Some(id), stop).await?);
            let relocation_agreed = agreed(place.is_social_public_area(), why);
            let removal = Act::RemoveDevice(Removal { place, authorised, relocation_agreed });
            add_new(&mut clauses, self.lawful(by, Some(id), removal).await?);
        }
        let row = CameraRow { removed: Some(self.now().utc), ..old };
        self.store().put_camera_because(&row, why, &clauses, by.id, self.now().utc).await?;
        // A crash here: the row counts, the next start leaves it out. A store that fails leaves it recording.
        self.remove_camera(id).await;
        Ok(())
    }

    /// Checks a camera now because a person wants to know: a stream that is recorded is left alone and its next picture is the result;
    /// any other is asked for anew (INVITE, or RTSP DESCRIBE to PLAY) without waiting for the next try by itself. The result is
    /// `CameraState::probe`.
    ///
    /// # Errors
    /// No permission, `not_found`, or `probe_runs` (one check at a time, and a pause between two: cameras lock out who knocks often).
    pub async fn probe(&self, by: &Actor, id: CameraId) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        let camera = self.camera(id).ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
        let now = self.now();
        let state = camera.state();
        let busy = state.probe.as_ref().is_some_and(|p| p.end.is_none() || now.utc.since(p.began) < PROBE_PAUSE_MS);
        if busy {
            return Err(probe_runs());
        }
        camera.begin_probe(now);
        if !state.is_recording() {
            self.ask_anew(&camera).await;
        }
        Ok(())
    }

    async fn active(&self, id: CameraId) -> Result<CameraRow, Refusal> {
        let row = self.store().camera(id).await?.filter(|c| c.removed.is_none());
        row.ok_or_else(|| Refusal::not_found("该摄像机", "camera"))
    }

    /// Asks the gate; a refusal is logged with its clauses before it is shown.
    ///
    /// # Errors
    /// The gate's refusal, or the store (then `Unavailable`: what cannot be logged is not done).
    pub(crate) async fn lawful(
        &self,
        by: &Actor,
        camera: Option<CameraId>,
        act: Act,
    ) -> Result<Vec<base::ClauseId>, Refusal> {
        let answer = self.ask(act);
        match answer.into_result() {
            Ok(answer) => Ok(answer.deciding.into_iter().map(|c| c.clause).collect()),
            Err(refusal) => {
                self.log_refusal(by, camera, None, &refusal).await?;
                Err(refusal)
            }
        }
    }

    /// Logs a refusal by law.
    ///
    /// # Errors
    /// The store.
    pub(crate) async fn log_refusal(
        &self,
        by: &Actor,
        camera: Option<CameraId>,
        request: Option<base::RequestId>,
        refusal: &Refusal,
    ) -> Result<u64, Refusal> {
        self.log_refusal_because(by, (camera, request), refusal, "").await
    }

    /// As `log_refusal`; the reason that the person gave stands in the line, its digest in the entry.
    pub(crate) async fn log_refusal_because(
        &self,
        by: &Actor,
        (camera, request): (Option<CameraId>, Option<base::RequestId>),
        refusal: &Refusal,
        reason: &str,
    ) -> Result<u64, Refusal> {
        if refusal.kind != ErrorKind::Unlawful {
            return Ok(0);
        }
        let reason = reason.trim();
        let clauses: Vec<_> = refusal.why.iter().map(|c| c.clause.clone()).collect();
        let mut body = serde_json::json!({ "code": refusal.code, "by": by.id, "camera": camera, "request": request, "clauses": clauses });
        let mut text = (format!("依法拒绝：{}", refusal.what.zh), format!("Refused by law: {}", refusal.what.en));
        if !reason.is_empty() {
            body["reason_sha256"] = serde_json::json!(base::Sha256::of(reason.as_bytes()));
            text = (format!("{} 所述理由：{reason}", text.0), format!("{} Reason given: {reason}", text.1));
        }
        let text = Text::of(text.0, text.1);
        let act = ActLine { outcome: Outcome::Refused, account: Some(by.id), camera, request, clauses, text };
        Ok(self.store().log("act.refused", self.now().utc, body, act).await.map_err(store::StoreError::from)?)
    }
}
