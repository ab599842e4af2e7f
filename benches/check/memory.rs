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
    println!("| documents | octets each | beyond them, kB | and beyond the findings, kB |");
    println!("|---|---:|---:|---:|");
    for set in documents::sets(&ours.schema, &ours.settings)? {
        let costs = set.documents.iter().map(|document| cost(&ours, document));
        let most = costs.max_by_key(|cost| cost.most).unwrap_or_default();
        println!("| {} | {} | {most} |", set.name, set.octets_each());
    }
    println!("\n| hostile file | octets | beyond them, kB | and beyond the findings, kB |");
    println!("|---|---:|---:|---:|");
    for (name, octets) in hostile::files()? {
        println!("| {name} | {} | {} |", octets.len(), cost(&ours, &octets));
    }
    Ok(())
}

/// What judging keeps beyond the document, in octets.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// The most at a time.
    most: usize,
    /// What is left of it at the end: the findings.
    findings: usize,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rest = self.most.saturating_sub(self.findings);
        write!(form, "{} | {}", kilobytes(self.most), kilobytes(rest))
    }
}

fn cost(ours: &Ours, octets: &[u8]) -> Cost {
    // Once before: what is made once and kept is no cost of a document.
    ours.judge(octets);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let findings = ours.findings(octets);
    let cost = Cost {
        most: MEMORY.peak_usage().saturating_sub(before),
        findings: MEMORY.current_usage().saturating_sub(before),
    };
    drop(findings);
    cost
}

fn kilobytes(octets: usize) -> String {
    format!("{}.{}", octets / 1000, octets % 1000 / 100)
}
