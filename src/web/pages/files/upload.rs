//! The upload page: files are gathered, looked through, declared for, and sent.
//!
//! Without a script every step is a form and a page; `assets/upload.js` gathers the files in the browser
//! and sends them one by one to the same addresses.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::access::Right;
use crate::domain::submission::Lane;
use crate::domain::upload::{FileRefusal, UploadNumber};
use crate::store::Upload;
use crate::web::forms::{self, Errors};
use crate::web::frame::{Frame, Place};
use crate::web::pages::files::receive::{Received, receive};
use crate::web::pages::files::{results, sending};
use crate::web::pages::joining::terms;
use crate::web::pages::problem::Problem;
use crate::web::session::{Sender, Visitor};
use crate::web::text::{count, shown};
use crate::web::{Shared, View, pages};

/// A file in the list.
struct Line {
    id: String,
    file_name: String,
    refusal: Option<String>,
}

#[derive(Template)]
#[template(path = "files/upload.html", config = "src/web/templates/askama.toml")]
struct Page<'a> {
    frame: Frame<'a>,
    errors: Errors,
    csrf: &'a str,
    /// Where the form goes.
    address: String,
    added: Vec<Line>,
    refused: Vec<Line>,
    files_max: String,
    size_max: String,
    bytes_max: u64,
    is_accurate: bool,
    is_agreed: bool,
    is_check_only: bool,
    too_many: String,
    too_large: String,
    /// The version of the terms that the form shows.
    version: Option<u64>,
}

/// What K21 says of a file, and of too many.
pub(super) fn refusal_text(view: &View, refusal: FileRefusal) -> String {
    match refusal {
        FileRefusal::NotXml => "The selected file must be an XML file".to_owned(),
        FileRefusal::TooLarge => format!("The selected file must be smaller than {}", size(view)),
        FileRefusal::Empty => "The selected file is empty".to_owned(),
        FileRefusal::NameTooLong => {
            // What counts is octets: the receipt bears the name, and a file system counts so.
            "The name of the selected file must be 200 characters or fewer; those other than A to Z, digits and common signs count as two to four".to_owned()
        }
    }
}

fn too_many(view: &View) -> String {
    let most = view.settings.upload_files_max;
    format!("You can only select up to {most} files at the same time")
}

/// `1MB`.
pub(crate) fn size(view: &View) -> String {
    let most = view.file_bytes_max;
    if most >= 1_048_576 && most.is_multiple_of(1_048_576) {
        format!("{}MB", count(most / 1_048_576))
    } else if most.is_multiple_of(1024) {
        format!("{}kB", count(most / 1024))
    } else {
        format!("{} bytes", count(most))
    }
}

/// GET `/uploads/new`.
pub(super) async fn fresh(
    State(view): State<Shared>,
    visitor: Visitor,
) -> Result<Response, Response> {
    let fresh = async {
        may(&visitor)?;
        let empty = Filled::new(terms::in_force(&view).await?);
        Ok::<_, Problem>(page(&view, &visitor, empty))
    };
    fresh.await.map_err(IntoResponse::into_response)
}

/// GET `/uploads/{number}`: the list while it was not sent, what became of it afterwards.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
    number: Result<Path<String>, PathRejection>,
) -> Result<Response, Response> {
    let shown = async {
        visitor.need(Right::ViewSubmissions)?;
        let upload = sending::find(&view, &visitor, &parse(number)?).await?;
        if upload.sent.is_some() {
            return Ok(results::page(&view, &visitor, &upload));
        }
        may(&visitor)?;
        let filled = Filled {
            upload: Some(&upload),
            ..Filled::new(terms::in_force(&view).await?)
        };
        Ok::<_, Problem>(page(&view, &visitor, filled))
    };
    shown.await.map_err(IntoResponse::into_response)
}

/// POST `/uploads/new`.
pub(super) async fn submit_new(
    State(view): State<Shared>,
    Sender(visitor): Sender,
    request: Request,
) -> Result<Response, Response> {
    let answer = carry_out(&view, &visitor, None, request).await;
    answer.map_err(IntoResponse::into_response)
}

/// POST `/uploads/{number}`.
pub(super) async fn submit(
    State(view): State<Shared>,
    Sender(visitor): Sender,
    number: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Response> {
    let answer = async {
        may(&visitor)?;
        let number = parse(number)?;
        // Before anything is read: it must be this visitor's.
        let upload = sending::find(&view, &visitor, &number).await?;
        if upload.sent.is_some() {
            return Ok(forms::done(&format!("/uploads/{number}")));
        }
        carry_out(&view, &visitor, Some(number), request).await
    };
    answer.await.map_err(IntoResponse::into_response)
}

fn may(visitor: &Visitor) -> Result<(), Problem> {
    visitor.need(Right::Upload)?;
    visitor.account().map(|_account| ())
}

fn parse(number: Result<Path<String>, PathRejection>) -> Result<UploadNumber, Problem> {
    let Path(number) = number.map_err(|_unreadable| Problem::NotFound)?;
    UploadNumber::new(&number).map_err(|_unfit| Problem::NotFound)
}

/// Adds what came, and does what the button that was pressed says.
async fn carry_out(
    view: &View,
    visitor: &Visitor,
    number: Option<UploadNumber>,
    request: Request,
) -> Result<Response, Problem> {
    let received = receive(view, visitor, number, request).await?;
    let store = &view.deps.store;
    if let Some(number) = &received.number {
        let file = received.get("remove");
        if !file.is_empty() {
            let user = visitor.guest.user.id;
            store.remove_upload_file(number, user, file).await?;
        }
    }
    let upload = match &received.number {
        Some(number) => Some(sending::find(view, visitor, number).await?),
        None => None,
    };
    let in_force = terms::in_force(view).await?;
    let errors = errors_of(view, &received, upload.as_ref(), in_force);
    if !errors.is_empty() {
        let filled = Filled {
            upload: upload.as_ref(),
            errors,
            received: Some(&received),
            version: in_force,
        };
        return Ok(page(view, visitor, filled));
    }
    let Some(upload) = upload else {
        return Ok(forms::done("/uploads/new"));
    };
    if received.get("action") == "send" {
        if let Some(version) = in_force {
            sending::agree(view, visitor, &received, version).await?;
        }
        let lane = if received.get("check-only").is_empty() {
            Lane::Live
        } else {
            Lane::Test
        };
        sending::send(view, visitor, &upload.number, lane).await?;
    }
    Ok(forms::done(&format!("/uploads/{}", upload.number)))
}

fn errors_of(
    view: &View,
    received: &Received,
    upload: Option<&Upload>,
    in_force: Option<u64>,
) -> Errors {
    let mut errors = Errors::default();
    if received.is_too_many {
        errors.add("files", too_many(view));
    }
    if received.is_full {
        errors.add(
            "files",
            "There is no room for more files at the moment. Send those that are added, or try again in an hour",
        );
    }
    let action = received.get("action");
    let has_files = upload.is_some_and(|upload| upload.waiting().next().is_some());
    let has_refused = upload.is_some_and(|upload| !upload.files.is_empty());
    if !has_files && (action == "send" || (action == "add" && !has_refused)) {
        errors.add("files", "Select the XML files to send");
    }
    if action == "send" {
        if received.get("accurate").is_empty() {
            errors.add(
                "accurate",
                "Confirm that the information provided is complete and accurate",
            );
        }
        let shown = received.get("version").parse().ok();
        if let Some(changed) = terms::changed(shown, in_force) {
            errors.add("terms", changed);
        } else if received.get("terms").is_empty() {
            errors.add(
                "terms",
                "Confirm that you have read and agreed to the Terms and Conditions",
            );
        }
    }
    errors
}

/// What stands in the form.
struct Filled<'a> {
    upload: Option<&'a Upload>,
    errors: Errors,
    received: Option<&'a Received>,
    /// The version of the terms that it shows.
    version: Option<u64>,
}

impl Filled<'_> {
    /// Nothing yet.
    fn new(version: Option<u64>) -> Self {
        Self {
            upload: None,
            errors: Errors::default(),
            received: None,
            version,
        }
    }
}

fn page(view: &View, visitor: &Visitor, filled: Filled<'_>) -> Response {
    let Filled {
        upload,
        errors,
        received,
        version,
    } = filled;
    let frame = Frame::new(view, Some(visitor), "Upload XML files")
        .at(Place::Upload)
        .faulty(!errors.is_empty());
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let files = upload.map_or(&[][..], |upload| &upload.files);
    let lines = |is_refused: bool| {
        let fits = files
            .iter()
            .filter(move |file| file.refusal.is_some() == is_refused);
        let line = |file: &crate::store::UploadFile| Line {
            id: file.id.clone(),
            file_name: shown(&file.file_name),
            refusal: file.refusal.map(|refusal| refusal_text(view, refusal)),
        };
        fits.map(line).collect::<Vec<Line>>()
    };
    let is_ticked = |name: &str| received.is_some_and(|received| !received.get(name).is_empty());
    // Of terms that changed, the new ones are to be read first.
    let is_agreed = is_ticked("terms") && errors.of("terms").is_none();
    let template = Page {
        frame,
        errors,
        csrf: &visitor.csrf,
        address: upload.map_or_else(
            || "/uploads/new".to_owned(),
            |upload| format!("/uploads/{}", upload.number),
        ),
        added: lines(false),
        refused: lines(true),
        files_max: count(view.settings.upload_files_max.into()),
        size_max: size(view),
        bytes_max: view.file_bytes_max,
        is_accurate: is_ticked("accurate"),
        is_agreed,
        is_check_only: is_ticked("check-only"),
        too_many: too_many(view),
        too_large: refusal_text(view, FileRefusal::TooLarge),
        version,
    };
    pages::page(status, &template)
}
