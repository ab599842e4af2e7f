//! Mails as `.eml` files in a folder, for sites without a mail server and for the demo.
//!
//! *Invariant*: a file appears whole or not at all; sending a mail again replaces its own file.

use std::fs::{DirBuilder, File, OpenOptions, rename};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::domain::notice::Mail;
use crate::mail::letter::Letter;
use crate::mail::transport::{Delivery, clipped};
use crate::runtime::Tasks;

/// The folder that mails are written into.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder if it is not there; only its owner may look into it.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)?;
        Ok(Self { path })
    }

    pub(crate) async fn deliver(&self, mail: &Mail, letter: Letter, tasks: &Tasks) -> Delivery {
        let name = file_name(mail);
        let (path, target) = (self.path.clone(), name.clone());
        let write = move || write_whole(&path, &target, &letter.octets);
        match tasks.block("mail folder", write).await {
            Some(Ok(())) => Delivery::Taken(format!("written as {name}")),
            Some(Err(error)) => Delivery::Later(clipped(&format!(
                "{} cannot be written: {error}",
                self.path.join(&name).display()
            ))),
            None => Delivery::Later("writing the file ended in a panic".to_owned()),
        }
    }
}

/// `<when it was made>-<Message-ID>.eml`, with nothing in it that could leave the folder.
fn file_name(mail: &Mail) -> String {
    let safe: String = mail
        .mail
        .message_id
        .chars()
        .map(|letter| {
            let fits = letter.is_ascii_alphanumeric() || "@.-_".contains(letter);
            if fits { letter } else { '_' }
        })
        .take(180)
        .collect();
    format!("{}-{safe}.eml", mail.created.strftime("%Y%m%dT%H%M%SZ"))
}

/// Writes a file under a name that begins with a dot, syncs it, and gives it its name.
fn write_whole(folder: &Path, name: &str, octets: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(octets)?;
    file.sync_all()?;
    rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::mail::letter::seal;
    use crate::mail::samples::{mail, sender};

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let name = |entry: io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_mail_becomes_one_whole_file_that_only_its_owner_reads() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("a/mail");
        let folder = Folder::open(path.clone()).unwrap();
        let tasks = Tasks::new();
        // Twice: the second time is the retry after a crash.
        for _ in 0..2 {
            let letter = seal(&mail(), &sender()).unwrap();
            let delivery = folder.deliver(&mail(), letter, &tasks).await;
            assert!(matches!(delivery, Delivery::Taken(_)), "{delivery:?}");
        }
        let name = "20260612T100200Z-ecoc.00112233445566778899.aabbccddeeff@ecoc.example.org.eml";
        assert_eq!(names(&path), [name]);
        let octets = std::fs::read(path.join(name)).unwrap();
        assert!(octets.starts_with(b"From: "));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path.join(name)), 0o600);
        assert_eq!(mode(&path), 0o700);
    }

    #[tokio::test]
    async fn a_folder_that_went_away_is_tried_again_later() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::open(data.path().join("mail")).unwrap();
        std::fs::remove_dir(data.path().join("mail")).unwrap();
        let letter = seal(&mail(), &sender()).unwrap();
        let delivery = folder.deliver(&mail(), letter, &Tasks::new()).await;
        assert!(matches!(delivery, Delivery::Later(_)), "{delivery:?}");
    }

    #[test]
    fn a_message_id_cannot_lead_out_of_the_folder() {
        let mut sent = mail();
        sent.mail.message_id = "../../etc/a b\0@x".to_owned();
        assert_eq!(file_name(&sent), "20260612T100200Z-.._.._etc_a_b_@x.eml");
    }
}
