//! One value of the configuration, read strictly into the type of its setting.
//!
//! *Why not* the library's own reading: it takes `3.9` for 4, `true` for 1 and 5 for `"5"`, and its
//! sentences name our types instead of what to write.

use std::fmt;

use ::config::{Value, ValueKind};
use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, Visitor};

use crate::config::tree;
use crate::domain::nearest::nearest;

/// One value, to be read into a setting's type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'a>(pub(crate) &'a Value);

/// Why a value does not fit: the end of a sentence that begins with key and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) String);

impl fmt::Display for Unreadable {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        form.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl Error for Unreadable {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}

impl<'a> Setting<'a> {
    /// Texts are taken for numbers and truth values too: an environment has nothing else.
    fn is_text_only(self) -> bool {
        tree::is_from_environment(self.0)
    }

    /// The text in it, which stands in quotation marks in a file.
    fn text(self) -> Result<&'a str, Unreadable> {
        match &self.0.kind {
            ValueKind::String(text) => Ok(text),
            _ => Err(Unreadable(
                "must be a text: put it in quotation marks".to_owned(),
            )),
        }
    }

    /// The whole number in it, from 0 to `most`.
    fn number(self, most: u64) -> Result<u64, Unreadable> {
        let number = match &self.0.kind {
            ValueKind::I64(number) => u64::try_from(*number).ok(),
            ValueKind::U64(number) => Some(*number),
            ValueKind::String(text) if self.is_text_only() => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number| *number <= most).ok_or_else(|| {
            let quotation = if self.is_text_only() {
                ""
            } else {
                ", without quotation marks"
            };
            Unreadable(if most == u64::MAX {
                format!("must be a whole number{quotation}")
            } else {
                format!("must be a whole number from 0 to {most}{quotation}")
            })
        })
    }
}

impl<'de> IntoDeserializer<'de, Unreadable> for Setting<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Setting<'de> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match &self.0.kind {
            ValueKind::Boolean(is) => visitor.visit_bool(*is),
            ValueKind::String(text) if self.is_text_only() && text == "true" => {
                visitor.visit_bool(true)
            }
            ValueKind::String(text) if self.is_text_only() && text == "false" => {
                visitor.visit_bool(false)
            }
            _ if self.is_text_only() => Err(Unreadable("must be true or false".to_owned())),
            _ => Err(Unreadable(
                "must be true or false, without quotation marks".to_owned(),
            )),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u64(self.number(u8::MAX.into())?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u64(self.number(u16::MAX.into())?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u64(self.number(u32::MAX.into())?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u64(self.number(u64::MAX)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let choices = variants.join(", ");
        let text = self.text().map_err(|_no_text| {
            Unreadable(format!("write one of: {choices}; in quotation marks"))
        })?;
        if !variants.contains(&text) {
            let meant = nearest(text, variants.iter().copied());
            let hint = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
            return Err(Unreadable(format!("write one of: {choices}{hint}")));
        }
        let chosen: StrDeserializer<'_, Unreadable> = text.into_deserializer();
        visitor.visit_enum(chosen)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let ValueKind::Table(table) = &self.0.kind else {
            return Err(Unreadable(
                "must be a table: write its name as [section] on a line of its own".to_owned(),
            ));
        };
        let entries = table
            .iter()
            .map(|(key, value)| (key.as_str(), Setting(value)));
        visitor.visit_map(MapDeserializer::new(entries))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct struct identifier ignored_any
    }
}
