//! Extensions, digests and the account's quota.

use crate::doors::sftp::tests::{
    A, ABSENT, Bench, C, Client, DOCUMENT, FAILURE, Heard, OK, R, T, W, number, octets, string,
};

/// The numbers of statvfs, by path.
async fn room(client: &mut Client, path: &str) -> Vec<u64> {
    let heard = client
        .send(200, &[string("statvfs@openssh.com"), string(path)])
        .await;
    let Heard::Other(201, body) = heard else {
        panic!("{heard:?}");
    };
    body.chunks_exact(8)
        .map(|number| u64::from_be_bytes(number.try_into().unwrap()))
        .collect()
}

async fn check(
    client: &mut Client,
    extension: &str,
    of: Vec<u8>,
    how: &str,
    part: [u64; 2],
) -> Heard {
    let numbers = part.map(|number| number.to_be_bytes().to_vec()).concat();
    let body = [string(extension), of, string(how), numbers, number(0)];
    client.send(200, &body).await
}

#[tokio::test]
async fn a_client_can_ask_how_much_room_there_is() {
    let mut bench = Bench::new().await;
    bench.settings.drop_folders.account_bytes_max = 4096 * 100;
    let mut client = bench.client().await;
    let before = room(&mut client, "/inbox").await;
    assert_eq!(before.len(), 11);
    assert_eq!(before[..4], [4096, 4096, 100, 100]);
    client.put("/inbox/a", &[7; 4096 * 3]).await;
    assert_eq!(room(&mut client, "/").await[2..5], [100, 97, 97]);
    let handle = client.open("/README.txt", R).await.handle();
    let by_handle = [string("fstatvfs@openssh.com"), octets(&handle)];
    assert!(matches!(
        client.send(200, &by_handle).await,
        Heard::Other(201, _)
    ));
    let unknown = [string("fstatvfs@openssh.com"), string("99")];
    assert_eq!(client.send(200, &unknown).await.code(), FAILURE);
}

#[tokio::test]
async fn a_full_folder_takes_nothing_more_until_something_is_removed() {
    let mut bench = Bench::new().await;
    bench.settings.drop_folders.account_bytes_max = 50_000;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a", &vec![7; 40_000]).await, OK);
    let handle = client.open("/inbox/b", W | C | T).await.handle();
    assert_eq!(client.write(&handle, 0, &[7; 10_000]).await, OK);
    let over = [octets(&handle), vec![0; 7], vec![1], octets(&[7; 10_000])];
    let heard = client.send(6, &over).await;
    let Heard::Status(FAILURE, sentence) = heard else {
        panic!("{heard:?}");
    };
    assert!(
        sentence.contains("quota") && sentence.contains("50000"),
        "{sentence}"
    );
    client.close(&handle).await;
    // What other programs drop counts as well, and receipts.
    std::fs::write(bench.file("inbox/c"), vec![7; 10_000]).unwrap();
    bench.settings.drop_folders.account_bytes_max = 50_000;
    let mut client = bench.client().await;
    assert_eq!(client.open("/inbox/d", W | C | T).await.code(), FAILURE);
    assert_eq!(client.remove("/inbox/a").await, OK);
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/d", DOCUMENT).await, OK);
}

#[tokio::test]
async fn digests_are_those_of_the_octets_that_lie_there() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    client.put("/inbox/a.xml", DOCUMENT).await;
    let expected = data_encoding::HEXLOWER
        .decode(crate::intake::digest(DOCUMENT).as_str().as_bytes())
        .unwrap();
    let by_name = check(
        &mut client,
        "check-file-name",
        string("/inbox/a.xml"),
        "crc,sha256",
        [0, 0],
    );
    let answer = [string("sha256"), expected.clone()].concat();
    assert_eq!(by_name.await, Heard::Other(201, answer.clone()));
    let handle = client.open("/inbox/a.xml", R).await.handle();
    let by_handle = check(
        &mut client,
        "check-file-handle",
        octets(&handle),
        "sha256",
        [0, 0],
    );
    assert_eq!(by_handle.await, Heard::Other(201, answer.clone()));
    let named = check(
        &mut client,
        "check-file",
        octets(&handle),
        "sha256",
        [0, 9999],
    )
    .await;
    assert_eq!(
        named,
        Heard::Other(201, [string("check-file"), answer].concat())
    );
    let part = check(
        &mut client,
        "check-file-handle",
        octets(&handle),
        "md5",
        [1, 3],
    )
    .await;
    let Heard::Other(201, body) = part else {
        panic!("{part:?}");
    };
    assert_eq!(body.len(), string("md5").len() + 16);
}

#[tokio::test]
async fn digests_of_uploads_in_the_making_and_of_what_is_not_there() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    client.put("/inbox/a.xml", DOCUMENT).await;
    let expected = data_encoding::HEXLOWER
        .decode(crate::intake::digest(DOCUMENT).as_str().as_bytes())
        .unwrap();
    let open = client.open("/inbox/b.xml", W | C | T).await.handle();
    client.write(&open, 0, DOCUMENT).await;
    let unfinished = check(
        &mut client,
        "check-file-handle",
        octets(&open),
        "sha256",
        [0, 0],
    )
    .await;
    assert_eq!(
        unfinished,
        Heard::Other(201, [string("sha256"), expected].concat())
    );
    let absent = check(
        &mut client,
        "check-file-name",
        string("/inbox/x"),
        "md5",
        [0, 0],
    )
    .await;
    assert_eq!(absent.code(), ABSENT);
    let unknown = check(
        &mut client,
        "check-file-name",
        string("/inbox/a.xml"),
        "crc",
        [0, 0],
    )
    .await;
    assert_eq!(unknown.code(), 8);
    let folder = check(
        &mut client,
        "check-file-name",
        string("/inbox"),
        "md5",
        [0, 0],
    )
    .await;
    assert_eq!(folder.code(), FAILURE);
}

#[tokio::test]
async fn folders_that_are_there_cannot_be_made_and_others_neither() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    for (path, word) in [
        ("/inbox", "already"),
        ("/", "already"),
        ("/inbox/new", "folders"),
    ] {
        let heard = client.send(14, &[string(path), number(0)]).await;
        let Heard::Status(_, sentence) = heard else {
            panic!("{heard:?}");
        };
        assert!(sentence.contains(word), "{path}: {sentence}");
    }
}

#[tokio::test]
async fn an_upload_is_resumed_under_its_temporary_name_too() {
    let (first, rest) = DOCUMENT.split_at(15);
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    for (name, flags) in [
        ("a.xml.filepart", W),
        ("b.part", W | A),
        ("c.tmp", R | W | C),
    ] {
        let (temporary, last) = (format!("/inbox/{name}"), format!("/inbox/{name}.xml"));
        // The session dies in the middle.
        let mut dying = bench.client().await;
        let handle = dying.open(&temporary, W | C | T).await.handle();
        dying.write(&handle, 0, first).await;
        assert_eq!(dying.close(&handle).await, OK);
        drop(dying);
        assert_eq!(
            crate::doors::sftp::tests::size(&client.stat(&temporary).await),
            15
        );
        let handle = client.open(&temporary, flags).await.handle();
        client.write(&handle, 15, rest).await;
        assert_eq!(client.close(&handle).await, OK);
        assert_eq!(client.rename(&temporary, &last).await, OK);
        let taken = bench.taken(&last).expect("taken");
        assert_eq!(taken.sha256, crate::intake::digest(DOCUMENT));
    }
}

#[tokio::test]
async fn fsync_is_for_files_that_are_open() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let fsync = async |client: &mut Client, handle: &[u8]| {
        let body = [string("fsync@openssh.com"), octets(handle)];
        client.send(200, &body).await
    };
    let written = client.open("/inbox/a.part", W | C | T).await.handle();
    assert_eq!(client.write(&written, 0, DOCUMENT).await, OK);
    assert_eq!(fsync(&mut client, &written).await.code(), OK);
    // Who has asked for it goes on as before.
    let end = DOCUMENT.len() as u64;
    assert_eq!(client.write(&written, end, b"more").await, OK);
    assert_eq!(client.close(&written).await, OK);
    let whole = [DOCUMENT, b"more"].concat();
    assert_eq!(bench.read("inbox/a.part"), Some(whole));
    // What is only read lies on the disk already.
    for path in ["/inbox/a.part", "/README.txt"] {
        let read = client.open(path, R).await.handle();
        assert_eq!(fsync(&mut client, &read).await.code(), OK, "{path}");
    }
    let listing = client.send(11, &[string("/inbox")]).await.handle();
    let Heard::Status(FAILURE, sentence) = fsync(&mut client, &listing).await else {
        panic!("a folder was synced");
    };
    assert!(sentence.contains("this is a folder"), "{sentence}");
    let Heard::Status(FAILURE, sentence) = fsync(&mut client, &written).await else {
        panic!("a closed handle was synced");
    };
    assert!(sentence.contains("not open"), "{sentence}");
}
