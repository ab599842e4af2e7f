//! Where files come in: each door knows a protocol, and nothing of SQL or XML.

pub mod busy;
pub mod complete;
pub mod folder;
pub mod markers;
pub mod senders;
pub mod sftp;
