//! Files made, or broken by chance, to exhaust, to crash, or to slip through.

use crate::check::Schema;
use crate::check::tests::{built_in, codes, index, judged, lead, numbered, sample, sample_text};
use crate::domain::outcome::{Counts, Finding, Layer};

#[test]
fn the_largest_files_are_read_within_their_limits() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml");
    let padded = |size: usize| {
        let comment = size - van.len() - "<!---->".len();
        format!("{van}<!--{}-->", " ".repeat(comment)).into_bytes()
    };
    for (size, expected) in [
        (1_000_000, "accepted"),
        (1_048_576, "accepted"),
        (1_048_577, "T03"),
        (1_500_000, "T03"),
    ] {
        let octets = padded(size);
        assert_eq!(octets.len(), size);
        assert_eq!(
            lead(&judged(&schema, "a.xml", &octets).1).1,
            expected,
            "{size}"
        );
    }
    let axle = van.split_once("<TyreAxleTable>").unwrap().1;
    let rows = axle.split_once("</TyreAxleTable>").unwrap().0;
    let many = van.replacen(rows, &rows.repeat(900_000 / rows.len()), 1);
    assert!(many.len() > 800_000);
    assert_eq!(judged(&schema, "a.xml", many.as_bytes()).1, vec![]);
}

#[test]
fn what_is_made_to_exhaust_is_refused_at_its_limit() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml");
    let nested = format!("{}{}", "<d>".repeat(60_000), "</d>".repeat(60_000));
    let attributes = numbered(20_000, |number| format!(" a{number}=\"1\""));
    let prefixes = numbered(300, |number| format!(" xmlns:p{number}=\"u{number}\""));
    let with = |from: &str, to: &str| van.replacen(from, to, 1);
    for (text, code) in [
        (
            with("<MakeTable>", &format!("<MakeTable>{nested}")),
            "X04-depth",
        ),
        (
            with("<Header>", &format!("<Header{attributes}>")),
            "X04-attributes",
        ),
        (
            with("<Header>", &format!("<Header{prefixes}>")),
            "X04-namespaces",
        ),
        (
            with(
                "<Header>",
                &format!("<Header a=\"{}\">", "x".repeat(800_000)),
            ),
            "X04-attribute-value",
        ),
        (
            with("<Header>", &format!("<{}>", "x".repeat(450_000))),
            "X04-name",
        ),
        (
            with("<Header>", &format!("<Header>{}", "<x/>".repeat(200_001))),
            "X04-elements",
        ),
        (
            with("<Header>", &format!("<Header>{}", "x".repeat(900_000))),
            "X04-text",
        ),
        (
            with(
                "<Header>",
                &format!("<Header{}>", &prefixes.replace(" xmlns", "><a xmlns")),
            ),
            "X04-namespaces",
        ),
    ] {
        let findings = judged(&schema, "a.xml", text.as_bytes()).1;
        assert!(
            codes(&findings).contains(&code),
            "{code}: {:?}",
            codes(&findings).last()
        );
        assert_eq!(lead(&findings).1, "X04");
    }
    let signer = van
        .split_once("<SignerName>")
        .unwrap()
        .1
        .split_once('<')
        .unwrap()
        .0;
    let long = with(signer, &"y".repeat(200_000));
    let findings = judged(&schema, "a.xml", long.as_bytes()).1;
    assert_eq!(codes(&findings), ["S03-length"]);
    assert_eq!(findings[0].value.as_ref().unwrap().chars().count(), 100);
}

/// A small generator: the same numbers on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }
}

#[test]
fn a_sample_cut_anywhere_is_refused() {
    let schema = built_in();
    for row in index("valid") {
        let octets = sample(&format!("valid/{}", row[0]));
        let end = octets.iter().rposition(|octet| *octet == b'>').unwrap();
        for cut in (0..=end).step_by(97) {
            let (_, findings) = judged(&schema, "a.xml", &octets[..cut]);
            assert!(Counts::of(&findings).errors > 0, "{} cut at {cut}", row[0]);
        }
    }
}

#[test]
fn no_change_of_octets_makes_it_panic_or_lose_a_finding_its_place() {
    let schema = built_in();
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let spices: &[&[u8]] = &[
        b"<",
        b">",
        b"&",
        b"&#0;",
        b"]]>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"<?x",
        b"<!DOCTYPE a>",
        b"\0",
        b"\xFF\xFE",
        b"\xC3",
        b"</",
        b"/>",
        b"=\"",
        b"'",
        b" xmlns=''",
        b":",
        b"<a>",
        b"\r",
        b"\xF0\x9D\x84\x9E",
        b" xsi:nil='true'",
        b"\xEF\xBF\xBF",
    ];
    for row in index("valid") {
        let clean = sample(&format!("valid/{}", row[0]));
        for _ in 0..60 {
            let mut octets = clean.clone();
            for _ in 0..=dice.roll(3) {
                let at = dice.roll(octets.len());
                match dice.roll(3) {
                    0 => octets[at] ^= u8::try_from(1 << dice.roll(8)).unwrap(),
                    1 => {
                        let spice = spices[dice.roll(spices.len())];
                        octets.splice(at..at, spice.iter().copied());
                    }
                    _ => {
                        let to = (at + dice.roll(200)).min(octets.len());
                        octets.drain(at..to);
                    }
                }
            }
            let (_, findings) = judged(&schema, "a.xml", &octets);
            for finding in findings {
                assert!(
                    finding
                        .value
                        .is_none_or(|value| value.chars().count() <= 100)
                );
                assert!(!finding.message.is_empty() && finding.code.len() > 4);
                assert!(finding.layer != Layer::Schema || finding.place.is_some());
            }
        }
    }
}

/// The van with `to` in the place of the first `from`.
fn van_with(from: &str, to: &str) -> Vec<u8> {
    let van = sample_text("valid/06-n1-van.xml");
    assert!(van.contains(from), "{from}");
    van.replacen(from, to, 1).into_bytes()
}

/// A file of nearly 1 MB, made so that one careless step costs minutes or gigabytes: what it is, its
/// octets, and the code that must be among its findings; none if nothing is wrong with it.
type Exhausting = (&'static str, Vec<u8>, &'static str);

/// The van with something at the beginning of a group.
fn within(inside: &str) -> Vec<u8> {
    van_with("<MakeTable>", &format!("<MakeTable>{inside}"))
}

/// The van with something in a start tag.
fn header(inside: &str) -> Vec<u8> {
    van_with("<Header>", &format!("<Header{inside}>"))
}

/// `count` times `open`, then `inside`, then `count` end tags of `name`.
fn nest(count: usize, open: &str, inside: &str, name: &str) -> String {
    let (open, close) = (open.repeat(count), format!("</{name}>").repeat(count));
    format!("{open}{inside}{close}")
}

fn past_a_limit() -> Vec<Exhausting> {
    let laughs = numbered(60, |number| {
        let next = number + 1;
        format!(
            "<!ENTITY e{number} \"{}\">",
            format!("&e{next};").repeat(2000)
        )
    });
    let laughs = format!("<!DOCTYPE a [{laughs}]><a>&e0;</a>").into_bytes();
    let attributes = numbered(90_000, |n| format!(" a{n}=\"\""));
    let prefixed = numbered(60_000, |n| format!(" p:a{n}=\"\""));
    let bound = numbered(40_000, |n| format!(" xmlns:p{n}=\"u{n}\""));
    let nested = numbered(30_000, |n| format!("<d xmlns:p{n}='u{n}'>"));
    let long = "x".repeat(900_000);
    vec![
        ("billion laughs", laughs, "X03-doctype"),
        ("depth", within(&nest(90_000, "<d>", "", "d")), "X04-depth"),
        ("attributes", header(&attributes), "X04-attributes"),
        (
            "prefixed attributes",
            header(&format!(" xmlns:p='u'{prefixed}")),
            "X04-attributes",
        ),
        (
            "namespaces on one element",
            header(&bound),
            "X04-namespaces",
        ),
        ("nested namespaces", within(&nested), "X04-namespaces"),
        (
            "a long name",
            van_with("<Header>", &format!("<{long}>")),
            "X04-name",
        ),
        (
            "a long value",
            header(&format!(" a='{long}'")),
            "X04-attribute-value",
        ),
        ("a long text", within(&long), "X04-text"),
        (
            "tags that never end",
            van_with("<Header>", &"<".repeat(900_000)),
            "X04-name",
        ),
    ]
}

fn within_all_limits() -> Vec<Exhausting> {
    let name = "n".repeat(900);
    let deep = nest(
        60,
        &format!("<{name}>"),
        &"<Make a='1'/>x".repeat(50_000),
        &name,
    );
    let transform = "<s:Transform xmlns:s='http://www.w3.org/2000/09/xmldsig#'/>".repeat(10_000);
    let signed = nest(60, &format!("<{name} xmlns=''>"), &transform, &name);
    let signed = van_with(
        "</Signature>",
        &format!("<Object>{signed}</Object></Signature>"),
    );
    let makes = format!("{}<MakeTable>", "<Make/>".repeat(120_000));
    vec![
        (
            "different elements",
            within(&numbered(90_000, |n| format!("<x{n}/>"))),
            "S02-unexpected-element",
        ),
        (
            "one element",
            within(&"<x/>".repeat(190_000)),
            "S02-unexpected-element",
        ),
        (
            "known elements",
            van_with("<MakeTable>", &makes),
            "S02-unexpected-element",
        ),
        (
            "faults below long names",
            within(&deep),
            "S02-unexpected-element",
        ),
        ("long names in a signature", signed, ""),
        (
            "text in pieces",
            within(&"x<!---->".repeat(100_000)),
            "S02-unexpected-text",
        ),
        ("references", within(&"&#x20;".repeat(150_000)), ""),
        ("comments", within(&"<!---->".repeat(120_000)), ""),
        (
            "ends without beginnings",
            within(&"</d>".repeat(200_000)),
            "X01-end-tag",
        ),
    ]
}

/// How many octets the findings take up.
fn octets_of(findings: &[Finding]) -> usize {
    let one = |finding: &Finding| {
        let optional = [&finding.value, &finding.expected];
        let optional: usize = optional.into_iter().flatten().map(String::len).sum();
        finding.path.len() + finding.message.len() + finding.help.len() + optional
    };
    findings.iter().map(one).sum()
}

#[test]
fn a_megabyte_made_to_exhaust_gets_an_answer_of_bounded_size() {
    let schema = built_in();
    let files = past_a_limit().into_iter().chain(within_all_limits());
    for (what, octets, code) in files {
        assert!(
            octets.len() > 380_000 && octets.len() < 1_048_576,
            "{what}: {}",
            octets.len()
        );
        let (_, findings) = judged(&schema, "a.xml", &octets);
        assert!(
            code.is_empty() && Counts::of(&findings).errors == 0
                || codes(&findings).contains(&code),
            "{what}: {:?}",
            findings.iter().take(3).collect::<Vec<_>>()
        );
        assert!(
            findings.len() <= 1_100,
            "{what}: {} findings",
            findings.len()
        );
        let size = octets_of(&findings);
        assert!(size < 3_000_000, "{what}: findings of {size} octets");
    }
}

#[test]
fn what_other_readers_let_slip_is_refused() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml");
    let after = |tail: &str| format!("{van}{tail}").into_bytes();
    let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let root = "<InitialVehicleInformation ";
    for (octets, code) in [
        (van_with("<MakeTable>", "\0<MakeTable>"), "X01-character"),
        (van_with("<MakeTable>", "<Make\0Table>"), "X01-character"),
        (after("\0"), "X01-character"),
        (after("\0<second/>"), "X01-character"),
        (after("<second/>"), "X01-outside-root"),
        (after("text"), "X01-outside-root"),
        (
            van_with("encoding=\"UTF-8\"", "encoding=\"UTF-16\""),
            "N01-contradiction",
        ),
        (
            van_with(
                "<MakeTable>",
                "<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='/etc/passwd'/><MakeTable>",
            ),
            "S02-unexpected-element",
        ),
        (
            van_with(
                root,
                &format!(
                    "{root}{xsi} xmlns:xs='http://www.w3.org/2001/XMLSchema' xsi:type='xs:anyType' "
                ),
            ),
            "S0",
        ),
    ] {
        let (_, findings) = judged(&schema, "a.xml", &octets);
        let found = codes(&findings);
        assert!(
            found.iter().any(|found| found.starts_with(code)),
            "{code}: {found:?}"
        );
        assert!(Counts::of(&findings).errors > 0);
    }
    for bad in [
        &b"\xC0\xAF"[..],
        b"\xED\xA0\x80",
        b"\xF4\x90\x80\x80",
        b"\xE0\x80\x80",
    ] {
        let mut octets = van.clone().into_bytes();
        let at = van.find("<MakeTable>").unwrap();
        octets.splice(at..at, bad.iter().copied());
        assert_eq!(codes(&judged(&schema, "a.xml", &octets).1), ["N01-octets"]);
    }
}

#[test]
fn addresses_and_instructions_are_neither_followed_nor_repeated() {
    let schema = built_in();
    let root = "<InitialVehicleInformation ";
    let xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
    let clean = judged(&schema, "a.xml", &sample("valid/06-n1-van.xml")).1;
    for octets in [
        van_with(
            root,
            &format!(
                "{root}{xsi} xsi:schemaLocation='http://eu.ereg.initialvehicleinformation.v2 http://127.0.0.1:9/x.xsd' "
            ),
        ),
        van_with(
            root,
            &format!("{root}{xsi} xsi:noNamespaceSchemaLocation='file:///etc/passwd' "),
        ),
        van_with(
            root,
            &format!("<?xml-stylesheet type='text/xsl' href='http://127.0.0.1:9/x.xsl'?>{root}"),
        ),
    ] {
        let found = judged(&schema, "a.xml", &octets).1;
        assert_eq!(codes(&found), codes(&clean), "{found:#?}");
    }
    let latin1 = van_with("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"");
    let (reading, _) = judged(&schema, "a.xml", &latin1);
    assert!(
        reading.facts.key().is_some(),
        "read as it says, not as it looks"
    );
}

#[test]
fn a_pattern_that_makes_others_backtrack_is_answered_in_one_pass() {
    let pattern = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='a'><xs:simpleType>\
        <xs:restriction base='xs:string'><xs:pattern value='(([a-z])+.)+[A-Z]([a-z])+'/></xs:restriction>\
        </xs:simpleType></xs:element></xs:schema>";
    let schema = Schema::compile(&[("p.xsd".to_owned(), pattern.as_bytes().to_vec())]).unwrap();
    for letters in [32, 3000, 200_000] {
        let text = format!("<a>{}</a>", "a".repeat(letters));
        let found = judged(&schema, "a.xml", text.as_bytes()).1;
        assert_eq!(codes(&found).first(), Some(&"S03-pattern"));
    }
}
