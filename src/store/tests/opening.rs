//! Opening: addresses, locks, rights of the files, migrations.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::config;
use crate::runtime::Tasks;
use crate::store::connection::Target;
use crate::store::tests::bench::{Bench, on_both_engines};
use crate::store::{Store, StoreFault, migrations};

on_both_engines!(
    migrating_twice_is_harmless,
    two_stores_may_be_open_at_once,
    an_older_database_is_changed_by_the_service_and_migrate_only
);

async fn an_older_database_is_changed_by_the_service_and_migrate_only(bench: &Bench) {
    bench.account("acme").await;
    let target = Target::parse(&bench.settings.url, bench.data.path()).unwrap();
    migrations::step_back(&target);
    let open = |is_daemon| Store::open(&bench.settings, bench.data.path(), is_daemon, &bench.tasks);
    let refused = open(false).await.unwrap_err();
    assert!(matches!(refused, StoreFault::Older), "{refused:?}");
    assert!(refused.to_string().contains("ecocd migrate"), "{refused}");
    let applied = Store::migrate(&bench.settings, bench.data.path()).await;
    assert_eq!(applied.unwrap().len(), 1);
    let other = bench.another().await;
    assert_eq!(other.accounts().await.unwrap().len(), 1);
    other.close().await;
    migrations::step_back(&target);
    open(true).await.unwrap().close().await;
    bench.another().await.close().await;
}

async fn migrating_twice_is_harmless(bench: &Bench) {
    bench.account("acme").await;
    let applied = Store::migrate(&bench.settings, bench.data.path()).await;
    assert_eq!(applied.unwrap(), Vec::<String>::new());
    assert_eq!(bench.store.accounts().await.unwrap().len(), 1);
}

async fn two_stores_may_be_open_at_once(bench: &Bench) {
    let account = bench.account("acme").await;
    let other = bench.another().await;
    assert_eq!(other.accounts().await.unwrap(), [account]);
    assert_eq!(
        other.roster_generation().await.unwrap(),
        bench.store.roster_generation().await.unwrap()
    );
    other.close().await;
}

fn sqlite(path: &str) -> config::Database {
    config::Database {
        url: format!("sqlite:{path}"),
        ..config::Database::default()
    }
}

async fn why_unusable(url: &str) -> String {
    let settings = config::Database {
        url: url.to_owned(),
        ..config::Database::default()
    };
    match Store::open(&settings, Path::new("/nowhere"), false, &Tasks::new()).await {
        Err(StoreFault::Unusable(why)) => why,
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn an_address_that_is_no_database_is_answered_with_what_would_be() {
    let why = why_unusable("mysql://host/name").await;
    assert!(
        why.contains("mysql") && why.contains("sqlite:PATH"),
        "{why}"
    );
    assert!(why_unusable("").await.contains("postgres://"));
    assert!(why_unusable("sqlite:").await.contains("path of a file"));
    let why = why_unusable("postgres://u:secret@h/n?sslmode=require").await;
    assert!(why.contains("TLS") && !why.contains("secret"), "{why}");
}

#[tokio::test]
async fn each_migration_is_named_and_only_once() {
    let data = tempfile::TempDir::new().unwrap();
    let settings = sqlite("a/b/ecocd.sqlite");
    let first = Store::migrate(&settings, data.path()).await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.split('_').next().unwrap().replace('-', ""))
        .collect();
    names.sort();
    assert_eq!(first, names);
    let second = Store::migrate(&settings, data.path()).await.unwrap();
    assert_eq!(second, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_else_may_read_the_database() {
    let data = tempfile::TempDir::new().unwrap();
    let settings = sqlite("new/ecocd.sqlite");
    let tasks = Tasks::new();
    let store = Store::open(&settings, data.path(), true, &tasks)
        .await
        .unwrap();
    store.accounts().await.unwrap();
    let mode = |name: &str| {
        let about = std::fs::metadata(data.path().join(name)).unwrap();
        about.permissions().mode() & 0o777
    };
    assert_eq!(mode("new"), 0o700);
    for name in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&format!("new/ecocd.sqlite{name}")), 0o600, "{name}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_second_daemon_on_the_same_file_is_refused_and_other_programs_are_not() {
    let data = tempfile::TempDir::new().unwrap();
    let (settings, tasks) = (sqlite("ecocd.sqlite"), Tasks::new());
    let open = |is_daemon| Store::open(&settings, data.path(), is_daemon, &tasks);
    let first = open(true).await.unwrap();
    let refused = open(true).await.unwrap_err();
    assert!(
        matches!(&refused, StoreFault::Unusable(why) if why.contains("another ecocd is running")),
        "{refused}"
    );
    let tool = open(false).await.unwrap();
    tool.accounts().await.unwrap();
    tool.close().await;
    first.close().await;
    open(true).await.unwrap().close().await;
}

/// The locks of this process on a file.
fn locks(file: &Path) -> usize {
    use std::os::unix::fs::MetadataExt;
    let inode = std::fs::metadata(file).unwrap().ino();
    let (own, ends) = (std::process::id().to_string(), format!(":{inode}"));
    let all = std::fs::read_to_string("/proc/locks").unwrap();
    let is_ours = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.contains(&own.as_str()) && words.iter().any(|word| word.ends_with(&ends))
    };
    all.lines().filter(is_ours).count()
}

#[tokio::test]
async fn opening_the_database_again_leaves_the_locks_of_those_who_have_it_open() {
    let data = tempfile::TempDir::new().unwrap();
    let (settings, tasks) = (sqlite("ecocd.sqlite"), Tasks::new());
    let open = |is_daemon| Store::open(&settings, data.path(), is_daemon, &tasks);
    let daemon = open(true).await.unwrap();
    daemon.accounts().await.unwrap();
    let file = data.path().join("ecocd.sqlite");
    assert!(locks(&file) > 0, "the database that is open is locked");
    let tool = open(false).await.unwrap();
    tool.accounts().await.unwrap();
    assert!(locks(&file) > 0);
    tool.close().await;
    assert!(locks(&file) > 0);
    daemon.close().await;
}
