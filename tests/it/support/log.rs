//! What the daemon logs in a test: shown when the test fails, and searched for faults at its end.

use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The lines of level ERROR since the last [`begin`].
static ERRORS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Starts collecting; the first call of a process also sets the log up.
pub(crate) fn begin() {
    static SET_UP: OnceLock<()> = OnceLock::new();
    SET_UP.get_or_init(|| {
        let lines = tracing_subscriber::fmt::layer()
            .with_test_writer()
            .with_ansi(false);
        let filter = tracing_subscriber::filter::Targets::new()
            .with_default(Level::WARN)
            .with_target("ecocd", Level::DEBUG);
        let subscriber = tracing_subscriber::registry()
            .with(lines.with_filter(filter))
            .with(Collector);
        tracing::subscriber::set_global_default(subscriber).expect("nobody else sets it");
    });
    errors().clear();
}

/// Takes what was collected.
pub(crate) fn take_errors() -> Vec<String> {
    std::mem::take(&mut *errors())
}

fn errors() -> MutexGuard<'static, Vec<String>> {
    ERRORS.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Collector;

impl<S: Subscriber> Layer<S> for Collector {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR {
            let mut line = Line(event.metadata().target().to_owned());
            event.record(&mut line);
            errors().push(line.0);
        }
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}
