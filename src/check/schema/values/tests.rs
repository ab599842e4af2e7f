//! Every built-in type and every facet, through schemas and documents as they come.

use crate::check::schema::builtin;
use crate::check::schema::values::{Misfit, Nowhere, Role, Simple, Surroundings, Unit};
use crate::check::tests::settings;
use crate::check::{Input, Schema, read};

/// A schema whose element `r` has this simple type.
fn compile(simple: &str, more: &str) -> Result<Schema, String> {
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
fn restriction(base: &str, facets: &str) -> String {
    format!(
        "<xs:simpleType><xs:restriction base='{base}'>{facets}</xs:restriction></xs:simpleType>"
    )
}

/// The code of the finding about each value; empty for a good one.
fn codes(schema: &Schema, values: &[&str]) -> Vec<&'static str> {
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
fn check(base: &str, facets: &str, good: &[&str], bad: &[(&str, &str)]) {
    check_type(&restriction(base, facets), good, bad);
}

fn check_type(simple: &str, good: &[&str], bad: &[(&str, &str)]) {
    let schema = compile(simple, "").unwrap_or_else(|what| panic!("{simple}: {what}"));
    for (value, code) in good.iter().zip(codes(&schema, good)) {
        assert_eq!(code, "", "{simple}: {value}");
    }
    for (value, code) in bad {
        assert_eq!(codes(&schema, &[value]), [*code], "{simple}: {value}");
    }
}

/// Is a schema with this restriction refused, with this word?
fn refused(base: &str, facets: &str, word: &str) {
    refused_type(&restriction(base, facets), word);
}

fn refused_type(simple: &str, word: &str) {
    match compile(simple, "") {
        Ok(_) => panic!("{simple} was taken"),
        Err(what) => assert!(what.contains(word), "{simple}: {what}"),
    }
}

fn built_in(name: &str) -> Simple {
    builtin::simple(name).unwrap_or_else(|| panic!("{name}")).0
}

/// Each built-in type with good and bad values.
const LEXICAL: &[(&str, &[&str], &[&str])] = &[
    ("anySimpleType", &["", " x\n"], &[]),
    ("string", &["", " a\tb "], &[]),
    ("normalizedString", &["", "a\nb"], &[]),
    ("token", &["", " a  b "], &[]),
    ("language", &["en", " en-GB "], &["", "en_GB", "e n"]),
    ("NMTOKEN", &["1a", " -.: "], &["", "a b", "a,b"]),
    ("NMTOKENS", &["a", " 1 2\n3 "], &["", " ", "a ,"]),
    ("Name", &["a:b", "_", ":"], &["", "1a", "a b"]),
    ("NCName", &["a-1", " _ "], &["", "a:b", "-a"]),
    ("ID", &["a"], &["", "1", "a:b", "a b"]),
    ("IDREF", &["a"], &["", "1"]),
    ("IDREFS", &["a b"], &["", "a 1"]),
    ("ENTITY", &[], &["", "a"]),
    ("ENTITIES", &[], &["", "a b"]),
    (
        "boolean",
        &["true", "false", "1", "0", " 1 "],
        &["", "TRUE", "yes", "2", "01"],
    ),
    (
        "decimal",
        &["0", "-1.50", "+.5", "5.", "0000"],
        &["", ".", "1e3", "1,0", "INF", "- 1"],
    ),
    (
        "integer",
        &["0", "-0", "+012", "99999999999999999999999999"],
        &["", "1.0", "1.", "1e3"],
    ),
    ("nonPositiveInteger", &["0", "-0", "-9"], &["1", "-1.0"]),
    ("negativeInteger", &["-1"], &["0", "-0", "1"]),
    ("nonNegativeInteger", &["0", "-0", "9"], &["-1"]),
    ("positiveInteger", &["1", "+1"], &["0", "-1"]),
    (
        "long",
        &["9223372036854775807", "-9223372036854775808"],
        &["9223372036854775808", "-9223372036854775809"],
    ),
    (
        "int",
        &["2147483647", "-2147483648"],
        &["2147483648", "-2147483649"],
    ),
    ("short", &["32767", "-32768"], &["32768", "-32769"]),
    ("byte", &["127", "-128", "+00127"], &["128", "-129"]),
    (
        "unsignedLong",
        &["18446744073709551615", "0"],
        &["18446744073709551616", "-1"],
    ),
    ("unsignedInt", &["4294967295"], &["4294967296", "-1"]),
    ("unsignedShort", &["65535"], &["65536", "-1"]),
    ("unsignedByte", &["255"], &["256", "-1"]),
    (
        "float",
        &["1", "-1E4", "INF", "NaN", ".5"],
        &["", "+INF", "1e", "nan"],
    ),
    (
        "double",
        &["1", "12.78e-2", "-INF"],
        &["", "infinity", "0x1"],
    ),
    ("duration", &["P1Y", "-PT1.5S"], &["", "P", "1Y", "PT"]),
    ("dateTime", &["2026-07-08T09:14:22Z"], &["", "2026-07-08"]),
    ("time", &["09:14:22.5"], &["", "09:14"]),
    (
        "date",
        &["2026-07-08", "-0001-01-01"],
        &["", "2026-02-29", "0000-01-01"],
    ),
    ("gYearMonth", &["2026-07"], &["", "2026-7"]),
    ("gYear", &["2026", "-0044"], &["", "26"]),
    ("gMonthDay", &["--02-29"], &["", "--02-30"]),
    ("gDay", &["---31"], &["", "---32"]),
    ("gMonth", &["--12"], &["", "--13"]),
    ("hexBinary", &["", "0fA9"], &["0", "0G", "0f a9"]),
    (
        "base64Binary",
        &["", "AAAA\nAA==", "A A A A"],
        &["A", "AB==", "AAAA="],
    ),
    ("anyURI", &["", "urn:x", "a b"], &["%", "1:x"]),
];

#[test]
fn built_in_types_take_their_values_and_no_others() {
    for (name, good, bad) in LEXICAL {
        let simple = built_in(name);
        for value in *good {
            assert_eq!(simple.check(value, &Nowhere), Ok(()), "{name}: {value:?}");
        }
        for value in *bad {
            assert!(simple.check(value, &Nowhere).is_err(), "{name}: {value:?}");
        }
    }
}

#[test]
fn a_qualified_name_needs_a_prefix_that_means_something() {
    check_type(
        &restriction("xs:QName", ""),
        &["a", "p:a", " p:a "],
        &[
            ("x:a", "S03-type"),
            ("1", "S03-type"),
            ("", "S03-type"),
            ("p:a:b", "S03-type"),
        ],
    );
    // Names are compared by what their prefixes mean; 'a' of the schema lies in 'urn:d'.
    check(
        "xs:QName",
        "<xs:enumeration value='a'/><xs:enumeration value='t:b'/>",
        &["p:a", "q:a", "t:b"],
        &[
            ("a", "S03-enumeration"),
            ("o:a", "S03-enumeration"),
            ("p:b", "S03-enumeration"),
        ],
    );
    refused(
        "xs:QName",
        "<xs:enumeration value='nowhere:a'/>",
        "nowhere:a",
    );
}

#[test]
fn enumerations_compare_values_and_not_letters() {
    check(
        "xs:decimal",
        "<xs:enumeration value='1.0'/><xs:enumeration value='-2'/>",
        &["1", "01.00", "-2.0", "+1"],
        &[("2", "S03-enumeration"), ("x", "S03-type")],
    );
    check(
        "xs:dateTime",
        "<xs:enumeration value='2026-01-01T00:00:00Z'/>",
        &["2025-12-31T24:00:00Z", "2026-01-01T01:00:00+01:00"],
        &[("2026-01-01T00:00:00", "S03-enumeration")],
    );
    check(
        "xs:double",
        "<xs:enumeration value='0'/><xs:enumeration value='NaN'/>",
        &["-0", "0e9", "NaN"],
        &[("1", "S03-enumeration")],
    );
    check(
        "xs:hexBinary",
        "<xs:enumeration value='0A'/>",
        &["0a"],
        &[("0b", "S03-enumeration")],
    );
    check(
        "xs:base64Binary",
        "<xs:enumeration value='AAAA'/>",
        &["A A\nAA"],
        &[("AAAB", "S03-enumeration")],
    );
    check(
        "xs:duration",
        "<xs:enumeration value='P1Y'/>",
        &["P12M"],
        &[("P365D", "S03-enumeration")],
    );
    check(
        "xs:token",
        "<xs:enumeration value=' a  b '/>",
        &["a b", "\na b"],
        &[("ab", "S03-enumeration")],
    );
    check(
        "xs:string",
        "<xs:enumeration value='Y'/>",
        &["Y"],
        &[("Y ", "S03-enumeration")],
    );
    refused(
        "xs:int",
        "<xs:enumeration value='x'/>",
        "no value of the base",
    );
    refused(
        "xs:boolean",
        "<xs:enumeration value='true'/>",
        "means nothing",
    );
}

#[test]
fn lengths_count_characters_octets_or_entries() {
    check(
        "xs:string",
        "<xs:minLength value='1'/><xs:maxLength value='3'/>",
        &["名é𝄞", " a "],
        &[("", "S03-length"), ("abcd", "S03-length")],
    );
    check(
        "xs:token",
        "<xs:length value='3'/>",
        &[" a  b "],
        &[("ab", "S03-length")],
    );
    check(
        "xs:hexBinary",
        "<xs:length value='2'/>",
        &["0a0b"],
        &[("0a", "S03-length")],
    );
    check(
        "xs:base64Binary",
        "<xs:maxLength value='2'/>",
        &["AAA=", ""],
        &[("AAAA", "S03-length")],
    );
    check(
        "xs:anyURI",
        "<xs:minLength value='2'/>",
        &["a:"],
        &[("a", "S03-length")],
    );
    check(
        "xs:NMTOKENS",
        "<xs:maxLength value='2'/>",
        &["a b"],
        &[("a b c", "S03-length")],
    );
    // The recommendation lets every name pass.
    check("xs:QName", "<xs:length value='100'/>", &["p:a"], &[]);
    assert_eq!(
        built_in("NMTOKENS").check("", &Nowhere),
        Err(Misfit::Length(0, Unit::Items))
    );
}

#[test]
fn lengths_must_fit_each_other_and_their_base() {
    for (facets, word) in [
        (
            "<xs:minLength value='3'/><xs:maxLength value='2'/>",
            "more than",
        ),
        ("<xs:length value='3'/><xs:maxLength value='4'/>", "beside"),
        ("<xs:length value='x'/>", "whole number"),
        ("<xs:length value='-1'/>", "whole number"),
        ("<xs:length value='1'/><xs:length value='1'/>", "second"),
        ("<xs:length/>", "without a value"),
        ("<xs:totalDigits value='1'/>", "means nothing"),
        ("<xs:minInclusive value='1'/>", "means nothing"),
    ] {
        refused("xs:string", facets, word);
    }
    let inner = restriction(
        "xs:string",
        "<xs:minLength value='2'/><xs:maxLength value='5' fixed='true'/>",
    );
    let outer = |facets: &str| {
        format!("<xs:simpleType><xs:restriction>{inner}{facets}</xs:restriction></xs:simpleType>")
    };
    check_type(
        &outer("<xs:length value='4'/>"),
        &["abcd"],
        &[("abc", "S03-length")],
    );
    check_type(
        &outer("<xs:maxLength value='5'/>"),
        &["abcde"],
        &[("a", "S03-length")],
    );
    refused_type(&outer("<xs:minLength value='1'/>"), "allows more");
    refused_type(&outer("<xs:maxLength value='4'/>"), "fixed");
    refused_type(&outer("<xs:length value='6'/>"), "outside");
    refused("xs:int", "<xs:length value='1'/>", "means nothing");
    refused("xs:date", "<xs:maxLength value='1'/>", "means nothing");
}

#[test]
fn patterns_of_one_step_are_choices_and_steps_add_up() {
    check(
        "xs:string",
        "<xs:pattern value='[a-z]+'/><xs:pattern value='[0-9]+'/>",
        &["abc", "123"],
        &[("a1", "S03-pattern"), ("", "S03-pattern")],
    );
    let inner = restriction("xs:string", "<xs:pattern value='[a-z]+'/>");
    let both = format!(
        "<xs:simpleType><xs:restriction>{inner}<xs:pattern value='.{{2}}'/></xs:restriction></xs:simpleType>"
    );
    check_type(
        &both,
        &["ab"],
        &[("a", "S03-pattern"), ("12", "S03-pattern")],
    );
    // A pattern is about the text, blanks treated, not about the value.
    check(
        "xs:decimal",
        "<xs:pattern value='\\d\\.\\d'/>",
        &[" 1.0 "],
        &[("1", "S03-pattern")],
    );
    check(
        "xs:boolean",
        "<xs:pattern value='true'/>",
        &["true"],
        &[("1", "S03-pattern")],
    );
    check(
        "xs:NMTOKENS",
        "<xs:pattern value='a b'/>",
        &[" a \n b "],
        &[("b a", "S03-pattern")],
    );
    refused("xs:string", "<xs:pattern value='[a'/>", "not closed");
    refused(
        "xs:string",
        "<xs:pattern value='(\\w{9000}){9000}'/>",
        "too large",
    );
}

#[test]
fn digits_are_counted_without_zeros_that_mean_nothing() {
    check(
        "xs:decimal",
        "<xs:totalDigits value='5'/><xs:fractionDigits value='2'/><xs:minInclusive value='0'/><xs:maxInclusive value='999.99'/>",
        &["0", "000999.990", " 12.3\n", "+.5", "5.", "-0"],
        &[
            ("1.234", "S03-digits"),
            ("123456", "S03-digits"),
            ("1000", "S03-range"),
            ("-0.01", "S03-range"),
            ("1,2", "S03-type"),
        ],
    );
    check(
        "xs:integer",
        "<xs:totalDigits value='2'/>",
        &["099", "-99"],
        &[("100", "S03-digits")],
    );
    refused("xs:decimal", "<xs:totalDigits value='0'/>", "at least 1");
    refused(
        "xs:decimal",
        "<xs:totalDigits value='1'/><xs:fractionDigits value='2'/>",
        "more than",
    );
    refused("xs:integer", "<xs:fractionDigits value='1'/>", "fixed");
    refused("xs:float", "<xs:totalDigits value='1'/>", "means nothing");
}

#[test]
fn ranges_hold_for_everything_that_has_an_order() {
    for (base, least, most, inside, below, above) in [
        (
            "decimal",
            "-1.5",
            "99999999999999999999.5",
            "99999999999999999999.4",
            "-1.51",
            "99999999999999999999.51",
        ),
        ("float", "-1E2", "INF", "1e38", "-1e3", "NaN"),
        ("double", "-1E2", "1e300", "-50", "-1e3", "INF"),
        ("duration", "P1M", "P1Y", "P6M", "P27D", "P367D"),
        (
            "dateTime",
            "2026-01-01T00:00:00Z",
            "2026-12-31T00:00:00Z",
            "2026-06-01T00:00:00+14:00",
            "2026-01-01T00:00:00",
            "2026-12-31T00:00:01Z",
        ),
        (
            "time",
            "08:00:00",
            "17:00:00",
            "12:00:00",
            "07:59:59.999",
            "17:00:00.001",
        ),
        (
            "date",
            "2020-01-01",
            "12026-01-01",
            "2026-07-31",
            "-0001-12-31",
            "12026-01-02",
        ),
        (
            "gYearMonth",
            "2026-01",
            "2026-12",
            "2026-06",
            "2025-12",
            "2027-01",
        ),
        ("gYear", "-0044", "2026", "0001", "-0045", "2027"),
        (
            "gMonthDay",
            "--02-01",
            "--03-01",
            "--02-29",
            "--01-31",
            "--03-02",
        ),
        ("gDay", "---02", "---30", "---15", "---01", "---31"),
        ("gMonth", "--02", "--11", "--06", "--01", "--12"),
    ] {
        let base = format!("xs:{base}");
        let outside = [(below, "S03-range"), (above, "S03-range")];
        let closed = format!("<xs:minInclusive value='{least}'/><xs:maxInclusive value='{most}'/>");
        check(&base, &closed, &[least, inside, most], &outside);
        let open = format!("<xs:minExclusive value='{least}'/><xs:maxExclusive value='{most}'/>");
        check(&base, &open, &[inside], &outside);
        check(
            &base,
            &open,
            &[],
            &[(least, "S03-range"), (most, "S03-range")],
        );
        let empty = format!("<xs:minInclusive value='{most}'/><xs:maxInclusive value='{least}'/>");
        refused(&base, &empty, "empty");
    }
}

#[test]
fn a_range_may_only_become_narrower() {
    for (facets, word) in [
        ("<xs:maxInclusive value='128'/>", "allows more"),
        ("<xs:minInclusive value='-129'/>", "allows more"),
        ("<xs:minInclusive value='200'/>", "allows more"),
        ("<xs:minInclusive value='1.5'/>", "no value of the base"),
        ("<xs:minInclusive value='x'/>", "no value of the base"),
        (
            "<xs:minInclusive value='5'/><xs:minExclusive value='4'/>",
            "in one step",
        ),
        (
            "<xs:maxInclusive value='5'/><xs:maxExclusive value='6'/>",
            "in one step",
        ),
        (
            "<xs:minExclusive value='5'/><xs:maxInclusive value='5'/>",
            "empty",
        ),
    ] {
        refused("xs:byte", facets, word);
    }
    check(
        "xs:byte",
        "<xs:minExclusive value='126'/>",
        &["127"],
        &[("126", "S03-range")],
    );
    // A value that cannot be compared lies outside.
    check(
        "xs:float",
        "<xs:minInclusive value='NaN'/>",
        &["NaN"],
        &[("1", "S03-range")],
    );
}

#[test]
fn blanks_may_only_be_treated_more_strictly() {
    check(
        "xs:string",
        "<xs:whiteSpace value='collapse'/><xs:length value='3'/>",
        &[" a  b "],
        &[],
    );
    check(
        "xs:string",
        "<xs:whiteSpace value='replace'/><xs:pattern value='a b'/>",
        &["a\nb"],
        &[("a  b", "S03-pattern")],
    );
    refused("xs:token", "<xs:whiteSpace value='preserve'/>", "stricter");
    refused("xs:int", "<xs:whiteSpace value='replace'/>", "stricter");
    refused("xs:string", "<xs:whiteSpace value='remove'/>", "remove");
}

#[test]
fn lists_check_every_entry_and_the_whole() {
    let codes = restriction(
        "xs:token",
        "<xs:enumeration value='A'/><xs:enumeration value='B'/>",
    );
    check_type(
        &format!("<xs:simpleType><xs:list>{codes}</xs:list></xs:simpleType>"),
        &["", "A", " A\nB  A "],
        &[("A C", "S03-enumeration"), ("A,B", "S03-enumeration")],
    );
    let numbers = "<xs:simpleType><xs:list itemType='xs:decimal'/></xs:simpleType>";
    check_type(
        &format!(
            "<xs:simpleType><xs:restriction>{numbers}<xs:length value='2'/><xs:enumeration value='1 2'/></xs:restriction></xs:simpleType>"
        ),
        &["1 2", "1.0 02"],
        &[
            ("2 1", "S03-enumeration"),
            ("1 x", "S03-type"),
            ("1", "S03-enumeration"),
        ],
    );
    refused_type(
        &format!("<xs:simpleType><xs:list>{numbers}</xs:list></xs:simpleType>"),
        "lists themselves",
    );
    refused_type(
        "<xs:simpleType><xs:list itemType='xs:NMTOKENS'/></xs:simpleType>",
        "lists themselves",
    );
    refused_type("<xs:simpleType><xs:list/></xs:simpleType>", "one type");
    refused_type(
        &format!("<xs:simpleType><xs:list itemType='xs:int'>{codes}</xs:list></xs:simpleType>"),
        "one type",
    );
}

#[test]
fn unions_try_their_members_in_order() {
    let nested = "<xs:simpleType><xs:union memberTypes='xs:int xs:boolean'><xs:simpleType><xs:list itemType='xs:date'/></xs:simpleType></xs:union></xs:simpleType>";
    check_type(
        nested,
        &["12", " true ", "2026-01-01 2026-01-02", ""],
        &[("x", "S03-type"), ("2147483648", "S03-type")],
    );
    let outer = |facets: &str| {
        format!("<xs:simpleType><xs:restriction>{nested}{facets}</xs:restriction></xs:simpleType>")
    };
    // '1' is a whole number first: the value of the boolean 'true' is another one.
    check_type(
        &outer("<xs:enumeration value='1'/><xs:enumeration value='false'/>"),
        &["01", "+1", "false"],
        &[("true", "S03-enumeration"), ("0", "S03-enumeration")],
    );
    check_type(
        &outer("<xs:pattern value='.{2}'/>"),
        &["12"],
        &[("1", "S03-pattern")],
    );
    refused_type(&outer("<xs:length value='1'/>"), "means nothing");
    refused_type(&outer("<xs:whiteSpace value='collapse'/>"), "means nothing");
    refused_type(
        "<xs:simpleType><xs:union/></xs:simpleType>",
        "without members",
    );
    let inner = restriction("xs:int", "<xs:maxInclusive value='9'/>");
    check_type(
        &format!(
            "<xs:simpleType><xs:union><xs:simpleType><xs:union>{inner}</xs:union></xs:simpleType></xs:union></xs:simpleType>"
        ),
        &["9"],
        &[("10", "S03-type")],
    );
}

#[test]
fn what_derives_from_a_final_type_is_refused() {
    for (word, simple) in [
        ("restriction", restriction("t:f", "")),
        (
            "list",
            "<xs:simpleType><xs:list itemType='t:f'/></xs:simpleType>".to_owned(),
        ),
        (
            "union",
            "<xs:simpleType><xs:union memberTypes='t:f'/></xs:simpleType>".to_owned(),
        ),
    ] {
        for last in [word, "#all"] {
            let named = |last: &str| {
                format!(
                    "<xs:simpleType name='f' final='{last}'><xs:restriction base='xs:int'/></xs:simpleType>"
                )
            };
            assert!(compile(&simple, &named("")).is_ok());
            let what = compile(&simple, &named(last)).unwrap_err();
            assert!(what.contains("'f' is final"), "{what}");
        }
    }
}

#[test]
fn types_that_cannot_be_are_refused() {
    refused("xs:anySimpleType", "", "anySimpleType");
    refused("xs:nothing", "", "nothing");
    refused_type("<xs:simpleType/>", "one restriction");
    refused_type(
        "<xs:simpleType><xs:restriction/></xs:simpleType>",
        "one type",
    );
    refused_type(
        "<xs:simpleType name='x'><xs:restriction base='xs:int'/></xs:simpleType>",
        "name",
    );
    refused(
        "xs:int",
        "<xs:minInclusive value='1' fixed='yes'/>",
        "fixed",
    );
    refused("xs:int", "<xs:pattern value='1' fixed='true'/>", "fixed");
    refused(
        "xs:int",
        "<xs:minInclusive value='1'><xs:x/></xs:minInclusive>",
        "xs:x",
    );
    let chain: String = (1..200)
        .map(|number| {
            format!(
                "<xs:simpleType name='n{number}'><xs:restriction base='t:n{}'/></xs:simpleType>",
                number - 1
            )
        })
        .rev()
        .collect();
    let first = "<xs:simpleType name='n0'><xs:restriction base='xs:int'/></xs:simpleType>";
    let what = compile(&restriction("t:n199", ""), &format!("{chain}{first}")).unwrap_err();
    assert!(what.contains("steps"), "{what}");
    // A union that doubles at each step has more members than anyone could try.
    let doubling: String = (1..60)
        .map(|number| {
            let below = number - 1;
            format!("<xs:simpleType name='n{number}'><xs:union memberTypes='t:n{below} t:n{below}'/></xs:simpleType>")
        })
        .collect();
    let what = compile(&restriction("t:n59", ""), &format!("{first}{doubling}")).unwrap_err();
    assert!(what.contains("members"), "{what}");
}

#[test]
fn names_of_other_places_are_told() {
    let told = |name: &str, text: &str| {
        let simple = built_in(name);
        assert!(simple.has_names());
        let mut names = Vec::new();
        simple.names(text, &Nowhere, &mut |role, name| {
            names.push((role, name.to_owned()))
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
    struct Bound(&'static str);
    impl Surroundings for Bound {
        fn namespace(&self, prefix: &str) -> Option<&str> {
            (prefix == self.0).then_some("urn:x")
        }
    }
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
