//! The log: format, level, and what must never be in it.
//!
//! *Invariant*: no secret and no document content in any line. Rooms keep to it by what they log;
//! here, libraries are capped at warnings (below them they tell what clients sent), and every
//! control character is escaped, so that nobody outside can write a line of ours.
//!
//! Everything goes to the standard error, and so to the journal when systemd runs us.

mod lines;

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt};

use crate::config::{self, Log, LogFormat, LogLevel};
use lines::{Fields, Lines, Style};

/// A log for the time until the configuration is read, on this thread only; it ends when dropped.
#[must_use]
pub fn early() -> DefaultGuard {
    Registry::default()
        .with(text().with_filter(capped(&Log::default())))
        .set_default()
}

/// Begins the log that the configuration asks for. Does nothing if one was begun before, as when
/// a test starts a second daemon in its process.
pub fn start(settings: &Log) {
    let layer = match settings.format {
        LogFormat::Text => text(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_writer(std::io::stderr)
            .boxed(),
    };
    let begun = Registry::default()
        .with(layer.with_filter(capped(settings)))
        .try_init();
    if begun.is_err() {
        tracing::debug!("the log was begun before; it stays as it is");
    }
}

/// Begins a log of warnings only, for commands that answer on the standard output.
pub fn start_quietly() {
    start(&Log {
        format: LogFormat::Text,
        level: "warn".to_owned(),
    });
}

/// Lines for people, or for the journal, which has its own clock and colours.
fn text() -> Box<dyn Layer<Registry> + Send + Sync> {
    let style = if goes_to_journal() {
        Style::Journal
    } else {
        Style::People
    };
    let layer = fmt::layer()
        .event_format(Lines(style))
        .fmt_fields(Fields)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        // Coloured unless NO_COLOR says otherwise, which the layer looks at itself.
        layer.boxed()
    } else {
        layer.with_ansi(false).boxed()
    }
}

/// Is the standard error a stream of the journal? A service's is a socket, a person's is not.
fn goes_to_journal() -> bool {
    let is_socket = rustix::fs::fstat(std::io::stderr()).is_ok_and(|facts| {
        rustix::fs::FileType::from_raw_mode(facts.st_mode) == rustix::fs::FileType::Socket
    });
    is_socket
        && config::environment()
            .iter()
            .any(|(name, _)| name == "JOURNAL_STREAM")
}

/// What passes: our own lines as configured, those of libraries from warnings up.
///
/// All but the SSH library's, unless asked for: it calls an error what any peer can send, a line a
/// message. What ends a session is said once, by the door.
fn capped(settings: &Log) -> Targets {
    let mut targets = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("russh", LevelFilter::OFF);
    for (place, level) in settings.directives().unwrap_or_default() {
        let filter = match level {
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
            LogLevel::Trace => LevelFilter::TRACE,
        };
        targets = match place {
            Some(place) => targets.with_target(place, filter),
            None => targets
                .with_default(filter.min(LevelFilter::WARN))
                .with_target("ecocd", filter),
        };
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    fn passes(level: &str, place: &str, of: Level) -> bool {
        let settings = Log {
            format: LogFormat::Text,
            level: level.to_owned(),
        };
        capped(&settings).would_enable(place, &of)
    }

    #[test]
    fn libraries_say_warnings_at_most() {
        assert!(passes("trace", "ecocd::doors", Level::TRACE));
        assert!(passes("trace", "library::part", Level::WARN));
        assert!(!passes("trace", "library::part", Level::INFO));
        assert!(!passes("error", "library::part", Level::WARN));
        assert!(!passes("library=debug", "library::part", Level::INFO));
        assert!(!passes("info", "russh", Level::ERROR));
    }

    #[test]
    fn one_part_can_say_more() {
        let level = "warn,ecocd::doors=debug";
        assert!(passes(level, "ecocd::doors::sftp", Level::DEBUG));
        assert!(passes(level, "ecocd::mail", Level::WARN));
        assert!(!passes(level, "ecocd::mail", Level::INFO));
    }
}
