//! What a code means, in the schema's words.

use crate::check::schema::values::{Simple, Variety};
use crate::check::schema::{Compiled, Content, Kind};

/// The deepest that unions in unions are searched.
const DEPTH_MAX: usize = 4;

impl Compiled {
    /// What the schema says that `code` means as the value of an element of this name; empty if it
    /// says nothing.
    pub(crate) fn meaning(&self, element: &str, code: &str) -> &str {
        let Some(number) = self.names.number(element) else {
            return "";
        };
        self.elements
            .iter()
            .filter(|known| known.name.name == number)
            .filter_map(|known| self.value_type(known.kind))
            .find_map(|simple| in_type(simple, code, DEPTH_MAX))
            .unwrap_or("")
    }

    /// The type of an element's text.
    fn value_type(&self, kind: Kind) -> Option<&Simple> {
        match kind {
            Kind::Simple(number) => self.simple.get(number),
            Kind::Complex(number) => match &self.complex.get(number)?.content {
                Content::Simple(number) => self.simple.get(*number),
                _ => None,
            },
        }
    }
}

fn in_type<'s>(simple: &'s Simple, code: &str, depth: usize) -> Option<&'s str> {
    let listed = simple.facets.codes.as_ref();
    if let Some(meaning) = listed.and_then(|codes| codes.meaning(code)) {
        return Some(meaning);
    }
    let Variety::Union(members) = &simple.variety else {
        return None;
    };
    let depth = depth.checked_sub(1)?;
    members
        .iter()
        .find_map(|(_, member)| in_type(member, code, depth))
}

#[cfg(test)]
mod tests {
    use crate::check::Schema;

    #[test]
    fn codes_have_the_words_of_the_schema_and_other_values_none() {
        let schema = Schema::built_in().unwrap();
        assert_eq!(schema.meaning("EnergySource", "10"), "petrol");
        assert_eq!(schema.meaning("PoweredAxleIndicator", "Y"), "yes");
        assert_eq!(schema.meaning("TypeApprovalType", "EU"), "");
        assert_eq!(schema.meaning("EnergySource", "petrol"), "");
        assert_eq!(schema.meaning("Make", "Y"), "");
        assert_eq!(schema.meaning("Nothing", "Y"), "");
    }
}
