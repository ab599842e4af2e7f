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

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is done.
    Done,
    /// The answer is "no", or it could not be done.
    No,
    /// The command line makes no sense.
    Usage,
    /// The daemon broke, and logged why.
    Software,
    /// The configuration is wrong.
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

impl Ending {
    /// The exit status.
    const fn status(self) -> u8 {
        match self {
            Self::Done => DONE,
            Self::No => NO,
            Self::Usage => USAGE,
            Self::Software => SOFTWARE,
            Self::Configuration => CONFIGURATION,
        }
    }
}

/// Says on the standard error what went wrong, if something did, and gives the exit status.
pub(crate) fn status(ended: anyhow::Result<Ending>) -> u8 {
    let error = match ended {
        Ok(ending) => return ending.status(),
        Err(error) => error,
    };
    let (ending, sentence) = sentence(&error);
    let mut to = std::io::stderr().lock();
    for line in sentence.lines() {
        // When even this cannot be written there is nobody to tell.
        drop(writeln!(to, "ecocd: {line}"));
    }
    ending.status()
}

/// How a command ended that failed with this error, and what to say.
pub(crate) fn sentence(error: &anyhow::Error) -> (Ending, String) {
    if let Some(Usage(what)) = error.downcast_ref() {
        return (Ending::Usage, format!("{what}\nsee 'ecocd --help'"));
    }
    if let Some(problems) = error.downcast_ref::<Unconfigured>() {
        return (Ending::Configuration, problems.to_string());
    }
    let ending = match error.downcast_ref::<StoreFault>() {
        Some(StoreFault::Unusable(_)) => Ending::Configuration,
        _ => Ending::No,
    };
    (ending, said(error))
}

/// What failed and why, from the outside in. A cause that the words before it tell already is not
/// said again.
pub(crate) fn said(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_error_has_its_exit_status() {
        let status = |error: anyhow::Error| sentence(&error).0.status();
        assert_eq!(status(Usage("no".to_owned()).into()), 64);
        assert_eq!(status(Unconfigured(Vec::new()).into()), 78);
        assert_eq!(status(StoreFault::Unusable("x".to_owned()).into()), 78);
        let away = StoreFault::Away("gone".to_owned());
        let away = anyhow::Error::from(away).context("cannot list");
        assert_eq!(
            sentence(&away),
            (
                Ending::No,
                "cannot list: the database is away: gone".to_owned()
            )
        );
        assert_eq!(status(away), 1);
        let told = anyhow::anyhow!("disk full").context("cannot write a: disk full");
        assert_eq!(said(&told), "cannot write a: disk full");
        assert_eq!(super::status(Ok(Ending::Software)), 70);
        assert_eq!(super::status(Ok(Ending::Done)), 0);
    }
}
