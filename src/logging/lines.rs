//! The form of a line for people: time, level, a message that reads alone, then fields.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_log::NormalizeEvent;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Who reads the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Somebody at a terminal or in a file.
    People,
    /// The journal: it knows the time, and takes the level as `<6>` before the line.
    Journal,
}

/// Writes events as lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines(pub(crate) Style);

/// Writes the fields of spans as those of events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        // Records of libraries that use `log` carry their true place in fields.
        let normal = event.normalized_metadata();
        let metadata = normal.as_ref().unwrap_or_else(|| event.metadata());
        let level = *metadata.level();
        match self.0 {
            Style::Journal => write!(to, "<{}>", priority(level))?,
            Style::People => {
                let (before, after) = colours(level, to.has_ansi_escapes());
                write!(to, "{} {before}{level:>5}{after} ", now()?)?;
            }
        }
        let mut text = Text::default();
        event.record(&mut text);
        write!(to, "{}{}", text.message, text.fields)?;
        for span in context.event_scope().into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                to.write_str(&fields.fields)?;
            }
        }
        if !metadata.target().starts_with("ecocd") {
            write!(to, " from={}", escaped(metadata.target()))?;
        }
        writeln!(to)
    }
}

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(&self, mut to: Writer<'writer>, fields: R) -> fmt::Result {
        let mut text = Text::default();
        fields.record(&mut text);
        to.write_str(&text.fields)
    }
}

/// The moment in UTC, to the millisecond: more digits only make lines longer.
fn now() -> Result<String, fmt::Error> {
    let mut text = String::new();
    SystemTime.format_time(&mut Writer::new(&mut text))?;
    Ok(match text.split_once('.') {
        Some((seconds, rest)) => {
            let millis: String = rest.chars().take(3).collect();
            format!("{seconds}.{millis}Z")
        }
        None => text,
    })
}

/// The level in the numbers of syslog.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

/// What goes before and after the level on a terminal.
fn colours(level: Level, has_colours: bool) -> (&'static str, &'static str) {
    if !has_colours {
        return ("", "");
    }
    let before = match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[2m",
    };
    (before, "\x1b[0m")
}

/// An event's message and its other fields, each with a blank before it.
#[derive(Debug, Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }
}

impl Text {
    fn put(&mut self, name: &str, value: &str) {
        if name == "message" {
            self.message = escaped(value);
        } else if !name.starts_with("log.") {
            // Writing to a String cannot fail.
            let _ = write!(self.fields, " {name}={}", quoted(value));
        }
    }
}

/// A field's value; in quotation marks if one could not see where it ends.
fn quoted(value: &str) -> String {
    let is_quoted = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    let is_plain = !value.is_empty() && !value.contains([' ', '"', '=']);
    if is_quoted || is_plain {
        escaped(value)
    } else {
        format!("\"{}\"", escaped(&value.replace('"', "\\\"")))
    }
}

/// The text with all that could end a line, move the cursor or turn the reading direction escaped.
fn escaped(text: &str) -> String {
    let is_unsafe = |letter: char| {
        letter.is_control()
            || matches!(
                letter,
                '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
            )
            || ('\u{202a}'..='\u{202e}').contains(&letter)
            || ('\u{2066}'..='\u{2069}').contains(&letter)
    };
    if !text.contains(is_unsafe) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_unsafe(letter) {
            safe.extend(letter.escape_default());
        } else {
            safe.push(letter);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt;

    /// Keeps what is written.
    #[derive(Debug, Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(octets);
            Ok(octets.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(style: Style, say: impl FnOnce()) -> String {
        let kept = Kept::default();
        let to = kept.clone();
        let layer = tracing_subscriber::fmt::layer()
            .event_format(Lines(style))
            .fmt_fields(Fields)
            .with_ansi(false)
            .with_writer(move || to.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), say);
        String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_line_says_time_level_message_and_fields() {
        let line = logged(Style::People, || {
            let span = tracing::info_span!("session", session = "s1");
            let _inside = span.enter();
            tracing::info!(account = %"acme", size_bytes = 17, "received a.xml");
        });
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{line}");
        assert_eq!(time.len(), "2026-01-01T00:00:00.000Z".len());
        assert_eq!(
            rest,
            " INFO received a.xml account=acme size_bytes=17 session=s1\n"
        );
    }

    #[test]
    fn nobody_outside_can_write_a_line_of_ours() {
        let line = logged(Style::Journal, || {
            let name = "a\r\n2026 INFO all is well\u{1b}[2J\u{202e}lmx.";
            tracing::warn!(name = %name, empty = "", "refused {name}");
        });
        assert_eq!(line.lines().count(), 1);
        assert!(line.starts_with("<4>refused a\\r\\n2026 INFO all is well\\u{1b}[2J\\u{202e}lmx."));
        assert!(line.contains(" empty=\"\""), "{line}");
        assert!(!line.contains('\u{1b}'));
    }

    #[test]
    fn a_library_is_named() {
        let line = logged(Style::Journal, || {
            tracing::warn!(target: "library::part", "odd");
        });
        assert_eq!(line, "<4>odd from=library::part\n");
    }
}
