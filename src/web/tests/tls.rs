//! TLS and proxies, over real connections: with openssl's certificates and curl as the browser.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::domain::networks::Networks;
use crate::runtime::Tasks;
use crate::web::connections::{Limits, Manner, Peer, serve};
use crate::web::tls::Certificate;

/// Two files of openssl's (Debian package openssl).
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

fn make(folder: &Path, name: &str) -> Pair {
    let (certificate, key) = (folder.join("web.crt"), folder.join("web.key"));
    let made = run(Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "2", "-subj", &format!("/CN={name}")])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate));
    assert!(made.status.success(), "{made:?}");
    Pair { certificate, key }
}

fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

struct Site {
    address: SocketAddr,
    tasks: Tasks,
}

/// Answers `/` with the visitor's address.
async fn start(manner: Manner) -> Site {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let tell = |request: Request| async move {
        let peer = request.extensions().get::<Peer>().unwrap().0;
        format!("you are {peer}")
    };
    let routes = Router::new().route("/", get(tell));
    let tasks = Tasks::new();
    let inner = tasks.clone();
    tasks.spawn_lasting("web view", async move {
        serve(listener, routes, Limits::new(8), manner, &inner).await;
    });
    Site { address, tasks }
}

impl Site {
    async fn end(self) {
        self.tasks.stop();
        self.tasks.ended().await;
        assert!(!self.tasks.is_broken());
    }

    /// What curl says (Debian package curl).
    async fn curl(&self, trusted: &Path, more: &[&str]) -> Output {
        let address = format!("https://localhost:{}/", self.address.port());
        let mut command = Command::new("curl");
        command
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "20",
                "--noproxy",
                "*",
            ])
            .args([
                "--resolve",
                &format!("localhost:{}:127.0.0.1", self.address.port()),
            ])
            .arg("--cacert")
            .arg(trusted)
            .args(more)
            .arg(address);
        let asked = self.tasks.block("curl", move || run(&mut command));
        asked.await.unwrap()
    }
}

type Stream = tokio_rustls::client::TlsStream<TcpStream>;

/// A connection that trusts what is in this file and nothing else.
async fn connect(address: SocketAddr, trusted: &[u8]) -> std::io::Result<Stream> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(trusted) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

async fn ask(stream: &mut Stream) -> String {
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut text = Vec::new();
    while !text.ends_with(b"127.0.0.1") && stream.read_buf(&mut text).await.unwrap() > 0 {}
    String::from_utf8(text).unwrap()
}

fn with(certificate: &Certificate) -> Manner {
    Manner {
        certificate: Some(certificate.clone()),
        proxies: Networks::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_answered_by_tls_1_2_and_1_3_and_by_nothing_older() {
    let folder = TempDir::new().unwrap();
    let pair = make(folder.path(), "first");
    let certificate = Certificate::open(&pair.certificate, &pair.key).unwrap();
    let site = start(with(&certificate)).await;
    for version in [&["--tls-max", "1.2"][..], &["--tlsv1.3"][..]] {
        let answer = site.curl(&pair.certificate, version).await;
        let text = String::from_utf8_lossy(&answer.stdout);
        assert_eq!(text, "you are 127.0.0.1", "{version:?}: {answer:?}");
    }
    let old = [
        "--tlsv1.0",
        "--tls-max",
        "1.1",
        "--ciphers",
        "ALL:@SECLEVEL=0",
    ];
    let refused = site.curl(&pair.certificate, &old).await;
    assert_eq!(refused.status.code(), Some(35), "{refused:?}");
    // Whoever speaks no TLS is not answered, and holds nobody up.
    let mut plain = TcpStream::connect(site.address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    // A reset is as good an end as a plain one.
    drop(plain.read_to_end(&mut said).await);
    assert!(!String::from_utf8_lossy(&said).contains("you are"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_taken_without_ending_a_connection_and_a_bad_one_is_not() {
    let folder = TempDir::new().unwrap();
    let pair = make(folder.path(), "first");
    let certificate = Certificate::open(&pair.certificate, &pair.key).unwrap();
    let site = start(with(&certificate)).await;
    let first = std::fs::read(&pair.certificate).unwrap();
    let mut open = connect(site.address, &first).await.unwrap();
    assert!(ask(&mut open).await.ends_with("you are 127.0.0.1"));

    make(folder.path(), "second");
    let second = std::fs::read(&pair.certificate).unwrap();
    let early = connect(site.address, &second).await;
    assert!(early.is_err(), "nothing was read again yet");
    certificate.read_again(&site.tasks).await;
    assert!(connect(site.address, &second).await.is_ok());
    assert!(connect(site.address, &first).await.is_err());
    assert!(
        ask(&mut open).await.ends_with("you are 127.0.0.1"),
        "goes on"
    );

    // Half a renewal: the certificate is new, and its key is not there yet.
    let key = std::fs::read(&pair.key).unwrap();
    make(folder.path(), "third");
    std::fs::write(&pair.key, &key).unwrap();
    certificate.read_again(&site.tasks).await;
    std::fs::write(&pair.certificate, "nonsense").unwrap();
    certificate.read_again(&site.tasks).await;
    std::fs::remove_file(&pair.key).unwrap();
    certificate.read_again(&site.tasks).await;
    assert!(
        connect(site.address, &second).await.is_ok(),
        "the old one stays"
    );
    drop(open);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_noticed_and_one_that_ends_is_told_once_a_day() {
    let folder = TempDir::new().unwrap();
    let pair = make(folder.path(), "first");
    let certificate = Certificate::open(&pair.certificate, &pair.key).unwrap();
    let site = start(with(&certificate)).await;
    let now = crate::runtime::Clock::system().now();
    let hours = |hours: i64| now + jiff::SignedDuration::from_hours(hours);
    // It has two days.
    assert_eq!(certificate.days_left(hours(1)), Some(1));
    assert_eq!(certificate.days_left(hours(99)), Some(0));
    let warning = certificate.warning(now).unwrap();
    assert!(warning.contains("web.crt ends on "), "{warning}");
    assert_eq!(certificate.warning(hours(23)), None);
    let warning = certificate.warning(hours(99)).unwrap();
    assert!(warning.contains("browsers refuse it"), "{warning}");
    assert_eq!(certificate.warning(hours(-24 * 13)), None, "14 days left");

    make(folder.path(), "second");
    let second = std::fs::read(&pair.certificate).unwrap();
    certificate.look(now, &site.tasks).await;
    assert!(connect(site.address, &second).await.is_ok());
    site.end().await;
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_with_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let pair = make(folder.path(), "first");
    let elsewhere = folder.path().join("none.pem");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let key = std::fs::read(&pair.key).unwrap();
    let fault = |certificate: &Path, key: &Path| {
        let fault = Certificate::open(certificate, key).unwrap_err();
        fault.to_string()
    };
    assert!(fault(&elsewhere, &pair.key).contains("none.pem: cannot be read"));
    assert!(fault(&empty, &pair.key).contains("empty.pem: holds no certificate"));
    assert!(fault(&pair.certificate, &empty).contains("empty.pem: holds no private key"));
    assert!(fault(&pair.certificate, &pair.certificate).contains("holds no private key"));
    std::fs::write(&empty, &key).unwrap();
    assert!(Certificate::open(&pair.certificate, &empty).is_ok());
    let stranger = TempDir::new().unwrap();
    let stranger = make(stranger.path(), "stranger");
    let swapped = std::fs::read(&stranger.key).unwrap();
    std::fs::write(&empty, swapped).unwrap();
    let told = fault(&pair.certificate, &empty);
    assert!(
        told.contains("is not the key of the certificate in"),
        "{told}"
    );
}

#[tokio::test]
async fn behind_a_proxy_of_ours_the_visitor_is_whom_it_names() {
    for (proxies, seen) in [("127.0.0.0/8", "192.0.2.7"), ("10.0.0.0/8", "127.0.0.1")] {
        let manner = Manner {
            certificate: None,
            proxies: Networks::new(proxies).unwrap(),
        };
        let site = start(manner).await;
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        let ask = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.7\r\n\r\n";
        stream.write_all(ask).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.ends_with(&format!("you are {seen}")), "{text}");
        site.end().await;
    }
}
