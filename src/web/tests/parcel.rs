//! Forms with files, as a browser sends them.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;

const BOUNDARY: &str = "----boundary7MA4YWxkTrZu0gW";

/// A form with files.
pub(crate) struct Parcel {
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

impl Parcel {
    /// Without anything.
    pub(crate) fn empty() -> Self {
        Self {
            body: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// With the form's token first.
    pub(crate) fn new(csrf: &str) -> Self {
        Self::empty().field("csrf", csrf)
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        let text = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        self.body.extend_from_slice(text.as_bytes());
        self
    }

    pub(crate) fn file(mut self, file_name: &str, octets: &[u8]) -> Self {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{file_name}\"\r\n\
             Content-Type: text/xml\r\n\r\n"
        );
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(octets);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// As a page of another site would send it.
    pub(crate) fn from(self, origin: &str) -> Self {
        self.header("origin", origin)
    }

    /// The whole body.
    pub(crate) fn octets(mut self) -> Vec<u8> {
        let end = format!("--{BOUNDARY}--\r\n");
        self.body.extend_from_slice(end.as_bytes());
        self.body
    }

    /// The value of the header that goes with it.
    pub(crate) fn kind() -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    pub(crate) fn to(self, path: &str) -> Request<Body> {
        let mut request = Request::post(path).header(CONTENT_TYPE, Self::kind());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(Body::from(self.octets())).unwrap()
    }
}

/// Adds so many small files, each of its own content.
pub(crate) fn small_files(mut parcel: Parcel, number: usize) -> Parcel {
    for at in 0..number {
        let name = format!("file {at:03}.xml");
        parcel = parcel.file(&name, format!("<a>{at}</a>").as_bytes());
    }
    parcel
}
