//! The daemon in this process, on free ports, with everything it keeps in a temporary folder.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ecocd::access;
use ecocd::config::Config;
use ecocd::daemon::Running;
use ecocd::domain::account::{
    Account, AccountCode, AccountId, CredentialKind, LoginName, MailAddress, MailPreference, Role,
    User, UserKind,
};
use ecocd::domain::notice::Mail;
use ecocd::domain::outcome::Outcome;
use ecocd::domain::submission::{Arrival, Door, Lane, SubmissionNumber};
use ecocd::intake::digest;
use ecocd::runtime::{Clock, Tasks};
use ecocd::store::{
    Added, Arrived, Detail, Filter, LeftOver, NewArrival, NewCredential, NewUser, Store,
};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::support::database::Engine;
use crate::support::log;
use crate::support::receipt::Receipt;
use crate::support::sftp_client::{Client, KeyPair};
use crate::support::wait;

/// The account that every test's daemon has.
pub(crate) const ACCOUNT: &str = "acme";
/// The password of every person.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The machine user of that account.
pub(crate) const ROBOT: &str = "acme-robot";

/// A running daemon with one account, a person and a machine user.
pub(crate) struct Daemon {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    config: Config,
    folder: TempDir,
    store: Store,
    tasks: Tasks,
    key: KeyPair,
    person: String,
    expects_errors: bool,
}

/// Runs `test` against a daemon on `engine`, then stops it and looks whether all is in order: no
/// submission unfinished, no task left running, no error logged.
pub(crate) fn with(engine: Engine, test: impl FnOnce(&mut Daemon)) {
    with_config(&engine.new_database(), |_| (), test);
}

/// The same, on the database at `url`, after `change` had its way with the configuration.
pub(crate) fn with_config(
    url: &str,
    change: impl FnOnce(&mut Config),
    test: impl FnOnce(&mut Daemon),
) {
    let mut daemon = Daemon::start(url, change);
    test(&mut daemon);
    daemon.finish();
}

impl Daemon {
    fn start(url: &str, change: impl FnOnce(&mut Config)) -> Self {
        log::begin();
        let folder = TempDir::with_prefix("ecocd-it-").expect("a temporary folder can be made");
        let mut config = Config {
            version: 1,
            ..Config::default()
        };
        config.service.data = folder.path().join("data");
        url.clone_into(&mut config.database.url);
        config.sftp.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.web.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        // People are told at once, so that no test waits for minutes.
        config.mail.window = Duration::from_millis(500);
        change(&mut config);
        std::fs::create_dir(&config.service.data).expect("the data folder can be made");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
        let tasks = Tasks::new();
        // Made before the start, by the hand of an operator, so that nobody waits for `access`.
        let store = runtime
            .block_on(Store::open(
                &config.database,
                &config.service.data,
                false,
                &tasks,
            ))
            .expect("the database opens");
        let key = KeyPair::generate(folder.path(), "robot");
        // All tests share one mail server; by its name each finds its own mails.
        let folder_name = folder.path().file_name().expect("a name").to_string_lossy();
        let person = format!("pat.{}@acme.example", folder_name.to_ascii_lowercase());
        runtime.block_on(add_account(&store, ACCOUNT, &person, ROBOT, &key));
        let running = runtime
            .block_on(ecocd::daemon::start(config.clone(), Clock::system()))
            .expect("the daemon starts");
        let daemon = Self {
            runtime,
            running: Some(running),
            config,
            folder,
            store,
            tasks,
            key,
            person,
            expects_errors: false,
        };
        // Made by the folder door, so that programs can drop before anybody ever logged in.
        wait::until("the account's drop folder is made", wait::SOON, || {
            daemon.dropped("inbox").is_dir().then_some(())
        });
        daemon
    }

    /// The log-in name and mail address of the account's person; no two daemons have the same.
    pub(crate) fn person(&self) -> &str {
        &self.person
    }

    /// Says that this test makes faults, so that errors in the log are right.
    pub(crate) fn expect_errors(&mut self) {
        self.expects_errors = true;
    }

    /// Stops the daemon in an orderly way, does `meanwhile`, and starts it again on the same data.
    pub(crate) fn restart(&mut self, meanwhile: impl FnOnce(&Self)) {
        let running = self.running.take().expect("it runs");
        self.runtime.block_on(running.stop());
        meanwhile(self);
        let again = ecocd::daemon::start(self.config.clone(), Clock::system());
        self.running = Some(
            self.runtime
                .block_on(again)
                .expect("the daemon starts again"),
        );
    }

    /// Adds another account with a machine user of the given key.
    pub(crate) fn add_account(&self, code: &str, key: &KeyPair) -> Client {
        let (person, robot) = (format!("pat@{code}.example"), format!("{code}-robot"));
        self.runtime
            .block_on(add_account(&self.store, code, &person, &robot, key));
        Client::new(self.sftp(), &robot, key)
    }

    /// Adds an operator, who signs in with the password of everybody; gives the log-in name.
    pub(crate) fn add_staff(&self) -> String {
        let login = self.person.replacen("pat.", "oz.", 1);
        self.runtime.block_on(async {
            let user = NewUser {
                account: None,
                login: LoginName::new(&login).expect("a log-in name"),
                kind: UserKind::Person,
                role: Role::Operator,
                display_name: "Oz Operator".to_owned(),
                mail: MailAddress::new(&login).ok(),
                mail_preference: MailPreference::None,
                contact: None,
            };
            let now = Timestamp::now();
            let added = new(self.store.add_user(&user, now).await.expect("added"));
            let hash = access::hash_password(PASSWORD);
            let set = self.store.set_password(added.id, &hash, now).await;
            set.expect("the password is set");
        });
        login
    }

    /// Adds a person of the account, whose password was set at `since`.
    pub(crate) fn add_person(&self, login: &str, name: &str, since: Timestamp) {
        self.runtime.block_on(async {
            let code = AccountCode::new(ACCOUNT).expect("a code");
            let account = self.store.account(&code).await.expect("a look");
            let user = NewUser {
                account: account.map(|account| account.id),
                login: LoginName::new(login).expect("a log-in name"),
                kind: UserKind::Person,
                role: Role::Upload,
                display_name: name.to_owned(),
                mail: MailAddress::new(login).ok(),
                mail_preference: MailPreference::None,
                contact: None,
            };
            let added = new(self.store.add_user(&user, since).await.expect("added"));
            let hash = access::hash_password(PASSWORD);
            let set = self.store.set_password(added.id, &hash, since).await;
            set.expect("the password is set");
        });
    }

    /// Stops, puts these documents into the database as if each had failed us, and starts again; gives
    /// their numbers.
    pub(crate) fn hold(&mut self, documents: &[Vec<u8>]) -> Vec<SubmissionNumber> {
        let mut numbers = Vec::new();
        self.restart(|daemon| {
            daemon.runtime.block_on(async {
                let code = AccountCode::new(ACCOUNT).expect("a code");
                let account = daemon.store.account(&code).await.expect("a look");
                let account = account.expect("the account is there").id;
                for (at, octets) in (0_u8..).zip(documents) {
                    let new = new_arrival(account, at, octets);
                    let number = new.number.clone();
                    let taken = daemon.store.arrive(new).await.expect("taken in");
                    let Arrived::Taken(id) = taken else {
                        panic!("the number was drawn before");
                    };
                    let held = daemon.store.hold(id, "it was begun 3 times without an end");
                    held.await.expect("held");
                    numbers.push(number);
                }
            });
        });
        numbers
    }

    /// Where the SFTP door listens.
    pub(crate) fn sftp(&self) -> SocketAddr {
        self.running.as_ref().expect("it runs").sftp
    }

    /// Where the web view listens.
    pub(crate) fn web(&self) -> SocketAddr {
        self.running.as_ref().expect("it runs").web
    }

    /// Where programs read how the service does.
    pub(crate) fn metrics(&self) -> SocketAddr {
        let running = self.running.as_ref().expect("it runs");
        running.metrics.expect("web.metrics-listen is set")
    }

    /// OpenSSH's client as the machine user.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.sftp(), ROBOT, &self.key)
    }

    /// The configuration it runs with.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// A folder for the test's own files.
    pub(crate) fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// A file of the test's own with these octets.
    pub(crate) fn local_file(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.scratch().join(name);
        std::fs::write(&path, octets).expect("a file can be written");
        path
    }

    /// The folder that mails are written into while no mail server is set.
    pub(crate) fn mail_folder(&self) -> PathBuf {
        self.config.service.data.join(&self.config.mail.folder)
    }

    /// A path in the account's drop folder on the disk, such as `inbox/a.xml`.
    pub(crate) fn dropped(&self, path: &str) -> PathBuf {
        let folders = self
            .config
            .service
            .data
            .join(&self.config.drop_folders.path);
        folders.join(ACCOUNT).join(path)
    }

    /// Waits for the receipt beside this file of the drop folder.
    #[track_caller]
    pub(crate) fn receipt(&self, path: &str) -> Receipt {
        let file = self.dropped(&format!("{path}.receipt.json"));
        let what = format!("the receipt {}", file.display());
        wait::until(&what, wait::SOON, || Receipt::read(&file))
    }

    /// Everything that the store knows of the newest submissions.
    pub(crate) fn submissions(&self) -> Vec<Detail> {
        let filter = Filter {
            limit: 500,
            is_descending: true,
            ..Filter::default()
        };
        self.runtime.block_on(async {
            let page = self.store.submissions(&filter).await.expect("a page");
            let mut details = Vec::new();
            for row in page.rows {
                let found = self.store.submission(&row.submission.number, None).await;
                details.push(found.expect("a submission").expect("it is listed"));
            }
            details
        })
    }

    /// The newest mails of the outbox.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.runtime
            .block_on(self.store.mails(100))
            .expect("the outbox can be read")
    }

    /// Waits until `count` submissions are decided, and none is left over.
    #[track_caller]
    pub(crate) fn decided(&self, count: usize) -> Vec<Detail> {
        let what = format!("{count} decided submissions");
        wait::until(&what, wait::SOON, || {
            let all = self.submissions();
            let is_done = all.iter().all(|detail| detail.row.outcome.is_some());
            (is_done && all.len() >= count).then_some(all)
        })
    }

    /// The same, once the note of each that its receipt is written is in the database too.
    #[track_caller]
    pub(crate) fn answered(&self, count: usize) -> Vec<Detail> {
        let what = format!("{count} answered submissions");
        wait::until(&what, wait::SOON, || {
            let all = self.decided(count);
            all.iter()
                .all(|detail| detail.answered.is_some())
                .then_some(all)
        })
    }

    /// How often each outcome was given, once `count` submissions are decided.
    #[track_caller]
    pub(crate) fn outcomes(&self, count: usize) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = self
            .decided(count)
            .iter()
            .filter_map(|detail| detail.row.outcome)
            .collect();
        outcomes.sort_by_key(|outcome| outcome.as_str());
        outcomes
    }

    fn finish(mut self) {
        wait::until("no submission unfinished", wait::SOON, || {
            let unfinished = self.runtime.block_on(self.store.unfinished());
            matches!(unfinished, Ok((0, _))).then_some(())
        });
        wait::until("no receipt unwritten", wait::SOON, || {
            let unanswered = self
                .runtime
                .block_on(self.store.unanswered(LeftOver::first(1)));
            unanswered
                .is_ok_and(|answers| answers.is_empty())
                .then_some(())
        });
        let running = self.running.take().expect("it runs");
        let stopping = async { tokio::time::timeout(wait::SOON, running.stop()).await };
        assert!(
            self.runtime.block_on(stopping).is_ok(),
            "the daemon did not stop"
        );
        self.tasks.stop();
        self.runtime.block_on(self.store.close());
        let errors = log::take_errors();
        assert!(
            self.expects_errors || errors.is_empty(),
            "errors were logged:\n{}",
            errors.join("\n")
        );
    }
}

/// A document that was put into the account's drop folder.
fn new_arrival(account: AccountId, at: u8, octets: &[u8]) -> NewArrival {
    let now = Timestamp::now();
    let file_name = format!("held {at}.xml");
    NewArrival {
        number: SubmissionNumber::from_random([3, 3, 3, 3, 3, 3, 3, at]),
        sha256: digest(octets),
        arrival: Arc::new(Arrival {
            account,
            user: None,
            door: Door::Folder,
            lane: Lane::Live,
            path: format!("/inbox/{file_name}"),
            file_name,
            octets: octets.to_vec(),
            first_byte: now,
            complete: now,
            session: None,
            mark: None,
            given_up: None,
        }),
    }
}

/// Adds an account with a person and a machine user.
async fn add_account(store: &Store, code: &str, person: &str, robot: &str, key: &KeyPair) {
    let now = Timestamp::now();
    let code = AccountCode::new(code).expect("a code");
    let name = format!("{code} Motor Company Limited");
    let account = new(store.add_account(&code, &name, now).await.expect("added"));
    let person = new_user(store, &account, person, Role::Primary, None).await;
    let hash = access::hash_password(PASSWORD);
    let set = store.set_password(person.id, &hash, now).await;
    set.expect("the password is set");
    let robot = new_user(store, &account, robot, Role::Upload, Some(&person)).await;
    let credential = NewCredential {
        user: robot.id,
        kind: CredentialKind::PublicKey,
        verifier: key.public(),
        fingerprint: Some(key.fingerprint()),
        label: "robot".to_owned(),
    };
    new(store.add_credential(&credential, now).await.expect("added"));
}

async fn new_user(
    store: &Store,
    account: &Account,
    login: &str,
    role: Role,
    contact: Option<&User>,
) -> User {
    let user = NewUser {
        account: Some(account.id),
        login: LoginName::new(login).expect("a log-in name"),
        kind: contact.map_or(UserKind::Person, |_| UserKind::Machine),
        role,
        display_name: contact
            .map_or("Pat Example", |_| "Transfer robot")
            .to_owned(),
        mail: MailAddress::new(login).ok(),
        mail_preference: MailPreference::Failures,
        contact: contact.map(|person| person.id),
    };
    new(store
        .add_user(&user, Timestamp::now())
        .await
        .expect("added"))
}

fn new<T>(added: Added<T>) -> T {
    match added {
        Added::New(thing) => thing,
        Added::Taken => panic!("the name was taken"),
    }
}
