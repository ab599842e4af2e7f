//! Lists, unions, and derivations that cannot be.

use crate::check::schema::values::tests::{
    check_type, compile, refused, refused_type, restriction,
};

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
    let step = |number: u32| {
        format!(
            "<xs:simpleType name='n{number}'><xs:restriction base='t:n{}'/></xs:simpleType>",
            number - 1
        )
    };
    let chain = (1..200).rev().map(step).collect::<Vec<_>>().concat();
    let first = "<xs:simpleType name='n0'><xs:restriction base='xs:int'/></xs:simpleType>";
    let what = compile(&restriction("t:n199", ""), &format!("{chain}{first}")).unwrap_err();
    assert!(what.contains("steps"), "{what}");
    // A union that doubles at each step has more members than anyone could try.
    let doubled = |number: u32| {
        let below = number - 1;
        format!(
            "<xs:simpleType name='n{number}'><xs:union memberTypes='t:n{below} t:n{below}'/></xs:simpleType>"
        )
    };
    let doubling = (1..60).map(doubled).collect::<Vec<_>>().concat();
    let what = compile(&restriction("t:n59", ""), &format!("{first}{doubling}")).unwrap_err();
    assert!(what.contains("members"), "{what}");
}
