//! What an address of the list asks for: filters, order, page.

use std::fmt::Write;

use crate::domain::outcome::Outcome;
use crate::domain::submission::Door;
use crate::store::{Filter, Sort};
use crate::web::forms::Errors;
use crate::web::pages::files::whose::Whose;
use crate::web::paging;
use crate::web::text::query_value;
use crate::web::{View, dates};

/// The longest VIN search.
///
/// Reason: a VIN has 17 letters; what is longer only makes the database work.
const VIN_MAX: usize = 64;
/// The longest of the other texts that are looked for.
const TEXT_MAX: usize = 200;

/// The columns: title, name in the address, how the store calls it, are its values numbers?
pub(super) const COLUMNS: [(&str, &str, Sort, bool); 8] = [
    ("VIN", "vin", Sort::Vin, false),
    ("IVI", "ivi", Sort::IviVersion, true),
    ("Type Approval", "approval", Sort::TypeApproval, false),
    ("Account", "account", Sort::Account, false),
    ("Stage", "stage", Sort::Stage, true),
    ("Cat", "category", Sort::Category, false),
    ("Status", "status", Sort::Status, false),
    ("Created On", "created", Sort::Created, false),
];

/// What the address asks for. Texts are as they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) vin: String,
    pub(super) failed_only: bool,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) file: String,
    pub(super) approval: String,
    pub(super) stage: String,
    pub(super) by: String,
    pub(super) outcome: Option<Outcome>,
    pub(super) door: Option<Door>,
    pub(super) account: String,
    pub(super) sort: Sort,
    pub(super) is_descending: bool,
    pub(super) page: u64,
}

impl Wanted {
    /// Reads the query. What it does not know, or what makes no sense, is passed over.
    pub(super) fn read(query: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = query.iter().rev().find(|(key, _)| key == name);
            found.map(|(_, value)| value.trim())
        };
        let text = |name: &str| value(name).unwrap_or_default().to_owned();
        let column = value("sort").and_then(|name| COLUMNS.iter().find(|column| column.1 == name));
        let sort = column.map_or(Sort::Created, |column| column.2);
        Self {
            // Pasted from papers, a VIN has blanks in it; it never has any of its own.
            vin: text("vin").split_whitespace().collect(),
            failed_only: value("failed").is_some_and(|text| !text.is_empty()),
            from: text("from"),
            to: text("to"),
            file: text("file"),
            approval: text("approval"),
            stage: text("stage"),
            by: text("by"),
            outcome: value("outcome").and_then(|text| text.parse().ok()),
            door: value("door").and_then(|text| text.parse().ok()),
            account: text("account"),
            sort,
            is_descending: match value("order") {
                Some("ascending") => false,
                Some("descending") => true,
                _ => first_is_descending(sort),
            },
            page: value("page")
                .and_then(|text| text.parse().ok())
                .unwrap_or(1)
                .max(1),
        }
    }

    /// What of it cannot be looked for.
    pub(super) fn errors(&self) -> Errors {
        let mut errors = Errors::default();
        if self.vin.chars().count() > VIN_MAX {
            errors.add("vin", format!("VIN must be {VIN_MAX} characters or fewer"));
        }
        dates::check(&self.from, &self.to, &mut errors);
        for (id, name, text) in [
            ("file", "File name", &self.file),
            ("approval", "Type approval", &self.approval),
            ("by", "Uploaded by", &self.by),
        ] {
            if text.chars().count() > TEXT_MAX {
                errors.add(id, format!("{name} must be {TEXT_MAX} characters or fewer"));
            }
        }
        if !self.stage.is_empty() && !self.stage.parse::<u32>().is_ok_and(|stage| stage <= 99) {
            errors.add("stage", "Stage must be a number from 0 to 99");
        }
        errors
    }

    /// The same for the store, for these rows only.
    pub(super) fn filter(&self, view: &View, whose: Whose, page: u64) -> Filter {
        let offset = (page - 1).saturating_mul(u64::from(paging::ROWS));
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        Filter {
            account: whose.account,
            vin: text(&self.vin),
            failed_only: self.failed_only,
            outcome: self.outcome,
            door: self.door,
            stage: self.stage.parse().ok(),
            approval: text(&self.approval),
            file_name: text(&self.file),
            user: whose.user,
            from: dates::from(&self.from, &view.zone),
            before: dates::before(&self.to, &view.zone),
            sort: self.sort,
            is_descending: self.is_descending,
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            limit: paging::ROWS,
            ..Filter::default()
        }
    }

    /// Is anything filtered out?
    pub(super) fn is_filtered(&self) -> bool {
        !self.vin.is_empty() || self.failed_only || self.has_more_filters()
    }

    /// Is one of the filters in use that are folded away?
    pub(super) fn has_more_filters(&self) -> bool {
        let texts = [
            &self.from,
            &self.to,
            &self.file,
            &self.approval,
            &self.stage,
            &self.by,
            &self.account,
        ];
        texts.iter().any(|text| !text.is_empty()) || self.outcome.is_some() || self.door.is_some()
    }

    /// The query of the same list, in this order, at this page. What is usual is left out.
    pub(super) fn query(&self, sort: Sort, is_descending: bool, page: u64) -> String {
        let mut query = String::new();
        let mut add = |name: &str, value: &str| {
            if value.is_empty() {
                return;
            }
            let mark = if query.is_empty() { '?' } else { '&' };
            // Writing to a String cannot fail.
            let _ = write!(query, "{mark}{name}={}", query_value(value));
        };
        add("vin", &self.vin);
        add("failed", if self.failed_only { "on" } else { "" });
        add("from", &self.from);
        add("to", &self.to);
        add("file", &self.file);
        add("approval", &self.approval);
        add("stage", &self.stage);
        add("by", &self.by);
        add("outcome", self.outcome.map_or("", Outcome::as_str));
        add("door", self.door.map_or("", Door::as_str));
        add("account", &self.account);
        if sort != Sort::Created {
            add("sort", name_of(sort));
        }
        if is_descending != first_is_descending(sort) {
            let order = if is_descending {
                "descending"
            } else {
                "ascending"
            };
            add("order", order);
        }
        if page > 1 {
            add("page", &page.to_string());
        }
        query
    }

    /// The address of the same list.
    pub(super) fn address(&self, sort: Sort, is_descending: bool, page: u64) -> String {
        format!("/submissions{}", self.query(sort, is_descending, page))
    }
}

/// Newest first; everything else from its beginning.
pub(super) fn first_is_descending(sort: Sort) -> bool {
    sort == Sort::Created
}

pub(super) fn name_of(sort: Sort) -> &'static str {
    COLUMNS
        .iter()
        .find(|column| column.2 == sort)
        .map_or("created", |column| column.1)
}

/// The head of its column.
pub(super) fn title_of(sort: Sort) -> &'static str {
    COLUMNS
        .iter()
        .find(|column| column.2 == sort)
        .map_or("Created On", |column| column.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> Wanted {
        let owned: Vec<(String, String)> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Wanted::read(&owned)
    }

    #[test]
    fn newest_first_is_usual() {
        let wanted = read(&[]);
        assert_eq!(
            (wanted.sort, wanted.is_descending, wanted.page),
            (Sort::Created, true, 1)
        );
        assert_eq!(
            wanted.address(wanted.sort, wanted.is_descending, 1),
            "/submissions"
        );
    }

    #[test]
    fn every_filter_is_kept_in_the_address() {
        let pairs = [
            ("vin", "A*"),
            ("failed", "on"),
            ("from", "28/5/2026"),
            ("to", "2026-05-29"),
            ("file", "a b&c"),
            ("approval", "g11*2018/858*00083*17"),
            ("stage", "2"),
            ("by", "7"),
            ("outcome", "not-processed"),
            ("door", "web"),
            ("account", "acme"),
            ("sort", "vin"),
            ("order", "descending"),
        ];
        let wanted = read(&pairs);
        assert!(wanted.errors().is_empty() && wanted.has_more_filters());
        let query = wanted.query(wanted.sort, wanted.is_descending, 1);
        let decoded: Vec<(String, String)> =
            serde_urlencoded::from_str(query.trim_start_matches('?')).unwrap();
        assert_eq!(decoded.len(), pairs.len());
        assert_eq!(Wanted::read(&decoded), wanted);
    }

    #[test]
    fn a_vin_that_was_pasted_with_blanks_is_looked_for_without() {
        let wanted = read(&[("vin", " sxz m1p000\u{a0}t0000001\t")]);
        assert_eq!(wanted.vin, "sxzm1p000t0000001");
        assert_eq!(read(&[("vin", "* 000 1")]).vin, "*0001");
    }

    #[test]
    fn every_column_sorts_both_ways() {
        for (_, name, sort, _) in COLUMNS {
            for order in ["ascending", "descending"] {
                let wanted = read(&[("sort", name), ("order", order), ("page", "7")]);
                assert_eq!(wanted.sort, sort);
                let query = wanted.query(sort, wanted.is_descending, 7);
                let decoded: Vec<(String, String)> =
                    serde_urlencoded::from_str(query.trim_start_matches('?')).unwrap();
                assert_eq!(Wanted::read(&decoded), wanted, "{name} {order}");
            }
        }
    }

    #[test]
    fn nonsense_in_the_address_is_passed_over() {
        let wanted = read(&[
            ("page", "-3"),
            ("sort", "password"),
            ("order", "x"),
            ("failed", ""),
            ("outcome", "great"),
            ("door", "window"),
        ]);
        assert_eq!(wanted, read(&[]));
    }

    #[test]
    fn what_cannot_be_looked_for_is_said() {
        let errors = |query: &[(&str, &str)]| read(query).errors();
        assert!(errors(&[("from", "31/12/2026"), ("to", "31/12/2026")]).is_empty());
        assert_eq!(
            errors(&[("from", "31/2/2026")]).of("from"),
            Some("Date from must be a real date, like 28/5/2026")
        );
        let turned = errors(&[("from", "2/1/2026"), ("to", "1/1/2026")]);
        assert!(turned.of("to").unwrap().contains("same as or after"));
        assert!(errors(&[("stage", "-1")]).of("stage").is_some());
        assert!(errors(&[("vin", &"A".repeat(65))]).of("vin").is_some());
    }
}
