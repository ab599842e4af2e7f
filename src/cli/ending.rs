//! How a command ended, and the one place where that becomes an exit status.

use std::fmt;
use std::io::Write;

use crate::config::Problem;
use crate::store::StoreFault;

/// Done.
pub(crate) const DONE: u8 = 0;
/// The command answered "no", or could not do it.
pub(crate) const NO: u8 = 1;
/// The command line makes no sense (`EX_USAGE` of sysexits.h).
pub(crate) const USAGE: u8 = 64;
/// A fault of the program itself (`EX_SOFTWARE`).
pub(crate) const SOFTWARE: u8 = 70;
/// The configuration is wrong (`EX_CONFIG`); systemd does not restart the service for it.
pub(crate) const CONFIGURATION: u8 = 78;

/// How a command ended that said itself all that there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is done.
    Done,
    /// The answer is "no", and was printed.
    No,
    /// The daemon broke, and logged why.
    Software,
    /// The configuration is wrong, and why was said.
    Configuration,
}

/// The command line asks for something that makes no sense.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        form.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// The configuration cannot be used.
#[derive(Debug)]
pub(crate) struct Unconfigured(pub(crate) Vec<Problem>);

impl fmt::Display for Unconfigured {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        form.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Unconfigured {}

/// Says on the standard error what went wrong, if something did, and gives the exit status.
pub(crate) fn status(ended: anyhow::Result<Ending>) -> u8 {
    let error = match ended {
        Ok(Ending::Done) => return DONE,
        Ok(Ending::No) => return NO,
        Ok(Ending::Software) => return SOFTWARE,
        Ok(Ending::Configuration) => return CONFIGURATION,
        Err(error) => error,
    };
    let (status, lines) = sentence(&error);
    let mut to = std::io::stderr().lock();
    for line in lines.lines() {
        // When even this cannot be written there is nobody to tell.
        drop(writeln!(to, "ecocd: {line}"));
    }
    status
}

/// The exit status for an error, and what to say.
fn sentence(error: &anyhow::Error) -> (u8, String) {
    if let Some(Usage(what)) = error.downcast_ref() {
        return (USAGE, format!("{what}\nsee 'ecocd --help'"));
    }
    if let Some(problems) = error.downcast_ref::<Unconfigured>() {
        return (CONFIGURATION, problems.to_string());
    }
    let status = match error.downcast_ref::<StoreFault>() {
        Some(StoreFault::Unusable(_)) => CONFIGURATION,
        _ => NO,
    };
    (status, format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_error_has_its_exit_status() {
        let usage = anyhow::Error::from(Usage("no".to_owned()));
        assert_eq!(sentence(&usage).0, USAGE);
        let unconfigured = anyhow::Error::from(Unconfigured(Vec::new()));
        assert_eq!(sentence(&unconfigured).0, CONFIGURATION);
        let unusable = anyhow::Error::from(StoreFault::Unusable("x".to_owned()));
        assert_eq!(sentence(&unusable).0, CONFIGURATION);
        let away = anyhow::Error::from(StoreFault::Away("gone".to_owned())).context("cannot list");
        assert_eq!(
            sentence(&away),
            (NO, "cannot list: the database is away: gone".to_owned())
        );
    }
}
