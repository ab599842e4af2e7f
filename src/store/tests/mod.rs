//! The store on both engines: every test below runs on SQLite and on PostgreSQL.

mod arrivals;
mod bench;
mod filing;
mod groups;
mod joining;
mod judging;
mod lists;
mod mails;
mod opening;
mod people;
mod portal;
mod summaries;
mod tables;
mod wire;
