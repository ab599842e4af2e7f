//! The keys of a section, asked of the type itself, so that no list can fall behind it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// The names of the fields of `T` as they stand in the file, in the order of declaration.
pub(crate) fn fields<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    match T::deserialize(Ask) {
        Ok(_) => &[],
        Err(Answer(fields)) => fields,
    }
}

/// A deserializer that has nothing to give: it only listens to which fields a struct asks for.
struct Ask;

/// The fields that were asked for, brought back as if they were an error.
#[derive(Debug)]
struct Answer(&'static [&'static str]);

impl fmt::Display for Answer {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(form, "{:?}", self.0)
    }
}

impl std::error::Error for Answer {}

impl Error for Answer {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(&[])
    }
}

impl<'de> Deserializer<'de> for Ask {
    type Error = Answer;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Answer> {
        Err(Answer(&[]))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Answer> {
        Err(Answer(fields))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_says_its_keys() {
        let keys = fields::<crate::config::DropFolders>();
        assert_eq!(keys.first(), Some(&"path"));
        assert!(keys.contains(&"incomplete-wait-in-session"));
        assert!(fields::<u32>().is_empty());
    }
}
