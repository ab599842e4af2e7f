//! Programs of the system, run to their end.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a program said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    /// Did it end with status 0?
    pub(crate) is_success: bool,
    /// The exit status, if it was not killed.
    pub(crate) status: Option<i32>,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
}

impl Said {
    /// Fails the test unless the program succeeded.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert!(self.is_success, "{self:#?}");
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            is_success: output.status.success(),
            status: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs `command` to its end, with `input` on its standard input.
#[track_caller]
pub(crate) fn run(command: &mut Command, input: &str) -> Said {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; tests/run installs what is missing"));
    let mut stdin = child.stdin.take().expect("piped");
    // A program may end without reading all of it; its status says whether that was right.
    let _closed_early = stdin.write_all(input.as_bytes());
    drop(stdin);
    child
        .wait_with_output()
        .expect("its output can be read")
        .into()
}

/// Python with paramiko, about to run a script of this repository.
pub(crate) fn python(script: &str) -> Command {
    let mut python = Command::new(of_repository("target/tools/python/bin/python3"));
    python.arg(of_repository(script));
    python
}

/// A file of this repository.
pub(crate) fn of_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A variable that `tests/run` sets.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own settings come from tests/run by the environment"
)]
#[track_caller]
pub(crate) fn from_runner(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: start the tests by tests/run, which sets it")
    })
}

/// Did `tests/run --full` ask for what takes long?
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own settings come from tests/run by the environment"
)]
pub(crate) fn is_full_run() -> bool {
    std::env::var("ECOCD_TEST_FULL").is_ok()
}

/// A number that somebody wished for by the environment, if any.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own settings come by the environment"
)]
#[track_caller]
pub(crate) fn number_wished(name: &str) -> Option<u64> {
    let wish = std::env::var(name).ok()?;
    Some(
        wish.parse()
            .unwrap_or_else(|_| panic!("{name}={wish} is no number")),
    )
}

/// Does this machine lack a power that only root has, and not in every container? `tests/run` tried,
/// and said so. A test that needs it is then left out.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own settings come from tests/run by the environment"
)]
pub(crate) fn machine_lacks(power: &str) -> bool {
    let lacking = std::env::var("ECOCD_TEST_LACKS").unwrap_or_default();
    let is_lacking = lacking.split_whitespace().any(|word| word == power);
    if is_lacking {
        println!("NOT CHECKED: this machine lacks the power '{power}'");
    }
    is_lacking
}
