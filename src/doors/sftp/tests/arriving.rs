//! What becomes of files: arrivals, resumed and aborted uploads, renames, receipts.

use std::time::{Duration, SystemTime};

use crate::domain::submission::GivenUp;
use crate::doors::sftp::tests::{
    A, ABSENT, Bench, C, DENIED, DOCUMENT, FAILURE, Heard, OK, R, T, W, X, framed, number, octets,
    size, string,
};
use crate::drop_folder::DropPath;
use crate::intake::digest;

#[tokio::test]
async fn a_complete_document_is_taken_in_before_close_is_answered() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.xml", DOCUMENT).await, OK);
    let taken = bench.taken("/inbox/a.xml").expect("taken in");
    assert_eq!(taken.sha256, digest(DOCUMENT));
    assert_eq!(bench.read("inbox/a.xml").unwrap(), DOCUMENT);
    assert_eq!(
        size(&client.stat("/inbox/a.xml").await),
        DOCUMENT.len() as u64
    );
    // The folder door will know the file by its mark.
    let folder = bench.folders.account(&bench.acme.account.code).unwrap();
    let path = DropPath::from_client("/inbox/a.xml").unwrap();
    assert_eq!(folder.facts(&path).unwrap().mark, taken.mark);
    let submissions = bench.acme.submissions().await;
    assert_eq!(submissions.len(), 1);
    let submission = &submissions[0];
    assert_eq!(submission.path, "/inbox/a.xml");
    assert_eq!(submission.user, Some(bench.acme.robot.id));
    assert_eq!(submission.session.as_ref().unwrap().client, "SSH-2.0-test");
}

#[tokio::test]
async fn a_file_named_at_the_root_goes_to_the_inbox() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("a.XML", DOCUMENT).await, OK);
    assert!(bench.taken("/inbox/a.XML").is_some());
    assert_eq!(size(&client.stat("/a.XML").await), DOCUMENT.len() as u64);
}

#[tokio::test]
async fn a_time_set_behind_close_without_waiting_makes_no_new_arrival() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let handle = client.open("/inbox/a.xml", W | C | T).await.handle();
    client.write(&handle, 0, DOCUMENT).await;
    let close = client.request(4, &[octets(&handle)]);
    let times = [number(8), number(1_000_000_000), number(1_000_000_000)].concat();
    let set = client.request(9, &[string("/inbox/a.xml"), times]);
    let stat = client.request(17, &[string("/inbox/a.xml")]);
    client
        .feed(&[framed(&close), framed(&set), framed(&stat)].concat())
        .await;
    let mut kinds = Vec::new();
    for _answer in 0..3 {
        let answer = client.hear().await;
        if answer[0] == 101 {
            assert_eq!(answer[5..9], [0; 4], "{answer:?}");
        }
        kinds.push(answer[0]);
    }
    kinds.sort_unstable();
    assert_eq!(kinds, [101, 101, 105]);
    let written = std::fs::metadata(bench.file("inbox/a.xml")).unwrap();
    let wished = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    assert_eq!(written.modified().unwrap(), wished);
    drop(client);
    bench.settle().await;
    let taken = bench.taken("/inbox/a.xml").unwrap();
    assert_eq!(taken.mark.modified_ns, 1_000_000_000_000_000_000);
}

#[tokio::test]
async fn an_incomplete_file_is_kept_and_can_be_resumed_every_way() {
    let (first, rest) = DOCUMENT.split_at(20);
    for flags in [W, W | A, W | C | A, R | W] {
        let bench = Bench::new().await;
        let mut client = bench.client().await;
        assert_eq!(client.put("/inbox/a.xml", first).await, OK);
        assert_eq!(bench.taken("/inbox/a.xml"), None);
        assert_eq!(bench.read("inbox/a.xml").unwrap(), first);
        assert!(bench.busy.is_living(bench.acme.account.id, "/inbox/a.xml"));
        let handle = client.open("/inbox/a.xml", flags).await.handle();
        let fstat = client.send(8, &[octets(&handle)]).await;
        assert_eq!(size(&fstat), 20);
        assert_eq!(client.write(&handle, 20, rest).await, OK);
        assert_eq!(client.close(&handle).await, OK);
        let taken = bench.taken("/inbox/a.xml").expect("taken in");
        assert_eq!(taken.sha256, digest(DOCUMENT));
        assert!(!bench.busy.is_living(bench.acme.account.id, "/inbox/a.xml"));
    }
}

#[tokio::test]
async fn a_session_that_ends_without_close_leaves_what_came() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let whole = client.open("/inbox/whole.xml", W | C | T).await.handle();
    client.write(&whole, 0, DOCUMENT).await;
    let half = client.open("/inbox/half.xml", W | C | T).await.handle();
    client.write(&half, 0, &DOCUMENT[..10]).await;
    client.open("/inbox/none.xml", W | C | T).await.handle();
    assert_eq!(bench.read("inbox/whole.xml"), None, "nothing shows before");
    drop(client);
    bench.settle().await;
    assert!(bench.taken("/inbox/whole.xml").is_some());
    assert_eq!(bench.taken("/inbox/half.xml"), None);
    assert_eq!(bench.read("inbox/half.xml").unwrap(), &DOCUMENT[..10]);
    assert_eq!(bench.read("inbox/none.xml"), None);
}

#[tokio::test]
async fn a_dead_session_leaves_a_newer_file_alone() {
    for later in [DOCUMENT, &DOCUMENT[..10]] {
        let bench = Bench::new().await;
        let mut dead = bench.client().await;
        let handle = dead.open("/inbox/a.xml", W | C | T).await.handle();
        dead.write(&handle, 0, later).await;
        let mut again = bench.client().await;
        let newer = b"<a>newer</a>";
        assert_eq!(again.put("/inbox/a.xml", newer).await, OK);
        drop(dead);
        bench.settle().await;
        assert_eq!(bench.read("inbox/a.xml").unwrap(), newer);
        let taken = bench.taken("/inbox/a.xml").unwrap();
        assert_eq!(taken.sha256, digest(newer));
        assert_eq!(bench.acme.submissions().await.len(), 1);
    }
}

#[tokio::test]
async fn what_a_barred_user_did_not_close_is_not_handed_in() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let whole = client.open("/inbox/a.xml", W | C | T).await.handle();
    client.write(&whole, 0, DOCUMENT).await;
    client.pump.visit().bar();
    drop(client);
    bench.settle().await;
    assert_eq!(bench.read("inbox/a.xml"), None);
    assert_eq!(bench.taken("/inbox/a.xml"), None);
}

#[tokio::test]
async fn a_whole_file_that_nobody_took_yet_is_neither_replaced_nor_removed() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    // As after an answer that was given while the database was away.
    std::fs::write(bench.file("inbox/a.xml"), DOCUMENT).unwrap();
    assert_eq!(client.put("/inbox/b.xml.part", DOCUMENT).await, OK);
    assert_eq!(client.open("/inbox/a.xml", W | C | T).await.code(), FAILURE);
    assert_eq!(client.remove("/inbox/a.xml").await, FAILURE);
    let replaced = client.posix_rename("/inbox/b.xml.part", "/inbox/a.xml");
    assert_eq!(replaced.await, FAILURE);
    assert_eq!(client.rename("/inbox/a.xml", "/inbox/a.bak").await, FAILURE);
    assert_eq!(bench.read("inbox/a.xml").unwrap(), DOCUMENT);
    // Under another judged name it is handed in.
    assert_eq!(client.rename("/inbox/a.xml", "/inbox/c.xml").await, OK);
    assert!(bench.taken("/inbox/c.xml").is_some());
}

#[tokio::test]
async fn a_receipt_stays_until_something_new_is_put_in_its_files_place() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.xml", DOCUMENT).await, OK);
    std::fs::write(bench.file("inbox/a.xml.receipt.json"), b"{}").unwrap();
    let handle = client.open("/inbox/a.xml", W).await.handle();
    assert_eq!(client.close(&handle).await, OK);
    assert!(bench.read("inbox/a.xml.receipt.json").is_some());
    assert_eq!(client.put("/inbox/a.xml", &DOCUMENT[..10]).await, OK);
    assert_eq!(bench.read("inbox/a.xml.receipt.json"), None);
}

#[tokio::test]
async fn a_shorter_file_over_a_longer_one_is_cut_as_scp_asks() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let long = [DOCUMENT, &[b' '; 100]].concat();
    assert_eq!(client.put("/inbox/a.xml", &long).await, OK);
    let handle = client.open("/inbox/a.xml", W | C).await.handle();
    client.write(&handle, 0, DOCUMENT).await;
    let length = DOCUMENT.len() as u64;
    let attrs = [number(1), length.to_be_bytes().to_vec()].concat();
    assert_eq!(client.send(10, &[octets(&handle), attrs]).await.code(), OK);
    assert_eq!(client.close(&handle).await, OK);
    assert_eq!(bench.read("inbox/a.xml").unwrap(), DOCUMENT);
    assert_eq!(
        bench.taken("/inbox/a.xml").unwrap().sha256,
        digest(DOCUMENT)
    );
}

#[tokio::test]
async fn a_file_renamed_into_place_is_an_arrival_and_never_overwrites() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.xml.filepart", DOCUMENT).await, OK);
    assert_eq!(bench.taken("/inbox/a.xml.filepart"), None);
    assert_eq!(
        client.rename("/inbox/a.xml.filepart", "/inbox/a.xml").await,
        OK
    );
    let taken = bench.taken("/inbox/a.xml").expect("taken in");
    assert_eq!(bench.read("inbox/a.xml.filepart"), None);
    assert_eq!(client.put("/inbox/b.part", b"<b/>").await, OK);
    assert_eq!(
        client.rename("/inbox/b.part", "/inbox/a.xml").await,
        FAILURE
    );
    assert_eq!(bench.taken("/inbox/a.xml"), Some(taken));
    // Not by a rename that replaces either: it was handed in, and its receipt is to come or there.
    assert_eq!(
        client.posix_rename("/inbox/b.part", "/inbox/a.xml").await,
        FAILURE
    );
    assert_eq!(client.remove("/inbox/a.xml").await, OK);
    assert_eq!(
        client.posix_rename("/inbox/b.part", "/inbox/a.xml").await,
        OK
    );
    assert_eq!(bench.taken("/inbox/a.xml").unwrap().sha256, digest(b"<b/>"));
    assert_eq!(bench.read("inbox/a.xml").unwrap(), b"<b/>");
    // Away again, and into the other lane.
    assert_eq!(client.rename("/inbox/a.xml", "/test/c.xml").await, OK);
    assert_eq!(bench.taken("/inbox/a.xml"), None);
    assert!(bench.taken("/test/c.xml").is_some());
}

#[tokio::test]
async fn the_old_receipt_goes_when_a_new_upload_begins() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    client.put("/inbox/a.xml", DOCUMENT).await;
    let receipt = bench.file("inbox/a.xml.receipt.json");
    std::fs::write(&receipt, "{}").unwrap();
    let handle = client.open("/inbox/a.xml", W | C | T).await.handle();
    assert!(!receipt.exists());
    client.close(&handle).await;
    std::fs::write(&receipt, "{}").unwrap();
    client.put("/inbox/a.part", DOCUMENT).await;
    client.remove("/inbox/a.xml").await;
    client.rename("/inbox/a.part", "/inbox/a.xml").await;
    assert!(!receipt.exists());
}

#[tokio::test]
async fn receipts_can_be_read_and_removed_but_not_made_or_changed() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let name = "/inbox/a.xml.receipt.json";
    assert_eq!(client.open(name, W | C | T).await.code(), DENIED);
    std::fs::write(bench.file("inbox/a.xml.receipt.json"), "{}").unwrap();
    assert_eq!(client.open(name, W).await.code(), DENIED);
    assert_eq!(client.rename(name, "/inbox/b.xml").await, DENIED);
    client.put("/inbox/b", b"x").await;
    assert_eq!(client.posix_rename("/inbox/b", name).await, DENIED);
    let handle = client.open(name, R).await.handle();
    assert_eq!(
        client.read(&handle, 0, 100).await,
        Heard::Other(103, string("{}"))
    );
    assert_eq!(client.remove(name).await, OK);
    assert_eq!(client.stat(name).await.code(), ABSENT);
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_and_answered() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let handle = client.open("/inbox/a.xml", W | C | T).await.handle();
    let chunk = vec![b' '; 60_000];
    assert_eq!(client.write(&handle, 0, &chunk).await, OK);
    assert_eq!(client.write(&handle, 60_000, &chunk).await, FAILURE);
    assert_eq!(client.write(&handle, 120_000, &chunk).await, FAILURE);
    assert_eq!(client.close(&handle).await, OK);
    let submissions = bench.acme.submissions().await;
    let submission = &submissions[0];
    assert_eq!(submission.given_up, Some(GivenUp::TooLarge));
    assert_eq!(submission.size_bytes, 100_001);
    // A good one takes its place, also as scp does it.
    let handle = client.open("/inbox/a.xml", W | C).await.handle();
    client.write(&handle, 0, DOCUMENT).await;
    let length = DOCUMENT.len() as u64;
    let attrs = [number(1), length.to_be_bytes().to_vec()].concat();
    assert_eq!(client.send(10, &[octets(&handle), attrs]).await.code(), OK);
    assert_eq!(client.close(&handle).await, OK);
    assert_eq!(
        bench.taken("/inbox/a.xml").unwrap().sha256,
        digest(DOCUMENT)
    );
}

#[tokio::test]
async fn a_file_over_the_limit_under_another_name_is_answered_when_it_is_renamed() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let handle = client.open("/inbox/a.part", W | C | T).await.handle();
    let chunk = vec![b' '; 60_000];
    assert_eq!(client.write(&handle, 0, &chunk).await, OK);
    assert_eq!(client.write(&handle, 60_000, &chunk).await, FAILURE);
    let closed = client.send(4, &[octets(&handle)]).await;
    let Heard::Status(FAILURE, sentence) = closed else {
        panic!("{closed:?}");
    };
    assert!(sentence.contains("at most 100000 octets"), "{sentence}");
    assert!(bench.acme.submissions().await.is_empty());
    assert_eq!(client.rename("/inbox/a.part", "/inbox/a.xml").await, OK);
    let submissions = bench.acme.submissions().await;
    assert_eq!(submissions[0].given_up, Some(GivenUp::TooLarge));
    assert_eq!(submissions[0].path, "/inbox/a.xml");
}

#[tokio::test]
async fn while_the_database_is_away_files_are_kept_for_the_folder_door() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    bench.acme.store.close().await;
    assert_eq!(client.put("/inbox/a.xml", DOCUMENT).await, OK);
    assert_eq!(bench.read("inbox/a.xml").unwrap(), DOCUMENT);
    assert_eq!(bench.taken("/inbox/a.xml"), None);
    assert_eq!(client.put("/inbox/b.part", DOCUMENT).await, OK);
    assert_eq!(client.rename("/inbox/b.part", "/inbox/b.xml").await, OK);
    assert_eq!(bench.read("inbox/b.xml").unwrap(), DOCUMENT);
}

#[tokio::test]
async fn names_that_are_not_judged_are_kept_as_they_are() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    for name in ["a.txt", ".a.xml", "a.xml.part", "a"] {
        let path = format!("/inbox/{name}");
        assert_eq!(client.put(&path, DOCUMENT).await, OK);
        assert_eq!(bench.taken(&path), None, "{name}");
        assert_eq!(bench.read(&format!("inbox/{name}")).unwrap(), DOCUMENT);
    }
}

#[tokio::test]
async fn a_removed_file_is_forgotten_and_comes_anew() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    client.put("/inbox/a.xml", DOCUMENT).await;
    assert_eq!(client.remove("/inbox/a.xml").await, OK);
    assert_eq!(client.remove("/inbox/a.xml").await, ABSENT);
    assert_eq!(client.put("/inbox/a.xml", DOCUMENT).await, OK);
    let submissions = bench.acme.submissions().await;
    assert_eq!(submissions.len(), 2);
    drop(client);
    bench.settle().await;
    assert!(bench.read("inbox/a.xml").is_some());
}

#[tokio::test]
async fn an_exclusive_open_fails_on_what_is_there() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    client.put("/inbox/a.xml", DOCUMENT).await;
    assert_eq!(client.open("/inbox/a.xml", W | C | X).await.code(), FAILURE);
    assert_eq!(client.open("/inbox/b.xml", W).await.code(), ABSENT);
    // Of two that were opened at the same time, the first that is closed counts.
    let one = client.open("/inbox/b.xml", W | C | X).await.handle();
    let other = client.open("/inbox/b.xml", W | C | X).await.handle();
    assert_eq!(client.write(&one, 0, DOCUMENT).await, OK);
    assert_eq!(client.write(&other, 0, b"<a/>").await, OK);
    assert_eq!(client.close(&one).await, OK);
    assert_eq!(client.close(&other).await, FAILURE);
    assert_eq!(bench.read("inbox/b.xml").unwrap(), DOCUMENT);
}

type Writes<'a> = &'a [(u64, &'a [u8])];

#[tokio::test]
async fn a_new_document_over_an_older_one_is_never_mixed_with_it() {
    let older = b"<a><vin>older</vin><more/></a>";
    let newer = b"<a><vin>newer</vin></a>";
    // What is sent, whether the handle is closed, what is left, and is it a document?
    let cases: [(Writes<'_>, bool, &[u8], bool); 6] = [
        (&[(0, &newer[..13])], true, &newer[..13], false),
        (&[(0, &newer[..13])], false, &newer[..13], false),
        (&[(0, newer)], true, newer, true),
        (
            &[(13, &newer[13..]), (0, &newer[..8])],
            true,
            &newer[..8],
            false,
        ),
        (
            &[(13, &newer[13..]), (0, &newer[..8])],
            false,
            &newer[..8],
            false,
        ),
        (&[(13, &newer[13..]), (0, &newer[..13])], true, newer, true),
    ];
    for (writes, is_closed, left, is_whole) in cases {
        let bench = Bench::new().await;
        let mut client = bench.client().await;
        assert_eq!(client.put("/inbox/a.xml", older).await, OK);
        let handle = client.open("/inbox/a.xml", W | C).await.handle();
        for (offset, data) in writes {
            assert_eq!(client.write(&handle, *offset, data).await, OK);
        }
        if is_closed {
            assert_eq!(client.close(&handle).await, OK);
        }
        drop(client);
        bench.settle().await;
        let case = format!("{writes:?}, {is_closed}");
        assert_eq!(bench.read("inbox/a.xml").unwrap(), left, "{case}");
        let submissions = bench.acme.submissions().await;
        assert_eq!(submissions.len(), 1 + usize::from(is_whole), "{case}");
    }
}

#[tokio::test]
async fn a_time_that_was_set_meanwhile_throws_away_nothing_of_a_resume() {
    let (first, rest) = DOCUMENT.split_at(20);
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.xml", first).await, OK);
    let handle = client.open("/inbox/a.xml", W).await.handle();
    assert_eq!(client.write(&handle, 20, rest).await, OK);
    let mut other = bench.client().await;
    assert_eq!(other.set_times("/inbox/a.xml", 1).await, OK);
    drop(client);
    bench.settle().await;
    assert_eq!(bench.read("inbox/a.xml").unwrap(), DOCUMENT);
    assert!(bench.taken("/inbox/a.xml").is_some());
}

#[tokio::test]
async fn who_sent_a_part_is_remembered_for_the_folder_door() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let sender = |bench: &Bench, path: &str| {
        let own = bench.folders.account(&bench.acme.account.code).unwrap();
        let mark = own
            .facts(&DropPath::from_client(path).unwrap())
            .unwrap()
            .mark;
        let sender = bench.busy.senders.of(bench.acme.account.id, path, mark);
        sender.map(|sender| sender.user)
    };
    let robot = Some(bench.acme.robot.id);
    assert_eq!(client.put("/inbox/a.xml", &DOCUMENT[..10]).await, OK);
    assert_eq!(sender(&bench, "/inbox/a.xml"), robot);
    assert_eq!(client.put("/inbox/b", &DOCUMENT[..10]).await, OK);
    assert_eq!(client.rename("/inbox/b", "/inbox/b.xml").await, OK);
    assert_eq!(sender(&bench, "/inbox/b.xml"), robot);
    assert_eq!(client.put("/inbox/a.xml", DOCUMENT).await, OK);
    assert_eq!(sender(&bench, "/inbox/a.xml"), None);
    bench.acme.store.close().await;
    assert_eq!(client.put("/inbox/c.xml", DOCUMENT).await, OK);
    assert_eq!(sender(&bench, "/inbox/c.xml"), robot);
}

#[tokio::test]
async fn what_is_written_can_be_read_back_before_close() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let handle = client.open("/inbox/a.xml", R | W | C | T).await.handle();
    client.write(&handle, 0, b"<a/>").await;
    let read = client.read(&handle, 1, 2).await;
    assert_eq!(read, Heard::Other(103, string("a/")));
    let handle = client.open("/inbox/b.xml", W | C | T).await.handle();
    assert_eq!(client.read(&handle, 0, 1).await.code(), DENIED);
}
