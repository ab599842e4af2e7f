//! How many uploads come in at a time: of one user, and of everybody.
//!
//! Reason: each holds a file in memory, and may take its time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::account::UserId;
use crate::web::pages::problem::Problem;

/// Of one user: several windows, and the script's requests.
const PER_USER_MAX: usize = 4;
/// Of everybody: at most as many files as large as a file may be lie in memory.
const ALL_MAX: usize = 64;

/// Uploads that are coming in; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crowd(Arc<Mutex<HashMap<UserId, usize>>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Crowd,
    user: UserId,
}

impl Crowd {
    /// A place for one more upload of this user.
    pub(super) fn enter(&self, user: UserId) -> Result<Place, Problem> {
        let mut all = self.all();
        let (total, mine) = (all.values().sum::<usize>(), all.get(&user).copied());
        let mine = mine.unwrap_or_default();
        if total >= ALL_MAX || mine >= PER_USER_MAX {
            return Err(Problem::Busy);
        }
        all.insert(user, mine + 1);
        Ok(Place {
            crowd: self.clone(),
            user,
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        // A panic while it was held cannot leave a map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.crowd.all();
        if let Some(mine) = all.get_mut(&self.user) {
            *mine -= 1;
            if *mine == 0 {
                all.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_few_places_and_everybody_some() {
        let crowd = Crowd::default();
        let mine: Vec<Place> = (0..PER_USER_MAX)
            .map(|_| crowd.enter(UserId(1)).unwrap())
            .collect();
        assert_eq!(crowd.enter(UserId(1)).err(), Some(Problem::Busy));
        let others: Vec<Place> = (PER_USER_MAX..ALL_MAX)
            .map(|at| crowd.enter(UserId(i64::try_from(at).unwrap())).unwrap())
            .collect();
        assert_eq!(crowd.enter(UserId(99)).err(), Some(Problem::Busy));
        drop((mine, others));
        assert!(crowd.enter(UserId(1)).is_ok());
        assert!(crowd.all().is_empty());
    }
}
