//! Who waits for whom: what is being committed holds up nothing but requests for the same file.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use crate::doors::sftp::tests::{Bench, C, DOCUMENT, OK, R, T, W, framed, number, octets, string};

/// Somebody who holds the database, so that nothing can be committed.
struct Holder(Child);

impl Holder {
    fn of(bench: &Bench) -> Self {
        let script = "import sqlite3, sys\n\
            held = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
            held.execute('BEGIN IMMEDIATE')\n\
            print('held', flush=True)\n\
            sys.stdin.readline()\n\
            held.execute('ROLLBACK')\n";
        let database = bench.acme.place.path().join("ecocd.sqlite");
        let mut child = Command::new("python3")
            .args(["-c", script])
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut said).unwrap();
        assert_eq!(said, "held\n");
        Self(child)
    }

    fn let_go(mut self) {
        self.0.stdin.take().unwrap().write_all(b"\n").unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

#[tokio::test]
async fn reads_writes_and_stats_never_wait_for_the_commit_of_another_file() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let closing = client.open("/inbox/a.xml", W | C | T).await.handle();
    client.write(&closing, 0, DOCUMENT).await;
    let open = client.open("/inbox/b.xml", R | W | C | T).await.handle();
    let holder = Holder::of(&bench);
    // CLOSE cannot be answered, nor what asks for the same file.
    let close = client.request(4, &[octets(&closing)]);
    let close_id = client.ids;
    client.feed(&framed(&close)).await;
    let stat = client.request(17, &[string("/inbox/a.xml")]);
    let stat_id = client.ids;
    client.feed(&framed(&stat)).await;
    let times = [number(8), number(1_000_000_000), number(1_000_000_000)].concat();
    let set = client.request(9, &[string("/inbox/a.xml"), times]);
    let set_id = client.ids;
    client.feed(&framed(&set)).await;
    // Everything else is, in its turn: each of these asks for the id of its own answer.
    for round in 0..100_u64 {
        assert_eq!(client.write(&open, round * 4, b"data").await, OK);
        client.read(&open, round * 4, 4).await;
        client.stat("/inbox").await;
        client.send(8, &[octets(&open)]).await;
        client.stat("/inbox/other.xml").await;
    }
    let other = client.open("/test/c.xml", W | C | T).await.handle();
    assert_eq!(client.write(&other, 0, DOCUMENT).await, OK);
    holder.let_go();
    let mut ids = Vec::new();
    for _answer in 0..3 {
        let answer = client.hear().await;
        assert!(answer[0] == 105 || answer[5..9] == [0; 4], "{answer:?}");
        ids.push(u32::from_be_bytes(answer[1..5].try_into().unwrap()));
    }
    assert_eq!(ids, [close_id, stat_id, set_id]);
    assert!(bench.taken("/inbox/a.xml").is_some());
}

#[tokio::test]
async fn requests_for_one_file_are_done_in_their_order_however_they_come() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let closing = client.open("/inbox/a.part", W | C | T).await.handle();
    client.write(&closing, 0, DOCUMENT).await;
    let both = |from: &str, to: &str| [string(from), string(to)];
    let requests = [
        client.request(4, &[octets(&closing)]),
        client.request(18, &both("/inbox/a.part", "/inbox/a.xml")),
        client.request(17, &[string("/inbox/a.xml")]),
        client.request(18, &both("/inbox/a.xml", "/test/b.xml")),
        client.request(17, &[string("/inbox/a.xml")]),
        client.request(17, &[string("/test/b.xml")]),
        client.request(13, &[string("/test/b.xml")]),
        client.request(17, &[string("/test/b.xml")]),
    ];
    let first = client.ids + 1 - u32::try_from(requests.len()).unwrap();
    let stream: Vec<u8> = requests
        .iter()
        .flat_map(|request| framed(request))
        .collect();
    client.feed(&stream).await;
    let mut answers = vec![None; requests.len()];
    for _answer in 0..requests.len() {
        let answer = client.hear().await;
        let id = u32::from_be_bytes(answer[1..5].try_into().unwrap());
        let is_attrs = answer[0] == 105;
        answers[(id - first) as usize] = Some((is_attrs, answer[8]));
    }
    let done = Some((false, 0));
    let absent = Some((false, 2));
    let is_there = |answer: &Option<(bool, u8)>| answer.is_some_and(|(is_attrs, _)| is_attrs);
    assert_eq!(answers[0], done);
    assert_eq!(answers[1], done);
    assert!(is_there(&answers[2]));
    assert_eq!(answers[3], done);
    assert_eq!(answers[4], absent);
    assert!(is_there(&answers[5]));
    assert_eq!(answers[6], done);
    assert_eq!(answers[7], absent);
    assert_eq!(bench.acme.submissions().await.len(), 2);
}
