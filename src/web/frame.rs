//! What stands around every page: title, header, banner, navigation, footer.

use crate::web::View;
use crate::web::session::Visitor;

/// The name of the service, in titles and in the navigation.
pub(crate) const SERVICE_NAME: &str = "Submit electronic certificates of conformity";

/// The entry of the navigation that is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `Submissions` itself.
    Submissions,
    /// A page below `Submissions`.
    Submission,
    /// None.
    Elsewhere,
}

/// What every template asks for besides its own content.
#[derive(Debug, Clone)]
pub(crate) struct Frame<'a> {
    view: &'a View,
    visitor: Option<&'a Visitor>,
    title: String,
    is_faulty: bool,
    place: Place,
}

impl<'a> Frame<'a> {
    /// The frame of a page with this title.
    pub(crate) fn new(view: &'a View, visitor: Option<&'a Visitor>, title: &str) -> Self {
        Self {
            view,
            visitor,
            title: title.to_owned(),
            is_faulty: false,
            place: Place::Elsewhere,
        }
    }

    /// The same, with an entry of the navigation marked.
    pub(crate) const fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// The same; what was typed did not fit, if `is_faulty`.
    pub(crate) const fn faulty(mut self, is_faulty: bool) -> Self {
        self.is_faulty = is_faulty;
        self
    }

    /// What the browser shows as the page's title.
    pub(crate) fn title(&self) -> String {
        let start = if self.is_faulty { "Error: " } else { "" };
        format!("{start}{} – {SERVICE_NAME}", self.title)
    }

    /// The authority's name.
    pub(crate) fn organisation(&self) -> &str {
        &self.view.service.organisation
    }

    /// Where users can ask.
    pub(crate) fn enquiries(&self) -> &str {
        &self.view.service.enquiries
    }

    /// Where feedback goes.
    pub(crate) fn feedback_url(&self) -> &str {
        &self.view.service.feedback_url
    }

    /// Who is signed in.
    pub(crate) fn visitor(&self) -> Option<&Visitor> {
        self.visitor
    }

    /// Is this the list of submissions itself?
    pub(crate) fn is_list(&self) -> bool {
        self.place == Place::Submissions
    }

    /// Is this the list of submissions, or a page below it?
    pub(crate) fn is_in_list(&self) -> bool {
        self.place != Place::Elsewhere
    }
}
