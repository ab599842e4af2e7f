//! Any octets as a document, read and judged whole: the rules hold to what the reader gave them.

#![no_main]

#[path = "support/mod.rs"]
mod support;

use ecocd::check;
use ecocd::domain::Timestamp;
use ecocd::domain::outcome::{Counts, Layer};
use ecocd::domain::record::Background;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let reading = support::read(octets);
    for has_earlier_stage in [false, true] {
        let background = Background {
            has_earlier_stage,
            is_reference_used: !has_earlier_stage,
            version_highest: has_earlier_stage.then_some(1),
            ..Background::default()
        };
        let found = check::judge(&reading, &background, &support::SETTINGS, Timestamp::UNIX_EPOCH);
        support::hold_together(octets, &found);
        let stopped = reading
            .findings
            .iter()
            .any(|finding| finding.layer < Layer::Schema && Counts::of(std::slice::from_ref(finding)).errors > 0);
        assert!(!stopped || found.is_empty(), "rules on what could not be read");
    }
    support::hold_together(octets, &reading.findings);
});
