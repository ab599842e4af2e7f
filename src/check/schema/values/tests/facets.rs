//! Each facet: what it keeps out, and where it may not stand.

use crate::check::schema::values::tests::{
    built_in, check, check_type, refused, refused_type, restriction,
};
use crate::check::schema::values::{Misfit, Nowhere, Unit};

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

/// Types with an order: each with the ends of a range, a value in it, one below and one above.
const RANGES: &[[&str; 6]] = &[
    [
        "decimal",
        "-1.5",
        "99999999999999999999.5",
        "99999999999999999999.4",
        "-1.51",
        "99999999999999999999.51",
    ],
    ["float", "-1E2", "INF", "1e38", "-1e3", "NaN"],
    ["double", "-1E2", "1e300", "-50", "-1e3", "INF"],
    ["duration", "P1M", "P1Y", "P6M", "P27D", "P367D"],
    [
        "dateTime",
        "2026-01-01T00:00:00Z",
        "2026-12-31T00:00:00Z",
        "2026-06-01T00:00:00+14:00",
        "2026-01-01T00:00:00",
        "2026-12-31T00:00:01Z",
    ],
    [
        "time",
        "08:00:00",
        "17:00:00",
        "12:00:00",
        "07:59:59.999",
        "17:00:00.001",
    ],
    [
        "date",
        "2020-01-01",
        "12026-01-01",
        "2026-07-31",
        "-0001-12-31",
        "12026-01-02",
    ],
    [
        "gYearMonth",
        "2026-01",
        "2026-12",
        "2026-06",
        "2025-12",
        "2027-01",
    ],
    ["gYear", "-0044", "2026", "0001", "-0045", "2027"],
    [
        "gMonthDay",
        "--02-01",
        "--03-01",
        "--02-29",
        "--01-31",
        "--03-02",
    ],
    ["gDay", "---02", "---30", "---15", "---01", "---31"],
    ["gMonth", "--02", "--11", "--06", "--01", "--12"],
];

#[test]
fn ranges_hold_for_everything_that_has_an_order() {
    for [base, least, most, inside, below, above] in RANGES.iter().copied() {
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
