//! The door's requests on real folders and a real store, without SSH in between.

mod arriving;
mod confined;
mod credentials;
mod entering;
mod extensions;
mod handing_in;
mod hostile;
mod large;
mod openssh;
mod programs;
mod racing;
mod renaming;
mod sharing;
mod staying;
mod tree;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use crate::access::testing::Acme;
use crate::access::{Access, Guest};
use crate::config;
use crate::domain::submission::SessionFacts;
use crate::doors::busy::Busy;
use crate::doors::sftp::allowance::{Allowances, Waited};
use crate::doors::sftp::holdings::Holdings;
use crate::doors::sftp::places::Places;
use crate::doors::sftp::pump::{Outlet, Pump};
use crate::doors::sftp::quota::Quota;
use crate::doors::sftp::readme;
use crate::doors::sftp::requests::Later;
use crate::doors::sftp::spool::MEMORY_BYTES_MAX;
use crate::doors::sftp::visit::{House, LONG_WORKS_MAX, Visit};
use crate::doors::sftp::wire;
use crate::drop_folder::{DropFolders, STAGED_PREFIX};
use crate::intake::{Intake, Taken};
use crate::runtime::{Clock, Tasks};

const DOCUMENT: &[u8] = b"<?xml version='1.0'?>\n<a><b>text</b></a>\n";

/// The account `acme` with its drop folder.
struct Bench {
    acme: Acme,
    settings: config::Config,
    intake: Intake,
    busy: Busy,
    folders: DropFolders,
    /// Is the robot let in with the key in the file `key`?
    lets_key_in: bool,
    /// Where the open door's legacy port listens.
    legacy_port: Option<u16>,
    /// The door's clock.
    clock: Clock,
}

impl Bench {
    async fn new() -> Self {
        let acme = Acme::new().await;
        let mut settings = config::Config::default();
        settings.check.file_bytes_max = 100_000;
        let intake = Intake::open(acme.store.clone()).await.unwrap();
        let folders = DropFolders::open(&acme.place.path().join("drop")).unwrap();
        Self {
            acme,
            settings,
            intake,
            busy: Busy::default(),
            folders,
            lets_key_in: true,
            legacy_port: None,
            clock: Clock::system(),
        }
    }

    async fn access(&self) -> Access {
        let acme = &self.acme;
        let opened = Access::open(acme.store.clone(), Clock::system(), &acme.tasks).await;
        opened.unwrap()
    }

    /// A session of the user that has sent INIT.
    async fn client(&self) -> Client {
        self.client_of(&Arc::new(self.house())).await
    }

    /// What the sessions of one door share.
    fn house(&self) -> House {
        House {
            settings: self.settings.sftp.clone(),
            file_bytes_max: self.settings.check.file_bytes_max,
            memory_bytes_max: MEMORY_BYTES_MAX,
            intake: self.intake.clone(),
            is_store_out: false.into(),
            folders: self.folders.clone(),
            busy: self.busy.clone(),
            clock: self.clock.clone(),
            tasks: self.acme.tasks.clone(),
            places: Places::default(),
            allowances: Allowances::new(&self.settings.sftp, self.settings.check.file_bytes_max),
            turns: Semaphore::new(LONG_WORKS_MAX),
            quota: Quota::new(&self.settings.sftp),
            holdings: Holdings::new(&self.settings.drop_folders),
            readme: readme::text(&self.settings).into_bytes().into(),
            limits: readme::limits(&self.settings).into_bytes().into(),
        }
    }

    /// The same, of a door with other sessions.
    async fn client_of(&self, house: &Arc<House>) -> Client {
        let guest = Guest {
            user: self.acme.robot.clone(),
            account: Some(self.acme.account.clone()),
            uploaded_by: "Robot".to_owned(),
            key_fingerprint: None,
            password_since: None,
            certificate_until: None,
            must_change_password: false,
        };
        let facts = SessionFacts {
            id: "session".to_owned(),
            client: "SSH-2.0-test".to_owned(),
            remote_ip: "192.0.2.1".to_owned(),
            key_fingerprint: None,
        };
        let folder = self.folders.account(&self.acme.account.code).unwrap();
        let account = self.acme.account.clone();
        let visit = Visit::new(Arc::clone(house), &guest, account, folder, facts);
        let mut client = Client::new(Arc::new(visit), self.acme.tasks.clone());
        let version = client.ask(&[1, 0, 0, 0, 3]).await;
        assert_eq!(version[..5], [2, 0, 0, 0, 3]);
        client
    }

    fn file(&self, path: &str) -> PathBuf {
        self.acme.place.path().join("drop/acme").join(path)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.file(path)).ok()
    }

    fn taken(&self, path: &str) -> Option<Taken> {
        self.intake.taken(self.acme.account.id, path)
    }

    /// Waits for the tasks that the door has started on its own.
    async fn settle(&self) {
        self.acme.tasks.stop();
        self.acme.tasks.ended().await;
    }
}

/// Speaks SFTP to a pump.
struct Client {
    pump: Pump,
    outlet: Ear,
    ids: u32,
}

/// Hears the answers.
struct Ear {
    heard: Vec<u8>,
    later: mpsc::UnboundedSender<Vec<u8>>,
    coming: mpsc::UnboundedReceiver<Vec<u8>>,
    tasks: Tasks,
    is_full: bool,
}

impl Outlet for Ear {
    fn send(&mut self, octets: Vec<u8>) {
        self.heard.extend(octets);
    }

    fn send_later(&mut self, id: u32, later: Later, waited: Waited) {
        let sender = self.later.clone();
        self.tasks.spawn("test: a late answer", async move {
            let mut out = Vec::new();
            wire::encode(id, &later.await, &mut out);
            drop(sender.send(out));
            drop(waited);
        });
    }

    fn is_full(&self) -> bool {
        self.is_full
    }
}

/// What a test reads of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Heard {
    Status(u32, String),
    Handle(Vec<u8>),
    Other(u8, Vec<u8>),
}

impl Heard {
    fn handle(self) -> Vec<u8> {
        match self {
            Self::Handle(handle) => handle,
            other => panic!("no handle, but {other:?}"),
        }
    }

    fn code(&self) -> u32 {
        match self {
            Self::Status(code, sentence) => {
                assert!(!sentence.is_empty());
                *code
            }
            other => panic!("no status, but {other:?}"),
        }
    }
}

const OK: u32 = 0;
const END: u32 = 1;
const ABSENT: u32 = 2;
const DENIED: u32 = 3;
const FAILURE: u32 = 4;

// Flags of OPEN.
const R: u32 = 1;
const W: u32 = 2;
const A: u32 = 4;
const C: u32 = 8;
const T: u32 = 16;
const X: u32 = 32;

impl Client {
    fn new(visit: Arc<Visit>, tasks: Tasks) -> Self {
        let (later, coming) = mpsc::unbounded_channel();
        Self {
            pump: Pump::new(visit),
            outlet: Ear {
                heard: Vec::new(),
                later,
                coming,
                tasks,
                is_full: false,
            },
            ids: 0,
        }
    }

    /// Sends a packet and waits for one in answer, without lengths.
    async fn ask(&mut self, packet: &[u8]) -> Vec<u8> {
        self.feed(&framed(packet)).await;
        self.hear().await
    }

    async fn feed(&mut self, octets: &[u8]) {
        self.pump.feed(octets, &mut self.outlet).await.unwrap();
    }

    /// The next packet.
    async fn hear(&mut self) -> Vec<u8> {
        while self.outlet.heard.is_empty() {
            let late = self.outlet.coming.recv().await.unwrap();
            self.outlet.heard.extend(late);
        }
        let heard = &mut self.outlet.heard;
        let length = u32::from_be_bytes(heard[..4].try_into().unwrap()) as usize;
        let packet = heard[4..4 + length].to_vec();
        heard.drain(..4 + length);
        packet
    }

    /// A request of `kind` with a fresh id before `body`.
    fn request(&mut self, kind: u8, body: &[Vec<u8>]) -> Vec<u8> {
        self.ids += 1;
        [&[kind][..], &self.ids.to_be_bytes(), &body.concat()].concat()
    }

    async fn send(&mut self, kind: u8, body: &[Vec<u8>]) -> Heard {
        let request = self.request(kind, body);
        let answer = self.ask(&request).await;
        assert_eq!(
            answer[1..5],
            self.ids.to_be_bytes(),
            "the id of the request"
        );
        heard(&answer)
    }

    async fn open(&mut self, path: &str, flags: u32) -> Heard {
        self.send(3, &[string(path), number(flags), number(0)])
            .await
    }

    async fn write(&mut self, handle: &[u8], offset: u64, data: &[u8]) -> u32 {
        let body = [octets(handle), offset.to_be_bytes().to_vec(), octets(data)];
        self.send(6, &body).await.code()
    }

    async fn read(&mut self, handle: &[u8], offset: u64, bytes: u32) -> Heard {
        let body = [octets(handle), offset.to_be_bytes().to_vec(), number(bytes)];
        self.send(5, &body).await
    }

    async fn close(&mut self, handle: &[u8]) -> u32 {
        self.send(4, &[octets(handle)]).await.code()
    }

    /// OPEN, WRITE and CLOSE.
    async fn put(&mut self, path: &str, content: &[u8]) -> u32 {
        let handle = self.open(path, W | C | T).await.handle();
        assert_eq!(self.write(&handle, 0, content).await, OK);
        self.close(&handle).await
    }

    async fn stat(&mut self, path: &str) -> Heard {
        self.send(17, &[string(path)]).await
    }

    async fn set_times(&mut self, path: &str, seconds: u32) -> u32 {
        let attrs = [number(8), number(seconds), number(seconds)].concat();
        self.send(9, &[string(path), attrs]).await.code()
    }

    async fn remove(&mut self, path: &str) -> u32 {
        self.send(13, &[string(path)]).await.code()
    }

    async fn rename(&mut self, from: &str, to: &str) -> u32 {
        self.send(18, &[string(from), string(to)]).await.code()
    }

    async fn posix_rename(&mut self, from: &str, to: &str) -> u32 {
        let name = string("posix-rename@openssh.com");
        let heard = self.send(200, &[name, string(from), string(to)]).await;
        heard.code()
    }

    /// The names in a folder, and how many answers they came in.
    async fn list(&mut self, path: &str) -> Vec<String> {
        let handle = self.send(11, &[string(path)]).await.handle();
        let mut names = Vec::new();
        loop {
            match self.send(12, &[octets(&handle)]).await {
                Heard::Other(104, body) => names.extend(names_in(&body)),
                end => {
                    assert_eq!(end.code(), END);
                    break;
                }
            }
        }
        assert_eq!(self.close(&handle).await, OK);
        names
    }
}

fn heard(answer: &[u8]) -> Heard {
    let body = &answer[5..];
    let text = |from: usize| {
        let length = u32::from_be_bytes(body[from..from + 4].try_into().unwrap()) as usize;
        body[from + 4..from + 4 + length].to_vec()
    };
    match answer[0] {
        101 => {
            let code = u32::from_be_bytes(body[..4].try_into().unwrap());
            Heard::Status(code, String::from_utf8(text(4)).unwrap())
        }
        102 => Heard::Handle(text(0)),
        kind => Heard::Other(kind, body.to_vec()),
    }
}

fn names_in(body: &[u8]) -> Vec<String> {
    let mut rest = &body[4..];
    let mut names = Vec::new();
    let take = |rest: &mut &[u8]| {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let text = rest[4..4 + length].to_vec();
        *rest = &rest[4 + length..];
        String::from_utf8(text).unwrap()
    };
    while !rest.is_empty() {
        names.push(take(&mut rest));
        let line = take(&mut rest);
        assert!(line.ends_with(names.last().unwrap()), "{line}");
        // Flags, size, permissions, two times: as this door always sends them.
        rest = &rest[4 + 8 + 4 + 8..];
    }
    names
}

fn framed(packet: &[u8]) -> Vec<u8> {
    octets(packet)
}

fn octets(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).unwrap();
    [&length.to_be_bytes(), octets].concat()
}

fn string(text: &str) -> Vec<u8> {
    octets(text.as_bytes())
}

fn number(number: u32) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// The size in an answer to STAT.
fn size(heard: &Heard) -> u64 {
    match heard {
        Heard::Other(105, body) => u64::from_be_bytes(body[4..12].try_into().unwrap()),
        other => panic!("no attributes, but {other:?}"),
    }
}
