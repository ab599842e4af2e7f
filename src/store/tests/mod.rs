//! The store on both engines: every test below runs on SQLite and on PostgreSQL.

mod arrivals;
mod audit;
mod bench;
mod doubt;
mod filing;
mod groups;
mod joining;
mod judging;
mod lists;
mod machines;
mod mails;
pub(crate) mod many;
mod office;
mod opening;
mod people;
mod plans;
mod portal;
mod requests;
mod summaries;
mod tables;
mod uploads;
mod vehicles;
mod wanting;
mod wire;
