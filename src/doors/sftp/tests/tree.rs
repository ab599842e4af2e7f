//! Looking around: listings, attributes, what is refused and how.

use crate::doors::sftp::tests::{
    ABSENT, Bench, DENIED, DOCUMENT, END, FAILURE, Heard, OK, R, W, octets, size, string,
};

#[tokio::test]
async fn a_client_sees_its_folders_and_what_lies_in_them() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    client.put("/inbox/b.xml", DOCUMENT).await;
    client.put("/inbox/a.xml", DOCUMENT).await;
    let day = bench.file("receipts/2026-06-12");
    std::fs::create_dir_all(&day).unwrap();
    std::fs::write(day.join("x.receipt.json"), "{}").unwrap();
    assert_eq!(
        client.list("/").await,
        [
            ".",
            "..",
            "README.txt",
            "inbox",
            "limits.json",
            "receipts",
            "test",
            "tmp"
        ]
    );
    assert_eq!(client.list("/inbox").await, [".", "..", "a.xml", "b.xml"]);
    assert_eq!(client.list("/receipts").await, [".", "..", "2026-06-12"]);
    assert_eq!(
        client.list("/receipts/2026-06-12").await,
        [".", "..", "x.receipt.json"]
    );
}

#[tokio::test]
async fn links_and_pipes_that_others_planted_are_not_seen_opened_or_followed() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let secret = bench.acme.place.path().join("secret");
    std::fs::write(&secret, "secret").unwrap();
    std::os::unix::fs::symlink(&secret, bench.file("inbox/link.xml")).unwrap();
    std::fs::hard_link(&secret, bench.file("inbox/hard.xml")).unwrap();
    assert_eq!(client.list("/inbox").await, [".", ".."]);
    for name in ["/inbox/link.xml", "/inbox/hard.xml"] {
        assert!(matches!(client.open(name, R).await, Heard::Status(..)));
        assert!(matches!(client.open(name, W).await, Heard::Status(..)));
        assert_eq!(client.stat(name).await.code(), ABSENT);
        assert_ne!(client.set_times(name, 1).await, OK);
        assert_ne!(client.posix_rename(name, "/inbox/x.xml").await, OK);
    }
    assert_eq!(std::fs::read(&secret).unwrap(), b"secret");
}

#[tokio::test]
async fn what_is_not_there_is_no_such_file_whatever_is_asked() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    for path in [
        "/inbox/no.xml",
        "/receipts/2026-01-01",
        "/elsewhere/a",
        "/inbox/a/b",
    ] {
        assert_eq!(client.stat(path).await.code(), ABSENT, "{path}");
        assert_eq!(client.open(path, R).await.code(), ABSENT, "{path}");
        assert_eq!(client.set_times(path, 1).await, ABSENT, "{path}");
        assert_eq!(
            client.send(11, &[string(path)]).await.code(),
            ABSENT,
            "{path}"
        );
        let removed = client.send(15, &[string(path)]).await;
        assert_eq!(removed.code(), ABSENT, "{path}");
        assert_eq!(client.remove(path).await, ABSENT, "{path}");
        assert_eq!(client.rename(path, "/inbox/b.xml").await, ABSENT, "{path}");
    }
    assert_eq!(client.posix_rename("/inbox/no", "/inbox/b").await, ABSENT);
}

#[tokio::test]
async fn folders_and_our_own_files_stay_as_they_are() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    assert_eq!(
        client
            .send(14, &[string("/inbox/sub"), vec![0; 4]])
            .await
            .code(),
        DENIED
    );
    assert_eq!(client.send(15, &[string("/inbox")]).await.code(), DENIED);
    let file = client.send(15, &[string("/README.txt")]).await;
    assert_eq!(file.code(), FAILURE);
    assert_eq!(client.remove("/README.txt").await, DENIED);
    assert_eq!(client.remove("/inbox").await, FAILURE);
    assert_eq!(client.open("/README.txt", W).await.code(), DENIED);
    assert_eq!(client.rename("/inbox", "/outbox").await, DENIED);
    assert_eq!(client.put("/inbox/a", b"a").await, OK);
    assert_eq!(client.rename("/inbox/a", "/test").await, FAILURE);
    let day = client.rename("/inbox/a", "/receipts/2026-01-01").await;
    assert_eq!(day, DENIED);
    assert_eq!(client.send(20, &[string("a"), string("b")]).await.code(), 8);
    let chmod = [0_u32.to_be_bytes(), 4_u32.to_be_bytes(), [0, 0, 1, 0xff]];
    assert_eq!(
        client
            .send(9, &[string("/inbox"), chmod[1..].concat()])
            .await
            .code(),
        OK
    );
}

#[tokio::test]
async fn the_readme_is_read_to_its_end() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let bytes = size(&client.stat("README.txt").await);
    let handle = client.open("README.txt", R).await.handle();
    let Heard::Other(103, data) = client.read(&handle, 0, 1 << 20).await else {
        panic!("no data");
    };
    assert_eq!(data.len() as u64, bytes + 4);
    assert_eq!(client.read(&handle, bytes, 10).await.code(), END);
    assert_eq!(client.close(&handle).await, OK);
    assert_eq!(client.close(&handle).await, FAILURE, "closed twice");
}

#[tokio::test]
async fn handles_are_bounded_and_come_back() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.handles_max = 2;
    let mut client = bench.client().await;
    let one = client.open("/README.txt", R).await.handle();
    client.open("/README.txt", R).await.handle();
    assert_eq!(client.open("/README.txt", R).await.code(), FAILURE);
    client.close(&one).await;
    client.open("/README.txt", R).await.handle();
    assert_eq!(client.read(&octets(b"xyz"), 0, 1).await.code(), FAILURE);
}
