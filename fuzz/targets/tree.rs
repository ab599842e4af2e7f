//! Sequences of requests of every kind, one by one, beside a model of the tree: each answer is the
//! model's, and so is what lies in the drop folder at the end.

#![no_main]

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ecocd::daemon::fuzzing::Playground;
use libfuzzer_sys::fuzz_target;

#[path = "support/model.rs"]
mod model;
#[path = "support/session.rs"]
mod session;
#[path = "support/talk.rs"]
mod talk;

use model::{Answer, Handle, Spot, Tree};
use session::{Asked, Made, Session};
use talk::{Talk, string};

/// Handles are fewer than a session may have.
const REQUESTS_MAX: usize = 50;

/// How long what an ended session left open may take to be put in place.
const KEPT_WITHIN: Duration = Duration::from_secs(8);

/// Paths as they are asked for, what they are without detours, and where they lead.
const PATHS: [Asked; 22] = [
    (b"/inbox/a.xml", "/inbox/a.xml", Spot::File("/inbox/a.xml")),
    (b"a.xml", "/a.xml", Spot::File("/inbox/a.xml")),
    (
        b"inbox//./b.XML",
        "/inbox/b.XML",
        Spot::File("/inbox/b.XML"),
    ),
    (
        b"/../inbox/a.part",
        "/inbox/a.part",
        Spot::File("/inbox/a.part"),
    ),
    (
        b"/inbox/a.part",
        "/inbox/a.part",
        Spot::File("/inbox/a.part"),
    ),
    (
        b"/inbox/.b.xml",
        "/inbox/.b.xml",
        Spot::File("/inbox/.b.xml"),
    ),
    (
        b"/test/../test/a.xml",
        "/test/a.xml",
        Spot::File("/test/a.xml"),
    ),
    (b"/test/a.xml", "/test/a.xml", Spot::File("/test/a.xml")),
    (b"test/x", "/test/x", Spot::File("/test/x")),
    (b"/README.txt", "/README.txt", Spot::Fixed),
    (b"limits.json", "/limits.json", Spot::Fixed),
    (b"", "/", Spot::Folder("/")),
    (b"/inbox/", "/inbox", Spot::Folder("/inbox")),
    (b"/inbox/../test", "/test", Spot::Folder("/test")),
    (b"receipts", "/receipts", Spot::Folder("/receipts")),
    (b"/receipts/2026-01-01", "/receipts/2026-01-01", Spot::NoDay),
    (
        b"/inbox/a.xml.receipt.json",
        "/inbox/a.xml.receipt.json",
        Spot::NoReceipt,
    ),
    (
        b"/receipts/2026-01-01/a",
        "/receipts/2026-01-01/a",
        Spot::NoReceipt,
    ),
    (b"/inbox/\xff.xml", "", Spot::BadName),
    (b"/inbox/.ecocd-1", "/inbox/.ecocd-1", Spot::BadName),
    (b"/elsewhere/a.xml", "/elsewhere/a.xml", Spot::Nowhere),
    (b"/inbox/b/../../../inbox/b/c", "/inbox/b/c", Spot::Nowhere),
];

fn playground() -> &'static Playground {
    static PLACE: OnceLock<Playground> = OnceLock::new();
    PLACE.get_or_init(|| {
        // Stays until the machine forgets it: the process is ended, not left.
        let root = tempfile::tempdir().expect("a folder").keep();
        Playground::new(&root).expect("an account")
    })
}

/// Has one session with the service, from its beginning to its end.
fn with_session(tree: &mut Tree, work: impl FnOnce(&mut Session<'_>)) {
    let (talk, incoming, outgoing) = Talk::new();
    std::thread::scope(|scope| {
        scope.spawn(|| playground().converse(incoming, outgoing));
        let handles = BTreeMap::new();
        let mut session = Session {
            talk,
            tree,
            handles,
        };
        session.talk.begin();
        work(&mut session);
    });
}

/// What truly lies in the drop folder.
fn lies_there() -> BTreeMap<String, Vec<u8>> {
    let top = playground().drop_folder();
    let mut found = BTreeMap::new();
    for folder in ["inbox", "test", "tmp", "receipts"] {
        for entry in std::fs::read_dir(top.join(folder)).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = format!("/{folder}/{}", entry.file_name().to_string_lossy());
            // What is being put in place may have its name by now.
            if let Ok(octets) = std::fs::read(entry.path()) {
                found.insert(name, octets);
            }
        }
    }
    found
}

fn compare(tree: &Tree) {
    let expected: BTreeMap<String, Vec<u8>> = tree
        .files
        .iter()
        .map(|(path, file)| ((*path).to_owned(), file.octets.clone()))
        .collect();
    let began = Instant::now();
    loop {
        let found = lies_there();
        if found == expected {
            return;
        }
        let is_late = began.elapsed() > KEPT_WITHIN;
        assert!(
            !is_late,
            "there lies {found:?}, and by the model {expected:?}"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Two uploads that break off at one place come in any order.
fn are_apart(handles: &BTreeMap<Vec<u8>, Handle>) -> bool {
    let mut paths: Vec<&str> = handles
        .values()
        .filter_map(|handle| match handle {
            Handle::Writing(upload) => Some(upload.path),
            _ => None,
        })
        .collect();
    let count = paths.len();
    paths.sort_unstable();
    paths.dedup();
    paths.len() == count
}

fuzz_target!(|octets: &[u8]| {
    let mut tree = Tree::default();
    with_session(&mut tree, |session| {
        for request in octets.chunks_exact(5).take(REQUESTS_MAX) {
            let [kind, path, other, number, small] = *request else {
                return;
            };
            let path_of = |number: u8| PATHS[usize::from(number) % PATHS.len()];
            let made = Made {
                path: path_of(path),
                other: path_of(other),
                number,
                small,
            };
            session.request(kind, made);
        }
        let hangs_up = octets.len() % 5 == 1 && are_apart(&session.handles);
        for (name, handle) in session.handles.clone() {
            match handle {
                Handle::Writing(upload) if hangs_up => drop(session.tree.end(upload, false)),
                _ if hangs_up => (),
                _ => session.close(&name),
            }
        }
    });
    compare(&tree);
    // A new session sees the same, and takes all of it away again.
    with_session(&mut tree, |session| {
        for (path, _, spot) in PATHS {
            if matches!(spot, Spot::Folder(_)) {
                let made = Made {
                    path: (path, "", spot),
                    other: (path, "", spot),
                    number: 0,
                    small: 0,
                };
                session.request(11, made);
                let name = session.handle(0);
                session.of_handle(12, &name, made);
                session.close(&name);
            }
        }
        for (path, _, spot) in PATHS {
            let code = session.tree.remove(spot);
            session.ask(13, &[string(path)], Answer::Status(code));
        }
    });
    compare(&tree);
});
