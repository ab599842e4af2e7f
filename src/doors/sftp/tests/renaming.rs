//! Renames of an account that has handed in as much as it may, or whose folder is full.

use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::handing_in::{DoneMarker, HandingIn};
use crate::doors::sftp::tests::{
    ABSENT, Bench, C, Client, DOCUMENT, FAILURE, Heard, OK, T, W, string,
};
use crate::runtime::Clock;

/// A bench whose account has handed in as much as it may within the hour, with what it had put
/// there before: whole files `a.part` and `b.part`, and `c.xml`, which is incomplete and was answered.
async fn with_a_full_hour(limit: fn(&mut Bench)) -> (Bench, Client) {
    let mut bench = Bench::new().await;
    limit(&mut bench);
    bench.clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
    let mut client = bench.client().await;
    for name in ["/inbox/a.part", "/inbox/b.part"] {
        assert_eq!(client.put(name, DOCUMENT).await, OK);
    }
    assert_eq!(client.put("/inbox/c.xml", b"<part>").await, OK);
    std::fs::write(bench.file("inbox/c.xml.receipt.json"), "{}").unwrap();
    assert_eq!(client.put("/inbox/last.xml", DOCUMENT).await, OK);
    (bench, client)
}

const HOURS: [fn(&mut Bench); 2] = [
    |bench| bench.settings.sftp.files_per_hour_max = 1,
    |bench| bench.settings.sftp.bytes_per_hour_max = 1,
];

/// The sentence of a rename that was refused.
async fn refused(client: &mut Client, from: &str, to: &str, replace: bool) -> String {
    let name = string("posix-rename@openssh.com");
    let heard = if replace {
        client.send(200, &[name, string(from), string(to)]).await
    } else {
        client.send(18, &[string(from), string(to)]).await
    };
    match heard {
        Heard::Status(FAILURE, sentence) => sentence,
        other => panic!("{from} to {to}: {other:?}"),
    }
}

#[tokio::test]
async fn a_full_hour_refuses_a_rename_into_place_and_loses_nothing() {
    for limit in HOURS {
        let (bench, mut client) = with_a_full_hour(limit).await;
        for (from, to, replace) in [
            ("/inbox/a.part", "/inbox/a.xml", false),
            ("/inbox/a.part", "/inbox/a.xml", true),
            ("/inbox/b.part", "/inbox/c.xml", true),
            ("/inbox/b.part", "/test/b.XML", false),
        ] {
            let sentence = refused(&mut client, from, to, replace).await;
            assert!(
                sentence.ends_with("it may go on at 01:00 UTC"),
                "{sentence}"
            );
        }
        // What could not be done at any hour is said to be so.
        let sentence = refused(&mut client, "/inbox/a.part", "/inbox/last.xml", false).await;
        assert!(sentence.contains("there is"), "{sentence}");
        assert_eq!(bench.read("inbox/a.part").as_deref(), Some(DOCUMENT));
        assert_eq!(bench.read("inbox/b.part").as_deref(), Some(DOCUMENT));
        assert_eq!(bench.read("inbox/c.xml").as_deref(), Some(&b"<part>"[..]));
        assert_eq!(bench.read("inbox/c.xml.receipt.json").unwrap(), b"{}");
        assert_eq!(client.stat("/inbox/a.xml").await.code(), ABSENT);
        assert_eq!(bench.acme.submissions().await.len(), 1);
        // Names that nobody looks at are not handed in.
        assert_eq!(client.rename("/inbox/a.part", "/inbox/a.tmp").await, OK);
        bench.clock.advance(Duration::from_hours(1));
        assert_eq!(client.rename("/inbox/a.tmp", "/inbox/a.xml").await, OK);
        assert!(bench.taken("/inbox/a.xml").is_some());
    }
    for limit in HOURS {
        let (bench, mut client) = with_a_full_hour(limit).await;
        bench.clock.advance(Duration::from_hours(1));
        let done = client.posix_rename("/inbox/b.part", "/inbox/c.xml").await;
        assert_eq!(done, OK);
        assert!(bench.taken("/inbox/c.xml").is_some());
    }
}

async fn with_markers(files_per_hour_max: u64) -> Bench {
    let mut bench = Bench::new().await;
    bench.clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
    bench.settings.sftp.files_per_hour_max = files_per_hour_max;
    bench.acme.account.handing_in = HandingIn {
        done_marker: Some(DoneMarker::new(".done").unwrap()),
        ignored: Vec::new(),
    };
    bench
}

#[tokio::test]
async fn a_full_hour_refuses_a_marker_that_is_renamed_into_place() {
    let bench = with_markers(1).await;
    let mut client = bench.client().await;
    for (name, content) in [
        ("/inbox/a.xml", DOCUMENT),
        ("/inbox/b.xml", DOCUMENT),
        ("/inbox/b.tmp", b""),
        ("/inbox/a.done", b""),
    ] {
        assert_eq!(client.put(name, content).await, OK);
    }
    let sentence = refused(&mut client, "/inbox/b.tmp", "/inbox/b.done", false).await;
    assert!(sentence.contains("within the last hour"), "{sentence}");
    assert_eq!(bench.read("inbox/b.tmp").as_deref(), Some(&b""[..]));
    assert_eq!(bench.acme.submissions().await.len(), 1);
    bench.clock.advance(Duration::from_hours(1));
    assert_eq!(client.rename("/inbox/b.tmp", "/inbox/b.done").await, OK);
    assert_eq!(bench.acme.submissions().await.len(), 2);
}

#[tokio::test]
async fn a_file_that_waits_for_its_marker_counts_once() {
    let bench = with_markers(2).await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.part", DOCUMENT).await, OK);
    assert_eq!(client.rename("/inbox/a.part", "/inbox/a.xml").await, OK);
    assert_eq!(client.put("/inbox/a.done", b"").await, OK);
    assert_eq!(bench.acme.submissions().await.len(), 1);
    let second = client.open("/inbox/b.xml", W | C | T).await;
    assert!(matches!(second, Heard::Handle(_)), "{second:?}");
}

#[tokio::test]
async fn in_a_full_folder_what_lies_there_can_still_be_renamed_into_place() {
    let size = DOCUMENT.len() as u64;
    let limits: [fn(&mut Bench, u64); 2] = [
        |bench, size| bench.settings.drop_folders.account_bytes_max = 3 * size,
        |bench, _| bench.settings.drop_folders.account_files_max = 3,
    ];
    for limit in limits {
        let mut bench = Bench::new().await;
        limit(&mut bench, size);
        let mut client = bench.client().await;
        for name in ["/inbox/a.part", "/inbox/b.part", "/inbox/c.part"] {
            assert_eq!(client.put(name, DOCUMENT).await, OK);
        }
        let fourth = client.open("/inbox/d.part", W | C | T).await;
        let Heard::Status(FAILURE, sentence) = fourth else {
            panic!("{fourth:?}");
        };
        assert!(sentence.starts_with("quota exceeded"), "{sentence}");
        assert_eq!(client.rename("/inbox/a.part", "/inbox/a.xml").await, OK);
        assert!(bench.taken("/inbox/a.xml").is_some());
        // What is replaced makes room at once.
        let replaced = client.posix_rename("/inbox/b.part", "/inbox/c.part").await;
        assert_eq!(replaced, OK);
        assert_eq!(client.put("/inbox/d.part", DOCUMENT).await, OK);
        assert_eq!(bench.read("inbox/c.part").as_deref(), Some(DOCUMENT));
        assert_eq!(client.open("/inbox/e", W | C | T).await.code(), FAILURE);
    }
}

#[tokio::test]
async fn a_rename_onto_a_planted_folder_hands_nothing_in() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.part", DOCUMENT).await, OK);
    std::fs::create_dir(bench.file("inbox/a.xml")).unwrap();
    let renamed = client.posix_rename("/inbox/a.part", "/inbox/a.xml");
    assert_eq!(renamed.await, FAILURE);
    assert!(bench.acme.submissions().await.is_empty());
    assert_eq!(bench.read("inbox/a.part").as_deref(), Some(DOCUMENT));
}

#[tokio::test]
async fn what_renames_read_counts_with_the_memory_for_uploads() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.uploads_bytes_max = 100_000;
    let mut client = bench.client().await;
    let document = [DOCUMENT, &vec![b' '; 60_000]].concat();
    assert_eq!(client.put("/inbox/a.part", &document).await, OK);
    // There is room for one of the two.
    let handle = client.open("/inbox/b.part", W | C | T).await.handle();
    assert_eq!(client.write(&handle, 0, &document).await, OK);
    let renamed = client.rename("/inbox/a.part", "/inbox/a.xml");
    assert_eq!(renamed.await, FAILURE);
    assert!(bench.acme.submissions().await.is_empty());
    assert_eq!(client.close(&handle).await, OK);
    assert_eq!(client.rename("/inbox/a.part", "/inbox/a.xml").await, OK);
    assert!(bench.taken("/inbox/a.xml").is_some());
}

#[tokio::test]
async fn a_file_is_an_arrival_when_it_comes_out_of_the_folder_for_unfinished_ones() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/tmp/a.xml", DOCUMENT).await, OK);
    assert_eq!(client.put("/tmp/b.xml", b"<half>").await, OK);
    assert_eq!(client.list("/tmp").await, [".", "..", "a.xml", "b.xml"]);
    assert!(bench.acme.submissions().await.is_empty());
    // As scripts do that make sure of their folder first.
    let made = client.send(14, &[string("/tmp"), vec![0; 4]]).await;
    assert_eq!(made.code(), FAILURE, "it is there already");
    assert_eq!(client.rename("/tmp/a.xml", "/inbox/a.xml").await, OK);
    assert!(bench.taken("/inbox/a.xml").is_some());
    // And out of view again: what was handed in stays so.
    assert_eq!(client.rename("/inbox/a.xml", "/tmp/a.xml").await, OK);
    assert_eq!(bench.taken("/inbox/a.xml"), None);
    assert_eq!(bench.acme.submissions().await.len(), 1);
}
