//! For tests of this room and those above it: a fresh SQLite store with an account and its users.

use std::time::Duration;

use tempfile::TempDir;

use crate::config;
use crate::domain::Timestamp;
use crate::domain::account::{
    Account, AccountCode, CredentialKind, LoginName, MailAddress, MailPreference, Role, User,
    UserKind,
};
use crate::domain::audit::{Action, Deed};
use crate::domain::notice::NewMail;
use crate::domain::submission::{Sha256, Submission};
use crate::runtime::Tasks;
use crate::store::{Added, Filter, NewCredential, NewInvitation, NewLink, NewUser, Store};

/// The account `acme` with Ann, a person, and `robot`, a machine whose contact she is. Neither has
/// a credential yet.
pub(crate) struct Acme {
    /// Everything lies in here, and goes when this is dropped.
    pub(crate) place: TempDir,
    pub(crate) tasks: Tasks,
    pub(crate) store: Store,
    pub(crate) account: Account,
    pub(crate) ann: User,
    pub(crate) robot: User,
}

impl Acme {
    pub(crate) async fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let tasks = Tasks::new();
        let settings = config::Database::default();
        let opened = Store::open(&settings, place.path(), false, &tasks).await;
        let store = opened.unwrap();
        let code = AccountCode::new("acme").unwrap();
        let added = store.add_account(&code, "Acme", Timestamp::UNIX_EPOCH);
        let account = fresh(added.await.unwrap());
        let mut new = NewUser {
            account: Some(account.id),
            login: LoginName::new("ann@example.com").unwrap(),
            kind: UserKind::Person,
            role: Role::Primary,
            display_name: "Ann Example".to_owned(),
            mail: None,
            mail_preference: MailPreference::None,
            contact: None,
        };
        let ann = fresh(store.add_user(&new, Timestamp::UNIX_EPOCH).await.unwrap());
        new.login = LoginName::new("robot").unwrap();
        new.kind = UserKind::Machine;
        new.role = Role::Upload;
        new.display_name = "Robot".to_owned();
        new.contact = Some(ann.id);
        let robot = fresh(store.add_user(&new, Timestamp::UNIX_EPOCH).await.unwrap());
        Self {
            place,
            tasks,
            store,
            account,
            ann,
            robot,
        }
    }

    /// Lets the robot in with this public key, of the fingerprint `SHA256:print`.
    pub(crate) async fn add_key(&self, key: &str) {
        let new = NewCredential {
            user: self.robot.id,
            kind: CredentialKind::PublicKey,
            verifier: key.to_owned(),
            fingerprint: Some("SHA256:print".to_owned()),
            label: "key".to_owned(),
        };
        let added = self.store.add_credential(&new, Timestamp::UNIX_EPOCH);
        fresh(added.await.unwrap());
    }

    /// Invites an Upload User with the hash of a temporary password, which never ends.
    pub(crate) async fn invite(&self, login: &str, hash: &str) -> User {
        let mail = MailAddress::new(login).unwrap();
        let id = crate::runtime::unique_id();
        let new = NewInvitation {
            account: Some(self.account.id),
            login: LoginName::new(login).unwrap(),
            mail: mail.clone(),
            full_name: "New User".to_owned(),
            role: Role::Upload,
            temporary_password: Some(hash.to_owned()),
            link: NewLink {
                token: Sha256::from_octets(&[7; 32]),
                // In the year 2984.
                ends: Timestamp::from_second(32_000_000_000).unwrap(),
            },
            letter: NewMail {
                to: mail,
                user: None,
                account: None,
                message_id: id.clone(),
                references: None,
                subject: String::new(),
                text: String::new(),
                html: String::new(),
                csv: None,
            },
        };
        let deed = Deed {
            id,
            at: Timestamp::UNIX_EPOCH,
            actor: "test".to_owned(),
            action: Action::UserInvited,
            subject: login.to_owned(),
            details: String::new(),
            remote_ip: None,
        };
        fresh(self.store.invite(&new, &deed).await.unwrap()).0
    }

    /// Everything that was taken in, oldest first.
    pub(crate) async fn submissions(&self) -> Vec<Submission> {
        let filter = Filter {
            limit: 500,
            ..Filter::default()
        };
        let page = self.store.submissions(&filter).await.unwrap();
        page.rows.into_iter().map(|row| row.submission).collect()
    }
}

/// Asks until there is an answer; what never comes fails the test after 20 s.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _look in 0..2000 {
        if let Some(found) = ask().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come within 20 s");
}

/// How long answers about known and about unknown names took.
#[derive(Debug, Default)]
pub(crate) struct Times {
    pub(crate) known: Vec<Duration>,
    pub(crate) unknown: Vec<Duration>,
}

/// What became of them.
#[derive(Debug)]
pub(crate) struct Compared {
    /// The median of the known ones.
    pub(crate) known: Duration,
    /// How far the medians are apart.
    pub(crate) apart: Duration,
    /// How far the middle half of those of one kind is spread.
    pub(crate) noise: Duration,
}

impl Times {
    /// That of the number `number`: the known ones are the even ones.
    pub(crate) fn of(&mut self, number: usize) -> &mut Vec<Duration> {
        if number.is_multiple_of(2) {
            &mut self.known
        } else {
            &mut self.unknown
        }
    }

    /// Holds the two kinds against each other.
    pub(crate) fn compare(mut self) -> Compared {
        self.known.sort_unstable();
        self.unknown.sort_unstable();
        let at = |times: &[Duration], part: usize| times[times.len() * part / 4];
        let noise = |times: &[Duration]| at(times, 3).abs_diff(at(times, 1));
        Compared {
            known: at(&self.known, 2),
            apart: at(&self.known, 2).abs_diff(at(&self.unknown, 2)),
            noise: noise(&self.known).max(noise(&self.unknown)),
        }
    }
}

fn fresh<T>(added: Added<T>) -> T {
    match added {
        Added::New(value) => value,
        Added::Taken => panic!("the store was not fresh"),
    }
}
