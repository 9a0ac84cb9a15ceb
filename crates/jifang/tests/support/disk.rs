//! A small disk of a test's own that can become full: a tmpfs whose size is changed while it is in use.
//!
//! Needs the right to mount (the test container has it); without it [`SmallDisk::mount`] says so and the test is left out.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted tmpfs; taken down with this value, and with it the temporary folder around it. Drop it after the server that writes to it.
pub struct SmallDisk {
    path: PathBuf,
}

fn ran(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

impl SmallDisk {
    /// Mounts at a folder that is made; `None` without the right to.
    pub fn mount(path: &Path, megabytes: u64) -> Option<Self> {
        std::fs::create_dir_all(path).expect("a temporary folder can be written");
        let size = format!("size={megabytes}m");
        let mounted = ran(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "jifang-test"]).arg(path));
        mounted.then(|| Self { path: path.to_path_buf() })
    }

    /// Used space, bytes.
    pub fn used_bytes(&self) -> u64 {
        let s = rustix::fs::statvfs(&self.path).expect("a mounted disk");
        (s.f_blocks - s.f_bfree) * s.f_frsize
    }

    /// Mounts it anew as read-only or not; false while somebody has a file of it open for writing, which the system refuses.
    pub fn read_only(&self, yes: bool) -> bool {
        let options = if yes { "remount,ro" } else { "remount,rw" };
        ran(Command::new("mount").args(["-o", options]).arg(&self.path).stderr(std::process::Stdio::null()))
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the mounted disk elsewhere, so that its folder is an empty mount point; returns where it is now.
    #[track_caller]
    pub fn pull(&self) -> PathBuf {
        let aside = self.path.with_extension("pulled");
        std::fs::create_dir_all(&aside).expect("a temporary folder can be written");
        assert!(ran(Command::new("mount").arg("--bind").arg(&self.path).arg(&aside)), "the disk is seen elsewhere");
        assert!(ran(Command::new("umount").arg("-l").arg(&self.path)), "the disk goes");
        aside
    }

    /// Puts it back.
    #[track_caller]
    pub fn plug(&self, aside: &Path) {
        assert!(ran(Command::new("mount").arg("--bind").arg(aside).arg(&self.path)), "the disk comes back");
        assert!(ran(Command::new("umount").arg("-l").arg(aside)), "and is only there");
    }

    /// Leaves this much room on it, as if somebody else had filled the rest.
    #[track_caller]
    pub fn leave(&self, free_bytes: u64) {
        let size = format!("remount,size={}", self.used_bytes() + free_bytes);
        assert!(ran(Command::new("mount").args(["-o", &size]).arg(&self.path)), "the disk takes another size");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = ran(Command::new("umount").arg("-l").arg(&self.path));
        // The server's temporary folder could not be removed around a mounted disk.
        let _ = self.path.parent().map(std::fs::remove_dir_all);
    }
}
