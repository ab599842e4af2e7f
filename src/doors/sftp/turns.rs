//! Who comes after whom: requests for a file wait for what is being put there, and for nothing else.

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::drop_folder::DropPath;

/// What goes on at which paths, in the order in which it was asked for.
#[derive(Debug, Default)]
pub(super) struct Turns {
    going_on: Vec<(DropPath, CancellationToken)>,
}

/// What must be done first.
#[derive(Debug)]
pub(super) struct Before(Vec<CancellationToken>);

impl Turns {
    /// What goes on at any of `paths`.
    pub(super) fn before(&mut self, paths: &[DropPath]) -> Before {
        self.forget_what_is_done();
        let going_on = self.going_on.iter();
        let theirs = going_on.filter(|(path, _)| paths.contains(path));
        Before(theirs.map(|(_, done)| done.clone()).collect())
    }

    /// Whatever goes on.
    pub(super) fn before_all(&mut self) -> Before {
        self.forget_what_is_done();
        Before(self.going_on.iter().map(|(_, done)| done.clone()).collect())
    }

    /// Those that come later for `paths` wait until the guards are dropped.
    pub(super) fn begin(&mut self, paths: &[DropPath]) -> Vec<DropGuard> {
        let begun = paths.iter().map(|path| {
            let done = CancellationToken::new();
            self.going_on.push((path.clone(), done.clone()));
            done.drop_guard()
        });
        begun.collect()
    }

    fn forget_what_is_done(&mut self) {
        self.going_on.retain(|(_, done)| !done.is_cancelled());
    }
}

impl Before {
    /// Is there nothing to wait for?
    pub(super) fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// Waits.
    pub(super) async fn done(self) {
        for done in self.0 {
            done.cancelled().await;
        }
    }
}
