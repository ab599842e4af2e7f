//! What every answer says to the browser besides its content.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::web::Shared;

/// Scripts, styles and pictures come from us alone, and no inline code runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// For what is downloaded: should a browser show it after all, nothing in it may run.
pub(crate) const POLICY_DOWNLOAD: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// A year, in seconds.
const ALWAYS_HTTPS: &str = "max-age=31536000";

/// Adds the headers that an answer does not have yet.
pub(crate) async fn add(State(view): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| unless_set(headers, name, value);
    add(CONTENT_SECURITY_POLICY, POLICY);
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(X_FRAME_OPTIONS, "DENY");
    // Not `no-referrer`: with it browsers send `Origin: null` along with our own forms.
    add(REFERRER_POLICY, "same-origin");
    add(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    add(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    add(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    // Pages show one account's data, and even the signed-out ones carry a form's token.
    add(CACHE_CONTROL, "no-store");
    if view.is_https() {
        add(STRICT_TRANSPORT_SECURITY, ALWAYS_HTTPS);
    }
    response
}

fn unless_set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
