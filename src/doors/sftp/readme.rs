//! The two files at the root that tell people and programs what goes where.

use std::sync::Arc;
use std::time::Duration;

use crate::config;
use crate::domain::handing_in::HandingIn;
use crate::domain::receipt::{FILE_NAME_BYTES_MAX, RECEIPT_SUFFIX};

/// `/README.txt`.
pub(super) fn text(settings: &config::Config) -> String {
    let config::Service {
        organisation,
        enquiries,
        public_url,
        ..
    } = &settings.service;
    let file_bytes_max = settings.check.file_bytes_max;
    let wait = settings.drop_folders.incomplete_wait.as_secs();
    let wait_in_session = settings.drop_folders.incomplete_wait_in_session.as_secs();
    format!(
        "\
Electronic certificates of conformity: your drop folder
{organisation}

What goes where
  /inbox     Put your certificates here. What is accepted counts.
  /test      The same checks and the same answers, but nothing is recorded.
  /receipts  All answers of your account, in one folder a day (UTC).
  /tmp       Nothing in here is looked at. Upload here and rename into /inbox when
             complete, if your program wants a folder for that.

What is taken
  Files whose names end in .xml (upper or lower case), one certificate each.
  Other names, and names that begin with a dot, are kept but never looked at:
  upload under such a name and rename when complete, if you like.
  A file may have at most {file_bytes_max} octets, and its name at most {FILE_NAME_BYTES_MAX}.
  Folders cannot be made here.
  A whole certificate is safe on our disk when the end of its upload is answered OK
  (CLOSE); any other file is if your client asked for that before (fsync).

How you get the answer
  For name.xml look for name.xml{RECEIPT_SUFFIX} in the same folder. It appears as a
  whole, mostly within a second; what it says is final. It is JSON: see \"status\",
  \"outcome\", \"message\" and \"findings\". You may remove it.
  A new upload of the same name takes the old answer away; it stays below
  /receipts.

{}Incomplete files
  A certificate is complete when its outermost element is closed. An incomplete one
  waits for the rest: {wait} seconds after its last change, or {wait_in_session} seconds while your
  session is open. Then it is answered as incomplete.

Questions
  {enquiries}
  {public_url}
",
        kept(&settings.drop_folders)
    )
}

/// What goes by itself, and when; nothing if nothing does.
fn kept(settings: &config::DropFolders) -> String {
    let mut sentences = Vec::new();
    if !settings.answered_keep.is_zero() {
        let long = in_words(settings.answered_keep);
        sentences.push(format!(
            "  A file and the answer beside it are removed {long} after the answer.\n"
        ));
    }
    if !settings.receipts_keep.is_zero() {
        let long = in_words(settings.receipts_keep);
        sentences.push(format!(
            "  Answers below /receipts are removed after {long}.\n"
        ));
    }
    if sentences.is_empty() {
        return String::new();
    }
    format!("What is removed\n{}\n", sentences.concat())
}

/// In whole days, or in hours if there are no whole ones.
fn in_words(long: Duration) -> String {
    let hours = long.as_secs().div_ceil(60 * 60);
    match (hours, hours % 24) {
        (1, _) => "an hour".to_owned(),
        (24, _) => "a day".to_owned(),
        (_, 0) => format!("{} days", hours / 24),
        _ => format!("{hours} hours"),
    }
}

/// `/README.txt` for an account that hands in in its own way.
pub(super) fn of_account(text: &Arc<[u8]>, handing_in: &HandingIn) -> Arc<[u8]> {
    if *handing_in == HandingIn::default() {
        return Arc::clone(text);
    }
    let mut text = text.to_vec();
    text.extend_from_slice(b"\nAgreed for your account\n");
    if let Some(marker) = &handing_in.done_marker {
        let marker = marker.as_str();
        let sentence = format!(
            "  A certificate a.xml is taken when its marker has come too: an empty file named\n  \
             a.xml{marker} or a{marker}. Without it, it is answered as incomplete. The marker is\n  \
             removed some time after.\n"
        );
        text.extend_from_slice(sentence.as_bytes());
    }
    if !handing_in.ignored.is_empty() {
        text.extend_from_slice(b"  Names of these forms are never looked at:\n");
        for pattern in &handing_in.ignored {
            text.extend_from_slice(format!("    {}\n", pattern.as_str()).as_bytes());
        }
    }
    text.into()
}

/// `/limits.json`.
pub(super) fn limits(settings: &config::Config) -> String {
    let limits = serde_json::json!({
        "limits_version": "1",
        "file_bytes_max": settings.check.file_bytes_max,
        "file_name_bytes_max": FILE_NAME_BYTES_MAX,
        "file_name_suffix": ".xml",
        "receipt_suffix": RECEIPT_SUFFIX,
        "incomplete_wait_seconds": settings.drop_folders.incomplete_wait.as_secs(),
        "sessions_max": settings.sftp.sessions_per_account_max,
        "handles_per_session_max": settings.sftp.handles_max,
        "answered_keep_seconds": settings.drop_folders.answered_keep.as_secs(),
        "receipts_keep_seconds": settings.drop_folders.receipts_keep.as_secs(),
        "folder_bytes_max": settings.drop_folders.account_bytes_max,
        "folder_files_max": settings.drop_folders.account_files_max,
    });
    format!("{limits:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_programs_read_the_same_limits() {
        let settings = config::Config::default();
        let text = text(&settings);
        assert!(text.contains("1048576 octets") && text.contains("ecocdataenquiries@"));
        assert!(text.lines().all(|line| line.len() <= 90), "{text}");
        let limits: serde_json::Value = serde_json::from_str(&limits(&settings)).unwrap();
        assert_eq!(limits["file_bytes_max"], 1_048_576);
        assert_eq!(limits["answered_keep_seconds"], 0);
    }

    #[test]
    fn what_is_removed_is_said_where_something_is() {
        let mut settings = config::Config::default();
        assert!(!text(&settings).contains("What is removed"));
        settings.drop_folders.answered_keep = Duration::from_hours(30 * 24);
        settings.drop_folders.receipts_keep = Duration::from_hours(400 * 24);
        let text = text(&settings);
        assert!(
            text.contains("removed 30 days after the answer.\n"),
            "{text}"
        );
        assert!(text.contains("below /receipts are removed after 400 days.\n\nIncomplete"));
    }
}
