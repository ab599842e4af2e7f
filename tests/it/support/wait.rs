//! The one way of waiting: look again and again for a state, up to a limit, and say what was missing.

use std::time::{Duration, Instant};

/// How long a test waits for anything that should come at once.
///
/// Generous on purpose: it only decides how late a failure is noticed, never whether a test passes
/// on a slow machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Waits until `look` finds something, and gives it.
pub(crate) fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            began.elapsed() < limit,
            "waited {limit:?} for this, in vain: {what}"
        );
        pause(Duration::from_millis(10));
    }
}

/// Lets `time` pass while `holds` stays true: for what must *not* happen.
pub(crate) fn while_nothing_happens(what: &str, time: Duration, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while began.elapsed() < time {
        assert!(holds(), "this should not have happened: {what}");
        pause(Duration::from_millis(10));
    }
}

/// Lets `time` pass, in the role of a slow sender.
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
