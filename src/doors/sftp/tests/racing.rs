//! A local program that swaps a folder for a link all the time, while a client is at work in it.

use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::doors::sftp::tests::{Bench, C, DOCUMENT, Heard, OK, R, T, W, octets};

const SECRET: &[u8] = b"<a>nobody may see this</a>";

/// Rounds of the client; the swapping takes place several times in each, unless the machine has much else to do.
const ROUNDS: u32 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_that_becomes_a_link_between_two_steps_leads_nowhere() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let outside = bench.acme.place.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret.xml"), SECRET).unwrap();
    let (own, away) = (bench.file("inbox"), bench.file("away"));
    let (is_over, swaps) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let swapping = {
        let (is_over, swaps, outside) = (Arc::clone(&is_over), Arc::clone(&swaps), outside.clone());
        std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                if std::fs::rename(&own, &away).is_ok() {
                    // Meanwhile the door may have made the folder anew.
                    let is_link = symlink(&outside, &own).is_ok();
                    if is_link {
                        std::fs::remove_file(&own).unwrap();
                    } else {
                        drop(std::fs::remove_dir_all(&own));
                    }
                    drop(std::fs::rename(&away, &own));
                }
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let (mut kept, mut refused) = (0, 0);
    for _round in 0..ROUNDS {
        if let Heard::Handle(handle) = client.open("/inbox/a.xml", W | C | T).await {
            client.write(&handle, 0, DOCUMENT).await;
            if client.close(&handle).await == OK {
                kept += 1;
            }
        } else {
            refused += 1;
        }
        if let Heard::Handle(handle) = client.open("/inbox/secret.xml", R).await {
            panic!("opened as {handle:?}");
        }
        client.stat("/inbox/secret.xml").await.code();
        assert_ne!(client.remove("/inbox/secret.xml").await, OK);
        if let Heard::Handle(handle) = client.send(11, &[super::string("/inbox")]).await {
            let names = client.send(12, &[octets(&handle)]).await;
            let shows = format!("{names:?}").contains("secret");
            assert!(!shows, "{names:?}");
            client.close(&handle).await;
        }
    }
    is_over.store(true, Ordering::Relaxed);
    swapping.join().unwrap();
    assert!(swaps.load(Ordering::Relaxed) > 20, "hardly ever swapped");
    assert!(refused + kept <= ROUNDS, "{kept} {refused}");
    // How often it was kept is chance; now it is, whatever the folder went through.
    assert_eq!(client.put("/inbox/last.xml", DOCUMENT).await, OK);
    let left: Vec<_> = std::fs::read_dir(&outside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["secret.xml"]);
    assert_eq!(std::fs::read(outside.join("secret.xml")).unwrap(), SECRET);
    drop(client);
    bench.settle().await;
}
