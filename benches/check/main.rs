//! How fast documents are judged, beside the bare tokenizer and other validators, on one core.
//!
//! `cargo bench --bench check`; `benches/compare-validators.sh` adds libxml2 and Java. What counts is
//! the time of the processor, in interleaved rounds; ratios are medians of the rounds' ratios. See
//! docs/performance.md.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures are what it is for"
)]

mod contender;
mod documents;
mod hostile;
mod judge;
#[path = "../../tests/it/differential/outline.rs"]
#[expect(
    dead_code,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "shared with the tests, where this is allowed"
)]
mod outline;

use std::path::Path;
use std::time::Duration;

use clap::Parser;

use crate::contender::{Contender, processor_time};
use crate::documents::Set;
use crate::judge::Ours;

/// The program's, for all that are measured here in Rust.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How fast documents are judged, beside the bare tokenizer and other validators, on one core.
#[derive(Debug, Parser)]
struct Options {
    /// Rounds; medians count.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
    /// Milliseconds of each contender in each round and set.
    #[arg(long, default_value_t = 100)]
    slice: u64,
    /// Another validator, as NAME=COMMAND; benches/validators has some.
    #[arg(long)]
    beside: Vec<String>,
    /// Only sets whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// No hostile files.
    #[arg(long)]
    no_hostile: bool,
    /// Cargo says so to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let ours = Ours::new()?;
    let sets = documents::sets(&ours.schema, &ours.settings)?;
    if !options.no_hostile {
        hostile_files(&ours)?;
    }
    let mut contenders = vec![
        Contender::ours(ours),
        Contender::tokens(),
        Contender::xsd_schema()?,
    ];
    for wish in &options.beside {
        contenders.push(Contender::process(wish)?);
    }
    heading(&contenders);
    let folder = tempfile::tempdir()?;
    for (number, set) in sets.iter().enumerate() {
        if !set.name.contains(&options.only) {
            continue;
        }
        let folder = folder.path().join(number.to_string());
        write(set, &folder)?;
        measure(&options, &mut contenders, set, &folder)?;
    }
    contenders.into_iter().try_for_each(Contender::finish)
}

fn write(set: &Set, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir(folder)?;
    for (number, document) in set.documents.iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.xml")), document)?;
    }
    Ok(())
}

fn heading(contenders: &[Contender]) {
    let others: Vec<&str> = contenders
        .iter()
        .skip(1)
        .map(|contender| contender.name.as_str())
        .collect();
    println!(
        "\n| documents | octets each | documents/s | MB/s | × {} |",
        others.join(" | × ")
    );
    println!("|---|---:|---:|---:|{}", "---:|".repeat(others.len()));
}

/// One line: our speed, and how many times that of each other contender.
fn measure(
    options: &Options,
    contenders: &mut [Contender],
    set: &Set,
    folder: &Path,
) -> anyhow::Result<()> {
    let slice = Duration::from_millis(options.slice);
    let mut counts = Vec::new();
    for contender in contenders.iter_mut() {
        counts.push(count_for(contender, set, folder, slice)?);
    }
    // Seconds for the set once: a list of rounds for each contender.
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
    for _ in 0..options.rounds {
        for ((contender, count), times) in contenders.iter_mut().zip(&counts).zip(&mut times) {
            let time = contender.run(set, folder, *count)?;
            times.push(time.as_secs_f64() / f64::from(*count));
        }
    }
    let Some((ours, others)) = times.split_first() else {
        return Ok(());
    };
    let each = |amount: usize| amount.to_string().parse::<f64>().unwrap_or_default();
    let time = median(ours.clone());
    let ratios: Vec<String> = others
        .iter()
        .map(|theirs| {
            let ratios = theirs.iter().zip(ours).map(|(theirs, ours)| theirs / ours);
            format!("{:.2}", median(ratios.collect()))
        })
        .collect();
    println!(
        "| {} | {} | {:.0} | {:.0} | {} |",
        set.name,
        set.octets_each(),
        each(set.documents.len()) / time,
        each(set.octets()) / time / 1e6,
        ratios.join(" | ")
    );
    Ok(())
}

/// How often a contender judges the set in a slice of time; it is warm then.
fn count_for(
    contender: &mut Contender,
    set: &Set,
    folder: &Path,
    slice: Duration,
) -> anyhow::Result<u32> {
    let mut count = 1_u32;
    let mut warm = Duration::ZERO;
    loop {
        let time = contender.run(set, folder, count)?;
        warm += time;
        if time >= slice && warm >= slice * 20 {
            let share = slice.as_secs_f64() / time.as_secs_f64() * f64::from(count);
            return Ok(format!("{share:.0}").parse().unwrap_or(1_u32).max(1));
        }
        if time < slice {
            count = count.saturating_mul(2);
        }
    }
}

fn hostile_files(ours: &Ours) -> anyhow::Result<()> {
    println!("| hostile file | octets | findings | milliseconds |");
    println!("|---|---:|---:|---:|");
    for (name, octets) in hostile::files()? {
        if octets.len() > 1_048_576 {
            eprintln!("{name}: {} octets would be refused unread", octets.len());
        }
        let mut findings = 0;
        let times = (0..5).map(|_| {
            let before = processor_time();
            findings = ours.judge(&octets);
            (processor_time().saturating_sub(before)).as_secs_f64() * 1e3
        });
        let time = median(times.collect());
        println!("| {name} | {} | {findings} | {time:.1} |", octets.len());
    }
    Ok(())
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list.get(list.len() / 2).copied().unwrap_or(f64::NAN)
}
