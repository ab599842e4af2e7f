//! The catalogue against the sources: each code is in both.

mod cases;
mod manual;

use std::fs;
use std::path::Path;

use crate::check::entries;
use crate::domain::outcome::Layer;

/// All codes written out in the sources of this room, but for their tests.
fn written(folder: &Path, codes: &mut Vec<String>) {
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                written(&path, codes);
            }
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && !name.contains("tests")
            && !path.ends_with("catalogue/mod.rs")
        {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let literals = code.split('"').skip(1);
            codes.extend(literals.filter(|text| is_code(text)).map(str::to_owned));
        }
    }
}

fn is_code(text: &str) -> bool {
    let octets = text.as_bytes();
    octets.len() > 4
        && octets[0].is_ascii_uppercase()
        && octets[1..3].iter().all(u8::is_ascii_digit)
        && octets[3] == b'-'
        && octets[4..]
            .iter()
            .all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || *octet == b'-')
}

#[test]
fn no_finding_has_a_code_outside_the_catalogue_and_none_in_it_is_out_of_use() {
    let mut codes = Vec::new();
    written(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/check")),
        &mut codes,
    );
    codes.sort_unstable();
    codes.dedup();
    let mut known: Vec<&str> = entries().iter().map(|entry| entry.code).collect();
    known.sort_unstable();
    assert_eq!(codes, known);
}

#[test]
fn every_entry_has_a_sentence_and_a_source_and_its_reason_is_its_own_layers() {
    for entry in entries() {
        let code = entry.code;
        assert!(is_code(code), "{code}");
        for sentence in [entry.about, entry.help] {
            let is_sentence = sentence.ends_with('.') && sentence.len() > 5;
            assert!(is_sentence, "{code}: {sentence}");
            let first = sentence.chars().next().unwrap();
            assert!(first.is_uppercase() || first == '\'', "{code}: {sentence}");
        }
        assert!(!entry.source.is_empty(), "{code}");
        let letter = match entry.layer {
            Layer::Transport => 'T',
            Layer::Encoding => 'N',
            Layer::Xml => 'X',
            Layer::Schema => 'S',
            Layer::Rule => 'B',
            Layer::Signature => 'G',
        };
        assert!(code.starts_with(letter), "{code}");
    }
}
