//! What every test stands on: a daemon, clients, documents, and one way of waiting.

pub(crate) mod chance;
pub(crate) mod daemon;
pub(crate) mod database;
pub(crate) mod disk;
pub(crate) mod documents;
pub(crate) mod ledger;
pub(crate) mod log;
pub(crate) mod mailbox;
pub(crate) mod network;
pub(crate) mod process;
pub(crate) mod receipt;
pub(crate) mod senders;
pub(crate) mod sftp_client;
pub(crate) mod stall;
pub(crate) mod tool;
pub(crate) mod wait;

/// Runs each named function once on SQLite and once on PostgreSQL.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn on_sqlite() {
                super::$name($crate::support::database::Engine::Sqlite);
            }

            #[test]
            fn on_postgresql() {
                super::$name($crate::support::database::Engine::Postgresql);
            }
        }
    )+};
}
