//! What stands around every page: title, header, banner, navigation, footer.

use crate::access::Right;
use crate::web::View;
use crate::web::session::Visitor;

/// The name of the service, in titles and in the navigation.
pub(crate) const SERVICE_NAME: &str = "Submit electronic certificates of conformity";

/// The entry of the navigation that is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `Submissions` itself.
    Submissions,
    /// A page below `Submissions`, or a vehicle's record.
    Submission,
    /// `Upload`, or a page below it.
    Upload,
    /// `Users`, or a page below it.
    Users,
    /// `SFTP`, or a page below it.
    Sftp,
    /// `Your details`, or a page below it.
    Details,
    /// `Back office`, or a page below it.
    Office,
    /// None.
    Elsewhere,
}

/// An entry of the navigation as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) title: &'static str,
    pub(crate) path: &'static str,
    /// Is this the page that is shown, or one below it?
    pub(crate) is_active: bool,
    /// For `aria-current`.
    pub(crate) current: &'static str,
}

/// The entries, in their order: title, path, the right that it takes, where it is.
const ENTRIES: &[(&str, &str, Option<Right>, Place)] = &[
    (
        "Submissions",
        "/submissions",
        Some(Right::ViewSubmissions),
        Place::Submissions,
    ),
    ("Upload", "/uploads/new", Some(Right::Upload), Place::Upload),
    ("Users", "/users", Some(Right::ManageUsers), Place::Users),
    ("SFTP", "/sftp", None, Place::Sftp),
    (
        "Back office",
        "/staff/home",
        Some(Right::Review),
        Place::Office,
    ),
    ("Your details", "/account", None, Place::Details),
];

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

    /// What people sign in to.
    pub(crate) fn identity_name(&self) -> &str {
        &self.view.service.identity_name
    }

    /// Where users can ask.
    pub(crate) fn enquiries(&self) -> &str {
        &self.view.service.enquiries
    }

    /// Where feedback goes.
    pub(crate) fn feedback_url(&self) -> &str {
        &self.view.service.feedback_url
    }

    /// Where background about the EU's eCoC system is found.
    pub(crate) fn eucaris_url(&self) -> &str {
        &self.view.service.eucaris_url
    }

    /// Where the EU's tool for typing a certificate in is found, if the site says so.
    pub(crate) fn input_tool_url(&self) -> Option<&str> {
        let url = self.view.service.input_tool_url.as_str();
        (!url.is_empty()).then_some(url)
    }

    /// Who is signed in.
    pub(crate) fn visitor(&self) -> Option<&Visitor> {
        self.visitor
    }

    /// The navigation of whoever is signed in: what the role lets them use.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let Some(visitor) = self.visitor else {
            return Vec::new();
        };
        let may = |entry: &&(_, &str, Option<Right>, Place)| match entry.2 {
            Some(right) => visitor.guest.may(right),
            // Staff hand nothing in.
            None => entry.3 != Place::Sftp || !visitor.is_staff(),
        };
        let shown = |&(title, path, _, place): &(_, _, _, Place)| {
            let is_below = self.place == Place::Submission && place == Place::Submissions;
            let is_active = self.place == place || is_below;
            Entry {
                title,
                path,
                is_active,
                current: if is_below { "true" } else { "page" },
            }
        };
        ENTRIES.iter().filter(may).map(shown).collect()
    }
}
