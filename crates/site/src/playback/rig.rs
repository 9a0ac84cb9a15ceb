//! A site for tests: a true store in a temporary folder, accounts with passwords, cameras whose footage is written by hand.

use crate::accounts::AccountForm;
use crate::upper::UpperForm;
use crate::use_of_information::{Decision, Letter, UseForm};
use crate::{Actor, Profile, Site, SiteClock, SiteConfig};
use base::{AccountId, CameraId, ContainerId, Pii, RequestId, UtcMs};
use bytes::Bytes;
use domain::access::Role;
use domain::recording::{Cut, GapCause};
use domain::viewing::{Basis, Use};
use futures_util::{Stream, StreamExt};
use law::{Jurisdiction, OrganKind, SiteProfile};
use media::fragment::{Builder, Tracks};
use media::{AudioConfig, Codec, Frame, VideoConfig};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::PoisonError;
use std::time::Duration;
use store::cameras::{CameraRow, Source};
use store::footage::{FootageWriter, Job, NewFragment};
use store::logbook::{ActFilter, ActRow};
use store::uppers::UpperCharset;
use store::{Store, StoreConfig};

/// Password of every account.
pub(crate) const PASSWORD: &str = "correct-horse-battery-9";
/// Length of a fragment that `record` writes, ms.
pub(crate) const GOP_MS: i64 = 2_000;

/// The site and its folder.
pub(crate) struct Rig {
    pub(crate) site: Site,
    pub(crate) writer: FootageWriter,
    pub(crate) dir: tempfile::TempDir,
}

/// What a person types about an upper platform of the police; nothing listens there.
pub(crate) fn upper_form(enabled: bool) -> UpperForm {
    UpperForm {
        name: "市公安局".into(),
        organ: OrganKind::Police,
        need: String::new(),
        address: "127.0.0.1:9".into(),
        platform: "23010000002000000009".into(),
        own: "23010000002000000001".into(),
        username: String::new(),
        secret: None,
        tcp: false,
        charset: UpperCharset::Gb18030,
        expires_s: 86_400,
        keepalive_s: 60,
        cameras: vec![],
        enabled,
    }
}

/// Pictures that a decoder may begin with, of one of two streams.
pub(crate) fn h264(other: bool) -> VideoConfig {
    let unhex = |text: &str| Bytes::from(base::unhex(text).unwrap());
    let (sps, pps) = (unhex("6742c00dd90141fb011000000300100000030320f142a480"), unhex("68cb83cb20"));
    let pps = if other { unhex("68cb83cb21") } else { pps };
    VideoConfig { codec: Codec::H264, vps: Bytes::new(), sps, pps, width_px: 320, height_px: 240 }
}

fn alaw() -> AudioConfig {
    AudioConfig { codec: Codec::G711A, rate_hz: 8_000, channels: 1, specific: Bytes::new() }
}

impl Rig {
    pub(crate) async fn start(jurisdiction: Jurisdiction) -> Self {
        let rig = Self::on(tempfile::tempdir().unwrap(), 0).await;
        let profile =
            Profile { name: "示范银行".into(), address: String::new(), law: SiteProfile::new(jurisdiction) };
        crate::profile::save(rig.site.store(), &profile, None, rig.site.now().utc).await.unwrap();
        rig.site.put_profile(profile, vec![]);
        rig
    }

    /// The same folder after a stop, its time `ahead_ms` before that of the machine.
    pub(crate) async fn again(self, ahead_ms: i64) -> Self {
        let Self { site, writer, dir } = self;
        drop(writer);
        site.stop().await;
        drop(site);
        Self::on(dir, ahead_ms).await
    }

    async fn on(dir: tempfile::TempDir, ahead_ms: i64) -> Self {
        let clock = SiteClock::start();
        clock.advance(ahead_ms);
        let config = StoreConfig { data: dir.path().to_path_buf(), ..StoreConfig::default() };
        let store = Store::open(&config, clock.now().utc).await.unwrap();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config =
            SiteConfig { sip: any, gb_media: any, dc09: any, live: any, reserve_bytes: 0, ..SiteConfig::default() };
        let site = Site::start(store, config, clock).await.unwrap();
        let writer = site.0.writer.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap();
        Self { site, writer, dir }
    }

    pub(crate) async fn person(&self, login: &str, role: Role) -> Actor {
        let officer = role == Role::PoliceOfficer;
        let form = AccountForm {
            login: login.into(),
            name: Pii::new(format!("姓名{login}")),
            badge: officer.then(|| Pii::new(format!("2300-{login}"))),
            unit: "某某公安分局".into(),
            role,
            password: Pii::new(PASSWORD.into()),
        };
        let id = self.site.add_account_locally(&form).await.unwrap();
        self.site.store().account(id).await.unwrap().unwrap().into()
    }

    /// A camera that is in the rows but not run: its footage is written by `record`.
    pub(crate) async fn camera(&self, name: &str, created: UtcMs) -> CameraId {
        let id = CameraId::new(created.0, store::keys::random().unwrap());
        let row = CameraRow {
            id,
            name: name.into(),
            place: "营业大厅".into(),
            place_kind: law::PlaceKind::Lobby.key().into(),
            faces_homes: false,
            audio: true,
            installer: "managing_unit".into(),
            approval: String::new(),
            sign: Some(created),
            priority: 5,
            source: Source::Rtsp { url: "rtsp://127.0.0.1:9/none".into(), user: String::new(), udp: false },
            secret: None,
            created,
            removed: None,
        };
        self.site.store().put_camera(&row, &[], AccountId::from_bytes([9; 16]), created).await.unwrap();
        id
    }

    /// Opens a container that begins at `from`.
    pub(crate) fn open(&self, camera: CameraId, from: UtcMs, other: bool) {
        let container = ContainerId::new(from.0, store::keys::random().unwrap());
        let (video, audio) = (Box::new(h264(other)), Some(Box::new(alaw())));
        self.send(Job::Open { camera, container, start: from, video, audio, priority: 5 });
    }

    /// Writes `count` fragments of two seconds with sound, spans of five. The end.
    pub(crate) fn fragments(&self, camera: CameraId, from: UtcMs, count: i64) -> UtcMs {
        let tracks = Tracks::of(&h264(false), Some(&alaw())).unwrap();
        for n in 0..count {
            let start = from.plus_ms(n * GOP_MS);
            let first = start.0 * 90;
            let mut frames = Builder::new(tracks);
            for picture in 0..50_i64 {
                let size = if picture == 0 { 3_000 } else { 60 + usize::try_from(picture).unwrap() };
                let data = vec![u8::try_from((start.0 / GOP_MS + picture) % 251).unwrap(); size];
                let frame = Frame {
                    codec: Codec::H264,
                    pts_90k: first + picture * 3_600,
                    key: picture == 0,
                    data: data.into(),
                };
                frames.push(frame).unwrap();
            }
            for run in 0..100_i64 {
                let data = vec![u8::try_from(run).unwrap() ^ 0x55; 160];
                frames
                    .push(Frame { codec: Codec::G711A, pts_90k: first + run * 1_800, key: true, data: data.into() })
                    .unwrap();
            }
            let cut = Cut { start, end_pts_90k: first + 180_000, duration_90k: 180_000, starts_with_key: true };
            self.send(Job::Fragment(camera, Box::new(NewFragment { frames, cut, clock_error_ms: Some(-120) })));
            if n % 5 == 4 {
                self.send(Job::Span(camera));
            }
        }
        from.plus_ms(count * GOP_MS)
    }

    /// A whole container; returns when it is committed.
    pub(crate) async fn record(&self, camera: CameraId, from: UtcMs, count: i64) -> UtcMs {
        self.open(camera, from, false);
        let end = self.fragments(camera, from, count);
        self.send(Job::Seal(camera, end));
        self.committed(camera, from, end).await;
        end
    }

    pub(crate) fn gap_cause(&self, camera: CameraId, cause: GapCause) {
        self.send(Job::GapOpen(camera, cause));
    }

    pub(crate) fn send(&self, job: Job) {
        assert!(self.writer.send(job), "the queue has room");
    }

    /// Waits until the fragments of a range have their place in the log.
    pub(crate) async fn committed(&self, camera: CameraId, from: UtcMs, to: UtcMs) {
        for _ in 0..2_400 {
            let list = self.site.store().fragments(camera, from, to).await.unwrap();
            let whole = list.last().is_some_and(|l| l.frag.end() >= to);
            if whole && list.iter().all(|l| l.leaf.is_some()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("footage was not committed");
    }

    /// Waits until what was queued is written (not yet committed).
    pub(crate) async fn written(&self) {
        self.writer.barrier().await;
    }

    pub(crate) async fn acts(&self, kind: &str) -> Vec<ActRow> {
        let filter = ActFilter { kind: Some(kind.into()), ..ActFilter::default() };
        self.site.store().acts(&filter, 100).await.unwrap()
    }

    /// A form that is right, by `first` with `second`.
    pub(crate) fn form(&self, cameras: &[CameraId], from: UtcMs, to: UtcMs, second: &str) -> UseForm {
        UseForm {
            basis: Basis::CriminalInvestigation,
            wanted: Use::Copy,
            case_number: "A2301-1".into(),
            unit: "某某公安分局".into(),
            purpose: "盗窃案侦查".into(),
            cameras: cameras.to_vec(),
            from,
            to,
            officers: vec![second.into()],
            letter: Some(Letter { name: "证明.pdf".into(), bytes: b"%PDF-1.7 letter".to_vec() }),
        }
    }

    /// A request of two officers, granted for a day, their session open.
    pub(crate) async fn granted(&self, people: &People, form: UseForm) -> RequestId {
        let row = self.site.submit(&people.first, form).await.unwrap();
        self.site.decide(&people.custodian, row.id, Decision::Grant { hours: 24 }).await.unwrap();
        self.sign_in(people, row.id).await;
        row.id
    }

    pub(crate) async fn sign_in(&self, people: &People, id: RequestId) {
        let second = crate::use_of_information::SecondOfficer::new("officer2", PASSWORD);
        self.site.open_session(&people.first, id, &second).await.unwrap();
    }

    pub(crate) async fn people(&self) -> People {
        People {
            first: self.person("officer1", Role::PoliceOfficer).await,
            second: self.person("officer2", Role::PoliceOfficer).await,
            custodian: self.person("custodian", Role::InformationCustodian).await,
        }
    }
}

/// Two officers and a custodian.
pub(crate) struct People {
    pub(crate) first: Actor,
    pub(crate) second: Actor,
    pub(crate) custodian: Actor,
}

/// All bytes of a stream, and its longest piece.
pub(crate) async fn bytes_of(stream: impl Stream<Item = std::io::Result<Bytes>>) -> (Vec<u8>, usize) {
    let mut stream = std::pin::pin!(stream);
    let (mut out, mut longest) = (Vec::new(), 0);
    while let Some(piece) = stream.next().await {
        let piece = piece.unwrap();
        longest = longest.max(piece.len());
        out.extend_from_slice(&piece);
    }
    (out, longest)
}
