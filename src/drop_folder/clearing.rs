//! Takes away what its keeping time has run out for, and nothing that came in its place.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, RenameFlags};
use rustix::io::Errno;

use crate::domain::submission::FileMark;
use crate::drop_folder::account::checked_day;
use crate::drop_folder::path::is_day;
use crate::drop_folder::{AccountFolder, DropPath, Folder, opening, staged};

impl AccountFolder {
    /// Removes a file if it is still this one; `false` if another has taken its place, which stays.
    ///
    /// Between a look and a removal another program can put a new file under that name. So it is first
    /// renamed to a name of ours, which nobody else writes to, and looked at there once more.
    pub fn remove_if(&self, path: &DropPath, mark: FileMark) -> io::Result<bool> {
        let folder = self.folder(&path.folder)?;
        if !is_still(&folder, path.name(), mark)? {
            return Ok(false);
        }
        let aside = staged::new_name();
        rustix::fs::renameat(&folder, path.name(), &folder, &*aside)?;
        if is_still(&folder, &aside, mark)? {
            rustix::fs::unlinkat(&folder, &*aside, AtFlags::empty())?;
            return Ok(true);
        }
        put_back(&folder, &aside, path.name())?;
        Ok(false)
    }

    /// The days that have a folder of receipts.
    pub fn days(&self) -> io::Result<Vec<String>> {
        let mut days = Vec::new();
        opening::each_name(&self.folder(&Folder::Receipts)?, |name| {
            if is_day(name) {
                days.push(name.to_owned());
            }
        })?;
        Ok(days)
    }

    /// Removes a day's receipts with their folder, and says how many they were.
    pub fn remove_day(&self, day: &str) -> io::Result<u64> {
        let receipts = self.folder(&Folder::Receipts)?;
        let opened = opening::folder(&receipts, checked_day(day)?)?;
        let mut names = Vec::new();
        opening::each_name(&opened, |name| names.push(name.to_owned()))?;
        let mut removed = 0_u64;
        for name in names {
            rustix::fs::unlinkat(&opened, &*name, AtFlags::empty())?;
            removed = removed.saturating_add(1);
        }
        rustix::fs::unlinkat(&receipts, day, AtFlags::REMOVEDIR)?;
        Ok(removed)
    }
}

fn is_still(folder: &OwnedFd, name: &str, mark: FileMark) -> io::Result<bool> {
    match opening::facts(folder, name) {
        Ok(facts) => Ok(facts.is_plain && facts.mark == mark),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Gives a file its name back, unless a newer one has it by now.
fn put_back(folder: &OwnedFd, aside: &str, name: &str) -> io::Result<()> {
    match rustix::fs::renameat_with(folder, aside, folder, name, RenameFlags::NOREPLACE) {
        Err(Errno::EXIST) => Ok(rustix::fs::unlinkat(folder, aside, AtFlags::empty())?),
        // NFS and some others cannot do it in one step.
        Err(Errno::INVAL) => Ok(rustix::fs::renameat(folder, aside, folder, name)?),
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_meanwhile_keeps_its_name_and_the_newest_wins() {
        let data = tempfile::tempdir().unwrap();
        let folder = opening::root(data.path()).unwrap();
        let at = |name: &str| data.path().join(name);
        std::fs::write(at("aside"), "new").unwrap();
        put_back(&folder, "aside", "a.xml").unwrap();
        assert_eq!(std::fs::read(at("a.xml")).unwrap(), b"new");
        std::fs::write(at("aside"), "older").unwrap();
        put_back(&folder, "aside", "a.xml").unwrap();
        assert_eq!(std::fs::read(at("a.xml")).unwrap(), b"new");
        assert!(!at("aside").exists());
    }
}
