//! Any octets as two documents, shown one by one and side by side: within bounds, and nothing differs from
//! itself.

#![no_main]

use std::sync::{Arc, LazyLock};

use ecocd::certificate::{Kind, Reader};
use ecocd::check::Schema;
use ecocd::{config, pipeline};
use libfuzzer_sys::fuzz_target;

static READER: LazyLock<Reader> = LazyLock::new(|| {
    let schema = Schema::built_in().unwrap_or_else(|faults| panic!("{faults:#?}"));
    let settings = pipeline::settings(&config::Check::default());
    Reader::new(Arc::new(schema), Arc::new(settings))
});

fuzz_target!(|octets: &[u8]| {
    // One after the other, with an octet between them that no document holds.
    let mut both = octets.splitn(2, |octet| *octet == 0xFF);
    let from = both.next().unwrap_or_default();
    let to = both.next().unwrap_or(b"<a/>");
    let certificate = READER.read(from);
    let values: usize = certificate
        .sections
        .iter()
        .flat_map(|section| &section.tables)
        .flat_map(|table| &table.records)
        .map(|record| record.label.len() + record.cells.len())
        .sum();
    assert!(values <= 8 << 20, "{values} octets and cells");
    READER.compare(from, to);
    READER.compare(to, from);
    let same = READER.compare(from, from);
    for kind in [Kind::Changed, Kind::Added, Kind::Removed] {
        assert_eq!(same.count(kind), 0, "a document differs from itself");
    }
});
