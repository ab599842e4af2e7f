//! The schema engine: what it compiles, what it refuses, and what it finds.

use crate::check::tests::{built_in, numbered, sample_text, settings};
use crate::check::{Input, RULES_VERSION, Schema, SchemaFault, read};
use crate::domain::outcome::Finding;

pub(super) fn one(body: &str) -> Result<Schema, Vec<SchemaFault>> {
    let text = format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' targetNamespace='urn:t' \
         elementFormDefault='qualified' version='7'>\n{body}\n</xs:schema>"
    );
    Schema::compile(&[("t.xsd".to_owned(), text.into_bytes())])
}

pub(super) fn schema(body: &str) -> Schema {
    one(body).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn check(schema: &Schema, text: &str) -> Vec<Finding> {
    let input = Input {
        name: "a.xml",
        octets: text.as_bytes(),
        given_up: None,
    };
    read(schema, &settings(), input).findings
}

/// The findings about `inside`, put into `<r xmlns='urn:t'>`: code and message.
pub(super) fn codes(schema: &Schema, inside: &str) -> Vec<&'static str> {
    check(schema, &format!("<r xmlns='urn:t'{inside}</r>"))
        .iter()
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn the_built_in_schema_says_who_it_is() {
    let ruleset = built_in().ruleset();
    assert_eq!(ruleset.schema, "ivi-2.0-uk.xsd");
    assert_eq!(ruleset.schema_version, "2.0-uk-reconstruction-1");
    assert_eq!(ruleset.schema_sha256.len(), 64);
    assert_eq!(ruleset.rules_version, RULES_VERSION);
}

#[test]
fn the_digest_covers_every_file() {
    let main = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:import namespace='urn:o' schemaLocation='some/where/o.xsd'/><xs:element name='r' type='xs:string'/></xs:schema>";
    let other = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:o'/>";
    let compiled = |other: &str| {
        let files = [
            ("m.xsd".to_owned(), main.into()),
            ("o.xsd".to_owned(), other.into()),
        ];
        Schema::compile(&files).unwrap().ruleset()
    };
    let first = compiled(other);
    assert_eq!(first.schema, "m.xsd");
    assert_ne!(
        first.schema_sha256,
        compiled(&format!("{other}\n")).schema_sha256
    );
}

/// Schemas that are refused, with a word that the fault names.
const REFUSED: &[(&str, &str)] = &[
    (
        "<xs:element name='r' type='xs:string' nillable='yes'/>",
        "nillable",
    ),
    ("<xs:element name='r' type='t:none'/>", "none"),
    ("<xs:element name='r' type='u:none'/>", "prefix"),
    (
        "<xs:element name='r' type='xs:string'><xs:complexType/></xs:element>",
        "one type",
    ),
    (
        "<xs:group name='g'/><xs:element name='r' type='xs:string'/>",
        "xs:group",
    ),
    (
        "<xs:element name='r' substitutionGroup='t:x' type='xs:string'/>",
        "no element 'x'",
    ),
    (
        "<xs:element name='r'><xs:complexType><xs:complexContent/></xs:complexType></xs:element>",
        "one extension or restriction",
    ),
    (
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:any processContents='some'/></xs:sequence></xs:complexType></xs:element>",
        "processContents",
    ),
    (
        "<xs:element name='r'><xs:complexType><xs:all><xs:element name='a' type='xs:string' maxOccurs='2'/></xs:all></xs:complexType></xs:element>",
        "maxOccurs",
    ),
    (
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string' minOccurs='2'/></xs:sequence></xs:complexType></xs:element>",
        "minOccurs",
    ),
    (
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string' minOccurs='0'/><xs:element name='a' type='xs:string'/></xs:sequence></xs:complexType></xs:element>",
        "two things",
    ),
    (
        "<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'><xs:minExclusive value='1'/></xs:restriction></xs:simpleType></xs:element>",
        "minExclusive",
    ),
    (
        "<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'><xs:totalDigits value='1'/></xs:restriction></xs:simpleType></xs:element>",
        "totalDigits",
    ),
    (
        "<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'><xs:pattern value='\\p{IsNowhere}'/></xs:restriction></xs:simpleType></xs:element>",
        "pattern",
    ),
    (
        "<xs:simpleType name='s'><xs:restriction base='t:s'/></xs:simpleType><xs:element name='r' type='t:s'/>",
        "itself",
    ),
    (
        "<xs:element name='r' type='xs:string'/><xs:element name='r' type='xs:string'/>",
        "second",
    ),
    (
        "<xs:import namespace='urn:x' schemaLocation='x.xsd'/><xs:element name='r' type='xs:string'/>",
        "not there",
    ),
    ("<xs:complexType name='c'/>", "no element"),
    (
        "<other/><xs:element name='r' type='xs:string'/>",
        "another namespace",
    ),
];

#[test]
fn what_is_not_known_is_refused_with_file_and_line() {
    for (bad, word) in REFUSED {
        let faults = one(bad).err().unwrap_or_else(|| panic!("{bad} was taken"));
        assert!(
            faults.iter().any(|fault| fault.what.contains(word)),
            "{word}: {faults:#?}"
        );
        assert!(
            faults
                .iter()
                .all(|fault| fault.file == "t.xsd" && fault.line >= 1),
            "{faults:#?}"
        );
    }
    let broken = Schema::compile(&[("b.xsd".to_owned(), b"<a>\n<b></a>".to_vec())]).unwrap_err();
    assert_eq!((broken[0].file.as_str(), broken[0].line), ("b.xsd", 2));
    assert!(Schema::compile(&[]).is_err());
}

#[test]
fn all_faults_of_a_schema_are_told_at_once() {
    let bad = "<xs:element name='r' type='t:a'/>\n<xs:element name='s' type='t:b'/>";
    let lines: Vec<u32> = one(bad)
        .unwrap_err()
        .iter()
        .map(|fault| fault.line)
        .collect();
    assert_eq!(lines, [2, 3]);
}

#[test]
fn children_in_any_order_go_on_after_every_fault() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:all>\
         <xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:int'/>\
         <xs:element name='c' type='xs:int' minOccurs='0'/></xs:all></xs:complexType></xs:element>",
    );
    assert_eq!(
        codes(&schema, "><b>1</b><c>2</c><a>3</a>"),
        Vec::<&str>::new()
    );
    assert_eq!(
        codes(&schema, ">"),
        ["S01-missing-element", "S01-missing-element"]
    );
    assert_eq!(
        codes(&schema, "><a>1</a><a>x</a><b>x</b>"),
        ["S02-repeated", "S03-type"]
    );
    assert_eq!(
        codes(&schema, "><a>1</a><A>1</A><B>1</B>"),
        ["S02-unexpected-element", "S02-unexpected-element"]
    );
    assert_eq!(
        codes(&schema, "><a xmlns=''>1</a><b>1</b>"),
        ["S02-unexpected-element"]
    );
    assert_eq!(
        codes(&schema, ">x<a>1</a>y<b>1</b>z"),
        ["S02-unexpected-text"]
    );
    assert_eq!(
        codes(&schema, "><a>1<c/>2</a><b>1</b>"),
        ["S02-unexpected-element"]
    );
    assert_eq!(
        codes(&schema, " x='1'><a y='1'>1</a><b>1</b>"),
        ["S02-unexpected-attribute"; 2]
    );
}

#[test]
fn children_in_an_order_are_followed_up_after_a_fault() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:sequence>\
         <xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:int' minOccurs='0'/>\
         <xs:choice><xs:element name='c' type='xs:int' maxOccurs='2'/><xs:element name='d' type='xs:int'/></xs:choice>\
         <xs:element name='e' type='xs:int'/></xs:sequence></xs:complexType></xs:element>",
    );
    assert_eq!(
        codes(&schema, "><a>1</a><c>1</c><c>1</c><e>1</e>"),
        Vec::<&str>::new()
    );
    assert_eq!(
        codes(&schema, "><a>1</a><d>1</d><e>1</e>"),
        Vec::<&str>::new()
    );
    assert_eq!(codes(&schema, "><a>1</a><e>1</e>"), ["S01-missing-element"]);
    assert_eq!(
        codes(&schema, "><c>1</c><a>1</a><e>1</e>"),
        ["S02-misplaced"]
    );
    assert_eq!(
        codes(&schema, "><a>1</a><c>1</c><b>x</b><e>1</e>"),
        ["S02-misplaced", "S03-type"]
    );
    assert_eq!(
        codes(&schema, "><a>1</a><c>1</c><c>1</c><c>1</c><e>1</e>"),
        ["S02-repeated"]
    );
    assert_eq!(
        codes(&schema, "><a>1</a><x><y/></x><c>1</c><e>1</e>"),
        ["S02-unexpected-element"]
    );
    assert_eq!(
        codes(&schema, "><a>1</a><C>1</C><e>1</e>"),
        ["S02-unexpected-element"]
    );
    assert_eq!(codes(&schema, ">"), ["S01-missing-element"; 3]);
}

/// Code and help of each finding about `inside`, put into `<r xmlns='urn:t'>`.
fn hints(schema: &Schema, inside: &str) -> Vec<(&'static str, String)> {
    check(schema, &format!("<r xmlns='urn:t'>{inside}</r>"))
        .into_iter()
        .map(|finding| (finding.code, finding.help.into_owned()))
        .collect()
}

#[test]
fn a_misspelt_element_is_told_once_and_its_content_is_checked() {
    const MEMBERS: &str = "<xs:element name='colour' type='xs:int'/><xs:element name='number' type='xs:int' minOccurs='0'/>\
         <xs:element name='height' type='xs:int'/>";
    let once = |meant: &str| {
        (
            "S02-unexpected-element",
            format!("Perhaps '{meant}' was meant."),
        )
    };
    let bad = (
        "S03-type",
        "Numbers take a point and no blanks; dates are written 2026-07-31.".to_owned(),
    );
    for group in ["all", "sequence"] {
        let schema = schema(&format!(
            "<xs:element name='r'><xs:complexType><xs:{group}>{MEMBERS}</xs:{group}></xs:complexType></xs:element>"
        ));
        let hints = |inside: &str| hints(&schema, inside);
        let height = "<height>1</height>";
        assert_eq!(
            hints(&format!("<color>1</color>{height}")),
            [once("colour")]
        );
        assert_eq!(
            hints(&format!("<color>x</color>{height}")),
            [once("colour"), bad.clone()],
            "{group}: what is in it is held against what was meant"
        );
        assert_eq!(
            hints(&format!("<colour>1</colour><nubmer>1</nubmer>{height}")),
            [once("number")]
        );
        assert_eq!(
            hints("<Color>1</Color><heigth>1</heigth>"),
            [once("colour"), once("height")]
        );
        assert_eq!(
            hints(&format!("<color>1</color><colour>1</colour>{height}")),
            [once("colour")],
            "{group}: the right one may follow"
        );
        assert_eq!(
            hints("<colour>1</colour><wheel/>").len(),
            2,
            "{group}: another name stands for none"
        );
        assert_eq!(
            hints(&format!("<color xmlns=''><x/></color>{height}")).len(),
            2,
            "{group}: nor does one of another namespace"
        );
    }
}

#[test]
fn wildcards_check_what_they_know() {
    let schema = schema(
        "<xs:element name='k' type='xs:int'/>\
         <xs:element name='r'><xs:complexType mixed='true'><xs:choice minOccurs='0' maxOccurs='unbounded'>\
         <xs:element name='lax'><xs:complexType><xs:sequence><xs:any processContents='lax'/></xs:sequence></xs:complexType></xs:element>\
         <xs:element name='skip'><xs:complexType><xs:sequence><xs:any namespace='##other' processContents='skip'/></xs:sequence></xs:complexType></xs:element>\
         </xs:choice></xs:complexType></xs:element>",
    );
    assert_eq!(
        codes(&schema, ">text<lax><k>1</k></lax>more"),
        Vec::<&str>::new()
    );
    assert_eq!(codes(&schema, "><lax><k>x</k></lax>"), ["S03-type"]);
    assert_eq!(codes(&schema, "><lax/>"), ["S01-missing-element"]);
    assert_eq!(
        codes(
            &schema,
            "><lax><x xmlns='urn:x'><k xmlns='urn:t'>x</k></x></lax>"
        ),
        ["S03-type"]
    );
    assert_eq!(
        codes(
            &schema,
            "><skip><x xmlns='urn:x'><k xmlns='urn:t'>x</k></x></skip>"
        ),
        Vec::<&str>::new()
    );
    assert_eq!(
        codes(&schema, "><skip><k>1</k></skip>"),
        ["S02-unexpected-element", "S01-missing-element"]
    );
}

#[test]
fn attributes_and_simple_content_are_checked() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:simpleContent><xs:extension base='xs:base64Binary'>\
         <xs:attribute name='id' type='xs:ID' use='required'/><xs:attribute name='n' type='xs:byte'/>\
         </xs:extension></xs:simpleContent></xs:complexType></xs:element>",
    );
    assert_eq!(
        codes(&schema, " id='a' n=' 7 '>AAAA\n AAAA"),
        Vec::<&str>::new()
    );
    assert_eq!(
        codes(&schema, " n='200'>AAA"),
        ["S03-range", "S01-missing-attribute", "S03-type"]
    );
    assert_eq!(codes(&schema, " id='1a'>"), ["S03-type"]);
}

#[test]
fn one_id_names_one_element() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' maxOccurs='unbounded'><xs:complexType>\
         <xs:attribute name='id' type='xs:ID'/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>",
    );
    assert_eq!(
        codes(&schema, "><a id='x'/><a id='y'/>"),
        Vec::<&str>::new()
    );
    assert_eq!(codes(&schema, "><a id='x'/><a id=' x '/>"), ["S05-id"]);
}

#[test]
fn a_document_cannot_choose_its_own_types_or_schema() {
    let schema = schema("<xs:element name='r' type='xs:int'/>");
    let xsi = " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
    assert_eq!(
        codes(
            &schema,
            &format!("{xsi} xsi:schemaLocation='urn:t http://192.0.2.1/x.xsd'>1")
        ),
        Vec::<&str>::new()
    );
    assert_eq!(
        codes(&schema, &format!("{xsi} xsi:type='xs:anyType'>x")),
        ["S04-type", "S03-type"]
    );
    assert_eq!(
        codes(&schema, &format!("{xsi} xsi:nil='true'>1")),
        ["S04-nil"]
    );
}

#[test]
fn a_flood_of_faults_is_cut_and_does_not_slow_down() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml");
    let unknown: String = numbered(40_000, |number| format!("<u{number}/>"));
    let findings = check(
        &schema,
        &van.replacen("<MakeTable>", &format!("{unknown}<MakeTable>"), 1),
    );
    assert_eq!(findings.len(), 200, "as many as a receipt lists");
    let places: Vec<u32> = findings
        .iter()
        .filter_map(|finding| finding.place)
        .map(|place| place.column)
        .collect();
    assert!(
        places.is_sorted(),
        "places come out right though all stand in one line"
    );
}

#[test]
fn unions_take_a_value_of_any_member() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml");
    let with = |code: &str| {
        let from = "<TypeApprovalType>EU<";
        let text = van.replacen(from, &format!("<TypeApprovalType>{code}<"), 1);
        check(&schema, &text)
    };
    assert_eq!(with("NSS"), vec![]);
    assert_eq!(with("GB"), vec![]);
    let wrong = with("G1");
    assert_eq!(wrong[0].code, "S03-type");
    assert_eq!(
        wrong[0].expected.as_deref(),
        Some("one of: EU, ESS, NSS; or text of the form [A-Z]{2,3}")
    );
}

#[test]
fn hints_see_slips_of_the_hand() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml");
    for (from, to, hint) in [
        (
            ">SXZN1D000T0000006<",
            ">sxzn1d000t0000006<",
            "capital letters",
        ),
        (">SXZN1D000T0000006<", ">SXZN1D000\u{422}0000006<", "U+0422"),
        (
            ">SXZN1D000T0000006<",
            "> SXZN1D000T0000006<",
            "without blanks",
        ),
        (">SXZN1D000T0000006<", ">SXZN1D<", ""),
        ("<VehicleCategory>N1<", "<VehicleCategory>n1<", "Write 'N1'"),
        ("<ActualMass>2117<", "<ActualMass>2,117<", "comma"),
    ] {
        assert!(van.contains(from), "{from}");
        let findings = check(&schema, &van.replacen(from, to, 1));
        assert_eq!(findings.len(), 1, "{to}");
        assert!(
            findings[0].help.contains(hint),
            "{to}: {}",
            findings[0].help
        );
    }
    let long = check(
        &schema,
        &van.replacen("<Type>SV1<", "<Type>0123456789ABCDEF<", 1),
    );
    assert_eq!(
        long[0].message,
        "The value of element 'Type' has 16 characters (item 0.2 of the certificate)."
    );
}
