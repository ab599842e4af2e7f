//! Holds the manual pages against the command line and the configuration: nothing may be missing.

use clap::{Command, CommandFactory};

use crate::cli::arguments::Arguments;
use crate::config::Config;

const ECOCD_8: &str = include_str!("../../packaging/man/ecocd.8");
const ECOCD_TOML_5: &str = include_str!("../../packaging/man/ecocd.toml.5");

/// Every command with its words, such as `user key add`.
fn commands(of: &Command, words: &str) -> Vec<(String, Command)> {
    let mut all = Vec::new();
    for below in of
        .get_subcommands()
        .filter(|below| below.get_name() != "help" && !below.is_hide_set())
    {
        let words = format!("{words} {}", below.get_name()).trim().to_owned();
        if below.has_subcommands() {
            all.extend(commands(below, &words));
        } else {
            all.push((words, below.clone()));
        }
    }
    all
}

#[test]
fn the_manual_names_every_command_with_every_option() {
    let all = commands(&Arguments::command(), "");
    assert!(all.len() > 15, "{all:?}");
    for (words, command) in all {
        let entry = format!(".It Cm {words}");
        let is_there = ECOCD_8
            .lines()
            .any(|line| line == entry || line.starts_with(&format!("{entry} ")));
        assert!(is_there, "ecocd.8 has no entry '{entry}'");
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            let is_there = ECOCD_8.contains(&format!("Fl Fl {option}"));
            assert!(
                is_there || option == "help",
                "ecocd.8 says nothing of --{option} ({words})"
            );
        }
    }
}

#[test]
fn the_manual_names_every_setting_with_its_default() {
    let defaults = Config::default();
    for key in Config::keys() {
        let (section, name) = key.split_once('.').unwrap();
        let below = ECOCD_TOML_5
            .split_once(&format!(".Ss [{section}]\n"))
            .and_then(|(_, below)| below.split("\n.Ss ").next())
            .unwrap_or_else(|| panic!("ecocd.toml.5 has no section [{section}]"));
        let value = defaults.shown(&key).unwrap();
        if value == "{}" {
            assert!(ECOCD_TOML_5.contains(&format!(".Ss [{key}]\n")), "{key}");
            continue;
        }
        let value = match value
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
        {
            Some(text) => format!("Qq {text}").trim_end().to_owned(),
            None => value,
        };
        let entry = format!(".It Ic {name} No = {value}");
        assert!(
            below.lines().any(|line| line == entry),
            "ecocd.toml.5 has no '{entry}' in [{section}]"
        );
    }
}

#[test]
fn the_manual_sets_variables_that_exist() {
    for (at, _) in ECOCD_TOML_5.match_indices(".Ev ECOCD__") {
        let name = ECOCD_TOML_5
            .get(at..)
            .unwrap()
            .split_whitespace()
            .nth(1)
            .unwrap()
            .split('=')
            .next()
            .unwrap();
        if name == "ECOCD__" {
            continue;
        }
        let key = name.trim_start_matches("ECOCD__").to_lowercase();
        let key = key.replace("__", ".").replace('_', "-");
        let is_known = Config::keys().contains(&key) || key.starts_with("check.rules.");
        assert!(is_known, "{name}");
    }
}

#[test]
fn the_rules_named_as_examples_exist() {
    const EXAMPLE: &str = include_str!("../../config/ecocd.example.toml");
    for text in [ECOCD_TOML_5, EXAMPLE] {
        let line = text
            .lines()
            .find(|line| line.ends_with(" = \"error\""))
            .unwrap();
        let code = line
            .trim_start_matches(['#', ' '])
            .split(' ')
            .next()
            .unwrap();
        assert!(
            crate::check::rules().any(|rule| rule.code == code),
            "{code}"
        );
    }
}
