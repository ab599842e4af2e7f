//! Receipts against the schema that ships, and against a real drop folder.

use std::fs;
use std::os::unix::fs::MetadataExt;

use serde_json::Value;

use crate::domain::Timestamp;
use crate::domain::account::{AccountCode, AccountId, UserId};
use crate::domain::outcome::{
    Case, DuplicateOf, Finding, Layer, Outcome, Place, Severity, decide, not_processed,
};
use crate::domain::receipt::{Producer, Receipt, Ruleset};
use crate::domain::record::Facts;
use crate::domain::submission::{
    Door, Lane, SessionFacts, Sha256, Status, Submission, SubmissionId, SubmissionNumber,
};
use crate::drop_folder::{DropFolders, DropPath};
use crate::receipts::{Placed, render, schema_check, write};

fn receipt(findings: Vec<Finding>) -> Receipt {
    let sha256 = Sha256::new(&"a".repeat(64)).unwrap();
    let decided: Timestamp = "2026-06-12T10:00:00.123456Z".parse().unwrap();
    let account = AccountId(1);
    let case = Case {
        account,
        door: Door::Sftp,
        sha256: &sha256,
        holder: None,
    };
    Receipt {
        id: "019767a0-0000-7000-8000-000000000001".to_owned(),
        verdict: decide(findings, &case),
        submission: Submission {
            id: SubmissionId(1),
            number: SubmissionNumber::new("SUB-7K2M9QXA").unwrap(),
            account,
            account_code: AccountCode::new("acme").unwrap(),
            account_name: "Acme".to_owned(),
            user: Some(UserId(1)),
            submitted_by: "acme-robot".to_owned(),
            uploaded_by: "Ann Example".to_owned(),
            door: Door::Sftp,
            lane: Lane::Live,
            status: Status::Processing,
            is_held: false,
            attempts: 1,
            file_name: "a.xml".to_owned(),
            path: "/inbox/a.xml".to_owned(),
            size_bytes: 17,
            sha256,
            first_byte: decided,
            complete: decided,
            decided: None,
            given_up: None,
            session: None,
        },
        decided,
        facts: Facts::default(),
        supersedes: None,
        ruleset: Ruleset {
            schema: "ivi.xsd".to_owned(),
            schema_version: "2.0".to_owned(),
            schema_sha256: "b".repeat(64),
            rules_version: "1".to_owned(),
        },
        producer: Producer {
            version: "0.1.0".to_owned(),
            node: "node-1".to_owned(),
        },
    }
}

fn finding(place: Option<Place>) -> Finding {
    Finding {
        code: "S03-pattern",
        severity: Severity::Error,
        layer: Layer::Schema,
        place,
        path: "/A/B[1]".to_owned(),
        value: Some("\u{0}\"<x>\n".to_owned()),
        expected: None,
        message: "Wrong.".to_owned(),
        help: std::borrow::Cow::default(),
    }
}

fn rendered(receipt: &Receipt) -> Value {
    let json = render(receipt);
    assert!(json.starts_with("{\n  \"receipt_version\": \"1\",\n"));
    assert!(json.ends_with("\n}\n"));
    let value: Value = serde_json::from_str(&json).unwrap();
    schema_check::assert_fits(&value);
    value
}

#[test]
fn the_barest_receipt_has_every_field() {
    let value = rendered(&receipt(Vec::new()));
    for absent in ["reason", "session", "duplicate_of", "supersedes"] {
        assert!(value[absent].is_null(), "{absent}");
    }
    assert!(value["document"]["vin"].is_null());
    assert_eq!(value["times"]["decided"], "2026-06-12T10:00:00.123Z");
    assert_eq!(value["submitted_by"], "acme-robot (Ann Example)");
    assert_eq!(value["signature"]["result"], "not-checked");
}

#[test]
fn the_fullest_receipt_follows_the_schema() {
    let place = Some(Place {
        line: 3,
        column: 17,
    });
    let mut full = receipt(vec![finding(place), finding(None)]);
    full.verdict.duplicate_of = Some(DuplicateOf {
        number: SubmissionNumber::new("SUB-22222222").unwrap(),
        decided: full.decided,
        sha256: full.submission.sha256.clone(),
        same_bytes: true,
    });
    full.supersedes = Some(SubmissionNumber::new("SUB-33333333").unwrap());
    full.submission.session = Some(SessionFacts {
        id: "1".to_owned(),
        client: "SSH-2.0-OpenSSH_9.2p1".to_owned(),
        remote_ip: "192.0.2.1".to_owned(),
        key_fingerprint: Some("SHA256:abc".to_owned()),
    });
    full.facts.vin = Some("SXZM1P000T0000001".to_owned());
    full.facts.ivi_version_number = Some(1);
    let value = rendered(&full);
    assert_eq!(value["outcome"], "rejected");
    assert_eq!(value["reason"], "S03");
    assert_eq!(value["counts"]["error"], 2);
    assert!(value["findings"][0]["line"].is_null());
    assert_eq!(value["findings"][1]["column"], 17);
    assert_eq!(value["findings"][1]["value"], "\u{0}\"<x>\n");
}

#[test]
fn every_outcome_is_one_of_the_schemas() {
    let schema = schema_check::shipped();
    let known = schema["properties"]["outcome"]["enum"].as_array().unwrap();
    for outcome in Outcome::ALL {
        assert!(known.contains(&outcome.as_str().into()), "{outcome}");
    }
    let mut held = receipt(Vec::new());
    held.verdict = not_processed("We could not process this file.");
    assert_eq!(rendered(&held)["reason"], "E01");
}

#[test]
fn a_truncated_receipt_says_so() {
    let value = rendered(&receipt((0..300).map(|_| finding(None)).collect()));
    assert_eq!(value["findings"].as_array().unwrap().len(), 200);
    assert_eq!(value["counts"]["truncated"], true);
}

struct Bench {
    root: tempfile::TempDir,
    folders: DropFolders,
}

impl Bench {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folders = DropFolders::open(root.path()).unwrap();
        Self { root, folders }
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.path().join(path)).ok()
    }
}

fn placed(account: &str, path: &str) -> Placed {
    Placed {
        account: AccountCode::new(account).unwrap(),
        number: SubmissionNumber::new("SUB-7K2M9QXA").unwrap(),
        path: path.to_owned(),
        has_drop: true,
        json: "{}\n".to_owned(),
        decided: "2026-06-12T23:59:59.5Z".parse().unwrap(),
    }
}

#[test]
fn a_receipt_lies_beside_its_file_and_below_its_day() {
    let bench = Bench::new();
    for _again in 0..2 {
        let one = [
            placed("acme", "/inbox/a.xml"),
            placed("other", "/test/b.xml"),
        ];
        assert!(write(&bench.folders, &one, &|_| true).is_empty());
        for path in [
            "acme/inbox/a.xml.receipt.json",
            "acme/receipts/2026-06-12/SUB-7K2M9QXA-a.xml.receipt.json",
            "other/test/b.xml.receipt.json",
            "other/receipts/2026-06-12/SUB-7K2M9QXA-b.xml.receipt.json",
        ] {
            assert_eq!(bench.read(path).as_deref(), Some("{}\n"), "{path}");
            let known = fs::metadata(bench.root.path().join(path)).unwrap();
            assert_eq!(known.mtime(), 1_781_308_799, "{path}");
            assert_eq!(known.mode() & 0o777, 0o440, "{path}");
        }
        for folder in ["inbox", "receipts"] {
            let path = bench.root.path().join("acme").join(folder);
            assert_eq!(fs::read_dir(path).unwrap().count(), 1, "{folder}");
        }
    }
}

#[test]
fn a_later_arrivals_place_is_left_free() {
    let bench = Bench::new();
    let one = [placed("acme", "/inbox/a.xml")];
    assert!(write(&bench.folders, &one, &|_| false).is_empty());
    assert_eq!(bench.read("acme/inbox/a.xml.receipt.json"), None);
    let kept = "acme/receipts/2026-06-12/SUB-7K2M9QXA-a.xml.receipt.json";
    assert!(bench.read(kept).is_some());
}

#[test]
fn an_arrival_in_the_moment_of_writing_takes_the_place_back() {
    let bench = Bench::new();
    let asked = std::cell::Cell::new(0);
    let is_latest = |_: &Placed| asked.replace(asked.get() + 1) == 0;
    let one = [placed("acme", "/inbox/a.xml")];
    assert!(write(&bench.folders, &one, &is_latest).is_empty());
    assert_eq!(bench.read("acme/inbox/a.xml.receipt.json"), None);
}

#[test]
fn what_came_by_the_web_is_answered_below_its_day_only() {
    let bench = Bench::new();
    let mut one = placed("acme", "a.xml");
    one.has_drop = false;
    assert!(write(&bench.folders, &[one], &|_| true).is_empty());
    let kept = "acme/receipts/2026-06-12/SUB-7K2M9QXA-a.xml.receipt.json";
    assert!(bench.read(kept).is_some());
    assert_eq!(bench.read("acme/inbox/a.xml.receipt.json"), None);
}

#[test]
fn a_long_name_is_shortened_between_letters() {
    let bench = Bench::new();
    let name = format!("{}.xml", "ä".repeat(125));
    let one = [placed("acme", &format!("/inbox/{name}"))];
    assert!(write(&bench.folders, &one, &|_| true).is_empty());
    let account = AccountCode::new("acme").unwrap();
    let folder = bench.folders.account(&account).unwrap();
    let day = DropPath::from_client("/receipts/2026-06-12/x")
        .unwrap()
        .folder;
    let listed = folder.list(&day).unwrap();
    let (kept, _) = listed.first().unwrap();
    assert!(kept.len() <= 255);
    assert!(kept.starts_with("SUB-7K2M9QXA-ää"));
    assert!(kept.ends_with("ä.receipt.json"));
}

#[test]
fn one_accounts_trouble_is_not_the_others() {
    let bench = Bench::new();
    fs::write(bench.root.path().join("acme"), "a file in the way").unwrap();
    let both = [
        placed("acme", "/inbox/a.xml"),
        placed("other", "/inbox/a.xml"),
    ];
    let unwritten = write(&bench.folders, &both, &|_| true);
    assert_eq!(unwritten.len(), 1);
    assert_eq!(unwritten[0].account.as_str(), "acme");
    assert!(bench.read("other/inbox/a.xml.receipt.json").is_some());
}
