//! Disks of a test's own, which run full or lose power. Needs root, and `machine_lacks` says so.
//! Debian package: xfsprogs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::tool;
use crate::support::wait;

/// The least that mkfs.xfs takes; the file has holes, so that little of it is on the true disk.
const XFS_BYTES: u64 = 320 << 20;

/// A file system that is mounted while this lives.
#[derive(Debug)]
pub(crate) struct Disk {
    mounted: PathBuf,
    /// The file in which an XFS lies.
    image: Option<PathBuf>,
}

impl Disk {
    /// A disk in memory of so many octets, over the folder `at`.
    pub(crate) fn in_memory(bytes: u64, at: &Path) -> Self {
        let size = format!("size={bytes},mode=700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "ecocd-test"]);
        tool::run(mount.arg(at), "").success();
        Self {
            mounted: at.to_path_buf(),
            image: None,
        }
    }

    /// An XFS of its own in a file below `home`, over the folder `at`.
    pub(crate) fn xfs(home: &Path, at: &Path) -> Self {
        let image = home.join("disk.xfs");
        let file = std::fs::File::create(&image).expect("a file can be made");
        file.set_len(XFS_BYTES).expect("a file with holes");
        tool::run(Command::new("mkfs.xfs").arg("-q").arg(&image), "").success();
        let mut disk = Self {
            mounted: at.to_path_buf(),
            image: Some(image),
        };
        disk.mount_again();
        disk
    }

    /// Makes a disk in memory larger or smaller.
    pub(crate) fn resize(&mut self, bytes: u64) {
        let size = format!("remount,size={bytes}");
        let mut mount = Command::new("mount");
        tool::run(mount.args(["-o", &size]).arg(&self.mounted), "").success();
    }

    /// From now on nothing reaches the disk, and what its log has not written is lost.
    pub(crate) fn cut_power(&mut self) {
        let mut shutdown = Command::new("xfs_io");
        shutdown.args(["-x", "-c", "shutdown"]).arg(&self.mounted);
        tool::run(&mut shutdown, "").success();
    }

    /// Takes the disk away, if it is there, and mounts it as after a power cut.
    pub(crate) fn mount_again(&mut self) {
        let image = self
            .image
            .clone()
            .expect("only an XFS can be mounted again");
        self.unmount();
        let mut mount = Command::new("mount");
        mount.args(["-t", "xfs", "-o", "loop"]).arg(&image);
        tool::run(mount.arg(&self.mounted), "").success();
    }

    fn unmount(&self) {
        // Asking the file system itself would fail once it is shut down.
        let place = format!(" {} ", self.mounted.display());
        let is_mounted = || {
            let mounts = std::fs::read_to_string("/proc/self/mounts").expect("Linux has it");
            mounts.contains(&place)
        };
        // A process that was killed a moment ago may still hold it.
        wait::until("the disk can be taken away", wait::SOON, || {
            if is_mounted() {
                tool::run(Command::new("umount").arg(&self.mounted), "");
            }
            (!is_mounted()).then_some(())
        });
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The service may still run on it.
            tool::run(Command::new("umount").arg("-l").arg(&self.mounted), "");
        } else {
            self.unmount();
        }
    }
}
