//! Live figures: how the service is doing now. A script asks for them again; without it, a reload does.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Right;
use crate::domain::submission::Door;
use crate::metrics::METRICS;
use crate::store::Figures;
use crate::web::frame::{Frame, Place};
use crate::web::pages::office::{When, age};
use crate::web::pages::problem::Problem;
use crate::web::session::Visitor;
use crate::web::text::count;
use crate::web::{Shared, View, pages};

/// A figure with its name.
type Line = (&'static str, String);

#[derive(Template)]
#[template(path = "office/live.html", config = "src/web/templates/askama.toml")]
struct Live<'a> {
    frame: Frame<'a>,
    now: When,
    lines: Vec<Line>,
    doors: Vec<(&'static str, String, String)>,
}

/// GET `/staff/live`.
pub(super) async fn show(
    State(view): State<Shared>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    visitor.need(Right::Review)?;
    let now = view.deps.clock.now();
    let figures = view.deps.store.figures(now).await?;
    let live = Live {
        frame: Frame::new(&view, Some(&visitor), "Live figures").at(Place::Office),
        now: When::of(&view, now),
        lines: lines(&view, &figures),
        doors: doors(&figures),
    };
    Ok(pages::page(StatusCode::OK, &live))
}

fn lines(view: &View, figures: &Figures) -> Vec<Line> {
    let vitals = &figures.vitals;
    let now = view.deps.clock.now();
    let oldest = vitals.oldest.map(|oldest| age(now, oldest));
    vec![
        (
            "Arrivals in the last minute",
            count(figures.arrivals_minute),
        ),
        ("Submissions without an outcome", count(vitals.unfinished)),
        (
            "Oldest of them",
            oldest.unwrap_or_else(|| "None".to_owned()),
        ),
        ("Submissions held", count(vitals.held)),
        ("Mails waiting", count(vitals.mails_waiting)),
        ("Mails failed", count(figures.mails_failed)),
        ("Requests waiting", count(figures.requests_waiting)),
        (
            "Browsers in use in the last 30 minutes",
            count(figures.browsers),
        ),
        ("SFTP sessions open", count(figures.sftp_sessions)),
    ]
}

/// Each door: its name, arrivals of the last day on all nodes, arrivals here since the start.
fn doors(figures: &Figures) -> Vec<(&'static str, String, String)> {
    let of_day = figures.arrivals_day.iter();
    of_day
        .map(|(door, number)| {
            let since_start = METRICS.arrivals(*door);
            (title(*door), count(*number), count(since_start))
        })
        .collect()
}

const fn title(door: Door) -> &'static str {
    match door {
        Door::Sftp => "SFTP",
        Door::Folder => "Drop folder",
        Door::Web => "Upload page",
    }
}
