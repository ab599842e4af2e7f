//! The home of the back office: what waits for somebody, and the way to everything else.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::store::Figures;
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::age;
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::count;
use crate::web::{Shared, View, pages};

/// Something that waits, or is only told.
struct Queue {
    title: &'static str,
    path: Option<&'static str>,
    number: String,
    /// Does it want somebody to act?
    is_urgent: bool,
}

/// A page of the back office.
struct Entry {
    title: &'static str,
    path: &'static str,
    about: &'static str,
    right: Right,
}

/// Every page, in the order of the list.
const ENTRIES: &[Entry] = &[
    Entry {
        title: "Requests for an account",
        path: "/staff/requests",
        about: "Approve or refuse within 5 business days.",
        right: Right::Review,
    },
    Entry {
        title: "Held submissions",
        path: "/staff/held",
        about: "Files that could not be processed: try again, or end with a sentence.",
        right: Right::Review,
    },
    Entry {
        title: "Submissions of all accounts",
        path: "/submissions",
        about: "Everything that was handed in, with receipts.",
        right: Right::ViewSubmissions,
    },
    Entry {
        title: "Live figures",
        path: "/staff/live",
        about: "How the service is doing now.",
        right: Right::Review,
    },
    Entry {
        title: "Accounts",
        path: "/staff/accounts",
        about: "Suspend, resume, change the Primary User.",
        right: Right::Operate,
    },
    Entry {
        title: "Users",
        path: "/staff/users",
        about: "Everybody with access, and our own staff.",
        right: Right::Operate,
    },
    Entry {
        title: "Outbox",
        path: "/staff/outbox",
        about: "Mails that wait, were sent, or failed.",
        right: Right::Operate,
    },
    Entry {
        title: "Terms and conditions",
        path: "/staff/terms",
        about: "Publish a new version, and see who agreed.",
        right: Right::Operate,
    },
    Entry {
        title: "Audit log",
        path: "/staff/audit",
        about: "Who did what, when and from where.",
        right: Right::Operate,
    },
];

#[derive(Template)]
#[template(path = "office/home.html", config = "src/web/templates/askama.toml")]
struct Home<'a> {
    frame: Frame<'a>,
    queues: Vec<Queue>,
    entries: Vec<&'static Entry>,
}

/// GET `/staff/home`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    visitor.need(Right::Review)?;
    let now = view.deps.clock.now();
    let figures = view.deps.store.figures(now).await?;
    let home = Home {
        frame: Frame::new(&view, Some(&visitor), "Back office").at(Place::Office),
        queues: queues(&view, &visitor, &figures),
        entries: ENTRIES
            .iter()
            .filter(|entry| visitor.guest.may(entry.right))
            .collect(),
    };
    Ok(pages::page(StatusCode::OK, &home))
}

fn queues(view: &View, visitor: &Visitor, figures: &Figures) -> Vec<Queue> {
    let now = view.deps.clock.now();
    let operates = visitor.guest.may(Right::Operate);
    let queue = |title, path, number: u64, is_urgent: bool| Queue {
        title,
        path: Some(path),
        number: count(number),
        is_urgent: is_urgent && number > 0,
    };
    let outbox = |queue: Queue| Queue {
        path: queue.path.filter(|_| operates),
        ..queue
    };
    let vitals = &figures.vitals;
    let oldest = vitals.oldest.map(|oldest| age(now, oldest));
    vec![
        queue(
            "Requests waiting",
            "/staff/requests",
            figures.requests_waiting,
            true,
        ),
        queue("Submissions held", "/staff/held", vitals.held, true),
        outbox(queue(
            "Mails waiting",
            "/staff/outbox?status=waiting",
            vitals.mails_waiting,
            false,
        )),
        outbox(queue(
            "Mails failed",
            "/staff/outbox?status=failed",
            figures.mails_failed,
            true,
        )),
        Queue {
            title: "Oldest unfinished submission",
            path: None,
            number: oldest.unwrap_or_else(|| "None".to_owned()),
            is_urgent: false,
        },
        queue(
            "Arrivals in the last minute",
            "/staff/live",
            figures.arrivals_minute,
            false,
        ),
    ]
}
