//! What a value says besides being good: its key, the names in it, and the words for a bad one.

use std::sync::Arc;

use crate::check::schema::values::tests::{built_in, compile, restriction};
use crate::check::schema::values::{Nowhere, Role, Simple, Surroundings, Variety, is_derived};
use crate::check::tests::settings;
use crate::check::{Input, read};

/// Where one prefix means something.
struct Bound(&'static str);
impl Surroundings for Bound {
    fn namespace(&self, prefix: &str) -> Option<&str> {
        (prefix == self.0).then_some("urn:x")
    }
}

#[test]
fn names_of_other_places_are_told() {
    let told = |name: &str, text: &str| {
        let simple = built_in(name);
        assert!(simple.has_names());
        let mut names = Vec::new();
        simple.names(text, &Nowhere, &mut |role, name| {
            names.push((role, name.to_owned()));
        });
        names
    };
    assert_eq!(told("ID", " a "), [(Role::Id, "a".to_owned())]);
    assert_eq!(
        told("IDREFS", " a\nb "),
        [(Role::IdRef, "a".to_owned()), (Role::IdRef, "b".to_owned())]
    );
    assert_eq!(told("ENTITY", "e"), [(Role::Entity, "e".to_owned())]);
    assert!(!built_in("NCName").has_names());
    assert!(built_in("ID").is_id() && !built_in("IDREF").is_id());
}

#[test]
fn a_key_tells_values_apart_and_nothing_else() {
    let key = |name: &str, text: &str| built_in(name).key(text, &Nowhere);
    assert_eq!(key("decimal", "1.0"), key("byte", "+01"));
    assert_eq!(key("string", "a"), key("NCName", " a "));
    assert_ne!(key("string", "1"), key("decimal", "1"));
    assert_ne!(key("float", "1"), key("double", "1"));
    assert_ne!(key("anyURI", "a"), key("string", "a"));
    assert_ne!(key("date", "2026-01-01"), key("date", "2026-01-01Z"));
    assert_eq!(key("date", "2026-01-01+00:00"), key("date", "2026-01-01Z"));
    assert_eq!(key("NMTOKENS", "a  b"), key("NMTOKENS", " a b "));
    assert_ne!(key("NMTOKENS", "a b"), key("NMTOKENS", "ab"));
    assert_eq!(key("int", "x"), None);
    let name = built_in("QName");
    assert_eq!(name.key("a:n", &Bound("a")), name.key("b:n", &Bound("b")));
    assert_eq!(name.key("a:n", &Bound("b")), None);
}

#[test]
fn what_is_expected_is_said_in_words() {
    let expected = |simple: &str, value: &str| {
        let schema = compile(simple, "").unwrap_or_else(|what| panic!("{what}"));
        let text = format!("<t:r xmlns:t='urn:t'>{value}</t:r>");
        let input = Input {
            name: "a.xml",
            octets: text.as_bytes(),
            given_up: None,
        };
        let finding = read(&schema, &settings(), input).findings.remove(0);
        (finding.message, finding.expected.unwrap_or_default())
    };
    let range = restriction(
        "xs:decimal",
        "<xs:minExclusive value='0'/><xs:maxExclusive value='9.5'/><xs:fractionDigits value='1'/>",
    );
    assert_eq!(
        expected(&range, "10"),
        (
            "The value of element 'r' is out of range.".to_owned(),
            "a number above 0 and below 9.5, at most 1 after the point".to_owned()
        )
    );
    let list = format!(
        "<xs:simpleType><xs:restriction><xs:simpleType><xs:list itemType='xs:byte'/></xs:simpleType>{}</xs:restriction></xs:simpleType>",
        "<xs:maxLength value='2'/>"
    );
    let said = "at most 2 entries with blanks between them; each a whole number from -128 to 127";
    assert_eq!(
        expected(&list, "1 2 3"),
        (
            "The value of element 'r' has 3 entries.".to_owned(),
            said.to_owned()
        )
    );
    assert_eq!(
        expected(&list, "1 200"),
        (
            "An entry of the list in element 'r' is out of range.".to_owned(),
            said.to_owned()
        )
    );
    let day = restriction("xs:date", "<xs:minInclusive value='2020-01-01'/>");
    assert_eq!(
        expected(&day, "2019-12-31").1,
        "a date that exists, such as 2026-07-31 from 2020-01-01"
    );
    let hex = restriction("xs:hexBinary", "<xs:length value='1'/>");
    assert_eq!(
        expected(&hex, "0a0b"),
        (
            "The value of element 'r' has 2 octets.".to_owned(),
            "hexadecimal digits in pairs, exactly 1 octet".to_owned()
        )
    );
}

#[test]
fn a_type_is_derived_from_its_bases_and_from_unions_it_is_in() {
    let mut types = vec![
        built_in("anySimpleType"),
        built_in("decimal"),
        built_in("integer"),
    ];
    types[1].base = Some(0);
    types[2].base = Some(1);
    let members = vec![(1, Arc::new(types[1].clone()))];
    let facets = types[0].facets.clone();
    types.push(Simple::new(Some(0), Variety::Union(members), facets));
    for (derived, base) in [(2, 2), (2, 1), (2, 0), (3, 0), (1, 3), (2, 3)] {
        assert!(is_derived(&types, derived, base), "{derived} {base}");
    }
    for (derived, base) in [(1, 2), (0, 1), (3, 1), (0, 3), (9, 1)] {
        assert!(!is_derived(&types, derived, base), "{derived} {base}");
    }
}
