//! Every built-in type and every facet, through schemas and documents as they come.

mod facets;
mod lexical;
mod made;
mod told;

use crate::check::schema::builtin;
use crate::check::schema::values::Simple;
use crate::check::tests::settings;
use crate::check::{Input, Schema, read};

/// A schema whose element `r` has this simple type.
pub(super) fn compile(simple: &str, more: &str) -> Result<Schema, String> {
    let text = format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:d' xmlns:t='urn:t' \
         targetNamespace='urn:t'><xs:element name='r'>{simple}</xs:element>{more}</xs:schema>"
    );
    Schema::compile(&[("t.xsd".to_owned(), text.into_bytes())]).map_err(|faults| {
        let whats: Vec<String> = faults.into_iter().map(|fault| fault.what).collect();
        whats.join("; ")
    })
}

/// A restriction of a type by facets.
pub(super) fn restriction(base: &str, facets: &str) -> String {
    format!(
        "<xs:simpleType><xs:restriction base='{base}'>{facets}</xs:restriction></xs:simpleType>"
    )
}

/// The code of the finding about each value; empty for a good one.
pub(super) fn codes(schema: &Schema, values: &[&str]) -> Vec<&'static str> {
    values
        .iter()
        .map(|value| {
            let text = format!(
                "<t:r xmlns:t='urn:t' xmlns:p='urn:d' xmlns:q='urn:d' xmlns:o='urn:o'>{value}</t:r>"
            );
            let input = Input {
                name: "a.xml",
                octets: text.as_bytes(),
                given_up: None,
            };
            let findings = read(schema, &settings(), input).findings;
            assert!(findings.len() <= 1, "{value}: {findings:#?}");
            findings.first().map_or("", |finding| finding.code)
        })
        .collect()
}

/// Facets on a type: which values are good, and which bad with which code.
pub(super) fn check(base: &str, facets: &str, good: &[&str], bad: &[(&str, &str)]) {
    check_type(&restriction(base, facets), good, bad);
}

pub(super) fn check_type(simple: &str, good: &[&str], bad: &[(&str, &str)]) {
    let schema = compile(simple, "").unwrap_or_else(|what| panic!("{simple}: {what}"));
    for (value, code) in good.iter().zip(codes(&schema, good)) {
        assert_eq!(code, "", "{simple}: {value}");
    }
    for (value, code) in bad {
        assert_eq!(codes(&schema, &[value]), [*code], "{simple}: {value}");
    }
}

/// Is a schema with this restriction refused, with this word?
pub(super) fn refused(base: &str, facets: &str, word: &str) {
    refused_type(&restriction(base, facets), word);
}

pub(super) fn refused_type(simple: &str, word: &str) {
    match compile(simple, "") {
        Ok(_) => panic!("{simple} was taken"),
        Err(what) => assert!(what.contains(word), "{simple}: {what}"),
    }
}

pub(super) fn built_in(name: &str) -> Simple {
    builtin::simple(name).unwrap_or_else(|| panic!("{name}")).0
}
