//! A camera that is not ours (GStreamer serves a clip over RTSP from another process): recorded, exported by two officers, checked.
//!
//! ```text
//! clip ─▶ GStreamer RTSP ─▶ the real server ─▶ request, grant, two officers over HTTP ─▶ bundle ─▶ verify, ffprobe, ffmpeg
//! ```
//!
//! Seconds to record: `JIFANG_RECORD_SECONDS` (120 before a release). Clips of one's own: `JIFANG_TEST_CLIPS`.

use crate::support;

use base::UtcMs;
use serde_json::Value;
use std::path::Path;
use support::bundle::{self, File};
use support::peer::{self, CODECS, Peer};
use support::people::obtain_export;
use support::rig::{Eye, Kind, Plan, Rig, block_on, now};

fn seconds() -> u64 {
    std::env::var("JIFANG_RECORD_SECONDS").ok().and_then(|n| n.parse().ok()).unwrap_or(15)
}

/// What the manifest says of one camera's footage.
struct Claimed {
    path: String,
    pictures: usize,
    from: UtcMs,
    to: UtcMs,
}

fn claimed(manifest: &Value, camera: &str) -> Claimed {
    let footage = manifest["footage"].as_array().expect("footage");
    let mut of_camera = footage.iter().filter(|f| f["camera"] == camera);
    let file = of_camera.next().expect("footage of the camera");
    assert!(of_camera.next().is_none(), "one container is one file");
    let fragments = file["fragments"].as_array().expect("fragments");
    let number = |f: &Value, key: &str| f[key].as_i64().expect("a number");
    let (first, last) = (&fragments[0], &fragments[fragments.len() - 1]);
    Claimed {
        path: file["path"].as_str().expect("a path").to_owned(),
        pictures: fragments.iter().map(|f| usize::try_from(number(f, "pictures")).expect("a count")).sum(),
        from: UtcMs(number(first, "start_utc_ms")),
        to: UtcMs(number(last, "start_utc_ms") + number(last, "duration_90k") / 90),
    }
}

/// Every frame of the clip stands in the file in its turn, none twice, none missing, whatever the first one is.
fn frames_follow(clip: &[String], recorded: &[String], codec: &str) {
    let first = &recorded[0];
    let begin = clip
        .iter()
        .position(|frame| frame == first)
        .unwrap_or_else(|| panic!("{codec}: a frame that the clip has not"));
    for (n, frame) in recorded.iter().enumerate() {
        let source = (begin + n) % clip.len();
        assert_eq!(frame, &clip[source], "{codec}: frame {n} of the recording is not frame {source} of the clip");
    }
}

/// Presentation times go up by one picture's time, without a hole: the clips have ten pictures a second.
fn times_are_even(times: &[f64], codec: &str) {
    for (n, pair) in times.windows(2).enumerate() {
        let step_s = pair[1] - pair[0];
        assert!((0.09..0.11).contains(&step_s), "{codec}: {step_s} s between packets {n} and {}", n + 1);
    }
}

fn check_file(folder: &Path, files: &[File], manifest: &Value, camera: &str, codec: &str, clip: &Path) -> Claimed {
    let claimed = claimed(manifest, camera);
    let mp4 = folder.join(format!("export-{codec}.mp4"));
    std::fs::write(&mp4, &bundle::file(files, &claimed.path).bytes).expect("a temporary folder can be written");
    let times = peer::packet_times(&mp4);
    assert_eq!(times.len(), claimed.pictures, "{codec}: ffprobe finds every picture of the manifest");
    times_are_even(&times, codec);
    let source = peer::frame_digests(clip);
    let recorded = peer::frame_digests(&mp4);
    assert_eq!(recorded.len(), claimed.pictures, "{codec}: every picture decodes");
    frames_follow(&source, &recorded, codec);
    println!("{codec}: {} pictures, {} to {}", claimed.pictures, claimed.from.desk(), claimed.to.desk());
    claimed
}

#[test]
fn every_frame_of_a_foreign_camera_is_in_the_export() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seconds = seconds();
    let clips = CODECS.map(|codec| (codec, peer::clip(folder.path(), codec)));
    let long = clips.each_ref().map(|(codec, clip)| (*codec, peer::repeated(clip, folder.path(), codec, seconds + 90)));
    let peer = Peer::serve(folder.path(), &long);
    let eyes = CODECS.map(|codec| Eye::new(Kind::At(peer.url(codec)))).to_vec();
    let mut rig = Rig::build(Plan { eyes, people: true, ..Plan::default() });
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    let length_ms = i64::try_from(seconds * 1_000).expect("a short recording");
    // The forms take whole seconds.
    let from = UtcMs(now().0 / 1_000 * 1_000 + 2_000);
    let to = from.plus_ms(length_ms);
    // The group of pictures that reaches over the end too.
    rig.wait_footage(&[0, 1], to.plus_ms(2_000));
    let package = obtain_export(&rig.server, &rig.cameras, from, to);
    let path = folder.path().join("export.zip");
    std::fs::write(&path, &package).expect("a temporary folder can be written");

    let key = rig.server.data().join("ledger/key.pub");
    let verdict = bundle::verify(&path, key.to_str());
    assert_eq!((verdict.exit, verdict.codes), (Some(0), vec![]), "{}", verdict.json);
    assert_eq!(verdict.json["report"]["key_is_trusted"], true);
    let files = bundle::files(&package);
    let manifest: Value = serde_json::from_slice(&bundle::file(&files, "manifest.json").bytes).expect("a manifest");
    assert_eq!(manifest["gaps"], serde_json::json!([]), "nothing is missing in the range");
    for ((codec, clip), camera) in clips.iter().zip(&rig.cameras) {
        let claimed = check_file(folder.path(), &files, &manifest, &camera.to_string(), codec, clip);
        assert!(claimed.from <= from && claimed.to >= to, "{codec}: the range asked for is covered");
        let least = usize::try_from(seconds * 10).expect("a count");
        assert!(claimed.pictures >= least && claimed.pictures <= least + 40, "{codec}: {} pictures", claimed.pictures);
    }

    assert!(rig.server.stop().success());
    block_on(async {
        let store = rig.open().await;
        let report = store.check(&|_, _| {}).await.expect("the check runs");
        assert!(report.holds(), "{:#?}", report.faults);
        store.close().await;
    });
}
