//! Any octets as a schema file: compiled, or refused with a sentence that names the file.

#![no_main]

use ecocd::check::Schema;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let files = [("fuzzed.xsd".to_owned(), octets.to_vec())];
    if let Err(faults) = Schema::compile(&files) {
        assert!(!faults.is_empty(), "refused without saying why");
        let lines = octets.iter().filter(|octet| matches!(octet, b'\n' | b'\r')).count() + 1;
        for fault in faults {
            assert!(!fault.what.is_empty(), "a fault without a sentence");
            let line = usize::try_from(fault.line).unwrap_or(usize::MAX);
            assert!(line <= lines, "line {line} of {lines}");
        }
    }
});
