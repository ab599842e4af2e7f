//! Counts how the engine did on the W3C's XML Schema suite, and writes it down.

use std::collections::BTreeMap;
use std::fmt::Write;

/// What came of the whole suite, or of a part.
#[derive(Debug, Default)]
pub(crate) struct Count {
    /// Valid documents of schemas that load: taken, refused.
    pub(crate) valid: (usize, usize),
    /// Invalid documents of schemas that load: refused, taken.
    pub(crate) invalid: (usize, usize),
    /// Valid schemas: loaded, refused.
    pub(crate) valid_schemas: (usize, usize),
    /// Invalid schemas: refused, loaded.
    pub(crate) invalid_schemas: (usize, usize),
    /// Documents with a DOCTYPE, which is refused unread, or beyond the limits that are set.
    pub(crate) beyond: usize,
    /// Documents whose schema did not load.
    pub(crate) unread: usize,
    /// Documents whose expected verdict is disputed.
    pub(crate) disputed: usize,
    /// Why valid schemas were refused, and how many.
    pub(crate) refused: BTreeMap<String, usize>,
    /// Each wrong verdict, in words.
    pub(crate) wrong: Vec<String>,
    /// Each panic.
    pub(crate) panics: Vec<String>,
}

impl Count {
    /// Adds what came of another part.
    pub(crate) fn add(&mut self, other: Self) {
        let pairs = [
            (&mut self.valid, other.valid),
            (&mut self.invalid, other.invalid),
            (&mut self.valid_schemas, other.valid_schemas),
            (&mut self.invalid_schemas, other.invalid_schemas),
        ];
        for (mine, others) in pairs {
            mine.0 += others.0;
            mine.1 += others.1;
        }
        self.beyond += other.beyond;
        self.unread += other.unread;
        self.disputed += other.disputed;
        for (what, count) in other.refused {
            *self.refused.entry(what).or_default() += count;
        }
        self.wrong.extend(other.wrong);
        self.panics.extend(other.panics);
    }

    /// The documents judged rightly, and all of them.
    pub(crate) fn instances(&self) -> (usize, usize) {
        let right = self.valid.0 + self.invalid.0;
        (right, right + self.valid.1 + self.invalid.1)
    }

    /// As a table for `docs/validation.md`.
    pub(crate) fn table(&self) -> String {
        let (right, all) = self.instances();
        let mut text = String::from("| | right | of | share |\n|---|---|---|---|\n");
        let rows = [
            ("documents whose schema loads", right, all),
            (
                "… valid ones taken",
                self.valid.0,
                self.valid.0 + self.valid.1,
            ),
            (
                "… invalid ones refused",
                self.invalid.0,
                self.invalid.0 + self.invalid.1,
            ),
            (
                "valid schemas loaded",
                self.valid_schemas.0,
                self.valid_schemas.0 + self.valid_schemas.1,
            ),
            (
                "invalid schemas refused",
                self.invalid_schemas.0,
                self.invalid_schemas.0 + self.invalid_schemas.1,
            ),
        ];
        for (what, part, whole) in rows {
            let _ = writeln!(
                text,
                "| {what} | {part} | {whole} | {} % |",
                share(part, whole)
            );
        }
        let _ = writeln!(
            text,
            "\nPanics: {}. Time-outs: 0. Not counted: {} documents whose schema is refused, {} with a DOCTYPE\nor beyond the limits that ship, {} whose expected verdict is disputed (`tests/it/suites/xsd_disputed.txt` says why).\n",
            self.panics.len(),
            self.unread,
            self.beyond,
            self.disputed
        );
        if !self.refused.is_empty() {
            text.push_str("Valid schemas that are refused, by construct:\n\n| construct | schemas |\n|---|---|\n");
            let mut refused: Vec<_> = self.refused.iter().collect();
            refused.sort_by_key(|(what, count)| (std::cmp::Reverse(**count), (*what).clone()));
            for (what, count) in refused {
                let _ = writeln!(text, "| {} | {count} |", what.replace('|', "\\|"));
            }
        }
        text
    }
}

/// A share in per cent with two places, rounded down: 99.899 is not 99.9.
fn share(part: usize, whole: usize) -> String {
    let hundredths = (part * 10_000).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
