//! Recognises what is no XML at all, and says what it seems to be.

use crate::check::found::{error, shorten};
use crate::check::xml::chars::is_blank;
use crate::domain::outcome::{Finding, Layer};

/// What some well-known files begin with.
const BEGINNINGS: &[(&str, &str)] = &[
    ("%PDF", "a PDF"),
    ("PK\u{3}\u{4}", "a ZIP archive or an office document"),
    ("{", "JSON"),
    ("[", "JSON"),
    (
        "\u{0}",
        "padding: the content was lost while it was written or sent",
    ),
];

/// The finding and its offset, if the first character that is not blank is no `<`.
pub(crate) fn not_xml(text: &str) -> Option<(Finding, usize)> {
    let at = text.bytes().take_while(|octet| is_blank(*octet)).count();
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with('<') {
        return None;
    }
    let kind = BEGINNINGS
        .iter()
        .find(|(beginning, _)| rest.starts_with(beginning));
    let help = match kind {
        Some((_, kind)) => format!("It looks like {kind}. Send the certificate as an XML file."),
        None => "Send the certificate as an XML file.".to_owned(),
    };
    let first_line: String = rest
        .chars()
        .take_while(|letter| !matches!(letter, '\n' | '\r'))
        .collect();
    let finding = Finding {
        value: Some(shorten(&first_line)).filter(|line| !line.contains('\u{FFFD}')),
        expected: Some("a file that begins with '<'".to_owned()),
        ..error("X01-not-xml", Layer::Xml, "The file is not XML.", help)
    };
    Some((finding, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_xml_is_called_by_its_name() {
        let help = |text| not_xml(text).unwrap().0.help;
        assert!(help("%PDF-1.7\n").contains("PDF"));
        assert!(help("  {\"a\": 1}").contains("JSON"));
        assert!(help("PK\u{3}\u{4}x").contains("ZIP"));
        assert_eq!(help("Dear all,"), "Send the certificate as an XML file.");
        assert!(not_xml(" \n<a/>").is_none());
        assert_eq!(not_xml(" \nprose").unwrap().1, 2);
    }
}
