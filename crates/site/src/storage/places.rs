//! Disks that go and come: what is open on one that went goes on elsewhere, what lay on one that came back is looked at first.

use crate::Site;
use base::Text;
use std::sync::PoisonError;
use std::time::Duration;
use store::disks::Standing;
use store::footage::Job;

/// Longest wait for all disks to be looked at; one that hangs is told by the writer.
const LOOK_LIMIT: Duration = Duration::from_secs(20);

/// Name of a disk.
pub(super) fn name(site: &Site, disk: usize) -> String {
    let view = site.store().disks().name(disk);
    view.unwrap_or_default().to_owned()
}

/// A notice's word for a disk: the word alone for the data folder.
pub(super) fn code(site: &Site, word: &str, disk: usize) -> String {
    match name(site, disk) {
        name if name == store::disks::MAIN => word.to_owned(),
        name => format!("{word}.{name}"),
    }
}

/// Looks which disks are there, and acts on those that came or went.
pub(super) async fn look(site: &Site) {
    let (disks, mono_ms) = (site.store().disks().clone(), site.now().mono.0);
    let work = tokio::task::spawn_blocking(move || disks.look(mono_ms));
    let Ok(Ok(changes)) = tokio::time::timeout(LOOK_LIMIT, work).await else {
        tracing::error!("the disks could not be looked at in time");
        return;
    };
    for (disk, standing) in changes {
        match standing {
            Standing::Away | Standing::Other => {
                leave(site, disk).await;
                tell(site, disk, standing).await;
            }
            Standing::Back => back(site, disk).await,
            Standing::Here | Standing::Refuses => {}
        }
    }
    // One whose return could not be finished is tried again.
    for disk in 0..site.store().disks().count() {
        if site.store().disks().standing(disk) == Standing::Back {
            back(site, disk).await;
        }
    }
}

/// At the start: disks that are not there are told; those that are have no notice.
pub(super) async fn tell_all(site: &Site) {
    for disk in 0..site.store().disks().count() {
        let standing = site.store().disks().standing(disk);
        if standing.can_read() {
            let _ = site.store().clear(&code(site, "disk_away", disk), None, site.now().utc).await;
        } else {
            tell(site, disk, standing).await;
        }
    }
}

async fn leave(site: &Site, disk: usize) {
    let writer = site.0.writer.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(writer) = writer {
        let _ = writer.send(Job::LeaveDisk(disk));
        writer.barrier().await;
    }
}

async fn tell(site: &Site, disk: usize, standing: Standing) {
    let name = name(site, disk);
    let text = if standing == Standing::Other {
        Text::of(
            format!(
                "磁盘 {name} 的位置上是另一块磁盘：不会写入。请换回原盘；原盘已损坏时停止服务，运行 jifang disk replace。"
            ),
            format!(
                "Another disk stands in the place of disk {name}: nothing is written there. Put the right one back; if it is broken, \
                 stop the service and run `jifang disk replace`."
            ),
        )
    } else {
        Text::of(
            format!("磁盘 {name} 未连接：上面的录像暂时不能播放，但没有删除。请检查连接和挂载。"),
            format!(
                "Disk {name} is not there: its footage cannot be played for now, and is not deleted. Check its cable and its mount."
            ),
        )
    };
    tracing::error!(disk = %name, standing = standing.code(), "a disk is not there");
    match site.store().raise(1, &code(site, "disk_away", disk), None, &text, site.now().utc).await {
        Ok(true) => site.log_system("disk.away", text).await,
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "notice of the disk not stored"),
    }
}

/// A disk that is there again: what was being written on it is finished, then it takes footage.
async fn back(site: &Site, disk: usize) {
    leave(site, disk).await;
    let name = name(site, disk);
    match site.store().recover_disk(disk, site.now().utc).await {
        Ok(found) => tracing::info!(disk = %name, ?found, "a disk is there again"),
        Err(error) => {
            tracing::error!(disk = %name, %error, "what is on the disk could not be looked at; trying again");
            return;
        }
    }
    site.store().disks().set_refuses(disk, false);
    let now = site.now().utc;
    if site.store().clear(&code(site, "disk_away", disk), None, now).await.unwrap_or(false) {
        let text = Text::of(format!("磁盘 {name} 已恢复连接。"), format!("Disk {name} is there again."));
        site.log_system("disk.back", text).await;
    }
}
