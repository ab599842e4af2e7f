//! TLS of the web view: a certificate with its key, read again on demand, and when they change, without ending a
//! connection; its end is told in time.
//!
//! *Limits*: TLS 1.2 and 1.3 with the suites of rustls and nothing else; each file at most 1 MiB.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::SignedDuration;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::domain::Timestamp;
use crate::domain::expiry::{self, SOON_DAYS};
use crate::runtime::Tasks;

/// The largest file. A chain of certificates has a few kilobytes.
const BYTES_MAX: u64 = 1024 * 1024;

/// So often it is said that a certificate ends.
const WARNED_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Why a certificate cannot be used; a sentence that names the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TlsFault(String);

/// A certificate with its key, and where they came from; cheap to clone.
#[derive(Debug, Clone)]
pub struct Certificate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
    watched: Mutex<Watched>,
}

/// What was seen of the files, and said of the certificate.
#[derive(Debug, Default)]
struct Watched {
    files: Stamps,
    end: Option<Timestamp>,
    warned: Option<Timestamp>,
}

/// When each of the two files was changed, and which file it was.
type Stamps = [Option<(i64, i64, u64)>; 2];

impl Certificate {
    /// Reads both files.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsFault> {
        let files = stamps(certificate, key);
        let (current, end) = read(certificate, key)?;
        Ok(Self(Arc::new(Inner {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(current)),
            watched: Mutex::new(Watched {
                files,
                end,
                warned: None,
            }),
        })))
    }

    /// Whole days until it ends, if that can be read; 0 when it is over.
    pub(crate) fn days_left(&self, now: Timestamp) -> Option<u64> {
        let left = expiry::days_left(self.watched().end?, now);
        Some(u64::try_from(left).unwrap_or(0))
    }

    /// Reads the files again if one was changed, and warns once a day of a certificate that ends soon. To be
    /// called every minute or so.
    pub async fn look(&self, now: Timestamp, tasks: &Tasks) {
        let inner = Arc::clone(&self.0);
        let looking = move || stamps(&inner.certificate, &inner.key);
        let files = tasks.block("look at the certificate", looking).await;
        if files.is_some_and(|files| files != self.watched().files) {
            self.read_again(tasks).await;
        }
        if let Some(warning) = self.warning(now) {
            tracing::warn!("{warning}");
        }
    }

    /// What is to be said of the certificate's end, if it was not said in the last 24 hours.
    pub(crate) fn warning(&self, now: Timestamp) -> Option<String> {
        let mut watched = self.watched();
        let end = watched.end?;
        let left = expiry::days_left(end, now);
        let was_said = watched.warned.is_some_and(|warned| {
            let ago = now.duration_since(warned);
            !ago.is_negative() && ago < WARNED_EVERY
        });
        if left >= SOON_DAYS || was_said {
            return None;
        }
        watched.warned = Some(now);
        let (place, day) = (self.0.certificate.display(), end.strftime("%-d %B %Y"));
        Some(if left < 0 {
            format!("the certificate in {place} ended on {day}: browsers refuse it; renew it now")
        } else {
            format!("the certificate in {place} ends on {day}, in {left} days: renew it")
        })
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        // A panic while it was held cannot leave it half changed.
        self.0
            .watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads both files again. New connections have what is in them now; those that are open go on.
    /// What cannot be used is logged, and the old ones stay.
    pub async fn read_again(&self, tasks: &Tasks) {
        let inner = Arc::clone(&self.0);
        let reading = tasks.block("read the certificate", move || {
            let files = stamps(&inner.certificate, &inner.key);
            (files, read(&inner.certificate, &inner.key))
        });
        let place = self.0.certificate.display();
        let Some((files, fresh)) = reading.await else {
            return;
        };
        self.watched().files = files;
        match fresh {
            Ok((fresh, end)) => {
                self.watched().end = end;
                let current = self.0.current.write();
                *current.unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                tracing::info!(
                    "the certificate in {place} was read again: new connections have it"
                );
            }
            Err(fault) => {
                tracing::error!(%fault, "{fault}; the certificate that was read before stays in use");
            }
        }
    }

    /// What a new connection is greeted with.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let current = self.0.current.read();
        let current = current.unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current))
    }
}

/// The system's word on both files.
fn stamps(certificate: &Path, key: &Path) -> Stamps {
    [certificate, key].map(|path| {
        let facts = std::fs::metadata(path).ok()?;
        Some((facts.mtime(), facts.mtime_nsec(), facts.ino()))
    })
}

fn read(certificate: &Path, key: &Path) -> Result<(ServerConfig, Option<Timestamp>), TlsFault> {
    let fault = |path: &Path, what: String| TlsFault(format!("{}: {what}", path.display()));
    let chain = octets(certificate)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
    let chain = chain.map_err(|error| {
        fault(
            certificate,
            format!("is no PEM file as we read it: {error}"),
        )
    })?;
    if chain.is_empty() {
        let what = "holds no certificate: it must be a PEM file, with BEGIN CERTIFICATE in it";
        return Err(fault(certificate, what.to_owned()));
    }
    let end = chain.first().and_then(|first| expiry::end_of_der(first));
    let secret = octets(key)?;
    let secret = PrivateKeyDer::from_pem_slice(&secret).map_err(|_unreadable| {
        let what = "holds no private key that we read: it must be a PEM file, with BEGIN PRIVATE KEY in \
                    it and without a password";
        fault(key, what.to_owned())
    })?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, secret)
        });
    let mut config = config.map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => fault(
            key,
            format!(
                "is not the key of the certificate in {}",
                certificate.display()
            ),
        ),
        other => fault(certificate, format!("cannot be used: {other}")),
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((config, end))
}

fn octets(path: &Path) -> Result<Vec<u8>, TlsFault> {
    let fault = |what: String| TlsFault(format!("{}: {what}", path.display()));
    let file = File::open(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let mut octets = Vec::new();
    let read = file.take(BYTES_MAX + 1).read_to_end(&mut octets);
    let read = read.map_err(|error| fault(format!("cannot be read: {error}")))?;
    if u64::try_from(read).is_ok_and(|read| read > BYTES_MAX) {
        return Err(fault(format!("has more than {BYTES_MAX} octets")));
    }
    Ok(octets)
}
