//! Where to go afterwards: one of our own pages, and never anywhere else.

use crate::web::forms::Fields;
use crate::web::text::query_value;

/// The page named by a form's field `next`; the home page if it names none of ours.
pub(crate) fn next_of(fields: &Fields) -> &str {
    local(fields.get("next"))
}

/// The page named by `next` in the query of an address.
pub(crate) fn asked_next(query: &[(String, String)]) -> &str {
    let asked = query.iter().find(|(name, _)| name == "next");
    local(asked.map_or("", |(_, next)| next.as_str()))
}

/// An address with `next` in its query, unless that is the home page.
pub(crate) fn page_with(page: &str, next: &str) -> String {
    if next == "/" {
        page.to_owned()
    } else {
        format!("{page}?next={}", query_value(next))
    }
}

/// The page that shows the form which goes to this address; the same where both are one.
///
/// Some forms go to an address that answers nothing else, and nobody can be sent there.
pub(crate) fn page_of(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let shown = match parts.as_slice() {
        ["staff", "held", _, "retry"] | ["users", _, "resend"] => 2,
        ["staff", "requests", _, "approve" | "refuse"]
        | ["staff", "accounts", _, "suspend" | "resume" | "primary"]
        | ["staff", "users", _, "suspend" | "resume" | "invite"]
        | ["staff", "outbox", _, "retry"]
        | ["account", "browsers"]
        | ["preferences", "addresses", "remove"]
        | ["redeem", _, "password"] => 1,
        _ => return address,
    };
    let cut = path.rmatch_indices('/').nth(shown - 1);
    cut.map_or("/", |(at, _)| path.get(..at).unwrap_or("/"))
}

/// `next` if it is one of our own pages, the home page otherwise.
pub(crate) fn local(next: &str) -> &str {
    let mut octets = next.bytes();
    let is_ours = octets.next() == Some(b'/') && octets.next() != Some(b'/');
    // A browser reads a backslash as a slash.
    let is_plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let is_page = !next.starts_with("/sign-");
    if is_ours && is_plain && is_page {
        page_of(next)
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        for hostile in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/submissions\r\nx: y",
            "/a\\b",
            "/sign-out",
            "/sign-in?next=/",
            "",
        ] {
            assert_eq!(local(hostile), "/", "{hostile:?}");
        }
        assert_eq!(local("/submissions?vin=*1"), "/submissions?vin=*1");
        assert_eq!(local("/users"), "/users");
        assert_eq!(local("/users/7/resend?a=b"), "/users");
        assert_eq!(local("/staff/users/7/suspend"), "/staff/users/7");
        assert_eq!(page_with("/a", "/"), "/a");
        assert_eq!(page_with("/a", "/b?c=d"), "/a?next=%2Fb%3Fc%3Dd");
    }
}
