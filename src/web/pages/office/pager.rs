//! The links below a list that is longer than a page.

use crate::web::paging::{self, ROWS, Step};

/// Which page of a list is shown, and where the others are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pager {
    /// From 1.
    pub(crate) current: u64,
    /// At least 1.
    pub(crate) pages: u64,
    total: u64,
    noun: &'static str,
    /// The address without the page, ending in `?` or `&`.
    base: String,
}

/// The page that an address's query asks for, from 1.
pub(crate) fn wanted(text: &str) -> u64 {
    text.parse().unwrap_or(1).max(1)
}

/// How many rows come before a page.
pub(crate) fn offset(page: u64) -> u32 {
    let before = page.saturating_sub(1).saturating_mul(u64::from(ROWS));
    u32::try_from(before).unwrap_or(u32::MAX)
}

impl Pager {
    /// `base` is the address with its filter, without a page.
    pub(crate) fn new(current: u64, total: u64, noun: &'static str, base: &str) -> Self {
        let mark = if base.contains('?') { '&' } else { '?' };
        Self {
            current,
            pages: paging::pages(total),
            total,
            noun,
            base: format!("{base}{mark}"),
        }
    }

    /// `Showing 26 to 50 of 60 users`, or `3 users`.
    pub(crate) fn summary(&self) -> String {
        let plural = if self.total == 1 { "" } else { "s" };
        if self.pages <= 1 {
            return format!("{} {}{plural}", self.total, self.noun);
        }
        let rows = u64::from(ROWS);
        let first = self.current.saturating_sub(1).saturating_mul(rows) + 1;
        let last = first.saturating_add(rows - 1).min(self.total);
        format!(
            "Showing {first} to {last} of {} {}{plural}",
            self.total, self.noun
        )
    }

    /// What the page's title has besides.
    pub(crate) fn titled(&self, title: &str) -> String {
        if self.pages > 1 {
            format!("{title} (page {} of {})", self.current, self.pages)
        } else {
            title.to_owned()
        }
    }

    /// The address of a page.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates hand everything over by reference"
    )]
    pub(crate) fn address(&self, page: &u64) -> String {
        format!("{}page={page}", self.base)
    }

    /// The address of the page before.
    pub(crate) fn previous(&self) -> Option<String> {
        (self.current > 1).then(|| self.address(&(self.current - 1)))
    }

    /// The address of the page after.
    pub(crate) fn next(&self) -> Option<String> {
        (self.current < self.pages).then(|| self.address(&self.current.saturating_add(1)))
    }

    /// The links in between.
    pub(crate) fn steps(&self) -> Vec<Step> {
        paging::steps(self.current, self.pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_what_of_it_is_shown() {
        let pager = |page, total| Pager::new(page, total, "user", "/staff/users?q=a");
        assert_eq!(pager(1, 1).summary(), "1 user");
        assert_eq!(pager(1, 25).summary(), "25 users");
        assert_eq!(pager(3, 60).summary(), "Showing 51 to 60 of 60 users");
        assert_eq!(pager(3, 60).titled("Users"), "Users (page 3 of 3)");
        assert_eq!(pager(1, 60).next().unwrap(), "/staff/users?q=a&page=2");
        assert_eq!((pager(1, 60).previous(), pager(3, 60).next()), (None, None));
        assert_eq!(Pager::new(1, 60, "mail", "/m").address(&2), "/m?page=2");
    }

    #[test]
    fn nonsense_asks_for_the_first_page() {
        assert_eq!(
            (wanted("3"), wanted("0"), wanted("-1"), wanted("x")),
            (3, 1, 1, 1)
        );
        assert_eq!((offset(1), offset(3), offset(u64::MAX)), (0, 50, u32::MAX));
    }
}
