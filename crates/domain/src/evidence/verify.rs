//! The offline verifier: opens a package, splits the work into jobs, gathers a report. No server, no clock, no trust on first use.
//!
//! Order: find manifest and signature; check the signature; check the bytes between the files; then, independent of each
//! other, the jobs. If the manifest is not genuine nothing it says can be judged, and the check ends there.

use super::digest::Sm3;
use super::fault::{Fault, FaultCode};
use super::manifest::{CHECKPOINT_FILE, FileFacts, MANIFEST_BYTES, Manifest, Range};
use super::plan::{package_layout, signed_text};
use super::zip::{self, Layout};
use super::{ReadAt, ReadFailed, segments, story};
use base::{Sha256, Text};
use ledger::{CosignatureError, Vkey, WitnessVkey, open_note};
use serde::Serialize;
use sha2::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// Most faults of a report.
const FAULTS: usize = 1_000;
/// Largest `manifest.sig`, bytes.
const SIGNATURE_BYTES: u64 = 16 * 1024;
/// Largest file below `ledger/`, bytes: entries and proofs are smaller.
const LEDGER_FILE_BYTES: u64 = 256 * 1024;

/// Where a file's content lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) at: u64,
    /// What is there of it, bytes.
    pub(super) bytes: u64,
}

/// Work that may run by itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Job {
    /// SHA-256 of every fragment of footage file number `.0`.
    Segments(usize),
    /// SM3 of footage file number `.0`.
    Sm3(usize),
    /// Digests of file number `.0` of the manifest's list, neither footage nor ledger.
    File(usize),
    /// The files below `ledger/` and what they prove.
    Story,
}

/// What the export is about, for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Facts {
    /// Id of the export.
    pub export: String,
    /// Site name and address.
    pub site: String,
    /// When it was made.
    pub made_utc_ms: base::UtcMs,
    /// Requesting unit.
    pub unit: String,
    /// Case number.
    pub case_number: String,
    /// Legal ground, with clause ids.
    pub basis: Text,
    /// Purpose.
    pub purpose: String,
    /// Officers, name and badge.
    pub officers: Vec<String>,
    /// Custodian.
    pub custodian: String,
    /// Cameras: name, place, measured clock error.
    pub cameras: Vec<Text>,
    /// Time asked for.
    pub asked: Range,
    /// Time of the footage inside.
    pub actual: Option<Range>,
    /// Fragments.
    pub fragments: u64,
    /// Pictures.
    pub pictures: u64,
    /// Length of all footage together, s.
    pub footage_s: u64,
    /// Gaps, each in words.
    pub gaps: Vec<Text>,
    /// Derived (masked) files.
    pub derived: usize,
}

/// The outcome.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Report {
    /// What is wrong, at most 1,000; empty if all holds.
    pub faults: Vec<Fault>,
    /// What the export is about; `None` if the manifest is not genuine.
    pub facts: Option<Facts>,
    /// Digest of `manifest.json`, hexadecimal.
    pub manifest_sha256: Option<String>,
    /// Fingerprint of the key that signed.
    pub key_fingerprint: Option<String>,
    /// True if that key is the trusted one. False: whose key it is must still be checked by its fingerprint.
    pub key_is_trusted: bool,
    /// Fingerprint of the witness that was asked for; `None` = none was, and nothing is said about witnesses.
    pub witness_fingerprint: Option<String>,
}

impl Report {
    /// True if nothing is wrong. Says nothing about whose key it is: see `key_is_trusted`.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    /// What to tell a person about the key; `None` if it is the trusted one.
    #[must_use]
    pub fn key_advice(&self) -> Option<Text> {
        let mark = self.key_fingerprint.as_ref().filter(|_| !self.key_is_trusted)?;
        Some(Text::of(
            format!("签名密钥的归属尚未核实。请通过电话或当面向使用单位核对密钥指纹：{mark}"),
            format!(
                "Whose key signed this is not yet checked. Compare this fingerprint with the site by telephone or in person: {mark}"
            ),
        ))
    }

    fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            if self.faults.len() < FAULTS && !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
    }
}

/// A package whose manifest is genuine; its jobs may run in any order, on any thread.
#[derive(Debug)]
pub struct Verifier {
    manifest: Manifest,
    vkey: Vkey,
    /// Whose cosignature the checkpoint must carry, if somebody asks for one.
    witness: Option<WitnessVkey>,
    places: Vec<Place>,
    opening: Report,
}

/// Verifies a package from end to end. `progress` is called with the bytes hashed since its last call
/// (`Verifier::work_bytes` in all).
pub fn verify(source: &dyn ReadAt, trusted: Option<&Vkey>, progress: &mut dyn FnMut(u64)) -> Report {
    match Verifier::open(source, trusted) {
        Err(report) => *report,
        Ok(verifier) => {
            let jobs = verifier.plan_jobs();
            let faults = jobs.into_iter().map(|job| verifier.run_job(job, source, progress)).collect();
            verifier.finish(faults)
        }
    }
}

impl Verifier {
    /// Finds and authenticates the manifest, checks the bytes between the files.
    ///
    /// # Errors
    /// The finished report, if the file is no export or its manifest is not genuine.
    pub fn open(source: &dyn ReadAt, trusted: Option<&Vkey>) -> Result<Self, Box<Report>> {
        let stop =
            |code, detail: &str| Box::new(Report { faults: vec![Fault::new(code, detail)], ..Report::default() });
        let (json, signature) = locate(source).map_err(|(code, detail)| stop(code, detail))?;
        let changed = |detail: &str| stop(FaultCode::ManifestChanged, detail);
        let manifest: Option<Manifest> = serde_json::from_slice(&json).ok();
        let embedded = manifest.as_ref().and_then(|m| Vkey::parse(&m.site.vkey).ok());
        let signed = signed_text(&json);
        let signer = authenticate(&signature, signed.as_bytes(), embedded.as_ref(), trusted).map_err(changed)?;
        // From here the manifest is what a site signed; if it does not hold together, the signer wrote no export.
        let manifest = manifest.ok_or_else(|| stop(FaultCode::NotAnExport, "the manifest has another form"))?;
        manifest.check().map_err(|detail| stop(FaultCode::NotAnExport, &detail))?;
        let mut opening = Report {
            manifest_sha256: Some(Sha256::of(&json).hex()),
            key_fingerprint: Some(signer.fingerprint()),
            key_is_trusted: trusted == Some(&signer),
            facts: Some(facts(&manifest)),
            ..Report::default()
        };
        if trusted.is_some_and(|t| *t != signer) {
            opening.add([Fault::new(FaultCode::WrongKey, format!("signed by {signer}"))]);
        }
        if embedded.as_ref() != Some(&signer) {
            return Err(changed("the manifest names another key than the one that signed it"));
        }
        let layout = package_layout(&json, &signature, &manifest);
        let odd = odd_places(source, &layout);
        let places = if odd.len() > 1 || layout.total_bytes() != source.size_bytes() {
            found_places(source, &manifest, &layout)
        } else {
            places(source, &manifest, &layout)
        };
        let list = odd.iter().take(5).map(u64::to_string).collect::<Vec<_>>().join(", ");
        if !odd.is_empty() {
            opening.add([Fault::new(FaultCode::PackageDamaged, format!("unexpected bytes at offset {list}"))]);
        }
        Ok(Self { manifest, vkey: signer, witness: None, places, opening })
    }

    /// The same, asking also for the cosignature of a witness on the checkpoint.
    #[must_use]
    pub fn asking_witness(mut self, witness: &WitnessVkey) -> Self {
        self.opening.witness_fingerprint = Some(witness.fingerprint());
        self.witness = Some(witness.clone());
        self
    }

    /// The manifest, which is genuine.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The work, large jobs first.
    #[must_use]
    pub fn plan_jobs(&self) -> Vec<Job> {
        let footage = 0..self.manifest.footage.len();
        let mut jobs: Vec<_> = footage.flat_map(|i| [Job::Sm3(i), Job::Segments(i)]).collect();
        let paths: BTreeSet<_> = self.manifest.footage.iter().map(|f| f.path.as_str()).collect();
        let files = self.manifest.files.iter().enumerate();
        let other = files.filter(|(_, f)| !paths.contains(f.path.as_str()) && !in_ledger(f));
        jobs.extend(other.map(|(i, _)| Job::File(i)));
        jobs.sort_by_key(|job| std::cmp::Reverse(self.job_bytes(*job)));
        jobs.push(Job::Story);
        jobs
    }

    /// Bytes that all jobs together will report as progress, if nothing is missing.
    #[must_use]
    pub fn work_bytes(&self) -> u64 {
        self.plan_jobs().into_iter().map(|job| self.job_bytes(job)).sum()
    }

    fn job_bytes(&self, job: Job) -> u64 {
        let files = &self.manifest.files;
        match job {
            Job::Segments(i) | Job::Sm3(i) => self.footage_place(i).map_or(0, |(_, place)| place.bytes),
            Job::File(i) => files.get(i).map_or(0, |f| f.bytes),
            Job::Story => files.iter().filter(|f| in_ledger(f)).map(|f| f.bytes).sum(),
        }
    }

    fn footage_place(&self, number: usize) -> Option<(&FileFacts, Place)> {
        let path = &self.manifest.footage.get(number)?.path;
        let index = self.manifest.files.iter().position(|f| f.path == *path)?;
        Some((self.manifest.files.get(index)?, *self.places.get(index)?))
    }

    /// Runs one job. A read that fails is a fault of its own.
    #[must_use]
    pub fn run_job(&self, job: Job, source: &dyn ReadAt, progress: &mut dyn FnMut(u64)) -> Vec<Fault> {
        let done = match job {
            Job::Segments(i) => self.segments(i, source, progress),
            Job::Sm3(i) => self.footage_sm3(i, source, progress),
            Job::File(i) => self.file(i, source, progress).map(|(faults, _)| faults),
            Job::Story => self.story(source, progress),
        };
        done.unwrap_or_else(|error| vec![Fault::new(FaultCode::Unreadable, error.to_string())])
    }

    /// Puts the outcome together.
    #[must_use]
    pub fn finish(self, faults: Vec<Vec<Fault>>) -> Report {
        let mut report = self.opening;
        let mut faults: Vec<_> = faults.into_iter().flatten().collect();
        // A changed footage file is already explained by its segments.
        let explained: BTreeSet<_> = faults
            .iter()
            .filter(|f| !matches!(f.code, FaultCode::FileChanged | FaultCode::FileMissing))
            .filter_map(|f| f.file.clone())
            .collect();
        let doubled =
            |f: &Fault| f.code == FaultCode::FileChanged && f.file.as_ref().is_some_and(|p| explained.contains(p));
        faults.retain(|f| !doubled(f));
        faults.sort_by_key(|f| (f.code, f.camera, f.from_utc_ms));
        report.add(faults);
        report
    }

    fn segments(
        &self,
        number: usize,
        source: &dyn ReadAt,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<Fault>, ReadFailed> {
        let (Some((_, place)), Some(file)) = (self.footage_place(number), self.manifest.footage.get(number)) else {
            return Ok(Vec::new());
        };
        segments::check(&self.manifest, file, place, source, progress)
    }

    fn footage_sm3(
        &self,
        number: usize,
        source: &dyn ReadAt,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<Fault>, ReadFailed> {
        let Some((file, place)) = self.footage_place(number) else { return Ok(Vec::new()) };
        let mut sm3 = sm3::Sm3::new();
        segments::stream(source, place.at, place.bytes, progress, |piece| sm3.update(piece))?;
        let holds = place.bytes == file.bytes && Sm3(sm3.finalize().into()) == file.sm3;
        let fault = || Fault::new(FaultCode::FileChanged, "SM3 digest differs").in_file(&file.path);
        Ok(if holds { Vec::new() } else { vec![fault()] })
    }

    /// Checks a file of the list; also answers with its content if it is below `ledger/` and as it should be.
    fn file(
        &self,
        index: usize,
        source: &dyn ReadAt,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(Vec<Fault>, Option<Vec<u8>>), ReadFailed> {
        let (Some(file), Some(place)) = (self.manifest.files.get(index), self.places.get(index)) else {
            return Ok((Vec::new(), None));
        };
        let keep = in_ledger(file) && file.bytes <= LEDGER_FILE_BYTES;
        let mut content = Vec::new();
        let (mut sha256, mut sm3) = (sha2::Sha256::new(), sm3::Sm3::new());
        segments::stream(source, place.at, place.bytes, progress, |piece| {
            sha256.update(piece);
            sm3.update(piece);
            if keep {
                content.extend_from_slice(piece);
            }
        })?;
        let same = Sha256(sha256.finalize().into()) == file.sha256 && Sm3(sm3.finalize().into()) == file.sm3;
        if place.bytes == file.bytes && same {
            return Ok((Vec::new(), keep.then_some(content)));
        }
        let (code, detail) = match (in_ledger(file), place.bytes) {
            (_, 0) if file.bytes > 0 => (FaultCode::FileMissing, "not there"),
            (true, _) => (FaultCode::ProofInvalid, "digest differs"),
            (false, _) => (FaultCode::FileChanged, "digest differs"),
        };
        Ok((vec![Fault::new(code, detail).in_file(&file.path)], None))
    }

    fn story(&self, source: &dyn ReadAt, progress: &mut dyn FnMut(u64)) -> Result<Vec<Fault>, ReadFailed> {
        let mut faults = Vec::new();
        let mut contents = BTreeMap::new();
        for (index, file) in self.manifest.files.iter().enumerate().filter(|(_, f)| in_ledger(f)) {
            let (found, content) = self.file(index, source, progress)?;
            faults.extend(found);
            contents.extend(content.map(|c| (file.path.clone(), c)));
        }
        // What unreadable proofs would have shown is not a further fault: the story is told only by whole records.
        if faults.is_empty() {
            faults = story::check(&self.manifest, &self.vkey, &contents);
            faults.extend(self.witness_fault(contents.get(CHECKPOINT_FILE)));
        }
        Ok(faults)
    }
}

impl Verifier {
    fn witness_fault(&self, checkpoint: Option<&Vec<u8>>) -> Option<Fault> {
        let error = self.witness.as_ref()?.cosigned_at(checkpoint.map_or(&[][..], Vec::as_slice)).err()?;
        let code = match error {
            CosignatureError::Invalid => FaultCode::WitnessInvalid,
            CosignatureError::Missing | CosignatureError::Note => FaultCode::WitnessMissing,
        };
        Some(Fault::new(code, error.to_string()).in_file(CHECKPOINT_FILE))
    }
}

fn in_ledger(file: &FileFacts) -> bool {
    file.path.starts_with("ledger/")
}

/// Bytes of `manifest.json` and of `manifest.sig`.
type Signed = (Vec<u8>, Vec<u8>);

/// Finds the manifest, or says why this is no package or a broken one.
fn locate(source: &dyn ReadAt) -> Result<Signed, (FaultCode, &'static str)> {
    if let Some(found) = locate_in_order(source) {
        return Ok(found);
    }
    let list = zip::directory(source).unwrap_or_default();
    let content = |name: &str, limit: u64| {
        let found = list.iter().find(|f| f.name == name && f.bytes <= limit)?;
        zip::read(source, found.at, usize::try_from(found.bytes).ok()?)
    };
    if let (Some(json), Some(signature)) =
        (content("manifest.json", MANIFEST_BYTES), content("manifest.sig", SIGNATURE_BYTES))
    {
        return Ok((json, signature));
    }
    let begins = zip::claims(source, 0, MANIFEST_NAME.len()).is_some_and(|(_, _, name)| name == MANIFEST_NAME);
    if begins || list.iter().any(|f| f.name == "manifest.json") {
        return Err((FaultCode::PackageDamaged, "the manifest or its signature cannot be found in the package"));
    }
    Err((FaultCode::NotAnExport, "no manifest.json in a ZIP file"))
}

const MANIFEST_NAME: &[u8] = b"manifest.json";
const SIGNATURE_NAME: &[u8] = b"manifest.sig";

/// Both files at the beginning, where this program puts them; a single wrong byte in the headers does not hide them.
fn locate_in_order(source: &dyn ReadAt) -> Option<Signed> {
    let (sizes, first_word, name) = zip::claims(source, 0, MANIFEST_NAME.len())?;
    if !first_word && name != MANIFEST_NAME {
        return None;
    }
    let json_at = zip::LOCAL_BYTES + MANIFEST_NAME.len() as u64;
    for size in sizes.into_iter().filter(|size| *size <= MANIFEST_BYTES) {
        let Some((own, word, name)) = zip::claims(source, json_at + size, SIGNATURE_NAME.len()) else { continue };
        if !word && name != SIGNATURE_NAME {
            continue;
        }
        let at = json_at + size + zip::LOCAL_BYTES + SIGNATURE_NAME.len() as u64;
        for bytes in own.into_iter().filter(|bytes| *bytes <= SIGNATURE_BYTES) {
            let follows = zip::read(source, at + bytes, 2).is_some_and(|next| next == b"PK");
            if follows || own[0] == own[1] {
                let json = zip::read(source, json_at, usize::try_from(size).ok()?)?;
                return Some((json, zip::read(source, at, usize::try_from(bytes).ok()?)?));
            }
        }
    }
    None
}

/// Who signed exactly this text: the trusted key, or the one the manifest names.
fn authenticate(
    signature: &[u8],
    text: &[u8],
    embedded: Option<&Vkey>,
    trusted: Option<&Vkey>,
) -> Result<Vkey, &'static str> {
    // One signature line, so that no byte of the file is outside what was checked.
    let lines = signature.split(|b| *b == b'\n').filter(|l| l.starts_with("— ".as_bytes())).count();
    if lines != 1 {
        return Err("manifest.sig does not hold one signature");
    }
    for key in [trusted, embedded].into_iter().flatten() {
        if let Ok(signed) = open_note(signature, key) {
            return if signed == text { Ok(key.clone()) } else { Err("manifest.json is not what was signed") };
        }
    }
    Err("the signature in manifest.sig does not verify")
}

/// Offsets at which bytes that follow from the list are not as they should be.
fn odd_places(source: &dyn ReadAt, layout: &Layout) -> Vec<u64> {
    let headers = layout.members.iter().map(|(at, header, _)| (*at, header));
    let all = headers.chain([(layout.tail_at, &layout.tail)]);
    let odd = all.filter_map(|(at, want)| {
        let Some(found) = zip::read(source, at, want.len()) else { return Some(at) };
        found.iter().zip(want).position(|(a, b)| a != b).map(|n| at + n as u64)
    });
    let mut odd: Vec<_> = odd.collect();
    if source.size_bytes() > layout.total_bytes() {
        odd.push(layout.total_bytes());
    }
    odd
}

/// Where the files of the list lie in a package that is laid out as it should be.
fn places(source: &dyn ReadAt, manifest: &Manifest, layout: &Layout) -> Vec<Place> {
    let starts = layout.members.iter().skip(2).map(|(_, _, at)| *at);
    let left = |at: u64| source.size_bytes().saturating_sub(at);
    starts.zip(&manifest.files).map(|(at, f)| Place { at, bytes: f.bytes.min(left(at)) }).collect()
}

/// Where they lie in one that is not: by its own directory if that can be read.
fn found_places(source: &dyn ReadAt, manifest: &Manifest, layout: &Layout) -> Vec<Place> {
    let Some(list) = zip::directory(source) else { return places(source, manifest, layout) };
    let by_name: BTreeMap<_, _> = list.into_iter().map(|f| (f.name, (f.at, f.bytes))).collect();
    let place = |file: &FileFacts| {
        let (at, bytes) = by_name.get(&file.path).copied().unwrap_or((0, 0));
        Place { at, bytes: bytes.min(source.size_bytes().saturating_sub(at)) }
    };
    manifest.files.iter().map(place).collect()
}

fn facts(manifest: &Manifest) -> Facts {
    let fragments = || manifest.footage.iter().flat_map(|f| &f.fragments);
    let ids: Vec<_> = manifest.request.clauses.iter().map(|c| c.0.as_str()).collect();
    let basis = &manifest.request.basis;
    let ground = |words: &str| format!("{words} ({})", ids.join(", "));
    let camera = |c: &super::CameraFacts| match c.clock_error_ms {
        Some(ms) => Text::of(
            format!("{}，{}，时钟误差 {ms} 毫秒", c.name, c.place),
            format!("{}, {}, clock error {ms} ms", c.name, c.place),
        ),
        None => Text::of(
            format!("{}，{}，时钟误差未测得", c.name, c.place),
            format!("{}, {}, clock error not measured", c.name, c.place),
        ),
    };
    let gap = |g: &super::GapFacts| {
        let name = manifest.camera_name(g.camera);
        Text::of(
            format!("{name}：{} 至 {}，{}", g.from_utc_ms.document(), g.to_utc_ms.document(), g.text.zh),
            format!("{name}: {} to {}, {}", g.from_utc_ms.desk(), g.to_utc_ms.desk(), g.text.en),
        )
    };
    Facts {
        export: manifest.export.to_string(),
        site: format!("{}, {}", manifest.site.name, manifest.site.place),
        made_utc_ms: manifest.made_utc_ms,
        unit: manifest.request.unit.clone(),
        case_number: manifest.request.case_number.clone(),
        basis: Text::of(ground(&basis.zh), ground(&basis.en)),
        purpose: manifest.request.purpose.clone(),
        officers: manifest.request.officers.iter().map(|o| format!("{} {}", o.name, o.badge)).collect(),
        custodian: manifest.request.custodian.clone(),
        cameras: manifest.cameras.iter().map(camera).collect(),
        asked: manifest.asked,
        actual: manifest.actual,
        fragments: fragments().count() as u64,
        pictures: fragments().map(|f| u64::from(f.pictures)).sum(),
        footage_s: fragments().map(|f| u64::from(f.duration_90k)).sum::<u64>() / 90_000,
        gaps: manifest.gaps.iter().map(gap).collect(),
        derived: manifest.derived.len(),
    }
}
