//! People look: the web view. Its rooms' pages lie in `pages`, one file a page.
//!
//! *Trust*: everything that a browser sends is doubted. Whose rows a visitor may see is decided in
//! one place, `session::Visitor::scope`; every form carries its session's token.
//!
//! *Limits*: connections, the time for a request's head and for its answer, the size of a body; see
//! `connections.rs` and [`BODY_MAX`].
//!
//! *Invariant*: it works from rows alone and touches no file but its certificate; if it is down, nothing
//! else is.

mod assets;
mod challenge;
mod connections;
mod dates;
mod forms;
mod frame;
mod headers;
mod incoming;
mod lately;
mod metrics;
mod once;
mod pages;
mod paging;
mod proxies;
mod session;
mod sftp_door;
mod text;
mod tls;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;

use crate::access::Access;
use crate::certificate;
use crate::config;
use crate::domain::Unfit;
use crate::domain::networks::Networks;
use crate::intake::Intake;
use crate::runtime::{Clock, Tasks};
use crate::store::{SessionLimits, Store};
use crate::web::connections::{Limits, Manner};
use crate::web::lately::Lately;
use crate::web::metrics::MetricsPage;
use crate::web::pages::files::Crowd;

pub use crate::web::tls::{Certificate, TlsFault};

/// The largest body of a request.
///
/// Reason: the longest text that forms ask for has a few thousand letters. (Uploads and the terms have
/// limits of their own.)
const BODY_MAX: usize = 64 * 1024;

/// Why the web view cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WebFault {
    /// Another program listens there.
    #[error(
        "the address {address} in `web.listen` is taken by another program: stop that program, or set another address"
    )]
    Taken {
        /// The address.
        address: SocketAddr,
    },
    /// The system does not let us listen there.
    #[error("cannot listen on the address {address} in `web.listen`: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The metrics' address is taken, or not ours.
    #[error("cannot listen on the address {address} in `web.metrics-listen`: {source}")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The time zone is of no name that we know.
    #[error("'{0}' in `web.time-zone` is not a time zone: write a name such as Europe/London")]
    TimeZone(String),
    /// The certificate or its key cannot be used.
    #[error("the certificate of the web view cannot be used: {0}")]
    Certificate(#[from] TlsFault),
    /// The networks of the proxies are none.
    #[error("`web.trusted-proxies`: {0}")]
    Proxies(Unfit),
}

pub use sftp_door::SftpDoor;

/// The rooms that the web view asks.
#[derive(Debug, Clone)]
pub struct Deps {
    /// Submissions, documents and sessions.
    pub store: Store,
    /// Who may come in.
    pub access: Access,
    /// The one way in, for the upload page.
    pub intake: Intake,
    /// Makes documents readable.
    pub certificates: certificate::Reader,
    /// What time it is.
    pub clock: Clock,
    /// Threads for what takes its time.
    pub tasks: Tasks,
}

/// What of the configuration pages need.
#[derive(Debug, Clone)]
pub struct About {
    /// The section `[web]`.
    pub settings: config::Web,
    /// The section `[service]`.
    pub service: config::Service,
    /// The section `[registration]`.
    pub registration: config::Registration,
    /// The section `[invitation]`.
    pub invitation: config::Invitation,
    /// `check.file-bytes-max`.
    pub file_bytes_max: u64,
    /// The SFTP door.
    pub sftp: SftpDoor,
}

/// What every page knows.
#[derive(Debug)]
pub(crate) struct View {
    settings: config::Web,
    service: config::Service,
    registration: config::Registration,
    invitation: config::Invitation,
    /// What came of late, to slow programs down.
    lately: Lately,
    /// The largest file, in octets.
    file_bytes_max: u64,
    sftp: SftpDoor,
    deps: Deps,
    zone: TimeZone,
    /// Uploads that are coming in.
    uploads: Crowd,
}

impl View {
    fn new(about: About, deps: Deps) -> Result<Self, WebFault> {
        let About {
            settings,
            service,
            registration,
            invitation,
            file_bytes_max,
            sftp,
        } = about;
        let zone = TimeZone::get(&settings.time_zone)
            .map_err(|_unknown| WebFault::TimeZone(settings.time_zone.clone()))?;
        Ok(Self {
            settings,
            service,
            registration,
            invitation,
            lately: Lately::default(),
            file_bytes_max,
            sftp,
            deps,
            zone,
            uploads: Crowd::default(),
        })
    }

    /// How long browsers stay signed in.
    const fn limits(&self) -> SessionLimits {
        session_limits(&self.settings)
    }

    /// Do people reach us by https? Then cookies are marked so that they never travel without.
    fn is_https(&self) -> bool {
        self.service.public_url.starts_with("https://")
    }
}

/// How long browsers stay signed in, by the settings.
pub const fn session_limits(settings: &config::Web) -> SessionLimits {
    SessionLimits {
        idle: settings.idle_max,
        age: settings.session_max,
        kept: settings.kept_max,
    }
}

/// What handlers share.
pub(crate) type Shared = Arc<View>;

/// The web view, listening but not yet answering.
#[derive(Debug)]
pub struct WebView {
    listener: TcpListener,
    address: SocketAddr,
    view: Shared,
    manner: Manner,
    metrics: Option<MetricsPage>,
}

/// Binds the listener.
pub async fn open(about: About, deps: Deps) -> Result<WebView, WebFault> {
    let address = about.settings.listen;
    let manner = manner(&about.settings)?;
    let metrics = match about.settings.metrics_listen {
        Some(wanted) => {
            let sources = metrics::Sources {
                store: deps.store.clone(),
                clock: deps.clock.clone(),
                certificate: manner.certificate.clone(),
            };
            Some(metrics::open(wanted, sources).await?)
        }
        None => None,
    };
    let view = Arc::new(View::new(about, deps)?);
    let fault = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => WebFault::Taken { address },
        _ => WebFault::Listen { address, source },
    };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    Ok(WebView {
        listener,
        address,
        view,
        manner,
        metrics,
    })
}

/// With TLS or without, and behind which proxies.
fn manner(settings: &config::Web) -> Result<Manner, WebFault> {
    let certificate = if settings.certificate.as_os_str().is_empty() {
        None
    } else {
        let opened = Certificate::open(&settings.certificate, &settings.private_key)?;
        Some(opened)
    };
    let proxies = Networks::new(&settings.trusted_proxies).map_err(WebFault::Proxies)?;
    Ok(Manner {
        certificate,
        proxies,
    })
}

impl WebView {
    /// The address it listens on, with the port taken when `web.listen` names port 0.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The certificate, if TLS is spoken: to be read again when it was replaced.
    pub fn certificate(&self) -> Option<Certificate> {
        self.manner.certificate.clone()
    }

    /// The address of the metrics page, if there is one.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|page| page.address)
    }

    /// Answers until `tasks` stops; then lets open requests end, and returns.
    pub async fn run(self, tasks: Tasks) {
        tracing::info!("the web view listens on {}", self.address);
        let routes = routes(Arc::clone(&self.view));
        let limits = Limits::new(self.view.settings.connections_max);
        let metrics = async {
            match self.metrics {
                Some(page) => page.run(&tasks).await,
                None => tasks.stopped().await,
            }
        };
        tokio::select! {
            () = connections::serve(self.listener, routes, limits, self.manner, &tasks) => (),
            () = pages::files::mend(&self.view) => (),
            () = metrics => (),
        }
    }
}

/// Every page, with what is done before and after each.
fn routes(view: Shared) -> Router {
    Router::new()
        .merge(pages::joining::routes())
        .merge(pages::files::routes())
        .merge(pages::vehicles::routes())
        .merge(pages::people::routes())
        .merge(pages::office::routes())
        .route("/assets/{name}", get(assets::show))
        .fallback(pages::problem::not_found)
        .method_not_allowed_fallback(pages::problem::wrong_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn(connections::within_time))
        .layer(from_fn_with_state(Arc::clone(&view), once::show))
        .layer(from_fn_with_state(Arc::clone(&view), pages::problem::draw))
        .layer(from_fn_with_state(Arc::clone(&view), headers::add))
        .with_state(view)
}
