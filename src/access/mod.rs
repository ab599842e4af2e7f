//! Who may come in: verify credentials, slow down guessing.
//!
//! *Invariant*: the same work and the same time for an unknown user and a wrong credential, and
//! never a word about *why* not.
//!
//! Accounts, users and keys are kept in memory and refreshed within a second of every change, so
//! that the SFTP door lets people in while the database is away.

mod choosing;
mod guessing;
mod known;
mod password;
mod present;
mod refused;
mod rights;
mod roster;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::access::guessing::Guessing;
use crate::access::known::Known;
use crate::access::present::Present;
use crate::access::refused::Gathered;
use crate::access::roster::{Book, Match};
use crate::domain::account::{Account, CredentialId, LoginName, User, UserId};
use crate::domain::entry::RefusalReason;
use crate::domain::{Timestamp, account::Standing};
use crate::runtime::{Clock, Tasks};
use crate::store::{Store, StoreFault};

pub use choosing::{PASSWORD_CHARACTERS_MIN, Weakness, check_password};
pub use guessing::source as place_of;
pub use known::{KNOWN_FOR, KNOWN_MAX};
pub use password::{hash as hash_password, make as make_password};
pub use present::Presence;
pub use refused::Refusal;
pub use rights::Right;

pub use crate::store::Visiting;

/// How often changes are looked for.
const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// Passwords verified at the same time: each takes 19 MiB and a core.
const VERIFICATIONS_MAX: usize = 2;

/// The last use of a credential is noted no more often.
const USE_NOTED_EVERY: Duration = Duration::from_mins(1);

/// The longest password that is looked at, in octets. Longer ones are wrong.
const PASSWORD_BYTES_MAX: usize = 1024;

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The user.
    pub user: User,
    /// The account; `None` for staff.
    pub account: Option<Account>,
    /// The person shown as `Uploaded By`: the user, or a machine user's contact.
    pub uploaded_by: String,
    /// `SHA256:…` of the key that let them in; `None` after a password.
    pub key_fingerprint: Option<String>,
    /// When the password that let them in was set; `None` after a key.
    pub password_since: Option<Timestamp>,
    /// When the certificate that let them in ends; `None` for one without an end, and without one.
    pub certificate_until: Option<Timestamp>,
    /// Must this person choose a new password before anything else?
    pub must_change_password: bool,
}

impl Guest {
    /// May the guest come by SFTP from this address? User and account may both have a list.
    pub fn may_come_from(&self, address: IpAddr) -> bool {
        let of_account = self.account.as_ref().map(|account| &account.from);
        self.user.from.allow(address) && of_account.is_none_or(|from| from.allow(address))
    }

    /// May the guest hand in files for an account?
    pub fn may_upload(&self) -> bool {
        self.account.is_some() && self.user.role.may_upload()
    }
}

/// Who may come in; cheap to clone.
#[derive(Debug, Clone)]
pub struct Access {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    tasks: Tasks,
    book: RwLock<Arc<Book>>,
    verifications: Semaphore,
    guessing: Mutex<Guessing>,
    noted: Mutex<HashMap<CredentialId, Timestamp>>,
    refused: Mutex<Gathered>,
    known: Mutex<Known>,
    present: Present,
}

impl Access {
    /// Loads everybody, and starts the task that looks for changes once a second.
    pub async fn open(store: Store, clock: Clock, tasks: &Tasks) -> Result<Self, StoreFault> {
        let book = Book::new(store.roster().await?);
        let access = Self {
            inner: Arc::new(Inner {
                store,
                clock,
                tasks: tasks.clone(),
                book: RwLock::new(Arc::new(book)),
                verifications: Semaphore::new(VERIFICATIONS_MAX),
                guessing: Mutex::new(Guessing::default()),
                noted: Mutex::new(HashMap::new()),
                refused: Mutex::default(),
                known: Mutex::default(),
                present: Present::default(),
            }),
        };
        tasks.spawn_lasting("access: look for changes", access.clone().keep_fresh());
        Ok(access)
    }

    /// Starts the task that tells the store, once a second, who was refused and who is in, as the
    /// node `node`.
    pub async fn keep_books(&self, node: &str) -> Result<(), StoreFault> {
        self.inner.store.forget_visits(node).await?;
        let (access, node) = (self.clone(), node.to_owned());
        self.inner
            .tasks
            .spawn_lasting("access: keep the books", async move {
                loop {
                    let stopping = tokio::select! {
                        () = access.inner.tasks.stopped() => true,
                        () = tokio::time::sleep(REFRESH_EVERY) => false,
                    };
                    access.write_books(&node).await;
                    if stopping {
                        return;
                    }
                }
            });
        Ok(())
    }

    async fn write_books(&self, node: &str) {
        let inner = &self.inner;
        let (refused, lost) = inner
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if lost > 0 {
            tracing::warn!(
                lost,
                "more log-ins were refused within a second than are kept"
            );
        }
        if !refused.is_empty()
            && let Err(fault) = inner.store.keep_refusals(refused).await
        {
            // They are in the log too.
            tracing::debug!(%fault, "refused log-ins were not kept");
        }
        self.keep_known().await;
        if let Err(fault) = inner.present.tell(&inner.store, node).await {
            tracing::debug!(%fault, "the list of sessions was not brought up to date");
        }
    }

    async fn keep_known(&self) {
        let inner = &self.inner;
        let known = || inner.known.lock().unwrap_or_else(PoisonError::into_inner);
        let news = known().take();
        if news.is_empty() {
            return;
        }
        let now = inner.clock.now();
        let forgotten = now.checked_sub(KNOWN_FOR).unwrap_or(now);
        match inner.store.keep_addresses(news.clone(), forgotten).await {
            Ok(()) => known().were_kept(news, now),
            Err(fault) => {
                tracing::debug!(%fault, "from where keys logged in was not kept");
                known().were_not_kept(news);
            }
        }
    }

    /// A key or a certificate let somebody in from there.
    pub fn came_with_key(&self, from: IpAddr) {
        let known = self.inner.known.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        known.came(from, self.inner.clock.now());
    }

    /// From where keys let somebody in lately, as the database has it, and how long ago.
    pub async fn known_addresses(&self) -> Result<Vec<(IpAddr, Duration)>, StoreFault> {
        let now = self.inner.clock.now();
        let since = now.checked_sub(KNOWN_FOR).unwrap_or(now);
        let known = self.inner.store.kept_addresses(since, KNOWN_MAX).await?;
        let ago = |seen: Timestamp| now.duration_since(seen).try_into().unwrap_or_default();
        Ok(known
            .into_iter()
            .map(|(address, seen)| (address, ago(seen)))
            .collect())
    }

    /// Notes a log-in that was refused, for the operator and the account.
    pub fn refused(&self, refusal: &Refusal) {
        let account = LoginName::new(&refusal.login)
            .ok()
            .and_then(|login| self.book().anyone_named(&login))
            .and_then(|guest| guest.user.account);
        let now = self.inner.clock.now();
        let refused = self.inner.refused.lock();
        refused
            .unwrap_or_else(PoisonError::into_inner)
            .add(refusal, account, now);
    }

    /// Why this log-in name is not let in from there, whatever it shows; `None` if it might be.
    /// For the operator alone: nothing of it may reach the client.
    pub fn why_not(&self, login: &str, from: IpAddr) -> Option<RefusalReason> {
        let book = self.book();
        let found = LoginName::new(login)
            .ok()
            .and_then(|login| book.anyone_named(&login));
        let Some(guest) = found else {
            return Some(RefusalReason::UnknownUser);
        };
        if book.guest(guest.user.id).is_none() {
            return Some(RefusalReason::Suspended);
        }
        if !guest.may_upload() {
            return Some(RefusalReason::NoUploads);
        }
        (!guest.may_come_from(from)).then_some(RefusalReason::WrongPlace)
    }

    /// A session began; it is shown to operators until the answer is dropped.
    pub fn enter(&self, about: Visiting) -> Presence {
        self.inner.present.enter(about)
    }

    /// Loads everybody again if anything changed. While the database is away, what was known stays.
    pub async fn refresh(&self) -> Result<(), StoreFault> {
        let inner = &self.inner;
        if inner.store.roster_generation().await? == self.book().generation() {
            return Ok(());
        }
        let book = Arc::new(Book::new(inner.store.roster().await?));
        tracing::debug!(
            generation = book.generation(),
            "accounts, users or credentials changed"
        );
        *inner.book.write().unwrap_or_else(PoisonError::into_inner) = book;
        Ok(())
    }

    async fn keep_fresh(self) {
        let mut is_away = false;
        loop {
            tokio::select! {
                () = self.inner.tasks.stopped() => return,
                () = tokio::time::sleep(REFRESH_EVERY) => (),
            }
            match self.refresh().await {
                Ok(()) => is_away = false,
                Err(fault) if is_away => tracing::debug!(%fault, "no news of users"),
                Err(fault) => {
                    is_away = true;
                    tracing::warn!(
                        %fault,
                        "cannot look for changed users and keys; those known so far may come in",
                    );
                }
            }
        }
    }

    /// Verifies a public key (`ssh-ed25519 AAAA…` without comment) that has *signed*; the door must
    /// have verified the signature before it asks.
    pub fn by_key(&self, login: &str, key: &str) -> Option<Guest> {
        let book = self.book();
        let found = book.by_key(&LoginName::new(login).ok()?, key)?;
        self.note_use(found.credential);
        Some(found.guest)
    }

    /// The user that a certificate names, which the door must have verified: signed by an authority
    /// that the site trusts, valid now, for this very log-in name, and the client signed with its key.
    pub fn by_certificate(&self, login: &str, fingerprint: String) -> Option<Guest> {
        let book = self.book();
        let named = book.anyone_named(&LoginName::new(login).ok()?)?;
        let mut guest = book.guest(named.user.id)?;
        guest.key_fingerprint = Some(fingerprint);
        Some(guest)
    }

    /// Would this key let the user in, once it has signed? Lets a door spare the client the
    /// signature; never a reason to let anybody in.
    pub fn knows_key(&self, login: &str, key: &str) -> bool {
        LoginName::new(login).is_ok_and(|login| self.book().by_key(&login, key).is_some())
    }

    /// Has the user this key (`SHA256:…`) now? For sessions that it let in.
    pub fn has_key(&self, user: UserId, fingerprint: &str) -> bool {
        self.book().has_key(user, fingerprint)
    }

    /// Verifies a password. Takes as long for a user that does not exist; slower after failures.
    pub async fn by_password(&self, login: &str, password: &str, from: IpAddr) -> Option<Guest> {
        let name = LoginName::new(login).ok();
        let source = guessing::source(from);
        // Closed never, so this waits and does not fail.
        let _turn = self.turn(source, name.as_ref()).await?;
        // The book is looked into after the delay, so that it is the newest.
        let book = self.book();
        let now = self.inner.clock.now();
        let found = name.as_ref().and_then(|name| book.by_password(name, now));
        // A temporary password is copied out of a mail, often with a blank that it never has.
        let typed = match &found {
            Some(found) if found.guest.must_change_password => password.trim(),
            _ => password,
        };
        let is_right = self.verify(found.as_ref(), typed).await;
        let found = found.filter(|_| is_right);
        let now = self.inner.clock.now();
        self.guessing(|guessing| match found {
            Some(_) => guessing.succeeded(name.as_ref()),
            None => guessing.failed(source, name.as_ref(), now),
        });
        let found = found.filter(|found| found.is_active)?;
        self.note_use(found.credential);
        Some(found.guest)
    }

    /// Waits until a guess may be verified. Looks at the delay again when it is its turn: guesses that
    /// were made at the same time may have failed meanwhile, and count for it as well.
    async fn turn(&self, source: IpAddr, name: Option<&LoginName>) -> Option<SemaphorePermit<'_>> {
        let asked = Instant::now();
        loop {
            let turn = self.inner.verifications.acquire().await.ok()?;
            let now = self.inner.clock.now();
            let delay = self.guessing(|guessing| guessing.delay(source, name, now));
            let rest = delay.saturating_sub(asked.elapsed());
            if rest.is_zero() {
                return Some(turn);
            }
            drop(turn);
            tokio::time::sleep(rest).await;
        }
    }

    /// The user as of now, if it and its account are still active.
    pub fn guest(&self, user: UserId) -> Option<Guest> {
        self.book().guest(user)
    }

    /// Since when the user has the password of now; `None` for a user without one.
    pub fn password_since(&self, user: UserId) -> Option<Timestamp> {
        self.book().password_since(user)
    }

    /// All active accounts.
    pub fn accounts(&self) -> Vec<Account> {
        let mut accounts = self.book().accounts();
        accounts.retain(|account| account.standing == Standing::Active);
        accounts
    }

    /// The hash of a new password; `None` if it could not be made. Waits its turn like every
    /// verification.
    pub async fn hash(&self, password: &str) -> Option<String> {
        let password = password.to_owned();
        let _turn = self.inner.verifications.acquire().await.ok()?;
        let tasks = &self.inner.tasks;
        let hashed = tasks.block("access: hash a password", move || password::hash(&password));
        hashed.await.filter(|hash| !hash.is_empty())
    }

    async fn verify(&self, found: Option<&Match>, password: &str) -> bool {
        let hash = found
            .map_or(password::NOBODYS, |found| &found.verifier)
            .to_owned();
        let fits = password.len() <= PASSWORD_BYTES_MAX;
        let password = if fits {
            password.to_owned()
        } else {
            String::new()
        };
        let verified = self
            .inner
            .tasks
            .block("access: verify a password", move || {
                password::verify(&hash, &password)
            })
            .await;
        verified == Some(true) && fits && found.is_some()
    }

    /// Notes in the background that a credential let somebody in.
    fn note_use(&self, credential: CredentialId) {
        let inner = &self.inner;
        let now = inner.clock.now();
        {
            let mut noted = inner.noted.lock().unwrap_or_else(PoisonError::into_inner);
            let is_fresh = noted
                .get(&credential)
                .is_some_and(|before| now.duration_since(*before).unsigned_abs() < USE_NOTED_EVERY);
            if is_fresh {
                return;
            }
            noted.insert(credential, now);
        }
        let store = inner.store.clone();
        inner
            .tasks
            .spawn("access: note the use of a credential", async move {
                if let Err(fault) = store.credential_used(credential, now).await {
                    tracing::debug!(%fault, "the use of a credential was not noted");
                }
            });
    }

    fn book(&self) -> Arc<Book> {
        let book = self.inner.book.read();
        Arc::clone(&book.unwrap_or_else(PoisonError::into_inner))
    }

    fn guessing<T>(&self, what: impl FnOnce(&mut Guessing) -> T) -> T {
        what(
            &mut self
                .inner
                .guessing
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}
