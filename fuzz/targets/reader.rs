//! Any octets as a document: read totally, the same way twice, with findings inside the file.

#![no_main]

#[path = "support/mod.rs"]
mod support;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let findings = support::read(octets).findings;
    support::hold_together(octets, &findings);
    assert_eq!(findings, support::read(octets).findings, "read otherwise the second time");
});
