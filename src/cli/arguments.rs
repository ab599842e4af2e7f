//! The grammar of the command line. What stands in the comments here is what `--help` says.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::address::Address;
use crate::cli::audit::Audit;
use crate::cli::backup::Backup;
use crate::cli::hostkey::Hostkey;
use crate::cli::session::Session;
use crate::domain::account::{AccountCode, LoginName, MailAddress, MailPreference, Role};
use crate::domain::handing_in::{DoneMarker, NamePattern};
use crate::domain::networks::Networks;
use crate::domain::submission::SubmissionNumber;

/// Takes in, judges, records and answers electronic certificates of conformity.
#[derive(Debug, Parser)]
#[command(
    name = "ecocd",
    version,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "Try it:  ecocd demo\nManual:  man 8 ecocd, man 5 ecocd.toml")]
pub(crate) struct Arguments {
    /// The configuration [default: /etc/ecocd/ecocd.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the service
    Serve,
    /// Try everything on this machine, without any preparation
    Demo(Demo),
    /// Judge files without the service: exit status 0 if all are fine, 1 if some are not
    Check(Check),
    /// Say everything that is wrong with a configuration, or what is in effect
    CheckConfig(CheckConfig),
    /// List the rules beyond the schema: what each finds, weighs here, and comes from
    Rules(Output),
    /// Manufacturers' accounts
    #[command(subcommand)]
    Account(Account),
    /// Persons and machines who log in, their passwords and keys
    #[command(subcommand)]
    User(User),
    /// SFTP sessions that are open
    #[command(subcommand)]
    Session(Session),
    /// The keys by which SFTP clients know this server
    #[command(subcommand)]
    Hostkey(Hostkey),
    /// What was handed in, and what became of it
    #[command(subcommand)]
    Submission(Submission),
    /// Mails that wait, were sent, or failed
    #[command(subcommand)]
    Outbox(Outbox),
    /// Who did what, and whether the log of it is whole
    #[command(subcommand)]
    Audit(Audit),
    /// Save the database into a new file, while the service runs
    Backup(Backup),
    /// Bring the database to the form that this version needs
    Migrate(Output),
    /// Speak SFTP on the standard input and output, as the service does to a user of the account
    #[command(hide = true)]
    SftpStdio(SftpStdio),
}

/// The arguments of `sftp-stdio`.
#[derive(Debug, Args)]
pub(crate) struct SftpStdio {
    /// The account's code
    #[arg(long, value_name = "CODE", value_parser = AccountCode::new)]
    pub(crate) account: AccountCode,
    /// Use no configuration but the defaults, and this folder for everything; the account is made in it
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

/// How to answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// How to answer.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Output {
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// The arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The folder for everything that it makes; started again, it goes on with what is there
    #[arg(long, value_name = "DIR", default_value = "ecocd-data")]
    pub(crate) data: PathBuf,
    /// Where SFTP listens [default: what the folder's ecocd.toml says, 127.0.0.1:2222 at first]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) sftp_listen: Option<SocketAddr>,
    /// Where the web view listens [default: what the folder's ecocd.toml says, 127.0.0.1:8080 at first]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) web_listen: Option<SocketAddr>,
}

/// The arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The files to judge; later files are compared with earlier ones
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The folder of the schema files, in place of those of the configuration
    #[arg(long, value_name = "DIR")]
    pub(crate) schema: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

/// How `check` answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people: each finding with its line of the file
    #[default]
    Text,
    /// For editors: each finding as one line that begins with its file, line and column
    Short,
    /// For programs: the receipts
    Json,
}

/// The arguments of `check-config`.
#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    /// The configuration to check, in place of --config
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// How to answer.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The commands on accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Add a manufacturer's account
    Add {
        /// The account's short code: 2 to 32 of a-z, 0-9 and '-'; it names the drop folder
        #[arg(value_parser = AccountCode::new)]
        code: AccountCode,
        /// The manufacturer's name
        name: String,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// List all accounts
    List(Output),
    /// Say how the account's files are handed in, and who may log in from where; without an option, show it
    Set(AccountSet),
    /// Addresses that get emails about the account's outcomes without being a user's
    #[command(subcommand)]
    Address(Address),
    /// List log-ins by SFTP that were refused, newest first, with the reason
    Refusals {
        /// Only those of this account; without it, also those of names that nobody has
        #[arg(value_parser = AccountCode::new)]
        code: Option<AccountCode>,
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Let none of the account's users in, until resumed
    Suspend {
        /// The account's code
        #[arg(value_parser = AccountCode::new)]
        code: AccountCode,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Let the account's users in again
    Resume {
        /// The account's code
        #[arg(value_parser = AccountCode::new)]
        code: AccountCode,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
}

/// The arguments of `account set`.
#[derive(Debug, Args)]
pub(crate) struct AccountSet {
    /// The account's code
    #[arg(value_parser = AccountCode::new)]
    pub(crate) code: AccountCode,
    /// Take a file only when its marker has come: a.xml waits for a.xml.done or a.done
    #[arg(long, value_name = ".ENDING", value_parser = DoneMarker::new)]
    pub(crate) done_marker: Option<DoneMarker>,
    /// Take files as soon as they are whole, as at first
    #[arg(long, conflicts_with = "done_marker")]
    pub(crate) no_done_marker: bool,
    /// Never look at files of such names; * stands for any run of characters, ? for any one. May be given
    /// several times, and takes the place of all earlier patterns
    #[arg(long, value_name = "PATTERN", value_parser = NamePattern::new)]
    pub(crate) ignore: Vec<NamePattern>,
    /// Look at all names that end in .xml, as at first
    #[arg(long, conflicts_with = "ignore")]
    pub(crate) no_ignore: bool,
    /// Where users may log in from by SFTP, such as '192.0.2.0/24, 198.51.100.7'; '' for everywhere
    #[arg(long, value_name = "NETWORKS", value_parser = Networks::new)]
    pub(crate) from: Option<Networks>,
    /// May users log in by SFTP with a password?
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no())]
    pub(crate) passwords: Option<bool>,
    /// How to answer.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The commands on users.
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a person or a machine
    Add(UserAdd),
    /// List users
    List {
        /// Only those of this account
        #[arg(long, value_name = "CODE", value_parser = AccountCode::new)]
        account: Option<AccountCode>,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Say where a user may log in from by SFTP
    Set {
        /// Who
        #[arg(value_parser = LoginName::new)]
        login: LoginName,
        /// Networks, such as '192.0.2.0/24, 198.51.100.7'; '' for everywhere
        #[arg(long, value_name = "NETWORKS", value_parser = Networks::new)]
        from: Networks,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Let a user in no more, until resumed; open sessions are ended
    Suspend {
        /// Who
        #[arg(value_parser = LoginName::new)]
        login: LoginName,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Let a user in again
    Resume {
        /// Who
        #[arg(value_parser = LoginName::new)]
        login: LoginName,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// A user's public keys
    #[command(subcommand)]
    Key(Key),
    /// Set a user's password: read from the standard input, or made and printed once
    Passwd {
        /// Whose password
        #[arg(value_parser = LoginName::new)]
        login: LoginName,
        /// Read the password from the first line of the standard input, and make none if it is empty
        #[arg(long)]
        password_stdin: bool,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
}

/// The arguments of `user add`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("belongs").args(["account", "staff"]).required(true)))]
pub(crate) struct UserAdd {
    /// What the user types to log in: a person's mail address, a machine's short name
    #[arg(value_parser = LoginName::new)]
    pub(crate) login: LoginName,
    /// The account that the user belongs to
    #[arg(long, value_name = "CODE", value_parser = AccountCode::new)]
    pub(crate) account: Option<AccountCode>,
    /// One of the authority's own people, who belong to no account
    #[arg(long)]
    pub(crate) staff: bool,
    /// What the user may do; staff are reviewer or operator
    #[arg(long, value_parser = words(Role::ALL, Role::as_str))]
    pub(crate) role: Role,
    /// A program, not a person
    #[arg(long, conflicts_with = "staff")]
    pub(crate) machine: bool,
    /// The person answerable for a machine, shown as 'Uploaded By'
    #[arg(long, value_name = "LOGIN", requires = "machine", value_parser = LoginName::new)]
    pub(crate) contact: Option<LoginName>,
    /// The person's full name, or what the machine is called [default: the log-in name]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Where mail goes [default: a person's log-in name]
    #[arg(long, value_name = "ADDRESS", value_parser = MailAddress::new)]
    pub(crate) mail: Option<MailAddress>,
    /// Which outcomes to tell of by mail [default: failures; none for machines]
    #[arg(long, value_name = "WHICH", value_parser = words(MailPreference::ALL, MailPreference::as_str))]
    pub(crate) mail_preference: Option<MailPreference>,
    /// Read a password from the first line of the standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// How to answer.
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The commands on public keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Let a user in with a key
    Add {
        /// Whose key
        #[arg(value_parser = LoginName::new)]
        login: LoginName,
        /// The file with the public key (….pub), or - for the standard input
        file: PathBuf,
        /// What people call the key [default: the comment in the file]
        #[arg(long)]
        label: Option<String>,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// List a user's keys
    List {
        /// Whose keys
        #[arg(value_parser = LoginName::new)]
        login: LoginName,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Let a user in with a key no longer
    Remove {
        /// Whose key
        #[arg(value_parser = LoginName::new)]
        login: LoginName,
        /// The key's fingerprint, SHA256:…
        fingerprint: String,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
}

/// The commands on submissions.
#[derive(Debug, Subcommand)]
pub(crate) enum Submission {
    /// List submissions, newest first
    List {
        /// Only this VIN; * stands for any run of characters
        #[arg(long, value_name = "PATTERN")]
        vin: Option<String>,
        /// Only those that failed
        #[arg(long)]
        failed: bool,
        /// Only those set aside for an operator
        #[arg(long)]
        held: bool,
        /// Only those of this account
        #[arg(long, value_name = "CODE", value_parser = AccountCode::new)]
        account: Option<AccountCode>,
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Show all that is known of one submission
    Show {
        /// The submission's number, SUB-…
        #[arg(value_parser = SubmissionNumber::new)]
        number: SubmissionNumber,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Send a held submission through again
    Retry {
        /// The submission's number, SUB-…
        #[arg(value_parser = SubmissionNumber::new)]
        number: SubmissionNumber,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
}

/// The commands on the outbox.
#[derive(Debug, Subcommand)]
pub(crate) enum Outbox {
    /// List mails, newest first
    List {
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Show one mail with all its attempts
    Show {
        /// The mail's number in the list
        id: i64,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
    /// Try a mail again now, also one that was given up
    Retry {
        /// The mail's number in the list
        #[arg(required_unless_present = "all_failed", conflicts_with = "all_failed")]
        id: Option<i64>,
        /// All mails that were given up
        #[arg(long)]
        all_failed: bool,
        /// How to answer.
        #[command(flatten)]
        output: Output,
    },
}

/// Reads one of a closed set of words, and names them all in the help.
pub(crate) fn words<T>(
    all: &'static [T],
    text: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + std::str::FromStr<Err = crate::domain::Unfit> + 'static,
{
    let names: Vec<&'static str> = all.iter().map(|word| text(*word)).collect();
    PossibleValuesParser::new(names).try_map(|word| word.parse::<T>())
}

/// Reads `yes` or `no`.
fn yes_or_no() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new(["yes", "no"]).map(|word| word == "yes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_user_belongs_to_an_account_or_to_the_staff() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' '));
        assert!(parse("ecocd user add a@b --account acme --role upload").is_ok());
        assert!(parse("ecocd user add a@b --staff --role operator").is_ok());
        assert!(parse("ecocd user add a@b --role upload").is_err());
        assert!(parse("ecocd user add a@b --staff --account acme --role upload").is_err());
        assert!(parse("ecocd user add a@b --account acme --role boss").is_err());
        assert!(parse("ecocd --config x submission list --vin W* --failed").is_ok());
        assert!(parse("ecocd submission show SUB-1").is_err());
    }
}
