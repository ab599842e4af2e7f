//! What the list shows, as a table for programs.
//!
//! *Trust*: a spreadsheet takes what begins with `=` or the like for a formula, some take the full-width
//! signs for the same, and senders choose names and values; such a value gets an apostrophe before it.

use std::fmt::Write;

use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::domain::Timestamp;
use crate::store::{COUNTED_MAX, Row};
use crate::web::headers::POLICY_DOWNLOAD;
use crate::web::pages::files::wanted::Wanted;
use crate::web::pages::files::whose::Whose;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::{Shared, pages};

/// The first line.
const HEAD: &str = "submission,created,account,vin,ivi_version,stage,type_approval,category,status,outcome,\
    title,lane,door,file_name,size_bytes,sha256,uploaded_by,decided\r\n";

/// GET `/submissions.csv`: the first [`COUNTED_MAX`] rows.
pub(super) async fn csv(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let wanted = Wanted::read(&query);
    if !wanted.errors().is_empty() {
        return Err(Problem::Unreadable);
    }
    let whose = Whose::asked(&view, &visitor, &wanted).await?;
    let filter = wanted.filter(&view, whose, 1);
    let rows = view.deps.store.first_submissions(&filter, COUNTED_MAX);
    let mut text = String::from(HEAD);
    for row in rows.await? {
        line(&mut text, &row);
    }
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        ),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"submissions.csv\""),
        ),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY_DOWNLOAD),
        ),
    ];
    Ok((headers, text).into_response())
}

fn line(text: &mut String, row: &Row) {
    let (submission, facts) = (&row.submission, &row.facts);
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let fact = |fact: &Option<String>| fact.clone().unwrap_or_default();
    let moment = |at: Timestamp| format!("{at:.0}");
    let cells = [
        submission.number.to_string(),
        moment(submission.complete),
        submission.account_code.to_string(),
        fact(&facts.vin),
        number(facts.ivi_version_number),
        number(facts.manufacturer_stage_number),
        fact(&facts.type_approval_number),
        fact(&facts.vehicle_category),
        pages::shown_status(row).to_string(),
        row.outcome
            .map(|outcome| outcome.to_string())
            .unwrap_or_default(),
        fact(&row.title),
        submission.lane.to_string(),
        submission.door.to_string(),
        submission.file_name.clone(),
        submission.size_bytes.to_string(),
        submission.sha256.to_string(),
        submission.uploaded_by.clone(),
        submission.decided.map(moment).unwrap_or_default(),
    ];
    for (place, value) in cells.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "{}", cell(value));
    }
    text.push_str("\r\n");
}

/// A value as RFC 4180 wants it, and such that no spreadsheet takes it for a formula.
fn cell(value: &str) -> String {
    let is_formula =
        value.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']);
    let value = if is_formula {
        format!("'{value}")
    } else {
        value.to_owned()
    };
    if value.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_a_formula_and_none_breaks_its_line() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@SUM(A1)"), "'@SUM(A1)");
        for formula in ["\t=1", "＝1", "＋1", "－1", "＠SUM(A1)"] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        assert_eq!(cell("\n=1"), "\"'\n=1\"");
        assert_eq!(cell("-2,3"), "\"'-2,3\"");
        assert_eq!(cell("a \"b\"\r\nc"), "\"a \"\"b\"\"\r\nc\"");
        assert_eq!(cell("plain.xml"), "plain.xml");
    }
}
