//! What an account's people are told: an invitation, another role, no access any more, keys.

use crate::config::Service;
use crate::domain::account::{AccountId, MailAddress, MailPreference, Role};
use crate::domain::host_key::HostKey;
use crate::domain::notice::NewMail;
use crate::letters::joining::Entry;
use crate::letters::{Letter, Recipient, write};

/// How to take an invitation up. `manufacturer` is whom the person is to work for here, in that role.
pub fn invitation(
    service: &Service,
    name: &str,
    (manufacturer, role): (&str, Role),
    entry: &Entry<'_>,
) -> Letter {
    let letter = Letter::new(&format!(
        "Your invitation to the eCoC account of {manufacturer}"
    ))
    .text(&format!("Dear {name},"))
    .text(&format!(
        "You are invited to the account of {manufacturer} at the {}'s portal for electronic \
         certificates of conformity (eCoC).",
        service.organisation
    ));
    // Nobody but us is there to ask before the Primary User is.
    let whom = if role == Role::Primary {
        format!("write to {}", service.enquiries)
    } else {
        "ask your Primary User".to_owned()
    };
    entry
        .steps(letter)
        .text(&format!(
            "After that, {whom} to have the invitation sent again."
        ))
        .text("If you do not know what this is about, you need not do anything.")
}

/// A user has another role. `by` is the full name of whoever gave it.
pub fn role_changed(
    service: &Service,
    name: &str,
    manufacturer: &str,
    role: &str,
    by: &str,
) -> Letter {
    Letter::new(&format!("Your role in the eCoC account of {manufacturer}"))
        .text(&format!("Dear {name},"))
        .text(&format!(
            "{by} has changed your role in the account of {manufacturer}. You are now: {role}."
        ))
        .link("Sign in", &format!("{}/sign-in", service.public_url))
}

/// A user has no access any more.
pub fn access_removed(service: &Service, name: &str, manufacturer: &str, by: &str) -> Letter {
    Letter::new(&format!("Your access to the eCoC account of {manufacturer} has ended"))
        .text(&format!("Dear {name},"))
        .text(&format!(
            "{by} has removed all your roles and your access to the account of {manufacturer} at the \
             {}'s portal. You are signed out everywhere, and your password works no longer.",
            service.organisation
        ))
        .text("What you handed in stays with the account. If this is a mistake, ask the account's Primary User.")
}

/// A key of a machine user, for the letters about it.
#[derive(Debug, Clone, Copy)]
pub struct KeyFacts<'a> {
    /// The log-in name of the machine user, or of whoever else has the key.
    pub machine: &'a str,
    /// What people call the key.
    pub label: &'a str,
    /// `SHA256:…`.
    pub fingerprint: &'a str,
}

/// A key lets a machine user in from now on.
pub fn key_added(service: &Service, key: KeyFacts<'_>, manufacturer: &str, by: &str) -> Letter {
    let machine = key.machine;
    Letter::new(&format!("A new SSH key for {machine}"))
        .text(&format!(
            "{by} has added an SSH key to the machine user {machine} of the account of {manufacturer}, \
             and has signed the declaration that its files rest on."
        ))
        .text(&format!("{}, {}", key.label, key.fingerprint))
        .text(
            "If you did not expect this, remove the key at once: it ends the sessions that it let in.",
        )
        .link("SFTP", &format!("{}/sftp", service.public_url))
}

/// A key lets a user in from now on, put there by whoever runs the service: nobody signs a declaration
/// by that. `manufacturer` is that of the user's account; staff have none.
pub fn key_added_by_command(
    service: &Service,
    key: KeyFacts<'_>,
    manufacturer: Option<&str>,
) -> Letter {
    let user = key.machine;
    let belongs = manufacturer.map_or_else(String::new, |manufacturer| {
        format!(" of the account of {manufacturer}")
    });
    Letter::new(&format!("A new SSH key for {user}"))
        .text(&format!(
            "{} has added an SSH key to the user {user}{belongs}.",
            service.organisation
        ))
        .text(&format!("{}, {}", key.label, key.fingerprint))
        .text(&format!(
            "If you did not expect this, write to {} at once. The sessions that the key let in end when it \
             is removed.",
            service.enquiries
        ))
        .link("SFTP", &format!("{}/sftp", service.public_url))
}

/// A key lets a machine user in no longer.
pub fn key_removed(service: &Service, key: KeyFacts<'_>, manufacturer: &str, by: &str) -> Letter {
    let machine = key.machine;
    Letter::new(&format!("An SSH key of {machine} was removed"))
        .text(&format!(
            "{by} has removed an SSH key from the machine user {machine} of the account of {manufacturer}. \
             It lets nobody in any more."
        ))
        .text(&format!("{}, {}", key.label, key.fingerprint))
        .link("SFTP", &format!("{}/sftp", service.public_url))
}

/// To a fixed address of an account. `id` is the deed's.
pub fn to_fixed(
    service: &Service,
    (account, mail): (AccountId, &MailAddress),
    id: &str,
    letter: &Letter,
) -> NewMail {
    let to = Recipient {
        to: mail,
        user: None,
        account: Some(account),
    };
    write(service, &to, id, letter)
}

/// An address hears of an account's outcomes from now on, or of others than before. `by` is who says so.
pub fn fixed_address_added(
    service: &Service,
    manufacturer: &str,
    gets: MailPreference,
    by: &str,
) -> Letter {
    Letter::new(&format!("Emails about eCoC files of {manufacturer}"))
        .text(&format!(
            "{by} has chosen, at the {}'s portal for electronic certificates of conformity (eCoC), that this address \
             gets emails about the files that {manufacturer} hands in: {}.",
            service.organisation,
            gets.in_words()
        ))
        .text(&format!(
            "Nobody signs in with this address. If you do not want these emails, ask {manufacturer} to remove it, \
             or write to {}.",
            service.enquiries
        ))
}

/// An address hears of an account's outcomes no longer.
pub fn fixed_address_removed(service: &Service, manufacturer: &str, by: &str) -> Letter {
    Letter::new(&format!("No more emails about eCoC files of {manufacturer}"))
        .text(&format!(
            "{by} has removed this address from those that get emails about the files that {manufacturer} hands in at \
             the {}'s portal.",
            service.organisation
        ))
        .text(&format!("If this is a mistake, ask {manufacturer} to add it again."))
}

/// The SFTP server will show another key from `day` on; `line` is for a file `known_hosts`.
pub fn host_key_changes(service: &Service, key: &HostKey, line: &str, day: &str) -> Letter {
    Letter::new(&format!("The SFTP server has a new host key from {day}"))
        .text(&format!(
            "The {}'s SFTP server for electronic certificates of conformity shows a new {} key from {day} on.",
            service.organisation, key.algorithm
        ))
        .text("Its fingerprint is:")
        .text(&key.fingerprint)
        .text("The line for a file known_hosts is:")
        .text(line)
        .text(
            "Give it to whoever runs the programs that hand in files, before that day. Add it to the keys that they \
             know, and leave the old one until then. Programs that do not know it will refuse to connect.",
        )
        .text("Compare the fingerprint with the one that the portal shows:")
        .link("SFTP", &format!("{}/sftp", service.public_url))
}

/// A machine user was removed with all its keys.
pub fn machine_removed(service: &Service, machine: &str, manufacturer: &str, by: &str) -> Letter {
    Letter::new(&format!("The machine user {machine} was removed"))
        .text(&format!(
            "{by} has removed the machine user {machine} of the account of {manufacturer} with all its \
             keys. Open sessions have ended; what it handed in stays."
        ))
        .link("SFTP", &format!("{}/sftp", service.public_url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(letter: &Letter) -> String {
        let to = MailAddress::new("ann@example.com").unwrap();
        let to = Recipient {
            to: &to,
            user: None,
            account: None,
        };
        write(&Service::default(), &to, "1", letter).text
    }

    #[test]
    fn an_invitation_gives_the_password_first_and_then_the_link() {
        let service = Service::default();
        let url = "https://ecoc.example.org/redeem/abc";
        let mut entry = Entry {
            url,
            password: Some("k7m2q-x"),
            days: 7,
        };
        let said = text(&invitation(&service, "Ann", ("Acme", Role::View), &entry));
        let (password, link) = (said.find("k7m2q-x").unwrap(), said.find(url).unwrap());
        assert!(password < link, "{said}");
        assert!(said.contains("7 days") && said.contains("Acme"), "{said}");
        entry.password = None;
        let bare = text(&invitation(
            &service,
            "Ann",
            ("Acme", Role::Primary),
            &entry,
        ));
        assert!(
            bare.contains(url) && !bare.contains("temporary password"),
            "{bare}"
        );
    }

    #[test]
    fn a_key_added_by_command_rests_on_no_declaration() {
        let key = KeyFacts {
            machine: "acme-robot",
            label: "server",
            fingerprint: "SHA256:abc",
        };
        let service = Service::default();
        let said = text(&key_added_by_command(&service, key, Some("Acme")));
        for part in ["acme-robot of the account of Acme", "server, SHA256:abc"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(said.contains(&service.organisation), "{said}");
        assert!(!said.contains("declaration"), "{said}");
        let said = text(&key_added_by_command(&service, key, None));
        assert!(said.contains("the user acme-robot."), "{said}");
    }

    #[test]
    fn a_fixed_address_is_told_what_it_gets_and_when_it_gets_no_more() {
        let service = Service::default();
        let said = text(&fixed_address_added(
            &service,
            "Acme",
            MailPreference::Failures,
            "Ann",
        ));
        for part in [
            "Ann has chosen",
            "hands in: failures only",
            "ask Acme",
            &service.enquiries,
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let said = text(&fixed_address_removed(&service, "Acme", "Ann"));
        assert!(said.contains("Ann has removed this address"), "{said}");
    }

    #[test]
    fn a_letter_about_a_host_key_says_what_it_is_and_from_when() {
        let key = HostKey {
            algorithm: "ssh-ed25519".to_owned(),
            fingerprint: "SHA256:abc".to_owned(),
            public: "ssh-ed25519 AAAA".to_owned(),
            from: None,
        };
        let line = key.known_hosts("sftp.example.org", 2222);
        let letter = host_key_changes(&Service::default(), &key, &line, "1 July 2027");
        let said = text(&letter);
        for part in [
            "SHA256:abc",
            "[sftp.example.org]:2222 ssh-ed25519 AAAA",
            "1 July 2027",
            "/sftp",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn a_letter_about_a_key_names_it_and_who_changed_it() {
        let key = KeyFacts {
            machine: "acme-robot",
            label: "server",
            fingerprint: "SHA256:abc",
        };
        let service = Service::default();
        for letter in [
            key_added(&service, key, "Acme", "Ann Example"),
            key_removed(&service, key, "Acme", "Ann Example"),
        ] {
            let said = text(&letter);
            for part in ["acme-robot", "server", "SHA256:abc", "Ann Example", "/sftp"] {
                assert!(said.contains(part), "{part}: {said}");
            }
        }
    }
}
