//! How an account hands its files in: which names are looked at, and whether a marker must come.

use crate::domain::Unfit;

/// The ending of the names that are looked at, in any case.
const XML: &str = ".xml";

/// The most patterns of one account.
const PATTERNS_MAX: usize = 32;

/// How an account hands its files in. The default: every `.xml` is taken as soon as it is whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandingIn {
    /// A file is taken when its marker has come.
    pub done_marker: Option<DoneMarker>,
    /// Names that are never looked at.
    pub ignored: Vec<NamePattern>,
}

impl HandingIn {
    /// Is a file of this name ever taken? It ends in `.xml`, begins with no dot, and is not ignored.
    pub fn takes(&self, name: &str) -> bool {
        is_xml(name)
            && !name.starts_with('.')
            && !self.ignored.iter().any(|pattern| pattern.fits(name))
    }

    /// The names of the markers of a file, any of which will do; none if it needs none.
    pub fn markers_of(&self, name: &str) -> Vec<String> {
        let Some(marker) = &self.done_marker else {
            return Vec::new();
        };
        let stem = name
            .len()
            .checked_sub(XML.len())
            .and_then(|at| name.get(..at));
        let of_stem = stem.filter(|stem| !stem.is_empty());
        std::iter::once(name)
            .chain(of_stem)
            .map(|stem| format!("{stem}{}", marker.0))
            .collect()
    }

    /// The names of the files that a marker of this name may mark; none if it is no marker's.
    pub fn marked_by(&self, name: &str) -> Vec<String> {
        let ending = self.done_marker.as_ref().map(|marker| marker.0.as_str());
        let stem = ending.and_then(|ending| name.strip_suffix(ending));
        let Some(stem) = stem.filter(|stem| !stem.is_empty()) else {
            return Vec::new();
        };
        let mut marked = vec![
            stem.to_owned(),
            format!("{stem}.xml"),
            format!("{stem}.XML"),
        ];
        marked.retain(|name| self.takes(name));
        marked
    }

    /// Checks how many patterns there are.
    pub fn checked(self) -> Result<Self, Unfit> {
        if self.ignored.len() <= PATTERNS_MAX {
            Ok(self)
        } else {
            Err(Unfit(format!("at most {PATTERNS_MAX} patterns are kept")))
        }
    }
}

/// What a marker's name has behind that of its file, such as `.done`.
///
/// A dot, then 1 to 16 letters, digits, `-` or `_`; not `.xml`, nor the `.json` of our receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneMarker(String);

impl DoneMarker {
    /// Checks `text`.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        let fits = text.strip_prefix('.').is_some_and(|rest| {
            (1..=16).contains(&rest.len())
                && rest
                    .bytes()
                    .all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet))
        });
        let is_ours = is_xml(text) || text.eq_ignore_ascii_case(".json");
        if fits && !is_ours {
            Ok(Self(text.to_owned()))
        } else {
            Err(Unfit(format!(
                "'{}' cannot be the ending of a done-marker: write a dot and 1 to 16 letters, digits, \
                 '-' or '_', such as .done, but neither .xml nor .json",
                text.escape_debug()
            )))
        }
    }

    /// The ending as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A pattern of whole names: `*` is any run of characters, `?` any one; everything else is itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern(String);

impl NamePattern {
    /// Checks `text`: 1 to 100 octets, no `/` and no control character.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        let fits = (1..=100).contains(&text.len())
            && !text.contains(|letter: char| letter == '/' || letter.is_control());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Unfit(format!(
                "'{}' cannot be a pattern of names: use 1 to 100 octets without '/' and control \
                 characters; * stands for any run of characters, ? for any one",
                text.escape_debug()
            )))
        }
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Does the whole of `name` fit? The time is at most the product of both lengths.
    pub fn fits(&self, name: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let name: Vec<char> = name.chars().collect();
        let (mut at, mut in_name) = (0, 0);
        // Where the last star stands, and how much of the name it takes so far.
        let mut star: Option<(usize, usize)> = None;
        while let Some(letter) = name.get(in_name) {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at, in_name));
                    at += 1;
                    continue;
                }
                Some(wanted) if *wanted == '?' || wanted == letter => {
                    at += 1;
                    in_name += 1;
                    continue;
                }
                _ => (),
            }
            let Some((star_at, taken_to)) = star else {
                return false;
            };
            star = Some((star_at, taken_to + 1));
            at = star_at + 1;
            in_name = taken_to + 1;
        }
        let rest = pattern.get(at..).unwrap_or_default();
        rest.iter().all(|letter| *letter == '*')
    }
}

fn is_xml(name: &str) -> bool {
    name.len()
        .checked_sub(XML.len())
        .and_then(|start| name.get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(XML))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handing_in(marker: Option<&str>, ignored: &[&str]) -> HandingIn {
        HandingIn {
            done_marker: marker.map(|text| DoneMarker::new(text).unwrap()),
            ignored: ignored
                .iter()
                .map(|text| NamePattern::new(text).unwrap())
                .collect(),
        }
    }

    #[test]
    fn a_pattern_fits_the_whole_name_or_not_at_all() {
        let fits = |pattern: &str, name: &str| NamePattern::new(pattern).unwrap().fits(name);
        for (pattern, name) in [
            ("tmp-*", "tmp-1.xml"),
            ("*", ""),
            ("*.tmp.xml", "a.tmp.xml"),
            ("a?c", "aäc"),
            ("*a*b", "xaxbxab"),
            ("**", "x"),
            ("[a]", "[a]"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("tmp-*", "a-tmp-1.xml"),
            ("a?c", "ac"),
            ("*a*b", "xaxbxax"),
            ("a", "A"),
            ("[a]", "a"),
            ("a", "ab"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        // What takes for ever where every star is tried against all that follow.
        assert!(!fits(&"*a".repeat(40), &"a".repeat(39)));
    }

    #[test]
    fn a_marker_and_its_file_know_each_other() {
        let with = handing_in(Some(".done"), &["tmp-*"]);
        assert_eq!(with.markers_of("a.xml"), ["a.xml.done", "a.done"]);
        assert_eq!(with.markers_of(".xml"), [".xml.done"]);
        for name in ["a.xml", "A.XML", "a b.xml"] {
            for marker in with.markers_of(name) {
                assert!(
                    with.marked_by(&marker).contains(&name.to_owned()),
                    "{marker}"
                );
            }
        }
        assert_eq!(with.marked_by("a.done"), ["a.xml", "a.XML"]);
        assert_eq!(with.marked_by("a.xml"), [""; 0]);
        assert_eq!(with.marked_by(".done"), [""; 0]);
        assert_eq!(with.marked_by("tmp-1.done"), [""; 0], "never looked at");
        let without = HandingIn::default();
        assert!(without.markers_of("a.xml").is_empty() && without.marked_by("a.done").is_empty());
    }

    #[test]
    fn only_xml_without_a_leading_dot_is_taken() {
        let all = HandingIn::default();
        assert!(all.takes("a.xml") && all.takes("A.XML") && all.takes("ä.b.Xml"));
        for name in [".a.xml", ".xml", "a.xml.filepart", "a.xm", "xml", "äxml"] {
            assert!(!all.takes(name), "{name}");
        }
        let some = handing_in(None, &["tmp-*"]);
        assert!(some.takes("a.xml") && !some.takes("tmp-a.xml"));
    }

    #[test]
    fn a_markers_ending_can_be_mistaken_for_nothing_of_ours() {
        for bad in [
            "", ".", "done", ".xml", ".XML", ".json", ".a.xml", ".a/b", ". a", ".é",
        ] {
            assert!(DoneMarker::new(bad).is_err(), "{bad}");
        }
        assert_eq!(DoneMarker::new(".done").unwrap().as_str(), ".done");
    }
}
