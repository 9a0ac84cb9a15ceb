//! Emptying a disk that is to be taken out: its containers move one by one to the other disks, each proved before the old one goes.

use crate::Site;
use base::{ContainerId, Text};
use domain::storage::DiskState;
use std::collections::HashSet;
use std::time::Duration;
use store::footage::moves::{Movable, MoveError, Moved};

/// Pause when there is nothing to move.
const REST: Duration = Duration::from_secs(10);
/// Bytes that are moved a second at most, so that recording has the disks first.
pub const PACE_BYTES_S: u64 = 40 * 1024 * 1024;
/// Containers asked for at once.
const BATCH: u32 = 64;

/// The loop. Moves whatever lies on a disk whose state is `drain`.
pub(crate) async fn run(site: Site) {
    // Those that cannot move stay for a person; they are tried again after a restart.
    let mut stay: HashSet<ContainerId> = HashSet::new();
    loop {
        match step(&site, &mut stay).await {
            Ok(Some(bytes)) => tokio::time::sleep(Duration::from_millis(bytes * 1_000 / PACE_BYTES_S)).await,
            Ok(None) => tokio::time::sleep(REST).await,
            Err(error) => {
                tracing::error!(%error, "a container could not be moved; trying again");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Moves one container; its bytes, or `None` when there is none.
async fn step(site: &Site, stay: &mut HashSet<ContainerId>) -> Result<Option<u64>, MoveError> {
    let disks = site.store().disks();
    for view in disks.views() {
        if view.state != DiskState::Drain || !view.standing.can_read() {
            continue;
        }
        let list = site
            .store()
            .containers_on(&view.name, BATCH + u32::try_from(stay.len()).unwrap_or(u32::MAX - BATCH))
            .await?;
        let Some(what) = list.into_iter().find(|c| !stay.contains(&c.id)) else { continue };
        let priority = site.camera(what.camera).map_or(0, |c| c.row().priority);
        let Some(to) = target(site, &what, priority) else { continue };
        match site.store().move_container(&what, to).await? {
            Moved::Done => {
                metrics::counter!("jifang_containers_moved_total").increment(1);
                return Ok(Some(what.bytes));
            }
            Moved::Gone => return Ok(Some(0)),
            Moved::Damaged(fault) => {
                stay.insert(what.id);
                damaged(site, &what, fault).await;
                return Ok(Some(what.bytes));
            }
        }
    }
    Ok(None)
}

/// The best disk that keeps its reserve with this container on it.
fn target(site: &Site, what: &Movable, priority: u8) -> Option<usize> {
    let disks = site.store().disks();
    let views = disks.views();
    let fits = |i: &usize| views[*i].free_bytes.saturating_sub(views[*i].reserve_bytes) > what.bytes;
    disks.order(what.camera, priority).into_iter().find(fits)
}

async fn damaged(site: &Site, what: &Movable, fault: &str) {
    let text = Text::of(
        format!("录像文件 {} 与记录不符（{fault}），不能移动，仍在原磁盘上。请运行 jifang check。", what.path),
        format!(
            "Container {} is not what its rows say ({fault}); it was not moved and lies where it lay. Run `jifang check`.",
            what.path
        ),
    );
    tracing::error!(path = %what.path, fault, "a container that is to be moved is damaged");
    match site.store().raise(1, "container_damaged", Some(what.camera), &text, site.now().utc).await {
        Ok(true) => site.log_system("container.damaged", text).await,
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "notice not stored"),
    }
}
