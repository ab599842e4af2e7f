//! Large uploads go through a file that has no name yet, and are the same as those in memory.

use super::*;
use crate::domain::submission::GivenUp;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::spool::Body;
use crate::drop_folder::Folder;
use crate::intake::digest;

/// A door at which an upload of more than ten octets is a large one.
async fn small_door(bench: &Bench) -> Client {
    let house = House {
        memory_bytes_max: 10,
        ..bench.house()
    };
    bench.client_of(&Arc::new(house)).await
}

/// All names in the inbox, also those that no client sees.
fn names(bench: &Bench) -> Vec<String> {
    let entries = std::fs::read_dir(bench.file("inbox")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

async fn fstat_size(client: &mut Client, handle: &[u8]) -> u64 {
    size(&client.send(8, &[octets(handle)]).await)
}

async fn set_size(client: &mut Client, handle: &[u8], size: u64) -> u32 {
    let attrs = [number(1), size.to_be_bytes().to_vec()].concat();
    client.send(10, &[octets(handle), attrs]).await.code()
}

#[tokio::test]
async fn a_large_upload_lies_in_a_file_of_ours_until_close() {
    let bench = Bench::new().await;
    let mut client = small_door(&bench).await;
    let handle = client.open("/inbox/a.xml", W | C | T).await.handle();
    assert_eq!(client.write(&handle, 0, &DOCUMENT[..8]).await, OK);
    assert_eq!(names(&bench), [""; 0], "a small one lies in memory");
    assert_eq!(client.write(&handle, 8, &DOCUMENT[8..]).await, OK);
    let there = names(&bench);
    assert!(matches!(&there[..], [one] if one.starts_with(STAGED_PREFIX)));
    assert_eq!(client.list("/inbox").await, [".", ".."]);
    let own = bench.folders.account(&bench.acme.account.code).unwrap();
    assert_eq!(own.sweep().unwrap(), 0, "its writer lives");
    assert_eq!(
        own.held().unwrap().files,
        0,
        "it counts when it has its name"
    );
    assert_eq!(client.close(&handle).await, OK);
    assert_eq!(names(&bench), ["a.xml"]);
    assert_eq!(bench.read("inbox/a.xml").unwrap(), DOCUMENT);
    let taken = bench.taken("/inbox/a.xml").unwrap();
    assert_eq!(taken.sha256, digest(DOCUMENT));
}

#[tokio::test]
async fn what_came_in_any_order_can_be_read_cut_and_digested_before_close() {
    let bench = Bench::new().await;
    let mut client = small_door(&bench).await;
    let handle = client.open("/inbox/a.bin", R | W | C).await.handle();
    for (offset, data) in [(40, "tail"), (0, "0123456789"), (8, "abcdef"), (14, "ghi")] {
        assert_eq!(client.write(&handle, offset, data.as_bytes()).await, OK);
    }
    assert_eq!(fstat_size(&mut client, &handle).await, 44);
    let whole = [&b"01234567abcdefghi"[..], &[0; 23], b"tail"].concat();
    let read = client.read(&handle, 0, 100).await;
    assert_eq!(read, Heard::Other(103, octets(&whole)));
    assert_eq!(set_size(&mut client, &handle, 12).await, OK);
    assert_eq!(client.read(&handle, 12, 1).await.code(), 1, "the end");
    assert_eq!(client.write(&handle, 12, b"!").await, OK);
    let asked = [octets(&handle), string("sha256"), vec![0; 20]].concat();
    let digests = client
        .send(200, &[string("check-file-handle"), asked])
        .await;
    let expected = digest(b"01234567abcd!").to_string();
    let Heard::Other(201, body) = digests else {
        panic!("no digest: {digests:?}");
    };
    assert!(data_encoding::HEXLOWER.encode(&body).ends_with(&expected));
    assert_eq!(set_size(&mut client, &handle, 20).await, OK);
    assert_eq!(client.close(&handle).await, OK);
    let whole = [&b"01234567abcd!"[..], &[0; 7]].concat();
    assert_eq!(bench.read("inbox/a.bin").unwrap(), whole);
}

#[tokio::test]
async fn many_writes_without_waiting_make_one_file() {
    let mut bench = Bench::new().await;
    bench.settings.check.file_bytes_max = 8_000_000;
    let mut client = bench.client().await;
    let whole: Vec<u8> = (0..5_000_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let handle = client.open("/inbox/a.bin", W | C).await.handle();
    let mut asked = 0;
    for (part, data) in whole.chunks(100_000).enumerate() {
        let offset = (part as u64 * 100_000).to_be_bytes().to_vec();
        let write = client.request(6, &[octets(&handle), offset, octets(data)]);
        client.feed(&framed(&write)).await;
        asked += 1;
    }
    for _answer in 0..asked {
        assert_eq!(heard(&client.hear().await).code(), OK);
    }
    assert_eq!(client.close(&handle).await, OK);
    assert!(bench.read("inbox/a.bin").unwrap() == whole);
}

#[tokio::test]
async fn a_session_that_ends_leaves_what_came() {
    let bench = Bench::new().await;
    let mut client = small_door(&bench).await;
    let half = client.open("/inbox/a.xml", W | C | T).await.handle();
    assert_eq!(client.write(&half, 0, &DOCUMENT[..20]).await, OK);
    drop(client);
    bench.settle().await;
    assert_eq!(bench.read("inbox/a.xml").unwrap(), &DOCUMENT[..20]);
    assert_eq!(names(&bench), ["a.xml"]);
}

#[tokio::test]
async fn an_incomplete_large_file_is_kept_and_can_be_resumed() {
    let (first, rest) = DOCUMENT.split_at(20);
    for flags in [W, W | A, R | W] {
        let bench = Bench::new().await;
        let mut client = small_door(&bench).await;
        assert_eq!(client.put("/inbox/a.xml", first).await, OK);
        assert_eq!(bench.taken("/inbox/a.xml"), None);
        assert_eq!(bench.read("inbox/a.xml").unwrap(), first);
        let handle = client.open("/inbox/a.xml", flags).await.handle();
        assert_eq!(client.write(&handle, 20, rest).await, OK);
        assert_eq!(client.close(&handle).await, OK);
        let taken = bench.taken("/inbox/a.xml").unwrap();
        assert_eq!(taken.sha256, digest(DOCUMENT));
    }
}

#[tokio::test]
async fn an_older_files_end_is_cut_when_the_session_ends() {
    let bench = Bench::new().await;
    let mut client = small_door(&bench).await;
    assert_eq!(client.put("/inbox/a.xml", &[b' '; 60]).await, OK);
    let handle = client.open("/inbox/a.xml", W).await.handle();
    assert_eq!(client.write(&handle, 0, &DOCUMENT[..30]).await, OK);
    drop(client);
    bench.settle().await;
    assert_eq!(bench.read("inbox/a.xml").unwrap(), &DOCUMENT[..30]);
}

#[tokio::test]
async fn a_large_upload_that_is_given_up_leaves_nothing() {
    let bench = Bench::new().await;
    let mut client = small_door(&bench).await;
    let handle = client.open("/inbox/a.xml", W | C | T).await.handle();
    assert_eq!(client.write(&handle, 0, DOCUMENT).await, OK);
    client.pump.visit().bar();
    drop(client);
    bench.settle().await;
    assert_eq!(names(&bench), [""; 0]);
}

#[tokio::test]
async fn a_large_upload_over_the_limit_is_answered() {
    let mut bench = Bench::new().await;
    bench.settings.check.file_bytes_max = 100;
    let mut client = small_door(&bench).await;
    for far in [90, 4000] {
        let handle = client.open("/inbox/a.xml", W | C | T).await.handle();
        assert_eq!(client.write(&handle, 0, &[b' '; 50]).await, OK);
        assert_eq!(client.write(&handle, far, &[b' '; 50]).await, FAILURE);
        assert_eq!(client.close(&handle).await, OK);
        assert_eq!(bench.read("inbox/a.xml").unwrap().len(), 101);
        let submissions = bench.acme.submissions().await;
        let last = submissions.iter().max_by_key(|one| one.id).unwrap();
        assert_eq!(last.given_up, Some(GivenUp::TooLarge));
        assert_eq!(last.size_bytes, 101);
    }
}

#[tokio::test]
async fn a_large_upload_counts_with_what_the_account_may_hold() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.uploads_bytes_max = 100_000;
    let mut client = small_door(&bench).await;
    let handle = client.open("/inbox/a.bin", W | C).await.handle();
    assert_eq!(client.write(&handle, 0, &vec![7; 90_000]).await, OK);
    let other = client.open("/inbox/b.bin", W | C).await;
    assert_eq!(other.code(), FAILURE, "nothing is left");
    assert_eq!(client.close(&handle).await, OK);
    assert_eq!(client.put("/inbox/b.bin", b"b").await, OK);
}

#[tokio::test]
async fn a_fault_of_the_disk_stays_and_is_told() {
    let bench = Bench::new().await;
    let own = bench.folders.account(&bench.acme.account.code).unwrap();
    let mut body = Body::from(b"first".to_vec());
    body.spill(own.begin(&Folder::Inbox).unwrap());
    body.settle(&bench.acme.tasks).await.unwrap();
    // No file system has room there.
    body.write(i64::MAX as u64 - 1, b"beyond").unwrap();
    let tasks = &bench.acme.tasks;
    assert_eq!(body.settle(tasks).await, Err(Refusal::Fault));
    assert_eq!(body.write(0, b"again"), Err(Refusal::Fault));
    assert_eq!(body.settle(tasks).await, Err(Refusal::Fault));
    drop(body);
    assert_eq!(names(&bench), [""; 0], "and leaves nothing");
}
