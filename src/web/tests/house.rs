//! A small world for tests: two accounts, their people, staff, submissions, and browsers.

use std::sync::{Arc, LazyLock};

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::access::{Access, hash_password};
use crate::certificate;
use crate::check;
use crate::config;
use crate::domain::Timestamp;
use crate::domain::account::{
    Account, AccountCode, CredentialKind, LoginName, MailPreference, Role, User, UserKind,
};
use crate::domain::host_key::HostKey;
use crate::domain::outcome::{Case, Finding, Layer, Place, Severity, decide};
use crate::domain::record::Facts;
use crate::domain::submission::{Arrival, Door, Lane, SubmissionNumber};
use crate::intake::{Intake, digest};
use crate::pipeline;
use crate::runtime::{Clock, Tasks};
use crate::store::{Added, Arrived, Filed, Filing, NewArrival, NewCredential, NewUser, Store};
use crate::web::{About, Deps, SftpDoor, Shared, View, routes, session};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A world of its own for each test.
pub(crate) struct House {
    pub(crate) view: Shared,
    pub(crate) store: Store,
    pub(crate) access: Access,
    pub(crate) clock: Clock,
    pub(crate) acme: Account,
    pub(crate) bolt: Account,
    drawn: u8,
    tasks: Tasks,
    pub(crate) folder: TempDir,
}

/// Puts a submission into the house: what is not said is usual.
pub(crate) struct Sent<'a> {
    pub(crate) vin: Option<&'a str>,
    pub(crate) file_name: &'a str,
    pub(crate) octets: &'a [u8],
    pub(crate) ending: Ending,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Waiting,
    Accepted,
    Rejected,
    Held,
}

impl Default for Sent<'_> {
    fn default() -> Self {
        Self {
            vin: Some("STZ00000000782332"),
            file_name: "one.xml",
            octets: b"<a/>",
            ending: Ending::Accepted,
        }
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl House {
    /// People reach it by plain http.
    pub(crate) async fn new() -> Self {
        Self::reached_by("http://127.0.0.1:8080").await
    }

    pub(crate) async fn reached_by(public_url: &str) -> Self {
        Self::with(|about| public_url.clone_into(&mut about.service.public_url)).await
    }

    /// With other settings than the usual.
    pub(crate) async fn with(change: impl FnOnce(&mut About)) -> Self {
        let folder = TempDir::new().unwrap();
        let tasks = Tasks::new();
        let clock = Clock::standing_at(at("2026-05-28T09:54:00Z"));
        let settings = config::Database::default();
        let store = Store::open(&settings, folder.path(), false, &tasks)
            .await
            .unwrap();
        let acme = account(&store, &clock, "acme", "Acme Motors").await;
        let bolt = account(&store, &clock, "bolt", "Bolt Vans").await;
        add_users(&store, &clock, &acme, &bolt).await;
        let access = Access::open(store.clone(), clock.clone(), &tasks)
            .await
            .unwrap();
        let deps = Deps {
            store: store.clone(),
            access: access.clone(),
            intake: Intake::open(store.clone()).await.unwrap(),
            certificates: certificates(),
            clock: clock.clone(),
            tasks: tasks.clone(),
        };
        let mut about = About {
            settings: config::Web::default(),
            service: config::Service::default(),
            registration: config::Registration::default(),
            invitation: config::Invitation::default(),
            file_bytes_max: config::Check::default().file_bytes_max,
            sftp: sftp_door(),
        };
        change(&mut about);
        let view = Arc::new(View::new(about, deps).unwrap());
        Self {
            view,
            store,
            access,
            clock,
            acme,
            bolt,
            drawn: 0,
            tasks,
            folder,
        }
    }

    /// A browser that nobody signed in with.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            view: Arc::clone(&self.view),
            cookies: Vec::new(),
        }
    }

    /// A browser signed in as this user, without the sign-in page.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser {
        let user = self.user(login).await;
        let guest = self.access.guest(user.id).unwrap();
        let cookie = session::begin(&self.view, &guest, false).await.unwrap();
        let mut browser = self.browser();
        browser.keep(cookie.to_str().unwrap());
        browser
    }

    pub(crate) async fn user(&self, login: &str) -> User {
        let login = LoginName::new(login).unwrap();
        self.store.user(&login).await.unwrap().unwrap()
    }

    /// Takes a submission in, and files it if it has an ending.
    pub(crate) async fn send(&mut self, account: &Account, sent: Sent<'_>) -> SubmissionNumber {
        self.drawn += 1;
        let number = SubmissionNumber::from_random([7, 7, 7, 7, 7, 7, self.drawn / 32, self.drawn]);
        self.clock.advance(std::time::Duration::from_secs(1));
        let now = self.clock.now();
        let new = NewArrival {
            number: number.clone(),
            sha256: digest(sent.octets),
            arrival: Arc::new(Arrival {
                account: account.id,
                user: None,
                door: Door::Folder,
                lane: Lane::Live,
                file_name: sent.file_name.to_owned(),
                path: format!("/inbox/{}-{number}", sent.file_name),
                octets: sent.octets.to_vec(),
                first_byte: now,
                complete: now,
                session: None,
                mark: None,
                given_up: None,
            }),
        };
        let Arrived::Taken(_) = self.store.arrive(new).await.unwrap() else {
            panic!("the number was drawn before");
        };
        if sent.ending != Ending::Waiting {
            self.file(&sent, &number).await;
        }
        number
    }

    /// Claims what was just sent, behind all that waited before it, and ends it.
    async fn file(&self, sent: &Sent<'_>, number: &SubmissionNumber) {
        let now = self.clock.now();
        let lease = now + std::time::Duration::from_mins(1);
        let submission = loop {
            let work = self.store.claim(1, "n", now, lease, 3).await.unwrap();
            let claimed = work.claimed.into_iter().next().unwrap();
            if claimed.submission.number == *number {
                break claimed.submission;
            }
        };
        if sent.ending == Ending::Held {
            self.store
                .hold(submission.id, "it kept failing")
                .await
                .unwrap();
            return;
        }
        let findings = match sent.ending {
            Ending::Rejected => vec![hostile_finding()],
            _ => Vec::new(),
        };
        let case = Case {
            account: submission.account,
            door: submission.door,
            sha256: &submission.sha256,
            holder: None,
        };
        let filing = Filing {
            submission: submission.id,
            verdict: decide(findings, &case),
            facts: facts(sent.vin),
            receipt_id: crate::runtime::unique_id(),
            receipt: format!("{{\"submission\": \"{}\"}}\n", submission.number),
            decided: now,
            has_notice: false,
        };
        let filed = self.store.file(Arc::new(filing)).await.unwrap();
        assert_eq!(filed, Filed::Done);
    }

    /// Ends what runs in the background.
    pub(crate) async fn close(self) {
        self.tasks.stop();
        self.tasks.ended().await;
    }
}

/// A door with one host key, and one to come.
pub(crate) fn sftp_door() -> SftpDoor {
    let key = |print: &str, from: Option<&str>| HostKey {
        algorithm: "ssh-ed25519".to_owned(),
        fingerprint: format!("SHA256:{print}"),
        public: format!("ssh-ed25519 AAAA{print}"),
        from: from.map(at),
    };
    let keys = vec![key("now", None), key("next", Some("2026-07-01T00:00:00Z"))];
    SftpDoor {
        settings: config::Sftp::default(),
        host: "sftp.example.org".to_owned(),
        port: 2222,
        host_keys: tokio::sync::watch::Sender::new(keys).subscribe(),
    }
}

pub(crate) fn hostile_finding() -> Finding {
    Finding {
        code: "S03-pattern",
        severity: Severity::Error,
        layer: Layer::Schema,
        place: Some(Place {
            line: 12,
            column: 34,
        }),
        path: "/InitialVehicleInformation/Header[1]".to_owned(),
        value: Some("<script>alert(1)</script>".to_owned()),
        expected: Some("a whole number".to_owned()),
        message: "IviVersionNumber must be a whole number.".to_owned(),
        help: "See the manual.".into(),
    }
}

pub(crate) fn facts(vin: Option<&str>) -> Facts {
    Facts {
        vin: vin.map(str::to_owned),
        ivi_version_number: vin.map(|_| 3),
        manufacturer_stage_number: vin.map(|_| 1),
        type_approval_number: vin.map(|_| "g11*2018/858*00083*17".to_owned()),
        vehicle_category: vin.map(|_| "M1G".to_owned()),
        ..Facts::default()
    }
}

/// Reads documents with the schema that ships, which is compiled once.
fn certificates() -> certificate::Reader {
    static READER: LazyLock<certificate::Reader> = LazyLock::new(|| {
        let settings = pipeline::settings(&config::Check::default());
        let schema = check::Schema::built_in().unwrap();
        certificate::Reader::new(Arc::new(schema), Arc::new(settings))
    });
    READER.clone()
}

async fn account(store: &Store, clock: &Clock, code: &str, name: &str) -> Account {
    let code = AccountCode::new(code).unwrap();
    match store.add_account(&code, name, clock.now()).await.unwrap() {
        Added::New(account) => account,
        Added::Taken => panic!("the account is new"),
    }
}

/// Everybody: log-in name, the account's code, kind, role, name.
const PEOPLE: [(&str, &str, UserKind, Role, &str); 8] = [
    (
        "ann@acme.example",
        "acme",
        UserKind::Person,
        Role::Primary,
        "Ann Able",
    ),
    (
        "bob@bolt.example",
        "bolt",
        UserKind::Person,
        Role::View,
        "Bob <b>Bold</b>",
    ),
    (
        "sue@staff.example",
        "",
        UserKind::Person,
        Role::Reviewer,
        "Sue Staff",
    ),
    (
        "uma@acme.example",
        "acme",
        UserKind::Person,
        Role::Upload,
        "Uma Upton",
    ),
    (
        "vic@acme.example",
        "acme",
        UserKind::Person,
        Role::View,
        "Vic Viewer",
    ),
    (
        "pia@bolt.example",
        "bolt",
        UserKind::Person,
        Role::Primary,
        "Pia Prime",
    ),
    (
        "oz@staff.example",
        "",
        UserKind::Person,
        Role::Operator,
        "Oz Operator",
    ),
    (
        "acme-robot",
        "acme",
        UserKind::Machine,
        Role::Upload,
        "Robot",
    ),
];

async fn add_users(store: &Store, clock: &Clock, acme: &Account, bolt: &Account) {
    // One hash for all: making one takes time.
    let verifier = hash_password(PASSWORD);
    for (login, code, kind, role, name) in PEOPLE {
        let account = [acme, bolt]
            .into_iter()
            .find(|one| one.code.as_str() == code);
        let new = NewUser {
            account: account.map(|account| account.id),
            login: LoginName::new(login).unwrap(),
            kind,
            role,
            display_name: name.to_owned(),
            mail: None,
            mail_preference: MailPreference::None,
            contact: None,
        };
        let Added::New(user) = store.add_user(&new, clock.now()).await.unwrap() else {
            panic!("the user is new");
        };
        let credential = NewCredential {
            user: user.id,
            kind: CredentialKind::Password,
            verifier: verifier.clone(),
            fingerprint: None,
            label: String::new(),
        };
        store
            .add_credential(&credential, clock.now())
            .await
            .unwrap();
    }
}

/// Asks as a browser does, and keeps cookies.
pub(crate) struct Browser {
    view: Shared,
    cookies: Vec<(String, String)>,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The value of the form field `csrf`.
    pub(crate) fn csrf(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// The value of the page's last field `csrf`, behind those of its head.
    pub(crate) fn last_csrf(&self) -> String {
        let (_, rest) = self.text.rsplit_once("name=\"csrf\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    pub(crate) fn title(&self) -> &str {
        let (_, rest) = self.text.split_once("<title>").unwrap();
        rest.split_once("</title>").unwrap().0
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.post_from(path, form, &[]).await
    }

    pub(crate) async fn post_from(
        &mut self,
        path: &str,
        form: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request =
            Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !pairs.is_empty() {
            let line = pairs.join("; ").parse().unwrap();
            request.headers_mut().insert(COOKIE, line);
        }
        let response: Response = routes(Arc::clone(&self.view))
            .oneshot(request)
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let octets = to_bytes(body, 1 << 24).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&octets).into_owned(),
        }
    }

    /// Keeps a cookie as a `Set-Cookie` line asks.
    pub(crate) fn keep(&mut self, line: &str) {
        let (pair, _) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        self.cookies.retain(|(known, _)| known != name);
        if !line.contains("Max-Age=0") {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let found = self.cookies.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}
