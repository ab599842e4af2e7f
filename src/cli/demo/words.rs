//! What the demo says: what to type next, and which option helps when a port is taken.

use std::net::SocketAddr;
use std::path::Path;

use crate::cli::demo::folder::{BAD, Folder, GOOD, public_url, reachable};
use crate::cli::demo::people::{ACCOUNT, PERSON, ROBOT, STAFF};
use crate::cli::ending;
use crate::config::Config;

/// What there is to see.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    /// The demo's folder.
    pub(crate) folder: &'a Folder,
    /// What is in effect.
    pub(crate) config: &'a Config,
    /// Where SFTP listens.
    pub(crate) sftp: SocketAddr,
    /// Where the web view listens.
    pub(crate) web: SocketAddr,
    /// The person's password, if it was made just now.
    pub(crate) password: Option<&'a str>,
    /// The same of the authority's own person.
    pub(crate) staff_password: Option<&'a str>,
    /// How this program is called.
    pub(crate) program: &'a str,
}

impl Scene<'_> {
    /// All of it.
    pub(crate) fn words(&self) -> String {
        let drop = self.config.in_data(&self.config.drop_folders.path);
        let inbox = drop.join(ACCOUNT).join("inbox");
        let mails = self.config.in_data(&self.config.mail.folder);
        let command = format!(
            "{} --config {}",
            self.program,
            quoted(&self.folder.config())
        );
        format!(
            "\n\
             ecocd demo runs in {folder}\n\
             \n\
             Hand in a certificate, from another terminal:\n\
             \n\
             \x20   {sftp}\n\
             \x20   put \"{good}\" inbox/\n\
             \x20   put \"{bad}\" inbox/\n\
             \x20   ls -l inbox\n\
             \n\
             (the first is accepted, the second is not), or copy a file into the drop folder:\n\
             \n\
             \x20   {inbox}\n\
             \n\
             Receipts appear there, beside each file, as NAME.receipt.json.\n\
             Mails appear within seconds in {mails}\n\
             \n\
             Look it up on the web: {web}\n\
             \n\
             \x20   log-in    {PERSON}\n\
             \x20   password  {password}\n\
             \n\
             As the authority's staff: {web}/staff\n\
             \n\
             \x20   log-in    {STAFF}\n\
             \x20   password  {staff_password}\n\
             \n\
             or here:\n\
             \n\
             \x20   {command} submission list\n\
             \n\
             Ctrl-C stops it. What happens from now on is logged below.\n\
             \n",
            folder = self.folder.path().display(),
            sftp = self.sftp(),
            good = self.folder.sample(GOOD).display(),
            bad = self.folder.sample(BAD).display(),
            inbox = inbox.display(),
            mails = mails.display(),
            web = public_url(self.web),
            password = shown(self.password, &command, PERSON),
            staff_password = shown(self.staff_password, &command, STAFF),
        )
    }

    /// The very command to paste.
    fn sftp(&self) -> String {
        let host = match reachable(self.sftp.ip()) {
            std::net::IpAddr::V4(address) => address.to_string(),
            std::net::IpAddr::V6(address) => format!("[{address}]"),
        };
        format!(
            "sftp -i {} -P {} -o {} -o IdentitiesOnly=yes {ROBOT}@{host}",
            quoted(&self.folder.robot()),
            self.sftp.port(),
            known_hosts_option(&self.folder.known_hosts()),
        )
    }
}

/// A password, or how to come by another.
fn shown(password: Option<&str>, command: &str, login: &str) -> String {
    password.map_or_else(
        || format!("printed at the first start; for a new one: {command} user passwd {login}"),
        |password| format!("{password}   (shown this once)"),
    )
}

/// The option that names the file with our host keys, as `ssh` and the shell read it.
fn known_hosts_option(file: &Path) -> String {
    // ssh takes blanks for the end of a name, and % for the beginning of a token.
    let file = file.display().to_string().replace('%', "%%");
    let value = if file.contains(char::is_whitespace) {
        format!("UserKnownHostsFile=\"{file}\"")
    } else {
        format!("UserKnownHostsFile={file}")
    };
    quoted(Path::new(&value))
}

/// A word for the shell.
fn quoted(word: &Path) -> String {
    let word = word.display().to_string();
    let is_plain = word
        .chars()
        .all(|letter| letter.is_alphanumeric() || "_./-:@%+=,".contains(letter));
    if is_plain {
        word
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// How this program is called, so that it can be pasted.
pub(crate) fn program() -> String {
    std::env::current_exe().map_or_else(|_unknown| "ecocd".to_owned(), |path| quoted(&path))
}

/// Names the option that helps, if a port is taken.
pub(crate) fn taken_port(error: anyhow::Error, config: &Config) -> anyhow::Error {
    let said = ending::said(&error);
    let is_taken = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::AddrInUse)
        || said.contains("is taken by another program");
    if !is_taken {
        return error;
    }
    let option = |name: &str, listen: SocketAddr| {
        let free = SocketAddr::new(listen.ip(), listen.port().wrapping_add(1).max(1024));
        format!("{name} {free}")
    };
    let (sftp, web) = (config.sftp.listen, config.web.listen);
    let (sftp_option, web_option) = (option("--sftp-listen", sftp), option("--web-listen", web));
    let (names_sftp, names_web) = (
        said.contains(&sftp.to_string()),
        said.contains(&web.to_string()),
    );
    let helps = match (names_sftp, names_web) {
        (true, false) => sftp_option,
        (false, true) => web_option,
        _ => format!("{sftp_option} or {web_option}"),
    };
    anyhow::anyhow!("{said}\nchoose another port for the demo with {helps}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::{SFTP, WEB};
    use anyhow::Context;

    #[test]
    fn the_command_can_be_pasted_whatever_the_folder_is_called() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("/it's here")), "'/it'\\''s here'");
        assert_eq!(
            known_hosts_option(Path::new("/a b/known_hosts")),
            "'UserKnownHostsFile=\"/a b/known_hosts\"'"
        );
    }

    #[test]
    fn everything_to_know_is_said_once() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Folder::make(&scratch.path().join("data")).unwrap();
        folder.configure(SFTP, WEB).unwrap();
        let config = crate::cli::desk::load_exactly(Some(&folder.config())).unwrap();
        let mut scene = Scene {
            folder: &folder,
            config: &config,
            sftp: SFTP,
            web: WEB,
            password: Some("k7m2q-aaaaa"),
            staff_password: Some("k7m2q-bbbbb"),
            program: "ecocd",
        };
        let at = folder.path().display();
        let words = scene.words();
        assert!(words.contains(&format!(
            "\n    sftp -i {at}/demo-robot -P 2222 -o UserKnownHostsFile={at}/known_hosts \
             -o IdentitiesOnly=yes demo-robot@127.0.0.1\n"
        )));
        assert!(words.contains("password  k7m2q-aaaaa   (shown this once)"));
        assert!(words.contains("http://127.0.0.1:8080/staff\n"));
        assert!(words.contains("password  k7m2q-bbbbb   (shown this once)"));
        assert!(words.contains("http://127.0.0.1:8080\n"));
        scene.password = None;
        assert!(scene.words().contains(&format!(
            "for a new one: ecocd --config {at}/ecocd.toml user passwd demo@example.com"
        )));
    }

    #[test]
    fn a_taken_port_names_the_option_that_helps() {
        let mut config = Config::default();
        (config.sftp.listen, config.web.listen) = (SFTP, WEB);
        let taken = std::io::Error::from(std::io::ErrorKind::AddrInUse);
        let error = anyhow::Error::from(taken).context(format!("cannot listen on {WEB}"));
        let said = taken_port(error, &config).to_string();
        assert!(
            said.ends_with("port for the demo with --web-listen 127.0.0.1:8081"),
            "{said}"
        );
        let other = Err::<(), _>(std::fmt::Error).context("x").unwrap_err();
        assert_eq!(
            format!("{:#}", taken_port(other, &config)),
            format!("x: {}", std::fmt::Error)
        );
    }
}
