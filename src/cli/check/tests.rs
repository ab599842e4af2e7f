//! What people and editors see of a verdict.

use super::*;
use crate::domain::outcome::{Layer, Place, Severity};

#[test]
fn a_finding_is_a_line_that_editors_can_jump_to() {
    let finding = Finding {
        code: "S03-pattern",
        severity: Severity::Error,
        layer: Layer::Schema,
        place: Some(Place {
            line: 12,
            column: 8,
        }),
        path: "/A[1]/B[1]".to_owned(),
        value: Some("x\u{1b}".to_owned()),
        expected: None,
        message: "B does not fit".to_owned(),
        help: std::borrow::Cow::default(),
    };
    assert_eq!(
        line("a.xml", &finding),
        [
            "a.xml:12:8: error: B does not fit [S03-pattern]",
            "    at: /A[1]/B[1]",
            "    found: x\\u{1b}"
        ]
    );
}

#[test]
fn receipts_make_one_json_list() {
    let text = list(&["{\n  \"a\": 1\n}".to_owned(), "{}".to_owned()]);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value, serde_json::json!([{"a": 1}, {}]));
    assert_eq!(list(&[]), "[]\n");
}

#[test]
fn a_file_that_is_too_large_is_read_just_far_enough() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.xml");
    std::fs::write(&file, [b'x'; 100]).unwrap();
    assert_eq!(read(&file, 10).unwrap().len(), 11);
    assert_eq!(read(&file, 100).unwrap().len(), 100);
}

#[test]
fn a_good_and_a_bad_file_are_told_apart() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo/samples");
    let schema = daemon::schema(&Config::default().check).unwrap();
    let settings = pipeline::settings(&Config::default().check);
    let mut alone = Alone::new(&schema, &settings, "n", Clock::system()).unwrap();
    let mut tally = Tally::default();
    let mut judged = |name: &str| {
        let octets = std::fs::read(samples.join(name)).unwrap();
        let receipt = alone.judge(LooseFile {
            name,
            path: name,
            octets: &octets,
        });
        tally.count(&receipt);
        lines(&receipt)
    };
    let good = judged("01-m1-petrol.xml");
    assert_eq!(good.last().unwrap(), "01-m1-petrol.xml: accepted");
    let bad = judged("060-wrong-root-no-namespace.xml");
    assert!(
        bad[0].starts_with("060-wrong-root-no-namespace.xml:2:1: error: "),
        "{bad:?}"
    );
    assert!(
        bad.last()
            .unwrap()
            .contains(": rejected, 1 error (X02 Invalid xml)"),
        "{bad:?}"
    );
    let again = judged("01-m1-petrol.xml");
    assert!(
        again.last().unwrap().contains(": duplicate (D02 "),
        "{again:?}"
    );
    assert!(!tally.is_fine());
    assert_eq!(tally.line(), "1 accepted, 2 not accepted\n");
}

/// The folder of documents with what is printed for each.
fn pictures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/terminal")
}

/// What is printed for a document of the folder.
fn picture(name: &str, is_coloured: bool) -> String {
    let schema = daemon::schema(&Config::default().check).unwrap();
    let settings = pipeline::settings(&Config::default().check);
    let mut alone = Alone::new(&schema, &settings, "n", Clock::system()).unwrap();
    let octets = std::fs::read(pictures().join(name)).unwrap();
    let receipt = alone.judge(LooseFile {
        name,
        path: name,
        octets: &octets,
    });
    text(&pictured(&receipt, &octets, Paint { is_coloured }))
}

/// With `ECOCD_WRITE_DOCS=1` what is printed becomes what is expected: look at it before you commit.
#[test]
fn each_finding_is_shown_with_its_line_and_a_mark_under_what_is_meant() {
    let mut wrong = Vec::new();
    let mut names: Vec<String> = std::fs::read_dir(pictures())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "xml"))
        .collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let said = picture(&name, false);
        let expected = pictures().join(&name).with_extension("txt");
        if std::env::var_os("ECOCD_WRITE_DOCS").is_some() {
            std::fs::write(&expected, &said).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(format!("{name}:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let plain = picture("reference.xml", false);
    let coloured = picture("reference.xml", true);
    assert!(
        coloured.starts_with("\u{1b}[1;31merror[X02-root]\u{1b}[0m"),
        "{coloured:?}"
    );
    let mut stripped = String::new();
    for piece in coloured.split('\u{1b}') {
        stripped.push_str(
            piece
                .split_once('m')
                .filter(|_| piece.starts_with('['))
                .map_or(piece, |(_, rest)| rest),
        );
    }
    assert_eq!(stripped, plain);
    assert!(!plain.contains('\u{1b}'));
}
