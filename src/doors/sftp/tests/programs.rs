//! A channel serves one program, or the SFTP subsystem, and then no other; asked for over SSH.

use std::fs::File;

use russh::client::{Handle, Msg};
use russh::{Channel, ChannelMsg};

use crate::doors::sftp::tests::credentials::{Trusting, connect, show_key};
use crate::doors::sftp::tests::{Bench, DOCUMENT, framed};

/// So large that its digest takes longer than the second request needs to come.
const LARGE_BYTES: u64 = 32 << 20;

const DIGEST: &str = "sha256sum /inbox/large";

/// What is asked of a channel.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Exec(&'static str),
    Sftp,
    Shell,
}

impl Ask {
    async fn of(self, channel: &Channel<Msg>) {
        match self {
            Self::Exec(command) => channel.exec(true, command).await,
            Self::Sftp => channel.request_subsystem(true, "sftp").await,
            Self::Shell => channel.request_shell(true).await,
        }
        .unwrap();
    }
}

/// What came back on a channel until it was closed.
#[derive(Debug, Default)]
struct Told {
    /// One answer a request.
    answers: Vec<bool>,
    out: Vec<u8>,
    status: Option<u32>,
}

impl Told {
    /// Hears until `enough`, or the channel's end.
    async fn hear(&mut self, channel: &mut Channel<Msg>, enough: impl Fn(&Self) -> bool) {
        while !enough(self) {
            match channel.wait().await {
                Some(ChannelMsg::Success) => self.answers.push(true),
                Some(ChannelMsg::Failure) => self.answers.push(false),
                Some(ChannelMsg::Data { data }) => self.out.extend_from_slice(&data),
                Some(ChannelMsg::ExitStatus { exit_status }) => self.status = Some(exit_status),
                Some(_) => (),
                None => return,
            }
        }
    }

    fn lines(&self) -> usize {
        String::from_utf8_lossy(&self.out).lines().count()
    }
}

async fn log_in(bench: &mut Bench) -> Handle<Trusting> {
    let port = bench.open_door_of().await.0.port();
    // The door's folders are there from the first log-in on.
    let mut client = bench.client().await;
    client.put("/inbox/small", DOCUMENT).await;
    let large = File::create(bench.file("inbox/large")).unwrap();
    large.set_len(LARGE_BYTES).unwrap();
    let mut session = connect(port).await;
    assert!(show_key(&mut session, bench, ("robot", "key")).await);
    session
}

const SECOND: [Ask; 4] = [
    Ask::Exec("sha256sum /inbox/small"),
    Ask::Exec("md5sum"),
    Ask::Sftp,
    Ask::Shell,
];

#[tokio::test(flavor = "multi_thread")]
async fn while_a_program_works_its_channel_takes_no_other() {
    let mut bench = Bench::new().await;
    let session = log_in(&mut bench).await;
    for second in SECOND {
        let mut channel = session.channel_open_session().await.unwrap();
        Ask::Exec(DIGEST).of(&channel).await;
        second.of(&channel).await;
        let mut told = Told::default();
        told.hear(&mut channel, |_| false).await;
        assert_eq!(told.answers, [true, false], "{second:?}");
        assert_eq!((told.lines(), told.status), (1, Some(0)), "{second:?}");
        assert!(told.out.ends_with(b"  /inbox/large\n"), "{second:?}");
    }
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_reads_its_input_goes_on_when_a_second_is_refused() {
    let mut bench = Bench::new().await;
    let session = log_in(&mut bench).await;
    for second in SECOND {
        let mut channel = session.channel_open_session().await.unwrap();
        Ask::Exec("sha1sum").of(&channel).await;
        channel.data(&b"ab"[..]).await.unwrap();
        second.of(&channel).await;
        channel.data(&b"c"[..]).await.unwrap();
        channel.eof().await.unwrap();
        let mut told = Told::default();
        told.hear(&mut channel, |_| false).await;
        assert_eq!(told.answers, [true, false], "{second:?}");
        let of_abc = b"a9993e364706816aba3e25717850c26c9cd0d89d  -\n";
        assert_eq!(told.out, of_abc, "{second:?}");
        assert_eq!(told.status, Some(0), "{second:?}");
    }
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sftp_channel_takes_no_program_and_goes_on() {
    let mut bench = Bench::new().await;
    let session = log_in(&mut bench).await;
    for second in SECOND {
        let mut channel = session.channel_open_session().await.unwrap();
        Ask::Sftp.of(&channel).await;
        second.of(&channel).await;
        let mut told = Told::default();
        told.hear(&mut channel, |told| told.answers.len() == 2)
            .await;
        assert_eq!(told.answers, [true, false], "{second:?}");
        assert_eq!(told.out, b"", "{second:?}");
        let init = framed(&[1, 0, 0, 0, 3]);
        channel.data(&init[..]).await.unwrap();
        told.hear(&mut channel, |told| told.out.len() > 9).await;
        assert_eq!(told.out[4..9], [2, 0, 0, 0, 3], "{second:?}");
        // It ends by itself when its client has sent all.
        channel.eof().await.unwrap();
        second.of(&channel).await;
        told.hear(&mut channel, |_| false).await;
        assert_eq!(told.status, Some(0), "{second:?}");
        assert!(!told.answers[2..].contains(&true), "{second:?}");
    }
    bench.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_command_that_was_refused_nothing_is_run() {
    let mut bench = Bench::new().await;
    let session = log_in(&mut bench).await;
    for second in SECOND {
        let mut channel = session.channel_open_session().await.unwrap();
        Ask::Exec("id").of(&channel).await;
        second.of(&channel).await;
        let mut told = Told::default();
        told.hear(&mut channel, |_| false).await;
        // It succeeds, to be able to say on the standard error why it does nothing.
        assert_eq!(told.answers.first(), Some(&true), "{second:?}");
        assert!(!told.answers[1..].contains(&true), "{second:?}");
        assert_eq!((&told.out[..], told.status), (&b""[..], Some(1)));
    }
    bench.settle().await;
}
