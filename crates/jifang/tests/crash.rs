//! kill -9 under load, again and again: nothing acknowledged is lost, at most one group of pictures a camera, the check is clean.
//!
//! Rounds: `JIFANG_CRASH_ROUNDS` (a few by default, fifty before a release).

use crate::support;

use base::{CameraId, UtcMs};
use domain::recording::GapCause;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use store::Store;
use store::logbook::ActFilter;
use support::rig::{Kind, MANAGER_TOKEN, Rig, block_on, now, open};
use support::{PATIENCE, Stalls, poll, wait_until};

/// The simulated cameras begin a group of pictures every two seconds.
const GOP_MS: i64 = 2_000;
/// From a picture's time in the camera to the writer's file: encoding, loopback, hashing.
const WAY_MS: i64 = 700;
/// How often on that way something waits for the processor: [`Stalls`] says how long at most, on this machine in this run.
const HOPS: i64 = 8;

fn rounds() -> u32 {
    std::env::var("JIFANG_CRASH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4)
}

/// Asks for a deletion inside the term: the law refuses and the refusal is logged before the answer. True when acknowledged.
fn refused_deletion(rig: &Rig, camera: CameraId) -> bool {
    let mut client = rig.server.client();
    client.headers.push(("authorization".into(), format!("Bearer {MANAGER_TOKEN}")));
    client.timeout = Duration::from_secs(5);
    let to = now();
    let body = serde_json::json!({ "camera": camera, "from": to.0 - 60_000, "to": to.0, "reason": "test of the gate" });
    let headers = [("content-type", "application/json")];
    let answer = client.try_request("POST", "/api/v1/deletions", &headers, body.to_string().as_bytes());
    answer.is_ok_and(|a| a.status == 403)
}

/// Newest footage of each camera.
async fn ends(store: &Store, cameras: &[CameraId]) -> HashMap<CameraId, UtcMs> {
    let mut out = HashMap::new();
    for camera in cameras {
        if let Some(end) = store.footage_end(*camera).await.expect("footage end") {
            out.insert(*camera, end);
        }
    }
    out
}

/// Waits until every camera has footage newer than `since`, seen from outside the process.
fn wait_recording(rig: &Rig) {
    let mut client = rig.server.client();
    client.headers.push(("authorization".into(), format!("Bearer {MANAGER_TOKEN}")));
    wait_until("all cameras to record", PATIENCE * 2, || {
        let answer = client.try_request("GET", "/api/v1/cameras", &[], b"").ok()?;
        let list = serde_json::from_slice::<serde_json::Value>(&answer.body).ok()?;
        let cameras = list.get("cameras")?.as_array()?;
        let all = cameras.iter().all(|c| c["recording"] == true);
        (all && cameras.len() == rig.cameras.len()).then_some(())
    });
}

#[test]
fn kill_nine_loses_nothing_that_was_acknowledged() {
    let mut rig = Rig::new(&[Kind::GbUdp, Kind::GbTcp, Kind::Rtsp]);
    let stalls = Stalls::watch();
    let mut acknowledged = 0_usize;
    let mut sent = 0_usize;
    for round in 0..rounds() {
        rig.server.start_again();
        wait_recording(&rig);
        // A different moment in each round: within a span, at its end, just after a container began.
        let until = Instant::now() + Duration::from_millis(2_500 + u64::from(round * 1_337 % 9_000));
        stalls.take_ms();
        while Instant::now() < until {
            sent += 1;
            acknowledged += usize::from(refused_deletion(&rig, rig.cameras[sent % rig.cameras.len()]));
        }
        let killed = now();
        rig.server.kill();
        let way_ms = WAY_MS + HOPS * stalls.take_ms();
        block_on(examine(&rig, round, (killed, way_ms), acknowledged, sent));
    }
    assert!(acknowledged > 10, "the load did something: {acknowledged} of {sent}");
}

/// `killed`: when, and how long a picture may have been on its way then, ms.
async fn examine(rig: &Rig, round: u32, (killed, way_ms): (UtcMs, i64), acknowledged: usize, sent: usize) {
    let store = open(&rig.server.data()).await;
    let report = store.check(&|_, _| {}).await.expect("the check runs");
    assert!(report.holds(), "round {round}: {:#?}", report.faults);
    let filter = ActFilter { kind: Some("act.refused".into()), ..ActFilter::default() };
    let acts = store.acts(&filter, 1_000_000).await.expect("the log").len();
    assert!(
        (acknowledged..=sent).contains(&acts),
        "round {round}: {acknowledged} acknowledged, {acts} in the log, {sent} sent"
    );
    for (camera, end) in ends(&store, &rig.cameras).await {
        let lost_ms = killed.since(end);
        let most_ms = GOP_MS + way_ms;
        assert!(lost_ms <= most_ms, "round {round}, camera {camera}: {lost_ms} ms lost, more than {most_ms}");
        if round > 0 {
            let gaps = store.gaps(camera, killed.plus_ms(-3_600_000), killed).await.expect("gaps");
            assert!(gaps.iter().any(|g| g.cause == GapCause::ServerDown), "round {round}: the stop before has its gap");
        }
    }
    store.close().await;
}

#[test]
fn a_graceful_stop_loses_no_whole_group_and_starts_again() {
    let mut rig = Rig::new(&[Kind::GbUdp]);
    rig.server.start_again();
    wait_recording(&rig);
    let stalls = Stalls::watch();
    std::thread::sleep(Duration::from_secs(3));
    let stopped = now();
    assert!(rig.server.stop().success());
    let way_ms = WAY_MS + HOPS * stalls.take_ms();
    block_on(async {
        let store = open(&rig.server.data()).await;
        assert_eq!(store.recovered().fragments, 0, "nothing was left to recover");
        for (_, end) in ends(&store, &rig.cameras).await {
            let missing_ms = stopped.since(end);
            assert!(missing_ms <= way_ms, "{missing_ms} ms missing after a graceful stop, more than {way_ms}");
        }
        store.close().await;
    });
    rig.server.start_again();
    assert!(poll(Duration::from_secs(1), || rig.server.ended()).is_none());
}
