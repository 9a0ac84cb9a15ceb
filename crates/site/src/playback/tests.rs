//! Tests of playback on a real store in a temporary folder.

use super::rig::{GOP_MS, Rig, bytes_of, h264};
use super::{Purpose, Viewer};
use base::{CameraId, ErrorKind, UtcMs};
use domain::access::Role;
use domain::recording::GapCause;
use law::Jurisdiction;
use media::fragment::parse_init;
use media::mp4::{Piece, SourceFragment, VirtualMp4};
use store::footage::Job;

const HOUR_MS: i64 = 3_600_000;

async fn rig() -> (Rig, crate::Actor, UtcMs) {
    let rig = Rig::start(Jurisdiction::Heilongjiang).await;
    let duty = rig.person("duty", Role::DutyOfficer).await;
    let at = UtcMs((rig.site.now().utc.0 - HOUR_MS) / 600_000 * 600_000);
    (rig, duty, at)
}

/// What the film of these stored fragments is, read without the site.
async fn by_hand(rig: &Rig, camera: CameraId, from: UtcMs, to: UtcMs) -> Vec<u8> {
    let list = rig.site.store().fragments(camera, from, to).await.unwrap();
    let init = parse_init(&list[0].head.init).unwrap();
    let mut paths: Vec<String> = Vec::new();
    let mut sources = Vec::new();
    for l in &list {
        let known = paths.iter().position(|p| *p == l.head.path);
        let container = known.unwrap_or_else(|| {
            paths.push(l.head.path.clone());
            paths.len() - 1
        });
        sources.push(SourceFragment {
            container: u32::try_from(container).unwrap(),
            file_offset: l.frag.offset,
            table: l.frag.table.clone(),
            start_utc_ms: l.frag.start,
            duration_90k: l.frag.duration_90k,
        });
    }
    let files: Vec<_> = paths.iter().map(|p| std::fs::read(rig.dir.path().join(p)).unwrap()).collect();
    let slice = |c: u32, at: u64, len: u64| {
        &files[c as usize][usize::try_from(at).unwrap()..usize::try_from(at + len).unwrap()]
    };
    let plan = VirtualMp4::plan(&init.video, init.audio.as_ref(), &sources).unwrap();
    let mut out = Vec::new();
    for piece in plan.ranges(0, u64::MAX) {
        match piece {
            Piece::Bytes(b) => out.extend_from_slice(&b),
            Piece::File { container, offset, len } => out.extend_from_slice(slice(container, offset, len)),
            Piece::Flac(p) => out.extend_from_slice(&p.render(slice(p.container, p.offset, u64::from(p.len)))),
        }
    }
    out
}

#[tokio::test]
async fn a_film_is_what_the_containers_hold_whatever_ranges_are_asked_for() {
    let (rig, duty, at) = rig().await;
    let camera = rig.camera("正门", at).await;
    let middle = rig.record(camera, at, 60).await;
    let end = rig.record(camera, middle, 30).await;
    let who = Viewer::Staff(&duty, Purpose::Patrol);
    let film = rig.site.play(who, camera, at.plus_ms(500), end).await.unwrap();
    let want = by_hand(&rig, camera, at.plus_ms(500), end).await;
    let (whole, longest) = bytes_of(film.read(0..film.total_bytes())).await;
    assert_eq!(whole.len() as u64, film.total_bytes());
    assert!(whole == want, "the bytes differ");
    assert!(longest <= 256 * 1024, "{longest}");
    let n = film.total_bytes();
    for (a, b) in [(0, 1), (n - 1, n), (n / 3, n / 3 * 2), (100_000, 400_001), (n / 2, n + 99), (n, n + 1)] {
        let (part, _) = bytes_of(film.read(a..b)).await;
        let b = usize::try_from(b.min(n)).unwrap();
        assert!(part == want[usize::try_from(a).unwrap()..b], "{a}..{b}");
    }
    assert_eq!((film.until(), film.start_utc_ms(), film.begin_ms()), (end, at, 500));
    assert_eq!(film.pieces().len(), 1);
    assert_eq!(film.duration_ms(), 180_000);
    let again = rig.site.play(who, camera, at.plus_ms(500), end).await.unwrap();
    assert_eq!(again.etag(), film.etag());
    let other = rig.site.play(who, camera, at.plus_ms(GOP_MS + 500), end).await.unwrap();
    assert_ne!(other.etag(), film.etag());
}

#[tokio::test]
async fn a_gap_is_shown_with_its_cause_and_keeps_both_clocks_in_step() {
    let (rig, duty, at) = rig().await;
    let camera = rig.camera("正门", at).await;
    let before = rig.record(camera, at, 5).await;
    rig.gap_cause(camera, GapCause::DeviceOffline);
    let resumed = before.plus_ms(30_000);
    let end = rig.record(camera, resumed, 5).await;
    let film = rig.site.play(Viewer::Staff(&duty, Purpose::Incident), camera, at, end).await.unwrap();
    assert_eq!(film.duration_ms(), 50_000);
    let gaps: Vec<_> = film.gaps().iter().map(|g| (g.from, g.to, g.cause)).collect();
    assert_eq!(gaps, [(before, Some(resumed), GapCause::DeviceOffline)]);
    let pieces: Vec<_> = film.pieces().iter().map(|p| (p.media_ms, p.utc_ms, p.len_ms)).collect();
    assert_eq!(pieces, [(0, at, 10_000), (40_000, resumed, 10_000)]);
    let map = serde_json::to_value(film.map()).unwrap();
    assert_eq!((&map["gaps"][0]["cause"], &map["pieces"][1]["media_ms"]), (&"device_offline".into(), &40_000.into()));
    let line = rig.site.timeline(Viewer::Staff(&duty, Purpose::Patrol), camera, at, end).await.unwrap();
    assert_eq!(line.footage, [(at, before), (resumed, end)]);
    assert_eq!((line.oldest, line.newest, line.retention.min_days), (Some(at), Some(end), 30));
    // inside the gap there is nothing
    let none =
        rig.site.play(Viewer::Staff(&duty, Purpose::Patrol), camera, before.plus_ms(10), before.plus_ms(99)).await;
    assert_eq!(none.unwrap_err().code, "no_footage");
}

#[tokio::test]
async fn what_is_being_recorded_plays_and_a_film_with_a_fixed_end_stays_the_same() {
    let (rig, duty, at) = rig().await;
    let camera = rig.camera("正门", at).await;
    let who = Viewer::Staff(&duty, Purpose::Patrol);
    rig.open(camera, at, false);
    let end = rig.fragments(camera, at, 3);
    rig.written().await;
    let first = rig.site.play(who, camera, at, at.plus_ms(HOUR_MS)).await.unwrap();
    assert_eq!((first.until(), first.duration_ms()), (end, 6_000));
    let later = rig.fragments(camera, end, 4);
    rig.written().await;
    let fixed = rig.site.play(who, camera, at, first.until()).await.unwrap();
    assert_eq!(fixed.etag(), first.etag());
    let grown = rig.site.play(who, camera, at, at.plus_ms(HOUR_MS)).await.unwrap();
    assert_eq!((grown.until(), grown.duration_ms()), (later, 14_000));
    let (bytes, _) = bytes_of(grown.read(0..grown.total_bytes())).await;
    assert!(bytes == by_hand(&rig, camera, at, later).await);
}

#[tokio::test]
async fn a_film_ends_where_the_codec_configuration_changes() {
    let (rig, duty, at) = rig().await;
    let camera = rig.camera("正门", at).await;
    let change = rig.record(camera, at, 5).await;
    rig.open(camera, change, true);
    let end = rig.fragments(camera, change, 5);
    rig.send(Job::Seal(camera, end));
    rig.committed(camera, at, end).await;
    let who = Viewer::Staff(&duty, Purpose::Patrol);
    let first = rig.site.play(who, camera, at, end).await.unwrap();
    assert_eq!((first.until(), first.duration_ms()), (change, 10_000));
    let next = rig.site.play(who, camera, first.until(), end).await.unwrap();
    assert_eq!((next.until(), next.duration_ms()), (end, 10_000));
    assert_ne!(h264(false).pps, h264(true).pps);
}

#[tokio::test]
async fn a_viewing_is_entered_once_before_its_first_byte() {
    let (rig, duty, at) = rig().await;
    let camera = rig.camera("正门", at).await;
    let end = rig.record(camera, at, 10).await;
    let who = Viewer::Staff(&duty, Purpose::Patrol);
    assert!(rig.acts("footage.viewed").await.is_empty());
    let film = rig.site.play(who, camera, at, end).await.unwrap();
    // The film was not read yet: its entry is there first.
    let acts = rig.acts("footage.viewed").await;
    assert_eq!(acts.iter().map(|a| (a.account, a.camera)).collect::<Vec<_>>(), [(Some(duty.id), Some(camera))]);
    let (a, b) = tokio::join!(
        rig.site.play(who, camera, at.plus_ms(GOP_MS), end),
        rig.site.play(who, camera, at, at.plus_ms(3 * GOP_MS))
    );
    assert!(a.is_ok() && b.is_ok());
    rig.site.poster(who, camera, at.plus_ms(5_000)).await.unwrap();
    assert_eq!(rig.acts("footage.viewed").await.len(), 1, "one stretch of ten minutes is one entry");
    let other = rig.person("duty2", Role::SecurityManager).await;
    rig.site.play(Viewer::Staff(&other, Purpose::Patrol), camera, at, end).await.unwrap();
    assert_eq!(rig.acts("footage.viewed").await.len(), 2);
    // Without the database there is no entry, and so no film.
    let third = rig.person("duty3", Role::DutyOfficer).await;
    rig.site.store().clone().close().await;
    let refused = rig.site.play(Viewer::Staff(&third, Purpose::Patrol), camera, at, end).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unavailable);
    drop(film);
}

#[tokio::test]
async fn role_and_law_stand_before_the_footage() {
    let (rig, duty, at) = rig().await;
    let camera = rig.camera("正门", at).await;
    let end = rig.record(camera, at, 5).await;
    for role in [Role::Administrator, Role::Auditor, Role::PoliceOfficer] {
        let actor = rig.person(role.code(), role).await;
        let refused = rig.site.play(Viewer::Staff(&actor, Purpose::Patrol), camera, at, end).await.unwrap_err();
        assert_eq!(refused.code, "no_permission", "{role:?}");
        assert_eq!(rig.site.may_view_live(&actor, camera).await.unwrap_err().code, "no_permission");
    }
    rig.site.may_view_live(&duty, camera).await.unwrap();
    let refused = rig.site.play(Viewer::Staff(&duty, Purpose::Other), camera, at, end).await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::Unlawful, "purpose_not_security"));
    assert!(refused.why.iter().any(|c| c.clause.0 == "B-29-1-1"));
    assert_eq!(rig.acts("act.refused").await.len(), 1);
    assert!(rig.acts("footage.viewed").await.is_empty());
    let who = Viewer::Staff(&duty, Purpose::Patrol);
    for (from, to) in [(at, at), (end, at), (at, at.plus_ms(4 * HOUR_MS + 1)), (UtcMs(-5), UtcMs(5))] {
        assert_eq!(rig.site.play(who, camera, from, to).await.unwrap_err().code, "range");
    }
    assert_eq!(rig.site.play(who, camera, end.plus_ms(1), end.plus_ms(999)).await.unwrap_err().code, "no_footage");
}

#[tokio::test]
async fn a_poster_is_one_key_picture_and_plans_stay_few() {
    let (rig, duty, at) = rig().await;
    let camera = rig.camera("正门", at).await;
    let end = rig.record(camera, at, 80).await;
    let who = Viewer::Staff(&duty, Purpose::Patrol);
    let poster = rig.site.poster(who, camera, at.plus_ms(2 * GOP_MS + 300)).await.unwrap();
    let brightness = u8::try_from((at.0 / GOP_MS + 2) % 251).unwrap();
    assert!(poster.ends_with(&[brightness; 3_000]) && &poster[4..8] == b"ftyp");
    assert_eq!(rig.site.poster(who, camera, end.plus_ms(1)).await.unwrap_err().code, "no_footage");
    assert_eq!(rig.site.poster_now(&duty, camera).await.unwrap_err().code, "not_found");
    for n in 0..80 {
        let from = at.plus_ms(n * GOP_MS);
        rig.site.play(who, camera, from, from.plus_ms(GOP_MS)).await.unwrap();
    }
    assert_eq!(rig.site.plans().len(), 64);
}
