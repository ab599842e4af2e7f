//! How a mail leaves: over SMTP, or as a file into a folder.

mod address;
mod folder;
mod smtp;

pub(crate) use address::{Privacy, Server};
pub(crate) use folder::Folder;
pub(crate) use smtp::Smtp;

use crate::domain::notice::Mail;
use crate::mail::letter::{Sender, seal};
use crate::runtime::Tasks;

/// The most characters of a server's answer that we keep.
const ANSWER_MAX: usize = 500;

/// What came of one try at sending a mail, in the server's words or ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It was taken.
    Taken(String),
    /// Not now, or nobody knows: try again, with the same Message-ID.
    Later(String),
    /// Never, as it is.
    Never(String),
}

/// The one way that mails leave this node.
#[derive(Debug)]
pub(crate) enum Transport {
    /// To a mail server.
    Smtp(Smtp),
    /// Into a folder.
    Folder(Folder),
}

impl Transport {
    /// Tries to send `mail` once. Ends within the time that the settings allow.
    pub(crate) async fn deliver(&self, mail: &Mail, sender: &Sender, tasks: &Tasks) -> Delivery {
        let letter = match seal(mail, sender) {
            Ok(letter) => letter,
            Err(why) => return Delivery::Never(clipped(&why)),
        };
        match self {
            Self::Smtp(smtp) => smtp.deliver(&letter).await,
            Self::Folder(folder) => folder.deliver(mail, letter, tasks).await,
        }
    }
}

/// An answer on one line, of bearable length, without control characters.
fn clipped(answer: &str) -> String {
    let line = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept = String::new();
    for (count, letter) in line.chars().enumerate() {
        if count == ANSWER_MAX {
            kept.push('…');
            break;
        }
        if letter.is_control() {
            kept.extend(letter.escape_unicode());
        } else {
            kept.push(letter);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_line_of_bearable_length() {
        assert_eq!(
            clipped("550-no\r\n550  such\u{7}user "),
            "550-no 550 such\\u{7}user"
        );
        assert_eq!(clipped(&"ä".repeat(1000)).chars().count(), ANSWER_MAX + 1);
    }
}
