//! Known differences: who is right, and why. What is not listed here fails the test.

use crate::differential::judges::Said;
use crate::differential::judges::Verdict::{self, Invalid, Malformed, Valid};

/// Somebody who judges beside us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oracle {
    /// `xmllint --schema`, libxml2.
    Libxml2,
    /// `javax.xml.validation`, Xerces in the JDK.
    Java,
    /// The crate `xsd-schema`.
    XsdSchema,
}

impl Oracle {
    /// As it is called in the documentation.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Libxml2 => "libxml2",
            Self::Java => "Java",
            Self::XsdSchema => "xsd-schema",
        }
    }
}

/// A variant that we and another judge differently.
#[derive(Debug)]
pub(crate) struct Difference<'a> {
    pub(crate) oracle: Oracle,
    pub(crate) ours: &'a Said,
    pub(crate) theirs: &'a Said,
    pub(crate) octets: &'a [u8],
}

impl Difference<'_> {
    fn is(&self, ours: Verdict, theirs: Verdict) -> bool {
        self.ours.verdict == ours && self.theirs.verdict == theirs
    }

    /// Do they read on where we see no XML?
    fn is_malformed_by_us_alone(&self) -> bool {
        self.ours.verdict == Malformed && matches!(self.theirs.verdict, Valid | Invalid)
    }

    /// Does the code of our finding begin so?
    fn is_ours(&self, code: &str) -> bool {
        self.ours.why.contains(&format!("[{code}"))
    }

    /// Does one of these stand in what they say?
    fn say(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.theirs.why.contains(word))
    }

    /// Is our complaint about an element with one of these names?
    fn is_about(&self, names: &[&str]) -> bool {
        let about = |name: &&str| self.ours.why.contains(&format!("'{name}'"));
        names.iter().any(about)
    }

    /// Does the value that libxml2 complains of begin or end with a blank? It shows some of them, breaks its
    /// sentence off at a line end, and hides tabs.
    fn has_blanks_around(&self) -> bool {
        let why = &self.theirs.why;
        let after = ["': '", "QName value '"]
            .iter()
            .find_map(|before| why.split_once(before));
        let after = after.map_or("", |(_, after)| after);
        let Some((value, _)) = after.split_once("' ") else {
            return true;
        };
        let tabs = [format!("\t{value}"), format!("{value}\t")];
        value.trim() != value || tabs.iter().any(|tab| self.has(tab.as_bytes()))
    }

    /// Does this stand in the variant?
    fn has(&self, octets: &[u8]) -> bool {
        self.octets
            .windows(octets.len())
            .any(|window| window == octets)
    }

    fn is_utf16(&self) -> bool {
        let beginning = self.octets.get(..2).unwrap_or_default();
        matches!(beginning, b"\xFF\xFE" | b"\xFE\xFF" | b"<\0" | b"\0<")
    }
}

/// A kind of difference that is understood.
pub(crate) struct Class {
    /// Its name; docs/validation.md has the same.
    pub(crate) name: &'static str,
    /// Whose verdict differs from ours.
    pub(crate) oracles: &'static [Oracle],
    /// Is this one of them? As narrow as can be.
    pub(crate) fits: fn(&Difference<'_>) -> bool,
    /// Who is right, and why.
    pub(crate) why: &'static str,
}

/// All of them.
pub(crate) const CLASSES: &[Class] = &[
    Class {
        name: "namespaces are checked",
        oracles: &[Oracle::Libxml2],
        fits: |it| {
            it.is_malformed_by_us_alone() && it.say(&["namespace error", "namespace warning"])
        },
        why: "We are. xmllint reports the breach of Namespaces in XML and reads on; Java and xsd-schema refuse as we do.",
    },
    Class {
        name: "instructions with a colon",
        oracles: &[Oracle::Java],
        fits: |it| {
            it.is_malformed_by_us_alone() && it.is_ours("X01-instruction") && it.has(b"<?a:b")
        },
        why: "We are: Namespaces in XML, section 7, forbids colons in the targets of processing instructions.",
    },
    Class {
        name: "names that begin with a colon",
        oracles: &[Oracle::Java],
        fits: |it| {
            it.is_malformed_by_us_alone() && it.is_ours("X01-name") && it.ours.why.contains("':")
        },
        why: "We are: such a name is none in Namespaces in XML. Java takes the prefix to be empty.",
    },
    Class {
        name: "the declaration contradicts the octets",
        oracles: &[Oracle::Libxml2, Oracle::Java, Oracle::XsdSchema],
        fits: |it| it.is_malformed_by_us_alone() && it.is_ours("N01-contradiction"),
        why: "We are: XML 1.0, section 4.3.3, calls it a fatal error. Others go by the byte order mark alone.",
    },
    Class {
        name: "encodings that we do not know",
        oracles: &[Oracle::Libxml2, Oracle::Java, Oracle::XsdSchema],
        fits: |it| it.is_malformed_by_us_alone() && it.is_ours("N01-unknown"),
        why: "All are: only UTF-8 and UTF-16 must be known. We know those, US-ASCII, ISO 8859-1 and Windows-1252.",
    },
    Class {
        name: "half a character at the end of UTF-16",
        oracles: &[Oracle::Libxml2],
        fits: |it| {
            it.is_malformed_by_us_alone() && it.is_ours("N01-octets") && it.octets.len() % 2 == 1
        },
        why: "We are: an odd number of octets is no UTF-16. libxml2 leaves out the last one.",
    },
    Class {
        name: "NUL after the end",
        oracles: &[Oracle::Libxml2],
        fits: |it| it.is_malformed_by_us_alone() && it.is_ours("X01-character") && it.has(b"\0"),
        why: "We are. libxml2 2.9 ends at the NUL and does not look at what follows.",
    },
    Class {
        name: "versions after 1.0",
        oracles: &[Oracle::Java],
        fits: |it| it.theirs.verdict == Malformed && it.say(&["is not supported, only XML 1.0"]),
        why: "We are: by the fifth edition a reader of XML 1.0 reads any 1.x.",
    },
    Class {
        name: "hints where a schema lies",
        oracles: &[Oracle::Java, Oracle::XsdSchema],
        fits: |it| {
            it.is(Valid, Invalid)
                && it.has(b"chemaLocation=")
                && it.say(&["anyURI", "schema-location"])
        },
        why: "We are: these attributes are hints, exempt from checking (cvc-complex-type 3), and we never follow them.",
    },
    Class {
        name: "unknown attributes of xsi",
        oracles: &[Oracle::XsdSchema],
        fits: |it| it.is(Invalid, Valid) && it.ours.why.contains("'xsi:other' is not expected"),
        why: "We are, with Java and libxml2: only type, nil and the two hints are exempt (cvc-complex-type 3).",
    },
    Class {
        name: "blanks in a CDATA section between elements",
        oracles: &[Oracle::Libxml2],
        fits: |it| {
            it.is(Valid, Invalid)
                && it.has(b"<![CDATA[")
                && it.say(&["the content type is 'element-only'"])
        },
        why: "We are, with Java: blanks may stand between elements however they are written (cvc-complex-type 2.3).",
    },
    Class {
        name: "blanks around values",
        oracles: &[Oracle::Libxml2],
        fits: |it| {
            it.is(Valid, Invalid) && it.say(&["': '", "QName value '"]) && it.has_blanks_around()
        },
        why: "We are, with Java: white space is collapsed before a number, a date, a duration or a name is looked at.",
    },
    Class {
        name: "signs before numbers that have none below zero",
        oracles: &[Oracle::Libxml2],
        fits: |it| {
            it.is(Valid, Invalid) && it.say(&["'+"]) && it.say(&["atomic type 'xs:unsigned"])
        },
        why: "We are, with Java: those types narrow xs:integer, whose numbers may begin with a plus.",
    },
    Class {
        name: "fixed numbers that are written otherwise",
        oracles: &[Oracle::Libxml2],
        fits: |it| it.is(Valid, Invalid) && it.say(&["does not match the fixed value constraint"]),
        why: "We are, with Java: a fixed value is held against what the text means (cvc-elt 5.2.2.2.2).",
    },
    Class {
        name: "names of later editions",
        oracles: &[Oracle::Libxml2, Oracle::Java],
        fits: |it| {
            it.is(Valid, Invalid)
                && it.has("\u{20AC}".as_bytes())
                && it.say(&["NCName'", "NMTOKEN'"])
        },
        why: "We are: since the fifth edition of XML 1.0 a euro sign may stand in a name. They know the fourth.",
    },
    Class {
        name: "years past 2,147,483,647",
        oracles: &[Oracle::Java, Oracle::XsdSchema],
        fits: |it| it.is(Valid, Invalid) && it.has(b"2147483648") && it.say(&["gYear"]),
        why: "Both are: years of four digits must be read, more may be. libxml2 takes it too.",
    },
    Class {
        name: "numbers of more than 24 digits",
        oracles: &[Oracle::Libxml2],
        fits: |it| {
            it.is(Valid, Invalid)
                && it.say(&[
                    "of the atomic type 'xs:decimal'",
                    "of the atomic type 'xs:integer'",
                ])
                && digits(&it.theirs.why) > 24
        },
        why: "Both are: 18 digits must be read, more may be. Ours is exact however long it is, as is Java's; libxml2 ends at 24.",
    },
    Class {
        name: "lists of names without one",
        oracles: &[Oracle::Libxml2],
        fits: |it| {
            it.is(Invalid, Valid)
                && it.is_ours("S03-length")
                && (it.has(b"mark=\"\"") || it.is_about(&["NMTOKENS", "Others"]))
        },
        why: "We are, with Java: NMTOKENS, IDREFS and ENTITIES have one entry at least.",
    },
    Class {
        name: "references to names that nothing has",
        oracles: &[Oracle::Libxml2],
        fits: |it| it.is(Invalid, Valid) && it.is_ours("S05-idref"),
        why: "We are, with Java: an IDREF means an ID of the same document (cvc-id). libxml2 does not look for it.",
    },
    Class {
        name: "sentences that the JDK lacks",
        oracles: &[Oracle::Java],
        fits: |it| {
            it.is(Invalid, Verdict::None)
                && it.say(&["Can't find resource for bundle"])
                && it.say(&["key cvc-complex-type.2.4."])
        },
        why: "We are: Java finds the fault too, but has no sentence for it, and falls over.",
    },
    Class {
        name: "strange letters in Base64",
        oracles: &[Oracle::Libxml2],
        fits: |it| {
            it.is(Invalid, Valid)
                && it.is_ours("S03-type")
                && it.is_about(&["SignatureValue", "DigestValue", "base64Binary"])
        },
        why: "We are, with Java: only 65 letters and blanks belong to base64Binary. libxml2 passes over others.",
    },
    Class {
        name: "xsi:nil that is neither true nor false",
        oracles: &[Oracle::Libxml2],
        fits: |it| it.is(Invalid, Valid) && it.is_ours("S04-nil"),
        why: "We are, with Java: xsi:nil is a boolean. libxml2 takes anything but true for false.",
    },
    Class {
        name: "UTF-16 that nothing announces",
        oracles: &[Oracle::Libxml2, Oracle::Java],
        fits: |it| it.is_malformed_by_us_alone() && it.is_ours("N01-unmarked"),
        why: "We are: XML 1.0, section 4.3.3, wants a byte order mark or a declaration. Others guess.",
    },
    Class {
        name: "UTF-8 by the name of UTF8",
        oracles: &[Oracle::Java],
        fits: |it| {
            it.has(b"UTF8")
                && (it.say(&["Invalid encoding name \"UTF8\""]) || it.is_ours("N01-octets"))
        },
        why: "We are: an alias that many write. Java refuses it after a byte order mark, and otherwise takes octets that are no UTF-8.",
    },
    Class {
        name: "US-ASCII with eight bits",
        oracles: &[Oracle::XsdSchema],
        fits: |it| {
            it.is_malformed_by_us_alone()
                && it.is_ours("N01-octets")
                && it.ours.why.contains("US-ASCII")
        },
        why: "We are, with Java and libxml2: an octet above 127 is no US-ASCII.",
    },
    Class {
        name: "characters beyond the first plane",
        oracles: &[Oracle::Java],
        fits: |it| {
            it.is(Valid, Invalid)
                && it.say(&["cvc-maxLength-valid", "cvc-length-valid"])
                && it.has("\u{1D11E}".as_bytes())
        },
        why: "We are, with libxml2: a length counts characters. Java counts the halves of UTF-16.",
    },
    Class {
        name: "Base64 in several lines",
        oracles: &[Oracle::XsdSchema],
        fits: |it| it.is(Valid, Invalid) && it.say(&["Invalid symbol 32"]),
        why: "We are, with Java and libxml2: blanks may stand anywhere in base64Binary; every ordinary signature has them.",
    },
    Class {
        name: "xsi:nil where nothing is checked",
        oracles: &[Oracle::XsdSchema],
        fits: |it| {
            it.is(Valid, Invalid)
                && it.has(b"xsi:nil=")
                && it.say(&["Invalid boolean value"])
                && it.say(&["/KeyInfo/", "/Object/"])
        },
        why: "We are, with Java and libxml2: the content of KeyInfo is skipped.",
    },
    Class {
        name: "blanks that XML does not know",
        oracles: &[Oracle::XsdSchema],
        fits: |it| {
            it.is(Invalid, Valid)
                && it.is_ours("S02-unexpected-text")
                && (it.has("\u{A0}".as_bytes()) || it.has("\u{85}".as_bytes()))
        },
        why: "We are, with Java and libxml2: a no-break space or U+0085 between elements is text.",
    },
    Class {
        name: "addresses that are none",
        oracles: &[Oracle::XsdSchema],
        fits: |it| {
            it.is(Invalid, Valid)
                && it.is_ours("S03-type")
                && ["'Algorithm'", "'URI'", "'Type'", "'Encoding'"]
                    .iter()
                    .any(|name| it.ours.why.contains(name))
        },
        why: "We are, with Java and libxml2: an anyURI of XSD 1.0 has right escapes and one fragment. xsd-schema takes any text, as XSD 1.1 does.",
    },
    Class {
        name: "underscores in numbers",
        oracles: &[Oracle::XsdSchema],
        fits: |it| {
            it.is(Invalid, Valid)
                && it.is_ours("S03-type")
                && it
                    .ours
                    .why
                    .rsplit("(\"")
                    .next()
                    .is_some_and(|value| value.contains('_'))
        },
        why: "We are, with Java and libxml2: an underscore belongs to no number. xsd-schema takes 7_12.",
    },
    Class {
        name: "UTF-8 only",
        oracles: &[Oracle::XsdSchema],
        fits: |it| {
            it.theirs.verdict == Malformed
                && (it.is_utf16() || it.say(&["bytes that are not UTF-8"]))
        },
        why: "We are: xsd-schema reads UTF-8 only, every reader of XML must read UTF-16.",
    },
];

/// How many digits the value has that libxml2 complains of.
fn digits(why: &str) -> usize {
    let value = why.split_once("': '").map_or("", |(_, value)| value);
    let value = value.split('\'').next().unwrap_or_default();
    value.bytes().filter(u8::is_ascii_digit).count()
}

/// The class that a difference belongs to.
pub(crate) fn class_of(difference: &Difference<'_>) -> Option<&'static Class> {
    CLASSES
        .iter()
        .find(|class| class.oracles.contains(&difference.oracle) && (class.fits)(difference))
}
