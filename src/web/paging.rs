//! Which pages a long list links to.

/// Rows on a page.
pub(crate) const ROWS: u32 = 25;

/// An entry of the pagination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A link to this page.
    Page(u64),
    /// The page that is shown.
    Current(u64),
    /// Pages left out.
    Gap,
}

/// How many pages `total` rows fill; at least one.
pub(crate) fn pages(total: u64) -> u64 {
    total.div_ceil(u64::from(ROWS)).max(1)
}

/// The first page, the last, the current one and its neighbours; gaps between them, but never one
/// that hides a single page.
pub(crate) fn steps(current: u64, pages: u64) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut last = 0;
    for page in [1, current.saturating_sub(1), current, current + 1, pages] {
        if page <= last || page > pages {
            continue;
        }
        match page - last {
            1 => (),
            2 => steps.push(Step::Page(page - 1)),
            _ => steps.push(Step::Gap),
        }
        steps.push(if page == current {
            Step::Current(page)
        } else {
            Step::Page(page)
        });
        last = page;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(current: u64, pages: u64) -> String {
        let text = |step: &Step| match step {
            Step::Page(page) => page.to_string(),
            Step::Current(page) => format!("[{page}]"),
            Step::Gap => "…".to_owned(),
        };
        let parts: Vec<String> = steps(current, pages).iter().map(text).collect();
        parts.join(" ")
    }

    #[test]
    fn the_first_the_last_and_the_neighbours_are_linked() {
        assert_eq!(drawn(1, 1), "[1]");
        assert_eq!(drawn(1, 2), "[1] 2");
        assert_eq!(drawn(1, 9), "[1] 2 … 9");
        assert_eq!(drawn(4, 9), "1 2 3 [4] 5 … 9");
        assert_eq!(drawn(5, 9), "1 … 4 [5] 6 … 9");
        assert_eq!(drawn(9, 9), "1 … 8 [9]");
        assert_eq!(drawn(3, 5), "1 2 [3] 4 5");
    }

    #[test]
    fn an_empty_list_has_one_page() {
        assert_eq!((pages(0), pages(25), pages(26)), (1, 1, 2));
    }
}
