//! Each built-in type: which texts are values of it.

use crate::check::schema::values::Nowhere;
use crate::check::schema::values::tests::{built_in, check, check_type, refused, restriction};

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
