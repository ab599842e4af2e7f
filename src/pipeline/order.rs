//! Submissions of one VIN go one after the other, in the order in which they came.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

/// Entries that may be kept before those that are done with are looked for.
const KEPT_MAX: usize = 1024;

/// The last submission of each VIN that is in hand.
#[derive(Debug, Default)]
pub(super) struct Order(Mutex<HashMap<String, oneshot::Receiver<()>>>);

/// A place in the line of one VIN. The next one's turn comes when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _next: Option<oneshot::Sender<()>>,
}

impl Order {
    /// Takes the last place in the line of this VIN. Without a VIN there is no line to wait in.
    pub(super) fn line_up(&self, vin: Option<&str>) -> Turn {
        let Some(vin) = vin else {
            return Turn {
                before: None,
                _next: None,
            };
        };
        let (next, mine) = oneshot::channel();
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() > KEPT_MAX {
            lines.retain(|_, last| {
                matches!(last.try_recv(), Err(oneshot::error::TryRecvError::Empty))
            });
        }
        Turn {
            before: lines.insert(vin.to_owned(), mine),
            _next: Some(next),
        }
    }
}

impl Turn {
    /// Waits until the one before is done with, however it ended.
    pub(super) async fn comes(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is ever sent: that the other end went away is the message.
            let _ = before.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_free(turn: &mut Turn) -> bool {
        turn.before.as_mut().is_none_or(|before| {
            matches!(before.try_recv(), Err(oneshot::error::TryRecvError::Closed))
        })
    }

    #[tokio::test]
    async fn the_second_of_a_vin_waits_for_the_first_and_nobody_else() {
        let order = Order::default();
        let first = order.line_up(Some("A"));
        let mut second = order.line_up(Some("A"));
        let mut third = order.line_up(Some("A"));
        let mut other = order.line_up(Some("B"));
        let mut unknown = order.line_up(None);
        other.comes().await;
        unknown.comes().await;
        assert!(!is_free(&mut second));
        drop(first);
        second.comes().await;
        assert!(!is_free(&mut third));
        drop(second);
        third.comes().await;
    }

    #[test]
    fn lines_that_are_done_with_are_forgotten() {
        let order = Order::default();
        let kept = order.line_up(Some("kept"));
        for number in 0..5000 {
            drop(order.line_up(Some(&number.to_string())));
        }
        assert!(order.0.lock().unwrap().len() <= KEPT_MAX + 1);
        assert!(!is_free(&mut order.line_up(Some("kept"))));
        drop(kept);
    }
}
