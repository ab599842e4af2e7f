//! Reads a schema file past its DOCTYPE: the official schema of XML-DSig begins with one.
//!
//! *Trust*: schema files come from the operator. Nothing outside the file is ever fetched; an entity
//! may hold no other, so expanding cannot grow without bound.

use std::borrow::Cow;

/// The longest value of an entity that is expanded, in octets. Those in use are addresses.
const ENTITY_BYTES_MAX: usize = 1000;

/// The most octets that all expanding may add to a file.
const EXPANDED_BYTES_MAX: usize = 1_000_000;

/// `text` with its DOCTYPE blanked, lines kept, and the entities that it declares put in. The error
/// says what cannot be read.
pub(crate) fn past(text: &str) -> Result<Cow<'_, str>, String> {
    let Some(begin) = find(text) else {
        return Ok(Cow::Borrowed(text));
    };
    let (before, rest) = text.split_at(begin);
    let len = length(rest).ok_or_else(|| "its DOCTYPE is never closed".to_owned())?;
    let (doctype, after) = rest.split_at(len);
    let mut out = String::with_capacity(text.len());
    out.push_str(before);
    out.extend(doctype.chars().map(|letter| {
        if matches!(letter, '\n' | '\r') {
            letter
        } else {
            ' '
        }
    }));
    expand(after, &entities(doctype), &mut out)?;
    Ok(Cow::Owned(out))
}

/// Where a DOCTYPE begins, before the root.
fn find(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        at += rest.find('<')?;
        let rest = text.get(at..)?;
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            "?>"
        } else {
            return rest.starts_with("<!DOCTYPE").then_some(at);
        };
        at += rest.find(end)? + end.len();
    }
}

/// How long the DOCTYPE is that `text` begins with.
fn length(text: &str) -> Option<usize> {
    let mut is_inside = false;
    let mut at = "<!DOCTYPE".len();
    loop {
        let rest = text.get(at..)?;
        let letter = rest.chars().next()?;
        at += match letter {
            '"' | '\'' => rest.get(1..)?.find(letter)? + 2,
            '<' if rest.starts_with("<!--") => rest.find("-->")? + 3,
            '<' if rest.starts_with("<?") => rest.find("?>")? + 2,
            '[' => {
                is_inside = true;
                1
            }
            ']' => {
                is_inside = false;
                1
            }
            '>' if !is_inside => return Some(at + 1),
            letter => letter.len_utf8(),
        };
    }
}

/// Names and values of the entities declared in a DOCTYPE; those that refer to something are left out.
fn entities(doctype: &str) -> Vec<(&str, &str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for declaration in doctype.split("<!ENTITY").skip(1) {
        let mut words = declaration.trim_start().splitn(2, char::is_whitespace);
        let (Some(name), Some(rest)) = (words.next(), words.next()) else {
            continue;
        };
        let rest = rest.trim_start();
        let Some(quote) = rest
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''))
        else {
            continue;
        };
        let value = rest.get(1..).and_then(|rest| rest.split_once(quote));
        if let Some((value, _)) = value
            && value.len() <= ENTITY_BYTES_MAX
            && !value.contains(['&', '<', '%'])
            && found.iter().all(|(known, _)| *known != name)
        {
            found.push((name, value));
        }
    }
    found
}

fn expand(text: &str, entities: &[(&str, &str)], out: &mut String) -> Result<(), String> {
    let mut rest = text;
    let mut added = 0;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference = after.split_once(';').and_then(|(name, behind)| {
            let entity = entities.iter().find(|(known, _)| *known == name)?;
            Some((entity.1, behind))
        });
        if let Some((value, behind)) = reference {
            added += value.len();
            out.push_str(value);
            rest = behind;
        } else {
            out.push('&');
            rest = after;
        }
        if added > EXPANDED_BYTES_MAX {
            return Err("its entities make it too large".to_owned());
        }
    }
    out.push_str(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doctype_is_blanked_and_its_entities_are_put_in() {
        let text = "<?xml version='1.0'?>\n<!-- <!DOCTYPE no> -->\n<!DOCTYPE schema\n PUBLIC '-//x>//' \"y.dtd\" [\n\
             <!ATTLIST schema xmlns:d CDATA #FIXED 'urn:]>'>\n<!-- > ] -->\n<!ENTITY d 'urn:d'>\n<!ENTITY % p ''>\n]>\n<a b='&d;#x' c='&amp;'/>";
        let read = past(text).unwrap();
        assert_eq!(read.lines().count(), text.lines().count());
        assert!(read.ends_with("\n<a b='urn:d#x' c='&amp;'/>"), "{read}");
        assert!(read.contains("<!-- <!DOCTYPE no> -->") && !read.contains("ATTLIST"));
    }

    #[test]
    fn a_file_without_a_doctype_stays_as_it_is() {
        assert!(matches!(past("<a>&b;</a>"), Ok(Cow::Borrowed(_))));
        assert!(matches!(past(""), Ok(Cow::Borrowed(_))));
        assert!(past("<!DOCTYPE a [ <!ENTITY").is_err());
    }

    #[test]
    fn entities_in_entities_are_not_put_in_and_many_are_refused() {
        let text = "<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
        assert!(past(text).unwrap().ends_with("<a>&c;</a>"));
        let value = "x".repeat(1000);
        let many = "&b;".repeat(1001);
        let text = format!("<!DOCTYPE a [<!ENTITY b '{value}'>]><a>{many}</a>");
        assert!(past(&text).is_err());
    }
}
