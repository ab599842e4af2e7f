//! Whatever is asked, and whatever local programs plant meanwhile: nothing outside the account's
//! folder changes or is told of, and inside holds what a small model of the tree says.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::doors::sftp::tests::{
    A, Bench, C, Client, Heard, OK, R, T, W, X, framed, heard, number, octets, string,
};
use crate::drop_folder::DropPath;

/// Stands in every file outside, and in the names of some.
const SECRET: &str = "nobody-may-see-this";

/// Rounds with a seed of their own, and the steps of each.
const SEEDS: u64 = 12;
const STEPS: usize = 500;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Everything outside the account's three folders: path, content, inode, mode, time of change.
fn outside(bench: &Bench) -> BTreeMap<PathBuf, (Vec<u8>, u64, u32, i64)> {
    let top = bench.acme.place.path();
    let mut seen = BTreeMap::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let is_inside = ["inbox", "test", "tmp", "receipts"]
                .iter()
                .any(|own| path.starts_with(top.join("drop/acme").join(own)));
            let is_database = path.to_string_lossy().contains("ecocd.sqlite");
            if is_inside || is_database {
                continue;
            }
            let facts = std::fs::symlink_metadata(&path).unwrap();
            let content = if facts.is_file() {
                std::fs::read(&path).unwrap()
            } else {
                Vec::new()
            };
            if facts.is_dir() {
                folders.push(path.clone());
            }
            // Moving the account's own folders away and back changes the time of what holds them.
            let changed = if path.ends_with("drop/acme") {
                0
            } else {
                facts.mtime_nsec()
            };
            seen.insert(path, (content, facts.ino(), facts.mode(), changed));
        }
    }
    seen
}

/// The places that nobody may reach.
fn furnish(bench: &Bench) -> Vec<PathBuf> {
    let top = bench.acme.place.path();
    let other = top.join("drop/other/inbox");
    std::fs::create_dir_all(&other).unwrap();
    let files = [
        top.join("secret"),
        top.join(format!("{SECRET}.xml")),
        top.join("drop/acme/secret.xml"),
        other.join("a.xml"),
        other.join(format!("{SECRET}.part")),
    ];
    for file in &files {
        std::fs::write(file, format!("<a>{SECRET}</a>")).unwrap();
    }
    files.into()
}

/// What a local program does between two requests.
fn plant(dice: &mut Dice, bench: &Bench, files: &[PathBuf]) {
    let name = *dice.one(&[
        "a.xml",
        "b.part",
        "link",
        "c.xml.receipt.json",
        "2026-01-01",
    ]);
    let folder = *dice.one(&["inbox", "test", "tmp", "receipts"]);
    let place = bench.file(folder).join(name);
    let target = dice.one(files).clone();
    match dice.below(7) {
        0 => drop(symlink(target, place)),
        1 => drop(symlink(target.parent().unwrap(), place)),
        2 => drop(std::fs::hard_link(target, place)),
        3 => drop(symlink("/proc/self/cwd", place)),
        4 => drop(std::fs::remove_file(place)),
        5 => drop(std::fs::create_dir(place)),
        // The folder itself becomes a link to another account's, for some requests.
        _ => {
            let (own, away) = (bench.file(folder), bench.file("away"));
            if std::fs::rename(&own, &away).is_ok() {
                symlink(bench.acme.place.path().join("drop/other/inbox"), &own).unwrap();
            }
        }
    }
}

/// Puts a folder back that became a link.
fn mend(bench: &Bench) {
    for folder in ["inbox", "test", "tmp", "receipts"] {
        let own = bench.file(folder);
        if own.is_symlink() {
            std::fs::remove_file(&own).unwrap();
            std::fs::rename(bench.file("away"), &own).unwrap();
        }
    }
}

fn any_path(dice: &mut Dice, files: &[PathBuf]) -> Vec<u8> {
    let start = *dice.one(&[
        "/inbox/",
        "inbox/",
        "/test/",
        "/receipts/",
        "/receipts/2026-01-01/",
        "/",
        "",
        "../",
        "/../",
        "/inbox/../../",
        "/inbox/../../other/inbox/",
        "//inbox//./",
        "/proc/self/root/",
        "/inbox/link/",
        "~/",
        "/inbox/\\..\\",
    ]);
    let name = *dice.one(&[
        "a.xml",
        "b.part",
        "link",
        "c.xml",
        "c.xml.receipt.json",
        "2026-01-01",
        "",
        ".",
        "..",
        "secret",
        "secret.xml",
        ".ecocd-1",
        "..%2f",
        "a\u{0}b",
        "\u{e9}.xml",
        "e\u{301}.xml",
        "other",
    ]);
    match dice.below(12) {
        0 => files[dice.below(files.len())]
            .to_string_lossy()
            .replace(SECRET, "x")
            .into_bytes(),
        1 => [start.as_bytes(), b"\xff\xfe.xml"].concat(),
        2 => [start, name, "/", name].concat().into_bytes(),
        _ => [start, name].concat().into_bytes(),
    }
}

/// Any request there is, with any path, on any handle.
fn any_request(
    dice: &mut Dice,
    client: &mut Client,
    files: &[PathBuf],
    open: &[Vec<u8>],
) -> Vec<u8> {
    let (one, other) = (any_path(dice, files), any_path(dice, files));
    let handle = if open.is_empty() {
        b"1".to_vec()
    } else {
        dice.one(open).clone()
    };
    let (path, to) = (octets(&one), octets(&other));
    let handle = octets(&handle);
    let flags = *dice.one(&[
        R,
        W,
        W | C,
        W | C | T,
        R | W,
        W | A,
        W | C | X,
        R | W | C | T,
        T,
        A,
    ]);
    let times = [number(8), number(1_000_000_000), number(1_000_000_000)].concat();
    let nought = 0_u64.to_be_bytes().to_vec();
    let extension = |name: &str, rest: Vec<Vec<u8>>| [vec![string(name)], rest].concat();
    let digest = || {
        vec![
            string("sha256,md5"),
            nought.clone(),
            nought.clone(),
            number(0),
        ]
    };
    let text = ["<a/>", "<a>", "x", ""][dice.below(4)];
    let content = string(text);
    let (kind, body) = match dice.below(26) {
        0..=4 => (3, vec![path, number(flags), number(0)]),
        5 | 6 => (4, vec![handle]),
        7 => (5, vec![handle, nought, number(1000)]),
        8 | 9 => (6, vec![handle, nought, content]),
        10 => (7, vec![path]),
        11 => (17, vec![path]),
        12 => (8, vec![handle]),
        13 => (9, vec![path, times]),
        14 => (10, vec![handle, times]),
        15 => (11, vec![path]),
        16 => (12, vec![handle]),
        17 => (13, vec![path]),
        18 => (14, vec![path, number(0)]),
        19 => (15, vec![path]),
        20 => (16, vec![path]),
        21 => (18, vec![path, to]),
        22 => (19 + u8::try_from(dice.below(2)).unwrap(), vec![path, to]),
        23 => (200, extension("posix-rename@openssh.com", vec![path, to])),
        24 => (
            200,
            extension("check-file-name", [vec![path], digest()].concat()),
        ),
        _ => {
            let name = *dice.one(&[
                "hardlink@openssh.com",
                "lsetstat@openssh.com",
                "statvfs@openssh.com",
            ]);
            (200, extension(name, vec![path, to]))
        }
    };
    client.request(kind, &body)
}

/// To every other door, files of more than five octets go through a file of ours, as large ones do.
async fn any_door(bench: &Bench, seed: u64) -> Client {
    let mut house = bench.house();
    if seed.is_multiple_of(2) {
        house.memory_bytes_max = 5;
    }
    bench.client_of(&Arc::new(house)).await
}

#[tokio::test]
async fn no_sequence_of_requests_changes_or_reveals_anything_outside() {
    let secret_digest = |bytes: &Path| {
        let digest = crate::intake::digest(&std::fs::read(bytes).unwrap());
        data_encoding::HEXLOWER
            .decode(digest.as_str().as_bytes())
            .unwrap()
    };
    for seed in 1..=SEEDS {
        let mut dice = Dice::new(seed);
        let bench = Bench::new().await;
        let mut client = any_door(&bench, seed).await;
        let files = furnish(&bench);
        let digest = secret_digest(&files[0]);
        let before = outside(&bench);
        let mut open: Vec<Vec<u8>> = Vec::new();
        for step in 0..STEPS {
            if dice.below(4) == 0 {
                // Planted in the account's own folder, not in what it became a link to.
                mend(&bench);
                plant(&mut dice, &bench, &files);
            }
            let request = any_request(&mut dice, &mut client, &files, &open);
            client.feed(&framed(&request)).await;
            let answer = client.hear().await;
            let has = |needle: &[u8]| answer.windows(needle.len()).any(|part| part == needle);
            assert!(
                !has(SECRET.as_bytes()) && !has(&digest),
                "seed {seed}, step {step}: {request:?} was told {answer:?}"
            );
            if let Heard::Handle(handle) = heard(&answer) {
                open.push(handle);
            }
            if dice.below(3) == 0 {
                mend(&bench);
            }
        }
        mend(&bench);
        drop(client);
        bench.settle().await;
        assert_eq!(outside(&bench), before, "seed {seed}");
        // Nor was anything from outside taken in.
        for submission in bench.acme.submissions().await {
            assert_ne!(
                submission.sha256,
                crate::intake::digest(format!("<a>{SECRET}</a>").as_bytes())
            );
        }
    }
}

/// What the model knows of a file: its content, and whether it was handed in as it stands.
type Model = BTreeMap<String, (Vec<u8>, bool)>;

fn is_judged(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".xml")
}

/// Renames as the promises say; `true` if it may be done.
fn rename_in(model: &mut Model, from: &str, to: &str, replace: bool) -> bool {
    let Some((content, _)) = model.get(from).cloned() else {
        return false;
    };
    if from == to {
        return true;
    }
    if let Some((_, is_handed_in)) = model.get(to)
        && (!replace || (is_judged(to) && *is_handed_in))
    {
        return false;
    }
    model.remove(from);
    let is_handed_in = is_judged(to) && content.ends_with(b"</a>");
    model.insert(to.to_owned(), (content, is_handed_in));
    true
}

/// Lists both folders, and looks at what was taken in.
async fn holds(bench: &Bench, client: &mut Client, model: &Model, note: &str) {
    for folder in ["/inbox", "/test"] {
        let mut there = client.list(folder).await;
        there.retain(|name| name != "." && name != "..");
        let prefix = format!("{folder}/");
        let expected: Vec<&str> = model
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .collect();
        assert_eq!(there, expected, "{note}");
    }
    let own = bench.folders.account(&bench.acme.account.code).unwrap();
    for (path, (_, is_handed_in)) in model {
        let there = own.facts(&DropPath::from_client(path).unwrap()).unwrap();
        // Of a file that was written over, it is known that another was taken in there.
        let taken = bench.taken(path).filter(|taken| taken.mark == there.mark);
        assert_eq!(taken.is_some(), *is_handed_in, "{note}: {path}");
    }
}

#[tokio::test]
async fn the_tree_is_what_the_requests_made_of_it() {
    let names = [
        "/inbox/a.xml",
        "/inbox/b.XML",
        "/inbox/c.part",
        "/test/a.xml",
        "/test/d",
        "/inbox/.e.tmp",
    ];
    let contents: [&[u8]; 4] = [b"<a>1</a>", b"<a>", b"", b"<a>longer</a>"];
    for seed in 1..=SEEDS {
        let mut dice = Dice::new(seed ^ 0xabcd);
        let bench = Bench::new().await;
        let mut client = any_door(&bench, seed).await;
        let mut model = Model::new();
        for step in 0..STEPS {
            let (path, to) = (*dice.one(&names), *dice.one(&names));
            let content = *dice.one(&contents);
            let note = format!("seed {seed}, step {step}: {path} {to}");
            match dice.below(6) {
                0 | 1 => {
                    assert_eq!(client.put(path, content).await, OK, "{note}");
                    let is_handed_in = is_judged(path) && content.ends_with(b"</a>");
                    model.insert(path.to_owned(), (content.to_vec(), is_handed_in));
                }
                2 => {
                    let is_done = client.remove(path).await == OK;
                    assert_eq!(is_done, model.remove(path).is_some(), "{note}");
                }
                3 | 4 => {
                    let replace = dice.below(2) == 0;
                    let is_done = if replace {
                        client.posix_rename(path, to).await == OK
                    } else {
                        client.rename(path, to).await == OK
                    };
                    assert_eq!(is_done, rename_in(&mut model, path, to, replace), "{note}");
                }
                _ => {
                    let heard = client.open(path, R).await;
                    assert_eq!(
                        matches!(heard, Heard::Handle(_)),
                        model.contains_key(path),
                        "{note}"
                    );
                    if let (Heard::Handle(handle), Some((content, _))) = (heard, model.get(path)) {
                        let read = client.read(&handle, 0, 1000).await;
                        if content.is_empty() {
                            assert_eq!(read.code(), 1, "{note}");
                        } else {
                            assert_eq!(read, Heard::Other(103, octets(content)), "{note}");
                        }
                        client.close(&handle).await;
                    }
                }
            }
            holds(&bench, &mut client, &model, &note).await;
        }
    }
}
