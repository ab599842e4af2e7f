//! What a command works with: the configuration, and the database of the running daemon.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::check;
use crate::cli::ending::{Ending, Unconfigured};
use crate::config::{self, Config, Problem};
use crate::domain::Timestamp;
use crate::domain::account::{Account, AccountCode, LoginName, User};
use crate::domain::audit::{Action, Deed};
use crate::logging;
use crate::runtime::{self, Clock, Tasks};
use crate::store::{Change, Store};

/// Where a package puts the configuration.
pub(crate) const CONFIG: &str = "/etc/ecocd/ecocd.toml";

/// Who does what is typed, in the audit log.
const ACTOR: &str = "command line";

/// Where the configuration lies.
pub(crate) fn config_path(named: Option<&Path>) -> PathBuf {
    named.unwrap_or(Path::new(CONFIG)).to_owned()
}

/// Loads the configuration, with what a missing one should be answered by.
pub(crate) fn load(named: Option<&Path>) -> Result<Config, Unconfigured> {
    let path = config_path(named);
    let is_missing = !path.exists();
    load_exactly(Some(&path)).map_err(|mut unconfigured| {
        if named.is_none() && is_missing {
            let what = "there is no configuration yet: name one with --config FILE, put one there \
                        (/usr/share/doc/ecocd/ecocd.example.toml explains every setting), or try \
                        'ecocd demo', which needs none";
            unconfigured.0 = vec![Problem {
                key: String::new(),
                value: None,
                origin: Some(CONFIG.to_owned()),
                what: what.to_owned(),
            }];
        }
        unconfigured
    })
}

/// Loads this file, or the defaults and the environment if there is none.
pub(crate) fn load_exactly(path: Option<&Path>) -> Result<Config, Unconfigured> {
    let rules: Vec<&str> = check::rules().map(|rule| rule.code).collect();
    Config::load(path, config::environment(), &rules).map_err(Unconfigured)
}

/// Runs asynchronous work to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads")?
        .block_on(work)
}

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The database of the running daemon.
    pub(crate) store: Store,
    /// For what must not hold up a thread.
    pub(crate) tasks: Tasks,
    /// Who runs the service, for letters.
    pub(crate) service: config::Service,
    clock: Clock,
}

/// Opens the database that the configuration names, does `work`, and closes it in order.
pub(crate) fn at_desk(
    named: Option<&Path>,
    work: impl AsyncFnOnce(&Desk) -> anyhow::Result<()>,
) -> anyhow::Result<Ending> {
    logging::start_quietly();
    let config = load(named)?;
    block_on(with_desk(&config, work))?;
    Ok(Ending::Done)
}

/// The same with a configuration in hand.
pub(crate) async fn with_desk<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Desk) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    refuse_foreign_database(config)?;
    let tasks = Tasks::new();
    let store = Store::open(&config.database, &config.service.data, false, &tasks).await?;
    let desk = Desk {
        store,
        tasks,
        service: config.service.clone(),
        clock: Clock::system(),
    };
    let done = work(&desk).await;
    desk.store.close().await;
    desk.tasks.stop();
    desk.tasks.ended().await;
    done
}

/// Root must not make a database that the service's own user could not open then.
pub(crate) fn refuse_foreign_database(config: &Config) -> anyhow::Result<()> {
    use std::os::unix::fs::MetadataExt;

    let Some(path) = config.database.url.strip_prefix("sqlite:") else {
        return Ok(());
    };
    let data = std::fs::metadata(&config.service.data);
    let is_foreign = data.is_ok_and(|facts| facts.uid() != 0);
    let is_missing = !config.in_data(Path::new(path)).exists();
    if rustix::process::geteuid().is_root() && is_foreign && is_missing {
        anyhow::bail!(
            "there is no database in {} yet, and root would make one that the service cannot open: \
             run this as the user of the service (runuser -u ecocd -- ecocd …), or start the service \
             first",
            config.service.data.display()
        );
    }
    Ok(())
}

impl Desk {
    /// The moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A deed of whoever types commands, for the audit log.
    pub(crate) fn deed(&self, action: Action, subject: &str, details: &str) -> Deed {
        Deed {
            id: runtime::unique_id(),
            at: self.now(),
            actor: ACTOR.to_owned(),
            action,
            subject: subject.to_owned(),
            details: details.to_owned(),
            remote_ip: None,
        }
    }

    /// The same, of which nobody is mailed.
    pub(crate) fn change(&self, action: Action, subject: &str, details: &str) -> Change {
        Change {
            deed: self.deed(action, subject, details),
            mails: Vec::new(),
        }
    }

    /// The account with this code.
    pub(crate) async fn account(&self, code: &AccountCode) -> anyhow::Result<Account> {
        let account = self.store.account(code).await?;
        account.with_context(|| {
            format!("there is no account {code}: 'ecocd account list' shows those that are")
        })
    }

    /// The user with this log-in name.
    pub(crate) async fn user(&self, login: &LoginName) -> anyhow::Result<User> {
        let user = self.store.user(login).await?;
        user.with_context(|| {
            format!("there is no user {login}: 'ecocd user list' shows those that are")
        })
    }
}
