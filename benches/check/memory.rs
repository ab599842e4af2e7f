//! How much memory judging takes beyond the octets of the document: the most that lives at a time.
//!
//! `cargo bench --bench check-memory`. See docs/performance.md.

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

mod documents;
mod hostile;
#[expect(dead_code, reason = "the others are measured for speed only")]
mod judge;
#[path = "../../tests/it/differential/outline.rs"]
#[expect(
    dead_code,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "shared with the tests, where this is allowed"
)]
mod outline;

use peak_alloc::PeakAlloc;

use crate::judge::Ours;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() -> anyhow::Result<()> {
    let ours = Ours::new()?;
    println!("| documents | octets each | beyond them, kB |");
    println!("|---|---:|---:|");
    for set in documents::sets(&ours.schema, &ours.settings)? {
        let most = set
            .documents
            .iter()
            .map(|document| peak(&ours, document))
            .max();
        println!(
            "| {} | {} | {} |",
            set.name,
            set.octets_each(),
            kilobytes(most.unwrap_or_default())
        );
    }
    println!("\n| hostile file | octets | beyond them, kB |");
    println!("|---|---:|---:|");
    for (name, octets) in hostile::files()? {
        println!(
            "| {name} | {} | {} |",
            octets.len(),
            kilobytes(peak(&ours, &octets))
        );
    }
    Ok(())
}

/// The most octets that judging keeps at a time.
fn peak(ours: &Ours, octets: &[u8]) -> usize {
    // Once before: what is made once and kept is no cost of a document.
    ours.judge(octets);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    ours.judge(octets);
    MEMORY.peak_usage().saturating_sub(before)
}

fn kilobytes(octets: usize) -> String {
    format!("{}.{}", octets / 1000, octets % 1000 / 100)
}
