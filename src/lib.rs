//! ecocd takes in electronic certificates of conformity, judges, records and answers them.
//!
//! The rooms, in the order a file walks through them:
//!
//! - [`doors`]: where files come in (SFTP, drop folder); [`web`] has the upload page and the views.
//! - [`access`]: who may come in.
//! - [`intake`]: the one way in; makes an arrival durable and numbers it.
//! - [`pipeline`]: read, judge, decide, file, answer; [`check`] does the judging.
//! - [`store`]: the only door to the database.
//! - [`receipts`]: the sender finds the answer; [`drop_folder`] is where.
//! - [`mail`]: people are told; [`letters`] has what account mails say.
//! - [`upkeep`]: what is over and done with is removed.
//!
//! [`certificate`] makes documents readable for people, who look at them through [`web`].
//!
//! Below them: [`domain`] (the words of the trade), [`config`], [`logging`], [`metrics`], [`runtime`]. Above
//! them: [`daemon`] wires the rooms together, [`cli`] is what is typed. `ARCHITECTURE.md` says which
//! room may use which; `tests/tidy.rs` enforces it.

pub mod access;
pub mod certificate;
pub mod check;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod domain;
pub mod doors;
pub mod drop_folder;
pub mod intake;
pub mod letters;
pub mod logging;
pub mod mail;
pub mod metrics;
pub mod pipeline;
pub mod receipts;
pub mod runtime;
pub mod store;
pub mod upkeep;
pub mod web;
