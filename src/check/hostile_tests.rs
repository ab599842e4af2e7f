//! Files made, or broken by chance, to exhaust, to crash, or to slip through.

use crate::check::tests::{built_in, codes, index, judged, lead, numbered, sample, sample_text};
use crate::domain::outcome::{Counts, Layer};

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
