//! Tests of export on a real store in a temporary folder: the file is checked by the verifier, byte by byte against the recording.

use super::{MadeReport, Promise, QUEUE, Queue};
use crate::Camera;
use crate::camera::Phase;
use crate::playback::rig::{People, Rig, bytes_of, h264};
use base::time::DAY_MS;
use base::{CameraId, ErrorKind, ExportId, Now, RequestId, Sha256, UtcMs};
use domain::access::Role;
use domain::evidence::{ReadAt, Report, Sm3, Verifier, verify};
use domain::recording::GapCause;
use domain::viewing::Scope;
use law::Jurisdiction;
use media::{Codec, Frame, MediaEvent};
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::cameras::{CameraRow, GbTransport, Source};
use store::exports::{Begun, ExportRow};

const HOUR_MS: i64 = 3_600_000;

struct Case {
    rig: Rig,
    people: People,
    camera: CameraId,
    from: UtcMs,
    to: UtcMs,
}

impl Case {
    /// A camera with footage, a gap of a minute, footage in a second container; asked for from before it was installed.
    async fn new() -> Self {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let people = rig.people().await;
        let at = rig.site.now().utc.plus_ms(-HOUR_MS);
        let camera = rig.camera("正门", at).await;
        let before = rig.record(camera, at, 30).await;
        rig.gap_cause(camera, GapCause::DeviceOffline);
        let to = rig.record(camera, before.plus_ms(60_000), 30).await;
        Self { rig, people, camera, from: at.plus_ms(-20_000), to }
    }

    async fn finished(&self, id: ExportId) -> ExportRow {
        for _ in 0..4_800 {
            let row = self.rig.site.export(&self.people.custodian, id).await.unwrap();
            if row.state != "making" {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the export did not end");
    }

    /// An export that is decided and that nobody makes: it stays unfinished however fast this machine is.
    async fn decided(&self, request: RequestId) -> ExportId {
        let (site, now) = (&self.rig.site, self.rig.site.now().utc);
        let export = ExportId::new(now.0, store::keys::random().unwrap());
        let open = site.open_session_of(&self.people.first, request).await.unwrap();
        let line = open.register_line("copy", super::downloaded(), vec![]);
        let scope = Scope::new(vec![self.camera], self.from, self.to);
        let begun = site.store().decide_export(export, &scope, line, now).await.unwrap();
        assert!(matches!(begun, Begun::New(..)), "it is new");
        export
    }

    fn bytes(&self, row: &ExportRow) -> Vec<u8> {
        std::fs::read(self.rig.dir.path().join(&row.path)).unwrap()
    }

    fn check(&self, file: &dyn ReadAt) -> Report {
        verify(file, Some(self.rig.site.store().ledger().key().vkey()), &mut |_| {})
    }

    fn parts_left(&self) -> usize {
        std::fs::read_dir(self.rig.dir.path().join("exports")).unwrap().count()
    }
}

#[tokio::test]
async fn an_export_verifies_and_names_every_missing_second() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    // A second camera that is still recording, its container open.
    let other = case.rig.camera("柜台", case.from).await;
    let half = case.rig.record(other, case.from, 20).await;
    case.rig.open(other, half, false);
    case.rig.fragments(other, half, 90);
    let id = case.rig.granted(people, case.rig.form(&[case.camera, other], case.from, case.to, "officer2")).await;
    let row = site.begin_export(&people.first, id).await.unwrap();
    assert_eq!((row.state.as_str(), row.done), ("making", 0));
    assert_eq!(site.begin_export(&people.first, id).await.unwrap().id, row.id, "a second click is shown the first");
    let row = case.finished(row.id).await;
    assert_eq!(site.begin_export(&people.first, id).await.unwrap(), row);
    assert_eq!(case.rig.acts("export.decided").await.len(), 1);
    assert_eq!((row.state.as_str(), row.done), ("done", 1_000), "{:?}", site.store().notices().await.unwrap());
    let file = case.bytes(&row);
    assert_eq!((Sha256::of(&file).hex(), file.len() as u64), (row.sha256.clone(), row.bytes));
    assert_eq!(row.sm3, Sm3::of(&file).to_string());
    let said: MadeReport = serde_json::from_str(&row.report).unwrap();
    assert_eq!((said.cameras, said.footage_files), (2, 4));
    assert!(said.fragments > 0 && said.entries > 3 && said.log_size >= said.entries);
    assert!(!row.report.contains("姓名"), "names stay in the file");
    let report = case.check(&file);
    assert!(report.holds() && report.key_is_trusted, "{:?}", report.faults);
    let facts = report.facts.unwrap();
    assert_eq!(facts.officers.len(), 2);
    assert_eq!((facts.asked.from_utc_ms, facts.asked.to_utc_ms), (case.from, case.to));
    let manifest = Verifier::open(&file, None).unwrap().manifest().clone();
    let gaps: Vec<_> = manifest.gaps.iter().filter(|g| g.camera == case.camera).map(|g| g.cause.as_str()).collect();
    assert_eq!(gaps, ["not_installed", "device_offline"]);
    assert_eq!(manifest.footage.len(), 4);
    assert_eq!(manifest.cameras[0].clock_error_ms, Some(-120));
    assert!(manifest.request.clauses.iter().any(|c| c.0 == "B-27-1"), "{:?}", manifest.request.clauses);
    // The footage inside is the container's own bytes.
    let list = site.store().fragments(case.camera, case.from, case.to).await.unwrap();
    let container = std::fs::read(case.rig.dir.path().join(&list[0].head.path)).unwrap();
    assert!(file.windows(4_096).any(|w| w == &container[5_000..9_096]));
    for kind in ["export.decided", "export.made", "footage.absent"] {
        assert!(!case.rig.acts(kind).await.is_empty(), "{kind}");
    }
    assert_eq!(case.parts_left(), 1);
    // One byte is enough.
    for at in [file.len() / 3, file.len() / 2, file.len() - 700] {
        let mut spoilt = file.clone();
        spoilt[at] ^= 1;
        assert!(!case.check(&spoilt).holds(), "byte {at}");
    }
}

#[tokio::test]
async fn a_download_is_registered_once_and_only_for_those_who_may() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let id = case.rig.granted(people, case.rig.form(&[case.camera], case.from, case.to, "officer2")).await;
    let unfinished = case.decided(id).await;
    assert_eq!(site.open_export(&people.first, unfinished).await.unwrap_err().code, "export_not_ready");
    assert_eq!(site.store().fail_unfinished_exports().await.unwrap(), 1);
    let row = site.begin_export(&people.first, id).await.unwrap();
    let row = case.finished(row.id).await;
    let whole = case.bytes(&row);
    let n = row.bytes;
    for (a, b) in [(0, n), (n / 2, n), (5, 6), (n, n + 9)] {
        let file = site.open_export(&people.first, row.id).await.unwrap();
        assert_eq!((file.total_bytes(), file.etag()), (n, row.sha256.as_str()));
        let (part, longest) = bytes_of(file.read(a..b)).await;
        let b = usize::try_from(b.min(n)).unwrap();
        assert!(part == whole[usize::try_from(a).unwrap()..b] && longest <= 256 * 1024);
    }
    assert_eq!(case.rig.acts("export.taken").await.len(), 1);
    site.open_export(&people.custodian, row.id).await.unwrap();
    let taken = case.rig.acts("export.taken").await;
    assert_eq!(taken.len(), 2);
    assert!(taken.iter().all(|a| a.clauses == ["B-27-1"]), "the custodian's too: {taken:?}");
    let third = case.rig.person("officer3", Role::PoliceOfficer).await;
    assert_eq!(site.open_export(&third, row.id).await.unwrap_err().code, "not_found");
    let auditor = case.rig.person("auditor", Role::Auditor).await;
    assert_eq!(site.open_export(&auditor, row.id).await.unwrap_err().code, "no_permission");
    site.end_session(&people.first, id).await.unwrap();
    assert_eq!(site.open_export(&people.first, row.id).await.unwrap_err().code, "no_session");
    assert_eq!(site.begin_export(&people.first, id).await.unwrap_err().code, "no_session");
}

#[tokio::test]
async fn who_keeps_the_copies_takes_none_along_that_two_officers_could_not() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let id = case.rig.granted(people, case.rig.form(&[case.camera], case.from, case.to, "officer2")).await;
    let row = site.begin_export(&people.first, id).await.unwrap();
    let row = case.finished(row.id).await;
    site.set_account_disabled_locally(people.second.id, true).await.unwrap();
    let refusal = site.open_export(&people.custodian, row.id).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Unlawful, "two_officers_required"));
    assert_eq!(refusal.why[0].clause.0, "B-28-1-1");
    assert_eq!(case.rig.acts("act.refused").await[0].clauses, ["B-28-1-1"]);
    assert!(case.rig.acts("export.taken").await.is_empty());
}

/// Feeds a running camera with `seconds` of pictures, a key picture every two, from `at` on.
fn feed(camera: &Camera, at: Now, seconds: i64) -> Now {
    let mut now = at;
    for n in 0..seconds * 25 {
        let data = vec![7; if n % 50 == 0 { 900 } else { 90 }].into();
        let frame = Frame { codec: Codec::H264, pts_90k: now.utc.0 * 90, key: n % 50 == 0, data };
        camera.media([MediaEvent::Frame(frame)], now);
        now = Now { utc: now.utc.plus_ms(40), mono: now.mono.plus_ms(40) };
    }
    now
}

#[tokio::test]
async fn what_is_just_being_recorded_is_waited_for() {
    let rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let people = rig.people().await;
    let id = rig.camera("正门", rig.site.now().utc).await;
    let row = rig.site.store().camera(id).await.unwrap().unwrap();
    let source = Source::Gb28181 {
        device: "23010000001320000001".into(),
        channel: "23010000001320000001".into(),
        transport: GbTransport::Udp,
    };
    let camera = rig.site.put_camera(CameraRow { source, ..row }).await.unwrap();
    let now = rig.site.now();
    let at = Now { utc: now.utc.plus_ms(-8_000), mono: now.mono };
    camera.media([MediaEvent::Video(h264(false))], at);
    camera.set_phase(Phase::Streaming, at);
    let now = feed(&camera, at, 7);
    camera.tick(now);
    assert!(camera.state().is_recording());
    // The last second lies in no fragment yet, and nothing is committed.
    let (from, to) = (at.utc.plus_ms(1_000), at.utc.plus_ms(6_900));
    let request = rig.granted(&people, rig.form(&[id], from, to, "officer2")).await;
    let case = Case { rig, people, camera: id, from, to };
    let site = &case.rig.site;
    let row = site.begin_export(&case.people.first, request).await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(site.export(&case.people.first, row.id).await.unwrap().state, "making");
    let poster = site.poster_now(&case.rig.person("duty", Role::DutyOfficer).await, id).await.unwrap();
    assert!(poster.ends_with(&[7; 900]));
    feed(&camera, now, 12);
    let row = case.finished(row.id).await;
    assert_eq!(row.state, "done", "{:?}", site.store().notices().await.unwrap());
    let manifest = Verifier::open(&case.bytes(&row), None).unwrap().manifest().clone();
    assert!(manifest.gaps.is_empty() && case.check(&case.bytes(&row)).holds());
    let (first, last) = (manifest.actual.unwrap().from_utc_ms, manifest.actual.unwrap().to_utc_ms);
    assert!(first <= from && last >= to);
}

#[tokio::test]
async fn a_part_of_a_request_can_be_taken_but_nothing_beyond() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let (from, to) = (case.to.plus_ms(-20_000), case.to.plus_ms(-9_000));
    let id = case.rig.granted(people, case.rig.form(&[case.camera], from, case.to, "officer2")).await;
    let begin = |from, to| site.begin_export_of(&people.first, id, vec![case.camera], from, to);
    assert_eq!(begin(from.plus_ms(-1), to).await.unwrap_err().code, "outside_scope");
    assert_eq!(begin(to, from).await.unwrap_err().code, "range");
    let row = case.finished(begin(from, to).await.unwrap().id).await;
    let manifest = Verifier::open(&case.bytes(&row), None).unwrap().manifest().clone();
    assert_eq!(manifest.footage[0].fragments.len(), 6);
    assert!(case.check(&case.bytes(&row)).holds());
}

#[tokio::test]
async fn footage_that_was_changed_on_the_disk_is_not_published() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let id = case.rig.granted(people, case.rig.form(&[case.camera], case.from, case.to, "officer2")).await;
    let list = site.store().fragments(case.camera, case.from, case.to).await.unwrap();
    let path = case.rig.dir.path().join(&list[0].head.path);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[10_000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let row = site.begin_export(&people.first, id).await.unwrap();
    let row = case.finished(row.id).await;
    assert_eq!((row.state.as_str(), case.parts_left()), ("failed", 0));
    let notices = site.store().notices().await.unwrap();
    let notice = notices.iter().find(|n| n.code == "export_failed").unwrap();
    let (zh, en) = (&notice.text.zh, &notice.text.en);
    let name = case.rig.site.store().camera_names().await.unwrap().remove(&case.camera).unwrap();
    assert!(
        en.contains("is not what was recorded") && en.contains(&name) && zh.contains(&name),
        "camera and time: {en}"
    );
    assert!(en.contains(&list[0].frag.start.desk()[..10]), "{en}");
    assert_eq!(case.rig.acts("export.failed").await.len(), 1);
    assert_eq!(site.open_export(&people.custodian, row.id).await.unwrap_err().code, "export_not_ready");
}

#[tokio::test]
async fn a_stop_leaves_no_half_export_and_the_queue_is_bounded() {
    let case = Case::new().await;
    let queue = Queue::default();
    assert_eq!(queue.jobs.max_capacity(), QUEUE);
    let (site, people) = (&case.rig.site, &case.people);
    let id = case.rig.granted(people, case.rig.form(&[case.camera], case.from, case.to, "officer2")).await;
    let export = case.decided(id).await;
    let row = site.store().export(export).await.unwrap().unwrap();
    let part = case.rig.dir.path().join(format!("{}.part", row.path));
    std::fs::write(&part, b"half").unwrap();
    assert_eq!(site.store().fail_unfinished_exports().await.unwrap(), 1);
    assert_eq!(site.store().export(export).await.unwrap().unwrap().state, "failed");
    assert!(!part.exists());
}

#[tokio::test]
async fn two_tabs_get_one_export() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let id = case.rig.granted(people, case.rig.form(&[case.camera], case.from, case.to, "officer2")).await;
    let begin = || site.begin_export(&people.first, id);
    let (a, b, c) = tokio::join!(begin(), begin(), begin());
    let (a, b, c) = (a.unwrap().id, b.unwrap().id, c.unwrap().id);
    assert_eq!((a, b), (b, c));
    case.finished(a).await;
    assert_eq!((case.rig.acts("export.decided").await.len(), case.parts_left()), (1, 1));
}

#[tokio::test]
async fn room_is_promised_once_and_given_back() {
    let all = std::sync::Arc::default();
    let (first, sum) = Promise::new(5, &all);
    let (second, both) = Promise::new(7, &all);
    assert_eq!((sum, both), (5, 12));
    drop(first);
    assert_eq!(all.load(Ordering::Relaxed), 7);
    drop(second);
    assert_eq!(all.load(Ordering::Relaxed), 0);
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let id = case.rig.granted(people, case.rig.form(&[case.camera], case.from, case.to, "officer2")).await;
    let row = site.begin_export(&people.first, id).await.unwrap();
    case.finished(row.id).await;
    let promised = &site.exports_queue().promised_bytes;
    for _ in 0..2_400 {
        if promised.load(Ordering::Relaxed) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} bytes are still promised", promised.load(Ordering::Relaxed));
}

#[tokio::test]
async fn parts_have_the_state_of_their_exports() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let other = case.rig.camera("柜台", case.from).await;
    case.rig.record(other, case.from, 20).await;
    let id = case.rig.granted(people, case.rig.form(&[case.camera, other], case.from, case.to, "officer2")).await;
    let (parts, others) = site.export_parts(&people.first, id).await.unwrap();
    assert_eq!((parts.len(), others.len()), (1, 0));
    let part = &parts[0].part;
    assert_eq!((part.scope.from, part.scope.to, part.scope.cameras.len()), (case.from, case.to, 2));
    assert!(part.weight.entries >= 8 && part.weight.bytes > 0 && parts[0].export.is_none());
    // A range of one's own is of no part.
    let (from, to) = (case.to.plus_ms(-20_000), case.to.plus_ms(-9_000));
    let own = site.begin_export_of(&people.first, id, vec![case.camera], from, to).await.unwrap();
    let whole = site.begin_export(&people.first, id).await.unwrap();
    case.finished(own.id).await;
    let whole = case.finished(whole.id).await;
    let (parts, others) = site.export_parts(&people.custodian, id).await.unwrap();
    assert_eq!(parts[0].export.as_ref().map(|e| e.id), Some(whole.id));
    assert_eq!(others.iter().map(|e| e.id).collect::<Vec<_>>(), [own.id]);
    site.remove_export(&people.custodian, whole.id, "重复").await.unwrap();
    let (parts, _) = site.export_parts(&people.custodian, id).await.unwrap();
    assert_eq!(parts[0].export.as_ref().map(|e| e.state.as_str()), Some("removed"));
    let again = site.begin_export(&people.first, id).await.unwrap();
    assert_ne!(again.id, whole.id);
    assert_eq!(site.export_parts(&people.first, id).await.unwrap().0[0].export.as_ref().map(|e| e.id), Some(again.id));
    case.finished(again.id).await;
    let third = case.rig.person("officer3", Role::PoliceOfficer).await;
    assert_eq!(site.export_parts(&third, id).await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn the_custodian_removes_a_file_with_a_reason() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let id = case.rig.granted(people, case.rig.form(&[case.camera], case.from, case.to, "officer2")).await;
    let unfinished = case.decided(id).await;
    let early = site.remove_export(&people.custodian, unfinished, "早了").await;
    assert_eq!(early.unwrap_err().code, "export_not_ready");
    assert_eq!(site.store().fail_unfinished_exports().await.unwrap(), 1);
    let row = site.begin_export(&people.first, id).await.unwrap();
    let remove = async |by, reason| site.remove_export(by, row.id, reason).await.map_err(|r| r.code);
    case.finished(row.id).await;
    assert_eq!(remove(&people.first, "不要").await.unwrap_err(), "no_permission");
    assert_eq!(remove(&people.custodian, "  ").await.unwrap_err(), "reason_missing");
    assert_eq!((case.parts_left(), case.rig.acts("export.removed").await.len()), (1, 0));
    remove(&people.custodian, " 范围有误 ").await.unwrap();
    assert_eq!(case.parts_left(), 0);
    let act = case.rig.acts("export.removed").await.remove(0);
    assert_eq!((act.account, act.request), (Some(people.custodian.id), Some(id)));
    let kept = site.export(&people.first, row.id).await.unwrap();
    assert_eq!((kept.state.as_str(), kept.removed_why.as_str()), ("removed", "范围有误"));
    assert_eq!(remove(&people.custodian, "再来").await.unwrap_err(), "export_not_ready");
    assert_eq!(site.open_export(&people.first, row.id).await.unwrap_err().code, "export_removed");
    assert_eq!(site.store().exports_stock().await.unwrap(), (0, 0));
}

#[tokio::test]
async fn a_file_goes_by_itself_days_after_its_grant() {
    let case = Case::new().await;
    let (site, people) = (&case.rig.site, &case.people);
    let id = case.rig.granted(people, case.rig.form(&[case.camera], case.from, case.to, "officer2")).await;
    let row = site.begin_export(&people.first, id).await.unwrap();
    case.finished(row.id).await;
    assert_eq!(site.remove_due_exports().await.unwrap(), 0, "the grant runs");
    site.end_grant(&people.first, id).await.unwrap();
    let ended = site.request(&people.custodian, id).await.unwrap().state.ends().unwrap();
    assert_eq!(site.config().export_keep_days, 7);
    let due = ended.plus_ms(7 * DAY_MS);
    assert_eq!(site.remove_exports_due_at(due.plus_ms(-1)).await.unwrap(), 0, "a millisecond is missing");
    assert_eq!(case.parts_left(), 1);
    assert_eq!(site.remove_exports_due_at(due).await.unwrap(), 1);
    assert_eq!((case.parts_left(), site.remove_exports_due_at(due).await.unwrap()), (0, 0));
    // A clock that jumped ahead is not believed: the system's says less.
    site.clock().advance(30 * DAY_MS);
    assert_eq!(site.remove_due_exports().await.unwrap(), 0);
    let act = case.rig.acts("export.removed").await.remove(0);
    assert_eq!((act.account, act.request), (None, Some(id)));
    let row = site.export(&people.custodian, row.id).await.unwrap();
    assert_eq!((row.state.as_str(), row.removed_why.as_str()), ("removed", ""));
}
