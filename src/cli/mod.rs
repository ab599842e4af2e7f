//! What is typed: commands, their answers and exit codes.
//!
//! One file a command. Commands other than `serve` and `demo` open the database of the running
//! daemon, do one thing, and answer on the standard output: a table for people, or JSON with names
//! that stay for programs. Whatever went wrong goes to the standard error.

mod account;
mod address;
mod arguments;
mod audit;
mod backup;
mod check;
mod check_config;
mod demo;
mod desk;
mod ending;
mod hostkey;
mod key;
#[cfg(test)]
mod manual;
mod migrate;
mod moment;
mod outbox;
mod output;
mod password;
mod refusals;
mod rules;
mod serve;
mod session;
mod sftp_stdio;
mod submission;
mod table;
#[cfg(test)]
mod tests;
mod user;

use std::ffi::OsString;

use clap::Parser;

use arguments::{Arguments, Command};
use ending::Ending;

/// Runs the command that the arguments name, and gives the process's exit status: 0 done, 1 the
/// command answered "no", 64 usage, 70 software, 78 configuration.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(question) => {
            let is_fault = question.use_stderr();
            // When even this cannot be printed there is nobody to tell.
            drop(question.print());
            return if is_fault {
                ending::USAGE
            } else {
                ending::DONE
            };
        }
    };
    ending::status(dispatch(arguments))
}

fn dispatch(arguments: Arguments) -> anyhow::Result<Ending> {
    let config = arguments.config.as_deref();
    match arguments.command {
        Command::Serve => Ok(serve::run(config)),
        Command::Demo(wish) => demo::run(&wish),
        Command::Check(wish) => check::run(config, &wish),
        Command::CheckConfig(wish) => check_config::run(config, &wish),
        Command::Rules(wish) => rules::run(config, wish),
        Command::Account(wish) => account::run(config, wish),
        Command::User(wish) => user::run(config, wish),
        Command::Session(wish) => session::run(config, wish),
        Command::Hostkey(wish) => hostkey::run(config, wish),
        Command::Submission(wish) => submission::run(config, wish),
        Command::Outbox(wish) => outbox::run(config, &wish),
        Command::Audit(wish) => audit::run(config, &wish),
        Command::Backup(wish) => backup::run(config, &wish),
        Command::Migrate(wish) => migrate::run(config, wish),
        Command::SftpStdio(wish) => sftp_stdio::run(config, &wish),
    }
}
