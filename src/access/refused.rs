//! Refused log-ins on their way into the store: gathered for a moment, so that a flood is one row.
//!
//! *Limits*: at most [`GATHERED_MAX`] different ones a beat; what is over is counted and logged once.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::domain::Timestamp;
use crate::domain::account::AccountId;
use crate::domain::entry::RefusalReason;
use crate::store::Refused;

/// Different refusals that one beat may bring into the store.
const GATHERED_MAX: usize = 200;

/// What a client sends about itself is kept up to so many letters.
const LETTERS_MAX: usize = 100;

/// A refused log-in, as a door saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was typed as log-in name.
    pub login: String,
    /// Why.
    pub reason: RefusalReason,
    /// What is worth knowing besides.
    pub detail: String,
    /// `SHA256:…` of the key that was shown.
    pub fingerprint: Option<String>,
    /// What the client calls itself.
    pub client: String,
    /// Where it came from.
    pub from: IpAddr,
}

/// What makes two refusals the same.
type Same = (String, RefusalReason, IpAddr, Option<String>);

/// Refusals that wait for the next beat.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    waiting: HashMap<Same, Refused>,
    lost: u64,
}

impl Gathered {
    /// Keeps a refusal until the next beat.
    pub(super) fn add(&mut self, refusal: &Refusal, account: Option<AccountId>, now: Timestamp) {
        let login = short(&refusal.login);
        let same = (
            login.clone(),
            refusal.reason,
            refusal.from,
            refusal.fingerprint.clone(),
        );
        if let Some(known) = self.waiting.get_mut(&same) {
            known.times = known.times.saturating_add(1);
            known.last = now;
            return;
        }
        if self.waiting.len() >= GATHERED_MAX {
            self.lost = self.lost.saturating_add(1);
            return;
        }
        let refused = Refused {
            account,
            login,
            reason: refusal.reason,
            detail: short(&refusal.detail),
            fingerprint: refusal.fingerprint.clone(),
            client: short(&refusal.client),
            remote_ip: refusal.from.to_string(),
            first: now,
            last: now,
            times: 1,
        };
        self.waiting.insert(same, refused);
    }

    /// All that waited, oldest first, and how many were too many to keep.
    pub(super) fn take(&mut self) -> (Vec<Refused>, u64) {
        let mut all: Vec<Refused> = self.waiting.drain().map(|(_, refused)| refused).collect();
        all.sort_by_key(|refused| refused.first);
        (all, std::mem::take(&mut self.lost))
    }
}

/// What a client sent, fit for a table: short, without control characters.
fn short(text: &str) -> String {
    let escape = |letter: char| -> String {
        if letter.is_control() {
            letter.escape_default().to_string()
        } else {
            letter.to_string()
        }
    };
    let is_longer = text.chars().nth(LETTERS_MAX).is_some();
    let mut shown: String = text.chars().take(LETTERS_MAX).map(escape).collect();
    if is_longer {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(login: &str) -> Refusal {
        Refusal {
            login: login.to_owned(),
            reason: RefusalReason::UnknownUser,
            detail: "a\nb".to_owned(),
            fingerprint: None,
            client: "SSH-2.0-x".to_owned(),
            from: IpAddr::from([192, 0, 2, 1]),
        }
    }

    #[test]
    fn a_flood_of_the_same_is_one_row_and_a_flood_of_others_is_bounded() {
        let mut gathered = Gathered::default();
        for second in 0..1000 {
            let now = Timestamp::from_second(second).unwrap();
            gathered.add(&refusal("root"), None, now);
        }
        let (rows, lost) = gathered.take();
        assert_eq!((rows.len(), lost), (1, 0));
        assert_eq!((rows[0].times, rows[0].last.as_second()), (1000, 999));
        assert_eq!(rows[0].detail, "a\\nb");
        for number in 0..1000 {
            let refusal = refusal(&format!("user{number}"));
            gathered.add(&refusal, None, Timestamp::UNIX_EPOCH);
        }
        let (rows, lost) = gathered.take();
        assert_eq!((rows.len(), lost), (GATHERED_MAX, 800));
        assert_eq!(gathered.take(), (Vec::new(), 0));
    }

    #[test]
    fn a_long_name_is_kept_short() {
        assert_eq!(short(&"x".repeat(5000)).chars().count(), LETTERS_MAX + 1);
        assert_eq!(short("ann"), "ann");
    }
}
