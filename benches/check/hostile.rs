//! Files of up to one megabyte, made to exhaust whoever reads them.

use crate::documents;

/// Name and octets of each.
#[expect(
    clippy::too_many_lines,
    reason = "one list of files, which is read from top to bottom"
)]
pub(crate) fn files() -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let van = documents::read("06-n1-van.xml")?;
    let signed = documents::read("01-m1-petrol.xml")?;
    let root = van.find("<Header>").unwrap_or_default();
    let head = van.get(..root).unwrap_or_default();
    let put = |before: &str, new: &str| van.replacen(before, &format!("{new}{before}"), 1);
    let in_header = |new: &str| van.replacen("<Header>", &format!("<Header{new}>"), 1);
    let numbered =
        |count: u32, piece: &dyn Fn(u32) -> String| -> String { (0..count).map(piece).collect() };
    let nested = |open: &str, close: &str, count: usize| {
        format!("{}{}", open.repeat(count), close.repeat(count))
    };
    let axle = van
        .split_once("<TyreAxleTable>")
        .and_then(|(_, rest)| rest.split_once("</TyreAxleTable>"))
        .map_or("", |(rows, _)| rows);
    let rows = axle.repeat(900_000 / axle.len().max(1));
    let laughs = numbered(9, &|n| {
        let before = format!("&l{n};").repeat(10);
        format!("<!ENTITY l{} \"{before}\">", n + 1)
    });
    let cases: Vec<(&'static str, String)> = vec![
        (
            "external entity",
            format!("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{van}"),
        ),
        (
            "billion laughs",
            format!("<!DOCTYPE a [<!ENTITY l0 \"ha\">{laughs}]>{van}"),
        ),
        (
            "100,000 elements nested",
            put("<MakeTable>", &nested("<d>", "</d>", 100_000)),
        ),
        (
            "95,000 attributes of one element",
            in_header(&numbered(95_000, &|n| format!(" a{n}=\"\""))),
        ),
        (
            "50,000 prefixed attributes",
            in_header(&format!(
                " xmlns:p=\"u\"{}",
                numbered(50_000, &|n| format!(" p:a{n}=\"\""))
            )),
        ),
        (
            "200 attributes each of 300 elements",
            put(
                "</Header>",
                &format!("<x{}/>", numbered(200, &|n| format!(" a{n}=\"\""))).repeat(300),
            ),
        ),
        (
            "50,000 namespaces on one element",
            in_header(&numbered(50_000, &|n| format!(" xmlns:p{n}=\"u\""))),
        ),
        (
            "15,000 namespaces, nested",
            put("</Header>", &nested("<a xmlns:p=\"u\">", "</a>", 15_000)),
        ),
        (
            "64 namespaces on each of 600 elements",
            put(
                "</Header>",
                &format!("<a{}/>", numbered(64, &|n| format!(" xmlns:p{n}=\"u{n}\""))).repeat(600),
            ),
        ),
        (
            "90,000 unknown elements, all different",
            put("</Header>", &numbered(90_000, &|n| format!("<x{n}/>"))),
        ),
        (
            "190,000 unknown elements, all alike",
            put("</Header>", &"<x/>".repeat(190_000)),
        ),
        (
            "90,000 known elements out of place",
            put("</Header>", &"<Variant/>".repeat(90_000)),
        ),
        (
            "rows with every value wrong",
            put("</TyreAxleTable>", &rows.replace("</", "?</")),
        ),
        (
            "rows out of order, with no end of gaps",
            put("</TyreAxleTable>", &"<TyreAxleGroup/>".repeat(55_000)),
        ),
        (
            "a name of 450,000 octets",
            put("</Header>", &format!("<{}/>", "x".repeat(450_000))),
        ),
        (
            "a value of 900,000 octets",
            put(
                "</Header>",
                &format!("<Variant>{}</Variant>", "x".repeat(900_000)),
            ),
        ),
        (
            "an attribute of 900,000 octets",
            in_header(&format!(" a=\"{}\"", "x".repeat(900_000))),
        ),
        (
            "150,000 references in a value",
            put(
                "</Header>",
                &format!("<Variant>{}</Variant>", "&#120;".repeat(150_000)),
            ),
        ),
        (
            "130,000 comments in a value",
            put(
                "</Header>",
                &format!("<Variant>{}</Variant>", "x<!---->".repeat(110_000)),
            ),
        ),
        (
            "60,000 CDATA sections",
            put(
                "</Header>",
                &format!("<Variant>{}</Variant>", "<![CDATA[x]]>".repeat(60_000)),
            ),
        ),
        (
            "one comment of 900,000 octets",
            put("</Header>", &format!("<!--{}-->", " -".repeat(450_000))),
        ),
        (
            "a number of 900,000 digits",
            put(
                "</MassGroup>",
                &format!("<MassVehicle>{}</MassVehicle>", "9".repeat(900_000)),
            ),
        ),
        (
            "Base64 of 900,000 octets in lines of one",
            signed.replacen(
                "<SignatureValue>",
                &format!("<SignatureValue>{}", "A\n".repeat(400_000)),
                1,
            ),
        ),
        (
            "900,000 blanks between elements",
            put("</Header>", &" \n\t".repeat(300_000)),
        ),
        (
            "900,000 blanks before a date",
            van.replacen(
                "<DateManufactureVehicle>",
                &format!("<DateManufactureVehicle>{}", " ".repeat(900_000)),
                1,
            ),
        ),
        (
            "900,000 carriage returns",
            put("</Header>", &"\r".repeat(900_000)),
        ),
        (
            "a start tag without end",
            format!("{head}<Header {}", "a ".repeat(450_000)),
        ),
        (
            "900,000 times '<'",
            format!("{head}{}", "<".repeat(900_000)),
        ),
        (
            "900,000 times '&'",
            format!("{head}<Header>{}", "&".repeat(900_000)),
        ),
        (
            "a signature with 150,000 elements",
            signed.replacen(
                "<KeyInfo>",
                &format!("<KeyInfo>{}", "<a/>".repeat(150_000)),
                1,
            ),
        ),
        (
            "100,000 ids",
            signed.replacen(
                "<KeyInfo>",
                &format!(
                    "<KeyInfo>{}",
                    numbered(45_000, &|n| format!("<a Id=\"x{n}\"/>"))
                ),
                1,
            ),
        ),
        (
            "NUL after the end",
            format!("{van}{}", "\0".repeat(900_000)),
        ),
    ];
    let mut files: Vec<(&'static str, Vec<u8>)> = cases
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    let wide: Vec<u8> = put("</Header>", &"<x/>".repeat(100_000))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    files.push((
        "UTF-16, 100,000 unknown elements",
        [&b"\xFF\xFE"[..], &wide].concat(),
    ));
    files.push((
        "noise",
        (0..900_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect(),
    ));
    Ok(files)
}
