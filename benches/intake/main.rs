//! Hands in files over many connections, and measures from the first OPEN to the last receipt.
//!
//! `cargo bench --bench intake` starts the program with data of its own and measures that;
//! `--server` measures one that runs already, of whatever make. See docs/performance.md.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures are what it is for"
)]

mod client;
mod memory;
mod options;
mod receipts;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Parser;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::client::Connection;
use crate::options::Options;
use crate::receipts::Documents;
use crate::server::Target;

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(options))
}

/// How long one round took.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// To the last CLOSE that was answered.
    uploaded: Duration,
    /// To the last receipt.
    answered: Duration,
}

async fn measure(options: Options) -> anyhow::Result<()> {
    let target = match &options.server {
        Some(_) => Target::existing(&options)?,
        None => Target::start(&options).await?,
    };
    let documents = Documents::load(&options.template)?;
    for connections in options.connections.clone() {
        let at_rest = memory::of(target.process())?;
        let mut rounds = Vec::new();
        for _round in 0..options.rounds {
            let round = hand_in(&options, &target, &documents, connections).await?;
            eprintln!(
                "  {connections} connections: {} files, uploaded in {:.3} s, answered in {:.3} s",
                options.count,
                round.uploaded.as_secs_f64(),
                round.answered.as_secs_f64()
            );
            rounds.push(round);
        }
        report(&options, connections, &mut rounds, at_rest, &target)?;
    }
    target.stop().await
}

/// One line a measurement, made for scripts and people.
fn report(
    options: &Options,
    connections: u32,
    rounds: &mut [Round],
    at_rest: Option<memory::Memory>,
    target: &Target,
) -> anyhow::Result<()> {
    rounds.sort_by_key(|round| round.answered);
    let median = rounds.get(rounds.len() / 2).context("no rounds")?;
    let files_a_second = f64::from(options.count) / median.answered.as_secs_f64();
    let memory = match (at_rest, memory::of(target.process())?) {
        (Some(before), Some(now)) => format!(
            " rss_before_mib={} rss_after_mib={} rss_peak_mib={}",
            before.resident_mib, now.resident_mib, now.peak_mib
        ),
        _ => String::new(),
    };
    println!(
        "connections={connections} files={} rounds={} seconds={:.3} uploaded_seconds={:.3} \
         files_per_second={files_a_second:.0}{memory}",
        options.count,
        rounds.len(),
        median.answered.as_secs_f64(),
        median.uploaded.as_secs_f64(),
    );
    Ok(())
}

/// Hands in `count` new documents over so many connections, and waits for the last receipt.
async fn hand_in(
    options: &Options,
    target: &Target,
    documents: &Documents,
    connections: u32,
) -> anyhow::Result<Round> {
    let batch = Arc::new(documents.batch(options.count)?);
    let next = Arc::new(AtomicU32::new(0));
    // Logging in is not part of the measurement; everybody begins at the same moment.
    let ready = Arc::new(Barrier::new(connections as usize + 1));
    let mut clients = JoinSet::new();
    for _connection in 0..connections {
        let connection = Connection::open(target.address(), target.login(), target.key()).await?;
        let (batch, next, ready) = (Arc::clone(&batch), Arc::clone(&next), Arc::clone(&ready));
        clients.spawn(async move {
            ready.wait().await;
            while let Some((name, octets)) = batch.get(next.fetch_add(1, Ordering::Relaxed)) {
                connection
                    .put(&format!("inbox/{name}"), octets)
                    .await
                    .with_context(|| format!("putting {name}"))?;
            }
            connection.close().await
        });
    }
    ready.wait().await;
    let began = Instant::now();
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    let uploaded = began.elapsed();
    // No receipt can be the last before the last upload, so nobody looks before; looking costs.
    batch
        .wait_for_receipts(target.receipts(), options.patience())
        .await?;
    let answered = began.elapsed();
    let refused = batch.not_accepted(target.receipts())?;
    if !refused.is_empty() {
        bail!("not accepted: {}", refused.join(", "));
    }
    Ok(Round { uploaded, answered })
}
