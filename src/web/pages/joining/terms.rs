//! The terms and conditions: every version to read, and the page where a newer one is agreed to.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::audit::Action;
use crate::store::Terms;
use crate::web::forms::{Errors, Signed, deed};
use crate::web::frame::Frame;
use crate::web::pages::joining::next::{asked_next, next_of};
use crate::web::pages::problem::Problem;
use crate::web::session::{Visitor, redirect};
use crate::web::text::moment;
use crate::web::{Shared, View, pages};

#[derive(Template)]
#[template(path = "joining/terms.html", config = "src/web/templates/askama.toml")]
struct TermsPage<'a> {
    frame: Frame<'a>,
    shown: Option<Shown>,
    /// Other versions, newest first.
    others: Vec<u64>,
    is_in_force: bool,
}

#[derive(Template)]
#[template(path = "joining/agree.html", config = "src/web/templates/askama.toml")]
struct Agree<'a> {
    frame: Frame<'a>,
    title: &'a str,
    visitor: &'a Visitor,
    shown: Shown,
    next: &'a str,
    errors: &'a Errors,
}

/// A version as it is read.
struct Shown {
    version: u64,
    published: String,
    paragraphs: Vec<String>,
}

impl Shown {
    fn of(view: &View, terms: &Terms) -> Self {
        let text = terms.body.replace("\r\n", "\n");
        let paragraphs = text.split("\n\n").map(str::trim);
        Self {
            version: terms.version,
            published: moment(terms.published, &view.zone),
            paragraphs: paragraphs
                .filter(|paragraph| !paragraph.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// GET `/terms`: those in force.
pub(crate) async fn newest(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
) -> Result<Response, Problem> {
    let all = view.deps.store.all_terms().await?;
    Ok(drawn(&view, visitor.as_ref(), all.first(), &all))
}

/// GET `/terms/{version}`.
pub(crate) async fn one(
    State(view): State<Shared>,
    visitor: Option<Visitor>,
    Path(version): Path<String>,
) -> Result<Response, Problem> {
    let version: u64 = version.parse().map_err(|_nonsense| Problem::NotFound)?;
    let all = view.deps.store.all_terms().await?;
    let wanted = all.iter().find(|terms| terms.version == version);
    let wanted = wanted.ok_or(Problem::NotFound)?;
    Ok(drawn(&view, visitor.as_ref(), Some(wanted), &all))
}

fn drawn(view: &View, visitor: Option<&Visitor>, shown: Option<&Terms>, all: &[Terms]) -> Response {
    let version = shown.map(|terms| terms.version);
    let versions = all.iter().map(|terms| terms.version);
    let page = TermsPage {
        frame: Frame::new(view, visitor, "Terms of Use"),
        shown: shown.map(|terms| Shown::of(view, terms)),
        others: versions.filter(|other| Some(*other) != version).collect(),
        is_in_force: all.first().map(|terms| terms.version) == version,
    };
    pages::page(StatusCode::OK, &page)
}

/// The version in force.
pub(crate) async fn in_force(view: &View) -> Result<Option<u64>, Problem> {
    let terms = view.deps.store.terms().await?;
    Ok(terms.map(|terms| terms.version))
}

/// Holds the version that a form showed against the one in force: nobody agrees to what was not there to
/// be read. `None` if it fits, a sentence for the form otherwise.
pub(crate) fn changed(shown: Option<u64>, in_force: Option<u64>) -> Option<String> {
    let in_force = in_force.filter(|version| Some(*version) != shown)?;
    Some(format!(
        "The Terms and Conditions have changed since this page was shown: read version {in_force}, then confirm again"
    ))
}

/// GET `/terms/agree`.
pub(crate) async fn ask(
    State(view): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let Some(terms) = view.deps.store.terms().await? else {
        return Ok(redirect("/"));
    };
    Ok(asked(
        &view,
        &visitor,
        &terms,
        asked_next(&query),
        &Errors::default(),
    ))
}

fn asked(view: &View, visitor: &Visitor, terms: &Terms, next: &str, errors: &Errors) -> Response {
    let title = if terms.version == 1 {
        "There are Terms of Use now"
    } else {
        "The Terms of Use have changed"
    };
    let page = Agree {
        frame: Frame::new(view, Some(visitor), title).faulty(!errors.is_empty()),
        title,
        visitor,
        shown: Shown::of(view, terms),
        next,
        errors,
    };
    pages::form(!errors.is_empty(), &page)
}

/// POST `/terms/agree`.
pub(crate) async fn agree(State(view): State<Shared>, form: Signed) -> Result<Response, Problem> {
    let Signed {
        visitor,
        fields,
        from,
    } = form;
    let Some(terms) = view.deps.store.terms().await? else {
        return Ok(redirect("/"));
    };
    let mut errors = Errors::default();
    let read: Option<u64> = fields.get("version").parse().ok();
    if read != Some(terms.version) {
        errors.add(
            "agree",
            "A newer version was published while you were reading: read it, then agree",
        );
    } else if !fields.has("agree") {
        errors.add("agree", "Confirm that you have read and agree to the terms");
    }
    if !errors.is_empty() {
        return Ok(asked(&view, &visitor, &terms, next_of(&fields), &errors));
    }
    let subject = visitor.guest.user.login.to_string();
    let details = format!("version {}", terms.version);
    let deed = deed(
        &view,
        (&visitor, from),
        Action::TermsAgreed,
        &subject,
        &details,
    );
    let user = visitor.guest.user.id;
    let store = &view.deps.store;
    store.agree(user, user, terms.version, &deed).await?;
    Ok(redirect(next_of(&fields)))
}
