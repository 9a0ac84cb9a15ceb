//! Acts of people on upper platforms: add, change, switch, remove, open and close an emergency. Role, form, row with entry, link.

use super::UpperStatus;
use crate::{Actor, Site};
use base::{CameraId, ClauseId, ErrorKind, Pii, Refusal, Text, UpperId, limits};
use domain::access::Permission;
use law::{Act, Answer, EmergencyUse, OrganKind};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use store::cameras::Source;
use store::uppers::{Emergency, MAX_CHANNELS, MAX_UPPERS, UpperChannel, UpperCharset, UpperConfig, UpperRow};
use wire::gb28181::GbId;

/// Longest emergency opened at once, ms; it can be opened again.
pub const EMERGENCY_MOST_MS: i64 = 24 * 3_600_000;
/// Bounds of the registration time, s (GB/T 28181: default a day, not under an hour).
const EXPIRES_S: (u32, u32) = (3_600, 86_400);
/// Bounds of the keepalive interval, s.
const KEEPALIVE_S: (u32, u32) = (10, 600);
/// Wait after a registration that failed, s (GB/T 28181: at least 60).
const RETRY_S: u32 = 60;
/// Longest password, characters.
const SECRET_CHARS: usize = 128;
/// Type digits of a network camera (GB/T 28181 annex D).
const CAMERA_TYPE: &str = "132";

/// What a person fills in for an upper platform.
#[derive(Clone, Debug)]
pub struct UpperForm {
    /// Name for people.
    pub name: String,
    /// Organ that runs it.
    pub organ: OrganKind,
    /// The demand for networking on file; may be empty.
    pub need: String,
    /// `IP:port`.
    pub address: String,
    /// Its 20-digit code.
    pub platform: String,
    /// Our code towards it.
    pub own: String,
    /// Digest user name; empty: our code.
    pub username: String,
    /// Password; `None` keeps the stored one.
    pub secret: Option<Pii<String>>,
    /// Signalling over TCP.
    pub tcp: bool,
    /// Charset.
    pub charset: UpperCharset,
    /// Registration time, s.
    pub expires_s: u32,
    /// Keepalive interval, s.
    pub keepalive_s: u32,
    /// Cameras it may know.
    pub cameras: Vec<CameraId>,
    /// Switched on.
    pub enabled: bool,
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    Refusal::bad_input(code, Text::new(zh, en), Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn plain(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
}

fn check(form: &UpperForm) -> Result<(), Refusal> {
    if !plain(&form.name, 1, limits::NAME_CHARS) {
        return Err(bad("name", "名称未填写或过长。", "The name is empty or too long."));
    }
    if !plain(&form.need, 0, 200) {
        return Err(bad("need", "联网依据过长。", "The demand for networking is too long."));
    }
    let address = form.address.trim().parse::<SocketAddr>().ok();
    if !address.is_some_and(|a| a.port() != 0 && !a.ip().is_unspecified() && !a.ip().is_multicast()) {
        return Err(bad("address", "地址须形如 10.1.2.3:5060。", "The address looks like 10.1.2.3:5060."));
    }
    for (code, text) in [("platform", &form.platform), ("own", &form.own)] {
        if GbId::parse(text.trim()).is_none() {
            return Err(bad(code, "平台编码须为20位数字。", "A platform code has 20 digits."));
        }
    }
    if form.platform.trim() == form.own.trim() {
        return Err(bad("own", "本平台编码不能与上级平台编码相同。", "Our code cannot be the upper platform's."));
    }
    if !plain(&form.username, 0, 64) {
        return Err(bad("username", "用户名过长。", "The user name is too long."));
    }
    if form.secret.as_ref().is_some_and(|s| s.expose().chars().count() > SECRET_CHARS) {
        return Err(bad("password", "密码最长128个字符。", "The password has 128 characters at most."));
    }
    if !(EXPIRES_S.0..=EXPIRES_S.1).contains(&form.expires_s) {
        return Err(bad("expires_s", "注册有效期须为3600至86400秒。", "The registration time is 3600 to 86400 s."));
    }
    if !(KEEPALIVE_S.0..=KEEPALIVE_S.1).contains(&form.keepalive_s) {
        return Err(bad("keepalive_s", "心跳周期须为10至600秒。", "The keepalive interval is 10 to 600 s."));
    }
    if form.cameras.len() > MAX_CHANNELS {
        return Err(bad("cameras", "选择的通道过多。", "Too many channels were chosen."));
    }
    Ok(())
}

/// Codes for the chosen cameras: the one it has for this platform already, else its national code, else a new one of this site.
fn channels(site: &Site, form: &UpperForm, old: &[UpperChannel]) -> Vec<UpperChannel> {
    let cameras: BTreeSet<CameraId> = form.cameras.iter().copied().collect();
    let mut used: BTreeSet<String> =
        old.iter().filter(|c| cameras.contains(&c.camera)).map(|c| c.code.clone()).collect();
    used.insert(form.own.trim().to_owned());
    let base = form.own.trim().get(..10).unwrap_or_default();
    let mut serial = 0_u32;
    let mut fresh = |used: &BTreeSet<String>| loop {
        serial += 1;
        let code = format!("{base}{CAMERA_TYPE}0{serial:06}");
        // A set of at most a few thousand codes cannot hold a million.
        if !used.contains(&code) || serial >= 999_999 {
            return code;
        }
    };
    let mut out = Vec::new();
    for id in cameras {
        if let Some(known) = old.iter().find(|c| c.camera == id) {
            out.push(known.clone());
            continue;
        }
        let Some(camera) = site.camera(id) else { continue };
        let national = match camera.row().source {
            Source::Gb28181 { channel, .. } if !used.contains(&channel) => Some(channel),
            Source::Gb28181 { .. } | Source::Rtsp { .. } => None,
        };
        let code = national.unwrap_or_else(|| fresh(&used));
        used.insert(code.clone());
        out.push(UpperChannel { camera: id, code });
    }
    out
}

/// The same link with the same or fewer channels.
fn narrows(new: &UpperConfig, old: &UpperConfig) -> bool {
    let same = UpperConfig { channels: old.channels.clone(), name: old.name.clone(), ..new.clone() };
    same == *old && new.channels.iter().all(|c| old.channels.contains(c))
}

impl Site {
    /// The links to upper platforms.
    #[must_use]
    pub fn uppers(&self) -> &super::Uppers {
        self.links()
    }

    /// Upper platforms with their state.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn upper_platforms(&self, by: &Actor) -> Result<Vec<(UpperRow, UpperStatus)>, Refusal> {
        by.needs(Permission::SeeDevices)?;
        let rows = self.store().uppers().await?;
        Ok(rows.into_iter().map(|r| (self.uppers().status(r.id).unwrap_or_default(), r)).map(|(s, r)| (r, s)).collect())
    }

    /// What the law says today to a platform's watching.
    #[must_use]
    pub fn ask_upper_view(&self, row: &UpperRow) -> Answer {
        super::watch::lawful(self, row)
    }

    /// Adds an upper platform. One that is switched on is connected, and that is asked of the law (B-23-2-2, A-24-3).
    ///
    /// # Errors
    /// No permission, the form's defects, the law, or the store.
    pub async fn add_upper(&self, by: &Actor, form: UpperForm) -> Result<UpperId, Refusal> {
        by.needs(Permission::ManageDevices)?;
        check(&form)?;
        let now = self.now().utc;
        let id = UpperId::new(now.0, store::keys::random().map_err(store::StoreError::from)?);
        let secret = form.secret.clone();
        let row = UpperRow { id, config: self.upper_config(&form, &[], None), secret, created: now, removed: None };
        let clauses = self.may_connect(by, &row).await?;
        let name = &row.config.name;
        let text = Text::of(format!("新增上级平台：{name}。"), format!("Upper platform added: {name}."));
        self.store_lawful_upper(by, row, ("upper.added", &clauses), text).await?;
        Ok(id)
    }

    /// Changes an upper platform; its link starts anew, and views end that the new settings do not allow. What only takes channels from it
    /// or switches it off is not asked of the law: nobody connects anything by it.
    ///
    /// # Errors
    /// As `add_upper`, and `not_found`.
    pub async fn change_upper(&self, by: &Actor, id: UpperId, form: UpperForm) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        check(&form)?;
        let old = self.active_upper(id).await?;
        let config = self.upper_config(&form, &old.config.channels, old.config.emergency.clone());
        let less = form.secret.is_none() && narrows(&config, &old.config);
        let row = UpperRow { config, secret: form.secret.or(old.secret), ..old };
        let clauses = if less { vec![] } else { self.may_connect(by, &row).await? };
        let name = &row.config.name;
        let text = Text::of(format!("修改上级平台：{name}。"), format!("Upper platform changed: {name}."));
        self.store_lawful_upper(by, row, ("upper.changed", &clauses), text).await
    }

    /// Asks the law about a platform that is to be connected; one that is switched off is only written down.
    async fn may_connect(&self, by: &Actor, row: &UpperRow) -> Result<Vec<ClauseId>, Refusal> {
        if !row.config.enabled {
            return Ok(vec![]);
        }
        let facts = super::watch::facts(row, self.now().utc);
        self.lawful(by, None, Act::ConnectPlatform(facts)).await
    }

    /// Removes an upper platform; its views end.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn remove_upper(&self, by: &Actor, id: UpperId) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        let old = self.active_upper(id).await?;
        let name = &old.config.name;
        let text = Text::of(format!("移除上级平台：{name}。"), format!("Upper platform removed: {name}."));
        let row = UpperRow { removed: Some(self.now().utc), ..old };
        self.store_upper(by, row, "upper.removed", text).await
    }

    /// Enters an emergency that the organ stated (A-24-3): until `hours` from now it may watch directly. Where no clause lets an organ
    /// do so, it is refused by law, and the refusal is logged. Whoever enters it owes an explanation afterwards (`crate::emergencies`).
    ///
    /// # Errors
    /// No permission, no reason, more than a day, the law, `not_found`, or the store.
    pub async fn open_emergency(&self, by: &Actor, id: UpperId, reason: &str, hours: u32) -> Result<(), Refusal> {
        by.needs(Permission::DecideUse)?;
        let ms = i64::from(hours) * 3_600_000;
        if !plain(reason, 1, 200) {
            return Err(bad(
                "reason",
                "请写明哪个机关、因何紧急情况提出。",
                "Say which organ stated it, and which emergency.",
            ));
        }
        if !(1..=EMERGENCY_MOST_MS).contains(&ms) {
            return Err(bad("hours", "时长须为1至24小时。", "The time is 1 to 24 hours."));
        }
        let mut row = self.active_upper(id).await?;
        let stated = EmergencyUse { organ: row.config.organ, emergency_stated: true };
        let clauses = self.lawful(by, None, Act::EmergencyUse(stated)).await?;
        let from = self.now().utc;
        row.config.emergency = Some(Emergency { reason: reason.trim().to_owned(), from, until: from.plus_ms(ms) });
        let (name, until) = (&row.config.name, from.plus_ms(ms).desk());
        let text = Text::of(
            format!("上级平台「{name}」进入紧急直接使用，至 {until}。"),
            format!("Emergency direct use by upper platform \"{name}\" until {until}."),
        );
        let owed = self.owed_for_emergency(clauses, from).await?;
        let stored = self.store().open_emergency(&row, &owed, text, by.id, from).await?;
        self.stored_upper(row, stored).await?;
        self.tell_emergencies().await;
        Ok(())
    }

    /// Ends an emergency before its time; what is watched under it ends.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn close_emergency(&self, by: &Actor, id: UpperId) -> Result<(), Refusal> {
        by.needs(Permission::DecideUse)?;
        let mut row = self.active_upper(id).await?;
        let now = self.now().utc;
        let Some(emergency) = row.config.emergency.as_mut().filter(|e| e.until > now) else {
            return Err(Refusal::not_found("进行中的紧急使用", "emergency"));
        };
        emergency.until = now;
        let name = &row.config.name;
        let text = Text::of(
            format!("上级平台「{name}」的紧急直接使用结束。"),
            format!("Emergency direct use by upper platform \"{name}\" is over."),
        );
        self.store_upper(by, row, "upper.emergency_over", text).await
    }

    async fn active_upper(&self, id: UpperId) -> Result<UpperRow, Refusal> {
        let row = self.store().upper(id).await?.filter(|u| u.removed.is_none());
        row.ok_or_else(|| Refusal::not_found("该上级平台", "upper platform"))
    }

    async fn store_upper(&self, by: &Actor, row: UpperRow, kind: &'static str, text: Text) -> Result<(), Refusal> {
        self.store_lawful_upper(by, row, (kind, &[]), text).await
    }

    async fn store_lawful_upper(
        &self,
        by: &Actor,
        row: UpperRow,
        kind: (&'static str, &[ClauseId]),
        text: Text,
    ) -> Result<(), Refusal> {
        let stored = self.store().put_lawful_upper(&row, kind, text, by.id, self.now().utc).await?;
        self.stored_upper(row, stored).await
    }

    async fn stored_upper(&self, row: UpperRow, stored: Option<u64>) -> Result<(), Refusal> {
        if stored.is_none() {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "too_many_platforms",
                Text::of(
                    format!("上级平台最多 {MAX_UPPERS} 个，没有保存。"),
                    format!("There can be {MAX_UPPERS} upper platforms at most; nothing was saved."),
                ),
                Text::new("请先移除不再使用的平台。", "Remove one that is no longer used first."),
            ));
        }
        // A crash here: the row counts, the link starts with the server.
        self.uppers().put(self, row).await;
        Ok(())
    }

    fn upper_config(&self, form: &UpperForm, old: &[UpperChannel], emergency: Option<Emergency>) -> UpperConfig {
        let own = form.own.trim().to_owned();
        let username = form.username.trim();
        UpperConfig {
            name: form.name.trim().to_owned(),
            organ: form.organ,
            need: form.need.trim().to_owned(),
            address: form.address.trim().to_owned(),
            platform: form.platform.trim().to_owned(),
            username: if username.is_empty() { own.clone() } else { username.to_owned() },
            own,
            tcp: form.tcp,
            charset: form.charset,
            expires_s: form.expires_s,
            keepalive_s: form.keepalive_s,
            retry_s: RETRY_S,
            channels: channels(self, form, old),
            emergency,
            enabled: form.enabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::rig::{Rig, upper_form};
    use domain::access::Role;
    use law::Jurisdiction;

    #[tokio::test]
    async fn an_emergency_is_entered_by_the_clause_that_allows_it_and_refused_where_none_does() {
        for (jurisdiction, clauses) in [(Jurisdiction::Liaoning, Some("A-24-3")), (Jurisdiction::Heilongjiang, None)] {
            let rig = Rig::start(jurisdiction).await;
            let manager = rig.person("manager", Role::SecurityManager).await;
            let custodian = rig.person("custodian", Role::InformationCustodian).await;
            let id = rig.site.add_upper(&manager, upper_form(false)).await.unwrap();
            let opened = rig.site.open_emergency(&custodian, id, "指挥中心：现场有人持刀", 1).await;
            let entered = rig.acts("upper.emergency").await;
            match clauses {
                Some(clause) => {
                    opened.unwrap();
                    assert_eq!(entered[0].clauses, [clause]);
                }
                None => {
                    assert_eq!(opened.unwrap_err().kind, ErrorKind::Unlawful);
                    assert!(entered.is_empty());
                    assert_eq!(rig.acts("act.refused").await.len(), 1, "the attempt is on record");
                    let row = rig.site.store().upper(id).await.unwrap().unwrap();
                    assert!(row.config.emergency.is_none());
                }
            }
        }
    }

    #[test]
    fn a_form_that_cannot_work_is_refused_with_its_field() {
        assert!(check(&upper_form(true)).is_ok());
        let code = |change: &dyn Fn(&mut UpperForm)| {
            let mut form = upper_form(true);
            change(&mut form);
            check(&form).map_err(|refusal| refusal.code)
        };
        let refused = |field: &str| Err::<(), _>(field.to_owned());
        assert_eq!(code(&|f| f.name = "  ".into()), refused("name"));
        assert_eq!(code(&|f| f.name = "a\nb".into()), refused("name"));
        assert_eq!(code(&|f| f.need = "x".repeat(201)), refused("need"));
        for address in ["", "10.1.2.3", "host:5060", "0.0.0.0:5060", "224.0.0.1:5060", "10.1.2.3:0"] {
            assert_eq!(code(&|f| f.address = address.into()), refused("address"), "{address}");
        }
        assert_eq!(code(&|f| f.platform = "2301".into()), refused("platform"));
        assert_eq!(code(&|f| f.own = "2301000000200000000x".into()), refused("own"));
        assert_eq!(code(&|f| f.own = f.platform.clone()), refused("own"));
        assert_eq!(code(&|f| f.expires_s = 3_599), refused("expires_s"));
        assert_eq!(code(&|f| f.expires_s = 86_401), refused("expires_s"));
        assert_eq!(code(&|f| f.keepalive_s = 9), refused("keepalive_s"));
        assert_eq!(code(&|f| f.username = "u".repeat(65)), refused("username"));
        assert_eq!(code(&|f| f.secret = Some(Pii::new("密".repeat(SECRET_CHARS)))), Ok(()));
        assert_eq!(code(&|f| f.secret = Some(Pii::new("密".repeat(SECRET_CHARS + 1)))), refused("password"));
        let many = || (0..=MAX_CHANNELS).map(|n| CameraId::new(n as i64, [0; 10])).collect();
        assert_eq!(code(&|f| f.cameras = many()), refused("cameras"));
    }
}
