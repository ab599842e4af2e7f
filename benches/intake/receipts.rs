//! The documents that are handed in, and the receipts that answer them.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// What receipts add to a file's name.
const SUFFIX: &str = ".receipt.json";
/// How often the folder is looked at once everything is uploaded.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// The letters of a VIN: no I, O and Q.
const VIN_LETTERS: &[u8; 33] = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";

/// A document in which VIN and reference are replaced.
pub(crate) struct Documents {
    text: String,
    vin: String,
    reference: String,
}

impl Documents {
    /// Reads the document at `path`.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("reading the document {}", path.display()))?;
        let value = |element: &str| {
            let (_, after) = text.split_once(&format!("<{element}>"))?;
            Some(after.split_once('<')?.0.to_owned())
        };
        Ok(Self {
            vin: value("VehicleIdentificationNumber").context("the document has no VIN")?,
            reference: value("IviReferenceId").context("the document has no reference")?,
            text,
        })
    }

    /// So many documents, each of a vehicle that was never seen before.
    pub(crate) fn batch(&self, count: u32) -> anyhow::Result<Batch> {
        let mut run = [0; 8];
        getrandom::fill(&mut run).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        let letters = |octet: &u8| VIN_LETTERS.get(usize::from(*octet) % 33).copied();
        let run: String = run.iter().filter_map(letters).map(char::from).collect();
        let files = (0..count).map(|number| {
            let text = self
                .text
                .replace(&self.vin, &format!("SXZ{run}{number:06}"))
                .replace(&self.reference, &reference());
            (format!("{run}-{number:06}.xml"), text.into_bytes())
        });
        Ok(Batch {
            run: run.clone(),
            files: files.collect(),
        })
    }
}

/// A UUID of version 4.
fn reference() -> String {
    let mut octets = [0; 16];
    // Without randomness two documents share a reference, which costs a warning and nothing else.
    let _kept_zero = getrandom::fill(&mut octets);
    uuid::Builder::from_random_bytes(octets)
        .into_uuid()
        .to_string()
}

/// The documents of one round.
pub(crate) struct Batch {
    run: String,
    files: Vec<(String, Vec<u8>)>,
}

impl Batch {
    /// Name and octets of a document; `None` past the last.
    pub(crate) fn get(&self, number: u32) -> Option<(&str, &[u8])> {
        let (name, octets) = self.files.get(number as usize)?;
        Some((name, octets))
    }

    /// Waits until each document has a receipt in `folder`.
    pub(crate) async fn wait_for_receipts(
        &self,
        folder: &Path,
        patience: Duration,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let there = self.receipts(folder)?.len();
            if there >= self.files.len() {
                return Ok(());
            }
            if began.elapsed() > patience {
                bail!(
                    "{there} of {} receipts after {patience:?}",
                    self.files.len()
                );
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The documents whose receipt says anything but accepted.
    pub(crate) fn not_accepted(&self, folder: &Path) -> anyhow::Result<Vec<String>> {
        let mut refused = Vec::new();
        for name in self.receipts(folder)? {
            let text = std::fs::read_to_string(folder.join(&name))?;
            let receipt: serde_json::Value = serde_json::from_str(&text)
                .with_context(|| format!("{name} is not JSON: {text}"))?;
            let outcome = receipt.get("outcome").and_then(serde_json::Value::as_str);
            if !outcome.is_some_and(|outcome| outcome.starts_with("accepted")) {
                refused.push(format!("{name}: {outcome:?}"));
            }
        }
        Ok(refused)
    }

    /// This round's receipts in `folder`.
    fn receipts(&self, folder: &Path) -> anyhow::Result<HashSet<String>> {
        let entries = std::fs::read_dir(folder)
            .with_context(|| format!("looking for receipts in {}", folder.display()))?;
        let mut names = HashSet::new();
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(&self.run) && name.ends_with(SUFFIX) {
                names.insert(name);
            }
        }
        Ok(names)
    }
}
