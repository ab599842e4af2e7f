//! Two certificates, word for word.

use crate::certificate::tests::{READER, sample, text};

#[test]
fn a_car_reads_as_it_should() {
    let read = READER.read(&sample("01-m1-petrol.xml"));
    assert!(read.is_whole);
    assert_eq!(text(&read), include_str!("golden/m1-petrol.txt"));
}

#[test]
fn a_lorry_of_the_second_stage_reads_as_it_should() {
    let read = READER.read(&sample("08-n2-stage2-completed-same-vin.xml"));
    assert!(read.is_whole);
    assert_eq!(text(&read), include_str!("golden/n2-stage2.txt"));
}
