//! Puts receipts where their senders find them, and on the disk.

use std::collections::HashMap;
use std::io;

use crate::domain::account::AccountCode;
use crate::domain::receipt::RECEIPT_SUFFIX;
use crate::domain::submission::SubmissionNumber;
use crate::drop_folder::{AccountFolder, DropFolders, DropPath, Folder};
use crate::receipts::Placed;

/// The longest name of a file in octets.
const NAME_BYTES_MAX: usize = 255;

/// A receipt that could not be written now.
#[derive(Debug)]
pub struct Unwritten {
    /// Whose.
    pub account: AccountCode,
    /// Of which submission.
    pub number: SubmissionNumber,
    /// Why.
    pub fault: io::Error,
}

/// Writes receipts beside the files that they answer (unless that file was meanwhile replaced by a
/// later arrival: `is_latest` says) and below `/receipts/<yyyy-mm-dd>/`, then syncs once for all.
/// Doing it again changes nothing. Blocks.
///
/// What fails for one account fails for none of the others; every receipt that is not among those
/// given back is on the disk.
pub fn write(
    folders: &DropFolders,
    receipts: &[Placed],
    is_latest: &dyn Fn(&Placed) -> bool,
) -> Vec<Unwritten> {
    let mut opened: HashMap<&AccountCode, AccountFolder> = HashMap::new();
    let mut unwritten = Vec::new();
    let mut written = Vec::new();
    for placed in receipts {
        let done = open(folders, &mut opened, placed)
            .and_then(|account| write_one(&account, placed, is_latest));
        match done {
            Ok(()) => written.push(placed),
            Err(fault) => unwritten.push(Unwritten::new(placed, fault)),
        }
    }
    let mut synced: HashMap<u64, Result<(), io::ErrorKind>> = HashMap::new();
    for placed in written {
        let done = opened
            .get(&placed.account)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
            .and_then(|account| sync_once(account, &mut synced));
        if let Err(fault) = done {
            unwritten.push(Unwritten::new(placed, fault));
        }
    }
    unwritten
}

impl Unwritten {
    fn new(placed: &Placed, fault: io::Error) -> Self {
        Self {
            account: placed.account.clone(),
            number: placed.number.clone(),
            fault,
        }
    }
}

fn open<'a>(
    folders: &DropFolders,
    opened: &mut HashMap<&'a AccountCode, AccountFolder>,
    placed: &'a Placed,
) -> io::Result<AccountFolder> {
    if let Some(account) = opened.get(&placed.account) {
        return Ok(account.clone());
    }
    let account = folders.account(&placed.account)?;
    opened.insert(&placed.account, account.clone());
    Ok(account)
}

/// One sync puts all that was written to a file system on its disk, whosever folder it lies in.
fn sync_once(
    account: &AccountFolder,
    synced: &mut HashMap<u64, Result<(), io::ErrorKind>>,
) -> io::Result<()> {
    let device = account.device()?;
    let result = synced
        .entry(device)
        .or_insert_with(|| account.sync_all().map_err(|fault| fault.kind()));
    (*result).map_err(io::Error::from)
}

fn write_one(
    account: &AccountFolder,
    placed: &Placed,
    is_latest: &dyn Fn(&Placed) -> bool,
) -> io::Result<()> {
    let day = Folder::Day(placed.decided.strftime("%Y-%m-%d").to_string());
    let kept = DropPath::new(day, &kept_name(placed)).ok_or(io::ErrorKind::InvalidFilename)?;
    publish(account, &kept, placed)?;
    let Some(beside) = beside(placed).filter(|_| is_latest(placed)) else {
        return Ok(());
    };
    publish(account, &beside, placed)?;
    // A later arrival may have come at this very moment; then this is no longer its answer.
    if !is_latest(placed) {
        account.remove(&beside)?;
    }
    Ok(())
}

fn publish(account: &AccountFolder, path: &DropPath, placed: &Placed) -> io::Result<()> {
    let octets = placed.json.as_bytes();
    let staged = account.stage(&path.folder, octets, Some(placed.decided), false)?;
    staged.make_read_only()?;
    account.publish(staged, path, false)
}

/// The receipt's place beside the file; `None` if the file lay in no drop folder, or its name is so
/// long that there is no room for the suffix (doors refuse such names; other programs may not).
fn beside(placed: &Placed) -> Option<DropPath> {
    if !placed.has_drop {
        return None;
    }
    DropPath::from_client(&placed.path)
        .filter(|file| matches!(file.folder, Folder::Inbox | Folder::Test))?
        .receipt()
}

/// The receipt's name in its day's folder: unique by the submission's number.
fn kept_name(placed: &Placed) -> String {
    let name = placed.path.rsplit('/').next().unwrap_or_default();
    let number = placed.number.as_str();
    let room = NAME_BYTES_MAX
        .saturating_sub(number.len())
        .saturating_sub(1)
        .saturating_sub(RECEIPT_SUFFIX.len());
    let mut kept = String::with_capacity(NAME_BYTES_MAX);
    kept.push_str(number);
    kept.push('-');
    let prefix = kept.len();
    for letter in name.chars() {
        if kept.len().saturating_add(letter.len_utf8()) > prefix.saturating_add(room) {
            break;
        }
        kept.push(if letter.is_control() { '_' } else { letter });
    }
    kept.push_str(RECEIPT_SUFFIX);
    kept
}
