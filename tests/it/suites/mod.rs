//! Suites that others wrote. They are fetched beside the project, unpacked once into `target/suites`,
//! and never become part of it.

mod document;
mod xmlconf;
mod xsd_catalogue;
mod xsd_count;
mod xsd_suite;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Is everything to be run, and not a twentieth?
pub(crate) fn is_full() -> bool {
    std::env::var_os("ECOCD_TEST_FULL").is_some()
}

/// Does this one belong to the twentieth that is run each time? The choice is the same on every machine.
pub(crate) fn is_chosen(name: &str) -> bool {
    // FNV-1a, then a look at the high bits: the low ones of names that end alike are alike too.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    is_full() || (hash >> 32) % 20 == 7
}

/// The folder of an unpacked suite; `None`, and said loudly, if its archive is not there.
pub(crate) fn unpacked(name: &str, archive: &str) -> Option<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = project.join("target/suites");
    let folder = target.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let Some(archive) = project
        .ancestors()
        .skip(1)
        .map(|above| above.join("shared/suites").join(archive))
        .find(|path| path.is_file())
    else {
        println!("NOT CHECKED: the archive shared/suites/{archive} is not beside the project");
        eprintln!("NOT CHECKED: the archive shared/suites/{archive} is not beside the project");
        return None;
    };
    // Unpacked beside, then renamed: a run that was cut short leaves nothing half done.
    let beside = target.join(format!("{name}.{}", std::process::id()));
    fs::create_dir_all(&beside).expect("target/suites can be made");
    let status = Command::new("tar")
        .arg("-xJf")
        .arg(&archive)
        .arg("-C")
        .arg(&beside)
        .status()
        .expect("tar (Debian package tar) runs");
    assert!(
        status.success(),
        "tar and xz (Debian package xz-utils) unpack {}",
        archive.display()
    );
    // Another run may have been faster; then its folder stays.
    fs::rename(beside.join(name), &folder).ok();
    fs::remove_dir_all(&beside).ok();
    assert!(
        folder.is_dir(),
        "{} holds a folder {name}",
        archive.display()
    );
    Some(folder)
}
