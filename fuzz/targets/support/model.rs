//! What a drop folder and the handles of one session must be, after requests that came one by one.
//!
//! It knows files as names with octets, and nothing of how the service keeps them.

use std::collections::BTreeMap;

use ecocd::doors::complete::{Completeness, completeness};

/// The longest file that the playground takes.
pub const BYTES_MAX: usize = 4096;

// Codes of SSH_FXP_STATUS.
pub const OK: u32 = 0;
pub const END: u32 = 1;
pub const ABSENT: u32 = 2;
pub const DENIED: u32 = 3;
pub const FAILURE: u32 = 4;
pub const UNSUPPORTED: u32 = 8;

// Flags of OPEN.
pub const READ: u32 = 1;
pub const WRITE: u32 = 2;
pub const APPEND: u32 = 4;
pub const CREATE: u32 = 8;
pub const TRUNCATE: u32 = 16;
pub const EXCLUSIVE: u32 = 32;

/// An answer, as far as it is told beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Status(u32),
    Handle,
    Data(Vec<u8>),
    /// Names, with the sizes of files.
    Names(Vec<(String, Option<u64>)>),
    /// A file of this size.
    File(u64),
    Folder,
    Extended(Vec<u8>),
    /// A file of the service's own, or numbers that are its own to choose.
    Own,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    File(&'static str),
    /// A file of the service's own at the root.
    Fixed,
    Folder(&'static str),
    /// A day of `/receipts` on which nothing was answered.
    NoDay,
    /// The place of a receipt that is not there.
    NoReceipt,
    /// A name that no file can have.
    BadName,
    Nowhere,
}

/// A file that has its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub octets: Vec<u8>,
    is_handed_in: bool,
    /// Which it is, and the time that it was given.
    mark: (u64, Option<u32>),
}

/// An open upload.
#[derive(Debug, Clone)]
pub struct Upload {
    pub path: &'static str,
    octets: Vec<u8>,
    kept: usize,
    flags: u32,
    shift: Option<u64>,
    /// Of each octet: did it come?
    came: Vec<bool>,
    /// So much of what was kept may still be there.
    left: usize,
    is_changed: bool,
    is_too_large: bool,
    time: Option<u32>,
    found: Option<(u64, Option<u32>)>,
}

#[derive(Debug, Clone)]
pub enum Handle {
    Reading(Vec<u8>),
    Fixed,
    Writing(Upload),
    /// What is still to be listed.
    Listing(Option<Answer>),
}

/// The account's files.
#[derive(Debug, Default)]
pub struct Tree {
    pub files: BTreeMap<&'static str, File>,
    made: u64,
}

pub fn is_judged(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.to_ascii_lowercase().ends_with(".xml") && !name.starts_with('.')
}

fn is_handed_in(path: &str, octets: &[u8]) -> bool {
    let is_whole = completeness(octets) == Completeness::Complete;
    is_judged(path) && (is_whole || octets.len() > BYTES_MAX)
}

/// The status for everything that is no file in `/inbox` or `/test`.
fn no_file(spot: Spot) -> u32 {
    match spot {
        Spot::Fixed => DENIED,
        Spot::Nowhere | Spot::NoReceipt | Spot::NoDay => ABSENT,
        _ => FAILURE,
    }
}

impl Tree {
    pub fn attrs(&self, spot: Spot) -> Answer {
        match spot {
            Spot::File(path) => match self.files.get(path) {
                Some(file) => Answer::File(file.octets.len() as u64),
                None => Answer::Status(ABSENT),
            },
            Spot::Fixed => Answer::Own,
            Spot::Folder(_) => Answer::Folder,
            Spot::NoDay | Spot::NoReceipt | Spot::Nowhere => Answer::Status(ABSENT),
            Spot::BadName => Answer::Status(FAILURE),
        }
    }

    pub fn open(&self, spot: Spot, flags: u32, time: Option<u32>) -> Result<Handle, u32> {
        if flags & (WRITE | APPEND) != 0 {
            let Spot::File(path) = spot else {
                return Err(match spot {
                    Spot::NoReceipt => DENIED,
                    // A day's folder has that name, or will.
                    Spot::NoDay => FAILURE,
                    other => no_file(other),
                });
            };
            return self.open_to_write(path, flags, time).map(Handle::Writing);
        }
        let attrs = self.attrs(spot);
        match (spot, attrs) {
            (Spot::BadName | Spot::Nowhere, Answer::Status(code)) => Err(code),
            _ if flags & (CREATE | TRUNCATE) != 0 => Err(DENIED),
            (_, Answer::Status(code)) => Err(code),
            (Spot::Fixed, _) => Ok(Handle::Fixed),
            (Spot::File(path), _) => {
                let file = self.files.get(path).ok_or(ABSENT)?;
                Ok(Handle::Reading(file.octets.clone()))
            }
            _ => Err(FAILURE),
        }
    }

    fn open_to_write(
        &self,
        path: &'static str,
        flags: u32,
        time: Option<u32>,
    ) -> Result<Upload, u32> {
        let there = self.files.get(path);
        match there {
            Some(_) if flags & CREATE != 0 && flags & EXCLUSIVE != 0 => return Err(FAILURE),
            None if flags & CREATE == 0 => return Err(ABSENT),
            _ => (),
        }
        let is_cut = there.is_some() && flags & TRUNCATE != 0;
        let octets = there.filter(|_| !is_cut).map(|file| file.octets.clone());
        let octets = octets.unwrap_or_default();
        Ok(Upload {
            path,
            kept: octets.len(),
            left: octets.len(),
            came: Vec::new(),
            octets,
            flags,
            shift: None,
            is_changed: is_cut,
            is_too_large: false,
            time,
            found: there.map(|file| file.mark),
        })
    }

    /// An upload ends: by CLOSE, or because its client has gone.
    pub fn end(&mut self, mut upload: Upload, is_closed: bool) -> u32 {
        let mark = self.files.get(upload.path).map(|file| file.mark);
        if !is_closed && !upload.came.contains(&true) {
            return OK;
        }
        let (first, sound) = upload.sound();
        if !is_closed || (first == Some(0) && sound < upload.left) {
            upload.octets.truncate(sound);
        }
        if upload.flags & (CREATE | EXCLUSIVE) == CREATE | EXCLUSIVE && mark.is_some() {
            return FAILURE;
        }
        let which = |mark: Option<(u64, Option<u32>)>| mark.map(|(which, _)| which);
        if !is_closed && which(mark) != which(upload.found) {
            return OK;
        }
        if !upload.is_changed && upload.found.is_some() {
            return match (upload.time, self.files.get_mut(upload.path)) {
                (Some(_), None) => ABSENT,
                (Some(time), Some(file)) => {
                    file.mark.1 = Some(time);
                    OK
                }
                (None, _) => OK,
            };
        }
        let is_over = upload.is_too_large || upload.octets.len() > BYTES_MAX;
        self.made += 1;
        let file = File {
            is_handed_in: is_handed_in(upload.path, &upload.octets)
                || (is_judged(upload.path) && is_over),
            octets: upload.octets,
            mark: (self.made, upload.time),
        };
        self.files.insert(upload.path, file);
        if is_over && !is_judged(upload.path) {
            FAILURE
        } else {
            OK
        }
    }

    pub fn set_attrs(&mut self, spot: Spot, size: Option<u64>, time: Option<u32>) -> u32 {
        if let Answer::Status(code) = self.attrs(spot) {
            return code;
        }
        let Spot::File(path) = spot else {
            return OK;
        };
        let Some(file) = self.files.get_mut(path) else {
            return ABSENT;
        };
        if size.is_some_and(|size| size != file.octets.len() as u64) {
            return DENIED;
        }
        if time.is_some() {
            file.mark.1 = time;
        }
        OK
    }

    pub fn remove(&mut self, spot: Spot) -> u32 {
        match spot {
            Spot::File(path) => self.files.remove(path).map_or(ABSENT, |_| OK),
            other => no_file(other),
        }
    }

    pub fn rename(&mut self, from: Spot, to: Spot, replace: bool) -> u32 {
        let Spot::File(from) = from else {
            return match from {
                Spot::Folder(_) => DENIED,
                other => no_file(other),
            };
        };
        if !self.files.contains_key(from) {
            return ABSENT;
        }
        let Spot::File(to) = to else {
            return if matches!(to, Spot::NoReceipt | Spot::NoDay) {
                DENIED
            } else {
                no_file(to)
            };
        };
        if from == to {
            return OK;
        }
        let is_handed_in_there = self.files.get(to).map(|file| file.is_handed_in);
        match is_handed_in_there {
            Some(_) if !replace => return FAILURE,
            Some(true) if is_judged(to) => return FAILURE,
            _ => (),
        }
        if let Some(mut file) = self.files.remove(from) {
            file.is_handed_in = is_handed_in(to, &file.octets);
            self.files.insert(to, file);
        }
        OK
    }

    pub fn list(&self, spot: Spot) -> Result<Handle, u32> {
        let Spot::Folder(folder) = spot else {
            return Err(match self.attrs(spot) {
                Answer::Status(code) => code,
                _ => FAILURE,
            });
        };
        let mut names: Vec<(String, Option<u64>)> = match folder {
            "/" => ["README.txt", "inbox", "limits.json", "receipts", "test", "tmp"]
                .map(|name| (name.to_owned(), None))
                .into(),
            _ => Vec::new(),
        };
        for (path, file) in &self.files {
            if let Some((there, name)) = path.rsplit_once('/')
                && there == folder
            {
                names.push((name.to_owned(), Some(file.octets.len() as u64)));
            }
        }
        names.sort();
        names.splice(0..0, [".", ".."].map(|name| (name.to_owned(), None)));
        Ok(Handle::Listing(Some(Answer::Names(names))))
    }
}

impl Upload {
    /// The first octet that came, and the end of what is sound: what was kept up to there, and what came from there on.
    fn sound(&self) -> (Option<usize>, usize) {
        let first = self.came.iter().position(|came| *came);
        let Some(start) = first.filter(|first| *first <= self.left) else {
            return (first, self.left);
        };
        let run = self.came[start..].iter().take_while(|came| **came).count();
        (first, start + run)
    }

    pub fn write(&mut self, offset: u64, data: &[u8]) -> u32 {
        if data.is_empty() {
            return OK;
        }
        let is_from_nought = self.flags & APPEND != 0 && offset < self.kept as u64;
        let shift = *self
            .shift
            .get_or_insert(if is_from_nought { self.kept as u64 } else { 0 });
        let most = BYTES_MAX as u64 + 1;
        let start = offset.saturating_add(shift);
        let end = start.saturating_add(data.len() as u64);
        self.is_too_large |= end > most;
        let (start, end) = (start.min(most) as usize, end.min(most) as usize);
        if self.octets.len() < end {
            self.octets.resize(end, 0);
        }
        self.octets[start..end].copy_from_slice(&data[..end - start]);
        self.came.resize(self.came.len().max(end), false);
        self.came[start..end].fill(true);
        self.is_changed = true;
        if self.is_too_large { FAILURE } else { OK }
    }

    pub fn set_attrs(&mut self, size: Option<u64>, time: Option<u32>) -> u32 {
        if let Some(size) = size {
            if size > BYTES_MAX as u64 {
                return FAILURE;
            }
            self.is_too_large = false;
            self.left = self.left.min(size as usize);
            self.came.truncate(size as usize);
            if size != self.octets.len() as u64 {
                self.octets.resize(size as usize, 0);
                self.is_changed = true;
            }
        }
        self.time = time.or(self.time);
        OK
    }
}

impl Handle {
    /// The octets of a file that may be looked at, as they are at this moment.
    pub fn octets(&self) -> Option<&[u8]> {
        match self {
            Self::Reading(octets) => Some(octets),
            Self::Writing(upload) => Some(&upload.octets),
            Self::Fixed | Self::Listing(_) => None,
        }
    }

    pub fn read(&self, offset: u64, bytes: u32) -> Answer {
        match self {
            Self::Fixed => Answer::Own,
            Self::Listing(_) => Answer::Status(DENIED),
            Self::Writing(upload) if upload.flags & READ == 0 => Answer::Status(DENIED),
            Self::Reading(octets) | Self::Writing(Upload { octets, .. }) => {
                let start = (offset as usize).min(octets.len());
                let end = start.saturating_add(bytes as usize).min(octets.len());
                match &octets[start..end] {
                    [] => Answer::Status(END),
                    data => Answer::Data(data.to_vec()),
                }
            }
        }
    }
}
