//! When a certificate of X.509 ends: the one field of it that people forget. Pure.

use data_encoding::BASE64;

use crate::domain::Timestamp;

/// So many days before a certificate's end somebody is told.
pub const SOON_DAYS: i64 = 14;

/// The end of the first certificate in a PEM file; `None` if it cannot be read.
pub fn end_of_pem(text: &str) -> Option<Timestamp> {
    let (_, after) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = after.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    end_of_der(&BASE64.decode(body.as_bytes()).ok()?)
}

/// The end of a certificate in DER: `notAfter` of RFC 5280, section 4.1.
pub fn end_of_der(octets: &[u8]) -> Option<Timestamp> {
    let (_, certificate, _) = element(octets)?;
    let (_, signed, _) = element(certificate)?;
    let (tag, _, after) = element(signed)?;
    // The version is left out of the oldest ones.
    let rest = if tag == 0xa0 { after } else { signed };
    let (_, _serial, rest) = element(rest)?;
    let (_, _algorithm, rest) = element(rest)?;
    let (_, _issuer, rest) = element(rest)?;
    let (_, validity, _) = element(rest)?;
    let (_, _not_before, rest) = element(validity)?;
    let (tag, end, _) = element(rest)?;
    let text = std::str::from_utf8(end).ok()?;
    let full = match (tag, text.get(..2)?.parse::<u8>().ok()?) {
        (0x17, 50..) => format!("19{text}"),
        (0x17, _) => format!("20{text}"),
        _ => text.to_owned(),
    };
    let moment = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", full).ok()?;
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(moment.timestamp())
}

/// Whole days from `now` to `end`; below 0 when it is over.
pub fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    end.duration_since(now).as_secs().div_euclid(24 * 60 * 60)
}

/// The tag of the first element, its content, and what follows it.
fn element(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        let length = length.iter().try_fold(0_usize, |sum, octet| {
            sum.checked_mul(256)?.checked_add(usize::from(*octet))
        });
        (length?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a certificate that ends so.
    fn ends(tag: u8, end: &[u8]) -> Vec<u8> {
        let of = |tag: u8, content: &[u8]| {
            let length = u8::try_from(content.len()).unwrap();
            [&[tag, 0x81, length][..], content].concat()
        };
        let begin = of(0x17, b"250101000000Z");
        let validity = of(0x30, &[begin, of(tag, end)].concat());
        let version = of(0xa0, &of(2, &[2]));
        let before = [version, of(2, &[9]), of(0x30, &[]), of(0x30, &[])].concat();
        of(0x30, &of(0x30, &[before, validity].concat()))
    }

    #[test]
    fn the_end_is_read_in_both_forms_and_nonsense_has_none() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let short = ends(0x17, b"270102030405Z");
        assert_eq!(end_of_der(&short), at("2027-01-02T03:04:05Z"));
        let long = ends(0x18, b"20510102030405Z");
        assert_eq!(end_of_der(&long), at("2051-01-02T03:04:05Z"));
        for length in 0..short.len() {
            assert_eq!(end_of_der(&short[..length]), None, "{length}");
        }
        let pem = format!(
            "# ours\n-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            BASE64.encode(&short)
        );
        assert_eq!(end_of_pem(&pem), end_of_der(&short));
        assert_eq!(end_of_pem("nonsense"), None);
    }

    #[test]
    fn days_are_counted_down_and_past_the_end() {
        let end = "2027-01-15T00:00:00Z".parse().unwrap();
        let left = |now: &str| days_left(end, now.parse().unwrap());
        assert_eq!(left("2027-01-01T00:00:00Z"), 14);
        assert_eq!(left("2027-01-01T00:00:01Z"), 13);
        assert_eq!(left("2027-01-15T00:00:01Z"), -1);
    }
}
