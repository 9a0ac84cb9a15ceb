//! Others in the picture while footage is shown to a citizen: what the custodian looked at and covered, kept with the session and judged at its end.
//!
//! ```text
//! film fetched ─▶ line `look` (playback) ─▶ page, span by span ─▶ save_covering: session of this person, camera of the request ─▶ Covering::check
//!   ─▶ first span shown on a camera ─▶ line `view` ─▶ row of the session
//! open_showing over one that nobody ended (put_session), or an order that ends by itself (close_unended) ─▶ the same line, refusing nothing
//! end_session ─▶ cameras that the register says were played ─▶ each looked at, nothing shown that is not? ─▶ line with numbers and digests
//! ```
//!
//! Always true: a session in which something was shown that nobody looked at is ended by no person; where another is opened in its place, its time
//! runs out or its order ends by itself, its line says how much that was. What stands in the line of the session are numbers and digests of rows
//! that are kept. That a span was shown is the word of the page: nothing here sees the screen; the custodian's own look is never told as shown.
//! The line comes before the row that says what was shown: a crash between them leaves a line of which the page says once more what it is about.
//! Sources: A-25-1, Order 799 art. 16.

use super::session::{OpenSession, no_session, register_line};
use super::{LOOKED, SEEN};
use crate::{Actor, Site};
use base::{AccountId, CameraId, ClauseId, ErrorKind, OrderId, Refusal, RequestId, Text};
use domain::viewing::{Application, Covering, Session, in_scope};
use store::StoreError;
use store::requests::{NewRegister, RequestRow};

/// The word of the length of a span in `own-rules.toml`.
const SPAN: &str = "cover";
/// Its length where the packs say nothing, ms.
const SPAN_MS: u32 = 10_000;
/// Cameras that the text of an entry names; its body has all.
const NAMED: usize = 8;

/// What was done on one camera that was played.
pub(super) struct OnCamera {
    camera: CameraId,
    name: String,
    covering: Covering,
}

impl OnCamera {
    /// What is missing on it, Chinese and English; `None`: nothing.
    fn missing(&self, app: &Application) -> Option<(String, String)> {
        let (name, done) = (&self.name, self.covering.covered());
        if let Some(span) = self.covering.shown_unlooked() {
            let (n, at) = (done.open, self.covering.begin(app, span).desk());
            let spans = base::plural(usize::try_from(n).unwrap_or(usize::MAX), "span", "spans");
            return Some((
                format!("{name}有 {n} 段播放过而没有检查（最早 {at}）"),
                format!("{name}: {n} {spans} shown and not looked at (the first at {at})"),
            ));
        }
        (done.looked == 0).then(|| (format!("{name}没有检查过"), format!("{name}: not looked at")))
    }

    /// In words, Chinese and English.
    fn words(&self) -> (String, String) {
        let (name, done) = (&self.name, self.covering.covered());
        let (boxes, looked, nobody, shown) = (done.boxes, done.looked, done.nobody, done.shown);
        let (open_zh, open_en) = match done.open {
            0 => (String::new(), String::new()),
            n => (format!("，其中没有检查 {n} 段"), format!(", of them not looked at {n}")),
        };
        (
            format!(
                "{name}检查 {looked} 段，其中确认认不出他人 {nobody} 段，画黑框 {boxes} 个，播放 {shown} 段{open_zh}"
            ),
            format!(
                "{name}: spans looked at {looked}, of them with nobody else {nobody}; boxes {boxes}; spans shown {shown}{open_en}"
            ),
        )
    }
}

/// The end of a showing in words: every camera that was played, and how others were covered on it.
fn covered_words(done: &[OnCamera]) -> Text {
    if done.is_empty() {
        return Text::new(
            "结束向申请人的查看。没有播放录像。",
            "Showing footage to the applicant was ended. Nothing was played.",
        );
    }
    let (zh, en): (Vec<String>, Vec<String>) = done.iter().take(NAMED).map(OnCamera::words).unzip();
    let (more_zh, more_en) = if done.len() > NAMED {
        (format!("；等 {} 路", done.len()), format!("; {} cameras in all", done.len()))
    } else {
        (String::new(), String::new())
    };
    Text::of(
        format!("结束向申请人的查看。遮住他人：{}{more_zh}。", zh.join("；")),
        format!("Showing footage to the applicant was ended. Others were covered: {}{more_en}.", en.join("; ")),
    )
}

/// Numbers and digests of what was done, for the body of the line.
pub(super) fn put_covered(line: &mut NewRegister, done: &[OnCamera], app: &Application, looked_by: AccountId) {
    line.text = covered_words(done);
    let Some(body) = line.body.as_object_mut() else { return };
    let each = done.iter().map(|one| {
        let told = one.covering.covered();
        serde_json::json!({
            "camera": one.camera, "boxes": told.boxes, "spans": told.looked, "nobody": told.nobody, "shown": told.shown,
            "span_ms": one.covering.span_ms, "covering_sha256": one.covering.digest(one.camera, app),
        })
    });
    body.insert("covered_cameras".to_owned(), each.collect());
    let told: Vec<_> = done.iter().map(|one| one.covering.covered()).collect();
    let boxes: usize = told.iter().map(|t| t.boxes).sum();
    let spans: u64 = told.iter().map(|t| u64::from(t.looked)).sum();
    body.insert("covers".to_owned(), boxes.into());
    let open: u64 = told.iter().map(|t| u64::from(t.open)).sum();
    body.insert("spans_looked".to_owned(), spans.into());
    body.insert("spans_open".to_owned(), open.into());
    body.insert("nobody_else".to_owned(), told.iter().any(|t| t.nobody > 0).into());
    body.insert("looked_by".to_owned(), serde_json::json!(looked_by));
}

/// Refuses where others are not to be covered in this session, or the camera is none of it.
fn may_cover(site: &Site, open: &OpenSession, camera: CameraId) -> Result<(), Refusal> {
    let app = &open.row.application;
    if app.under.as_ref().is_none_or(|under| under.covered.is_none()) {
        return Err(Refusal::new(
            ErrorKind::Conflict,
            "nothing_to_cover",
            Text::new("这次查看没有要求遮挡他人。", "Nobody is to be covered in this viewing."),
            Text::new("请直接播放。", "Play the footage as it is."),
        ));
    }
    in_scope(app, &open.session, camera, app.from, app.to, site.now().utc)
}

impl Site {
    /// Length of the spans that are looked at one by one, ms: our own number, with its reason in `own-rules.toml`.
    #[must_use]
    pub fn cover_span_ms(&self) -> u32 {
        self.gate().packs().own_span(SPAN).map_or(SPAN_MS, |span| span.seconds.saturating_mul(1_000))
    }

    /// What was done over others on this camera in the session that runs; nothing yet is an empty one.
    ///
    /// # Errors
    /// Those of the session (`no_session`, `not_granted`, `order_over`), `nothing_to_cover`, `outside_scope`, or the store.
    pub async fn covering(&self, by: &Actor, id: RequestId, camera: CameraId) -> Result<Covering, Refusal> {
        let open = self.open_session_of(by, id).await?;
        may_cover(self, &open, camera)?;
        let kept = self.store().covering(id, open.session.opened, camera).await.map_err(StoreError::from)?;
        Ok(kept.unwrap_or_else(|| Covering::new(self.cover_span_ms())))
    }

    /// Keeps what was done over others on this camera in the session that runs, in the place of what stood there; what was shown before stays
    /// shown. Returns it as kept.
    ///
    /// # Errors
    /// As `covering`, those of `Covering::check`, or the store.
    pub async fn save_covering(
        &self,
        by: &Actor,
        id: RequestId,
        camera: CameraId,
        covering: &Covering,
    ) -> Result<Covering, Refusal> {
        let open = self.open_session_of(by, id).await?;
        may_cover(self, &open, camera)?;
        let opened = open.session.opened;
        let kept = self.store().covering(id, opened, camera).await.map_err(StoreError::from)?;
        // A change of the packs in the middle of a session does not number its spans anew.
        let span_ms = kept.map_or_else(|| self.cover_span_ms(), |before| before.span_ms);
        covering.check(&open.row.application, span_ms)?;
        self.enter_shown(&open, camera, covering).await?;
        let kept = self.store().keep_covering((id, opened), camera, covering, by.id, self.now().utc).await?;
        kept.ok_or_else(no_session)
    }

    /// Enters that something of a camera was shown to the citizen, once a session and camera.
    async fn enter_shown(&self, open: &OpenSession, camera: CameraId, covering: &Covering) -> Result<(), Refusal> {
        let Some((first, _)) = covering.shown.first().copied() else { return Ok(()) };
        let (row, opened) = (&open.row, open.session.opened);
        if self.store().registered_cameras(row.id, SEEN, opened).await.map_err(StoreError::from)?.contains(&camera) {
            return Ok(());
        }
        let app = &row.application;
        let from = covering.begin(app, first);
        let text = Text::of(
            format!("自录像 {} 起向申请人播放。", from.desk()),
            format!("Footage is shown to the applicant from {} on.", from.desk()),
        );
        let line = open.register_line(SEEN, text, app.covered().into_iter().cloned().collect());
        let line = NewRegister { camera: Some(camera), from: Some(from), to: Some(app.to), ..line };
        self.store().register("footage.viewed.official", line, self.now().utc).await?;
        Ok(())
    }

    /// What was done on each camera that the register says was looked at or shown in this session.
    async fn on_cameras(&self, row: &RequestRow, session: &Session) -> Result<Vec<OnCamera>, Refusal> {
        let mut played = Vec::new();
        for what in [LOOKED, SEEN] {
            let some = self.store().registered_cameras(row.id, what, session.opened).await.map_err(StoreError::from)?;
            played.extend(some);
        }
        played.sort_unstable();
        played.dedup();
        let mut out = Vec::with_capacity(played.len());
        for camera in played {
            let kept = self.store().covering(row.id, session.opened, camera).await.map_err(StoreError::from)?;
            let name = self.store().camera(camera).await?.map(|row| row.name).unwrap_or_default();
            let covering = kept.unwrap_or_else(|| Covering::new(self.cover_span_ms()));
            out.push(OnCamera { camera, name, covering });
        }
        Ok(out)
    }

    /// What was done on each camera that the register says was played in this session, once it is whole.
    ///
    /// # Errors
    /// `others_not_covered` where one of them was not looked at, or shows what was not; or the store.
    pub(super) async fn coverings_of(
        &self,
        row: &RequestRow,
        session: &Session,
        clause: &ClauseId,
    ) -> Result<Vec<OnCamera>, Refusal> {
        let out = self.on_cameras(row, session).await?;
        let (zh, en): (Vec<String>, Vec<String>) =
            out.iter().filter_map(|one| one.missing(&row.application)).take(NAMED).unzip();
        if zh.is_empty() {
            return Ok(out);
        }
        let refused = Refusal::bad_input(
            "others_not_covered",
            Text::of(format!("不能结束：{}。", zh.join("；")), format!("It cannot be ended: {}.", en.join("; "))),
            Text::new(
                "请回到播放页逐段检查：画黑框，或者确认该段认不出他人，再结束。",
                "Go back to the footage and look at it span by span: draw boxes, or say that nobody else can be recognised in the span; then end.",
            ),
        );
        Err(refused.citing(self.gate().packs().cite(clause).into_iter().collect()))
    }

    /// The line of a session in which others were to be covered and which no person ended: it says what was shown and not looked at. It is over,
    /// so nothing is refused. `None`: there is none, or nobody was to be covered in it.
    ///
    /// # Errors
    /// The store.
    pub(super) async fn unended_line(&self, by: AccountId, row: &RequestRow) -> Result<Option<NewRegister>, Refusal> {
        let app = &row.application;
        let Some((session, clause)) = row.session.zip(app.covered().cloned()) else { return Ok(None) };
        let done = self.on_cameras(row, &session).await?;
        let officers = self.people_of(app, &[session.first, session.second]).await?;
        let mut line = register_line(row, &officers, by, "session", Text::default(), vec![clause]);
        put_covered(&mut line, &done, app, session.first);
        line.text = Text::of(
            format!("查看没有由人结束。{}", line.text.zh),
            format!("No person ended the viewing. {}", line.text.en),
        );
        Ok(Some(line))
    }

    /// Ends such a session with its line, before its order is answered.
    ///
    /// # Errors
    /// The store.
    async fn close_unended(&self, by: AccountId, row: &RequestRow) -> Result<(), Refusal> {
        if let Some((session, line)) = row.session.zip(self.unended_line(by, row).await?) {
            // Where it is another one by now, whoever put that there has written the line of this.
            self.store().end_request_session(row.id, &session, line, self.now().utc).await?;
        }
        Ok(())
    }

    /// Ends the sessions of an order in which others were to be covered: those that still run are judged before the order is answered.
    ///
    /// # Errors
    /// As `end_session`.
    pub(super) async fn end_covered(&self, by: &Actor, order: OrderId) -> Result<(), Refusal> {
        let now = self.now().utc;
        for request in self.store().requests_of_order(order).await.map_err(StoreError::from)? {
            let row = self.request(by, request).await?;
            let covered = row.application.under.as_ref().is_some_and(|under| under.covered.is_some());
            if covered && row.session.is_some_and(|session| now < session.until) {
                self.end_session(by, request).await?;
            } else {
                self.close_unended(by.id, &row).await?;
            }
        }
        Ok(())
    }

    /// Before an order ends by itself: the lines of its sessions that nobody ended, as of who began them. False where one could not be written; then
    /// it is tried again.
    ///
    /// # Errors
    /// The store.
    pub(super) async fn closed_by_themselves(&self, order: OrderId) -> Result<bool, StoreError> {
        for request in self.store().requests_of_order(order).await? {
            let Some(row) = self.store().request(request).await? else { continue };
            let Some(session) = row.session else { continue };
            if let Err(refusal) = self.close_unended(session.first, &row).await {
                tracing::warn!(code = %refusal.code, %order, "the line of a showing that nobody ended was not written");
                return Ok(false);
            }
        }
        Ok(true)
    }
}
