//! `/metrics`: how the service does, for programs; on an address of its own, off the public one.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::metrics::{Looked, METRICS};
use crate::runtime::{Clock, Tasks};
use crate::store::{Store, Vitals};
use crate::web::WebFault;
use crate::web::connections::{self, Limits, Manner};
use crate::web::tls::Certificate;

/// The form that we write.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Connections in all: one or two programs read it, every some seconds.
const CONNECTIONS_MAX: u32 = 16;

/// What a look needs.
#[derive(Debug, Clone)]
pub(super) struct Sources {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) certificate: Option<Certificate>,
}

/// The page, listening but not yet answering.
#[derive(Debug)]
pub(super) struct MetricsPage {
    listener: TcpListener,
    pub(super) address: SocketAddr,
    sources: Sources,
}

/// Binds the listener.
pub(super) async fn open(wanted: SocketAddr, sources: Sources) -> Result<MetricsPage, WebFault> {
    let fault = |source| WebFault::Metrics {
        address: wanted,
        source,
    };
    let listener = TcpListener::bind(wanted).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    Ok(MetricsPage {
        listener,
        address,
        sources,
    })
}

impl MetricsPage {
    /// Answers until `tasks` stops.
    pub(super) async fn run(self, tasks: &Tasks) {
        tracing::info!("metrics are told on {}", self.address);
        let routes = Router::new()
            .route("/metrics", get(show))
            .layer(from_fn(connections::within_time))
            .with_state(self.sources);
        let limits = Limits::new(CONNECTIONS_MAX);
        let manner = Manner::default();
        connections::serve(self.listener, routes, limits, manner, tasks).await;
    }
}

async fn show(State(sources): State<Sources>) -> Response {
    let certificate_days = sources
        .certificate
        .as_ref()
        .and_then(|certificate| certificate.days_left(sources.clock.now()));
    let looked = match sources.store.vitals().await {
        Ok(vitals) => looked(vitals, &sources.clock),
        Err(fault) => {
            tracing::debug!(%fault, "the database could not be asked for metrics");
            Looked::default()
        }
    };
    let text = METRICS.text(Looked {
        certificate_days,
        ..looked
    });
    ([(CONTENT_TYPE, TEXT)], text).into_response()
}

fn looked(vitals: Vitals, clock: &Clock) -> Looked {
    let age = vitals
        .oldest
        .map(|oldest| clock.now().duration_since(oldest));
    let seconds = age.map_or(0, |age| u64::try_from(age.as_secs()).unwrap_or(0));
    Looked {
        is_database_up: true,
        oldest_unfinished_seconds: seconds,
        unfinished: vitals.unfinished,
        held: vitals.held,
        mails_waiting: vitals.mails_waiting,
        mails_failed: vitals.mails_failed,
        certificate_days: None,
    }
}
