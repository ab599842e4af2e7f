//! Whatever arrives, the pump answers or ends the channel, in bounded memory.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::doors::sftp::allowance::{LATER_EACH_MAX, Waited};
use crate::doors::sftp::frames::{Broken, WAITING_BYTES_MAX};
use crate::doors::sftp::pump::{Outlet, Pump};
use crate::doors::sftp::requests::Later;
use crate::doors::sftp::tests::{Bench, C, DOCUMENT, OK, T, W, framed, octets, string};

#[tokio::test]
async fn a_client_that_never_reads_is_not_worked_for_and_cut_in_the_end() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    client.outlet.is_full = true;
    let stat = client.request(17, &[string("/inbox")]);
    let many = framed(&stat).repeat(1000);
    let mut fed = 0;
    let broken = loop {
        match client.pump.feed(&many, &mut client.outlet).await {
            Ok(()) => fed += many.len(),
            Err(broken) => break broken,
        }
    };
    assert_eq!(broken, Broken::Flood);
    assert!(fed <= WAITING_BYTES_MAX);
}

#[tokio::test]
async fn requests_that_waited_are_answered_when_there_is_room() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    client.outlet.is_full = true;
    let stat = client.request(17, &[string("/inbox")]);
    client.feed(&framed(&stat).repeat(500)).await;
    assert!(client.outlet.heard.is_empty());
    client.outlet.is_full = false;
    client.feed(&[]).await;
    for _answer in 0..500 {
        assert_eq!(client.hear().await[0], 105);
    }
}

#[tokio::test]
async fn a_framing_error_is_one_status_and_the_end() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let fed = client
        .pump
        .feed(&vec![0xff; 1 << 20], &mut client.outlet)
        .await;
    assert_eq!(fed, Err(Broken::Length(u32::MAX)));
    assert_eq!(client.hear().await[0], 101);
    assert!(client.outlet.heard.is_empty());
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_answered_under_its_own_id() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let answer = client.ask(&[17, 1, 2, 3, 4, 0xff]).await;
    assert_eq!(answer[..9], [101, 1, 2, 3, 4, 0, 0, 0, 5]);
    let answer = client.ask(&[250, 1, 2, 3, 5]).await;
    assert_eq!(answer[..9], [101, 1, 2, 3, 5, 0, 0, 0, 8]);
}

#[tokio::test]
async fn no_request_is_worked_off_before_init() {
    let bench = Bench::new().await;
    let visit = bench.client().await;
    let mut client = visit;
    client.pump = Pump::new(client.pump.visit());
    let stat = client.request(17, &[string("/inbox")]);
    let fed = client.pump.feed(&framed(&stat), &mut client.outlet).await;
    assert_eq!(fed, Err(Broken::NoInit));
}

/// Notes in which order answers are handed on.
#[derive(Default)]
struct Order(Vec<&'static str>);

impl Outlet for Order {
    fn send(&mut self, octets: Vec<u8>) {
        let is_version = octets.get(4) == Some(&2);
        self.0.push(if is_version { "version" } else { "answer" });
    }

    fn send_later(&mut self, _id: u32, _later: Later, _waited: Waited) {
        self.0.push("later");
    }

    fn is_full(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn no_answer_overtakes_the_version() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let mut pump = Pump::new(client.pump.visit());
    let list = client.request(11, &[string("/inbox")]);
    let stream = [framed(&[1, 0, 0, 0, 3]), framed(&list)].concat();
    let mut order = Order::default();
    pump.feed(&stream, &mut order).await.unwrap();
    assert_eq!(order.0, ["version", "later"]);
}

#[tokio::test]
async fn all_sessions_of_an_account_wait_for_so_many_answers_together() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let visit = client.pump.visit();
    let of_channel = Arc::new(Semaphore::new(2 * LATER_EACH_MAX));
    let all: Vec<Waited> = std::iter::from_fn(|| visit.allowance.later(&of_channel)).collect();
    assert_eq!(all.len(), LATER_EACH_MAX);
    let mut pump = Pump::new(visit);
    let list = framed(&client.request(11, &[string("/inbox")]));
    let mut order = Order::default();
    let stream = [framed(&[1, 0, 0, 0, 3]), list.clone()].concat();
    pump.feed(&stream, &mut order).await.unwrap();
    drop(all);
    pump.feed(&list, &mut order).await.unwrap();
    assert_eq!(order.0, ["version", "answer", "later"]);
}

#[tokio::test]
async fn two_uploads_of_one_name_end_in_the_order_of_their_ends() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    for _round in 0..20 {
        let one = client.open("/inbox/a.xml", W | C | T).await.handle();
        let other = client.open("/inbox/a.xml", W | C | T).await.handle();
        client.write(&one, 0, DOCUMENT).await;
        client.write(&other, 0, b"<other/>").await;
        let first = client.request(4, &[octets(&one)]);
        let second = client.request(4, &[octets(&other)]);
        client
            .feed(&[framed(&first), framed(&second)].concat())
            .await;
        for _answer in 0..2 {
            assert_eq!(client.hear().await[5..9], [0; 4]);
        }
        assert_eq!(bench.read("inbox/a.xml").unwrap(), b"<other/>");
    }
}

#[tokio::test]
async fn a_hundred_uploads_may_end_at_once() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let mut closes = Vec::new();
    for batch in 0..2 {
        for file in 0..50 {
            let name = format!("/inbox/{batch}-{file}.xml");
            let handle = client.open(&name, W | C | T).await.handle();
            client.write(&handle, 0, DOCUMENT).await;
            closes.extend(framed(&client.request(4, &[octets(&handle)])));
        }
        client.feed(&std::mem::take(&mut closes)).await;
        for _answer in 0..50 {
            assert_eq!(client.hear().await[5..9], [0; 4]);
        }
    }
    assert_eq!(client.list("/inbox").await.len(), 102);
    assert_eq!(client.remove("/inbox/1-49.xml").await, OK);
}

#[tokio::test]
async fn random_packets_never_break_the_pump() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let names = [
        "/inbox/a.xml",
        "/",
        "..",
        "/inbox",
        "a\u{0}b",
        "",
        "/receipts/2026-06-12/x",
    ];
    for _packet in 0..3000 {
        let kind = u8::try_from(random() % 22).unwrap();
        let mut packet = vec![kind];
        packet.extend(7_u32.to_be_bytes());
        for _part in 0..random() % 4 {
            match random() % 4 {
                0 => packet.extend(string(names[usize::try_from(random() % 7).unwrap()])),
                1 => packet.extend(octets(&(random() % 9).to_be_bytes())),
                2 => packet.extend((random() % 64).to_be_bytes()),
                _ => packet.extend(random().to_be_bytes()),
            }
        }
        // INIT alone may come without an answer to wait for.
        client.feed(&framed(&packet)).await;
        client.hear().await;
    }
}

#[tokio::test]
async fn a_handle_is_text_however_many_there_were() {
    // russh-sftp's client, and others, keep handles as text; a number of eight octets breaks there
    // at the 128th file of a session.
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    for _file in 0..300 {
        let handle = client.open("/README.txt", 1).await.handle();
        assert!(handle.is_ascii());
        assert_eq!(client.close(&handle).await, OK);
    }
    assert_ne!(client.close(b"301").await, OK, "never opened");
    assert_ne!(client.close(b"no number").await, OK);
}
