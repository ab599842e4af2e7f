//! A digest's outcomes as CSV (RFC 4180: commas, quotes doubled, CRLF), safe to open in a spreadsheet.

use crate::domain::harmless::harmless;
use crate::mail::digest::Digest;
use crate::mail::message::{House, link};

/// The names of the columns.
const HEADER: &str = "submission,status,file,vin,title,message,decided,link\r\n";

/// All outcomes of a digest, failures first, whether or not they stand inline.
pub(crate) fn write(digest: &Digest<'_>, house: &House) -> String {
    let mut text = HEADER.to_owned();
    for notice in digest.failed.iter().chain(&digest.accepted) {
        let status = if notice.is_failure {
            "Failed"
        } else {
            "Succeeded"
        };
        let decided = notice.decided.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let cells = [
            notice.submission.as_str(),
            status,
            &notice.file_name,
            notice.vin.as_deref().unwrap_or_default(),
            &notice.title,
            &notice.message,
            &decided,
            &link(house, notice),
        ];
        let cells: Vec<String> = cells.iter().map(|value| cell(value)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A value as a cell. What a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(value: &str) -> String {
    let value = harmless(value);
    let guard = if value.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        "'"
    } else {
        ""
    };
    if value.contains([',', '"']) || value.starts_with(' ') || value.ends_with(' ') {
        format!("\"{guard}{}\"", value.replace('"', "\"\""))
    } else {
        format!("{guard}{value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_never_becomes_a_formula() {
        for (value, written) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (
                "=HYPERLINK(\"http://a\",1)",
                "\"'=HYPERLINK(\"\"http://a\"\",1)\"",
            ),
            ("\t=1", "\\u{9}=1"),
            ("\r\n=1", "\\u{d}\\u{a}=1"),
            ("＝1", "'＝1"),
        ] {
            assert_eq!(cell(value), written, "{value:?}");
        }
    }

    #[test]
    fn commas_quotes_and_line_ends_stay_inside_their_cell() {
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(cell("a\r\nb"), "a\\u{d}\\u{a}b");
        assert_eq!(cell(" a"), "\" a\"");
        assert_eq!(cell("Größe.xml"), "Größe.xml");
        assert_eq!(cell(""), "");
    }
}
