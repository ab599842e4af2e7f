//! What is typed is noted in the audit log and told of, as what is done on the web is.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::desk::{Desk, block_on, load, with_desk};
use crate::cli::password;
use crate::domain::account::{FixedAddress, LoginName, MailAddress, MailPreference, User};
use crate::domain::audit::Action;
use crate::domain::public_key::PublicKey;
use crate::domain::registration::LinkPurpose;
use crate::intake::digest;
use crate::store::{AddressAdded, NewLink, SessionLimits, WebSession};

/// A key made by OpenSSH for this test.
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID6CKSmwzyttGIu0oicUYkJ6uk+lnolbdfPbQ6XyAYEX r";

/// The fingerprint of [`KEY`].
fn fingerprint() -> String {
    PublicKey::parse(KEY).unwrap().fingerprint()
}

/// A folder with a configuration and a key.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().display().to_string();
        let text = format!("version = 1\n[service]\ndata = '{data}'\n");
        std::fs::write(folder.path().join("ecocd.toml"), text).unwrap();
        std::fs::write(folder.path().join("r.pub"), KEY).unwrap();
        Self { folder }
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("ecocd.toml")
    }

    /// Types a line; does it say yes?
    fn is_done(&self, line: &str) -> bool {
        let key = self.folder.path().join("r.pub");
        let line = line.replace("KEY", &key.display().to_string());
        let words = ["ecocd", "--config"].map(OsString::from);
        let rest = line.split(' ').map(OsString::from);
        let all = words
            .into_iter()
            .chain([self.config().into_os_string()])
            .chain(rest);
        crate::cli::run(all) == crate::cli::ending::DONE
    }

    /// Looks into the database.
    fn look<T>(&self, work: impl AsyncFnOnce(&Desk) -> anyhow::Result<T>) -> T {
        let config = load(Some(self.config().as_path())).unwrap();
        block_on(with_desk(&config, work)).unwrap()
    }

    /// What the audit log has, oldest first: what was done, to what, and the details.
    fn log(&self) -> Vec<(Action, String, String)> {
        let mut entries =
            self.look(async |desk: &Desk| Ok(desk.store.audit_entries(None, None, 100).await?));
        entries.reverse();
        entries
            .into_iter()
            .map(|entry| {
                assert_eq!(entry.deed.actor, "command line");
                (entry.deed.action, entry.deed.subject, entry.deed.details)
            })
            .collect()
    }

    /// The addresses and subjects of all mails, in the order of the addresses.
    fn mails(&self) -> Vec<(String, String)> {
        let mails = self.look(async |desk: &Desk| Ok(desk.store.mails(100).await?));
        let mut told: Vec<(String, String)> = mails
            .into_iter()
            .map(|mail| (mail.mail.to.to_string(), mail.mail.subject))
            .collect();
        told.sort();
        told
    }
}

#[test]
fn what_is_added_and_changed_by_command_is_noted_once() {
    let place = Place::new();
    for line in [
        "account add acme ACME",
        "account set acme --passwords no --from 192.0.2.0/24",
        "account set acme --passwords no",
        "account set acme",
        "user add eve@example.com --staff --role operator",
        "user add ann@example.com --account acme --role primary",
        "user add robot --account acme --role upload --machine --contact ann@example.com",
        "user set robot --from 192.0.2.7",
        "user set robot --from 192.0.2.7",
    ] {
        assert!(place.is_done(line), "{line}");
    }
    assert!(!place.is_done("account add acme Again"));
    assert!(!place.is_done("user add robot --account acme --role upload --machine"));
    let noted = |action, subject: &str, details: &str| {
        let (subject, details) = (subject.to_owned(), details.to_owned());
        (action, subject, details)
    };
    assert_eq!(
        place.log(),
        [
            noted(Action::AccountAdded, "acme", "ACME"),
            noted(
                Action::AccountChanged,
                "acme",
                "from 192.0.2.0/24; passwords no"
            ),
            noted(Action::UserAdded, "eve@example.com", "staff, operator"),
            noted(
                Action::UserAdded,
                "ann@example.com",
                "account acme, primary"
            ),
            noted(
                Action::MachineAdded,
                "robot",
                "account acme, upload, contact ann@example.com"
            ),
            noted(Action::UserChanged, "robot", "from 192.0.2.7/32"),
        ]
    );
    assert!(place.mails().is_empty());
}

#[test]
fn a_fixed_address_is_added_changed_and_removed_by_command() {
    let place = Place::new();
    for line in [
        "account add acme ACME",
        "account address add acme Ops@example.com",
        "account address add acme ops@example.com --mail-preference all",
        "account address add acme ops@example.com --mail-preference all",
        "account address list acme",
    ] {
        assert!(place.is_done(line), "{line}");
    }
    for line in [
        "account address add acme ops@example.com --mail-preference none",
        "account address add acme ops",
        "account address add nobody ops@example.com",
        "account address remove acme other@example.com",
    ] {
        assert!(!place.is_done(line), "{line}");
    }
    let all = place.look(async |desk: &Desk| Ok(desk.store.fixed_addresses(None).await?));
    let gets = (all[0].mail.as_str(), all[0].preference);
    assert_eq!(
        (all.len(), gets),
        (1, ("Ops@example.com", MailPreference::All))
    );
    assert!(place.is_done("account address remove acme ops@example.com"));
    let added = Action::FixedAddressAdded;
    let log: Vec<_> = place
        .log()
        .into_iter()
        .map(|(what, _, how)| (what, how))
        .collect();
    assert_eq!(
        log[1..],
        [
            (added, "Ops@example.com gets failures".to_owned()),
            (added, "ops@example.com gets all".to_owned()),
            (Action::FixedAddressRemoved, "ops@example.com".to_owned()),
        ]
    );
    assert_eq!(place.mails().len(), 3);
}

#[test]
fn a_key_added_by_command_is_told_to_those_answerable() {
    let place = Place::new();
    for line in [
        "account add acme ACME",
        "account add other Other",
        "user add pat@example.com --account acme --role primary",
        "user add ann@example.com --account acme --role upload",
        "user add bob@example.com --account acme --role upload",
        "user add zoe@example.com --account other --role primary",
        "user add robot --account acme --role upload --machine --contact ann@example.com",
    ] {
        assert!(place.is_done(line), "{line}");
    }
    let before = place.log().len();
    assert!(place.is_done("user key add robot KEY --label server"));
    assert!(!place.is_done("user key add robot KEY"), "it is there");
    let told: Vec<(String, String)> = ["ann@example.com", "pat@example.com"]
        .map(|to| (to.to_owned(), "A new SSH key for robot".to_owned()))
        .into();
    assert_eq!(place.mails(), told);

    let fingerprint = fingerprint();
    let remove = format!("user key remove robot {fingerprint}");
    assert!(place.is_done(&remove));
    assert!(!place.is_done(&remove), "it is gone");
    let log = place.log();
    let details = format!("server, {fingerprint}");
    let noted = |action| (action, "robot".to_owned(), details.clone());
    assert_eq!(
        log.get(before..).unwrap(),
        [noted(Action::KeyAdded), noted(Action::KeyRemoved)]
    );
}

#[test]
fn a_persons_own_key_is_told_to_the_person_as_well() {
    let place = Place::new();
    for line in [
        "account add acme ACME",
        "user add pat@example.com --account acme --role primary",
        "user add ann@example.com --account acme --role upload",
        "user add eve@example.com --staff --role operator",
        "user key add ann@example.com KEY",
    ] {
        assert!(place.is_done(line), "{line}");
    }
    let to: Vec<String> = place.mails().into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, ["ann@example.com", "pat@example.com"]);
}

/// Signs a browser in as this user, and mails a link to set a password.
async fn browser_and_link(desk: &Desk, user: &User) -> anyhow::Result<()> {
    let session = WebSession {
        user: user.id,
        csrf: "x".to_owned(),
        created: desk.now(),
        seen: desk.now(),
        is_kept: false,
    };
    let store = &desk.store;
    store
        .begin_web_session(&digest(b"cookie"), &session)
        .await?;
    let link = NewLink {
        token: digest(b"link"),
        ends: desk.now() + Duration::from_hours(1),
    };
    let sent = desk.change(Action::PasswordLinkSent, user.login.as_str(), "");
    store.add_reset_link(user.id, &link, &sent).await?;
    Ok(())
}

/// Is the browser signed in, and does the link work?
async fn last(desk: &Desk) -> anyhow::Result<(bool, bool)> {
    let hour = Duration::from_hours(1);
    let limits = SessionLimits {
        idle: hour,
        age: hour,
        kept: hour,
    };
    let (store, now) = (&desk.store, desk.now());
    let session = store.web_session(&digest(b"cookie"), now, limits).await?;
    let link = store
        .link_user(&digest(b"link"), LinkPurpose::Reset, now)
        .await?;
    Ok((session.is_some(), link.is_some()))
}

#[test]
fn a_password_set_by_command_signs_browsers_out_and_ends_links() {
    let place = Place::new();
    assert!(place.is_done("account add acme ACME"));
    assert!(place.is_done("user add ann@example.com --account acme --role view"));
    place.look(async |desk: &Desk| {
        let user = desk.user(&LoginName::new("ann@example.com")?).await?;
        browser_and_link(desk, &user).await?;
        assert_eq!(last(desk).await?, (true, true));
        password::choose(desk, &user, "correct horse battery").await?;
        assert_eq!(last(desk).await?, (false, false));
        Ok(())
    });
    let (action, subject, details) = place.log().pop().unwrap();
    assert_eq!(action, Action::PasswordChanged);
    assert_eq!(
        (subject.as_str(), details.as_str()),
        ("ann@example.com", "")
    );
    let told = ("ann@example.com", "Your eCoC password was changed");
    let mails = place.mails();
    let mails: Vec<(&str, &str)> = mails
        .iter()
        .map(|(to, subject)| (to.as_str(), subject.as_str()))
        .collect();
    assert_eq!(mails, [told]);
}

#[test]
fn a_new_host_key_is_told_to_those_whom_it_concerns() {
    let place = Place::new();
    for line in [
        "account add acme ACME",
        "user add pat@example.com --account acme --role primary",
        "user add ann@example.com --account acme --role upload",
        "user add bob@example.com --account acme --role view",
        "user add con@example.com --account acme --role view",
        "user add eve@example.com --staff --role operator",
        "user add robot --account acme --role upload --machine --contact con@example.com",
        "user suspend bob@example.com",
    ] {
        assert!(place.is_done(line), "{line}");
    }
    place.look(async |desk: &Desk| {
        let acme = desk.store.accounts().await?.remove(0);
        let ops = FixedAddress {
            account: acme.id,
            mail: MailAddress::new("ops@example.com").unwrap(),
            preference: MailPreference::Daily,
            created: desk.now(),
        };
        let change = desk.change(Action::FixedAddressAdded, "acme", "");
        let added = desk.store.add_fixed_address(&ops, &change).await?;
        assert_eq!(added, AddressAdded::New);
        Ok(())
    });
    let before = place.log().len();
    assert!(place.is_done("hostkey rotate ssh-ed25519 --from 2027-07-01"));
    assert!(!place.is_done("hostkey rotate ssh-ed25519 --from 2027-07-02"));
    let subject = "The SFTP server has a new host key from 1 July 2027, 00:00 UTC";
    let told: Vec<(String, String)> = ["con@example.com", "ops@example.com", "pat@example.com"]
        .map(|to| (to.to_owned(), subject.to_owned()))
        .into();
    assert_eq!(place.mails(), told);
    let log = place.log();
    let [(action, kind, details)] = log.get(before..).unwrap() else {
        panic!("one entry: {log:?}");
    };
    assert_eq!(
        (*action, kind.as_str()),
        (Action::HostKeyRotated, "ssh-ed25519")
    );
    assert!(details.starts_with("SHA256:") && details.ends_with(", from 1 July 2027, 00:00 UTC"));
}
