//! Sequences of requests on real folders: each gets one answer, and nothing outside is touched or told.

#![no_main]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use ecocd::daemon::fuzzing::Playground;
use libfuzzer_sys::fuzz_target;

const SECRET: &[u8] = b"nobody-may-see-this";

static PLACE: OnceLock<(Playground, PathBuf)> = OnceLock::new();

fn place() -> &'static (Playground, PathBuf) {
    PLACE.get_or_init(|| {
        // Stays until the machine forgets it: the process is ended, not left.
        let root = tempfile::tempdir().expect("a folder").keep();
        let playground = Playground::new(&root).expect("an account");
        // The first visit makes the folders.
        playground.speak(vec![0, 0, 0, 5, 1, 0, 0, 0, 3]);
        let secret = playground.drop_folder().join("secret.xml");
        std::fs::write(&secret, SECRET).expect("a secret");
        (playground, secret)
    })
}

/// The input as packets: one octet says the kind, one how many octets of it follow.
fn stream(mut rest: &[u8]) -> (Vec<u8>, u32) {
    let mut stream = vec![0, 0, 0, 5, 1, 0, 0, 0, 3];
    let mut id = 0_u32;
    while let [kind, length, more @ ..] = rest {
        let (body, more) = more.split_at(usize::from(*length).min(more.len()));
        rest = more;
        id += 1;
        let size = u32::try_from(5 + body.len()).expect("small");
        stream.extend(size.to_be_bytes());
        // INIT is said once, and what is no kind is as good as any other.
        stream.push(if *kind == 1 { 200 } else { *kind });
        stream.extend(id.to_be_bytes());
        stream.extend(body);
    }
    (stream, id)
}

fuzz_target!(|octets: &[u8]| {
    let (playground, secret) = place();
    let (stream, asked) = stream(octets);
    let heard = playground.speak(stream);
    let mut answered = BTreeSet::new();
    let mut rest = heard.as_slice();
    let mut is_first = true;
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let (packet, more) = more.split_at(u32::from_be_bytes(*length) as usize);
        rest = more;
        if std::mem::take(&mut is_first) {
            assert_eq!(packet.first(), Some(&2), "no version");
            continue;
        }
        let id = u32::from_be_bytes(packet[1..5].try_into().expect("an id"));
        assert!(answered.insert(id), "two answers to {id}");
    }
    assert!(rest.is_empty(), "half an answer");
    assert_eq!(
        answered,
        (1..=asked).collect(),
        "requests without an answer"
    );
    let is_told = heard.windows(SECRET.len()).any(|part| part == SECRET);
    assert!(!is_told, "a secret was told");
    assert_eq!(std::fs::read(secret).expect("the secret"), SECRET);
    let top = playground.drop_folder();
    let names = std::fs::read_dir(top).expect("the drop folder").count();
    assert_eq!(names, 5, "inbox, receipts, test, tmp and the secret");
});
