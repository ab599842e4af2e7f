//! What a hostile or careless local program can and cannot do to a drop folder.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

use rustix::fs::{CWD, Mode, mkfifoat};

use crate::domain::Timestamp;
use crate::domain::account::AccountCode;
use crate::drop_folder::{AccountFolder, DropFolders, DropPath, Folder};

struct Bench {
    _root: tempfile::TempDir,
    top: PathBuf,
    folder: AccountFolder,
}

fn bench() -> Bench {
    let root = tempfile::tempdir().unwrap();
    let folders = DropFolders::open(&root.path().join("drop")).unwrap();
    let code = AccountCode::new("acme").unwrap();
    let folder = folders.account(&code).unwrap();
    Bench {
        top: folders.path_of(&code),
        _root: root,
        folder,
    }
}

fn inbox(name: &str) -> DropPath {
    DropPath::new(Folder::Inbox, name).unwrap()
}

fn put(bench: &Bench, name: &str, octets: &[u8]) {
    let staged = bench
        .folder
        .stage(&Folder::Inbox, octets, None, false)
        .unwrap();
    bench.folder.publish(staged, &inbox(name), false).unwrap();
}

#[test]
fn a_new_drop_folder_belongs_to_us_alone() {
    let bench = bench();
    for folder in ["", "inbox", "test", "tmp", "receipts"] {
        let mode = fs::metadata(bench.top.join(folder)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700, "{folder}");
    }
    put(&bench, "a.xml", b"<a/>");
    let mode = fs::metadata(bench.top.join("inbox/a.xml")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn links_fifos_and_folders_are_never_opened() {
    let bench = bench();
    let secret = bench.top.join("secret");
    fs::write(&secret, "secret").unwrap();
    let place = |name: &str| bench.top.join("inbox").join(name);
    symlink(&secret, place("soft.xml")).unwrap();
    symlink("/etc/hostname", place("away.xml")).unwrap();
    symlink("/proc/self/fd/0", place("magic.xml")).unwrap();
    fs::hard_link(&secret, place("hard.xml")).unwrap();
    mkfifoat(CWD, place("fifo.xml"), Mode::RWXU).unwrap();
    fs::create_dir(place("folder.xml")).unwrap();
    for name in [
        "soft.xml",
        "away.xml",
        "magic.xml",
        "hard.xml",
        "fifo.xml",
        "folder.xml",
    ] {
        let path = inbox(name);
        assert!(!bench.folder.facts(&path).unwrap().is_plain, "{name}");
        let refused = |error: io::Error| assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        refused(bench.folder.read(&path).unwrap_err());
        refused(bench.folder.read_whole(&path, 1000).unwrap_err());
        let then = Timestamp::UNIX_EPOCH;
        refused(bench.folder.set_modified(&path, then).unwrap_err());
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
}

#[test]
fn a_planted_link_is_replaced_and_what_it_leads_to_stays() {
    let bench = bench();
    let outside = bench.top.join("outside");
    fs::write(&outside, "mine").unwrap();
    symlink(&outside, bench.top.join("inbox/a.xml")).unwrap();
    put(&bench, "a.xml", b"<a/>");
    assert!(bench.folder.facts(&inbox("a.xml")).unwrap().is_plain);
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");

    symlink(&outside, bench.top.join("inbox/b.xml")).unwrap();
    bench.folder.remove(&inbox("b.xml")).unwrap();
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
}

#[test]
fn a_folder_that_became_a_link_is_not_entered() {
    let bench = bench();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::remove_dir(bench.top.join("inbox")).unwrap();
    symlink(elsewhere.path(), bench.top.join("inbox")).unwrap();
    assert!(bench.folder.list(&Folder::Inbox).is_err());
    assert!(
        bench
            .folder
            .stage(&Folder::Inbox, b"x", None, false)
            .is_err()
    );
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_is_gone_is_made_again() {
    let bench = bench();
    fs::remove_dir(bench.top.join("inbox")).unwrap();
    assert!(bench.folder.list(&Folder::Inbox).unwrap().is_empty());
    put(&bench, "a.xml", b"<a/>");
    assert_eq!(fs::read(bench.top.join("inbox/a.xml")).unwrap(), b"<a/>");
}

#[test]
fn a_day_is_made_with_its_first_receipt_only() {
    let bench = bench();
    let day = Folder::Day("2026-06-12".to_owned());
    let none = bench.folder.list(&day).unwrap_err();
    assert_eq!(none.kind(), ErrorKind::NotFound);
    let staged = bench.folder.stage(&day, b"{}", None, true).unwrap();
    let path = DropPath::new(day.clone(), "r.json").unwrap();
    bench.folder.publish(staged, &path, true).unwrap();
    assert_eq!(bench.folder.list(&day).unwrap().len(), 1);
    let bad = Folder::Day("../inbox".to_owned());
    let refused = bench.folder.list(&bad).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
}

#[test]
fn publishing_changes_nothing_of_the_mark() {
    let bench = bench();
    let then = Timestamp::new(1_700_000_000, 123_456_000).unwrap();
    let staged = bench
        .folder
        .stage(&Folder::Inbox, b"<a/>", Some(then), true)
        .unwrap();
    let mark = staged.mark;
    assert_eq!(i128::from(mark.modified_ns), then.as_nanosecond());
    bench.folder.publish(staged, &inbox("a.xml"), true).unwrap();
    assert_eq!(bench.folder.facts(&inbox("a.xml")).unwrap().mark, mark);
    let (octets, read) = bench.folder.read_whole(&inbox("a.xml"), 4).unwrap();
    assert_eq!((octets.as_slice(), read), (b"<a/>".as_slice(), mark));
}

#[test]
fn a_staged_file_is_seen_by_nobody_and_gone_when_dropped() {
    let bench = bench();
    let staged = bench
        .folder
        .stage(&Folder::Inbox, b"half", None, false)
        .unwrap();
    let count = || fs::read_dir(bench.top.join("inbox")).unwrap().count();
    assert_eq!(count(), 1);
    assert!(bench.folder.list(&Folder::Inbox).unwrap().is_empty());
    drop(staged);
    assert_eq!(count(), 0);
}

#[test]
fn the_sweep_takes_what_a_crash_left_and_leaves_what_is_being_written() {
    let bench = bench();
    fs::write(bench.top.join("inbox/.ecocd-left"), "half").unwrap();
    fs::write(bench.top.join("inbox/.other"), "theirs").unwrap();
    let staged = bench
        .folder
        .stage(&Folder::Test, b"living", None, false)
        .unwrap();
    assert_eq!(bench.folder.sweep().unwrap(), 1);
    let path = DropPath::new(Folder::Test, "a.xml").unwrap();
    bench.folder.publish(staged, &path, false).unwrap();
    assert!(bench.top.join("inbox/.other").exists());
}

#[test]
fn a_rename_takes_the_place_of_another_only_when_asked() {
    let bench = bench();
    put(&bench, "a.xml", b"a");
    put(&bench, "b.xml", b"b");
    let taken = bench
        .folder
        .rename(&inbox("a.xml"), &inbox("b.xml"), false)
        .unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
    bench
        .folder
        .rename(&inbox("a.xml"), &inbox("b.xml"), true)
        .unwrap();
    assert_eq!(
        bench.folder.read_whole(&inbox("b.xml"), 10).unwrap().0,
        b"a"
    );
    let gone = bench.folder.facts(&inbox("a.xml")).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[test]
fn a_file_past_the_limit_is_not_read() {
    let bench = bench();
    put(&bench, "a.xml", b"12345");
    let long = bench.folder.read_whole(&inbox("a.xml"), 4).unwrap_err();
    assert_eq!(long.kind(), ErrorKind::FileTooLarge);
}

#[test]
fn a_new_time_gives_a_new_mark() {
    let bench = bench();
    put(&bench, "a.xml", b"12345");
    let then = Timestamp::new(1_600_000_000, 0).unwrap();
    let mark = bench.folder.set_modified(&inbox("a.xml"), then).unwrap();
    assert_eq!(i128::from(mark.modified_ns), then.as_nanosecond());
    assert_eq!(bench.folder.facts(&inbox("a.xml")).unwrap().mark, mark);
}

#[test]
fn a_read_only_file_can_still_be_removed() {
    let bench = bench();
    let staged = bench
        .folder
        .stage(&Folder::Inbox, b"{}", None, false)
        .unwrap();
    staged.make_read_only().unwrap();
    bench
        .folder
        .publish(staged, &inbox("r.json"), false)
        .unwrap();
    let mode = fs::metadata(bench.top.join("inbox/r.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o440);
    bench.folder.remove(&inbox("r.json")).unwrap();
}

#[test]
fn ten_thousand_names_are_listed_once_each() {
    let bench = bench();
    for number in 0..10_000 {
        fs::write(bench.top.join(format!("inbox/{number}.xml")), "").unwrap();
    }
    let mut names: Vec<String> = bench
        .folder
        .list(&Folder::Inbox)
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 10_000);
    bench.folder.sync_all().unwrap();
}
