//! What loading promises: precedence, the nearest name, and every fault at once.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Config, LogFormat, Problem, RuleSetting};

const EXAMPLE: &str = include_str!("../../../config/ecocd.example.toml");
const INSTALLED: &str = include_str!("../../../config/ecocd.toml");

/// Loads `text` as a file of its own.
fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<Problem>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ecocd.toml");
    std::fs::write(&path, text).unwrap();
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(&path), environment, &["B10-vin-letters", "B20-age"])
}

/// The problems with `text`, each as a person reads it, without the file's folder.
fn problems(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let problems = load(text, environment).expect_err("it has problems");
    let line = |problem: Problem| {
        let line = problem.to_string();
        match line.split_once("ecocd.toml") {
            Some((_, rest)) if line.starts_with('/') => rest.trim_start_matches(", ").to_owned(),
            _ => line,
        }
    };
    problems.into_iter().map(line).collect()
}

/// The example with every setting taken into effect.
fn uncommented() -> String {
    let is_setting = |line: &str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_lowercase()))
    };
    EXAMPLE
        .lines()
        .map(|line| {
            if is_setting(line) {
                line.trim_start_matches('#')
            } else {
                line
            }
        })
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_example_says_every_setting_with_its_default() {
    let text = uncommented();
    assert_eq!(load(&text, &[]).unwrap(), Config::default());
    for key in Config::keys() {
        let (section, name) = key.split_once('.').unwrap();
        let is_there = text
            .split_once(&format!("\n[{section}]"))
            .and_then(|(_, below)| below.split("\n[").next())
            .is_some_and(|below| below.contains(&format!("\n{name} = ")));
        let is_table = text.contains(&format!("\n[{key}]"));
        assert!(is_there || is_table, "the example says nothing of {key}");
    }
}

#[test]
fn the_example_as_it_ships_changes_nothing() {
    assert_eq!(load(EXAMPLE, &[]).unwrap(), Config::default());
}

#[test]
fn the_installed_file_loads() {
    assert_eq!(load(INSTALLED, &[]).unwrap(), Config::default());
    let with_mail: String = INSTALLED
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| rest.starts_with("smtp"))
                .unwrap_or(line)
        })
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(
        problems(&with_mail, &[]),
        [
            "mail.password-file = \"\": must name a file with the password, because mail.smtp names a user"
        ]
    );
}

#[test]
fn the_environment_goes_before_the_file_and_the_file_before_the_defaults() {
    let text = "version = 1\n[sftp]\nlisten = \"127.0.0.1:1\"\nsessions-max = 900\n[log]\nformat = \"json\"\n";
    let environment = [
        ("ECOCD__SERVICE__PUBLIC_URL", "https://ecoc.example"),
        ("ECOCD__SFTP__LISTEN", "127.0.0.1:2"),
        ("ECOCD__SFTP__PASSWORDS", "false"),
        ("ECOCD__DROP_FOLDERS__INCOMPLETE_WAIT", "3m"),
        ("ECOCD__CHECK__RULES__B10_VIN_LETTERS", "off"),
        ("ECOCD__WEB__CONNECTIONS_MAX", "7"),
        ("ECOCD_OTHER", "not ours"),
        ("HOME", "/"),
    ];
    let config = load(text, &environment).unwrap();
    assert_eq!(config.service.public_url, "https://ecoc.example");
    assert_eq!(config.sftp.listen.port(), 2);
    assert!(!config.sftp.passwords);
    assert_eq!(config.sftp.sessions_max, 900);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.drop_folders.incomplete_wait, Duration::from_mins(3));
    assert_eq!(
        config.check.rules.get("B10-vin-letters"),
        Some(&RuleSetting::Off)
    );
    assert_eq!(config.web.connections_max, 7);
    assert_eq!(config.pipeline, Config::default().pipeline);
}

#[test]
fn every_fault_is_told_at_once_with_key_value_and_place() {
    let text = r#"version = 1
[sftp]
lisen = "0.0.0.0:2222"
idle-max = "soon"
sessions-max = 0
passwords = "yes"
[web]
listen = "localhost"
time-zone = "Europe/Lodon"
handles-max = 3
[mail]
smtp = "smtp://mail.example:25"
from = "nobody"
daily-hour = 24
[check]
latin1 = "refused"
depth-max = 3.9
[check.rules]
B10-vin-leters = "error"
B20-age = "fatal"
B10-vin-letters = "off"
[servce]
node = "x"
"#;
    assert_eq!(
        problems(text, &[("ECOCD__PIPELINE__WORKERS", "many")]),
        [
            "line 22: servce: there is no section [servce]; did you mean service?",
            "line 4: sftp.idle-max = \"soon\": is not a length of time: write 30s, 2m, 1h30m or 5d, in quotation marks",
            "line 3: sftp.lisen: is not known in [sftp]; did you mean listen?",
            "line 6: sftp.passwords = \"yes\": must be true or false, without quotation marks",
            "line 17: check.depth-max = 3.9: must be a whole number from 0 to 4294967295, without quotation marks",
            "line 16: check.latin1 = \"refused\": write one of: accept, warn, refuse; did you mean refuse?",
            "line 20: check.rules.B20-age = \"fatal\": write one of: off, info, warning, error",
            "environment variable ECOCD__PIPELINE__WORKERS: pipeline.workers = \"many\": must be a whole number from 0 to 4294967295",
            "line 10: web.handles-max: is not known in [web]; it belongs to [sftp]",
            "line 8: web.listen = \"localhost\": is not an address to listen on: write one with its port, such as 127.0.0.1:2222, 0.0.0.0:2222 (all) or [::]:2222 (all, IPv6 too)",
            "line 19: check.rules.B10-vin-leters: is not the code of a rule; did you mean B10-vin-letters?",
            "line 5: sftp.sessions-max = 0: write a number from 1 to 65535",
            "sftp.sessions-per-account-max = 64: must not be more than sftp.sessions-max",
            "line 12: mail.smtp = \"smtp://mail.example:25\": would send mail unencrypted over the network: write smtp+starttls:// or smtps:// before the host; smtp:// is for this machine only",
            "line 13: mail.from = \"nobody\": 'nobody' is not a mail address: write it like name@example.com",
            "line 14: mail.daily-hour = 24: write a number from 0 to 23",
            "line 9: web.time-zone = \"Europe/Lodon\": is not a time zone that we know: write a name of the IANA table, such as Europe/London",
        ]
    );
}

#[test]
fn an_account_has_room_for_a_channel_in_each_session() {
    let with = |line: &str| problems(&format!("version = 1\n[sftp]\n{line}\n"), &[]);
    for (line, sentence) in [
        (
            "sessions-per-account-max = 200",
            "sftp.channels-per-account-max = 128: must not be less than sftp.sessions-per-account-max",
        ),
        (
            "channels-max = 200",
            "sftp.channels-per-account-max = 128: must not be less than sftp.channels-max",
        ),
        (
            "handles-max = 2000",
            "sftp.handles-per-account-max = 1024: must not be less than sftp.handles-max",
        ),
    ] {
        assert_eq!(with(line), [sentence]);
    }
}

#[test]
fn a_file_must_say_its_version_first() {
    assert_eq!(
        problems("[sftp]\n", &[]),
        [": says no version: begin it with a line 'version = 1', before the first section"]
    );
    assert_eq!(
        problems("version = 2\n", &[]),
        ["line 1: version = 2: is a form of the file that this ecocd does not know; write 1"]
    );
    let all_default = Config::load(None, [], &[]).unwrap();
    assert_eq!(all_default, Config::default());
}

#[test]
fn a_key_outside_its_section_is_sent_home() {
    assert_eq!(
        problems("version = 1\nlisten = \"x\"\n", &[]),
        ["line 2: listen: is not known outside a section; it belongs to [sftp] or [web]"]
    );
    assert_eq!(
        problems("version = 1\nsftp = \"x\"\n", &[]),
        ["line 2: sftp = \"x\": is a section: write [sftp] on a line of its own"]
    );
    assert_eq!(
        problems("version = 1\n", &[("ECOCD__SFTP__LISTEN__PORT", "1")]),
        [
            "environment variable ECOCD__SFTP__LISTEN__PORT: sftp.listen.port = \"1\": must be a text: put it in quotation marks"
        ]
    );
}

#[test]
fn a_table_in_the_place_of_a_value_hides_no_other_fault() {
    assert_eq!(
        problems("version = 1\n[sftp]\nlisten = {}\nhandles-max = 0\n", &[]),
        [
            "line 3: sftp.listen = {…}: must be a text: put it in quotation marks",
            "line 4: sftp.handles-max = 0: write a number from 1 to 10000",
        ]
    );
}

#[test]
fn numbers_texts_and_truth_values_are_not_mixed_up() {
    let text = "version = 1\n[service]\nnode = 7\n[sftp]\npasswords = 1\nhandles-max = \"7\"\nchannels-max = true\nsessions-max = -1\n[mail]\ndaily-hour = 300\n";
    assert_eq!(
        problems(text, &[]),
        [
            "line 3: service.node = 7: must be a text: put it in quotation marks",
            "line 7: sftp.channels-max = true: must be a whole number from 0 to 4294967295, without quotation marks",
            "line 6: sftp.handles-max = \"7\": must be a whole number from 0 to 4294967295, without quotation marks",
            "line 5: sftp.passwords = 1: must be true or false, without quotation marks",
            "line 8: sftp.sessions-max = -1: must be a whole number from 0 to 4294967295, without quotation marks",
            "line 10: mail.daily-hour = 300: must be a whole number from 0 to 255, without quotation marks",
        ]
    );
}

#[test]
fn what_is_not_toml_says_where() {
    let problems = problems("version = 1\n[sftp\n", &[]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("is not TOML"), "{problems:?}");
    assert!(problems[0].contains("line 2"), "{problems:?}");
}

#[test]
fn a_missing_file_is_told_by_its_name() {
    let path = PathBuf::from("/nowhere/ecocd.toml");
    let problems = Config::load(Some(&path), [], &[]).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "/nowhere/ecocd.toml: there is no such file"
    );
}

#[test]
fn no_problem_shows_a_password() {
    let text = "version = 1\n[database]\nurl = \"mysql://ecocd:s3cret@db/ecocd\"\n[mail]\nsmtp = \"smtps://me:s3cret@mail.example\"\n";
    let problems = problems(text, &[]);
    assert_eq!(problems.len(), 2);
    assert!(!problems.concat().contains("s3cret"), "{problems:?}");
}

#[test]
fn paths_lie_in_the_data_folder_and_that_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ecocd.toml");
    std::fs::write(&path, "version = 1\n[service]\ndata = \"data\"\n").unwrap();
    let config = Config::load(Some(&path), [], &[]).unwrap();
    assert_eq!(config.service.data, folder.path().join("data"));
    let keys = config.in_data(&config.sftp.host_keys);
    assert_eq!(keys, folder.path().join("data/host-keys"));
    assert_eq!(config.in_data("/etc/x".as_ref()), PathBuf::from("/etc/x"));
}

#[test]
fn a_file_that_others_may_change_is_doubtful() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ecocd.toml");
    let text = "version = 1\n[database]\nurl = \"postgres://ecocd:s3cret@db/ecocd\"\n";
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
    let config = Config::load(Some(&path), [], &[]).unwrap();
    let doubts: Vec<String> = config
        .doubts(Some(&path), at("2026-06-01"))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(doubts.len(), 2, "{doubts:?}");
    assert!(
        doubts[0].contains("holds a password in the file"),
        "{doubts:?}"
    );
    assert!(!doubts[0].contains("s3cret"), "{doubts:?}");
    assert!(doubts[1].ends_with("can be changed by others than its owner: chmod go-w"));
}

fn at(day: &str) -> crate::domain::Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

#[test]
fn what_time_makes_doubtful_is_told_in_time() {
    let mut config = Config::default();
    let said = |config: &Config, day: &str| -> Vec<String> {
        let doubts = config.doubts(None, at(day));
        doubts.iter().map(ToString::to_string).collect()
    };
    assert_eq!(said(&config, "2027-12-31"), Vec::<String>::new());
    let late = said(&config, "2028-01-01");
    assert!(
        late.len() == 1 && late[0].contains("no days after 2028"),
        "{late:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    config.web.certificate = folder.path().join("web.crt");
    config.service.public_url = "https://ecoc.example".to_owned();
    // The beginning of a certificate that ends on 2027-01-15, as `domain::expiry` reads it.
    let der = [
        &b"\x30\x29\x30\x27\x02\x01\x09\x30\x00\x30\x00\x30\x1e"[..],
        b"\x17\x0d250101000000Z\x17\x0d270115120000Z",
    ];
    let der = der.concat();
    let pem = data_encoding::BASE64.encode(&der);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
    std::fs::write(&config.web.certificate, pem).unwrap();
    assert_eq!(said(&config, "2027-01-01"), Vec::<String>::new());
    let soon = said(&config, "2027-01-02");
    assert!(
        soon.len() == 1 && soon[0].contains("ends on 15 January 2027"),
        "{soon:?}"
    );
    let over = said(&config, "2027-01-16");
    assert!(
        over.len() == 1 && over[0].contains("browsers refuse it"),
        "{over:?}"
    );
}

#[test]
fn mails_that_reach_nobody_are_doubtful_once_the_web_is_open() {
    let mut config = Config::default();
    config.web.listen = "0.0.0.0:443".parse().unwrap();
    let doubts = config.doubts(None, at("2026-06-01"));
    assert!(
        doubts.iter().any(|doubt| doubt.key == "mail.smtp"),
        "{doubts:?}"
    );
    config.mail.smtp = "smtp://mail.example".to_owned();
    let doubts = config.doubts(None, at("2026-06-01"));
    assert!(
        doubts.iter().all(|doubt| doubt.key != "mail.smtp"),
        "{doubts:?}"
    );
}
