//! A store of its own for every test, and the few things that most tests hand in.
//!
//! PostgreSQL: `ECOCD_TEST_POSTGRES` names a server, such as `postgres://postgres@127.0.0.1:5440/postgres`,
//! on which each test makes a database of its own and drops it. Without it those tests say so and pass.

use std::sync::Arc;
use std::time::Duration;

use diesel::sql_query;
use tempfile::TempDir;

use crate::config;
use crate::domain::Timestamp;
use crate::domain::account::{Account, AccountCode, AccountId};
use crate::domain::audit::{Action, Deed};
use crate::domain::outcome::{Case, Finding, Layer, Place, Severity, decide};
use crate::domain::record::Facts;
use crate::domain::submission::{
    Arrival, Door, FileMark, Lane, SessionFacts, Sha256, SubmissionId, SubmissionNumber,
};
use crate::runtime::{self, Tasks};
use crate::store::accounts::Added;
use crate::store::connection::{Target, Use};
use crate::store::{Arrived, Filing, NewArrival, Store};

/// Makes a test for each engine of functions that take a [`Bench`].
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let bench = $crate::store::tests::bench::Bench::sqlite().await;
                super::$name(&bench).await;
                bench.store.close().await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(bench) = $crate::store::tests::bench::Bench::postgres().await else {
                    return;
                };
                super::$name(&bench).await;
                bench.store.close().await;
            })+
        }
    };
}
pub(super) use on_both_engines;

/// A store with its database, which goes when this goes.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) settings: config::Database,
    pub(crate) data: TempDir,
    pub(crate) tasks: Tasks,
    server: Option<String>,
}

impl Bench {
    pub(crate) async fn sqlite() -> Self {
        Self::open(config::Database::default(), None).await
    }

    /// `None`, loudly, if no server is named.
    pub(crate) async fn postgres() -> Option<Self> {
        let server = postgres_server()?;
        let name = format!("ecocd_test_{}", runtime::unique_id().replace('-', ""));
        let create = format!("CREATE DATABASE {name}");
        on_server(server.clone(), create);
        let settings = config::Database {
            url: at_database(&server, &name),
            ..config::Database::default()
        };
        Some(Self::open(settings, Some(server)).await)
    }

    async fn open(settings: config::Database, server: Option<String>) -> Self {
        let data = TempDir::new().unwrap();
        let tasks = Tasks::new();
        let store = Store::open(&settings, data.path(), false, &tasks)
            .await
            .unwrap();
        Self {
            store,
            settings,
            data,
            tasks,
            server,
        }
    }

    /// A second store on the same database.
    pub(crate) async fn another(&self) -> Store {
        Store::open(&self.settings, self.data.path(), false, &self.tasks)
            .await
            .unwrap()
    }

    /// An account of this code.
    pub(crate) async fn account(&self, code: &str) -> Account {
        let code = AccountCode::new(code).unwrap();
        match self.store.add_account(&code, "A manufacturer", at(0)).await {
            Ok(Added::New(account)) => account,
            other => panic!("{other:?}"),
        }
    }

    /// Takes an arrival in.
    pub(crate) async fn arrive(&self, arrival: Arrival) -> SubmissionId {
        let new = new_arrival(arrival);
        match self.store.arrive(new).await.unwrap() {
            Arrived::Taken(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Takes a file in, claims it and files it as accepted or rejected.
    pub(crate) async fn decided(
        &self,
        account: AccountId,
        facts: Facts,
        is_good: bool,
    ) -> SubmissionId {
        let id = self.arrive(arrival(account, "a.xml")).await;
        let filing = filing(id, account, facts, is_good);
        self.store.file(Arc::new(filing)).await.unwrap();
        id
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            let name = self.settings.url.rsplit('/').next().unwrap_or_default();
            on_server(server.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

impl Store {
    /// Runs a statement, in a transaction of its own.
    pub(crate) async fn run(&self, sql: &'static str) {
        self.write(move |db| db.run(sql)).await.unwrap();
    }
}

/// The server for tests, if one is named.
pub(crate) fn postgres_server() -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told by the environment"
    )]
    let server = std::env::var("ECOCD_TEST_POSTGRES").ok();
    if server.is_none() {
        #[expect(clippy::print_stderr, reason = "whoever runs the tests must see it")]
        {
            eprintln!("SKIPPED: ECOCD_TEST_POSTGRES is not set, so nothing ran on PostgreSQL");
        }
    }
    server
}

/// Runs a statement on a server, from a thread of its own as the wire library wants it.
pub(crate) fn on_server(server: String, sql: String) {
    let ran = std::thread::spawn(move || {
        let target = Target::parse(&server, std::path::Path::new("/")).unwrap();
        let mut db = target.connect(Use::Migrate).unwrap();
        crate::store::connection::each!(&mut db, c => diesel::RunQueryDsl::execute(sql_query(&sql), c))
            .unwrap()
    });
    ran.join().unwrap();
}

/// The URL of another database of the same server.
fn at_database(server: &str, name: &str) -> String {
    let (address, _) = server.rsplit_once('/').unwrap();
    format!("{address}/{name}")
}

/// So many seconds after some moment.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

pub(crate) fn digest(octets: &[u8]) -> Sha256 {
    use sha2::Digest;
    Sha256::from_octets(&sha2::Sha256::digest(octets).into())
}

/// A file as the SFTP door hands it in; its octets are its path and a random number.
pub(crate) fn arrival(account: AccountId, name: &str) -> Arrival {
    let octets = format!("<a>{name} {}</a>", runtime::unique_id()).into_bytes();
    Arrival {
        account,
        user: None,
        door: Door::Sftp,
        lane: Lane::Live,
        file_name: name.to_owned(),
        path: format!("/inbox/{name}"),
        octets,
        first_byte: at(0),
        complete: at(1),
        session: Some(SessionFacts {
            id: "0190b1c2-0000-7000-8000-000000000000".to_owned(),
            client: "SSH-2.0-Client".to_owned(),
            remote_ip: "192.0.2.1".to_owned(),
            key_fingerprint: None,
        }),
        mark: None,
        given_up: None,
    }
}

pub(crate) fn mark(inode: u64) -> FileMark {
    FileMark {
        inode,
        size_bytes: 10,
        modified_ns: 1_780_000_000_123_456_789,
    }
}

pub(crate) fn new_arrival(arrival: Arrival) -> NewArrival {
    NewArrival {
        number: SubmissionNumber::from_random(runtime::random()),
        sha256: digest(&arrival.octets),
        arrival: Arc::new(arrival),
    }
}

/// Facts of version 1, stage 1 of a VIN.
pub(crate) fn facts(vin: &str) -> Facts {
    Facts {
        vin: Some(vin.to_owned()),
        ivi_reference_id: Some(runtime::unique_id()),
        ivi_version_number: Some(1),
        manufacturer_stage_number: Some(1),
        type_approval_number: Some("g11*2018/858*00083*17".to_owned()),
        vehicle_category: Some("M1".to_owned()),
        vehicle_type: Some("T".to_owned()),
        variant: Some("V".to_owned()),
        version: Some("E".to_owned()),
    }
}

/// A verdict that accepts, or rejects with one finding.
pub(crate) fn filing(id: SubmissionId, account: AccountId, facts: Facts, is_good: bool) -> Filing {
    let finding = Finding {
        code: "S03-pattern",
        severity: Severity::Error,
        layer: Layer::Schema,
        place: Some(Place { line: 7, column: 9 }),
        path: "/InitialVehicleInformation/Header[1]".to_owned(),
        value: Some("x\0y".to_owned()),
        expected: None,
        message: "It does not fit.".to_owned(),
        help: std::borrow::Cow::default(),
    };
    let findings = if is_good { vec![] } else { vec![finding] };
    let case = Case {
        account,
        door: Door::Sftp,
        sha256: &digest(b"x"),
        holder: None,
    };
    Filing {
        submission: id,
        verdict: decide(findings, &case),
        facts,
        receipt_id: runtime::unique_id(),
        receipt: "{}\n".to_owned(),
        decided: at(2),
        has_notice: true,
    }
}

/// Something that staff did.
pub(crate) fn deed(action: Action, subject: &str) -> Deed {
    Deed {
        id: runtime::unique_id(),
        at: at(10),
        actor: "staff@example.org".to_owned(),
        action,
        subject: subject.to_owned(),
        details: String::new(),
        remote_ip: Some("192.0.2.7".to_owned()),
    }
}

/// The lease of most tests.
pub(crate) const LEASE: Duration = Duration::from_mins(1);
