//! The strict reader against documents that are and are not well formed.

use std::fmt::Write;

use super::*;
use crate::check::path::Path;
use crate::check::tests::numbered;

fn limits() -> Limits {
    Limits {
        depth: 5,
        attributes: 4,
        namespaces: 6,
        name_bytes: 20,
        text_bytes: 40,
        attribute_bytes: 90,
        elements: 50,
    }
}

/// Reads to the end, or to the fault's code.
fn read(text: &str) -> Result<String, &'static str> {
    let mut reader = Reader::new(text, limits());
    let mut seen = String::new();
    let mut path = Path::default();
    loop {
        let event = reader.next().map_err(|fault| fault.code)?;
        if !reader.text().is_empty() {
            let _ = write!(seen, "'{}'", reader.text().escape_debug());
        }
        match event {
            Event::Start(tag) => {
                path.enter(tag.local, 0);
                let _ = write!(seen, "<{}", tag.local);
                if !reader.uri(tag.namespace).is_empty() {
                    let _ = write!(seen, "{{{}}}", reader.uri(tag.namespace));
                }
                for attribute in reader.attributes() {
                    let uri = reader.uri(attribute.namespace);
                    let _ = write!(seen, " {uri}:{}={}", attribute.local, attribute.value);
                }
                seen.push('>');
            }
            Event::End { .. } => {
                path.leave();
                seen.push_str("</>");
            }
            Event::Done => return Ok(seen),
        }
    }
}

#[test]
fn text_is_joined_across_comments_sections_and_references() {
    assert_eq!(
        read("<a>1<!-- x -->2<![CDATA[<3>&amp;]]>&#x34;&amp;<?p i?>\r\n5\r6</a>").unwrap(),
        "<a>'12<3>&amp;4&\\n5\\n6'</>"
    );
    assert_eq!(read("<a>&#13;</a>").unwrap(), "<a>'\\r'</>");
    assert_eq!(read("<a> <b/> x</a>").unwrap(), "<a>' '<b></>' x'</>");
}

#[test]
fn namespaces_are_resolved_where_they_hold() {
    assert_eq!(
        read("<a xmlns='u' p:x='1' y='2' xmlns:p='v'><p:b/><c xmlns=''/><d/></a>").unwrap(),
        "<a{u} v:x=1 :y=2><b{v}></><c></><d{u}></></>"
    );
    assert_eq!(
        read("<a xml:lang='en'/>").unwrap(),
        "<a http://www.w3.org/XML/1998/namespace:lang=en></>"
    );
}

#[test]
fn what_is_well_formed_is_read() {
    for good in [
        "<a/>",
        "<?xml version='1.0'?><a/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>\n<!-- - x --><?go on?>\n<a></a >\n<!----><?x?>",
        "<a b='>' c=\"'\" d='\"'/>",
        "<a\n b\t=\r'1'\n/>",
        "<é名/>",
        "<a>]] > ]]&gt; &lt;</a>",
        "<a><![CDATA[]]]]><![CDATA[>]]></a>",
        "<a>\u{85}\u{2028}\u{FFFD}\u{10FFFF}</a>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    ] {
        assert!(read(good).is_ok(), "{good}: {:?}", read(good));
    }
}

/// Documents that are not well formed, or refused, with the code of the fault.
const REFUSED: &[(&str, &str)] = &[
    ("X01-unclosed", "<a><b></b>"),
    ("X01-unclosed", "<a"),
    ("X01-unclosed", "<a><!-- "),
    ("X01-unclosed", "<a><![CDATA[ "),
    ("X01-unclosed", "<a b='"),
    ("X01-unclosed", "<?xml version='1.0'"),
    ("X01-end-tag", "<a></b>"),
    ("X01-end-tag", "<a></a></a>"),
    ("X01-end-tag", "<a></a b='1'>"),
    ("X01-end-tag", "<a></ a>"),
    ("X01-outside-root", "<a/><b/>"),
    ("X01-outside-root", "<a/>x"),
    ("X01-outside-root", "<a/>&amp;"),
    ("X01-outside-root", "<a/><![CDATA[]]>"),
    ("X01-outside-root", "\u{A0}<a/>"),
    ("X01-no-root", "<!-- nothing -->"),
    ("X01-declaration", " <?xml version='1.0'?><a/>"),
    ("X01-declaration", "<a/><?xml version='1.0'?>"),
    (
        "X01-declaration",
        "<?xml version='1.0'?><?xml version='1.0'?><a/>",
    ),
    ("X01-declaration", "<?xml ?><a/>"),
    ("X01-instruction", "<?XML version='1.0'?><a/>"),
    ("X01-instruction", "<? x?><a/>"),
    ("X01-instruction", "<a><?1?></a>"),
    ("X01-comment", "<a><!-- -- --></a>"),
    ("X01-comment", "<a><!-- ---></a>"),
    ("X01-text", "<a>]]></a>"),
    ("X01-reference", "<a>&nbsp;</a>"),
    ("X01-reference", "<a>&</a>"),
    ("X01-reference", "<a>& b;</a>"),
    ("X01-reference", "<a>&&amp;</a>"),
    ("X01-reference", "<a>&#0;</a>"),
    ("X01-reference", "<a>&#xFFFF;</a>"),
    ("X01-reference", "<a b='&'/>"),
    ("X01-reference", "<a b='&x;'/>"),
    ("X01-character", "<a>\u{1}</a>"),
    ("X01-character", "<a>\0</a>"),
    ("X01-character", "<a/>\0\0\0"),
    ("X01-character", "<a b='\u{FFFE}'/>"),
    ("X01-character", "<a><!-- \u{B} --></a>"),
    ("X01-name", "<1/>"),
    ("X01-name", "< a/>"),
    ("X01-name", "<>"),
    ("X01-name", "<a:b:c/>"),
    ("X01-name", "<:a/>"),
    ("X01-name", "<a/b>"),
    ("X01-name", "<a =''/>"),
    ("X01-name", "<a 1=''/>"),
    ("X01-attribute", "<a b/>"),
    ("X01-attribute", "<a b=1/>"),
    ("X01-attribute", "<a b='1'c='2'/>"),
    ("X01-attribute", "<a b='1' b='2'/>"),
    ("X01-attribute", "<a b='<'/>"),
    ("X01-attribute", "<a xmlns='u' xmlns='u'/>"),
    (
        "X01-attribute",
        "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
    ),
    ("X01-namespace", "<p:a/>"),
    ("X01-namespace", "<a p:b='1'/>"),
    ("X01-namespace", "<a xmlns:p=''/>"),
    ("X01-namespace", "<a xmlns:xmlns='u'/>"),
    ("X01-namespace", "<a xmlns:xml='u'/>"),
    (
        "X01-namespace",
        "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
    ),
    (
        "X01-namespace",
        "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
    ),
    ("X01-namespace", "<a><b xmlns:p='u'/><p:c/></a>"),
    ("X01-markup", "<a><!x></a>"),
    ("X01-markup", "<a><![cdata[x]]></a>"),
    ("X03-doctype", "<!DOCTYPE a><a/>"),
    ("X03-doctype", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    ("X03-doctype", "<!DOCTYPE a ["),
    ("X03-doctype", "<a/><!DOCTYPE a>"),
];

#[test]
fn what_is_not_well_formed_is_refused() {
    for (code, bad) in REFUSED {
        assert_eq!(read(bad), Err(*code), "{bad:?}");
    }
}

#[test]
fn limits_hold_and_what_stands_at_them_is_read() {
    let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(read(&nested(5)).is_ok());
    assert_eq!(read(&nested(6)), Err("X04-depth"));
    assert!(read("<a b='' c='' d='' e=''/>").is_ok());
    assert_eq!(read("<a b='' c='' d='' e='' f=''/>"), Err("X04-attributes"));
    assert_eq!(
        read("<a b='' c='' d='' e='' xmlns=''/>"),
        Err("X04-attributes")
    );
    let long = "n".repeat(20);
    assert!(read(&format!("<{long}/>")).is_ok());
    assert_eq!(read(&format!("<{long}n/>")), Err("X04-name"));
    assert!(read(&format!("<a>{}</a>", "<b/>".repeat(49))).is_ok());
    assert_eq!(
        read(&format!("<a>{}</a>", "<b/>".repeat(50))),
        Err("X04-elements")
    );
}

#[test]
fn limits_of_text_and_values_count_octets_however_they_are_pieced_together() {
    let forty = "é".repeat(20);
    for (fits, past) in [
        (forty.clone(), format!("{forty}x")),
        (
            format!("<![CDATA[{forty}]]>"),
            format!("<![CDATA[{forty}]]>x"),
        ),
        (
            format!("{}&amp;", "x".repeat(39)),
            format!("{}&amp;", "x".repeat(40)),
        ),
        (
            format!("{forty}<!--{forty}--><?p {forty}?>"),
            format!("{forty}<!---->x"),
        ),
        (format!("{forty}<b/>{forty}"), format!("<b/>{forty}x")),
    ] {
        assert!(read(&format!("<a>{fits}</a>")).is_ok(), "{fits}");
        assert_eq!(read(&format!("<a>{past}</a>")), Err("X04-text"), "{past}");
    }
    let value = "v".repeat(90);
    assert!(read(&format!("<a b='{value}'/>")).is_ok());
    for bad in [
        format!("<a b='{value}v'/>"),
        format!("<a xmlns='{value}v'/>"),
    ] {
        assert_eq!(read(&bad), Err("X04-attribute-value"));
    }
}

#[test]
fn limits_of_namespaces_count_what_is_bound_and_what_was_ever_named() {
    // Five levels, of which the last one binds two more.
    let nested = |last: &str| {
        let open = numbered(4, |number| format!("<a xmlns:p{number}='u{number}'>"));
        format!("{open}<b {last}/>{}", "</a>".repeat(4))
    };
    assert!(read(&nested("xmlns:x='x' xmlns:y='y'")).is_ok());
    assert!(
        read(&nested(
            "xmlns:x='u1' xmlns:y='u1' xmlns:xml='http://www.w3.org/XML/1998/namespace'"
        ))
        .is_err(),
        "seven prefixes, though xml is among them"
    );
    assert_eq!(
        read(&nested("xmlns:x='x' xmlns:y='y' xmlns:z='z'")),
        Err("X04-namespaces")
    );
    let beside = |count: u32| {
        let rows = numbered(count, |number| format!("<b xmlns='u{number}'/>"));
        format!("<a>{rows}</a>")
    };
    assert!(read(&beside(6)).is_ok());
    assert_eq!(read(&beside(7)), Err("X04-namespaces"));
}

#[test]
fn a_fault_stands_where_it_is() {
    let at = |text: &str| {
        let mut reader = Reader::new(text, limits());
        loop {
            match reader.next() {
                Ok(Event::Done) => panic!("{text} is well formed"),
                Ok(_) => {}
                Err(fault) => return fault.at,
            }
        }
    };
    assert_eq!(at("<a>x]]></a>"), 4);
    assert_eq!(at("<a b='1' c=2/>"), 9);
    assert_eq!(at("<a>x&y;</a>"), 4);
    assert_eq!(at("<a>x\u{1}</a>"), 4);
    assert_eq!(at("<a/> x"), 5);
    assert_eq!(at("<a><b>"), 6);
}
