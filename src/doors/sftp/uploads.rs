//! Open uploads: private to their handle, in memory or, when large, in a file (`spool`), bounded each and all together.

use std::ops::Range;

use crate::domain::Timestamp;
use crate::domain::submission::FileMark;
use crate::doors::sftp::allowance::{Budget, Share};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::spool::Body;
use crate::doors::sftp::written::Written;
use crate::drop_folder::DropPath;

/// How an upload is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) is_readable: bool,
    pub(super) is_appending: bool,
    /// Nothing may lie there, neither now nor when it is put in place.
    pub(super) is_exclusive: bool,
}

/// How large an upload may become.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Octets of one file.
    pub(super) bytes_max: u64,
    /// Octets that there is room for in the account's drop folder.
    pub(super) room_bytes: u64,
    /// What the account may hold, to be told to whoever wants more.
    pub(super) account_bytes_max: u64,
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) path: DropPath,
    pub(super) body: Body,
    /// Passed the limit: the body holds the beginning.
    pub(super) is_too_large: bool,
    /// Anything written, or cut?
    pub(super) is_changed: bool,
    /// The time of change that the client wishes.
    pub(super) modified: Option<Timestamp>,
    /// What lay there when it was opened; this one is to take its place only if changed.
    pub(super) found: Option<FileMark>,
    /// The client asked for it to be on the disk.
    pub(super) is_synced: bool,
    /// When the first octet came, or the file was opened.
    pub(super) first_byte: Timestamp,
    pub(super) mode: Mode,
    limits: Limits,
    /// The size of what was there before and was kept.
    kept_bytes: u64,
    /// How much of that may still be there.
    left_bytes: u64,
    /// Appending clients that count from 0 are moved behind what was there.
    shift: Option<u64>,
    written: Written,
    share: Share,
}

impl Upload {
    /// An upload that begins with `kept` octets.
    pub(super) fn new(
        path: DropPath,
        kept: Option<Vec<u8>>,
        mode: Mode,
        (limits, budget): (Limits, &Budget),
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let mut share = budget.share();
        let mut octets = kept.unwrap_or_default();
        let bytes = octets.len().max(1);
        share.grow(&mut octets, bytes)?;
        Ok(Self {
            path,
            kept_bytes: octets.len() as u64,
            left_bytes: octets.len() as u64,
            body: Body::from(octets),
            is_too_large: false,
            is_changed: false,
            found: None,
            is_synced: false,
            modified: None,
            first_byte: now,
            mode,
            limits,
            shift: None,
            written: Written::default(),
            share,
        })
    }

    /// The octets that a WRITE at `offset` of so many means, as far as they are kept.
    pub(super) fn span(&self, offset: u64, bytes: usize) -> Range<u64> {
        let meant = self.meant(offset, bytes);
        let most = self.kept_bytes_max();
        meant.start.min(most)..meant.end.min(most)
    }

    fn meant(&self, offset: u64, bytes: usize) -> Range<u64> {
        let shift = self.shift.unwrap_or_else(|| self.shift_for(offset));
        let start = offset.saturating_add(shift);
        start..start.saturating_add(bytes as u64)
    }

    /// One octet more than allowed, so that its size shows that it was too large.
    fn kept_bytes_max(&self) -> u64 {
        self.limits.bytes_max.saturating_add(1)
    }

    fn shift_for(&self, offset: u64) -> u64 {
        if self.mode.is_appending && offset < self.kept_bytes {
            self.kept_bytes
        } else {
            0
        }
    }

    /// Writes at `offset`; what lies between the end and `offset` becomes zeros.
    pub(super) fn write(
        &mut self,
        offset: u64,
        data: &[u8],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if data.is_empty() {
            return Ok(());
        }
        let span = self.span(offset, data.len());
        self.is_too_large |= self.meant(offset, data.len()).end > self.kept_bytes_max();
        self.shift = Some(self.shift.unwrap_or_else(|| self.shift_for(offset)));
        if span.end > self.body.size() {
            self.find_room(span.end)?;
            self.grow(span.end)?;
        }
        let bytes = usize::try_from(span.end - span.start).map_err(|_| Refusal::Crowded)?;
        self.body
            .write(span.start, data.get(..bytes).unwrap_or(data))?;
        if !self.written.is_any() {
            self.first_byte = now;
        }
        self.written.add(span);
        self.is_changed = true;
        if self.is_too_large {
            Err(Refusal::TooLarge(self.limits.bytes_max))
        } else {
            Ok(())
        }
    }

    /// Makes room for `size` octets in memory, or counts those in the file.
    fn grow(&mut self, size: u64) -> Result<(), Refusal> {
        if self.body.spool.is_some() {
            return self.share.hold(size);
        }
        let size = usize::try_from(size).map_err(|_| Refusal::Crowded)?;
        self.share.grow(&mut self.body.octets, size)
    }

    fn find_room(&self, bytes: u64) -> Result<(), Refusal> {
        if bytes > self.limits.room_bytes {
            Err(Refusal::Full(self.limits.account_bytes_max))
        } else {
            Ok(())
        }
    }

    /// Cuts or lengthens the file.
    pub(super) fn set_size(&mut self, size: u64) -> Result<(), Refusal> {
        if size > self.limits.bytes_max {
            return Err(Refusal::TooLarge(self.limits.bytes_max));
        }
        self.find_room(size)?;
        if size != self.body.size() {
            self.grow(size)?;
            self.body.set_size(size)?;
            self.is_changed = true;
        }
        // What did not fit is cut off, so nothing is missing of what is left.
        self.is_too_large = false;
        self.left_bytes = self.left_bytes.min(size);
        self.written.cut(size);
        Ok(())
    }

    /// May it have so many octets?
    pub(super) fn may_have(&self, size: u64) -> bool {
        size <= self.limits.bytes_max && self.find_room(size).is_ok()
    }

    /// Is it longer than a file may be?
    pub(super) fn is_over_limit(&self) -> bool {
        self.is_too_large || self.body.size() > self.limits.bytes_max
    }

    /// Did any octet come?
    pub(super) fn is_written(&self) -> bool {
        self.written.is_any()
    }

    /// The session ended without CLOSE: only what came without a gap stays.
    pub(super) fn cut_to_what_came(&mut self) -> Result<(), Refusal> {
        let sound = self.written.sound(self.left_bytes);
        if sound < self.body.size() {
            self.body.set_size(sound)?;
        }
        Ok(())
    }

    /// A new file written over an older, longer one that was not cut must not keep the other's end: together they could
    /// look like a document that nobody ever made.
    pub(super) fn cut_older_end(&mut self) -> Result<(), Refusal> {
        if self.written.is_half_over(self.left_bytes) {
            return self.cut_to_what_came();
        }
        Ok(())
    }
}

/// Up to `bytes` octets of `octets` from `offset`; [`Refusal::End`] at the end.
pub(super) fn slice(octets: &[u8], offset: u64, bytes: usize) -> Result<&[u8], Refusal> {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let end = start.saturating_add(bytes).min(octets.len());
    match octets.get(start..end) {
        Some(found) if !found.is_empty() || bytes == 0 => Ok(found),
        _ => Err(Refusal::End),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drop_folder::Folder;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    const LIMITS: Limits = Limits {
        bytes_max: 100,
        room_bytes: 1000,
        account_bytes_max: 2000,
    };

    fn budget(bytes: u64) -> Budget {
        Budget::alone(bytes)
    }

    fn upload(kept: Option<&[u8]>, mode: Mode, budget: &Budget) -> Upload {
        let path = DropPath::new(Folder::Inbox, "a.xml").unwrap();
        Upload::new(path, kept.map(<[u8]>::to_vec), mode, (LIMITS, budget), NOW).unwrap()
    }

    #[test]
    fn writes_in_any_order_make_one_file() {
        let mut upload = upload(None, Mode::default(), &budget(1 << 20));
        upload.write(6, b"world", NOW).unwrap();
        assert_eq!(upload.body.octets, b"\0\0\0\0\0\0world");
        upload.write(0, b"hello ", NOW).unwrap();
        assert_eq!(upload.body.octets, b"hello world");
        // Nothing written is nothing done, also past the end.
        upload.write(100, b"", NOW).unwrap();
        upload.set_size(5).unwrap();
        assert_eq!(upload.body.octets, b"hello");
        assert_eq!(upload.body.read(3, 10), Ok(b"lo".to_vec()));
        assert_eq!(upload.body.read(5, 10), Err(Refusal::End));
        assert_eq!(upload.body.read(u64::MAX, 10), Err(Refusal::End));
    }

    #[test]
    fn appending_clients_may_count_from_the_end_or_from_nought() {
        let mode = Mode {
            is_appending: true,
            ..Mode::default()
        };
        for start in [0, 3] {
            let mut upload = upload(Some(b"abc"), mode, &budget(1 << 20));
            upload.write(start, b"de", NOW).unwrap();
            upload.write(start + 2, b"f", NOW).unwrap();
            assert_eq!(upload.body.octets, b"abcdef", "from {start}");
        }
    }

    #[test]
    fn a_file_over_the_limit_keeps_its_beginning_and_says_so() {
        let mut upload = upload(None, Mode::default(), &budget(1 << 20));
        assert_eq!(upload.write(0, &[1; 101], NOW), Ok(()));
        assert!(upload.is_over_limit());
        assert_eq!(
            upload.write(101, &[1; 10], NOW),
            Err(Refusal::TooLarge(100))
        );
        assert_eq!(
            upload.write(u64::MAX, &[1; 10], NOW),
            Err(Refusal::TooLarge(100))
        );
        assert_eq!(upload.body.octets.len(), 101);
        // Its client cuts it to what is allowed, and all of that has come.
        assert_eq!(upload.set_size(101), Err(Refusal::TooLarge(100)));
        assert!(upload.is_over_limit());
        assert_eq!(upload.set_size(100), Ok(()));
        assert!(!upload.is_over_limit());
        assert_eq!(upload.write(99, &[1; 1], NOW), Ok(()));
    }

    #[test]
    fn an_upload_takes_no_more_than_there_is_room_for() {
        let path = DropPath::new(Folder::Inbox, "a.xml").unwrap();
        let limits = Limits {
            room_bytes: 10,
            ..LIMITS
        };
        let budget = budget(1 << 20);
        let mut upload = Upload::new(path, None, Mode::default(), (limits, &budget), NOW).unwrap();
        assert_eq!(upload.write(0, b"0123456789", NOW), Ok(()));
        assert_eq!(upload.write(10, b"x", NOW), Err(Refusal::Full(2000)));
        assert_eq!(upload.set_size(11), Err(Refusal::Full(2000)));
        assert_eq!(upload.write(3, b"abc", NOW), Ok(()));
        assert_eq!(upload.body.octets, b"012abc6789");
    }

    #[test]
    fn an_overwrite_keeps_nothing_of_the_older_end() {
        let old = || upload(Some(b"<a>old</a>"), Mode::default(), &budget(1 << 20));
        for cut in [Upload::cut_older_end, Upload::cut_to_what_came] {
            let mut overwrite = old();
            overwrite.write(0, b"<a>ne", NOW).unwrap();
            cut(&mut overwrite).unwrap();
            assert_eq!(overwrite.body.octets, b"<a>ne");
            // Its end came first, its middle never.
            let mut overwrite = old();
            overwrite.write(9, b"></b>", NOW).unwrap();
            overwrite.write(0, b"<b>", NOW).unwrap();
            cut(&mut overwrite).unwrap();
            assert_eq!(overwrite.body.octets, b"<b>");
            let mut resume = upload(Some(b"<a>ol"), Mode::default(), &budget(1 << 20));
            resume.write(4, b"ld</", NOW).unwrap();
            cut(&mut resume).unwrap();
            assert_eq!(resume.body.octets, b"<a>old</");
            let mut whole = old();
            whole.write(0, b"<a>ne</a>", NOW).unwrap();
            whole.set_size(9).unwrap();
            cut(&mut whole).unwrap();
            assert_eq!(whole.body.octets, b"<a>ne</a>");
        }
        // Whoever closes says that holes and changes in the middle are meant.
        let mut changed = old();
        changed.write(3, b"new", NOW).unwrap();
        changed.write(12, b"!", NOW).unwrap();
        changed.cut_older_end().unwrap();
        assert_eq!(changed.body.octets, b"<a>new</a>\0\0!");
        changed.cut_to_what_came().unwrap();
        assert_eq!(changed.body.octets, b"<a>new");
    }
}
