//! What the sessions of one account share: files, memory, handles, channels, room on the disk.

use std::sync::Arc;
use std::time::Duration;

use russh::client::Handle;

use crate::access::testing::until;
use crate::doors::sftp::channels::{BROKEN_MAX, OPENED_MAX};
use crate::doors::sftp::frames::Broken;
use crate::doors::sftp::tests::credentials::{Trusting, connect, show_key};
use crate::doors::sftp::tests::{
    Bench, C, DOCUMENT, FAILURE, Heard, OK, R, T, W, framed, octets, string,
};
use crate::drop_folder::DropPath;

fn sentence(heard: Heard) -> String {
    match heard {
        Heard::Status(FAILURE, sentence) => sentence,
        other => panic!("not refused, but {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_sessions_put_at_one_place_is_what_intake_knows() {
    let bench = Bench::new().await;
    let house = Arc::new(bench.house());
    let mut clients = Vec::new();
    for _client in 0..12 {
        clients.push(bench.client_of(&house).await);
    }
    let folder = bench.folders.account(&bench.acme.account.code).unwrap();
    let path = DropPath::from_client("/inbox/a.xml").unwrap();
    for round in 0..40 {
        let mut answers = Vec::new();
        for (number, mut client) in clients.drain(..).enumerate() {
            let handle = client.open("/inbox/a.xml", W | C | T).await.handle();
            let document = format!("<a><b>{round} {number}</b></a>");
            client.write(&handle, 0, document.as_bytes()).await;
            let (answer, answered) = tokio::sync::oneshot::channel();
            answers.push(answered);
            bench.acme.tasks.spawn("test: a client", async move {
                assert_eq!(client.close(&handle).await, OK);
                drop(answer.send(client));
            });
        }
        for answered in answers {
            clients.push(answered.await.unwrap());
        }
        let known = bench.taken("/inbox/a.xml").map(|taken| taken.mark);
        let lies_there = folder.facts(&path).ok().map(|facts| facts.mark);
        assert_eq!(known, lies_there, "in round {round}");
    }
    drop(clients);
    bench.settle().await;
}

#[tokio::test]
async fn handles_are_counted_for_all_sessions_of_an_account() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.handles_per_account_max = 3;
    let house = Arc::new(bench.house());
    let (mut one, mut other) = (bench.client_of(&house).await, bench.client_of(&house).await);
    for client in [&mut one, &mut other] {
        client.open("/README.txt", R).await.handle();
    }
    let third = one.open("/inbox/a.xml", W | C).await.handle();
    let refused = sentence(other.open("/README.txt", R).await);
    assert!(refused.contains("in all of your account"), "{refused}");
    assert_eq!(one.close(&third).await, OK);
    other.open("/README.txt", R).await.handle();
    drop(one);
    // What a session leaves open ends with it.
    other.open("/README.txt", R).await.handle();
    sentence(other.open("/README.txt", R).await);
}

#[tokio::test]
async fn requests_that_wait_are_counted_with_what_the_account_holds() {
    let mut bench = Bench::new().await;
    bench.settings.check.file_bytes_max = 0;
    // A quarter of it is the account's.
    bench.settings.sftp.uploads_bytes_max = 4 * 1024 * 1024;
    let house = Arc::new(bench.house());
    let (mut one, mut other) = (bench.client_of(&house).await, bench.client_of(&house).await);
    let long = framed(&one.request(17, &[string(&"a".repeat(60_000))]));
    let fill = async |client: &mut super::Client| {
        client.outlet.is_full = true;
        for sent in 0..100 {
            if let Err(broken) = client.pump.feed(&long, &mut client.outlet).await {
                return (sent, broken);
            }
        }
        panic!("it waits without an end");
    };
    let (sent, broken) = fill(&mut one).await;
    assert_eq!(broken, Broken::Crowded);
    // One gave up; what it held is there again for the other.
    assert!(sent > 10, "{sent}");
    drop(one);
    let (again, _) = fill(&mut other).await;
    assert_eq!(again, sent);
}

#[tokio::test]
async fn the_copy_of_an_open_upload_is_counted_while_it_is_digested() {
    let mut bench = Bench::new().await;
    bench.settings.check.file_bytes_max = 50_000;
    bench.settings.sftp.uploads_bytes_max = 100_000;
    let mut client = bench.client().await;
    let handle = client.open("/inbox/a.xml", R | W | C).await.handle();
    assert_eq!(client.write(&handle, 0, &vec![b' '; 50_000]).await, OK);
    let name = string("check-file-handle");
    let wish = [
        octets(&handle),
        string("md5"),
        vec![0; 8],
        vec![0; 8],
        vec![0; 4],
    ];
    let refused = client.send(200, &[name, wish.concat()]).await;
    assert!(sentence(refused).contains("try again in a minute"));
}

#[tokio::test]
async fn room_that_was_made_is_there_at_once() {
    let mut bench = Bench::new().await;
    bench.settings.drop_folders.account_bytes_max = 100;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.xml", DOCUMENT).await, OK);
    assert_eq!(client.put("/inbox/b.xml", DOCUMENT).await, OK);
    let handle = client.open("/inbox/c.xml", W | C).await.handle();
    assert_eq!(client.write(&handle, 0, DOCUMENT).await, FAILURE);
    assert_eq!(client.close(&handle).await, OK);
    assert_eq!(client.remove("/inbox/a.xml").await, OK);
    assert_eq!(client.put("/inbox/c.xml", DOCUMENT).await, OK);
    // A file in the place of another takes its room.
    for _again in 0..5 {
        assert_eq!(client.put("/inbox/c.xml", DOCUMENT).await, OK);
    }
}

#[tokio::test]
async fn files_are_counted_also_those_of_no_octets() {
    let mut bench = Bench::new().await;
    bench.settings.drop_folders.account_files_max = 2;
    let mut client = bench.client().await;
    assert_eq!(client.put("/inbox/a.part", b"").await, OK);
    assert_eq!(client.put("/test/b.part", b"").await, OK);
    let refused = sentence(client.open("/inbox/c.part", W | C).await);
    assert!(refused.contains("may hold 2 files"), "{refused}");
    assert_eq!(client.put("/inbox/a.part", b"x").await, OK, "no new one");
    let room = client
        .send(200, &[string("statvfs@openssh.com"), string("/")])
        .await;
    let Heard::Other(201, numbers) = room else {
        panic!("no room, but {room:?}");
    };
    let number = |at: usize| u64::from_be_bytes(numbers[8 * at..8 * at + 8].try_into().unwrap());
    assert_eq!((number(5), number(6)), (2, 0), "files, and what is left");
    assert_eq!(client.remove("/inbox/a.part").await, OK);
    assert_eq!(client.put("/inbox/c.part", b"").await, OK);
}

#[tokio::test]
async fn what_is_renamed_into_place_counts_for_the_hour_too() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.files_per_hour_max = 1;
    let mut client = bench.client().await;
    for name in ["/inbox/a.part", "/inbox/b.part"] {
        assert_eq!(client.put(name, DOCUMENT).await, OK);
    }
    assert_eq!(client.rename("/inbox/a.part", "/inbox/a.xml").await, OK);
    let names = [string("/inbox/b.part"), string("/inbox/b.xml")];
    let refused = sentence(client.send(18, &names).await);
    assert!(refused.contains("it may go on at "), "{refused}");
    assert_eq!(bench.taken("/inbox/b.xml"), None);
    assert!(bench.read("inbox/b.part").is_some(), "it waits there");
}

async fn log_in(bench: &Bench, port: u16) -> Handle<Trusting> {
    let mut session = connect(port).await;
    assert!(show_key(&mut session, bench, ("robot", "key")).await);
    session
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_are_counted_for_all_sessions_of_an_account() {
    let mut bench = Bench::new().await;
    bench.settings.sftp.channels_max = 2;
    bench.settings.sftp.channels_per_account_max = 3;
    let port = bench.open_door_of().await.0.port();
    let (one, other) = (log_in(&bench, port).await, log_in(&bench, port).await);
    let mut open = Vec::new();
    for session in [&one, &one, &other] {
        open.push(session.channel_open_session().await.unwrap());
    }
    assert!(other.channel_open_session().await.is_err());
    open.pop().unwrap().close().await.unwrap();
    open.push(other.channel_open_session().await.unwrap());
    // Those that we end count no more either, and no longer than until the client can know of it.
    for _again in 0..20 {
        let mut channel = open.pop().unwrap();
        channel.request_subsystem(true, "sftp").await.unwrap();
        channel.eof().await.unwrap();
        while channel.wait().await.is_some() {}
        open.push(other.channel_open_session().await.unwrap());
    }
    drop((one, other));
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opens_so_many_channels_and_is_then_told_to_log_in_again() {
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let session = log_in(&bench, port).await;
    for _channel in 0..OPENED_MAX {
        let channel = session.channel_open_session().await.unwrap();
        channel.close().await.unwrap();
    }
    assert!(session.channel_open_session().await.is_err());
    until("the end of the session", async || {
        session.is_closed().then_some(())
    })
    .await;
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_long_is_done_for_one_account_one_at_a_time() {
    let bench = Bench::new().await;
    let house = Arc::new(bench.house());
    let (one, other) = (bench.client_of(&house).await, bench.client_of(&house).await);
    let (one, other) = (one.pump.visit(), other.pump.visit());
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let mut first = Box::pin(one.work_long("test: wait", move || gone.recv().is_err()));
    let moment = Duration::from_millis(50);
    assert!(tokio::time::timeout(moment, &mut first).await.is_err());
    let mut second = Box::pin(other.work_long("test: work", || ()));
    let early = tokio::time::timeout(moment, &mut second).await;
    assert!(early.is_err(), "it does not wait");
    drop(go);
    assert_eq!((first.await, second.await), (Some(true), Some(())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_channels_break_again_and_again_ends() {
    let mut bench = Bench::new().await;
    let port = bench.open_door_of().await.0.port();
    let session = log_in(&bench, port).await;
    for _broken in 0..BROKEN_MAX {
        let mut channel = session.channel_open_session().await.unwrap();
        channel.request_subsystem(true, "sftp").await.unwrap();
        channel.data(&[0xff; 64][..]).await.unwrap();
        while channel.wait().await.is_some() {}
    }
    until("the end of the session", async || {
        session.is_closed().then_some(())
    })
    .await;
    bench.settle().await;
}
