//! What becomes of work when the wire to PostgreSQL is cut: a proxy between us and the server cuts it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::prelude::*;

use crate::config;
use crate::domain::submission::SubmissionNumber;
use crate::store::connection::{Db, each};
use crate::store::schema::counters;
use crate::store::tests::bench::{Bench, LEASE, arrival, at, facts, filing, new_arrival};
use crate::store::{Arrived, Filed, Store, StoreFault};

/// Past this a test has hung.
const LIMIT: Duration = Duration::from_secs(30);

/// The wire between a store and a server.
#[derive(Default)]
pub(super) struct Wire {
    is_cut: AtomicBool,
    /// The next COMMIT reaches the server, and its answer is lost with every connection.
    pub(super) loses_answer: AtomicBool,
    refused: AtomicUsize,
    pub(super) lost: AtomicUsize,
    ends: Mutex<Vec<TcpStream>>,
}

impl Wire {
    /// A proxy to the server of `url`; gives the URL that leads through it.
    fn to(url: &str) -> (Arc<Self>, String) {
        let (before, rest) = url.split_once('@').unwrap();
        let (server, after) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap();
        let (wire, server) = (Arc::new(Self::default()), server.to_owned());
        let accepting = Arc::clone(&wire);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                accepting.join(client.unwrap(), &server);
            }
        });
        (wire, format!("{before}@{here}/{after}"))
    }

    fn join(self: &Arc<Self>, client: TcpStream, server: &str) {
        if self.is_cut.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let server = TcpStream::connect(server).unwrap();
        let both = [&client, &server].map(|end| end.try_clone().unwrap());
        self.ends.lock().unwrap().extend(both);
        let [client_too, server_too] = [&client, &server].map(|end| end.try_clone().unwrap());
        let wire = Arc::clone(self);
        let loses = Arc::new(AtomicBool::new(false));
        let loses_too = Arc::clone(&loses);
        std::thread::spawn(move || {
            pump(client, server, |sent| {
                let is_commit = sent.windows(6).any(|six| six == b"COMMIT");
                if is_commit && wire.loses_answer.swap(false, Ordering::SeqCst) {
                    loses.store(true, Ordering::SeqCst);
                }
                true
            });
        });
        let wire = Arc::clone(self);
        std::thread::spawn(move || {
            pump(server_too, client_too, |_| {
                let is_lost = loses_too.load(Ordering::SeqCst);
                if is_lost {
                    wire.lost.fetch_add(1, Ordering::SeqCst);
                }
                !is_lost
            });
        });
    }

    /// Cuts every connection, and those that are tried until [`Wire::mend`].
    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.snap();
    }

    /// Cuts every connection once.
    fn snap(&self) {
        for end in self.ends.lock().unwrap().drain(..) {
            // It may have ended by itself.
            drop(end.shutdown(Shutdown::Both));
        }
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

/// Carries octets until one end closes, or `passes` says no.
fn pump(mut from: TcpStream, mut to: TcpStream, mut passes: impl FnMut(&[u8]) -> bool) {
    let mut octets = [0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut octets) {
        if !passes(&octets[..length]) || to.write_all(&octets[..length]).is_err() {
            break;
        }
    }
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}

/// A store behind a wire that can be cut, beside a bench that looks at the same database directly.
pub(super) struct Far {
    pub(super) bench: Bench,
    pub(super) wire: Arc<Wire>,
    pub(super) store: Store,
}

impl Far {
    pub(super) async fn new() -> Option<Self> {
        let bench = Bench::postgres().await?;
        let (wire, url) = Wire::to(&bench.settings.url);
        let settings = config::Database {
            url,
            ..bench.settings.clone()
        };
        let store = Store::open(&settings, bench.data.path(), false, &bench.tasks)
            .await
            .unwrap();
        Some(Self { bench, wire, store })
    }

    pub(super) async fn end(self) {
        self.store.close().await;
        self.bench.store.close().await;
    }

    async fn is_there(&self, number: &SubmissionNumber) -> bool {
        let found = self.bench.store.submission(number, None).await;
        found.unwrap().is_some()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_was_lost_is_answered_as_what_it_did() {
    let Some(far) = Far::new().await else { return };
    let account = far.bench.account("acme").await;
    let new = new_arrival(arrival(account.id, "a.xml"));
    far.wire.loses_answer.store(true, Ordering::SeqCst);
    let arrived = far.store.arrive(new.clone()).await.unwrap();
    assert_eq!(far.wire.lost.load(Ordering::SeqCst), 1);
    let Arrived::Taken(id) = arrived else {
        panic!("{arrived:?}");
    };
    let (unfinished, _) = far.bench.store.unfinished().await.unwrap();
    assert_eq!(unfinished, 1, "taken once");

    far.wire.loses_answer.store(true, Ordering::SeqCst);
    let filing = Arc::new(filing(id, account.id, facts("STZ1"), true));
    assert_eq!(far.store.file(filing).await.unwrap(), Filed::Done);
    assert_eq!(far.wire.lost.load(Ordering::SeqCst), 2);
    far.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_outage_is_waited_out() {
    let Some(far) = Far::new().await else { return };
    let account = far.bench.account("acme").await;
    let first = new_arrival(arrival(account.id, "a.xml"));
    far.store.arrive(first).await.unwrap();
    far.wire.cut();
    let new = new_arrival(arrival(account.id, "b.xml"));
    let mending = Arc::clone(&far.wire);
    std::thread::spawn(move || {
        while mending.refused.load(Ordering::SeqCst) < 2 {
            std::thread::yield_now();
        }
        mending.mend();
    });
    let arrived = far.store.arrive(new).await.unwrap();
    assert!(matches!(arrived, Arrived::Taken(_)), "{arrived:?}");
    far.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_told_and_found_again() {
    let Some(far) = Far::new().await else { return };
    let account = far.bench.account("acme").await;
    far.store.roster_generation().await.unwrap();
    far.wire.cut();
    let new = new_arrival(arrival(account.id, "a.xml"));
    let told = tokio::time::timeout(LIMIT, far.store.arrive(new.clone()));
    let told = told.await.unwrap();
    assert!(matches!(told, Err(StoreFault::Away(_))), "{told:?}");
    let told = far.store.roster_generation().await;
    assert!(matches!(told, Err(StoreFault::Away(_))), "{told:?}");
    assert!(!far.is_there(&new.number).await);
    far.wire.mend();
    let back = async {
        while far.store.arrive(new.clone()).await.is_err() {
            tokio::task::yield_now().await;
        }
        while far.store.roster_generation().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, back).await.unwrap();
    assert!(far.is_there(&new.number).await);
    far.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_answered_as_taken_under_broken_connections_is_there_once() {
    let Some(far) = Far::new().await else { return };
    let account = far.bench.account("acme").await;
    let came = Arc::new(Mutex::new(Vec::new()));
    let callers = far.bench.tasks.sibling();
    for caller in 0..20 {
        let (store, came, wire) = (far.store.clone(), Arc::clone(&came), Arc::clone(&far.wire));
        callers.spawn("caller", async move {
            for number in 0..10 {
                if number % 5 == caller % 5 {
                    wire.snap();
                    wire.loses_answer.store(true, Ordering::SeqCst);
                }
                let new = new_arrival(arrival(account.id, &format!("{caller}-{number}.xml")));
                let number = new.number.clone();
                let arrived = store.arrive(new).await;
                came.lock().unwrap().push((number, arrived));
            }
        });
    }
    tokio::time::timeout(LIMIT * 2, callers.ended())
        .await
        .unwrap();
    let came = std::mem::take(&mut *came.lock().unwrap());
    assert_eq!(came.len(), 200);
    let mut taken = 0;
    for (number, arrived) in &came {
        match arrived {
            Ok(Arrived::Taken(_)) => {
                taken += 1;
                assert!(far.is_there(number).await, "{number} was answered as taken");
            }
            Err(StoreFault::Away(_)) => {}
            other => panic!("{number}: {other:?}"),
        }
    }
    assert!(
        taken > 100,
        "only {taken} were taken: the connections were not restored"
    );
    let work = far.bench.store.claim(500, "node", at(0), at(0) + LEASE, 3);
    let there = work.await.unwrap().claimed.len();
    assert!(there >= taken && there <= 200, "{there} of {taken}");
    far.end().await;
}

/// Counts one name up.
fn count_up(db: &mut Db, name: &str) -> QueryResult<usize> {
    each!(db, c => diesel::update(counters::table.find(name))
        .set(counters::value.eq(counters::value + 1))
        .execute(c))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_resolved_by_running_one_job_again() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let made = bench.store.write(|db| {
        each!(db, c => diesel::insert_into(counters::table)
            .values(["a", "b"].map(|name| (counters::name.eq(name), counters::value.eq(0_i64))))
            .execute(c))
    });
    made.await.unwrap();
    let both_hold_one = Arc::new(std::sync::Barrier::new(2));
    let runs = Arc::new(AtomicUsize::new(0));
    let crossing = |first: &'static str, second: &'static str| {
        let (both_hold_one, runs) = (Arc::clone(&both_hold_one), Arc::clone(&runs));
        let mut is_first_run = true;
        bench.store.write(move |db| {
            runs.fetch_add(1, Ordering::SeqCst);
            count_up(db, first)?;
            if std::mem::replace(&mut is_first_run, false) {
                both_hold_one.wait();
            }
            count_up(db, second)
        })
    };
    let (one, two) = tokio::join!(crossing("a", "b"), crossing("b", "a"));
    assert_eq!((one.unwrap(), two.unwrap()), (1, 1));
    // PostgreSQL ends one of them; both, if they look for the deadlock at the same moment.
    assert!(runs.load(Ordering::SeqCst) > 2, "none was run again");
    let values = bench.store.read(|db| {
        each!(db, c => counters::table
            .filter(counters::name.eq_any(["a", "b"]))
            .select(counters::value)
            .load::<i64>(c))
    });
    assert_eq!(values.await.unwrap(), [2, 2]);
    bench.store.close().await;
}
