//! How to hand in files by SFTP: where, with which host keys, by which commands; and the account's machine
//! users, for whoever manages them.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;

use crate::access::Right;
use crate::domain::account::{Account, Standing};
use crate::domain::host_key::HostKey;
use crate::domain::receipt::{FILE_NAME_BYTES_MAX, RECEIPT_SUFFIX};
use crate::store::Machine;
use crate::web::frame::{Frame, Place};
use crate::web::pages::joining::terms;
use crate::web::pages::people::machine::{contact, used};
use crate::web::pages::people::notice;
use crate::web::pages::people::recipes::{self, Recipe};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::{count, moment};
use crate::web::{Shared, View, pages};

/// What stands for the log-in name while the account has no machine user.
const SOMEBODY: &str = "USER";

/// A host key as it is shown.
struct KeyLine {
    algorithm: String,
    fingerprint: String,
    known_hosts: String,
    /// When it comes into use, if it is not yet.
    from: Option<String>,
}

/// A machine user as it is shown.
struct MachineLine {
    address: String,
    login: String,
    name: String,
    contact: String,
    keys: String,
    used: String,
    is_suspended: bool,
    /// Is the declaration missing, or for older terms?
    is_undeclared: bool,
}

#[derive(Template)]
#[template(path = "people/sftp.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    notice: Option<&'static str>,
    host: &'a str,
    port: u16,
    /// The port with older algorithms and its last day, if it is open to the account.
    legacy: Option<(u16, String)>,
    logins: Vec<String>,
    passwords: bool,
    receipt_suffix: &'static str,
    limits: Vec<(&'static str, String)>,
    keys: Vec<KeyLine>,
    recipes: Vec<Recipe>,
    /// `None` for whoever may not manage them.
    machines: Option<Vec<MachineLine>>,
}

impl Page<'_> {
    /// Is a host key about to be replaced?
    fn has_next(&self) -> bool {
        self.keys.iter().any(|key| key.from.is_some())
    }
}

/// GET `/sftp`.
pub(crate) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let account = visitor.account()?;
    visitor.need(Right::ViewSubmissions)?;
    let machines = if visitor.guest.may(Right::ManageMachines) {
        Some(view.deps.store.machines(account.id).await?)
    } else {
        None
    };
    let in_force = terms::in_force(&view).await?;
    let door = &view.sftp;
    let host_keys = door.host_keys.borrow().clone();
    let current: Vec<&HostKey> = host_keys.iter().filter(|key| key.from.is_none()).collect();
    let known = machines.iter().flatten();
    let logins: Vec<String> = known
        .map(|machine| machine.user.login.to_string())
        .collect();
    let place = recipes::Place {
        host: &door.host,
        port: door.port,
        login: logins.first().map_or(SOMEBODY, String::as_str),
        keys: &current,
    };
    let page = Page {
        frame: Frame::new(&view, Some(&visitor), "SFTP").at(Place::Sftp),
        notice: notice(&query),
        host: &door.host,
        port: door.port,
        legacy: legacy(&view, account),
        passwords: door.settings.passwords && account.passwords,
        receipt_suffix: RECEIPT_SUFFIX,
        limits: limits(&view),
        keys: host_keys.iter().map(|key| key_line(&view, key)).collect(),
        recipes: recipes::all(&place),
        machines: machines.map(|all| {
            let line = |machine: &Machine| machine_line(&view, machine, in_force);
            all.iter().map(line).collect()
        }),
        logins,
    };
    Ok(pages::page(StatusCode::OK, &page))
}

fn key_line(view: &View, key: &HostKey) -> KeyLine {
    KeyLine {
        algorithm: key.algorithm.clone(),
        fingerprint: key.fingerprint.clone(),
        known_hosts: key.known_hosts(&view.sftp.host, view.sftp.port),
        from: key.from.map(|from| moment(from, &view.zone)),
    }
}

fn machine_line(view: &View, machine: &Machine, in_force: Option<u64>) -> MachineLine {
    let declared = machine.declared.as_ref().map(|declared| declared.version);
    MachineLine {
        address: format!("/sftp/machines/{}", machine.user.id),
        login: machine.user.login.to_string(),
        name: machine.user.display_name.clone(),
        contact: contact(machine),
        keys: count(machine.keys.len() as u64),
        used: used(view, machine),
        is_suspended: machine.user.standing == Standing::Suspended,
        is_undeclared: in_force.is_some() && declared != in_force,
    }
}

fn legacy(view: &View, account: &Account) -> Option<(u16, String)> {
    let settings = &view.sftp.settings;
    let (address, last_day) = settings.legacy_listen.zip(settings.legacy_last_day())?;
    let today = view.deps.clock.now().to_zoned(TimeZone::UTC).date();
    let is_theirs = settings.legacy_codes().ok()?.contains(&account.code);
    let is_open = is_theirs && today <= last_day;
    is_open.then(|| (address.port(), last_day.strftime("%-d %B %Y").to_string()))
}

/// What the door takes, in words.
fn limits(view: &View) -> Vec<(&'static str, String)> {
    let settings = &view.sftp.settings;
    let mut limits = vec![
        (
            "Largest file",
            format!("{} octets", count(view.file_bytes_max)),
        ),
        (
            "Longest file name",
            format!(
                "{} octets, ending in .xml",
                count(FILE_NAME_BYTES_MAX as u64)
            ),
        ),
        (
            "Sessions at the same time",
            count(settings.sessions_per_account_max.into()),
        ),
    ];
    if settings.files_per_hour_max > 0 {
        limits.push(("Files in an hour", count(settings.files_per_hour_max)));
    }
    if settings.bytes_per_hour_max > 0 {
        let megabytes = settings.bytes_per_hour_max / (1024 * 1024);
        limits.push(("Data in an hour", format!("{} MB", count(megabytes))));
    }
    limits
}
