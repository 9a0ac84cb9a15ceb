//! Admitting sites: nobody is trusted on first sight; a person compares the code, or enters both keys.

use crate::{Authority, By};
use base::{ErrorKind, Refusal, SiteId, Text, UtcMs, limits};
use bus::{Pin, enrolment_code};
use domain::access::Permission;
use domain::form::place_fault;
use domain::identifier::DivisionCode;
use law::Jurisdiction;
use ledger::Vkey;
use std::collections::BTreeSet;
use store::peers::{PeerSite, PeerState};
use store::witness::Conflict;

/// What a person enters about a site.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Name.
    pub name: String,
    /// Responsible unit.
    pub unit: String,
    /// Word of its province: a row of `law/jurisdictions.toml` that has divisions of its own.
    pub jurisdiction: String,
    /// The code compared with the site; empty when both keys are entered.
    pub code: String,
}

/// A site as a long list sorts and searches it: what costs no question of its own.
#[derive(Clone, Debug)]
pub struct SiteRow {
    /// Row.
    pub peer: PeerSite,
    /// Heads of its log contradict each other, and no person has settled it.
    pub contradicts: bool,
}

impl SiteRow {
    /// Fingerprint of its log's key; empty where the key does not read.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        Vkey::parse(&self.peer.vkey).map(|v| v.fingerprint()).unwrap_or_default()
    }
}

/// A site as the page shows it.
#[derive(Clone, Debug)]
pub struct SiteView {
    /// Row.
    pub peer: PeerSite,
    /// Code to compare.
    pub code: String,
    /// Fingerprint of its log's key.
    pub fingerprint: String,
    /// Entries of its log that were witnessed, and when.
    pub witnessed: Option<(u64, UtcMs)>,
    /// Highest message number and how many came.
    pub messages: (u64, u64),
    /// Heads that contradict each other.
    pub conflicts: Vec<Conflict>,
}

/// The site whose log is called `origin` (`jifang/<site id>`).
pub(crate) fn site_of(origin: &str) -> Option<SiteId> {
    SiteId::parse(origin.strip_prefix("jifang/")?)
}

fn wrong(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    let fix = Text::new("请改正后再提交。", "Put it right and send it again.");
    Refusal::bad_input(code, Text::new(zh, en), fix)
}

fn checked(form: &Admission) -> Result<Admission, Refusal> {
    let short = |text: &str| {
        let text = text.trim().to_owned();
        (!text.is_empty() && text.chars().count() <= limits::NAME_CHARS).then_some(text)
    };
    let name =
        short(&form.name).ok_or_else(|| wrong("name", "名称未填写或过长。", "The name is empty or too long."))?;
    let unit = short(&form.unit)
        .ok_or_else(|| wrong("unit", "责任单位未填写或过长。", "The responsible unit is empty or too long."))?;
    let jurisdiction = short(&form.jurisdiction).filter(|j| Jurisdiction::provinces().any(|known| known.key() == j));
    let jurisdiction = jurisdiction.ok_or_else(|| wrong("jurisdiction", "请选择所在省。", "Choose the province."))?;
    Ok(Admission { name, unit, jurisdiction, code: form.code.trim().to_lowercase() })
}

impl Authority {
    /// All sites, those that ask first, then by name: two questions, however many there are.
    ///
    /// # Errors
    /// The store.
    pub async fn site_rows(&self) -> Result<Vec<SiteRow>, Refusal> {
        let caught: BTreeSet<SiteId> = self.store().contradicting_sites().await?.into_iter().collect();
        let peers = self.store().peers().await?;
        Ok(peers.into_iter().map(|peer| SiteRow { contradicts: caught.contains(&peer.site), peer }).collect())
    }

    /// These sites as the page shows them: three questions for each, so a caller gives those of one page.
    ///
    /// # Errors
    /// The store.
    pub async fn site_views(&self, rows: Vec<SiteRow>) -> Result<Vec<SiteView>, Refusal> {
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let fingerprint = row.fingerprint();
            let peer = row.peer;
            out.push(SiteView {
                code: self.code_of(&peer).unwrap_or_default(),
                fingerprint,
                witnessed: self.store().witness_head(peer.site).await?.map(|head| (head.size, head.at)),
                messages: self.store().message_numbers(peer.site).await?,
                conflicts: self.store().conflicts(peer.site).await?,
                peer,
            });
        }
        Ok(out)
    }

    /// A contradiction of a site, by the place of its entry.
    ///
    /// # Errors
    /// No right, no such contradiction, or the store.
    pub async fn conflict(&self, site: SiteId, leaf: u64, by: By) -> Result<Conflict, Refusal> {
        by.needs(Permission::SeeReports).or_else(|_| by.needs(Permission::ManagePeers))?;
        let found = self.store().conflicts(site).await?.into_iter().find(|c| c.leaf == leaf);
        found.ok_or_else(|| Refusal::not_found("该记录", "contradiction"))
    }

    fn code_of(&self, peer: &PeerSite) -> Option<String> {
        let (vkey, pin) = (Vkey::parse(&peer.vkey).ok()?, Pin::parse(&peer.pin)?);
        Some(enrolment_code(&vkey, pin, self.vkey(), self.pin()))
    }

    /// Admits a site that asked: the code that the site's person reads out must be the one of these keys.
    ///
    /// # Errors
    /// No right, a form that is not whole, another code, or the store.
    pub async fn admit(&self, site: SiteId, form: &Admission, by: By) -> Result<(), Refusal> {
        let account = by.needs(Permission::ManagePeers)?;
        let form = checked(form)?;
        let peer = self.store().peer(site).await?.ok_or_else(|| Refusal::not_found("该使用单位", "site"))?;
        if self.code_of(&peer).is_none_or(|code| code != form.code) {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "other_code",
                Text::new(
                    "核对码不符：对方显示的不是这台服务器的请求。",
                    "The code is another one: what the other side shows does not belong to this request.",
                ),
                Text::new(
                    "请与使用单位电话核对双方页面上的核对码；不符时不要接入。",
                    "Compare the codes of both pages by telephone; if they differ, do not admit.",
                ),
            ));
        }
        let Admission { name, unit, jurisdiction, .. } = form;
        let peer = PeerSite { name, unit, jurisdiction, state: PeerState::Admitted, ..peer };
        Ok(self.store().decide_peer(&peer, account, self.now()).await?)
    }

    /// Enters a site by its two keys, which its person has handed over.
    ///
    /// # Errors
    /// As `admit`; keys that do not read; a site that is known.
    pub async fn enter(&self, vkey: &str, pin: &str, form: &Admission, by: By) -> Result<(), Refusal> {
        let account = by.needs(Permission::ManagePeers)?;
        let form = checked(form)?;
        let vkey = Vkey::parse(vkey)
            .map_err(|_| wrong("vkey", "日志公钥格式不对。", "That is not the public key of a site's log."))?;
        let site = site_of(vkey.name())
            .ok_or_else(|| wrong("vkey", "日志公钥格式不对。", "That is not the public key of a site's log."))?;
        let pin = Pin::parse(pin).ok_or_else(|| {
            wrong("pin", "连接密钥指纹应为 64 位十六进制数字。", "The key between servers is 64 hexadecimal digits.")
        })?;
        let now = self.now();
        if self.store().peer(site).await?.is_some_and(|p| p.state == PeerState::Admitted) {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "site_known",
                Text::new("该使用单位已经接入。", "This site is admitted already."),
                Text::new("如需更换密钥，请先停止接入。", "To change its keys, end it first."),
            ));
        }
        let Admission { name, unit, jurisdiction, .. } = form;
        let peer = PeerSite {
            site,
            vkey: vkey.to_string(),
            pin: pin.to_string(),
            name,
            unit,
            jurisdiction,
            state: PeerState::Admitted,
            asked: now,
            decided: None,
            division: String::new(),
        };
        Ok(self.store().decide_peer(&peer, account, now).await?)
    }

    /// Says where an admitted site lies: which offices may have its footage held follows from it.
    ///
    /// # Errors
    /// No right, `division` (none, or of another province than the site), no such site, or the store.
    pub async fn place_site(&self, site: SiteId, division: &str, by: By) -> Result<(), Refusal> {
        let account = by.needs(Permission::ManagePeers)?;
        let no_site = || Refusal::not_found("该使用单位", "site");
        let peer = self.store().peer(site).await?.ok_or_else(no_site)?;
        let code = DivisionCode::parse(division).map_err(|f| Refusal::bad_input("division", f.what(), f.next()))?;
        if Jurisdiction::of_division(code.as_str()).key() != peer.jurisdiction {
            return Err(wrong(
                "division",
                "所选的行政区划不在该单位所在的省。",
                "That division lies in another province than the site.",
            ));
        }
        let today = self.now().shanghai_date();
        if let Some((what, next)) = place_fault(self.gate().packs(), code.as_str(), today) {
            return Err(Refusal::bad_input("division", what, next));
        }
        if self.store().place_peer(site, code.as_str(), account, self.now()).await? {
            return Ok(());
        }
        Err(no_site())
    }

    /// Ends a site: it may ask again only after it was entered anew.
    ///
    /// # Errors
    /// No right, no such site, or the store.
    pub async fn close(&self, site: SiteId, by: By) -> Result<(), Refusal> {
        let account = by.needs(Permission::ManagePeers)?;
        let peer = self.store().peer(site).await?.ok_or_else(|| Refusal::not_found("该使用单位", "site"))?;
        let peer = PeerSite { state: PeerState::Closed, ..peer };
        Ok(self.store().decide_peer(&peer, account, self.now()).await?)
    }
}
