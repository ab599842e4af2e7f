//! A form with files, read as it comes: never more of it in memory than a few pieces.
//!
//! *Limits*: the octets of the whole form, the time from its first octet to its last, every pause in
//! between, the octets that one step may take (so that a name without an end stays small), and the
//! length of a field that is no file. Whoever reads a file decides how much of it to keep.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::time::{Instant, timeout_at};

use crate::web::pages::problem::Problem;

/// What is handed on at a time.
const PIECE_BYTES_MAX: usize = 16 * 1024;
/// What one step may take: the head of a part, or what may yet be a boundary.
const STEP_BYTES_MAX: usize = 128 * 1024;
/// The longest field that is no file.
const FIELD_BYTES_MAX: usize = 8 * 1024;

/// How much may come, and how slowly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Octets of the whole form.
    pub(crate) bytes: u64,
    /// From now to its last octet.
    pub(crate) within: Duration,
    /// Without an octet.
    pub(crate) pause: Duration,
}

/// A part of the form.
pub(crate) enum Part {
    /// A field that is no file.
    Field {
        /// Its name.
        name: String,
        /// What it says.
        value: String,
    },
    /// A file: its octets are read by [`Incoming::piece`], to the end.
    File {
        /// Its name as the browser gives it.
        file_name: String,
    },
}

/// A form that is coming in.
pub(crate) struct Incoming {
    parts: Multipart<'static>,
    file: Option<multer::Field<'static>>,
    allowance: Arc<AtomicUsize>,
    pause: Duration,
    deadline: Instant,
}

impl Incoming {
    /// The form in this body.
    pub(crate) fn new(headers: &HeaderMap, body: Body, bounds: Bounds) -> Result<Self, Problem> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let declared = text(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if declared.is_some_and(|declared| declared > bounds.bytes) {
            return Err(Problem::TooLarge);
        }
        let kind = text(CONTENT_TYPE).unwrap_or_default();
        let boundary = multer::parse_boundary(kind).map_err(|_none| Problem::Unreadable)?;
        let allowance = Arc::new(AtomicUsize::new(0));
        let pieces = Pieces {
            body: body.into_data_stream(),
            rest: Bytes::new(),
            is_next_turn: false,
            allowance: Arc::clone(&allowance),
        };
        let limit = SizeLimit::new().whole_stream(bounds.bytes);
        let constraints = Constraints::new().size_limit(limit);
        Ok(Self {
            parts: Multipart::with_constraints(pieces, boundary, constraints),
            file: None,
            allowance,
            pause: bounds.pause,
            deadline: Instant::now() + bounds.within,
        })
    }

    /// The next part; `None` at the form's end. The file before must be read to its end.
    pub(crate) async fn part(&mut self) -> Result<Option<Part>, Problem> {
        self.file = None;
        self.allowance.store(STEP_BYTES_MAX, Ordering::Relaxed);
        let next = timeout_at(self.step_ends(), self.parts.next_field());
        let Some(field) = next
            .await
            .map_err(|_elapsed| Problem::TooSlow)?
            .map_err(unread)?
        else {
            return Ok(None);
        };
        if let Some(file_name) = field.file_name().map(str::to_owned) {
            self.file = Some(field);
            return Ok(Some(Part::File { file_name }));
        }
        let name = field.name().unwrap_or_default().to_owned();
        self.file = Some(field);
        let mut value = Vec::new();
        while let Some(piece) = self.piece().await? {
            if value.len() + piece.len() > FIELD_BYTES_MAX {
                return Err(Problem::TooLarge);
            }
            value.extend_from_slice(&piece);
        }
        let value = String::from_utf8(value).map_err(|_nonsense| Problem::Unreadable)?;
        Ok(Some(Part::Field { name, value }))
    }

    /// The next octets of the file; `None` after its last.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let step_ends = self.step_ends();
        let Some(file) = &mut self.file else {
            return Ok(None);
        };
        self.allowance.store(STEP_BYTES_MAX, Ordering::Relaxed);
        let next = timeout_at(step_ends, file.chunk());
        next.await
            .map_err(|_elapsed| Problem::TooSlow)?
            .map_err(unread)
    }

    fn step_ends(&self) -> Instant {
        (Instant::now() + self.pause).min(self.deadline)
    }
}

fn unread(error: multer::Error) -> Problem {
    match error {
        multer::Error::StreamSizeExceeded { .. } => Problem::TooLarge,
        error => {
            tracing::debug!(%error, "a form with files could not be read");
            Problem::Unreadable
        }
    }
}

/// The body in small pieces, one each time that it is asked: the reader of forms takes whatever it can
/// get before it looks at any of it.
struct Pieces {
    body: BodyDataStream,
    rest: Bytes,
    /// A piece was handed out; the next is for the next asking.
    is_next_turn: bool,
    allowance: Arc<AtomicUsize>,
}

impl Stream for Pieces {
    type Item = Result<Bytes, Unread>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.is_next_turn) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.rest.is_empty() {
            match self.body.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(more))) => self.rest = more,
                Poll::Ready(Some(Err(_broken))) => return Poll::Ready(Some(Err(Unread))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        let length = self.rest.len().min(PIECE_BYTES_MAX);
        let left = self.allowance.load(Ordering::Relaxed);
        let Some(left) = left.checked_sub(length) else {
            return Poll::Ready(Some(Err(Unread)));
        };
        self.allowance.store(left, Ordering::Relaxed);
        self.is_next_turn = true;
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

/// The body ended early, or a part of the form has a head without an end.
#[derive(Debug, thiserror::Error)]
#[error("the form ended early, or a part of it has a head without an end")]
struct Unread;

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const BOUNDS: Bounds = Bounds {
        bytes: 1 << 20,
        within: Duration::from_mins(1),
        pause: Duration::from_mins(1),
    };

    fn incoming(body: impl Into<Body>, bounds: Bounds) -> Incoming {
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("multipart/form-data; boundary=xx");
        headers.insert(CONTENT_TYPE, kind);
        Incoming::new(&headers, body.into(), bounds).unwrap()
    }

    /// Reads all of it: fields as `name=value`, files as `name:length`.
    async fn read(mut form: Incoming) -> Result<Vec<String>, Problem> {
        let mut seen = Vec::new();
        while let Some(part) = form.part().await? {
            match part {
                Part::Field { name, value } => seen.push(format!("{name}={value}")),
                Part::File { file_name } => {
                    let mut length = 0;
                    while let Some(piece) = form.piece().await? {
                        assert!(piece.len() <= STEP_BYTES_MAX, "{}", piece.len());
                        length += piece.len();
                    }
                    seen.push(format!("{file_name}:{length}"));
                }
            }
        }
        Ok(seen)
    }

    fn file(name: &str, length: usize) -> String {
        format!(
            "--xx\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n{}\r\n",
            "x".repeat(length)
        )
    }

    #[tokio::test]
    async fn fields_and_files_come_in_their_order() {
        let body = format!(
            "--xx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n{}{}--xx--\r\n",
            file("a b.xml", 300_000),
            file("", 0)
        );
        let seen = read(incoming(body, BOUNDS)).await.unwrap();
        assert_eq!(seen, ["csrf=abc", "a b.xml:300000", ":0"]);
    }

    #[tokio::test]
    async fn what_is_too_much_is_refused_while_it_comes() {
        let bounds = Bounds {
            bytes: 100_000,
            ..BOUNDS
        };
        let body = file("a.xml", 200_000);
        let refused = read(incoming(body, bounds)).await.unwrap_err();
        assert_eq!(refused, Problem::TooLarge);
        let field = format!(
            "--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{}\r\n--xx--",
            "x".repeat(FIELD_BYTES_MAX + 1)
        );
        let refused = read(incoming(field, BOUNDS)).await.unwrap_err();
        assert_eq!(refused, Problem::TooLarge);
    }

    #[tokio::test]
    async fn a_head_without_an_end_is_not_gathered() {
        let body = format!(
            "--xx\r\nContent-Disposition: form-data; name=\"{}",
            "x".repeat(900_000)
        );
        let refused = read(incoming(body, BOUNDS)).await.unwrap_err();
        assert_eq!(refused, Problem::Unreadable);
    }

    #[tokio::test]
    async fn a_form_that_ends_early_is_no_form() {
        for body in [file("a.xml", 10), String::new(), "nonsense".to_owned()] {
            let refused = read(incoming(body, BOUNDS)).await.unwrap_err();
            assert_eq!(refused, Problem::Unreadable);
        }
    }

    #[tokio::test]
    async fn a_declared_length_that_is_too_much_is_refused_at_once() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("1048577"));
        let refused = Incoming::new(&headers, Body::empty(), BOUNDS);
        assert_eq!(refused.err(), Some(Problem::TooLarge));
    }

    #[tokio::test]
    async fn a_pause_and_a_trickle_have_an_end() {
        let bounds = Bounds {
            pause: Duration::from_millis(20),
            ..BOUNDS
        };
        let body = Body::from_stream(futures_util::stream::pending::<Result<Bytes, Unread>>());
        let refused = read(incoming(body, bounds)).await.unwrap_err();
        assert_eq!(refused, Problem::TooSlow);

        // An octet now and then is no pause, but it is too slow as a whole.
        let bounds = Bounds {
            within: Duration::from_millis(100),
            ..BOUNDS
        };
        let start = Bytes::from(file("a.xml", 1));
        let start = start.slice(..start.len() - 2);
        let trickle = futures_util::stream::unfold(Some(start), |start| async {
            if let Some(start) = start {
                return Some((Ok::<_, Unread>(start), None));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok(Bytes::from_static(b"x")), None))
        });
        let refused = read(incoming(Body::from_stream(trickle), bounds)).await;
        assert_eq!(refused.unwrap_err(), Problem::TooSlow);
    }
}
