//! The books are held against each other: what the store says, and what lies in the drop folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ecocd::store::Detail;

use crate::support::receipt::Receipt;

/// Of each VIN exactly one submission was accepted, and what came again was replayed.
#[track_caller]
pub(crate) fn each_vin_is_recorded_once(details: &[Detail], vins: impl Iterator<Item = String>) {
    let mut accepted: BTreeMap<&str, u32> = BTreeMap::new();
    for detail in details {
        let outcome = detail.row.outcome.expect("decided").as_str();
        let vin = detail.row.facts.vin.as_deref().unwrap_or_default();
        match outcome {
            "accepted" | "accepted-with-warnings" => *accepted.entry(vin).or_default() += 1,
            "replayed" => (),
            _ => panic!("{outcome} for {vin}: {detail:#?}"),
        }
    }
    for vin in vins {
        assert_eq!(
            accepted.remove(vin.as_str()),
            Some(1),
            "times that {vin} was recorded"
        );
    }
    assert!(accepted.is_empty(), "nobody handed these in: {accepted:?}");
}

/// Each submission has an outcome and exactly one receipt below `receipts`, and each receipt there
/// tells of a submission, in the words that the store keeps.
#[track_caller]
pub(crate) fn submissions_and_receipts_agree(details: &[Detail], receipts: &Path) {
    let mut written: BTreeMap<String, Receipt> = BTreeMap::new();
    for path in receipt_files(receipts) {
        let receipt = Receipt::read(&path).expect("it was listed");
        let number = receipt.submission().to_owned();
        let twice = written.insert(number.clone(), receipt);
        assert!(twice.is_none(), "{number} has two receipts");
    }
    let mut known = BTreeSet::new();
    for detail in details {
        let number = detail.row.submission.number.as_str();
        let receipt = written
            .get(number)
            .unwrap_or_else(|| panic!("{number} has no receipt: {detail:#?}"));
        let kept = detail
            .receipt
            .as_deref()
            .expect("a decided one has a receipt");
        let kept: serde_json::Value = serde_json::from_str(kept).expect("JSON");
        assert_eq!(receipt.0, kept, "the receipt of {number}");
        assert!(
            detail.answered.is_some(),
            "{number} is not noted as answered"
        );
        known.insert(number.to_owned());
    }
    let orphans: Vec<_> = written
        .keys()
        .filter(|number| !known.contains(*number))
        .collect();
    assert!(
        orphans.is_empty(),
        "receipts without a submission: {orphans:?}"
    );
}

/// The receipts below `folder`, a folder a day.
pub(crate) fn receipt_files(folder: &Path) -> Vec<PathBuf> {
    let days = std::fs::read_dir(folder).expect("the folder of receipts");
    days.map(|day| day.expect("a day").path())
        .filter(|day| day.is_dir())
        .flat_map(|day| std::fs::read_dir(day).expect("a day's receipts"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".receipt.json"))
        .collect()
}
