//! The true daemon, driven from outside: by OpenSSH, by programs that drop files, by a browser.
//!
//! Every test that leans on the database runs on SQLite and on PostgreSQL. `tests/run` installs the
//! programs that are needed, and starts the PostgreSQL and the mail server named in the environment.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and shows what it printed when it fails"
)]

#[macro_use]
mod support;

mod browser;
mod clients;
mod command_line;
mod crash;
mod crowds;
mod differential;
mod entry;
mod faults;
mod folder;
mod mail;
mod office;
mod openssh_regress;
mod outage;
mod samples;
mod sftp;
mod sources;
mod ssh_states;
mod suites;
mod ten_faults;
