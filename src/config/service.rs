//! The section `[service]`: who runs the service, and where its data lies.

use std::path::PathBuf;

use serde::Deserialize;

/// Who runs the service, and where its data lies.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Service {
    /// The authority's name, on pages and in mails.
    pub organisation: String,
    /// Where users can ask; on pages, in mails and in README.txt.
    pub enquiries: String,
    /// Where the link `give your feedback` leads.
    pub feedback_url: String,
    /// Where people reach the web view, without a slash at the end; links in mails begin with it.
    pub public_url: String,
    /// This node's name, in receipts and logs.
    pub node: String,
    /// The folder that everything else lies in by default.
    pub data: PathBuf,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            organisation: "Vehicle Certification Agency".to_owned(),
            enquiries: "ecocdataenquiries@vca.gov.uk".to_owned(),
            feedback_url: "https://www.example.org/feedback".to_owned(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            node: "node-1".to_owned(),
            data: PathBuf::from("/var/lib/ecocd"),
        }
    }
}
