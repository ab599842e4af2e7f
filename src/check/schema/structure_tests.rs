//! What may stand where: types made from types, groups, wildcards, keys, several files.

use crate::check::schema::tests::{codes, one, schema};
use crate::check::tests::{numbered, settings};
use crate::check::{Schema, SchemaFault};

const NONE: [&str; 0] = [];
const XSI: &str = " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";

/// Compiles files given as name and text.
fn files(given: &[(&str, &str)]) -> Result<Schema, Vec<SchemaFault>> {
    let files: Vec<(String, Vec<u8>)> = given
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect();
    Schema::compile(&files)
}

/// The codes of what is wrong with a document.
fn found(schema: &Schema, text: &str) -> Vec<&'static str> {
    let findings = schema.validate(&settings(), text.as_bytes());
    findings.iter().map(|finding| finding.code).collect()
}

const XS: &str = "xmlns:xs='http://www.w3.org/2001/XMLSchema'";

#[test]
fn a_type_extends_and_restricts_another() {
    let schema = schema(
        "<xs:complexType name='base'><xs:sequence><xs:element name='a' type='xs:int'/>\
         <xs:element name='b' type='xs:int' minOccurs='0'/></xs:sequence><xs:attribute name='x' type='xs:int'/></xs:complexType>\
         <xs:complexType name='more'><xs:complexContent><xs:extension base='t:base'><xs:sequence><xs:element name='c' type='xs:int'/>\
         </xs:sequence><xs:attribute name='y' type='xs:int' use='required'/></xs:extension></xs:complexContent></xs:complexType>\
         <xs:complexType name='less'><xs:complexContent><xs:restriction base='t:base'><xs:sequence><xs:element name='a' type='xs:int'/>\
         </xs:sequence><xs:attribute name='x' use='prohibited'/></xs:restriction></xs:complexContent></xs:complexType>\
         <xs:complexType name='other'/>\
         <xs:element name='r'><xs:complexType><xs:choice maxOccurs='unbounded'><xs:element name='base' type='t:base'/>\
         <xs:element name='more' type='t:more'/><xs:element name='less' type='t:less'/></xs:choice></xs:complexType></xs:element>",
    );
    assert_eq!(
        codes(
            &schema,
            "><more x='1' y='2'><a>1</a><c>2</c></more><less><a>1</a></less>"
        ),
        NONE
    );
    assert_eq!(
        codes(&schema, "><more><a>1</a></more>"),
        ["S01-missing-attribute", "S01-missing-element"]
    );
    assert_eq!(
        codes(&schema, "><less x='1'><a>1</a><b>2</b></less>"),
        ["S02-unexpected-attribute", "S02-unexpected-element"]
    );
    // A document may name a type that is made from the one that the schema gives, and no other.
    let with = |inside: &str| codes(&schema, &format!("{XSI} xmlns:t='urn:t'>{inside}"));
    assert_eq!(
        with("<base xsi:type='t:more' y='1'><a>1</a><c>1</c></base>"),
        NONE
    );
    assert_eq!(
        with("<base xsi:type='t:other'><a>1</a></base>"),
        ["S04-type"]
    );
    assert_eq!(
        with("<base xsi:type='t:none'><a>1</a></base>"),
        ["S04-type"]
    );
    assert_eq!(
        with("<more xsi:type='t:base' y='1'><a>1</a><c>1</c></more>"),
        ["S04-type"]
    );
}

#[test]
fn what_is_abstract_or_blocked_may_not_stand() {
    let schema = schema(
        "<xs:complexType name='base' abstract='true'/>\
         <xs:complexType name='own'><xs:complexContent><xs:extension base='t:base'/></xs:complexContent></xs:complexType>\
         <xs:element name='head' abstract='true' type='xs:int'/><xs:element name='one' substitutionGroup='t:head'/>\
         <xs:element name='two' substitutionGroup='t:head' type='xs:byte'/>\
         <xs:element name='blocked' type='xs:int' block='substitution'/><xs:element name='three' substitutionGroup='t:blocked'/>\
         <xs:element name='r'><xs:complexType><xs:choice maxOccurs='unbounded'><xs:element name='base' type='t:base'/>\
         <xs:element name='shut' type='t:base' block='extension'/><xs:element ref='t:head'/><xs:element ref='t:blocked'/></xs:choice></xs:complexType></xs:element>",
    );
    let with = |inside: &str| codes(&schema, &format!("{XSI} xmlns:t='urn:t'>{inside}"));
    assert_eq!(
        with("<one>1000</one><two>1</two><base xsi:type='t:own'/><blocked>1</blocked>"),
        NONE
    );
    assert_eq!(with("<two>1000</two>"), ["S03-range"]);
    assert_eq!(
        with("<head>1</head><base/>"),
        ["S04-abstract", "S04-abstract"]
    );
    assert_eq!(
        with("<blocked>1</blocked><three>1</three>"),
        ["S02-unexpected-element"]
    );
    assert_eq!(with("<shut xsi:type='t:own'/>"), ["S04-type"]);
}

#[test]
fn an_element_may_be_nil_have_a_default_or_be_fixed() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:choice maxOccurs='unbounded'>\
         <xs:element name='nil' type='xs:int' nillable='true'/><xs:element name='default' type='xs:int' default='5'/>\
         <xs:element name='fixed' type='xs:decimal' fixed='1.0'/><xs:element name='at'><xs:complexType>\
         <xs:attribute name='f' type='xs:decimal' fixed='2'/></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element>",
    );
    let with = |inside: &str| codes(&schema, &format!("{XSI}>{inside}"));
    assert_eq!(
        with(
            "<nil xsi:nil='true'/><nil>1</nil><default/><fixed/><fixed>01.00</fixed><at f='2.0'/><at/>"
        ),
        NONE
    );
    assert_eq!(with("<nil xsi:nil='true'>1</nil>"), ["S04-nil"]);
    assert_eq!(with("<nil xsi:nil='1'> </nil>"), ["S04-nil"]);
    assert_eq!(with("<nil/>"), ["S03-type"]);
    assert_eq!(with("<default xsi:nil='true'/>"), ["S04-nil"]);
    assert_eq!(
        with("<fixed>2</fixed><at f='3'/>"),
        ["S03-fixed", "S03-fixed"]
    );
    assert!(one("<xs:element name='r' type='xs:int' default='x'/>").is_err());
}

#[test]
fn keys_are_there_once_and_found() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:choice maxOccurs='unbounded'>\
         <xs:element name='k'><xs:complexType><xs:attribute name='n' type='xs:decimal'/></xs:complexType></xs:element>\
         <xs:element name='u' type='xs:int'/><xs:element name='ref' type='xs:decimal'/></xs:choice></xs:complexType>\
         <xs:key name='key'><xs:selector xpath='t:k'/><xs:field xpath='@n'/></xs:key>\
         <xs:unique name='unique'><xs:selector xpath='.//t:u'/><xs:field xpath='.'/></xs:unique>\
         <xs:keyref name='keyref' refer='t:key'><xs:selector xpath='t:ref|t:none'/><xs:field xpath='.'/></xs:keyref></xs:element>",
    );
    assert_eq!(
        codes(
            &schema,
            "><ref>2.0</ref><k n='1'/><k n='2'/><u>1</u><u>2</u>"
        ),
        NONE
    );
    assert_eq!(codes(&schema, "><k n='1'/><k n='01'/>"), ["S05-unique"]);
    assert_eq!(codes(&schema, "><k/>"), ["S05-key"]);
    assert_eq!(codes(&schema, "><u>1</u><u>1</u>"), ["S05-unique"]);
    assert_eq!(codes(&schema, "><k n='1'/><ref>2</ref>"), ["S05-keyref"]);
}

#[test]
fn names_that_mean_elements_are_looked_up() {
    let schema = schema(
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' maxOccurs='unbounded'><xs:complexType>\
         <xs:attribute name='id' type='xs:ID'/><xs:attribute name='to' type='xs:IDREFS'/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>",
    );
    assert_eq!(
        codes(&schema, "><a to='x y'/><a id='x'/><a id='y' to='x'/>"),
        NONE
    );
    assert_eq!(codes(&schema, "><a to='x y x'/><a id='y'/>"), ["S05-idref"]);
}

#[test]
fn groups_attributes_and_wildcards_come_from_elsewhere() {
    let schema = schema(
        "<xs:group name='g'><xs:sequence><xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:int'/></xs:sequence></xs:group>\
         <xs:attributeGroup name='ag'><xs:attribute name='x' type='xs:int'/><xs:attribute ref='t:q'/><xs:anyAttribute namespace='##other' processContents='lax'/></xs:attributeGroup>\
         <xs:attribute name='q' type='xs:int'/>\
         <xs:element name='r'><xs:complexType><xs:sequence><xs:group ref='t:g' maxOccurs='2'/><xs:any namespace='urn:o' minOccurs='0'/></xs:sequence>\
         <xs:attributeGroup ref='t:ag'/></xs:complexType></xs:element>",
    );
    assert_eq!(
        codes(
            &schema,
            " x='1' xmlns:t='urn:t' t:q='2' xmlns:o='urn:o' o:z='3'><a>1</a><b>1</b><a>1</a><b>1</b>"
        ),
        NONE
    );
    assert_eq!(
        codes(
            &schema,
            " xmlns:t='urn:t' t:q='x' z='1' t:z='1'><a>1</a><b>1</b>"
        ),
        [
            "S03-type",
            "S02-unexpected-attribute",
            "S02-unexpected-attribute"
        ]
    );
    // The wildcard is strict: what it lets in must be declared.
    assert_eq!(
        codes(&schema, "><a>1</a><b>1</b><s xmlns='urn:o'/>"),
        ["S02-unexpected-element"]
    );
    assert!(one("<xs:group name='g'><xs:sequence><xs:group ref='t:g'/></xs:sequence></xs:group><xs:element name='r' type='xs:int'/>").is_err());
    assert!(one("<xs:attributeGroup name='g'><xs:attributeGroup ref='t:g'/></xs:attributeGroup><xs:element name='r' type='xs:int'/>").is_err());
}

#[test]
fn a_type_that_is_not_told_takes_anything_it_knows() {
    let schema = schema("<xs:element name='k' type='xs:int'/><xs:element name='r'/>");
    assert_eq!(codes(&schema, " any='1'>text<x><k>1</k></x>"), NONE);
    assert_eq!(codes(&schema, "><x><k>x</k></x>"), ["S03-type"]);
    let with = |inside: &str| {
        codes(
            &schema,
            &format!("{XSI} xmlns:xs='http://www.w3.org/2001/XMLSchema'>{inside}"),
        )
    };
    assert_eq!(with("<x xsi:type='xs:int'>x</x>"), ["S03-type"]);
    assert_eq!(
        with("<k xsi:type='xs:anyType'>x</k>"),
        ["S04-type", "S03-type"]
    );
}

#[test]
fn an_xs_all_may_have_many_members() {
    let members = numbered(300, |number| {
        let least = number % 2;
        format!("<xs:element name='m{number}' type='xs:int' minOccurs='{least}'/>")
    });
    let schema = schema(&format!(
        "<xs:element name='r'><xs:complexType><xs:all>{members}</xs:all></xs:complexType></xs:element>"
    ));
    let all = numbered(300, |number| {
        let number = 299 - number;
        format!("<m{number}>1</m{number}>")
    });
    assert_eq!(codes(&schema, &format!(">{all}")), NONE);
    assert_eq!(
        codes(&schema, &format!(">{}", all.replace("<m299>1</m299>", ""))),
        ["S01-missing-element"]
    );
    assert_eq!(
        codes(&schema, &format!(">{all}<m250>1</m250>")),
        ["S02-repeated"]
    );
}

#[test]
fn files_are_included_imported_and_redefined() {
    let main = format!(
        "<xs:schema {XS} xmlns:o='urn:o' xmlns:t='urn:t' targetNamespace='urn:t' elementFormDefault='qualified'>\
         <xs:import namespace='urn:o' schemaLocation='deep/o.xsd'/><xs:import namespace='http://www.w3.org/XML/1998/namespace'/>\
         <xs:include schemaLocation='chameleon.xsd'/><xs:redefine schemaLocation='old.xsd'><xs:complexType name='c'><xs:complexContent>\
         <xs:extension base='t:c'><xs:sequence><xs:element name='b' type='xs:int'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:redefine>\
         <xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='o:e'/><xs:element name='s' type='t:small'/><xs:element name='c' type='t:c'/></xs:sequence>\
         <xs:attribute ref='xml:lang'/></xs:complexType></xs:element></xs:schema>"
    );
    let chameleon = format!(
        "<xs:schema {XS}><xs:simpleType name='tiny'><xs:restriction base='xs:int'><xs:maxInclusive value='9'/></xs:restriction></xs:simpleType>\
         <xs:simpleType name='small'><xs:restriction base='tiny'/></xs:simpleType></xs:schema>"
    );
    let old = format!(
        "<xs:schema {XS} targetNamespace='urn:t' elementFormDefault='qualified'><xs:complexType name='c'><xs:sequence><xs:element name='a' type='xs:int'/></xs:sequence></xs:complexType></xs:schema>"
    );
    let other = format!(
        "<xs:schema {XS} targetNamespace='urn:o'><xs:element name='e' type='xs:int'/></xs:schema>"
    );
    let all = [
        ("main.xsd", main.as_str()),
        ("chameleon.xsd", &chameleon),
        ("old.xsd", &old),
        ("o.xsd", &other),
    ];
    let schema = files(&all).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let text = |small: &str, inside: &str| {
        format!(
            "<r xmlns='urn:t' xml:lang='en'><e xmlns='urn:o'>1</e><s>{small}</s><c>{inside}</c></r>"
        )
    };
    assert_eq!(found(&schema, &text("9", "<a>1</a><b>1</b>")), NONE);
    assert_eq!(
        found(&schema, &text("10", "<a>1</a>")),
        ["S03-range", "S01-missing-element"]
    );
    let faults = files(&all[..3]).unwrap_err();
    assert!(
        faults[0].what.contains("'deep/o.xsd' is not there"),
        "{faults:#?}"
    );
    let hidden = main.replace(
        "<xs:import namespace='urn:o' schemaLocation='deep/o.xsd'/>",
        "",
    );
    let faults = files(&[("main.xsd", hidden.as_str()), all[1], all[2]]).unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.what.contains("does not import")),
        "{faults:#?}"
    );
}

#[test]
fn a_schema_is_read_past_its_doctype() {
    // As the official schema of XML-DSig begins.
    let text = format!(
        "<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE schema PUBLIC '-//W3C//DTD XMLSchema 200102//EN' 'http://192.0.2.1/x.dtd'\n [\n\
         <!ATTLIST schema xmlns:ds CDATA #FIXED 'urn:ds'>\n<!ENTITY dsig 'urn:ds'>\n<!ENTITY % p ''>\n<!ENTITY % s ''>\n ]>\n\
         <xs:schema {XS} targetNamespace='&dsig;'>\n<xs:element name='r' type='xs:none'/></xs:schema>"
    );
    let faults = files(&[("dsig.xsd", &text)]).unwrap_err();
    assert_eq!(faults[0].line, 10, "lines are those of the file");
    let schema = files(&[("dsig.xsd", &text.replace("xs:none", "xs:int"))]).unwrap();
    assert_eq!(found(&schema, "<r xmlns='urn:ds'>1</r>"), NONE);
    // Documents are not.
    assert_eq!(
        found(&schema, "<!DOCTYPE r><r xmlns='urn:ds'>1</r>"),
        ["X03-doctype"]
    );
}

#[test]
fn a_name_in_a_value_means_what_its_element_declares() {
    let schema = schema(
        "<xs:element name='r'><xs:simpleType><xs:restriction base='xs:QName'><xs:enumeration value='t:a'/></xs:restriction></xs:simpleType></xs:element>",
    );
    assert_eq!(
        found(&schema, "<r xmlns='urn:t' xmlns:p='urn:t'>p:a</r>"),
        NONE
    );
    assert_eq!(
        found(&schema, "<r xmlns='urn:t' xmlns:p='urn:o'>p:a</r>"),
        ["S03-enumeration"]
    );
    assert_eq!(found(&schema, "<r xmlns='urn:t'>q:a</r>"), ["S03-type"]);
}

#[test]
fn types_that_run_in_circles_are_refused() {
    let circle = "<xs:complexType name='a'><xs:complexContent><xs:extension base='t:b'/></xs:complexContent></xs:complexType>\
                  <xs:complexType name='b'><xs:complexContent><xs:extension base='t:a'/></xs:complexContent></xs:complexType><xs:element name='r' type='t:a'/>";
    let faults = one(circle).unwrap_err();
    assert!(
        faults.iter().any(|fault| fault.what.contains("itself")),
        "{faults:#?}"
    );
    let heads = "<xs:element name='r' substitutionGroup='t:s'/><xs:element name='s' substitutionGroup='t:r'/>";
    assert!(one(heads).is_err());
    // A type may hold itself, if not as its base.
    let schema = schema(
        "<xs:complexType name='a'><xs:sequence><xs:element name='a' type='t:a' minOccurs='0'/></xs:sequence></xs:complexType><xs:element name='r' type='t:a'/>",
    );
    assert_eq!(codes(&schema, "><a><a><a/></a></a>"), NONE);
}

#[test]
fn a_wildcard_lets_in_one_id_and_none_beside_another() {
    let schema = |own: &str| {
        schema(&format!(
            "<xs:attribute name='a' type='xs:ID'/><xs:attribute name='b'><xs:simpleType><xs:restriction base='xs:ID'/>\
             </xs:simpleType></xs:attribute><xs:attribute name='c' type='xs:string'/>\
             <xs:element name='r'><xs:complexType><xs:attribute name='own' type='{own}'/><xs:anyAttribute/></xs:complexType></xs:element>"
        ))
    };
    let found = |own: &str, attributes: &str| {
        codes(&schema(own), &format!(" xmlns:t='urn:t' {attributes}>"))
    };
    assert_eq!(found("xs:string", "own='x' t:a='x' t:c='x'"), NONE);
    assert_eq!(found("xs:string", "t:a='x' t:b='y'"), ["S05-id"]);
    assert_eq!(found("xs:ID", "own='x' t:c='x'"), NONE);
    // Whether the other one is there does not matter (cvc-complex-type 5.2).
    assert_eq!(found("xs:ID", "t:b='y'"), ["S05-id"]);
}
