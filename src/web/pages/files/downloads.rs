//! The receipt, and the file as it came, to keep.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::web::Shared;
use crate::web::headers::POLICY_DOWNLOAD;
use crate::web::pages::files::submission::find;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::header_value;

/// The longest name we propose for a file, in letters.
const NAME_MAX: usize = 120;

/// The longest ending that is kept of a name that is cut, in characters.
const ENDING_MAX: usize = 10;

/// GET `/submissions/{number}/receipt`.
pub(crate) async fn receipt(
    State(view): State<Shared>,
    visitor: Visitor,
    number: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let detail = find(&view, &visitor, number).await?;
    let receipt = detail.receipt.ok_or(Problem::NotFound)?;
    let name = format!("{}.receipt.json", detail.row.submission.number);
    Ok(file("application/json", &name, receipt.into()))
}

/// GET `/submissions/{number}/document`.
///
/// Never as XML: a browser must not try to show what a stranger wrote.
pub(crate) async fn document(
    State(view): State<Shared>,
    visitor: Visitor,
    number: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let submission = find(&view, &visitor, number).await?.row.submission;
    let octets = view.deps.store.document(&submission.sha256).await?;
    let octets = octets.ok_or(Problem::NotFound)?;
    let name = file_name(&submission.file_name, submission.number.as_str());
    Ok(file("application/octet-stream", &name, octets.into()))
}

fn file(kind: &'static str, name: &str, content: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_DISPOSITION, disposition(name)),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY_DOWNLOAD),
        ),
    ];
    (headers, content).into_response()
}

/// `attachment` with the name twice, as RFC 6266 asks: for old browsers, and in full.
fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|letter| {
            let is_plain = letter.is_ascii_graphic() && !matches!(letter, '"' | '\\' | '%');
            if is_plain || letter == ' ' {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let text = format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        header_value(name)
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// The sender's name for the file, with everything taken out that a file system or a careless
/// program could stumble over; the submission's number if nothing is left.
fn file_name(sent: &str, number: &str) -> String {
    let is_safe = |letter: &char| letter.is_alphanumeric() || " ._-+()[]@,".contains(*letter);
    let safe: String = sent.chars().filter(is_safe).collect();
    let safe = safe.trim_matches([' ', '.']);
    // A long name keeps its ending: programs open a file by it.
    let (name, ending) = match safe.rsplit_once('.') {
        Some((name, ending)) if ending.chars().count() <= ENDING_MAX => {
            (name, format!(".{ending}"))
        }
        _ => (safe, String::new()),
    };
    let most = NAME_MAX.saturating_sub(ending.chars().count());
    let name: String = name.chars().take(most).collect();
    if safe.is_empty() {
        format!("{number}.xml")
    } else {
        name + &ending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_is_harmless_in_a_download() {
        assert_eq!(file_name("a b (2).xml", "N"), "a b (2).xml");
        assert_eq!(file_name("../../etc/passwd", "N"), "etcpasswd");
        assert_eq!(file_name("a\u{202e}lmx.exe\r\n\"x", "N"), "almx.exex");
        assert_eq!(file_name("...", "N"), "N.xml");
        assert_eq!(file_name(&"ü".repeat(500), "N").chars().count(), NAME_MAX);
        let long = file_name(&format!("{}.xml", "ü".repeat(500)), "N");
        assert_eq!(long.chars().count(), NAME_MAX);
        assert!(long.ends_with("ü.xml"), "{long}");
    }

    #[test]
    fn the_name_stands_in_the_header_twice() {
        assert_eq!(
            disposition("Übersicht \"1\".xml"),
            "attachment; filename=\"_bersicht _1_.xml\"; filename*=UTF-8''%C3%9Cbersicht%20%221%22.xml"
        );
    }
}
