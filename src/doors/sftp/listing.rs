//! How files look to a client: attributes, and the line that `ls -l` would show.

use crate::domain::Timestamp;
use crate::doors::sftp::allowance::Share;
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::tree;
use crate::doors::sftp::wire::{Attrs, Entry};
use crate::drop_folder::{DropPath, FileFacts, Folder};

const FOLDER_MODE: u32 = 0o040_750;
const FILE_MODE: u32 = 0o100_640;
const READ_ONLY_MODE: u32 = 0o100_440;

/// How many entries one answer may hold: well under 32 KiB with names of usual length.
const ENTRIES_PER_REPLY: usize = 64;

/// Half a year; `ls` shows the time of newer files, and the year of older ones.
const RECENT_SECONDS: i64 = 183 * 24 * 60 * 60;

/// A listing that is being read.
#[derive(Debug)]
pub(super) struct Listing {
    entries: std::vec::IntoIter<(String, Attrs)>,
    /// The memory that they are counted with.
    _share: Share,
    now: Timestamp,
}

impl Listing {
    /// Lists `entries`, with `.` and `..` first; `share` is to count the memory that they take.
    pub(super) fn new(
        mut entries: Vec<(String, Attrs)>,
        mut share: Share,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let names = entries
            .iter()
            .map(|(name, _)| name.capacity())
            .sum::<usize>();
        let bytes = names + entries.len() * size_of::<(String, Attrs)>();
        share.hold(bytes as u64)?;
        entries.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let dots = [".", ".."].map(|name| (name.to_owned(), folder(now)));
        entries.splice(0..0, dots);
        Ok(Self {
            entries: entries.into_iter(),
            _share: share,
            now,
        })
    }

    /// The next entries; none at the end.
    pub(super) fn next_entries(&mut self) -> Vec<Entry> {
        let now = self.now;
        let next = self.entries.by_ref().take(ENTRIES_PER_REPLY);
        next.map(|(name, attrs)| entry(name, attrs, now)).collect()
    }
}

/// The attributes of a folder.
pub(super) fn folder(now: Timestamp) -> Attrs {
    attrs(FOLDER_MODE, 0, now.as_second())
}

/// The attributes of a file that can only be read.
pub(super) fn read_only(size: usize, now: Timestamp) -> Attrs {
    attrs(READ_ONLY_MODE, size as u64, now.as_second())
}

/// The attributes of an open upload.
pub(super) fn upload(size: u64, modified: Timestamp) -> Attrs {
    attrs(FILE_MODE, size, modified.as_second())
}

/// The attributes of a file in a drop folder.
pub(super) fn file(path: &DropPath, facts: &FileFacts) -> Attrs {
    let mode = if facts.is_folder {
        FOLDER_MODE
    } else if tree::is_receipt(path) {
        READ_ONLY_MODE
    } else {
        FILE_MODE
    };
    let seconds = facts.mark.modified_ns.div_euclid(1_000_000_000);
    attrs(mode, facts.mark.size_bytes, seconds)
}

/// The entries of a folder as it was read: plain files, or days of `/receipts`.
pub(super) fn of_folder(folder: &Folder, found: Vec<(String, FileFacts)>) -> Vec<(String, Attrs)> {
    let is_receipts = *folder == Folder::Receipts;
    found
        .into_iter()
        .filter_map(|(name, facts)| {
            let shown = if is_receipts {
                facts.is_folder
            } else {
                facts.is_plain
            };
            let path = DropPath::new(folder.clone(), &name)?;
            shown.then(|| (name, file(&path, &facts)))
        })
        .collect()
}

fn attrs(permissions: u32, size: u64, seconds: i64) -> Attrs {
    // The protocol ends in 2106.
    let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
    Attrs {
        size: Some(size),
        permissions: Some(permissions),
        times: Some((seconds, seconds)),
    }
}

/// An entry with its line.
pub(super) fn entry(name: String, attrs: Attrs, now: Timestamp) -> Entry {
    let mode = attrs.permissions.unwrap_or(0);
    let mut letters = String::from(if mode & 0o040_000 != 0 { "d" } else { "-" });
    for (place, letter) in "rwxrwxrwx".chars().enumerate() {
        let is_set = mode >> (8 - place) & 1 == 1;
        letters.push(if is_set { letter } else { '-' });
    }
    let size = attrs.size.unwrap_or(0);
    let seconds = i64::from(attrs.times.map_or(0, |(_, changed)| changed));
    let line = format!(
        "{letters}    1 ecocd    ecocd    {size:8} {} {name}",
        when(seconds, now)
    );
    Entry { name, line, attrs }
}

fn when(seconds: i64, now: Timestamp) -> String {
    let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let age = now.as_second() - seconds;
    let form = if (0..RECENT_SECONDS).contains(&age) {
        "%b %e %H:%M"
    } else {
        "%b %e  %Y"
    };
    moment.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doors::sftp::allowance::Budget;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_line_looks_like_that_of_ls() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let file = entry("a.xml".to_owned(), upload(17_000, now), now);
        assert_eq!(
            file.line,
            "-rw-r-----    1 ecocd    ecocd       17000 Jan 15 08:00 a.xml"
        );
        let old = entry("b".to_owned(), folder(Timestamp::UNIX_EPOCH), now);
        assert_eq!(
            old.line,
            "drwxr-x---    1 ecocd    ecocd           0 Jan  1  1970 b"
        );
    }

    #[test]
    fn a_listing_is_counted_with_the_memory_that_it_takes() {
        let budget = Budget::alone(1 << 20);
        let list = |count| {
            let names = (0..count).map(|number| (format!("{number:06}.xml"), upload(1, NOW)));
            Listing::new(names.collect(), budget.share(), NOW)
        };
        assert_eq!(list(50_000).unwrap_err(), Refusal::Crowded);
        let held = list(8_000).unwrap();
        assert_eq!(list(8_000).unwrap_err(), Refusal::Crowded);
        drop(held);
        list(8_000).unwrap();
    }

    #[test]
    fn a_long_listing_comes_in_pieces_and_ends() {
        let now = NOW;
        let names = (0..200).map(|number| (format!("{number:03}.xml"), upload(1, now)));
        let mut listing =
            Listing::new(names.collect(), Budget::alone(1 << 20).share(), now).unwrap();
        let mut seen = Vec::new();
        loop {
            let next = listing.next_entries();
            if next.is_empty() {
                break;
            }
            assert!(next.len() <= ENTRIES_PER_REPLY);
            seen.extend(next.into_iter().map(|entry| entry.name));
        }
        assert_eq!(seen.len(), 202);
        assert_eq!(seen[..3], [".", "..", "000.xml"]);
    }
}
