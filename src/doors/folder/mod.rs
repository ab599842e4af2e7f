//! The folder door: takes in what other programs put into the drop folders.
//!
//! *Invariant*: looking is the truth, events only make it sooner. Every folder is looked through at
//! the start and every [`config::DropFolders::scan_every`], so a lost event costs that long at most.
//!
//! *Trust*: none in what lies there; see `drop_folder`. Only names that end in `.xml`, in either
//! case, and do not begin with a dot are ever looked at, and of those none that the account ignores.

mod scan;
mod settle;
mod taking;
mod watch;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::config;
use crate::domain::account::{Account, AccountCode, AccountId};
use crate::doors::busy::Busy;
use crate::doors::folder::scan::{LANES, Looked, Scan};
use crate::doors::folder::watch::{Hint, Watch};
use crate::drop_folder::{AccountFolder, DropFolders, Folder};
use crate::intake::Intake;
use crate::runtime::{Clock, Tasks};

/// Events within so short a time are looked after together.
const COALESCE: Duration = Duration::from_millis(100);

/// How often new accounts are asked for: so long an operator waits for the folders of one.
const ACCOUNTS_EVERY: Duration = Duration::from_secs(2);

/// What the door works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Where arrivals go.
    pub intake: Intake,
    /// What is looked through.
    pub folders: DropFolders,
    /// What the SFTP door has in its hands.
    pub busy: Busy,
    /// How often to look, and how long to wait.
    pub config: config::DropFolders,
    /// The largest file.
    pub file_bytes_max: u64,
    /// The time.
    pub clock: Clock,
}

/// The folder door.
pub struct FolderDoor {
    parts: Arc<Parts>,
    accounts: Box<dyn Fn() -> Vec<Account> + Send + Sync>,
    watch: Watch,
    scans: HashMap<AccountId, Scan>,
    places: HashMap<PathBuf, (AccountId, Folder)>,
    due: HashMap<(AccountId, Folder), Instant>,
    /// When everything is looked through next.
    everywhere: Instant,
    /// Accounts whose folder could not be looked through the last time; each is logged once.
    troubled: HashSet<AccountId>,
    is_store_out: bool,
}

impl FolderDoor {
    /// A door that has looked nowhere yet. `accounts` gives all active accounts; it is asked before
    /// every look at everything.
    pub fn new(parts: Parts, accounts: impl Fn() -> Vec<Account> + Send + Sync + 'static) -> Self {
        Self {
            parts: Arc::new(parts),
            accounts: Box::new(accounts),
            watch: Watch::new(),
            scans: HashMap::new(),
            places: HashMap::new(),
            due: HashMap::new(),
            everywhere: Instant::now(),
            troubled: HashSet::new(),
            is_store_out: false,
        }
    }

    /// Looks until `tasks` is stopped. Start it as a lasting task.
    pub async fn run(mut self, tasks: Tasks) {
        let mut accounts = Instant::now();
        loop {
            let now = Instant::now();
            if self.everywhere <= now {
                self.look_everywhere(&tasks).await;
            } else if accounts <= now {
                self.meet_accounts(&tasks, false).await;
                accounts = Instant::now() + ACCOUNTS_EVERY;
            }
            let due = self.due.values().min().copied();
            let next = due.unwrap_or(accounts).min(accounts).min(self.everywhere);
            tokio::select! {
                biased;
                () = tasks.stopped() => return,
                () = tokio::time::sleep_until(next) => self.look_where_due(&tasks).await,
                () = self.watch.happens() => {
                    tokio::time::sleep(COALESCE).await;
                    self.look_where_hinted(&tasks).await;
                }
            }
        }
    }

    /// Looks through every folder of every active account. Done once before the doors open, it makes
    /// the folders that are missing and takes in what came while the program was stopped.
    pub async fn look_everywhere(&mut self, tasks: &Tasks) {
        self.meet_accounts(tasks, true).await;
        self.everywhere = Instant::now() + self.parts.config.scan_every;
    }

    /// Lets go of accounts that are active no more, and looks through the folders of those that are:
    /// all of them, or only new ones.
    async fn meet_accounts(&mut self, tasks: &Tasks, is_all: bool) {
        let accounts = (self.accounts)();
        let active: HashSet<AccountId> = accounts.iter().map(|account| account.id).collect();
        self.scans.retain(|id, _| active.contains(id));
        self.places.retain(|_, (id, _)| active.contains(id));
        self.due.retain(|(id, _), _| active.contains(id));
        for account in accounts {
            let id = account.id;
            if !is_all && self.knows(&account) {
                continue;
            }
            let code = account.code.clone();
            let mut fault = self.open(tasks, account).await.err();
            for folder in LANES {
                let looked = self.look(tasks, id, folder, Hint::All).await;
                fault = fault.or(looked.err());
            }
            // A folder that opens and cannot be listed is not open again.
            self.note_trouble(id, &code, fault);
        }
    }

    /// Is this account looked after, and as it is now?
    fn knows(&self, account: &Account) -> bool {
        self.scans
            .get(&account.id)
            .is_some_and(|scan| scan.account() == account)
    }

    /// Looks at what the events tell of.
    async fn look_where_hinted(&mut self, tasks: &Tasks) {
        let hints = self.watch.hints();
        if hints.is_lost {
            self.watch.forget_all();
            self.look_everywhere(tasks).await;
            return;
        }
        for (place, hint) in hints.folders {
            if let Some((account, folder)) = self.places.get(&place).cloned() {
                self.look_again(tasks, account, folder, hint).await;
            }
        }
    }

    /// Looks at what was to be looked at again about now.
    async fn look_where_due(&mut self, tasks: &Tasks) {
        let now = Instant::now();
        let due = self.due.extract_if(|_, when| *when <= now);
        let due: Vec<(AccountId, Folder)> = due.map(|(place, _)| place).collect();
        for (account, folder) in due {
            let names = self
                .scans
                .get(&account)
                .map(|scan| scan.waiting(&folder))
                .unwrap_or_default();
            let hint = Hint::Names(names.into_iter().collect());
            self.look_again(tasks, account, folder, hint).await;
        }
    }

    /// Opens an account's folder, and watches it before it is looked through.
    async fn open(&mut self, tasks: &Tasks, account: Account) -> io::Result<()> {
        let id = account.id;
        let (folders, code) = (self.parts.folders.clone(), account.code.clone());
        let is_new = !self.scans.contains_key(&id);
        let work = move || open_and_sweep(&folders, &code, is_new);
        let opened = tasks.block("drop", work).await;
        let folder = opened.ok_or(io::ErrorKind::Other)??;
        let top = self.parts.folders.path_of(&account.code);
        for lane in LANES {
            let place = top.join(lane.to_client().trim_start_matches('/'));
            self.watch.add(&place);
            self.places.insert(place, (id, lane));
        }
        match self.scans.entry(id) {
            std::collections::hash_map::Entry::Occupied(mut scan) => {
                scan.get_mut().set(account, folder);
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(Scan::new(Arc::clone(&self.parts), account, folder));
            }
        }
        Ok(())
    }

    /// Looks, and says so if that fails; only a look at everything tells that it works again.
    async fn look_again(&mut self, tasks: &Tasks, account: AccountId, folder: Folder, hint: Hint) {
        let looked = self.look(tasks, account, folder, hint).await;
        let code = self.scans.get(&account).map(|scan| scan.code().clone());
        if let (Err(fault), Some(code)) = (looked, code) {
            self.note_trouble(account, &code, Some(fault));
        }
    }

    async fn look(
        &mut self,
        tasks: &Tasks,
        account: AccountId,
        folder: Folder,
        hint: Hint,
    ) -> io::Result<()> {
        let Some(scan) = self.scans.get_mut(&account) else {
            return Ok(());
        };
        if tasks.is_stopping() {
            return Ok(());
        }
        let looked = scan.look(tasks, &folder, hint).await?;
        self.note_store(&looked);
        if let Some(left) = looked.due {
            let when = Instant::now() + left;
            let due = self.due.entry((account, folder)).or_insert(when);
            *due = when.min(*due);
        }
        Ok(())
    }

    /// One line when a folder cannot be looked through, one when it can again.
    fn note_trouble(&mut self, account: AccountId, code: &AccountCode, fault: Option<io::Error>) {
        match fault {
            Some(fault) => {
                if self.troubled.insert(account) {
                    tracing::error!(
                        account = %code,
                        "the drop folder of {code} cannot be looked through: {fault}. Make it a \
                         folder that this service owns; it is tried again every {} s \
                         (`drop-folders.scan-every`)",
                        self.parts.config.scan_every.as_secs()
                    );
                }
            }
            None => {
                if self.troubled.remove(&account) {
                    tracing::info!(account = %code, "the drop folder of {code} is open again");
                }
            }
        }
    }

    /// One line when the store fails, one when it works again.
    fn note_store(&mut self, looked: &Looked) {
        if let Some(fault) = &looked.store_fault {
            if !self.is_store_out {
                tracing::error!(
                    "{fault}; files in the drop folders stay there, and are taken in when it works"
                );
            }
            self.is_store_out = true;
        } else if looked.has_taken && self.is_store_out {
            tracing::info!("files are taken in from the drop folders again");
            self.is_store_out = false;
        }
    }
}

fn open_and_sweep(
    folders: &DropFolders,
    code: &AccountCode,
    is_new: bool,
) -> io::Result<AccountFolder> {
    let folder = folders.account(code)?;
    if is_new {
        let removed = folder.sweep()?;
        if removed > 0 {
            tracing::info!(account = %code, removed, "removed half-written files of an earlier run");
        }
    }
    Ok(folder)
}

#[cfg(test)]
mod tests;
