//! The known name that a mistyped one most likely meant.

/// The name among `known` that `typed` is closest to, if any is close enough to be meant.
///
/// Close is: at most a third of the letters, and never more than three, put in, left out, changed
/// or swapped; case and `_` for `-` count for nothing. Names of one or two letters are themselves
/// or none.
pub(crate) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let letters = typed.chars().count();
    let limit = (letters / 3).min(3);
    let typed = plain(typed);
    known
        .into_iter()
        // Spares most of the work: who sends a flood of wrong names pays for it alone.
        .filter(|name| name.chars().count().abs_diff(letters) <= limit)
        .map(|name| (distance(&typed, &plain(name)), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// The least number of letters put in, left out, changed or swapped with their neighbour that
/// makes `to` of `from`.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut last: Option<char> = None;
    for (index, letter) in from.chars().enumerate() {
        let mut next = vec![index.saturating_add(1)];
        for (column, other) in to.iter().enumerate() {
            let at = |row: &[usize], place: Option<usize>| {
                place
                    .and_then(|place| row.get(place).copied())
                    .unwrap_or(usize::MAX)
            };
            let changed = at(&row, Some(column)).saturating_add(usize::from(letter != *other));
            let left_out = at(&row, column.checked_add(1)).saturating_add(1);
            let put_in = at(&next, Some(column)).saturating_add(1);
            let neighbour = column.checked_sub(1).and_then(|place| to.get(place));
            let is_swap = neighbour == Some(&letter) && last == Some(*other);
            let swapped = if is_swap {
                at(&before, column.checked_sub(1)).saturating_add(1)
            } else {
                usize::MAX
            };
            next.push(changed.min(left_out).min(put_in).min(swapped));
        }
        before = std::mem::replace(&mut row, next);
        last = Some(letter);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &[
        "listen",
        "idle-max",
        "sessions-max",
        "sessions-per-account-max",
    ];

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        for (typed, meant) in [
            ("lisen", "listen"),
            ("lsiten", "listen"),
            ("idle_max", "idle-max"),
            ("IdleMax", "idle-max"),
            ("session-max", "sessions-max"),
            ("sessions-per-acount-max", "sessions-per-account-max"),
        ] {
            assert_eq!(
                nearest(typed, KNOWN.iter().copied()),
                Some(meant),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_name_like_no_other_finds_none() {
        for typed in ["colour", "x", "", "host-key-type"] {
            assert_eq!(nearest(typed, KNOWN.iter().copied()), None, "{typed}");
        }
        assert_eq!(nearest("b", ["a", "c"]), None);
    }

    #[test]
    fn a_swap_counts_as_one() {
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
