//! The descriptors of the process: as many as the system gives, and no more than a part of them for clients' handles.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config;
use crate::doors::sftp::allowance::HANDLES_PART;

/// One in so many may be a handle. Reason: a file that is read, or is large and written, takes one, and the others
/// must be there for connections, the database and the folders, whatever one account opens.
const PART_OF_HANDLES: u64 = 2;

/// What the service needs besides connections and handles: the database, the web view, files that are judged,
/// listeners, and some to spare.
const OTHERS: u64 = 200;

/// Has the system give as many as it may, and says so if they may not do.
pub(super) fn prepare(settings: &config::Sftp) {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!(%error, "the limit of descriptors stays as it is");
    }
    let Some(most) = getrlimit(Resource::Nofile).current else {
        return;
    };
    let needed = needed(settings);
    if needed > most {
        tracing::warn!(
            "the system gives this process {most} descriptors, and with these settings it may need {needed}: \
             raise its limit (LimitNOFILE= of systemd, ulimit -n), or lower sftp.sessions-max and \
             sftp.handles-per-account-max"
        );
    }
}

/// How many may be needed: by all connections, by the handles of one account within their part, and by all else.
fn needed(settings: &config::Sftp) -> u64 {
    let connections =
        u64::from(settings.sessions_max) + 2 * u64::from(settings.unauthenticated_max);
    let rest = connections + OTHERS;
    let handles = u64::from(settings.handles_per_account_max);
    (rest + handles).max(handles * HANDLES_PART * PART_OF_HANDLES)
}

/// So many handles may be open, of all accounts together. It is asked for each: an operator may change the limit.
pub(super) fn handles_max() -> u64 {
    let limit = getrlimit(Resource::Nofile).current;
    limit.map_or(u64::MAX, |limit| limit / PART_OF_HANDLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_are_connections_handles_and_some_to_spare() {
        let mut settings = config::Sftp::default();
        assert_eq!(needed(&settings), 4 * 1024, "an account has a quarter");
        settings.handles_per_account_max = 100;
        assert_eq!(needed(&settings), 1000 + 200 + 200 + 100);
    }
}
