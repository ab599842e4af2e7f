//! Thousands of changed samples, judged by us and by others: every difference is known, or fails.
//!
//! A fixed seed: variant number n is the same on every machine. `ECOCD_TEST_VARIANTS=20000` makes more
//! of them, `ECOCD_TEST_FIRST=5000` begins elsewhere.

mod changes;
mod classes;
mod corpus;
mod dice;
mod judges;
mod outline;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::differential::changes::{Variant, variant};
use crate::differential::classes::{CLASSES, Difference, Oracle, class_of};
use crate::differential::corpus::Corpus;
use crate::differential::judges::{Crate, Ours, Said, Verdict};
use crate::support::tool;

/// How many variants a run makes unless it is told otherwise.
const VARIANTS: u64 = 2000;
/// And with `tests/run --full`.
const VARIANTS_FULL: u64 = 20_000;
/// How many lie on the disk at a time.
const BATCH: u64 = 1000;
/// How many unknown differences of a kind are shown.
const SHOWN: usize = 4;

#[test]
fn certificates_are_judged_as_others_judge_them() {
    compare(&Corpus::certificates());
}

#[test]
fn documents_of_every_construct_are_judged_as_others_judge_them() {
    compare(&Corpus::parts());
}

/// The table in the documentation is the one that the comparison goes by.
#[test]
fn the_known_differences_are_written_down() {
    let path = tool::of_repository("docs/differences.md");
    let text = fs::read_to_string(&path).expect("docs/differences.md");
    let mut table =
        String::from("| difference | who differs from us | who is right |\n|---|---|---|\n");
    for class in CLASSES {
        let who: Vec<&str> = class.oracles.iter().map(|oracle| oracle.name()).collect();
        let _ = writeln!(
            table,
            "| {} | {} | {} |",
            class.name,
            who.join(", "),
            class.why
        );
    }
    assert!(
        text.contains(&table),
        "{} must hold this table:\n{table}",
        path.display()
    );
}

/// What came of all variants.
#[derive(Default)]
struct Tally {
    /// By our verdict.
    ours: BTreeMap<Verdict, u64>,
    /// By class and oracle.
    known: BTreeMap<(&'static str, Oracle), u64>,
    /// By who says what; described, each with its file.
    unknown: BTreeMap<String, Vec<String>>,
    compared: BTreeMap<Oracle, u64>,
}

fn compare(corpus: &Corpus) {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("differential-{}", corpus.name));
    let artefacts = tool::of_repository("target/artefacts/differential").join(corpus.name);
    for folder in [&folder, &artefacts] {
        // What an earlier run left would be judged, or mistaken for what this one found.
        let _may_not_be_there = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).expect("a folder");
    }
    let has_java = judges::has_jdk();
    if !has_java {
        eprintln!("NOT CHECKED: what Java's validator says, because there is no JDK");
    }
    let first = tool::number_wished("ECOCD_TEST_FIRST").unwrap_or(0);
    let usual = if tool::is_full_run() {
        VARIANTS_FULL
    } else {
        VARIANTS
    };
    let last = first + tool::number_wished("ECOCD_TEST_VARIANTS").unwrap_or(usual);
    let judges = Judges {
        corpus,
        ours: Ours::new(corpus),
        crate_: Crate::new(corpus),
        has_java,
        folder,
        artefacts,
    };
    let mut tally = Tally::default();
    let mut from = first;
    while from < last {
        let to = (from + BATCH).min(last);
        judges.batch(from..to, &mut tally);
        from = to;
    }
    println!("{}", table(corpus, &tally));
    fs::write(judges.artefacts.join("counts.md"), table(corpus, &tally)).expect("the counts");
    fs::remove_dir_all(&judges.folder).expect("the variants go away");
    assert!(
        tally.unknown.is_empty(),
        "differences that differential/classes.rs does not know:\n{}",
        shown(&tally.unknown)
    );
}

struct Judges<'a> {
    corpus: &'a Corpus,
    ours: Ours<'a>,
    crate_: Crate,
    has_java: bool,
    folder: PathBuf,
    artefacts: PathBuf,
}

impl Judges<'_> {
    fn batch(&self, numbers: std::ops::Range<u64>, tally: &mut Tally) {
        let name = |number: u64| format!("{number:06}.xml");
        let variants: Vec<(String, Variant)> = numbers
            .map(|number| (name(number), variant(self.corpus, number)))
            .collect();
        for (name, variant) in &variants {
            fs::write(self.folder.join(name), &variant.octets).expect("a variant");
        }
        let names: Vec<String> = variants.iter().map(|(name, _)| name.clone()).collect();
        let by_xmllint = judges::xmllint(self.corpus, &self.folder, &names);
        let by_java = if self.has_java {
            judges::java(self.corpus, &self.folder)
        } else {
            BTreeMap::new()
        };
        for (name, variant) in &variants {
            let ours = self.ours.judge(&variant.octets);
            *tally.ours.entry(ours.verdict).or_default() += 1;
            let by_crate = self.crate_.judge(&variant.octets);
            for (oracle, theirs) in [
                (Oracle::Libxml2, by_xmllint.get(name)),
                (Oracle::Java, by_java.get(name)),
                (Oracle::XsdSchema, Some(&by_crate)),
            ] {
                let Some(theirs) = theirs else {
                    assert!(
                        oracle == Oracle::Java && !self.has_java,
                        "{oracle:?} is silent on {name}"
                    );
                    continue;
                };
                self.hold(tally, (name, variant), &ours, (oracle, theirs));
            }
            fs::remove_file(self.folder.join(name)).expect("a variant goes away");
        }
    }

    fn hold(
        &self,
        tally: &mut Tally,
        (name, variant): (&str, &Variant),
        ours: &Said,
        (oracle, theirs): (Oracle, &Said),
    ) {
        *tally.compared.entry(oracle).or_default() += 1;
        // A DOCTYPE or a limit: we refuse to read on, and so have no verdict to compare.
        if ours.verdict == theirs.verdict || ours.verdict == Verdict::None {
            return;
        }
        let difference = Difference {
            oracle,
            ours,
            theirs,
            octets: &variant.octets,
        };
        if let Some(class) = class_of(&difference) {
            *tally.known.entry((class.name, oracle)).or_default() += 1;
            return;
        }
        let path = self.artefacts.join(name);
        fs::write(&path, &variant.octets).expect("the variant is kept");
        let code = ours.why.split(['[', ']']).nth(1).unwrap_or_default();
        let group = format!(
            "{oracle:?} says {:?}, we say {:?} {code}",
            theirs.verdict, ours.verdict
        );
        tally.unknown.entry(group).or_default().push(format!(
            "{} ({}: {})\n  ours: {:?} {}\n  {oracle:?}: {:?} {}",
            path.display(),
            variant.document,
            variant.changes.join(", "),
            ours.verdict,
            ours.why,
            theirs.verdict,
            theirs.why
        ));
    }
}

/// A few of each kind.
fn shown(unknown: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = String::new();
    for (group, list) in unknown {
        let _ = writeln!(text, "--- {group}: {}", list.len());
        for one in list.iter().take(SHOWN) {
            let _ = writeln!(text, "{one}");
        }
    }
    text
}

fn table(corpus: &Corpus, tally: &Tally) -> String {
    let mut text = format!(
        "{}: {:?}, compared {:?}\n\n",
        corpus.name, tally.ours, tally.compared
    );
    for ((class, oracle), count) in &tally.known {
        let _ = writeln!(text, "| {class} | {} | {count} |", oracle.name());
    }
    text
}
