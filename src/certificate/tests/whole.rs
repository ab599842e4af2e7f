//! Nothing of a document is dropped, and nothing can make the room panic.

use std::collections::BTreeMap;

use crate::certificate::tests::{READER, samples};
use crate::certificate::{Certificate, PARTS_MAX};
use crate::check::{Element, outline};

/// How often each value stands somewhere, with its element.
type Counts = BTreeMap<(String, String), i64>;

/// Every value of a document, found in a way of its own.
fn held(element: &Element, counts: &mut Counts) {
    let mut put = |name: String, text: &str| {
        *counts.entry((name, text.to_owned())).or_default() += 1;
    };
    for (attribute, text) in &element.attributes {
        put(format!("{}, {attribute}", element.name), text);
    }
    let is_frame = element.name.ends_with("Group") || element.name.ends_with("Table");
    let is_bare = element.attributes.is_empty() && element.children.is_empty() && !is_frame;
    if !element.text.is_empty() || is_bare {
        put(element.name.clone(), &element.text);
    }
    for child in &element.children {
        held(child, counts);
    }
}

/// Every value that a certificate shows in a cell.
fn shown(certificate: &Certificate) -> Counts {
    let mut counts = Counts::new();
    let mut put = |element: &str, text: &str| {
        let place = (element.to_owned(), text.to_owned());
        *counts.entry(place).or_default() += 1;
    };
    for section in &certificate.sections {
        for entry in &section.entries {
            for value in &entry.values {
                put(&entry.field.element, &value.text);
            }
        }
        for table in &section.tables {
            for record in &table.records {
                assert_eq!(record.cells.len(), table.fields.len());
                for (field, values) in table.fields.iter().zip(&record.cells) {
                    for value in values {
                        put(&field.element, &value.text);
                    }
                }
            }
        }
    }
    counts
}

/// Holds a certificate against its document: what is in no cell must be in the name of a row.
fn nothing_is_dropped(name: &str, octets: &[u8]) {
    let outline = outline(&READER.settings, octets, PARTS_MAX);
    let certificate = READER.read(octets);
    let mut held_there = Counts::new();
    held(&outline.root, &mut held_there);
    // A root that holds nothing is no value.
    let root = (outline.root.name.clone(), String::new());
    if outline.root.children.is_empty() && outline.root.text.is_empty() {
        held_there.remove(&root);
    }
    let shown = shown(&certificate);
    let labels: Vec<&str> = certificate
        .sections
        .iter()
        .flat_map(|section| &section.tables)
        .flat_map(|table| &table.records)
        .map(|record| record.label.as_str())
        .collect();
    for ((element, text), count) in &held_there {
        let found = shown.get(&(element.clone(), text.clone())).copied();
        if found == Some(*count) {
            continue;
        }
        let is_named = labels.iter().any(|label| label.contains(text));
        assert!(
            is_named && found.unwrap_or(0) < *count,
            "{name}: <{element}>{text} stands there {count} times, and is shown {found:?} times"
        );
    }
    for (place, count) in &shown {
        assert!(
            held_there.get(place).is_some_and(|held| held >= count),
            "{name}: {place:?}"
        );
    }
    for section in &certificate.sections {
        assert!(
            !section.entries.is_empty() || !section.tables.is_empty(),
            "{name}"
        );
    }
}

#[test]
fn every_value_of_every_valid_sample_is_shown() {
    for (name, octets) in samples() {
        assert!(READER.read(&octets).is_whole, "{name}");
        nothing_is_dropped(&name, &octets);
    }
}

#[test]
fn few_values_of_the_samples_are_without_a_label() {
    for (name, octets) in samples() {
        let certificate = READER.read(&octets);
        let titles: Vec<&str> = certificate
            .sections
            .iter()
            .map(|section| section.title)
            .collect();
        assert!(!titles.contains(&"Other values"), "{name}: {titles:?}");
    }
}

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most.max(1)).unwrap()).unwrap()
    }
}

#[test]
fn no_octets_make_it_panic_and_what_could_be_read_is_shown() {
    let mut dice = Dice(88_172_645_463_325_252);
    for (name, octets) in samples() {
        for _ in 0..15 {
            let mut changed = octets.clone();
            for _ in 0..=dice.below(4) {
                let at = dice.below(changed.len());
                match dice.below(4) {
                    0 => changed[at] = u8::try_from(dice.below(256)).unwrap(),
                    1 => changed.truncate(at),
                    2 => changed.insert(at, b'<'),
                    _ => {
                        let piece = changed[at..].to_vec();
                        changed.splice(0..0, piece.into_iter().take(dice.below(60)));
                    }
                }
                if changed.is_empty() {
                    break;
                }
            }
            nothing_is_dropped(&name, &changed);
            READER.compare(&octets, &changed);
        }
    }
}

#[test]
fn elements_in_wrong_places_are_shown_all_the_same() {
    let mut dice = Dice(1_442_695_040_888_963_407);
    for (name, octets) in samples() {
        let text = String::from_utf8(octets).unwrap();
        let mut names: Vec<&str> = text
            .split('<')
            .filter_map(|piece| piece.split(['>', ' ', '/']).next())
            .filter(|name| name.starts_with(|letter: char| letter.is_ascii_uppercase()))
            .collect();
        names.sort_unstable();
        names.dedup();
        for _ in 0..8 {
            let (from, to) = (
                names[dice.below(names.len())],
                names[dice.below(names.len())],
            );
            let changed = text
                .replace(&format!("<{from}>"), &format!("<{to} odd='1'>"))
                .replace(&format!("</{from}>"), &format!("</{to}>"));
            nothing_is_dropped(&format!("{name}, {from} as {to}"), changed.as_bytes());
        }
    }
}

#[test]
fn a_document_of_another_schema_is_shown_by_the_names_of_its_elements() {
    let text =
        b"<a xmlns='u'><NewTable><NewGroup><x>1</x></NewGroup><NewGroup><x>2</x><y/></NewGroup>\
        </NewTable><b><c>3</c></b><Make>4</Make></a>";
    let certificate = READER.read(text);
    let [vehicle, other] = certificate.sections.as_slice() else {
        panic!("{certificate:#?}");
    };
    assert_eq!(
        vehicle.entries[0].field.name,
        "Make (trade name of manufacturer)"
    );
    assert_eq!(other.title, "Other values");
    assert_eq!(other.entries[0].field.name, "b › c");
    assert_eq!(other.tables[0].title, "NewGroup");
    assert_eq!(other.tables[0].records[1].label, "NewGroup 2");
    nothing_is_dropped("another", text);
}

#[test]
fn a_very_long_document_is_shown_up_to_a_limit_that_is_told() {
    let rows = "<RemarkGroup><Remark>x</Remark></RemarkGroup>".repeat(15_000);
    let text = format!("<a><RemarkTable>{rows}</RemarkTable></a>");
    let certificate = READER.read(text.as_bytes());
    assert!(!certificate.is_whole);
    assert!(certificate.sections[0].tables[0].records.len() > 9_000);
    let compared = READER.compare(text.as_bytes(), text.replace('x', "y").as_bytes());
    assert!(!compared.is_whole);
}
