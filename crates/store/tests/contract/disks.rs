//! Several disks: where footage goes, a disk that fails, goes, comes back, is emptied, is replaced.

use crate::world::{
    Feed, Recording, T0, World, account, assert_chain, assert_clean, camera_row, committed, everything, until,
};
use base::{CameraId, UtcMs};
use domain::recording::GapCause;
use domain::storage::DiskState;
use std::path::PathBuf;
use store::Store;
use store::disks::{DiskConfig, Standing};
use store::footage::moves::Moved;
use store::footage::{Job, WriterEvent};

/// Place of the second disk.
const B: usize = 1;

/// A world whose data folder has a second disk `b` beside it that this camera is assigned to.
fn with_second(world: &World) -> (World, CameraId, PathBuf) {
    let cam = CameraId::new(T0.0, crate::world::random());
    let root = world.config.data.parent().unwrap().join("b");
    let b = DiskConfig {
        name: "b".into(),
        path: root.clone(),
        reserve_bytes: Some(0),
        min_priority: 0,
        cameras: vec![cam],
        state: DiskState::Active,
    };
    (world.with_disks(vec![b]), cam, root)
}

async fn open(world: &World, cam: CameraId) -> Store {
    let store = world.open().await;
    if store.camera(cam).await.unwrap().is_none() {
        let row = store::cameras::CameraRow { id: cam, ..camera_row(1) };
        let by = account(&store, "installer").await;
        store.put_camera(&row, &[], by, T0).await.unwrap();
    }
    store
}

fn disks_of(all: &[store::footage::read::Located]) -> Vec<&str> {
    all.iter().map(|l| store::disks::Disks::name_of(&l.head.path)).collect()
}

async fn gaps(store: &Store, cam: CameraId) -> Vec<(i64, Option<i64>, GapCause)> {
    let gaps = store.gaps(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    gaps.iter().map(|g| (g.from.since(T0), g.to.map(|to| to.since(T0)), g.cause)).collect()
}

pub async fn a_disk_that_refuses_is_left_for_another_at_once(world: &World) {
    let (world, cam, root) = with_second(world);
    let store = open(&world, cam).await;
    let mut r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 2);
    assert_eq!(disks_of(&committed(&store, cam, 2).await), ["b"; 2], "its own disk while that works");
    // A file where the camera's folder should be: no right of root helps.
    let folder = root.join(format!("footage/{cam}"));
    std::fs::rename(&folder, root.join("aside")).unwrap();
    std::fs::write(&folder, b"").unwrap();
    feed.container(&r.writer, 2);
    assert_eq!(r.events.recv().await, Some(WriterEvent::DiskRefuses(B)));
    assert_eq!(store.disks().standing(B), Standing::Refuses);
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(root.join("aside"), &folder).unwrap();
    let all = committed(&store, cam, 4).await;
    assert_eq!(disks_of(&all), ["b", "b", "main", "main"]);
    assert_chain(&store, &all);
    store.disks().set_refuses(B, false);
    feed.container(&r.writer, 1);
    assert_eq!(disks_of(&committed(&store, cam, 5).await)[4], "b", "and back when it works");
    r.stop().await;
    assert_eq!(gaps(&store, cam).await, [], "nothing was lost");
    assert_clean(&store).await;
}

pub async fn footage_on_a_disk_that_is_away_waits_for_it(world: &World) {
    let (world, cam, root) = with_second(world);
    let store = open(&world, cam).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 2);
    feed.open(&r.writer);
    assert!(feed.fragment(&r.writer) && feed.fragment(&r.writer));
    feed.span(&r.writer);
    committed(&store, cam, 4).await;

    // The cable is pulled: the folder is there, empty, as a mount point is.
    let away = root.with_extension("away");
    std::fs::rename(&root, &away).unwrap();
    std::fs::create_dir_all(root.join("footage")).unwrap();
    assert_eq!(store.disks().look(1_000), [(B, Standing::Away)]);
    assert!(r.writer.send(Job::LeaveDisk(B)));
    assert!(feed.fragment(&r.writer) && feed.fragment(&r.writer));
    feed.seal(&r.writer);
    let here = committed(&store, cam, 2).await;
    assert_eq!((disks_of(&here), here[0].frag.seq), (vec!["main"; 2], 4), "recording went on without a break");
    assert_eq!(gaps(&store, cam).await, []);
    let line = store.timeline(cam, T0, T0.plus_ms(10_000)).await.unwrap();
    assert_eq!(
        line.away.iter().map(|a| (a.0.since(T0), a.1.since(T0))).collect::<Vec<_>>(),
        [(0, 2_000), (2_000, 4_000)]
    );
    assert_eq!(line.footage, [(T0.plus_ms(4_000), T0.plus_ms(6_000))]);
    assert_eq!(assert_clean(&store).await.away, 2);
    assert_eq!(store.deletion_candidates(cam, T0.plus_ms(3_000), 9).await.unwrap().len(), 0, "not deleted unseen");
    assert!(!root.join("footage").join(cam.to_string()).exists(), "nothing is written on what is not the disk");
    let read = store.read_container("b:footage/x/y/z.mp4", 0, 1).unwrap_err();
    assert!(read.to_string().contains('b'), "{read}");

    // A start without it changes nothing.
    r.stop().await;
    drop(store);
    let store = open(&world, cam).await;
    assert_eq!((store.disks().standing(B), store.recovered().lost.len()), (Standing::Away, 0));
    assert_eq!(everything(&store, cam).await.len(), 2);

    std::fs::remove_dir_all(&root).unwrap();
    std::fs::rename(&away, &root).unwrap();
    assert_eq!(store.disks().look(2_000), [(B, Standing::Back)]);
    assert_eq!(store.disks().order(cam, 1), [0], "not written to before it was looked at");
    store.recover_disk(B, T0).await.unwrap();
    store.disks().set_refuses(B, false);
    assert_eq!(store.disks().order(cam, 1), [B, 0]);
    let all = committed(&store, cam, 6).await;
    assert_eq!(disks_of(&all), ["b", "b", "b", "b", "main", "main"]);
    assert_chain(&store, &all);
    assert_eq!(assert_clean(&store).await.away, 0);
}

pub async fn nothing_is_written_on_another_disk_in_its_place(world: &World) {
    let (world, cam, root) = with_second(world);
    drop(open(&world, cam).await);
    let identity = root.join("footage/disk.json");
    let text = std::fs::read_to_string(&identity).unwrap();
    let other = text.replace("\"id\": \"", "\"id\": \"00");
    assert_ne!(text, other);
    std::fs::write(&identity, other).unwrap();
    let store = open(&world, cam).await;
    assert_eq!(store.disks().standing(B), Standing::Other);
    let r = Recording::start(&store).await;
    Feed::new(cam, T0).container(&r.writer, 1);
    assert_eq!(disks_of(&committed(&store, cam, 1).await), ["main"]);
    r.stop().await;
}

pub async fn a_container_moves_only_when_the_copy_was_proved(world: &World) {
    let (world, cam, root) = with_second(world);
    let store = open(&world, cam).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 3);
    feed.container(&r.writer, 3);
    committed(&store, cam, 6).await;
    r.stop().await;
    let list = store.containers_on("b", 9).await.unwrap();
    assert_eq!((list.len(), store.stock_on("b").await.unwrap().0), (2, 2));
    assert_eq!(store.move_container(&list[0], 0).await.unwrap(), Moved::Done);
    assert_eq!(store.move_container(&list[0], 0).await.unwrap(), Moved::Gone, "once");
    let all = everything(&store, cam).await;
    assert_eq!(disks_of(&all), ["main", "main", "main", "b", "b", "b"]);
    assert_chain(&store, &all);
    let old = list[0].path.trim_start_matches("b:");
    assert!(!root.join(old).exists() && store.data().join(old).is_file());
    assert!(store.open_container(&list[0].path).is_ok(), "a film that began before finds it");
    assert_clean(&store).await;

    // One that is damaged stays, and its copy does not.
    let file = root.join(list[1].path.trim_start_matches("b:"));
    let whole = std::fs::read(&file).unwrap();
    let mut broken = whole.clone();
    let at = broken.len() - 5;
    broken[at] ^= 1;
    std::fs::write(&file, broken).unwrap();
    assert!(matches!(store.move_container(&list[1], 0).await.unwrap(), Moved::Damaged(_)));
    assert!(file.is_file() && !store.data().join(list[1].path.trim_start_matches("b:")).exists());
    std::fs::write(&file, &whole).unwrap();
    drop(store);

    // Killed while copying, before the switch, and after it: the row's own file stays, the other goes.
    let moved = world.config.data.join(old);
    let stay = world.config.data.join(list[1].path.trim_start_matches("b:"));
    std::fs::create_dir_all(stay.parent().unwrap()).unwrap();
    std::fs::write(stay.with_extension("part"), &whole[..40]).unwrap();
    std::fs::copy(&file, &stay).unwrap();
    std::fs::create_dir_all(root.join(old).parent().unwrap()).unwrap();
    std::fs::copy(&moved, root.join(old)).unwrap();
    let store = open(&world, cam).await;
    assert!(file.is_file() && !stay.exists(), "before the switch the source counts");
    assert!(moved.is_file() && !root.join(old).exists(), "after it the copy does");
    assert_chain(&store, &everything(&store, cam).await);
    assert_clean(&store).await;
    assert_eq!(store.move_container(&list[1], 0).await.unwrap(), Moved::Done, "over what the kill left");
    assert_eq!(store.stock_on("b").await.unwrap(), (0, 0));
    assert_clean(&store).await;
}

pub async fn a_disk_that_is_replaced_takes_its_footage_with_it_and_says_so(world: &World) {
    let (world, cam, root) = with_second(world);
    let store = open(&world, cam).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 2);
    feed.silence(5_000);
    feed.container(&r.writer, 2);
    committed(&store, cam, 4).await;
    r.stop().await;
    drop(store);
    std::fs::remove_dir_all(&root).unwrap();
    std::fs::create_dir_all(&root).unwrap();
    let store = open(&world, cam).await;
    assert_eq!(store.disks().standing(B), Standing::Away);
    assert_eq!(assert_clean(&store).await.lost, 0, "away is not lost");
    assert_eq!(store.replace_disk("b", T0).await.unwrap(), 2);
    assert_eq!(store.disks().standing(B), Standing::Here);
    assert!(store.replace_disk("nobody", T0).await.is_err());
    let lost = GapCause::FootageLost;
    let gap = (2_000, Some(7_000), GapCause::NoPackets);
    assert_eq!(gaps(&store, cam).await, [(0, Some(2_000), lost), gap, (7_000, Some(9_000), lost)]);
    assert_eq!(assert_clean(&store).await.lost, 2);
    let r = Recording::start(&store).await;
    feed.container(&r.writer, 2);
    let all = committed(&store, cam, 2).await;
    assert_eq!((disks_of(&all), all[0].frag.seq), (vec!["b"; 2], 4), "on the new disk, with the next number");
    r.stop().await;
    until("the log is whole", || async { store.flush_ledger().await.ok() }).await;
    assert_clean(&store).await;
}

pub async fn without_its_identity_the_data_folder_records_and_declares_nothing_lost(world: &World) {
    let cam = CameraId::new(T0.0, crate::world::random());
    let store = open(world, cam).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.open(&r.writer);
    assert!(feed.fragment(&r.writer));
    feed.span(&r.writer);
    committed(&store, cam, 1).await;
    std::mem::forget(r);
    drop(store);
    // The footage lies on a mount that is not there today.
    let footage = world.config.data.join("footage");
    let mount = footage.with_extension("mount");
    std::fs::rename(&footage, &mount).unwrap();
    let store = open(world, cam).await;
    assert_eq!((store.recovered().lost.len(), store.recovered().damaged.len()), (0, 1));
    let r = Recording::start(&store).await;
    Feed::new(cam, T0.plus_ms(60_000)).container(&r.writer, 1);
    committed(&store, cam, 2).await;
    r.stop().await;
    drop(store);
    std::fs::rename(&footage, footage.with_extension("meanwhile")).unwrap();
    std::fs::rename(&mount, &footage).unwrap();
    let store = open(world, cam).await;
    assert_eq!((store.recovered().lost.len(), store.recovered().damaged.len()), (0, 0));
    assert_eq!(everything(&store, cam).await.len(), 2);
}
