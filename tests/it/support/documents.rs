//! Documents to hand in: the shared samples, and as many distinct certificates as a test wants.

use std::path::PathBuf;

use crate::support::tool;

/// The VIN of the sample `01-m1-petrol.xml`.
pub(crate) const PETROL_VIN: &str = "SXZM1P000T0000001";
/// The reference of the sample `01-m1-petrol.xml`.
const PETROL_REFERENCE: &str = "e9c3ff25-770c-4ee9-896c-81a43a681e75";

/// Where a shared sample lies, such as `valid/01-m1-petrol.xml`.
pub(crate) fn sample_path(name: &str) -> PathBuf {
    let path = tool::of_repository("tests/cases/samples").join(name);
    assert!(path.is_file(), "{} is not there", path.display());
    path
}

/// The octets of a shared sample.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(sample_path(name)).expect("a sample can be read")
}

/// The petrol car once more, as the vehicle of this number: a VIN and a reference of its own.
pub(crate) fn certificate(number: u32) -> Vec<u8> {
    let text = String::from_utf8(sample("valid/01-m1-petrol.xml")).expect("UTF-8");
    let reference = format!("{number:08x}-0a1b-4c2d-8e3f-{number:012x}");
    let changed = text
        .replace(PETROL_VIN, &vin(number))
        .replace(PETROL_REFERENCE, &reference);
    assert_ne!(changed, text, "the sample has another VIN by now");
    changed.into_bytes()
}

/// The VIN of [`certificate`]; the shared samples' numbers are below one million.
pub(crate) fn vin(number: u32) -> String {
    format!("SXZM1P000T{:07}", 1_000_000 + number)
}
