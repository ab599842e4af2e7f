//! Accounts that agreed on done-markers or on names to be ignored.

use crate::domain::handing_in::{DoneMarker, HandingIn, NamePattern};
use crate::doors::sftp::tests::{
    ABSENT, Bench, C, DOCUMENT, Heard, OK, R, T, W, framed, octets, string,
};
use crate::intake::digest;

async fn bench() -> Bench {
    let mut bench = Bench::new().await;
    bench.acme.account.handing_in = HandingIn {
        done_marker: Some(DoneMarker::new(".done").unwrap()),
        ignored: vec![NamePattern::new("tmp-*").unwrap()],
    };
    bench
}

#[tokio::test]
async fn a_file_is_taken_when_its_marker_is_closed() {
    let bench = bench().await;
    let mut client = bench.client().await;
    for (file, marker) in [("a.xml", "a.xml.done"), ("b.XML", "b.done")] {
        let (file, marker) = (format!("/inbox/{file}"), format!("/inbox/{marker}"));
        assert_eq!(client.put(&file, DOCUMENT).await, OK);
        assert_eq!(bench.taken(&file), None);
        let handle = client.open(&marker, W | C | T).await.handle();
        assert_eq!(client.close(&handle).await, OK);
        assert_eq!(bench.taken(&file).expect("taken").sha256, digest(DOCUMENT));
        assert_eq!(bench.taken(&marker), None);
        // Clients look whether what they sent is there.
        assert!(matches!(client.stat(&marker).await, Heard::Other(105, _)));
    }
    assert_eq!(bench.acme.submissions().await.len(), 2);
    // What served once does not serve the next file, also with new times.
    assert_eq!(
        client.set_times("/inbox/a.xml.done", 1_000_000_000).await,
        OK
    );
    assert_eq!(client.put("/inbox/a.xml", b"<new/>").await, OK);
    assert_eq!(bench.acme.submissions().await.len(), 2);
    assert_eq!(client.put("/inbox/a.xml.done", b"").await, OK);
    assert_eq!(bench.acme.submissions().await.len(), 3);
}

#[tokio::test]
async fn a_marker_may_come_first_or_by_rename_or_in_the_same_breath() {
    let bench = bench().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/first.done", b"").await, OK);
    assert_eq!(client.put("/inbox/first.xml", DOCUMENT).await, OK);
    assert!(bench.taken("/inbox/first.xml").is_some());

    assert_eq!(client.put("/inbox/r.xml.part", DOCUMENT).await, OK);
    assert_eq!(client.rename("/inbox/r.xml.part", "/inbox/r.xml").await, OK);
    assert_eq!(bench.taken("/inbox/r.xml"), None);
    assert_eq!(client.put("/inbox/r.tmp", b"").await, OK);
    assert_eq!(client.rename("/inbox/r.tmp", "/inbox/r.done").await, OK);
    assert!(bench.taken("/inbox/r.xml").is_some());

    for round in 0..20 {
        let (file, marker) = (
            format!("/inbox/{round}.xml"),
            format!("/inbox/{round}.done"),
        );
        let one = client.open(&file, W | C | T).await.handle();
        let other = client.open(&marker, W | C | T).await.handle();
        client.write(&one, 0, DOCUMENT).await;
        let closes = [one, other].map(|handle| client.request(4, &[octets(&handle)]));
        client
            .feed(&closes.map(|close| framed(&close)).concat())
            .await;
        for _answer in 0..2 {
            assert_eq!(client.hear().await[5..9], [0; 4]);
        }
        assert!(bench.taken(&file).is_some(), "{file}");
    }
    assert_eq!(bench.acme.submissions().await.len(), 22);
}

#[tokio::test]
async fn an_incomplete_file_is_taken_when_it_is_resumed_behind_its_marker() {
    let bench = bench().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.xml", &DOCUMENT[..9]).await, OK);
    assert_eq!(client.put("/inbox/a.done", b"").await, OK);
    assert_eq!(bench.taken("/inbox/a.xml"), None);
    let handle = client.open("/inbox/a.xml", W).await.handle();
    client.write(&handle, 9, &DOCUMENT[9..]).await;
    assert_eq!(client.close(&handle).await, OK);
    assert!(bench.taken("/inbox/a.xml").is_some());
}

#[tokio::test]
async fn ignored_names_are_kept_and_never_taken() {
    let bench = bench().await;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/tmp-a.xml", DOCUMENT).await, OK);
    assert_eq!(client.put("/inbox/tmp-a.done", b"").await, OK);
    assert!(bench.acme.submissions().await.is_empty());
    assert_eq!(client.rename("/inbox/tmp-a.xml", "/inbox/a.xml").await, OK);
    assert_eq!(client.put("/inbox/a.done", b"").await, OK);
    assert!(bench.taken("/inbox/a.xml").is_some());
    assert_eq!(client.stat("/inbox/tmp-a.xml").await.code(), ABSENT);
}

#[tokio::test]
async fn the_readme_says_what_was_agreed() {
    let bench = bench().await;
    let mut client = bench.client().await;
    let handle = client.open("/README.txt", R).await.handle();
    let Heard::Other(103, body) = client.read(&handle, 0, 100_000).await else {
        panic!("no data");
    };
    let text = String::from_utf8(body[4..].to_vec()).unwrap();
    assert!(
        text.contains("a.xml.done or a.done") && text.contains("    tmp-*\n"),
        "{text}"
    );
    assert!(text.lines().all(|line| line.len() <= 90), "{text}");
    let body = [
        string("check-file-name"),
        string("/README.txt"),
        string("sha256"),
    ];
    let rest = [vec![0; 16], vec![0; 4]];
    let heard = client.send(200, &[&body[..], &rest[..]].concat()).await;
    let Heard::Other(201, answer) = heard else {
        panic!("{heard:?}");
    };
    assert_eq!(
        answer,
        [string("sha256"), sha2_of(text.as_bytes())].concat()
    );
}

fn sha2_of(octets: &[u8]) -> Vec<u8> {
    data_encoding::HEXLOWER
        .decode(digest(octets).as_str().as_bytes())
        .unwrap()
}
