//! A small honest export for the tests, which may be spoiled before or after it is signed.

use super::*;
use crate::recording::GapCause;
use crate::recording::entry::{FragmentBody, GAP_KIND, GapBody, SPAN_KIND, SpanBody};
use base::{AccountId, CameraId, ClauseId, ContainerId, ExportId, RequestId, Sha256, SiteId, Text, UtcMs};
use ledger::{Checkpoint, Entry, Log, MemoryLog, SiteKey, Tree, WitnessKey, with_cosignature};
use serde_json::json;

/// Begin of the time asked for.
pub const T0: UtcMs = UtcMs(1_763_740_800_000);
const SITE: SiteId = SiteId(id(1));
pub const CAMERA_A: CameraId = CameraId(id(10));
pub const CAMERA_B: CameraId = CameraId(id(11));
const REQUEST: RequestId = RequestId(id(21));
const EXPORT: ExportId = ExportId(id(22));

const fn id(n: u128) -> uuid_type::Uuid {
    uuid_type::Uuid::from_u128(0x0190_a5d5_0000_7000_8000_0000_0000_0000 + n)
}

/// The type inside ids, without a dependency of our own on its crate.
mod uuid_type {
    pub use uuid::Uuid;
}

pub fn key(seed: u8) -> SiteKey {
    SiteKey::from_seed(&format!("jifang/{SITE}"), [seed; 32]).unwrap()
}

/// What is done to a cosigned note before it goes into the package.
pub type ChangeNote = fn(Vec<u8>) -> Vec<u8>;

/// Everything an export is made of, before it is signed.
pub struct Draft {
    pub manifest: Manifest,
    /// The log.
    pub entries: Vec<Entry>,
    /// Path and bytes of the footage files.
    pub footage: Vec<(String, Vec<u8>)>,
    /// Who signs the log.
    pub log_key: SiteKey,
    /// Who cosigns the head, and what is done to the note afterwards.
    pub witness: Option<(WitnessKey, ChangeNote)>,
}

/// Where a byte of a package belongs, and what a change there must be called.
pub struct Region {
    pub at: usize,
    pub bytes: usize,
    pub file: Option<String>,
    pub family: FaultCode,
}

fn mp4_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(content.len() + 8).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(kind);
    out.extend_from_slice(content);
    out
}

fn noise(seed: u64, len: usize) -> Vec<u8> {
    (0..len as u64).map(|i| Sha256::of(&((seed << 16) | (i / 32)).to_be_bytes()).0[(i % 32) as usize]).collect()
}

fn fragment(seed: u64) -> Vec<u8> {
    let len = 90 + usize::try_from(seed % 7).unwrap() * 31;
    [
        mp4_box(b"uuid", &noise(seed, 64)),
        mp4_box(b"moof", &noise(seed + 500, 40)),
        mp4_box(b"mdat", &noise(seed + 900, len)),
    ]
    .concat()
}

fn init(seed: u64) -> Vec<u8> {
    [mp4_box(b"ftyp", b"isom0000"), mp4_box(b"moov", &noise(seed + 2_000, 50))].concat()
}

/// Writes footage of one camera as the recorder does: fragments of 2 s, spans of three.
pub struct Recorder {
    camera: CameraId,
    at: UtcMs,
    seq: u64,
    pub entries: Vec<Entry>,
}

impl Recorder {
    pub fn new(camera: CameraId) -> Self {
        Self { camera, at: T0.plus_ms(-3_000), seq: 100, entries: Vec::new() }
    }

    /// One container of `spans` spans; answers with its init segment and fragments.
    pub fn container(&mut self, number: u128, spans: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
        let seed = self.camera.0.as_u128() as u64 % 100 * 40 + self.seq;
        let head = init(seed);
        let init_sha256 = Sha256::of(&head);
        let (mut prev, mut bytes) = (init_sha256, Vec::new());
        for _ in 0..spans {
            let mut span = SpanBody {
                camera: self.camera,
                container: ContainerId(id(number)),
                init_sha256,
                prev,
                fragments: vec![],
                clock_error_ms: Some(-120),
            };
            for _ in 0..3 {
                let content = fragment(seed * 100 + self.seq);
                prev = Sha256::of(&content);
                span.fragments.push(FragmentBody {
                    seq: self.seq,
                    start_utc_ms: self.at,
                    duration_90k: 180_000,
                    bytes: content.len() as u64,
                    sha256: prev,
                });
                bytes.push(content);
                self.seq += 1;
                self.at = self.at.plus_ms(2_000);
            }
            self.entries.push(Entry::new(SPAN_KIND, self.at, SITE, serde_json::to_value(&span).unwrap()));
        }
        (head, bytes)
    }

    pub fn gap(&mut self, ms: i64) {
        let to = self.at.plus_ms(ms);
        let gap = GapBody { camera: self.camera, from_utc_ms: self.at, to_utc_ms: to, cause: GapCause::DeviceOffline };
        self.entries.push(Entry::new(GAP_KIND, to, SITE, serde_json::to_value(&gap).unwrap()));
        self.at = to;
    }
}

fn officers() -> Vec<Officer> {
    let officer =
        |name: &str, badge: &str, salt| Officer { name: name.into(), badge: badge.into(), salt: Sha256([salt; 32]) };
    vec![officer("王一", "210001", 1), officer("李二", "210002", 2)]
}

fn camera(id: CameraId, name: &str) -> CameraFacts {
    CameraFacts {
        id,
        name: name.into(),
        place: "大厅".into(),
        codec: "H.264".into(),
        time_base: Text::new("服务器时间", "server time"),
        clock_error_ms: Some(-120),
        clock_measured_utc_ms: Some(T0),
    }
}

fn request_entries() -> Vec<Entry> {
    let request = RequestBody {
        request: REQUEST,
        officers: vec![AccountId(id(40)), AccountId(id(41))],
        cameras: vec![CAMERA_A, CAMERA_B],
        from_utc_ms: T0,
        to_utc_ms: T0.plus_ms(60_000),
    };
    let mut request = serde_json::to_value(request).unwrap();
    request["letter_sha256"] = json!(Sha256([3; 32]));
    let officers: Vec<_> = officers().iter().map(Officer::commitment).collect();
    let export = ExportBody { export: EXPORT, request: REQUEST, officers };
    vec![
        Entry::new(KIND_REQUEST, T0, SITE, request),
        Entry::new("act.refused", T0, SITE, json!({ "request": REQUEST })),
        Entry::new(KIND_GRANT, T0, SITE, json!({ "request": REQUEST })),
        Entry::new(KIND_EXPORT, T0, SITE, serde_json::to_value(export).unwrap()),
    ]
}

impl Draft {
    /// Camera A: two containers with 10 s between them; camera B: one. Asked for: 30 s.
    pub fn honest() -> Self {
        let asked = Range { from_utc_ms: T0, to_utc_ms: T0.plus_ms(30_000) };
        let (mut a, mut b) = (Recorder::new(CAMERA_A), Recorder::new(CAMERA_B));
        let mut recorded = vec![a.container(30, 2)];
        a.gap(10_000);
        recorded.push(a.container(31, 2));
        recorded.push(b.container(32, 6));
        let mut entries = request_entries();
        entries.extend(a.entries.into_iter().chain(b.entries));
        let spans_of = |camera| {
            let spans = entries.iter().enumerate().filter(|(_, e)| e.kind == SPAN_KIND);
            let spans = spans.map(|(i, e)| (i as u64, serde_json::from_value::<SpanBody>(e.body.clone()).unwrap()));
            spans.filter(|(_, s)| s.camera == camera).collect::<Vec<_>>()
        };
        let mut footage = Vec::new();
        let mut files = Vec::new();
        for camera in [CAMERA_A, CAMERA_B] {
            for (n, slice) in slices(&spans_of(camera), asked).iter().enumerate() {
                let (head, fragments) = recorded.iter().find(|(h, _)| Sha256::of(h) == slice.init_sha256).unwrap();
                let file = slice.footage_file(n + 1, head.len() as u64, |_| 50);
                let mut bytes = head.clone();
                for wanted in &file.fragments {
                    bytes.extend(fragments.iter().find(|f| Sha256::of(f) == wanted.sha256).unwrap());
                }
                files.push((file.path.clone(), bytes));
                footage.push(file);
            }
        }
        let gap_entry = entries.iter().position(|e| e.kind == GAP_KIND).unwrap() as u64;
        let manifest = Manifest {
            format: String::new(),
            export: EXPORT,
            made_utc_ms: T0.plus_ms(100_000),
            site: SiteFacts {
                id: SITE, name: "示范银行".into(), place: "中山路1号".into(), vkey: String::new()
            },
            cameras: vec![camera(CAMERA_A, "正门"), camera(CAMERA_B, "柜台")],
            asked,
            actual: None,
            request: RequestFacts {
                request: REQUEST,
                unit: "某某公安分局".into(),
                basis: Text::new("刑事侦查", "Criminal investigation"),
                clauses: vec![ClauseId::new("B-28-1-1")],
                case_number: "A2025-1".into(),
                purpose: "盗窃案".into(),
                officers: officers(),
                custodian: "赵保管".into(),
            },
            gaps: vec![GapFacts {
                camera: CAMERA_A,
                from_utc_ms: T0.plus_ms(9_000),
                to_utc_ms: T0.plus_ms(19_000),
                cause: "device_offline".into(),
                text: Text::new("设备离线", "The device was offline"),
                entry: gap_entry,
            }],
            footage,
            derived: vec![],
            ledger: LedgerFacts { size: 0, root: Sha256::default(), entries: vec![] },
            files: vec![],
        };
        Self { manifest, entries, footage: files, log_key: key(1), witness: None }
    }

    /// Logs the entries, proves them, signs with `key`.
    pub fn plan(mut self, key: &SiteKey) -> Plan {
        let bytes: Vec<_> = self.entries.iter().map(|e| e.encode().unwrap()).collect();
        let (mut tree, mut disk) = (Tree::new(), MemoryLog::default());
        disk.write(tree.append(&bytes).unwrap().files);
        let origin = self.log_key.vkey().name().to_owned();
        let head = Checkpoint { origin, size: tree.size(), root: tree.root() };
        let mut note = head.sign(&self.log_key).unwrap();
        if let Some((witness, after)) = &self.witness {
            let line = witness.cosign(&note, T0).unwrap();
            note = after(with_cosignature(&note, &line).unwrap());
        }
        let log = Log::new(&disk, tree.size());
        let named = bytes.iter().enumerate().filter(|(i, _)| self.entries[*i].kind != "act.refused");
        let proofs: Vec<_> = named.map(|(i, b)| (b.clone(), log.prove(i as u64, &note).unwrap())).collect();
        let named = proofs.iter().map(|(_, p)| p.index);
        let entries =
            named.map(|i| EntryRef { index: i, kind: self.entries[usize::try_from(i).unwrap()].kind.clone() });
        self.manifest.ledger = LedgerFacts { size: tree.size(), root: tree.root(), entries: entries.collect() };
        let mut contents = guide_files(key.vkey());
        contents.push(Content::Bytes { path: "record.html".into(), bytes: b"<p>register</p>".to_vec() });
        contents.extend(self.footage.into_iter().map(|(path, bytes)| Content::Bytes { path, bytes }));
        contents.extend(ledger_files(&note, &proofs));
        plan(self.manifest, contents, key).unwrap()
    }

    /// The package.
    pub fn sign(self, key: &SiteKey) -> Vec<u8> {
        bytes_of(&self.plan(key))
    }
}

pub fn bytes_of(plan: &Plan) -> Vec<u8> {
    let part = |part: &Part| match part {
        Part::Bytes(bytes) => bytes.clone(),
        Part::Stream { path, .. } => panic!("{path} is to be copied"),
    };
    let out: Vec<u8> = plan.parts.iter().flat_map(part).collect();
    assert_eq!(out.len() as u64, plan.bytes);
    out
}

/// The regions of a package in order; they cover every byte.
pub fn regions(plan: &Plan) -> Vec<Region> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut name = String::new();
    for (n, part) in plan.parts.iter().enumerate() {
        let Part::Bytes(bytes) = part else { panic!("all in memory") };
        let is_content = n % 2 == 1;
        let family = match name.as_str() {
            _ if !is_content => FaultCode::PackageDamaged,
            "manifest.json" | "manifest.sig" => FaultCode::ManifestChanged,
            path if path.starts_with("footage/") => FaultCode::SegmentChanged,
            path if path.starts_with("ledger/") => FaultCode::ProofInvalid,
            _ => FaultCode::FileChanged,
        };
        let file = is_content.then(|| name.clone());
        out.push(Region { at, bytes: bytes.len(), file, family });
        at += bytes.len();
        name = String::from_utf8_lossy(bytes.get(30..).unwrap_or_default()).into_owned();
    }
    out
}
