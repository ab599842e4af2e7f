//! The file as a file: its name, its size, whether it is all there.

use crate::check::found::{error, shorten};
use crate::check::xml::chars::is_blank;
use crate::check::{Input, Settings};
use crate::domain::outcome::{Finding, Layer};
use crate::domain::receipt::FILE_NAME_BYTES_MAX;
use crate::domain::submission::GivenUp;

/// The name every file must end in.
const SUFFIX: &str = ".xml";

/// Everything that forbids to read the file at all. Empty if it may be read.
pub(crate) fn check(settings: &Settings, input: Input<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(name_finding(input.name));
    findings.extend(content_finding(settings, input));
    findings
}

fn name_finding(name: &str) -> Option<Finding> {
    let ends_well = name
        .len()
        .checked_sub(SUFFIX.len())
        .and_then(|stem| name.get(stem..))
        .is_some_and(|end| end.eq_ignore_ascii_case(SUFFIX));
    if !ends_well {
        let message = format!(
            "The file name '{}' does not end in {SUFFIX}.",
            shorten(name)
        );
        let help = "Send the certificate as one XML file whose name ends in .xml.";
        return Some(Finding {
            value: Some(shorten(name)),
            expected: Some("a name that ends in .xml".to_owned()),
            ..error("T04-name", Layer::Transport, &message, help)
        });
    }
    if name.len() > FILE_NAME_BYTES_MAX {
        let message = format!("The file name is longer than {FILE_NAME_BYTES_MAX} octets.");
        return Some(Finding {
            value: Some(shorten(name)),
            expected: Some(format!("at most {FILE_NAME_BYTES_MAX} octets")),
            ..error(
                "T04-name",
                Layer::Transport,
                &message,
                "Choose a shorter name.",
            )
        });
    }
    None
}

fn content_finding(settings: &Settings, input: Input<'_>) -> Option<Finding> {
    let size = u64::try_from(input.octets.len()).unwrap_or(u64::MAX);
    let is_too_large = size > settings.file_bytes_max;
    if is_too_large || input.given_up == Some(GivenUp::TooLarge) {
        let most = settings.file_bytes_max;
        let message = format!("The file is larger than {most} octets.");
        return Some(Finding {
            expected: Some(format!("at most {most} octets")),
            ..error(
                "T03-too-large",
                Layer::Transport,
                &message,
                "Send one message a file, without padding.",
            )
        });
    }
    let octets = input
        .octets
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(input.octets);
    if octets.iter().all(|octet| is_blank(*octet)) || input.given_up == Some(GivenUp::Empty) {
        return Some(error(
            "T01-empty",
            Layer::Transport,
            "The file is empty.",
            "Send the file again; check that it was written before it was sent.",
        ));
    }
    let (message, help) = match input.given_up? {
        GivenUp::Incomplete => (
            "The file never became complete: its end did not come.",
            "Send the whole file again.",
        ),
        GivenUp::Unmarked => (
            "The file came, but the marker that says it is complete did not.",
            "Send the file again, and then its marker: an empty file of the same name with the ending \
             that was agreed for this account (README.txt in the drop folder names it).",
        ),
        GivenUp::Empty | GivenUp::TooLarge => return None,
    };
    Some(error("T02-incomplete", Layer::Transport, message, help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tests::settings;

    fn codes(name: &str, octets: &[u8], given_up: Option<GivenUp>) -> Vec<&'static str> {
        let input = Input {
            name,
            octets,
            given_up,
        };
        check(&settings(), input)
            .iter()
            .map(|finding| finding.code)
            .collect()
    }

    #[test]
    fn the_name_must_end_in_xml_and_be_short() {
        for good in [
            "a.xml",
            "A.XML",
            "a b v2.Xml",
            &format!("{}.xml", "a".repeat(196)),
        ] {
            assert!(codes(good, b"<a/>", None).is_empty(), "{good}");
        }
        for bad in [
            "",
            "xml",
            "a.txt",
            "a.xml.exe",
            "a.xml ",
            "é",
            &format!("{}.xml", "a".repeat(197)),
        ] {
            assert_eq!(codes(bad, b"<a/>", None), ["T04-name"], "{bad}");
        }
    }

    #[test]
    fn empty_is_said_before_incomplete() {
        assert_eq!(codes("a.xml", b"", None), ["T01-empty"]);
        assert_eq!(
            codes("a.xml", b" \r\n\t", Some(GivenUp::Incomplete)),
            ["T01-empty"]
        );
        assert_eq!(codes("a.xml", b"\xEF\xBB\xBF\n", None), ["T01-empty"]);
        assert_eq!(
            codes("a.xml", b"<a", Some(GivenUp::Incomplete)),
            ["T02-incomplete"]
        );
    }

    #[test]
    fn the_limit_itself_still_fits() {
        let most = usize::try_from(settings().file_bytes_max).unwrap();
        assert!(codes("a.xml", &vec![b'x'; most], None).is_empty());
        assert_eq!(
            codes("a.xml", &vec![b'x'; most + 1], None),
            ["T03-too-large"]
        );
        assert_eq!(
            codes("a.xml", b"<a", Some(GivenUp::TooLarge)),
            ["T03-too-large"]
        );
    }
}
