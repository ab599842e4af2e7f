//! Who is let in on one connection: the same words and the same time for every refusal.
//!
//! The reasons are noted for the operator (`life`), and written down only if nobody gets in: clients
//! with several keys try them one by one, and that is nobody's fault.

use std::net::IpAddr;
use std::sync::Arc;

use russh::keys::{Certificate, HashAlg};
use russh::server::{PublicKeyOffer, VerifiedPublicKey};

use crate::access::{Access, Guest};
use crate::domain::account::AccountCode;
use crate::domain::entry::RefusalReason;
use crate::doors::sftp::certificates::{self, Authorities};
use crate::doors::sftp::life::{Attempt, Life};
use crate::doors::sftp::offer::allowed;
use crate::runtime::Clock;

/// What a listener asks of those who come.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    /// Are passwords taken at all?
    pub(super) passwords: bool,
    /// The authorities whose certificates count.
    pub(super) authorities: Authorities,
    /// The accounts that may come, if not all.
    pub(super) accounts: Option<Vec<AccountCode>>,
}

/// The entrance of one connection.
pub(super) struct Entrance {
    pub(super) access: Access,
    pub(super) rules: Arc<Rules>,
    pub(super) clock: Clock,
    pub(super) from: IpAddr,
    pub(super) life: Arc<Life>,
}

impl Entrance {
    /// Somebody asks which methods there are.
    pub(super) fn asked(&self, login: &str) {
        self.life.note(Attempt {
            login: login.to_owned(),
            reason: RefusalReason::NothingShown,
            detail: String::new(),
            fingerprint: None,
        });
    }

    /// May the client sign with this key? That lets nobody in.
    ///
    /// With authorities, every key may: a certificate is offered by its bare key here, and who is let
    /// in is seen when it has signed.
    pub(super) fn offered(&self, login: &str, offer: &PublicKeyOffer<'_>) -> bool {
        let key = match allowed(offer.public_key, offer.algorithm) {
            Ok(key) => key,
            Err(why) => {
                let attempt = weak(login, offer, why);
                self.life.note(attempt);
                return false;
            }
        };
        if !self.rules.authorities.is_empty() {
            return true;
        }
        let is_known =
            self.access.knows_key(login, &key) && self.access.why_not(login, self.from).is_none();
        if !is_known {
            let print = offer.public_key.fingerprint(HashAlg::Sha256).to_string();
            let detail = offer.algorithm.to_string();
            self.refuse(login, RefusalReason::WrongKey, detail, Some(print));
        }
        is_known
    }

    /// A key has signed.
    pub(super) fn by_key(&self, login: &str, key: &VerifiedPublicKey<'_>) -> Option<Guest> {
        let print = key.public_key.fingerprint(HashAlg::Sha256).to_string();
        let detail = key.algorithm.to_string();
        let guest = allowed(key.public_key, key.algorithm)
            .ok()
            .and_then(|text| self.access.by_key(login, &text));
        let wrong = RefusalReason::WrongKey;
        self.last_questions(login, guest, (wrong, detail, Some(print)))
    }

    /// A certificate's key has signed.
    pub(super) fn by_certificate(&self, login: &str, certificate: &Certificate) -> Option<Guest> {
        let print = certificate.public_key().fingerprint(HashAlg::Sha256);
        let print = print.to_string();
        let about = certificates::shown(certificate);
        let place = (login, self.from);
        let checked = self
            .rules
            .authorities
            .check(certificate, place, self.clock.now());
        let (guest, detail) = match checked {
            Ok(()) => {
                let mut guest = self.access.by_certificate(login, print.clone());
                if let Some(guest) = &mut guest {
                    guest.certificate_until = certificates::until(certificate);
                }
                (guest, about)
            }
            Err(why) => (None, format!("{why}; {about}")),
        };
        let bad = RefusalReason::BadCertificate;
        self.last_questions(login, guest, (bad, detail, Some(print)))
    }

    /// A password was sent. It is verified in any case, so that every answer takes the same time.
    pub(super) async fn by_password(&self, login: &str, password: &str) -> Option<Guest> {
        if !self.rules.passwords {
            self.refuse(login, RefusalReason::NoPasswords, String::new(), None);
            return None;
        }
        let guest = self.access.by_password(login, password, self.from).await;
        let wrong = (RefusalReason::WrongPassword, String::new(), None);
        let guest = self.last_questions(login, guest, wrong)?;
        let may = guest.account.as_ref().is_some_and(|it| it.passwords);
        let why = match (may, guest.must_change_password) {
            (true, false) => return Some(guest),
            (false, _) => RefusalReason::NoPasswords,
            // It went by mail, and whoever has it has agreed to nothing yet.
            (true, true) => RefusalReason::TemporaryPassword,
        };
        self.refuse(login, why, String::new(), None);
        None
    }

    /// Whoever proved who they are must still be of an account that may come, from where they are.
    fn last_questions(
        &self,
        login: &str,
        guest: Option<Guest>,
        (wrong, detail, print): (RefusalReason, String, Option<String>),
    ) -> Option<Guest> {
        let Some(guest) = guest else {
            self.refuse(login, wrong, detail, print);
            return None;
        };
        let is_of_account = |codes: &Vec<AccountCode>| {
            let account = guest.account.as_ref();
            account.is_some_and(|account| codes.contains(&account.code))
        };
        if !self.rules.accounts.as_ref().is_none_or(is_of_account) {
            self.note(login, RefusalReason::NotLegacy, detail, print);
            return None;
        }
        if !guest.may_upload() || !guest.may_come_from(self.from) {
            self.refuse(login, wrong, detail, print);
            return None;
        }
        Some(guest)
    }

    /// Notes why; what is wrong with the user comes before what is wrong with what it showed.
    fn refuse(&self, login: &str, wrong: RefusalReason, detail: String, print: Option<String>) {
        let reason = self.access.why_not(login, self.from).unwrap_or(wrong);
        self.note(login, reason, detail, print);
    }

    fn note(
        &self,
        login: &str,
        reason: RefusalReason,
        detail: String,
        fingerprint: Option<String>,
    ) {
        self.life.note(Attempt {
            login: login.to_owned(),
            reason,
            detail,
            fingerprint,
        });
    }
}

fn weak(login: &str, offer: &PublicKeyOffer<'_>, why: &str) -> Attempt {
    Attempt {
        login: login.to_owned(),
        reason: RefusalReason::WeakKey,
        detail: format!("{}: {why}", offer.algorithm),
        fingerprint: Some(offer.public_key.fingerprint(HashAlg::Sha256).to_string()),
    }
}
