//! Group commit: what shares a transaction, and what a job that fails takes with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::prelude::*;
use diesel::result::Error;
use tokio::sync::oneshot;

use crate::store::StoreFault;
use crate::store::connection::{Db, each};
use crate::store::schema::counters;
use crate::store::tests::bench::{Bench, on_both_engines};

on_both_engines!(
    a_job_that_fails_undoes_itself_and_no_other,
    a_job_that_panics_fails_alone,
    a_job_that_nobody_waits_for_is_not_done,
    a_reader_cannot_write,
    after_closing_every_call_is_told_so,
);

fn add(db: &mut Db, name: &str) -> QueryResult<()> {
    each!(db, c => diesel::insert_into(counters::table)
        .values((counters::name.eq(name), counters::value.eq(0_i64)))
        .execute(c))?;
    Ok(())
}

async fn names(bench: &Bench) -> Vec<String> {
    let names = bench.store.read(|db| {
        each!(db, c => counters::table
            .filter(counters::name.ne_all(["roster", "audit"]))
            .order(counters::name)
            .select(counters::name)
            .load(c))
    });
    names.await.unwrap()
}

/// Keeps every writer thread busy until the sender goes, so that what is asked meanwhile queues up.
fn occupy(bench: &Bench) -> Vec<oneshot::Sender<()>> {
    let writers = if bench.settings.url.starts_with("sqlite") {
        1
    } else {
        bench.settings.connections
    };
    let mut busy = Vec::new();
    for _ in 0..writers {
        let (free, mut wait) = oneshot::channel::<()>();
        let (announce, begun) = std::sync::mpsc::sync_channel(1);
        let store = bench.store.clone();
        bench.tasks.spawn("occupier", async move {
            let held = store.write(move |_db| {
                // Sent twice only if the job is run again.
                let _ = announce.try_send(());
                while let Err(oneshot::error::TryRecvError::Empty) = wait.try_recv() {
                    std::thread::yield_now();
                }
                Ok(())
            });
            held.await.unwrap();
        });
        tokio::task::block_in_place(|| begun.recv().unwrap());
        busy.push(free);
    }
    busy
}

async fn a_job_that_fails_undoes_itself_and_no_other(bench: &Bench) {
    let busy = occupy(bench);
    let mut jobs = Vec::new();
    for number in 0..20 {
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let job = bench.store.write(move |db| {
            counted.fetch_add(1, Ordering::SeqCst);
            add(db, &format!("job-{number:02}"))?;
            if number % 3 == 0 {
                // The same name again: a unique violation, after something was written.
                add(db, &format!("job-{number:02}"))?;
            }
            Ok(number)
        });
        jobs.push((number, runs, Box::pin(job)));
    }
    // Polled once each, so that all are queued before any is done.
    for (_, _, job) in &mut jobs {
        let polled = futures_poll(job.as_mut()).await;
        assert!(polled.is_none(), "done while every writer was busy");
    }
    drop(busy);
    for (number, runs, job) in jobs {
        let answer = job.await;
        if number % 3 == 0 {
            assert!(matches!(answer, Err(StoreFault::Broken(_))), "{answer:?}");
        } else {
            assert_eq!(answer.unwrap(), number);
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1, "job {number} was run again");
    }
    let expected: Vec<String> = (0..20)
        .filter(|number| number % 3 != 0)
        .map(|number| format!("job-{number:02}"))
        .collect();
    assert_eq!(names(bench).await, expected);
}

/// Polls a future once; `Some` if it was ready.
async fn futures_poll<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        let polled = std::pin::Pin::new(&mut future).poll(context);
        std::task::Poll::Ready(match polled {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

async fn a_job_that_panics_fails_alone(bench: &Bench) {
    let busy = occupy(bench);
    let mut good = Box::pin(bench.store.write(|db| add(db, "good")));
    let mut bad = Box::pin(bench.store.write(|db| {
        add(db, "bad")?;
        panic!("a panic that this test wants");
        #[expect(unreachable_code, reason = "gives the closure its type")]
        Ok(())
    }));
    assert!(futures_poll(good.as_mut()).await.is_none());
    assert!(futures_poll(bad.as_mut()).await.is_none());
    drop(busy);
    good.await.unwrap();
    let fault = bad.await.unwrap_err();
    assert!(matches!(&fault, StoreFault::Broken(why) if why.contains("panicked")));
    assert_eq!(names(bench).await, ["good"]);
}

async fn a_job_that_nobody_waits_for_is_not_done(bench: &Bench) {
    let busy = occupy(bench);
    let mut given_up = Box::pin(bench.store.write(|db| add(db, "given-up")));
    assert!(futures_poll(given_up.as_mut()).await.is_none());
    drop(given_up);
    drop(busy);
    bench.store.write(|db| add(db, "wanted")).await.unwrap();
    assert_eq!(names(bench).await, ["wanted"]);
}

async fn a_reader_cannot_write(bench: &Bench) {
    let written = bench.store.read(|db| add(db, "by-a-reader")).await;
    assert!(matches!(written, Err(StoreFault::Away(_))), "{written:?}");
    assert_eq!(names(bench).await, Vec::<String>::new());
}

async fn after_closing_every_call_is_told_so(bench: &Bench) {
    bench.store.close().await;
    let told = bench.store.write(|_db| Ok::<_, Error>(())).await;
    assert!(matches!(told, Err(StoreFault::Away(_))), "{told:?}");
    let told = bench.store.roster_generation().await;
    assert!(matches!(told, Err(StoreFault::Away(_))), "{told:?}");
    bench.store.close().await;
}
