//! The demo's police: for each province a second `jifang serve`, a process with its own database, log and accounts. That of the site's own
//! province takes the site's reports; each has offices, people and cases under way.
//!
//! ```text
//! demo/<word>.toml ─▶ places ─▶ prepare, while the server is stopped:
//!     first start: clock at the day before the oldest case ─▶ people ─▶ cases ─▶ clock at now
//!     every start: new passwords · the address that codes on papers lead to · the site admitted by its two keys
//! ─▶ `jifang serve` ─▶ the site (of another province: `neighbour`) is told where its police are; from there on both only meet on the bus
//! ```
//! Always true: what the demo tells of the past went through the acts of the authority, in the order of its days, before anybody used the
//! server; a folder is told once, one whose telling was cut off is begun anew.

mod cases;
mod neighbour;
mod people;
mod places;
mod visits;

pub use neighbour::NeighbourPorts;
pub use places::{COUNT, Place, places};

use crate::demo::actor;
use anyhow::Context;
use authority::{Admission, Authority, By};
use base::SiteId;
use cases::Desk;
use neighbour::{Neighbour, Running};
use people::{Hall, Told};
use site::{Site, SiteClock, SiteConfig};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use store::peers::PeerState;
use store::{Store, StoreConfig};

/// The file in a folder of data that says how far its story was told.
const MARK: &str = "demo-cases";
/// What it says while the story is told.
const BEGUN: &str = "begun";
/// What it says afterwards.
const TOLD: &str = "told";

/// Where a server of the police is to listen.
#[derive(Clone, Copy, Debug)]
pub struct Listen {
    /// Its pages.
    pub http: SocketAddr,
    /// Its end of the way between servers.
    pub bus: SocketAddr,
}

/// The running servers of the police, and the sites of the other provinces; they end with this value.
pub struct Police {
    servers: Vec<Server>,
    sites: Vec<Running>,
}

/// One of them.
struct Server {
    child: Child,
    http: SocketAddr,
    name: String,
    accounts: Vec<Told>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its input ends, and it with it: what it was receiving is stored whole or not at all.
        self.child.stdin.take();
        let _ = self.child.wait();
    }
}

impl Drop for Police {
    fn drop(&mut self) {
        // All are told to end before one is waited for.
        for server in &mut self.servers {
            server.child.stdin.take();
        }
    }
}

impl Police {
    /// Addresses and accounts, once. The first line of the first server is where the site's reports arrive.
    pub fn print(&self) {
        self.sites.iter().for_each(Running::print);
        for (n, server) in self.servers.iter().enumerate() {
            let http = server.http;
            if n == 0 {
                println!("  公安机关服务器 / the police's server      http://{http}/inbox");
            } else {
                println!("  另一省份的公安机关 / the police of another province");
            }
            println!("    {}", server.name);
            println!("    公开网站 / public site     http://{http}/public");
            println!("    办件 / cases               http://{http}/cases");
            for told in &server.accounts {
                let role = told.role.name();
                let office = if told.office.is_empty() { String::new() } else { format!("  {}", told.office) };
                println!("    {:<12} {:<12} {} / {}{office}", told.login, told.secret, role.zh, role.en);
            }
            println!();
        }
        use std::io::Write;
        let _ = std::io::stdout().flush();
    }
}

/// A site as its police know it: keys, name, unit, province and, where it is known, division.
struct Peer {
    vkey: String,
    pin: String,
    name: String,
    unit: String,
    jurisdiction: String,
    division: String,
    site: SiteId,
}

/// A stopped server that is ready to start.
struct Ready {
    accounts: Vec<Told>,
    /// What a site pastes to reach it.
    connection: String,
    /// What was refused while its story was told, one line a case.
    refused: Vec<String>,
}

/// Prepares and starts the police of every place, each where it is to listen, and tells the site of the first; each other one that has a site of
/// its own in the data gets that, on these ports.
///
/// # Errors
/// A folder, a store or a process that does not start.
pub async fn start(
    site: &Site,
    data: &Path,
    places: &[Place],
    at: &[Listen],
    ports: &[NeighbourPorts],
) -> anyhow::Result<Police> {
    let admin = actor(site, "admin").await?;
    let view = site.link_view(&admin).await?;
    let profile = site.profile();
    let peer = Peer {
        vkey: view.vkey.clone(),
        pin: view.pin.to_string(),
        name: profile.name.clone(),
        unit: places.first().map(|place| place.unit.clone()).unwrap_or_default(),
        jurisdiction: profile.law.jurisdiction.key().to_string(),
        division: String::new(),
        site: site.store().site(),
    };
    let mut others = neighbours(data, places, ports).await;
    let mut peers = vec![Some(peer)];
    for (place, other) in places.iter().zip(&others).skip(1) {
        peers.push(match (&place.site, other) {
            (Some(stands), Some(other)) => match other.peer(stands).await {
                Ok(peer) => Some(peer),
                Err(error) => {
                    eprintln!("另一省份的使用单位没有登记 / the site of another province was not admitted: {error:#}");
                    None
                }
            },
            _ => None,
        });
    }
    let folders: Vec<PathBuf> = places.iter().enumerate().map(|(n, place)| folder(data, n, place)).collect();
    let runtime = tokio::runtime::Handle::current();
    // Side by side, each on a thread of its own: telling a province's cases takes a core for seconds in a build that is not optimised.
    let ready = std::thread::scope(|threads| {
        let mut working = Vec::new();
        for (((place, data), at), peer) in places.iter().zip(&folders).zip(at).zip(&peers) {
            let (runtime, peer) = (&runtime, peer.as_ref());
            working.push(threads.spawn(move || runtime.block_on(prepare(place, data, *at, peer))));
        }
        let done = working.into_iter().map(|one| one.join().map_err(|_| anyhow::anyhow!("a thread ended early"))?);
        done.collect::<anyhow::Result<Vec<Ready>>>()
    })?;
    for line in ready.iter().flat_map(|ready| &ready.refused) {
        eprintln!("演示案件办到此处被拒绝 / a case of the demo was refused here: {line}");
    }
    let connection = ready.first().map(|first| first.connection.clone()).context("the demo has no police")?;
    let (mut servers, mut sites) = (Vec::new(), Vec::new());
    for (other, ready) in others.iter_mut().zip(&ready) {
        let Some(other) = other.take() else { continue };
        match other.start(&ready.connection).await {
            Ok(running) => sites.push(running),
            Err(error) => {
                eprintln!("另一省份的使用单位没有启动 / the site of another province did not start: {error:#}")
            }
        }
    }
    for (((place, data), at), ready) in places.iter().zip(&folders).zip(at).zip(ready) {
        let child = spawn(data, *at)?;
        servers.push(Server { child, http: at.http, name: place.name.clone(), accounts: ready.accounts });
    }
    site.set_link(&admin, &connection).await?;
    Ok(Police { servers, sites })
}

/// The sites of the other provinces, prepared; none for the first place, whose site is the demo's own.
async fn neighbours(data: &Path, places: &[Place], ports: &[NeighbourPorts]) -> Vec<Option<Neighbour>> {
    let mut out = Vec::new();
    let mut free = ports.iter();
    for (n, place) in places.iter().enumerate() {
        let stands = place.site.as_ref().filter(|_| n > 0);
        let Some((stands, ports)) = stands.and_then(|stands| Some((stands, free.next()?))) else {
            out.push(None);
            continue;
        };
        let folder = data.join(format!("site-{}", place.word));
        out.push(match Neighbour::open(stands, place.jurisdiction, &folder, *ports).await {
            Ok(other) => Some(other),
            Err(error) => {
                eprintln!("另一省份的使用单位没有准备好 / the site of another province is not ready: {error:#}");
                None
            }
        });
    }
    out
}

/// `authority` for the first, `authority-<word>` for the others.
fn folder(data: &Path, n: usize, place: &Place) -> PathBuf {
    if n == 0 { data.join("authority") } else { data.join(format!("authority-{}", place.word)) }
}

fn spawn(data: &Path, at: Listen) -> anyhow::Result<Child> {
    let config = format!(
        "data = {:?}\nhttp = \"{}\"\nlog = \"warn\"\n[authority]\nlisten = \"{}\"\n",
        data.display().to_string(),
        at.http,
        at.bus
    );
    spawn_serve(data, &config)
}

/// A server over a data folder, with this configuration; it ends when its input does.
fn spawn_serve(data: &Path, config: &str) -> anyhow::Result<Child> {
    let file = data.join("jifang.toml");
    std::fs::write(&file, config).with_context(|| format!("cannot write `{}`", file.display()))?;
    Command::new(std::env::current_exe().context("own path")?)
        .args(["serve", "--until-input-ends", "--config"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("cannot start a server of the demo")
}

/// Accounts, story and the admitted site, in the stopped server's data folder.
async fn prepare(place: &Place, data: &Path, at: Listen, peer: Option<&Peer>) -> anyhow::Result<Ready> {
    let is_new = begin(data)?;
    let now = SiteClock::start().now().utc;
    let today = now.shanghai_date();
    let clock = if is_new {
        let packs = law::Packs::embedded().context("the packs of the program")?;
        SiteClock::starting_at(place.days(packs.calendar(), today).dawn())
    } else {
        SiteClock::start()
    };
    let config = StoreConfig { data: data.to_path_buf(), ..StoreConfig::default() };
    let store = Store::open(&config, clock.now().utc).await?;
    let site = Site::offline(store, SiteConfig::default(), clock.clone()).await?;
    let accounts = people::accounts(&site, place).await?;
    let times = clock.clone();
    let bus = at.bus.to_string();
    let authority = Authority::open(site.store().clone(), bus, site.law(), move || times.now().utc).await?;
    let admin = place.people.first().context("the data names no administrator")?;
    let admin = actor(&site, &admin.login).await?;
    let admin = By { account: admin.id, role: admin.role };
    tell_address(&authority, admin, at.http).await?;
    let mut refused = Vec::new();
    if is_new {
        let hall = Hall::furnish(&site, &authority, place, today).await?;
        let desk = Desk { authority: &authority, site: &site, hall: &hall, place, clock: &clock, today };
        refused = desk.tell().await;
        clock.forward_to(SiteClock::start().now().utc);
    }
    if let Some(peer) = peer {
        admit(&site, &authority, peer, admin).await?;
    }
    let connection = authority.connection_text();
    site.stop().await;
    if is_new {
        write_mark(data, TOLD)?;
    }
    Ok(Ready { accounts, connection, refused })
}

/// Where the pages of a server that listens here are opened on this machine.
fn address_of(http: SocketAddr) -> String {
    let reached = if http.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { http.ip() };
    format!("http://{}", SocketAddr::new(reached, http.port()))
}

/// Codes on papers lead to the pages of this start: ports differ from start to start. An address by a name is a person's, and stays.
async fn tell_address(authority: &Authority, admin: By, http: SocketAddr) -> anyhow::Result<()> {
    let of_a_start = |told: &String| told.strip_prefix("http://").is_some_and(|at| at.parse::<SocketAddr>().is_ok());
    let (told, wanted) = (authority.public_address().await?, address_of(http));
    if told.as_ref().is_none_or(of_a_start) && told.as_ref() != Some(&wanted) {
        authority.put_public_address(admin, &wanted).await?;
    }
    Ok(())
}

/// The site is admitted by its two keys, as an administrator would enter them.
async fn admit(site: &Site, authority: &Authority, peer: &Peer, admin: By) -> anyhow::Result<()> {
    let known = site.store().peer_by_pin(&peer.pin).await?;
    if known.is_some_and(|known| known.state == PeerState::Admitted && known.vkey == peer.vkey) {
        return Ok(());
    }
    let form = Admission {
        name: peer.name.clone(),
        unit: peer.unit.clone(),
        jurisdiction: peer.jurisdiction.clone(),
        ..Admission::default()
    };
    authority.enter(&peer.vkey, &peer.pin, &form, admin).await?;
    if !peer.division.is_empty() {
        authority.place_site(peer.site, &peer.division, admin).await?;
    }
    Ok(())
}

fn write_mark(data: &Path, word: &str) -> anyhow::Result<()> {
    let mark = data.join(MARK);
    std::fs::write(&mark, format!("{word}\n")).with_context(|| format!("cannot write `{}`", mark.display()))
}

/// Whether the story of this folder is still to be told. One whose telling was cut off was used by nobody and is made anew; one of before
/// there were stories goes on without.
fn begin(data: &Path) -> anyhow::Result<bool> {
    let mark = data.join(MARK);
    match std::fs::read_to_string(&mark) {
        Ok(said) if said.trim() == BEGUN => {
            std::fs::remove_dir_all(data).with_context(|| format!("cannot remove `{}`", data.display()))?;
        }
        Ok(_) => return Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if data.exists() {
                return Ok(false);
            }
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", mark.display())),
    }
    std::fs::create_dir_all(data).with_context(|| format!("cannot make `{}`", data.display()))?;
    write_mark(data, BEGUN)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use law::Jurisdiction;
    use std::sync::Arc;
    use store::casework::cases::{CaseFilter, CaseRow};
    use store::casework::registers::RowFilter;
    use store::casework::worklist::WorkFilter;

    const fn local(port: u16) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
    }

    #[test]
    fn codes_lead_to_where_the_pages_are_opened() {
        assert_eq!(address_of(local(8080)), "http://127.0.0.1:8080");
        assert_eq!(address_of("0.0.0.0:8080".parse().unwrap()), "http://127.0.0.1:8080");
        assert_eq!(address_of("[::1]:8080".parse().unwrap()), "http://[::1]:8080");
    }

    #[test]
    fn a_folder_is_told_once_and_one_that_was_cut_off_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("authority");
        assert!(begin(&data).unwrap(), "nothing is there");
        std::fs::write(data.join("half"), "x").unwrap();
        assert!(begin(&data).unwrap(), "cut off");
        assert!(!data.join("half").exists(), "nothing of it is kept");
        write_mark(&data, TOLD).unwrap();
        std::fs::write(data.join("kept"), "x").unwrap();
        assert!(!begin(&data).unwrap() && data.join("kept").exists());
        std::fs::remove_file(data.join(MARK)).unwrap();
        assert!(!begin(&data).unwrap() && data.join("kept").exists(), "of before there were stories");
    }

    #[tokio::test]
    async fn every_case_of_the_data_is_told_whole_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        for place in places(Jurisdiction::ALL[0]).unwrap() {
            let data = folder.path().join(&place.word);
            let at = |port| Listen { http: local(port), bus: local(1) };
            let first = prepare(&place, &data, at(80), None).await.unwrap();
            assert!(first.refused.is_empty(), "{:#?}", first.refused);
            let second = prepare(&place, &data, at(81), None).await.unwrap();
            assert_eq!(second.connection, first.connection, "the same server");
            assert_ne!(second.accounts[0].secret, first.accounts[0].secret, "new passwords at each start");

            let now = SiteClock::start().now().utc;
            let config = StoreConfig { data, ..StoreConfig::default() };
            let store = Store::open(&config, now).await.unwrap();
            let cases = store.cases(&CaseFilter::default(), 100).await.unwrap();
            assert_eq!(cases.len(), place.cases.len(), "{}", place.word);
            assert!(cases.iter().all(|case| case.opened <= case.last && case.last < now));
            for case in &cases {
                assert!(store.check_case(case.id).await.unwrap().is_empty(), "{}: as the log says", case.number);
            }
            let is = |outcome: &str| cases.iter().any(|case| case.head.outcome.as_deref() == Some(outcome));
            assert!(is("filed") && is("refused"), "{}", place.word);
            // What nobody decided in time comes first in the list of its office.
            let open = store.worklist(&WorkFilter::default(), 100).await.unwrap();
            let due = open.first().and_then(|case| case.head.next.clone()).expect("somebody owes something");
            assert!(due.day < now.shanghai_date(), "{}: {} on {}", place.word, due.clock, due.day);
            let gate = Arc::new(law::Gate::embedded().unwrap());
            let authority = Authority::open(store.clone(), local(1).to_string(), gate, move || now).await.unwrap();
            let address = authority.public_address().await.unwrap();
            assert_eq!(address.as_deref(), Some("http://127.0.0.1:81"), "{}: that of the last start", place.word);
            let admin = store.account_by_login(&place.people[0].login).await.unwrap().unwrap();
            let admin = By { account: admin.id, role: admin.role };
            authority.put_public_address(admin, "https://gaj.example").await.unwrap();
            tell_address(&authority, admin, local(82)).await.unwrap();
            let address = authority.public_address().await.unwrap();
            assert_eq!(address.as_deref(), Some("https://gaj.example"), "a person's stays");
            for service in authority.services(now.shanghai_date()).await.unwrap() {
                let id = &service.procedure.id;
                let under_way = |case: &CaseRow| case.head.procedure == *id && case.head.outcome.is_none();
                assert!(cases.iter().any(under_way), "{}: nobody applies for {id}", place.word);
            }
            let mut borne_out = 0;
            for person in place.people.iter().filter(|p| p.role == domain::access::Role::CaseOfficer) {
                let officer = store.account_by_login(&person.login).await.unwrap().unwrap();
                let officer = By { account: officer.id, role: officer.role };
                for case in cases.iter().filter(|case| case.head.procedure == "acceptance") {
                    // Of those that this officer may know of.
                    let Ok(view) = authority.case(officer, case.id).await else { continue };
                    let doubts = authority.doubts(&view).await.unwrap();
                    assert!(doubts.is_empty(), "{}: its testing body is on the register: {doubts:?}", case.number);
                    borne_out += 1;
                }
            }
            let accepts = place.cases.iter().any(|tale| tale.procedure == "acceptance");
            assert_eq!(borne_out > 0, accepts, "{}: somebody handles its acceptance", place.word);
            for form in authority.row_forms().await.unwrap() {
                let filter = RowFilter { register: form.id.clone(), ..RowFilter::default() };
                let rows = store.register_rows_count(&filter).await.unwrap();
                assert!(rows >= 2, "{}: {rows} in {}, which is kept by hand", place.word, form.id);
            }
            store.close().await;
        }
    }
}
