//! One account's drop folder looked through: what is new, what changed, what is gone.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::domain::account::{Account, AccountCode};
use crate::domain::submission::FileMark;
use crate::doors::folder::Parts;
use crate::doors::folder::settle::{Next, Pending, Shape};
use crate::doors::folder::taking::{Came, Candidate};
use crate::doors::folder::watch::Hint;
use crate::doors::markers::{self, Marked};
use crate::drop_folder::{AccountFolder, DropPath, FileFacts, Folder};
use crate::runtime::Tasks;

/// Files read and taken in at the same time: they share commits, and their octets are in memory.
const AT_ONCE: usize = 16;
/// The most taken in with one look: the other accounts' files wait no longer than that takes.
const LOOK_MAX: usize = 2000;
/// When to look again at a file that changed under our eyes.
const SOON: Duration = Duration::from_millis(200);
/// When to look again at a file to whose place an upload is open.
const WRITTEN_PAUSE: Duration = Duration::from_secs(1);
/// When to try again after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// The folders that are looked through.
pub(super) const LANES: [Folder; 2] = [Folder::Inbox, Folder::Test];

/// One account's drop folder, and what waits in it.
pub(super) struct Scan {
    parts: Arc<Parts>,
    account: Arc<Account>,
    folder: AccountFolder,
    pending: HashMap<DropPath, Pending>,
    /// Files that could not be read, each logged once as it stands.
    refused: HashMap<DropPath, FileFacts>,
}

/// What a look at one folder gave.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// When something in it is due.
    pub(super) due: Option<Duration>,
    /// What the store said, if it failed.
    pub(super) store_fault: Option<String>,
    /// Was anything taken in?
    pub(super) has_taken: bool,
}

impl Looked {
    fn due_in(&mut self, left: Duration) {
        self.due = Some(self.due.map_or(left, |due| due.min(left)));
    }
}

impl Scan {
    pub(super) fn new(parts: Arc<Parts>, account: Account, folder: AccountFolder) -> Self {
        Self {
            parts,
            account: Arc::new(account),
            folder,
            pending: HashMap::new(),
            refused: HashMap::new(),
        }
    }

    /// Whose it is.
    pub(super) fn code(&self) -> &AccountCode {
        &self.account.code
    }

    /// Whose it is, as it was last told.
    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    /// The account as it is now, and the folder in use; another one if the old one was removed and
    /// made again.
    pub(super) fn set(&mut self, account: Account, folder: AccountFolder) {
        if *self.account != account {
            self.account = Arc::new(account);
        }
        self.folder = folder;
    }

    /// The names in `folder` that wait.
    pub(super) fn waiting(&self, folder: &Folder) -> Vec<String> {
        self.pending
            .keys()
            .filter(|path| path.folder == *folder)
            .map(|path| path.name().to_owned())
            .collect()
    }

    /// Looks at `folder` where `hint` says, takes in what is complete, forgets what is gone.
    pub(super) async fn look(
        &mut self,
        tasks: &Tasks,
        folder: &Folder,
        hint: Hint,
    ) -> io::Result<Looked> {
        // Before the listing: what is taken in meanwhile may be on its way to its name.
        let hint = self.of_files(folder, hint);
        if hint == Hint::All {
            self.clear_markers(tasks, folder).await;
        }
        let taken = match &hint {
            Hint::All => self.taken_in(folder),
            Hint::Names(names) => paths(folder, names),
        };
        let (opened, wanted) = (self.folder.clone(), folder.clone());
        let account = Arc::clone(&self.account);
        let listing = tasks.block("drop", move || list(&account, &opened, &wanted, hint));
        let found = listing.await.ok_or(io::ErrorKind::Other)??;
        self.forget(tasks, folder, taken, &found).await;
        let mut looked = Looked::default();
        let ready = self.sift(found, &mut looked);
        self.take(tasks, ready, &mut looked).await;
        Ok(looked)
    }

    /// The files that a hint is of: itself, or those that it marks.
    fn of_files(&self, folder: &Folder, hint: Hint) -> Hint {
        let Hint::Names(names) = hint else {
            return hint;
        };
        let paths = paths(folder, &names);
        let marked = paths
            .iter()
            .flat_map(|path| markers::marked_by(&self.account, path));
        let files = paths
            .iter()
            .filter(|path| markers::is_judged(&self.account, path));
        let names = files.cloned().chain(marked);
        Hint::Names(names.map(|path| path.name().to_owned()).collect())
    }

    fn is_marked(&self, path: &DropPath) -> bool {
        let markers = &self.parts.busy.markers;
        markers.marked(&self.account, &self.folder, path) != Marked::Missing
    }

    /// Removes the markers that served long enough ago, and finds those that served before a start.
    async fn clear_markers(&self, tasks: &Tasks, lane: &Folder) {
        if self.account.handing_in.done_marker.is_none() {
            return;
        }
        let (account, folder) = (Arc::clone(&self.account), self.folder.clone());
        let (parts, lane) = (Arc::clone(&self.parts), lane.clone());
        let work = move || {
            let (now, known) = (parts.clock.uptime(), &parts.busy.markers);
            for (marker, mark) in known.expired(account.id, now) {
                // Written anew since, it is another one.
                if folder.facts(&marker).is_ok_and(|facts| facts.mark == mark)
                    && let Err(fault) = folder.remove(&marker)
                {
                    tracing::debug!(%fault, "a done-marker stays");
                }
            }
            let is_taken = |file: &DropPath, mark| {
                let taken = parts.intake.taken(account.id, &file.to_client());
                taken.is_some_and(|taken| taken.mark == mark)
            };
            // What cannot be listed is said where the files are looked for.
            let stale = stale_markers(&account, &folder, &lane, is_taken).unwrap_or_default();
            for (marker, mark) in stale {
                if !known.has_served(account.id, &marker, mark) {
                    known.serve(account.id, marker, mark, now);
                }
            }
        };
        tasks.block("drop", work).await;
    }

    /// The paths in `folder` that were taken in, or that wait.
    fn taken_in(&self, folder: &Folder) -> Vec<DropPath> {
        let taken = self.parts.intake.taken_paths(self.account.id);
        taken
            .iter()
            .filter_map(|path| DropPath::from_client(path))
            .chain(self.pending.keys().chain(self.refused.keys()).cloned())
            .filter(|path| path.folder == *folder)
            .collect()
    }

    /// Forgets those of `known` that are not among `found`, and really are gone.
    async fn forget(
        &mut self,
        tasks: &Tasks,
        folder: &Folder,
        known: Vec<DropPath>,
        found: &[(DropPath, FileFacts)],
    ) {
        let there: std::collections::HashSet<&DropPath> =
            found.iter().map(|(path, _)| path).collect();
        let gone: Vec<DropPath> = known
            .into_iter()
            .filter(|path| path.folder == *folder && !there.contains(path))
            .collect();
        for path in gone {
            self.pending.remove(&path);
            self.refused.remove(&path);
            let client = path.to_client();
            let (account, intake) = (self.account.id, &self.parts.intake);
            let Some(taken) = intake.taken(account, &client) else {
                continue;
            };
            // The SFTP door takes a file in first and gives it its name then.
            if self.parts.busy.is_changing(account, &client) {
                continue;
            }
            let opened = self.folder.clone();
            let is_gone = tasks.block("drop", move || {
                opened
                    .facts(&path)
                    .is_err_and(|fault| fault.kind() == io::ErrorKind::NotFound)
            });
            if is_gone.await == Some(true) && intake.taken(account, &client) == Some(taken) {
                intake.forget(account, &client).await;
            }
        }
    }

    /// Picks those that must be read now, in the order in which they were written.
    fn sift(
        &mut self,
        found: Vec<(DropPath, FileFacts)>,
        looked: &mut Looked,
    ) -> Vec<(DropPath, Pending, bool)> {
        let now = self.parts.clock.uptime();
        let mut ready = Vec::new();
        for (path, facts) in found {
            if !facts.is_plain {
                self.refuse(path, facts, "it is no regular file with one name");
                continue;
            }
            let client = path.to_client();
            let account = self.account.id;
            let taken = self.parts.intake.taken(account, &client);
            if taken.is_some_and(|taken| taken.mark == facts.mark) {
                self.pending.remove(&path);
                continue;
            }
            let known = self.pending.get(&path).copied();
            let mut pending = Pending::seen(known, facts.mark, now);
            if pending.shape == Some(Shape::Unmarked) && self.is_marked(&path) {
                pending.shape = None;
            }
            self.pending.insert(path.clone(), pending);
            if self.parts.busy.is_changing(account, &client) {
                looked.due_in(SOON);
                continue;
            }
            if self.parts.busy.is_writing(account, &client) {
                // Its wait begins when the upload ends.
                self.pending
                    .insert(path, Pending::seen(None, facts.mark, now));
                looked.due_in(WRITTEN_PAUSE);
                continue;
            }
            let is_living = self.parts.busy.is_living(account, &client);
            match pending.next(is_living, now, &self.parts.config) {
                Next::Wait(left) => looked.due_in(left),
                Next::Read | Next::Take | Next::GiveUp(_) => {
                    ready.push((path, pending, is_living));
                }
            }
        }
        ready.sort_by_key(|(_, pending, _)| pending.mark.modified_ns);
        if ready.len() > LOOK_MAX {
            ready.truncate(LOOK_MAX);
            looked.due_in(Duration::ZERO);
        }
        ready
    }

    /// Reads those that are ready, several at a time, and takes in what is to be taken.
    async fn take(
        &mut self,
        tasks: &Tasks,
        ready: Vec<(DropPath, Pending, bool)>,
        looked: &mut Looked,
    ) {
        for some in ready.chunks(AT_ONCE) {
            if looked.store_fault.is_some() || tasks.is_stopping() {
                return;
            }
            let mut reading = Vec::with_capacity(some.len());
            for (path, pending, is_living) in some {
                let candidate = Candidate {
                    parts: Arc::clone(&self.parts),
                    account: Arc::clone(&self.account),
                    folder: self.folder.clone(),
                    path: path.clone(),
                    pending: *pending,
                    is_living: *is_living,
                };
                let (came, comes) = oneshot::channel();
                let mine = tasks.clone();
                tasks.spawn("drop", async move {
                    // It goes back only if the door itself is gone.
                    drop(came.send(candidate.look(&mine).await));
                });
                reading.push((path, comes));
            }
            for (path, comes) in reading {
                if let Ok(came) = comes.await {
                    self.note(path, came, looked);
                }
            }
        }
    }

    fn note(&mut self, path: &DropPath, came: Came, looked: &mut Looked) {
        match came {
            Came::Taken => {
                looked.has_taken = true;
                self.pending.remove(path);
                self.refused.remove(path);
            }
            Came::Changed => looked.due_in(SOON),
            Came::Waits(pending, left) => {
                self.pending.insert(path.clone(), pending);
                looked.due_in(left);
            }
            Came::Fault(fault) => {
                looked.store_fault = Some(fault);
                looked.due_in(STORE_PAUSE);
            }
            Came::Unreadable(fault) => {
                let mark = self.pending.remove(path).map(|pending| pending.mark);
                if let Some(mark) = mark {
                    let facts = FileFacts {
                        mark,
                        is_plain: true,
                        is_folder: false,
                    };
                    self.refuse(path.clone(), facts, &fault.to_string());
                }
            }
        }
    }

    /// Notes a file that cannot be taken as it stands; says so once.
    fn refuse(&mut self, path: DropPath, facts: FileFacts, why: &str) {
        if self.refused.get(&path) == Some(&facts) {
            return;
        }
        tracing::warn!(
            account = %self.account.code,
            "{} in the drop folder of {} is not taken in: {why}. Put a copy there that this \
             service may read",
            path.to_client().escape_debug(),
            self.account.code,
        );
        self.refused.insert(path, facts);
    }
}

/// The markers in `folder` that no file needs any more, as it seems.
fn stale_markers(
    account: &Account,
    folder: &AccountFolder,
    lane: &Folder,
    is_taken: impl Fn(&DropPath, FileMark) -> bool,
) -> io::Result<Vec<(DropPath, FileMark)>> {
    let mut stale = Vec::new();
    for (name, facts) in folder.list(lane)? {
        let Some(marker) = DropPath::new(lane.clone(), &name).filter(|_| facts.is_plain) else {
            continue;
        };
        let files = markers::marked_by(account, &marker);
        let is_stale = files.iter().any(|file| {
            let there = folder.facts(file);
            there.is_ok_and(|there| is_taken(file, there.mark))
        });
        if is_stale {
            stale.push((marker, facts.mark));
        }
    }
    Ok(stale)
}

fn paths(folder: &Folder, names: &std::collections::HashSet<String>) -> Vec<DropPath> {
    names
        .iter()
        .filter_map(|name| DropPath::new(folder.clone(), name))
        .collect()
}

/// The candidates in `folder` that `hint` asks for, with what is known of each.
fn list(
    account: &Account,
    opened: &AccountFolder,
    folder: &Folder,
    hint: Hint,
) -> io::Result<Vec<(DropPath, FileFacts)>> {
    let mut found = Vec::new();
    match hint {
        Hint::All => {
            for (name, facts) in opened.list(folder)? {
                if let Some(path) = DropPath::new(folder.clone(), &name)
                    && markers::is_judged(account, &path)
                    && !facts.is_folder
                {
                    found.push((path, facts));
                }
            }
        }
        Hint::Names(names) => {
            for path in paths(folder, &names) {
                match opened.facts(&path) {
                    Ok(facts) if facts.is_folder => {}
                    Ok(facts) => found.push((path, facts)),
                    Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
                    Err(fault) => return Err(fault),
                }
            }
        }
    }
    Ok(found)
}
