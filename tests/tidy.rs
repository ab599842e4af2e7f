//! What the compiler does not check: which room may use which, and how large a file may grow.
//!
//! A room is a file or a folder directly under `src`. The tables below are the house rules; to
//! change a rule, change its line here and say why in the commit.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each room, and the rooms it may use. A room may only use rooms that stand above it, so that
/// the arrows can never run in a circle.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("runtime", &[]),
    ("metrics", &["domain"]),
    ("config", &["domain"]),
    ("logging", &["config"]),
    ("check", &["domain"]),
    ("certificate", &["check", "domain"]),
    ("store", &["config", "domain", "runtime"]),
    ("drop_folder", &["domain", "runtime"]),
    ("receipts", &["config", "domain", "drop_folder"]),
    ("letters", &["config", "domain"]),
    ("mail", &["config", "domain", "runtime", "store"]),
    (
        "access",
        &["config", "domain", "metrics", "runtime", "store"],
    ),
    (
        "intake",
        &["config", "domain", "metrics", "runtime", "store"],
    ),
    (
        "doors",
        &[
            "access",
            "config",
            "domain",
            "drop_folder",
            "intake",
            "metrics",
            "receipts",
            "runtime",
        ],
    ),
    (
        "pipeline",
        &[
            "check",
            "config",
            "domain",
            "drop_folder",
            "intake",
            "receipts",
            "runtime",
            "store",
        ],
    ),
    (
        "web",
        &[
            "access",
            "certificate",
            "config",
            "domain",
            "intake",
            "letters",
            "metrics",
            "runtime",
            "store",
        ],
    ),
    (
        "upkeep",
        &[
            "config",
            "domain",
            "drop_folder",
            "intake",
            "metrics",
            "runtime",
            "store",
        ],
    ),
    (
        "daemon",
        &[
            "access",
            "certificate",
            "check",
            "config",
            "domain",
            "doors",
            "drop_folder",
            "intake",
            "logging",
            "mail",
            "pipeline",
            "receipts",
            "runtime",
            "store",
            "upkeep",
            "web",
        ],
    ),
    (
        "cli",
        &[
            "access", "check", "config", "daemon", "domain", "letters", "logging", "pipeline",
            "receipts", "runtime", "store",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Libraries that belong to certain rooms only.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("anyhow", &["cli", "daemon", "main"]),
    ("askama", &["letters", "mail", "web"]),
    ("axum", &["web"]),
    ("clap", &["cli"]),
    ("diesel", &["store"]),
    ("diesel_async", &["store"]),
    ("diesel_migrations", &["store"]),
    ("hyper_util", &["web"]),
    ("futures_util", &["web"]),
    ("lettre", &["mail"]),
    ("multer", &["web"]),
    ("notify", &["doors"]),
    ("russh", &["doors"]),
    ("russh_sftp", &["doors"]),
    ("rustls", &["web"]),
    ("serde_urlencoded", &["web"]),
    ("serde", &["cli", "config", "mail", "receipts", "web"]),
    ("tikv_jemallocator", &["main"]),
    ("tokio_rustls", &["web"]),
    ("tower", &["web"]),
    ("tower_http", &["web"]),
];

/// Rooms that are pure: they compute, they never touch the outside world.
const PURE: &[&str] = &["domain", "check", "certificate"];

/// What a pure room may not name.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "tokio",
    "tracing",
];

/// Ways to write a path that hide from a reader, and from this test, which room is used.
const UNREADABLE_PATHS: &[(&str, &str)] = &[
    ("crate::{", "one `use crate::room::…` line a room"),
    ("super::super", "write the path from `crate::`"),
    ("use super::{", "write the path from `crate::`"),
];

/// The most lines a file may have.
const LINES_MAX: usize = 500;

struct Source {
    path: PathBuf,
    room: String,
    text: String,
    code: String,
}

#[test]
fn the_house_is_tidy() {
    let sources = sources();
    assert!(!sources.is_empty(), "no sources found");
    let mut faults = Vec::new();
    for source in &sources {
        let mut fault = |what: String| faults.push(format!("{}: {what}", source.path.display()));
        if !source.text.starts_with("//! ") {
            fault("the first line must say the file's duty (`//! …`)".into());
        }
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            fault(format!("{lines} lines; at most {LINES_MAX}"));
        }
        for word in ["TODO", "FIXME", "XXX"] {
            if source.text.contains(word) {
                fault(format!(
                    "{word} is for your working copy; file an issue instead"
                ));
            }
        }
        for (path, instead) in UNREADABLE_PATHS {
            if source.code.contains(path) {
                fault(format!("`{path}`: {instead}"));
            }
        }
        let Some(allowed) = rooms_open_to(&source.room) else {
            fault(format!(
                "the room `{}` is not in the table ROOMS",
                source.room
            ));
            continue;
        };
        // What is compiled for tests alone may read its cases, and may look at what came of a room's
        // work through any room above or below.
        let is_for_tests = source
            .path
            .components()
            .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
        for (other, _) in ROOMS {
            if is_for_tests {
                break;
            }
            let uses = names_path(&source.code, &format!("crate::{other}"));
            if uses && *other != source.room && !allowed.contains(other) {
                fault(format!("`{}` may not use `{other}`", source.room));
            }
        }
        for (library, rooms) in LIBRARIES {
            if names_library(&source.code, library) && !rooms.contains(&source.room.as_str()) {
                fault(format!("`{library}` belongs to {rooms:?}"));
            }
        }
        if PURE.contains(&source.room.as_str()) && !is_for_tests {
            for outside in OUTSIDE {
                if names_path(&source.code, outside) {
                    fault(format!(
                        "`{}` is pure; it may not name `{outside}`",
                        source.room
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_acceptance_table_has_every_row() {
    let table = fs::read_to_string("docs/portal-acceptance.md").expect("the table is there");
    // How many rows each section of the guide has.
    let sections = [
        ('A', 12),
        ('B', 8),
        ('C', 4),
        ('D', 13),
        ('E', 10),
        ('F', 17),
        ('G', 4),
        ('H', 7),
        ('I', 10),
        ('J', 7),
        ('K', 21),
        ('L', 15),
        ('M', 7),
        ('N', 2),
    ];
    let named: Vec<&str> = table
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .collect();
    for (section, rows) in sections {
        for row in 1..=rows {
            let row = format!("{section}{row}");
            assert!(named.contains(&row.as_str()), "row {row} is missing");
        }
    }
}

#[test]
fn the_arrows_run_one_way() {
    for (place, (room, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            let above = ROOMS.iter().position(|(name, _)| name == other);
            assert!(
                above.is_some_and(|above| above < place),
                "`{room}` → `{other}` runs upwards"
            );
        }
    }
}

/// The rooms that `room` may use; `None` for a room the table does not know.
fn rooms_open_to(room: &str) -> Option<&'static [&'static str]> {
    ROOMS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, allowed)| *allowed)
}

/// Does `code` begin a path with `library`?
fn names_library(code: &str, library: &str) -> bool {
    code.match_indices(&format!("{library}::"))
        .any(|(start, _)| {
            let before = code.get(..start).and_then(|text| text.chars().next_back());
            !before.is_some_and(|letter| is_word(letter) || letter == ':')
        })
}

/// Does `code` name `path` as a whole word?
fn names_path(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(start, _)| {
        let end = start.saturating_add(path.len());
        let before = code.get(..start).and_then(|text| text.chars().next_back());
        let after = code.get(end..).and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Every source file, with its comments cut out of `code`.
fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(source(&src, &path));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn source(src: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("a source file is text");
    let below = path.strip_prefix(src).expect("found below src");
    let room = Path::new(below.components().next().expect("a name").as_os_str())
        .file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    Source {
        path: below.to_path_buf(),
        room,
        text,
        code,
    }
}
